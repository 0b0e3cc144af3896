"""What every test may ask for."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack

import asyncpg
import pytest

from gateway.rulebook import Rulebook
from gateway.scenarios import Scenario
from tests.support.databases import SUPERUSER, copied
from tests.support.lives import play_into, scenarios_of_the_project
from tests.support.matters import MORNING
from workers.addresses import DatabaseAddress
from workers.embedded_postgres import EmbeddedPostgres
from workers.home import temporary_home
from workers.migrate import migrate
from workers.store import PROJECTOR, READER, WRITER, connect_as, open_store
from workflows.clock import DrivenClock
from workflows.event_store import EventStore
from workflows.office import Office

# files whose tests wait for real processes and real time, the longest first
SLOW = (
    "test_endurance",
    "test_demo_and_up",
    "test_http_operations",
    "test_clocks_on_real_parts",
    "test_serve",
    "test_stack",
    "test_simulation",
    "test_notifier",
    "test_county_year",
    "test_case_machine",
    "test_clocks",
    "test_closing",
    "test_redating",
    "test_sweeper",
    "test_canary",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes long comes first, so that no worker is left alone with it at the end."""
    places = {name: place for place, name in enumerate(SLOW)}
    items.sort(key=lambda item: places.get(item.path.stem, len(SLOW)))


@pytest.fixture(scope="session")
def postgres() -> Iterator[EmbeddedPostgres]:
    """One server for the whole run; a test that writes makes its own database.

    Not an async fixture: the server belongs to no test's loop. The runner leaves the loop that
    pytest-asyncio has set alone.
    """
    with temporary_home() as home, asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        server = EmbeddedPostgres(home)
        runner.run(server.start())
        try:
            yield server
        finally:
            runner.run(server.stop())


@pytest.fixture(scope="session")
def outside() -> Iterator[asyncio.Runner]:
    """A loop for what is asynchronous and belongs to no test."""
    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        yield runner


@pytest.fixture(scope="session")
def template_database(postgres: EmbeddedPostgres, outside: asyncio.Runner) -> DatabaseAddress:
    """Migrated once; what a test writes to is a copy."""
    address = outside.run(postgres.create_database("template_migrated"))
    outside.run(migrate(address))
    return address


@pytest.fixture
def database(
    postgres: EmbeddedPostgres, template_database: DatabaseAddress, outside: asyncio.Runner
) -> Iterator[DatabaseAddress]:
    """A database of the test's own, with an empty log."""
    with copied(postgres, template_database, outside) as address:
        yield address


@pytest.fixture(scope="module")
def module_copy(
    postgres: EmbeddedPostgres, outside: asyncio.Runner
) -> Iterator[Callable[[DatabaseAddress], DatabaseAddress]]:
    """Makes a copy that the tests of a module share: those that leave it as they found it."""
    with ExitStack() as copies:
        yield lambda template: copies.enter_context(copied(postgres, template, outside))


@pytest.fixture(scope="session")
def rulebook() -> Rulebook:
    return Rulebook.packaged()


@pytest.fixture(scope="session")
def scenarios() -> list[Scenario]:
    return scenarios_of_the_project()


@pytest.fixture(scope="session")
def played_template(
    postgres: EmbeddedPostgres,
    template_database: DatabaseAddress,
    outside: asyncio.Runner,
    rulebook: Rulebook,
    scenarios: list[Scenario],
) -> Iterator[DatabaseAddress]:
    """Every scenario of the project lived to its end, by hand. To be read, or copied."""
    with copied(postgres, template_database, outside) as address:
        outside.run(play_into(address, rulebook, scenarios))
        yield address


@pytest.fixture
def played(
    postgres: EmbeddedPostgres, played_template: DatabaseAddress, outside: asyncio.Runner
) -> Iterator[DatabaseAddress]:
    """A database of the test's own in which every scenario has been lived."""
    with copied(postgres, played_template, outside) as address:
        yield address


@pytest.fixture
def store(database: DatabaseAddress) -> Iterator[EventStore]:
    with open_store(database) as store:
        yield store


@pytest.fixture
def clock() -> DrivenClock:
    """It is the morning on which the example acts are taken."""
    clock = DrivenClock()
    clock.jump_to(MORNING)
    return clock


@pytest.fixture
def office(store: EventStore, rulebook: Rulebook, clock: DrivenClock) -> Office:
    return Office(store, rulebook, clock)


@pytest.fixture
async def reader(database: DatabaseAddress) -> AsyncIterator[asyncpg.Connection]:
    connection = await connect_as(READER, database)
    yield connection
    await connection.close()


@pytest.fixture
async def writer(database: DatabaseAddress) -> AsyncIterator[asyncpg.Connection]:
    connection = await connect_as(WRITER, database)
    yield connection
    await connection.close()


@pytest.fixture
async def projector(database: DatabaseAddress) -> AsyncIterator[asyncpg.Connection]:
    connection = await connect_as(PROJECTOR, database)
    yield connection
    await connection.close()


@pytest.fixture
async def superuser(database: DatabaseAddress) -> AsyncIterator[asyncpg.Connection]:
    connection = await connect_as(SUPERUSER, database)
    yield connection
    await connection.close()


def pytest_unconfigure() -> None:
    # threads of Temporal's SDK that meet the interpreter's end crash it; they need a moment
    if "temporalio" in sys.modules:
        time.sleep(0.5)
