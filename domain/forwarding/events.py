"""What can happen when a matter of the superior organ is passed on, in procedural order.

No event has a field that could hold what the accusation says, or whom it is about.
"""

from datetime import date

from pydantic import PositiveInt

from domain.aggregate import Event
from domain.forwarding.particulars import RegisterNumber
from domain.law.deadline_rules import StartDate
from domain.people import Organ
from domain.staged import MatterOpened


class ForwardingOpened(MatterOpened, topic="forwarding.opened.v1", term="收到上级事项"):
    """`to`: the superior organ whose matter it is; `pages`: of the whole item, counted unread."""

    starts = ((StartDate.RECEIPT, "received_on"),)

    number: RegisterNumber
    subjects: tuple[()] = ()
    links: tuple[()] = ()
    received_on: date
    to: Organ
    pages: PositiveInt | None = None


class ReportedUp(Event, topic="forwarding.reported-up.v1", term="转报上级"):
    forwarded_on: date
    dispatch_number: RegisterNumber | None = None


class ReceiptRecorded(Event, topic="forwarding.receipt-recorded.v1", term="上级签收"):
    received_on: date
    receipt_number: RegisterNumber | None = None
