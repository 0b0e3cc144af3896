"""What an accountability instrument says: situations, forms, what weighs heavier, what follows."""

from collections.abc import Iterator
from typing import Literal

from pydantic import Field, PositiveInt, StrictBool, model_validator

from domain.law.companions import Announcement, Companion, Form, Way
from domain.law.situations import Listed
from domain.people import SubjectKind
from domain.values import Value


class ScreeningRule(Value):
    """同步考虑容错: whether no one is held to account before it was done."""

    required: StrictBool = Field(title="作出决定前必须考虑：")
    article: str | None
    confirmed: StrictBool
    interpretation: str | None = None


class AuthorityRule(Value):
    """干部管理权限: who is managed by another organ is transferred to it before any decision."""

    label: str
    article: str | None
    confirmed: StrictBool
    interpretation: str | None = None


class ResponsibilityRule(Value):
    """Whether everyone's share must be told before they are held to account."""

    required: StrictBool = Field(title="问责前必须划分：")
    article: str | None
    confirmed: StrictBool


class Repeated(Value):
    """Held to account `times` times, this time among them: in a calendar year, or in months."""

    times: PositiveInt
    same_year: StrictBool = False
    months: PositiveInt | None = None

    @model_validator(mode="after")
    def _one_window(self) -> "Repeated":
        if self.same_year == (self.months is not None):
            raise ValueError("same_year 和 months 须写、且只写一个")
        return self


class Circumstance(Listed):
    """What weighs for or against a subject; `repeated_within`: it can be read off their ledger."""

    repeated_within: Repeated | None = None
    confirmed: StrictBool = True
    interpretation: str | None = None


class AccountabilityInstrument(Companion):
    """问责: in which situations, by which forms against unit and person, and what follows.

    `for_unit` and `for_person` go from the lightest form to the heaviest. An empty list leaves
    open what it would list; `publicity: null`: nothing is made public.
    """

    kind: Literal["accountability"]
    screening: ScreeningRule | None = Field(title="同步考虑容错")
    authority: AuthorityRule | None = Field(title="管理权限")
    responsibility: ResponsibilityRule | None = Field(title="领导责任的划分")
    situations: tuple[Listed, ...] = Field(title="应当问责的情形")
    for_unit: tuple[Form, ...] = Field(title="对单位的问责方式")
    for_person: tuple[Form, ...] = Field(title="对工作人员的问责方式")
    combinable: StrictBool | None = Field(title="可以合并使用")
    combinable_article: str | None
    sparing: tuple[Listed, ...] = Field(title="不予或者免予问责的情形")
    mitigating: tuple[Circumstance, ...] = Field(title="从轻减轻的情形")
    aggravating: tuple[Circumstance, ...] = Field(title="从重的情形")
    announcement: Announcement | None = Field(title="宣布")
    informed: tuple[Way, ...] = Field(title="通报和归档")
    self_criticism: tuple[Way, ...] = Field(title="检讨")
    publicity: Announcement | None = Field(title="公开")

    def forms_for(self, kind: SubjectKind) -> dict[str, Form]:
        """The forms against this kind of subject by id, from the lightest to the heaviest."""
        forms = self.for_person if kind is SubjectKind.CADRE else self.for_unit
        return {each.id: each for each in forms}

    def published(self, forms: tuple[str, ...]) -> bool:
        """Whether what is decided by these forms may be, and in general is, made public."""
        told = self.publicity
        return told is not None and (not told.of or not {*told.of}.isdisjoint(forms))

    @model_validator(mode="after")
    def _names_agree(self) -> "AccountabilityInstrument":
        faults = [*self._repeated(), *self._dangling()]
        if faults:
            raise ValueError("；".join(faults))
        return self

    def _repeated(self) -> Iterator[str]:
        weighing = (*self.sparing, *self.mitigating, *self.aggravating)
        named = {
            "情形": [each.id for each in (*self.situations, *weighing)],
            "对单位的问责方式": [each.id for each in self.for_unit],
            "对工作人员的问责方式": [each.id for each in self.for_person],
        }
        for what, names in named.items():
            for name in sorted({each for each in names if names.count(each) > 1}):
                yield f"{what} {name} 写了不止一次"

    def _dangling(self) -> Iterator[str]:
        forms = {each.id for each in (*self.for_unit, *self.for_person)}
        for told in (self.announcement, self.publicity):
            for name in told.of if told else ():
                if name not in forms:
                    yield f"of 指向问责方式 {name}，但 for_unit、for_person 中没有这一种"
