"""`region …`: the table of regions as of any day, and what a code is or was on it."""

from datetime import UTC, date, datetime
from typing import Annotated

from cyclopts import App, Parameter

from domain.law.calendar import civil_date
from domain.refusals import Code, Refusal
from domain.regions.tree import Level, Region
from gateway.commands.output import OK, JsonOption, document, people, table
from gateway.regions import region_tree

LEVELS = {Level.PROVINCE: "省级", Level.PREFECTURE: "地级", Level.COUNTY: "县级"}

OnOption = Annotated[date | None, Parameter(name="--on", help="哪一天的区划，缺省为今天。")]

region = App(name="region", help="行政区划：列出，查一个代码在某一天是哪里。")


@region.command(name="list")
def list_regions(*, on: OnOption = None, json: JsonOption = False) -> int:
    """列出某一天的区划，依代码为序。"""
    found = region_tree().on(_day(on))
    if json:
        document([_told(each) for each in found])
        return OK
    table(
        ("代码", "名称", "级别", "上级", "起", "止"),
        (
            (e.code, e.name, _level(e), e.parent, _when(e, e.valid_from), _when(e, e.valid_to))
            for e in found
        ),
    )
    return OK


@region.command
def show(code: str, /, *, on: OnOption = None, json: JsonOption = False) -> int:
    """一个代码在某一天是哪个区划；旧的代码说今属何处，表里没有的说到其上级。"""
    tree, day = region_tree(), _day(on)
    try:
        found = tree.successor(code, day)
    except ValueError as reason:
        obstacle, _, way_out = str(reason).rstrip("。").rpartition("：")
        raise Refusal(
            Code.MALFORMED, asked="查询区划", obstacle=obstacle, way_out=way_out
        ) from None
    above, below = tree.ancestors(found.code, day), tree.children(found.code, day)
    if json:
        document(
            {
                "code": code,
                "on": day,
                "region": _told(found),
                "ancestors": [_told(each) for each in above],
                "children": [_told(each) for each in below],
            }
        )
        return OK
    if code.ljust(len(found.code), "0") != found.code:
        people.print(f"{day} 没有代码 {code}，归入 {found}：")
    since = f"，自 {_when(found, found.valid_from)} 起" if found.valid_from else ""
    until = f"，至 {_when(found, found.valid_to)} 止" if found.valid_to else ""
    people.print(f"{found}（{_level(found)}{since}{until}）")
    if above:
        people.print(f"上级：{'、'.join(map(str, above))}")
    if below:
        people.print(f"下级（{len(below)}）：{'、'.join(map(str, below))}")
    return OK


def _day(on: date | None) -> date:
    return on or civil_date(datetime.now(UTC))


def _level(found: Region) -> str:
    return "省直辖县级" if found.directly_administered else LEVELS[found.level]


def _when(found: Region, day: date | None) -> str:
    """A day; no more than its year where no more is certain."""
    if day is None:
        return ""
    return str(day) if found.confirmed else f"{day.year} 年（日期未核实）"


def _told(found: Region) -> dict[str, object]:
    direct = {"directly_administered": found.directly_administered}
    return found.model_dump(mode="json") | direct
