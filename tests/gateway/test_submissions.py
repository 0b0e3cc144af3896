"""`rongcuo stats submit …`: a report goes up the tree and is counted again on every step."""

import asyncio
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from domain.aggregate import Request
from domain.law.calendar import civil_date
from domain.people import Officer
from domain.refusals import Code, Refusal
from domain.reporting.report import Report
from domain.reporting.reports import PrepareReport, PublishReport
from domain.reporting.submissions import ApproveReport, SubmitReport
from gateway.reports import recounted, whole
from gateway.rulebook import Rulebook
from projections.consistency import fingerprint
from projections.rebuild import rebuild
from tests.support.databases import copied
from tests.support.lives import play_into
from tests.support.reporting import (
    GONGAN,
    HE,
    HUBEI,
    JINGZHOU,
    LI,
    LIN,
    MA,
    SONGZI,
    SUN,
    WU,
    ZHENG,
    ZHOU,
    acting,
    figures,
    lives,
    publish,
    revoke,
    submit,
)
from workers.addresses import DatabaseAddress
from workers.embedded_postgres import EmbeddedPostgres
from workers.store import PROJECTOR, READER, connect_as, open_store
from workflows.clock import SystemClock
from workflows.office import Office

Run = Callable[..., tuple[int, str, str]]
Asked = Callable[..., Any]
FIRST, SECOND, OF_CITY = "松报1号", "松报2号", "荆报1号"
OF_2024 = ("--from", "2024-01-01", "--to", "2024-12-31")
M1 = (*OF_2024, "--measure", "M1")
MANY = (*M1, "--measure", "M4")


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


def request(who: str, organ: str, key: str) -> Request:
    by = Officer(id=who, role="统计员", organ=organ)
    return Request(key=key, by=by, on=civil_date(datetime.now(UTC)), authority="会议纪要第3号")


def states(asked: Asked) -> dict[str, str]:
    return {each["number"]: each["state"] for each in asked("reports")}


# --- up the tree ------------------------------------------------------------------------------


def test_figures_go_from_county_to_city_to_province_as_they_were_counted(asked: Asked) -> None:
    told = publish(asked, FIRST, SONGZI, *MANY)
    sent = asked("submit", FIRST, "--above", "jingzhou_cdi", *HE)
    assert (sent["state"], sent["unit_above"]) == ("submitted", JINGZHOU)
    approved = asked("approve", FIRST, *LIN)
    assert (approved["state"], approved["digest"]) == ("approved", told["digest"])
    submit(asked, OF_CITY, JINGZHOU, *MANY)
    assert asked("approve", OF_CITY, *ZHENG)["state"] == "approved"
    rows = {each["number"]: each for each in asked("reports")}
    (county, city) = rows[FIRST], rows[OF_CITY]
    assert (county["submitted_to"], county["unit_above"]) == ("jingzhou_cdi", JINGZHOU)
    assert (city["submitted_to"], city["unit_above"]) == ("hubei_cdi", HUBEI)
    assert (county["submitted_by"], county["reviewed_by"]) == ("he", "lin")
    assert (city["submitted_by"], city["reviewed_by"]) == ("wu", "zheng")
    assert figures(asked("show", OF_CITY)) == {("M1", None): 3, ("M4", None): 4}


def test_people_read_how_a_report_went_up(run: Run, asked: Asked) -> None:
    publish(asked, FIRST, SONGZI, *M1)
    assert "待其审核" in run("stats", "submit", FIRST, "--above", "jingzhou_cdi", *HE)[1]
    assert "待审核" in run("stats", "show", FIRST)[1]
    assert "审核通过" in run("stats", "approve", FIRST, *LIN)[1]
    told = run("stats", "show", FIRST)[1]
    assert "上报：" in told
    assert "报 jingzhou_cdi" in told
    assert "审核通过：" in told


def test_what_was_sent_back_is_replaced_by_another_report(run: Run, asked: Asked) -> None:
    submit(asked, FIRST, SONGZI, *M1)
    told = run("stats", "send-back", FIRST, "--because", "区间与通知不符", *LIN)[1]
    assert "已退回" in told
    assert asked("reports")[0]["sent_back_because"] == "区间与通知不符"
    again = asked("submit", FIRST, "--above", "jingzhou_cdi", *HE, exits=1)
    assert again["code"] == "already_done"
    submit(asked, SECOND, SONGZI, *M1)
    asked("approve", SECOND, *LIN)
    assert states(asked) == {FIRST: "sent_back", SECOND: "approved"}


