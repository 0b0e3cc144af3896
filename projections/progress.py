"""How far the log and the views are: for those who must read what was just written."""

import asyncpg


async def log_end(connection: asyncpg.Connection) -> int:
    """The position of the last event stored."""
    end: int = await connection.fetchval("SELECT coalesce(max(notification_id), 0) FROM log.events")
    return end


async def views_at(connection: asyncpg.Connection) -> int:
    """The position up to which the views hold everything."""
    position: int = await connection.fetchval("SELECT position FROM views.position")
    return position
