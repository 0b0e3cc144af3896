"""The figures: persons counted afresh wherever one asks, and no figure a sum of others."""

from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from itertools import count as counting
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from gateway.regions import region_tree
from gateway.rulebook import Rulebook
from gateway.scenarios import Scenario
from projections.definitions import EVERY, HEADLINE
from projections.statistics import DETERMINATIONS, Question, behind, count, region_prefix
from tests.support.lives import play_into
from workers.addresses import DatabaseAddress

HUBEI, WUHAN, JINGZHOU, SONGZI = "420000", "420100", "421000", "421087"
DAY = date(2026, 3, 2)
NOTHING = {measure.name: 0 for measure in HEADLINE}
BY_ID = {measure.id: measure for measure in HEADLINE}

Determined = Callable[..., Awaitable[int]]


@pytest.fixture(scope="module")
def database(
    template_database: DatabaseAddress,
    module_copy: Callable[[DatabaseAddress], DatabaseAddress],
) -> DatabaseAddress:
    """One for all tests of this file: each begins with an empty view."""
    return module_copy(template_database)


@pytest.fixture
async def determined(projector: asyncpg.Connection) -> Determined:
    """Adds one determination with usual values; answers its position.

    Each is in a case and a proceeding of its own, on a person of its own, unless said otherwise.
    """
    await projector.execute("TRUNCATE views.statistics, views.determination_ends, views.identities")
    positions = counting(1)

    async def add(**unusual: Any) -> int:
        position, case = next(positions), uuid4()
        row = {
            "position": position,
            "matter_id": case,
            "version": 9,
            "accountability_id": uuid4(),
            "case_number": f"例〔2026〕{position}号",
            "subject_id": f"p-{position}",
            "subject_kind": "cadre",
            "subject_label": "张某",
            "outcome": "exemption",
            "sanction": None,
            "relief": None,
            "measures": [],
            "situations": [],
            "organ_id": "cdi",
            "organ_kind": "discipline",
            "organ_level": "county",
            "region": SONGZI,
            "rank": None,
            "field": None,
            "nature": None,
            "policy": "hubei_2022.1",
            "track": "application",
            "decided_on": DAY,
            "effective_on": DAY,
        } | unusual
        await projector.copy_records_to_table(
            "statistics", schema_name="views", columns=[*row], records=[tuple(row.values())]
        )
        return position

    return add


async def figures(reader: asyncpg.Connection, *measures: str, **asked: Any) -> tuple[int, ...]:
    """These measures, by id, for one question."""
    (row,) = await count(reader, Question(**asked), HEADLINE)
    return tuple(row[BY_ID[id_].name] for id_ in measures)


async def broken_down(
    reader: asyncpg.Connection, by: str, measure: str = "M1", **asked: Any
) -> dict[str, int]:
    rows = await count(reader, Question(by=(by,), **asked), HEADLINE)
    return {row[by]: row[BY_ID[measure].name] for row in rows}


# --- who and what is counted -------------------------------------------------------------------


@pytest.mark.usefixtures("determined")
async def test_nothing_determined_is_nothing_counted(reader: asyncpg.Connection) -> None:
    assert await count(reader, Question(), HEADLINE) == [NOTHING]
    assert await count(reader, Question(by=("region",)), HEADLINE) == []


async def test_a_person_in_two_cities_is_one_person_of_the_province(
    determined: Determined, reader: asyncpg.Connection
) -> None:
    await determined(subject_id="p", region=WUHAN)
    await determined(subject_id="p", region=JINGZHOU)
    assert await figures(reader, "M1", "M4", region=HUBEI) == (1, 2)
    assert await figures(reader, "M1", "M4", region=WUHAN) == (1, 1)
    assert await figures(reader, "M1", "M4", region=JINGZHOU) == (1, 1)


async def test_a_person_exempted_once_and_mitigated_once_is_one_tolerated_person(
    determined: Determined, reader: asyncpg.Connection
) -> None:
    await determined(subject_id="p", outcome="exemption")
    await determined(subject_id="p", outcome="mitigation")
    assert await figures(reader, "M1", "M2", "M3", "M4") == (1, 1, 1, 2)


async def test_a_person_exempted_twice_is_counted_by_times_and_not_by_persons(
    determined: Determined, reader: asyncpg.Connection
) -> None:
    await determined(subject_id="p")
    await determined(subject_id="p")
    assert await figures(reader, "M1", "M2", "M3", "M4") == (1, 1, 0, 2)


async def test_two_persons_of_one_name_are_two(
    determined: Determined, reader: asyncpg.Connection
) -> None:
    await determined(subject_id="p", subject_label="李某")
    await determined(subject_id="q", subject_label="李某")
    assert await figures(reader, "M1") == (2,)


