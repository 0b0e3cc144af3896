"""Clearing a name: of the untrue only, by whoever verified, in ways approved, within the time."""

from datetime import date
from typing import Any

import pytest

from domain.aggregate import Act
from domain.clarification import acts
from domain.clarification.events import ClearingWay, Finding, Ground
from domain.clarification.instrument import ClarificationInstrument
from domain.matter import Link, LinkMatter, Relation
from domain.obligations import State
from domain.papers import Document
from domain.people import SYSTEM, Officer, Organ, OrganKind, OrganLevel, Subject
from domain.refusals import Code, Refusal
from projections.counted.clarification import counted
from projections.counted.countable import Countable
from projections.sentences import sentence
from tests.support.siblings import (
    BUREAU,
    CLERK,
    COUNTY,
    FIRM,
    WU,
    ZHENG,
    Life,
    asked,
    begun,
    rulebook,
)

HUBEI = "hubei_clarification_2020"
TWELVE = "hubei_twelve_clarification"
YOUXIAN = "youxian_clarification_2017"
NATIONAL = "clarification_2020"
ZHEJIANG = "zhejiang_clarification"
JIANGXI = "jiangxi_clarification"
INSTRUMENTS = (HUBEI, TWELVE, YOUXIAN, NATIONAL, ZHEJIANG, JIANGXI)
OPINION = "关于做好失实检举控告澄清工作的意见"
MEASURE = "湖北省澄清正名办法"

W, F, M, N, X = ClearingWay  # written, face to face, meeting, notice, media
LETTER = Document(kind="clarification_letter", label="澄清正名函", digest="c" * 64)
HARMED = {HUBEI: "HB-CL1", TWELVE: "HL-7", YOUXIAN: "YX-14"}
TOWN = Organ(
    id="town-cdi",
    name="某镇纪委",
    kind=OrganKind.DISCIPLINE,
    level=OrganLevel.TOWNSHIP,
    region="421087",
)
TOWN_CLERK = Officer(id="town-clerk", role="承办人", organ=TOWN.id)
ELSEWHERE = Officer(id="bureau-1", role="承办人", organ=BUREAU.id)


def opening(*subjects: Subject, number: str = "澄〔2026〕1号", **more: Any) -> Any:
    told = {
        "number": number,
        "organ": COUNTY,
        "subjects": subjects or (WU,),
        "accusation": "举〔2026〕17号",
        "problem": "收受礼金",
        "verified_by": COUNTY,
        **more,
    }
    return acts.OpenClarification(**told)


def finding(
    what: Finding = Finding.UNTRUE, on: str = "2026-09-01", part: str | None = None
) -> acts.RecordFinding:
    return acts.RecordFinding(
        finding=what, found_on=date.fromisoformat(on), untrue_part=part, explanation="经查"
    )


def harm(*situations: str, inquiry_effect_only: bool = False) -> acts.AssessHarm:
    return acts.AssessHarm(
        situations=situations, inquiry_effect_only=inquiry_effect_only, explanation="评估"
    )


def approve(*ways: ClearingWay) -> acts.ApproveClarification:
    return acts.ApproveClarification(ways=ways or (W,), scope="本单位")


def perform(way: ClearingWay, **more: Any) -> acts.PerformClarification:
    enclosed: Any = {W: {"letter": LETTER}, M: {"attendees": ("全体干部职工",)}}.get(way, {})
    return acts.PerformClarification(way=way, scope="本单位", **{**enclosed, **more})


def decline(ground: Ground) -> acts.DeclineClarification:
    return acts.DeclineClarification(ground=ground, explanation="不予澄清")


def wish(*ways: ClearingWay, wanted: bool = True, scope: str | None = None) -> acts.RecordWish:
    return acts.RecordWish(wanted=wanted, ways=ways, scope=scope)


CLOSE = acts.CloseClarification()
FOLLOW_UP = acts.FollowUpClarification(feedback="恢复了工作热情")
TO_PERSONNEL = acts.ExplainToPersonnelOrgan(recipient="县委组织部")
TO_UNIT = acts.ExplainToUnit(recipient="某局党组")


