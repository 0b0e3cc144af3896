"""Three routes to every figure over random histories: the views, the log read by hand, plain SQL.

The suite takes some histories, of a seed of its own and of one from the clock; the full form, of
20,000 under the first seed, is run by

    RONGCUO_HISTORIES=20000 python -m pytest tests/projections/test_three_routes.py
"""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from random import Random
from typing import Any

import asyncpg
import pytest

from gateway.reports import places
from projections.definitions import EVERY
from projections.follower import Applier, Follower
from projections.statistics import Question, count
from tests.support.databases import SUPERUSER
from tests.support.figures_from_the_log import answer, extract
from tests.support.plain_figures import OF_DETERMINATIONS, Asked, Cells, Ledger, Told
from tests.support.random_histories import load, random_log
from tests.support.writers import Line, append
from workers.addresses import DatabaseAddress
from workers.store import PROJECTOR, READER, WRITER, connect_as

HISTORIES = int(os.environ.get("RONGCUO_HISTORIES", "150"))
SEEDS = [20230706] if "RONGCUO_HISTORIES" in os.environ else [20230706, time.time_ns() % 10**9]
LOADED = 0.8  # of the log, before the writers begin
WRITERS = 4
EVENTS_AN_ACT = 10
ENDED, MOVED = "tolerance.determination-ended.v1", "tolerance.transferred.v1"
MERGED, WITHDRAWN = "identities.merged.v1", "impact.sanction-withdrawn.v1"
OF_FACTS = {each.id for each in EVERY} - {*OF_DETERMINATIONS}


# ---- the questions -----------------------------------------------------------------------------

HUBEI, JINGZHOU, JINGMEN, JIANLI, XIANTAO = "420000", "421000", "420800", "421088", "429004"
TURN_OF_THE_YEAR = {"since": date(2020, 12, 16), "until": date(2021, 1, 15)}
BEFORE_THE_RENAMING = date(2018, 2, 1)


def questions(position: int) -> list[Asked]:
    """Every kind of question there is, of what is known at a position."""
    told = partial(Asked, position)
    return [
        told(),
        told(organ_kind=None),
        told(organ_kind="personnel"),
        told(by=("organ_kind",), organ_kind=None),
        told(by=("region",), organ_kind=None),
        told(region=HUBEI, by=("region",)),
        told(region="42", by=("region",), organ_kind=None),
        told(region=HUBEI, since=date(2022, 1, 1), until=date(2023, 7, 6)),
        told(region=JINGZHOU, by=("region",), organ_kind=None),
        told(region=JINGZHOU, by=("region",), boundaries=date(2019, 1, 1), organ_kind=None),
        told(region=JINGMEN, by=("region", "year"), organ_kind=None),
        told(region=JINGMEN, by=("region",), boundaries=BEFORE_THE_RENAMING, organ_kind=None),
        told(region=JIANLI, by=("year",), organ_kind=None),
        told(region="421023", boundaries=date(2019, 1, 1), organ_kind=None),
        told(region=XIANTAO, organ_kind=None),
        told(by=("year",)),
        told(by=("year",), dated="effective"),
        told(by=("quarter", "track"), organ_kind=None),
        told(by=("month",), **TURN_OF_THE_YEAR, organ_kind=None),
        told(by=("month",), **TURN_OF_THE_YEAR, organ_kind=None, dated="effective"),
        told(by=("outcome", "rank")),
        told(by=("situation",), organ_kind=None),
        told(by=("measure", "outcome"), organ_kind=None),
        told(by=("detail",), organ_kind=None),
        told(by=("policy", "organ_level")),
        told(by=("field",), since=date(2019, 12, 31)),
        told(by=("organ",), until=date(2020, 12, 31)),
        told(by=("year",), only=(("outcome", ("exemption",)),)),
        told(by=("track",), only=(("measure", ("criticism", "circular")),)),
        told(only=(("rank", ("县处级",)), ("organ_level", ("county", "prefecture")))),
        told(by=("outcome",), only=(("situation", ("HB-E1", "WY-C1", "1", "2")),), organ_kind=None),
        told(by=("region",), region=HUBEI, only=(("track", ("both", "ex_officio")),)),
    ]


