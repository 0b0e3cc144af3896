"""What follows a determination: telling, filing, visiting, closing; and more time for a duty."""

from datetime import date, datetime

import pytest

from domain.aggregate import Act
from domain.law.deadline_rules import Extension, Frequency
from domain.law.periods import TimeUnit
from domain.law.policy import FollowUp, Recipient
from domain.law.rules import Rules
from domain.obligations import ObligationExtended, State
from domain.papers import Delivery
from domain.refusals import Code
from domain.tolerance import acts
from domain.tolerance.state import Stage
from tests.support.decisions import conclude, extend, had_duty, lodge, receive, with_duty
from tests.support.duties import duty, keys, standing, time_comes
from tests.support.examples import (
    CHEN,
    CLOSE,
    HUBEI,
    NO_TOLERANCE,
    WUYANG,
    YOUXIAN,
    ZHAO,
    accepted,
    closed,
    defer,
    determine,
    determined,
    file,
    had,
    notify,
    paper,
    rectified,
    verified,
    verifying,
    visit,
)
from tests.support.given import Story, given

ARCHIVE = acts.Archive(archive_number="档〔2026〕1号")
UNIT = Recipient.UNIT

# --- telling ----------------------------------------------------------------------------------


def test_a_result_is_told_with_its_delivery_and_its_paper() -> None:
    letter = paper("letter", "结果告知书")
    told = acts.NotifyResult(
        subject=CHEN.id, recipient=UNIT, delivery=Delivery.POSTED, document=letter
    )
    given(determined(WUYANG)).when(told).then(
        "tolerance.result-notified", recipient=UNIT, delivery="posted", document=letter
    )


def test_a_conclusive_opinion_is_told_too() -> None:
    history = verifying(WUYANG).on("2026-03-10", defer(), conclude())
    given(history).when(notify()).then("tolerance.result-notified")


def test_the_receipt_comes_after_the_telling() -> None:
    story = given(determined(WUYANG)).when(receive("2026-03-12")).refused(Code.NOT_NOTIFIED)
    story.when(notify()).when(receive("2026-03-12")).then("tolerance.result-received")


def test_each_recipient_signs_for_himself_and_once() -> None:
    story = given(determined(WUYANG).on("2026-03-13", notify(), notify(recipient=UNIT)))
    story.when(receive("2026-03-13")).then("tolerance.result-received")
    story.when(receive("2026-03-13")).refused(Code.ALREADY_DONE, because="「签收」")
    story.when(receive("2026-03-13", Recipient.SUBJECT)).refused(Code.NOT_NOTIFIED)
    story.when(receive("2026-03-13", UNIT)).then("tolerance.result-received", recipient=UNIT)


def test_what_one_subject_was_told_is_not_signed_for_by_another() -> None:
    story = given(determined(WUYANG, CHEN, ZHAO).on("2026-03-13", notify(CHEN)))
    story.when(receive("2026-03-13", subject=ZHAO)).refused(Code.NOT_NOTIFIED)


@pytest.mark.parametrize(
    ("received_on", "taken"),
    [
        ("2026-03-12", False),  # the day before it was told
        ("2026-03-13", True),
        ("2026-03-20", True),
        ("2026-03-21", False),  # the day after it was entered
    ],
)
def test_a_receipt_is_dated_between_the_telling_and_its_entry(
    received_on: str, taken: bool
) -> None:
    story = given(determined(WUYANG).on("2026-03-13", notify()))
    story.when(receive(received_on), on="2026-03-20")
    if taken:
        story.then("tolerance.result-received", received_on=date.fromisoformat(received_on))
    else:
        story.refused(Code.MALFORMED, because="2026-03-13 与 2026-03-20 之间")


def test_a_determination_is_filed_with_whoever_is_named() -> None:
    story = given(determined(WUYANG)).when(file())
    story.then("tolerance.determination-filed", filed_with="县委")


# --- visits -----------------------------------------------------------------------------------

IN_PAIRS = had(
    WUYANG,
    follow_up=FollowUp(
        rule="follow_up", visitors_at_least=2, yearly_ratio=None, article="第九条", confirmed=True
    ),
)


