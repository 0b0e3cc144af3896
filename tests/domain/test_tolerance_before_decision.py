"""Before the decision: application, acceptance, verification, opinions, notice."""

from datetime import date

import pytest

from domain.aggregate import Act
from domain.law.policy import Step
from domain.law.rules import Rules
from domain.refusals import Code
from domain.tolerance import acts
from domain.tolerance.state import Stage
from tests.support.examples import (
    CHEN,
    CLOSE_NOTICE,
    CONSULT,
    HUBEI,
    INSPECTOR,
    NOTICE_WITH_OBJECTION,
    PERSON,
    WUYANG,
    YOUXIAN,
    ZHAO,
    History,
    accept,
    applied,
    check,
    checked,
    defer,
    determine,
    matter,
    objection,
    on_notice,
    open_notice,
    open_verification,
    opinion,
    report,
    requiring,
    resolve,
    review,
    start_ex_officio,
    verified,
    verifying,
)
from tests.support.given import given

# --- application and acceptance ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("rules", "article"), [(WUYANG, "第七条（一）"), (YOUXIAN, "第八条（一）")]
)
def test_only_a_track_the_instrument_provides_opens_a_case(rules: Rules, article: str) -> None:
    given(History(rules)).when(start_ex_officio(), on="2026-03-04").refused(
        Code.TRACK_NOT_PROVIDED, because=rules.policy.name, article=article
    )


def test_a_case_begun_by_the_organ_itself_needs_no_acceptance() -> None:
    story = given(History(HUBEI)).when(start_ex_officio(), on="2026-03-04")
    story.when(accept()).refused(Code.OUT_OF_STAGE)
    story.when(open_verification()).then("tolerance.verification-opened")


@pytest.mark.parametrize(
    ("applied_on", "late"),
    [("2026-09-28", False), ("2026-09-29", False), ("2026-09-30", True)],  # Sunday 09-20 counts
)
def test_in_wuyang_one_applies_within_seven_working_days(applied_on: str, late: bool) -> None:
    history = applied(WUYANG, on=applied_on, matter=matter(opened_on="2026-09-18"))
    story = given(history).when(accept(), on="2026-10-09")  # when it is answered does not matter
    if late:
        story.refused(Code.LATE, because="已于 2026-09-29 届满", article="第七条（一）")
    else:
        story.then("tolerance.accepted")


@pytest.mark.parametrize("rules", [HUBEI, YOUXIAN], ids=["hubei", "youxian"])
def test_where_no_window_is_set_one_may_apply_a_year_later(rules: Rules) -> None:
    history = applied(rules, on="2026-09-30", matter=matter(opened_on="2025-09-18"))
    given(history).when(accept()).then("tolerance.accepted")


def test_in_wuyang_the_cadre_may_not_apply_himself() -> None:
    given(applied(WUYANG, applicant=PERSON)).when(accept()).refused(
        Code.WRONG_APPLICANT, article="第七条（一）"
    )
    given(applied(YOUXIAN, applicant=PERSON)).when(accept()).then("tolerance.accepted")


@pytest.mark.parametrize(("opened_on", "barred"), [("2016-12-31", True), ("2017-01-01", False)])
def test_in_wuyang_what_was_opened_before_the_measures_is_excluded(
    opened_on: str, barred: bool
) -> None:
    story = given(applied(WUYANG, on="2017-01-04", matter=matter(opened_on))).when(accept())
    if barred:
        story.refused(Code.PRE_ENTRY_INTO_FORCE, because="2016-12-31 启动", article="第十二条")
    else:
        story.then("tolerance.accepted")


def test_in_youxian_no_transition_is_stated() -> None:
    given(applied(YOUXIAN, matter=matter("2017-06-26"))).when(accept()).then("tolerance.accepted")


def test_every_bar_is_told_at_once() -> None:
    history = applied(WUYANG, applicant=PERSON, matter=matter("2016-12-01"))
    story = given(history).when(accept())
    story.refused(Code.WRONG_APPLICANT, because="有权提出申请", article="第七条（一）")
    story.refused(Code.WRONG_APPLICANT, because="早于办法施行", article="第十二条")


@pytest.mark.parametrize("signed", [(), ("cdi",), ("somebody", "else")])
def test_in_youxian_the_accountability_organ_signs_the_acceptance(signed: tuple[str, ...]) -> None:
    given(applied(YOUXIAN)).when(acts.Accept(co_signed_by=signed)).refused(
        Code.CO_SIGNATURE_MISSING, article="第八条（二）"
    )


def test_the_signatures_are_kept() -> None:
    signed = ("cdi", INSPECTOR.id)
    given(applied(YOUXIAN)).when(acts.Accept(co_signed_by=signed)).then(
        "tolerance.accepted", co_signed_by=signed
    )
    given(applied(WUYANG)).when(acts.Accept()).then("tolerance.accepted", co_signed_by=())


def test_a_refused_applicant_is_answered_with_the_reason() -> None:
    story = given(applied(WUYANG, applicant=PERSON))
    declined = acts.Decline(because=Code.WRONG_APPLICANT, explanation="须由党委提出")
    story.when(declined).then("tolerance.acceptance-refused", because=Code.WRONG_APPLICANT)
    assert story.case.stage is Stage.DECLINED


# --- verification -----------------------------------------------------------------------------


@pytest.mark.parametrize("item", ["WY-C1", "WY-C4", "WY-N6"])
def test_every_item_of_the_lists_is_answered(item: str) -> None:
    full = check(WUYANG).answers
    partial = acts.CheckList(
        subject=CHEN.id, answers={key: full[key] for key in full if key != item}
    )
    given(verifying(WUYANG)).when(partial).refused(Code.STEP_MISSING, because=item)


