"""The simulated province lived once, then again under other numbers and ids: a log of any size."""

import re
from collections.abc import Iterator, Sequence
from uuid import UUID

import asyncpg

from domain.law.calendar import start_of
from gateway.regions import region_tree
from gateway.rulebook import Rulebook
from gateway.simulation.plan import REACH, SEED, planned
from gateway.simulation.run import StandingClock, live
from workers.addresses import DatabaseAddress
from workers.store import WRITER, connect_as, open_store
from workflows.office import Office

AN_APPEND = 5_000
ID = re.compile(rb"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
BEFORE_YEAR = "〔".encode()  # in every number, and nowhere else in what is simulated


async def lived(address: DatabaseAddress, subjects: int) -> int:
    """A province with so many tolerated, through the office; how many events came of it."""
    rulebook = Rulebook.packaged()
    province = planned(rulebook.calendar, region_tree(), subjects, SEED)
    clock = StandingClock(start_of(REACH[0]))
    with open_store(address) as store:
        await live(province, Office(store, rulebook, clock), clock, rulebook)
        return store.end()


async def repeated(address: DatabaseAddress, once: int, upto: int) -> int:
    """The first `once` events over and over until there are at least so many; how many there are.

    Every copy keeps the order of the log and what its matters say of each other.
    """
    writer = await connect_as(WRITER, address)
    try:
        end: int = await writer.fetchval("SELECT max(notification_id) FROM log.events")
        lines = await writer.fetch(
            "SELECT originator_id, originator_version, topic, state FROM log.events"
            " WHERE notification_id <= $1 ORDER BY notification_id",
            once,
        )
        while end < upto:
            end += await _again(writer, lines, number=end // once)
    finally:
        await writer.close()
    return end


async def _again(writer: asyncpg.Connection, lines: Sequence[asyncpg.Record], number: int) -> int:
    def other(found: re.Match[bytes]) -> bytes:
        return str(_other_id(UUID(found[0].decode()), number)).encode()

    mark = str(number).encode() + BEFORE_YEAR
    for some in _batches(lines):
        await writer.execute(
            "SELECT log.append($1::uuid[], $2::bigint[], $3::text[], $4::bytea[], null, null)",
            [_other_id(each["originator_id"], number) for each in some],
            [each["originator_version"] for each in some],
            [each["topic"] for each in some],
            [ID.sub(other, each["state"].replace(BEFORE_YEAR, mark)) for each in some],
        )
    return len(lines)


def _other_id(id_: UUID, number: int) -> UUID:
    return UUID(int=id_.int ^ number)


def _batches(lines: Sequence[asyncpg.Record]) -> Iterator[Sequence[asyncpg.Record]]:
    for start in range(0, len(lines), AN_APPEND):
        yield lines[start : start + AN_APPEND]
