"""Other processes: whether they live, and a supervisor to be killed in the middle of its work."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

POSTGRES = "workers.embedded_postgres:EmbeddedPostgres"
TEMPORAL = "workers.embedded_temporal:EmbeddedTemporal"

SUPERVISOR = """
import asyncio, importlib, json, sys
from pathlib import Path
from workers import children
from workers.home import Home, HomeLock

path, tied, *parts = sys.argv[1:]
if tied == "untied":
    children._tie_to_us = lambda signal: None

async def main():
    home = Home(Path(path))
    with HomeLock(home):
        pids = []
        for part in parts:
            module, name = part.split(":")
            server = getattr(importlib.import_module(module), name)(home)
            await server.start()
            pids.append(server.pid)
        print(json.dumps(pids), flush=True)
        await asyncio.sleep(60)

asyncio.run(main())
"""


class Supervisor:
    """A process of its own that starts parts of the stack, as `rongcuo up` does."""

    def __init__(self, home: Path, parts: tuple[str, ...], *, tied: bool) -> None:
        script = [sys.executable, "-c", SUPERVISOR, home, "tied" if tied else "untied", *parts]
        self._process = subprocess.Popen(script, stdout=subprocess.PIPE, text=True)
        self._pids: list[int] = []

    def pids(self) -> list[int]:
        """Wait until all parts have started; answer their numbers."""
        if not self._pids:
            assert self._process.stdout is not None
            self._pids = json.loads(self._process.stdout.readline())
        return self._pids

    def kill(self) -> None:
        assert self._process.stdout is not None
        self._process.kill()
        self._process.wait()
        self._process.stdout.close()

    def clean_up(self) -> None:
        self.kill()
        for pid in filter(living, self._pids):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


@contextmanager
def supervisor(home: Path, *parts: str, tied: bool = True) -> Iterator[Supervisor]:
    """Untied: its children outlive it, as where the kernel knows no such tie."""
    process = Supervisor(home, parts, tied=tied)
    try:
        yield process
    finally:
        process.clean_up()


def living(pid: int) -> bool:
    """A zombie that waits for its reaper lives no more."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def ended_within(seconds: float, *pids: int) -> bool:
    return _within(seconds, lambda: not any(living(pid) for pid in pids))


def reaped_within(seconds: float, pid: int) -> bool:
    return _within(seconds, lambda: not Path(f"/proc/{pid}").exists())


def _within(seconds: float, holds: Callable[[], bool]) -> bool:
    limit = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > limit:
            return False
        time.sleep(0.01)
    return True


async def until(holds: Callable[[], bool]) -> None:
    limit = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < limit
        await asyncio.sleep(0.002)


def owner(pid: int) -> int:
    """The effective user a process runs as."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[2]) for line in lines if line.startswith("Uid:"))


def children_of(pid: int) -> list[int]:
    """The processes it has started and not yet reaped."""
    return [child for child, parent in _parents() if parent == pid]


def _parents() -> Iterator[tuple[int, int]]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            with suppress(OSError):
                parent = (entry / "stat").read_text().rpartition(")")[2].split()[1]
                yield int(entry.name), int(parent)
