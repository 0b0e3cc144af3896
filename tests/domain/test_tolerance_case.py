"""A tolerance case: its way through three instruments, every guard, and what always holds."""

import json
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from itertools import product

import pytest
from hypothesis import given as whatever
from hypothesis import settings
from hypothesis import strategies as st
from pydantic import ValidationError

from domain import registry
from domain.aggregate import Act, Event, Order
from domain.law.calendar import CHINA, civil_date
from domain.law.policy import ApplicantKind, Outcome, Relief, Sanction, Step
from domain.law.rules import Rules
from domain.obligations import moments
from domain.people import SYSTEM
from domain.refusals import Code
from domain.tolerance import acts
from domain.tolerance.case import ToleranceCase
from domain.tolerance.events import Applicant, Recipient
from domain.tolerance.state import Stage
from tests.support.examples import (
    CASE,
    CHEN,
    CLERK,
    HUBEI,
    INSPECTOR,
    NOBODY,
    PACKS,
    QIAN,
    WUYANG,
    YOUXIAN,
    ZHAO,
    History,
    accept,
    accepted,
    application,
    applied,
    check,
    checked,
    closed,
    defer,
    determine,
    determined,
    file,
    matter,
    notify,
    objection,
    on_notice,
    open_notice,
    open_verification,
    opinion,
    rectified,
    report,
    resolve,
    review,
    start_ex_officio,
    verified,
    verifying,
    visit,
)
from tests.support.given import Story, folded, given, state

EXEMPTION, MITIGATION, NO_TOLERANCE = Outcome
PERSON = Applicant(id=CHEN.id, kind=ApplicantKind.PERSON, label=CHEN.label)
DECLINE = acts.Decline(because=Code.LATE, explanation="已过申请期限")
CONSULT = acts.HoldConsultation(organs=("组织部", "财政局"), conclusion="一致同意")
CLOSE_NOTICE = acts.ClosePublicNotice()
CLOSE = acts.Close()


def requiring(rules: Rules, step: Step) -> Rules:
    """The same instrument, had it made a step it only allows obligatory."""
    steps = tuple(
        each.model_copy(update={"required": each.required or each.step is step})
        for each in rules.policy.steps
    )
    return Rules(rules.policy.model_copy(update={"steps": steps}), rules.calendar)


# --- the way through --------------------------------------------------------------------------