def test_a_submission_made_twice_under_one_key_is_one(asked: Asked) -> None:
    publish(asked, FIRST, SONGZI, *M1)
    once = ("submit", FIRST, "--above", "jingzhou_cdi", *HE, "--key", "上报-1")
    assert asked(*once) == asked(*once)
    approval = ("approve", FIRST, *LIN, "--key", "审核-1")
    assert asked(*approval) == asked(*approval)
    reused = ("submit", FIRST, "--above", "gongan_cdi", *HE, "--key", "上报-1")
    assert asked(*reused, exits=1)["code"] == "key_reused"


def test_the_view_made_anew_is_the_same(
    asked: Asked, database: DatabaseAddress, outside: asyncio.Runner
) -> None:
    submit(asked, FIRST, SONGZI, *M1)
    asked("send-back", FIRST, "--because", "区间与通知不符", *LIN)
    submit(asked, SECOND, SONGZI, *M1)
    asked("approve", SECOND, *LIN)
    asked("reports")

    async def before_and_after() -> tuple[str, str]:
        connection = await connect_as(PROJECTOR, database)
        try:
            before = await fingerprint(connection, "published_reports")
            await connection.execute("TRUNCATE views.published_reports")
            await rebuild(connection, ["published_reports"])
            return before, await fingerprint(connection, "published_reports")
        finally:
            await connection.close()

    before, after = outside.run(before_and_after())
    assert before == after


# --- who may ----------------------------------------------------------------------------------


def test_a_report_goes_to_an_organ_of_the_unit_above(asked: Asked) -> None:
    publish(asked, FIRST, SONGZI, *M1)
    for above in ("gongan_cdi", "songzi_cdi"):  # where they are, their cases show
        told = asked("submit", FIRST, "--above", above, *HE, exits=1)
        assert told["code"] == "wrong_organ"
    assert states(asked) == {FIRST: "published"}


def test_an_organ_does_not_submit_the_figures_of_another_unit(asked: Asked) -> None:
    asked("prepare", FIRST, "容错情况", "--region", GONGAN, *M1, *HE)
    asked("publish", FIRST, *MA)
    told = asked("submit", FIRST, "--above", "jingzhou_cdi", *HE, exits=1)
    assert (told["code"], SONGZI in told["message"]) == ("wrong_organ", True)


def test_a_report_without_a_unit_above_is_not_submitted(asked: Asked) -> None:
    regions = {"省": ("--region", "42"), "全": (), "无": ("--region", "421099")}
    for number, region in regions.items():
        asked("prepare", number, "容错情况", *region, *M1, *HE)
        asked("publish", number, *MA)
        told = asked("submit", number, "--above", "hubei_cdi", *HE, exits=1)
        assert told["code"] == "no_unit_above"


def test_the_unit_above_is_that_of_the_boundaries_of_the_report(asked: Asked) -> None:
    old = ("--boundaries", "2019-01-01", *M1)
    asked("prepare", FIRST, "容错情况", "--region", "421023", *old, *acting("a", "jianli_cdi"))
    asked("publish", FIRST, *acting("b", "jianli_cdi"))
    sent = asked("submit", FIRST, "--above", "jingzhou_cdi", *acting("a", "jianli_cdi"))
    assert sent["unit_above"] == JINGZHOU
    asked("prepare", SECOND, "容错情况", "--region", "421023", *M1, *acting("a", "jianli_cdi"))
    asked("publish", SECOND, *acting("b", "jianli_cdi"))
    late = ("submit", SECOND, "--above", "jingzhou_cdi", *acting("a", "jianli_cdi"))
    assert asked(*late, exits=1)["code"] == "no_unit_above"  # there is no 监利县 any more


def test_only_the_organ_above_and_nobody_involved_approves_or_sends_back(asked: Asked) -> None:
    submit(asked, FIRST, SONGZI, *M1)
    for who, code in (
        (ZHENG, "wrong_organ"),
        (HE, "wrong_organ"),
        (acting("he", "jingzhou_cdi"), "same_person"),
        (acting("ma", "jingzhou_cdi"), "same_person"),
    ):
        assert asked("approve", FIRST, *who, exits=1)["code"] == code
        back = ("send-back", FIRST, "--because", "区间不对", *who)
        assert asked(*back, exits=1)["code"] == code
    assert states(asked) == {FIRST: "submitted"}


