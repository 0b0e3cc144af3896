"""Time limits of any instrument, read with one state of the calendar: which days duties get."""

from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, Protocol, TypeVar

from domain.law.calendar import WorkCalendar
from domain.law.deadline_rules import DeadlineRule, Ladder
from domain.law.periods import Period, period, working_days_after, working_days_before
from domain.law.suspension import Remainder, Resumed, remainder, resume
from domain.obligations import Obligation, Rung


class Instrument(Protocol):
    """What every instrument has, whatever it is about."""

    @property
    def name(self) -> str: ...

    @property
    def reference(self) -> str:
        """What events store: id and edition."""
        ...

    @property
    def deadlines(self) -> tuple[DeadlineRule, ...]: ...

    @property
    def ladder(self) -> Ladder: ...

    def deadline(self, rule_id: str) -> DeadlineRule: ...


InstrumentT_co = TypeVar("InstrumentT_co", bound=Instrument, covariant=True)


@dataclass(frozen=True)
class TimeLimits(Generic[InstrumentT_co]):
    """One edition of an instrument, read with one state of the calendar."""

    instrument: InstrumentT_co
    calendar: WorkCalendar

    def deadline_rules(self) -> tuple[DeadlineRule, ...]:
        return self.instrument.deadlines

    def ends(self, rule_id: str, start: date) -> Period:
        """The period a rule runs from the day `start` (that day itself not counted)."""
        return self._period(self.instrument.deadline(rule_id), start)

    def _period(self, rule: DeadlineRule, start: date) -> Period:
        if rule.amount is None or rule.unit is None:
            raise ValueError(f"期限 {rule.id} 没有数字，算不出届满之日")
        return period(start, rule.amount, rule.unit, self.calendar, roll=rule.roll)

    def obligation(
        self,
        rule: DeadlineRule,
        *,
        id: str,
        subject: str | None,
        item: int | None = None,
        start: date,
        organ: str,
        stated: date | None = None,
    ) -> Obligation:
        """The duty a rule opens on the day `start`, with its reminders and its ladder.

        `stated`: the last day, where the event that opens the duty says it itself.
        """
        ends = self._period(rule, start) if rule.amount is not None else None
        due_on = ends.due_on if ends else stated
        return Obligation(
            id=id,
            rule=rule.id,
            label=rule.label,
            article=rule.article,
            subject=subject,
            item=item,
            responsible=rule.responsible,
            organ=organ,
            trigger=rule.opens_on,
            start=start,
            amount=rule.amount,
            unit=rule.unit,
            roll=rule.roll,
            due_on=due_on,
            calendars=ends.editions if ends else (),
            provisional=ends.provisional if ends else False,
            confirmed=rule.confirmed,
            qualifier=rule.qualifier,
            blocks_closing=rule.blocks_closing,
            at_least=rule.at_least,
            reminders=self._reminders(start, due_on) if due_on else (),
            escalation=self._escalation(due_on) if due_on else (),
        )

    def extended(self, duty: Obligation, first_start: date, amount: int | None) -> Obligation:
        """The duty with its day moved on from the present one, never past the cap of the rule.

        ValueError when the rule allows no extension, or the present day already is the cap.
        """
        extension = self.instrument.deadline(duty.rule).extension
        if extension is None or duty.due_on is None:
            raise ValueError(f"期限 {duty.rule} 不得延长")
        longer = period(
            duty.due_on, amount or extension.amount, extension.unit, self.calendar, roll=duty.roll
        )
        if extension.cap_amount is not None and extension.cap_unit is not None:
            cap = period(
                first_start, extension.cap_amount, extension.cap_unit, self.calendar, roll=duty.roll
            )
            longer = min(longer, cap, key=lambda each: each.due_on)
        if longer.due_on <= duty.due_on:
            raise ValueError(f"已到延长的上限 {longer.due_on}")
        return self._redated(duty, longer, amount=longer.amount, unit=longer.unit, remainder=None)

    def remainder(self, duty: Obligation, on: date) -> Remainder | None:
        """What is left of a duty after the day `on`; None where it has no day."""
        if duty.due_on is None or duty.unit is None:
            return None
        return remainder(on, duty.due_on, duty.unit, self.calendar.using(duty.calendars))

    def resumed(self, duty: Obligation, left: Remainder | None, on: date) -> Obligation:
        """The duty with what was left counted from the day `on`."""
        if left is None:
            return duty.model_copy(update={"generation": duty.generation + 1})
        return self._redated(duty, resume(on, left, self.calendar, roll=duty.roll), remainder=left)

    def counted_again(self, duty: Obligation) -> Period | Resumed | None:
        """The period of a duty as the calendar is now; None where it has no day."""
        if duty.amount is None or duty.unit is None:
            return None
        if duty.remainder is not None:
            return resume(duty.start, duty.remainder, self.calendar, roll=duty.roll)
        return period(duty.start, duty.amount, duty.unit, self.calendar, roll=duty.roll)

    def redated(
        self, duty: Obligation, ends: Period | Resumed, due_on: date, on: date
    ) -> Obligation:
        """The duty with the day `due_on`; one that moved has reminders after `on` only."""
        moved = due_on != duty.due_on
        return duty.model_copy(
            update={
                "due_on": due_on,
                "calendars": ends.editions,
                "provisional": ends.provisional,
                "reminders": self._reminders(max(ends.start, on), due_on)
                if moved
                else duty.reminders,
                "escalation": self._escalation(due_on),
                "generation": duty.generation + 1,
            }
        )

    def _redated(self, duty: Obligation, ends: Period | Resumed, **more: Any) -> Obligation:
        return duty.model_copy(
            update={
                "start": ends.start,
                "due_on": ends.due_on,
                "calendars": ends.editions,
                "provisional": ends.provisional,
                "generation": duty.generation + 1,
                "reminders": self._reminders(ends.start, ends.due_on),
                "escalation": self._escalation(ends.due_on),
                **more,
            }
        )

    def _reminders(self, start: date, due_on: date) -> tuple[date, ...]:
        before = (
            working_days_before(due_on, days, self.calendar)
            for days in self.instrument.ladder.reminders_before
        )
        return tuple(day for day in before if day > start)  # a short limit has room for fewer

    def _escalation(self, due_on: date) -> tuple[Rung, ...]:
        """The rungs whose day is settled; the others wait for the calendar that settles them."""
        climbed = [
            (level, each.role, working_days_after(due_on, each.after, self.calendar))
            for level, each in enumerate(self.instrument.ladder.escalation, start=1)
        ]
        return tuple(
            Rung(level=level, role=role, on=period.due_on)
            for level, role, period in climbed
            if not period.provisional
        )