WAYS: dict[str, tuple[Rules, list[tuple[str, Act, str, Stage]]]] = {
    "hubei, begun by the organ itself": (
        HUBEI,
        [
            ("03-02", start_ex_officio(), "tolerance.started-ex-officio", Stage.ACCEPTED),
            ("03-04", open_verification(), "tolerance.verification-opened", Stage.VERIFYING),
            ("03-06", review(), "tolerance.six-factors-reviewed", Stage.VERIFYING),
            ("03-06", check(HUBEI), "tolerance.list-checked", Stage.VERIFYING),
            ("03-09", report(), "tolerance.verification-reported", Stage.VERIFIED),
            ("03-10", opinion(), "tolerance.opinion-received", Stage.VERIFIED),
            ("03-11", CONSULT, "tolerance.joint-consultation-held", Stage.VERIFIED),
            ("03-12", determine(), "tolerance.determined", Stage.DETERMINED),
            ("03-13", notify(), "tolerance.result-notified", Stage.DETERMINED),
            ("04-13", rectified(), "tolerance.rectification-completed", Stage.DETERMINED),
            ("04-14", CLOSE, "tolerance.closed", Stage.CLOSED),
            ("06-15", visit(), "tolerance.follow-up-visit-held", Stage.CLOSED),
        ],
    ),
    "wuyang, with a deferral": (
        WUYANG,
        [
            ("03-04", application(WUYANG), "tolerance.applied", Stage.APPLIED),
            ("03-06", accept(), "tolerance.accepted", Stage.ACCEPTED),
            ("03-09", open_verification(), "tolerance.verification-opened", Stage.VERIFYING),
            ("03-10", check(WUYANG, WY_C4=None), "tolerance.list-checked", Stage.VERIFYING),
            ("03-11", defer(), "tolerance.determination-deferred", Stage.VERIFYING),
            ("04-10", check(WUYANG), "tolerance.list-checked", Stage.VERIFYING),
            ("04-10", report(), "tolerance.verification-reported", Stage.VERIFIED),
            ("04-13", determine(), "tolerance.determined", Stage.DETERMINED),
            ("04-14", notify(), "tolerance.result-notified", Stage.DETERMINED),
            ("04-15", file(), "tolerance.determination-filed", Stage.DETERMINED),
            ("04-16", CLOSE, "tolerance.closed", Stage.CLOSED),
            ("09-01", visit(), "tolerance.follow-up-visit-held", Stage.CLOSED),
            ("09-02", rectified(), "tolerance.rectification-completed", Stage.CLOSED),
        ],
    ),
    "youxian, with a notice and an objection": (
        YOUXIAN,
        [
            ("04-02", application(YOUXIAN), "tolerance.applied", Stage.APPLIED),
            ("04-07", accept(), "tolerance.accepted", Stage.ACCEPTED),
            ("04-08", open_verification(), "tolerance.verification-opened", Stage.VERIFYING),
            ("04-20", check(YOUXIAN), "tolerance.list-checked", Stage.VERIFYING),
            ("04-21", report(), "tolerance.verification-reported", Stage.VERIFIED),
            ("04-28", open_notice(), "tolerance.public-notice-opened", Stage.ON_NOTICE),
            ("05-11", objection(), "tolerance.objection-raised", Stage.ON_NOTICE),
            ("05-13", resolve(), "tolerance.objection-resolved", Stage.ON_NOTICE),
            ("05-14", CLOSE_NOTICE, "tolerance.public-notice-closed", Stage.NOTICED),
            ("05-15", determine(), "tolerance.determined", Stage.DETERMINED),
            ("05-18", notify(), "tolerance.result-notified", Stage.DETERMINED),
            (
                "05-18",
                notify(recipient=Recipient.PERSONNEL_ORGAN),
                "tolerance.result-notified",
                Stage.DETERMINED,
            ),
            ("05-19", file(), "tolerance.determination-filed", Stage.DETERMINED),
            ("05-20", CLOSE, "tolerance.closed", Stage.CLOSED),
        ],
    ),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_case_goes_its_way_stage_by_stage(way: str) -> None:
    rules, steps = WAYS[way]
    story = given(History(rules))
    for day, act, name, stage in steps:
        story.when(act, on=f"2026-{day}").then(name)
        assert story.case.stage is stage


@pytest.mark.parametrize("way", WAYS)
def test_every_event_names_the_edition_the_officer_and_its_act(way: str) -> None:
    rules, steps = WAYS[way]
    story = given(History(rules, tuple((f"2026-{day}", act) for day, act, *_ in steps)))
    for event in story.recorded:
        assert event.envelope.policy == rules.policy.reference
        assert event.envelope.by in (CLERK, SYSTEM)
        assert event.envelope.correlation_id == event.envelope.key
        caused = event.name().startswith("obligation.")
        assert caused == (event.envelope.by == SYSTEM) == bool(event.envelope.causation_id)


def test_a_duty_names_the_event_that_caused_it() -> None:
    story = given(applied(WUYANG)).when(accept(), on="2026-03-06")
    act, duty = story.news
    assert duty.envelope.causation_id == f"{CASE}/{act.originator_version}"


def test_authority_and_reason_belong_to_the_act_and_not_to_its_duties() -> None:
    case, now = given(applied(WUYANG)).case, datetime(2026, 3, 6, 10, tzinfo=CHINA)
    order = Order(
        key="act", by=CLERK, on=date(2026, 3, 6), now=now, authority="会议纪要3号", reason="补录"
    )
    case.perform(accept(), order, WUYANG)
    act, duty = (each.envelope for each in case.collect_events())
    assert (act.authority, act.reason) == ("会议纪要3号", "补录")
    assert (duty.authority, duty.reason) == (None, None)


@pytest.mark.parametrize(
    ("history", "act", "articles"),
    [
        (History(WUYANG), application(WUYANG), ("第七条（一）",)),
        (applied(YOUXIAN), accept(), ("第八条（二）",)),
        (verified(YOUXIAN), open_notice(), ("第八条（三）",)),
        (verified(WUYANG), determine(), ("第七条（二）",)),
        (determined(YOUXIAN), file(), ("第八条（四）",)),
        (determined(WUYANG), visit(), ("第九条",)),
        (verified(HUBEI), determine(), ()),  # the article is not known: nothing is made up
    ],
)
def test_an_event_cites_the_article_of_its_step(
    history: History, act: Act, articles: tuple[str, ...]
) -> None:
    story = given(history).when(act, on="2026-03-20")
    assert story.news[0].envelope.articles == articles


def test_an_act_recorded_later_is_marked_as_a_late_entry() -> None:
    story = given(applied(WUYANG))
    story.when(accept(), on="2026-03-06", now="2026-03-06T15:59:59Z")  # still the 6th in China
    assert not story.news[0].envelope.late_entry
    story.when(open_verification(), on="2026-03-06", now="2026-03-06T16:00:00Z")  # the 7th
    assert story.news[0].envelope.late_entry


# --- out of stage, and twice ------------------------------------------------------------------

STANDING_AT: dict[Stage | None, History] = {
    None: History(YOUXIAN),
    Stage.APPLIED: applied(YOUXIAN),
    Stage.ACCEPTED: accepted(YOUXIAN),
    Stage.DECLINED: applied(YOUXIAN).on("2026-03-06", DECLINE),
    Stage.VERIFYING: verifying(YOUXIAN),
    Stage.VERIFIED: verified(YOUXIAN),
    Stage.ON_NOTICE: on_notice(YOUXIAN),
    Stage.NOTICED: on_notice(YOUXIAN).on("2026-05-12", CLOSE_NOTICE),
    Stage.DETERMINED: determined(YOUXIAN),
    Stage.CLOSED: closed(YOUXIAN),
}
DELIBERATING = {Stage.VERIFYING, Stage.VERIFIED, Stage.NOTICED}
TAKEN_AT: list[tuple[Act, set[Stage]]] = [
    (accept(), {Stage.APPLIED}),
    (DECLINE, {Stage.APPLIED}),
    (open_verification(), {Stage.ACCEPTED}),
    (review(), DELIBERATING),
    (check(YOUXIAN), DELIBERATING),  # until the decision a finding may be corrected
    (report(), {Stage.VERIFYING}),
    (opinion(), DELIBERATING),
    (CONSULT, DELIBERATING),
    (open_notice(), {Stage.VERIFIED}),
    (objection(), {Stage.ON_NOTICE}),
    (resolve(), {Stage.ON_NOTICE}),
    (CLOSE_NOTICE, {Stage.ON_NOTICE}),
    (determine(), {Stage.VERIFIED, Stage.NOTICED}),
    (CLOSE, {Stage.DETERMINED}),
]


@pytest.mark.parametrize("stage", STANDING_AT, ids=str)
@pytest.mark.parametrize(("act", "stages"), TAKEN_AT, ids=lambda it: getattr(it, "name", ""))
def test_an_act_is_taken_only_at_its_stage(
    act: Act, stages: set[Stage], stage: Stage | None
) -> None:
    story = given(STANDING_AT[stage])
    assert story.case.stage is stage
    story.when(act, on="2026-06-01")
    code = story.refusal.code if story.refusal else None
    if stage in stages:  # other guards may stand in the way, the stage does not
        assert code not in (Code.OUT_OF_STAGE, Code.ALREADY_DONE)
    elif stage is None:
        assert code in (Code.CASE_NOT_FOUND, Code.UNKNOWN_SUBJECT)
    else:
        story.refused(code or Code.OUT_OF_STAGE)
        assert code in (Code.OUT_OF_STAGE, Code.ALREADY_DONE)


def test_a_refusal_says_where_the_case_stands_what_it_needs_and_what_can_be_done() -> None:
    story = given(applied(WUYANG)).when(open_verification())
    story.refused(Code.OUT_OF_STAGE, because="本案处于「申请提出」环节，须处于「已受理」")
    assert str(story.refusal) == (
        "不能开始核实：本案处于「申请提出」环节，须处于「已受理」。请先作出受理或不予受理的答复。"
    )


def test_a_determination_may_be_deferred_while_it_is_deliberated() -> None:
    given(accepted(WUYANG)).when(defer()).refused(Code.OUT_OF_STAGE)
    given(verifying(WUYANG)).when(defer()).then("tolerance.determination-deferred")
    given(verified(WUYANG)).when(defer()).then("tolerance.determination-deferred")
    given(verified(WUYANG, CHEN, ZHAO).on("2026-03-12", determine(ZHAO))).when(defer()).then(
        "tolerance.determination-deferred", subject=CHEN.id
    )


NOTICE_WITH_OBJECTION = on_notice(YOUXIAN).on("2026-04-29", objection())


@pytest.mark.parametrize(
    ("history", "act"),
    [
        (applied(YOUXIAN), accept()),
        (applied(YOUXIAN), DECLINE),
        (accepted(YOUXIAN), open_verification()),
        (checked(YOUXIAN), report()),
        (verified(YOUXIAN), open_notice()),
        (NOTICE_WITH_OBJECTION, resolve()),
        (on_notice(YOUXIAN).on("2026-05-12"), CLOSE_NOTICE),
        (verifying(WUYANG), defer()),
        (verified(YOUXIAN), determine()),
        (verified(YOUXIAN, CHEN, ZHAO), determine(ZHAO)),
        (determined(YOUXIAN), notify()),
        (determined(YOUXIAN), file()),
        (determined(YOUXIAN), rectified()),
        (closed(YOUXIAN), rectified()),
    ],
    ids=lambda it: getattr(it, "name", ""),
)
def test_what_is_done_is_not_done_twice(history: History, act: Act) -> None:
    story = given(history).when(act, on="2026-05-12")
    term = story.news[0].term
    story.when(act, on="2026-05-13")
    story.refused(Code.ALREADY_DONE, because=f"「{term}」已于 2026-05-12 办过")


def test_a_closed_case_is_not_closed_again() -> None:
    given(closed(WUYANG)).when(CLOSE).refused(Code.ALREADY_DONE)


def test_a_case_number_opens_one_case() -> None:
    given(applied(HUBEI)).when(application(HUBEI)).refused(Code.CASE_NUMBER_TAKEN)
    given(applied(HUBEI)).when(start_ex_officio()).refused(Code.CASE_NUMBER_TAKEN)


def test_opinions_visits_and_lists_may_come_again() -> None:
    given(verified(HUBEI)).when(opinion()).then("tolerance.opinion-received")
    given(checked(HUBEI)).when(check(HUBEI)).then("tolerance.list-checked")
    given(checked(HUBEI)).when(review()).then("tolerance.six-factors-reviewed")
    given(determined(HUBEI).on("2026-04-01", visit())).when(visit(), on="2026-05-06").then(
        "tolerance.follow-up-visit-held"
    )


# --- dates ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("day", "taken"), [("2026-03-05", False), ("2026-03-06", True)])
def test_an_act_is_dated_no_earlier_than_the_act_before(day: str, taken: bool) -> None:
    story = given(accepted(WUYANG)).when(open_verification(), on=day)
    if taken:
        story.then("tolerance.verification-opened", on=date(2026, 3, 6))
    else:
        story.refused(Code.DATE_BEFORE_LAST_ACT, because="早于本案上一行为的日期 2026-03-06")


@pytest.mark.parametrize(
    ("now", "taken"),
    [
        ("2026-03-05T23:59:59.999999+08:00", False),
        ("2026-03-06T00:00:00+08:00", True),
        ("2026-03-05T15:59:59Z", False),
        ("2026-03-05T16:00:00Z", True),  # midnight in China
        ("2026-03-05T11:00:00-05:00", True),  # the day before in New York, midnight in China
    ],
)
def test_an_act_is_dated_no_later_than_today_in_china(now: str, taken: bool) -> None:
    story = given(applied(WUYANG)).when(accept(), on="2026-03-06", now=now)
    if taken:
        story.then("tolerance.accepted")
    else:
        story.refused(Code.DATE_IN_FUTURE, because="2026-03-06 晚于今天 2026-03-05")


# --- whom it concerns -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("history", "act"),
    [
        (verifying(WUYANG), review()),
        (verifying(WUYANG), check(WUYANG)),
        (verifying(WUYANG), defer()),
        (verified(WUYANG), determine()),
        (determined(WUYANG), notify()),
        (determined(WUYANG), file()),
        (determined(WUYANG), rectified()),
        (closed(WUYANG), visit()),
    ],
    ids=lambda it: getattr(it, "name", ""),
)
def test_an_act_concerns_a_subject_of_the_case(history: History, act: Act) -> None:
    story = given(history).when(act.model_copy(update={"subject": NOBODY}))
    story.refused(Code.UNKNOWN_SUBJECT, because=NOBODY)
    assert story.refusal is not None
    assert CHEN.id in story.refusal.way_out


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


