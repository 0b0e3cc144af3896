"""What holds for every case, whatever is asked of it, in any order."""

import json
from collections.abc import Callable
from datetime import date, datetime, time, timedelta

from hypothesis import given as whatever
from hypothesis import settings
from hypothesis import strategies as st

from domain import registry
from domain.aggregate import Act, Event, Order
from domain.law.calendar import CHINA, civil_date
from domain.law.rules import Rules
from domain.obligations import moments
from domain.people import SYSTEM
from domain.tolerance import acts
from domain.tolerance.events import Recipient
from tests.support.examples import (
    CHEN,
    CLOSE,
    CLOSE_NOTICE,
    CONSULT,
    DECLINE,
    MITIGATION,
    NO_TOLERANCE,
    PACKS,
    PERSON,
    QIAN,
    ZHAO,
    accept,
    application,
    check,
    defer,
    determine,
    file,
    notify,
    objection,
    open_notice,
    open_verification,
    opinion,
    rectified,
    report,
    resolve,
    review,
    start_ex_officio,
    visit,
)
from tests.support.given import Story, folded, state

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
