"""Plant one fault at a time in a copy of the tree and see whether a test notices.

    python tests/mutants/run.py [--list] [--only NAME ...]

Ends with 1 when a fault survives, or no longer applies. A test that fails without any fault
notices nothing: it is named, and left out.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.mutants.faults import ROOT, Fault, faults

COPIED = ("domain", "gateway", "projections", "tests", "workers", "workflows", "pyproject.toml")
LEFT = shutil.ignore_patterns("__pycache__", ".*")
LONGEST = 240  # seconds for one fault: one that makes the tests hang is noticed


def say(line: str = "", end: str = "\n") -> None:
    sys.stdout.write(line + end)
    sys.stdout.flush()


def copy_tree(to: Path) -> None:
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, to / name, ignore=LEFT)
        else:
            shutil.copy(source, to / name)


def asked_first(fault: Fault, root: Path) -> list[Path]:
    """The test files of the domain: those the fault names, then the others, the slow one last."""
    folder = root / "tests" / "domain"
    named = [folder / f"test_{name}.py" for name in fault.tests]
    machine = folder / "test_case_machine.py"
    others = [each for each in sorted(folder.glob("test_*.py")) if each != machine]
    return [*dict.fromkeys(each for each in (*named, *others, machine) if each.exists())]


def failing(root: Path, files: list[Path], *more: str) -> list[str]:
    """The tests that fail; empty when all pass."""
    command = [sys.executable, "-m", "pytest", "-q", "-n0", "--no-header", "--tb=no", "-r", "fE"]
    command += ["-p", "no:cacheprovider", "-p", "tests.mutants.profile", *more, *map(str, files)]
    quick = {"RONGCUO_MACHINE_RUNS": "60", "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        ran = subprocess.run(
            command,
            cwd=root,
            env={**os.environ, **quick, "PYTHONPATH": str(root)},
            capture_output=True,
            text=True,
            timeout=LONGEST,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return [f"no end within {LONGEST} s"]
    if ran.returncode == 0:
        return []
    found = re.findall(r"^(?:FAILED|ERROR) (\S+)", ran.stdout, re.MULTILINE)
    return found or [f"pytest ended with {ran.returncode}: {ran.stderr[-200:]}"]


def survives(fault: Fault, root: Path, broken: list[str]) -> bool:
    sound = fault.plant(root)
    began = time.monotonic()
    try:
        files = [
            each for each in asked_first(fault, root) if str(each.relative_to(root)) not in broken
        ]
        noticed = failing(root, files, "-x", *(f"--deselect={test}" for test in broken))
    finally:
        (root / fault.file).write_text(sound, encoding="utf-8")
    told = "、".join(noticed).replace("tests/domain/", "") or f"SURVIVES: {fault.law}"
    say(f"  {time.monotonic() - began:>3.0f} s  {told}")
    return not noticed


def main() -> int:
    every = faults()
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--list", action="store_true", help="name the faults and end")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="plant only these")
    told = parser.parse_args()
    if told.list:
        for each in every:
            say(f"{each.name:34} {each.file:34} {each.law}")
        return 0
    unknown = {*(told.only or ())} - {each.name for each in every}
    if unknown:
        parser.error(f"no such fault: {'、'.join(sorted(unknown))}")
    wanted = [each for each in every if not told.only or each.name in told.only]
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        root = Path(folder)
        copy_tree(root)
        rotten = [each.name for each in wanted if not each.applies_to(root)]
        if rotten:
            say(f"no longer in the source: {'、'.join(rotten)}")
            return 1
        broken = failing(root, asked_first(wanted[0], root))
        for test in broken:
            say(f"fails without any fault, left out: {test}")
        left = []
        for number, each in enumerate(wanted, start=1):
            say(f"{number:>3}/{len(wanted)} {each.name:34}", end="")
            if survives(each, root, broken):
                left.append(each.name)
    say(f"{len(wanted) - len(left)} of {len(wanted)} noticed")
    if left:
        say(f"survived: {'、'.join(left)}")
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