# --- the determination ------------------------------------------------------------------------

Granted = tuple[Outcome, Relief | None]
FROM_LIGHT: set[Granted] = {(MITIGATION, Relief.LIGHTER), (MITIGATION, Relief.REDUCED)}
ANY_RELIEF: set[Granted] = FROM_LIGHT | {(EXEMPTION, Relief.WAIVED)}
MATRIX: dict[str, dict[Sanction | None, set[Granted]]] = {
    # no matrix is known: a relief must only fit its outcome
    "hubei": {
        kind: ANY_RELIEF | {(EXEMPTION, None), (MITIGATION, None)} for kind in (None, *Sanction)
    },
    "wuyang": {
        Sanction.PARTY: FROM_LIGHT,
        Sanction.ADMINISTRATIVE: FROM_LIGHT,
        Sanction.ORGANIZATIONAL: ANY_RELIEF,
    },
    "youxian": dict.fromkeys(Sanction, ANY_RELIEF),
}


@pytest.mark.parametrize("pack", MATRIX)
@pytest.mark.parametrize("outcome", Outcome)
def test_only_permitted_reliefs_are_granted(pack: str, outcome: Outcome) -> None:
    for sanction, relief in product((None, *Sanction), (None, *Relief)):
        asked = determine(CHEN, outcome, sanction=sanction, relief=relief)
        story = given(verified(PACKS[pack])).when(asked)
        if outcome is NO_TOLERANCE:
            fits = relief is None  # nothing gives way
        else:
            fits = (outcome, relief) in MATRIX[pack].get(sanction, set())
        if fits:
            story.then("tolerance.determined", sanction=sanction, relief=relief)
        else:
            story.refused(Code.OUTCOME_NOT_PERMITTED)


