"""What Temporal has to do besides the clocks: count open days anew, close reporting periods.

What is to be done is seen in PostgreSQL and started wherever it is missing. Asking twice changes
nothing, so that a wiped Temporal takes up again what it was doing.
"""

import asyncio
import contextlib
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Final

import asyncpg
import structlog
from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleCalendarSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleRange,
    ScheduleSpec,
)
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.service import RPCError
from temporalio.worker import Worker

from workers.comparison import RPC_LIMIT
from workers.engine import Connect, Engine
from workers.redating import RedatingActivities
from workflows.activities import ClosingActivities
from workflows.closing import ClosePeriods
from workflows.contract import CLOSING, REDATING, Redating, redating_id
from workflows.office import Office
from workflows.redating import RedateTouched

TASK_QUEUE: Final = "chores"
AT_ONCE: Final = 2  # the acts of people go first
CLOSING_ID: Final = "closing"
EVERY_DAY: Final = ScheduleCalendarSpec(  # 00:05 in China, whatever zones the server knows
    hour=[ScheduleRange(16)], minute=[ScheduleRange(5)]
)
CATCH_UP: Final = timedelta(days=365)  # one run makes up for all days missed; it may be late
ENSURE_EVERY_S: Final = 60.0
RELEASED: Final = "SELECT edition FROM views.calendar_editions WHERE state = 'released'"
log = structlog.get_logger()


def chores_worker(
    client: Client, office: Office, connect: Connect, *, closing_delay: int, grace: timedelta
) -> Worker:
    """Build the worker; `connect` as one who may read the views, `closing_delay` in days."""
    redating = RedatingActivities(office, connect)
    return Worker(
        client,
        task_queue=TASK_QUEUE,
        workflows=[RedateTouched, ClosePeriods],
        activities=[
            redating.touched,
            redating.redate,
            redating.applied,
            ClosingActivities(office, closing_delay).close_periods,
        ],
        activity_executor=ThreadPoolExecutor(AT_ONCE, thread_name_prefix="chores"),
        max_concurrent_activities=AT_ONCE,
        graceful_shutdown_timeout=grace,
    )


class Chores(Engine):
    """Sees what is to be done, and has it started."""

    def __init__(
        self, connect: Connect, client: Client, *, closing: bool = True, poll: float = 5.0
    ) -> None:
        super().__init__(connect, poll=poll)  # as one who may read the views
        self._client = client
        self._closing = closing  # whether reporting periods are closed here
        self._ensure_at = 0.0

    async def begin(self, connection: asyncpg.Connection) -> None:  # noqa: ARG002
        self._ensure_at = 0.0

    async def turn(self, connection: asyncpg.Connection) -> None:
        now = asyncio.get_running_loop().time()
        if self._closing and now >= self._ensure_at:
            await self.ensure_closing()
            self._ensure_at = now + ENSURE_EVERY_S
        await self.start_redating(connection)

    async def start_redating(self, connection: asyncpg.Connection) -> None:
        """Start the counting anew for each edition that was released and is not yet applied."""
        for row in await connection.fetch(RELEASED):
            try:
                await self._client.start_workflow(
                    REDATING,
                    Redating(edition=row["edition"]),
                    id=redating_id(row["edition"]),
                    task_queue=TASK_QUEUE,
                    id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                    id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
                    rpc_timeout=RPC_LIMIT,
                )
            except RPCError as error:
                log.warning("redating_not_started", edition=row["edition"], error=error.message)

    async def ensure_closing(self) -> None:
        """Make the daily schedule where there is none; a new one runs at once, to make up."""
        with contextlib.suppress(ScheduleAlreadyRunningError):
            await self._client.create_schedule(
                CLOSING_ID,
                Schedule(
                    action=ScheduleActionStartWorkflow(
                        CLOSING, id=CLOSING_ID, task_queue=TASK_QUEUE
                    ),
                    spec=ScheduleSpec(calendars=[EVERY_DAY]),
                    policy=SchedulePolicy(
                        overlap=ScheduleOverlapPolicy.SKIP, catchup_window=CATCH_UP
                    ),
                ),
                trigger_immediately=True,
                rpc_timeout=RPC_LIMIT,
            )
