"""`rongcuo clock`: what is waited for, whether Temporal keeps it, and one sweep by hand."""

import asyncio
import json
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from temporalio.service import RPCError

from domain.law.calendar import CHINA
from gateway import clock_report
from gateway.clock_report import rung_in_words
from gateway.player import play
from gateway.rulebook import Rulebook
from tests.support.homes import home_with
from tests.support.lives import SCENARIOS, lived, untalked
from workers.addresses import DatabaseAddress
from workers.clock_worker import connect
from workers.codec import Keys
from workers.embedded_temporal import EmbeddedTemporal
from workers.home import temporary_home
from workers.search_attributes import ensure
from workers.stack import Stack, running
from workers.store import PROJECTOR, connect_as
from workers.timekeeper import Swept, Timekeeper
from workflows.clock import DrivenClock, SystemClock
from workflows.contract import clock_id

NUMBER = "演示〔2025〕2号"
PATIENCE_S = 15
Ran = tuple[int, str, str]
Run = Callable[..., Ran]


def asked(ran: Ran) -> Any:
    exit_code, out, err = ran
    assert exit_code == 0, err
    return json.loads(out)


def status(run: Run, exit_code: int, *home: str, running: int | None = None) -> Any:
    """Ask until it is so: Temporal lists what has changed a little late."""
    limit = time.monotonic() + PATIENCE_S
    while True:
        found, out, err = run("clock", "status", *home, "--json")
        told = json.loads(out or "{}")
        if found == exit_code and running in (None, told["temporal"]["running"]):
            return told
        assert time.monotonic() < limit, (found, out, err)
        time.sleep(0.1)


# ---- without Temporal --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def waiting_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home in which a Wuyang case waits for a follow-up talk that nobody has held."""
    told = (SCENARIOS / "08_wuyang_overdue.yaml").read_text("utf-8").splitlines(keepends=True)
    kept = (line for line in told if "hold_follow_up_visit" not in line)
    file = tmp_path_factory.mktemp("scenario") / "untalked.yaml"
    file.write_text("".join(line for line in kept if "pass_time_until" not in line), "utf-8")
    with temporary_home() as home:
        yield home_with(home.path, str(file))


def test_a_plan_shows_every_rung_a_case_waits_for(run: Run, waiting_home: Path) -> None:
    told = asked(run("clock", "plan", NUMBER, "--home", str(waiting_home), "--json"))
    assert [(each["at"], each["called"]) for each in told["moments"]] == [
        ("2025-09-23T00:00:00+08:00", "催办"),
        ("2025-09-25T00:00:00+08:00", "催办"),
        ("2025-09-27T00:00:00+08:00", "逾期"),
        ("2025-09-28T00:00:00+08:00", "督办第1级"),
        ("2025-09-30T00:00:00+08:00", "督办第2级"),
    ]
    about = {(each["subject_label"], each["due_on"]) for each in told["moments"]}
    assert about == {("吴某", "2025-09-26")}
    assert (told["sent"], told["sent_version"]) == (False, None)


def test_a_plan_is_found_by_the_id_of_its_case_and_told_to_people(
    run: Run, waiting_home: Path
) -> None:
    home = ("--home", str(waiting_home))
    matter_id = asked(run("case", "show", NUMBER, *home, "--json"))["matter_id"]
    exit_code, out, _ = run("clock", "plan", matter_id, *home)
    assert exit_code == 0
    assert "2025-09-30 00:00" in out
    assert "督办第2级" in out
    assert "尚未送往 Temporal" in out


def test_a_plan_of_no_case_is_refused(run: Run, waiting_home: Path) -> None:
    exit_code, _, err = run("clock", "plan", "无此案", "--home", str(waiting_home), "--json")
    assert (exit_code, json.loads(err)["code"]) == (1, "case_not_found")


def test_the_status_of_a_home_at_rest_comes_from_postgresql(run: Run, waiting_home: Path) -> None:
    told = asked(run("clock", "status", "--home", str(waiting_home), "--json"))
    assert (told["waiting_matters"], told["waiting_instants"], told["plans_behind"]) == (1, 5, 1)
    assert told["next_at"] == "2025-09-23T00:00:00+08:00"
    assert (
        told["unacknowledged"] == 2
    )  # the late answer was brought up twice, and nobody said a word
    late = told["oldest_overdue"]
    assert (late["case_number"], late["due_on"]) == (NUMBER, "2025-09-26")
    assert late["days"] > 300
    assert told["temporal"]["reachable"] is False
    assert "rongcuo up" in told["temporal"]["why"]


