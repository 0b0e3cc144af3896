"""Lives that together record every event of a review."""

from datetime import date

from domain.papers import Delivery
from domain.review.acts import (
    AdmitReviewApplication,
    AnnounceReviewResult,
    CloseReview,
    DecideReviewApplication,
    DeclineReviewApplication,
    HearApplicant,
    NotifyReviewResult,
    OpenReview,
    RestoreInScope,
    WithdrawReview,
)
from domain.review.events import Recipient, RemedyId, Ruling
from tests.support.siblings import COUNTY, OTHER_CLERK, WU, Life, begun


def opening(number: int) -> OpenReview:
    return OpenReview(
        number=f"复审〔2026〕{number}号",
        organ=COUNTY,
        subjects=(WU,),
        remedy=RemedyId.REVIEW,
        attacked="政务处分决定（处〔2026〕5号）",
        attacked_kind="政务处分",
        decided_on=date(2026, 3, 2),
        received_on=date(2026, 3, 4),
        decided_by=COUNTY,
        handlers=("clerk-9",),
        published_in=("县直机关", "某局"),
        forms=("记过",),
        grounds="所据的签字不是本人所签",
    )


def lives() -> list[Life]:
    return [revoked(), declined(), withdrawn()]


def revoked() -> Life:
    life = begun(opening(1), "supervision_law_review", on="2026-03-10")
    life.when(AdmitReviewApplication(panel=("clerk-2", "clerk-3")), on="2026-03-11")
    heard = HearApplicant(statement="签字系他人代签", heard_by=("clerk-2", "clerk-3"))
    life.when(heard, on="2026-03-18")
    ruling = DecideReviewApplication(result=Ruling.REVOKE, explanation="所据事实不能成立")
    life.when(ruling, on="2026-04-02", by=OTHER_CLERK)
    told = NotifyReviewResult(recipient=Recipient.APPLICANT, delivery=Delivery.IN_PERSON)
    life.when(told, on="2026-04-03")
    life.when(NotifyReviewResult(recipient=Recipient.PERSONNEL_ORGAN, copied=True))
    life.when(AnnounceReviewResult(scope="某局"), on="2026-04-07")
    life.when(RestoreInScope(scope="县直机关", manner="发文恢复名誉"), on="2026-04-08")
    life.when(RestoreInScope(scope="某局", manner="会上宣布", pay_compensated=True))
    return life.when(CloseReview(), on="2026-04-09")


def declined() -> Life:
    life = begun(opening(2), "supervision_law_review", on="2026-03-10")
    return life.when(DeclineReviewApplication(explanation="同一决定已在复审"))


def withdrawn() -> Life:
    life = begun(opening(3), "supervision_law_review", on="2026-03-10")
    return life.when(WithdrawReview(explanation="接受处分"), on="2026-03-12")
