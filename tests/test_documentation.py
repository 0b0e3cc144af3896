"""The documents are true: what the code has, they name; what they name, the code has."""

import re
from enum import StrEnum
from pathlib import Path

import pytest

from domain import identities, obligations, people
from domain.accountability.events import Screening
from domain.aggregate import Act
from domain.calendars import publication
from domain.kinds import KINDS
from domain.law import deadline_rules, outcomes, periods, policy, situations, status_periods
from domain.law.deadline_rules import DeadlineRule
from domain.law.policy import Policy
from domain.matter import Relation
from domain.papers import Delivery
from domain.refusals import Code
from domain.registry import EVENTS
from domain.reporting import periods as reporting
from domain.reporting import reports
from domain.tolerance import acts, particulars, state
from gateway import difference_sheet, submissions
from gateway.cli import app
from gateway.rulebook import Rulebook
from gateway.scenarios import ActTold, DutyExpected, Expected, LinkTold, MatterTold, Scenario
from projections.words import STANDINGS
from workers.settings import Settings

ROOT = Path(__file__).parents[1]
OF_SIBLINGS: tuple[type[Act], ...] = tuple(act for kind in KINDS.values() for act in kind.acts)
IN_LIFE: tuple[type[Act], ...] = (
    *acts.ACTS,
    *publication.ACTS,
    *reports.ACTS,
    *identities.ACTS,
)
ACTS = (*IN_LIFE, *OF_SIBLINGS)
SIBLING_EVENTS = [each for each in EVENTS.values() if each.name().partition(".")[0] in KINDS]
LIFE_EVENTS = [each for each in EVENTS.values() if each not in SIBLING_EVENTS]