def test_not_known_is_an_answer() -> None:
    given(verifying(WUYANG)).when(check(WUYANG, WY_C1=None)).then("tolerance.list-checked")


def test_what_the_source_only_counts_need_not_be_answered() -> None:
    given(verifying(HUBEI)).when(acts.CheckList(subject=CHEN.id, answers={})).then(
        "tolerance.list-checked"
    )


def test_an_item_that_is_on_no_list_is_refused() -> None:
    story = given(verifying(WUYANG)).when(check(WUYANG, YX_7=True))
    story.refused(Code.UNKNOWN_ITEM, because="YX-7")
    assert story.refusal is not None
    assert "wuyang_2017" in story.refusal.way_out


def test_the_report_waits_for_every_subject() -> None:
    history = verifying(WUYANG, CHEN, ZHAO).on("2026-03-10", check(WUYANG, CHEN))
    story = given(history).when(report())
    story.refused(Code.STEP_MISSING, because="还缺赵某 的清单对照", article="第七条（二）")
    assert "陈某" not in str(story.refusal)


def test_in_hubei_the_six_factors_are_reviewed() -> None:
    history = verifying(HUBEI).on("2026-03-10", check(HUBEI))
    given(history).when(report()).refused(Code.STEP_MISSING, because="陈某 的六看研判")
    given(history.on("2026-03-10", review())).when(report()).then("tolerance.verification-reported")


def test_elsewhere_the_six_factors_are_optional() -> None:
    history = verifying(WUYANG).on("2026-03-10", check(WUYANG))
    given(history).when(report()).then("tolerance.verification-reported")


# --- opinions, consultation, notice -----------------------------------------------------------


def test_in_hubei_opinions_are_sought_before_the_determination() -> None:
    history = checked(HUBEI).on("2026-03-11", report())
    given(history).when(determine()).refused(Code.STEP_MISSING, because="还没有征求意见")
    given(history.on("2026-03-11", opinion())).when(determine()).then("tolerance.determined")


@pytest.mark.parametrize(
    ("rules", "done"),
    [
        (requiring(HUBEI, Step.CONSULTATION), [CONSULT]),
        (requiring(YOUXIAN, Step.PUBLIC_NOTICE), [open_notice(), CLOSE_NOTICE]),
    ],
    ids=["consultation", "public_notice"],
)
def test_an_obligatory_step_is_not_skipped(rules: Rules, done: list[Act]) -> None:
    story = given(verified(rules)).when(determine())
    story.refused(Code.STEP_MISSING)
    for number, act in enumerate(done, start=4):
        story.when(act, on=f"2026-{number:02}-30")
    story.when(determine()).then("tolerance.determined")


@pytest.mark.parametrize("rules", [HUBEI, WUYANG], ids=["hubei", "wuyang"])
def test_no_notice_where_the_instrument_knows_none(rules: Rules) -> None:
    given(verified(rules)).when(open_notice()).refused(Code.NOT_PROVIDED, because=rules.policy.name)


def test_the_notice_tells_its_last_day_and_the_calendar_it_was_counted_by() -> None:
    story = given(verified(YOUXIAN)).when(open_notice(), on="2026-04-28")
    story.then("tolerance.public-notice-opened", ends_on=date(2026, 5, 11))
    assert story.news[0].envelope.calendars == ("2026.1",)


@pytest.mark.parametrize(
    ("day", "running"), [("2026-05-10", True), ("2026-05-11", True), ("2026-05-12", False)]
)
def test_the_notice_is_closed_after_its_last_day(day: str, running: bool) -> None:
    story = given(on_notice(YOUXIAN)).when(CLOSE_NOTICE, on=day)
    if running:
        story.refused(Code.NOTICE_RUNNING, because="2026-05-11 届满", article="第八条（三）")
    else:
        story.then("tolerance.public-notice-closed")


@pytest.mark.parametrize(
    ("day", "over"), [("2026-05-10", False), ("2026-05-11", False), ("2026-05-12", True)]
)
def test_objections_are_raised_until_the_last_day(day: str, over: bool) -> None:
    story = given(on_notice(YOUXIAN)).when(objection(), on=day)
    if over:
        story.refused(Code.NOTICE_OVER, because="2026-05-11 届满", article="第八条（三）")
    else:
        story.then("tolerance.objection-raised", objection=1)


def test_the_notice_is_not_closed_over_an_open_objection() -> None:
    story = (
        given(NOTICE_WITH_OBJECTION)
        .when(objection())
        .then("tolerance.objection-raised", objection=2)
    )
    story.when(resolve(2), on="2026-05-12").then("tolerance.objection-resolved", objection=2)
    story.when(CLOSE_NOTICE).refused(
        Code.OBJECTIONS_OPEN, because="第 1 条异议尚未处理", article="第八条（三）"
    )
    story.when(resolve(1)).then("tolerance.objection-resolved", objection=1)
    story.when(CLOSE_NOTICE).then("tolerance.public-notice-closed")


@pytest.mark.parametrize("number", [0, 2])
def test_only_a_raised_objection_is_resolved(number: int) -> None:
    given(NOTICE_WITH_OBJECTION).when(resolve(number)).refused(
        Code.UNKNOWN_OBJECTION, because=f"没有第 {number} 条"
    )


@pytest.mark.parametrize("rules", [HUBEI, YOUXIAN], ids=["hubei", "youxian"])
def test_no_deferral_where_the_instrument_knows_none(rules: Rules) -> None:
    given(verified(rules)).when(defer()).refused(Code.NOT_PROVIDED, because=rules.policy.name)
