"""A delivery by itself: it asks, waits as it is told, is woken, and ends when nothing is owed."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

from temporalio import activity
from temporalio.client import Client, WorkflowHandle
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from tests.support.clocks import skipping
from workers.codec import Keys, sealed
from workers.embedded_temporal import temporal_binary
from workers.notifier import TASK_QUEUE
from workflows.contract import (
    DELIVER_DUE,
    LOOK,
    DeliverDue,
    Delivered,
    DeliveryState,
    delivery_id,
)
from workflows.delivery import Delivery

HOUR = timedelta(hours=1)
CHANNEL = "folder"
NOTHING_OWED = Delivered(delivered=0, failed=0)


class Desk:
    """Stands in for the outbox: answers as it is told, one answer for each time it is asked."""

    def __init__(self, *answers: Delivered | Exception) -> None:
        self.answers = [*answers]
        self.asked: list[str] = []
        self.at: list[datetime] = []  # when, by the server's time
        self.before_answering: Callable[[], Any] | None = None

    @activity.defn(name=DELIVER_DUE)
    async def deliver_due(self, asked: DeliverDue) -> Delivered:
        self.asked.append(asked.channel)
        self.at.append(activity.info().current_attempt_scheduled_time)
        if self.before_answering is not None:
            await self.before_answering()
            self.before_answering = None
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    @property
    def passed(self) -> timedelta:
        """From the first time it was asked to the last."""
        return self.at[-1] - self.at[0]


@asynccontextmanager
async def delivery(client: Client, desk: Desk) -> AsyncIterator[WorkflowHandle[Any, int]]:
    async with Worker(
        client, task_queue=TASK_QUEUE, workflows=[Delivery], activities=[desk.deliver_due]
    ):
        yield await client.start_workflow(
            Delivery.run,
            DeliveryState(channel=CHANNEL),
            id=delivery_id(CHANNEL),
            task_queue=TASK_QUEUE,
        )


async def lived(environment: WorkflowEnvironment, desk: Desk) -> int:
    """Live a delivery to its end: how many notices went out."""
    async with delivery(environment.client, desk) as handle:
        return await handle.result()


async def test_it_asks_until_nothing_is_owed_and_counts_what_went_out() -> None:
    at_once = timedelta(0)
    desk = Desk(
        Delivered(delivered=100, failed=0, wait=at_once),
        Delivered(delivered=20, failed=3, wait=at_once),
        Delivered(delivered=3, failed=0),
    )
    async with skipping() as environment:
        delivered = await lived(environment, desk)
    assert (delivered, desk.asked) == (123, [CHANNEL] * 3)
    assert desk.passed < HOUR


async def test_it_waits_for_as_long_as_it_is_told() -> None:
    night = 9 * HOUR
    desk = Desk(Delivered(delivered=0, failed=0, wait=night), NOTHING_OWED)
    async with skipping() as environment:
        await lived(environment, desk)
    assert night <= desk.passed < night + HOUR


async def test_a_word_wakes_it_before_its_time() -> None:
    desk = Desk(Delivered(delivered=0, failed=1, wait=9 * HOUR), NOTHING_OWED)
    async with skipping() as environment, delivery(environment.client, desk) as handle:
        await handle.signal(LOOK)
        await handle.result()
    assert desk.asked == [CHANNEL] * 2
    assert desk.passed < HOUR


async def test_a_word_that_comes_while_it_asks_is_not_lost() -> None:
    desk = Desk(NOTHING_OWED, Delivered(delivered=1, failed=0))
    async with skipping() as environment:
        own = environment.client.get_workflow_handle(delivery_id(CHANNEL))
        desk.before_answering = lambda: own.signal(LOOK)
        delivered = await lived(environment, desk)
    assert (delivered, desk.asked) == (1, [CHANNEL] * 2)


async def test_a_store_that_cannot_be_reached_is_asked_again_for_as_long_as_it_takes() -> None:
    trouble = [OSError("nobody there") for _ in range(12)]
    desk = Desk(*trouble, Delivered(delivered=2, failed=0))
    async with skipping() as environment:
        delivered = await lived(environment, desk)
    assert (delivered, len(desk.asked)) == (2, 13)
    assert desk.passed < HOUR


async def test_a_delivery_with_a_long_history_goes_on_in_a_new_run_with_its_count() -> None:
    again = Delivered(delivered=1, failed=0, wait=timedelta(0))
    desk = Desk(*[again] * 12, NOTHING_OWED)
    async with (
        await WorkflowEnvironment.start_local(
            data_converter=sealed(Keys("test", {"test": b"k" * 32})),
            dev_server_existing_path=str(temporal_binary()),
            dev_server_extra_args=[
                "--dynamic-config-value",
                "limit.historyCount.suggestContinueAsNew=25",
            ],
            dev_server_log_level="error",
        ) as environment,
        delivery(environment.client, desk) as handle,
    ):
        assert await handle.result() == 12
        assert (await handle.describe()).run_id != handle.first_execution_run_id
