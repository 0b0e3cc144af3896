"""Many 舞阳 cases of four subjects, so dated that one midnight is a busy one."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import count, cycle, islice
from uuid import UUID

import asyncpg

from domain.law.calendar import start_of
from domain.obligations import moments
from domain.tolerance.case import ToleranceCase
from domain.tolerance.state import case_id
from tests.support.examples import (
    WUYANG,
    History,
    accept,
    applied,
    cadre,
    defer,
    open_verification,
)
from tests.support.given import Story, given
from tests.support.writers import Line, append
from workflows.event_store import EventMapper

MIDNIGHT = start_of(date(2026, 4, 22))  # a Wednesday begins
SUBJECTS = tuple(cadre(f"p-{each}", label) for each, label in zip("abcd", "甲乙丙丁", strict=True))
DUTIES = len(SUBJECTS)  # of one case
CASES_AN_APPEND = 50


@dataclass(frozen=True, eq=False)
class Life:
    """A case up to a day; every copy of it has the same duties under another number."""

    history: History

    @cached_property
    def story(self) -> Story:
        return given(self.history)

    @property
    def case(self) -> ToleranceCase:
        return self.story.case

    @property
    def falls_due_at_midnight(self) -> bool:
        return any(each.at == MIDNIGHT for each in moments(self.case.obligations))

    def under(self, number: str) -> list[Line]:
        mapper, told = EventMapper(), self.case.case_number.encode()
        return [
            Line(
                case_id(number),
                each.originator_version,
                each.topic,
                bytes(each.state).replace(told, number.encode()),
            )
            for each in map(mapper.to_stored_event, self.story.recorded)
        ]


def _accepted(day: str) -> Life:
    """Answers are due seven working days after, each reminded of twice and brought up twice."""
    steps = applied(WUYANG, *SUBJECTS, on="2026-03-05").on(day, accept(), open_verification())
    return Life(steps)


def _deferred(day: str) -> Life:
    """Decisions are due thirty working days after."""
    begun = applied(WUYANG, *SUBJECTS, on="2026-03-05").on("2026-03-06", accept())
    return Life(begun.on(day, open_verification(), *map(defer, SUBJECTS)))


LONG_OVERDUE = _accepted("2026-04-03")  # five rungs of each duty are in arrears
ANSWERS_OVERDUE = _accepted("2026-04-10")  # two are in arrears, two come at midnight
DECISIONS_OVERDUE = _deferred("2026-03-09")  # the same, by another rule
REMINDED = _accepted("2026-04-14")  # one is in arrears, one comes at midnight
STILL_FAR = _accepted("2026-04-20")  # nothing comes; the clock only waits

BUSY = (LONG_OVERDUE, *[ANSWERS_OVERDUE, DECISIONS_OVERDUE] * 2, *[REMINDED] * 4)


def shared_out(cases: int, busy: int) -> list[Life]:
    """So many lives, of which so many have something due by midnight."""
    return [*islice(cycle(BUSY), busy), *[STILL_FAR] * (cases - busy)]


class Cases:
    """Those that stand in the log, by id, with the life each is a copy of."""

    def __init__(self) -> None:
        self.lives: dict[UUID, Life] = {}
        self._numbers = count(1)

    async def file(self, connection: asyncpg.Connection, lives: list[Life]) -> None:
        """Store one more case for each life, by the log's own function. As the writer."""
        numbered = [(f"耐〔2026〕{next(self._numbers)}号", life) for life in lives]
        for start in range(0, len(numbered), CASES_AN_APPEND):
            some = numbered[start : start + CASES_AN_APPEND]
            await append(connection, [line for number, life in some for line in life.under(number)])
        self.lives |= {case_id(number): life for number, life in numbered}

    def of(self, *lives: Life) -> list[UUID]:
        return [id_ for id_, life in self.lives.items() if life in lives]