def test_in_wuyang_a_party_sanction_is_not_waived_but_a_measure_is() -> None:
    waived = determine(sanction=Sanction.PARTY, relief=Relief.WAIVED)
    given(verified(WUYANG)).when(waived).refused(Code.OUTCOME_NOT_PERMITTED, article="第八条")
    waived = determine(sanction=Sanction.ORGANIZATIONAL, relief=Relief.WAIVED)
    given(verified(WUYANG)).when(waived).then("tolerance.determined", outcome=EXEMPTION)


@pytest.mark.parametrize("outcome", [EXEMPTION, MITIGATION])
def test_one_negative_item_outweighs_every_positive_one(outcome: Outcome) -> None:
    story = given(verified(WUYANG, WY_N3=True)).when(determine(CHEN, outcome))
    story.refused(Code.NEGATIVE_LIST, because="WY-N3", article="第六条（三）")
    story.when(determine(CHEN, NO_TOLERANCE)).then("tolerance.determined", outcome=NO_TOLERANCE)


def test_in_hubei_even_a_blank_negative_item_excludes() -> None:
    history = verified(HUBEI, HB_N4=True, HB_T1=True)
    given(history).when(determine()).refused(Code.NEGATIVE_LIST, because="HB-N4")


@pytest.mark.parametrize("answer", [None, False])
def test_where_all_conditions_are_needed_one_unknown_prevents_tolerance(
    answer: bool | None,
) -> None:
    story = given(verified(WUYANG, WY_C2=answer)).when(determine())
    story.refused(Code.CONDITIONS_UNMET, article="第五条")
    story.when(determine(CHEN, NO_TOLERANCE)).then("tolerance.determined")


