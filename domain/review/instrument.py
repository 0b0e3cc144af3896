"""What a review instrument says: remedies, who may not take part, what may not come of it."""

from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import Literal

from pydantic import Field, PositiveInt, StrictBool, model_validator

from domain.law.companions import Companion
from domain.law.periods import TimeUnit
from domain.people import SubjectKind
from domain.review.events import RemedyId, Ruling
from domain.values import Value


class Addressee(StrEnum):
    """Which organ looks at the decision again."""

    DECIDING = "deciding"  # 作出决定的机关
    SUPERIOR = "superior"  # 上级机关


class Addressed(Value):
    to: Addressee
    label: str
    article: str | None
    confirmed: StrictBool


class LodgeWithin(Value):
    """How long the subject has, from receipt of the decision."""

    label: str
    amount: PositiveInt
    unit: TimeUnit
    roll: StrictBool
    article: str | None
    confirmed: StrictBool


class Remedy(Value):
    """One way to have a decision looked at again; null where the source says nothing.

    `after`: the remedy whose decision this one is against.
    """

    id: RemedyId
    label: str
    article: str | None
    confirmed: StrictBool
    addressed: Addressed | None = Field(title="受理机关为")
    after: RemedyId | None
    lodge: LodgeWithin | None = Field(title="提出期限为")
    panel_at_least: PositiveInt | None = Field(title="复核人员不少于")


class Principle(Value):
    """What holds for every remedy of the instrument."""

    label: str
    article: str | None
    confirmed: StrictBool
    interpretation: str | None = Field(None, title="理解：")


class Permitted(Value):
    result: Ruling
    label: str
    article: str | None


class Severity(Value):
    """One form of handling, known by its label; a list of them goes from light to heavy."""

    label: str
    article: str | None
    confirmed: StrictBool


class ReviewInstrument(Companion):
    """申诉复核. `results: null` where the source does not say what may come of it."""

    kind: Literal["review"]
    remedies: tuple[Remedy, ...] = Field(title="救济途径")
    independence: Principle = Field(title="原办理人员不得参加")
    no_worse: Principle = Field(title="不得加重")
    execution: Principle | None = Field(title="不停止执行")
    results: tuple[Permitted, ...] | None = Field(title="复核结果")
    for_person: tuple[Severity, ...] = Field(title="对个人的处理，由轻到重")
    for_unit: tuple[Severity, ...] = Field(title="对组织的处理，由轻到重")
    restoration: Principle | None = Field(title="撤销后恢复")

    @model_validator(mode="after")
    def _names_agree(self) -> "ReviewInstrument":
        faults = [*self._faults()]
        if faults:
            raise ValueError("；".join(faults))
        return self

    def _faults(self) -> Iterator[str]:
        remedies: list[str] = [each.id for each in self.remedies]
        for what, names in (
            ("救济途径", remedies),
            ("对个人的处理", [each.label for each in self.for_person]),
            ("对组织的处理", [each.label for each in self.for_unit]),
        ):
            for name in sorted({each for each in names if names.count(each) > 1}):
                yield f"{what} {name} 写了不止一次"
        for each in self.remedies:
            if each.after is not None and each.after not in remedies:
                yield f"{each.id} 的 after 指向 {each.after}，但 remedies 中没有这一种"

    def remedy(self, id_: str) -> Remedy | None:
        return next((each for each in self.remedies if each.id == id_), None)

    def weight(self, forms: Sequence[str], of: SubjectKind) -> tuple[int, ...] | None:
        """How heavy several forms are together, to be compared; None where one is not listed.

        The heaviest decides, then the next: one form more is heavier than the same without it.
        """
        scale = self.for_unit if of is SubjectKind.ORGANIZATION else self.for_person
        places = {each.label: place for place, each in enumerate(scale)}
        if not forms or not places.keys() >= {*forms}:
            return None
        return tuple(sorted((places[form] for form in {*forms}), reverse=True))