def said(life: Life) -> str:
    """The sentence of the last act."""
    (event,) = (each for each in life.news if each.envelope.by != SYSTEM)
    return sentence(event, life.matter)


def after(life: Life, *more: Act) -> Life:
    for act in more:
        life.when(act)
        assert life.refusal is None, life.refusal
    return life


def opened(instrument: str = HUBEI, on: str = "2026-09-01", **more: Any) -> Life:
    return begun(opening(**more), instrument, on=on)


def found(what: Finding = Finding.UNTRUE, instrument: str = HUBEI, **more: Any) -> Life:
    return after(opened(instrument, **more), finding(what))


def assessed(instrument: str = HUBEI, **more: Any) -> Life:
    return after(found(instrument=instrument, **more), harm(HARMED.get(instrument, "CL-1")))


def approved(*ways: ClearingWay, instrument: str = HUBEI) -> Life:
    return after(assessed(instrument), approve(*ways))


def cleared(instrument: str = HUBEI) -> Life:
    return after(approved(W, instrument=instrument), perform(W))


def instrument(name: str) -> ClarificationInstrument:
    found: Any = rulebook().companions[f"{name}.1"]
    assert isinstance(found, ClarificationInstrument)
    return found


# --- opening ----------------------------------------------------------------------------------


def test_one_matter_is_of_one_person() -> None:
    asked(opening(WU, ZHENG), HUBEI, on="2026-09-01").refused(Code.MALFORMED, because="2 个对象")


def test_a_matter_of_nobody_is_refused() -> None:
    nobody = opening().model_copy(update={"subjects": ()})
    asked(nobody, HUBEI, on="2026-09-01").refused(Code.MALFORMED, because="0 个对象")


def test_no_matter_opens_under_an_instrument_not_yet_in_force() -> None:
    with pytest.raises(Refusal, match="没有施行中的版次"):
        asked(opening(), HUBEI, on="2020-03-18")
    asked(opening(), HUBEI, on="2020-03-19").then("clarification.opened")


def test_an_organization_may_be_cleared() -> None:
    life = after(begun(opening(FIRM), HUBEI, on="2026-09-01"), finding(), harm("HB-CL2"))
    after(life, approve(W)).when(perform(W)).then("clarification.performed", complete=True)


# --- the finding ------------------------------------------------------------------------------


def test_what_was_found_before_the_matter_was_opened_counts_from_the_finding() -> None:
    life = opened(on="2026-09-10").when(finding(on="2026-09-01"))
    life.then("clarification.found", found_on=date(2026, 9, 1))
    assert life.duty("clarification").obligation.start == date(2026, 9, 1)


@pytest.mark.parametrize(("day", "taken"), [("2026-09-01", True), ("2026-09-02", False)])
def test_nothing_is_found_after_the_day_it_is_recorded(day: str, taken: bool) -> None:
    life = opened().when(finding(on=day))
    if taken:
        life.then("clarification.found")
    else:
        life.refused(Code.MALFORMED, because="晚于登记之日")


def test_of_a_finding_partly_true_the_untrue_part_is_named() -> None:
    opened().when(finding(Finding.PARTLY)).refused(Code.MALFORMED, because="不实的部分")
    opened().when(finding(part="收受现金")).refused(Code.MALFORMED)


def test_of_a_finding_partly_true_only_the_untrue_part_is_cleared_and_in_the_same_time() -> None:
    life = opened().when(finding(Finding.PARTLY, part="收受现金"))
    assert life.matter.problem == "收受现金"  # type: ignore[attr-defined]
    assert life.duty("clarification").obligation.due_on == date(2026, 9, 29)
    life.when(harm("HB-CL2")).when(approve(W)).then("clarification.approved")


def test_a_finding_is_recorded_once() -> None:
    found().when(finding()).refused(Code.OUT_OF_STAGE, because="「已认定」")


