"""Whole lives of cases, played by hand: months in milliseconds, no Temporal."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import asyncpg

from gateway.player import Played, play
from gateway.rulebook import Rulebook
from gateway.scenarios import Scenario, scenario_in
from gateway.timeline import ByHand
from projections.follower import Follower
from workers.addresses import DatabaseAddress
from workers.store import PROJECTOR, connect_as, open_store
from workflows.clock import DrivenClock
from workflows.office import Office

LAST_BEFORE_THE_TALK = date(2025, 5, 20)
SCENARIOS = Path(__file__).parent.parent / "scenarios"


def scenarios_of_the_project() -> list[Scenario]:
    return [scenario_in(file) for file in sorted(SCENARIOS.glob("*.yaml"))]


def untalked(number: int = 1) -> Scenario:
    """The overdue Wuyang case up to its follow-up talk, due on 2025-09-26, which nobody holds."""
    scenario = scenario_in(SCENARIOS / "08_wuyang_overdue.yaml")
    return scenario.model_copy(
        update={
            "case_number": f"试〔2025〕{number}号",
            "acts": tuple(act for act in scenario.acts if act.on <= LAST_BEFORE_THE_TALK),
            "pass_time_until": None,
        }
    )


class OnOneConnection(ByHand):
    """Keeps the follower's connection: half of the time went into making new ones."""

    def __init__(self, clock: DrivenClock, office: Office, projector: asyncpg.Connection) -> None:
        super().__init__(clock, office, Follower(lambda: None), projector)

    async def settled(self) -> None:
        await self._follower._drain(self._reader)


async def play_into(
    database: DatabaseAddress, rulebook: Rulebook, scenarios: Sequence[Scenario]
) -> list[Played]:
    """Live these scenarios to their ends; every one must come out as it expects."""
    projector = await connect_as(PROJECTOR, database)
    try:
        with open_store(database) as store:
            clock = DrivenClock()
            office = Office(store, rulebook, clock)
            lives = await play(scenarios, office, OnOneConnection(clock, office, projector))
    finally:
        await projector.close()
    differences = [str(each) for life in lives for each in life.differences]
    assert not differences, differences
    return lives
