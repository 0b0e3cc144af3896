"""Rectification: the notice and its talk, the report and its check, and what follows a failure."""

from datetime import date
from functools import partial
from typing import Any

import pytest

from domain.matter import Link, LinkMatter, Relation, matter_id
from domain.obligations import State
from domain.people import Organ, Subject
from domain.rectification import acts
from domain.rectification.instrument import RectificationInstrument
from domain.rectification.matter import RectificationMatter, Stage
from domain.rectification.particulars import Blank, CheckResult, Ground
from domain.refusals import Code
from gateway.rulebook import EVENT_NAMES
from projections.counted.rectification import counted
from tests.support.lives_of.rectification import (
    CONTENTS,
    WUYANG,
    YOUXIAN,
    check,
    erred_again,
    escalate,
    notice,
    paper,
    put_right,
    report,
    talk,
)
from tests.support.siblings import BUREAU, COUNTY, WU, ZHENG, Life, asked, begun, rulebook

HUBEI = "hubei_rectification"
PASS, POOR, REFUSED = CheckResult.PASS, CheckResult.POOR, CheckResult.REFUSED
PLAN = acts.SubmitPlan(summary="分两步整改", document=paper("整改方案"))
CLOSE = acts.CloseRectification()
WITHDRAW = acts.WithdrawNotice(explanation="所列问题不属实")
AGAIN = acts.RecordSameError(explanation="又没有比选")
CRITICIZED = partial(escalate, "measures", "批评教育")
DISCIPLINED = partial(escalate, "discipline", "党政纪处分")


def noticed(
    *subjects: Subject, unit: Organ | None = None, instrument: str = WUYANG, **changes: Any
) -> Life:
    """Sent on 18 September 2026, to Wu unless told otherwise."""
    return begun(sent(*subjects, unit=unit, **changes), instrument, on="2026-09-18")


def sent(*subjects: Subject, unit: Organ | None = None, **changes: Any) -> acts.OpenRectification:
    to = subjects or (() if unit else (WU,))
    return notice(*to, unit=unit).model_copy(update=changes)


def failed(result: CheckResult, instrument: str = WUYANG, **found: bool) -> Life:
    """Noticed, and checked without success on 12 October."""
    return noticed(instrument=instrument).when(check(result, **found), on="2026-10-12")


def passed(instrument: str = WUYANG) -> Life:
    life = noticed(instrument=instrument).when(report(1, 2), on="2026-09-28")
    return life.when(check(PASS))


def grounds(life: Life) -> frozenset[Ground]:
    assert isinstance(life.matter, RectificationMatter)
    return life.matter.grounds


# --- the notice -------------------------------------------------------------------------------


def test_a_notice_needs_no_tolerance_case() -> None:
    life = noticed(WU).then("rectification.notice-sent", unit=None, links=())
    assert (life.matter.at, life.matter.at_in_words) == (Stage.NOTICED, "已发通知")


def test_a_notice_cites_the_article_on_which_it_is_sent() -> None:
    assert noticed().recorded[0].envelope.articles == ("第六条",)


def test_a_unit_may_have_a_rectification_without_being_a_subject() -> None:
    life = noticed(unit=BUREAU).then("rectification.notice-sent", unit=BUREAU, subjects=())
    assert life.matter.subjects == {}


def test_a_notice_may_go_to_a_person_and_a_unit() -> None:
    noticed(WU, unit=BUREAU).then("rectification.notice-sent", unit=BUREAU, subjects=(WU,))


@pytest.mark.parametrize("instrument", [WUYANG, YOUXIAN, HUBEI])
def test_a_notice_is_addressed_to_someone(instrument: str) -> None:
    life = asked(notice(), instrument, on="2026-09-18")
    life.refused(Code.BLANK_MISSING, because="收件的个人或者单位")


@pytest.mark.parametrize(
    ("blank", "empty", "called"),
    [
        ("found_on", None, "发现日期"),
        ("occasion", None, "发现的场合"),
        ("work", None, "所涉工作"),
        ("problems", (), "列举的问题"),
        ("items", (), "逐项的整改要求"),
        ("plan_due_on", None, "整改方案报送日期"),
    ],
)
def test_wuyangs_form_is_filled_in(blank: str, empty: Any, called: str) -> None:
    changes: dict[str, Any] = {blank: empty}
    life = asked(sent(**changes), WUYANG, on="2026-09-18")
    life.refused(Code.BLANK_MISSING, because=f"防错纠错通知没有写明{called}", article="第六条")


