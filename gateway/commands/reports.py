"""`stats prepare|publish|return|reports|show|verify|diff`: figures published as they stood."""

import asyncio
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Final

from cyclopts import Parameter

from domain.law.calendar import civil_date
from domain.reporting.report import Report
from domain.reporting.reports import PrepareReport, PublishReport, ReportStage, ReturnReport
from gateway.commands.acting import Who, acting
from gateway.commands.output import OK, USAGE, JsonOption, aside, document, people, table
from gateway.commands.reaching import HomeOption, RegionOption, reading
from gateway.commands.report_tables import (
    LABELS,
    STAGES,
    cells_table,
    history,
    measure_told,
    verified,
    why_told,
)
from gateway.commands.window import ALL_DAYS, OrganKindOption, Window, kind_of
from gateway.difference_sheet import COMPARING, difference_sheet
from gateway.report_workbook import write_report
from gateway.reports import VERIFYING, cells, question_of, report_file, verify, whole
from projections.definitions import DEFINITIONS, EVERY, HEADLINE

LISTED: Final = "SELECT * FROM views.published_reports ORDER BY prepared_on, number"
SHOWING: Final = "查看统计报表"


async def prepare(
    number: str,
    title: str,
    /,
    *,
    who: Who,
    region: RegionOption = None,
    window: Window = ALL_DAYS,
    organ_kind: OrganKindOption = "discipline",
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
    if window.fault:
        aside.print(window.fault)
        return USAGE
    async with acting(home) as (office, views):
        since, until, position = await window.days(views)
        asked = Report(
            number=number,
            title=title,
            definitions=DEFINITIONS.edition,
            region=region,
            since=since,
            until=until,
            organ_kind=kind_of(organ_kind),
            boundaries=boundaries or civil_date(datetime.now(UTC)),
            by=("region",) if by_region else (),
            position=position,
            cells=(),
            digest=whole(()),
        )
        found = await cells(views, await question_of(views, asked), wanted)
        told = asked.model_copy(update={"cells": found, "digest": whole(found)})
        await asyncio.to_thread(office.on_reports, PrepareReport(report=told), who.request())
    if json:
        document({"state": ReportStage.PREPARED, **told.model_dump(mode="json")})
    else:
        cells_table(told)
        people.print(
            f"已拟定统计报表 {number}，所据为日志第 {told.position} 号以前。"
            f"请另一人核对后执行 rongcuo stats publish {number}"
        )
    return OK


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
        return verified(told, differences, json=json)
    if json:
        state = ReportStage.PUBLISHED
        told_briefly = {"position": told.position, "digest": told.digest}
        document({"number": number, "state": state, **told_briefly})
    else:
        people.print(f"统计报表 {number} 已公布，自此不再改动。")
    return OK


async def return_draft(
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


async def reports(*, home: HomeOption = None, json: JsonOption = False) -> int:
    """列出统计报表：问的是什么，所据的位置，谁拟定、公布、上报、审核。"""
    async with reading(home) as views:
        rows = await views.fetch(LISTED)
    if json:
        document([{key: each for key, each in row.items() if key != "matter_id"} for row in rows])
        return OK
    table(
        (
            *("编号", "标题", "起", "止", "地区", "所据位置", "情况"),
            *("拟定", "公布", "批准", "上报", "审核"),
        ),
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
                f"{row['submitted_to']} {row['submitted_on']}" if row["submitted_to"] else "",
                f"{row['reviewed_by']} {row['reviewed_on']}" if row["reviewed_by"] else "",
            )
            for row in rows
        ),
    )
    return OK


async def show(
    number: str,
    /,
    *,
    home: HomeOption = None,
    json: JsonOption = False,
    xlsx: Annotated[Path | None, Parameter(help="写成 Excel 文件。")] = None,
) -> int:
    """一份报表：问的是什么，各格的数，经过。数是存下的，不重数；重数见 stats verify。"""
    async with reading(home) as views:
        file = await report_file(views, number, SHOWING)
    told = file.report
    if xlsx:
        write_report(xlsx, file)
        aside.print(f"已写入 {xlsx}")
    elif json:
        document({"state": file.stage, **told.model_dump(mode="json"), "history": history(file)})
    else:
        since, until = told.since or "最早", told.until or "最近"
        people.print(f"{told.number} {told.title}（{STAGES[file.stage]}）")
        people.print(f"统计范围 {told.region or '全部地区'}，{since} 至 {until}")
        people.print(f"所据为日志第 {told.position} 号以前，指标定义第 {told.definitions} 版")
        people.print(f"摘要 {told.digest}")
        cells_table(told)
        people.print("\n".join(history(file)))
    return OK


async def verify_report(
    number: str, /, *, home: HomeOption = None, json: JsonOption = False
) -> int:
    """照报表的问法和位置重数一遍，逐格核对数字和名单；不符的退出码为 3。"""
    async with reading(home) as views:
        told = (await report_file(views, number, VERIFYING)).report
        differences = await verify(views, told)
    return verified(told, differences, json=json)


async def diff(a: str, b: str, /, *, home: HomeOption = None, json: JsonOption = False) -> int:
    """两份报表之差，逐案列出，各写明缘由：每个指标背后，只在其中一份里的各是哪些。"""
    async with reading(home) as views:
        one, other = [(await report_file(views, each, COMPARING)).report for each in (a, b)]
        sheet = await difference_sheet(views, one, other)
    if json:
        document(asdict(sheet))
        return OK
    table(
        ("指标", "只在", "地区", "位置", "案号", "对象", "编号", "日期", "缘由"),
        (
            (
                measure_told(one, line.measure),
                line.of,
                line.place,
                line.position,
                line.number,
                line.subject_label,
                line.subject_id,
                line.day,
                why_told(line),
            )
            for line in sheet.lines
        ),
    )
    if sheet.unshared:
        people.print(f"只有一份载有、没有比较的指标：{'、'.join(sheet.unshared)}")
    return OK
