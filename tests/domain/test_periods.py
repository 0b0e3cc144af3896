"""When periods end: the domain's vectors, a slow oracle of its own, and what holds for all."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.law.periods import (
    TimeUnit,
    calendar_days_after,
    months_after,
    period,
    quarters_after,
    working_days_after,
    working_days_before,
    years_after,
)
from domain.law.suspension import Remainder, remainder, resume
from gateway.rulebook import calendars
from tests.support.slow_periods import SlowPeriods

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


@pytest.mark.parametrize(
    ("start", "quarters", "end"),
    [
        ("2026-01-01", 1, "2026-03-31"),
        ("2026-03-30", 1, "2026-03-31"),
        ("2026-03-31", 1, "2026-03-31"),  # on the last day, due on it
        ("2026-04-01", 1, "2026-06-30"),
        ("2026-08-31", 1, "2026-09-30"),
        ("2026-11-22", 1, "2026-12-31"),
        ("2026-11-22", 2, "2027-03-31"),
        ("2026-11-22", 5, "2027-12-31"),
    ],
)
def test_quarters_end_with_the_quarters_of_the_calendar(
    start: str, quarters: int, end: str
) -> None:
    assert quarters_after(on(start), quarters, CALENDAR, roll=False).due_on == on(end)


def test_a_quarter_that_ends_on_a_day_off_rolls_into_the_next() -> None:
    ends = quarters_after(on("2024-05-06"), 1, CALENDAR, roll=True)  # 06-30 is a Sunday
    assert (ends.due_on, [day.on.day for day in ends.skipped]) == (on("2024-07-01"), [30])
    assert (ends.start, ends.amount, ends.unit) == (on("2024-05-06"), 1, TimeUnit.QUARTER)


@pytest.mark.parametrize(
    ("start", "years", "end"),
    [
        ("2026-11-22", 1, "2027-11-22"),
        ("2028-02-29", 1, "2029-02-28"),
        ("2028-02-29", 4, "2032-02-29"),
        ("2027-02-28", 1, "2028-02-28"),  # the same number, not the last day again
    ],
)
def test_years_end_on_the_same_day_or_on_28_february(start: str, years: int, end: str) -> None:
    assert years_after(on(start), years, CALENDAR, roll=False).due_on == on(end)


def test_a_year_that_ends_on_a_day_off_rolls() -> None:
    ends = years_after(on("2025-10-01"), 1, CALENDAR, roll=True)
    assert (ends.due_on, ends.amount, ends.unit) == (on("2026-10-08"), 1, TimeUnit.YEAR)


# --- nothing, and less than nothing -----------------------------------------------------------


@pytest.mark.parametrize("unit", TimeUnit)
def test_a_period_of_nothing_is_the_start_rolled_off_a_day_off(unit: TimeUnit) -> None:
    assert period(on("2026-10-08"), 0, unit, CALENDAR, roll=True).due_on == on("2026-10-08")
    assert period(on("2026-10-03"), 0, unit, CALENDAR, roll=True).due_on == on("2026-10-08")


@pytest.mark.parametrize("unit", [unit for unit in TimeUnit if unit != TimeUnit.WORKING_DAY])
def test_a_period_of_nothing_without_a_roll_is_the_start(unit: TimeUnit) -> None:
    assert period(on("2026-10-03"), 0, unit, CALENDAR, roll=False).due_on == on("2026-10-03")


@pytest.mark.parametrize(
    "count",
    [
        lambda: working_days_after(on("2026-10-08"), -1, CALENDAR),
        lambda: calendar_days_after(on("2026-10-08"), -1, CALENDAR, roll=True),
        lambda: months_after(on("2026-10-08"), -1, CALENDAR, roll=True),
        lambda: quarters_after(on("2026-10-08"), -1, CALENDAR, roll=True),
        lambda: years_after(on("2026-10-08"), -1, CALENDAR, roll=True),
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


# --- suspended and resumed --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("suspended_on", "due_on", "unit", "rest"),
    [
        ("2026-09-18", "2026-09-29", TimeUnit.WORKING_DAY, Remainder(working_days=7)),
        ("2026-09-20", "2026-09-29", TimeUnit.WORKING_DAY, Remainder(working_days=6)),
        ("2026-09-28", "2026-09-29", TimeUnit.WORKING_DAY, Remainder(working_days=1)),
        ("2026-09-29", "2026-09-29", TimeUnit.WORKING_DAY, Remainder(working_days=0)),
        ("2026-10-03", "2026-10-12", TimeUnit.WORKING_DAY, Remainder(working_days=4)),
        ("2026-09-18", "2026-09-29", TimeUnit.CALENDAR_DAY, Remainder(days=11)),
        ("2026-09-18", "2026-09-29", TimeUnit.MONTH, Remainder(days=11)),
        ("2026-01-31", "2026-02-27", TimeUnit.MONTH, Remainder(days=27)),
        ("2026-01-31", "2026-02-28", TimeUnit.MONTH, Remainder(months=1)),
        ("2026-01-31", "2026-03-01", TimeUnit.MONTH, Remainder(months=1, days=1)),
        ("2026-12-28", "2027-02-28", TimeUnit.MONTH, Remainder(months=2)),
        ("2026-12-31", "2027-02-28", TimeUnit.MONTH, Remainder(months=2)),  # as on the 28th
        ("2026-11-10", "2027-02-05", TimeUnit.MONTH, Remainder(months=2, days=26)),
        ("2026-11-22", "2026-12-31", TimeUnit.QUARTER, Remainder(months=1, days=9)),
        ("2026-11-22", "2028-05-30", TimeUnit.YEAR, Remainder(months=18, days=8)),
    ],
)
def test_what_is_left_is_held_in_the_rules_own_unit(
    suspended_on: str, due_on: str, unit: TimeUnit, rest: Remainder
) -> None:
    assert remainder(on(suspended_on), on(due_on), unit, CALENDAR) == rest


@pytest.mark.parametrize(
    ("rest", "resumed_on", "due_on"),
    [
        (Remainder(working_days=1), "2026-09-30", "2026-10-08"),
        (Remainder(working_days=4), "2026-02-13", "2026-02-26"),
        (Remainder(working_days=0), "2026-10-03", "2026-10-08"),  # over, but not on a day off
        (Remainder(days=3), "2026-09-30", "2026-10-08"),
        (Remainder(), "2026-10-03", "2026-10-08"),
        (Remainder(months=1), "2026-01-31", "2026-02-28"),
        (Remainder(months=1, days=3), "2026-01-30", "2026-03-03"),  # months first, then days
        (Remainder(months=1, days=9), "2027-01-04", "2027-02-15"),  # 02-13 is a Saturday
    ],
)
def test_what_is_left_runs_on_from_the_day_after_the_resumption(
    rest: Remainder, resumed_on: str, due_on: str
) -> None:
    assert resume(on(resumed_on), rest, CALENDAR, roll=True).due_on == on(due_on)


def test_a_resumed_period_rolls_only_where_the_rule_does() -> None:
    assert resume(on("2026-09-30"), Remainder(days=3), CALENDAR, roll=False).due_on == on(
        "2026-10-03"
    )
    assert resume(on("2026-10-03"), Remainder(working_days=0), CALENDAR, roll=False).due_on == on(
        "2026-10-08"
    )


def test_working_days_left_stay_as_many_when_the_calendar_changes_meanwhile() -> None:
    before = CALENDAR.as_known_on(on("2020-01-23"))
    due_on = working_days_after(on("2020-01-22"), 3, before).due_on
    rest = remainder(on("2020-01-23"), due_on, TimeUnit.WORKING_DAY, before)
    assert rest == Remainder(working_days=2)
    assert resume(on("2020-01-23"), rest, before, roll=True).due_on == due_on == on("2020-02-01")
    assert resume(on("2020-01-23"), rest, CALENDAR, roll=True).due_on == on("2020-02-04")


def test_a_resumed_period_shows_the_days_that_decided_it() -> None:
    ends = resume(on("2026-12-25"), Remainder(working_days=7), CALENDAR, roll=True)
    assert (ends.start, ends.rest) == (on("2026-12-25"), Remainder(working_days=7))
    assert (ends.provisional, ends.editions) == (True, ("2026.1", "2027.推定"))
    assert [day.on.day for day in ends.skipped] == [26, 27, 1, 2, 3]
    ends = resume(on("2026-09-18"), Remainder(working_days=1), CALENDAR, roll=True)
    assert ([day.on.day for day in ends.added], ends.provisional) == ([20], False)
    ends = resume(on("2026-09-01"), Remainder(months=1), CALENDAR, roll=True)
    assert (ends.start, ends.rest) == (on("2026-09-01"), Remainder(months=1))
    assert [day.on.day for day in ends.skipped] == [1, 2, 3, 4, 5, 6, 7]


def test_a_period_that_is_over_is_not_suspended() -> None:
    with pytest.raises(ValueError, match="2026-09-30 不能再中止"):
        remainder(on("2026-09-30"), on("2026-09-29"), TimeUnit.MONTH, CALENDAR)


@pytest.mark.parametrize("rest", [{"months": -1}, {"days": -1}, {"working_days": -1}])
def test_less_than_nothing_cannot_be_left(rest: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="剩余期限不能是负数"):
        Remainder(**rest)


@pytest.mark.parametrize("other", [{"months": 1}, {"days": 1}])
def test_what_is_left_is_not_held_in_two_ways(other: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="只留一种"):
        Remainder(working_days=0, **other)


# --- a slow oracle: every start of eighteen years, every limit in use (domain notes 10.5) ------

LAST_YEAR = 2035
SLOW = SlowPeriods(CALENDAR, 2018, LAST_YEAR + 2)
STARTS = [day for day in SLOW.days if day.year <= LAST_YEAR]


@pytest.mark.parametrize("amount", [1, 5, 7, 15, 20, 30])
def test_working_days_agree_with_the_slow_oracle(amount: int) -> None:
    wrong = [
        start
        for start in STARTS
        if working_days_after(start, amount, CALENDAR).due_on != SLOW.working_days(start, amount)
    ]
    assert wrong == []


@pytest.mark.parametrize("roll", [True, False])
@pytest.mark.parametrize(
    ("unit", "amount", "slow"),
    [
        (TimeUnit.CALENDAR_DAY, 15, SLOW.calendar_days),
        (TimeUnit.MONTH, 1, SLOW.month),
        (TimeUnit.MONTH, 2, SLOW.month),
        (TimeUnit.MONTH, 3, SLOW.month),
        (TimeUnit.MONTH, 6, SLOW.month),
        (TimeUnit.QUARTER, 1, SLOW.quarter),
        (TimeUnit.QUARTER, 2, SLOW.quarter),
        (TimeUnit.YEAR, 1, SLOW.year),
    ],
)
def test_all_other_units_agree_with_the_slow_oracle(
    unit: TimeUnit, amount: int, slow: Callable[..., date], *, roll: bool
) -> None:
    wrong = [
        start
        for start in STARTS
        if period(start, amount, unit, CALENDAR, roll=roll).due_on != slow(start, amount, roll=roll)
    ]
    assert wrong == []


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


@given(starts, amounts, units, st.booleans(), st.data())
def test_what_is_resumed_on_the_day_it_was_suspended_ends_when_it_would_have(
    start: date, amount: int, unit: TimeUnit, roll: bool, data: st.DataObject
) -> None:
    due_on = period(start, amount, unit, CALENDAR, roll=roll).due_on
    suspended_on = start + data.draw(st.integers(0, (due_on - start).days)) * ONE_DAY
    rest = remainder(suspended_on, due_on, unit, CALENDAR)
    assert resume(suspended_on, rest, CALENDAR, roll=roll).due_on == due_on


@given(starts, amounts, st.sampled_from([u for u in TimeUnit if u != TimeUnit.WORKING_DAY]))
def test_what_was_held_from_the_end_before_its_roll_rolls_again(
    start: date, amount: int, unit: TimeUnit
) -> None:
    nominal = period(start, amount, unit, CALENDAR, roll=False).due_on
    rest = remainder(start, nominal, unit, CALENDAR)
    due_on = period(start, amount, unit, CALENDAR, roll=True).due_on
    assert resume(start, rest, CALENDAR, roll=True).due_on == due_on


@given(starts, st.integers(0, 60), st.integers(0, 400))
def test_a_suspension_of_working_days_neither_gives_nor_takes_one(
    start: date, used: int, later: int
) -> None:
    due_on = working_days_after(start, 60, CALENDAR).due_on
    suspended_on = working_days_after(start, used, CALENDAR).due_on if used else start
    resumed_on = suspended_on + later * ONE_DAY
    rest = remainder(suspended_on, due_on, TimeUnit.WORKING_DAY, CALENDAR)
    ends = resume(resumed_on, rest, CALENDAR, roll=True).due_on
    assert ends == working_days_after(resumed_on, 60 - used, CALENDAR).due_on
