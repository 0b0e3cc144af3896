"""时效: on-time rates and durations agree with a slow count from the log, wherever one asks."""

import asyncio
from collections.abc import Callable
from dataclasses import fields
from datetime import date, timedelta
from pathlib import Path
from shutil import copy
from typing import Any

import asyncpg
import pytest

from domain.calendars.publication import CalendarReleased
from domain.law.calendar import WorkCalendar
from gateway.rulebook import Rulebook
from gateway.scenarios import Scenario, scenario_in
from projections import timeliness as timeliness_module
from projections.calendars import released
from projections.statistics import Question
from projections.timeliness import (
    Timeliness,
    as_of,
    behind_timeliness,
    timeliness,
    worked_up_to,
)
from tests.support.duties_by_hand import Figures, counted, lives
from tests.support.lives import SCENARIOS, play_into
from tests.support.spring import spring_lived
from workers.addresses import DatabaseAddress

FAR = date(2030, 1, 1)
PACK = Path(__file__).parents[1] / "gateway" / "duties_pack.yaml"
FURTHER = (
    "acceptance/09_deferral_into_an_unpublished_year",  # a day that is presumed
    "acceptance/12_deferral_runs_out",
    "acceptance/generic_suspended_and_resumed",
    "acceptance/suspension_keeps_the_remainder",
    "matters/02_late_talk",
    "matters/03_tracking",
    "matters/06_accountability",
    "matters/07_inquiry_last_day",
    "matters/12_review",
)
STORY: list[dict[str, Any]] = [
    {"on": "2025-02-25", "act": "open_accountability", "organ": "inspector"},
    {"on": "2025-02-26", "act": "submit_application", "by": "lei"},
    {"on": "2025-03-03", "act": "accept"},  # twenty working days: to 2025-03-31
    {"on": "2025-03-04", "act": "open_verification", "team": ["甲", "乙"]},
    {"on": "2025-03-05", "act": "request_opinion", "organ": "组织部", "question": "有无意见"},
    {"on": "2025-03-06", "act": "request_opinion", "organ": "财政局", "question": "有无意见"},
    {
        "on": "2025-03-12",
        "act": "waive_duty",
        "duty": "opinion-2",
        "explanation": "该局已经撤销",
        "authority": "会议纪要9号",
    },
    {"on": "2025-03-18", "act": "record_opinion", "organ": "组织部", "opinion": "无", "item": 1},
    {"on": "2025-03-19", "act": "suspend", "explanation": "等待另案"},
    {"on": "2025-04-07", "act": "resume", "explanation": "另案已结"},  # to 2025-04-17
    {
        "on": "2025-04-16",
        "act": "extend_duty",
        "duty": "answer-1",
        "approved_by": "主要负责人",
        "explanation": "案情复杂",
    },  # to 2025-04-30
    {"on": "2025-04-27", "act": "check_list", "subject": "lei", "answers": {}},
    {"on": "2025-04-27", "act": "report_verification", "summary": "查明"},
    {
        "on": "2025-04-28",
        "act": "determine",
        "subject": "lei",
        "outcome": "mitigation",
        "explanation": "及时补救",
        "rectification": {"items": ["完善制度"], "by": "某局"},
    },
]
Copies = Callable[[DatabaseAddress], DatabaseAddress]


@pytest.fixture(scope="module")
def calendar() -> WorkCalendar:
    return Rulebook.packaged().calendar


@pytest.fixture(scope="module")
def lived_in(
    played_template: DatabaseAddress,
    module_copy: Copies,
    outside: asyncio.Runner,
    tmp_path_factory: pytest.TempPathFactory,
) -> DatabaseAddress:
    """Lives with duties late, on time, waived, suspended, extended, counted anew and presumed."""
    address, folder = module_copy(played_template), tmp_path_factory.mktemp("policies")
    for file in (PACK, *(SCENARIOS / "policies").glob("*.yaml")):
        copy(file, folder)
    further = [scenario_in(SCENARIOS / f"{name}.yaml") for name in FURTHER]
    outside.run(play_into(address, Rulebook.packaged(folder), [*further, story()]))
    outside.run(spring_lived(address))
    return address


def story() -> Scenario:
    return Scenario.model_validate(
        {
            "title": "中止、延长、免除",
            "policy": "limits",
            "source": "synthetic",
            "case_number": "时〔2025〕1号",
            "organ": "cdi",
            "organs": {
                "cdi": {"name": "某市纪委监委", "kind": "discipline"}
                | {"level": "prefecture", "region": "42"},
                "inspector": {"name": "某市委巡察办", "kind": "other"}
                | {"level": "prefecture", "region": "42"},
            },
            "people": {"lei": {"kind": "cadre", "label": "雷某", "region": "42"}},
            "acts": STORY,
        }
    )


@pytest.fixture
def database(lived_in: DatabaseAddress) -> DatabaseAddress:
    return lived_in


async def by_rule(
    reader: asyncpg.Connection, calendar: WorkCalendar, today: date, **asked: Any
) -> dict[tuple[str, str], Figures]:
    question = Question(by=("rule",), organ_kind=None, **asked)
    found = await timeliness(reader, question, calendar, today)
    return {(each.group["rule"], each.basis): figures(each) for each in found}


