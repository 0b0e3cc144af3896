"""A case and the proceeding it answers move together: stored in one act, or not at all."""

from collections.abc import Callable
from datetime import date
from uuid import UUID

import pytest

from domain.accountability.acts import DecideAccountability, OpenAccountability
from domain.accountability.proceeding import proceeding_id
from domain.refusals import Code, Refusal
from domain.tolerance import acts
from domain.tolerance.state import Stage
from tests.support.databases import stored
from tests.support.examples import (
    CHEN,
    INSPECTOR,
    YOUXIAN,
    ZHAO,
    application,
    open_verification,
    start_ex_officio,
)
from tests.support.matters import DAY, POLICY, begun, opening, order, proceeding
from workers.addresses import DatabaseAddress
from workflows.event_store import Receipt
from workflows.office import Office
from workflows.surroundings import Surroundings

FIRST, SECOND = "例〔2026〕1号", "例〔2026〕2号"
WITHDRAW = acts.WithdrawApplication(explanation="不再需要")
CONTINUE = acts.ContinueExOfficio(explanation="仍应考虑")


def refusal_of(ask: Callable[[], object]) -> Refusal:
    with pytest.raises(Refusal) as refused:
        ask()
    return refused.value


def another(number: str = SECOND) -> acts.StartExOfficio:
    """A second case on the same matter as the first."""
    return opening(FIRST).model_copy(update={"case_number": number})


@pytest.fixture
def case(office: Office) -> UUID:
    return begun(office, FIRST).matter_id


# --- one open case for one subject of one matter -----------------------------------------------


@pytest.mark.usefixtures("case")
def test_a_second_case_on_the_same_matter_and_subject_is_refused(
    office: Office, database: DatabaseAddress
) -> None:
    before = stored(database)
    refusal = refusal_of(lambda: office.open_case(another(), order(), POLICY))
    assert refusal.code is Code.DUPLICATE
    assert FIRST in refusal.obstacle
    assert "attach_application" in refusal.way_out
    assert stored(database) == before


@pytest.mark.usefixtures("case")
def test_another_subject_of_the_same_matter_may_have_his_own(office: Office) -> None:
    act = another().model_copy(update={"subjects": (ZHAO,)})
    assert office.open_case(act, order(), POLICY).version == 1


@pytest.mark.usefixtures("case")
def test_the_same_person_in_another_matter_may_have_another(office: Office) -> None:
    assert begun(office, SECOND).version == 1


@pytest.mark.usefixtures("case")
def test_control_an_office_that_asks_no_proceeding_opens_both(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Surroundings, "_refer", lambda *_: None)
    assert office.open_case(another(), order(), POLICY).version == 1


def test_a_case_on_a_matter_nobody_opened_is_refused(
    office: Office, database: DatabaseAddress
) -> None:
    refusal = refusal_of(lambda: office.open_case(opening(), order(), POLICY))
    assert refusal.code is Code.NO_MATTER
    assert stored(database).events == 0


def applied_for(office: Office) -> UUID:
    office.open_accountability(proceeding(FIRST), order())
    act = application(YOUXIAN, matter=opening(FIRST).matter, case_number=FIRST)
    return office.open_case(act, order(), "youxian_2017").matter_id


def test_a_case_that_is_over_makes_room_for_another(office: Office) -> None:
    office.perform(applied_for(office), WITHDRAW, order())
    act = application(YOUXIAN, matter=opening(FIRST).matter, case_number=SECOND)
    assert office.open_case(act, order(), "youxian_2017").version == 1


def test_a_withdrawn_case_cannot_go_on_beside_its_successor(office: Office) -> None:
    office.open_accountability(proceeding(FIRST), order())
    told = application(YOUXIAN, matter=opening(FIRST).matter, case_number=FIRST)
    withdrawn = office.open_case(told, order(), POLICY).matter_id
    office.perform(withdrawn, WITHDRAW, order())
    office.open_case(another(), order(), POLICY)
    assert refusal_of(lambda: office.perform(withdrawn, CONTINUE, order())).code is Code.DUPLICATE
    assert office.case(withdrawn).stage is Stage.WITHDRAWN


