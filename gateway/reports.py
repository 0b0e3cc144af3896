"""Published reports counted, and counted again.

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
from domain.reporting.report import Cell, Report
from domain.reporting.reports import REPORTS, PublishedReports, ReportFile
from gateway.regions import region_tree
from projections.definitions import DEFINITIONS, EVERY
from projections.statistics import Measure, Question, behind, count, region_prefix

VERIFYING: Final = "核对统计报表"


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


async def report_file(connection: asyncpg.Connection, number: str, asked: str) -> ReportFile:
    """A report with the events that brought it where it is, from the log. Raises Refusal."""
    return (await book_of_reports(connection)).file(number, asked)


async def book_of_reports(connection: asyncpg.Connection) -> PublishedReports:
    """Every report, straight from the log."""
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
    return book if isinstance(book, PublishedReports) else PublishedReports()


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
                    digest=_digest(sorted(map(identity, listed))),
                )
            )
    return tuple(found)


def whole(found: Sequence[Cell]) -> str:
    """The digest of all cells, in whatever order they are told."""
    return _digest(sorted(each.model_dump_json() for each in found))


async def recounted(connection: asyncpg.Connection, report: Report, asked: str) -> tuple[Cell, ...]:
    """The cells of a report counted again at its position.

    Raises Refusal where this program or this store cannot count it.
    """
    await require_countable(connection, report, asked)
    return await cells(connection, await question_of(connection, report), measures_of(report))


def differences(report: Report, again: Sequence[Cell]) -> list[Difference]:
    """What came out otherwise when a report was counted again; nothing when it agrees."""
    told, found = ({(e.measure, e.place): e for e in each} for each in (report.cells, again))
    differing = []
    for measure, place in {**told, **found}:
        one, other = told.get((measure, place)), found.get((measure, place))
        if one != other:
            figures = (each.figure if each else None for each in (one, other))
            differing.append(Difference(measure, place, *figures))
    if report.digest != whole(report.cells):
        differing.append(Difference(None, None, None, None))
    return differing


async def verify(connection: asyncpg.Connection, report: Report) -> list[Difference]:
    """Count a report again and compare. Raises Refusal where it cannot be counted."""
    return differences(report, await recounted(connection, report, VERIFYING))


def measures_of(report: Report) -> list[Measure]:
    """Those a report has cells of, in the order of their definitions."""
    return [each for each in EVERY if each.id in report.measures]


def require_same_definitions(report: Report, asked: str) -> None:
    """Raises Refusal where this program has other definitions than a report was counted by."""
    if report.definitions != DEFINITIONS.edition:
        raise Refusal(
            Code.UNKNOWN_ITEM,
            asked=asked,
            obstacle=f"报表 {report.number} 用的是指标定义第 {report.definitions} 版，"
            f"本程序带的是第 {DEFINITIONS.edition} 版",
            way_out="请用带有该版指标定义的程序办理",
        )


async def require_countable(connection: asyncpg.Connection, report: Report, asked: str) -> None:
    """Raises Refusal where this program or this store cannot count a report."""
    require_same_definitions(report, asked)
    position = await connection.fetchval("SELECT position FROM views.position")
    if position < report.position:
        raise Refusal(
            Code.BUSY,
            asked=asked,
            obstacle=f"视图才到日志第 {position} 号，报表所据为第 {report.position} 号",
            way_out="请待视图跟上日志后再办，见 rongcuo doctor",
        )


def identity(row: dict[str, Any]) -> str:
    """What tells a row behind a figure from every other: an event may count several."""
    person = row["counted_as"] or row["subject_id"]
    named = (row["position"], person, row.get("group_id"), row.get("detail"))
    return json.dumps(named, ensure_ascii=False)


def _digest(lines: Sequence[str]) -> str:
    return sha256("\n".join(lines).encode()).hexdigest()
