"""格子图: one equal tile for each of Hubei's seventeen units, placed by hand about where it lies.

No boundaries, so nothing that would need a map's approval; and a small unit is as large as a big
one.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from gateway.charts.figures import About, Figure, sentence
from gateway.charts.shades import LEGEND, Classing, legend, paint, shades
from gateway.charts.svg import INNER, RULE, add, fitted, page, written


class Tile(NamedTuple):
    """Its row from the north, its column from the west, and what is written on it."""

    row: int
    column: int
    short_name: str


TILES: Final = {
    "420100": Tile(2, 4, "武汉"),
    "420200": Tile(3, 5, "黄石"),
    "420300": Tile(0, 1, "十堰"),
    "420500": Tile(2, 1, "宜昌"),
    "420600": Tile(0, 2, "襄阳"),
    "420700": Tile(2, 5, "鄂州"),
    "420800": Tile(1, 2, "荆门"),
    "420900": Tile(1, 4, "孝感"),
    "421000": Tile(3, 2, "荆州"),
    "421100": Tile(1, 5, "黄冈"),
    "421200": Tile(3, 4, "咸宁"),
    "421300": Tile(0, 3, "随州"),
    "422800": Tile(2, 0, "恩施"),
    "429004": Tile(2, 3, "仙桃"),
    "429005": Tile(2, 2, "潜江"),
    "429006": Tile(1, 3, "天门"),
    "429021": Tile(1, 1, "神农架"),
}
SIZE: Final = 104
GAP: Final = 8
ROWS: Final = 1 + max(each.row for each in TILES.values())
COLUMNS: Final = 1 + max(each.column for each in TILES.values())


def tile_grid(about: About, figures: Sequence[Figure], classing: Classing) -> bytes:
    """Draw the figures of these units. Raises KeyError for a unit that has no tile."""
    among = shades(figures, classing)
    height = ROWS * (SIZE + GAP) + 16
    root, body = page(about, figures, height + LEGEND)
    left = (INNER - COLUMNS * (SIZE + GAP) + GAP) / 2
    for each in figures:
        placed = TILES[each.key]
        fill, ink = paint(each, among)
        x, y = left + placed.column * (SIZE + GAP), placed.row * (SIZE + GAP)
        tile = add(body, "g", data_key=each.key, fill=ink, text_anchor="middle")
        add(tile, "title", sentence(about, each))
        add(tile, "rect", x=x, y=y, width=SIZE, height=SIZE, rx=4, fill=fill, stroke=RULE)
        short = placed.short_name
        name = short if each.name.startswith(short) else fitted(each.name, SIZE - 12, 17)
        middle = x + SIZE / 2
        if each.count is None:  # what is written must not drown in the hatching
            add(tile, "rect", x=x + 12, y=y + 22, width=SIZE - 24, height=58, fill="#ffffff")
        add(tile, "text", name, x=middle, y=y + 45, font_size=17)
        add(tile, "text", each.told, x=middle, y=y + 72, font_size=20, font_weight="bold")
    legend(body, height, figures, among, about.unit)
    return written(root)
