"""What is concluded of each subject, and that it follows from what was found.

A favourable outcome needs its conditions, an unfavourable one its reasons; both the approvals and
the steps that the instrument asks for.
"""

from collections.abc import Mapping
from datetime import date

from domain.aggregate import Act, Order
from domain.guards import cited
from domain.law.outcomes import Outcome, Relief, Treatment
from domain.law.policy import Approval, PolicyStep, Step
from domain.law.rules import Rules
from domain.people import MemberTold, Subject
from domain.refusals import Code, Refusal
from domain.tolerance import acts, events
from domain.tolerance.guards import (
    DECIDING,
    DELIBERATING,
    file_of,
    refuse_not_provided,
    require_documents,
    require_listed,
    require_not_done,
    require_stage,
    require_undecided,
)
from domain.tolerance.inquiry import conflicts, refuse_conflicts, require_recusals_decided
from domain.tolerance.particulars import FACTORS, Leaning
from domain.tolerance.state import Answer, CaseState, SubjectFile

RELIEFS = {
    Outcome.EXEMPTION: (Relief.WAIVED,),
    Outcome.MITIGATION: (Relief.LIGHTER, Relief.REDUCED),
}
BEFORE_DECIDING = (Step.OPINIONS, Step.CONSULTATION, Step.COMMITTEE, Step.PUBLIC_NOTICE)


class Decision(CaseState):
    def defer_determination(self, act: acts.DeferDetermination, order: Order, rules: Rules) -> None:
        file_of(self, act, act.subject)
        if rules.policy.deferral is None:
            refuse_not_provided(act, rules)
        require_stage(self, act, *DELIBERATING)
        require_undecided(self, act, act.subject)
        require_not_done(self, act, events.DeterminationDeferred, act.subject)
        on = cited(rules.policy.deferral.article)
        self.note(events.DeterminationDeferred, order, rules, articles=on, **dict(act))

    def issue_conclusive_opinion(
        self, act: acts.IssueConclusiveOpinion, order: Order, rules: Rules
    ) -> None:
        file = file_of(self, act, act.subject)
        if rules.policy.deferral is None:
            refuse_not_provided(act, rules)
        require_stage(self, act, *DELIBERATING)
        require_undecided(self, act, act.subject)
        require_recusals_decided(self, act, rules)
        if file.deferred_on is None:
            raise Refusal(
                Code.STEP_MISSING,
                asked=act.label,
                obstacle=f"对 {file.subject.label} 没有暂缓认定",
                articles=cited(rules.policy.deferral.article),
                way_out="能够定论的请认定；难以定论的请先暂缓认定",
            )
        self.end_determination(file, order, rules)  # of a subject looked at again
        on = cited(rules.policy.deferral.article)
        self.note(events.ConclusiveOpinionIssued, order, rules, articles=on, **dict(act))

    def propose_determination(
        self, act: acts.ProposeDetermination, order: Order, rules: Rules
    ) -> None:
        require_undecided(self, act, act.subject)
        require_stage(self, act, *DECIDING)
        require_conclusion(self, act, order, rules)
        self.note(events.DeterminationProposed, order, rules, Step.DETERMINATION, **dict(act))

    def request_approval(self, act: acts.RequestApproval, order: Order, rules: Rules) -> None:
        file = require_undecided(self, act, act.subject)
        require_stage(self, act, *DECIDING)
        if file.proposal is None:
            raise Refusal(
                Code.STEP_MISSING,
                asked=act.label,
                obstacle=f"对 {file.subject.label} 还没有提出认定意见",
                way_out="请先提出认定意见，再报批",
            )
        needed = _approvals(file.subject, file.proposal, rules)
        if act.approval not in needed:
            raise Refusal(
                Code.UNKNOWN_ITEM,
                asked=act.label,
                obstacle=f"这项认定意见不需要 {act.approval} 的批准",
                way_out=f"需要的批准：{'、'.join(needed) or '无，可以直接认定'}",
            )
        if file.approvals.get(act.approval) is Answer.ASKED:
            raise Refusal(
                Code.ALREADY_DONE,
                asked=act.label,
                obstacle="已经报批，尚无答复",
                way_out="请待批准或不予批准",
            )
        on = cited(needed[act.approval].article)
        self.note(events.ApprovalRequested, order, rules, articles=on, **dict(act))

    def grant_approval(self, act: acts.GrantApproval, order: Order, rules: Rules) -> None:
        on = _require_asked(self, act, rules)
        self.note(events.ApprovalGranted, order, rules, articles=on, **dict(act))

    def refuse_approval(self, act: acts.RefuseApproval, order: Order, rules: Rules) -> None:
        on = _require_asked(self, act, rules)
        self.note(events.ApprovalRefused, order, rules, articles=on, **dict(act))

    def determine(self, act: acts.Determine, order: Order, rules: Rules) -> None:
        file = require_undecided(self, act, act.subject)
        require_stage(self, act, *DECIDING)
        require_conclusion(self, act, order, rules)
        _require_approved(act, file, rules)
        require_no_worse(act, file.no_worse_than, rules)
        require_effect_after(act, order)
        self.end_determination(file, order, rules)  # of a subject looked at again
        self.put_down(act, order, rules)

    def put_down(self, act: acts.Determine, order: Order, rules: Rules) -> None:
        """Take down a determination that has been found in order."""
        facts = dict(act) | {"effective_on": act.effective_on or order.on}
        self.note(events.SubjectDetermined, order, rules, Step.DETERMINATION, **facts)

    def end_determination(self, file: SubjectFile, order: Order, rules: Rules) -> None:
        """The determination in effect counts no more; whoever heard of it is to hear of this."""
        if file.determination is None:
            return
        self.note(
            events.DeterminationEnded,
            order,
            rules,
            subject=file.subject.id,
            determination=file.determination.originator_version,
            effects_withdrawn=file.determination.effects,
            restore_in=tuple(dict.fromkeys(file.told)),
        )


