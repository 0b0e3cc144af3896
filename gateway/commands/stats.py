"""`stats`: the figures, over any window, place and breakdown, and the list behind each."""

import csv
import sys
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any, Final

import asyncpg
from cyclopts import App, Parameter

from domain.law.calendar import civil_date
from domain.regions.tree import RegionTree
from gateway.commands.output import OK, USAGE, JsonOption, aside, document, people, table
from gateway.commands.reaching import HomeOption, RegionOption, reading
from gateway.commands.window import PERIOD_ALONE, closed_period
from gateway.public_figures import WITHHELD, public
from gateway.regions import region_tree
from gateway.reports import places
from gateway.workbook import DEFINITIONS_EDITION, POSITION, Figures, write_workbook
from projections.definitions import DEFINITIONS, EVERY, HEADLINE
from projections.statistics import FACTS, SOURCES, Measure, Question, behind, count

GROUPS = [*dict.fromkeys(name for source in SOURCES for name in source.dimensions)]

# what people read over a breakdown; JSON and CSV keep the names programs ask by
HEADINGS: Final = {
    "region": "地区",
    "organ": "机关",
    "organ_kind": "机关类别",
    "organ_level": "机关层级",
    "policy": "办法",
    "rank": "职级",
    "field": "领域",
    "year": "年",
    "quarter": "季",
    "month": "月",
    "outcome": "结论",
    "track": "启动",
    "detail": "内容",
}

stats = App(name="stats", help="统计：数字和名单；报表的公布、核对、比较、上报。")
for name, where, told in (
    ("prepare", "reports:prepare", "拟定一份统计报表。"),
    ("publish", "reports:publish", "公布另一人拟定的报表。"),
    ("return", "reports:return_draft", "退回拟定的报表。"),
    ("reports", "reports:reports", "列出统计报表。"),
    ("show", "reports:show", "一份报表：问法、各格、经过。"),
    ("verify", "reports:verify_report", "照原样重数一份报表，逐格核对。"),
    ("diff", "reports:diff", "两份报表之差，逐案列出缘由。"),
    ("submit", "submissions:submit", "把公布的报表上报上一级。"),
    ("approve", "submissions:approve", "审核通过下级上报的报表。"),
    ("send-back", "submissions:send_back", "退回下级上报的报表。"),
    ("submissions", "submissions:submissions", "下级上报到哪一步，各份之和与去重数。"),
):
    stats.command(f"gateway.commands.{where}", name=name, help=told)


