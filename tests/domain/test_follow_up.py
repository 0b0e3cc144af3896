"""A follow-up: its window, its visits, whom it is told of, how it ends; and the yearly plan."""

from typing import Any

import pytest

from domain.aggregate import Act
from domain.follow_up import acts
from domain.follow_up.events import Addressee, Ending, VisitRecord, VisitWay
from domain.follow_up.instrument import Window
from domain.follow_up.matter import FollowUp, Stage
from domain.law.deadline_rules import Frequency
from domain.law.periods import TimeUnit
from domain.law.time_limits import TimeLimits
from domain.obligations import State
from domain.people import SYSTEM
from domain.refusals import Code
from projections.counted.follow_up import counted
from tests.support.lives_of.follow_up import TOLD, opening, sanctioned, talk, visit
from tests.support.siblings import (
    BUREAU,
    COUNTY,
    FIRM,
    WU,
    ZHENG,
    Life,
    asked,
    begun,
    rulebook,
)

WUYANG, HUBEI, HANYIN = "wuyang_follow_up_2017", "hubei_twelve_follow_up", "hanyin_follow_up"
GENERIC = "follow_up_generic"
NINE, TEN, THREE = "第九条", "十", "三之2"
COMPLETE = acts.CompleteFollowUp()
MOVE = acts.MoveFollowUp(to=BUREAU, explanation="调任某局")
REVOKED = acts.TerminateFollowUp(cause=Ending.REVOKED, explanation="认定被撤销")
ADVISE = acts.AdviseAppointment(to="某县委组织部", explanation="影响期已满并自觉整改")


def tracked(number: str = "访〔2026〕1号") -> Life:
    """Under Wuyang, after a determination of 10 March 2026."""
    return begun(opening(number=number), WUYANG, on="2026-03-12")


def hubei() -> Life:
    return begun(sanctioned(), HUBEI, on="2026-03-12")


def hanyin() -> Life:
    return begun(sanctioned(), HANYIN, on="2026-03-12")


def grade(told: str) -> acts.GradeFollowUp:
    return acts.GradeFollowUp(grade=told)


def feedback(to: Addressee = Addressee.PARTY_COMMITTEE) -> acts.SendFeedback:
    return acts.SendFeedback(to=to, behaviour="认真改正，工作主动")


def under(name: str, **changed: Any) -> TimeLimits[Any]:
    """The rules of an instrument with some of its visiting limit changed."""
    rules = rulebook().limits(name)
    (rule,) = rules.instrument.visiting()
    others = [each for each in rules.instrument.deadlines if each != rule]
    limits = (rule.model_copy(update=changed), *others)
    instrument = rules.instrument.model_copy(update={"deadlines": limits})
    return TimeLimits(instrument, rules.calendar)


# --- opening ----------------------------------------------------------------------------------


def test_wuyang_tracks_half_a_year_from_the_day_of_the_determination() -> None:
    life = tracked()
    (opened,) = (each for each in life.news if each.envelope.by != SYSTEM)
    assert opened.name() == "follow_up.opened"
    assert str(opened.window_from) == "2026-03-10"  # type: ignore[attr-defined]
    assert str(opened.window_until) == "2026-09-10"  # type: ignore[attr-defined]
    assert opened.envelope.articles == (NINE,)
    talked = life.duty("talk").obligation
    assert (str(talked.due_on), talked.subject, talked.at_least) == ("2026-09-10", WU.id, 1)


@pytest.mark.parametrize(
    ("determined_on", "until"),
    [
        ("2026-03-04", "2026-09-04"),
        ("2026-04-03", "2026-10-03"),  # 国庆: a status period never rolls
        ("2026-08-31", "2027-02-28"),
    ],
)
def test_the_half_year_ends_on_the_same_day_of_the_month_and_never_rolls(
    determined_on: str, until: str
) -> None:
    life = begun(opening(determined_on=determined_on), WUYANG, on="2026-09-01")
    assert str(life.duty("talk").obligation.due_on) == until
    assert life.duty("talk").obligation.provisional is False