def test_youxian_has_no_form_to_fill_in() -> None:
    bare = acts.OpenRectification(
        number="纠〔2026〕1号", organ=COUNTY, subjects=(WU,), sent_on=date(2026, 9, 18)
    )
    begun(bare, YOUXIAN, on="2026-09-18").then("rectification.notice-sent", items=())
    asked(bare, HUBEI, on="2026-09-18").refused(Code.BLANK_MISSING, because="整改要求")


def test_wuyangs_notice_comes_from_a_discipline_or_a_personnel_organ() -> None:
    by_bureau = sent(organ=BUREAU)
    life = asked(by_bureau, WUYANG, on="2026-09-18")
    life.refused(
        Code.WRONG_ORGAN, because="某局党组不是纪检监察机关或组织人事部门", article="第六条"
    )
    begun(by_bureau, YOUXIAN, on="2026-09-18").then("rectification.notice-sent")
    begun(by_bureau, HUBEI, on="2026-09-18").then("rectification.notice-sent")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"sent_on": date(2026, 9, 19)}, "sent_on"),  # not sent yet
        ({"found_on": date(2026, 9, 19)}, "found_on"),  # found after it was sent
        ({"plan_due_on": date(2026, 9, 17)}, "plan_due_on"),  # due before it was sent
    ],
)
def test_the_days_of_a_notice_follow_one_another(changes: dict[str, Any], field: str) -> None:
    life = asked(sent(**changes), WUYANG, on="2026-09-18").refused(Code.MALFORMED)
    assert life.refusal is not None
    assert field in life.refusal.way_out


def test_found_sent_and_due_may_be_one_day() -> None:
    one_day = date(2026, 9, 18)
    noticed(found_on=one_day, sent_on=one_day, plan_due_on=one_day).then(
        "rectification.notice-sent"
    )


def test_a_number_opens_one_notice() -> None:
    noticed().when(sent()).refused(Code.CASE_NUMBER_TAKEN, because="防错〔2026〕1号")


def test_nothing_is_done_about_a_notice_that_was_not_sent() -> None:
    unknown = RectificationMatter(matter_id("rectification", "无"))
    life = Life(unknown, rulebook().limits(WUYANG)).when(talk(), on="2026-09-18")
    life.refused(Code.CASE_NOT_FOUND)


@pytest.mark.parametrize("kind", ["tolerance", "accountability"])
def test_it_may_arise_from_another_matter(kind: str) -> None:
    link = Link(kind=kind, number="试〔2026〕1号", relation=Relation.ARISES_FROM)
    assert noticed(links=(link,)).matter.links == [link]


def test_it_may_be_linked_later() -> None:
    link = Link(kind="tolerance", number="试〔2026〕1号", relation=Relation.ARISES_FROM)
    noticed().when(LinkMatter(link=link)).then("matter.linked", link=link)


# --- the talk ---------------------------------------------------------------------------------


def test_the_talk_is_due_seven_working_days_after_sending_across_the_make_up_sunday() -> None:
    duty = noticed().duty("talk", WU.id).obligation
    assert (duty.start, duty.due_on, duty.article) == (
        date(2026, 9, 18),
        date(2026, 9, 29),
        "第六条",
    )
    assert duty.confirmed


def test_the_days_run_from_the_sending_and_not_from_its_entry() -> None:
    opening = sent(sent_on=date(2026, 9, 17))
    life = begun(opening, WUYANG, on="2026-09-18")
    assert life.duty("talk").obligation.due_on == date(2026, 9, 28)


@pytest.mark.parametrize(
    ("on", "state"),
    [
        ("2026-09-28", State.MET),
        ("2026-09-29", State.MET),
        ("2026-09-30", State.MET_LATE),
    ],
)
def test_a_talk_is_in_time_to_the_seventh_working_day(on: str, state: State) -> None:
    life = noticed().when(talk(), on=on).then("rectification.talk-held", covered=CONTENTS)
    assert life.duty("talk").state is state