@stats.default
async def show(
    *,
    region: RegionOption = None,
    since: Annotated[date | None, Parameter(name="--from", help="起（含），按认定之日。")] = None,
    until: Annotated[date | None, Parameter(name="--to", help="止（含）。")] = None,
    known_at: Annotated[int | None, Parameter(help="按日志到这个位置时所知。")] = None,
    period: Annotated[
        str | None, Parameter(help="一个已关账的统计期（如 2026-Q3），按关账时所知。")
    ] = None,
    organ_kind: Annotated[
        str, Parameter(help="认定机关的类别：discipline（缺省）、personnel …，或 all。")
    ] = "discipline",
    by: Annotated[list[str] | None, Parameter(help=f"分组：{'、'.join(GROUPS)}；可多次。")] = None,
    boundaries: Annotated[
        date | None, Parameter(help="按哪一天的行政区划归并，缺省为今天；改过码的归入后来的。")
    ] = None,
    measure: Annotated[list[str] | None, Parameter(help="只要这些指标（M1 …）；可多次。")] = None,
    all_of_them: Annotated[
        bool, Parameter(name="--all", negative=(), help="全部指标，见 rongcuo stats measures。")
    ] = False,
    for_public: Annotated[
        bool, Parameter(name="--public", negative=(), help="公开用：隐去小数，以及能推出它的数。")
    ] = False,
    behind_them: Annotated[
        bool, Parameter(name="--list", negative=(), help="列出数字背后的每一条认定。")
    ] = False,
    home: HomeOption = None,
    json: JsonOption = False,
    as_csv: Annotated[bool, Parameter(name="--csv", negative=(), help="输出 CSV。")] = False,
    xlsx: Annotated[Path | None, Parameter(help="写成 Excel 文件。")] = None,
) -> int:
    """容错统计：人、人次、起、个，各按各的口径，逐级重新去重。"""
    groups = tuple(by or ())
    offered = EVERY if measure or all_of_them else HEADLINE
    wanted = [each for each in offered if not measure or each.id in measure]
    unknown = [
        name for name in groups if any(name not in each.source.dimensions for each in wanted)
    ]
    missing = sorted(set(measure or ()) - {each.id for each in EVERY})
    if unknown or missing:
        aside.print(f"没有这样的分组或指标：{'、'.join([*unknown, *missing])}。")
        aside.print(f"分组有 {'、'.join(GROUPS)}（outcome、track 只用于按认定计的指标，")
        aside.print(f"detail 只用于其余的）；指标有 {'、'.join(m.id for m in EVERY)}。")
        return USAGE
    if period is not None and (since or until or known_at is not None):
        aside.print(PERIOD_ALONE)
        return USAGE
    if for_public and (len(groups) > 1 or behind_them):
        aside.print("--public 只用于一种分组，不能同时列出名单。")
        return USAGE
    kind = None if organ_kind == "all" else organ_kind
    async with reading(home) as connection:
        if period is not None:
            since, until, known_at = await closed_period(connection, period)
        tree, day = region_tree(), boundaries or civil_date(datetime.now(UTC))
        position = await connection.fetchval("SELECT position FROM views.position")
        into = await places(connection, region, day, position)
        question = Question(region, since, until, known_at, kind, groups, into)
        rows = await count(connection, question, wanted)
        lists = await _lists(connection, question, wanted) if behind_them else {}
        (total,) = await count(connection, replace(question, by=()), wanted)
        if for_public:
            below, group = DEFINITIONS.withhold_below, next(iter(groups), None)
            rows = public(rows, total, wanted, below, group)
    shown = [{key: row[key] for key in (*groups, *(m.name for m in wanted))} for row in rows]
    if xlsx:
        above = _above(question, tree, day, position)
        # a table for everybody has its total already, or has it withheld
        headings = {name: HEADINGS[name] for name in groups}
        if "region" in groups:
            headings["region_name"] = "名称"
            shown = [{**row, "region_name": _name(row["region"], tree, day)} for row in shown]
        figures = Figures(headings, wanted, shown, None if for_public else total)
        known = {
            POSITION: str(_known(question, position)),
            DEFINITIONS_EDITION: str(DEFINITIONS.edition),
        }
        write_workbook(xlsx, above, figures, known)
        aside.print(f"已写入 {xlsx}")
    elif as_csv:
        _write_csv(groups, wanted, shown)
    elif json:
        document(_answer(question, position, wanted, shown, lists))
    else:
        _print(groups, wanted, _named(shown, tree, day), lists)
    return OK


@stats.command
async def periods(*, home: HomeOption = None, json: JsonOption = False) -> int:
    """已关账的统计期：起止，以及关账时所知到日志的哪个位置。"""
    async with reading(home) as connection:
        rows = await connection.fetch(
            "SELECT period, kind, first_day, last_day, known_at, to_be_closed_on, closed_on"
            " FROM views.closed_periods ORDER BY last_day, position"
        )
    if json:
        document([dict(row) for row in rows])
        return OK
    table(
        ("统计期", "起", "止", "所知至位置", "应于", "关账"),
        (
            (
                row["period"],
                row["first_day"],
                row["last_day"],
                row["known_at"],
                row["to_be_closed_on"],
                row["closed_on"],
            )
            for row in rows
        ),
    )
    return OK