def test_a_sanction_is_followed_up_from_its_effect_to_the_end_of_the_impact_period() -> None:
    life = hanyin()
    opened: Any = life.news[0]
    assert (str(opened.window_from), str(opened.window_until)) == ("2026-03-12", "2027-03-11")
    assert str(life.duty("visit").obligation.due_on) == "2027-03-11"


@pytest.mark.parametrize(
    "told",
    [
        {"runs": "from_determination", "months": 6},
        {"runs": "from_determination", "end_rule": "day_before"},
        {"runs": "through_impact", "months": 6, "end_rule": "day_before"},
    ],
)
def test_a_window_is_counted_in_months_or_given_by_the_impact_period(told: dict[str, Any]) -> None:
    said = {"label": "期", "whole": False, "article": None, "confirmed": False, **told}
    with pytest.raises(ValueError, match="months 和 end_rule"):
        Window.model_validate(said)


def test_where_no_window_is_known_none_is_made_up() -> None:
    life = hubei()
    opened: Any = life.news[0]
    assert (opened.window_from, opened.window_until) == (None, None)
    assert life.duty("visit").obligation.due_on is None
    assert life.until("2030-12-31").news == []


def test_an_opening_without_the_days_its_window_needs_is_refused() -> None:
    for missing in ("effective_on", "impact_ends_on"):
        life = asked(sanctioned(**{missing: None}), HANYIN, on="2026-03-12")
        life.refused(Code.MALFORMED, because="定不出回访期")


@pytest.mark.parametrize("subjects", [(), (WU, ZHENG)])
def test_a_follow_up_is_of_exactly_one(subjects: tuple[Any, ...]) -> None:
    life = asked(opening(subjects=subjects), WUYANG, on="2026-03-12")
    life.refused(Code.MALFORMED, because=f"{len(subjects)} 个对象")


def test_an_instrument_is_for_those_it_names() -> None:
    life = asked(sanctioned(), WUYANG, on="2026-03-12")
    life.refused(Code.NOT_PROVIDED, because="予以容错免责", article=NINE)
    asked(opening(), HUBEI, on="2026-03-12").refused(Code.NOT_PROVIDED, article=TEN)
    for one in (opening(), sanctioned()):
        assert asked(one, GENERIC, on="2026-03-12").refusal is None


def test_what_is_not_yet_determined_has_no_follow_up() -> None:
    life = asked(opening(determined_on="2026-03-13"), WUYANG, on="2026-03-12")
    life.refused(Code.MALFORMED, because="晚于登记之日")
    assert asked(opening(determined_on="2026-03-12"), WUYANG, on="2026-03-12").refusal is None


def test_an_impact_period_does_not_end_before_it_begins() -> None:
    life = asked(sanctioned(impact_ends_on="2026-03-11"), HUBEI, on="2026-03-12")
    life.refused(Code.MALFORMED, because="早于生效之日")
    one_day = asked(sanctioned(impact_ends_on="2026-03-12"), HUBEI, on="2026-03-12")
    assert one_day.refusal is None


# --- visits -----------------------------------------------------------------------------------


@pytest.mark.parametrize("on", ["2026-03-12", "2026-09-09", "2026-09-10"])
def test_a_talk_inside_the_window_meets_the_duty(on: str) -> None:
    life = tracked().when(talk(), on=on)
    life.then("follow_up.visit-held", way=VisitWay.TALK, undoes_lapse=False)
    assert life.news[0].envelope.articles == (NINE,)
    assert life.duty("talk").state is State.MET


def test_a_talk_before_or_after_the_window_counts_for_nothing_and_is_refused() -> None:
    told = asked(sanctioned(effective_on="2026-03-20"), HANYIN, on="2026-03-12")
    told.when(visit(), on="2026-03-19").refused(Code.OUTSIDE_WINDOW, because="2026-03-20")
    told.when(visit(), on="2026-03-20").then("follow_up.visit-held")
    late = tracked().when(talk(), on="2026-09-11")
    late.refused(Code.OUTSIDE_WINDOW, because="2026-03-10 至 2026-09-10", article=NINE)


def test_a_visit_is_no_talk() -> None:
    life = tracked().when(visit(), on="2026-05-06").then("follow_up.visit-held")
    assert life.duty("talk").state is State.OPEN
    hanyin_life = hanyin().when(talk(visitors=("甲", "乙"), record=TOLD), on="2026-05-06")
    assert hanyin_life.duty("visit").state is State.OPEN


