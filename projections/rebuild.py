"""Makes views anew from the log: aside, with progress, then swapped in. Equal to the byte."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

import asyncpg

from projections.follower import PLANS_CHANNEL, Applier, HoleInLog
from projections.histories import Histories, passed_over
from projections.rows import View
from projections.schema import ASIDE, LIVE, create_schema, create_table, fingerprint
from projections.shares import Job, processes, write_in_shares
from projections.views import VIEWS

LOCK = 0x726F6E67637503  # one rebuild at a time
LIVE_POSITION = f"SELECT position FROM {LIVE}.position"  # noqa: S608 (our own names)
LOG_END = "SELECT coalesce(max(notification_id), 0) FROM log.events"
Progress = Callable[[int, int], None]  # position reached, position to reach


async def rebuild(
    connection: asyncpg.Connection,
    names: Sequence[str],
    *,
    batch: int = 5_000,
    progress: Progress = lambda _done, _all: None,
    reach: Mapping[str, Any] | None = None,
    ahead: bool = False,
) -> int:
    """Rebuild these views and return the position they hold.

    `connection` is the projector's or its superior's. Readers keep the old tables until the swap;
    the follower is held only while the last few events are applied. Everything or nothing takes
    its place. A second rebuild waits for the first. `reach`: how further processes reach the same
    database, where the log is long enough for them; without it one does all. `ahead`: not only up
    to where the views stand, but to the end of the log; all of them together.
    """
    if ahead and {*names} != {*VIEWS}:
        raise ValueError("views that stand together go ahead together")
    await connection.execute("SELECT pg_advisory_lock($1)", LOCK)
    try:
        upto = LOG_END if ahead else LIVE_POSITION
        return await _rebuild(connection, names, batch, progress, reach=reach, upto=upto)
    finally:
        await connection.execute("SELECT pg_advisory_unlock($1)", LOCK)


async def _rebuild(
    connection: asyncpg.Connection,
    names: Sequence[str],
    batch: int,
    progress: Progress,
    *,
    reach: Mapping[str, Any] | None,
    upto: str,
) -> int:
    await connection.execute(f"DROP SCHEMA IF EXISTS {ASIDE} CASCADE")
    async with connection.transaction():
        await create_schema(connection, ASIDE)
        for name in names:
            await create_table(connection, ASIDE, name)
    views = [VIEWS[name] for name in names]
    aside = Applier(where=ASIDE, views=views)
    position = await connection.fetchval(upto)
    to_read = await _to_read(connection, position, views)
    standing_still = await _standing_still(connection, names)
    among = processes(to_read) if reach else 1

    def told(done: int) -> None:
        progress(done, position)

    if reach and among > 1:
        job = Job(reach, ASIDE, names, position, batch, standing_still)
        await write_in_shares(job, among, told)
    async with connection.transaction():
        await connection.execute(f"SET LOCAL search_path = {ASIDE}")
        if among == 1:
            await Histories(views, position, batch, standing_still).write(connection, told)
        await connection.execute("UPDATE position SET position = $1", position)
    async with connection.transaction():
        end = await connection.fetchval(f"{LIVE_POSITION} FOR UPDATE")  # the follower waits here
        while position < end:
            position = await aside.step(connection, limit=batch, upto=end)
        for name in names:
            await connection.execute(f"""
                DROP TABLE IF EXISTS {LIVE}.{name};
                ALTER TABLE {ASIDE}.{name} SET SCHEMA {LIVE};
                INSERT INTO {LIVE}.made (view, fingerprint)
                VALUES ('{name}', '{fingerprint(name)}')
                ON CONFLICT (view) DO UPDATE SET fingerprint = excluded.fingerprint;
            """)  # noqa: S608 (our own names)
        if set(names) == set(VIEWS):
            await connection.execute(f"""
                DELETE FROM {LIVE}.parked;
                INSERT INTO {LIVE}.parked SELECT * FROM {ASIDE}.parked;
            """)  # noqa: S608 (our own names)
        if position > end:
            await connection.execute(
                f"UPDATE {LIVE}.position SET position = $1",  # noqa: S608 (our own names)
                position,
            )
            await connection.execute(f"NOTIFY {PLANS_CHANNEL}")
        await connection.execute(f"DROP SCHEMA {ASIDE} CASCADE")
    return int(position)


async def _to_read(connection: asyncpg.Connection, end: int, views: Sequence[View]) -> int:
    """How many events are to be read.

    Raises HoleInLog: positions are unique, so as many as the last one leave none out.
    """
    row = await connection.fetchrow(
        "SELECT count(*) AS stored, count(*) FILTER (WHERE topic <> ALL ($2)) AS read"
        " FROM log.events WHERE notification_id <= $1",
        end,
        [*passed_over(views)],
    )
    stored, read = row or (0, 0)
    if stored != end:
        raise HoleInLog(f"日志在第 {end} 号以前只有 {stored} 个事件，不连续，视图留在原处")
    return int(read)


async def _standing_still(connection: asyncpg.Connection, names: Sequence[str]) -> dict[UUID, int]:
    """Parked matters, which stay where they are parked until all views are made anew together."""
    if set(names) == set(VIEWS):
        return {}
    rows = await connection.fetch(f"SELECT matter_id, position FROM {LIVE}.parked")  # noqa: S608
    return {row["matter_id"]: row["position"] for row in rows}
