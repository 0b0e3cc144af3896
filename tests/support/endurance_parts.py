"""The parts of a stack as separate processes, each of which may be ended at any moment.

PostgreSQL, Temporal on one port, workers that are started anew whenever they end; follower and
timekeeper in our own process. All share one legal time.
"""

import asyncio
import os
import random
import signal
import socket
import sys
from collections import Counter
from collections.abc import Awaitable
from functools import partial
from pathlib import Path
from typing import Any

import asyncpg

from projections.follower import Follower
from tests.support.databases import SUPERUSER
from tests.support.endurance_worker import AT_WORK
from workers.children import Child, start_child
from workers.clock_worker import connect
from workers.codec import Keys
from workers.embedded_postgres import EmbeddedPostgres
from workers.embedded_temporal import LOOPBACK, EmbeddedTemporal
from workers.home import Home
from workers.store import PROJECTOR, connect_as, open_store, prepared
from workers.timekeeper import Swept, Timekeeper
from workflows.clock import DrivenClock

ROOT = Path(__file__).parents[2]
WORKERS = 2
PORTS = range(20_000, 30_000)  # below those the kernel gives to whoever connects


class Unswept(Timekeeper):
    """The broken control: believes that Temporal keeps what it was told."""

    async def sweep(self, connection: asyncpg.Connection) -> Swept:  # noqa: ARG002
        return Swept(0, 0)


class Parts:
    def __init__(self, home: Home) -> None:
        self.clock = DrivenClock()
        self.postgres = EmbeddedPostgres(home)
        self.temporal = EmbeddedTemporal(home, _free_port())
        self.unasked: Counter[str] = Counter()  # ends that nobody had ordered
        self._home = home
        self._workers: list[Child] = []
        self._tasks: list[asyncio.Future[Any]] = []

    async def start_store(self) -> None:
        """PostgreSQL and the follower: acts and reads work from here."""
        await self.postgres.start()
        self.address = await prepared(self.postgres)
        self.store = open_store(self.address)
        self.follower = Follower(partial(connect_as, PROJECTOR, self.address))
        self._run(self.follower.run())

    async def start_clocks(self, timekeeper: type[Timekeeper], sweep_every: float) -> None:
        """Everything else, by legal time as it has been set."""
        await self.temporal.start()
        keys = Keys.kept_in(self._home.keys / "temporal.json")
        self.client = await connect(self.temporal.address, keys)
        projector = partial(connect_as, PROJECTOR, self.address)
        keeper = timekeeper(projector, self.client, self.clock, sweep_every=sweep_every)
        self._run(keeper.run())
        for number in range(WORKERS):
            self._workers.append(self._worker(number))
            self._run(self._supervise(number))

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for worker in self._workers:
            worker.kill()
            await worker.wait()
        await self.temporal.stop()
        if hasattr(self, "store"):
            self.store.close()
        await self.postgres.stop()

    async def kill_temporal(self) -> None:
        os.kill(self.temporal.pid, signal.SIGKILL)
        await self.temporal.died()

    async def kill_postgres(self) -> None:
        """The postmaster alone; its sessions find out by themselves."""
        os.kill(self.postgres.pid, signal.SIGKILL)
        await self.postgres.died()

    def workers_at_work(self) -> list[Child]:
        return [each for each in self._workers if each.alive and AT_WORK in each.log_head()]

    async def cut_listeners(self) -> None:
        """End the sessions that listen: the follower's and the timekeeper's."""
        superuser = await connect_as(SUPERUSER, self.address)
        try:
            await superuser.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1",
                PROJECTOR,
            )
        finally:
            await superuser.close()

    def _run(self, *work: Awaitable[Any]) -> None:
        self._tasks += map(asyncio.ensure_future, work)

    async def _supervise(self, number: int) -> None:
        """Start it anew whenever it ends, as whoever runs services does."""
        while True:
            if fault := await self._workers[number].died():
                self.unasked[f"办理进程自行退出：{str(fault).splitlines()[-1][:100]}"] += 1
                await asyncio.sleep(1)
            self._workers[number] = self._worker(number)

    def _worker(self, number: int) -> Child:
        return start_child(
            f"worker {number}",
            [
                *(sys.executable, "-m", "tests.support.endurance_worker"),
                *(self._home.path, self.temporal.address),
                repr(self.clock.ahead.total_seconds()),
            ],
            log=self._home.logs / f"worker-{number}.log",
            environment={"PYTHONPATH": str(ROOT)},
        )


def _free_port() -> int:
    """A port that stays free while its server is down."""
    for port in random.sample(PORTS, 20):
        with socket.socket() as attempt:
            try:
                attempt.bind((LOOPBACK, port))
            except OSError:
                continue
            return port
    raise OSError("no free port found")
