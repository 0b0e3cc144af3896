"""行政区划树: which unit a code is on any day, and which it was or became under other boundaries.

A code is kept as it was written on its own day; a report says under which boundaries it counts.
Where a code has no one unit there (it is not in the table, or what it was is now several), the
nearest unit above answers for it, so that nothing is counted for a place that may be the wrong one.
"""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from enum import StrEnum

from domain.values import Text, Value

ONE_DAY = timedelta(days=1)
DIGITS = 6
PAIRS = (2, 4, DIGITS)  # a province, a prefecture, a county


class Level(StrEnum):
    PROVINCE = "province"  # 省级
    PREFECTURE = "prefecture"  # 地级
    COUNTY = "county"  # 县级


class Region(Value):
    """A unit under one name and one parent; both its first day and its last one belong to it.

    Either day is None where the unit was there before the table begins, or still is.
    `successors`: the codes it became the day after its last; its own, where only the name is new.
    `confirmed`: False where no more than the year of a change is certain; the days are its first
    and the last of the year before.
    """

    code: Text
    name: Text
    parent: str | None
    level: Level
    valid_from: date | None = None
    valid_to: date | None = None
    successors: tuple[str, ...] = ()
    confirmed: bool = True

    @property
    def first_day(self) -> date:
        return self.valid_from or date.min

    @property
    def last_day(self) -> date:
        return self.valid_to or date.max

    @property
    def directly_administered(self) -> bool:
        """省直辖县级行政单位: a row among the prefectures, and a row among the counties."""
        return self.level is Level.COUNTY and self.parent == upwards(self.code)[-1]

    def in_force(self, on: date) -> bool:
        return self.first_day <= on <= self.last_day

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


def upwards(code: str) -> tuple[str, ...]:
    """Six-digit codes by pairs of digits: the code, the prefecture's, the province's.

    A code may be written with two, four or six digits. Raises ValueError.
    """
    if len(code) not in PAIRS or not (code.isascii() and code.isdigit()):
        raise ValueError(f"行政区划代码是两位、四位或六位数字，不能是“{code}”：请改正。")
    full = code.ljust(DIGITS, "0")
    above = (full[:pair].ljust(DIGITS, "0") for pair in reversed(PAIRS))
    return tuple(dict.fromkeys(above))


class RegionTree:
    """The units of a table, whose parents and successors are there on the days they are needed."""

    def __init__(self, regions: Iterable[Region]) -> None:
        self._units: dict[str, list[Region]] = {}  # of one code, the earliest first
        self._before: dict[str, list[Region]] = {}  # what became this code
        for each in sorted(regions, key=lambda region: (region.code, region.first_day)):
            self._units.setdefault(each.code, []).append(each)
            for code in each.successors:
                self._before.setdefault(code, []).append(each)

    # ---- the tree of one day --------------------------------------------------------------------

    def on(self, day: date) -> tuple[Region, ...]:
        """Every unit of a day, by code."""
        return tuple(e for units in self._units.values() for e in units if e.in_force(day))

    def find(self, code: str, day: date) -> Region:
        """The unit that bears the code on that day; ValueError where none does."""
        full = upwards(code)[0]
        units = self._units.get(full, [])
        for each in units:
            if each.in_force(day):
                return each
        if not units:
            raise ValueError(f"区划表里没有代码 {full}：请核对。")
        now = self.successor(full, day)
        raise ValueError(f"{day} 没有 {units[-1]}，其地当日属 {now}：请核对代码或日期。")

    def name(self, code: str, day: date) -> str:
        """Raises ValueError."""
        return self.find(code, day).name

    def level(self, code: str, day: date) -> Level:
        """Raises ValueError."""
        return self.find(code, day).level

    def parent(self, code: str, day: date) -> Region | None:
        """The unit next above, None for a province. Raises ValueError."""
        return next(iter(self.ancestors(code, day)), None)

    def ancestors(self, code: str, day: date) -> tuple[Region, ...]:
        """The units above, the nearest first. Raises ValueError."""
        return tuple(self._ancestors(self.find(code, day), day))

    def children(self, code: str, day: date) -> tuple[Region, ...]:
        """The units next below, by code: of Hubei its seventeen rows. Raises ValueError."""
        full = self.find(code, day).code
        return tuple(each for each in self.on(day) if each.parent == full)

    # ---- under other boundaries -----------------------------------------------------------------

    def successor(self, code: str, day: date) -> Region:
        """What a code, of whatever time, is under the boundaries of `day`. Raises ValueError."""
        return self.under(code, day, day)

    def under(self, code: str, day: date, boundaries: date) -> Region:
        """The unit for which a fact of `day` counts under the boundaries of another, or the same.

        Earlier boundaries are as good as later ones. A code out of use on its own day is taken for
        what it last was, or first became. ValueError where not even the province is known.
        """
        for known in upwards(code):
            if found := self._counterparts(known, day, boundaries):
                return self._nearest_common(found, boundaries)
        raise ValueError(f"区划表里没有代码 {code}，也没有它的省：请核对。")

    def part_of(self, node: str, code: str, day: date, boundaries: date) -> Region | None:
        """The row for which a fact of `day` counts where the units next below `node` are told.

        It is `node` itself for what can be told no nearer: its own facts, and codes not in the
        table. None for what lies outside. ValueError where `boundaries` do not know the node.
        """
        top = self.find(node, boundaries)
        unit = self.under(code, day, boundaries)
        line = (unit, *self._ancestors(unit, boundaries))
        return line[max(line.index(top) - 1, 0)] if top in line else None

    def _ancestors(self, unit: Region, day: date) -> Iterator[Region]:
        while unit.parent is not None:
            unit = self.find(unit.parent, day)
            yield unit

    def _counterparts(self, code: str, day: date, boundaries: date) -> set[Region]:
        units = self._units.get(code)
        if not units:
            return set()
        begun = [each for each in units if each.first_day <= day]
        unit = begun[-1] if begun else units[0]
        then = min(max(day, unit.first_day), unit.last_day)
        if then <= boundaries:
            return self._later(unit, boundaries)
        return self._earlier(unit, then, boundaries)

    def _later(self, unit: Region, day: date) -> set[Region]:
        """All that a unit is on a day that is not before it."""
        if unit.in_force(day):
            return {unit}
        after = unit.last_day + ONE_DAY
        became = (self.find(code, after) for code in unit.successors)
        return {each for next_unit in became for each in self._later(next_unit, day)}

    def _earlier(self, unit: Region, since: date, day: date) -> set[Region]:
        """All that a unit of `since` was on an earlier day; nothing if not made of whole units.

        A unit that took in others cannot be told apart from them afterwards: each may be meant.
        """
        was = {unit} if unit.in_force(day) else set()
        for each in self._before.get(unit.code, ()):
            if day <= each.last_day < since and unit.in_force(each.last_day + ONE_DAY):
                was |= self._earlier(each, each.last_day, day)
        return was

    def _nearest_common(self, units: set[Region], day: date) -> Region:
        first, *others = [(unit, *self._ancestors(unit, day)) for unit in units]
        for each in first:
            if all(each in line for line in others):
                return each
        told = "、".join(sorted(map(str, units)))
        raise ValueError(f"按 {day} 的区划分属 {told}，不在同一省：无从归入其一。")
