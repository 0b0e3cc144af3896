"""`stats chart map|tiles|trend|ranking`: one measure as a picture, a standalone SVG file."""

import sys
from collections.abc import Container, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from cyclopts import App, Parameter

from domain.law.calendar import civil_date
from domain.people import OrganKind
from domain.refusals import Code, Refusal
from domain.regions.tree import Level, Region
from gateway.charts.boundaries import COUNTIES, ORIGIN, PREFECTURES, outlines
from gateway.charts.choropleth import choropleth
from gateway.charts.counted import Counted, Period, by_period, by_unit, mark
from gateway.charts.figures import About
from gateway.charts.ranking import ranked, ranking
from gateway.charts.shades import Classing
from gateway.charts.tile_grid import TILES, tile_grid
from gateway.charts.trend import trend
from gateway.commands.output import FAILURE, OK, USAGE, JsonOption, aside, document
from gateway.commands.reaching import HomeOption, RegionOption, reading
from gateway.commands.regions import LEVELS
from gateway.commands.window import OrganKindOption, kind_of
from gateway.public_figures import WITHHELD
from gateway.regions import region_tree
from gateway.workbook import adds_up
from projections.definitions import DEFINITIONS, EVERY
from projections.statistics import Measure, Question

DRAWING: Final = "画图"
STDOUT: Final = Path("-")
PERIODS: Final = {Period.MONTH: "逐月", Period.QUARTER: "逐季", Period.YEAR: "逐年"}
ORGANS: Final = {
    OrganKind.DISCIPLINE: "纪检监察机关",
    OrganKind.PERSONNEL: "组织（人事）部门",
    OrganKind.PARTY_COMMITTEE: "党委（党组）",
    OrganKind.UNIT: "单位",
    OrganKind.OTHER: "其他机关",
}
BY_ID: Final = {each.id: each for each in EVERY}

chart = App(name="chart", help="图：一个指标画成一个独立的 SVG 文件，打印成黑白也能读。")


def _measure(_: object, told: str) -> None:
    if told not in BY_ID:
        raise ValueError(f"没有指标 {told}，有 {'、'.join(BY_ID)}")


@dataclass(frozen=True)
class _Asked:
    """What is drawn: common to all charts."""

    measure: Annotated[str, Parameter(validator=_measure, help="一个指标。")] = "M1"
    region: RegionOption = None
    since: Annotated[date | None, Parameter(name="--from", help="起（含）。")] = None
    until: Annotated[date | None, Parameter(name="--to", help="止（含）。")] = None
    known_at: Annotated[int | None, Parameter(help="按日志到这个位置时所知。")] = None
    organ_kind: OrganKindOption = "discipline"
    boundaries: Annotated[date | None, Parameter(help="按哪一天的行政区划归并，缺省为今天。")] = (
        None
    )
    for_public: Annotated[
        bool, Parameter(name="--public", negative=(), help="公开用：隐去小数，以及能推出它的数。")
    ] = False

    @property
    def of(self) -> Measure:
        return BY_ID[self.measure]

    @property
    def day(self) -> date:
        return self.boundaries or civil_date(datetime.now(UTC))

    @property
    def scope(self) -> str:
        """The region asked about, by name where the table has it."""
        if self.region is None:
            return "全部地区"
        try:
            return region_tree().name(self.region, self.day)
        except ValueError:
            return self.region

    @property
    def question(self) -> Question:
        kind = kind_of(self.organ_kind)
        return Question(self.region, self.since, self.until, self.known_at, kind)


DEFAULTS: Final = _Asked()
Asked = Annotated[_Asked, Parameter(name="*")]
Out = Annotated[
    Path, Parameter(allow_leading_hyphen=True, help="写到哪个文件（.svg）；- 为标准输出。")
]
LevelOption = Annotated[
    Literal["prefecture", "county"] | None,
    Parameter(help="画到哪一级：prefecture 市（州），county 县（市、区）；缺省为下一级。"),
]
Classes = Annotated[
    Classing, Parameter(help="深浅怎样分级：quantiles 各级地区数相近，equal 各级等距。")
]


