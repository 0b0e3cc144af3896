"""Verifies the whole log against everything that was ever signed over it, and names what is wrong.

Every event is read and hashed again. Where a hash stored beside it is missing or was changed along
with it, the signed roots still tell between which two checkpoints the log is not what it was.
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final
from uuid import UUID

import asyncpg

from domain.evidence.frames import Entry
from domain.evidence.notes import Note, NoteRefused, Signature, VerifierKey, opened
from domain.evidence.trees import Hasher, Head
from workers.sealing.growing import FullTile, GrowingTree, grown
from workers.sealing.hashers import HASHERS
from workers.sealing.keys import holds
from workers.sealing.tiles import HEIGHT, entries

BATCH: Final = 4_096
STORED: Final = HASHERS["sha256"]
Progress = Callable[[int, int], None]  # events verified, events there are


class Wrong(StrEnum):
    """What can be found; stable names for programs."""

    MISSING = "missing"  # 位置有缺
    VERSION_GAP = "version_gap"  # 案内版本不连续
    ALTERED = "altered"  # 与写入时的封记不符
    TILE_ALTERED = "tile_altered"  # 与封存的树不符
    TILE_MISSING = "tile_missing"  # 封存的树缺了一块
    ROOT_DIFFERS = "root_differs"  # 与签过的检查点不符
    LOG_TOO_SHORT = "log_too_short"  # 比签过的检查点短
    SIGNATURE_FALSE = "signature_false"  # 检查点的签名不符


@dataclass(frozen=True)
class Finding:
    """What is wrong, and where: at a position, or somewhere `after` one and up to it."""

    wrong: Wrong
    position: int
    after: int | None = None
    matter: UUID | None = None
    detail: str = ""


@dataclass(frozen=True)
class Outside:
    """What was signed and is kept elsewhere: by a witness, on an inspector's disk, on paper."""

    head: Head
    told_by: str


@dataclass
class Verified:
    """How the log came out. `covered`: up to where it is the log that outsiders have seen."""

    events: int = 0
    covered: int = 0
    findings: list[Finding] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        return not self.findings


async def verify(
    connection: asyncpg.Connection,
    log_key: VerifierKey,
    *,
    hasher: Hasher = STORED,
    witnesses: Sequence[VerifierKey] = (),
    outside: Sequence[Outside] = (),
    since: int = 0,
    progress: Progress = lambda _done, _all: None,
) -> Verified:
    """Verify the log; findings come in the order of positions.

    `connection` is the auditor's; all is read in one snapshot. `since`: the size of a checkpoint
    that was verified before, whose tree is believed.
    """
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        walk = _Walk(connection, await grown(connection, hasher, since), since)
        walk.known = await _known(connection, log_key, witnesses, outside, walk)
        await walk.begin(since)
        end = await connection.fetchval("SELECT coalesce(max(notification_id), 0) FROM log.events")
        async for batch in _batches(connection, since):
            await walk.take(batch)
            progress(walk.position, end)
        await walk.end()
    walk.found.findings.sort(key=lambda each: each.position)
    return walk.found


async def _batches(
    connection: asyncpg.Connection, since: int
) -> AsyncIterator[list[tuple[Entry, bytes]]]:
    at = since
    while batch := await entries(connection, at, limit=BATCH):
        yield batch
        at = batch[-1][0].position


