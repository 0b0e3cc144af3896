"""Three ways to wait for an instant, made to be measured alike.

Ours: cases in the log, their plans in the views, the timekeeper and the worker of `rongcuo up`.
The bare SDK: a workflow with one timer and an activity that writes one row, on a server of its own;
the same settings, sealing, requests at once, activities at once and workflows in memory. The table:
rows with an instant, looked through every 50 ms.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final, Protocol
from uuid import uuid4

import asyncpg
from psycopg_pool import ConnectionPool
from temporalio import activity
from temporalio.client import Client
from temporalio.worker import Worker

from benchmarks.bare_clock import BARE_CLOCK, TAKE_DOWN, BareClock
from benchmarks.servers import KILO, LIMIT_S, Temporal
from domain.obligations import moments
from gateway.rulebook import Rulebook
from projections.follower import Follower
from projections.progress import log_end
from tests.support.endurance_cases import Cases, Life
from tests.support.examples import CHEN, WUYANG, accept, applied, open_verification
from workers.addresses import DatabaseAddress
from workers.clock_worker import CACHED_CLOCKS, CALLS_AT_ONCE, clock_worker
from workers.home import Home
from workers.store import PROJECTOR, WRITER, connect_as
from workers.timekeeper import AT_ONCE, Swept, Timekeeper
from workflows.case_clock import CaseClock
from workflows.clock import DrivenClock
from workflows.contract import clock_id
from workflows.event_store import EventStore
from workflows.office import Office

OURS: Final = "本系统"
BARE: Final = "裸 SDK"
TABLE: Final = "轮询表"
FAR: Final = timedelta(hours=12)  # beyond the end of any measuring
GRACE: Final = timedelta(seconds=5)
LOOK_S: Final = 0.1
POLL_S: Final = 0.05

# one subject, one answer owed: reminded of twice, overdue, brought up twice
LIFE: Final = Life(
    applied(WUYANG, CHEN, on="2026-03-05").on("2026-04-20", accept(), open_verification())
)
FIRST_MOMENT: Final = moments(LIFE.case.obligations)[0].at

TABLES: Final = """
    CREATE SCHEMA bench AUTHORIZATION rongcuo_writer;
    SET ROLE rongcuo_writer;
    CREATE TABLE bench.taken_down (
        clock text NOT NULL,
        at timestamptz NOT NULL DEFAULT clock_timestamp()
    );
    CREATE TABLE bench.polled (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        due_at timestamptz NOT NULL,
        done_at timestamptz
    );
    CREATE INDEX polled_due ON bench.polled (due_at) WHERE done_at IS NULL;
    RESET ROLE;
"""
POLL: Final = """
    UPDATE bench.polled SET done_at = clock_timestamp()
    WHERE id IN (
        SELECT id FROM bench.polled WHERE done_at IS NULL AND due_at <= now()
        ORDER BY due_at LIMIT 100 FOR UPDATE SKIP LOCKED
    )
    RETURNING id
"""
KEPT_FOR_CLOCKS: Final = """
    SELECT pg_total_relation_size('views.clock_plan') + pg_total_relation_size('clocks.sent')
"""
Work = Callable[[asyncpg.Connection], Awaitable[Any]]


class Side(Protocol):
    async def start(self, count: int) -> int:
        """Have so many wait for a far instant; return, when all are acknowledged, how many."""
        ...

    async def due(self, count: int, at: datetime) -> None:
        """Have so many more wait for this instant; return when all do, or when it has come."""
        ...

    async def taken_down(self) -> list[datetime]:
        """Wait until each of these is dealt with; when each was, by the clock of the database."""
        ...

    async def disk(self) -> float:
        """What is kept for all that wait, in kB."""
        ...


class Ours:
    def __init__(self, home: Home, address: DatabaseAddress, store: EventStore) -> None:
        self._projector = partial(connect_as, PROJECTOR, address)
        self._writer = partial(connect_as, WRITER, address)
        self._cases = Cases()
        self._clock = DrivenClock()
        self._before = 0  # the end of the log when the last were made due
        self._count = 0
        self.fall_due(datetime.now(UTC) + FAR)
        office = Office(store, Rulebook.packaged(), self._clock)
        self.temporal = Temporal(home, lambda client: clock_worker(client, office, grace=GRACE))

    @property
    def clocks(self) -> int:
        return len(self._cases.lives)

    def fall_due(self, at: datetime) -> None:
        """Of the plans sent from now on, the first moment is this instant.

        No jump: that would have all of them sent again. What waits keeps the time it was told.
        """
        self._clock.ahead = FIRST_MOMENT - at

    async def file(self, count: int) -> None:
        """Store so many cases more."""
        await _with(self._writer, lambda writer: self._cases.file(writer, [LIFE] * count))

    async def follow(self) -> None:
        await Follower(self._projector).catch_up()

    async def start(self, count: int) -> int:
        """Have the timekeeper take its turns until so many plans went through."""
        async with asyncio.timeout(LIMIT_S):
            return int(await _with(self._projector, partial(self._send, count)))

    async def _send(self, count: int, connection: asyncpg.Connection) -> int:
        timekeeper, sent = self._timekeeper(), 0
        while sent < count:
            turn = await timekeeper.send(connection)
            sent += turn
            if not turn:  # refused for now: it waits before it tries again
                await asyncio.sleep(LOOK_S)
        return sent

    async def sweep(self) -> Swept:
        swept: Swept = await _with(self._projector, self._timekeeper().sweep)
        return swept

    @asynccontextmanager
    async def by_itself(self) -> AsyncIterator[None]:
        """Follower and timekeeper run on their own, as in a stack."""
        engines = (Follower(self._projector).run(), self._timekeeper().run())
        tasks = [asyncio.create_task(engine) for engine in engines]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def due(self, count: int, at: datetime) -> None:
        self.fall_due(at)
        self._before, self._count = await _with(self._projector, log_end), count
        await self.file(count)
        await self.temporal.until_waiting(self.clocks, before=at)

    async def taken_down(self) -> list[datetime]:
        return await _all_of(
            self._projector,
            "SELECT {} FROM log.events WHERE notification_id > $1"
            " AND topic = 'obligation.reminded.v1'",
            "recorded_at",
            self._count,
            self._before,
        )

    async def answer(self) -> None:
        """Wait until a clock that has long been waiting says what for."""
        matter_id = next(iter(self._cases.lives))
        handle = self.temporal.client.get_workflow_handle(clock_id(str(matter_id)))
        await handle.query(CaseClock.standing)

    async def disk(self) -> float:
        """Temporal's files, the plans, and the notes of what was sent."""
        noted: int = await _with(self._projector, lambda each: each.fetchval(KEPT_FOR_CLOCKS))
        return self.temporal.disk() + noted / KILO

    def _timekeeper(self) -> Timekeeper:
        return Timekeeper(self._projector, self.temporal.client, self._clock)


