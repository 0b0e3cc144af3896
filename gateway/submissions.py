"""Reports on their way up: who submits to whom, and what the units below have sent.

Figures of several units are never added to make that of the unit above. They are summed only to be
set beside the distinct figure, with all that lies between the two told one by one.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any, Final

import asyncpg

from domain.people import OrganKind
from domain.refusals import Code, Refusal
from domain.regions.tree import Region, RegionTree
from domain.reporting.report import Report
from domain.reporting.reports import ReportFile, ReportStage
from domain.reporting.submissions import SubmitReport
from gateway.regions import region_tree
from gateway.reports import (
    book_of_reports,
    differences,
    places,
    question_of,
    recounted,
)
from projections.definitions import EVERY
from projections.statistics import Measure, Question, each_once

LOOKING: Final = "查看各地上报"


class Between(StrEnum):
    """Why the sum over the units is not the figure of the unit above."""

    SEVERAL = "several"  # 几个单位都计了
    GONE = "gone"  # 上报以后不再计
    MISSING = "missing"  # 没有在上报的报表里


@dataclass(frozen=True)
class Below:
    """A unit below and one report it has submitted; `number` and the rest None where it has not.

    `agrees`: whether it comes out the same when counted again now; None for one sent back.
    """

    unit: str
    name: str
    number: str | None = None
    stage: ReportStage | None = None
    position: int | None = None
    agrees: bool | None = None
    submitted_by: str | None = None
    submitted_on: date | None = None
    reviewed_by: str | None = None
    reviewed_on: date | None = None
    because: str | None = None


@dataclass(frozen=True)
class Total:
    """The sum of a measure over the reports that agree, and the distinct figure above them.

    `counted` is `reported` less `several` (each but once) less `gone` plus `missing`.
    """

    measure: str
    label: str
    unit: str
    reported: int
    several: int
    gone: int
    missing: int
    counted: int


@dataclass(frozen=True)
class Apart:
    """One that lies between a sum and the distinct figure, with the units it was counted in."""

    measure: str
    why: Between
    units: tuple[str, ...]
    position: int
    number: str
    subject_id: str | None
    subject_label: str | None


@dataclass(frozen=True)
class RollUp:
    """What has come up to a unit, and how it stands to the unit's own figure at a position."""

    region: str
    name: str
    position: int
    below: tuple[Below, ...]
    totals: tuple[Total, ...]
    apart: tuple[Apart, ...]


async def submission(
    connection: asyncpg.Connection, report: Report, organ: str, to: str
) -> SubmitReport:
    """What is asked when an organ submits a report to another: with where both of them are.

    Nothing keeps a list of organs: where one has handled a matter, the log knows its unit; of any
    other it is taken that it is what the submission makes it.
    """
    tree, unit = region_tree(), report.unit
    above = _unit_above(tree, unit, report.boundaries) if unit else None
    return SubmitReport(
        number=report.number,
        unit=await _unit_of(connection, tree, organ, report.boundaries) or unit,
        to=to,
        to_unit=await _unit_of(connection, tree, to, report.boundaries) or above,
        above=above,
    )


def _unit_above(tree: RegionTree, unit: str, boundaries: date) -> str | None:
    try:
        parent = tree.parent(unit, boundaries)
    except ValueError:  # not in the table on that day
        return None
    return parent.code if parent else None


async def _unit_of(
    connection: asyncpg.Connection, tree: RegionTree, organ: str, boundaries: date
) -> str | None:
    region: str | None = await connection.fetchval(
        "SELECT region FROM views.matter_register WHERE organ_id = $1"
        " ORDER BY last_on DESC NULLS LAST, number LIMIT 1",
        organ,
    )
    if region is None:
        return None
    try:
        return tree.under(region, boundaries, boundaries).code
    except ValueError:
        return region