@pytest.mark.parametrize("act", [approve(W), perform(W), harm("HB-CL1"), TO_PERSONNEL])
def test_what_is_not_proven_is_not_untrue_and_is_not_cleared(act: Act) -> None:
    life = found(Finding.UNPROVEN).when(act)
    life.refused(Code.NOT_UNTRUE, because="不能排除", article=MEASURE)


def test_what_is_not_proven_owes_no_clearing() -> None:
    assert [*found(Finding.UNPROVEN).matter.obligations] == []


@pytest.mark.parametrize("ground", [Ground.NO_HARM, Ground.SUBJECT_DECLINES])
def test_what_is_not_proven_is_declined_for_that_and_for_nothing_else(ground: Ground) -> None:
    life = after(found(Finding.UNPROVEN), wish(wanted=False)).when(decline(ground))
    life.refused(Code.FINDINGS_CONTRADICT)
    life.when(decline(Ground.NOT_CONCLUSIVE)).then("clarification.not-required")
    assert life.matter.stage == "not_required"
    assert not life.matter.is_open


def test_what_is_not_proven_may_be_cleared_where_the_instrument_says_so() -> None:
    life = found(Finding.UNPROVEN, YOUXIAN)
    life.when(decline(Ground.NOT_CONCLUSIVE)).refused(Code.FINDINGS_CONTRADICT, article="第十四条")
    life.when(harm("YX-14")).when(approve(M)).then("clarification.approved")


# --- the harm ---------------------------------------------------------------------------------


def test_the_harm_is_assessed_before_clearing_is_approved() -> None:
    found().when(approve(W)).refused(Code.STEP_MISSING, because="没有评估影响")


def test_a_situation_that_the_instrument_has_not_is_refused_with_those_it_has() -> None:
    life = found().when(harm("HB-CL9")).refused(Code.UNKNOWN_ITEM, because="HB-CL9")
    assert life.refusal
    assert "HB-CL1、HB-CL2、HB-CL3、HB-CL4" in life.refusal.way_out


def test_a_situation_is_named_once() -> None:
    found().when(harm("HB-CL1", "HB-CL1")).refused(Code.MALFORMED, because="不止一次")


def test_the_situations_are_taken_down_with_their_labels() -> None:
    labels = ("有结论后就同一问题反复举报", "其他应当澄清的")
    life = found().when(harm("HB-CL3", "HB-CL4"))
    life.then("clarification.harm-assessed", situations=("HB-CL3", "HB-CL4"), labels=labels)


def test_where_nothing_was_harmed_nothing_is_cleared() -> None:
    life = after(found(), harm()).when(approve(W)).refused(Code.CLARIFICATION_NOT_DUE)
    life.when(decline(Ground.NO_HARM)).then("clarification.not-required", ground=Ground.NO_HARM)


def test_where_the_effect_is_of_the_inquiry_alone_nothing_is_cleared() -> None:
    life = after(found(instrument=JIANGXI), harm("CL-1", inquiry_effect_only=True))
    life.when(approve(W)).refused(Code.CLARIFICATION_NOT_DUE)
    life.when(decline(Ground.NO_HARM)).refused(Code.FINDINGS_CONTRADICT)
    life.when(decline(Ground.INQUIRY_EFFECT_ONLY)).then("clarification.not-required")


def test_the_effect_of_the_inquiry_is_a_ground_only_where_the_instrument_knows_it() -> None:
    found().when(harm("HB-CL1", inquiry_effect_only=True)).refused(Code.NOT_PROVIDED)
    assessed().when(decline(Ground.INQUIRY_EFFECT_ONLY)).refused(Code.NOT_PROVIDED)


# --- not clearing -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ground", "article"),
    [(Ground.NOT_CONCLUSIVE, MEASURE), (Ground.NO_HARM, MEASURE), (Ground.SUBJECT_DECLINES, None)],
)
def test_a_ground_must_be_what_was_found(ground: Ground, article: str | None) -> None:
    assessed().when(decline(ground)).refused(Code.FINDINGS_CONTRADICT, article=article)


