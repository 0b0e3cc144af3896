"""YAML files read into the domain's values, every fault told at once: file, line, key, remedy."""

import re
from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from typing import Any, Self, TypeVar

import yaml
from pydantic import ValidationError

from domain.values import Value

# what to write instead, by pydantic's name of the fault
REMEDIES = {
    "missing": "缺这一项，请补写",
    "extra_forbidden": "没有这一项，请删去或改正名称",
    "bool_parsing": "请写 true 或 false",
    "bool_type": "请写 true 或 false",
    "date_from_datetime_parsing": "请写日期，如 2026-01-01",
    "date_from_datetime_inexact": "请写日期，如 2026-01-01",
    "date_parsing": "请写日期，如 2026-01-01",
    "date_type": "请写日期，如 2026-01-01",
    "dict_type": "请写成“名称: 值”的若干行",
    "finite_number": "请写整数",
    "int_from_float": "请写整数",
    "int_parsing": "请写整数",
    "int_parsing_size": "数目过大，请核对",
    "int_type": "请写整数",
    "invalid_key": "名称请写文字",
    "model_attributes_type": "请写成“名称: 值”的若干行",
    "model_type": "请写成“名称: 值”的若干行",
    "recursion_loop": "这一处引用了自己，请把内容写出来",
    "greater_than": "须大于零",
    "greater_than_equal": "不能是负数",
    "string_pattern_mismatch": "写法不合格式，请对照 docs 中的样子",
    "string_too_short": "不能为空",
    "string_type": "请写文字，数字加引号",
    "time_parsing": "请写时刻，如 17:30",
    "time_type": "请写时刻，如 17:30",
    "too_short": "不能为空",
    "tuple_type": "请写成列表，如 [2026-01-01, 2026-01-02]",
}
CHOICES = ("enum", "literal_error")
PROBLEMS = (  # what PyYAML stumbles over, and what the writer probably did
    (r"'\\t' that cannot start", "缩进请用空格，不用制表符（Tab）"),
    (
        r"mapping values are not allowed",
        "这里的冒号放不下：上一行或许少了冒号，文字里有“: ”的请加引号",
    ),
    (r"expected <block end>", "缩进没有对齐，或者列表项少了“- ”"),
    (r"could not find expected ':'", "名称后面要有冒号和一个空格"),
    (r"expected ',' or", "括号没有配对，或者少了逗号"),
    (r"unexpected end of stream", "引号没有配对"),
    (
        r"expected a single document|another document",
        "一份文件只写一部，请去掉后面的“---”和其后内容",
    ),
    (r"expected alphabetic or numeric", "文字以“*”“&”开头的请加引号"),
    (r"undefined alias", "文字以“*”开头的请加引号"),
    (r"found unknown escape", "双引号里的“\\”请改用单引号"),
    (r"could not determine a constructor", "文字以“!”或“=”开头的请加引号"),
    (r"cannot start any token", "文字以“@”“`”“%”开头的请加引号"),
    (r"sequence entries are not allowed", "“- ”不能接在“名称:”的同一行，请另起一行缩进"),
    (r"expected '<document start>'", "缩进没有对齐，各项应从同一列写起"),
    (r"expected the node content", "括号或逗号旁少写了内容"),
    (r"mapping keys are not allowed|chomping or indentation", "文字以“?”“|”“>”开头的请加引号"),
    (r"unhashable key", "名称只能是文字"),
)
NAMING = ("id", "step", "sanction", "with", "recipient")  # by which the entries of a list are known
LONGEST_NUMBER = 18  # digits; what is longer is no number anybody writes

Shape = TypeVar("Shape", bound=Value)
Place = tuple[int | str, ...]


@dataclass(frozen=True)
class Fault:
    """One thing wrong with a file. `line` is 0 where the fault has no line of its own."""

    line: int
    key: str
    remedy: str


class RulebookFault(Exception):  # noqa: N818 (a fault in a file, not an error of ours)
    """A file cannot be used. `faults` holds all that was found, in the order of the file."""

    def __init__(self, file: str, *faults: Fault) -> None:
        self.file = file
        self.faults = tuple(sorted(faults, key=lambda fault: fault.line))
        super().__init__("\n".join(self._told(fault) for fault in self.faults))

    def _told(self, fault: Fault) -> str:
        line = f"第 {fault.line} 行，" if fault.line else ""
        return f"{self.file}，{line}{fault.key}：{fault.remedy}"

    @property
    def key(self) -> str:
        return self.faults[0].key

    @property
    def remedy(self) -> str:
        return self.faults[0].remedy


