"""A changed clock goes on with the clocks that run: saved histories, and what breaks them."""

import asyncio
import base64
import json
import re
from datetime import timedelta

import pytest
from temporalio import workflow
from temporalio.client import WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.exceptions import ActivityError
from temporalio.worker import Replayer
from temporalio.workflow import NondeterminismError

from tests.support.clocks import skipping
from tests.support.histories import (
    DAY,
    FOLDER,
    NOBODY,
    Desk,
    asleep,
    begin,
    in_plain,
    kinds,
    plan,
    release,
    saved,
    scrubbed,
    worker,
)
from workflows import case_clock
from workflows.case_clock import CaseClock
from workflows.contract import CLOCK, CallTime, ClockState, Moment, Plan, shown

SAVED = saved()
BREATH = timedelta(minutes=1)


async def replays(history: WorkflowHistory, clock: type = CaseClock) -> bool:
    replayer = Replayer(workflows=[clock], data_converter=pydantic_data_converter)
    try:
        await replayer.replay_workflow(history)
    except NondeterminismError:
        return False
    return True


async def broken_by(clock: type) -> set[str]:
    return {name for name, history in SAVED.items() if not await replays(history, clock)}


def having(*happened: str) -> set[str]:
    return {name for name, history in SAVED.items() if {*happened} & {*kinds(history)}}


# --- what is saved ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", SAVED)
async def test_every_clock_that_was_ever_saved_goes_on_under_the_present_workflow(
    name: str,
) -> None:
    assert await replays(SAVED[name])


@pytest.mark.parametrize(
    ("life", "lived"),
    [
        ("called_and_ended", ["TIMER_FIRED", "ACTIVITY_TASK_COMPLETED"]),
        ("replaced_while_it_slept", ["WORKFLOW_EXECUTION_SIGNALED", "TIMER_CANCELED"]),
        ("failed_and_held", ["ACTIVITY_TASK_FAILED", "TIMER_FIRED"]),
        ("away_and_back", ["ACTIVITY_TASK_FAILED", "MARKER_RECORDED", "TIMER_FIRED"]),
        ("continued_as_new", ["WORKFLOW_EXECUTION_CONTINUED_AS_NEW"]),
        ("continued_from_another", ["TIMER_STARTED", "WORKFLOW_EXECUTION_COMPLETED"]),
        ("still_waiting", ["TIMER_STARTED"]),
        ("showed_its_plans", ["MARKER_RECORDED", "UPSERT_WORKFLOW_SEARCH_ATTRIBUTES"]),
    ],
)
def test_this_release_has_saved_its_lives(life: str, lived: list[str]) -> None:
    name = f"{release()}_{life}"
    assert name in SAVED, "save them: python -m tests.support.histories"
    assert {*lived} <= {*kinds(SAVED[name])}


def test_what_still_waits_has_not_ended_and_what_was_carried_is_held() -> None:
    waiting = SAVED[f"{release()}_still_waiting"]
    assert kinds(waiting)[-1] == "TIMER_STARTED"
    first, *_ = SAVED[f"{release()}_continued_from_another"].events
    (told,) = first.workflow_execution_started_event_attributes.input.payloads
    state = ClockState.model_validate_json(told.data)
    assert (state.called, [*state.held]) == (1, ["bad"])


@pytest.mark.parametrize("name", SAVED)
def test_a_saved_history_is_small_and_tells_nothing_of_where_it_was_lived(name: str) -> None:
    text = (FOLDER / f"{name}.json").read_text("utf-8")
    payload = re.compile(r'"data": "([^"]+)"')
    opened = [base64.b64decode(data).decode() for data in payload.findall(text)]
    for each in opened:
        json.loads(each)  # in plain
    assert {*re.findall(r'"identity": "([^"]*)"', text)} == {NOBODY}
    assert not re.search(r"[/\\@]|stackTrace", payload.sub("", text) + "".join(opened))
    assert len(text.encode()) <= 30_000


def test_control_what_is_saved_is_scrubbed_of_process_and_path() -> None:
    told = {"events": [{"identity": "7@host", "failure": {"stackTrace": "/home", "message": "m"}}]}
    assert scrubbed(told) == {"events": [{"identity": NOBODY, "failure": {"message": "m"}}]}


# --- what breaks them -------------------------------------------------------------------------


@workflow.defn(name=CLOCK, sandboxed=False)
class Hasty(CaseClock):
    """Calls before it sleeps."""

    @workflow.run
    async def run(self, state: ClockState) -> int:
        return await super().run(state)

    async def moved_before(self, _: object) -> bool:
        return False


@workflow.defn(name=CLOCK, sandboxed=False)
class Renaming(CaseClock):
    """Asks for its one activity by another name."""

    @workflow.run
    async def run(self, state: ClockState) -> int:
        return await super().run(state)

    async def call(self, moment: Moment) -> None:
        asked = CallTime(matter_id=self.plan.matter_id, key=moment.key)
        await workflow.execute_activity("tell_time", asked, schedule_to_close_timeout=BREATH)


@workflow.defn(name=CLOCK, sandboxed=False)
class Deaf(CaseClock):
    """Hears of no newer plan."""

    @workflow.run
    async def run(self, state: ClockState) -> int:
        return await super().run(state)

    @workflow.signal(name="follow_plan")
    def follow_plan(self, plan: Plan) -> None: ...


@workflow.defn(name=CLOCK, sandboxed=False)
class Forgetful(CaseClock):
    """Begins a new run without what was held."""

    @workflow.init
    def __init__(self, state: ClockState) -> None:
        super().__init__(state.model_copy(update={"held": {}}))

    @workflow.run
    async def run(self, state: ClockState) -> int:
        return await super().run(state)


