"""What may be asked of a tolerance case, in procedural order: each act and its particulars.

`name` is what scenarios, the command line and the API write; `ToleranceCase` has a method of that
name. `label` completes 「不能…」 in a refusal.
"""

from datetime import date, time
from typing import Annotated, TypeVar

from pydantic import AfterValidator, Field, PositiveInt, model_validator

from domain.aggregate import Act, Explained, OfSubject
from domain.duty_acts import AcknowledgeEscalation, ExtendDuty, WaiveDuty
from domain.law.outcomes import Outcome, Relief, Sanction, Treatment, every_treatment
from domain.law.policy import FactorName, Recipient, RecusalGround
from domain.matter import LinkMatter
from domain.papers import Delivery, Document
from domain.people import Members, Organ, Subject
from domain.tolerance.particulars import (
    Applicant,
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
    Voices,
)
from domain.values import Several, Text


def _each_once(subjects: tuple[Subject, ...]) -> tuple[Subject, ...]:
    if len({each.id for each in subjects}) < len(subjects):
        raise ValueError("同一对象写了两次")
    return subjects


def _each_found(factors: SixFactors) -> SixFactors:
    if any(not getattr(factors, name).finding.strip() for name in FactorName):
        raise ValueError("六个方面都要写明研判的结果")
    return factors


# ---- application and acceptance ----------------------------------------------------------------


class Opening(Act):
    """What both tracks begin with."""

    case_number: Text
    organ: Organ
    matter: MatterAnswered
    subjects: Annotated[tuple[Subject, ...], Field(min_length=1), AfterValidator(_each_once)]


class SubmitApplication(Opening, name="submit_application", label="提出申请"):
    applicant: Applicant
    documents: tuple[Document, ...] = ()


class StartExOfficio(Opening, name="start_ex_officio", label="同步启动容错"):
    pass


class AttachApplication(Act, name="attach_application", label="并入申请"):
    applicant: Applicant
    documents: tuple[Document, ...] = ()


class JoinExOfficio(Explained, name="join_ex_officio", label="并入同步考虑"):
    pass


class ReturnForCompletion(Act, name="return_for_completion", label="退回补正"):
    missing: Several


class CompleteApplication(Act, name="complete_application", label="补正申请"):
    applicant: Applicant | None = None  # another takes the application over
    documents: tuple[Document, ...] = ()


class WithdrawApplication(Explained, name="withdraw_application", label="撤回申请"):
    pass


class ContinueExOfficio(Explained, name="continue_ex_officio", label="依职权继续办理"):
    pass


class Transfer(Explained, name="transfer", label="移送"):
    to: Organ


class RecordCoSignature(Explained, name="record_co_signature", label="登记会签意见"):
    organ: Text
    agrees: bool


class Accept(Act, name="accept", label="受理"):
    co_signed_by: tuple[Text, ...] = ()


class Decline(Explained, name="decline", label="作不予受理答复"):
    because: DeclineReason


# ---- team and verification ---------------------------------------------------------------------


class AssignTeam(Act, name="assign_team", label="确定承办人员"):
    members: Members


class RequestRecusal(Explained, name="request_recusal", label="提出回避"):
    officer: Text
    ground: RecusalGround


class DecideRecusal(Explained, name="decide_recusal", label="作回避决定"):
    officer: Text
    stands_back: bool


class OpenVerification(Act, name="open_verification", label="开始核实"):
    team: Members


class RecordEvidence(Act, name="record_evidence", label="登记证据材料"):
    subject: str | None = None  # null where it concerns the whole case
    document: Document
    risk_filed: RiskFiled | None = None


class HearSubject(OfSubject, name="hear_subject", label="听取陈述"):
    statement: Text
    heard_by: Several


class ReviewSixFactors(OfSubject, name="review_six_factors", label="作六看研判"):
    factors: Annotated[SixFactors, AfterValidator(_each_found)]


