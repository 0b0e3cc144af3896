"""Lives that together record every event of a follow-up."""

from typing import Any

from domain.follow_up import acts
from domain.follow_up.events import Addressee, Cause, Ending, VisitRecord, VisitWay
from tests.support.siblings import BUREAU, COUNTY, WU, Life, begun

TOLD = VisitRecord(
    thoughts="思想稳定",
    discipline="没有新的违纪",
    work="分管工作按期完成",
    appraisal="年度考核称职",
    unit_and_mentor="单位和帮教人反映良好",
    execution="处分已经宣布并归档",
)


def opening(**more: Any) -> acts.OpenFollowUp:
    """After a tolerance determination of 10 March, unless told otherwise."""
    told = {"cause": Cause.TOLERANCE, "determined_on": "2026-03-10", "subjects": (WU,)}
    return acts.OpenFollowUp.model_validate(
        {"number": "访〔2026〕1号", "organ": COUNTY, **told, **more}
    )


def sanctioned(**more: Any) -> acts.OpenFollowUp:
    """After a sanction with an impact period of a year."""
    days = {"effective_on": "2026-03-12", "impact_ends_on": "2027-03-11"}
    return opening(cause=Cause.SANCTION, **{**days, **more})


def visit(way: VisitWay = VisitWay.VISIT, **more: Any) -> acts.HoldVisit:
    told = {"visitors": ("甲", "乙"), "record": TOLD, "summary": "情绪稳定，工作正常"}
    return acts.HoldVisit.model_validate({"subject": WU.id, "way": way, **told, **more})


def talk(**more: Any) -> acts.HoldVisit:
    few = VisitRecord(work="承担新的任务", life="家庭平稳", thoughts="放下了包袱")
    told = {"visitors": ("局党组书记",), "record": few, "summary": "鼓励其继续大胆探索"}
    return visit(VisitWay.TALK, **{**told, **more})


def lives() -> list[Life]:
    tracked = begun(opening(), "wuyang_follow_up_2017", on="2026-03-12")
    tracked.when(talk(), on="2026-05-20")
    tracked.when(acts.MoveFollowUp(to=BUREAU, explanation="调任某局"), on="2026-06-01")
    tracked.when(acts.CompleteFollowUp(), on="2026-09-11")

    lapsed = begun(opening(number="访〔2026〕2号"), "wuyang_follow_up_2017", on="2026-03-12")
    lapsed.until("2026-09-20")
    lapsed.when(talk(), on="2026-09-10", now="2026-09-21T10:00+08:00")

    hubei = begun(
        sanctioned(
            number="访〔2025〕3号",
            determined_on="2025-03-10",
            effective_on="2025-03-10",
            impact_ends_on="2026-03-09",
        ),
        "hubei_twelve_follow_up",
        on="2025-03-12",
    )
    hubei.when(visit(), on="2025-09-01")
    hubei.when(acts.GradeFollowUp(grade="good"), on="2025-09-02")
    behaviour = "认真改正，按期完成分管工作"
    hubei.when(acts.SendFeedback(to=Addressee.PERSONNEL_ORGAN, behaviour=behaviour))
    hubei.when(acts.SendFeedback(to=Addressee.PARTY_COMMITTEE, behaviour=behaviour))
    hubei.when(
        acts.AdviseAppointment(to="某县委组织部", explanation="影响期已满并自觉整改"),
        on="2026-03-10",
    )
    hubei.when(acts.CompleteFollowUp())

    ended = begun(sanctioned(number="访〔2026〕4号"), "hanyin_follow_up", on="2026-03-12")
    ended.when(visit(), on="2026-04-01")
    ended.when(
        acts.TerminateFollowUp(cause=Ending.REVOKED, explanation="处分经复审撤销"), on="2026-05-06"
    )
    return [tracked, lapsed, hubei, ended]
