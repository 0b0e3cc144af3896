"""Homes with a past: a scenario handled in a home's own database, then everything stopped."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path

from gateway.player import play
from gateway.rulebook import Rulebook
from gateway.scenarios import Scenario, scenario_in
from gateway.timeline import ByHand
from projections.follower import Follower
from workers.home import Home
from workers.store import PROJECTOR, READER, connect_as, database_of, open_store
from workflows.clock import DrivenClock
from workflows.office import Office

SCENARIOS = Path(__file__).parents[1] / "scenarios"


def home_with(path: Path, *names: str | Scenario, known_on: date = date.max) -> Path:
    """Play scenarios into a new home, by the calendars of a day; leave it as a stopped stack."""
    scenarios = [
        each if isinstance(each, Scenario) else scenario_in(SCENARIOS / each) for each in names
    ]
    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        runner.run(_live(path, scenarios, known_on))
    return path


async def _live(path: Path, scenarios: Sequence[Scenario], known_on: date) -> None:
    packaged = Rulebook.packaged()
    rulebook = replace(packaged, calendar=packaged.calendar.as_known_on(known_on))
    async with database_of(Home(path)) as address:
        clock, store = DrivenClock(), open_store(address)
        office = Office(store, rulebook, clock)
        follower = Follower(partial(connect_as, PROJECTOR, address))
        reader = await connect_as(READER, address)
        await play(scenarios, office, ByHand(clock, office, follower, reader))
        await reader.close()
        store.close()
