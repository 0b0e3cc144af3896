"""`rongcuo stats prepare …`: published figures can be counted again, and two reports compared."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any

import asyncpg
import pytest

from domain.aggregate import Request
from domain.law.calendar import civil_date
from domain.people import Officer
from domain.regions.tree import RegionTree
from domain.reporting.report import Cell, Report
from domain.reporting.reports import PrepareReport
from domain.tolerance.acts import RevokeDetermination
from domain.tolerance.particulars import RevocationCause
from domain.tolerance.state import case_id
from gateway.reports import cells, places, whole
from gateway.rulebook import Rulebook
from gateway.scenarios import scenario_in
from projections.definitions import EVERY
from projections.statistics import Question
from tests.support.databases import copied
from tests.support.lives import SCENARIOS, play_into
from workers.addresses import DatabaseAddress
from workers.embedded_postgres import EmbeddedPostgres
from workers.store import READER, connect_as, open_store
from workflows.clock import SystemClock
from workflows.office import Office

HE = ("--by", "he", "--role", "统计员", "--organ", "cdi")
MA = ("--by", "ma", "--role", "案管室主任", "--organ", "cdi", "--authority", "会议纪要第3号")
OF_2023 = ("--from", "2023-01-01", "--to", "2023-12-31")
CASE, FIRST, SECOND = "演示〔2023〕2号", "报〔2026〕1号", "报〔2026〕2号"
CLERK = Officer(id="cdi-1", role="承办人", organ="songzi_cdi")
Run = Callable[..., tuple[int, str, str]]
Asked = Callable[..., Any]


@pytest.fixture(scope="module")
def lived(
    postgres: EmbeddedPostgres, template_database: DatabaseAddress, outside: asyncio.Runner
) -> Iterator[DatabaseAddress]:
    """邓某、李某 were determined to be tolerated in 松滋 on 2023-03-27."""
    with copied(postgres, template_database, outside) as address:
        lives = [scenario_in(SCENARIOS / "04_rent_reduction.yaml")]
        outside.run(play_into(address, Rulebook.packaged(), lives))
        yield address


@pytest.fixture
def database(
    postgres: EmbeddedPostgres,
    lived: DatabaseAddress,
    outside: asyncio.Runner,
) -> Iterator[DatabaseAddress]:
    """A store of the test's own."""
    with copied(postgres, lived, outside) as address:
        yield address


@pytest.fixture
def office(database: DatabaseAddress) -> Iterator[Office]:
    with open_store(database) as store:
        yield Office(store, Rulebook.packaged(), SystemClock())


def revoke(office: Office) -> None:
    """The determination on 邓某 is revoked, three years later."""
    files = office.case(case_id(CASE)).files.items()
    act = RevokeDetermination(
        subject=next(id_ for id_, file in files if file.subject.label == "邓某"),
        cause=RevocationCause.FALSE_MATERIAL,
        accountability_resumes=True,
        explanation="材料不实",
    )
    request = Request(key="撤销", by=CLERK, on=date(2026, 4, 1), authority="会议纪要第9号")
    office.perform(case_id(CASE), act, request)


def figures(told: Any) -> dict[tuple[str, str | None], int]:
    return {(each["measure"], each["place"]): each["figure"] for each in told["cells"]}


def publish(asked: Asked, number: str, *question: str) -> Any:
    told = asked("prepare", number, "容错情况", *OF_2023, *question, *HE)
    asked("publish", number, *MA)
    return told


# --- publishing -------------------------------------------------------------------------------


def test_people_read_what_was_prepared_published_verified_and_compared(
    run: Run, asked: Asked, office: Office
) -> None:
    told = run("stats", "prepare", FIRST, "容错情况", "--measure", "M1", *HE)[1]
    assert "rongcuo stats publish" in told
    assert "不再改动" in run("stats", "publish", FIRST, *MA)[1]
    revoke(office)
    asked("prepare", SECOND, "容错情况", "--measure", "M1", "--measure", "M4", *HE)
    assert "已退回" in run("stats", "return", SECOND, "标题有误", *MA)[1]
    asked("reports")  # the views are up to date
    assert {"待公布", "已退回", "已公布"} & {*run("stats", "reports")[1].split()} == {
        "已退回",
        "已公布",
    }
    assert "1 格" in run("stats", "verify", FIRST)[1]
    sheet = run("stats", "diff", FIRST, SECOND)[1]
    assert "邓某" in sheet
    assert "M4" in sheet


def test_a_report_is_prepared_by_one_and_published_by_another(asked: Asked) -> None:
    told = asked("prepare", FIRST, "容错情况", *OF_2023, "--measure", "M1", *HE)
    assert figures(told) == {("M1", None): 2}
    refusal = asked("publish", FIRST, *HE, "--authority", "会议纪要第3号", exits=1)
    assert refusal["code"] == "same_person"
    assert asked("publish", FIRST, *MA[:-2], exits=1)["code"] == "reason_missing"
    answer = asked("publish", FIRST, *MA)
    assert (answer["position"], answer["digest"]) == (told["position"], told["digest"])
    (row,) = asked("reports")
    assert (row["number"], row["state"], row["prepared_by"], row["published_by"]) == (
        FIRST,
        "published",
        "he",
        "ma",
    )
    assert (row["known_at"], row["cells"], row["authority"]) == (
        told["position"],
        1,
        "会议纪要第3号",
    )


