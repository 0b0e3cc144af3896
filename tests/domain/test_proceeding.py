"""The accountability proceeding, as far as tolerance needs it: opened, screened, decided."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Self

import pytest

from domain.accountability.acts import DecideAccountability, OpenAccountability, ScreenForTolerance
from domain.accountability.events import Screening
from domain.accountability.proceeding import AccountabilityProceeding, proceeding_id
from domain.aggregate import Act, Event, Order
from domain.people import Subject
from domain.refusals import Code, Refusal
from tests.support.examples import CHEN, CLERK, INSPECTOR, NOBODY, ZHAO
from tests.support.siblings import rulebook, state

NUMBER = "某问责〔2026〕1号"
GENERIC = rulebook().limits("accountability_generic")
DECIDE = DecideAccountability(explanation="给予诫勉")


@dataclass
class Proceeding:
    """A proceeding as it is asked one act after another, all on one day unless told otherwise."""

    itself: AccountabilityProceeding = field(
        default_factory=lambda: AccountabilityProceeding(proceeding_id(NUMBER))
    )
    recorded: list[Event] = field(default_factory=list)
    news: list[Event] = field(default_factory=list)
    refusal: Refusal | None = None

    def when(self, act: Act, *, on: str = "2026-03-02") -> Self:
        return self._ask(lambda order: self.itself.perform(act, order, GENERIC), on)

    def refer(self, case_number: str, *subjects: Subject, on: str = "2026-03-04") -> Self:
        return self._ask(lambda order: self.itself.refer(case_number, subjects, order), on)

    def take_back(self, case_number: str, on: str = "2026-03-20") -> Self:
        return self._ask(lambda order: self.itself.take_back(case_number, order), on)

    def _ask(self, asked: Any, on: str) -> Self:
        now = datetime.fromisoformat(f"{on}T10:00+08:00")
        order = Order(key="act", by=CLERK, on=date.fromisoformat(on), now=now)
        self.refusal = None
        try:
            asked(order)
        except Refusal as refusal:
            self.refusal = refusal
        self.news = self.itself.collect_events()
        self.recorded += self.news
        return self

    def then(self, name: str, **facts: object) -> None:
        assert self.refusal is None, self.refusal
        (event,) = self.news
        assert (event.name(), {key: getattr(event, key) for key in facts}) == (name, facts)

    def refused(self, code: Code, *, because: str = "") -> None:
        assert self.refusal is not None, f"was taken: {self.news}"
        assert self.refusal.code == code, self.refusal
        assert because in self.refusal.obstacle, self.refusal
        assert self.refusal.way_out
        assert self.news == []


def opening(*subjects: Subject, **unusual: Any) -> OpenAccountability:
    usual = {"number": NUMBER, "organ": INSPECTOR, "subjects": subjects or (CHEN,)}
    return OpenAccountability.model_validate(usual | unusual)


def opened(*subjects: Subject, **unusual: Any) -> Proceeding:
    return Proceeding().when(opening(*subjects, **unusual))


def screen(subject: str = CHEN.id, result: Screening = Screening.TRIGGERED) -> ScreenForTolerance:
    return ScreenForTolerance(subject=subject, result=result, explanation="先行先试中的失误")


# --- opened -----------------------------------------------------------------------------------


def test_a_proceeding_is_opened_with_what_tolerance_needs_of_it() -> None:
    facts = {
        "conduct_on": date(2025, 11, 3),
        "handlers": ("cdi-9",),
        "screening_required": True,
    }
    opened(**facts).then("accountability.opened", number=NUMBER, subjects=(CHEN,), **facts)


def test_a_number_opens_one_proceeding() -> None:
    opened().when(opening(), on="2026-03-03").refused(
        Code.CASE_NUMBER_TAKEN, because=f"{NUMBER} 已于 2026-03-02 登记"
    )


@pytest.mark.parametrize(
    ("conduct_on", "possible"),
    [("2026-03-01", True), ("2026-03-02", True), ("2026-03-03", False), (None, True)],
)
def test_nobody_is_held_to_account_for_what_is_yet_to_come(
    conduct_on: str | None, possible: bool
) -> None:
    proceeding = opened(conduct_on=conduct_on)
    if possible:
        proceeding.then("accountability.opened")
    else:
        proceeding.refused(Code.MALFORMED, because="2026-03-03 晚于启动之日 2026-03-02")


# --- screened ---------------------------------------------------------------------------------


@pytest.mark.parametrize("result", Screening)
def test_whether_tolerance_is_to_be_considered_is_taken_down_of_each_subject(
    result: Screening,
) -> None:
    proceeding = opened().when(screen(result=result), on="2026-03-03")
    proceeding.then("accountability.screened", subject=CHEN.id, result=result)
    assert proceeding.itself.screened == {CHEN.id: result}


def test_only_a_subject_of_the_proceeding_is_screened() -> None:
    opened().when(screen(NOBODY)).refused(Code.UNKNOWN_SUBJECT, because=NOBODY)


def test_the_last_screening_counts() -> None:
    proceeding = opened().when(screen(result=Screening.NOT_APPLICABLE)).when(screen())
    assert proceeding.itself.screened == {CHEN.id: Screening.TRIGGERED}


# --- decided ----------------------------------------------------------------------------------


def test_where_screening_is_required_the_decision_waits_for_every_subject() -> None:
    proceeding = opened(CHEN, ZHAO, screening_required=True)
    proceeding.when(DECIDE).refused(Code.NOT_SCREENED, because="对陈某、赵某没有同步考虑")
    proceeding.when(screen(CHEN.id)).when(DECIDE)
    proceeding.refused(Code.NOT_SCREENED, because="对赵某没有")
    proceeding.when(screen(ZHAO.id, Screening.NOT_APPLICABLE)).when(DECIDE)
    proceeding.then("accountability.decided", explanation="给予诫勉")


def test_where_screening_is_not_required_the_decision_waits_for_nothing() -> None:
    opened().when(DECIDE).then("accountability.decided")


def test_the_day_of_the_decision_is_kept() -> None:
    assert opened().when(DECIDE, on="2026-04-01").itself.decided_on == date(2026, 4, 1)


@pytest.mark.parametrize(
    ("act", "code"), [(DECIDE, Code.ALREADY_DONE), (screen(), Code.OUT_OF_STAGE)]
)
def test_after_the_decision_nothing_more_is_decided_or_screened(act: Act, code: Code) -> None:
    opened().when(DECIDE, on="2026-04-01").when(act, on="2026-04-02").refused(code)


@pytest.mark.parametrize("act", [DECIDE, screen()], ids=lambda it: str(it.name))
def test_before_the_opening_nothing_is_decided_or_screened(act: Act) -> None:
    Proceeding().when(act).refused(Code.CASE_NOT_FOUND)


@pytest.mark.parametrize(
    ("day", "taken"), [("2026-03-01", False), ("2026-03-02", True), ("2026-03-03", True)]
)
def test_nothing_is_dated_before_the_opening(day: str, taken: bool) -> None:
    proceeding = opened().when(screen(), on=day)
    if taken:
        proceeding.then("accountability.screened")
    else:
        proceeding.refused(Code.DATE_BEFORE_LAST_ACT, because="2026-03-02")


# --- referred and taken back ------------------------------------------------------------------


def test_a_tolerance_case_opens_for_the_subjects_it_names() -> None:
    proceeding = opened(CHEN, ZHAO).refer("试1", CHEN)
    proceeding.then("accountability.tolerance-referred", case_number="试1", subjects=(CHEN.id,))
    assert proceeding.itself.referred == {CHEN.id: "试1"}


def test_one_subject_of_one_matter_has_one_open_case() -> None:
    proceeding = opened(CHEN, ZHAO).refer("试1", CHEN)
    proceeding.refer("试2", ZHAO, CHEN).refused(Code.DUPLICATE, because="陈某（试1）")
    assert proceeding.itself.referred == {CHEN.id: "试1"}


def test_every_case_that_is_open_already_is_told() -> None:
    proceeding = opened(CHEN, ZHAO).refer("试1", CHEN).refer("试2", ZHAO)
    proceeding.refer("试3", CHEN, ZHAO).refused(Code.DUPLICATE, because="陈某（试1）、赵某（试2）")


def test_subjects_of_one_matter_may_be_in_cases_of_several_organs() -> None:
    proceeding = opened(CHEN, ZHAO).refer("试1", CHEN).refer("试2", ZHAO)
    assert proceeding.itself.referred == {CHEN.id: "试1", ZHAO.id: "试2"}


def test_no_case_opens_without_a_matter() -> None:
    Proceeding().refer("试1", CHEN).refused(Code.NO_MATTER, because="没有启动")


def test_a_case_may_be_opened_after_the_accountability_decision() -> None:
    opened().when(DECIDE, on="2026-04-01").refer("试1", CHEN, on="2026-04-02").then(
        "accountability.tolerance-referred"
    )


def test_a_case_that_is_over_leaves_room_for_another() -> None:
    proceeding = opened(CHEN, ZHAO).refer("试1", CHEN, ZHAO).take_back("试1")
    proceeding.then("accountability.tolerance-returned", case_number="试1")
    proceeding.refer("试2", CHEN, on="2026-03-21").then("accountability.tolerance-referred")
    assert proceeding.itself.referred == {CHEN.id: "试2"}


def test_taking_back_one_case_leaves_the_others_open() -> None:
    proceeding = opened(CHEN, ZHAO).refer("试1", CHEN).refer("试2", ZHAO).take_back("试1")
    assert proceeding.itself.referred == {ZHAO.id: "试2"}
    proceeding.refer("试3", ZHAO, on="2026-03-21").refused(Code.DUPLICATE, because="试2")


@pytest.mark.parametrize("number", ["试9", "试1"], ids=["never referred", "taken back before"])
def test_what_is_not_open_is_not_taken_back(number: str) -> None:
    proceeding = opened().refer("试1", CHEN).take_back("试1").take_back(number)
    assert (proceeding.refusal, proceeding.news) == (None, [])


def test_a_proceeding_is_what_its_events_say() -> None:
    proceeding = opened(CHEN, ZHAO)
    proceeding.when(screen()).refer("试1", CHEN).refer("试2", ZHAO).take_back("试1")
    proceeding.when(DECIDE, on="2026-04-01")
    again = AccountabilityProceeding.project(None, proceeding.recorded)
    assert again is not None
    assert state(again) == state(proceeding.itself)
