"""How far the log is sealed and witnessed, and what nobody outside has seen yet."""

from dataclasses import dataclass
from datetime import UTC, datetime

import asyncpg

from domain.evidence.notes import Signature, seconds_of

EXPOSED = """
    SELECT ended.position AS log, coalesce(sealed.size, 0) AS sealed, sealed.made_at,
        coalesce(seen.size, 0) AS witnessed,
        (SELECT recorded_at FROM log.events WHERE notification_id = coalesce(seen.size, 0) + 1)
            AS exposed_since,
        (SELECT recorded_at FROM log.events WHERE notification_id = coalesce(sealed.size, 0) + 1)
            AS unsealed_since
    FROM (SELECT coalesce(max(notification_id), 0) AS position FROM log.events) AS ended
    LEFT JOIN (SELECT size, made_at FROM audit.checkpoint ORDER BY size DESC LIMIT 1) AS sealed
        ON true
    LEFT JOIN (SELECT max(size) AS size FROM audit.cosignature) AS seen ON true
"""


@dataclass(frozen=True)
class Witnessed:
    """The newest checkpoint a witness has cosigned, and when it says it did."""

    witness: str
    size: int
    at: datetime


@dataclass(frozen=True)
class Exposure:
    """`log`, `sealed`, `witnessed`: positions up to which there is a log, a checkpoint, a witness.

    `exposed_since`, `unsealed_since`: when the oldest event was stored that no witness has seen,
    that no checkpoint covers; None without one.
    """

    log: int
    sealed: int
    sealed_at: datetime | None
    witnessed: int
    exposed_since: datetime | None
    unsealed_since: datetime | None
    witnesses: tuple[Witnessed, ...]

    def seconds(self, now: datetime) -> float:
        """The exposure window: for how long something could have been rewritten unnoticed."""
        return _since(self.exposed_since, now)

    def unsealed_seconds(self, now: datetime) -> float:
        return _since(self.unsealed_since, now)


def _since(begun: datetime | None, now: datetime) -> float:
    return max(0.0, (now - begun).total_seconds()) if begun else 0.0


async def covering(connection: asyncpg.Connection, position: int) -> str | None:
    """The first checkpoint over a position, as its size and root; None while there is none.

    Once there is one it stays the first.
    """
    row = await connection.fetchrow(
        "SELECT size, root FROM audit.checkpoint WHERE size >= $1 ORDER BY size LIMIT 1", position
    )
    return f"{row['size']} {row['root'].hex()}" if row else None


async def exposure(connection: asyncpg.Connection) -> Exposure:
    """As the log stands now. `connection` is a reader's."""
    row = await connection.fetchrow(EXPOSED)
    if row is None:
        raise LookupError("the question always has one row")
    lines = await connection.fetch(
        "SELECT DISTINCT ON (witness) witness, size, line FROM audit.cosignature"
        " ORDER BY witness, size DESC"
    )
    witnesses = tuple(
        Witnessed(
            each["witness"],
            each["size"],
            datetime.fromtimestamp(seconds_of(Signature.parse(each["line"])), UTC),
        )
        for each in lines
    )
    return Exposure(
        row["log"],
        row["sealed"],
        row["made_at"],
        row["witnessed"],
        row["exposed_since"],
        row["unsealed_since"],
        witnesses,
    )
