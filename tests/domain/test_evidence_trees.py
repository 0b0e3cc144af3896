"""The tree of RFC 9162: the published vectors, and every proof of every tree up to 200 leaves."""

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from hashlib import new as digest_named
from typing import NamedTuple

import pytest

from domain.evidence.trees import (
    Frontier,
    Hasher,
    Head,
    Node,
    ProofRefused,
    consistency_spans,
    hash_of,
    inclusion_spans,
    require_consistency,
    require_inclusion,
)

SHA256 = Hasher(lambda data: digest_named("sha256", data).digest())
SM3 = Hasher(lambda data: digest_named("sm3", data).digest())
LARGEST = 200

# --- the published vectors of transparency-dev/merkle: its proofs, corrupted as it does ---

LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657"]
LEAVES += ["606162636465666768696a6b6c6d6e6f"]
ROOTS = [
    bytes.fromhex(told)
    for told in (
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    )
]
SOME = bytes.fromhex("abacaba000000000000000000000000000000000000000000060061e00123456")
EMPTY = bytes.fromhex("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
A, B, C, D, E, F, G, H = (
    bytes.fromhex(told)
    for told in (
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    )
)
Proof = Sequence[bytes]
INCLUSION: list[tuple[int, int, Proof]] = [  # the leaf, counted from 1, and the size of the tree
    (1, 1, []),
    (1, 8, [A, B, C]),
    (6, 8, [D, E, H]),
    (3, 3, [ROOTS[1]]),
    (2, 5, [ROOTS[0], B, D]),
]
CONSISTENCY: list[tuple[int, int, Proof]] = [
    (1, 1, []),
    (1, 8, [A, B, C]),
    (6, 8, [F, E, H]),
    (2, 5, [B, D]),
    (6, 7, [F, G, H]),
]


class Inclusion(NamedTuple):
    told: str
    good: bool
    at: int
    size: int
    leaf: bytes
    proof: Proof
    root: bytes


class Consistency(NamedTuple):
    told: str
    good: bool
    old: int
    size: int
    proof: Proof
    old_root: bytes
    root: bytes


def flipped(proof: Proof, place: int, bit: int) -> Proof:
    first, *others = proof[place]
    return [*proof[:place], bytes([first ^ bit, *others]), *proof[place + 1 :]]


def inclusion_vectors() -> Iterator[Inclusion]:
    for number, size, proof in INCLUSION:
        leaf, root, i = SHA256.leaf(bytes.fromhex(LEAVES[number - 1])), ROOTS[size - 1], number - 1
        yield Inclusion("as it is", True, i, size, leaf, proof, root)
        for index in (i - 1, i + 1, i ^ 2):
            yield Inclusion("another leaf", False, index, size, leaf, proof, root)
        for other in (size * 2, size // 2):
            yield Inclusion("another size", False, i, other, leaf, proof, root)
        yield Inclusion("wrong leaf", False, i, size, b"WrongLeaf", proof, root)
        for false in (EMPTY, SOME):
            yield Inclusion("another root", False, i, size, leaf, proof, false)
        for longer in ([*proof, b""], [*proof, root], [b"", *proof], [root, *proof]):
            yield Inclusion("one more", False, i, size, leaf, longer, root)
        for place in range(len(proof)):
            yield Inclusion("a bit", False, i, size, leaf, flipped(proof, place, 8), root)
        if proof:
            yield Inclusion("one less", False, i, size, leaf, proof[:-1], root)
        if len(proof) > 1:
            inserted = [proof[0], SOME, *proof[1:]]
            yield Inclusion("one inserted", False, i, size, leaf, inserted, root)


def trivial_vectors() -> Iterator[Inclusion]:
    single = SHA256.leaf(b"data")
    for leaf, root in ((single, single), (b"", single), (single, b""), (b"", b"")):
        yield Inclusion("a single leaf", leaf == root != b"", 0, 1, leaf, [], root)
    for index, size in ((0, 0), (0, 1), (1, 0), (2, 1)):
        for leaf, root in ((SOME, b""), (b"", EMPTY), (SOME, EMPTY)):
            yield Inclusion("no such leaf", False, index, size, leaf, [], root)


def consistency_vectors() -> Iterator[Consistency]:
    one, two = b"don't care 1", b"don't care 2"
    trivial: list[tuple[bool, int, int, bytes, bytes, Proof]] = [
        (False, 0, 0, one, two, []),
        (False, 1, 1, one, two, []),
        (True, 0, 0, one, one, []),
        (True, 0, 1, one, two, []),
        (True, 1, 1, two, two, []),
        (False, 1, 0, one, two, []),
        (False, 2, 1, one, two, []),
        (False, 1, 2, one, two, []),
        (False, 0, 0, EMPTY, two, []),
        (False, 1, 1, EMPTY, two, []),
        (False, 0, 0, EMPTY, EMPTY, [EMPTY]),
        (False, 0, 1, EMPTY, EMPTY, [EMPTY]),
        (False, 1, 1, EMPTY, EMPTY, [EMPTY]),
    ]
    for good, old, size, old_root, root, proof in trivial:
        yield Consistency("without a proof", good, old, size, proof, old_root, root)
    for old, size, proof in CONSISTENCY:
        a, b = ROOTS[old - 1], ROOTS[size - 1]
        yield Consistency("as it is", True, old, size, proof, a, b)
        if not proof:
            continue
        for other in (old - 1, old + 1, old ^ 2):
            yield Consistency("another old size", False, other, size, proof, a, b)
        for other in (size * 2, size // 2):
            yield Consistency("another size", False, old, other, proof, a, b)
        for before, after in ((b"WrongRoot", b), (a, b"WrongRoot"), (b, a)):
            yield Consistency("another root", False, old, size, proof, before, after)
        yield Consistency("no proof", False, old, size, [], a, b)
        for more in (b"", a, b):
            yield Consistency("one more", False, old, size, [*proof, more], a, b)
        for more in (b"", a, b, proof[0]):
            yield Consistency("one before", False, old, size, [more, *proof], a, b)
        yield Consistency("one less", False, old, size, proof[:-1], a, b)
        for place in range(len(proof)):
            yield Consistency("a bit", False, old, size, flipped(proof, place, 16), a, b)


def holds(require: Callable[[], None]) -> bool:
    try:
        require()
    except ProofRefused:
        return False
    return True


def test_the_published_inclusion_vectors_come_out_as_published() -> None:
    vectors = [*inclusion_vectors(), *trivial_vectors()]
    wrong = [
        each
        for each in vectors
        if holds(
            lambda each=each: require_inclusion(  # type: ignore[misc]
                SHA256, each.at, each.leaf, each.proof, Head(each.size, each.root)
            )
        )
        != each.good
    ]
    assert wrong == []
    assert len(vectors) == 98


def test_the_published_consistency_vectors_come_out_as_published() -> None:
    wrong = [
        each
        for each in consistency_vectors()
        if holds(
            lambda each=each: require_consistency(  # type: ignore[misc]
                SHA256, Head(each.old, each.old_root), Head(each.size, each.root), each.proof
            )
        )
        != each.good
    ]
    assert wrong == []


# --- every proof of every tree ------------------------------------------------------------------


def root_by_definition(hasher: Hasher, leaves: Sequence[bytes]) -> bytes:
    """As RFC 9162 2.1.1 defines it, without any of our ways."""
    if not leaves:
        return hasher.digest(b"")
    if len(leaves) == 1:
        return leaves[0]
    middle = 1
    while middle * 2 < len(leaves):
        middle *= 2
    parts = (leaves[:middle], leaves[middle:])
    left, right = (root_by_definition(hasher, part) for part in parts)
    return hasher.digest(b"\x01" + left + right)


@pytest.fixture(scope="module", params=["sha256", "sm3"])
def hasher(request: pytest.FixtureRequest) -> Hasher:
    return {"sha256": SHA256, "sm3": SM3}[request.param]


@pytest.fixture(scope="module")
def leaves(hasher: Hasher) -> list[bytes]:
    return [hasher.leaf(bytes([number])) for number in range(LARGEST)]


@pytest.fixture(scope="module")
def read(hasher: Hasher, leaves: list[bytes]) -> Callable[[Node], bytes]:
    @cache
    def hash_at(node: Node) -> bytes:
        level, index = node
        return root_by_definition(hasher, leaves[index << level : (index + 1) << level])

    return hash_at


@pytest.fixture(scope="module")
def heads(hasher: Hasher, leaves: list[bytes]) -> list[Head]:
    frontier, heads = Frontier(hasher), [Head(0, Frontier(hasher).root())]
    for leaf in leaves:
        frontier.append(leaf)
        heads.append(Head(frontier.size, frontier.root()))
    return heads


def test_every_tree_has_the_root_that_the_standard_defines(
    hasher: Hasher, leaves: list[bytes], heads: list[Head]
) -> None:
    for size in (*range(20), 63, 64, 65, 127, 128, 129, LARGEST):
        assert heads[size] == (size, root_by_definition(hasher, leaves[:size]))


def test_every_leaf_of_every_tree_is_proved_to_be_in_it(
    hasher: Hasher, leaves: list[bytes], heads: list[Head], read: Callable[[Node], bytes]
) -> None:
    for head in heads:
        for index in range(head.size):
            proof = [hash_of(hasher, span, read) for span in inclusion_spans(index, head.size)]
            require_inclusion(hasher, index, leaves[index], proof, head)


def test_every_tree_is_proved_to_add_to_every_smaller_one(
    hasher: Hasher, heads: list[Head], read: Callable[[Node], bytes]
) -> None:
    for new in heads[1:]:
        for old in heads[1 : new.size + 1]:
            proof = [hash_of(hasher, span, read) for span in consistency_spans(old.size, new.size)]
            require_consistency(hasher, old, new, proof)


def test_no_leaf_is_proved_with_the_proof_of_another(
    hasher: Hasher, leaves: list[bytes], heads: list[Head], read: Callable[[Node], bytes]
) -> None:
    head = heads[37]
    for index in range(head.size):
        proof = [hash_of(hasher, span, read) for span in inclusion_spans(index, head.size)]
        for other in {*range(head.size)} - {index}:
            with pytest.raises(ProofRefused):
                require_inclusion(hasher, other, leaves[index], proof, head)


def test_the_tree_of_one_hash_is_refused_by_the_other(heads: list[Head], hasher: Hasher) -> None:
    other = SM3 if hasher is SHA256 else SHA256
    with pytest.raises(ProofRefused):
        require_inclusion(other, 0, other.leaf(b"\x00"), [], heads[1])


@pytest.mark.parametrize(("index", "size"), [(-1, 3), (3, 3), (0, 0)])
def test_there_is_no_proof_of_a_leaf_outside(index: int, size: int) -> None:
    with pytest.raises(ValueError, match="叶子"):
        inclusion_spans(index, size)


@pytest.mark.parametrize(("old", "size"), [(0, 3), (4, 3)])
def test_there_is_no_proof_from_an_empty_or_a_larger_tree(old: int, size: int) -> None:
    with pytest.raises(ValueError, match="不含"):
        consistency_spans(old, size)
