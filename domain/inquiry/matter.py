"""An inquiry: one cadre is asked once about one thing; a believed explanation is answered."""

from datetime import date
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from domain.aggregate import Act, Event, Order
from domain.guards import cited
from domain.inquiry import acts, events
from domain.inquiry.events import InquiryOpened, Recipient
from domain.inquiry.instrument import Answered, InquiryInstrument
from domain.law.time_limits import TimeLimits
from domain.people import SubjectKind
from domain.refusals import Code, Refusal
from domain.staged import Facts, Move, StagedMatter

Rules = TimeLimits[InquiryInstrument]


class Stage(StrEnum):
    OPENED = "opened"  # 待发函
    SENT = "sent"  # 已发函
    SUPPLEMENTING = "supplementing"  # 补充说明
    EXPLAINED = "explained"  # 已作说明
    ACCEPTED = "accepted"  # 待函复
    ANSWERED = "answered"  # 已函复
    FURTHER = "further"  # 已转其他处置
    CLOSED = "closed"  # 已了结


class Inquiry(StagedMatter):
    kind: ClassVar[str] = "inquiry"
    called: ClassVar[str] = "函询"
    STAGES: ClassVar[Any] = {
        Stage.OPENED: ("待发函", "请发出函询通知"),
        Stage.SENT: ("已发函", "请等待并登记书面说明"),
        Stage.SUPPLEMENTING: ("补充说明", "请等待并登记补充的说明"),
        Stage.EXPLAINED: ("已作说明", "请采信了结、要求补充说明，或者转其他处置"),
        Stage.ACCEPTED: ("待函复", "请函复后了结"),
        Stage.ANSWERED: ("已函复", "请了结函询"),
        Stage.FURTHER: ("已转其他处置", "请在所转的程序中办理"),
        Stage.CLOSED: ("已了结", "有新的问题，另行启动函询"),
    }
    OVER: ClassVar[Any] = frozenset({Stage.FURTHER, Stage.CLOSED})
    MOVES: ClassVar[Any] = {
        acts.OpenInquiry: Move(events.InquiryOpened, to=Stage.OPENED),
        acts.SendInquiryLetter: Move(events.InquiryLetterSent, at=(Stage.OPENED,), to=Stage.SENT),
        acts.RecordExplanation: Move(
            events.ExplanationReceived, at=(Stage.SENT, Stage.SUPPLEMENTING), to=Stage.EXPLAINED
        ),
        acts.RequestSupplement: Move(
            events.SupplementRequested, at=(Stage.EXPLAINED,), to=Stage.SUPPLEMENTING
        ),
        acts.AcceptExplanation: Move(
            events.ExplanationAccepted, at=(Stage.EXPLAINED,), to=Stage.ACCEPTED
        ),
        acts.AnswerInquiry: Move(
            events.InquiryAnswered,
            at=(Stage.ACCEPTED,),
            to=lambda event: Stage.ANSWERED if event.complete else None,
        ),
        acts.TakeFurther: Move(events.FurtherTaken, at=(Stage.EXPLAINED,), to=Stage.FURTHER),
        acts.CloseInquiry: Move(
            events.InquiryClosed, at=(Stage.ACCEPTED, Stage.ANSWERED), to=Stage.CLOSED
        ),
    }

    def __init__(self, id: UUID) -> None:
        super().__init__(id)
        self.opened: InquiryOpened | None = None
        self.sent_on: date | None = None
        self.countersigned = False  # the latest explanation
        self.answered: set[Recipient] = set()

    @property
    def content_keys(self) -> tuple[str, ...]:
        """What it asks about: by these a later inquiry is known to be the same or similar."""
        return self.opened.content_keys if self.opened else ()

    # ---- guards --------------------------------------------------------------------------------

    def open_inquiry(self, act: acts.OpenInquiry, _: Order, rules: Rules) -> None:
        if [each.kind for each in act.subjects] != [SubjectKind.CADRE]:
            raise Refusal(
                Code.MALFORMED,
                asked=act.label,
                obstacle="函询的对象须是一名干部",
                way_out="请一人一函；组织的问题用其他方式了解",
            )
        _require_specific(act, rules.instrument)
        _require_new(act, rules.instrument)

    def send_inquiry_letter(self, act: acts.SendInquiryLetter, order: Order, _: Rules) -> None:
        _require_day(act, "启动", self.opened.on if self.opened else None, act.sent_on, order.on)

    def record_explanation(self, act: acts.RecordExplanation, order: Order, _: Rules) -> None:
        _require_day(act, "发函", self.sent_on, act.received_on, order.on)

    def accept_explanation(self, act: acts.AcceptExplanation, _: Order, rules: Rules) -> None:
        required = rules.instrument.countersigning
        if required is not None and not self.countersigned:
            raise Refusal(
                Code.CO_SIGNATURE_MISSING,
                asked=act.label,
                obstacle=f"书面说明须{required.label}，这一份没有",
                way_out="请要求补充（request_supplement），签署后再登记",
                articles=cited(required.article),
            )

    def answer_inquiry(self, act: acts.AnswerInquiry, _: Order, rules: Rules) -> Facts:
        owed = {each.recipient for each in rules.instrument.answered_to}
        if act.recipient not in owed:
            self.refuse_unprovided(act, rules)
        if act.recipient in self.answered:
            raise Refusal(
                Code.ALREADY_DONE,
                asked=act.label,
                obstacle=f"已经函复{_labels(rules.instrument.answered_to, {act.recipient})}",
                way_out="无须重复函复；另一方请另行函复",
            )
        return {"complete": owed == {*self.answered, act.recipient}}

    def take_further(self, act: acts.TakeFurther, _: Order, rules: Rules) -> Facts:
        ways = {each.id: each for each in rules.instrument.further if each.id}
        if act.way not in ways:
            raise Refusal(
                Code.UNKNOWN_ITEM,
                asked=act.label,
                obstacle=f"{rules.instrument.name}没有 {act.way} 这种处置",
                way_out=f"可以写 {'、'.join(ways)}",
            )
        way = ways[act.way]
        return {"label": way.label, "articles": cited(way.article)}

    def close_inquiry(self, act: acts.CloseInquiry, _: Order, rules: Rules) -> None:
        owed = rules.instrument.answered_to
        missing = {each.recipient for each in owed} - self.answered
        if missing:
            raise Refusal(
                Code.NOT_NOTIFIED,
                asked=act.label,
                obstacle=f"还没有函复{_labels(owed, missing)}",
                way_out="请先函复（answer_inquiry）",
                articles=cited(*(each.article for each in owed)),
            )
        self.require_duties_done(act)

    # ---- the rest of the state table -----------------------------------------------------------

    def learn(self, event: Event) -> None:
        match event:
            case events.InquiryLetterSent(sent_on=sent_on):
                self.sent_on = sent_on
            case events.ExplanationReceived(countersigned=countersigned):
                self.countersigned = countersigned
            case events.InquiryAnswered(recipient=recipient):
                self.answered = {*self.answered, recipient}


