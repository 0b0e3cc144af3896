"""What a verified bundle proves, for people and for programs."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from domain.evidence.bundles import Verified
from domain.evidence.frames import Entry
from domain.law.calendar import CHINA


def sentences(found: Verified) -> Iterator[str]:
    """Line by line; times are those of Beijing."""
    matter, events = found.entries[0].matter_id, len(found.entries)
    yield f"证据包成立。事项 {matter}，{events} 个事件（北京时间）："
    for each in found.entries:
        at = _moment(each.recorded_at / 1e6)
        yield f"  第 {each.version} 版  日志第 {each.position} 号  {at}  {each.topic}"
    checkpoint = found.checkpoint
    root = checkpoint.root.hex()
    yield f"日志 {checkpoint.origin} 的检查点：{checkpoint.size} 个事件，根 {root}"
    for name, seconds in found.witnesses.items():
        yield f"见证方 {name} 于 {_moment(seconds)} 见过这个检查点"
    if not found.witnesses:
        yield "没有见证：防不住日志的私钥被窃后整部日志被重写"
    taken = _moment(found.heads_taken.recorded_at / 1e6)
    until = f"到日志第 {found.heads.size} 号为止（{taken} 取卷头树）"
    yield f"完整：{until}，本件恰有 {found.covered} 个事件；此后有无别的事件，本包不能证明"


def as_document(found: Verified) -> dict[str, Any]:
    checkpoint = found.checkpoint
    return {
        "matter": found.entries[0].matter_id,
        "log": checkpoint.origin,
        "size": checkpoint.size,
        "root": checkpoint.root.hex(),
        "witnesses": {name: _instant(at) for name, at in found.witnesses.items()},
        "complete_to": found.heads.size,
        "complete_at": _instant(found.heads_taken.recorded_at / 1e6),
        "covered": found.covered,
        "events": [_event(each) for each in found.entries],
    }


def _event(entry: Entry) -> dict[str, Any]:
    return {
        "position": entry.position,
        "version": entry.version,
        "recorded_at": _instant(entry.recorded_at / 1e6),
        "topic": entry.topic,
    }


def _instant(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()


def _moment(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, CHINA):%Y-%m-%d %H:%M:%S}"
