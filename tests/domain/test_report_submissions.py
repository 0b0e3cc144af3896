"""A published report goes up one unit at a time; what is approved is what was counted again."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Self

import pytest

from domain.aggregate import Event, Order
from domain.law.calendar import CHINA
from domain.people import Officer, OrganKind
from domain.refusals import Code, Refusal
from domain.reporting.report import Cell, Report
from domain.reporting.reports import (
    OnReports,
    PrepareReport,
    PublishedReports,
    PublishReport,
    ReportStage,
    ReturnReport,
)
from domain.reporting.submissions import (
    ApproveReport,
    ReportApproved,
    ReportingOrgan,
    ReportSentBack,
    ReportSubmitted,
    SendBackReport,
    SubmitReport,
)

HE = Officer(id="he", role="统计员", organ="songzi_cdi")
MA = Officer(id="ma", role="案管室主任", organ="songzi_cdi")
LIN = Officer(id="lin", role="统计室主任", organ="jingzhou_cdi")
NUMBER, AGAIN = "松报〔2026〕1号", "松报〔2026〕2号"
CELLS = tuple(
    Cell(measure=measure, place=None, figure=figure, digest="a" * 64)
    for measure, figure in (("M1", 2), ("M4", 3))
)


def report(**unusual: Any) -> Report:
    usual: dict[str, Any] = {
        "number": NUMBER,
        "title": "一季度容错情况",
        "definitions": 1,
        "region": "421087",
        "since": date(2026, 1, 1),
        "until": date(2026, 3, 31),
        "organ_kind": OrganKind.DISCIPLINE,
        "boundaries": date(2026, 4, 1),
        "by": (),
        "position": 371,
        "cells": CELLS,
        "digest": "b" * 64,
    }
    return Report(**usual | unusual)


def submit(number: str = NUMBER, **unusual: Any) -> SubmitReport:
    usual: dict[str, Any] = {
        "number": number,
        "unit": "421087",
        "to": LIN.organ,
        "to_unit": "421000",
        "above": "421000",
    }
    return SubmitReport(**usual | unusual)


def approve(number: str = NUMBER, **unusual: Any) -> ApproveReport:
    return ApproveReport(**{"number": number, "cells": CELLS, "digest": "b" * 64} | unusual)


SEND_BACK = SendBackReport(number=NUMBER, explanation="区间与通知不符")


@dataclass
class Reporting:
    """A book of reports, and what was last asked of it."""

    book: PublishedReports = field(default_factory=PublishedReports)
    news: list[Event] = field(default_factory=list)
    refusal: Refusal | None = None

    def when(self, act: OnReports, by: Officer = HE, on: str = "2026-04-02") -> Self:
        now = datetime(2026, 4, 30, 10, tzinfo=CHINA)
        key, day = str(self.book.version), date.fromisoformat(on)
        order = Order(key=key, by=by, on=day, now=now, authority="会议纪要第3号")
        self.refusal = None
        try:
            self.book.perform(act, order)
        except Refusal as refusal:
            self.refusal = refusal
        self.news = self.book.collect_events()
        return self

    def refused(self, code: Code, because: str) -> None:
        assert self.refusal is not None
        assert (self.refusal.code, self.news) == (code, [])
        assert because in str(self.refusal)

    def stage(self, number: str = NUMBER) -> ReportStage:
        return self.book.files[number].stage


def published(book: Reporting | None = None, **unusual: Any) -> Reporting:
    told = report(**unusual)
    begun = (book or Reporting()).when(PrepareReport(report=told))
    return begun.when(PublishReport(number=told.number), by=MA)


def submitted() -> Reporting:
    return published().when(submit())


# --- the acts ---------------------------------------------------------------------------------


def test_a_published_report_is_submitted_to_an_organ_of_the_unit_above() -> None:
    book = submitted()
    (event,) = book.news
    assert isinstance(event, ReportSubmitted)
    assert event.to == ReportingOrgan(id="jingzhou_cdi", unit="421000")
    assert (event.position, event.digest) == (371, "b" * 64)
    assert book.stage() is ReportStage.SUBMITTED


def test_what_comes_out_the_same_above_is_approved() -> None:
    book = submitted().when(approve(), by=LIN)
    (event,) = book.news
    assert isinstance(event, ReportApproved)
    assert (event.position, event.digest, event.submitted_by) == (371, "b" * 64, HE)
    assert book.stage() is ReportStage.APPROVED


def test_what_is_sent_back_keeps_its_figures_and_the_reason() -> None:
    book = submitted().when(SEND_BACK, by=LIN)
    (event,) = book.news
    assert isinstance(event, ReportSentBack)
    assert (event.explanation, book.stage()) == ("区间与通知不符", ReportStage.SENT_BACK)
    assert book.book.files[NUMBER].report == report()


def test_the_one_that_replaces_what_was_sent_back_goes_up_under_another_number() -> None:
    book = published(submitted().when(SEND_BACK, by=LIN), number=AGAIN)
    assert book.when(submit(AGAIN)).when(approve(AGAIN), by=LIN).stage(AGAIN) is (
        ReportStage.APPROVED
    )
    assert book.stage() is ReportStage.SENT_BACK


def test_the_order_of_the_cells_counted_again_does_not_matter() -> None:
    book = submitted().when(approve(cells=CELLS[::-1]), by=LIN)
    assert book.stage() is ReportStage.APPROVED


def test_a_code_of_two_digits_is_that_of_the_whole_unit() -> None:
    book = published(region="4210")
    book.when(submit(unit="421000", to="hubei_cdi", to_unit="420000", above="420000"))
    assert book.stage() is ReportStage.SUBMITTED


def test_the_book_read_again_stands_where_it_stood() -> None:
    events: list[Event] = []
    book = Reporting()
    for act, by in (
        (PrepareReport(report=report()), HE),
        (PublishReport(number=NUMBER), MA),
        (submit(), HE),
        (SEND_BACK, LIN),
    ):
        events += book.when(act, by=by).news
    again = PublishedReports.project(None, events)
    assert again is not None
    assert again.files == book.book.files


# --- stages -----------------------------------------------------------------------------------


def test_a_draft_is_not_submitted() -> None:
    book = Reporting().when(PrepareReport(report=report())).when(submit())
    book.refused(Code.STEP_MISSING, "还没有公布")


def test_what_was_returned_to_its_author_is_not_submitted() -> None:
    book = Reporting().when(PrepareReport(report=report()))
    book.when(ReturnReport(number=NUMBER, explanation="标题有误"), by=MA).when(submit())
    book.refused(Code.STEP_MISSING, "还没有公布")


@pytest.mark.parametrize("act", [approve(), SEND_BACK])
def test_what_was_not_submitted_is_not_looked_at(act: OnReports) -> None:
    published().when(act, by=LIN).refused(Code.STEP_MISSING, "没有上报")


def test_a_report_is_submitted_once() -> None:
    submitted().when(submit()).refused(Code.ALREADY_DONE, "已于 2026-04-02 上报 jingzhou_cdi")


def test_what_was_sent_back_is_not_submitted_again_under_its_number() -> None:
    book = submitted().when(SEND_BACK, by=LIN).when(submit())
    book.refused(Code.ALREADY_DONE, "区间与通知不符")


@pytest.mark.parametrize("second", [approve(), SEND_BACK])
@pytest.mark.parametrize(("first", "term"), [(approve(), "审核通过"), (SEND_BACK, "退回上报")])
def test_a_submission_is_answered_once(first: OnReports, term: str, second: OnReports) -> None:
    submitted().when(first, by=LIN).when(second, by=LIN).refused(Code.ALREADY_DONE, term)


def test_what_has_gone_up_is_neither_published_again_nor_returned() -> None:
    book = submitted()
    book.when(PublishReport(number=NUMBER), by=MA).refused(Code.ALREADY_DONE, "公布")
    back = ReturnReport(number=NUMBER, explanation="标题有误")
    book.when(back, by=MA).refused(Code.ALREADY_DONE, "公布")
    assert book.stage() is ReportStage.SUBMITTED


@pytest.mark.parametrize("act", [submit("无"), approve("无")])
def test_a_report_nobody_has_prepared_is_unknown(act: OnReports) -> None:
    submitted().when(act, by=LIN).refused(Code.UNKNOWN_ITEM, NUMBER)


# --- who, and where to ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("unusual", "because"),
    [
        ({"to": "wuhan_cdi", "to_unit": "420100"}, "wuhan_cdi 不是 421000 的机关"),
        ({"to": "hubei_cdi", "to_unit": "420000"}, "hubei_cdi 不是 421000 的机关"),
        ({"to": "songzi_cdi"}, "songzi_cdi 不是 421000 的机关"),
        ({"unit": "421022"}, "songzi_cdi 是 421022 的机关，报表统计的是 421087"),
    ],
)
def test_a_report_goes_from_its_own_unit_to_the_next_above(
    unusual: dict[str, Any], because: str
) -> None:
    published().when(submit(**unusual)).refused(Code.WRONG_ORGAN, because)


def test_a_report_is_submitted_by_the_organ_that_published_it() -> None:
    other = Officer(id="xu", role="统计员", organ="songzi_org")
    published().when(submit(), by=other).refused(Code.WRONG_ORGAN, "由 songzi_cdi 公布")


@pytest.mark.parametrize(("region", "told"), [(None, "全部地区"), ("42", "420000")])
def test_a_report_that_has_no_unit_above_stays_where_it_is(region: str | None, told: str) -> None:
    book = published(region=region).when(submit(above=None))
    book.refused(Code.NO_UNIT_ABOVE, told)


@pytest.mark.parametrize("act", [approve(), SEND_BACK])
def test_only_the_organ_it_was_submitted_to_looks_at_it(act: OnReports) -> None:
    other = Officer(id="xu", role="统计室主任", organ="hubei_cdi")
    submitted().when(act, by=other).refused(Code.WRONG_ORGAN, "上报给 jingzhou_cdi")


@pytest.mark.parametrize("act", [approve(), SEND_BACK])
@pytest.mark.parametrize(
    ("who", "did"), [("he", "拟定统计报表"), ("ma", "公布统计报表"), ("xu", "上报")]
)
def test_nobody_looks_above_at_what_they_had_a_part_in(act: OnReports, who: str, did: str) -> None:
    submitter = Officer(id="xu", role="统计员", organ="songzi_cdi")
    book = published().when(submit(), by=submitter)
    book.when(act, by=LIN.model_copy(update={"id": who})).refused(Code.SAME_PERSON, did)
    assert book.stage() is ReportStage.SUBMITTED


# --- one figure of a thing ----------------------------------------------------------------------


def test_two_reports_of_the_same_figures_do_not_lie_above_together() -> None:
    book = published(submitted(), number=AGAIN).when(submit(AGAIN))
    book.refused(Code.DUPLICATE, f"M1、M4 已由报表 {NUMBER} 上报")
    book.when(approve(), by=LIN).when(submit(AGAIN)).refused(Code.DUPLICATE, NUMBER)


@pytest.mark.parametrize(
    "otherwise",
    [
        {"region": "421022"},
        {"since": date(2025, 1, 1)},
        {"until": date(2026, 2, 28)},
        {"organ_kind": None},
        {"cells": (Cell(measure="M9", place=None, figure=0, digest="a" * 64),)},
    ],
)
def test_a_report_of_something_else_goes_up_beside_it(otherwise: dict[str, Any]) -> None:
    book = published(submitted(), number=AGAIN, **otherwise)
    unit = otherwise.get("region", "421087")
    assert book.when(submit(AGAIN, unit=unit)).stage(AGAIN) is ReportStage.SUBMITTED


# --- counted again ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("again", "because"),
    [
        ({"cells": (CELLS[0].model_copy(update={"figure": 1}), CELLS[1])}, "M1报 2、重数 1"),
        (
            {"cells": (CELLS[0].model_copy(update={"digest": "c" * 64}), CELLS[1])},
            "M1报 2、重数 2",
        ),
        ({"cells": CELLS[:1]}, "M4报 3、重数 无"),
        (
            {"cells": (*CELLS, CELLS[0].model_copy(update={"measure": "M9"}))},
            "M9报 无、重数 2",
        ),
        ({"digest": "c" * 64}, "全表摘要"),
    ],
)
def test_what_came_out_otherwise_is_not_approved(again: dict[str, Any], because: str) -> None:
    book = submitted().when(approve(**again), by=LIN)
    book.refused(Code.RECOUNT_DIFFERS, because)
    assert book.stage() is ReportStage.SUBMITTED


def test_a_refusal_names_the_place_of_a_cell_and_not_more_than_a_few() -> None:
    cells = tuple(
        Cell(measure="M1", place=f"42108{n}", figure=n, digest="a" * 64) for n in range(7)
    )
    book = published(by=("region",), cells=cells).when(submit())
    book.when(approve(cells=()), by=LIN)
    book.refused(Code.RECOUNT_DIFFERS, "M1（421084）报 4、重数 无等 7 格")


# --- days -------------------------------------------------------------------------------------


@pytest.mark.parametrize("act", [approve(), SEND_BACK])
@pytest.mark.parametrize(
    ("on", "code"),
    [("2026-04-01", Code.DATE_BEFORE_LAST_ACT), ("2026-05-01", Code.DATE_IN_FUTURE)],
)
def test_it_is_looked_at_after_it_came_and_not_ahead(on: str, code: Code, act: OnReports) -> None:
    submitted().when(act, by=LIN, on=on).refused(code, on)


def test_a_report_is_not_submitted_before_it_was_published() -> None:
    published().when(submit(), on="2026-04-01").refused(Code.DATE_BEFORE_LAST_ACT, "2026-04-01")


def test_no_report_waits_for_the_day_of_another() -> None:
    book = submitted().when(approve(), by=LIN, on="2026-04-20")
    other = PrepareReport(report=report(number=AGAIN, region="421022"))
    assert book.when(other, on="2026-04-15").stage(AGAIN) is ReportStage.PREPARED
