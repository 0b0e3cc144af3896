"""A real PostgreSQL of our own: it lets nobody else in, loses nothing, leaves nothing behind."""

import asyncio
import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from stat import S_IMODE
from typing import Any

import asyncpg
import psycopg
import pytest

from tests.support.processes import POSTGRES, living, owner, supervisor, until
from workers import durability, embedded_postgres, postgres_cluster
from workers.children import Account, StackFault, start_child
from workers.embedded_postgres import EmbeddedPostgres
from workers.home import Home, folder_in_the_way, temporary_home
from workers.postgres_cluster import SUPERUSER, is_postmaster_of

ROOT = os.geteuid() == 0
US = Account.of(os.geteuid()).name


@pytest.fixture
def home() -> Iterator[Home]:
    with temporary_home() as home:
        yield home


@pytest.fixture(scope="module")
def made() -> Iterator[Home]:
    """A home whose cluster is made, for the tests that start it in many ways and leave it whole."""
    with temporary_home() as home, asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        server = EmbeddedPostgres(home)
        runner.run(server.start())
        runner.run(server.stop())
        yield home


@pytest.fixture
async def server(made: Home) -> AsyncIterator[EmbeddedPostgres]:
    server = EmbeddedPostgres(made)
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def kept(server: EmbeddedPostgres) -> AsyncIterator[str]:
    """Something that was told to the server before all else; and the question that shows it."""
    await ask(server, "CREATE TABLE kept AS SELECT 371 AS persons")
    yield "SELECT persons FROM kept"
    await ask(server, "DROP TABLE kept")


async def ask(server: EmbeddedPostgres, question: str, role: str = SUPERUSER) -> Any:
    connection = await asyncpg.connect(**server.address.asyncpg(role))
    try:
        return await connection.fetchval(question)
    finally:
        await connection.close()


def copy_of_the_wheel(place: Path) -> Path:
    original = postgres_cluster.wheel_package()
    for folder in (original.name, f"{original.name}.libs"):
        shutil.copytree(
            original.parent / folder,
            place / folder,
            ignore=shutil.ignore_patterns("pginstall", "include", "*.a"),
        )
    return place / original.name


def modes(*paths: Path) -> dict[Path, int]:
    """The modes of every folder on the way down to these."""
    folders = {folder for path in paths for folder in path.resolve().parents}
    return {folder: mode(folder) for folder in folders}


def mode(path: Path) -> int:
    return S_IMODE(path.stat().st_mode)


def is_there(path: Path) -> bool:
    return path.exists()


def program_of(pid: int) -> Path:
    return Path(f"/proc/{pid}/exe").readlink()


@pytest.fixture(scope="module")
def tools() -> Iterator[Path]:
    """The wheel's tools, where the server's account reaches them too."""
    with temporary_home() as home:
        account = postgres_cluster.account_for(home)
        package = postgres_cluster.wheel_package()
        if folder_in_the_way(package, account) is not None:
            package = copy_of_the_wheel(home.path / "wheel")
            (home.path / "wheel").chmod(0o711)
        yield package / postgres_cluster.PROGRAMS / "bin"


def as_the_servers_account(
    home_or_pid: Home | int, *command: str | Path
) -> "subprocess.CompletedProcess[str]":
    if isinstance(home_or_pid, Home):
        account = postgres_cluster.account_for(home_or_pid).uid
    else:
        account = owner(home_or_pid)
    user = account if ROOT else None
    return subprocess.run(command, user=user, capture_output=True, text=True, check=False)


# --- who may come in -------------------------------------------------------------------------


async def test_it_is_the_version_we_ship(postgres: EmbeddedPostgres) -> None:
    assert postgres.version == await ask(postgres, "SHOW server_version")
    assert postgres.version.startswith("18.")


