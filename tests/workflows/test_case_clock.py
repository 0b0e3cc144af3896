"""The clock by itself: what it waits for, what it ignores, what never stops it."""

from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from temporalio import activity
from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowHandle
from temporalio.common import TypedSearchAttributes
from temporalio.converter import decode_typed_search_attributes
from temporalio.exceptions import ApplicationError
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from tests.support.clocks import skipping
from workers.clock_worker import TASK_QUEUE
from workers.codec import Keys, sealed
from workers.embedded_temporal import temporal_binary
from workers.search_attributes import SHOWN
from workflows.case_clock import CaseClock
from workflows.contract import (
    CALL_TIME,
    FOLLOW_PLAN,
    NEXT_SHOWN,
    Called,
    CallTime,
    ClockState,
    Moment,
    Plan,
    clock_id,
    rank_shown,
    shown,
)

DAY = timedelta(days=1)


class Office:
    """Stands in for the office: takes down each call and answers with the plan that is left."""

    def __init__(self, plan: Plan, answer: Callable[[str, Plan], Plan] | None = None) -> None:
        self.plan = plan
        self.calls: list[str] = []
        self._answer = answer or _without

    @activity.defn(name=CALL_TIME)
    def call_time(self, asked: CallTime) -> Called:
        self.calls.append(asked.key)
        self.plan = self._answer(asked.key, self.plan)
        return Called(recorded=True, plan=self.plan)


def _without(key: str, plan: Plan) -> Plan:
    left = tuple(each for each in plan.moments if each.key != key)
    return plan.model_copy(update={"version": plan.version + 1, "moments": left})


def plan(*moments: tuple[str, datetime], version: int = 1, **more: Any) -> Plan:
    return Plan(
        matter_id=str(uuid4()),
        version=version,
        moments=tuple(Moment(key=key, at=at) for key, at in moments),
        **more,
    )


@asynccontextmanager
async def clock(
    environment: WorkflowEnvironment, office: Office
) -> AsyncIterator[WorkflowHandle[Any, int]]:
    async with Worker(
        environment.client,
        task_queue=TASK_QUEUE,
        workflows=[CaseClock],
        activities=[office.call_time],
        activity_executor=ThreadPoolExecutor(4),
    ):
        yield await environment.client.start_workflow(
            CaseClock.run,
            ClockState(plan=office.plan),
            id=clock_id(office.plan.matter_id),
            task_queue=TASK_QUEUE,
            search_attributes=TypedSearchAttributes([*shown(office.plan)]),
        )


async def test_moments_are_called_in_the_order_of_their_instants() -> None:
    async with skipping() as environment:
        now = await environment.get_current_time()
        office = Office(plan(("later", now + 40 * DAY), ("sooner", now + 3 * DAY)))
        async with clock(environment, office) as handle:
            assert await handle.result() == 2
    assert office.calls == ["sooner", "later"]


async def test_a_moment_already_past_is_called_at_once() -> None:
    async with skipping() as environment:
        now = await environment.get_current_time()
        office = Office(plan(("past", now - 100 * DAY)))
        async with clock(environment, office) as handle:
            await handle.result()
            assert await environment.get_current_time() - now < DAY


async def test_a_newer_plan_takes_the_place_of_the_old_one() -> None:
    async with skipping() as environment:
        now = await environment.get_current_time()
        office = Office(plan(("old", now + 30 * DAY)))
        async with clock(environment, office) as handle:
            office.plan = office.plan.model_copy(
                update={"version": 2, "moments": (Moment(key="new", at=now + 60 * DAY),)}
            )
            await handle.signal(FOLLOW_PLAN, office.plan)
            await handle.result()
    assert office.calls == ["new"]


@pytest.mark.parametrize("version", [0, 1])
async def test_an_older_or_equal_plan_changes_nothing(version: int) -> None:
    async with skipping() as environment:
        now = await environment.get_current_time()
        office = Office(plan(("kept", now + 30 * DAY)))
        async with clock(environment, office) as handle:
            stale = office.plan.model_copy(update={"version": version, "moments": ()})
            await handle.signal(FOLLOW_PLAN, stale)
            await handle.result()
    assert office.calls == ["kept"]


async def test_a_clock_with_nothing_left_to_wait_for_ends() -> None:
    async with skipping() as environment:
        now = await environment.get_current_time()
        office = Office(plan(("never", now + 300 * DAY)))
        async with clock(environment, office) as handle:
            done = office.plan.model_copy(update={"version": 2, "moments": ()})
            await handle.signal(FOLLOW_PLAN, done)
            assert await handle.result() == 0
    assert office.calls == []


async def test_a_moment_that_fails_never_blocks_another() -> None:
    def answer(key: str, left: Plan) -> Plan:
        if key == "bad" and office.calls.count("good") == 0:
            raise ApplicationError("not today", non_retryable=True)
        return _without(key, left)

    async with skipping() as environment:
        now = await environment.get_current_time()
        office = Office(
            plan(("bad", now + DAY), ("good", now + DAY + timedelta(minutes=1))), answer
        )
        async with clock(environment, office) as handle:
            await handle.result()
    assert office.calls == ["bad", "good", "bad"]


