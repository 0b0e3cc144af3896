"""What was acknowledged must be on disk, whole and checkable; otherwise we do not run."""

from typing import Final

import asyncpg

from workers.children import StackFault

DURABILITY: Final = ("fsync", "synchronous_commit", "full_page_writes", "data_checksums")


async def require_durable(connection: asyncpg.Connection, where: str) -> None:
    """Pass when the server keeps what it acknowledges; `where` it is set. Raises StackFault.

    Settings made for one role or one database count too.
    """
    weak = await connection.fetch(
        """
        SELECT format('%s=%s', name, setting) AS setting
          FROM pg_settings WHERE name = ANY ($1) AND setting <> 'on'
         UNION ALL
        SELECT format('%s（只对 %s）', set_to, coalesce(rolname, datname, '全部'))
          FROM pg_db_role_setting
          LEFT JOIN pg_roles ON pg_roles.oid = setrole
          LEFT JOIN pg_database ON pg_database.oid = setdatabase
         CROSS JOIN unnest(setconfig) AS set_to
         WHERE split_part(set_to, '=', 1) = ANY ($1) AND split_part(set_to, '=', 2) <> 'on'
        """,
        DURABILITY,
    )
    if weak:
        raise StackFault(
            f"数据库的保全设置被关闭：{'、'.join(row['setting'] for row in weak)}。"
            f"这样断电或坏盘会丢失已确认的记录，本程序不在此状态下运行。"
            f"请恢复为 on（{where}）。"
        )