@chart.command(name="map")
async def draw_map(
    *,
    asked: Asked = DEFAULTS,
    out: Out,
    level: LevelOption = None,
    classes: Classes = Classing.QUANTILES,
    home: HomeOption = None,
    json: JsonOption = False,
) -> int:
    """地图：各地的数画成深浅。目前只有湖北的边界。"""
    units = _units(asked, level)
    known = {**outlines(COUNTIES), **outlines(PREFECTURES)}
    way_out = "请用 rongcuo stats chart ranking（全省的也可用 tiles），或者换一天的 --boundaries"
    _require(units, known, asked, "边界数据", way_out)
    if asked.for_public:
        aside.print("向社会公布地图须依法送审；公开用图请优先用 rongcuo stats chart tiles。")
    about, counted = await _counted_by_unit(home, asked, units, ORIGIN)
    frame = [*outlines(PREFECTURES).values()] if _spread(units) else []
    picture = choropleth(about, counted.figures, known, classes, frame)
    return _tell(out, picture, _answer("map", asked, about, counted), json=json)


@chart.command
async def tiles(
    *,
    asked: Asked = DEFAULTS,
    out: Out,
    classes: Classes = Classing.QUANTILES,
    home: HomeOption = None,
    json: JsonOption = False,
) -> int:
    """格子图：湖北十七个市（州）、省直辖单位各一格；不画边界，宜于公开。"""
    units = _units(asked, None)
    _require(units, TILES, asked, "排好的格子", "请用 rongcuo stats chart ranking")
    about, counted = await _counted_by_unit(home, asked, units)
    picture = tile_grid(about, counted.figures, classes)
    return _tell(out, picture, _answer("tiles", asked, about, counted), json=json)


@chart.command(name="ranking")
async def draw_ranking(
    *,
    asked: Asked = DEFAULTS,
    out: Out,
    level: LevelOption = None,
    home: HomeOption = None,
    json: JsonOption = False,
) -> int:
    """排列图：各地一条，由多到少；同数的依代码，隐去的列在最后。"""
    about, counted = await _counted_by_unit(home, asked, _units(asked, level))
    told = replace(counted, figures=tuple(ranked(counted.figures)))
    picture = ranking(about, told.figures)
    return _tell(out, picture, _answer("ranking", asked, about, told), json=json)


@chart.command(name="trend")
async def draw_trend(
    *,
    asked: Asked = DEFAULTS,
    out: Out,
    by: Annotated[Period, Parameter(help="month 逐月，quarter 逐季，year 逐年。")] = Period.MONTH,
    home: HomeOption = None,
    json: JsonOption = False,
) -> int:
    """趋势图：逐月、逐季或逐年的数；区间两端不足一期的，只数区间以内的。"""
    async with reading(home) as connection:
        marked = await mark(connection)
        counted = await by_period(
            connection,
            asked.question,
            asked.of,
            by,
            boundaries=asked.day,
            for_public=asked.for_public,
        )
    about = _about(asked, marked, counted, PERIODS[by], "")
    picture = trend(about, counted.figures)
    return _tell(out, picture, _answer("trend", asked, about, counted), json=json)


# ---- which units ---------------------------------------------------------------------------------


def _units(asked: _Asked, level: str | None) -> tuple[Region, ...]:
    """The units to be drawn, by code; none where the table does not know the region.

    Raises Refusal for a level that the region has nothing of.
    """
    tree = region_tree()
    units: tuple[Region, ...] = ()
    if asked.region is not None:
        with suppress(ValueError):
            units = tree.children(asked.region, asked.day)
    if level == Level.COUNTY:
        below = {each.code: tree.children(each.code, asked.day) for each in units}
        units = tuple(unit for each in units for unit in below[each.code] or (each,))
    right = all(
        each.level == level or (level == Level.PREFECTURE and each.directly_administered)
        for each in units
    )
    if level is not None and not (units and right):
        raise Refusal(
            Code.UNKNOWN_ITEM,
            asked=DRAWING,
            obstacle=f"{asked.scope}之下没有{LEVELS[Level(level)]}的区划",
            way_out="请写明 --region 为上一级的代码，或者不写 --level",
        )
    return units


