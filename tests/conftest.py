"""What every test may ask for."""

import asyncio
import sys
import time
from collections.abc import Iterator

import pytest

from workers.embedded_postgres import EmbeddedPostgres
from workers.home import temporary_home


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


def pytest_unconfigure() -> None:
    # threads of Temporal's SDK that meet the interpreter's end crash it; they need a moment
    if "temporalio" in sys.modules:
        time.sleep(0.5)
