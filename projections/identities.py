"""Which number stands for a person, and from which position of the log on."""

from collections.abc import Iterator

from domain.aggregate import Aggregate
from domain.identities import Identities, IdentitiesMerged
from projections.rows import Recorded, Row


def identities(recorded: Recorded, book: Aggregate) -> Iterator[Row]:
    """Every number given up so far for the one kept: of several rows the last one holds."""
    event = recorded.event
    if isinstance(event, IdentitiesMerged) and isinstance(book, Identities):
        for number, kept in book.kept_for.items():
            if kept == event.kept:
                yield recorded.position, number, kept
