"""What may be asked of an impact ledger, in procedural order."""

from datetime import date

from pydantic import PositiveInt

from domain.aggregate import Act, Explained
from domain.impact.particulars import Track
from domain.papers import Document
from domain.people import Organ
from domain.staged import OpenMatter
from domain.values import Text


class OpenLedger(OpenMatter, name="open_ledger", label="建立影响期台账"):
    """`number` is the person's id."""


class EnterSanction(Act, name="enter_sanction", label="登记处分处理"):
    """`sanction`: an id of the instrument's table for that track; `source`: the decision's number.

    `months` only where the law leaves a choice: a measure it merely bounds, or several violations
    judged at once, for which `deserved` names what each deserves. `restored_on`: for 留党察看.
    """

    track: Track
    sanction: Text
    effective_on: date
    decided_by: Text
    source: Text
    months: PositiveInt | None = None
    deserved: tuple[Text, ...] = ()
    restored_on: date | None = None


class RecordRestoration(Act, name="record_restoration", label="登记恢复党员权利"):
    item: PositiveInt
    restored_on: date


class WithdrawSanction(Explained, name="withdraw_sanction", label="撤销处分处理的登记"):
    """`decision`: the number of the decision that revoked or changed it."""

    item: PositiveInt
    decision: Text


class NotifyUsable(Act, name="notify_usable", label="告知可以重新使用"):
    to: Text
    document: Document | None = None


class NoteAccountability(Act, name="note_accountability", label="记载问责决定"):
    number: Text
    organ: Organ
    decided_on: date
    forms: tuple[Text, ...]


class WithdrawAccountability(Explained, name="withdraw_accountability", label="撤销问责记载"):
    number: Text


class NoteInquiry(Act, name="note_inquiry", label="记载函询"):
    number: Text
    content_keys: tuple[Text, ...]
    opened_on: date


class ReceiveReplyRequest(Act, name="receive_reply_request", label="登记组织部门来函"):
    asked_by: Text
    asked_on: date
    regarding: Text


class ReplyToPersonnelOrgan(Explained, name="reply_to_personnel_organ", label="复函组织部门"):
    """`item`: the request; `case`: an id of the instrument's cases; `corrected`: 自觉整改."""

    item: PositiveInt
    case: Text
    corrected: bool = False
    document: Document | None = None


class RecordAppointment(Act, name="record_appointment", label="记载任用"):
    appointed_on: date
    post: Text
    appointed_by: Text