def test_one_who_wants_to_be_cleared_is_not_said_to_decline() -> None:
    life = after(assessed(), wish()).when(decline(Ground.SUBJECT_DECLINES))
    life.refused(Code.FINDINGS_CONTRADICT, because="本人不愿澄清")


def test_one_who_declines_is_not_cleared() -> None:
    life = after(assessed(), wish(wanted=False))
    life.when(decline(Ground.SUBJECT_DECLINES)).then("clarification.not-required")


def test_that_one_declines_spares_nobody_the_assessment() -> None:
    life = after(found(), wish(wanted=False))
    life.when(decline(Ground.SUBJECT_DECLINES)).refused(Code.STEP_MISSING, because="评估")
    life.when(decline(Ground.NOT_CONCLUSIVE)).refused(Code.FINDINGS_CONTRADICT, article=MEASURE)


def test_the_wish_is_no_ground_in_jiangxi_which_knows_three() -> None:
    life = after(assessed(JIANGXI), wish(wanted=False))
    life.when(decline(Ground.SUBJECT_DECLINES)).refused(Code.NOT_PROVIDED)
    assert len(instrument(JIANGXI).grounds) == 3


def test_what_is_approved_is_declined_no_more() -> None:
    approved().when(decline(Ground.NO_HARM)).refused(Code.OUT_OF_STAGE, because="「已批准」")


# --- the wish ---------------------------------------------------------------------------------


def test_zhejiang_asks_the_one_concerned_first() -> None:
    life = assessed(ZHEJIANG).when(approve(W))
    life.refused(Code.STEP_MISSING, because="本人意愿", article="浙江省做法")
    after(life, wish()).when(approve(W)).then("clarification.approved")


def test_elsewhere_the_wish_need_not_be_asked() -> None:
    assessed().when(approve(W)).then("clarification.approved")


def test_nobody_is_cleared_against_his_will_except_on_an_authority() -> None:
    life = after(assessed(ZHEJIANG), wish(wanted=False))
    life.when(approve(W)).refused(Code.AGAINST_WISH, because="不愿澄清", article="浙江省做法")
    life.when(approve(W), authority="会纪〔2026〕9号").then("clarification.approved")


def test_a_way_that_was_not_wished_needs_an_authority() -> None:
    life = after(assessed(), wish(F)).when(approve(F, W, M))
    life.refused(Code.AGAINST_WISH, because="没有同意采用会议澄清")
    life.when(approve(F, W, M), authority="会纪〔2026〕9号").then("clarification.approved")


def test_a_way_that_must_go_along_is_not_against_the_wish() -> None:
    after(assessed(), wish(F)).when(approve(F, W)).then("clarification.approved")


def test_one_who_names_no_way_leaves_it_to_the_organ() -> None:
    after(assessed(), wish(scope="本镇")).when(approve(M, W)).then("clarification.approved")


def test_the_last_wish_counts() -> None:
    life = after(assessed(), wish(wanted=False), wish()).when(approve(W))
    life.then("clarification.approved")


def test_a_wish_says_no_or_how_but_not_both() -> None:
    for how in (wish(W, wanted=False), wish(wanted=False, scope="本镇")):
        assessed().when(how).refused(Code.MALFORMED, because="不愿澄清")
    assessed().when(wish(W, W)).refused(Code.MALFORMED, because="不止一次")


def test_what_is_approved_is_not_asked_about_any_more() -> None:
    approved().when(wish()).refused(Code.OUT_OF_STAGE)


# --- approving --------------------------------------------------------------------------------


@pytest.mark.parametrize("way", [F, M, N])
def test_face_to_face_meeting_and_notice_require_the_written_one_too(way: ClearingWay) -> None:
    life = assessed().when(approve(way))
    life.refused(Code.COMPANION_WAY_MISSING, because="须同时书面澄清", article=OPINION)
    life.when(approve(way, W)).then("clarification.approved", ways=(way, W))