def test_temporal_missing_is_4_for_those_who_require_it(run: Run, waiting_home: Path) -> None:
    home = ("--home", str(waiting_home))
    assert run("clock", "status", "--require-temporal", *home)[0] == 4
    exit_code, _, err = run("clock", "reconcile", *home, "--json")
    assert (exit_code, json.loads(err)["code"]) == (4, "stack")


@pytest.mark.parametrize("command", ["plan", "status", "reconcile"])
def test_each_command_has_help(run: Run, command: str) -> None:
    exit_code, out, _ = run("clock", command, "--help")
    assert (exit_code, "Usage" in out) == (0, True)


def test_the_end_of_a_period_is_no_delay() -> None:
    assert rung_in_words("elapse") == "期满"


# ---- a deployment: database and Temporal by their addresses ------------------------------------


@dataclass
class Deployed:
    """A case whose clock runs in Temporal, and no timekeeper that would sweep by itself."""

    outside: asyncio.Runner
    address: str
    keys: Path
    matter_id: UUID

    def terminate(self) -> None:
        self.outside.run(terminated(self.address, self.keys, self.matter_id))


async def terminated(address: str, keys: Path, matter_id: UUID) -> None:
    client = await connect(address, Keys.kept_in(keys))
    await client.get_workflow_handle(clock_id(str(matter_id))).terminate("by hand")


async def sent(database: DatabaseAddress, address: str, keys: Path) -> None:
    client = await connect(address, Keys.kept_in(keys))
    await ensure(client)
    projector = await connect_as(PROJECTOR, database)
    keeper = Timekeeper(partial(connect_as, PROJECTOR, database), client, SystemClock())
    assert await keeper.send(projector) == 1
    await projector.close()


@pytest.fixture(scope="module")
def temporal(outside: asyncio.Runner) -> Iterator[tuple[str, Path]]:
    with temporary_home() as home:
        server = EmbeddedTemporal(home)
        outside.run(server.start())
        try:
            yield server.address, home.keys / "temporal.json"
        finally:
            outside.run(server.stop())


@pytest.fixture
def deployed(
    database: DatabaseAddress,
    rulebook: Rulebook,
    outside: asyncio.Runner,
    temporal: tuple[str, Path],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Deployed]:
    address, keys = temporal
    (life,) = outside.run(lived(database, rulebook, [untalked()]))
    outside.run(sent(database, address, keys))
    monkeypatch.setenv("RONGCUO_DATABASE_HOST", database.host)
    monkeypatch.setenv("RONGCUO_DATABASE_PORT", str(database.port))
    monkeypatch.setenv("RONGCUO_DATABASE_NAME", database.name)
    monkeypatch.setenv("RONGCUO_TEMPORAL_ADDRESS", address)
    monkeypatch.setenv("RONGCUO_TEMPORAL_KEYS", str(keys))
    found = Deployed(outside, address, keys, life.matter_id)
    yield found
    with suppress(RPCError):  # it has ended
        found.terminate()


def test_a_clock_ended_by_hand_is_missed_and_brought_back(run: Run, deployed: Deployed) -> None:
    told = status(run, 0)
    assert told["temporal"]["running"] == 1
    assert (told["plans_behind"], told["temporal"]["stuck"]) == (0, 0)

    deployed.terminate()
    missed = status(run, 3, running=0)["temporal"]
    assert (missed["duties_without_clock"], missed["clocks_without_duty"]) == (1, 0)
    assert missed["differing"] == ["试〔2025〕1号"]

    done = asked(run("clock", "reconcile", "--json"))
    assert done == {"without_clock": 1, "without_duty": 0, "behind": 0, "plans_behind": 0}
    back = status(run, 0)["temporal"]
    assert (back["running"], back["duties_without_clock"]) == (1, 0)


