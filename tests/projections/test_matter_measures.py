"""The figures of sibling matters: each counts what its definition says, wherever one asks."""

from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from itertools import count as counting
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from projections.definitions import EVERY
from projections.facts import facts
from projections.rows import Recorded
from projections.statistics import FACTS, Question, behind, count
from tests.support.decisions import correct
from tests.support.examples import CDI, WUYANG, determine, determined
from tests.support.given import given
from workers.addresses import DatabaseAddress

DAY = date(2026, 3, 2)
OF_FACTS = [measure for measure in EVERY if measure.source is FACTS]
NOTHING = {measure.name: 0 for measure in OF_FACTS}
BY_ID = {measure.id: measure for measure in OF_FACTS}
Happened = Callable[..., Awaitable[int]]


@pytest.fixture(scope="module")
def database(
    template_database: DatabaseAddress,
    module_copy: Callable[[DatabaseAddress], DatabaseAddress],
) -> DatabaseAddress:
    """One for all tests of this file: each begins with an empty view."""
    return module_copy(template_database)


@pytest.fixture
async def happened(projector: asyncpg.Connection) -> Happened:
    """Adds one countable thing with usual values; answers its position."""
    await projector.execute("TRUNCATE views.facts")
    positions = counting(1)

    async def add(what: str, **unusual: Any) -> int:
        position = next(positions)
        row = {
            "position": position,
            "ordinal": 1,
            "matter_id": uuid4(),
            "version": 3,
            "kind": "clarification",
            "number": f"澄〔2026〕{position}号",
            "what": what,
            "subject_id": f"p-{position}",
            "subject_kind": "cadre",
            "subject_label": "张某",
            "group_id": "举〔2026〕1号",
            "detail": [],
            "organ_id": "cdi",
            "organ_kind": "discipline",
            "organ_level": "county",
            "region": "421087",
            "rank": None,
            "field": None,
            "policy": "hubei_clarification_2020.1",
            "occurred_on": DAY,
        } | unusual
        await projector.copy_records_to_table(
            "facts", schema_name="views", columns=[*row], records=[tuple(row.values())]
        )
        return position

    return add


async def figures(reader: asyncpg.Connection, *measures: str, **asked: Any) -> tuple[int, ...]:
    """These measures, by id, for one question."""
    (row,) = await count(reader, Question(**asked), OF_FACTS)
    return tuple(row[BY_ID[each].name] for each in measures)


@pytest.mark.usefixtures("happened")
async def test_an_empty_store_counts_nothing(reader: asyncpg.Connection) -> None:
    assert await count(reader, Question(), OF_FACTS) == [NOTHING]


async def test_two_persons_cleared_of_one_accusation_are_two_persons(
    reader: asyncpg.Connection, happened: Happened
) -> None:
    await happened("cleared")
    await happened("cleared")
    assert await figures(reader, "M9", "M10", "M11") == (2, 2, 0)


async def test_one_person_cleared_of_two_accusations_is_one_person_twice(
    reader: asyncpg.Connection, happened: Happened
) -> None:
    await happened("cleared", subject_id="p")
    await happened("cleared", subject_id="p", group_id="举〔2026〕2号")
    await happened("cleared", subject_id="p", group_id="举〔2026〕2号")  # by another organ
    assert await figures(reader, "M9", "M10") == (1, 2)


async def test_an_organization_cleared_is_no_person(
    reader: asyncpg.Connection, happened: Happened
) -> None:
    await happened("cleared", subject_kind="organization")
    assert await figures(reader, "M9", "M10", "M11") == (0, 0, 1)


async def test_what_should_be_cleared_stays_to_be_cleared_until_it_is(
    reader: asyncpg.Connection, happened: Happened
) -> None:
    done, left = uuid4(), uuid4()
    await happened("should_be_cleared", matter_id=done)
    before = await happened("should_be_cleared", matter_id=left)
    await happened("cleared", matter_id=done)
    assert await figures(reader, "M12", "M12n") == (2, 1)
    assert await figures(reader, "M12", "M12n", known_at=before) == (2, 2)


async def test_false_accusations_are_counted_by_accusation_and_by_accuser(
    reader: asyncpg.Connection, happened: Happened
) -> None:
    for accuser in ("a-1", "a-2", "a-2"):
        await happened("false_accusation_determined", subject_id=None, detail=[accuser])
    await happened("mistaken_accusation", subject_id=None, detail=["a-3"])
    await happened("accuser_handed_over", subject_id=None, detail=["a-1"])
    assert await figures(reader, "M13", "M13p", "M13h") == (1, 2, 1)


async def test_visits_are_counted_and_those_visited(
    reader: asyncpg.Connection, happened: Happened
) -> None:
    for _ in range(2):
        await happened("visited", subject_id="p")
    assert await figures(reader, "M14", "M14t") == (1, 2)


