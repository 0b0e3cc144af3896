"""Histories of clocks, saved at each release: what a changed clock must still be able to replay.

    .venv/bin/python -m tests.support.histories

lives a few clocks on real Temporal servers and saves them in `tests/histories`, named by release
and life. What is saved stays: a file that is there is never written again.
"""

import asyncio
import json
import logging
import sys
import tomllib
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from temporalio import activity
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowHandle, WorkflowHistory
from temporalio.common import TypedSearchAttributes
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.exceptions import ApplicationError
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from tests.support.clocks import skipping
from workers.clock_worker import TASK_QUEUE
from workers.embedded_temporal import temporal_binary
from workers.search_attributes import SHOWN
from workflows.case_clock import CaseClock
from workflows.contract import (
    CALL_TIME,
    CLOCK,
    FOLLOW_PLAN,
    Called,
    CallTime,
    ClockState,
    Moment,
    Plan,
    clock_id,
    shown,
)

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "tests" / "histories"
DAY = timedelta(days=1)
MATTER = str(UUID(int=1))  # nobody's
NOBODY = "clock"  # whoever took part

Handle = WorkflowHandle[Any, int]
Saved = dict[str, WorkflowHistory]


def release() -> str:
    version: str = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    return version


def saved() -> Saved:
    """Every history that was ever saved, by the name of its file."""
    return {
        file.stem: WorkflowHistory.from_json(clock_id(MATTER), file.read_text("utf-8"))
        for file in sorted(FOLDER.glob("*.json"))
    }


def kinds(history: WorkflowHistory) -> list[str]:
    """What happened: TIMER_STARTED, ACTIVITY_TASK_SCHEDULED and so on."""
    names = (EventType.Name(each.event_type) for each in history.events)
    return [name.removeprefix("EVENT_TYPE_") for name in names]


# --- a clock to be lived ----------------------------------------------------------------------


def plan(version: int, **moments: datetime) -> Plan:
    told = tuple(Moment(key=key, at=at) for key, at in moments.items())
    return Plan(matter_id=MATTER, version=version, moments=told)


class Desk:
    """Stands in for the office: what is called is done with, but what fails fails once.

    Nothing can be called before `back`: the office is away.
    """

    def __init__(self, begun: Plan, *, failing: str = "", back: datetime | None = None) -> None:
        self.plan = begun
        self._failing = failing
        self._back = back

    @activity.defn(name=CALL_TIME)
    def call_time(self, asked: CallTime) -> Called:
        if self._back and activity.info().current_attempt_scheduled_time < self._back:
            raise ConnectionError
        if asked.key == self._failing:
            self._failing = ""
            raise ApplicationError("unknown_policy", non_retryable=True)
        left = tuple(each for each in self.plan.moments if each.key != asked.key)
        self.plan = self.plan.model_copy(update={"version": self.plan.version + 1, "moments": left})
        return Called(recorded=True, plan=self.plan)


def in_plain(client: Client) -> Client:
    """The same server, with nothing sealed: what is saved is read without any key."""
    config: dict[str, Any] = {**client.config(), "data_converter": pydantic_data_converter}
    return Client(**config)


def worker(client: Client, desk: Desk, clock: type = CaseClock) -> Worker:
    """Build a worker for a clock, ours or one that was changed for a test."""
    return Worker(
        client,
        task_queue=TASK_QUEUE,
        workflows=[clock],
        activities=[desk.call_time],
        activity_executor=ThreadPoolExecutor(2),
        identity=NOBODY,
        max_cached_workflows=0,  # whoever takes a clock over finds it in no queue of another's own
    )


async def begin(client: Client, desk: Desk, *, showing: bool = False) -> Handle:
    """Start a clock, as the timekeeper does or as it did before clocks showed their plans."""
    return await client.start_workflow(
        CLOCK,
        ClockState(plan=desk.plan),
        id=clock_id(desk.plan.matter_id),
        task_queue=TASK_QUEUE,
        search_attributes=TypedSearchAttributes([*shown(desk.plan)]) if showing else None,
        result_type=int,
    )


@asynccontextmanager
async def living(
    environment: WorkflowEnvironment,
    begun: Plan,
    *,
    failing: str = "",
    back: datetime | None = None,
    showing: bool = False,
) -> AsyncIterator[tuple[Handle, Desk]]:
    client, desk = in_plain(environment.client), Desk(begun, failing=failing, back=back)
    async with worker(client, desk):
        yield await begin(client, desk, showing=showing), desk


async def asleep(handle: Handle) -> None:
    """Wait until the clock has done what there was to do and sleeps."""
    async with asyncio.timeout(20):
        while True:
            if kinds(await handle.fetch_history())[-1] == "TIMER_STARTED":
                return
            await asyncio.sleep(0.02)


# --- the lives --------------------------------------------------------------------------------


async def called_and_ended() -> Saved:
    """Waits, calls, waits, calls; nothing is left."""
    async with skipping() as environment:
        now = await environment.get_current_time()
        begun = plan(1, remind=now + 3 * DAY, due=now + 9 * DAY)
        async with living(environment, begun) as (handle, _):
            await handle.result()
            return {"called_and_ended": await handle.fetch_history()}


