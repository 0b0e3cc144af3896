"""When periods end: the domain's vectors, a slow oracle of its own, and what holds for all."""

from calendar import monthrange
from collections.abc import Callable
from datetime import date, timedelta

import chinese_calendar
import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.law.periods import (
    TimeUnit,
    calendar_days_after,
    months_after,
    period,
    working_days_after,
    working_days_before,
)
from gateway.rulebook import calendars

CALENDAR = calendars()
ONE_DAY = timedelta(days=1)


def on(text: str) -> date:
    return date.fromisoformat(text)


# --- the domain's own vectors (domain notes 8.3) ----------------------------------------------


@pytest.mark.parametrize(
    ("start", "amount", "unit", "due_on", "provisional"),
    [
        ("2026-09-17", 7, TimeUnit.WORKING_DAY, "2026-09-28", False),
        ("2026-09-18", 7, TimeUnit.WORKING_DAY, "2026-09-29", False),  # Sunday 09-20 counts
        ("2026-09-20", 7, TimeUnit.WORKING_DAY, "2026-09-30", False),  # a Sunday at work
        ("2026-02-13", 7, TimeUnit.WORKING_DAY, "2026-03-02", False),
        ("2026-04-28", 7, TimeUnit.WORKING_DAY, "2026-05-11", False),
        ("2026-09-18", 30, TimeUnit.WORKING_DAY, "2026-11-05", False),
        ("2026-12-25", 7, TimeUnit.WORKING_DAY, "2027-01-06", True),
        ("2026-09-01", 1, TimeUnit.MONTH, "2026-10-08", False),  # nominal 10-01, rolled
        ("2026-01-31", 1, TimeUnit.MONTH, "2026-02-28", False),  # a Saturday at work: no roll
        ("2026-04-09", 1, TimeUnit.MONTH, "2026-05-09", False),  # likewise
    ],
)
def test_the_domains_vectors_hold(
    start: str, amount: int, unit: TimeUnit, due_on: str, provisional: bool
) -> None:
    ends = period(on(start), amount, unit, CALENDAR, roll=True)
    assert (ends.due_on, ends.provisional) == (on(due_on), provisional)


# --- the day before, the day, the day after ---------------------------------------------------


@pytest.mark.parametrize(
    ("nominal", "due_on"),
    [
        ("2026-09-30", "2026-09-30"),  # the day before the holiday
        ("2026-10-01", "2026-10-08"),  # its first day
        ("2026-10-07", "2026-10-08"),  # its last day
        ("2026-10-08", "2026-10-08"),  # the day after
        ("2026-10-10", "2026-10-10"),  # a Saturday at work
        ("2026-10-11", "2026-10-12"),  # an ordinary Sunday
        ("2026-10-17", "2026-10-19"),  # an ordinary Saturday
        ("2018-12-29", "2018-12-29"),  # at work by the next year's notice
        ("2018-12-30", "2019-01-02"),
    ],
)
def test_an_end_on_a_day_off_rolls_to_the_next_working_day(nominal: str, due_on: str) -> None:
    ends = calendar_days_after(on(nominal) - 15 * ONE_DAY, 15, CALENDAR, roll=True)
    assert ends.due_on == on(due_on)


@pytest.mark.parametrize(
    ("start", "due_on"),
    [
        ("2026-09-30", "2026-10-08"),
        ("2026-10-01", "2026-10-08"),
        ("2026-10-07", "2026-10-08"),
        ("2026-10-08", "2026-10-09"),
        ("2026-10-09", "2026-10-10"),
        ("2026-10-10", "2026-10-12"),
    ],
)
def test_the_day_of_the_act_is_not_counted_whether_it_works_or_rests(
    start: str, due_on: str
) -> None:
    assert working_days_after(on(start), 1, CALENDAR).due_on == on(due_on)