class CheckList(OfSubject, name="check_list", label="对照清单"):
    answers: dict[str, bool | None]
    repeated_error: bool | None = None


class ReportVerification(Act, name="report_verification", label="提交核实报告"):
    summary: Text


# ---- opinions, consultation, committee ---------------------------------------------------------


class RequestOpinion(Act, name="request_opinion", label="函请征求意见"):
    organ: Text
    question: Text


class RecordOpinion(Act, name="record_opinion", label="登记征求的意见"):
    organ: Text
    opinion: Text
    item: int | None = None  # the request it answers


class HoldConsultation(Act, name="hold_consultation", label="会商"):
    organs: Several
    conclusion: Text
    voices: Voices | None = None


class AssembleCommittee(Act, name="assemble_committee", label="组成评估委员会"):
    seats: Annotated[tuple[Seat, ...], Field(min_length=1)]


class RecordCommitteeVote(OfSubject, name="record_committee_vote", label="登记评估委员会表决"):
    outcome: Outcome
    voices: Voices


# ---- public notice -----------------------------------------------------------------------------


class OpenPublicNotice(Act, name="open_public_notice", label="开始公示"):
    scope: Text


class RaiseObjection(Act, name="raise_objection", label="登记异议"):
    content: Text
    subject: str | None = None
    received_at: time | None = None


class ResolveObjection(Explained, name="resolve_objection", label="处理异议"):
    objection: int
    resolution: Resolution
    changes: tuple[str, ...] = ()


class RestartPublicNotice(OfSubject, name="restart_public_notice", label="重新公示"):
    scope: Text


class ClosePublicNotice(Act, name="close_public_notice", label="结束公示"):
    """Closes the notice of every subject whose period is over; or of the subjects named."""

    subjects: tuple[str, ...] = ()


# ---- determination -----------------------------------------------------------------------------


class DeferDetermination(OfSubject, Explained, name="defer_determination", label="暂缓认定"):
    pass


class IssueConclusiveOpinion(OfSubject, name="issue_conclusive_opinion", label="出具结论性意见"):
    opinion: Text


class Conclusion(OfSubject, Explained):
    """What a proposal and a determination say alike."""

    outcome: Outcome
    sanction: Sanction | None = None
    relief: Relief | None = None
    grades: PositiveInt | None = None
    before: Text | None = None
    after: Text | None = None
    further: tuple[Treatment, ...] = ()
    measures: tuple[Measure, ...] = ()
    situations: tuple[str, ...] = ()
    effects: tuple[str, ...] = ()
    rectification: Rectification | None = None
    rectification_waived: Text | None = None

    def treatments(self) -> tuple[Treatment, ...]:
        return every_treatment(self)


class ProposeDetermination(Conclusion, name="propose_determination", label="提出认定意见"):
    pass


class RequestApproval(OfSubject, name="request_approval", label="报批"):
    approval: str
    of: Text


class GrantApproval(OfSubject, Explained, name="grant_approval", label="批准"):
    approval: str


class RefuseApproval(OfSubject, Explained, name="refuse_approval", label="不予批准"):
    approval: str


class Determine(Conclusion, name="determine", label="认定"):
    effective_on: date | None = None  # the day of the determination unless stated
    decided_by: Text | None = None
    organ: Organ | None = None  # whose determination it is, where not of the organ of the case


# ---- after the determination -------------------------------------------------------------------


class NotifyResult(OfSubject, name="notify_result", label="反馈结果"):
    recipient: Recipient
    delivery: Delivery | None = None
    document: Document | None = None


class RecordReceipt(OfSubject, name="record_receipt", label="登记签收"):
    recipient: Recipient
    received_on: date


class FileDetermination(OfSubject, name="file_determination", label="备案"):
    filed_with: Text


class CompleteRectification(OfSubject, name="complete_rectification", label="登记整改完成"):
    summary: Text


