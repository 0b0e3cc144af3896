"""`policy what-if`: which open cases an edition would treat otherwise, before it is in force."""

import asyncio
from dataclasses import asdict
from pathlib import Path

from rich.progress import Progress

from domain.law.rules import Rules
from gateway.commands.output import OK, JsonOption, aside, document, people
from gateway.commands.reaching import HomeOption, database
from gateway.commands.rules_in_force import as_released, rules_in_force
from gateway.rulebook import chain_in
from gateway.what_if import Affected, open_cases, what_if
from workers.store import READER, connect_as, open_store
from workflows.clock import SystemClock
from workflows.office import Office


async def policy_what_if(
    file: Path, /, *, home: HomeOption = None, json: JsonOption = False
) -> int:
    """这份办法文件若施行，哪些在办案件会有不同的处理，为什么。什么也不写入。"""
    edition, *above = chain_in(file)
    async with database(home) as address:
        reader = await connect_as(READER, address)
        try:
            rulebook = await as_released(rules_in_force(home=home), reader)
            matters = await open_cases(reader, edition, [each.reference for each in above])
        finally:
            await reader.close()
        with (
            open_store(address, READER) as store,
            Progress(console=aside, transient=True) as progress,
        ):
            task = progress.add_task("比较", total=len(matters))
            found = await asyncio.to_thread(
                what_if,
                matters,
                Office(store, rulebook, SystemClock()),
                rulebook,
                Rules(edition, rulebook.calendar),
                lambda done, of: progress.update(task, completed=done, total=of),
            )
    if json:
        document(
            {
                "edition": edition.reference,
                "looked_at": len(matters),
                "affected": [asdict(each) for each in found],
            }
        )
        return OK
    people.print(f"比较了 {len(matters)} 件在办案件，{len(found)} 件会有不同。")
    for each in found:
        _tell(each)
    return OK


def _tell(affected: Affected) -> None:
    people.print(f"\n{affected.case_number}（现适用 {affected.policy}）")
    for change in affected.changes:
        people.print(f"  {change}")
