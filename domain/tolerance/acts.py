"""What may be asked of a tolerance case, in procedural order: each act and its particulars.

`name` is what scenarios, the command line and the API write; `ToleranceCase` has a method of that
name. `label` completes 「不能…」 in a refusal.
"""

from datetime import date, time
from typing import Annotated, ClassVar, TypeVar

from pydantic import AfterValidator, Field, PositiveInt, model_validator

from domain.aggregate import Act
from domain.law.outcomes import Outcome, Relief, Sanction, Treatment
from domain.law.policy import FactorName, Recipient, RecusalGround
from domain.people import Organ, Subject
from domain.tolerance.particulars import (
    Applicant,
    DeclineReason,
    Delivery,
    Document,
    Matter,
    Measure,
    Members,
    Rectification,
    Resolution,
    ReviewResult,
    RevocationCause,
    RiskFiled,
    Seat,
    Several,
    SixFactors,
    Text,
    Voices,
)


def _each_once(subjects: tuple[Subject, ...]) -> tuple[Subject, ...]:
    if len({each.id for each in subjects}) < len(subjects):
        raise ValueError("同一对象写了两次")
    return subjects


def _each_found(factors: SixFactors) -> SixFactors:
    if any(not getattr(factors, name).finding.strip() for name in FactorName):
        raise ValueError("六个方面都要写明研判的结果")
    return factors


class OfSubject(Act):
    """An act about one subject of the case."""

    subject: str


class Explained(Act):
    """An act that must say why."""

    explanation: Text


# ---- application and acceptance ----------------------------------------------------------------


class Opening(Act):
    """What both tracks begin with."""

    case_number: Text
    organ: Organ
    matter: Matter
    subjects: Annotated[tuple[Subject, ...], Field(min_length=1), AfterValidator(_each_once)]


class SubmitApplication(Opening):
    name: ClassVar[str] = "submit_application"
    label: ClassVar[str] = "提出申请"

    applicant: Applicant
    documents: tuple[Document, ...] = ()


class StartExOfficio(Opening):
    name: ClassVar[str] = "start_ex_officio"
    label: ClassVar[str] = "同步启动容错"


class AttachApplication(Act):
    name: ClassVar[str] = "attach_application"
    label: ClassVar[str] = "并入申请"

    applicant: Applicant
    documents: tuple[Document, ...] = ()


class JoinExOfficio(Explained):
    name: ClassVar[str] = "join_ex_officio"
    label: ClassVar[str] = "并入同步考虑"


class ReturnForCompletion(Act):
    name: ClassVar[str] = "return_for_completion"
    label: ClassVar[str] = "退回补正"

    missing: Several


class CompleteApplication(Act):
    name: ClassVar[str] = "complete_application"
    label: ClassVar[str] = "补正申请"

    applicant: Applicant | None = None  # another takes the application over
    documents: tuple[Document, ...] = ()


class WithdrawApplication(Explained):
    name: ClassVar[str] = "withdraw_application"
    label: ClassVar[str] = "撤回申请"


class ContinueExOfficio(Explained):
    name: ClassVar[str] = "continue_ex_officio"
    label: ClassVar[str] = "依职权继续办理"


class Transfer(Explained):
    name: ClassVar[str] = "transfer"
    label: ClassVar[str] = "移送"

    to: Organ


class RecordCoSignature(Explained):
    name: ClassVar[str] = "record_co_signature"
    label: ClassVar[str] = "登记会签意见"

    organ: Text
    agrees: bool


class Accept(Act):
    name: ClassVar[str] = "accept"
    label: ClassVar[str] = "受理"

    co_signed_by: tuple[Text, ...] = ()


class Decline(Explained):
    name: ClassVar[str] = "decline"
    label: ClassVar[str] = "作不予受理答复"

    because: DeclineReason


# ---- team and verification ---------------------------------------------------------------------


class AssignTeam(Act):
    name: ClassVar[str] = "assign_team"
    label: ClassVar[str] = "确定承办人员"

    members: Members


class RequestRecusal(Explained):
    name: ClassVar[str] = "request_recusal"
    label: ClassVar[str] = "提出回避"

    officer: Text
    ground: RecusalGround


class DecideRecusal(Explained):
    name: ClassVar[str] = "decide_recusal"
    label: ClassVar[str] = "作回避决定"

    officer: Text
    stands_back: bool