def require_conclusion(case: CaseState, act: acts.Conclusion, order: Order, rules: Rules) -> None:
    """All that a conclusion on one subject needs, whether proposed, determined or put in place."""
    file = file_of(case, act, act.subject)
    require_recusals_decided(case, act, rules)
    decider = MemberTold(id=order.by.id, organ=order.by.organ)
    refuse_conflicts(act, conflicts(case, [decider], rules), rules)
    _require_steps_taken(case, act, file, order.on, rules)
    _require_noticed(act, file, rules)
    require_documents(act, "determination", case.documents, rules)
    require_listed(act, act.situations, {item.id for item in rules.policy.items()}, rules)
    require_listed(act, act.effects, {each.id for each in rules.policy.effects}, rules)
    _require_permitted(act, rules)
    if act.outcome.favourable:
        _require_tolerable(act, file, rules)
        _require_collegial_review(case, act, file, rules)
        _require_rectification(act, rules)
    else:
        _require_reason(act, file, rules)
    _require_found(act, file)


# ---- steps -------------------------------------------------------------------------------------


def steps_to_take(case: CaseState, file: SubjectFile, rules: Rules) -> list[PolicyStep]:
    """The steps that the instrument wants before this subject is decided, and that are not taken.

    All but the notice are steps of the whole case.
    """
    taken = {*case.steps}
    if file.notice is not None and file.notice.closed:
        taken.add(Step.PUBLIC_NOTICE)
    return [
        each
        for each in rules.policy.steps
        if each.required and each.step in BEFORE_DECIDING and each.step not in taken
    ]


def _require_steps_taken(
    case: CaseState, act: Act, file: SubjectFile, on: date, rules: Rules
) -> None:
    missing = [
        each
        for each in steps_to_take(case, file, rules)
        if not (each.step is Step.OPINIONS and _silence_agrees(case, on, rules))
    ]
    if missing:
        raise Refusal(
            Code.STEP_MISSING,
            asked=act.label,
            obstacle="还没有" + "、".join(each.label for each in missing),
            articles=cited(*(each.article for each in missing)),
            way_out="请先完成上述步骤",
        )


