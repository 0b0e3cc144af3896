"""Makes views from the whole log, matter by matter: no more in memory than a batch and a matter.

Whoever follows meets matters in the order of the log and has to remember them. Read one after the
other each is folded once and forgotten, and what shows a matter as it stands is made once.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

import asyncpg

from domain import registry
from projections.folds import COLUMNS, Folded, decode, read_back
from projections.making import DATABASE_TROUBLE, Making, park, without_collecting
from projections.rows import Recorded, View

END: Final = 2**63 - 1  # no position lies behind it
EVERY_MATTER: Final = (UUID(int=0), UUID(int=2**128 - 1))


@dataclass
class Histories:
    """Writes the rows of some views, which are empty yet, into the schema of the search path."""

    views: Collection[View]
    upto: int  # the last position that counts
    batch: int
    standing_still: Mapping[UUID, int] = field(default_factory=dict)  # parked, and where
    span: tuple[UUID, UUID] = EVERY_MATTER  # the first and the last that count
    _making: Making = field(init=False)
    _matter: UUID | None = None
    _fold: Folded | None = None
    _parked: bool = False

    def __post_init__(self) -> None:
        self._making = Making(self.views)

    async def write(self, connection: asyncpg.Connection, told: Callable[[int], None]) -> None:
        """Call inside a transaction; `told` hears how many events are done, batch by batch."""
        # all of it will be read: not the plan that has its first lines soonest
        await connection.execute("SET LOCAL cursor_tuple_fraction = 1")
        cursor = await connection.cursor(
            f"SELECT {COLUMNS} FROM log.events"  # noqa: S608 (our own names)
            " WHERE notification_id <= $1 AND topic <> ALL ($2)"
            " AND originator_id BETWEEN $3 AND $4"
            " ORDER BY originator_id, originator_version",
            self.upto,
            [*passed_over(self.views)],
            *self.span,
        )
        done, rows = 0, await cursor.fetch(self.batch)
        while rows:
            with without_collecting():
                for row in rows:
                    await self._take(connection, row)
                done += len(rows)
                rows = await cursor.fetch(self.batch)
                if not rows:
                    await self._end(connection)
                await self._making.write(connection, anew=True)
            told(done if rows else self.upto)

    async def _take(self, connection: asyncpg.Connection, row: asyncpg.Record) -> None:
        matter_id, version = row["originator_id"], row["originator_version"]
        if matter_id != self._matter:
            await self._end(connection)
            self._matter, self._fold, self._parked = matter_id, None, False
        if self._parked or row["notification_id"] >= self.standing_still.get(matter_id, END):
            return
        try:
            recorded = decode(row)
            fold = self._fold = self._fold or _begun(recorded)
            fold.apply(recorded)
            self._making.add(recorded, fold)
        except DATABASE_TROUBLE:
            raise
        except Exception as error:  # noqa: BLE001 (one matter's trouble is its own)
            self._parked = True
            if self._fold is not None:  # it may be half-way through the event
                self._fold = await _before(connection, matter_id, version)
            await park(connection, matter_id, row["notification_id"], error)

    async def _end(self, connection: asyncpg.Connection) -> None:
        fold = self._fold
        if fold is None:
            return
        try:
            self._making.show(fold)
        except Exception as error:  # noqa: BLE001 (one matter's trouble is its own)
            await park(connection, fold.matter.id, fold.position, error)


def passed_over(views: Collection[View]) -> frozenset[str]:
    """The stored names of the events that none of these views needs."""
    return frozenset.intersection(*(each.passes_over for each in views))


def _begun(first: Recorded) -> Folded:
    if first.event.originator_version != 1:
        raise ValueError("a matter whose first event is missing")
    return Folded(registry.begin(first.event))


async def _before(connection: asyncpg.Connection, matter_id: UUID, version: int) -> Folded | None:
    return await read_back(connection, matter_id, version) if version > 1 else None
