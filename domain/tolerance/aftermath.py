"""What follows a determination: telling, filing, mending, visiting, closing; and more time."""

from datetime import date
from typing import NoReturn

from domain.aggregate import Act, Order
from domain.law.deadline_rules import DeadlineRule, Qualifier
from domain.law.policy import Step
from domain.law.rules import Rules
from domain.obligations import (
    EscalationAcknowledged,
    ObligationExtended,
    ObligationWaived,
    State,
)
from domain.obligations import Standing as DutyStanding
from domain.refusals import Code, Refusal
from domain.tolerance import acts, events
from domain.tolerance.guards import (
    cited,
    determination_of,
    file_of,
    refuse_not_provided,
    require_authority_shown,
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
        _require_duties_done(self, act)
        self.note(events.CaseClosed, order, rules)

    def archive(self, act: acts.Archive, order: Order, rules: Rules) -> None:
        require_not_done(self, act, events.CaseArchived)
        require_stage(self, act, Stage.CLOSED)
        self.note(events.CaseArchived, order, rules, **dict(act))

    def extend_duty(self, act: acts.ExtendDuty, order: Order, rules: Rules) -> None:
        standing = _open_duty(self, act, act.duty)
        duty = standing.obligation
        rule = _extendable(act, standing, rules)
        if duty.due_on is not None and order.on > duty.due_on:
            raise Refusal(
                Code.LATE,
                asked=act.label,
                obstacle=f"期限已于 {duty.due_on} 届满",
                articles=cited(rule.article),
                way_out="延长须在届满前办理；已逾期的请从速办结",
            )
        extension = rule.extension
        if extension is not None and act.amount is not None and act.amount > extension.amount:
            raise Refusal(
                Code.EXTENSION_BEYOND_CAP,
                asked=act.label,
                obstacle=f"每次延长不得超过 {extension.amount}",
                articles=cited(extension.article),
                way_out="请减少延长的数目",
            )
        try:
            longer = rules.extended(duty, standing.first_start, act.amount)
        except ValueError as reached:
            raise Refusal(
                Code.EXTENSION_BEYOND_CAP,
                asked=act.label,
                obstacle=str(reached),
                articles=cited(extension.article if extension else None),
                way_out="不能再延长，请在届满前办结",
            ) from None
        self.note(
            ObligationExtended,
            order,
            rules,
            articles=cited(extension.article if extension else None, rule.article),
            calendars=longer.calendars,
            obligation_id=duty.id,
            obligation=longer,
            was_due_on=duty.due_on,
            approved_by=act.approved_by,
            explanation=act.explanation,
        )

    def acknowledge_escalation(
        self, act: acts.AcknowledgeEscalation, order: Order, rules: Rules
    ) -> None:
        standing = _duty_named(self, act, act.duty)
        waiting = {
            each.level: each.role
            for each in standing.obligation.escalation
            if each.level in standing.unacknowledged
        }
        if act.rung not in waiting:
            told = "、".join(f"第 {each} 级" for each in waiting)
            raise Refusal(
                Code.UNKNOWN_ITEM,
                asked=act.label,
                obstacle=f"{act.duty} 没有等待确认的第 {act.rung} 级督办",
                way_out=f"等待确认的有{told}" if told else "没有等待确认的督办",
            )
        self.note(
            EscalationAcknowledged,
            order,
            rules,
            obligation_id=act.duty,
            rung=act.rung,
            role=waiting[act.rung],
            explanation=act.explanation,
        )

    def waive_duty(self, act: acts.WaiveDuty, order: Order, rules: Rules) -> None:
        """Only with an approval that can be shown; a period runs whatever anybody says."""
        duty = _open_duty(self, act, act.duty).obligation
        if duty.qualifier is Qualifier.PERIOD:
            refuse_not_provided(act, rules)
        require_authority_shown(act, order)
        self.note(
            ObligationWaived,
            order,
            rules,
            articles=cited(duty.article),
            obligation_id=duty.id,
            explanation=act.explanation,
        )


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


def _require_duties_done(case: CaseState, act: Act) -> None:
    left = [each.obligation for each in case.obligations.live() if each.obligation.blocks_closing]
    if left:
        raise Refusal(
            Code.DUTIES_OPEN,
            asked=act.label,
            obstacle="尚有未办事项：" + "、".join(duty.label for duty in left),
            articles=cited(*(duty.article for duty in left)),
            way_out="请先办结上述事项",
        )


def _duty_named(case: CaseState, act: Act, duty: str) -> DutyStanding:
    standing = case.obligations.standings.get(duty)
    if standing is None:
        _refuse_unknown(case, act, duty)
    return standing


def _open_duty(case: CaseState, act: Act, duty: str) -> DutyStanding:
    standing = case.obligations.standings.get(duty)
    if standing is None or standing.state is not State.OPEN:
        _refuse_unknown(case, act, duty)
    return standing


def _refuse_unknown(case: CaseState, act: Act, duty: str) -> NoReturn:
    named = "、".join(each.obligation.id for each in case.obligations.open())
    raise Refusal(
        Code.UNKNOWN_DUTY,
        asked=act.label,
        obstacle=f"本案没有在办的期限事项 {duty}",
        way_out=f"在办的有 {named}" if named else "本案没有在办的期限事项",
    )


def _extendable(act: acts.ExtendDuty, standing: DutyStanding, rules: Rules) -> DeadlineRule:
    rule = rules.policy.deadline(standing.obligation.rule)
    if rule.extension is None:
        refuse_not_provided(act, rules)
    times = rule.extension.times
    if times is not None and standing.extended >= times:
        raise Refusal(
            Code.EXTENSION_EXHAUSTED,
            asked=act.label,
            obstacle=f"已延长 {standing.extended} 次，不得超过 {times} 次",
            articles=cited(rule.extension.article),
            way_out="请在届满前办结",
        )
    return rule
