"""Reporting periods are closed each on its day, and days that were missed are made up for."""

from datetime import date, datetime

import pytest

from domain.aggregate import Order
from domain.law.calendar import CHINA
from domain.people import SYSTEM
from domain.reporting.periods import (
    PeriodClosed,
    PeriodKind,
    ReportingBook,
    ended,
    period_of,
    window,
)

SINCE = date(2025, 11, 20)


def day(told: str) -> date:
    return date.fromisoformat(told)


def order(on: str) -> Order:
    now = datetime.combine(day(on), datetime.min.time(), CHINA)
    return Order(key=on, by=SYSTEM, on=day(on), now=now)


def closed(book: ReportingBook, on: str, *, position: int = 1, delay: int = 0) -> list[str]:
    """What is closed that day, in order."""
    book.close(SINCE, position, delay, order(on))
    return [each.period.name for each in book.collect_events() if isinstance(each, PeriodClosed)]


@pytest.mark.parametrize(
    ("on", "kind", "name", "first", "last"),
    [
        ("2024-02-29", PeriodKind.MONTH, "2024-02", "2024-02-01", "2024-02-29"),
        ("2025-12-31", PeriodKind.MONTH, "2025-12", "2025-12-01", "2025-12-31"),
        ("2025-03-31", PeriodKind.QUARTER, "2025-Q1", "2025-01-01", "2025-03-31"),
        ("2025-04-01", PeriodKind.QUARTER, "2025-Q2", "2025-04-01", "2025-06-30"),
        ("2025-06-30", PeriodKind.HALF_YEAR, "2025-H1", "2025-01-01", "2025-06-30"),
        ("2025-07-01", PeriodKind.HALF_YEAR, "2025-H2", "2025-07-01", "2025-12-31"),
        ("2025-07-01", PeriodKind.YEAR, "2025", "2025-01-01", "2025-12-31"),
    ],
)
def test_a_day_lies_in_one_period_of_each_kind(
    on: str, kind: PeriodKind, name: str, first: str, last: str
) -> None:
    period = period_of(day(on), kind)
    assert (period.name, period.first_day, period.last_day) == (name, day(first), day(last))


def test_every_day_of_thirty_years_lies_within_its_periods_and_they_leave_no_gap() -> None:
    for kind in PeriodKind:
        period = period_of(date(2010, 1, 1), kind)
        while period.last_day < date(2040, 1, 1):
            following = period_of(date.fromordinal(period.last_day.toordinal() + 1), kind)
            assert following.first_day.toordinal() == period.last_day.toordinal() + 1
            assert period_of(period.first_day, kind) == period_of(period.last_day, kind) == period
            period = following


@pytest.mark.parametrize(
    ("on", "names"),
    [
        ("2025-12-31", []),  # the last day is not over
        ("2026-01-01", ["2025-12", "2025-Q4", "2025-H2", "2025"]),
        ("2026-01-02", ["2025-12", "2025-Q4", "2025-H2", "2025"]),
    ],
)
def test_a_period_is_closed_on_the_day_after_its_last(on: str, names: list[str]) -> None:
    book = ReportingBook()
    assert closed(book, "2025-12-01") == ["2025-11"]
    assert closed(book, on) == names
    assert closed(book, on) == []  # once


def test_days_that_were_missed_are_made_up_for_in_order() -> None:
    assert closed(ReportingBook(), "2026-04-15") == [
        "2025-11",
        "2025-12",
        "2025-Q4",
        "2025-H2",
        "2025",
        "2026-01",
        "2026-02",
        "2026-03",
        "2026-Q1",
    ]


def test_what_is_closed_late_says_when_it_was_to_be_closed_and_what_was_known() -> None:
    book = ReportingBook()
    book.close(SINCE, 77, 0, order("2025-12-09"))
    (event,) = book.collect_events()
    assert isinstance(event, PeriodClosed)
    assert (event.to_be_closed_on, event.on, event.position) == (
        day("2025-12-01"),
        day("2025-12-09"),
        77,
    )


@pytest.mark.parametrize(("on", "names"), [("2025-12-05", []), ("2025-12-06", ["2025-11"])])
def test_an_organ_may_close_some_days_later(on: str, names: list[str]) -> None:
    assert closed(ReportingBook(), on, delay=5) == names


def test_periods_before_the_first_event_are_not_closed() -> None:
    assert [each.name for each in ended(day("2025-11-30"), day("2025-12-01"))] == ["2025-11"]
    assert [*ended(day("2025-12-01"), day("2025-12-31"))] == []


# --- windows by name ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("2026", "2026-01-01", "2026-12-31"),
        ("2026-H1", "2026-01-01", "2026-06-30"),
        ("2026-H2", "2026-07-01", "2026-12-31"),
        ("2026-Q3", "2026-07-01", "2026-09-30"),
        ("2026-Q4", "2026-10-01", "2026-12-31"),
        ("2024-02", "2024-02-01", "2024-02-29"),
        ("2026-01..09", "2026-01-01", "2026-09-30"),
        ("2026-12..12", "2026-12-01", "2026-12-31"),
    ],
)
def test_a_window_is_named_as_people_do(name: str, first: str, last: str) -> None:
    assert window(name) == (day(first), day(last))


@pytest.mark.parametrize(
    "name",
    [
        "",
        "26",
        "2026-",
        "2026-13",
        "2026-00",
        "2026-Q5",
        "2026-H3",
        "2026-9",
        "2026-09..01",
        "2026-Q1..Q2",
        "2026-01..Q2",
        "..",
        "2026-01..",
        "2026-..03",
        "2026x",
        "2026-01-01",
    ],
)
def test_what_is_no_window_is_refused_in_words(name: str) -> None:
    with pytest.raises(ValueError, match="时段"):
        window(name)
