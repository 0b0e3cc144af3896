"""A duty's whole story out of the log: its clause, what opened it, its life, its calls.

Everything is told under the edition the duty was opened under and counted with the calendars each
count saw, so that the story says today what it said then.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg

from domain import registry
from domain.aggregate import Event
from domain.law.calendar import WorkCalendar
from domain.law.deadline_rules import DeadlineRule, Qualifier
from domain.law.periods import TimeUnit
from domain.matter import Matter
from domain.obligations import (
    Obligation,
    ObligationElapsed,
    ObligationEscalated,
    ObligationEvent,
    ObligationExtended,
    ObligationOpened,
    ObligationOverdue,
    ObligationRedated,
    ObligationReminded,
    ObligationResumed,
    Standing,
    State,
    moments,
)
from domain.refusals import Refusal
from domain.tolerance.events import ObjectionRaised, OpinionRequested
from gateway.duties import counted_again, derivation, duties_of
from gateway.duty_prospects import Prospects
from gateway.pack_words import QUALIFIERS, STARTS
from gateway.pack_words import event as in_words
from gateway.rulebook import Rulebook
from projections.rows import Recorded
from projections.sentences import sentence

COUNTS = (ObligationOpened, ObligationResumed, ObligationExtended, ObligationRedated)
ENVELOPE = {"originator_id", "originator_version", "on", "recorded_at", "envelope"}


async def duties_explained(
    connection: asyncpg.Connection,
    matter_id: UUID,
    version: int,
    rulebook: Rulebook,
    now: datetime,
) -> list[dict[str, Any]]:
    """A case's duties as they stand at `now`, each with its story under `explained`.

    `version` is that of the case in the views. Call inside a transaction that sees one moment.
    Raises Refusal as `stories` does.
    """
    duties = await duties_of(connection, matter_id, rulebook.calendar, now)
    told = stories(await recorded_of(connection, matter_id, version), rulebook, now)
    return [{**each, "explained": told[each["obligation_id"]]} for each in duties]


async def recorded_of(
    connection: asyncpg.Connection, matter_id: UUID, version: int
) -> list[Recorded]:
    """A matter's events up to a version, each with its place in the log."""
    rows = await connection.fetch(
        "SELECT notification_id, originator_version, topic, state FROM log.events"
        " WHERE originator_id = $1 AND originator_version <= $2 ORDER BY originator_version",
        matter_id,
        version,
    )
    return [
        Recorded(
            row["notification_id"],
            registry.read_stored(row["topic"], matter_id, row["originator_version"], row["state"]),
        )
        for row in rows
    ]


@dataclass
class Life:
    """What was recorded of one duty, each event with the sentence the audit trail has for it."""

    events: list[tuple[Recorded, str]] = field(default_factory=list)

    @property
    def opened(self) -> ObligationOpened:
        event = self.events[0][0].event
        if not isinstance(event, ObligationOpened):
            raise TypeError(f"{event.name()} does not open a duty")
        return event

    def called_on(self, kind: type[Event], due_on: date | None, rung: int | None) -> date | None:
        """On which day a rung was called for the day `due_on`; None where it was not."""
        for recorded, _ in reversed(self.events):
            event = recorded.event
            if (
                isinstance(event, kind)
                and getattr(event, "due_on", None) == due_on
                and getattr(event, "rung", None) == rung
            ):
                return event.on
        return None


def stories(
    recorded: Sequence[Recorded], rulebook: Rulebook, now: datetime
) -> dict[str, dict[str, Any]]:
    """The story of every duty of a case as it stands at `now`, by the duty's id.

    Raises Refusal when a duty is still to be done and the case's own edition is not known here.
    """
    if not recorded:
        return {}
    case = registry.begin(recorded[0].event)
    if not isinstance(case, Matter):  # the books of calendars and of periods have no duties
        return {}
    lives: dict[str, Life] = {}
    for each in recorded:
        case.apply(each.event)
        duty_id = _duty_id(each.event)
        if duty_id is not None:
            lives.setdefault(duty_id, Life()).events.append((each, sentence(each.event, case)))
    teller = _Teller(case, {each.event.originator_version: each for each in recorded}, now)
    rules = rulebook.limits(case.policy) if case.obligations.live() else None
    prospects = Prospects.of(recorded, rules, now) if rules else None
    return {
        standing.obligation.id: {
            **teller.story(standing, lives[standing.obligation.id], rulebook),
            "changes": prospects.changes(standing) if prospects else None,
        }
        for standing in case.obligations
    }