def test_media_in_hubei_require_the_written_one_too() -> None:
    assessed().when(approve(X)).refused(Code.COMPANION_WAY_MISSING, because="媒体")
    assessed().when(approve(X, W)).then("clarification.approved")


def test_which_ways_require_another_is_data() -> None:
    assessed(TWELVE).when(approve(M)).then("clarification.approved")


def test_the_opinion_of_2020_knows_no_media() -> None:
    assessed(NATIONAL).when(approve(X, W)).refused(Code.UNKNOWN_ITEM, because="media")


def test_a_way_is_approved_once() -> None:
    assessed().when(approve(W, W)).refused(Code.MALFORMED, because="不止一次")


@pytest.mark.parametrize(
    ("life", "act"),
    [
        (assessed, approve(W)),
        (approved, perform(W)),
        (lambda: after(found(), harm()), decline(Ground.NO_HARM)),
    ],
)
def test_whoever_verified_clears(life: Any, act: Act) -> None:
    asking = life().when(act, by=ELSEWHERE)
    asking.refused(Code.WRONG_ORGAN, because="谁核实谁澄清", article=MEASURE)
    assert COUNTY.name in asking.refusal.way_out
    asking.when(act, by=CLERK)
    assert asking.refusal is None


def test_the_verifier_is_the_organ_named_not_the_one_that_holds_the_matter() -> None:
    life = after(begun(opening(verified_by=TOWN), HUBEI, on="2026-09-01"), finding())
    after(life, harm("HB-CL1")).when(approve(W)).refused(Code.WRONG_ORGAN, because="某镇纪委核实")
    life.when(approve(W), by=TOWN_CLERK).then("clarification.approved")


def test_where_the_instrument_does_not_say_who_clears_any_organ_may() -> None:
    assessed(TWELVE).when(approve(W), by=ELSEWHERE).then("clarification.approved")


# --- clearing ---------------------------------------------------------------------------------


def test_nothing_is_done_before_it_is_approved() -> None:
    assessed().when(perform(W)).refused(Code.OUT_OF_STAGE, because="「已评估」")
    found().when(perform(W)).refused(Code.OUT_OF_STAGE, because="须处于「已批准」")


def test_only_approved_ways_are_taken() -> None:
    life = approved(M, W).when(perform(X))
    life.refused(Code.APPROVAL_MISSING, because="批准的方式是会议澄清、书面澄清，没有媒体澄清")


def test_one_way_at_a_time_and_each_once() -> None:
    life = approved(M, W).when(perform(M)).then("clarification.performed", complete=False)
    assert life.matter.stage == "approved"
    life.when(perform(M)).refused(Code.ALREADY_DONE, because="2026-09-01")
    life.when(perform(W)).then("clarification.performed", complete=True)
    assert life.matter.stage == "performed"


def test_the_written_way_takes_the_letter() -> None:
    life = approved(W).when(perform(W, letter=None))
    life.refused(Code.DOCUMENT_MISSING, because="书面澄清没有澄清正名函", article=MEASURE)


def test_a_meeting_is_told_with_those_who_attended() -> None:
    life = approved(M, W).when(perform(M, attendees=()))
    life.refused(Code.DOCUMENT_MISSING, because="会议澄清没有参加人员", article=MEASURE)
    life.when(perform(M, attendees=("甲", "乙"))).then(
        "clarification.performed", attendees=("甲", "乙")
    )


def test_the_other_ways_need_neither() -> None:
    life = approved(F, N, X, W)
    for way in (F, N, X):
        life.when(perform(way)).then("clarification.performed", complete=False)


def test_what_is_said_carries_the_problem_and_no_appraisal() -> None:
    fields = {*acts.PerformClarification.model_fields}
    assert fields == {"way", "scope", "letter", "attendees"}


# --- telling others, asking after it, closing -------------------------------------------------


def test_the_personnel_organ_is_told_once() -> None:
    life = cleared().when(TO_PERSONNEL)
    life.then("clarification.personnel-organ-informed", recipient="县委组织部")
    life.when(TO_PERSONNEL).refused(Code.ALREADY_DONE)


