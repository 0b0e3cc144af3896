"""What can happen in a review, in procedural order."""

from datetime import date
from enum import StrEnum

from domain.aggregate import Event
from domain.papers import Delivery
from domain.people import Member, Organ
from domain.staged import MatterOpened


class RemedyId(StrEnum):
    """The remedies that instruments may have; a time limit can be set for each of them."""

    REVIEW = "review"  # 复审
    RE_REVIEW = "re_review"  # 复核
    COMPLAINT = "complaint"  # 对措施的申诉
    COMPLAINT_REVIEW = "complaint_review"  # 对申诉处理的复查
    RECONSIDERATION = "reconsideration"  # 复议复查
    APPEAL = "appeal"  # 问责申诉


class Ruling(StrEnum):
    """What becomes of the decision that was looked at again."""

    UPHOLD = "uphold"  # 维持
    VARY = "vary"  # 变更
    REVOKE = "revoke"  # 撤销
    REMAND = "remand"  # 撤销并重新作出


class Recipient(StrEnum):
    """Who is told of the result."""

    APPLICANT = "applicant"  # 申请人
    PARTY_ORGANIZATION = "party_organization"  # 所在党组织
    DECIDING_ORGAN = "deciding_organ"  # 原决定机关
    PERSONNEL_ORGAN = "personnel_organ"  # 组织人事部门


class ReviewOpened(MatterOpened, topic="review.opened.v1", term="提出申诉复核"):
    """`handlers` investigated or adjudicated what is attacked; `forms` are what it imposed."""

    aspects = tuple(RemedyId)

    remedy: str
    attacked: str
    attacked_kind: str
    decided_on: date
    received_on: date
    decided_by: Organ
    handlers: tuple[str, ...] = ()
    published_in: tuple[str, ...] = ()
    forms: tuple[str, ...] = ()
    grade: int | None = None
    after: str | None = None
    grounds: str | None = None

    def names(self) -> frozenset[str]:
        return super().names() | {f"{self.name()}:{self.remedy}"}


class ReviewApplicationDeclined(Event, topic="review.declined.v1", term="不受理申诉复核"):
    explanation: str


class ReviewApplicationAdmitted(Event, topic="review.admitted.v1", term="受理申诉复核"):
    aspects = tuple(RemedyId)

    remedy: str
    panel: tuple[Member, ...]

    def names(self) -> frozenset[str]:
        return super().names() | {f"{self.name()}:{self.remedy}"}


class ReviewWithdrawn(Event, topic="review.withdrawn.v1", term="撤回申诉复核"):
    explanation: str


class ApplicantHeard(Event, topic="review.applicant-heard.v1", term="听取申请人"):
    statement: str
    heard_by: tuple[str, ...]


class DecisionReviewed(Event, topic="review.decided.v1", term="申诉复核决定"):
    """`forms` and `grade` take the place of those of the decision, for `vary`.

    `to_restore`: where the decision had been published, now that it is revoked.
    """

    aspects = (*Ruling, "to_restore")

    subject: str
    result: Ruling
    explanation: str
    forms: tuple[str, ...] = ()
    grade: int | None = None
    to_restore: tuple[str, ...] = ()

    def names(self) -> frozenset[str]:
        told = (self.result, "to_restore") if self.to_restore else (self.result,)
        return super().names() | {f"{self.name()}:{each}" for each in told}


class ReviewResultNotified(Event, topic="review.result-notified.v1", term="告知复核结果"):
    """`copied`: sent as a copy (抄送)."""

    aspects = (*Recipient, "copied")

    recipient: Recipient
    copied: bool = False
    delivery: Delivery | None = None

    def names(self) -> frozenset[str]:
        told = (self.recipient, "copied") if self.copied else (self.recipient,)
        return super().names() | {f"{self.name()}:{each}" for each in told}


class ReviewResultAnnounced(Event, topic="review.result-announced.v1", term="宣布复核结果"):
    scope: str


class ScopeRestored(Event, topic="review.scope-restored.v1", term="原范围恢复名誉"):
    """`remaining`: the scopes in which the name is still to be cleared."""

    aspects = ("all",)

    scope: str
    manner: str
    pay_compensated: bool = False
    remaining: tuple[str, ...]

    def names(self) -> frozenset[str]:
        return super().names() | (set() if self.remaining else {f"{self.name()}:all"})


class ReviewClosed(Event, topic="review.closed.v1", term="申诉复核了结"):
    pass
