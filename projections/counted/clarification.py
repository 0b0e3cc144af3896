"""What is counted of clarifications: those due, those declined, those done; M9 to M12."""

from collections.abc import Iterator

from domain.aggregate import Event
from domain.clarification import events
from domain.clarification.matter import Clarification
from projections.counted.countable import Countable


def counted(event: Event, matter: Clarification) -> Iterator[Countable]:
    """Each once a person and accusation: the group is the accusation, of whichever organ."""
    accusation = matter.opened.accusation if matter.opened else None
    match event:
        case events.HarmAssessed() if event.calls_for_clearing:
            yield Countable("should_be_cleared", matter.subject, accusation)
        case events.ClarificationNotRequired(ground=ground):
            yield Countable("not_cleared", matter.subject, accusation, (ground.value,))
        case events.ClarificationPerformed(complete=True):
            ways = tuple(way.value for way in matter.performed)
            yield Countable("cleared", matter.subject, accusation, ways)
