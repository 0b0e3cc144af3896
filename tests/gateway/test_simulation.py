"""The synthetic province: what it must count, that it is marked, and that it can be had again.

The suite lives a small one; the whole, with the 371 of the source, is lived by

    RONGCUO_PROVINCE=full python -m pytest tests/gateway/test_simulation.py
"""

import asyncio
import json
import os
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, time
from functools import partial
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from cyclopts import App, CycloptsError

from domain.aggregate import Order, unversioned
from domain.law.calendar import CHINA, start_of
from domain.law.outcomes import Outcome
from domain.law.policy import Step, Track
from domain.people import OrganKind, OrganLevel, SubjectKind
from domain.refusals import Code, Refusal
from domain.tolerance.case import ToleranceCase
from domain.tolerance.state import Stage, case_id
from gateway.commands.output import DIFFERENCE, FAILURE, OK
from gateway.commands.simulate import simulate
from gateway.regions import region_tree
from gateway.rulebook import Rulebook
from gateway.simulation.lives import life
from gateway.simulation.places import places
from gateway.simulation.plan import (
    IN_FORCE,
    MARK,
    REACH,
    SEED,
    SINCE,
    UNTIL,
    WITHIN,
    End,
    PlannedCase,
    Province,
    planned,
)
from gateway.simulation.run import Lived, StandingClock, live
from projections import consistency
from projections.definitions import EVERY
from projections.follower import Follower
from projections.statistics import Question, behind, count
from tests.support.databases import session, stored
from workers.addresses import DatabaseAddress
from workers.home import temporary_home
from workers.store import PROJECTOR, READER, connect_as, open_store
from workflows.office import Office

FEW = 40
BY_ID = {each.id: each for each in EVERY}
PUBLISHED = ("M1", "M2", "M3", "M4", "M5", "M6")
HUBEI = Question("42", SINCE, UNTIL)
ENDS = {  # where a case that goes so stands at last
    End.DECLINED: Stage.DECLINED,
    End.WITHDRAWN: Stage.WITHDRAWN,
    End.PENDING: Stage.VERIFIED,
}

Copy = Callable[[DatabaseAddress], DatabaseAddress]


def province(rulebook: Rulebook, subjects: int = 371, seed: int = SEED) -> Province:
    return planned(rulebook.calendar, region_tree(), subjects, seed)


async def lived(address: DatabaseAddress, rulebook: Rulebook, plan: Province) -> Lived:
    clock = StandingClock(start_of(REACH[0]))
    with open_store(address) as store:
        done = await live(plan, Office(store, rulebook, clock), clock, rulebook)
    await Follower(partial(connect_as, PROJECTOR, address)).catch_up()
    return done


async def figures(reader: asyncpg.Connection, question: Question = HUBEI) -> dict[str, int]:
    (row,) = await count(reader, question, [BY_ID[each] for each in PUBLISHED])
    return {each: row[BY_ID[each].name] for each in PUBLISHED}


async def counted(reader: asyncpg.Connection, measure: str) -> set[str]:
    """The ids behind a figure of the window."""
    return {row["subject_id"] for row in await behind(reader, HUBEI, BY_ID[measure])}


def tolerated(case: PlannedCase) -> set[str]:
    """Of a case that is determined, who is found to be tolerated, whatever comes of it later."""
    return {each.subject.id for each in case.fates if each.outcome.favourable}


def logged(address: DatabaseAddress) -> list[Any]:
    with session(address) as superuser:
        return superuser.execute(
            "SELECT notification_id, originator_id, originator_version, topic, state"
            " FROM log.events ORDER BY notification_id"
        ).fetchall()


# --- the plan -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def whole(rulebook: Rulebook) -> Province:
    return province(rulebook)


def test_three_hundred_and_seventy_one_are_tolerated_by_discipline_organs_in_the_window(
    whole: Province,
) -> None:
    times = Counter(
        fate.subject.id
        for case in whole.cases
        if case.organ.kind is OrganKind.DISCIPLINE
        and SINCE <= case.days.decided <= UNTIL
        and case.end is End.DETERMINED
        and case.days.revoked is None
        for fate in case.fates
        if fate.subject.kind is SubjectKind.CADRE and fate.outcome is not Outcome.NO_TOLERANCE
    )
    assert len(times) == 371
    assert Counter(times.values()) == {1: 352, 2: 19}
    assert whole.figures()["M1"] == 371
    assert whole.figures()["M4"] == 390


