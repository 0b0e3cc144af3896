"""A witness cosigns only what adds to what it has seen, and answers as C2SP tlog-witness has it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from pathlib import Path

import asyncpg
import pytest

from domain.evidence.notes import (
    COSIGNATURE,
    Checkpoint,
    Note,
    NoteRefused,
    VerifierKey,
    witnessed,
)
from domain.evidence.trees import Frontier, Head, consistency_spans, hash_of
from gateway import http_api
from gateway.witness_api import read_request, witness_application
from tests.support.tampering import SHA256, keep, seal_at, store, truncate
from workers.addresses import DatabaseAddress
from workers.sealing.engine import Sealer
from workers.sealing.kept import book_in
from workers.sealing.keys import FileSigner, holds, signed
from workers.sealing.sealer import seal
from workers.sealing.witness_book import WitnessBook, WitnessRefused
from workers.sealing.witnesses import BookWitness, HttpWitness, Witness, collect
from workers.store import SEALER, connect_as

LEAVES = [SHA256.leaf(bytes([number])) for number in range(100)]


def head(size: int) -> Head:
    return Head(size, Frontier.over(SHA256, LEAVES[:size]).root())


def proof(old: int, size: int) -> list[bytes]:
    def read(node: tuple[int, int]) -> bytes:
        level, index = node
        return Frontier.over(SHA256, LEAVES[index << level : index + 1 << level]).root()

    spans = consistency_spans(old, size) if 0 < old < size else []
    return [hash_of(SHA256, span, read) for span in spans]


@pytest.fixture
def signer(tmp_path: Path) -> FileSigner:
    return FileSigner.kept_in(tmp_path / "log.key", "rongcuo/test")


@pytest.fixture
def book(tmp_path: Path, signer: FileSigner) -> WitnessBook:
    return book_in(tmp_path / "witness", signer.key, SHA256)


def note(signer: FileSigner, of: Head) -> str:
    return str(signed(Checkpoint(signer.key.name, of.size, of.root).text, signer))


def refused(book: WitnessBook, old: int, told: str, path: list[bytes]) -> HTTPStatus:
    with pytest.raises(WitnessRefused) as refusal:
        book.add(old, path, told)
    return refusal.value.status


# --- the rules ----------------------------------------------------------------------------------


def test_what_grows_is_cosigned_with_the_time(book: WitnessBook, signer: FileSigner) -> None:
    for old, size in ((0, 3), (3, 3), (3, 64), (64, 100)):
        told = note(signer, head(size))
        line = book.add(old, proof(old, size), told)
        seen = witnessed(Note(Note.parse(told).text, (line,)), [book.signer.key], holds)
        assert seen.keys() == {book.signer.key.name}
        assert book.seen(signer.key.name) == head(size)


def test_another_size_than_the_one_seen_is_answered_with_that(
    book: WitnessBook, signer: FileSigner
) -> None:
    book.add(0, [], note(signer, head(10)))
    with pytest.raises(WitnessRefused) as refusal:
        book.add(5, proof(5, 20), note(signer, head(20)))
    assert (refusal.value.status, refusal.value.size) == (HTTPStatus.CONFLICT, 10)


def test_what_does_not_add_to_it_is_refused(book: WitnessBook, signer: FileSigner) -> None:
    book.add(0, [], note(signer, head(10)))
    other = Head(20, Frontier.over(SHA256, [*LEAVES[:9], *LEAVES[20:31]]).root())
    fork = Head(10, SHA256.leaf(b"another"))
    good = note(signer, head(20))
    assert refused(book, 10, note(signer, other), proof(10, 20)) == HTTPStatus.UNPROCESSABLE_ENTITY
    assert refused(book, 10, good, proof(10, 20)[:-1]) == HTTPStatus.UNPROCESSABLE_ENTITY
    assert refused(book, 10, note(signer, fork), []) == HTTPStatus.CONFLICT
    assert refused(book, 10, note(signer, head(5)), []) == HTTPStatus.BAD_REQUEST
    assert book.seen(signer.key.name) == head(10)


def test_a_log_or_a_signature_it_does_not_know_is_refused(
    book: WitnessBook, signer: FileSigner, tmp_path: Path
) -> None:
    stranger = FileSigner.kept_in(tmp_path / "other.key", "rongcuo/other")
    thief = FileSigner.kept_in(tmp_path / "thief.key", signer.key.name)
    false = note(signer, head(3)).replace("\n3\n", "\n4\n")
    assert refused(book, 0, note(stranger, head(3)), []) == HTTPStatus.NOT_FOUND
    assert refused(book, 0, note(thief, head(3)), []) == HTTPStatus.FORBIDDEN
    assert refused(book, 0, false, []) == HTTPStatus.FORBIDDEN


def test_what_it_has_seen_survives_it(
    book: WitnessBook, signer: FileSigner, tmp_path: Path
) -> None:
    book.add(0, [], note(signer, head(10)))
    again = book_in(tmp_path / "witness", signer.key, SHA256)
    assert again.seen(signer.key.name) == head(10)
    assert again.signer.key == book.signer.key


def test_of_two_forks_asked_at_once_never_both_are_cosigned(
    book: WitnessBook, signer: FileSigner
) -> None:
    async def ask(told: Head) -> bool:
        try:
            await asyncio.to_thread(book.add, 0, [], note(signer, told))
        except WitnessRefused:
            return False
        return True

    async def both() -> list[bool]:
        fork = Head(10, SHA256.leaf(b"another"))
        return await asyncio.gather(*(ask(each) for each in (head(10), fork) * 10))

    assert asyncio.run(both()).count(True) == 1


def test_a_witness_that_writes_after_it_answers_cosigns_a_fork(
    book: WitnessBook, signer: FileSigner, tmp_path: Path
) -> None:
    """The control: it is the book on the disk that keeps a witness honest."""
    book.add(0, [], note(signer, head(10)))
    for kept in (tmp_path / "witness").glob("*.json"):
        kept.unlink()
    book.add(0, [], note(signer, Head(10, SHA256.leaf(b"another"))))


# --- over HTTP, and with a real log ---------------------------------------------------------------


@asynccontextmanager
async def served(book: WitnessBook) -> AsyncIterator[HttpWitness]:
    door = http_api.listening("127.0.0.1", 0)
    url = f"http://127.0.0.1:{door.getsockname()[1]}"
    serving = asyncio.create_task(http_api.serve(witness_application(book), door))
    yield HttpWitness(url, book.signer.key)
    serving.cancel()
    await asyncio.gather(serving, return_exceptions=True)


@pytest.fixture(params=["folder", "http"])
async def witness(request: pytest.FixtureRequest, book: WitnessBook) -> AsyncIterator[Witness]:
    if request.param == "folder":
        yield BookWitness(book)
        return
    async with served(book) as peer:
        yield peer


async def test_every_checkpoint_is_witnessed_from_where_it_was(
    superuser: asyncpg.Connection, signer: FileSigner, witness: Witness, book: WitnessBook
) -> None:
    before = 0
    for size in (3, 300, 301, 600):
        await store(superuser, size - before, before)
        sealed = await seal(superuser, signer)
        assert await collect(superuser, witness, SHA256) == size
        assert await collect(superuser, witness, SHA256) is None
        assert book.seen(signer.key.name) == sealed.head
        before = size


async def test_a_witness_that_knows_more_than_our_books_is_believed(
    superuser: asyncpg.Connection, signer: FileSigner, witness: Witness, book: WitnessBook
) -> None:
    """An acknowledgement may be lost on the way; the witness says how far it is."""
    await seal_at(superuser, signer, (10,))
    told = await superuser.fetchval("SELECT note FROM audit.checkpoint")
    book.add(0, [], told)
    await store(superuser, 5, 10)
    await seal(superuser, signer)
    assert await collect(superuser, witness, SHA256) == 15


async def test_a_restored_backup_is_told_by_the_witness(
    superuser: asyncpg.Connection, signer: FileSigner, witness: Witness
) -> None:
    await seal_at(superuser, signer, (10, 20))
    await collect(superuser, witness, SHA256)
    await keep(superuser)
    await truncate(superuser, 11)
    await superuser.execute(
        "DELETE FROM audit.cosignature; DELETE FROM audit.checkpoint WHERE size > 10"
    )
    with pytest.raises(WitnessRefused, match="旧备份"):
        await collect(superuser, witness, SHA256)
    await superuser.execute("UPDATE log.counter SET last = 10")
    await superuser.execute("ALTER TABLE log.events ENABLE TRIGGER number_event")
    await store(superuser, 15, 10)
    await seal(superuser, signer)
    with pytest.raises(WitnessRefused):  # grown over, and still another tree
        await collect(superuser, witness, SHA256)


async def test_the_engine_seals_and_has_it_witnessed_by_whoever_can_be_reached(
    database: DatabaseAddress, superuser: asyncpg.Connection, signer: FileSigner, book: WitnessBook
) -> None:
    gone = HttpWitness("http://127.0.0.1:9", VerifierKey("gone", COSIGNATURE, bytes(32)))
    sealer = Sealer(
        lambda: connect_as(SEALER, database), signer, (gone, BookWitness(book)), poll=0.05
    )
    running = asyncio.create_task(sealer.run())
    await store(superuser, 7)
    async with asyncio.timeout(20):
        while await superuser.fetchval("SELECT max(size) FROM audit.cosignature") != 7:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"old 1",
        b"old x\n\nnote",
        b"old -1\n\nnote",
        b"new 1\n\nnote",
        b"old 1\nnot base64\n\nnote",
        b"old 1\n\xff\n\nnote",
        b"old 1\n" + b"AAAA\n" * 64 + b"\nnote",
    ],
)
def test_a_misshapen_request_is_refused(body: bytes) -> None:
    with pytest.raises(NoteRefused):
        read_request(body)
