"""What can happen in a tolerance case, in procedural order. Stored names never change.

Fields with a default came later than the first histories, which are read without them.
"""

from datetime import date, time

from domain.aggregate import Event
from domain.law.deadline_rules import StartDate
from domain.law.outcomes import Outcome, Relief, Sanction, Treatment, every_treatment
from domain.law.policy import Recipient, RecusalGround
from domain.papers import Delivery, Document
from domain.people import Member, Organ, Subject
from domain.refusals import Code
from domain.tolerance.particulars import (
    Applicant,
    Conflict,
    CoSignature,
    DeclineReason,
    MatterAnswered,
    Measure,
    Rectification,
    Resolution,
    ReviewResult,
    RevocationCause,
    RiskFiled,
    Seat,
    SixFactors,
    Voice,
)


class CaseEvent(Event):
    """Whatever happens in a case but the life of its duties; by the part of the state it moves."""


class OpeningEvent(CaseEvent):
    """How the case stands as a whole."""


class InquiryEvent(CaseEvent):
    """What was found and said."""


class DecisionEvent(CaseEvent):
    """What was concluded of a subject."""


class AftermathEvent(CaseEvent):
    """What came after a conclusion."""


# ---- application and acceptance ----------------------------------------------------------------


class ToleranceApplied(OpeningEvent, topic="tolerance.applied.v1", term="申请提出"):
    case_number: str
    organ: Organ
    matter: MatterAnswered
    subjects: tuple[Subject, ...]
    applicant: Applicant
    documents: tuple[Document, ...] = ()


class ExOfficioStarted(OpeningEvent, topic="tolerance.started-ex-officio.v1", term="同步启动"):
    """双轨制的另一轨: the accountability organ itself considers tolerance; no acceptance needed."""

    case_number: str
    organ: Organ
    matter: MatterAnswered
    subjects: tuple[Subject, ...]


class ApplicationAttached(OpeningEvent, topic="tolerance.application-attached.v1", term="申请并入"):
    """The second track joins a case the organ began; there is no second case."""

    applicant: Applicant
    documents: tuple[Document, ...] = ()


class ExOfficioJoined(OpeningEvent, topic="tolerance.ex-officio-joined.v1", term="同步考虑并入"):
    """The organ's own consideration joins a case that was applied for."""

    explanation: str


class ApplicationReturned(OpeningEvent, topic="tolerance.application-returned.v1", term="退回补正"):
    missing: tuple[str, ...]


class ApplicationCompleted(OpeningEvent, topic="tolerance.application-completed.v1", term="补正"):
    """`applicant` where another takes the application over; it then counts from this day."""

    applicant: Applicant | None = None
    documents: tuple[Document, ...] = ()


class ApplicationWithdrawn(
    OpeningEvent, topic="tolerance.application-withdrawn.v1", term="撤回申请"
):
    explanation: str


class ContinuedExOfficio(
    OpeningEvent, topic="tolerance.continued-ex-officio.v1", term="依职权继续办理"
):
    explanation: str


class CaseTransferred(OpeningEvent, topic="tolerance.transferred.v1", term="移送"):
    to: Organ
    explanation: str


class CoSignatureRecorded(OpeningEvent, topic="tolerance.co-signature-recorded.v1", term="会签"):
    co_signature: CoSignature


class CaseAccepted(OpeningEvent, topic="tolerance.accepted.v1", term="受理"):
    starts = ((StartDate.ACCEPTANCE, "on"),)

    co_signed_by: tuple[str, ...] = ()


class AcceptanceRefused(OpeningEvent, topic="tolerance.acceptance-refused.v1", term="不予受理"):
    """An event, because the law answers the applicant."""

    because: DeclineReason | Code  # the first histories gave the code of the refusal
    explanation: str
    co_signatures: tuple[CoSignature, ...] = ()  # the reasons of every organ asked


# ---- team and verification ---------------------------------------------------------------------


class TeamAssigned(InquiryEvent, topic="tolerance.team-assigned.v1", term="确定承办人员"):
    members: tuple[Member, ...]


class RecusalRequested(InquiryEvent, topic="tolerance.recusal-requested.v1", term="提出回避"):
    officer: str
    ground: RecusalGround
    explanation: str
    conflicts: tuple[Conflict, ...] = ()  # what the system itself finds of this officer


class RecusalDecided(InquiryEvent, topic="tolerance.recusal-decided.v1", term="回避决定"):
    officer: str
    stands_back: bool
    explanation: str


class VerificationOpened(InquiryEvent, topic="tolerance.verification-opened.v1", term="核实开始"):
    team: tuple[Member, ...]


class EvidenceRecorded(InquiryEvent, topic="tolerance.evidence-recorded.v1", term="登记证据材料"):
    subject: str | None
    document: Document
    risk_filed: RiskFiled | None = None


class SubjectHeard(InquiryEvent, topic="tolerance.subject-heard.v1", term="听取陈述"):
    subject: str
    statement: str
    heard_by: tuple[str, ...]


