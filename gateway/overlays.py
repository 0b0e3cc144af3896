"""A pack over its parent: the child's file writes only what differs, and the rest is inherited.

Merging is done on the YAML itself, so that a fault in what the child wrote is still told with its
line. Mappings merge key by key; a list whose entries have a naming key merges by that key, in the
parent's order, what is new at the end; anything else the child writes replaces what it inherits.
"""

from collections.abc import Iterator

import yaml

from domain.law.policy import Step
from gateway.files import (
    Fault,
    RulebookFault,
    Source,
    entry_value,
    name_by,
    named_in,
    naming_of,
)

OWN = (  # what every pack says of itself, and never inherits
    "id",
    "edition",
    "name",
    "document",
    "issuer",
    "source",
    "parent",
    "overrides",
    "jurisdiction",
    "in_force",
)
DROPPED = "dropped"
AXIS = {step.value: number for number, step in enumerate(Step)}


def overlaid(child: Source, parent: Source) -> Source:
    """The child as if written out in full. Raises RulebookFault with every fault found."""
    if not isinstance(child.root, yaml.MappingNode) or not isinstance(
        parent.root, yaml.MappingNode
    ):
        return child
    inherited = [(key, value) for key, value in parent.root.value if key.value not in OWN]
    overlay = _Overlay(child)
    root = overlay.mapping(_mapping(parent.root, inherited), child.root, at="")
    if overlay.faults:
        raise RulebookFault(child.name, *overlay.faults)
    return child.over(root)


class _Overlay:
    """One merge on its way, and the faults it met."""

    def __init__(self, child: Source) -> None:
        self.child = child
        self.faults: list[Fault] = []

    def node(self, inherited: yaml.Node, own: yaml.Node, *, at: str) -> yaml.Node:
        match inherited, own:
            case yaml.MappingNode(), yaml.MappingNode():
                return self.mapping(inherited, own, at=at)
            case yaml.SequenceNode(), yaml.SequenceNode():
                return self.sequence(inherited, own, at=at)
        return own

    def mapping(
        self, inherited: yaml.MappingNode, own: yaml.MappingNode, *, at: str
    ) -> yaml.MappingNode:
        theirs = {key.value: (key, value) for key, value in inherited.value}
        mine = {key.value: (key, value) for key, value in own.value}
        merged = []
        for name, (key, value) in theirs.items():
            if name not in mine:
                merged.append((key, value))
        for name, (key, value) in mine.items():
            place = f"{at}.{name}" if at else str(name)
            if self._drops(value, place):
                if name not in theirs:
                    self._nothing_to_drop(value, place)
            elif name in theirs:
                merged.append((key, self.node(theirs[name][1], value, at=place)))
            else:
                merged.append((key, self._new(value, at=place)))
        return _mapping(own, _in_order(merged, [*theirs, *mine]))

    def sequence(
        self, inherited: yaml.SequenceNode, own: yaml.SequenceNode, *, at: str
    ) -> yaml.SequenceNode:
        naming = naming_of(inherited) or naming_of(own)
        if naming is None:
            return own
        if inherited.value and not own.value:
            self._fault(
                own,
                at,
                f"空列表不去掉上级的条目；要去掉的逐条写 {{{naming}: 名称, dropped: true}}，"
                "不变的请删去这一行",
            )
            return own
        theirs = {name: entry for entry in inherited.value if (name := name_by(entry, naming))}
        merged = dict(theirs)
        seen: set[str] = set()
        for number, entry in enumerate(own.value):
            name = name_by(entry, naming)
            if name is None:
                self._fault(entry, f"{at}.{number}", f"缺 {naming}，不知是上级的哪一条，请补写")
                continue
            place = f"{at}.{name}"
            if name in seen:
                self._fault(entry, place, "写了不止一次，请合并")
            elif self._drops(entry, place):
                if merged.pop(name, None) is None:
                    self._nothing_to_drop(entry, place)
            elif name in theirs:
                merged[name] = self.node(theirs[name], entry, at=place)
            else:
                merged[name] = self._new(entry, at=place)
            seen.add(name)
        entries = [*merged.values()]
        if naming == "step":  # a step stands in its place on the axis, wherever it was added
            entries.sort(key=lambda entry: AXIS.get(name_by(entry, naming) or "", len(AXIS)))
        return _sequence(own, entries)

    def _new(self, own: yaml.Node, *, at: str) -> yaml.Node:
        """What the parent does not have at all: nothing can be dropped from it."""
        for place, node in _drops_in(own, at):
            self._nothing_to_drop(node, place)
        return own

    def _drops(self, node: yaml.Node, at: str) -> bool:
        told = entry_value(node, DROPPED)
        if told is None:
            return False
        if told.value != "true":
            self._fault(told, f"{at}.{DROPPED}", "只能写 true；不去掉的请删去这一项")
        return True

    def _nothing_to_drop(self, node: yaml.Node, at: str) -> None:
        self._fault(node, at, "上级办法没有这一条，无从去掉，请核对名称或删去这一条")

    def _fault(self, node: yaml.Node, key: str, remedy: str) -> None:
        self.faults.append(Fault(node.start_mark.line + 1, key, remedy))


def _drops_in(node: yaml.Node, at: str) -> Iterator[tuple[str, yaml.Node]]:
    if entry_value(node, DROPPED) is not None:
        yield at, node
    for _, value, name in named_in(node):
        yield from _drops_in(value, f"{at}.{name}")


def _in_order(
    pairs: list[tuple[yaml.Node, yaml.Node]], names: list[str]
) -> list[tuple[yaml.Node, yaml.Node]]:
    place = {name: number for number, name in reversed([*enumerate(names)])}
    return sorted(pairs, key=lambda pair: place[pair[0].value])


def _mapping(like: yaml.MappingNode, pairs: list[tuple[yaml.Node, yaml.Node]]) -> yaml.MappingNode:
    return yaml.MappingNode(like.tag, pairs, like.start_mark, like.end_mark, like.flow_style)


def _sequence(like: yaml.SequenceNode, entries: list[yaml.Node]) -> yaml.SequenceNode:
    return yaml.SequenceNode(like.tag, entries, like.start_mark, like.end_mark, like.flow_style)
