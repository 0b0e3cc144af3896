"""A pack is explained in the words officials read, whole: every shape of time, every key."""

import json
import re
from collections.abc import Iterator
from datetime import time
from enum import StrEnum
from pathlib import Path
from types import UnionType
from typing import Any, Union, get_args, get_origin

import pytest
import yaml
from pydantic import BaseModel

from domain.law.companions import Companion
from domain.law.deadline_rules import DeadlineRule, Qualifier, StartDate
from domain.law.periods import TimeUnit
from domain.law.policy import Policy
from gateway import cli, pack_words
from gateway.explaining import Part, explained, rule_in_words, unconfirmed
from gateway.explaining_companions import companion_explained
from gateway.rulebook import EVENT_NAMES, Rulebook, chain_in, policy_in

HERE = Path(__file__).parent
DOCS = (HERE.parents[1] / "docs" / "policy-packs.md").read_text("utf-8")
BOOK = Rulebook.packaged()
FULL = policy_in(HERE / "full_pack.yaml")
FRESH = policy_in(HERE / "fresh_pack.yaml")


def text(parts: list[Part]) -> str:
    return "\n".join(line for part in parts for line in (part.title, *part.lines))


def asked(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    capsys.readouterr()
    assert cli.run([*arguments]) == 0
    return capsys.readouterr().out


# --- every shape of time ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ("answer", "自受理之日起应当在 20 个工作日内（第十五条）"),
        ("answer", "暂缓认定、撤回申请即告终止；中止办理时停止计算，恢复办理后接着计算"),
        ("answer", "每次 10 个工作日，至多 2 次，自起算之日起最长 3 个月"),
        ("answer", "由承办人承办，每个对象一项，未办不得结案"),
        ("deferral", "自暂缓认定之日起一般不超过 30 个工作日"),
        ("opinion", "自函请征求意见的发出之日起应当在 10 日内，末日放假的顺延"),
        ("opinion", "每件一项"),
        ("public_notice", "为期 7 个工作日，到日为期满，不算逾期"),
        ("feedback", "自认定的作出之日起及时办理，没有数字，不计逾期"),
        ("feedback", "反馈（申请人）即为办结"),
        ("filing", "时限来源未载，不计逾期"),
        ("filing", "只对县委管理的对象"),
        ("filing", "理解：只说备案，没有说何时"),
        ("follow_up", "自认定（予以容错）的生效之日起应当在 1 年内，末日不顺延"),
        ("follow_up", "至少 2 次，每年不超过 2 次"),
        ("follow_up", "回访满 2 次即为办结"),
        ("review_lodging", "自签收（本人）的收到之日起为期 1 个月"),
        ("report", "自核实报告的查明之日起应当在 1 个季度（起算之日所在的季度为第一个）内"),
        ("target", "内部目标 60 日内，末日不顺延，只提醒，不算逾期（未核实）"),
    ],
)
def test_a_time_limit_is_told_in_words(rule: str, told: str) -> None:
    assert told in "\n".join(rule_in_words(FULL.deadline(rule)))


def test_the_full_pack_has_every_shape_of_time() -> None:
    rules = FULL.deadlines
    assert {rule.qualifier for rule in rules} == {*Qualifier}
    assert {rule.unit for rule in rules} == {*TimeUnit, None}
    assert {rule.starts for rule in rules} == {*StartDate}
    assert {rule.per for rule in rules} == {"case", "subject", "item"}
    for key in ("lapses_on", "suspended_by", "extension", "at_most", "managed_by"):
        assert any(getattr(rule, key) for rule in rules), key


def test_the_full_pack_leaves_no_key_unwritten() -> None:
    told = FULL.model_dump()
    empty = [key for key, value in told.items() if value in (None, ())]
    assert empty == ["parent", "overrides"]


def test_an_hour_is_an_hour_without_quotation_marks() -> None:
    assert FULL.public_notice is not None
    assert FULL.public_notice.cut_off == time(17, 30)


# --- the whole pack ---------------------------------------------------------------------------


