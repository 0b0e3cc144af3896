"""What is measured of the views makes the same rows in every way; nothing here is timed."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import asyncpg
import pytest

from benchmarks import library, pure_sql
from benchmarks import projections as of_projections
from benchmarks.projections import FOLLOWED, RUNNER, SQL, Size, Work, _weighed, timed, ways, weigh
from benchmarks.provinces import lived, repeated
from projections.consistency import check, fingerprint
from projections.follower import Follower
from projections.views import VIEWS
from tests.support.databases import copied
from workers.addresses import DatabaseAddress
from workers.embedded_postgres import EmbeddedPostgres
from workers.store import PROJECTOR, connect_as

SMALL = Size(subjects=1, events=(1,), of_runner=20, rounds=1)


async def twice_over(address: DatabaseAddress) -> None:
    once = await lived(address, SMALL.subjects)
    await repeated(address, once, once + 1)
    await Follower(lambda: connect_as(PROJECTOR, address)).catch_up()


@pytest.fixture(scope="module")
def province(
    postgres: EmbeddedPostgres, template_database: DatabaseAddress, outside: asyncio.Runner
) -> Iterator[DatabaseAddress]:
    """A small province and a copy of it, shown."""
    with copied(postgres, template_database, outside) as address:
        outside.run(twice_over(address))
        yield address


@pytest.fixture
async def views(province: DatabaseAddress) -> AsyncIterator[asyncpg.Connection]:
    connection = await connect_as(PROJECTOR, province)
    yield connection
    await connection.close()


async def position(views: asyncpg.Connection) -> int:
    found: int = await views.fetchval("SELECT position FROM views.position")
    return found


async def test_a_province_repeated_has_twice_the_events_and_holds(
    views: asyncpg.Connection,
) -> None:
    found = await check(views)
    assert (found.dense, found.parked, found.views_differing) == (True, 0, ())
    numbers = await views.fetch(
        "SELECT count(*) AS of_it FROM views.case_register"
        " GROUP BY replace(case_number, '1〔', '〔')"
    )
    assert {row["of_it"] for row in numbers} == {2}


async def test_every_way_is_measured_in_turn_and_the_baseline_stands_first(
    province: DatabaseAddress, views: asyncpg.Connection
) -> None:
    end = await position(views)
    rows = await timed(province, end, SMALL)
    assert [row.what for row in rows] == [
        *(RUNNER, SQL, of_projections.FOLLOWING, of_projections.REBUILDING),
        *(RUNNER, of_projections.FOLLOWING, of_projections.REBUILDING, of_projections.LEAPING),
    ]
    assert all(row.value > 0 for row in rows)
    assert [row.to_table is None for row in rows] == [False] * 4 + [True] * 4


async def test_the_runner_makes_the_rows_that_we_make(
    province: DatabaseAddress, views: asyncpg.Connection
) -> None:
    end, names = await position(views), [*VIEWS]
    await ways(province, views, names, end, of_runner=end)[RUNNER]()
    assert [await fingerprint(views, each, library.SCHEMA) for each in names] == [
        await fingerprint(views, each) for each in names
    ]


async def test_control_rows_that_differ_are_no_measure(
    province: DatabaseAddress, views: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    end = await position(views)
    monkeypatch.setattr(pure_sql, "STATEMENT", ONE_ROW)
    with pytest.raises(AssertionError, match=r"by_sql\.\w+ 与视图不同"):
        await ways(province, views, pure_sql.VIEWS, end, of_runner=1)[SQL]()


ONE_ROW = "INSERT INTO by_sql.determination_ends SELECT $1, gen_random_uuid(), 1"


async def test_what_is_weighed_is_the_following_and_the_rebuilding_of_all_views(
    province: DatabaseAddress, views: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    def here(work: Work, address: DatabaseAddress, end: int) -> float:
        return _weighed(work, address, end)

    monkeypatch.setattr(of_projections, "_peak", here)  # not in a process of its own: it is slow
    end = await position(views)
    rows = await asyncio.to_thread(lambda: [*weigh(province, end)])
    assert [(row.unit, row.value > 1) for row in rows] == [("MB", True)] * 3
    for name in VIEWS:
        assert await fingerprint(views, name, FOLLOWED) == await fingerprint(views, name)
