"""The follower: misses nothing, applies nothing twice, comes back, and passes over no hole."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import replace
from functools import partial
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from eventsourcing.application import Application
from structlog.testing import capture_logs

from domain.aggregate import Aggregate, Event
from domain.obligations import Obligation, ObligationMet, ObligationOpened
from domain.tolerance.events import FollowUpVisitHeld
from domain.tolerance.state import case_id
from projections.consistency import fingerprint
from projections.follower import Applier, Follower, HoleInLog
from projections.making import Making
from projections.rows import Row
from projections.views import VIEWS
from tests.support.databases import SUPERUSER
from tests.support.examples import HUBEI
from tests.support.matters import DAY, NUMBER, begun, history
from tests.support.writers import Line, Tail, append, lines, write_at_once
from workers.addresses import DatabaseAddress
from workers.store import PROJECTOR, WRITER, connect_as
from workflows.office import Office

WRITERS = 4
EVENTS = 20_000
EVENTS_AN_ACT = 10
OTHER = "例〔2026〕2号"


@pytest.fixture
def follower_with(database: DatabaseAddress) -> Callable[..., Follower]:
    return partial(Follower, partial(connect_as, PROJECTOR, database))


@asynccontextmanager
async def following(follower: Follower) -> AsyncIterator[None]:
    """The follower runs for the length of the block."""
    task = asyncio.create_task(follower.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def reached(follower: Follower, position: int, *, within: float = 10) -> None:
    async with asyncio.timeout(within):
        await follower.wait_for(position)


async def standing(connection: asyncpg.Connection) -> tuple[int, int]:
    """The position of the views, and how many events the audit trail tells."""
    row = await connection.fetchrow(
        "SELECT (SELECT position FROM views.position), (SELECT count(*) FROM views.audit_trail)"
    )
    assert row is not None
    return row[0], row[1]


async def fingerprints(connection: asyncpg.Connection) -> dict[str, str]:
    return {view: await fingerprint(connection, view) for view in VIEWS}


# --- nothing is missed -------------------------------------------------------------------------


async def test_a_reader_right_behind_four_writers_misses_nothing(
    database: DatabaseAddress,
    projector: asyncpg.Connection,
    follower_with: Callable[..., Follower],
) -> None:
    follower, tail = follower_with(), Tail(projector, "log.events")
    acts = EVENTS // EVENTS_AN_ACT // WRITERS
    async with following(follower):
        work = asyncio.create_task(write_at_once(database, WRITER, writers=WRITERS, acts=acts))
        while not work.done():
            await tail.look()
        await work
        await tail.look()
        await reached(follower, EVENTS, within=30)
    assert (tail.seen, await tail.missed()) == (EVENTS, 0)
    assert await standing(projector) == (EVENTS, EVENTS)


async def test_control_behind_the_librarys_own_function_a_reader_misses_events(
    database: DatabaseAddress, superuser: asyncpg.Connection
) -> None:
    await with_the_librarys_tables(database, superuser)
    tail = Tail(superuser, "lib.application_events")
    work = asyncio.create_task(
        write_at_once(database, SUPERUSER, writers=WRITERS, acts=EVENTS, statement=LIBRARYS_APPEND)
    )
    missed, limit = 0, time.monotonic() + 20
    while not missed and not work.done() and time.monotonic() < limit:
        for _ in range(50):
            await tail.look()
        missed = await tail.missed()
    work.cancel()
    with suppress(asyncio.CancelledError):
        await work
    assert missed > 0, f"missed {missed} of {tail.seen}: the test above proves nothing"


LIBRARYS_APPEND = """
    SELECT lib.es_insert_events_uuid(
        array_agg(ROW (id, version, topic, state)::lib.stored_event_uuid ORDER BY number))
    FROM unnest($1::uuid[], $2::bigint[], $3::text[], $4::bytea[])
        WITH ORDINALITY AS e (id, version, topic, state, number)
