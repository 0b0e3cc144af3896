"""One look at the parts that run: what PostgreSQL tells, and what Temporal keeps beside it.

Whoever asks gets the latest look; however many ask, one look is taken at a time.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import asyncpg
import structlog
from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client

from domain.law.calendar import civil_date
from gateway.clock_report import Kept, figures, kept
from workers.clock_worker import TASK_QUEUE
from workflows.clock import Clock

LOOK_EVERY_S: Final = 10.0
# the two sides are looked at together, and the second may first answer and then be compared
BOOKS_LIMIT_S: Final = 4.0
ANSWER_LIMIT_S: Final = 2.0
COMPARISON_LIMIT_S: Final = 2.5
PLAN_SENT_WITHIN: Final = timedelta(seconds=120)
POLLED_WITHIN: Final = timedelta(seconds=120)  # a worker asks anew at least once a minute
STATUTORY: Final = ("must", "generally")

log = structlog.get_logger()

VIEWS: Final = """
    SELECT (SELECT coalesce(max(notification_id), 0) FROM log.events) - position AS lag_events,
           (SELECT extract(epoch FROM clock_timestamp() - recorded_at)::float8 FROM log.events
            WHERE notification_id > position ORDER BY notification_id LIMIT 1) AS lag_seconds,
           (SELECT count(*) FROM views.parked) AS parked_matters
    FROM views.position
"""
# how long a plan has waited: since the event that last moved it
PLANS_LATE: Final = """
    SELECT count(*)
    FROM views.clock_plan AS plan
    JOIN log.events ON originator_id = plan.matter_id AND originator_version = plan.version
    LEFT JOIN clocks.sent USING (matter_id)
    WHERE plan.version > CASE
              WHEN next_at IS NULL THEN sent.version -- only to end a clock
              ELSE coalesce(sent.version, 0)
          END
      AND recorded_at < clock_timestamp() - $1::interval
"""
OVERDUE: Final = """
    SELECT qualifier, count(*) FROM views.due_list
    WHERE state = 'open' AND qualifier = ANY($1) AND NOT provisional AND due_on < $2
    GROUP BY qualifier
"""


@dataclass(frozen=True)
class Books:
    """What PostgreSQL tells. `lag_seconds`: how long the first event not yet shown has waited."""

    lag_events: int
    lag_seconds: float
    parked_matters: int
    waiting_matters: int
    plans_behind: int
    plans_late: int
    unacknowledged: int
    oldest_overdue_days: int
    overdue: Mapping[str, int]  # by how binding the time is


@dataclass(frozen=True)
class Clocks:
    """What Temporal tells. `kept`: null where the two sides could not be compared in time."""

    workers: int
    kept: Kept | None


@dataclass(frozen=True)
class Look:
    """What was found; null where a side gave no answer."""

    books: Books | None
    clocks: Clocks | None


Connecting = Callable[[], Awaitable[asyncpg.Connection]]  # as a reader
Reaching = Callable[[], Awaitable[Client]]  # raises where Temporal cannot be reached


class Looks:
    """The latest look: one at a time, and at most one every few seconds."""

    def __init__(self, connect: Connecting, reach: Reaching, clock: Clock) -> None:
        self._connect = connect
        self._reach = reach
        self._clock = clock
        self._look: asyncio.Task[Look] | None = None
        self._begun = 0.0

    async def latest(self) -> Look:
        """What was found last; waits for it while it is being looked at."""
        old = self.age >= LOOK_EVERY_S
        if self._look is None or (old and self._look.done()):
            self._begun = _now()
            self._look = asyncio.create_task(self._taken())
        return await asyncio.shield(self._look)  # one who leaves does not take it from the others

    @property
    def age(self) -> float:
        """Seconds since the latest look began."""
        return _now() - self._begun

    async def _taken(self) -> Look:
        books, clocks = await asyncio.gather(
            _within(BOOKS_LIMIT_S, "postgresql", self._books()), self._clocks()
        )
        return Look(books, clocks)

    async def _books(self) -> Books:
        async with (
            _connected(self._connect) as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            return await books(connection, self._clock.now())

    async def _clocks(self) -> Clocks | None:
        answer = await _within(ANSWER_LIMIT_S, "temporal", self._answer())
        if answer is None:
            return None
        client, workers = answer
        return Clocks(workers, await _within(COMPARISON_LIMIT_S, "clocks", self._kept(client)))

    async def _answer(self) -> tuple[Client, int]:
        client = await self._reach()
        return client, await workers_at(client)

    async def _kept(self, client: Client) -> Kept:
        async with _connected(self._connect) as connection:
            return await kept(connection, client)


async def books(connection: asyncpg.Connection, now: datetime) -> Books:
    """What the views and the log tell, as of one moment when asked inside a transaction."""
    (views,) = await connection.fetch(VIEWS)
    told = await figures(connection, now)
    oldest = told["oldest_overdue"]
    overdue = await connection.fetch(OVERDUE, STATUTORY, civil_date(now))
    return Books(
        lag_events=views["lag_events"],
        lag_seconds=views["lag_seconds"] or 0.0,
        parked_matters=views["parked_matters"],
        waiting_matters=told["waiting_matters"],
        plans_behind=told["plans_behind"],
        plans_late=await connection.fetchval(PLANS_LATE, PLAN_SENT_WITHIN),
        unacknowledged=told["unacknowledged"],
        oldest_overdue_days=oldest["days"] if oldest else 0,
        overdue=dict.fromkeys(STATUTORY, 0)
        | {each["qualifier"]: each["count"] for each in overdue},
    )


async def workers_at(client: Client) -> int:
    """How many workers ask for the clocks' tasks; the server lists those that left for a while."""
    described = await client.workflow_service.describe_task_queue(
        DescribeTaskQueueRequest(
            namespace=client.namespace,
            task_queue=TaskQueue(name=TASK_QUEUE),
            task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
        )
    )
    since = datetime.now(UTC) - POLLED_WITHIN
    asked = [each.last_access_time.ToDatetime(UTC) for each in described.pollers]
    return sum(at > since for at in asked)


async def _within(limit: float, part: str, asking: Awaitable[Any]) -> Any:
    """What is answered in time, else None: a part that gives no answer is what one looks for."""
    try:
        async with asyncio.timeout(limit):
            return await asking
    except Exception as error:  # noqa: BLE001 (whatever it is, the part has given no answer)
        log.warning("look_unanswered", part=part, error=repr(error))
        return None


@asynccontextmanager
async def _connected(connect: Connecting) -> AsyncIterator[asyncpg.Connection]:
    connection = await connect()
    try:
        yield connection
    finally:
        await connection.close(timeout=0.5)


def _now() -> float:
    return asyncio.get_running_loop().time()


class TemporalAt:
    """The way to Temporal: found at the first need, and kept."""

    def __init__(self, address: Callable[[], str], namespace: str = "default") -> None:
        self._address = address  # raises while it has none
        self._namespace = namespace
        self._client: Client | None = None

    async def __call__(self) -> Client:
        if self._client is None:
            self._client = await Client.connect(self._address(), namespace=self._namespace)
        return self._client