def visited_by(*visitors: str) -> acts.HoldFollowUpVisit:
    return acts.HoldFollowUpVisit(subject=CHEN.id, visitors=visitors, summary="工作正常")


@pytest.mark.parametrize(
    ("visitors", "taken"),
    [(("甲",), False), (("甲", "甲"), False), (("甲", "乙"), True), (("甲", "乙", "丙"), True)],
)
def test_a_visit_is_paid_by_as_many_as_the_instrument_wants(
    visitors: tuple[str, ...], taken: bool
) -> None:
    story = given(determined(IN_PAIRS)).when(visited_by(*visitors))
    if taken:
        story.then("tolerance.follow-up-visit-held", visitors=visitors)
    else:
        story.refused(Code.TEAM_TOO_SMALL, because="1 名，须不少于 2 名", article="第九条")


def at_most(times: int, within: str) -> Rules:
    limit = Frequency.model_validate({"times": times, "within": within})
    return had_duty(WUYANG, "follow_up", at_most=limit)


def visits(story: Story, *days: str) -> Story:
    for day in days:
        story.when(visit(), on=day).then("tolerance.follow-up-visit-held")
    return story


def test_no_more_visits_are_paid_in_the_window_than_it_allows() -> None:
    story = visits(given(determined(at_most(2, "window"))), "2026-04-01", "2026-05-06")
    story.when(visit(), on="2026-09-01")
    story.refused(Code.TOO_MANY_VISITS, because="期间内已有 2 次，不得超过 2 次", article="第九条")


def test_no_more_visits_are_paid_in_a_year_than_it_allows_and_the_next_year_begins_anew() -> None:
    story = visits(given(determined(at_most(1, "year"))), "2026-04-01")
    story.when(visit(), on="2026-12-31").refused(Code.TOO_MANY_VISITS, because="本年度已有 1 次")
    visits(story, "2027-01-01")
    story.when(visit(), on="2027-01-02").refused(Code.TOO_MANY_VISITS)


def test_a_visit_to_one_subject_does_not_count_for_another() -> None:
    story = given(determined(at_most(1, "year"), CHEN, ZHAO))
    story.when(visit(CHEN)).then("tolerance.follow-up-visit-held")
    story.when(visit(ZHAO)).then("tolerance.follow-up-visit-held")


def test_without_a_limit_any_number_of_visits_is_paid() -> None:
    visits(given(determined(WUYANG)), "2026-04-01", "2026-04-01", "2026-04-02")


# --- closing and the archive ------------------------------------------------------------------


def test_a_case_is_archived_once_and_only_when_it_is_closed() -> None:
    story = given(determined(WUYANG)).when(ARCHIVE).refused(Code.OUT_OF_STAGE, because="认定完毕")
    story = given(closed(WUYANG)).when(ARCHIVE)
    story.then("tolerance.archived", archive_number="档〔2026〕1号")
    assert story.case.stage is Stage.ARCHIVED
    story.when(ARCHIVE).refused(Code.ALREADY_DONE, because="「归档」")


@pytest.mark.parametrize("act", [visit(), rectified()], ids=lambda it: str(it.name))
def test_what_lasts_longer_than_the_case_is_recorded_after_the_archive(act: Act) -> None:
    story = given(closed(WUYANG).on("2026-03-14", ARCHIVE)).when(act, on="2026-08-03")
    assert story.refusal is None
    assert story.case.stage is Stage.ARCHIVED


def test_closing_waits_for_an_open_review() -> None:
    history = determined(WUYANG).on("2026-03-13", notify(), file(), lodge())
    story = given(history).when(CLOSE).refused(Code.REVIEW_OPEN, because="陈某")
    story.when(acts.RefuseReview(subject=CHEN.id, explanation="没有理由")).when(CLOSE)
    story.then("tolerance.closed")


HELD = with_duty(  # a duty that a deferral suspends and no determination takes up again
    WUYANG,
    "held",
    "tolerance.accepted",
    "tolerance.follow-up-visit-held",
    suspended_by=("tolerance.determination-deferred",),
    resumed_by=("tolerance.conclusive-opinion-issued",),
)