def test_nobody_talks_until_it_is_overdue_and_brought_to_the_leader_in_charge() -> None:
    life = noticed().until("2026-09-29")
    assert life.names() == ["obligation.reminded"] * 2
    assert life.until("2026-09-30").names() == ["obligation.overdue", "obligation.escalated"]
    assert life.until("2026-10-08").names() == []  # over National Day
    assert life.until("2026-10-09").names() == ["obligation.escalated"]
    assert life.duty("talk").escalated == 2
    life.when(talk(), on="2026-10-12").then("rectification.talk-held")
    assert life.duty("talk").state is State.MET_LATE
    assert "obligation.met-late" in life.names()


def test_each_person_is_talked_to() -> None:
    life = noticed(WU, ZHENG).when(talk(ZHENG))
    states = {each: life.duty("talk", each).state for each in (WU.id, ZHENG.id)}
    assert states == {WU.id: State.OPEN, ZHENG.id: State.MET}
    life.when(talk(WU)).then("rectification.talk-held", subject=WU.id)


def test_each_person_is_talked_to_once() -> None:
    noticed().when(talk()).when(talk()).refused(Code.ALREADY_DONE, because="谈话教育")


def test_a_unit_is_not_talked_to() -> None:
    life = noticed(unit=BUREAU)
    assert [each.obligation.rule for each in life.matter.obligations] == ["plan", "rectification"]
    life.when(talk()).refused(Code.UNKNOWN_SUBJECT)


@pytest.mark.parametrize("missing", CONTENTS)
def test_a_talk_covers_all_that_the_instrument_asks_for(missing: str) -> None:
    covered = tuple(each for each in CONTENTS if each != missing)
    life = noticed().when(talk().model_copy(update={"covered": covered}))
    life.refused(Code.TALK_INCOMPLETE, because=missing, article="第六条")


def test_a_talk_covers_nothing_that_the_instrument_does_not_know() -> None:
    more = talk().model_copy(update={"covered": (*CONTENTS, "宣布处分")})
    noticed().when(more).refused(Code.UNKNOWN_ITEM, because="宣布处分", article="第六条")


@pytest.mark.parametrize("instrument", [YOUXIAN, HUBEI])
def test_where_no_talk_is_provided_there_is_none(instrument: str) -> None:
    noticed(instrument=instrument).when(talk()).refused(Code.NOT_PROVIDED)


def test_the_talk_may_come_after_the_check() -> None:
    passed().when(talk(), on="2026-10-09").then("rectification.talk-held")


# --- plan and report --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("on", "state"),
    [
        ("2026-10-14", State.MET),
        ("2026-10-15", State.MET),
        ("2026-10-16", State.MET_LATE),
    ],
)
def test_the_plan_is_due_on_the_day_the_notice_names(on: str, state: State) -> None:
    life = noticed().when(talk()).when(PLAN, on=on).then("rectification.plan-submitted")
    assert life.duty("plan").obligation.due_on == date(2026, 10, 15)
    assert (life.duty("plan").state, life.matter.at) == (state, Stage.RECTIFYING)


def test_a_plan_that_does_not_come_is_reminded_overdue_and_escalated() -> None:
    life = noticed(unit=BUREAU).until("2026-10-15")
    assert life.names() == ["obligation.reminded"] * 2
    told = ["obligation.overdue", "obligation.escalated", "obligation.escalated"]
    assert life.until("2026-10-20").names() == told


@pytest.mark.parametrize("instrument", [YOUXIAN, HUBEI])
def test_where_no_day_is_named_no_plan_is_due(instrument: str) -> None:
    life = noticed(instrument=instrument, plan_due_on=None)
    assert [each.obligation.rule for each in life.matter.obligations] == ["rectification"]


def test_a_plan_may_be_handed_in_again() -> None:
    noticed().when(PLAN).when(PLAN).then("rectification.plan-submitted")


def test_a_report_says_what_was_put_right_and_shows_it() -> None:
    life = noticed().when(report(1)).then("rectification.reported", done=(1,))
    assert life.matter.at is Stage.REPORTED
    assert (life.duty("check").state, life.duty("check").obligation.due_on) == (State.OPEN, None)


def test_a_report_keeps_to_the_items_of_the_notice() -> None:
    noticed().when(report(1, 3)).refused(Code.UNKNOWN_ITEM, because="第 3 项")
    noticed().when(report(2)).then("rectification.reported")