"""


async def with_the_librarys_tables(
    database: DatabaseAddress, superuser: asyncpg.Connection
) -> None:
    await superuser.execute("CREATE SCHEMA lib")
    with Application[UUID](
        {
            "PERSISTENCE_MODULE": "eventsourcing.postgres",
            "POSTGRES_HOST": database.host,
            "POSTGRES_PORT": str(database.port),
            "POSTGRES_DBNAME": database.name,
            "POSTGRES_USER": SUPERUSER,
            "POSTGRES_PASSWORD": "",
            "POSTGRES_SCHEMA": "lib",
            "POSTGRES_ENABLE_DB_FUNCTIONS": "yes",
        }
    ) as application:
        assert application.recorder.max_notification_id() is None


# --- rows and position commit together ---------------------------------------------------------


class DiesBeforeThePosition(Applier):
    """Loses its connection when the rows of a batch are written and its position is not yet."""

    rows_commit_alone = False

    async def _write(self, connection: asyncpg.Connection, making: Making) -> None:
        await super()._write(connection, making)
        if self.rows_commit_alone:
            await connection.execute("COMMIT")
        await connection.execute("SELECT pg_terminate_backend(pg_backend_pid())")


class CommitsRowsAlone(DiesBeforeThePosition):
    rows_commit_alone = True


async def cut_in_the_middle_of_a_batch(follower: Follower, applier: Applier) -> None:
    follower._applier = applier
    with pytest.raises(asyncpg.InterfaceError, match="connection is closed"):
        await follower.catch_up()


async def test_a_batch_cut_in_the_middle_leaves_rows_and_position_as_they_were(
    writer: asyncpg.Connection,
    reader: asyncpg.Connection,
    follower_with: Callable[..., Follower],
) -> None:
    await append(writer, lines(opinions=3))
    await cut_in_the_middle_of_a_batch(follower_with(), DiesBeforeThePosition())
    assert await standing(reader) == (0, 0)
    assert await follower_with().catch_up() == 5
    assert await standing(reader) == (5, 5)


async def test_control_rows_committed_alone_are_met_again_by_the_next_follower(
    writer: asyncpg.Connection,
    reader: asyncpg.Connection,
    follower_with: Callable[..., Follower],
) -> None:
    await append(writer, lines(opinions=3))
    await cut_in_the_middle_of_a_batch(follower_with(), CommitsRowsAlone())
    assert await standing(reader) == (0, 5)
    with pytest.raises(asyncpg.UniqueViolationError):
        await follower_with().catch_up()


async def test_a_batch_that_cannot_be_written_waits_and_then_goes_in_whole(
    writer: asyncpg.Connection,
    superuser: asyncpg.Connection,
    follower_with: Callable[..., Follower],
) -> None:
    await append(writer, lines(opinions=6))
    await superuser.execute(
        "ALTER TABLE views.audit_trail ADD CONSTRAINT no_more CHECK (position < 6)"
    )
    follower = follower_with(batch=3)
    with pytest.raises(asyncpg.CheckViolationError):
        await follower.catch_up()
    assert await standing(superuser) == (3, 3)
    assert await superuser.fetchval("SELECT version FROM views.case_register") == 3
    await superuser.execute("ALTER TABLE views.audit_trail DROP CONSTRAINT no_more")
    assert await follower.catch_up() == 8
    assert await superuser.fetchval("SELECT version FROM views.case_register") == 8
    assert await standing(superuser) == (8, 8)


# --- it comes back -----------------------------------------------------------------------------

KILL = """
    SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
    WHERE usename = 'rongcuo_projector' AND datname = current_database()
"""


async def test_a_follower_whose_connection_is_killed_comes_back_and_loses_nothing(
    writer: asyncpg.Connection,
    superuser: asyncpg.Connection,
    follower_with: Callable[..., Follower],
) -> None:
    follower = follower_with(poll=60)  # so that nothing but a notification can wake it
    async with following(follower):
        for number in range(1, 6):
            await append(writer, lines(f"例{number}", opinions=1))
            await reached(follower, 6 * number - 3)
            assert await superuser.fetchval(KILL) == 1
            await append(writer, lines(f"又{number}", opinions=1))
            await reached(follower, 6 * number)
    assert await standing(superuser) == (30, 30)


async def test_control_a_follower_that_does_not_connect_again_ends_at_the_first_kill(
    writer: asyncpg.Connection,
    superuser: asyncpg.Connection,
    follower_with: Callable[..., Follower],
) -> None:
    follower = follower_with(poll=60)
    once = asyncio.create_task(follower._follow())
    await append(writer, lines(opinions=1))
    await reached(follower, 3)
    assert await superuser.fetchval(KILL) == 1
    await asyncio.gather(once, return_exceptions=True)
    await append(writer, lines(OTHER, opinions=1))
    with pytest.raises(TimeoutError):
        await reached(follower, 6, within=0.2)


async def test_what_was_stored_before_it_started_is_applied_at_once(
    writer: asyncpg.Connection, follower_with: Callable[..., Follower]
) -> None:
    await append(writer, lines())
    follower = follower_with(poll=60)
    async with following(follower):
        await reached(follower, 2)


async def test_an_event_nobody_told_of_is_found_by_looking(
    writer: asyncpg.Connection, follower_with: Callable[..., Follower]
) -> None:
    follower = follower_with(poll=0.05)
    async with following(follower):
        await append(writer, lines())
        await reached(follower, 2)
        await append(writer, lines(OTHER), UNTOLD)
        await reached(follower, 4)


UNTOLD = """
    INSERT INTO log.events (originator_id, originator_version, topic, state)
    SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::text[], $4::bytea[])
