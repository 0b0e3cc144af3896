"""What would still change a duty: facts of its rule and of where it stands, nothing foretold.

What an extension or another count would give is tried on a copy of the case; nothing is recorded.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Self

from domain.aggregate import Order
from domain.law.calendar import civil_date
from domain.law.deadline_rules import DeadlineRule, Extension, Qualifier
from domain.law.periods import TimeUnit, period
from domain.law.time_limits import TimeLimits
from domain.matter import Matter
from domain.obligations import Obligation, ObligationRedated, Standing, State
from domain.people import SYSTEM
from domain.registry import folded
from domain.tolerance.case import ToleranceCase
from domain.tolerance.events import EditionRepinned
from domain.tolerance.guards import UNDECIDED
from gateway.pack_words import event as in_words
from projections.rows import Recorded

PRESUMED = "推定"  # how the calendars name a year before its notice


@dataclass(frozen=True)
class Prospects:
    """A case under the edition it stands on, on a day."""

    case: Matter
    rules: TimeLimits[Any]
    today: date
    recounted: dict[str, ObligationRedated]  # what `calendar redate` would record now

    @classmethod
    def of(cls, recorded: Sequence[Recorded], rules: TimeLimits[Any], now: datetime) -> Self:
        case, again = _folded(recorded), _folded(recorded)
        today = civil_date(now)
        again.redate(Order(key="what-if", by=SYSTEM, on=today, now=now), rules)
        recounted = [each for each in again.pending if isinstance(each, ObligationRedated)]
        return cls(case, rules, today, {each.obligation_id: each for each in recounted})

    def changes(self, standing: Standing) -> dict[str, Any] | None:
        """What could still happen to a duty; None when it is over."""
        if not standing.live:
            return None
        duty = standing.obligation
        rule = next((each for each in self.rules.deadline_rules() if each.id == duty.rule), None)
        return {
            "policy": self.rules.instrument.reference,
            "rule_in_edition": rule is not None,
            "still_wanted": duty.at_least - standing.counted,
            **self._events(standing, rule),
            "extension": self._extension(standing, rule.extension if rule else None),
            "calendar": self._calendar(standing),
            "waiver": _waiver(standing),
        }

    # ---- events --------------------------------------------------------------------------------

    def _events(self, standing: Standing, rule: DeadlineRule | None) -> dict[str, Any]:
        """The events that would move the duty, in the order in which the rule is asked."""
        met_by = [*rule.met_by] if rule else []
        lapses_on = _others(rule.lapses_on if rule else (), met_by)
        taken = [*met_by, *lapses_on]
        held = standing.state is State.SUSPENDED
        stops = rule is not None and not held and not self._over(standing.obligation)
        suspended_by = _others(rule.suspended_by, taken) if rule and stops else []
        resumed_by = _others(rule.resumed_by, taken) if rule and held else []
        return {
            "met_by": _named(met_by),
            "lapses_on": _named(lapses_on),
            "lapses_with_other_edition": self._may_be_repinned(),
            "suspended_by": _named(suspended_by),
            "resumed_by": _named(resumed_by),
        }

    def _may_be_repinned(self) -> dict[str, str] | None:
        """An edition that knows no such limit would end it."""
        if not isinstance(self.case, ToleranceCase) or self.case.stage not in UNDECIDED:
            return None
        return {"event": EditionRepinned.name(), "term": EditionRepinned.term}

    def _over(self, duty: Obligation) -> bool:
        return duty.due_on is not None and self.today > duty.due_on

    def _may_be_entered_late(self, duty: Obligation) -> bool:
        """补录: what was done by the day may still be taken down while no later act has been."""
        last_on = self.case.last_on
        return duty.due_on is not None and (last_on is None or last_on <= duty.due_on)

    # ---- extension -----------------------------------------------------------------------------

    def _extension(self, standing: Standing, extension: Extension | None) -> dict[str, Any]:
        """Whether, how often and how far it may be extended, or why not."""
        if extension is None:
            return {"possible": False, "why_not": "not_provided"}
        times = extension.times
        told: dict[str, Any] = {
            "approver": extension.approver,
            "article": extension.article,
            "confirmed": extension.confirmed,
            "amount": extension.amount,
            "unit": extension.unit,
            "times_left": None if times is None else max(times - standing.extended, 0),
            "cap_on": self._cap(standing, extension),
        }
        why_not = self._why_no_extension(standing, times)
        reached = [] if why_not else self._extended(standing, extension, told["times_left"])
        if not why_not and not reached:
            why_not = "cap_reached"
        if why_not:
            entered = why_not == "over" and self._may_be_entered_late(standing.obligation)
            return {"possible": False, "why_not": why_not, **told, "late_entry": entered}
        endless = told["times_left"] is None and told["cap_on"] is None
        last = None if endless else reached[-1]
        return {
            "possible": True,
            "why_not": None,
            **told,
            "decided_until": standing.obligation.due_on,
            "next_due_on": reached[0].due_on,
            "latest_due_on": last and last.due_on,
            "provisional": (last or reached[0]).provisional,
        }

    def _why_no_extension(self, standing: Standing, times: int | None) -> str | None:
        if standing.state is State.SUSPENDED:
            return "suspended"
        if times is not None and standing.extended >= times:
            return "exhausted"
        return "over" if self._over(standing.obligation) else None

    def _extended(
        self, standing: Standing, extension: Extension, times: int | None
    ) -> list[Obligation]:
        """The duty after each extension still allowed; after one where nothing would end them."""
        duty, reached = standing.obligation, list[Obligation]()
        while times is None or len(reached) < times:
            try:
                duty = self.rules.extended(duty, standing.first_start, None)
            except ValueError:
                break
            reached.append(duty)
            if times is None and extension.cap_amount is None:
                break
        return reached

    def _cap(self, standing: Standing, extension: Extension) -> date | None:
        if extension.cap_amount is None or extension.cap_unit is None:
            return None
        return period(
            standing.first_start,
            extension.cap_amount,
            extension.cap_unit,
            self.rules.calendar,
            roll=standing.obligation.roll,
        ).due_on

    # ---- calendar ------------------------------------------------------------------------------

    def _calendar(self, standing: Standing) -> dict[str, Any]:
        """Whether another edition of the calendar could move the day, and which way."""
        duty = standing.obligation
        again = self.recounted.get(duty.id)
        return {
            "counts_days_off": _counts_days_off(duty),
            "provisional": duty.provisional,
            "waits_for_years": self._awaited(duty),
            "may_move": _may_move(standing),
            "redate_now": again
            and {
                "due_on": again.obligation.due_on,
                "provisional": again.obligation.provisional,
                "kept": again.kept,
                "calendars": [*again.obligation.calendars],
            },
        }

    def _awaited(self, duty: Obligation) -> list[int]:
        """The years presumed when the duty was counted whose notice is still to come."""
        told = (name.partition(".") for name in duty.calendars)
        presumed = [int(year) for year, _, edition in told if edition == PRESUMED]
        published = self.rules.calendar.published_years
        return [year for year in presumed if year not in published]


def _folded(recorded: Sequence[Recorded]) -> Matter:
    matter = folded(each.event for each in recorded)
    if not isinstance(matter, Matter):
        raise TypeError(f"{type(matter).__name__} has no duties")
    return matter


def _others(names: Iterable[str], taken: Sequence[str]) -> list[str]:
    """Names whose events are not spoken for: an event does one thing to a duty."""
    return [each for each in names if not {each, each.partition(":")[0]} & {*taken}]


def _named(names: Iterable[str]) -> list[dict[str, str]]:
    return [{"event": each, "term": in_words(each)} for each in names]


def _counts_days_off(duty: Obligation) -> bool:
    """Months without a roll end on their day, whatever any calendar says."""
    if duty.due_on is None:
        return False
    if duty.remainder is not None:
        return duty.roll or duty.remainder.working_days is not None
    return duty.roll or duty.unit is TimeUnit.WORKING_DAY


def _may_move(standing: Standing) -> str | None:
    """A day that is settled, or of which people were told, never moves earlier."""
    duty = standing.obligation
    if standing.state is State.SUSPENDED or not _counts_days_off(duty):
        return None  # a resumption counts by the calendar of its own day
    return "either" if duty.provisional and not standing.reminded else "later"


def _waiver(standing: Standing) -> dict[str, Any]:
    """Only with an approval that can be shown; a period runs whatever anybody says."""
    if standing.obligation.qualifier is Qualifier.PERIOD:
        return {"possible": False, "why_not": "period"}
    if standing.state is State.SUSPENDED:
        return {"possible": False, "why_not": "suspended"}
    return {"possible": True, "why_not": None}
