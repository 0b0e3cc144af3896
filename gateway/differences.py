"""What differs between two editions or two instruments, in words an official reads."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from domain.law.policy import Policy
from gateway.files import NAMING
from gateway.pack_words import CODES, NAMES, called, code

OWN = ("id", "edition")  # what tells two packs apart is no difference between them
BY_NAME = (*NAMING, "at")  # by which the entries of a list are known


@dataclass(frozen=True)
class Difference:
    """`before` or `after` is None where the part stands in one pack only."""

    where: str
    before: Any
    after: Any
    key: str = field(default="", compare=False)

    def __str__(self) -> str:
        if self.before is None:
            return f"{self.where}：新增 {_plain(self.after, self.key)}"
        if self.after is None:
            return f"{self.where}：删去 {_plain(self.before, self.key)}"
        return f"{self.where}：{_plain(self.before, self.key)} → {_plain(self.after, self.key)}"


def differences(before: Policy, after: Policy) -> list[Difference]:
    """Every parameter that differs, in the order of the pack."""
    old, new = (each.model_dump(mode="json", by_alias=True) for each in (before, after))
    found = (_compare(NAMES[key], old[key], new[key], key) for key in old if key not in OWN)
    return [each for part in found for each in part]


def _compare(where: str, before: Any, after: Any, key: str) -> Iterator[Difference]:
    if before == after:
        return
    if _entries(before) and _entries(after):
        before, after = _by_name(before), _by_name(after)
    if isinstance(before, dict) and isinstance(after, dict):
        for name in {**before, **after}:
            told = CODES.get(key, {}).get(name) or called(name)
            yield from _compare(f"{where}·{told}", before.get(name), after.get(name), name)
    else:
        yield Difference(where, before, after, key)


def _entries(value: Any) -> bool:
    """Whether this is a list whose entries have names (an empty one is nobody's)."""
    return isinstance(value, list) and all(_name(entry) is not None for entry in value)


def _by_name(entries: list[Any]) -> dict[str, Any]:
    """A list as a mapping by whatever names its entries, so that order alone is no difference."""
    return {_name(entry) or "": entry for entry in entries}


def _name(entry: Any) -> str | None:
    if isinstance(entry, dict):
        return next((str(entry[key]) for key in BY_NAME if key in entry), None)
    return None


def _plain(value: Any, key: str) -> str:
    match value:
        case dict():
            told = (
                f"{called(name)} {_plain(each, name)}"
                for name, each in value.items()
                if each is not None and each != []
            )
            return "，".join(told) or "（空）"
        case list():
            each_told = [_plain(each, key) for each in value]
            between = "；" if any("、" in told for told in each_told) else "、"
            return between.join(each_told) or "（空）"
        case bool():
            return "是" if value else "否"
        case None:
            return "（未载）"
    return code(key, str(value))
