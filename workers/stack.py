"""The whole stack in one process: PostgreSQL and Temporal as children, our engines as tasks.

Start order: PostgreSQL, migrations, follower and sealer (acts and reads work from here), Temporal,
worker, timekeeper with its sweeper, notifier. Stop order is the reverse.
"""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

import asyncpg

from projections.follower import Follower
from workers.addresses import DatabaseAddress
from workers.channels import Outlets
from workers.chores import Chores, chores_worker
from workers.clock_worker import clock_worker, connect
from workers.codec import Keys
from workers.embedded_postgres import EmbeddedPostgres
from workers.embedded_temporal import EmbeddedTemporal
from workers.following import follower_of
from workers.home import Home, HomeLock
from workers.notifier import Notifier, notice_worker
from workers.outbox import Outbox
from workers.sealing.daily import DailyHeads
from workers.sealing.engine import Sealer
from workers.sealing.kept import sealing_of
from workers.search_attributes import ensure
from workers.settings import Settings
from workers.store import (
    NOTIFIER,
    PROJECTOR,
    READER,
    SEALER,
    WRITER,
    connect_as,
    open_store,
    prepared,
    stack_note,
)
from workers.timekeeper import Timekeeper
from workflows.clock import Clock, SystemClock
from workflows.office import Office, Rulebook

GRACE = timedelta(seconds=1)  # what a call under way may still take when we stop


@dataclass
class Stack:
    """What is running, for those who use it."""

    home: Home
    address: DatabaseAddress
    clock: Clock
    postgres: EmbeddedPostgres
    temporal: EmbeddedTemporal
    office: Office
    follower: Follower
    timekeeper: Timekeeper | None = None

    async def reader(self) -> asyncpg.Connection:
        return await connect_as(READER, self.address)

    def versions(self) -> dict[str, str]:
        return {"postgres": self.postgres.version, "temporal": self.temporal.version}


@asynccontextmanager
async def running(
    home: Home,
    rulebook: Rulebook,
    clock: Clock | None = None,
    usable: Callable[[Stack], None] = lambda _stack: None,
    *,
    outlets: Outlets | None = None,
    closing_delay: int | None = None,
) -> AsyncIterator[Stack]:
    """Run everything on one home for the length of the block.

    `usable` is told as soon as acts and reads work; clocks follow a moment later. `outlets`: where
    notices go. `closing_delay`: in days, see chores.py; without it reporting periods stay open.
    Raises HomeTaken when the home is in use, StackFault when a part cannot start; a part that dies
    later cancels the block and raises its StackFault.
    """
    async with AsyncExitStack() as parts:
        parts.enter_context(HomeLock(home))
        postgres = EmbeddedPostgres(home)
        await postgres.start()
        parts.push_async_callback(postgres.stop)
        address = await prepared(postgres)
        store = open_store(address)
        parts.callback(store.close)
        follower = follower_of(address)
        sealing = sealing_of(home, Settings())
        sealer = Sealer(
            partial(connect_as, SEALER, address),
            sealing.signer,
            sealing.witnesses,
            hasher=sealing.hasher,
        )
        clock = clock or SystemClock()
        office = Office(store, rulebook, clock)
        temporal = EmbeddedTemporal(home)
        await _require_own_time(address, clock, temporal)
        stack = Stack(home, address, clock, postgres, temporal, office, follower)
        engines = await parts.enter_async_context(_engines())
        engines.start(follower.run())
        engines.start(sealer.run())
        writing = partial(connect_as, WRITER, address)
        engines.start(DailyHeads(writing, office, clock, Settings().log_hash).run())
        engines.start(_stand_by(postgres))
        usable(stack)
        await temporal.start()
        parts.push_async_callback(temporal.stop)
        engines.start(_stand_by(temporal))
        client = await connect(temporal.address, Keys.kept_in(home.keys / "temporal.json"))
        await ensure(client)
        worker = clock_worker(client, office, grace=GRACE)
        await parts.enter_async_context(worker)
        delay = closing_delay or 0
        chores = chores_worker(client, office, writing, closing_delay=delay, grace=GRACE)
        await parts.enter_async_context(chores)
        stack.timekeeper = Timekeeper(partial(connect_as, PROJECTOR, address), client, clock)
        engines.start(stack.timekeeper.run())
        closing = closing_delay is not None
        engines.start(Chores(writing, client, closing=closing).run())
        if outlets is not None and outlets.channels:
            notifying = partial(connect_as, NOTIFIER, address)
            outbox = Outbox(notifying, outlets)
            await parts.enter_async_context(notice_worker(client, outbox, grace=GRACE))
            engines.start(Notifier(notifying, client, outbox).run())
        parts.enter_context(_announced(stack))
        yield stack


class _Engines:
    """Tasks that must not end by themselves; the first that does takes the block with it."""

    def __init__(self, block: asyncio.Task[Any]) -> None:
        self._block = block
        self._tasks: list[asyncio.Task[Any]] = []
        self.fault: BaseException | None = None

    def start(self, work: Any) -> None:
        task = asyncio.create_task(work)
        task.add_done_callback(self._ended)
        self._tasks.append(task)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        if not task.cancelled() and task.exception() is not None and self.fault is None:
            self.fault = task.exception()
            self._block.cancel()

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


@asynccontextmanager
async def _engines() -> AsyncIterator[_Engines]:
    block = asyncio.current_task()
    if block is None:
        raise RuntimeError("the stack runs inside a task")
    engines = _Engines(block)
    try:
        yield engines
    except (asyncio.CancelledError, Exception):  # what fails on the way out fails because of it
        if engines.fault is None:
            raise
        block.uncancel()
        raise engines.fault from None
    finally:
        await engines.stop()


async def _require_own_time(
    address: DatabaseAddress, clock: Clock, temporal: EmbeddedTemporal
) -> None:
    """Clocks left from time moved by hand run to a time that never was: they are made anew."""
    connection = await connect_as(PROJECTOR, address)
    try:
        if await connection.fetchval("SELECT max(jump) > $1 FROM clocks.sent", clock.jump):
            await temporal.wipe()
            await connection.execute("DELETE FROM clocks.sent")
    finally:
        await connection.close()


async def _stand_by(part: EmbeddedPostgres | EmbeddedTemporal) -> None:
    fault = await part.died()
    if fault is not None:
        raise fault


@contextlib.contextmanager
def _announced(stack: Stack) -> Any:
    """Leave a note in the home where this stack is reached, for commands started beside it."""
    note, address = stack_note(stack.home), stack.address
    note.write_text(
        json.dumps(
            {
                "database": {"host": address.host, "port": address.port, "name": address.name},
                "temporal": stack.temporal.address,
            }
        )
    )
    try:
        yield
    finally:
        note.unlink(missing_ok=True)
