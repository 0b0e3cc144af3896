"""Sees to it that what is owed is being delivered: one Temporal delivery a channel, woken when due.

It collects and wakes. What is owed and what has gone out stand in PostgreSQL: a Temporal that was
wiped, or a notifier that was killed, loses nothing.
"""

import asyncio
from datetime import timedelta
from typing import Final

import asyncpg
import structlog
from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.service import RPCError
from temporalio.worker import Worker

from workers.comparison import RPC_LIMIT
from workers.engine import Connect, Engine
from workers.outbox import Outbox
from workflows.contract import DELIVERY, LOOK, DeliveryState, delivery_id
from workflows.delivery import Delivery

TASK_QUEUE: Final = "notices"
log = structlog.get_logger()


def notice_worker(client: Client, outbox: Outbox, *, grace: timedelta) -> Worker:
    """Build the worker; `grace` is how long a batch under way may take to finish at the end."""
    return Worker(
        client,
        task_queue=TASK_QUEUE,
        workflows=[Delivery],
        activities=[outbox.deliver_due],
        graceful_shutdown_timeout=grace,
    )


class Notifier(Engine):
    def __init__(
        self,
        connect: Connect,
        client: Client,
        outbox: Outbox,
        *,
        poll: float = 1.0,
        sweep_every: float = 300.0,
    ) -> None:
        super().__init__(connect, poll=poll)  # as the notifier
        self._client = client
        self._outbox = outbox
        self._sweep_every = sweep_every
        self._sweep_at = 0.0
        self._told: dict[str, float] = {}  # when a delivery was last woken

    async def begin(self, connection: asyncpg.Connection) -> None:
        await self._outbox.open_to(connection)
        self._sweep_at = 0.0

    async def turn(self, connection: asyncpg.Connection) -> None:
        """Give what was raised its rows, and wake the deliveries that have something to do."""
        now = asyncio.get_running_loop().time()
        if now >= self._sweep_at:
            await self._outbox.sweep(connection)
            self._sweep_at = now + self._sweep_every
        await self._outbox.collect(connection)
        for channel in await self._outbox.due(connection):
            await self._tell(channel)

    async def _tell(self, channel: str) -> None:
        """Wake the channel's delivery, or begin it; not again at once while it is at work."""
        now = asyncio.get_running_loop().time()
        if now < self._told.get(channel, 0) + self._poll:
            return
        self._told[channel] = now
        try:
            await self._client.start_workflow(
                DELIVERY,
                DeliveryState(channel=channel),
                id=delivery_id(channel),
                task_queue=TASK_QUEUE,
                start_signal=LOOK,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
                rpc_timeout=RPC_LIMIT,
            )
        except RPCError as error:
            log.warning("delivery_not_woken", channel=channel, error=error.status.name)
