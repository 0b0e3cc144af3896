"""A pack together with a calendar: what an act asks when it must know a date or a condition."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from domain.law.calendar import WorkCalendar
from domain.law.periods import Period, period, working_days_after, working_days_before
from domain.law.policy import (
    ApplicantKind,
    DeadlineRule,
    Listed,
    Outcome,
    Policy,
    Relief,
    Role,
    Sanction,
    SituationList,
)
from domain.obligations import Obligation, Rung
from domain.refusals import Code
from domain.values import Value

CARRYING = {
    Outcome.EXEMPTION: (Role.TOLERATING, Role.EXEMPTING),
    Outcome.MITIGATION: (Role.TOLERATING, Role.EXEMPTING, Role.MITIGATING),
}


class Bar(Value):
    """Something that keeps an application from being accepted (不予受理的理由)."""

    code: Code
    article: str | None
    because: str


@dataclass(frozen=True)
class Rules:
    """One edition of an instrument, read with one state of the calendar."""

    policy: Policy
    calendar: WorkCalendar

    def deadline_rules(self) -> tuple[DeadlineRule, ...]:
        return self.policy.deadlines

    def ends(self, rule_id: str, start: date) -> Period:
        """The period a rule runs from the day `start` (that day itself not counted)."""
        return self._period(self.policy.deadline(rule_id), start)

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
        start: date,
        organ: str,
    ) -> Obligation:
        """The duty a rule opens on the day `start`, with its reminders and its ladder."""
        ends = self._period(rule, start) if rule.amount is not None else None
        return Obligation(
            id=id,
            rule=rule.id,
            label=rule.label,
            article=rule.article,
            subject=subject,
            responsible=rule.responsible,
            organ=organ,
            trigger=rule.opens_on,
            start=start,
            amount=rule.amount,
            unit=rule.unit,
            roll=rule.roll,
            due_on=ends.due_on if ends else None,
            calendars=ends.editions if ends else (),
            provisional=ends.provisional if ends else False,
            confirmed=rule.confirmed,
            qualifier=rule.qualifier,
            blocks_closing=rule.blocks_closing,
            reminders=self._reminders(start, ends.due_on) if ends else (),
            escalation=self._escalation(ends.due_on) if ends else (),
        )

    def _reminders(self, start: date, due_on: date) -> tuple[date, ...]:
        before = (
            working_days_before(due_on, days, self.calendar)
            for days in self.policy.ladder.reminders_before
        )
        return tuple(day for day in before if day > start)  # a short limit has room for fewer

    def _escalation(self, due_on: date) -> tuple[Rung, ...]:
        """The rungs whose day is settled; the others wait for the calendar that settles them."""
        climbed = [
            (level, each.role, working_days_after(due_on, each.after, self.calendar))
            for level, each in enumerate(self.policy.ladder.escalation, start=1)
        ]
        return tuple(
            Rung(level=level, role=role, on=period.due_on)
            for level, role, period in climbed
            if not period.provisional
        )

    def bars_to_application(
        self, *, applicant: ApplicantKind, applied_on: date, accountability_opened_on: date
    ) -> tuple[Bar, ...]:
        """Every reason for which this application may not be accepted, not only the first."""
        return tuple(
            bar
            for bar in (
                self._wrong_applicant(applicant),
                self._late(applied_on, accountability_opened_on),
                self._before_entry_into_force(accountability_opened_on),
            )
            if bar is not None
        )

    def _wrong_applicant(self, applicant: ApplicantKind) -> Bar | None:
        allowed = self.policy.application
        if applicant in allowed.by:
            return None
        return Bar(
            code=Code.WRONG_APPLICANT,
            article=allowed.article,
            because="申请人不是有权提出申请的主体",
        )

    def _late(self, applied_on: date, opened_on: date) -> Bar | None:
        window = self.policy.application.window
        if window is None:
            return None
        window_ends = period(opened_on, window.amount, window.unit, self.calendar, roll=True)
        last_day = window_ends.due_on
        if applied_on <= last_day or window_ends.provisional:  # nobody is late on a presumption
            return None
        return Bar(
            code=Code.LATE,
            article=window.article,
            because=f"申请期限已于 {last_day} 届满，申请日为 {applied_on}",
        )

    def _before_entry_into_force(self, opened_on: date) -> Bar | None:
        transition = self.policy.transition
        begins = self.policy.in_force.begins()
        if transition.rule == "none_stated" or begins is None or opened_on >= begins:
            return None
        return Bar(
            code=Code.PRE_ENTRY_INTO_FORCE,
            article=transition.article,
            because=f"问责程序于 {opened_on} 启动，早于办法施行（{self.policy.in_force.since}）",
        )

    def excluded_by(self, answers: Mapping[str, bool | None]) -> list[Listed]:
        """Items of the negative lists found to apply; one is enough, whatever else holds."""
        return [
            item
            for each in self.policy.lists
            if each.role is Role.EXCLUDING
            for item in each.items
            if answers.get(item.id)
        ]

    def unmet(self, answers: Mapping[str, bool | None], outcome: Outcome) -> list[SituationList]:
        """The lists that could carry this outcome, when none of them holds.

        What exempts may also mitigate, not the other way round. A list whose logic no source gives
        is left to the organ.
        """
        positive = [each for each in self.policy.lists if each.role in CARRYING[outcome]]
        judged = [each for each in positive if each.match is not None]
        if len(judged) < len(positive):
            return []
        holding = [each for each in judged if self._holds(each, answers)]
        return [] if holding else judged

    @staticmethod
    def _holds(each: SituationList, answers: Mapping[str, bool | None]) -> bool:
        found = [answers.get(item.id) is True for item in each.items]
        return all(found) if each.match == "all" else any(found)

    def permits(self, outcome: Outcome, sanction: Sanction | None, relief: Relief | None) -> bool:
        """Whether the instrument allows this outcome for this kind of sanction."""
        if self.policy.permitted is None or not outcome.favourable:
            return True
        return any(
            each.sanction is sanction and relief in each.reliefs for each in self.policy.permitted
        )
