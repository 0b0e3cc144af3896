"""Three routes to every figure over random histories: the views, the log read by hand, plain SQL.

The suite takes some histories, of a seed of its own and of one from the clock; the full form, of
20,000 under the first seed, is run by

    RONGCUO_HISTORIES=20000 python -m pytest tests/projections/test_three_routes.py
"""

import asyncio
import json
import os
import time
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import cast

import asyncpg
import pytest

from projections.follower import Applier, Follower
from projections.views import VIEWS
from tests.support.databases import SUPERUSER
from tests.support.figures_from_the_log import extract
from tests.support.plain_figures import Asked, Cells, Ledger, Told
from tests.support.random_histories import load, random_log
from tests.support.three_routes import COUNTED, Routes, by_the_views, log_of, questions
from tests.support.writers import Line, append
from workers.addresses import DatabaseAddress
from workers.store import PROJECTOR, READER, WRITER, connect_as

HISTORIES = int(os.environ.get("RONGCUO_HISTORIES", "100"))
ALL_OF_THEM = 20_000
FEW = 60  # enough for a control
SEED = 20230706
SEEDS = [SEED] if "RONGCUO_HISTORIES" in os.environ else [SEED, time.time_ns() % 10**9]
LOADED = 0.8  # of the log, before the writers begin
WRITERS = 4
EVENTS_AN_ACT = 10
BATCH = 2_000
DETERMINED, ENDED = "tolerance.determined.v1", "tolerance.determination-ended.v1"
MOVED, MERGED = "tolerance.transferred.v1", "identities.merged.v1"
OF_CASES = {"M1", "M2", "M3", "M4", "M6", "N1", "M21", "M7", "M8", "M8o", "M16", "M18p", "M20r"}
OF_FIGURES = ("statistics", "facts", "determination_ends", "identities")


# ---- a log that grows while it is counted ------------------------------------------------------


@dataclass
class Grown:
    """The database of a random log, the last part of which was written while others counted.

    `at`: the position before. `meanwhile`: how the views answered about it, each time anew, and
    how far the log was by then.
    """

    seed: int
    database: DatabaseAddress
    at: int
    end: int
    meanwhile: list[tuple[int, list[Cells]]] = field(default_factory=list)


async def grow(seed: int, database: DatabaseAddress) -> Grown:
    lines = random_log(seed, HISTORIES)
    at = int(len(lines) * LOADED)
    grown = Grown(seed, database, at, len(lines))
    follower = Follower(partial(connect_as, PROJECTOR, database), batch=BATCH)
    counted = asyncio.Event()
    async with AsyncExitStack() as block:
        reader = await block.enter_async_context(connected(READER, database))
        superuser = await block.enter_async_context(connected(SUPERUSER, database))
        await load(superuser, lines[:at])
        assert await follower.catch_up() == at
        async with following(follower), asyncio.TaskGroup() as work:
            writing = []
            for share in shares(lines[at:]):
                writer = await block.enter_async_context(connected(WRITER, database))
                writing.append(work.create_task(write(writer, share, counted)))
            while not all(each.done() for each in writing):
                await count_meanwhile(reader, grown)
                if grown.meanwhile[-1][0] > at:
                    counted.set()
            await follower.wait_for(len(lines))
            await count_meanwhile(reader, grown)
    return grown


@asynccontextmanager
async def connected(role: str, database: DatabaseAddress) -> AsyncIterator[asyncpg.Connection]:
    connection = await connect_as(role, database)
    try:
        yield connection
    finally:
        await connection.close()