@pytest.mark.parametrize("found", ["YX-7.1", "YX-7.8", "YX-7.10"])
def test_where_any_situation_serves_one_is_enough(found: str) -> None:
    nothing: dict[str, bool | None] = dict.fromkeys(check(YOUXIAN).answers, None)
    given(verified(YOUXIAN, **nothing)).when(determine()).refused(
        Code.CONDITIONS_UNMET, article="第七条"
    )
    given(verified(YOUXIAN, **(nothing | {found: True}))).when(determine()).then(
        "tolerance.determined"
    )


def test_where_the_logic_is_not_known_the_organ_judges() -> None:
    given(verified(HUBEI)).when(determine()).then("tolerance.determined")


def test_the_last_check_of_the_list_counts() -> None:
    history = checked(WUYANG, WY_N3=True).on("2026-03-11", check(WUYANG), report())
    given(history).when(determine()).then("tolerance.determined")


def test_each_subject_is_held_against_his_own_answers() -> None:
    history = checked(WUYANG, CHEN, ZHAO).on("2026-03-11", check(WUYANG, ZHAO, WY_N1=True))
    story = given(history.on("2026-03-11", report()))
    story.when(determine(ZHAO)).refused(Code.NEGATIVE_LIST, article="第六条（一）")
    story.when(determine(CHEN)).then("tolerance.determined", subject=CHEN.id)


