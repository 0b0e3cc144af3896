"""Scenes in which parts of the stack fail while many time limits run, and what is measured then."""

import asyncio
import random
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import structlog
from eventsourcing.persistence import PersistenceError

from domain.aggregate import Request
from domain.law.calendar import civil_date
from domain.law.deadline_rules import Qualifier
from domain.obligations import State, is_past
from gateway.rulebook import Rulebook
from tests.support.endurance_cases import (
    ANSWERS_OVERDUE,
    LONG_OVERDUE,
    MIDNIGHT,
    SUBJECTS,
    Cases,
    Life,
    shared_out,
)
from tests.support.endurance_parts import Parts
from tests.support.endurance_verdict import Verdict, judged, streams_of
from tests.support.examples import CLERK, defer
from workers.home import temporary_home
from workers.store import PROJECTOR, READER, WRITER, connect_as
from workers.timekeeper import Timekeeper
from workflows.contract import CLOCK, clock_id
from workflows.office import Office

CALLED_LIMIT_S = 120  # after what failed last is back
CLOCKS_LIMIT_S = 60
WORKER_LIMIT_S = 60  # a process has to start
LISTENING_LIMIT_S = 10
LISTENERS = 2  # the follower and the timekeeper
BEFORE_MIDNIGHT_S = 3
LOOK_EVERY_S = 0.5
ASKED = 10  # times

RUNNING = f"WorkflowType = '{CLOCK}' AND ExecutionStatus = 'Running'"

Scene = Callable[["Trial"], Awaitable[None]]
Duty = tuple[UUID, str]


class TooLong(AssertionError):  # noqa: N818
    """What should have come back by itself has not."""


@dataclass(frozen=True)
class Setting:
    """How much, how fast, and from which seed what is left to chance is drawn."""

    cases: int
    busy: int  # of these, with something due by midnight
    midnight_in_s: float
    seed: int
    pause_s: tuple[float, float]  # between two disasters
    down_s: tuple[float, float]  # how long what was killed stays away
    sweep_every_s: float = 30
    called_limit_s: float = CALLED_LIMIT_S
    timekeeper: type[Timekeeper] = Timekeeper


