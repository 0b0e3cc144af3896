"""What follows a determination: telling, filing, mending, visiting, closing; and more time."""

from datetime import date

from domain.aggregate import Order
from domain.guards import cited
from domain.law.deadline_rules import DeadlineRule
from domain.law.policy import Step
from domain.law.rules import Rules
from domain.refusals import Code, Refusal
from domain.tolerance import acts, events
from domain.tolerance.guards import (
    determination_of,
    file_of,
    refuse_not_provided,
    require_no_review,
    require_not_done,
    require_stage,
)
from domain.tolerance.state import CaseState, Stage, SubjectFile


class Aftermath(CaseState):
    def notify_result(self, act: acts.NotifyResult, order: Order, rules: Rules) -> None:
        file = file_of(self, act, act.subject)
        if file.conclusive is None:
            determination_of(self, act, act.subject)
        require_not_done(self, act, events.ResultNotified, act.subject, act.recipient)
        self.note(events.ResultNotified, order, rules, Step.NOTIFICATION, **dict(act))

    def record_receipt(self, act: acts.RecordReceipt, order: Order, rules: Rules) -> None:
        file_of(self, act, act.subject)
        told_on = self.done.get((events.ResultNotified.name(), act.subject, act.recipient))
        if told_on is None:
            raise Refusal(
                Code.NOT_NOTIFIED,
                asked=act.label,
                obstacle="还没有向这一收件人反馈",
                way_out="请先反馈结果",
            )
        require_not_done(self, act, events.ResultReceived, act.subject, act.recipient)
        if not told_on <= act.received_on <= order.on:
            raise Refusal(
                Code.MALFORMED,
                asked=act.label,
                obstacle=f"签收日 {act.received_on} 不在反馈之日 {told_on} 与 {order.on} 之间",
                way_out="请核对 received_on",
            )
        self.note(events.ResultReceived, order, rules, Step.NOTIFICATION, **dict(act))

    def file_determination(self, act: acts.FileDetermination, order: Order, rules: Rules) -> None:
        determination_of(self, act, act.subject)
        require_not_done(self, act, events.DeterminationFiled, act.subject)
        self.note(events.DeterminationFiled, order, rules, Step.FILING, **dict(act))

    def complete_rectification(
        self, act: acts.CompleteRectification, order: Order, rules: Rules
    ) -> None:
        determination = determination_of(self, act, act.subject)
        require_not_done(self, act, events.RectificationCompleted, act.subject)
        if determination.rectification is None:
            refuse_not_provided(act, rules)
        on = cited(rules.policy.rectification.article)
        self.note(events.RectificationCompleted, order, rules, articles=on, **dict(act))

    def hold_follow_up_visit(self, act: acts.HoldFollowUpVisit, order: Order, rules: Rules) -> None:
        determination_of(self, act, act.subject)
        _require_visitors(act, rules)
        _require_not_too_often(self, act, order, rules)
        self.note(events.FollowUpVisitHeld, order, rules, Step.FOLLOW_UP, **dict(act))

    def close(self, act: acts.Close, order: Order, rules: Rules) -> None:
        require_not_done(self, act, events.CaseClosed)
        require_stage(self, act, Stage.DETERMINED)
        require_no_review(self, act, self.files)
        self.require_duties_done(act)
        self.note(events.CaseClosed, order, rules)

    def archive(self, act: acts.Archive, order: Order, rules: Rules) -> None:
        require_not_done(self, act, events.CaseArchived)
        require_stage(self, act, Stage.CLOSED)
        self.note(events.CaseArchived, order, rules, **dict(act))


def _require_visitors(act: acts.HoldFollowUpVisit, rules: Rules) -> None:
    follow_up = rules.policy.follow_up
    wanted = follow_up.visitors_at_least if follow_up else None
    if follow_up is not None and wanted is not None and len({*act.visitors}) < wanted:
        raise Refusal(
            Code.TEAM_TOO_SMALL,
            asked=act.label,
            obstacle=f"回访人 {len({*act.visitors})} 名，须不少于 {wanted} 名",
            articles=cited(follow_up.article),
            way_out="请补足回访人后再登记",
        )


def _require_not_too_often(
    case: CaseState, act: acts.HoldFollowUpVisit, order: Order, rules: Rules
) -> None:
    """频次上限: visits within the window of the duty, or within the calendar year."""
    file = case.files[act.subject]
    for rule in rules.policy.deadlines:
        limit = rule.at_most
        if limit is None or events.FollowUpVisitHeld.name() not in rule.met_by:
            continue
        window_start = _window_start(case, file, rule, order.on)
        if limit.within == "year":
            counted = sum(day.year == order.on.year for day in file.visits)
        else:
            counted = sum(day >= window_start for day in file.visits)
        if counted >= limit.times:
            within = "本年度" if limit.within == "year" else "期间内"
            raise Refusal(
                Code.TOO_MANY_VISITS,
                asked=act.label,
                obstacle=f"{within}已有 {counted} 次，不得超过 {limit.times} 次",
                articles=cited(rule.article),
                way_out="请不要重复打扰；确有必要的另行报告",
            )


def _window_start(case: CaseState, file: SubjectFile, rule: DeadlineRule, on: date) -> date:
    starts = [
        each.first_start
        for each in case.obligations
        if (each.obligation.rule, each.obligation.subject) == (rule.id, file.subject.id)
    ]
    return max(starts, default=on)
