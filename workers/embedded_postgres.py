"""PostgreSQL from the wheel's binaries, as a child of ours: a private socket, nobody else's login.

The wheel's own starter is not used: it trusts every local account, opens parent folders to all when
root, and leaves a daemon behind.
"""

import asyncio
import os
import signal
import time
from pathlib import Path

import asyncpg

from workers import postgres_cluster as cluster
from workers.addresses import DatabaseAddress
from workers.children import Account, Child, StackFault, start_child
from workers.durability import require_durable
from workers.home import Home, lock_file

READY_LIMIT_S = 15
SURVIVORS = "pre-existing shared memory block"

SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "work_mem": "8MB",
    "maintenance_work_mem": "32MB",
    "jit": "off",  # our queries are short: compiling them costs more than it saves
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] ",
    # statements and details quote stored values; a log must not
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "cluster_name": "rongcuo",
}


class EmbeddedPostgres:
    """One cluster in one home."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._lock: int | None = None
        self._child: Child | None = None
        self._sockets: Path | None = None
        self._version: str | None = None

    @property
    def version(self) -> str:
        if self._version is None:
            raise RuntimeError("the version is known once PostgreSQL has started")
        return self._version

    @property
    def address(self) -> DatabaseAddress:
        """The maintenance database; `.database(name)` leads to the others."""
        if self._sockets is None:
            raise RuntimeError("the address is known once PostgreSQL has started")
        return DatabaseAddress(str(self._sockets), cluster.PORT, "postgres")

    @property
    def pid(self) -> int:
        return self._running().pid

    async def start(self) -> None:
        if self._child is not None and not self._child.alive:
            await self.stop()  # it died: what is left of it goes first
        self._home.prepare()
        self._take()
        try:
            account = cluster.account_for(self._home)
            programs = cluster.programs_for(self._home, account)
            if (self._home.postgres / "PG_VERSION").exists():
                await cluster.end_orphan(self._home.postgres)
            else:
                await cluster.create(self._home, programs, account)
            cluster.require_known_major(self._home)
            cluster.write_login_rules(self._home)
            self._sockets = cluster.prepare_socket_folder(self._home, account)
            await self._launch(programs, account)
            await self._require_durable()
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Fast: sessions are cut off, what was committed is kept."""
        if self._lock is None:
            return
        if self._child is not None:
            await self._child.stop(signal.SIGINT, grace=10, harder=signal.SIGQUIT)
            self._child = None
        cluster.remove_socket_folder(self._home)
        self._sockets = None
        os.close(self._lock)
        self._lock = None

    async def died(self) -> StackFault | None:
        """Wait for the end; a fault when nobody had asked for it."""
        return await self._running().died()

    async def create_database(self, name: str, template: str | None = None) -> DatabaseAddress:
        """Create an empty database, or a copy of a template that nobody is connected to."""
        source = _quoted("template0" if template is None else template)
        # three times quicker than FILE_COPY, which waits for two checkpoints
        await self._execute(f"CREATE DATABASE {_quoted(name)} TEMPLATE {source} STRATEGY WAL_LOG")
        return self.address.database(name)

    async def drop_database(self, name: str) -> None:
        """Drop it if it is there, cutting off whoever still uses it."""
        await self._execute(f"DROP DATABASE IF EXISTS {_quoted(name)} WITH (FORCE)")

    async def _execute(self, statement: str) -> None:
        connection = await asyncpg.connect(**self.address.asyncpg(cluster.SUPERUSER))
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    def _running(self) -> Child:
        if self._child is None:
            raise RuntimeError("PostgreSQL has not been started")
        return self._child

    def _take(self) -> None:
        """Make sure that a server found running has no living supervisor, before we end it."""
        try:
            self._lock = lock_file(self._home.run / "postgres.lock")
        except BlockingIOError:
            raise StackFault(
                f"{self._home.postgres} 的数据库已由另一个 rongcuo 进程启动。"
                "请先停止那个进程，或用 --home 另选目录。"
            ) from None

    async def _launch(self, programs: Path, account: Account) -> None:
        limit = time.monotonic() + READY_LIMIT_S
        while True:
            self._child = child = self._spawn(programs, account)
            if await self._ready(child):
                return
            # backends that outlived a killed server hold its memory until they notice: again
            if SURVIVORS not in child.log_tail() or time.monotonic() > limit:
                raise child.fault("未能启动")
            await asyncio.sleep(0.05)

    def _spawn(self, programs: Path, account: Account) -> Child:
        settings = SETTINGS | {
            "unix_socket_directories": _quoted(str(self._sockets)),
            "hba_file": str(self._home.run / "pg_hba.conf"),
            "ident_file": str(self._home.run / "pg_ident.conf"),
        }
        options = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
        return start_child(
            "PostgreSQL",
            [programs / "postgres", "-D", self._home.postgres, *options],
            log=self._home.logs / "postgres.log",
            ends_with_us=signal.SIGINT,
            account=account,
            environment={"LC_ALL": "C", "TZ": "UTC"},
        )

    async def _ready(self, child: Child) -> bool:
        """Wait until it lets us in; False when it ended instead."""
        limit, pause = time.monotonic() + READY_LIMIT_S, 0.01
        while child.alive:
            try:
                connection = await asyncpg.connect(
                    **self.address.asyncpg(cluster.SUPERUSER), timeout=5
                )
            except asyncpg.CannotConnectNowError:
                # it answers that it is recovering after a crash, which takes the time it takes
                limit, pause = time.monotonic() + READY_LIMIT_S, min(2 * pause, 0.5)
            except (OSError, TimeoutError, asyncpg.PostgresConnectionError):
                pass
            except asyncpg.PostgresError as refusal:
                raise child.fault(f"拒绝了我们的连接（{refusal}）") from refusal
            else:
                self._version = await connection.fetchval("SHOW server_version")
                await connection.close()
                return True
            if time.monotonic() > limit:
                raise child.fault(f"{READY_LIMIT_S} 秒内没有就绪")
            await asyncio.sleep(pause)
        return False

    async def _require_durable(self) -> None:
        connection = await asyncpg.connect(**self.address.asyncpg(cluster.SUPERUSER))
        try:
            await require_durable(connection, f"数据目录 {self._home.postgres}")
        finally:
            await connection.close()


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
