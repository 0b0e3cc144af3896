"""时效 counted from the events alone, a day at a time: the slow way to what SQL must say."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from statistics import median
from typing import Any
from uuid import UUID

import asyncpg

from domain import obligations as told
from domain.aggregate import Event
from domain.law.calendar import WorkCalendar
from domain.registry import read_stored

Figures = dict[str, Any]
HELD_OR_MOVED = (told.ObligationResumed, told.ObligationExtended, told.ObligationRedated)
OVER = {
    told.ObligationMet: "met",
    told.ObligationMetLate: "met_late",
    told.ObligationLapsed: "lapsed",
    told.ObligationElapsed: "elapsed",
    told.ObligationWaived: "waived",
}


@dataclass
class Life:
    """One duty's events: its newest terms, the days it was held still, and how it ended."""

    policy: str
    terms: told.Obligation
    began: date
    held: list[list[date]] = field(default_factory=list)  # the day of suspension, of resumption
    ended: tuple[str, date] | None = None

    def take(self, event: Event) -> None:
        if isinstance(event, told.ObligationSuspended):
            self.held.append([event.on])
        elif isinstance(event, HELD_OR_MOVED):
            self.terms = event.obligation
            if isinstance(event, told.ObligationResumed):
                self.held[-1].append(event.on)
        elif type(event) in OVER:
            self.ended = OVER[type(event)], event.on

    @property
    def suspended(self) -> bool:
        return any(len(each) == 1 for each in self.held)

    def working_days(self, calendar: WorkCalendar) -> int:
        """One after the other, from the day after it began to the day it was met."""
        assert self.ended is not None
        days = (self.began + timedelta(days=n) for n in range(1, 10_000))
        worked = 0
        for day in days:
            if day > self.ended[1]:
                return worked
            still = any(day > each[0] and not (each[1:] and day > each[1]) for each in self.held)
            worked += calendar.day(day).working and not still
        raise AssertionError("a duty of more than 10 000 days")


async def lives(connection: asyncpg.Connection, upto: int, until: date) -> list[Life]:
    """Every duty by what the log held at a position of the days up to one."""
    found: dict[tuple[UUID, str], Life] = {}
    for row in await connection.fetch(
        "SELECT originator_id, originator_version, topic, state FROM log.events"
        " WHERE topic LIKE 'obligation.%' AND notification_id <= $1 ORDER BY notification_id",
        upto,
    ):
        matter = UUID(str(row["originator_id"]))
        event = read_stored(row["topic"], matter, row["originator_version"], row["state"])
        if event.on > until:
            continue
        if isinstance(event, told.ObligationOpened):
            duty = event.obligation
            found[matter, duty.id] = Life(event.envelope.policy or "", duty, duty.start)
        elif isinstance(event, told.ObligationEvent):
            found[matter, event.obligation_id].take(event)
    return [life for life in found.values() if life.terms.qualifier != "period"]


def counted(lives: list[Life], calendar: WorkCalendar, day: date) -> dict[tuple[str, str], Figures]:
    """The figures of each rule and basis, as of a day."""
    groups: dict[tuple[str, str], list[Life]] = defaultdict(list)
    for life in lives:
        terms = life.terms
        basis = "provisional" if terms.provisional else "confirmed"
        groups[f"{life.policy}:{terms.rule}", basis if terms.confirmed else "unconfirmed"] += [life]
    found = {key: _figures(group, calendar, day) for key, group in groups.items()}
    return {
        key: each for key, each in found.items() if each["met"] + each["overdue"] + each["waived"]
    }


def _figures(group: list[Life], calendar: WorkCalendar, day: date) -> Figures:
    met = [life for life in group if life.ended and life.ended[0] in ("met", "met_late")]
    judged = [life for life in met if _binding(life.terms)]
    took = [life.working_days(calendar) for life in met]
    late = [life for life in judged if life.ended and life.ended[0] == "met_late"]
    waiting = [life for life in group if life.ended is None and not life.suspended]
    return {
        "met": len(met),
        "on_time": len(judged) - len(late),
        "late": len(late),
        "overdue": sum(_binding(each.terms) and _past(each.terms, day) for each in waiting),
        "waived": sum(life.ended is not None and life.ended[0] == "waived" for life in group),
        "median_working_days": median(took) if took else None,
        "max_working_days": max(took, default=None),
    }


def _binding(terms: told.Obligation) -> bool:
    return terms.due_on is not None and not terms.provisional and terms.qualifier != "target"


def _past(terms: told.Obligation, day: date) -> bool:
    return terms.due_on is not None and terms.due_on < day