@pytest.mark.parametrize("subjects", [1, 2, 7, FEW, 1000])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_any_size_and_any_seed_count_what_is_asked_for(
    rulebook: Rulebook, subjects: int, seed: int
) -> None:
    told = province(rulebook, subjects, seed).figures()
    assert told["M1"] == subjects < told["M4"]
    assert told["M2"] + told["M3"] > told["M1"]  # somebody was exempted once and mitigated once
    assert told["M5"] > 0


def test_of_those_tolerated_twice_some_are_exempted_in_one_city_and_mitigated_in_another(
    whole: Province,
) -> None:
    of_person: dict[str, list[tuple[str, Outcome]]] = {}
    for case, fate in whole.counted():
        of_person.setdefault(fate.subject.id, []).append((case.organ.region[:4], fate.outcome))
    twice = [each for each in of_person.values() if len(each) == 2]
    apart = [each for each in twice if each[0][0] != each[1][0]]
    assert len(apart) == 10
    assert all(
        {one, other} == {*Outcome} - {Outcome.NO_TOLERANCE} for (_, one), (_, other) in apart
    )


def test_beside_the_counted_there_is_everything_that_must_not_be_counted(whole: Province) -> None:
    since, until = WITHIN
    elsewhere = Counter(
        (
            case.organ.kind.value,
            case.end.value,
            "revoked" if case.days.revoked else "",
            "early" if case.days.decided < since else "late" if case.days.decided > until else "",
        )
        for case in whole.cases
        if case not in {each for each, _ in whole.counted()}
    )
    assert elsewhere.pop(("discipline", "determined", "", "")) > 0  # of nobody tolerated
    assert elsewhere == {
        ("personnel", "determined", "", ""): 30,
        ("discipline", "determined", "", "early"): 22,
        ("discipline", "determined", "", "late"): 30,
        ("discipline", "determined", "revoked", ""): 7,
        ("discipline", "declined", "", ""): 15,
        ("discipline", "withdrawn", "", ""): 11,
        ("discipline", "pending", "", ""): 19,
    }


def test_what_is_revoked_is_revoked_within_the_window(rulebook: Rulebook) -> None:
    revoked = [case.days for case in province(rulebook, 5000).cases if case.days.revoked]
    assert len(revoked) == 100
    assert all(SINCE <= each.decided < each.revoked <= UNTIL for each in revoked if each.revoked)


def test_the_first_and_the_last_day_belong_to_the_window(whole: Province) -> None:
    case, _ = whole.counted()[0]
    day = case.days.decided
    assert case in {each for each, _ in whole.counted((day, day))}


def test_every_day_is_a_working_day_and_none_comes_before_the_one_before_it(
    rulebook: Rulebook, whole: Province
) -> None:
    for case in whole.cases:
        days = [each for each in vars(case.days).values() if each and each != case.days.revoked]
        assert days == sorted(days)
        assert all(rulebook.calendar.day(each).working for each in vars(case.days).values() if each)


def test_the_instrument_is_that_of_the_place_on_the_day(whole: Province) -> None:
    of_city = {"4202": "huangshi", "4205": "yichang", "4208": "jingmen"}
    of_city |= {"4203": "shiyan", "4206": "xiangyang", "4212": "xianning"}
    for case in whole.cases:
        later = of_city.get(case.organ.region[:4], "hubei_2022")
        early = case.days.begun < IN_FORCE
        assert case.policy == ("hubei_twelve_articles" if early else later)
    assert {case.policy for case in whole.cases} == {
        *of_city.values(),
        "hubei_2022",
        "hubei_twelve_articles",
    }


def test_cases_are_begun_on_both_tracks(whole: Province) -> None:
    assert {case.track for case in whole.cases} == {*Track}


def test_no_two_cases_and_no_two_persons_bear_one_name(whole: Province) -> None:
    numbers = [case.number for case in whole.cases]
    assert len({*numbers}) == len(numbers)
    subjects = {fate.subject.id: fate.subject for case in whole.cases for fate in case.fates}
    labels = {each.label for each in subjects.values()}
    assert len(labels) == len(subjects)
    assert all(each.id.startswith("sim-") for each in subjects.values())