class SixFactorsReviewed(InquiryEvent, topic="tolerance.six-factors-reviewed.v1", term="六看研判"):
    subject: str
    factors: SixFactors


class ListChecked(InquiryEvent, topic="tolerance.list-checked.v1", term="清单对照"):
    """`answers`: item id → applies, does not apply, or not known (null)."""

    subject: str
    answers: dict[str, bool | None]
    repeated_error: bool | None = None  # 同一错误再次发生


class VerificationReported(
    InquiryEvent, topic="tolerance.verification-reported.v1", term="核实报告"
):
    starts = ((StartDate.FINDING, "on"),)

    summary: str


# ---- opinions, consultation, committee ---------------------------------------------------------


class OpinionRequested(InquiryEvent, topic="tolerance.opinion-requested.v1", term="函请征求意见"):
    starts = ((StartDate.SENDING, "on"),)

    item: int  # numbered within the case
    organ: str
    question: str


class OpinionReceived(InquiryEvent, topic="tolerance.opinion-received.v1", term="征求意见"):
    organ: str
    opinion: str
    item: int | None = None  # the request it answers


class JointConsultationHeld(
    InquiryEvent, topic="tolerance.joint-consultation-held.v1", term="会商"
):
    organs: tuple[str, ...]
    conclusion: str
    voices: tuple[Voice, ...] = ()


class CommitteeAssembled(
    InquiryEvent, topic="tolerance.committee-assembled.v1", term="组成评估委员会"
):
    seats: tuple[Seat, ...]


class CommitteeVoted(InquiryEvent, topic="tolerance.committee-voted.v1", term="评估委员会表决"):
    """It advises: `outcome` is what was put to the vote, `carried` whether it was carried."""

    subject: str
    outcome: Outcome
    voices: tuple[Voice, ...]
    carried: bool | None  # null where no source tells what carries


# ---- public notice -----------------------------------------------------------------------------


class PublicNoticeOpened(InquiryEvent, topic="tolerance.public-notice-opened.v1", term="公示开始"):
    scope: str
    ends_on: date  # the last day of the notice


class ObjectionRaised(InquiryEvent, topic="tolerance.objection-raised.v1", term="异议"):
    objection: int  # numbered within the case
    content: str
    subject: str | None = None  # null where it concerns the whole case
    received_at: time | None = None

    @property
    def item(self) -> int:
        return self.objection


class ObjectionResolved(InquiryEvent, topic="tolerance.objection-resolved.v1", term="异议处理"):
    objection: int
    resolution: Resolution
    explanation: str
    changes: tuple[str, ...] = ()  # subjects whose intended treatment it changes

    @property
    def item(self) -> int:
        return self.objection


class PublicNoticeRestarted(
    InquiryEvent, topic="tolerance.public-notice-restarted.v1", term="重新公示"
):
    subject: str
    scope: str
    ends_on: date


class PublicNoticeClosed(InquiryEvent, topic="tolerance.public-notice-closed.v1", term="公示结束"):
    subjects: tuple[str, ...] = ()  # empty in the first histories: all

    def about(self) -> tuple[str, ...]:
        return self.subjects


# ---- determination -----------------------------------------------------------------------------


class DeterminationDeferred(
    DecisionEvent, topic="tolerance.determination-deferred.v1", term="暂缓认定"
):
    subject: str
    explanation: str


class ConclusiveOpinionIssued(
    DecisionEvent, topic="tolerance.conclusive-opinion-issued.v1", term="结论性意见"
):
    """期满仍难以认定的: the subject is done with, neither tolerated nor refused."""

    subject: str
    opinion: str


class Concluding(DecisionEvent):
    """What is proposed or determined of one subject."""

    subject: str
    outcome: Outcome
    sanction: Sanction | None
    relief: Relief | None
    grades: int | None = None
    before: str | None = None
    after: str | None = None
    further: tuple[Treatment, ...] = ()  # other sanctions of the same subject
    measures: tuple[Measure, ...]
    situations: tuple[str, ...]
    effects: tuple[str, ...]
    explanation: str
    rectification: Rectification | None
    rectification_waived: str | None = None  # why none is asked for

    def treatments(self) -> tuple[Treatment, ...]:
        return every_treatment(self)


class DeterminationProposed(
    Concluding, topic="tolerance.determination-proposed.v1", term="提出认定意见"
):
    """拟认定, sent up for approval."""


class ApprovalRequested(DecisionEvent, topic="tolerance.approval-requested.v1", term="报批"):
    subject: str
    approval: str  # id of the approval in the pack
    of: str


class ApprovalGranted(DecisionEvent, topic="tolerance.approval-granted.v1", term="批准"):
    subject: str
    approval: str
    explanation: str


class ApprovalRefused(DecisionEvent, topic="tolerance.approval-refused.v1", term="未予批准"):
    subject: str
    approval: str
    explanation: str


