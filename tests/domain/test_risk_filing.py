"""事前风险报备: evidence only where it was agreed before the act, within its validity."""

from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from domain.aggregate import Act
from domain.law.time_limits import TimeLimits
from domain.matter import matter_id
from domain.obligations import State
from domain.people import Organ, OrganKind, OrganLevel
from domain.refusals import Code
from domain.risk_filing import acts
from domain.risk_filing.events import Review
from domain.risk_filing.instrument import Agreeing
from domain.risk_filing.matter import RiskFiling, Stage
from projections.counted.risk_filing import counted
from tests.support.lives_of.risk_filing import MINUTES
from tests.support.siblings import BUREAU, COUNTY, FIRM, Life, asked, begun, rulebook

YICHANG, SONGMING = "yichang_risk_filing", "songming_risk_filing"
CASE = "容〔2026〕5号"
DECLINE = acts.DeclineRiskFiling(explanation="已有明文禁止")
WITHDRAW = acts.WithdrawRiskFiling(explanation="不再实施")
REVOKE = acts.RevokeRiskFiling(explanation="材料不实")
PASS = acts.ReviewRiskFiling(result=Review.PASSED, explanation="政策确无规定")
FAIL = acts.ReviewRiskFiling(result=Review.FAILED, explanation="政策已有规定")


def opening(**more: Any) -> acts.SubmitRiskFiling:
    told = {
        "number": "备〔2026〕1号",
        "organ": COUNTY,
        "subjects": (FIRM,),
        "plan": "先行发放施工许可",
        "policy_gap": "前置文件没有发放机关",
        "risks": ("许可程序不全",),
        "collective_decision": MINUTES,
    }
    return acts.SubmitRiskFiling(**{**told, **more})


def submitted(instrument: str = YICHANG, on: str = "2026-03-02") -> Life:
    return begun(opening(), instrument, on=on)


def agree(valid_until: str | None = None, **more: Any) -> acts.AgreeRiskFiling:
    until = date.fromisoformat(valid_until) if valid_until else None
    return acts.AgreeRiskFiling(valid_until=until, **more)


def agreed(valid_until: str | None = None) -> Life:
    return submitted().when(agree(valid_until), on="2026-03-10")


def use(conduct_on: str, case: str = CASE) -> acts.UseRiskFiling:
    return acts.UseRiskFiling(case_number=case, conduct_on=date.fromisoformat(conduct_on))


def of(life: Life) -> RiskFiling:
    assert isinstance(life.matter, RiskFiling)
    return life.matter


# --- filing ---------------------------------------------------------------------------------------


def test_a_filing_says_what_is_planned_and_what_no_policy_settles() -> None:
    submitted().then(
        "risk_filing.submitted",
        plan="先行发放施工许可",
        collective_decision=MINUTES,
        planned_on=None,
    )


@pytest.mark.parametrize("blank", ["plan", "policy_gap", "risks"])
def test_none_of_its_parts_is_empty(blank: str) -> None:
    with pytest.raises(ValidationError):
        opening(**{blank: () if blank == "risks" else " "})


def test_without_a_collective_decision_nothing_is_filed_where_it_is_required() -> None:
    life = asked(opening(collective_decision=None), YICHANG, on="2026-03-02")
    life.refused(Code.DOCUMENT_MISSING, because="缺集体决策的材料")
    assert life.refusal is not None
    assert "退回" in life.refusal.way_out


def test_without_a_collective_decision_it_is_filed_where_none_is_required() -> None:
    begun(opening(collective_decision=None), SONGMING, on="2026-03-02")


def test_somebody_files_it() -> None:
    asked(opening(subjects=()), YICHANG, on="2026-03-02").refused(Code.MALFORMED)


