"""Arrays that grow, words and sets of words as numbers, and counting what differs within groups.

Nothing here knows what is counted. Numbers are given in the order met, so that what was numbered
once keeps its number while more is added.
"""

import json
from collections.abc import Hashable, Iterable, Sequence
from functools import reduce
from typing import Any, Final

import numpy as np
from numpy.typing import DTypeLike, NDArray

Ints = NDArray[Any]  # whole numbers of any width
Bools = NDArray[np.bool_]
CELLS: Final = 1 << 24  # marks kept for every group and thing, a byte each; beyond that they sort
FEW: Final = 4
UNFILLED: Final = "未填"


class Growing:
    """An array that is added to at its end, and widened where what is added needs it."""

    def __init__(self, dtype: DTypeLike) -> None:
        self._room = np.empty(16, dtype)
        self._size = 0

    @property
    def held(self) -> Ints:
        return self._room[: self._size]

    def add(self, values: Ints) -> None:
        end = self._size + len(values)
        dtype = np.promote_types(self._room.dtype, values.dtype)
        if end > len(self._room) or dtype != self._room.dtype:
            room = np.empty(end + end // 8, dtype)
            room[: self._size] = self.held
            self._room = room
        self._room[self._size : end] = values
        self._size = end


class Vocabulary:
    """Every different value met, numbered from nought."""

    def __init__(self) -> None:
        self._numbers: dict[Hashable, int] = {}

    def __len__(self) -> int:
        return len(self._numbers)

    @property
    def words(self) -> list[Any]:
        """The values, each at its number."""
        return [*self._numbers]

    def number(self, values: Iterable[Hashable]) -> Ints:
        numbers = self._numbers
        return np.array([numbers.setdefault(each, len(numbers)) for each in values], np.int32)

    def among(self, told: Iterable[Hashable]) -> Bools:
        """For every number, whether its value was told."""
        found = np.zeros(len(self), np.bool_)
        found[[self._numbers[each] for each in told if each in self._numbers]] = True
        return found


class Sets:
    """Every different set of words met, numbered, and which words stand in it.

    Sets come as JSON arrays. In a breakdown an empty one stands for the word 未填.
    """

    def __init__(self) -> None:
        self._sets, self.words = Vocabulary(), Vocabulary()
        self._members, self._ends, self._filled = (
            Growing(np.int32),
            Growing(np.int64),
            Growing(np.bool_),
        )

    def number(self, told: Sequence[str]) -> Ints:
        known = len(self._sets)
        numbers = self._sets.number(told)
        if len(self._sets) > known:
            for each in self._sets.words[known:]:
                words = dict.fromkeys(json.loads(each))
                self._members.add(self.words.number(words or [UNFILLED]))
                self._ends.add(np.array([len(self._members.held)]))
                self._filled.add(np.array([bool(words)]))
        return numbers

    def among(self, told: Iterable[str]) -> Bools:
        """For every set, whether one of these words stands in it."""
        found = np.zeros(len(self._sets), np.bool_)
        of_set = np.repeat(np.arange(len(self._sets)), self._lengths)
        found[of_set[self.words.among(told)[self._members.held]]] = True
        return found & self._filled.held

    def spread(self, numbers: Ints) -> tuple[Ints, Ints]:
        """Every word of every set: at which of the numbers it stands, and the word."""
        lengths = self._lengths[numbers]
        at = np.repeat(np.arange(len(numbers)), lengths)
        within = np.arange(len(at)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        begins = (self._ends.held - self._lengths)[numbers]
        return at, self._members.held[begins[at] + within]

    @property
    def _lengths(self) -> Ints:
        return np.diff(self._ends.held, prepend=0)


class Dense:
    """Numbers for those whole numbers that are met in one place, out of many that are not."""

    def __init__(self) -> None:
        self._met = Growing(np.int32)
        self._sorted = self._numbers = np.empty(0, np.int32)

    def __len__(self) -> int:
        return len(self._sorted)

    @property
    def met(self) -> Ints:
        """What was met, each at its number here."""
        return self._met.held

    def number(self, values: Ints) -> Ints:
        fresh = np.unique(values)
        fresh = fresh[self.find(fresh) < 0]
        at = np.searchsorted(self._sorted, fresh)
        new = np.arange(len(self), len(self) + len(fresh), dtype=np.int32)
        self._sorted = np.insert(self._sorted, at, fresh)
        self._numbers = np.insert(self._numbers, at, new)
        self._met.add(fresh)
        return self.find(values)

    def find(self, values: Ints) -> Ints:
        """The number here of each, or -1."""
        if not len(self):
            return np.full(len(values), -1, np.int32)
        at = np.minimum(np.searchsorted(self._sorted, values), len(self) - 1)
        return np.where(self._sorted[at] == values, self._numbers[at], -1)


def narrowed(numbers: Ints) -> Ints:
    """The same numbers, none below nought, in as few bytes as hold them."""
    return numbers.astype(np.min_scalar_type(-1 - int(numbers.max(initial=0))))


def among(numbers: Ints, meant: Bools) -> Bools:
    """Where one of the numbers meant stands. Few are compared, which is quicker than looking up."""
    found = np.flatnonzero(meant)
    if len(found) > FEW:
        return meant[numbers]
    if not len(found):
        return np.zeros(len(numbers), np.bool_)
    return reduce(np.logical_or, (numbers == each for each in found.tolist()))


def distinct(groups: Ints, count: int, things: Ints, kinds: int) -> Ints:
    """How many different things there are in each of `count` groups; things are below `kinds`."""
    cells = things if count == 1 else groups.astype(np.int64) * kinds + things
    if count * kinds > CELLS:
        return np.bincount(np.unique(cells) // kinds, minlength=count)
    seen = np.zeros(count * kinds, np.bool_)
    seen[cells] = True
    counted: Ints = np.count_nonzero(seen.reshape(count, kinds), axis=1)
    return counted


def repeated(groups: Ints, count: int, things: Ints, kinds: int, of: Ints) -> Ints:
    """How many things in each group stand there with two different `of` or more."""
    cells = groups.astype(np.int64) * kinds + things
    told, size = None, count * kinds
    if size > CELLS:
        told, cells = np.unique(cells, return_inverse=True)
        size = len(told)
    last = np.empty(size, of.dtype)
    last[cells] = of  # whichever comes last: another one beside it makes two
    again = np.unique(cells[last[cells] != of])
    return np.bincount((again if told is None else told[again]) // kinds, minlength=count)


def present(codes: Ints, kinds: int) -> tuple[Ints, Ints]:
    """The codes that occur, in order, and for each of `codes` which of those it is."""
    if kinds > 4 * len(codes) + 1024:
        found, numbers = np.unique(codes, return_inverse=True)
        return found, numbers
    there = np.zeros(kinds, np.bool_)
    there[codes] = True
    found = np.flatnonzero(there)
    numbers = np.empty(kinds, np.int32)
    numbers[found] = np.arange(len(found))
    return found, numbers[codes]
