"""The tables of the views: made where missing, named one file each."""

from importlib.resources import files

import asyncpg

VIEWS = ("case_register", "audit_trail", "due_list", "clock_plan", "statistics")
LIVE = "views"
ASIDE = "views_next"  # where a rebuild grows until it takes its place


async def create_missing(connection: asyncpg.Connection) -> list[str]:
    """Make the schema of the views and every table it lacks; return the names made."""
    async with connection.transaction():
        await create_schema(connection, LIVE)
        present = {
            row["tablename"]
            for row in await connection.fetch(
                "SELECT tablename FROM pg_tables WHERE schemaname = $1", LIVE
            )
        }
        missing = [view for view in VIEWS if view not in present]
        for view in missing:
            await create_table(connection, LIVE, view)
    return missing


async def create_schema(connection: asyncpg.Connection, name: str) -> None:
    await connection.execute(f"""
        CREATE SCHEMA IF NOT EXISTS {name} AUTHORIZATION rongcuo_projector;
        GRANT USAGE ON SCHEMA {name} TO rongcuo_reader;
        SET LOCAL ROLE rongcuo_projector;
        SET LOCAL search_path = {name};
        {_sql("_follower")}
        GRANT SELECT ON ALL TABLES IN SCHEMA {name} TO rongcuo_reader;
        RESET ROLE;
    """)


async def create_table(connection: asyncpg.Connection, where: str, view: str) -> None:
    await connection.execute(f"""
        SET LOCAL ROLE rongcuo_projector;
        SET LOCAL search_path = {where};
        {_sql(view)}
        GRANT SELECT ON {view} TO rongcuo_reader;
        RESET ROLE;
    """)


def _sql(name: str) -> str:
    return (files("projections") / "sql" / f"{name}.sql").read_text("utf-8")
