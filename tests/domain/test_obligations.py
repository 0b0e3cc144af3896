"""Time limits as duties: when they open, end and are called, to the day and to the instant."""

import re
from datetime import date, datetime, timedelta
from functools import cache

import pytest

from domain.aggregate import Act
from domain.duty_acts import ExtendDuty
from domain.law.calendar import CalendarEdition, WorkCalendar, start_of
from domain.law.deadline_rules import DeadlineRule, Extension, Qualifier, StartDate
from domain.law.outcomes import Outcome
from domain.law.periods import TimeUnit, period
from domain.law.policy import Recipient
from domain.law.rules import Rules
from domain.law.suspension import Remainder
from domain.obligations import (
    Obligation,
    ObligationCounted,
    ObligationExtended,
    Standing,
    State,
    moments,
)
from domain.people import SYSTEM
from domain.tolerance import acts
from tests.support.duties import duty, keys, settled, standing, time_comes
from tests.support.examples import (
    CHEN,
    GENERIC,
    HUBEI,
    PACKS,
    QIAN,
    WUYANG,
    YOUXIAN,
    ZHAO,
    History,
    accept,
    accepted,
    applied,
    check,
    checked,
    closed,
    defer,
    determine,
    determined,
    file,
    had,
    matter,
    notify,
    objection,
    on_notice,
    open_verification,
    rectified,
    report,
    resolve,
    resume,
    review,
    suspend,
    verified,
    verifying,
    visit,
)
from tests.support.given import given

ONE_DAY = timedelta(days=1)
ANSWER_DUE = date(2026, 3, 17)  # seven working days after the usual acceptance, 2026-03-06
CLOSE_NOTICE = acts.ClosePublicNotice()


# --- opening ----------------------------------------------------------------------------------


def test_a_duty_of_the_subject_opens_for_each_subject() -> None:
    story = given(applied(WUYANG, CHEN, ZHAO)).when(accept(), on="2026-03-06")
    assert settled(story) == ["opened answer-1", "opened answer-2"]
    assert [duty(story, id_).subject for id_ in ("answer-1", "answer-2")] == [CHEN.id, ZHAO.id]


def test_an_act_on_one_subject_opens_duties_for_him_alone() -> None:
    story = given(verified(WUYANG, CHEN, ZHAO)).when(determine(ZHAO))
    opened = ["feedback-1", "filing-1", "rectification-1", "follow_up-1"]
    assert settled(story) == [f"opened {id_}" for id_ in opened]
    assert {duty(story, id_).subject for id_ in opened} == {ZHAO.id}
    story.when(determine(CHEN))
    assert settled(story)[0] == "opened feedback-2"


def test_a_duty_of_the_case_opens_once_and_names_nobody() -> None:
    story = given(on_notice(YOUXIAN, CHEN, ZHAO))
    assert settled(story) == ["opened public_notice-1"]
    assert duty(story, "public_notice-1").subject is None


def test_refused_tolerance_opens_neither_rectification_nor_follow_up() -> None:
    no_tolerance = determine(outcome=Outcome.NO_TOLERANCE)
    story = given(verified(WUYANG, WY_N1=True)).when(no_tolerance)
    assert settled(story) == ["opened feedback-1", "opened filing-1"]


def test_only_cadres_under_the_committee_are_filed_with_it() -> None:
    story = given(determined(YOUXIAN, CHEN, ZHAO))  # 陈某 alone is managed by 区委
    filing = [
        each.obligation for each in story.case.obligations if each.obligation.rule == "filing"
    ]
    assert [each.subject for each in filing] == [CHEN.id]


def test_a_duty_holds_everything_it_is_judged_by() -> None:
    story = given(accepted(WUYANG))
    assert duty(story, "answer-1") == Obligation.model_validate(
        {
            "id": "answer-1",
            "rule": "answer",
            "label": "向申请单位反馈答复",
            "article": "第七条（二）",
            "subject": CHEN.id,
            "responsible": "承办人",
            "organ": "cdi",
            "trigger": "tolerance.accepted",
            "start": date(2026, 3, 6),
            "amount": 7,
            "unit": TimeUnit.WORKING_DAY,
            "roll": True,
            "due_on": ANSWER_DUE,
            "calendars": ("2026.1",),
            "provisional": False,
            "confirmed": False,  # where the seven days begin is read into the text
            "qualifier": Qualifier.MUST,
            "blocks_closing": True,
            "reminders": (date(2026, 3, 12), date(2026, 3, 16)),
            "escalation": (
                {"level": 1, "role": "部门负责人", "on": date(2026, 3, 18)},
                {"level": 2, "role": "分管领导", "on": date(2026, 3, 20)},
            ),
        }
    )


