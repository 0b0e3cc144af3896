"""Sees to it that what is owed is being delivered: one Temporal delivery a channel, woken when due.

It collects and wakes. What is owed and what has gone out stand in PostgreSQL: a Temporal that was
wiped, or a notifier that was killed, loses nothing.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final, NoReturn

import asyncpg
import structlog
from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.service import RPCError
from temporalio.worker import Worker

from projections.follower import PLANS_CHANNEL
from workers.outbox import Outbox
from workflows.contract import DELIVERY, LOOK, DeliveryState, delivery_id
from workflows.delivery import Delivery

TASK_QUEUE: Final = "notices"
RPC_LIMIT: Final = timedelta(seconds=5)
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


class Notifier:
    def __init__(
        self,
        connect: Callable[[], Awaitable[asyncpg.Connection]],
        client: Client,
        outbox: Outbox,
        *,
        poll: float = 1.0,
        sweep_every: float = 300.0,
    ) -> None:
        self._connect = connect  # as the notifier
        self._client = client
        self._outbox = outbox
        self._poll = poll
        self._sweep_every = sweep_every
        self._woken = asyncio.Event()
        self._told: dict[str, float] = {}  # when a delivery was last woken

    def wake(self) -> None:
        self._woken.set()

    async def run(self) -> NoReturn:
        """Collect and wake until cancelled; on any trouble reconnect and go on."""
        while True:
            try:
                await self._keep()
            except asyncio.CancelledError:
                raise
            except Exception as error:  # noqa: BLE001 (a notifier never dies of what it meets)
                log.warning("notifier_reconnecting", error=repr(error))
                await asyncio.sleep(self._poll)

    async def _keep(self) -> None:
        connection = await self._connect()
        try:
            await self._outbox.open_to(connection)
            await connection.add_listener(PLANS_CHANNEL, lambda *_: self.wake())
            connection.add_termination_listener(lambda _: self.wake())
            sweep_at = 0.0
            while not connection.is_closed():
                self._woken.clear()
                if asyncio.get_running_loop().time() >= sweep_at:
                    await self._outbox.sweep(connection)
                    sweep_at = asyncio.get_running_loop().time() + self._sweep_every
                await self._outbox.collect(connection)
                for channel in await self._outbox.due(connection):
                    await self._tell(channel)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._woken.wait(), self._poll)
        finally:
            connection.terminate()

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
