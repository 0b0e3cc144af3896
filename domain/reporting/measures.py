"""What a measure is: what is counted, in which unit, what counts as one, and what is left out.

The definitions themselves are data (`measures.yaml`): whoever publishes a figure names their
edition. A measure counts over one of three tables, all made from events: `determinations` (one row
a determination on a subject), `facts` (one row a countable thing of any other kind) and `duties`
(one row each time a time limit comes to stand elsewhere).
"""

from collections.abc import Iterator
from typing import Literal, Self

from pydantic import Field, PositiveInt, StrictBool, model_validator

from domain.values import Value

Unit = Literal["名", "人", "人次", "件", "件次", "起", "项", "个", "份", "名/个"]
Table = Literal["determinations", "facts", "duties"]
COLUMNS: dict[str, tuple[str, ...]] = {  # what a definition may count by and choose by
    "determinations": (
        "position",
        "matter",
        "accountability",
        "subject",
        "subject_kind",
        "outcome",
        "sanction",
        "relief",
    ),
    "facts": (
        "position",
        "matter",
        "kind",
        "what",
        "subject",
        "subject_kind",
        "group",
        "detail",
        "second_detail",
    ),
    "duties": ("position", "matter", "kind", "subject", "subject_kind", "timeliness", "basis"),
}


class Unless(Value):
    """Left out where a later fact, `what`, has the same values: it undoes or completes it."""

    what: str
    same: tuple[str, ...]


class MeasureDefinition(Value):
    """One counting rule. Two rows are one when they have the same `counted` values.

    `include`: a row counts when each column named has one of the values; group names stand for
    their members. `several`: what is counted must have two or more of these. `headline`: shown
    unless others are asked for. `within`: the measure this one is a part of (其中), so that nobody
    adds the two.
    """

    id: str = Field(pattern=r"^[A-Z]\d+[a-z]?$")
    name: str = Field(pattern=r"^[a-z_]+$")
    label: str
    unit: Unit
    of: Table
    counted: tuple[str, ...] = Field(min_length=1)
    include: dict[str, tuple[str, ...]] = Field(min_length=1)
    unless: Unless | None = None
    several: str | None = None
    within: str | None = None
    headline: StrictBool = False
    meaning: str

    def columns(self) -> Iterator[str]:
        yield from self.counted
        yield from self.include
        yield from self.unless.same if self.unless else ()
        yield from (self.several,) if self.several else ()


class Definitions(Value):
    """The measures in one edition. `groups` name several values, e.g. 免责 and 减责 together.

    `withhold_below`: counts smaller than this are not shown to the public.
    """

    edition: PositiveInt
    withhold_below: PositiveInt
    groups: dict[str, tuple[str, ...]]
    measures: tuple[MeasureDefinition, ...]

    def values(self, told: tuple[str, ...]) -> tuple[str, ...]:
        """Values with every group written out."""
        return tuple(value for each in told for value in self.groups.get(each, (each,)))

    @model_validator(mode="after")
    def _hold_together(self) -> Self:
        faults = [*self._repeated(), *self._dangling()]
        if faults:
            raise ValueError("；".join(faults))
        return self

    def _repeated(self) -> Iterator[str]:
        for what, named in (
            ("编号", [each.id for each in self.measures]),
            ("名称", [each.name for each in self.measures]),
        ):
            for name in sorted({each for each in named if named.count(each) > 1}):
                yield f"指标{what} {name} 写了不止一次"

    def _dangling(self) -> Iterator[str]:
        known = {each.id for each in self.measures}
        for each in self.measures:
            for column in each.columns():
                if column not in COLUMNS[each.of]:
                    yield f"指标 {each.id}：{each.of} 没有 {column} 这一栏"
            if each.within is not None and each.within not in known:
                yield f"指标 {each.id}：within 指向 {each.within}，没有这个指标"
            if each.unless is not None and each.of != "facts":
                yield f"指标 {each.id}：unless 只用于 facts"
