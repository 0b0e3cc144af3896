"""A child of ours writes to its log, is stopped in steps, is reaped, and is missed when it dies."""

import asyncio
import os
import signal
from pathlib import Path

import pytest

from tests.support.processes import ended_within, reaped_within, until
from workers import children
from workers.children import Child, StackFault, start_child

STUBBORN = "trap '' TERM; echo ready; while :; do sleep 0.01; done"


def shell(tmp_path: Path, script: str) -> Child:
    return start_child("试验", ["/bin/sh", "-c", script], log=tmp_path / "child.log")


async def said(child: Child, word: str) -> None:
    await until(lambda: word in child.log_tail())


async def test_what_it_says_goes_to_its_log(tmp_path: Path) -> None:
    child = shell(tmp_path, "echo out; echo err >&2")
    assert await child.wait() == 0
    assert child.log_tail() == "out\nerr"


async def test_the_tail_begins_with_this_start(tmp_path: Path) -> None:
    await shell(tmp_path, "echo first").wait()
    second = shell(tmp_path, "echo second")
    await second.wait()
    assert second.log_tail() == "second"
    assert (tmp_path / "child.log").read_text() == "first\nsecond\n"


async def test_its_first_words_are_found_however_much_it_says_later(tmp_path: Path) -> None:
    child = shell(tmp_path, "echo ready; seq 1 1000")
    await child.wait()
    assert child.log_head().startswith("ready\n")
    assert "ready" not in child.log_tail()
    assert child.log_tail().endswith("\n1000")


async def test_a_log_grown_too_long_is_put_aside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(children, "LOG_LIMIT_BYTES", 3)
    await shell(tmp_path, "echo first").wait()
    await shell(tmp_path, "echo second").wait()
    assert (tmp_path / "child.old.log").read_text() == "first\n"
    assert (tmp_path / "child.log").read_text() == "second\n"


async def test_it_leads_its_own_session(tmp_path: Path) -> None:
    child = shell(tmp_path, "exec sleep 60")
    assert os.getsid(child.pid) == child.pid
    child.kill()
    await child.wait()


async def test_it_is_asked_first_and_killed_after_the_grace(tmp_path: Path) -> None:
    child = shell(tmp_path, STUBBORN)
    await said(child, "ready")
    assert await child.stop(signal.SIGTERM, grace=0.1) == -signal.SIGKILL


async def test_a_harder_way_is_tried_before_the_kill(tmp_path: Path) -> None:
    child = shell(tmp_path, STUBBORN)
    await said(child, "ready")
    code = await child.stop(signal.SIGTERM, grace=0.1, harder=signal.SIGUSR1)
    assert code == -signal.SIGUSR1


async def test_a_kill_takes_what_it_has_started_too(tmp_path: Path) -> None:
    child = shell(tmp_path, "sleep 60 & echo started $!; wait")
    await said(child, "started")
    grandchild = int(child.log_tail().split()[1])
    child.kill()
    await child.wait()
    assert ended_within(5, grandchild)


async def test_an_ended_child_is_reaped_without_anyone_asking(tmp_path: Path) -> None:
    child = shell(tmp_path, "exit 3")
    assert reaped_within(5, child.pid)
    assert await child.wait() == 3
    assert not child.alive
    assert await child.stop() == 3


async def test_a_death_nobody_asked_for_is_a_fault_with_the_end_of_the_log(tmp_path: Path) -> None:
    child = shell(tmp_path, "echo 最后一句; kill -9 $$")
    fault = await child.died()
    assert isinstance(fault, StackFault)
    assert "SIGKILL" in str(fault)
    assert "最后一句" in str(fault)


async def test_an_end_that_was_asked_for_is_no_fault(tmp_path: Path) -> None:
    child = shell(tmp_path, "exec sleep 60")
    watch = asyncio.create_task(child.died())
    await asyncio.sleep(0)
    await child.stop()
    assert await watch is None


async def test_a_waiter_that_gives_up_takes_nothing_from_the_next(tmp_path: Path) -> None:
    child = shell(tmp_path, "sleep 0.2")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(child.wait(), 0.01)
    assert await child.wait() == 0


def test_one_loop_may_start_it_and_another_stop_it(tmp_path: Path) -> None:
    async def start() -> Child:
        return shell(tmp_path, "exec sleep 60")

    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as first:
        child = first.run(start())
    assert child.alive
    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as second:
        assert second.run(child.stop()) == -signal.SIGTERM


async def test_a_thread_that_may_end_before_us_may_not_start_one(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="main thread"):
        await asyncio.to_thread(shell, tmp_path, "true")
