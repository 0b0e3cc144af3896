"""The heads tree is taken once a day, whoever looks and however often."""

import asyncio
from datetime import timedelta
from functools import partial

import asyncpg
import pytest

from domain.evidence.heads import HEADS_BOOK
from gateway.rulebook import Rulebook
from tests.support.writers import append, lines
from workers.addresses import DatabaseAddress
from workers.sealing.daily import DailyHeads
from workers.store import WRITER, connect_as
from workflows.clock import DrivenClock, SystemClock
from workflows.event_store import EventStore
from workflows.office import Office


@pytest.fixture
def office(store: EventStore, rulebook: Rulebook) -> Office:
    return Office(store, rulebook, SystemClock())


async def taken(connection: asyncpg.Connection) -> int:
    count: int = await connection.fetchval(
        "SELECT count(*) FROM log.events WHERE originator_id = $1", HEADS_BOOK
    )
    return count


async def test_heads_are_taken_once_a_day(database: DatabaseAddress, office: Office) -> None:
    writer, clock = await connect_as(WRITER, database), DrivenClock()
    daily = DailyHeads(partial(connect_as, WRITER, database), office, clock, "sha256")
    try:
        await daily.turn(writer)
        assert await taken(writer) == 0  # of an empty log there is nothing to take
        await append(writer, lines("例1"))
        for looks, days in ((3, 1), (3, 2)):
            for _ in range(looks):
                await daily.turn(writer)
            assert await taken(writer) == days
            await append(writer, lines(f"例{days + 1}"))
            clock.jump_to(clock.now() + timedelta(days=1))
    finally:
        await writer.close()


async def test_two_who_look_at_once_take_one_tree(
    database: DatabaseAddress, office: Office
) -> None:
    connect = partial(connect_as, WRITER, database)
    connections = [await connect() for _ in range(2)]
    try:
        await append(connections[0], lines("例1"))
        each = [DailyHeads(connect, office, SystemClock(), "sha256") for _ in connections]
        await asyncio.gather(*(a.turn(b) for a, b in zip(each, connections, strict=True)))
        assert await taken(connections[0]) == 1
    finally:
        for connection in connections:
            await connection.close()