def test_a_plan_is_too_late_once_there_is_a_report() -> None:
    noticed().when(report(1)).when(PLAN).refused(Code.OUT_OF_STAGE, because="「待检查」")


# --- the check --------------------------------------------------------------------------------


def test_what_was_reported_in_full_may_pass() -> None:
    life = noticed().when(report(1)).when(report(2))
    life.when(check(PASS)).then("rectification.checked", result=PASS, explanation="实地核对")
    assert life.matter.at is Stage.PASSED
    assert {life.duty(rule).state for rule in ("rectification", "check")} == {State.MET}


def test_what_was_not_reported_does_not_pass() -> None:
    life = noticed().when(check(PASS)).refused(Code.STEP_MISSING, article="第七条")
    life.when(report(1)).when(check(PASS))
    life.refused(Code.STEP_MISSING, because="第 2 项补办合同审核", article="第七条")


def test_a_notice_without_items_passes_on_its_report() -> None:
    life = noticed(instrument=YOUXIAN, items=()).when(check(PASS))
    life.refused(Code.STEP_MISSING, because="没有报告整改情况", article="第十二条")
    life.when(report()).when(check(PASS)).then("rectification.checked")


@pytest.mark.parametrize(
    "passing",
    [
        check(PASS, 1),
        check(PASS, effect_continues=True),
        check(PASS, grave_result=True),
    ],
)
def test_what_falls_short_does_not_pass(passing: acts.CheckRectification) -> None:
    life = noticed().when(report(1, 2)).when(passing)
    life.refused(Code.FINDINGS_CONTRADICT, article="第七条")


def test_a_check_keeps_to_the_items_of_the_notice() -> None:
    noticed().when(check(POOR, 3)).refused(Code.UNKNOWN_ITEM, because="第 3 项")


def test_after_a_poor_check_it_is_reported_and_checked_again() -> None:
    life = noticed().when(report(1, 2)).when(check(POOR, 2))
    assert life.matter.at is Stage.RECTIFYING
    assert life.duty("rectification").state is State.OPEN
    life.when(report(1)).when(check(PASS)).refused(Code.STEP_MISSING, because="第 2 项")
    life.when(report(2)).when(check(PASS)).then("rectification.checked", result=PASS)


@pytest.mark.parametrize("result", [POOR, REFUSED])
def test_a_check_that_names_no_item_means_all(result: CheckResult) -> None:
    life = noticed().when(report(1, 2)).when(check(result)).when(report(2))
    life.when(check(PASS)).refused(Code.STEP_MISSING, because="第 1 项")


def test_a_refusal_is_found_without_any_report() -> None:
    noticed().when(check(REFUSED, grave_result=True)).then(
        "rectification.checked", result=REFUSED, grave_result=True
    )


# --- following up -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("instrument", "way", "called", "article"),
    [
        (WUYANG, "sitting_in", "列席民主生活会、组织生活会", "第七条"),
        (WUYANG, "supervision", "督查督办", "第七条"),
        (WUYANG, "inquiry", "约谈函询", "第七条"),
        (YOUXIAN, "heart_talk", "谈心谈话", "第十条"),
        (YOUXIAN, "meeting", "在民主生活会上说明问题", "第十一条"),
        (YOUXIAN, "inspection", "专项督查", "第十二条"),
    ],
)
def test_it_is_followed_up_in_the_ways_of_the_instrument(
    instrument: str, way: str, called: str, article: str
) -> None:
    life = noticed(instrument=instrument)
    life.when(acts.FollowUpRectification(way=way, summary="正在整改"))
    life.then("rectification.followed-up", way=way, called=called)
    assert life.news[0].envelope.articles == (article,)


def test_it_is_not_followed_up_in_another_way() -> None:
    life = noticed().when(acts.FollowUpRectification(way="heart_talk", summary="谈心"))
    life.refused(Code.UNKNOWN_ITEM, because="heart_talk", article="第七条")


def test_where_the_source_names_no_way_it_is_told_in_words() -> None:
    life = noticed(instrument=HUBEI).when(
        acts.FollowUpRectification(way="监督检查", summary="已查")
    )
    life.then("rectification.followed-up", called="监督检查")


# --- what follows a failure -------------------------------------------------------------------


