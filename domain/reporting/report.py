"""What a statistical report holds: a question in full, and its answer, cell by cell."""

from datetime import date
from typing import Literal, Self

from pydantic import NonNegativeInt, PositiveInt, model_validator

from domain.papers import Digest
from domain.people import OrganKind
from domain.regions.tree import DIGITS
from domain.values import Text, Value


class Cell(Value):
    """One figure of a measure. `place`: the row it stands in; None in a report without rows.

    `digest` is that of the list behind it, so that an equal figure of other rows is noticed.
    """

    measure: str
    place: str | None
    figure: NonNegativeInt
    digest: Digest


class Report(Value):
    """A question in full, and its answer: asked again of the same log it is answered the same.

    `definitions`: the edition of the measures. `since`, `until`: inclusive civil days, None for
    open. `organ_kind` None counts every organ. `boundaries`: the day whose boundaries decide which
    row a region code counts in. `position`: the last event of the log known. `digest`: that of all
    cells.
    """

    number: Text
    title: Text
    definitions: PositiveInt
    region: str | None
    since: date | None
    until: date | None
    organ_kind: OrganKind | None
    boundaries: date
    by: tuple[()] | tuple[Literal["region"]]
    position: NonNegativeInt
    cells: tuple[Cell, ...]
    digest: Digest

    @property
    def unit(self) -> str | None:
        """The six-digit code of the unit it is about; None for all there are."""
        return self.region.ljust(DIGITS, "0") if self.region else None

    @property
    def measures(self) -> frozenset[str]:
        return frozenset(cell.measure for cell in self.cells)

    def asks_again(self, other: "Report") -> bool:
        """Whether both give a figure of the same measure, unit, window and kind of organ."""
        ours, theirs = (
            (each.unit, each.since, each.until, each.organ_kind) for each in (self, other)
        )
        return ours == theirs and bool(self.measures & other.measures)

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        if self.since and self.until and self.since > self.until:
            raise ValueError("统计区间的起日晚于止日")
        if any((cell.place is not None) != bool(self.by) for cell in self.cells):
            raise ValueError("分地区的报表每一格都有地区，不分的都没有")
        if len({(cell.measure, cell.place) for cell in self.cells}) < len(self.cells):
            raise ValueError("同一指标在同一地区写了不止一格")
        return self