@workflow.defn(name=CLOCK, sandboxed=False)
class Endless(CaseClock):
    """Never goes on in a new run."""

    @workflow.run
    async def run(self, _: ClockState) -> int:
        while self.plan.moments:
            self.moved = False
            self.show_plan()
            moment = min(self.plan.moments, key=self.wakes_at)
            if not await self.moved_before(self.wakes_at(moment)):
                await self.call(moment)
        return self.called


async def test_a_clock_that_calls_before_it_sleeps_breaks_all_that_ever_slept() -> None:
    assert await broken_by(Hasty) == having("TIMER_STARTED")


async def test_an_activity_by_another_name_breaks_all_that_ever_called() -> None:
    called = having("ACTIVITY_TASK_SCHEDULED")
    assert await broken_by(Renaming) == called != set()


async def test_a_clock_deaf_to_plans_breaks_those_whose_plan_was_replaced() -> None:
    assert await broken_by(Deaf) >= {f"{release()}_replaced_while_it_slept"}


async def test_a_clock_that_forgets_what_was_held_breaks_the_run_that_was_carried_on() -> None:
    assert await broken_by(Forgetful) == {f"{release()}_continued_from_another"}


async def test_a_clock_that_never_goes_on_in_a_new_run_breaks_those_that_did() -> None:
    assert await broken_by(Endless) == having("WORKFLOW_EXECUTION_CONTINUED_AS_NEW")


# --- how a clock was changed: docs/clock-versions.md ------------------------------------------


def show(plan: Plan) -> None:
    workflow.upsert_search_attributes([each.key.value_set(each.value) for each in shown(plan)])


@workflow.defn(name=CLOCK, sandboxed=False)
class Before(CaseClock):
    """The clock as it was: nobody saw which plan it follows."""

    @workflow.run
    async def run(self, state: ClockState) -> int:
        return await super().run(state)

    def show_plan(self) -> None: ...


@workflow.defn(name=CLOCK, sandboxed=False)
class Unguarded(CaseClock):
    """The change as one would like to write it."""

    @workflow.run
    async def run(self, state: ClockState) -> int:
        return await super().run(state)

    def show_plan(self) -> None:
        if self.plan is not self.showing:
            show(self.plan)
        self.showing = self.plan


@workflow.defn(name=CLOCK, sandboxed=False)
class Settled(CaseClock):
    """A later release, when no clock runs any more that has gone the old way."""

    @workflow.run
    async def run(self, state: ClockState) -> int:
        return await super().run(state)

    def show_plan(self) -> None:
        if self.plan is not self.showing:
            workflow.deprecate_patch("plan-shown")
            show(self.plan)
        self.showing = self.plan


def unshown() -> set[str]:
    """Saved before clocks showed their plans."""
    return {*SAVED} - having("UPSERT_WORKFLOW_SEARCH_ATTRIBUTES")


async def lived_under(*clocks: type, past: bool = False) -> WorkflowHistory:
    """A clock's whole life: under each of these workflows in turn until it sleeps, then to the end.

    With `past`, one moment has come already when it begins.
    """
    async with skipping() as environment:
        now, client = await environment.get_current_time(), in_plain(environment.client)
        moments = {"remind": now + 20 * DAY, "due": now + 30 * DAY}
        moments |= {"past": now - DAY} if past else {}
        desk = Desk(plan(1, **moments))
        *before, last = clocks
        handle = await begin(client, desk)
        for clock in before:
            async with worker(client, desk, clock):
                await asleep(handle)
        async with worker(client, desk, last):
            assert await asyncio.wait_for(handle.result(), 10) == len(moments)
        return await handle.fetch_history()


async def test_the_change_without_its_patch_stops_every_clock_whose_plan_was_replaced() -> None:
    assert await broken_by(Unguarded) >= unshown() != set()


async def test_a_new_clock_takes_the_new_way_and_replays_on_it() -> None:
    new = await lived_under(CaseClock, past=True)
    assert kinds(new).count("MARKER_RECORDED") == 1  # however many plans it shows
    assert await replays(new)


async def test_a_clock_that_has_not_come_to_the_change_takes_the_new_way() -> None:
    handed_over = await lived_under(Before, CaseClock)
    assert kinds(handed_over).count("MARKER_RECORDED") == 1


async def test_a_clock_that_has_gone_the_old_way_once_keeps_to_it_in_this_run() -> None:
    handed_over = await lived_under(Before, CaseClock, past=True)
    assert "MARKER_RECORDED" not in kinds(handed_over)
    assert "UPSERT_WORKFLOW_SEARCH_ATTRIBUTES" not in kinds(handed_over)
    assert await replays(handed_over)


async def test_the_release_before_cannot_take_over_a_clock_that_went_the_new_way() -> None:
    assert not await replays(await lived_under(CaseClock), Before)


async def test_the_old_way_is_dropped_only_when_no_clock_is_left_on_it() -> None:
    assert await replays(await lived_under(CaseClock), Settled)
    assert await broken_by(Settled) == unshown()


@workflow.defn(name=CLOCK, sandboxed=False)
class Patient(CaseClock):
    """Another change undone: whoever was only away was once left alone as long as a refusal."""

    @workflow.run
    async def run(self, state: ClockState) -> int:
        return await super().run(state)

    def hold_after(self, failure: ActivityError) -> timedelta:  # noqa: ARG002
        return case_clock.HOLD


async def test_the_release_before_cannot_follow_a_clock_whose_office_was_away_and_came_back() -> (
    None
):
    assert await broken_by(Patient) == {f"{release()}_away_and_back"}


async def test_replay_does_not_see_how_long_a_clock_sleeps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(case_clock, "HOLD", timedelta(hours=5))
    assert await broken_by(CaseClock) == set()
