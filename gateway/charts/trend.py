"""趋势图: a point for every month, quarter or year, joined where both ends are shown."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from math import ceil
from typing import Final

from gateway.charts.figures import About, Figure, sentence
from gateway.charts.svg import (
    FAINT,
    HATCH,
    INNER,
    RULE,
    add,
    number,
    page,
    width_of,
    written,
)

HEIGHT: Final = 340  # of the plot; below it stand the periods
BELOW: Final = 30
TICKS: Final = 5  # lines across, about
LINE: Final = "#1f4c80"
CROWDED: Final = 24  # more points than this bear no number of their own


def trend(about: About, figures: Sequence[Figure]) -> bytes:
    """Draw the figures in the order given, that of time."""
    root, body = page(about, figures, HEIGHT + BELOW)
    if not figures:
        add(body, "text", "（没有）", y=18, fill=FAINT)
        return written(root)
    step = tick(max((each.count or 0 for each in figures), default=0))
    top = step * max(ceil(max(each.count or 0 for each in figures) / step), 1)
    left = width_of(str(top), 12) + 12
    apart = (INNER - left) / len(figures)

    def x(place: int) -> float:
        return left + (place + 0.5) * apart

    def y(count: int) -> float:
        return HEIGHT - count / top * (HEIGHT - 24)

    axis = add(body, "g", font_size=12, fill=FAINT)
    for count in range(0, top + 1, step):
        stroke = FAINT if count == 0 else RULE
        add(axis, "line", x1=left, x2=INNER, y1=y(count), y2=y(count), stroke=stroke)
        add(axis, "text", str(count), x=left - 8, y=y(count) + 4, text_anchor="end")
    every = ceil((max(width_of(each.key, 12) for each in figures) + 10) / apart)
    for place in range(0, len(figures), every):
        key = figures[place].key
        add(axis, "text", key, x=x(place), y=HEIGHT + 20, text_anchor="middle")
    for run in _runs(figures):
        points = " ".join(f"{number(x(p))},{number(y(figures[p].count or 0))}" for p in run)
        add(body, "polyline", points=points, fill="none", stroke=LINE, stroke_width=2)
    for place, each in enumerate(figures):
        point = add(body, "g", data_key=each.key, text_anchor="middle")
        add(point, "title", sentence(about, each))
        if each.count is None:
            wide = min(apart * 0.6, 24)
            fill, high = f"url(#{HATCH})", HEIGHT - 24
            add(point, "rect", x=x(place) - wide / 2, y=24, width=wide, height=high, fill=fill)
            add(point, "text", each.told, x=x(place), y=18)
            continue
        add(point, "circle", cx=x(place), cy=y(each.count), r=3.5, fill=LINE)
        if len(figures) <= CROWDED:
            under = _dips(figures, place) and y(each.count) + 22 < HEIGHT
            words = y(each.count) + (18 if under else -9)
            # a white rim, so that no line runs through the number
            rim = add(point, "g", stroke="#ffffff", stroke_width=3, paint_order="stroke")
            add(rim, "text", each.told, x=x(place), y=words, font_size=12)
    return written(root)


def tick(most: int) -> int:
    """The step between lines: 1, 2 or 5 times a power of ten."""
    least, power = most / TICKS, 1
    while True:
        for digit in (1, 2, 5):
            if digit * power >= least:
                return digit * power
        power *= 10


def _dips(figures: Sequence[Figure], place: int) -> bool:
    """Whether the line falls to this point or rises from it, and does neither otherwise."""
    near = [each.count for each in figures[max(place - 1, 0) : place + 2]]
    shown = [count for count in near if count is not None]
    return figures[place].count == min(shown) < max(shown)


def _runs(figures: Sequence[Figure]) -> Iterator[list[int]]:
    """Places of figures that are shown side by side, two or more at a time."""
    for shown, run in groupby(range(len(figures)), lambda place: figures[place].count is not None):
        places = [*run]
        if shown and len(places) > 1:
            yield places
