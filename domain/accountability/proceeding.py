"""The accountability proceeding, as far as tolerance needs it: opened, screened, decided.

It also keeps which tolerance case is open for whom, so that one subject of one matter has one.
"""

from datetime import date
from enum import StrEnum
from uuid import NAMESPACE_URL, UUID, uuid5

from domain.aggregate import Act, Aggregate, Event, Order
from domain.people import Organ, Subject
from domain.refusals import Code, Refusal


def proceeding_id(number: str) -> UUID:
    """The stream of a proceeding's number: one number opens one proceeding."""
    return uuid5(NAMESPACE_URL, f"urn:rongcuo:accountability:{number}")


class Screening(StrEnum):
    """Whether tolerance is to be considered (同步考虑的结果)."""

    TRIGGERED = "triggered"  # 应启动容错
    NOT_APPLICABLE = "not_applicable"  # 不适用容错


class AccountabilityOpened(Event, topic="accountability.opened.v1", term="启动问责程序"):
    """`number` names the proceeding; tolerance cases refer to the matter by this stream's id."""

    number: str
    organ: Organ
    subjects: tuple[Subject, ...]
    conduct_on: date | None = None
    handlers: tuple[str, ...] = ()
    screening_required: bool = False


class ToleranceScreened(Event, topic="accountability.screened.v1", term="同步考虑容错"):
    subject: str
    result: Screening
    explanation: str


class ToleranceReferred(Event, topic="accountability.tolerance-referred.v1", term="进入容错程序"):
    """From here on these subjects have an open tolerance case."""

    case_number: str
    subjects: tuple[str, ...]


class ToleranceReturned(Event, topic="accountability.tolerance-returned.v1", term="容错程序了结"):
    case_number: str


class AccountabilityDecided(Event, topic="accountability.decided.v1", term="问责决定"):
    """No person's outcome: only that the proceeding came to its decision, and when."""

    explanation: str


class OpenAccountability(Act, name="open_accountability", label="启动问责程序"):
    """启动问责程序: its opening starts the time in which tolerance may be applied for.

    `screening_required`: the instrument has the organ consider tolerance before it decides.
    """

    number: str
    organ: Organ
    subjects: tuple[Subject, ...]
    conduct_on: date | None = None
    handlers: tuple[str, ...] = ()
    screening_required: bool = False


class ScreenForTolerance(Act, name="screen_for_tolerance", label="同步考虑容错"):
    subject: str
    result: Screening
    explanation: str


class DecideAccountability(Act, name="decide_accountability", label="作出问责决定"):
    explanation: str


ACTS: tuple[type[Act], ...] = (OpenAccountability, ScreenForTolerance, DecideAccountability)


class AccountabilityProceeding(Aggregate):
    def __init__(self, id: UUID) -> None:
        super().__init__(id)
        self.opened: AccountabilityOpened | None = None
        self.screened: dict[str, Screening] = {}
        self.decided_on: date | None = None
        self.referred: dict[str, str] = {}  # subject → number of the open tolerance case

    def perform(self, act: Act, order: Order) -> None:
        """Take one act. Raises Refusal; nothing is then recorded."""
        getattr(self, act.name)(act, order)

    def open_accountability(self, act: OpenAccountability, order: Order) -> None:
        if self.opened is not None:
            raise Refusal(
                Code.ALREADY_DONE,
                asked=act.label,
                obstacle=f"问责事项 {act.number} 已于 {self.opened.on} 启动",
                way_out="无须重复办理；确为另一事项的，请另编号",
            )
        self.require_in_time(order, act.label)
        if act.conduct_on is not None and act.conduct_on > order.on:
            raise Refusal(
                Code.MALFORMED,
                asked=act.label,
                obstacle=f"行为发生之日 {act.conduct_on} 晚于启动之日 {order.on}",
                way_out="请核对 conduct_on",
            )
        self.record(AccountabilityOpened, order, **dict(act))

    def screen_for_tolerance(self, act: ScreenForTolerance, order: Order) -> None:
        opened = self._require_running(act, order)
        if act.subject not in {each.id for each in opened.subjects}:
            raise Refusal(
                Code.UNKNOWN_SUBJECT,
                asked=act.label,
                obstacle=f"{act.subject} 不是本事项的对象",
                way_out="本事项对象为 " + "、".join(each.id for each in opened.subjects),
            )
        self.record(ToleranceScreened, order, **dict(act))

    def decide_accountability(self, act: DecideAccountability, order: Order) -> None:
        opened = self._require_running(act, order)
        unscreened = [each.label for each in opened.subjects if each.id not in self.screened]
        if opened.screening_required and unscreened:
            raise Refusal(
                Code.NOT_SCREENED,
                asked=act.label,
                obstacle=f"对{'、'.join(unscreened)}没有同步考虑是否符合容错情形",
                way_out="请先同步考虑容错（screen_for_tolerance）",
            )
        self.record(AccountabilityDecided, order, **dict(act))

    def refer(self, case_number: str, subjects: tuple[Subject, ...], order: Order) -> None:
        """A tolerance case opens for these subjects. Refused where one is already open."""
        if self.opened is None:
            raise Refusal(
                Code.NO_MATTER,
                asked="进入容错程序",
                obstacle="所涉问责事项没有启动",
                way_out="请先登记启动问责程序，或核对事项编号",
            )
        taken = {
            each.label: self.referred[each.id] for each in subjects if each.id in self.referred
        }
        if taken:
            told = "、".join(f"{label}（{number}）" for label, number in taken.items())
            raise Refusal(
                Code.DUPLICATE,
                asked="进入容错程序",
                obstacle=f"同一事项已有在办的容错案件：{told}",
                way_out="请并入该案（attach_application 或 join_ex_officio）",
            )
        self.record(
            ToleranceReferred,
            order,
            case_number=case_number,
            subjects=tuple(each.id for each in subjects),
        )

    def take_back(self, case_number: str, order: Order) -> None:
        """The tolerance case is over; another may be opened on new facts."""
        if case_number in self.referred.values():
            self.record(ToleranceReturned, order, case_number=case_number)

    def evolve(self, event: Event) -> None:
        match event:
            case AccountabilityOpened():
                self.opened = event
            case ToleranceScreened(subject=subject, result=result):
                self.screened[subject] = result
            case AccountabilityDecided():
                self.decided_on = event.on
            case ToleranceReferred(case_number=number, subjects=subjects):
                self.referred |= dict.fromkeys(subjects, number)
            case ToleranceReturned(case_number=over):
                self.referred = {s: number for s, number in self.referred.items() if number != over}

    def _require_running(self, act: Act, order: Order) -> AccountabilityOpened:
        if self.opened is None:
            raise Refusal(
                Code.NO_MATTER,
                asked=act.label,
                obstacle="问责事项没有启动",
                way_out="请先启动问责程序",
            )
        if self.decided_on is not None:
            raise Refusal(
                Code.ALREADY_DONE,
                asked=act.label,
                obstacle=f"问责决定已于 {self.decided_on} 作出",
                way_out="决定有误的，请依职权纠正或申诉",
            )
        self.require_in_time(order, act.label)
        return self.opened
