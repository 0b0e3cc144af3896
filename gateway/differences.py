"""What differs between two editions or two instruments, in words an official reads."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from domain.law.policy import Policy

NAMES = {  # what an official calls each part
    "name": "名称",
    "document": "文号",
    "issuer": "制发机关",
    "source": "出处",
    "jurisdiction": "适用地区",
    "in_force": "施行",
    "transition": "过渡规定",
    "tracks": "启动方式",
    "application": "申请",
    "acceptance": "受理",
    "steps": "步骤",
    "six_factors": "六看研判",
    "lists": "清单",
    "public_notice": "公示",
    "deferral": "暂缓认定",
    "permitted": "允许的处理",
    "rectification": "整改",
    "filing": "备案",
    "effects": "免责的效果",
    "deadlines": "期限",
    "ladder": "催办督办",
    "blanks": "来源未载",
}
OWN = ("id", "edition")  # what tells two packs apart is no difference between them
KEYS = ("id", "step", "sanction", "with")  # by which the entries of a list are known


@dataclass(frozen=True)
class Difference:
    """`before` or `after` is None where the part stands in one pack only."""

    where: str
    before: Any
    after: Any

    def __str__(self) -> str:
        if self.before is None:
            return f"{self.where}：新增 {_plain(self.after)}"
        if self.after is None:
            return f"{self.where}：删去 {_plain(self.before)}"
        return f"{self.where}：{_plain(self.before)} → {_plain(self.after)}"


def differences(before: Policy, after: Policy) -> list[Difference]:
    """Every parameter that differs, in the order of the pack."""
    old, new = (each.model_dump(mode="json", by_alias=True) for each in (before, after))
    found = (_compare(NAMES[key], old[key], new[key]) for key in old if key not in OWN)
    return [each for part in found for each in part]


def _compare(where: str, before: Any, after: Any) -> Iterator[Difference]:
    if before == after:
        return
    if isinstance(before, list) and isinstance(after, list):
        before, after = _by_key(before), _by_key(after)
    if isinstance(before, dict) and isinstance(after, dict):
        for key in {**before, **after}:
            yield from _compare(f"{where}·{key}", before.get(key), after.get(key))
    else:
        yield Difference(where, before, after)


def _by_key(entries: list[Any]) -> dict[str, Any]:
    """A list as a mapping by whatever names its entries, so that order alone is no difference."""
    return {_key(entry): entry for entry in entries}


def _key(entry: Any) -> str:
    if isinstance(entry, dict):
        return next((str(entry[key]) for key in KEYS if key in entry), str(entry))
    return str(entry)


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        told = (f"{key} {_plain(each)}" for key, each in value.items() if each is not None)
        return "，".join(told)
    if isinstance(value, list):
        return "、".join(_plain(each) for each in value) or "（空）"
    if isinstance(value, bool):
        return "是" if value else "否"
    return str(value)