def test_who_is_told_is_what_the_instrument_says() -> None:
    cleared().when(TO_UNIT).refused(Code.NOT_PROVIDED)
    life = cleared(YOUXIAN).when(TO_PERSONNEL).refused(Code.NOT_PROVIDED)
    life.when(TO_UNIT).then("clarification.unit-informed")
    life.when(TO_UNIT).refused(Code.ALREADY_DONE)


def test_the_twelve_articles_close_nothing_before_the_personnel_organ_is_told() -> None:
    life = cleared(TWELVE).when(CLOSE)
    life.refused(Code.DUTIES_OPEN, because="向组织部门说明", article="七")
    after(life, TO_PERSONNEL).when(CLOSE).then("clarification.closed")


def test_the_effect_is_asked_after_before_the_matter_is_closed() -> None:
    life = cleared().when(CLOSE).refused(Code.DUTIES_OPEN, because="反馈回访", article=OPINION)
    life.when(FOLLOW_UP).then("clarification.followed-up")
    assert life.matter.stage == "followed_up"
    life.when(FOLLOW_UP).then("clarification.followed-up")  # as often as is wanted
    life.when(CLOSE).then("clarification.closed")
    assert not life.matter.is_open


def test_nothing_is_closed_or_asked_after_before_every_way_is_taken() -> None:
    life = after(approved(M, W), perform(M))
    life.when(CLOSE).refused(Code.OUT_OF_STAGE, because="「已批准」")
    life.when(FOLLOW_UP).refused(Code.OUT_OF_STAGE)


def test_two_matters_of_one_accusation_are_linked() -> None:
    link = Link(kind="clarification", number="澄〔2026〕2号", relation=Relation.SAME_ACCUSATION)
    opened().when(LinkMatter(link=link)).then("matter.linked", link=link)


# --- within twenty working days ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "due_on"),
    [
        ("2026-09-01", "2026-09-29"),  # the make-up Sunday of 09-20 counts, Mid-Autumn does not
        ("2026-09-02", "2026-09-30"),  # the last day before National Day
        ("2026-09-03", "2026-10-08"),  # the first day after it
        ("2026-09-18", "2026-10-22"),
        ("2026-02-13", "2026-03-19"),  # over Spring Festival, with both make-up Saturdays
    ],
)
def test_twenty_working_days_run_from_the_day_after_the_finding(day: str, due_on: str) -> None:
    life = opened(on=day).when(finding(on=day))
    duty = life.duty("clarification").obligation
    assert (duty.start, duty.due_on) == (date.fromisoformat(day), date.fromisoformat(due_on))
    assert (duty.subject, duty.article, duty.amount) == (WU.id, MEASURE, 20)


@pytest.mark.parametrize(
    ("found_on", "day", "state"),
    [
        ("2026-09-01", "2026-09-28", State.MET),
        ("2026-09-01", "2026-09-29", State.MET),  # the twentieth working day
        ("2026-09-01", "2026-09-30", State.MET_LATE),
        ("2026-09-02", "2026-09-30", State.MET),
        ("2026-09-02", "2026-10-01", State.MET_LATE),  # a holiday does not prolong it
        ("2026-09-03", "2026-09-30", State.MET),
        ("2026-09-03", "2026-10-08", State.MET),
        ("2026-09-03", "2026-10-09", State.MET_LATE),
    ],
)
def test_the_twentieth_working_day_is_in_time_and_the_day_after_is_late(
    found_on: str, day: str, state: State
) -> None:
    life = after(opened(on="2026-09-03"), finding(on=found_on), harm("HB-CL1"), approve(W))
    life.when(perform(W), on=day)
    assert life.duty("clarification").state is state


def test_the_time_is_kept_only_when_the_last_way_is_taken() -> None:
    life = approved(M, W).when(perform(M), on="2026-09-28")
    assert life.duty("clarification").state is State.OPEN
    life.when(perform(W), on="2026-09-30")
    assert life.duty("clarification").state is State.MET_LATE


