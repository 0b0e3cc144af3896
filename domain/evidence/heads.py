"""卷头树: of every stream its last event, in order of their ids, under one root kept in the log.

The tree over the log proves that an event is in it; this one, that no later event of a matter was
held back, and that there is no such matter at all.
"""

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, NamedTuple
from uuid import NAMESPACE_URL, UUID, uuid5

from pydantic import Field

from domain.aggregate import Aggregate, Event, Order
from domain.evidence.trees import (
    Frontier,
    Hasher,
    Head,
    ProofRefused,
    batch_spans,
    root_from_batch,
)
from domain.values import Value

HEADS_BOOK: UUID = uuid5(NAMESPACE_URL, "urn:rongcuo:heads")  # the one stream
VERSION = struct.Struct(">q")


class StreamHead(NamedTuple):
    """The last event of a stream: its version, and its leaf in the tree over the log."""

    matter_id: UUID
    version: int
    leaf: bytes

    @property
    def frame(self) -> bytes:
        return self.matter_id.bytes + VERSION.pack(self.version) + self.leaf


class Absence(NamedTuple):
    """Proves that a stream is not in the tree: the heads between which it would stand.

    `first`: the index of the first of them; at either end of the tree there is only one.
    """

    first: int
    beside: tuple[StreamHead, ...]
    proof: tuple[bytes, ...]


@dataclass(frozen=True)
class HeadsTree:
    """The heads as they stood when the log had so many events, ordered by id."""

    hasher: Hasher
    heads: Sequence[StreamHead]

    @cached_property
    def leaves(self) -> list[bytes]:
        return [self.hasher.leaf(each.frame) for each in self.heads]

    @cached_property
    def head(self) -> Head:
        return Head(len(self.leaves), Frontier.over(self.hasher, self.leaves).root())

    def inclusion(self, matter_id: UUID) -> tuple[int, list[bytes]]:
        """The index of a stream and its proof; KeyError where it is not there."""
        index = self._place(matter_id)
        if self.heads[index : index + 1] and self.heads[index].matter_id == matter_id:
            return index, self._proof([index])
        raise KeyError(matter_id)

    def absence(self, matter_id: UUID) -> Absence:
        """That a stream is not there; KeyError where it is. There must be at least one other."""
        index = self._place(matter_id)
        beside = [each for each in (index - 1, index) if 0 <= each < len(self.heads)]
        if any(self.heads[each].matter_id == matter_id for each in beside):
            raise KeyError(matter_id)
        heads = tuple(self.heads[each] for each in beside)
        return Absence(beside[0], heads, tuple(self._proof(beside)))

    def _place(self, matter_id: UUID) -> int:
        """Where a stream stands, or would stand."""
        behind = (at for at, each in enumerate(self.heads) if each.matter_id >= matter_id)
        return next(behind, len(self.heads))

    def _proof(self, indices: Sequence[int]) -> list[bytes]:
        return [
            Frontier.over(self.hasher, self.leaves[begin:end]).root()
            for begin, end in batch_spans(indices, len(self.leaves))
        ]


def require_last(
    hasher: Hasher, index: int, last: StreamHead, proof: Sequence[bytes], head: Head
) -> None:
    """Pass when this is the last event of its stream by the tree. Raises ProofRefused."""
    _require(hasher, {index: last}, proof, head)


def require_absence(hasher: Hasher, matter_id: UUID, absence: Absence, head: Head) -> None:
    """Pass when the tree holds no such stream. Raises ProofRefused."""
    first, beside, proof = absence
    behind = first + len(beside)
    _require(hasher, dict(zip(range(first, behind), beside, strict=True)), proof, head)
    before = [each for each in beside if each.matter_id < matter_id]
    after = [each for each in beside if each.matter_id > matter_id]
    closed = (len(before) == 1 or first == 0) and (len(after) == 1 or behind == head.size)
    if (*before, *after) != beside or not closed:
        raise ProofRefused("所给的两件之间容得下此件")


def _require(
    hasher: Hasher, heads: Mapping[int, StreamHead], proof: Sequence[bytes], head: Head
) -> None:
    leaves = {index: hasher.leaf(each.frame) for index, each in heads.items()}
    if root_from_batch(hasher, leaves, head.size, proof) != head.root:
        raise ProofRefused("证明不通向卷头树的根")


# --- as an event -------------------------------------------------------------------------------


class Heads(Value):
    """A heads tree in brief. `size`: the events of the log it covers; `root` in hexadecimal."""

    hash: str  # sha256 or sm3, that of the log
    size: Annotated[int, Field(ge=1)]
    streams: Annotated[int, Field(ge=1)]
    root: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]

    @property
    def head(self) -> Head:
        return Head(self.streams, bytes.fromhex(self.root))


class HeadsTaken(Event, topic="audit.heads-taken.v1", term="卷头树"):
    """From its own place in the log on, what was there at `heads.size` cannot be told otherwise."""

    heads: Heads


class HeadsBook(Aggregate):
    def __init__(self, id: UUID = HEADS_BOOK) -> None:
        super().__init__(id)
        self.latest: Heads | None = None

    def take(self, heads: Heads, order: Order) -> None:
        """Take down a tree; nothing where one of at least this size is there already."""
        if self.latest is None or heads.size > self.latest.size:
            self.record(HeadsTaken, order, heads=heads)

    def evolve(self, event: Event) -> None:
        if isinstance(event, HeadsTaken):
            self.latest = event.heads
