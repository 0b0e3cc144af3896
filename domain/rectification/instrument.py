"""What an instrument says of rectification: who, by which notice and talk, and what if it fails."""

from typing import Literal, Self

from pydantic import Field, StrictBool, model_validator

from domain.law.companions import Companion, Way
from domain.people import OrganKind
from domain.rectification.particulars import Blank, Gravity, Ground
from domain.values import Value


class Implementer(Value):
    """Who sends the notice; `kinds` empty where the source names no kind of organ."""

    label: str
    kinds: tuple[OrganKind, ...]
    article: str | None


class FormBlank(Value):
    id: Blank
    label: str


class NoticeForm(Value):
    """The form of the notice: blanks that must be filled, and those that hang on the addressee."""

    label: str
    required: tuple[FormBlank, ...] = Field(title="必填：")
    by_addressee: tuple[FormBlank, ...] = Field(title="视收件人填写：")
    article: str | None
    confirmed: StrictBool
    interpretation: str | None = Field(None, title="理解：")


class Talk(Value):
    """The talk that goes with the notice, and all that it must cover."""

    label: str
    contents: tuple[str, ...] = Field(title="须有：")
    article: str | None


class Consequence(Value):
    """A rung of what follows; `measures` null: the source names none, they are told in words.

    It opens on any ground of `after`, and only where the check also found what `needs` says.
    After the `last_resort` the matter may be closed, rectified or not.
    """

    id: str
    label: str
    after: tuple[Ground, ...] = Field(min_length=1)
    needs: Gravity | None
    measures: tuple[str, ...] | None = Field(title="措施：")
    last_resort: StrictBool
    article: str | None
    confirmed: StrictBool


class RectificationInstrument(Companion):
    """防错纠错与整改. Null where the source is silent: nothing is then required or ruled out."""

    kind: Literal["rectification"]
    by: Implementer | None = Field(title="实施机关")
    notice: NoticeForm | None = Field(title="通知")
    talk: Talk | None = Field(title="谈话")
    follow_up: tuple[Way, ...] | None = Field(title="跟踪问效")
    consequences: tuple[Consequence, ...] = Field(title="整改不到位的后果")

    @model_validator(mode="after")
    def _names_agree(self) -> Self:
        named: dict[str, list[str | None]] = {
            "follow_up": [each.id for each in self.follow_up or ()],
            "consequences": [each.id for each in self.consequences],
        }
        for what, ids in named.items():
            if None in ids:
                raise ValueError(f"{what} 的每一项都须有 id")
            if len({*ids}) < len(ids):
                raise ValueError(f"{what} 中有 id 写了不止一次")
        return self
