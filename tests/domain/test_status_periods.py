"""影响期、处分期: which days belong to one, and how the periods of several sanctions add up."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.law.status_periods import (
    AllowedMonths,
    Deserved,
    EndRule,
    StatusPeriod,
    allowed_months,
    overall_end,
    period_within,
    stacked,
    status_period,
)
from gateway.rulebook import calendars
from tests.support.slow_periods import SlowPeriods

ONE_DAY = timedelta(days=1)
BEFORE, CORRESPONDING = EndRule.DAY_BEFORE, EndRule.CORRESPONDING_DAY

# what the rulebook would hand in (《政务处分法》第八条、第十五条)
ARTICLE, CAP = "《政务处分法》第十五条", 48
WARNING = Deserved(sanction="警告", grade=1, months=6)
DEMERIT = Deserved(sanction="记过", grade=2, months=12)
SERIOUS_DEMERIT = Deserved(sanction="记大过", grade=3, months=18)
DEMOTION = Deserved(sanction="降级", grade=4, months=24)
REMOVAL = Deserved(sanction="撤职", grade=5, months=24)


def on(text: str) -> date:
    return date.fromisoformat(text)


def at_once(*deserved: Deserved, cap_months: int = CAP) -> AllowedMonths:
    return allowed_months(deserved, cap_months=cap_months, article=ARTICLE)


# --- one sanction -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "months", "day_before", "corresponding"),
    [
        ("2026-03-10", 6, "2026-09-09", "2026-09-10"),  # domain notes 8.5
        ("2026-01-01", 12, "2026-12-31", "2027-01-01"),
        ("2026-03-01", 6, "2026-08-31", "2026-09-01"),
        ("2026-04-03", 6, "2026-10-02", "2026-10-03"),  # within National Day: no roll
        ("2026-08-28", 6, "2027-02-27", "2027-02-28"),
        ("2026-08-29", 6, "2027-02-28", "2027-02-28"),  # the day before the missing 29th
        ("2026-08-30", 6, "2027-02-28", "2027-02-28"),  # no 30th: the last of the month
        ("2026-08-31", 6, "2027-02-28", "2027-02-28"),
        ("2027-08-29", 6, "2028-02-28", "2028-02-29"),  # a leap year has it
        ("2027-08-30", 6, "2028-02-29", "2028-02-29"),
        ("2028-02-29", 12, "2029-02-28", "2029-02-28"),
        ("2028-02-29", 48, "2032-02-28", "2032-02-29"),
        ("2026-12-31", 18, "2028-06-30", "2028-06-30"),
    ],
)
def test_a_status_period_counts_its_first_day_and_never_rolls(
    start: str, months: int, day_before: str, corresponding: str
) -> None:
    by_practice = status_period(on(start), months)
    assert by_practice == StatusPeriod(start=on(start), last_day=on(day_before), months=months)
    by_civil_code = status_period(on(start), months, end_rule=CORRESPONDING)
    assert by_civil_code.last_day == on(corresponding)


@pytest.mark.parametrize(
    ("day", "running"),
    [
        ("2026-03-09", False),
        ("2026-03-10", True),
        ("2026-09-09", True),
        ("2026-09-10", False),  # of itself (《政务处分法》第二十六条)
    ],
)
def test_a_status_period_runs_from_the_day_of_effect_through_its_last_day(
    day: str, *, running: bool
) -> None:
    assert status_period(on("2026-03-10"), 6).is_running(on(day)) == running


# --- a new sanction inside a running period (《纪律处分条例》第二十一条) -------------------------


@pytest.mark.parametrize(
    ("new_on", "months", "end_rule", "last_day"),
    [
        ("2026-06-01", 18, BEFORE, "2028-09-09"),  # 06-01 to 03-09, then 18 months
        ("2026-06-01", 18, CORRESPONDING, "2028-09-10"),
        ("2026-03-10", 18, BEFORE, "2028-09-09"),  # on the first day: 12 and 18 months
        ("2027-03-09", 18, BEFORE, "2028-09-09"),  # on the last day: one day and 18 months
    ],
)
def test_a_sanction_inside_a_running_period_adds_its_months_to_what_is_left(
    new_on: str, months: int, end_rule: EndRule, last_day: str
) -> None:
    old = status_period(on("2026-03-10"), 12, end_rule=end_rule)
    both = stacked(old, on(new_on), months, end_rule=end_rule)
    assert both == StatusPeriod(
        start=on(new_on), last_day=on(last_day), months=months, rest_until=old.last_day
    )


def test_party_periods_add_up_without_a_cap() -> None:
    first = status_period(on("2026-03-10"), 24)
    second = stacked(first, on("2026-04-10"), 24)
    third = stacked(second, on("2026-05-10"), 60)
    assert third.last_day == on("2035-03-09")  # 108 months from 2026-03-10


def test_the_months_added_are_clamped_like_any_others() -> None:
    old = status_period(on("2026-08-31"), 6, end_rule=CORRESPONDING)  # to 02-28
    assert stacked(old, on("2027-01-05"), 12, end_rule=CORRESPONDING).last_day == on("2028-02-28")
    old = status_period(on("2026-08-31"), 6)
    assert stacked(old, on("2027-01-05"), 12).last_day == on("2028-02-29")  # whole months: 03 to 02


@pytest.mark.parametrize("new_on", ["2026-03-09", "2027-03-10"])
def test_nothing_is_added_to_a_period_that_is_not_running(new_on: str) -> None:
    old = status_period(on("2026-03-10"), 12)
    with pytest.raises(ValueError, match="不在原影响期（2026-03-10 至 2027-03-09）内"):
        stacked(old, on(new_on), 18)


# --- several violations judged at once (《政务处分法》第十五条) ---------------------------------


@pytest.mark.parametrize(
    ("deserved", "sanction", "least", "most"),
    [
        ([WARNING], "警告", 6, 6),
        ([WARNING, SERIOUS_DEMERIT, DEMERIT], "记大过", 18, 18),  # the heaviest alone
        ([REMOVAL, DEMOTION], "撤职", 24, 24),  # heavier, though of the same months
        ([WARNING, WARNING], "警告", 6, 12),
        ([DEMERIT, WARNING, DEMERIT, DEMERIT], "记过", 12, 36),
        ([SERIOUS_DEMERIT] * 2, "记大过", 18, 36),
        ([SERIOUS_DEMERIT] * 3, "记大过", 18, 48),  # the sum would be 54
        ([REMOVAL] * 2, "撤职", 24, 48),
        ([REMOVAL] * 3, "撤职", 24, 48),
    ],
)
def test_of_several_the_heaviest_counts_and_equals_up_to_their_sum_under_the_cap(
    deserved: list[Deserved], sanction: str, least: int, most: int
) -> None:
    assert at_once(*deserved) == AllowedMonths(
        sanction=sanction, least=least, most=most, article=ARTICLE
    )


def test_the_cap_is_the_rulebooks() -> None:
    assert at_once(REMOVAL, REMOVAL, cap_months=30).most == 30
    assert at_once(REMOVAL, REMOVAL, cap_months=24).most == 24


def test_the_organ_fixes_a_period_within_what_is_allowed() -> None:
    allowed = at_once(DEMERIT, DEMERIT)
    assert period_within(allowed, on("2026-03-10"), 12).last_day == on("2027-03-09")
    assert period_within(allowed, on("2026-03-10"), 24).last_day == on("2028-03-09")
    fixed = period_within(allowed, on("2026-03-10"), 15, end_rule=CORRESPONDING)
    assert fixed == StatusPeriod(start=on("2026-03-10"), last_day=on("2027-06-10"), months=15)


@pytest.mark.parametrize("months", [11, 25])
def test_a_period_outside_of_what_is_allowed_is_refused_with_the_article(months: int) -> None:
    with pytest.raises(ValueError, match="须在 12 至 24 个月之间（《政务处分法》第十五条）"):
        period_within(at_once(DEMERIT, DEMERIT), on("2026-03-10"), months)


# --- several kinds at once --------------------------------------------------------------------


def test_sanctions_of_several_kinds_keep_their_lines_and_the_latest_ends_all() -> None:
    party = status_period(on("2026-03-10"), 18)  # 严重警告
    government = status_period(on("2026-05-20"), 12)  # 记过
    assert overall_end([party, government]) == party.last_day == on("2027-09-09")
    assert overall_end([government]) == on("2027-05-19")


# --- refusals ---------------------------------------------------------------------------------


@pytest.mark.parametrize("months", [0, -1])
def test_a_status_period_has_at_least_a_month(months: int) -> None:
    running = status_period(on("2026-03-10"), 1)
    with pytest.raises(ValueError, match="不能少于一个月"):
        status_period(on("2026-03-10"), months)
    with pytest.raises(ValueError, match="不能少于一个月"):
        stacked(running, on("2026-03-10"), months)
    with pytest.raises(ValueError, match="不能少于一个月"):
        at_once(Deserved(sanction="警告", grade=1, months=months))


def test_no_violation_and_no_line_have_no_period() -> None:
    with pytest.raises(ValueError, match="没有违法行为"):
        at_once()
    with pytest.raises(ValueError, match="没有影响期"):
        overall_end([])


@pytest.mark.parametrize("other", [{"months": 18}, {"sanction": "记大过"}])
def test_one_grade_has_one_sanction_and_one_length(other: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="同一档次"):
        at_once(DEMERIT, DEMERIT.model_copy(update=other))


def test_a_cap_below_a_single_period_is_refused() -> None:
    with pytest.raises(ValueError, match="上限 23 个月短于一个处分期 24 个月"):
        at_once(REMOVAL, cap_months=23)


# --- a slow oracle: every day of effect of eighteen years, every length in use ------------------

LAST_YEAR = 2035
SLOW = SlowPeriods(calendars(), 2018, LAST_YEAR + 5)
STARTS = [day for day in SLOW.days if day.year <= LAST_YEAR]


@pytest.mark.parametrize("end_rule", EndRule)
@pytest.mark.parametrize("months", [6, 12, 18, 24, 48])
def test_status_periods_agree_with_the_slow_oracle(months: int, end_rule: EndRule) -> None:
    wrong = [
        start
        for start in STARTS
        if status_period(start, months, end_rule=end_rule).last_day
        != SLOW.status(start, months, day_before=end_rule is BEFORE)
    ]
    assert wrong == []


# --- what holds for every status period -------------------------------------------------------

starts = st.dates(date(2016, 1, 1), date(2052, 12, 31))
lengths = st.integers(1, 60)


@given(starts, lengths)
def test_the_two_end_rules_are_never_more_than_a_day_apart(start: date, months: int) -> None:
    practice = status_period(start, months).last_day
    civil_code = status_period(start, months, end_rule=CORRESPONDING).last_day
    assert practice <= civil_code <= practice + ONE_DAY


@given(starts, lengths, lengths, st.sampled_from(EndRule), st.data())
def test_the_day_of_the_new_sanction_does_not_change_when_both_are_over(
    start: date, old_months: int, new_months: int, end_rule: EndRule, data: st.DataObject
) -> None:
    old = status_period(start, old_months, end_rule=end_rule)
    day = start + data.draw(st.integers(0, (old.last_day - start).days)) * ONE_DAY
    both = stacked(old, day, new_months, end_rule=end_rule)
    assert both.last_day == stacked(old, start, new_months, end_rule=end_rule).last_day
    assert both.last_day > old.last_day


@given(starts.filter(lambda day: day.day <= 28), lengths, lengths, st.sampled_from(EndRule))
def test_two_sanctions_on_one_day_last_as_long_as_their_months_together(
    start: date, one: int, other: int, end_rule: EndRule
) -> None:
    both = stacked(status_period(start, one, end_rule=end_rule), start, other, end_rule=end_rule)
    assert both.last_day == status_period(start, one + other, end_rule=end_rule).last_day
