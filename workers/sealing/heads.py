"""The heads tree read from the log, and taken down in it."""

import asyncio

import asyncpg

from domain.evidence.frames import Entry
from domain.evidence.heads import HEADS_BOOK, Heads, HeadsTree, StreamHead
from domain.evidence.trees import Hasher
from workers.sealing.hashers import HASHERS
from workers.sealing.sealer import last_checkpoint
from workers.sealing.tiles import root_at
from workflows.office import Office

# first which is the last of each stream, from the numbers alone; only then what stands in it
HEADS = """
    WITH last AS (
        SELECT originator_id, max(originator_version) AS originator_version
        FROM log.events WHERE notification_id <= $1 GROUP BY originator_id
    )
    SELECT notification_id, originator_id, originator_version,
           (extract(epoch FROM recorded_at) * 1000000)::bigint, topic, state
    FROM last JOIN log.events USING (originator_id, originator_version)
    ORDER BY originator_id
"""
# what was last written by others: a tree over nothing but the last tree adds nothing
END = "SELECT coalesce(max(notification_id), 0) FROM log.events WHERE originator_id <> $1"
AT_ONCE = 1_000  # rows


async def heads_tree(connection: asyncpg.Connection, hasher: Hasher, size: int) -> HeadsTree:
    """The heads of all streams when the log had so many events."""
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        found = [
            StreamHead(row[1], row[2], hasher.leaf(Entry(*row).frame))
            async for row in connection.cursor(HEADS, size, prefetch=AT_ONCE)
        ]
    return HeadsTree(hasher, found)


async def take_heads(connection: asyncpg.Connection, office: Office, name: str) -> Heads | None:
    """Have the heads taken down as they are now; None where nothing has come since the last time.

    `connection` may read the log; `name` is that of the hash it stands on.
    """
    size = await connection.fetchval(END, HEADS_BOOK)
    if not size:
        return None
    tree = await heads_tree(connection, HASHERS[name], size)
    heads = Heads(hash=name, size=size, streams=tree.head.size, root=tree.head.root.hex())
    taken = await asyncio.to_thread(office.take_heads, heads)
    return heads if taken else None


async def hash_in_use(connection: asyncpg.Connection) -> str | None:
    """The hash by which the newest checkpoint is the root of the log; None where there is none."""
    last = await last_checkpoint(connection)
    for name, hasher in HASHERS.items():
        if last and await root_at(connection, hasher, last.size) == last:
            return name
    return None
