"""The clock one would write with the SDK alone: wait until an instant, then have it taken down."""

from datetime import datetime, timedelta

from temporalio import workflow

BARE_CLOCK = "BareClock"  # the workflow's name
TAKE_DOWN = "take_down"  # the activity's name


@workflow.defn(name=BARE_CLOCK)
class BareClock:
    @workflow.init
    def __init__(self, until: datetime) -> None:
        self.until = until

    @workflow.query
    def standing(self) -> datetime:
        return self.until

    @workflow.run
    async def run(self, _: datetime) -> None:
        left = self.until - workflow.now()
        if left > timedelta(0):
            await workflow.sleep(left)
        await workflow.execute_activity(
            TAKE_DOWN,
            workflow.info().workflow_id,
            start_to_close_timeout=timedelta(seconds=30),
        )
