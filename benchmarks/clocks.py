"""What ten thousand open clocks cost, beside the bare SDK and beside a table that is polled.

Starting: all cases are stored and followed before; then the timekeeper's turns (200 plans each)
alternate with as many starts on the bare SDK's own server, now one first and now the other, and as
many INSERTs, so that a slow minute of the machine meets all of them. The idle server keeps its open
clocks, as it would. A start counts as answered when Temporal has acknowledged it, as waiting when
its timer stands in Temporal's database; a side's turn ends when all of its clocks wait.

Recovery: the server gets SIGKILL; then server, client and worker start anew, until a clock that was
waiting answers a query. Falling due: follower and timekeeper run as in a stack, which sends the
plan once more after every call; lateness is from the instant to the row, by the database's clock.
Rebuilding has no like on the bare SDK: beside it stands what it takes to start so many.
"""

import asyncio
import sys
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import median, quantiles
from typing import Final

import asyncpg
from psycopg_pool import ConnectionPool

from benchmarks.measure import Row, beside
from benchmarks.sides import BARE, FAR, OURS, TABLE, TABLES, Bare, Ours, Side, Table
from workers.addresses import DatabaseAddress
from workers.clock_worker import CALLS_AT_ONCE
from workers.embedded_postgres import EmbeddedPostgres
from workers.home import Home, temporary_home
from workers.postgres_cluster import SUPERUSER
from workers.store import WRITER, connect_as, open_store, prepared
from workers.timekeeper import AT_ONCE

WARM_UP: Final = 20
TURN: Final = 200  # as many as the timekeeper sends at a time
SETTLE_S: Final = 0.3  # what one side leaves undone is not to be paid for by the next
DOWN_S: Final = 1.0  # how long after the instant the worker is still missing
SPARE_S: Final = 3.0  # before an instant, beyond the time it takes to have all wait for it
ATTEMPTS: Final = 4
Samples = Mapping[str, Sequence[float]]


@dataclass(frozen=True)
class Setting:
    clocks: int
    due: int  # in the same second
    rounds: int


FULL: Final = Setting(clocks=10_000, due=1_000, rounds=3)
QUICK: Final = Setting(clocks=400, due=100, rounds=1)


def clocks(setting: Setting) -> list[Row]:
    with asyncio.Runner() as runner:
        rows = runner.run(_measured(setting))
    time.sleep(0.5)  # threads of Temporal's SDK that meet the interpreter's end crash it
    return rows


@dataclass
class Sides:
    ours: Ours
    bare: Bare
    table: Table

    @property
    def named(self) -> dict[str, Side]:
        return {BARE: self.bare, OURS: self.ours, TABLE: self.table}

    @property
    def on_temporal(self) -> dict[str, Ours | Bare]:
        return {BARE: self.bare, OURS: self.ours}


@asynccontextmanager
async def sides(home: Home, address: DatabaseAddress) -> AsyncIterator[Sides]:
    """All three on one PostgreSQL; a Temporal for each of the two that use one."""
    async with AsyncExitStack() as parts:
        superuser = await connect_as(SUPERUSER, address)
        await superuser.execute(TABLES)
        await superuser.close()
        store = parts.enter_context(open_store(address))
        writing = parts.enter_context(
            ConnectionPool(
                address.conninfo(WRITER),
                min_size=CALLS_AT_ONCE,
                max_size=CALLS_AT_ONCE,
                kwargs={"autocommit": True},
            )
        )
        pool = await parts.enter_async_context(
            asyncpg.create_pool(**address.asyncpg(WRITER), min_size=AT_ONCE, max_size=AT_ONCE)
        )
        bare_home = parts.enter_context(temporary_home())
        made = Sides(Ours(home, address, store), Bare(bare_home, address, writing), Table(pool))
        for side in made.on_temporal.values():
            await side.temporal.start()
            parts.push_async_callback(side.temporal.stop)
        yield made


