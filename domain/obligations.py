"""Time limits as duties: opened, met, called and lapsed by events in the matter's own stream.

`settle` says which duties an act opens, meets or lapses; `moments` which instants must be waited
for; `call` what an instant that has come means. None of them reads a clock.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol

from domain.aggregate import Event
from domain.law.calendar import civil_date, start_of
from domain.law.deadline_rules import DeadlineRule, Qualifier
from domain.law.periods import TimeUnit
from domain.law.suspension import Remainder
from domain.people import Subject
from domain.values import Value


class Rung(Value):
    """One step of the escalation ladder and the day on which it is climbed."""

    level: int
    role: str
    on: date


class Obligation(Value):
    """A duty as it was opened or re-dated, with every date already computed.

    `due_on` is null for 及时 (no number). `generation` grows when the duty is re-dated, so that
    a moment called for the old date finds nothing to do. `subject` is null for duties of the case,
    `item` the number of the request or objection it answers. `remainder` is what was left when a
    suspension ended, counted from `start`.
    """

    id: str
    rule: str
    label: str
    article: str | None
    subject: str | None
    item: int | None = None
    responsible: str
    organ: str
    trigger: str
    start: date
    amount: int | None
    unit: TimeUnit | None
    roll: bool
    due_on: date | None
    calendars: tuple[str, ...]
    provisional: bool
    confirmed: bool
    qualifier: Qualifier
    blocks_closing: bool
    at_least: int = 1
    remainder: Remainder | None = None
    generation: int = 1
    reminders: tuple[date, ...] = ()
    escalation: tuple[Rung, ...] = ()


class ObligationEvent(Event):
    """Common to the life of a duty."""

    obligation_id: str


class ObligationOpened(Event, topic="obligation.opened.v1", term="期限起算"):
    obligation: Obligation


class ObligationCounted(ObligationEvent, topic="obligation.counted.v1", term="计次"):
    """One of the several times a duty asks for inside its window."""

    by: str
    count: int
    of: int


class ObligationMet(ObligationEvent, topic="obligation.met.v1", term="按期办结"):
    by: str  # name of the event that met it


class ObligationMetLate(ObligationEvent, topic="obligation.met-late.v1", term="逾期办结"):
    by: str
    due_on: date


class ObligationLapsed(ObligationEvent, topic="obligation.lapsed.v1", term="期限终止"):
    because: str


class ObligationReminded(ObligationEvent, topic="obligation.reminded.v1", term="催办"):
    rung: int
    due_on: date


class ObligationOverdue(ObligationEvent, topic="obligation.overdue.v1", term="逾期"):
    due_on: date


class ObligationEscalated(ObligationEvent, topic="obligation.escalated.v1", term="督办"):
    rung: int
    role: str
    due_on: date


class ObligationElapsed(ObligationEvent, topic="obligation.elapsed.v1", term="期满"):
    due_on: date


class ObligationSuspended(ObligationEvent, topic="obligation.suspended.v1", term="期限中止"):
    because: str
    remainder: Remainder | None  # null for a duty without a day


class ObligationResumed(ObligationEvent, topic="obligation.resumed.v1", term="期限恢复"):
    obligation: Obligation


class ObligationExtended(ObligationEvent, topic="obligation.extended.v1", term="期限延长"):
    obligation: Obligation
    was_due_on: date
    approved_by: str
    explanation: str


class ObligationRedated(ObligationEvent, topic="obligation.redated.v1", term="期限重算"):
    """Another edition of the calendar has come. `kept`: it would have moved the day earlier.

    `settled`: the day was 推定 and is no more. `cause` names the edition where it was released
    here; null where the program brought it.
    """

    obligation: Obligation
    was_due_on: date
    kept: bool
    settled: bool = False
    cause: str | None = None


class EscalationAcknowledged(ObligationEvent, topic="obligation.acknowledged.v1", term="督办确认"):
    """Whoever it was brought to has seen it, and says why it is so and what will be done."""

    rung: int
    role: str
    explanation: str


class ObligationWaived(ObligationEvent, topic="obligation.waived.v1", term="期限免除"):
    explanation: str


class State(StrEnum):
    OPEN = "open"  # 在办
    SUSPENDED = "suspended"  # 中止
    MET = "met"  # 按期
    MET_LATE = "met_late"  # 逾期办结
    LAPSED = "lapsed"  # 终止
    ELAPSED = "elapsed"  # 期满
    WAIVED = "waived"  # 免除


def is_past(qualifier: Qualifier, due_on: date | None, *, provisional: bool, on: date) -> bool:
    """Whether a duty's day has gone by on the day `on`: it is overdue if open, late if met then.

    A provisional date alone makes nothing late; a period elapses, an internal target is only
    aimed at; 及时 has no day.
    """
    if provisional or qualifier in (Qualifier.PERIOD, Qualifier.TARGET):
        return False
    return due_on is not None and on > due_on


@dataclass
class Standing:
    """Where one duty stands."""

    obligation: Obligation
    state: State = State.OPEN
    closed_on: date | None = None
    reminded: int = 0  # how many rungs have been called
    overdue: bool = False
    escalated: int = 0
    unacknowledged: list[int] = field(default_factory=list)  # rungs nobody has answered for
    counted: int = 0
    remainder: Remainder | None = None  # held while suspended
    extended: int = 0  # how often
    policy: str | None = None  # the edition it was opened under: its label and article are of that
    first_start: date = field(init=False)  # the cap on extensions runs from here
    running_since: date | None = field(init=False)  # null while suspended and once closed
    ran: list[tuple[date, date]] = field(init=False)  # stretches: after the one day, with the other

    def __post_init__(self) -> None:
        self.first_start = self.running_since = self.obligation.start
        self.ran = []

    @property
    def live(self) -> bool:
        return self.state in (State.OPEN, State.SUSPENDED)

    def stop(self, on: date) -> None:
        """The count stands still from here, if only for a while."""
        if self.running_since is not None:
            self.ran.append((self.running_since, max(on, self.running_since)))
            self.running_since = None

    def close(self, state: State, on: date) -> None:
        self.stop(on)
        self.state, self.closed_on = state, on

    def redate(self, obligation: Obligation) -> None:
        """The same duty with another day: what was called for the old one is called again."""
        self.obligation, self.state = obligation, State.OPEN
        self.reminded, self.overdue, self.escalated = 0, False, 0
        self.unacknowledged = []

    def follow(self, obligation: Obligation) -> None:
        """The day counted anew: what was called for a day that stands is not called again."""
        if obligation.due_on != self.obligation.due_on:
            self.redate(obligation)
        else:
            self.obligation = obligation

    def is_overdue(self, now: datetime) -> bool:
        """Past its day at `now`, whatever any clock has recorded."""
        duty = self.obligation
        past = is_past(
            duty.qualifier, duty.due_on, provisional=duty.provisional, on=civil_date(now)
        )
        return self.state is State.OPEN and past


class Moment(Value):
    """An instant to be waited for. The key names a duty, its generation and a rung: no person."""

    key: str
    at: datetime


class Opener(Protocol):
    """What `settle` needs of the rules: dates for a duty about to open."""

    def deadline_rules(self) -> tuple[DeadlineRule, ...]: ...

    def obligation(
        self,
        rule: DeadlineRule,
        *,
        id: str,
        subject: str | None,
        item: int | None = None,
        start: date,
        organ: str,
        stated: date | None = None,
    ) -> Obligation: ...

    def remainder(self, obligation: Obligation, on: date) -> Remainder | None: ...

    def resumed(
        self, obligation: Obligation, remainder: Remainder | None, on: date
    ) -> Obligation: ...


class ObligationBook:
    """All duties of one matter, in the order they were opened."""

    def __init__(self) -> None:
        self.standings: dict[str, Standing] = {}

    def __iter__(self) -> Iterator[Standing]:
        return iter(self.standings.values())

    def open(self) -> list[Standing]:
        return [each for each in self if each.state is State.OPEN]

    def live(self) -> list[Standing]:
        """Open or suspended: still to be done."""
        return [each for each in self if each.live]

    def evolve(self, event: Event) -> None:  # noqa: C901, PLR0912 (the state table)
        if isinstance(event, ObligationOpened):
            opened = Standing(event.obligation, policy=event.envelope.policy)
            self.standings[event.obligation.id] = opened
            return
        if not isinstance(event, ObligationEvent):
            return
        standing = self.standings[event.obligation_id]
        match event:
            case ObligationMet():
                standing.close(State.MET, event.on)
            case ObligationMetLate():
                standing.close(State.MET_LATE, event.on)
            case ObligationLapsed():
                standing.close(State.LAPSED, event.on)
            case ObligationElapsed():
                standing.close(State.ELAPSED, event.on)
            case ObligationCounted(count=count):
                standing.counted = count
            case ObligationSuspended(remainder=remainder):
                standing.stop(event.on)
                standing.state, standing.remainder = State.SUSPENDED, remainder
            case ObligationResumed(obligation=obligation):
                standing.redate(obligation)
                standing.running_since = event.on
            case ObligationRedated(obligation=obligation):
                standing.follow(obligation)
            case ObligationExtended(obligation=obligation):
                standing.redate(obligation)
                standing.extended += 1
            case ObligationReminded(rung=rung):
                standing.reminded = rung
            case ObligationOverdue():
                standing.overdue = True
            case ObligationEscalated(rung=rung):
                standing.escalated = rung
                standing.unacknowledged = [*standing.unacknowledged, rung]
            case EscalationAcknowledged(rung=rung):
                standing.unacknowledged = [e for e in standing.unacknowledged if e != rung]
            case ObligationWaived():
                standing.close(State.WAIVED, event.on)

    def next_id(self, rule: str) -> str:
        """`answer-1`, `answer-2`: numbered within the matter, so that ids name nobody."""
        taken = sum(1 for each in self if each.obligation.rule == rule)
        return f"{rule}-{taken + 1}"


Fact = tuple[type[Event], dict[str, Any]]


def settle(
    book: ObligationBook,
    event: Event,
    rules: Opener,
    subjects: Mapping[str, Subject],
    organ: str,
) -> Iterator[Fact]:
    """Say what one act means for the duties: met and lapsed ones first, then those it opens.

    Lazy on purpose: each fact is recorded before the next is asked for, so numbering holds.
    """
    item: int | None = getattr(event, "item", None)
    known = {rule.id for rule in rules.deadline_rules()}
    for standing in book.live():
        if standing.obligation.rule not in known:
            ended = {"obligation_id": standing.obligation.id, "because": event.name()}
            yield ObligationLapsed, ended  # the edition now relied on has no such limit
    for rule in rules.deadline_rules():
        for standing in book.live():
            if _concerns(standing.obligation, rule, event.about(), item):
                yield from _moved(standing, rule, event, rules)
    for rule in rules.deadline_rules():
        if rule.opens_on in event.names():
            for subject in _for_whom(rule, event.about(), subjects, book):
                if _applies(rule, subjects.get(subject or "")):
                    opened = rules.obligation(
                        rule,
                        id=book.next_id(rule.id),
                        subject=subject,
                        item=item if rule.per == "item" else None,
                        start=event.start(rule.starts),
                        organ=organ,
                        stated=getattr(event, rule.stated) if rule.stated else None,
                    )
                    yield ObligationOpened, {"obligation": opened}


def _moved(standing: Standing, rule: DeadlineRule, event: Event, rules: Opener) -> Iterator[Fact]:
    """What one event does to one duty of its own rule: at most one thing."""
    duty, names = standing.obligation, event.names()
    about = {"obligation_id": duty.id}
    if names & {*rule.met_by}:
        yield _met(standing, event)
    elif names & {*rule.lapses_on}:
        yield ObligationLapsed, {**about, "because": event.name()}
    elif names & {*rule.suspended_by} and standing.state is State.OPEN:
        if not _over(duty, event.on):
            held = {"because": event.name(), "remainder": rules.remainder(duty, event.on)}
            yield ObligationSuspended, {**about, **held}
    elif names & {*rule.resumed_by} and standing.state is State.SUSPENDED:
        resumed = rules.resumed(duty, standing.remainder, event.on)
        yield ObligationResumed, {**about, "obligation": resumed}


def _concerns(
    duty: Obligation, rule: DeadlineRule, about: tuple[str, ...], item: int | None
) -> bool:
    """Whether an event about this subject and this item touches that duty."""
    return (
        duty.rule == rule.id
        and (not about or duty.subject is None or duty.subject in about)
        and (duty.item is None or duty.item == item)
    )


def _met(standing: Standing, event: Event) -> Fact:
    duty, count = standing.obligation, standing.counted + 1
    facts = {"obligation_id": duty.id, "by": event.name()}
    if count < duty.at_least:
        return ObligationCounted, {**facts, "count": count, "of": duty.at_least}
    past = is_past(duty.qualifier, duty.due_on, provisional=duty.provisional, on=event.on)
    if past and standing.state is State.OPEN:  # while suspended no day goes by
        return ObligationMetLate, {**facts, "due_on": duty.due_on}
    return ObligationMet, facts


def _over(duty: Obligation, on: date) -> bool:
    """A day gone by stays gone by: there is nothing left to hold."""
    return duty.due_on is not None and on > duty.due_on


def _for_whom(
    rule: DeadlineRule,
    about: tuple[str, ...],
    subjects: Mapping[str, Subject],
    book: ObligationBook,
) -> Iterable[str | None]:
    if rule.per == "case":  # one at a time, however many subjects the event comes for
        return () if any(each.obligation.rule == rule.id for each in book.live()) else (None,)
    if rule.per == "item":
        return about or (None,)
    return about or tuple(subjects)


def _applies(rule: DeadlineRule, subject: Subject | None) -> bool:
    return rule.managed_by is None or (
        subject is not None and subject.managed_by == rule.managed_by
    )


def moments(book: ObligationBook) -> tuple[Moment, ...]:
    """Every instant still to be waited for, earliest first: the matter's whole clock plan."""
    waiting = [moment for standing in book.open() for moment, _ in _rungs(standing)]
    return tuple(sorted(waiting, key=lambda moment: (moment.at, moment.key)))


