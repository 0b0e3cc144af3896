"""Histories of what Temporal does besides the clocks, saved at each release as the clocks' are.

.venv/bin/python -m tests.support.chore_histories
"""

import asyncio
import json
import logging
import sys
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from typing import Any
from uuid import UUID

from temporalio import activity
from temporalio.client import Client, WorkflowHistory
from temporalio.worker import Worker

from tests.support.clocks import skipping
from tests.support.histories import FOLDER, NOBODY, ROOT, Saved, in_plain, release, scrubbed
from workflows.closing import ClosePeriods
from workflows.contract import (
    APPLIED,
    CLOSE_PERIODS,
    CLOSING,
    DELIVER_DUE,
    DELIVERY,
    LOOK,
    REDATE,
    REDATING,
    TOUCHED,
    DeliverDue,
    Delivered,
    DeliveryState,
    Redate,
    Redated,
    Redating,
    Touched,
)
from workflows.delivery import Delivery
from workflows.redating import RedateTouched

CHORES = FOLDER / "chores"
QUEUE = "chores"
MATTERS = tuple(str(UUID(int=number)) for number in range(1, 5))  # nobody's
WORKFLOWS: tuple[type, ...] = (RedateTouched, ClosePeriods, Delivery)


class Desk:
    """Stands in for the office and the views: four matters two by two, one failing once."""

    def __init__(self) -> None:
        self._failing = 1
        self._owed = [1, 1, 0]

    @activity.defn(name=TOUCHED)
    def touched(self, state: Redating) -> Touched:
        left = [each for each in MATTERS if state.after is None or each > state.after]
        return Touched(matters=tuple(left[:2]) if state.everything else (), of=len(MATTERS))

    @activity.defn(name=REDATE)
    def redate(self, asked: Redate) -> Redated:
        failed, self._failing = self._failing, 0
        return Redated(changed=len(asked.matters) - failed, failed=failed)

    @activity.defn(name=APPLIED)
    def applied(self, _: Redating) -> None: ...

    @activity.defn(name=CLOSE_PERIODS)
    def close_periods(self) -> int:
        return 3

    @activity.defn(name=DELIVER_DUE)
    def deliver_due(self, _: DeliverDue) -> Delivered:
        owed = self._owed.pop(0)
        return Delivered(delivered=1, failed=owed, wait=timedelta(hours=owed) if owed else None)


def working(client: Client, *workflows: type) -> AbstractAsyncContextManager[Any]:
    desk = Desk()
    return Worker(
        client,
        task_queue=QUEUE,
        workflows=workflows or WORKFLOWS,
        activities=[
            desk.touched,
            desk.redate,
            desk.applied,
            desk.close_periods,
            desk.deliver_due,
        ],
        activity_executor=ThreadPoolExecutor(2),
        identity=NOBODY,
        max_cached_workflows=0,
    )


async def redated() -> Saved:
    """Two pages, one matter that fails, the whole once more, and what moved since."""
    return {"redated": await _lived(REDATING, Redating(edition="2020.2"))}


async def closed() -> Saved:
    return {"closed": await _lived(CLOSING)}


async def delivered() -> Saved:
    """Fails, waits, is woken, waits again, and ends."""
    return {"delivered": await _lived(DELIVERY, DeliveryState(channel="folder"), signal=LOOK)}


async def _lived(name: str, *arguments: Any, signal: str | None = None) -> WorkflowHistory:
    async with skipping() as environment:
        client = in_plain(environment.client)
        async with working(client):
            handle = await client.start_workflow(
                name, args=arguments, id=f"chore-{name}", task_queue=QUEUE
            )
            if signal is not None:
                await environment.sleep(timedelta(minutes=10))
                await handle.signal(signal)
            await environment.sleep(timedelta(hours=3))
            await handle.result()
            return await handle.fetch_history()


LIVES: tuple[Callable[[], Awaitable[Saved]], ...] = (redated, closed, delivered)


def saved_chores() -> Saved:
    """Every history of a chore that was ever saved, by the name of its file."""
    return {
        file.stem: WorkflowHistory.from_json(file.stem, file.read_text("utf-8"))
        for file in sorted(CHORES.glob("*.json"))
    }


async def save() -> None:
    CHORES.mkdir(exist_ok=True)
    for live in LIVES:
        for name, history in (await live()).items():
            file = CHORES / f"{release()}_{name}.json"
            if not file.exists():
                text = json.dumps(scrubbed(history.to_json_dict()), indent=1, ensure_ascii=False)
                file.write_text(f"{text}\n", "utf-8")
                sys.stdout.write(f"{file.relative_to(ROOT)}\n")


if __name__ == "__main__":
    logging.disable()
    asyncio.run(save())