def _require(
    units: Sequence[Region], known: Container[str], asked: _Asked, called: str, way_out: str
) -> None:
    missing = [str(each) for each in units if each.code not in known]
    if missing or not units:
        raise Refusal(
            Code.UNKNOWN_ITEM,
            asked=DRAWING,
            obstacle=f"{'、'.join(missing[:3]) or asked.scope}没有{called}",
            way_out=way_out,
        )


def _spread(units: Sequence[Region]) -> bool:
    """Whether they are counties of several prefectures, whose bounds are then drawn over them."""
    return len({each.parent for each in units if _county(each)}) > 1


def _county(unit: Region) -> bool:
    return unit.level is Level.COUNTY and not unit.directly_administered


# ---- what is said around them --------------------------------------------------------------------


async def _counted_by_unit(
    home: Path | None, asked: _Asked, units: Sequence[Region], *below: str
) -> tuple[About, Counted]:
    async with reading(home) as connection:
        marked = await mark(connection)
        counted = await by_unit(
            connection,
            asked.question,
            asked.of,
            units,
            boundaries=asked.day,
            for_public=asked.for_public,
        )
    if not units:
        return _about(asked, marked, counted, "分地区", "", *below), counted
    own = f"{asked.scope}{'、市（州）' if _spread(units) else ''}本级机关"
    kind = "分县（市、区）" if any(map(_county, units)) else "分市（州）"
    return _about(asked, marked, counted, kind, own, *below), counted


def _about(
    asked: _Asked, marked: str | None, counted: Counted, kind: str, own: str, *below: str
) -> About:
    """`own`: what to call those that belong to none of the parts."""
    measure = asked.of
    total = WITHHELD if counted.total is None else counted.total
    told = f"合计 {total} {measure.unit}。"
    if counted.own is not None:
        told += f"其中{own}不在图上的 {counted.own.told} {measure.unit}。"
    if not adds_up(measure):
        told += "各项分别去重，跨项的在每项各计一次，合计不是各项之和。"
    least = DEFINITIONS.withhold_below
    withheld = f"{WITHHELD} 是小于 {least} 的数，以及能推出它的数，不公布。"
    source = (
        f"来源：容错纠错事件日志第 {counted.position} 号以前；指标定义第 {DEFINITIONS.edition} 版"
        f" {measure.id}；行政区划按 {asked.day}。"
    )
    organs = "各类机关" if asked.organ_kind == "all" else ORGANS[OrganKind(asked.organ_kind)]
    window = f"{asked.since or '最早'} 至 {asked.until or '最近'}"
    return About(
        title=f"{asked.scope}{measure.label} · {kind}",
        unit=measure.unit,
        above=(f"{window}，{organs}办理。单位：{measure.unit}",),
        below=(told, *([withheld] if counted.withheld else []), source, *below),
        mark=marked,
    )


def _answer(drawn: str, asked: _Asked, about: About, counted: Counted) -> dict[str, Any]:
    measure = asked.of
    return {
        "chart": drawn,
        "title": about.title,
        "measure": {"id": measure.id, "label": measure.label, "unit": measure.unit},
        "region": asked.region,
        "from": asked.since,
        "to": asked.until,
        "organ_kind": asked.organ_kind,
        "boundaries": asked.day,
        "public": asked.for_public,
        "position": counted.position,
        "mark": about.mark,
        "figures": [vars(each) for each in counted.figures],
        "own": counted.own and vars(counted.own),
        "total": counted.total,
    }


def _tell(out: Path, picture: bytes, answer: dict[str, Any], *, json: bool) -> int:
    """Write the picture, and the figures where they are asked for."""
    if out == STDOUT:
        if json:
            aside.print("--out - 与 --json 都写标准输出，请只用一个。")
            return USAGE
        sys.stdout.write(picture.decode())
        return OK
    try:
        out.write_bytes(picture)
    except OSError as fault:
        aside.print(f"{out} 写不进去（{fault.strerror}），请换一个位置。")
        return FAILURE
    aside.print(f"已写入 {out}")
    if json:
        document(answer)
    return OK
