"""A county's year under real clocks, held event for event against the pure functions.

The suite lives as many cases as a minute allows; the whole county, of 500 cases, is lived by

    RONGCUO_COUNTY=500 python -m pytest tests/workflows/test_county_year.py
"""

import asyncio
import os
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime
from functools import cache
from itertools import chain, groupby, zip_longest
from operator import itemgetter
from typing import Any, ClassVar, cast

import asyncpg
import pytest
from temporalio import activity, workflow
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from domain.aggregate import Event, Request
from domain.law.calendar import civil_date
from domain.law.deadline_rules import Qualifier
from domain.obligations import ObligationOpened
from domain.refusals import Refusal
from domain.tolerance.acts import Opening
from projections.follower import Applier
from projections.views import VIEWS
from tests.support.clocks import skipping
from tests.support.county import (
    BEGINS,
    DAY,
    ENDS,
    RELIED_ON,
    Asked,
    Life,
    by_pure_functions,
    county,
    rulebook,
)
from tests.support.examples import CLERK
from workers.clock_worker import CACHED_CLOCKS, CALLS_AT_ONCE, TASK_QUEUE
from workers.timekeeper import Timekeeper
from workflows.activities import ClockActivities
from workflows.case_clock import CaseClock
from workflows.contract import CLOCK, ClockState, Moment
from workflows.event_store import EventStore
from workflows.office import Office

CASES = int(os.environ.get("RONGCUO_COUNTY", "120"))
FEW = 20  # enough for the controls
STRETCH = 10 * DAY
EXCEPTED = {"recorded_at"}  # and only where a clock recorded: it wakes a little late, never early

MOVING = (  # what opens, moves or ends a duty, or lets others
    *("opened", "reminded", "overdue", "escalated", "acknowledged", "elapsed"),
    *("met", "met-late", "counted", "lapsed", "suspended", "resumed", "extended", "waived"),
    "tolerance.determination-deferred",
    "tolerance.application-withdrawn",
    "tolerance.public-notice-opened",
    "tolerance.review-lodged",
    "tolerance.reopened",
    "tolerance.edition-repinned",
    "tolerance.archived",
)

Year = dict[str, list[Event]]  # by the numbers of the cases


# --- the year by the pure functions -----------------------------------------------------------


@cache
def lives(cases: int) -> tuple[Life, ...]:
    return tuple(county(cases))


@cache
def pure_year(cases: int) -> Year:
    return {life.number: by_pure_functions(life) for life in lives(cases)}


def called(events: list[Event]) -> list[Event]:
    """What clocks recorded of it."""
    return [each for each in events if each.envelope.key.startswith("time:")]


# --- the year under clocks --------------------------------------------------------------------


class CountyClock:
    """Legal time: where a clock calls, the server's own; where people act, the instant they do."""

    jump = 1

    def __init__(self, begun: datetime) -> None:
        self.ahead = BEGINS - begun
        self.instant = BEGINS

    def now(self) -> datetime:
        if not activity.in_activity():
            return self.instant
        started: datetime = activity.info().started_time
        return started + self.ahead


