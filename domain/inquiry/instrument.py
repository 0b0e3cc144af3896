"""What an instrument says of inquiries: when none is made, how it is explained and answered."""

from typing import Literal

from pydantic import Field, StrictBool

from domain.inquiry.events import Recipient
from domain.law.companions import Companion, Way
from domain.values import Value


class Barred(Value):
    """When no inquiry is made, and what may be done instead."""

    label: str
    instead: str | None = Field(title="可以改为")
    article: str | None
    confirmed: StrictBool


class Countersigning(Value):
    """The explanation is signed off by someone before it counts."""

    label: str
    article: str | None
    confirmed: StrictBool


class Answered(Value):
    """Somebody to whom an accepted explanation must be answered."""

    recipient: Recipient
    label: str
    article: str | None


class InquiryInstrument(Companion):
    """函询: `further` are the ways of going on when the explanation is not credible."""

    kind: Literal["inquiry"]
    vague: Barred | None = Field(title="不作函询的")
    repeated: Barred | None = Field(title="不再函询的")
    copied_to: Way | None = Field(title="函询通知抄送")
    countersigning: Countersigning | None = Field(title="书面说明")
    accepted: Way | None = Field(title="说明可信的")
    answered_to: tuple[Answered, ...] = Field(title="函复")
    further: tuple[Way, ...] = Field(title="说明不可信的")
