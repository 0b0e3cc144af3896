"""What the statistics are measured on is what it says, and no answer goes unexamined."""

import random
from collections import Counter

import asyncpg
import pytest

from benchmarks.determinations import (
    CITIES,
    COUNTIES,
    FACTS,
    NARROW,
    PROVINCES,
    STORED,
    count_plainly,
    determinations,
    fill,
    questions,
)
from benchmarks.lives import SIZE
from benchmarks.measure import beside
from benchmarks.statistics import (
    ALL,
    COLUMNS,
    NARROWED,
    PERSONS,
    PLAIN,
    SQL,
    follow,
    in_turn,
    load,
    write_log,
)
from projections.columns import Columns
from projections.statistics import Question, count
from workers.addresses import DatabaseAddress

ROWS = 2_000


def test_the_nation_has_its_provinces_cities_and_counties() -> None:
    assert (len(PROVINCES), len({*PROVINCES}), len({*COUNTIES})) == (31, 31, 2800)
    assert {len({code[:4] for code in COUNTIES if code[:2] == p}) for p in PROVINCES} == {CITIES}


def test_a_fifth_of_the_determinations_are_of_people_met_before() -> None:
    people = Counter(row[5] for row in determinations(1, ROWS))
    assert 0.15 < (ROWS - len(people)) / ROWS < 0.25


@pytest.fixture
async def filled(superuser: asyncpg.Connection) -> int:
    position = await fill(superuser, ROWS)
    await superuser.execute(FACTS)
    return position


async def test_all_sides_answer_the_same_questions_as_often(
    filled: int, reader: asyncpg.Connection
) -> None:
    columns = Columns()
    assert await columns.refresh(reader) == filled
    asked = [*questions(random.Random(1), 6, national=True)]  # noqa: S311 (no secret)
    seen = await in_turn(reader, columns, asked)
    assert {name: len(times) for name, times in seen.items()} == dict.fromkeys(
        (PLAIN, NARROWED, SQL, COLUMNS, ALL), 6
    )
    assert [row.p99 for row in beside("范围", seen)] == [None] * 5  # six are no hundred


async def test_an_answer_of_the_columns_that_differs_ends_the_measurement(
    filled: int, superuser: asyncpg.Connection, reader: asyncpg.Connection
) -> None:
    columns = Columns()
    await columns.refresh(reader)
    await superuser.execute("DELETE FROM views.statistics WHERE position < 1000")
    asked = [*questions(random.Random(1), 3, national=True)]  # noqa: S311 (no secret)
    with pytest.raises(ValueError, match="列与 SQL 的数不同"):
        await in_turn(reader, columns, asked)
    assert filled == columns.position


@pytest.mark.parametrize("table", [STORED, NARROW])
async def test_a_baseline_counts_what_sql_counts_but_for_ends_and_mergers(
    filled: int, superuser: asyncpg.Connection, reader: asyncpg.Connection, table: str
) -> None:
    await superuser.execute("TRUNCATE views.determination_ends, views.identities")
    for asked in questions(random.Random(1), 6, national=False):  # noqa: S311 (no secret)
        plain = [tuple(row) for row in await count_plainly(reader, asked, table)]
        theirs = await count(reader, asked, PERSONS)
        told = [(r["region"][:4], r["tolerated_persons"]) for r in theirs if r["tolerated_persons"]]
        assert (filled, plain) == (3 * ROWS, told)
    assert await count(reader, Question(), PERSONS) != [{"tolerated_persons": 0}]


@pytest.mark.parametrize("refreshing", [False, True])
async def test_what_is_followed_is_the_whole_log_with_a_reader_and_without(
    database: DatabaseAddress, reader: asyncpg.Connection, refreshing: bool
) -> None:
    await write_log(database, cases=2)
    assert await follow(database, refreshing=refreshing) > 0
    assert await reader.fetchval("SELECT position FROM views.position") == 2 * SIZE
    assert await reader.fetchval("SELECT count(*) FROM views.statistics") == 2 * 2


@pytest.mark.usefixtures("filled")
def test_loading_is_measured_with_its_memory(database: DatabaseAddress) -> None:
    seconds, held, peak = load(database)
    assert seconds > 0
    assert 0 <= held <= peak  # nothing more, where the process had room already


def test_a_hundredth_is_told_where_a_hundred_were_seen() -> None:
    (row,) = beside("范围", {"甲": [*map(float, range(1, 101))]})
    assert row.p99 == pytest.approx(99.01)
