"""The shape of what guards the log: triggers, functions, rights, roles; and how one tells a change.

While a guard is away the fingerprint differs; the sealer looks every time it comes by. What was
done between two looks the leaves and the witnesses tell.
"""

from hashlib import sha256
from typing import Final

import asyncpg

# the shape that the migrations of this version make; a test says what it is now
EXPECTED: Final = "d112cb194ab5d02e86c2c2c9e4467d5bea1a2883dcdbbf8f9684a0204380c1ab"

SHAPE: Final = """
    WITH guarded AS (SELECT oid, nspname, nspacl, nspowner FROM pg_namespace
                     WHERE nspname IN ('log', 'audit'))
    SELECT line FROM (
        SELECT format('schema %s %s %s', nspname, nspowner::regrole, nspacl::text) AS line
          FROM guarded
        UNION ALL
        SELECT format('table %s.%s %s %s', nspname, relname, relowner::regrole, relacl::text)
          FROM pg_class JOIN guarded ON relnamespace = guarded.oid WHERE relkind IN ('r', 'v', 'p')
        UNION ALL
        SELECT format('column %s.%s.%s %s %s', nspname, relname, attname,
                      format_type(atttypid, atttypmod), attacl::text)
          FROM pg_attribute JOIN pg_class ON attrelid = pg_class.oid
          JOIN guarded ON relnamespace = guarded.oid
         WHERE relkind IN ('r', 'v', 'p') AND attnum > 0 AND NOT attisdropped
        UNION ALL
        SELECT format('trigger %s %s', tgenabled, pg_get_triggerdef(pg_trigger.oid))
          FROM pg_trigger JOIN pg_class ON tgrelid = pg_class.oid
          JOIN guarded ON relnamespace = guarded.oid WHERE NOT tgisinternal
        UNION ALL
        SELECT format('rule %s', pg_get_ruledef(pg_rewrite.oid))
          FROM pg_rewrite JOIN pg_class ON ev_class = pg_class.oid
          JOIN guarded ON relnamespace = guarded.oid
        UNION ALL
        SELECT format('function %s %s %s', proowner::regrole, proacl::text,
                      pg_get_functiondef(pg_proc.oid))
          FROM pg_proc JOIN guarded ON pronamespace = guarded.oid
        UNION ALL
        SELECT format('role %s %s %s %s %s', rolname, rolsuper, rolcreaterole, rolbypassrls,
                      rolcanlogin)
          FROM pg_roles WHERE rolname LIKE 'rongcuo\\_%'
        UNION ALL
        SELECT format('member %s %s', roleid::regrole, member::regrole)
          FROM pg_auth_members JOIN pg_roles ON pg_roles.oid = roleid
         WHERE rolname LIKE 'rongcuo\\_%'
    ) AS shape ORDER BY line COLLATE "C"
"""


async def shape(connection: asyncpg.Connection) -> list[str]:
    """Every guard there is, a line each."""
    return [row["line"] for row in await connection.fetch(SHAPE)]


async def fingerprint(connection: asyncpg.Connection) -> str:
    return sha256("\n".join(await shape(connection)).encode()).hexdigest()
