"""What can happen in an inquiry, in procedural order."""

from datetime import date
from enum import StrEnum

from domain.aggregate import Event
from domain.law.deadline_rules import StartDate
from domain.papers import Document
from domain.staged import MatterOpened
from domain.values import Text, Value


class Recipient(StrEnum):
    """Whom an accepted explanation is answered to (函复的对象)."""

    CADRE = "cadre"  # 干部本人
    UNIT_PRINCIPAL = "unit_principal"  # 单位党组织主要负责人


class EarlierInquiry(Value):
    """Another inquiry of the same cadre, as the histories have it."""

    number: Text
    content_keys: tuple[Text, ...]
    opened_on: date


class InquiryOpened(MatterOpened, topic="inquiry.opened.v1", term="启动函询"):
    """`content_keys` say in keywords what is asked about; `petition` names what gave rise to it."""

    content_keys: tuple[str, ...]
    petition: str


class InquiryLetterSent(Event, topic="inquiry.letter-sent.v1", term="发函"):
    starts = ((StartDate.SENDING, "sent_on"),)

    sent_on: date
    copied_to_unit: bool
    letter: Document | None = None


class ExplanationReceived(Event, topic="inquiry.explanation-received.v1", term="收到说明"):
    """`countersigned`: the principal of the unit's party organization has signed it off."""

    aspects = ("countersigned",)
    starts = ((StartDate.RECEIPT, "received_on"),)

    received_on: date
    countersigned: bool
    document: Document | None = None

    def names(self) -> frozenset[str]:
        signed = {f"{self.name()}:countersigned"} if self.countersigned else set()
        return super().names() | signed


class SupplementRequested(Event, topic="inquiry.supplement-requested.v1", term="要求补充说明"):
    explanation: str


class ExplanationAccepted(Event, topic="inquiry.explanation-accepted.v1", term="采信了结"):
    explanation: str


class InquiryAnswered(Event, topic="inquiry.answered.v1", term="函复"):
    """`complete`: with this one, everybody who must be answered has been."""

    aspects = ("complete",)

    recipient: Recipient
    complete: bool
    letter: Document | None = None

    def names(self) -> frozenset[str]:
        return super().names() | ({f"{self.name()}:complete"} if self.complete else set())


class FurtherTaken(Event, topic="inquiry.further-taken.v1", term="转其他处置"):
    """`label` says the way as the instrument had it on the day."""

    way: str
    label: str
    explanation: str


class InquiryClosed(Event, topic="inquiry.closed.v1", term="函询了结"):
    pass
