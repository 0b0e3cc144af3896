"""A scenario is checked whole before any of it runs: each fault with its place and its remedy."""

from datetime import date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from domain.accountability.acts import ScreenForTolerance
from domain.law.calendar import CHINA
from domain.law.policy import ApplicantKind
from domain.people import Officer
from domain.tolerance import acts
from gateway.files import RulebookFault
from gateway.scenarios import ActTold, Scenario, scenario_in
from tests.support.examples import matter

ROOT = Path(__file__).parents[1] / "scenarios"
SCENARIOS = sorted(ROOT.glob("*.yaml"))

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
    assert scenario.acts[0].act.startswith("open_")
    assert scenario.expect.subjects.keys() <= scenario.people.keys()


STORY = (ROOT / "11_huarong.yaml").read_text("utf-8")


@pytest.mark.parametrize(
    ("right", "wrong", "told"),
    [
        ("matter: wei_cleared\n", "matter: wei\n", "wei 不在 matters 里"),
        ("    matter: wei_cleared\n", "", "open_clarification 须写明是 matters 里的哪一件"),
        (
            "act: record_finding, matter: wei_cleared",
            "act: hold_talk, matter: wei_cleared",
            "没有行为",
        ),
        (
            "kind: clarification, number: 华澄",
            "kind: clarity, number: 华澄",
            "没有 clarity 这类事项",
        ),
        ("links: [{to: wei_cleared,", "links: [{to: nobody,", "'nobody' 不在 organs、people 或"),
        ("    verified_by: district\n", "    verified_by: distric\n", "'distric' 不在 organs"),
        ("  matters:\n    wei_cleared:", "  matters:\n    someone:", "someone 不在 matters 里"),
    ],
)
def test_a_story_of_sibling_matters_written_wrongly_is_refused(
    tmp_path: Path, right: str, wrong: str, told: str
) -> None:
    assert right in STORY
    assert told in str(refused(tmp_path, STORY.replace(right, wrong, 1)))


def test_an_act_on_a_case_may_name_the_matter_it_answers(good: Scenario) -> None:
    story = scenario_in(ROOT / "matters" / "14_revoked_tolerance.yaml")
    applied = next(act for act in story.acts if act.act == "submit_application")
    assert story.kind_of(applied) == "tolerance"
    assert story.accountability_number(applied) == story.matters["held"].number
    assert good.accountability_number(good.acts[1]).endswith("所涉问责事项")


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


def told(act: str, **particulars: Any) -> ActTold:
    """One more act of the scenario, by the office."""
    return ActTold.model_validate({"on": "2026-07-01", "act": act} | particulars)


def test_a_paper_without_bytes_has_the_digest_of_its_label(good: Scenario) -> None:
    paper = {"kind": "application", "label": "申请书"}
    act = good.act(told("record_evidence", document=paper))
    assert isinstance(act, acts.RecordEvidence)
    assert act.document.digest == sha256("申请书".encode()).hexdigest()
    own = good.act(told("record_evidence", document={**paper, "digest": "0" * 64}))
    assert isinstance(own, acts.RecordEvidence)
    assert own.document.digest == "0" * 64
    applied = good.act(told("submit_application", documents=[paper]), matter())
    assert isinstance(applied, acts.SubmitApplication)
    assert [each.kind for each in applied.documents] == ["application"]


def test_people_are_meant_by_their_keys_wherever_an_act_names_them(good: Scenario) -> None:
    chen = good.subject_id("chen")
    resolved = good.act(
        told(
            "resolve_objection",
            objection=1,
            resolution="upheld",
            explanation="属实",
            changes=["chen", "zhao"],
        )
    )
    assert isinstance(resolved, acts.ResolveObjection)
    assert resolved.changes == (chen, "p-zhao")
    reopened = good.act(told("reopen", subjects=["chen"], explanation="新的事实"))
    assert isinstance(reopened, acts.Reopen)
    assert reopened.subjects == (chen,)
    screened = good.act(
        told("screen_for_tolerance", subject="chen", result="triggered", explanation="可容")
    )
    assert isinstance(screened, ScreenForTolerance)
    assert screened.subject == chen


