"""The names under which events are stored, and how each is read back.

A name stays for ever. A changed shape takes a new version; the old name then maps to an upcaster
that turns the old JSON into the new one, with a test holding the old JSON.
"""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from domain import obligations
from domain.accountability import proceeding
from domain.aggregate import Aggregate, Event
from domain.tolerance import case, events

EVENTS: dict[str, type[Event]] = {
    kind.topic: kind
    for module in (proceeding, events, obligations)
    for kind in vars(module).values()
    if isinstance(kind, type) and issubclass(kind, Event) and "topic" in vars(kind)
}

UPCASTERS: dict[str, Callable[[dict[str, Any]], tuple[str, dict[str, Any]]]] = {}

MATTERS: dict[str, type[Aggregate]] = {  # what the first event of a stream begins
    events.ToleranceApplied.topic: case.ToleranceCase,
    events.ExOfficioStarted.topic: case.ToleranceCase,
    proceeding.AccountabilityOpened.topic: proceeding.AccountabilityProceeding,
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


def begin(event: Event) -> Aggregate:
    """The empty matter that this first event opens."""
    return MATTERS[event.topic](event.originator_id)