# --- meeting and lapsing ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "how"),
    [
        ("2026-03-16", "met answer-1"),
        ("2026-03-17", "met answer-1"),
        ("2026-03-18", "met-late answer-1"),
    ],
)
def test_a_duty_is_met_until_its_day_and_late_after_it(day: str, how: str) -> None:
    story = given(determined(WUYANG)).when(notify(), on=day)
    assert settled(story) == [how, "met feedback-1"]
    late = how.startswith("met-late")
    assert standing(story, "answer-1").state is (State.MET_LATE if late else State.MET)
    assert standing(story, "answer-1").closed_on == date.fromisoformat(day)


def test_only_the_right_recipient_meets_the_duty() -> None:
    story = given(determined(YOUXIAN))
    assert settled(story.when(notify(recipient=Recipient.SUBJECT))) == []
    applicant, personnel = Recipient.APPLICANT, Recipient.PERSONNEL_ORGAN
    assert settled(story.when(notify(recipient=applicant))) == ["met feedback_applicant-1"]
    assert settled(story.when(notify(recipient=personnel))) == ["met feedback_personnel-1"]


def test_what_is_done_for_one_subject_meets_nothing_for_another() -> None:
    story = given(determined(WUYANG, CHEN, ZHAO)).when(file(ZHAO))
    assert settled(story) == ["met filing-2"]
    assert standing(story, "filing-1").state is State.OPEN


def test_a_deferral_ends_the_answer_and_begins_its_own_time() -> None:
    story = given(checked(WUYANG, CHEN, ZHAO)).when(defer(ZHAO), on="2026-03-13")
    assert settled(story) == ["lapsed answer-2", "opened deferral-1"]
    assert standing(story, "answer-1").state is State.OPEN
    assert standing(story, "answer-2").state is State.LAPSED
    assert duty(story, "deferral-1").due_on == date(2026, 4, 27)  # 30 working days over 清明节


def test_a_deferred_determination_ends_the_deferral_and_is_still_told() -> None:
    story = given(verified(WUYANG).on("2026-03-12", defer())).when(determine(), on="2026-04-28")
    assert settled(story)[:2] == ["met-late deferral-1", "opened feedback-1"]
    assert settled(story.when(notify())) == ["met feedback-1"]  # the answer has lapsed


def test_a_visit_after_the_half_year_is_a_late_one() -> None:
    story = given(closed(WUYANG))
    assert duty(story, "follow_up-1").due_on == date(2026, 9, 12)
    assert settled(story.when(visit(), on="2026-09-13")) == ["met-late follow_up-1"]


# --- without a number -------------------------------------------------------------------------


@pytest.mark.parametrize("rules", PACKS.values(), ids=PACKS)
def test_promptly_has_no_day_and_is_never_waited_for(rules: Rules) -> None:
    story = given(determined(rules, CHEN))
    without = [
        each
        for each in story.case.obligations
        if each.obligation.qualifier in (Qualifier.PROMPTLY, Qualifier.UNSTATED)
    ]
    assert without
    for each in without:
        assert each.obligation.due_on is None
        assert (each.obligation.reminders, each.obligation.escalation) == ((), ())
        assert not each.is_overdue(start_of(date(2036, 1, 1)))
        assert not any(key.startswith(each.obligation.id) for key in keys(story))


def test_what_has_no_day_is_met_whenever_it_is_done() -> None:
    story = given(determined(HUBEI)).when(rectified(), on="2036-01-04")
    assert settled(story) == ["met rectification-1"]


# --- a period ---------------------------------------------------------------------------------


def test_a_period_elapses_on_the_day_after_its_last_and_is_never_overdue() -> None:
    story = given(on_notice(YOUXIAN))  # to 2026-05-11
    assert keys(story) == [
        "public_notice-1:1:remind1",
        "public_notice-1:1:remind2",
        "public_notice-1:1:elapse",
    ]
    assert not standing(story, "public_notice-1").is_overdue(start_of(date(2026, 6, 1)))
    assert time_comes(story, "public_notice-1:1:elapse", "2026-05-11T23:59:59+08:00") == []
    elapsed = time_comes(story, "public_notice-1:1:elapse", "2026-05-12T00:00:00+08:00")
    assert elapsed == ["elapsed public_notice-1"]
    assert standing(story, "public_notice-1").state is State.ELAPSED
    assert keys(story) == []
    assert settled(story.when(CLOSE_NOTICE, on="2026-05-12")) == []  # nothing is left to meet


def test_a_period_nobody_called_is_ended_by_the_act_and_not_late() -> None:
    story = given(on_notice(YOUXIAN)).when(CLOSE_NOTICE, on="2026-05-20")
    assert settled(story) == ["met public_notice-1"]


