"""`calendar redate`: every open day counted anew by the calendars as they are now."""

import asyncio
from typing import Any

from rich.progress import Progress

from domain.obligations import ObligationRedated
from gateway.commands.output import OK, JsonOption, aside, document, people, table
from gateway.commands.reaching import HomeOption, database
from gateway.commands.rules_in_force import rules_in_force
from workers.store import READER, connect_as, open_store
from workflows.clock import SystemClock
from workflows.office import Office


async def redate(*, home: HomeOption = None, json: JsonOption = False) -> int:
    """新的放假通知录入后，把在办期限按现行日历重算；已定、已催办之日不提前，办结的不动。"""
    async with database(home) as address:
        reader = await connect_as(READER, address)
        try:
            rows = await reader.fetch(
                "SELECT DISTINCT matter_id, case_number FROM views.due_list"
                " WHERE state = 'open' AND due_on IS NOT NULL ORDER BY case_number"
            )
        finally:
            await reader.close()
        with open_store(address) as store, Progress(console=aside, transient=True) as progress:
            office = Office(store, rules_in_force(home=home), SystemClock())
            told: list[dict[str, Any]] = []
            for row in progress.track(rows, description="重算"):
                changed = await asyncio.to_thread(office.redate, row["matter_id"])
                told += [_told(row["case_number"], each) for each in changed]
    if json:
        document({"looked_at": len(rows), "redated": told})
        return OK
    people.print(f"重算了 {len(rows)} 件案件的在办期限，{len(told)} 项有变。")
    for responsible in sorted({each["responsible"] for each in told}):
        people.print(f"\n{responsible}")
        table(
            ("案号", "事项", "原届满", "现届满", "日历"),
            (
                (
                    each["case_number"],
                    each["label"],
                    each["was_due_on"],
                    f"{each['due_on']}{'（推定）' if each['provisional'] else ''}",
                    "、".join(each["calendars"]),
                )
                for each in told
                if each["responsible"] == responsible
            ),
        )
    return OK


def _told(case_number: str, event: ObligationRedated) -> dict[str, Any]:
    shown = {"rule", "label", "responsible", "due_on", "provisional", "calendars"}
    duty = event.obligation.model_dump(mode="json", include=shown)
    was = event.was_due_on.isoformat()
    return {"case_number": case_number, "was_due_on": was, "kept": event.kept, **duty}
