"""The subtle cases of tolerance, each a scenario lived through the office on a real database."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import asyncpg
import pytest

from gateway.player import Played
from gateway.rulebook import Rulebook
from gateway.scenarios import Expected, Scenario, scenario_in
from projections.definitions import HEADLINE
from projections.statistics import Question, count
from tests.support.lives import SCENARIOS, differences, lived, play_into
from workers.addresses import DatabaseAddress

FOLDER = SCENARIOS / "acceptance"
CASES = sorted(FOLDER.glob("*.yaml"))
LISTED = {*range(1, 10), *range(11, 21), 24, 26, 27}  # of the domain notes, those on tolerance
WRONGLY: dict[str, Callable[[Expected], dict[str, object]]] = {
    "stage": lambda _: {"stage": "closed"},
    "track": lambda _: {"track": "both"},
    "policy": lambda _: {"policy": "hubei_2022.1"},
    "organ": lambda _: {"organ": "party"},
    "subjects": lambda told: {"subjects": {**told.subjects, "wang": "no_tolerance"}},
    "standings": lambda told: {"standings": {**told.standings, "wang": "pending"}},
    "duties.0": lambda told: {"duties": _duties(told, due_on=date(2026, 3, 17))},
    "duties.0 ": lambda told: {"duties": _duties(told, count=2)},
    "events.9": lambda told: {"events": _swapped(told, 9)},
    "timers": lambda told: {
        "timers": told.timers and told.timers.model_copy(update={"overdue": 1})
    },
    "statistics.M1": lambda told: {"statistics": _counting(told, M1=3)},
}


@pytest.fixture(scope="module")
def rulebook() -> Rulebook:
    return Rulebook.packaged(SCENARIOS / "policies")


@pytest.mark.parametrize("file", CASES, ids=lambda file: str(file.stem))
async def test_a_subtle_case_comes_out_as_it_should(
    file: Path, database: DatabaseAddress, rulebook: Rulebook
) -> None:
    (life,) = await lived(database, rulebook, [scenario_in(file)])
    assert await differences(life, database) == []


def test_every_case_of_the_list_has_its_scenario() -> None:
    assert {int(file.stem[:2]) for file in CASES if re.match(r"\d\d_", file.stem)} == LISTED


def test_no_two_cases_share_a_number() -> None:
    numbers = [scenario_in(file).case_number for file in CASES]
    assert len({*numbers}) == len(numbers)


# --- what is asked of several at once, or of the log --------------------------------------------


async def test_one_person_in_two_cities_is_counted_once_in_the_province(
    database: DatabaseAddress, rulebook: Rulebook, reader: asyncpg.Connection
) -> None:
    both = [scenario_in(file) for file in sorted(FOLDER.glob("02_*.yaml"))]
    await play_into(database, rulebook, both)
    quarter = Question(region="42", since=date(2024, 1, 1), until=date(2024, 3, 31))
    (province,) = await count(reader, quarter, HEADLINE)
    assert province == {
        "tolerated_persons": 1,
        "exempted_persons": 1,
        "mitigated_persons": 1,
        "tolerated_person_times": 2,
        "tolerated_organizations": 0,
        "tolerated_matters": 2,
        "not_tolerated": 0,
    }
    cities = await count(reader, replace(quarter, by=("region",)), HEADLINE)
    assert [(each["region"], each["tolerated_persons"]) for each in cities] == [
        ("420300", 1),
        ("420500", 1),
    ]


async def test_a_second_case_of_one_matter_and_subject_is_refused(
    database: DatabaseAddress, rulebook: Rulebook
) -> None:
    """The organ's track is open: whoever applies under another number is sent to the open case."""
    first = _before(scenario_in(FOLDER / "03_both_tracks_one_case.yaml"), "open_verification")
    asked = first.acts[2]
    second = first.model_copy(
        update={
            "case_number": "验〔2024〕0399号",
            "people": {
                key: told.model_copy(update={"id": first.subject_id(key)})
                for key, told in first.people.items()
            },
            "acts": (
                asked.model_copy(
                    update={
                        "expect": asked.expect
                        and asked.expect.model_copy(update={"refused": "duplicate"})
                    }
                ),
            ),
        }
    )
    await play_into(database, rulebook, [first, second])


