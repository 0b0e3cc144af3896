"""A statistical report as an Excel sheet: its frozen cells, and in the file what they are."""

from pathlib import Path
from typing import Any, Final

from domain.reporting.report import Report
from domain.reporting.reports import ReportFile
from gateway.reports import measures_of, require_same_definitions
from gateway.workbook import DEFINITIONS_EDITION, POSITION, Figures, write_workbook

WRITING: Final = "写成 Excel 文件"
PLACE: Final = "place"


def write_report(path: Path, file: ReportFile) -> None:
    """The cells as they were kept, nothing counted again and nothing added up.

    Raises Refusal where this program has other definitions: it could not name the measures.
    """
    report = file.report
    require_same_definitions(report, WRITING)
    measures = measures_of(report)
    names = {each.id: each.name for each in measures}
    rows: dict[str | None, dict[str, Any]] = {}
    for cell in report.cells:
        row = rows.setdefault(cell.place, {PLACE: cell.place, **dict.fromkeys(names.values(), 0)})
        row[names[cell.measure]] = cell.figure
    groups = {PLACE: "地区"} if report.by else {}
    known = {
        "报表编号": report.number,
        "报表摘要": report.digest,
        POSITION: str(report.position),
        DEFINITIONS_EDITION: str(report.definitions),
    }
    figures = Figures(groups, measures, [rows[place] for place in sorted(rows, key=str)])
    write_workbook(path, _above(report), figures, known)


def _above(report: Report) -> list[str]:
    """What a reader of the sheet must know before the first figure."""
    since, until = report.since or "最早", report.until or "最近"
    return [
        f"报表编号：{report.number}　{report.title}",
        f"统计范围：{report.region or '全部地区'}（行政区划按 {report.boundaries}）",
        f"统计区间：{since} 至 {until}",
        f"数据截止：日志位置 {report.position}",
        f"指标定义：第 {report.definitions} 版",
        f"报表摘要：{report.digest}",
    ]
