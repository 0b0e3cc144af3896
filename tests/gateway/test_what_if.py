"""What an edition would change is told before it is in force, case by case, and changes nothing."""

from importlib.resources import files
from typing import Any

import asyncpg
import pytest

from domain.law.policy import Jurisdiction, Step
from domain.law.rules import Rules
from domain.tolerance.case import ToleranceCase
from gateway.rulebook import Rulebook, policy_in
from gateway.scenarios import Scenario, scenario_in
from gateway.what_if import changes_to, open_cases, what_if
from tests.support.databases import stored
from tests.support.examples import (
    CLOSE_NOTICE,
    WUYANG,
    YOUXIAN,
    History,
    accepted,
    applied,
    checked,
    on_notice,
    requiring,
    verified,
)
from tests.support.given import given
from tests.support.lives import SCENARIOS, play_into, unanswered
from workers.addresses import DatabaseAddress
from workflows.office import Office


def next_edition(**changes: Any) -> Rules:
    """舞阳 in a second edition, with these parts changed."""
    policy = WUYANG.policy.model_copy(update={"edition": 2, **changes})
    return Rules(policy, WUYANG.calendar)


def with_deadline(rule_id: str, **changes: Any) -> Rules:
    rules = tuple(
        each.model_copy(update=changes) if each.id == rule_id else each
        for each in WUYANG.policy.deadlines
    )
    return next_edition(deadlines=rules)


def with_exclusion(item_id: str) -> Rules:
    lists = tuple(
        each.model_copy(
            update={"items": (*each.items, each.items[0].model_copy(update={"id": item_id}))}
        )
        if each.id == "exclusions"
        else each
        for each in WUYANG.policy.lists
    )
    return next_edition(lists=lists)


def changes(history: History, edition: Rules) -> dict[str, tuple[str | None, str | None]]:
    found = changes_to(given(history).case, WUYANG, edition)
    return {each.where: (each.before, each.after) for each in found}


# --- what is told ------------------------------------------------------------------------------


@pytest.mark.parametrize("history", [applied(WUYANG), accepted(WUYANG), verified(WUYANG)])
def test_an_edition_that_says_the_same_changes_nothing(history: History) -> None:
    assert changes(history, next_edition()) == {}


def test_a_shorter_limit_moves_the_day_of_an_open_duty() -> None:
    assert changes(accepted(WUYANG), with_deadline("answer", amount=5)) == {
        "期限·向申请单位反馈答复（陈某）": (
            "2026-03-17 届满（承办人）",
            "2026-03-13 届满（承办人）",
        )
    }


def test_a_limit_that_is_no_more_is_told() -> None:
    without = tuple(each for each in WUYANG.policy.deadlines if each.id != "answer")
    found = changes(accepted(WUYANG), next_edition(deadlines=without))
    assert found["期限·向申请单位反馈答复（陈某）"][1] == "没有这项期限"


def test_another_exclusion_is_still_to_be_answered() -> None:
    assert changes(checked(WUYANG), with_exclusion("WY-N7")) == {
        "陈某·还须对照的条目": ("无", "WY-N7")
    }


def test_a_condition_that_becomes_an_exclusion_turns_the_outcome() -> None:
    found = changes(checked(WUYANG), with_exclusion("WY-C1"))
    assert found["陈某·容错免责"] == ("可以", "不能：属不予容错情形 WY-C1")


def test_a_notice_held_satisfies_an_edition_that_makes_it_a_required_step() -> None:
    required = requiring(YOUXIAN, Step.PUBLIC_NOTICE)
    held = given(on_notice(YOUXIAN)).when(CLOSE_NOTICE, on="2026-05-12")
    assert changes_to(held.case, YOUXIAN, required) == ()
    (missing,) = changes_to(given(verified(YOUXIAN)).case, YOUXIAN, required)
    assert (missing.before, missing.after) == ("无", "公示")


def test_an_applicant_no_longer_entitled_is_told_before_acceptance() -> None:
    narrowed = WUYANG.policy.application.model_copy(update={"by": ()})
    found = changes(applied(WUYANG), next_edition(application=narrowed))
    assert found["受理"] == ("可以", "申请人不是有权提出申请的主体")


def test_each_change_names_its_article() -> None:
    case = given(accepted(WUYANG)).case
    (change,) = changes_to(case, WUYANG, with_deadline("answer", amount=5))
    assert change.article == "第七条（二）"
    assert str(change).endswith("〔第七条（二）〕")


# --- of which cases ----------------------------------------------------------------------------


@pytest.fixture
async def lived(database: DatabaseAddress, rulebook: Rulebook) -> Scenario:
    """A 舞阳 case under verification, and one that is over."""
    whole, running = scenario_in(SCENARIOS / "06_wuyang_full.yaml"), unanswered()
    await play_into(database, rulebook, [whole, running])
    return running


async def looked_at(reader: asyncpg.Connection, file: str, *above: str) -> list[str]:
    edition = policy_in(files("domain.law") / "packs" / file)
    matters = await open_cases(reader, edition, above)
    rows = await reader.fetch(
        "SELECT case_number FROM views.case_register WHERE matter_id = ANY($1)", matters
    )
    return [row["case_number"] for row in rows]


async def test_only_open_cases_of_the_instrument_are_looked_at(
    lived: Scenario, reader: asyncpg.Connection
) -> None:
    assert await looked_at(reader, "wuyang_2017.yaml") == [lived.case_number]
    assert await looked_at(reader, "youxian_2017.yaml") == []


@pytest.mark.parametrize(("region", "looked"), [("411121", 1), ("41", 1), ("420200", 0)])
@pytest.mark.usefixtures("lived")
async def test_an_overlay_looks_at_the_cases_of_its_parent_in_its_own_region(
    reader: asyncpg.Connection, region: str, looked: int
) -> None:
    overlay = WUYANG.policy.model_copy(
        update={"id": "overlay", "jurisdiction": Jurisdiction(region=region, label="某地")}
    )
    assert len(await open_cases(reader, overlay, ["wuyang_2017.1"])) == looked
    assert await open_cases(reader, overlay, []) == []


async def test_looking_writes_nothing_and_finds_what_would_change(
    lived: Scenario,
    office: Office,
    rulebook: Rulebook,
    reader: asyncpg.Connection,
    database: DatabaseAddress,
) -> None:
    before = stored(database)
    matters = await open_cases(reader, WUYANG.policy, [])
    (found,) = what_if(matters, office, rulebook, with_deadline("answer", amount=5))
    assert found.case_number == lived.case_number
    assert [(c.before, c.after) for c in found.changes] == [
        ("2025-10-13 届满（承办人）", "2025-10-10 届满（承办人）")
    ]
    assert stored(database) == before


def test_the_case_is_not_moved_by_being_looked_at() -> None:
    story = given(verified(WUYANG))
    version = story.case.version
    assert isinstance(story.case, ToleranceCase)
    changes_to(story.case, WUYANG, with_exclusion("WY-N7"))
    assert (story.case.version, story.case.pending) == (version, ())