# --- review ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("on", "due_on"),
    [
        ("2026-02-13", "2026-02-14"),  # a make-up Saturday is worked
        ("2026-02-14", "2026-02-24"),
        ("2026-09-30", "2026-10-08"),
        ("2026-03-02", "2026-03-03"),
    ],
)
def test_the_first_review_is_due_in_one_working_day_in_songming(on: str, due_on: str) -> None:
    duty = submitted(SONGMING, on).duty("first_review").obligation
    assert (duty.due_on, duty.confirmed) == (date.fromisoformat(due_on), True)


@pytest.mark.parametrize(
    ("on", "state"),
    [("2026-10-01", State.MET), ("2026-10-08", State.MET), ("2026-10-09", State.MET_LATE)],
)
def test_the_first_review_on_the_day_is_in_time_and_the_day_after_is_late(
    on: str, state: State
) -> None:
    life = submitted(SONGMING, "2026-09-30").when(PASS, on=on)
    assert life.duty("first_review").state is state


def test_a_first_review_not_made_goes_up_the_ladder() -> None:
    life = submitted(SONGMING).until("2026-03-06")
    assert life.names() == ["obligation.overdue", *["obligation.escalated"] * 2]


def test_yichang_states_no_limit() -> None:
    life = submitted().until("2027-03-01")
    assert life.names() == []
    assert {each.obligation.due_on for each in life.matter.obligations} == {None}


def test_the_steps_are_taken_in_their_order() -> None:
    life = submitted(SONGMING).when(agree())
    life.refused(Code.STEP_MISSING, because="初审")
    meeting = PASS.model_copy(update={"step": "joint_meeting"})
    life.when(meeting).refused(Code.STEP_MISSING, because="初审")
    life.when(PASS).then("risk_filing.reviewed", step="first_review", label="初审")
    assert life.matter.stage is Stage.REVIEWED
    life.when(agree()).refused(Code.STEP_MISSING, because="专班审核")
    life.when(PASS).then("risk_filing.reviewed", step="group_check")
    life.when(agree()).refused(Code.STEP_MISSING, because="联席会议")
    life.when(meeting).then("risk_filing.reviewed", step="joint_meeting")
    life.when(agree()).then("risk_filing.agreed")


def test_a_step_is_one_the_instrument_has_and_is_taken_once() -> None:
    life = submitted(SONGMING)
    life.when(PASS.model_copy(update={"step": "vote"})).refused(Code.UNKNOWN_ITEM, because="vote")
    life.when(PASS)
    life.when(PASS.model_copy(update={"step": "first_review"})).refused(Code.ALREADY_DONE)
    life = submitted().when(PASS).when(PASS)
    life.refused(Code.NOT_PROVIDED)


def test_what_did_not_pass_goes_no_further_and_is_not_agreed() -> None:
    life = submitted(SONGMING).when(FAIL).then("risk_filing.reviewed", result=Review.FAILED)
    life.when(PASS).refused(Code.FINDINGS_CONTRADICT, because="未通过")
    life = submitted().when(FAIL).when(agree())
    life.refused(Code.FINDINGS_CONTRADICT, because="未通过")
    life.when(DECLINE).then("risk_filing.declined")


def test_in_yichang_a_filing_may_be_agreed_without_a_first_review() -> None:
    life = submitted().when(agree(conditions=("加强监理",)), on="2026-03-10")
    life.then("risk_filing.agreed", agreed_by=COUNTY, conditions=("加强监理",))
    assert of(life).agreed_on == date(2026, 3, 10)
    assert life.duty("first_review").state is State.MET
    assert life.duty("answer").state is State.MET


# --- the answer -----------------------------------------------------------------------------------


@pytest.mark.parametrize("by", [BUREAU, COUNTY], ids=lambda each: each.id)
def test_only_a_discipline_organ_agrees_in_yichang(by: Organ) -> None:
    life = submitted().when(agree(agreed_by=by))
    if by == COUNTY:
        life.then("risk_filing.agreed", agreed_by=by)
    else:
        life.refused(Code.APPROVAL_MISSING, because="某局党组不是")


