"""When another edition of the calendar comes: open days move, and only as the law lets them.

Histories that happened: 劳动节 of 2019 was lengthened on 2019-03-22, 春节 of 2020 on 2020-01-26.
"""

from datetime import date, datetime

import pytest

from domain.aggregate import Act, Order
from domain.law.rules import Rules
from domain.obligations import ObligationRedated
from domain.people import SYSTEM
from domain.refusals import Code
from tests.support.duties import duty, keys, time_comes
from tests.support.examples import (
    CLOSE_NOTICE,
    WUYANG,
    YOUXIAN,
    History,
    accept,
    applied,
    check,
    defer,
    matter,
    open_notice,
    open_verification,
    report,
)
from tests.support.given import Story, folded, given, state

Change = tuple[str, str, str, bool]  # duty, its day before, its day now, whether it was kept


def known_on(day: str, rules: Rules = WUYANG) -> Rules:
    """The instrument with the calendars as they were known that day."""
    return Rules(rules.policy, rules.calendar.as_known_on(date.fromisoformat(day)))


def begun(rules: Rules, opened_on: str, *further: Act) -> History:
    """A case begun and brought so far within one day."""
    opened = applied(rules, on=opened_on, matter=matter(opened_on=opened_on))
    return opened.on(opened_on, accept(), *further)


def redated(story: Story, rules: Rules, on: str) -> list[Change]:
    """Count anew; what has changed."""
    day = date.fromisoformat(on)
    order = Order(key="redate", by=SYSTEM, on=day, now=datetime.fromisoformat(f"{on}T10:00+08:00"))
    story.case.redate(order, rules)
    story.news = story.case.collect_events()
    story.recorded += story.news
    assert state(story.case) == state(folded(story.recorded))
    return [
        (each.obligation_id, f"{each.was_due_on}", f"{each.obligation.due_on}", each.kept)
        for each in story.news
        if isinstance(each, ObligationRedated)
    ]


# --- the two histories ------------------------------------------------------------------------


def spring_2020() -> Story:
    """Accepted before the long holiday: seven working days to 2020-01-31, as it then seemed."""
    return given(begun(known_on("2020-01-16"), "2020-01-16"))


def test_the_spring_festival_of_2020_was_lengthened_under_a_running_limit() -> None:
    assert redated(spring_2020(), known_on("2020-01-27"), on="2020-01-27") == [
        ("answer-1", "2020-01-31", "2020-02-03", False)
    ]


@pytest.mark.parametrize(
    ("deferred_on", "change"),
    [
        # 04-28 and 05-05, Sundays, came to be worked and 05-02, 05-03 to be free
        ("2019-03-20", ("deferral-1", "2019-05-03", "2019-05-05", False)),
        ("2019-03-19", ("deferral-1", "2019-05-02", "2019-05-02", True)),  # 04-30 is too early
    ],
)
def test_the_labour_day_of_2019_was_lengthened_under_a_running_deferral(
    deferred_on: str, change: Change
) -> None:
    known = known_on("2019-03-18")
    story = given(begun(known, deferred_on, open_verification(), defer()))
    assert redated(story, known_on("2019-03-25"), on="2019-03-25") == [change]


# --- what is kept, and what is done once ------------------------------------------------------


def test_counting_anew_twice_changes_nothing_the_second_time() -> None:
    story, later = spring_2020(), known_on("2020-01-27")
    assert len(redated(story, later, on="2020-01-27")) == 1
    assert redated(story, later, on="2020-01-28") == []


def test_a_day_that_is_kept_is_kept_once() -> None:
    story = given(begun(known_on("2020-01-27"), "2020-01-16"))
    once = [("answer-1", "2020-02-03", "2020-02-03", True)]
    assert redated(story, known_on("2020-01-16"), on="2020-01-28") == once
    assert redated(story, known_on("2020-01-16"), on="2020-01-28") == []


