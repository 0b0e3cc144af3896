"""排列图: a bar for every unit, the largest first.

Withheld figures come last, by code: their place among the others would tell what is withheld.
"""

from collections.abc import Sequence
from typing import Final

from gateway.charts.figures import About, Figure, sentence
from gateway.charts.svg import FAINT, HATCH, INNER, RULE, add, fitted, page, width_of, written

ROW: Final = 28
WIDEST_NAME: Final = 220
STUB: Final = 48  # the bar of a withheld figure: the same for all
BAR: Final = "#4a7cb0"


def ranked(figures: Sequence[Figure]) -> list[Figure]:
    """By figure, then by code; what is withheld last."""
    return sorted(figures, key=lambda each: (each.count is None, -(each.count or 0), each.key))


def ranking(about: About, figures: Sequence[Figure]) -> bytes:
    """Draw the figures, the largest first."""
    ordered = ranked(figures)
    root, body = page(about, ordered, max(len(ordered), 1) * ROW)
    if not ordered:
        add(body, "text", "（没有）", y=18, fill=FAINT)
        return written(root)
    names = min(max(width_of(each.name, 13) for each in ordered), WIDEST_NAME)
    left = names + 12
    most = max((each.count or 0 for each in ordered), default=0) or 1
    room = INNER - left - width_of(str(most), 13) - 12
    for place, each in enumerate(ordered):
        y = place * ROW
        length = STUB if each.count is None else each.count / most * room
        fill = f"url(#{HATCH})" if each.count is None else BAR
        bar = add(body, "g", data_key=each.key)
        add(bar, "title", sentence(about, each))
        name = fitted(each.name, names, 13)
        add(bar, "text", name, x=names, y=y + 19, text_anchor="end")
        stroke = {"stroke": RULE} if each.count is None else {}
        add(bar, "rect", x=left, y=y + 5, width=length, height=ROW - 10, fill=fill, **stroke)
        add(bar, "text", each.told, x=left + length + 8, y=y + 19)
    add(body, "line", x1=left, x2=left, y2=len(ordered) * ROW, stroke=FAINT)
    return written(root)
