"""The figures of tolerance: each a definition, counted from the determinations behind it.

Distinct persons are counted afresh for every node, window and breakdown; no figure is ever a sum
of others.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final
from uuid import UUID

import asyncpg

TOLERATED: Final = "outcome IN ('exemption', 'mitigation')"
CADRE: Final = "subject_kind = 'cadre'"
ORGAN: Final = "subject_kind = 'organization'"


@dataclass(frozen=True)
class Measure:
    """One counting rule: what is counted, in which unit, and when it is included."""

    id: str
    name: str
    label: str
    unit: str
    counted: str  # SQL: what makes two of a kind one
    conditions: Sequence[str]  # SQL: which determinations count

    @property
    def included(self) -> str:
        return " AND ".join(self.conditions)

    @property
    def sql(self) -> str:
        return f"count(DISTINCT {self.counted}) FILTER (WHERE {self.included}) AS {self.name}"


EXEMPTED: Final = "outcome = 'exemption'"
MITIGATED: Final = "outcome = 'mitigation'"

MEASURES: Final = tuple(
    Measure(*definition)
    for definition in (
        ("M1", "tolerated_persons", "容错减责免责干部", "名", "subject_id", [CADRE, TOLERATED]),
        ("M2", "exempted_persons", "容错免责干部", "名", "subject_id", [CADRE, EXEMPTED]),
        ("M3", "mitigated_persons", "容错减责干部", "名", "subject_id", [CADRE, MITIGATED]),
        ("M4", "tolerated_person_times", "容错人次", "人次", "position", [CADRE, TOLERATED]),
        ("M5", "tolerated_organizations", "容错组织", "个", "subject_id", [ORGAN, TOLERATED]),
        ("M6", "tolerated_matters", "容错事项", "起", "accountability_id", [TOLERATED]),
        ("N1", "not_tolerated", "不予容错", "名/个", "subject_id", ["outcome = 'no_tolerance'"]),
    )
)

DIMENSIONS: Final = {
    "region": "rpad(left(region, {deeper}), 6, '0')",
    "organ": "organ_id",
    "organ_kind": "organ_kind",
    "organ_level": "organ_level",
    "outcome": "outcome",
    "policy": "policy",
    "track": "track",
    "rank": "coalesce(rank, '未填')",
    "field": "coalesce(field, '未填')",
    "year": "to_char(decided_on, 'YYYY')",
    "quarter": "to_char(decided_on, 'YYYY\"Q\"Q')",
    "month": "to_char(decided_on, 'YYYY-MM')",
}


@dataclass(frozen=True)
class Source:
    """A table of countable things: the day by which they are windowed, the breakdowns it has.

    `standing`: SQL that leaves out what was undone later; `{known}` stands for the position known.
    """

    table: str
    day: str
    dimensions: dict[str, str]
    listed: str  # the columns shown behind a figure
    standing: str | None = None


DETERMINATIONS: Final = Source(
    table="statistics",
    day="decided_on",
    dimensions=DIMENSIONS,
    listed="position, case_number, matter_id, accountability_id, subject_id, subject_label,"
    " subject_kind, outcome, organ_id, region, decided_on",
    standing="NOT EXISTS (SELECT FROM views.determination_ends AS ended"
    " WHERE ended.matter_id = statistics.matter_id AND ended.version = statistics.version"
    " AND ended.position <= {known})",
)
NEWEST: Final = 2**63 - 1  # every position there will ever be


@dataclass(frozen=True)
class Question:
    """Which countable things are asked about. `since` and `until` are inclusive civil days.

    `organ_kind` None counts every organ; the published figures count discipline organs. `known_at`
    answers as the log stood at that position.
    """

    region: str | None = None
    since: date | None = None
    until: date | None = None
    known_at: int | None = None
    organ_kind: str | None = "discipline"
    by: tuple[str, ...] = ()
    matters: Sequence[UUID] | None = field(default=None, repr=False)

    def where(self, source: Source) -> tuple[str, list[Any]]:
        conditions, values = ["true"], []
        for condition, value in (
            ("region LIKE ${} || '%'", region_prefix(self.region) if self.region else None),
            (source.day + " >= ${}", self.since),
            (source.day + " <= ${}", self.until),
            ("position <= ${}", self.known_at),
            ("organ_kind = ${}", self.organ_kind),
            ("matter_id = ANY(${})", self.matters),
        ):
            if value is not None:
                values.append(value)
                conditions.append(condition.format(len(values)))
        if source.standing is not None:
            conditions.append(self.known(source.standing))
        return " AND ".join(conditions), values

    def known(self, sql: str) -> str:
        """SQL of ours with the position up to which the log is known."""
        return sql.format(known=NEWEST if self.known_at is None else int(self.known_at))


def region_prefix(region: str) -> str:
    """A GB/T 2260 code without its trailing zeros, pair by pair: 421000 → 4210."""
    while len(region) > 2 and region.endswith("00"):  # noqa: PLR2004 (a province is two digits)
        region = region[:-2]
    return region


async def count(
    connection: asyncpg.Connection,
    question: Question,
    source: Source = DETERMINATIONS,
    measures: Sequence[Measure] | None = None,
) -> list[dict[str, Any]]:
    """One row a group (one row in all without `by`): dimensions first, then every measure by name.

    Raises KeyError for a dimension that the source does not have.
    """
    deeper = len(region_prefix(question.region)) + 2 if question.region else 2
    dimensions = source.dimensions
    groups = [f"{dimensions[name].format(deeper=deeper)} AS {name}" for name in question.by]
    where, values = question.where(source)
    figures = [question.known(each.sql) for each in (MEASURES if measures is None else measures)]
    columns = ", ".join([*groups, *figures])
    grouped = ", ".join(str(number) for number in range(1, len(groups) + 1))
    tail = f" GROUP BY {grouped} ORDER BY {grouped}" if groups else ""
    rows = await connection.fetch(
        f"SELECT {columns} FROM views.{source.table} WHERE {where}{tail}",  # noqa: S608 (our own words)
        *values,
    )
    return [dict(row) for row in rows]


async def behind(
    connection: asyncpg.Connection,
    question: Question,
    measure: Measure,
    source: Source = DETERMINATIONS,
) -> list[dict[str, Any]]:
    """What stands behind a figure, in the order it was recorded."""
    where, values = question.where(source)
    rows = await connection.fetch(
        f"SELECT {source.listed} FROM views.{source.table}"  # noqa: S608 (our own words)
        f" WHERE {where} AND {question.known(measure.included)} ORDER BY position",
        *values,
    )
    return [dict(row) for row in rows]
