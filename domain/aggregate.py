"""What every matter stands on: acts decide and record, `evolve` alone changes state."""

from collections.abc import Iterable
from datetime import date
from typing import Any, ClassVar, Self
from uuid import UUID

from pydantic import AwareDatetime

from domain.law.calendar import civil_date
from domain.law.deadline_rules import StartDate
from domain.people import Officer
from domain.refusals import Code, Refusal
from domain.values import Text, Value


class Act(Value):
    """What is asked: the particulars of one official act.

    `name` is what programs write, and the matter has a method of that name; `label` completes
    「不能…」 in a refusal.
    """

    name: ClassVar[str]
    label: ClassVar[str]

    def __init_subclass__(
        cls, *, name: str | None = None, label: str | None = None, **kwargs: Any
    ) -> None:
        super().__init_subclass__(**kwargs)
        if name is not None and label is not None:
            cls.name, cls.label = name, label


class OfSubject(Act):
    """An act about one subject of the matter."""

    subject: str


class Explained(Act):
    """An act that must say why."""

    explanation: Text


class Request(Value):
    """What accompanies an act: who, on which day, on whose authority, under which key.

    `on` is the civil day (Asia/Shanghai) on which the act takes effect. A request made twice under
    one `key` is one request.
    """

    key: str
    by: Officer
    on: date
    authority: str | None = None  # 会议纪要或批准文号
    reason: str | None = None
    correlation_id: str | None = None
    causation_id: str | None = None


class Order(Request):
    """A request the office has taken in: `now` is the instant of recording, never the asker's."""

    now: AwareDatetime


class Envelope(Value):
    """What is known of every event: who, on what basis, under which editions, in answer to what."""

    by: Officer
    authority: str | None = None
    articles: tuple[str, ...] = ()
    reason: str | None = None
    key: str
    correlation_id: str
    causation_id: str | None = None
    policy: str | None = None  # edition of the instrument, e.g. wuyang_2017.1
    calendars: tuple[str, ...] = ()  # editions the dates in this event were computed with
    late_entry: bool = False  # 补录: recorded after the day it took effect


def unversioned(topic: str) -> str:
    """A stored name as packs, scenarios and readers write it: tolerance.accepted.v1 without v1."""
    return topic.rpartition(".")[0]


class Event(Value):
    """Something that happened. Stored for ever under `topic`, whatever becomes of the class.

    `on` is the civil day it took effect (deadlines use it), `recorded_at` the instant we knew.
    """

    topic: ClassVar[str]  # the stored name, e.g. tolerance.accepted.v1
    aspects: ClassVar[tuple[str, ...]] = ()  # what may follow the name after a colon
    starts: ClassVar[tuple[tuple[StartDate, str], ...]] = ()  # days a limit may run from: fields
    term: ClassVar[str]  # what officials call it, e.g. 受理

    originator_id: UUID
    originator_version: int
    on: date
    recorded_at: AwareDatetime
    envelope: Envelope

    def __init_subclass__(
        cls, *, topic: str | None = None, term: str | None = None, **kwargs: Any
    ) -> None:
        super().__init_subclass__(**kwargs)
        if topic is not None and term is not None:
            cls.topic, cls.term = topic, term

    @classmethod
    def name(cls) -> str:
        """The stored name without its version."""
        return unversioned(cls.topic)

    def names(self) -> frozenset[str]:
        """Every name a pack may know this event by: its own, and `name:aspect` where it has one."""
        return frozenset({self.name()})

    def about(self) -> tuple[str, ...]:
        """Ids of the subjects it concerns; empty for the whole matter."""
        subject: str | None = getattr(self, "subject", None)
        return (subject,) if subject is not None else ()

    def start(self, starts: StartDate) -> date:
        """The day from which a limit runs that this event opens."""
        day: date = getattr(self, dict(self.starts).get(starts, "on"))
        return day


class Aggregate:
    """A matter: folded from its events, asked to act, collecting what it decides.

    Guards stand in the acts and run once; `evolve` never judges, so that last year's matter opens
    under this year's rules.
    """

    def __init__(self, id: UUID) -> None:
        self.id = id
        self.version = 0
        self.last_on: date | None = None  # day of the latest official act
        self._pending: list[Event] = []

    @classmethod
    def project(cls, matter: Self | None, events: Iterable[Event]) -> Self | None:
        """Fold events into the matter they belong to; None when there are none."""
        for event in events:
            matter = matter or cls(event.originator_id)
            matter.apply(event)
        return matter

    def apply(self, event: Event) -> None:
        self.version = event.originator_version
        if not event.envelope.by.is_system:
            self.last_on = event.on
        self.evolve(event)

    def evolve(self, event: Event) -> None:
        """Change state, and nothing else: the whole state table of the matter."""
        raise NotImplementedError

    def record(
        self,
        kind: type[Event],
        order: Order,
        /,
        *,
        articles: tuple[str, ...] = (),
        policy: str | None = None,
        calendars: tuple[str, ...] = (),
        **facts: Any,
    ) -> None:
        """Take down one event with its facts, and let the state follow."""
        event = kind(
            originator_id=self.id,
            originator_version=self.version + 1,
            on=order.on,
            recorded_at=order.now,
            envelope=Envelope(
                by=order.by,
                authority=order.authority,
                articles=articles,
                reason=order.reason,
                key=order.key,
                correlation_id=order.correlation_id or order.key,
                causation_id=order.causation_id,
                policy=policy,
                calendars=calendars,
                late_entry=order.on < civil_date(order.now),
            ),
            **facts,
        )
        self._pending.append(event)
        self.apply(event)

    def collect_events(self) -> list[Event]:
        """Hand over what was decided and not yet stored."""
        pending, self._pending = self._pending, []
        return pending

    @property
    def pending(self) -> tuple[Event, ...]:
        return tuple(self._pending)

    def require_in_time(self, order: Order, to: str) -> None:
        """An act is dated no later than today and no earlier than the act before it."""
        require_dated(order, to, self.last_on)


def require_dated(order: Order, to: str, last_on: date | None) -> None:
    """Dated no later than today, and no earlier than the day of the act before it."""
    today = civil_date(order.now)
    if order.on > today:
        raise Refusal(
            Code.DATE_IN_FUTURE,
            asked=to,
            obstacle=f"所填日期 {order.on} 晚于今天 {today}",
            way_out="请改为实际办理之日；事情尚未发生的，届时再录入",
        )
    if last_on is not None and order.on < last_on:
        raise Refusal(
            Code.DATE_BEFORE_LAST_ACT,
            asked=to,
            obstacle=f"所填日期 {order.on} 早于本案上一行为的日期 {last_on}",
            way_out="请核对日期；补录须按先后顺序",
        )


class Book(Aggregate):
    """A stream of its own that stands beside the matters; its acts need no instrument's rules."""

    def perform(self, act: Act, order: Order) -> None:
        """Take one act. Raises Refusal, and records nothing."""
        self.require_in_time(order, act.label)
        getattr(self, act.name)(act, order)
