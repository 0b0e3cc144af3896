"""Counts into a few shades, darker for more, and the legend that says their bounds."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import ceil
from typing import Final
from xml.etree.ElementTree import Element

from gateway.charts.figures import Figure
from gateway.charts.svg import FAINT, HATCH, INK, RULE, add, width_of
from gateway.public_figures import WITHHELD

# light to dark in even steps, so that they stay apart in grey; and the ink that reads on each
BLUES: Final = (
    ("#dfe9f3", INK),
    ("#b4cce3", INK),
    ("#82a9cf", INK),
    ("#4a7cb0", "#ffffff"),
    ("#1f4c80", "#ffffff"),
)
BLANK: Final = "#ffffff"


class Classing(StrEnum):
    """How bounds are found."""

    QUANTILES = "quantiles"  # 各级所含的地区数大致相等
    EQUAL = "equal"  # 各级等距


@dataclass(frozen=True)
class Shade:
    """The counts from `low` to `high`, both included."""

    low: int
    high: int
    fill: str
    ink: str

    @property
    def told(self) -> str:
        return str(self.low) if self.low == self.high else f"{self.low}–{self.high}"


def shades(figures: Iterable[Figure], classing: Classing) -> tuple[Shade, ...]:
    """The shades for these figures, the lightest first: at most one for each blue.

    Of what is shown only: neither 0 nor a withheld count has a part in them. Every count from the
    smallest shown to the largest falls into exactly one. Where there are no more different counts
    than blues, each ends a shade of its own.
    """
    counts = sorted(each.count for each in figures if each.count)
    if not counts:
        return ()
    most = len(BLUES)
    if len({*counts}) <= most:
        highs = sorted({*counts})
    elif classing is Classing.QUANTILES:
        highs = sorted({counts[ceil(part * len(counts) / most) - 1] for part in range(1, most + 1)})
    else:
        low, span = counts[0], counts[-1] - counts[0] + 1
        highs = sorted({low - 1 + ceil(part * span / most) for part in range(1, most + 1)})
    lows = [counts[0], *(high + 1 for high in highs[:-1])]
    return tuple(
        Shade(low, high, *_blue(place, len(highs)))
        for place, (low, high) in enumerate(zip(lows, highs, strict=True))
    )


def paint(figure: Figure, among: Sequence[Shade]) -> tuple[str, str]:
    """The fill of a figure and the ink that reads on it."""
    if figure.count is None:
        return f"url(#{HATCH})", INK
    for each in among:
        if each.low <= figure.count <= each.high:
            return each.fill, each.ink
    return BLANK, INK


def legend(
    body: Element, top: float, figures: Sequence[Figure], among: Sequence[Shade], unit: str
) -> None:
    """One row of swatches with the counts that each stands for; LEGEND pixels high."""
    items = [(each.fill, each.told) for each in among]
    if any(each.count == 0 for each in figures):
        items.insert(0, (BLANK, "0"))
    if any(each.count is None for each in figures):
        items.append((f"url(#{HATCH})", f"{WITHHELD} 不公布"))
    row = add(body, "g", font_size=12)
    add(row, "text", f"图例（{unit}）", y=top + 13, fill=FAINT)
    left = width_of(f"图例（{unit}）", 12) + 16
    for fill, told in items:
        add(row, "rect", x=left, y=top + 1, width=26, height=15, fill=fill, stroke=RULE)
        add(row, "text", told, x=left + 33, y=top + 13)
        left += 33 + width_of(told, 12) + 20


LEGEND: Final = 18


def _blue(place: int, of: int) -> tuple[str, str]:
    """Spread over all blues, however many are needed."""
    if of == 1:
        return BLUES[len(BLUES) // 2]
    return BLUES[round(place * (len(BLUES) - 1) / (of - 1))]
