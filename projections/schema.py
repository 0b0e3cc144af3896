"""The tables of the views, one file each, and how one tells that a table is not as described."""

from hashlib import sha256
from importlib.resources import files

import asyncpg

from projections.views import VIEWS

LIVE = "views"
ASIDE = "views_next"  # where a rebuild grows until it takes its place
READERS = "rongcuo_reader, rongcuo_writer, rongcuo_notifier"  # who may read the views


async def create_schema(connection: asyncpg.Connection, name: str) -> None:
    """Make the schema and what every follower needs in it; harmless where it is there."""
    await connection.execute(f"""
        CREATE SCHEMA IF NOT EXISTS {name} AUTHORIZATION rongcuo_projector;
        GRANT USAGE ON SCHEMA {name} TO {READERS};
        SET LOCAL ROLE rongcuo_projector;
        SET LOCAL search_path = {name};
        {_sql("_follower")}
        GRANT SELECT ON ALL TABLES IN SCHEMA {name} TO {READERS};
        RESET ROLE;
    """)


async def create_table(connection: asyncpg.Connection, where: str, view: str) -> None:
    await connection.execute(f"""
        SET LOCAL ROLE rongcuo_projector;
        SET LOCAL search_path = {where};
        {_sql(view)}
        GRANT SELECT ON {view} TO {READERS};
        RESET ROLE;
    """)


async def outdated(connection: asyncpg.Connection) -> list[str]:
    """The views that are missing or were made by another definition: to be rebuilt."""
    rows = await connection.fetch(
        f"SELECT view, fingerprint FROM {LIVE}.made"  # noqa: S608 (our own names)
        " JOIN pg_tables ON tablename = view AND schemaname = $1",
        LIVE,
    )
    made = {row["view"]: row["fingerprint"] for row in rows}
    return [view for view in VIEWS if made.get(view) != fingerprint(view)]


def fingerprint(view: str) -> str:
    """Changes with a view's table and with its edition, which whoever changes its rows raises."""
    return sha256(f"{VIEWS[view].edition}\n{_sql(view)}".encode()).hexdigest()


def _sql(name: str) -> str:
    return (files("projections") / "sql" / f"{name}.sql").read_text("utf-8")
