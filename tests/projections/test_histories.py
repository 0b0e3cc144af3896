"""Views made from whole histories are what a follower makes, whatever is parked or passed over."""

import gc
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import NamedTuple
from uuid import UUID

import asyncpg
import pytest
from structlog.testing import capture_logs

from domain import registry
from domain.matter import Matter
from domain.obligations import Moment, moments
from domain.tolerance.state import case_id
from projections.consistency import fingerprint
from projections.folds import COLUMNS, Folded, decode
from projections.follower import Follower, HoleInLog
from projections.making import without_collecting
from projections.passed_over import UNCOUNTED
from projections.rebuild import rebuild
from projections.rows import Recorded
from projections.views import VIEWS
from tests.support.examples import HUBEI, verified
from tests.support.given import given
from tests.support.matters import NUMBER
from tests.support.writers import Line, append, lines
from workers.addresses import DatabaseAddress
from workers.store import PROJECTOR, READER, connect_as

UNREADABLE = b'{"on": "soon"}'
PASSED_OVER = "tolerance.list-checked.v1"
SMALL, LARGE = 2, 5_000


@pytest.fixture
def followed(database: DatabaseAddress) -> Callable[..., Follower]:
    return partial(Follower, partial(connect_as, PROJECTOR, database))


class Held(NamedTuple):
    views: dict[str, str]
    parked: list[tuple[UUID, int, str]]


async def held(connection: asyncpg.Connection) -> Held:
    """A hash of every view, and who is parked where and why."""
    parked = await connection.fetch("SELECT matter_id, position, error FROM views.parked")
    return Held(
        {view: await fingerprint(connection, view) for view in VIEWS},
        sorted(tuple(row) for row in parked),
    )


def unreadable(number: str, version: int, topic: str = "tolerance.accepted.v1") -> Line:
    return Line(case_id(number), version, topic, UNREADABLE)


async def with_three_troubled(writer: asyncpg.Connection) -> None:
    """One at its first event, one in the middle, one at its last; sound ones before and between."""
    await append(writer, lines("例1", opinions=3))
    await append(writer, [unreadable("例2", 1)])
    first, second, third, fourth = lines("例3", opinions=2)
    await append(writer, [first, second, unreadable("例3", 3), *lines("例4", opinions=1)])
    await append(writer, [third._replace(version=4), fourth._replace(version=5)])
    await append(writer, [*lines("例5"), unreadable("例5", 3), *lines("例6", opinions=4)])


# --- what is parked ----------------------------------------------------------------------------


@pytest.mark.parametrize("following", [SMALL, LARGE])
@pytest.mark.parametrize("rebuilding", [SMALL, LARGE])
async def test_troubled_matters_are_parked_alike_whoever_meets_them_and_in_whatever_batches(
    writer: asyncpg.Connection,
    projector: asyncpg.Connection,
    followed: Callable[..., Follower],
    following: int,
    rebuilding: int,
) -> None:
    await with_three_troubled(writer)
    with capture_logs():
        await followed(batch=following).catch_up()
        before = await held(projector)
        await rebuild(projector, [*VIEWS], batch=rebuilding)
    assert await held(projector) == before
    assert {row[0] for row in before.parked} == {case_id(each) for each in ("例2", "例3", "例5")}


async def test_batches_of_any_size_leave_the_same_views(
    writer: asyncpg.Connection,
    projector: asyncpg.Connection,
    followed: Callable[..., Follower],
) -> None:
    await with_three_troubled(writer)
    with capture_logs():
        await followed(batch=1).catch_up()
        one_by_one = await held(projector)
        await projector.execute(f"TRUNCATE {', '.join(f'views.{view}' for view in VIEWS)}")
        await projector.execute("DELETE FROM views.parked")
        await projector.execute("UPDATE views.position SET position = 0")
        await followed(batch=LARGE).catch_up()
    assert await held(projector) == one_by_one


async def test_a_matter_parked_stays_there_in_a_view_made_anew_by_itself(
    writer: asyncpg.Connection,
    projector: asyncpg.Connection,
    followed: Callable[..., Follower],
) -> None:
    """Even where the event that cannot be read is one that the view passes over."""
    opening, *others = [
        Line(
            case_id(NUMBER), event.originator_version, event.topic, event.model_dump_json().encode()
        )
        for event in given(verified(HUBEI)).recorded
    ]
    accepted = next(each for each in others if each.topic == "tolerance.accepted.v1")
    damaged = Line(opening.matter, 2, PASSED_OVER, UNREADABLE)
    await append(writer, [opening, damaged, accepted._replace(version=3)])
    with capture_logs():
        await followed().catch_up()
        before = await held(projector)
        await rebuild(projector, ["facts"])
    assert PASSED_OVER in UNCOUNTED
    assert [row[1] for row in before.parked] == [2]
    assert await held(projector) == before


# --- what is passed over -----------------------------------------------------------------------