def test_a_visit_is_to_the_one_followed_up() -> None:
    tracked().when(talk(subject=FIRM.id), on="2026-05-06").refused(Code.UNKNOWN_SUBJECT)


def test_a_visit_needs_as_many_visitors_as_the_instrument_says() -> None:
    life = hanyin().when(visit(visitors=("甲",)), on="2026-05-06")
    life.refused(Code.TEAM_TOO_SMALL, because="不少于 2 名")
    life.when(visit(visitors=("甲", "甲"))).refused(Code.TEAM_TOO_SMALL, because="回访人 1 名")
    life.when(visit(visitors=("甲", "乙"))).then("follow_up.visit-held")
    tracked().when(talk(visitors=("局党组书记",)), on="2026-05-06").then("follow_up.visit-held")


def test_a_record_has_every_blank_the_form_requires() -> None:
    life = hanyin().when(visit(record=VisitRecord(thoughts="稳定")), on="2026-05-06")
    life.refused(Code.MALFORMED, because="遵守纪律、工作情况")
    life.when(visit(record=TOLD.model_copy(update={"execution": None})))
    life.refused(Code.MALFORMED, because="没有写处分决定执行")
    life.when(visit(record=TOLD)).then("follow_up.visit-held", record=TOLD)
    tracked().when(talk(record=VisitRecord()), on="2026-05-06").then("follow_up.visit-held")


def test_no_more_than_so_many_visits_in_a_calendar_year() -> None:
    life = begun(sanctioned(), GENERIC, on="2026-03-12")
    life.when(visit(), on="2026-05-06").when(talk(), on="2026-12-30")
    life.when(visit(), on="2026-12-31").refused(Code.TOO_MANY_VISITS, because="本年度已有 2 次")
    life.when(visit(), on="2027-01-01").then("follow_up.visit-held")


def test_no_more_than_so_many_visits_in_the_window() -> None:
    life = tracked()
    life.rules = under(WUYANG, at_most=Frequency(times=2, within="window"))
    life.when(talk(), on="2026-04-01").when(visit(), on="2026-04-02")
    life.when(talk()).then("follow_up.visit-held")
    life.when(talk()).refused(Code.TOO_MANY_VISITS, because="期间内已有 2 次", article=NINE)
    life.when(visit()).then("follow_up.visit-held")  # the cap is on talks


def test_of_several_talks_wanted_each_counts() -> None:
    life = Life(FollowUp(tracked().matter.id), under(WUYANG, at_least=2))
    life.when(opening(), on="2026-03-12").when(talk(), on="2026-04-01")
    assert "obligation.counted" in life.names()
    life.when(COMPLETE, on="2026-09-10").refused(Code.DUTIES_OPEN, article=NINE)
    life.when(talk(), on="2026-09-10")
    assert life.duty("talk").state is State.MET


# --- what is told of them ---------------------------------------------------------------------


def test_a_grade_is_one_of_the_instruments() -> None:
    life = hanyin().when(visit(), on="2026-05-06")
    life.when(grade("excellent")).refused(Code.UNKNOWN_ITEM, because="excellent")
    assert "good（好）、fair（一般）、poor（较差）" in str(life.refusal)
    life.when(grade("fair")).then("follow_up.graded", grade="fair", label="一般", good=False)


def test_an_instrument_without_grades_grades_nobody() -> None:
    tracked().when(talk(), on="2026-05-06").when(grade("good")).refused(Code.NOT_PROVIDED)


def test_nobody_is_graded_or_praised_unvisited() -> None:
    hubei().when(grade("good")).refused(Code.STEP_MISSING)
    hubei().when(feedback()).refused(Code.STEP_MISSING, article=TEN)


def test_every_visit_in_hanyin_is_to_be_graded() -> None:
    life = hanyin().when(visit(), on="2026-05-06")
    assert life.duty("grade").state is State.OPEN
    life.when(COMPLETE).refused(Code.DUTIES_OPEN, because="评定回访等次")
    life.when(grade("good")).when(COMPLETE).then("follow_up.completed", visits=1)