def of_one_table(asked: Asked) -> list[Any]:
    """The measures that have every breakdown asked about."""
    return [each for each in EVERY if asked.dimensions <= each.source.breakdowns.keys()]


async def by_the_views(reader: asyncpg.Connection, asked: Asked) -> Cells:
    question = Question(
        asked.region,
        asked.since,
        asked.until,
        asked.known_at,
        asked.organ_kind,
        asked.by,
        await places(reader, asked.region, asked.boundaries, asked.known_at),
        only=dict(asked.only),
        dated=asked.dated,
    )
    measures = of_one_table(asked)
    return {
        (*(row[name] for name in asked.by), measure.id): row[measure.name]
        for row in await count(reader, question, measures)
        for measure in measures
        if row[measure.name]
    }


# ---- a log that grew while it was counted ------------------------------------------------------


@dataclass
class Grown:
    """The database of a random log, of which the last part was written while others counted.

    `at`: the position before. `meanwhile`: how the views answered about it, each time anew.
    """

    seed: int
    database: DatabaseAddress
    at: int
    end: int
    meanwhile: list[list[Cells]] = field(default_factory=list)
    reached: list[int] = field(default_factory=list)  # where the log stood each time


async def log_of(connection: asyncpg.Connection) -> list[Told]:
    rows = await connection.fetch(
        "SELECT notification_id, originator_id::text, originator_version, topic, state"
        " FROM log.events ORDER BY notification_id"
    )
    return [Told(*row.values()) for row in rows]


async def grow(seed: int, database: DatabaseAddress) -> Grown:
    lines = random_log(seed, HISTORIES)
    first = int(len(lines) * LOADED)
    async with AsyncExitStack() as connections:

        async def connected(role: str) -> asyncpg.Connection:
            connection = await connect_as(role, database)
            connections.push_async_callback(connection.close)
            return connection

        await load(await connected(SUPERUSER), lines[:first])
        follower = Follower(partial(connect_as, PROJECTOR, database), batch=2_000)
        assert await follower.catch_up() == first
        grown = Grown(seed, database, at=first, end=len(lines))
        writers = [await connected(WRITER) for _ in range(WRITERS)]
        reader = await connected(READER)
        following = asyncio.create_task(follower.run())
        try:
            async with asyncio.TaskGroup() as work:
                shares = _shares(lines[first:])
                writing = [
                    work.create_task(_write(writer, share))
                    for writer, share in zip(writers, shares, strict=True)
                ]
                while not all(each.done() for each in writing):
                    await _count_meanwhile(reader, grown)
            await follower.wait_for(len(lines))
            await _count_meanwhile(reader, grown)
        finally:
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)
    return grown


def _shares(lines: Sequence[Line]) -> list[list[Line]]:
    """One share a writer: whatever happens to a matter is written by one of them, in its order."""
    shares: list[list[Line]] = [[] for _ in range(WRITERS)]
    for line in lines:
        shares[line.matter.int % WRITERS].append(line)
    return shares


async def _write(writer: asyncpg.Connection, lines: Sequence[Line]) -> None:
    for first in range(0, len(lines), EVENTS_AN_ACT):
        await append(writer, lines[first : first + EVENTS_AN_ACT])


async def _count_meanwhile(reader: asyncpg.Connection, grown: Grown) -> None:
    grown.reached.append(await reader.fetchval("SELECT max(notification_id) FROM log.events"))
    grown.meanwhile.append([await by_the_views(reader, each) for each in SOME(grown.at)])


def SOME(position: int) -> list[Asked]:  # noqa: N802
    return questions(position)[::8]


@pytest.fixture(scope="module", params=SEEDS, ids=["fixed", "of the clock"][: len(SEEDS)])
def grown(
    request: pytest.FixtureRequest,
    template_database: DatabaseAddress,
    module_copy: Callable[[DatabaseAddress], DatabaseAddress],
    outside: asyncio.Runner,
) -> Grown:
    return outside.run(grow(request.param, module_copy(template_database)))
