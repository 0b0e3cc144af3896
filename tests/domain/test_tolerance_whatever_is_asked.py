"""Where a case once went wrong under whatever was asked: the smallest history of each."""

from datetime import date

from domain.law.policy import RecusalGround
from domain.refusals import Code
from domain.tolerance import acts
from domain.tolerance.particulars import DeclineReason, Resolution, ReviewResult, RevocationCause
from domain.tolerance.state import Stage
from tests.domain.test_case_machine import (
    ALL_AGAIN,
    EVERY_STEP,
    INSTRUMENTS,
    REVIEWER,
    approval,
    instrument,
    members,
    proposed,
)
from tests.support.examples import (
    CHEN,
    EXEMPTION,
    MITIGATION,
    WUYANG,
    YOUXIAN,
    ZHAO,
    accepted,
    applied,
    check,
    determine,
    determined,
    on_notice,
    open_notice,
    open_verification,
    report,
    verified,
)
from tests.support.given import Story, given

GENERIC = INSTRUMENTS["generic.1"]
REVIEW = acts.LodgeReview(subject=CHEN.id, remedy="review", grounds="不服")
ADMIT = acts.AdmitReview(subject=CHEN.id, panel=members(REVIEWER.id))
REVOKE = acts.RevokeDetermination(
    subject=CHEN.id,
    cause=RevocationCause.FALSE_MATERIAL,
    accountability_resumes=True,
    explanation="材料虚假",
)
DEFER = acts.DeferDetermination(subject=CHEN.id, explanation="尚待查清")
CONCLUDE = acts.IssueConclusiveOpinion(subject=CHEN.id, opinion="难以认定")


def deciding(result: ReviewResult, conclusion: acts.Determine | None = None) -> acts.DecideReview:
    return acts.DecideReview(
        subject=CHEN.id, result=result, explanation="经复核", conclusion=conclusion
    )


def correcting(conclusion: acts.Determine) -> acts.CorrectExOfficio:
    return acts.CorrectExOfficio(
        subject=conclusion.subject, by_superior=False, explanation="有误", conclusion=conclusion
    )


def reopening(*subjects: str) -> acts.Reopen:
    return acts.Reopen(subjects=subjects or (CHEN.id,), explanation="有新的事实")


def one_of_two_reopened() -> Story:
    """陈某 and 赵某 determined; 赵某 is being verified anew."""
    story = given(determined(YOUXIAN, CHEN, ZHAO)).when(reopening(ZHAO.id))
    assert story.case.stage is Stage.VERIFYING
    return story


# ---- a refused act leaves a trace --------------------------------------------------------------


def test_a_new_determination_with_an_impossible_day_of_effect_leaves_no_trace() -> None:
    story = given(determined(YOUXIAN)).when(reopening())
    story.when(report())
    story.when(determine(effective_on=date(2020, 1, 1))).refused(Code.MALFORMED)


def test_a_correction_with_an_impossible_day_of_effect_leaves_no_trace() -> None:
    story = given(determined(YOUXIAN))
    story.when(correcting(determine(effective_on=date(2020, 1, 1)))).refused(Code.MALFORMED)


# ---- the stage leaps ---------------------------------------------------------------------------


def test_one_of_two_determined_anew_leaves_the_notice_of_the_other_closed() -> None:
    story = given(determined(YOUXIAN, CHEN, ZHAO)).when(reopening(CHEN.id, ZHAO.id))
    story.when(report()).when(open_notice()).when(acts.ClosePublicNotice(), on="2026-04-28")
    assert story.case.stage is Stage.NOTICED
    story.when(determine(CHEN))
    assert story.case.stage is Stage.NOTICED


def test_a_review_does_not_take_a_withdrawn_case_up_again() -> None:
    story = one_of_two_reopened().when(REVIEW).when(ADMIT)
    story.when(acts.WithdrawApplication(explanation="不再申请"))
    story.when(deciding(ReviewResult.REMAND), by=REVIEWER)
    assert story.case.stage is Stage.WITHDRAWN


def test_a_review_does_not_resume_a_suspended_case() -> None:
    rules = EVERY_STEP
    story = Story(rules, case=one_of_two_reopened().case)
    story.when(REVIEW).when(ADMIT).when(acts.Suspend(explanation="等待鉴定"))
    assert story.case.stage is Stage.SUSPENDED
    story.when(deciding(ReviewResult.REMAND), by=REVIEWER)
    assert story.case.stage is Stage.SUSPENDED


def test_a_case_reopened_is_verified_anew() -> None:
    rules = ALL_AGAIN
    story = given(verified(rules, CHEN, ZHAO).on("2026-03-11", DEFER, determine(ZHAO)))
    story.when(open_notice()).when(CONCLUDE)
    story.when(reopening(ZHAO.id))
    assert story.case.stage is Stage.VERIFYING