def test_without_a_roll_a_period_ends_where_it_ends() -> None:
    assert months_after(on("2026-09-01"), 1, CALENDAR, roll=False).due_on == on("2026-10-01")
    assert calendar_days_after(on("2026-09-16"), 15, CALENDAR, roll=False).due_on == on(
        "2026-10-01"
    )


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        ("2026-01-31", 1, "2026-02-28"),
        ("2028-01-31", 1, "2028-02-29"),
        ("2026-01-31", 3, "2026-04-30"),
        ("2026-02-28", 1, "2026-03-28"),  # the same number, not the last day again
        ("2026-12-31", 2, "2027-02-28"),
        ("2026-11-30", 1, "2026-12-30"),
        ("2026-12-15", 12, "2027-12-15"),
        ("2026-06-30", 6, "2026-12-30"),
    ],
)
def test_months_end_on_the_same_number_or_on_the_last_of_the_month(
    start: str, months: int, end: str
) -> None:
    assert months_after(on(start), months, CALENDAR, roll=False).due_on == on(end)


# --- nothing, and less than nothing -----------------------------------------------------------


@pytest.mark.parametrize("unit", TimeUnit)
def test_a_period_of_nothing_is_the_start_rolled_off_a_day_off(unit: TimeUnit) -> None:
    assert period(on("2026-10-08"), 0, unit, CALENDAR, roll=True).due_on == on("2026-10-08")
    assert period(on("2026-10-03"), 0, unit, CALENDAR, roll=True).due_on == on("2026-10-08")


@pytest.mark.parametrize("unit", [TimeUnit.CALENDAR_DAY, TimeUnit.MONTH])
def test_a_period_of_nothing_without_a_roll_is_the_start(unit: TimeUnit) -> None:
    assert period(on("2026-10-03"), 0, unit, CALENDAR, roll=False).due_on == on("2026-10-03")


@pytest.mark.parametrize(
    "count",
    [
        lambda: working_days_after(on("2026-10-08"), -1, CALENDAR),
        lambda: calendar_days_after(on("2026-10-08"), -1, CALENDAR, roll=True),
        lambda: months_after(on("2026-10-08"), -1, CALENDAR, roll=True),
        lambda: working_days_before(on("2026-10-08"), -1, CALENDAR),
    ],
)
def test_a_negative_period_is_refused(count: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match="期限不能是负数"):
        count()


# --- what a period tells of itself ------------------------------------------------------------


def test_a_period_shows_the_days_it_skipped_and_the_weekends_it_counted() -> None:
    ends = working_days_after(on("2026-09-18"), 7, CALENDAR)
    assert [day.on.day for day in ends.added] == [20]
    assert [(day.on.day, day.why) for day in ends.skipped] == [
        (19, "周六"),
        (25, "中秋节"),
        (26, "中秋节"),
        (27, "中秋节"),
    ]
    assert (ends.start, ends.amount, ends.unit) == (on("2026-09-18"), 7, TimeUnit.WORKING_DAY)


def test_a_month_shows_only_the_days_it_rolled_over() -> None:
    ends = months_after(on("2026-09-01"), 1, CALENDAR, roll=True)
    assert [day.on.day for day in ends.skipped] == [1, 2, 3, 4, 5, 6, 7]
    assert ends.added == ()


def test_a_period_names_the_editions_it_was_counted_by() -> None:
    assert working_days_after(on("2026-12-25"), 7, CALENDAR).editions == ("2026.1", "2027.推定")
    assert working_days_after(on("2018-12-26"), 4, CALENDAR).editions == ("2018.1", "2019.2")


@pytest.mark.parametrize(
    ("amount", "provisional"),
    [(4, False), (5, True)],  # Thursday 12-31, and over New Year
)
def test_a_period_is_provisional_from_the_first_unpublished_day(
    amount: int, provisional: bool
) -> None:
    assert working_days_after(on("2026-12-25"), amount, CALENDAR).provisional == provisional


def test_an_end_rolled_into_an_unpublished_year_is_provisional() -> None:
    known = CALENDAR.as_known_on(on("2022-12-07"))  # the notice for 2023 came the next day
    ends = calendar_days_after(on("2022-12-16"), 15, known, roll=True)
    assert (ends.due_on, ends.provisional) == (on("2023-01-02"), True)
    assert calendar_days_after(on("2022-12-16"), 15, CALENDAR, roll=True).due_on == on("2023-01-03")


