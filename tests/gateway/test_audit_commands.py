"""`rongcuo audit …`: how far the log is proved, and what a verification tells."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from tests.support.databases import session
from workers.addresses import DatabaseAddress

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(autouse=True)
def configured(
    played: DatabaseAddress, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> DatabaseAddress:
    """A lived-in store, a key and a witness of the test's own."""
    monkeypatch.setenv("RONGCUO_DATABASE_HOST", str(played.host))
    monkeypatch.setenv("RONGCUO_DATABASE_PORT", str(played.port))
    monkeypatch.setenv("RONGCUO_DATABASE_NAME", played.name)
    monkeypatch.setenv("RONGCUO_LOG_KEY", str(tmp_path / "log.key"))
    monkeypatch.setenv("RONGCUO_WITNESS_FOLDER", str(tmp_path / "witness"))
    return played


@pytest.fixture
def asked(run: Run) -> Callable[..., Any]:
    def ask(*told: str, exit_code: int = 0) -> Any:
        code, out, err = run("audit", *told, "--json")
        assert code == exit_code, err
        return json.loads(out)

    return ask


def events(database: DatabaseAddress) -> int:
    with session(database) as superuser:
        row = superuser.execute("SELECT count(*) FROM log.events").fetchone()
    assert row is not None
    return int(row[0])


def tamper(database: DatabaseAddress, position: int) -> None:
    with session(database) as superuser:
        superuser.execute("ALTER TABLE log.events DISABLE TRIGGER no_change")
        superuser.execute(
            "UPDATE log.events SET recorded_at = recorded_at - interval '1 day'"
            " WHERE notification_id = %s",
            (position,),
        )


def test_a_log_is_exposed_until_it_is_sealed_and_witnessed(
    asked: Callable[..., Any], configured: DatabaseAddress
) -> None:
    size = events(configured)
    before = asked("status")
    assert (before["log"], before["sealed"], before["witnessed"]) == (size, 0, 0)
    assert before["exposed_since"] is not None
    assert asked("seal")["sealed"] == size
    after = asked("status")
    assert (after["sealed"], after["witnessed"], after["exposure_seconds"]) == (size, size, 0.0)
    assert [each["size"] for each in after["witnesses"]] == [size]


def test_an_untouched_log_holds(asked: Callable[..., Any], configured: DatabaseAddress) -> None:
    asked("seal")
    verified = asked("verify")
    size = events(configured)
    assert (verified["holds"], verified["events"], verified["covered"]) == (True, size, size)


def test_a_log_that_was_altered_is_told_with_the_place_and_another_exit_code(
    run: Run, asked: Callable[..., Any], configured: DatabaseAddress
) -> None:
    asked("seal")
    tamper(configured, 12)
    first, *_ = asked("verify", exit_code=3)["findings"]
    assert (first["wrong"], first["position"]) == ("altered", 12)
    code, out, _ = run("audit", "verify")
    assert code == 3
    assert "与写入时的封记不符" in out


def test_a_checkpoint_kept_elsewhere_is_held_against_the_log(
    run: Run, asked: Callable[..., Any], tmp_path: Path
) -> None:
    asked("seal")
    kept = tmp_path / "checkpoint.txt"
    kept.write_text(run("audit", "checkpoint")[1])
    key = asked("key")["log"]
    assert asked("verify", "--log-key", key, "--note", str(kept))["holds"]
    kept.write_text(kept.read_text().replace("\n", "\nx", 1))
    code, _, err = run("audit", "verify", "--log-key", key, "--note", str(kept))
    assert code == 1
    assert "不是本日志签过的检查点" in err


def test_what_is_sealed_no_more_is_not_signed_over(run: Run, configured: DatabaseAddress) -> None:
    tamper(configured, 12)
    code, out, err = run("audit", "seal")
    assert (code, out) == (3, "")
    assert "第 12 号" in err


@pytest.mark.parametrize(
    ("told", "word"),
    [
        (("checkpoint",), "还没有封存过"),
        (("verify", "--since", "7"), "没有大小为 7 的检查点"),
        (("verify", "--log-key", "nonsense"), "不是规范的"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_words(
    run: Run, told: tuple[str, ...], word: str
) -> None:
    code, _, err = run("audit", *told)
    assert code == 1
    assert word in err


def test_the_doctor_tells_of_a_log_that_is_not_sealed_in_time(
    run: Run, asked: Callable[..., Any], configured: DatabaseAddress
) -> None:
    asked("seal")
    assert run("doctor", "--only", "sealer")[0] == 0
    with session(configured) as superuser:
        superuser.execute(
            "INSERT INTO log.events (originator_id, originator_version, topic, state, recorded_at)"
            " VALUES (gen_random_uuid(), 1, 'x', 'x', now() - interval '2 minutes')"
        )
    code, out, err = run("doctor", "--only", "sealer")
    assert code == 1
    assert "封存" in out + err


def test_a_sheet_of_figures_names_the_checkpoint_over_its_position(
    run: Run, asked: Callable[..., Any], configured: DatabaseAddress, tmp_path: Path
) -> None:
    def told(name: str) -> str:
        assert run("stats", "--xlsx", str(tmp_path / name))[0] == 0
        with ZipFile(tmp_path / name) as parts:
            return parts.read("docProps/custom.xml").decode()

    assert "检查点" not in told("before.xlsx")
    root = asked("seal")["root"]
    assert f"{events(configured)} {root}" in told("after.xlsx")
