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
    """A table of countable things: the days by which they are windowed, the breakdowns it has.

    `days`: by which day a thing may be dated; the first is the usual one. `columns` are what
    definitions call them. `several`: breakdowns in which one thing may stand in several groups,
    each an array; the rows of such a table are never to be added. `standing`: SQL that leaves out
    what was undone later. In SQL `{known}` stands for the position known, `{day}` for the day.
    """

    table: str
    days: dict[str, str]
    columns: dict[str, str]
    dimensions: dict[str, str]
    listed: str  # the columns shown behind a figure
    several: dict[str, str] = field(default_factory=dict)
    standing: str | None = None

    @property
    def breakdowns(self) -> dict[str, str]:
        return self.dimensions | self.several

    def day(self, dated: str | None) -> str:
        """The column of the day asked for, or of the usual one where this table has none such."""
        return self.days.get(dated or "", next(iter(self.days.values())))

    @property
    def rows(self) -> str:
        """The table, with the number that stands for each person by then."""
        return (
            f"views.{self.table} LEFT JOIN (SELECT DISTINCT ON (subject_id) subject_id AS given_up,"  # noqa: S608 (our own words)
            " kept FROM views.identities WHERE position <= {known}"
            " ORDER BY subject_id, position DESC) AS identity ON given_up = subject_id"
        )


def _common() -> dict[str, str]:
    """The breakdowns that every table has."""
    return {
        "region": "coalesce({places} ->> region, rpad(left(region, {deeper}), 6, '0'))",
        "organ": "organ_id",
        "organ_kind": "organ_kind",
        "organ_level": "organ_level",
        "policy": "policy",
        "rank": "coalesce(rank, '未填')",
        "field": "coalesce(field, '未填')",
        "nature": "coalesce(nature, '未填')",
        "year": "to_char({day}, 'YYYY')",
        "quarter": "to_char({day}, 'YYYY\"Q\"Q')",
        "month": "to_char({day}, 'YYYY-MM')",
    }


