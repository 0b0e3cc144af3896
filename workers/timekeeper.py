"""Tells Temporal what to wait for, and makes sure that it does.

Every matter whose plan has moved gets the whole plan again; sending twice changes nothing. The
sweeper compares both sides, so that a wiped Temporal has every clock back within a minute.
"""

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, NoReturn
from uuid import UUID

import asyncpg
import structlog
from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.service import RPCError, RPCStatusCode

from projections.follower import PLANS_CHANNEL
from workers.clock_worker import TASK_QUEUE
from workflows.clock import Clock
from workflows.contract import CLOCK, FOLLOW_PLAN, ClockState, Moment, Plan, clock_id

LEADER: Final = 0x726F6E67637502  # one timekeeper at a time; a second waits
AT_ONCE: Final = 16
RPC_LIMIT: Final = timedelta(seconds=5)
log = structlog.get_logger()

BEHIND: Final = """
    SELECT plan.matter_id, plan.version, plan.moments
    FROM views.clock_plan AS plan
    LEFT JOIN clocks.sent USING (matter_id)
    WHERE coalesce(sent.next_try, '-infinity') <= clock_timestamp()
      AND CASE
            WHEN plan.next_at IS NULL THEN plan.version > sent.version -- only to end a clock
            ELSE (coalesce(sent.jump, 0), coalesce(sent.version, 0)) < ($1::bigint, plan.version)
          END
    ORDER BY plan.next_at NULLS LAST, plan.matter_id
    LIMIT 200
"""
SENT: Final = """
    INSERT INTO clocks.sent AS sent (matter_id, version, jump) VALUES ($1, $2, $3)
    ON CONFLICT (matter_id) DO UPDATE SET
        version = greatest(sent.version, excluded.version), jump = excluded.jump,
        attempts = 0, next_try = '-infinity', last_error = NULL
"""
FAILED: Final = """
    INSERT INTO clocks.sent AS sent (matter_id, attempts, next_try, last_error)
    VALUES ($1, 1, clock_timestamp() + interval '0.2 s', $2)
    ON CONFLICT (matter_id) DO UPDATE SET
        attempts = sent.attempts + 1, last_error = excluded.last_error,
        next_try = clock_timestamp() + least(power(2, sent.attempts) * 0.2, 30) * interval '1 s'
"""
WAITING: Final = """
    SELECT matter_id FROM views.clock_plan JOIN clocks.sent USING (matter_id)
    WHERE next_at IS NOT NULL AND sent.version >= clock_plan.version
"""
FORGET: Final = (
    "UPDATE clocks.sent SET version = 0, next_try = '-infinity' WHERE matter_id = ANY($1)"
)


@dataclass(frozen=True)
class Swept:
    """What the sweeper found: duties without a clock, and clocks without a duty."""

    without_clock: int
    without_duty: int


class Timekeeper:
    def __init__(
        self,
        connect: Callable[[], Awaitable[asyncpg.Connection]],
        client: Client,
        clock: Clock,
        *,
        poll: float = 1.0,
        sweep_every: float = 30.0,
    ) -> None:
        self._connect = connect  # as the projector
        self._client = client
        self._clock = clock
        self._poll = poll
        self._sweep_every = sweep_every
        self._woken = asyncio.Event()

    def wake(self) -> None:
        self._woken.set()

    async def run(self) -> NoReturn:
        """Send and sweep until cancelled; on any trouble reconnect and go on."""
        while True:
            try:
                await self._keep()
            except asyncio.CancelledError:
                raise
            except Exception as error:  # noqa: BLE001 (a timekeeper never dies of what it meets)
                log.warning("timekeeper_reconnecting", error=repr(error))
                await asyncio.sleep(self._poll)

    async def _keep(self) -> None:
        connection = await self._connect()
        try:
            await connection.execute("SELECT pg_advisory_lock($1)", LEADER)
            await connection.add_listener(PLANS_CHANNEL, lambda *_: self.wake())
            connection.add_termination_listener(lambda _: self.wake())
            sweep_at = 0.0
            while not connection.is_closed():
                self._woken.clear()
                if asyncio.get_running_loop().time() >= sweep_at:
                    await self.sweep(connection)
                    sweep_at = asyncio.get_running_loop().time() + self._sweep_every
                while await self.send(connection):
                    pass
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._woken.wait(), self._poll)
        finally:
            connection.terminate()

    async def send(self, connection: asyncpg.Connection) -> int:
        """Send the plans that are behind; return how many went through. Call again until none."""
        jump, ahead = self._clock.jump, self._clock.ahead
        plans = [
            Plan(
                matter_id=str(row["matter_id"]),
                version=row["version"],
                moments=tuple(Moment(**each) for each in json.loads(row["moments"])),
                ahead=ahead,
                jump=jump,
            )
            for row in await connection.fetch(BEHIND, jump)
        ]
        turn = asyncio.Semaphore(AT_ONCE)
        answers = await asyncio.gather(*(self._tell(plan, turn) for plan in plans))
        for plan, trouble in zip(plans, answers, strict=True):
            matter_id = UUID(plan.matter_id)
            if trouble is None:
                await connection.execute(SENT, matter_id, plan.version, plan.jump)
            else:
                log.warning("plan_not_sent", matter=plan.matter_id, error=trouble)
                await connection.execute(FAILED, matter_id, trouble)
        return answers.count(None)

    async def _tell(self, plan: Plan, turn: asyncio.Semaphore) -> str | None:
        async with turn:
            try:
                if plan.moments:
                    await self._start_or_signal(plan)
                else:
                    await self._signal(plan)
            except RPCError as error:
                return f"{error.status.name}: {error.message}"
        return None

    async def _start_or_signal(self, plan: Plan) -> None:
        await self._client.start_workflow(
            CLOCK,
            ClockState(plan=plan),
            id=clock_id(plan.matter_id),
            task_queue=TASK_QUEUE,
            start_signal=FOLLOW_PLAN,
            start_signal_args=[plan],
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
            rpc_timeout=RPC_LIMIT,
        )

    async def _signal(self, plan: Plan) -> None:
        """Tell a clock that nothing is left; one that has ended already need not hear it."""
        handle = self._client.get_workflow_handle(clock_id(plan.matter_id))
        try:
            await handle.signal(FOLLOW_PLAN, plan, rpc_timeout=RPC_LIMIT)
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise

    async def sweep(self, connection: asyncpg.Connection) -> Swept:
        """Compare both sides; what differs is sent again.

        Temporal lists a new clock a little late: a false alarm only sends a plan twice.
        """
        believed = {row["matter_id"] for row in await connection.fetch(WAITING)}
        running = await self._running()
        silent, idle = believed - running, running - await self._planned(connection)
        if silent or idle:
            log.warning("clocks_swept", without_clock=len(silent), without_duty=len(idle))
            await connection.execute(FORGET, [*silent, *idle])
        return Swept(len(silent), len(idle))

    async def _running(self) -> set[UUID]:
        query = f"WorkflowType = '{CLOCK}' AND ExecutionStatus = 'Running'"
        prefix = clock_id("")
        return {
            UUID(each.id.removeprefix(prefix))
            async for each in self._client.list_workflows(query, page_size=1000)
        }

    @staticmethod
    async def _planned(connection: asyncpg.Connection) -> set[UUID]:
        rows: list[Any] = await connection.fetch(
            "SELECT matter_id FROM views.clock_plan WHERE next_at IS NOT NULL"
        )
        return {row["matter_id"] for row in rows}
