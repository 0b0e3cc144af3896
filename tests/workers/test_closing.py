"""Every day a schedule closes the reporting periods whose day has come: each once."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from functools import partial

import asyncpg
import pytest
from temporalio.client import Client

from domain.law.calendar import CHINA, civil_date
from domain.reporting.periods import REPORTING_BOOK, ReportingBook
from projections.follower import Follower
from tests.support.matters import begun
from workers.addresses import DatabaseAddress
from workers.chores import CLOSING_ID, Chores, chores_worker
from workers.clock_worker import connect
from workers.codec import Keys
from workers.embedded_temporal import EmbeddedTemporal
from workers.home import Home, temporary_home
from workers.store import PROJECTOR, WRITER, connect_as
from workflows.clock import DrivenClock
from workflows.event_store import EventStore
from workflows.office import Office


@pytest.fixture
def home() -> Iterator[Home]:
    with temporary_home() as made:
        yield made


@asynccontextmanager
async def temporal(home: Home, office: Office, database: DatabaseAddress) -> AsyncIterator[Client]:
    server = EmbeddedTemporal(home)
    await server.start()
    client = await connect(server.address, Keys.kept_in(home.keys / "temporal.json"))
    views = partial(connect_as, WRITER, database)
    try:
        async with chores_worker(
            client, office, views, closing_delay=0, grace=timedelta(seconds=1)
        ):
            yield client
    finally:
        await server.stop()


def names(office: Office) -> list[str]:
    return [*office._load(REPORTING_BOOK, ReportingBook).closed]


async def until_closed(office: Office, last: str) -> None:
    async with asyncio.timeout(20):
        while last not in names(office):  # noqa: ASYNC110 (the log tells nobody)
            await asyncio.sleep(0.05)


def test_an_empty_log_has_nothing_to_close(office: Office) -> None:
    assert office.close_periods() == ()


def test_periods_begin_with_the_first_event_and_are_closed_once(
    office: Office, clock: DrivenClock
) -> None:
    begun(office)  # on 2026-03-02
    clock.jump_to(datetime(2026, 5, 1, tzinfo=CHINA))
    assert [each.period.name for each in office.close_periods()] == [
        "2026-03",
        "2026-Q1",
        "2026-04",
    ]
    assert office.close_periods() == ()


def test_what_was_known_is_the_log_up_to_the_closing(
    office: Office, clock: DrivenClock, store: EventStore
) -> None:
    begun(office)
    end = store.end()
    clock.jump_to(datetime(2026, 4, 1, tzinfo=CHINA))
    assert [each.position for each in office.close_periods()] == [end, end]


async def test_the_schedule_closes_what_was_missed_and_comes_back_after_a_wipe(
    home: Home, office: Office, clock: DrivenClock, database: DatabaseAddress
) -> None:
    begun(office)
    clock.jump_to(datetime(2026, 4, 1, tzinfo=CHINA))
    never = partial(connect_as, PROJECTOR, database)
    async with temporal(home, office, database) as client:
        await Chores(never, client).ensure_closing()
        await until_closed(office, "2026-Q1")
        await Chores(never, client).ensure_closing()  # there already: not run again
        described = await client.get_schedule_handle(CLOSING_ID).describe()
        coming = described.info.next_action_times[:3]
        assert [each.astimezone(CHINA).strftime("%H:%M") for each in coming] == ["00:05"] * 3
        days = [civil_date(each).toordinal() for each in coming]
        assert days == [*range(days[0], days[0] + 3)]
        assert described.info.num_actions == 1

    await EmbeddedTemporal(home).wipe()

    clock.jump_to(datetime(2026, 7, 1, tzinfo=CHINA))
    async with temporal(home, office, database) as client:
        assert "2026-H1" not in names(office)  # the control: without the schedule nothing closes
        await Chores(never, client).ensure_closing()
        await until_closed(office, "2026-H1")
    assert names(office) == [
        "2026-03",
        "2026-Q1",
        "2026-04",
        "2026-05",
        "2026-06",
        "2026-Q2",
        "2026-H1",
    ]


async def test_a_closed_period_is_seen_with_what_was_known(
    office: Office,
    clock: DrivenClock,
    store: EventStore,
    database: DatabaseAddress,
    reader: asyncpg.Connection,
) -> None:
    begun(office)
    end = store.end()
    clock.jump_to(datetime(2026, 4, 2, tzinfo=CHINA))
    office.close_periods()
    await Follower(partial(connect_as, PROJECTOR, database)).catch_up()
    rows = await reader.fetch(
        "SELECT period, known_at, to_be_closed_on, closed_on"
        " FROM views.closed_periods ORDER BY position"
    )
    assert [tuple(map(str, row)) for row in rows] == [
        ("2026-03", str(end), "2026-04-01", "2026-04-02"),
        ("2026-Q1", str(end), "2026-04-01", "2026-04-02"),
    ]
