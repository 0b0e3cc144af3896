"""The one thing a clock may ask for: that time be called in the office."""

from uuid import UUID

from temporalio import activity
from temporalio.exceptions import ApplicationError

from domain.refusals import Code, Refusal
from workflows.contract import CALL_TIME, Called, CallTime
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