def _silence_agrees(case: CaseState, on: date, rules: Rules) -> bool:
    """Every organ asked has let its time go by, and the instrument takes that for agreement."""
    opinions = rules.policy.opinions
    if opinions is None or opinions.silence != "agrees" or not case.requests:
        return False
    asked = events.OpinionRequested.name()
    duties = [each.obligation for each in case.obligations.live()]
    due = {
        duty.item: duty.due_on for duty in duties if duty.trigger == asked and not duty.provisional
    }
    return all((last := due.get(item)) is not None and on > last for item in case.requests)


def _require_noticed(act: acts.Conclusion, file: SubjectFile, rules: Rules) -> None:
    if file.must_renew_notice:
        raise Refusal(
            Code.NOTICE_RESTART_MISSING,
            asked=act.label,
            obstacle=f"异议成立，改变了对 {file.subject.label} 的意见，须重新公示",
            articles=cited(rules.policy.article_of(Step.PUBLIC_NOTICE)),
            way_out="请对其重新公示，期满后再认定",
        )
    if file.notice is not None and not file.notice.closed:
        raise Refusal(
            Code.NOTICE_RUNNING,
            asked=act.label,
            obstacle=f"对 {file.subject.label} 的公示尚未结束（{file.notice.ends_on} 届满）",
            articles=cited(rules.policy.article_of(Step.PUBLIC_NOTICE)),
            way_out="请待公示期满、异议处理完毕并结束公示后认定",
        )


# ---- what was found ----------------------------------------------------------------------------


def _require_permitted(act: acts.Conclusion, rules: Rules) -> None:
    reliefs = RELIEFS.get(act.outcome, ())
    fits = all(
        (each.relief is None or each.relief in reliefs) and rules.permits(act.outcome, each)
        for each in act.treatments()
    )
    if not fits:
        raise Refusal(
            Code.OUTCOME_NOT_PERMITTED,
            asked=act.label,
            obstacle="处理种类与从轻、减轻、免予的搭配不在办法允许之列",
            articles=cited(*sorted({each.article for each in rules.policy.permitted or ()})),
            way_out="请写明处理种类（sanction）和程度（relief），并选用办法允许的搭配",
        )


def _require_found(act: acts.Conclusion, file: SubjectFile) -> None:
    """What is cited must have been found: not answered otherwise, nor left unknown."""
    answers = file.answers or {}
    against = [item for item in act.situations if item in answers and answers[item] is not True]
    if against:
        raise Refusal(
            Code.FINDINGS_CONTRADICT,
            asked=act.label,
            obstacle=f"所引情形 {'、'.join(against)} 在清单对照中没有查明具备",
            way_out="请只引用已查明的情形；对照有误的，请先更正清单对照",
        )


def _require_tolerable(act: acts.Conclusion, file: SubjectFile, rules: Rules) -> None:
    """For a favourable outcome: nothing on a negative list, the conditions met."""
    answers: Mapping[str, bool | None] = file.answers or {}
    excluded = rules.excluded_by({**answers, **dict.fromkeys(act.situations, True)})
    if excluded:
        raise Refusal(
            Code.NEGATIVE_LIST,
            asked="认定容错",
            obstacle="清单对照查明或所引属于不予容错的情形：" + "、".join(e.id for e in excluded),
            articles=cited(*(each.article for each in excluded)),
            way_out="只能认定不予容错；对照有误的，请先更正清单对照",
        )
    unmet = rules.unmet(answers, act.outcome)
    unsettled = rules.unsettled_exclusions(answers)
    if unmet or unsettled:
        unknown = "、".join(each.id for each in unsettled)
        raise Refusal(
            Code.CONDITIONS_UNMET,
            asked="认定容错",
            obstacle=f"不适用情形 {unknown} 尚未查清" if unsettled else "清单对照未见符合容错条件",
            articles=cited(*(e.article for e in unmet), *(e.article for e in unsettled)),
            way_out="查不清的可以暂缓认定（办法有规定的），查明不符的认定不予容错",
        )
    _require_no_repetition(act, file, rules)
    adverse = file.factors.leaning(Leaning.ADVERSE) if file.factors else []
    barring = [each for each in adverse if each in rules.policy.decisive_factors]
    if barring:
        raise Refusal(
            Code.FINDINGS_CONTRADICT,
            asked="认定容错",
            obstacle="六看研判中"
            + "、".join(FACTORS[each] for each in barring)
            + "不利于容错，而办法以其为决定因素",
            way_out="请认定不予容错；研判有误的，请先更正六看研判",
        )