def _require_specific(act: acts.OpenInquiry, instrument: InquiryInstrument) -> None:
    barred = instrument.vague
    if barred is not None and act.vague:
        raise Refusal(
            Code.PETITION_VAGUE,
            asked=act.label,
            obstacle=f"{barred.label}的，不作函询",
            way_out=f"可以改为{barred.instead}" if barred.instead else "请先弄清所反映的问题",
            articles=cited(barred.article),
        )


def _require_new(act: acts.OpenInquiry, instrument: InquiryInstrument) -> None:
    """相近: at least one keyword in common."""
    barred = instrument.repeated
    if barred is None:
        return
    for each in act.earlier:
        common = [key for key in act.content_keys if key in each.content_keys]
        if common:
            raise Refusal(
                Code.INQUIRY_REPEATED,
                asked=act.label,
                obstacle=f"{barred.label}的，不再函询：{each.opened_on} 已就"
                f"{'、'.join(common)}函询过（{each.number}）",
                way_out=f"可以改为{barred.instead}" if barred.instead else "请沿用前次函询的结果",
                articles=cited(barred.article),
            )


def _require_day(act: Act, since: str, earliest: date | None, day: date, latest: date) -> None:
    if earliest is not None and not earliest <= day <= latest:
        raise Refusal(
            Code.MALFORMED,
            asked=act.label,
            obstacle=f"所填之日 {day} 不在{since}之日 {earliest} 与 {latest} 之间",
            way_out="请核对日期",
        )


def _labels(answered: tuple[Answered, ...], of: set[Recipient]) -> str:
    return "、".join(each.label for each in answered if each.recipient in of)
