"""Holds one matter to its time: sleeps to the earliest moment, calls time, takes the newest plan.

Knows no law, no time zone and no name. Any change here must stay replayable for clocks that have
been running for months: patch, never reorder.
"""

import asyncio
from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError

with workflow.unsafe.imports_passed_through():
    from workflows.contract import (
        CALL_TIME,
        CLOCK,
        FOLLOW_PLAN,
        Called,
        CallTime,
        ClockState,
        Moment,
        Plan,
        shown,
    )

PATIENCE = timedelta(minutes=3)  # how long one moment may be tried before the others go on
HOLD = timedelta(minutes=10)  # how long a moment that was refused is left alone
BRIEFLY = timedelta(seconds=30)  # how long one whose office or store was away
EARLY = timedelta(seconds=1)  # the office's clock is a little behind ours


@workflow.defn(name=CLOCK)
class CaseClock:
    @workflow.init
    def __init__(self, state: ClockState) -> None:
        self.plan = self.showing = state.plan
        self.held = dict(state.held)
        self.called = state.called
        self.moved = False

    @workflow.signal(name=FOLLOW_PLAN)
    def follow_plan(self, plan: Plan) -> None:
        """Take a plan; duplicates, late and reordered ones change nothing."""
        if plan.newer_than(self.plan):
            self.plan, self.moved = plan, True

    @workflow.query
    def standing(self) -> ClockState:
        return ClockState(plan=self.plan, held=self.held, called=self.called)

    @workflow.run
    async def run(self, _: ClockState) -> int:
        """Wait and call until nothing is left to wait for; return how many calls were recorded."""
        while self.plan.moments:
            self.moved = False  # before looking, so that no move is missed
            self.show_plan()
            if workflow.info().is_continue_as_new_suggested():
                await workflow.wait_condition(workflow.all_handlers_finished)
                workflow.continue_as_new(self.standing())
            moment = min(self.plan.moments, key=self.wakes_at)
            if not await self.moved_before(self.wakes_at(moment)):
                await self.call(moment)
        return self.called

    def show_plan(self) -> None:
        """Let whoever lists clocks see which plan is followed; once for each plan."""
        if self.plan is not self.showing and workflow.patched("plan-shown"):
            workflow.upsert_search_attributes(
                [each.key.value_set(each.value) for each in shown(self.plan)]
            )
        self.showing = self.plan

    def wakes_at(self, moment: Moment) -> datetime:
        """The server's instant for a legal moment, later while the moment is held."""
        at = moment.at - self.plan.ahead
        return max(at, self.held.get(moment.key, at))

    async def moved_before(self, instant: datetime) -> bool:
        """Sleep until the instant; True as soon as a newer plan has come."""
        left = instant - workflow.now()
        if left <= timedelta(0):  # a negative timer would fail this task for ever
            return False
        try:
            await workflow.wait_condition(lambda: self.moved, timeout=left)
        except asyncio.TimeoutError:  # noqa: UP041 (the SDK's own, on Python 3.11 the same)
            return False
        return True

    async def call(self, moment: Moment) -> None:
        try:
            called: Called = await workflow.execute_activity(
                CALL_TIME,
                CallTime(matter_id=self.plan.matter_id, key=moment.key),
                result_type=Called,
                start_to_close_timeout=timedelta(seconds=30),
                schedule_to_close_timeout=PATIENCE,
                retry_policy=RetryPolicy(maximum_interval=timedelta(seconds=30)),
                summary=moment.key,
            )
        except ActivityError as failure:
            self.held[moment.key] = workflow.now() + self.hold_after(failure)
            return
        self.called += called.recorded
        self.follow_plan(called.plan)
        if any(each.key == moment.key for each in self.plan.moments):
            self.held[moment.key] = workflow.now() + EARLY
        else:
            self.held.pop(moment.key, None)

    def hold_after(self, failure: ActivityError) -> timedelta:
        """A refusal lasts; whoever was only away is asked again as soon as they may be back."""
        refused = isinstance(failure.cause, ApplicationError) and failure.cause.non_retryable
        return HOLD if refused or not workflow.patched("held-briefly") else BRIEFLY