def test_poor_rectification_whose_effect_continues_is_met_with_criticism_or_admonition() -> None:
    life = failed(POOR, effect_continues=True)
    life.when(escalate("measures", "批评教育", "诫勉谈话")).then(
        "rectification.escalated",
        because="整改不力、不良影响继续",
        measures=("批评教育", "诫勉谈话"),
        last_resort=False,
    )
    assert life.news[0].envelope.articles == ("第七条",)
    assert life.matter.at is Stage.RECTIFYING


def test_a_refusal_with_grave_result_is_met_with_discipline() -> None:
    life = failed(REFUSED, grave_result=True).when(DISCIPLINED())
    life.then("rectification.escalated", rung="discipline", last_resort=True)
    assert life.matter.at is Stage.HANDLED


@pytest.mark.parametrize(
    ("result", "found", "asked_for", "because"),
    [
        (POOR, {}, CRITICIZED(), "没有查明不良影响继续"),
        (REFUSED, {}, DISCIPLINED(), "没有查明造成严重后果"),
        (POOR, {"grave_result": True}, DISCIPLINED(), "没有这样的结论"),
        (REFUSED, {"effect_continues": True}, CRITICIZED(), "没有这样的结论"),
    ],
)
def test_a_rung_opens_only_on_its_own_findings(
    result: CheckResult,
    found: dict[str, Any],
    asked_for: acts.EscalateRectification,
    because: str,
) -> None:
    failed(result, **found).when(asked_for).refused(
        Code.STEP_MISSING, because=because, article="第七条"
    )


def test_nothing_follows_before_a_check() -> None:
    noticed().when(CRITICIZED()).refused(Code.STEP_MISSING, article="第七条")


def test_nothing_follows_while_a_report_waits_or_after_a_pass() -> None:
    life = failed(POOR, effect_continues=True).when(report(1, 2))
    life.when(CRITICIZED()).refused(Code.OUT_OF_STAGE, because="「待检查」")
    life.when(check(PASS)).when(CRITICIZED()).refused(Code.OUT_OF_STAGE)


def test_a_rung_allows_only_its_own_measures() -> None:
    life = failed(POOR, effect_continues=True).when(escalate("measures", "批评教育", "党政纪处分"))
    life.refused(Code.OUTCOME_NOT_PERMITTED, because="不得采取党政纪处分", article="第七条")


def test_there_are_only_the_rungs_of_the_instrument() -> None:
    life = failed(POOR, effect_continues=True).when(escalate("same_error", "批评教育"))
    life.refused(Code.UNKNOWN_ITEM, because="same_error", article="第七条")


def test_one_check_is_answered_once_for_each_person() -> None:
    life = noticed(WU, ZHENG).when(check(POOR, effect_continues=True))
    life.when(CRITICIZED(subject=WU.id)).then("rectification.escalated", subject=WU.id)
    life.when(CRITICIZED(subject=WU.id)).refused(Code.ALREADY_DONE, article="第七条")
    life.when(CRITICIZED(subject=ZHENG.id)).then("rectification.escalated", subject=ZHENG.id)


def test_what_is_done_to_all_is_not_done_to_one_again() -> None:
    life = noticed(WU, ZHENG).when(check(POOR, effect_continues=True))
    life.when(CRITICIZED()).then("rectification.escalated", subject=None)
    life.when(CRITICIZED(subject=WU.id)).refused(Code.ALREADY_DONE, because="自上次检查以来")


def test_another_check_is_answered_anew() -> None:
    life = failed(POOR, effect_continues=True).when(CRITICIZED())
    life.when(check(POOR, effect_continues=True)).when(CRITICIZED())
    life.then("rectification.escalated", rung="measures")


def test_nobody_else_is_held_to_it() -> None:
    life = failed(POOR, effect_continues=True).when(CRITICIZED(subject=ZHENG.id))
    life.refused(Code.UNKNOWN_SUBJECT, because=ZHENG.id)


@pytest.mark.parametrize("instrument", [YOUXIAN, HUBEI])
@pytest.mark.parametrize("result", [POOR, REFUSED])
def test_where_the_source_names_no_measures_they_are_told_in_words(
    instrument: str, result: CheckResult
) -> None:
    rung = {YOUXIAN: "not_corrected", HUBEI: "pursued"}[instrument]
    life = failed(result, instrument).when(escalate(rung, "通报"))
    life.then("rectification.escalated", measures=("通报",), last_resort=True)


