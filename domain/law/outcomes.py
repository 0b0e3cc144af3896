"""What may be concluded of one subject, and how far a sanction may give way."""

from enum import StrEnum
from typing import Protocol

from pydantic import PositiveInt

from domain.values import Value


class Outcome(StrEnum):
    """What a determination says of one subject."""

    EXEMPTION = "exemption"  # 免责
    MITIGATION = "mitigation"  # 减责
    NO_TOLERANCE = "no_tolerance"  # 不予容错

    @property
    def favourable(self) -> bool:
        return self is not Outcome.NO_TOLERANCE


class Relief(StrEnum):
    """How far a sanction gives way; not the same question as the outcome."""

    LIGHTER = "lighter"  # 从轻
    REDUCED = "reduced"  # 减轻
    WAIVED = "waived"  # 免予


class Sanction(StrEnum):
    """What the subject would otherwise have faced."""

    PARTY = "party"  # 党纪处分
    ADMINISTRATIVE = "administrative"  # 政务（政纪）处分
    ORGANIZATIONAL = "organizational"  # 组织处理
    ACCOUNTABILITY = "accountability"  # 问责


class Treatment(Value):
    """What becomes of one sanction. `grades`: by how many grades it is reduced (减轻几档)."""

    sanction: Sanction | None
    relief: Relief | None
    grades: PositiveInt | None = None
    before: str | None = None  # 本应给予的，如 严重警告
    after: str | None = None  # 实际给予的


class Treating(Protocol):
    """What says of one sanction in fields of its own, and of others in `further`."""

    @property
    def sanction(self) -> Sanction | None: ...
    @property
    def relief(self) -> Relief | None: ...
    @property
    def grades(self) -> int | None: ...
    @property
    def before(self) -> str | None: ...
    @property
    def after(self) -> str | None: ...
    @property
    def further(self) -> tuple[Treatment, ...]: ...


def every_treatment(told: Treating) -> tuple[Treatment, ...]:
    """The one told first, then the further ones."""
    first = Treatment(
        sanction=told.sanction,
        relief=told.relief,
        grades=told.grades,
        before=told.before,
        after=told.after,
    )
    return (first, *told.further)


class Permitted(Value):
    """Which reliefs a kind of sanction allows.

    `grades_at_most` caps a reduction whoever approves it; `waived_only_from` names the sanctions
    that may be waived at all. Null where the instrument sets no such limit.
    """

    sanction: Sanction
    reliefs: tuple[Relief, ...]
    grades_at_most: PositiveInt | None = None
    waived_only_from: tuple[str, ...] | None = None
    article: str

    def allows(self, treatment: Treatment) -> bool:
        if treatment.relief not in self.reliefs:
            return False
        if treatment.relief is Relief.WAIVED:
            return self.waived_only_from is None or treatment.before in self.waived_only_from
        return self.grades_at_most is None or (treatment.grades or 1) <= self.grades_at_most
