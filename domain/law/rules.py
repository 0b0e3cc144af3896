"""A pack together with a calendar: what an act asks when it must know a date or a condition."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from domain.law.calendar import WorkCalendar
from domain.law.deadline_rules import DeadlineRule
from domain.law.outcomes import Outcome, Treatment
from domain.law.periods import Period, period, working_days_after, working_days_before
from domain.law.policy import ApplicantKind, Approval, Policy
from domain.law.situations import Listed, Role, SituationList
from domain.law.suspension import Remainder, Resumed, remainder, resume
from domain.obligations import Obligation, Rung
from domain.people import Subject
from domain.refusals import Code
from domain.values import Value

CARRYING = {
    Outcome.EXEMPTION: (Role.TOLERATING, Role.EXEMPTING),
    Outcome.MITIGATION: (Role.TOLERATING, Role.EXEMPTING, Role.MITIGATING),
}
Answers = Mapping[str, bool | None]


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

    # ---- time limits ---------------------------------------------------------------------------

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
        item: int | None = None,
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
            item=item,
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
            at_least=rule.at_least,
            reminders=self._reminders(start, ends.due_on) if ends else (),
            escalation=self._escalation(ends.due_on) if ends else (),
        )

    def extended(self, duty: Obligation, first_start: date, amount: int | None) -> Obligation:
        """The duty with its day moved on from the present one, never past the cap of the rule.

        ValueError when the rule allows no extension, or the present day already is the cap.
        """
        extension = self.policy.deadline(duty.rule).extension
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

    # ---- application ---------------------------------------------------------------------------

    def bars_to_application(
        self,
        *,
        applicant: ApplicantKind,
        applied_on: date,
        accountability_opened_on: date,
        accountability_decided_on: date | None = None,
    ) -> tuple[Bar, ...]:
        """Every reason for which this application may not be accepted, not only the first."""
        return tuple(
            bar
            for bar in (
                self._wrong_applicant(applicant),
                self._late(applied_on, accountability_opened_on),
                self._after_decision(applied_on, accountability_decided_on),
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
        if window is None or window.amount is None or window.unit is None:
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

    def _after_decision(self, applied_on: date, decided_on: date | None) -> Bar | None:
        window = self.policy.application.window
        if window is None or not window.closes_on_decision or decided_on is None:
            return None
        if applied_on <= decided_on:
            return None
        return Bar(
            code=Code.LATE,
            article=window.article,
            because=f"问责决定已于 {decided_on} 作出，申请日为 {applied_on}",
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

    # ---- findings ------------------------------------------------------------------------------

    def excluded_by(self, answers: Answers) -> list[Listed]:
        """Items of the negative lists found to apply; one is enough, whatever else holds."""
        return [item for item in self._of(Role.EXCLUDING) if answers.get(item.id)]

    def unsettled_exclusions(self, answers: Answers) -> list[Listed]:
        """Items of the negative lists looked into and still unknown."""
        return [item for item in self._of(Role.EXCLUDING) if answers.get(item.id, False) is None]

    def unmet(self, answers: Answers, outcome: Outcome) -> list[SituationList]:
        """The lists that could carry this outcome, when none of them holds.

        What exempts may also mitigate, not the other way round. A list whose logic no source gives
        is left to the organ.
        """
        positive = [each for each in self.policy.lists if each.role in CARRYING[outcome]]
        judged = [each for each in positive if each.match is not None]
        if len(judged) < len(positive):
            return []
        return [] if any(self._holds(each, answers) for each in judged) else judged

    def holding(self, answers: Answers) -> list[Listed]:
        """Positive items found to apply, of the lists that hold."""
        return [
            item
            for each in self.policy.lists
            if each.role is not Role.EXCLUDING and each.match and self._holds(each, answers)
            for item in each.items
            if answers.get(item.id)
        ]

    def rests_on_catch_all(self, answers: Answers, situations: Sequence[str]) -> bool:
        """Whether nothing but a catch-all item carries the conclusion (兜底条款)."""
        cited = [item for item in self._positive() if item.id in situations]
        carrying = cited or [item for item in self._positive() if answers.get(item.id)]
        return bool(carrying) and all(item.catch_all for item in carrying)

    def _of(self, role: Role) -> list[Listed]:
        return [item for each in self.policy.lists if each.role is role for item in each.items]

    def _positive(self) -> list[Listed]:
        return [
            item
            for each in self.policy.lists
            if each.role is not Role.EXCLUDING
            for item in each.items
        ]

    @staticmethod
    def _holds(each: SituationList, answers: Answers) -> bool:
        found = [answers.get(item.id) is True for item in each.items]
        return all(found) if each.match == "all" else any(found)

    # ---- conclusion ----------------------------------------------------------------------------

    def permits(self, outcome: Outcome, treatment: Treatment) -> bool:
        """Whether the instrument allows this outcome to treat a sanction so."""
        if self.policy.permitted is None or not outcome.favourable:
            return True
        return any(
            each.sanction is treatment.sanction and each.allows(treatment)
            for each in self.policy.permitted
        )

    def approvals(
        self, subject: Subject, outcome: Outcome, treatments: Sequence[Treatment]
    ) -> list[Approval]:
        """The approvals from above that this conclusion on this subject needs."""
        return [
            each
            for each in self.policy.approvals
            if _wanted(each, subject, outcome)
            and (_of_treatment(each, treatments) or not _asks_of_treatment(each))
        ]


def _wanted(approval: Approval, subject: Subject, outcome: Outcome) -> bool:
    when = approval.when
    return (when.managed_by in (None, subject.managed_by)) and (
        not when.outcomes or outcome in when.outcomes
    )


def _asks_of_treatment(approval: Approval) -> bool:
    return bool(approval.when.sanctions) or approval.when.reduced_beyond is not None


def _of_treatment(approval: Approval, treatments: Sequence[Treatment]) -> bool:
    when = approval.when
    return any(
        (not when.sanctions or each.sanction in when.sanctions)
        and (when.reduced_beyond is None or (each.grades or 0) > when.reduced_beyond)
        for each in treatments
    )
