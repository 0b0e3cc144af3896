"""Asking witnesses: a book in another place, or a peer over HTTP, and keeping what they signed."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Protocol

import asyncpg
import httpx2 as httpx

from domain.evidence.notes import Note, NoteRefused, Signature, VerifierKey, encoded
from domain.evidence.trees import Hasher, consistency_spans
from workers.sealing.keys import holds
from workers.sealing.tiles import read_spans
from workers.sealing.witness_book import WitnessBook, WitnessRefused

PATIENCE = 10.0  # seconds


class Witness(Protocol):
    @property
    def key(self) -> VerifierKey: ...

    async def add(self, old: int, proof: Sequence[bytes], note: str) -> Signature:
        """Its cosignature. Raises WitnessRefused, and OSError where it cannot be asked."""
        ...


@dataclass(frozen=True)
class BookWitness:
    """A book we reach as a folder: another machine's disk, or at least another disk."""

    book: WitnessBook

    @property
    def key(self) -> VerifierKey:
        return self.book.signer.key

    async def add(self, old: int, proof: Sequence[bytes], note: str) -> Signature:
        return await asyncio.to_thread(self.book.add, old, proof, note)


@dataclass(frozen=True)
class HttpWitness:
    """A peer that answers `POST …/add-checkpoint`."""

    url: str
    key: VerifierKey

    async def add(self, old: int, proof: Sequence[bytes], note: str) -> Signature:
        body = "".join(f"{line}\n" for line in (f"old {old}", *map(encoded, proof), "")) + note
        try:
            async with httpx.AsyncClient(timeout=PATIENCE) as client:
                answer = await client.post(f"{self.url.rstrip('/')}/add-checkpoint", content=body)
        except httpx.HTTPError as error:
            raise OSError(f"见证方 {self.key.name} 无法联系：{type(error).__name__}") from None
        if answer.status_code != HTTPStatus.OK:
            size = int(answer.text) if answer.text.strip().isdecimal() else 0
            raise WitnessRefused(HTTPStatus(answer.status_code), "见证方拒绝", size)
        try:
            lines = [Signature.parse(line) for line in answer.text.splitlines()]
        except NoteRefused as refused:
            raise OSError(f"见证方 {self.key.name} 的答复不合格式：{refused}") from None
        return next(each for each in lines if each.key_id == self.key.id)


async def collect(connection: asyncpg.Connection, witness: Witness, hasher: Hasher) -> int | None:
    """Have the newest checkpoint cosigned, and keep the line: its size, None with nothing to do.

    Raises WitnessRefused, OSError, and NoteRefused for a cosignature that does not hold.
    """
    newest = await connection.fetchrow(
        "SELECT size, note FROM audit.checkpoint ORDER BY size DESC LIMIT 1"
    )
    seen = await connection.fetchval(
        "SELECT coalesce(max(size), 0) FROM audit.cosignature WHERE witness = $1", witness.key.name
    )
    if newest is None or seen == newest["size"]:
        return None
    size, note = newest["size"], newest["note"]

    async def ask(old: int) -> Signature:
        if old > size:
            behind = "见证方见过更大的日志：本库可能是旧备份"
            raise WitnessRefused(HTTPStatus.CONFLICT, behind, old)
        spans = consistency_spans(old, size) if 0 < old < size else []
        return await witness.add(old, await read_spans(connection, hasher, spans, size), note)

    try:
        line = await ask(seen)
    except WitnessRefused as refused:
        if refused.status != HTTPStatus.CONFLICT or refused.size == seen:
            raise  # it has seen another tree: not for us to explain away
        line = await ask(refused.size)
    signed_by = Note(Note.parse(note).text, (line,)).signed_by(witness.key, holds)
    if signed_by is None:
        raise NoteRefused(f"{witness.key.name} 签的不是它的名字")
    await connection.execute(
        "INSERT INTO audit.cosignature (size, witness, line) VALUES ($1, $2, $3)"
        " ON CONFLICT DO NOTHING",
        size,
        witness.key.name,
        str(line),
    )
    return int(size)
