"""Following and rebuilding beside the library's ProjectionRunner and beside SQL alone.

All of them make the same rows, and that is compared. The runner is timed over the first events of
the log, as each costs it the same; the others over the whole log.
"""

import asyncio
import sys
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Final

import asyncpg

from benchmarks import library, pure_sql
from benchmarks.measure import Row, beside
from benchmarks.provinces import lived, repeated
from projections.consistency import fingerprint
from projections.follower import Applier, Follower
from projections.rebuild import rebuild
from projections.schema import LIVE, create_schema, create_table
from projections.views import VIEWS
from workers.addresses import DatabaseAddress
from workers.embedded_postgres import EmbeddedPostgres
from workers.following import follower_of
from workers.home import temporary_home
from workers.store import PROJECTOR, connect_as, prepared

RUNNER: Final = "ProjectionRunner"
SQL: Final = "纯 SQL"
FOLLOWING: Final = "逐批跟随"
REBUILDING: Final = "重建"
LEAPING: Final = "从头追赶（follower）"
FOLLOWED: Final = "followed"  # the schema a measured follower fills
BATCH: Final = 5_000
KILO: Final = 1024
GROUPS: Final = {"统计四表": pure_sql.VIEWS, "全部视图": tuple(VIEWS)}


@dataclass(frozen=True)
class Size:
    """`subjects` of the province that is repeated until the log is as long as `events` say."""

    subjects: int
    events: tuple[int, ...]  # timed at the first, weighed at each
    of_runner: int  # how many of them the runner is given
    rounds: int


FULL: Final = Size(subjects=371, events=(200_000, 1_000_000), of_runner=2_000, rounds=3)
QUICK: Final = Size(subjects=40, events=(20_000,), of_runner=500, rounds=3)

Timed = Callable[[], Awaitable[float]]  # events a second
Work = Callable[[DatabaseAddress, int], Awaitable[None]]


def projections(size: Size) -> Iterator[Row]:
    """Rows in events a second, the more the better; then what was in memory, in MB."""
    with temporary_home() as home, asyncio.Runner() as runner:
        server = EmbeddedPostgres(home)
        runner.run(server.start())
        try:
            address = runner.run(prepared(server))
            once = runner.run(lived(address, size.subjects))
            for events in size.events:
                print(f"备日志至 {events:,} 个事件 …", file=sys.stderr)
                end = runner.run(repeated(address, once, events))
                runner.run(Follower(partial(connect_as, PROJECTOR, address)).catch_up())
                if events == size.events[0]:
                    yield from runner.run(timed(address, end, size))
                yield from weigh(address, end)
        finally:
            runner.run(server.stop())


async def timed(address: DatabaseAddress, end: int, size: Size) -> list[Row]:
    """Every group's ways in turn, as often as `size` says; the views hold `end` events."""
    connection = await connect_as(PROJECTOR, address)
    try:
        seen: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
        for _ in range(size.rounds):
            for group, names in GROUPS.items():
                for way, run in ways(address, connection, names, end, size.of_runner).items():
                    seen[group][way].append(await run())
    finally:
        await connection.close()
    return [
        row
        for group, samples in seen.items()
        for row in beside(f"{group}，{end:,} 个事件", samples, unit="事件/秒", table=SQL)
    ]


def ways(
    address: DatabaseAddress,
    connection: asyncpg.Connection,
    names: Sequence[str],
    end: int,
    of_runner: int,
) -> dict[str, Timed]:
    """The baseline first. SQL only where it can make all of them."""
    found: dict[str, Timed] = {RUNNER: partial(_by_library, address, connection, names, of_runner)}
    if set(names) <= set(pure_sql.VIEWS):
        found[SQL] = partial(_by_sql, connection, names, end)
    found[FOLLOWING] = partial(_followed, connection, names, end)
    found[REBUILDING] = partial(_rebuilt, address, connection, names, end)
    if set(names) == set(VIEWS):
        found[LEAPING] = partial(_leapt, address, connection, end)
    return found


async def _by_library(
    address: DatabaseAddress, connection: asyncpg.Connection, names: Sequence[str], events: int
) -> float:
    await _empty(connection, library.SCHEMA, names)
    views = [VIEWS[name] for name in names]
    return events / await asyncio.to_thread(library.run, address, views, events)