# --- a date the State Council has not yet settled ---------------------------------------------


def test_a_provisional_duty_reminds_but_never_falls_due() -> None:
    history = applied(WUYANG, on="2026-12-23", matter=matter("2026-12-22"))
    story = given(history).when(accept(), on="2026-12-25")
    answer = duty(story, "answer-1")
    assert (answer.due_on, answer.provisional) == (date(2027, 1, 6), True)
    assert answer.calendars == ("2026.1", "2027.推定")
    assert keys(story) == ["answer-1:1:remind1", "answer-1:1:remind2"]
    much_later = "2027-06-01T00:00:00+08:00"
    for rung in ("due", "escalate1", "escalate2"):
        assert time_comes(story, f"answer-1:1:{rung}", much_later) == []
    assert time_comes(story, "answer-1:1:remind1", much_later) == ["reminded answer-1"]
    assert not standing(story, "answer-1").is_overdue(datetime.fromisoformat(much_later))


# --- moments ----------------------------------------------------------------------------------


def test_moments_come_in_order_at_midnight_in_china() -> None:
    story = given(accepted(WUYANG))
    assert [(each.key, each.at.isoformat()) for each in moments(story.case.obligations)] == [
        ("answer-1:1:remind1", "2026-03-12T00:00:00+08:00"),  # three working days before
        ("answer-1:1:remind2", "2026-03-16T00:00:00+08:00"),  # one
        ("answer-1:1:due", "2026-03-18T00:00:00+08:00"),  # the day after the due day
        ("answer-1:1:escalate1", "2026-03-18T00:00:00+08:00"),
        ("answer-1:1:escalate2", "2026-03-20T00:00:00+08:00"),
    ]


def test_the_moments_of_several_duties_are_one_plan() -> None:
    story = given(determined(WUYANG, CHEN, ZHAO).on("2026-03-12"))
    plan = moments(story.case.obligations)
    assert [each.at for each in plan] == sorted(each.at for each in plan)
    assert {each.key.partition(":")[0] for each in plan} == {
        "answer-1",
        "answer-2",
        "follow_up-1",
        "follow_up-2",
    }


@pytest.mark.parametrize(
    "history",
    [
        determined(WUYANG, CHEN, ZHAO, QIAN),
        verifying(WUYANG, CHEN, ZHAO).on("2026-03-13", defer()),
        on_notice(YOUXIAN, CHEN, ZHAO),
    ],
    ids=["determined", "deferred", "on notice"],
)
def test_a_key_names_a_duty_and_nobody(history: History) -> None:
    form = re.compile(r"[a-z_]+-\d+:\d+:(remind\d+|due|elapse|escalate\d+)")
    for key in keys(given(history)):
        assert form.fullmatch(key)
        for one in (CHEN, ZHAO, QIAN):
            assert one.id not in key
            assert one.label not in key


def test_a_met_duty_is_waited_for_no_longer() -> None:
    story = given(determined(WUYANG)).when(notify())
    assert not any(key.startswith("answer") for key in keys(story))


# --- calling ----------------------------------------------------------------------------------


def test_a_moment_called_early_records_nothing() -> None:
    story = given(accepted(WUYANG))
    assert time_comes(story, "answer-1:1:remind1", "2026-03-11T23:59:59.999999+08:00") == []
    assert time_comes(story, "answer-1:1:remind1", "2026-03-11T16:00:00Z") == ["reminded answer-1"]


def test_a_moment_called_twice_records_once() -> None:
    story = given(accepted(WUYANG))
    now = "2026-03-20T09:00:00+08:00"
    for key, event in {
        "answer-1:1:remind1": "reminded answer-1",
        "answer-1:1:remind2": "reminded answer-1",
        "answer-1:1:due": "overdue answer-1",
        "answer-1:1:escalate1": "escalated answer-1",
        "answer-1:1:escalate2": "escalated answer-1",
    }.items():
        assert time_comes(story, key, now) == [event]
        assert time_comes(story, key, now) == []
    assert keys(story) == []


@pytest.mark.parametrize(
    "key",
    [
        "answer-1:2:due",  # another generation
        "answer-1:0:due",
        "answer-2:1:due",  # no such duty
        "answer-1:1:remind3",  # no such rung
        "answer-1:1:elapse",  # no period
        "answer-1",
        "",
    ],
)
def test_a_key_of_no_open_rung_records_nothing(key: str) -> None:
    assert time_comes(given(accepted(WUYANG)), key, "2026-12-31T00:00:00+08:00") == []