def test_the_day_that_moved_is_waited_for_and_the_old_one_no_more() -> None:
    story = spring_2020()
    redated(story, known_on("2020-01-27"), on="2020-01-27")
    assert {key.rsplit(":", 1)[0] for key in keys(story)} == {"answer-1:2"}
    assert time_comes(story, "answer-1:1:due", "2020-02-01T00:00+08:00") == []
    assert time_comes(story, "answer-1:2:due", "2020-02-03T23:59:59+08:00") == []
    assert time_comes(story, "answer-1:2:due", "2020-02-04T00:00+08:00") == ["overdue answer-1"]


def test_what_was_overdue_by_the_old_day_is_not_by_the_new() -> None:
    story = spring_2020()
    assert time_comes(story, "answer-1:1:due", "2020-02-01T00:00+08:00") == ["overdue answer-1"]
    redated(story, known_on("2020-01-27"), on="2020-02-01")
    assert not story.case.obligations.standings["answer-1"].overdue


def test_reminders_called_before_are_not_called_again_for_days_gone_by() -> None:
    story = spring_2020()
    redated(story, known_on("2020-01-27"), on="2020-01-27")
    assert all(day > date(2020, 1, 27) for day in duty(story, "answer-1").reminders)


def test_a_duty_that_is_met_is_not_judged_again() -> None:
    story = given(begun(known_on("2020-01-16"), "2020-01-16", open_verification(), defer()))
    lapsed = duty(story, "answer-1")
    changed = redated(story, known_on("2020-01-27"), on="2020-01-27")
    assert [each[0] for each in changed] == ["deferral-1"]
    assert duty(story, "answer-1") == lapsed


# --- a year that was not published ------------------------------------------------------------


def unpublished() -> Story:
    """Seven working days into 2026, counted before its notice came."""
    return given(begun(known_on("2025-10-01"), "2025-12-24"))


def test_a_provisional_day_is_settled_by_its_notice_and_falls_due_from_then_on() -> None:
    story = unpublished()
    assert (duty(story, "answer-1").provisional, duty(story, "answer-1").escalation) == (True, ())
    assert redated(story, WUYANG, on="2025-12-25") == [
        ("answer-1", "2026-01-05", "2026-01-05", False)
    ]
    assert not duty(story, "answer-1").provisional
    rungs = [key.split(":")[-1] for key in keys(story)]
    assert rungs == ["remind1", "remind2", "due", "escalate1", "escalate2"]


def test_a_provisional_day_may_move_earlier_until_people_were_told() -> None:
    def moved_earlier(story: Story) -> bool:
        later = duty(story, "answer-1").model_copy(update={"due_on": date(2026, 1, 9)})
        story.case.obligations.standings["answer-1"].obligation = later
        order = Order(
            key="redate",
            by=SYSTEM,
            on=date(2025, 12, 31),
            now=datetime.fromisoformat("2025-12-31T10:00+08:00"),
        )
        story.case.redate(order, WUYANG)
        return duty(story, "answer-1").due_on == date(2026, 1, 5)

    told = unpublished()
    first, *_ = keys(told)
    assert time_comes(told, first, "2025-12-31T10:00+08:00") == ["reminded answer-1"]
    assert moved_earlier(unpublished())
    assert not moved_earlier(told)


# --- a notice ends with its period ------------------------------------------------------------


def test_a_public_notice_ends_when_its_period_does() -> None:
    known = known_on("2020-01-16", YOUXIAN)
    published = begun(known, "2020-01-16", open_verification(), check(known), report())
    story = given(published.on("2020-01-16", open_notice()))
    redated(story, known_on("2020-01-27", YOUXIAN), on="2020-01-27")
    story.when(CLOSE_NOTICE, on="2020-02-03").refused(Code.NOTICE_RUNNING, because="2020-02-03")
    story.when(CLOSE_NOTICE, on="2020-02-04").then("tolerance.public-notice-closed")
