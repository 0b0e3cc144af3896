"""The office: the only writer. Every official act and every call of the clock comes through here.

An act is: load, let the matter decide, save. Pages, programs, commands and clocks differ only in
how they ask.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from hashlib import sha256
from typing import Any, Protocol, TypeVar
from uuid import UUID

from eventsourcing.application import AggregateNotFoundError

from domain.accountability.acts import OpenAccountability
from domain.accountability.events import AccountabilityOpened
from domain.accountability.proceeding import AccountabilityProceeding, proceeding_id
from domain.aggregate import Act, Aggregate, Book, Event, Order, Request
from domain.calendars.publication import CALENDAR_BOOK, CalendarBook, HandlerDigest
from domain.evidence.heads import HEADS_BOOK, Heads, HeadsBook
from domain.identities import IDENTITIES, Identities
from domain.kinds import KINDS
from domain.law.calendar import WorkCalendar, civil_date
from domain.law.companions import Companion
from domain.law.rules import Rules
from domain.law.time_limits import TimeLimits
from domain.matter import Matter, matter_id
from domain.neighbours.links import require_links
from domain.neighbours.taking import told
from domain.obligations import ObligationRedated, moments
from domain.people import SYSTEM
from domain.refusals import Code, Refusal
from domain.registry import project
from domain.reporting.periods import REPORTING_BOOK, PeriodClosed, ReportingBook
from domain.reporting.reports import REPORTS, OnReports, PublishedReports
from domain.staged import OpenMatter
from domain.tolerance.acts import Opening, Repin
from domain.tolerance.case import ToleranceCase
from domain.tolerance.particulars import MatterAnswered
from domain.tolerance.state import case_id
from workflows.calendar_in_force import CalendarInForce
from workflows.clock import Clock
from workflows.contract import Called, Moment, Plan
from workflows.event_store import Command, EventStore, KeyTaken, Receipt, VersionConflict
from workflows.surroundings import Surroundings


class Rulebook(Protocol):
    """Where the office finds the rules of an instrument; both raise Refusal when there are none.

    Its calendar is that of the program; what was released in the store is laid over it here.
    """

    @property
    def calendar(self) -> WorkCalendar: ...

    def __call__(self, name: str) -> Rules:
        """The rules of an edition, or of an instrument's newest."""
        ...

    def limits(self, name: str) -> TimeLimits[Any]:
        """The rules of any instrument, a companion among them."""
        ...

    def for_matter(self, kind: str, name: str, opened_on: date) -> TimeLimits[Companion]:
        """The rules of the companion edition in force on the day a sibling matter opens."""
        ...

    def for_case(
        self, name: str, *, conduct_on: date | None, accountability_on: date, applied_on: date
    ) -> Rules:
        """The rules of the edition that applies to a case that begins now."""
        ...


AggregateT = TypeVar("AggregateT", bound=Aggregate)
Limits = TypeVar("Limits", bound=TimeLimits[Any])
ACCOUNTABILITY = "accountability_generic"  # where a proceeding names no instrument
NOT_ASKED = {"key", "now", "correlation_id", "causation_id"}  # may differ when asked again
ATTEMPTS = 8  # reloads after somebody else's act on the same matter came first