def test_what_is_not_required_is_owed_no_more() -> None:
    life = after(found(), harm(), decline(Ground.NO_HARM))
    assert life.duty("clarification").state is State.LAPSED


def test_the_delay_is_reminded_of_and_goes_up_the_ladder() -> None:
    life = assessed().until("2026-10-14")
    told = [(event.on.isoformat(), event.name()) for event in life.news]
    assert told == [
        ("2026-09-23", "obligation.reminded"),
        ("2026-09-28", "obligation.reminded"),
        ("2026-09-30", "obligation.overdue"),
        ("2026-09-30", "obligation.escalated"),
        ("2026-10-09", "obligation.escalated"),
    ]
    assert life.duty("clarification").overdue


def test_a_finding_recorded_too_late_is_overdue_at_once() -> None:
    life = opened(on="2026-10-12").when(finding(on="2026-09-01")).until("2026-10-12")
    assert "obligation.overdue" in life.names()


@pytest.mark.parametrize("name", [TWELVE, NATIONAL, ZHEJIANG, JIANGXI])
def test_elsewhere_no_number_of_days_is_known(name: str) -> None:
    duty = found(instrument=name).duty("clarification")
    assert (duty.obligation.due_on, duty.state) == (None, State.OPEN)


def test_the_twelve_articles_and_youxian_say_promptly() -> None:
    qualifiers = (
        instrument(TWELVE).deadline("clarification").qualifier,
        instrument(YOUXIAN).deadline("closing").qualifier,
    )
    assert qualifiers == ("promptly", "promptly")


def test_in_youxian_any_finding_is_brought_to_an_end() -> None:
    life = found(Finding.UNPROVEN, YOUXIAN)
    assert life.duty("closing").state is State.OPEN
    after(life, harm(), decline(Ground.NO_HARM))
    assert life.duty("closing").state is State.MET
    closed = after(cleared(YOUXIAN), CLOSE)
    assert closed.duty("closing").state is State.MET


# --- in words ---------------------------------------------------------------------------------


def test_a_finding_taken_down_later_tells_its_own_day() -> None:
    life = opened(on="2026-09-10").when(finding(on="2026-09-01"))
    assert said(life) == "2026年9月10日，某县纪委监委已于2026年9月1日查明，对吴某的举报不实：经查。"


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (harm(), "认为不属应当澄清的情形"),
        (harm("CL-1", inquiry_effect_only=True), "认为影响仅由谈话函询引起"),
        (wish(wanted=False), "听取吴某的意愿：不愿澄清。"),
        (wish(F, scope="本镇"), "愿意澄清，以当面方式，范围为本镇。"),
    ],
)
def test_what_was_assessed_and_wished_is_told_in_words(act: Act, words: str) -> None:
    assert words in said(after(found(instrument=JIANGXI), act))


def test_the_written_clearing_tells_its_letter_and_that_nothing_is_left() -> None:
    assert said(cleared()).endswith("发出《澄清正名函》；批准的方式全部办完。")


# --- counting ---------------------------------------------------------------------------------


def counts(*lives: Life) -> list[Countable]:
    """What is counted, each event with the matter as it stood after it."""
    found = []
    for life in lives:
        matter = type(life.matter)(life.matter.id)
        for event in life.recorded:
            matter.apply(event)
            found += [*counted(event, matter)]  # type: ignore[arg-type]
    return found


def of(what: str, countables: list[Countable]) -> list[Countable]:
    return [each for each in countables if each.what == what]


def cleared_of(person: Subject, organ: Organ, by: Officer, number: str) -> Life:
    life = begun(
        opening(person, number=number, organ=organ, verified_by=organ),
        HUBEI,
        on="2026-09-01",
        by=by,
    )
    for act in (finding(), harm("HB-CL2"), approve(M, W), perform(M), perform(W)):
        life.when(act, by=by)
        assert life.refusal is None, life.refusal
    return life


