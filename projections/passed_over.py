"""What a view of countable things may pass over when it is made from the log by itself.

An event passed over adds no row to the view and changes nothing that the view reads of a matter. A
new event is passed over by none until it is named here; what opens a matter never is.
"""

from collections.abc import Iterable
from typing import Final

from domain import obligations
from domain.accountability import events as accountability
from domain.aggregate import Event
from domain.registry import EVENTS, MATTERS
from domain.tolerance import events as tolerance


def _topics(kinds: Iterable[type[Event]]) -> frozenset[str]:
    return frozenset(topic for topic, kind in EVENTS.items() if issubclass(kind, tuple(kinds)))


def all_but(*kinds: type[Event]) -> frozenset[str]:
    """For a view that shows these alone and reads nothing of the matter."""
    return frozenset(EVENTS) - frozenset(MATTERS) - _topics(kinds)


UNCOUNTED: Final = _topics(
    (
        obligations.ObligationOpened,
        obligations.ObligationEvent,
        tolerance.InquiryEvent,
        tolerance.DeterminationProposed,
        tolerance.ApprovalRequested,
        tolerance.ApprovalGranted,
        tolerance.ApprovalRefused,
        tolerance.ResultNotified,
        tolerance.ResultReceived,
        tolerance.DeterminationFiled,
        tolerance.RectificationCompleted,
        tolerance.FollowUpVisitHeld,
        tolerance.CaseClosed,
        tolerance.CaseArchived,
        accountability.ToleranceScreened,
        accountability.ToleranceReferred,
        accountability.ToleranceReturned,
    )
)
