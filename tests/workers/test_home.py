"""The home is ours alone, touches nothing above itself, and serves one process at a time."""

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from stat import S_IMODE

import pytest

from workers.children import Account, StackFault
from workers.home import Home, HomeLock, HomeTaken, default_home, folder_in_the_way, temporary_home

ROOT = os.geteuid() == 0

HOLD = """
import subprocess, sys, time
from pathlib import Path
from workers.home import Home, HomeLock
with HomeLock(Home(Path(sys.argv[1]))):
    child = subprocess.Popen(["sleep", "60"], start_new_session=True, close_fds=False)
    print(child.pid, flush=True)
    time.sleep(60)
"""


@contextmanager
def holder(home: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """Another process that holds the home, and the number of a child it has started."""
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(HOLD), str(home)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        child = int(process.stdout.readline())
        try:
            yield process, child
        finally:
            process.kill()
            os.kill(child, signal.SIGKILL)


def mode(path: Path) -> int:
    return S_IMODE(path.stat().st_mode)


def test_root_keeps_its_home_where_the_system_keeps_state(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert default_home() == Path("/var/lib/rongcuo")


def test_a_user_keeps_the_home_with_his_own_data(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setenv("XDG_DATA_HOME", "/home/someone/data")
    assert default_home() == Path("/home/someone/data/rongcuo")


@pytest.mark.parametrize("umask", [0o000, 0o077])
def test_a_new_home_is_closed_to_others_whatever_the_umask(tmp_path: Path, umask: int) -> None:
    home = Home(tmp_path / "home")
    before = os.umask(umask)
    try:
        home.prepare()
    finally:
        os.umask(before)
    passable = 0o711 if ROOT else 0o700
    assert mode(home.path) == mode(home.run) == passable
    assert mode(home.temporal) == mode(home.logs) == mode(home.keys) == 0o700


def test_what_is_already_there_keeps_its_mode(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.logs.mkdir(parents=True)
    home.path.chmod(0o750)
    home.logs.chmod(0o755)
    home.prepare()
    assert (mode(home.path), mode(home.logs), mode(home.keys)) == (0o750, 0o755, 0o700)


def test_no_folder_above_the_home_changes_its_mode(tmp_path: Path) -> None:
    home = Home(tmp_path / "new" / "home")
    above = list(home.path.parents)[1:]  # the nearest is made on the way
    before = [mode(folder) for folder in above]
    home.prepare()
    assert [mode(folder) for folder in above] == before


def test_a_home_that_belongs_to_someone_else_is_refused(tmp_path: Path) -> None:
    home = Home(tmp_path if ROOT else Path("/usr"))
    if ROOT:
        os.chown(tmp_path, 65534, -1)
    with pytest.raises(StackFault, match="属于用户"):
        home.prepare()


def test_a_home_that_cannot_be_made_is_told_with_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StackFault, match="--home"):
        Home(tmp_path / "file" / "home").prepare()


def test_a_temporary_home_goes_with_its_content() -> None:
    with temporary_home() as home:
        (home.logs / "a.log").touch()
    assert not home.path.exists()


def test_the_folder_in_the_way_is_the_first_that_shuts_the_account_out() -> None:
    with temporary_home() as home:  # every folder above it can be passed by all
        closed = home.path / "open" / "closed"
        (closed / "inside").mkdir(parents=True)
        for folder, permissions in ((home.path, 0o711), (closed.parent, 0o711), (closed, 0o710)):
            folder.chmod(permissions)
        stranger = Account("stranger", 4_000_001, 4_000_001)
        member = Account("member", 4_000_001, closed.stat().st_gid)
        owner = Account("owner", closed.stat().st_uid, 4_000_001)
        assert folder_in_the_way(closed / "inside", stranger) == closed
        assert folder_in_the_way(closed.parent, stranger) is None
        assert folder_in_the_way(closed / "inside", member) is None
        assert folder_in_the_way(closed / "inside", owner) is None


def test_the_second_taker_is_refused_and_told_who_holds_the_home(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    with holder(home.path) as (process, _), pytest.raises(HomeTaken) as refusal:
        HomeLock(home).take()
    told = refusal.value.holder
    assert told is not None
    assert told.pid == process.pid
    assert str(home.path) in told.command
    for part in (str(process.pid), told.command, told.since.replace("T", " "), "--home", "Ctrl-C"):
        assert part in str(refusal.value)


def test_a_holder_that_has_not_yet_said_who_it_is_still_keeps_others_out(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    with HomeLock(home):
        (home.path / "lock").write_text("")
        with pytest.raises(HomeTaken, match="另一个进程") as refusal:
            HomeLock(home).take()
    assert refusal.value.holder is None


def test_the_home_is_free_again_after_release(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    with HomeLock(home):
        pass
    with HomeLock(home):
        pass


def test_the_home_is_free_once_its_holder_is_killed_though_a_child_lives_on(
    tmp_path: Path,
) -> None:
    home = Home(tmp_path / "home")
    with holder(home.path) as (process, child):
        process.kill()
        process.wait()
        os.kill(child, 0)
        with HomeLock(home):
            pass
