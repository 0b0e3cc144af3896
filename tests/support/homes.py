"""Homes with a past: a scenario handled in a home's own database, then everything stopped."""

import asyncio
from functools import partial
from pathlib import Path

from gateway.player import play
from gateway.rulebook import Rulebook
from gateway.scenarios import scenario_in
from gateway.timeline import ByHand
from projections.follower import Follower
from workers.home import Home
from workers.store import PROJECTOR, READER, connect_as, database_of, open_store
from workflows.clock import DrivenClock
from workflows.office import Office

SCENARIOS = Path(__file__).parents[1] / "scenarios"


def home_with(path: Path, *names: str) -> Path:
    """Play scenarios into a new home and leave it as a stopped stack would."""
    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        runner.run(_live(path, names))
    return path


async def _live(path: Path, names: tuple[str, ...]) -> None:
    async with database_of(Home(path)) as address:
        clock, store = DrivenClock(), open_store(address)
        office = Office(store, Rulebook.packaged(), clock)
        follower = Follower(partial(connect_as, PROJECTOR, address))
        reader = await connect_as(READER, address)
        scenarios = [scenario_in(SCENARIOS / name) for name in names]
        await play(scenarios, office, ByHand(clock, office, follower, reader))
        await reader.close()
        store.close()