async def test_we_log_in_as_any_role_with_either_driver(postgres: EmbeddedPostgres) -> None:
    await ask(postgres, "CREATE ROLE guest_writer LOGIN")
    address = postgres.address
    assert await ask(postgres, "SELECT current_user", "guest_writer") == "guest_writer"
    async with await psycopg.AsyncConnection.connect(**address.psycopg("guest_writer")) as one:
        assert one.info.user == "guest_writer"
    async with await psycopg.AsyncConnection.connect(address.conninfo("guest_writer")) as other:
        assert other.info.user == "guest_writer"


async def test_only_the_account_that_runs_us_has_a_way_in(postgres: EmbeddedPostgres) -> None:
    connection = await asyncpg.connect(**postgres.address.asyncpg(SUPERUSER))
    rules = await connection.fetch("SELECT type, auth_method, options FROM pg_hba_file_rules")
    names = await connection.fetch("SELECT sys_name, pg_username FROM pg_ident_file_mappings")
    listening = await connection.fetchval("SHOW listen_addresses")
    await connection.close()
    assert [tuple(rule) for rule in rules] == [("local", "peer", ["map=home"])]
    assert [tuple(name) for name in names] == [(US, "all")]
    assert listening == ""


@pytest.mark.skipif(not ROOT, reason="only root can act as another account")
def test_the_servers_own_account_cannot_log_in(postgres: EmbeddedPostgres, tools: Path) -> None:
    # it alone, beside root, can reach the socket
    ask_as = ("-c", "SELECT 1")
    conninfo = postgres.address.conninfo(SUPERUSER)
    attempt = as_the_servers_account(postgres.pid, tools / "psql", conninfo, *ask_as)
    assert attempt.returncode != 0
    assert "Peer authentication failed" in attempt.stderr


def test_it_runs_as_ourselves_or_without_privileges_when_we_are_root(
    postgres: EmbeddedPostgres,
) -> None:
    if ROOT:
        assert owner(postgres.pid) != 0
    else:
        assert owner(postgres.pid) == os.geteuid()
    sockets = Path(postgres.address.host)
    assert sockets.stat().st_uid == owner(postgres.pid)
    assert mode(sockets) == 0o700


async def test_no_mode_changes_on_the_way_to_the_home_or_the_programs(home: Home) -> None:
    ways = (home.path, postgres_cluster.wheel_package() / postgres_cluster.PROGRAMS / "bin" / "x")
    before = modes(*ways)
    server = EmbeddedPostgres(home)
    await server.start()
    await server.stop()
    assert modes(*ways) == before


# --- keeping what was told -------------------------------------------------------------------


async def test_it_keeps_its_data_over_a_restart(server: EmbeddedPostgres, kept: str) -> None:
    await server.stop()
    await server.start()
    assert await ask(server, kept) == 371


async def test_it_keeps_its_data_when_killed_and_started_again(
    server: EmbeddedPostgres, kept: str
) -> None:
    os.kill(server.pid, signal.SIGKILL)
    fault = await server.died()
    assert isinstance(fault, StackFault)
    await server.start()
    assert await ask(server, kept) == 371


@pytest.mark.parametrize("setting", ["fsync", "synchronous_commit", "full_page_writes"])
async def test_it_refuses_to_run_where_an_acknowledged_act_could_be_lost(
    made: Home, monkeypatch: pytest.MonkeyPatch, setting: str
) -> None:
    monkeypatch.setitem(embedded_postgres.SETTINGS, setting, "off")
    server = EmbeddedPostgres(made)
    with pytest.raises(StackFault, match=f"{setting}=off"):
        await server.start()
    with pytest.raises(RuntimeError):
        _ = server.pid


