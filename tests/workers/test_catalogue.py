"""What guards the log has a fingerprint, and whoever takes a guard away changes it."""

import asyncpg
import pytest

from tests.support.databases import session
from workers.addresses import DatabaseAddress
from workers.sealing.catalogue import EXPECTED, fingerprint, shape
from workers.store import AUDITOR, READER, SEALER, connect_as


@pytest.mark.parametrize("role", [SEALER, AUDITOR, READER])
async def test_the_migrations_make_the_shape_that_is_expected(
    database: DatabaseAddress, role: str
) -> None:
    """After a migration of these schemas the constant in catalogue.py is to be renewed."""
    connection = await connect_as(role, database)
    try:
        assert await fingerprint(connection) == EXPECTED, "\n".join(await shape(connection))
    finally:
        await connection.close()


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE log.events DISABLE TRIGGER no_change",
        "ALTER TABLE log.events ENABLE TRIGGER no_change",  # and no more ALWAYS
        "ALTER TABLE audit.checkpoint DISABLE TRIGGER ALL",
        "DROP TRIGGER no_truncate ON log.commands",
        "GRANT UPDATE ON log.events TO rongcuo_writer",
        "GRANT UPDATE (state) ON log.events TO rongcuo_projector",
        "GRANT INSERT ON audit.checkpoint TO rongcuo_writer",
        "REVOKE SELECT ON log.events FROM rongcuo_auditor",
        "CREATE RULE off AS ON INSERT TO audit.tile DO INSTEAD NOTHING",
        "ALTER TABLE log.events ADD COLUMN more text",
        "ALTER TABLE log.events OWNER TO postgres",
        "ALTER SCHEMA audit OWNER TO postgres",
        "CREATE FUNCTION log.more() RETURNS int LANGUAGE sql RETURN 1",
        "ALTER FUNCTION log.refuse_change() SECURITY DEFINER",
    ],
)
async def test_a_guard_that_is_taken_away_shows(
    database: DatabaseAddress, reader: asyncpg.Connection, change: str
) -> None:
    with session(database) as superuser:
        superuser.execute(change.encode())
    assert await fingerprint(reader) != EXPECTED


async def test_rebuilding_a_view_is_no_change_of_the_guards(
    database: DatabaseAddress, reader: asyncpg.Connection
) -> None:
    with session(database) as superuser:
        superuser.execute("DROP TABLE views.facts; CREATE TABLE views.other (one int)")
    assert await fingerprint(reader) == EXPECTED