@asynccontextmanager
async def following(follower: Follower) -> AsyncIterator[None]:
    task = asyncio.create_task(follower.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def shares(lines: Sequence[Line]) -> list[list[Line]]:
    """One a writer: whatever happens to a matter is written by one of them, in its order."""
    told: list[list[Line]] = [[] for _ in range(WRITERS)]
    for line in lines:
        told[line.matter.int % WRITERS].append(line)
    return told


async def write(writer: asyncpg.Connection, lines: Sequence[Line], counted: asyncio.Event) -> None:
    """Half of it, and the rest once somebody has counted in between."""
    for first in range(0, len(lines), EVENTS_AN_ACT):
        if first > len(lines) // 2:
            await counted.wait()
        await append(writer, lines[first : first + EVENTS_AN_ACT])


def asked_meanwhile(position: int) -> list[Asked]:
    return questions(position)[1::8]


async def count_meanwhile(reader: asyncpg.Connection, grown: Grown) -> None:
    answers = [await by_the_views(reader, each) for each in asked_meanwhile(grown.at)]
    reached = await reader.fetchval("SELECT position FROM views.position")
    grown.meanwhile.append((reached, answers))


@pytest.fixture(scope="module", params=SEEDS, ids=["fixed seed", "seed of the clock"][: len(SEEDS)])
def grown(
    request: pytest.FixtureRequest,
    template_database: DatabaseAddress,
    module_copy: Callable[[DatabaseAddress], DatabaseAddress],
    outside: asyncio.Runner,
) -> Grown:
    return outside.run(grow(request.param, module_copy(template_database)))


@pytest.fixture
async def log(grown: Grown) -> list[Told]:
    async with connected(READER, grown.database) as reader:
        return await log_of(reader)


@asynccontextmanager
async def routes_of(
    database: DatabaseAddress, *, blind_to: Collection[str] = ()
) -> AsyncIterator[Routes]:
    async with connected(READER, database) as reader, connected(SUPERUSER, database) as superuser:
        await extract(superuser)
        yield Routes(reader, superuser, await log_of(superuser), blind_to)


# ---- they agree --------------------------------------------------------------------------------


async def test_three_routes_agree_in_every_cell_at_every_position(grown: Grown) -> None:
    async with routes_of(grown.database) as routes:
        for position in (grown.end // 3, grown.at, grown.end):
            found = await routes.disagreements(questions(position))
            assert not found, (f"seed {grown.seed}", len(found), found[:20])


async def test_an_answer_about_a_position_stays_while_writers_go_on(
    grown: Grown, log: list[Told]
) -> None:
    ledger = Ledger().read(log[: grown.at])
    by_hand = [ledger.answer(each) for each in asked_meanwhile(grown.at)]
    reached = [each for each, _ in grown.meanwhile]
    assert any(grown.at < each < grown.end for each in reached), (grown.seed, reached)
    assert reached[-1] == grown.end
    for where, answers in grown.meanwhile:
        assert answers == by_hand, f"seed {grown.seed}, the log at {where}"


async def test_the_histories_leave_no_figure_of_tolerance_at_nothing(
    grown: Grown, log: list[Told]
) -> None:
    told = Ledger().read(log).answer(Asked(grown.end, organ_kind=None))
    wanted = OF_CASES if HISTORIES < ALL_OF_THEM else {each.id for each in COUNTED}
    assert wanted <= {measure for (measure,) in told}, (f"seed {grown.seed}", told)


# ---- and would not, were one of them wrong -----------------------------------------------------


@pytest.fixture(scope="module")
def few(
    template_database: DatabaseAddress,
    module_copy: Callable[[DatabaseAddress], DatabaseAddress],
    outside: asyncio.Runner,
) -> DatabaseAddress:
    """The database of a few histories, as the follower leaves it."""
    database = module_copy(template_database)

    async def fill() -> None:
        async with connected(SUPERUSER, database) as superuser:
            await load(superuser, random_log(SEED, FEW))
        await Follower(partial(connect_as, PROJECTOR, database), batch=BATCH).catch_up()

    outside.run(fill())
    return database


def asked_of(routes: Routes) -> list[Asked]:
    return questions(len(routes.log))[:8]


async def test_over_a_few_histories_they_agree(few: DatabaseAddress) -> None:
    async with routes_of(few) as routes:
        assert await routes.disagreements(asked_of(routes)) == []


@pytest.mark.parametrize("topic", [ENDED, MOVED, MERGED])
async def test_a_reader_by_hand_that_passes_over_what_happened_is_found_out(
    few: DatabaseAddress, topic: str
) -> None:
    async with routes_of(few, blind_to=[topic]) as routes:
        assert await routes.disagreements(asked_of(routes))


@pytest.mark.parametrize("topic", [ENDED, MOVED, MERGED])
async def test_sql_that_passes_over_what_happened_is_found_out(
    few: DatabaseAddress, topic: str
) -> None:
    async with routes_of(few) as routes:
        await extract(routes.superuser, blind_to=[topic])
        assert await routes.disagreements(asked_of(routes))


@pytest.mark.parametrize("view", ["determination_ends", "identities", "facts"])
async def test_a_view_that_lacks_its_rows_is_found_out(few: DatabaseAddress, view: str) -> None:
    async with routes_of(few) as routes, connected(PROJECTOR, few) as projector:
        taken_away = projector.transaction()
        await taken_away.start()
        await projector.execute(f"TRUNCATE views.{view}")
        routes.reader = projector  # who alone sees it so
        assert await routes.disagreements(asked_of(routes))
        await taken_away.rollback()


class Twice(Applier):
    """Applies one event to the figures a second time, and counts on from there.

    The audit trail by itself would not take the event again.
    """

    def __init__(self, again: int) -> None:
        super().__init__(views=[VIEWS[name] for name in OF_FIGURES])
        self._again = again

    async def _apply(
        self, connection: asyncpg.Connection, position: int, rows: Sequence[asyncpg.Record]
    ) -> None:
        repeated = [*rows[: self._again], *rows[self._again - 1 :]]
        numbered = [
            {**row, "notification_id": position + number}
            for number, row in enumerate(repeated, start=1)
        ]
        await super()._apply(connection, position, cast("Sequence[asyncpg.Record]", numbered))


def last_that_counts(log: Sequence[Told]) -> int:
    """The position of the latest tolerance of a cadre in a case where nothing was undone."""
    undone = {each.matter for each in log if each.topic == ENDED}
    return max(
        each.position
        for each in log
        if each.topic == DETERMINED
        and each.matter not in undone
        and (told := json.loads(each.state))["outcome"] != "no_tolerance"
        and told["subject"].startswith("p-")
    )


async def test_a_projector_that_applies_one_event_twice_is_found_out(
    database: DatabaseAddress, projector: asyncpg.Connection, superuser: asyncpg.Connection
) -> None:
    lines = random_log(SEED, FEW)
    await load(superuser, lines)
    again = last_that_counts(await log_of(superuser))
    async with projector.transaction():
        await Twice(again).step(projector, limit=len(lines), upto=None)
    async with routes_of(database) as routes:
        found = await routes.disagreements(asked_of(routes))
    assert any("M4：" in each for each in found), found
