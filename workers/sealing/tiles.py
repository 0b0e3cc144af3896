"""Where the hashes of the tree are kept: full tiles beside the log.

A tile holds the 256 hashes at the levels 0, 8, 16 … of the tree that stand side by side.
What is not a full tile yet is made from the events, or from the roots of the tiles below.
"""

from collections.abc import Iterable, Sequence
from typing import Final

import asyncpg

from domain.evidence.frames import Entry
from domain.evidence.trees import Hasher, Head, Node, Span, hash_of, subtrees

HEIGHT: Final = 8  # levels in a tile
WIDTH: Final = 1 << HEIGHT
NEWEST: Final = 2**63 - 1  # every position there will ever be
Tile = tuple[int, int]  # level, index


def tile_of(node: Node) -> Tile:
    """The tile in which the hashes under a node lie."""
    level, index = node
    return level // HEIGHT, index >> HEIGHT - level % HEIGHT


def within(node: Node) -> slice:
    """Which hashes of its tile lie under a node."""
    level, index = node
    height = level % HEIGHT
    first = (index << height) % WIDTH
    return slice(first, first + (1 << height))


def split(hashes: bytes) -> list[bytes]:
    size = len(hashes) // WIDTH
    return [hashes[at : at + size] for at in range(0, len(hashes), size)]


async def read_spans(
    connection: asyncpg.Connection, hasher: Hasher, spans: Sequence[Span], size: int
) -> list[bytes]:
    """The hash over each span of a tree of this size; KeyError where the log is shorter.

    Call inside one snapshot, or about a size that is sealed.
    """
    nodes = {node for span in spans for node in subtrees(span)}
    tiles = await _tiles(connection, hasher, {tile_of(node) for node in nodes}, size)

    def read(node: Node) -> bytes:
        return over(hasher, tiles[tile_of(node)][within(node)], 1 << node[0] % HEIGHT)

    return [hash_of(hasher, span, read) for span in spans]


async def root_at(connection: asyncpg.Connection, hasher: Hasher, size: int) -> Head:
    """The head of the tree over the first `size` events."""
    if not size:
        return Head(0, hasher.empty())
    (root,) = await read_spans(connection, hasher, [(0, size)], size)
    return Head(size, root)


async def _tiles(
    connection: asyncpg.Connection, hasher: Hasher, wanted: Iterable[Tile], size: int
) -> dict[Tile, list[bytes]]:
    full = [each for each in wanted if is_full(each, size)]
    rows = await connection.fetch(
        "SELECT level, index, hashes FROM audit.tile"
        " JOIN unnest($1::smallint[], $2::bigint[]) AS wanted (l, i) ON (level, index) = (l, i)",
        [level for level, _ in full],
        [index for _, index in full],
    )
    found = {(row["level"], row["index"]): split(row["hashes"]) for row in rows}
    for tile in {*wanted} - found.keys():
        found[tile] = await hashes_in(connection, hasher, tile)
    return found


def is_full(tile: Tile, size: int) -> bool:
    level, index = tile
    return index + 1 << HEIGHT * (level + 1) <= size


async def hashes_in(connection: asyncpg.Connection, hasher: Hasher, tile: Tile) -> list[bytes]:
    """The hashes of a tile as far as there are any, made from what lies below it."""
    level, index = tile
    first, behind = index * WIDTH, (index + 1) * WIDTH
    if level == 0:
        return [hasher.leaf(each.frame) for each, _ in await entries(connection, first, behind)]
    rows = await connection.fetch(
        "SELECT root FROM audit.tile WHERE level = $1 AND index >= $2 AND index < $3"
        " ORDER BY index",
        level - 1,
        first,
        behind,
    )
    return [row["root"] for row in rows]


async def entries(
    connection: asyncpg.Connection, after: int, upto: int = NEWEST, *, limit: int | None = None
) -> list[tuple[Entry, bytes]]:
    """The events behind a position and up to another, each with the leaf stored beside it.

    With `limit` the first so many of them.
    """
    rows = await connection.fetch(
        "SELECT notification_id, originator_id, originator_version,"
        " (extract(epoch FROM recorded_at) * 1000000)::bigint AS recorded_at, topic, state, leaf"
        " FROM log.events WHERE notification_id > $1 AND notification_id <= $2"
        " ORDER BY notification_id LIMIT $3::bigint",
        after,
        upto,
        limit,
    )
    return [(Entry(*each), leaf) for *each, leaf in rows]


def over(hasher: Hasher, hashes: Sequence[bytes], count: int) -> bytes:
    """The hash over so many side by side, a power of two of them."""
    if len(hashes) != count:
        raise KeyError("日志没有这么长，或封存的树缺了一块")
    level = [*hashes]
    while len(level) > 1:
        level = [hasher.node(*pair) for pair in zip(level[::2], level[1::2], strict=True)]
    return level[0]
