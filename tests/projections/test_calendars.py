"""Which open days an edition of the calendar touches, and what readers see of its coming."""

from dataclasses import replace
from datetime import date, datetime
from functools import partial
from uuid import UUID

import asyncpg
import pytest

from domain.calendars.publication import PrepareCalendar, ReleaseCalendar
from domain.law.calendar import CHINA
from gateway.rulebook import Rulebook
from projections.calendars import digests, how_many_touched, released, touched
from projections.follower import Follower
from tests.support.spring import HE, MA, begin, due, request, spring_lived
from workers.addresses import DatabaseAddress
from workers.store import PROJECTOR, connect_as
from workflows.clock import DrivenClock
from workflows.event_store import EventStore
from workflows.office import Office

EDITIONS = {each.name: each for each in Rulebook.packaged().calendar.editions}


class Notice:
    """An office of a program that came before a notice, and the notice coming."""

    def __init__(self, store: EventStore, database: DatabaseAddress, name: str) -> None:
        self.edition = EDITIONS[name]
        packaged = Rulebook.packaged()
        before = date.fromordinal(self.edition.issued_on.toordinal() - 1)
        known = replace(packaged, calendar=packaged.calendar.as_known_on(before))
        self.clock = DrivenClock()
        self.clock.jump_to(datetime(2018, 1, 1, tzinfo=CHINA))
        self.office = Office(store, known, self.clock)
        self._database = database
        self._begun = 0

    def begin(self, on: str) -> UUID:
        day = date.fromisoformat(on)
        self.clock.jump_to(datetime(day.year, day.month, day.day, 10, tzinfo=CHINA))
        self._begun += 1
        return begin(self.office, self._begun, on=day)

    async def comes(self, projector: asyncpg.Connection, on: str) -> set[UUID]:
        """Published on that day; the matters it touches."""
        day = date.fromisoformat(on)
        self.clock.jump_to(datetime(day.year, day.month, day.day, 18, tzinfo=CHINA))
        amends = self.edition.edition > 1
        prepare = PrepareCalendar(edition=self.edition, amends=amends)
        self.office.on_calendar(prepare, request(HE, day))
        self.office.on_calendar(ReleaseCalendar(edition=self.edition.name), request(MA, day))
        await Follower(partial(connect_as, PROJECTOR, self._database)).catch_up()
        found = await touched(
            projector, self.edition.name, after=None, limit=100, moved_since=False
        )
        assert len(found) == await how_many_touched(projector, self.edition.name)
        return {*found}


@pytest.fixture
def spring(store: EventStore, database: DatabaseAddress) -> Notice:
    return Notice(store, database, "2020.2")


@pytest.mark.parametrize(
    ("begun", "is_touched"),
    [
        ("2019-12-17", False),  # due on 12-26, the last rung on the last day of the year
        ("2019-12-18", True),  # due on 12-27, the last rung in 2020
        ("2020-01-16", True),
        ("2020-12-31", True),  # starts on the last day, due in 2021
        ("2021-01-04", False),
    ],
)
async def test_a_day_is_touched_where_it_or_a_rung_of_it_stands_in_the_year(
    spring: Notice, projector: asyncpg.Connection, begun: str, is_touched: bool
) -> None:
    case = spring.begin(begun)
    later = max(begun, "2020-01-27")
    assert (case in await spring.comes(projector, later)) == is_touched


async def test_the_next_matters_come_after_the_last_in_the_order_of_their_ids(
    spring: Notice, projector: asyncpg.Connection
) -> None:
    cases = sorted(spring.begin("2020-01-16") for _ in range(5))
    await spring.comes(projector, "2020-01-27")
    first = await touched(projector, "2020.2", after=None, limit=3, moved_since=False)
    rest = await touched(projector, "2020.2", after=first[-1], limit=3, moved_since=False)
    assert [*first, *rest] == cases


async def test_a_second_look_asks_only_for_what_moved_since_the_release(
    spring: Notice, projector: asyncpg.Connection, database: DatabaseAddress
) -> None:
    still, moved = spring.begin("2020-01-16"), spring.begin("2020-01-16")
    assert await spring.comes(projector, "2020-01-27") == {still, moved}
    spring.office.redate(moved, "2020.2")
    await Follower(partial(connect_as, PROJECTOR, database)).catch_up()
    again = await touched(projector, "2020.2", after=None, limit=9, moved_since=True)
    assert again == [moved]


# --- the notice of 2019, which reached back to the December before ---------------------------


async def test_a_notice_that_reaches_back_touches_the_december_before(
    store: EventStore, database: DatabaseAddress, projector: asyncpg.Connection
) -> None:
    notice = Notice(store, database, "2019.1")
    notice.clock.jump_to(datetime(2018, 12, 6, 10, tzinfo=CHINA))  # it came on that day
    settled = notice.begin("2018-12-20")  # by the calendar of 2018 alone: due on Monday, 12-31
    presumed = notice.begin("2018-12-21")
    assert (due(notice.office, settled), due(notice.office, presumed)) == (
        date(2018, 12, 31),
        date(2019, 1, 2),
    )
    assert await notice.comes(projector, "2018-12-21") == {settled, presumed}
    (one,) = notice.office.redate(settled, "2019.1")
    # Saturday 12-29 came to be worked, which would make it earlier: a settled day stays
    assert (one.kept, one.obligation.due_on, one.settled) == (True, date(2018, 12, 31), False)
    (other,) = notice.office.redate(presumed, "2019.1")
    assert (other.kept, other.obligation.due_on, other.settled) == (False, date(2019, 1, 2), True)


# --- what readers see --------------------------------------------------------------------------


async def test_the_coming_of_an_edition_can_be_read(
    database: DatabaseAddress, reader: asyncpg.Connection
) -> None:
    await spring_lived(database)
    (edition,) = await reader.fetch("SELECT * FROM views.calendar_editions")
    assert (edition["edition"], edition["state"], edition["looked_at"], edition["redated"]) == (
        "2020.2",
        "applied",
        1,
        1,
    )
    assert (edition["prepared_by"], edition["released_by"]) == ("he", "ma")
    (moved,) = await reader.fetch("SELECT * FROM views.redatings")
    assert (moved["was_due_on"], moved["due_on"], moved["cause"], moved["kept"]) == (
        date(2020, 1, 31),
        date(2020, 2, 3),
        "2020.2",
        False,
    )
    assert [each.name for each in await released(reader)] == ["2020.2"]
    (digest,) = await digests(reader, "2020.2")
    assert (digest.duties, digest.later, digest.settled) == (1, 1, 0)


async def test_each_post_is_told_once_what_an_edition_changed_for_it(
    database: DatabaseAddress, reader: asyncpg.Connection
) -> None:
    await spring_lived(database)
    (notice,) = await reader.fetch("SELECT * FROM views.notices WHERE kind = 'calendar_digest'")
    assert notice["text"].startswith("期限重算：因日历2020.2发布，")
    assert "延后1项" in notice["text"]
    (digest,) = await digests(reader, "2020.2")
    assert (notice["to_organ"], notice["to_role"]) == (digest.organ, digest.responsible)