@stats.command
def measures(*, json: JsonOption = False) -> int:
    """列出指标：计什么、单位、怎样才算一个、属于哪一项之中。"""
    if json:
        document(DEFINITIONS.model_dump(mode="json"))
        return OK
    people.print(f"指标定义第 {DEFINITIONS.edition} 版")
    table(
        ("编号", "指标", "单位", "含义", "其中于"),
        ((m.id, m.label, m.unit, m.meaning, m.within) for m in DEFINITIONS.measures),
    )
    return OK


def _named(rows: list[dict[str, Any]], tree: RegionTree, day: date) -> list[dict[str, Any]]:
    """Rows by region with the name of each unit beside its code, where the table knows it."""
    return [
        {**row, "region": f"{row['region']} {_name(row['region'], tree, day)}".strip()}
        if "region" in row
        else row
        for row in rows
    ]


def _name(code: str, tree: RegionTree, day: date) -> str:
    try:
        return tree.name(code, day)
    except ValueError:
        return ""


async def _lists(
    connection: asyncpg.Connection, question: Question, wanted: list[Measure]
) -> dict[str, list[dict[str, Any]]]:
    return {each.name: await behind(connection, question, each) for each in wanted}


def _answer(
    question: Question,
    position: int,
    wanted: list[Measure],
    rows: list[dict[str, Any]],
    lists: dict[str, list[dict[str, Any]]],
) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "region": question.region,
        "from": question.since,
        "to": question.until,
        "organ_kind": question.organ_kind,
        "by": question.by,
        "position": _known(question, position),
        "measures": [
            {"id": m.id, "name": m.name, "label": m.label, "unit": m.unit} for m in wanted
        ],
        "rows": rows,
    }
    return answer | ({"behind": lists} if lists else {})


def _print(
    groups: tuple[str, ...],
    wanted: list[Measure],
    rows: list[dict[str, Any]],
    lists: dict[str, list[dict[str, Any]]],
) -> None:
    if groups:
        columns = (
            *(HEADINGS[each] for each in groups),
            *(f"{m.label}（{m.unit}）" for m in wanted),
        )
        table(columns, ([*map(_figure, row.values())] for row in rows))
    else:
        table(("指标", "数", "单位"), ((m.label, _figure(rows[0][m.name]), m.unit) for m in wanted))
    for each in wanted:
        if lists.get(each.name):
            people.print(f"\n{each.label}：所依据的{'记录' if each.source is FACTS else '认定'}")
            table(
                ("位置", "案号", "对象", "编号", "内容", "日期"),
                (_listed(row) for row in lists[each.name]),
            )


def _figure(told: Any) -> Any:
    return WITHHELD if told is None else told


def _listed(row: dict[str, Any]) -> tuple[Any, ...]:
    """A line of the list behind a figure, of either source."""
    return (
        row["position"],
        row.get("case_number") or row.get("number"),
        row["subject_label"],
        row["subject_id"],
        row.get("outcome") or "、".join(row.get("detail") or ()),
        row.get("decided_on") or row.get("occurred_on"),
    )


def _write_csv(groups: tuple[str, ...], wanted: list[Measure], rows: list[dict[str, Any]]) -> None:
    sys.stdout.write("\ufeff")  # so that office programs read it as UTF-8
    writer = csv.writer(sys.stdout)
    writer.writerow([*groups, *(f"{m.label}（{m.unit}）" for m in wanted)])
    writer.writerows([*map(_figure, row.values())] for row in rows)


def _above(question: Question, tree: RegionTree, day: date, position: int) -> list[str]:
    """What a reader of the sheet must know before the first figure."""
    code = question.region
    scope = f"{code} {_name(code, tree, day)}".strip() if code else "全部地区"
    since, until = question.since or "最早", question.until or "最近"
    return [
        "填报单位：",
        f"统计范围：{scope}（行政区划按 {day}）",
        f"统计区间：{since} 至 {until}",
        f"数据截止：日志位置 {_known(question, position)}",
        f"指标定义：第 {DEFINITIONS.edition} 版",
    ]


def _known(question: Question, position: int) -> int:
    return position if question.known_at is None else min(position, question.known_at)