class UnderClocks:
    """Acts go through the office at their instants; between them time is left to the clocks."""

    def __init__(
        self,
        environment: WorkflowEnvironment,
        clock: CountyClock,
        office: Office,
        projector: asyncpg.Connection,
    ) -> None:
        self._environment = environment
        self._clock = clock
        self._office = office
        self._projector = projector
        self._plans = Applier(views=(VIEWS["clock_plan"],))
        self._timekeeper = Timekeeper(_never, environment.client, clock)

    async def live(self, lives: tuple[Life, ...]) -> None:
        sittings = ((at, life, [*told]) for life in lives for at, told in groupby(life.asked, _at))
        for instant, together in groupby(sorted(sittings, key=itemgetter(0)), itemgetter(0)):
            await self._pass_until(instant)
            self._clock.instant = instant
            at_once = (asyncio.to_thread(self._sit, life, asked) for _, life, asked in together)
            await asyncio.gather(*at_once)
            await self._tell_temporal()
        await self._pass_until(ENDS)

    async def _pass_until(self, instant: datetime) -> None:
        """In stretches: a call to the server that lasts half a minute is given up."""
        while instant > (now := await self._environment.get_current_time() + self._clock.ahead):
            await self._environment.sleep(min(instant - now, STRETCH))

    def _sit(self, life: Life, asked: list[Asked]) -> None:
        for each in asked:
            with suppress(Refusal):  # what is refused here alone is missed when years are held
                self._ask(life, each)

    def _ask(self, life: Life, asked: Asked) -> None:
        if isinstance(asked.act, Opening):
            begun = Request(key=life.proceeding.number, by=CLERK, on=life.proceeding_on)
            self._office.open_accountability(life.proceeding, begun)
            self._office.open_case(asked.act, asked.request, life.policy)
        else:
            self._office.perform(life.id, asked.act, asked.request)

    async def _tell_temporal(self) -> None:
        """Send every plan that has moved, those too that could not be sent the first time."""
        before = -1
        while before < (position := await self._follow()):
            before = position
        while await self._timekeeper.send(self._projector) or await self._failed_to_send():
            pass

    async def _failed_to_send(self) -> bool:
        failed: bool = await self._projector.fetchval(
            "SELECT EXISTS (SELECT FROM clocks.sent WHERE attempts > 0)"
        )
        return failed

    async def _follow(self) -> int:
        async with self._projector.transaction():
            return await self._plans.step(self._projector, limit=500, upto=None)


def _at(asked: Asked) -> datetime:
    return asked.at


async def _never() -> asyncpg.Connection:
    raise AssertionError("this test sends by its own hand")


async def year_under_clocks(
    cases: int,
    store: EventStore,
    projector: asyncpg.Connection,
    clock: type[CaseClock] = CaseClock,
) -> Year:
    async with skipping() as environment:
        legal_time = CountyClock(await environment.get_current_time())
        office = Office(store, rulebook(), legal_time)
        async with Worker(
            environment.client,
            task_queue=TASK_QUEUE,
            workflows=[clock],
            activities=[ClockActivities(office).call_time],
            activity_executor=ThreadPoolExecutor(CALLS_AT_ONCE),
            max_concurrent_activities=CALLS_AT_ONCE,
            max_cached_workflows=CACHED_CLOCKS,
        ):
            await UnderClocks(environment, legal_time, office, projector).live(lives(cases))
    return {
        life.number: [*cast("Iterator[Event]", store.events.get(life.id))] for life in lives(cases)
    }


# --- held against each other ------------------------------------------------------------------


def differing(pure: Year, lived: Year) -> dict[str, str]:
    """Cases in which the two part, and where each first does."""
    partings = {number: parting(events, lived[number]) for number, events in pure.items()}
    return {number: where for number, where in partings.items() if where}


def parting(pure: list[Event], lived: list[Event]) -> str:
    """Empty where both tell the same, event for event and in the same order."""
    for one, other in zip_longest(pure, lived):
        if one is None or other is None:
            return f"only {'lived' if one is None else 'pure'}: {one or other!r}"
        pure_facts, lived_facts = facts(one), facts(other)
        if pure_facts != lived_facts:
            apart = [key for key, fact in pure_facts.items() if fact != lived_facts.get(key)]
            told = {key: (pure_facts[key], lived_facts.get(key)) for key in apart}
            return f"{one.topic} is not {other.topic}: {told}"
        late = other.recorded_at - one.recorded_at
        if late < 0 * DAY or civil_date(one.recorded_at) != civil_date(other.recorded_at):
            return f"{one.topic} of {one.on} was recorded {late} late"
    return ""


def facts(event: Event) -> dict[str, Any]:
    """All there is of an event but what is excepted."""
    excepted = EXCEPTED if called([event]) else set()
    return {"topic": event.topic, **event.model_dump(exclude=excepted)}


async def test_a_countys_year_under_clocks_equals_the_same_year_by_the_pure_functions(
    store: EventStore, projector: asyncpg.Connection
) -> None:
    pure = pure_year(CASES)
    lived = await year_under_clocks(CASES, store, projector)
    assert differing(pure, lived) == {}
    recorded = await projector.fetchval(
        "SELECT count(*) FROM log.events WHERE topic !~ '^accountability'"
    )
    assert recorded == sum(map(len, pure.values()))


# --- the year itself --------------------------------------------------------------------------


