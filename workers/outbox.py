"""What is owed to each channel, and one batch of it handed over; every outcome kept at once.

What has been raised stands in `views.notices`; each has a row in `notices.delivery` for each
channel it is owed to, and stays owed until that says it was delivered, whoever stops where.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import Final

import asyncpg
import structlog
from temporalio import activity

from workers.channels import Channel, NotDelivered, Notice, Outlets
from workflows.contract import DELIVER_DUE, DeliverDue, Delivered

BATCH: Final = 100
AT_ONCE: Final = 8
PATIENCE_S: Final = 15  # for one notice, whatever its channel does
LONGEST_RETRY_S: Final = 3600
log = structlog.get_logger()

CONFIGURED: Final = """
    INSERT INTO notices.channel (name, since_position, collected_position)
    SELECT name, position, position FROM unnest($1::text[]) AS name, views.position
    ON CONFLICT (name) DO UPDATE SET configured = true
"""
NO_LONGER: Final = "UPDATE notices.channel SET configured = false WHERE name <> ALL ($1)"
REACH: Final = """
    SELECT position AS reached, coalesce(
        (SELECT min(collected_position) FROM notices.channel WHERE configured), position
    ) AS collected FROM views.position
"""
# with the numbers written in: a plan made for any numbers would read the whole outbox every time
COLLECT: Final = """
    INSERT INTO notices.delivery (notice_id, channel, position)
    SELECT notice.notice_id, channel.name, notice.position
    FROM views.notices AS notice
    JOIN notices.channel ON configured AND notice.position > since_position
    LEFT JOIN notices.delivery
        ON delivery.notice_id = notice.notice_id AND delivery.channel = channel.name
    WHERE notice.position > {:d} AND notice.position <= {:d} AND delivery.notice_id IS NULL
    ON CONFLICT DO NOTHING
"""
COLLECTED: Final = """
    UPDATE notices.channel SET collected_position = $1
    WHERE configured AND collected_position < $1
"""
FORGET: Final = """
    DELETE FROM notices.delivery WHERE delivered_at IS NULL
        AND NOT EXISTS (SELECT FROM views.notices WHERE notices.notice_id = delivery.notice_id)
"""
ANY_DUE: Final = """
    SELECT EXISTS (SELECT FROM notices.delivery WHERE channel = $1
        AND delivered_at IS NULL AND next_try <= clock_timestamp())
"""
DUE: Final = f"""
    SELECT {", ".join(f"notice.{each.name}" for each in fields(Notice))}
    FROM notices.delivery JOIN views.notices AS notice USING (notice_id)
    WHERE channel = $1 AND delivered_at IS NULL AND next_try <= clock_timestamp()
    ORDER BY delivery.position, notice_id LIMIT $2
"""  # noqa: S608 (our own names)
NEXT_TRY: Final = """
    SELECT greatest(min(next_try), clock_timestamp()) - clock_timestamp() AS wait,
        count(*) AS owed
    FROM notices.delivery WHERE channel = $1 AND delivered_at IS NULL
"""
DELIVERED: Final = """
    UPDATE notices.delivery
    SET attempts = attempts + 1, delivered_at = clock_timestamp(), last_error = NULL
    WHERE notice_id = $1 AND channel = $2
"""
FAILED: Final = """
    UPDATE notices.delivery SET attempts = attempts + 1, last_error = $3,
        next_try = clock_timestamp()
            + least(power(2, least(attempts, 30)) * $4, $5) * interval '1 s'
    WHERE notice_id = $1 AND channel = $2
