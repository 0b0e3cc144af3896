"""Duties of every shape: counted, suspended, extended, for each item, from any day, aimed at."""

from datetime import date, datetime

import pytest

from domain.aggregate import Act
from domain.duty_acts import WaiveDuty
from domain.law.calendar import start_of
from domain.law.deadline_rules import Extension, Qualifier
from domain.law.periods import TimeUnit
from domain.law.policy import Recipient, Suspension
from domain.law.rules import Rules
from domain.law.suspension import Remainder
from domain.obligations import ObligationCounted, State
from domain.refusals import Code
from domain.tolerance import acts
from tests.support.decisions import extend, had_duty, receive, with_duty
from tests.support.duties import duty, keys, settled, standing, time_comes
from tests.support.examples import (
    CHEN,
    CLOSE,
    HUBEI,
    WUYANG,
    YOUXIAN,
    ZHAO,
    History,
    accept,
    accepted,
    applied,
    check,
    checked,
    defer,
    determine,
    determined,
    file,
    had,
    notify,
    objection,
    on_notice,
    open_verification,
    opinion,
    report,
    resolve,
    resume,
    suspend,
    verified,
    visit,
)
from tests.support.given import Story, folded, given, state

# --- counted ----------------------------------------------------------------------------------

TWICE = had_duty(WUYANG, "follow_up", at_least=2)  # in the half year to 2026-09-12


def visited(*days: str) -> tuple[Story, list[list[str]]]:
    """What each visit, on its day, meant for the duties."""
    story = given(determined(TWICE))
    return story, [settled(story.when(visit(), on=day)) for day in days]


def test_a_duty_of_two_visits_is_met_by_the_second_and_a_third_does_nothing() -> None:
    _, meant = visited("2026-04-01", "2026-05-06", "2026-06-01")
    assert meant == [["counted follow_up-1"], ["met follow_up-1"], []]


def test_a_count_says_how_many_of_how_many() -> None:
    story, _ = visited("2026-04-01")
    (counted,) = (each for each in story.news if isinstance(each, ObligationCounted))
    assert (counted.count, counted.of) == (1, 2)
    assert standing(story, "follow_up-1").state is State.OPEN


@pytest.mark.parametrize(
    ("second", "how"),
    [("2026-09-11", "met"), ("2026-09-12", "met"), ("2026-09-13", "met-late")],
)
def test_a_duty_of_two_visits_is_late_with_its_second(second: str, how: str) -> None:
    _, meant = visited("2026-04-01", second)
    assert meant[1] == [f"{how} follow_up-1"]


def test_a_visit_after_the_day_still_counts_and_does_not_alone_meet_the_duty() -> None:
    story, meant = visited("2026-09-14")
    assert meant == [["counted follow_up-1"]]
    assert standing(story, "follow_up-1").is_overdue(start_of(date(2026, 9, 14)))


def test_visits_to_two_subjects_are_counted_apart() -> None:
    story = given(determined(TWICE, CHEN, ZHAO))
    assert settled(story.when(visit(CHEN))) == ["counted follow_up-1"]
    assert settled(story.when(visit(ZHAO))) == ["counted follow_up-2"]


# --- suspended and resumed --------------------------------------------------------------------

STOPPED = {
    "suspended_by": ("tolerance.suspended",),
    "resumed_by": ("tolerance.resumed",),
}


def suspensible(**said: object) -> Rules:
    """舞阳, where the answer stands still while the case does."""
    rules = had(WUYANG, suspension=Suspension(article="第十条", confirmed=True))
    return had_duty(rules, "answer", **STOPPED, **said)


SUSPENSIBLE = suspensible()


def stopped(
    suspended: str, resumed: str | None = None, *, accepted_on: str, rules: Rules = SUSPENSIBLE
) -> Story:
    history = applied(rules).on(accepted_on, accept()).on(suspended, suspend())
    return given(history.on(resumed, resume()) if resumed else history)


@pytest.mark.parametrize(
    ("suspended", "resumed", "due_on"),
    [
        ("2026-09-18", "2026-09-18", "2026-09-29"),  # the same day: as if nothing had been
        ("2026-09-22", "2026-09-22", "2026-09-29"),
        ("2026-09-29", "2026-09-29", "2026-09-29"),
        ("2026-09-22", "2026-09-23", "2026-09-30"),
        ("2026-09-22", "2026-09-29", "2026-10-10"),  # 30, 8, 9 and the make-up Saturday
        ("2026-09-22", "2026-10-03", "2026-10-12"),  # resumed in the holiday
        ("2026-09-29", "2026-10-08", "2026-10-08"),  # nothing was left
        ("2026-09-29", "2026-10-04", "2026-10-08"),
    ],
)
def test_the_working_days_left_are_counted_from_the_resumption(
    suspended: str, resumed: str, due_on: str
) -> None:
    story = stopped(suspended, resumed, accepted_on="2026-09-18")  # due 2026-09-29
    assert duty(story, "answer-1").due_on == date.fromisoformat(due_on)


