"""A follower far behind the log makes the views anew up to its end, and then goes on following."""

from functools import partial

import asyncpg
import pytest

from projections.consistency import fingerprint
from projections.follower import Follower
from projections.rebuild import rebuild
from projections.views import VIEWS
from tests.support.writers import append, lines
from workers.addresses import DatabaseAddress
from workers.following import follower_of
from workers.store import PROJECTOR, connect_as


@pytest.fixture
def database(played: DatabaseAddress, monkeypatch: pytest.MonkeyPatch) -> DatabaseAddress:
    """The project's scenarios, which are far to go for once."""
    monkeypatch.setattr("projections.follower.FAR", 100)
    return played


async def held(connection: asyncpg.Connection) -> tuple[int, dict[str, str]]:
    position = await connection.fetchval("SELECT position FROM views.position")
    return position, {view: await fingerprint(connection, view) for view in VIEWS}


async def emptied(projector: asyncpg.Connection) -> None:
    """The views as they were before the first event."""
    tables = ", ".join(f"views.{view}" for view in VIEWS)
    await projector.execute(f"TRUNCATE {tables}, views.parked")
    await projector.execute("UPDATE views.position SET position = 0")


async def test_from_far_behind_a_follower_comes_to_the_same_views(
    database: DatabaseAddress, projector: asyncpg.Connection, writer: asyncpg.Connection
) -> None:
    before = await held(projector)
    await emptied(projector)
    follower = follower_of(database)
    assert await follower.catch_up() == before[0]
    assert await held(projector) == before
    await append(writer, lines("例371", opinions=2))
    assert await follower.catch_up() == before[0] + 4
    assert (await held(projector))[0] == before[0] + 4


async def test_a_follower_leaps_only_from_far_behind(
    database: DatabaseAddress, projector: asyncpg.Connection, writer: asyncpg.Connection
) -> None:
    leaps: list[int] = []

    async def leap(connection: asyncpg.Connection) -> None:
        leaps.append(await rebuild(connection, [*VIEWS], ahead=True))

    follower = Follower(partial(connect_as, PROJECTOR, database), leap=leap)
    await append(writer, lines("例371", opinions=2))
    await follower.catch_up()
    assert leaps == []
    await emptied(projector)
    end = await follower.catch_up()
    assert leaps == [end]


async def test_views_that_stand_together_go_ahead_together(projector: asyncpg.Connection) -> None:
    with pytest.raises(ValueError, match="together"):
        await rebuild(projector, ["facts"], ahead=True)
