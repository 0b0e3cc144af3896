"""Tells Temporal what to wait for, and makes sure that it does.

Every matter whose plan has moved gets the whole plan again; sending twice changes nothing. The
sweeper compares both sides, so that a wiped Temporal has every clock back within a minute, and one
restored from a backup has its clocks on the newest plans.
"""

import asyncio
import json
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import asyncpg
import structlog
from temporalio.client import Client
from temporalio.common import (
    TypedSearchAttributes,
    WorkflowIDConflictPolicy,
    WorkflowIDReusePolicy,
)
from temporalio.service import RPCError, RPCStatusCode

from workers.clock_worker import TASK_QUEUE
from workers.comparison import RPC_LIMIT, compare
from workers.engine import Connect, Engine
from workers.search_attributes import ensure
from workflows.clock import Clock
from workflows.contract import (
    CLOCK,
    FOLLOW_PLAN,
    ClockState,
    Moment,
    Plan,
    Rank,
    clock_id,
    shown,
)

LEADER: Final = 0x726F6E67637502  # one timekeeper at a time; a second waits
AT_ONCE: Final = 16
UNKNOWN_ATTRIBUTE: Final = RPCStatusCode.INVALID_ARGUMENT.name
NO_MATTER: Final = "事件库里没有这件事项"  # why a clock was terminated, for those who find it
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
    -- a clock that is missing before one that is only to hear of what it has called itself
    ORDER BY coalesce(sent.version, 0) > 0, plan.next_at NULLS LAST, plan.matter_id
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
        next_try = clock_timestamp()
            + least(power(2, least(sent.attempts, 30)) * 0.2, 30) * interval '1 s'
"""
FORGET: Final = """
    INSERT INTO clocks.sent AS sent (matter_id) SELECT unnest($1::uuid[])
    ON CONFLICT (matter_id) DO UPDATE SET version = 0, next_try = '-infinity'
"""
UNHEARD_OF: Final = """
    SELECT id FROM unnest($1::uuid[]) AS id
    WHERE NOT EXISTS (SELECT FROM views.clock_plan WHERE matter_id = id)
      AND NOT EXISTS (SELECT FROM log.events WHERE originator_id = id)
"""


@dataclass(frozen=True)
class Swept:
    """What was found: duties without a clock, clocks without a duty, clocks on an older plan."""

    without_clock: int
    without_duty: int
    behind: int = 0


class Timekeeper(Engine):
    def __init__(
        self,
        connect: Connect,
        client: Client,
        clock: Clock,
        *,
        poll: float = 1.0,
        sweep_every: float = 30.0,
    ) -> None:
        super().__init__(connect, poll=poll)  # as the projector
        self._client = client
        self._clock = clock
        self._sweep_every = sweep_every
        self._sweep_at = 0.0
        self._told_before: dict[UUID, Rank] | None = None  # at the sweep before
        self._seen: dict[UUID, int] = {}  # in how many sweeps on end a clock was not as it should

    async def begin(self, connection: asyncpg.Connection) -> None:
        await connection.execute("SELECT pg_advisory_lock($1)", LEADER)
        self._sweep_at = 0.0

    async def turn(self, connection: asyncpg.Connection) -> None:
        """Sweep when it is time, then send what there is to send."""
        loop = asyncio.get_running_loop()
        if loop.time() >= self._sweep_at:
            await ensure(self._client)  # a wiped Temporal knows nothing of what they show
            self._sweep_at = loop.time() + await self._sweep_again_in(connection)
        # plans that never cease to move must not keep the sweeper from its turn
        while await self.send(connection) and loop.time() < self._sweep_at:
            pass

    async def _sweep_again_in(self, connection: asyncpg.Connection) -> float:
        """Sweep; a Temporal too busy to list its clocks must not keep plans from being sent."""
        try:
            await self.sweep(connection)
        except RPCError as error:
            log.warning("not_swept", error=repr(error))
            return self._poll
        return self._sweep_every

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
        async with connection.transaction():  # one commit for all of them
            for plan, trouble in zip(plans, answers, strict=True):
                matter_id = UUID(plan.matter_id)
                if trouble is None:
                    await connection.execute(SENT, matter_id, plan.version, plan.jump)
                else:
                    log.warning("plan_not_sent", matter=plan.matter_id, error=trouble)
                    await connection.execute(FAILED, matter_id, trouble)
        if any(trouble and trouble.startswith(UNKNOWN_ATTRIBUTE) for trouble in answers):
            self._sweep_at = 0.0  # Temporal was wiped since: what clocks show is registered first
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
            search_attributes=TypedSearchAttributes([*shown(plan)]),
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

        Temporal lists what has changed a little late, so a clock is behind only if it follows an
        older plan than was sent before the last sweep; a false alarm only sends a plan twice.
        """
        found = await compare(connection, self._client)
        if found.strangers:
            log.warning("clocks_by_other_ids", ids=found.strangers)
        silent, idle = found.without_clock, found.without_duty
        told_before = found.told if self._told_before is None else self._told_before
        behind, self._told_before = found.behind_since(told_before), found.told
        if silent or idle or behind:
            log.warning(
                "clocks_swept",
                without_clock=len(silent),
                without_duty=len(idle),
                behind=len(behind),
            )
        unheard_of = await self._terminate_unheard_of(connection, idle)
        again = self._due_again((idle - unheard_of) | behind)
        await connection.execute(FORGET, [*silent, *again])
        return Swept(len(silent), len(idle), len(behind))

    def _due_again(self, differing: frozenset[UUID]) -> set[UUID]:
        """At the first sweep that finds them so, the second, the fourth, the eighth …

        A clock that is stuck takes no plan, and Temporal takes only so many for one clock.
        """
        self._seen = {each: self._seen.get(each, 0) + 1 for each in differing}
        return {each for each, times in self._seen.items() if times.bit_count() == 1}

    async def _terminate_unheard_of(
        self, connection: asyncpg.Connection, idle: frozenset[UUID]
    ) -> frozenset[UUID]:
        """End clocks of matters that are not in the log, and so will never have a plan."""
        rows = await connection.fetch(UNHEARD_OF, [*idle])
        unheard_of = frozenset(row["id"] for row in rows)
        for matter_id in unheard_of:
            handle = self._client.get_workflow_handle(clock_id(str(matter_id)))
            try:
                await handle.terminate(reason=NO_MATTER, rpc_timeout=RPC_LIMIT)
            except RPCError as error:
                if error.status is not RPCStatusCode.NOT_FOUND:
                    raise
        return unheard_of
