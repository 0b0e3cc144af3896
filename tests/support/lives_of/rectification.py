"""Lives that together record every event of a rectification."""

from datetime import date
from hashlib import sha256

from domain.papers import Document
from domain.people import Organ, Subject
from domain.rectification import acts
from domain.rectification.particulars import CheckResult
from tests.support.siblings import BUREAU, COUNTY, OTHER_CLERK, WU, Life, begun

WUYANG, YOUXIAN = "wuyang_prevention_2017", "youxian_rectification_2017"
CONTENTS = ("听取意见", "指出错误", "分析原因", "督促整改")


def paper(label: str) -> Document:
    return Document(kind="rectification", label=label, digest=sha256(label.encode()).hexdigest())


def notice(*subjects: Subject, unit: Organ | None = None) -> acts.OpenRectification:
    """Sent on 18 September 2026, the Friday before the make-up Sunday."""
    return acts.OpenRectification(
        number="防错〔2026〕1号",
        organ=COUNTY,
        subjects=subjects,
        unit=unit,
        found_on=date(2026, 9, 10),
        occasion="专项检查",
        work="项目招标",
        problems=("没有公开比选", "合同未经审核"),
        items=("建立比选制度", "补办合同审核"),
        plan_due_on=date(2026, 10, 15),
        sent_on=date(2026, 9, 18),
    )


def talk(subject: Subject = WU) -> acts.HoldTalk:
    return acts.HoldTalk(
        subject=subject.id, talkers=("副书记甲",), covered=CONTENTS, summary="本人认识到错误"
    )


def report(*done: int) -> acts.ReportRectification:
    return acts.ReportRectification(
        done=done, summary="制度已经印发", documents=(paper("比选办法"),)
    )


def check(result: CheckResult, *lacking: int, **more: bool) -> acts.CheckRectification:
    return acts.CheckRectification(
        result=result,
        checkers=("检查员甲", "检查员乙"),
        lacking=lacking,
        explanation="实地核对",
        **more,
    )


def escalate(rung: str, *measures: str, subject: str | None = None) -> acts.EscalateRectification:
    return acts.EscalateRectification(
        rung=rung, subject=subject, measures=measures, explanation="经督促仍未改正"
    )


def put_right() -> Life:
    life = begun(notice(WU, unit=BUREAU), WUYANG, on="2026-09-18")
    life.when(talk(), on="2026-09-29")
    plan = acts.SubmitPlan(summary="两项分别由办公室、财务室负责", document=paper("整改方案"))
    life.when(plan, on="2026-10-14")
    life.when(report(1), on="2026-10-30")
    poor = check(CheckResult.POOR, 2, effect_continues=True)
    life.when(poor, on="2026-11-02", by=OTHER_CLERK)
    life.when(escalate("measures", "批评教育", subject=WU.id), on="2026-11-03")
    sat_in = acts.FollowUpRectification(way="sitting_in", summary="吴某在会上作了检查")
    life.when(sat_in, on="2026-11-10")
    life.when(report(2), on="2026-11-16")
    life.when(check(CheckResult.PASS), on="2026-11-18", by=OTHER_CLERK)
    return life.when(acts.CloseRectification(), on="2026-11-20")


def erred_again() -> Life:
    life = begun(notice(unit=BUREAU), YOUXIAN, on="2026-09-18")
    life.when(report(1, 2), on="2026-10-12").when(check(CheckResult.PASS), on="2026-10-16")
    again = acts.RecordSameError(explanation="又有一个项目没有比选")
    life.when(again, on="2026-11-02")
    life.when(escalate("same_error", "通报"), on="2026-11-09")
    return life.when(acts.CloseRectification(), on="2026-11-20")


def withdrawn() -> Life:
    life = begun(notice(WU), WUYANG, on="2026-09-18")
    mistaken = acts.WithdrawNotice(explanation="所列问题经核对不属实")
    return life.when(mistaken, on="2026-09-21")


def lives() -> list[Life]:
    return [put_right(), erred_again(), withdrawn()]
