"""What a visit plan instrument says: how many in a hundred, of those sanctioned in which years."""

from typing import Annotated, Literal

from pydantic import Field, PositiveInt, StrictBool

from domain.law.companions import Companion
from domain.values import Value


class VisitRatio(Value):
    """每年回访不少于前几年受处分人数的百分之几."""

    label: str
    percent: Annotated[int, Field(ge=1, le=100)] | None = Field(title="百分之")
    over_years: PositiveInt | None = Field(title="所计的前几年：")
    article: str | None
    confirmed: StrictBool
    interpretation: str | None = None

    def wanted(self, persons: int) -> int | None:
        """How many of so many persons, a part of one counting as one; None for no percentage."""
        return None if self.percent is None else -(-self.percent * persons // 100)


class VisitPlanInstrument(Companion):
    kind: Literal["visit_plan"]
    ratio: VisitRatio | None = Field(title="比例")
