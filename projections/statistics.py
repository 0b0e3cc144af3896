"""The figures: each a definition, counted from the rows behind it.

Distinct persons are counted afresh for every node, window and breakdown; no figure is ever a sum
of others.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final
from uuid import UUID

import asyncpg


@dataclass(frozen=True)
class Source:
    """A table of countable things: the day by which they are windowed, the breakdowns it has.

    `columns` are what definitions call them. `standing`: SQL that leaves out what was undone
    later; `{known}` stands for the position known.
    """

    table: str
    day: str
    columns: dict[str, str]
    dimensions: dict[str, str]
    listed: str  # the columns shown behind a figure
    standing: str | None = None


def _common(day: str) -> dict[str, str]:
    """The breakdowns that every table has."""
    return {
        "region": "coalesce({places} ->> region, rpad(left(region, {deeper}), 6, '0'))",
        "organ": "organ_id",
        "organ_kind": "organ_kind",
        "organ_level": "organ_level",
        "policy": "policy",
        "rank": "coalesce(rank, '未填')",
        "field": "coalesce(field, '未填')",
        "year": f"to_char({day}, 'YYYY')",
        "quarter": f"to_char({day}, 'YYYY\"Q\"Q')",
        "month": f"to_char({day}, 'YYYY-MM')",
    }


COMMON_COLUMNS: Final = {
    "position": "position",
    "matter": "matter_id",
    "subject": "subject_id",
    "subject_kind": "subject_kind",
}
DETERMINATIONS: Final = Source(
    table="statistics",
    day="decided_on",
    columns=COMMON_COLUMNS
    | {
        "accountability": "accountability_id",
        "outcome": "outcome",
        "sanction": "sanction",
        "relief": "relief",
    },
    dimensions=_common("decided_on") | {"outcome": "outcome", "track": "track"},
    listed="position, case_number, matter_id, accountability_id, subject_id, subject_label,"
    " subject_kind, outcome, organ_id, region, decided_on",
    standing="NOT EXISTS (SELECT FROM views.determination_ends AS ended"
    " WHERE ended.matter_id = statistics.matter_id AND ended.version = statistics.version"
    " AND ended.position <= {known})",
)
FACTS: Final = Source(
    table="facts",
    day="occurred_on",
    columns=COMMON_COLUMNS
    | {
        "kind": "kind",
        "what": "what",
        "group": "group_id",
        "detail": "detail[1]",
        "second_detail": "detail[2]",
    },
    dimensions=_common("occurred_on") | {"detail": "coalesce(detail[1], '未填')"},
    listed="position, kind, number, matter_id, what, subject_id, subject_label, subject_kind,"
    " group_id, detail, organ_id, region, occurred_on",
)
SOURCES: Final = (DETERMINATIONS, FACTS)


@dataclass(frozen=True)
class Measure:
    """One counting rule as SQL: what is counted, in which unit, and when it is included.

    `several`: counted only where there are two or more of these within the group.
    """

    id: str
    name: str
    label: str
    unit: str
    counted: str  # what makes two of a kind one
    conditions: Sequence[str]  # which rows count
    source: Source
    several: str | None = None

    @property
    def included(self) -> str:
        return " AND ".join(self.conditions)

    @property
    def sql(self) -> str:
        return f"count(DISTINCT {self.counted}) FILTER (WHERE {self.included}) AS {self.name}"


NEWEST: Final = 2**63 - 1  # every position there will ever be


@dataclass(frozen=True)
class Question:
    """Which countable things are asked about. `since` and `until` are inclusive civil days.

    `organ_kind` None counts every organ; the published figures count discipline organs. `known_at`
    answers as the log stood at that position. `places`: the region codes that count, each with
    the row it belongs to in a breakdown; without them the digits of the codes decide.
    """

    region: str | None = None
    since: date | None = None
    until: date | None = None
    known_at: int | None = None
    organ_kind: str | None = "discipline"
    by: tuple[str, ...] = ()
    places: Mapping[str, str] = field(default_factory=dict, repr=False)
    matters: Sequence[UUID] | None = field(default=None, repr=False)

    def where(self, source: Source) -> tuple[str, list[Any]]:
        conditions, values = ["true"], []
        for condition, value in (
            ("region LIKE ${} || '%'", self._prefix()),
            ("region = ANY(${})", [*self.places] or None),
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

    def _prefix(self) -> str | None:
        """By its digits, where nobody says which codes belong to the region."""
        return region_prefix(self.region) if self.region and not self.places else None

    def known(self, sql: str) -> str:
        """SQL of ours with the position up to which the log is known."""
        return sql.format(known=NEWEST if self.known_at is None else int(self.known_at))


def region_prefix(region: str) -> str:
    """A GB/T 2260 code without its trailing zeros, pair by pair: 421000 → 4210."""
    while len(region) > 2 and region.endswith("00"):  # noqa: PLR2004 (a province is two digits)
        region = region[:-2]
    return region


async def count(
    connection: asyncpg.Connection, question: Question, measures: Sequence[Measure]
) -> list[dict[str, Any]]:
    """One row a group (one row in all without `by`): dimensions first, then every measure by name.

    A group that no row of one table falls into counts nothing there. Raises KeyError for a
    dimension that a table of these measures does not have.
    """
    nothing = {each.name: 0 for each in measures}
    found: dict[tuple[Any, ...], dict[str, Any]] = {} if question.by else {(): {**nothing}}
    for asked in _asked_together(measures):
        for row in await _count(connection, question, asked):
            group = {name: row[name] for name in question.by}
            found.setdefault(tuple(group.values()), {**group, **nothing}).update(row)
    return [found[key] for key in sorted(found)]


def _asked_together(measures: Sequence[Measure]) -> Iterator[list[Measure]]:
    """Those of one table at once; one that asks for several of something by itself."""
    for source in SOURCES:
        plain = [each for each in measures if each.source is source and each.several is None]
        if plain:
            yield plain
    yield from ([each] for each in measures if each.several is not None)


async def _count(
    connection: asyncpg.Connection, question: Question, measures: list[Measure]
) -> list[asyncpg.Record]:
    source, only = measures[0].source, measures[0]
    deeper = len(region_prefix(question.region)) + 2 if question.region else 2
    where, values = question.where(source)
    told = {"deeper": deeper, "places": f"${len(values) + 1}::jsonb"}
    if "region" in question.by:
        values.append(json.dumps(dict(question.places)))
    dimensions = [source.dimensions[name].format(**told) for name in question.by]
    groups = [f"{sql} AS {name}" for sql, name in zip(dimensions, question.by, strict=True)]
    grouped = ", ".join(str(number) for number in range(1, len(groups) + 1))
    tail = f" GROUP BY {grouped} ORDER BY {grouped}" if groups else ""
    if only.several is None:
        figures = [question.known(each.sql) for each in measures]
        sql = f"SELECT {', '.join([*groups, *figures])} FROM views.{source.table} WHERE {where}"  # noqa: S608 (our own words)
    else:
        each_once = ", ".join([*([grouped] if grouped else []), str(len(groups) + 1)])
        chosen = ", ".join([*groups, only.counted])
        inner = (
            f"SELECT {chosen} FROM views.{source.table}"  # noqa: S608 (our own words)
            f" WHERE {where} AND {question.known(only.included)}"
            f" GROUP BY {each_once} HAVING count(DISTINCT {only.several}) > 1"
        )
        counted = ", ".join([*question.by, f"count(*) AS {only.name}"])
        sql = f"SELECT {counted} FROM ({inner}) AS repeated"  # noqa: S608 (our own words)
    rows: list[asyncpg.Record] = await connection.fetch(sql + tail, *values)
    return rows


async def behind(
    connection: asyncpg.Connection, question: Question, measure: Measure
) -> list[dict[str, Any]]:
    """What stands behind a figure, in the order it was recorded."""
    chosen, values = _behind(question, measure)
    rows = await connection.fetch(
        f"SELECT {measure.source.listed} {chosen} ORDER BY position",
        *values,
    )
    return [dict(row) for row in rows]


async def each_once(
    connection: asyncpg.Connection, question: Question, measure: Measure
) -> dict[str, dict[str, Any]]:
    """What a figure counts: as many as it says, each by what tells it apart, with its first row."""
    chosen, values = _behind(question, measure)
    rows = await connection.fetch(
        f"SELECT DISTINCT ON (1) ({measure.counted})::text AS counted, {measure.source.listed}"
        f" {chosen} ORDER BY 1, position",
        *values,
    )
    return {row["counted"]: dict(row) for row in rows if row["counted"] is not None}


def _behind(question: Question, measure: Measure) -> tuple[str, list[Any]]:
    """The rows behind a figure: SQL from its FROM on, and its values."""
    source = measure.source
    where, values = question.where(source)
    where += f" AND {question.known(measure.included)}"
    if measure.several is not None:
        where += (
            f" AND {measure.counted} IN (SELECT {measure.counted} FROM views.{source.table}"  # noqa: S608 (our own words)
            f" WHERE {where} GROUP BY 1 HAVING count(DISTINCT {measure.several}) > 1)"
        )
    return f"FROM views.{source.table} WHERE {where}", values
