"""Many ways to get a pack wrong: each is told with its line, its key and what to write."""

import json
from pathlib import Path

import pytest

from gateway import cli
from gateway.files import RulebookFault
from gateway.rulebook import chain_in, policies, policy_in

BROKEN = Path(__file__).parent / "broken_packs"

# file: (line, key, what is said of it); line 0 where a fault of the writing names its own line
EXPECTED = {
    "a_list": (0, "全文", "请写成“名称: 值”的若干行"),
    "a_sentence": (0, "全文", "请写成“名称: 值”的若干行"),
    "colon_in_text": (
        0,
        "第 4 行",
        "不合 YAML 写法：这里的冒号放不下：上一行或许少了冒号，文字里有“: ”的请加引号",
    ),
    "control_character": (0, "文件", "第 14 个字符是控制字符，请删去"),
    "cycle_one": (3, "parent", "cycle_a.1 → cycle_b.1 → cycle_a.1 互为上级，请改其中一个"),
    "cycle_two": (3, "parent", "cycle_b.1 → cycle_a.1 → cycle_b.1 互为上级，请改其中一个"),
    "dangling_item": (
        10,
        "repeated_error.except_items",
        "repeated_error.except_items 指向条目 WY-C9，但 lists 中没有这一条",
    ),
    "dangling_rule": (
        12,
        "public_notice.rule",
        "public_notice.rule 指向期限 notice，但 deadlines 中没有这一条",
    ),
    "dropped_false": (
        13,
        "lists.exclusions.items.WY-N3.dropped",
        "只能写 true；不去掉的请删去这一项",
    ),
    "drops_half": (11, "filing", "空列表不去掉上级的条目"),
    "drops_what_is_not_there": (
        13,
        "lists.exclusions.items.WY-N9",
        "上级办法没有这一条，无从去掉，请核对名称或删去这一条",
    ),
    "eleven_years": (11, "deadlines.follow_up.amount", "超过十年，至多 120 个月，请核对"),
    "empty": (0, "全文", "文件里没有内容，请写成“名称: 值”的若干行"),
    "extension_of_promptly": (
        11,
        "deadlines.filing",
        "期限 filing：没有数字的期限无从延长，请删去 extension",
    ),
    "half_a_cap": (
        12,
        "deadlines.answer.extension",
        "延长的上限须同时写 cap_amount 和 cap_unit，没有上限的都写 null",
    ),
    "hour_as_number": (14, "public_notice.cut_off", "请写时刻，如 17:30"),
    "id_in_two_lists": (13, "WY-C1", "清单条目 WY-C1 写了不止一次"),
    "id_twice": (14, "lists.exclusions.items.WY-N7", "写了不止一次，请合并"),
    "item_without_number": (
        12,
        "deadlines.answer.per",
        "tolerance.accepted 不编号，只能写 case 或 subject",
    ),
    "key_twice": (0, "第 1 行", "不合 YAML 写法：“hearing”写了两次（第 10、11 行），请合并"),
    "list_for_a_mapping": (10, "application", "请写成“名称: 值”的若干行"),
    "mark_on_nothing": (11, "overrides.0.at", "team.at_least 没有放宽上级，请删去这一条"),
    "mark_twice": (12, "overrides.1.at", "team.at_least 已经标过，请删去这一条"),
    "mark_without_basis": (11, "overrides.0.basis", "请写依据"),
    "missing_key": (1, "issuer", "缺这一项，请补写"),
    "more_than_allowed": (
        11,
        "deadlines.follow_up",
        "期限 follow_up：at_most 少于 at_least，无法做到",
    ),
    "nested_without_end": (0, "文件", "层层嵌套过深，请按 docs 中的样子写平"),
    "no_such_day": (9, "in_force.since", "没有 2030-02-30 这一天"),
    "no_such_last_day": (9, "in_force.until", "请写日期，如 2026-01-01"),
    "not_utf8": (0, "文件", "不是 UTF-8 编码，请另存为 UTF-8"),
    "not_yaml": (0, "第 11 行", "不合 YAML 写法：括号没有配对，或者少了逗号"),
    "notice_without_length": (
        12,
        "public_notice.rule",
        "期限 notice 没有天数，公示无从期满，请填 amount、unit",
    ),
    "number_as_text": (8, "jurisdiction.region", "请写文字，数字加引号"),
    "number_too_long": (0, "第 2 行", "不合 YAML 写法：数目过大，请核对；不是数目的请加引号"),
    "number_with_promptly": (
        11,
        "deadlines.filing",
        "期限 filing：promptly、unstated 和写了 stated 的不填 amount、unit，其余必须填",
    ),
    "only_comments": (0, "全文", "文件里没有内容，请写成“名称: 值”的若干行"),
    "own_parent": (3, "parent", "some_county.1 → some_county.1 互为上级，请改其中一个"),
    "parent_no_text": (3, "parent", "请写上级办法的编号和版次，如 hubei_2022.1"),
    "parent_without_edition": (3, "parent", "没有办法 wuyang_2017，请写编号和版次"),
    "points_at_itself": (10, "effects.0", "请写成“名称: 值”的若干行"),
    "start_not_offered": (
        12,
        "deadlines.rectification.starts",
        "tolerance.determined:rectification 没有这一天，只能写 occurrence、decision、effect",
    ),
    "suspended_for_ever": (
        11,
        "deadlines.answer",
        "期限 answer：suspended_by 和 resumed_by 须成对写",
    ),
    "tab": (0, "第 11 行", "不合 YAML 写法：缩进请用空格，不用制表符（Tab）"),
    "two_documents": (
        0,
        "第 10 行",
        "不合 YAML 写法：一份文件只写一部，请去掉后面的“---”和其后内容",
    ),
    "unknown_aspect": (
        12,
        "deadlines.answer.met_by",
        "没有事件 tolerance.result-notified:newspaper，事件名见 rongcuo policy acts",
    ),
    "unknown_event": (
        12,
        "deadlines.answer.lapses_on",
        "没有事件 tolerance.forgotten，事件名见 rongcuo policy acts",
    ),
    "unknown_key": (10, "colour", "没有这一项，请删去或改正名称"),
    "unknown_parent": (3, "parent", "没有办法 atlantis_1999.1，请写编号和版次"),
    "unknown_track": (10, "tracks.aplication", "只能写 'application'、'ex_officio'"),
    "unknown_unit": (
        11,
        "deadlines.answer.unit",
        "只能写 'working_day'、'calendar_day'、'month'、'quarter'、'year'",
    ),
    "unnamed_entry": (11, "effects.0.id", "缺这一项，请补写"),
    "unquoted_star": (0, "第 10 行", "不合 YAML 写法：文字以“*”“&”开头的请加引号"),
    "utf16": (0, "文件", "不是 UTF-8 编码，请另存为 UTF-8"),
    "widens_a_list": (
        13,
        "lists.exclusions.items.WY-N3",
        "去掉了限制容错的条目，比上级 wuyang_2017.1 放宽",
    ),
    "widens_a_relief": (
        12,
        "permitted.party.reliefs",
        "增加了允许的程度，比上级 wuyang_2017.1 放宽",
    ),
    "widens_a_step": (11, "steps.opinions", "去掉了必经步骤，比上级 hubei_2022.1 放宽"),
    "widens_a_window": (
        11,
        "application.window.amount",
        "延长或取消了申请期限，比上级 wuyang_2017.1 放宽",
    ),
    "widens_the_team": (11, "team.at_least", "减少了承办人数，比上级 hubei_2022.1 放宽"),
    "wrong_type": (10, "team.at_least", "请写整数"),
    "zero": (11, "deadlines.answer.amount", "须大于零"),
}