async def test_organizations_are_counted_apart_from_persons(
    determined: Determined, reader: asyncpg.Connection
) -> None:
    await determined(subject_kind="organization", subject_id="o")
    await determined(subject_kind="organization", subject_id="o", outcome="mitigation")
    await determined(subject_kind="cadre")
    assert await figures(reader, "M1", "M2", "M3", "M4", "M5", "M6") == (1, 1, 0, 1, 1, 3)


async def test_what_is_not_tolerated_is_counted_nowhere_else(
    determined: Determined, reader: asyncpg.Connection
) -> None:
    await determined(outcome="no_tolerance")
    await determined(outcome="no_tolerance", subject_kind="organization")
    assert await count(reader, Question(), HEADLINE) == [NOTHING | {"not_tolerated": 2}]


async def test_two_cases_that_answer_one_proceeding_are_one_matter(
    determined: Determined, reader: asyncpg.Connection
) -> None:
    proceeding = uuid4()
    await determined(accountability_id=proceeding)
    await determined(accountability_id=proceeding)
    assert await figures(reader, "M1", "M4", "M6") == (2, 2, 1)


async def test_one_case_on_two_persons_is_one_matter(
    determined: Determined, reader: asyncpg.Connection
) -> None:
    case, proceeding = uuid4(), uuid4()
    await determined(matter_id=case, accountability_id=proceeding, outcome="mitigation")
    await determined(matter_id=case, accountability_id=proceeding, outcome="mitigation")
    assert await figures(reader, "M1", "M3", "M4", "M6") == (2, 2, 2, 1)


async def test_a_matter_in_which_one_is_tolerated_and_one_is_not_is_a_tolerated_matter(
    determined: Determined, reader: asyncpg.Connection
) -> None:
    proceeding = uuid4()
    await determined(accountability_id=proceeding)
    await determined(accountability_id=proceeding, outcome="no_tolerance")
    assert await figures(reader, "M1", "M6", "N1") == (1, 1, 1)


# --- where and when ----------------------------------------------------------------------------

BEFORE, AFTER = DAY - timedelta(days=1), DAY + timedelta(days=1)


@pytest.mark.parametrize(
    ("window", "included"),
    [
        ({"since": BEFORE}, True),
        ({"since": DAY}, True),
        ({"since": AFTER}, False),
        ({"until": BEFORE}, False),
        ({"until": DAY}, True),
        ({"until": AFTER}, True),
        ({"since": DAY, "until": DAY}, True),
        ({"since": AFTER, "until": BEFORE}, False),
        ({}, True),
    ],
)
async def test_both_days_of_a_window_are_in_it(
    determined: Determined, reader: asyncpg.Connection, window: dict[str, date], included: bool
) -> None:
    await determined(decided_on=DAY, effective_on=DAY + timedelta(days=400))
    assert await figures(reader, "M1", **window) == (int(included),)


async def test_a_person_of_two_years_is_one_person_of_both_together(
    determined: Determined, reader: asyncpg.Connection
) -> None:
    await determined(subject_id="p", decided_on=date(2025, 12, 31))
    await determined(subject_id="p", decided_on=date(2026, 1, 1))
    assert await broken_down(reader, "year") == {"2025": 1, "2026": 1}
    assert await figures(reader, "M1") == (1,)


async def test_a_question_is_answered_as_the_log_stood(
    determined: Determined, reader: asyncpg.Connection
) -> None:
    await determined()
    then = await determined()
    await determined(decided_on=DAY - timedelta(days=365))  # entered late
    assert await figures(reader, "M1", known_at=then) == (2,)
    assert await figures(reader, "M1", known_at=then - 1) == (1,)
    assert await figures(reader, "M1", known_at=0) == (0,)
    assert await figures(reader, "M1") == (3,)


async def test_unless_asked_otherwise_discipline_organs_are_counted(
    determined: Determined, reader: asyncpg.Connection
) -> None:
    await determined(organ_kind="discipline")
    await determined(organ_kind="personnel")
    await determined(organ_kind="personnel")
    assert await figures(reader, "M1") == (1,)
    assert await figures(reader, "M1", organ_kind="personnel") == (2,)
    assert await figures(reader, "M1", organ_kind=None) == (3,)


async def test_only_the_cases_named_are_counted(
    determined: Determined, reader: asyncpg.Connection
) -> None:
    case = uuid4()
    await determined(matter_id=case)
    await determined()
    assert await figures(reader, "M1", matters=[case]) == (1,)
    assert await figures(reader, "M1", matters=[]) == (0,)


