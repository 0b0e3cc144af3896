"""A changed chore goes on where it stood: saved histories, and what breaks them."""

from collections.abc import Iterable

import pytest
from temporalio import workflow
from temporalio.client import WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer
from temporalio.workflow import NondeterminismError

from tests.support.chore_histories import WORKFLOWS, saved_chores
from tests.support.histories import kinds, release
from workflows.closing import ClosePeriods
from workflows.contract import (
    CLOSING,
    DELIVERY,
    REDATING,
    Delivered,
    DeliveryState,
    Redating,
)
from workflows.delivery import Delivery
from workflows.redating import RedateTouched

SAVED = saved_chores()


async def replays(history: WorkflowHistory, workflows: Iterable[type] = WORKFLOWS) -> bool:
    replayer = Replayer(workflows=[*workflows], data_converter=pydantic_data_converter)
    try:
        await replayer.replay_workflow(history)
    except NondeterminismError:
        return False
    return True


@pytest.mark.parametrize("name", SAVED)
async def test_every_chore_that_was_ever_saved_goes_on_under_the_present_workflows(
    name: str,
) -> None:
    assert await replays(SAVED[name])


@pytest.mark.parametrize(
    ("life", "lived"),
    [
        ("redated", ["TIMER_FIRED", "ACTIVITY_TASK_COMPLETED", "WORKFLOW_EXECUTION_COMPLETED"]),
        ("closed", ["ACTIVITY_TASK_COMPLETED"]),
        ("delivered", ["WORKFLOW_EXECUTION_SIGNALED", "TIMER_CANCELED", "TIMER_FIRED"]),
    ],
)
def test_this_release_has_saved_its_chores(life: str, lived: list[str]) -> None:
    name = f"{release()}_{life}"
    assert name in SAVED, "save them: python -m tests.support.chore_histories"
    assert {*lived} <= {*kinds(SAVED[name])}


@workflow.defn(name=REDATING, sandboxed=False)
class Impatient(RedateTouched):
    """Asks only once, and takes down the end."""

    @workflow.run
    async def run(self, _: Redating) -> int:
        await self.go_through()
        return self.state.changed


@workflow.defn(name=CLOSING, sandboxed=False)
class Idle(ClosePeriods):
    """Closes nothing."""

    @workflow.run
    async def run(self) -> int:
        return 0


@workflow.defn(name=DELIVERY, sandboxed=False)
class Restless(Delivery):
    """Never waits."""

    @workflow.run
    async def run(self, state: DeliveryState) -> int:
        return await super().run(state)

    async def deliver(self) -> Delivered:
        told = await super().deliver()
        return told.model_copy(update={"wait": None})


@pytest.mark.parametrize("broken", [Impatient, Idle, Restless])
async def test_control_a_chore_that_takes_other_steps_is_noticed_in_its_own_history(
    broken: type,
) -> None:
    (ours,) = (each for each in WORKFLOWS if issubclass(broken, each))
    workflows = [broken if each is ours else each for each in WORKFLOWS]
    failed = {name for name, history in SAVED.items() if not await replays(history, workflows)}
    life = {RedateTouched: "redated", ClosePeriods: "closed", Delivery: "delivered"}[ours]
    assert failed == {f"{release()}_{life}"}