@pytest.mark.parametrize(
    ("unit", "amount", "resumed", "due_on"),
    [
        (TimeUnit.MONTH, 3, "2026-03-20", "2026-06-06"),
        (TimeUnit.MONTH, 3, "2026-04-30", "2026-07-17"),  # two months and seventeen days
        (TimeUnit.MONTH, 3, "2026-12-31", "2027-03-17"),  # over the end of February
        (TimeUnit.CALENDAR_DAY, 30, "2026-03-20", "2026-04-05"),
        (TimeUnit.CALENDAR_DAY, 30, "2026-05-06", "2026-05-22"),  # sixteen days
    ],
)
def test_what_is_left_is_held_in_the_unit_of_the_rule(
    unit: TimeUnit, amount: int, resumed: str, due_on: str
) -> None:
    rules = suspensible(unit=unit, amount=amount, roll=False)
    story = stopped("2026-03-20", resumed, accepted_on="2026-03-06", rules=rules)
    assert duty(story, "answer-1").due_on == date.fromisoformat(due_on)


def test_a_suspended_duty_holds_what_is_left_and_is_taken_up_with_it() -> None:
    story = stopped("2026-09-22", accepted_on="2026-09-18")
    assert settled(story) == ["suspended answer-1"]
    left = Remainder(working_days=4)
    now = standing(story, "answer-1")
    assert (now.state, now.remainder) == (State.SUSPENDED, left)
    assert settled(story.when(resume(), on="2026-09-29")) == ["resumed answer-1"]
    resumed = duty(story, "answer-1")
    assert (resumed.start, resumed.remainder) == (date(2026, 9, 29), left)
    assert resumed.generation == 2
    assert standing(story, "answer-1").state is State.OPEN


def test_the_stretches_a_duty_ran_leave_out_the_days_it_stood_still() -> None:
    story = stopped("2026-09-22", "2026-09-28", accepted_on="2026-09-18")
    first = (date(2026, 9, 18), date(2026, 9, 22))
    assert standing(story, "answer-1").ran == [first]
    waive = WaiveDuty(duty="answer-1", explanation="不必再答复")
    story.when(waive, on="2026-09-29", authority="会议纪要1号")
    assert standing(story, "answer-1").ran == [first, (date(2026, 9, 28), date(2026, 9, 29))]
    assert standing(story, "answer-1").running_since is None


def test_a_suspended_duty_is_neither_waited_for_nor_overdue() -> None:
    story = stopped("2026-09-22", accepted_on="2026-09-18")
    assert keys(story) == []
    assert not standing(story, "answer-1").is_overdue(start_of(date(2027, 1, 1)))


@pytest.mark.parametrize("rung", ["remind1", "remind2", "due", "escalate1"])
def test_a_moment_of_the_day_before_the_suspension_finds_nothing_to_do(rung: str) -> None:
    much_later = "2026-11-30T00:00:00+08:00"
    suspended = stopped("2026-09-22", accepted_on="2026-09-18")
    assert time_comes(suspended, f"answer-1:1:{rung}", much_later) == []
    resumed = stopped("2026-09-22", "2026-09-29", accepted_on="2026-09-18")
    assert time_comes(resumed, f"answer-1:1:{rung}", much_later) == []
    assert time_comes(resumed, f"answer-1:2:{rung}", much_later) != []


def test_a_resumed_duty_is_reminded_of_its_new_day() -> None:
    story = stopped("2026-09-22", "2026-09-29", accepted_on="2026-09-18")  # to 2026-10-10
    assert duty(story, "answer-1").reminders == (date(2026, 9, 30), date(2026, 10, 9))
    assert duty(story, "answer-1").escalation[0].on == date(2026, 10, 12)


@pytest.mark.parametrize(
    ("day", "meant"),
    [
        ("2026-09-28", ["suspended answer-1"]),
        ("2026-09-29", ["suspended answer-1"]),
        ("2026-09-30", []),  # a day gone by stays gone by
    ],
)
def test_a_duty_already_past_its_day_is_not_suspended(day: str, meant: list[str]) -> None:
    assert settled(stopped(day, accepted_on="2026-09-18")) == meant


