"""The office: an act is done once, decided on what is stored, and refused without a trace."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from domain.accountability.proceeding import AccountabilityProceeding, proceeding_id
from domain.aggregate import Act
from domain.law.calendar import CHINA
from domain.people import SYSTEM, Officer
from domain.refusals import Code, Refusal
from domain.tolerance.acts import Accept
from domain.tolerance.state import case_id
from gateway.rulebook import Rulebook
from tests.support.databases import Stored, stored
from tests.support.examples import (
    CHEN,
    WUYANG,
    accept,
    application,
    check,
    determine,
    notify,
    open_verification,
    opinion,
    report,
)
from tests.support.matters import DAY, MORNING, NUMBER, POLICY, begun, opening, order, proceeding
from workers.addresses import DatabaseAddress
from workers.store import open_store
from workflows import office as office_module
from workflows.clock import DrivenClock
from workflows.contract import Moment
from workflows.event_store import EventStore, Receipt
from workflows.office import Office

CHEN_HIMSELF = Officer(id=CHEN.id, role="本人", organ="")


@pytest.fixture
def case(office: Office) -> UUID:
    """A case under verification."""
    opened = begun(office)
    office.perform(opened.matter_id, open_verification(), order())
    return opened.matter_id


def refusal_of(ask: Callable[[], object]) -> Code:
    with pytest.raises(Refusal) as refused:
        ask()
    return refused.value.code


# --- once under one key ------------------------------------------------------------------------


def test_a_receipt_says_where_the_act_stands(office: Office) -> None:
    first = office.open_accountability(proceeding(), order())
    assert first == Receipt(proceeding_id(proceeding().number), 1, 1)
    # a third event is the proceeding's own: its subject has gone into the tolerance procedure
    assert office.open_case(opening(), order(), POLICY) == Receipt(case_id(NUMBER), 1, 2)


def test_an_act_sent_again_is_answered_from_the_record(
    office: Office, case: UUID, database: DatabaseAddress
) -> None:
    once = order()
    first = office.perform(case, opinion(), once)
    office.perform(case, opinion(), order())
    before = stored(database)
    assert office.perform(case, opinion(), once) == Receipt(
        first.matter_id, first.version, first.position, replayed=True
    )
    assert stored(database) == before


def test_control_under_another_key_it_is_another_act(
    office: Office, case: UUID, database: DatabaseAddress
) -> None:
    office.perform(case, opinion(), order())
    before = stored(database)
    office.perform(case, opinion(), order())
    assert stored(database) == Stored(before.events + 1, before.commands + 1)


def test_an_opening_sent_again_is_answered_and_not_refused_as_done(
    office: Office, database: DatabaseAddress
) -> None:
    once, twice = order(), order()
    office.open_accountability(proceeding(), once)
    office.open_case(opening(), twice, POLICY)
    before = stored(database)
    assert office.open_accountability(proceeding(), once).replayed
    assert office.open_case(opening(), twice, POLICY).replayed
    assert stored(database) == before


def test_an_act_sent_again_is_answered_though_the_case_has_moved_on(
    office: Office, case: UUID
) -> None:
    once = order()
    office.perform(case, opinion(), once, expected_version=2)
    assert office.perform(case, opinion(), once, expected_version=2).replayed


def test_a_repeat_may_come_later_and_under_another_correlation(office: Office, case: UUID) -> None:
    once = order()
    office.perform(case, opinion(), once)
    later = {"now": MORNING + timedelta(hours=1), "correlation_id": "another"}
    assert office.perform(case, opinion(), once.model_copy(update=later)).replayed


def test_the_instant_of_recording_is_the_offices_own(office: Office) -> None:
    office.open_accountability(proceeding(), order())
    opened = office.open_case(opening(), order(now=MORNING - timedelta(days=3650)), POLICY)
    (event,) = events_of(office, opened.matter_id)
    assert MORNING <= event.recorded_at < MORNING + timedelta(minutes=1)


@pytest.mark.parametrize(
    "another",
    [
        pytest.param(opinion().model_copy(update={"opinion": "不同意"}), id="particulars"),
        pytest.param(open_verification(), id="act"),
    ],
)
def test_a_key_used_for_one_act_serves_no_other(
    office: Office, case: UUID, database: DatabaseAddress, another: Act
) -> None:
    once = order()
    office.perform(case, opinion(), once)
    before = stored(database)
    assert refusal_of(lambda: office.perform(case, another, once)) is Code.KEY_REUSED
    assert stored(database) == before


@pytest.mark.parametrize(
    "otherwise",
    [
        pytest.param({"by": CHEN_HIMSELF}, id="officer"),
        pytest.param({"on": DAY - timedelta(days=1)}, id="day"),
        pytest.param({"authority": "会议纪要第3号"}, id="authority"),
        pytest.param({"reason": "更正"}, id="reason"),
    ],
)
def test_a_key_used_for_one_order_serves_no_other(
    office: Office, case: UUID, database: DatabaseAddress, otherwise: dict[str, Any]
) -> None:
    once = order()
    office.perform(case, opinion(), once)
    before, altered = stored(database), once.model_copy(update=otherwise)
    assert refusal_of(lambda: office.perform(case, opinion(), altered)) is Code.KEY_REUSED
    assert stored(database) == before


def test_a_key_used_in_one_case_serves_no_other_case(
    office: Office, case: UUID, database: DatabaseAddress
) -> None:
    once = order()
    office.perform(case, opinion(), once)
    other = begun(office, "例〔2026〕2号").matter_id
    office.perform(other, open_verification(), order())
    before = stored(database)
    assert refusal_of(lambda: office.perform(other, opinion(), once)) is Code.KEY_REUSED
    assert stored(database) == before


def test_a_key_used_under_one_instrument_serves_no_other(
    office: Office, database: DatabaseAddress
) -> None:
    once = order()
    office.open_accountability(proceeding(), order())
    office.open_case(opening(), once, POLICY)
    before = stored(database)
    assert refusal_of(lambda: office.open_case(opening(), once, "youxian_2017")) is Code.KEY_REUSED
    assert stored(database) == before


# --- two at once -------------------------------------------------------------------------------


class Simultaneous(Office):
    """An office that, at its first look at a matter, waits until the other has looked as well."""

    def __init__(self, store: EventStore, rulebook: Rulebook, both: threading.Barrier) -> None:
        self.looks = 0
        self.time = DrivenClock()
        self.time.jump_to(MORNING)
        self._both = both
        super().__init__(store, rulebook, self.time)

    def _load(self, matter_id: UUID, kind: type[Any]) -> Any:
        return self._looked_at(super()._load(matter_id, kind))

    def _any(self, matter_id: UUID, asked: str) -> Any:
        return self._looked_at(super()._any(matter_id, asked))

    def _looked_at(self, matter: Any) -> Any:
        self.looks += 1
        if self.looks == 1:
            self._both.wait(timeout=10)
        return matter


class Two:
    """Two offices over one log, each with connections of its own."""

    def __init__(self, stores: tuple[EventStore, EventStore], rulebook: Rulebook) -> None:
        both = threading.Barrier(2)
        self.offices = [Simultaneous(store, rulebook, both) for store in stores]

    @property
    def looks(self) -> list[int]:
        return sorted(office.looks for office in self.offices)

    def ask(self, *asked: Callable[[Office], Any]) -> list[Any]:
        """Ask both at once; what each answers, or the code of its refusal."""

        def answer(office: Office, ask: Callable[[Office], Any]) -> Any:
            try:
                return ask(office)
            except Refusal as refusal:
                return refusal.code

        with ThreadPoolExecutor(2) as threads:
            return list(threads.map(answer, self.offices, asked))


@pytest.fixture
def two(database: DatabaseAddress, rulebook: Rulebook) -> Iterator[Two]:
    with open_store(database) as one, open_store(database) as other:
        yield Two((one, other), rulebook)


def test_of_two_acts_at_once_the_later_is_decided_again_on_what_is_stored(
    two: Two, case: UUID, office: Office
) -> None:
    answers = two.ask(
        lambda one: one.perform(case, opinion(), order()).version,
        lambda other: other.perform(case, opinion(), order()).version,
    )
    assert sorted(answers, key=str) == [3, 4]
    assert two.looks == [1, 2]
    assert office.case(case).version == 4


def test_of_two_acts_at_once_that_exclude_each_other_one_is_refused(
    two: Two, office: Office, database: DatabaseAddress
) -> None:
    opened = begun(office).matter_id
    answers = two.ask(
        lambda one: one.perform(opened, open_verification(), order()).version,
        lambda other: other.perform(opened, open_verification(), order()).version,
    )
    assert sorted(answers, key=str) == [2, Code.ALREADY_DONE]
    assert stored(database) == Stored(events=4, commands=3)  # two of them the proceeding's


def test_a_refusal_decided_on_what_has_moved_meanwhile_is_decided_again(
    office: Office, store: EventStore, rulebook: Rulebook
) -> None:
    class Overtaken(Office):
        """Somebody else opens the same case between its look at the case and at the proceeding."""

        overtaken = False

        def _load(self, matter_id: UUID, kind: type[Any]) -> Any:
            if kind is AccountabilityProceeding and not self.overtaken:
                self.overtaken = True
                office.open_case(opening(), order(), POLICY)
            return super()._load(matter_id, kind)

    office.open_accountability(proceeding(), order())
    late = Overtaken(store, rulebook, office._clock)
    # as it first looked, the case was none yet, and its subject already in another: a duplicate
    answer = refusal_of(lambda: late.open_case(opening(), order(), POLICY))
    assert (late.overtaken, answer) == (True, Code.CASE_NUMBER_TAKEN)


def test_control_an_office_that_never_looks_again_turns_the_second_away(
    two: Two, case: UUID, database: DatabaseAddress, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(office_module, "ATTEMPTS", 1)
    before = stored(database)
    answers = two.ask(
        lambda one: one.perform(case, opinion(), order()).version,
        lambda other: other.perform(case, opinion(), order()).version,
    )
    assert sorted(answers, key=str) == [3, Code.BUSY]
    assert stored(database) == Stored(before.events + 1, before.commands + 1)


def test_one_order_sent_twice_at_once_is_carried_out_once(
    two: Two, case: UUID, database: DatabaseAddress
) -> None:
    before, once = stored(database), order()
    answers = two.ask(*2 * [lambda office: office.perform(case, opinion(), once)])
    assert sorted(answer.replayed for answer in answers) == [False, True]
    assert len({answer.position for answer in answers}) == 1
    assert stored(database) == Stored(before.events + 1, before.commands + 1)


def test_one_key_sent_at_once_for_two_acts_serves_one_of_them(
    two: Two, office: Office, case: UUID, database: DatabaseAddress
) -> None:
    office.open_accountability(proceeding("例〔2026〕2号"), order())
    before, once = stored(database), order()
    answers = two.ask(
        lambda one: one.perform(case, opinion(), once).version,
        lambda other: other.open_case(opening("例〔2026〕2号"), once, POLICY).version,
    )
    assert answers.count(Code.KEY_REUSED) == 1
    # either may be first; an opening is written in the proceeding too
    written = 1 if answers[1] is Code.KEY_REUSED else 2
    assert stored(database) == Stored(before.events + written, before.commands + 1)


def test_a_case_number_asked_for_twice_at_once_opens_one_case(
    two: Two, office: Office, database: DatabaseAddress
) -> None:
    office.open_accountability(proceeding(), order())
    answers = two.ask(*2 * [lambda office: office.open_case(opening(), order(), POLICY).version])
    assert sorted(answers, key=str) == [1, Code.CASE_NUMBER_TAKEN]
    assert stored(database) == Stored(events=3, commands=2)


def test_two_cases_on_one_matter_asked_for_at_once_become_one(
    two: Two, office: Office, database: DatabaseAddress
) -> None:
    office.open_accountability(proceeding(), order())
    second = opening().model_copy(update={"case_number": "例〔2026〕2号"})
    answers = two.ask(
        lambda one: one.open_case(opening(), order(), POLICY).version,
        lambda other: other.open_case(second, order(), POLICY).version,
    )
    assert sorted(answers, key=str) == [1, Code.DUPLICATE]
    assert stored(database) == Stored(events=3, commands=2)


# --- refused without a trace -------------------------------------------------------------------

REFUSED: dict[str, tuple[Code, Callable[[Office, UUID], object]]] = {
    "an unknown instrument": (
        Code.UNKNOWN_POLICY,
        lambda office, _: office.open_case(opening("例〔2026〕2号"), order(), "atlantis_1"),
    ),
    "a case number already in use": (
        Code.CASE_NUMBER_TAKEN,
        lambda office, _: office.open_case(opening(), order(), POLICY),
    ),
    "an act on no case": (
        Code.CASE_NOT_FOUND,
        lambda office, _: office.perform(uuid4(), opinion(), order()),
    ),
    "a moment of no case": (
        Code.CASE_NOT_FOUND,
        lambda office, _: office.call_time(uuid4(), "answer-1:1:due"),
    ),
    "a look at no case": (Code.CASE_NOT_FOUND, lambda office, _: office.case(uuid4())),
    "the plan of no case": (Code.CASE_NOT_FOUND, lambda office, _: office.plan(uuid4())),
    "an act on a proceeding as if it were a case": (
        Code.CASE_NOT_FOUND,
        lambda office, _: office.perform(proceeding_id("问2"), opinion(), order()),
    ),
    "a version that has passed": (
        Code.STALE_VERSION,
        lambda office, case: office.perform(case, opinion(), order(), expected_version=1),
    ),
    "a version still to come": (
        Code.STALE_VERSION,
        lambda office, case: office.perform(case, opinion(), order(), expected_version=3),
    ),
    "a stage long past": (
        Code.ALREADY_DONE,
        lambda office, case: office.perform(case, open_verification(), order()),
    ),
    "a day that has not come": (
        Code.DATE_IN_FUTURE,
        lambda office, case: office.perform(case, opinion(), order(on=DAY + timedelta(days=1))),
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused_leaves_nothing(
    office: Office, case: UUID, database: DatabaseAddress, name: str
) -> None:
    office.open_accountability(proceeding("例〔2026〕2号"), order())
    code, ask = REFUSED[name]
    before = stored(database)
    assert refusal_of(lambda: ask(office, case)) is code
    assert stored(database) == before


def test_an_order_that_was_refused_may_be_given_again(office: Office, case: UUID) -> None:
    once = order()
    assert refusal_of(lambda: office.perform(case, Accept(), once)) is Code.OUT_OF_STAGE
    assert office.perform(case, opinion(), once).version == 3


def test_the_expected_version_is_accepted_while_it_holds(office: Office, case: UUID) -> None:
    assert office.perform(case, opinion(), order(), expected_version=2).version == 3


# --- a moment that has come --------------------------------------------------------------------


@pytest.fixture
def waiting(office: Office) -> UUID:
    """An accepted case that waits for its answer: 舞阳, seven working days."""
    office.open_accountability(proceeding(), order())
    act = application(WUYANG, matter=opening().matter)
    opened = office.open_case(act, order(), "wuyang_2017")
    office.perform(opened.matter_id, accept(), order())
    return opened.matter_id


@pytest.fixture
def moment(office: Office, waiting: UUID) -> Moment:
    """The first instant the case waits for."""
    first, *_ = office.plan(waiting).moments
    return first


def test_a_moment_that_has_come_is_recorded_on_its_own_day(
    office: Office, waiting: UUID, moment: Moment, clock: DrivenClock
) -> None:
    clock.jump_to(moment.at + timedelta(days=3))
    called = office.call_time(waiting, moment.key)
    assert called.recorded
    assert moment not in called.plan.moments
    *_, last = events_of(office, waiting)
    assert (last.name(), last.on, last.envelope.by) == (
        "obligation.reminded",
        (moment.at + timedelta(hours=8)).date(),
        SYSTEM,
    )


def test_a_moment_called_again_is_recorded_once(
    office: Office,
    waiting: UUID,
    moment: Moment,
    clock: DrivenClock,
    database: DatabaseAddress,
) -> None:
    clock.jump_to(moment.at)
    before = stored(database)
    assert office.call_time(waiting, moment.key).recorded
    again = office.call_time(waiting, moment.key)
    assert not again.recorded
    assert again.plan == office.plan(waiting)
    assert stored(database) == Stored(before.events + 1, before.commands + 1)


def test_a_moment_called_twice_at_once_is_recorded_once(
    office: Office,
    waiting: UUID,
    moment: Moment,
    two: Two,
    database: DatabaseAddress,
) -> None:
    for each in two.offices:
        each.time.jump_to(moment.at)
    before = stored(database)
    answers = two.ask(*2 * [lambda office: office.call_time(waiting, moment.key)])
    assert sorted(answer.recorded for answer in answers) == [False, True]
    assert [answer.plan.version for answer in answers] == 2 * [office.case(waiting).version]
    assert stored(database) == Stored(before.events + 1, before.commands + 1)


def test_a_moment_and_an_act_at_once_are_both_recorded(
    office: Office, waiting: UUID, moment: Moment, two: Two
) -> None:
    for each in two.offices:
        each.time.jump_to(moment.at)
    two.ask(
        lambda one: one.call_time(waiting, moment.key).recorded,
        lambda other: other.perform(waiting, open_verification(), order()).replayed,
    )
    names = {event.name() for event in events_of(office, waiting)}
    assert {"obligation.reminded", "tolerance.verification-opened"} <= names


def test_a_moment_called_early_records_nothing(
    office: Office,
    waiting: UUID,
    moment: Moment,
    clock: DrivenClock,
    database: DatabaseAddress,
) -> None:
    clock.jump_to(moment.at - timedelta(minutes=1))
    before = stored(database)
    called = office.call_time(waiting, moment.key)
    assert not called.recorded
    assert moment in called.plan.moments
    assert stored(database) == before


def test_a_moment_of_a_duty_that_is_met_records_nothing(
    office: Office,
    waiting: UUID,
    moment: Moment,
    clock: DrivenClock,
    database: DatabaseAddress,
) -> None:
    for act in (
        open_verification(),
        check(WUYANG),
        report(),
        determine(),
        notify(),
    ):
        office.perform(waiting, act, order())
    clock.jump_to(moment.at)
    before = stored(database)
    called = office.call_time(waiting, moment.key)
    assert not called.recorded
    assert moment not in called.plan.moments
    assert stored(database) == before


@pytest.mark.parametrize("key", ["", "answer-1", "answer-1:2:remind1", "nothing-1:1:due"])
def test_a_moment_nobody_waits_for_records_nothing(
    office: Office, waiting: UUID, clock: DrivenClock, database: DatabaseAddress, key: str
) -> None:
    clock.jump_to(MORNING + timedelta(days=365))
    before = stored(database)
    assert not office.call_time(waiting, key).recorded
    assert stored(database) == before


def events_of(office: Office, matter_id: UUID) -> list[Any]:
    return list(office._store.events.get(matter_id))


# --- counted anew ------------------------------------------------------------------------------


def knowing(office: Office, rulebook: Rulebook, day: date) -> Office:
    """The same store, asked by an office that knows the calendars of that day."""
    known = replace(rulebook, calendar=rulebook.calendar.as_known_on(day))
    return Office(office._store, known, office._clock)


def test_open_days_are_counted_anew_once_and_the_plan_follows(
    office: Office, rulebook: Rulebook, database: DatabaseAddress, clock: DrivenClock
) -> None:
    clock.jump_to(datetime(2026, 12, 24, 10, tzinfo=CHINA))
    before = knowing(office, rulebook, date(2025, 10, 1))  # 2026 not yet published
    day = order(on=date(2026, 9, 18))
    before.open_accountability(proceeding(), order(on=date(2026, 9, 18)))
    act = application(WUYANG, matter=opening().matter)
    case = before.open_case(act, day, "wuyang_2017").matter_id
    before.perform(case, accept(), order(on=date(2026, 9, 18)))
    assert before.plan(case).moments[-1].key.startswith("answer-1:1:")

    (redated,) = office.redate(case)
    assert (redated.obligation.due_on, redated.obligation.provisional) == (date(2026, 9, 29), False)
    assert all(each.key.startswith("answer-1:2:") for each in office.plan(case).moments)
    counted = stored(database)
    assert office.redate(case) == ()
    assert stored(database) == counted