@pytest.mark.parametrize("end", [defer(), notify()], ids=["lapsed", "met"])
def test_an_ended_duty_is_not_called(end: Act) -> None:
    history = checked(WUYANG) if isinstance(end, acts.DeferDetermination) else determined(WUYANG)
    story = given(history.on("2026-03-12", end))
    assert time_comes(story, "answer-1:1:due", "2026-06-01T00:00:00+08:00") == []


def test_a_later_reminder_makes_an_earlier_one_needless() -> None:
    story = given(accepted(WUYANG))
    now = "2026-03-16T00:00:00+08:00"
    assert time_comes(story, "answer-1:1:remind2", now) == ["reminded answer-1"]
    assert time_comes(story, "answer-1:1:remind1", now) == []


def test_a_call_is_dated_on_its_day_however_late_the_clock() -> None:
    story = given(accepted(WUYANG))
    time_comes(story, "answer-1:1:due", "2026-04-01T09:00:00+08:00")
    (event,) = story.news
    assert event.on == date(2026, 3, 18)
    assert event.recorded_at == datetime.fromisoformat("2026-04-01T09:00:00+08:00")
    assert event.envelope.by == SYSTEM
    assert event.envelope.articles == ("第七条（二）",)
    assert event.envelope.late_entry


def test_the_clock_does_not_stand_in_the_way_of_an_act_entered_later() -> None:
    story = given(accepted(WUYANG))
    assert time_comes(story, "answer-1:1:remind1", "2026-03-12T00:00:00+08:00")
    story.when(open_verification(), on="2026-03-09", now="2026-03-12T10:00:00+08:00")
    story.then("tolerance.verification-opened")


def test_an_overdue_duty_stays_open_until_it_is_met_late() -> None:
    story = given(determined(WUYANG))
    time_comes(story, "answer-1:1:due", "2026-03-18T00:00:00+08:00")
    time_comes(story, "answer-1:1:escalate1", "2026-03-18T00:00:00+08:00")
    now = standing(story, "answer-1")
    assert (now.state, now.overdue, now.escalated) == (State.OPEN, True, 1)
    assert "met-late answer-1" in settled(story.when(notify(), on="2026-03-19"))


def test_each_rung_goes_up_to_its_own_role() -> None:
    story, roles = given(accepted(WUYANG)), []
    for rung in ("escalate1", "escalate2"):
        time_comes(story, f"answer-1:1:{rung}", "2026-03-20T00:00:00+08:00")
        roles += [getattr(each, "role", None) for each in story.news]
    assert roles == ["部门负责人", "分管领导"]


# --- overdue ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "overdue"),
    [
        ("2026-03-17T23:59:59.999999+08:00", False),
        ("2026-03-18T00:00:00+08:00", True),
        ("2026-03-17T15:59:59.999999Z", False),  # the same two instants, told in UTC
        ("2026-03-17T16:00:00Z", True),
        ("2026-03-17T11:59:59.999999-04:00", False),  # and in New York
        ("2026-03-17T12:00:00-04:00", True),
    ],
)
def test_a_duty_is_overdue_from_midnight_in_china(now: str, overdue: bool) -> None:
    answer = standing(given(accepted(WUYANG)), "answer-1")
    assert answer.obligation.due_on == ANSWER_DUE
    assert answer.is_overdue(datetime.fromisoformat(now)) == overdue


@pytest.mark.parametrize("state", [state for state in State if state is not State.OPEN])
def test_an_ended_duty_is_never_overdue(state: State) -> None:
    answer = duty(given(accepted(WUYANG)), "answer-1")
    assert not Standing(answer, state).is_overdue(start_of(date(2026, 6, 1)))


# --- the dates of a duty ----------------------------------------------------------------------


def opening(rules: Rules, start: date, rule: str = "answer", **changes: object) -> Obligation:
    """The duty a rule opens on a day, had the rule been otherwise in these points."""
    changed = rules.policy.deadline(rule).model_copy(update=changes)
    return rules.obligation(changed, id="x-1", subject=None, start=start, organ="cdi")


@pytest.mark.parametrize(
    ("amount", "reminders"),
    [
        (1, []),
        (2, [9]),  # one working day before
        (3, [10]),  # three before would be the day it opens
        (4, [9, 11]),
        (7, [12, 16]),
    ],
)
def test_a_short_limit_leaves_out_the_reminders_it_has_no_room_for(
    amount: int, reminders: list[int]
) -> None:
    found = opening(WUYANG, date(2026, 3, 6), amount=amount).reminders  # a Friday
    assert [each.day for each in found] == reminders


def test_the_first_reminder_left_is_the_first_rung() -> None:
    short = opening(WUYANG, date(2026, 3, 6), amount=2)
    story = given(accepted(WUYANG))
    story.case.obligations.standings = {"x-1": Standing(short)}
    assert keys(story)[0] == "x-1:1:remind1"


