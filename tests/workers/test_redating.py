"""After a release every open day it touches is counted anew, whatever breaks on the way."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import date, timedelta
from functools import partial
from uuid import UUID

import asyncpg
import pytest
from eventsourcing.persistence import OperationalError
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.testing import WorkflowEnvironment

from domain.calendars.publication import CALENDAR_BOOK, CalendarBook, EditionStage
from domain.duty_acts import WaiveDuty
from domain.obligations import ObligationRedated
from domain.refusals import Code, Refusal
from projections.follower import Follower
from tests.support.clocks import skipping
from tests.support.spring import begin, due, publish, spring_office
from workers import redating
from workers.addresses import DatabaseAddress
from workers.chores import RELEASED, Chores, chores_worker
from workers.clock_worker import connect
from workers.codec import Keys
from workers.embedded_temporal import EmbeddedTemporal
from workers.home import Home, temporary_home
from workers.store import PROJECTOR, WRITER, connect_as, open_store
from workflows.contract import redating_id
from workflows.event_store import EventStore
from workflows.office import Office

MANY = 7
BATCH = 3
BEFORE, AFTER = date(2020, 1, 31), date(2020, 2, 3)


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redating, "BATCH", BATCH)


@pytest.fixture
def home() -> Iterator[Home]:
    with temporary_home() as made:
        yield made


@asynccontextmanager
async def following(database: DatabaseAddress) -> AsyncIterator[None]:
    """The views kept up to date for the length of the block."""
    task = asyncio.create_task(Follower(partial(connect_as, PROJECTOR, database)).run())
    try:
        yield
    finally:
        task.cancel()


@asynccontextmanager
async def at_work(
    client: Client, office: Office, database: DatabaseAddress
) -> AsyncIterator[Chores]:
    views = partial(connect_as, WRITER, database)
    async with chores_worker(client, office, views, closing_delay=0, grace=timedelta(seconds=1)):
        yield Chores(partial(connect_as, PROJECTOR, database), client)


async def redate_all(
    environment: WorkflowEnvironment, chores: Chores, projector: asyncpg.Connection
) -> int:
    """Have it started as production does, and wait for the end: how many duties have changed."""
    async with asyncio.timeout(60):
        while not await projector.fetch(RELEASED):  # noqa: ASYNC110 (the views tell nobody)
            await asyncio.sleep(0.02)
        await chores.start_redating(projector)
        handle = environment.client.get_workflow_handle(redating_id("2020.2"), result_type=int)
        while (await handle.describe()).status is WorkflowExecutionStatus.RUNNING:
            await environment.sleep(timedelta(seconds=30))
        changed: int = await handle.result()
    return changed


def times_redated(office: Office, case: UUID) -> int:
    return sum(isinstance(each, ObligationRedated) for each in office._store.events.get(case))


def redated_in_all(office: Office, cases: list[UUID]) -> int:
    return sum(times_redated(office, case) for case in cases)


def book(office: Office) -> CalendarBook:
    return office._load(CALENDAR_BOOK, CalendarBook)


async def test_every_open_day_moves_once_and_the_end_is_taken_down(
    store: EventStore, database: DatabaseAddress, projector: asyncpg.Connection
) -> None:
    office, clock = spring_office(store)
    cases = [begin(office, number) for number in range(MANY)]
    over = begin(office, 100, WaiveDuty(duty="answer-1", explanation="另行答复"))
    publish(office, clock)
    later = begin(office, 101, on=date(2020, 1, 27))
    async with (
        following(database),
        skipping() as environment,
        at_work(environment.client, office, database) as chores,
    ):
        assert await redate_all(environment, chores, projector) == MANY
        assert {due(office, case) for case in cases} == {AFTER}
        assert {times_redated(office, case) for case in cases} == {1}
        assert (due(office, over), times_redated(office, over)) == (BEFORE, 0)
        assert times_redated(office, later) == 0
        file = book(office).files["2020.2"]
        assert file.stage is EditionStage.APPLIED
        assert file.applied is not None
        assert file.applied.looked_at >= MANY
        (digest,) = file.applied.digests
        assert (digest.duties, digest.later, digest.earlier, digest.kept) == (MANY, MANY, 0, 0)
        # and asked once more, nothing is done again
        events = store.end()
        await chores.start_redating(projector)
        await Follower(partial(connect_as, PROJECTOR, database)).catch_up()
        assert store.end() == events


async def test_a_day_opened_by_an_act_that_was_under_way_at_the_release_is_counted_too(
    store: EventStore, database: DatabaseAddress, projector: asyncpg.Connection
) -> None:
    office, clock = spring_office(store)
    begin(office, 1)
    publish(office, clock)
    late: list[UUID] = []

    with open_store(database) as another:
        unaware, _ = spring_office(another)
        unaware._released.over = lambda brought: brought  # type: ignore[method-assign]

        def counted(matter: UUID, edition: str | None = None) -> object:
            if not late:
                late.append(begin(unaware, 2, on=date(2020, 1, 16)))
            return type(office).redate(office, matter, edition)

        office.redate = counted  # type: ignore[method-assign, assignment]
        async with (
            following(database),
            skipping() as environment,
            at_work(environment.client, office, database) as chores,
        ):
            assert await redate_all(environment, chores, projector) == 2
    assert [due(office, case) for case in late] == [AFTER]


@pytest.mark.parametrize(
    "trouble",
    [Refusal(Code.UNKNOWN_POLICY, asked="", obstacle="", way_out=""), KeyError("answer")],
    ids=["refused", "unforeseen"],
)
async def test_one_case_that_cannot_be_counted_holds_up_no_other_and_is_asked_again(
    store: EventStore,
    database: DatabaseAddress,
    projector: asyncpg.Connection,
    trouble: Exception,
) -> None:
    office, clock = spring_office(store)
    cases = [begin(office, number) for number in range(MANY)]
    publish(office, clock)
    troubled, asked = cases[0], []

    def counted(matter: UUID, edition: str | None = None) -> object:
        asked.append(matter)
        if matter == troubled and asked.count(troubled) == 1:
            raise trouble
        return type(office).redate(office, matter, edition)

    office.redate = counted  # type: ignore[method-assign, assignment]
    async with (
        following(database),
        skipping() as environment,
        at_work(environment.client, office, database) as chores,
    ):
        assert await redate_all(environment, chores, projector) == MANY
    assert {due(office, case) for case in cases} == {AFTER}
    assert asked.count(troubled) == 2
    assert book(office).files["2020.2"].stage is EditionStage.APPLIED


async def test_a_wiped_temporal_takes_the_counting_up_again(
    home: Home, store: EventStore, database: DatabaseAddress, projector: asyncpg.Connection
) -> None:
    office, clock = spring_office(store)
    cases = [begin(office, number) for number in range(MANY)]
    publish(office, clock)
    keys = Keys.kept_in(home.keys / "temporal.json")
    server = EmbeddedTemporal(home)
    halfway = asyncio.Event()
    loop = asyncio.get_running_loop()

    def counted(matter: UUID, edition: str | None = None) -> object:
        if redated_in_all(office, cases) == BATCH + 1:
            loop.call_soon_threadsafe(halfway.set)
            raise OperationalError("the machine is switched off here")
        return type(office).redate(office, matter, edition)

    async with following(database):
        await server.start()
        client = await connect(server.address, keys)
        office.redate = counted  # type: ignore[method-assign, assignment]
        async with at_work(client, office, database) as chores:
            while not halfway.is_set():
                await chores.start_redating(projector)
                await asyncio.sleep(0.05)
        await server.stop()
        await server.wipe()
        await server.start()

        del office.redate
        client = await connect(server.address, keys)
        async with at_work(client, office, database) as chores:
            # the control: where nobody looks, nothing goes on
            handle = client.get_workflow_handle(redating_id("2020.2"))
            await asyncio.sleep(0.2)
            assert redated_in_all(office, cases) == BATCH + 1
            await chores.start_redating(projector)
            async with asyncio.timeout(20):
                while redated_in_all(office, cases) < MANY:  # noqa: ASYNC110 (the log tells nobody)
                    await asyncio.sleep(0.05)
            described = await handle.describe()
            assert described.status is WorkflowExecutionStatus.RUNNING  # it looks a second time
        await server.stop()
    assert {due(office, case) for case in cases} == {AFTER}
    assert {times_redated(office, case) for case in cases} == {1}
