"""Lives that together record every event of a yearly visit plan."""

from typing import Any

from domain.visit_plan import acts
from tests.support.siblings import COUNTY, WU, ZHENG, Life, begun

SANCTIONED = (
    {"subject": WU.id, "sanctioned_on": "2024-05-06"},
    {"subject": WU.id, "sanctioned_on": "2025-07-01"},
    {"subject": ZHENG.id, "sanctioned_on": "2025-12-31"},
)


def opening(**more: Any) -> acts.OpenVisitPlan:
    """For 2026, over two persons sanctioned in the two years before."""
    told = {"year": 2026, "of_years": (2025, 2024), "candidates": SANCTIONED}
    whose = {"number": "访计〔2026〕1号", "organ": COUNTY, "subjects": (WU, ZHENG)}
    return acts.OpenVisitPlan.model_validate({**whose, **told, **more})


def visited(subject: str = WU.id, held_on: str = "2026-05-20") -> acts.RecordPlannedVisit:
    return acts.RecordPlannedVisit.model_validate(
        {"subject": subject, "held_on": held_on, "follow_up": "访〔2026〕1号"}
    )


CLOSE = acts.CloseVisitPlan(explanation="年终了结")


def lives() -> list[Life]:
    done = begun(opening(), "visit_plan_generic", on="2026-01-05")
    done.when(visited(), on="2026-05-21")
    done.when(visited(ZHENG.id, "2026-06-01"), on="2026-06-02")
    done.when(CLOSE, on="2026-12-31")
    return [done]
