"""Tables over a million determinations: out of columns, by the product's SQL, by `count(DISTINCT)`.

The three answer the same questions in turn, and columns and SQL must answer alike. Loading and
memory are measured in a process of their own; following the log with a reader beside it and
without, in turn, each time on a copy of the same log.
"""

import asyncio
import contextlib
import multiprocessing
import random
import sys
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import asyncpg

from benchmarks.determinations import (
    FACTS,
    NARROW,
    STORED,
    WINDOWS,
    copy,
    count_plainly,
    determinations,
    fill,
    questions,
    stand_at,
)
from benchmarks.lives import case_of
from benchmarks.lives import fill as fill_log
from benchmarks.measure import Row, beside
from projections.columns import Columns
from projections.definitions import EVERY
from projections.follower import Follower
from projections.statistics import DETERMINATIONS, Question, count
from tests.support.databases import copied
from workers.addresses import DatabaseAddress
from workers.embedded_postgres import EmbeddedPostgres
from workers.home import temporary_home
from workers.migrate import migrate
from workers.postgres_cluster import SUPERUSER
from workers.store import PROJECTOR, READER, WRITER, connect_as, prepared

PLAIN, NARROWED = "count(DISTINCT)，事实表", "count(DISTINCT)，窄表覆盖索引"
SQL, COLUMNS, ALL = "SQL（命令行所用）", "列", "列，八项指标"
MEASURES: Final = [measure for measure in EVERY if measure.source is DETERMINATIONS]
PERSONS: Final = [measure for measure in MEASURES if measure.id == "M1"]
BATCH: Final = 500  # rows a refresh
EVERY_S: Final = 0.1  # between two refreshes of the reader
Samples = Mapping[str, Sequence[float]]


@dataclass(frozen=True)
class Setting:
    rows: int
    provincial: int  # questions a window
    national: int
    refreshes: int
    cases: int  # of sixty events, in the log that is followed
    rounds: int


FULL: Final = Setting(1_000_000, 100, 100, 40, cases=200, rounds=5)
QUICK: Final = Setting(100_000, 100, 100, 20, cases=40, rounds=3)


def statistics(setting: Setting) -> Iterator[Row]:
    with temporary_home() as home, asyncio.Runner() as runner:
        server = EmbeddedPostgres(home)
        runner.run(server.start())
        try:
            yield from runner.run(_tables(server, setting))
            yield from _following(server, runner, setting)
        finally:
            runner.run(server.stop())


# ---- tables --------------------------------------------------------------------------------------


async def _tables(server: EmbeddedPostgres, setting: Setting) -> list[Row]:
    address = await prepared(server)
    _tell(f"造 {setting.rows:,} 次认定 …")
    async with connected(SUPERUSER, address) as superuser:
        position = await fill(superuser, setting.rows)
        await superuser.execute(FACTS)
        await superuser.execute("VACUUM (ANALYZE)")
        rows = [*_loading(address, setting)]
        async with connected(READER, address) as reader:
            columns = Columns()
            await columns.refresh(reader)
            draw = random.Random(2)  # noqa: S311 (no secret: the same questions every time)
            for title, asked, national, days in (
                *((f"省表，按市，{n} 天", setting.provincial, False, [n]) for n in WINDOWS),
                ("全国表，按省", setting.national, True, WINDOWS),
            ):
                _tell(f"{title} …")
                told = [*questions(draw, asked, national=national, days=days)]
                group = f"{setting.rows:,} 行，{title}"
                rows += beside(group, await in_turn(reader, columns, told), table=NARROWED)
            _tell("增补 …")
            seen = await _refreshing(superuser, reader, columns, position, setting.refreshes)
            rows += beside(f"{setting.rows:,} 行，每增 {BATCH} 行", seen)
    return rows


async def in_turn(
    reader: asyncpg.Connection, columns: Columns, asked: Sequence[Question]
) -> Samples:
    """Milliseconds a question, one side after the other. ValueError where two answers differ."""
    seen: dict[str, list[float]] = {side: [] for side in (PLAIN, NARROWED, SQL, COLUMNS, ALL)}
    columns.count(asked[0], MEASURES)  # once for the caches
    for question in asked:
        with _timed(seen[PLAIN]):
            await count_plainly(reader, question, STORED)
        with _timed(seen[NARROWED]):
            await count_plainly(reader, question, NARROW)
        with _timed(seen[SQL]):
            theirs = await count(reader, question, PERSONS)
        with _timed(seen[COLUMNS]):
            ours = columns.count(question, PERSONS)
        with _timed(seen[ALL]):
            columns.count(question, MEASURES)
        if ours != theirs:
            raise ValueError(f"列与 SQL 的数不同：{question}")
    return seen