async def _measured(setting: Setting) -> list[Row]:
    with temporary_home() as home:
        postgres = EmbeddedPostgres(home)
        await postgres.start()
        try:
            async with sides(home, await prepared(postgres)) as made:
                return await _rows(made, setting)
        finally:
            await postgres.stop()


async def _rows(sides: Sides, setting: Setting) -> list[Row]:
    each_s, rows = await starting(sides, setting)
    rows += await recovering(sides, setting)
    async with sides.ours.by_itself():
        rows += await falling_due(sides, setting, each_s)
        rows += await working_again(sides, setting, each_s)
    rows += await rebuilding(sides, each_s)
    return rows


async def starting(sides: Sides, setting: Setting) -> tuple[float, list[Row]]:
    """How long a clock takes on the bare SDK until it waits, in seconds; the rate, the weight."""
    _tell(f"存入 {setting.clocks:,} 件案件，跟上视图 …")
    await _warm_up(sides)
    await sides.ours.file(setting.clocks)
    await sides.ours.follow()
    memory, disk = _memory(sides), await _disk(sides)
    _tell(f"开始 {setting.clocks:,} 个时钟 …")
    answered, waiting = await in_turns(sides, setting.clocks)
    grown = {
        name: (after - memory[name]) / setting.clocks for name, after in _memory(sides).items()
    }
    kept = {
        name: (after - disk[name]) / setting.clocks for name, after in (await _disk(sides)).items()
    }
    group = f"开始 {setting.clocks:,} 个时钟，每个"
    return median(waiting[BARE]) / 1000, [
        *beside(f"{group}：至应答", answered, table=TABLE),
        *beside(f"{group}：至在等待", waiting),
        *beside(f"{group}：服务的内存", _once(grown), unit="kB"),
        *beside(f"{group}：磁盘", _once(kept), unit="kB", table=TABLE),
    ]


async def _warm_up(sides: Sides) -> None:
    await sides.ours.file(WARM_UP)
    await sides.ours.follow()
    for side in sides.named.values():
        await side.start(WARM_UP)
    for each in sides.on_temporal.values():
        await each.temporal.until_waiting(WARM_UP)


async def in_turns(sides: Sides, count: int) -> tuple[Samples, Samples]:
    """Milliseconds a clock, turn by turn: until answered, and until waiting."""
    answered: dict[str, list[float]] = {name: [] for name in sides.named}
    waiting: dict[str, list[float]] = {name: [] for name in sides.on_temporal}
    started = dict.fromkeys(sides.named, 0)
    order = [BARE, OURS]
    while (least := min(started.values())) < count:
        for name in (*order, TABLE):
            size, side = min(least + TURN, count) - started[name], sides.named[name]
            if size <= 0:
                continue
            await asyncio.sleep(SETTLE_S)
            begun = time.perf_counter()
            size = await side.start(size)
            answered[name].append(_ms_since(begun) / size)
            started[name] += size
            if name in waiting:
                await sides.on_temporal[name].temporal.until_waiting(WARM_UP + started[name])
                waiting[name].append(_ms_since(begun) / size)
        order.reverse()
    return answered, waiting


async def recovering(sides: Sides, setting: Setting) -> list[Row]:
    """From the start of a server that was killed, until it is ready and until a clock answers."""
    _tell("kill -9 之后重新启动 …")
    ready: dict[str, list[float]] = defaultdict(list)
    answering: dict[str, list[float]] = defaultdict(list)
    for _ in range(setting.rounds):
        for name, side in sides.on_temporal.items():
            await side.temporal.kill()
            begun = time.perf_counter()
            await side.temporal.serve()
            ready[name].append(_ms_since(begun))
            await side.temporal.work()
            await side.answer()
            answering[name].append(_ms_since(begun))
    group = f"{setting.clocks:,} 个时钟时服务被 kill -9"
    return [
        *beside(f"{group}：至再次就绪", ready),
        *beside(f"{group}：至原有的时钟应答", answering),
    ]


