"""What readers see of the calendar's editions, and of the days they have moved."""

from collections.abc import Iterator
from uuid import UUID

import asyncpg

from domain.aggregate import Aggregate
from domain.calendars.publication import (
    CALENDAR_BOOK,
    CalendarBook,
    CalendarReleased,
    HandlerDigest,
)
from domain.law.calendar import CalendarEdition
from domain.matter import Matter
from domain.obligations import ObligationRedated
from domain.registry import read_stored
from projections.rows import Recorded, Row

# a rung may stand in a year that its duty's day does not reach
TOUCHED = """
    FROM views.due_list AS duty
    JOIN views.clock_plan AS plan USING (matter_id)
    JOIN views.calendar_editions AS edition ON edition.edition = $1
    WHERE duty.state = 'open' AND duty.due_on IS NOT NULL AND duty.start_on <= edition.last_day
      AND edition.first_day <= greatest(
          duty.due_on,
          ((plan.moments -> -1 ->> 'at')::timestamptz AT TIME ZONE 'Asia/Shanghai')::date)
"""
MOVED_SINCE = """
      AND EXISTS (
          SELECT FROM views.audit_trail AS event, views.audit_trail AS release
          WHERE release.matter_id = edition.matter_id
            AND release.version = edition.released_version
            AND event.matter_id = duty.matter_id AND event.position > release.position)
"""
DIGESTS = """
    SELECT organ_id AS organ, responsible, count(*) AS duties,
           count(*) FILTER (WHERE due_on > was_due_on) AS later,
           count(*) FILTER (WHERE due_on < was_due_on) AS earlier,
           count(*) FILTER (WHERE kept) AS kept,
           count(*) FILTER (WHERE settled) AS settled
    FROM views.redatings WHERE cause = $1 GROUP BY organ_id, responsible ORDER BY 1, 2
"""


def calendar_editions(matter: Aggregate, _: int) -> Iterator[Row]:
    if not isinstance(matter, CalendarBook):
        return
    for name, file in matter.files.items():
        edition, prepared, released, applied = (
            file.edition,
            file.prepared,
            file.released,
            file.applied,
        )
        first, last = edition.reach
        yield (
            matter.id,
            name,
            edition.year,
            edition.notice,
            edition.issued_on,
            file.stage.value,
            prepared.envelope.by.id,
            prepared.on,
            file.returned.explanation if file.returned else None,
            released.envelope.by.id if released else None,
            released.on if released else None,
            released.originator_version if released else None,
            first,
            last,
            applied.looked_at if applied else None,
            sum(each.duties for each in applied.digests) if applied else None,
        )


def redatings(recorded: Recorded, matter: Aggregate) -> Iterator[Row]:
    event = recorded.event
    if not isinstance(event, ObligationRedated) or not isinstance(matter, Matter):
        return
    duty = event.obligation
    yield (
        recorded.position,
        matter.id,
        matter.number,
        duty.id,
        duty.label,
        matter.subjects[duty.subject].label if duty.subject else None,
        duty.responsible,
        duty.organ,
        event.was_due_on,
        duty.due_on,
        event.kept,
        event.settled,
        list(duty.calendars),
        event.cause,
        event.on,
    )


async def released(
    connection: asyncpg.Connection, known_at: int | None = None
) -> list[CalendarEdition]:
    """The editions released here, straight from the log, or from what it held at a position."""
    rows = await connection.fetch(
        "SELECT originator_id, originator_version, topic, state FROM log.events"
        " WHERE originator_id = $1 AND topic = $2 AND ($3::bigint IS NULL OR notification_id <= $3)"
        " ORDER BY originator_version",
        CALENDAR_BOOK,
        CalendarReleased.topic,
        known_at,
    )
    events = [
        read_stored(row["topic"], CALENDAR_BOOK, row["originator_version"], row["state"])
        for row in rows
    ]
    return [event.edition for event in events if isinstance(event, CalendarReleased)]


async def touched(
    connection: asyncpg.Connection,
    edition: str,
    *,
    after: UUID | None,
    limit: int,
    moved_since: bool,
) -> list[UUID]:
    """The next matters with an open duty that runs over days an edition decides.

    `moved_since`: only those that have moved since it was released.
    """
    rows = await connection.fetch(
        f"SELECT DISTINCT duty.matter_id {TOUCHED} {MOVED_SINCE if moved_since else ''}"
        " AND ($2::uuid IS NULL OR duty.matter_id > $2) ORDER BY duty.matter_id LIMIT $3",
        edition,
        after,
        limit,
    )
    return [row["matter_id"] for row in rows]


async def how_many_touched(connection: asyncpg.Connection, edition: str) -> int:
    found: int = await connection.fetchval(
        f"SELECT count(DISTINCT duty.matter_id) {TOUCHED}",
        edition,
    )
    return found


async def digests(connection: asyncpg.Connection, edition: str) -> list[HandlerDigest]:
    """What an edition has changed, for each post of each organ that answers for a duty."""
    return [HandlerDigest(**row) for row in await connection.fetch(DIGESTS, edition)]
