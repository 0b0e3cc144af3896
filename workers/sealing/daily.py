"""Takes the heads tree once a day, on the first look of the day."""

from typing import Final

import asyncpg

from domain.evidence.heads import HEADS_BOOK
from domain.law.calendar import civil_date
from workers.engine import Connect, Engine
from workers.sealing.heads import take_heads
from workflows.clock import Clock
from workflows.office import Office

EVERY: Final = 600.0  # seconds between two looks


class DailyHeads(Engine):
    """`name`: of the hash the log stands on. Several of them take one tree a day all the same."""

    def __init__(
        self, connect: Connect, office: Office, clock: Clock, name: str, *, poll: float = EVERY
    ) -> None:
        super().__init__(connect, poll=poll)
        self._office = office
        self._clock = clock
        self._name = name

    async def turn(self, connection: asyncpg.Connection) -> None:
        last = await connection.fetchval(
            "SELECT max(recorded_at) FROM log.events WHERE originator_id = $1", HEADS_BOOK
        )
        if last is not None and civil_date(last) >= civil_date(self._clock.now()):
            return
        await take_heads(connection, self._office, self._name)