class Trial:
    def __init__(self, parts: Parts, setting: Setting) -> None:
        self.parts = parts
        self.cases = Cases()
        self.happened: Counter[str] = Counter()
        self.longest: dict[str, float] = {}  # seconds, by what was waited for
        self._setting = setting
        self._chance = random.Random(setting.seed)  # noqa: S311 (no secret)
        self._office = Office(parts.store, Rulebook.packaged(), parts.clock)
        self._deferred: set[Duty] = set()
        self._begun = self._back_at = time.monotonic()

    async def play(self, story: Iterable[Scene]) -> None:
        for scene in story:
            await scene(self)

    async def verdict(self) -> Verdict:
        """What the log says, now that all is over."""
        async with self._session() as reader:
            streams = await streams_of(reader, self.parts.clock.ahead)
        verdict = judged(streams, self.parts.clock.now())
        faults = {kind: len(rungs) for kind, rungs in verdict.faults.items()}
        self.say(f"{len(streams)} 件，在办有期限的 {verdict.open} 项")
        self.say(f"催办、逾期、督办 {verdict.called} 次：{faults or '无误'}")
        return verdict

    # ---- what fails; what is cut or killed must first be back from the time before ---------------

    async def server_killed(self) -> None:
        await self.parts.kill_temporal()
        await self._pause(self._setting.down_s)
        await self.parts.temporal.start()
        await self._repaired("Temporal kill -9")

    async def temporal_wiped(self) -> None:
        await self.parts.kill_temporal()
        await self.parts.temporal.wipe()
        await self.parts.temporal.start()
        await self._repaired("Temporal 数据库删除")

    async def worker_killed(self) -> None:
        await self._until_none("办理进程恢复", self._nobody_at_work, WORKER_LIMIT_S)
        self._chance.choice(self.parts.workers_at_work()).kill()
        await self._repaired("办理进程 kill -9")

    async def postgres_restarted(self) -> None:
        await self.parts.postgres.stop()
        await self._pause(self._setting.down_s)
        await self.parts.postgres.start()
        await self._repaired("PostgreSQL 重启")

    async def postgres_killed(self) -> None:
        await self.parts.kill_postgres()
        await self._pause(self._setting.down_s)
        await self.parts.postgres.start()
        await self._repaired("PostgreSQL kill -9")

    async def listeners_cut(self) -> None:
        await self._until_none("LISTEN 连接恢复", self._not_listening, LISTENING_LIMIT_S)
        await self.parts.cut_listeners()
        await self._repaired("LISTEN 连接切断")

    # ---- what goes on all the same --------------------------------------------------------------

    async def midnight_without_temporal(self) -> None:
        """Acts are taken, and at midnight what is overdue is shown at once, with nobody to call."""
        left = self._until_midnight() - BEFORE_MIDNIGHT_S
        assert left > 0, f"midnight came {-left:.0f} s too early for this machine: midnight_in_s"
        await asyncio.sleep(left)
        await self.parts.kill_temporal()
        for matter_id in self.cases.of(ANSWERS_OVERDUE)[:5]:
            await self._defer(matter_id)
        await asyncio.sleep(max(0, self._until_midnight()))
        overdue, uncalled = await self._shown_overdue()
        self._measure("午夜后看到全部逾期", -self._until_midnight())
        assert overdue == self._overdue()
        fallen = overdue & self._duties(lambda life: life.falls_due_at_midnight)
        assert fallen
        assert fallen <= uncalled
        await self.parts.temporal.start()
        await self._repaired("Temporal kill -9")

    async def cases_filed_without_temporal(self) -> None:
        """What is filed long overdue is shown so at once; its clock begins when it can."""
        await self.parts.kill_temporal()
        await self.file([LONG_OVERDUE] * (len(self.cases.lives) // 40))
        overdue, _ = await self._shown_overdue()
        assert overdue == self._overdue()
        await self.parts.temporal.start()
        await self._repaired("Temporal kill -9")

    async def file(self, lives: list[Life]) -> None:
        async with self._session(WRITER) as writer:
            await self.cases.file(writer, lives)
            position = await writer.fetchval("SELECT max(notification_id) FROM log.events")
        await self.parts.follower.wait_for(position)

    async def _defer(self, matter_id: UUID) -> None:
        """One answer ends and another duty begins; asked again under its key after trouble."""
        on = civil_date(self.parts.clock.now())
        request = Request(key=f"defer:{matter_id}", by=CLERK, on=on)
        for left in reversed(range(ASKED)):
            try:
                receipt = await asyncio.to_thread(
                    self._office.perform, matter_id, defer(SUBJECTS[0]), request
                )
            except PersistenceError:
                if not left:
                    raise
            else:
                await self.parts.follower.wait_for(receipt.position)
                break
        self._deferred.add((matter_id, "answer-1"))

    # ---- what is waited for ---------------------------------------------------------------------

    async def all_called(self) -> None:
        """Every rung that has come is taken down."""
        await self._until_none("到期的都已办理", self._due, self._setting.called_limit_s)
        self._measure("到期的都已办理", time.monotonic() - self._back_at)

    async def all_clocks_back(self) -> None:
        """Whatever waits has a clock."""
        await self._until_none("时钟全部重建", self._without_clock, CLOCKS_LIMIT_S)
        self._measure("时钟全部重建", time.monotonic() - self._back_at)

    async def _due(self) -> int:
        """Cases that wait for what has come, and events that no view shows yet."""
        async with self._session() as reader:
            due: int = await reader.fetchval(
                "SELECT (SELECT count(*) FROM views.clock_plan WHERE next_at <= $1)"
                " + (SELECT max(notification_id) FROM log.events) - $2",
                self.parts.clock.now(),
                self.parts.follower.position,
            )
        return due

    async def _nobody_at_work(self) -> int:
        return 0 if self.parts.workers_at_work() else 1

    async def _not_listening(self) -> int:
        async with self._session() as reader:
            listening: int = await reader.fetchval(
                "SELECT count(*) FROM pg_stat_activity WHERE usename = $1", PROJECTOR
            )
        return max(0, LISTENERS - listening)

    async def _without_clock(self) -> int:
        """Counted, and listed only when there are enough: a list costs Temporal much."""
        waiting = await self._waiting()
        count = (await self.parts.client.count_workflows(RUNNING)).count
        if count < len(waiting):
            return len(waiting) - count
        running = {each.id async for each in self.parts.client.list_workflows(RUNNING)}
        return len((waiting & await self._waiting()) - running)

    async def _waiting(self) -> set[str]:
        async with self._session() as reader:
            rows = await reader.fetch(
                "SELECT matter_id FROM views.clock_plan WHERE next_at IS NOT NULL"
            )
        return {clock_id(str(row["matter_id"])) for row in rows}

    async def _until_none(
        self, what: str, left: Callable[[], Awaitable[int]], limit_s: float
    ) -> None:
        while cases := await left():
            if time.monotonic() - self._back_at > limit_s:
                raise TooLong(f"{what}：恢复服务后 {limit_s:.0f} 秒，仍差 {cases} 件")
            await asyncio.sleep(LOOK_EVERY_S)

    # ---- what is shown and told -----------------------------------------------------------------

    def sum_up(self, troubles: Iterable[Mapping[str, Any]]) -> None:
        """A short table: what was done, what the engines told of it, how long things took."""
        met = Counter(f"{each['event']} {each.get('error', '')}"[:90] for each in troubles)
        met += self.parts.unasked
        for what, times in (self.happened + met).items():
            self.say(f"{what} ×{times}")
        for what, seconds in self.longest.items():
            self.say(f"{what}：最长 {seconds:.2f} 秒")

    async def _shown_overdue(self) -> tuple[set[Duty], set[Duty]]:
        """Duties shown as overdue now, and of these the ones that nobody has called."""
        today = civil_date(self.parts.clock.now())
        async with self._session() as reader:
            rows = await reader.fetch("SELECT * FROM views.due_list WHERE state = $1", State.OPEN)
        past = [
            row
            for row in rows
            if is_past(
                Qualifier(row["qualifier"]), row["due_on"], provisional=row["provisional"], on=today
            )
        ]
        told = {(row["matter_id"], row["obligation_id"]): row["called_overdue"] for row in past}
        return {*told}, {duty for duty, called in told.items() if not called}

    def _overdue(self) -> set[Duty]:
        """Duties that are overdue now by the lives themselves."""
        now = self.parts.clock.now()
        return {
            (matter_id, standing.obligation.id)
            for matter_id, life in self.cases.lives.items()
            for standing in life.case.obligations
            if standing.is_overdue(now)
        } - self._deferred

    def _duties(self, of: Callable[[Life], bool]) -> set[Duty]:
        return {
            (matter_id, standing.obligation.id)
            for matter_id, life in self.cases.lives.items()
            if of(life)
            for standing in life.case.obligations
        }

    def _until_midnight(self) -> float:
        return (MIDNIGHT - self.parts.clock.now()).total_seconds()

    async def _repaired(self, what: str) -> None:
        self._back_at = time.monotonic()
        self.happened[what] += 1
        self.say(what)
        await self._pause(self._setting.pause_s)

    async def _pause(self, between: tuple[float, float]) -> None:
        await asyncio.sleep(self._chance.uniform(*between))

    def _measure(self, what: str, seconds: float) -> None:
        self.longest[what] = max(seconds, self.longest.get(what, 0))
        self.say(f"{what}：{seconds:.2f} 秒")

    def say(self, what: str) -> None:
        sys.stdout.write(f"{time.monotonic() - self._begun:7.1f} 秒  {what}\n")

    @asynccontextmanager
    async def _session(self, role: str = READER) -> AsyncIterator[asyncpg.Connection]:
        connection = await connect_as(role, self.parts.address)
        try:
            yield connection
        finally:
            await connection.close()


@asynccontextmanager
async def trial(setting: Setting) -> AsyncIterator[Trial]:
    """Cases filed, then everything started a while before midnight; all removed at the end."""
    with temporary_home() as home, structlog.testing.capture_logs() as troubles:
        parts = Parts(home)
        try:
            await parts.start_store()
            held = Trial(parts, setting)
            await held.file(shared_out(setting.cases, setting.busy))
            parts.clock.jump_to(MIDNIGHT - timedelta(seconds=setting.midnight_in_s))
            await parts.start_clocks(setting.timekeeper, setting.sweep_every_s)
            held.say(f"{setting.cases} 件，随机种子 {setting.seed}")
            try:
                yield held
            finally:
                held.sum_up(troubles)
        finally:
            await parts.stop()


def storm(seed: int, often: Mapping[Scene, int]) -> tuple[Scene, ...]:
    """These scenes, each so often, in an order of chance."""
    scenes = [scene for scene, times in often.items() for _ in range(times)]
    random.Random(seed).shuffle(scenes)  # noqa: S311 (no secret)
    return tuple(scenes)