@pytest.mark.parametrize(
    ("region", "expected"),
    [
        ("42", 4),
        (HUBEI, 4),
        ("4210", 2),
        (JINGZHOU, 2),
        (SONGZI, 1),
        (WUHAN, 1),
        ("421088", 0),
        ("510000", 0),
        ("43", 0),
    ],
)
async def test_a_region_holds_all_below_it(
    determined: Determined, reader: asyncpg.Connection, region: str, expected: int
) -> None:
    for place in ("42", WUHAN, JINGZHOU, SONGZI):
        await determined(region=place)
    assert await figures(reader, "M1", region=region) == (expected,)


@pytest.mark.parametrize(
    ("code", "prefix"),
    [
        ("421087", "421087"),
        ("421000", "4210"),
        ("420000", "42"),
        ("42", "42"),
        ("4210", "4210"),
        ("429004", "429004"),
    ],
)
def test_a_code_means_its_pairs_without_trailing_zeros(code: str, prefix: str) -> None:
    assert region_prefix(code) == prefix


# --- breakdowns --------------------------------------------------------------------------------


async def test_a_breakdown_by_region_does_not_add_up_and_is_not_meant_to(
    determined: Determined, reader: asyncpg.Connection
) -> None:
    for place in (WUHAN, "420102", "420106", SONGZI, "510704"):
        await determined(subject_id="p", region=place)
    country = await broken_down(reader, "region")
    assert country == {"420000": 1, "510000": 1}
    assert await figures(reader, "M1") == (1,) != (sum(country.values()),)
    province = await broken_down(reader, "region", region=HUBEI)
    assert province == {"420100": 1, "421000": 1}
    assert await figures(reader, "M1", region=HUBEI) == (1,) != (sum(province.values()),)
    city = await broken_down(reader, "region", region=WUHAN)
    assert city == {"420100": 1, "420102": 1, "420106": 1}
    assert await figures(reader, "M1", region=WUHAN) == (1,) != (sum(city.values()),)
    county = await broken_down(reader, "region", region=SONGZI)
    assert county == {"421087": 1}


async def test_person_times_do_add_up(determined: Determined, reader: asyncpg.Connection) -> None:
    for place in (WUHAN, "420102", SONGZI):
        await determined(subject_id="p", region=place)
    parts = await broken_down(reader, "region", "M4", region=HUBEI)
    assert (sum(parts.values()),) == await figures(reader, "M4", region=HUBEI) == (3,)


@pytest.mark.parametrize(
    ("dimension", "value", "told"),
    [
        ("organ", {"organ_id": "cdi-2"}, "cdi-2"),
        ("organ_kind", {"organ_kind": "discipline"}, "discipline"),
        ("organ_level", {"organ_level": "province"}, "province"),
        ("outcome", {"outcome": "mitigation"}, "mitigation"),
        ("policy", {"policy": "wuyang_2017.1"}, "wuyang_2017.1"),
        ("track", {"track": "ex_officio"}, "ex_officio"),
        ("rank", {"rank": "县处级"}, "县处级"),
        ("rank", {"rank": None}, "未填"),
        ("nature", {"nature": "农村"}, "农村"),
        ("nature", {"nature": None}, "未填"),
        ("field", {"field": "水利"}, "水利"),
        ("field", {"field": None}, "未填"),
        ("region", {"region": "42"}, "420000"),
        ("year", {"decided_on": date(2025, 12, 31)}, "2025"),
        ("quarter", {"decided_on": date(2025, 9, 30)}, "2025Q3"),
        ("quarter", {"decided_on": date(2025, 10, 1)}, "2025Q4"),
        ("month", {"decided_on": date(2025, 9, 30)}, "2025-09"),
    ],
)
async def test_each_dimension_tells_its_values(
    determined: Determined,
    reader: asyncpg.Connection,
    dimension: str,
    value: dict[str, Any],
    told: str,
) -> None:
    await determined(**value)
    assert await broken_down(reader, dimension) == {told: 1}


async def test_two_dimensions_are_told_together(
    determined: Determined, reader: asyncpg.Connection
) -> None:
    await determined(decided_on=date(2025, 5, 1), outcome="mitigation")
    await determined(decided_on=date(2026, 5, 1))
    rows = await count(reader, Question(by=("year", "outcome")), HEADLINE)
    assert [(row["year"], row["outcome"], row["tolerated_persons"]) for row in rows] == [
        ("2025", "mitigation", 1),
        ("2026", "exemption", 1),
    ]


