"""The office: the only writer. Every official act and every call of the clock comes through here.

An act is: load, let the matter decide, save. Pages, programs, commands and clocks differ only in
how they ask.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from hashlib import sha256
from typing import Protocol, TypeVar
from uuid import UUID

from eventsourcing.application import AggregateNotFoundError

from domain.accountability.proceeding import (
    AccountabilityOpened,
    AccountabilityProceeding,
    OpenAccountability,
    proceeding_id,
)
from domain.aggregate import Act, Aggregate, Event, Order, Request
from domain.calendars.publication import CALENDAR_BOOK, CalendarBook, HandlerDigest
from domain.law.calendar import WorkCalendar, civil_date
from domain.law.rules import Rules
from domain.obligations import ObligationRedated, moments
from domain.people import SYSTEM
from domain.refusals import Code, Refusal
from domain.reporting.periods import REPORTING_BOOK, PeriodClosed, ReportingBook
from domain.tolerance.acts import Opening, Repin
from domain.tolerance.case import ToleranceCase
from domain.tolerance.particulars import Matter as MatterTold
from domain.tolerance.state import case_id
from workflows.calendar_in_force import CalendarInForce
from workflows.clock import Clock
from workflows.contract import Called, Moment, Plan
from workflows.event_store import Command, EventStore, KeyTaken, Receipt, VersionConflict


class Rulebook(Protocol):
    """Where the office finds the rules of an instrument; both raise Refusal when there are none.

    Its calendar is that of the program; what was released in the store is laid over it here.
    """

    @property
    def calendar(self) -> WorkCalendar: ...

    def __call__(self, name: str) -> Rules:
        """The rules of an edition, or of an instrument's newest."""
        ...

    def for_case(
        self, name: str, *, conduct_on: date | None, accountability_on: date, applied_on: date
    ) -> Rules:
        """The rules of the edition that applies to a case that begins now."""
        ...


Matter = TypeVar("Matter", bound=Aggregate)
NOT_ASKED = {"key", "now", "correlation_id", "causation_id"}  # may differ when asked again
ATTEMPTS = 8  # reloads after somebody else's act on the same matter came first


