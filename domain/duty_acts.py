"""What may be asked of a duty in any matter: more time, an answer to an escalation, a waiver."""

from typing import Any, NoReturn
from uuid import UUID

from pydantic import PositiveInt

from domain.aggregate import Act, Aggregate, Event, Explained, Order
from domain.guards import cited, refuse_not_provided, require_authority_shown
from domain.law.deadline_rules import DeadlineRule, Qualifier
from domain.law.time_limits import Instrument, TimeLimits
from domain.obligations import (
    EscalationAcknowledged,
    ObligationBook,
    ObligationExtended,
    ObligationWaived,
    Standing,
    State,
)
from domain.refusals import Code, Refusal
from domain.values import Text


class ExtendDuty(Explained, name="extend_duty", label="延长期限"):
    """`amount` in the unit the rule extends by; the whole of what the rule allows unless stated."""

    duty: Text
    approved_by: Text
    amount: PositiveInt | None = None


class AcknowledgeEscalation(Explained, name="acknowledge_escalation", label="确认督办"):
    duty: Text
    rung: PositiveInt


class WaiveDuty(Explained, name="waive_duty", label="免除期限事项"):
    duty: Text


class WithDuties(Aggregate):
    """A matter held to time limits."""

    def __init__(self, id: UUID) -> None:
        super().__init__(id)
        self.obligations = ObligationBook()

    def note(
        self, kind: type[Event], order: Order, rules: TimeLimits[Instrument], /, **facts: Any
    ) -> None:
        """Take down one event under the edition relied on."""
        self.record(kind, order, policy=rules.instrument.reference, **facts)

    def extend_duty(self, act: ExtendDuty, order: Order, rules: TimeLimits[Instrument]) -> None:
        standing = self._open_duty(act, act.duty)
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
        self, act: AcknowledgeEscalation, order: Order, rules: TimeLimits[Instrument]
    ) -> None:
        standing = self.obligations.standings.get(act.duty)
        if standing is None:
            self._refuse_unknown_duty(act, act.duty)
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

    def waive_duty(self, act: WaiveDuty, order: Order, rules: TimeLimits[Instrument]) -> None:
        """Only with an approval that can be shown; a period runs whatever anybody says."""
        duty = self._open_duty(act, act.duty).obligation
        if duty.qualifier is Qualifier.PERIOD:
            refuse_not_provided(act, rules.instrument.name, rules.instrument.reference)
        require_authority_shown(act, order)
        self.note(
            ObligationWaived,
            order,
            rules,
            articles=cited(duty.article),
            obligation_id=duty.id,
            explanation=act.explanation,
        )

    def require_duties_done(self, act: Act) -> None:
        """Nothing is left that must be done before the matter may be closed."""
        duties = [each.obligation for each in self.obligations.live()]
        left = [duty for duty in duties if duty.blocks_closing]
        if left:
            raise Refusal(
                Code.DUTIES_OPEN,
                asked=act.label,
                obstacle="尚有未办事项：" + "、".join(duty.label for duty in left),
                articles=cited(*(duty.article for duty in left)),
                way_out="请先办结上述事项",
            )

    def _open_duty(self, act: Act, duty: str) -> Standing:
        standing = self.obligations.standings.get(duty)
        if standing is None or standing.state is not State.OPEN:
            self._refuse_unknown_duty(act, duty)
        return standing

    def _refuse_unknown_duty(self, act: Act, duty: str) -> NoReturn:
        named = "、".join(each.obligation.id for each in self.obligations.open())
        raise Refusal(
            Code.UNKNOWN_DUTY,
            asked=act.label,
            obstacle=f"本案没有在办的期限事项 {duty}",
            way_out=f"在办的有 {named}" if named else "本案没有在办的期限事项",
        )


def _extendable(act: ExtendDuty, standing: Standing, rules: TimeLimits[Instrument]) -> DeadlineRule:
    rule = rules.instrument.deadline(standing.obligation.rule)
    if rule.extension is None:
        refuse_not_provided(act, rules.instrument.name, rules.instrument.reference)
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
