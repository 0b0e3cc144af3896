"""Brings a database to this version's shape: numbered steps, each once, under one lock."""

from collections.abc import Mapping
from hashlib import sha256
from importlib.resources import files
from typing import Any

import asyncpg

from projections import schema
from projections.rebuild import rebuild
from workers.addresses import DatabaseAddress

LOCK = 0x726F6E67637501  # any number, as long as every migrator asks for the same one


class MigrationFault(Exception):  # noqa: N818 (said to people)
    """The database was not made by these migrations."""


async def migrate(address: DatabaseAddress, role: str = "postgres") -> list[str]:
    """Apply what is missing and return its names; run twice, or by two at once, it does no harm.

    Raises MigrationFault when a step already applied has since been edited.
    """
    connection = await asyncpg.connect(**address.asyncpg(role))
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", LOCK)
        applied = await _apply_steps(connection)
        applied += [
            f"视图 {name}" for name in await _renew_views(connection, address.asyncpg(role))
        ]
    finally:
        await connection.close()  # and with it the lock
    return applied


async def _renew_views(connection: asyncpg.Connection, reach: Mapping[str, Any]) -> list[str]:
    """Build from the log whatever view this version describes and the database lacks."""
    async with connection.transaction():
        await schema.create_schema(connection, schema.LIVE)
    names = await schema.outdated(connection)
    if names:
        await rebuild(connection, names, reach=reach)
    return names


async def _apply_steps(connection: asyncpg.Connection) -> list[str]:
    await connection.execute("""
        CREATE SCHEMA IF NOT EXISTS migrations;
        CREATE TABLE IF NOT EXISTS migrations.applied (
            name text PRIMARY KEY, checksum text NOT NULL,
            applied_at timestamptz NOT NULL DEFAULT clock_timestamp())
    """)
    done = {
        row["name"]: row["checksum"]
        for row in await connection.fetch("SELECT name, checksum FROM migrations.applied")
    }
    newly = []
    for step in sorted(files("workers.migrations").iterdir(), key=lambda file: file.name):
        if not step.name.endswith(".sql"):
            continue
        sql = step.read_text("utf-8")
        checksum = sha256(sql.encode()).hexdigest()
        if step.name in done:
            if done[step.name] != checksum:
                raise MigrationFault(
                    f"迁移 {step.name} 与库中已执行的不一致；已执行的迁移不得改动，请另加新的一步"
                )
            continue
        async with connection.transaction():
            await connection.execute(sql)
            await connection.execute(
                "INSERT INTO migrations.applied (name, checksum) VALUES ($1, $2)",
                step.name,
                checksum,
            )
        newly.append(step.name)
    return newly
