"""What may be asked of a forwarding, in procedural order; no act has a field for text."""

from datetime import date

from pydantic import PositiveInt

from domain.aggregate import Act
from domain.forwarding.particulars import RegisterNumber
from domain.people import Organ
from domain.staged import OpenMatter


class OpenForwarding(OpenMatter, name="open_forwarding", label="登记上级事项"):
    """`subjects` and `links`, which every opening has, are refused here."""

    number: RegisterNumber
    received_on: date
    to: Organ
    pages: PositiveInt | None = None


class ReportUp(Act, name="report_up", label="转报上级"):
    forwarded_on: date
    dispatch_number: RegisterNumber | None = None


class RecordForwardingReceipt(Act, name="record_forwarding_receipt", label="登记上级签收"):
    received_on: date
    receipt_number: RegisterNumber | None = None
