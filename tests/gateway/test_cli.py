"""The command line as programs and people meet it: answers, exit codes, refusals."""

import json
import zipfile
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from gateway.commands.asking import GROUPS, HEADINGS
from gateway.workbook import adds_up
from projections.definitions import EVERY
from tests.support.homes import home_with
from tests.support.lives import unanswered
from workers.home import temporary_home

SCENARIOS = Path(__file__).parents[1] / "scenarios"
Ran = tuple[int, str, str]
Run = Callable[..., Ran]


def asked(ran: Ran) -> Any:
    exit_code, out, err = ran
    assert exit_code == 0, err
    return json.loads(out)


@pytest.fixture(scope="module")
def lived_in() -> Iterator[Path]:
    """A home in which one case has been handled."""
    with temporary_home() as home:
        yield home_with(home.path, "04_rent_reduction.yaml")


def test_seven_working_days_across_a_make_up_sunday(run: Run) -> None:
    found = asked(run("deadline", "--from", "2026-09-18", "--working-days", "7", "--json"))
    assert found["due_on"] == "2026-09-29"
    assert found["provisional"] is False
    assert [day["on"] for day in found["added"]] == ["2026-09-20"]
    assert "2026-09-25" in [day["on"] for day in found["skipped"]]


def test_a_deadline_into_an_unpublished_year_is_provisional(run: Run) -> None:
    found = asked(run("deadline", "--from", "2026-12-25", "--working-days", "7", "--json"))
    assert (found["due_on"], found["provisional"]) == ("2027-01-06", True)


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("--working-days", "7", "--months", "1"),
        ("--working-days", "-1"),
        ("--days", "99999999"),
        ("--working-days", "seven"),
    ],
)
def test_a_deadline_asked_for_wrongly_is_wrong_usage(run: Run, arguments: tuple[str, ...]) -> None:
    exit_code, out, err = run("deadline", "--from", "2026-09-18", *arguments)
    assert (exit_code, out) == (2, "")
    assert err


def test_a_status_period_counts_its_first_day_and_never_rolls(run: Run) -> None:
    asking = ("status-period", "--from", "2026-03-10", "--months", "6", "--json")
    assert asked(run(*asking)) == {
        "start": "2026-03-10",
        "last_day": "2026-09-09",
        "months": 6,
        "rest_until": None,
    }


STACKED = ("status-period", "--from", "2026-03-10", "--months", "12", "--running-from")


def test_a_sanction_inside_a_running_period_adds_to_what_is_left(run: Run) -> None:
    answer = asked(run(*STACKED, "2025-06-01", "--running-months", "18", "--json"))
    assert (answer["rest_until"], answer["last_day"]) == ("2026-11-30", "2027-11-30")


@pytest.mark.parametrize("earlier", [("2025-06-01",), ("2020-06-01", "--running-months", "12")])
def test_half_an_earlier_sanction_or_one_that_is_over_is_refused(
    run: Run, earlier: tuple[str, ...]
) -> None:
    exit_code, _, err = run(*STACKED, *earlier)
    assert (exit_code, "不能计算影响期" in err) == (1, True)


def test_an_unknown_command_is_wrong_usage(run: Run) -> None:
    exit_code, _, err = run("nonsense")
    assert exit_code == 2
    assert "rongcuo --help" in err


def test_every_command_has_help(run: Run) -> None:
    for command in ("demo", "up", "play", "case", "deadline", "policy", "calendar", "stats"):
        exit_code, out, _ = run(command, "--help")
        assert exit_code == 0
        assert "Usage" in out


def test_the_policies_are_listed_and_shown(run: Run) -> None:
    listed = asked(run("policy", "list", "--json"))
    assert {each["reference"] for each in listed} >= {
        "hubei_2022.1",
        "wuyang_2017.1",
        "youxian_2017.1",
    }
    shown = asked(run("policy", "show", "wuyang_2017", "--json"))
    assert shown["document"] == "舞发〔2017〕3号"


def test_an_unknown_policy_is_refused_with_the_way_out(run: Run) -> None:
    exit_code, _, err = run("policy", "show", "atlantis_1999", "--json")
    told = json.loads(err)
    assert (exit_code, told["code"]) == (1, "unknown_policy")
    assert "wuyang_2017" in told["message"]


