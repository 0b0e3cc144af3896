"""What is counted of forwardings."""

from collections.abc import Iterator

from domain.aggregate import Event
from domain.forwarding.matter import Forwarding
from projections.counted.countable import Countable


def counted(event: Event, matter: Forwarding) -> Iterator[Countable]:  # noqa: ARG001
    """Nothing: the matter is the superior's, and is counted there."""
    yield from ()
