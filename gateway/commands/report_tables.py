"""How statistical reports are told to people: their stages, their cells, what differs."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Final

from domain.reporting.report import Report
from domain.reporting.reports import ReportFile, ReportStage
from gateway.commands.output import DIFFERENCE, OK, document, people, table
from gateway.difference_sheet import Line, Why
from gateway.reports import Difference
from projections.definitions import DEFINITIONS, EVERY

STAGES: Final = {
    ReportStage.PREPARED: "待公布",
    ReportStage.RETURNED: "已退回",
    ReportStage.PUBLISHED: "已公布",
    ReportStage.SUBMITTED: "待审核",
    ReportStage.APPROVED: "审核通过",
    ReportStage.SENT_BACK: "退回上报",
}
WHY: Final = {
    Why.RECORDED_LATER: "另一份之后才录入",
    Why.MOVED: "在另一份里归另一地区",
    Why.MERGED: "人员编号并入另一编号",
    Why.OUTSIDE: "不在另一份的统计范围内",
    Why.RELATED: "有关的另一条有变动",
}
LABELS: Final = {each.id: each.label for each in EVERY}


def measure_told(report: Report, measure: str) -> str:
    """A measure with its label, where this program has the definitions it was counted by."""
    known = report.definitions == DEFINITIONS.edition
    return f"{measure} {LABELS.get(measure, '')}".strip() if known else measure


def cells_table(report: Report) -> None:
    table(
        ("指标", "地区", "数"),
        ((measure_told(report, each.measure), each.place, each.figure) for each in report.cells),
    )


def history(file: ReportFile) -> list[str]:
    """What happened to a report, in order: what, when, by whom, on what authority or for why."""
    steps = (
        (file.prepared, None),
        (file.returned, file.returned.explanation if file.returned else None),
        (file.published, None),
        (file.submitted, f"报 {file.submitted.to.id}" if file.submitted else None),
        (file.approved, None),
        (file.sent_back, file.sent_back.explanation if file.sent_back else None),
    )
    told = []
    for event, more in steps:
        if event is not None:
            who = event.envelope.by
            further = "，".join(filter(None, (event.envelope.authority, more)))
            words = f"{event.term}：{event.on}，{who.organ} {who.role} {who.id}"
            told.append(f"{words}（{further}）" if further else words)
    return told


def verified(report: Report, differences: Sequence[Difference], *, json: bool) -> int:
    """Tell what a recount came to; the exit code."""
    if json:
        document(
            {
                "number": report.number,
                "position": report.position,
                "agrees": not differences,
                "differences": [*map(asdict, differences)],
            }
        )
    elif differences:
        people.print(f"统计报表 {report.number} 与日志不符：")
        table(
            ("指标", "地区", "报表所载", "重数所得", ""),
            (
                (
                    measure_told(report, each.measure) if each.measure else "全表",
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
            f"统计报表 {report.number}：{len(report.cells)} 格"
            f"与日志第 {report.position} 号以前所载相符。"
        )
    return DIFFERENCE if differences else OK


def why_told(line: Line) -> str:
    """Why a line stands in a difference sheet, with the act that ended a determination."""
    if line.ended is None:
        return WHY[line.why]
    ended = line.ended
    return f"认定失效：{ended.day} {ended.term}（位置 {ended.position}）"