@pytest.mark.parametrize(
    ("rules", "article"),
    [(HUBEI, None), (WUYANG, "防错纠错办法第六条"), (YOUXIAN, "第十二条")],
    ids=["hubei", "wuyang", "youxian"],
)
@pytest.mark.parametrize("outcome", [EXEMPTION, MITIGATION])
def test_tolerance_goes_with_rectification(
    rules: Rules, article: str | None, outcome: Outcome
) -> None:
    given(verified(rules)).when(determine(CHEN, outcome, rectification=None)).refused(
        Code.RECTIFICATION_MISSING, article=article
    )


def test_refused_tolerance_needs_no_rectification() -> None:
    story = given(verified(WUYANG)).when(determine(CHEN, NO_TOLERANCE, rectification=None))
    story.then("tolerance.determined", rectification=None)
    story.when(rectified()).refused(Code.NOT_PROVIDED)


def test_situations_are_items_of_the_lists() -> None:
    named = ("WY-C1", "WY-X9")
    given(verified(WUYANG)).when(determine(situations=named)).refused(
        Code.UNKNOWN_ITEM, because="WY-X9"
    )
    given(verified(WUYANG)).when(determine(situations=named[:1])).then("tolerance.determined")


def test_effects_are_those_the_instrument_knows() -> None:
    named = ("no_score_deduction", "promotion")
    given(verified(YOUXIAN)).when(determine(effects=named)).refused(
        Code.UNKNOWN_ITEM, because="promotion"
    )
    given(verified(YOUXIAN)).when(determine(effects=named[:1])).then("tolerance.determined")
    given(verified(WUYANG)).when(determine(effects=named[:1])).refused(Code.UNKNOWN_ITEM)


@pytest.mark.parametrize("stated", [None, date(2026, 4, 1)])
def test_a_determination_takes_effect_at_once_unless_stated(stated: date | None) -> None:
    given(verified(WUYANG)).when(determine(effective_on=stated), on="2026-03-12").then(
        "tolerance.determined", effective_on=stated or date(2026, 3, 12)
    )


def test_nothing_is_determined_while_the_notice_runs() -> None:
    given(on_notice(YOUXIAN)).when(determine()).refused(Code.OUT_OF_STAGE, because="公示中")


# --- several subjects -------------------------------------------------------------------------


def test_subjects_of_one_case_come_out_differently_each_in_his_time() -> None:
    history = verified(WUYANG, CHEN, ZHAO, QIAN).on("2026-03-12", defer(QIAN))
    story = given(history)
    story.when(determine(CHEN, EXEMPTION)).then("tolerance.determined", outcome=EXEMPTION)
    story.when(determine(ZHAO, MITIGATION)).then("tolerance.determined", outcome=MITIGATION)
    assert found(story) == (Stage.VERIFIED, [EXEMPTION, MITIGATION, None])
    story.when(CLOSE).refused(Code.OUT_OF_STAGE)
    story.when(notify(QIAN)).refused(Code.NOT_DETERMINED, because="钱某")
    story.when(notify(CHEN)).then("tolerance.result-notified")  # the others need not wait

    story.when(determine(QIAN, NO_TOLERANCE), on="2026-04-20").then("tolerance.determined")
    assert found(story) == (Stage.DETERMINED, [EXEMPTION, MITIGATION, NO_TOLERANCE])


def found(story: Story) -> tuple[Stage | None, list[Outcome | None]]:
    each = story.case.files.values()
    return story.case.stage, [it.determination.outcome if it.determination else None for it in each]


# --- after the determination ------------------------------------------------------------------


@pytest.mark.parametrize(
    "act", [notify(), file(), rectified(), visit()], ids=lambda it: str(it.name)
)
def test_what_follows_a_determination_waits_for_it(act: Act) -> None:
    given(verified(WUYANG)).when(act).refused(Code.NOT_DETERMINED, because="陈某 尚未认定")


def test_each_recipient_is_told_once() -> None:
    story = given(determined(YOUXIAN))
    for each in Recipient:
        story.when(notify(recipient=each)).then("tolerance.result-notified", recipient=each)
    story.when(notify()).refused(Code.ALREADY_DONE, because="「反馈」")


