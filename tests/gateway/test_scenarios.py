"""A scenario is checked whole before any of it runs: each fault with its place and its remedy."""

from datetime import datetime
from pathlib import Path

import pytest

from domain.law.calendar import CHINA
from domain.law.policy import ApplicantKind
from domain.people import Officer
from domain.tolerance import acts
from gateway.files import RulebookFault
from gateway.scenarios import Scenario, scenario_in
from tests.support.examples import matter

SCENARIOS = sorted((Path(__file__).parents[1] / "scenarios").glob("*.yaml"))

GOOD = """\
title: 一件小案
policy: youxian_2017
source: synthetic
case_number: 试〔2026〕1号
organ: office
organs:
  office: {name: 领导小组办公室, kind: discipline, level: county, region: "510704"}
  bureau: {name: 区某局, kind: unit, level: county, region: "510704"}
  party: {name: 某局党委, kind: party_committee, level: county, region: "510704"}
people:
  chen: {kind: cadre, label: 陈某, region: "510704", managed_by: 区委}
  zhao: {kind: cadre, label: 赵某, region: "510704", id: p-zhao}
acts:
  - {on: 2026-03-30, act: open_accountability}
  - {on: 2026-04-02, act: submit_application, by: bureau}
  - {on: 2026-04-07, act: accept, co_signed_by: [office], authority: 会议纪要3号}
  - {on: 2026-04-08, act: open_verification, team: [甲, 乙]}
  - on: 2026-05-11
    at: "16:30"
    act: raise_objection
    content: 另有责任
    expect: {refused: out_of_stage}
  - on: 2026-05-15
    act: determine
    subject: chen
    outcome: exemption
    explanation: 出于公心
  - {on: 2026-05-18, act: notify_result, subject: chen, recipient: applicant}
pass_time_until: 2026-07-20
expect:
  stage: closed
  duties:
    - {rule: filing, subject: chen, state: met}
  statistics: {region: "5107", from: 2026-01-01, M1: 1}
"""
NOTIFY = "act: notify_result, subject: chen, recipient: applicant"


def refused(tmp_path: Path, text: str) -> RulebookFault:
    file = tmp_path / "some.yaml"
    file.write_text(text, "utf-8")
    with pytest.raises(RulebookFault) as fault:
        scenario_in(file)
    return fault.value


@pytest.fixture
def good(tmp_path: Path) -> Scenario:
    file = tmp_path / "good.yaml"
    file.write_text(GOOD, "utf-8")
    return scenario_in(file)


# --- good scenarios ---------------------------------------------------------------------------


@pytest.mark.parametrize("file", SCENARIOS, ids=lambda it: str(it.stem))
def test_the_guiding_cases_can_be_played(file: Path) -> None:
    scenario = scenario_in(file)
    assert scenario.acts[0].act == "open_accountability"
    assert scenario.expect.subjects.keys() <= scenario.people.keys()


def test_an_act_is_taken_at_ten_unless_told_otherwise(good: Scenario) -> None:
    assert good.acts[0].instant == datetime(2026, 3, 30, 10, tzinfo=CHINA)
    assert good.acts[4].instant == datetime(2026, 5, 11, 16, 30, tzinfo=CHINA)


def test_the_particulars_of_an_act_are_what_is_not_its_own(good: Scenario) -> None:
    accept = good.acts[2]
    assert accept.particulars == {"co_signed_by": ["office"]}
    assert accept.authority == "会议纪要3号"


def test_a_person_is_known_by_an_id_that_names_nobody(good: Scenario) -> None:
    assert good.subject_id("zhao") == "p-zhao"  # told, to appear in several scenarios
    chen = good.subject_id("chen")
    assert chen.startswith("p-")
    assert "chen" not in chen
    other = good.model_copy(update={"case_number": "试〔2026〕2号"})
    assert other.subject_id("chen") != chen


def test_an_unknown_person_is_passed_on_for_the_domain_to_refuse(tmp_path: Path) -> None:
    file = tmp_path / "some.yaml"
    file.write_text(GOOD.replace("subject: chen, recipient", "subject: nobody, recipient"), "utf-8")
    scenario = scenario_in(file)
    assert scenario.subject_id("nobody") == "nobody"
    act = scenario.act(scenario.acts[-1], matter())
    assert isinstance(act, acts.NotifyResult)
    assert act.subject == "nobody"


def test_an_opening_tells_the_domain_everything(good: Scenario) -> None:
    act = good.act(good.acts[1], matter())
    assert isinstance(act, acts.SubmitApplication)
    assert [each.label for each in act.subjects] == ["陈某", "赵某"]
    assert (act.case_number, act.organ.id, act.matter) == ("试〔2026〕1号", "office", matter())
    assert (act.applicant.id, act.applicant.kind) == ("bureau", ApplicantKind.UNIT)