@pytest.mark.parametrize("dimension", ["", "colour", "region; DROP TABLE views.statistics"])
async def test_an_unknown_dimension_is_refused(reader: asyncpg.Connection, dimension: str) -> None:
    assert dimension not in DETERMINATIONS.dimensions
    with pytest.raises(KeyError):
        await count(reader, Question(by=(dimension,)), HEADLINE)


@pytest.mark.parametrize(
    ("dimension", "column"), [("situation", "situations"), ("measure", "measures")]
)
async def test_what_has_several_situations_or_measures_stands_in_a_row_for_each(
    determined: Determined, reader: asyncpg.Connection, dimension: str, column: str
) -> None:
    await determined(**{column: ["one", "two"]})
    await determined(**{column: ["two"]})
    await determined()
    assert await broken_down(reader, dimension, "M4") == {"one": 1, "two": 2, "未填": 1}
    assert await figures(reader, "M4") == (3,)


async def test_only_what_is_in_the_groups_told_is_counted(
    determined: Determined, reader: asyncpg.Connection
) -> None:
    await determined(outcome="exemption", situations=["one", "two"])
    await determined(outcome="mitigation", situations=["two"])
    await determined(outcome="mitigation", situations=["three"])
    for only, counted in (
        ({"situation": ["two"]}, 2),
        ({"situation": ["one", "three"]}, 2),
        ({"situation": ["two"], "outcome": ["mitigation"]}, 1),
        ({"outcome": ["exemption"]}, 1),
        ({"year": ["2026"]}, 3),
        ({"rank": ["未填"]}, 3),
        ({"situation": ["none"]}, 0),
    ):
        assert await figures(reader, "M4", only=only) == (counted,), only


async def test_what_took_effect_later_is_counted_by_the_day_asked_for(
    determined: Determined, reader: asyncpg.Connection
) -> None:
    await determined(decided_on=date(2025, 12, 30), effective_on=date(2026, 1, 5))
    of_2026 = {"since": date(2026, 1, 1), "until": date(2026, 12, 31)}
    assert await figures(reader, "M4", **of_2026) == (0,)
    assert await figures(reader, "M4", dated="effective", **of_2026) == (1,)
    assert await broken_down(reader, "year", dated="effective") == {"2026": 1}


# --- numbers of one person ---------------------------------------------------------------------


async def merged(projector: asyncpg.Connection, position: int, number: str, kept: str) -> None:
    await projector.execute(
        "INSERT INTO views.identities VALUES ($1, $2, $3)", position, number, kept
    )


async def test_two_numbers_of_one_person_count_as_one_from_their_merger_on(
    determined: Determined, projector: asyncpg.Connection, reader: asyncpg.Connection
) -> None:
    await determined(subject_id="p-1")
    await determined(subject_id="p-2", outcome="mitigation")
    await merged(projector, 3, "p-2", "p-1")
    measures = ("M1", "M2", "M3", "M4", "M6")
    assert await figures(reader, *measures) == (1, 1, 1, 2, 2)
    assert await figures(reader, *measures, known_at=2) == (2, 1, 1, 2, 2)


async def test_the_last_merger_known_holds(
    determined: Determined, projector: asyncpg.Connection, reader: asyncpg.Connection
) -> None:
    for number in ("p-1", "p-2", "p-3"):
        await determined(subject_id=number)
    await merged(projector, 4, "p-3", "p-2")
    for number in ("p-2", "p-3"):
        await merged(projector, 5, number, "p-1")
    assert [await figures(reader, "M1", known_at=n) for n in (3, 4, 5)] == [(3,), (2,), (1,)]


async def test_the_list_keeps_the_number_and_says_whom_it_counts_as(
    determined: Determined, projector: asyncpg.Connection, reader: asyncpg.Connection
) -> None:
    await determined(subject_id="p-1")
    await determined(subject_id="p-2")
    await merged(projector, 3, "p-2", "p-1")
    listed = await behind(reader, Question(), BY_ID["M1"])
    assert [(row["subject_id"], row["counted_as"]) for row in listed] == [
        ("p-1", None),
        ("p-2", "p-1"),
    ]


async def test_a_person_under_two_numbers_is_repeatedly_tolerated_once_they_are_merged(
    determined: Determined, projector: asyncpg.Connection, reader: asyncpg.Connection
) -> None:
    await determined(subject_id="p-1")
    await determined(subject_id="p-2")
    (repeats,) = [each for each in EVERY if each.id == "M21"]
    assert await count(reader, Question(), [repeats]) == [{repeats.name: 0}]
    await merged(projector, 3, "p-2", "p-1")
    assert await count(reader, Question(), [repeats]) == [{repeats.name: 1}]
    assert len(await behind(reader, Question(), repeats)) == 2