# --- what is said of the proceeding ------------------------------------------------------------


def test_the_proceeding_is_told_by_its_own_history_and_not_by_the_asker(office: Office) -> None:
    opened = OpenAccountability(
        number=proceeding(FIRST).number,
        organ=INSPECTOR,
        subjects=(CHEN,),
        conduct_on=date(2025, 1, 2),
        handlers=("inspector-7",),
    )
    office.open_accountability(opened, order())
    lying = opening(FIRST).matter.model_copy(
        update={"opened_on": date(2020, 1, 1), "number": "别的"}
    )
    act = opening(FIRST).model_copy(update={"matter": lying})
    matter = office.case(office.open_case(act, order(), POLICY).matter_id).matter
    assert matter is not None
    assert (matter.opened_on, matter.number) == (DAY, opened.number)
    assert (matter.conduct_on, matter.handlers) == (opened.conduct_on, opened.handlers)


def test_the_accountability_decision_is_known_to_a_case_that_begins_after_it(
    office: Office,
) -> None:
    office.open_accountability(proceeding(FIRST), order())
    decide = DecideAccountability(explanation="给予通报")
    office.perform(proceeding_id(proceeding(FIRST).number), decide, order())
    matter = office.case(office.open_case(opening(FIRST), order(), POLICY).matter_id).matter
    assert matter is not None
    assert matter.decided_on == DAY


# --- one act, two matters ----------------------------------------------------------------------


def test_the_receipt_names_the_case_and_not_the_proceeding(office: Office) -> None:
    office.open_accountability(proceeding(FIRST), order())
    once = order()
    first = office.open_case(opening(FIRST), once, POLICY)
    again = office.open_case(opening(FIRST), once, POLICY)
    assert again == Receipt(first.matter_id, first.version, first.position, replayed=True)


def test_both_are_stored_in_one_act(office: Office, case: UUID) -> None:
    matter = office.case(case).matter
    assert matter is not None
    assert office.proceeding(matter.number).referred == {CHEN.id: FIRST}


# --- another edition ---------------------------------------------------------------------------


def test_a_repinned_case_goes_on_under_the_other_edition(office: Office, case: UUID) -> None:
    repin = acts.Repin(policy="huangshi", explanation="市里的细则已经施行")
    approved = order().model_copy(update={"authority": "会议纪要〔2026〕3号"})
    office.perform(case, repin, approved)
    office.perform(case, open_verification(), order())
    assert office.case(case).policy == "huangshi.1"


def test_an_edition_nobody_knows_is_no_edition(office: Office, case: UUID) -> None:
    repin = acts.Repin(policy="atlantis", explanation="想象")
    approved = order().model_copy(update={"authority": "会议纪要〔2026〕3号"})
    refusal = refusal_of(lambda: office.perform(case, repin, approved))
    assert refusal.code is Code.UNKNOWN_POLICY


def test_a_repin_without_authority_is_refused(office: Office, case: UUID) -> None:
    repin = acts.Repin(policy="huangshi", explanation="市里的细则已经施行")
    assert refusal_of(lambda: office.perform(case, repin, order())).code is Code.REASON_MISSING


def test_an_instrument_not_in_force_on_its_day_opens_no_case(office: Office) -> None:
    early = order(on=date(2016, 3, 2))
    office.open_accountability(proceeding(FIRST), order(on=date(2016, 3, 2)))
    act = start_ex_officio().model_copy(
        update={"matter": opening(FIRST).matter, "case_number": FIRST}
    )
    refusal = refusal_of(lambda: office.open_case(act, early, POLICY))
    assert refusal.code is Code.NO_EDITION_IN_FORCE
