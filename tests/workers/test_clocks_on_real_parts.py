"""Clocks with the real office behind them: half a year lived, and Temporal lost and found."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from functools import partial
from uuid import UUID

import asyncpg
import pytest
from temporalio.worker import Worker

from domain.law.calendar import CHINA
from gateway.player import Played, play
from gateway.rulebook import Rulebook
from gateway.scenarios import Expected, Scenario, scenario_in
from gateway.timeline import ByHand
from projections.follower import Follower
from tests.support.clocks import SkippingClock, skipping
from tests.support.lives import (
    LAST_BEFORE_THE_TALK,
    SCENARIOS,
    deferred,
    unanswered,
    untalked,
)
from workers.addresses import DatabaseAddress
from workers.clock_worker import TASK_QUEUE, clock_worker, connect
from workers.codec import Keys
from workers.comparison import Compared
from workers.embedded_temporal import EmbeddedTemporal
from workers.home import Home, temporary_home
from workers.search_attributes import ensure
from workers.store import PROJECTOR, connect_as
from workers.timekeeper import Swept, Timekeeper
from workflows.activities import ClockActivities
from workflows.case_clock import CaseClock
from workflows.clock import DrivenClock
from workflows.contract import ClockState, Plan, clock_id
from workflows.event_store import EventStore
from workflows.office import Office


async def played(
    scenarios: list[Scenario], store: EventStore, database: DatabaseAddress
) -> tuple[Office, DrivenClock, list[Played]]:
    clock = DrivenClock()
    office = Office(store, Rulebook.packaged(), clock)
    follower = Follower(partial(connect_as, PROJECTOR, database))
    reader = await connect_as(PROJECTOR, database)
    lives = await play(scenarios, office, ByHand(clock, office, follower, reader))
    await reader.close()
    assert not any(life.stopped for life in lives)
    return office, clock, lives


async def clock_events(database: DatabaseAddress, matter_id: UUID) -> list[tuple[str, date]]:
    await Follower(partial(connect_as, PROJECTOR, database)).catch_up()
    reader = await connect_as(PROJECTOR, database)
    rows = await reader.fetch(
        "SELECT topic, effective_on FROM views.audit_trail WHERE matter_id = $1"
        " AND topic ~ 'reminded|overdue|escalated' ORDER BY version",
        matter_id,
    )
    await reader.close()
    return [(row["topic"].split(".")[1], row["effective_on"]) for row in rows]


async def test_a_clock_lives_through_the_half_year_of_a_follow_up(
    store: EventStore, database: DatabaseAddress
) -> None:
    _, _, (life,) = await played([untalked()], store, database)
    before = await clock_events(database, life.matter_id)
    async with skipping() as environment:
        clock = SkippingClock(environment, asyncio.get_running_loop())
        await clock.start_at(datetime(2025, 5, 21, tzinfo=CHINA))
        office = Office(store, Rulebook.packaged(), clock)
        async with Worker(
            environment.client,
            task_queue=TASK_QUEUE,
            workflows=[CaseClock],
            activities=[ClockActivities(office).call_time],
            activity_executor=ThreadPoolExecutor(2),
        ):
            called = await environment.client.execute_workflow(
                CaseClock.run,
                ClockState(plan=office.plan(life.matter_id)),
                id=clock_id(str(life.matter_id)),
                task_queue=TASK_QUEUE,
            )
    lived = (await clock_events(database, life.matter_id))[len(before) :]
    assert called == 5
    assert lived == [
        ("reminded", date(2025, 9, 23)),  # three working days before 2025-09-26
        ("reminded", date(2025, 9, 25)),
        ("overdue", date(2025, 9, 27)),
        ("escalated", date(2025, 9, 28)),  # the make-up Sunday is the first working day after
        ("escalated", date(2025, 9, 30)),
    ]


async def test_the_clock_of_a_sibling_matter_calls_its_duty_and_what_follows_of_itself(
    store: EventStore, database: DatabaseAddress
) -> None:
    """Nobody talks to Qian in the half year: reminded, overdue, lapsed, brought up twice."""
    story = scenario_in(SCENARIOS / "matters" / "04_lapsed_follow_up.yaml")
    opening = story.model_copy(
        update={"acts": story.acts[:1], "pass_time_until": None, "expect": Expected()}
    )
    await played([opening], store, database)
    followed = story.matter_id("tracking")
    async with skipping() as environment:
        clock = SkippingClock(environment, asyncio.get_running_loop())
        await clock.start_at(datetime(2026, 3, 13, tzinfo=CHINA))
        office = Office(store, Rulebook.packaged(), clock)
        async with Worker(
            environment.client,
            task_queue=TASK_QUEUE,
            workflows=[CaseClock],
            activities=[ClockActivities(office).call_time],
            activity_executor=ThreadPoolExecutor(2),
        ):
            await environment.client.execute_workflow(
                CaseClock.run,
                ClockState(plan=office.plan(followed)),
                id=clock_id(str(followed)),
                task_queue=TASK_QUEUE,
            )
    assert office.matter(followed).at == "lapsed"
    assert await clock_events(database, followed) == [
        ("reminded", date(2026, 9, 7)),
        ("reminded", date(2026, 9, 9)),
        ("overdue", date(2026, 9, 11)),
        ("escalated", date(2026, 9, 11)),
        ("escalated", date(2026, 9, 15)),
    ]


@pytest.fixture
def home() -> Iterator[Home]:
    with temporary_home() as made:
        yield made


class Clocks:
    """One life of Temporal on a home: its server, its worker, its timekeeper."""

    def __init__(self, home: Home, office: Office, clock: DrivenClock) -> None:
        self.server = EmbeddedTemporal(home)
        self._keys = Keys.kept_in(home.keys / "temporal.json")
        self._office, self._clock = office, clock

    async def __aenter__(self) -> Timekeeper:
        await self.server.start()
        client = await connect(self.server.address, self._keys)
        await ensure(client)
        self._worker = clock_worker(client, self._office, grace=timedelta(seconds=1))
        await self._worker.__aenter__()
        self.client = client
        return Timekeeper(_never, client, self._clock)

    async def __aexit__(self, *_: object) -> None:
        await self._worker.__aexit__(None, None, None)
        await self.server.stop()

    async def running(self, at_least: int) -> int:
        """How many clocks Temporal lists; it lists new ones a little late."""
        found = 0
        for _ in range(100):
            query = "WorkflowType = 'CaseClock' AND ExecutionStatus = 'Running'"
            found = len([each async for each in self.client.list_workflows(query)])
            if found >= at_least:
                break
            await asyncio.sleep(0.05)
        return found

    async def following(self) -> dict[UUID, Plan]:
        """The plan each running clock goes by."""
        query = "WorkflowType = 'CaseClock' AND ExecutionStatus = 'Running'"
        handles = [
            self.client.get_workflow_handle(each.id)
            async for each in self.client.list_workflows(query)
        ]
        states = [await handle.query(CaseClock.standing) for handle in handles]
        return {UUID(state.plan.matter_id): state.plan for state in states}

    async def until_following(self, plans: dict[UUID, Plan]) -> None:
        async with asyncio.timeout(20):
            while await self.following() != plans:  # noqa: ASYNC110 (the worker moves it)
                await asyncio.sleep(0.05)


async def _never() -> asyncpg.Connection:
    raise AssertionError("this test sends and sweeps by its own hand")


async def test_every_clock_comes_back_after_temporal_loses_its_database(
    home: Home, store: EventStore, database: DatabaseAddress, projector: asyncpg.Connection
) -> None:
    matters = 12
    office, clock, lives = await played(
        [untalked(number) for number in range(matters)], store, database
    )
    first = Clocks(home, office, clock)
    async with first as timekeeper:
        await timekeeper.send(projector)
        assert await first.running(matters) == matters

    await first.server.wipe()

    second = Clocks(home, office, clock)
    async with second as timekeeper:
        # the control: what believes it has told Temporal everything tells it nothing
        assert await timekeeper.send(projector) == 0
        assert await second.running(0) == 0
        # the sweeper looks instead of believing
        swept = await timekeeper.sweep(projector)
        assert (swept.without_clock, swept.without_duty) == (matters, 0)
        assert await timekeeper.send(projector) == matters
        assert await second.running(matters) == matters
        # and the clocks that are back do their work, each once
        clock.jump_to(datetime(2025, 10, 8, tzinfo=CHINA))
        await timekeeper.send(projector)
        await _until_all_called(database)
    for life in lives:
        called = [name for name, _ in (await clock_events(database, life.matter_id))[-5:]]
        assert called == ["reminded", "reminded", "overdue", "escalated", "escalated"]


async def _until_all_called(database: DatabaseAddress) -> None:
    follower = Follower(partial(connect_as, PROJECTOR, database))
    reader = await connect_as(PROJECTOR, database)
    async with asyncio.timeout(60):
        while await _left(reader):
            await asyncio.sleep(0.1)
            await follower.catch_up()
    await reader.close()


async def _left(reader: asyncpg.Connection) -> int:
    left: int = await reader.fetchval(
        "SELECT count(*) FROM views.clock_plan WHERE next_at IS NOT NULL"
    )
    return left


async def test_a_clock_whose_duty_is_gone_is_ended_by_the_sweeper(
    home: Home, store: EventStore, database: DatabaseAddress, projector: asyncpg.Connection
) -> None:
    office, clock, (life,) = await played([untalked()], store, database)
    temporal = Clocks(home, office, clock)
    async with temporal as timekeeper:
        await timekeeper.send(projector)
        assert await temporal.running(1) == 1
        # the duty is met while nobody tells Temporal, and the note that it was told is lost
        await play([_talk(life.scenario)], office, _NoTime())
        await Follower(partial(connect_as, PROJECTOR, database)).catch_up()
        await projector.execute("UPDATE clocks.sent SET version = 1000")
        assert await timekeeper.send(projector) == 0
        swept = await timekeeper.sweep(projector)
        assert (swept.without_clock, swept.without_duty) == (0, 1)
        assert await timekeeper.send(projector) == 1
        handle = temporal.client.get_workflow_handle(clock_id(str(life.matter_id)))
        assert await asyncio.wait_for(handle.result(), 20) == 0


async def test_a_temporal_restored_from_a_backup_follows_the_newest_plans_again(
    home: Home,
    store: EventStore,
    database: DatabaseAddress,
    projector: asyncpg.Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    office, clock, lives = await played(
        [on_the_day_of_the_answer(number) for number in range(3)], store, database
    )
    first = Clocks(home, office, clock)
    async with first as timekeeper:
        await timekeeper.send(projector)
        assert await first.running(3) == 3
    backup = {file: file.read_bytes() for file in home.temporal.glob("temporal.db*")}

    old = {life.matter_id: office.plan(life.matter_id) for life in lives}
    await play([deferred(life.scenario) for life in lives], office, _NoTime())
    await Follower(partial(connect_as, PROJECTOR, database)).catch_up()
    new = {life.matter_id: office.plan(life.matter_id) for life in lives}
    second = Clocks(home, office, clock)
    async with second as timekeeper:
        assert await timekeeper.send(projector) == 3
        await second.until_following(new)

    for file in [*home.temporal.glob("temporal.db*")]:
        file.unlink()
    for file, kept in backup.items():
        file.write_bytes(kept)

    third = Clocks(home, office, clock)
    async with third as timekeeper:
        assert await third.running(3) == 3
        # the control: a sweeper that is content with a clock for every duty
        with monkeypatch.context() as blind:
            blind.setattr(Compared, "behind_since", lambda *_: frozenset())
            assert await timekeeper.sweep(projector) == Swept(0, 0, behind=0)
        assert await timekeeper.send(projector) == 0
        assert await third.following() == old
        # the sweeper looks at which plan it is
        assert await timekeeper.sweep(projector) == Swept(0, 0, behind=3)
        assert await timekeeper.send(projector) == 3
        await third.until_following(new)


def on_the_day_of_the_answer(number: int) -> Scenario:
    return unanswered().model_copy(
        update={"case_number": f"试〔2025〕{number}号", "pass_time_until": date(2025, 10, 12)}
    )


def _talk(scenario: Scenario) -> Scenario:
    told = scenario_in(SCENARIOS / "08_wuyang_overdue.yaml").acts[-1]
    talk = told.model_copy(update={"on": LAST_BEFORE_THE_TALK, "key": "talk"})
    return scenario.model_copy(update={"acts": (talk,)})


class _NoTime:
    async def to(self, _: datetime) -> None: ...

    async def settled(self) -> None: ...


async def test_nothing_temporal_keeps_names_anybody(
    home: Home, store: EventStore, database: DatabaseAddress, projector: asyncpg.Connection
) -> None:
    office, clock, (life,) = await played([untalked()], store, database)
    temporal = Clocks(home, office, clock)
    async with temporal as timekeeper:
        await timekeeper.send(projector)
        assert await temporal.running(1) == 1
    kept = b"".join(file.read_bytes() for file in home.temporal.iterdir() if file.is_file())
    subject = life.scenario.subject("wu")
    for secret in (subject.label, subject.id, "follow_up-1:1:", life.scenario.case_number):
        assert secret.encode() not in kept
    assert str(life.matter_id).encode() in kept  # the control: what is not sealed is found
