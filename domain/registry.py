"""The names under which events are stored, and how each is read back.

A name stays for ever. A changed shape takes a new version; the old name then maps to an upcaster
that turns the old JSON into the new one, with a test holding the old JSON.
"""

from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter

from domain import identities, matter, obligations
from domain.aggregate import Aggregate, Event
from domain.calendars import publication
from domain.evidence import heads
from domain.kinds import KINDS
from domain.reporting import periods, reports, submissions
from domain.tolerance import case, events

EVENTS: dict[str, type[Event]] = {
    kind.topic: kind
    for module in (
        obligations,
        matter,
        events,
        publication,
        periods,
        reports,
        submissions,
        identities,
        heads,
        *(each.events for each in KINDS.values()),
    )
    for kind in vars(module).values()
    if isinstance(kind, type) and issubclass(kind, Event) and "topic" in vars(kind)
}

FACTS = TypeAdapter(dict[str, Any])
UPCASTERS: dict[str, Callable[[dict[str, Any]], tuple[str, dict[str, Any]]]] = {}

MATTERS: dict[str, type[Aggregate]] = {  # what the first event of a stream begins
    events.ToleranceApplied.topic: case.ToleranceCase,
    events.ExOfficioStarted.topic: case.ToleranceCase,
    **{
        opens.topic: each.matter
        for each in KINDS.values()
        for opens in (each.matter.MOVES[each.opening].records,)
    },
    publication.CalendarPrepared.topic: publication.CalendarBook,
    periods.PeriodClosed.topic: periods.ReportingBook,
    reports.ReportPrepared.topic: reports.PublishedReports,
    identities.IdentitiesMerged.topic: identities.Identities,
    heads.HeadsTaken.topic: heads.HeadsBook,
}


class UnknownTopic(LookupError):  # noqa: N818
    """A stored name this version does not know: written by a newer one, or not by us at all."""


def read(topic: str, originator_id: UUID, version: int, facts: dict[str, Any]) -> Event:
    """The event behind a stored name and its facts (the decoded JSON of `state`).

    Raises UnknownTopic, and pydantic's ValidationError when the facts do not fit.
    """
    while topic in UPCASTERS:
        topic, facts = UPCASTERS[topic](facts)
    try:
        kind = EVENTS[topic]
    except KeyError:
        raise UnknownTopic(f"不认识的事件名 {topic}") from None
    return kind.model_validate(
        {**facts, "originator_id": originator_id, "originator_version": version}
    )


def read_stored(topic: str, originator_id: UUID, version: int, state: bytes) -> Event:
    """As `read`, from the stored bytes: twice as fast where the shape is still the present one.

    Id and version go last, so that they are ours whatever the stored object says.
    """
    kind = EVENTS.get(topic)
    if topic in UPCASTERS or kind is None:
        return read(topic, originator_id, version, FACTS.validate_json(state))
    ours = f',"originator_id":"{originator_id}","originator_version":{version}}}'
    return kind.model_validate_json(state.removesuffix(b"}") + ours.encode())


def begin(event: Event) -> Aggregate:
    """The empty matter that this first event opens."""
    return MATTERS[event.topic](event.originator_id)


def folded(events: Iterable[Event]) -> Aggregate:
    """The matter as these events leave it; there must be at least one."""
    matter = project(None, events)
    if matter is None:
        raise ValueError("no event, no matter")
    return matter


def project(matter: Aggregate | None, events: Iterable[Event]) -> Aggregate | None:
    """Fold events into the matter they belong to, whatever its kind; None when there are none."""
    for event in events:
        matter = matter or begin(event)
        matter.apply(event)
    return matter
