"""Whoever suffers for having kept to what is right is protected, and that is seen through."""

import pytest

from domain.aggregate import Act
from domain.law.time_limits import TimeLimits
from domain.obligations import State
from domain.people import Subject
from domain.protection.acts import (
    CloseProtection,
    OpenProtection,
    RecommendProtection,
    RecordRetaliationFinding,
    ReportProtectionOutcome,
    TakeProtectionMeasure,
)
from domain.protection.events import Addressee, Cause, RetaliationFinding
from domain.protection.matter import Protection, Stage
from domain.refusals import Code
from projections.counted.protection import counted
from projections.sentences import sentence
from tests.support.siblings import BUREAU, COUNTY, WU, ZHENG, Life, asked, begun

HUBEI = "hubei_twelve_protection"
FOUND = RecordRetaliationFinding(finding=RetaliationFinding.FOUND, explanation="调岗系报复")
NOT_FOUND = RecordRetaliationFinding(finding=RetaliationFinding.NOT_FOUND, explanation="正常调岗")
MEASURE = TakeProtectionMeasure(measure="恢复原职", taken_by=BUREAU)
REPORT = ReportProtectionOutcome(to="县委", summary="已恢复原职")
CLOSE = CloseProtection()


def opening(
    cause: Cause = Cause.PRINCIPLE, subjects: tuple[Subject, ...] = (WU,)
) -> OpenProtection:
    return OpenProtection(
        number="护〔2026〕1号", organ=COUNTY, subjects=subjects, cause=cause, facts="被无故调岗"
    )


def advice(to: Addressee = Addressee.PARTY_COMMITTEE) -> RecommendProtection:
    return RecommendProtection(to=to, measures=("优先使用",), explanation="敢于担当")


def opened() -> Life:
    return begun(opening(), HUBEI, on="2026-03-02")


def found() -> Life:
    return opened().when(FOUND, on="2026-03-16").then("protection.finding", finding="found")


def test_protection_stands_on_the_article_that_gives_it() -> None:
    life = opened().then("protection.opened", cause=Cause.PRINCIPLE)
    assert life.news[0].envelope.articles == ("第八条",)


@pytest.mark.parametrize("cause", [each for each in Cause if each is not Cause.OTHER])
def test_whoever_suffers_for_one_of_the_causes_is_protected(cause: Cause) -> None:
    asked(opening(cause), HUBEI, on="2026-03-02").then("protection.opened", cause=cause)


def test_a_cause_that_the_instrument_has_not_is_refused() -> None:
    life = asked(opening(Cause.OTHER), HUBEI, on="2026-03-02")
    life.refused(Code.NOT_PROVIDED, because="没有为 other 规定保护", article="第八条")


@pytest.mark.parametrize("subjects", [(), (WU, ZHENG)])
def test_each_is_protected_in_a_matter_of_his_own(subjects: tuple[Subject, ...]) -> None:
    asked(opening(subjects=subjects), HUBEI, on="2026-03-02").refused(Code.MALFORMED)


@pytest.mark.parametrize("act", [MEASURE, advice(), REPORT, CLOSE])
def test_first_it_is_looked_into(act: Act) -> None:
    opened().when(act, on="2026-03-03").refused(Code.OUT_OF_STAGE, because="查核中")


def test_what_is_found_opens_the_duties_to_protect_and_to_recommend() -> None:
    life = opened()
    assert life.duty("finding").obligation.due_on is None
    life.when(FOUND, on="2026-03-16")
    assert life.duty("finding").state is State.MET
    assert life.duty("support").obligation.article == "第八条"
    life.when(MEASURE, on="2026-03-20")
    assert life.duty("support").state is State.MET
    assert life.duty("recommendation").state is State.OPEN
    life.when(advice(), on="2026-03-23")
    assert life.duty("recommendation").state is State.MET


def test_no_time_makes_protection_overdue() -> None:
    assert found().until("2026-10-31").news == []


def test_where_nothing_is_found_nothing_is_owed() -> None:
    life = opened().when(NOT_FOUND, on="2026-03-16")
    assert life.matter.at is Stage.UNFOUNDED
    assert [each.obligation.rule for each in life.matter.obligations] == ["finding"]
    for act in (MEASURE, advice()):
        life.when(act, on="2026-03-17").refused(Code.OUT_OF_STAGE, because="未发现打击报复")
    life.when(REPORT, on="2026-03-17").when(CLOSE).then("protection.closed")


def test_it_is_looked_into_once() -> None:
    found().when(NOT_FOUND, on="2026-03-17").refused(Code.OUT_OF_STAGE)


@pytest.mark.parametrize("to", Addressee)
def test_a_recommendation_goes_to_whom_the_instrument_names(to: Addressee) -> None:
    life = found().when(advice(to), on="2026-03-23").then("protection.recommended", to=to)
    assert life.news[0].envelope.articles == ("第八条",)


def test_a_recommendation_to_another_is_refused() -> None:
    life = found()
    instrument = life.rules.instrument
    narrow = instrument.model_copy(update={"recommended_to": instrument.recommended_to[:1]})
    life = Life(life.matter, TimeLimits(narrow, life.rules.calendar), life.recorded)
    life.when(advice(Addressee.PERSONNEL_ORGAN), on="2026-03-23")
    life.refused(Code.WRONG_ORGAN, because="没有规定向 personnel_organ 建议", article="第八条")


def test_it_closes_when_all_is_done_and_reported() -> None:
    life = found().when(REPORT, on="2026-03-17").when(CLOSE)
    life.refused(Code.DUTIES_OPEN, because="支持和保护", article="第八条")
    life.when(MEASURE).when(CLOSE).refused(Code.DUTIES_OPEN, because="推荐")
    life.when(advice()).when(CLOSE).then("protection.closed")
    assert not life.matter.is_open


def test_it_does_not_close_unreported() -> None:
    life = found().when(MEASURE, on="2026-03-20").when(advice()).when(CLOSE)
    life.refused(Code.STEP_MISSING, because="尚未报告")
    life.when(REPORT).when(CLOSE).then("protection.closed")


def test_one_is_counted_as_protected_once_by_the_first_measure() -> None:
    life, told = opened(), []
    assert isinstance(life.matter, Protection)
    for act in (FOUND, MEASURE, MEASURE, advice()):
        life.when(act, on="2026-03-20")
        told += [each for event in life.news for each in counted(event, life.matter)]
    assert [(e.what, e.subject, e.detail) for e in told] == [("protected", WU, ("principle",))]


def test_what_was_not_found_is_told_as_such() -> None:
    life = opened().when(NOT_FOUND, on="2026-03-16")
    told = sentence(life.news[0], life.matter)
    assert told.endswith("就吴某所反映的情况查核，未发现打击报复：正常调岗。")
