"""Every countable thing but determinations: one row each, of matters of every kind."""

from collections.abc import Callable, Iterator
from typing import Any

from domain.aggregate import Aggregate, Event
from domain.matter import Matter
from projections.counted import (
    accountability,
    clarification,
    false_accusation,
    follow_up,
    forwarding,
    impact,
    inquiry,
    protection,
    rectification,
    review,
    risk_filing,
    tolerance,
    visit_plan,
)
from projections.counted.countable import Countable
from projections.rows import Recorded, Row

COUNTED: dict[str, Callable[[Event, Any], Iterator[Countable]]] = {
    "tolerance": tolerance.counted,
    "accountability": accountability.counted,
    "clarification": clarification.counted,
    "false_accusation": false_accusation.counted,
    "follow_up": follow_up.counted,
    "visit_plan": visit_plan.counted,
    "rectification": rectification.counted,
    "impact": impact.counted,
    "protection": protection.counted,
    "review": review.counted,
    "inquiry": inquiry.counted,
    "forwarding": forwarding.counted,
    "risk_filing": risk_filing.counted,
}


def facts(recorded: Recorded, matter: Aggregate) -> Iterator[Row]:
    if not isinstance(matter, Matter) or matter.kind not in COUNTED or matter.organ is None:
        return
    found = COUNTED[matter.kind](recorded.event, matter)
    for number, each in enumerate(found, start=1):
        subject, organ = each.subject, each.organ or matter.organ
        yield (
            recorded.position,
            number,
            matter.id,
            recorded.event.originator_version,
            matter.kind,
            matter.number,
            each.what,
            subject.id if subject else None,
            subject.kind.value if subject else None,
            subject.label if subject else None,
            each.group,
            list(each.detail),
            organ.id,
            organ.kind.value,
            organ.level.value,
            organ.region,
            subject.rank if subject else None,
            subject.field if subject else None,
            subject.nature if subject else None,
            matter.policy,
            recorded.event.on,
        )
