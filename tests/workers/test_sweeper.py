"""The sweeper where both sides differ in ways nobody meant: late lists, strangers, lost matters."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from uuid import UUID, uuid4

import asyncpg
import pytest
from structlog.testing import capture_logs
from temporalio.client import Client, WorkflowExecutionStatus

from gateway.rulebook import Rulebook
from tests.support.clocks import alone_on
from tests.support.histories import plan
from tests.support.lives import lived, untalked
from workers.addresses import DatabaseAddress
from workers.clock_worker import TASK_QUEUE
from workers.codec import Keys, sealed
from workers.comparison import RUNNING
from workers.embedded_temporal import EmbeddedTemporal
from workers.home import temporary_home
from workers.search_attributes import ensure
from workers.store import PROJECTOR, connect_as
from workers.timekeeper import NO_MATTER, Swept, Timekeeper
from workflows.clock import SystemClock
from workflows.contract import CLOCK, ClockState, clock_id

CONVERTER = sealed(Keys("test", {"test": b"k" * 32}))
FAR = datetime(2100, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def address(outside: asyncio.Runner) -> Iterator[str]:
    with temporary_home() as home:
        server = EmbeddedTemporal(home)
        outside.run(server.start())
        try:
            yield server.address
        finally:
            outside.run(server.stop())


@pytest.fixture
async def client(address: str) -> Client:
    """In a namespace of the test's own; nobody works there: a clock stays as it was started."""
    client = await alone_on(address, CONVERTER)
    await ensure(client)
    return client


@pytest.fixture
async def matter_id(database: DatabaseAddress, rulebook: Rulebook) -> UUID:
    """A case that waits for a talk, long overdue."""
    (life,) = await lived(database, rulebook, [untalked()])
    return life.matter_id


async def _never() -> asyncpg.Connection:
    raise AssertionError("these tests send and sweep by their own hand")


@pytest.fixture
def timekeeper(client: Client) -> Timekeeper:
    return Timekeeper(_never, client, SystemClock())


async def start(client: Client, workflow_id: str) -> None:
    await client.start_workflow(
        CLOCK, ClockState(plan=plan(1, due=FAR)), id=workflow_id, task_queue=TASK_QUEUE
    )


async def listed(client: Client, how_many: int) -> None:
    """Wait until Temporal lists so many clocks: it does so a little late."""
    async with asyncio.timeout(20):
        while (await client.count_workflows(RUNNING)).count != how_many:  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def move_on(projector: asyncpg.Connection) -> None:
    await projector.execute("UPDATE views.clock_plan SET version = version + 1")


# ---- clocks on older plans ---------------------------------------------------------------------


@pytest.mark.usefixtures("matter_id")
async def test_a_plan_sent_since_the_last_sweep_is_not_yet_held_against_its_clock(
    client: Client, timekeeper: Timekeeper, projector: asyncpg.Connection
) -> None:
    await timekeeper.send(projector)
    await listed(client, 1)
    assert await timekeeper.sweep(projector) == Swept(0, 0, behind=0)
    await move_on(projector)
    assert await timekeeper.send(projector) == 1
    assert await timekeeper.sweep(projector) == Swept(0, 0, behind=0)
    assert await timekeeper.sweep(projector) == Swept(0, 0, behind=1)


@pytest.mark.usefixtures("matter_id")
async def test_a_clock_that_takes_no_plan_is_counted_each_time_and_told_ever_more_rarely(
    client: Client, timekeeper: Timekeeper, projector: asyncpg.Connection
) -> None:
    await timekeeper.send(projector)
    await listed(client, 1)
    await move_on(projector)
    await timekeeper.send(projector)
    found = []
    for _ in range(9):
        swept = await timekeeper.sweep(projector)
        found.append((swept.behind, await timekeeper.send(projector)))
    assert found == [(1, sent) for sent in (1, 1, 0, 1, 0, 0, 0, 1, 0)]


@pytest.mark.usefixtures("matter_id")
async def test_a_clock_begun_before_clocks_showed_their_plans_is_left_alone(
    client: Client, timekeeper: Timekeeper, projector: asyncpg.Connection, matter_id: UUID
) -> None:
    await start(client, clock_id(str(matter_id)))
    await timekeeper.send(projector)
    await listed(client, 1)
    await move_on(projector)
    await timekeeper.send(projector)
    assert await timekeeper.sweep(projector) == Swept(0, 0, behind=0)


# ---- a Temporal that has forgotten -------------------------------------------------------------


@pytest.mark.usefixtures("matter_id")
async def test_a_timekeeper_that_runs_registers_what_a_wiped_temporal_has_forgotten(
    address: str, database: DatabaseAddress
) -> None:
    fresh = await alone_on(address, CONVERTER)
    keeper = Timekeeper(partial(connect_as, PROJECTOR, database), fresh, SystemClock())
    running = asyncio.create_task(keeper.run())
    await listed(fresh, 1)
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running


# ---- clocks that should not be -----------------------------------------------------------------


@pytest.mark.parametrize("stranger", ["clock-of-nobody", "somebody", f"clock-{UUID(int=7).hex}"])
async def test_a_clock_by_an_id_that_is_not_ours_is_told_of_and_stops_no_sweep(
    client: Client, timekeeper: Timekeeper, projector: asyncpg.Connection, stranger: str
) -> None:
    await start(client, stranger)
    await listed(client, 1)
    with capture_logs() as logs:
        assert await timekeeper.sweep(projector) == Swept(0, 0, behind=0)
    assert [(each["event"], each["ids"]) for each in logs] == [("clocks_by_other_ids", (stranger,))]


async def test_a_clock_of_a_matter_the_log_does_not_know_is_ended(
    client: Client, timekeeper: Timekeeper, projector: asyncpg.Connection
) -> None:
    lost = clock_id(str(uuid4()))
    await start(client, lost)
    await listed(client, 1)
    assert await timekeeper.sweep(projector) == Swept(0, without_duty=1, behind=0)
    *_, last = (await client.get_workflow_handle(lost).fetch_history()).events
    assert last.workflow_execution_terminated_event_attributes.reason == NO_MATTER
    await listed(client, 0)
    assert await timekeeper.sweep(projector) == Swept(0, 0, behind=0)


async def test_a_clock_whose_matter_is_only_missing_from_the_views_is_not_ended(
    client: Client, timekeeper: Timekeeper, projector: asyncpg.Connection, matter_id: UUID
) -> None:
    await timekeeper.send(projector)
    await listed(client, 1)
    await projector.execute("DELETE FROM views.clock_plan")
    assert await timekeeper.sweep(projector) == Swept(0, without_duty=1, behind=0)
    clock = await client.get_workflow_handle(clock_id(str(matter_id))).describe()
    assert clock.status == WorkflowExecutionStatus.RUNNING


async def test_a_clock_whose_duty_went_while_the_notes_were_lost_is_told_to_stop(
    client: Client, timekeeper: Timekeeper, projector: asyncpg.Connection, matter_id: UUID
) -> None:
    await timekeeper.send(projector)
    await listed(client, 1)
    await projector.execute(
        "UPDATE views.clock_plan SET version = version + 1, moments = '[]', next_at = NULL"
    )
    await projector.execute("DELETE FROM clocks.sent")
    assert await timekeeper.send(projector) == 0  # the control: nobody remembers a clock
    assert await timekeeper.sweep(projector) == Swept(0, without_duty=1, behind=0)
    assert await timekeeper.send(projector) == 1
    *_, last = (await client.get_workflow_handle(clock_id(str(matter_id))).fetch_history()).events
    assert last.HasField("workflow_execution_signaled_event_attributes")