async def test_it_refuses_a_role_that_would_not_wait_for_the_disk(
    server: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ask(server, "CREATE ROLE hasty")
    await ask(server, "ALTER ROLE hasty SET synchronous_commit = local")
    await server.stop()
    with pytest.raises(StackFault, match="synchronous_commit=local（只对 hasty）"):
        await server.start()
    monkeypatch.setattr(durability, "DURABILITY", ())
    await server.start()
    await ask(server, "DROP ROLE hasty")


async def test_it_refuses_a_cluster_without_checksums(made: Home, tools: Path) -> None:
    def checksums(switch: str) -> bool:
        tool = tools / "pg_checksums"
        answer = as_the_servers_account(made, tool, switch, "-D", made.postgres)
        return answer.returncode == 0

    assert checksums("--disable")
    with pytest.raises(StackFault, match="data_checksums=off"):
        await EmbeddedPostgres(made).start()
    assert checksums("--enable")


async def test_a_cluster_of_another_major_version_is_left_alone(made: Home) -> None:
    (made.postgres / "PG_VERSION").write_text("16\n")
    with pytest.raises(StackFault, match="PostgreSQL 16"):
        await EmbeddedPostgres(made).start()
    (made.postgres / "PG_VERSION").write_text("18\n")


# --- starting and stopping -------------------------------------------------------------------


async def test_a_stop_is_orderly_and_leaves_no_process_and_no_socket(
    server: EmbeddedPostgres, made: Home
) -> None:
    pid, sockets = server.pid, Path(server.address.host)
    await server.stop()
    assert not is_there(Path(f"/proc/{pid}"))
    assert not is_there(sockets)
    assert (made.logs / "postgres.log").read_text().endswith("database system is shut down\n")
    await server.stop()  # once more does no harm


async def test_a_second_start_on_the_same_home_is_refused_and_harms_nothing(
    server: EmbeddedPostgres, made: Home
) -> None:
    second = EmbeddedPostgres(made)
    with pytest.raises(StackFault, match="另一个 rongcuo 进程"):
        await second.start()
    await second.stop()
    assert await ask(server, "SELECT 1") == 1


async def test_what_hinders_the_start_is_told_from_the_log(
    made: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(embedded_postgres.SETTINGS, "shared_buffers", "plenty")
    with pytest.raises(StackFault, match='"shared_buffers": "plenty"'):
        await EmbeddedPostgres(made).start()


async def test_without_the_wheel_the_message_says_what_to_install(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(StackFault, match="--extra local"):
        await EmbeddedPostgres(home).start()


async def test_a_folder_in_the_clusters_place_is_not_overwritten(home: Home) -> None:
    home.prepare()
    home.postgres.mkdir()
    (home.postgres / "notes.txt").write_text("别删")
    if ROOT:  # so that there is an account to run as
        os.chown(home.postgres, 65534, -1)
    with pytest.raises(StackFault, match="已有别的东西"):
        await EmbeddedPostgres(home).start()
    assert (home.postgres / "notes.txt").read_text() == "别删"


async def test_a_kill_in_the_middle_of_initdb_leaves_nothing_half_made(home: Home) -> None:
    half = home.path / "postgres.half"
    with supervisor(home.path, POSTGRES) as process:
        await until((half / "base").exists)
        process.kill()
    assert half.exists()
    assert not home.postgres.exists()
    server = EmbeddedPostgres(home)
    await server.start()
    await server.stop()
    assert not half.exists()


# --- where it can live -----------------------------------------------------------------------


async def test_a_home_with_a_long_path_keeps_its_socket_elsewhere_and_leaves_none_there(
    home: Home,
) -> None:
    deep = Home(home.path / ("很长的目录名" * 10))
    with supervisor(deep.path, POSTGRES) as process:
        process.pids()
        left = (deep.run / "postgres").readlink()
        process.kill()
    assert is_there(left)
    server = EmbeddedPostgres(deep)
    await server.start()
    assert not is_there(left)
    sockets = Path(server.address.host)
    assert not sockets.is_relative_to(deep.path)
    assert mode(sockets) == 0o700
    assert await ask(server, "SELECT 1") == 1
    await server.stop()
    assert not is_there(sockets)


async def test_programs_the_server_cannot_reach_are_copied_once_into_the_home(
    made: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = tmp_path / "closed"
    package = copy_of_the_wheel(closed)
    closed.chmod(0o700)
    monkeypatch.setattr(postgres_cluster, "wheel_package", lambda: package)
    before = modes(package / "x", made.path)
    seen = []
    for _ in range(2):
        server = EmbeddedPostgres(made)
        await server.start()
        program = program_of(server.pid)
        seen.append(program.stat().st_ctime_ns)
        assert program.is_relative_to(made.path / "bin" if ROOT else closed)
        await server.stop()
    assert seen[0] == seen[1]
    assert modes(package / "x", made.path) == before


async def test_a_home_the_server_cannot_reach_is_refused_and_nothing_is_opened() -> None:
    closed = Path(tempfile.mkdtemp())
    server = EmbeddedPostgres(Home(closed / "home"))
    try:
        if ROOT:
            with pytest.raises(StackFault, match=f"进不了目录 {closed}.*--home"):
                await server.start()
        else:
            await server.start()
            await server.stop()
        assert mode(closed) == 0o700
    finally:
        shutil.rmtree(closed)


# --- after a supervisor was killed -----------------------------------------------------------


@pytest.mark.parametrize("ends_itself", [True, False], ids=["on its way out", "living on"])
async def test_an_orphan_is_ended_before_the_next_start_and_its_data_kept(
    made: Home, *, ends_itself: bool
) -> None:
    with supervisor(made.path, POSTGRES, tied=ends_itself) as process:
        (pid,) = process.pids()
        assert is_postmaster_of(pid, made.postgres)
        process.kill()
        server = EmbeddedPostgres(made)
        await server.start()
        assert not living(pid)
        assert await ask(server, "SELECT 1") == 1
        await server.stop()


async def test_a_server_and_its_supervisor_killed_at_once_do_not_block_the_next_start(
    server: EmbeddedPostgres, made: Home, kept: str
) -> None:
    await server.stop()
    with supervisor(made.path, POSTGRES) as process:
        (pid,) = process.pids()
        process.kill()
        os.kill(pid, signal.SIGKILL)  # what is left is a zombie, for as long as nobody reaps it
        await server.start()
        assert await ask(server, kept) == 371


async def test_the_number_of_a_dead_server_may_have_gone_to_a_stranger(
    server: EmbeddedPostgres, made: Home, tmp_path: Path
) -> None:
    account = Account.of(owner(server.pid))  # PostgreSQL minds only processes it could signal
    stranger = start_child("陌生人", ["sleep", "60"], log=tmp_path / "log", account=account)
    os.kill(server.pid, signal.SIGKILL)
    await server.died()
    file = made.postgres / "postmaster.pid"
    _, rest = file.read_text().split("\n", 1)
    file.write_text(f"{stranger.pid}\n{rest}")
    await server.start()
    assert await ask(server, "SELECT 1") == 1
    assert stranger.alive
    stranger.kill()
    await stranger.wait()


# --- databases -------------------------------------------------------------------------------


async def test_a_database_is_cloned_from_a_template_and_dropped_under_its_users(
    postgres: EmbeddedPostgres,
) -> None:
    template = await postgres.create_database("the template")
    connection = await asyncpg.connect(**template.asyncpg(SUPERUSER))
    await connection.execute("CREATE TABLE migrated AS SELECT 1 AS done")
    await connection.close()
    clone = await postgres.create_database("clone", template="the template")
    connection = await asyncpg.connect(**clone.asyncpg(SUPERUSER))
    assert await connection.fetchval("SELECT done FROM migrated") == 1
    for name in ("clone", "clone", "the template"):
        await postgres.drop_database(name)
    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError)):
        await connection.fetchval("SELECT 1")
    names = await ask(postgres, "SELECT array_agg(datname) FROM pg_database")
    assert not {"clone", "the template"} & set(names)