def test_good_behaviour_is_fed_back_to_the_committee_and_the_personnel_organ() -> None:
    life = hubei().when(visit(), on="2026-05-06").when(grade("good"))
    assert life.news[0].envelope.articles == (TEN,)
    duties = ("feedback_party_committee", "feedback_personnel")
    assert [life.duty(rule).obligation.article for rule in duties] == [TEN, TEN]
    life.when(feedback()).then("follow_up.feedback-sent", to=Addressee.PARTY_COMMITTEE)
    assert [life.duty(rule).state for rule in duties] == [State.MET, State.OPEN]
    life.when(COMPLETE).refused(Code.DUTIES_OPEN, because="向组织部门", article=TEN)
    life.when(feedback(Addressee.PERSONNEL_ORGAN)).when(COMPLETE).then("follow_up.completed")


def test_what_is_not_good_is_not_fed_back_as_good() -> None:
    life = hanyin().when(visit(), on="2026-05-06").when(grade("poor"))
    assert not any(each.obligation.rule.startswith("feedback") for each in life.matter.obligations)
    life.when(feedback()).refused(Code.FINDINGS_CONTRADICT, because="「较差」")
    life.when(visit(), on="2026-11-02").when(grade("good"))
    life.when(feedback()).then("follow_up.feedback-sent")


def test_feedback_may_follow_when_the_tracking_is_over() -> None:
    life = tracked().when(talk(), on="2026-05-06").when(COMPLETE, on="2026-09-11")
    life.when(feedback()).then("follow_up.feedback-sent")
    assert life.matter.stage is Stage.COMPLETED


def test_feedback_and_advice_do_not_hang_on_how_the_tracking_ended() -> None:
    lapsed = tracked().when(visit(), on="2026-05-06").until("2026-09-11")
    lapsed.when(feedback(), on="2026-09-12").then("follow_up.feedback-sent")
    assert lapsed.matter.stage is Stage.LAPSED
    done = begun(sanctioned(impact_ends_on="2026-06-01"), HUBEI, on="2026-03-12")
    done.when(visit(), on="2026-05-06").when(COMPLETE)
    done.when(ADVISE, on="2026-06-02").then("follow_up.appointment-advised")


def test_an_appointment_is_advised_once_the_impact_period_is_over() -> None:
    life = begun(
        sanctioned(
            determined_on="2025-03-10", effective_on="2025-03-10", impact_ends_on="2026-03-09"
        ),
        HUBEI,
        on="2025-03-12",
    )
    life.when(ADVISE, on="2026-03-09")
    life.refused(Code.WINDOW_RUNNING, because="2026-03-09", article=THREE)
    life.when(ADVISE, on="2026-03-10").then("follow_up.appointment-advised", to="某县委组织部")
    assert life.news[0].envelope.articles == (THREE,)


def test_an_appointment_is_advised_only_where_the_end_of_the_period_is_known() -> None:
    life = begun(sanctioned(impact_ends_on=None), HUBEI, on="2026-03-12")
    life.when(ADVISE).refused(Code.MALFORMED, because="没有登记影响期", article=THREE)


def test_an_instrument_without_such_advice_gives_none() -> None:
    tracked().when(ADVISE).refused(Code.NOT_PROVIDED)


def test_whoever_did_badly_is_not_recommended() -> None:
    life = begun(sanctioned(impact_ends_on="2026-06-01"), HUBEI, on="2026-03-12")
    life.rules = TimeLimits(
        life.rules.instrument.model_copy(
            update={"grades": rulebook().limits(HANYIN).instrument.grades}
        ),
        life.rules.calendar,
    )
    life.when(visit(), on="2026-06-02").when(grade("fair"))
    assert life.matter.obligations.live() == []  # nothing good to feed back
    life.when(ADVISE).refused(Code.FINDINGS_CONTRADICT, because="「一般」", article=THREE)


# --- moving and ending ------------------------------------------------------------------------


def test_a_follow_up_moves_with_the_cadre_and_keeps_its_visits() -> None:
    life = tracked().when(talk(), on="2026-05-06")
    life.when(MOVE, on="2026-06-01").then("follow_up.transferred", to=BUREAU)
    assert life.matter.organ == BUREAU
    life.when(COMPLETE, on="2026-09-11").then("follow_up.completed", visits=1)


