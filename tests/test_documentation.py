"""The documents are true: what the code has, they name; what they name, the code has."""

import re
from enum import StrEnum
from pathlib import Path

import pytest

from domain import obligations, people
from domain.law import policy
from domain.law.policy import DeadlineRule, Policy
from domain.registry import EVENTS
from domain.tolerance import events
from domain.tolerance.acts import ACTS
from gateway.cli import app
from gateway.scenarios import ActTold, DutyExpected, Expected, Scenario
from workers.settings import Settings

ROOT = Path(__file__).parents[1]


def document(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def test_every_act_and_every_event_stands_in_the_life_of_a_case() -> None:
    life = document("docs/case-life.md")
    names = [act.name for act in ACTS] + [event.name() for event in EVENTS.values()]
    assert [name for name in names if f"`{name}`" not in life] == []


def test_the_life_of_a_case_names_no_event_that_does_not_exist() -> None:
    told = set(re.findall(r"`((?:tolerance|obligation|accountability)\.[\w-]+)`", _life()))
    assert told == {event.name() for event in EVENTS.values()}


def _life() -> str:
    return document("docs/case-life.md")


def test_every_event_has_its_word_in_the_glossary() -> None:
    glossary = document("docs/glossary.md")
    missing = [e.__name__ for e in EVENTS.values() if f"`{e.__name__}`" not in glossary]
    untold = [e.term for e in EVENTS.values() if e.term not in glossary]
    assert (missing, untold) == ([], [])


@pytest.mark.parametrize(
    "kind",
    [
        policy.Outcome,
        policy.Relief,
        policy.Sanction,
        policy.Role,
        policy.Track,
        policy.Qualifier,
        events.Measure,
        people.SubjectKind,
    ],
)
def test_every_word_the_law_chooses_among_is_in_the_glossary(kind: type[StrEnum]) -> None:
    glossary = document("docs/glossary.md")
    assert [member.name for member in kind if f".{member.name}`" not in glossary] == []


def test_every_key_of_a_policy_pack_is_explained() -> None:
    told = document("docs/policy-packs.md")
    keys = [*Policy.model_fields, *DeadlineRule.model_fields]
    assert [key for key in keys if not re.search(rf"\b{key}\b", told)] == []


def test_every_key_of_a_scenario_is_explained() -> None:
    told = document("docs/scenarios.md")
    shapes = (Scenario, Expected, DutyExpected, ActTold)
    keys = {key for shape in shapes for key in shape.model_fields} - {"particulars"}
    unexplained = {"provisional", "closed_on"}  # columns of `case duties`, explained there
    assert [key for key in keys - unexplained if not re.search(rf"\b{key}\b", told)] == []


def test_every_command_is_named_where_a_newcomer_looks() -> None:
    told = document("README.md") + document("docs/operations.md") + document("docs/policy-packs.md")
    commands = [name for name in app if not name.startswith("-")]
    assert [name for name in commands if f"rongcuo {name}" not in told] == []


def test_every_setting_is_told_to_those_who_deploy() -> None:
    told = document("docs/operations.md")
    assert [key for key in Settings.model_fields if f"RONGCUO_{key.upper()}" not in told] == []


def test_every_state_of_a_duty_is_told() -> None:
    told = document("docs/case-life.md") + document("docs/scenarios.md")
    assert [state for state in obligations.State if state.value not in told] == []


def test_every_link_between_documents_leads_somewhere() -> None:
    broken = [
        f"{file.relative_to(ROOT)} → {link}"
        for file in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
        for link in re.findall(r"\]\((?!https?:|#)([^)#]+)", file.read_text("utf-8"))
        if not (file.parent / link).exists()
    ]
    assert broken == []


def test_decisions_are_numbered_without_holes() -> None:
    numbers = [int(file.name[:4]) for file in sorted((ROOT / "docs/decisions").glob("*.md"))]
    assert numbers == [*range(1, len(numbers) + 1)]


def test_ci_runs_the_very_test_command_of_the_readme() -> None:
    (pattern,) = re.findall(r"grep -m1 -E '(.*)' README.md", document(".ci/run"))
    commands = [line for line in document("README.md").splitlines() if re.search(pattern, line)]
    assert commands == ["python3 -m pip install uv && python3 -m uv run --extra local pytest"]


def test_nothing_committed_locks_addresses() -> None:
    assert "uv.lock" in document(".gitignore").split()
    assert not re.search(r"https?://", document("pyproject.toml"))
