"""Duties explained: clause, origin, every event and every day behind them, what may still come."""

import asyncio
import json
import os
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from functools import partial
from pathlib import Path
from shutil import copy
from typing import Any

import pytest

from domain.law.calendar import CHINA, WorkCalendar
from domain.tolerance.state import case_id
from gateway import cli
from gateway.duty_story import duties_explained
from gateway.duty_words import story_lines
from gateway.rulebook import Rulebook
from gateway.scenarios import Scenario, scenario_in
from projections.follower import Follower
from tests.support.lives import SCENARIOS, lived, play_into
from workers.addresses import DatabaseAddress
from workers.store import PROJECTOR, READER, connect_as, open_store
from workflows.clock import DrivenClock
from workflows.office import Office

PACK = Path(__file__).with_name("duties_pack.yaml")
GOLDEN = Path(__file__).parents[1] / "golden" / "duty_explained.json"
NUMBER = "试〔2025〕1号"
Story = dict[str, Any]
Run = Callable[..., tuple[int, str, str]]
Copies = Callable[[DatabaseAddress], DatabaseAddress]

OPENED: list[Story] = [
    {"on": "2025-02-25", "act": "open_accountability"},
    {"on": "2025-02-26", "act": "submit_application", "by": "lei"},
    {"on": "2025-03-03", "act": "accept"},  # twenty working days: to 2025-03-31
]
LIVED: list[Story] = [
    *OPENED,
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
    {
        "on": "2025-03-12",
        "act": "record_evidence",
        "subject": "lei",
        "document": {"kind": "minutes", "label": "会议记录"},
    },
    {"on": "2025-03-18", "act": "record_opinion", "organ": "组织部", "opinion": "无", "item": 1},
    {
        "on": "2025-03-18",
        "act": "acknowledge_escalation",
        "duty": "opinion-1",
        "rung": 1,
        "explanation": "已经收到",
    },
    {"on": "2025-03-19", "act": "suspend", "explanation": "等待另案"},  # eight days are left
    {"on": "2025-04-07", "act": "resume", "explanation": "另案已结"},  # to 2025-04-17
    {
        "on": "2025-04-16",
        "act": "extend_duty",
        "duty": "answer-1",
        "approved_by": "主要负责人",
        "explanation": "案情复杂",
    },  # ten more, past 劳动节: the cap of two months, 2025-05-06, comes first
]
NOTICED: list[Story] = [
    *LIVED,
    {"on": "2025-04-17", "act": "check_list", "subject": "lei", "answers": {}},
    {"on": "2025-04-17", "act": "report_verification", "summary": "查明"},
    {"on": "2025-04-18", "act": "open_public_notice", "scope": "所在单位"},  # to 2025-04-25
]


def scenario(*acts: Story, policy: str = "limits", until: str | None = None) -> Scenario:
    region = "42"
    return Scenario.model_validate(
        {
            "title": "期限的由来",
            "policy": policy,
            "source": "synthetic",
            "case_number": NUMBER,
            "organ": "cdi",
            "organs": {
                "cdi": {"name": "某市纪委监委", "kind": "discipline"}
                | {"level": "prefecture", "region": region},
                "party": {"name": "某局党委", "kind": "party_committee"}
                | {"level": "county", "region": region},
            },
            "people": {"lei": {"kind": "cadre", "label": "雷某", "region": region}},
            "acts": acts,
            "pass_time_until": until,
        }
    )


@pytest.fixture(scope="module")
def rulebook(tmp_path_factory: pytest.TempPathFactory) -> Rulebook:
    folder = tmp_path_factory.mktemp("policies")
    copy(PACK, folder)
    return Rulebook.packaged(folder)