class _Loader(yaml.SafeLoader):
    """Safe, and refuses a key written twice: YAML itself would silently keep only the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [key.value for key, _ in node.value]
        if twice := next((key for key in keys if keys.count(key) > 1), None):
            lines = [str(key.start_mark.line + 1) for key, _ in node.value if key.value == twice]
            problem = f"“{twice}”写了两次（第 {'、'.join(lines)} 行），请合并"
            raise yaml.constructor.ConstructorError(None, None, problem, node.start_mark)
        return super().construct_mapping(node, deep)


def _integer(_: yaml.SafeLoader, node: yaml.ScalarNode) -> int:
    if len(node.value) > LONGEST_NUMBER:
        problem = "数目过大，请核对；不是数目的请加引号"
        raise yaml.constructor.ConstructorError(None, None, problem, node.start_mark)
    return int(node.value)


# YAML 1.2: only true and false are truth values, `on:` is a key like any other; 17:30 is an hour
# and not a number to the base of sixty, 010 is ten
_Loader.yaml_implicit_resolvers = {
    first: [(tag, form) for tag, form in forms if tag.rpartition(":")[2] not in ("bool", "int")]
    for first, forms in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:int", re.compile(r"^[-+]?[0-9]+$"), list("-+0123456789")
)
_Loader.add_constructor("tag:yaml.org,2002:int", _integer)
# a date stays text until its field reads it, so that 2026-02-30 is reported with its key
_Loader.add_constructor("tag:yaml.org,2002:timestamp", lambda _, node: node.value)


class Source:
    """A file's text as YAML, able to say on which line a key stands."""

    def __init__(self, file: Traversable) -> None:
        """Raises RulebookFault when the file is missing or is not YAML."""
        self.name = file.name
        self.path = str(file)
        self.root: yaml.Node | None = None
        try:
            loader = _Loader(file.read_text("utf-8"))
            loader.name = self.path  # so that every node knows from which file it comes
            self.root = loader.get_single_node()
            self.data = loader.construct_document(self.root) if self.root else None
        except FileNotFoundError as fault:
            raise self.fault((), "文件", f"找不到，请放在 {file}") from fault
        except OSError as fault:
            raise self.fault((), "文件", "打不开，请确认是一份文件并且有权读取") from fault
        except UnicodeDecodeError as fault:
            raise self.fault((), "文件", "不是 UTF-8 编码，请另存为 UTF-8") from fault
        except yaml.reader.ReaderError as fault:
            remedy = f"第 {fault.position + 1} 个字符是控制字符，请删去"
            raise self.fault((), "文件", remedy) from fault
        except yaml.MarkedYAMLError as fault:
            line = fault.problem_mark.line + 1 if fault.problem_mark else 1
            remedy = f"不合 YAML 写法：{_problem(fault)}"
            raise RulebookFault(self.name, Fault(0, f"第 {line} 行", remedy)) from fault
        except RecursionError as fault:
            raise self.fault((), "文件", "层层嵌套过深，请按 docs 中的样子写平") from fault

    def over(self, root: yaml.Node) -> Self:
        """The same file read through another tree: its own nodes, and others it was merged with."""
        merged = copy(self)
        merged.root = root
        merged.data = _Loader("").construct_document(root)
        return merged

    def value(self, shape: type[Shape]) -> Shape:
        """The file as a value of this shape. Raises RulebookFault with every fault found."""
        if self.data is None:
            raise self.fault((), "全文", "文件里没有内容，请写成“名称: 值”的若干行")
        try:
            return shape.model_validate(self.data)
        except ValidationError as error:
            faults = [fault for each in error.errors() for fault in self._explain(dict(each))]
            raise RulebookFault(self.name, *faults) from error

    def fault(self, place: Place, key: str, remedy: str) -> RulebookFault:
        return RulebookFault(self.name, Fault(self.line(place) if place else 0, key, remedy))

    def _explain(self, error: dict[str, Any]) -> list[Fault]:
        place: Place = error["loc"]
        if error["type"] == "value_error":
            remedy = str(error["ctx"]["error"])
            if not place:  # of the whole file: parts of it that do not agree with one another
                return [self._disagreement(told) for told in remedy.split("；")]
        elif error["type"] in CHOICES:
            remedy = f"只能写 {error['ctx']['expected'].replace(' or ', '、').replace(', ', '、')}"
        else:
            remedy = REMEDIES.get(error["type"], error["msg"])
        return [Fault(self.line(place), self.told(place), remedy)]

    def _disagreement(self, told: str) -> Fault:
        """What does not agree, at the place or the name it is told of."""
        if found := re.match(r"([a-z_][\w.-]*) 指向", told):
            return Fault(self.line_at(found[1]), found[1], told)
        if found := re.match(r"\S+ (\S+) 写了不止一次", told):
            lines = [*self._called(self.root, found[1])]
            return Fault(max(lines, default=0), found[1], told)
        return Fault(0, "全文", told)

    def _called(self, node: yaml.Node | None, name: str) -> Iterator[int]:
        """The lines on which something is called by this name."""
        if entry_name(node) == name and node is not None and self._own(node):
            yield node.start_mark.line + 1
        match node:
            case yaml.MappingNode():
                for _, value in node.value:
                    yield from self._called(value, name)
            case yaml.SequenceNode():
                for entry in node.value:
                    yield from self._called(entry, name)

    def told(self, place: Place) -> str:
        """A place in words: entries that have a name are called by it, the others by number."""
        node, told = self.root, []
        for step in place:
            found = _step(node, step)
            node = found[1] if found else None
            if step != "[key]":
                told.append(entry_name(node) or str(step) if isinstance(step, int) else step)
        return ".".join(told) or "全文"

    def line(self, place: Place) -> int:
        """The line on which this key stands, or the nearest one above that there is; 0 if none.

        Only lines of this very file are told; what is inherited stands elsewhere.
        """
        node = self.root
        line = node.start_mark.line + 1 if node and place and self._own(node) else 0
        for step in place:
            found = _step(node, step)
            if found is None:
                return line
            named, node = found
            if self._own(named):
                line = named.start_mark.line + 1
        return line

    def line_at(self, at: str) -> int:
        """The line of a place told by names, such as `lists.situations.items.YX-7.1`.

        Names may hold dots themselves; where there is no such place, the nearest above it.
        """
        node, line, rest = self.root, 0, at
        while rest:
            beginning = (each for each in named_in(node) if f"{rest}.".startswith(f"{each[2]}."))
            found = next(beginning, None)
            if found is None:
                return line
            key, node, name = found
            rest = rest[len(name) + 1 :]
            if self._own(key):
                line = key.start_mark.line + 1
        return line

    def _own(self, node: yaml.Node) -> bool:
        return bool(node.start_mark.name == self.path)


