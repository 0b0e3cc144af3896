"""Seals the log: reads what was stored, makes its leaves itself, signs how large the tree is now.

It believes neither the database nor the programs that write: what was altered before it came by
does not fit the leaf stored with it; what is altered later, whoever verifies will find.
"""

from dataclasses import dataclass
from typing import Final

import asyncpg

from domain.evidence.frames import Entry
from domain.evidence.notes import Checkpoint
from domain.evidence.trees import Hasher, Head
from workers.sealing.growing import FullTile, GrowingTree, grown
from workers.sealing.hashers import HASHERS
from workers.sealing.keys import Signer, signed
from workers.sealing.tiles import entries

LOCK: Final = 0x726F6E67637504  # one sealer at a time
BATCH: Final = 4_096  # events read at a time
STORED: Final = HASHERS["sha256"]  # what the database makes its leaves with


class SealRefused(Exception):  # noqa: N818
    """The log is not as it was written: nothing is signed over it until somebody has looked."""

    def __init__(self, position: int, what: str) -> None:
        self.position = position
        super().__init__(f"日志第 {position} 号{what}，停止封存")


@dataclass(frozen=True)
class Sealed:
    """How many events a turn has sealed, and the head over all of them."""

    events: int
    head: Head


async def seal(connection: asyncpg.Connection, signer: Signer, hasher: Hasher = STORED) -> Sealed:
    """Seal everything stored so far. Raises SealRefused, and signs nothing then.

    Tiles and checkpoint are stored together. `connection` is the sealer's; only one seals at a
    time, the others wait.
    """
    await connection.execute("SELECT pg_advisory_lock($1)", LOCK)
    try:
        async with connection.transaction():
            last = await last_checkpoint(connection)
            tree = await grown(connection, hasher, last.size if last else 0)
            if last and tree.head != last:
                raise SealRefused(last.size, "以前的树与已签的检查点不符")
            size = tree.head.size
            while batch := await entries(connection, size, size + BATCH):
                _take(tree, batch)
                await _store_tiles(connection, tree.taken())
                size = tree.frontier.size
            head = tree.head
            if last is None or head.size > last.size:
                await _store_checkpoint(connection, signer, head)
        return Sealed(head.size - (last.size if last else 0), head)
    finally:
        await connection.execute("SELECT pg_advisory_unlock($1)", LOCK)


async def last_checkpoint(connection: asyncpg.Connection) -> Head | None:
    row = await connection.fetchrow(
        "SELECT size, root FROM audit.checkpoint ORDER BY size DESC LIMIT 1"
    )
    return Head(row["size"], row["root"]) if row else None


def _take(tree: GrowingTree, batch: list[tuple[Entry, bytes]]) -> None:
    hasher = tree.frontier.hasher
    for entry, stored in batch:
        if entry.position != tree.frontier.size + 1:
            raise SealRefused(tree.frontier.size + 1, "缺失")
        frame = entry.frame
        leaf = STORED.leaf(frame)
        if leaf != stored:
            raise SealRefused(entry.position, "与写入时的封记不符")
        tree.append(leaf if hasher is STORED else hasher.leaf(frame))


async def _store_tiles(connection: asyncpg.Connection, tiles: list[FullTile]) -> None:
    await connection.executemany(
        "INSERT INTO audit.tile (level, index, hashes, root) VALUES ($1, $2, $3, $4)",
        [(each.level, each.index, b"".join(each.hashes), each.root) for each in tiles],
    )


async def _store_checkpoint(connection: asyncpg.Connection, signer: Signer, head: Head) -> None:
    text = Checkpoint(signer.key.name, head.size, head.root).text
    await connection.execute(
        "INSERT INTO audit.checkpoint (size, root, note) VALUES ($1, $2, $3)",
        head.size,
        head.root,
        str(signed(text, signer)),
    )