# --- the same error again ---------------------------------------------------------------------


def test_the_same_error_again_is_dealt_with_severely_even_after_a_pass() -> None:
    life = passed(YOUXIAN).when(AGAIN).then("rectification.same-error-recurred")
    assert life.news[0].envelope.articles == ("第十二条",)
    assert life.matter.at is Stage.RECTIFYING
    life.when(escalate("same_error", "通报")).then("rectification.escalated", rung="same_error")


def test_each_time_the_same_error_recurs_it_is_dealt_with() -> None:
    severely = escalate("same_error", "通报")
    life = passed(YOUXIAN).when(AGAIN).when(severely).when(AGAIN).when(severely)
    life.then("rectification.escalated", rung="same_error")


def test_without_the_same_error_that_rung_is_shut() -> None:
    life = failed(POOR, YOUXIAN).when(escalate("same_error", "通报"))
    life.refused(Code.STEP_MISSING, because="同一错误再次发生", article="第十二条")


def test_the_same_error_is_put_right_again_in_full() -> None:
    life = passed(YOUXIAN).when(AGAIN).when(report(1)).when(check(PASS))
    life.refused(Code.STEP_MISSING, because="第 2 项")
    life.when(report(2)).when(check(PASS)).then("rectification.checked")
    assert grounds(life) == frozenset()


def test_a_poor_check_does_not_undo_that_it_was_the_same_error() -> None:
    life = passed(YOUXIAN).when(AGAIN).when(check(POOR))
    assert grounds(life) == {Ground.POOR, Ground.SAME_ERROR_AGAIN}


def test_the_same_error_makes_a_waiting_report_void() -> None:
    life = noticed(instrument=YOUXIAN).when(report(1, 2)).when(AGAIN)
    assert life.duty("check").state is State.LAPSED
    life.when(escalate("same_error", "通报")).when(CLOSE).then("rectification.closed")


def test_the_same_error_may_be_one_persons() -> None:
    life = noticed(WU, instrument=YOUXIAN)
    life.when(AGAIN.model_copy(update={"subject": ZHENG.id})).refused(Code.UNKNOWN_SUBJECT)
    life.when(AGAIN.model_copy(update={"subject": WU.id}))
    life.then("rectification.same-error-recurred", subject=WU.id)


@pytest.mark.parametrize("instrument", [WUYANG, HUBEI])
def test_where_the_instrument_is_silent_the_same_error_has_no_rung(instrument: str) -> None:
    passed(instrument).when(AGAIN).refused(Code.NOT_PROVIDED)


# --- the end ----------------------------------------------------------------------------------


def test_a_rectification_that_passed_is_closed() -> None:
    life = passed().when(talk()).when(CLOSE).then("rectification.closed")
    assert not life.matter.is_open
    assert life.duty("plan").state is State.LAPSED


def test_it_is_not_closed_before_the_talk() -> None:
    passed().when(CLOSE).refused(Code.DUTIES_OPEN, because="谈话教育", article="第六条")


@pytest.mark.parametrize(
    "unfinished",
    [noticed, lambda: noticed().when(report(1, 2)), lambda: failed(POOR, effect_continues=True)],
)
def test_it_is_not_closed_before_it_passed(unfinished: Any) -> None:
    unfinished().when(talk()).when(CLOSE).refused(Code.OUT_OF_STAGE, because="「整改到位」")


def test_criticism_alone_does_not_close_it() -> None:
    life = failed(POOR, effect_continues=True).when(CRITICIZED()).when(talk())
    life.when(CLOSE).refused(Code.OUT_OF_STAGE)


def test_after_the_last_resort_it_may_be_closed_though_nothing_was_put_right() -> None:
    life = failed(REFUSED, grave_result=True).when(DISCIPLINED()).when(talk())
    life.when(CLOSE).then("rectification.closed")
    assert life.duty("rectification").state is State.LAPSED


def test_after_the_last_resort_it_may_yet_be_put_right() -> None:
    life = failed(REFUSED, grave_result=True).when(DISCIPLINED())
    life.when(report(1, 2)).when(check(PASS)).then("rectification.checked", result=PASS)
    assert life.matter.at is Stage.PASSED


