"""What a protection instrument says: for what it protects, and to whom it has one recommended."""

from typing import Literal

from pydantic import Field, StrictBool

from domain.law.companions import Companion
from domain.protection.events import Addressee, Cause
from domain.values import Value


class Ground(Value):
    """For what a subject is protected."""

    cause: Cause
    label: str
    article: str | None
    confirmed: StrictBool
    interpretation: str | None = Field(None, title="理解：")


class Recommended(Value):
    to: Addressee
    label: str
    article: str | None


class ProtectionInstrument(Companion):
    kind: Literal["protection"]
    grounds: tuple[Ground, ...] = Field(title="受保护的缘由")
    recommended_to: tuple[Recommended, ...] = Field(title="向谁建议")
