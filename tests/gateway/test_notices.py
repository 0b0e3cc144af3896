"""`rongcuo notice`, and the notifier as a service: killed, set up wrongly, part of a stack."""

import asyncio
import json
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from domain.law.calendar import CHINA
from gateway.commands import run as run_module
from gateway.player import play
from gateway.rulebook import Rulebook
from projections.follower import Follower
from tests.support.databases import copied, session
from tests.support.lives import lived, untalked
from workers.addresses import DatabaseAddress
from workers.channels import Folder, Outlets
from workers.children import StackFault
from workers.embedded_postgres import EmbeddedPostgres
from workers.embedded_temporal import EmbeddedTemporal
from workers.home import Home, temporary_home
from workers.settings import Settings
from workers.stack import Stack, running
from workers.store import NOTIFIER, PROJECTOR, connect_as, open_store
from workflows.clock import DrivenClock
from workflows.office import Office

ROOT = Path(__file__).parents[2]
RONGCUO = [sys.executable, "-c", "from gateway.cli import main; main()"]
NUMBER = "试〔2025〕1号"
RAISED = 5
PATIENCE_S = 60
Ran = tuple[int, str, str]
Run = Callable[..., Ran]


def asked(ran: Ran) -> Any:
    exit_code, out, err = ran
    assert exit_code == 0, err
    return json.loads(out)


# ---- a store in which some arrived and some did not ---------------------------------------------


@pytest.fixture(scope="module")
def raised(
    postgres: EmbeddedPostgres,
    template_database: DatabaseAddress,
    outside: asyncio.Runner,
    rulebook: Rulebook,
) -> Iterator[DatabaseAddress]:
    """Five notices of one case: two went out by both channels, one by one, one after trouble."""
    with copied(postgres, template_database, outside) as address:
        outside.run(lived(address, rulebook, [untalked()]))
        yield address


