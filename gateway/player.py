"""Plays scenarios through the office and holds what came of them against what they expect."""

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg

from domain.accountability.acts import OpenAccountability
from domain.accountability.proceeding import proceeding_id
from domain.aggregate import Request, unversioned
from domain.law.calendar import start_of
from domain.matter import matter_id
from domain.refusals import Refusal
from domain.staged import OpenMatter
from domain.tolerance.acts import Opening
from domain.tolerance.particulars import MatterAnswered
from domain.tolerance.state import case_id
from gateway.scenarios import CASE, ActTold, Contains, MatterExpected, Scenario
from gateway.timeline import Timeline
from projections.definitions import EVERY
from projections.statistics import Question, count
from workflows.event_store import Receipt
from workflows.office import Office


@dataclass(frozen=True)
class Difference:
    """One thing that came out otherwise than the scenario expects."""

    where: str
    expected: str
    found: str

    def __str__(self) -> str:
        return f"{self.where}：应为 {self.expected}，实为 {self.found}"


@dataclass
class Played:
    """A scenario and what came of it."""

    scenario: Scenario
    receipts: list[Receipt] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)
    stopped: bool = False

    @property
    def matter_id(self) -> UUID:
        return case_id(self.scenario.case_number)


async def play(
    scenarios: Sequence[Scenario],
    office: Office,
    timeline: Timeline,
    tell: Callable[[Played, int], None] = lambda _life, _number: None,
) -> list[Played]:
    """Play scenarios on one timeline: all acts by date, and all clocks between them.

    `tell` hears of each act by its number in the scenario. A scenario stops at the first act that
    comes out otherwise than it expects.
    """
    lives = [Played(scenario) for scenario in scenarios]
    dated = (
        (instant, number, index)
        for number, scenario in enumerate(scenarios)
        for index, instant in enumerate(scenario.instants)
    )
    for instant, number, index in sorted(dated):
        if not lives[number].stopped:
            await timeline.to(instant)
            await _take(lives[number], index, office)
            tell(lives[number], index)
    ends = [scenario.pass_time_until for scenario in scenarios if scenario.pass_time_until]
    if ends:
        await timeline.to(start_of(max(ends) + timedelta(days=1)))
    await timeline.settled()
    return lives


async def _take(life: Played, index: int, office: Office) -> None:
    told = life.scenario.acts[index]
    where = f"acts.{index}（{told.on} {told.act}）"
    wanted = told.expect.refused if told.expect else None
    try:
        receipt = await asyncio.to_thread(_ask, life, index, office)
    except Refusal as refusal:
        life.refusals.append(refusal)
        if refusal.code != wanted:
            expected = f"被拒绝（{wanted}）" if wanted else "办理"
            found = f"被拒绝（{refusal.code}）：{refusal}"
            life.differences.append(Difference(where, expected, found))
            life.stopped = True
        return
    life.receipts.append(receipt)
    if wanted:
        life.differences.append(Difference(where, f"被拒绝（{wanted}）", "办理了"))
        life.stopped = True


def _ask(life: Played, index: int, office: Office) -> Receipt:
    scenario, told = life.scenario, life.scenario.acts[index]
    request = Request(
        key=told.key or f"{scenario.case_number}#{index}",
        by=scenario.officer(told),
        on=told.on,
        authority=told.authority,
        reason=told.reason,
    )
    act = scenario.act(
        told, _matter(scenario, told, office) if scenario.opens_a_case(told) else None
    )
    if isinstance(act, Opening):
        return office.open_case(act, request, scenario.policy or "")
    if isinstance(act, OpenMatter):
        instrument = scenario.instrument_of(told)
        if instrument is None and isinstance(act, OpenAccountability):
            return office.open_accountability(act, request)
        return office.open_matter(act, request, instrument or "")
    matter = matter_id(scenario.kind_of(told), scenario.number_of(told))
    return office.perform(matter, act, request)


def _matter(scenario: Scenario, told: ActTold, office: Office) -> MatterAnswered:
    number = scenario.accountability_number(told)
    opened = office.proceeding(number).opened
    return MatterAnswered(
        id=proceeding_id(number),
        number=number,
        opened_on=opened.on if opened else told.on,
        organ=opened.organ if opened else scenario.organs[scenario.organ].organ(scenario.organ),
    )


async def check(life: Played, reader: asyncpg.Connection) -> None:
    """Hold the views against the scenario's expectations; what differs joins `life.differences`."""
    expected, found = life.scenario.expect, life.differences
    register = await reader.fetchrow(
        "SELECT track, subjects FROM views.case_register WHERE matter_id = $1", life.matter_id
    )
    track = register["track"] if register else None
    if expected.track is not None and track != expected.track:
        found.append(Difference("expect.track", expected.track, str(track)))
    subjects = {each["id"]: each for each in json.loads(register["subjects"])} if register else {}
    for key, column, each in (
        *(("subjects", "outcome", each) for each in expected.subjects.items()),
        *(("standings", "standing", each) for each in expected.standings.items()),
    ):
        person, wanted = each
        actual = subjects.get(life.scenario.subject_id(person), {}).get(column)
        if actual != wanted:
            found.append(Difference(f"expect.{key}.{person}", str(wanted), str(actual)))
    for key, matter in {CASE: expected, **expected.matters}.items():
        where = "expect" if matter is expected else f"expect.matters.{key}"
        found.extend(await _check_matter(life, key, matter, where, reader))
    found.extend(await _check_statistics(life, reader))


