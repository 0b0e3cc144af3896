"""The command line, as every test of a command asks it."""

import asyncio
import json
import logging
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
import structlog

from gateway import cli
from gateway.rulebook import Rulebook
from projections.follower import Follower
from workers.addresses import DatabaseAddress
from workers.store import PROJECTOR, connect_as


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Iterator[Callable[..., tuple[int, str, str]]]:
    """Run one command: its exit code, what it said, and what it said aside."""

    def ran(*arguments: str) -> tuple[int, str, str]:
        exit_code = cli.run([*arguments])
        told = capsys.readouterr()
        return exit_code, told.out, told.err

    yield ran
    structlog.reset_defaults()
    logging.basicConfig(handlers=[logging.NullHandler()], force=True)


@pytest.fixture
def asked(
    run: Callable[..., tuple[int, str, str]],
    database: DatabaseAddress,
    outside: asyncio.Runner,
    rulebook: Rulebook,
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[..., Any]:
    """Ask one `stats` command of the test's database, with the views up to date.

    Answers with its JSON, or with its refusal. Commands find the database by their environment; the
    rulebook, on which no report depends, is read but once: reading it takes longer than the rest.
    """
    monkeypatch.setattr("gateway.commands.acting.rules_in_force", lambda **_: rulebook)
    monkeypatch.setenv("RONGCUO_DATABASE_HOST", str(database.host))
    monkeypatch.setenv("RONGCUO_DATABASE_PORT", str(database.port))
    monkeypatch.setenv("RONGCUO_DATABASE_NAME", database.name)

    def ask(*arguments: str, exits: int = 0) -> Any:
        outside.run(Follower(partial(connect_as, PROJECTOR, database)).catch_up())
        exit_code, out, err = run("stats", *arguments, "--json")
        assert exit_code == exits, err
        return json.loads(out or err)

    return ask
