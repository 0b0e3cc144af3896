"""Follows the log and keeps the views: rows and position commit together, each event once.

LISTEN only wakes; a pull loop reads. Positions have no holes and stand in commit order, so the
next event is always `position + 1`, and anything else stops the line.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

import asyncpg
import structlog

from projections.folds import COLUMNS, Folded, Folds, decode, read_back
from projections.making import DATABASE_TROUBLE, Making, park, without_collecting
from projections.rows import View
from projections.schema import LIVE
from projections.views import VIEWS

LOG_CHANNEL: Final = "rongcuo_log"
FAR: Final = 50_000  # events
PLANS_CHANNEL: Final = "rongcuo_plans"  # told when clock plans may have moved
log = structlog.get_logger()


class HoleInLog(Exception):  # noqa: N818
    """The log does not continue where the views stand: never passed over, always looked into."""


@dataclass
class Applier:
    """Applies batches of the log to some views in one schema."""

    where: str = LIVE
    views: Iterable[View] = field(default_factory=VIEWS.values)
    folds: Folds = field(default_factory=Folds)

    async def step(self, connection: asyncpg.Connection, *, limit: int, upto: int | None) -> int:
        """Apply the next batch and return the new position. Call inside a transaction.

        Raises HoleInLog. A matter whose event cannot be applied is parked and told, and the
        others go on.
        """
        with without_collecting():
            return await self._step(connection, limit, upto)

    async def _step(self, connection: asyncpg.Connection, limit: int, upto: int | None) -> int:
        await connection.execute(f"SET LOCAL search_path = {self.where}")
        position: int = await connection.fetchval("SELECT position FROM position FOR UPDATE")
        rows = await connection.fetch(
            f"SELECT {COLUMNS}"  # noqa: S608 (our own names)
            " FROM log.events WHERE notification_id > $1 AND notification_id <= $2"
            " ORDER BY notification_id LIMIT $3",
            position,
            upto if upto is not None else 2**62,
            limit,
        )
        if not rows:
            return position
        await self._apply(connection, position, rows)
        position += len(rows)
        await connection.execute("UPDATE position SET position = $1", position)
        await connection.execute(f"NOTIFY {PLANS_CHANNEL}")
        return position

    async def _apply(
        self, connection: asyncpg.Connection, position: int, rows: Sequence[asyncpg.Record]
    ) -> None:
        parked = {
            row["matter_id"] for row in await connection.fetch("SELECT matter_id FROM parked")
        }
        making = Making(self.views)
        moved: dict[UUID, Folded] = {}
        for expected, row in enumerate(rows, start=position + 1):
            if row["notification_id"] != expected:
                raise HoleInLog(
                    f"日志在第 {expected} 号处不连续（读到 {row['notification_id']}），视图停在原处"
                )
            matter_id = row["originator_id"]
            if matter_id in parked:
                continue
            try:
                recorded = decode(row)
                fold = await self.folds.before(connection, recorded)
                fold.apply(recorded)
                making.add(recorded, fold)
                moved[matter_id] = fold
            except DATABASE_TROUBLE:
                raise
            except Exception as error:  # noqa: BLE001 (one matter's trouble is its own)
                parked.add(matter_id)
                self.folds.drop(matter_id)  # it may be half-way through the event
                if moved.pop(matter_id, None):
                    moved[matter_id] = await read_back(
                        connection, matter_id, row["originator_version"]
                    )
                await park(connection, matter_id, expected, error)
        for matter_id, fold in moved.items():
            try:
                making.show(fold)
            except Exception as error:  # noqa: BLE001 (one matter's trouble is its own)
                await park(connection, matter_id, fold.position, error)
        await self._write(connection, making)

    async def _write(self, connection: asyncpg.Connection, making: Making) -> None:
        await making.write(connection, anew=False)


class Follower:
    """The supervised loop: wakes at a NOTIFY or after `poll` seconds; survives lost connections."""

    def __init__(
        self,
        connect: Callable[[], Any],
        *,
        batch: int = 5_000,
        poll: float = 1.0,
        first_retry: float = 0.05,
        leap: Callable[[asyncpg.Connection], Awaitable[Any]] | None = None,
    ) -> None:
        self._connect = connect  # () -> awaitable asyncpg.Connection as the projector
        self._batch = batch
        self._poll = poll
        self._first_retry = first_retry
        self._leap = leap  # how to make all views anew up to the end, from far behind it
        self._applier = Applier()
        self._moved = asyncio.Condition()
        self.position = 0

    async def catch_up(self) -> int:
        """Apply everything stored so far, then return the position. For those who drive by hand."""
        connection = await self._connect()
        try:
            return await self._drain(connection)
        finally:
            await connection.close()

    async def run(self) -> None:
        """Follow until cancelled; on any trouble back off, reconnect, and go on where we stood."""
        wait = self._first_retry
        while True:
            try:
                await self._follow()
            except asyncio.CancelledError:
                raise
            except Exception as error:  # noqa: BLE001 (a follower never dies of what it meets)
                log.warning("follower_reconnecting", error=repr(error), wait_seconds=wait)
                await asyncio.sleep(wait)
                wait = min(wait * 2, self._poll)
            else:
                wait = self._first_retry

    async def wait_for(self, position: int) -> None:
        """Return once the views hold everything up to this position: read what you wrote."""
        async with self._moved:
            await self._moved.wait_for(lambda: self.position >= position)

    async def _follow(self) -> None:
        woken = asyncio.Event()
        connection = await self._connect()
        connection.add_termination_listener(lambda _: woken.set())
        try:  # listen first, then pull, so that no event falls between
            await connection.add_listener(LOG_CHANNEL, lambda *_: woken.set())
            while not connection.is_closed():
                woken.clear()
                await self._drain(connection)
                # not wait_for: before Python 3.12 it loses a cancellation that meets the waking
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(self._poll):
                        await woken.wait()
        finally:
            connection.terminate()

    async def _drain(self, connection: asyncpg.Connection) -> int:
        if self._leap is not None and await _is_far_behind(connection):
            await self._leap(connection)
            self._applier.folds.forget()
        while True:
            before = self.position
            try:
                async with connection.transaction():
                    position = await self._applier.step(connection, limit=self._batch, upto=None)
            except BaseException:
                self._applier.folds.forget()  # they may hold what was rolled back
                raise
            async with self._moved:
                self.position = position
                self._moved.notify_all()
            if position == before:
                return position


async def _is_far_behind(connection: asyncpg.Connection) -> bool:
    """Whether reading the whole log matter by matter is quicker than following what is left."""
    position, end = await connection.fetchrow(
        "SELECT position, (SELECT coalesce(max(notification_id), 0) FROM log.events)"
        " FROM views.position"
    ) or (0, 0)
    left: int = end - position
    return left >= FAR and left * 2 >= end
