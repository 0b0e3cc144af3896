"""Makes the evidence bundle of one matter, from the log as the auditor may read it."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

import asyncpg

from domain.evidence.bundles import Bundle, BundledEvent, BundledHeads
from domain.evidence.frames import Entry
from domain.evidence.heads import HEADS_BOOK, HeadsTaken
from domain.evidence.notes import Note, Signature
from domain.evidence.trees import Hasher, Head, batch_spans, root_from_batch
from domain.kinds import KINDS
from domain.matter import matter_id
from domain.refusals import Code, Refusal
from domain.registry import read_stored
from domain.tolerance.state import case_id
from workers.sealing.hashers import HASHERS
from workers.sealing.heads import hash_in_use, heads_tree
from workers.sealing.tiles import read_spans

ASKED: Final = "导出证据包"
ENTRIES: Final = """
    SELECT notification_id, originator_id, originator_version,
           (extract(epoch FROM recorded_at) * 1000000)::bigint, topic, state
    FROM log.events WHERE originator_id = $1 ORDER BY originator_version
"""
# a checkpoint that witnesses have seen before one that only the log has signed
CHECKPOINT: Final = """
    SELECT size, root, note, ARRAY(
        SELECT line FROM audit.cosignature AS seen WHERE seen.size = checkpoint.size
        ORDER BY witness
    ) AS lines
    FROM audit.checkpoint WHERE size >= $1
    ORDER BY EXISTS (SELECT FROM audit.cosignature AS seen WHERE seen.size = checkpoint.size) DESC,
             size DESC
    LIMIT 1
"""


class LogDiffers(Exception):  # noqa: N818
    """The log is not what was sealed: no bundle out of it would hold."""


async def export(connection: asyncpg.Connection, asked: str) -> Bundle:
    """The bundle of a matter, told by its number or its id. Raises Refusal and LogDiffers.

    `connection` is the auditor's; all is read in one snapshot.
    """
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        matter, entries = await _matter(connection, asked)
        checkpoint = await connection.fetchrow(CHECKPOINT, entries[-1].position)
        if checkpoint is None:
            raise _not_yet(
                f"第 {entries[-1].version} 版（日志第 {entries[-1].position} 号）还没有封存",
                "请先执行 rongcuo audit seal，再导出",
            )
        name = await hash_in_use(connection)
        if name is None:
            raise LogDiffers("日志的树与最新的检查点不符")
        hasher, head = HASHERS[name], Head(checkpoint["size"], checkpoint["root"])
        taken = await _newest_heads(connection, matter, entries, head.size)
        return Bundle(
            checkpoint=_note(checkpoint["note"], checkpoint["lines"]),
            events=tuple(map(BundledEvent.of, entries)),
            hash=name,
            heads=await _heads(connection, hasher, matter, taken),
            matter=matter,
            proof=await _proof(connection, hasher, [*entries, taken], head),
        )


async def _proof(
    connection: asyncpg.Connection, hasher: Hasher, entries: Sequence[Entry], head: Head
) -> bytes:
    leaves = {each.position - 1: hasher.leaf(each.frame) for each in entries}
    proof = await read_spans(connection, hasher, batch_spans([*leaves], head.size), head.size)
    if root_from_batch(hasher, leaves, head.size, proof) != head.root:
        raise LogDiffers(f"本件的事件与第 {head.size} 号的检查点不符")
    return b"".join(proof)


async def _matter(connection: asyncpg.Connection, asked: str) -> tuple[UUID, list[Entry]]:
    """The one matter of this number, or id, and its events."""
    found = {}
    for candidate in _meant(asked):
        if rows := await connection.fetch(ENTRIES, candidate):
            found[candidate] = [Entry(*row) for row in rows]
    if not found:
        raise Refusal(
            Code.CASE_NOT_FOUND,
            asked=ASKED,
            obstacle=f"没有案号或编号为 {asked} 的案件或事项",
            way_out="请用 rongcuo matter list 核对",
        )
    if len(found) > 1:
        raise Refusal(
            Code.MALFORMED,
            asked=ASKED,
            obstacle=f"编号 {asked} 有 {len(found)} 件事项",
            way_out=f"请写明是哪一件：{'、'.join(map(str, found))}",
        )
    return found.popitem()


def _meant(asked: str) -> list[UUID]:
    try:
        return [UUID(asked)]
    except ValueError:
        return [case_id(asked), *(matter_id(kind, asked) for kind in KINDS)]


async def _newest_heads(
    connection: asyncpg.Connection, matter: UUID, entries: list[Entry], size: int
) -> Entry:
    """The newest heads tree that is sealed with the events, and holds some of them."""
    rows = await connection.fetch(ENTRIES, HEADS_BOOK)
    sealed = [Entry(*row) for row in rows if row["notification_id"] <= size]
    if matter == HEADS_BOOK or not sealed or _size(sealed[-1]) < entries[0].position:
        raise _not_yet(
            "还没有盖过这一件的卷头树",
            "请先执行 rongcuo audit heads 和 rongcuo audit seal，再导出",
        )
    return sealed[-1]


def _size(taken: Entry) -> int:
    return _facts(taken).heads.size


def _facts(taken: Entry) -> HeadsTaken:
    event = read_stored(taken.topic, taken.matter_id, taken.version, taken.state)
    if not isinstance(event, HeadsTaken):
        raise TypeError(f"{taken.topic} stands in the stream of heads")
    return event


async def _heads(
    connection: asyncpg.Connection, hasher: Hasher, matter: UUID, taken: Entry
) -> BundledHeads:
    tree = await heads_tree(connection, hasher, _size(taken))
    if tree.head != _facts(taken).heads.head:
        raise LogDiffers(f"日志第 {taken.position} 号记下的卷头树与日志不符")
    index, proof = tree.inclusion(matter)
    return BundledHeads(entry=BundledEvent.of(taken), index=index, proof=b"".join(proof))


def _note(told: str, lines: list[str]) -> str:
    note = Note.parse(told)
    return str(Note(note.text, (*note.signatures, *map(Signature.parse, lines))))


def _not_yet(obstacle: str, way_out: str) -> Refusal:
    return Refusal(Code.STEP_MISSING, asked=ASKED, obstacle=obstacle, way_out=way_out)