def _problem(fault: yaml.MarkedYAMLError) -> str:
    if "请" in str(fault.problem):  # our own words
        return str(fault.problem)
    told = f"{fault.context} {fault.problem}"
    known = (remedy for form, remedy in PROBLEMS if re.search(form, told))
    return next(known, f"这一行请对照 docs 中的样子改写（{fault.problem}）")


def _step(node: yaml.Node | None, step: int | str) -> tuple[yaml.Node, yaml.Node] | None:
    """One step down: the key or item itself, and what stands there."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == str(step):
                return key, value
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step], node.value[step]
    return None


def entry_value(entry: yaml.Node | None, key: str) -> yaml.Node | None:
    """What stands under a key of a mapping, None where there is none."""
    if not isinstance(entry, yaml.MappingNode):
        return None
    return next((value for each, value in entry.value if each.value == key), None)


def entry_name(entry: yaml.Node | None) -> str | None:
    """What an entry of a list is called, if it has a name."""
    named = (entry_value(entry, key) for key in NAMING)
    return next((str(each.value) for each in named if isinstance(each, yaml.ScalarNode)), None)


def name_by(entry: yaml.Node, naming: str) -> str | None:
    """What an entry is called by this key."""
    told = entry_value(entry, naming)
    return str(told.value) if isinstance(told, yaml.ScalarNode) else None


def naming_of(node: yaml.SequenceNode) -> str | None:
    """The key by which the entries of this list are known, if they all are mappings."""
    if not node.value or not all(isinstance(entry, yaml.MappingNode) for entry in node.value):
        return None
    return next((key for key in NAMING if entry_value(node.value[0], key) is not None), None)


def named_in(node: yaml.Node | None) -> Iterator[tuple[yaml.Node, yaml.Node, str]]:
    """What stands under a node by name: the key or entry, what it holds, and its name."""
    if isinstance(node, yaml.MappingNode):
        yield from ((key, value, str(key.value)) for key, value in node.value)
    elif isinstance(node, yaml.SequenceNode):
        naming = naming_of(node)
        for entry in node.value:
            if naming and (name := name_by(entry, naming)):
                yield entry, entry, name


def read_file(file: Traversable, shape: type[Shape]) -> Shape:
    """Read one file as a value of this shape. Raises RulebookFault."""
    return Source(file).value(shape)