class Office:
    def __init__(self, store: EventStore, rulebook: Rulebook, clock: Clock) -> None:
        self._store = store
        self._rulebook = rulebook
        self._clock = clock
        self._released = CalendarInForce(store)

    def open_accountability(
        self, act: OpenAccountability, request: Request, instrument: str = ACCOUNTABILITY
    ) -> Receipt:
        """启动问责程序. Raises Refusal; the receipt says where it was stored."""
        return self.open_matter(act, request, instrument)

    def open_matter(self, act: OpenMatter, request: Request, instrument: str) -> Receipt:
        """Begin a sibling matter under the edition of its instrument in force on that day.

        Raises Refusal.
        """
        kind = next(each for each in KINDS.values() if isinstance(act, each.opening))
        name = kind.matter.kind
        self._rulebook.limits(instrument)  # one nobody knows is refused before anything else

        def take(matter: Matter, order: Order) -> Sequence[Aggregate]:
            rules = self._rulebook.for_matter(name, instrument, order.on)
            return self._taken(matter, act, order, self._today(rules))

        matter = matter_id(name, act.number)
        return self._once(request, act, matter, kind.matter, take, policy=instrument)

    def open_case(self, act: Opening, request: Request, policy: str) -> Receipt:
        """Begin a case on either track, under the edition of an instrument that applies to it.

        What is said of the proceeding is taken from its own history, not from the asker.
        """
        self._rulebook(policy)  # an instrument nobody knows is refused before anything else

        def take(case: ToleranceCase, order: Order) -> Sequence[Aggregate]:
            proceeding = self._load(act.matter.id, AccountabilityProceeding)
            complete = act
            if proceeding.opened is not None:
                matter = _told(proceeding, proceeding.opened)
                complete = act.model_copy(update={"matter": matter})
            rules = self._rulebook.for_case(
                policy,
                conduct_on=complete.matter.conduct_on,
                accountability_on=complete.matter.opened_on,
                applied_on=order.on,
            )
            return self._taken(case, complete, order, self._today(rules))

        return self._once(
            request, act, case_id(act.case_number), ToleranceCase, take, policy=policy
        )

    def perform(
        self, matter_id: UUID, act: Act, request: Request, *, expected_version: int | None = None
    ) -> Receipt:
        """Take one act on a matter of any kind, under the edition the matter stands on.

        Raises Refusal; `expected_version` is refused as stale when the matter has moved on.
        """

        def take(matter: Matter, order: Order) -> Sequence[Aggregate]:
            if expected_version is not None and matter.version != expected_version:
                raise Refusal(
                    Code.STALE_VERSION,
                    asked=act.label,
                    obstacle=f"所据为第 {expected_version} 版，本案已到第 {matter.version} 版",
                    way_out="请重新打开本案，看过新的情况后再办",
                )
            edition = act.policy if isinstance(act, Repin) else matter.policy
            return self._taken(matter, act, order, self._rules(edition))

        return self._once(request, act, matter_id, None, take)

    def call_time(self, matter_id: UUID, key: str) -> Called:
        """A clock says that a moment has come. Calling twice, late or in vain does no harm.

        The moment's key with its generation and rung is the command key, so that a repeated call
        finds its own record.
        """
        now = self._clock.now()
        order = Order(key=f"time:{matter_id}:{key}", by=SYSTEM, on=civil_date(now), now=now)
        for _ in range(ATTEMPTS):
            matter = self.matter(matter_id)
            recorded = matter.call_time(key, order, self._rules(matter.policy))
            if recorded:
                others = self._moved_by(matter, order)
                try:
                    self._store.save(matter, *others, command=_command(order, matter_id))
                except VersionConflict:
                    continue
                except KeyTaken:
                    return Called(recorded=False, plan=self.plan(matter_id))
            return Called(recorded=recorded, plan=self._plan(matter))
        raise _busy("办理到期事项")

    def on_calendar(self, act: Act, request: Request) -> Receipt:
        """Prepare, return or release an edition of the calendar. Raises Refusal."""

        def take(book: CalendarBook, order: Order) -> Sequence[Aggregate]:
            book.perform(act, order, self.calendar())
            return ()

        return self._once(request, act, CALENDAR_BOOK, CalendarBook, take)

    def on_reports(self, act: OnReports, request: Request) -> Receipt:
        """Take one act on a statistical report, from its draft to its approval above.

        Raises Refusal.
        """

        def take(book: PublishedReports, order: Order) -> Sequence[Aggregate]:
            book.perform(act, order)
            return ()

        return self._once(request, act, REPORTS, PublishedReports, take)

    def on_identities(self, act: Act, request: Request) -> Receipt:
        """Merge two numbers of one person. Raises Refusal."""
        return self._on_book(IDENTITIES, Identities, act, request)

    def calendar(self) -> WorkCalendar:
        """The calendar in force: what the program brings, and what was released here."""
        return self._released.over(self._rulebook.calendar)

    def calendar_applied(
        self, edition: str, looked_at: int, digests: Sequence[HandlerDigest]
    ) -> bool:
        """Take down that a released edition has reached every open day; False when it was known."""

        def decide(book: CalendarBook, order: Order) -> None:
            book.apply_edition(edition, looked_at, digests, order)

        return bool(
            self._of_itself(
                "记下期限重算完毕", CALENDAR_BOOK, CalendarBook, f"applied:{edition}", decide
            )
        )

    def redate(self, matter_id: UUID, edition: str | None = None) -> tuple[ObligationRedated, ...]:
        """Count the open days of a matter anew by the calendar as it is now; what has changed.

        `edition`: the released one that is the cause; null when the program brought it. A day that
        has already been moved stays as it is, so that asking again does no harm.
        """
        cause = self._load(CALENDAR_BOOK, CalendarBook).cause(edition) if edition else None

        def decide(matter: Matter, order: Order) -> None:
            because = order.model_copy(update={"causation_id": cause})
            matter.redate(because, self._rules(matter.policy), edition)

        key = f"redate:{matter_id}:{{version}}"
        decided = self._of_itself("重算期限", matter_id, None, key, decide)
        return tuple(each for each in decided if isinstance(each, ObligationRedated))

    def close_periods(self, delay: int = 0) -> tuple[PeriodClosed, ...]:
        """Close the reporting periods whose day has come; asking again closes nothing twice.

        They begin with the one in which the first event of the log took effect.
        """
        since, today = self._store.first_day(), civil_date(self._clock.now())
        if since is None:
            return ()

        def decide(book: ReportingBook, order: Order) -> None:
            book.close(since, self._store.end(), delay, order)

        key = f"close:{today}:{{version}}"
        decided = self._of_itself("统计期关账", REPORTING_BOOK, ReportingBook, key, decide)
        return tuple(each for each in decided if isinstance(each, PeriodClosed))

    def take_heads(self, heads: Heads) -> bool:
        """Take down a heads tree; False where one of at least its size is there already."""

        def decide(book: HeadsBook, order: Order) -> None:
            book.take(heads, order)

        key = "heads:{version}"
        return bool(self._of_itself("取卷头树", HEADS_BOOK, HeadsBook, key, decide))

    def matter(self, matter_id: UUID) -> Matter:
        """A matter of any kind as it stands now. Raises Refusal when there is none."""
        return self._any(matter_id, "查看案件")

    def case(self, matter_id: UUID) -> ToleranceCase:
        """The tolerance case as it stands now. Raises Refusal when there is none."""
        case = self.matter(matter_id)
        if not isinstance(case, ToleranceCase):
            raise _not_found("查看案件")
        return case

    def proceeding(self, number: str) -> AccountabilityProceeding:
        return self._load(proceeding_id(number), AccountabilityProceeding)

    def plan(self, matter_id: UUID) -> Plan:
        return self._plan(self.matter(matter_id))

    def _on_book(self, id: UUID, kind: type[Book], act: Act, request: Request) -> Receipt:
        def take(book: Book, order: Order) -> Sequence[Aggregate]:
            book.perform(act, order)
            return ()

        return self._once(request, act, id, kind, take)

    def _of_itself(
        self,
        asked: str,
        matter_id: UUID,
        kind: type[AggregateT] | None,
        key: str,
        decide: Callable[[Any, Order], None],
    ) -> tuple[Event, ...]:
        """Store what the system decides without being asked; decided anew when others came first.

        `{version}` in the key is the matter's: what is decided on another state is another command.
        """
        now = self._clock.now()
        for _ in range(ATTEMPTS):
            matter = self._load(matter_id, kind) if kind else self._any(matter_id, asked)
            key_now = key.format(version=matter.version)
            order = Order(key=key_now, by=SYSTEM, on=civil_date(now), now=now)
            decide(matter, order)
            decided = matter.pending
            if decided:
                try:
                    self._store.save(matter, command=_command(order, matter_id))
                except (VersionConflict, KeyTaken):
                    continue
            return decided
        raise _busy(asked)

    def _rules(self, name: str) -> TimeLimits[Any]:
        return self._today(self._rulebook.limits(name))

    def _today(self, rules: Limits) -> Limits:
        """The same rules with the calendar in force."""
        return replace(rules, calendar=self._released.over(rules.calendar))

    def _plan(self, case: Matter) -> Plan:
        return Plan(
            matter_id=str(case.id),
            version=case.version,
            moments=tuple(Moment(key=each.key, at=each.at) for each in moments(case.obligations)),
            ahead=self._clock.ahead,
            jump=self._clock.jump,
        )

    def _taken(
        self, matter: Matter, act: Act, order: Order, rules: TimeLimits[Any]
    ) -> Sequence[Aggregate]:
        """The act taken, with what other matters know of it; the others it has moved."""
        around = self._around(matter)
        require_links(act, around.look)
        matter.perform(told(act, around.look), order, rules)
        return around.moved_by(order)

    def _around(self, matter: Matter) -> Surroundings:
        return Surroundings(matter, self._load, self._rules, self._opened_under)

    def _moved_by(self, matter: Matter, order: Order) -> Sequence[Aggregate]:
        return self._around(matter).moved_by(order)

    def _opened_under(self, kind: str, name: str, on: date) -> TimeLimits[Any]:
        return self._today(self._rulebook.for_matter(kind, name, on))

    def _load(self, matter_id: UUID, kind: type[AggregateT]) -> AggregateT:
        try:
            return self._store.repository.get(matter_id, projector_func=kind.project)
        except AggregateNotFoundError:
            return kind(matter_id)

    def _any(self, matter_id: UUID, asked: str) -> Matter:
        """The matter of whatever kind its first event opened. Raises Refusal where none did."""
        try:
            matter = self._store.repository.get(matter_id, projector_func=project)
        except AggregateNotFoundError:
            raise _not_found(asked) from None
        if not isinstance(matter, Matter):  # the books of calendars, periods and reports
            raise _not_found(asked)
        return matter

    def _once(
        self,
        request: Request,
        act: Act,
        matter_id: UUID,
        kind: type[AggregateT] | None,
        take: Callable[[Any, Order], Sequence[Aggregate]],
        *,
        policy: str | None = None,
    ) -> Receipt:
        """Load, decide, save; under one key only once, however often and by however many asked.

        `kind` null: that of the matter on file. `take` answers with the other matters that the act
        has moved: all are stored or none.
        """
        command = _command(request, matter_id, act, policy)
        for _ in range(ATTEMPTS):
            earlier = self._store.recorded(command.key)
            if earlier is not None:
                return _replay(earlier, command, act.label)
            matter = self._load(matter_id, kind) if kind else self._any(matter_id, act.label)
            seen = matter.version
            try:
                others = take(matter, Order(**{**dict(request), "now": self._clock.now()}))
            except Refusal:
                if self._store.version_of(matter_id) == seen:
                    raise
                continue  # what it was refused on is no more
            try:
                recordings = self._store.save(matter, *others, command=command)
            except (VersionConflict, KeyTaken):
                continue
            own = [each for each in recordings if each.domain_event.originator_id == matter_id]
            return Receipt(matter_id, matter.version, own[-1].notification.id)
        raise _busy(act.label)


