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
        _Piece(asked, province, rows)
        for province in asked.provinces()
        if len(rows := asked.rows(province))
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

    def rows(self, province: Province) -> Ints:
        """Where the rows meant stand."""
        meant = np.ones(len(province), np.bool_)
        meant[province.ended(self.known)] = False
        for condition in self._conditions(province):
            meant &= condition
        return np.flatnonzero(meant)

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
    """Rows in groups that have no row elsewhere. A row may stand in several groups."""

    groups: list[Group]
    numbers: Ints  # for every row its group

    def __init__(self, asked: _Asked) -> None:
        self._asked = asked
        self.column = cache(self.read)
        self._included = cache(self._include)

    @abstractmethod
    def read(self, column: str) -> Ints:
        """The numbers of these rows in a column."""

    @abstractmethod
    def kinds(self, counted: str) -> int:
        """How many different numbers a column may have."""

    def count(self, rule: Rule) -> Ints:
        """What each group counts."""
        rows = self._included(rule.include)
        groups, count = self.numbers[rows], len(self.groups)
        if rule.counted == "position":
            return np.bincount(groups, minlength=count)
        things, kinds = self.column(rule.counted)[rows], self.kinds(rule.counted)
        if rule.several is None:
            return distinct(groups, count, things, kinds)
        return repeated(groups, count, things, kinds, of=self.column(rule.several)[rows])

    def _include(self, include: Include) -> Ints:
        """Which of these rows a rule includes."""
        meant = np.ones(len(self.numbers), np.bool_)
        for each in include:
            meant &= among(self.column(each[0]), self._asked.words(*each))
        return np.flatnonzero(meant)


class _Piece(_Part):
    """The rows meant of one province, by the province's own numbers."""

    def __init__(self, asked: _Asked, province: Province, rows: Ints) -> None:
        super().__init__(asked)
        self.province, self.rows = province, rows
        self.groups, self.numbers = [()], np.zeros(len(rows), np.int64)
        for name in asked.question.by:
            self._break_down(name)

    def _break_down(self, name: str) -> None:
        asked, province = self._asked, self.province
        if name in SETS:
            sets = asked.held.sets[name]
            at, told = sets.spread(province[name][self.rows])
            self.rows, self.numbers = self.rows[at], self.numbers[at]
            words = sets.words.words
        else:
            told, words = asked.breakdown(province, name, self.rows)
        if len(words) == 1:
            self.groups = [(*group, words[0]) for group in self.groups]
            return
        cells = self.numbers * len(words) + told
        found, self.numbers = present(cells, len(self.groups) * len(words))
        split = (divmod(cell, len(words)) for cell in found.tolist())
        self.groups = [(*self.groups[group], words[word]) for group, word in split]

    def read(self, column: str) -> Ints:
        told = self.province[column][self.rows]
        if column == "subject":
            stand_ins = self.province.stand_ins(self._asked.mergers)
            return told if stand_ins is None else stand_ins[told]
        return told

    def kinds(self, counted: str) -> int:
        new = len(self._asked.mergers.kept) if counted == "subject" else 0
        return len(self.province.met[counted]) + new


class _Joined(_Part):
    """The rows meant of several provinces, by the numbers common to all."""

    def __init__(self, asked: _Asked, pieces: Sequence[_Piece]) -> None:
        super().__init__(asked)
        self._pieces = pieces
        groups = Vocabulary()
        self.numbers = np.concatenate([groups.number(p.groups)[p.numbers] for p in pieces])
        self.groups = groups.words

    def read(self, column: str) -> Ints:
        told: Ints = np.concatenate([self._of(piece, column) for piece in self._pieces])
        if column == "subject" and self._asked.mergers.known:
            stand_ins = np.arange(self.kinds(column), dtype=np.int32)
            kept = self._asked.mergers.kept
            stand_ins[[*kept]] = [*kept.values()]
            told = stand_ins[told]
        return told

    @staticmethod
    def _of(piece: _Piece, column: str) -> Ints:
        told = piece.province[column][piece.rows]
        if column in NUMBERED:
            told = piece.province.met[column].met[told]
        return told

    def kinds(self, counted: str) -> int:
        return len(self._asked.held.numbered[counted])