@pytest.mark.parametrize(
    ("determined_on", "due_on"),
    [
        ("2025-08-28", "2026-02-28"),
        ("2025-08-29", "2026-02-28"),
        ("2025-08-31", "2026-02-28"),  # no 31st of February
        ("2027-08-29", "2028-02-29"),
        ("2027-08-31", "2028-02-29"),
        ("2028-02-29", "2028-08-29"),
        ("2026-04-01", "2026-10-01"),  # 国庆节: a state lasts, it does not roll
        ("2026-03-31", "2026-09-30"),
    ],
)
def test_the_half_year_ends_on_the_day_of_the_same_number(determined_on: str, due_on: str) -> None:
    follow_up = opening(WUYANG, date.fromisoformat(determined_on), "follow_up")
    assert follow_up.due_on == date.fromisoformat(due_on)
    assert not follow_up.provisional


@pytest.mark.parametrize(
    ("start", "due_on"),
    [("2026-09-17", "2026-09-28"), ("2026-09-18", "2026-09-29"), ("2026-09-20", "2026-09-30")],
)
def test_the_answer_counts_make_up_days(start: str, due_on: str) -> None:
    answer = opening(WUYANG, date.fromisoformat(start))
    assert answer.due_on == date.fromisoformat(due_on)


# --- a derivation is told again as it was -----------------------------------------------------


def told_again(duty: Obligation, known_then: WorkCalendar) -> date:
    assert duty.amount is not None
    assert duty.unit is not None
    return period(duty.start, duty.amount, duty.unit, known_then, roll=duty.roll).due_on


def test_a_due_date_is_derived_again_with_the_editions_it_was_counted_by() -> None:
    calendar = WUYANG.calendar
    issued = [each.issued_on for each in calendar.editions]
    rules = cache(lambda latest: Rules(WUYANG.policy, calendar.as_known_on(latest)))
    using = cache(calendar.using)
    days = (date(2018, 1, 1) + n * ONE_DAY for n in range(9 * 365))
    for start in (day for day in days if day.month in (1, 3, 4, 10, 11, 12)):  # round the notices
        latest = max(day for day in issued if day <= start)
        duty = opening(rules(latest), start, "deferral")
        assert told_again(duty, using(duty.calendars)) == duty.due_on, start


@pytest.mark.parametrize(
    ("start", "due_on", "today"),
    [
        (date(2020, 1, 23), date(2020, 2, 7), date(2020, 2, 11)),  # 春节 2020 was prolonged
        (date(2019, 4, 28), date(2019, 5, 8), date(2019, 5, 9)),  # 劳动节 2019 was rearranged
    ],
)
def test_a_later_notice_changes_nothing_of_what_was_derived(
    start: date, due_on: date, today: date
) -> None:
    then = Rules(WUYANG.policy, WUYANG.calendar.as_known_on(date(start.year, 1, 20)))
    opened = opening(then, start)
    assert opened.due_on == due_on
    assert told_again(opened, WUYANG.calendar.using(opened.calendars)) == due_on
    assert opening(WUYANG, start).due_on == today  # the control: the notice did matter


def test_a_provisional_date_is_derived_again_after_the_notice() -> None:
    opened = opening(WUYANG, date(2026, 12, 25))
    notice = CalendarEdition(
        year=2027,
        edition=1,
        notice=None,
        issued_on=date(2026, 12, 28),
        confirmed=False,
        holidays={"元旦": (date(2027, 1, 1), date(2027, 1, 4))},
        working_weekends=(),
    )
    published = WorkCalendar((*WUYANG.calendar.editions, notice), WUYANG.calendar.provisional_years)
    assert (
        told_again(opened, published.using(opened.calendars)) == opened.due_on == date(2027, 1, 6)
    )
    assert opening(Rules(WUYANG.policy, published), opened.start).due_on == date(2027, 1, 7)


# --- presumed days, and duties of the whole case ----------------------------------------------


def test_a_duty_met_after_a_presumed_day_is_not_late() -> None:
    history = applied(WUYANG, on="2026-12-23", matter=matter("2026-12-22"))
    story = given(history.on("2026-12-25", accept(), open_verification(), review(), check(WUYANG)))
    story.when(report()).when(determine(), on="2027-01-20").when(notify())
    assert standing(story, "answer-1").state is State.MET


def test_a_rung_on_a_presumed_day_waits_for_the_calendar_that_settles_it() -> None:
    opened = opening(WUYANG, date(2026, 12, 22))
    assert (opened.due_on, opened.provisional) == (date(2026, 12, 31), False)
    assert opened.escalation == ()