def test_a_case_is_not_closed_over_open_duties() -> None:
    story = given(determined(WUYANG)).when(CLOSE)
    story.refused(Code.DUTIES_OPEN, because="向申请单位反馈答复", article="第七条（二）")
    story.refused(Code.DUTIES_OPEN, because="报同级党委备案", article="第七条（三）")
    story.when(notify()).then("tolerance.result-notified")
    story.when(CLOSE).refused(Code.DUTIES_OPEN, because="尚有未办事项：报同级党委备案")
    story.when(file()).then("tolerance.determination-filed")
    story.when(CLOSE).then("tolerance.closed")


def test_closing_waits_neither_for_the_follow_up_nor_for_the_rectification() -> None:
    story = given(closed(WUYANG))
    left = [each.obligation.rule for each in story.case.obligations.open()]
    assert left == ["rectification", "follow_up"]


@pytest.mark.parametrize("rules", PACKS.values(), ids=PACKS)
def test_a_closed_case_is_judged_no_more(rules: Rules) -> None:
    story = given(closed(rules))
    story.when(accept()).refused(Code.ALREADY_DONE)
    story.when(determine()).refused(Code.ALREADY_DONE)
    story.when(opinion()).refused(Code.OUT_OF_STAGE, because="已结案")
    assert story.case.stage is Stage.CLOSED


def test_after_closing_one_is_still_told_visited_and_mended() -> None:
    history = determined(WUYANG).on("2026-03-13", notify(), file(), CLOSE)
    story = given(history)
    told = notify(recipient=Recipient.SUBJECT)
    story.when(told, on="2026-04-01").then("tolerance.result-notified")
    story.when(visit(), on="2026-06-01").then("tolerance.follow-up-visit-held")
    story.when(rectified(), on="2026-06-02").then("tolerance.rectification-completed")
    assert story.case.stage is Stage.CLOSED


def test_a_declined_application_goes_no_further() -> None:
    story = given(applied(WUYANG).on("2026-03-06", DECLINE))
    story.when(accept()).refused(Code.OUT_OF_STAGE, because="不予受理")
    story.when(notify()).refused(Code.NOT_DETERMINED)


# --- what holds for every case, whatever is asked of it ---------------------------------------

EACH: tuple[Callable[..., Act], ...] = (
    review,
    defer,
    determine,
    notify,
    file,
    rectified,
    visit,
)


def fitting(rules: Rules) -> list[Act]:
    """A life that ends well: of two subjects, with a notice where there is one."""
    notice = [open_notice(), objection(), resolve(), CLOSE_NOTICE]
    return [
        application(rules, CHEN, ZHAO),
        accept(),
        open_verification(),
        *(act for one in (CHEN, ZHAO) for act in (review(one), check(rules, one))),
        report(),
        opinion(),
        *(notice if rules.policy.public_notice else ()),
        determine(CHEN),
        determine(ZHAO, MITIGATION),
        *(notify(one, each) for one in (CHEN, ZHAO) for each in Recipient),
        *(act for one in (CHEN, ZHAO) for act in (file(one), rectified(one))),
        CLOSE,
        visit(),
    ]


def unfitting(rules: Rules) -> list[Act]:
    """Everything that can be asked, and what never should be."""
    return [
        *fitting(rules),
        *(act(one) for act in EACH for one in (ZHAO, QIAN)),
        start_ex_officio(CHEN, ZHAO),
        application(rules, applicant=PERSON),
        acts.Accept(),
        DECLINE,
        check(rules, CHEN, **dict.fromkeys(check(rules).answers, None)),
        check(rules, QIAN, X_1=True),
        CONSULT,
        resolve(7),
        determine(ZHAO, NO_TOLERANCE),
        determine(rectification=None, situations=("X-1",)),
    ]


@st.composite
def lives(draw: st.DrawFn) -> tuple[str, list[tuple[Act, int]]]:
    """A fitting life with a gap here and there, and other acts between, each with its days."""
    name = draw(st.sampled_from(sorted(PACKS)))
    others = st.tuples(st.sampled_from(unfitting(PACKS[name])), st.sampled_from((0, 0, 1, -2)))
    asked: list[tuple[Act, int]] = []
    for act in fitting(PACKS[name]):
        asked += draw(st.lists(others, max_size=2))
        if draw(st.integers(1, 50)) != 25:
            days = draw(st.sampled_from((0, 1, 3)))
            asked.append((act, days + 14 if act is CLOSE_NOTICE else days))
    return name, asked


