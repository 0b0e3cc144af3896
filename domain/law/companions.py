"""Measures issued beside a tolerance instrument (防错纠错, 问责): typed and shown, not yet run."""

from collections.abc import Iterator
from typing import Literal

from pydantic import PositiveInt, StrictBool, model_validator

from domain.law.deadline_rules import Qualifier, StartDate
from domain.law.periods import TimeUnit
from domain.law.policy import InForce, Jurisdiction
from domain.law.situations import Listed
from domain.values import Value


class Way(Value):
    """One thing to be done, and the clause that says so."""

    id: str | None = None
    label: str
    article: str | None


class TimeLimit(Value):
    """Something to be done within a time from the day named, which is not counted itself."""

    label: str
    contents: tuple[str, ...] = ()
    starts: StartDate
    amount: PositiveInt
    unit: TimeUnit
    article: str | None
    confirmed: StrictBool
    interpretation: str | None = None


class NoticeField(Value):
    """One blank of a form."""

    id: str
    label: str


class Notice(Value):
    """A paper that is sent, with the blanks of its form in their order."""

    label: str
    article: str | None
    fields: tuple[NoticeField, ...]


class MeasureRung(Value):
    """What follows when rectification fails: the graver the case, the higher the rung."""

    when: str
    measures: tuple[str, ...]
    article: str | None


class Form(Value):
    """A form of accountability (问责方式): when it is used, and what it may consist of."""

    id: str
    label: str
    when: str
    measures: tuple[str, ...] = ()
    article: str | None


class Announcement(Value):
    """How soon, or how generally, something is made known; `of`: of which forms, empty for all."""

    label: str
    of: tuple[str, ...] = ()
    qualifier: Qualifier
    article: str | None


class _Beside(Value):
    """What every such measure says of itself; `issued_with` is the tolerance instrument."""

    id: str
    edition: PositiveInt
    name: str
    document: str | None
    issuer: str
    source: str
    issued_with: str
    jurisdiction: Jurisdiction
    in_force: InForce
    blanks: tuple[str, ...]

    @property
    def reference(self) -> str:
        return f"{self.id}.{self.edition}"


class CorrectionMeasure(_Beside):
    """防错纠错: a notice to the cadre, a talk soon after, follow-up, and what comes if it fails."""

    kind: Literal["correction"]
    by: str
    notice: Notice
    talk: TimeLimit
    follow_up: tuple[Way, ...]
    ladder: tuple[MeasureRung, ...]


class AccountabilityMeasure(_Beside):
    """问责: in which situations, by which forms against unit and person, and what follows."""

    kind: Literal["accountability"]
    situations: tuple[Listed, ...]
    for_unit: tuple[Form, ...]
    for_person: tuple[Form, ...]
    combinable: StrictBool  # 可以合并使用
    combinable_article: str | None
    aggravating: tuple[Listed, ...]  # 从重
    announcement: Announcement
    informed: tuple[Way, ...]
    formalities: TimeLimit
    self_criticism: tuple[Way, ...]
    publicity: Announcement

    @model_validator(mode="after")
    def _names_agree(self) -> "AccountabilityMeasure":
        faults = [*self._repeated(), *self._dangling()]
        if faults:
            raise ValueError("；".join(faults))
        return self

    def _repeated(self) -> Iterator[str]:
        named = {
            "情形": [each.id for each in (*self.situations, *self.aggravating)],
            "对单位的问责方式": [each.id for each in self.for_unit],
            "对工作人员的问责方式": [each.id for each in self.for_person],
        }
        for what, names in named.items():
            for name in sorted({each for each in names if names.count(each) > 1}):
                yield f"{what} {name} 写了不止一次"

    def _dangling(self) -> Iterator[str]:
        forms = {each.id for each in (*self.for_unit, *self.for_person)}
        for name in (*self.announcement.of, *self.publicity.of):
            if name not in forms:
                yield f"of 指向问责方式 {name}，但 for_unit、for_person 中没有这一种"


Companion = CorrectionMeasure | AccountabilityMeasure
KINDS: dict[str, type[Companion]] = {
    "correction": CorrectionMeasure,
    "accountability": AccountabilityMeasure,
}
