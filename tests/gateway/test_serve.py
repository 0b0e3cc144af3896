"""The services of a deployment, each a process of its own, found by the environment alone."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg
import pytest

from gateway.player import play
from gateway.rulebook import Rulebook
from gateway.scenarios import Scenario
from gateway.timeline import ByHand
from projections.follower import Follower
from tests.support.lives import untalked
from workers.addresses import DatabaseAddress
from workers.codec import Keys
from workers.embedded_temporal import EmbeddedTemporal
from workers.home import temporary_home
from workers.store import PROJECTOR, connect_as
from workflows.clock import DrivenClock
from workflows.event_store import EventStore
from workflows.office import Office

ROOT = Path(__file__).parents[2]
RONGCUO = [sys.executable, "-c", "from gateway.cli import main; main()"]
SERVICES = ("follower", "worker", "timekeeper")
PATIENCE_S = 60


@pytest.fixture
async def environment(database: DatabaseAddress) -> AsyncIterator[dict[str, str]]:
    """What a deployment sets: a database, a Temporal, and the key to what Temporal keeps."""
    with temporary_home() as home:
        temporal = EmbeddedTemporal(home)
        await temporal.start()
        keys = home.keys / "temporal.json"
        Keys.kept_in(keys)
        yield {
            **os.environ,
            "RONGCUO_DATABASE_HOST": database.host,
            "RONGCUO_DATABASE_PORT": str(database.port),
            "RONGCUO_DATABASE_NAME": database.name,
            "RONGCUO_TEMPORAL_ADDRESS": temporal.address,
            "RONGCUO_TEMPORAL_KEYS": str(keys),
        }
        await temporal.stop()


@contextmanager
def serving(service: str, environment: dict[str, str]) -> Iterator["subprocess.Popen[str]"]:
    process = subprocess.Popen(
        [*RONGCUO, "serve", service], cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


async def test_three_services_call_what_is_due_and_stop_when_told(
    environment: dict[str, str], store: EventStore, database: DatabaseAddress
) -> None:
    await _live(untalked(), store, database)
    with (
        serving("follower", environment) as follower,
        serving("worker", environment) as worker,
        serving("timekeeper", environment) as timekeeper,
    ):
        await _until_nothing_waits(database)
        for service in SERVICES:
            assert _doctor(service, environment) == 0, service
        for process in (timekeeper, worker, follower):
            process.send_signal(signal.SIGTERM)
        codes = [
            await asyncio.to_thread(process.wait, PATIENCE_S)
            for process in (follower, worker, timekeeper)
        ]
    assert codes == [0, 0, 0]
    assert await _called(database) == ["reminded", "reminded", "overdue", "escalated", "escalated"]


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_without_its_addresses_says_which_are_missing(service: str) -> None:
    bare = {key: value for key, value in os.environ.items() if not key.startswith("RONGCUO_")}
    done = subprocess.run(
        [*RONGCUO, "serve", service],
        cwd=ROOT,
        env=bare,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "RONGCUO_" in done.stderr


async def _live(scenario: Scenario, store: EventStore, database: DatabaseAddress) -> None:
    clock = DrivenClock()
    office = Office(store, Rulebook.packaged(), clock)
    reader = await connect_as(PROJECTOR, database)

    async def connect() -> asyncpg.Connection:
        return await connect_as(PROJECTOR, database)

    await play([scenario], office, ByHand(clock, office, Follower(connect), reader))
    await reader.close()


async def _until_nothing_waits(database: DatabaseAddress) -> None:
    reader = await connect_as(PROJECTOR, database)
    waiting = "SELECT count(*) FROM views.clock_plan WHERE next_at IS NOT NULL"
    async with asyncio.timeout(PATIENCE_S):
        while await reader.fetchval(waiting):  # noqa: ASYNC110 (another process moves it)
            await asyncio.sleep(0.1)
    await reader.close()


async def _called(database: DatabaseAddress) -> list[str]:
    reader = await connect_as(PROJECTOR, database)
    rows = await reader.fetch(
        "SELECT topic FROM views.audit_trail WHERE topic ~ 'reminded|overdue|escalated'"
        " ORDER BY position DESC LIMIT 5"
    )
    await reader.close()
    return [row["topic"].split(".")[1] for row in reversed(rows)]


def _doctor(service: str, environment: dict[str, str]) -> int:
    return subprocess.run(
        [*RONGCUO, "doctor", "--only", service], cwd=ROOT, env=environment, check=False
    ).returncode
