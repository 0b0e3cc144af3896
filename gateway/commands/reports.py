"""`report prepare|publish|return|list|verify|diff`: figures published as they stood."""

import asyncio
from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import Annotated, Any, Final

from cyclopts import App, Parameter

from domain.law.calendar import civil_date
from domain.people import OrganKind
from domain.reporting.reports import (
    PrepareReport,
    PublishReport,
    Report,
    ReportStage,
    ReturnReport,
)
from gateway.commands.acting import Who, acting
from gateway.commands.output import (
    DIFFERENCE,
    OK,
    USAGE,
    JsonOption,
    aside,
    document,
    people,
    table,
)
from gateway.commands.reaching import HomeOption, RegionOption, reading
from gateway.reports import (
    COMPARING,
    VERIFYING,
    Difference,
    cells,
    difference_sheet,
    question_of,
    report_file,
    verify,
    whole,
)
from projections.definitions import DEFINITIONS, EVERY, HEADLINE

STAGES: Final = {
    ReportStage.PREPARED: "待公布",
    ReportStage.RETURNED: "已退回",
    ReportStage.PUBLISHED: "已公布",
}
REPORTS: Final = "SELECT * FROM views.published_reports ORDER BY prepared_on, number"
LABELS: Final = {each.id: each.label for each in EVERY}

report = App(name="report", help="公布的统计报表：拟定、公布、核对，两份逐案比较。")


@report.command
async def prepare(
    number: str,
    title: str,
    /,
    *,
    who: Who,
    region: RegionOption = None,
    since: Annotated[date | None, Parameter(name="--from", help="起（含）。")] = None,
    until: Annotated[date | None, Parameter(name="--to", help="止（含）。")] = None,
    known_at: Annotated[
        int | None, Parameter(help="按日志到这个位置时所知，缺省为现在的位置。")
    ] = None,
    organ_kind: Annotated[
        str, Parameter(help="认定机关的类别：discipline（缺省）、personnel …，或 all。")
    ] = "discipline",
    by_region: Annotated[bool, Parameter(negative=(), help="分地区，每个地区一行。")] = False,
    boundaries: Annotated[
        date | None, Parameter(help="按哪一天的行政区划归并，缺省为今天。")
    ] = None,
    measure: Annotated[
        list[str] | None, Parameter(help="只要这些指标（M1 …），缺省为主要指标；可多次。")
    ] = None,
    home: HomeOption = None,
    json: JsonOption = False,
) -> int:
    """拟定一份统计报表：数出各格，连同问法和每格名单的摘要存下，待另一人公布。"""
    wanted = [each for each in EVERY if each.id in measure] if measure else [*HEADLINE]
    missing = sorted({*(measure or ())} - {*LABELS})
    if missing:
        aside.print(f"没有这样的指标：{'、'.join(missing)}；指标有 {'、'.join(LABELS)}。")
        return USAGE
    if organ_kind not in {"all", *OrganKind}:
        aside.print(f"没有 {organ_kind} 这类机关，有 {'、'.join(OrganKind)}，或 all。")
        return USAGE
    if since and until and since > until:
        aside.print("统计区间的起日晚于止日。")
        return USAGE
    async with acting(home) as (office, views):
        position = await views.fetchval("SELECT position FROM views.position")
        asked = Report(
            number=number,
            title=title,
            definitions=DEFINITIONS.edition,
            region=region,
            since=since,
            until=until,
            organ_kind=None if organ_kind == "all" else OrganKind(organ_kind),
            boundaries=boundaries or civil_date(datetime.now(UTC)),
            by=("region",) if by_region else (),
            position=position if known_at is None else min(position, known_at),
            cells=(),
            digest=whole(()),
        )
        found = await cells(views, await question_of(views, asked), wanted)
        told = asked.model_copy(update={"cells": found, "digest": whole(found)})
        await asyncio.to_thread(office.on_reports, PrepareReport(report=told), who.request())
    if json:
        document({"state": ReportStage.PREPARED, **told.model_dump(mode="json")})
    else:
        _cells(told)
        people.print(
            f"已拟定统计报表 {number}，所据为日志第 {told.position} 号以前。"
            f"请另一人核对后执行 rongcuo report publish {number}"
        )
    return OK