def test_a_follow_up_does_not_move_to_where_it_is() -> None:
    back = acts.MoveFollowUp(to=COUNTY, explanation="误填")
    life = tracked().when(back).refused(Code.ALREADY_DONE, because=COUNTY.name)
    life.when(MOVE).when(MOVE).refused(Code.ALREADY_DONE, because=BUREAU.name)
    life.when(back).then("follow_up.transferred")


def test_the_half_year_is_completed_when_it_is_over_and_not_before() -> None:
    life = tracked().when(talk(), on="2026-05-06")
    life.when(COMPLETE, on="2026-09-10").refused(
        Code.WINDOW_RUNNING, because="2026-09-10 届满", article=NINE
    )
    assert life.until("2026-09-30").news == []  # nothing completes it but the act
    life.when(COMPLETE, on="2026-10-09").then("follow_up.completed")
    assert (life.matter.stage, life.matter.is_open) == (Stage.COMPLETED, False)


def test_a_follow_up_without_its_talk_is_not_completed() -> None:
    life = tracked().when(COMPLETE, on="2026-09-11")
    life.refused(Code.DUTIES_OPEN, because="谈心谈话一次", article=NINE)


@pytest.mark.parametrize("cause", Ending)
def test_a_follow_up_ends_where_there_is_nobody_to_follow(cause: Ending) -> None:
    life = tracked().when(acts.TerminateFollowUp(cause=cause, explanation="另有文件"))
    life.then("follow_up.terminated", cause=cause)
    assert life.duty("talk").state is State.LAPSED
    assert life.matter.stage is Stage.TERMINATED
    assert life.until("2026-12-31").news == []


def test_every_duty_ends_with_the_follow_up() -> None:
    life = hubei().when(visit(), on="2026-05-06").when(grade("good")).when(REVOKED)
    assert life.matter.obligations.live() == []
    life = hanyin().when(visit(), on="2026-05-06").when(REVOKED)
    assert life.matter.obligations.live() == []


@pytest.mark.parametrize("act", [talk(), MOVE, grade("good"), COMPLETE, REVOKED])
def test_nothing_is_done_in_what_is_completed(act: Act) -> None:
    life = tracked().when(talk(), on="2026-05-06").when(COMPLETE, on="2026-09-11")
    life.when(act).refused(Code.OUT_OF_STAGE, because="「已了结」")


# --- time -------------------------------------------------------------------------------------


def test_nobody_talks_and_the_clock_says_so() -> None:
    life = tracked().until("2026-09-07")
    assert life.names() == ["obligation.reminded"]  # three working days before 10 September
    assert life.until("2026-09-09").names() == ["obligation.reminded"]
    assert life.until("2026-09-10").news == []
    life.until("2026-09-11")
    assert life.names() == ["obligation.overdue", "follow_up.lapsed", "obligation.escalated"]
    lapsed: Any = life.news[1]
    assert (lapsed.visits, lapsed.wanted, lapsed.envelope.by) == (0, 1, SYSTEM)
    assert (str(lapsed.on), lapsed.envelope.articles) == ("2026-09-11", (NINE,))
    assert (life.matter.stage, life.matter.is_open) == (Stage.LAPSED, False)
    assert life.until("2026-09-15").names() == ["obligation.escalated"]
    assert life.duty("talk").escalated == 2


def test_the_ladder_is_climbed_over_the_national_holiday() -> None:
    life = begun(opening(determined_on="2026-03-30"), WUYANG, on="2026-03-31")
    life.until("2026-10-01")
    assert life.names() == [*["obligation.reminded"] * 2, "obligation.overdue", "follow_up.lapsed"]
    assert life.until("2026-10-07").news == []
    assert life.until("2026-10-08").names() == ["obligation.escalated"]
    assert life.until("2026-10-10").names() == ["obligation.escalated"]  # a make-up Saturday


def test_a_visit_of_the_wrong_kind_does_not_save_it() -> None:
    life = tracked().when(visit(), on="2026-05-06").until("2026-09-11")
    lapsed: Any = next(each for each in life.news if each.name() == "follow_up.lapsed")
    assert lapsed.visits == 0


