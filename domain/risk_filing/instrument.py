"""What an instrument says of risk filings: what is filed, how it is examined, what it is worth."""

from typing import Literal

from pydantic import Field, StrictBool, model_validator

from domain.law.companions import Companion
from domain.people import OrganKind, OrganLevel
from domain.values import Value


class Clause(Value):
    """One thing the instrument says in a sentence."""

    label: str
    article: str | None
    confirmed: StrictBool


class ReviewStep(Value):
    """One step of the review; `required`: nothing is agreed before it is taken."""

    id: str
    label: str
    required: StrictBool = Field(title="必经：")
    article: str | None
    confirmed: StrictBool


class Agreeing(Value):
    """Who may agree. `kinds`, `levels` are those of the organ, empty for any."""

    label: str
    kinds: tuple[OrganKind, ...] = ()
    levels: tuple[OrganLevel, ...] = ()
    article: str | None
    confirmed: StrictBool


class RiskFilingInstrument(Companion):
    """事前风险报备: `evidence` is what an agreed filing is worth, never itself an exemption."""

    kind: Literal["risk_filing"]
    scope: Clause | None = Field(title="报备的事项")
    collective_decision: Clause | None = Field(title="须附")
    steps: tuple[ReviewStep, ...] = Field(title="审查")
    agreeing: Agreeing | None = Field(title="同意")
    paper: str | None = Field(title="答复文书")
    evidence: Clause = Field(title="效力")

    @model_validator(mode="after")
    def _each_step_once(self) -> "RiskFilingInstrument":
        names = [each.id for each in self.steps]
        for name in sorted({each for each in names if names.count(each) > 1}):
            raise ValueError(f"审查步骤 {name} 写了不止一次")
        return self