def test_a_draft_that_was_returned_is_prepared_again(asked: Asked) -> None:
    asked("prepare", FIRST, "容错情况", *HE)
    assert asked("prepare", FIRST, "容错情况", *HE, exits=1)["code"] == "case_number_taken"
    assert asked("return", FIRST, "区间没有写", *MA)["state"] == "returned"
    assert [each["returned_because"] for each in asked("reports")] == ["区间没有写"]
    publish(asked, FIRST)
    assert [each["state"] for each in asked("reports")] == ["published"]


@pytest.mark.parametrize(
    "wrong",
    [
        ("--measure", "M99"),
        ("--organ-kind", "court"),
        ("--from", "2024-01-01", "--to", "2023-01-01"),
    ],
)
def test_a_question_that_cannot_be_asked_is_wrong_usage(
    run: Run, asked: Asked, wrong: tuple[str, ...]
) -> None:
    assert run("stats", "prepare", FIRST, "容错情况", *wrong, *HE)[0] == 2
    assert asked("reports") == []


# --- counting again ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "question",
    [
        (),
        ("--by-region",),
        ("--region", "421000", "--by-region"),
        ("--region", "42"),
        ("--organ-kind", "all", "--by-region", "--measure", "M8", "--measure", "M21"),
    ],
)
def test_what_is_published_is_the_same_when_counted_after_a_revocation(
    asked: Asked, office: Office, question: tuple[str, ...]
) -> None:
    publish(asked, FIRST, *question)
    revoke(office)
    told = asked("verify", FIRST)
    assert (told["agrees"], told["differences"]) == (True, [])


def test_a_report_of_an_earlier_position_counts_what_was_known_then(
    asked: Asked, office: Office
) -> None:
    before = publish(asked, FIRST, "--measure", "M1")
    revoke(office)
    known_at = ("--known-at", str(before["position"]))
    assert figures(publish(asked, SECOND, "--measure", "M1", *known_at)) == {("M1", None): 2}
    assert asked("verify", SECOND)["agrees"]


def counted(asked: Asked, *question: str) -> Report:
    """A report prepared as it should be."""
    told = asked("prepare", FIRST, "容错情况", *OF_2023, *question, *HE)
    return Report.model_validate({key: each for key, each in told.items() if key != "state"})


def prepare_by_hand(office: Office, wrong: Report) -> None:
    """What no command would prepare."""
    on = civil_date(datetime.now(UTC))
    by = Officer(id="he", role="统计员", organ="cdi")
    office.on_reports(PrepareReport(report=wrong), Request(key="改", by=by, on=on))


@pytest.mark.parametrize("otherwise", [{"figure": 3}, {"digest": "0" * 64}])
def test_a_cell_that_is_not_what_the_log_says_is_found(
    run: Run, asked: Asked, office: Office, otherwise: dict[str, Any]
) -> None:
    true = counted(asked, "--measure", "M1", "--measure", "M4")
    cells = (true.cells[0].model_copy(update=otherwise), true.cells[1])
    changed = {"number": SECOND, "cells": cells, "digest": whole(cells)}
    prepare_by_hand(office, true.model_copy(update=changed))
    told = asked("verify", SECOND, exits=3)
    assert told["differences"] == [
        {"measure": "M1", "place": None, "published": otherwise.get("figure", 2), "recomputed": 2}
    ]
    assert asked("publish", SECOND, *MA, exits=3) == told
    assert "与日志不符" in run("stats", "verify", SECOND)[1]
    assert {each["number"]: each["state"] for each in asked("reports")}[SECOND] == "prepared"


def test_a_cell_added_with_the_digest_left_as_it_was_is_found(asked: Asked, office: Office) -> None:
    true = counted(asked, "--by-region", "--measure", "M1")
    more = Cell(measure="M1", place="420100", figure=0, digest="0" * 64)
    changed = {"number": SECOND, "cells": (*true.cells, more)}
    prepare_by_hand(office, true.model_copy(update=changed))
    assert asked("verify", SECOND, exits=3)["differences"] == [
        {"measure": "M1", "place": "420100", "published": 0, "recomputed": None},
        {"measure": None, "place": None, "published": None, "recomputed": None},
    ]


