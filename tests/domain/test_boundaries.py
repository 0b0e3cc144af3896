"""Where one day becomes another: midnight in China, uneven months, years and clocks that jump."""

import os
import subprocess
import sys
from datetime import date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from domain.law.calendar import CHINA, CalendarEdition, WorkCalendar, start_of
from domain.law.periods import TimeUnit, period
from domain.law.rules import Rules
from domain.obligations import Obligation, ObligationEvent, moments
from tests.domain.test_redating import begun, known_on, redated
from tests.support.duties import duty, keys, settled, standing, time_comes
from tests.support.examples import (
    WUYANG,
    accept,
    accepted,
    application,
    determined,
    notify,
    open_verification,
)
from tests.support.given import given
from tests.support.matters import DAY, MORNING, opening, order, proceeding
from workflows.clock import DrivenClock
from workflows.contract import Plan
from workflows.office import Office

ROOT = Path(__file__).parents[2]
CALENDAR = WUYANG.calendar
JUMP = timedelta(days=400)

# the last instant of 2026-03-17, on which the usual answer is due, and the next, told three ways
LAST = (
    "2026-03-17T23:59:59.999999+08:00",
    "2026-03-17T15:59:59.999999+00:00",
    "2026-03-17T11:59:59.999999-04:00",
)
NEXT = ("2026-03-18T00:00+08:00", "2026-03-17T16:00+00:00", "2026-03-17T12:00-04:00")


# --- midnight in China ------------------------------------------------------------------------


@pytest.mark.parametrize("now", LAST)
def test_at_the_last_instant_of_the_due_day_no_call_makes_a_duty_overdue(now: str) -> None:
    story = given(accepted(WUYANG))
    assert time_comes(story, "answer-1:1:due", now) == []
    assert not standing(story, "answer-1").overdue


@pytest.mark.parametrize("now", NEXT)
def test_an_instant_later_it_is_overdue_and_dated_on_the_new_day(now: str) -> None:
    story = given(accepted(WUYANG))
    assert time_comes(story, "answer-1:1:due", now) == ["overdue answer-1"]
    (event,) = story.news
    assert (event.on, event.envelope.late_entry) == (date(2026, 3, 18), False)


@pytest.mark.parametrize("now", LAST)
def test_an_act_at_the_last_instant_of_the_due_day_is_of_that_day_and_in_time(now: str) -> None:
    story = given(determined(WUYANG)).when(notify(), on="2026-03-17", now=now)
    assert "met answer-1" in settled(story)
    assert not story.news[0].envelope.late_entry


@pytest.mark.parametrize("now", NEXT)
def test_an_instant_later_the_same_act_is_entered_late_and_still_of_its_day(now: str) -> None:
    story = given(determined(WUYANG)).when(notify(), on="2026-03-17", now=now)
    assert "met answer-1" in settled(story)
    assert story.news[0].envelope.late_entry


# --- the host's own zone ----------------------------------------------------------------------

TOLD = """
import time
from datetime import datetime
from domain.obligations import moments
from tests.support.duties import duty, standing, time_comes
from tests.support.examples import WUYANG, accepted
from tests.support.given import given

print(time.localtime(0).tm_hour)
story = given(accepted(WUYANG))
print(duty(story, "answer-1"))
for each in moments(story.case.obligations):
    print(each.key, each.at.isoformat())
for now in ("2026-03-17T15:59:59.999999Z", "2026-03-17T16:00Z"):
    print(standing(story, "answer-1").is_overdue(datetime.fromisoformat(now)))
    print(time_comes(story, "answer-1:1:due", now), [each.on.isoformat() for each in story.news])
"""