def test_two_persons_of_one_accusation_cleared_by_two_organs_are_two_and_one() -> None:
    done = of(
        "cleared",
        counts(
            cleared_of(WU, COUNTY, CLERK, "澄〔2026〕1号"),
            cleared_of(ZHENG, TOWN, TOWN_CLERK, "镇澄〔2026〕1号"),
        ),
    )
    assert {each.subject.id for each in done if each.subject} == {WU.id, ZHENG.id}
    assert {each.group for each in done} == {"举〔2026〕17号"}
    assert [each.detail for each in done] == [("meeting", "written")] * 2


def test_one_person_cleared_of_two_accusations_is_one_person_and_two_times() -> None:
    again = after(
        opened(number="澄〔2026〕2号", accusation="举〔2026〕18号"),
        finding(),
        harm("HB-CL3"),
        approve(W),
        perform(W),
    )
    done = of("cleared", counts(cleared(), again))
    persons = {each.subject.id for each in done if each.subject}
    assert (len(persons), len({(each.subject, each.group) for each in done})) == (1, 2)


def test_what_should_be_cleared_is_counted_whether_or_not_it_is() -> None:
    told = counts(
        cleared(), after(assessed(), wish(wanted=False), decline(Ground.SUBJECT_DECLINES))
    )
    assert [each.what for each in told] == [
        "should_be_cleared",
        "cleared",
        "should_be_cleared",
        "not_cleared",
    ]
    assert of("not_cleared", told)[0].detail == ("subject_declines",)


def test_where_no_clearing_is_called_for_none_is_owed() -> None:
    lives = (
        after(found(), harm(), decline(Ground.NO_HARM)),
        after(found(Finding.UNPROVEN), decline(Ground.NOT_CONCLUSIVE)),
        after(
            found(instrument=JIANGXI),
            harm("CL-1", inquiry_effect_only=True),
            decline(Ground.INQUIRY_EFFECT_ONLY),
        ),
    )
    told = counts(*lives)
    assert [each.what for each in told] == ["not_cleared"] * 3
    assert [each.detail for each in told] == [
        ("no_harm",),
        ("not_conclusive",),
        ("inquiry_effect_only",),
    ]


def test_half_cleared_is_not_cleared() -> None:
    assert of("cleared", counts(after(approved(M, W), perform(M)))) == []


# --- the instruments --------------------------------------------------------------------------


def test_hubei_has_four_situations_and_five_ways() -> None:
    hubei = instrument(HUBEI)
    assert [each.id for each in hubei.situations] == ["HB-CL1", "HB-CL2", "HB-CL3", "HB-CL4"]
    assert [each.id for each in hubei.ways] == [*ClearingWay]


@pytest.mark.parametrize("name", INSTRUMENTS)
def test_under_every_instrument_a_name_can_be_cleared_to_the_end(name: str) -> None:
    life = after(assessed(name), wish(), approve(W), perform(W), FOLLOW_UP)
    if instrument(name).personnel_organ:
        after(life, TO_PERSONNEL)
    life.when(CLOSE).then("clarification.closed")


def faults_of(**changed: Any) -> str:
    told = {**instrument(HUBEI).model_dump(), **changed}
    with pytest.raises(ValueError, match="validation error") as fault:
        ClarificationInstrument.model_validate(told)
    return str(fault.value)


def test_an_instrument_names_only_ways_it_has() -> None:
    ways = [each.model_dump() for each in instrument(HUBEI).ways if each.id != W]
    assert "指向方式 written，但 ways 中没有" in faults_of(ways=ways)


def test_an_instrument_lists_nothing_twice() -> None:
    hubei = instrument(HUBEI)
    twice = [each.model_dump() for each in (*hubei.situations, hubei.situations[0])]
    assert "情形 HB-CL1 写了不止一次" in faults_of(situations=twice)


@pytest.mark.parametrize("ground", ["no_harm", "not_conclusive"])
def test_an_instrument_leaves_no_matter_without_an_end(ground: str) -> None:
    left = [each.model_dump() for each in instrument(HUBEI).grounds if each.id != ground]
    assert f"grounds 缺 {ground}" in faults_of(grounds=left)
