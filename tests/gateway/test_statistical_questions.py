"""`stats`: what can be asked, what cannot, and how shares and mergers are told."""

import asyncio
import json
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest

from gateway.rulebook import Rulebook
from gateway.scenarios import scenario_in
from projections.follower import Follower
from tests.support.databases import copied
from tests.support.lives import SCENARIOS, play_into
from workers.addresses import DatabaseAddress
from workers.embedded_postgres import EmbeddedPostgres
from workers.store import PROJECTOR, connect_as

Run = Callable[..., tuple[int, str, str]]
LIVES = [scenario_in(file) for file in sorted(SCENARIOS.glob("0*.yaml"))]
MA = ("--by", "ma", "--role", "案管室主任", "--organ", "cdi", "--authority", "会议纪要第3号")
WHY = ("--because", "核对为同一人")


@pytest.fixture(scope="module")
def lived(
    postgres: EmbeddedPostgres, template_database: DatabaseAddress, outside: asyncio.Runner
) -> Iterator[DatabaseAddress]:
    with copied(postgres, template_database, outside) as address:
        outside.run(play_into(address, Rulebook.packaged(), LIVES))
        yield address


@pytest.fixture(autouse=True)
def database(
    postgres: EmbeddedPostgres,
    lived: DatabaseAddress,
    outside: asyncio.Runner,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[DatabaseAddress]:
    """A store of the test's own, which the commands find by their environment."""
    with copied(postgres, lived, outside) as address:
        monkeypatch.setenv("RONGCUO_DATABASE_HOST", str(address.host))
        monkeypatch.setenv("RONGCUO_DATABASE_PORT", str(address.port))
        monkeypatch.setenv("RONGCUO_DATABASE_NAME", address.name)
        yield address


@pytest.fixture
def asked(run: Run, database: DatabaseAddress, outside: asyncio.Runner) -> Callable[..., Any]:
    """The answer of a command in JSON, with the views up to date."""

    def ask(*told: str) -> Any:
        exit_code, out, err = run(*told, "--json")
        assert exit_code == 0, err
        outside.run(Follower(partial(connect_as, PROJECTOR, database)).catch_up())
        return json.loads(out)

    return ask


# --- what can be asked --------------------------------------------------------------------------


def test_a_window_by_name_asks_what_its_days_ask(asked: Callable[..., Any]) -> None:
    by_days = asked("stats", "--from", "2023-01-01", "--to", "2023-03-31")
    assert asked("stats", "--window", "2023-Q1")["rows"] == by_days["rows"]
    assert asked("stats", "--window", "2023-01..03")["rows"] == by_days["rows"]
    assert by_days["rows"][0]["tolerated_persons"] > 0


def test_only_one_group_is_that_groups_row(asked: Callable[..., Any]) -> None:
    rows = {row["outcome"]: row for row in asked("stats", "--by", "outcome")["rows"]}
    assert len(rows) > 1
    for outcome, row in rows.items():
        (only,) = asked("stats", "--only", f"outcome={outcome}")["rows"]
        assert only == {name: row[name] for name in only}


def test_several_groups_told_are_either(asked: Callable[..., Any]) -> None:
    told = ("--only", "outcome=exemption", "--only", "outcome=mitigation", "--measure", "M1")
    (either,) = asked("stats", *told)["rows"]
    (whole,) = asked("stats", "--measure", "M1")["rows"]
    assert either == whole


def test_a_breakdown_in_which_rows_overlap_says_so(run: Run, asked: Callable[..., Any]) -> None:
    assert asked("stats", "--by", "situation")["overlapping"] is True
    assert asked("stats", "--by", "region")["overlapping"] is False
    assert "不可相加" in run("stats", "--by", "situation")[1]
    assert "不可相加" not in run("stats", "--by", "region")[1]


def test_shares_stand_beside_their_figures_and_make_a_hundred(asked: Callable[..., Any]) -> None:
    rows = asked("stats", "--by", "outcome", "--measure", "M4", "--percent")["rows"]
    tenths = sum(round(float(row["tolerated_person_times_percent"]) * 10) for row in rows)
    assert tenths == 1000


def test_the_sheet_for_an_office_program_has_the_shares_too(run: Run) -> None:
    _, out, _ = run("stats", "--by", "outcome", "--measure", "M4", "--percent", "--csv")
    head, *rows = out.lstrip("\ufeff").splitlines()
    assert head == "outcome,容错人次（人次）,占比（%）"
    assert all(row.count(",") == head.count(",") for row in rows)


@pytest.mark.parametrize(
    ("told", "word"),
    [
        (("--window", "2023-Q1", "--from", "2023-01-01"), "--window"),
        (("--window", "去年"), "去年"),
        (("--period", "2023-Q1", "--window", "2023"), "--period"),
        (("--dated", "yesterday"), "--dated"),
        (("--only", "exemption"), "分组=值"),
        (("--only", "region=420000"), "--region"),
        (("--only", "colour=red"), "colour"),
        (("--only", "outcome=exemption", "--measure", "M9"), "outcome"),
        (("--percent",), "--by"),
        (("--percent", "--by", "region", "--public"), "--public"),
    ],
)
def test_what_cannot_be_asked_is_said_in_words(run: Run, told: tuple[str, ...], word: str) -> None:
    exit_code, out, err = run("stats", *told)
    assert (exit_code, out) == (2, "")
    assert word in err


# --- two numbers of one person ------------------------------------------------------------------


def two_persons(asked: Callable[..., Any]) -> tuple[str, str]:
    """Two who were tolerated in different cases."""
    behind = asked("stats", "--measure", "M1", "--list")["behind"]["tolerated_persons"]
    first, *others = [row for row in behind if row["subject_kind"] == "cadre"]
    other = next(row for row in others if row["matter_id"] != first["matter_id"])
    return first["subject_id"], other["subject_id"]


def test_a_merger_lowers_the_figure_from_its_position_on(asked: Callable[..., Any]) -> None:
    before = asked("stats", "--measure", "M1")
    kept, given_up = two_persons(asked)
    merger = asked("person", "merge", given_up, kept, *MA, *WHY)
    after = asked("stats", "--measure", "M1")
    then = asked("stats", "--measure", "M1", "--known-at", str(merger["position"] - 1))
    figure = before["rows"][0]["tolerated_persons"]
    assert after["rows"][0]["tolerated_persons"] == figure - 1
    assert then["rows"] == before["rows"]


def test_both_numbers_show_all_matters_of_the_person(asked: Callable[..., Any]) -> None:
    kept, given_up = two_persons(asked)
    matters = {
        each["number"]
        for one in (kept, given_up)
        for each in asked("person", "show", one)["matters"]
    }
    asked("person", "merge", given_up, kept, *MA, *WHY)
    for number in (kept, given_up):
        shown = asked("person", "show", number)
        assert shown["numbers"] == [kept, given_up]
        assert {each["number"] for each in shown["matters"]} == matters


def test_a_number_nobody_has_is_not_merged(run: Run, asked: Callable[..., Any]) -> None:
    kept, _ = two_persons(asked)
    exit_code, _, err = run("person", "merge", "p-nobody", kept, *MA, *WHY)
    assert exit_code == 1
    assert "p-nobody" in err
