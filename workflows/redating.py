"""After an edition of the calendar is released: every open day it touches is counted anew.

In batches, in the order of the matters' ids; what is counted twice changes nothing, so that any
part may be asked again. Ends by having it taken down that the edition is applied.
"""

from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import RetryPolicy

with workflow.unsafe.imports_passed_through():
    from workflows.contract import (
        APPLIED,
        REDATE,
        REDATING,
        TOUCHED,
        Redate,
        Redated,
        Redating,
        Touched,
    )

SETTLE = timedelta(seconds=5)  # acts that were under way at the release have ended by then
HOLD = timedelta(minutes=10)  # before what failed is asked again
PASSES = 2  # the second for what those acts have opened by the calendar of before
PATIENTLY = RetryPolicy(maximum_interval=timedelta(seconds=30))


@workflow.defn(name=REDATING)
class RedateTouched:
    @workflow.init
    def __init__(self, state: Redating) -> None:
        self.state = state

    @workflow.query
    def standing(self) -> Redating:
        return self.state

    @workflow.run
    async def run(self, _: Redating) -> int:
        """Count until everything is counted; return how many duties have changed."""
        while True:
            await self.go_through()
            passes, failed = self.state.passes + 1, self.state.failed
            if passes >= PASSES and not failed:
                break
            self.move(passes=passes, everything=failed > 0, after=None)
            await workflow.sleep(HOLD if failed else SETTLE)
            self.move(failed=0)
        await workflow.execute_activity(
            APPLIED,
            self.state,
            start_to_close_timeout=timedelta(minutes=5),
            heartbeat_timeout=timedelta(seconds=30),
            retry_policy=PATIENTLY,
        )
        return self.state.changed

    async def go_through(self) -> None:
        while True:
            if workflow.info().is_continue_as_new_suggested():
                workflow.continue_as_new(self.state)
            found: Touched = await workflow.execute_activity(
                TOUCHED,
                self.state,
                result_type=Touched,
                start_to_close_timeout=timedelta(minutes=5),
                heartbeat_timeout=timedelta(seconds=30),
                retry_policy=PATIENTLY,
            )
            if not found.matters:
                return
            done: Redated = await workflow.execute_activity(
                REDATE,
                Redate(edition=self.state.edition, matters=found.matters),
                result_type=Redated,
                start_to_close_timeout=timedelta(minutes=10),
                heartbeat_timeout=timedelta(seconds=30),
                retry_policy=PATIENTLY,
            )
            self.move(
                after=found.matters[-1],
                of=found.of,
                looked_at=self.state.looked_at + (0 if self.state.passes else len(found.matters)),
                changed=self.state.changed + done.changed,
                failed=self.state.failed + done.failed,
            )

    def move(self, **on: Any) -> None:
        self.state = self.state.model_copy(update=on)
