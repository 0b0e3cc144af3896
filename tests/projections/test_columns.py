"""The columns and SQL answer every question alike; what comes later reaches the columns too."""

import asyncio
import json
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import numpy as np
import pytest

from projections import arrays, columns
from projections.arrays import Sets, distinct, repeated
from projections.columns import Columns
from projections.definitions import EVERY, HEADLINE
from projections.held import Held, Mergers, Province
from projections.rebuild import rebuild
from projections.statistics import DETERMINATIONS, Measure, Question, count
from projections.tables import NotInColumns
from workers.addresses import DatabaseAddress

MEASURES = [measure for measure in EVERY if measure.source is DETERMINATIONS]
(REPEATS,) = (measure for measure in MEASURES if measure.several)
(PERSONS, TIMES) = (next(m for m in MEASURES if m.id == id_) for id_ in ("M1", "M4"))
FIRST = date(2021, 11, 20)
REGIONS = ("42", "420100", "420102", "421000", "421087", "421023", "429004", "510704", "510000")
WORDS = ("one", "two", "three", "未填")
Told = dict[str, Any]


def some_rows(draw: random.Random, positions: range) -> list[Told]:
    """Determinations at these positions: few people, few proceedings, everything repeated."""
    return [
        {
            "position": position,
            "matter_id": UUID(int=draw.choice([position, 5 << 64 | position, position // 2])),
            "version": draw.choice([7, 9]),
            "accountability_id": UUID(int=draw.randrange(60)),
            "case_number": f"例〔2026〕{position}号",
            "subject_id": f"p-{draw.randrange(40)}",
            "subject_kind": draw.choice(["cadre", "cadre", "organization"]),
            "subject_label": "张某",
            "outcome": draw.choice(["exemption", "mitigation", "no_tolerance"]),
            "sanction": draw.choice([None, "party"]),
            "relief": None,
            "measures": draw.choices(WORDS, k=draw.randrange(3)),
            "situations": draw.choices(WORDS, k=draw.randrange(4)),
            "organ_id": f"organ-{draw.randrange(4)}",
            "organ_kind": draw.choice(["discipline", "discipline", "personnel"]),
            "organ_level": draw.choice(["county", "province"]),
            "region": draw.choice(REGIONS),
            "rank": draw.choice([None, "县处级"]),
            "field": draw.choice([None, "水利", "农业"]),
            "policy": draw.choice(["hubei_2022.1", "wuyang_2017.1"]),
            "track": draw.choice(["application", "ex_officio"]),
            "decided_on": (day := FIRST + timedelta(days=draw.randrange(900))),
            "effective_on": day + timedelta(days=draw.randrange(60)),
        }
        for position in positions
    ]


class Tables:
    """Writes into the views as the follower would."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self.connection = connection

    async def add(self, rows: Sequence[Told]) -> None:
        await self.connection.copy_records_to_table(
            "statistics",
            schema_name="views",
            columns=[*rows[0]],
            records=[tuple(row.values()) for row in rows],
        )
        await self.stand_at(rows[-1]["position"])

    async def end(self, position: int, row: Told) -> None:
        await self.connection.execute(
            "INSERT INTO views.determination_ends VALUES ($1, $2, $3)",
            position,
            row["matter_id"],
            row["version"],
        )
        await self.stand_at(position)

    async def merge(self, position: int, number: str, kept: str) -> None:
        await self.connection.execute(
            "INSERT INTO views.identities VALUES ($1, $2, $3)", position, number, kept
        )
        await self.stand_at(position)

    async def stand_at(self, position: int) -> None:
        await self.connection.execute("UPDATE views.position SET position = $1", position)


@pytest.fixture(scope="module")
def database(
    template_database: DatabaseAddress,
    module_copy: Callable[[DatabaseAddress], DatabaseAddress],
) -> DatabaseAddress:
    """One for all tests of this file: each begins with empty views."""
    return module_copy(template_database)


@pytest.fixture
async def tables(projector: asyncpg.Connection) -> Tables:
    await projector.execute("TRUNCATE views.statistics, views.determination_ends, views.identities")
    made = Tables(projector)
    await made.stand_at(0)
    return made


@pytest.fixture
def draw() -> random.Random:
    return random.Random(4)  # noqa: S311 (no secret: the same rows every time)


async def fill(tables: Tables, draw: random.Random, rows: int = 400) -> list[Told]:
    """Rows, a tenth of which end; mergers, one of them of a number that never occurs."""
    told = some_rows(draw, range(1, rows + 1))
    await tables.add(told)
    position = rows
    for row in draw.sample(told, rows // 10):
        await tables.end(position := position + 1, row)
    kept = {"p-1": "p-3", "p-2": "p-3", "p-4": "p-99", "p-5": "p-99", "p-6": "p-7", "p-7": "p-98"}
    for number, other in [("p-1", "p-2"), *kept.items()]:
        await tables.merge(position := position + 1, number, other)
    return told


PLACES: Sequence[Mapping[str, str]] = (
    {},
    {"421023": "421087", "421087": "421087", "429004": "429004", "510704": "421087"},
)
OTHERS = (("rank", ["未填"]), ("field", ["水利"]), ("organ", ["organ-2"]), ("month", ["2022-03"]))


def some_question(draw: random.Random) -> Question:
    since = FIRST + timedelta(days=draw.randrange(900))
    names = [*DETERMINATIONS.breakdowns]
    by = tuple(draw.sample(names, k=draw.choice([0, 1, 1, 1, 2, 3])))
    places = draw.choice(PLACES)
    only: dict[str, list[str]] = {
        name: told
        for name, told in (
            ("outcome", ["exemption", "never"]),
            ("situation", draw.choices(WORDS, k=2)),
            ("measure", ["one", "未填"]),
            ("year", ["2022", "2023"]),
            ("quarter", []),
            draw.choice(OTHERS),
            *([("region", ["420000", "421087"])] if "region" in by else []),
        )
        if draw.random() < 0.12
    }
    return Question(
        region=draw.choice([None, "42", "420000", "421000", "421087", "510000", "4", "99"]),
        since=draw.choice([None, None, since]),
        until=draw.choice([None, None, since + timedelta(days=draw.randrange(700))]),
        known_at=draw.choice([None, None, 0, draw.randrange(500)]),
        organ_kind=draw.choice(["discipline", "discipline", None, "never"]),
        by=by,
        places=places,
        only=only,
        dated=draw.choice([None, "decided", "effective", "unheard"]),
    )


async def differences(
    reader: asyncpg.Connection,
    held: Columns,
    draw: random.Random,
    questions: int,
    measures: Sequence[Measure] = MEASURES,
) -> list[Question]:
    """The questions that columns and SQL answer otherwise."""
    asked = [some_question(draw) for _ in range(questions)]
    return [
        each for each in asked if held.count(each, measures) != await count(reader, each, measures)
    ]


@pytest.fixture
async def held(tables: Tables, draw: random.Random, reader: asyncpg.Connection) -> Columns:
    await fill(tables, draw)
    made = Columns()
    await made.refresh(reader)
    return made


async def test_every_cell_of_every_table_is_that_of_sql(
    held: Columns, reader: asyncpg.Connection, draw: random.Random
) -> None:
    assert await differences(reader, held, draw, 300) == []
    answers = [held.count(some_question(draw), MEASURES) for _ in range(100)]
    assert sum(len(rows) > 1 for rows in answers) > 30  # it was not nothing that was compared


async def test_the_same_holds_where_there_is_no_room_for_marks(
    held: Columns,
    reader: asyncpg.Connection,
    draw: random.Random,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(arrays, "CELLS", 8)
    assert await differences(reader, held, draw, 40) == []


async def test_whom_it_counts_repeatedly_alone_has_the_rows_of_sql(
    held: Columns, reader: asyncpg.Connection, draw: random.Random
) -> None:
    assert await differences(reader, held, draw, 40, [REPEATS]) == []
    assert held.count(Question(), [REPEATS]) != [{REPEATS.name: 0}]


async def test_columns_and_words_come_in_the_order_of_sql(
    held: Columns, reader: asyncpg.Connection
) -> None:
    question = Question(by=("situation", "region"))
    ours, theirs = held.count(question, HEADLINE), await count(reader, question, HEADLINE)
    assert [[*row.items()] for row in ours] == [[*row.items()] for row in theirs]
    assert json.dumps(ours) == json.dumps(theirs)  # whole numbers of Python's own


async def test_loading_step_by_step_is_loading_at_once(
    tables: Tables,
    reader: asyncpg.Connection,
    draw: random.Random,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(columns, "ROWS", columns.ROWS.replace("LIMIT 50000", "LIMIT 7"))
    held, told = Columns(), some_rows(draw, range(1, 60))
    for row in told:
        await tables.add([row])
        if row["position"] % 4 == 0:
            await held.refresh(reader)
    await held.refresh(reader)
    await tables.end(60, told[3])
    await held.refresh(reader)
    await tables.merge(61, "p-1", "p-2")
    assert await held.refresh(reader) == held.position == 61
    assert await differences(reader, held, draw, 40) == []


async def test_a_revocation_that_comes_later_counts_from_then_on(
    tables: Tables, reader: asyncpg.Connection, draw: random.Random
) -> None:
    told = [row | {"outcome": "exemption"} for row in some_rows(draw, range(1, 10))]
    held, everyone = Columns(), Question(organ_kind=None)
    await tables.add(told)
    await held.refresh(reader)
    cadres = held.count(everyone, [TIMES])[0][TIMES.name]
    await tables.end(12, next(row for row in told if row["subject_kind"] == "cadre"))
    assert held.count(everyone, [TIMES]) == [{TIMES.name: cadres}]  # until it is refreshed
    await held.refresh(reader)
    assert held.count(everyone, [TIMES]) == [{TIMES.name: cadres - 1}]
    assert held.count(replace(everyone, known_at=11), [TIMES]) == [{TIMES.name: cadres}]


async def test_a_merger_that_comes_later_counts_from_then_on(
    tables: Tables, reader: asyncpg.Connection, draw: random.Random
) -> None:
    same = {"subject_kind": "cadre", "outcome": "exemption", "organ_kind": "discipline"}
    rows = some_rows(draw, range(1, 4))
    persons = ("a", "b", "c")
    await tables.add([r | same | {"subject_id": p} for r, p in zip(rows, persons, strict=True)])
    held = Columns()
    await held.refresh(reader)
    await tables.merge(4, "a", "b")
    await held.refresh(reader)
    await tables.merge(5, "b", "c")
    await tables.merge(6, "a", "c")
    await held.refresh(reader)
    known = [held.count(Question(known_at=n), [PERSONS])[0][PERSONS.name] for n in (3, 4, 5, 6)]
    assert known == [3, 2, 2, 1]


async def test_of_another_store_nothing_of_the_first_is_left(
    tables: Tables, projector: asyncpg.Connection, reader: asyncpg.Connection, draw: random.Random
) -> None:
    await fill(tables, draw)
    held = Columns()
    await held.refresh(reader)
    for rows in (range(1, 4), range(1, 900)):  # an older one, and one that has gone further
        await projector.execute("TRUNCATE views.statistics, views.identities")
        await projector.execute("TRUNCATE views.determination_ends")
        await tables.add(some_rows(draw, rows))
        await held.refresh(reader)
        assert await differences(reader, held, draw, 20) == []
    assert held.position == 899


async def test_tables_that_were_rebuilt_are_read_from_the_beginning(
    tables: Tables, superuser: asyncpg.Connection, reader: asyncpg.Connection, draw: random.Random
) -> None:
    await tables.add(some_rows(draw, range(1, 30)))
    held = Columns()
    await held.refresh(reader)
    await tables.stand_at(0)  # the log is empty, and so is what is made from it
    await rebuild(superuser, ["statistics"])
    await tables.add(some_rows(draw, range(1, 29)) + some_rows(random.Random(5), range(29, 30)))  # noqa: S311
    await held.refresh(reader)
    assert await differences(reader, held, draw, 20) == []


async def test_a_refresh_that_fails_changes_nothing(
    tables: Tables, reader: asyncpg.Connection, draw: random.Random, monkeypatch: pytest.MonkeyPatch
) -> None:
    await tables.add(some_rows(draw, range(1, 30)))
    held = Columns()
    await held.refresh(reader)
    before = held.count(Question(by=("month",)), MEASURES)
    await tables.add(some_rows(draw, range(30, 60)))
    with monkeypatch.context() as broken:
        broken.setattr(columns, "MERGED", "SELECT no_such_column")
        with pytest.raises(asyncpg.UndefinedColumnError):
            await held.refresh(reader)
    assert (held.position, held.count(Question(by=("month",)), MEASURES)) == (29, before)
    await held.refresh(reader)
    assert await differences(reader, held, draw, 20) == []


async def test_two_who_refresh_at_once_take_every_row_once(
    tables: Tables, reader: asyncpg.Connection, projector: asyncpg.Connection, draw: random.Random
) -> None:
    await tables.add(some_rows(draw, range(1, 300)))
    held = Columns()
    await asyncio.gather(held.refresh(reader), held.refresh(projector))
    assert await differences(reader, held, draw, 20) == []


async def test_what_only_the_tables_know_is_left_to_them(held: Columns) -> None:
    (facts,) = (measure for measure in EVERY if measure.id == "M9")
    for question, measure in (
        (Question(matters=[]), PERSONS),
        (Question(), facts),
        (Question(), replace(PERSONS, conditions=["true"])),
        (Question(), replace(PERSONS, id="X1")),
    ):
        with pytest.raises(NotInColumns):
            held.count(question, [measure])


@pytest.mark.parametrize("asked", [{"by": ("colour",)}, {"only": {"sanction": ["party"]}}])
async def test_an_unknown_breakdown_is_refused_as_by_sql(
    held: Columns, reader: asyncpg.Connection, asked: dict[str, Any]
) -> None:
    question = Question(**asked)
    with pytest.raises(KeyError):
        held.count(question, MEASURES)
    with pytest.raises(KeyError):
        await count(reader, question, MEASURES)


# --- the controls: what is wrong would be seen ---------------------------------------------------

Fault = Callable[[pytest.MonkeyPatch], None]


def a_row_taken_twice(patch: pytest.MonkeyPatch) -> None:
    add = Held.add
    patch.setattr(
        Held,
        "add",
        lambda held, rows: add(
            held, {name: np.append(values, values[-40:]) for name, values in rows.items()}
        ),
    )


def ends_not_heard_of(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Held, "end", lambda *_: None)


def mergers_passed_over(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Held, "merged", lambda *_: Mergers(0, {}))


def later_mergers_known_before(patch: pytest.MonkeyPatch) -> None:
    merged = Held.merged
    patch.setattr(Held, "merged", lambda held, _known: merged(held, 2**62))


def the_empty_set_is_no_group(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(arrays, "UNFILLED", "nothing")


def mergers_passed_over_within_a_province(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Province, "stand_ins", lambda *_: None)


@pytest.mark.parametrize(
    "fault",
    [
        a_row_taken_twice,
        ends_not_heard_of,
        mergers_passed_over,
        later_mergers_known_before,
        the_empty_set_is_no_group,
        mergers_passed_over_within_a_province,
    ],
)
async def test_the_comparison_would_see_it(
    tables: Tables,
    reader: asyncpg.Connection,
    draw: random.Random,
    monkeypatch: pytest.MonkeyPatch,
    fault: Fault,
) -> None:
    fault(monkeypatch)
    await fill(tables, draw)
    held = Columns()
    await held.refresh(reader)
    assert await differences(reader, held, draw, 60)


# --- counting what differs -----------------------------------------------------------------------


@pytest.mark.parametrize("cells", [0, 1 << 20])
def test_marks_and_sorting_count_alike(cells: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrays, "CELLS", cells)
    groups, things = np.array([0, 0, 0, 2, 2]), np.array([1, 1, 3, 0, 0])
    assert distinct(groups, 4, things, 5).tolist() == [2, 0, 1, 0]
    assert repeated(groups, 4, things, 5, of=np.array([7, 8, 7, 9, 9])).tolist() == [1, 0, 0, 0]


def test_the_words_of_a_set_are_told_wherever_the_set_stands() -> None:
    sets = Sets()
    numbers = sets.number(['["b", "a", "b"]', "[]", '["a"]', '["b", "a", "b"]'])
    at, words = sets.spread(numbers)
    told = [sets.words.words[word] for word in words]
    assert [*zip(at.tolist(), told, strict=True)] == [
        (0, "b"),
        (0, "a"),
        (1, "未填"),
        (2, "a"),
        (3, "b"),
        (3, "a"),
    ]
    assert sets.among(["b", "未填"])[numbers].tolist() == [True, False, False, True]