def test_the_full_pack_is_explained_from_the_first_line_to_the_last() -> None:
    told = text(explained([FULL]))
    for phrase in (
        "虚构的全项办法（虚构〔2030〕1号），虚构县委",
        "自 2030-01 起施行，至 2039-12-31 止（第四十条）",
        "按行为发生之日选用版次",
        "可以申请的：本人、单位、所在单位党委（党组）（第五条）",
        "启动问责之日起 1 个月内，作出问责决定即止",
        "答复受理与否：县纪委监委，会同问责主体",
        "认定前须有：核实报告（第十条）",
        "至少 2 人（第八条）",
        "回避：与对象同一单位；曾经办所涉问责事项",
        "6. 评估（第十三条）",
        "其中一项否定即不予容错：主观动机",
        "事前风险报备可作为认定的依据",
        "征求意见：组织部、财政局，未答复的不计入",
        "会商：组织部、审计局，到会至少 2 方，过半数通过",
        "评估委员会：纪检监察机关、法律人士、群众代表，到会至少 3 方，三分之二以上通过",
        "可容错的情形：条件（须同时具备）",
        "重点领域 营商环境",
        "F-2 某日以前的行为，只限 2030-01-01 以前的行为",
        "F-E2 其他，兜底",
        "仅凭兜底条款认定的，须集体会商",
        "同一错误再次发生的不予容错，但符合 F-E1 的除外（第二十四条）",
        "公示：必经，范围 所在单位，期限 public_notice（第十四条）",
        "异议收至最后一日 17:30；异议成立后重新公示：对全部对象",
        "难以定论的可以暂缓",
        "可以中止办理（第二十六条）",
        "党纪处分：从轻、减轻、免予，减轻至多 1 档，只有 警告、严重警告 可以免予",
        "市委管理的，容错免责的，涉及党纪处分的，减轻超过 1 档的须经批准",
        "每一项认定须经批准，批准机关：县委（县级）",
        "予以容错的，一并提出整改要求（第二十八条）",
        "反馈给同级纪检监察机关（第十七条）",
        "报县委备案：县委管理的干部",
        "报市纪委监委备案：全部对象",
        "回访，至少 2 人，每年不少于前 2 年受处理人数的 30%",
        "不服认定、不予受理的，可以复核，向县纪委监委提出，期限 review_lodging",
        "效果：考核不扣分",
        "届满前 3、1、0 个工作日催办",
        "届满后 5 个工作日报县纪委监委",
        "会商的召集程序",
    ):
        assert phrase in told, phrase


@pytest.mark.parametrize("name", BOOK.policies)
def test_every_shipped_pack_is_explained_with_all_its_limits_items_and_blanks(name: str) -> None:
    policy = BOOK.policies[name]
    told = text(explained(BOOK.chain(name)))
    for rule in policy.deadlines:
        assert f"{rule.id} {rule.label}：" in told
    for item in policy.items():
        assert f"{item.id} {item.label or '来源未载'}" in told
    for blank in policy.blanks:
        assert blank in told


@pytest.mark.parametrize("name", BOOK.policies)
def test_no_code_is_left_where_a_word_belongs(name: str) -> None:
    told = text(explained(BOOK.chain(name)))
    codes = {member.value for kind in (Qualifier, TimeUnit) for member in kind} - {"must"}
    assert [code for code in codes if re.search(rf"\b{code}\b", told)] == []
    assert [event for event in EVENT_NAMES if re.search(rf"{event}\b", told)] == []


def test_an_overlay_is_told_apart_from_what_it_inherits() -> None:
    (part,) = [part for part in explained(BOOK.chain("huangshi")) if part.title == "与上级办法"]
    assert part.lines[0].startswith("上级：hubei_2022.1 湖北省容错纠错工作办法")
    assert part.lines[1].startswith("放宽 lists.aspects：增加了")
    assert "依据：省办法施行后由市细化的九个方面" in part.lines[1]
    assert "自己规定 步骤·determination·名目：决定处置 → 研究认定" in part.lines
    assert "自己规定 清单·excluded_here：新增" in part.lines
    assert "其余依 hubei_2022.1" in part.lines
    assert "hubei_2022.1 来源未载：十九种情形的条文" in part.lines


def test_a_pack_without_a_parent_says_nothing_of_one() -> None:
    assert "与上级办法" not in [part.title for part in explained([FULL])]


def test_everything_unconfirmed_is_gathered_with_how_it_is_read() -> None:
    told = [*unconfirmed(BOOK.policies["wuyang_2017.1"])]
    assert "施行" in told
    assert "申请·申请期限：自启动问责程序之日起算，当日不计" in told
    assert any(each.startswith("期限·向申请单位反馈答复：起点有") for each in told)
    assert not any("备案" in each for each in told)