class SubjectDetermined(Concluding, topic="tolerance.determined.v1", term="认定"):
    """One subject's outcome. The case has none of its own."""

    aspects = ("favourable", "no_tolerance", "rectification")
    starts = (
        (StartDate.DECISION, "on"),
        (StartDate.EFFECT, "effective_on"),
    )

    effective_on: date
    decided_by: str | None = None  # the body that decided, where not the organ itself
    organ: Organ | None = None  # whose determination it is, where not of the organ of the case

    def names(self) -> frozenset[str]:
        aspects = ["favourable" if self.outcome.favourable else "no_tolerance"]
        if self.outcome.favourable and self.rectification is not None:
            aspects.append("rectification")
        return super().names() | {f"{self.name()}:{aspect}" for aspect in aspects}


# ---- after the determination -------------------------------------------------------------------


class ResultNotified(AftermathEvent, topic="tolerance.result-notified.v1", term="反馈"):
    aspects = tuple(Recipient)
    starts = ((StartDate.SENDING, "on"),)

    subject: str
    recipient: Recipient
    delivery: Delivery | None = None
    document: Document | None = None

    def names(self) -> frozenset[str]:
        return super().names() | {f"{self.name()}:{self.recipient}"}


class ResultReceived(AftermathEvent, topic="tolerance.result-received.v1", term="签收"):
    aspects = tuple(Recipient)
    starts = ((StartDate.RECEIPT, "received_on"),)

    subject: str
    recipient: Recipient
    received_on: date

    def names(self) -> frozenset[str]:
        return super().names() | {f"{self.name()}:{self.recipient}"}


class DeterminationFiled(AftermathEvent, topic="tolerance.determination-filed.v1", term="备案"):
    subject: str
    filed_with: str


class RectificationCompleted(
    AftermathEvent, topic="tolerance.rectification-completed.v1", term="整改完成"
):
    subject: str
    summary: str


class FollowUpVisitHeld(AftermathEvent, topic="tolerance.follow-up-visit-held.v1", term="回访"):
    subject: str
    visitors: tuple[str, ...]
    summary: str


class CaseClosed(AftermathEvent, topic="tolerance.closed.v1", term="结案"):
    pass


class CaseArchived(AftermathEvent, topic="tolerance.archived.v1", term="归档"):
    archive_number: str


# ---- review and revocation ---------------------------------------------------------------------


class ReviewLodged(AftermathEvent, topic="tolerance.review-lodged.v1", term="申请复核"):
    subject: str
    remedy: str  # id of the remedy in the pack
    grounds: str


class ReviewAdmitted(AftermathEvent, topic="tolerance.review-admitted.v1", term="复核受理"):
    subject: str
    panel: tuple[Member, ...]


class ReviewRefused(AftermathEvent, topic="tolerance.review-refused.v1", term="复核不予受理"):
    subject: str
    explanation: str


class ReviewDecided(AftermathEvent, topic="tolerance.review-decided.v1", term="复核决定"):
    subject: str
    result: ReviewResult
    explanation: str


class DeterminationCorrected(
    AftermathEvent, topic="tolerance.determination-corrected.v1", term="依职权纠正"
):
    subject: str
    by_superior: bool
    explanation: str
    organ: Organ | None = None  # who corrects, where not the organ of the case


class DeterminationRevoked(
    AftermathEvent, topic="tolerance.determination-revoked.v1", term="撤销认定"
):
    subject: str
    cause: RevocationCause
    accountability_resumes: bool
    explanation: str


class DeterminationEnded(DecisionEvent, topic="tolerance.determination-ended.v1", term="认定失效"):
    """By review, correction, revocation or a new determination: it counts no more from here on.

    `determination` is the version of the determination that ends; it stays in the history.
    """

    aspects = ("to_restore",)

    subject: str
    determination: int
    effects_withdrawn: tuple[str, ...]
    restore_in: tuple[str, ...]  # the original scope: whoever was told, wherever it was published

    def names(self) -> frozenset[str]:
        told = {f"{self.name()}:to_restore"} if self.restore_in else set()
        return super().names() | told


class RestorationDone(AftermathEvent, topic="tolerance.restoration-done.v1", term="原范围恢复"):
    aspects = ("complete",)

    subject: str
    scope: str
    manner: str
    remaining: tuple[str, ...] = ()  # where it is still to be done

    def names(self) -> frozenset[str]:
        done = set() if self.remaining else {f"{self.name()}:complete"}
        return super().names() | done


class CaseReopened(AftermathEvent, topic="tolerance.reopened.v1", term="重新审查"):
    subjects: tuple[str, ...]
    explanation: str

    def about(self) -> tuple[str, ...]:
        return self.subjects


# ---- time and edition --------------------------------------------------------------------------


class CaseSuspended(OpeningEvent, topic="tolerance.suspended.v1", term="中止办理"):
    explanation: str


class CaseResumed(OpeningEvent, topic="tolerance.resumed.v1", term="恢复办理"):
    explanation: str


class EditionRepinned(OpeningEvent, topic="tolerance.edition-repinned.v1", term="改适用办法"):
    """From this event on the case stands on another edition; what was done before is not redone."""

    before: str
    after: str
    explanation: str