def test_without_the_sweep_it_does_not_come_back(
    run: Run, deployed: Deployed, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def nothing(*_: object) -> Swept:
        return Swept(0, 0, 0)

    deployed.terminate()
    status(run, 3, running=0)
    monkeypatch.setattr(Timekeeper, "sweep", nothing)
    assert asked(run("clock", "reconcile", "--json"))["without_clock"] == 0
    assert status(run, 3)["temporal"]["duties_without_clock"] == 1


@pytest.mark.usefixtures("deployed")
def test_a_server_that_cannot_tell_of_stuck_clocks_is_said_not_to(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock_report, "STUCK", "NoSuchAttribute IS NOT NULL")
    assert status(run, 0)["temporal"]["stuck"] is None
    assert "服务器不告知" in run("clock", "status")[1]


async def ended(database: DatabaseAddress, matter_id: UUID) -> None:
    """As if the duty had gone and the timekeeper had told so, but Temporal had not heard."""
    projector: asyncpg.Connection = await connect_as(PROJECTOR, database)
    await projector.execute(
        "UPDATE views.clock_plan SET moments = '[]', next_at = NULL WHERE matter_id = $1", matter_id
    )
    await projector.close()


def test_a_clock_without_a_duty_is_seen_and_told_to_stop(
    run: Run, deployed: Deployed, database: DatabaseAddress
) -> None:
    status(run, 0)
    deployed.outside.run(ended(database, deployed.matter_id))
    seen = status(run, 3)["temporal"]
    assert (seen["duties_without_clock"], seen["clocks_without_duty"]) == (0, 1)
    done = asked(run("clock", "reconcile", "--json"))
    assert done == {"without_clock": 0, "without_duty": 1, "behind": 0, "plans_behind": 0}


async def moved_on(database: DatabaseAddress) -> None:
    """As if a newer plan had been sent, and Temporal restored as it was before."""
    projector: asyncpg.Connection = await connect_as(PROJECTOR, database)
    await projector.execute("UPDATE views.clock_plan SET version = version + 1")
    await projector.execute("UPDATE clocks.sent SET version = version + 1")
    await projector.close()


def test_a_clock_on_an_older_plan_is_seen_and_sent_the_newest(
    run: Run, deployed: Deployed, database: DatabaseAddress
) -> None:
    assert status(run, 0)["temporal"]["clocks_behind"] == 0
    deployed.outside.run(moved_on(database))
    seen = status(run, 3)["temporal"]
    assert (seen["clocks_behind"], seen["differing"]) == (1, ["试〔2025〕1号"])
    assert "旧计划的时钟" in run("clock", "status")[1]
    done = asked(run("clock", "reconcile", "--json"))
    assert done == {"without_clock": 0, "without_duty": 0, "behind": 1, "plans_behind": 0}


@pytest.mark.usefixtures("deployed")
def test_temporal_out_of_reach_is_told_and_postgresql_answers(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RONGCUO_TEMPORAL_ADDRESS", "127.0.0.1:1")
    exit_code, out, _ = run("clock", "status")
    assert exit_code == 0
    assert "够不到 Temporal" in out
    assert run("clock", "status", "--require-temporal")[0] == 4
    exit_code, _, err = run("clock", "reconcile")
    assert (exit_code, "够不到 Temporal" in err) == (4, True)


# ---- beside a running stack --------------------------------------------------------------------


async def test_beside_a_running_stack_its_own_timekeeper_sends_what_was_swept(run: Run) -> None:
    with temporary_home() as home:
        clock = DrivenClock()
        async with running(home, Rulebook.packaged(), clock) as stack:
            matter_id = await waits(stack, clock)
            at = ("--home", str(home.path))
            await asyncio.to_thread(status, run, 0, *at, running=1)
            await terminated(stack.temporal.address, home.keys / "temporal.json", matter_id)
            await asyncio.to_thread(status, run, 3, *at, running=0)
            done = asked(await asyncio.to_thread(run, "clock", "reconcile", *at, "--json"))
            assert done == {"without_clock": 1, "without_duty": 0, "behind": 0, "plans_behind": 0}
            await asyncio.to_thread(status, run, 0, *at, running=1)


async def waits(stack: Stack, clock: DrivenClock) -> UUID:
    """Live up to the talk with the stack's own follower and clocks."""

    class Leaping:
        async def to(self, instant: datetime) -> None:
            clock.jump_to(instant)

        async def settled(self) -> None: ...

    (life,) = await play([untalked()], stack.office, Leaping())
    clock.jump_to(datetime(2025, 5, 21, tzinfo=CHINA))
    return life.matter_id
