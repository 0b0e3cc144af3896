"""时效 (M19): how many duties were met on time, how long they took, and which are overdue.

A duty counts once, as it stood on the last day asked about by what the log held at the position
asked about. Three kinds of duty are never put together: those of confirmed rules with a settled
day, those whose day was presumed, and those whose rule nobody has confirmed.

Working days are counted on asking, by the calendar the caller knows at that position: a number in
the rows would depend on which notices the program had when it wrote them, and views made anew
under a later one would differ.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import accumulate
from typing import Any, Final

import asyncpg

from domain.law.calendar import WorkCalendar, civil_date
from domain.reporting.percentages import percentages
from projections.statistics import DUTIES, Question, Source

# an open duty is asked about as of the last day, a settled one belongs to the day it was settled
STANDING: Final[Source] = replace(
    DUTIES,
    table="standing",
    days={"occurred": "day"},
    listed="position, kind, number, matter_id, obligation_id, policy, rule, label, article,"
    " subject_id, subject_label, organ_id, region, qualifier, start_on, due_on, state, moved_on,"
    " timeliness, overdue, working_days, CASE WHEN timeliness = 'late' OR overdue"
    " THEN day - due_on END AS days_late",
)
BASES: Final = ("confirmed", "provisional", "unconfirmed")  # in the order they are shown
COUNTED: Final = "(timeliness IS NOT NULL OR overdue OR state = 'waived')"
FIGURES: Final = """
    count(*) FILTER (WHERE timeliness IS NOT NULL) AS met,
    count(*) FILTER (WHERE timeliness = 'on_time') AS on_time,
    count(*) FILTER (WHERE timeliness = 'late') AS late,
    count(*) FILTER (WHERE overdue) AS overdue,
    count(*) FILTER (WHERE state = 'waived') AS waived,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY working_days)
        FILTER (WHERE timeliness IS NOT NULL) AS median_working_days,
    max(working_days) FILTER (WHERE timeliness IS NOT NULL) AS max_working_days
"""
STOOD: Final = """
    SELECT DISTINCT ON (matter_id, obligation_id) *
    FROM views.duty_standings
    WHERE position <= {known} AND moved_on <= coalesce({until}, DATE 'infinity')
    ORDER BY matter_id, obligation_id, position DESC
"""
# overdue as domain.obligations.is_past tells it; {worked}: working days up to each day from {first}
STANDINGS: Final = """
    WITH standing AS (
        SELECT *, CASE WHEN state = 'open' THEN {as_of}::date ELSE moved_on END AS day,
            state = 'open' AND NOT provisional AND qualifier <> 'target'
                AND coalesce(due_on < {as_of}::date, false) AS overdue,
            (SELECT sum(({worked}::int[])[upto - {first}::date + 1]
                      - ({worked}::int[])[after - {first}::date + 1])
             FROM unnest(ran_after, ran_until) AS stretch (after, upto)) AS working_days
        FROM ({stood}) AS stood
    )