# ---- nothing in effect, and yet ----------------------------------------------------------------


def test_the_second_review_of_a_declined_application_decides_nobody() -> None:
    declined = acts.Decline(because=DeclineReason.LATE, explanation="已过期限")
    story = given(applied(GENERIC, CHEN, ZHAO)).when(declined)
    for one in (ZHAO, CHEN):
        story.when(REVIEW.model_copy(update={"subject": one.id}))
        story.when(ADMIT.model_copy(update={"subject": one.id}))
    answered = {"subject": ZHAO.id}
    story.when(deciding(ReviewResult.REMAND).model_copy(update=answered), by=REVIEWER)
    story.when(deciding(ReviewResult.REVOKE), by=REVIEWER)
    assert not story.case.files[CHEN.id].final


# ---- the notice --------------------------------------------------------------------------------


def test_nobody_is_determined_whose_notice_must_begin_again() -> None:
    story = given(on_notice(YOUXIAN, CHEN, ZHAO))
    again = acts.RestartPublicNotice(subject=ZHAO.id, scope="县委网站")
    story.when(again, on="2026-05-08").when(acts.ClosePublicNotice(), on="2026-05-12")
    story.when(acts.RaiseObjection(content="另有责任"))
    upheld = {"objection": 1, "resolution": Resolution.UPHELD, "changes": (CHEN.id,)}
    story.when(acts.ResolveObjection(explanation="属实", **upheld))
    story.when(determine()).refused(Code.NOTICE_RESTART_MISSING)


def test_a_notice_can_be_closed_when_the_one_it_waits_for_is_concluded() -> None:
    story = given(on_notice(ALL_AGAIN, CHEN, ZHAO)).when(acts.RaiseObjection(content="另有责任"))
    upheld = {"objection": 1, "resolution": Resolution.UPHELD, "changes": (CHEN.id,)}
    story.when(acts.ResolveObjection(explanation="属实", **upheld)).when(DEFER).when(CONCLUDE)
    story.when(acts.RestartPublicNotice(subject=ZHAO.id, scope="县委网站"))
    story.when(acts.ClosePublicNotice(), on="2026-06-30").then("tolerance.public-notice-closed")


def test_an_objection_without_any_notice_is_refused() -> None:
    story = given(determined(YOUXIAN, CHEN, ZHAO)).when(reopening(CHEN.id, ZHAO.id))
    story.when(report()).when(open_notice(), on="2026-04-28")
    again = acts.RestartPublicNotice(subject=CHEN.id, scope="县委网站")
    story.when(again, on="2026-05-08").when(acts.ClosePublicNotice(), on="2026-05-12")
    story.when(REVOKE).when(acts.RaiseObjection(content="另有责任")).refused(Code.OUT_OF_STAGE)


def test_a_case_on_notice_does_not_go_over_to_an_instrument_without_one() -> None:
    story = given(on_notice(YOUXIAN))
    story.rules = WUYANG
    over = acts.Repin(policy="wuyang_2017", explanation="改适用")
    story.when(over, authority="会议纪要〔2026〕1号").refused(Code.NOT_PROVIDED, because="正在公示")


# ---- who ---------------------------------------------------------------------------------------


def handled(story: Story) -> Story:
    """From 已受理 to 认定完毕."""
    for act in (open_verification(), check(GENERIC), report(), determine()):
        story.when(act)
    assert story.case.stage is Stage.DETERMINED
    return story


def test_who_stands_back_does_not_review() -> None:
    asked = acts.RequestRecusal(officer=REVIEWER.id, ground=RecusalGround.KIN, explanation="近亲属")
    back = acts.DecideRecusal(officer=REVIEWER.id, stands_back=True, explanation="属实")
    story = handled(given(accepted(GENERIC)).when(asked).when(back))
    story.when(REVIEW).when(ADMIT).refused(Code.RECUSED)


# ---- approval, time ----------------------------------------------------------------------------


def test_what_was_approved_of_another_proposal_does_not_count() -> None:
    two = (approval("upper"), approval("exempting", outcomes=(EXEMPTION,)))
    story = given(verified(instrument(YOUXIAN, "two_approvals", approvals=two)))
    story.when(proposed(determine()))
    for name in ("upper", "exempting"):
        story.when(acts.RequestApproval(subject=CHEN.id, approval=name, of="上级"))
    story.when(acts.GrantApproval(subject=CHEN.id, approval="upper", explanation="同意"))
    story.when(acts.RefuseApproval(subject=CHEN.id, approval="exempting", explanation="过宽"))
    story.when(determine(outcome=MITIGATION)).refused(Code.APPROVAL_MISSING)
