"""A prefecture that reports: cases of its own and of two of its counties, and who acts for whom.

孙某 was tolerated in both counties, so that their figures do not add up to that of the prefecture.
"""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import uuid4

from domain.aggregate import Request
from domain.people import Officer, OrganKind, OrganLevel
from domain.tolerance.acts import RevokeDetermination
from domain.tolerance.particulars import RevocationCause
from domain.tolerance.state import case_id
from gateway.scenarios import Expected, OrganTold, Scenario, scenario_in
from tests.support.lives import SCENARIOS
from workflows.office import Office

Asked = Callable[..., Any]
SONGZI, GONGAN, JINGZHOU, HUBEI = "421087", "421022", "421000", "420000"
ORGANS = {
    SONGZI: ("songzi_cdi", "松滋市纪委监委", OrganLevel.COUNTY),
    GONGAN: ("gongan_cdi", "公安县纪委监委", OrganLevel.COUNTY),
    JINGZHOU: ("jingzhou_cdi", "荆州市纪委监委", OrganLevel.PREFECTURE),
}
SUN, LI, ZHOU = "p-sun", "p-li", "p-zhou"
CASES = (  # number, the deciding organ's unit, who is tolerated
    ("松〔2024〕1号", SONGZI, SUN),
    ("松〔2024〕2号", SONGZI, LI),
    ("公〔2024〕1号", GONGAN, SUN),
    ("荆〔2024〕1号", JINGZHOU, ZHOU),
)


def lives() -> list[Scenario]:
    return [_life(*case) for case in CASES]


def _life(number: str, unit: str, person: str) -> Scenario:
    """One is found to be tolerated on 2024-01-19."""
    pattern = scenario_in(SCENARIOS / "acceptance" / "02_same_person_city_a.yaml")
    (key,) = pattern.people
    organ, name, level = ORGANS[unit]
    told = OrganTold(name=name, kind=OrganKind.DISCIPLINE, level=level, region=unit)
    return pattern.model_copy(
        update={
            "case_number": number,
            "organ": organ,
            "organs": {organ: told},
            "people": {key: pattern.people[key].model_copy(update={"id": person, "region": unit})},
            "expect": Expected(),
        }
    )


def acting(who: str, organ: str) -> tuple[str, ...]:
    """Who acts, as a command is told."""
    return ("--by", who, "--role", "统计员", "--organ", organ, "--authority", "会议纪要第3号")


HE, MA = acting("he", "songzi_cdi"), acting("ma", "songzi_cdi")
GAO, GU = acting("gao", "gongan_cdi"), acting("gu", "gongan_cdi")
WU, LIN = acting("wu", "jingzhou_cdi"), acting("lin", "jingzhou_cdi")
ZHENG = acting("zheng", "hubei_cdi")  # of an organ that has handled nothing
TEAMS = {SONGZI: (HE, MA, "jingzhou_cdi"), GONGAN: (GAO, GU, "jingzhou_cdi")}
TEAMS[JINGZHOU] = (WU, LIN, "hubei_cdi")


def publish(asked: Asked, number: str, unit: str, *question: str) -> Any:
    """Prepared by one of the unit's organ and published by another."""
    preparer, publisher, _ = TEAMS[unit]
    told = asked("prepare", number, "容错情况", "--region", unit, *question, *preparer)
    asked("publish", number, *publisher)
    return told


def submit(asked: Asked, number: str, unit: str, *question: str) -> Any:
    """Published and submitted to the organ of the unit above."""
    told = publish(asked, number, unit, *question)
    preparer, _, above = TEAMS[unit]
    asked("submit", number, "--above", above, *preparer)
    return told


def figures(told: Any) -> dict[tuple[str, str | None], int]:
    return {(each["measure"], each["place"]): each["figure"] for each in told["cells"]}


def revoke(office: Office, number: str, subject: str) -> None:
    """A determination is revoked two years later."""
    act = RevokeDetermination(
        subject=subject,
        cause=RevocationCause.FALSE_MATERIAL,
        accountability_resumes=True,
        explanation="材料不实",
    )
    organ = next(ORGANS[unit][0] for each, unit, _ in CASES if each == number)
    by = Officer(id="cdi-1", role="承办人", organ=organ)
    request = Request(key=str(uuid4()), by=by, on=date(2026, 4, 1), authority="会议纪要第9号")
    office.perform(case_id(number), act, request)
