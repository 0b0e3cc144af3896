"""What a view is made of: rows, the event with its place in the log, and how rows are made."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from domain.aggregate import Aggregate, Event

Row = tuple[Any, ...]


@dataclass(frozen=True)
class Recorded:
    """An event with its place in the whole log."""

    position: int
    event: Event


@dataclass(frozen=True)
class View:
    """A table: all rows of a matter made anew when it moves, or rows that an event adds."""

    name: str
    edition: int = 1  # raise it when the same events would give other rows
    of_matter: Callable[[Aggregate, int], Iterator[Row]] | None = None
    of_event: Callable[[Recorded, Aggregate], Iterator[Row]] | None = None
    passes_over: frozenset[str] = frozenset()  # topics: see passed_over.py


def as_json(value: Any) -> str:
    """JSON for a jsonb column, Chinese left as it is."""
    return json.dumps(value, ensure_ascii=False)