def test_a_second_report_of_the_same_figures_waits_until_the_first_is_sent_back(
    asked: Asked,
) -> None:
    submit(asked, FIRST, SONGZI, *M1)
    publish(asked, SECOND, SONGZI, *MANY)
    second = ("submit", SECOND, "--above", "jingzhou_cdi", *HE)
    assert asked(*second, exits=1)["code"] == "duplicate"
    asked("send-back", FIRST, "--because", "少报一项", *LIN)
    assert asked(*second)["state"] == "submitted"


# --- counted again above ----------------------------------------------------------------------


def tampered(office: Office, asked: Asked, otherwise: dict[str, Any]) -> Report:
    """A report with a cell that the log does not bear out, submitted past every command."""
    true = asked("prepare", "真", "容错情况", "--region", SONGZI, *MANY, *HE)
    told = Report.model_validate({key: each for key, each in true.items() if key != "state"})
    cells = (told.cells[0].model_copy(update=otherwise), told.cells[1])
    wrong = told.model_copy(update={"number": FIRST, "cells": cells, "digest": whole(cells)})
    office.on_reports(PrepareReport(report=wrong), request("he", "songzi_cdi", "1"))
    office.on_reports(PublishReport(number=FIRST), request("ma", "songzi_cdi", "2"))
    act = SubmitReport(
        number=FIRST, unit=SONGZI, to="jingzhou_cdi", to_unit=JINGZHOU, above=JINGZHOU
    )
    office.on_reports(act, request("he", "songzi_cdi", "3"))
    return wrong


@pytest.mark.parametrize("otherwise", [{"figure": 9}, {"digest": "0" * 64}])
def test_a_cell_that_was_tampered_with_is_found_by_the_unit_above(
    run: Run, asked: Asked, office: Office, otherwise: dict[str, Any]
) -> None:
    tampered(office, asked, otherwise)
    told = asked("approve", FIRST, *LIN, exits=3)
    assert told["differences"] == [
        {"measure": "M1", "place": None, "published": otherwise.get("figure", 2), "recomputed": 2}
    ]
    assert "与日志不符" in run("stats", "approve", FIRST, *LIN)[1]
    assert states(asked)[FIRST] == "submitted"
    below = asked("submissions", "--region", JINGZHOU, *OF_2024, exits=3)
    assert [each["agrees"] for each in below["below"] if each["number"]] == [False]
    assert below["totals"] == []
    assert "未计入" in run("stats", "submissions", "--region", JINGZHOU, *OF_2024)[1]


def test_the_book_itself_takes_no_approval_that_was_counted_otherwise(
    asked: Asked, office: Office, database: DatabaseAddress, outside: asyncio.Runner
) -> None:
    wrong = tampered(office, asked, {"figure": 9})
    asked("reports")

    async def again() -> Any:
        connection = await connect_as(READER, database)
        try:
            return await recounted(connection, wrong, "审核")
        finally:
            await connection.close()

    counted = outside.run(again())
    act = ApproveReport(number=FIRST, cells=counted, digest=whole(counted))
    with pytest.raises(Refusal, match="M1报 9、重数 2") as refused:
        office.on_reports(act, request("lin", "jingzhou_cdi", "4"))
    assert refused.value.code is Code.RECOUNT_DIFFERS


def test_what_was_revoked_after_a_report_does_not_hinder_its_approval(
    asked: Asked, office: Office
) -> None:
    submit(asked, FIRST, SONGZI, *M1)
    revoke(office, "松〔2024〕2号", LI)
    assert asked("approve", FIRST, *LIN)["state"] == "approved"
    assert asked("verify", FIRST)["agrees"]


# --- the units below ----------------------------------------------------------------------------


def test_the_unit_above_sees_who_has_submitted_and_how_far_it_has_come(asked: Asked) -> None:
    submit(asked, FIRST, SONGZI, *M1)
    asked("approve", FIRST, *LIN)
    submit(asked, "公报1号", GONGAN, *M1)
    asked("send-back", "公报1号", "--because", "少报一人", *LIN)
    submit(asked, "公报2号", GONGAN, *M1)
    told = asked("submissions", "--region", JINGZHOU, *OF_2024)
    assert (told["region"], told["name"]) == (JINGZHOU, "荆州市")
    below = [(each["unit"], each["number"], each["stage"]) for each in told["below"]]
    assert [each for each in below if each[1]] == [
        (GONGAN, "公报1号", "sent_back"),
        (GONGAN, "公报2号", "submitted"),
        (SONGZI, FIRST, "approved"),
    ]
    assert ("421081", None, None) in below
    assert [each["because"] for each in told["below"] if each["because"]] == ["少报一人"]


