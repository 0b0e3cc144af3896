"""The calendar: published days, earlier editions, years without a notice, and faulty files."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import chinese_calendar
import holidays
import pytest

from domain.law.calendar import (
    CHINA,
    CalendarEdition,
    ProvisionalYear,
    WorkCalendar,
    civil_date,
    start_of,
)
from gateway.files import RulebookFault
from gateway.rulebook import calendars

CALENDAR = calendars()
NOTICE = {
    "year": 2027,
    "edition": 1,
    "notice": "国办发明电〔2026〕×号",
    "issued_on": date(2026, 11, 25),
    "confirmed": True,
    "holidays": {"元旦": (date(2027, 1, 1),)},
    "working_weekends": (date(2027, 2, 14),),
}


def days_of(first: int, last: int) -> list[date]:
    start, end = date(first, 1, 1), date(last, 12, 31)
    return [start + timedelta(days=n) for n in range((end - start).days + 1)]


def edition(**changes: Any) -> CalendarEdition:
    return CalendarEdition.model_validate(NOTICE | changes)


# --- published years --------------------------------------------------------------------------


@pytest.mark.parametrize("year", range(2018, 2027))
def test_every_published_day_works_or_rests_as_chinese_calendar_has_it(year: int) -> None:
    wrong = [
        day
        for day in days_of(year, year)
        if CALENDAR.day(day).working != chinese_calendar.is_workday(day)
    ]
    assert wrong == []


@pytest.mark.parametrize("year", range(2018, 2027))
def test_make_up_days_are_those_of_the_holidays_library(year: int) -> None:
    made_up = {day for day in days_of(year, year) if CALENDAR.day(day).make_up}
    china = holidays.country_holidays("CN", years=[year, year + 1])
    assert made_up == {day for day in china.weekend_workdays if day.year == year}


def test_no_published_day_is_provisional() -> None:
    assert CALENDAR.published_years == tuple(range(2018, 2027))
    assert not any(CALENDAR.day(day).provisional for day in days_of(2018, 2026))


def test_2026_has_248_working_days() -> None:
    by_month = [0] * 12
    for day in days_of(2026, 2026):
        by_month[day.month - 1] += CALENDAR.day(day).working
    assert by_month == [21, 16, 22, 21, 19, 21, 23, 21, 22, 18, 21, 23]


@pytest.mark.parametrize(
    ("day", "why"),
    [
        ("2026-09-30", "工作日"),
        ("2026-10-01", "国庆节"),
        ("2026-10-07", "国庆节"),
        ("2026-10-08", "工作日"),
        ("2026-10-10", "调休上班"),
        ("2026-10-11", "周日"),
        ("2026-10-17", "周六"),
        ("2025-10-06", "国庆节、中秋节"),
    ],
)
def test_a_day_says_why_it_works_or_rests(day: str, why: str) -> None:
    assert CALENDAR.day(date.fromisoformat(day)).why == why


def test_the_notice_for_2019_governs_the_last_days_of_2018() -> None:
    last = [CALENDAR.day(date(2018, 12, day)) for day in (28, 29, 30, 31)]
    assert [day.why for day in last] == ["工作日", "调休上班", "元旦", "元旦"]
    assert [day.edition for day in last] == ["2018.1", "2019.2", "2019.2", "2019.2"]


def test_an_instant_is_no_day_to_ask_for() -> None:
    with pytest.raises(TypeError, match="civil_date"):
        CALENDAR.day(start_of(date(2026, 10, 1)))


# --- earlier editions -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("known_on", "off", "at_work"),
    [
        ("2019-03-21", ["2019-04-28", "2019-05-01", "2019-05-05"], ["2019-05-02", "2019-05-03"]),
        ("2019-03-22", ["2019-05-01", "2019-05-02", "2019-05-03"], ["2019-04-28", "2019-05-05"]),
        ("2020-01-25", ["2020-01-24", "2020-01-30", "2020-02-02"], ["2020-01-31", "2020-02-01"]),
        ("2020-01-26", ["2020-01-31", "2020-02-01", "2020-02-02"], ["2020-01-19", "2020-02-03"]),
    ],
)
def test_a_revised_holiday_holds_from_the_day_of_the_second_notice(
    known_on: str, off: list[str], at_work: list[str]
) -> None:
    then = CALENDAR.as_known_on(date.fromisoformat(known_on))
    assert not any(then.day(date.fromisoformat(day)).working for day in off)
    assert all(then.day(date.fromisoformat(day)).working for day in at_work)


def test_a_day_bears_the_edition_that_was_known() -> None:
    labour_day = date(2019, 5, 1)
    assert CALENDAR.day(labour_day).edition == "2019.2"
    assert CALENDAR.as_known_on(date(2019, 3, 21)).day(labour_day).edition == "2019.1"


def test_before_the_notice_a_year_and_the_december_before_it_are_not_known() -> None:
    then = CALENDAR.as_known_on(date(2018, 12, 1))
    assert then.published_years == (2018,)
    assert then.day(date(2018, 12, 31)).working
    assert then.day(date(2019, 2, 5)).provisional


def test_the_order_of_the_editions_does_not_matter() -> None:
    shuffled = WorkCalendar(CALENDAR.editions[::-1], CALENDAR.provisional_years)
    assert all(shuffled.day(day) == CALENDAR.day(day) for day in days_of(2018, 2027))


# --- years without a notice -------------------------------------------------------------------


@pytest.mark.parametrize("year", range(2027, 2051))
def test_an_unpublished_year_rests_on_weekends_and_statutory_holidays_alone(year: int) -> None:
    china = holidays.country_holidays("CN", years=year, observed=False)
    for day in days_of(year, year):
        told = CALENDAR.day(day)
        assert told.working == (day.weekday() < 5 and day not in china)
        assert (told.edition, told.provisional) == (f"{year}.推定", True)


def test_two_festivals_on_one_day_are_both_named() -> None:
    assert CALENDAR.day(date(2031, 10, 1)).why == "中秋节、国庆节"


@pytest.mark.parametrize(
    ("day", "why"),
    [
        ("2051-01-02", "工作日"),
        ("2051-01-08", "周日"),
        ("2052-05-02", "劳动节"),
        ("2052-10-03", "国庆节"),
        ("2052-10-04", "工作日"),
        ("2017-05-02", "工作日"),
    ],
)
def test_a_year_with_no_data_keeps_the_holidays_of_fixed_date(day: str, why: str) -> None:
    told = CALENDAR.day(date.fromisoformat(day))
    assert told.provisional
    assert told.edition == f"{day[:4]}.推定"
    assert told.why == why


def test_a_published_notice_replaces_what_was_foreseen() -> None:
    published = WorkCalendar((*CALENDAR.editions, edition()), CALENDAR.provisional_years)
    assert published.day(date(2027, 2, 14)).why == "调休上班"
    assert published.day(date(2027, 4, 5)).why == "工作日"
    assert published.day(date(2027, 4, 5)).edition == "2027.1"
    assert not published.day(date(2027, 4, 5)).provisional


# --- what a notice cannot say -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"holidays": {"元旦": (date(2028, 1, 1),)}}, "2028-01-01 不在"),
        ({"holidays": {"元旦": (date(2026, 12, 20),)}}, "2026-12-20 不在"),
        ({"working_weekends": (date(2028, 2, 12),)}, "2028-02-12 不在"),
        ({"holidays": {"春节": (date(2027, 2, 14),)}}, "2027-02-14 既写成放假又写成上班"),
        ({"working_weekends": (date(2027, 2, 12),)}, "2027-02-12 是周一至周五"),
        ({"issued_on": date(2025, 11, 25)}, "请核对 issued_on"),
        ({"notice": None}, "没有文号不能算已核实"),
    ],
)
def test_an_edition_refuses_what_no_notice_says(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        edition(**changes)


def test_an_edition_may_name_the_last_days_of_the_year_before() -> None:
    reaching_back = edition(holidays={"元旦": (date(2026, 12, 31), date(2027, 1, 1))})
    last = WorkCalendar((*CALENDAR.editions, reaching_back)).day(date(2026, 12, 31))
    assert (last.why, last.edition, last.provisional) == ("元旦", "2027.1", False)


def test_an_unconfirmed_notice_needs_no_number() -> None:
    assert edition(notice=None, confirmed=False).notice is None


def test_a_provisional_year_keeps_to_itself() -> None:
    with pytest.raises(ValueError, match="2028-01-01 不在 2027 年"):
        ProvisionalYear(year=2027, holidays={"元旦": (date(2028, 1, 1),)})


@pytest.mark.parametrize(
    ("second", "told"),
    [
        (edition(), "写了两次"),
        (edition(edition=2, issued_on=date(2026, 11, 24)), "早于"),
    ],
)
def test_editions_of_a_year_follow_one_another(second: CalendarEdition, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        WorkCalendar((edition(), second))


# --- civil days -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        (datetime(2026, 9, 30, 15, 59, 59, tzinfo=UTC), date(2026, 9, 30)),
        (datetime(2026, 9, 30, 16, 0, tzinfo=UTC), date(2026, 10, 1)),
        (datetime(2026, 10, 1, 0, 0, tzinfo=CHINA), date(2026, 10, 1)),
    ],
)
def test_a_day_begins_at_midnight_in_china(instant: datetime, day: date) -> None:
    assert civil_date(instant) == day


def test_the_start_of_a_day_is_its_first_instant() -> None:
    start = start_of(date(2026, 10, 1))
    assert start == datetime(2026, 9, 30, 16, 0, tzinfo=UTC)
    assert civil_date(start) == date(2026, 10, 1)
    assert civil_date(start - timedelta(microseconds=1)) == date(2026, 9, 30)


def test_an_instant_without_a_zone_has_no_civil_date() -> None:
    with pytest.raises(ValueError, match="没有时区"):
        civil_date(datetime(2026, 10, 1))  # noqa: DTZ001 (what is refused)


# --- the files --------------------------------------------------------------------------------

GOOD = """\
year: 2027
editions:
  - edition: 1
    notice: 国办发明电〔2026〕×号
    issued_on: 2026-11-25
    confirmed: true
    holidays:
      元旦: [2027-01-01]
    working_weekends: [2027-02-14]
