"""The accountability proceeding, as far as tolerance needs it: opened when, by whom, on whom."""

from typing import ClassVar
from uuid import NAMESPACE_URL, UUID, uuid5

from domain.aggregate import Act, Aggregate, Event, Order
from domain.people import Organ, Subject
from domain.refusals import Code, Refusal


def proceeding_id(number: str) -> UUID:
    """The stream of a proceeding's number: one number opens one proceeding."""
    return uuid5(NAMESPACE_URL, f"urn:rongcuo:accountability:{number}")


class AccountabilityOpened(Event, topic="accountability.opened.v1", term="启动问责程序"):
    """`number` names the proceeding; tolerance cases refer to the matter by this stream's id."""

    number: str
    organ: Organ
    subjects: tuple[Subject, ...]


class OpenAccountability(Act):
    """启动问责程序: its opening starts the time in which tolerance may be applied for."""

    name: ClassVar[str] = "open_accountability"
    label: ClassVar[str] = "启动问责程序"

    number: str
    organ: Organ
    subjects: tuple[Subject, ...]


class AccountabilityProceeding(Aggregate):
    def __init__(self, id: UUID) -> None:
        super().__init__(id)
        self.opened: AccountabilityOpened | None = None

    def open_accountability(self, act: OpenAccountability, order: Order) -> None:
        if self.opened is not None:
            raise Refusal(
                Code.ALREADY_DONE,
                asked=act.label,
                obstacle=f"问责事项 {act.number} 已于 {self.opened.on} 启动",
                way_out="无须重复办理；确为另一事项的，请另编号",
            )
        self.require_in_time(order, act.label)
        self.record(
            AccountabilityOpened,
            order,
            number=act.number,
            organ=act.organ,
            subjects=act.subjects,
        )

    def evolve(self, event: Event) -> None:
        match event:
            case AccountabilityOpened():
                self.opened = event
