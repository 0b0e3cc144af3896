"""One proof for several leaves, and the heads tree: what is last, and what is not there."""

from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256
from itertools import combinations
from random import Random
from uuid import UUID

import pytest

from domain.aggregate import Order
from domain.evidence.heads import (
    Absence,
    Heads,
    HeadsBook,
    HeadsTree,
    StreamHead,
    require_absence,
    require_last,
)
from domain.evidence.trees import (
    Frontier,
    Hasher,
    ProofRefused,
    batch_spans,
    inclusion_spans,
    root_from_batch,
)
from domain.people import SYSTEM

HASHER = Hasher(lambda data: sha256(data).digest())
LEAVES = [HASHER.leaf(bytes([number])) for number in range(40)]


def head(number: int) -> StreamHead:
    return StreamHead(UUID(int=10 * number + 10), number + 1, LEAVES[number])


def tree(size: int) -> HeadsTree:
    return HeadsTree(HASHER, [head(number) for number in range(size)])


def proved(indices: Sequence[int], size: int) -> list[bytes]:
    return [Frontier.over(HASHER, LEAVES[a:b]).root() for a, b in batch_spans(indices, size)]


@pytest.mark.parametrize("size", [*range(1, 10), 16, 17, 31, 40])
def test_one_proof_holds_for_any_leaves_of_a_tree(size: int) -> None:
    root = Frontier.over(HASHER, LEAVES[:size]).root()
    for count in range(1, min(size, 3) + 1):
        for indices in combinations(range(size), count):
            leaves = {each: LEAVES[each] for each in indices}
            assert root_from_batch(HASHER, leaves, size, proved(indices, size)) == root


def test_a_proof_of_all_leaves_is_empty() -> None:
    leaves = dict(enumerate(LEAVES))
    assert root_from_batch(HASHER, leaves, 40, []) == Frontier.over(HASHER, LEAVES).root()


def test_for_one_leaf_it_holds_the_hashes_of_its_inclusion_proof() -> None:
    for size in range(1, 41):
        for index in range(size):
            assert sorted(batch_spans([index], size)) == sorted(inclusion_spans(index, size))


@pytest.mark.parametrize("index", [-1, 40, 41])
def test_a_leaf_outside_the_tree_has_no_proof(index: int) -> None:
    with pytest.raises(ProofRefused):
        root_from_batch(HASHER, {index: LEAVES[0]}, 40, [])


def test_a_proof_with_a_hash_more_or_less_is_refused() -> None:
    proof = proved([3, 17], 40)
    leaves = {3: LEAVES[3], 17: LEAVES[17]}
    for other in (proof[:-1], [*proof, LEAVES[0]], [*proof[:-1], proof[-1][:-1]], []):
        with pytest.raises(ProofRefused):
            root_from_batch(HASHER, leaves, 40, other)


def test_a_proof_for_no_leaf_is_refused() -> None:
    with pytest.raises(ProofRefused):
        root_from_batch(HASHER, {}, 1, [LEAVES[0]])


@pytest.mark.parametrize("size", [*range(1, 10), 33, 40])
def test_every_head_is_proved_to_be_the_last_of_its_stream(size: int) -> None:
    heads = tree(size)
    for each in heads.heads:
        index, proof = heads.inclusion(each.matter_id)
        require_last(HASHER, index, each, proof, heads.head)


def test_an_earlier_event_is_not_the_last() -> None:
    heads = tree(33)
    index, proof = heads.inclusion(head(7).matter_id)
    for other in (head(7)._replace(version=7), head(7)._replace(leaf=LEAVES[6]), head(8)):
        with pytest.raises(ProofRefused):
            require_last(HASHER, index, other, proof, heads.head)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 40])
def test_a_stream_that_is_not_there_is_proved_absent(size: int) -> None:
    heads = tree(size)
    for number in range(10 * size + 15):
        if number % 10:
            require_absence(HASHER, UUID(int=number), heads.absence(UUID(int=number)), heads.head)


def test_a_stream_that_is_there_is_never_proved_absent() -> None:
    heads = tree(9)
    for each in heads.heads:
        with pytest.raises(KeyError):
            heads.absence(each.matter_id)
        for asked in range(105):
            if asked % 10:
                with pytest.raises(ProofRefused):
                    require_absence(
                        HASHER, each.matter_id, heads.absence(UUID(int=asked)), heads.head
                    )


def test_absence_is_not_shown_by_neighbours_that_are_none() -> None:
    heads, asked = tree(9), UUID(int=55)
    for first, second in combinations(range(9), 2):
        beside = (head(first), head(second))
        proof = tuple(
            Frontier.over(HASHER, heads.leaves[a:b]).root()
            for a, b in batch_spans((first, second), 9)
        )
        absence = Absence(first, beside, proof)
        if (first, second) == (4, 5):
            require_absence(HASHER, asked, absence, heads.head)
        else:
            with pytest.raises(ProofRefused):
                require_absence(HASHER, asked, absence, heads.head)


def test_one_neighbour_is_enough_only_at_an_end_of_the_tree() -> None:
    heads = tree(9)
    for index in range(9):
        _, proof = heads.inclusion(head(index).matter_id)
        absence = Absence(index, (head(index),), tuple(proof))
        for asked, at_an_end in ((10 * index + 5, index == 0), (10 * index + 15, index == 8)):
            if at_an_end:
                require_absence(HASHER, UUID(int=asked), absence, heads.head)
            else:
                with pytest.raises(ProofRefused):
                    require_absence(HASHER, UUID(int=asked), absence, heads.head)


def test_the_heads_may_come_in_any_number_and_are_in_order() -> None:
    random = Random(371)  # noqa: S311 (a seed, so that a failure comes again)
    ids = sorted(UUID(int=random.getrandbits(128)) for _ in range(300))
    heads = HeadsTree(HASHER, [StreamHead(each, 1, LEAVES[0]) for each in ids])
    for each in ids:
        index, proof = heads.inclusion(each)
        require_last(HASHER, index, StreamHead(each, 1, LEAVES[0]), proof, heads.head)


# --- as an event -------------------------------------------------------------------------------

NOW = datetime(2026, 11, 22, 1, tzinfo=UTC)
ORDER = Order(key="heads:0", by=SYSTEM, on=NOW.date(), now=NOW)


def taken(size: int) -> Heads:
    return Heads(hash="sha256", size=size, streams=3, root="a" * 64)


def test_heads_are_taken_down_once_for_a_size() -> None:
    book = HeadsBook()
    for size in (7, 7, 5, 9):
        book.take(taken(size), ORDER)
    assert [getattr(each, "heads", None) for each in book.pending] == [taken(7), taken(9)]
