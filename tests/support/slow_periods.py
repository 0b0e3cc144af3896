"""A slow oracle for periods: walks from day to day over one table, and never calculates a date.

It shares nothing with the calculators in `domain.law` but the calendar's word for each day.
"""

from datetime import date, timedelta

from domain.law.calendar import WorkCalendar

TOMORROW = timedelta(days=1)


class SlowPeriods:
    """Every day from 1 January of `first_year` to 31 December of `last_year`, in a row."""

    def __init__(self, calendar: WorkCalendar, first_year: int, last_year: int) -> None:
        self.days: list[date] = []
        self.works: list[bool] = []
        self.months: list[list[date]] = []  # the days of each month, month after month
        self.years: dict[int, list[date]] = {}
        day = date(first_year, 1, 1)
        while day.year <= last_year:
            if day.day == 1:
                self.months.append([])
            self.days.append(day)
            self.works.append(calendar.day(day).working)
            self.months[-1].append(day)
            self.years.setdefault(day.year, []).append(day)
            day += TOMORROW
        self.place = {day: n for n, day in enumerate(self.days)}
        self.month_of = {day: n for n, month in enumerate(self.months) for day in month}

    def working_days(self, start: date, amount: int) -> date:
        at, counted = self.place[start], 0
        while counted < amount:
            at += 1
            if self.works[at]:
                counted += 1
        return self.days[at]

    def calendar_days(self, start: date, amount: int, *, roll: bool) -> date:
        at = self.place[start]
        for _ in range(amount):
            at += 1
        return self.end(self.days[at], roll=roll)

    def month(self, start: date, amount: int, *, roll: bool) -> date:
        month = self.months[self.month_of[start] + amount]
        return self.end([day for day in month if day.day <= start.day][-1], roll=roll)

    def quarter(self, start: date, amount: int, *, roll: bool) -> date:
        at, ended = self.place[start], 0
        while True:
            next_day = self.days[at + 1]
            if next_day.day == 1 and next_day.month in {1, 4, 7, 10}:
                ended += 1
            if ended == amount:
                return self.end(self.days[at], roll=roll)
            at += 1

    def year(self, start: date, amount: int, *, roll: bool) -> date:
        year = self.years[start.year + amount]
        same_month = [day for day in year if day.month == start.month]
        return self.end([day for day in same_month if day.day <= start.day][-1], roll=roll)

    def end(self, day: date, *, roll: bool) -> date:
        at = self.place[day]
        while roll and not self.works[at]:
            at += 1
        return self.days[at]

    def status(self, start: date, months: int, *, day_before: bool) -> date:
        """Give the last day not yet of the start's number (`day_before`), or not beyond it."""
        last_month = self.month_of[start] + months
        two_months = self.months[last_month - 1] + self.months[last_month]
        first_beyond = start.day if day_before else start.day + 1
        return [
            day for day in two_months if self.month_of[day] < last_month or day.day < first_beyond
        ][-1]
