"""Matters folded from the log as it is followed: decoded once, remembered, or read back."""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import asyncpg

from domain import registry
from domain.aggregate import Aggregate
from domain.matter import Matter
from domain.obligations import Moment, ObligationEvent, ObligationOpened, moments
from projections.rows import Recorded

COLUMNS: Final = "notification_id, originator_id, originator_version, topic, state"


@dataclass
class Folded:
    """A matter as of the last event applied, and the version at which its clock last changed."""

    matter: Aggregate
    position: int = 0
    planned_at: int = 0
    waiting: tuple[Moment, ...] = ()

    def apply(self, recorded: Recorded) -> None:
        event = recorded.event
        self.matter.apply(event)
        self.position = recorded.position
        if not isinstance(self.matter, Matter):
            return
        if not self.planned_at:
            self.planned_at = self.matter.version
        if isinstance(event, ObligationEvent | ObligationOpened):  # nothing else moves a duty
            waiting = moments(self.matter.obligations)
            if waiting != self.waiting:
                self.waiting, self.planned_at = waiting, self.matter.version


class Folds:
    """The matters lately seen, so that following costs one decoding an event."""

    def __init__(self, capacity: int = 20_000) -> None:
        self._capacity = capacity
        self._folds: OrderedDict[UUID, Folded] = OrderedDict()

    async def before(self, connection: asyncpg.Connection, recorded: Recorded) -> Folded:
        """The matter just before this event: remembered, or read back from the log."""
        event = recorded.event
        fold = self._folds.pop(event.originator_id, None)
        if event.originator_version == 1:
            fold = Folded(registry.begin(event))
        elif fold is None or fold.matter.version != event.originator_version - 1:
            fold = await read_back(connection, event.originator_id, event.originator_version)
        self._folds[event.originator_id] = fold
        while len(self._folds) > self._capacity:
            self._folds.popitem(last=False)
        return fold

    def drop(self, matter_id: UUID) -> None:
        self._folds.pop(matter_id, None)

    def forget(self) -> None:
        self._folds.clear()


async def read_back(connection: asyncpg.Connection, matter_id: UUID, before: int) -> Folded:
    """The matter just before the event of this version, from the log. There must be one before."""
    rows = await connection.fetch(
        f"SELECT {COLUMNS} FROM log.events"  # noqa: S608 (our own names)
        " WHERE originator_id = $1 AND originator_version < $2 ORDER BY originator_version",
        matter_id,
        before,
    )
    first, *_ = history = [decode(row) for row in rows]
    fold = Folded(registry.begin(first.event))
    for recorded in history:
        fold.apply(recorded)
    return fold


def decode(row: asyncpg.Record) -> Recorded:
    """One line of the log, read with `COLUMNS`."""
    position, matter_id, version, topic, state = row
    return Recorded(position, registry.read_stored(topic, matter_id, version, state))
