"""What the demonstration shows: every figure and sentence read back from the views and the log."""

import json
from collections import Counter
from datetime import UTC, datetime
from typing import Any

import asyncpg

from domain.aggregate import unversioned
from domain.evidence.heads import HeadsTaken
from domain.law.calendar import WorkCalendar, start_of
from gateway.duties import duties_of, explanation
from gateway.player import Played, timers
from gateway.rulebook import calendars
from projections import consistency
from projections.definitions import EVERY, HEADLINE
from projections.statistics import Question, count


async def report(
    lives: list[Played], reader: asyncpg.Connection, projector: asyncpg.Connection
) -> dict[str, Any]:
    """The demonstration as one document. Checks the whole store on the way, and rebuilds its views.

    `cases[]`, `statistics`, `timers`, `audit`, `differences[]`.
    """
    found = await consistency.check(projector)
    every = Question(organ_kind=None)
    (figures,) = await count(reader, every, EVERY)
    topics = await reader.fetch("SELECT topic FROM views.audit_trail")
    calendar = calendars()
    return {
        "cases": [await _case(life, reader, calendar) for life in lives],
        "statistics": figures,
        "by_region": await count(reader, Question(organ_kind=None, by=("region",)), HEADLINE),
        "timers": timers([unversioned(row["topic"]) for row in topics]),
        "audit": {
            "events": found.events,
            "heads": sum(row["topic"] == HeadsTaken.topic for row in topics),
            "dense": found.dense,
            "projections_equal": not found.views_differing and not found.parked,
            "statistics_equal": not found.figures_differing,
        },
        "differences": [
            {"case_number": life.scenario.case_number, "difference": str(each)}
            for life in lives
            for each in life.differences
        ],
    }


def holds(document: dict[str, Any]) -> bool:
    """Whether everything came out as it should."""
    audit = document["audit"]
    checked = (audit["dense"], audit["projections_equal"], audit["statistics_equal"])
    return all(checked) and not document["differences"]


async def _case(life: Played, reader: asyncpg.Connection, calendar: WorkCalendar) -> dict[str, Any]:
    register = await reader.fetchrow(
        "SELECT stage, policy, subjects FROM views.case_register WHERE matter_id = $1",
        life.matter_id,
    )
    events = await reader.fetch(
        "SELECT topic, effective_on, sentence, articles FROM views.audit_trail"
        " WHERE matter_id = ANY($1) ORDER BY position",
        [life.matter_id, *(receipt.matter_id for receipt in life.receipts)],
    )
    now = start_of(events[-1]["effective_on"]) if events else datetime.now(UTC)
    found = await duties_of(reader, life.matter_id, calendar, now)
    return {
        "case_number": life.scenario.case_number,
        "title": life.scenario.title,
        "source": life.scenario.source,
        "note": life.scenario.note,
        "policy": register["policy"] if register else life.scenario.policy,
        "stage": register["stage"] if register else None,
        "subjects": json.loads(register["subjects"]) if register else [],
        "matters": [await _matter(life, key, reader) for key in life.scenario.matters],
        "events": [
            {
                "name": unversioned(row["topic"]),
                "on": row["effective_on"],
                "sentence": row["sentence"],
                "articles": row["articles"],
            }
            for row in events
        ],
        "refusals": [{"code": each.code, "message": str(each)} for each in life.refusals],
        "duties": dict(sorted(Counter(each["state"] for each in found).items())),
        "derivations": [explanation(each) for each in found if each["derivation"]],
    }


async def _matter(life: Played, key: str, reader: asyncpg.Connection) -> dict[str, Any]:
    """A sibling matter of the scenario, as the register has it."""
    row = await reader.fetchrow(
        "SELECT kind, number, policy, stage, stage_label FROM views.matter_register"
        " WHERE matter_id = $1",
        life.scenario.matter_id(key),
    )
    return dict(row) if row else {"number": life.scenario.matters[key].number, "stage": None}