@pytest.fixture
def database(
    postgres: EmbeddedPostgres,
    raised: DatabaseAddress,
    outside: asyncio.Runner,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[DatabaseAddress]:
    with copied(postgres, raised, outside) as address:
        for name, value in of_the(address).items():
            monkeypatch.setenv(name, value)
        yield address


def of_the(database: DatabaseAddress) -> dict[str, str]:
    return {
        "RONGCUO_DATABASE_HOST": database.host,
        "RONGCUO_DATABASE_PORT": str(database.port),
        "RONGCUO_DATABASE_NAME": database.name,
    }


def tried(database: DatabaseAddress, channel: str, attempts: int) -> None:
    """All notices were tried so often by this channel; the first arrived, the others did not."""
    with session(database, NOTIFIER) as own:
        own.execute("INSERT INTO notices.channel VALUES (%s, 0, 100000)", [channel])
        own.execute(
            """
            INSERT INTO notices.delivery
            SELECT notice_id, %(channel)s, position, %(attempts)s, clock_timestamp() + '1 hour',
                CASE WHEN first THEN timestamptz '2026-03-01 09:30+08' END,
                CASE WHEN NOT first THEN 'HTTP 503' END
            FROM (SELECT *, position = min(position) OVER () AS first FROM views.notices) AS notice
            """,
            {"channel": channel, "attempts": attempts},
        )


def due(database: DatabaseAddress) -> int:
    with session(database, NOTIFIER) as own:
        row = own.execute(
            "SELECT count(*) FROM notices.delivery"
            " WHERE delivered_at IS NULL AND next_try <= clock_timestamp()"
        ).fetchone()
    assert row is not None
    return int(row[0])


# ---- seen --------------------------------------------------------------------------------------


def test_a_list_says_what_was_told_to_whom_and_how_it_went(
    run: Run, database: DatabaseAddress
) -> None:
    tried(database, "webhook", 3)
    *others, first = asked(run("notice", "list", "--json"))["notices"]
    assert [first["kind"], first["case_number"], first["to_role"]] == ["reminder", NUMBER, "承办人"]
    (arrived,) = first["channels"]
    assert arrived["delivered_at"].startswith("2026-03-01")
    assert (arrived["last_error"], arrived["next_try"]) == (None, None)
    assert [each["kind"] for each in others] == ["escalation", "escalation", "overdue", "reminder"]
    for each in others:
        (failing,) = each["channels"]
        assert (failing["channel"], failing["attempts"]) == ("webhook", 3)
        assert (failing["last_error"], failing["delivered_at"]) == ("HTTP 503", None)
        assert failing["next_try"]


def test_people_read_the_same(run: Run, database: DatabaseAddress) -> None:
    tried(database, "webhook", 3)
    exit_code, out, _ = run("notice", "list")
    assert exit_code == 0
    for words in (
        "催办",
        "督办",
        "personnel 部门负责人",
        "试 3 次未成（HTTP 503）",
        "09:30:00 送达",
    ):
        assert words in out


@pytest.mark.usefixtures("database")
def test_without_a_channel_a_list_says_so(run: Run) -> None:
    exit_code, out, _ = run("notice", "list")
    assert (exit_code, out.count("没有渠道")) == (0, RAISED)
    assert asked(run("notice", "list", "--undelivered", "--json")) == {"notices": []}


def test_only_what_has_not_arrived_or_of_one_case_can_be_asked_for(
    run: Run, database: DatabaseAddress
) -> None:
    tried(database, "webhook", 1)
    assert len(asked(run("notice", "list", "--undelivered", "--json"))["notices"]) == RAISED - 1
    assert len(asked(run("notice", "list", "--case", NUMBER, "--json"))["notices"]) == RAISED
    assert len(asked(run("notice", "list", "--limit", "2", "--json"))["notices"]) == 2
    exit_code, _, err = run("notice", "list", "--case", "无此案", "--json")
    assert (exit_code, json.loads(err)["code"]) == (1, "case_not_found")


def test_what_a_channel_that_is_set_no_longer_owes_is_listed_no_longer(
    run: Run, database: DatabaseAddress
) -> None:
    tried(database, "webhook", 9)
    assert run("doctor", "--only", "notifier")[0] == 1
    with session(database, NOTIFIER) as own:
        own.execute("UPDATE notices.channel SET configured = false")
    assert asked(run("notice", "list", "--undelivered", "--json")) == {"notices": []}
    assert asked(run("notice", "retry", "--json")) == {"retried": 0}
    assert run("doctor", "--only", "notifier")[0] == 0


def test_what_fails_can_be_sent_again_now(run: Run, database: DatabaseAddress) -> None:
    tried(database, "webhook", 2)
    tried(database, "folder", 2)
    assert due(database) == 0
    assert asked(run("notice", "retry", "--channel", "folder", "--json")) == {"retried": RAISED - 1}
    assert due(database) == RAISED - 1
    assert asked(run("notice", "retry", "--json")) == {"retried": 2 * (RAISED - 1)}
    assert due(database) == 2 * (RAISED - 1)


def test_a_channel_nobody_knows_is_wrong_usage(run: Run, database: DatabaseAddress) -> None:
    tried(database, "webhook", 2)
    exit_code, _, err = run("notice", "retry", "--channel", "pigeon")
    assert (exit_code, "webhook" in err) == (2, True)


@pytest.mark.parametrize(("attempts", "exit_code"), [(5, 0), (6, 1)])
def test_the_doctor_finds_what_fails_again_and_again(
    run: Run, database: DatabaseAddress, attempts: int, exit_code: int
) -> None:
    tried(database, "webhook", attempts)
    found, out, _ = run("doctor", "--only", "notifier", "--json")
    (told,) = json.loads(out)
    assert (found, told["name"]) == (exit_code, "通知")
    assert f"屡送不成 {(RAISED - 1) * exit_code} 份" in told["detail"]


def test_the_doctor_counts_what_no_notifier_has_taken_up(
    run: Run, database: DatabaseAddress
) -> None:
    with session(database, NOTIFIER) as own:
        own.execute("INSERT INTO notices.channel VALUES ('folder', 0, 0)")
    (told,) = asked(run("doctor", "--only", "notifier", "--json"))
    assert f"待送 {RAISED} 份" in told["detail"]


def test_the_doctor_sees_a_notifier_that_may_change_the_log(
    run: Run, database: DatabaseAddress
) -> None:
    with session(database) as superuser:
        superuser.execute("GRANT UPDATE ON log.events TO rongcuo_notifier")
    _, out, _ = run("doctor", "--json")
    details = {each["name"]: each["detail"] for each in json.loads(out)}
    assert details["日志只增不改"] == "rongcuo_notifier UPDATE"


# ---- as a service ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("RONGCUO_NOTICES_FOLDER", None, "RONGCUO_NOTICES_WEBHOOK"),
        ("RONGCUO_QUIET_HOURS", "22-7", "22:00-07:00"),
        ("RONGCUO_NOTICES_WEBHOOK", "example.org", "https://"),
    ],
)
@pytest.mark.usefixtures("database")
def test_a_notifier_set_up_wrongly_says_how_it_is_set_up(
    run: Run, monkeypatch: pytest.MonkeyPatch, name: str, value: str | None, words: str
) -> None:
    if value is not None:
        monkeypatch.setenv(name, value)
    exit_code, _, err = run("serve", "notifier")
    assert exit_code == 2
    assert name in err
    assert words in err


