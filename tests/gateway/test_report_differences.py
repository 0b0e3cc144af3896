"""A figure published stays what it was; what has changed since, the difference sheet explains."""

import asyncio
import json
import zipfile
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from domain.aggregate import Request
from domain.identities import MergeIdentities
from domain.people import Officer
from gateway.rulebook import Rulebook
from tests.support.databases import copied
from tests.support.lives import play_into
from tests.support.reporting import (
    HE,
    LI,
    MA,
    SONGZI,
    SUN,
    ZHOU,
    acting,
    figures,
    lives,
    publish,
    revoke,
)
from workers.addresses import DatabaseAddress
from workers.embedded_postgres import EmbeddedPostgres
from workers.store import open_store
from workflows.clock import SystemClock
from workflows.office import Office

Run = Callable[..., tuple[int, str, str]]
Asked = Callable[..., Any]
OLD, NEW = "报1号", "报2号"
M1 = ("--measure", "M1")


@pytest.fixture(scope="module")
def lived(
    postgres: EmbeddedPostgres, template_database: DatabaseAddress, outside: asyncio.Runner
) -> Iterator[DatabaseAddress]:
    with copied(postgres, template_database, outside) as address:
        outside.run(play_into(address, Rulebook.packaged(), lives()))
        yield address


@pytest.fixture
def database(
    postgres: EmbeddedPostgres, lived: DatabaseAddress, outside: asyncio.Runner
) -> Iterator[DatabaseAddress]:
    with copied(postgres, lived, outside) as address:
        yield address


@pytest.fixture
def office(database: DatabaseAddress) -> Iterator[Office]:
    with open_store(database) as store:
        yield Office(store, Rulebook.packaged(), SystemClock())


def prepare(asked: Asked, number: str, *question: str) -> Any:
    return asked("prepare", number, "容错情况", *question, *HE)


def reasons(sheet: Any) -> list[tuple[str, str, str]]:
    return [(each["of"], each["subject_id"], each["why"]) for each in sheet["lines"]]


# --- why a line is there ----------------------------------------------------------------------


def test_a_published_figure_stands_and_the_next_report_says_who_left_and_why(
    run: Run, asked: Asked, office: Office
) -> None:
    before = prepare(asked, OLD, *M1)
    asked("publish", OLD, *MA)
    revoke(office, "松〔2024〕2号", LI)
    assert asked("verify", OLD)["agrees"]
    after = prepare(asked, NEW, *M1)
    assert (figures(before)["M1", None], figures(after)["M1", None]) == (3, 2)
    sheet = asked("diff", OLD, NEW)
    (line,) = sheet["lines"]
    assert reasons(sheet) == [(OLD, LI, "ended")]
    ended = line["ended"]
    assert (ended["topic"], ended["day"]) == ("tolerance.determination-revoked.v1", "2026-04-01")
    assert before["position"] < ended["position"] <= after["position"]
    assert "撤销" in ended["told"]
    told = run("stats", "diff", OLD, NEW)[1]
    assert f"认定失效：2026-04-01 {ended['term']}（位置 {ended['position']}）" in told


def test_what_another_report_did_not_ask_about_is_outside_it(asked: Asked) -> None:
    prepare(asked, OLD, *M1)
    prepare(asked, NEW, *M1, "--region", SONGZI)
    told = asked("diff", OLD, NEW)
    assert {each["why"] for each in told["lines"]} == {"outside"}
    assert len(told["lines"]) == 2  # 孙某 in 公安, 周某 in the city
    prepare(asked, "报3号", *M1, "--from", "2025-01-01")
    assert {each["why"] for each in asked("diff", OLD, "报3号")["lines"]} == {"outside"}
    prepare(asked, "报4号", *M1, "--organ-kind", "personnel")
    assert {each["why"] for each in asked("diff", OLD, "报4号")["lines"]} == {"outside"}


def test_what_was_recorded_after_a_report_is_told_as_such(asked: Asked) -> None:
    newest = prepare(asked, NEW, *M1)["position"]
    prepare(asked, OLD, *M1, "--known-at", "0")
    sheet = asked("diff", OLD, NEW)
    assert {each["why"] for each in sheet["lines"]} == {"recorded_later"}
    assert {each["of"] for each in sheet["lines"]} == {NEW}
    assert len(sheet["lines"]) == 4
    assert all(each["position"] <= newest for each in sheet["lines"])


def test_what_counts_in_another_row_has_moved(run: Run, asked: Asked) -> None:
    prepare(asked, OLD, *M1, "--by-region", "--region", "42")
    prepare(asked, NEW, *M1, "--by-region", "--region", "421000")
    told = asked("diff", OLD, NEW)
    assert {each["why"] for each in told["lines"]} == {"moved"}
    assert "归另一地区" in run("stats", "diff", OLD, NEW)[1]