def call(book: ObligationBook, key: str, now: datetime) -> tuple[date, Fact] | None:
    """What a moment that has come means, and its day.

    None when the duty is met or re-dated, when the rung was called before, or when it is early.
    """
    for standing in book.open():
        for moment, fact in _rungs(standing):
            if moment.key == key and moment.at <= now:
                return civil_date(moment.at), fact
    return None


def _rungs(  # noqa: C901 (one line a kind of rung)
    standing: Standing,
) -> Iterator[tuple[Moment, Fact]]:
    """The rungs of one open duty that have not been called, each with the event it will be."""
    duty = standing.obligation
    if duty.due_on is None:
        return
    facts = {"obligation_id": duty.id, "due_on": duty.due_on}

    def rung(name: str, on: date, kind: type[Event], **more: Any) -> tuple[Moment, Fact]:
        key = f"{duty.id}:{duty.generation}:{name}"
        return Moment(key=key, at=start_of(on)), (kind, {**facts, **more})

    for number, on in enumerate(duty.reminders, start=1):
        if number > standing.reminded:
            yield rung(f"remind{number}", on, ObligationReminded, rung=number)
    if duty.provisional:  # nothing falls due on a date the State Council has not yet settled
        return
    if duty.qualifier is Qualifier.TARGET:
        return
    day_after = duty.due_on + timedelta(days=1)
    if duty.qualifier is Qualifier.PERIOD:
        yield rung("elapse", day_after, ObligationElapsed)
        return
    if not standing.overdue:
        yield rung("due", day_after, ObligationOverdue)
    for each in duty.escalation:
        if each.level > standing.escalated:
            yield rung(
                f"escalate{each.level}",
                each.on,
                ObligationEscalated,
                rung=each.level,
                role=each.role,
            )