"""


@dataclass(frozen=True)
class _Outcome:
    """Neither `taken` nor `trouble`: left alone, because quiet had begun."""

    notice_id: str
    taken: bool = False
    trouble: str | None = None


def machine_time() -> datetime:
    return datetime.now(UTC)


class Outbox:
    def __init__(
        self,
        connect: Callable[[], Awaitable[asyncpg.Connection]],
        outlets: Outlets,
        *,
        now: Callable[[], datetime] = machine_time,
        first_retry: float = 1.0,
    ) -> None:
        self._connect = connect  # as the notifier
        self._channels = {channel.name: channel for channel in outlets.channels}
        self._quiet = outlets.quiet
        self._now = now
        self._first_retry = first_retry

    async def open_to(self, connection: asyncpg.Connection) -> None:
        """Keep whom we deliver to. One that is new is owed nothing that was raised before."""
        names = [*self._channels]
        async with connection.transaction():
            await connection.execute(CONFIGURED, names)
            await connection.execute(NO_LONGER, names)

    async def collect(self, connection: asyncpg.Connection, *, whole: bool = False) -> None:
        """Give what was newly raised its rows; `whole`: whatever was raised, see `sweep`."""
        (row,) = await connection.fetch(REACH)
        collected = 0 if whole else row["collected"]
        if row["reached"] > collected:
            await connection.execute(COLLECT.format(collected, row["reached"]))
            await connection.execute(COLLECTED, row["reached"])

    async def sweep(self, connection: asyncpg.Connection) -> None:
        """Look through everything: rows lost, and views made anew that tell more than before."""
        await self.collect(connection, whole=True)
        await connection.execute(FORGET)

    async def due(self, connection: asyncpg.Connection) -> list[str]:
        """The channels to which something should go out now."""
        if self._quiet_for() is not None:
            return []
        return [name for name in self._channels if await connection.fetchval(ANY_DUE, name)]

    @activity.defn(name=DELIVER_DUE)
    async def deliver_due(self, asked: DeliverDue) -> Delivered:
        """Hand over one batch of what is due, and say when to look again."""
        channel = self._channels.get(asked.channel)
        if channel is None:  # it is set no longer; what it is owed stays to be seen
            return Delivered(delivered=0, failed=0)
        connection = await self._connect()
        try:
            outcomes = await self._hand_over(connection, channel)
            more = len(outcomes) == BATCH
            return Delivered(
                delivered=sum(each.taken for each in outcomes),
                failed=sum(each.trouble is not None for each in outcomes),
                wait=timedelta(0) if more else await self._wait(connection, channel.name),
            )
        finally:
            connection.terminate()

    async def _hand_over(
        self, connection: asyncpg.Connection, channel: Channel
    ) -> Sequence[_Outcome]:
        if self._quiet_for() is not None:
            return []
        rows = await connection.fetch(DUE, channel.name, BATCH)
        turn = asyncio.Semaphore(AT_ONCE)
        outcomes = []
        async with asyncio.TaskGroup() as work:
            attempts = [
                work.create_task(self._attempt(channel, Notice(**row), turn)) for row in rows
            ]
            for finished in asyncio.as_completed(attempts):
                outcome = await finished
                await self._keep(connection, channel.name, outcome)
                activity.heartbeat()
                outcomes.append(outcome)
        return outcomes

    async def _attempt(self, channel: Channel, notice: Notice, turn: asyncio.Semaphore) -> _Outcome:
        async with turn:
            if self._quiet_for() is not None:
                return _Outcome(notice.notice_id)
            try:
                async with asyncio.timeout(PATIENCE_S):
                    await channel.deliver(notice)
            except NotDelivered as refusal:
                return _Outcome(notice.notice_id, trouble=str(refusal))
            except Exception as error:  # noqa: BLE001 (one notice's trouble is its own)
                return _Outcome(notice.notice_id, trouble=type(error).__name__)
            return _Outcome(notice.notice_id, taken=True)

    async def _keep(self, connection: asyncpg.Connection, channel: str, outcome: _Outcome) -> None:
        if outcome.taken:
            await connection.execute(DELIVERED, outcome.notice_id, channel)
        elif outcome.trouble is not None:
            log.warning(
                "notice_not_delivered",
                notice=outcome.notice_id,
                channel=channel,
                error=outcome.trouble,
            )
            await connection.execute(
                FAILED,
                outcome.notice_id,
                channel,
                outcome.trouble,
                self._first_retry,
                LONGEST_RETRY_S,
            )

    async def _wait(self, connection: asyncpg.Connection, channel: str) -> timedelta | None:
        (row,) = await connection.fetch(NEXT_TRY, channel)
        if not row["owed"]:
            return None
        # what failed is tried again by the handful, not one by one
        handful = timedelta(seconds=self._first_retry)
        return self._quiet_for() or max(row["wait"], handful)

    def _quiet_for(self) -> timedelta | None:
        now = self._now()
        until = self._quiet and self._quiet.until(now)
        return until - now if until else None