def document(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def test_every_act_and_every_event_stands_in_the_life_of_a_case() -> None:
    life = document("docs/case-life.md")
    names = [act.name for act in IN_LIFE] + [event.name() for event in LIFE_EVENTS]
    assert [name for name in names if f"`{name}`" not in life] == []


@pytest.mark.parametrize("name", KINDS)
def test_every_act_event_and_stage_of_a_sibling_matter_stands_in_its_part(name: str) -> None:
    kind, told = KINDS[name], _part(name)
    own = [each for each in SIBLING_EVENTS if each.name().partition(".")[0] == name]
    words = [
        kind.matter.called,
        *(f"`{act.name}`" for act in kind.matter.MOVES),
        *(f"`{event.name()}`" for event in own),
        *(f"`{event.__name__}`" for event in own),
        *(event.term for event in own),
        *(called for called, _ in kind.matter.STAGES.values()),
    ]
    assert [word for word in words if word not in told] == []


def test_the_part_of_a_sibling_matter_names_every_instrument_it_may_stand_on() -> None:
    companions = Rulebook.packaged().companions.values()
    told = {kind: _part(kind) for kind in KINDS}
    unnamed = [e.id for e in companions if not re.search(rf"`{e.id}(\.\d+)?`", told[e.kind])]
    assert unnamed == []


def test_the_siblings_page_names_no_act_and_no_event_that_does_not_exist() -> None:
    page = document("docs/matters.md")
    kinds = "|".join([*KINDS, "tolerance", "obligation", "matter"])
    named = {each.partition(":")[0] for each in re.findall(rf"`((?:{kinds})\.[\w:-]+)`", page)}
    assert sorted(named - {event.name() for event in EVENTS.values()} - {"matter.py"}) == []


def _part(kind: str) -> str:
    """What the siblings' page says of one kind."""
    parts = re.split(r"^## ", document("docs/matters.md"), flags=re.MULTILINE)
    (part,) = (each for each in parts if f"`{kind}`" in each.partition("\n")[0])
    return part


def test_every_stage_and_every_standing_stands_in_the_life_of_a_case() -> None:
    called = [*(name for name, _ in state.STAGES.values()), *STANDINGS.values()]
    assert [name for name in called if name not in _life()] == []


def test_the_life_of_a_case_names_no_event_that_does_not_exist() -> None:
    kinds = "|".join({event.name().partition(".")[0] for event in EVENTS.values()})
    told = set(re.findall(rf"`((?:{kinds})\.[\w-]+)`", _life()))
    assert {event.name() for event in LIFE_EVENTS} <= told
    assert told <= {event.name() for event in EVENTS.values()}


def _life() -> str:
    return document("docs/case-life.md")


def test_every_event_has_its_word_in_the_glossary() -> None:
    glossary = document("docs/glossary.md")
    missing = [e.__name__ for e in LIFE_EVENTS if f"`{e.__name__}`" not in glossary]
    untold = [e.term for e in LIFE_EVENTS if e.term not in glossary]
    assert (missing, untold) == ([], [])


@pytest.mark.parametrize(
    "kind",
    [
        outcomes.Outcome,
        outcomes.Relief,
        outcomes.Sanction,
        situations.Role,
        policy.Track,
        policy.ApplicantKind,
        policy.Recipient,
        policy.FactorName,
        policy.RecusalGround,
        policy.Step,
        policy.SelectedBy,
        deadline_rules.Qualifier,
        deadline_rules.StartDate,
        periods.TimeUnit,
        status_periods.EndRule,
        obligations.State,
        particulars.DeclineReason,
        particulars.Leaning,
        particulars.View,
        particulars.Resolution,
        particulars.Measure,
        Delivery,
        particulars.ReviewResult,
        particulars.RevocationCause,
        state.Stage,
        state.Standing,
        state.Answer,
        Relation,
        Screening,
        publication.EditionStage,
        reporting.PeriodKind,
        reports.ReportStage,
        difference_sheet.Why,
        submissions.Between,
        people.SubjectKind,
        people.OrganKind,
        people.OrganLevel,
    ],
)
def test_every_word_the_law_chooses_among_is_in_the_glossary(kind: type[StrEnum]) -> None:
    (row,) = (line for line in _glossary() if f"`{kind.__name__}." in line)
    assert re.findall(r"`\w*\.(\w+)`", row) == [member.name for member in kind]


def test_no_word_of_the_glossary_stands_twice() -> None:
    rows = [line.split("|")[1].partition("：")[0].strip() for line in _glossary()]
    assert sorted({*rows}) == sorted(rows)


def _glossary() -> list[str]:
    lines = document("docs/glossary.md").splitlines()
    return [line for line in lines if line.startswith("| ") and not line.startswith("| 中文")]


# ---- refusals ----------------------------------------------------------------------------------


def test_every_code_of_a_refusal_has_its_one_row_and_no_other_has() -> None:
    rows = re.findall(r"^\| `(\w+)` \|", document("docs/refusals.md"), re.MULTILINE)
    assert rows == [code.value for code in Code]


def test_every_row_of_a_refusal_says_when_how_and_the_way_out() -> None:
    rows = [line for line in document("docs/refusals.md").splitlines() if line.startswith("| `")]
    assert [row for row in rows if len([*filter(None, map(str.strip, row.split("|")))]) != 5] == []


def test_every_code_of_a_refusal_is_raised_somewhere() -> None:
    sources = [
        file.read_text("utf-8")
        for folder in ("domain", "workflows", "gateway")
        for file in (ROOT / folder).rglob("*.py")
    ]
    told = {name for source in sources for name in re.findall(r"\bCode\.([A-Z_]+)", source)}
    assert [code.name for code in Code if code.name not in told] == []


def test_documents_name_only_codes_and_acts_that_exist() -> None:
    known = {code.value for code in Code} | {act.name for act in ACTS}
    told = document("docs/refusals.md") + _life()
    names = {*re.findall(r"`([a-z]+(?:_[a-z]+)*)`", told)} - {"deadlines", "team"}
    assert sorted(names - known) == []


def test_the_life_of_a_case_tells_of_every_code_that_a_case_can_be_refused_with() -> None:
    told = {*re.findall(r"`([a-z_]+)`", _life() + document("docs/matters.md"))}
    assert sorted({code.value for code in Code} - told) == []


# ---- packs, scenarios, commands ----------------------------------------------------------------


def test_every_key_of_a_policy_pack_is_explained() -> None:
    told = document("docs/policy-packs.md")
    keys = [*Policy.model_fields, *DeadlineRule.model_fields]
    assert [key for key in keys if not re.search(rf"\b{key}\b", told)] == []


def test_every_key_of_a_scenario_is_explained() -> None:
    told = document("docs/scenarios.md")
    shapes = (Scenario, Expected, MatterTold, LinkTold, DutyExpected, ActTold)
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
