"""The rulebook's files, read and checked into the domain's values: the one place for YAML."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Self, TypeVar

import yaml
from pydantic import ValidationError, model_validator

from domain.law.calendar import CalendarEdition, ProvisionalYear, WorkCalendar
from domain.law.policy import Policy
from domain.law.rules import Rules
from domain.refusals import Code, Refusal
from domain.registry import EVENTS
from domain.values import Value

PROVISIONAL = "provisional.yaml"
EVENT_NAMES = {event.name() for event in EVENTS.values()}

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
    "string_type": "请写文字",
    "tuple_type": "请写成列表，如 [2026-01-01, 2026-01-02]",
}

Shape = TypeVar("Shape", bound=Value)


class RulebookFault(Exception):  # noqa: N818 (a fault in a file, not an error of ours)
    """A file of the rulebook cannot be used: says which file, which key, and what to write."""

    def __init__(self, file: str, key: str, remedy: str) -> None:
        super().__init__(f"{file}，{key}：{remedy}")
        self.file, self.key, self.remedy = file, key, remedy


def calendars(directory: Path | None = None) -> WorkCalendar:
    """Read every `<year>.yaml` and `provisional.yaml`, the packaged ones or those in `directory`.

    RulebookFault when a file is missing or malformed.
    """
    folder: Traversable = directory or files("domain.law") / "calendars"
    named = {file.name: file for file in folder.iterdir() if file.name.endswith(".yaml")}
    foreseen = read_file(named.pop(PROVISIONAL, folder / PROVISIONAL), _ProvisionalFile).years
    editions = [edition for name in sorted(named) for edition in editions_in(named[name])]
    try:
        return WorkCalendar(tuple(editions), foreseen)
    except ValueError as fault:
        raise RulebookFault(str(folder), "editions", str(fault)) from fault


def editions_in(file: Traversable) -> tuple[CalendarEdition, ...]:
    """Read the editions of one year's file; RulebookFault when it is malformed or misnamed."""
    year = read_file(file, _YearFile)
    for number in (year.year, *(edition.year for edition in year.editions)):
        if file.name != f"{number}.yaml":
            raise RulebookFault(file.name, "year", f"{number} 年应写在 {number}.yaml 里")
    return year.editions


def policies(directory: Path | None = None) -> dict[str, Policy]:
    """Read every pack, the packaged ones or those in `directory`, by reference (`id.edition`).

    RulebookFault when a file is malformed or two packs claim one edition.
    """
    folder: Traversable = directory or files("domain.law") / "packs"
    found: dict[str, Policy] = {}
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        if not file.name.endswith(".yaml"):
            continue
        policy = policy_in(file)
        if policy.reference in found:
            raise RulebookFault(file.name, "edition", f"{policy.reference} 已有一份，请另编版次")
        found[policy.reference] = policy
    return found


def policy_in(file: Traversable) -> Policy:
    """Read one pack; RulebookFault when it is malformed or names events that do not exist."""
    policy = read_file(file, Policy)
    for number, rule in enumerate(policy.deadlines):
        for name in (rule.opens_on, *rule.met_by, *rule.lapses_on):
            if name.partition(":")[0] not in EVENT_NAMES:
                raise RulebookFault(
                    file.name,
                    f"deadlines.{number}（{rule.id}）",
                    f"没有事件 {name}，事件名见 rongcuo policy acts",
                )
    return policy


@dataclass(frozen=True)
class Rulebook:
    """Every instrument in force here, and the calendars: what the office asks for rules."""

    policies: Mapping[str, Policy]
    calendar: WorkCalendar

    @classmethod
    def packaged(cls, more: Path | None = None) -> Self:
        """The packs that come with the program, and those of a folder of the user's own."""
        return cls({**policies(), **(policies(more) if more else {})}, calendars())

    def __call__(self, name: str) -> Rules:
        """The rules of an edition (`wuyang_2017.1`), or of an instrument's newest (`wuyang_2017`).

        Raises Refusal when there is no such instrument.
        """
        policy = self.policies.get(name) or self._newest(name)
        if policy is None:
            raise Refusal(
                Code.UNKNOWN_POLICY,
                asked="适用办法",
                obstacle=f"没有名为 {name} 的办法",
                way_out="现有办法：" + "、".join(sorted(self.policies)),
            )
        return Rules(policy, self.calendar)

    def _newest(self, id_: str) -> Policy | None:
        editions = [each for each in self.policies.values() if each.id == id_]
        return max(editions, key=lambda each: each.edition, default=None)


class _ProvisionalFile(Value):
    years: tuple[ProvisionalYear, ...]


class _YearFile(Value):
    year: int
    editions: tuple[CalendarEdition, ...]

    @model_validator(mode="before")
    @classmethod
    def _year_stands_once(cls, data: Any) -> Any:
        match data:
            case {"year": year, "editions": [*editions]}:
                told = [{"year": year, **e} if isinstance(e, dict) else e for e in editions]
                return {**data, "editions": told}
        return data


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


def read_file(file: Traversable, shape: type[Shape]) -> Shape:
    try:
        return shape.model_validate(_Loader(file.read_text("utf-8")).get_single_data())
    except FileNotFoundError as fault:
        raise RulebookFault(file.name, "文件", f"找不到，请放在 {file}") from fault
    except UnicodeDecodeError as fault:
        raise RulebookFault(file.name, "文件", "不是 UTF-8 编码，请另存为 UTF-8") from fault
    except yaml.reader.ReaderError as fault:
        raise RulebookFault(
            file.name, "文件", f"第 {fault.position + 1} 个字符是控制字符，请删去"
        ) from fault
    except yaml.MarkedYAMLError as fault:
        line = fault.problem_mark.line + 1 if fault.problem_mark else 1
        raise RulebookFault(
            file.name, f"第 {line} 行", f"不合 YAML 写法：{fault.problem}"
        ) from fault
    except ValidationError as fault:
        first = fault.errors()[0]
        key = ".".join(map(str, first["loc"])) or "全文"
        told = str(first["ctx"]["error"]) if first["type"] == "value_error" else first["msg"]
        raise RulebookFault(file.name, key, REMEDIES.get(first["type"], told)) from fault
