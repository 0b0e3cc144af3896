"""A yearly visit plan: how many are wanted, who counts, how it is closed."""

from typing import Any

import pytest

from domain.aggregate import Act
from domain.law.time_limits import TimeLimits
from domain.obligations import State
from domain.people import SYSTEM, Subject
from domain.refusals import Code
from domain.visit_plan.events import PlanResult
from domain.visit_plan.instrument import VisitRatio
from domain.visit_plan.matter import Stage, VisitPlan
from projections.counted.visit_plan import counted
from tests.support.lives_of.visit_plan import CLOSE, SANCTIONED, opening, visited
from tests.support.siblings import FIRM, WU, ZHENG, Life, asked, begun, rulebook

GENERIC = "visit_plan_generic"


def running() -> Life:
    """Two persons, of whom one is to be visited in 2026."""
    return begun(opening(), GENERIC, on="2026-01-05")


def without_ratio() -> Life:
    rules = rulebook().limits(GENERIC)
    instrument = rules.instrument.model_copy(update={"ratio": None})
    life = Life(VisitPlan(running().matter.id), TimeLimits(instrument, rules.calendar))
    return life.when(opening(of_years=(2025, 2024, 2023)), on="2026-01-05")


def many(number: int) -> dict[str, Any]:
    people = tuple(
        Subject(id=f"p-{n}", kind=WU.kind, label="某", region="42") for n in range(number)
    )
    of = tuple({"subject": each.id, "sanctioned_on": "2025-01-01"} for each in people)
    return {"subjects": people, "candidates": of}


# --- opening ----------------------------------------------------------------------------------


def test_a_plan_wants_its_ratio_of_the_persons_sanctioned_in_the_years_before() -> None:
    life = running()
    life.then("visit_plan.opened", ratio_percent=30, wanted=1)
    due = life.duty("plan").obligation
    assert (str(due.due_on), due.subject, due.confirmed) == ("2026-12-31", None, False)


@pytest.mark.parametrize(("persons", "wanted"), [(3, 1), (4, 2), (10, 3), (11, 4)])
def test_a_part_of_a_person_is_a_person(persons: int, wanted: int) -> None:
    life = begun(opening(**many(persons)), GENERIC, on="2026-01-05")
    life.then("visit_plan.opened", wanted=wanted)


def test_two_sanctions_of_one_person_are_one_person() -> None:
    three = many(3)
    again = [{**each, "sanctioned_on": "2024-06-03"} for each in three["candidates"]]
    twice = {**three, "candidates": (*three["candidates"], *again)}
    life = begun(opening(**twice), GENERIC, on="2026-01-05")
    life.then("visit_plan.opened", wanted=1)


@pytest.mark.parametrize("percent", [0, 101])
def test_a_ratio_is_of_a_hundred(percent: int) -> None:
    with pytest.raises(ValueError, match="percent"):
        VisitRatio(label="比例", percent=percent, over_years=2, article=None, confirmed=False)


def test_where_no_percentage_is_known_none_is_made_up() -> None:
    unknown = VisitRatio(label="比例", percent=None, over_years=None, article=None, confirmed=False)
    assert unknown.wanted(10) is None
    life = without_ratio()
    life.then("visit_plan.opened", ratio_percent=None, wanted=None)
    assert life.matter.obligations.live() == []
    life.when(visited(), on="2026-05-21").then("visit_plan.visit-recorded", reached=False)
    life.when(CLOSE).then("visit_plan.closed", result=PlanResult.NO_RATIO, wanted=None)
    assert life.matter.stage is Stage.CLOSED


def test_of_nobody_nobody_is_wanted() -> None:
    life = begun(opening(subjects=(), candidates=()), GENERIC, on="2026-01-05")
    assert life.matter.obligations.live() == []
    life.when(CLOSE).then("visit_plan.closed", result=PlanResult.MET, visited=0, wanted=0)


@pytest.mark.parametrize("years", [(2025,), (2025, 2024, 2023), (2026, 2025), (2024, 2023)])
def test_a_plan_goes_by_the_years_its_instrument_says(years: tuple[int, ...]) -> None:
    life = asked(opening(of_years=years), GENERIC, on="2026-01-05")
    life.refused(Code.MALFORMED, because="前 2 年")


def test_a_plan_is_over_earlier_years_even_where_their_number_is_unknown() -> None:
    life = without_ratio()
    again = Life(VisitPlan(life.matter.id), life.rules)
    again.when(opening(of_years=(2026, 2025)), on="2026-01-05")
    again.refused(Code.MALFORMED, because="2026 年不是")


def test_a_sanction_of_another_year_makes_no_candidate() -> None:
    other = ({"subject": WU.id, "sanctioned_on": "2023-12-31"}, SANCTIONED[2])
    life = asked(opening(candidates=other), GENERIC, on="2026-01-05")
    life.refused(Code.MALFORMED, because="2023-12-31 不在所计的年度内")


