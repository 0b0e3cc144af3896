"""Two packs compared: what differs is told in words, and nothing else is."""

from domain.law.periods import TimeUnit
from domain.law.policy import Policy
from gateway import cli
from gateway.differences import OWN, Difference, differences
from gateway.pack_words import NAMES
from gateway.rulebook import Rulebook

WUYANG = Rulebook.packaged()("wuyang_2017").policy


def edited(**parts: object) -> Policy:
    return WUYANG.model_copy(update=parts)


def test_a_pack_does_not_differ_from_its_own_next_edition_by_number_alone() -> None:
    assert differences(WUYANG, edited(edition=2)) == []


def test_a_changed_length_is_told_with_the_rule_it_belongs_to() -> None:
    answer, *others = WUYANG.deadlines
    longer = edited(deadlines=(answer.model_copy(update={"amount": 10}), *others))
    assert [str(each) for each in differences(WUYANG, longer)] == ["期限·answer·数目：7 → 10"]


def test_the_order_of_entries_is_no_difference() -> None:
    assert differences(WUYANG, edited(deadlines=tuple(reversed(WUYANG.deadlines)))) == []


def test_what_one_pack_lacks_is_told_as_added_or_dropped() -> None:
    without = edited(deferral=None)
    (dropped,) = differences(WUYANG, without)
    (added,) = differences(without, WUYANG)
    assert dropped == Difference(added.where, added.after, None)
    assert str(dropped).startswith("暂缓认定：删去")
    assert str(added).startswith("暂缓认定：新增")


def test_every_part_of_a_pack_has_a_name_officials_use() -> None:
    assert {*NAMES} == {*Policy.model_fields} - {*OWN}


def test_two_instruments_are_compared_on_the_command_line() -> None:
    assert cli.run(["policy", "diff", "wuyang_2017", "youxian_2017"]) == 0


def test_codes_events_and_keys_are_told_in_words() -> None:
    answer, *others = WUYANG.deadlines
    other = answer.model_copy(
        update={"opens_on": "tolerance.verification-opened", "unit": TimeUnit.CALENDAR_DAY}
    )
    told = [str(each) for each in differences(WUYANG, edited(deadlines=(other, *others)))]
    assert told == [
        "期限·answer·起算的事件：受理 → 核实开始",
        "期限·answer·单位：个工作日 → 日",
    ]


def test_what_an_overlay_changes_is_told_like_any_other_difference() -> None:
    book = Rulebook.packaged().policies
    told = [str(each) for each in differences(book["hubei_2022.1"], book["shiyan.1"])]
    assert "步骤·initiation·名目：容错启动 → 申请" in told
    assert any(each.startswith("报批·submission：新增") for each in told)
    assert any(each.startswith("上级办法：新增") for each in told)


def test_long_lists_are_told_apart_by_semicolons() -> None:
    added = edited(blanks=("甲、乙", "丙"))
    (told,) = differences(edited(blanks=()), added)
    assert str(told) == "来源未载：（空） → 甲、乙；丙"