def test_a_duty_of_the_case_opens_once_and_is_met_once_by_acts_on_subjects() -> None:
    rule = WUYANG.policy.deadline("filing").model_copy(update={"per": "case"})
    others = [each for each in WUYANG.policy.deadlines if each.id != "filing"]
    policy = WUYANG.policy.model_copy(update={"deadlines": (*others, rule)})
    story = given(verified(Rules(policy, WUYANG.calendar), CHEN, ZHAO))
    story.when(determine(CHEN)).when(determine(ZHAO))
    filings = [each for each in story.case.obligations if each.obligation.rule == "filing"]
    assert [each.obligation.subject for each in filings] == [None]
    story.when(file(CHEN))
    assert filings[0].state is State.MET


# --- several times inside one window ----------------------------------------------------------


def changed(rules: Rules, id_: str, **changes: object) -> Rules:
    """Had the instrument set one time limit otherwise in these points."""
    return had(
        rules,
        deadlines=tuple(
            each.model_copy(update=changes) if each.id == id_ else each
            for each in rules.policy.deadlines
        ),
    )


TWO_VISITS = closed(changed(WUYANG, "follow_up", at_least=2))  # to 2026-09-12


def test_a_duty_that_asks_for_several_times_counts_them_and_is_met_by_the_last() -> None:
    story = given(TWO_VISITS).when(visit(), on="2026-05-06")
    assert settled(story) == ["counted follow_up-1"]
    first = standing(story, "follow_up-1")
    assert (first.state, first.counted) == (State.OPEN, 1)
    assert any(key.startswith("follow_up-1") for key in keys(story))  # still waited for
    assert settled(story.when(visit(), on="2026-06-08")) == ["met follow_up-1"]


def test_each_time_tells_how_many_there_are_to_be() -> None:
    story = given(TWO_VISITS).when(visit(), on="2026-05-06")
    (counted,) = (each for each in story.news if isinstance(each, ObligationCounted))
    assert (counted.count, counted.of, counted.by) == (1, 2, "tolerance.follow-up-visit-held")


@pytest.mark.parametrize(
    ("day", "how"), [("2026-09-12", "met follow_up-1"), ("2026-09-13", "met-late follow_up-1")]
)
def test_the_last_of_several_times_decides_whether_it_is_late(day: str, how: str) -> None:
    story = given(TWO_VISITS.on("2026-05-06", visit())).when(visit(), on=day)
    assert settled(story) == [how]


def test_what_is_done_once_more_than_asked_counts_for_nothing() -> None:
    story = given(TWO_VISITS.on("2026-05-06", visit(), visit())).when(visit(), on="2026-05-07")
    assert settled(story) == []


# --- one for each request ---------------------------------------------------------------------

REPLY = DeadlineRule(
    id="reply",
    label="回复征求意见",
    article=None,
    opens_on="tolerance.opinion-requested",
    starts=StartDate.SENDING,
    met_by=("tolerance.opinion-received",),
    per="item",
    amount=5,
    unit=TimeUnit.WORKING_DAY,
    roll=True,
    qualifier=Qualifier.MUST,
    responsible="被征求意见的机关",
    blocks_closing=False,
    confirmed=False,
)
BY_REQUEST = had(HUBEI, deadlines=(*HUBEI.policy.deadlines, REPLY))
ASK = acts.RequestOpinion(organ="组织部", question="是否适用容错")
ASKED_TWICE = verifying(BY_REQUEST).on("2026-03-10", ASK).on("2026-03-12", ASK)


def answered(item: int | None) -> acts.RecordOpinion:
    return acts.RecordOpinion(organ="组织部", opinion="同意", item=item)


def test_every_request_opens_a_duty_of_its_own() -> None:
    story = given(ASKED_TWICE)
    assert settled(story) == ["opened reply-2"]
    each = [(duty(story, id_).item, duty(story, id_).due_on) for id_ in ("reply-1", "reply-2")]
    assert each == [(1, date(2026, 3, 17)), (2, date(2026, 3, 19))]


def test_a_duty_of_the_case_has_no_number_though_a_request_opens_it() -> None:
    of_the_case = REPLY.model_copy(update={"per": "case"})
    rules = had(HUBEI, deadlines=(*HUBEI.policy.deadlines, of_the_case))
    story = given(verifying(rules).on("2026-03-10", ASK, ASK))
    assert settled(story) == []  # one at a time
    assert duty(story, "reply-1").item is None
    assert settled(story.when(answered(2))) == ["met reply-1"]


def test_an_answer_meets_the_request_it_names_and_no_other() -> None:
    story = given(ASKED_TWICE).when(answered(2), on="2026-03-20")
    assert settled(story) == ["met-late reply-2"]
    assert standing(story, "reply-1").state is State.OPEN
    assert settled(story.when(answered(1))) == ["met-late reply-1"]