async def _refreshing(
    writing: asyncpg.Connection,
    reader: asyncpg.Connection,
    columns: Columns,
    position: int,
    refreshes: int,
) -> Samples:
    """Milliseconds to write so many rows into the view, and to take them over."""
    seen: dict[str, list[float]] = {"写入视图（COPY）": [], "增补进列": []}
    for number in range(refreshes):
        first = position + number * BATCH + 1
        rows = [*determinations(first, BATCH, seed=number)]
        with _timed(seen["写入视图（COPY）"]):
            await copy(writing, rows)
            await stand_at(writing, first + BATCH - 1)
        with _timed(seen["增补进列"]):
            await columns.refresh(reader)
    return seen


def _loading(address: DatabaseAddress, setting: Setting) -> Iterator[Row]:
    _tell("首次装入 …")
    spawned = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=spawned) as process:
        seconds, held, peak = process.submit(load, address).result()
    group = f"{setting.rows:,} 行"
    yield from beside(f"{group}，首次装入", {"列": [seconds]}, unit="秒")
    memory = {"装好以后": [held / setting.rows], "装入时最多": [peak / setting.rows]}
    yield from beside(f"{group}，内存，每行", memory, unit="字节")


def load(address: DatabaseAddress) -> tuple[float, float, float]:
    """Seconds to load, bytes more than before it, and at the worst moment."""
    return asyncio.run(_load(address))


async def _load(address: DatabaseAddress) -> tuple[float, float, float]:
    async with connected(READER, address) as reader:
        before, begun = _memory("VmRSS"), time.perf_counter()
        columns = Columns()
        await columns.refresh(reader)
        took = time.perf_counter() - begun
        return took, _memory("VmRSS") - before, _memory("VmHWM") - before


def _memory(which: str) -> float:
    """Of this process in bytes: what is in memory now, or was at the worst."""
    told = Path("/proc/self/status").read_text("utf-8")
    return next(float(line.split()[1]) * 1024 for line in told.splitlines() if which in line)


# ---- following the log ---------------------------------------------------------------------------


def _following(server: EmbeddedPostgres, runner: asyncio.Runner, setting: Setting) -> Iterator[Row]:
    """Events a second, with nobody beside and with a reader that refreshes all the time."""
    log = runner.run(server.create_database("bench_log"))
    runner.run(migrate(log))
    runner.run(write_log(log, setting.cases))
    seen: dict[str, list[float]] = {"无人读": [], "每 0.1 秒增补": []}
    for number in range(setting.rounds):
        _tell(f"跟上日志，第 {number + 1} 轮 …")
        for (_, samples), refreshing in zip(seen.items(), (False, True), strict=True):
            with copied(server, log, runner) as address:
                samples.append(runner.run(follow(address, refreshing=refreshing)))
    yield from beside("跟上日志", seen, unit="事件/秒")


async def write_log(address: DatabaseAddress, cases: int) -> None:
    """The same case so many times, each under a number of its own."""
    async with connected(WRITER, address) as writer:
        await fill_log(writer, case_of(), cases)


async def follow(address: DatabaseAddress, *, refreshing: bool) -> float:
    """Events a second until the views hold the whole log."""
    reader = asyncio.create_task(_keep_current(address)) if refreshing else None
    follower = Follower(partial(connect_as, PROJECTOR, address))
    begun = time.perf_counter()
    events = await follower.catch_up()
    took = time.perf_counter() - begun
    if reader is not None:
        reader.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await reader
    return events / took


async def _keep_current(address: DatabaseAddress) -> None:
    columns = Columns()
    async with connected(READER, address) as reader:
        while True:
            await columns.refresh(reader)
            await asyncio.sleep(EVERY_S)


@asynccontextmanager
async def connected(role: str, address: DatabaseAddress) -> AsyncIterator[asyncpg.Connection]:
    connection = await connect_as(role, address)
    try:
        yield connection
    finally:
        await connection.close()


@contextlib.contextmanager
def _timed(seen: list[float]) -> Iterator[None]:
    begun = time.perf_counter()
    yield
    seen.append((time.perf_counter() - begun) * 1000)


def _tell(what: str) -> None:
    print(what, file=sys.stderr)