def test_a_broken_policy_file_is_named_with_its_key(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "broken.yaml"
    file.write_text("id: broken\nedition: one\n")
    exit_code, out, _ = run("policy", "check", str(file), "--json")
    found = json.loads(out)
    assert exit_code == 2
    assert (found["ok"], found["file"]) == (False, "broken.yaml")


def test_acts_events_and_refusals_are_listed_for_programs(run: Run) -> None:
    found = asked(run("policy", "acts", "--json"))
    assert "determine" in [act["name"] for act in found["acts"]]
    assert "tolerance.determined" in [event["name"] for event in found["events"]]
    assert "negative_list" in found["refusals"]


def test_the_calendars_are_listed_with_their_notices(run: Run) -> None:
    found = asked(run("calendar", "list", "--json"))
    assert [each["edition"] for each in found if each["year"] == 2020] == [1, 2]
    assert all(each["notice"] for each in found)


@pytest.mark.parametrize("file", sorted(SCENARIOS.glob("*.yaml")), ids=lambda file: file.stem)
def test_each_scenario_plays_as_it_expects(run: Run, file: Path) -> None:
    played = asked(run("play", str(file), "--json"))["played"]
    assert [life["differences"] for life in played] == [[]]


def test_a_wrong_expectation_exits_3_and_shows_the_first_difference(
    run: Run, tmp_path: Path
) -> None:
    wrong = (SCENARIOS / "04_rent_reduction.yaml").read_text("utf-8")
    file = tmp_path / "wrong.yaml"
    file.write_text(wrong.replace("M1: 2,", "M1: 371,"), "utf-8")
    exit_code, out, _ = run("play", str(file))
    assert exit_code == 3
    assert "expect.statistics.M1：应为 371，实为 2" in out


def test_a_malformed_scenario_is_refused_before_anything_runs(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "malformed.yaml"
    good = (SCENARIOS / "04_rent_reduction.yaml").read_text("utf-8")
    file.write_text(good.replace("act: accept}", "act: acept}"), "utf-8")
    exit_code, out, err = run("play", str(file), "--json")
    told = json.loads(err)
    assert (exit_code, out, told["code"]) == (2, "", "malformed")
    assert "acept" in told["message"]


@pytest.mark.parametrize(
    ("was", "becomes", "code", "obstacle"),
    [
        ("policy: wuyang_2017", "policy: atlantis", "unknown_policy", "atlantis"),
        ("act: accept}", "act: close}", "out_of_stage", "申请提出"),
        ("on: 2025-03-12, act: open_v", "on: 2025-03-10, act: open_v", None, "2025-03-10"),
        ("subject: wu, recipient", "subject: stranger, recipient", "unknown_subject", "stranger"),
    ],
)
def test_an_act_refused_in_play_is_told_with_code_and_obstacle(
    run: Run, tmp_path: Path, was: str, becomes: str, code: str | None, obstacle: str
) -> None:
    file = tmp_path / "refused.yaml"
    good = (SCENARIOS / "08_wuyang_overdue.yaml").read_text("utf-8")
    assert was in good
    file.write_text(good.replace(was, becomes, 1), "utf-8")
    exit_code, out, err = run("play", str(file), "--json")
    assert exit_code in (2, 3)
    assert obstacle in out + err
    if code:
        assert [each["code"] for each in json.loads(out)["played"][0]["refusals"]] == [code]


def test_cases_are_listed_shown_and_told(run: Run, lived_in: Path) -> None:
    home = ("--home", str(lived_in), "--json")
    (case,) = asked(run("case", "list", *home))["cases"]
    assert case["stage"] == "closed"
    shown = asked(run("case", "show", case["case_number"], *home))
    assert {each["outcome"] for each in shown["subjects"]} == {"mitigation"}
    told = asked(run("case", "history", case["case_number"], *home))["events"]
    assert [each["version"] for each in told] == [*range(1, len(told) + 1)]
    assert "金松投资集团" in told[0]["sentence"]


def test_duties_come_with_their_derivations(run: Run, lived_in: Path) -> None:
    exit_code, out, _ = run(
        "case", "duties", "演示〔2023〕2号", "--explain", "--home", str(lived_in)
    )
    assert exit_code == 0
    assert "未载时限，没有届满之日" in out


def test_what_an_edition_would_change_is_told_without_changing_it(run: Run, lived_in: Path) -> None:
    pack = Path("domain/law/packs/hubei_2022.yaml")
    answer = asked(run("policy", "what-if", str(pack), "--home", str(lived_in), "--json"))
    assert answer["edition"] == "hubei_2022.1"
    assert answer["affected"] == []  # the same edition


def test_counting_open_days_anew_by_the_same_calendars_changes_nothing(
    run: Run, lived_in: Path
) -> None:
    answer = asked(run("calendar", "redate", "--home", str(lived_in), "--json"))
    assert answer["redated"] == []


def test_a_case_that_is_not_there_is_refused(run: Run, lived_in: Path) -> None:
    exit_code, _, err = run("case", "show", "无此案", "--home", str(lived_in), "--json")
    assert (exit_code, json.loads(err)["code"]) == (1, "case_not_found")


def test_the_figures_come_with_the_list_behind_them(run: Run, lived_in: Path) -> None:
    found = asked(
        run(
            "stats",
            "--region",
            "421087",
            "--measure",
            "M1",
            "--list",
            "--home",
            str(lived_in),
            "--json",
        )
    )
    assert found["rows"] == [{"tolerated_persons": 2}]
    assert len(found["behind"]["tolerated_persons"]) == 2


def test_the_figures_can_be_had_as_csv_and_as_the_same_excel_bytes(
    run: Run, lived_in: Path, tmp_path: Path
) -> None:
    exit_code, out, _ = run("stats", "--by", "region", "--csv", "--home", str(lived_in))
    assert exit_code == 0
    assert out.splitlines()[1].startswith("420000,2,")
    files = [tmp_path / "one.xlsx", tmp_path / "two.xlsx"]
    for file in files:
        options = ("--by", "region", "--xlsx", str(file))
        assert run("stats", *options, "--home", str(lived_in))[0] == 0
    assert files[0].read_bytes() == files[1].read_bytes()
    with zipfile.ZipFile(files[0]) as parts:
        assert "<t>湖北省</t>" in parts.read("xl/sharedStrings.xml").decode()


def test_every_breakdown_has_a_heading_people_read() -> None:
    assert set(HEADINGS) == set(GROUPS)


@pytest.mark.parametrize("by", ["region", "organ", "policy", "rank", "field", "year"])
def test_what_an_excel_sheet_sums_adds_up_to_the_total(run: Run, lived_in: Path, by: str) -> None:
    summed = [each for each in EVERY if adds_up(each)]
    asked_for = [f"--measure={each.id}" for each in summed]
    options = ("--organ-kind", "all", "--home", str(lived_in), "--json")
    rows = asked(run("stats", *asked_for, "--by", by, *options))["rows"]
    (total,) = asked(run("stats", *asked_for, *options))["rows"]
    assert {each.name: sum(row[each.name] for row in rows) for each in summed} == total


def test_an_unknown_breakdown_is_wrong_usage(run: Run, lived_in: Path) -> None:
    exit_code, _, err = run("stats", "--by", "colour", "--home", str(lived_in))
    assert exit_code == 2
    assert "colour" in err


def test_views_are_rebuilt_and_a_stranger_is_refused(run: Run, lived_in: Path) -> None:
    assert asked(run("rebuild", "all", "--home", str(lived_in), "--json"))["position"] > 0
    exit_code, _, err = run("rebuild", "moon", "--home", str(lived_in))
    assert exit_code == 2
    assert "case_register" in err


def test_migrating_again_changes_nothing(run: Run, lived_in: Path) -> None:
    assert asked(run("migrate", "--home", str(lived_in), "--json")) == {"applied": []}


def test_the_doctor_finds_nothing_wrong(run: Run, lived_in: Path) -> None:
    findings = asked(run("doctor", "--home", str(lived_in), "--json"))
    assert all(each["ok"] for each in findings), findings


def test_the_doctor_names_the_duties_that_still_wait_to_be_redated(run: Run) -> None:
    with temporary_home() as home:
        home_with(home.path, unanswered(), known_on=date(2024, 10, 1))  # 2025 not yet published
        asking = ("doctor", "--home", str(home.path), "--json")
        exit_code, out, _ = run(*asking)
        found = {each["name"]: each for each in json.loads(out)}["推定的期限"]
        assert (exit_code, found["ok"]) == (1, False)
        asked(run("calendar", "redate", "--home", str(home.path), "--json"))
        assert run(*asking)[0] == 0


def test_the_doctor_says_4_when_the_database_cannot_be_reached(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RONGCUO_DATABASE_HOST", "/nowhere")
    exit_code, _, _ = run("doctor", "--only", "follower", "--json")
    assert exit_code == 4