def test_the_largest_province_has_a_label_for_everybody(rulebook: Rulebook) -> None:
    largest = province(rulebook, 5000)
    people = {e.subject.id: e.subject.label for case in largest.cases for e in case.fates}
    assert len({*people.values()}) == len(people)


def test_another_seed_is_another_province(rulebook: Rulebook, whole: Province) -> None:
    assert province(rulebook) == whole
    assert province(rulebook, seed=2) != whole


def test_hubei_has_places_on_three_levels_under_their_own_instruments() -> None:
    found = places(region_tree(), "42", SINCE)
    assert Counter(each.level for each in found) == {
        OrganLevel.PROVINCE: 1,
        OrganLevel.PREFECTURE: 13,
        OrganLevel.COUNTY: 103,  # the four directly under the province among them
    }
    of_code = {each.code: each for each in found}
    assert of_code["420527"].pack == "yichang"
    assert of_code["421087"].pack == "hubei_2022"
    assert of_code["429004"].city != of_code["429005"].city


# --- the lives ----------------------------------------------------------------------------------


def test_every_act_of_the_whole_province_is_accepted_by_its_case(
    rulebook: Rulebook, whole: Province
) -> None:
    for plan in whole.cases:
        rules, case = rulebook(plan.policy), ToleranceCase(case_id(plan.number))
        for asked in life(plan, rules):
            if asked.matter_id == case.id:
                now = datetime.combine(asked.request.on, time(9), CHINA)
                case.perform(asked.act, Order(**dict(asked.request), now=now), rules)
        last = Stage.CLOSED if plan.days.revoked else Stage.ARCHIVED
        assert case.stage is ENDS.get(plan.end, last)
        ended = {id_ for id_, file in case.files.items() if file.past}
        assert ended == (tolerated(plan) if plan.days.revoked else set())
        for file in case.files.values():
            if file.determination is not None:
                wanted = file.determination.outcome.favourable
                assert (file.determination.rectification is not None) == wanted
        if plan.end in (End.DETERMINED, End.PENDING):
            assert (Step.CONSULTATION in case.steps) == plan.consulted
            sits = plan.consulted and plan.policy == "jingmen"
            assert (Step.COMMITTEE in case.steps) == sits


def test_a_case_takes_about_fifteen_acts(rulebook: Rulebook, whole: Province) -> None:
    asked = sum(len(life(case, rulebook(case.policy))) for case in whole.cases)
    assert 12 <= asked / len(whole.cases) <= 16


# --- the province on a database -------------------------------------------------------------------


@pytest.fixture(scope="module")
def small(rulebook: Rulebook) -> Province:
    return province(rulebook, FEW)


@pytest.fixture(scope="module")
def database(
    template_database: DatabaseAddress,
    module_copy: Copy,
    outside: asyncio.Runner,
    rulebook: Rulebook,
    small: Province,
) -> DatabaseAddress:
    """One for all tests of this file: the small province lived to its end."""
    address = module_copy(template_database)
    outside.run(lived(address, rulebook, small))
    return address


async def test_forty_cadres_are_counted_and_more_times(reader: asyncpg.Connection) -> None:
    found = await figures(reader)
    assert found["M1"] == FEW
    assert found["M4"] == FEW + 2
    assert found["M2"] + found["M3"] > found["M1"]


async def test_the_figures_counted_from_events_are_those_of_the_plan(
    reader: asyncpg.Connection, small: Province
) -> None:
    assert await figures(reader) == small.figures()


async def test_organizations_are_counted_for_themselves_and_not_among_cadres(
    reader: asyncpg.Connection,
) -> None:
    organizations = await counted(reader, "M5")
    assert len(organizations) == 2
    assert all(each.startswith("sim-o-") for each in organizations)
    assert not organizations & await counted(reader, "M1")


async def test_what_personnel_organs_determine_is_not_counted(
    reader: asyncpg.Connection, small: Province
) -> None:
    theirs = [case for case in small.cases if case.organ.kind is OrganKind.PERSONNEL]
    persons = set.union(*map(tolerated, theirs))
    assert len(persons) == 3
    assert not persons & await counted(reader, "M1")
    of_every_organ = await figures(reader, Question("42", SINCE, UNTIL, organ_kind=None))
    assert of_every_organ["M1"] == FEW + 3