def test_a_report_by_another_edition_of_the_definitions_is_not_counted_by_this_one(
    asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(asked, FIRST)
    other = type("Edition", (), {"edition": 2})
    monkeypatch.setattr("gateway.reports.DEFINITIONS", other)
    refusal = asked("verify", FIRST, exits=1)
    assert refusal["code"] == "unknown_item"
    assert "第 1 版" in refusal["message"]
    assert "第 2 版" in refusal["message"]


def test_a_report_of_a_position_the_views_have_not_reached_must_wait(
    asked: Asked, office: Office
) -> None:
    ahead = counted(asked).model_copy(update={"number": SECOND, "position": 10**6})
    prepare_by_hand(office, ahead)
    assert asked("verify", SECOND, exits=1)["code"] == "busy"
    assert asked("diff", FIRST, SECOND, exits=1)["code"] == "busy"


def test_a_report_nobody_has_prepared_is_unknown(asked: Asked) -> None:
    assert asked("verify", FIRST, exits=1)["code"] == "unknown_item"


# --- comparing --------------------------------------------------------------------------------


def test_the_difference_of_two_reports_names_the_case(asked: Asked, office: Office) -> None:
    publish(asked, FIRST, "--measure", "M1", "--measure", "M4")
    revoke(office)
    second = publish(asked, SECOND, "--measure", "M1", "--measure", "M6")
    assert figures(second) == {("M1", None): 1, ("M6", None): 1}
    sheet = asked("diff", FIRST, SECOND)
    (line,) = sheet["lines"]
    assert (line["measure"], line["of"], line["number"]) == ("M1", FIRST, CASE)
    assert (line["subject_label"], line["day"]) == ("邓某", "2023-03-27")
    assert sheet["unshared"] == ["M4", "M6"]
    back = asked("diff", SECOND, FIRST)["lines"]
    assert back == [line]


def test_equal_reports_have_no_difference(asked: Asked) -> None:
    publish(asked, FIRST, "--by-region")
    publish(asked, SECOND, "--by-region")
    assert asked("diff", FIRST, SECOND) == {"lines": [], "unshared": []}


def test_what_counts_in_another_row_stands_in_the_sheet_twice(asked: Asked) -> None:
    publish(asked, FIRST, "--region", "421000", "--by-region", "--measure", "M1")
    publish(asked, SECOND, "--region", "420000", "--by-region", "--measure", "M1")
    lines = asked("diff", FIRST, SECOND)["lines"]
    assert {(each["of"], each["place"]) for each in lines} == {
        (FIRST, "421087"),
        (SECOND, "421000"),
    }
    assert len(lines) == 4


# --- rows ---------------------------------------------------------------------------------------


@pytest.fixture
async def past(lived: DatabaseAddress) -> AsyncIterator[asyncpg.Connection]:
    connection = await connect_as(READER, lived)
    yield connection
    await connection.close()


BOUNDARIES = date(2026, 1, 1)


@pytest.mark.parametrize(
    ("region", "rows"),
    [
        ("421000", {"421000": "421000", "421087": "421087"}),
        ("420000", {"420000": "420000", "421087": "421000"}),
        ("430000", {"430000": "430000"}),
        (None, {"421087": "420000"}),
    ],
)
async def test_every_code_of_a_region_has_its_row(
    past: asyncpg.Connection, region: str | None, rows: dict[str, str]
) -> None:
    assert await places(past, region, BOUNDARIES, 10**9) == rows


async def test_what_was_not_known_at_a_position_has_no_row(past: asyncpg.Connection) -> None:
    assert await places(past, "421000", BOUNDARIES, 0) == {"421000": "421000"}
    assert await places(past, None, BOUNDARIES, 0) == {}


@pytest.mark.parametrize(
    ("region", "rows"),
    [("421000", {"421087": "421087"}), ("42", {"421087": "421000"}), ("43", {})],
)
async def test_the_digits_decide_where_the_table_does_not_know_the_region(
    past: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch, region: str, rows: dict[str, str]
) -> None:
    monkeypatch.setattr("gateway.reports.region_tree", lambda: RegionTree(()))
    assert await places(past, region, BOUNDARIES, 10**9) == rows


# --- cells --------------------------------------------------------------------------------------


async def test_the_cells_of_a_place_are_those_of_a_question_about_it_alone(
    played_template: DatabaseAddress,
) -> None:
    connection = await connect_as(READER, played_template)
    newest = await connection.fetchval("SELECT position FROM views.position")

    async def asking(region: str | None) -> Question:
        rows = await places(connection, region, BOUNDARIES, newest)
        by = () if region else ("region",)
        return Question(region, known_at=newest, organ_kind=None, by=by, places=rows)

    try:
        by_place = await cells(connection, await asking(None), EVERY)
        asked_alone = {
            place: await cells(connection, await asking(place), EVERY)
            for place in {each.place for each in by_place}
        }
    finally:
        await connection.close()
    assert len(asked_alone) > 1
    told = {(each.place, each.measure): (each.figure, each.digest) for each in by_place}
    assert told == {
        (place, each.measure): (each.figure, each.digest)
        for place, found in asked_alone.items()
        for each in found
    }
    nothing = sha256(b"").hexdigest()
    assert [each for each in by_place if (each.figure == 0) != (each.digest == nothing)] == []