def test_closing_waits_for_a_suspended_duty() -> None:
    history = verified(HELD).on("2026-03-12", defer(), determine(), notify(), file())
    story = given(history).when(CLOSE)
    assert standing(story, "held-1").state is State.SUSPENDED
    story.refused(Code.DUTIES_OPEN, because="尚有未办事项：held", article="第一条")
    story.when(visit()).when(CLOSE).then("tolerance.closed")


# --- more time --------------------------------------------------------------------------------


def extensible(**said: object) -> Rules:
    """The answer, due 2026-03-17, may be put off: by five working days, to fifteen in all."""
    usual = {
        "approver": "分管领导",
        "amount": 5,
        "unit": TimeUnit.WORKING_DAY,
        "times": None,
        "cap_amount": 15,
        "cap_unit": TimeUnit.WORKING_DAY,
        "article": "第七条（四）",
        "confirmed": True,
    }
    return had_duty(WUYANG, "answer", extension=Extension.model_validate(usual | said))


def extended(*amounts: int | None, **said: object) -> Story:
    history = accepted(extensible(**said))
    for amount in amounts:
        history = history.on("2026-03-16", extend("answer-1", amount))
    return given(history)


@pytest.mark.parametrize(
    ("amount", "due_on"),
    [(None, "2026-03-24"), (1, "2026-03-18"), (4, "2026-03-23"), (5, "2026-03-24")],
)
def test_a_duty_is_put_off_from_its_day(amount: int | None, due_on: str) -> None:
    assert duty(extended(amount), "answer-1").due_on == date.fromisoformat(due_on)


def test_an_extension_tells_who_approved_it_and_what_the_day_was() -> None:
    story = extended().when(extend("answer-1"), on="2026-03-16")
    story.then(
        "obligation.extended",
        approved_by="分管领导",
        explanation="案情复杂",
        was_due_on=date(2026, 3, 17),
    )
    (event,) = story.news
    assert event.envelope.articles == ("第七条（四）", "第七条（二）")
    assert event.envelope.calendars == ("2026.1",)


def test_an_extension_is_granted_for_no_more_than_its_amount() -> None:
    story = extended().when(extend("answer-1", 6))
    story.refused(Code.EXTENSION_BEYOND_CAP, because="每次延长不得超过 5", article="第七条（四）")


def test_extensions_end_at_the_cap_counted_from_the_first_day() -> None:
    story = extended(None, None)
    assert duty(story, "answer-1").due_on == date(2026, 3, 27)  # not the 31st
    story.when(extend("answer-1")).refused(
        Code.EXTENSION_BEYOND_CAP, because="已到延长的上限 2026-03-27", article="第七条（四）"
    )


@pytest.mark.parametrize(("times", "granted"), [(1, 1), (2, 2), (3, 3)])
def test_a_duty_is_extended_no_more_often_than_allowed(times: int, granted: int) -> None:
    unlimited = {"cap_amount": None, "cap_unit": None}
    story = extended(*[1] * granted, times=times, **unlimited).when(extend("answer-1", 1))
    story.refused(Code.EXTENSION_EXHAUSTED, because=f"已延长 {granted} 次", article="第七条（四）")
    assert standing(story, "answer-1").extended == granted


@pytest.mark.parametrize(
    ("day", "taken"), [("2026-03-16", True), ("2026-03-17", True), ("2026-03-18", False)]
)
def test_more_time_is_given_until_the_time_is_over(day: str, taken: bool) -> None:
    story = extended().when(extend("answer-1"), on=day)
    if taken:
        story.then("obligation.extended")
    else:
        story.refused(Code.LATE, because="期限已于 2026-03-17 届满", article="第七条（二）")


def test_more_time_given_in_time_and_entered_later_is_not_late() -> None:
    story = extended().when(extend("answer-1"), on="2026-03-17", now="2026-03-18T09:00:00+08:00")
    story.then("obligation.extended")


def test_what_the_instrument_does_not_extend_is_not_extended() -> None:
    given(accepted(WUYANG)).when(extend("answer-1")).refused(Code.NOT_PROVIDED)


