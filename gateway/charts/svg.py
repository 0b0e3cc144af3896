"""Standalone SVG: elements, numbers and lines of text, and the page around every chart.

Presentation attributes only: no script, no style, nothing fetched, so that a picture shows under
the strictest content policy (`default-src 'none'`). Equal input gives equal bytes.
"""

import re
import unicodedata
from collections.abc import Iterable
from typing import Final
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from gateway.charts.figures import About, Figure, sentence

WIDTH: Final = 960  # of the page, in pixels
MARGIN: Final = 32
INNER: Final = WIDTH - 2 * MARGIN
INK, FAINT, RULE = "#1f2933", "#5b6673", "#c9d1d9"
ALERT: Final = "#9b2c1f"
FONTS: Final = "Noto Sans CJK SC, Source Han Sans SC, Microsoft YaHei, PingFang SC, sans-serif"
HATCH: Final = "withheld"  # the id of the pattern that stands for a withheld figure
# what XML cannot hold, escaped or not
FORBIDDEN: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
NARROW: Final = 0.58  # of a Latin letter or a digit, in ems; a Chinese character is one


def number(value: float) -> str:
    """A coordinate, to a tenth of a pixel, as short as can be."""
    rounded = round(value, 1) + 0.0  # no -0
    return f"{rounded:.1f}".removesuffix(".0")


def clean(text: str) -> str:
    """Text without what no XML document may hold."""
    return FORBIDDEN.sub("\ufffd", text)


def add(parent: Element, tag: str, told: str | None = None, **attributes: float | str) -> Element:
    """Add an element; `stroke_width=1` is written stroke-width="1"."""
    written = {
        name.rstrip("_").replace("_", "-"): number(value)
        if isinstance(value, int | float)
        else clean(value)
        for name, value in attributes.items()
    }
    made = SubElement(parent, tag, written)
    if told is not None:
        made.text = clean(told)
    return made


def width_of(text: str, size: float) -> float:
    """About how wide a line is in a font of this size, in pixels."""
    wide = sum(unicodedata.east_asian_width(each) in "WFA" for each in text)
    return size * (wide + (len(text) - wide) * NARROW)


def fitted(text: str, width: float, size: float) -> str:
    """The text, or as much of its beginning as there is room for."""
    if width_of(text, size) <= width:
        return text
    kept = text
    while kept and width_of(f"{kept}…", size) > width:
        kept = kept[:-1]
    return f"{kept}…"


def wrapped(text: str, width: float, size: float) -> list[str]:
    """The text in lines of at most this width; Chinese may be broken anywhere."""
    lines, line = [], ""
    for each in text:
        if line and width_of(line + each, size) > width:
            lines.append(line)
            line = ""
        line += each
    return [*lines, line]


def page(about: About, figures: Iterable[Figure], height: float) -> tuple[Element, Element]:
    """The picture, and in it the group, INNER by `height`, into which the chart is drawn."""
    above = [line for told in about.above for line in wrapped(told, INNER, 13)]
    below = [line for told in about.below for line in wrapped(told, INNER, 12)]
    titles = wrapped(about.title, INNER - (_mark_width(about) + 24 if about.mark else 0), 22)
    top = 40.0 + 30 * (len(titles) - 1)
    body = top + 14 + 20 * len(above) + 16
    rule = body + height + 20
    whole = rule + 12 + 19 * len(below) + 18
    root = Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "width": number(WIDTH),
            "height": number(whole),
            "viewBox": f"0 0 {number(WIDTH)} {number(whole)}",
            "role": "img",
            "font-family": FONTS,
            "font-size": "13",
            "fill": INK,
        },
    )
    marked = f"（{about.mark}）" if about.mark else ""
    add(root, "title", about.title + marked)
    told = [*about.above, *(sentence(about, each) for each in figures), *about.below]
    add(root, "desc", "；".join(told))
    _hatch(add(root, "defs"))
    add(root, "rect", width=WIDTH, height=whole, fill="#ffffff")
    for place, line in enumerate(titles):
        add(root, "text", line, x=MARGIN, y=40 + 30 * place, font_size=22, font_weight="bold")
    for place, line in enumerate(above):
        add(root, "text", line, x=MARGIN, y=top + 26 + 20 * place, fill=FAINT)
    if about.mark:
        _mark(root, about)
    add(root, "line", x1=MARGIN, x2=WIDTH - MARGIN, y1=rule, y2=rule, stroke=RULE)
    for place, line in enumerate(below):
        add(root, "text", line, x=MARGIN, y=rule + 24 + 19 * place, font_size=12, fill=FAINT)
    return root, add(root, "g", transform=f"translate({MARGIN},{number(body)})")


def written(root: Element) -> bytes:
    """The file of a picture."""
    indent(root)
    told = tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{told}\n'.encode()


def _hatch(defs: Element) -> None:
    """Slanted lines: seen as such on any printer, and unlike any shade."""
    pattern = add(
        defs,
        "pattern",
        id=HATCH,
        width=7,
        height=7,
        patternUnits="userSpaceOnUse",
        patternTransform="rotate(45)",
    )
    add(pattern, "rect", width=7, height=7, fill="#ffffff")
    add(pattern, "line", y2=7, stroke="#8a949e", stroke_width=2.4)


def _mark_width(about: About) -> float:
    return width_of(about.mark or "", 14) + 24


def _mark(root: Element, about: About) -> None:
    width = _mark_width(about)
    left = WIDTH - MARGIN - width
    box = add(root, "g", fill=ALERT)
    add(box, "rect", x=left, y=18, width=width, height=30, rx=3, fill="#fff6f4", stroke=ALERT)
    middle = left + width / 2
    add(box, "text", about.mark, x=middle, y=38, font_size=14, text_anchor="middle")