async def test_before_the_revocation_was_known_the_figure_stood(
    database: DatabaseAddress, rulebook: Rulebook, reader: asyncpg.Connection
) -> None:
    await play_into(database, rulebook, [scenario_in(FOLDER / "18_revoked_for_private_gain.yaml")])
    revoked = await reader.fetchval(
        "SELECT position FROM views.audit_trail WHERE topic LIKE 'tolerance.determination-revoked%'"
    )
    figures = [
        (await count(reader, Question(region="41", known_at=known_at), HEADLINE))[0][
            "tolerated_persons"
        ]
        for known_at in (revoked - 1, None)
    ]
    assert figures == [1, 0]
    withdrawn = await reader.fetchval(
        "SELECT sentence FROM views.audit_trail WHERE topic LIKE 'tolerance.determination-ended%'"
    )
    assert "其效果2项一并撤回" in withdrawn


async def test_the_reasons_of_both_organs_stand_in_the_answer(
    database: DatabaseAddress, rulebook: Rulebook, reader: asyncpg.Connection
) -> None:
    await play_into(database, rulebook, [scenario_in(FOLDER / "07_one_of_two_organs_refuses.yaml")])
    answer = await reader.fetchval(
        "SELECT sentence FROM views.audit_trail WHERE topic LIKE 'tolerance.acceptance-refused%'"
    )
    for reason in ("会同机关不同意受理", "材料齐全，可以受理", "已造成重大损失"):
        assert reason in answer


async def test_a_late_entry_says_so_and_keeps_both_days(
    database: DatabaseAddress, rulebook: Rulebook, reader: asyncpg.Connection
) -> None:
    await play_into(database, rulebook, [scenario_in(FOLDER / "26_late_entry.yaml")])
    rows = await reader.fetch(
        "SELECT effective_on, recorded_at, late_entry FROM views.audit_trail"
        " WHERE topic LIKE 'tolerance.determined%' OR topic LIKE 'tolerance.result-notified%'"
        " ORDER BY position"
    )
    assert [
        (row["effective_on"], row["recorded_at"].date(), row["late_entry"]) for row in rows
    ] == [
        (date(2025, 3, 19), date(2025, 4, 2), True),
        (date(2025, 3, 20), date(2025, 4, 2), True),
    ]


# --- controls: a wrong expectation turns red ----------------------------------------------------


async def test_every_kind_of_expectation_can_fail(
    database: DatabaseAddress, rulebook: Rulebook
) -> None:
    scenario = scenario_in(FOLDER / "01_one_deferred_two_final.yaml")
    await play_into(database, rulebook, [scenario])
    for where, wrongly in WRONGLY.items():
        expect = scenario.expect.model_copy(update=wrongly(scenario.expect))
        told = await differences(Played(scenario.model_copy(update={"expect": expect})), database)
        assert len(told) == 1, (where, told)
        assert told[0].startswith(f"expect.{where.strip()}"), told


@pytest.mark.parametrize(
    ("well", "ill", "told"),
    [
        (
            "refused: already_done",
            "refused: duplicate",
            "应为 被拒绝（duplicate），实为 被拒绝（already_done）",
        ),
        ("expect: {refused: already_done}", "reason: 无", "应为 办理，实为 被拒绝（already_done）"),
        (
            "summary: 未批先建属实，为赶汛期",
            "summary: 未批, expect: {refused: late}",
            "实为 办理了",
        ),
    ],
)
async def test_an_act_that_comes_out_otherwise_stops_the_life(
    tmp_path: Path, database: DatabaseAddress, rulebook: Rulebook, well: str, ill: str, told: str
) -> None:
    text = (FOLDER / "03_both_tracks_one_case.yaml").read_text("utf-8")
    assert text.count(well) == 1
    copy = tmp_path / "wrong.yaml"
    copy.write_text(text.replace(well, ill), "utf-8")
    (life,) = await lived(database, rulebook, [scenario_in(copy)])
    assert life.stopped
    assert [told in str(each) for each in life.differences] == [True]


def _before(scenario: Scenario, act: str) -> Scenario:
    """The scenario up to an act."""
    at = [each.act for each in scenario.acts].index(act)
    return scenario.model_copy(update={"acts": scenario.acts[:at]})


def _duties(told: Expected, **wrongly: object) -> tuple[object, ...]:
    return (told.duties[0].model_copy(update=wrongly), *told.duties[1:])


def _counting(told: Expected, **wrongly: int) -> object:
    assert told.statistics is not None
    figures = {**told.statistics.figures, **wrongly}
    return told.statistics.model_copy(update={"figures": figures})


def _swapped(told: Expected, at: int) -> tuple[str, ...]:
    assert isinstance(told.events, tuple)
    events = [*told.events]
    events[at : at + 2] = events[at + 1], events[at]
    return tuple(events)