async def logged(address: DatabaseAddress) -> list[Recorded]:
    reader = await connect_as(READER, address)
    rows = await reader.fetch(
        f"SELECT {COLUMNS} FROM log.events ORDER BY notification_id"  # noqa: S608 (our own names)
    )
    await reader.close()
    return [decode(row) for row in rows]


async def test_an_event_passed_over_adds_no_row_to_the_view(
    played_template: DatabaseAddress,
) -> None:
    folds: dict[UUID, Folded] = {}
    met = set()
    for recorded in await logged(played_template):
        event = recorded.event
        fold = (
            folds.setdefault(event.originator_id, Folded(registry.begin(event)))
            if (event.originator_version == 1)
            else folds[event.originator_id]
        )
        fold.apply(recorded)
        for view in VIEWS.values():
            if view.of_event and event.topic in view.passes_over:
                assert [*view.of_event(recorded, fold.matter)] == [], (view.name, event.topic)
                met.add(event.topic)
    assert len(met & UNCOUNTED) > len(UNCOUNTED) / 2  # most of them were there to be looked at


def test_what_opens_a_matter_is_passed_over_by_no_view() -> None:
    assert not [view.name for view in VIEWS.values() if view.passes_over & registry.MATTERS.keys()]


def test_a_view_that_shows_matters_as_they_stand_passes_nothing_over() -> None:
    assert not [view.name for view in VIEWS.values() if view.of_matter and view.passes_over]


# --- what is remembered ------------------------------------------------------------------------


async def test_the_clock_moves_with_the_events_of_duties_and_with_no_other(
    played_template: DatabaseAddress,
) -> None:
    """As if the moments were looked at after every event."""
    folds: dict[UUID, Folded] = {}
    looked: dict[UUID, tuple[tuple[Moment, ...], int]] = {}
    for recorded in await logged(played_template):
        event = recorded.event
        if event.originator_version == 1:
            folds[event.originator_id] = Folded(registry.begin(event))
        fold = folds[event.originator_id]
        fold.apply(recorded)
        if isinstance(fold.matter, Matter):
            waiting = moments(fold.matter.obligations)
            before = looked.get(fold.matter.id)
            if before is None or before[0] != waiting:
                looked[fold.matter.id] = waiting, fold.matter.version
            assert (fold.waiting, fold.planned_at) == looked[fold.matter.id], event.topic
    assert len(looked) > 1


def test_the_search_for_cycles_goes_on_after_a_batch_however_it_ends() -> None:
    on = [gc.isenabled()]
    with suppress(ZeroDivisionError), without_collecting():
        on.append(gc.isenabled())
        on.append(bool(1 / 0))
    assert [*on, gc.isenabled()] == [True, False, True]


def test_the_search_for_cycles_that_was_off_before_a_batch_stays_off() -> None:
    gc.disable()
    try:
        with without_collecting():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()


# --- what goes wrong on the way ----------------------------------------------------------------


async def test_a_log_with_a_hole_is_not_made_into_views(
    writer: asyncpg.Connection,
    projector: asyncpg.Connection,
    superuser: asyncpg.Connection,
    followed: Callable[..., Follower],
) -> None:
    await append(writer, lines())
    await followed().catch_up()
    before = await held(projector)
    await superuser.execute("UPDATE log.counter SET last = last + 1")
    await append(writer, lines("例2"))
    await superuser.execute("UPDATE views.position SET position = 5")
    with pytest.raises(HoleInLog, match="只有 4 个事件"):
        await rebuild(projector, [*VIEWS])
    assert await held(projector) == before


async def test_a_rebuild_whose_connection_is_killed_between_batches_leaves_the_old_views(
    writer: asyncpg.Connection,
    database: DatabaseAddress,
    projector: asyncpg.Connection,
    followed: Callable[..., Follower],
) -> None:
    await append(writer, lines(NUMBER, opinions=6))
    await followed().catch_up()
    before = await held(projector)
    lost = await connect_as(PROJECTOR, database)
    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError)):
        await rebuild(lost, [*VIEWS], batch=3, progress=lambda *_: lost.terminate())
    assert await held(projector) == before
    await rebuild(projector, [*VIEWS], batch=3)
    assert await held(projector) == before


async def test_a_follower_that_ends_between_two_batches_is_followed_by_one_that_goes_on_there(
    writer: asyncpg.Connection,
    projector: asyncpg.Connection,
    database: DatabaseAddress,
    followed: Callable[..., Follower],
) -> None:
    await append(writer, lines(NUMBER, opinions=6))
    first = followed(batch=3)
    connection = await connect_as(PROJECTOR, database)
    async with connection.transaction():
        assert await first._applier.step(connection, limit=3, upto=None) == 3
    connection.terminate()
    assert await followed(batch=3).catch_up() == 8
    in_two = await held(projector)
    await rebuild(projector, [*VIEWS])
    assert await held(projector) == in_two