def test_an_answer_that_names_no_request_meets_none() -> None:
    assert settled(given(ASKED_TWICE).when(answered(None), on="2026-03-13")) == []


def test_an_objection_is_a_request_too() -> None:
    by_objection = REPLY.model_copy(
        update={
            "opens_on": "tolerance.objection-raised",
            "met_by": ("tolerance.objection-resolved",),
        }
    )
    rules = had(YOUXIAN, deadlines=(*YOUXIAN.policy.deadlines, by_objection))
    story = given(on_notice(rules, CHEN, ZHAO).on("2026-04-29", objection(subject=ZHAO.id)))
    assert (duty(story, "reply-1").item, duty(story, "reply-1").subject) == (1, ZHAO.id)
    story.when(objection())
    assert settled(story) == ["opened reply-2"]
    assert settled(story.when(resolve(2))) == ["met reply-2"]


# --- suspended and resumed --------------------------------------------------------------------

WITH_SUSPENSION = had(
    changed(
        WUYANG,
        "deferral",
        suspended_by=("tolerance.suspended",),
        resumed_by=("tolerance.resumed",),
    ),
    suspension=GENERIC.policy.suspension,
)
DEFERRED = verifying(WITH_SUSPENSION).on("2026-03-11", defer())  # 30 working days: to 2026-04-23
SUSPENDED = DEFERRED.on("2026-03-18", suspend())  # 25 are left


def test_a_suspension_holds_what_is_left() -> None:
    story = given(SUSPENDED)
    assert settled(story) == ["suspended deferral-1"]
    held = standing(story, "deferral-1")
    assert (held.state, held.remainder) == (State.SUSPENDED, Remainder(working_days=25))
    assert held.live
    assert standing(story, "answer-1").state is State.LAPSED  # by the deferral, before


def test_a_duty_that_is_not_suspended_by_it_runs_on() -> None:
    other = had(WUYANG, suspension=GENERIC.policy.suspension)
    story = given(verifying(other).on("2026-03-11", suspend()))
    assert settled(story) == []
    assert standing(story, "answer-1").state is State.OPEN


def test_a_suspended_duty_is_neither_waited_for_nor_overdue() -> None:
    story = given(SUSPENDED)
    assert keys(story) == []
    assert time_comes(story, "deferral-1:1:due", "2026-06-01T00:00:00+08:00") == []
    assert not standing(story, "deferral-1").is_overdue(start_of(date(2026, 6, 1)))


@pytest.mark.parametrize(
    ("resumed_on", "due_on"),
    [
        ("2026-03-18", "2026-04-23"),  # the same day: nothing was lost
        ("2026-03-19", "2026-04-24"),
        ("2026-04-07", "2026-05-14"),  # over 劳动节 and its make-up Saturday
    ],
)
def test_what_was_left_is_counted_from_the_resumption(resumed_on: str, due_on: str) -> None:
    story = given(SUSPENDED).when(resume(), on=resumed_on)
    assert settled(story) == ["resumed deferral-1"]
    again = duty(story, "deferral-1")
    assert (again.start, again.due_on) == tuple(map(date.fromisoformat, (resumed_on, due_on)))
    assert (again.generation, again.remainder) == (2, Remainder(working_days=25))


def test_a_resumed_duty_is_waited_for_under_its_new_day_alone() -> None:
    story = given(SUSPENDED).when(resume(), on="2026-04-07")
    assert {key.split(":")[1] for key in keys(story)} == {"2"}
    assert time_comes(story, "deferral-1:1:due", "2026-06-01T00:00:00+08:00") == []
    assert time_comes(story, "deferral-1:2:due", "2026-05-14T23:59:59+08:00") == []
    due = time_comes(story, "deferral-1:2:due", "2026-05-15T00:00:00+08:00")
    assert due == ["overdue deferral-1"]


def test_what_was_called_for_the_old_day_is_called_again_for_the_new() -> None:
    story = given(DEFERRED)
    time_comes(story, "deferral-1:1:remind1", "2026-04-20T09:00:00+08:00")
    assert standing(story, "deferral-1").reminded == 1
    story.when(suspend(), on="2026-04-21").when(resume(), on="2026-06-01")
    assert standing(story, "deferral-1").reminded == 0
    assert keys(story)[0] == "deferral-1:2:remind1"  # two days left: room for one


