"""The sealer signs over what was written; proofs come from its tiles; what was altered is told."""

from collections.abc import AsyncIterator
from itertools import pairwise
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest

from domain.evidence.notes import opened
from domain.evidence.trees import (
    Frontier,
    Hasher,
    Head,
    consistency_spans,
    inclusion_spans,
    require_consistency,
    require_inclusion,
)
from workers.addresses import DatabaseAddress
from workers.sealing.growing import GrowingTree
from workers.sealing.hashers import HASHERS
from workers.sealing.keys import FileSigner, holds
from workers.sealing.sealer import SealRefused, seal
from workers.sealing.tiles import WIDTH, entries, read_spans, root_at
from workers.store import SEALER, connect_as

SHA256 = HASHERS["sha256"]
MATTER = UUID(int=371)


@pytest.fixture
async def sealer(database: DatabaseAddress) -> AsyncIterator[asyncpg.Connection]:
    connection = await connect_as(SEALER, database)
    yield connection
    await connection.close()


@pytest.fixture
def signer(tmp_path: Path) -> FileSigner:
    return FileSigner.kept_in(tmp_path / "log.key", "rongcuo/test")


async def store(writer: asyncpg.Connection, count: int, after: int = 0) -> None:
    """So many events of one matter, with a word of Chinese in each."""
    await writer.execute(
        "INSERT INTO log.events (originator_id, originator_version, topic, state)"
        " SELECT $1, n, 'example.happened.v1', convert_to('容错' || n, 'UTF8')"
        " FROM generate_series($2::bigint + 1, $2::bigint + $3::bigint) AS n",
        MATTER,
        after,
        count,
    )


async def leaves(connection: asyncpg.Connection, size: int, hasher: Hasher = SHA256) -> list[bytes]:
    return [hasher.leaf(each.frame) for each, _ in await entries(connection, 0, size)]


async def test_the_database_makes_the_leaf_that_we_make(
    writer: asyncpg.Connection, sealer: asyncpg.Connection
) -> None:
    await store(writer, 3)
    stored = await entries(sealer, 0, 3)
    assert [leaf for _, leaf in stored] == [SHA256.leaf(entry.frame) for entry, _ in stored]


@pytest.mark.parametrize("parts", [(1,), (255,), (256,), (257, 1), (300, 212, 1, 700)])
async def test_a_checkpoint_is_signed_over_all_there_is(
    writer: asyncpg.Connection, sealer: asyncpg.Connection, signer: FileSigner, parts: tuple[int]
) -> None:
    size = 0
    for part in parts:
        await store(writer, part, after=size)
        size += part
        sealed = await seal(sealer, signer)
        assert (sealed.events, sealed.head.size) == (part, size)
    note = await sealer.fetchval("SELECT note FROM audit.checkpoint ORDER BY size DESC LIMIT 1")
    checkpoint, _ = opened(note, signer.key, holds)
    root = Frontier.over(SHA256, await leaves(sealer, size)).root()
    assert Head(checkpoint.size, checkpoint.root) == Head(size, root)


async def test_sealing_again_signs_nothing_again(
    writer: asyncpg.Connection, sealer: asyncpg.Connection, signer: FileSigner
) -> None:
    await store(writer, 3)
    await seal(sealer, signer)
    assert (await seal(sealer, signer)).events == 0
    assert await sealer.fetchval("SELECT count(*) FROM audit.checkpoint") == 1


async def test_every_proof_comes_from_the_tiles(
    writer: asyncpg.Connection, sealer: asyncpg.Connection, signer: FileSigner
) -> None:
    sizes = (1, 255, 256, 257, 600, 1_000)
    for before, size in pairwise((0, *sizes)):
        await store(writer, size - before, after=before)
        await seal(sealer, signer)
    leaf = await leaves(sealer, sizes[-1])
    heads = {size: await root_at(sealer, SHA256, size) for size in sizes}
    for new in sizes:
        for index in range(0, new, 37):
            proof = await read_spans(sealer, SHA256, inclusion_spans(index, new), new)
            require_inclusion(SHA256, index, leaf[index], proof, heads[new])
        for old in sizes:
            if old < new:
                proof = await read_spans(sealer, SHA256, consistency_spans(old, new), new)
                require_consistency(SHA256, heads[old], heads[new], proof)


