"""`rongcuo stats timeliness`: on-time rates and durations, and the duties behind them."""

import csv
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.commands.timeliness import GROUPS, TITLES
from tests.support.homes import home_with
from workers.home import temporary_home

Run = Callable[..., tuple[int, str, str]]
ANSWER, FOLLOW_UP = "wuyang_2017.1:answer", "wuyang_2017.1:follow_up"


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """One case, answered five working days late, its follow-up talk held late as well."""
    with temporary_home() as home:
        yield home_with(home.path, "08_wuyang_overdue.yaml")


def asked(run: Run, home: Path, *options: str) -> Any:
    options = (*options, "--organ-kind", "personnel", "--home", str(home))
    exit_code, out, err = run("stats", "timeliness", *options, "--json")
    assert exit_code == 0, err
    return json.loads(out)


def of_rule(told: Any, rule: str) -> Any:
    (row,) = (each for each in told["rows"] if each["rule"] == rule)
    return row


def test_each_rule_is_told_with_its_article_rate_and_durations(run: Run, home: Path) -> None:
    answer = of_rule(asked(run, home), ANSWER)
    assert answer["article"]
    assert [answer[key] for key in ("basis", "met", "on_time", "late", "overdue")] == [
        "unconfirmed",
        1,
        0,
        1,
        0,
    ]
    # accepted on 2025-03-11, answered on 03-27
    assert (answer["on_time_rate"], answer["median_working_days"]) == (0.0, 12)


def test_an_answer_owed_on_the_last_day_asked_about_is_overdue(run: Run, home: Path) -> None:
    told = asked(run, home, "--to", "2025-03-24", "--rule", "answer", "--list")
    answer = of_rule(told, ANSWER)
    assert told["overdue_as_of"] == "2025-03-24"
    assert (answer["met"], answer["overdue"], answer["on_time_rate"]) == (0, 1, None)
    (duty,) = told["behind"]
    assert (duty["due_on"], duty["days_late"], duty["state"]) == ("2025-03-20", 4, "open")


def test_a_window_is_of_the_day_of_settling(run: Run, home: Path) -> None:
    window = ("--from", "2025-10-01", "--to", "2025-12-31", "--by", "month", "--by", "rule")
    (row,) = asked(run, home, *window)["rows"]
    assert (row["rule"], row["month"], row["late"]) == (FOLLOW_UP, "2025-10", 1)


def test_an_earlier_position_is_answered_as_it_was(run: Run, home: Path) -> None:
    whole = asked(run, home)
    earlier = asked(run, home, "--known-at", str(whole["position"] // 2))
    assert earlier["position"] == whole["position"] // 2
    assert earlier["rows"] != whole["rows"]


def test_people_read_names_articles_and_the_day_of_what_is_overdue(run: Run, home: Path) -> None:
    options = ("--organ-kind", "all", "--list", "--home", str(home))
    exit_code, out, _ = run("stats", "timeliness", *options)
    assert exit_code == 0
    assert "按期率（%）" in out
    assert "演示〔2025〕2号" in out
    assert "逾期未办的截至" in out
    assert "confirmed" not in out


def test_the_figures_can_be_had_as_csv(run: Run, home: Path) -> None:
    options = ("--organ-kind", "all", "--by", "region", "--csv", "--home", str(home))
    exit_code, out, _ = run("stats", "timeliness", *options)
    header, *rows = csv.reader(out.removeprefix("\ufeff").splitlines())
    assert exit_code == 0
    assert header[:4] == ["地区", "依据", "办结（项）", "按期（项）"]
    assert {row[0] for row in rows} == {"410000"}


def test_every_breakdown_has_a_heading_people_read() -> None:
    assert [name for name in GROUPS if name not in TITLES] == []


def test_a_rule_that_never_ran_is_refused_with_those_that_did(run: Run, home: Path) -> None:
    exit_code, out, err = run(
        "stats", "timeliness", "--rule", "moon", "--home", str(home), "--json"
    )
    told = json.loads(err)
    assert (exit_code, out, told["code"]) == (1, "", "unknown_item")
    assert ANSWER in told["message"]


@pytest.mark.parametrize("options", [("--by", "colour"), ("--list", "--csv")])
def test_an_unknown_breakdown_or_a_list_as_csv_is_wrong_usage(
    run: Run, home: Path, options: tuple[str, ...]
) -> None:
    exit_code, out, err = run("stats", "timeliness", *options, "--home", str(home))
    assert (exit_code, out) == (2, "")
    assert err


def test_the_definitions_count_the_same_duties_and_keep_unconfirmed_rules_apart(
    run: Run, home: Path
) -> None:
    options = ("--measure", "M19l", "--measure", "M19u", "--by", "rule", "--home", str(home))
    exit_code, out, _ = run("stats", *options, "--organ-kind", "personnel", "--list", "--json")
    assert exit_code == 0
    told = json.loads(out)
    assert [[*row.values()] for row in told["rows"] if row["rule"] in {ANSWER, FOLLOW_UP}] == [
        [ANSWER, 0, 1],
        [FOLLOW_UP, 1, 0],
    ]
    (late,) = told["behind"]["duties_met_late"]
    assert (late["number"], late["occurred_on"]) == ("演示〔2025〕2号", "2025-10-15")
