"""What an instrument says of matters that belong to the superior organ."""

from typing import Literal

from pydantic import Field

from domain.law.companions import Companion, Way


class ForwardingInstrument(Companion):
    """上级事项转送: `secrecy` is what forbids any content here."""

    kind: Literal["forwarding"]
    handling: tuple[Way, ...] = Field(title="怎样办理")
    secrecy: Way = Field(title="保密")
