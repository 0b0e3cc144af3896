"""The figures of a chart, counted afresh: by unit of a region, or by period.

The same question as that of the table, so that a public chart withholds what the public table
withholds; units and periods that nothing falls into are added afterwards, as 0.
"""

from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Final

import asyncpg

from domain.regions.tree import Region, RegionTree, upwards
from gateway.charts.figures import Figure
from gateway.public_figures import public
from gateway.regions import region_tree
from gateway.reports import places
from gateway.simulation.lives import SYNTHETIC
from gateway.simulation.plan import MARK
from projections.definitions import DEFINITIONS
from projections.statistics import Measure, Question, count

MONTHS: Final = 12  # of a year
SIMULATED: Final = "SELECT EXISTS (SELECT FROM views.matter_register WHERE starts_with(number, $1))"


class Period(StrEnum):
    """What a trend goes by."""

    MONTH = "month"  # 月
    QUARTER = "quarter"  # 季
    YEAR = "year"  # 年


# how many months it has
SPANS: Final = {Period.MONTH: 1, Period.QUARTER: 3, Period.YEAR: MONTHS}


@dataclass(frozen=True)
class Counted:
    """`own`: what belongs to the whole but to none of its parts, such as a province's own organs.

    `total` is counted anew, not added up; None where it is withheld.
    """

    figures: tuple[Figure, ...]
    own: Figure | None
    total: int | None
    position: int  # of the log, as known up to which all were counted

    @property
    def withheld(self) -> bool:
        own = () if self.own is None else (self.own,)
        return None in (self.total, *(each.count for each in (*self.figures, *own)))


async def by_unit(
    connection: asyncpg.Connection,
    question: Question,
    measure: Measure,
    units: Sequence[Region],
    *,
    boundaries: date,
    for_public: bool,
) -> Counted:
    """The figures of these units within the region asked about.

    Without units, those of the rows into which the table of figures puts the codes of the store.
    """
    tree = region_tree()
    position = await _known(connection, question)
    into = await places(connection, question.region, boundaries, position)
    codes = {each.code for each in units}
    if question.region and units:
        top = upwards(question.region)[0]
        into = {code: _unit(tree, code, boundaries, codes) or top for code in into}
    asked = replace(question, by=("region",), places=into, known_at=position)
    found, total = await _found(connection, asked, measure, for_public=for_public)
    if not units:
        named = (Figure(code, _name(tree, code, boundaries), found[code]) for code in found)
        return Counted(tuple(named), None, total, position)
    figures = tuple(Figure(each.code, each.name, found.get(each.code, 0)) for each in units)
    rest = (Figure(code, _name(tree, code, boundaries), found[code]) for code in found)
    own = next((each for each in rest if each.key not in codes), None)
    return Counted(figures, own, total, position)


async def by_period(
    connection: asyncpg.Connection,
    question: Question,
    measure: Measure,
    period: Period,
    *,
    boundaries: date,
    for_public: bool,
) -> Counted:
    """The figures of every period of the window; where it is open, from and to the last found."""
    position = await _known(connection, question)
    into = await places(connection, question.region, boundaries, position)
    asked = replace(question, by=(period.value,), places=into, known_at=position)
    found, total = await _found(connection, asked, measure, for_public=for_public)
    keys = periods(period, question.since, question.until, found)
    figures = tuple(Figure(key, _told(period, key), found.get(key, 0)) for key in keys)
    return Counted(figures, None, total, position)


async def mark(connection: asyncpg.Connection) -> str | None:
    """What must stand on every picture of a simulated store."""
    return SYNTHETIC if await connection.fetchval(SIMULATED, MARK) else None


def periods(
    period: Period, since: date | None, until: date | None, found: Iterable[str]
) -> Iterator[str]:
    """The keys of a window, gaps included; nothing where it is open and nothing was found."""
    span = SPANS[period]
    numbers = [_number(period, key) for key in found]
    first = (since.year * MONTHS + since.month - 1) // span if since else min(numbers, default=1)
    last = (until.year * MONTHS + until.month - 1) // span if until else max(numbers, default=0)
    for each in range(first, last + 1):
        year, part = divmod(each, MONTHS // span)
        yield {
            Period.MONTH: f"{year:04}-{part + 1:02}",
            Period.QUARTER: f"{year:04}Q{part + 1}",
            Period.YEAR: f"{year:04}",
        }[period]


def _number(period: Period, key: str) -> int:
    """Periods of one kind in a row: next to one another when their numbers are."""
    return int(key[:4]) * (MONTHS // SPANS[period]) + int(key[5:] or 1) - 1


def _told(period: Period, key: str) -> str:
    year, part = key[:4], key[5:]
    return {
        Period.MONTH: f"{year}年{part.lstrip('0')}月",
        Period.QUARTER: f"{year}年第{part}季度",
        Period.YEAR: f"{year}年",
    }[period]


async def _known(connection: asyncpg.Connection, question: Question) -> int:
    position: int = await connection.fetchval("SELECT position FROM views.position")
    return position if question.known_at is None else min(position, question.known_at)


def _unit(tree: RegionTree, code: str, day: date, codes: AbstractSet[str]) -> str | None:
    """Which of the units a code belongs to, however far above it."""
    try:
        unit = tree.under(code, day, day)
    except ValueError:
        return None
    line = (unit, *tree.ancestors(unit.code, day))
    return next((each.code for each in line if each.code in codes), None)


async def _found(
    connection: asyncpg.Connection, question: Question, measure: Measure, *, for_public: bool
) -> tuple[dict[str, int | None], int | None]:
    """The figure of every row and that of all, None for what is withheld."""
    (group,) = question.by
    rows = await count(connection, question, [measure])
    (total,) = await count(connection, replace(question, by=()), [measure])
    if for_public:
        *rows, total = public(rows, total, [measure], DEFINITIONS.withhold_below, group)
    return {row[group]: row[measure.name] for row in rows}, total[measure.name]


def _name(tree: RegionTree, code: str, day: date) -> str:
    try:
        return tree.name(code, day)
    except ValueError:
        return code
