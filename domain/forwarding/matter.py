"""A matter of the superior organ: only that it came and that it was passed up is recorded."""

from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from domain.aggregate import Act, Event, Order
from domain.forwarding import acts, events
from domain.forwarding.events import ForwardingOpened
from domain.forwarding.instrument import ForwardingInstrument
from domain.guards import cited
from domain.law.time_limits import TimeLimits
from domain.people import OrganLevel
from domain.refusals import Code, Refusal
from domain.staged import Move, OpenMatter, StagedMatter

Rules = TimeLimits[ForwardingInstrument]
RISING = [OrganLevel.TOWNSHIP, OrganLevel.COUNTY, OrganLevel.PREFECTURE, OrganLevel.PROVINCE]


class Stage(StrEnum):
    RECEIVED = "received"  # 待转报
    REPORTED = "reported"  # 已转报
    RECEIPTED = "receipted"  # 上级已签收


class Forwarding(StagedMatter):
    kind: ClassVar[str] = "forwarding"
    called: ClassVar[str] = "上级事项转送"
    STAGES: ClassVar[Any] = {
        Stage.RECEIVED: ("待转报", "请转报上级"),
        Stage.REPORTED: ("已转报", "上级签收的，请登记签收"),
        Stage.RECEIPTED: ("上级已签收", "已经办结，无须再办"),
    }
    OVER: ClassVar[Any] = frozenset({Stage.REPORTED, Stage.RECEIPTED})
    MOVES: ClassVar[Any] = {
        acts.OpenForwarding: Move(events.ForwardingOpened, to=Stage.RECEIVED),
        acts.ReportUp: Move(events.ReportedUp, at=(Stage.RECEIVED,), to=Stage.REPORTED),
        acts.RecordForwardingReceipt: Move(
            events.ReceiptRecorded, at=(Stage.REPORTED,), to=Stage.RECEIPTED
        ),
    }

    def __init__(self, id: UUID) -> None:
        super().__init__(id)
        self.opened: ForwardingOpened | None = None
        self.forwarded_on: date | None = None

    def take(self, act: Act, order: Order, rules: Rules) -> None:
        """Whatever could say what the matter is about is refused before anything is looked at."""
        contents = [*self._contents(act, order)]
        if contents:
            secrecy = rules.instrument.secrecy
            raise Refusal(
                Code.CONTENT_NOT_ALLOWED,
                asked=act.label,
                obstacle=f"上级事项{secrecy.label}，这里不得有{'、'.join(contents)}",
                way_out="只登记收到、转报和签收，其余按保密规定另行办理",
                articles=cited(secrecy.article),
            )
        super().take(act, order, rules)

    def _contents(self, act: Act, order: Order) -> Iterator[str]:
        if order.reason is not None:
            yield "理由（reason）"
        if order.authority is not None:
            yield "批准文号（authority）"
        if isinstance(act, OpenMatter) and act.subjects:
            yield "对象（subjects）"
        if isinstance(act, OpenMatter) and act.links:
            yield "关联事项（links）"
        if type(act) not in self.MOVES:  # what every matter may be asked has words of its own
            yield "其他记载"

    # ---- guards --------------------------------------------------------------------------------

    def open_forwarding(self, act: acts.OpenForwarding, order: Order, rules: Rules) -> None:
        lower = RISING.index(act.to.level) < RISING.index(act.organ.level)
        if lower or act.to.id == act.organ.id:
            raise Refusal(
                Code.MALFORMED,
                asked=act.label,
                obstacle=f"{act.to.name}不是{act.organ.name}的上级",
                way_out="请核对 to；不属于上级的，按一般程序受理、移送",
                articles=cited(rules.instrument.article_for(ForwardingOpened.name())),
            )
        _require_day(act, None, act.received_on, order.on)

    def report_up(self, act: acts.ReportUp, order: Order, _: Rules) -> None:
        received_on = self.opened.received_on if self.opened else None
        _require_day(act, received_on, act.forwarded_on, order.on)

    def record_forwarding_receipt(
        self, act: acts.RecordForwardingReceipt, order: Order, _: Rules
    ) -> None:
        _require_day(act, self.forwarded_on, act.received_on, order.on)

    # ---- the rest of the state table -----------------------------------------------------------

    def learn(self, event: Event) -> None:
        match event:
            case events.ReportedUp(forwarded_on=forwarded_on):
                self.forwarded_on = forwarded_on


def _require_day(act: Act, earliest: date | None, day: date, latest: date) -> None:
    if day > latest or (earliest is not None and day < earliest):
        bounds = f"{earliest} 与 {latest} 之间" if earliest else f"{latest} 或者更早"
        raise Refusal(
            Code.MALFORMED,
            asked=act.label,
            obstacle=f"所填之日 {day} 不在 {bounds}",
            way_out="请核对日期",
        )