def _require_no_repetition(act: acts.Conclusion, file: SubjectFile, rules: Rules) -> None:
    repeated = rules.policy.repeated_error
    if repeated is None or not file.repeated_error:
        return
    if not set(act.situations) & {*repeated.except_items}:
        raise Refusal(
            Code.REPEATED_SAME_ERROR,
            asked="认定容错",
            obstacle=f"{file.subject.label} 同一错误再次发生",
            articles=cited(repeated.article),
            way_out="请认定不予容错；属于办法所列例外的，请在 situations 中引用",
        )


def _require_reason(act: acts.Conclusion, file: SubjectFile, rules: Rules) -> None:
    """For no tolerance: something must speak against; what is found must not all speak for."""
    answers = file.answers or {}
    if rules.excluded_by(answers) or file.repeated_error:
        return
    if file.factors is not None and file.factors.leaning(Leaning.ADVERSE):
        return
    favour = [item.id for item in rules.holding(answers)]
    conditions_unmet = rules.unmet(answers, Outcome.MITIGATION)
    if favour and not conditions_unmet:
        raise Refusal(
            Code.FINDINGS_CONTRADICT,
            asked=act.label,
            obstacle=f"清单对照查明具备 {'、'.join(favour)}，没有查明任何不予容错的情形",
            way_out="请认定容错；另有不利情况的，请在清单对照或六看研判（leans: adverse）中写明",
        )


def _require_collegial_review(
    case: CaseState, act: acts.Conclusion, file: SubjectFile, rules: Rules
) -> None:
    """仅凭兜底条款的，须经会商或评估委员会."""
    if rules.policy.catch_all == "none_stated":
        return
    alone = rules.rests_on_catch_all(file.answers or {}, act.situations)
    if alone and not case.steps & {Step.CONSULTATION, Step.COMMITTEE}:
        raise Refusal(
            Code.COLLEGIAL_REVIEW_MISSING,
            asked="认定容错",
            obstacle="只凭兜底条款，尚未集体会商",
            articles=cited(*(each.article for each in rules.policy.items() if each.catch_all)),
            way_out="请先会商（hold_consultation）或交评估委员会表决",
        )


def _require_rectification(act: acts.Conclusion, rules: Rules) -> None:
    """容纠并举: with every favourable outcome a rectification, or the reason why none is asked."""
    rule = rules.policy.rectification
    waived = act.rectification_waived is not None and rule.waivable
    if act.rectification is None and not waived:
        raise Refusal(
            Code.RECTIFICATION_MISSING,
            asked="认定容错",
            obstacle="没有一并提出整改要求（容纠并举）",
            articles=cited(rule.article),
            way_out="请写明整改事项和责任人"
            + ("；确无可整改的，写明理由（rectification_waived）" if rule.waivable else ""),
        )
    if act.rectification is not None and act.rectification_waived is not None:
        raise Refusal(
            Code.MALFORMED,
            asked="认定容错",
            obstacle="既提出整改要求，又写了不提的理由",
            way_out="请只留一样",
        )


# ---- approval and date -------------------------------------------------------------------------


def _approvals(
    subject: Subject, conclusion: acts.Conclusion | events.Concluding, rules: Rules
) -> dict[str, Approval]:
    needed = rules.approvals(subject, conclusion.outcome, conclusion.treatments())
    return {each.id: each for each in needed}


