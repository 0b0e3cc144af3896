"""Tables counted from columns, province by province, equal in every cell to those from SQL."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import numpy as np

from projections.arrays import Bools, Ints, Vocabulary, among, distinct, present, repeated
from projections.definitions import DEFINITIONS, EVERY
from projections.held import EPOCH, NUMBERED, OF_DAY, SETS, WORDS, Held, Province, place
from projections.statistics import DETERMINATIONS, NEWEST, Measure, Question, region_prefix

DEFINED: Final = {
    measure.id: (measure, definition)
    for measure, definition in zip(EVERY, DEFINITIONS.measures, strict=True)
}
PROVINCE: Final = 2  # digits
Group = tuple[str, ...]
Include = tuple[tuple[str, tuple[str, ...]], ...]


class NotInColumns(Exception):  # noqa: N818 (no error: the tables have the answer)
    """Only SQL over the tables can answer this."""


@dataclass(frozen=True)
class Rule:
    """How a measure counts: which rows, and which of them are one."""

    name: str
    counted: str
    include: Include  # each column with the words that count
    several: str | None


def rule_of(measure: Measure) -> Rule:
    """Raises NotInColumns for a measure of another table or edition, or of a thing not held."""
    known, definition = DEFINED.get(measure.id, (None, None))
    if definition is None or known != measure or definition.of != "determinations":
        raise NotInColumns(measure.id)
    include = {column: DEFINITIONS.values(told) for column, told in definition.include.items()}
    (counted, *others), several = definition.counted, definition.several
    countable = {*NUMBERED} if several else {"position", *NUMBERED}
    if others or not {counted, several or counted} <= countable or include.keys() - WORDS.keys():
        raise NotInColumns(measure.id)
    return Rule(measure.name, counted, tuple(include.items()), several)


def table(held: Held, question: Question, measures: Sequence[Measure]) -> list[dict[str, Any]]:
    """As `statistics.count`. Raises NotInColumns, KeyError for an unknown breakdown."""
    if question.matters is not None:
        raise NotInColumns("matters")
    if unknown := {*question.by, *question.only} - DETERMINATIONS.breakdowns.keys():
        raise KeyError(*sorted(unknown))
    rules = [rule_of(measure) for measure in measures]
    nothing = dict.fromkeys((rule.name for rule in rules), 0)
    found: dict[Group, dict[str, Any]] = {} if question.by else {(): {**nothing}}
    for part in _parts(_Asked(held, question)):
        for rule in rules:
            for group, counted in zip(part.groups, part.count(rule).tolist(), strict=True):
                if counted or rule.several is None:
                    told = dict(zip(question.by, group, strict=True))
                    found.setdefault(group, told | nothing)[rule.name] = counted
    return [found[group] for group in sorted(found)]


def _parts(asked: "_Asked") -> Iterator["_Part"]:
    """Each province by itself, unless a group is found in two of them: then all at once."""
    pieces = [
        _Piece(asked, province, meant)
        for province in asked.provinces()
        if (meant := asked.meant(province)).any()
    ]
    groups = [group for piece in pieces for group in piece.groups]
    if len({*groups}) == len(groups):
        yield from pieces
    else:
        yield _Joined(asked, pieces)


class _Asked:
    """A question about what is held: which rows it means, and the groups they fall into."""

    def __init__(self, held: Held, question: Question) -> None:
        self.held, self.question = held, question
        self.known = NEWEST if question.known_at is None else int(question.known_at)
        self.mergers = held.merged(self.known)
        self.day = DETERMINATIONS.day(question.dated)
        self._codes = held.numbered["region"].words
        prefix = region_prefix(question.region) if question.region else ""
        self._deeper = len(prefix) + 2 if prefix else 2
        self._prefix = "" if question.places else prefix
        self._meant = [*self._lookups()]
        self.words = cache(self._words)

    def _lookups(self) -> Iterator[tuple[str, Bools]]:
        """What is asked for only: a breakdown, and which of its numbers are meant."""
        held, question = self.held, self.question
        if question.organ_kind is not None:
            yield "organ_kind", held.words["organ_kind"].among([question.organ_kind])
        for name, told in question.only.items():
            if name in SETS:
                yield name, held.sets[name].among(told)
            elif name in WORDS:
                yield name, held.words[name].among(told)
            elif name in OF_DAY:
                yield name, held.days.words[name].among(told)

    def _words(self, name: str, told: Iterable[str]) -> Bools:
        return self.held.words[name].among(told)

    def provinces(self) -> Iterator[Province]:
        meant = {code[:PROVINCE] for code in self.question.places}
        for name, province in self.held.provinces.items():
            if name in meant if meant else name.startswith(self._prefix[:PROVINCE]):
                yield province

    def meant(self, province: Province) -> Bools:
        """Which of its rows are meant."""
        meant = np.ones(len(province), np.bool_)
        meant[province.ended(self.known)] = False
        for condition in self._conditions(province):
            meant &= condition
        return meant

    def _conditions(self, province: Province) -> Iterator[Bools]:
        question, days = self.question, province[self.day]
        if question.known_at is not None:
            yield province["position"] <= self.known
        if question.since is not None:
            yield days >= (question.since - EPOCH).days
        if question.until is not None:
            yield days <= (question.until - EPOCH).days
        for name, meant in self._meant:
            yield among(self.numbers(province, name, slice(None)), meant)
        if "region" in question.only:
            places, called = self._places(province)
            told = {*question.only["region"]}
            yield _where(each in told for each in called)[places][province["region"]]
        if question.places:
            yield self._where(province, question.places.__contains__)
        elif len(self._prefix) > PROVINCE:
            yield self._where(province, lambda code: code.startswith(self._prefix))

    def _where(self, province: Province, meant: Callable[[str], bool]) -> Bools:
        return _where(map(meant, self._codes_of(province)))[province["region"]]

    def _places(self, province: Province) -> tuple[Ints, list[str]]:
        """For every region of a province its row in a breakdown, and what the rows are called."""
        if not self.question.places:
            places, called = self.held.by_digits(self._deeper)
            found, here = present(places[province.met["region"].met], len(called))
            return here, [called[each] for each in found]
        told, rows = self.question.places, Vocabulary()
        codes = self._codes_of(province)
        return rows.number([told.get(e, place(e, self._deeper)) for e in codes]), rows.words

    def _codes_of(self, province: Province) -> list[str]:
        return [self._codes[number] for number in province.met["region"].met.tolist()]

    def numbers(self, province: Province, name: str, rows: Ints | slice) -> Ints:
        """The numbers of the words, or of the sets, in these rows."""
        if name in OF_DAY:
            return self.held.days.numbers(name, province[self.day][rows])
        return province[name][rows]

    def breakdown(self, province: Province, name: str, rows: Ints) -> tuple[Ints, list[str]]:
        """The group of every row, and what the groups are called."""
        if name == "region":
            places, called = self._places(province)
            if len(called) == 1:
                return np.zeros(len(rows), np.int32), called
            return places[province["region"][rows]], called
        words = self.held.days.words if name in OF_DAY else self.held.words
        return self.numbers(province, name, rows), words[name].words


def _where(told: Iterable[bool]) -> Bools:
    return np.array([*told], np.bool_)


class _Part(ABC):
    """Rows in groups that have no row elsewhere. A row may stand here several times, once a group.

    `numbers`: for every row that is `meant` its group, by its place among `groups`.
    """

    groups: list[Group]
    numbers: Ints
    meant: Bools

    def __init__(self, asked: _Asked) -> None:
        self._asked = asked
        self._included = cache(self._include)

    @abstractmethod
    def column(self, name: str) -> Ints:
        """The numbers of all rows in a column."""

    @abstractmethod
    def things(self, counted: str, rows: Ints) -> tuple[Ints, int]:
        """What is counted in these rows, a merged person as one; and how many there can be."""

    def count(self, rule: Rule) -> Ints:
        """What each group counts."""
        rows, count = self._included(rule.include), len(self.groups)
        groups = self.numbers[rows]
        if rule.counted == "position":
            return np.bincount(groups, minlength=count)
        things, kinds = self.things(rule.counted, rows)
        if rule.several is None:
            return distinct(groups, count, things, kinds)
        return repeated(groups, count, things, kinds, of=self.things(rule.several, rows)[0])

    def _include(self, include: Include) -> Ints:
        """Where the rows stand that a rule includes."""
        meant = self.meant.copy()
        for each in include:
            meant &= among(self.column(each[0]), self._asked.words(*each))
        return np.flatnonzero(meant)


class _Piece(_Part):
    """Rows of one province, by the province's own numbers.

    All of its rows, few of which may be meant: comparing all is quicker than picking some.
    """

    def __init__(self, asked: _Asked, province: Province, meant: Bools) -> None:
        super().__init__(asked)
        self.province, self.meant = province, meant
        self._picked: Ints | slice = slice(None)  # or the rows of the province, some repeated
        self.groups, self.numbers = [()], np.zeros(len(meant), np.int64)
        for name in asked.question.by:
            rows = np.flatnonzero(self.meant)
            if name in SETS:
                self._spread(name, rows)
            else:
                self._divide(rows, *asked.breakdown(province, name, self._of_province(rows)))

    def _spread(self, name: str, rows: Ints) -> None:
        sets = self._asked.held.sets[name]
        at, words = sets.spread(self.column(name)[rows])
        self._picked, self.numbers = self._of_province(rows)[at], self.numbers[rows[at]]
        self.meant = np.ones(len(at), np.bool_)
        self._divide(np.arange(len(at)), words, sets.words.words)

    def _divide(self, rows: Ints, told: Ints, words: Sequence[str]) -> None:
        """Divide the groups further, by the word of every row meant."""
        if len(words) == 1:
            self.groups = [(*group, words[0]) for group in self.groups]
            return
        cells = self.numbers[rows] * len(words) + told
        found, self.numbers[rows] = present(cells, len(self.groups) * len(words))
        split = (divmod(cell, len(words)) for cell in found.tolist())
        self.groups = [(*self.groups[group], words[word]) for group, word in split]

    def _of_province(self, rows: Ints) -> Ints:
        return rows if isinstance(self._picked, slice) else self._picked[rows]

    def column(self, name: str) -> Ints:
        return self.province[name][self._picked]

    def things(self, counted: str, rows: Ints) -> tuple[Ints, int]:
        told = self.province[counted][self._of_province(rows)]
        kinds, mergers = len(self.province.met[counted]), self._asked.mergers
        stand_ins = self.province.stand_ins(mergers) if counted == "subject" else None
        if stand_ins is None:
            return told, kinds
        return stand_ins[told], kinds + len(mergers.kept)


class _Joined(_Part):
    """The rows meant of several provinces, by the numbers common to all."""

    def __init__(self, asked: _Asked, pieces: Sequence[_Piece]) -> None:
        super().__init__(asked)
        self._pieces, groups = pieces, Vocabulary()
        self.numbers = np.concatenate(
            [groups.number(each.groups)[each.numbers[each.meant]] for each in pieces]
        )
        self.groups, self.meant = groups.words, np.ones(len(self.numbers), np.bool_)

    def column(self, name: str) -> Ints:
        return np.concatenate([each.column(name)[each.meant] for each in self._pieces])

    def things(self, counted: str, rows: Ints) -> tuple[Ints, int]:
        told = np.concatenate(
            [
                each.province.met[counted].met[each.column(counted)[each.meant]]
                for each in self._pieces
            ]
        )[rows]
        kinds, kept = len(self._asked.held.numbered[counted]), self._asked.mergers.kept
        if counted == "subject" and kept:
            stand_ins = np.arange(kinds, dtype=np.int32)
            stand_ins[[*kept]] = [*kept.values()]
            told = stand_ins[told]
        return told, kinds
