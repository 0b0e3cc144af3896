"""`play`: scenario files through the office on a fresh store; time is the scenario's own."""

from functools import partial
from pathlib import Path
from typing import Annotated, Any
from uuid import uuid4

from cyclopts import Parameter

from gateway.commands.output import DIFFERENCE, OK, JsonOption, aside, document, people
from gateway.commands.rules_in_force import rules_in_force
from gateway.player import Played, check, play
from gateway.rulebook import Rulebook
from gateway.scenarios import Scenario, scenario_in
from gateway.timeline import ByHand
from projections.follower import Follower
from workers.embedded_postgres import EmbeddedPostgres
from workers.home import temporary_home
from workers.migrate import migrate
from workers.store import PROJECTOR, READER, connect_as, open_store
from workflows.clock import DrivenClock
from workflows.office import Office


async def play_files(
    files: Annotated[list[Path], Parameter(name="FILE", help="场景文件，可多份。")],
    /,
    *,
    policies: Annotated[Path | None, Parameter(help="另有办法文件的目录。")] = None,
    json: JsonOption = False,
) -> int:
    """把场景文件走一遍并核对 expect；有出入则退出码为 3。"""
    scenarios = [scenario_in(file) for file in files]
    rulebook = rules_in_force(policies=policies)
    lives = []
    with temporary_home() as home:
        postgres = EmbeddedPostgres(home)
        await postgres.start()
        try:
            for file, scenario in zip(files, scenarios, strict=True):
                aside.print(f"走 {file.name} …")
                lives.append(await _life(postgres, scenario, rulebook))
        finally:
            await postgres.stop()
    if json:
        document({"played": [told(life) for life in lives]})
    else:
        for life in lives:
            _print(life)
    return DIFFERENCE if any(life.differences for life in lives) else OK


async def _life(postgres: EmbeddedPostgres, scenario: Scenario, rulebook: Rulebook) -> Played:
    """One scenario on a database of its own, so that none counts another's cases."""
    address = await postgres.create_database(f"play_{uuid4().hex[:12]}")
    await migrate(address)
    clock, store = DrivenClock(), open_store(address)
    office = Office(store, rulebook, clock)
    follower = Follower(partial(connect_as, PROJECTOR, address))
    reader = await connect_as(READER, address)
    try:
        (life,) = await play([scenario], office, ByHand(clock, office, follower, reader))
        await check(life, reader)
    finally:
        await reader.close()
        store.close()
        await postgres.drop_database(address.name)
    return life


def told(life: Played) -> dict[str, Any]:
    """What came of one scenario, for programs."""
    return {
        "title": life.scenario.title,
        "case_number": life.scenario.case_number,
        "acts": len(life.receipts),
        "refusals": [
            {"code": refusal.code, "message": str(refusal), "articles": refusal.articles}
            for refusal in life.refusals
        ],
        "differences": [
            {"where": each.where, "expected": each.expected, "found": each.found}
            for each in life.differences
        ],
    }


def _print(life: Played) -> None:
    verdict = f"有 {len(life.differences)} 处出入" if life.differences else "与预期一致"
    people.print(f"{life.scenario.title}：办理 {len(life.receipts)} 项，{verdict}")
    for each in life.differences:
        people.print(f"  {each}")