def test_who_agrees_is_of_the_level_the_instrument_names_and_its_article_is_cited() -> None:
    rules = rulebook().for_matter("risk_filing", YICHANG, date(2026, 3, 2))
    who = Agreeing(
        label="市纪委监委", levels=(OrganLevel.PREFECTURE,), article="第三条", confirmed=False
    )
    instrument = rules.instrument.model_copy(update={"agreeing": who})
    life = Life(RiskFiling(matter_id("risk_filing", "x")), TimeLimits(instrument, rules.calendar))
    life.when(opening(), on="2026-03-02").when(agree())
    life.refused(Code.APPROVAL_MISSING, because="须由市纪委监委同意", article="第三条")
    city = COUNTY.model_copy(update={"id": "city", "level": OrganLevel.PREFECTURE})
    life.when(agree(agreed_by=city)).then("risk_filing.agreed", agreed_by=city)


def test_in_songming_nobody_says_who_agrees() -> None:
    life = submitted(SONGMING).when(PASS).when(PASS).when(PASS)
    office = BUREAU.model_copy(update={"kind": OrganKind.OTHER})
    life.when(agree(agreed_by=office)).then("risk_filing.agreed")


def test_a_validity_does_not_end_before_it_begins() -> None:
    life = submitted().when(agree("2026-03-09"), on="2026-03-10")
    life.refused(Code.MALFORMED, because="2026-03-09")
    life.when(agree("2026-03-10"), on="2026-03-10").then("risk_filing.agreed")


def test_what_is_declined_says_why_and_when() -> None:
    life = submitted().when(DECLINE, on="2026-03-05")
    life.then("risk_filing.declined", explanation="已有明文禁止")
    assert (of(life).declined_on, of(life).agreed_on) == (date(2026, 3, 5), None)
    assert not life.matter.obligations.live()


@pytest.mark.parametrize("answer", [agree(), DECLINE, WITHDRAW], ids=lambda act: str(act.name))
def test_a_filing_is_answered_once(answer: Act) -> None:
    life = submitted().when(answer)
    for act in (PASS, agree(), DECLINE, WITHDRAW):
        life.when(act).refused(Code.OUT_OF_STAGE)


def test_what_is_withdrawn_is_waited_for_no_longer() -> None:
    life = submitted(SONGMING).when(WITHDRAW)
    assert not life.matter.is_open
    assert {each.state for each in life.matter.obligations} == {State.LAPSED}


# --- as evidence ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("conduct_on", "because"),
    [
        ("2026-03-09", "2026-03-10 获同意"),
        ("2026-03-10", "不早于行为发生之日 2026-03-10"),  # 同日不算在前
        ("2026-03-11", None),
        ("2026-04-30", None),  # the last day of its validity
        ("2026-05-01", "有效期止于 2026-04-30"),
    ],
)
def test_it_is_evidence_for_conduct_after_the_agreement_and_within_its_validity(
    conduct_on: str, because: str | None
) -> None:
    life = agreed("2026-04-30").when(use(conduct_on), on="2026-06-01")
    if because is None:
        life.then("risk_filing.used", case_number=CASE, conduct_on=date.fromisoformat(conduct_on))
    else:
        life.refused(Code.RISK_FILING_UNUSABLE, because=because)
        assert life.refusal is not None
        assert "不影响依其他情形容错" in life.refusal.way_out


@pytest.mark.parametrize(
    ("acts_before", "because"),
    [
        ((), "未获同意，现为「已提交」"),
        ((PASS,), "未获同意，现为「已初审」"),
        ((DECLINE,), "未获同意，现为「不同意」"),
        ((WITHDRAW,), "未获同意，现为「已撤回」"),
        ((agree(), REVOKE), "已经撤销"),
    ],
)
def test_what_is_not_agreed_is_no_evidence(acts_before: tuple[Act, ...], because: str) -> None:
    life = submitted()
    for act in acts_before:
        life.when(act)
    life.when(use("2026-03-20"), on="2026-04-01")
    life.refused(Code.RISK_FILING_UNUSABLE, because=because)