class HoldFollowUpVisit(OfSubject, name="hold_follow_up_visit", label="登记回访"):
    visitors: Several
    summary: Text


class Close(Act, name="close", label="结案"):
    pass


class Archive(Act, name="archive", label="归档"):
    archive_number: Text


# ---- review and revocation ---------------------------------------------------------------------


class LodgeReview(OfSubject, name="lodge_review", label="申请复核"):
    remedy: str
    grounds: Text


class AdmitReview(OfSubject, name="admit_review", label="受理复核"):
    panel: Members


class RefuseReview(OfSubject, Explained, name="refuse_review", label="不予受理复核"):
    pass


class DecideReview(OfSubject, Explained, name="decide_review", label="作复核决定"):
    result: ReviewResult
    conclusion: Determine | None = None  # what takes its place, for `vary`

    @model_validator(mode="after")
    def _says_what_takes_its_place(self) -> "DecideReview":
        return _with_conclusion(self, wanted=self.result is ReviewResult.VARY)


class CorrectExOfficio(OfSubject, Explained, name="correct_ex_officio", label="依职权纠正"):
    by_superior: bool
    conclusion: Determine

    @model_validator(mode="after")
    def _says_what_takes_its_place(self) -> "CorrectExOfficio":
        return _with_conclusion(self, wanted=True)


class RevokeDetermination(OfSubject, Explained, name="revoke_determination", label="撤销认定"):
    cause: RevocationCause
    accountability_resumes: bool


class Restore(OfSubject, name="restore", label="登记原范围恢复"):
    scope: Text
    manner: Text


class Reopen(Explained, name="reopen", label="重新审查"):
    subjects: Several


# ---- time and edition --------------------------------------------------------------------------


class Suspend(Explained, name="suspend", label="中止办理"):
    pass


class Resume(Explained, name="resume", label="恢复办理"):
    pass


class Repin(Explained, name="repin", label="改适用办法"):
    policy: Text


WithConclusion = TypeVar("WithConclusion", "DecideReview", "CorrectExOfficio")


def _with_conclusion(act: WithConclusion, *, wanted: bool) -> WithConclusion:
    if (act.conclusion is not None) != wanted:
        raise ValueError("变更的须写明新的认定（conclusion），其余不写")
    if act.conclusion is not None and act.conclusion.subject != act.subject:
        raise ValueError("新的认定须针对同一对象")
    return act


ACTS: tuple[type[Act], ...] = (
    SubmitApplication,
    StartExOfficio,
    AttachApplication,
    JoinExOfficio,
    ReturnForCompletion,
    CompleteApplication,
    WithdrawApplication,
    ContinueExOfficio,
    Transfer,
    RecordCoSignature,
    Accept,
    Decline,
    AssignTeam,
    RequestRecusal,
    DecideRecusal,
    OpenVerification,
    RecordEvidence,
    HearSubject,
    ReviewSixFactors,
    CheckList,
    ReportVerification,
    RequestOpinion,
    RecordOpinion,
    HoldConsultation,
    AssembleCommittee,
    RecordCommitteeVote,
    OpenPublicNotice,
    RaiseObjection,
    ResolveObjection,
    RestartPublicNotice,
    ClosePublicNotice,
    DeferDetermination,
    IssueConclusiveOpinion,
    ProposeDetermination,
    RequestApproval,
    GrantApproval,
    RefuseApproval,
    Determine,
    NotifyResult,
    RecordReceipt,
    FileDetermination,
    CompleteRectification,
    HoldFollowUpVisit,
    Close,
    Archive,
    LodgeReview,
    AdmitReview,
    RefuseReview,
    DecideReview,
    CorrectExOfficio,
    RevokeDetermination,
    Restore,
    Reopen,
    Suspend,
    Resume,
    ExtendDuty,
    AcknowledgeEscalation,
    WaiveDuty,
    LinkMatter,
    Repin,
)