# --- the list behind a figure ------------------------------------------------------------------


async def test_behind_each_figure_stands_the_list_that_makes_it(
    determined: Determined, reader: asyncpg.Connection
) -> None:
    await determined(subject_id="p", region=WUHAN)
    await determined(subject_id="p", region=WUHAN, outcome="mitigation")
    await determined(subject_id="o", region=WUHAN, subject_kind="organization")
    await determined(subject_id="q", region=WUHAN, outcome="no_tolerance")
    await determined(subject_id="r", region=JINGZHOU)
    question = Question(region=WUHAN)
    listed = {id_: await behind(reader, question, each) for id_, each in BY_ID.items()}
    assert {id_: [row["position"] for row in rows] for id_, rows in listed.items()} == {
        "M1": [1, 2],
        "M2": [1],
        "M3": [2],
        "M4": [1, 2],
        "M5": [3],
        "M6": [1, 2, 3],
        "N1": [4],
    }


# --- through the office ------------------------------------------------------------------------


def on_one_person(scenario: Scenario, key: str) -> Scenario:
    people = scenario.people | {key: scenario.people[key].model_copy(update={"id": "p-one"})}
    return scenario.model_copy(update={"people": people})


@pytest.mark.usefixtures("determined")
async def test_one_person_of_two_cases_is_one_person_from_the_act_to_the_figure(
    database: DatabaseAddress,
    rulebook: Rulebook,
    scenarios: list[Scenario],
    reader: asyncpg.Connection,
) -> None:
    by_number = {each.case_number: each for each in scenarios}
    exempted = on_one_person(by_number["演示〔2022〕1号"], "huang")
    mitigated = on_one_person(by_number["演示〔2023〕2号"], "deng")  # together with another
    await play_into(database, rulebook, [exempted, mitigated])
    assert await figures(reader, "M1", "M2", "M3", "M4", "M6", region=HUBEI) == (2, 1, 2, 3, 2)
    assert await figures(reader, "M1", "M2", "M3", "M4", "M6", region=SONGZI) == (2, 0, 2, 2, 1)


# --- repeats ----------------------------------------------------------------------------------


async def test_a_person_tolerated_in_two_matters_is_a_repeat_where_both_lie(
    determined: Determined, reader: asyncpg.Connection
) -> None:
    for place in (WUHAN, SONGZI):
        await determined(subject_id="p", region=place)
    await determined(subject_id="q", region=WUHAN)
    (repeats,) = [each for each in EVERY if each.id == "M21"]
    (province,) = await count(reader, Question(region="42"), [repeats])
    assert province == {"repeatedly_tolerated": 1}
    cities = await count(reader, Question(region="42", by=("region",)), [repeats, *HEADLINE])
    assert [row["repeatedly_tolerated"] for row in cities] == [0, 0]
    assert [row["tolerated_persons"] for row in cities] == [2, 1]
    told = await behind(reader, Question(region="42"), repeats)
    assert [row["subject_id"] for row in told] == ["p", "p"]


async def test_two_determinations_in_one_matter_are_no_repeat(
    determined: Determined, reader: asyncpg.Connection
) -> None:
    matter = uuid4()
    for _ in range(2):
        await determined(subject_id="p", accountability_id=matter)
    (repeats,) = [each for each in EVERY if each.id == "M21"]
    assert await count(reader, Question(), [repeats]) == [{"repeatedly_tolerated": 0}]


# --- boundaries -------------------------------------------------------------------------------


async def test_what_was_recorded_under_an_old_code_counts_where_it_belongs_now(
    determined: Determined, reader: asyncpg.Connection
) -> None:
    """监利县 421023 became 监利市 421088 on 2020-06-12; 仙桃市 stands among the prefectures."""
    for place in ("421023", "421088", "429004", "420102", "410000"):
        await determined(region=place)
    tree, day = region_tree(), date(2026, 3, 2)
    codes = ("421023", "421088", "429004", "420102", "410000")
    belonging = {code: tree.part_of("42", code, day, day) for code in codes}
    places = {code: unit.code for code, unit in belonging.items() if unit}
    rows = await count(reader, Question(region="42", by=("region",), places=places), HEADLINE)
    assert {row["region"]: row["tolerated_persons"] for row in rows} == {
        "420100": 1,
        "421000": 2,
        "429004": 1,
    }
    under = dict.fromkeys(("421023", "421088"), "421088")
    (city,) = await count(reader, Question(region="421088", places=under), HEADLINE)
    assert city["tolerated_persons"] == 2