def at(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T10:00").replace(tzinfo=CHINA)


async def asked(
    database: DatabaseAddress, rulebook: Rulebook, now: str, number: str = NUMBER
) -> dict[str, Story]:
    """The duties of a case as `case duties --explain` tells them at that time, by their ids."""
    connection = await connect_as(READER, database)
    try:
        matter = case_id(number)
        version = await connection.fetchval(
            "SELECT version FROM views.case_register WHERE matter_id = $1", matter
        )
        told = await duties_explained(connection, matter, version, rulebook, at(now))
    finally:
        await connection.close()
    return {each["obligation_id"]: each for each in told}


async def redated(database: DatabaseAddress, rulebook: Rulebook, on: str) -> None:
    """`calendar redate` of the one case, with the calendars of this rulebook."""
    clock = DrivenClock()
    clock.jump_to(at(on))
    with open_store(database) as store:
        office = Office(store, rulebook, clock)
        assert await asyncio.to_thread(office.redate, case_id(NUMBER))
    await Follower(partial(connect_as, PROJECTOR, database)).catch_up()


def known_on(rulebook: Rulebook, day: str) -> Rulebook:
    known = rulebook.calendar.as_known_on(date.fromisoformat(day))
    return replace(rulebook, calendar=known)


def happened(told: Story) -> list[str]:
    return [f"{each['on']} {each['term']}" for each in told["explained"]["history"]]


def called(told: Story) -> list[tuple[str, str]]:
    calls = told["explained"]["calls"]
    return [(f"{each['on']} {each['term']}{each['rung'] or ''}", each["status"]) for each in calls]


def terms(told: Story, key: str) -> list[str]:
    return [each["term"] for each in told["explained"]["changes"][key]]


@pytest.fixture(scope="module")
def handled(
    template_database: DatabaseAddress,
    module_copy: Copies,
    outside: asyncio.Runner,
    rulebook: Rulebook,
) -> DatabaseAddress:
    """A case that was suspended, resumed and extended, and is on public notice."""
    address = module_copy(template_database)
    outside.run(play_into(address, rulebook, [scenario(*NOTICED, until="2025-04-19")]))
    return address


@pytest.fixture
async def duties(handled: DatabaseAddress, rulebook: Rulebook) -> dict[str, Story]:
    return await asked(handled, rulebook, "2025-04-20")


# --- where a duty comes from --------------------------------------------------------------------


def test_the_clause_says_article_edition_and_how_binding_it_is(duties: dict[str, Story]) -> None:
    assert duties["target-1"]["explained"]["clause"] == {
        "policy": "limits.1",
        "rule": "target",
        "label": "三十日内核实完毕",
        "article": None,
        "confirmed": False,
        "interpretation": "内部目标，办法未规定",
        "qualifier": "target",
        "qualifier_term": "内部目标",
    }


async def test_the_trigger_is_the_event_that_opened_it_with_its_place_in_the_log(
    handled: DatabaseAddress, duties: dict[str, Story]
) -> None:
    trigger = duties["answer-1"]["explained"]["trigger"]
    reader = await connect_as(READER, handled)
    row = await reader.fetchrow(
        "SELECT position, version, effective_on, recorded_at, officer, organ"
        " FROM views.audit_trail WHERE topic = 'tolerance.accepted.v1'"
    )
    await reader.close()
    assert row is not None
    assert (trigger["event"], trigger["term"]) == ("tolerance.accepted", "受理")
    assert [
        trigger[key] for key in ("position", "version", "on", "recorded_at", "officer", "organ")
    ] == [*row.values()]
    assert (trigger["officer"], trigger["organ"]) == ("cdi-1", "cdi")


def test_a_duty_of_an_item_says_which_request_it_answers(duties: dict[str, Story]) -> None:
    items = [duties[f"opinion-{each}"]["explained"]["trigger"]["item"] for each in (1, 2)]
    assert items == [{"number": 1, "of": "组织部"}, {"number": 2, "of": "财政局"}]
    assert "  所对：第 2 件，财政局" in story_lines(duties["opinion-2"])


@pytest.mark.parametrize(
    ("duty", "line"),
    [
        ("answer-1", "  起算：自受理之日（2025-03-03）起算，当日不计，20 个工作日"),
        (
            "opinion-1",
            "  起算：自函请征求意见的发出之日（2025-03-05）起算，当日不计，10 日，末日放假的顺延",
        ),
        ("telling-1", "  起算：自受理之日（2025-03-03）起算，没有数字"),
        (
            "target-1",
            "  起算：自核实开始之日（2025-03-04）起算，当日不计，30 日，末日放假不顺延",
        ),
    ],
)
def test_the_start_rule_is_told_in_words(duties: dict[str, Story], duty: str, line: str) -> None:
    assert line in story_lines(duties[duty])


# --- what happened ------------------------------------------------------------------------------


def test_the_history_of_a_duty_holds_every_event_of_its_own_and_no_other(
    duties: dict[str, Story],
) -> None:
    assert happened(duties["answer-1"]) == [
        "2025-03-03 期限起算",
        "2025-03-19 期限中止",
        "2025-04-07 期限恢复",
        "2025-04-14 催办",
        "2025-04-16 催办",
        "2025-04-16 期限延长",
    ]
    assert happened(duties["opinion-2"]) == [
        "2025-03-06 期限起算",
        "2025-03-12 催办",
        "2025-03-12 期限免除",
    ]


def test_a_suspension_tells_what_was_left_and_the_resumption_when_it_ends(
    duties: dict[str, Story],
) -> None:
    _, suspended, resumed, *_ = duties["answer-1"]["explained"]["history"]
    assert suspended["facts"]["remainder"]["working_days"] == 8
    assert suspended["because"]["term"] == "中止办理"
    assert resumed["facts"]["due_on"] == date(2025, 4, 17)
    assert resumed["facts"]["derivation"]["rest"] == {"working_days": 8}


def test_an_extension_tells_who_approved_it_why_and_from_which_day_to_which(
    duties: dict[str, Story],
) -> None:
    facts = duties["answer-1"]["explained"]["history"][-1]["facts"]
    assert (facts["approved_by"], facts["explanation"]) == ("主要负责人", "案情复杂")
    assert (facts["was_due_on"], facts["due_on"]) == ("2025-04-17", date(2025, 4, 30))


def test_a_waiver_tells_on_whose_authority(duties: dict[str, Story]) -> None:
    (line,) = (each for each in story_lines(duties["opinion-2"]) if "，免除" in each)
    assert line == (
        "    2025年3月12日，免除「答复征求意见（第2件）」：该局已经撤销。"
        "〔凭 会议纪要9号；记于 2025-03-12 10:00〕"
    )


def test_a_duty_met_late_was_called_first(duties: dict[str, Story]) -> None:
    told = duties["opinion-1"]
    assert happened(told) == [
        "2025-03-05 期限起算",
        "2025-03-12 催办",
        "2025-03-14 催办",
        "2025-03-18 逾期",
        "2025-03-18 督办",
        "2025-03-18 逾期办结",
        "2025-03-18 督办确认",
    ]
    late = told["explained"]["history"][-2]
    assert late["facts"] == {"by": "tolerance.opinion-received", "due_on": "2025-03-17"}
    assert late["because"]["term"] == "征求意见"


# --- what is called -----------------------------------------------------------------------------


def test_what_was_called_and_what_is_still_to_come_have_their_days(
    duties: dict[str, Story],
) -> None:
    assert called(duties["answer-1"]) == [
        ("2025-04-27 催办1", "to_come"),
        ("2025-04-29 催办2", "to_come"),
        ("2025-05-01 逾期", "to_come"),
        ("2025-05-06 督办1", "to_come"),
        ("2025-05-08 督办2", "to_come"),
    ]
    assert "    2025-05-08 督办第 2 级 报分管领导：未到" in story_lines(duties["answer-1"])


def test_what_was_called_for_a_duty_now_over_says_when_and_what_no_longer_comes(
    duties: dict[str, Story],
) -> None:
    calls = duties["opinion-1"]["explained"]["calls"]
    assert [(each["status"], each["called_on"]) for each in calls] == [
        ("called", date(2025, 3, 12)),
        ("called", date(2025, 3, 14)),
        ("called", date(2025, 3, 18)),
        ("called", date(2025, 3, 18)),
        ("off", None),
    ]
    assert [each.get("acknowledged") for each in calls] == [None, None, None, True, None]


def test_an_internal_target_is_reminded_of_and_nothing_else(duties: dict[str, Story]) -> None:
    told = duties["target-1"]
    assert (told["due_on"], told["overdue"]) == (date(2025, 4, 3), False)
    assert called(told) == [("2025-03-31 催办1", "called"), ("2025-04-02 催办2", "called")]


def test_a_public_notice_elapses_the_day_after_its_last(duties: dict[str, Story]) -> None:
    told = duties["public_notice-1"]
    assert called(told)[-1] == ("2025-04-26 期满", "to_come")
    assert told["explained"]["changes"]["waiver"] == {"possible": False, "why_not": "period"}


async def test_an_instant_that_came_unheard_is_told_as_such(
    handled: DatabaseAddress, rulebook: Rulebook
) -> None:
    told = (await asked(handled, rulebook, "2025-05-06"))["answer-1"]
    assert told["overdue"]
    assert [status for _, status in called(told)] == ["not_recorded"] * 4 + ["to_come"]


# --- what would change it -----------------------------------------------------------------------


def test_what_may_still_come_is_told_in_lines(duties: dict[str, Story]) -> None:
    lines = story_lines(duties["answer-1"])
    assert lines[lines.index("  还会改变它的：") + 1 :] == [
        "    办理「认定」即办结",
        "    「中止办理」时中止",
        "    「撤回申请」时终止",
        "    「改适用办法」而新办法没有这一期限的，即告终止",
        (
            "    经主要负责人批准，可延长 1 次，每次至多 10 个工作日，至多到 2025-05-06，"
            "上限 2025-05-06，须在 2025-04-30 前（含当日）办理（第十六条）"
        ),
        "    放假安排另有新版的，重算后届满之日只可能推后",
        "    凭批准文号可以免除",
    ]


async def test_an_extension_tried_is_the_extension_that_comes(
    database: DatabaseAddress, rulebook: Rulebook, duties: dict[str, Story]
) -> None:
    tried = duties["answer-1"]["explained"]["changes"]["extension"]
    again = {**LIVED[-1], "on": "2025-04-29"}
    await play_into(database, rulebook, [scenario(*LIVED, again)])
    told = (await asked(database, rulebook, "2025-04-29"))["answer-1"]
    assert told["due_on"] == tried["next_due_on"] == tried["latest_due_on"] == date(2025, 5, 6)
    extension = told["explained"]["changes"]["extension"]
    assert (extension["possible"], extension["why_not"]) == (False, "exhausted")


async def test_both_extensions_left_are_counted_up_to_the_cap(
    database: DatabaseAddress, rulebook: Rulebook
) -> None:
    await play_into(database, rulebook, [scenario(*OPENED)])
    told = (await asked(database, rulebook, "2025-03-03"))["answer-1"]
    extension = told["explained"]["changes"]["extension"]
    assert (extension["times_left"], extension["cap_on"]) == (2, date(2025, 5, 6))
    assert (extension["next_due_on"], extension["latest_due_on"]) == (
        date(2025, 4, 15),
        date(2025, 4, 28),
    )


async def test_a_day_gone_by_may_no_longer_be_extended_nor_suspended(
    handled: DatabaseAddress, rulebook: Rulebook
) -> None:
    told = (await asked(handled, rulebook, "2025-05-01"))["answer-1"]
    assert terms(told, "suspended_by") == []
    assert "    已届满，不得再延长（届满前已批准的可以补录）（第十六条）" in story_lines(told)


async def test_while_suspended_a_duty_waits_for_the_resumption_only(
    database: DatabaseAddress, rulebook: Rulebook
) -> None:
    until = [each["act"] for each in LIVED].index("resume")
    await play_into(database, rulebook, [scenario(*LIVED[:until])])
    told = (await asked(database, rulebook, "2025-04-20"))["answer-1"]
    assert (terms(told, "resumed_by"), terms(told, "suspended_by")) == (["恢复办理"], [])
    assert {status for _, status in called(told)} == {"held"}
    changes = told["explained"]["changes"]
    assert changes["extension"]["why_not"] == changes["waiver"]["why_not"] == "suspended"
    assert changes["calendar"]["may_move"] is None
    assert not told["overdue"]


def test_a_duty_without_a_day_has_none_to_move_or_to_call(duties: dict[str, Story]) -> None:
    told = duties["telling-1"]
    assert "  及时，没有届满之日" in story_lines(told)
    assert called(told) == []
    assert terms(told, "met_by") == ["确定承办人员"]
    assert told["explained"]["changes"]["extension"]["why_not"] == "not_provided"


@pytest.mark.parametrize("duty", ["opinion-1", "opinion-2"])
def test_nothing_changes_a_duty_that_is_over(duties: dict[str, Story], duty: str) -> None:
    assert duties[duty]["explained"]["changes"] is None
    assert story_lines(duties[duty])[-1] == "  还会改变它的：没有，已经了结"


def test_a_duty_of_several_times_says_how_often_it_is_still_to_be_done(
    duties: dict[str, Story],
) -> None:
    lines = story_lines(duties["papers-1"])
    assert "  须办 2 次，已办 1 次" in lines
    assert "    办理「登记证据材料」即办结" in lines
    assert duties["papers-1"]["explained"]["changes"]["still_wanted"] == 1


async def test_a_duty_is_explained_by_the_edition_it_was_opened_under(
    database: DatabaseAddress, rulebook: Rulebook
) -> None:
    over = {
        "on": "2025-03-05",
        "act": "repin",
        "policy": "generic.1",
        "explanation": "市里的办法尚未施行",
        "authority": "会议纪要3号",
    }
    await play_into(database, rulebook, [scenario(*OPENED, over)])
    told = (await asked(database, rulebook, "2025-03-06"))["answer-1"]
    assert happened(told)[-1] == "2025-03-05 期限终止"
    assert told["explained"]["history"][-1]["because"]["term"] == "改适用办法"
    assert told["explained"]["clause"]["policy"] == "limits.1"
    assert told["explained"]["start_rule"]["starts_term"] == "受理"


# --- calendars ----------------------------------------------------------------------------------

SPRING = scenario(
    {"on": "2020-01-16", "act": "open_accountability"},
    {
        "on": "2020-01-16",
        "act": "submit_application",
        "by": "party",
        "documents": [{"kind": "application", "label": "申请书"}],
    },
    {"on": "2020-01-16", "act": "accept"},  # seven working days: to 01-31, as it then seemed
    policy="wuyang_2017",
)


@pytest.fixture
async def lengthened(database: DatabaseAddress, rulebook: Rulebook) -> Story:
    """春节 of 2020 was lengthened under a running answer, and the answer counted anew."""
    await play_into(database, known_on(rulebook, "2020-01-16"), [SPRING])
    await redated(database, known_on(rulebook, "2020-01-27"), "2020-01-27")
    return (await asked(database, rulebook, "2020-01-27"))["answer-1"]


def derived(told: Story) -> list[tuple[str, str]]:
    """The day each count was given and the day its derivation comes to."""
    facts = [each["facts"] for each in told["explained"]["history"]]
    return [
        (f"{each['due_on']}", f"{each['derivation']['due_on']}")
        for each in facts
        if each.get("derivation")
    ]


def test_each_count_is_derived_with_the_editions_it_saw(lengthened: Story) -> None:
    assert derived(lengthened) == [("2020-01-31", "2020-01-31"), ("2020-02-03", "2020-02-03")]
    facts = lengthened["explained"]["history"][1]["facts"]
    assert (facts["calendars_before"], facts["calendars"]) == (["2020.1"], ["2020.2"])
    assert facts["was_due_on"] == "2020-01-31"


async def test_a_count_told_with_the_calendar_of_today_would_tell_another_day(
    database: DatabaseAddress,
    rulebook: Rulebook,
    lengthened: Story,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert lengthened["due_on"] == date(2020, 2, 3)
    monkeypatch.setattr(WorkCalendar, "using", lambda calendar, _names: calendar)
    wrong = (await asked(database, rulebook, "2020-01-27"))["answer-1"]
    assert derived(wrong)[0] == ("2020-01-31", "2020-02-03")


def test_a_redating_says_from_which_editions_to_which(lengthened: Story) -> None:
    (line,) = (each for each in story_lines(lengthened) if "重算，由" in each)
    assert line.endswith("改至2020年2月3日届满。〔日历 2020.1 → 2020.2；记于 2020-01-27 10:00〕")


async def test_a_day_that_was_kept_is_later_than_its_derivation_and_says_so(
    database: DatabaseAddress, rulebook: Rulebook
) -> None:
    await play_into(database, known_on(rulebook, "2020-01-27"), [SPRING])
    await redated(database, known_on(rulebook, "2020-01-16"), "2020-01-28")
    told = (await asked(database, rulebook, "2020-01-28"))["answer-1"]
    assert derived(told)[-1] == ("2020-02-03", "2020-01-31")
    assert "  （所用日历算得 2020-01-31，已定之日不提前）" in story_lines(told)


async def test_a_calendar_that_lacks_an_edition_is_not_taken_for_a_kept_day(
    lengthened: Story, database: DatabaseAddress, rulebook: Rulebook
) -> None:
    assert lengthened["due_on"] == lengthened["derivation"]["due_on"]
    told = (await asked(database, known_on(rulebook, "2020-01-16"), "2020-01-28"))["answer-1"]
    (line,) = (each for each in story_lines(told) if "所用日历算得" in each)
    assert line.endswith("与所记不符：请核对日历版次是否齐全）")


async def test_a_count_made_now_is_told_before_it_is_made_and_nothing_is_recorded(
    database: DatabaseAddress, rulebook: Rulebook
) -> None:
    await play_into(database, known_on(rulebook, "2020-01-16"), [SPRING])
    told = (await asked(database, rulebook, "2020-01-27"))["answer-1"]
    foreseen = told["explained"]["changes"]["calendar"]["redate_now"]
    assert [*await asked(database, rulebook, "2020-01-27")] == ["answer-1"]
    assert happened(told) == ["2020-01-16 期限起算"]
    await redated(database, rulebook, "2020-01-27")
    again = (await asked(database, rulebook, "2020-01-27"))["answer-1"]
    assert again["due_on"] == foreseen["due_on"] == date(2020, 2, 3)
    assert again["explained"]["changes"]["calendar"]["redate_now"] is None


PRESUMED = scenario_in(SCENARIOS / "acceptance" / "09_deferral_into_an_unpublished_year.yaml")


@pytest.mark.parametrize(("until", "may_move"), [("2026-12-01", "either"), ("2026-12-30", "later")])
async def test_a_presumed_day_waits_for_its_year_and_is_settled_once_people_were_told(
    database: DatabaseAddress, rulebook: Rulebook, until: str, may_move: str
) -> None:
    played = PRESUMED.model_copy(update={"pass_time_until": date.fromisoformat(until)})
    await lived(database, rulebook, [played])
    told = (await asked(database, rulebook, until, PRESUMED.case_number))["deferral-1"]
    calendar = told["explained"]["changes"]["calendar"]
    assert (calendar["provisional"], calendar["waits_for_years"]) == (True, [2027])
    assert calendar["may_move"] == may_move
    assert called(told)[-1] == ("2027-01-05 逾期", "unsettled")
    assert "    公布 2027 年放假安排后重算（推定）" in story_lines(told)


def test_months_without_a_roll_are_moved_by_no_calendar(duties: dict[str, Story]) -> None:
    calendar = duties["target-1"]["explained"]["changes"]["calendar"]
    assert (calendar["counts_days_off"], calendar["may_move"]) == (False, None)


# --- the command --------------------------------------------------------------------------------


@pytest.fixture
def run(
    handled: DatabaseAddress,
    rulebook: Rulebook,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Run:
    """Asks of the case that was handled, with its instrument among the user's own."""
    assert "limits.1" in rulebook.policies
    copy(PACK, tmp_path)
    monkeypatch.setenv("RONGCUO_POLICIES", str(tmp_path))
    monkeypatch.setenv("RONGCUO_DATABASE_HOST", handled.host)
    monkeypatch.setenv("RONGCUO_DATABASE_PORT", str(handled.port))
    monkeypatch.setenv("RONGCUO_DATABASE_NAME", handled.name)

    def ran(*arguments: str) -> tuple[int, str, str]:
        exit_code = cli.run(["case", "duties", NUMBER, *arguments])
        told = capsys.readouterr()
        return exit_code, told.out, told.err

    return ran


def test_one_duty_is_explained_alone(run: Run) -> None:
    exit_code, out, _ = run("--explain", "--duty", "opinion-2")
    assert exit_code == 0
    assert "opinion-2 答复征求意见（第 2 件）：免除，2025-03-12" in out.splitlines()
    assert "answer-1" not in out


def test_the_document_of_one_duty_is_the_story_that_is_told(
    run: Run, duties: dict[str, Story]
) -> None:
    exit_code, out, _ = run("--explain", "--duty", "opinion-1", "--json")
    (told,) = json.loads(out)["duties"]
    assert exit_code == 0
    assert told == json.loads(json.dumps(duties["opinion-1"], default=str))


def test_what_is_not_asked_for_is_not_told(run: Run) -> None:
    _, out, _ = run("--json")
    assert not any("explained" in each for each in json.loads(out)["duties"])
    _, out, _ = run()
    assert "经过：" not in out


def test_a_duty_that_is_not_there_is_refused_and_those_there_are_named(
    run: Run,
) -> None:
    exit_code, _, err = run("--explain", "--duty", "answer-9", "--json")
    told = json.loads(err)
    assert (exit_code, told["code"]) == (1, "unknown_duty")
    assert "answer-1" in told["message"]


def test_a_live_duty_under_an_instrument_nobody_knows_is_refused(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("RONGCUO_POLICIES")
    exit_code, _, err = run("--explain", "--json")
    assert (exit_code, json.loads(err)["code"]) == (1, "unknown_policy")


def test_the_whole_story_reads_as_it_did(duties: dict[str, Story]) -> None:
    """Keys and values: after a change that is meant, write it anew with UPDATE_GOLDEN=1."""
    whole = json.dumps(duties["answer-1"], ensure_ascii=False, indent=2, default=str) + "\n"
    found = re.sub(r'("recorded_at": "[^".]*)\.\d+', r"\1", whole)  # the clock runs while we act
    if os.environ.get("UPDATE_GOLDEN") == "1":
        GOLDEN.write_text(found, "utf-8")
    assert found == GOLDEN.read_text("utf-8")


# --- every duty of every scenario ---------------------------------------------------------------


@pytest.fixture(scope="module")
def all_lived(
    template_database: DatabaseAddress, module_copy: Copies, outside: asyncio.Runner
) -> DatabaseAddress:
    """Every scenario of the project, the subtle ones with them, in one store."""
    address = module_copy(template_database)
    files = sorted({*SCENARIOS.glob("*.yaml"), *SCENARIOS.glob("acceptance/*.yaml")})
    rulebook = Rulebook.packaged(SCENARIOS / "policies")
    outside.run(play_into(address, rulebook, [scenario_in(file) for file in files]))
    return address


async def wrongly_derived(database: DatabaseAddress) -> tuple[int, list[str]]:
    """How many counts there are in the store, and those whose derivation gives another day."""
    rulebook, reader = Rulebook.packaged(SCENARIOS / "policies"), await connect_as(READER, database)
    told = [
        story
        for matter in await reader.fetch("SELECT matter_id, version FROM views.case_register")
        for story in await duties_explained(
            reader, matter["matter_id"], matter["version"], rulebook, at("2026-11-01")
        )
    ]
    await reader.close()
    counts = [
        (story["case_number"], story["obligation_id"], each["facts"])
        for story in told
        for each in story["explained"]["history"]
        if each["facts"].get("derivation")
    ]
    wrong = [
        f"{number} {duty}: {facts['due_on']}"
        for number, duty, facts in counts
        if facts["derivation"]["due_on"] != facts["due_on"] and not facts.get("kept")
    ]
    wrong += [
        f"{story['case_number']} {story['obligation_id']}: {story['due_on']} now"
        for story in told
        if story["derivation"] and story["derivation"]["due_on"] != story["due_on"]
    ]
    wrong += [
        f"{story['case_number']} {story['obligation_id']}: no derivation"
        for story in told
        if story["due_on"] and not story["derivation"]
    ]
    assert all(story_lines(story) for story in told)
    return len(counts), wrong


async def test_what_is_derived_is_what_was_stored_for_every_duty_of_every_scenario(
    all_lived: DatabaseAddress,
) -> None:
    counts, wrong = await wrongly_derived(all_lived)
    assert counts > 40
    assert wrong == []


async def test_a_derivation_that_skips_no_make_up_day_is_found_out(
    all_lived: DatabaseAddress, monkeypatch: pytest.MonkeyPatch
) -> None:
    using = WorkCalendar.using
    monkeypatch.setattr(WorkCalendar, "using", lambda calendar, _names: using(calendar, ()))
    _, wrong = await wrongly_derived(all_lived)
    assert wrong