def _duty_id(event: Event) -> str | None:
    if isinstance(event, ObligationOpened):
        return event.obligation.id
    return event.obligation_id if isinstance(event, ObligationEvent) else None


@dataclass
class _Teller:
    case: Matter
    by_version: Mapping[int, Recorded]
    now: datetime

    def story(self, standing: Standing, life: Life, rulebook: Rulebook) -> dict[str, Any]:
        first = life.opened.obligation
        edition = life.opened.envelope.policy or self.case.policy
        rule = _rule(rulebook, edition, first.rule)
        return {
            "clause": _clause(first, edition, rule),
            "trigger": self._trigger(life.opened),
            "start_rule": _start_rule(first, rule),
            "history": [*self._history(life, rulebook.calendar)],
            "calls": [*self._calls(standing, life)],
        }

    def _trigger(self, opened: ObligationOpened) -> dict[str, Any] | None:
        cause = self._cause(opened)
        if cause is None:
            return None
        return {**_place(cause), "item": _item(cause.event)}

    def _cause(self, event: Event) -> Recorded | None:
        """The event of this matter in answer to which this one was recorded."""
        matter, _, version = (event.envelope.causation_id or "").rpartition("/")
        ours = matter == str(self.case.id) and version.isdecimal()
        return self.by_version.get(int(version)) if ours else None

    # ---- what happened -------------------------------------------------------------------------

    def _history(self, life: Life, calendar: WorkCalendar) -> Iterator[dict[str, Any]]:
        duty = life.opened.obligation
        for recorded, words in life.events:
            event, cause = recorded.event, self._cause(recorded.event)
            facts = event.model_dump(mode="json", exclude={*ENVELOPE, "obligation_id"})
            if isinstance(event, COUNTS):
                facts.pop("obligation")
                facts |= _count(event.obligation, calendar)
                if isinstance(event, ObligationRedated):
                    facts["calendars_before"] = [*duty.calendars]
                duty = event.obligation
            yield {
                **_place(recorded),
                "because": cause and _place(cause),
                "authority": event.envelope.authority,
                "articles": [*event.envelope.articles],
                "policy": event.envelope.policy,
                "facts": facts,
                "sentence": words,
            }

    # ---- what is called ------------------------------------------------------------------------

    def _calls(self, standing: Standing, life: Life) -> Iterator[dict[str, Any]]:
        """Reminders, the day after the last, and the ladder: called already, or still to come."""
        duty = standing.obligation
        if duty.due_on is None:
            return
        waiting = {each.key: each.at for each in moments(self.case.obligations)}

        def call(
            name: str, kind: type[Event], on: date, *, called: bool, rung: int | None
        ) -> dict[str, Any]:
            """`name` is the last part of the moment's key."""
            at = waiting.get(f"{duty.id}:{duty.generation}:{name}")
            return {
                "event": kind.name(),
                "term": kind.term,
                "rung": rung,
                "on": on,
                "status": _status(standing, at, self.now, called=called),
                "called_on": life.called_on(kind, duty.due_on, rung) if called else None,
            }

        for number, on in enumerate(duty.reminders, start=1):
            called = number <= standing.reminded
            yield call(f"remind{number}", ObligationReminded, on, called=called, rung=number)
        day_after = duty.due_on + timedelta(days=1)
        if duty.qualifier is Qualifier.PERIOD:
            over = standing.state is State.ELAPSED
            yield call("elapse", ObligationElapsed, day_after, called=over, rung=None)
        elif duty.qualifier is not Qualifier.TARGET:
            called = standing.overdue
            yield call("due", ObligationOverdue, day_after, called=called, rung=None)
            for each in duty.escalation:
                told = call(
                    f"escalate{each.level}",
                    ObligationEscalated,
                    each.on,
                    called=each.level <= standing.escalated,
                    rung=each.level,
                )
                told["role"] = each.role
                told["acknowledged"] = _acknowledged(standing, each.level)
                yield told