def fault_of(name: str) -> RulebookFault:
    with pytest.raises(RulebookFault) as refused:
        policy_in(BROKEN / f"{name}.yaml")
    return refused.value


def test_every_broken_pack_is_in_the_table() -> None:
    assert {file.stem for file in BROKEN.iterdir()} == {*EXPECTED}
    assert len(EXPECTED) >= 30


@pytest.mark.parametrize("name", EXPECTED)
def test_a_broken_pack_is_refused_with_its_line_its_key_and_what_to_write(name: str) -> None:
    fault = fault_of(name)
    assert fault.file == f"{name}.yaml"
    (told,) = fault.faults
    line, key, remedy = EXPECTED[name]
    assert (told.line, told.key) == (line, key)
    assert remedy in told.remedy
    assert str(fault).startswith(f"{name}.yaml，")


@pytest.mark.parametrize("name", EXPECTED)
def test_on_the_command_line_a_broken_pack_is_wrong_usage(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(["policy", "check", str(BROKEN / f"{name}.yaml"), "--json"]) == 2
    told = json.loads(capsys.readouterr().out)
    assert (told["ok"], told["file"]) == (False, f"{name}.yaml")
    assert told["faults"]


@pytest.mark.parametrize("name", EXPECTED)
def test_a_broken_pack_is_explained_no_more_than_it_is_used(name: str) -> None:
    assert cli.run(["policy", "explain", str(BROKEN / f"{name}.yaml")]) == 2


def test_a_whole_folder_is_refused_for_one_broken_pack(tmp_path: Path) -> None:
    (tmp_path / "some.yaml").write_bytes((BROKEN / "unknown_key.yaml").read_bytes())
    with pytest.raises(RulebookFault, match=r"some\.yaml，第 10 行，colour"):
        policies(tmp_path)


def test_a_broken_neighbour_does_not_keep_a_good_pack_from_being_read(tmp_path: Path) -> None:
    for name in ("not_utf8", "empty", "unknown_key"):
        (tmp_path / f"{name}.yaml").write_bytes((BROKEN / f"{name}.yaml").read_bytes())
    good = (BROKEN / "unknown_key.yaml").read_text("utf-8").replace("colour: red\n", "")
    file = tmp_path / "good.yaml"
    file.write_text(good, "utf-8")
    assert policy_in(file).reference == "some_county.1"


def test_a_fault_in_the_parent_is_told_of_the_parents_file(tmp_path: Path) -> None:
    city = (BROKEN / "unknown_key.yaml").read_text("utf-8").replace("some_county", "some_city")
    (tmp_path / "city.yaml").write_text(city, "utf-8")
    county = city.replace("some_city", "some_county").replace("wuyang_2017.1", "some_city.1")
    file = tmp_path / "county.yaml"
    file.write_text(county.replace("colour: red\n", ""), "utf-8")
    with pytest.raises(RulebookFault, match=r"city\.yaml，第 10 行，colour"):
        policy_in(file)


CITY = """id: some_city
edition: 1
parent: hubei_2022.1
name: 虚构市办法
document: null
issuer: 虚构市委
source: 虚构
jurisdiction: {region: "4299", label: 虚构市}
in_force: {since: "2030", article: null, confirmed: false}
team: {at_least: 3}
"""


def test_a_county_stands_on_its_city_and_through_it_on_the_province(tmp_path: Path) -> None:
    county = CITY.replace("some_city", "some_county").replace("hubei_2022.1", "some_city.1")
    (tmp_path / "city.yaml").write_text(CITY, "utf-8")
    file = tmp_path / "county.yaml"
    file.write_text(county.replace("{at_least: 3}", "{confirmed: true}"), "utf-8")
    chain = chain_in(file)
    assert [each.reference for each in chain] == ["some_county.1", "some_city.1", "hubei_2022.1"]
    assert (chain[0].team.at_least, chain[0].team.confirmed) == (3, True)
    assert chain[0].deadlines == chain[2].deadlines


def test_an_overlay_inherits_no_mark_of_its_parents_widenings(tmp_path: Path) -> None:
    wide = CITY.replace("{at_least: 3}", "{at_least: 1}")
    wide += "overrides:\n  - {at: team.at_least, basis: 虚构}\n"
    (tmp_path / "city.yaml").write_text(wide, "utf-8")
    county = CITY.replace("some_city", "some_county").replace("hubei_2022.1", "some_city.1")
    file = tmp_path / "county.yaml"
    file.write_text(county.replace("{at_least: 3}", "{at_least: 1}"), "utf-8")
    assert policy_in(file).overrides == ()


def test_an_override_drops_an_entry_a_mapping_and_keeps_the_rest(tmp_path: Path) -> None:
    file = tmp_path / "city.yaml"
    edit = """steps:
  - {step: opinions, dropped: true}
tracks: {ex_officio: {dropped: true}}
overrides:
  - {at: steps.opinions, basis: 虚构}
"""
    file.write_text(CITY + edit, "utf-8")
    policy = policy_in(file)
    assert [each.step.value for each in policy.steps if each.required] == [
        "initiation",
        "verification",
        "determination",
        "notification",
    ]
    assert {*policy.tracks} == {"application"}


def test_a_fault_in_an_overlay_calls_an_entry_by_its_name_and_its_own_line(tmp_path: Path) -> None:
    file = tmp_path / "city.yaml"
    file.write_text(CITY + "deadlines:\n  - id: follow_up\n    roll: 也许\n", "utf-8")
    with pytest.raises(
        RulebookFault, match=r"第 13 行，deadlines\.follow_up\.roll：请写 true 或 false"
    ):
        policy_in(file)
