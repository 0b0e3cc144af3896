"""The packaged table of regions, checked when read: every fault with its line.

Checked is what the tree stands on: a parent is there on every day its unit is, a unit that ends
has successors on the next day, and no code is two units at once. As a parent is of a higher level
and a successor outlasts what it succeeds, neither can lead round in a circle.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from importlib.resources.abc import Traversable
from itertools import pairwise
from typing import Final

from domain.regions.tree import ONE_DAY, Level, Region, RegionTree, upwards
from gateway.files import Fault, RulebookFault

COLUMNS: Final = (
    "code",
    "name",
    "parent",
    "level",
    "valid_from",
    "valid_to",
    "successor",
    "confirmed",
)
CODE: Final = re.compile(r"[0-9]{6}")
YEAR: Final = re.compile(r"[0-9]{4}")
DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True)
class _Line:
    number: int
    region: Region

    def fault(self, key: str, remedy: str) -> Fault:
        return Fault(self.number, key, f"{self.region}：{remedy}")


def region_tree(file: Traversable | None = None) -> RegionTree:
    """Read the packaged table, or this one. Raises RulebookFault with every fault found."""
    source = file or files("domain.regions") / "regions.csv"
    faults: list[Fault] = []
    lines: list[_Line] = []
    for number, cells in _cells(source):
        told = dict(zip(COLUMNS, cells, strict=False))
        found = [Fault(number, *each) for each in _faults_of_writing(told, len(cells))]
        if found:
            faults += found
        else:
            lines.append(_Line(number, _region(told)))
    if not faults:
        faults = [*_faults_of_table(lines)]
    if faults:
        raise RulebookFault(source.name, *faults)
    return RegionTree(line.region for line in lines)


def _cells(source: Traversable) -> Iterator[tuple[int, list[str]]]:
    """The cells of every line below the first, which names them; empty lines are passed over."""
    try:
        text = source.read_text("utf-8-sig")  # office programs put a mark in front
    except OSError as fault:
        remedy = f"找不到或者打不开，请放在 {source}"
        raise RulebookFault(source.name, Fault(0, "文件", remedy)) from fault
    except UnicodeDecodeError as fault:
        remedy = "不是 UTF-8 编码，请另存为 UTF-8"
        raise RulebookFault(source.name, Fault(0, "文件", remedy)) from fault
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        if next(reader, None) != [*COLUMNS]:
            remedy = f"第一行请依次写 {','.join(COLUMNS)}"
            raise RulebookFault(source.name, Fault(1, "栏目", remedy))
        for cells in reader:
            if cells:
                yield reader.line_num, [cell.strip() for cell in cells]
    except csv.Error as fault:
        remedy = f"不合 CSV 写法（{fault}），多半是引号没有配对"
        raise RulebookFault(source.name, Fault(reader.line_num, "全行", remedy)) from fault


# ---- one line ----------------------------------------------------------------------------------


def _faults_of_writing(told: Mapping[str, str], width: int) -> Iterator[tuple[str, str]]:
    """What is wrong with a line by itself: the column and the remedy."""
    if width != len(COLUMNS):
        yield "全行", f"应有 {len(COLUMNS)} 栏，写了 {width} 栏"
        return
    if not CODE.fullmatch(told["code"]):
        yield "code", "请写六位数字"
    elif told["level"] != _level(told["code"]):
        yield "level", f"照代码应为 {_level(told['code'])}"
    if not told["name"]:
        yield "name", "不能为空"
    days = ("valid_from", "valid_to")
    wrong = [column for column in days if told[column] and not _is_day(told[column])]
    for column in wrong:
        yield column, "请写日期，如 2026-01-01；只知道年份的写年份，不限的留空"
    if told["valid_from"] and told["valid_to"] and not wrong and _first(told) > _last(told):
        yield "valid_to", "早于 valid_from，请核对"
    if told["confirmed"] not in ("yes", "no"):
        yield "confirmed", "只能写 yes、no"
    elif (told["confirmed"] == "no") != any(YEAR.fullmatch(told[column]) for column in days):
        yield "confirmed", "只知道年份的写 no，其余写 yes"
    if bool(told["successor"]) != bool(told["valid_to"]):
        yield "successor", "有止期的须写后继代码，没有止期的留空"


def _level(code: str) -> Level:
    return tuple(Level)[len(upwards(code)) - 1]


def _is_day(text: str) -> bool:
    """Whether it is a day or a year; the last there can be means no end, and is not written."""
    if not (DAY.fullmatch(text) or YEAR.fullmatch(text)):
        return False
    try:
        return date.fromisoformat(text if DAY.fullmatch(text) else f"{text}-12-31") < date.max
    except ValueError:
        return False


def _first(told: Mapping[str, str]) -> date:
    text = told["valid_from"]
    return date.fromisoformat(f"{text}-01-01" if YEAR.fullmatch(text) else text)


def _last(told: Mapping[str, str]) -> date:
    text = told["valid_to"]
    return date.fromisoformat(f"{text}-12-31" if YEAR.fullmatch(text) else text)


def _region(told: Mapping[str, str]) -> Region:
    return Region(
        code=told["code"],
        name=told["name"],
        parent=told["parent"] or None,
        level=Level(told["level"]),
        valid_from=_first(told) if told["valid_from"] else None,
        valid_to=_last(told) if told["valid_to"] else None,
        successors=tuple(told["successor"].split()),
        confirmed=told["confirmed"] == "yes",
    )


# ---- all of them together ----------------------------------------------------------------------


def _faults_of_table(lines: Iterable[_Line]) -> Iterator[Fault]:
    of_code: dict[str, list[_Line]] = {}
    for line in sorted(lines, key=lambda line: line.region.first_day):
        of_code.setdefault(line.region.code, []).append(line)
    for same in of_code.values():
        for before, line in pairwise(same):
            if line.region.first_day <= before.region.last_day:
                yield line.fault("valid_from", f"与第 {before.number} 行的有效期重叠，请核对")
        for line in same:
            yield from _faults_of_parent(line, of_code)
            yield from _faults_of_successors(line, of_code)


def _faults_of_parent(line: _Line, of_code: Mapping[str, list[_Line]]) -> Iterator[Fault]:
    region = line.region
    above = [code for code in upwards(region.code)[1:] if code in of_code]
    if region.level is Level.PROVINCE:
        if region.parent:
            yield line.fault("parent", "省级没有上级，请留空")
    elif not above:
        yield line.fault("parent", "表里没有它的省，请先写一行")
    elif region.parent != above[0]:
        yield line.fault("parent", f"照代码应为 {above[0]}")
    elif missing := _uncovered(region, of_code[above[0]]):
        told = "起初" if missing == date.min else f"在 {missing} "
        yield line.fault("parent", f"上级 {above[0]} {told}没有有效的一行，请核对")


def _faults_of_successors(line: _Line, of_code: Mapping[str, list[_Line]]) -> Iterator[Fault]:
    if line.region.valid_to is None:
        return
    after = line.region.valid_to + ONE_DAY
    for code in line.region.successors:
        if code not in of_code:
            yield line.fault("successor", f"表里没有 {code}，请先写一行")
        elif not any(each.region.in_force(after) for each in of_code[code]):
            yield line.fault("successor", f"{code} 在 {after} 没有有效的一行，请核对")


def _uncovered(region: Region, parents: Iterable[_Line]) -> date | None:
    """The first day of a unit on which its parent is not there. Takes the earliest parent first."""
    day = region.first_day
    for parent in (line.region for line in parents):
        if parent.in_force(day):
            if parent.last_day >= region.last_day:
                return None
            day = parent.last_day + ONE_DAY
    return day
