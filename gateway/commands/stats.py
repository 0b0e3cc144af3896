"""`stats`: the figures, over any window, place and breakdown, and the list behind each."""

import csv
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import asyncpg
from cyclopts import App, Parameter

from domain.regions.tree import RegionTree
from domain.reporting.percentages import percentages
from gateway.commands.asking import AS_USUAL, HEADINGS, Asked, Scope
from gateway.commands.output import OK, USAGE, JsonOption, aside, document, people, table
from gateway.commands.reaching import HomeOption, reading
from gateway.public_figures import WITHHELD, public
from gateway.regions import region_tree
from gateway.workbook import CHECKPOINT, DEFINITIONS_EDITION, POSITION, Figures, write_workbook
from projections.definitions import DEFINITIONS
from projections.statistics import DETERMINATIONS, Measure, Question, behind, count

stats = App(name="stats", help="统计：数字和名单；报表的公布、核对、比较、上报。")
stats.command(
    "gateway.commands.timeliness:show",
    name="timeliness",
    help="时效：按期率，所用工作日的中位数和最长。",
)
stats.command("gateway.commands.charts:chart", name="chart", help="图：地图、格子图、趋势、排列。")
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
    asked: Asked = AS_USUAL,
    *,
    for_public: Annotated[
        bool, Parameter(name="--public", negative=(), help="公开用：隐去小数，以及能推出它的数。")
    ] = False,
    percent: Annotated[
        bool, Parameter(negative=(), help="各行另列占比：占各行之和的百分之几，合为 100.0。")
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
    groups = tuple(asked.by or ())
    faults = [*asked.faults()]
    if for_public and (len(groups) > 1 or behind_them or percent):
        faults.append("--public 只用于一种分组，不能同时列出名单或占比。")
    if percent and (xlsx or not groups):
        faults.append("--percent 是各行之间的占比，须与 --by 同用；不写入 Excel。")
    if faults:
        aside.print("\n".join(faults))
        return USAGE
    async with reading(home) as connection:
        scope = await asked.scope(connection)
        question, wanted = scope.question, scope.measures
        rows = await count(connection, question, wanted)
        lists = await _lists(connection, question, wanted) if behind_them else {}
        (total,) = await count(connection, replace(question, by=()), wanted)
    if for_public:
        below, group = DEFINITIONS.withhold_below, next(iter(groups), None)
        rows = public(rows, total, wanted, below, group)
    shown = [{key: row[key] for key in (*groups, *(m.name for m in wanted))} for row in rows]
    columns = {each.name: f"{each.label}（{each.unit}）" for each in wanted}
    if percent:
        columns = _with_shares(shown, columns)
    tree = region_tree()
    if xlsx:
        _write_workbook(xlsx, scope, shown, None if for_public else total, tree)
    elif as_csv:
        _write_csv(groups, columns, shown)
    elif json:
        document(_answer(scope, shown, lists))
    else:
        _print(scope, columns, _named(shown, tree, scope.boundaries), lists)
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


def _with_shares(rows: list[dict[str, Any]], columns: dict[str, str]) -> dict[str, str]:
    """Put each figure's share beside it in the rows; the columns there are then."""
    told: dict[str, str] = {}
    for name, label in columns.items():
        told |= {name: label, f"{name}_percent": "占比（%）"}
        shares = percentages([row[name] for row in rows])
        for row, share in zip(rows, shares, strict=True):
            figure = row.pop(name)  # so that its share stands beside it
            row |= {name: figure, f"{name}_percent": str(share)}
    return told


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
    scope: Scope, rows: list[dict[str, Any]], lists: dict[str, list[dict[str, Any]]]
) -> dict[str, Any]:
    question = scope.question
    answer: dict[str, Any] = {
        "region": question.region,
        "from": question.since,
        "to": question.until,
        "dated": question.dated,
        "organ_kind": question.organ_kind,
        "by": question.by,
        "overlapping": overlapping(scope),
        "only": question.only,
        "boundaries": scope.boundaries,
        "position": scope.position,
        "definitions": DEFINITIONS.edition,
        "measures": [
            {"id": m.id, "name": m.name, "label": m.label, "unit": m.unit} for m in scope.measures
        ],
        "rows": rows,
    }
    return answer | ({"behind": lists} if lists else {})


def _print(
    scope: Scope,
    columns: dict[str, str],
    rows: list[dict[str, Any]],
    lists: dict[str, list[dict[str, Any]]],
) -> None:
    groups, wanted = scope.question.by, scope.measures
    if groups:
        heads = (*(HEADINGS[each] for each in groups), *columns.values())
        table(heads, ([*map(_figure, row.values())] for row in rows))
    else:
        table(("指标", "数", "单位"), ((m.label, _figure(rows[0][m.name]), m.unit) for m in wanted))
    if overlapping(scope):
        people.print("一个对象可以列入几行，各行不可相加。")
    for each in wanted:
        if lists.get(each.name):
            people.print(
                f"\n{each.label}：所依据的{'认定' if each.source is DETERMINATIONS else '记录'}"
            )
            table(
                ("位置", "案号", "对象", "编号", "内容", "日期"),
                (_listed(row) for row in lists[each.name]),
            )


def overlapping(scope: Scope) -> bool:
    """Whether one thing may stand in several rows, so that even events do not add up."""
    return any(name in m.source.several for m in scope.measures for name in scope.question.by)


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


def _write_csv(
    groups: tuple[str, ...], columns: dict[str, str], rows: list[dict[str, Any]]
) -> None:
    sys.stdout.write("\ufeff")  # so that office programs read it as UTF-8
    writer = csv.writer(sys.stdout)
    writer.writerow([*groups, *columns.values()])
    writer.writerows([*map(_figure, row.values())] for row in rows)


def _write_workbook(
    path: Path,
    scope: Scope,
    rows: list[dict[str, Any]],
    total: dict[str, Any] | None,
    tree: RegionTree,
) -> None:
    headings = {name: HEADINGS[name] for name in scope.question.by}
    if "region" in headings:
        headings["region_name"] = "名称"
        rows = [
            {**row, "region_name": _name(row["region"], tree, scope.boundaries)} for row in rows
        ]
    figures = Figures(headings, scope.measures, rows, total, overlapping(scope))
    known = {POSITION: str(scope.position), DEFINITIONS_EDITION: str(DEFINITIONS.edition)}
    if scope.checkpoint:
        known[CHECKPOINT] = scope.checkpoint
    write_workbook(path, _above(scope, tree), figures, known)
    aside.print(f"已写入 {path}")


def _above(scope: Scope, tree: RegionTree) -> list[str]:
    """What a reader of the sheet must know before the first figure."""
    question, day = scope.question, scope.boundaries
    code = question.region
    where = f"{code} {_name(code, tree, day)}".strip() if code else "全部地区"
    since, until = question.since or "最早", question.until or "最近"
    return [
        "填报单位：",
        f"统计范围：{where}（行政区划按 {day}）",
        f"统计区间：{since} 至 {until}",
        f"数据截止：日志位置 {scope.position}",
        f"指标定义：第 {DEFINITIONS.edition} 版",
    ]
