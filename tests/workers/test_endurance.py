"""Nothing is lost, early or done twice, whatever dies.

The full story, 5,000 duties, by one command (some ten minutes):

    RONGCUO_ENDURANCE=full python -m pytest -n0 -s tests/workers/test_endurance.py
"""

import asyncio
import os
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from unittest.mock import AsyncMock, Mock
from uuid import UUID, uuid4

import asyncpg
import pytest
from temporalio.service import RPCError, RPCStatusCode

from domain.aggregate import Event, Order
from domain.law.calendar import civil_date
from domain.obligations import ObligationReminded, moments
from domain.people import SYSTEM
from gateway.rulebook import Rulebook
from projections.follower import Follower
from tests.support.duties import time_comes
from tests.support.endurance import Setting, TooLong, Trial, storm, trial
from tests.support.endurance_cases import ANSWERS_OVERDUE, DUTIES, MIDNIGHT, SUBJECTS, Cases
from tests.support.endurance_parts import Unswept
from tests.support.endurance_verdict import Logged, Rung, judged, streams_of
from tests.support.examples import defer
from tests.support.given import given
from workers.addresses import DatabaseAddress
from workers.store import PROJECTOR, WRITER, connect_as
from workers.timekeeper import Swept, Timekeeper
from workflows.clock import DrivenClock
from workflows.contract import Called
from workflows.event_store import EventStore
from workflows.office import Office

SEED = 20260422
CUT_DOWN = Setting(
    cases=75,
    busy=27,
    midnight_in_s=22,
    seed=SEED,
    pause_s=(0.2, 1.0),
    down_s=(0.2, 1.0),
    sweep_every_s=3,
)
CUT_DOWN_STORY = (
    # what is in arrears is being called while parts die
    Trial.worker_killed,
    Trial.listeners_cut,
    Trial.postgres_killed,
    Trial.worker_killed,
    Trial.temporal_wiped,
    Trial.all_clocks_back,
    Trial.midnight_without_temporal,
    # and so is what came at midnight
    Trial.worker_killed,
    Trial.listeners_cut,
    Trial.cases_filed_without_temporal,
    Trial.all_clocks_back,
    Trial.all_called,
)

FULL = Setting(
    cases=1_250,
    busy=135,
    midnight_in_s=360,
    seed=SEED,
    pause_s=(1.0, 6.0),
    down_s=(0.2, 5.0),
)
FULL_STORY = (
    # 1,000 rungs are in arrears: they are called while parts die
    *storm(
        SEED,
        {
            Trial.server_killed: 4,
            Trial.worker_killed: 8,
            Trial.postgres_restarted: 1,
            Trial.listeners_cut: 2,
        },
    ),
    Trial.all_called,
    # 1,200 clocks wait for midnight, and Temporal forgets them
    Trial.temporal_wiped,
    Trial.all_clocks_back,
    *storm(SEED, {Trial.server_killed: 2, Trial.worker_killed: 2, Trial.listeners_cut: 1}),
    Trial.midnight_without_temporal,
    # 700 rungs have come at once, and while they are called Temporal forgets again
    *storm(
        SEED,
        {
            Trial.server_killed: 2,
            Trial.worker_killed: 8,
            Trial.postgres_killed: 2,
            Trial.listeners_cut: 2,
            Trial.temporal_wiped: 1,
        },
    ),
    Trial.all_clocks_back,
    Trial.all_called,
    # cases are filed that are overdue already
    Trial.cases_filed_without_temporal,
    *storm(SEED, {Trial.worker_killed: 2, Trial.listeners_cut: 1}),
    Trial.all_clocks_back,
    Trial.all_called,
)


async def test_nothing_is_lost_early_or_done_twice_whatever_dies() -> None:
    full = os.environ.get("RONGCUO_ENDURANCE") == "full"
    setting, story = (FULL, FULL_STORY) if full else (CUT_DOWN, CUT_DOWN_STORY)
    async with trial(setting) as held:
        await held.play(story)
        verdict = await held.verdict()
    assert verdict.faults == {}
    assert verdict.open == DUTIES * len(held.cases.lives)


