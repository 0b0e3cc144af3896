"""What the logs tell: facts for those who run the system, and nobody's name."""

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from gateway import logs

NAME = "赵某某"


@pytest.fixture(autouse=True)
def _afterwards_as_before() -> Iterator[None]:
    yield
    structlog.reset_defaults()
    logging.basicConfig(handlers=[logging.NullHandler()], force=True)


def failing(logger: str) -> None:
    try:
        int(NAME)
    except ValueError:
        logging.getLogger(logger).warning("Completing activity as failed", exc_info=True)


@pytest.mark.parametrize("logger", ["temporalio.activity", "asyncio", "uvicorn.error"])
def test_a_failure_inside_a_library_is_told_by_kind_and_place_without_its_words(
    capsys: pytest.CaptureFixture[str], logger: str
) -> None:
    logs.set_up()
    failing(logger)
    err = capsys.readouterr().err
    told = json.loads(err)
    assert (told["error"], "test_logs.py:" in told["at"]) == ("ValueError", True)
    assert NAME not in err


def test_control_a_log_left_to_the_library_tells_the_words(
    capsys: pytest.CaptureFixture[str],
) -> None:
    logging.basicConfig(handlers=[logging.StreamHandler()], force=True)
    failing("temporalio.activity")
    assert NAME in capsys.readouterr().err


def test_what_we_tell_is_one_line_of_json(capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up()
    structlog.get_logger().warning("plan_not_sent", matter="7")
    told = json.loads(capsys.readouterr().err)
    assert (told["event"], told["matter"], told["level"]) == ("plan_not_sent", "7", "warning")
