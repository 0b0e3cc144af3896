"""期间: when a period that began on a day ends.

How the law counts (《民法典》第二百零一条至第二百零三条, in our words):

- the day of the act is not counted: counting begins on the next day;
- months and years end on the day of the same number, or on the last day of a month that has none;
- where the last day is a day off, the period ends on the first working day after it.

Quarters are those of the calendar (「按季度」,《纪检监察机关处理检举控告工作规则》第十八条): what
falls into a quarter is due by its last day.

A period set in working days counts those days only: Monday to Friday less the days off, and the
weekends that are made to work (调休上班). Weekends and holidays are alike days off for the roll; a
make-up day is a working day, so a period may end on it (an interpretation, domain notes 8.3).
"""

from calendar import monthrange
from datetime import date, timedelta
from enum import StrEnum

from domain.law.calendar import Day, WorkCalendar
from domain.values import Value

ONE_DAY = timedelta(days=1)


class TimeUnit(StrEnum):
    """In what a period is set. Each instrument names its own, there is no default."""

    WORKING_DAY = "working_day"  # 工作日
    CALENDAR_DAY = "calendar_day"  # 日
    MONTH = "month"  # 月
    QUARTER = "quarter"  # 季度
    YEAR = "year"  # 年


class Period(Value):
    """A period with its end, and the days that decided it.

    Only the days that were looked at can decide: for working days all after the start, for
    all other units the last day and those it rolled over (none without a roll).
    """

    start: date
    amount: int
    unit: TimeUnit
    due_on: date
    provisional: bool  # 推定: a day looked at lies in a year without a notice
    skipped: tuple[Day, ...]  # days off passed or rolled over
    added: tuple[Day, ...]  # weekends counted as working days
    editions: tuple[str, ...]  # of the calendar, as met


def period(
    start: date, amount: int, unit: TimeUnit, calendar: WorkCalendar, *, roll: bool
) -> Period:
    """Count `amount` units from `start`; ValueError for a negative amount.

    `roll` moves an end on a day off to the next working day; working days end on one anyway.
    """
    match unit:
        case TimeUnit.WORKING_DAY:
            return working_days_after(start, amount, calendar)
        case TimeUnit.CALENDAR_DAY:
            return calendar_days_after(start, amount, calendar, roll=roll)
        case TimeUnit.MONTH:
            return months_after(start, amount, calendar, roll=roll)
        case TimeUnit.QUARTER:
            return quarters_after(start, amount, calendar, roll=roll)
        case TimeUnit.YEAR:
            return years_after(start, amount, calendar, roll=roll)


def working_days_after(start: date, amount: int, calendar: WorkCalendar) -> Period:
    """Count to the `amount`-th working day; 0 is `start` itself, or the next working day.

    ValueError for a negative amount.
    """
    _require_not_negative(amount)
    looked_at = [] if amount else _to_working_day(start, calendar)
    for _ in range(amount):
        last = looked_at[-1].on if looked_at else start
        looked_at += _to_working_day(last + ONE_DAY, calendar)
    return _period(start, amount, TimeUnit.WORKING_DAY, looked_at[-1].on, looked_at)


def calendar_days_after(start: date, amount: int, calendar: WorkCalendar, *, roll: bool) -> Period:
    """Count `amount` days, weekends and holidays with them; `roll` moves an end on a day off.

    ValueError for a negative amount.
    """
    _require_not_negative(amount)
    end = start + amount * ONE_DAY
    return _ending(end, start, amount, TimeUnit.CALENDAR_DAY, calendar, roll=roll)


def months_after(start: date, amount: int, calendar: WorkCalendar, *, roll: bool) -> Period:
    """Count `amount` months; `roll` moves an end on a day off to the next working day.

    ValueError for a negative amount.
    """
    _require_not_negative(amount)
    end = corresponding_day(start, amount)
    return _ending(end, start, amount, TimeUnit.MONTH, calendar, roll=roll)


def quarters_after(start: date, amount: int, calendar: WorkCalendar, *, roll: bool) -> Period:
    """Count `amount` calendar quarters: 1 is the one `start` lies in, 0 is `start` itself.

    The end is the last day of the quarter, so what happens on that day is due on it; `roll` moves
    an end on a day off. ValueError for a negative amount.
    """
    _require_not_negative(amount)
    end = _last_of_quarter(start, amount) if amount else start
    return _ending(end, start, amount, TimeUnit.QUARTER, calendar, roll=roll)


def years_after(start: date, amount: int, calendar: WorkCalendar, *, roll: bool) -> Period:
    """Count `amount` years; `roll` moves an end on a day off to the next working day.

    ValueError for a negative amount.
    """
    _require_not_negative(amount)
    end = corresponding_day(start, amount * 12)
    return _ending(end, start, amount, TimeUnit.YEAR, calendar, roll=roll)


def working_days_before(day: date, amount: int, calendar: WorkCalendar) -> date:
    """Count back `amount` working days, for reminders; 0 is `day` itself, or the last before it.

    ValueError for a negative amount.
    """
    _require_not_negative(amount)
    on = day if amount else day + ONE_DAY
    for _ in range(max(amount, 1)):
        on -= ONE_DAY
        while not calendar.day(on).working:
            on -= ONE_DAY
    return on


def corresponding_day(start: date, months: int) -> date:
    """Give the day of the same number, or the last of a month that has none (第二百零二条)."""
    years, month = divmod(start.month - 1 + months, 12)
    year, month = start.year + years, month + 1
    return date(year, month, min(start.day, monthrange(year, month)[1]))


def _to_working_day(on: date, calendar: WorkCalendar) -> list[Day]:
    """Every day from `on` up to and with the first working day."""
    days = [calendar.day(on)]
    while not days[-1].working:
        days.append(calendar.day(days[-1].on + ONE_DAY))
    return days


def _last_of_quarter(start: date, quarters: int) -> date:
    first = start.replace(month=(start.month - 1) // 3 * 3 + 1, day=1)
    return corresponding_day(first, quarters * 3) - ONE_DAY


def _ending(
    end: date, start: date, amount: int, unit: TimeUnit, calendar: WorkCalendar, *, roll: bool
) -> Period:
    looked_at = _to_working_day(end, calendar) if roll else []
    return _period(start, amount, unit, end, looked_at)


def _period(start: date, amount: int, unit: TimeUnit, end: date, looked_at: list[Day]) -> Period:
    return Period(
        start=start,
        amount=amount,
        unit=unit,
        due_on=looked_at[-1].on if looked_at else end,
        provisional=any(day.provisional for day in looked_at),
        skipped=tuple(day for day in looked_at if not day.working),
        added=tuple(day for day in looked_at if day.make_up),
        editions=tuple(dict.fromkeys(day.edition for day in looked_at)),
    )


def _require_not_negative(amount: int) -> None:
    if amount < 0:
        raise ValueError(f"期限不能是负数（{amount}）：请写 0 或正整数。")