def test_the_year_is_rich_in_all_that_moves_a_clock() -> None:
    events = [*chain.from_iterable(pure_year(CASES).values())]
    told = Counter(each.name().removeprefix("obligation.") for each in events)
    assert [kind for kind in MOVING if not told[kind]] == []
    duties = [each.obligation for each in events if isinstance(each, ObligationOpened)]
    assert {each.qualifier for each in duties} == {*Qualifier}
    assert any(each.provisional for each in duties)  # into the year that no notice has settled


def test_the_year_is_of_many_instruments_on_both_tracks_with_one_to_four_subjects() -> None:
    openings = [
        (life.policy, each.act)
        for life in lives(CASES)
        for each in life.asked
        if isinstance(each.act, Opening)
    ]
    assert len(openings) == CASES
    assert {policy for policy, _ in openings} == {*RELIED_ON}
    assert {act.name for _, act in openings} == {"submit_application", "start_ex_officio"}
    assert {len(act.subjects) for _, act in openings} == {1, 2, 3, 4}


def test_the_year_has_acts_entered_late_calls_that_came_late_and_cases_that_outlast_it() -> None:
    year = pure_year(CASES)
    assert any(each.envelope.late_entry for events in year.values() for each in events)
    assert any(each.envelope.late_entry for events in year.values() for each in called(events))
    assert any(events[-1].on.year > BEGINS.year for events in year.values())
    assert any(called(events)[-1:] == events[-1:] for events in year.values())  # never answered


def test_the_same_county_comes_of_the_same_lot() -> None:
    again = county(3)
    assert [*lives(FEW)[:3]] == again
    assert again[0] != again[1]


# --- controls: what turns it red --------------------------------------------------------------


@workflow.defn(name=CLOCK, sandboxed=False)
class Forgetful(CaseClock):
    """Takes some calls for made."""

    forgets: ClassVar[set[tuple[str, str]]]  # matters and keys

    @workflow.run
    async def run(self, state: ClockState) -> int:
        return await super().run(state)

    async def call(self, moment: Moment) -> None:
        if (self.plan.matter_id, moment.key) not in self.forgets:
            await super().call(moment)
            return
        left = tuple(each for each in self.plan.moments if each.key != moment.key)
        self.plan = self.plan.model_copy(update={"moments": left})


@workflow.defn(name=CLOCK, sandboxed=False)
class Dawdling(CaseClock):
    """Makes some calls a day late."""

    dawdles_over: ClassVar[set[tuple[str, str]]]

    @workflow.run
    async def run(self, state: ClockState) -> int:
        return await super().run(state)

    def wakes_at(self, moment: Moment) -> datetime:
        late = (self.plan.matter_id, moment.key) in self.dawdles_over
        return super().wakes_at(moment) + late * DAY


def calls(name: str) -> dict[tuple[str, str], str]:
    """Every call of this kind in the small county, and the number of its case."""
    told = {}
    for life in lives(FEW):
        for each in called(pure_year(FEW)[life.number]):
            _, matter_id, key = each.envelope.key.split(":", 2)
            if key.rpartition(":")[2].startswith(name):
                told[matter_id, key] = life.number
    return told


async def test_control_a_single_call_that_is_lost_is_found(
    store: EventStore, projector: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    (lost, number), *others = calls("remind").items()
    assert len(others) > 30
    monkeypatch.setattr(Forgetful, "forgets", {lost}, raising=False)
    lived = await year_under_clocks(FEW, store, projector, Forgetful)
    assert {*differing(pure_year(FEW), lived)} == {number}


async def test_control_a_rung_of_the_ladder_that_is_never_climbed_is_found(
    store: EventStore, projector: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    skipped = calls("escalate2")
    assert len({*skipped.values()}) > 3
    monkeypatch.setattr(Forgetful, "forgets", {*skipped}, raising=False)
    lived = await year_under_clocks(FEW, store, projector, Forgetful)
    assert {*differing(pure_year(FEW), lived)} == {*skipped.values()}


async def test_control_a_single_moment_called_a_day_late_is_found(
    store: EventStore, projector: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    (late, number), *_ = calls("due").items()
    monkeypatch.setattr(Dawdling, "dawdles_over", {late}, raising=False)
    lived = await year_under_clocks(FEW, store, projector, Dawdling)
    assert {*differing(pure_year(FEW), lived)} == {number}
