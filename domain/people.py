"""Who is concerned, who acts, and for which organ."""

from enum import StrEnum
from typing import Annotated, Any

from pydantic import (
    BeforeValidator,
    Field,
    SerializerFunctionWrapHandler,
    model_serializer,
)

from domain.values import Text, Value


class OrganKind(StrEnum):
    """What an organ is; the counting rules tell discipline organs from the others."""

    DISCIPLINE = "discipline"  # 纪检监察机关
    PERSONNEL = "personnel"  # 组织（人事）部门
    PARTY_COMMITTEE = "party_committee"  # 党委（党组）
    UNIT = "unit"  # 单位
    OTHER = "other"


class OrganLevel(StrEnum):
    """An organ's place in the tree of administration."""

    PROVINCE = "province"  # 省
    PREFECTURE = "prefecture"  # 市（州）
    COUNTY = "county"  # 县（市、区）
    TOWNSHIP = "township"  # 乡镇


class Organ(Value):
    """An organ as it stood on the day: `region` is a GB/T 2260 code of two, four or six digits."""

    id: str
    name: str
    kind: OrganKind
    level: OrganLevel
    region: str


class Officer(Value):
    """Who performs an act: a pseudonymous id, the post held, and the organ acted for."""

    id: str
    role: str
    organ: str

    @property
    def is_system(self) -> bool:
        """Whether nobody acts but the clock. The ids alone tell most apart, and quickly."""
        return self.id == SYSTEM.id and self == SYSTEM


SYSTEM = Officer(id="rongcuo", role="系统", organ="rongcuo")  # the clock; it judges nothing


class SubjectKind(StrEnum):
    """A case concerns persons or organizations; each is counted in a unit of its own."""

    CADRE = "cadre"  # 干部，按名计
    ORGANIZATION = "organization"  # 组织，按个计


class Subject(Value):
    """One whose error is judged, as on the day of the application.

    The outcome hangs here, never on the case. `managed_by` is the committee that holds authority
    over the cadre (干部管理权限); filing duties follow it. `nature`: of the post or the unit, 农村,
    企业 or 其他 (domain notes 4.4).
    """

    id: str
    kind: SubjectKind
    label: str
    rank: str | None = None
    unit: str | None = None
    region: str
    managed_by: str | None = None
    field: str | None = None
    nature: str | None = None

    @model_serializer(mode="wrap")
    def _as_before(self, whole: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Without what came later, where it is not told: stored as it always was."""
        told: dict[str, Any] = whole(self)
        if self.nature is None:
            told.pop("nature", None)
        return told


def _named(told: Any) -> Any:
    return {"id": told} if isinstance(told, str) else told


class MemberTold(Value):
    """One of the team or of a panel; `unit` and `organ` are what conflicts are found by."""

    id: Text
    unit: str | None = None
    organ: str | None = None

    @model_serializer(mode="wrap")
    def _as_told(self, whole: SerializerFunctionWrapHandler) -> str | dict[str, Any]:
        bare = self.unit is None and self.organ is None
        told: dict[str, Any] = whole(self)
        return self.id if bare else told


Member = Annotated[MemberTold, BeforeValidator(_named)]  # a bare name is a member too
Members = Annotated[tuple[Member, ...], Field(min_length=1)]
