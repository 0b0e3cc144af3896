"""A pack together with a calendar: what an act asks when it must know a date or a condition."""

from collections.abc import Mapping, Sequence
from datetime import date

from domain.law.outcomes import Outcome, Treatment
from domain.law.periods import period
from domain.law.policy import ApplicantKind, Approval, Policy
from domain.law.situations import Listed, Role, SituationList
from domain.law.time_limits import TimeLimits
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


class Rules(TimeLimits[Policy]):
    """One edition of a tolerance instrument, read with one state of the calendar."""

    @property
    def policy(self) -> Policy:
        return self.instrument

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
