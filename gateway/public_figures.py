"""A table as it may be shown to everybody: with its total, and without what points at persons."""

from collections.abc import Sequence
from typing import Any, Final

from domain.reporting.suppression import one_way, suppressed
from projections.statistics import Measure

WITHHELD: Final = "＊"  # one mark for all: which of them are small is itself telling
TOTAL: Final = "合计"

Rows = list[dict[str, Any]]


def public(
    rows: Rows, total: dict[str, Any], measures: Sequence[Measure], below: int, group: str | None
) -> Rows:
    """The rows of one breakdown and their total, with None for each figure that is withheld.

    Counts of persons need not add up: what is withheld is chosen as if they did.
    """
    shown = [*({**row} for row in rows), {**total, **({group: TOTAL} if group else {})}]
    if group is None:
        shown = shown[-1:]
    for measure in measures:
        printed = [row[measure.name] for row in shown]
        table = one_way(printed, distinct=True)
        for place in suppressed(table, below, zeros_shown=True).cells:
            shown[int(str(place))][measure.name] = None
    return shown
