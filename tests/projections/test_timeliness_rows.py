"""时效, a duty at a time: what is judged, what is shown apart, and on which day it is asked."""

from collections.abc import Awaitable, Callable
from datetime import date, datetime
from itertools import count as counting
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from domain.law.calendar import CHINA, WorkCalendar
from gateway.rulebook import Rulebook
from projections.definitions import EVERY
from projections.statistics import DUTIES, Question, count
from projections.timeliness import Timeliness, as_of, timeliness
from workers.addresses import DatabaseAddress

START, DUE, TODAY = date(2026, 3, 2), date(2026, 3, 11), date(2026, 6, 1)
OF_DUTIES = [measure for measure in EVERY if measure.source is DUTIES]
Duty = Callable[..., Awaitable[UUID]]


@pytest.fixture(scope="module")
def calendar() -> WorkCalendar:
    return Rulebook.packaged().calendar


@pytest.fixture(scope="module")
def database(
    template_database: DatabaseAddress,
    module_copy: Callable[[DatabaseAddress], DatabaseAddress],
) -> DatabaseAddress:
    """One for all tests of this file: each begins with an empty view."""
    return module_copy(template_database)


@pytest.fixture
async def duty(projector: asyncpg.Connection) -> Duty:
    """Adds one standing of a duty with usual values, met on its last day unless told otherwise.

    Each is in a matter of its own, which it answers.
    """
    await projector.execute("TRUNCATE views.duty_standings")
    positions = counting(1)

    async def add(**unusual: Any) -> UUID:
        position, matter = next(positions), uuid4()
        row: dict[str, Any] = {
            "position": position,
            "matter_id": matter,
            "obligation_id": "answer-1",
            "kind": "tolerance",
            "number": f"例〔2026〕{position}号",
            "policy": "wuyang_2017.1",
            "rule": "answer",
            "label": "答复申请",
            "article": "第八条",
            "organ_id": "cdi",
            "organ_kind": "discipline",
            "organ_level": "county",
            "region": "421087",
            "qualifier": "must",
            "provisional": False,
            "confirmed": True,
            "start_on": START,
            "due_on": DUE,
            "state": "met",
            "moved_on": DUE,
            "timeliness": "on_time",
        } | unusual
        ran = row["state"] != "open"
        row["ran_after"] = unusual.get("ran_after", [row["start_on"]] if ran else [])
        row["ran_until"] = unusual.get("ran_until", [row["moved_on"]] if ran else [])
        await projector.copy_records_to_table(
            "duty_standings", schema_name="views", columns=[*row], records=[tuple(row.values())]
        )
        matter_told: UUID = row["matter_id"]
        return matter_told

    return add


Asked = Callable[..., Awaitable[list[Timeliness]]]


@pytest.fixture
def asked(reader: asyncpg.Connection, calendar: WorkCalendar) -> Asked:
    async def ask(rule: str | None = None, **told: Any) -> list[Timeliness]:
        return await timeliness(reader, Question(**told), calendar, TODAY, rule=rule)

    return ask


LATE = {"state": "met_late", "timeliness": "late", "moved_on": date(2026, 3, 12)}
WAITING: dict[str, Any] = {"state": "open", "timeliness": None, "moved_on": START}


@pytest.mark.usefixtures("duty")
async def test_an_empty_store_has_no_figures(asked: Asked) -> None:
    assert await asked() == []


async def test_the_rate_is_on_time_of_on_time_and_late(duty: Duty, asked: Asked) -> None:
    await duty()
    await duty()
    await duty(**LATE)
    (found,) = await asked()
    assert (found.met, found.on_time, found.late, found.on_time_rate) == (3, 2, 1, 66.7)


async def test_a_promptly_has_a_duration_and_no_rate(duty: Duty, asked: Asked) -> None:
    await duty(qualifier="promptly", due_on=None, timeliness="unjudged")
    (found,) = await asked()
    assert (found.met, found.on_time_rate, found.max_working_days) == (1, None, 7)


async def test_an_internal_target_gone_by_is_no_breach(duty: Duty, asked: Asked) -> None:
    await duty(qualifier="target", **WAITING)
    assert await asked() == []


async def test_confirmed_presumed_and_unconfirmed_are_never_put_together(
    duty: Duty, asked: Asked
) -> None:
    await duty()
    await duty(provisional=True, timeliness="unjudged")
    await duty(confirmed=False, **LATE)
    await duty(confirmed=False, provisional=True, timeliness="unjudged")
    told = {each.basis: (each.met, each.on_time, each.late) for each in await asked()}
    assert told == {"confirmed": (1, 1, 0), "provisional": (1, 0, 0), "unconfirmed": (2, 0, 1)}


@pytest.mark.parametrize(("until", "overdue"), [(DUE, 0), (date(2026, 3, 12), 1), (None, 1)])
async def test_a_duty_is_overdue_the_day_after_its_last_whatever_a_clock_has_recorded(
    duty: Duty, asked: Asked, until: date | None, overdue: int
) -> None:
    await duty(**WAITING)
    assert sum(each.overdue for each in await asked(until=until)) == overdue


async def test_a_duty_was_overdue_on_a_day_before_it_was_met_late(duty: Duty, asked: Asked) -> None:
    matter = await duty(**WAITING)
    await duty(matter_id=matter, **LATE | {"moved_on": date(2026, 3, 20)})
    (then,) = await asked(until=date(2026, 3, 19))
    (now,) = await asked()
    assert ((then.overdue, then.late), (now.overdue, now.late)) == ((1, 0), (0, 1))


