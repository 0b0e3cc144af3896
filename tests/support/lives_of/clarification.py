"""Lives that together record every event of a clarification."""

from datetime import date

from domain.clarification import acts
from domain.clarification.events import ClearingWay, Finding, Ground
from domain.papers import Document
from tests.support.siblings import COUNTY, FIRM, WU, Life, begun

HUBEI = "hubei_clarification_2020"
LETTER = Document(kind="clarification_letter", label="澄清正名函", digest="c" * 64)


def lives() -> list[Life]:
    return [_cleared(), _not_cleared()]


def _cleared() -> Life:
    """By meeting and letter, with the personnel organ told and the effect asked after."""
    life = begun(
        acts.OpenClarification(
            number="澄〔2026〕1号",
            organ=COUNTY,
            subjects=(WU,),
            accusation="举〔2026〕17号",
            problem="收受工程承包人礼金",
            verified_by=COUNTY,
        ),
        HUBEI,
        on="2026-09-01",
    )
    life.when(
        acts.RecordFinding(
            finding=Finding.PARTLY,
            found_on=date(2026, 9, 1),
            untrue_part="收受现金",
            explanation="有宴请，没有收受现金",
        )
    )
    life.when(acts.AssessHarm(situations=("HB-CL1",), explanation="正在考察任用"))
    life.when(
        acts.RecordWish(wanted=True, ways=(ClearingWay.MEETING,), scope="本单位"),
        on="2026-09-03",
    )
    life.when(
        acts.ApproveClarification(
            ways=(ClearingWay.MEETING, ClearingWay.WRITTEN), scope="本单位干部职工大会"
        ),
        on="2026-09-07",
    )
    life.when(
        acts.PerformClarification(
            way=ClearingWay.MEETING, scope="本单位", attendees=("本单位干部职工",)
        ),
        on="2026-09-10",
    )
    life.when(acts.PerformClarification(way=ClearingWay.WRITTEN, scope="本人", letter=LETTER))
    life.when(acts.ExplainToPersonnelOrgan(recipient="县委组织部"), on="2026-09-11")
    life.when(acts.FollowUpClarification(feedback="已列为考察对象"), on="2026-10-12")
    return life.when(acts.CloseClarification())


def _not_cleared() -> Life:
    """A firm about which nothing was proved: its unit is told, and no clearing follows."""
    life = begun(
        acts.OpenClarification(
            number="澄〔2026〕2号",
            organ=COUNTY,
            subjects=(FIRM,),
            accusation="举〔2026〕18号",
            problem="虚报项目工程量",
            verified_by=COUNTY,
        ),
        "youxian_clarification_2017",
        on="2026-09-01",
    )
    life.when(
        acts.RecordFinding(
            finding=Finding.UNPROVEN, found_on=date(2026, 8, 31), explanation="账目与现场相符"
        )
    )
    life.when(acts.AssessHarm(explanation="知情范围很小"))
    life.when(acts.ExplainToUnit(recipient="某公司党支部"))
    return life.when(
        acts.DeclineClarification(ground=Ground.NO_HARM, explanation="没有必要公开澄清")
    )
