"""Any view can be made anew from the log, equal to the byte, and a check notices what is not."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial

import asyncpg
import pytest

from domain.aggregate import Aggregate
from domain.tolerance.state import case_id
from gateway.scenarios import Scenario
from projections import consistency, views
from projections.consistency import check, count_by_hand, fingerprint
from projections.definitions import HEADLINE
from projections.follower import Follower
from projections.rebuild import rebuild
from projections.rows import Recorded, Row, View
from projections.statistics import Question, count
from projections.views import VIEWS
from tests.support.databases import copied
from tests.support.spring import spring_lived
from tests.support.writers import Line, append, lines
from workers.addresses import DatabaseAddress
from workers.embedded_postgres import EmbeddedPostgres
from workers.store import PROJECTOR, connect_as

ALL = [*VIEWS]


@pytest.fixture(scope="module")
def whole_life(
    postgres: EmbeddedPostgres, played_template: DatabaseAddress, outside: asyncio.Runner
) -> Iterator[DatabaseAddress]:
    """The scenarios lived, and a calendar published: something in every view."""
    with copied(postgres, played_template, outside) as address:
        outside.run(spring_lived(address))
        yield address


@pytest.fixture
def database(
    postgres: EmbeddedPostgres, whole_life: DatabaseAddress, outside: asyncio.Runner
) -> Iterator[DatabaseAddress]:
    with copied(postgres, whole_life, outside) as address:
        yield address


async def fingerprints(connection: asyncpg.Connection) -> dict[str, str]:
    return {view: await fingerprint(connection, view) for view in VIEWS}


async def rows(connection: asyncpg.Connection, view: str) -> int:
    number: int = await connection.fetchval(f"SELECT count(*) FROM views.{view}")  # noqa: S608
    return number


# --- equal to the byte -------------------------------------------------------------------------


async def test_there_is_something_to_compare(reader: asyncpg.Connection) -> None:
    assert {view: await rows(reader, view) > 0 for view in VIEWS} == dict.fromkeys(VIEWS, True)


@pytest.mark.parametrize("batch", [1, 7, 1000])
async def test_all_views_made_anew_together_are_equal_to_the_byte(
    projector: asyncpg.Connection, batch: int
) -> None:
    before = await fingerprints(projector)
    position = await rebuild(projector, ALL, batch=batch)
    assert await fingerprints(projector) == before
    assert position == await rows(projector, "audit_trail")


@pytest.mark.parametrize("view", ALL)
async def test_a_view_made_anew_by_itself_is_equal_to_the_byte(
    projector: asyncpg.Connection, view: str
) -> None:
    before = await fingerprints(projector)
    await projector.execute(f"TRUNCATE views.{view}")
    assert await fingerprints(projector) != before
    await rebuild(projector, [view])
    assert await fingerprints(projector) == before


async def test_a_view_dropped_altogether_comes_back(projector: asyncpg.Connection) -> None:
    before = await fingerprints(projector)
    await projector.execute("DROP TABLE views.due_list")
    await rebuild(projector, ["due_list"])
    assert await fingerprints(projector) == before


async def test_what_is_made_anew_can_be_read_and_has_its_indexes(
    projector: asyncpg.Connection, reader: asyncpg.Connection
) -> None:
    indexes = "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'views' ORDER BY 1"
    before = await projector.fetch(indexes)
    await rebuild(projector, ALL)
    assert await projector.fetch(indexes) == before
    assert [await rows(reader, view) > 0 for view in VIEWS] == [True] * len(VIEWS)


async def test_progress_runs_to_the_end_of_the_log(projector: asyncpg.Connection) -> None:
    told: list[tuple[int, int]] = []
    end = await rebuild(projector, ALL, batch=50, progress=lambda done, of: told.append((done, of)))
    assert told == [(min(done, end), end) for done in range(50, end + 50, 50)]


async def test_a_rebuild_cut_off_leaves_the_views_and_does_not_hinder_the_next(
    database: DatabaseAddress, projector: asyncpg.Connection
) -> None:
    before = await fingerprints(projector)

    def cut_off(_done: int, _of: int) -> None:
        raise KeyboardInterrupt

    lost = await connect_as(PROJECTOR, database)
    with pytest.raises(KeyboardInterrupt):
        await rebuild(lost, ALL, batch=50, progress=cut_off)
    await lost.close()
    assert await fingerprints(projector) == before
    await rebuild(projector, ALL)
    assert await fingerprints(projector) == before


# --- while others read and write ---------------------------------------------------------------


async def test_views_made_anew_while_a_follower_goes_on_hold_everything(
    database: DatabaseAddress, projector: asyncpg.Connection, writer: asyncpg.Connection
) -> None:
    stored = await rows(projector, "audit_trail")
    follower = Follower(partial(connect_as, PROJECTOR, database), batch=5)
    following = asyncio.create_task(follower.run())
    rebuilding = asyncio.create_task(several_rebuilds(database))
    for number in range(60):
        await append(writer, lines(f"新{number}", opinions=2))
    assert not rebuilding.done()
    await rebuilding
    async with asyncio.timeout(10):
        await follower.wait_for(stored + 240)
    following.cancel()
    await asyncio.gather(following, return_exceptions=True)
    assert await rows(projector, "audit_trail") == stored + 240
    assert (await check(projector)).holds


async def several_rebuilds(database: DatabaseAddress) -> None:
    connection = await connect_as(PROJECTOR, database)
    for batch in (2, 40, 1000):
        await rebuild(connection, ALL, batch=batch)
    await connection.close()


async def test_of_two_rebuilds_at_once_the_second_waits_for_the_first(
    database: DatabaseAddress, projector: asyncpg.Connection
) -> None:
    before = await fingerprints(projector)
    await asyncio.gather(several_rebuilds(database), several_rebuilds(database))
    assert await fingerprints(projector) == before


@asynccontextmanager
async def held(connection: asyncpg.Connection) -> AsyncIterator[None]:
    """The position is held, so that a rebuild can come as far as the swap and no further."""
    async with connection.transaction():
        await connection.execute("SELECT FROM views.position FOR UPDATE")
        yield


async def test_readers_see_the_old_table_until_the_new_one_takes_its_place(
    database: DatabaseAddress, projector: asyncpg.Connection, reader: asyncpg.Connection
) -> None:
    await projector.execute("UPDATE views.case_register SET organ_name = '旧'")
    other, arrived = await connect_as(PROJECTOR, database), asyncio.Event()

    def progress(done: int, of: int) -> None:
        if done == of:
            arrived.set()

    names = "SELECT DISTINCT organ_name FROM views.case_register"
    async with held(projector):
        rebuilding = asyncio.create_task(rebuild(other, ALL, progress=progress))
        await arrived.wait()
        assert await other_is_waiting(reader)
        assert [row[0] for row in await reader.fetch(names)] == ["旧"]
        assert not rebuilding.done()
    await rebuilding
    await other.close()
    assert "旧" not in [row[0] for row in await reader.fetch(names)]


async def other_is_waiting(reader: asyncpg.Connection) -> bool:
    """Whether a session has come to wait for a lock."""
    for _ in range(200):
        if await reader.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"):
            return True
        await asyncio.sleep(0.01)
    return False


async def test_an_event_stored_during_a_rebuild_is_in_the_new_views(
    database: DatabaseAddress, projector: asyncpg.Connection, writer: asyncpg.Connection
) -> None:
    other, follower = await connect_as(PROJECTOR, database), Follower(lambda: None)
    end = await rows(projector, "audit_trail")
    async with held(projector):
        rebuilding = asyncio.create_task(rebuild(other, ALL))
        assert await other_is_waiting(projector)
        await append(writer, lines("新1"))
        await follower._drain(projector)  # the follower comes before the swap
    assert await rebuilding == end + 2
    await other.close()
    assert await rows(projector, "audit_trail") == end + 2
    assert (await check(projector)).holds


# --- what a check notices ----------------------------------------------------------------------


async def test_a_sound_store_holds(
    projector: asyncpg.Connection, scenarios: list[Scenario]
) -> None:
    found = await check(projector)
    assert found.holds
    assert found.events == await rows(projector, "audit_trail")
    cases = [scenario for scenario in scenarios if scenario.policy]
    assert await rows(projector, "case_register") == len(cases) + 1


ALTERED = {
    "case_register": "UPDATE views.case_register SET stage = 'closed' WHERE stage <> 'closed'",
    "audit_trail": "UPDATE views.audit_trail SET sentence = sentence || ' ' WHERE position = 1",
    "due_list": "UPDATE views.due_list SET due_on = due_on + 1 WHERE rule = 'answer'",
    "clock_plan": "UPDATE views.clock_plan SET version = version + 1",
    "statistics": "UPDATE views.statistics SET subject_id = 'somebody'",
}


@pytest.mark.parametrize("view", ALTERED)
async def test_control_a_view_altered_by_hand_is_noticed_and_mended(
    projector: asyncpg.Connection, view: str
) -> None:
    assert not (await projector.execute(ALTERED[view])).endswith(" 0")
    found = await check(projector)
    assert found.views_differing == (view,)
    assert not found.holds
    assert (await check(projector)).holds


async def test_control_a_measure_that_counts_otherwise_is_noticed(
    projector: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    persons, *others = HEADLINE
    wrong = replace(persons, conditions=["subject_kind = 'cadre'"])  # whatever the outcome
    monkeypatch.setattr(consistency, "HEADLINE", (wrong, *others))
    found = await check(projector)
    assert found.figures_differing == ("tolerated_persons",)
    assert not found.holds


async def test_control_a_view_that_leaves_one_out_is_noticed(
    projector: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    def favourable_only(recorded: Recorded, matter: Aggregate) -> Iterator[Row]:
        return (row for row in views.statistics(recorded, matter) if "no_tolerance" not in row)

    monkeypatch.setitem(VIEWS, "statistics", View("statistics", of_event=favourable_only))
    found = await check(projector)
    assert found.views_differing == ("statistics",)
    assert found.figures_differing == ("not_tolerated",)


async def test_control_a_hole_in_the_log_is_noticed(
    projector: asyncpg.Connection,
    superuser: asyncpg.Connection,
    writer: asyncpg.Connection,
) -> None:
    await superuser.execute("UPDATE log.counter SET last = last + 1")
    await append(writer, lines("新1"))
    found = await check(projector)
    assert not found.dense
    assert not found.holds


async def test_control_a_version_left_out_is_noticed(
    projector: asyncpg.Connection, writer: asyncpg.Connection
) -> None:
    first, _, third = lines("新1", opinions=1)
    await append(writer, [first, third])
    found = await check(projector)
    assert not found.dense
    assert not found.holds


async def test_control_a_parked_matter_is_noticed(
    projector: asyncpg.Connection, writer: asyncpg.Connection
) -> None:
    unknown = Line(case_id("新1"), 3, "tolerance.blessed.v1", b"{}")
    await append(writer, [*lines("新1"), unknown, *lines("新2")])
    follower = Follower(lambda: None)
    await follower._drain(projector)
    found = await check(projector)
    assert (found.parked, found.views_differing, found.figures_differing) == (1, (), ())
    assert not found.holds


async def test_the_figures_are_counted_by_hand_from_events_alone(
    projector: asyncpg.Connection,
) -> None:
    (by_view,) = await count(projector, Question(organ_kind=None), HEADLINE)
    assert all(by_view.values())
    await projector.execute("TRUNCATE views.statistics")
    assert await count_by_hand(projector) == by_view
