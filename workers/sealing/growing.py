"""A tree that takes in leaves and says which tiles have become full."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import asyncpg

from domain.evidence.trees import Frontier, Hasher, Head, subtrees
from workers.sealing.tiles import HEIGHT, WIDTH, hashes_in, over


@dataclass(frozen=True)
class FullTile:
    level: int
    index: int
    hashes: Sequence[bytes]
    root: bytes


@dataclass
class GrowingTree:
    """`rims`: of each level of tiles, the hashes in the one that is not full yet."""

    frontier: Frontier
    rims: list[list[bytes]]
    full: list[FullTile] = field(default_factory=list)  # since last they were taken

    @property
    def head(self) -> Head:
        return Head(self.frontier.size, self.frontier.root())

    def append(self, leaf: bytes) -> None:
        self.frontier.append(leaf)
        self._put(0, leaf)

    def _put(self, level: int, each: bytes) -> None:
        if level == len(self.rims):
            self.rims.append([])
        rim = self.rims[level]
        rim.append(each)
        if len(rim) == WIDTH:
            index = (self.frontier.size >> HEIGHT * (level + 1)) - 1
            root = over(self.frontier.hasher, rim, WIDTH)
            self.full.append(FullTile(level, index, rim, root))
            self.rims[level] = []
            self._put(level + 1, root)

    def taken(self) -> list[FullTile]:
        """The tiles that have become full; asked again, only newer ones."""
        full, self.full = self.full, []
        return full


async def grown(connection: asyncpg.Connection, hasher: Hasher, size: int) -> GrowingTree:
    """The tree over the first `size` events, from what is stored of it."""
    rims = []
    for level in range((size.bit_length() + HEIGHT - 1) // HEIGHT):
        beside = size >> HEIGHT * level
        hashes = await hashes_in(connection, hasher, (level, beside >> HEIGHT))
        rims.append(hashes[: beside % WIDTH])
    complete = [
        over(hasher, rim[index << level : index + 1 << level], 1 << level)
        for rim in reversed(rims)
        for level, index in subtrees((0, len(rim)))
    ]
    return GrowingTree(Frontier(hasher, size, complete), rims)
