"""`matter …` and `person …`: what they tell of matters of every kind, and of one person."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from domain.kinds import BY_NAME, KINDS
from gateway.rulebook import Rulebook
from gateway.scenarios import scenario_in
from tests.support.lives import SCENARIOS, play_into
from workers.addresses import DatabaseAddress

Run = Callable[..., tuple[int, str, str]]
HUARONG = scenario_in(SCENARIOS / "11_huarong.yaml")
REVOKED = scenario_in(SCENARIOS / "matters" / "14_revoked_tolerance.yaml")
COURT, VILLAGE = (each.number for each in HUARONG.matters.values())
TANG = REVOKED.subject_id("tang")


@pytest.fixture(scope="module")
def database(
    template_database: DatabaseAddress,
    module_copy: Callable[[DatabaseAddress], DatabaseAddress],
    outside: Any,
) -> DatabaseAddress:
    """One for all tests of this file, which only read: two stories lived in it."""
    address = module_copy(template_database)
    outside.run(play_into(address, Rulebook.packaged(), [HUARONG, REVOKED]))
    return address


@pytest.fixture(autouse=True)
def configured(database: DatabaseAddress, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RONGCUO_DATABASE_HOST", database.host)
    monkeypatch.setenv("RONGCUO_DATABASE_PORT", str(database.port))
    monkeypatch.setenv("RONGCUO_DATABASE_NAME", database.name)


def answer(ran: tuple[int, str, str]) -> Any:
    exit_code, out, err = ran
    assert exit_code == 0, err
    return json.loads(out)


# --- kinds ------------------------------------------------------------------------------------


def test_every_kind_is_listed_with_how_it_opens_and_its_instruments(run: Run) -> None:
    found = {each["kind"]: each for each in answer(run("matter", "kinds", "--json"))}
    assert found.keys() == KINDS.keys()
    assert found["inquiry"]["opens_with"] == "open_inquiry"
    assert found["inquiry"]["instruments"] == ["hubei_twelve_inquiry.1"]
    assert all(each["instruments"] for each in found.values())


def test_people_read_the_kinds_in_their_own_words(run: Run) -> None:
    _, out, _ = run("matter", "kinds")
    assert [each.matter.called for each in KINDS.values() if each.matter.called not in out] == []


# --- lists ------------------------------------------------------------------------------------


def test_matters_of_every_kind_are_listed_together(run: Run) -> None:
    kinds = {each["kind"] for each in answer(run("matter", "list", "--json"))["matters"]}
    assert kinds == {
        "tolerance",
        "accountability",
        "clarification",
        "rectification",
        "follow_up",
    }


@pytest.mark.parametrize(
    ("asked", "numbers"),
    [
        (["--kind", "clarification"], {COURT, VILLAGE}),
        (["--kind", "clarification", "--region", "420703"], {COURT, VILLAGE}),
        (["--kind", "clarification", "--region", "4110"], set()),
        (["--open"], {REVOKED.matters["held"].number, REVOKED.case_number}),
        (["--person", HUARONG.subject_id("wan")], {VILLAGE}),
        (["--person", "p-nobody"], set()),
    ],
)
def test_a_list_is_narrowed_down(run: Run, asked: list[str], numbers: set[str]) -> None:
    found = answer(run("matter", "list", "--json", *asked))["matters"]
    assert {each["number"] for each in found} == numbers


def test_a_list_is_paged_and_every_matter_stands_on_one_page(run: Run) -> None:
    whole = [each["matter_id"] for each in answer(run("matter", "list", "--json"))["matters"]]
    paged, following = [], None
    while True:
        after: list[str] = ["--after", following] if following else []
        page = answer(run("matter", "list", "--json", "--limit", "2", *after))
        paged += [each["matter_id"] for each in page["matters"]]
        following = page["next"]
        if following is None:
            break
    assert paged == whole


def test_a_kind_there_is_none_of_is_refused_with_those_there_are(run: Run) -> None:
    exit_code, _, err = run("matter", "list", "--kind", "praise")
    assert exit_code == 2
    assert "clarification" in err


# --- one matter -------------------------------------------------------------------------------


def test_a_matter_is_shown_with_what_it_is_linked_to(run: Run) -> None:
    shown = answer(run("matter", "show", COURT, "--json"))
    assert (shown["kind"], shown["stage"], shown["open"]) == ("clarification", "closed", False)
    assert [(each["number"], each["relation"]) for each in shown["links"]] == [
        (VILLAGE, "same_accusation")
    ]
    _, out, _ = run("matter", "show", COURT)
    assert f"同一检举控告的{BY_NAME['clarification'].called} {VILLAGE}" in out


def test_a_history_ends_with_the_links(run: Run) -> None:
    told = answer(run("matter", "history", VILLAGE, "--json"))
    assert told["kind"] == "clarification"
    assert [each["number"] for each in told["links"]] == [COURT]
    _, out, _ = run("matter", "history", VILLAGE)
    assert out.strip().splitlines()[-1].startswith("关联")


def test_the_history_of_a_case_shows_its_sibling_matters(run: Run) -> None:
    told = answer(run("case", "history", REVOKED.case_number, "--json"))
    assert [each["kind"] for each in told["links"]] == ["rectification", "follow_up"]


def test_a_duty_of_a_sibling_matter_explains_itself(run: Run) -> None:
    number = REVOKED.matters["notice"].number
    _, out, _ = run("matter", "duties", number, "--explain", "--duty", "talk-1")
    assert "第六条" in out
    assert "2025-01-26" in out
    found = answer(run("matter", "duties", number, "--explain", "--json"))["duties"]
    talk = next(each for each in found if each["rule"] == "talk")
    assert talk["derivation"]["due_on"] == "2025-01-26"
    assert talk["explained"]["clause"]["policy"] == "wuyang_prevention_2017.1"


def test_a_duty_whose_day_was_stated_has_no_count_to_show(run: Run) -> None:
    found = answer(run("matter", "duties", REVOKED.matters["notice"].number, "--json"))["duties"]
    plan = next(each for each in found if each["rule"] == "plan")
    assert (plan["due_on"], plan["derivation"]) == ("2025-01-24", None)


@pytest.mark.parametrize("command", ["show", "history", "duties"])
def test_a_number_there_is_none_of_is_refused(run: Run, command: str) -> None:
    exit_code, _, err = run("matter", command, "无此号")
    assert exit_code == 1
    assert "没有编号为 无此号 的事项" in err


# --- one person -------------------------------------------------------------------------------


def test_all_that_concerns_one_person_is_shown(run: Run) -> None:
    kinds = [each["kind"] for each in answer(run("person", "show", TANG, "--json"))["matters"]]
    assert sorted(kinds) == ["accountability", "follow_up", "rectification", "tolerance"]


def test_a_person_of_no_matter_is_refused(run: Run) -> None:
    exit_code, _, err = run("person", "show", "p-nobody")
    assert exit_code == 1
    assert "没有以 p-nobody 为对象的事项" in err


# --- figures ----------------------------------------------------------------------------------


def test_the_figures_of_sibling_matters_are_asked_for_by_id(run: Run) -> None:
    asked = ["--measure", "M9", "--measure", "M10", "--measure", "M12n", "--json"]
    (row,) = answer(run("stats", *asked))["rows"]
    assert row == {"cleared_persons": 2, "cleared_person_times": 2, "uncleared": 0}


def test_all_figures_stand_side_by_side_by_region(run: Run) -> None:
    rows = answer(run("stats", "--all", "--by", "region", "--json", "--organ-kind", "all"))["rows"]
    found = {row["region"]: row for row in rows}
    assert found["420000"]["cleared_persons"] == 2
    assert found["410000"]["visits"] == 1
    assert found["410000"]["cleared_persons"] == 0


def test_the_list_behind_a_figure_of_sibling_matters_is_shown(run: Run) -> None:
    behind = answer(run("stats", "--measure", "M9", "--list", "--json"))["behind"]
    assert [each["number"] for each in behind["cleared_persons"]] == [COURT, VILLAGE]
    _, out, _ = run("stats", "--measure", "M9", "--list")
    assert "所依据的记录" in out


def test_a_breakdown_that_only_determinations_have_is_refused(run: Run) -> None:
    exit_code, _, err = run("stats", "--measure", "M9", "--by", "track")
    assert exit_code == 2
    assert "track" in err


# --- the rulebook of a kind -------------------------------------------------------------------


def test_the_schema_of_each_kind_of_instrument_is_given(run: Run) -> None:
    for kind, each in KINDS.items():
        schema = answer(run("policy", "schema", "--kind", kind))
        assert schema == json.loads(json.dumps(each.instrument.model_json_schema()))
    assert run("policy", "schema", "--kind", "praise")[0] == 2


def test_one_limit_of_a_companion_is_explained_alone(run: Run) -> None:
    told = answer(run("policy", "explain", "wuyang_prevention_2017", "--rule", "talk", "--json"))
    assert (told["amount"], told["unit"]) == (7, "working_day")


# --- places -----------------------------------------------------------------------------------


def test_a_breakdown_by_region_names_each_unit(run: Run) -> None:
    _, out, _ = run("stats", "--region", "42", "--measure", "M9", "--by", "region")
    assert "420700 鄂州市" in out


def test_a_county_of_its_own_stands_among_the_prefectures(run: Run) -> None:
    by_county = ["--region", "4207", "--measure", "M9", "--by", "region", "--json"]
    rows = answer(run("stats", *by_county))["rows"]
    assert rows == [{"region": "420703", "cleared_persons": 2}]


# --- for the public ---------------------------------------------------------------------------


def test_a_table_for_the_public_shows_no_figure_that_points_at_persons(run: Run) -> None:
    asked = ["--region", "42", "--measure", "M9", "--by", "region", "--public"]
    rows = answer(run("stats", *asked, "--json"))["rows"]
    assert rows == [
        {"region": "420700", "cleared_persons": None},
        {"region": "合计", "cleared_persons": None},
    ]
    _, out, _ = run("stats", *asked)
    assert "＊" in out


def test_a_figure_for_the_public_is_withheld_by_itself_as_well(run: Run) -> None:
    (row,) = answer(run("stats", "--measure", "M9", "--public", "--json"))["rows"]
    assert row == {"cleared_persons": None}


def test_names_are_not_listed_for_the_public(run: Run) -> None:
    assert run("stats", "--public", "--list")[0] == 2