def test_a_duty_past_its_day_is_overdue_through_the_suspension() -> None:
    story = stopped("2026-09-30", "2026-10-30", accepted_on="2026-09-18")
    now = standing(story, "answer-1")
    assert (now.state, now.obligation.due_on) == (State.OPEN, date(2026, 9, 29))
    assert now.obligation.generation == 1
    assert now.is_overdue(start_of(date(2026, 9, 30)))


def test_a_duty_without_a_day_is_suspended_and_resumed_too() -> None:
    rules = suspensible(qualifier=Qualifier.PROMPTLY, amount=None, unit=None)
    story = stopped("2026-03-20", accepted_on="2026-03-06", rules=rules)
    now = standing(story, "answer-1")
    assert (now.state, now.remainder) == (State.SUSPENDED, None)
    story.when(resume(), on="2026-03-30")
    assert (now.state, now.obligation.due_on) == (State.OPEN, None)


def test_a_duty_is_suspended_again_with_what_is_left_then() -> None:
    story = stopped("2026-09-22", "2026-09-29", accepted_on="2026-09-18")  # to 2026-10-10
    story.when(suspend(), on="2026-10-08").when(resume(), on="2026-10-19")
    assert duty(story, "answer-1").due_on == date(2026, 10, 21)  # two days were left
    assert duty(story, "answer-1").generation == 3


def test_a_duty_that_stands_still_is_not_stopped_again() -> None:
    both = ("tolerance.determination-deferred", "tolerance.suspended")
    story = given(verified(had_duty(HELD, "held", suspended_by=both)))
    assert settled(story.when(defer(), on="2026-03-12"))[:2] == [
        "lapsed answer-1",
        "suspended held-1",
    ]
    assert settled(story.when(suspend(), on="2026-03-16")) == []
    assert standing(story, "held-1").remainder == Remainder(working_days=3)  # as of 2026-03-12


def test_only_the_duties_that_say_so_stand_still() -> None:
    rules = with_duty(SUSPENSIBLE, "runs_on", "tolerance.accepted", "tolerance.closed")
    story = stopped("2026-09-22", accepted_on="2026-09-18", rules=rules)
    assert [each.obligation.rule for each in story.case.obligations.open()] == ["runs_on"]


def test_a_suspended_duty_is_not_extended() -> None:
    more = Extension.model_validate(
        {
            "approver": "分管领导",
            "amount": 5,
            "unit": "working_day",
            "times": None,
            "cap_amount": None,
            "cap_unit": None,
            "article": None,
            "confirmed": True,
        }
    )
    story = stopped("2026-09-22", accepted_on="2026-09-18", rules=suspensible(extension=more))
    story.when(extend("answer-1")).refused(Code.UNKNOWN_DUTY)
    story.when(resume()).when(extend("answer-1")).then("obligation.extended")
    assert duty(story, "answer-1").due_on == date(2026, 10, 12)


HELD = with_duty(  # a deferral suspends it, a determination ends it
    had(WUYANG, suspension=Suspension(article="第十条", confirmed=True)),
    "held",
    "tolerance.accepted",
    "tolerance.follow-up-visit-held",
    lapses_on=("tolerance.determined",),
    suspended_by=("tolerance.determination-deferred",),
    resumed_by=("tolerance.conclusive-opinion-issued",),
)


def test_a_suspended_duty_can_still_lapse() -> None:
    story = given(verified(HELD).on("2026-03-12", defer())).when(determine())
    assert "lapsed held-1" in settled(story)


def test_a_duty_of_one_subject_stands_still_for_him_alone() -> None:
    story = given(verified(HELD, CHEN, ZHAO).on("2026-03-12", defer(ZHAO)))
    states = [standing(story, id_).state for id_ in ("held-1", "held-2")]
    assert states == [State.OPEN, State.SUSPENDED]


def test_what_is_done_while_its_duty_stands_still_is_not_late() -> None:
    history = verified(SUSPENSIBLE, CHEN, ZHAO).on("2026-03-12", determine(CHEN))
    story = given(history.on("2026-03-13", suspend())).when(notify(CHEN), on="2026-03-20")
    assert standing(story, "answer-1").state is State.MET


# --- for each item ----------------------------------------------------------------------------

ASKING = with_duty(
    HUBEI,
    "opinion",
    "tolerance.opinion-requested",
    "tolerance.opinion-received",
    starts="sending",
    per="item",
    amount=5,
)


