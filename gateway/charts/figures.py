"""What every chart is drawn from: figures with their names, and what is said around them."""

from dataclasses import dataclass

from gateway.public_figures import WITHHELD


@dataclass(frozen=True)
class Figure:
    """A count of a unit or a period; `count` is None where it is withheld.

    `key`: a region code of six digits, or a period as breakdowns name it (2026-03, 2026Q1, 2026).
    """

    key: str
    name: str
    count: int | None

    @property
    def told(self) -> str:
        return WITHHELD if self.count is None else str(self.count)


@dataclass(frozen=True)
class About:
    """What stands around a chart: its title, lines above and below it, the unit of its figures.

    `mark`: what a reader must see first, where the figures are not of real matters.
    """

    title: str
    unit: str
    above: tuple[str, ...] = ()
    below: tuple[str, ...] = ()
    mark: str | None = None


def sentence(about: About, figure: Figure) -> str:
    """A figure in words, as a pointer over it or a screen reader tells it."""
    if figure.count is None:
        return f"{figure.name}：{WITHHELD}（不公布）"
    return f"{figure.name}：{figure.count} {about.unit}"