@settings(max_examples=150, deadline=None)
@whatever(lives())
def test_whatever_is_asked_a_case_refuses_or_records(
    life: tuple[str, list[tuple[Act, int]]],
) -> None:
    name, asked = life
    story, today = Story(PACKS[name]), date(2026, 3, 4)
    for act, days in asked:
        day = today + timedelta(days)
        today = max(today, day)
        story.when(act, on=day.isoformat())
        if story.refusal:  # then it left no trace
            story.refused(story.refusal.code)
        let_time_pass(story, today)

    assert [each.originator_version for each in story.recorded] == [
        *range(1, len(story.recorded) + 1)
    ]
    again = folded(map(stored_and_read, story.recorded))
    assert state(again) == state(story.case)


def let_time_pass(story: Story, day: date) -> None:
    """Every moment that has come by then is called, and called again in vain."""
    now = datetime.combine(day, time(10), CHINA)
    order = Order(key="time", by=SYSTEM, on=civil_date(now), now=now)
    for moment in moments(story.case.obligations):
        assert story.case.call_time(moment.key, order) == (moment.at <= now)
        assert not story.case.call_time(moment.key, order)
    story.recorded += story.case.collect_events()


def stored_and_read(event: Event) -> Event:
    kept_outside = {"originator_id", "originator_version"}
    facts = json.loads(event.model_dump_json(exclude=kept_outside))
    return registry.read(event.topic, event.originator_id, event.originator_version, facts)


# --- what once led nowhere, or slipped through ------------------------------------------------


def test_a_finding_can_be_corrected_after_the_report_and_then_carries_the_decision() -> None:
    story = given(verified(WUYANG, WY_N3=True)).when(determine()).refused(Code.NEGATIVE_LIST)
    story.when(check(WUYANG, WY_N3=False)).then("tolerance.list-checked")
    story.when(determine()).then("tolerance.determined", outcome=EXEMPTION)


def test_a_deferral_after_the_report_can_end_in_tolerance() -> None:
    story = given(verified(WUYANG, WY_C2=None)).when(defer())
    story.when(check(WUYANG, WY_C2=True)).then("tolerance.list-checked")
    story.when(determine()).then("tolerance.determined", outcome=EXEMPTION)


def test_tolerance_may_not_be_founded_on_an_excluding_circumstance() -> None:
    cited = determine(situations=("WY-C1", "WY-N1"))
    given(verified(WUYANG)).when(cited).refused(Code.NEGATIVE_LIST, because="WY-N1")


def test_an_effect_the_instrument_does_not_know_is_refused() -> None:
    invented = determine(effects=("double_salary",))
    given(verified(YOUXIAN)).when(invented).refused(Code.UNKNOWN_ITEM, because="double_salary")


def test_nobody_is_late_on_a_day_that_is_only_presumed() -> None:
    late_if_presumed = applied(WUYANG, on="2027-01-08", matter=matter("2026-12-25"))
    given(late_if_presumed).when(accept()).then("tolerance.accepted")


@pytest.mark.parametrize(("applied_on", "code"), [("2026-03-01", True), ("2026-03-02", False)])
def test_nobody_applies_before_the_proceeding_is_opened(applied_on: str, code: bool) -> None:
    story = given(History(WUYANG)).when(application(WUYANG), on=applied_on)
    if code:
        story.refused(Code.DATE_BEFORE_LAST_ACT, because="2026-03-02")
    else:
        story.then("tolerance.applied")


def test_a_determination_takes_effect_no_earlier_than_it_is_made() -> None:
    earlier = determine(effective_on=date(2020, 1, 1))
    given(verified(WUYANG)).when(earlier).refused(Code.MALFORMED, because="2020-01-01")


def test_one_subject_is_named_once_in_an_application() -> None:
    with pytest.raises(ValidationError, match="同一对象写了两次"):
        application(WUYANG, CHEN, CHEN)


def test_acts_taken_one_after_another_before_saving_settle_each_once() -> None:
    case, rules = ToleranceCase(CASE), WUYANG
    for number, (day, act) in enumerate(accepted(rules).steps):
        on = date.fromisoformat(day)
        now = datetime.fromisoformat(f"{day}T10:00+08:00")
        case.perform(act, Order(key=f"act-{number}", by=CLERK, on=on, now=now), rules)
    opened = [event for event in case.pending if event.name() == "obligation.opened"]
    assert len(opened) == 1