async def _by_sql(connection: asyncpg.Connection, names: Sequence[str], end: int) -> float:
    await _empty(connection, pure_sql.SCHEMA, names)
    begun = time.perf_counter()
    await connection.execute(pure_sql.STATEMENT, end)
    taken = time.perf_counter() - begun
    await _require_same(connection, pure_sql.SCHEMA, names)
    return end / taken


async def _followed(connection: asyncpg.Connection, names: Sequence[str], end: int) -> float:
    await _empty(connection, FOLLOWED, names)
    begun = time.perf_counter()
    await _follow(connection, names, end)
    taken = time.perf_counter() - begun
    await _require_same(connection, FOLLOWED, names)
    return end / taken


async def _follow(connection: asyncpg.Connection, names: Sequence[str], end: int) -> None:
    applier, position = Applier(FOLLOWED, [VIEWS[name] for name in names]), 0
    while position < end:
        async with connection.transaction():
            position = await applier.step(connection, limit=BATCH, upto=end)


async def _rebuilt(
    address: DatabaseAddress, connection: asyncpg.Connection, names: Sequence[str], end: int
) -> float:
    before = [await fingerprint(connection, name) for name in names]
    begun = time.perf_counter()
    await rebuild(connection, names, reach=address.asyncpg(PROJECTOR))
    taken = time.perf_counter() - begun
    if before != [await fingerprint(connection, name) for name in names]:
        raise AssertionError("重建前后不同")
    return end / taken


async def _leapt(address: DatabaseAddress, connection: asyncpg.Connection, end: int) -> float:
    before = [await fingerprint(connection, name) for name in VIEWS]
    live = ", ".join(f"{LIVE}.{name}" for name in VIEWS)
    await connection.execute(f"TRUNCATE {live}")
    await connection.execute(f"UPDATE {LIVE}.position SET position = 0")  # noqa: S608 (our own names)
    begun = time.perf_counter()
    await follower_of(address).catch_up()
    taken = time.perf_counter() - begun
    if before != [await fingerprint(connection, name) for name in VIEWS]:
        raise AssertionError("追赶前后不同")
    return end / taken


async def _empty(connection: asyncpg.Connection, schema: str, names: Sequence[str]) -> None:
    """The tables of these views, with nothing in them."""
    await connection.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE")
    async with connection.transaction():
        await create_schema(connection, schema)
        for name in names:
            await create_table(connection, schema, name)


async def _require_same(connection: asyncpg.Connection, schema: str, names: Sequence[str]) -> None:
    """To the byte the rows that stand in the views: otherwise it is not the same result."""
    for name in names:
        ours, theirs = [await fingerprint(connection, name, each) for each in (LIVE, schema)]
        if ours != theirs:
            raise AssertionError(f"{schema}.{name} 与视图不同")


# --- what is in memory --------------------------------------------------------------------------


def weigh(address: DatabaseAddress, end: int) -> Iterator[Row]:
    """The most a process of its own holds in memory, beside one that has only the code loaded."""
    peaks = {
        "只载入程序": [_peak(_nothing, address, end)],
        FOLLOWING: [_peak(_follow_all, address, end)],
        REBUILDING: [_peak(_rebuild_all, address, end)],
    }
    yield from beside(f"内存峰值，全部视图，{end:,} 个事件", peaks, unit="MB")


def _peak(work: Work, address: DatabaseAddress, end: int) -> float:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as apart:
        return apart.submit(_weighed, work, address, end).result()


def _weighed(work: Work, address: DatabaseAddress, end: int) -> float:
    asyncio.run(_awaited(work(address, end)))
    told = Path("/proc/self/status").read_text("utf-8")
    return next(float(line.split()[1]) / KILO for line in told.splitlines() if "VmHWM:" in line)


async def _awaited(work: Awaitable[None]) -> None:
    await work


async def _nothing(_: DatabaseAddress, __: int) -> None:
    pass


async def _follow_all(address: DatabaseAddress, end: int) -> None:
    connection = await connect_as(PROJECTOR, address)
    await _empty(connection, FOLLOWED, [*VIEWS])
    await _follow(connection, [*VIEWS], end)
    await connection.close()


async def _rebuild_all(address: DatabaseAddress, _: int) -> None:
    connection = await connect_as(PROJECTOR, address)
    await rebuild(connection, [*VIEWS])
    await connection.close()