def test_the_sum_of_the_units_is_set_beside_the_distinct_figure_and_explained(
    run: Run, asked: Asked
) -> None:
    submit(asked, FIRST, SONGZI, *MANY)
    submit(asked, "公报1号", GONGAN, *MANY)
    told = asked("submissions", "--region", JINGZHOU, *OF_2024)
    sums = {
        each["measure"]: [
            each[key] for key in ("reported", "several", "gone", "missing", "counted")
        ]
        for each in told["totals"]
    }
    assert sums == {"M1": [3, 1, 0, 1, 3], "M4": [3, 0, 0, 1, 4]}
    apart = [
        (each["measure"], each["why"], each["units"], each["subject_id"]) for each in told["apart"]
    ]
    assert apart == [
        ("M1", "several", [GONGAN, SONGZI], SUN),
        ("M1", "missing", [JINGZHOU], ZHOU),
        ("M4", "missing", [JINGZHOU], ZHOU),
    ]
    words = run("stats", "submissions", "--region", JINGZHOU, *OF_2024)[1]
    assert "各份之和不是本级的数" in words
    assert "几处都计" in words
    assert ["M1", JINGZHOU, "1"] in [line.split() for line in words.splitlines()]


def test_what_no_longer_counts_above_is_told_by_name(asked: Asked, office: Office) -> None:
    submit(asked, FIRST, SONGZI, *M1)
    revoke(office, "松〔2024〕2号", LI)
    told = asked("submissions", "--region", JINGZHOU, *OF_2024)
    (total,) = told["totals"]
    assert (total["reported"], total["gone"], total["missing"], total["counted"]) == (2, 1, 1, 2)
    assert [each["subject_id"] for each in told["apart"] if each["why"] == "gone"] == [LI]


def test_a_report_by_region_is_counted_once_for_its_unit(asked: Asked) -> None:
    submit(asked, OF_CITY, JINGZHOU, *M1, "--by-region")
    told = asked("submissions", "--region", "42", *OF_2024)
    (total,) = told["totals"]
    assert sum(figures(asked("show", OF_CITY)).values()) == 4
    assert (total["reported"], total["counted"]) == (3, 3)


def test_only_reports_of_the_window_and_kind_that_are_asked_about_are_shown(asked: Asked) -> None:
    submit(asked, FIRST, SONGZI, *M1)
    for other in (("--from", "2024-01-01"), (*OF_2024, "--organ-kind", "all")):
        told = asked("submissions", "--region", JINGZHOU, *other)
        assert [each for each in told["below"] if each["number"]] == []
        assert told["totals"] == []


def test_a_region_that_is_not_in_the_table_has_nothing_below_it(asked: Asked) -> None:
    told = asked("submissions", "--region", "421099", *OF_2024, exits=1)
    assert told["code"] == "unknown_item"


# --- a closed period --------------------------------------------------------------------------


def test_a_report_of_a_closed_period_is_that_of_its_days_and_its_closing(
    asked: Asked, office: Office
) -> None:
    assert office.close_periods()
    revoke(office, "松〔2024〕2号", LI)
    closed = {each["period"]: each for each in asked("periods")}["2024-Q1"]
    told = asked("prepare", FIRST, "一季度", "--period", "2024-Q1", "--region", SONGZI, *HE)
    assert (told["since"], told["until"]) == ("2024-01-01", "2024-03-31")
    assert told["position"] == closed["known_at"]
    assert figures(told)["M1", None] == 2
    asked("publish", FIRST, *MA)
    asked("submit", FIRST, "--above", "jingzhou_cdi", *HE)
    below = asked("submissions", "--region", JINGZHOU, "--period", "2024-Q1")
    assert below["position"] == closed["known_at"]
    assert [each["number"] for each in below["below"] if each["number"]] == [FIRST]


def test_a_window_that_contradicts_itself_is_wrong_usage(run: Run, asked: Asked) -> None:
    for window in (
        ("--period", "2024-Q1", "--from", "2024-01-01"),
        ("--period", "2024-Q1", "--known-at", "0"),
        ("--from", "2024-02-01", "--to", "2024-01-01"),
    ):
        assert run("stats", "prepare", FIRST, "一季度", *window, *WU)[0] == 2
        assert run("stats", "submissions", "--region", JINGZHOU, *window)[0] == 2
    assert asked("reports") == []


def test_a_period_that_is_not_closed_has_no_report(asked: Asked) -> None:
    told = asked("prepare", FIRST, "一季度", "--period", "2031-Q1", *HE, exits=1)
    assert told["code"] == "unknown_period"
