"""Two packs compared: what differs is told in words, and nothing else is."""

from domain.law.policy import Policy
from gateway import cli
from gateway.differences import NAMES, OWN, Difference, differences
from gateway.rulebook import Rulebook

WUYANG = Rulebook.packaged()("wuyang_2017").policy


def edited(**parts: object) -> Policy:
    return WUYANG.model_copy(update=parts)


def test_a_pack_does_not_differ_from_its_own_next_edition_by_number_alone() -> None:
    assert differences(WUYANG, edited(edition=2)) == []


def test_a_changed_length_is_told_with_the_rule_it_belongs_to() -> None:
    answer, *others = WUYANG.deadlines
    longer = edited(deadlines=(answer.model_copy(update={"amount": 10}), *others))
    assert [str(each) for each in differences(WUYANG, longer)] == ["期限·answer·amount：7 → 10"]


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
