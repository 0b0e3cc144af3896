"""A rebuild shared among processes makes the same views; one that dies leaves the old ones."""

import os
import signal
from concurrent.futures.process import BrokenProcessPool
from itertools import pairwise
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from projections import shares
from projections.consistency import fingerprint
from projections.rebuild import rebuild
from projections.shares import WORTH_SHARING, processes
from projections.views import VIEWS
from workers.addresses import DatabaseAddress
from workers.store import PROJECTOR


@pytest.fixture
def database(played: DatabaseAddress, monkeypatch: pytest.MonkeyPatch) -> DatabaseAddress:
    """The project's scenarios, which are worth sharing for once, among two."""
    monkeypatch.setattr("projections.rebuild.processes", lambda _: 2)
    return played


async def fingerprints(connection: asyncpg.Connection) -> dict[str, str]:
    return {view: await fingerprint(connection, view) for view in VIEWS}


async def test_views_made_by_two_are_those_made_by_one(
    database: DatabaseAddress, projector: asyncpg.Connection
) -> None:
    before, told = await fingerprints(projector), []
    end = await rebuild(
        projector,
        [*VIEWS],
        reach=database.asyncpg(PROJECTOR),
        progress=lambda done, of: told.append((done, of)),
    )
    assert await fingerprints(projector) == before
    assert told[-1] == (end, end)


async def test_a_rebuild_one_of_whose_processes_is_killed_leaves_the_old_views(
    database: DatabaseAddress,
    projector: asyncpg.Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = await fingerprints(projector)
    with monkeypatch.context() as deadly:
        deadly.setattr(shares, "_write", _die)
        with pytest.raises(BrokenProcessPool):
            await rebuild(projector, [*VIEWS], reach=database.asyncpg(PROJECTOR))
    assert await fingerprints(projector) == before
    await rebuild(projector, [*VIEWS], reach=database.asyncpg(PROJECTOR))
    assert await fingerprints(projector) == before


def _die(*_: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.parametrize("among", [1, 2, 3, 7])
def test_every_matter_is_in_one_share(among: int) -> None:
    spans = [*shares._spans(among)]
    assert spans[0][0] == UUID(int=0)
    assert spans[-1][1] == UUID(int=2**128 - 1)
    for (_, last), (first, _) in pairwise(spans):
        assert first.int == last.int + 1


def test_a_short_log_is_not_worth_a_second_process() -> None:
    assert processes(WORTH_SHARING - 1) == 1
    assert processes(WORTH_SHARING) == min(os.cpu_count() or 1, 4)
