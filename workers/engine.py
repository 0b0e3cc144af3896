"""A loop that never dies of what it meets: one connection, woken by word of plans, or in time."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import NoReturn

import asyncpg
import structlog

from projections.follower import PLANS_CHANNEL

Connect = Callable[[], Awaitable[asyncpg.Connection]]
log = structlog.get_logger()


class Engine:
    """`turn` is taken on a connection again and again, after `begin` was once."""

    def __init__(self, connect: Connect, *, poll: float) -> None:
        self._connect = connect
        self._poll = poll  # seconds between two turns when nothing wakes it
        self._woken = asyncio.Event()

    def wake(self) -> None:
        self._woken.set()

    async def begin(self, connection: asyncpg.Connection) -> None:
        """What is to be done first on every new connection."""

    async def turn(self, connection: asyncpg.Connection) -> None:
        """Do what there is to do now."""
        raise NotImplementedError

    async def run(self) -> NoReturn:
        """Take turns until cancelled; on any trouble reconnect and go on."""
        while True:
            try:
                await self._live()
            except Exception as error:  # noqa: BLE001 (an engine never dies of what it meets)
                log.warning("reconnecting", engine=type(self).__name__, error=repr(error))
                await asyncio.sleep(self._poll)

    async def _live(self) -> None:
        connection = await self._connect()
        try:
            await self.begin(connection)
            await connection.add_listener(PLANS_CHANNEL, lambda *_: self.wake())
            connection.add_termination_listener(lambda _: self.wake())
            while not connection.is_closed():
                self._woken.clear()
                await self.turn(connection)
                # not wait_for: before Python 3.12 it loses a cancellation that meets the waking
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(self._poll):
                        await self._woken.wait()
        finally:
            connection.terminate()
