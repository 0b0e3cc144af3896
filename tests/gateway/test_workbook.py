"""The figures as an Excel sheet: with what a reader must know, a total, and where to sign."""

import re
import zipfile
from pathlib import Path

from gateway.workbook import Figures, adds_up, write_workbook
from projections.definitions import EVERY

M1, M4 = (next(each for each in EVERY if each.id == wanted) for wanted in ("M1", "M4"))
ROWS = [
    {"region": "420100", M1.name: 2, M4.name: 3},
    {"region": "420300", M1.name: 2, M4.name: 2},
]
TOTAL = {M1.name: 3, M4.name: 5}  # one person was tolerated in both cities


KNOWN = {"日志位置": "9", "指标定义版次": "1"}


def sheet(tmp_path: Path, *, rows: list[dict[str, object]], total: dict[str, int] | None) -> str:
    path = tmp_path / "figures.xlsx"
    figures = Figures({"region": "地区"}, [M1, M4], rows, total)
    write_workbook(path, ["填报单位：", "数据截止：日志位置 9"], figures, KNOWN)
    with zipfile.ZipFile(path) as parts:
        strings = re.findall(
            r"<si><t[^>]*>(.*?)</t></si>", parts.read("xl/sharedStrings.xml").decode()
        )
        told = parts.read("xl/worksheets/sheet1.xml").decode()
    return re.sub(r't="s"><v>(\d+)</v>', lambda found: f"><v>{strings[int(found[1])]}</v>", told)


def cell(told: str, place: str) -> str:
    found = re.search(rf'<c r="{place}"[^>]*>(.*?)</c>', told)
    assert found, place
    return found[1]


def test_persons_are_counted_anew_and_times_are_summed_by_a_formula(tmp_path: Path) -> None:
    told = sheet(tmp_path, rows=ROWS, total=TOTAL)
    assert cell(told, "A7") == "<v>合计</v>"
    assert cell(told, "B7") == "<v>3</v>"
    assert cell(told, "C7") == "<f>SUM(C5:C6)</f><v>5</v>"


def test_a_region_code_is_text_and_a_count_is_a_number(tmp_path: Path) -> None:
    told = sheet(tmp_path, rows=ROWS, total=TOTAL)
    assert (cell(told, "A4"), cell(told, "A5")) == ("<v>地区</v>", "<v>420100</v>")
    assert 'r="A5" t="s"' not in told
    assert re.search(r'<c r="B5"><v>2</v>', told)


def test_what_must_be_known_stands_above_and_who_signs_below(tmp_path: Path) -> None:
    told = sheet(tmp_path, rows=ROWS, total=TOTAL)
    assert [cell(told, place) for place in ("A1", "A2", "A9", "A10")] == [
        "<v>填报单位：</v>",
        "<v>数据截止：日志位置 9</v>",
        "<v>制表人：</v>",
        "<v>审核人：</v>",
    ]
    assert "第 &amp;P 页 共 &amp;N 页" in told
    assert 'orientation="landscape"' in told


def test_a_table_for_everybody_gets_no_total_that_would_tell_what_was_withheld(
    tmp_path: Path,
) -> None:
    told = sheet(tmp_path, rows=[{**ROWS[0], M1.name: None}, ROWS[1]], total=None)
    assert cell(told, "B5") == "<v>＊</v>"
    assert "SUM(" not in told
    assert "合计" not in told


def test_only_what_is_counted_by_the_event_is_summed() -> None:
    assert {each.id for each in EVERY if adds_up(each)} == {
        *("M4", "M14t", "M16h", "M18p", "M20r"),
        *("M19", "M19t", "M19l", "M19u"),  # a duty is met once
    }


def test_a_program_can_tell_from_the_file_what_the_figures_are(tmp_path: Path) -> None:
    sheet(tmp_path, rows=ROWS, total=TOTAL)
    with zipfile.ZipFile(tmp_path / "figures.xlsx") as parts:
        told = parts.read("docProps/custom.xml").decode()
    named = re.findall(r'name="(.*?)"><vt:lpwstr>(.*?)</vt:lpwstr>', told)
    assert dict(named) == KNOWN
