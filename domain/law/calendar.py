"""工作日: which days offices work, by the State Council's yearly notices, edition by edition.

A day no notice names is a working day from Monday to Friday and a day off at the weekend. A year
without a notice is 推定 (provisional): only the holidays fixed by law, no make-up days.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta, timezone
from functools import cached_property
from itertools import pairwise
from typing import Self

from pydantic import PositiveInt, model_validator

from domain.values import Value

# China has kept no summer time since 1991: a fixed offset says all a time-zone file would, and
# the domain reads no files.
CHINA = timezone(timedelta(hours=8), "Asia/Shanghai")

SATURDAY = 5
WEEK = ("工作日",) * 5 + ("周六", "周日")
TWO_DAYS_OF_LABOUR_SINCE = 2025  # 劳动节 was one day until the revision of November 2024

Holidays = dict[str, tuple[date, ...]]


def civil_date(instant: datetime) -> date:
    """Tell the date in China at `instant`; ValueError when it has no time zone."""
    if instant.tzinfo is None:
        raise ValueError("时刻没有时区，无法确定是哪一天：请给带时区的时刻，如 +08:00。")
    return instant.astimezone(CHINA).date()


def presumed(year: int) -> str:
    """What a year is called in events that were counted before its notice came."""
    return f"{year}.推定"


def start_of(day: date) -> datetime:
    """Give 00:00 of `day` in China."""
    return datetime.combine(day, time.min, CHINA)


class Day(Value):
    """One day: does it work, why, and by which edition ("2026.1", or "2027.推定")."""

    on: date
    working: bool
    why: str  # 工作日, 周六, 周日, 国庆节, 调休上班 …
    edition: str
    provisional: bool

    @property
    def make_up(self) -> bool:  # 调休上班
        return self.working and self.on.weekday() >= SATURDAY


class CalendarEdition(Value):
    """One notice (放假通知) for one year; an amending notice is a new edition of the whole year.

    Holds only the days the notice names by date. A notice may reach back into the last days of
    the year before: that of 2019 made 2018-12-29 a working Saturday and began 元旦 on 2018-12-30.
    Those days belong to this edition, so they are unknown until it is issued.
    """

    year: int
    edition: PositiveInt
    notice: str | None  # 文号; null where no source gives it
    issued_on: date  # 落款日期
    confirmed: bool  # number and date seen in a source
    holidays: Holidays
    working_weekends: tuple[date, ...]  # 调休上班

    @property
    def name(self) -> str:
        return f"{self.year}.{self.edition}"

    @property
    def reach(self) -> tuple[date, date]:
        """The first and the last day of which it decides."""
        named = {day for days in self.holidays.values() for day in days}
        return min(date(self.year, 1, 1), *named, *self.working_weekends), date(self.year, 12, 31)

    @model_validator(mode="after")
    def _says_what_a_notice_can_say(self) -> Self:
        off = {day for days in self.holidays.values() for day in days}
        first, last = date(self.year - 1, 12, 21), date(self.year, 12, 31)
        if strangers := [
            day for day in off.union(self.working_weekends) if not first <= day <= last
        ]:
            raise ValueError(f"{_list(strangers)} 不在 {first} 至 {last} 之间：请核对年份。")
        if both := off.intersection(self.working_weekends):
            raise ValueError(f"{_list(both)} 既写成放假又写成上班：请按通知只留一处。")
        if weekdays := [day for day in self.working_weekends if day.weekday() < SATURDAY]:
            raise ValueError(
                f"{_list(weekdays)} 是周一至周五，本来上班：working_weekends 只写周六、周日。"
            )
        if self.issued_on.year not in (self.year - 1, self.year):
            raise ValueError(f"{self.issued_on} 发不出 {self.year} 年的通知：请核对 issued_on。")
        if self.confirmed and not self.notice:
            raise ValueError("没有文号不能算已核实：请补写 notice，或把 confirmed 写成 false。")
        return self

    def days(self) -> Iterator[Day]:
        """Each day the notice names."""
        yield from _days_off(self.holidays, self.name, provisional=False)
        for on in self.working_weekends:
            yield Day(on=on, working=True, why="调休上班", edition=self.name, provisional=False)


class ProvisionalYear(Value):
    """推定: what the law and the moon fix of a year before its notice: no make-up days."""

    year: int
    holidays: Holidays

    @property
    def name(self) -> str:
        return presumed(self.year)

    @model_validator(mode="after")
    def _keeps_to_its_year(self) -> Self:
        days = [day for days in self.holidays.values() for day in days]
        if strangers := [day for day in days if day.year != self.year]:
            raise ValueError(f"{_list(strangers)} 不在 {self.year} 年：请核对年份。")
        return self

    def days(self) -> Iterator[Day]:
        """Each holiday of the year."""
        yield from _days_off(self.holidays, self.name, provisional=True)


@dataclass(frozen=True)
class WorkCalendar:
    """Answers for every day by the newest edition of its year.

    ValueError when two editions of a year share a number, or a later one is dated earlier.
    """

    editions: tuple[CalendarEdition, ...]
    provisional_years: tuple[ProvisionalYear, ...] = ()

    def __post_init__(self) -> None:
        for one, next_one in pairwise(self._in_order):
            if one.name == next_one.name:
                raise ValueError(f"{one.name} 版写了两次：请给后一份通知下一个版次。")
            if one.year == next_one.year and one.issued_on > next_one.issued_on:
                raise ValueError(f"{next_one.name} 版早于 {one.name} 版：请核对 issued_on。")

    @property
    def published_years(self) -> tuple[int, ...]:
        return tuple(self._newest)

    def day(self, on: date) -> Day:
        """Tell of one day; late December may still change until next year's notice is out.

        TypeError for a datetime: which civil day an instant falls on is civil_date's to say.
        """
        if isinstance(on, datetime):
            raise TypeError("这里要日期，不要时刻：请先用 civil_date 换成当地日期。")
        return self._named.get(on) or self._ordinary(on)

    def newest(self, year: int) -> CalendarEdition | None:
        """The edition of a year that holds; None before its first notice."""
        return self._newest.get(year)

    def fixed_by_law(self, year: int) -> tuple[Day, ...]:
        """The holidays of a year that no notice takes away,《全国年节及纪念日放假办法》第二条.

        Those of fixed date, and those of the moon where they are told beforehand.
        """
        told = [each for each in self.provisional_years if each.year == year]
        return tuple(day for each in (_by_law_alone(year), *told) for day in each.days())

    def with_editions(self, more: Iterable[CalendarEdition]) -> "WorkCalendar":
        """Give the calendar with further editions; of two by one name the one given here holds."""
        named = {edition.name: edition for edition in (*self.editions, *more)}
        return replace(self, editions=tuple(named.values()))

    def as_known_on(self, day: date) -> "WorkCalendar":
        """Give the calendar as it stood on `day`: only the editions issued by then."""
        return replace(self, editions=tuple(e for e in self.editions if e.issued_on <= day))

    def using(self, names: Iterable[str]) -> "WorkCalendar":
        """Give the calendar an earlier count saw: of the years named, the editions up to those.

        A year it did not name may since have reached back into a December that it counted.
        """
        seen = dict(name.split(".") for name in names)

        def was_out(edition: CalendarEdition) -> bool:
            last = seen.get(str(edition.year), "")
            return last.isdecimal() and edition.edition <= int(last)

        return replace(self, editions=tuple(each for each in self.editions if was_out(each)))

    def _ordinary(self, on: date) -> Day:
        newest = self._newest.get(on.year)
        if newest is None and on.year not in self._foreseen:
            by_law = {day.on: day for day in _by_law_alone(on.year).days()}
            if on in by_law:
                return by_law[on]
        return Day(
            on=on,
            working=on.weekday() < SATURDAY,
            why=WEEK[on.weekday()],
            edition=newest.name if newest else presumed(on.year),
            provisional=newest is None,
        )

    @cached_property
    def _in_order(self) -> list[CalendarEdition]:
        return sorted(self.editions, key=lambda edition: (edition.year, edition.edition))

    @cached_property
    def _newest(self) -> dict[int, CalendarEdition]:
        return {edition.year: edition for edition in self._in_order}

    @cached_property
    def _foreseen(self) -> dict[int, ProvisionalYear]:
        return {y.year: y for y in self.provisional_years if y.year not in self._newest}

    @cached_property
    def _named(self) -> dict[date, Day]:
        # published years last, in order: a notice has the last word on the December before it
        years: list[ProvisionalYear | CalendarEdition] = [
            *self._foreseen.values(),
            *self._newest.values(),
        ]
        return {day.on: day for year in years for day in year.days()}


def _by_law_alone(year: int) -> ProvisionalYear:
    """Foresee the holidays of fixed date,《全国年节及纪念日放假办法》第二条."""
    labour = (1, 2) if year >= TWO_DAYS_OF_LABOUR_SINCE else (1,)
    holidays = {
        "元旦": (date(year, 1, 1),),
        "劳动节": tuple(date(year, 5, day) for day in labour),
        "国庆节": tuple(date(year, 10, day) for day in (1, 2, 3)),
    }
    return ProvisionalYear(year=year, holidays=holidays)


def _days_off(holidays: Holidays, edition: str, *, provisional: bool) -> Iterator[Day]:
    names: dict[date, list[str]] = {}
    for name, days in holidays.items():
        for day in days:
            names.setdefault(day, []).append(name)
    for on, why in names.items():  # 国庆节 and 中秋节 may meet
        yield Day(
            on=on, working=False, why="、".join(why), edition=edition, provisional=provisional
        )


def _list(days: Iterable[date]) -> str:
    return "、".join(map(str, sorted(days)))
