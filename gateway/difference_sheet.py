"""差异表: two reports compared matter by matter, and for every line the reason why.

A line is a row that counts in one report only. Where its determination has ended, the sheet names
the event that ended it, so that a figure which fell explains itself.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Final

import asyncpg

from domain.registry import EVENTS
from domain.reporting.report import Report
from gateway.reports import identity, measures_of, question_of, require_countable
from projections.definitions import EVERY
from projections.statistics import DETERMINATIONS, Measure, Question, behind

COMPARING: Final = "比较统计报表"


class Why(StrEnum):
    """Why a row counts in one of two reports and not in the other."""

    RECORDED_LATER = "recorded_later"  # 另一份之后才录入
    ENDED = "ended"  # 认定失效
    MOVED = "moved"  # 改归另一地区
    MERGED = "merged"  # 编号并入另一编号
    OUTSIDE = "outside"  # 不在另一份的统计范围内
    RELATED = "related"  # 有关的另一条有变动


@dataclass(frozen=True)
class Ending:
    """The event that ended a determination: its place in the log, and the act that caused it.

    `topic` and `term` are those of the act, `told` its sentence in the audit trail.
    """

    position: int
    day: date
    topic: str
    term: str
    told: str


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
    why: Why
    ended: Ending | None


@dataclass(frozen=True)
class DifferenceSheet:
    """`unshared`: the measures that only one of the two reports has; they are not compared."""

    lines: tuple[Line, ...]
    unshared: tuple[str, ...]


@dataclass(frozen=True)
class _Side:
    report: Report
    question: Question


_Key = tuple[str | None, str]  # the row of the table it counts in, what tells it apart
_Rows = dict[_Key, dict[str, Any]]

# the act that ends a determination stands right before its ending, or right after it where a new
# determination takes its place; all three are of one command
ENDING: Final = """
SELECT ended.position, trail.effective_on AS day, act.topic, act.sentence AS told
FROM views.determination_ends AS ended
JOIN views.statistics AS row USING (matter_id, version)
JOIN views.audit_trail AS trail ON trail.position = ended.position
JOIN views.audit_trail AS act ON act.matter_id = trail.matter_id
    AND act.command_key = trail.command_key AND abs(act.version - trail.version) = 1
WHERE row.position = $1 AND ended.position <= $2
ORDER BY act.version LIMIT 1
"""


async def difference_sheet(connection: asyncpg.Connection, a: Report, b: Report) -> DifferenceSheet:
    """What stands behind each measure in one of two reports and not in the other.

    Where both are by region, what has moved to another row stands in the sheet twice. Raises
    Refusal where this program or this store cannot count one of them.
    """
    by_place = bool(a.by and b.by)
    sides = []
    for report in (a, b):
        await require_countable(connection, report, COMPARING)
        sides.append(_Side(report, await question_of(connection, report)))
    lines: list[Line] = []
    for measure in measures_of(a):
        if measure.id not in b.measures:
            continue
        in_a, in_b = [await _rows(connection, side, measure, by_place=by_place) for side in sides]
        one, other = sides
        lines += await _only(connection, measure, (one, in_a), (other, in_b))
        lines += await _only(connection, measure, (other, in_b), (one, in_a))
    unshared = a.measures ^ b.measures
    return DifferenceSheet(tuple(lines), tuple(each.id for each in EVERY if each.id in unshared))


async def _rows(
    connection: asyncpg.Connection, side: _Side, measure: Measure, *, by_place: bool
) -> _Rows:
    return {
        (side.question.places[row["region"]] if by_place else None, identity(row)): row
        for row in await behind(connection, side.question, measure)
    }


async def _only(
    connection: asyncpg.Connection,
    measure: Measure,
    here: tuple[_Side, _Rows],
    there: tuple[_Side, _Rows],
) -> list[Line]:
    """The lines of what is here and not there."""
    (side, rows), (other, theirs) = here, there
    elsewhere = {told_apart for _, told_apart in theirs}
    itself = {_itself(row) for row in theirs.values()}
    lines = []
    for (place, told_apart), row in rows.items():
        if (place, told_apart) in theirs:
            continue
        ended = await _ending(connection, measure, row, other.report.position)
        if told_apart in elsewhere:
            why = Why.MOVED
        elif _itself(row) in itself:
            why = Why.MERGED
        else:
            why = _why(row, side, other, ended=ended)
        lines.append(_line(measure, side.report.number, place, row, why=why, ended=ended))
    return lines


def _itself(row: dict[str, Any]) -> tuple[Any, ...]:
    """A row whoever it counts for: the number of a person may have been given up since."""
    return (row["position"], row["subject_id"], row.get("group_id"), str(row.get("detail")))


def _why(row: dict[str, Any], side: _Side, other: _Side, *, ended: Ending | None) -> Why:
    if row["position"] > other.report.position:
        return Why.RECORDED_LATER
    if ended is not None:
        return Why.ENDED
    return Why.OUTSIDE if _outside(row, side, other) else Why.RELATED


def _outside(row: dict[str, Any], side: _Side, other: _Side) -> bool:
    """Whether the other report does not ask about it: its day, its place, its kind of organ."""
    asked = other.report
    return (
        (asked.since is not None and _day(row) < asked.since)
        or (asked.until is not None and _day(row) > asked.until)
        or row["region"] not in other.question.places
        or asked.organ_kind not in {None, side.report.organ_kind}
    )


def _day(row: dict[str, Any]) -> date:
    day: date = row.get("decided_on") or row["occurred_on"]
    return day


async def _ending(
    connection: asyncpg.Connection, measure: Measure, row: dict[str, Any], known: int
) -> Ending | None:
    """How the determination of a row had ended by a position; None where it had not."""
    if measure.source is not DETERMINATIONS:
        return None
    found = await connection.fetchrow(ENDING, row["position"], known)
    return Ending(**found, term=EVENTS[found["topic"]].term) if found else None


def _line(
    measure: Measure,
    of: str,
    place: str | None,
    row: dict[str, Any],
    *,
    why: Why,
    ended: Ending | None,
) -> Line:
    return Line(
        measure.id,
        measure.label,
        of,
        place,
        row["position"],
        row.get("case_number") or row["number"],
        row["subject_id"],
        row["subject_label"],
        _day(row),
        why,
        ended,
    )