async def replaced_while_it_slept() -> Saved:
    """Newer plans, one of them twice and one too late, and it sleeps on to the last of them."""
    async with skipping() as environment:
        now = await environment.get_current_time()
        newer = (
            plan(2, due=now + 60 * DAY),
            plan(3, due=now + 40 * DAY, remind=now + 30 * DAY),
            plan(3, due=now + 40 * DAY, remind=now + 30 * DAY),
            plan(2, due=now + 60 * DAY),
            plan(4, due=now + 50 * DAY),
            plan(5),
        )
        async with living(environment, plan(1, due=now + 20 * DAY)) as (handle, _):
            for each in newer:
                await environment.sleep(DAY)
                await handle.signal(FOLLOW_PLAN, each)
            await handle.result()
            return {"replaced_while_it_slept": await handle.fetch_history()}


async def failed_and_held() -> Saved:
    """One moment fails and is left alone, another is called meanwhile, then the first again."""
    async with skipping() as environment:
        now = await environment.get_current_time()
        begun = plan(1, bad=now + DAY, good=now + DAY + timedelta(minutes=1))
        async with living(environment, begun, failing="bad") as (handle, _):
            await handle.result()
            return {"failed_and_held": await handle.fetch_history()}


async def away_and_back() -> Saved:
    """The office is away for five minutes when the first moment comes; the other is days off."""
    async with skipping() as environment:
        now = await environment.get_current_time()
        begun, back = plan(1, due=now + DAY, later=now + 9 * DAY), now + DAY + timedelta(minutes=5)
        async with living(environment, begun, back=back) as (handle, _):
            await handle.result()
            return {"away_and_back": await handle.fetch_history()}


async def continued_as_new() -> Saved:
    """One clock in two runs: the second begins with what was held and called in the first."""
    async with await WorkflowEnvironment.start_local(
        search_attributes=SHOWN,
        dev_server_existing_path=str(temporal_binary()),
        dev_server_extra_args=[
            "--dynamic-config-value",
            "limit.historyCount.suggestContinueAsNew=25",
        ],
        dev_server_log_level="error",
    ) as environment:
        now = await environment.get_current_time()
        begun = plan(1, past=now - 2 * DAY, bad=now - DAY, kept=now + 300 * DAY)
        async with living(environment, begun, failing="bad") as (handle, desk):
            await asleep(handle)
            client, first = in_plain(environment.client), handle.first_execution_run_id
            while (await handle.describe()).run_id == first:
                desk.plan = desk.plan.model_copy(update={"version": desk.plan.version + 1})
                await handle.signal(FOLLOW_PLAN, desk.plan)
                await asyncio.sleep(0.1)
            await asleep(handle)
            desk.plan = plan(99, kept=now - DAY)
            await handle.signal(FOLLOW_PLAN, desk.plan)
            await handle.result()
            ended = client.get_workflow_handle(handle.id, run_id=first)
            last = client.get_workflow_handle(handle.id)
            return {
                "continued_as_new": await ended.fetch_history(),
                "continued_from_another": await last.fetch_history(),
            }


async def still_waiting() -> Saved:
    """One moment is called, the next is months away."""
    async with skipping() as environment:
        now = await environment.get_current_time()
        begun = plan(1, past=now - DAY, due=now + 180 * DAY)
        async with living(environment, begun) as (handle, _):
            await asleep(handle)
            return {"still_waiting": await handle.fetch_history()}


async def showed_its_plans() -> Saved:
    """Shows the plan it begins with, the one it is sent, and the one it is answered with."""
    async with skipping() as environment:
        now = await environment.get_current_time()
        begun = plan(1, due=now + 20 * DAY)
        async with living(environment, begun, showing=True) as (handle, desk):
            await asleep(handle)
            desk.plan = plan(2, remind=now + 30 * DAY, due=now + 40 * DAY)
            await handle.signal(FOLLOW_PLAN, desk.plan)
            await handle.result()
            return {"showed_its_plans": await handle.fetch_history()}


LIVES: tuple[Callable[[], Awaitable[Saved]], ...] = (
    called_and_ended,
    replaced_while_it_slept,
    failed_and_held,
    away_and_back,
    continued_as_new,
    still_waiting,
    showed_its_plans,
)


# --- to file ----------------------------------------------------------------------------------


def scrubbed(told: Any) -> Any:
    """The same without the machine it was lived on: no process, no path."""
    if isinstance(told, list):
        return [scrubbed(each) for each in told]
    if not isinstance(told, dict):
        return told
    kept = {key: scrubbed(value) for key, value in told.items() if key != "stackTrace"}
    return kept | {key: NOBODY for key in ("identity",) if key in kept}


async def save() -> list[Path]:
    """Save every life of this release that is not saved yet."""
    written = []
    for live in LIVES:
        for name, history in (await live()).items():
            file = FOLDER / f"{release()}_{name}.json"
            if not file.exists():
                text = json.dumps(scrubbed(history.to_json_dict()), indent=1, ensure_ascii=False)
                file.write_text(f"{text}\n", "utf-8")
                written.append(file)
    return written


if __name__ == "__main__":
    logging.disable()  # that a moment fails is meant
    for path in asyncio.run(save()):
        sys.stdout.write(f"{path.relative_to(ROOT)}\n")