@pytest.mark.parametrize("name", BOOK.companions)
def test_a_companion_instrument_is_explained_with_all_that_its_kind_says(name: str) -> None:
    companion = BOOK.companions[name]
    told = text(companion_explained(companion))
    assert companion.name in told
    assert all(rule.label in told for rule in companion.deadlines)
    assert all(blank in told for blank in companion.blanks)
    own = type(companion).model_fields.keys() - Companion.model_fields.keys()
    said = {name for name in own if getattr(companion, name) not in (None, (), {})}
    fields = type(companion).model_fields
    titles = [fields[each].title or "" for each in said]
    assert [title for title in titles if title not in told] == []


# --- on the command line ----------------------------------------------------------------------


def test_a_pack_is_explained_by_name_and_by_file(capsys: pytest.CaptureFixture[str]) -> None:
    assert "须同时具备" in asked(capsys, "policy", "explain", "wuyang_2017")
    assert "虚构的全项办法" in asked(capsys, "policy", "explain", str(HERE / "full_pack.yaml"))


def test_one_limit_alone_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    told = asked(capsys, "policy", "explain", "wuyang_2017", "--rule", "deferral")
    assert told.startswith("deferral 暂缓期内作出认定或结论性意见：自暂缓认定之日起一般不超过")
    assert "answer" not in told
    lines = json.loads(
        asked(capsys, "policy", "explain", "wuyang_2017", "--rule", "deferral", "--json")
    )["lines"]
    assert "\n".join(lines) == told.strip()