"""


def folder_with(path: Path, text: str) -> Path:
    (path / "provisional.yaml").write_text("years: []\n", encoding="utf-8")
    (path / "2027.yaml").write_text(text, encoding="utf-8")
    return path


def test_a_folder_of_calendars_is_read(tmp_path: Path) -> None:
    assert calendars(folder_with(tmp_path, GOOD)).editions == (edition(),)


def test_every_packaged_edition_names_its_notice() -> None:
    named = [each.name for each in CALENDAR.editions if each.notice and each.confirmed]
    assert named == [each.name for each in CALENDAR.editions]
    assert len(named) == 11


@pytest.mark.parametrize(
    ("good", "bad", "key", "told"),
    [
        ("2027-01-01", "2027-02-30", "editions.0.holidays.元旦.0", "请写日期"),
        ("[2027-01-01]", "2027-01-01", "editions.0.holidays.元旦", "请写成列表"),
        ("confirmed: true", "confirmed: 也许", "editions.0.confirmed", "true 或 false"),
        ("    confirmed: true\n", "", "editions.0.confirmed", "缺这一项"),
        ("confirmed", "conformed", "editions.0.confirmed", "缺这一项"),
        ("year: 2027\n", "year: 2027\nnote: 无\n", "note", "没有这一项"),
        ("edition: 1", "edition: 一", "editions.0.edition", "请写整数"),
        ("2027-02-14", "2027-02-12", "editions.0", "只写周六、周日"),
        ("year: 2027", "year: 2026", "editions.0", "请核对年份"),
        ("edition: 1", "edition: 1\n    year: 2026", "editions.0", "请核对年份"),
        ("notice:", "confirmed: false\n    notice:", "第 3 行", "“confirmed”写了两次"),
        ("[2027-01-01]", "[2027-01-01", "第 9 行", "不合 YAML 写法"),
        (GOOD, "", "全文", "名称: 值"),
    ],
)
def test_a_faulty_file_is_told_by_file_key_and_cure(
    tmp_path: Path, good: str, bad: str, key: str, told: str
) -> None:
    with pytest.raises(RulebookFault, match=told) as fault:
        calendars(folder_with(tmp_path, GOOD.replace(good, bad)))
    assert (fault.value.file, fault.value.key) == ("2027.yaml", key)


def test_a_file_must_bear_the_name_of_its_year(tmp_path: Path) -> None:
    (folder_with(tmp_path, GOOD) / "2028.yaml").write_text(GOOD, encoding="utf-8")
    with pytest.raises(
        RulebookFault, match=r"2028\.yaml，第 1 行，year：2027 年应写在 2027\.yaml 里"
    ):
        calendars(tmp_path)


def test_editions_out_of_order_are_told_by_their_folder(tmp_path: Path) -> None:
    twice = GOOD + GOOD.split("editions:\n")[1]
    with pytest.raises(RulebookFault, match=r"editions：2027\.1 版写了两次"):
        calendars(folder_with(tmp_path, twice))


def test_a_file_in_another_encoding_is_refused(tmp_path: Path) -> None:
    (folder_with(tmp_path, GOOD) / "2027.yaml").write_text(GOOD, encoding="gb18030")
    with pytest.raises(RulebookFault, match="请另存为 UTF-8"):
        calendars(tmp_path)


def test_a_missing_file_of_provisional_years_is_asked_for(tmp_path: Path) -> None:
    with pytest.raises(RulebookFault, match=r"provisional\.yaml，文件：找不到"):
        calendars(tmp_path)