def test_what_counts_only_with_another_goes_with_it(run: Run, asked: Asked, office: Office) -> None:
    repeated = ("--measure", "M21")
    assert figures(prepare(asked, OLD, *repeated)) == {("M21", None): 1}
    revoke(office, "公〔2024〕1号", SUN)
    assert figures(prepare(asked, NEW, *repeated)) == {("M21", None): 0}
    sheet = asked("diff", OLD, NEW)
    assert reasons(sheet) == [(OLD, SUN, "related"), (OLD, SUN, "ended")]
    assert "有关的另一条有变动" in run("stats", "diff", OLD, NEW)[1]


def test_one_person_under_two_numbers_is_told_as_merged(asked: Asked, office: Office) -> None:
    prepare(asked, OLD, *M1)
    clerk = Officer(id="cdi-1", role="承办人", organ="jingzhou_cdi")
    request = Request(key="并", by=clerk, on=date(2026, 4, 1), authority="会议纪要第9号")
    merge = MergeIdentities(merged=ZHOU, kept=SUN, explanation="核对为同一人")
    office.on_identities(merge, request)
    assert figures(prepare(asked, NEW, *M1)) == {("M1", None): 2}
    assert asked("verify", OLD)["agrees"]
    told = reasons(asked("diff", OLD, NEW))
    assert told == [(OLD, ZHOU, "merged"), (NEW, ZHOU, "merged")]


# --- the sheet of a report ----------------------------------------------------------------------


def parts(file: Path) -> dict[str, str]:
    with zipfile.ZipFile(file) as told:
        return {name: told.read(name).decode() for name in told.namelist()}


def test_a_report_is_written_as_a_sheet_that_says_what_it_is(
    run: Run, asked: Asked, office: Office, tmp_path: Path
) -> None:
    told = publish(asked, OLD, SONGZI, *M1, "--measure", "M4")
    first, second = tmp_path / "1.xlsx", tmp_path / "2.xlsx"
    assert run("stats", "show", OLD, "--xlsx", str(first))[0] == 0
    revoke(office, "松〔2024〕2号", LI)
    asked("submit", OLD, "--above", "jingzhou_cdi", *HE)
    assert run("stats", "show", OLD, "--xlsx", str(second))[0] == 0
    assert first.read_bytes() == second.read_bytes()
    sheet = parts(first)
    for known in (OLD, told["digest"], f">{told['position']}<", ">1<"):
        assert known in sheet["docProps/custom.xml"]
    assert told["digest"] in sheet["xl/sharedStrings.xml"]
    assert '<c r="A9"><v>2</v></c><c r="B9"><v>2</v></c>' in sheet["xl/worksheets/sheet1.xml"]


def test_a_sheet_by_region_has_a_row_a_place_and_adds_nothing_up(
    run: Run, asked: Asked, tmp_path: Path
) -> None:
    prepare(asked, OLD, *M1, "--by-region", "--region", "421000")
    assert run("stats", "show", OLD, "--xlsx", str(tmp_path / "1.xlsx"))[0] == 0
    sheet = parts(tmp_path / "1.xlsx")
    assert [code in sheet["xl/sharedStrings.xml"] for code in ("421022", "421087")] == [True] * 2
    assert "合计" not in sheet["xl/sharedStrings.xml"]
    assert "SUM(" not in sheet["xl/worksheets/sheet1.xml"]


def test_figures_asked_for_now_carry_the_position_they_were_counted_at(
    run: Run, asked: Asked, tmp_path: Path
) -> None:
    file = tmp_path / "now.xlsx"
    assert asked("reports") == []
    assert run("stats", *M1, "--known-at", "7", "--xlsx", str(file))[0] == 0
    assert 'name="日志位置"><vt:lpwstr>7<' in parts(file)["docProps/custom.xml"]


def test_a_report_of_other_definitions_is_shown_but_not_named_anew(
    run: Run, asked: Asked, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    prepare(asked, OLD, *M1)
    other = type("Edition", (), {"edition": 2})
    for module in ("gateway.reports", "gateway.commands.report_tables"):
        monkeypatch.setattr(f"{module}.DEFINITIONS", other)
    assert "容错减责免责干部" not in run("stats", "show", OLD)[1]
    file = tmp_path / "1.xlsx"
    exit_code, _, err = run("stats", "show", OLD, "--xlsx", str(file), "--json")
    assert (exit_code, json.loads(err)["code"]) == (1, "unknown_item")
    assert not file.exists()


def test_people_read_a_report_with_its_question_and_its_history(run: Run, asked: Asked) -> None:
    told = prepare(asked, OLD, *M1)
    asked("return", OLD, "标题有误", *acting("ma", "songzi_cdi"))
    shown = run("stats", "show", OLD)[1]
    for word in ("已退回", "全部地区", f"第 {told['position']} 号", told["digest"], "标题有误"):
        assert word in shown
    assert asked("show", OLD)["cells"] == told["cells"]
