"""Delivers what is owed to one channel: asks, waits as it is told or until it is woken, asks again.

Knows no notice, no hour and no address: what is owed stands in PostgreSQL, so that losing a
delivery, or ending one by hand, loses nothing: the notifier begins another.
"""

import asyncio
from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

with workflow.unsafe.imports_passed_through():
    from workflows.contract import (
        DELIVER_DUE,
        DELIVERY,
        LOOK,
        DeliverDue,
        Delivered,
        DeliveryState,
    )

BATCH_LIMIT = timedelta(minutes=5)
SILENCE = timedelta(seconds=30)  # a worker silent for so long is given up, and another asked
PAUSE = timedelta(seconds=30)  # at most, between attempts while the store cannot be reached


@workflow.defn(name=DELIVERY)
class Delivery:
    @workflow.init
    def __init__(self, state: DeliveryState) -> None:
        self.channel = state.channel
        self.delivered = state.delivered
        self.woken = False

    @workflow.signal(name=LOOK)
    def look(self) -> None:
        """There may be something to deliver sooner than was thought."""
        self.woken = True

    @workflow.run
    async def run(self, _: DeliveryState) -> int:
        """Deliver until nothing is owed; return how many notices went out."""
        while True:
            self.woken = False  # before asking, so that no word is missed
            if workflow.info().is_continue_as_new_suggested():
                await workflow.wait_condition(workflow.all_handlers_finished)
                workflow.continue_as_new(
                    DeliveryState(channel=self.channel, delivered=self.delivered)
                )
            told = await self.deliver()
            self.delivered += told.delivered
            if told.wait is not None:
                await self.wait(told.wait)
            elif not self.woken:
                return self.delivered

    async def deliver(self) -> Delivered:
        delivered: Delivered = await workflow.execute_activity(
            DELIVER_DUE,
            DeliverDue(channel=self.channel),
            result_type=Delivered,
            start_to_close_timeout=BATCH_LIMIT,
            heartbeat_timeout=SILENCE,
            retry_policy=RetryPolicy(maximum_interval=PAUSE),
        )
        return delivered

    async def wait(self, limit: timedelta) -> None:
        if limit <= timedelta(0):  # a negative timer would fail this task for ever
            return
        try:
            await workflow.wait_condition(lambda: self.woken, timeout=limit)
        except asyncio.TimeoutError:  # noqa: UP041 (the SDK's own, on Python 3.11 the same)
            return