def test_a_limit_there_is_not_is_refused_with_those_there_are(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert cli.run(["policy", "explain", "wuyang_2017", "--rule", "patience"]) == 2
    assert "没有期限 patience，现有：answer、deferral" in capsys.readouterr().err


def test_programs_are_told_the_parents_and_the_widenings(
    capsys: pytest.CaptureFixture[str],
) -> None:
    told = json.loads(asked(capsys, "policy", "explain", "hubei_soe_2024", "--json"))
    assert told["parents"] == ["hubei_2022.1"]
    (widening,) = told["widenings"]
    assert widening["at"] == "lists.soe_matters"
    assert "同意印发" in widening["basis"]


def test_packs_are_listed_with_their_parents_and_what_was_issued_beside_them(
    capsys: pytest.CaptureFixture[str],
) -> None:
    listed = {
        each["reference"]: each for each in json.loads(asked(capsys, "policy", "list", "--json"))
    }
    assert listed["yichang.1"]["parent"] == "hubei_2022.1"
    assert listed["wuyang_2017.1"]["companions"] == [
        name for name, each in BOOK.companions.items() if each.issued_with == "wuyang_2017.1"
    ]
    assert "防错纠错办法" in asked(capsys, "policy", "list")


@pytest.mark.parametrize("command", ["show", "explain"])
def test_a_companion_instrument_is_shown_by_its_name(
    capsys: pytest.CaptureFixture[str], command: str
) -> None:
    assert "谈话教育" in asked(capsys, "policy", command, "wuyang_prevention_2017")


def test_a_companion_instrument_is_checked_as_a_file(
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder = HERE.parents[1] / "domain" / "law" / "packs" / "companions"
    for file in folder.iterdir():
        assert "可以使用" in asked(capsys, "policy", "check", str(file))


def test_the_schema_is_that_of_the_type_and_names_every_key(
    capsys: pytest.CaptureFixture[str],
) -> None:
    told = asked(capsys, "policy", "schema")
    assert json.loads(told) == json.loads(json.dumps(Policy.model_json_schema()))
    assert [key for key in keys_of(Policy) if f'"{key}"' not in told] == []


# --- words and documents ----------------------------------------------------------------------


def keys_of(shape: type[BaseModel]) -> set[str]:
    """Every key a pack may hold, at any depth."""
    found: set[str] = set()
    for kind in shapes_in(shape):
        found |= {field.alias or name for name, field in kind.model_fields.items()}
    return found


def shapes_in(kind: Any) -> Iterator[type[BaseModel]]:
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        yield kind
        for field in kind.model_fields.values():
            yield from shapes_in(field.annotation)
    elif get_origin(kind) in (Union, UnionType, tuple, dict):
        for part in get_args(kind):
            yield from shapes_in(part)


def test_every_key_has_a_word_officials_use() -> None:
    words = {*pack_words.NAMES, *pack_words.KEYS}
    assert keys_of(Policy) - words - {"edition"} == set()


def codes_in(kind: Any) -> Iterator[tuple[str, type[StrEnum]]]:
    for shape in shapes_in(kind):
        for name, field in shape.model_fields.items():
            for part in (field.annotation, *get_args(field.annotation)):
                if isinstance(part, type) and issubclass(part, StrEnum):
                    yield field.alias or name, part


def test_every_code_has_a_word_officials_use() -> None:
    missing = [
        (key, code)
        for key, kind in codes_in(Policy)
        for code in kind
        if code not in pack_words.CODES.get(key, {})
    ]
    assert missing == []


def test_every_event_has_a_word() -> None:
    words = {name: pack_words.event(name) for name in EVENT_NAMES}
    assert {name: told for name, told in words.items() if re.search("[a-z]", told)} == {}


def test_every_key_at_any_depth_is_explained_to_those_who_write_packs() -> None:
    assert [key for key in keys_of(Policy) if not re.search(rf"\b{key}\b", DOCS)] == []


def test_every_code_is_explained_to_those_who_write_packs() -> None:
    codes = {code.value for _, kind in codes_in(Policy) for code in kind}
    assert [code for code in codes if not re.search(rf"\b{code}\b", DOCS)] == []


EXAMPLES = re.findall(r"```yaml\n(.*?)```", DOCS, re.DOTALL)
OVERLAY, MARKED, STANDING_ALONE, RULE = EXAMPLES


def test_the_overlay_of_the_guide_can_be_used_as_it_stands(tmp_path: Path) -> None:
    file = tmp_path / "qinghe.yaml"
    file.write_text(OVERLAY, "utf-8")
    child, parent = chain_in(file)
    assert (child.reference, parent.reference) == ("qinghe.1", "hubei_2022.1")
    assert child.deadline("feedback").amount == 5


def test_the_marked_widening_of_the_guide_can_be_added_to_it(tmp_path: Path) -> None:
    file = tmp_path / "qinghe.yaml"
    kept = OVERLAY.replace("steps:\n", "steps:\n  - {step: opinions, required: false}\n")
    overrides = MARKED.partition("steps:")[0]
    file.write_text(kept + overrides, "utf-8")
    assert [each.at for each in policy_in(file).overrides] == ["steps.opinions.required"]


def test_the_pack_of_the_guide_that_stands_alone_can_be_used_as_it_stands(tmp_path: Path) -> None:
    file = tmp_path / "some_county.yaml"
    file.write_text(STANDING_ALONE, "utf-8")
    assert policy_in(file).reference == "some_county.1"


def test_the_time_limit_of_the_guide_is_one() -> None:
    (told,) = yaml.safe_load(RULE)
    assert "每次 15 个工作日，至多 1 次" in "\n".join(rule_in_words(DeadlineRule(**told)))


# --- a fresh instrument, written down from the guide alone ------------------------------------


def test_a_fresh_instrument_can_be_used_and_says_what_it_does_not_know() -> None:
    told = text(explained([FRESH]))
    assert "清溪县" in told
    assert "按哪一天选用版次" in FRESH.blanks


@pytest.mark.parametrize(
    ("article", "told"),
    [
        ("第二条", "申请期限：启动问责之日起 15 日内，作出问责决定即止"),
        ("第三条", "答复受理与否：县纪委监委，会同问责主体"),
        ("第三条", "自申请提出之日起应当在 5 个工作日内"),
        ("第四条", "其中一项否定即不予容错：主观动机"),
        ("第五条", "每次 15 个工作日，至多 1 次"),
        ("第六条", "可容错的情形（须同时具备）"),
        ("第八条", "同一错误再次发生的不予容错"),
        ("第九条", "征求意见：县委组织部，未答复的视为同意"),
        ("第十条", "最后一日 17:30；异议成立后重新公示：只对结论有变的对象"),
        ("第十一条", "党纪处分：从轻、减轻，减轻至多 1 档"),
        ("第十二条", "报县委备案：全部对象"),
        ("第十三条", "应当在 1 个季度"),
        ("第十四条", "至少 2 次，每年不超过 4 次"),
        ("第十五条", "自签收（本人）的收到之日起为期 1 个月"),
        ("第十六条", "施行前已经问责的不适用"),
    ],
)
def test_each_article_of_the_fresh_instrument_is_read_back_from_the_pack(
    article: str, told: str
) -> None:
    instrument = (HERE / "fresh_instrument.md").read_text("utf-8")
    assert f"{article}　" in instrument
    assert told in text(explained([FRESH]))


def test_the_fresh_instrument_is_marked_as_invented() -> None:
    assert "【虚构】" in (HERE / "fresh_instrument.md").read_text("utf-8")
    assert "虚构" in FRESH.source
