"""Duties explained: from which event, how counted, every day skipped or added, and why."""

import json
from datetime import date, datetime
from typing import Any
from uuid import UUID

import asyncpg

from domain.law.calendar import Day, WorkCalendar, civil_date
from domain.law.deadline_rules import Qualifier
from domain.law.periods import Period, TimeUnit, period
from domain.law.suspension import Remainder, Resumed, resume
from domain.obligations import State, is_past
from gateway.pack_words import QUALIFIERS

STATES = {
    State.OPEN: "在办",
    State.SUSPENDED: "中止",
    State.MET: "已办",
    State.MET_LATE: "逾期办结",
    State.LAPSED: "终止",
    State.ELAPSED: "期满",
    State.WAIVED: "免除",
}


def derivation(found: Period | Resumed) -> dict[str, Any]:
    """A period with every day that was skipped or added, and why.

    What was left after a suspension has no one amount and unit: it is told as `rest`.
    """
    length = (
        {"amount": found.amount, "unit": found.unit}
        if isinstance(found, Period)
        else {"rest": found.rest.model_dump(exclude_defaults=True)}
    )
    return {
        "from": found.start,
        **length,
        "due_on": found.due_on,
        "provisional": found.provisional,
        "skipped": [_day(each) for each in found.skipped],
        "added": [_day(each) for each in found.added],
        "editions": found.editions,
    }


def _day(day: Day) -> dict[str, Any]:
    return {"on": day.on, "why": day.why, "edition": day.edition}


async def duties_of(
    connection: asyncpg.Connection, matter_id: UUID, calendar: WorkCalendar, now: datetime
) -> list[dict[str, Any]]:
    """A case's duties as they stand at `now`, each with its derivation where it has a length."""
    rows = await connection.fetch(
        "SELECT * FROM views.due_list WHERE matter_id = $1 ORDER BY start_on, obligation_id",
        matter_id,
    )
    return [_duty(row, calendar, now) for row in rows]


def _duty(row: asyncpg.Record, calendar: WorkCalendar, now: datetime) -> dict[str, Any]:
    told = {key: value for key, value in row.items() if key != "matter_id"}
    past = is_past(
        Qualifier(row["qualifier"]),
        row["due_on"],
        provisional=row["provisional"],
        on=civil_date(now),
    )
    told["overdue"] = row["state"] == State.OPEN and past
    rest = row["remainder"] and Remainder.model_validate_json(row["remainder"])
    found = counted_again(
        start=row["start_on"],
        amount=row["amount"],
        unit=row["unit"] and TimeUnit(row["unit"]),
        remainder=rest,
        roll=row["roll"],
        calendar=calendar.using(row["calendars"]),
    )
    told["remainder"] = row["remainder"] and json.loads(row["remainder"])
    told["derivation"] = derivation(found) if found else None
    return told


def counted_again(
    *,
    start: date,
    amount: int | None,
    unit: TimeUnit | None,
    remainder: Remainder | None,
    roll: bool,
    calendar: WorkCalendar,
) -> Period | Resumed | None:
    """A duty's period, or what was left of it, from its start; None where it has no length.

    Give the calendar it was counted with (`WorkCalendar.using`), so that the same day comes out.
    """
    if amount is None or unit is None:
        return None
    if remainder is not None:
        return resume(start, remainder, calendar, roll=roll)
    return period(start, amount, unit, calendar, roll=roll)


def explanation(told: dict[str, Any]) -> list[str]:
    """A duty's derivation in lines for people."""
    about = f"（{told['subject_label']}）" if told["subject_label"] else ""
    lines = [f"{told['label']}{about}：自 {told['start_on']} 起算，当日不计"]
    if told["extended"]:
        lines.append(f"  已延长 {told['extended']} 次，自原届满之日续算")
    if told["remainder"]:
        lines.append("  中止后恢复，续算剩余的时间")
    if told["at_least"] > 1:
        lines.append(f"  须办 {told['at_least']} 次，已办 {told['counted']} 次")
    found = told["derivation"]
    if found is None:
        return [*lines, f"  {QUALIFIERS[told['qualifier']]}，没有届满之日"]
    if told["unacknowledged"]:
        lines.append("  督办未确认：第 " + "、".join(map(str, told["unacknowledged"])) + " 级")
    lines += day_lines(found)
    lines.append(f"  {told['due_on']} 届满；日历 {'、'.join(told['calendars']) or '未用到'}")
    if told["due_on"] != found["due_on"]:
        lines.append(f"  （所用日历算得 {found['due_on']}，已定之日不提前）")
    if not told["confirmed"]:
        lines.append("  （起点或时限未核实）")
    return lines


def day_lines(found: dict[str, Any]) -> list[str]:
    """The days a count skipped and added, a line each."""
    return [
        f"  {called} {day['on']} {day['why']}"
        for called, days in (("不计", found["skipped"]), ("计入", found["added"]))
        for day in days
    ]
