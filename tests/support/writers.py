"""Several writers at work on one log, and a reader that follows right behind them."""

import asyncio
import random
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack
from typing import NamedTuple
from uuid import UUID

import asyncpg

from domain.tolerance.state import case_id
from tests.support.matters import NUMBER, history
from workers.addresses import DatabaseAddress
from workflows.event_store import EventMapper

APPEND = "SELECT log.append($1, $2, $3, $4, NULL, NULL)"
PAUSE_S = 0.003  # at most, between an append and its commit


class Line(NamedTuple):
    """One event as the log takes it."""

    matter: UUID
    version: int
    topic: str
    state: bytes


def lines(number: str = NUMBER, *, opinions: int = 0) -> list[Line]:
    """A case under verification with so many opinions: two events and one for each."""
    return [
        Line(case_id(number), each.originator_version, each.topic, bytes(each.state))
        for each in map(EventMapper().to_stored_event, history(number, opinions=opinions))
    ]


async def append(
    connection: asyncpg.Connection, stored: Sequence[Line], statement: str = APPEND
) -> None:
    await connection.execute(statement, *map(list, zip(*stored, strict=True)))


def acts_on_several_matters(writer: int, acts: int) -> Iterator[list[Line]]:
    """Ten events of three matters to an act; after five acts the writer takes up new matters."""
    example = lines(opinions=18)
    for act in range(acts):
        group, turn = divmod(act, 5)
        yield [
            line
            for matter, share in enumerate((4, 3, 3))
            for line in _renumbered(
                example[share * turn : share * (turn + 1)], f"例{writer}-{group}-{matter}"
            )
        ]


def _renumbered(example: Sequence[Line], number: str) -> Iterator[Line]:
    for line in example:
        state = line.state.replace(NUMBER.encode(), number.encode())
        yield line._replace(matter=case_id(number), state=state)


async def write(
    connection: asyncpg.Connection, writer: int, acts: int, statement: str = APPEND
) -> None:
    """Store so many acts, each in its transaction, with a pause of chance before each commit."""
    chance = random.Random(writer)  # noqa: S311 (no secret)
    for act in acts_on_several_matters(writer, acts):
        async with connection.transaction():
            await append(connection, act, statement)
            await asyncio.sleep(chance.random() * PAUSE_S)


async def write_at_once(
    database: DatabaseAddress, role: str, *, writers: int, acts: int, statement: str = APPEND
) -> None:
    """So many writers, each on a connection of its own, each storing so many acts."""
    async with AsyncExitStack() as connections, asyncio.TaskGroup() as work:
        for writer in range(writers):
            connection = await asyncpg.connect(**database.asyncpg(role))
            connections.push_async_callback(connection.close)
            work.create_task(write(connection, writer, acts, statement))


class Tail:
    """Asks only for what is greater than what it has read, as most followers do."""

    def __init__(self, connection: asyncpg.Connection, events: str) -> None:
        self.position = 0
        self.seen = 0
        self._connection = connection
        self._events = events

    async def look(self) -> None:
        rows = await self._connection.fetch(
            f"SELECT notification_id FROM {self._events}"  # noqa: S608 (our own names)
            " WHERE notification_id > $1 ORDER BY notification_id LIMIT 500",
            self.position,
        )
        if rows:
            self.seen += len(rows)
            self.position = rows[-1]["notification_id"]

    async def missed(self) -> int:
        """How many events it has passed over: they lie behind it, and it never looks back."""
        behind: int = await self._connection.fetchval(
            f"SELECT count(*) FROM {self._events} WHERE notification_id <= $1",  # noqa: S608
            self.position,
        )
        return behind - self.seen