"""


async def test_whoever_acted_reads_what_came_of_it(
    office: Office, reader: asyncpg.Connection, follower_with: Callable[..., Follower]
) -> None:
    follower = follower_with()
    async with following(follower):
        receipt = await asyncio.to_thread(begun, office)
        await reached(follower, receipt.position)
        number = await reader.fetchval(
            "SELECT case_number FROM views.case_register WHERE matter_id = $1", receipt.matter_id
        )
    assert number == NUMBER


# --- a hole stops the line ---------------------------------------------------------------------


async def with_a_hole(writer: asyncpg.Connection, superuser: asyncpg.Connection) -> None:
    """Events 1, 2, 4 and 5. Only the superuser can make this."""
    await append(writer, lines())
    await superuser.execute("UPDATE log.counter SET last = last + 1")
    await append(writer, lines(OTHER))


async def test_a_hole_in_the_log_is_not_passed_over(
    writer: asyncpg.Connection,
    superuser: asyncpg.Connection,
    follower_with: Callable[..., Follower],
) -> None:
    await with_a_hole(writer, superuser)
    follower = follower_with(batch=2)
    for _ in range(2):
        with pytest.raises(HoleInLog, match="第 3 号处不连续（读到 4）"):
            await follower.catch_up()
    assert await standing(superuser) == (2, 2)


async def test_events_before_a_hole_wait_with_those_behind_it_in_one_batch(
    writer: asyncpg.Connection,
    superuser: asyncpg.Connection,
    follower_with: Callable[..., Follower],
) -> None:
    await with_a_hole(writer, superuser)
    with pytest.raises(HoleInLog):
        await follower_with().catch_up()
    assert await standing(superuser) == (0, 0)


async def test_a_running_follower_stands_before_a_hole_and_says_so(
    writer: asyncpg.Connection,
    superuser: asyncpg.Connection,
    follower_with: Callable[..., Follower],
) -> None:
    await with_a_hole(writer, superuser)
    follower = follower_with(batch=2, poll=0.05)
    with capture_logs() as told:
        async with following(follower):
            await asyncio.sleep(0.3)
    assert await standing(superuser) == (2, 2)
    assert {each["event"] for each in told} == {"follower_reconnecting"}
    assert all("第 3 号" in each["error"] for each in told)


async def test_control_a_reader_that_asks_for_what_is_greater_passes_over_a_hole(
    writer: asyncpg.Connection, superuser: asyncpg.Connection
) -> None:
    await with_a_hole(writer, superuser)
    tail = Tail(superuser, "log.events")
    await tail.look()
    assert (tail.position, tail.seen) == (5, 4)


# --- one matter's trouble is its own -----------------------------------------------------------


def troubled(kind: type[Event], **facts: Any) -> Line:
    """A third event of the example case that its state or its sentence cannot take."""
    last = history()[-1]
    common = {name: getattr(last, name) for name in ("originator_id", "on", "recorded_at")}
    event = kind(originator_version=3, envelope=last.envelope, **common, **facts)
    return Line(case_id(NUMBER), 3, event.topic, event.model_dump_json().encode())


def duty_of_nobody() -> Obligation:
    (rule, *_), start = HUBEI.deadline_rules(), DAY
    return HUBEI.obligation(rule, id=f"{rule.id}-1", subject="nobody", start=start, organ="cdi")


TROUBLES = {
    "a name nobody knows": Line(case_id(NUMBER), 3, "tolerance.blessed.v1", b"{}"),
    "facts that do not fit": Line(case_id(NUMBER), 3, "tolerance.accepted.v1", b'{"on": "soon"}'),
    "no JSON": Line(case_id(NUMBER), 3, "tolerance.accepted.v1", b"\xff"),
    "the end of a duty never begun": troubled(ObligationMet, obligation_id="answer-9", by="x"),
    "a visit to nobody": troubled(
        FollowUpVisitHeld, subject="nobody", visitors=("甲",), summary=""
    ),
    "a duty towards nobody": troubled(ObligationOpened, obligation=duty_of_nobody()),
}


@pytest.mark.parametrize("batch", [1, 500])
@pytest.mark.parametrize("trouble", TROUBLES)
async def test_an_event_that_cannot_be_applied_parks_its_matter_alone(
    writer: asyncpg.Connection,
    reader: asyncpg.Connection,
    follower_with: Callable[..., Follower],
    batch: int,
    trouble: str,
) -> None:
    await append(writer, [*lines(), TROUBLES[trouble], *lines(OTHER)])
    follower = follower_with(batch=batch)
    with capture_logs() as told:
        assert await follower.catch_up() == 5
    assert [(each["event"], each["position"]) for each in told] == [("matter_parked", 3)]
    (parked,) = await reader.fetch("SELECT matter_id, position, error FROM views.parked")
    assert (parked["matter_id"], parked["position"]) == (case_id(NUMBER), 3)
    assert parked["error"] == told[0]["error"]
    assert await versions(reader) == {NUMBER: 2, OTHER: 2}
    assert await reader.fetchval(
        "SELECT array_agg(position ORDER BY 1) FROM views.audit_trail"
    ) == [
        1,
        2,
        4,
        5,
    ]


async def versions(reader: asyncpg.Connection) -> dict[str, int]:
    rows = await reader.fetch("SELECT case_number, version FROM views.case_register")
    return {row["case_number"]: row["version"] for row in rows}


async def test_a_parked_matter_stays_where_it_was_while_others_go_on(
    writer: asyncpg.Connection,
    reader: asyncpg.Connection,
    follower_with: Callable[..., Follower],
) -> None:
    first, second, _, harmless = lines(opinions=2)
    await append(writer, [first, second, TROUBLES["a visit to nobody"]])
    follower = follower_with()
    await follower.catch_up()
    await append(writer, [harmless, *lines(OTHER, opinions=1)])
    with capture_logs() as told:
        assert await follower.catch_up() == 7
    assert told == []
    assert await versions(reader) == {NUMBER: 2, OTHER: 3}
    assert await reader.fetchval("SELECT count(*) FROM views.parked") == 1


async def test_a_matter_that_cannot_be_shown_is_parked_and_the_others_are(
    writer: asyncpg.Connection,
    reader: asyncpg.Connection,
    follower_with: Callable[..., Follower],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shown = VIEWS["case_register"].of_matter

    def stumbling(matter: Aggregate, planned_at: int) -> Iterator[Row]:
        if matter.id == case_id(NUMBER):
            raise ZeroDivisionError
        assert shown is not None
        yield from shown(matter, planned_at)

    view = replace(VIEWS["case_register"], of_matter=stumbling)
    monkeypatch.setitem(VIEWS, "case_register", view)
    await append(writer, [*lines(), *lines(OTHER)])
    with capture_logs():
        assert await follower_with().catch_up() == 4
    assert await versions(reader) == {OTHER: 2}
    assert await reader.fetchval("SELECT matter_id FROM views.parked") == case_id(NUMBER)


# --- two followers -----------------------------------------------------------------------------


async def test_two_followers_of_one_database_apply_nothing_twice(
    database: DatabaseAddress,
    reader: asyncpg.Connection,
    follower_with: Callable[..., Follower],
) -> None:
    one, other = follower_with(batch=7), follower_with(batch=11)
    with capture_logs() as told:
        async with following(one), following(other):
            await write_at_once(database, WRITER, writers=2, acts=25)
            await reached(one, 500)
            await reached(other, 500)
    assert told == []
    assert await standing(reader) == (500, 500)


async def test_the_second_follower_waits_for_the_first_and_finds_nothing_left(
    database: DatabaseAddress, writer: asyncpg.Connection
) -> None:
    await append(writer, lines())
    assert await two_steps_at_once(database, lambda connection: connection) == [2, 2]


async def test_control_without_the_lock_both_apply_the_same_events(
    database: DatabaseAddress, writer: asyncpg.Connection
) -> None:
    await append(writer, lines())
    with pytest.raises(asyncpg.UniqueViolationError):
        await two_steps_at_once(database, WithoutLock)


class WithoutLock:
    """A connection that reads the position without holding it."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self._connection = connection

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    async def fetchval(self, query: str) -> Any:
        return await self._connection.fetchval(query.removesuffix("FOR UPDATE"))


async def two_steps_at_once(
    database: DatabaseAddress, seen_through: Callable[[asyncpg.Connection], Any]
) -> list[int]:
    """Two appliers take a step, the second while the first has not committed; their positions."""
    async with AsyncExitStack() as connections:
        one, other = [
            await connections.enter_async_context(closing(await connect_as(PROJECTOR, database)))
            for _ in range(2)
        ]

        async def second() -> int:
            async with other.transaction():
                return await Applier().step(seen_through(other), limit=500, upto=None)

        async with one.transaction():
            first = await Applier().step(seen_through(one), limit=500, upto=None)
            waiting = asyncio.create_task(second())
            done, _ = await asyncio.wait([waiting], timeout=0.2)
            assert not done
        return [first, await waiting]


@asynccontextmanager
async def closing(connection: asyncpg.Connection) -> AsyncIterator[asyncpg.Connection]:
    try:
        yield connection
    finally:
        await connection.close()
