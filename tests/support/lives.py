"""Whole lives of cases, played by hand: months in milliseconds, no Temporal."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import asyncpg

from gateway.player import Played, check, play
from gateway.rulebook import Rulebook
from gateway.scenarios import Expected, Scenario, scenario_in
from gateway.timeline import ByHand
from projections.follower import Follower
from workers.addresses import DatabaseAddress
from workers.store import PROJECTOR, READER, connect_as, open_store
from workflows.clock import DrivenClock
from workflows.office import Office

LAST_BEFORE_THE_TALK = date(2025, 5, 20)
SCENARIOS = Path(__file__).parent.parent / "scenarios"


CORRECTED = SCENARIOS / "acceptance" / "19_corrected_by_the_superior.yaml"


def scenarios_of_the_project() -> list[Scenario]:
    """Those of the demonstration, and one in which a determination ends."""
    return [scenario_in(file) for file in (*sorted(SCENARIOS.glob("*.yaml")), CORRECTED)]


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


def unanswered() -> Scenario:
    """The 舞阳 case of 2025 up to its verification: its answer is still owed."""
    whole = scenario_in(SCENARIOS / "06_wuyang_full.yaml")
    begun = tuple(act for act in whole.acts if act.on <= date(2025, 9, 28))
    return whole.model_copy(
        update={
            "case_number": "试〔2025〕7号",
            "acts": begun,
            "pass_time_until": None,
            "expect": Expected(),
        }
    )


def deferred(scenario: Scenario) -> Scenario:
    """What follows on an `unanswered` case: the answer lapses, the deferral has its own end."""
    whole = scenario_in(SCENARIOS / "06_wuyang_full.yaml")
    acts = (
        act.model_copy(update={"key": f"{scenario.case_number} {act.on}"})
        for act in whole.acts
        if date(2025, 10, 10) <= act.on <= date(2025, 10, 13)
    )
    return scenario.model_copy(update={"acts": tuple(acts), "pass_time_until": None})


class OnOneConnection(ByHand):
    """Keeps the follower's connection: half of the time went into making new ones."""

    def __init__(self, clock: DrivenClock, office: Office, projector: asyncpg.Connection) -> None:
        super().__init__(clock, office, Follower(lambda: None), projector)

    async def settled(self) -> None:
        await self._follower._drain(self._reader)


async def play_into(
    database: DatabaseAddress, rulebook: Rulebook, scenarios: Sequence[Scenario]
) -> list[Played]:
    """Live these scenarios to their ends; every act must come out as it expects."""
    lives = await lived(database, rulebook, scenarios)
    differences = [str(each) for life in lives for each in life.differences]
    assert not differences, differences
    return lives


async def lived(
    database: DatabaseAddress, rulebook: Rulebook, scenarios: Sequence[Scenario]
) -> list[Played]:
    """Live these scenarios to their ends, or to the first act that differs."""
    projector = await connect_as(PROJECTOR, database)
    try:
        with open_store(database) as store:
            clock = DrivenClock()
            office = Office(store, rulebook, clock)
            return await play(scenarios, office, OnOneConnection(clock, office, projector))
    finally:
        await projector.close()


async def differences(life: Played, database: DatabaseAddress) -> list[str]:
    """All that came of a life otherwise than its scenario expects."""
    reader = await connect_as(READER, database)
    try:
        await check(life, reader)
    finally:
        await reader.close()
    return [str(each) for each in life.differences]
