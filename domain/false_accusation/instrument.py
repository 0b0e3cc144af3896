"""What an instrument says of false accusation: what it is, who approves, what follows from it."""

from typing import Literal

from pydantic import Field, PositiveInt, StrictBool, model_validator

from domain.law.companions import Companion, Way
from domain.law.situations import Listed
from domain.people import Organ, OrganKind, OrganLevel
from domain.values import Text, Value


class Element(Value):
    """One of the things that must all be found before an accusation is a false one."""

    id: str
    label: str
    article: str | None
    confirmed: StrictBool
    interpretation: str | None = None


class Verifying(Value):
    """How many must have verified; null where the source does not tell."""

    at_least: PositiveInt | None = Field(title="核实人员不少于")
    article: str | None
    confirmed: StrictBool


class ApprovalGate(Value):
    """Who must approve before anything is determined: an organ of `level` or above, of `kinds`.

    `level` null: the source names no level. `kinds` empty: it names no kind.
    """

    by: Text = Field(title="须经批准：")
    level: OrganLevel | None
    kinds: tuple[OrganKind, ...]
    article: str | None
    confirmed: StrictBool
    interpretation: str | None = None

    def opens_to(self, organ: Organ) -> bool:
        from_the_top = [*OrganLevel]
        high_enough = self.level is None or (
            from_the_top.index(organ.level) <= from_the_top.index(self.level)
        )
        return high_enough and (not self.kinds or organ.kind in self.kinds)


class EndsInEducation(Value):
    """错告 is no false accusation: whoever was mistaken is taught, and no more."""

    label: str
    article: str | None
    confirmed: StrictBool
    interpretation: str | None = None


class Sealing(Value):
    """The one role that may read who an accuser is."""

    readable_by: Text = Field(title="只可由其查阅：")
    article: str | None
    confirmed: StrictBool
    interpretation: str | None = None


class FalseAccusationInstrument(Companion):
    """诬告陷害; `disposals` null: the source is silent on them, so any word is taken."""

    kind: Literal["false_accusation"]
    elements: tuple[Element, ...] = Field(title="诬告陷害的要件（须同时具备）", min_length=1)
    verification: Verifying = Field(title="核实")
    approval: ApprovalGate = Field(title="认定的批准")
    mistaken: EndsInEducation = Field(title="错告")
    disposals: tuple[Way, ...] | None = Field(title="处置")
    aggravating: tuple[Listed, ...] = Field(title="从重的情形")
    handing_over: tuple[Way, ...] = Field(title="移送")
    identity: Sealing = Field(title="检举控告人的身份")

    @model_validator(mode="after")
    def _names_agree(self) -> "FalseAccusationInstrument":
        named: dict[str, list[str | None]] = {
            "要件": [each.id for each in self.elements],
            "处置": [each.id for each in self.disposals or ()],
            "从重的情形": [each.id for each in self.aggravating],
        }
        faults = [
            f"{what} {name} 写了不止一次"
            for what, names in named.items()
            for name in dict.fromkeys(names)
            if names.count(name) > 1
        ]
        if faults:
            raise ValueError("；".join(faults))
        return self