def test_where_the_host_stands_changes_nothing() -> None:
    zones = ("Asia/Shanghai", "UTC", "America/New_York")
    asked = [
        subprocess.Popen(
            [sys.executable, "-c", TOLD],
            cwd=ROOT,
            env={**os.environ, "TZ": zone, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            text=True,
        )
        for zone in zones
    ]
    told = [each.communicate(timeout=60)[0].partition("\n") for each in asked]
    assert [each.returncode for each in asked] == [0, 0, 0]
    assert [hour for hour, _, _ in told] == ["8", "0", "19"]  # the control: each was elsewhere
    assert len({rest for _, _, rest in told}) == 1
    assert "['overdue answer-1'] ['2026-03-18']" in told[0][2]


# --- uneven months and the Spring Festival ----------------------------------------------------


@pytest.mark.parametrize(
    ("start", "amount", "unit", "end"),
    [
        ("2024-02-29", 6, TimeUnit.MONTH, "2024-08-29"),
        ("2024-02-29", 1, TimeUnit.YEAR, "2025-02-28"),
        ("2024-02-29", 12, TimeUnit.MONTH, "2025-02-28"),
        ("2023-08-29", 6, TimeUnit.MONTH, "2024-02-29"),
        ("2023-08-31", 6, TimeUnit.MONTH, "2024-02-29"),
        ("2024-08-31", 6, TimeUnit.MONTH, "2025-02-28"),
        ("2025-08-31", 6, TimeUnit.MONTH, "2026-02-28"),  # a Saturday at work, after the festival
        ("2021-08-31", 6, TimeUnit.MONTH, "2022-02-28"),
        ("2019-08-31", 6, TimeUnit.MONTH, "2020-03-02"),  # 02-29 is a Saturday like any other
        ("2026-01-15", 1, TimeUnit.MONTH, "2026-02-24"),  # the festival's first day
        ("2026-01-23", 1, TimeUnit.MONTH, "2026-02-24"),  # its last
        ("2026-01-14", 1, TimeUnit.MONTH, "2026-02-14"),  # the Saturday at work before it
        ("2026-02-14", 1, TimeUnit.WORKING_DAY, "2026-02-24"),
        ("2026-02-13", 2, TimeUnit.WORKING_DAY, "2026-02-24"),
    ],
)
def test_a_limit_over_uneven_months_or_the_spring_festival_ends_on_its_day(
    start: str, amount: int, unit: TimeUnit, end: str
) -> None:
    ends = period(date.fromisoformat(start), amount, unit, CALENDAR, roll=True)
    assert (ends.due_on.isoformat(), ends.provisional) == (end, False)


def opened_on(day: date, rule: str) -> Obligation:
    return WUYANG.obligation(
        WUYANG.policy.deadline(rule), id="x-1", subject=None, start=day, organ="cdi"
    )


def test_nobody_is_reminded_or_reported_during_the_spring_festival() -> None:
    answer = opened_on(date(2026, 2, 9), "answer")
    days = [answer.due_on, *answer.reminders, *(each.on for each in answer.escalation)]
    festival = {date(2026, 2, 15) + timedelta(days=n) for n in range(9)}
    assert answer.due_on == date(2026, 2, 25)
    assert not {*days} & festival
    assert answer.reminders == (date(2026, 2, 13), date(2026, 2, 24))


# --- a year whose notice comes late -----------------------------------------------------------


def test_a_notice_that_comes_after_the_day_makes_it_overdue_then_and_not_before() -> None:
    story = given(begun(known_on("2025-10-01"), "2025-12-24"))
    long_past = "2026-01-20T10:00+08:00"
    assert duty(story, "answer-1").provisional
    assert not standing(story, "answer-1").is_overdue(datetime.fromisoformat(long_past))
    assert time_comes(story, "answer-1:1:due", long_past) == []

    redated(story, WUYANG, on="2026-01-20")

    (key,) = (each for each in keys(story) if each.endswith(":due"))
    assert standing(story, "answer-1").is_overdue(datetime.fromisoformat(long_past))
    assert time_comes(story, key, long_past) == ["overdue answer-1"]
    (event,) = story.news
    assert (duty(story, "answer-1").due_on, event.on) == (date(2026, 1, 5), date(2026, 1, 6))


def test_a_year_without_data_is_settled_by_the_notice_that_names_its_days() -> None:
    story = given(begun(WUYANG, "2026-12-25"))
    assert (duty(story, "answer-1").due_on, duty(story, "answer-1").provisional) == (
        date(2027, 1, 6),
        True,
    )
    notice = CalendarEdition(
        year=2027,
        edition=1,
        notice="国办发明电〔2026〕×号",
        issued_on=date(2026, 12, 28),
        confirmed=True,
        holidays={"元旦": (date(2027, 1, 1), date(2027, 1, 4), date(2027, 1, 5))},
        working_weekends=(date(2027, 1, 3),),
    )
    known = WorkCalendar((*CALENDAR.editions, notice), CALENDAR.provisional_years)
    redated(story, Rules(WUYANG.policy, known), on="2026-12-28")
    answer = duty(story, "answer-1")
    assert (answer.due_on, answer.provisional) == (date(2027, 1, 7), False)
    assert time_comes(story, "answer-1:2:due", "2027-01-07T23:59:59.999999+08:00") == []
    assert time_comes(story, "answer-1:2:due", "2027-01-08T00:00+08:00") == ["overdue answer-1"]


# --- a host whose clock jumps -----------------------------------------------------------------


@pytest.fixture
def waiting(office: Office) -> UUID:
    """A case accepted this morning, with seven working days for its answer."""
    office.open_accountability(proceeding(), order())
    act = application(WUYANG, matter=opening().matter)
    opened = office.open_case(act, order(), "wuyang_2017")
    office.perform(opened.matter_id, accept(), order())
    return opened.matter_id


def call_all(office: Office, plan: Plan) -> list[bool]:
    return [office.call_time(UUID(plan.matter_id), each.key).recorded for each in plan.moments]


def called(office: Office, case: UUID) -> list[tuple[str, date, date]]:
    """What the clock has recorded: its name, its day, and the day it was recorded."""
    return [
        (each.name().partition(".")[2], each.on, each.recorded_at.astimezone(CHINA).date())
        for each in office._store.events.get(case)
        if isinstance(each, ObligationEvent)
    ]


def test_a_clock_400_days_ahead_dates_each_moment_on_its_own_day(
    office: Office, waiting: UUID, clock: DrivenClock
) -> None:
    plan = office.plan(waiting)
    clock.ahead += JUMP
    assert call_all(office, plan) == [True] * 5
    recorded_on = DAY + JUMP
    assert called(office, waiting) == [
        ("reminded", date(2026, 3, 6), recorded_on),
        ("reminded", date(2026, 3, 10), recorded_on),
        ("overdue", date(2026, 3, 12), recorded_on),
        ("escalated", date(2026, 3, 12), recorded_on),
        ("escalated", date(2026, 3, 16), recorded_on),
    ]


def test_a_clock_that_comes_back_calls_nothing_twice_and_stops_nobody(
    office: Office, waiting: UUID, clock: DrivenClock
) -> None:
    plan = office.plan(waiting)
    clock.ahead += JUMP
    call_all(office, plan)
    clock.ahead -= JUMP
    assert call_all(office, plan) == [False] * 5
    assert not office.perform(waiting, open_verification(), order()).replayed


def test_a_clock_400_days_behind_calls_nothing_early_and_loses_nothing(
    office: Office, waiting: UUID, clock: DrivenClock
) -> None:
    plan = office.plan(waiting)
    clock.jump_to(start_of(date(2026, 3, 20)))
    clock.ahead -= JUMP
    assert call_all(office, plan) == [False] * 5
    assert (called(office, waiting), office.plan(waiting).moments) == ([], plan.moments)
    clock.ahead += JUMP
    assert call_all(office, plan) == [True] * 5
    assert [on for _, on, _ in called(office, waiting)] == [
        each.at.astimezone(CHINA).date() for each in plan.moments
    ]


@pytest.mark.parametrize("jump", [JUMP, -JUMP])
def test_a_jump_of_the_clock_moves_no_instant_that_is_waited_for(
    office: Office, waiting: UUID, clock: DrivenClock, jump: timedelta
) -> None:
    before = office.plan(waiting).moments
    clock.ahead += jump
    assert office.plan(waiting).moments == before
    assert [each.at for each in moments(office.case(waiting).obligations)] == [
        each.at for each in before
    ]
    assert min(each.at for each in before) > MORNING
