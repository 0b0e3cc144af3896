"""What a clarification instrument says: what is cleared, when, in which ways, and when not."""

from collections.abc import Iterable, Iterator
from typing import Literal

from pydantic import Field, StrictBool, model_validator

from domain.clarification.events import ClearingWay, Finding, Ground
from domain.law.companions import Companion, Way
from domain.law.situations import Listed
from domain.values import Value


class Clearable(Value):
    """A finding on which a name is cleared."""

    finding: Finding
    label: str
    article: str | None
    confirmed: StrictBool
    interpretation: str | None = None


class WayProvided(Value):
    """A way of clearing; `letter` and `attendees` name what must go with it, if anything."""

    id: ClearingWay
    label: str
    article: str | None
    letter: str | None = Field(None, title="须附")
    attendees: str | None = Field(None, title="须记")
    confirmed: StrictBool


class Accompaniment(Value):
    """Ways `of` which none is used without the way `needs` beside it."""

    of: tuple[ClearingWay, ...]
    needs: ClearingWay
    label: str
    article: str | None
    confirmed: StrictBool
    interpretation: str | None = None


class Wish(Value):
    """Whether the one concerned must be asked before the ways are chosen."""

    label: str
    required: StrictBool
    article: str | None
    confirmed: StrictBool


class GroundProvided(Value):
    """A reason not to clear that the instrument knows."""

    id: Ground
    label: str
    article: str | None
    confirmed: StrictBool
    interpretation: str | None = None


class ClarificationInstrument(Companion):
    """澄清正名: on which finding, by whom, how, and who else is told; null: it does not say."""

    kind: Literal["clarification"]
    clearable: tuple[Clearable, ...] = Field(title="可以澄清的结论")
    untrue: Way = Field(title="何谓不实")
    situations: tuple[Listed, ...] = Field(title="应当澄清的情形")
    ways: tuple[WayProvided, ...] = Field(title="澄清方式")
    accompaniments: tuple[Accompaniment, ...] = Field(title="须同时采用的方式")
    wish: Wish | None = Field(title="本人意愿")
    by_verifier: Way | None = Field(title="由谁澄清")
    personnel_organ: Way | None = Field(title="向组织部门说明")
    unit: Way | None = Field(title="向所在单位说明")
    grounds: tuple[GroundProvided, ...] = Field(title="不予澄清的理由")

    def clears(self, finding: Finding | None) -> bool:
        return any(each.finding == finding for each in self.clearable)

    def way(self, way: ClearingWay) -> WayProvided | None:
        return next((each for each in self.ways if each.id == way), None)

    def called(self, ways: Iterable[ClearingWay]) -> str:
        """The ways in the words of the instrument."""
        labels = {each.id: each.label for each in self.ways}
        return "、".join(labels.get(way, way) for way in ways)

    def ground(self, ground: Ground) -> GroundProvided | None:
        return next((each for each in self.grounds if each.id == ground), None)

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> "ClarificationInstrument":
        faults = [*self._repeated(), *self._missing()]
        if faults:
            raise ValueError("；".join(faults))
        return self

    def _repeated(self) -> Iterator[str]:
        named: dict[str, list[str]] = {
            "情形": [each.id for each in self.situations],
            "方式": [each.id for each in self.ways],
            "结论": [each.finding for each in self.clearable],
            "理由": [each.id for each in self.grounds],
        }
        for what, names in named.items():
            for name in sorted({each for each in names if names.count(each) > 1}):
                yield f"{what} {name} 写了不止一次"

    def _missing(self) -> Iterator[str]:
        """Ways that a rule names and the list has not; grounds without which no way is left."""
        for rule in self.accompaniments:
            for name in (*rule.of, rule.needs):
                if self.way(name) is None:
                    yield f"accompaniments 指向方式 {name}，但 ways 中没有这一种"
        for ground in (Ground.NOT_CONCLUSIVE, Ground.NO_HARM):
            if self.ground(ground) is None:
                yield f"grounds 缺 {ground}：没有认定不实、没有不良影响的无从了结"
