"""中止: what is left of a period when it is suspended, and when it ends after it is resumed.

What is left is held in the rule's own unit, so that a suspension neither gives nor takes: working
days stay working days, whatever the calendar says of the days on which they are at last counted.
The day of the suspension is used up and the day of the resumption is not counted, as with any act
(《民法典》第二百零一条): resumed on the day it was suspended, a period ends when it would have.
"""

from datetime import date
from typing import Self

from pydantic import model_validator

from domain.law.calendar import Day, WorkCalendar
from domain.law.periods import (
    ONE_DAY,
    TimeUnit,
    calendar_days_after,
    corresponding_day,
    working_days_after,
)
from domain.values import Value


class Remainder(Value):
    """What is left: working days, or months and the days over, counted in that order."""

    months: int = 0
    days: int = 0
    working_days: int | None = None  # null: the period is not set in working days

    @model_validator(mode="after")
    def _is_of_one_unit_and_not_negative(self) -> Self:
        if min(self.months, self.days, self.working_days or 0) < 0:
            raise ValueError("剩余期限不能是负数：请写 0 或正整数。")
        if self.working_days is not None and (self.months or self.days):
            raise ValueError("剩余期限不能既按工作日又按月、日：请只留一种。")
        return self


class Resumed(Value):
    """A resumed period with its end, and the days that decided it, told as `Period` tells them."""

    start: date  # the day of the resumption, not counted
    rest: Remainder
    due_on: date
    provisional: bool
    skipped: tuple[Day, ...]
    added: tuple[Day, ...]
    editions: tuple[str, ...]


def remainder(on: date, due_on: date, unit: TimeUnit, calendar: WorkCalendar) -> Remainder:
    """Tell what is left after `on` of a period due on `due_on`; ValueError when it is over.

    - Give the calendar `due_on` was counted with (`WorkCalendar.using`): with another, a notice
      issued since would change the number of working days left.
    - Give the end before its roll, if the days of the roll are not to be held as part of the
      period. Either restores the same end on the same day.
    - Months are the most that fit. Towards a month end several days have the same remainder: from
      28, 29, 30 and 31 December to 28 February two months are left.
    - A quarter that was suspended has months and days left, and no longer ends with the quarter.
    """
    if on > due_on:
        raise ValueError(f"期限已于 {due_on} 届满，{on} 不能再中止：请核对日期。")
    match unit:
        case TimeUnit.WORKING_DAY:
            return Remainder(working_days=_working_days_between(on, due_on, calendar))
        case TimeUnit.CALENDAR_DAY:
            return Remainder(days=(due_on - on).days)
        case TimeUnit.MONTH | TimeUnit.QUARTER | TimeUnit.YEAR:
            months = _months_that_fit(on, due_on)
            return Remainder(months=months, days=(due_on - corresponding_day(on, months)).days)


def resume(on: date, rest: Remainder, calendar: WorkCalendar, *, roll: bool) -> Resumed:
    """Count what is left from `on`; `roll` moves an end on a day off, as the rule does."""
    if rest.working_days is not None:
        counted = working_days_after(on, rest.working_days, calendar)
    else:
        after_months = corresponding_day(on, rest.months)
        counted = calendar_days_after(after_months, rest.days, calendar, roll=roll)
    return Resumed(
        start=on,
        rest=rest,
        due_on=counted.due_on,
        provisional=counted.provisional,
        skipped=counted.skipped,
        added=counted.added,
        editions=counted.editions,
    )


def _working_days_between(on: date, due_on: date, calendar: WorkCalendar) -> int:
    """Count the working days after `on`, up to and with `due_on`."""
    days = (on + n * ONE_DAY for n in range(1, (due_on - on).days + 1))
    return sum(calendar.day(day).working for day in days)


def _months_that_fit(on: date, due_on: date) -> int:
    months = (due_on.year - on.year) * 12 + due_on.month - on.month
    return months if corresponding_day(on, months) <= due_on else months - 1
