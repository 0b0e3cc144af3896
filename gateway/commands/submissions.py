"""`stats submit|approve|send-back|submissions`: reports on their way up the tree."""

import asyncio
from collections import Counter
from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import Annotated, Final

from cyclopts import Parameter

from domain.law.calendar import civil_date
from domain.reporting.reports import ReportStage
from domain.reporting.submissions import ApproveReport, SendBackReport, SubmitReport
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
from gateway.commands.reaching import HomeOption, RegionCode, reading
from gateway.commands.report_tables import STAGES, verified
from gateway.commands.window import ALL_DAYS, OrganKindOption, Window, kind_of
from gateway.reports import differences, recounted, report_file, whole
from gateway.submissions import Below, Between, RollUp, roll_up, submission

BETWEEN: Final = {  # told one by one; what is missing, which may be most, is told by its place
    Between.SEVERAL: "几处都计，合计只算一个",
    Between.GONE: "上报以后不再计",
}


async def submit(
    number: str,
    /,
    *,
    above: Annotated[str, Parameter(help="上一级机关的编号：报给谁审核。")],
    who: Who,
    home: HomeOption = None,
    json: JsonOption = False,
) -> int:
    """上报：公布它的机关把报表报给上一级行政区划的机关。数字就是报表的，不另填。"""
    async with acting(home) as (office, views):
        told = (await report_file(views, number, SubmitReport.label)).report
        act = await submission(views, told, who.organ, above)
        await asyncio.to_thread(office.on_reports, act, who.request())
    if json:
        state = ReportStage.SUBMITTED
        document({"number": number, "state": state, "to": above, "unit_above": act.above})
    else:
        people.print(f"统计报表 {number} 已上报 {above}（{act.above}），待其审核。")
    return OK


async def approve(
    number: str, /, *, who: Who, home: HomeOption = None, json: JsonOption = False
) -> int:
    """审核通过下级上报的报表。先照原样重数一遍，不符的不通过，逐格列出，退出码为 3。"""
    async with acting(home) as (office, views):
        told = (await report_file(views, number, ApproveReport.label)).report
        again = await recounted(views, told, ApproveReport.label)
        found = differences(told, again)
        if not found:
            act = ApproveReport(number=number, cells=again, digest=whole(again))
            await asyncio.to_thread(office.on_reports, act, who.request())
    if found:
        return verified(told, found, json=json)
    if json:
        state = ReportStage.APPROVED
        known = {"position": told.position, "digest": told.digest}
        document({"number": number, "state": state, **known})
    else:
        people.print(f"统计报表 {number} 重数相符，审核通过。")
    return OK


async def send_back(
    number: str,
    /,
    *,
    because: Annotated[str, Parameter(help="为何退回。")],
    who: Who,
    home: HomeOption = None,
    json: JsonOption = False,
) -> int:
    """退回下级上报的报表，写明理由；报表不改动，下级另编一号再报。"""
    async with acting(home) as (office, _):
        act = SendBackReport(number=number, explanation=because)
        await asyncio.to_thread(office.on_reports, act, who.request())
    if json:
        document({"number": number, "state": ReportStage.SENT_BACK})
    else:
        people.print(f"已退回上报的统计报表 {number}。")
    return OK


async def submissions(
    *,
    region: RegionCode,
    window: Window = ALL_DAYS,
    organ_kind: OrganKindOption = "discipline",
    boundaries: Annotated[
        date | None, Parameter(help="按哪一天的行政区划列下级，缺省为今天。")
    ] = None,
    home: HomeOption = None,
    json: JsonOption = False,
) -> int:
    """下级上报到哪一步；各份之和与本级去重数并列，差在哪里逐个列出。与日志不符的退出码为 3。"""
    if window.fault:
        aside.print(window.fault)
        return USAGE
    day = boundaries or civil_date(datetime.now(UTC))
    async with reading(home) as views:
        days = await window.days(views)
        told = await roll_up(views, region, days, kind_of(organ_kind), day)
    if json:
        document(asdict(told))
    else:
        _print(told)
    return DIFFERENCE if any(each.agrees is False for each in told.below) else OK


def _print(told: RollUp) -> None:
    people.print(f"{told.region} {told.name}：下级上报情况")
    table(
        ("地区", "名称", "报表", "情况", "所据位置", "上报", "审核", "理由"),
        (
            (
                each.unit,
                each.name,
                each.number,
                _stage(each),
                each.position,
                f"{each.submitted_by} {each.submitted_on}" if each.submitted_by else "",
                f"{each.reviewed_by} {each.reviewed_on}" if each.reviewed_by else "",
                each.because,
            )
            for each in told.below
        ),
    )
    if not told.totals:
        return
    people.print(f"\n各份之和不是本级的数：本级按日志第 {told.position} 号以前重新去重")
    table(
        ("指标", "各份之和", "减：几处都计", "减：不再计", "加：未在其中", "本级去重", "单位"),
        (
            (
                f"{each.measure} {each.label}",
                each.reported,
                each.several,
                each.gone,
                each.missing,
                each.counted,
                each.unit,
            )
            for each in told.totals
        ),
    )
    table(
        ("指标", "缘由", "地区", "位置", "案号", "对象", "编号"),
        (
            (
                each.measure,
                BETWEEN[each.why],
                "、".join(each.units),
                each.position,
                each.number,
                each.subject_label,
                each.subject_id,
            )
            for each in told.apart
            if each.why in BETWEEN
        ),
    )
    missing = Counter(
        (each.measure, *each.units) for each in told.apart if each.why is Between.MISSING
    )
    if missing:
        people.print("\n不在上报的报表里的，逐个见 --json")
        table(("指标", "地区", "数"), ((*key, number) for key, number in sorted(missing.items())))


def _stage(each: Below) -> str:
    if each.stage is None:
        return "未上报"
    return STAGES[each.stage] + ("（与日志不符，未计入）" if each.agrees is False else "")
