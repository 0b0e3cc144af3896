"""YAML files read into the domain's values, every fault told at once: file, line, key, remedy."""

import re
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from typing import Any, TypeVar

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
    "int_parsing": "请写整数",
    "int_type": "请写整数",
    "model_type": "请写成“名称: 值”的若干行",
    "greater_than": "须大于零",
    "greater_than_equal": "不能是负数",
    "string_pattern_mismatch": "写法不合格式，请对照 docs 中的样子",
    "string_too_short": "不能为空",
    "string_type": "请写文字",
    "too_short": "不能为空",
    "tuple_type": "请写成列表，如 [2026-01-01, 2026-01-02]",
}
CHOICES = ("enum", "literal_error")

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
            problem = f"“{twice}”写了两次，请合并"
            raise yaml.constructor.ConstructorError(None, None, problem, node.start_mark)
        return super().construct_mapping(node, deep)


# YAML 1.2: only true and false are truth values; `on:` is a key like any other
_Loader.yaml_implicit_resolvers = {
    first: [(tag, form) for tag, form in forms if tag != "tag:yaml.org,2002:bool"]
    for first, forms in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("true|false"), list("tf"))
# a date stays text until its field reads it, so that 2026-02-30 is reported with its key
_Loader.add_constructor("tag:yaml.org,2002:timestamp", lambda _, node: node.value)


class Source:
    """A file's text as YAML, able to say on which line a key stands."""

    def __init__(self, file: Traversable) -> None:
        """Raises RulebookFault when the file is missing or is not YAML."""
        self.name = file.name
        try:
            loader = _Loader(file.read_text("utf-8"))
            self._root = loader.get_single_node()
            self.data = loader.construct_document(self._root) if self._root else None
        except FileNotFoundError as fault:
            raise self.fault((), "文件", f"找不到，请放在 {file}") from fault
        except UnicodeDecodeError as fault:
            raise self.fault((), "文件", "不是 UTF-8 编码，请另存为 UTF-8") from fault
        except yaml.reader.ReaderError as fault:
            remedy = f"第 {fault.position + 1} 个字符是控制字符，请删去"
            raise self.fault((), "文件", remedy) from fault
        except yaml.MarkedYAMLError as fault:
            line = fault.problem_mark.line + 1 if fault.problem_mark else 1
            remedy = f"不合 YAML 写法：{fault.problem}"
            raise RulebookFault(self.name, Fault(0, f"第 {line} 行", remedy)) from fault

    def value(self, shape: type[Shape]) -> Shape:
        """The file as a value of this shape. Raises RulebookFault with every fault found."""
        try:
            return shape.model_validate(self.data)
        except ValidationError as error:
            faults = [self._explain(dict(each)) for each in error.errors()]
            raise RulebookFault(self.name, *faults) from error

    def fault(self, place: Place, key: str, remedy: str) -> RulebookFault:
        return RulebookFault(self.name, Fault(self.line(place) if place else 0, key, remedy))

    def _explain(self, error: dict[str, Any]) -> Fault:
        place: Place = error["loc"]
        key = ".".join(map(str, place)) or "全文"
        if error["type"] == "value_error":
            remedy = str(error["ctx"]["error"])
        elif error["type"] in CHOICES:
            remedy = f"只能写 {error['ctx']['expected'].replace(' or ', '、').replace(', ', '、')}"
        else:
            remedy = REMEDIES.get(error["type"], error["msg"])
        return Fault(self.line(place), key, remedy)

    def line(self, place: Place) -> int:
        """The line on which this key stands, or the nearest one above that there is; 0 if none."""
        node = getattr(self, "_root", None)
        line = node.start_mark.line + 1 if node and place else 0
        for step in place:
            found = _step(node, step)
            if found is None:
                return line
            line, node = found
        return line


def _step(node: Any, step: int | str) -> tuple[int, Any] | None:
    """One step down: the line of the key or item, and what stands there."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == str(step):
                return key.start_mark.line + 1, value
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        item = node.value[step]
        return item.start_mark.line + 1, item
    return None


def read_file(file: Traversable, shape: type[Shape]) -> Shape:
    """Read one file as a value of this shape. Raises RulebookFault."""
    return Source(file).value(shape)
