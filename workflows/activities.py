"""What Temporal may ask of the office: that time be called, and that periods be closed."""

from uuid import UUID

from temporalio import activity
from temporalio.exceptions import ApplicationError

from domain.refusals import Code, Refusal
from workflows.contract import CALL_TIME, CLOSE_PERIODS, Called, CallTime
from workflows.office import Office


class ClockActivities:
    def __init__(self, office: Office) -> None:
        self._office = office

    @activity.defn(name=CALL_TIME)
    def call_time(self, asked: CallTime) -> Called:
        """Call time; a refusal other than being busy will not change by asking again."""
        try:
            return self._office.call_time(UUID(asked.matter_id), asked.key)
        except Refusal as refusal:
            lasting = refusal.code is not Code.BUSY
            raise ApplicationError(refusal.code, non_retryable=lasting) from None


class ClosingActivities:
    def __init__(self, office: Office, delay: int) -> None:
        self._office = office
        self._delay = delay  # days after a period's last one

    @activity.defn(name=CLOSE_PERIODS)
    def close_periods(self) -> int:
        return len(self._office.close_periods(self._delay))
