"""`rongcuo stats periods`: what was known when a period was closed can be told again."""

import asyncio
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from gateway.rulebook import Rulebook
from projections.follower import Follower
from tests.support.homes import home_with
from workers.home import Home, temporary_home
from workers.store import PROJECTOR, connect_as, database_of, open_store
from workflows.clock import DrivenClock
from workflows.office import Office

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def closed() -> Iterator[Path]:
    """A home whose case was decided on 2023-03-20; the periods closed in 2023 October."""
    with temporary_home() as home:
        home_with(home.path, "04_rent_reduction.yaml")
        with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
            runner.run(_close(home))
        yield home.path


async def _close(home: Home) -> None:
    async with database_of(home) as address:
        clock = DrivenClock()
        clock.jump_to(datetime(2023, 10, 1, tzinfo=UTC))
        with open_store(address) as store:
            assert Office(store, Rulebook.packaged(), clock).close_periods()
        await Follower(partial(connect_as, PROJECTOR, address)).catch_up()


def asked(run: Run, *arguments: str) -> Any:
    exit_code, out, err = run(*arguments, "--json")
    assert exit_code == 0, err
    return json.loads(out)


def test_the_closed_periods_are_listed_with_what_was_known(run: Run, closed: Path) -> None:
    found = asked(run, "stats", "periods", "--home", str(closed))
    assert [each["period"] for each in found][:4] == ["2023-03", "2023-Q1", "2023-04", "2023-05"]
    assert {each["closed_on"] for each in found} == {"2023-10-01"}
    assert [each["to_be_closed_on"] for each in found][:2] == ["2023-04-01", "2023-04-01"]


def test_the_figures_of_a_closed_period_are_those_of_its_window_and_position(
    run: Run, closed: Path
) -> None:
    at = ("--home", str(closed))
    (period,) = (e for e in asked(run, "stats", "periods", *at) if e["period"] == "2023-Q1")
    of_the_quarter = asked(run, "stats", "--period", "2023-Q1", *at)
    known_at = str(period["known_at"])
    window = ("--from", "2023-01-01", "--to", "2023-03-31", "--known-at", known_at)
    assert of_the_quarter == asked(run, "stats", *window, *at)
    assert of_the_quarter["rows"] != asked(run, "stats", "--period", "2023-Q2", *at)["rows"]


def test_a_period_that_is_not_closed_has_no_figures_of_its_closing(run: Run, closed: Path) -> None:
    exit_code, _, err = run("stats", "--period", "2023-Q4", "--home", str(closed), "--json")
    assert (exit_code, json.loads(err)["code"]) == (1, "unknown_period")


def test_a_period_and_a_window_are_not_asked_together(run: Run, closed: Path) -> None:
    asking = ("stats", "--period", "2023-Q1", "--from", "2023-01-01", "--home", str(closed))
    assert run(*asking)[0] == 2
