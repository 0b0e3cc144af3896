"""The life of a case: its way through, its stages, its dates, whom it concerns."""

from datetime import date, datetime

import pytest

from domain.aggregate import Act, Order
from domain.law.calendar import CHINA
from domain.law.policy import Recipient
from domain.law.rules import Rules
from domain.people import SYSTEM
from domain.refusals import Code
from domain.tolerance import acts
from domain.tolerance.particulars import Seat
from domain.tolerance.state import Stage
from tests.support.examples import (
    CASE,
    CHEN,
    CLERK,
    CLOSE,
    CLOSE_NOTICE,
    CONSULT,
    DECLINE,
    GENERIC,
    HUBEI,
    INSPECTOR,
    NOBODY,
    NOTICE_WITH_OBJECTION,
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
    go_on,
    had,
    join,
    notify,
    objection,
    on_notice,
    open_notice,
    open_verification,
    opinion,
    paper,
    rectified,
    report,
    resolve,
    restart,
    resume,
    review,
    send_back,
    start_ex_officio,
    suspend,
    verified,
    verifying,
    visit,
    withdraw,
)
from tests.support.given import given

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

ARCHIVE = acts.Archive(archive_number="2026-17")
RECUSAL = {"officer": "甲", "ground": "kin", "explanation": "是对象的妻弟"}
SEAT = Seat(member="周某", stands_for="法律人士")
SET_ASIDE = {Stage.DECLINED, Stage.WITHDRAWN, Stage.SUSPENDED}

EVERYTHING = had(  # an instrument that provides for every act of the table
    YOUXIAN,
    tracks=HUBEI.policy.tracks,
    suspension=GENERIC.policy.suspension,
    committee=GENERIC.policy.committee,
)
STANDING_AT: dict[Stage | None, History] = {
    None: History(EVERYTHING),
    Stage.APPLIED: applied(EVERYTHING),
    Stage.RETURNED: applied(EVERYTHING).on("2026-03-05", send_back()),
    Stage.ACCEPTED: accepted(EVERYTHING),
    Stage.DECLINED: applied(EVERYTHING).on("2026-03-06", DECLINE),
    Stage.WITHDRAWN: applied(EVERYTHING).on("2026-03-06", withdraw()),
    Stage.VERIFYING: verifying(EVERYTHING),
    Stage.VERIFIED: verified(EVERYTHING),
    Stage.ON_NOTICE: on_notice(EVERYTHING),
    Stage.NOTICED: on_notice(EVERYTHING).on("2026-05-12", CLOSE_NOTICE),
    Stage.SUSPENDED: verified(EVERYTHING).on("2026-03-12", suspend()),
    Stage.DETERMINED: determined(EVERYTHING),
    Stage.CLOSED: closed(EVERYTHING),
    Stage.ARCHIVED: closed(EVERYTHING).on("2026-03-13", ARCHIVE),
}
DELIBERATING = {Stage.VERIFYING, Stage.VERIFIED, Stage.ON_NOTICE, Stage.NOTICED}
UNDECIDED = {Stage.APPLIED, Stage.RETURNED, Stage.ACCEPTED, *DELIBERATING}
TAKEN_AT: list[tuple[Act, set[Stage]]] = [
    (join(), UNDECIDED),
    (send_back(), {Stage.APPLIED}),
    (acts.CompleteApplication(), {Stage.RETURNED}),
    (withdraw(), UNDECIDED),
    (go_on(), {Stage.WITHDRAWN}),
    (acts.Transfer(to=INSPECTOR, explanation="按管理权限"), UNDECIDED),
    (acts.RecordCoSignature(organ="x", agrees=True, explanation="同意"), {Stage.APPLIED}),
    (accept(), {Stage.APPLIED}),
    (DECLINE, {Stage.APPLIED, Stage.RETURNED}),
    (suspend(), {Stage.ACCEPTED, *DELIBERATING}),
    (resume(), {Stage.SUSPENDED}),
    (acts.AssignTeam.model_validate({"members": ["甲", "乙"]}), UNDECIDED),
    (acts.RequestRecusal.model_validate(RECUSAL), UNDECIDED),
    (acts.DecideRecusal(officer="甲", stands_back=True, explanation="属实"), UNDECIDED),
    (open_verification(), {Stage.ACCEPTED}),
    (acts.RecordEvidence(document=paper("material")), {*Stage} - SET_ASIDE),
    (acts.HearSubject(subject=CHEN.id, statement="集体决定", heard_by=("甲",)), DELIBERATING),
    (review(), DELIBERATING),
    (check(YOUXIAN), DELIBERATING),  # until the decision a finding may be corrected
    (report(), {Stage.VERIFYING}),
    (acts.RequestOpinion(organ="组织部", question="是否合适"), DELIBERATING),
    (opinion(), DELIBERATING),
    (CONSULT, DELIBERATING),
    (acts.AssembleCommittee(seats=(SEAT,)), DELIBERATING),
    (open_notice(), {Stage.VERIFIED}),
    (objection(), {Stage.ON_NOTICE}),
    (resolve(), {Stage.ON_NOTICE}),
    (restart(), {Stage.ON_NOTICE, Stage.NOTICED}),
    (CLOSE_NOTICE, {Stage.ON_NOTICE}),
    (determine(), {Stage.VERIFIED, Stage.ON_NOTICE, Stage.NOTICED}),
    (CLOSE, {Stage.DETERMINED}),
    (ARCHIVE, {Stage.CLOSED}),
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
        "不能开始核实：本案处于「申请提出」环节，须处于「已受理」。"
        "请先作出受理或不予受理的答复，材料不全的可以退回补正。"
    )


def test_a_determination_may_be_deferred_while_it_is_deliberated() -> None:
    given(accepted(WUYANG)).when(defer()).refused(Code.OUT_OF_STAGE)
    given(verifying(WUYANG)).when(defer()).then("tolerance.determination-deferred")
    given(verified(WUYANG)).when(defer()).then("tolerance.determination-deferred")
    given(verified(WUYANG, CHEN, ZHAO).on("2026-03-12", determine(ZHAO))).when(defer()).then(
        "tolerance.determination-deferred", subject=CHEN.id
    )


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
