"""A statistical report is published by two persons, and nothing changes it afterwards."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Self

import pytest
from pydantic import ValidationError

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
    ReportPrepared,
    ReportPublished,
    ReportReturned,
    ReportStage,
    ReturnReport,
)

HE = Officer(id="he", role="统计员", organ="cdi")
MA = Officer(id="ma", role="案管室主任", organ="cdi")
NUMBER = "报〔2026〕1号"
PUBLISH = PublishReport(number=NUMBER)
RETURN = ReturnReport(number=NUMBER, explanation="标题有误")


def cell(measure: str = "M1", place: str | None = None, figure: int = 2) -> Cell:
    return Cell(measure=measure, place=place, figure=figure, digest="a" * 64)


def report(**unusual: Any) -> Report:
    usual: dict[str, Any] = {
        "number": NUMBER,
        "title": "一季度容错情况",
        "definitions": 1,
        "region": "421000",
        "since": date(2026, 1, 1),
        "until": date(2026, 3, 31),
        "organ_kind": OrganKind.DISCIPLINE,
        "boundaries": date(2026, 4, 1),
        "by": (),
        "position": 371,
        "cells": (cell(),),
        "digest": "b" * 64,
    }
    return Report(**usual | unusual)


@dataclass
class Reporting:
    """A book of reports, and what was last asked of it."""

    book: PublishedReports = field(default_factory=PublishedReports)
    news: list[Event] = field(default_factory=list)
    refusal: Refusal | None = None

    def when(
        self,
        act: OnReports,
        *,
        by: Officer = HE,
        on: str = "2026-04-02",
        authority: str | None = "会议纪要第3号",
    ) -> Self:
        day = date.fromisoformat(on)
        now = datetime(2026, 4, 9, 10, tzinfo=CHINA)
        order = Order(key=f"{self.book.version}", by=by, on=day, now=now, authority=authority)
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

    @property
    def stage(self) -> ReportStage:
        return self.book.files[NUMBER].stage


def prepared(**unusual: Any) -> Reporting:
    return Reporting().when(PrepareReport(report=report(**unusual)))


def published() -> Reporting:
    return prepared().when(PUBLISH, by=MA)


# --- the acts ---------------------------------------------------------------------------------


def test_a_report_is_prepared_with_its_question_and_its_cells() -> None:
    book = prepared()
    (event,) = book.news
    assert isinstance(event, ReportPrepared)
    assert (event.report, book.stage) == (report(), ReportStage.PREPARED)


def test_another_person_publishes_it_with_its_position_and_digest() -> None:
    book = published()
    (event,) = book.news
    assert isinstance(event, ReportPublished)
    assert (event.position, event.digest, event.prepared_by) == (371, "b" * 64, HE)
    assert (event.envelope.by, event.envelope.authority) == (MA, "会议纪要第3号")
    assert book.stage is ReportStage.PUBLISHED


def test_a_draft_is_returned_with_a_reason_and_prepared_again() -> None:
    book = prepared().when(RETURN, by=MA)
    (event,) = book.news
    assert isinstance(event, ReportReturned)
    assert (event.explanation, book.stage) == ("标题有误", ReportStage.RETURNED)
    book.when(PrepareReport(report=report(title="改正后的标题")))
    assert book.stage is ReportStage.PREPARED
    assert book.book.files[NUMBER].report.title == "改正后的标题"
    assert book.when(PUBLISH, by=MA).stage is ReportStage.PUBLISHED


def test_two_reports_stand_beside_each_other() -> None:
    book = published().when(PrepareReport(report=report(number="报〔2026〕2号")))
    assert [each.stage.value for each in book.book.files.values()] == ["published", "prepared"]


# --- refusals ---------------------------------------------------------------------------------


def test_nobody_publishes_what_they_have_prepared() -> None:
    book = prepared().when(PUBLISH)
    book.refused(Code.SAME_PERSON, "由 he 拟定")
    assert book.stage is ReportStage.PREPARED


def test_nothing_is_published_without_an_approval_to_show() -> None:
    prepared().when(PUBLISH, by=MA, authority=None).refused(Code.REASON_MISSING, "没有批准文号")


@pytest.mark.parametrize("book", [prepared(), published()], ids=["prepared", "published"])
def test_a_number_is_used_once(book: Reporting) -> None:
    book.when(PrepareReport(report=report())).refused(Code.CASE_NUMBER_TAKEN, NUMBER)


@pytest.mark.parametrize("act", [PUBLISH, RETURN])
def test_what_is_published_is_neither_published_again_nor_returned(act: OnReports) -> None:
    book = published().when(act, by=MA)
    book.refused(Code.ALREADY_DONE, "已于 2026-04-02 公布")
    assert book.stage is ReportStage.PUBLISHED


@pytest.mark.parametrize("act", [PUBLISH, RETURN])
def test_what_was_returned_must_be_prepared_again_first(act: OnReports) -> None:
    prepared().when(RETURN, by=MA).when(act, by=MA).refused(Code.STEP_MISSING, "退回")


@pytest.mark.parametrize("act", [PUBLISH, RETURN])
def test_a_report_nobody_has_prepared_is_unknown(act: OnReports) -> None:
    Reporting().when(act, by=MA).refused(Code.UNKNOWN_ITEM, "现有：无")


@pytest.mark.parametrize(
    ("on", "code"),
    [("2026-04-01", Code.DATE_BEFORE_LAST_ACT), ("2026-04-10", Code.DATE_IN_FUTURE)],
)
def test_reports_are_dated_in_order_and_not_ahead(on: str, code: Code) -> None:
    prepared().when(PUBLISH, by=MA, on=on).refused(code, on)


# --- what a report may hold ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("unusual", "because"),
    [
        ({"since": date(2026, 4, 1)}, "起日晚于止日"),
        ({"cells": (cell(), cell(figure=3))}, "不止一格"),
        ({"cells": (cell(place="421087"),)}, "分地区的报表"),
        ({"by": ("region",)}, "分地区的报表"),
        ({"by": ("organ",)}, "region"),
        ({"digest": "b"}, "digest"),
        ({"position": -1}, "position"),
    ],
)
def test_a_report_that_does_not_hold_together_is_none(
    unusual: dict[str, Any], because: str
) -> None:
    with pytest.raises(ValidationError, match=because):
        report(**unusual)


def test_a_day_may_be_a_window_and_a_measure_may_have_a_cell_for_every_place() -> None:
    assert report(since=date(2026, 3, 31)).since == date(2026, 3, 31)
    by_place = (cell(place="421087"), cell(place="421022"), cell("M4", "421087"))
    assert report(by=("region",), cells=by_place).cells == by_place
