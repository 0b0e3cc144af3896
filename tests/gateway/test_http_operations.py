"""`/healthz`, `/readyz`, `/metrics`: true while parts fail, cheap however often asked."""

import asyncio
import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import asyncpg
import httpx2
import pytest
from prometheus_client.parser import text_string_to_metric_families

from domain.law.calendar import civil_date
from gateway import http_api, looks, readiness
from gateway.clock_report import Kept
from gateway.commands.run import _at_the_door
from gateway.duties import duties_of
from gateway.looks import Books, Clocks, Connecting, Look, Looks, TemporalAt
from gateway.metrics import registry
from gateway.player import play
from gateway.rulebook import Rulebook
from gateway.timeline import ByHand
from projections.follower import Follower
from tests.support.lives import lived, unanswered, untalked
from workers.addresses import DatabaseAddress
from workers.children import StackFault
from workers.clock_worker import clock_worker, connect
from workers.codec import Keys
from workers.embedded_temporal import EmbeddedTemporal
from workers.home import Home, temporary_home
from workers.search_attributes import ensure
from workers.store import PROJECTOR, READER, connect_as
from workers.timekeeper import Timekeeper
from workflows.clock import DrivenClock, SystemClock
from workflows.event_store import EventStore
from workflows.office import Office

ROOT = Path(__file__).parents[2]
RONGCUO = [sys.executable, "-c", "from gateway.cli import main; main()"]
PATIENCE_S = 60
PARTS = ["postgresql", "views", "parked", "plans", "temporal", "worker", "clocks", "stuck"]
OF_TEMPORAL = {
    "rongcuo_clock_workers",
    "rongcuo_duties_without_clock",
    "rongcuo_clocks_without_duty",
    "rongcuo_clocks_behind",
    "rongcuo_stuck_clocks",
}
Figures = dict[str, float]


# ---- asking ------------------------------------------------------------------------------------


@asynccontextmanager
async def asking(found: Looks) -> AsyncIterator[httpx2.AsyncClient]:
    transport = httpx2.ASGITransport(http_api.application(found))
    async with httpx2.AsyncClient(transport=transport, base_url="http://rongcuo") as client:
        yield client


async def asked(found: Looks, path: str) -> httpx2.Response:
    async with asking(found) as client:
        return await client.get(path)


async def scraped(found: Looks) -> Figures:
    answer = await asked(found, "/metrics")
    assert answer.status_code == 200
    return figures_in(answer.text)


