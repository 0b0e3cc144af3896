"""Makes the rows of some views, and writes them: shared by whoever follows and whoever rebuilds."""

import gc
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from uuid import UUID

import asyncpg
import structlog

from domain import registry
from projections.folds import Folded
from projections.rows import Recorded, Row, View

DATABASE_TROUBLE = (asyncpg.PostgresError, asyncpg.InterfaceError, OSError)
log = structlog.get_logger()


class Making:
    """The rows of some views that are made and not yet written, in one schema."""

    def __init__(self, views: Iterable[View]) -> None:
        self._of_event = [(each.of_event, each.name) for each in views if each.of_event]
        self._of_matter = [(each.of_matter, each.name) for each in views if each.of_matter]
        self._rows: dict[str, list[Row]] = {each.name: [] for each in views}
        self._shown: set[UUID] = set()

    def add(self, recorded: Recorded, fold: Folded) -> None:
        """What an event adds, `fold` as it stands after it: to all of the views or to none."""
        made = [(name, [*rows(recorded, fold.matter)]) for rows, name in self._of_event]
        for name, rows in made:
            if rows:
                self._rows[name] += rows

    def show(self, fold: Folded) -> None:
        """The matter as it now stands: in all of the views or in none."""
        made = [(name, [*rows(fold.matter, fold.planned_at)]) for rows, name in self._of_matter]
        self._shown.add(fold.matter.id)
        for name, rows in made:
            self._rows[name] += rows

    async def write(self, connection: asyncpg.Connection, *, anew: bool) -> None:
        """Put the rows in place, and forget them. `anew`: no matter shown has stood there yet."""
        for _, name in () if anew else self._of_matter:
            await connection.execute(
                f"DELETE FROM {name} WHERE matter_id = ANY($1)",  # noqa: S608 (our own names)
                self._shown,
            )
        self._shown.clear()
        for name, rows in self._rows.items():
            if rows:
                await connection.copy_records_to_table(name, records=rows)
                rows.clear()


async def park(
    connection: asyncpg.Connection, matter_id: UUID, position: int, error: Exception
) -> None:
    """Put aside a matter that cannot be shown, and say so; the others go on."""
    # the kind alone: a validation error quotes what it could not read
    what = str(error) if isinstance(error, registry.UnknownTopic) else type(error).__name__
    log.error("matter_parked", matter=str(matter_id), position=position, error=what)
    await connection.execute(
        "INSERT INTO parked (matter_id, position, error) VALUES ($1, $2, $3)"
        " ON CONFLICT DO NOTHING",
        matter_id,
        position,
        what,
    )


@contextmanager
def without_collecting() -> Iterator[None]:
    """No search for cycles in the block: folding makes none, and many values that stay.

    Searched for all the same after each batch; within one it takes a third of the time.
    """
    if not gc.isenabled():  # somebody else's wish, or a block around this one
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