@pytest.mark.parametrize(
    ("suspended_on", "held"),
    [
        ("2026-04-22", ["suspended deferral-1"]),
        ("2026-04-23", ["suspended deferral-1"]),  # the last day, with nothing left of it
        ("2026-04-24", []),  # a day gone by stays gone by
    ],
)
def test_only_what_is_not_yet_over_is_suspended(suspended_on: str, held: list[str]) -> None:
    assert settled(given(DEFERRED).when(suspend(), on=suspended_on)) == held


def test_a_duty_may_be_suspended_again() -> None:
    story = given(SUSPENDED.on("2026-04-07", resume())).when(suspend(), on="2026-05-12")
    assert settled(story) == ["suspended deferral-1"]
    assert standing(story, "deferral-1").remainder == Remainder(working_days=2)
    story.when(resume(), on="2026-06-01")
    assert duty(story, "deferral-1").due_on == date(2026, 6, 3)
    assert duty(story, "deferral-1").generation == 3


def test_without_a_day_nothing_is_left_and_nothing_is_lost() -> None:
    rules = changed(
        WITH_SUSPENSION, "deferral", amount=None, unit=None, qualifier=Qualifier.PROMPTLY
    )
    story = given(verifying(rules).on("2026-03-11", defer(), suspend()))
    assert standing(story, "deferral-1").remainder is None
    story.when(resume(), on="2026-04-07")
    assert settled(story) == ["resumed deferral-1"]
    assert (duty(story, "deferral-1").due_on, duty(story, "deferral-1").generation) == (None, 2)


WAITS_FOR_OPINION = changed(
    WUYANG,
    "deferral",
    suspended_by=("tolerance.opinion-requested",),
    resumed_by=("tolerance.opinion-received",),
)


@pytest.mark.parametrize("day", ["2026-04-23", "2026-04-24", "2026-06-01"])
def test_what_is_done_while_time_stands_still_is_not_late(day: str) -> None:
    asked = verified(WAITS_FOR_OPINION).on("2026-03-11", defer()).on("2026-03-18", ASK)
    story = given(asked).when(determine(), on=day)
    assert settled(story)[0] == "met deferral-1"


def test_what_is_suspended_is_not_suspended_twice() -> None:
    asked = verified(WAITS_FOR_OPINION).on("2026-03-11", defer()).on("2026-03-18", ASK)
    assert settled(given(asked).when(ASK, on="2026-03-20")) == []


def test_what_runs_is_not_resumed() -> None:
    story = given(verified(WAITS_FOR_OPINION).on("2026-03-11", defer()))
    assert settled(story.when(answered(None), on="2026-03-20")) == []


# --- extended ---------------------------------------------------------------------------------

EXTENSIBLE = changed(
    WUYANG,
    "deferral",
    extension=Extension(
        approver="分管领导",
        amount=15,
        unit=TimeUnit.WORKING_DAY,
        times=2,
        cap_amount=None,
        cap_unit=None,
        article="第七条（二）",
        confirmed=True,
    ),
)
EXTEND = ExtendDuty(duty="deferral-1", approved_by="分管领导", explanation="案情复杂")
TO_BE_EXTENDED = verifying(EXTENSIBLE).on("2026-03-11", defer())  # to 2026-04-23


def test_an_extension_is_counted_from_the_day_it_moves() -> None:
    story = given(TO_BE_EXTENDED).when(EXTEND, on="2026-04-20")
    (event,) = story.news
    assert isinstance(event, ObligationExtended)
    assert (event.was_due_on, event.obligation.due_on) == (date(2026, 4, 23), date(2026, 5, 18))
    assert (event.obligation.generation, standing(story, "deferral-1").extended) == (2, 1)


def test_an_extended_duty_is_called_again_for_its_new_day() -> None:
    story = given(TO_BE_EXTENDED)
    time_comes(story, "deferral-1:1:remind1", "2026-04-20T09:00:00+08:00")
    story.when(EXTEND, on="2026-04-20")
    assert keys(story)[0] == "deferral-1:2:remind1"
    assert time_comes(story, "deferral-1:1:due", "2026-05-01T00:00:00+08:00") == []


@pytest.mark.parametrize(
    ("day", "how"), [("2026-05-18", "met deferral-1"), ("2026-05-19", "met-late deferral-1")]
)
def test_an_extended_duty_is_late_after_its_new_day(day: str, how: str) -> None:
    history = TO_BE_EXTENDED.on("2026-03-12", check(WUYANG), report(), EXTEND)
    assert settled(given(history).when(determine(), on=day))[0] == how


def test_the_first_start_of_a_duty_is_kept_however_often_it_is_redated() -> None:
    story = given(TO_BE_EXTENDED.on("2026-04-20", EXTEND, EXTEND))
    assert standing(story, "deferral-1").first_start == date(2026, 3, 11)
    assert standing(story, "deferral-1").extended == 2
