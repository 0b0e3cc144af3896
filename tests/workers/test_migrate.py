"""A database is brought to its shape in steps: each once, whoever comes first, none edited."""

import asyncio
import shutil
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import asyncpg
import psycopg
import pytest

from projections.consistency import check, fingerprint
from projections.follower import Follower
from projections.views import VIEWS
from tests.support.databases import session
from tests.support.writers import append, lines
from workers import migrate as migrate_module
from workers.addresses import DatabaseAddress
from workers.embedded_postgres import EmbeddedPostgres
from workers.migrate import MigrationFault, migrate
from workers.store import PROJECTOR, WRITER, connect_as

PACKAGED = Path(migrate_module.__file__).parent / "migrations"
STEPS = sorted(file.name for file in PACKAGED.glob("*.sql"))
EVERYTHING = [*STEPS, *(f"视图 {name}" for name in VIEWS)]
numbers = count(1)


@pytest.fixture
def empty(postgres: EmbeddedPostgres, outside: asyncio.Runner) -> Iterator[DatabaseAddress]:
    """A database in which there is nothing yet."""
    address = outside.run(postgres.create_database(f"empty_{next(numbers)}"))
    yield address
    outside.run(postgres.drop_database(address.name))


@pytest.fixture
def steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the packaged steps, which `migrate` now reads, to be edited and added to."""
    folder = tmp_path / "migrations"
    shutil.copytree(PACKAGED, folder)
    monkeypatch.setattr(migrate_module, "files", lambda _: folder)
    return folder


def applied(database: DatabaseAddress) -> list[tuple[Any, ...]]:
    with session(database) as superuser:
        return superuser.execute("SELECT * FROM migrations.applied ORDER BY name").fetchall()


def tables(database: DatabaseAddress) -> list[tuple[Any, ...]]:
    """Every table by its number in the catalogue, which changes when it is made anew."""
    with session(database) as superuser:
        return superuser.execute(
            "SELECT oid, relname FROM pg_class WHERE relnamespace::regnamespace::text IN"
            " ('log', 'views', 'clocks', 'migrations') ORDER BY oid"
        ).fetchall()


async def test_an_empty_database_gets_every_step_and_every_view(empty: DatabaseAddress) -> None:
    assert await migrate(empty) == EVERYTHING
    assert [name for name, *_ in applied(empty)] == STEPS


async def test_a_second_run_finds_nothing_to_do_and_touches_nothing(
    database: DatabaseAddress,
) -> None:
    before = applied(database), tables(database)
    assert await migrate(database) == []
    assert (applied(database), tables(database)) == before


async def test_of_two_at_once_one_does_all_and_the_other_nothing(empty: DatabaseAddress) -> None:
    done = await asyncio.gather(migrate(empty), migrate(empty))
    assert sorted(done) == [[], EVERYTHING]


async def test_control_two_at_once_without_the_lock_run_into_each_other(
    empty: DatabaseAddress, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asyncpg, "connect", without_locks(asyncpg.connect))
    ended = await asyncio.gather(migrate(empty), migrate(empty), return_exceptions=True)
    assert any(isinstance(each, asyncpg.PostgresError) for each in ended), ended


def without_locks(connect: Any) -> Any:
    class Connection:
        def __init__(self, connection: asyncpg.Connection) -> None:
            self._connection = connection

        def __getattr__(self, name: str) -> Any:
            return getattr(self._connection, name)

        async def execute(self, query: str, *values: Any) -> Any:
            if "pg_advisory_" not in query:
                return await self._connection.execute(query, *values)
            return None

    async def connected(**address: Any) -> Connection:
        return Connection(await connect(**address))

    return connected


async def test_a_step_edited_after_it_was_applied_is_refused_by_name_and_nothing_follows(
    database: DatabaseAddress, steps: Path
) -> None:
    edited = steps / STEPS[1]
    edited.write_text(edited.read_text("utf-8") + "\n-- a harmless word\n", "utf-8")
    (steps / "9999_more.sql").write_text("CREATE TABLE log.more (one int)")
    before = applied(database), tables(database)
    with pytest.raises(MigrationFault, match=STEPS[1]):
        await migrate(database)
    assert (applied(database), tables(database)) == before


async def test_a_new_step_alone_is_applied_and_what_was_stored_stays(
    database: DatabaseAddress, steps: Path
) -> None:
    await store_two_events(database)
    (steps / "9999_more.sql").write_text("CREATE TABLE log.more (one int)")
    assert await migrate(database) == ["9999_more.sql"]
    assert await migrate(database) == []
    assert await a_check(database) == 2


@pytest.mark.parametrize(
    "failing",
    [
        pytest.param("SELECT 1 / 0", id="by itself"),
        pytest.param(
            "INSERT INTO migrations.applied VALUES ('9999_more.sql', '')", id="as it is recorded"
        ),
    ],
)
async def test_a_step_that_fails_leaves_nothing_and_is_taken_when_mended(
    database: DatabaseAddress, steps: Path, failing: str
) -> None:
    step = steps / "9999_more.sql"
    step.write_text(f"CREATE TABLE log.more (one int); {failing}")
    before = applied(database), tables(database)
    with pytest.raises(asyncpg.PostgresError):
        await migrate(database)
    assert (applied(database), tables(database)) == before
    step.write_text("CREATE TABLE log.more (one int)")
    assert await migrate(database) == ["9999_more.sql"]


async def test_a_view_of_another_edition_is_made_anew_from_the_log(
    played: DatabaseAddress, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "case_register"
    projector = await connect_as(PROJECTOR, played)
    before = {view: await fingerprint(projector, view) for view in VIEWS}
    await projector.execute(f"UPDATE views.{name} SET stage = 'as the old edition had it'")  # noqa: S608
    monkeypatch.setitem(VIEWS, name, replace(VIEWS[name], edition=VIEWS[name].edition + 1))
    assert await migrate(played) == [f"视图 {name}"]
    assert await migrate(played) == []
    assert {view: await fingerprint(projector, view) for view in VIEWS} == before
    await projector.close()


async def test_a_view_that_was_dropped_is_made_anew_from_the_log(played: DatabaseAddress) -> None:
    projector = await connect_as(PROJECTOR, played)
    before = await fingerprint(projector, "due_list")
    await projector.execute("DROP TABLE views.due_list")
    assert await migrate(played) == ["视图 due_list"]
    assert await fingerprint(projector, "due_list") == before
    await projector.close()


async def test_several_databases_of_one_server_may_be_migrated_at_once(
    postgres: EmbeddedPostgres,
) -> None:
    names = [f"empty_{next(numbers)}" for _ in range(4)]
    addresses = [await postgres.create_database(name) for name in names]
    try:
        done = await asyncio.gather(*(migrate(address) for address in addresses))
    finally:
        for name in names:
            await postgres.drop_database(name)
    assert done == [EVERYTHING] * 4


async def test_the_owner_of_the_log_never_logs_in(database: DatabaseAddress) -> None:
    with pytest.raises(psycopg.OperationalError, match="not permitted to log in"):
        psycopg.connect(database.conninfo("rongcuo_owner"))


async def store_two_events(database: DatabaseAddress) -> None:
    writer = await connect_as(WRITER, database)
    await append(writer, lines())
    await writer.close()
    await Follower(partial(connect_as, PROJECTOR, database)).catch_up()


async def a_check(database: DatabaseAddress) -> int:
    """Check the store, which must hold; answers how many events it has."""
    projector = await connect_as(PROJECTOR, database)
    found = await check(projector)
    await projector.close()
    assert found.holds
    return found.events
