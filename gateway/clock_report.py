"""What matters wait for, told from PostgreSQL; and whether Temporal keeps the clocks for it."""

import asyncio
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import asyncpg
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from domain.law.calendar import CHINA, civil_date
from gateway.commands.reaching import no_such_case
from workers.comparison import RPC_LIMIT, RUNNING, compare

AGAIN_S: Final = 1.0  # Temporal lists clocks a little late, and a plan may be on its way
SHOWN: Final = 20

# set by the server after several failed workflow tasks in a row; ours are never meant to fail
STUCK: Final = f"{RUNNING} AND TemporalReportedProblems IS NOT NULL"

PLAN: Final = """
    SELECT register.number AS case_number, register.matter_id, plan.version, plan.moments,
           sent.version AS sent_version, sent.attempts, sent.last_error
    FROM views.matter_register AS register
    LEFT JOIN views.clock_plan AS plan USING (matter_id)
    LEFT JOIN clocks.sent USING (matter_id)
    WHERE register.number = $1 OR register.matter_id::text = $1
"""
DUTIES: Final = """
    SELECT obligation_id, label, subject_label, due_on FROM views.due_list WHERE matter_id = $1
"""
FIGURES: Final = """
    SELECT count(*) FILTER (WHERE next_at IS NOT NULL) AS waiting_matters,
           coalesce(sum(jsonb_array_length(moments)), 0) AS waiting_instants,
           count(*) FILTER (WHERE plan.version > CASE
               WHEN next_at IS NULL THEN sent.version -- only to end a clock
               ELSE coalesce(sent.version, 0)
           END) AS plans_behind,
           min(next_at) AS next_at,
           (SELECT coalesce(sum(cardinality(unacknowledged)), 0) FROM views.due_list)
               AS unacknowledged
    FROM views.clock_plan AS plan LEFT JOIN clocks.sent USING (matter_id)
"""
OLDEST_OVERDUE: Final = """
    SELECT case_number, label, subject_label, due_on, $1 - due_on AS days
    FROM views.due_list
    WHERE state = 'open' AND qualifier IN ('must', 'generally')
      AND NOT provisional AND due_on < $1
    ORDER BY due_on, case_number, obligation_id LIMIT 1
"""


async def plan_of(connection: asyncpg.Connection, number: str) -> dict[str, Any]:
    """Every instant a case waits for, and whether Temporal has been told of them."""
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        row = await connection.fetchrow(PLAN, number)
        rows = await connection.fetch(DUTIES, row and row["matter_id"])
    if row is None:
        raise no_such_case("查看时钟计划", number)
    duties = {each["obligation_id"]: each for each in rows}
    moments, sent = json.loads(row["moments"] or "[]"), row["sent_version"]
    return {
        "case_number": row["case_number"],
        "matter_id": row["matter_id"],
        "moments": [_moment(each, duties) for each in moments],
        "version": row["version"],
        "sent_version": sent,
        "sent": not moments if sent is None else sent >= row["version"],
        "attempts": row["attempts"] or 0,
        "last_error": row["last_error"],
    }


def _moment(told: dict[str, str], duties: dict[str, asyncpg.Record]) -> dict[str, Any]:
    duty_id, _, rung = told["key"].rsplit(":", 2)
    duty = duties[duty_id]
    return {
        "at": in_china(datetime.fromisoformat(told["at"])),
        "key": told["key"],
        "rung": rung,
        "called": rung_in_words(rung),
        "label": duty["label"],
        "subject_label": duty["subject_label"],
        "due_on": duty["due_on"],
    }


def rung_in_words(rung: str) -> str:
    """What an instant is for, from the last part of its key."""
    name = rung.rstrip("0123456789")
    match name:
        case "remind":
            return "催办"
        case "due":
            return "逾期"
        case "escalate":
            return f"督办第{rung.removeprefix(name)}级"
        case "elapse":
            return "期满"
        case _:
            return rung


async def figures(connection: asyncpg.Connection, now: datetime) -> dict[str, Any]:
    """How much is waited for, and what has waited longest."""
    (row,) = await connection.fetch(FIGURES)
    overdue = await connection.fetchrow(OLDEST_OVERDUE, civil_date(now))
    return {
        **row,
        "next_at": row["next_at"] and in_china(row["next_at"]),
        "oldest_overdue": overdue and dict(overdue),
    }


def in_china(instant: datetime) -> str:
    return instant.astimezone(CHINA).isoformat()


async def behind(connection: asyncpg.Connection) -> int:
    """How many plans Temporal has not been told of."""
    (row,) = await connection.fetch(FIGURES)
    unsent: int = row["plans_behind"]
    return unsent


@dataclass(frozen=True)
class Kept:
    """What Temporal keeps beside what it should. `stuck`: null where the server cannot tell."""

    running: int
    without_clock: frozenset[UUID]
    without_duty: frozenset[UUID]
    behind: frozenset[UUID]
    stuck: int | None

    @property
    def differing(self) -> frozenset[UUID]:
        return self.without_clock | self.without_duty | self.behind

    @property
    def right(self) -> bool:
        return not self.differing and not self.stuck


async def kept(connection: asyncpg.Connection, client: Client) -> Kept:
    """Compare both sides and change nothing; only what differs twice is called a difference."""
    first = await _look(connection, client)
    if not first.differing:
        return first
    await asyncio.sleep(AGAIN_S)
    second = await _look(connection, client)
    return Kept(
        second.running,
        first.without_clock & second.without_clock,
        first.without_duty & second.without_duty,
        first.behind & second.behind,
        second.stuck,
    )


async def _look(connection: asyncpg.Connection, client: Client) -> Kept:
    found = await compare(connection, client)
    return Kept(
        len(found.shown),
        found.without_clock,
        found.without_duty,
        found.behind,
        await _stuck(client),
    )


async def _stuck(client: Client) -> int | None:
    try:
        return (await client.count_workflows(STUCK, rpc_timeout=RPC_LIMIT)).count
    except RPCError as error:
        if error.status is not RPCStatusCode.INVALID_ARGUMENT:
            raise
        return None  # older servers know no such attribute


async def called(connection: asyncpg.Connection, matters: frozenset[UUID]) -> list[str]:
    """The first of these matters by case number; by id what this store does not know."""
    rows = await connection.fetch(
        "SELECT coalesce(number, id::text) AS called FROM unnest($1::uuid[]) AS id"
        " LEFT JOIN views.matter_register ON matter_id = id ORDER BY called LIMIT $2",
        [*matters],
        SHOWN,
    )
    return [row["called"] for row in rows]