def ask(organ: str) -> acts.RequestOpinion:
    return acts.RequestOpinion(organ=organ, question="是否同意")


def answer(item: int | None) -> acts.RecordOpinion:
    asked = {1: "组织部", 2: "财政局"}
    return opinion().model_copy(update={"item": item, "organ": asked.get(item or 1)})


ASKED = checked(ASKING).on("2026-03-11", ask("组织部"), ask("财政局"))  # to 2026-03-18


def test_each_request_has_a_duty_of_its_own() -> None:
    story = given(ASKED)
    duties = [(each.obligation.id, each.obligation.item) for each in story.case.obligations]
    assert duties == [("opinion-1", 1), ("opinion-2", 2)]


def test_an_answer_meets_the_duty_of_its_own_request() -> None:
    story = given(ASKED)
    assert settled(story.when(answer(2), on="2026-03-18")) == ["met opinion-2"]
    assert settled(story.when(answer(1), on="2026-03-19")) == ["met-late opinion-1"]


def test_an_opinion_nobody_asked_for_meets_no_duty() -> None:
    assert settled(given(ASKED).when(answer(None))) == []


def test_a_request_is_answered_once() -> None:
    story = given(ASKED).when(answer(2)).when(answer(2))
    story.refused(Code.UNKNOWN_REQUEST, because="第 2 次")


OBJECTING = with_duty(
    YOUXIAN,
    "objection",
    "tolerance.objection-raised",
    "tolerance.objection-resolved",
    per="item",
    amount=3,
)


def test_each_objection_is_dealt_with_in_its_own_time() -> None:
    raised = on_notice(OBJECTING).on("2026-04-29", objection()).on("2026-04-30", objection())
    story = given(raised)
    due = [duty(story, id_).due_on for id_ in ("objection-1", "objection-2")]
    assert due == [date(2026, 5, 7), date(2026, 5, 8)]  # after 劳动节
    assert settled(story.when(resolve(2), on="2026-05-08")) == ["met objection-2"]
    assert settled(story.when(resolve(1))) == ["met-late objection-1"]


def test_an_objection_to_one_subject_is_a_duty_about_him() -> None:
    raised = on_notice(OBJECTING, CHEN, ZHAO).on("2026-04-29", objection(subject=ZHAO.id))
    story = given(raised)
    assert duty(story, "objection-1").subject == ZHAO.id
    assert settled(story.when(resolve(1))) == ["met objection-1"]


# --- from which day ---------------------------------------------------------------------------

LATER = date(2026, 5, 6)
STARTS: dict[str, tuple[str, History, Act, str, str]] = {
    # what it runs from: what opens it, what was done, what is done on which day, the first day
    "acceptance": ("tolerance.accepted", applied(WUYANG), accept(), "2026-03-06", "2026-03-06"),
    "finding": (
        "tolerance.verification-reported",
        checked(WUYANG),
        report(),
        "2026-03-11",
        "2026-03-11",
    ),
    "sending": (
        "tolerance.result-notified:applicant",
        determined(WUYANG),
        notify(),
        "2026-03-13",
        "2026-03-13",
    ),
    "receipt": (
        "tolerance.result-received:applicant",
        determined(WUYANG).on("2026-03-13", notify()),
        receive("2026-03-16"),
        "2026-03-20",
        "2026-03-16",
    ),
    "decision": (
        "tolerance.determined",
        verified(WUYANG),
        determine(effective_on=LATER),
        "2026-03-12",
        "2026-03-12",
    ),
    "effect": (
        "tolerance.determined",
        verified(WUYANG),
        determine(effective_on=LATER),
        "2026-03-12",
        "2026-05-06",
    ),
    "occurrence": (
        "tolerance.result-received:applicant",
        determined(WUYANG).on("2026-03-13", notify()),
        receive("2026-03-16"),
        "2026-03-20",
        "2026-03-20",
    ),
}


@pytest.mark.parametrize("starts", STARTS)
def test_a_duty_runs_from_the_day_its_rule_says(starts: str) -> None:
    opens_on, history, act, day, first = STARTS[starts]
    rules = with_duty(WUYANG, "timed", opens_on, "tolerance.closed", starts=starts)
    story = given(History(rules, history.steps)).when(act, on=day)
    assert "opened timed-1" in settled(story)
    assert duty(story, "timed-1").start == date.fromisoformat(first)


def test_only_the_named_recipient_opens_the_duty() -> None:
    rules = with_duty(WUYANG, "timed", "tolerance.result-received:subject", "tolerance.closed")
    told = determined(rules).on("2026-03-13", notify(), notify(recipient=Recipient.SUBJECT))
    story = given(told)
    assert settled(story.when(receive("2026-03-13"))) == []
    assert settled(story.when(receive("2026-03-13", Recipient.SUBJECT))) == ["opened timed-1"]


