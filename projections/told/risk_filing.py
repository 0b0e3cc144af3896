"""A risk filing in words."""

from domain.aggregate import Event
from domain.risk_filing import events
from domain.risk_filing.events import Review
from domain.risk_filing.matter import RiskFiling
from projections.told.phrases import day, labels, organ

RESULTS = {Review.PASSED: "通过", Review.FAILED: "未通过"}


def told(event: Event, matter: RiskFiling) -> str | None:  # noqa: PLR0911 (a line an event)
    by = matter.organ.name if matter.organ else organ(event.envelope.by.organ, matter)
    who = labels(matter.subjects.values())
    match event:
        case events.RiskFilingSubmitted(plan=plan, policy_gap=gap, risks=risks):
            foreseen = "、".join(risks)
            return (
                f"{who}向{by}事前报备（{event.number}）：拟{plan}，"
                f"政策未明之处为{gap}，预见的风险为{foreseen}"
            )
        case events.RiskFilingReviewed(label=step, result=result, explanation=why):
            return f"{by}{step}{who}的报备，{RESULTS[result]}：{why}"
        case events.RiskFilingAgreed(agreed_by=agreed_by, valid_until=until, conditions=conditions):
            valid = f"，有效至{day(until)}" if until else ""
            under = f"，附条件：{'、'.join(conditions)}" if conditions else ""
            return f"{agreed_by.name}同意{who}的报备{valid}{under}"
        case events.RiskFilingDeclined(explanation=why):
            return f"{by}不同意{who}的报备：{why}"
        case events.RiskFilingUsed(case_number=number, conduct_on=conduct_on):
            return f"案件{number}就{day(conduct_on)}的行为引用{who}的报备为依据"
        case events.RiskFilingLapsed(valid_until=until, used=used):
            before = "，此前已被引为依据" if used else ""
            return f"{who}的报备因有效期至{day(until)}届满而失效{before}"
        case events.RiskFilingWithdrawn(explanation=why):
            return f"{who}撤回报备：{why}"
        case events.RiskFilingRevoked(explanation=why):
            return f"{by}撤销对{who}报备的同意：{why}"
    return None
