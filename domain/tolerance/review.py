"""Looking again at what was determined: review, correction, revocation, restoration, reopening."""

from datetime import date

from domain.aggregate import Act, Order
from domain.guards import cited
from domain.law.policy import Remedy
from domain.law.rules import Rules
from domain.refusals import Code, Refusal
from domain.tolerance import acts, events
from domain.tolerance.decision import (
    Decision,
    require_authority,
    require_conclusion,
    require_effect_after,
    require_no_worse,
)
from domain.tolerance.guards import (
    DELIBERATING,
    determination_of,
    file_of,
    require_no_review,
    require_not_done,
    require_stage,
)
from domain.tolerance.inquiry import require_may_handle
from domain.tolerance.particulars import ReviewResult
from domain.tolerance.state import DECIDED, CaseState, Review, Stage

REVIEWABLE = (*DELIBERATING, *DECIDED)  # others may still be undecided


class Reviews(Decision):
    def lodge_review(self, act: acts.LodgeReview, order: Order, rules: Rules) -> None:
        file = file_of(self, act, act.subject)
        if self.stage is not Stage.DECLINED:
            require_stage(self, act, *REVIEWABLE)
            determination_of(self, act, act.subject)
        remedy = _remedy(self, act, rules)
        if file.review is not None:
            raise Refusal(
                Code.REVIEW_OPEN,
                asked=act.label,
                obstacle=f"{file.subject.label} 的复核已在办理",
                way_out="请待其作出决定",
            )
        _require_in_time(self, act, remedy, order.on)
        on = cited(remedy.article)
        self.note(events.ReviewLodged, order, rules, articles=on, **dict(act))

    def admit_review(self, act: acts.AdmitReview, order: Order, rules: Rules) -> None:
        review = _review_of(self, act, act.subject)
        if review.panel is not None:
            require_not_done(self, act, events.ReviewAdmitted, act.subject)
        involved = sorted({each.id for each in act.panel} & self.handlers)
        if involved:
            raise Refusal(
                Code.PANEL_NOT_INDEPENDENT,
                asked=act.label,
                obstacle=f"{'、'.join(involved)} 经办过本案",
                way_out="请由没有参加过本案受理、核实和认定的人员办理",
            )
        require_may_handle(self, act, act.panel, rules)
        self.note(events.ReviewAdmitted, order, rules, **dict(act))

    def refuse_review(self, act: acts.RefuseReview, order: Order, rules: Rules) -> None:
        _review_of(self, act, act.subject)
        self.note(events.ReviewRefused, order, rules, **dict(act))

    def decide_review(self, act: acts.DecideReview, order: Order, rules: Rules) -> None:
        review = _review_of(self, act, act.subject)
        if review.panel is None:
            raise Refusal(
                Code.STEP_MISSING,
                asked=act.label,
                obstacle="复核尚未受理",
                way_out="请先受理复核并确定复核人员",
            )
        if order.by.id in self.handlers and order.by.id not in review.panel:
            _refuse_handler(act, order)
        file = file_of(self, act, act.subject)
        if act.conclusion is not None:
            determination_of(self, act, act.subject)
            require_conclusion(self, act.conclusion, order, rules)
            require_authority(act.conclusion, file, order, rules)
            require_no_worse(act.conclusion, file.determination, rules)
            require_effect_after(act.conclusion, order)
        facts = act.model_dump(include={"subject", "result", "explanation"})
        self.note(events.ReviewDecided, order, rules, **facts)
        if act.result is not ReviewResult.UPHOLD:
            self.end_determination(file, order, rules)
        if act.conclusion is not None:
            self.put_down(act.conclusion, order, rules)

    def correct_ex_officio(self, act: acts.CorrectExOfficio, order: Order, rules: Rules) -> None:
        determination_of(self, act, act.subject)
        require_stage(self, act, *REVIEWABLE)
        require_conclusion(self, act.conclusion, order, rules)
        require_authority(act.conclusion, self.files[act.subject], order, rules)
        require_effect_after(act.conclusion, order)
        facts = act.model_dump(include={"subject", "by_superior", "explanation"})
        facts["organ"] = act.conclusion.organ
        self.note(events.DeterminationCorrected, order, rules, **facts)
        self.end_determination(self.files[act.subject], order, rules)
        self.put_down(act.conclusion, order, rules)

    def revoke_determination(
        self, act: acts.RevokeDetermination, order: Order, rules: Rules
    ) -> None:
        determination_of(self, act, act.subject)
        require_stage(self, act, *REVIEWABLE)
        self.note(events.DeterminationRevoked, order, rules, **dict(act))
        self.end_determination(self.files[act.subject], order, rules)

    def restore(self, act: acts.Restore, order: Order, rules: Rules) -> None:
        file = file_of(self, act, act.subject)
        if act.scope not in file.to_restore:
            raise Refusal(
                Code.UNKNOWN_ITEM,
                asked=act.label,
                obstacle=f"没有待恢复的范围 {act.scope}",
                way_out=f"待恢复的有 {'、'.join(file.to_restore)}"
                if file.to_restore
                else "没有需要恢复的",
            )
        remaining = tuple(each for each in file.to_restore if each != act.scope)
        self.note(events.RestorationDone, order, rules, **dict(act), remaining=remaining)

    def reopen(self, act: acts.Reopen, order: Order, rules: Rules) -> None:
        for subject in act.subjects:
            file_of(self, act, subject)
        require_stage(self, act, *DECIDED)
        require_no_review(self, act, act.subjects)
        self.note(events.CaseReopened, order, rules, **dict(act))


def _refuse_handler(act: Act, order: Order) -> None:
    raise Refusal(
        Code.PANEL_NOT_INDEPENDENT,
        asked=act.label,
        obstacle=f"{order.by.id} 经办过本案",
        way_out="复核决定请由复核人员作出",
    )


def _remedy(case: CaseState, act: acts.LodgeReview, rules: Rules) -> Remedy:
    against = "declined" if case.stage is Stage.DECLINED else "determination"
    fitting = {each.id: each for each in rules.policy.remedies if against in each.against}
    if act.remedy not in fitting:
        raise Refusal(
            Code.UNKNOWN_REMEDY,
            asked=act.label,
            obstacle=f"{rules.policy.name}没有规定 {act.remedy} 这种救济",
            way_out=f"可用的有 {'、'.join(fitting)}" if fitting else "请依上位规定办理",
        )
    return fitting[act.remedy]


def _require_in_time(case: CaseState, act: acts.LodgeReview, remedy: Remedy, on: date) -> None:
    """The right to ask lapses with its time limit, once that has run out for this subject."""
    duties = [
        each.obligation
        for each in case.obligations
        if each.obligation.rule == remedy.lodge_within and each.obligation.subject == act.subject
    ]
    last_day = duties[-1].due_on if duties and not duties[-1].provisional else None
    if last_day is not None and on > last_day:
        raise Refusal(
            Code.LATE,
            asked=act.label,
            obstacle=f"申请期限已于 {last_day} 届满",
            articles=cited(remedy.article),
            way_out="机关发现认定有误的，可以依职权纠正",
        )


def _review_of(case: CaseState, act: Act, subject: str) -> Review:
    review = file_of(case, act, subject).review
    require_stage(case, act, *REVIEWABLE, Stage.APPLIED, Stage.DECLINED)
    if review is None:
        raise Refusal(
            Code.REVIEW_NOT_OPEN,
            asked=act.label,
            obstacle="没有在办的复核",
            way_out="请先申请复核",
        )
    return review
