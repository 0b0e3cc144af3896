"""The store, for those who only read or write it: where it is, and as which role one connects."""

import contextlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import asyncpg

from projections.follower import Follower
from workers.addresses import DatabaseAddress
from workers.embedded_postgres import EmbeddedPostgres
from workers.home import Home, HomeLock, HomeTaken
from workers.migrate import migrate
from workflows.event_store import EventStore

DATABASE = "rongcuo"
WRITER, PROJECTOR, READER = "rongcuo_writer", "rongcuo_projector", "rongcuo_reader"
NOTIFIER, SEALER, AUDITOR = "rongcuo_notifier", "rongcuo_sealer", "rongcuo_auditor"


def open_store(address: DatabaseAddress, role: str = WRITER) -> EventStore:
    """The log as matters; as READER for those who only look."""
    return EventStore(
        host=address.host,
        port=address.port,
        dbname=address.name,
        user=role,
        password=address.password or "",
    )


async def connect_as(role: str, address: DatabaseAddress) -> asyncpg.Connection:
    return await asyncpg.connect(**address.asyncpg(role))


def stack_note(home: Home) -> Path:
    """Where a running stack tells how it is reached."""
    return home.run / "stack.json"


async def prepared(postgres: EmbeddedPostgres) -> DatabaseAddress:
    """Our database on a running cluster, made and migrated where that is still to do."""
    with contextlib.suppress(asyncpg.DuplicateDatabaseError):
        await postgres.create_database(DATABASE)
    address = postgres.address.database(DATABASE)
    await migrate(address)
    return address


@asynccontextmanager
async def database_of(home: Home) -> AsyncIterator[DatabaseAddress]:
    """The database of a home: of the stack running there, or started alone for this block.

    Raises HomeTaken when another command holds the home and runs no stack, StackFault when
    PostgreSQL cannot start.
    """
    lock = HomeLock(home)
    try:
        lock.take()
    except HomeTaken:
        note = stack_note(home)
        if not note.exists():
            raise
        yield DatabaseAddress(**json.loads(note.read_text())["database"])
        return
    try:
        postgres = EmbeddedPostgres(home)
        await postgres.start()
        try:
            address = await prepared(postgres)
            await Follower(partial(connect_as, PROJECTOR, address)).catch_up()
            yield address
        finally:
            await postgres.stop()
    finally:
        lock.release()