class Bare:
    def __init__(self, home: Home, address: DatabaseAddress, pool: ConnectionPool) -> None:
        self._writer = partial(connect_as, WRITER, address)
        self._pool = pool
        self._count = 0
        self._first = ""
        self.clocks = 0  # that wait
        self.temporal = Temporal(home, self._worker)

    async def start(self, count: int, at: datetime | None = None) -> int:
        """Start so many, as many at once as the timekeeper does."""
        until = at or datetime.now(UTC) + FAR
        turn = asyncio.Semaphore(AT_ONCE)
        await asyncio.gather(*(self._start(until, turn) for _ in range(count)))
        self.clocks += count
        return count

    async def _start(self, until: datetime, turn: asyncio.Semaphore) -> None:
        async with turn:
            handle = await self.temporal.client.start_workflow(
                BARE_CLOCK, until, id=f"bare-{uuid4()}", task_queue=BARE_CLOCK
            )
            self._first = self._first or handle.id

    async def due(self, count: int, at: datetime) -> None:
        await _with(self._writer, lambda each: each.execute("TRUNCATE bench.taken_down"))
        await self.start(count, at)
        await self.temporal.until_waiting(self.clocks, before=at)
        self.clocks -= count  # once they have been taken down
        self._count = count

    async def taken_down(self) -> list[datetime]:
        return await _all_of(self._writer, "SELECT {} FROM bench.taken_down", "at", self._count)

    async def disk(self) -> float:
        return self.temporal.disk()

    async def answer(self) -> None:
        await self.temporal.client.get_workflow_handle(self._first).query(BareClock.standing)

    @activity.defn(name=TAKE_DOWN)
    def take_down(self, clock: str) -> None:
        with self._pool.connection() as connection:
            connection.execute("INSERT INTO bench.taken_down (clock) VALUES (%s)", (clock,))

    def _worker(self, client: Client) -> Worker:
        return Worker(
            client,
            task_queue=BARE_CLOCK,
            workflows=[BareClock],
            activities=[self.take_down],
            activity_executor=ThreadPoolExecutor(CALLS_AT_ONCE),
            max_concurrent_activities=CALLS_AT_ONCE,
            max_cached_workflows=CACHED_CLOCKS,
            graceful_shutdown_timeout=GRACE,
        )


class Table:
    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._at = datetime.max.replace(tzinfo=UTC)

    async def start(self, count: int, at: datetime | None = None) -> int:
        """Write so many rows, each by itself, as many at once as the pool has connections."""
        until = at or datetime.now(UTC) + FAR
        insert = "INSERT INTO bench.polled (due_at) VALUES ($1)"
        await asyncio.gather(*(self._pool.execute(insert, until) for _ in range(count)))
        return count

    async def due(self, count: int, at: datetime) -> None:
        await self.start(count, at)
        self._at = at

    async def taken_down(self) -> list[datetime]:
        of_this = "FROM bench.polled WHERE due_at = $1"
        async with asyncio.timeout(LIMIT_S), self._pool.acquire() as connection:
            while await connection.fetchval(
                f"SELECT EXISTS (SELECT {of_this} AND done_at IS NULL)", self._at
            ):
                while not await connection.fetch(POLL):  # noqa: ASYNC110 (polling is the point)
                    await asyncio.sleep(POLL_S)
            rows = await connection.fetch(f"SELECT done_at {of_this}", self._at)
        return [row["done_at"] for row in rows]

    async def disk(self) -> float:
        size = await self._pool.fetchval("SELECT pg_total_relation_size('bench.polled')")
        return float(size) / KILO


async def _with(connect: Callable[[], Awaitable[asyncpg.Connection]], work: Work) -> Any:
    connection = await connect()
    try:
        return await work(connection)
    finally:
        await connection.close()


async def _all_of(
    connect: Callable[[], Awaitable[asyncpg.Connection]],
    query: str,
    column: str,
    count: int,
    *arguments: object,
) -> list[datetime]:
    """Wait until the query finds so many rows; then their instants. Looking must cost little."""

    async def look(connection: asyncpg.Connection) -> list[datetime]:
        counting = query.format("count(*)")
        while await connection.fetchval(counting, *arguments) < count:  # noqa: ASYNC110 (others write)
            await asyncio.sleep(LOOK_S)
        rows = await connection.fetch(query.format(column), *arguments)
        return [row[column] for row in rows]

    async with asyncio.timeout(LIMIT_S):
        found: list[datetime] = await _with(connect, look)
    return found