@pytest.mark.parametrize(
    ("accepted_on", "quarters", "due_on"),
    [
        ("2026-03-30", 1, "2026-03-31"),
        ("2026-03-31", 1, "2026-03-31"),
        ("2026-04-01", 1, "2026-06-30"),
        ("2026-04-01", 3, "2026-12-31"),
    ],
)
def test_what_falls_into_a_quarter_is_due_by_its_last_day(
    accepted_on: str, quarters: int, due_on: str
) -> None:
    rules = had_duty(WUYANG, "answer", unit=TimeUnit.QUARTER, amount=quarters)
    story = given(applied(rules).on(accepted_on, accept()))
    assert duty(story, "answer-1").due_on == date.fromisoformat(due_on)


# --- an internal target, and whose duty it is -------------------------------------------------

AIMED = had_duty(WUYANG, "answer", qualifier=Qualifier.TARGET)  # at 2026-03-17


def test_a_target_reminds_and_does_no_more() -> None:
    story = given(accepted(AIMED))
    assert keys(story) == ["answer-1:1:remind1", "answer-1:1:remind2"]
    much_later = "2026-06-01T00:00:00+08:00"
    for rung in ("due", "escalate1", "escalate2", "elapse"):
        assert time_comes(story, f"answer-1:1:{rung}", much_later) == []
    assert time_comes(story, "answer-1:1:remind1", much_later) == ["reminded answer-1"]
    assert not standing(story, "answer-1").is_overdue(datetime.fromisoformat(much_later))


@pytest.mark.parametrize("day", ["2026-03-17", "2026-03-18", "2026-06-01"])
def test_a_target_is_never_met_late(day: str) -> None:
    story = given(determined(AIMED)).when(notify(), on=day)
    assert standing(story, "answer-1").state is State.MET


def test_a_missed_target_is_still_to_be_done_before_the_case_closes() -> None:
    story = given(determined(had(AIMED, deadlines=(AIMED.policy.deadline("answer"),))))
    story.when(CLOSE, on="2026-06-01").refused(Code.DUTIES_OPEN, because="向申请单位反馈答复")
    story.when(notify()).when(CLOSE).then("tolerance.closed")


def test_a_duty_towards_a_managing_authority_is_for_its_cadres_alone() -> None:
    rules = had_duty(WUYANG, "answer", managed_by="区委")
    story = given(accepted(rules, CHEN, ZHAO))  # 陈某 alone is managed by 区委
    assert [each.obligation.subject for each in story.case.obligations] == [CHEN.id]


# --- told again from the events ---------------------------------------------------------------

LIVES: dict[str, Story] = {
    "counted": visited("2026-04-01")[0],
    "met at last": visited("2026-04-01", "2026-09-13")[0],
    "suspended": stopped("2026-09-22", accepted_on="2026-09-18"),
    "resumed": stopped("2026-09-22", "2026-09-29", accepted_on="2026-09-18"),
    "for each item": given(ASKED.on("2026-03-12", answer(2))),
    "lapsed": given(verified(HELD).on("2026-03-12", defer(), determine())),
}


@pytest.mark.parametrize("life", LIVES)
def test_duties_are_folded_as_they_were_decided(life: str) -> None:
    story = LIVES[life]
    assert state(story.case) == state(folded(story.recorded))


# --- an edition that leaves the case's duties behind ------------------------------------------


def repinned() -> Story:
    """Accepted under 舞阳, which opened the answer; from then on under 游仙, which has none."""
    story = given(accepted(WUYANG))
    story.rules = YOUXIAN
    over = acts.Repin(policy=YOUXIAN.policy.reference, explanation="改适用")
    return story.when(over, authority="会议纪要1号").then("tolerance.edition-repinned")


def test_a_duty_of_the_former_edition_does_not_keep_the_case_open_for_ever() -> None:
    story = repinned()
    told = (notify(recipient=each) for each in Recipient)
    for act in (open_verification(), check(YOUXIAN), report(), determine(), *told, file()):
        assert story.when(act).refusal is None
    story.when(CLOSE).then("tolerance.closed")


def test_a_duty_the_present_edition_does_not_know_lapses() -> None:
    story = repinned()
    assert settled(story) == ["lapsed answer-1"]
    story.when(extend("answer-1")).refused(Code.UNKNOWN_DUTY)