@report.command
async def publish(
    number: str, /, *, who: Who, home: HomeOption = None, json: JsonOption = False
) -> int:
    """公布另一人拟定的报表，须写明批准文号。先照原样重数一遍，不符的不公布。"""
    act = PublishReport(number=number)
    async with acting(home) as (office, views):
        told = (await report_file(views, number, act.label)).report
        differences = await verify(views, told)
        if not differences:
            await asyncio.to_thread(office.on_reports, act, who.request())
    if differences:
        return _verified(told, differences, json=json)
    if json:
        state = ReportStage.PUBLISHED
        told_briefly = {"position": told.position, "digest": told.digest}
        document({"number": number, "state": state, **told_briefly})
    else:
        people.print(f"统计报表 {number} 已公布，自此不再改动。")
    return OK


@report.command(name="return")
async def send_back(
    number: str,
    reason: Annotated[str, Parameter(help="为何退回。")],
    /,
    *,
    who: Who,
    home: HomeOption = None,
    json: JsonOption = False,
) -> int:
    """退回拟定的报表，写明理由；改正后可以用原编号重新拟定。"""
    async with acting(home) as (office, _):
        act = ReturnReport(number=number, explanation=reason)
        await asyncio.to_thread(office.on_reports, act, who.request())
    if json:
        document({"number": number, "state": ReportStage.RETURNED})
    else:
        people.print(f"已退回统计报表 {number}。")
    return OK


@report.command(name="list")
async def list_reports(*, home: HomeOption = None, json: JsonOption = False) -> int:
    """列出统计报表：问的是什么，所据的位置，谁拟定、谁公布。"""
    async with reading(home) as views:
        rows = await views.fetch(REPORTS)
    if json:
        document([{key: each for key, each in row.items() if key != "matter_id"} for row in rows])
        return OK
    table(
        ("编号", "标题", "起", "止", "地区", "所据位置", "情况", "拟定", "公布", "批准"),
        (
            (
                row["number"],
                row["title"],
                row["first_day"],
                row["last_day"],
                row["region"] or "全部",
                row["known_at"],
                STAGES[ReportStage(row["state"])],
                f"{row['prepared_by']} {row['prepared_on']}",
                f"{row['published_by']} {row['published_on']}" if row["published_by"] else "",
                row["authority"],
            )
            for row in rows
        ),
    )
    return OK


@report.command(name="verify")
async def verify_report(
    number: str, /, *, home: HomeOption = None, json: JsonOption = False
) -> int:
    """照报表的问法和位置重数一遍，逐格核对数字和名单；不符的退出码为 3。"""
    async with reading(home) as views:
        told = (await report_file(views, number, VERIFYING)).report
        differences = await verify(views, told)
    return _verified(told, differences, json=json)


@report.command
async def diff(a: str, b: str, /, *, home: HomeOption = None, json: JsonOption = False) -> int:
    """两份报表之差，逐案列出：每个指标背后，只在其中一份里的各是哪些。"""
    async with reading(home) as views:
        one, other = [(await report_file(views, each, COMPARING)).report for each in (a, b)]
        sheet = await difference_sheet(views, one, other)
    if json:
        document(asdict(sheet))
        return OK
    table(
        ("指标", "只在", "地区", "位置", "案号", "对象", "编号", "日期"),
        (
            (
                f"{line.measure} {line.label}",
                line.of,
                line.place,
                line.position,
                line.number,
                line.subject_label,
                line.subject_id,
                line.day,
            )
            for line in sheet.lines
        ),
    )
    if sheet.unshared:
        people.print(f"只有一份载有、没有比较的指标：{'、'.join(sheet.unshared)}")
    return OK


def _verified(told: Report, differences: list[Difference], *, json: bool) -> int:
    if json:
        found: dict[str, Any] = {"number": told.number, "position": told.position}
        document({**found, "agrees": not differences, "differences": [*map(asdict, differences)]})
    elif differences:
        people.print(f"统计报表 {told.number} 与日志不符：")
        table(
            ("指标", "地区", "报表所载", "重数所得", ""),
            (
                (
                    f"{each.measure} {LABELS.get(each.measure, '')}" if each.measure else "全表",
                    each.place,
                    each.published,
                    each.recomputed,
                    "摘要不符" if each.published == each.recomputed else "",
                )
                for each in differences
            ),
        )
    else:
        people.print(
            f"统计报表 {told.number}：{len(told.cells)} 格与日志第 {told.position} 号以前所载相符。"
        )
    return DIFFERENCE if differences else OK


def _cells(told: Report) -> None:
    table(
        ("指标", "地区", "数"),
        ((f"{c.measure} {LABELS[c.measure]}", c.place, c.figure) for c in told.cells),
    )
