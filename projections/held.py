"""The determinations as columns: a row's words and numbers at one place in many arrays.

The rows of a province lie together, in the order recorded, and the people, proceedings and regions
met there have small numbers of their own, so that a table touches little memory.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Final, NamedTuple
from uuid import UUID

import numpy as np

from projections.arrays import Dense, Growing, Ints, Sets, Vocabulary, narrowed
from projections.statistics import DETERMINATIONS

# a breakdown is a plain word of the row, or a place, or what its day is called
WORDS: Final = {name: sql for name, sql in DETERMINATIONS.dimensions.items() if "{" not in sql} | {
    name: DETERMINATIONS.columns[name] for name in ("subject_kind", "outcome", "sanction", "relief")
}
OF_DAY: Final = {name: sql for name, sql in DETERMINATIONS.dimensions.items() if "{day}" in sql}
DAYS: Final = tuple(DETERMINATIONS.days.values())
SETS: Final = DETERMINATIONS.several
NUMBERED: Final = {
    "region": "region",
    "subject": "subject_id",
    "accountability": "uuid_send(accountability_id)",
}
EPOCH: Final = date(2000, 1, 1)  # days are whole numbers from here
NARROW: Final = {*WORDS, *SETS, *NUMBERED}  # columns of numbers we gave
KEY: Final = ("matter_high", "matter_low", "version")  # of a determination

Ending = tuple[int, UUID, int]  # position, matter, version of the determination that ended
Merger = tuple[int, str, str]  # position, number given up, number kept


class Mergers(NamedTuple):
    """How many mergers are known, and for every number given up the one kept."""

    known: int
    kept: Mapping[int, int]


class Province:
    """The rows whose region begins with the same two digits."""

    def __init__(self) -> None:
        self._columns: dict[str, Growing] = {}
        self.met = {name: Dense() for name in NUMBERED}
        self._ended, self._ended_at = Growing(np.int64), Growing(np.int64)
        self._stand_ins: tuple[Ints | None, tuple[int, int]] = (None, (0, 0))

    def __getitem__(self, column: str) -> Ints:
        return self._columns[column].held

    def __len__(self) -> int:
        return len(self["position"])

    def add(self, rows: Mapping[str, Ints]) -> None:
        for name, values in rows.items():
            told = self.met[name].number(values) if name in self.met else values
            if name in NARROW:
                told = narrowed(told)
            self._columns.setdefault(name, Growing(told.dtype)).add(told)

    def end(self, ended: Mapping[tuple[int, int, int], int], matters: Ints) -> None:
        """Note where the rows end that are told of by matter, in two halves, and version.

        `matters`: the first halves, by which few rows are left to be looked at.
        """
        for row in np.flatnonzero(np.isin(self["matter_high"], matters)):
            high, low, version = (int(self[each][row]) for each in KEY)
            if at := ended.get((high, low, version)):
                self._ended.add(np.array([row]))
                self._ended_at.add(np.array([at]))

    def ended(self, known: int) -> Ints:
        """The rows that have ended by then."""
        return self._ended.held[self._ended_at.held <= known]

    def stand_ins(self, mergers: Mergers) -> Ints | None:
        """For every person met here the one that counts; None where each counts alone.

        At most as many are new as numbers were given up.
        """
        made_for = (mergers.known, len(self.met["subject"]))
        if self._stand_ins[1] != made_for:
            self._stand_ins = (self._stand_in(mergers.kept), made_for)
        return self._stand_ins[0]

    def _stand_in(self, mergers: Mapping[int, int]) -> Ints | None:
        people = self.met["subject"]
        here = people.find(np.fromiter(mergers, np.int32, len(mergers)))
        if not (here >= 0).any():
            return None
        stand_ins = np.arange(len(people), dtype=np.int32)
        kept = np.fromiter(mergers.values(), np.int32, len(mergers))
        elsewhere: dict[int, int] = {}  # the kept number need not have been met here
        for person, number, at in zip(here, kept, people.find(kept), strict=True):
            if person >= 0:
                new = len(people) + len(elsewhere)
                stand_ins[person] = at if at >= 0 else elsewhere.setdefault(int(number), new)
        return stand_ins


class Days:
    """What the days met are called: 2026, 2026Q1, 2026-03."""

    def __init__(self) -> None:
        self.words = {name: Vocabulary() for name in OF_DAY}
        self._called: dict[int, tuple[int, ...]] = {}
        self._first, self._numbers = 0, np.empty((len(OF_DAY), 0), np.int32)

    def unknown(self, days: Iterable[int]) -> list[int]:
        return [day for day in days if day not in self._called]

    def learn(self, called: Iterable[Sequence[str | int]]) -> None:
        """For every day its number, then what it is called in each breakdown."""
        for day, *names in called:
            told = zip(self.words.values(), names, strict=True)
            self._called[int(day)] = tuple(int(words.number([name])[0]) for words, name in told)
        days = np.fromiter(self._called, np.int64, len(self._called))
        self._first = int(days.min())
        self._numbers = np.zeros((len(OF_DAY), int(days.max()) - self._first + 1), np.int32)
        self._numbers[:, days - self._first] = np.array([*self._called.values()]).T

    def numbers(self, name: str, days: Ints) -> Ints:
        numbers: Ints = self._numbers[[*OF_DAY].index(name)][days - self._first]
        return numbers


class Held:
    """All rows up to a position of the log, province by province."""

    def __init__(self) -> None:
        self.position = 0
        self.words = {name: Vocabulary() for name in WORDS}
        self.sets = {name: Sets() for name in SETS}
        self.numbered = {name: Vocabulary() for name in NUMBERED}
        self.days = Days()
        self.provinces: dict[str, Province] = defaultdict(Province)
        self._mergers: list[tuple[int, int, int]] = []
        self._by_digits: dict[int, tuple[Ints, list[str]]] = {}

    def add(self, rows: Mapping[str, Ints]) -> None:
        """Add rows told by column, in the order recorded, their words numbered by ours."""
        provinces = Vocabulary()
        of_region = provinces.number(code[:2] for code in self.numbered["region"].words)
        of_row = of_region[rows["region"]]
        order = np.argsort(of_row, kind="stable")
        begins = np.searchsorted(of_row[order], np.arange(len(provinces) + 1))
        for number, name in enumerate(provinces.words):
            at = order[begins[number] : begins[number + 1]]
            if len(at):
                self.provinces[name].add({name: values[at] for name, values in rows.items()})

    def end(self, endings: Iterable[Ending]) -> None:
        ended = {(*halves(matter), version): at for at, matter, version in endings}
        if ended:
            matters = np.array([high for high, _, _ in ended], np.uint64)
            for province in self.provinces.values():
                province.end(ended, matters)

    def merge(self, mergers: Iterable[Merger]) -> None:
        people = self.numbered["subject"]
        for position, *both in mergers:
            given_up, kept = people.number(both)
            self._mergers.append((position, int(given_up), int(kept)))

    def merged(self, known: int) -> Mergers:
        """By then."""
        told = [(given_up, kept) for at, given_up, kept in self._mergers if at <= known]
        return Mergers(len(told), dict(told))

    def by_digits(self, digits: int) -> tuple[Ints, list[str]]:
        """For every region the place so many of its digits name, and what places are called."""
        regions = self.numbered["region"]
        if len(self._by_digits.get(digits, ((),))[0]) != len(regions):
            called = Vocabulary()
            places = called.number([place(code, digits) for code in regions.words])
            self._by_digits[digits] = (places, called.words)
        return self._by_digits[digits]


def place(code: str, digits: int) -> str:
    """A region's code cut to so many digits: 421087 → 420000."""
    return code[:digits].ljust(6, "0")[:6]


def halves(matter: UUID) -> tuple[int, int]:
    return matter.int >> 64, matter.int & (1 << 64) - 1
