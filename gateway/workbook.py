"""The figures as an Excel sheet an office can print, sign and file; equal figures, equal bytes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name

from gateway.public_figures import TOTAL, WITHHELD
from projections.statistics import Measure

# fixed in the file, so that equal figures give equal bytes
CREATED: Final = datetime(2000, 1, 1, tzinfo=UTC)
PAPER_A4: Final = 9  # its number in the file format
# names of the properties by which a program can tell what the figures in a file are
POSITION: Final = "日志位置"
DEFINITIONS_EDITION: Final = "指标定义版次"
CHECKPOINT: Final = "检查点"  # the first that covers the position: its size and its root
SIGNED_BY: Final = ("制表人：", "审核人：")

Row = dict[str, Any]


@dataclass(frozen=True)
class Figures:
    """A breakdown as it was counted: `groups` are columns of words and what stands over them.

    `total` is None where it may not be shown. `overlapping`: one thing may stand in several rows.
    """

    groups: Mapping[str, str]
    measures: Sequence[Measure]
    rows: Sequence[Row]
    total: Row | None = None
    overlapping: bool = False


def write_workbook(
    path: Path, above: Sequence[str], figures: Figures, known: Mapping[str, str]
) -> None:
    """One sheet: the lines `above` it, a head, the rows, their total and where to sign.

    The total is a formula where the rows add up to it. Persons and matters do not: one may stand
    in several rows, so their total is the figure counted anew. `known`: properties of the file.
    """
    groups, measures, rows, total = figures.groups, figures.measures, figures.rows, figures.total
    labels = [*groups.values(), *(f"{each.label}（{each.unit}）" for each in measures)]
    with xlsxwriter.Workbook(str(path)) as workbook:
        workbook.set_properties(
            {"title": "容错统计", "comments": "；".join(above), "created": CREATED}
        )
        for name, value in known.items():
            workbook.set_custom_property(name, value)
        sheet = workbook.add_worksheet("容错统计")
        head = workbook.add_format({"bold": True, "bottom": 1, "text_wrap": True})
        sum_format = workbook.add_format({"bold": True, "top": 1})
        sheet.write_column(0, 0, above)
        first = len(above) + 2
        sheet.write_row(first - 1, 0, labels, head)
        for number, row in enumerate(rows, start=first):
            for column, name in enumerate(groups):
                sheet.write_string(number, column, str(row[name]))  # a region code is text
            for column, each in enumerate(measures, start=len(groups)):
                told = row[each.name]
                sheet.write(number, column, WITHHELD if told is None else told)
        below = first + len(rows)
        if total is not None and rows and groups:
            sheet.write_string(below, 0, TOTAL, sum_format)
            for column, each in enumerate(measures, start=len(groups)):
                if adds_up(each) and not figures.overlapping:
                    letter = xl_col_to_name(column)
                    formula = f"=SUM({letter}{first + 1}:{letter}{below})"
                    sheet.write_formula(below, column, formula, sum_format, total[each.name])
                else:
                    sheet.write_number(below, column, total[each.name], sum_format)
            below += 1
        sheet.write_column(below + 1, 0, SIGNED_BY)
        sheet.freeze_panes(first, len(groups))
        sheet.repeat_rows(first - 1)
        sheet.set_landscape()
        sheet.set_paper(PAPER_A4)
        sheet.fit_to_pages(1, 0)  # as wide as the page, as long as it takes
        sheet.set_footer("&C第 &P 页 共 &N 页")
        sheet.set_column(0, len(labels) - 1, 14)


def adds_up(measure: Measure) -> bool:
    """Whether the rows of any breakdown sum to the total: each event is counted in one row."""
    return measure.counted == measure.source.columns["position"]