class _Walk:
    """One pass over the log, event by event."""

    def __init__(self, connection: asyncpg.Connection, tree: GrowingTree, since: int) -> None:
        self._connection = connection
        self._tree = tree
        self._versions: dict[UUID, int] = {}
        self._good = since  # the newest size at which all was as signed
        self.known: Mapping[int, list[Outside]] = {}
        self.position = since
        self.found = Verified()

    async def begin(self, since: int) -> None:
        rows = await self._connection.fetch(
            "SELECT originator_id, max(originator_version) FROM log.events"
            " WHERE notification_id <= $1 GROUP BY 1",
            since,
        )
        self._versions = {UUID(str(matter)): version for matter, version in rows}

    def find(self, wrong: Wrong, position: int, **where: object) -> None:
        self.found.findings.append(Finding(wrong, position, **where))  # type: ignore[arg-type]

    async def take(self, batch: list[tuple[Entry, bytes]]) -> None:
        for entry, stored in batch:
            if entry.position != self.position + 1:
                self.find(Wrong.MISSING, self.position + 1, detail=f"至第 {entry.position - 1} 号")
            self.position = entry.position
            self._one(entry, stored)
        await self._compare(self._tree.taken())

    def _one(self, entry: Entry, stored: bytes) -> None:
        before = self._versions.get(entry.matter_id, 0)
        if entry.version != before + 1:
            self.find(Wrong.VERSION_GAP, entry.position, matter=entry.matter_id)
        self._versions[entry.matter_id] = entry.version
        hasher, frame = self._tree.frontier.hasher, entry.frame
        leaf = STORED.leaf(frame)
        if leaf != stored:
            self.find(Wrong.ALTERED, entry.position, matter=entry.matter_id)
        self._tree.append(leaf if hasher is STORED else hasher.leaf(frame))
        self.found.events += 1
        if signed := self.known.get(self._tree.frontier.size):
            self._hold_against(signed)

    def _hold_against(self, signed: list[Outside]) -> None:
        head = self._tree.head
        others = [each.told_by for each in signed if each.head != head]
        if not others:
            self._good = head.size
        elif not any(each.wrong is Wrong.ROOT_DIFFERS for each in self.found.findings):
            # the first tells all: every later root differs with it
            self.find(Wrong.ROOT_DIFFERS, head.size, after=self._good, detail="、".join(others))

    async def _compare(self, tiles: list[FullTile]) -> None:
        """Hold the tiles just made against those stored; what differs first names a leaf."""
        rows = await self._connection.fetch(
            "SELECT level, index, hashes, root FROM audit.tile JOIN"
            " unnest($1::smallint[], $2::bigint[]) AS wanted (l, i) ON (level, index) = (l, i)",
            [each.level for each in tiles],
            [each.index for each in tiles],
        )
        kept = {(row["level"], row["index"]): row for row in rows}
        for tile in tiles:
            row = kept.get((tile.level, tile.index))
            last = tile.index + 1 << HEIGHT * (tile.level + 1)
            if row is None:
                if last <= max(self.known, default=0):
                    self.find(Wrong.TILE_MISSING, last)
            elif (row["hashes"], row["root"]) != (b"".join(tile.hashes), tile.root):
                self.find(Wrong.TILE_ALTERED, *self._where(tile, row["hashes"]))

    def _where(self, tile: FullTile, kept: bytes) -> tuple[int]:
        size = len(tile.root)
        for place, each in enumerate(tile.hashes):
            if kept[place * size : (place + 1) * size] != each:
                first = tile.index << HEIGHT * (tile.level + 1)
                return (first + (place << HEIGHT * tile.level) + 1,)
        return (tile.index + 1 << HEIGHT * (tile.level + 1),)

    async def end(self) -> None:
        size = self._tree.frontier.size
        for known in sorted(self.known):
            for signed in self.known[known]:
                if known > size:
                    self.find(Wrong.LOG_TOO_SHORT, known, after=size, detail=signed.told_by)
        self.found.covered = self._good


async def _known(
    connection: asyncpg.Connection,
    log_key: VerifierKey,
    witnesses: Sequence[VerifierKey],
    outside: Sequence[Outside],
    walk: _Walk,
) -> dict[int, list[Outside]]:
    """Every head that was signed: here with its cosignatures, and elsewhere."""
    known: dict[int, list[Outside]] = {}
    rows = await connection.fetch("SELECT size, root, note FROM audit.checkpoint ORDER BY size")
    for row in rows:
        try:
            head = _signed_head(row, log_key)
        except NoteRefused as refused:
            walk.find(Wrong.SIGNATURE_FALSE, row["size"], detail=str(refused))
            continue
        known.setdefault(head.size, []).append(Outside(head, log_key.name))
    by_name = {key.name: key for key in witnesses}
    for row in await connection.fetch(
        "SELECT size, note, witness, line FROM audit.cosignature JOIN audit.checkpoint USING (size)"
        " WHERE witness = ANY($1)",
        [*by_name],
    ):
        try:
            _require_cosigned(row, by_name[row["witness"]])
        except NoteRefused as refused:
            walk.find(Wrong.SIGNATURE_FALSE, row["size"], detail=str(refused))
    for each in outside:
        known.setdefault(each.head.size, []).append(each)
    return known


def _signed_head(row: asyncpg.Record, log_key: VerifierKey) -> Head:
    checkpoint, _ = opened(row["note"], log_key, holds)
    if (checkpoint.size, checkpoint.root) != (row["size"], row["root"]):
        raise NoteRefused("检查点与所存的大小、根不同")
    return Head(checkpoint.size, checkpoint.root)


def _require_cosigned(row: asyncpg.Record, key: VerifierKey) -> None:
    note = Note(Note.parse(row["note"]).text, (Signature.parse(row["line"]),))
    if note.signed_by(key, holds) is None:
        raise NoteRefused(f"不是 {key.name} 的签名")
