"""Lives that together record every event of a risk filing."""

from datetime import date

from domain.papers import Document
from domain.risk_filing import acts
from domain.risk_filing.events import Review
from tests.support.siblings import COUNTY, FIRM, Life, begun

MINUTES = Document(kind="minutes", label="党组会议纪要", digest="b" * 64)


def _submitted(number: str) -> Life:
    opening = acts.SubmitRiskFiling(
        number=number,
        organ=COUNTY,
        subjects=(FIRM,),
        plan="先行发放施工许可",
        policy_gap="前置文件没有发放机关",
        risks=("许可程序不全", "事后被追责"),
        collective_decision=MINUTES,
        planned_on=date(2026, 4, 1),
    )
    return begun(opening, "yichang_risk_filing", on="2026-03-02")


def _agreed(number: str, *conditions: str) -> Life:
    life = _submitted(number)
    life.when(
        acts.ReviewRiskFiling(result=Review.PASSED, explanation="属政策不明"), on="2026-03-03"
    )
    agreed = acts.AgreeRiskFiling(valid_until=date(2026, 4, 30), conditions=conditions)
    return life.when(agreed, on="2026-03-10")


def lives() -> list[Life]:
    used = _agreed("备〔2026〕1号", "同步加强监理", "完工后补办手续")
    use = acts.UseRiskFiling(case_number="容〔2026〕5号", conduct_on=date(2026, 4, 2))
    used.when(use, on="2026-04-20")
    used.when(acts.RevokeRiskFiling(explanation="报备的材料不实"), on="2026-04-22")
    lapsed = _agreed("备〔2026〕2号").until("2026-05-06")
    declined = _submitted("备〔2026〕3号")
    declined.when(acts.DeclineRiskFiling(explanation="已有明文禁止"), on="2026-03-05")
    withdrawn = _submitted("备〔2026〕4号")
    withdrawn.when(acts.WithdrawRiskFiling(explanation="不再实施"), on="2026-03-04")
    return [used, lapsed, declined, withdrawn]
