"""A witness: remembers how large it has seen each log, and cosigns only what adds to that.

The rules and answers are those of C2SP tlog-witness. What it has seen is on its disk before it
answers; a book that is lost is retired with its key, never begun again under the same name.
"""

import fcntl
import json
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

from domain.evidence.notes import (
    NoteRefused,
    Signature,
    VerifierKey,
    cosignature,
    cosigned,
    decoded,
    encoded,
    opened,
)
from domain.evidence.trees import Hasher, Head, ProofRefused, require_consistency
from workers.sealing.keys import Signer, holds


class WitnessRefused(Exception):  # noqa: N818
    """No cosignature, with the status that tells why; `size` is what the witness has seen."""

    def __init__(self, status: HTTPStatus, what: str, size: int = 0) -> None:
        self.status = status
        self.size = size
        super().__init__(what)


@dataclass(frozen=True)
class WitnessBook:
    """`logs`: the keys of the logs it watches, by name; `folder` keeps what it has seen of each."""

    folder: Path
    signer: Signer
    logs: Mapping[str, VerifierKey]
    hasher: Hasher
    now: Callable[[], float] = time.time

    def add(self, old: int, proof: Sequence[bytes], told: str) -> Signature:
        """Cosign a checkpoint that adds to what was seen. Raises WitnessRefused."""
        origin = told.partition("\n")[0]
        key = self.logs.get(origin)
        if key is None:
            raise WitnessRefused(HTTPStatus.NOT_FOUND, f"不认识日志 {origin}")
        try:
            checkpoint, note = opened(told, key, holds)
        except NoteRefused as refused:
            raise WitnessRefused(HTTPStatus.FORBIDDEN, str(refused)) from None
        new = Head(checkpoint.size, checkpoint.root)
        if old > new.size:
            raise WitnessRefused(HTTPStatus.BAD_REQUEST, "旧的大小大于检查点")
        with self._seen(key) as (seen, keep):
            if old != seen.size:
                raise WitnessRefused(HTTPStatus.CONFLICT, "旧的大小不是所见的", seen.size)
            if new.size == seen.size and new.root != seen.root:
                raise WitnessRefused(HTTPStatus.CONFLICT, "同样大小而根不同", seen.size)
            try:
                require_consistency(self.hasher, seen, new, proof)
            except ProofRefused as refused:
                raise WitnessRefused(HTTPStatus.UNPROCESSABLE_ENTITY, str(refused)) from None
            keep(new, told)
        seconds = int(self.now())
        return cosignature(self.signer.key, seconds, self.signer.sign(cosigned(note.text, seconds)))

    def seen(self, origin: str) -> Head:
        """How large a log was when last it was cosigned."""
        with self._seen(self.logs[origin]) as (seen, _):
            return seen

    @contextmanager
    def _seen(self, key: VerifierKey) -> Iterator[tuple[Head, Callable[[Head, str], None]]]:
        """What was seen of a log, and how to write down more; one at a time."""
        file = self.folder / f"{key.id.hex()}.json"
        lock = os.open(self.folder / f"{key.id.hex()}.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield self._read(file), lambda head, note: _write(file, head, note)
        finally:
            os.close(lock)

    def _read(self, file: Path) -> Head:
        if not file.exists():
            return Head(0, self.hasher.empty())
        kept = json.loads(file.read_text())
        return Head(kept["size"], decoded(kept["root"]))


def _write(file: Path, head: Head, note: str) -> None:
    """On the disk whole or not at all, before anybody is answered."""
    told = json.dumps({"size": head.size, "root": encoded(head.root), "note": note})
    fresh = file.with_suffix(".new")
    with fresh.open("w") as out:
        out.write(told)
        out.flush()
        os.fsync(out.fileno())
    fresh.replace(file)
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
