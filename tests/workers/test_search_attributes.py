"""What clocks show is known to Temporal before a clock starts, or nothing is started."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import (
    AddSearchAttributesRequest,
    ListSearchAttributesRequest,
)
from temporalio.client import Client
from temporalio.common import TypedSearchAttributes
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.service import RPCError

from gateway.doctor import Finding, examine
from gateway.rulebook import Rulebook
from tests.support.clocks import alone_on
from tests.support.histories import plan
from workers import search_attributes
from workers.addresses import DatabaseAddress
from workers.children import StackFault
from workers.embedded_temporal import EmbeddedTemporal
from workers.home import temporary_home
from workers.search_attributes import ensure
from workers.stack import running
from workflows.contract import CLOCK, ClockState, clock_id, shown

ROOT = Path(__file__).parents[2]
KNOWN = {"RongcuoPlan": "KEYWORD", "RongcuoNextAt": "DATETIME"}
INT = IndexedValueType.INDEXED_VALUE_TYPE_INT
DATETIME = IndexedValueType.INDEXED_VALUE_TYPE_DATETIME
OF_ANOTHER_TYPE = "RongcuoPlan 是 Int，应为 Keyword"


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
    """In a namespace of the test's own."""
    return await alone_on(address, pydantic_data_converter)


async def kept(client: Client) -> dict[str, str]:
    listed = await client.operator_service.list_search_attributes(
        ListSearchAttributesRequest(namespace=client.namespace)
    )
    return {
        name: IndexedValueType.Name(kind).removeprefix("INDEXED_VALUE_TYPE_")
        for name, kind in listed.custom_attributes.items()
    }


async def add(client: Client, **kinds: IndexedValueType.ValueType) -> None:
    await client.operator_service.add_search_attributes(
        AddSearchAttributesRequest(namespace=client.namespace, search_attributes=kinds)
    )


async def start_a_clock(client: Client) -> None:
    begun = plan(1, due=datetime(2026, 9, 26, tzinfo=UTC))
    await client.start_workflow(
        CLOCK,
        ClockState(plan=begun),
        id=clock_id(begun.matter_id),
        task_queue="nobody",
        search_attributes=TypedSearchAttributes([*shown(begun)]),
    )


async def test_a_clock_can_be_started_as_soon_as_its_attributes_are_ensured(
    client: Client,
) -> None:
    with pytest.raises(RPCError, match="search attribute Rongcuo"):  # the control: not before
        await start_a_clock(client)
    await ensure(client)
    await start_a_clock(client)
    assert await kept(client) == KNOWN


async def test_ensuring_twice_and_by_several_at_once_changes_nothing(client: Client) -> None:
    await asyncio.gather(*(ensure(client) for _ in range(4)))
    await ensure(client)
    assert await kept(client) == KNOWN


async def test_only_what_is_missing_is_added(client: Client) -> None:
    await add(client, RongcuoNextAt=DATETIME, SomebodyElses=INT)
    await ensure(client)
    assert await kept(client) == {**KNOWN, "SomebodyElses": "INT"}


async def test_another_type_is_refused_with_the_way_out_and_nothing_is_added(
    client: Client,
) -> None:
    await add(client, RongcuoPlan=INT)
    with pytest.raises(StackFault, match=rf"{OF_ANOTHER_TYPE}.*search-attribute remove"):
        await ensure(client)
    assert await kept(client) == {"RongcuoPlan": "INT"}


async def test_a_namespace_without_room_is_told_with_the_command_that_would_help(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    await add(client, One=DATETIME, Two=DATETIME, Three=DATETIME)
    monkeypatch.setattr(search_attributes, "PATIENCE_S", 0.2)
    with pytest.raises(StackFault, match=r"more than 3.*--name RongcuoNextAt --type Datetime"):
        await ensure(client)


# ---- where clocks are started ------------------------------------------------------------------


@pytest.fixture
def deployed(
    client: Client, address: str, database: DatabaseAddress, tmp_path: Path
) -> dict[str, str]:
    return {
        "RONGCUO_DATABASE_HOST": database.host,
        "RONGCUO_DATABASE_PORT": str(database.port),
        "RONGCUO_DATABASE_NAME": database.name,
        "RONGCUO_TEMPORAL_ADDRESS": address,
        "RONGCUO_TEMPORAL_NAMESPACE": client.namespace,
        "RONGCUO_TEMPORAL_KEYS": str(tmp_path / "temporal.json"),
    }


@pytest.mark.parametrize("service", ["worker", "timekeeper"])
async def test_a_service_of_clocks_does_not_start_on_another_type(
    client: Client, deployed: dict[str, str], service: str
) -> None:
    await add(client, RongcuoPlan=INT)
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-c", "from gateway.cli import main; main()", "serve", service],
        cwd=ROOT,
        env={**os.environ, **deployed},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, OF_ANOTHER_TYPE in done.stderr) == (4, True), done.stderr


async def test_the_stack_does_not_start_on_another_type() -> None:
    with temporary_home() as home:
        server = EmbeddedTemporal(home)
        await server.start()
        await add(await Client.connect(server.address), RongcuoPlan=INT)
        os.kill(server.pid, signal.SIGKILL)  # an orderly stop takes a second
        await server.stop()
        with pytest.raises(StackFault, match=OF_ANOTHER_TYPE):
            async with running(home, Rulebook.packaged()):
                pass


async def of_temporal(monkeypatch: pytest.MonkeyPatch, deployed: dict[str, str]) -> Finding:
    for name, told in deployed.items():
        monkeypatch.setenv(name, told)
    (found,) = await examine(None, "worker")
    return found


async def test_the_doctor_finds_attributes_that_are_missing_and_those_of_another_type(
    client: Client, deployed: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    missing = await of_temporal(monkeypatch, deployed)
    assert (missing.ok, missing.detail) == (False, "检索属性 RongcuoPlan、RongcuoNextAt 没有登记")
    await add(client, RongcuoPlan=INT)
    assert OF_ANOTHER_TYPE in (await of_temporal(monkeypatch, deployed)).detail


async def test_the_doctor_finds_nothing_wrong_with_attributes_that_are_registered(
    client: Client, deployed: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    await ensure(client)
    assert (await of_temporal(monkeypatch, deployed)).name == "时钟工人"