@pytest.mark.parametrize(
    ("by", "kind"),
    [
        ("party", ApplicantKind.PARTY_COMMITTEE),
        ("bureau", ApplicantKind.UNIT),
        ("chen", ApplicantKind.PERSON),
    ],
)
def test_who_applies_is_told_from_who_acts(good: Scenario, by: str, kind: ApplicantKind) -> None:
    told = good.acts[1].model_copy(update={"by": by})
    act = good.act(told, matter())
    assert isinstance(act, acts.SubmitApplication)
    assert act.applicant.kind is kind


@pytest.mark.parametrize(
    ("by", "officer"),
    [
        (None, Officer(id="office-1", role="承办人", organ="office")),
        ("bureau", Officer(id="bureau-1", role="经办人", organ="bureau")),
        ("zhao", Officer(id="p-zhao", role="本人", organ="")),
    ],
)
def test_who_acts_is_an_officer_of_his_organ_or_himself(
    good: Scenario, by: str | None, officer: Officer
) -> None:
    assert good.officer(good.acts[1].model_copy(update={"by": by})) == officer


# --- faulty ones ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("well", "ill", "place", "remedy"),
    [
        # an act
        (
            "act: accept,",
            "act: acept,",
            "acts.2",
            "没有名为 acept 的行为，行为名见 rongcuo policy acts",
        ),
        (", act: open_accountability}", "}", "acts.0.act", "缺这一项"),
        (", recipient: applicant", "", "acts.6（notify_result）.recipient", "缺这一项，请补写"),
        ("team: [甲, 乙]", "team: []", "acts.3（open_verification）.team", "不能为空"),
        (NOTIFY, NOTIFY + ", colour: red", "acts.6（notify_result）.colour", "没有这一项"),
        ("outcome: exemption", "outcome: pardon", "acts.5（determine）.outcome", "'exemption'"),
        (
            "recipient: applicant",
            "recipient: all",
            "acts.6（notify_result）.recipient",
            "'applicant'",
        ),
        (
            "explanation: 出于公心",
            'explanation: ""',
            "acts.5（determine）.explanation",
            "不能为空",
        ),
        # its day and hour
        ("on: 2026-05-15", "on: 2026-02-30", "acts.5.on", "请写日期，如 2026-01-01"),
        ("on: 2026-04-02", "on: 2026-03-02", "acts", "2026-03-02 写在了 2026-03-30 之后"),
        ("{on: 2026-04-08,", '{on: 2026-04-07, at: "09:59",', "acts", "须按日期先后写"),
        ('at: "16:30"', "at: 16:30", "acts.4.at", "请加引号"),
        ('at: "16:30"', 'at: "25:00"', "acts.4.at", "hour"),
        # who
        ("by: bureau", "by: buro", "acts.1.by", "buro 不在 organs 或 people 里"),
        (
            "act: open_accountability}",
            "act: open_accountability, organ: buro}",
            "acts.0",
            "'buro' 不在",
        ),
        ("by: bureau}", "by: bureau, subjects: [li]}", "acts.1", "'li' 不在 organs 或 people 里"),
        ("organ: office", "organ: offce", "organ: offce", "不在 organs 里"),
        ("kind: discipline", "kind: dicipline", "organs.office.kind", "'discipline'"),
        ("level: county", "level: village", "organs.office.level", "'county'"),
        ("kind: cadre", "kind: kadre", "people.chen.kind", "'cadre'"),
        (", label: 陈某", "", "people.chen.label", "缺这一项"),
        # the scenario
        ("policy: youxian_2017\n", "", "policy", "缺这一项"),
        ("title: ", "titel: ", "title", "缺这一项"),
        ("pass_time_until: 2026-07-20", "pass_time_until: soon", "pass_time_until", "请写日期"),
        ("state: met", "state: done", "expect.duties.0.state", "'met'"),
        ("M1: 1", "M1: one", "expect.statistics.figures.M1", "请写整数"),
        ("expect: {refused:", "expect: {refussed:", "acts.4.expect.refused", "缺这一项"),
        ("title: ", "policy: x\ntitle: ", "第 1 行", "“policy”写了两次"),
    ],
)
def test_a_faulty_scenario_is_refused_with_the_place_and_what_to_write(
    tmp_path: Path, well: str, ill: str, place: str, remedy: str
) -> None:
    assert well in GOOD, "the edit would change nothing"
    fault = refused(tmp_path, GOOD.replace(well, ill, 1))
    assert fault.file == "some.yaml"
    told = str(fault)
    assert place in told
    assert remedy in told


def test_an_act_that_is_to_be_refused_may_be_out_of_order(tmp_path: Path) -> None:
    earlier = GOOD.replace("on: 2026-05-11", "on: 2026-04-01")
    file = tmp_path / "some.yaml"
    file.write_text(earlier, "utf-8")
    assert scenario_in(file).acts[4].expect is not None


def test_a_scenario_without_acts_is_none(tmp_path: Path) -> None:
    head, _, _ = GOOD.partition("acts:\n")
    assert "不能为空" in str(refused(tmp_path, head + "acts: []\n"))


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(RulebookFault, match=r"gone\.yaml，文件：找不到"):
        scenario_in(tmp_path / "gone.yaml")
