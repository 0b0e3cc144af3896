"""The Merkle tree of RFC 9162 over a log that only grows: its roots, and proofs about them.

A tree is known by its complete subtrees: (level, index) is the one over the 2**level leaves from
index * 2**level on. Whoever keeps their hashes hands over `read`.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import reduce
from typing import NamedTuple, Self

Hash = Callable[[bytes], bytes]  # SHA-256 or SM3: the digest of some bytes
Node = tuple[int, int]  # level, index
Span = tuple[int, int]  # leaves from the first on, up to and without the second


class Head(NamedTuple):
    """A tree as it stood at some size."""

    size: int
    root: bytes


class ProofRefused(ValueError):  # noqa: N818
    """A proof that does not prove what it is said to prove."""


@dataclass(frozen=True)
class Hasher:
    """Leaves and nodes are told apart by their first byte, so that none can pass for the other."""

    digest: Hash

    def leaf(self, data: bytes) -> bytes:
        return self.digest(b"\x00" + data)

    def node(self, left: bytes, right: bytes) -> bytes:
        return self.digest(b"\x01" + left + right)

    def empty(self) -> bytes:
        """The root of a tree without leaves."""
        return self.digest(b"")

    def joined(self, subtrees: Sequence[bytes]) -> bytes:
        """The root over complete subtrees that lie side by side, the larger to the left."""
        *others, last = subtrees
        return reduce(lambda right, left: self.node(left, right), reversed(others), last)


@dataclass
class Frontier:
    """The complete subtrees of a growing tree, the largest first: all that appending needs."""

    hasher: Hasher
    size: int = 0
    subtrees: list[bytes] = field(default_factory=list)

    def append(self, leaf: bytes) -> None:
        """Take in one leaf hash."""
        self.subtrees.append(leaf)
        self.size += 1
        size = self.size
        while size % 2 == 0:
            right, left = self.subtrees.pop(), self.subtrees.pop()
            self.subtrees.append(self.hasher.node(left, right))
            size //= 2

    def root(self) -> bytes:
        return self.hasher.joined(self.subtrees) if self.subtrees else self.hasher.empty()

    @classmethod
    def over(cls, hasher: Hasher, leaves: Sequence[bytes]) -> Self:
        frontier = cls(hasher)
        for each in leaves:
            frontier.append(each)
        return frontier


# --- which subtrees make up what ---------------------------------------------------------------


def subtrees(span: Span) -> Iterator[Node]:
    """The complete subtrees that make up a span of leaves, from left to right."""
    begin, end = span
    while begin < end:
        level = (begin & -begin).bit_length() - 1 if begin else end.bit_length() - 1
        while begin + (1 << level) > end:
            level -= 1
        yield level, begin >> level
        begin += 1 << level


def inclusion_spans(index: int, size: int) -> list[Span]:
    """What stands beside the path from a leaf up to the root; ValueError for a leaf outside."""
    if not 0 <= index < size:
        raise ValueError(f"没有第 {index} 片叶子：树有 {size} 片")
    spans: list[Span] = []
    begin, end = 0, size
    while end - begin > 1:
        middle = begin + _split(end - begin)
        if index < middle:
            spans.append((middle, end))
            end = middle
        else:
            spans.append((begin, middle))
            begin = middle
    return spans[::-1]


def consistency_spans(old: int, size: int) -> list[Span]:
    """What leads from the root at `old` leaves to that at `size`. Raises ValueError."""
    if not 0 < old <= size:
        raise ValueError(f"{size} 片的树不含 {old} 片的树")
    spans: list[Span] = []
    begin, end = 0, size
    while end != old:
        middle = begin + _split(end - begin)
        if old <= middle:
            spans.append((middle, end))
            end = middle
        else:
            spans.append((begin, middle))
            begin = middle
    if begin:  # else it is the old root itself, which the verifier has
        spans.append((begin, end))
    return spans[::-1]


def _split(size: int) -> int:
    """The largest power of two below a size."""
    return 1 << (size - 1).bit_length() - 1


def hash_of(hasher: Hasher, span: Span, read: Callable[[Node], bytes]) -> bytes:
    """The hash over a span that is a subtree of some tree."""
    return hasher.joined([read(node) for node in subtrees(span)])


# --- what a verifier does ----------------------------------------------------------------------


def root_from_inclusion(
    hasher: Hasher, index: int, size: int, leaf: bytes, proof: Sequence[bytes]
) -> bytes:
    """The root that a leaf hash and its proof lead to. Raises ProofRefused for a misshapen one."""
    if not 0 <= index < size:
        raise ProofRefused(f"没有第 {index} 片叶子：树有 {size} 片")
    inner = (index ^ (size - 1)).bit_length()
    border = (index >> inner).bit_count()
    if len(proof) != inner + border:
        raise ProofRefused(f"包含证明应有 {inner + border} 项，实有 {len(proof)} 项")
    _require_hashes(hasher, leaf, *proof)
    found = leaf
    for level, beside in enumerate(proof[:inner]):
        left = index >> level & 1
        found = hasher.node(beside, found) if left else hasher.node(found, beside)
    for beside in proof[inner:]:
        found = hasher.node(beside, found)
    return found


def require_inclusion(
    hasher: Hasher, index: int, leaf: bytes, proof: Sequence[bytes], head: Head
) -> None:
    """Pass when the leaf stands at `index` in the tree with this head. Raises ProofRefused."""
    if root_from_inclusion(hasher, index, head.size, leaf, proof) != head.root:
        raise ProofRefused(f"第 {index} 片叶子的证明不通向所给的根")


def require_consistency(hasher: Hasher, old: Head, new: Head, proof: Sequence[bytes]) -> None:
    """Pass when the new tree only adds to the old one. Raises ProofRefused."""
    if not 0 < old.size < new.size:
        _require_without_proof(old, new, proof)
        return
    aligned = (old.size & -old.size).bit_length() - 1
    index = old.size - 1 >> aligned
    inner = (index ^ (new.size - 1 >> aligned)).bit_length()
    border = (index >> inner).bit_count()
    complete = old.size == 1 << aligned  # the old tree is one subtree: its root is not sent
    if len(proof) != inner + border + (not complete):
        raise ProofRefused(f"一致性证明的项数不对：{len(proof)}")
    _require_hashes(hasher, *proof)
    first, *beside = (old.root, *proof) if complete else proof
    before = after = first
    for level, each in enumerate(beside):
        if level >= inner or index >> level & 1:
            before, after = hasher.node(each, before), hasher.node(each, after)
        else:
            after = hasher.node(after, each)
    if before != old.root:
        raise ProofRefused("证明不通向旧的根")
    if after != new.root:
        raise ProofRefused("证明不通向新的根")


def _require_without_proof(old: Head, new: Head, proof: Sequence[bytes]) -> None:
    """What needs none: an empty tree, which every tree adds to, and the same tree."""
    if not 0 <= old.size <= new.size:
        raise ProofRefused(f"{new.size} 片的树不含 {old.size} 片的树")
    if proof:
        raise ProofRefused("大小相同或从空树起的，不应有证明")
    if old.size == new.size and old.root != new.root:
        raise ProofRefused("同样大小而根不同")


def _require_hashes(hasher: Hasher, *told: bytes) -> None:
    if any(len(each) != len(hasher.empty()) for each in told):
        raise ProofRefused("有一项不是哈希")
