"""What is to be done about each accuser, and what is counted of it. No source gives a number."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from domain.false_accusation.matter import FalseAccusation
from domain.law.deadline_rules import Qualifier
from domain.law.periods import TimeUnit
from domain.obligations import State, moments
from domain.refusals import Code
from projections.counted.countable import Countable
from projections.counted.false_accusation import counted
from tests.support.lives_of.false_accusation import (
    CITY,
    CLOSE,
    INSTRUMENTS,
    MISTAKEN,
    NATIONAL,
    PAPER,
    TWELVE,
    YOUXIAN,
    approved,
    ask,
    determine,
    determined,
    dispose,
    educate,
    found_mistaken,
    grant,
    hand_over,
    identify,
    law,
    mistaken,
    opened,
    unfounded,
    verify,
)
from tests.support.siblings import Life


def duties(life: Life, rule: str) -> list[tuple[int | None, State]]:
    found = [each for each in life.matter.obligations if each.obligation.rule == rule]
    return [(each.obligation.item, each.state) for each in found]


def numbered(life: Life) -> Life:
    """The same matter where an edition gave the disposal five working days: none does."""
    law = life.rules.instrument
    days = {"amount": 5, "unit": TimeUnit.WORKING_DAY, "qualifier": Qualifier.MUST}
    rules = tuple(
        each.model_copy(update=days) if each.id == "disposal" else each for each in law.deadlines
    )
    life.rules = replace(life.rules, instrument=law.model_copy(update={"deadlines": rules}))
    return life


def disposing(on: str) -> Life:
    """Two accusers determined on a day, with five working days to dispose of each."""
    life = numbered(opened(on="2026-01-05"))
    for each in ("a-1", "a-2"):
        life.when(identify(each)).when(verify(each)).when(ask(each))
        life.when(grant(each), authority=PAPER)
    return life.when(determine("a-1"), on=on).when(determine("a-2"))


# --- as the instruments have it ---------------------------------------------------------------


@pytest.mark.parametrize("instrument", INSTRUMENTS)
def test_no_source_gives_a_number_of_days(instrument: str) -> None:
    rules = law(instrument).deadlines
    assert [each.id for each in rules] == ["verification", "disposal", "education"]
    assert {(each.qualifier, each.amount, each.per) for each in rules} == {
        (Qualifier.UNSTATED, None, "item")
    }


@pytest.mark.parametrize("instrument", INSTRUMENTS)
def test_nothing_is_ever_called_or_overdue(instrument: str) -> None:
    life = determined(instrument)
    life.when(identify("a-2")).when(verify("a-2", MISTAKEN)).when(mistaken())
    life.when(identify("a-3"))
    open_ = [each.obligation.rule for each in life.matter.obligations.open()]
    assert sorted(open_) == ["disposal", "education", "verification"]
    assert moments(life.matter.obligations) == ()
    assert life.until("2030-12-31").names() == []


@pytest.mark.parametrize("instrument", INSTRUMENTS)
def test_each_accuser_is_to_be_verified(instrument: str) -> None:
    life = opened(instrument).when(identify()).when(identify("a-2"))
    assert duties(life, "verification") == [(1, State.OPEN), (2, State.OPEN)]
    life.when(verify("a-2"))
    assert duties(life, "verification") == [(1, State.OPEN), (2, State.MET)]
    life.when(unfounded("a-1"))
    assert duties(life, "verification") == [(1, State.LAPSED), (2, State.MET)]


@pytest.mark.parametrize(
    ("instrument", "disposal"), [(NATIONAL, "警告"), (YOUXIAN, "by_law"), (TWELVE, "by_rules")]
)
def test_a_determination_opens_the_disposal(instrument: str, disposal: str) -> None:
    life = determined(instrument)
    assert duties(life, "disposal") == [(1, State.OPEN)]
    assert duties(life, "education") == []
    life.when(hand_over())
    assert duties(life, "disposal") == [(1, State.OPEN)]
    life.when(dispose(disposal=disposal))
    assert duties(life, "disposal") == [(1, State.MET)]


@pytest.mark.parametrize("instrument", INSTRUMENTS)
def test_a_mistake_opens_the_education_and_no_disposal(instrument: str) -> None:
    life = found_mistaken(instrument)
    assert duties(life, "education") == [(1, State.OPEN)]
    life.when(educate())
    assert duties(life, "education") == [(1, State.MET)]
    assert duties(life, "disposal") == []


def test_a_duty_that_another_edition_adds_keeps_the_matter_open_too() -> None:
    life = approved()
    law = life.rules.instrument
    report = law.deadline("disposal").model_copy(
        update={
            "id": "report",
            "label": "上报结果",
            "met_by": ("false_accusation.handed-over",),
        }
    )
    added = law.model_copy(update={"deadlines": (*law.deadlines, report)})
    life.rules = replace(life.rules, instrument=added)
    life.when(determine()).when(dispose()).when(CLOSE)
    life.refused(Code.DUTIES_OPEN, because="上报结果")
    life.when(hand_over()).when(CLOSE).then("false_accusation.closed")


# --- were there a number ----------------------------------------------------------------------


def test_a_number_would_run_for_each_accuser_in_working_days_over_the_spring_festival() -> None:
    life = disposing("2026-02-11")  # 12, 13, the make-up Saturday 14; 24, 25 after the holiday
    due = [each.obligation.due_on for each in life.matter.obligations.open()]
    assert [str(each) for each in due] == ["2026-02-25", "2026-02-25"]


@pytest.mark.parametrize(
    ("on", "state"),
    [("2026-02-24", State.MET), ("2026-02-25", State.MET), ("2026-02-26", State.MET_LATE)],
)
def test_a_disposal_would_be_in_time_through_the_last_day(on: str, state: State) -> None:
    life = disposing("2026-02-11").when(dispose("a-2"), on=on)
    assert duties(life, "disposal") == [(1, State.OPEN), (2, state)]


def test_a_disposal_left_undone_would_be_reminded_overdue_and_escalated_for_each() -> None:
    life = disposing("2026-02-11").when(dispose("a-1"), on="2026-02-13")
    assert life.until("2026-02-25").names() == ["obligation.reminded"] * 2
    assert life.until("2026-02-26").names() == ["obligation.overdue", "obligation.escalated"]
    assert life.until("2026-02-27").names() == []
    assert life.until("2026-02-28").names() == ["obligation.escalated"]  # a make-up Saturday
    assert life.duty("disposal").overdue
    life.when(dispose("a-2"), on="2026-03-02")
    assert duties(life, "disposal") == [(1, State.MET), (2, State.MET_LATE)]


# --- what is counted --------------------------------------------------------------------------


def found(life: Life) -> Iterator[Countable]:
    assert isinstance(life.matter, FalseAccusation)
    for event in life.recorded:
        yield from counted(event, life.matter)


def test_determinations_are_counted_by_accusation_and_by_accuser() -> None:
    life = determined().when(identify("a-2")).when(verify("a-2")).when(ask("a-2"))
    life.when(grant("a-2"), authority=PAPER).when(determine("a-2"))
    assert [*found(life)] == [
        Countable("false_accusation_determined", group="信〔2026〕17号", detail=(accuser,))
        for accuser in ("a-1", "a-2")
    ]


def test_whoever_is_handed_over_is_counted_to_whomever_he_goes() -> None:
    life = determined().when(hand_over()).when(hand_over(to=CITY))
    handed = Countable("accuser_handed_over", group="信〔2026〕17号", detail=("a-1",))
    assert [*found(life)][1:] == [handed, handed]


def test_a_mistake_is_no_false_accusation_in_the_figures() -> None:
    life = found_mistaken().when(educate()).when(CLOSE)
    assert [*found(life)] == [
        Countable("mistaken_accusation", group="信〔2026〕17号", detail=("a-2",))
    ]


def test_nothing_is_counted_before_the_determination() -> None:
    assert [*found(approved())] == []
