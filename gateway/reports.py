"""Published reports counted, counted again, and compared matter by matter.

A report is read straight from the log. Its question names the position, so that whatever came later
changes nothing; even the region codes it sorts into rows are only those known at that position.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256
from typing import Any, Final

import asyncpg

from domain.refusals import Code, Refusal
from domain.registry import project, read_stored
from domain.reporting.reports import REPORTS, Cell, PublishedReports, Report, ReportFile
from gateway.regions import region_tree
from projections.definitions import DEFINITIONS, EVERY
from projections.statistics import Measure, Question, behind, count, region_prefix

VERIFYING: Final = "核对统计报表"
COMPARING: Final = "比较统计报表"


@dataclass(frozen=True)
class Difference:
    """A cell that comes out otherwise; None where one side has no such cell.

    Equal figures: the lists behind them differ. `measure` None: the digest of the whole report is
    not that of its cells.
    """

    measure: str | None
    place: str | None
    published: int | None
    recomputed: int | None


@dataclass(frozen=True)
class Line:
    """Something that stands behind a measure in one report only, `of`, and its row there."""

    measure: str
    label: str
    of: str
    place: str | None
    position: int
    number: str
    subject_id: str | None
    subject_label: str | None
    day: date


@dataclass(frozen=True)
class DifferenceSheet:
    """`unshared`: the measures that only one of the two reports has; they are not compared."""

    lines: tuple[Line, ...]
    unshared: tuple[str, ...]


async def report_file(connection: asyncpg.Connection, number: str, asked: str) -> ReportFile:
    """A report with the events that brought it where it is, from the log. Raises Refusal."""
    rows = await connection.fetch(
        "SELECT originator_version, topic, state FROM log.events WHERE originator_id = $1"
        " ORDER BY originator_version",
        REPORTS,
    )
    book = project(
        None,
        (
            read_stored(row["topic"], REPORTS, row["originator_version"], row["state"])
            for row in rows
        ),
    )
    return (book if isinstance(book, PublishedReports) else PublishedReports()).file(number, asked)


async def places(
    connection: asyncpg.Connection, region: str | None, boundaries: date, position: int
) -> dict[str, str]:
    """Every code within a region that was in the store at a position, and the row it counts in.

    By the table of units as of `boundaries`; where it does not know the region, or none is asked
    about, by the digits of the codes.
    """
    rows = await connection.fetch(
        "SELECT region FROM views.statistics WHERE position <= $1"
        " UNION SELECT region FROM views.facts WHERE position <= $1"
        " UNION SELECT region FROM views.duty_standings WHERE position <= $1",
        position,
    )
    codes = [row["region"] for row in rows]
    if region is not None:
        tree = region_tree()
        try:
            found = {code: tree.part_of(region, code, boundaries, boundaries) for code in codes}
        except ValueError:
            pass  # the table does not know it
        else:
            # its own code stands for itself: an empty table would let the digits decide
            within = {code: unit.code for code, unit in found.items() if unit is not None}
            return {region: region, **within}
    prefix = region_prefix(region) if region else ""
    return {
        code: code[: len(prefix) + 2].ljust(6, "0") for code in codes if code.startswith(prefix)
    }


async def question_of(connection: asyncpg.Connection, report: Report) -> Question:
    """What a report asks, as it was asked."""
    return Question(
        report.region,
        report.since,
        report.until,
        report.position,
        report.organ_kind.value if report.organ_kind else None,
        report.by,
        await places(connection, report.region, report.boundaries, report.position),
    )


async def cells(
    connection: asyncpg.Connection, question: Question, measures: Sequence[Measure]
) -> tuple[Cell, ...]:
    """Every figure of a question, by nothing or by region, with the digest of the list behind it.

    `question.places` names the row of every code.
    """
    found = []
    for row in await count(connection, question, measures):
        place = row.get("region")
        codes = {code: into for code, into in question.places.items() if place in {None, into}}
        narrowed = replace(question, by=(), places=codes)
        for measure in measures:
            listed = await behind(connection, narrowed, measure)
            found.append(
                Cell(
                    measure=measure.id,
                    place=place,
                    figure=row[measure.name],
                    digest=_digest(sorted(map(_identity, listed))),
                )
            )
    return tuple(found)


def whole(found: Sequence[Cell]) -> str:
    """The digest of all cells, in whatever order they are told."""
    return _digest(sorted(each.model_dump_json() for each in found))


async def verify(connection: asyncpg.Connection, report: Report) -> list[Difference]:
    """Count a report again at its position; what comes out otherwise, nothing when it agrees.

    Raises Refusal where this program or this store cannot count it.
    """
    await _require_countable(connection, report, VERIFYING)
    question = await question_of(connection, report)
    again = await cells(connection, question, _measures(report))
    told, found = ({(e.measure, e.place): e for e in each} for each in (report.cells, again))
    differences = []
    for measure, place in {**told, **found}:
        one, other = told.get((measure, place)), found.get((measure, place))
        if one != other:
            figures = (each.figure if each else None for each in (one, other))
            differences.append(Difference(measure, place, *figures))
    if report.digest != whole(report.cells):
        differences.append(Difference(None, None, None, None))
    return differences


async def difference_sheet(connection: asyncpg.Connection, a: Report, b: Report) -> DifferenceSheet:
    """What stands behind each measure in one of two reports and not in the other.

    Where both are by region, what has moved to another row stands in the sheet twice. Raises
    Refusal where this program or this store cannot count one of them.
    """
    by_place = bool(a.by and b.by)
    asked = []
    for report in (a, b):
        await _require_countable(connection, report, COMPARING)
        asked.append((report, await question_of(connection, report)))
    lines: list[Line] = []
    for measure in _measures(a):
        if measure not in _measures(b):
            continue
        in_a, in_b = [
            {
                (place, _identity(row)): _line(measure, report.number, place, row)
                for row in await behind(connection, question, measure)
                for place in (question.places[row["region"]] if by_place else None,)
            }
            for report, question in asked
        ]
        lines += [line for key, line in in_a.items() if key not in in_b]
        lines += [line for key, line in in_b.items() if key not in in_a]
    unshared = {each.id for each in _measures(a)} ^ {each.id for each in _measures(b)}
    return DifferenceSheet(tuple(lines), tuple(each.id for each in EVERY if each.id in unshared))


def _measures(report: Report) -> list[Measure]:
    """Those a report has cells of, in the order of their definitions."""
    named = {cell.measure for cell in report.cells}
    return [each for each in EVERY if each.id in named]


async def _require_countable(connection: asyncpg.Connection, report: Report, asked: str) -> None:
    if report.definitions != DEFINITIONS.edition:
        raise Refusal(
            Code.UNKNOWN_ITEM,
            asked=asked,
            obstacle=f"报表 {report.number} 用的是指标定义第 {report.definitions} 版，"
            f"本程序带的是第 {DEFINITIONS.edition} 版",
            way_out="请用带有该版指标定义的程序办理",
        )
    position = await connection.fetchval("SELECT position FROM views.position")
    if position < report.position:
        raise Refusal(
            Code.BUSY,
            asked=asked,
            obstacle=f"视图才到日志第 {position} 号，报表所据为第 {report.position} 号",
            way_out="请待视图跟上日志后再办，见 rongcuo doctor",
        )


def _identity(row: dict[str, Any]) -> str:
    """What tells a row behind a figure from every other: an event may count several."""
    person = row["counted_as"] or row["subject_id"]
    named = (row["position"], person, row.get("group_id"), row.get("detail"))
    return json.dumps(named, ensure_ascii=False)


def _digest(lines: Sequence[str]) -> str:
    return sha256("\n".join(lines).encode()).hexdigest()


def _line(measure: Measure, of: str, place: str | None, row: dict[str, Any]) -> Line:
    return Line(
        measure.id,
        measure.label,
        of,
        place,
        row["position"],
        row.get("case_number") or row["number"],
        row["subject_id"],
        row["subject_label"],
        row.get("decided_on") or row["occurred_on"],
    )
