"""Time for scenarios: moves from act to act, and lets every moment between them come on its day.

Two ways to let a moment come: by a real clock in Temporal, or, where only the log is wanted, by
asking the office ourselves. The office cannot tell the difference.
"""

import asyncio
from datetime import datetime, timedelta
from typing import Final, Protocol

import asyncpg

from projections.follower import Follower
from workers.children import StackFault
from workers.stack import Stack
from workflows.clock import DrivenClock
from workflows.office import Office

LEAD: Final = timedelta(milliseconds=100)  # a clock really sleeps this long before each moment
PATIENCE_S: Final = 20
LOOK_EVERY_S: Final = 0.02

NEXT: Final = "SELECT min(next_at) FROM views.clock_plan WHERE next_at <= $1"
COME: Final = """
    SELECT matter_id, moments -> 0 ->> 'key' AS key
    FROM views.clock_plan WHERE next_at = $1 ORDER BY matter_id
"""


class Timeline(Protocol):
    async def to(self, instant: datetime) -> None:
        """Let time pass until the instant; every duty's moment on the way is called, in order."""

    async def settled(self) -> None:
        """Return once the views show everything stored so far."""


class ByHand:
    """Calls time itself: no Temporal, months in milliseconds."""

    def __init__(
        self, clock: DrivenClock, office: Office, follower: Follower, reader: asyncpg.Connection
    ) -> None:
        self._clock = clock
        self._office = office
        self._follower = follower
        self._reader = reader

    async def to(self, instant: datetime) -> None:
        await self.settled()
        while (moment := await self._reader.fetchval(NEXT, instant)) is not None:
            self._clock.jump_to(moment)
            for row in await self._reader.fetch(COME, moment):
                await asyncio.to_thread(self._office.call_time, row["matter_id"], row["key"])
            await self.settled()
        self._clock.jump_to(instant)

    async def settled(self) -> None:
        await self._follower.catch_up()


class ByTemporal:
    """Moves the stack's time to just before each moment and lets the real clocks do the rest."""

    def __init__(self, clock: DrivenClock, stack: Stack, reader: asyncpg.Connection) -> None:
        self._clock = clock
        self._stack = stack
        self._reader = reader

    async def to(self, instant: datetime) -> None:
        await self.settled()
        while (moment := await self._reader.fetchval(NEXT, instant)) is not None:
            self._clock.jump_to(moment - LEAD)
            if self._stack.timekeeper is not None:
                self._stack.timekeeper.wake()
            await self._passed(moment)
        self._clock.jump_to(instant)

    async def settled(self) -> None:
        last = await self._reader.fetchval(
            "SELECT coalesce(max(notification_id), 0) FROM log.events"
        )
        await self._stack.follower.wait_for(last)

    async def _passed(self, moment: datetime) -> None:
        try:
            async with asyncio.timeout(PATIENCE_S):
                while await self._reader.fetchval(NEXT, moment) is not None:  # noqa: ASYNC110
                    await asyncio.sleep(LOOK_EVERY_S)
        except TimeoutError:
            raise StackFault(
                f"{moment:%Y-%m-%d} 的到期事项在 {PATIENCE_S} 秒内没有办理；"
                f"Temporal 的日志在 {self._stack.home.logs}"
            ) from None