def test_what_is_closed_stays_closed() -> None:
    life = put_right()
    for act in (talk(), PLAN, report(1), check(POOR), CRITICIZED(), CLOSE, WITHDRAW):
        life.when(act)
        assert life.refusal is not None
        assert life.refusal.code in (Code.OUT_OF_STAGE, Code.ALREADY_DONE)


def test_a_notice_that_was_mistaken_is_withdrawn_with_all_its_duties() -> None:
    life = noticed().when(report(1)).when(WITHDRAW)
    life.then("rectification.withdrawn", explanation="所列问题不属实")
    assert {each.state for each in life.matter.obligations} == {State.LAPSED}
    assert not life.matter.is_open
    assert life.until("2026-12-31").names() == []


def test_what_passed_or_was_dealt_with_is_not_withdrawn() -> None:
    passed().when(WITHDRAW).refused(Code.OUT_OF_STAGE)
    life = failed(REFUSED, grave_result=True).when(DISCIPLINED())
    life.when(WITHDRAW).refused(Code.OUT_OF_STAGE)


# --- what is counted --------------------------------------------------------------------------


def counts(life: Life) -> list[tuple[str, str | None, str | None, tuple[str, ...]]]:
    assert isinstance(life.matter, RectificationMatter)
    found = [each for event in life.recorded for each in counted(event, life.matter)]
    return [
        (each.what, each.subject.label if each.subject else None, each.group, each.detail)
        for each in found
    ]


def test_openings_passes_and_escalations_are_counted_by_matter() -> None:
    number = "防错〔2026〕1号"
    assert counts(put_right()) == [
        ("rectification_opened", None, number, ()),
        ("escalated", "吴某", number, ("批评教育",)),
        ("rectified", None, number, ("pass",)),
    ]
    assert counts(erred_again())[-1] == ("escalated", None, number, ("通报",))


# --- the instruments --------------------------------------------------------------------------


def instrument(id_: str) -> RectificationInstrument:
    found: RectificationInstrument = rulebook().limits(id_).instrument
    return found


@pytest.mark.parametrize("id_", [WUYANG, YOUXIAN, HUBEI])
def test_every_event_that_an_instrument_names_exists(id_: str) -> None:
    told = instrument(id_)
    named = {name for rule in told.deadlines for of in rule.named().values() for name in of}
    assert (named | {*told.clauses}) <= EVENT_NAMES


def test_every_blank_is_filled_by_a_particular_of_the_notice() -> None:
    assert {*Blank} <= {*acts.OpenRectification.model_fields}


def test_wuyangs_form_has_the_blanks_of_its_sample() -> None:
    form = instrument(WUYANG).notice
    assert form is not None
    assert [each.label for each in (*form.required, *form.by_addressee)] == [
        "实施机关",
        "发现日期",
        "发现的场合",
        "所涉工作",
        "列举的问题",
        "逐项的整改要求",
        "整改方案报送日期",
        "落款日期",
        "所在单位",
        "姓名",
    ]


def test_each_comes_with_its_tolerance_instrument() -> None:
    beside = {id_: instrument(id_).issued_with for id_ in (WUYANG, YOUXIAN, HUBEI)}
    assert beside == {WUYANG: "wuyang_2017.1", YOUXIAN: "youxian_2017.1", HUBEI: "hubei_2022.1"}


def test_what_hubeis_sources_do_not_say_is_blank_or_unconfirmed() -> None:
    told = instrument(HUBEI)
    assert (told.talk, told.follow_up, told.clauses) == (None, None, {})
    assert not any(rule.confirmed for rule in told.deadlines)
    assert not any(rung.confirmed for rung in told.consequences)


@pytest.mark.parametrize(
    ("part", "twice"),
    [("follow_up", "follow_up 中有 id 写了不止一次"), ("consequences", "consequences 中有 id")],
)
def test_an_instrument_names_nothing_twice(part: str, twice: str) -> None:
    told = instrument(WUYANG).model_dump()
    told[part] = (*told[part], told[part][0])
    with pytest.raises(ValueError, match=twice):
        RectificationInstrument.model_validate(told)


def test_every_way_has_a_name_to_be_asked_by() -> None:
    told = instrument(WUYANG).model_dump()
    told["follow_up"][0]["id"] = None
    with pytest.raises(ValueError, match="都须有 id"):
        RectificationInstrument.model_validate(told)