def figures_in(text: str) -> Figures:
    """Every gauge by its name, and by its label where it has one."""
    return {
        sample.name + "".join(f":{each}" for each in sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def troubles(answer: httpx2.Response) -> list[str]:
    return [part["name"] for part in answer.json()["parts"] if not part["ok"]]


def reading(database: DatabaseAddress) -> Connecting:
    return partial(connect_as, READER, database)


async def unreachable(*_: object) -> Any:
    raise OSError("nobody is there")


async def silent(*_: object) -> Any:
    await asyncio.Event().wait()


# ---- with everything ---------------------------------------------------------------------------


@dataclass
class Deployed:
    """A case that waits for a talk, Temporal with its worker, and a timekeeper driven by hand."""

    home: Home
    database: DatabaseAddress
    office: Office
    clock: DrivenClock
    server: EmbeddedTemporal
    projector: asyncpg.Connection

    def looks(self) -> Looks:
        """Fresh ones, which have nothing to remember."""
        return Looks(reading(self.database), TemporalAt(lambda: self.server.address), self.clock)

    @asynccontextmanager
    async def working(self) -> AsyncIterator[Timekeeper]:
        client = await connect(self.server.address, Keys.kept_in(self.home.keys / "temporal.json"))
        await ensure(client)
        async with clock_worker(client, self.office, grace=timedelta(seconds=1)):
            yield Timekeeper(partial(connect_as, PROJECTOR, self.database), client, self.clock)

    async def until(self, holds: Callable[[Figures], bool]) -> Figures:
        """Scrape until it is so: Temporal lists what has changed a little late."""
        async with asyncio.timeout(PATIENCE_S):
            while not holds(told := await scraped(self.looks())):  # noqa: ASYNC110 (Temporal moves it)
                await asyncio.sleep(0.1)
        return told


@pytest.fixture
async def deployed(
    database: DatabaseAddress, store: EventStore, projector: asyncpg.Connection
) -> AsyncIterator[Deployed]:
    clock = DrivenClock()
    office = Office(store, Rulebook.packaged(), clock)
    follower = Follower(partial(connect_as, PROJECTOR, database))
    await play([untalked()], office, ByHand(clock, office, follower, projector))
    with temporary_home() as home:
        server = EmbeddedTemporal(home)
        await server.start()
        yield Deployed(home, database, office, clock, server, projector)
        await server.stop()


async def test_with_every_part_at_work_all_is_ready(deployed: Deployed) -> None:
    async with deployed.working() as timekeeper:
        assert await timekeeper.send(deployed.projector) == 1
        told = await deployed.until(lambda told: told["rongcuo_duties_without_clock"] == 0)
        found = await asked(deployed.looks(), "/readyz?strict")
    assert [part["name"] for part in found.json()["parts"]] == PARTS
    assert (found.status_code, troubles(found)) == (200, []), found.text
    assert (found.json()["ready"], found.json()["degraded"]) == (True, False)
    assert told["rongcuo_waiting_matters"] == 1
    assert (told["rongcuo_temporal_up"], told["rongcuo_clock_workers"]) == (1, 1)


async def test_a_duty_whose_clock_was_lost_is_told_until_it_is_back(deployed: Deployed) -> None:
    async with deployed.working() as timekeeper:
        await timekeeper.send(deployed.projector)
        await deployed.until(lambda told: told["rongcuo_duties_without_clock"] == 0)
    await deployed.server.stop()
    await deployed.server.wipe()
    await deployed.server.start()

    assert (await scraped(deployed.looks()))["rongcuo_duties_without_clock"] == 1
    degraded = await asked(deployed.looks(), "/readyz")
    assert (degraded.status_code, degraded.json()["degraded"]) == (200, True)
    assert "clocks" in troubles(degraded)

    async with deployed.working() as timekeeper:
        await timekeeper.sweep(deployed.projector)
        await timekeeper.send(deployed.projector)
        await deployed.until(lambda told: told["rongcuo_duties_without_clock"] == 0)


# ---- Temporal is away --------------------------------------------------------------------------


@pytest.fixture
async def waiting(database: DatabaseAddress, rulebook: Rulebook) -> UUID:
    """A case whose talk is long overdue, and of which Temporal has heard nothing."""
    (life,) = await lived(database, rulebook, [untalked()])
    return life.matter_id


def without_temporal(database: DatabaseAddress) -> Looks:
    return Looks(reading(database), TemporalAt(lambda: "127.0.0.1:1"), SystemClock())


@pytest.mark.usefixtures("waiting")
async def test_without_temporal_acts_go_on_and_we_are_ready_but_degraded(
    database: DatabaseAddress,
) -> None:
    found = without_temporal(database)
    answer = await asked(found, "/readyz")
    assert (answer.status_code, answer.json()["ready"], answer.json()["degraded"]) == (
        200,
        True,
        True,
    )
    assert troubles(answer) == ["temporal", "worker", "clocks", "stuck"]
    strict = await asked(found, "/readyz?strict")
    assert (strict.status_code, strict.json()) == (
        503,
        {**answer.json(), "age_seconds": strict.json()["age_seconds"]},
    )


@pytest.mark.usefixtures("waiting")
async def test_what_temporal_did_not_tell_is_left_out_and_never_nought(
    database: DatabaseAddress,
) -> None:
    told = await scraped(without_temporal(database))
    assert told["rongcuo_temporal_up"] == 0
    assert told["rongcuo_plans_behind"] == 1
    assert not OF_TEMPORAL & told.keys()


async def test_a_nought_in_its_place_would_be_seen() -> None:
    class Soothing(Looks):
        async def latest(self) -> Look:
            return Look(None, Clocks(0, KEPT))

    told = await scraped(Soothing(unreachable, unreachable, SystemClock()))
    assert told.keys() >= OF_TEMPORAL


async def test_where_the_server_cannot_tell_of_stuck_clocks_no_figure_stands() -> None:
    kept = replace(KEPT, stuck=None)
    names = {each.name for each in registry(Look(None, Clocks(1, kept)), 0).collect()}
    assert OF_TEMPORAL - names == {"rongcuo_stuck_clocks"}
    assert readiness.readiness(Look(CALM, Clocks(1, kept))).degraded is False


# ---- PostgreSQL and the views ------------------------------------------------------------------

CALM = Books(
    lag_events=0,
    lag_seconds=0.0,
    parked_matters=0,
    waiting_matters=0,
    plans_behind=0,
    plans_late=0,
    unacknowledged=0,
    oldest_overdue_days=0,
    overdue={"must": 0, "generally": 0},
)
KEPT = Kept(1, frozenset(), frozenset(), frozenset(), 0)
AT_WORK = Clocks(1, KEPT)
SOMEBODY = frozenset({UUID(int=1)})


@pytest.mark.usefixtures("waiting")
async def test_views_that_fall_behind_make_us_unready(
    database: DatabaseAddress, projector: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readiness, "LAG_ALLOWED_S", 0)
    assert (await asked(without_temporal(database), "/readyz")).status_code == 200
    await projector.execute("UPDATE views.position SET position = position - 3")
    found = await asked(without_temporal(database), "/readyz")
    assert (found.status_code, found.json()["ready"]) == (503, False)
    assert "views" in troubles(found)
    assert (await scraped(without_temporal(database)))["rongcuo_follower_lag_events"] == 3


async def test_without_postgresql_we_are_unready_and_tell_no_figure_of_it() -> None:
    found = Looks(unreachable, unreachable, SystemClock())
    answer = await asked(found, "/readyz")
    assert (answer.status_code, troubles(answer)) == (503, PARTS)
    assert (await scraped(found)).keys() == {"rongcuo_look_age_seconds", "rongcuo_temporal_up"}


@pytest.mark.parametrize(
    ("look", "ready", "troubled"),
    [
        (Look(CALM, AT_WORK), True, []),
        (Look(replace(CALM, lag_events=9, lag_seconds=29.0), AT_WORK), True, []),
        (Look(replace(CALM, lag_events=1, lag_seconds=31.0), AT_WORK), False, ["views"]),
        (Look(replace(CALM, parked_matters=1), AT_WORK), True, ["parked"]),
        (Look(replace(CALM, plans_behind=1), AT_WORK), True, []),
        (Look(replace(CALM, plans_behind=1, plans_late=1), AT_WORK), True, ["plans"]),
        (Look(CALM, replace(AT_WORK, workers=0)), True, ["worker"]),
        (Look(CALM, Clocks(1, None)), True, ["clocks", "stuck"]),
        (Look(CALM, Clocks(1, replace(KEPT, without_clock=SOMEBODY))), True, ["clocks"]),
        (Look(CALM, Clocks(1, replace(KEPT, without_duty=SOMEBODY))), True, ["clocks"]),
        (Look(CALM, Clocks(1, replace(KEPT, behind=SOMEBODY))), True, ["clocks"]),
        (Look(CALM, Clocks(1, replace(KEPT, stuck=1))), True, ["stuck"]),
    ],
)
def test_each_trouble_is_told_by_its_own_part(look: Look, ready: bool, troubled: list[str]) -> None:
    found = readiness.readiness(look)
    assert [part.name for part in found.parts if not part.ok] == troubled
    assert (found.ready, found.degraded) == (ready, bool(troubled))


@pytest.mark.usefixtures("waiting")
async def test_a_plan_is_late_only_when_it_has_waited(
    projector: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def late() -> tuple[int, int]:
        async with projector.transaction():
            found = await looks.books(projector, datetime.now(UTC))
        return found.plans_behind, found.plans_late

    assert await late() == (1, 0)
    monkeypatch.setattr(looks, "PLAN_SENT_WITHIN", timedelta(0))
    assert await late() == (1, 1)
    await projector.execute(
        "INSERT INTO clocks.sent (matter_id, version) SELECT matter_id, version"
        " FROM views.clock_plan"
    )
    assert await late() == (0, 0)


async def test_a_reader_sees_what_was_sent_and_changes_nothing_of_it(
    reader: asyncpg.Connection,
) -> None:
    assert await reader.fetchval("SELECT count(*) FROM clocks.sent") == 0
    for change in ("DELETE FROM clocks.sent", "UPDATE clocks.sent SET version = 9"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await reader.execute(change)


async def test_the_overdue_told_are_those_of_the_due_list(
    database: DatabaseAddress, rulebook: Rulebook, reader: asyncpg.Connection
) -> None:
    await lived(database, rulebook, [untalked(), unanswered()])
    now = datetime.now(UTC)
    matters = await reader.fetch("SELECT matter_id FROM views.case_register")
    duties = [
        duty
        for row in matters
        for duty in await duties_of(reader, row["matter_id"], rulebook.calendar, now)
        if duty["overdue"]
    ]
    assert len(duties) == 2
    oldest = max((civil_date(now) - duty["due_on"]).days for duty in duties)
    told = await scraped(without_temporal(database))
    assert told["rongcuo_oldest_overdue_statutory_duty_days"] == oldest
    for qualifier in looks.STATUTORY:
        of_it = [duty for duty in duties if duty["qualifier"] == qualifier]
        assert told[f"rongcuo_overdue_duties:{qualifier}"] == len(of_it), qualifier
    rungs = await reader.fetch("SELECT unacknowledged FROM views.due_list")
    unheard = [rung for row in rungs for rung in row["unacknowledged"]]
    assert told["rongcuo_unacknowledged_escalations"] == len(unheard) > 0


async def test_a_presumed_day_makes_nothing_overdue(
    database: DatabaseAddress, rulebook: Rulebook, projector: asyncpg.Connection
) -> None:
    await lived(database, rulebook, [untalked(), unanswered()])
    await projector.execute("UPDATE views.due_list SET provisional = true")
    told = await scraped(without_temporal(database))
    assert told["rongcuo_overdue_duties:must"] == told["rongcuo_overdue_duties:generally"] == 0
    assert told["rongcuo_oldest_overdue_statutory_duty_days"] == 0


# ---- how often, how long -----------------------------------------------------------------------


class Counted:
    """Something one asks for, and how often it was asked."""

    def __init__(self, asking: Callable[[], Awaitable[Any]]) -> None:
        self._asking = asking
        self.times = 0

    async def __call__(self) -> Any:
        self.times += 1
        return await self._asking()


async def storm(found: Looks, times: int = 50) -> list[httpx2.Response]:
    async with asking(found) as client:
        paths = ["/metrics", "/readyz"] * (times // 2)
        return await asyncio.gather(*(client.get(path) for path in paths))


async def test_fifty_who_ask_at_once_cause_one_look(database: DatabaseAddress) -> None:
    connected, reached = Counted(reading(database)), Counted(unreachable)
    answers = await storm(Looks(connected, reached, SystemClock()))
    assert {answer.status_code for answer in answers} == {200}
    assert (connected.times, reached.times) == (1, 1)


async def test_without_the_one_line_there_would_be_fifty_looks(database: DatabaseAddress) -> None:
    class Hasty(Looks):
        async def latest(self) -> Look:
            return await self._taken()

    reached = Counted(unreachable)
    await storm(Hasty(reading(database), reached, SystemClock()))
    assert reached.times == 50


async def test_a_look_is_taken_anew_when_it_is_old(monkeypatch: pytest.MonkeyPatch) -> None:
    reached = Counted(unreachable)
    found = Looks(unreachable, reached, SystemClock())
    await found.latest()
    await found.latest()
    assert reached.times == 1
    monkeypatch.setattr(looks, "LOOK_EVERY_S", 0)
    await found.latest()
    assert reached.times == 2


async def test_one_who_leaves_does_not_take_the_look_from_the_others() -> None:
    come = asyncio.Event()

    async def slow() -> Any:
        await come.wait()
        raise OSError

    reached = Counted(slow)
    found = Looks(unreachable, reached, SystemClock())
    leaving, staying = (asyncio.create_task(found.latest()) for _ in range(2))
    await asyncio.sleep(0)
    leaving.cancel()
    await asyncio.wait({leaving})
    come.set()
    assert (await staying).clocks is None
    assert reached.times == 1


async def test_a_part_that_says_nothing_is_not_waited_for(
    database: DatabaseAddress, monkeypatch: pytest.MonkeyPatch
) -> None:
    for limit in ("BOOKS_LIMIT_S", "ANSWER_LIMIT_S", "COMPARISON_LIMIT_S"):
        monkeypatch.setattr(looks, limit, 0.2)
    async with asyncio.timeout(5):
        mute = await Looks(silent, silent, SystemClock()).latest()
        assert mute == Look(None, None)
        half = await Looks(reading(database), silent, SystemClock()).latest()
        assert (half.books is not None, half.clocks) == (True, None)


def test_no_look_takes_longer_than_five_seconds() -> None:
    closing = 0.5
    assert looks.BOOKS_LIMIT_S + closing <= 5
    assert looks.ANSWER_LIMIT_S + looks.COMPARISON_LIMIT_S + closing <= 5


async def test_an_answer_says_how_old_it_is() -> None:
    found = Looks(unreachable, unreachable, SystemClock())
    await found.latest()
    found._begun -= 7
    assert 7 <= (await asked(found, "/readyz")).json()["age_seconds"] < 8
    assert 7 <= (await scraped(found))["rongcuo_look_age_seconds"] < 8


# ---- what is told to whom ----------------------------------------------------------------------


async def test_health_asks_no_other_part() -> None:
    reached = Counted(unreachable)
    answer = await asked(Looks(reached, reached, SystemClock()), "/healthz")
    assert (answer.status_code, answer.json(), reached.times) == (200, {"status": "ok"}, 0)


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics", "/no-such-page"])
async def test_no_answer_is_kept_or_taken_for_a_page(path: str) -> None:
    answer = await asked(Looks(unreachable, unreachable, SystemClock()), path)
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("path", ["/", "/docs", "/redoc", "/openapi.json", "/api/v1/openapi.json"])
async def test_nothing_else_is_there_yet(path: str) -> None:
    answer = await asked(Looks(unreachable, unreachable, SystemClock()), path)
    assert answer.status_code == 404


async def test_no_case_and_nobody_is_named(
    waiting: UUID, database: DatabaseAddress, reader: asyncpg.Connection
) -> None:
    found = without_temporal(database)
    told = "".join([(await asked(found, path)).text for path in ("/readyz", "/metrics")])
    late = await reader.fetchrow(
        "SELECT case_number, subject_label, subject_id, organ_id FROM views.due_list"
        " WHERE subject_label IS NOT NULL AND state = 'open'"
    )
    assert late is not None
    for secret in (str(waiting), *late.values()):
        assert secret not in told


def test_every_gauge_has_its_row_in_the_manual_and_no_other_has() -> None:
    gauges = {each.name for each in registry(Look(CALM, AT_WORK), 0).collect()}
    manual = (ROOT / "docs" / "operations.md").read_text("utf-8")
    section = manual.partition("## 是否就绪与指标\n")[2].partition("\n## ")[0]
    assert {*re.findall(r"^\| `(rongcuo_\w+)", section, re.MULTILINE)} == gauges
    assert re.findall(r"^\| `([a-z]+)` \|", section, re.MULTILINE) == PARTS


def test_who_does_not_answer_http_does_not_pay_for_it() -> None:
    assert loaded_by("from gateway import cli; cli.run(['serve', '--help'])") == set()
    assert loaded_by("from gateway import cli; cli.run(['case', '--help'])") == set()
    assert loaded_by("import gateway.http_api") == {"fastapi", "prometheus_client", "uvicorn"}


def loaded_by(code: str) -> set[str]:
    asking = f"{code}\nimport json, sys; sys.stderr.write(json.dumps([*sys.modules]))"
    done = subprocess.run(
        [sys.executable, "-c", asking], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return {"fastapi", "prometheus_client", "uvicorn"} & {*json.loads(done.stderr)}


# ---- as processes ------------------------------------------------------------------------------


@contextmanager
def process(*arguments: str, **environment: str) -> Iterator["subprocess.Popen[str]"]:
    running = subprocess.Popen(
        [*RONGCUO, *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield running
    finally:
        running.kill()
        running.communicate()


def port_in(lines: Iterator[str], words: str) -> int:
    for line in lines:
        if found := re.search(words + r"\D*(\d+)", line):
            return int(found[1])
    raise AssertionError(f"ended without saying {words}")


def get(port: int, path: str) -> httpx2.Response:
    with httpx2.Client(trust_env=False, timeout=PATIENCE_S) as client:
        return client.get(f"http://127.0.0.1:{port}{path}")


def doctor(environment: dict[str, str]) -> int:
    return subprocess.run(
        [*RONGCUO, "doctor", "--only", "api"],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        check=False,
    ).returncode


@pytest.mark.usefixtures("waiting")
def test_the_service_answers_until_it_is_told_to_stop(database: DatabaseAddress) -> None:
    environment = {
        "RONGCUO_DATABASE_HOST": database.host,
        "RONGCUO_DATABASE_PORT": str(database.port),
        "RONGCUO_DATABASE_NAME": database.name,
    }
    with process("serve", "api", "--port", "0", **environment) as api:
        assert api.stderr is not None
        port = port_in(api.stderr, '"port": ')
        assert get(port, "/readyz").status_code == 200
        assert figures_in(get(port, "/metrics").text)["rongcuo_waiting_matters"] == 1
        assert "server" not in get(port, "/healthz").headers
        assert first_line_of(port, b"GET /healthz HTTP/1.1\r\nHost: x\r\nX: ", b"x" * 20_000) == 400
        assert doctor({"RONGCUO_API_PORT": str(port)}) == 0
        api.send_signal(signal.SIGTERM)
        assert api.wait(PATIENCE_S) == 0
    assert doctor({"RONGCUO_API_PORT": str(port)}) == 4


def first_line_of(port: int, *sent: bytes) -> int:
    """The status answered to these bytes."""
    with socket.create_connection(("127.0.0.1", port), PATIENCE_S) as asking:
        asking.sendall(b"".join(sent))
        return int(asking.recv(100).split()[1])


def test_the_stack_serves_it_before_its_clocks_and_elsewhere_where_the_port_is_taken() -> None:
    with temporary_home() as home, socket.create_server(("127.0.0.1", 0)) as taken:
        here = ("up", "--home", str(home.path))
        wanted = str(taken.getsockname()[1])
        with process(*here, RONGCUO_API_PORT=wanted) as up:
            assert up.stdout is not None
            port = port_in(up.stdout, "HTTP  http://127.0.0.1:")
            assert str(port) != wanted
            assert get(port, "/healthz").status_code == 200
            assert any("已就绪" in line for line in up.stdout)
            assert get(port, "/readyz").status_code == 200
            up.send_signal(signal.SIGINT)
            _, said = up.communicate(timeout=PATIENCE_S)
        assert (up.returncode, f"端口 {wanted} 已被占用" in said) == (0, True)

        with process(*here, "--port", wanted) as insisting:
            _, said = insisting.communicate(timeout=PATIENCE_S)
        assert (insisting.returncode, f"端口 {wanted} 已被占用" in said) == (4, True)


async def test_a_server_that_ends_by_itself_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    async def nothing(_: object) -> None: ...

    monkeypatch.setattr(http_api._Server, "main_loop", nothing)
    app = http_api.application(Looks(unreachable, unreachable, SystemClock()))
    with pytest.raises(StackFault, match="自行停止"):
        await asyncio.wait_for(http_api.serve(app, http_api.listening("127.0.0.1", 0)), 20)


async def test_the_stack_stops_when_its_door_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    async def failing(_: object, door: socket.socket) -> None:
        door.close()
        raise StackFault("broken")

    monkeypatch.setattr(http_api, "serve", failing)
    stopping = asyncio.Event()
    stack: Any = SimpleNamespace(reader=unreachable, clock=SystemClock())
    door = _at_the_door(stopping, 0)
    opened = await door.__aenter__()
    opened(stack)
    await asyncio.wait_for(stopping.wait(), 20)
    with pytest.raises(StackFault, match="broken"):
        await door.__aexit__(None, None, None)
