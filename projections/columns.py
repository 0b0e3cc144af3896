"""The figures of the determinations out of memory: exact, and in milliseconds.

`Columns` takes over what the views have gained and counts as `projections.statistics.count` does.
Meant for a process that lives long, and for its one loop: while rows are taken over nothing is
awaited, so that nobody counts half of them.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any, Final

import asyncpg
import numpy as np

from projections.arrays import Ints
from projections.held import DAYS, EPOCH, NUMBERED, OF_DAY, SETS, WORDS, Held
from projections.schema import LIVE
from projections.statistics import Measure, Question
from projections.tables import table

CHUNK: Final = 50_000  # rows read at a time
FIRST_DAY: Final = f"DATE '{EPOCH}'"
WHOLE: Final = {  # what comes as whole numbers: its SQL and its shape on the wire
    "position": ("int8send(position)", ">i8"),
    "version": ("int8send(version)", ">i8"),
    "matter": ("uuid_send(matter_id)", ">u8"),
    **{day: (f"int4send({day} - {FIRST_DAY})", ">i4") for day in DAYS},
}
LISTED: Final = (
    WORDS | {name: f"array_to_json({sql})::text" for name, sql in SETS.items()} | NUMBERED
)


def _rows_sql() -> str:
    """A chunk of rows as one: every column in one piece, which is quicker than row by row."""
    pieces = [f"string_agg({name}, '' ORDER BY number) AS {name}" for name in WHOLE]
    lists = [f"array_agg({name} ORDER BY number) AS {name}" for name in LISTED]
    columns = [f"{sql} AS {name}" for name, (sql, _) in WHOLE.items()]
    columns += [f"{sql} AS {name}" for name, sql in LISTED.items()]
    return f"""
        SELECT max(number) AS last, {", ".join(pieces + lists)} FROM (
            SELECT position AS number, {", ".join(columns)}
            FROM {LIVE}.statistics
            WHERE position > $1 AND position <= $2
            ORDER BY number LIMIT {CHUNK}
        ) AS chunk
    """  # noqa: S608 (our own words)


ROWS: Final = _rows_sql()
CALLED: Final = (
    f"SELECT number, {', '.join(sql.format(day='day') for sql in OF_DAY.values())}"  # noqa: S608
    f" FROM unnest($1::int[]) AS number, LATERAL (SELECT {FIRST_DAY} + number AS day) AS told"
)
TABLES: Final = ", ".join(
    f"'{LIVE}.{name}'::regclass::oid" for name in ("statistics", "determination_ends", "identities")
)
STORE: Final = f"SELECT position, ARRAY[{TABLES}] AS tables FROM {LIVE}.position"  # noqa: S608
LAST: Final = (
    f"SELECT position, matter_id, version FROM {LIVE}.statistics"  # noqa: S608
    " WHERE position <= $1 ORDER BY position DESC LIMIT 1"
)
ENDED: Final = (
    f"SELECT position, matter_id, version FROM {LIVE}.determination_ends"  # noqa: S608
    " WHERE position > $1 AND position <= $2"
)
MERGED: Final = (
    f"SELECT position, subject_id, kept FROM {LIVE}.identities"  # noqa: S608
    " WHERE position > $1 AND position <= $2 ORDER BY position"
)


class Columns:
    """The determinations of a store, as of the last refresh."""

    def __init__(self) -> None:
        self._held = Held()
        self._tables: list[int] = []
        self._last: asyncpg.Record | None = None  # the newest row held
        self._refreshing = asyncio.Lock()

    @property
    def position(self) -> int:
        """Up to where the log is known."""
        return self._held.position

    async def refresh(self, connection: asyncpg.Connection) -> int:
        """Take over what is new in the views, all at once; answers the position then known.

        Begins afresh where the tables were rebuilt, or the store is another or an older one. What
        fails changes nothing.
        """
        async with self._refreshing:
            async with connection.transaction(isolation="repeatable_read", readonly=True):
                position, tables = await _one(connection, STORE)
                goes_on = tables == self._tables and await self._stands(connection, position)
                held = self._held if goes_on else Held()
                new = (held.position, position)
                chunks = [chunk async for chunk in _chunks(connection, held, *new)]
                ended = [tuple(row) for row in await connection.fetch(ENDED, *new)]
                merged = [tuple(row) for row in await connection.fetch(MERGED, *new)]
                last = await connection.fetchrow(LAST, position)
            if chunks:
                held.add({name: np.concatenate([c[name] for c in chunks]) for name in chunks[0]})
            held.end(ended)
            held.merge(merged)
            self._held, self._tables, self._last = held, tables, last
            held.position = position
            return self.position

    async def _stands(self, connection: asyncpg.Connection, position: int) -> bool:
        """Whether what is held is the beginning of what this store has up to the position."""
        last = await connection.fetchrow(LAST, self.position)
        return position >= self.position and last == self._last

    def count(self, question: Question, measures: Sequence[Measure]) -> list[dict[str, Any]]:
        """What `statistics.count` answers, row by row, as of the last refresh.

        Raises NotInColumns for what only the tables can answer, KeyError for an unknown breakdown.
        """
        return table(self._held, question, measures)


async def _chunks(
    connection: asyncpg.Connection, held: Held, after: int, upto: int
) -> AsyncIterator[dict[str, Ints]]:
    """The rows after a position by column, their words numbered. New words change no figure."""
    while True:
        told = await _one(connection, ROWS, after, upto)
        if told["last"] is None:
            return
        rows = {name: np.frombuffer(told[name], shape) for name, (_, shape) in WHOLE.items()}
        rows = {
            name: values.astype(values.dtype.newbyteorder("=")) for name, values in rows.items()
        }
        matters = rows.pop("matter").reshape(-1, 2)
        rows |= {"matter_high": matters[:, 0], "matter_low": matters[:, 1]}
        for vocabularies in (held.words, held.sets, held.numbered):
            rows |= {name: words.number(told[name]) for name, words in vocabularies.items()}
        days = np.unique(np.concatenate([rows[day] for day in DAYS]))
        if unknown := held.days.unknown(days.tolist()):
            held.days.learn([tuple(row) for row in await connection.fetch(CALLED, unknown)])
        yield rows
        after = told["last"]


async def _one(connection: asyncpg.Connection, sql: str, *values: object) -> asyncpg.Record:
    (row,) = await connection.fetch(sql, *values)
    return row