PERSON: Final = "coalesce(kept, subject_id)"
COMMON_COLUMNS: Final = {
    "position": "position",
    "matter": "matter_id",
    "subject": PERSON,
    "subject_kind": "subject_kind",
}
DETERMINATIONS: Final = Source(
    table="statistics",
    days={"decided": "decided_on", "effective": "effective_on"},
    columns=COMMON_COLUMNS
    | {
        "accountability": "accountability_id",
        "outcome": "outcome",
        "sanction": "sanction",
        "relief": "relief",
    },
    dimensions=_common() | {"outcome": "outcome", "track": "track"},
    several={"situation": "situations", "measure": "measures"},
    listed="position, case_number, matter_id, accountability_id, subject_id, kept AS counted_as,"
    " subject_label, subject_kind, outcome, organ_id, region, decided_on, effective_on",
    standing="NOT EXISTS (SELECT FROM views.determination_ends AS ended"
    " WHERE ended.matter_id = statistics.matter_id AND ended.version = statistics.version"
    " AND ended.position <= {known})",
)
FACTS: Final = Source(
    table="facts",
    days={"occurred": "occurred_on"},
    columns=COMMON_COLUMNS
    | {
        "kind": "kind",
        "what": "what",
        "group": "group_id",
        "detail": "detail[1]",
        "second_detail": "detail[2]",
    },
    dimensions=_common() | {"detail": "coalesce(detail[1], '未填')"},
    listed="position, kind, number, matter_id, what, subject_id, kept AS counted_as, subject_label,"
    " subject_kind, group_id, detail, organ_id, region, occurred_on",
)
DUTIES: Final = Source(
    table="duty_standings",
    days={"occurred": "moved_on"},
    columns=COMMON_COLUMNS
    | {
        "kind": "kind",
        "timeliness": "timeliness",
        "basis": "CASE WHEN NOT confirmed THEN 'unconfirmed' WHEN provisional THEN 'provisional'"
        " ELSE 'confirmed' END",
    },
    dimensions=_common() | {"kind": "kind", "rule": "policy || ':' || rule"},
    listed="position, kind, number, matter_id, timeliness AS what, subject_id, kept AS counted_as,"
    " subject_label, subject_kind, obligation_id AS group_id, ARRAY[label] AS detail, organ_id,"
    " region, moved_on AS occurred_on",
)
SOURCES: Final = (DETERMINATIONS, FACTS, DUTIES)


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
    the row it belongs to in a breakdown; without them the digits of the codes decide. `only`: what
    has one of these values in each of these breakdowns. `dated`: by which day, where a table has
    several.
    """

    region: str | None = None
    since: date | None = None
    until: date | None = None
    known_at: int | None = None
    organ_kind: str | None = "discipline"
    by: tuple[str, ...] = ()
    places: Mapping[str, str] = field(default_factory=dict, repr=False)
    matters: Sequence[UUID] | None = field(default=None, repr=False)
    only: Mapping[str, Sequence[str]] = field(default_factory=dict)
    dated: str | None = None

    def where(self, source: Source) -> tuple[str, list[Any]]:
        conditions, values = ["true"], []
        for condition, value in (
            ("region LIKE ${} || '%'", self._prefix()),
            ("region = ANY(${})", [*self.places] or None),
            ("{day} >= ${}", self.since),
            ("{day} <= ${}", self.until),
            ("position <= ${}", self.known_at),
            ("organ_kind = ${}", self.organ_kind),
            ("matter_id = ANY(${})", self.matters),
            *((_within(source, name), [*told]) for name, told in self.only.items()),
        ):
            if value is not None:
                values.append(value)
                conditions.append(condition.replace("${}", f"${len(values)}"))
        if source.standing is not None:
            conditions.append(source.standing)
        return " AND ".join(conditions), values

    @property
    def deeper(self) -> int:
        """How many digits tell the units one level below the region asked about."""
        return len(region_prefix(self.region)) + 2 if self.region else 2

    def _prefix(self) -> str | None:
        """By its digits, where nobody says which codes belong to the region."""
        return region_prefix(self.region) if self.region and not self.places else None

    def told(self, source: Source, sql: str, **others: object) -> str:
        """SQL of ours with the position up to which the log is known, and the day asked for."""
        known = NEWEST if self.known_at is None else int(self.known_at)
        return sql.format(known=known, day=source.day(self.dated), **others)


def _within(source: Source, name: str) -> str:
    """The condition that something stands in one of the groups told of a breakdown."""
    if name in source.several:
        return f"{source.several[name]} && ${{}}"
    return f"{source.dimensions[name]} = ANY(${{}})"


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
    where, values = question.where(source)
    places = f"${len(values) + 1}::jsonb"
    if "region" in question.by:
        values.append(json.dumps(dict(question.places)))
    rows = source.rows + "".join(
        f" CROSS JOIN LATERAL unnest({_or_unfilled(source.several[name])}) AS of_{name} ({name})"
        for name in question.by
        if name in source.several
    )
    groups = [
        name if name in source.several else f"{source.dimensions[name]} AS {name}"
        for name in question.by
    ]
    grouped = ", ".join(str(number) for number in range(1, len(groups) + 1))
    tail = f" GROUP BY {grouped} ORDER BY {grouped}" if groups else ""
    if only.several is None:
        chosen = ", ".join([*groups, *(each.sql for each in measures)])
        sql = f"SELECT {chosen} FROM {rows} WHERE {where}"  # noqa: S608 (our own words)
    else:
        each_once = ", ".join([*([grouped] if grouped else []), str(len(groups) + 1)])
        chosen = ", ".join([*groups, only.counted])
        inner = (
            f"SELECT {chosen} FROM {rows} WHERE {where} AND {only.included}"  # noqa: S608 (our own words)
            f" GROUP BY {each_once} HAVING count(DISTINCT {only.several}) > 1"
        )
        counted = ", ".join([*question.by, f"count(*) AS {only.name}"])
        sql = f"SELECT {counted} FROM ({inner}) AS repeated"  # noqa: S608 (our own words)
    asked = question.told(source, sql + tail, deeper=question.deeper, places=places)
    found: list[asyncpg.Record] = await connection.fetch(asked, *values)
    return found


def _or_unfilled(array: str) -> str:
    return f"CASE WHEN cardinality({array}) = 0 THEN ARRAY['未填'] ELSE {array} END"


async def behind(
    connection: asyncpg.Connection, question: Question, measure: Measure
) -> list[dict[str, Any]]:
    """What stands behind a figure, in the order it was recorded.

    `counted_as`: the number that stands for a person whose own was given up.
    """
    chosen, values = _behind(question, measure)
    sql = f"SELECT {measure.source.listed} {chosen} ORDER BY position"
    asked = question.told(measure.source, sql)
    return [dict(row) for row in await connection.fetch(asked, *values)]


async def each_once(
    connection: asyncpg.Connection, question: Question, measure: Measure
) -> dict[str, dict[str, Any]]:
    """What a figure counts: as many as it says, each by what tells it apart, with its first row."""
    chosen, values = _behind(question, measure)
    listed = measure.source.listed
    sql = f"SELECT DISTINCT ON (1) ({measure.counted})::text AS told_apart, {listed} {chosen}"
    asked = question.told(measure.source, f"{sql} ORDER BY 1, position")
    rows = await connection.fetch(asked, *values)
    return {row["told_apart"]: dict(row) for row in rows if row["told_apart"] is not None}


def _behind(question: Question, measure: Measure) -> tuple[str, list[Any]]:
    """The rows behind a figure: SQL from its FROM on, and its values."""
    source = measure.source
    where, values = question.where(source)
    where += f" AND {measure.included}"
    if measure.several is not None:
        where += (
            f" AND {measure.counted} IN (SELECT {measure.counted} FROM {source.rows}"  # noqa: S608 (our own words)
            f" WHERE {where} GROUP BY 1 HAVING count(DISTINCT {measure.several}) > 1)"
        )
    return f"FROM {source.rows} WHERE {where}", values
