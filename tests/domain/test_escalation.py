"""A duty brought to somebody above: answered for, counted while it is not, or waived with cause."""

from domain.aggregate import Act
from domain.duty_acts import AcknowledgeEscalation, WaiveDuty
from domain.obligations import State
from domain.refusals import Code
from tests.support.duties import keys, standing, time_comes
from tests.support.examples import WUYANG, YOUXIAN, accepted, on_notice
from tests.support.given import Story, given

LATER = "2026-03-24T10:00+08:00"  # a week after the answer fell due
APPROVAL = "会议纪要〔2026〕1号"


def acknowledge(rung: int, duty: str = "answer-1") -> AcknowledgeEscalation:
    return AcknowledgeEscalation(duty=duty, rung=rung, explanation="正在催办")


def waive(duty: str = "answer-1") -> WaiveDuty:
    return WaiveDuty(duty=duty, explanation="对象去世")


def escalated() -> Story:
    """The answer of a 舞阳 case nobody gave: reminded, overdue, brought up two rungs."""
    story = given(accepted(WUYANG))
    for key in keys(story):
        time_comes(story, key, LATER)
    assert standing(story, "answer-1").escalated == 2
    return story


def asked(story: Story, act: Act, *, authority: str | None = None) -> Story:
    return story.when(act, on="2026-03-25", authority=authority)


# --- answered for -----------------------------------------------------------------------------


def test_every_rung_that_was_climbed_waits_to_be_answered_for() -> None:
    assert standing(escalated(), "answer-1").unacknowledged == [1, 2]


def test_whoever_it_was_brought_to_answers_for_his_rung_alone() -> None:
    story = asked(escalated(), acknowledge(2))
    story.then("obligation.acknowledged", rung=2, role="分管领导", explanation="正在催办")
    assert standing(story, "answer-1").unacknowledged == [1]


def test_a_rung_is_answered_for_once() -> None:
    story = asked(escalated(), acknowledge(1))
    asked(story, acknowledge(1)).refused(Code.UNKNOWN_ITEM, because="第 1 级")


def test_what_was_not_brought_up_is_not_answered_for() -> None:
    asked(escalated(), acknowledge(3)).refused(Code.UNKNOWN_ITEM, because="第 3 级")
    asked(given(accepted(WUYANG)), acknowledge(1)).refused(Code.UNKNOWN_ITEM)
    asked(escalated(), acknowledge(1, "answer-9")).refused(Code.UNKNOWN_DUTY)


def test_an_answer_for_a_rung_does_not_do_what_is_owed() -> None:
    story = asked(escalated(), acknowledge(1))
    assert standing(story, "answer-1").state is State.OPEN


# --- waived -----------------------------------------------------------------------------------


def test_a_duty_is_waived_with_cause_and_waited_for_no_more() -> None:
    story = asked(given(accepted(WUYANG)), waive(), authority=APPROVAL)
    story.then("obligation.waived", explanation="对象去世")
    assert standing(story, "answer-1").state is State.WAIVED
    assert keys(story) == []


def test_nobody_waives_without_an_approval_that_can_be_shown() -> None:
    asked(given(accepted(WUYANG)), waive()).refused(Code.REASON_MISSING)


def test_a_period_runs_whatever_anybody_says() -> None:
    story = given(on_notice(YOUXIAN))
    story.when(waive("public_notice-1"), authority=APPROVAL).refused(Code.NOT_PROVIDED)


def test_what_is_done_with_is_not_waived() -> None:
    story = asked(given(accepted(WUYANG)), waive(), authority=APPROVAL)
    asked(story, waive(), authority=APPROVAL).refused(Code.UNKNOWN_DUTY)