@pytest.mark.parametrize("minutes", [2, 4, 30])
async def test_an_office_that_was_away_is_asked_again_within_two_minutes_of_its_return(
    minutes: int,
) -> None:
    async with skipping() as environment:
        now = await environment.get_current_time()
        back = now + DAY + timedelta(minutes=minutes)

        asked: list[datetime] = []

        def answer(key: str, left: Plan) -> Plan:
            asked.append(activity.info().current_attempt_scheduled_time)
            if asked[-1] < back:
                raise ConnectionError
            return _without(key, left)

        office = Office(plan(("due", now + DAY)), answer)
        async with clock(environment, office) as handle:
            await handle.result()
    assert back <= asked[-1] < back + timedelta(minutes=2)


async def test_a_moment_the_office_calls_early_is_asked_again_and_not_in_a_rush() -> None:
    def answer(key: str, left: Plan) -> Plan:
        return _without(key, left) if len(office.calls) == 4 else left

    async with skipping() as environment:
        now = await environment.get_current_time()
        office = Office(plan(("early", now + DAY)), answer)
        async with clock(environment, office) as handle:
            await handle.result()
            passed = await environment.get_current_time() - now - DAY
    assert len(office.calls) == 4
    assert passed >= timedelta(seconds=3)  # a second after each of the first three


async def test_legal_time_moved_by_hand_wakes_the_clock_at_the_legal_instant() -> None:
    async with skipping() as environment:
        now = await environment.get_current_time()
        office = Office(plan(("moved", now + 100 * DAY), ahead=90 * DAY, jump=1))
        async with clock(environment, office) as handle:
            await handle.result()
            passed = await environment.get_current_time() - now
    assert 10 * DAY <= passed < 11 * DAY


async def test_a_clock_shows_the_plan_it_follows_and_what_comes_next() -> None:
    async with skipping() as environment:
        now = (await environment.get_current_time()).replace(microsecond=0)
        office = Office(plan(("later", now + 40 * DAY), ("sooner", now + 3 * DAY)))
        async with clock(environment, office) as handle:
            newer = office.plan.model_copy(update={"version": 7, "jump": 2})
            await handle.signal(FOLLOW_PLAN, newer)
            await handle.query(CaseClock.standing)  # it has heard
            showing = (await handle.describe()).typed_search_attributes
    assert rank_shown(showing) == (2, 7)
    assert showing[NEXT_SHOWN] == now + 3 * DAY


async def test_a_plan_that_is_not_taken_is_not_shown() -> None:
    async with skipping() as environment:
        now = await environment.get_current_time()
        office = Office(plan(("kept", now + 30 * DAY), version=3))
        async with clock(environment, office) as handle:
            await handle.signal(FOLLOW_PLAN, office.plan)
            await handle.signal(FOLLOW_PLAN, office.plan.model_copy(update={"version": 2}))
            await handle.result()
            history = await handle.fetch_history()
    kinds = {EventType.Name(each.event_type) for each in history.events}
    assert "EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES" not in kinds


@asynccontextmanager
async def with_short_histories() -> AsyncIterator[WorkflowEnvironment]:
    """A server on which clocks soon go on in a new run."""
    async with await WorkflowEnvironment.start_local(
        data_converter=sealed(Keys("test", {"test": b"k" * 32})),
        search_attributes=SHOWN,
        dev_server_existing_path=str(temporal_binary()),
        dev_server_extra_args=[
            "--dynamic-config-value",
            "limit.historyCount.suggestContinueAsNew=25",
        ],
        dev_server_log_level="error",
    ) as environment:
        yield environment


async def test_a_clock_with_a_long_history_goes_on_in_a_new_run_with_what_it_knew() -> None:
    async with with_short_histories() as environment:
        now = await environment.get_current_time()
        office = Office(plan(("kept", now + 300 * DAY)))
        async with clock(environment, office) as handle:
            for version in range(2, 40):
                office.plan = office.plan.model_copy(update={"version": version})
                await handle.signal(FOLLOW_PLAN, office.plan)
            standing = await handle.query(CaseClock.standing)
            first, last = handle.first_execution_run_id, (await handle.describe()).run_id
            office.plan = office.plan.model_copy(
                update={"version": 99, "moments": (Moment(key="kept", at=now - DAY),)}
            )
            await handle.signal(FOLLOW_PLAN, office.plan)
            assert await handle.result() == 1
    assert standing.plan.version == 39
    assert first != last
    assert office.calls == ["kept"]


async def test_a_new_run_shows_from_its_beginning_what_the_run_before_it_followed() -> None:
    async with with_short_histories() as environment:
        now = await environment.get_current_time()
        office = Office(plan(("kept", now + 300 * DAY)))
        async with clock(environment, office) as handle:
            for version in range(2, 40):
                await handle.signal(
                    FOLLOW_PLAN, office.plan.model_copy(update={"version": version})
                )
            await handle.query(CaseClock.standing)
            last = environment.client.get_workflow_handle(handle.id)  # whichever run that is
            first, *_ = (await last.fetch_history()).events
    begun = first.workflow_execution_started_event_attributes
    carried = ClockState.model_validate(
        *await environment.client.data_converter.decode(begun.input.payloads)
    )
    assert begun.continued_execution_run_id
    assert rank_shown(decode_typed_search_attributes(begun.search_attributes)) == carried.plan.rank