def test_the_full_story_is_as_hard_as_it_claims() -> None:
    times = Counter(FULL_STORY)
    killed = (
        Trial.server_killed,
        Trial.midnight_without_temporal,
        Trial.cases_filed_without_temporal,
    )
    assert sum(times[each] for each in killed) == 10
    assert times[Trial.worker_killed] == 20
    assert times[Trial.postgres_restarted] + times[Trial.postgres_killed] == 3
    assert times[Trial.temporal_wiped] == 2
    assert times[Trial.listeners_cut] >= 5
    assert DUTIES * FULL.cases == 5_000
    assert FULL.sweep_every_s == 30


async def test_without_the_sweeper_the_same_wipe_loses_what_comes_at_midnight() -> None:
    few = replace(CUT_DOWN, cases=20, busy=9, midnight_in_s=20, timekeeper=Unswept)
    story = (Trial.all_called, Trial.temporal_wiped, Trial.midnight_without_temporal)
    async with trial(few) as held:
        await held.play(story)
        held._setting = replace(few, called_limit_s=6)
        with pytest.raises(TooLong):
            await held.all_called()
        verdict = await held.verdict()
    assert verdict.faults.keys() == {"lost"}


class Busy(Timekeeper):
    """Another plan has always moved; Temporal may be too busy to list its clocks."""

    def __init__(self, database: DatabaseAddress, *, listed: bool) -> None:
        connect = partial(connect_as, PROJECTOR, database)
        super().__init__(connect, Mock(), DrivenClock(), poll=0.01, sweep_every=0.01)
        self.sent, self.swept = asyncio.Semaphore(0), asyncio.Semaphore(0)
        self._listed = listed

    async def send(self, connection: asyncpg.Connection) -> int:  # noqa: ARG002
        await asyncio.sleep(0)
        self.sent.release()
        return 1

    async def sweep(self, connection: asyncpg.Connection) -> Swept:  # noqa: ARG002
        self.swept.release()
        if not self._listed:
            raise RPCError("Timeout expired", RPCStatusCode.DEADLINE_EXCEEDED, b"")
        return Swept(0, 0)


