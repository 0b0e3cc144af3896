"""Where each duty came to stand, event by event: what on-time rates and durations are counted from.

The rows hold days and no numbers of working days: a notice that comes later must not make rows
other than they were. Working days are counted when one asks (`projections.timeliness`).
"""

from collections.abc import Iterator
from typing import Final

from domain.aggregate import Aggregate, Event
from domain.law.deadline_rules import Qualifier
from domain.matter import WITH_DUTY, Matter
from domain.obligations import (
    Obligation,
    ObligationElapsed,
    ObligationLapsed,
    ObligationMet,
    ObligationMetLate,
    ObligationOpened,
    ObligationSuspended,
    ObligationWaived,
    Standing,
    State,
)
from projections.rows import Recorded, Row

MOVING: Final = (
    *WITH_DUTY,
    ObligationSuspended,
    ObligationMet,
    ObligationMetLate,
    ObligationLapsed,
    ObligationElapsed,
    ObligationWaived,
)


def duty_standings(recorded: Recorded, matter: Aggregate) -> Iterator[Row]:
    """A row for an event that moves a duty. A period is nobody's duty: it runs out by itself."""
    event = recorded.event
    if not isinstance(event, MOVING) or not isinstance(matter, Matter) or matter.organ is None:
        return
    standing = matter.obligations.standings[_duty_of(event)]
    duty, organ = standing.obligation, matter.organ
    if duty.qualifier is Qualifier.PERIOD:
        return
    subject = matter.subjects[duty.subject] if duty.subject else None
    yield (
        recorded.position,
        matter.id,
        duty.id,
        matter.kind,
        matter.number,
        standing.policy or matter.policy,
        duty.rule,
        duty.label,
        duty.article,
        subject.id if subject else None,
        subject.kind.value if subject else None,
        subject.label if subject else None,
        subject.rank if subject else None,
        subject.field if subject else None,
        subject.nature if subject else None,
        organ.id,
        organ.kind.value,
        organ.level.value,
        organ.region,
        duty.qualifier.value,
        duty.provisional,
        duty.confirmed,
        standing.first_start,
        duty.due_on,
        standing.state.value,
        event.on,
        timeliness_of(standing),
        [after for after, _ in standing.ran],
        [until for _, until in standing.ran],
    )


def timeliness_of(standing: Standing) -> str | None:
    """How a duty that was met was met; None for any other.

    Unjudged: 及时 and whatever has no day, a day that was only presumed, an internal target.
    """
    if standing.state not in (State.MET, State.MET_LATE):
        return None
    if not _binds(standing.obligation):
        return "unjudged"
    return "on_time" if standing.state is State.MET else "late"


def _binds(duty: Obligation) -> bool:
    aimed_at = duty.qualifier is Qualifier.TARGET
    return duty.due_on is not None and not duty.provisional and not aimed_at


def _duty_of(event: Event) -> str:
    if isinstance(event, ObligationOpened):
        return event.obligation.id
    told: str = getattr(event, "obligation_id")  # noqa: B009 (which of several kinds)
    return told
