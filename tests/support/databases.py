"""Databases for tests: copied from a template in a moment, looked into by whoever asks."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from itertools import count
from typing import NamedTuple

import psycopg
from psycopg.rows import TupleRow

from workers.addresses import DatabaseAddress
from workers.embedded_postgres import EmbeddedPostgres
from workers.postgres_cluster import SUPERUSER

__all__ = ["SUPERUSER", "Stored", "copied", "session", "stored"]

ROLES = (files("workers.migrations") / "0001_roles.sql").read_text("utf-8")
numbers = count(1)

Session = psycopg.Connection[TupleRow]


@contextmanager
def copied(
    postgres: EmbeddedPostgres, template: DatabaseAddress, outside: asyncio.Runner
) -> Iterator[DatabaseAddress]:
    """A copy for the length of the block. Rights on a database are not copied with it."""
    address = outside.run(postgres.create_database(f"test_{next(numbers)}", template.name))
    try:
        with session(address) as superuser:
            superuser.execute(ROLES.encode())
        yield address
    finally:
        outside.run(postgres.drop_database(address.name))


@contextmanager
def session(database: DatabaseAddress, role: str = SUPERUSER) -> Iterator[Session]:
    """A session of this role; every statement commits by itself."""
    with psycopg.connect(database.conninfo(role), autocommit=True) as connection:
        yield connection


class Stored(NamedTuple):
    """How much the log holds."""

    events: int
    commands: int


def stored(database: DatabaseAddress) -> Stored:
    with session(database) as superuser:
        row = superuser.execute(
            "SELECT (SELECT count(*) FROM log.events), (SELECT count(*) FROM log.commands)"
        ).fetchone()
    assert row is not None
    return Stored(*row)
