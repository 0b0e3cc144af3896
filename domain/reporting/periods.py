"""统计期关账: what of the log was known when a month, quarter, half-year or year was closed.

Closing freezes nothing and forbids nothing: late entries go on being counted. It takes down up to
which position of the log the figures of a period were told on its day.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from enum import StrEnum
from uuid import NAMESPACE_URL, UUID, uuid5

from domain.aggregate import Aggregate, Event, Order
from domain.values import Value

REPORTING_BOOK: UUID = uuid5(NAMESPACE_URL, "urn:rongcuo:reporting")  # the one stream
LAST_MONTH = 12


class PeriodKind(StrEnum):
    MONTH = "month"  # 月
    QUARTER = "quarter"  # 季
    HALF_YEAR = "half_year"  # 半年
    YEAR = "year"  # 年


MONTHS = {
    PeriodKind.MONTH: 1,
    PeriodKind.QUARTER: 3,
    PeriodKind.HALF_YEAR: 6,
    PeriodKind.YEAR: 12,
}


def _parts(letter: str, kind: PeriodKind) -> dict[str, tuple[int, int]]:
    length = MONTHS[kind]
    return {
        f"{letter}{number}": (number * length - length + 1, number * length)
        for number in range(1, LAST_MONTH // length + 1)
    }


PARTS = {  # of a year: the first and the last month
    "": (1, LAST_MONTH),
    **_parts("H", PeriodKind.HALF_YEAR),
    **_parts("Q", PeriodKind.QUARTER),
    **{f"{month:02}": (month, month) for month in range(1, LAST_MONTH + 1)},
}


class ReportingPeriod(Value):
    """`name`: 2026-10, 2026-Q4, 2026-H2 or 2026; both days are within it."""

    name: str
    kind: PeriodKind
    first_day: date
    last_day: date


class PeriodClosed(Event, topic="reporting.period-closed.v1", term="统计期关账"):
    """`position`: the last event of the log known then; `to_be_closed_on`: its day."""

    period: ReportingPeriod
    position: int
    to_be_closed_on: date


def period_of(day: date, kind: PeriodKind) -> ReportingPeriod:
    """The period of a kind in which a day lies."""
    months = MONTHS[kind]
    number = (day.month - 1) // months  # within the year, from 0
    first = date(day.year, number * months + 1, 1)
    name = {
        PeriodKind.MONTH: f"{day.year}-{day.month:02}",
        PeriodKind.QUARTER: f"{day.year}-Q{number + 1}",
        PeriodKind.HALF_YEAR: f"{day.year}-H{number + 1}",
        PeriodKind.YEAR: str(day.year),
    }[kind]
    return ReportingPeriod(
        name=name, kind=kind, first_day=first, last_day=_after(first, months) - timedelta(days=1)
    )


def window(name: str) -> tuple[date, date]:
    """First and last day of 2026, 2026-H1, 2026-Q3, 2026-09, or 2026-01..09 (1—9月).

    ValueError for anything else.
    """
    year, _, part = name.partition("-")
    begin, dots, end = part.partition("..")
    first, last = PARTS.get(begin), PARTS.get(end if dots else begin)
    spelt = len(year) == len("2026") and year.isdecimal() and (part or "-" not in name)
    if first is None or last is None or not spelt:
        raise ValueError(f"不认识的时段 {name}：可写 2026、2026-H1、2026-Q3、2026-09、2026-01..09")
    if dots and not (begin.isdecimal() and end.isdecimal() and begin <= end):
        raise ValueError(f"时段 {name} 里「..」两边须是月份，起月不晚于止月")
    begins = date(int(year), first[0], 1)
    return begins, _after(begins, last[1] - first[0] + 1) - timedelta(days=1)


def ended(since: date, until: date) -> Iterator[ReportingPeriod]:
    """Every period that ends from the day `since` on and before `until`; the shorter first."""
    month = period_of(since, PeriodKind.MONTH)
    while month.last_day < until:
        for kind in PeriodKind:
            period = period_of(month.first_day, kind)
            if period.last_day == month.last_day:
                yield period
        month = period_of(month.last_day + timedelta(days=1), PeriodKind.MONTH)


class ReportingBook(Aggregate):
    def __init__(self, id: UUID = REPORTING_BOOK) -> None:
        super().__init__(id)
        self.closed: dict[str, PeriodClosed] = {}

    def close(self, since: date, position: int, delay: int, order: Order) -> None:
        """Close every period since that day whose own day has come, and which is not closed yet.

        Its day: `delay` days after its last one. A day missed is made up for at the next call.
        """
        after = timedelta(days=1 + delay)
        for period in ended(since, order.on - timedelta(days=delay)):
            if period.name not in self.closed:
                self.record(
                    PeriodClosed,
                    order,
                    period=period,
                    position=position,
                    to_be_closed_on=period.last_day + after,
                )

    def evolve(self, event: Event) -> None:
        if isinstance(event, PeriodClosed):
            self.closed[event.period.name] = event


def _after(first: date, months: int) -> date:
    total = first.month - 1 + months
    return date(first.year + total // LAST_MONTH, total % LAST_MONTH + 1, 1)
