"""Processes we start as our own: they log to our files, end when we end, and are always reaped.

PostgreSQL and Temporal run this way. The kernel ends them when the supervisor dies in any manner
(Linux; elsewhere an orphan is met at the next start).
"""

import asyncio
import ctypes
import os
import pwd
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from signal import Signals
from typing import Self

PR_SET_PDEATHSIG = 1
LOG_LIMIT_BYTES = 10_000_000
HEAD_BYTES = 64_000
TAIL_BYTES = 4_000
TAIL_LINES = 15


class StackFault(Exception):  # noqa: N818 (a state of the stack, told to a person; not a bug)
    """The stack cannot start or go on: the message says what stands in the way, and the way out."""


@dataclass(frozen=True)
class Account:
    """The operating-system account a process runs as."""

    name: str
    uid: int
    gid: int

    @classmethod
    def of(cls, uid: int) -> Self:
        try:
            entry = pwd.getpwuid(uid)
        except KeyError:
            raise StackFault(
                f"系统的用户表（/etc/passwd）里没有用户号 {uid}，PostgreSQL 无法以它运行。"
                "请先登记这个用户，或换一个已登记的用户运行。"
            ) from None
        return cls(entry.pw_name, entry.pw_uid, entry.pw_gid)

    @classmethod
    def named(cls, name: str) -> Self | None:
        try:
            return cls.of(pwd.getpwnam(name).pw_uid)
        except KeyError:
            return None


def account_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"{uid}（无名）"


class Child:
    """A process of ours; tied to no event loop: one may start it, another stop it."""

    def __init__(self, name: str, process: subprocess.Popen[bytes], log: Path, since: int) -> None:
        self.name = name
        self.pid = process.pid
        self._process = process
        self._log = log
        self._log_since = since
        self._asked_to_stop = False
        self._ended: Future[int] = Future()
        self._ended.set_running_or_notify_cancel()  # one waiter cancelled takes nothing from others
        threading.Thread(target=self._reap, name=f"reap {name}", daemon=True).start()

    def _reap(self) -> None:
        self._ended.set_result(self._process.wait())

    @property
    def alive(self) -> bool:
        return not self._ended.done()

    async def wait(self) -> int:
        """Answer the exit code; negative: the signal that ended it."""
        return await asyncio.wrap_future(self._ended)

    async def died(self) -> StackFault | None:
        """Wait for the end; a fault when nobody had asked for it, None after `stop`."""
        code = await self.wait()
        return None if self._asked_to_stop else self.fault(f"意外退出（{_manner(code)}）")

    async def stop(
        self, gently: Signals = signal.SIGTERM, grace: float = 5, harder: Signals | None = None
    ) -> int:
        """Ask to end; after the grace, in seconds, ask harder if there is a way; then kill."""
        self._asked_to_stop = True
        for ask in (gently, harder):
            if ask is not None:
                self._process.send_signal(ask)
                with suppress(TimeoutError):
                    return await asyncio.wait_for(self.wait(), grace)
        self.kill()
        return await self.wait()

    def kill(self) -> None:
        """End it at once, with what it has started itself (it leads its own session)."""
        self._asked_to_stop = True
        if self.alive:
            with suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)

    def log_head(self) -> str:
        """What it wrote first, since this start."""
        with self._log.open("rb") as log:
            log.seek(self._log_since)
            return log.read(HEAD_BYTES).decode(errors="replace")

    def log_tail(self) -> str:
        """What it wrote last, since this start."""
        with self._log.open("rb") as log:
            end = log.seek(0, os.SEEK_END)
            log.seek(max(self._log_since, end - TAIL_BYTES))
            lines = log.read().decode(errors="replace").splitlines()
        return "\n".join(lines[-TAIL_LINES:])

    def fault(self, what: str) -> StackFault:
        return StackFault(f"{self.name} {what}。日志 {self._log} 的末尾：\n{self.log_tail()}")


def start_child(
    name: str,
    command: Sequence[str | Path],
    *,
    log: Path,
    ends_with_us: Signals = signal.SIGKILL,
    account: Account | None = None,
    environment: Mapping[str, str] | None = None,
    keep_open: Sequence[int] = (),
) -> Child:
    """Start a process that gets `ends_with_us` when we die; as another account only when root."""
    if threading.current_thread() is not threading.main_thread():
        # the kernel ties the child to the thread that made it, not to the process
        raise RuntimeError("children must be started from the main thread")
    switch = account is not None and account.uid != os.geteuid()
    descriptor = _open_log(log)
    try:
        since = os.fstat(descriptor).st_size
        process = subprocess.Popen(
            [os.fspath(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=descriptor,
            stderr=descriptor,
            cwd="/",  # our own working folder may be closed to the other account
            env={"PATH": os.environ.get("PATH", os.defpath), **(environment or {})},
            start_new_session=True,  # Ctrl-C in the terminal reaches us alone; we stop it in order
            user=account.uid if account and switch else None,
            group=account.gid if account and switch else None,
            extra_groups=[] if switch else None,
            pass_fds=keep_open,
            preexec_fn=_tie_to_us(ends_with_us),  # noqa: PLW1509 (it does next to nothing)
        )
    finally:
        os.close(descriptor)
    return Child(name, process, log, since)


def _tie_to_us(ends_with_us: Signals) -> Callable[[], None] | None:
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None, use_errno=True).prctl  # looked up before the fork
    parent = os.getpid()

    def tie() -> None:  # runs after the switch of accounts, which would undo it
        if prctl(PR_SET_PDEATHSIG, int(ends_with_us), 0, 0, 0) != 0:
            raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG)")
        if os.getppid() != parent:  # we died before the tie held
            os._exit(1)

    return tie


def _open_log(log: Path) -> int:
    """Append; a log grown too long is put aside first, replacing the one put aside before it."""
    with suppress(FileNotFoundError):
        if log.stat().st_size > LOG_LIMIT_BYTES:
            log.replace(log.with_suffix(".old.log"))
    return os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)


def _manner(code: int) -> str:
    return f"退出码 {code}" if code >= 0 else f"信号 {Signals(-code).name}"