async def test_a_person_with_both_sanctions_is_one_person_sanctioned(
    reader: asyncpg.Connection, happened: Happened
) -> None:
    await happened("sanctioned", subject_id="p", detail=["party", "warning"])
    await happened("sanctioned", subject_id="p", detail=["government", "demerit"])
    await happened("sanctioned", subject_id="q", detail=["party", "warning"])
    total, party, government = await figures(reader, "M17", "M17p", "M17g")
    both = 1
    assert (total, party, government) == (2, 2, 1)
    assert party + government - both == total


async def test_a_sanction_withdrawn_is_counted_no_more_but_was_when_it_stood(
    reader: asyncpg.Connection, happened: Happened
) -> None:
    ledger, of = uuid4(), {"group_id": "党处1号", "detail": ["party", "warning"]}
    stood = await happened("sanctioned", matter_id=ledger, **of)
    await happened("sanction_withdrawn", matter_id=ledger, **of)
    assert await figures(reader, "M17", "M17p") == (0, 0)
    assert await figures(reader, "M17", "M17p", known_at=stood) == (1, 1)


async def test_a_sanction_entered_anew_after_its_withdrawal_counts_again(
    reader: asyncpg.Connection, happened: Happened
) -> None:
    ledger, of = uuid4(), {"group_id": "党处1号", "detail": ["party", "warning"]}
    for what in ("sanctioned", "sanction_withdrawn", "sanctioned"):
        await happened(what, matter_id=ledger, **of)
    assert await figures(reader, "M17", "M17p") == (1, 1)


@pytest.mark.usefixtures("happened")
async def test_what_undoes_a_fact_is_sought_by_index_in_its_own_matter(
    reader: asyncpg.Connection,
) -> None:
    sql = f"EXPLAIN SELECT {BY_ID['M16'].sql} FROM {FACTS.rows}"  # noqa: S608 (our own words)
    async with reader.transaction():
        await reader.execute("SET LOCAL enable_seqscan = off")  # the table is empty
        plan = await reader.fetch(Question().told(FACTS, sql))
    assert any("Index Cond" in line and "matter_id = facts" in line for (line,) in plan), plan


def test_a_measure_given_by_the_superior_is_counted_as_the_superior_s() -> None:
    superior = CDI.model_copy(update={"id": "city-cdi", "region": "421000"})
    conclusion = determine(measures=("criticism",), organ=superior)
    story = given(determined(WUYANG)).when(correct(conclusion), on="2026-04-01")
    assert story.refusal is None
    rows = [row for each in story.news for row in facts(Recorded(1, each), story.case)]
    organs = {(what, organ) for _, _, _, _, _, _, what, _, _, _, _, _, organ, *_ in rows}
    assert ("measure_given", superior.id) in organs


async def test_reviews_that_changed_something_are_told_from_those_that_did_not(
    reader: asyncpg.Connection, happened: Happened
) -> None:
    for result in ("uphold", "vary", "revoke"):
        await happened("reviewed", detail=[result])
    assert await figures(reader, "M20", "M20c") == (3, 2)


async def test_a_filing_used_twice_is_one_filing_used(
    reader: asyncpg.Connection, happened: Happened
) -> None:
    filing = uuid4()
    for what in ("risk_filed", "risk_agreed", "risk_used", "risk_used"):
        await happened(what, matter_id=filing)
    assert await figures(reader, "M22", "M22a", "M22u") == (1, 1, 1)


async def test_distinct_persons_are_counted_afresh_at_every_node_and_in_every_window(
    reader: asyncpg.Connection, happened: Happened
) -> None:
    await happened("visited", subject_id="p", region="420100")
    await happened("visited", subject_id="p", occurred_on=DAY + timedelta(days=1))
    assert await figures(reader, "M14", region="42") == (1,)
    cities = await count(reader, Question(region="42", by=("region",)), [BY_ID["M14"]])
    assert [row["visited_persons"] for row in cities] == [1, 1]
    assert await figures(reader, "M14t", since=DAY, until=DAY) == (1,)


async def test_a_breakdown_by_detail_tells_ways_and_results_apart(
    reader: asyncpg.Connection, happened: Happened
) -> None:
    for way in ("talk", "visit", "visit"):
        await happened("visited", detail=[way])
    rows = await count(reader, Question(by=("detail",)), [BY_ID["M14t"]])
    assert {row["detail"]: row["visits"] for row in rows} == {"talk": 1, "visit": 2}


async def test_the_list_behind_a_figure_holds_as_many_as_it_counts(
    reader: asyncpg.Connection, happened: Happened
) -> None:
    await happened("should_be_cleared")
    await happened("cleared")
    (row,) = await behind(reader, Question(), BY_ID["M12n"])
    assert row["what"] == "should_be_cleared"


async def test_organs_of_other_kinds_are_counted_when_asked_for(
    reader: asyncpg.Connection, happened: Happened
) -> None:
    await happened("visited", organ_kind="personnel")
    assert await figures(reader, "M14") == (0,)
    assert await figures(reader, "M14", organ_kind=None) == (1,)
