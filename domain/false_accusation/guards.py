"""What the instrument asks before an accuser may be verified, determined, disposed of."""

from typing import NoReturn

from domain.aggregate import Act
from domain.false_accusation import acts
from domain.false_accusation.accusers import Accuser, Stage
from domain.false_accusation.instrument import Element, FalseAccusationInstrument
from domain.guards import cited
from domain.law.time_limits import TimeLimits
from domain.people import Organ
from domain.refusals import Code, Refusal

Rules = TimeLimits[FalseAccusationInstrument]


# ---- verification ------------------------------------------------------------------------------


def require_answers(act: acts.VerifySuspicion, rules: Rules) -> None:
    """Every element is answered, if only with 不详; nothing else is."""
    known = {each.id: each for each in rules.instrument.elements}
    strange = [each for each in act.elements if each not in known]
    if strange:
        _refuse_unknown(act, "要件", strange[0], [*known], rules)
    missing = [each for each in known.values() if each.id not in act.elements]
    if missing:
        raise Refusal(
            Code.STEP_MISSING,
            asked=act.label,
            obstacle=f"没有回答：{_told(missing)}",
            articles=_articles(missing),
            way_out="每项要件都请回答 true、false，查不清的写 null",
        )


def require_verifiers(act: acts.VerifySuspicion, rules: Rules) -> None:
    needed, present = rules.instrument.verification, len({each.id for each in act.verified_by})
    if needed.at_least is not None and present < needed.at_least:
        raise Refusal(
            Code.TEAM_TOO_SMALL,
            asked=act.label,
            obstacle=f"核实人员 {present} 人，须不少于 {needed.at_least} 人",
            articles=cited(needed.article),
            way_out="请补足核实人员后办理",
        )


# ---- which of the three it is ------------------------------------------------------------------


def require_elements(act: Act, accuser: Accuser, rules: Rules) -> None:
    """All of the definition is found: an element that is absent or unclear bars it."""
    absent = _answered(accuser, rules, False)
    if absent:
        raise Refusal(
            Code.FINDINGS_CONTRADICT,
            asked=act.label,
            obstacle=f"查明不具备：{_told(absent)}",
            articles=_articles(absent),
            way_out="请认定为错告或者嫌疑不成立；核实有误的请重新核实",
        )
    _require_nothing_unclear(act, accuser, rules)


def require_not_all_found(act: Act, accuser: Accuser, rules: Rules) -> None:
    """Where the whole definition is found, it is neither a mistake nor nothing."""
    elements = rules.instrument.elements
    if len(_answered(accuser, rules, True)) == len(elements):
        raise Refusal(
            Code.FINDINGS_CONTRADICT,
            asked=act.label,
            obstacle=f"查明要件全部具备：{_told(elements)}",
            articles=_articles(elements),
            way_out="请报批认定诬告陷害；核实有误的请重新核实",
        )


def require_some_element_absent(act: Act, accuser: Accuser, rules: Rules) -> None:
    """A mistake is one that is known for one; while all is unclear it is not."""
    if not _answered(accuser, rules, False):
        _require_nothing_unclear(act, accuser, rules)


def _require_nothing_unclear(act: Act, accuser: Accuser, rules: Rules) -> None:
    unclear = _answered(accuser, rules, None)
    if unclear:
        raise Refusal(
            Code.CONDITIONS_UNMET,
            asked=act.label,
            obstacle=f"尚未查清：{_told(unclear)}",
            articles=_articles(unclear),
            way_out="请继续核实；查不清的，嫌疑不成立",
        )


# ---- approval ----------------------------------------------------------------------------------


def require_competent(act: Act, organ: Organ, rules: Rules) -> None:
    gate = rules.instrument.approval
    if not gate.opens_to(organ):
        raise Refusal(
            Code.WRONG_ORGAN,
            asked=act.label,
            obstacle=f"{organ.name}不是{gate.by}",
            articles=cited(gate.article),
            way_out=f"请报{gate.by}批准",
        )


def require_asked(
    act: acts.GrantDeterminationApproval | acts.RefuseDeterminationApproval,
    accuser: Accuser,
    rules: Rules,
) -> None:
    """Only whoever was asked may answer: their level and kind were looked at then."""
    if accuser.asked != act.organ:
        asked = f"报批的是{accuser.asked.name}" if accuser.asked else "没有等待答复的报批"
        raise Refusal(
            Code.APPROVAL_NOT_ASKED,
            asked=act.label,
            obstacle=f"对 {act.accuser} 的认定，{asked}",
            articles=cited(rules.instrument.approval.article),
            way_out="请先报批（request_determination_approval），由收到报批的机关答复",
        )


def require_approved(act: Act, accuser: Accuser, rules: Rules) -> Organ:
    """Who approved; refused when nobody has."""
    if accuser.granted_by is not None:
        return accuser.granted_by
    gate = rules.instrument.approval
    raise Refusal(
        Code.APPROVAL_MISSING,
        asked=act.label,
        obstacle=f"须经{gate.by}批准",
        articles=cited(gate.article),
        way_out="请报批（request_determination_approval），获准后再认定",
    )


# ---- what follows ------------------------------------------------------------------------------


def require_listed(act: acts.DetermineFalseAccusation, rules: Rules) -> None:
    known = [each.id for each in rules.instrument.aggravating]
    for each in act.aggravating:
        if each not in known:
            _refuse_unknown(act, "从重情形", each, known, rules)


def require_disposal(act: acts.DisposeAccuser, rules: Rules) -> None:
    ways = rules.instrument.disposals
    known = [each.id for each in ways or () if each.id]
    if ways is not None and act.disposal not in known:
        _refuse_unknown(act, "处置", act.disposal, known, rules)


def require_determined(
    act: acts.DisposeAccuser | acts.HandOver, accuser: Accuser, rules: Rules
) -> None:
    if accuser.stage in (Stage.DETERMINED, Stage.DISPOSED):
        return
    if accuser.stage is Stage.MISTAKEN:
        only = rules.instrument.mistaken
        raise Refusal(
            Code.OUTCOME_NOT_PERMITTED,
            asked=act.label,
            obstacle=f"{act.accuser} 属错告，{only.label}",
            articles=cited(only.article),
            way_out="请登记对错告人的教育（educate_accuser）",
        )
    raise Refusal(
        Code.NOT_DETERMINED,
        asked=act.label,
        obstacle=f"对 {act.accuser} 没有认定诬告陷害",
        way_out="请先核实、报批并认定",
    )


# ---- small words -------------------------------------------------------------------------------


def _answered(accuser: Accuser, rules: Rules, answer: bool | None) -> list[Element]:
    return [each for each in rules.instrument.elements if accuser.found.get(each.id) is answer]


def _told(elements: list[Element] | tuple[Element, ...]) -> str:
    return "、".join(each.label for each in elements)


def _articles(elements: list[Element] | tuple[Element, ...]) -> tuple[str, ...]:
    return cited(*(each.article for each in elements))


def _refuse_unknown(act: Act, what: str, named: str, known: list[str], rules: Rules) -> NoReturn:
    raise Refusal(
        Code.UNKNOWN_ITEM,
        asked=act.label,
        obstacle=f"{rules.instrument.name}没有{what} {named}",
        way_out=f"可用的有 {'、'.join(known)}" if known else f"该办法没有列出{what}，请不填",
    )