async def roll_up(
    connection: asyncpg.Connection,
    region: str,
    days: tuple[date | None, date | None, int],
    organ_kind: OrganKind | None,
    boundaries: date,
) -> RollUp:
    """What the units below a region have submitted for a window, and the distinct figures.

    `days`: the window, and the position up to which the log is known for the distinct figures; a
    report counts at its own. Raises Refusal.
    """
    since, until, position = days
    tree = region_tree()
    top = _found(tree, region, boundaries)
    files = [
        file
        for file in (await book_of_reports(connection)).files.values()
        if file.submitted is not None
        and file.submitted.to.unit == top.code
        and (file.report.since, file.report.until) == (since, until)
        and file.report.organ_kind == organ_kind
    ]
    below: list[Below] = []
    agreeing: list[Report] = []
    for file in files:
        agrees = None
        if file.counts_above:
            again = await recounted(connection, file.report, LOOKING)
            agrees = not differences(file.report, again)
        if agrees:
            agreeing.append(file.report)
        below.append(_below(tree, file, agrees))
    heard_of = {each.unit for each in below}
    children = tree.children(top.code, boundaries)
    below += [Below(each.code, each.name) for each in children if each.code not in heard_of]
    kind = organ_kind.value if organ_kind else None
    rows = await places(connection, top.code, boundaries, position)
    question = Question(top.code, since, until, position, kind, (), rows)
    totals, apart = [], []
    for measure in EVERY:
        reports = [each for each in agreeing if measure.id in each.measures]
        if reports:
            total, between = await _set_beside(connection, measure, reports, question)
            totals.append(total)
            apart += between
    below.sort(key=lambda each: (each.unit, each.submitted_on or date.max, each.number or ""))
    return RollUp(top.code, top.name, position, (*below,), (*totals,), (*apart,))


def _found(tree: RegionTree, region: str, boundaries: date) -> Region:
    try:
        return tree.find(region, boundaries)
    except ValueError as fault:
        raise Refusal(
            Code.UNKNOWN_ITEM,
            asked=LOOKING,
            obstacle=str(fault).rstrip("。"),
            way_out="区划见 rongcuo region list",
        ) from None


def _below(tree: RegionTree, file: ReportFile, agrees: bool | None) -> Below:
    report, submitted, reviewed = file.report, file.submitted, file.approved or file.sent_back
    unit = report.unit or ""  # a report without a region is not submitted
    return Below(
        unit,
        tree.name(unit, report.boundaries),
        report.number,
        file.stage,
        report.position,
        agrees,
        submitted.envelope.by.id if submitted else None,
        submitted.on if submitted else None,
        reviewed.envelope.by.id if reviewed else None,
        reviewed.on if reviewed else None,
        file.sent_back.explanation if file.sent_back else None,
    )


async def _set_beside(
    connection: asyncpg.Connection, measure: Measure, reports: list[Report], question: Question
) -> tuple[Total, list[Apart]]:
    """The sum over reports and the distinct figure, and what lies between them."""
    told: dict[str, dict[str, dict[str, Any]]] = defaultdict(dict)  # what is counted: unit: a row
    for report in reports:
        asked = replace(await question_of(connection, report), by=())
        for key, row in (await each_once(connection, asked, measure)).items():
            told[key][report.unit or ""] = row
    counted = await each_once(connection, question, measure)
    apart = [*_apart(measure, told, counted, question)]
    reported = sum(len(units) for units in told.values())
    total = Total(
        measure.id,
        measure.label,
        measure.unit,
        reported,
        reported - len(told),
        sum(each.why is Between.GONE for each in apart),
        sum(each.why is Between.MISSING for each in apart),
        len(counted),
    )
    return total, apart


def _apart(
    measure: Measure,
    told: Mapping[str, Mapping[str, dict[str, Any]]],
    counted: Mapping[str, dict[str, Any]],
    question: Question,
) -> Iterator[Apart]:
    for key, units in sorted(told.items()):
        row = next(iter(units.values()))
        if len(units) > 1:
            yield _line(measure, Between.SEVERAL, (*sorted(units),), row)
        if key not in counted:
            yield _line(measure, Between.GONE, (*sorted(units),), row)
    for key, row in sorted(counted.items()):
        if key not in told:
            yield _line(measure, Between.MISSING, (question.places[row["region"]],), row)


def _line(measure: Measure, why: Between, units: tuple[str, ...], row: dict[str, Any]) -> Apart:
    return Apart(
        measure.id,
        why,
        units,
        row["position"],
        row.get("case_number") or row["number"],
        row["subject_id"],
        row["subject_label"],
    )