async def test_who_is_tolerated_before_or_after_the_window_is_not_counted(
    reader: asyncpg.Connection, small: Province
) -> None:
    outside_it = {
        person
        for case in small.cases
        if case.end is End.DETERMINED and not SINCE <= case.days.decided <= UNTIL
        for person in tolerated(case)
    }
    assert len(outside_it) == 5
    assert not outside_it & await counted(reader, "M1")
    assert (await figures(reader, Question("42")))["M1"] == FEW + 5


async def test_a_tolerance_revoked_within_the_window_counts_only_until_it_is(
    reader: asyncpg.Connection, small: Province
) -> None:
    (revoked,) = (case for case in small.cases if case.days.revoked)
    (person,) = tolerated(revoked)
    assert person not in await counted(reader, "M1")
    ended = await reader.fetchval("SELECT position FROM views.determination_ends")
    alone = [case_id(revoked.number)]
    before = await figures(reader, Question("42", SINCE, UNTIL, ended - 1, matters=alone))
    after = await figures(reader, Question("42", SINCE, UNTIL, ended, matters=alone))
    assert (before["M1"], after["M1"]) == (1, 0)


async def test_a_person_in_two_cities_counts_once_in_the_province(
    reader: asyncpg.Connection, small: Province
) -> None:
    of_person: dict[str, list[PlannedCase]] = {}
    for case, fate in small.counted():
        of_person.setdefault(fate.subject.id, []).append(case)
    here, there = next(
        (one, other)
        for one, other in (each for each in of_person.values() if len(each) == 2)
        if one.organ.region[:4] != other.organ.region[:4]
    )
    both = [case_id(here.number), case_id(there.number)]
    for organ in (here.organ, there.organ):
        in_city = await figures(reader, Question(organ.region[:4], SINCE, UNTIL, matters=both))
        assert (in_city["M1"], in_city["M4"]) == (1, 1)
    in_province = await figures(reader, Question("42", SINCE, UNTIL, matters=both))
    assert [in_province[each] for each in ("M1", "M2", "M3", "M4")] == [1, 1, 1, 2]


def test_every_act_that_was_planned_is_in_the_log(
    database: DatabaseAddress, rulebook: Rulebook, small: Province
) -> None:
    asked = sum(len(life(case, rulebook(case.policy))) for case in small.cases)
    assert stored(database).commands == asked


async def test_every_event_can_be_told_to_be_synthetic(reader: asyncpg.Connection) -> None:
    unmarked = await reader.fetchval(
        "SELECT count(*) FROM log.events"
        " WHERE NOT starts_with(convert_from(state, 'UTF8')::jsonb -> 'envelope' ->> 'key', $1)",
        MARK,
    )
    assert unmarked == 0
    rows = await reader.fetch("SELECT number FROM views.matter_register")
    assert all(row["number"].startswith(MARK) for row in rows)
    rows = await reader.fetch("SELECT subjects FROM views.case_register")
    subjects = [each for row in rows for each in json.loads(row["subjects"])]
    assert subjects
    assert all(each["label"].startswith("模拟") for each in subjects)


async def test_what_follows_a_determination_and_what_comes_before_it_is_recorded_as_planned(
    reader: asyncpg.Connection, small: Province
) -> None:
    rows = await reader.fetch("SELECT topic FROM views.audit_trail")
    found = Counter(unversioned(row["topic"]) for row in rows)
    determined = [case for case in small.cases if case.end is End.DETERMINED]
    inquired = [*determined, *(case for case in small.cases if case.end is End.PENDING)]
    standing = [case for case in small.cases for _ in case.standing]
    assert found["tolerance.determined"] == sum(len(case.fates) for case in determined)
    assert found["tolerance.follow-up-visit-held"] == sum(bool(e.days.visited) for e in standing)
    assert found["tolerance.rectification-completed"] == len(standing)
    assert found["tolerance.joint-consultation-held"] == sum(case.consulted for case in inquired)
    assert found["tolerance.committee-assembled"] == sum(
        case.consulted and case.policy == "jingmen" for case in inquired
    )
    assert found["tolerance.approval-granted"] == sum(
        len(case.fates) for case in determined if case.policy in ("shiyan", "xianning")
    )
    assert found["accountability.opened"] == len(small.cases)


