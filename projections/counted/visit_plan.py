"""What is counted of yearly visit plans: how many were wanted, and who was visited (M14)."""

from collections.abc import Iterator

from domain.aggregate import Event
from domain.visit_plan import events
from domain.visit_plan.matter import VisitPlan
from projections.counted.countable import Countable


def counted(event: Event, matter: VisitPlan) -> Iterator[Countable]:
    """`group` is the year of the plan; the number wanted is null where no ratio is known."""
    year = str(matter.opened.year) if matter.opened else None
    match event:
        case events.VisitPlanOpened(wanted=wanted) if wanted is not None:
            yield Countable("visit_wanted", group=year, detail=(str(wanted),))
        case events.PlannedVisitRecorded(subject=subject):
            yield Countable("visit_planned", matter.subjects[subject], group=year)