def _rule(rulebook: Rulebook, edition: str, rule_id: str) -> DeadlineRule | None:
    """The rule a duty was opened by; None where that edition is known here no more."""
    try:
        deadlines = rulebook.limits(edition).deadline_rules()
    except Refusal:
        return None
    return next((rule for rule in deadlines if rule.id == rule_id), None)


def _clause(duty: Obligation, edition: str, rule: DeadlineRule | None) -> dict[str, Any]:
    return {
        "policy": edition,
        "rule": duty.rule,
        "label": duty.label,
        "article": duty.article,
        "confirmed": duty.confirmed,
        "interpretation": rule.interpretation if rule else None,
        "qualifier": duty.qualifier,
        "qualifier_term": QUALIFIERS[duty.qualifier],
    }


def _start_rule(duty: Obligation, rule: DeadlineRule | None) -> dict[str, Any]:
    """How the duty was counted when it was opened; a quarter is the one its start lies in."""
    quarters = duty.unit is TimeUnit.QUARTER
    return {
        "opens_on": duty.trigger,
        "opens_on_term": in_words(duty.trigger),
        "starts": rule.starts if rule else None,
        "starts_term": STARTS[rule.starts] if rule else None,
        "start_on": duty.start,
        "first_day_counted": None if quarters or duty.unit is None else False,
        "amount": duty.amount,
        "unit": duty.unit,
        "roll": duty.roll,
        "at_least": duty.at_least,
        "at_most": rule.at_most.model_dump() if rule and rule.at_most else None,
    }


def _place(recorded: Recorded) -> dict[str, Any]:
    """Which event, when it took effect and when it was known, where it stands, and whose it is."""
    event = recorded.event
    return {
        "event": event.name(),
        "topic": event.topic,
        "term": event.term,
        "version": event.originator_version,
        "position": recorded.position,
        "on": event.on,
        "recorded_at": event.recorded_at,
        "late_entry": event.envelope.late_entry,
        "officer": event.envelope.by.id,
        "role": event.envelope.by.role,
        "organ": event.envelope.by.organ,
    }


def _item(event: Event) -> dict[str, Any] | None:
    match event:
        case OpinionRequested(item=number, organ=organ):
            return {"number": number, "of": organ}
        case ObjectionRaised(objection=number, content=content):
            return {"number": number, "of": content}
    return None


def _count(duty: Obligation, calendar: WorkCalendar) -> dict[str, Any]:
    """One count of a duty, with the calendars it saw."""
    found = counted_again(
        start=duty.start,
        amount=duty.amount,
        unit=duty.unit,
        remainder=duty.remainder,
        roll=duty.roll,
        calendar=calendar.using(duty.calendars),
    )
    return {
        "start_on": duty.start,
        "due_on": duty.due_on,
        "provisional": duty.provisional,
        "calendars": [*duty.calendars],
        "generation": duty.generation,
        "derivation": derivation(found) if found else None,
    }


def _status(standing: Standing, at: datetime | None, now: datetime, *, called: bool) -> str:
    if called:
        return "called"
    if at is not None:
        return "to_come" if at > now else "not_recorded"  # its instant has come, no clock has
    if standing.state is State.SUSPENDED:
        return "held"
    unsettled = standing.live and standing.obligation.provisional
    return "unsettled" if unsettled else "off"


def _acknowledged(standing: Standing, level: int) -> bool | None:
    called = level <= standing.escalated
    return level not in standing.unacknowledged if called else None