def test_a_stack_set_up_wrongly_is_not_started(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("RONGCUO_QUIET_HOURS", "夜里")
    exit_code, _, err = run("up", "--home", str(tmp_path / "home"))
    assert (exit_code, "RONGCUO_QUIET_HOURS" in err) == (2, True)
    assert not (tmp_path / "home").exists()


def test_up_delivers_into_the_home_where_nothing_else_is_set(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked_for: list[Outlets] = []

    def started(*_: object, outlets: Outlets, **__: object) -> None:
        asked_for.append(outlets)
        raise StackFault("far enough")

    monkeypatch.setattr(run_module, "running", started)
    assert run("up", "--home", str(tmp_path))[0] == 4
    (folder,) = asked_for[0].channels
    assert isinstance(folder, Folder)
    assert folder.path == tmp_path / "notices"


def test_a_notifier_without_its_addresses_says_which_are_missing(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("RONGCUO_DATABASE_HOST", raising=False)
    with pytest.raises(SystemExit) as ended:
        run("serve", "notifier")
    assert ended.value.code == 1


@contextmanager
def serving(environment: dict[str, str]) -> Iterator["subprocess.Popen[str]"]:
    process = subprocess.Popen(
        [*RONGCUO, "serve", "notifier"],
        cwd=ROOT,
        env={**os.environ, **environment},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@pytest.fixture(scope="module")
def temporal(outside: asyncio.Runner) -> Iterator[Home]:
    with temporary_home() as home:
        server = EmbeddedTemporal(home)
        outside.run(server.start())
        (home.run / "address").write_text(server.address)
        try:
            yield home
        finally:
            outside.run(server.stop())


def test_a_notifier_that_was_killed_goes_on_where_it_was_and_sends_nothing_twice(
    run: Run,
    database: DatabaseAddress,
    temporal: Home,
    outside: asyncio.Runner,
    rulebook: Rulebook,
    tmp_path: Path,
) -> None:
    folder = tmp_path / "notices"
    environment = {
        **of_the(database),
        "RONGCUO_TEMPORAL_ADDRESS": (temporal.run / "address").read_text(),
        "RONGCUO_TEMPORAL_KEYS": str(temporal.keys / "temporal.json"),
        "RONGCUO_NOTICES_FOLDER": str(folder),
    }
    with session(database, NOTIFIER) as own:
        own.execute("INSERT INTO notices.channel VALUES ('folder', 0, 0)")
    with serving(environment) as notifier:
        wait_for(database, RAISED, notifier)
        notifier.send_signal(signal.SIGKILL)
        notifier.wait()
    before = {file: file.stat().st_mtime_ns for file in folder.iterdir()}
    outside.run(raise_more(database, rulebook))
    (told,) = asked(run("doctor", "--only", "notifier", "--json"))
    assert f"待送 {RAISED} 份" in told["detail"]  # the control: nobody else sends them
    with serving(environment) as notifier:
        wait_for(database, 2 * RAISED, notifier)
        notifier.send_signal(signal.SIGTERM)
        assert notifier.wait(PATIENCE_S) == 0
    assert {file: file.stat().st_mtime_ns for file in before} == before
    assert len([*folder.iterdir()]) == 2 * RAISED
    assert asked(run("notice", "list", "--undelivered", "--json")) == {"notices": []}


def wait_for(database: DatabaseAddress, how_many: int, notifier: "subprocess.Popen[str]") -> None:
    limit = time.monotonic() + PATIENCE_S
    while delivered(database) < how_many:
        assert notifier.poll() is None
        assert time.monotonic() < limit
        time.sleep(0.05)


def delivered(database: DatabaseAddress) -> int:
    with session(database, NOTIFIER) as own:
        row = own.execute(
            "SELECT count(*) FROM notices.delivery WHERE delivered_at IS NOT NULL"
        ).fetchone()
    assert row is not None
    return int(row[0])


async def raise_more(database: DatabaseAddress, rulebook: Rulebook) -> None:
    """Nobody holds the talk: each call of the clock for it is recorded."""
    projector = await connect_as(PROJECTOR, database)
    matter_id = await projector.fetchval("SELECT matter_id FROM views.case_register")
    await projector.close()
    with open_store(database) as store:
        clock = DrivenClock()
        clock.jump_to(datetime(2025, 10, 8, tzinfo=CHINA))
        office = Office(store, rulebook, clock)
        for each in office.plan(matter_id).moments:
            office.call_time(matter_id, each.key)
    await Follower(partial(connect_as, PROJECTOR, database)).catch_up()


async def test_a_stack_delivers_into_a_folder_of_its_home_that_is_its_owners_alone() -> None:
    with temporary_home() as home:
        clock = DrivenClock()
        outlets = Outlets.set_up(Settings(), folder=home.notices)
        async with running(home, Rulebook.packaged(), clock, outlets=outlets) as stack:
            await overdue(stack, clock)
            async with asyncio.timeout(PATIENCE_S):
                while kinds(home).count("escalation") < 2:  # noqa: ASYNC110 (files)
                    await asyncio.sleep(0.05)
        assert sorted(kinds(home)) == ["escalation"] * 2 + ["overdue"] + ["reminder"] * 2
        assert stat.S_IMODE(home.notices.stat().st_mode) == 0o700


async def overdue(stack: Stack, clock: DrivenClock) -> None:
    """Live up to the talk, and past its day."""

    class Leaping:
        async def to(self, instant: datetime) -> None:
            clock.jump_to(instant)

        async def settled(self) -> None: ...

    await play([untalked()], stack.office, Leaping())
    clock.jump_to(datetime(2025, 10, 8, tzinfo=CHINA))


def kinds(home: Home) -> list[str]:
    told = [json.loads(file.read_bytes()) for file in home.notices.glob("*.json")]
    talk = [each for each in told if each["data"]["obligation_id"] == "follow_up-1"]
    return [each["type"].split(".")[3] for each in talk]
