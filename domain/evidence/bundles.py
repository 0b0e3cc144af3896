"""The evidence bundle of one matter: what an inspector takes along and verifies without us.

One file of JSON in its one spelling: keys in order, no space, base64 with its padding. What is
spelt otherwise is refused, and so is a line nobody pinned has signed: no byte goes unverified.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Final, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, PlainValidator, ValidationError

from domain.evidence.frames import Entry
from domain.evidence.heads import HEADS_BOOK, Heads, HeadsTaken, StreamHead, require_last
from domain.evidence.notes import (
    Check,
    Checkpoint,
    Note,
    NoteRefused,
    VerifierKey,
    decoded,
    encoded,
    opened,
    witnessed,
)
from domain.evidence.trees import Hasher, ProofRefused, root_from_batch
from domain.registry import UnknownTopic, read_stored

FORMAT: Final = "rongcuo-bundle/1"
LARGEST = 2**63 - 1


class BundleRefused(ValueError):  # noqa: N818
    """A bundle that is not as it must be, or does not prove what it is said to prove."""


def _unpacked(told: object) -> bytes:
    if isinstance(told, bytes):
        return told
    if not isinstance(told, str):
        raise ValueError("不是 base64")  # noqa: TRY004 (pydantic turns only ValueError into its own)
    return decoded(told)


Packed = Annotated[bytes, PlainValidator(_unpacked), PlainSerializer(encoded)]
Count = Annotated[int, Field(ge=0, le=LARGEST)]
Number = Annotated[int, Field(ge=1, le=LARGEST)]


class _Part(BaseModel):
    """Fields stand in the order of their names: that is how the JSON is written."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class BundledEvent(_Part):
    """As stored; `recorded_at` in microseconds since 1970, UTC."""

    position: Number
    recorded_at: Count
    state: Packed
    topic: str
    version: Number

    @classmethod
    def of(cls, entry: Entry) -> "BundledEvent":
        return cls(
            position=entry.position,
            recorded_at=entry.recorded_at,
            state=entry.state,
            topic=entry.topic,
            version=entry.version,
        )

    def entry(self, matter_id: UUID) -> Entry:
        return Entry(
            self.position, matter_id, self.version, self.recorded_at, self.topic, self.state
        )


class BundledHeads(_Part):
    """The heads tree as it was taken down in the log, and where the matter stands in it."""

    entry: BundledEvent
    index: Count
    proof: Packed


class Bundle(_Part):
    """`proof`: the hashes, one after the other, beside the paths of all events named here."""

    checkpoint: str  # a note with all its signatures
    events: Annotated[tuple[BundledEvent, ...], Field(min_length=1)]
    format: Literal["rongcuo-bundle/1"] = FORMAT
    hash: Annotated[str, Field(pattern="^(sha256|sm3)$")]
    heads: BundledHeads
    matter: UUID
    proof: Packed

    def encode(self) -> bytes:
        return self.model_dump_json().encode()

    @classmethod
    def decode(cls, data: bytes) -> "Bundle":
        """Read what `encode` writes, and only that. Raises BundleRefused."""
        try:
            bundle = cls.model_validate_json(data)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            where = ".".join(map(str, first["loc"])) or "文件"
            raise BundleRefused(f"证据包不合格式：{where}（{first['type']}）") from None
        if bundle.encode() != data:
            raise BundleRefused("证据包没有照规定的写法写")
        return bundle

    @property
    def entries(self) -> tuple[Entry, ...]:
        return tuple(each.entry(self.matter) for each in self.events)


@dataclass(frozen=True)
class Pins:
    """Whom the inspector trusts: the log's key, the witnesses', and how many must have cosigned."""

    log: VerifierKey
    witnesses: tuple[VerifierKey, ...]
    needed: int


@dataclass(frozen=True)
class Verified:
    """What a bundle proves: these are events of the log, and within `heads.size` there are no more.

    `witnesses`: when each saw the checkpoint, in seconds since 1970. `covered`: so many of the
    events lie within `heads.size`; what else there may be after it is not proved.
    """

    checkpoint: Checkpoint
    witnesses: Mapping[str, int]
    entries: tuple[Entry, ...]
    heads: Heads
    heads_taken: Entry
    covered: int


def verify(bundle: Bundle, pins: Pins, hashers: Mapping[str, Hasher], check: Check) -> Verified:
    """Raises BundleRefused for a bundle that does not hold."""
    try:
        return _verified(bundle, pins, hashers[bundle.hash], check)
    except (NoteRefused, ProofRefused) as refused:
        raise BundleRefused(str(refused)) from None


def _verified(bundle: Bundle, pins: Pins, hasher: Hasher, check: Check) -> Verified:
    checkpoint, note = opened(bundle.checkpoint, pins.log, check)
    seen = witnessed(note, pins.witnesses, check)
    _require_known_lines(note, pins)
    if len(seen) < pins.needed:
        raise BundleRefused(f"须有 {pins.needed} 家见证，只有 {len(seen)} 家")
    entries, taken = bundle.entries, bundle.heads.entry.entry(HEADS_BOOK)
    _require_order(entries)
    leaves = {each.position - 1: hasher.leaf(each.frame) for each in (*entries, taken)}
    if len(leaves) != len(entries) + 1:
        raise BundleRefused("卷头树与案件的事件同号")
    root = root_from_batch(hasher, leaves, checkpoint.size, _hashes(hasher, bundle.proof))
    if root != checkpoint.root:
        raise BundleRefused("事件的证明不通向检查点的根")
    heads = _heads_of(taken)
    if heads.hash != bundle.hash or heads.size >= taken.position:
        raise BundleRefused("卷头树与日志不相配")
    covered = [each for each in entries if each.position <= heads.size]
    if not covered:
        raise BundleRefused("卷头树早于本案的第一个事件")
    last = StreamHead(bundle.matter, covered[-1].version, leaves[covered[-1].position - 1])
    beside = _hashes(hasher, bundle.heads.proof)
    require_last(hasher, bundle.heads.index, last, beside, heads.head)
    return Verified(checkpoint, seen, entries, heads, taken, len(covered))


def _require_known_lines(note: Note, pins: Pins) -> None:
    """Each line under the note is that of one pinned key, and none stands there twice."""
    known = {(each.name, each.id) for each in (pins.log, *pins.witnesses)}
    lines = [(each.name, each.key_id) for each in note.signatures]
    for each in lines:
        if each not in known:
            raise BundleRefused(f"检查点上有 {each[0]} 的签名，而没有给出它的公钥")
    if len({*lines}) != len(lines):
        raise BundleRefused("检查点上有重复的签名")


def _require_order(entries: Sequence[Entry]) -> None:
    versions = [each.version for each in entries]
    if versions != [*range(1, len(entries) + 1)]:
        raise BundleRefused("事件的版次不是从 1 起逐一相连")
    positions = [each.position for each in entries]
    if positions != sorted({*positions}):
        raise BundleRefused("事件的位置没有依次递增")


def _heads_of(taken: Entry) -> Heads:
    try:
        event = read_stored(taken.topic, taken.matter_id, taken.version, taken.state)
    except (UnknownTopic, ValidationError):
        event = None
    if not isinstance(event, HeadsTaken):
        raise BundleRefused("所附的不是卷头树")
    return event.heads


def _hashes(hasher: Hasher, joined: bytes) -> list[bytes]:
    width = len(hasher.empty())
    return [joined[at : at + width] for at in range(0, len(joined), width)]