def test_what_has_lapsed_is_neither_graded_nor_completed() -> None:
    life = tracked().until("2026-09-11")
    life.when(COMPLETE, on="2026-09-12").refused(Code.OUT_OF_STAGE, because="「期满未回访」")
    life.when(talk(), on="2026-09-12").refused(Code.OUTSIDE_WINDOW, article=NINE)
    life.when(REVOKED).then("follow_up.terminated")
    assert life.duty("talk").state is State.LAPSED


def test_a_talk_held_in_time_and_told_late_undoes_the_lapse() -> None:
    life = tracked().until("2026-09-15").when(talk(), on="2026-09-10", now="2026-09-16T10:00+08:00")
    life.then("follow_up.visit-held", undoes_lapse=True)
    assert life.duty("talk").state is State.MET
    assert life.matter.stage is Stage.ACTIVE
    life.when(COMPLETE, on="2026-09-16").then("follow_up.completed")


def test_a_late_told_visit_of_the_wrong_kind_undoes_nothing() -> None:
    life = tracked().until("2026-09-15")
    life.when(visit(), on="2026-09-10", now="2026-09-16T10:00+08:00")
    life.then("follow_up.visit-held", undoes_lapse=False)
    assert life.matter.stage is Stage.LAPSED


def test_one_late_told_talk_of_two_wanted_undoes_nothing() -> None:
    life = Life(FollowUp(tracked().matter.id), under(WUYANG, at_least=2))
    life.when(opening(), on="2026-03-12").until("2026-09-15")
    life.when(talk(), on="2026-09-09", now="2026-09-16T10:00+08:00")
    life.then("follow_up.visit-held", undoes_lapse=False)
    life.when(talk(), on="2026-09-10", now="2026-09-16T10:00+08:00")
    life.then("follow_up.visit-held", undoes_lapse=True)


def test_another_limit_on_talks_is_overdue_without_ending_the_window() -> None:
    rules = under(WUYANG)
    (talked,) = rules.instrument.visiting()
    first = {"id": "first", "stated": None, "amount": 1, "unit": TimeUnit.MONTH}
    limits = (talked, talked.model_copy(update=first))
    instrument = rules.instrument.model_copy(update={"deadlines": limits})
    life = Life(FollowUp(tracked().matter.id), TimeLimits(instrument, rules.calendar))
    life.when(opening(), on="2026-03-12").until("2026-04-13")
    assert life.duty("first").overdue
    assert life.matter.stage is Stage.ACTIVE


def test_a_follow_up_opened_when_its_window_is_over_lapses_at_once() -> None:
    life = begun(opening(), WUYANG, on="2026-09-14").until("2026-09-14")
    assert "follow_up.lapsed" in life.names()


def test_a_missed_day_that_blocks_nothing_ends_nothing_that_is_over() -> None:
    life = Life(
        tracked().matter.__class__(tracked().matter.id), under(WUYANG, blocks_closing=False)
    )
    life.rules = TimeLimits(
        life.rules.instrument.model_copy(
            update={"window": life.rules.instrument.window.model_copy(update={"whole": False})}
        ),
        life.rules.calendar,
    )
    life.when(opening(), on="2026-03-12").when(COMPLETE, on="2026-05-06").until("2026-09-30")
    assert "follow_up.lapsed" not in life.names()
    assert life.matter.stage is Stage.COMPLETED


# --- counting ---------------------------------------------------------------------------------


def told_of(life: Life) -> list[tuple[str, str | None, tuple[str, ...]]]:
    found = [each for event in life.recorded for each in counted(event, life.matter)]  # type: ignore[arg-type]
    assert {each.group for each in found} <= {life.matter.number}
    return [(each.what, each.subject.id if each.subject else None, each.detail) for each in found]


def test_visits_grades_and_endings_are_counted() -> None:
    life = hanyin().when(visit(), on="2026-05-06").when(grade("good")).when(COMPLETE)
    assert told_of(life) == [
        ("visited", WU.id, ("visit",)),
        ("follow_up_graded", WU.id, ("good",)),
        ("follow_up_completed", WU.id, ()),
    ]
    assert told_of(tracked().until("2026-12-31")) == [("follow_up_lapsed", WU.id, ())]