def test_tiles_of_every_level_become_full_in_their_turn() -> None:
    tree = GrowingTree(Frontier(SHA256), [])
    leaf = [SHA256.leaf(bytes([number % 256])) for number in range(2 * WIDTH * WIDTH + 5)]
    for each in leaf:
        tree.append(each)
    tiles = {(each.level, each.index): each for each in tree.taken()}
    assert tiles.keys() == {*((0, index) for index in range(2 * WIDTH)), (1, 0), (1, 1)}
    assert [len(rim) for rim in tree.rims] == [5, 0, 2]
    assert tiles[1, 1].root == Frontier.over(SHA256, leaf[WIDTH * WIDTH : -5]).root()
    assert tree.head == (len(leaf), Frontier.over(SHA256, leaf).root())
    assert tree.taken() == []


async def test_a_log_of_the_national_profile_stands_on_sm3(
    writer: asyncpg.Connection, sealer: asyncpg.Connection, signer: FileSigner
) -> None:
    sm3 = HASHERS["sm3"]
    await store(writer, 300)
    sealed = await seal(sealer, signer, sm3)
    assert sealed.head.root == Frontier.over(sm3, await leaves(sealer, 300, sm3)).root()
    with pytest.raises(SealRefused):  # and goes on only with it
        await seal(sealer, signer)


ALTERED = "ALTER TABLE log.events DISABLE TRIGGER ALL; UPDATE log.events SET {}"


@pytest.mark.parametrize(
    "change",
    [
        "state = 'other' WHERE notification_id = 7",
        "recorded_at = recorded_at - interval '1 day' WHERE notification_id = 7",
        "topic = 'example.other.v1' WHERE notification_id = 7",
        "leaf = sha256('x') WHERE notification_id = 7",
        "notification_id = 11 WHERE notification_id = 7",
    ],
)
async def test_what_was_altered_before_it_was_sealed_stops_the_seal(
    writer: asyncpg.Connection,
    sealer: asyncpg.Connection,
    superuser: asyncpg.Connection,
    signer: FileSigner,
    change: str,
) -> None:
    await store(writer, 10)
    await superuser.execute(ALTERED.format(change))
    with pytest.raises(SealRefused) as refused:
        await seal(sealer, signer)
    assert refused.value.position == 7
    assert await sealer.fetchval("SELECT count(*) FROM audit.checkpoint") == 0


async def test_what_was_altered_in_the_tree_stops_the_next_seal(
    writer: asyncpg.Connection,
    sealer: asyncpg.Connection,
    superuser: asyncpg.Connection,
    signer: FileSigner,
) -> None:
    await store(writer, 300)
    await seal(sealer, signer)
    await superuser.execute(
        "ALTER TABLE audit.tile DISABLE TRIGGER ALL; UPDATE audit.tile SET root = sha256('x')"
    )
    await store(writer, 1, after=300)
    with pytest.raises(SealRefused):
        await seal(sealer, signer)


@pytest.mark.parametrize("table", ["tile", "checkpoint", "cosignature"])
@pytest.mark.parametrize("change", ["DELETE FROM audit.{}", "TRUNCATE audit.{} CASCADE"])
async def test_what_was_sealed_is_never_taken_back(
    superuser: asyncpg.Connection,
    writer: asyncpg.Connection,
    sealer: asyncpg.Connection,
    signer: FileSigner,
    table: str,
    change: str,
) -> None:
    await store(writer, 300)
    await seal(sealer, signer)
    await sealer.execute(
        "INSERT INTO audit.cosignature (size, witness, line) VALUES (300, 'w', 'line')"
    )
    with pytest.raises(asyncpg.PostgresError) as refused:
        await superuser.execute(change.format(table))
    assert refused.value.sqlstate == "RC001"
