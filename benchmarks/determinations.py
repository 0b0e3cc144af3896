"""Determinations that nobody made: as many as a nation might have, straight into the views.

Thirty-one provinces of thirteen cities each, 2,800 counties; a fifth of the rows are of people
already met, half of those in another place; one in a hundred has ended, two in ten thousand numbers
were given up.
"""

import random
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

import asyncpg

from projections.statistics import Question

PROVINCES: Final = (
    *("11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37"),
    *("41", "42", "43", "44", "45", "46", "50", "51", "52", "53", "54", "61", "62", "63", "64"),
    "65",
)
CITIES: Final = 13  # of a province
COUNTIES: Final = tuple(
    f"{PROVINCES[n % 31]}{n // 31 % CITIES + 1:02}{n // 31 // CITIES + 1:02}" for n in range(2800)
)
SITUATIONS: Final = tuple(f"situation_{n}" for n in range(1, 13))
SETS: Final = tuple([first, *more] for first in SITUATIONS for more in ([], [SITUATIONS[0]]))
FIRST, DAYS = date(2021, 1, 1), 2000
WINDOWS: Final = (90, 365, DAYS)
COLUMNS: Final = [
    "position",
    "matter_id",
    "version",
    "accountability_id",
    "case_number",
    "subject_id",
    "subject_kind",
    "subject_label",
    "outcome",
    "sanction",
    "relief",
    "measures",
    "situations",
    "organ_id",
    "organ_kind",
    "organ_level",
    "region",
    "rank",
    "field",
    "policy",
    "track",
    "decided_on",
    "effective_on",
]
Row = tuple[Any, ...]


def determinations(first: int, count: int, seed: int = 1) -> Iterator[Row]:
    """Rows of `views.statistics` at the positions from `first` on."""
    draw = random.Random(seed)  # noqa: S311 (no secret: the same rows every time)
    people = first
    for position in range(first, first + count):
        county = draw.randrange(2800)
        if draw.random() < 0.2 and people > first:  # noqa: PLR2004 (a fifth)
            person = draw.randrange(first, people)
            if draw.random() < 0.5:  # noqa: PLR2004 (half of them where they were)
                county = home(person)
        else:
            person, people = people, people + 1
            county = home(person)
        day = FIRST + timedelta(days=draw.randrange(DAYS))
        yield (
            position,
            UUID(int=position << 64 | 1),
            9,
            UUID(int=(position - position % 3) << 64 | 2),  # three of one proceeding
            f"例〔2026〕{position}号",
            f"p-{person}",
            "organization" if person % 20 == 0 else "cadre",
            "[模拟]",
            draw.choice(("exemption", "exemption", "mitigation", "no_tolerance")),
            None,
            None,
            [],
            draw.choice(SETS),
            f"organ-{county}",
            "personnel" if county % 10 == 0 else "discipline",
            "county",
            COUNTIES[county],
            None,
            None,
            "hubei_2022.1",
            draw.choice(("application", "ex_officio")),
            day,
            day,
        )


def home(person: int) -> int:
    """The county in which a person is first met."""
    return person * 7919 % 2800


async def copy(connection: asyncpg.Connection, rows: Iterator[Row] | Sequence[Row]) -> None:
    await connection.copy_records_to_table(
        "statistics", schema_name="views", columns=COLUMNS, records=rows
    )


async def stand_at(connection: asyncpg.Connection, position: int) -> None:
    await connection.execute("UPDATE views.position SET position = $1", position)


async def fill(connection: asyncpg.Connection, rows: int) -> int:
    """So many rows, the ends and mergers after them; answers the position reached."""
    await copy(connection, determinations(1, rows))
    await connection.execute(
        "INSERT INTO views.determination_ends"
        " SELECT $1::bigint + row_number() OVER (ORDER BY position), matter_id, version"
        " FROM views.statistics WHERE position % 100 = 7",
        rows,
    )
    await connection.execute(
        "INSERT INTO views.identities"
        " SELECT $1::bigint + position, subject_id, 'p-' || position + 1"
        " FROM views.statistics WHERE position % 5000 = 11"
        " ON CONFLICT DO NOTHING",
        2 * rows,
    )
    await stand_at(connection, 3 * rows)
    return 3 * rows


def questions(
    draw: random.Random, count: int, *, national: bool, days: Sequence[int] = WINDOWS
) -> Iterator[Question]:
    """Windows of so many days, anywhere; no filter, one outcome, or one situation, in turn."""
    for number in range(count):
        length = draw.choice(days)
        since = FIRST + timedelta(days=draw.randrange(DAYS - length + 1))
        filters: Sequence[dict[str, list[str]]] = (
            {},
            {"outcome": ["exemption"]},
            {"situation": [draw.choice(SITUATIONS)]},
        )
        yield Question(
            region=None if national else f"{draw.choice(PROVINCES)}0000",
            since=since,
            until=since + timedelta(days=length),
            by=("region",),
            only=filters[number % 3],
        )


STORED: Final = "views.statistics"  # the table of facts as it is
NARROW: Final = "bench.facts"  # a narrow one, with an index from which it can be answered alone
FACTS: Final = """
    CREATE SCHEMA IF NOT EXISTS bench;
    CREATE TABLE bench.facts AS
        SELECT region, decided_on, subject_id, subject_kind, organ_kind, outcome, situations
        FROM views.statistics;
    CREATE INDEX ON bench.facts (region text_pattern_ops, decided_on)
        INCLUDE (subject_id, subject_kind, organ_kind, outcome, situations);
    GRANT USAGE ON SCHEMA bench TO rongcuo_reader;
    GRANT SELECT ON bench.facts TO rongcuo_reader;
"""


async def count_plainly(
    connection: asyncpg.Connection, asked: Question, table: str = NARROW
) -> list[asyncpg.Record]:
    """Tolerated cadres by `count(DISTINCT …)`: what ended and who was merged is not looked at."""
    digits = asked.region[:2] if asked.region else ""
    conditions = ["region LIKE $4"]
    values: list[Any] = [len(digits) + 2, asked.since, asked.until, f"{digits}%"]
    for name, told in asked.only.items():
        values.append([*told])
        conditions.append("outcome = ANY($5)" if name == "outcome" else "situations && $5")
    rows: list[asyncpg.Record] = await connection.fetch(
        f"SELECT left(region, $1), count(DISTINCT subject_id) FROM {table}"  # noqa: S608
        " WHERE decided_on BETWEEN $2 AND $3 AND subject_kind = 'cadre'"
        " AND organ_kind = 'discipline' AND outcome IN ('exemption', 'mitigation')"
        f" AND {' AND '.join(conditions)} GROUP BY 1 ORDER BY 1",
        *values,
    )
    return rows
