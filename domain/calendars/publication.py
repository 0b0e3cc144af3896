"""Publishing the working calendar: an edition is prepared by one person, released by another.

Then every open day it touches is counted anew. All years stand in one stream; which editions come
with the program is told from outside.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from uuid import NAMESPACE_URL, UUID, uuid5

from domain.aggregate import Act, Aggregate, Event, Order
from domain.law.calendar import CalendarEdition, WorkCalendar
from domain.people import SYSTEM, Officer
from domain.refusals import Code, Refusal
from domain.values import Value

CALENDAR_BOOK: UUID = uuid5(NAMESPACE_URL, "urn:rongcuo:calendars")  # the one stream


class HandlerDigest(Value):
    """What an edition has changed for those who answer for duties under one post of one organ.

    `duties` = `later` + `earlier` + `kept` + those whose day stays and only its rungs or its
    being 推定 change. `settled`: how many were 推定 and are no more.
    """

    organ: str
    responsible: str
    duties: int
    later: int
    earlier: int
    kept: int
    settled: int


class CalendarPrepared(Event, topic="calendar.prepared.v1", term="拟定日历"):
    edition: CalendarEdition


class CalendarReturned(Event, topic="calendar.returned.v1", term="退回日历"):
    edition: str
    explanation: str


class CalendarReleased(Event, topic="calendar.released.v1", term="发布日历"):
    """From here on every day is counted with it."""

    edition: CalendarEdition
    prepared_by: Officer


class CalendarApplied(Event, topic="calendar.applied.v1", term="期限重算完毕"):
    """Every open duty it touches has been counted anew."""

    edition: str
    looked_at: int  # matters
    digests: tuple[HandlerDigest, ...]


class PrepareCalendar(Act, name="prepare_calendar", label="拟定日历"):
    """`amends`: the year has an edition already, and this one takes its place.

    In the other acts and in the events `edition` is its name, e.g. 2027.1.
    """

    edition: CalendarEdition
    amends: bool


class ReturnCalendar(Act, name="return_calendar", label="退回日历"):
    edition: str
    explanation: str


class ReleaseCalendar(Act, name="release_calendar", label="发布日历"):
    edition: str


ACTS: tuple[type[Act], ...] = (PrepareCalendar, ReturnCalendar, ReleaseCalendar)


class EditionStage(StrEnum):
    PREPARED = "prepared"  # 待发布
    RETURNED = "returned"  # 已退回
    RELEASED = "released"  # 已发布，正在重算
    APPLIED = "applied"  # 已发布，重算完毕


@dataclass
class EditionFile:
    """Where one edition stands, with the events that brought it there."""

    prepared: CalendarPrepared
    stage: EditionStage = EditionStage.PREPARED
    returned: CalendarReturned | None = None
    released: CalendarReleased | None = None
    applied: CalendarApplied | None = None

    @property
    def edition(self) -> CalendarEdition:
        return self.prepared.edition


class CalendarBook(Aggregate):
    def __init__(self, id: UUID = CALENDAR_BOOK) -> None:
        super().__init__(id)
        self.files: dict[str, EditionFile] = {}

    def released(self) -> Iterator[CalendarEdition]:
        """The editions that hold."""
        return (each.edition for each in self.files.values() if each.released)

    def perform(self, act: Act, order: Order, calendar: WorkCalendar) -> None:
        """Take one act; `calendar` is the one in force. Raises Refusal, and records nothing."""
        self.require_in_time(order, act.label)
        getattr(self, act.name)(act, order, calendar)

    def prepare_calendar(self, act: PrepareCalendar, order: Order, calendar: WorkCalendar) -> None:
        """拟定: an edition not yet released may be prepared again, and the later draft counts."""
        edition = act.edition
        known = calendar.newest(edition.year)
        if act.amends and known is None:
            raise _refused(
                act,
                f"{edition.year} 年还没有放假通知，无从修改",
                "首次录入请用 rongcuo calendar publish",
            )
        if not act.amends and known is not None:
            raise _refused(
                act,
                f"{edition.year} 年已有第 {known.edition} 版",
                "通知有修改的，请把全年重新写明，用 rongcuo calendar amend",
            )
        self._require_next(act, edition, known)
        if edition.issued_on > order.on:
            raise Refusal(
                Code.DATE_IN_FUTURE,
                asked=act.label,
                obstacle=f"通知的落款日期 {edition.issued_on} 晚于 {order.on}",
                way_out="请核对 issued_on；通知尚未印发的，届时再录入",
            )
        off = {day for days in edition.holidays.values() for day in days}
        fixed = {each.on: each.why for each in calendar.fixed_by_law(edition.year)}
        if missing := [f"{why} {on}" for on, why in sorted(fixed.items()) if on not in off]:
            raise Refusal(
                Code.MALFORMED,
                asked=act.label,
                obstacle=f"法定的放假日没有列全：{'、'.join(missing)}",
                way_out="请对照通知补全全年各节",
                articles=("《全国年节及纪念日放假办法》第二条",),
            )
        self.record(CalendarPrepared, order, calendars=(edition.name,), edition=edition)

    def return_calendar(self, act: ReturnCalendar, order: Order, _: WorkCalendar) -> None:
        """退回: the draft is put aside; a new one may be prepared."""
        self._draft(act, act.edition)
        self.record(CalendarReturned, order, calendars=(act.edition,), **dict(act))

    def release_calendar(self, act: ReleaseCalendar, order: Order, calendar: WorkCalendar) -> None:
        """发布: by another person than the one who prepared it."""
        draft = self._draft(act, act.edition)
        preparer = draft.envelope.by
        if order.by.id == preparer.id:
            raise Refusal(
                Code.SAME_PERSON,
                asked=act.label,
                obstacle=f"日历 {act.edition} 由 {preparer.id} 拟定",
                way_out="请由另一人核对后发布",
            )
        self._require_next(act, draft.edition, calendar.newest(draft.edition.year))
        self.record(
            CalendarReleased,
            order,
            calendars=(act.edition,),
            edition=draft.edition,
            prepared_by=preparer,
        )

    def apply_edition(
        self, name: str, looked_at: int, digests: Iterable[HandlerDigest], order: Order
    ) -> bool:
        """Take down that all open days have been counted anew; False where that is known."""
        if self.files[name].stage is not EditionStage.RELEASED:
            return False
        self.record(
            CalendarApplied,
            order.model_copy(update={"by": SYSTEM, "causation_id": self.cause(name)}),
            calendars=(name,),
            edition=name,
            looked_at=looked_at,
            digests=tuple(digests),
        )
        return True

    def cause(self, name: str) -> str:
        """The event that released an edition, as other events name their cause."""
        released = self.files[name].released
        if released is None:
            raise LookupError(f"{name} has not been released")
        return f"{self.id}/{released.originator_version}"

    def evolve(self, event: Event) -> None:
        match event:
            case CalendarPrepared(edition=edition):
                self.files[edition.name] = EditionFile(event)
            case CalendarReturned(edition=name):
                self.files[name].stage, self.files[name].returned = EditionStage.RETURNED, event
            case CalendarReleased(edition=edition):
                file = self.files[edition.name]
                file.stage, file.released = EditionStage.RELEASED, event
            case CalendarApplied(edition=name):
                self.files[name].stage, self.files[name].applied = EditionStage.APPLIED, event

    def _draft(self, act: Act, name: str) -> CalendarPrepared:
        file = self.files.get(name)
        if file is not None and file.stage is EditionStage.PREPARED:
            return file.prepared
        if file is not None and file.released is not None:
            obstacle = f"日历 {name} 已于 {file.released.on} 发布"
            raise _refused(act, obstacle, "无须重复办理；有错的，请另拟下一版")
        raise Refusal(
            Code.STEP_MISSING,
            asked=act.label,
            obstacle=f"没有待发布的日历 {name}",
            way_out="请先用 rongcuo calendar publish 或 amend 拟定",
        )

    @staticmethod
    def _require_next(act: Act, edition: CalendarEdition, known: CalendarEdition | None) -> None:
        number = known.edition + 1 if known else 1
        if edition.edition != number:
            raise Refusal(
                Code.MALFORMED,
                asked=act.label,
                obstacle=f"{edition.year} 年下一版是第 {number} 版，写的是第 {edition.edition} 版",
                way_out=f"请把 edition 改为 {number}",
            )
        if known and edition.issued_on < known.issued_on:
            raise Refusal(
                Code.MALFORMED,
                asked=act.label,
                obstacle=f"落款日期 {edition.issued_on} 早于上一版的 {known.issued_on}",
                way_out="请核对 issued_on",
            )


def _refused(act: Act, obstacle: str, way_out: str) -> Refusal:
    return Refusal(Code.ALREADY_DONE, asked=act.label, obstacle=obstacle, way_out=way_out)