class Office:
    def __init__(self, store: EventStore, rulebook: Rulebook, clock: Clock) -> None:
        self._store = store
        self._rulebook = rulebook
        self._clock = clock
        self._released = CalendarInForce(store)

    def open_accountability(self, act: OpenAccountability, request: Request) -> Receipt:
        """启动问责程序. Raises Refusal; the receipt says where it was stored."""
        return self.on_proceeding(act.number, act, request)

    def on_proceeding(self, number: str, act: Act, request: Request) -> Receipt:
        """Take one act on an accountability proceeding. Raises Refusal."""

        def take(proceeding: AccountabilityProceeding, order: Order) -> Sequence[Aggregate]:
            proceeding.perform(act, order)
            return ()

        return self._once(request, act, proceeding_id(number), AccountabilityProceeding, take)

    def open_case(self, act: Opening, request: Request, policy: str) -> Receipt:
        """Begin a case on either track, under the edition of an instrument that applies to it.

        What is said of the proceeding is taken from its own history, not from the asker.
        """
        self._rulebook(policy)  # an instrument nobody knows is refused before anything else

        def take(case: ToleranceCase, order: Order) -> Sequence[Aggregate]:
            proceeding = self._load(act.matter.id, AccountabilityProceeding)
            told = act
            if proceeding.opened is not None:
                matter = _told(proceeding, proceeding.opened)
                told = act.model_copy(update={"matter": matter})
            rules = self._rulebook.for_case(
                policy,
                conduct_on=told.matter.conduct_on,
                accountability_on=told.matter.opened_on,
                applied_on=order.on,
            )
            case.perform(told, order, self._today(rules))
            return self._referral(case, order, was_open=False)

        return self._once(
            request, act, case_id(act.case_number), ToleranceCase, take, policy=policy
        )

    def perform(
        self, matter_id: UUID, act: Act, request: Request, *, expected_version: int | None = None
    ) -> Receipt:
        """Take one act on a case, under the edition the case stands on.

        Raises Refusal; `expected_version` is refused as stale when the case has moved on.
        """

        def take(case: ToleranceCase, order: Order) -> Sequence[Aggregate]:
            if case.opened is None:
                raise _not_found(act.label)
            if expected_version is not None and case.version != expected_version:
                raise Refusal(
                    Code.STALE_VERSION,
                    asked=act.label,
                    obstacle=f"所据为第 {expected_version} 版，本案已到第 {case.version} 版",
                    way_out="请重新打开本案，看过新的情况后再办",
                )
            was_open = case.is_open
            edition = act.policy if isinstance(act, Repin) else case.policy
            case.perform(act, order, self._rules(edition))
            return self._referral(case, order, was_open=was_open)

        return self._once(request, act, matter_id, ToleranceCase, take)

    def call_time(self, matter_id: UUID, key: str) -> Called:
        """A clock says that a moment has come. Calling twice, late or in vain does no harm.

        The moment's key with its generation and rung is the command key, so that a repeated call
        finds its own record.
        """
        now = self._clock.now()
        order = Order(key=f"time:{matter_id}:{key}", by=SYSTEM, on=civil_date(now), now=now)
        for _ in range(ATTEMPTS):
            case = self.case(matter_id)
            recorded = case.call_time(key, order)
            if recorded:
                try:
                    self._store.save(case, command=_command(order, matter_id))
                except VersionConflict:
                    continue
                except KeyTaken:
                    return Called(recorded=False, plan=self.plan(matter_id))
            return Called(recorded=recorded, plan=self._plan(case))
        raise _busy("办理到期事项")

    def on_calendar(self, act: Act, request: Request) -> Receipt:
        """Prepare, return or release an edition of the calendar. Raises Refusal."""

        def take(book: CalendarBook, order: Order) -> Sequence[Aggregate]:
            book.perform(act, order, self.calendar())
            return ()

        return self._once(request, act, CALENDAR_BOOK, CalendarBook, take)

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
        """Count the open days of a case anew by the calendar as it is now; what has changed.

        `edition`: the released one that is the cause; null when the program brought it. A day that
        has already been moved stays as it is, so that asking again does no harm.
        """
        cause = self._load(CALENDAR_BOOK, CalendarBook).cause(edition) if edition else None

        def decide(case: ToleranceCase, order: Order) -> None:
            if case.opened is None:
                raise _not_found("查看案件")
            because = order.model_copy(update={"causation_id": cause})
            case.redate(because, self._rules(case.policy), edition)

        key = f"redate:{matter_id}:{{version}}"
        decided = self._of_itself("重算期限", matter_id, ToleranceCase, key, decide)
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

    def case(self, matter_id: UUID) -> ToleranceCase:
        """The case as it stands now. Raises Refusal when there is none."""
        case = self._load(matter_id, ToleranceCase)
        if case.opened is None:
            raise _not_found("查看案件")
        return case

    def proceeding(self, number: str) -> AccountabilityProceeding:
        return self._load(proceeding_id(number), AccountabilityProceeding)

    def plan(self, matter_id: UUID) -> Plan:
        return self._plan(self.case(matter_id))

    def _of_itself(
        self,
        asked: str,
        matter_id: UUID,
        kind: type[Matter],
        key: str,
        decide: Callable[[Matter, Order], None],
    ) -> tuple[Event, ...]:
        """Store what the system decides without being asked; decided anew when others came first.

        `{version}` in the key is the matter's: what is decided on another state is another command.
        """
        now = self._clock.now()
        for _ in range(ATTEMPTS):
            matter = self._load(matter_id, kind)
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

    def _rules(self, name: str) -> Rules:
        return self._today(self._rulebook(name))

    def _today(self, rules: Rules) -> Rules:
        """The same rules with the calendar in force."""
        return replace(rules, calendar=self._released.over(rules.calendar))

    def _plan(self, case: ToleranceCase) -> Plan:
        return Plan(
            matter_id=str(case.id),
            version=case.version,
            moments=tuple(Moment(key=each.key, at=each.at) for each in moments(case.obligations)),
            ahead=self._clock.ahead,
            jump=self._clock.jump,
        )

    def _referral(self, case: ToleranceCase, order: Order, *, was_open: bool) -> list[Aggregate]:
        """The proceeding as it moves when a case opens, ends or opens again; none otherwise."""
        if case.matter is None or case.is_open == was_open:
            return []
        proceeding = self._load(case.matter.id, AccountabilityProceeding)
        caused = order.model_copy(update={"by": SYSTEM, "authority": None, "reason": None})
        if case.is_open:
            proceeding.refer(case.case_number, tuple(case.subjects.values()), caused)
        else:
            proceeding.take_back(case.case_number, caused)
        return [proceeding] if proceeding.pending else []

    def _load(self, matter_id: UUID, kind: type[Matter]) -> Matter:
        try:
            return self._store.repository.get(matter_id, projector_func=kind.project)
        except AggregateNotFoundError:
            return kind(matter_id)

    def _once(
        self,
        request: Request,
        act: Act,
        matter_id: UUID,
        kind: type[Matter],
        take: Callable[[Matter, Order], Sequence[Aggregate]],
        *,
        policy: str | None = None,
    ) -> Receipt:
        """Load, decide, save; under one key only once, however often and by however many asked.

        `take` answers with the other matters that the act has moved: all are stored or none.
        """
        command = _command(request, matter_id, act, policy)
        for _ in range(ATTEMPTS):
            earlier = self._store.recorded(command.key)
            if earlier is not None:
                return _replay(earlier, command, act.label)
            matter = self._load(matter_id, kind)
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


def _told(proceeding: AccountabilityProceeding, opened: AccountabilityOpened) -> MatterTold:
    return MatterTold(
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
        obstacle="没有这件案件",
        way_out="请用 rongcuo case list 核对案号",
    )


def _busy(asked: str) -> Refusal:
    return Refusal(
        Code.BUSY,
        asked=asked,
        obstacle="同一案件上同时办理的人过多",
        way_out="没有写入任何内容，请稍后原样重发",
    )
