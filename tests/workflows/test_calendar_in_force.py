"""What is released in the store holds for every office at once, whichever process it is in."""

from datetime import date

from domain.calendars.publication import ReleaseCalendar
from domain.obligations import ObligationRedated
from tests.support.spring import (
    MA,
    NOTICE_CAME,
    begin,
    due,
    prepare,
    publish,
    request,
    spring_office,
)
from workers.addresses import DatabaseAddress
from workers.store import open_store
from workflows.event_store import EventStore

BY_THE_FIRST, BY_THE_SECOND = date(2020, 1, 31), date(2020, 2, 3)


def test_a_day_counted_after_the_release_is_counted_by_it(store: EventStore) -> None:
    office, clock = spring_office(store)
    assert due(office, begin(office, 1)) == BY_THE_FIRST
    publish(office, clock)
    assert due(office, begin(office, 2)) == BY_THE_SECOND


def test_an_office_in_another_process_counts_by_it_too(
    store: EventStore, database: DatabaseAddress
) -> None:
    here, clock = spring_office(store)
    with open_store(database) as another:
        there, its_clock = spring_office(another)
        assert due(there, begin(there, 1)) == BY_THE_FIRST  # it has looked, and knows of none
        publish(here, clock)
        its_clock.jump_to(NOTICE_CAME)
        assert due(there, begin(there, 2)) == BY_THE_SECOND


def test_a_draft_changes_nothing(store: EventStore) -> None:
    office, clock = spring_office(store)
    clock.jump_to(NOTICE_CAME)
    prepare(office)
    assert due(office, begin(office, 1)) == BY_THE_FIRST


def test_a_day_counted_anew_names_the_edition_and_the_event_that_released_it(
    store: EventStore,
) -> None:
    office, clock = spring_office(store)
    case = begin(office, 1)
    released = publish(office, clock)
    (event,) = office.redate(case, "2020.2")
    assert isinstance(event, ObligationRedated)
    assert (event.was_due_on, event.obligation.due_on) == (BY_THE_FIRST, BY_THE_SECOND)
    assert (event.cause, event.envelope.causation_id) == (
        "2020.2",
        f"{released.matter_id}/{released.version}",
    )
    assert event.obligation.calendars == ("2020.2",)
    assert office.redate(case, "2020.2") == ()


def test_a_release_sent_again_under_its_key_is_answered(store: EventStore) -> None:
    office, clock = spring_office(store)
    clock.jump_to(NOTICE_CAME)
    prepare(office)
    asked = request(MA, NOTICE_CAME.date())
    first = office.on_calendar(ReleaseCalendar(edition="2020.2"), asked)
    again = office.on_calendar(ReleaseCalendar(edition="2020.2"), asked)
    assert (again.replayed, again.version) == (True, first.version)
