"""What can happen in a yearly visit plan, in procedural order."""

from datetime import date
from enum import StrEnum

from domain.aggregate import Event
from domain.staged import MatterOpened
from domain.values import Value


class PlanResult(StrEnum):
    """What had come of the plan when it was closed."""

    MET = "met"  # 达到
    UNMET = "unmet"  # 未达到
    NO_RATIO = "no_ratio"  # 未定比例


class Candidate(Value):
    """One sanction of an earlier year; whoever has two is one person to be visited."""

    subject: str
    sanctioned_on: date


class VisitPlanOpened(MatterOpened, topic="visit_plan.opened.v1", term="年度计划"):
    """`wanted`: how many persons are to be visited by `ends_on`; null where no ratio is known."""

    aspects = ("with_ratio",)

    year: int
    of_years: tuple[int, ...]
    candidates: tuple[Candidate, ...]
    ratio_percent: int | None
    wanted: int | None
    ends_on: date

    def names(self) -> frozenset[str]:
        ratio = (f"{self.name()}:with_ratio",) if self.wanted else ()  # of nobody, nothing
        return frozenset({self.name(), *ratio})


class PlannedVisitRecorded(Event, topic="visit_plan.visit-recorded.v1", term="登记计划回访"):
    """`visited`: how many persons so far; `reached`: as many as the plan wants."""

    aspects = ("reached",)

    subject: str
    held_on: date
    follow_up: str
    visited: int
    reached: bool

    def names(self) -> frozenset[str]:
        return frozenset({self.name(), *([f"{self.name()}:reached"] if self.reached else [])})


class VisitPlanClosed(Event, topic="visit_plan.closed.v1", term="计划了结"):
    result: PlanResult
    visited: int
    wanted: int | None
    explanation: str
