"""The folder that holds everything of an embedded stack, and the lock that keeps it to one process.

Modes: what we create is ours alone. As root the home and `run/` can be passed through (0711),
because PostgreSQL refuses to run as root and needs a way to its own folder. Nothing above the home
is changed.
"""

import fcntl
import json
import os
import secrets
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

import platformdirs

from workers.children import Account, StackFault, account_name


def default_home() -> Path:
    if os.geteuid() == 0:
        return Path("/var/lib/rongcuo")
    return platformdirs.user_data_path("rongcuo")


@dataclass(frozen=True)
class Home:
    path: Path

    def __post_init__(self) -> None:
        object.__setattr__(self, "path", self.path.expanduser().resolve())

    @property
    def postgres(self) -> Path:  # made by initdb, whole or not at all
        return self.path / "postgres"

    @property
    def temporal(self) -> Path:
        return self.path / "temporal"

    @property
    def run(self) -> Path:
        return self.path / "run"

    @property
    def logs(self) -> Path:
        return self.path / "logs"

    @property
    def keys(self) -> Path:
        return self.path / "keys"

    @property
    def notices(self) -> Path:  # made with the first notice
        return self.path / "notices"

    def prepare(self) -> None:
        """Create what is missing; change the mode of nothing that was there."""
        passable = 0o711 if os.geteuid() == 0 else 0o700
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            create_folder(self.path, passable)
            self._require_ours()
            create_folder(self.run, passable)
            for folder in (self.temporal, self.logs, self.keys):
                create_folder(folder, 0o700)
        except OSError as refusal:
            raise StackFault(
                f"不能使用数据目录 {self.path}：无法建立 {refusal.filename}（{refusal.strerror}）。"
                "请用 --home 指定一个可以写入的目录。"
            ) from refusal

    def _require_ours(self) -> None:
        owner = self.path.stat().st_uid
        if owner != os.geteuid():  # whoever owns the folder can put anything in the place of ours
            raise StackFault(
                f"数据目录 {self.path} 属于用户 {account_name(owner)}，"
                f"而本程序以 {account_name(os.geteuid())} 运行。"
                "请以该用户运行，或用 --home 另选目录。"
            )


@contextmanager
def temporary_home() -> Iterator[Home]:
    """A home for one run, removed at the end. (`mkdtemp` would shut the database's user out.)"""
    home = Home(Path(tempfile.gettempdir()) / f"rongcuo-{secrets.token_hex(6)}")
    home.prepare()
    try:
        yield home
    finally:
        shutil.rmtree(home.path, ignore_errors=True)


def create_folder(path: Path, mode: int) -> None:
    """Create it with exactly this mode, whatever the umask; one that is there stays as it is."""
    try:
        path.mkdir(mode)
    except FileExistsError:
        if not path.is_dir():
            raise
    else:
        path.chmod(mode)


def folder_in_the_way(path: Path, account: Account) -> Path | None:
    """Answer the first folder on the way to `path`, itself included, that shuts the account out."""
    real = path.resolve()
    for folder in (*reversed(real.parents), real):
        if not _may_enter(folder.stat(), account):
            return folder
    return None


def _may_enter(folder: os.stat_result, account: Account) -> bool:
    if account.uid == 0:
        return True
    if folder.st_uid == account.uid:
        return bool(folder.st_mode & stat.S_IXUSR)
    if folder.st_gid == account.gid:
        return bool(folder.st_mode & stat.S_IXGRP)
    return bool(folder.st_mode & stat.S_IXOTH)


@dataclass(frozen=True)
class Holder:
    """Who holds a home."""

    pid: int
    command: str
    since: str  # ISO 8601, local time with its offset


class HomeTaken(StackFault):
    """The home is at work under another process."""

    def __init__(self, home: Home, holder: Holder | None) -> None:
        self.holder = holder
        who, cure = "另一个进程", "先停止那个进程"
        if holder is not None:
            since = holder.since.replace("T", " ")
            who = f"进程 {holder.pid}（{holder.command}，自 {since} 起）"
            cure = f"到那个终端按 Ctrl-C 停止它（或执行 kill {holder.pid}）"
        super().__init__(
            f"数据目录 {home.path} 正由{who}使用；一个目录同时只供一个进程使用。"
            f"请{cure}，或用 --home 另选目录。"
        )


class HomeLock:
    """The exclusive right to a home. The kernel frees it however the holder ends."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._descriptor: int | None = None

    def take(self) -> None:
        self._home.prepare()
        path = self._home.path / "lock"
        try:
            descriptor = lock_file(path)
        except BlockingIOError:
            raise HomeTaken(self._home, _read_holder(path)) from None
        self._descriptor = descriptor
        since = datetime.now(UTC).astimezone().isoformat(timespec="seconds")
        holder = Holder(os.getpid(), " ".join(sys.argv), since)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, json.dumps(asdict(holder), ensure_ascii=False).encode(), 0)

    def release(self) -> None:
        if self._descriptor is not None:
            os.ftruncate(self._descriptor, 0)
            os.close(self._descriptor)  # the file stays: unlinking would let two hold "the" lock
            self._descriptor = None

    def __enter__(self) -> Self:
        self.take()
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


def lock_file(path: Path) -> int:
    """Lock it for as long as the answered descriptor, or a copy of it in a child, is open.

    Closed at exec unless passed on: a child that outlives us keeps nothing by accident.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise
    return descriptor


def _read_holder(lock: Path) -> Holder | None:
    """Answer who wrote the lock file; None between taking and writing."""
    with suppress(ValueError, TypeError):
        return Holder(**json.loads(lock.read_text()))
    return None
