"""The command line, as every test of a command asks it."""

import logging
from collections.abc import Callable, Iterator

import pytest
import structlog

from gateway import cli


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
