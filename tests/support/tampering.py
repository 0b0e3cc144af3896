"""A sealed log, and those who would rewrite it: what they change, and how well they cover it up."""

from collections.abc import Awaitable, Callable, Sequence
from enum import StrEnum
from typing import Final

import asyncpg

from domain.evidence.notes import Checkpoint
from domain.evidence.trees import Head
from workers.sealing.hashers import HASHERS
from workers.sealing.keys import FileSigner, signed
from workers.sealing.sealer import seal
from workers.sealing.tiles import root_at

SHA256: Final = HASHERS["sha256"]
TABLES: Final = ("log.events", "audit.tile", "audit.checkpoint", "audit.cosignature")
MATTERS: Final = 40


async def store(connection: asyncpg.Connection, count: int, after: int = 0) -> None:
    """So many events, in turn of forty matters; as the writer, or as whoever may."""
    await connection.execute(
        "INSERT INTO log.events (originator_id, originator_version, topic, state)"
        " SELECT lpad(to_hex(n % $3::bigint), 32, '0')::uuid, n / $3::bigint + 1,"
        " 'example.happened.v1', convert_to('容错' || n, 'UTF8')"
        " FROM generate_series($1::bigint, $2::bigint - 1) AS n",
        after,
        after + count,
        MATTERS,
    )


async def seal_at(
    connection: asyncpg.Connection, signer: FileSigner, sizes: Sequence[int]
) -> list[Head]:
    """Store and seal up to each of these sizes; the heads."""
    heads, before = [], 0
    for size in sizes:
        await store(connection, size - before, before)
        heads.append((await seal(connection, signer)).head)
        before = size
    return heads


# --- what is done to it -------------------------------------------------------------------------

MOVED: Final = "UPDATE log.events SET notification_id = -notification_id - {by} WHERE {which}"
BACK: Final = "UPDATE log.events SET notification_id = -notification_id WHERE notification_id < 0"


async def renumbered(connection: asyncpg.Connection, by: int, which: str) -> None:
    """Positions moved; by way of negative ones, as they must stay apart."""
    await connection.execute(MOVED.format(by=by, which=which))
    await connection.execute(BACK)


async def alter(connection: asyncpg.Connection, at: int) -> None:
    await connection.execute(
        "UPDATE log.events SET state = state || 'x' WHERE notification_id = $1", at
    )


async def backdate(connection: asyncpg.Connection, at: int) -> None:
    await connection.execute(
        "UPDATE log.events SET recorded_at = recorded_at - interval '1 day'"
        " WHERE notification_id = $1",
        at,
    )


async def delete(connection: asyncpg.Connection, at: int) -> None:
    await connection.execute("DELETE FROM log.events WHERE notification_id = $1", at)
    await renumbered(connection, -1, f"notification_id > {at}")


async def reorder(connection: asyncpg.Connection, at: int) -> None:
    await connection.execute(
        f"UPDATE log.events SET notification_id = -({2 * at + 1} - notification_id)"  # noqa: S608
        f" WHERE notification_id IN ({at}, {at + 1})"
    )
    await connection.execute(BACK)


async def insert(connection: asyncpg.Connection, at: int) -> None:
    await renumbered(connection, 1, f"notification_id >= {at}")
    await connection.execute(
        "INSERT INTO log.events (originator_id, originator_version, topic, state,"
        " notification_id, leaf) VALUES (gen_random_uuid(), 1, 'example.forged.v1', 'x', $1, 'x')",
        at,
    )


async def truncate(connection: asyncpg.Connection, at: int) -> None:
    await connection.execute("DELETE FROM log.events WHERE notification_id >= $1", at)


async def erase_case(connection: asyncpg.Connection, at: int) -> None:
    """Every trace of the matter that has the event at this position."""
    await connection.execute(
        "DELETE FROM log.events WHERE originator_id ="
        " (SELECT originator_id FROM log.events WHERE notification_id = $1)",
        at,
    )
    await connection.execute(
        "UPDATE log.events SET notification_id = -dense.n FROM (SELECT notification_id AS was,"
        " row_number() OVER (ORDER BY notification_id) AS n FROM log.events) AS dense"
        " WHERE notification_id = dense.was"
    )
    await connection.execute(BACK)


async def edit_seal(connection: asyncpg.Connection, at: int) -> None:
    await connection.execute(
        "UPDATE log.events SET leaf = sha256('x') WHERE notification_id = $1", at
    )


async def edit_tile(connection: asyncpg.Connection, at: int) -> None:
    await connection.execute(
        "UPDATE audit.tile SET hashes = overlay(hashes PLACING sha256('x') FROM $2 FOR 32)"
        " WHERE level = 0 AND index = $1",
        (at - 1) // 256,
        (at - 1) % 256 * 32 + 1,
    )


Attack = Callable[[asyncpg.Connection, int], Awaitable[None]]
ON_THE_LOG: Final[tuple[Attack, ...]] = (
    alter,
    backdate,
    delete,
    reorder,
    insert,
    truncate,
    erase_case,
)
ON_THE_SEALS: Final[tuple[Attack, ...]] = (edit_seal, edit_tile)


# --- how well it is covered up ------------------------------------------------------------------


class Attacker(StrEnum):
    """What the attacker has besides the rights of a superuser of the database."""

    NOTHING_MORE = "nothing more"
    OWN_KEY = "a key of his own"  # seals everything anew, and signs it himself
    LOG_KEY = "the key of the log"


async def cover_up(
    connection: asyncpg.Connection, sizes: Sequence[int], signer: FileSigner
) -> None:
    """Make every leaf, tile and checkpoint anew over what the log now is."""
    await connection.execute(
        "UPDATE log.events SET leaf = sha256('\\x00'::bytea || log.frame(notification_id,"
        " originator_id, originator_version, recorded_at, topic, state))"
    )
    end = await connection.fetchval("SELECT coalesce(max(notification_id), 0) FROM log.events")
    for table in TABLES[:0:-1]:
        await connection.execute(f"DELETE FROM {table}")  # noqa: S608 (our own names)
    await seal(connection, signer)
    for size in sizes:
        if size < end:
            head = await root_at(connection, SHA256, size)
            await put_checkpoint(connection, signer, head)


async def put_checkpoint(connection: asyncpg.Connection, signer: FileSigner, head: Head) -> None:
    text = Checkpoint(signer.key.name, head.size, head.root).text
    await connection.execute(
        "INSERT INTO audit.checkpoint (size, root, note) VALUES ($1, $2, $3)"
        " ON CONFLICT (size) DO UPDATE SET root = excluded.root, note = excluded.note",
        head.size,
        head.root,
        str(signed(text, signer)),
    )


# --- and how it is undone, for the next attack ---------------------------------------------------


async def keep(connection: asyncpg.Connection) -> None:
    """Take a copy to undo with, and let nothing stand in the way of an attack."""
    for table in TABLES:
        name = table.partition(".")[2]
        await connection.execute(f"CREATE TEMP TABLE {name}_kept AS TABLE {table}")
        await connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")


async def undo(connection: asyncpg.Connection) -> None:
    for table in TABLES[::-1]:
        await connection.execute(f"DELETE FROM {table}")  # noqa: S608 (our own names)
    for table in TABLES:
        name = table.partition(".")[2]
        await connection.execute(f"INSERT INTO {table} TABLE {name}_kept")
