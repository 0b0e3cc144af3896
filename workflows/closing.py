"""Started every day by a schedule: closes the reporting periods whose day has come."""

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

with workflow.unsafe.imports_passed_through():
    from workflows.contract import CLOSE_PERIODS, CLOSING


@workflow.defn(name=CLOSING)
class ClosePeriods:
    @workflow.run
    async def run(self) -> int:
        """Return how many periods were closed; days that were missed are made up for."""
        closed: int = await workflow.execute_activity(
            CLOSE_PERIODS,
            result_type=int,
            start_to_close_timeout=timedelta(minutes=1),
            retry_policy=RetryPolicy(maximum_interval=timedelta(minutes=5)),
        )
        return closed
