"""A yearly visit plan in words."""

from domain.aggregate import Event
from domain.visit_plan import events
from domain.visit_plan.events import PlanResult
from domain.visit_plan.matter import VisitPlan
from projections.told.phrases import day, organ, subject

RESULTS = {
    PlanResult.MET: "达到比例",
    PlanResult.UNMET: "未达到比例",
    PlanResult.NO_RATIO: "比例未定",
}


def told(event: Event, matter: VisitPlan) -> str | None:
    by = matter.organ.name if matter.organ else organ(event.envelope.by.organ, matter)
    match event:
        case events.VisitPlanOpened(year=year, number=number, wanted=wanted):
            years = "、".join(str(each) for each in sorted(event.of_years))
            of = f"{years}年受处分的{len(matter.subjects)}人"
            ratio = f"，须回访{wanted}人" if wanted is not None else "，比例未定"
            if wanted is not None and event.ratio_percent is not None:
                ratio = f"，按{event.ratio_percent}%须回访{wanted}人"
            return f"{by}就{of}制定{year}年回访计划（{number}）{ratio}"
        case events.PlannedVisitRecorded(held_on=held_on, follow_up=number, visited=visited):
            about = subject(event.subject, matter)
            reached = "，已达到须回访的人数" if event.reached else ""
            return f"{by}登记{day(held_on)}回访{about}（{number}），累计{visited}人{reached}"
        case events.VisitPlanClosed(result=result, visited=visited, wanted=wanted):
            of = f"，须回访{wanted}人" if wanted is not None else ""
            came = f"共回访{visited}人{of}，{RESULTS[result]}"
            return f"{by}了结年度回访计划，{came}：{event.explanation}"
    return None