"""


@dataclass(frozen=True)
class Timeliness:
    """One row of the figures. `group`: by what was asked, with `label` and `article` of a rule.

    The rate is on time of on time and late; None where neither is. Durations are of all that were
    met: None where none was; of an even number the median may lie between two.
    """

    group: dict[str, Any]
    basis: str
    met: int
    on_time: int
    late: int
    overdue: int
    waived: int
    median_working_days: float | None
    max_working_days: int | None

    @property
    def on_time_rate(self) -> float | None:
        """In per cent, with one decimal."""
        if not self.on_time + self.late:
            return None
        return float(percentages((self.on_time, self.late))[0])


async def as_of(connection: asyncpg.Connection, question: Question, today: date) -> date:
    """The day on which a question asks what is overdue: its last, but none not yet come.

    What was known at a position was known on the day it was recorded, and stays what it was.
    """
    known_on = today
    if question.known_at is not None:
        recorded = await connection.fetchval(
            "SELECT recorded_at FROM views.audit_trail WHERE position <= $1"
            " AND $1 <= (SELECT position FROM views.position) ORDER BY position DESC LIMIT 1",
            question.known_at,
        )
        known_on = civil_date(recorded) if recorded else today
    return min(known_on, question.until or known_on)


async def timeliness(
    connection: asyncpg.Connection,
    question: Question,
    calendar: WorkCalendar,
    today: date,
    *,
    rule: str | None = None,
) -> list[Timeliness]:
    """The figures of each group and basis. `rule`: only its duties, `answer` or `policy:answer`.

    Raises KeyError for a breakdown that duties do not have.
    """
    head, where, values = await _asked(connection, question, calendar, today, rule)
    places = f"${len(values) + 1}::jsonb"
    if "region" in question.by:
        values.append(json.dumps(dict(question.places)))
    groups = [f"{STANDING.dimensions[name]} AS {name}" for name in question.by]
    if "rule" in question.by:
        groups += ["label", "article"]
    columns = ", ".join([*groups, f"{STANDING.columns['basis']} AS basis"])
    keys = ", ".join(str(number) for number in range(1, len(groups) + 2))
    sql = f"{head} SELECT {columns}, {FIGURES} FROM standing WHERE {where} GROUP BY {keys}"  # noqa: S608 (our own words)
    told = question.told(STANDING, sql, deeper=question.deeper, places=places)
    rows = await connection.fetch(told, *values)
    named = [*question.by, *(("label", "article") if "rule" in question.by else ())]
    found = [_figures(dict(row), named) for row in rows]
    return sorted(found, key=lambda each: ([*map(str, each.group.values())], _place(each)))


async def behind_timeliness(
    connection: asyncpg.Connection,
    question: Question,
    calendar: WorkCalendar,
    today: date,
    *,
    rule: str | None = None,
) -> list[dict[str, Any]]:
    """Every duty counted, in the order in which it came to stand so."""
    head, where, values = await _asked(connection, question, calendar, today, rule)
    sql = (
        f"{head} SELECT {STANDING.listed}, {STANDING.columns['basis']} AS basis"  # noqa: S608 (our own words)
        f" FROM standing WHERE {where} ORDER BY position"
    )
    rows = await connection.fetch(question.told(STANDING, sql), *values)
    return [dict(row) for row in rows]


async def rules_known(connection: asyncpg.Connection) -> set[str]:
    """Every rule that has opened a duty, as `rule` and as `policy:rule`."""
    rows = await connection.fetch("SELECT DISTINCT policy, rule FROM views.duty_standings")
    return {name for row in rows for name in (row["rule"], f"{row['policy']}:{row['rule']}")}


async def _asked(
    connection: asyncpg.Connection,
    question: Question,
    calendar: WorkCalendar,
    today: date,
    rule: str | None,
) -> tuple[str, str, list[Any]]:
    """The standings a question is about as SQL, the conditions on them, and their values."""
    where, values = question.where(STANDING)
    ((first, last),) = await connection.fetch(
        "SELECT min(day), max(day) FROM views.duty_standings, unnest(ran_after || ran_until) AS day"
    )
    worked = worked_up_to(first, last, calendar) if first else []
    start = len(values)
    values += [await as_of(connection, question, today), first, worked, question.until]
    day, since, so_far, until = (f"${start + number}" for number in range(1, 5))
    stood = STOOD.format(known="{known}", until=f"{until}::date")  # known: told with the rest
    head = STANDINGS.format(as_of=day, first=since, worked=so_far, stood=stood)
    conditions = [where, COUNTED]
    if rule is not None:
        values.append(rule)
        conditions.append(f"${len(values)} IN (rule, {STANDING.dimensions['rule']})")
    return head, " AND ".join(conditions), values


def worked_up_to(first: date, last: date, calendar: WorkCalendar) -> Sequence[int]:
    """For each day from the first to the last, how many working days there have been with it."""
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return [*accumulate(int(calendar.day(day).working) for day in days)]


def _figures(row: dict[str, Any], named: Sequence[str]) -> Timeliness:
    group = {name: row.pop(name) for name in named}
    return Timeliness(group, **row)


def _place(figures: Timeliness) -> int:
    return BASES.index(figures.basis)