async def falling_due(sides: Sides, setting: Setting, each_s: float) -> list[Row]:
    """How late each of those is whose instant is the same: the median, and all but one in 100."""
    half: dict[str, list[float]] = defaultdict(list)
    nearly_all: dict[str, list[float]] = defaultdict(list)
    last: dict[str, list[float]] = defaultdict(list)
    for number in range(setting.rounds):
        _tell(f"{setting.due:,} 个同刻到期，第 {number + 1} 次 …")
        for name, side in sides.named.items():
            at = await make_due(side, setting.due, each_s)
            late = [(each - at).total_seconds() for each in await side.taken_down()]
            cuts = quantiles(late, n=100, method="inclusive")
            half[name].append(cuts[49])
            nearly_all[name].append(cuts[98])
            last[name].append(max(late))
    group = f"{setting.due:,} 个同刻到期，迟"
    return [
        *beside(f"{group}：p50", half, unit="秒", table=TABLE),
        *beside(f"{group}：p99", nearly_all, unit="秒", table=TABLE),
        *beside(f"{group}：全部办完", last, unit="秒", table=TABLE),
    ]


async def make_due(side: Side, count: int, each_s: float) -> datetime:
    """Have so many wait for one instant; when one of them was too late to wait, again."""
    ahead = SPARE_S + 2 * count * each_s
    for _ in range(ATTEMPTS):
        at = datetime.now(UTC) + timedelta(seconds=ahead)
        await side.due(count, at)
        if datetime.now(UTC) < at:
            return at
        await side.taken_down()
        ahead *= 2
    raise TimeoutError(f"{ahead / 2:.0f} 秒内仍不能使 {count} 个时钟都在等待")


async def working_again(sides: Sides, setting: Setting, each_s: float) -> list[Row]:
    """Their instant comes while no worker is there; from its start until all were called."""
    _tell(f"{setting.due:,} 个到期时没有办理进程 …")
    taken: dict[str, float] = {}
    for name, side in sides.on_temporal.items():
        at = await make_due(side, setting.due, each_s)
        await side.temporal.rest()
        await asyncio.sleep((at - datetime.now(UTC)).total_seconds() + DOWN_S)
        started = datetime.now(UTC)
        await side.temporal.work()
        taken[name] = (max(await side.taken_down()) - started).total_seconds()
    group = f"{setting.due:,} 个到期后办理进程才重新启动"
    return [*beside(f"{group}：至全部办完", _once(taken), unit="秒")]


async def rebuilding(sides: Sides, each_s: float) -> list[Row]:
    """Temporal loses everything: until the sweeper and the timekeeper have all clocks waiting."""
    ours = sides.ours
    _tell(f"清空 Temporal，重建 {ours.clocks:,} 个时钟 …")
    ours.fall_due(datetime.now(UTC) + FAR)
    await ours.temporal.wipe()
    started = time.perf_counter()
    await ours.temporal.start()
    await ours.sweep()
    await ours.start(ours.clocks)
    await ours.temporal.until_waiting(ours.clocks)
    taken = {BARE: each_s * ours.clocks, OURS: _ms_since(started) / 1000}
    group = f"Temporal 清空后重建 {ours.clocks:,} 个时钟（裸 SDK：开始同数）"
    return [*beside(group, _once(taken), unit="秒")]


def _memory(sides: Sides) -> dict[str, float]:
    return {name: side.temporal.memory() for name, side in sides.on_temporal.items()}


async def _disk(sides: Sides) -> dict[str, float]:
    return {name: await side.disk() for name, side in sides.named.items()}


def _once(seen: Mapping[str, float]) -> Samples:
    return {name: [each] for name, each in seen.items()}


def _ms_since(begun: float) -> float:
    return (time.perf_counter() - begun) * 1000


def _tell(what: str) -> None:
    print(what, file=sys.stderr)
