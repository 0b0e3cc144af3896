"""Lives that together record every event of a protection matter."""

from domain.protection.acts import (
    CloseProtection,
    OpenProtection,
    RecommendProtection,
    RecordRetaliationFinding,
    ReportProtectionOutcome,
    TakeProtectionMeasure,
)
from domain.protection.events import Addressee, Cause, RetaliationFinding
from tests.support.siblings import BUREAU, COUNTY, WU, Life, begun

OPENING = OpenProtection(
    number="护〔2026〕1号",
    organ=COUNTY,
    subjects=(WU,),
    cause=Cause.PRINCIPLE,
    facts="拒绝违规拨款后，被无故调离岗位",
)


def lives() -> list[Life]:
    life = begun(OPENING, "hubei_twelve_protection", on="2026-03-02")
    found = RecordRetaliationFinding(
        finding=RetaliationFinding.FOUND, explanation="调岗没有正当理由，系报复"
    )
    life.when(found, on="2026-03-16")
    life.when(TakeProtectionMeasure(measure="纠正调岗，恢复原职", taken_by=BUREAU), on="2026-03-20")
    advice = RecommendProtection(
        to=Addressee.PARTY_COMMITTEE,
        measures=("公开支持", "优先使用"),
        explanation="坚持原则，敢于担当",
    )
    life.when(advice, on="2026-03-23")
    outcome = ReportProtectionOutcome(to="县委", summary="已恢复原职，没有再受影响")
    life.when(outcome, on="2026-04-10")
    return [life.when(CloseProtection())]
