"""地图: each unit within its boundaries, darker for more.

Degrees become pixels by an equirectangular projection, its longitudes shortened by the cosine of
the middle latitude: over one province as good as any.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import cos, radians
from typing import Final, TypeAlias
from xml.etree.ElementTree import Element

from gateway.charts.boundaries import Outline, Point
from gateway.charts.figures import About, Figure, sentence
from gateway.charts.shades import LEGEND, Classing, legend, paint, shades
from gateway.charts.svg import FAINT, INNER, add, number, page, width_of, wrapped, written

HIGHEST: Final = 640  # of the map, in pixels
HIGH: Final = 30  # of a label of two lines
LINE: Final = 18  # of text below the map
LABELLED: Final = 20  # more units than this bear no names: there is no room for them
BORDER, FRAME = "#7b8794", "#3e4c59"

Projection: TypeAlias = Callable[[Point], Point]


def choropleth(
    about: About,
    figures: Sequence[Figure],
    outlines: Mapping[str, Outline],
    classing: Classing,
    frame: Sequence[Outline] = (),
) -> bytes:
    """Draw the figures, each within the outline of its code; the `frame` is drawn over them.

    Raises KeyError for a unit without an outline.
    """
    among = shades(figures, classing)
    project, height = projection([outlines[each.key] for each in figures])
    labels = [_label(each, outlines[each.key], project) for each in figures]
    placed = _apart(labels) if len(figures) <= LABELLED else []
    left_out = [f"{each.name} {each.told}" for each in labels if placed and each not in placed]
    lines = wrapped(f"图上写不下的：{'，'.join(left_out)}", INNER, 12) if left_out else []
    top = height + 24 + LINE * len(lines)
    root, body = page(about, figures, top + LEGEND)
    areas = add(body, "g", stroke=BORDER, stroke_width=0.8, stroke_linejoin="round")
    for each in figures:
        fill, _ = paint(each, among)
        area = add(areas, "g", data_key=each.key)
        add(area, "title", sentence(about, each))
        add(area, "path", d=path(outlines[each.key], project), fill=fill, fill_rule="evenodd")
    over = add(body, "g", stroke=FRAME, stroke_width=1.4, stroke_linejoin="round", fill="none")
    for outline in frame:
        add(over, "path", d=path(outline, project), pointer_events="none")
    for label in placed:
        _write(body, label, *paint(label.figure, among))
    for place, line in enumerate(lines):
        add(body, "text", line, y=height + 24 + LINE * place, font_size=12, fill=FAINT)
    legend(body, top, figures, among, about.unit)
    return written(root)


def projection(outlines: Sequence[Outline]) -> tuple[Projection, float]:
    """From degrees to pixels, so that all fit on the page and north is up; and how high they are.

    Raises ValueError without a single outline.
    """
    points = [point for each in outlines for ring in each.rings for point in ring]
    west, east = min(x for x, _ in points), max(x for x, _ in points)
    south, north = min(y for _, y in points), max(y for _, y in points)
    shorter = cos(radians((south + north) / 2))
    scale = min(INNER / ((east - west) * shorter), HIGHEST / (north - south))
    left = (INNER - (east - west) * shorter * scale) / 2

    def project(point: Point) -> Point:
        x, y = point
        return left + (x - west) * shorter * scale, (north - y) * scale

    return project, (north - south) * scale


def path(outline: Outline, project: Projection) -> str:
    """The rings as one path. Neighbours that fall onto one tenth of a pixel are one point."""
    drawn = []
    for ring in outline.rings:
        points = (f"{number(x)} {number(y)}" for x, y in map(project, ring))
        drawn.append(f"M{'L'.join(point for point, _ in groupby(points))}Z")
    return "".join(drawn)


@dataclass(frozen=True)
class _Label:
    """What is written on a unit; `x` is its middle, `y` between its two lines."""

    figure: Figure
    name: str
    x: float
    y: float

    @property
    def told(self) -> str:
        return self.figure.told

    def covers(self, other: "_Label") -> bool:
        wide = (width_of(self.name, 12) + width_of(other.name, 12)) / 2
        return abs(self.x - other.x) < wide and abs(self.y - other.y) < HIGH


def _label(figure: Figure, outline: Outline, project: Projection) -> _Label:
    short = outline.short_name
    name = short if figure.name.startswith(short) else figure.name
    return _Label(figure, name, *project(outline.label_at))


def _apart(labels: Sequence[_Label]) -> list[_Label]:
    """Those of the labels that do not run into one before them."""
    placed: list[_Label] = []
    for each in labels:
        if not any(each.covers(other) for other in placed):
            placed.append(each)
    return placed


def _write(body: Element, label: _Label, fill: str, ink: str) -> None:
    # a rim of the shade below, so that borders and hatching do not run through the words
    rim = "#ffffff" if label.figure.count is None else fill
    words = add(
        body,
        "g",
        fill=ink,
        stroke=rim,
        stroke_width=3,
        stroke_linejoin="round",
        paint_order="stroke",
        text_anchor="middle",
        pointer_events="none",
    )
    add(words, "text", label.name, x=label.x, y=label.y - 2, font_size=12)
    add(words, "text", label.told, x=label.x, y=label.y + 14, font_size=14, font_weight="bold")
