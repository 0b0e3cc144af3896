"""The stack as people start and stop it: demonstrated, killed in the middle, brought up again."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from projections.definitions import HEADLINE
from tests.support.processes import children_of, ended_within
from workers.home import Home, temporary_home

RONGCUO = [sys.executable, "-c", "from gateway.cli import main; main()"]
ROOT = Path(__file__).parents[2]
PATIENCE_S = 60
TOLERANCE = [each.name for each in HEADLINE]


def rongcuo(*arguments: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [*RONGCUO, *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def answer(*arguments: str) -> Any:
    done = subprocess.run(
        [*RONGCUO, *arguments, "--json"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture
def home() -> Iterator[Home]:
    with temporary_home() as made:
        yield made


@pytest.fixture(scope="module")
def demonstrated() -> dict[str, Any]:
    found: dict[str, Any] = answer("demo")
    return found


def test_the_demonstration_lives_every_case_to_its_expected_end(
    demonstrated: dict[str, Any],
) -> None:
    assert demonstrated["differences"] == []
    outcomes = {
        case["case_number"]: [each["outcome"] for each in case["subjects"]]
        for case in demonstrated["cases"]
    }
    assert outcomes == {
        "演示〔2021〕1号": ["exemption", "mitigation"],
        "演示〔2022〕1号": ["exemption"],
        "演示〔2022〕2号": ["exemption"],
        "演示〔2023〕1号": ["exemption"],
        "演示〔2023〕2号": ["mitigation", "mitigation"],
        "演示〔2023〕3号": ["no_tolerance"],
        "演示〔2025〕1号": ["exemption"],
        "演示〔2025〕2号": ["mitigation"],
        "演示〔2026〕1号": ["exemption", "mitigation"],
        "演示〔2026〕2号": [None],
        "演示〔2023〕华容澄清": [],
        "防错演示〔2026〕1号": [],
    }
    stages = [case["stage"] for case in demonstrated["cases"]]
    assert stages == ["closed"] * 8 + ["declined", "closed", None, None]
    matters = [each for case in demonstrated["cases"] for each in case["matters"]]
    assert [(each["kind"], each["stage"]) for each in matters] == [
        ("clarification", "closed"),
        ("clarification", "closed"),
        ("rectification", "closed"),
        ("rectification", "closed"),
    ]


def test_the_demonstration_counts_from_its_events(demonstrated: dict[str, Any]) -> None:
    assert {name: demonstrated["statistics"][name] for name in TOLERANCE} == {
        "tolerated_persons": 10,
        "exempted_persons": 5,
        "mitigated_persons": 5,
        "tolerated_person_times": 10,
        "tolerated_organizations": 1,
        "tolerated_matters": 8,
        "not_tolerated": 1,
    }


def test_the_demonstration_counts_two_persons_cleared_of_one_accusation(
    demonstrated: dict[str, Any],
) -> None:
    expected = {
        "cleared_persons": 2,
        "cleared_person_times": 2,
        "uncleared": 0,
        "rectifications": 2,
        "rectified": 2,
    }
    found = demonstrated["statistics"]
    assert {name: found[name] for name in expected} == expected


def test_the_demonstration_has_its_clocks_called_by_temporal(
    demonstrated: dict[str, Any],
) -> None:
    assert demonstrated["timers"] == {"reminded": 14, "overdue": 2, "escalated": 4}
    assert set(demonstrated["stack"]) == {"postgres", "temporal"}


def test_the_demonstration_checks_its_books(demonstrated: dict[str, Any]) -> None:
    audit = demonstrated["audit"]
    assert audit == {
        "events": sum(len(case["events"]) for case in demonstrated["cases"]) + audit["heads"],
        "heads": audit["heads"],  # one for each day on which it ran
        "dense": True,
        "projections_equal": True,
        "statistics_equal": True,
    }


def test_a_demonstration_that_goes_otherwise_than_told_exits_3(tmp_path: Path) -> None:
    told = (ROOT / "tests/scenarios/01_reservoir_gate.yaml").read_text("utf-8")
    (tmp_path / "wrong.yaml").write_text(told.replace("M1: 1,", "M1: 371,"), "utf-8")
    done = subprocess.run(
        [*RONGCUO, "demo", "--scenarios", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 3
    assert "应为 371，实为 1" in done.stdout


def test_a_demonstration_killed_in_the_middle_loses_nothing(home: Home) -> None:
    demo = rongcuo("demo", "--keep", str(home.path))
    acknowledged = _acts_told(demo, until="演示〔2025〕2号 close")
    children = children_of(demo.pid)
    os.kill(demo.pid, signal.SIGKILL)
    demo.communicate()
    assert children
    assert ended_within(10, *children)

    up = rongcuo("up", "--home", str(home.path))
    try:
        _wait_for(up, "已就绪")
        at_home = ("--home", str(home.path))
        told = [
            event
            for matter in answer("matter", "list", *at_home)["matters"]
            for event in answer("matter", "history", matter["matter_id"], *at_home)["events"]
            if event["officer"] != "rongcuo"
        ]
        assert len(told) >= len(acknowledged)  # every act told of is there
        assert _until_called(home), "the clock of the open duty is not back"
    finally:
        children = children_of(up.pid)
        up.send_signal(signal.SIGINT)
        up.communicate(timeout=PATIENCE_S)
    assert up.returncode == 0
    assert ended_within(0, *children)


def test_a_second_start_on_the_same_home_says_who_holds_it(home: Home) -> None:
    first = rongcuo("up", "--home", str(home.path))
    try:
        _wait_for(first, "已就绪")
        second = rongcuo("up", "--home", str(home.path))
        _, told = second.communicate(timeout=PATIENCE_S)
        assert second.returncode == 1
        assert str(first.pid) in told.replace("\n", "")
    finally:
        first.terminate()
        first.communicate(timeout=PATIENCE_S)
    assert first.returncode == 0


def _acts_told(demo: "subprocess.Popen[str]", until: str) -> list[str]:
    """The acts the demonstration has told of, each of them acknowledged by the store."""
    acts = []
    assert demo.stderr is not None
    for line in demo.stderr:
        acts += [line] if "演示〔" in line and "被拒绝" not in line else []
        if until in line:
            return acts
    raise AssertionError(f"the demonstration ended before {until}")


def _wait_for(process: "subprocess.Popen[str]", words: str) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        if words in line:
            return
    raise AssertionError(process.stderr.read() if process.stderr else "")


def _until_called(home: Home) -> bool:
    """The talk due on 2025-09-26 is long overdue by now: its clock must say so."""
    for _ in range(PATIENCE_S):
        told = answer("case", "history", "演示〔2025〕2号", "--home", str(home.path))["events"]
        rungs = [each for each in told if each["topic"] == "obligation.escalated.v1"]
        if len(rungs) == 4:
            return True
        time.sleep(0.3)
    return False
