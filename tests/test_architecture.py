"""The house holds: imports run one way, and the domain hears of the world only what it is told."""

import ast
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[1]
PACKAGES = ("domain", "workflows", "projections", "workers", "gateway")
LINT_IMPORTS = Path(sys.executable).with_name("lint-imports")

# what the domain is made of: language, values, and nothing that could look around
ALLOWED = {
    "base64",
    "calendar",
    "collections",
    "dataclasses",
    "datetime",
    "decimal",
    "domain",
    "enum",
    "fractions",
    "functools",
    "hashlib",
    "heapq",
    "itertools",
    "math",
    "pydantic",
    "struct",
    "typing",
    "uuid",
}
CLOCKS = {"now", "utcnow", "today", "fromtimestamp"}  # of datetime and date: the order brings it
WINDOWS = {"open", "input", "print", "eval", "exec", "compile", "__import__", "uuid1", "uuid4"}


def modules(*packages: str) -> list[Path]:
    return sorted(file for package in packages for file in (HOUSE / package).rglob("*.py"))


def told(file: Path) -> str:
    return str(file.relative_to(HOUSE))


# --- imports run one way ----------------------------------------------------------------------


def lint_imports(house: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [LINT_IMPORTS, "--no-cache", "--no-logo"],
        cwd=house,
        capture_output=True,
        text=True,
        check=False,
    )


def test_imports_run_one_way() -> None:
    found = lint_imports(HOUSE)
    assert found.returncode == 0, found.stdout
    assert "0 broken" in found.stdout


PLANTED = {
    "domain/people.py": "gateway.logs",
    "domain/refusals.py": "workflows.clock",
    "domain/values.py": "psycopg",
    "workflows/clock.py": "projections.schema",
    "workflows/contract.py": "domain.values",
    "projections/sentences.py": "workflows.clock",
    "workers/settings.py": "gateway.logs",
}


@pytest.fixture(scope="module")
def told_of_planted(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What is said of a copy of the house in which these imports run the other way."""
    copy = tmp_path_factory.mktemp("house")
    for package in PACKAGES:
        skip = shutil.ignore_patterns("__pycache__", "*.yaml", "*.sql")
        shutil.copytree(HOUSE / package, copy / package, ignore=skip)
    shutil.copy(HOUSE / "pyproject.toml", copy)
    for file, imported in PLANTED.items():
        with (copy / file).open("a", encoding="utf-8") as source:
            source.write(f"import {imported}\n")
    found = lint_imports(copy)
    assert found.returncode == 1
    return found.stdout


@pytest.mark.parametrize("file", PLANTED)
def test_an_import_that_runs_the_other_way_is_found_with_its_line(
    told_of_planted: str, file: str
) -> None:
    importer = file.removesuffix(".py").replace("/", ".")
    line = len((HOUSE / file).read_text("utf-8").splitlines()) + 1
    assert f"{importer} -> {PLANTED[file]} (l.{line})" in told_of_planted


# --- the domain is told, and never looks ------------------------------------------------------


def strays(source: str) -> Iterator[str]:
    """What a module of the domain may not do, each with its line."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import(names=names):
                found = [each.name for each in names if not allowed(each.name)]
            case ast.ImportFrom(module=str(module)) if not allowed(module):
                found = [module]
            case ast.Call(func=ast.Name(id=name)) if name in WINDOWS:
                found = [name]
            case ast.Attribute(attr="uuid1" | "uuid4" as name):
                found = [name]
            case (
                ast.Attribute(value=ast.Name(id="datetime" | "date"), attr=name)
                | ast.Attribute(value=ast.Attribute(attr="datetime" | "date"), attr=name)
            ) if name in CLOCKS:
                found = [name]
            case _:
                continue
        yield from (f"line {node.lineno}: {each}" for each in found)


def allowed(module: str) -> bool:
    return module == "eventsourcing.domain" or module.partition(".")[0] in ALLOWED


@pytest.mark.parametrize("file", modules("domain"), ids=told)
def test_the_domain_reads_no_clock_no_file_no_environment(file: Path) -> None:
    assert [*strays(file.read_text("utf-8"))] == []


@pytest.mark.parametrize(
    "planted",
    [
        "from datetime import datetime\ndatetime.now(tz)",
        "from datetime import datetime\ndatetime.utcnow()",
        "from datetime import date\ndate.today()",
        "from datetime import datetime\ntell = datetime.now",
        "import datetime as dt\ndt.datetime.now()",
        "import time\ntime.time()",
        "from time import monotonic",
        "import random",
        "import secrets",
        "import os\nos.environ['X']",
        "from os import environ",
        "from pathlib import Path",
        "import importlib.resources",
        "import zoneinfo",
        "import socket",
        "import logging",
        "import yaml",
        "import eventsourcing",
        "from eventsourcing.application import Application",
        "from eventsourcing import domain, application",
        "open('file')",
        "uuid4()",
        "uuid.uuid1()",
        "def f():\n    import os",
    ],
)
def test_the_check_would_see_it(planted: str) -> None:
    assert [*strays(planted)]


@pytest.mark.parametrize(
    "fine",
    [
        "from eventsourcing.domain import Aggregate",
        "from datetime import UTC, datetime\ndatetime.combine(day, time.min, UTC)",
        "order.now",
        "book.open()",
        "from uuid import uuid5",
    ],
)
def test_the_check_lets_the_plain_forms_be(fine: str) -> None:
    assert [*strays(fine)] == []


# --- small things -----------------------------------------------------------------------------


def test_the_clocks_package_is_empty_so_that_importing_a_clock_imports_nothing_else() -> None:
    assert (HOUSE / "workflows" / "__init__.py").read_bytes() == b""


@pytest.mark.parametrize("file", modules(*PACKAGES), ids=told)
def test_a_module_opens_with_what_it_is_for(file: Path) -> None:
    source = file.read_text("utf-8")
    empty = file.name == "__init__.py" and not source
    assert empty or ast.get_docstring(ast.parse(source)), f"{told(file)} has no docstring"