@pytest.mark.parametrize("listed", [True, False])
async def test_sending_and_sweeping_leave_each_other_their_turn(
    listed: bool, database: DatabaseAddress, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workers.timekeeper.ensure", AsyncMock())  # there is no Temporal to ask
    keeper = Busy(database, listed=listed)
    keeping = asyncio.create_task(keeper.run())
    async with asyncio.timeout(10):
        for _ in range(3):
            await keeper.swept.acquire()
            await keeper.sent.acquire()
    keeping.cancel()


class Idle(Timekeeper):
    """It has nothing to send, and says when it has looked."""

    def __init__(self, database: DatabaseAddress) -> None:
        super().__init__(partial(connect_as, PROJECTOR, database), Mock(), DrivenClock(), poll=60)
        self.looked = asyncio.Event()

    async def send(self, connection: asyncpg.Connection) -> int:  # noqa: ARG002
        self.looked.set()
        return 0

    async def sweep(self, connection: asyncpg.Connection) -> Swept:  # noqa: ARG002
        return Swept(0, 0)


async def test_a_timekeeper_woken_as_it_is_told_to_stop_stops(
    database: DatabaseAddress, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workers.timekeeper.ensure", AsyncMock())
    keeper = Idle(database)
    keeping = asyncio.create_task(keeper.run())
    await keeper.looked.wait()
    await asyncio.sleep(0)  # now it waits
    keeper.wake()
    keeping.cancel()
    await asyncio.wait([keeping], timeout=5)
    assert keeping.cancelled()


class Looking(Follower):
    """It finds nothing in the log, and says when it has looked."""

    def __init__(self, connect: Callable[[], Awaitable[Mock]]) -> None:
        super().__init__(connect, poll=60)
        self.looked = asyncio.Event()

    async def _drain(self, connection: asyncpg.Connection) -> int:  # noqa: ARG002
        self.looked.set()
        return 0


async def test_a_follower_woken_as_it_is_told_to_stop_stops() -> None:
    connection = Mock(add_listener=AsyncMock(), is_closed=lambda: False)
    follower = Looking(AsyncMock(return_value=connection))
    following = asyncio.create_task(follower.run())
    await follower.looked.wait()
    await asyncio.sleep(0)
    (_, wake), _ = connection.add_listener.call_args
    wake()
    following.cancel()
    await asyncio.wait([following], timeout=5)
    assert following.cancelled()


class Forgetful(Office):
    """The broken control: looks at no rung called before, and gives every call a key of its own."""

    def call_time(self, matter_id: UUID, key: str) -> Called:
        case, now = self.case(matter_id), self._clock.now()
        for each in case.obligations:
            each.reminded, each.overdue, each.escalated = 0, False, 0
        order = Order(key=f"time:{uuid4()}", by=SYSTEM, on=civil_date(now), now=now)
        recorded = case.call_time(key, order, self._rules(case.policy))
        self._store.save(case)
        return Called(recorded=recorded, plan=self._plan(case))


@pytest.mark.parametrize(("kind", "twice"), [(Office, 0), (Forgetful, 1)])
async def test_a_moment_called_twice_is_taken_down_once_unless_the_office_forgets(
    kind: type[Office], twice: int, store: EventStore, database: DatabaseAddress
) -> None:
    clock, cases = DrivenClock(), Cases()
    clock.jump_to(MIDNIGHT)
    writer = await connect_as(WRITER, database)
    await cases.file(writer, [ANSWERS_OVERDUE])
    office = kind(store, Rulebook.packaged(), clock)
    (matter_id,) = cases.lives
    for _ in range(2):
        office.call_time(matter_id, "answer-1:1:due")
    verdict = judged(await streams_of(writer, clock.ahead), clock.now())
    await writer.close()
    assert verdict.twice == [Rung(matter_id, "answer-1:1:due")] * twice


# ---- the verdict itself, on logs made by hand ----------------------------------------------------

MORNING = MIDNIGHT + timedelta(hours=9)


def logged(events: Sequence[Event]) -> list[Logged]:
    return [Logged(each, each.recorded_at) for each in events]


@pytest.fixture
def log() -> list[Logged]:
    """A life in which every rung that had come by the morning was called."""
    story = given(ANSWERS_OVERDUE.history)
    for moment in moments(story.case.obligations):
        if moment.at <= MORNING:
            time_comes(story, moment.key, moment.at.isoformat())
    return logged(story.recorded)


def faults(log: Sequence[Logged]) -> dict[str, list[str]]:
    found = judged([log], MORNING).faults
    return {kind: [rung.key for rung in rungs] for kind, rungs in found.items()}


def test_a_log_with_every_rung_that_has_come_is_without_fault(log: list[Logged]) -> None:
    verdict = judged([log], MORNING)
    assert (verdict.faults, verdict.called, verdict.open) == ({}, 16, 4)


def test_a_rung_that_is_missing_is_lost_once_it_has_come(log: list[Logged]) -> None:
    most = log[:-1]
    assert faults(most) == {"lost": ["answer-4:1:escalate1"]}
    assert judged([most], MIDNIGHT - timedelta(seconds=1)).lost == []


def test_a_lower_rung_that_is_missing_is_lost_though_a_higher_one_was_called(
    log: list[Logged],
) -> None:
    first = next(each for each in log if isinstance(each.event, ObligationReminded))
    assert faults([each for each in log if each != first]) == {"lost": ["answer-1:1:remind1"]}


def test_a_rung_that_stands_twice_was_called_twice(log: list[Logged]) -> None:
    assert faults([*log, log[-1]]) == {"twice": ["answer-4:1:escalate1"]}


def test_a_rung_before_its_moment_is_early_by_the_office_s_clock_or_the_database_s(
    log: list[Logged],
) -> None:
    *most, (event, stored_at) = log
    too_soon = MIDNIGHT - timedelta(microseconds=1)
    by_office = Logged(event.model_copy(update={"recorded_at": too_soon}), stored_at)
    for last in (by_office, Logged(event, too_soon)):
        assert faults([*most, last]) == {"early": ["answer-4:1:escalate1"]}


def test_a_rung_told_otherwise_than_the_duty_says_was_not_asked_for(log: list[Logged]) -> None:
    *most, (event, stored_at) = log
    other = Logged(event.model_copy(update={"role": "承办人"}), stored_at)
    assert faults([*most, other]) == {"unasked": ["answer-4:1:escalate1"]}


def test_a_rung_called_after_the_duty_has_ended_was_not_asked_for(log: list[Logged]) -> None:
    story = given(ANSWERS_OVERDUE.history).when(defer(SUBJECTS[3]))
    ended = logged(story.recorded)
    assert "answer-4:1:escalate1" in faults([*ended, log[-1]])["unasked"]