def test_the_article_on_evidence_is_cited_where_there_is_one() -> None:
    life = submitted()
    clause = life.rules.instrument.evidence.model_copy(update={"article": "第五条"})
    instrument = life.rules.instrument.model_copy(update={"evidence": clause})
    life.rules = TimeLimits(instrument, life.rules.calendar)
    life.when(use("2026-03-20")).refused(Code.RISK_FILING_UNUSABLE, article="第五条")


def test_without_an_end_it_is_evidence_for_as_long_as_it_stands() -> None:
    life = agreed().until("2027-12-31").when(use("2027-12-30"), on="2027-12-31")
    life.then("risk_filing.used")
    assert life.matter.stage is Stage.USED
    assert not [each for each in life.matter.obligations if each.obligation.rule == "validity"]


def test_several_cases_may_use_it_and_one_case_more_than_once() -> None:
    life = agreed().when(use("2026-03-20"), on="2026-04-01")
    life.when(use("2026-03-20", "容〔2026〕6号")).then("risk_filing.used")
    life.when(use("2026-03-21"), on="2026-04-07").then("risk_filing.used")  # 又一份证据引用
    assert of(life).used_by == {
        CASE: date(2026, 4, 1),
        "容〔2026〕6号": date(2026, 4, 1),
    }


# --- its end --------------------------------------------------------------------------------------


def test_its_validity_runs_out_by_the_clock() -> None:
    life = agreed("2026-04-30").until("2026-04-30")
    assert life.names() == ["obligation.reminded"] * 2
    assert (life.matter.stage, life.matter.is_open) == (Stage.AGREED, True)
    life.until("2026-05-01")
    assert life.names() == ["obligation.elapsed", "risk_filing.lapsed"]
    assert life.news[-1].on == date(2026, 5, 1)
    assert (life.matter.stage, life.matter.is_open) == (Stage.LAPSED, False)
    assert life.duty("validity").state is State.ELAPSED
    life.until("2026-12-31")
    assert life.names() == []  # 期满不是逾期


def test_what_was_done_in_time_may_rely_on_it_after_it_lapsed() -> None:
    life = agreed("2026-04-30").until("2026-05-31").when(use("2026-04-30"), on="2026-06-01")
    life.then("risk_filing.used")
    assert life.matter.stage is Stage.USED


def test_what_was_used_stays_used_when_its_validity_ends() -> None:
    life = agreed("2026-04-30").when(use("2026-03-20"), on="2026-04-01").until("2026-05-01")
    assert life.names()[-1] == "risk_filing.lapsed"
    assert life.matter.stage is Stage.USED


@pytest.mark.parametrize("used", [True, False])
def test_an_agreement_is_revoked_with_a_reason_and_its_validity_ends(used: bool) -> None:
    life = agreed("2026-04-30")
    if used:
        life.when(use("2026-03-20"), on="2026-04-01")
    life.when(REVOKE).then("risk_filing.revoked", explanation="材料不实")
    assert life.duty("validity").state is State.LAPSED
    assert life.until("2026-06-01").names() == []
    assert life.matter.stage is Stage.REVOKED


def test_a_lapsed_one_can_still_be_revoked_and_nothing_twice() -> None:
    life = agreed("2026-04-30").until("2026-05-01").when(REVOKE, on="2026-05-06")
    life.then("risk_filing.revoked")
    life.when(REVOKE).refused(Code.OUT_OF_STAGE, because="已撤销")
    submitted().when(REVOKE).refused(Code.OUT_OF_STAGE, because="已提交")


def test_filings_are_counted_one_by_one() -> None:
    life = agreed().when(use("2026-03-20"), on="2026-04-01").when(REVOKE)
    declined = submitted().when(DECLINE)
    found = [
        each
        for told in (life, declined)
        for event in told.recorded
        for each in counted(event, of(told))
    ]
    whats = ["risk_filed", "risk_agreed", "risk_used", "risk_filed", "risk_declined"]
    assert [each.what for each in found] == whats
    assert {(each.group, each.subject) for each in found} == {("备〔2026〕1号", None)}