def _told(proceeding: AccountabilityProceeding, opened: AccountabilityOpened) -> MatterAnswered:
    return MatterAnswered(
        id=proceeding.id,
        number=opened.number,
        opened_on=opened.on,
        organ=opened.organ,
        conduct_on=opened.conduct_on,
        decided_on=proceeding.decided_on,
        handlers=opened.handlers,
    )


def _command(
    request: Request, matter_id: UUID, act: Act | None = None, policy: str | None = None
) -> Command:
    """The key, and a hash over all that was asked. A call of the clock is its key alone."""
    asked = {
        "request": request.model_dump(mode="json", exclude=NOT_ASKED) if act else None,
        "matter": str(matter_id),
        "policy": policy,
        "act": {act.name: act.model_dump(mode="json")} if act else None,
    }
    return Command(request.key, sha256(json.dumps(asked, sort_keys=True).encode()).digest())


def _replay(earlier: tuple[bytes, Receipt], command: Command, asked: str) -> Receipt:
    request_hash, receipt = earlier
    if request_hash != command.request_hash:
        raise Refusal(
            Code.KEY_REUSED,
            asked=asked,
            obstacle=f"办理编号 {command.key} 已用于另一内容",
            way_out="同一件事请原样重发；另一件事请换新的编号",
        )
    return receipt


def _not_found(asked: str) -> Refusal:
    return Refusal(
        Code.CASE_NOT_FOUND,
        asked=asked,
        obstacle="没有这件案件或事项",
        way_out="请用 rongcuo matter list 核对编号；尚未登记的，请先登记",
    )


def _busy(asked: str) -> Refusal:
    return Refusal(
        Code.BUSY,
        asked=asked,
        obstacle="同一案件上同时办理的人过多",
        way_out="没有写入任何内容，请稍后原样重发",
    )
