"""What can happen in a tolerance case, in procedural order. Stored names never change."""

from datetime import date
from enum import StrEnum
from uuid import UUID

from domain.aggregate import Event
from domain.law.policy import ApplicantKind, Outcome, Relief, Sanction
from domain.people import Organ, Subject
from domain.refusals import Code
from domain.values import Value


class Matter(Value):
    """The accountability proceeding a case answers; several cases may share one."""

    id: UUID
    number: str
    opened_on: date
    organ: Organ  # 责任追究机关


class Applicant(Value):
    id: str
    kind: ApplicantKind
    label: str


class SixFactors(Value):
    """六看: what the review found under each head, in the reviewers' own words."""

    nature: str  # 问题性质
    basis: str  # 工作依据
    motive: str  # 主观动机
    decision_process: str  # 决策过程
    consequences: str  # 后果影响
    corrective_attitude: str  # 纠错态度


class Rectification(Value):
    """What must be put right; a favourable determination carries one (容纠并举)."""

    items: tuple[str, ...]
    by: str  # who puts it right


class Recipient(StrEnum):
    """Who is told the result (反馈)."""

    APPLICANT = "applicant"  # 申请单位或申请人
    SUBJECT = "subject"  # 本人
    PERSONNEL_ORGAN = "personnel_organ"  # 组织人事部门


class Measure(StrEnum):
    """What is done instead of, or in spite of, tolerance."""

    REMINDER_TALK = "reminder_talk"  # 谈话提醒
    CRITICISM = "criticism"  # 批评教育
    SELF_CRITICISM = "self_criticism"  # 责令检查
    ADMONITION_TALK = "admonition_talk"  # 诫勉谈话
    CIRCULAR = "circular"  # 通报
    SERIOUS_WARNING = "serious_warning"  # 党内严重警告


class Resolution(StrEnum):
    UPHELD = "upheld"  # 成立
    REJECTED = "rejected"  # 不成立


class CaseEvent(Event):
    pass


class ToleranceApplied(CaseEvent, topic="tolerance.applied.v1", term="申请提出"):
    case_number: str
    organ: Organ
    matter: Matter
    subjects: tuple[Subject, ...]
    applicant: Applicant


class ExOfficioStarted(CaseEvent, topic="tolerance.started-ex-officio.v1", term="同步启动"):
    """双轨制的另一轨: the accountability organ itself considers tolerance; no acceptance needed."""

    case_number: str
    organ: Organ
    matter: Matter
    subjects: tuple[Subject, ...]


class CaseAccepted(CaseEvent, topic="tolerance.accepted.v1", term="受理"):
    co_signed_by: tuple[str, ...] = ()


class AcceptanceRefused(CaseEvent, topic="tolerance.acceptance-refused.v1", term="不予受理"):
    """An event, because the law answers the applicant."""

    because: Code
    explanation: str


class VerificationOpened(CaseEvent, topic="tolerance.verification-opened.v1", term="核实开始"):
    team: tuple[str, ...]


class SixFactorsReviewed(CaseEvent, topic="tolerance.six-factors-reviewed.v1", term="六看研判"):
    subject: str
    factors: SixFactors


class ListChecked(CaseEvent, topic="tolerance.list-checked.v1", term="清单对照"):
    """`answers`: item id → applies, does not apply, or not known (null)."""

    subject: str
    answers: dict[str, bool | None]


class VerificationReported(CaseEvent, topic="tolerance.verification-reported.v1", term="核实报告"):
    summary: str


class OpinionReceived(CaseEvent, topic="tolerance.opinion-received.v1", term="征求意见"):
    organ: str
    opinion: str


class JointConsultationHeld(CaseEvent, topic="tolerance.joint-consultation-held.v1", term="会商"):
    organs: tuple[str, ...]
    conclusion: str


class PublicNoticeOpened(CaseEvent, topic="tolerance.public-notice-opened.v1", term="公示开始"):
    scope: str
    ends_on: date  # the last day of the notice


class ObjectionRaised(CaseEvent, topic="tolerance.objection-raised.v1", term="异议"):
    objection: int  # numbered within the case
    content: str


class ObjectionResolved(CaseEvent, topic="tolerance.objection-resolved.v1", term="异议处理"):
    objection: int
    resolution: Resolution
    explanation: str


class PublicNoticeClosed(CaseEvent, topic="tolerance.public-notice-closed.v1", term="公示结束"):
    pass


class DeterminationDeferred(
    CaseEvent, topic="tolerance.determination-deferred.v1", term="暂缓认定"
):
    subject: str
    explanation: str


class SubjectDetermined(CaseEvent, topic="tolerance.determined.v1", term="认定"):
    """One subject's outcome. The case has none of its own."""

    aspects = ("favourable", "no_tolerance")

    subject: str
    outcome: Outcome
    sanction: Sanction | None
    relief: Relief | None
    measures: tuple[Measure, ...]
    situations: tuple[str, ...]
    effects: tuple[str, ...]
    explanation: str
    rectification: Rectification | None
    effective_on: date

    def names(self) -> frozenset[str]:
        aspect = "favourable" if self.outcome.favourable else "no_tolerance"
        return super().names() | {f"{self.name()}:{aspect}"}


class ResultNotified(CaseEvent, topic="tolerance.result-notified.v1", term="反馈"):
    aspects = tuple(Recipient)

    subject: str
    recipient: Recipient

    def names(self) -> frozenset[str]:
        return super().names() | {f"{self.name()}:{self.recipient}"}


class DeterminationFiled(CaseEvent, topic="tolerance.determination-filed.v1", term="备案"):
    subject: str
    filed_with: str


class RectificationCompleted(
    CaseEvent, topic="tolerance.rectification-completed.v1", term="整改完成"
):
    subject: str
    summary: str


class FollowUpVisitHeld(CaseEvent, topic="tolerance.follow-up-visit-held.v1", term="回访"):
    subject: str
    visitors: tuple[str, ...]
    summary: str


class CaseClosed(CaseEvent, topic="tolerance.closed.v1", term="结案"):
    pass