def figures(told: Timeliness) -> Figures:
    return {each.name: getattr(told, each.name) for each in fields(told)[2:]}


# --- the same as by hand ------------------------------------------------------------------------


async def test_the_lives_hold_every_way_a_duty_can_go(reader: asyncpg.Connection) -> None:
    topics = {row[0] for row in await reader.fetch("SELECT DISTINCT topic FROM log.events")}
    ways = ("met", "met-late", "waived", "suspended", "resumed", "extended", "redated", "lapsed")
    assert {f"obligation.{way}.v1" for way in ways} <= topics
    bases = await reader.fetch("SELECT DISTINCT provisional, confirmed FROM views.duty_standings")
    assert len(bases) == 3


@pytest.mark.parametrize("day", [FAR, date(2025, 9, 28), date(2025, 3, 24), date(2020, 2, 4)])
async def test_the_figures_of_every_rule_are_those_counted_from_the_log_by_hand(
    reader: asyncpg.Connection, calendar: WorkCalendar, day: date
) -> None:
    by_hand = counted(await lives(reader, 10**9, day), calendar, day)
    assert by_hand
    assert await by_rule(reader, calendar, FAR, until=day) == by_hand


async def test_a_position_is_answered_as_the_log_stood_there_by_hand_and_by_sql(
    reader: asyncpg.Connection, calendar: WorkCalendar
) -> None:
    last = await reader.fetchval("SELECT position FROM views.position")
    for known_at in range(1, last, last // 9):
        question = Question(known_at=known_at)
        day = await as_of(reader, question, FAR)
        by_hand = counted(await lives(reader, known_at, date.max), calendar, day)
        assert await by_rule(reader, calendar, FAR, known_at=known_at) == by_hand


WRONG = {
    "a late one taken for one on time": ("timeliness = 'late'", "timeliness = 'on_time'"),
    "a waived one taken for a met one": ("state = 'waived'", "state = 'met'"),
    "the mean for the median": ("percentile_cont(0.5)", "percentile_cont(0.4)"),
    "the start day counted": ("[after - {first}", "[after - 1 - {first}"),
    "the presumed day held against somebody": ("AND NOT provisional", ""),
    "the last day taken for past": ("due_on < {as_of}", "due_on <= {as_of}"),
    "the first standing, not the last": ("position DESC", "position"),
}


@pytest.mark.parametrize("wrong", WRONG)
async def test_control_a_wrong_rule_of_counting_is_found_out_by_hand(
    wrong: str,
    reader: asyncpg.Connection,
    calendar: WorkCalendar,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text, becomes = WRONG[wrong]
    altered = 0
    for name in ("FIGURES", "STOOD", "STANDINGS"):
        sql = getattr(timeliness_module, name)
        altered += text in sql
        monkeypatch.setattr(timeliness_module, name, sql.replace(text, becomes))
    assert altered
    days = (FAR, date(2025, 3, 20))
    by_hand = [counted(await lives(reader, 10**9, day), calendar, day) for day in days]
    by_sql = [await by_rule(reader, calendar, FAR, until=day) for day in days]
    assert by_sql != by_hand


async def test_what_stands_behind_the_figures_is_as_many_as_they_say(
    reader: asyncpg.Connection, calendar: WorkCalendar
) -> None:
    question = Question(organ_kind=None)
    told = await timeliness(reader, question, calendar, FAR)
    listed = await behind_timeliness(reader, question, calendar, FAR)
    assert len(listed) == sum(each.met + each.overdue + each.waived for each in told)
    assert [row for row in listed if row["timeliness"] == "late" and row["days_late"] < 1] == []


async def test_a_suspension_is_no_time_taken_and_an_extension_is(
    reader: asyncpg.Connection, calendar: WorkCalendar
) -> None:
    (answer,) = await behind_timeliness(reader, Question(), calendar, FAR, rule="limits.1:answer")
    # twelve days to the suspension on 03-19; from 04-08 to 04-28 with the Sunday worked: sixteen
    assert (answer["start_on"], answer["working_days"]) == (date(2025, 3, 3), 12 + 16)
    assert (answer["due_on"], answer["timeliness"]) == (date(2025, 4, 30), "on_time")


async def test_an_edition_released_here_counts_from_the_position_of_its_release(
    reader: asyncpg.Connection,
) -> None:
    position = await reader.fetchval(
        "SELECT position FROM views.audit_trail WHERE topic = $1", CalendarReleased.topic
    )
    assert [each.name for each in await released(reader, position)] == ["2020.2"]
    assert await released(reader, position - 1) == []


# --- days ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("year", [2020, 2024, 2026])
def test_working_days_between_any_two_days_are_those_one_counts_on_the_fingers(
    calendar: WorkCalendar, year: int
) -> None:
    first = date(year - 1, 12, 20)
    days = [first + timedelta(days=n) for n in range(400)]
    worked = worked_up_to(first, days[-1], calendar)
    for start in range(0, 400, 37):
        on_fingers = 0
        for end in range(start + 1, 400):
            on_fingers += calendar.day(days[end]).working
            assert worked[end] - worked[start] == on_fingers
