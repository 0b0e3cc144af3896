"""The region tree: seventeen and a hundred and three, as of any day, under any boundaries."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.regions.tree import Level, Region, RegionTree, upwards
from gateway.regions import region_tree

ONE_DAY = timedelta(days=1)
TREE = region_tree()
NEW_YEARS = [date(year, 1, 1) for year in range(2018, 2027)]
TODAY = date(2026, 11, 22)
HUBEI = "420000"
DIRECT = {"429004": "仙桃市", "429005": "潜江市", "429006": "天门市", "429021": "神农架林区"}
CHANGES = [  # the old code, the new one, the first day of the new
    ("420321", "420304", date(2014, 1, 1)),
    ("420821", "420882", date(2018, 2, 24)),
    ("421023", "421088", date(2020, 6, 12)),
]
OF_HUBEI = sorted({e.code for day in (date(2009, 1, 1), *NEW_YEARS) for e in TREE.on(day)
                   if e.code.startswith("42")} - {HUBEI})  # fmt: skip


def counties(day: date) -> list[Region]:
    return [e for e in TREE.on(day) if e.level is Level.COUNTY and e.code.startswith("42")]


def unit(code: str, name: str, until: date | None = None, *became: str, **more: object) -> Region:
    above = [*upwards(code)[1:], None][0]
    level = [*Level][len(upwards(code)) - 1]
    return Region.model_validate(
        {"code": code, "name": name, "parent": above, "level": level}
        | {"valid_to": until, "successors": became} | more
    )  # fmt: skip


# --- the table of Hubei -----------------------------------------------------------------------


@pytest.mark.parametrize("day", [date(2010, 1, 1), *NEW_YEARS, TODAY], ids=str)
def test_hubei_has_seventeen_rows_and_a_hundred_and_three_counties_on_every_day(day: date) -> None:
    rows = TREE.children(HUBEI, day)
    assert len(rows) == 17
    assert len(counties(day)) == 103
    assert {e.code: e.name for e in rows if e.level is Level.COUNTY} == DIRECT


def test_the_four_directly_administered_units_are_rows_of_both_kinds() -> None:
    assert {e.code for e in TREE.on(TODAY) if e.directly_administered} == {*DIRECT}
    assert {*DIRECT} <= {e.code for e in counties(TODAY)}


COUNTIES = {  # the last two digits of each
    "武汉市": "02 03 04 05 06 07 11 12 13 14 15 16 17",
    "黄石市": "02 03 04 05 22 81",
    "十堰市": "02 03 04 22 23 24 25 81",
    "宜昌市": "02 03 04 05 06 25 26 27 28 29 81 82 83",
    "襄阳市": "02 06 07 24 25 26 82 83 84",
    "鄂州市": "02 03 04",
    "荆门市": "02 04 22 81 82",
    "孝感市": "02 21 22 23 81 82 84",
    "荆州市": "02 03 22 24 81 83 87 88",
    "黄冈市": "02 21 22 23 24 25 26 27 81 82",
    "咸宁市": "02 21 22 23 24 81",
    "随州市": "03 21 81",
    "恩施土家族苗族自治州": "01 02 22 23 25 26 27 28",
}


def test_the_counties_bear_the_codes_they_bear() -> None:
    found = {
        row.name: " ".join(each.code[4:] for each in TREE.children(row.code, TODAY))
        for row in TREE.children("42", TODAY)
    }
    assert found == COUNTIES | dict.fromkeys(DIRECT.values(), "")


@pytest.mark.parametrize("day", NEW_YEARS, ids=str)
def test_every_county_has_a_parent_of_that_day_and_lies_in_hubei(day: date) -> None:
    for county in counties(day):
        parent = TREE.parent(county.code, day)
        assert parent is not None
        assert (parent.code == HUBEI) == (county.code in DIRECT)
        assert TREE.ancestors(county.code, day)[-1].code == HUBEI


def test_every_province_stands_at_the_top() -> None:
    provinces = [each for each in TREE.on(TODAY) if each.level is Level.PROVINCE]
    assert " ".join(each.code[:2] for each in provinces) == (
        "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54"
        " 61 62 63 64 65 71 81 82"
    )
    assert {each.parent for each in provinces} == {None}
    assert TREE.parent("11", TODAY) is None
    assert (TREE.name("65", TODAY), TREE.name("710000", TODAY)) == ("新疆维吾尔自治区", "台湾省")


def test_the_units_of_a_day_stand_in_the_order_of_their_codes() -> None:
    codes = [each.code for each in TREE.on(TODAY)]
    assert codes == sorted(codes)
    assert len(codes) == len(set(codes)) == 34 + 13 + 103


# --- around a change --------------------------------------------------------------------------


@pytest.mark.parametrize(("old", "new", "first"), CHANGES)
def test_the_tree_has_the_old_unit_until_the_day_before_and_the_new_one_from_the_day_on(
    old: str, new: str, first: date
) -> None:
    for day, there, absent in (
        (first - ONE_DAY, old, new),
        (first, new, old),
        (first + ONE_DAY, new, old),
    ):
        codes = {each.code for each in counties(day)}
        assert there in codes
        assert absent not in codes
        siblings = TREE.children(there[:4], day)
        assert there in {each.code for each in siblings}
        assert TREE.level(there, day) is Level.COUNTY


def test_the_names_of_a_day_are_those_of_that_day() -> None:
    assert TREE.name("4206", date(2010, 11, 25)) == "襄樊市"
    assert TREE.name("4206", date(2010, 11, 26)) == "襄阳市"
    assert TREE.name("420607", date(2010, 11, 25)) == "襄阳区"
    assert TREE.name("421023", date(2020, 6, 11)) == "监利县"
    assert TREE.name("421088", date(2020, 6, 12)) == "监利市"


def test_a_renamed_unit_keeps_its_counties() -> None:
    before, after = date(2010, 11, 25), date(2010, 11, 26)
    assert [each.code for each in TREE.children("420600", before)] == [
        each.code for each in TREE.children("420600", after)
    ]
    assert TREE.ancestors("420602", before)[0].name == "襄樊市"


def test_what_is_known_to_the_year_only_says_so() -> None:
    unsure = {each.code for day in (date(2013, 1, 1), TODAY) for each in TREE.on(day)
              if not each.confirmed}  # fmt: skip
    assert unsure == {"420321", "420304"}


def test_a_code_that_is_not_of_the_day_is_refused_with_the_one_that_is() -> None:
    with pytest.raises(ValueError, match="2020-06-12 没有 421023 监利县，其地当日属 421088 监利市"):
        TREE.name("421023", date(2020, 6, 12))
    with pytest.raises(ValueError, match="2020-06-11 没有 421088 监利市，其地当日属 421023 监利县"):
        TREE.parent("421088", date(2020, 6, 11))
    with pytest.raises(ValueError, match="区划表里没有代码 411121"):
        TREE.level("411121", TODAY)


# --- under other boundaries -------------------------------------------------------------------


@pytest.mark.parametrize(("old", "new", "first"), CHANGES)
def test_an_old_code_counts_under_new_boundaries_and_a_new_one_under_old(
    old: str, new: str, first: date
) -> None:
    before = first - ONE_DAY
    assert TREE.under(old, before, first).code == new
    assert TREE.under(new, first, before).code == old
    assert TREE.under(old, before, before).code == old
    assert TREE.under(new, first, first).code == new
    assert TREE.successor(old, TODAY).code == new


@pytest.mark.parametrize(("old", "new", "first"), CHANGES)
def test_a_code_used_out_of_its_time_counts_where_its_place_is(
    old: str, new: str, first: date
) -> None:
    late, early = first + ONE_DAY, first - ONE_DAY
    assert TREE.under(old, late, TODAY).code == new  # written after the county had gone
    assert TREE.under(old, late, early).code == old
    assert TREE.under(new, early, TODAY).code == new
    assert TREE.under(new, early, early).code == old


def test_a_unit_renamed_is_the_same_place_under_either_name() -> None:
    assert TREE.under("4206", date(2010, 1, 1), TODAY).name == "襄阳市"
    assert TREE.under("4206", TODAY, date(2010, 1, 1)).name == "襄樊市"


@pytest.mark.parametrize(
    ("code", "known"),
    [
        ("411121", "410000"),  # a county elsewhere: its province
        ("4111", "410000"),
        ("420199", "420100"),  # no such district: its city
        ("420101", "420100"),  # 市辖区, no unit
        ("429000", "420000"),  # the heading of the four, no unit
        ("429999", "420000"),
        ("42", "420000"),
        ("4210", "421000"),
    ],
)
def test_a_code_not_in_the_table_counts_for_the_nearest_unit_above(code: str, known: str) -> None:
    assert TREE.under(code, TODAY, TODAY).code == known


@pytest.mark.parametrize("code", ["990000", "00", "169901"])
def test_a_code_of_no_province_is_refused(code: str) -> None:
    with pytest.raises(ValueError, match=f"没有代码 {code}，也没有它的省"):
        TREE.under(code, TODAY, TODAY)


@pytest.mark.parametrize("code", ["", "4", "420", "42010", "4201021", "42010a", "４２０１０２"])
def test_what_is_no_code_is_refused(code: str) -> None:
    with pytest.raises(ValueError, match="行政区划代码是两位、四位或六位数字"):
        TREE.under(code, TODAY, TODAY)


# --- rolled up to the rows of a table ---------------------------------------------------------


@pytest.mark.parametrize("day", NEW_YEARS, ids=str)
def test_every_code_rolls_up_to_exactly_one_row_of_hubei_whatever_its_day(day: date) -> None:
    rows = TREE.children(HUBEI, day)
    for code in OF_HUBEI:
        for written in (*NEW_YEARS, TODAY):
            found = TREE.part_of(HUBEI, code, written, day)
            assert [each for each in rows if each == found] == [found], (code, written)
            assert found is not None
            assert found.code == code or found.code == f"{code[:4]}00"


@given(st.sampled_from(OF_HUBEI), st.dates(date(2010, 1, 1)), st.dates(date(2010, 1, 1)))
def test_there_and_back_a_code_is_the_same_place(code: str, day: date, boundaries: date) -> None:
    there = TREE.under(code, day, boundaries)
    assert there.in_force(boundaries)
    assert TREE.under(there.code, boundaries, day) == TREE.under(code, day, day)


def test_a_row_is_the_unit_next_below_the_node_asked_for() -> None:
    before = date(2019, 1, 1)
    found = TREE.part_of("4210", "421023", before, TODAY)
    assert found is not None
    assert found.code == "421088"
    of_province = TREE.part_of("42", "421023", before, TODAY)
    assert of_province is not None
    assert of_province.code == "421000"


def test_the_nodes_own_facts_stay_with_the_node() -> None:
    for node, code in (("42", "42"), ("421000", "4210"), ("429021", "429021"), ("42", "429999")):
        found = TREE.part_of(node, code, TODAY, TODAY)
        assert found == TREE.find(node, TODAY)


def test_what_lies_outside_a_node_is_none_of_its_rows() -> None:
    assert TREE.part_of("42", "411121", TODAY, TODAY) is None
    assert TREE.part_of("4210", "421102", TODAY, TODAY) is None
    assert TREE.part_of("4210", "42", TODAY, TODAY) is None


def test_a_node_that_the_boundaries_do_not_know_is_refused() -> None:
    with pytest.raises(ValueError, match="其地当日属 421088 监利市"):
        TREE.part_of("421023", "421023", date(2019, 1, 1), TODAY)


# --- changes of other shapes, on a tree made up for them ----------------------------------------

MADE_UP = RegionTree(
    [
        unit("990000", "甲省"),
        unit("990100", "乙市"),
        unit("990121", "丙县", date(2014, 12, 31), "990181"),
        unit("990181", "丙市", date(2017, 12, 31), "990102", valid_from=date(2015, 1, 1)),
        unit("990102", "丙区", valid_from=date(2018, 1, 1)),
        unit("990122", "丁县", date(2016, 12, 31), "990103", "990104"),  # split
        unit("990103", "丁一区", valid_from=date(2017, 1, 1)),
        unit("990104", "丁二区", valid_from=date(2017, 1, 1)),
        unit("990123", "戊县", date(2018, 12, 31), "990105"),  # taken in by one that was there
        unit("990105", "己区"),
        unit("990106", "新区", valid_from=date(2019, 1, 1)),  # of parts of others
        unit("990124", "庚县", date(2016, 12, 31), "980101"),  # to another province
        unit("990125", "辛县", date(2016, 12, 31), "990107", "980102"),
        unit("990107", "辛区", valid_from=date(2017, 1, 1)),
        unit("990127", "子县", date(2011, 12, 31), "990126"),
        unit("990126", "丑县", date(2014, 12, 31), "990108", valid_from=date(2012, 1, 1)),
        unit("990108", "丑区", valid_from=date(2015, 1, 1)),
        unit("990128", "寅县", date(2016, 12, 31), "990126"),
        unit("990126", "寅市", valid_from=date(2017, 1, 1)),  # a code given again
        unit("980000", "他省"),
        unit("980100", "他市"),
        unit("980101", "庚区", valid_from=date(2017, 1, 1)),
        unit("980102", "辛二区", valid_from=date(2017, 1, 1)),
    ]
)


def made_up(code: str, day: int, boundaries: int) -> str:
    return MADE_UP.under(code, date(day, 7, 1), date(boundaries, 7, 1)).name


def test_successors_are_followed_from_one_to_the_next() -> None:
    assert [made_up("990121", 2014, year) for year in (2013, 2016, 2020)] == [
        "丙县",
        "丙市",
        "丙区",
    ]
    assert [made_up("990102", 2020, year) for year in (2013, 2016, 2020)] == [
        "丙县",
        "丙市",
        "丙区",
    ]
    assert [made_up("990181", 2016, year) for year in (2013, 2016, 2020)] == [
        "丙县",
        "丙市",
        "丙区",
    ]


def test_a_unit_that_was_split_counts_for_what_is_above_all_its_parts() -> None:
    assert made_up("990122", 2016, 2017) == "乙市"
    assert made_up("990103", 2017, 2016) == made_up("990104", 2017, 2016) == "丁县"
    assert made_up("990103", 2017, 2020) == "丁一区"


def test_a_unit_that_took_another_in_cannot_be_told_apart_from_it_under_old_boundaries() -> None:
    assert made_up("990123", 2018, 2019) == "己区"
    assert made_up("990105", 2019, 2018) == "乙市"
    assert made_up("990105", 2018, 2017) == "己区"  # a fact from before
    assert made_up("990105", 2020, 2019) == "己区"
    last_day_apart = date(2018, 12, 31)
    assert MADE_UP.under("990105", last_day_apart, date(2017, 7, 1)).name == "己区"


def test_a_code_given_again_is_the_place_it_was_on_the_day_it_was_written() -> None:
    assert [made_up("990126", 2013, year) for year in (2011, 2013, 2018)] == [
        "子县",
        "丑县",
        "丑区",
    ]
    assert [made_up("990126", 2018, year) for year in (2011, 2013, 2018)] == [
        "寅县",
        "寅县",
        "寅市",
    ]


def test_a_unit_made_of_parts_of_others_counts_for_its_parent_before() -> None:
    assert made_up("990106", 2019, 2018) == "乙市"


def test_a_unit_given_to_another_province_counts_there() -> None:
    assert made_up("990124", 2016, 2020) == "庚区"
    assert MADE_UP.part_of("99", "990124", date(2016, 1, 1), date(2020, 1, 1)) is None
    assert MADE_UP.part_of("98", "990124", date(2016, 1, 1), date(2020, 1, 1)) is not None


def test_a_unit_split_between_provinces_counts_for_neither() -> None:
    with pytest.raises(ValueError, match="分属 980102 辛二区、990107 辛区，不在同一省"):
        made_up("990125", 2016, 2017)
