"""The table of regions read, refused line by line when it is broken, and asked from a shell."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from domain.refusals import Code, Refusal
from gateway.commands.regions import region
from gateway.files import RulebookFault
from gateway.regions import COLUMNS, region_tree

HEAD = ",".join(COLUMNS)
SOUND = (
    "420000,湖北省,,province,,,,yes",
    "421000,荆州市,420000,prefecture,,,,yes",
    "421023,监利县,421000,county,,2020-06-11,421088,yes",
    "421088,监利市,421000,county,2020-06-12,,,yes",
)
PROVINCE, CITY, OLD, NEW = SOUND


def written(path: Path, *lines: str, head: str = HEAD) -> Path:
    file = path / "regions.csv"
    file.write_text("\n".join([head, *lines, ""]), "utf-8")
    return file


# --- reading ----------------------------------------------------------------------------------


def test_a_sound_table_is_read(tmp_path: Path) -> None:
    tree = region_tree(written(tmp_path, *SOUND))
    assert tree.successor("421023", date(2026, 1, 1)).name == "监利市"
    assert [each.code for each in tree.on(date(2020, 6, 11))] == ["420000", "421000", "421023"]


def test_the_order_of_lines_does_not_matter(tmp_path: Path) -> None:
    tree = region_tree(written(tmp_path, *reversed(SOUND)))
    assert tree.name("421023", date(2020, 6, 11)) == "监利县"


def test_what_an_office_program_leaves_in_a_table_is_read_over(tmp_path: Path) -> None:
    file = tmp_path / "regions.csv"
    lines = [HEAD, PROVINCE, "", '"421000", 荆州市 ,420000,prefecture,,,,yes', ""]
    file.write_bytes(("\ufeff" + "\r\n".join(lines)).encode())
    assert region_tree(file).name("4210", date(2026, 1, 1)) == "荆州市"


def test_a_bare_year_begins_with_its_first_day_and_ends_with_its_last(tmp_path: Path) -> None:
    old = "421023,监利县,421000,county,,2019,421088,no"
    tree = region_tree(
        written(tmp_path, PROVINCE, CITY, old, "421088,监利市,421000,county,2020,,,no")
    )
    assert tree.find("421023", date(2019, 12, 31)).confirmed is False
    assert tree.find("421088", date(2020, 1, 1)).confirmed is False


# --- refused ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "line", "key", "told"),
    [
        ([PROVINCE, "421000,荆州市,420000,prefecture,,,yes"], 3, "全行", "应有 8 栏，写了 7 栏"),
        ([PROVINCE, "42100,荆州市,420000,prefecture,,,,yes"], 3, "code", "请写六位数字"),
        ([PROVINCE, "４２１０００,荆州市,420000,prefecture,,,,yes"], 3, "code", "请写六位数字"),
        ([PROVINCE, "421000,荆州市,420000,county,,,,yes"], 3, "level", "照代码应为 prefecture"),
        ([PROVINCE, "421000, ,420000,prefecture,,,,yes"], 3, "name", "不能为空"),
        (
            [PROVINCE, CITY, "421088,监利市,421000,county,2020/6/12,,,yes"],
            4,
            "valid_from",
            "请写日期，如 2026-01-01；只知道年份的写年份，不限的留空",
        ),
        (
            [PROVINCE, CITY, "421088,监利市,421000,county,2020-06-31,,,yes"],
            4,
            "valid_from",
            "请写日期，如 2026-01-01；只知道年份的写年份，不限的留空",
        ),
        (
            [PROVINCE, CITY, "421023,监利县,421000,county,,9999-12-31,421088,yes", NEW],
            4,
            "valid_to",
            "请写日期，如 2026-01-01；只知道年份的写年份，不限的留空",
        ),
        (
            [PROVINCE, CITY, "421023,监利县,421000,county,2020-06-12,2020-06-11,421088,yes", NEW],
            4,
            "valid_to",
            "早于 valid_from，请核对",
        ),
        ([PROVINCE, "421000,荆州市,420000,prefecture,,,,是"], 3, "confirmed", "只能写 yes、no"),
        (
            [PROVINCE, CITY, "421088,监利市,421000,county,2020,,,yes"],
            4,
            "confirmed",
            "只知道年份的写 no，其余写 yes",
        ),
        (
            [PROVINCE, CITY, "421088,监利市,421000,county,2020-06-12,,,no"],
            4,
            "confirmed",
            "只知道年份的写 no，其余写 yes",
        ),
        (
            [PROVINCE, CITY, "421023,监利县,421000,county,,2020-06-11,,yes", NEW],
            4,
            "successor",
            "有止期的须写后继代码，没有止期的留空",
        ),
        (
            [PROVINCE, CITY, "421023,监利县,421000,county,,,421088,yes", NEW],
            4,
            "successor",
            "有止期的须写后继代码，没有止期的留空",
        ),
        ([PROVINCE, CITY, OLD], 4, "successor", "421023 监利县：表里没有 421088，请先写一行"),
        (
            [PROVINCE, CITY, OLD, "421088,监利市,421000,county,2020-06-13,,,yes"],
            4,
            "successor",
            "421023 监利县：421088 在 2020-06-12 没有有效的一行，请核对",
        ),
        (
            [PROVINCE, CITY, "421023,监利县,421000,county,,2020-06-11,421023,yes"],
            4,
            "successor",
            "421023 监利县：421023 在 2020-06-12 没有有效的一行，请核对",
        ),
        ([CITY], 2, "parent", "421000 荆州市：表里没有它的省，请先写一行"),
        (
            [PROVINCE, CITY, "421002,沙市区,420000,county,,,,yes"],
            4,
            "parent",
            "421002 沙市区：照代码应为 421000",
        ),
        (
            [PROVINCE, CITY, "421002,沙市区,,county,,,,yes"],
            4,
            "parent",
            "421002 沙市区：照代码应为 421000",
        ),
        (
            [PROVINCE, CITY, "421002,沙市区,421002,county,,,,yes"],
            4,
            "parent",
            "421002 沙市区：照代码应为 421000",
        ),
        (
            ["420000,湖北省,421000,province,,,,yes", CITY],
            2,
            "parent",
            "420000 湖北省：省级没有上级，请留空",
        ),
        (
            [PROVINCE, "421000,荆州市,420000,prefecture,1996-12-02,,,yes", OLD, NEW],
            4,
            "parent",
            "421023 监利县：上级 421000 起初没有有效的一行，请核对",
        ),
        (
            [
                PROVINCE,
                "421000,荆沙市,420000,prefecture,,2021-12-31,421000,yes",
                "421000,荆州市,420000,prefecture,2022-01-01,2024-12-31,422800,yes",
                "422800,恩施土家族苗族自治州,420000,prefecture,,,,yes",
                NEW,
            ],
            6,
            "parent",
            "421088 监利市：上级 421000 在 2025-01-01 没有有效的一行，请核对",
        ),
        (
            [*SOUND, "421088,监利县级市,421000,county,2021-01-01,,,yes"],
            6,
            "valid_from",
            "421088 监利县级市：与第 5 行的有效期重叠，请核对",
        ),
        (
            [
                PROVINCE,
                CITY,
                "421088,监利市,421000,county,,2020-01-01,421088,yes",
                "421088,监利市,421000,county,2020-01-01,,,yes",
            ],
            5,
            "valid_from",
            "421088 监利市：与第 4 行的有效期重叠，请核对",
        ),
    ],
)
def test_a_broken_table_is_refused_with_the_line_and_what_to_write(
    tmp_path: Path, lines: list[str], line: int, key: str, told: str
) -> None:
    with pytest.raises(RulebookFault) as fault:
        region_tree(written(tmp_path, *lines))
    assert [(e.line, e.key, e.remedy) for e in fault.value.faults] == [(line, key, told)]
    assert f"regions.csv，第 {line} 行，{key}" in str(fault.value)


def test_successors_in_a_circle_are_refused(tmp_path: Path) -> None:
    there = "421023,监利县,421000,county,,2020-06-11,421088,yes"
    back = "421088,监利市,421000,county,2020-06-12,2021-12-31,421023,yes"
    with pytest.raises(RulebookFault) as fault:
        region_tree(written(tmp_path, PROVINCE, CITY, there, back))
    assert [each.line for each in fault.value.faults] == [5]
    assert "421023 在 2022-01-01 没有有效的一行" in str(fault.value)


def test_every_fault_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(RulebookFault) as fault:
        region_tree(written(tmp_path, PROVINCE, "42100,,420000,prefecture,,,,yes", "4,x"))
    assert [(each.line, each.key) for each in fault.value.faults] == [
        (3, "code"),
        (3, "name"),
        (4, "全行"),
    ]


def test_a_line_that_cannot_be_read_is_not_held_against_those_below_it(tmp_path: Path) -> None:
    with pytest.raises(RulebookFault) as fault:
        region_tree(written(tmp_path, PROVINCE, CITY.replace("yes", "maybe"), OLD, NEW))
    assert [each.line for each in fault.value.faults] == [3]


def test_a_table_with_other_columns_is_refused(tmp_path: Path) -> None:
    for head in (HEAD.replace("parent", "above"), "", HEAD + ",more"):
        with pytest.raises(RulebookFault, match=f"第 1 行，栏目：第一行请依次写 {HEAD}"):
            region_tree(written(tmp_path, *SOUND, head=head))


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "regions.csv").write_text("", "utf-8")
    with pytest.raises(RulebookFault, match="第一行请依次写"):
        region_tree(tmp_path / "regions.csv")


def test_a_quotation_mark_left_open_is_refused_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(RulebookFault, match=r"第 \d 行，全行：不合 CSV 写法") as fault:
        region_tree(written(tmp_path, PROVINCE, '421000,"荆州市,420000,prefecture,,,,yes'))
    assert fault.value.faults[0].line >= 3


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RulebookFault, match="找不到或者打不开"):
        region_tree(tmp_path / "regions.csv")
    (tmp_path / "regions.csv").write_bytes(f"{HEAD}\n{PROVINCE}\n".encode("gbk"))
    with pytest.raises(RulebookFault, match="不是 UTF-8 编码"):
        region_tree(tmp_path / "regions.csv")


# --- the command ------------------------------------------------------------------------------


def asked(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    found = region([*arguments], exit_on_error=False, result_action="return_value")
    assert found == 0
    return capsys.readouterr().out


def asked_json(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    return json.loads(asked(capsys, *arguments, "--json"))


def test_the_regions_of_a_day_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    before = asked_json(capsys, "list", "--on", "2018-02-23")
    after = asked_json(capsys, "list", "--on", "2018-02-24")
    gone = [each["name"] for each in before if each not in after]
    come = [each["name"] for each in after if each not in before]
    assert (gone, come) == (["京山县"], ["京山市"])
    assert [e["name"] for e in after if e["directly_administered"]] == [
        "仙桃市",
        "潜江市",
        "天门市",
        "神农架林区",
    ]


def test_the_list_for_people_tells_only_the_year_of_what_is_not_confirmed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    lines = {line.split()[0]: line for line in asked(capsys, "list").splitlines()}
    assert lines["420304"].split()[4:] == ["2014", "年（日期未核实）"]
    assert lines["421088"].split() == ["421088", "监利市", "县级", "421000", "2020-06-12"]
    assert lines["429004"].split() == ["429004", "仙桃市", "省直辖县级", "420000"]


def test_a_code_is_shown_with_what_is_above_and_below_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = asked_json(capsys, "show", "4210", "--on", "2019-01-01")
    assert (found["code"], found["on"], found["region"]["name"]) == ("4210", "2019-01-01", "荆州市")
    assert [each["name"] for each in found["ancestors"]] == ["湖北省"]
    assert [each["code"] for each in found["children"] if each["valid_to"]] == ["421023"]
    told = asked(capsys, "show", "4210", "--on", "2019-01-01")
    assert told.startswith("421000 荆州市（地级）\n上级：420000 湖北省\n下级（8）：421002 沙市区、")


def test_an_old_code_is_shown_as_what_it_is_on_the_day(capsys: pytest.CaptureFixture[str]) -> None:
    assert asked(capsys, "show", "421023", "--on", "2026-01-01").splitlines() == [
        "2026-01-01 没有代码 421023，归入 421088 监利市：",
        "421088 监利市（县级，自 2020-06-12 起）",
        "上级：421000 荆州市、420000 湖北省",
    ]
    told = asked(capsys, "show", "421023", "--on", "2020-06-11")
    assert told.startswith("421023 监利县（县级，至 2020-06-11 止）\n")


def test_a_code_not_in_the_table_is_shown_as_the_unit_above(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert asked(capsys, "show", "411121", "--on", "2026-01-01").splitlines() == [
        "2026-01-01 没有代码 411121，归入 410000 河南省：",
        "410000 河南省（省级）",
    ]


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("990000", "不能查询区划：区划表里没有代码 990000，也没有它的省。请核对。"),
        ("42a", "行政区划代码是两位、四位或六位数字，不能是“42a”。请改正。"),
    ],
)
def test_a_code_of_nowhere_is_refused(code: str, told: str) -> None:
    with pytest.raises(Refusal) as refusal:
        region(["show", code], exit_on_error=False, result_action="return_value")
    assert refusal.value.code is Code.MALFORMED
    assert str(refusal.value).endswith(told)