@pytest.mark.parametrize("named", ["answer-2", "answer", "filing-1"])
def test_only_a_duty_of_the_case_is_extended(named: str) -> None:
    story = extended().when(extend(named)).refused(Code.UNKNOWN_DUTY, because=named)
    assert story.refusal is not None
    assert "answer-1" in story.refusal.way_out


def test_a_duty_that_is_done_is_not_extended() -> None:
    story = given(determined(extensible()).on("2026-03-12", notify())).when(extend("answer-1"))
    story.refused(Code.UNKNOWN_DUTY)


def test_a_duty_put_off_is_waited_for_anew() -> None:
    story = extended(None)
    assert duty(story, "answer-1").reminders == (date(2026, 3, 19), date(2026, 3, 23))
    assert keys(story) == [
        "answer-1:2:remind1",
        "answer-1:2:remind2",
        "answer-1:2:due",
        "answer-1:2:escalate1",
        "answer-1:2:escalate2",
    ]
    rungs = [(each.role, each.on) for each in duty(story, "answer-1").escalation]
    assert rungs == [("部门负责人", date(2026, 3, 25)), ("分管领导", date(2026, 3, 27))]


@pytest.mark.parametrize("rung", ["remind1", "remind2", "due", "escalate1", "escalate2"])
def test_a_moment_of_the_old_day_finds_nothing_to_do(rung: str) -> None:
    story = extended(None)
    assert time_comes(story, f"answer-1:1:{rung}", "2026-06-01T00:00:00+08:00") == []
    assert time_comes(story, f"answer-1:2:{rung}", "2026-06-01T00:00:00+08:00") != []


def test_whoever_was_reminded_of_the_old_day_is_reminded_of_the_new_one() -> None:
    story = extended()
    assert time_comes(story, "answer-1:1:remind1", "2026-03-12T00:00:00+08:00")
    assert time_comes(story, "answer-1:1:remind2", "2026-03-16T00:00:00+08:00")
    story.when(extend("answer-1"), on="2026-03-16")
    now = "2026-03-19T00:00:00+08:00"
    assert time_comes(story, "answer-1:2:remind1", now) == ["reminded answer-1"]


@pytest.mark.parametrize(
    ("day", "state"),
    [("2026-03-23", State.MET), ("2026-03-24", State.MET), ("2026-03-25", State.MET_LATE)],
)
def test_a_duty_put_off_is_late_only_after_its_new_day(day: str, state: State) -> None:
    story = given(determined(extensible()).on("2026-03-16", extend("answer-1")))
    story.when(notify(), on=day)
    assert standing(story, "answer-1").state is state


def test_a_duty_put_off_is_not_overdue_on_its_old_day() -> None:
    now = datetime.fromisoformat("2026-03-18T00:00:00+08:00")
    assert standing(extended(), "answer-1").is_overdue(now)
    assert not standing(extended(None), "answer-1").is_overdue(now)


def test_an_extension_of_one_duty_leaves_the_others() -> None:
    rules = extensible()
    steps = accepted(rules, CHEN, ZHAO).on("2026-03-16", extend("answer-2"))
    story = given(steps)
    due = [duty(story, id_).due_on for id_ in ("answer-1", "answer-2")]
    assert due == [date(2026, 3, 17), date(2026, 3, 24)]


def test_the_history_of_an_extension_says_every_day_of_the_duty() -> None:
    story = extended(2, 2)
    days = [
        (each.was_due_on.day, each.obligation.due_on and each.obligation.due_on.day)
        for each in story.recorded
        if isinstance(each, ObligationExtended)
    ]
    assert days == [(17, 19), (19, 23)]


def test_after_no_tolerance_there_is_nothing_to_mend_but_something_to_tell() -> None:
    none = determine(CHEN, NO_TOLERANCE, rectification=None)
    story = given(verified(WUYANG, WY_N3=True).on("2026-03-12", none))
    story.when(rectified()).refused(Code.NOT_PROVIDED)
    story.when(notify()).then("tolerance.result-notified")


def test_what_needs_no_number_of_visitors_takes_one() -> None:
    given(determined(HUBEI)).when(visited_by("甲")).then("tolerance.follow-up-visit-held")
    given(determined(YOUXIAN)).when(visited_by("甲")).then("tolerance.follow-up-visit-held")