class OpenVerification(Act):
    name: ClassVar[str] = "open_verification"
    label: ClassVar[str] = "开始核实"

    team: Members


class RecordEvidence(Act):
    name: ClassVar[str] = "record_evidence"
    label: ClassVar[str] = "登记证据材料"

    subject: str | None = None  # null where it concerns the whole case
    document: Document
    risk_filed: RiskFiled | None = None


class HearSubject(OfSubject):
    name: ClassVar[str] = "hear_subject"
    label: ClassVar[str] = "听取陈述"

    statement: Text
    heard_by: Several


class ReviewSixFactors(OfSubject):
    name: ClassVar[str] = "review_six_factors"
    label: ClassVar[str] = "作六看研判"

    factors: Annotated[SixFactors, AfterValidator(_each_found)]


class CheckList(OfSubject):
    name: ClassVar[str] = "check_list"
    label: ClassVar[str] = "对照清单"

    answers: dict[str, bool | None]
    repeated_error: bool | None = None


class ReportVerification(Act):
    name: ClassVar[str] = "report_verification"
    label: ClassVar[str] = "提交核实报告"

    summary: Text


# ---- opinions, consultation, committee ---------------------------------------------------------


class RequestOpinion(Act):
    name: ClassVar[str] = "request_opinion"
    label: ClassVar[str] = "函请征求意见"

    organ: Text
    question: Text


class RecordOpinion(Act):
    name: ClassVar[str] = "record_opinion"
    label: ClassVar[str] = "登记征求的意见"

    organ: Text
    opinion: Text
    item: int | None = None  # the request it answers


class HoldConsultation(Act):
    name: ClassVar[str] = "hold_consultation"
    label: ClassVar[str] = "会商"

    organs: Several
    conclusion: Text
    voices: Voices | None = None


class AssembleCommittee(Act):
    name: ClassVar[str] = "assemble_committee"
    label: ClassVar[str] = "组成评估委员会"

    seats: Annotated[tuple[Seat, ...], Field(min_length=1)]


class RecordCommitteeVote(OfSubject):
    name: ClassVar[str] = "record_committee_vote"
    label: ClassVar[str] = "登记评估委员会表决"

    outcome: Outcome
    voices: Voices


# ---- public notice -----------------------------------------------------------------------------


class OpenPublicNotice(Act):
    name: ClassVar[str] = "open_public_notice"
    label: ClassVar[str] = "开始公示"

    scope: Text


class RaiseObjection(Act):
    name: ClassVar[str] = "raise_objection"
    label: ClassVar[str] = "登记异议"

    content: Text
    subject: str | None = None
    received_at: time | None = None


class ResolveObjection(Explained):
    name: ClassVar[str] = "resolve_objection"
    label: ClassVar[str] = "处理异议"

    objection: int
    resolution: Resolution
    changes: tuple[str, ...] = ()


class RestartPublicNotice(OfSubject):
    name: ClassVar[str] = "restart_public_notice"
    label: ClassVar[str] = "重新公示"

    scope: Text


class ClosePublicNotice(Act):
    """Closes the notice of every subject whose period is over; or of the subjects named."""

    name: ClassVar[str] = "close_public_notice"
    label: ClassVar[str] = "结束公示"

    subjects: tuple[str, ...] = ()


# ---- determination -----------------------------------------------------------------------------


class DeferDetermination(OfSubject, Explained):
    name: ClassVar[str] = "defer_determination"
    label: ClassVar[str] = "暂缓认定"


class IssueConclusiveOpinion(OfSubject):
    name: ClassVar[str] = "issue_conclusive_opinion"
    label: ClassVar[str] = "出具结论性意见"

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
        first = Treatment(
            sanction=self.sanction,
            relief=self.relief,
            grades=self.grades,
            before=self.before,
            after=self.after,
        )
        return (first, *self.further)


class ProposeDetermination(Conclusion):
    name: ClassVar[str] = "propose_determination"
    label: ClassVar[str] = "提出认定意见"


class RequestApproval(OfSubject):
    name: ClassVar[str] = "request_approval"
    label: ClassVar[str] = "报批"

    approval: str
    of: Text


class GrantApproval(OfSubject, Explained):
    name: ClassVar[str] = "grant_approval"
    label: ClassVar[str] = "批准"

    approval: str


