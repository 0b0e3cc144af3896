"""Lives a planned province through the office, day by day, by a clock that is set by hand."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby

from domain.accountability.acts import OpenAccountability
from domain.law.calendar import CHINA
from domain.refusals import Refusal
from domain.tolerance.acts import Opening
from gateway.simulation.lives import Asked, life
from gateway.simulation.plan import PlannedCase, Province
from workflows.office import Office, Rulebook

OFFICE_OPENS = time(9)
BETWEEN_ACTS = timedelta(seconds=10)  # the busiest day of the largest province ends before night


@dataclass
class StandingClock:
    """Shows what it was last set to and does not run: one plan, one history to the microsecond."""

    instant: datetime
    ahead: timedelta = timedelta(0)  # no real clock ever hears of it
    jump: int = 0

    def now(self) -> datetime:
        return self.instant

    def set(self, instant: datetime) -> None:
        self.instant = instant
        self.jump += 1


@dataclass(frozen=True)
class Lived:
    """How much there was to do."""

    cases: int
    acts: int


Tell = Callable[[date, int, int], None]


async def live(
    province: Province,
    office: Office,
    clock: StandingClock,
    rulebook: Rulebook,
    tell: Tell = lambda _day, _done, _of: None,
) -> Lived:
    """Ask of the office all that is planned. The office must go by this clock.

    `tell` hears after each day how many acts are done, and of how many. Raises Refusal, which is a
    fault of the plan, with a note of the act that was refused.
    """
    lives = [
        (asked, case) for case in province.cases for asked in life(case, rulebook(case.policy))
    ]
    lives.sort(key=lambda each: each[0].request.on)  # within a day and a case their order stays
    done = 0
    for day, asked_that_day in groupby(lives, key=lambda each: each[0].request.on):
        done += await asyncio.to_thread(_a_day, day, asked_that_day, office, clock)
        tell(day, done, len(lives))
    return Lived(cases=len(province.cases), acts=done)


def _a_day(
    day: date, acts: Iterable[tuple[Asked, PlannedCase]], office: Office, clock: StandingClock
) -> int:
    number = 0
    for number, (asked, case) in enumerate(acts, start=1):
        clock.set(datetime.combine(day, OFFICE_OPENS, CHINA) + number * BETWEEN_ACTS)
        try:
            _ask(asked, case, office)
        except Refusal as refusal:
            refusal.add_note(f"{asked.request.key} {day} {asked.act.name}")
            raise
    return number


def _ask(asked: Asked, case: PlannedCase, office: Office) -> None:
    if isinstance(asked.act, OpenAccountability):
        office.open_accountability(asked.act, asked.request, case.instrument)
    elif isinstance(asked.act, Opening):
        office.open_case(asked.act, asked.request, case.policy)
    else:
        office.perform(asked.matter_id, asked.act, asked.request)
