"""A Temporal on a home of its own and a worker, to be killed, wiped, started again, and weighed."""

import asyncio
import os
import signal
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from temporalio.client import Client
from temporalio.worker import Worker

from workers.clock_worker import connect
from workers.codec import Keys
from workers.embedded_temporal import EmbeddedTemporal
from workers.home import Home
from workers.search_attributes import ensure

LIMIT_S: Final = 600
LOOK_S: Final = 0.02
KILO: Final = 1024


class Temporal:
    def __init__(self, home: Home, worker: Callable[[Client], Worker]) -> None:
        self._home = home
        self._build = worker
        self._server = EmbeddedTemporal(home)

    async def start(self) -> None:
        await self.serve()
        await self.work()

    async def serve(self) -> None:
        """The server and a client of it; nobody works yet."""
        await self._server.start()
        keys = Keys.kept_in(self._home.keys / "temporal.json")
        self.client = await connect(self._server.address, keys)
        await ensure(self.client)

    async def work(self) -> None:
        self._worker = self._build(self.client)
        await self._worker.__aenter__()

    async def rest(self) -> None:
        await self._worker.__aexit__(None, None, None)

    async def stop(self) -> None:
        await self.rest()
        await self._server.stop()

    async def kill(self) -> None:
        """The server is told nothing. Its worker goes first: alone it would take a while to end."""
        await self.rest()
        os.kill(self._server.pid, signal.SIGKILL)
        await self._server.died()

    async def wipe(self) -> None:
        await self.stop()
        await self._server.wipe()

    def memory(self) -> float:
        """What the server has in memory now, in kB."""
        told = Path(f"/proc/{self._server.pid}/status").read_text("utf-8")
        return next(float(line.split()[1]) for line in told.splitlines() if "VmRSS:" in line)

    def disk(self) -> float:
        """Its files in kB: the database, and the log beside it that is not yet written back."""
        return sum(file.stat().st_size for file in self._home.temporal.glob("temporal.db*")) / KILO

    def waiting(self) -> int:
        """How many timers stand in its database: not before is a clock sure to wait."""
        path = f"file:{self._home.temporal / 'temporal.db'}?mode=ro"
        with closing(sqlite3.connect(path, uri=True, timeout=5)) as database:
            return int(database.execute("SELECT count(*) FROM timer_info_maps").fetchone()[0])

    async def until_waiting(self, clocks: int, before: datetime | None = None) -> None:
        """Return when so many wait, or when the instant they should wait for has come."""
        async with asyncio.timeout(LIMIT_S):
            while self.waiting() < clocks:
                if before is not None and datetime.now(UTC) >= before:
                    return
                await asyncio.sleep(LOOK_S)
