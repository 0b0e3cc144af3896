"""What can happen in a rectification, in procedural order."""

from datetime import date

from domain.aggregate import Event
from domain.law.deadline_rules import StartDate
from domain.papers import Document
from domain.people import Organ
from domain.rectification.particulars import CheckResult
from domain.staged import MatterOpened


class NoticeSent(MatterOpened, topic="rectification.notice-sent.v1", term="发送整改通知"):
    """To the subjects, or to a unit that is none, or to both."""

    aspects = ("with_plan",)
    starts = ((StartDate.SENDING, "sent_on"),)

    unit: Organ | None = None
    found_on: date | None = None
    occasion: str | None = None
    work: str | None = None
    problems: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    plan_due_on: date | None = None
    sent_on: date

    def names(self) -> frozenset[str]:
        with_plan = {f"{self.name()}:with_plan"} if self.plan_due_on else set()
        return super().names() | with_plan


class TalkHeld(Event, topic="rectification.talk-held.v1", term="谈话教育"):
    subject: str
    talkers: tuple[str, ...]
    covered: tuple[str, ...]
    summary: str


class PlanSubmitted(Event, topic="rectification.plan-submitted.v1", term="报送整改方案"):
    summary: str
    document: Document | None = None


class RectificationReported(Event, topic="rectification.reported.v1", term="报告整改情况"):
    """`done`: numbers of the items put right, from 1."""

    done: tuple[int, ...] = ()
    summary: str
    documents: tuple[Document, ...] = ()


class RectificationChecked(Event, topic="rectification.checked.v1", term="检查整改情况"):
    """`lacking`: numbers of the items that fall short, empty for all of them."""

    aspects = tuple(CheckResult)

    result: CheckResult
    checkers: tuple[str, ...]
    lacking: tuple[int, ...] = ()
    effect_continues: bool = False
    grave_result: bool = False
    explanation: str

    def names(self) -> frozenset[str]:
        return super().names() | {f"{self.name()}:{self.result}"}


class SameErrorRecurred(Event, topic="rectification.same-error-recurred.v1", term="同一错误再犯"):
    subject: str | None = None
    explanation: str


class RectificationFollowedUp(Event, topic="rectification.followed-up.v1", term="跟踪问效"):
    """`called` is what the instrument calls the way."""

    way: str
    called: str
    summary: str


class RectificationEscalated(Event, topic="rectification.escalated.v1", term="从严处理"):
    """`because` is what the instrument says of the rung; without `subject` it is for all."""

    aspects = ("last_resort",)

    rung: str
    because: str
    last_resort: bool
    subject: str | None = None
    measures: tuple[str, ...]
    explanation: str

    def names(self) -> frozenset[str]:
        last = {f"{self.name()}:last_resort"} if self.last_resort else set()
        return super().names() | last


class RectificationClosed(Event, topic="rectification.closed.v1", term="整改了结"):
    pass


class NoticeWithdrawn(Event, topic="rectification.withdrawn.v1", term="撤回整改通知"):
    explanation: str