@pytest.mark.parametrize("people", [(WU,), (WU, ZHENG, FIRM)])
def test_candidates_and_subjects_are_the_same_persons(people: tuple[Any, ...]) -> None:
    life = asked(opening(subjects=people), GENERIC, on="2026-01-05")
    life.refused(Code.MALFORMED, because="不一致")


# --- visits -----------------------------------------------------------------------------------


def test_a_visit_counts_towards_the_number_wanted() -> None:
    life = begun(opening(**many(4)), GENERIC, on="2026-01-05")
    life.when(visited("p-0"), on="2026-05-21")
    life.then("visit_plan.visit-recorded", visited=1, reached=False)
    assert life.duty("plan").state is State.OPEN
    life.when(visited("p-1")).then("visit_plan.visit-recorded", visited=2, reached=True)
    assert life.duty("plan").state is State.MET
    life.when(visited("p-2")).then("visit_plan.visit-recorded", visited=3, reached=True)


def test_one_person_counts_once() -> None:
    life = running().when(visited(), on="2026-05-21")
    life.when(visited(held_on="2026-05-21")).refused(Code.ALREADY_DONE, because="2026-05-21")
    life.when(visited(ZHENG.id)).then("visit_plan.visit-recorded", visited=2)


def test_only_candidates_count() -> None:
    running().when(visited(FIRM.id), on="2026-05-21").refused(Code.UNKNOWN_SUBJECT)


@pytest.mark.parametrize("held_on", ["2025-12-31", "2026-05-22", "2027-01-01"])
def test_a_visit_counts_in_its_year_and_when_it_was_held(held_on: str) -> None:
    life = running().when(visited(held_on=held_on), on="2026-05-21")
    life.refused(Code.OUTSIDE_WINDOW, because=held_on)


@pytest.mark.parametrize("held_on", ["2026-01-01", "2026-05-21"])
def test_the_first_day_of_the_year_and_the_day_itself_count(held_on: str) -> None:
    running().when(visited(held_on=held_on), on="2026-05-21").then("visit_plan.visit-recorded")


# --- the end of the year ----------------------------------------------------------------------


def test_a_plan_fulfilled_may_be_closed_any_day() -> None:
    life = running().when(visited(), on="2026-05-21").when(CLOSE)
    life.then("visit_plan.closed", result=PlanResult.MET, visited=1, wanted=1)
    assert (life.matter.stage, life.matter.is_open) == (Stage.CLOSED, False)


def test_a_plan_short_of_its_number_is_not_closed_before_the_year_is_over() -> None:
    life = running().when(CLOSE, on="2026-12-31")
    life.refused(Code.DUTIES_OPEN, because="年内达到回访的人数")
    life.when(CLOSE, on="2027-01-01").then("visit_plan.closed", result=PlanResult.UNMET, visited=0)
    assert life.matter.stage is Stage.UNMET
    assert life.duty("plan").state is State.LAPSED


def test_too_few_visits_at_the_end_of_the_year_are_overdue() -> None:
    life = begun(
        opening(year=2025, of_years=(2024, 2023), candidates=EARLIER), GENERIC, on="2025-01-06"
    )
    assert life.until("2025-12-26").names() == ["obligation.reminded"]
    assert life.until("2025-12-31").names() == ["obligation.reminded"]
    assert life.until("2026-01-01").names() == ["obligation.overdue"]
    assert life.until("2026-01-03").news == []
    assert life.until("2026-01-04").names() == ["obligation.escalated"]  # a make-up Sunday
    assert life.until("2026-01-06").names() == ["obligation.escalated"]
    assert life.matter.is_open
    life.when(visited(held_on="2025-12-30"), on="2026-01-07")
    assert life.duty("plan").state is State.MET_LATE
    life.when(CLOSE).then("visit_plan.closed", result=PlanResult.MET)


EARLIER = (
    {"subject": WU.id, "sanctioned_on": "2023-01-01"},
    {"subject": ZHENG.id, "sanctioned_on": "2024-12-31"},
)


@pytest.mark.parametrize("act", [visited(ZHENG.id), CLOSE])
def test_nothing_is_done_in_a_plan_that_is_closed(act: Act) -> None:
    life = running().when(visited(), on="2026-05-21").when(CLOSE).when(act)
    life.refused(Code.OUT_OF_STAGE, because="「已了结」")


# --- counting ---------------------------------------------------------------------------------


def told_of(life: Life) -> list[tuple[str, str | None, str | None, tuple[str, ...]]]:
    found = [each for event in life.recorded for each in counted(event, life.matter)]  # type: ignore[arg-type]
    return [(e.what, e.subject.id if e.subject else None, e.group, e.detail) for e in found]


def test_the_number_wanted_and_every_person_visited_are_counted_by_year() -> None:
    life = running().when(visited(), on="2026-05-21").when(CLOSE)
    assert told_of(life) == [
        ("visit_wanted", None, "2026", ("1",)),
        ("visit_planned", WU.id, "2026", ()),
    ]
    assert told_of(without_ratio()) == []
    assert [each.name() for each in life.recorded if each.envelope.by == SYSTEM]
