"""What may be asked of an inquiry, in procedural order."""

from datetime import date

from domain.aggregate import Act, Explained
from domain.inquiry.events import EarlierInquiry, Recipient
from domain.papers import Document
from domain.staged import OpenMatter
from domain.values import Several, Text


class OpenInquiry(OpenMatter, name="open_inquiry", label="启动函询"):
    """One cadre. `vague`: what the petition says is not specific enough to be looked into.

    `earlier`: the inquiries this cadre has had, told by the office and not by the asker.
    """

    content_keys: Several
    petition: Text
    vague: bool
    earlier: tuple[EarlierInquiry, ...] = ()


class SendInquiryLetter(Act, name="send_inquiry_letter", label="发出函询通知"):
    sent_on: date
    copied_to_unit: bool = True
    letter: Document | None = None


class RecordExplanation(Act, name="record_explanation", label="登记书面说明"):
    received_on: date
    countersigned: bool
    document: Document | None = None


class RequestSupplement(Explained, name="request_supplement", label="要求补充说明"):
    """`explanation`: what is still missing."""


class AcceptExplanation(Explained, name="accept_explanation", label="采信说明"):
    """`explanation`: why what the cadre says is credible."""


class AnswerInquiry(Act, name="answer_inquiry", label="函复"):
    recipient: Recipient
    letter: Document | None = None


class TakeFurther(Explained, name="take_further", label="转其他处置"):
    """`way`: one of those the instrument names."""

    way: Text


class CloseInquiry(Act, name="close_inquiry", label="了结函询"):
    pass
