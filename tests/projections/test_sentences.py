"""The audit trail in words, byte for byte.

`tests/golden/sentences.txt` holds the trail of every scenario file. After a change that is meant,
write it anew with `UPDATE_GOLDEN=1 pytest tests/projections/test_sentences.py`, and read what has
changed before you commit it: an inspector will.
"""

import os
import re
from collections.abc import Iterator
from datetime import timedelta
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

import pytest

from domain.accountability.proceeding import proceeding_id
from domain.registry import EVENTS
from domain.tolerance.case import ToleranceCase
from domain.tolerance.state import case_id
from gateway.scenarios import OPEN_ACCOUNTABILITY, Scenario
from projections.sentences import sentence
from tests.support.databases import session
from tests.support.examples import WUYANG, accept, application
from tests.support.matters import MORNING, NUMBER, order
from workers.addresses import DatabaseAddress

GOLDEN = Path(__file__).parents[1] / "golden" / "sentences.txt"


class Told(NamedTuple):
    """One event of a scenario and the sentence that tells it."""

    scenario: str
    topic: str
    sentence: str
    articles: list[str]

    def __str__(self) -> str:
        return self.sentence + (f"〔{'；'.join(self.articles)}〕" if self.articles else "")


@pytest.fixture(scope="module")
def trail(played_template: DatabaseAddress, scenarios: list[Scenario]) -> list[Told]:
    """The whole trail, scenario by scenario, the proceeding before its case."""
    with session(played_template) as superuser:
        return [
            Told(f"{scenario.case_number} {scenario.title}", *row)
            for scenario in scenarios
            for row in superuser.execute(
                "SELECT topic, sentence, articles FROM views.audit_trail"
                " WHERE matter_id = ANY(%s) ORDER BY position",
                ([*matters(scenario)],),
            )
        ]


def matters(scenario: Scenario) -> Iterator[object]:
    yield case_id(scenario.case_number)
    for act in scenario.acts:
        if act.act == OPEN_ACCOUNTABILITY:
            yield proceeding_id(scenario.accountability_number(act))


def test_the_trail_of_every_scenario_reads_as_it_did(trail: list[Told]) -> None:
    told = "\n".join(
        f"{name}\n" + "".join(f"  {each}\n" for each in lines)
        for name, lines in groupby(trail, key=lambda each: each.scenario)
    )
    if os.environ.get("UPDATE_GOLDEN") == "1":
        GOLDEN.write_text(told, "utf-8")
    assert told.encode() == GOLDEN.read_bytes()


@pytest.mark.parametrize("topic", EVENTS)
def test_every_event_has_a_sentence_of_its_own(trail: list[Told], topic: str) -> None:
    told = [each.sentence for each in trail if each.topic == topic]
    assert told, "no scenario shows this event: let one show it"
    bare = re.compile(rf"\d+年\d+月\d+日，{EVENTS[topic].term}(（补录）)?。")
    assert not [each for each in told if bare.fullmatch(each)]


def test_every_sentence_begins_with_its_day_and_ends(trail: list[Told]) -> None:
    assert not [
        each.sentence
        for each in trail
        if not re.fullmatch(r"20\d\d年\d{1,2}月\d{1,2}日，[^。]+。", each.sentence)
    ]


def test_no_sentence_shows_a_word_meant_for_programs(trail: list[Told]) -> None:
    programs = re.compile(r"p-[0-9a-f]|None|[a-z_]{3,}")
    assert not [each.sentence for each in trail if programs.search(each.sentence)]


def test_an_act_entered_after_its_day_is_told_as_such_and_what_the_system_adds_is_not() -> None:
    case, a_week_later = ToleranceCase(case_id(NUMBER)), MORNING + timedelta(days=7)
    case.perform(application(WUYANG), order(), WUYANG)
    case.perform(accept(), order(now=a_week_later), WUYANG)
    assert [sentence(event, case) for event in case.collect_events()] == [
        "2026年3月2日，某局就某问责〔2026〕1号向某县纪委监委提出容错申请，对象为陈某（案号试〔2026〕1号）。",
        "2026年3月2日，某县纪委监委会同某巡察办受理申请（补录）。",
        "2026年3月2日，「向申请单位反馈答复（陈某）」由承办人办理，至2026年3月11日届满。",
    ]