class RefuseApproval(OfSubject, Explained):
    name: ClassVar[str] = "refuse_approval"
    label: ClassVar[str] = "不予批准"

    approval: str


class Determine(Conclusion):
    name: ClassVar[str] = "determine"
    label: ClassVar[str] = "认定"

    effective_on: date | None = None  # the day of the determination unless stated
    decided_by: Text | None = None
    organ: Organ | None = None  # whose determination it is, where not of the organ of the case


# ---- after the determination -------------------------------------------------------------------


class NotifyResult(OfSubject):
    name: ClassVar[str] = "notify_result"
    label: ClassVar[str] = "反馈结果"

    recipient: Recipient
    delivery: Delivery | None = None
    document: Document | None = None


class RecordReceipt(OfSubject):
    name: ClassVar[str] = "record_receipt"
    label: ClassVar[str] = "登记签收"

    recipient: Recipient
    received_on: date


class FileDetermination(OfSubject):
    name: ClassVar[str] = "file_determination"
    label: ClassVar[str] = "备案"

    filed_with: Text


class CompleteRectification(OfSubject):
    name: ClassVar[str] = "complete_rectification"
    label: ClassVar[str] = "登记整改完成"

    summary: Text


class HoldFollowUpVisit(OfSubject):
    name: ClassVar[str] = "hold_follow_up_visit"
    label: ClassVar[str] = "登记回访"

    visitors: Several
    summary: Text


class Close(Act):
    name: ClassVar[str] = "close"
    label: ClassVar[str] = "结案"


class Archive(Act):
    name: ClassVar[str] = "archive"
    label: ClassVar[str] = "归档"

    archive_number: Text


# ---- review and revocation ---------------------------------------------------------------------


class LodgeReview(OfSubject):
    name: ClassVar[str] = "lodge_review"
    label: ClassVar[str] = "申请复核"

    remedy: str
    grounds: Text


class AdmitReview(OfSubject):
    name: ClassVar[str] = "admit_review"
    label: ClassVar[str] = "受理复核"

    panel: Members


class RefuseReview(OfSubject, Explained):
    name: ClassVar[str] = "refuse_review"
    label: ClassVar[str] = "不予受理复核"


class DecideReview(OfSubject, Explained):
    name: ClassVar[str] = "decide_review"
    label: ClassVar[str] = "作复核决定"

    result: ReviewResult
    conclusion: Determine | None = None  # what takes its place, for `vary`

    @model_validator(mode="after")
    def _says_what_takes_its_place(self) -> "DecideReview":
        return _with_conclusion(self, wanted=self.result is ReviewResult.VARY)


class CorrectExOfficio(OfSubject, Explained):
    name: ClassVar[str] = "correct_ex_officio"
    label: ClassVar[str] = "依职权纠正"

    by_superior: bool
    conclusion: Determine

    @model_validator(mode="after")
    def _says_what_takes_its_place(self) -> "CorrectExOfficio":
        return _with_conclusion(self, wanted=True)


class RevokeDetermination(OfSubject, Explained):
    name: ClassVar[str] = "revoke_determination"
    label: ClassVar[str] = "撤销认定"

    cause: RevocationCause
    accountability_resumes: bool


class Restore(OfSubject):
    name: ClassVar[str] = "restore"
    label: ClassVar[str] = "登记原范围恢复"

    scope: Text
    manner: Text


class Reopen(Explained):
    name: ClassVar[str] = "reopen"
    label: ClassVar[str] = "重新审查"

    subjects: Several


# ---- time and edition --------------------------------------------------------------------------


class Suspend(Explained):
    name: ClassVar[str] = "suspend"
    label: ClassVar[str] = "中止办理"


class Resume(Explained):
    name: ClassVar[str] = "resume"
    label: ClassVar[str] = "恢复办理"


class ExtendDuty(Explained):
    """`amount` in the unit the rule extends by; the whole of what the rule allows unless stated."""

    name: ClassVar[str] = "extend_duty"
    label: ClassVar[str] = "延长期限"

    duty: Text
    approved_by: Text
    amount: PositiveInt | None = None


class Repin(Explained):
    name: ClassVar[str] = "repin"
    label: ClassVar[str] = "改适用办法"

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
    Repin,
)