async def test_a_presumed_day_and_a_suspension_make_nothing_overdue(
    duty: Duty, asked: Asked
) -> None:
    await duty(**WAITING, provisional=True)
    await duty(**WAITING | {"state": "suspended"})
    assert await asked() == []


async def test_a_window_holds_what_was_met_within_it(duty: Duty, asked: Asked) -> None:
    await duty(moved_on=date(2026, 3, 4))
    await duty(moved_on=date(2026, 3, 5))
    (found,) = await asked(since=date(2026, 3, 5), until=date(2026, 3, 31))
    assert found.met == 1


async def test_what_was_recorded_later_changes_no_earlier_answer(duty: Duty, asked: Asked) -> None:
    matter = await duty(**WAITING)
    await duty()
    before = await asked(known_at=2)
    await duty(matter_id=matter, **LATE)
    assert await asked(known_at=2) == before
    assert await asked() != before


async def test_the_median_of_an_even_number_lies_between_the_two_in_the_middle(
    duty: Duty, asked: Asked
) -> None:
    for day in (3, 5, 6, 11):  # one, three, four and seven working days
        await duty(moved_on=date(2026, 3, day))
    (found,) = await asked()
    assert (found.median_working_days, found.max_working_days) == (3.5, 7)


async def test_a_make_up_sunday_before_the_national_day_is_a_day_taken(
    duty: Duty, asked: Asked
) -> None:
    # domain notes 10.9: seven working days from 2026-09-18 end on 09-29, 09-20 worked, 09-25 off
    await duty(start_on=date(2026, 9, 18), moved_on=date(2026, 9, 29))
    (found,) = await asked(until=date(2026, 12, 31))
    assert found.max_working_days == 7


async def test_a_duty_met_over_the_spring_festival_took_no_holiday(
    duty: Duty, asked: Asked
) -> None:
    # 2026: off from 02-15 to 02-23; worked on 02-24 to 02-27 and on the Saturdays 02-14 and 02-28
    await duty(start_on=date(2026, 2, 13), moved_on=date(2026, 2, 28))
    (found,) = await asked()
    assert found.max_working_days == 6


async def test_a_rule_of_one_edition_and_of_all_can_be_asked_for(duty: Duty, asked: Asked) -> None:
    await duty()
    await duty(policy="youxian_2017.1")
    await duty(rule="filing")
    assert [
        sum(e.met for e in await asked(rule)) for rule in ("answer", "wuyang_2017.1:answer")
    ] == [
        2,
        1,
    ]


async def test_a_breakdown_counts_afresh_and_shows_label_and_article_of_a_rule(
    duty: Duty, asked: Asked
) -> None:
    await duty(region="420100")
    await duty(**LATE)
    found = await asked(by=("rule", "region"))
    assert [each.group for each in found] == [
        {"rule": "wuyang_2017.1:answer", "region": code, "label": "答复申请", "article": "第八条"}
        for code in ("420000",)
    ]
    assert [each.met for each in found] == [2]
    by_city = await asked(by=("region",), region="42")
    assert [(each.group, each.late) for each in by_city] == [
        ({"region": "420100"}, 0),
        ({"region": "421000"}, 1),
    ]


async def test_other_organs_are_left_out_as_in_every_published_figure(
    duty: Duty, asked: Asked
) -> None:
    await duty(organ_kind="personnel")
    assert await asked() == []
    assert len(await asked(organ_kind=None)) == 1


@pytest.mark.parametrize("breakdown", ["", "colour", "region; DROP TABLE views.duty_standings"])
async def test_an_unknown_breakdown_is_no_sql(duty: Duty, asked: Asked, breakdown: str) -> None:
    await duty()
    with pytest.raises(KeyError):
        await asked(by=(breakdown,))


async def test_the_figures_of_the_definitions_are_the_same_duties(
    duty: Duty, reader: asyncpg.Connection
) -> None:
    await duty()
    await duty(**LATE)
    await duty(**LATE, confirmed=False)
    await duty(provisional=True, timeliness="unjudged")
    await duty(**WAITING)
    (row,) = await count(reader, Question(), OF_DUTIES)
    assert {each.id: row[each.name] for each in OF_DUTIES} == {
        "M19": 2,
        "M19t": 1,
        "M19l": 1,
        "M19u": 1,
    }


async def test_what_was_known_at_a_position_is_asked_as_of_the_day_it_was_recorded(
    projector: asyncpg.Connection, reader: asyncpg.Connection
) -> None:
    async def day(**asked: Any) -> date:
        return await as_of(reader, Question(**asked), TODAY)

    try:
        await projector.execute("UPDATE views.position SET position = 1")
        await projector.execute(
            "INSERT INTO views.audit_trail VALUES (1, $1, 1, '', $2, $3, '', '', '', '', '{}', '',"
            " '{}', '', false)",
            uuid4(),
            START,
            datetime(2026, 3, 12, 0, 30, tzinfo=CHINA),  # the eleventh elsewhere
        )
        assert await day(known_at=1) == date(2026, 3, 12)
        assert await day(known_at=1, until=DUE) == DUE
        assert await day(known_at=1, until=TODAY) == date(2026, 3, 12)
        assert await day(known_at=2) == await day() == TODAY  # all there is
    finally:
        await projector.execute("TRUNCATE views.audit_trail")
        await projector.execute("UPDATE views.position SET position = 0")
