"""What may be asked of a yearly visit plan, in procedural order."""

from datetime import date
from typing import Annotated

from pydantic import Field, PositiveInt

from domain.aggregate import Explained, OfSubject
from domain.staged import OpenMatter
from domain.values import Text
from domain.visit_plan.events import Candidate


class OpenVisitPlan(OpenMatter, name="open_visit_plan", label="制定年度回访计划"):
    """`candidates`: every sanction of the years `of_years`, of those named as `subjects`."""

    year: PositiveInt
    of_years: Annotated[tuple[PositiveInt, ...], Field(min_length=1)]
    candidates: tuple[Candidate, ...]


class RecordPlannedVisit(OfSubject, name="record_planned_visit", label="登记计划回访"):
    """`follow_up`: the number of the follow-up in which the visit was held."""

    held_on: date
    follow_up: Text


class CloseVisitPlan(Explained, name="close_visit_plan", label="了结年度回访计划"):
    pass
