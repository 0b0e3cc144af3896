"""What a log says of its time limits: each rung that has come taken down once, none before its day.

The acts of a matter alone say what must be called (`domain.obligations`); what the clocks took
down is held against it. No view and no clock is asked.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from typing import NamedTuple
from uuid import UUID

import asyncpg

from domain import registry
from domain.aggregate import Event
from domain.obligations import (
    ObligationBook,
    ObligationElapsed,
    ObligationEscalated,
    ObligationOverdue,
    ObligationReminded,
    call,
    moments,
)

Called = ObligationReminded | ObligationOverdue | ObligationEscalated | ObligationElapsed


class Logged(NamedTuple):
    """An event, and the legal time by the database's own clock when it was stored."""

    event: Event
    stored_at: datetime


class Rung(NamedTuple):
    """A rung of one matter: `answer-1:1:remind2` is a duty, its generation and the rung."""

    matter: UUID
    key: str


@dataclass
class Verdict:
    called: int = 0
    open: int = 0  # duties with a day that are still open
    lost: list[Rung] = field(default_factory=list)
    twice: list[Rung] = field(default_factory=list)
    early: list[Rung] = field(default_factory=list)
    unasked: list[Rung] = field(default_factory=list)  # not what the acts ask for

    @property
    def faults(self) -> dict[str, list[Rung]]:
        kinds = {
            "lost": self.lost,
            "twice": self.twice,
            "early": self.early,
            "unasked": self.unasked,
        }
        return {kind: rungs for kind, rungs in kinds.items() if rungs}


def judged(streams: Iterable[Sequence[Logged]], now: datetime) -> Verdict:
    """Go through each matter from its first event to its last, as the log holds them."""
    verdict = Verdict()
    for stream in streams:
        _judge(stream, now, verdict)
    return verdict


def _judge(stream: Sequence[Logged], now: datetime, verdict: Verdict) -> None:
    acts, called = ObligationBook(), Counter[Rung]()
    matter = stream[0].event.originator_id
    for event, stored_at in stream:
        if not isinstance(event, Called):
            acts.evolve(event)
            continue
        rung = Rung(matter, _key(event, acts))
        called[rung] += 1
        day = {each.key: each.at for each in moments(acts)}.get(rung.key)
        if day is None or not _is_what_is_meant(event, acts, rung.key, day):
            verdict.unasked.append(rung)
        elif min(event.recorded_at, stored_at) < day:
            verdict.early.append(rung)
    due = [Rung(matter, each.key) for each in moments(acts) if each.at <= now]
    verdict.lost += [rung for rung in due if rung not in called]
    verdict.twice += [rung for rung, times in called.items() if times > 1]
    verdict.called += called.total()
    verdict.open += sum(each.obligation.due_on is not None for each in acts.open())


def _key(event: Called, acts: ObligationBook) -> str:
    duty = acts.standings[event.obligation_id].obligation
    match event:
        case ObligationReminded(rung=rung):
            name = f"remind{rung}"
        case ObligationEscalated(rung=rung):
            name = f"escalate{rung}"
        case ObligationOverdue():
            name = "due"
        case ObligationElapsed():
            name = "elapse"
    return f"{duty.id}:{duty.generation}:{name}"


def _is_what_is_meant(event: Called, acts: ObligationBook, key: str, at: datetime) -> bool:
    meant = call(acts, key, at)
    if meant is None:
        return False
    on, (kind, facts) = meant
    told = {name: getattr(event, name) for name in facts} if type(event) is kind else {}
    return told == facts and event.on == on


async def streams_of(connection: asyncpg.Connection, ahead: timedelta) -> list[list[Logged]]:
    """The whole log, matter by matter."""
    rows = await connection.fetch(
        "SELECT originator_id, originator_version, topic, state, recorded_at FROM log.events"
        " ORDER BY originator_id, originator_version"
    )
    return [
        [Logged(_event(row), row["recorded_at"] + ahead) for row in stream]
        for _, stream in groupby(rows, key=lambda row: row["originator_id"])
    ]


def _event(row: asyncpg.Record) -> Event:
    id_ = UUID(str(row["originator_id"]))
    return registry.read_stored(row["topic"], id_, row["originator_version"], row["state"])