@pytest.mark.parametrize("written", [{}, {"subject": "chen"}])
def test_a_conclusion_is_of_the_subject_of_its_act(good: Scenario, written: dict[str, str]) -> None:
    corrected = good.act(
        told(
            "correct_ex_officio",
            subject="chen",
            by_superior=True,
            explanation="纠正",
            conclusion={"outcome": "no_tolerance", "explanation": "不予容错"} | written,
        )
    )
    assert isinstance(corrected, acts.CorrectExOfficio)
    assert corrected.conclusion.subject == good.subject_id("chen")


def test_a_case_is_transferred_to_an_organ_by_its_key(good: Scenario) -> None:
    act = good.act(told("transfer", to="party", explanation="权限"))
    assert isinstance(act, acts.Transfer)
    assert (act.to.id, act.to.name) == ("party", "某局党委")


@pytest.mark.parametrize(("takes_over", "applicant"), [(True, "party"), (False, None)])
def test_an_application_is_completed_or_taken_over(
    good: Scenario, *, takes_over: bool, applicant: str | None
) -> None:
    act = good.act(told("complete_application", by="party", takes_over=takes_over))
    assert isinstance(act, acts.CompleteApplication)
    assert (act.applicant and act.applicant.id) == applicant


def test_another_officer_may_act_for_the_organ(good: Scenario) -> None:
    officer = good.officer(told("close", officer="承办人丙"))
    assert officer == Officer(id="承办人丙", role="承办人", organ="office")


def test_a_late_entry_is_taken_on_the_day_it_is_entered() -> None:
    act = told("close", entered_on="2026-07-08")
    assert (act.on, act.instant) == (date(2026, 7, 1), datetime(2026, 7, 8, 10, tzinfo=CHINA))


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
        (
            NOTIFY,
            "act: transfer, to: buro, explanation: 权限",
            "acts.6（transfer）.to",
            "'buro' 不在",
        ),
        (
            NOTIFY,
            "act: record_evidence, document: {kind: x}",
            "第 28 行，acts.6（record_evidence）.document.label",
            "缺这一项",
        ),
        # its day and hour
        ("on: 2026-05-15", "on: 2026-02-30", "acts.5.on", "请写日期，如 2026-01-01"),
        ("on: 2026-04-02", "on: 2026-03-02", "acts", "2026-03-02 写在了 2026-03-30 之后"),
        ("{on: 2026-04-08,", '{on: 2026-04-07, at: "09:59",', "acts", "须按日期先后写"),
        ('at: "16:30"', "at: 1630", "acts.4.at", "请写时刻，如 16:30"),
        ('at: "16:30"', 'at: "25:00"', "acts.4.at", "请写时刻"),
        ('at: "16:30"', "entered_on: 2026-05-10", "acts.4", "补录之日（entered_on）不早于"),
        # who
        ("by: bureau", "by: buro", "第 15 行，acts.1（submit_application）.by", "buro 不在 organs"),
        (
            "act: open_accountability}",
            "act: open_accountability, organ: buro}",
            "acts.0（open_accountability）.organ",
            "'buro' 不在",
        ),
        (
            "by: bureau}",
            "by: bureau, subjects: [li]}",
            "subjects",
            "'li' 不在 organs、people",
        ),
        ("by: bureau}", "by: bureau, subjects: zhao}", "subjects", "请写成列表"),
        ("organ: office", "organ: offce", "第 5 行，organ", "offce 不在 organs 里"),
        ("kind: discipline", "kind: dicipline", "organs.office.kind", "'discipline'"),
        ("level: county", "level: village", "organs.office.level", "'county'"),
        ("kind: cadre", "kind: kadre", "people.chen.kind", "'cadre'"),
        (", label: 陈某", "", "people.chen.label", "缺这一项"),
        # the scenario
        ("policy: youxian_2017\n", "", "acts.1（submit_application）.act", "场景须写 policy"),
        ("title: ", "titel: ", "title", "缺这一项"),
        ("pass_time_until: 2026-07-20", "pass_time_until: soon", "pass_time_until", "请写日期"),
        ("state: met", "state: done", "expect.duties.0.state", "'met'"),
        ("M1: 1", "M1: one", "expect.statistics.figures.M1", "请写整数"),
        ("subject: chen, state", "subject: cheng, state", "expect.duties.0.subject", "cheng 不在"),
        ("stage: closed", "standings: {li: revoked}", "第 31 行，expect.standings.li", "li 不在"),
        ("stage: closed", "standings: {chen: gone}", "expect.standings.chen", "'revoked'"),
        ("stage: closed", "subjects: {li: null}", "expect.subjects.li", "li 不在 people 里"),
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