def _require_asked(
    case: CaseState, act: acts.GrantApproval | acts.RefuseApproval, rules: Rules
) -> tuple[str, ...]:
    """The article of an approval that has been asked for and not answered."""
    file = require_undecided(case, act, act.subject)
    require_stage(case, act, *DECIDING)
    on = cited(*(each.article for each in rules.policy.approvals if each.id == act.approval))
    if file.approvals.get(act.approval) is not Answer.ASKED:
        raise Refusal(
            Code.APPROVAL_NOT_ASKED,
            asked=act.label,
            obstacle=f"没有等待 {act.approval} 答复的报批",
            articles=on,
            way_out="请先提出认定意见并报批",
        )
    return on


def _require_approved(act: acts.Determine, file: SubjectFile, rules: Rules) -> None:
    needed = _approvals(file.subject, act, rules)
    granted = {id_ for id_, answer in file.approvals.items() if answer is Answer.GRANTED}
    if file.proposal is None:  # what was granted was granted to a proposal
        granted = set()
    missing = [each for id_, each in needed.items() if id_ not in granted]
    if missing:
        raise Refusal(
            Code.APPROVAL_MISSING,
            asked=act.label,
            obstacle="须经" + "、".join(each.by or "上级机关" for each in missing) + "批准",
            articles=cited(*(each.article for each in missing)),
            way_out="请提出认定意见，报批（request_approval），获准后再认定",
        )
    if needed and file.proposal is not None and _substance(file.proposal) != _substance(act):
        raise Refusal(
            Code.PROPOSAL_DIFFERS,
            asked=act.label,
            obstacle="认定与获准的认定意见不同",
            articles=cited(*(each.article for each in needed.values())),
            way_out="请按获准的意见认定，或者重新提出认定意见并报批",
        )


def require_authority(act: acts.Determine, file: SubjectFile, order: Order, rules: Rules) -> None:
    """A conclusion put in another's place needs the same approvals, shown by their number."""
    needed = rules.approvals(file.subject, act.outcome, act.treatments())
    if needed and order.authority is None:
        raise Refusal(
            Code.APPROVAL_MISSING,
            asked=act.label,
            obstacle="须经" + "、".join(each.by or "上级机关" for each in needed) + "批准",
            articles=cited(*(each.article for each in needed)),
            way_out="请在 authority 中写明批准文号",
        )


def _substance(
    conclusion: acts.Conclusion | events.Concluding,
) -> tuple[Outcome, tuple[Treatment, ...]]:
    return conclusion.outcome, conclusion.treatments()


def require_no_worse(
    act: acts.Determine, before: events.SubjectDetermined | None, rules: Rules
) -> None:
    """复核不加重: after a review the subject is not worse off than before it."""
    if before is not None and _severity(act) > _severity(before):
        raise Refusal(
            Code.WORSE_THAN_BEFORE,
            asked=act.label,
            obstacle=f"比 {before.on} 的原认定更重",
            articles=tuple(each.article for each in rules.policy.remedies if each.article),
            way_out="复核不得加重；另有新的事实的，请撤销认定或重新审查",
        )


def _severity(conclusion: acts.Conclusion | events.Concluding) -> tuple[int, int, int]:
    """The heavier the higher: first the outcome, then the relief that is hardest."""
    reliefs = [*Relief][::-1]
    hardest = max(
        (
            (reliefs.index(each.relief), -(each.grades or 1))
            for each in conclusion.treatments()
            if each.relief
        ),
        default=(0, 0),
    )
    return ([*Outcome].index(conclusion.outcome), *hardest)


def require_effect_after(act: acts.Determine, order: Order) -> None:
    """Nothing takes effect before it was decided."""
    if act.effective_on is not None and act.effective_on < order.on:
        raise Refusal(
            Code.MALFORMED,
            asked=act.label,
            obstacle=f"生效日 {act.effective_on} 早于认定之日 {order.on}",
            way_out="请核对 effective_on；不填即为认定之日",
        )
