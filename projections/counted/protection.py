"""What is counted of protection matters."""

from collections.abc import Iterator

from domain.aggregate import Event
from domain.protection.events import ProtectionMeasureTaken
from domain.protection.matter import Protection
from projections.counted.countable import Countable


def counted(event: Event, matter: Protection) -> Iterator[Countable]:
    """Protected once in a matter, by the first measure that was taken."""
    if isinstance(event, ProtectionMeasureTaken) and len(matter.measures) == 1 and matter.cause:
        yield Countable("protected", matter.subject, detail=(matter.cause,))