async def _check_matter(
    life: Played, key: str, expected: MatterExpected, where: str, reader: asyncpg.Connection
) -> list[Difference]:
    """What every kind of matter may be expected to show."""
    matter = life.scenario.matter_id(key)
    row = await reader.fetchrow(
        "SELECT stage, open, policy, organ_id AS organ, links FROM views.matter_register"
        " WHERE matter_id = $1",
        matter,
    )
    found = []
    for name in ("stage", "open", "policy", "organ"):
        wanted, actual = getattr(expected, name), row[name] if row else None
        if wanted is not None and actual != wanted:
            found.append(Difference(f"{where}.{name}", str(wanted), str(actual)))
    if expected.links is not None:
        wanted_links = [
            [str(life.scenario.matter_id(each.to)), each.relation] for each in expected.links
        ]
        links = [[each["id"], each["relation"]] for each in json.loads(row["links"])] if row else []
        if links != wanted_links:
            found.append(Difference(f"{where}.links", _plain(wanted_links), _plain(links)))
    found.extend(await _check_duties(life, matter, expected, where, reader))
    found.extend(await _check_events(matter, expected, where, reader))
    return found


async def _check_duties(
    life: Played, matter: UUID, expected: MatterExpected, where: str, reader: asyncpg.Connection
) -> list[Difference]:
    rows = await reader.fetch(
        "SELECT rule, subject_id AS subject, due_on, state, provisional, closed_on"
        " FROM views.due_list WHERE matter_id = $1 ORDER BY obligation_id",
        matter,
    )
    found = []
    for number, duty in enumerate(expected.duties):
        wanted = duty.model_dump(exclude_none=True, exclude={"count"})
        if "subject" in wanted:
            wanted["subject"] = life.scenario.subject_id(wanted["subject"])
        fitting = sum(all(row[key] == value for key, value in wanted.items()) for row in rows)
        if fitting != duty.count if duty.count is not None else not fitting:
            wanted |= {"count": duty.count} if duty.count is not None else {}
            similar = [dict(row) for row in rows if row["rule"] == duty.rule]
            found.append(Difference(f"{where}.duties.{number}", _plain(wanted), _plain(similar)))
    return found


async def _check_events(
    matter: UUID, expected: MatterExpected, where: str, reader: asyncpg.Connection
) -> list[Difference]:
    found = []
    rows = await reader.fetch(
        "SELECT topic FROM views.audit_trail WHERE matter_id = $1 ORDER BY version", matter
    )
    names = [unversioned(row["topic"]) for row in rows]
    acts = [name for name in names if not name.startswith("obligation.")]
    if isinstance(expected.events, Contains):
        missing = [name for name in expected.events.contains if name not in names]
        if missing:
            found.append(Difference(f"{where}.events.contains", _plain(missing), _plain(names)))
    elif expected.events is not None and acts != [*expected.events]:
        at = next(
            (i for i, (a, b) in enumerate(zip(acts, expected.events, strict=False)) if a != b),
            min(len(acts), len(expected.events)),
        )
        found.append(
            Difference(f"{where}.events.{at}", _plain(expected.events[at:]), _plain(acts[at:]))
        )
    if expected.timers is not None:
        called = timers(names)
        wanted = expected.timers.model_dump()
        if called != wanted:
            found.append(Difference(f"{where}.timers", _plain(wanted), _plain(called)))
    return found


def timers(names: Sequence[str]) -> dict[str, int]:
    """How often the clocks called: reminders, overdue duties, rungs of the ladder."""
    return {
        each: names.count(f"obligation.{each}") for each in ("reminded", "overdue", "escalated")
    }


async def _check_statistics(life: Played, reader: asyncpg.Connection) -> list[Difference]:
    expected = life.scenario.expect.statistics
    if expected is None:
        return []
    question = Question(
        region=expected.region,
        since=expected.since,
        until=expected.until,
        organ_kind=expected.organ_kind,
        matters=[life.matter_id, *map(life.scenario.matter_id, life.scenario.matters)],
    )
    (figures,) = await count(reader, question, EVERY)
    by_id = {measure.id: figures[measure.name] for measure in EVERY}
    return [
        Difference(f"expect.statistics.{id_}", str(figure), str(by_id.get(id_, "没有这个指标")))
        for id_, figure in expected.figures.items()
        if by_id.get(id_) != figure
    ]


def _plain(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
