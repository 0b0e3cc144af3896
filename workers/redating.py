"""What the counting anew of open days asks for: which matters, count them, take down the end."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import asyncpg
import structlog
from eventsourcing.persistence import PersistenceError
from temporalio import activity

from domain.refusals import Code, Refusal
from projections.calendars import digests, how_many_touched, touched
from projections.progress import log_end, views_at
from workers.engine import Connect
from workflows.contract import APPLIED, REDATE, TOUCHED, Redate, Redated, Redating, Touched
from workflows.office import Office

BATCH = 50
LOOK_EVERY_S = 0.2
log = structlog.get_logger()


class RedatingActivities:
    def __init__(self, office: Office, connect: Connect) -> None:
        self._office = office
        self._connect = connect  # as one who may read the views

    @activity.defn(name=TOUCHED)
    async def touched(self, state: Redating) -> Touched:
        """The next matters, by the views as of now."""
        async with self._views() as views:
            matters = await touched(
                views,
                state.edition,
                after=UUID(state.after) if state.after else None,
                limit=BATCH,
                moved_since=not state.everything,
            )
            of = state.of or await how_many_touched(views, state.edition)
        return Touched(matters=tuple(map(str, matters)), of=of)

    @activity.defn(name=REDATE)
    def redate(self, asked: Redate) -> Redated:
        """Count the open days of each matter; one that cannot be counted holds up no other."""
        changed, failed = 0, 0
        for matter_id in asked.matters:
            try:
                changed += len(self._office.redate(UUID(matter_id), asked.edition))
            except PersistenceError:
                raise  # the store is away: the batch is asked for again
            except Exception as error:
                if isinstance(error, Refusal) and error.code is Code.BUSY:
                    raise
                log.warning("not_redated", matter=matter_id, error=_kind(error))
                failed += 1
            activity.heartbeat()
        return Redated(changed=changed, failed=failed)

    @activity.defn(name=APPLIED)
    async def applied(self, state: Redating) -> None:
        async with self._views() as views:
            told = await digests(views, state.edition)
        await asyncio.to_thread(self._office.calendar_applied, state.edition, state.looked_at, told)

    @asynccontextmanager
    async def _views(self) -> AsyncIterator[asyncpg.Connection]:
        """The views, once they hold all that is in the log now."""
        connection = await self._connect()
        try:
            end = await log_end(connection)
            while await views_at(connection) < end:
                activity.heartbeat()
                await asyncio.sleep(LOOK_EVERY_S)
            yield connection
        finally:
            await connection.close()


def _kind(error: Exception) -> str:
    """A refusal's code, or what sort of error it is: its words may name somebody."""
    return error.code if isinstance(error, Refusal) else type(error).__name__