def test_an_end_that_never_asks_the_calendar_is_not_provisional() -> None:
    ends = months_after(on("2026-12-25"), 1, CALENDAR, roll=False)
    assert (ends.provisional, ends.editions, ends.skipped) == (False, (), ())


def test_a_revised_calendar_moves_the_end() -> None:
    before = CALENDAR.as_known_on(on("2020-01-25"))
    after = CALENDAR.as_known_on(on("2020-01-26"))
    assert working_days_after(on("2020-01-23"), 2, before).due_on == on("2020-02-01")
    assert working_days_after(on("2020-01-23"), 2, after).due_on == on("2020-02-04")


# --- counting back ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "amount", "reminded_on"),
    [
        ("2026-10-09", 1, "2026-10-08"),
        ("2026-10-08", 1, "2026-09-30"),
        ("2026-09-21", 1, "2026-09-20"),  # a Sunday at work
        ("2026-09-29", 7, "2026-09-18"),
        ("2026-10-08", 0, "2026-10-08"),
        ("2026-10-07", 0, "2026-09-30"),
    ],
)
def test_reminders_are_counted_back_in_working_days(
    day: str, amount: int, reminded_on: str
) -> None:
    assert working_days_before(on(day), amount, CALENDAR) == on(reminded_on)


# --- a slow oracle, written apart: other data, its own loops ----------------------------------

STARTS = [date(2018, 1, 1) + n * ONE_DAY for n in range(3652)]  # 2018 to 2027
UNPUBLISHED = holidays.country_holidays("CN", years=range(2027, 2030), observed=False)
AT_WORK = {
    day: chinese_calendar.is_workday(day)
    if day.year <= 2026
    else day.weekday() < 5 and day not in UNPUBLISHED
    for day in (date(2018, 1, 1) + n * ONE_DAY for n in range(3652 + 400))
}


def slow_working_days(start: date, amount: int) -> date:
    counted, day = 0, start
    while counted < amount:
        day += ONE_DAY
        if AT_WORK[day]:
            counted += 1
    return day


def slow_months(start: date, months: int) -> date:
    year, month = start.year, start.month
    for _ in range(months):
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    day = date(year, month, 1)
    while day.day < start.day and day.day < monthrange(year, month)[1]:
        day += ONE_DAY
    while not AT_WORK[day]:
        day += ONE_DAY
    return day


@pytest.mark.parametrize("amount", [1, 7, 30])
def test_working_days_agree_with_the_slow_oracle(amount: int) -> None:
    for start in STARTS:
        assert working_days_after(start, amount, CALENDAR).due_on == slow_working_days(
            start, amount
        )


@pytest.mark.parametrize("amount", [1, 6])
def test_months_agree_with_the_slow_oracle(amount: int) -> None:
    for start in STARTS:
        due_on = months_after(start, amount, CALENDAR, roll=True).due_on
        assert due_on == slow_months(start, amount)


# --- what holds for every period --------------------------------------------------------------

starts = st.dates(date(2016, 1, 1), date(2052, 12, 31))
amounts = st.integers(0, 60)
units = st.sampled_from(TimeUnit)


@given(starts, amounts, units)
def test_a_rolled_period_ends_on_a_working_day_not_before_its_start(
    start: date, amount: int, unit: TimeUnit
) -> None:
    ends = period(start, amount, unit, CALENDAR, roll=True)
    assert CALENDAR.day(ends.due_on).working
    assert ends.due_on >= start


@given(starts, st.integers(0, 400), amounts, units)
def test_what_starts_later_never_ends_earlier(
    start: date, later: int, amount: int, unit: TimeUnit
) -> None:
    first = period(start, amount, unit, CALENDAR, roll=True)
    second = period(start + later * ONE_DAY, amount, unit, CALENDAR, roll=True)
    assert first.due_on <= second.due_on


@given(starts, st.integers(1, 60))
def test_counting_back_undoes_counting_on(start: date, amount: int) -> None:
    due_on = working_days_after(start, amount, CALENDAR).due_on
    last_working_day = working_days_before(start, 0, CALENDAR)
    assert working_days_before(due_on, amount, CALENDAR) == last_working_day
