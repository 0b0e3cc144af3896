"""What may stand in the way of clearing a name; each question passes or is refused."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from domain.aggregate import Act, Order
from domain.clarification import acts
from domain.clarification.events import ClearingWay, Ground
from domain.clarification.instrument import ClarificationInstrument
from domain.guards import cited, refuse_not_provided
from domain.law.time_limits import TimeLimits
from domain.refusals import Code, Refusal
from domain.values import Value

if TYPE_CHECKING:
    from domain.clarification.matter import Clarification

Rules = TimeLimits[ClarificationInstrument]


def require_found_before(act: acts.RecordFinding, order: Order) -> None:
    if act.found_on > order.on:
        raise Refusal(
            Code.MALFORMED,
            asked=act.label,
            obstacle=f"查明之日 {act.found_on} 晚于登记之日 {order.on}",
            way_out="请核对 found_on",
        )


def require_one_each(act: Act, named: Sequence[str]) -> None:
    if len({*named}) != len(named):
        raise Refusal(
            Code.MALFORMED,
            asked=act.label,
            obstacle=f"同一项写了不止一次：{'、'.join(named)}",
            way_out="请每项只写一次",
        )


def require_listed(act: Act, named: Sequence[str], listed: Sequence[str]) -> None:
    unknown = [each for each in named if each not in listed]
    if unknown:
        raise Refusal(
            Code.UNKNOWN_ITEM,
            asked=act.label,
            obstacle=f"办法没有 {'、'.join(unknown)} 这一项",
            way_out=f"可写的有 {'、'.join(listed)}",
        )


def require_provided(act: Act, provided: Value | None, rules: Rules) -> None:
    if provided is None:
        refuse_not_provided(act, rules.instrument.name, rules.instrument.reference)


def require_untrue(matter: "Clarification", act: Act, rules: Rules) -> None:
    """未查实不等于不实: what cannot be excluded is not cleared."""
    if not rules.instrument.clears(matter.finding):
        raise Refusal(
            Code.NOT_UNTRUE,
            asked=act.label,
            obstacle="没有认定举报不实；未查实而不能排除的，不是不实",
            articles=cited(rules.instrument.untrue.article),
            way_out="请以没有认定不实（not_conclusive）为由不予澄清；另有查明的，重新登记",
        )


def require_verifier(matter: "Clarification", act: Act, order: Order, rules: Rules) -> None:
    """谁核实谁澄清."""
    provided, opened = rules.instrument.by_verifier, matter.opened
    if provided is not None and opened is not None and order.by.organ != opened.verified_by.id:
        raise Refusal(
            Code.WRONG_ORGAN,
            asked=act.label,
            obstacle=f"举报由{opened.verified_by.name}核实，{provided.label}",
            articles=cited(provided.article),
            way_out=f"请由{opened.verified_by.name}办理",
        )


def require_assessment(matter: "Clarification", act: Act) -> None:
    if matter.harm is None:
        raise Refusal(
            Code.STEP_MISSING,
            asked=act.label,
            obstacle="还没有评估影响",
            way_out="请先评估影响（assess_harm）",
        )


def require_harm(matter: "Clarification", act: Act) -> None:
    require_assessment(matter, act)
    if matter.harm is not None and not matter.harm.calls_for_clearing:
        raise Refusal(
            Code.CLARIFICATION_NOT_DUE,
            asked=act.label,
            obstacle="评估认为不属应当澄清的情形",
            way_out="请不予澄清并说明理由（decline_clarification）",
        )


def require_company(act: acts.ApproveClarification, rules: Rules) -> None:
    """Some ways are not used without another (须同时书面)."""
    for rule in rules.instrument.accompaniments:
        if {*rule.of} & {*act.ways} and rule.needs not in act.ways:
            raise Refusal(
                Code.COMPANION_WAY_MISSING,
                asked=act.label,
                obstacle=rule.label,
                articles=cited(rule.article),
                way_out=f"请一并批准{rules.instrument.called([rule.needs])}",
            )


def require_wish(
    matter: "Clarification", act: acts.ApproveClarification, order: Order, rules: Rules
) -> None:
    """Heard where the instrument has it heard; passed over only on an authority shown.

    A way taken because another may not go without it is no breach of the wish.
    """
    provided, wish = rules.instrument.wish, matter.wish
    article = cited(provided.article if provided else None)
    if wish is None:
        if provided is not None and provided.required:
            raise Refusal(
                Code.STEP_MISSING,
                asked=act.label,
                obstacle=f"没有听取本人意愿：{provided.label}",
                articles=article,
                way_out="请先听取本人意愿（record_wish）",
            )
        return
    company = {rule.needs for rule in rules.instrument.accompaniments if {*rule.of} & {*wish.ways}}
    unwished = [each for each in act.ways if wish.ways and each not in {*wish.ways, *company}]
    if order.authority is None and (unwished or not wish.wanted):
        ways = rules.instrument.called(unwished)
        told = f"本人没有同意采用{ways}" if wish.wanted else "本人不愿澄清"
        raise Refusal(
            Code.AGAINST_WISH,
            asked=act.label,
            obstacle=told,
            articles=article,
            way_out="请依本人意愿办理；确有必要的，在 authority 中写明批准文号",
        )


def require_agreement(
    matter: "Clarification", act: acts.DeclineClarification, rules: Rules
) -> None:
    """The ground is what was found, assessed or wished; nothing untrue is left unassessed."""
    untrue = rules.instrument.clears(matter.finding)
    if untrue and act.ground is not Ground.NOT_CONCLUSIVE:
        require_assessment(matter, act)
    harm, wish = matter.harm, matter.wish
    agrees = {
        Ground.NOT_CONCLUSIVE: not untrue,
        Ground.NO_HARM: harm is not None and not harm.situations,
        Ground.INQUIRY_EFFECT_ONLY: harm is not None and harm.inquiry_effect_only,
        Ground.SUBJECT_DECLINES: untrue and wish is not None and not wish.wanted,
    }
    if not agrees[act.ground]:
        provided = rules.instrument.ground(act.ground)
        raise Refusal(
            Code.FINDINGS_CONTRADICT,
            asked=act.label,
            obstacle=f"理由是「{provided.label if provided else act.ground}」，与所认定的不符",
            articles=cited(provided.article if provided else None),
            way_out="请按认定的结论、评估的影响和本人意愿写明理由，或者批准澄清",
        )


def require_approved(
    matter: "Clarification", act: acts.PerformClarification, rules: Rules
) -> tuple[ClearingWay, ...]:
    """The ways approved, one of which this is."""
    ways = matter.approved.ways if matter.approved else ()
    if act.way not in ways:
        called = rules.instrument.called
        raise Refusal(
            Code.APPROVAL_MISSING,
            asked=act.label,
            obstacle=f"批准的方式是{called(ways)}，没有{called([act.way])}",
            way_out="请按批准的方式办理",
        )
    return ways


def require_enclosures(act: acts.PerformClarification, rules: Rules) -> None:
    way = rules.instrument.way(act.way)
    wanted = ((way.letter, act.letter), (way.attendees, act.attendees)) if way else ()
    lacking = [each for each, there in wanted if each and not there]
    if way is not None and lacking:
        raise Refusal(
            Code.DOCUMENT_MISSING,
            asked=act.label,
            obstacle=f"{way.label}没有{'、'.join(lacking)}",
            articles=cited(way.article),
            way_out="请在 letter、attendees 中补写",
        )