async def test_the_log_goes_day_by_day_and_every_act_has_its_instant(
    reader: asyncpg.Connection, database: DatabaseAddress
) -> None:
    rows = await reader.fetch(
        "SELECT recorded_at, late_entry FROM views.audit_trail ORDER BY position"
    )
    recorded = [row["recorded_at"] for row in rows]
    assert recorded == sorted(recorded)
    assert len({*recorded}) == stored(database).commands
    assert not any(row["late_entry"] for row in rows)


async def test_no_clock_waits_for_anything(reader: asyncpg.Connection) -> None:
    assert await reader.fetchval("SELECT count(next_at) FROM views.clock_plan") == 0


async def test_log_views_and_figures_agree(database: DatabaseAddress) -> None:
    projector = await connect_as(PROJECTOR, database)
    try:
        assert (await consistency.check(projector)).holds
    finally:
        await projector.close()


def test_the_same_seed_stores_the_same_events_to_the_byte(
    template_database: DatabaseAddress,
    module_copy: Copy,
    outside: asyncio.Runner,
    rulebook: Rulebook,
) -> None:
    copies = [module_copy(template_database) for _ in range(3)]
    for address, seed in zip(copies, (5, 5, 6), strict=True):
        outside.run(lived(address, rulebook, province(rulebook, 2, seed)))
    one, again, other = map(logged, copies)
    assert one == again != other


def test_an_act_that_is_refused_is_named(
    template_database: DatabaseAddress,
    module_copy: Copy,
    outside: asyncio.Runner,
    rulebook: Rulebook,
) -> None:
    case, *_ = province(rulebook, 1).cases
    too_early = replace(case, days=replace(case.days, decided=case.days.begun))
    with pytest.raises(Refusal) as refused:
        outside.run(lived(module_copy(template_database), rulebook, Province((too_early,))))
    assert refused.value.code is Code.OUT_OF_STAGE
    assert refused.value.__notes__ == [f"{case.number}#7 {case.days.begun} determine"]


# --- the command ----------------------------------------------------------------------------------


@pytest.fixture
def home() -> Iterator[Path]:
    with temporary_home() as made:
        yield made.path


async def test_the_command_fills_an_empty_home_and_tells_the_figures(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await simulate(home=home, subjects=3, json=True) == OK
    said = capsys.readouterr()
    told = json.loads(said.out)
    assert told["synthetic"] is True
    assert told["figures"] == told["expected"]
    assert (told["figures"]["M1"], told["figures"]["M4"]) == (3, 4)
    assert told["ask"].startswith("rongcuo stats --region 42 --from 2022-01-01 --to 2023-07-06")
    assert "2022-09：" in said.err

    assert await simulate(home=home, subjects=3) == FAILURE  # it is empty no more
    said = capsys.readouterr()
    assert "已有案件" in said.err
    assert not said.out


async def test_figures_other_than_planned_are_told_as_a_difference(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    as_planned = Province.figures
    monkeypatch.setattr(Province, "figures", lambda told: as_planned(told) | {"M1": 9})
    assert await simulate(home=home, subjects=2) == DIFFERENCE
    said = capsys.readouterr().out
    assert said.startswith("模拟数据，并无其事")
    assert re.search(r"M1 +容错减责免责干部 +2 +名 +9", said)


@pytest.mark.parametrize(
    "asked", [("--region", "43"), ("--region", "4201"), ("--subjects", "0"), ("--subjects", "5001")]
)
def test_another_province_and_another_size_are_refused_before_anything_is_done(
    tmp_path: Path, asked: tuple[str, str]
) -> None:
    app = App(result_action="return_value")
    app.command(simulate)
    untouched = tmp_path / "home"
    with pytest.raises(CycloptsError):
        app(["simulate", "--home", str(untouched), *asked], exit_on_error=False, print_error=False)
    assert not untouched.exists()


# --- the whole -----------------------------------------------------------------------------------


@pytest.mark.skipif(os.environ.get("RONGCUO_PROVINCE") != "full", reason="lives 500 cases")
def test_the_published_figure_comes_out_of_the_whole_province(
    template_database: DatabaseAddress,
    module_copy: Copy,
    outside: asyncio.Runner,
    rulebook: Rulebook,
    whole: Province,
) -> None:
    address = module_copy(template_database)

    async def found() -> dict[str, int]:
        await lived(address, rulebook, whole)
        connection = await connect_as(READER, address)
        try:
            return await figures(connection)
        finally:
            await connection.close()

    told = outside.run(found())
    assert told["M1"] == 371
    assert told == whole.figures()
