"""What can happen in an accountability proceeding, in procedural order."""

from datetime import date
from enum import StrEnum

from domain.aggregate import Event
from domain.law.deadline_rules import StartDate
from domain.people import Organ, SubjectKind
from domain.staged import MatterOpened
from domain.values import Text, Value


class Screening(StrEnum):
    """Whether tolerance is to be considered (同步考虑的结果)."""

    TRIGGERED = "triggered"  # 应启动容错
    NOT_APPLICABLE = "not_applicable"  # 不适用容错


class Responsibility(StrEnum):
    """Which share of the responsibility a subject bears (问责条例第六条)."""

    FULL = "full"  # 全面领导责任
    MAIN = "main"  # 主要领导责任
    IMPORTANT = "important"  # 重要领导责任


class Spared(StrEnum):
    """Two acts in law: nothing to hold them for, or held back although there is."""

    NOT_HELD = "not_held"  # 不予问责
    WAIVED = "waived"  # 免予问责


class SparedFor(StrEnum):
    """On what a subject is not held to account."""

    TOLERANCE = "tolerance"  # 依容错认定
    LISTED = "listed"  # 属办法列明的情形
    OTHER = "other"  # 其他


class Change(StrEnum):
    """What becomes of a decision that is looked at again."""

    UPHOLD = "uphold"  # 维持
    VARY = "vary"  # 变更
    REVOKE = "revoke"  # 撤销


class SelfCriticism(StrEnum):
    """How it is made (检讨)."""

    WRITTEN = "written"  # 书面检讨
    MEETING = "meeting"  # 会议上检查


FORMS = (  # those of 问责条例第八条: by these names a time limit may tell decisions apart
    "self_examination",  # 检查
    "circular",  # 通报
    "reorganization",  # 改组
    "admonition",  # 诫勉
    "organizational",  # 组织调整或者组织处理
    "discipline",  # 处分
)


class EarlierAccountability(Value):
    """An earlier time the same subject was held to account, as their own ledger has it."""

    number: Text
    decided_on: date


class AccountabilityOpened(MatterOpened, topic="accountability.opened.v1", term="启动问责程序"):
    """`number` names the proceeding; tolerance cases refer to the matter by this stream's id."""

    conduct_on: date | None = None
    handlers: tuple[str, ...] = ()
    screening_required: bool = False


class ToleranceScreened(Event, topic="accountability.screened.v1", term="同步考虑容错"):
    subject: str
    result: Screening
    explanation: str


class ToleranceReferred(Event, topic="accountability.tolerance-referred.v1", term="进入容错程序"):
    """From here on these subjects have an open tolerance case."""

    case_number: str
    subjects: tuple[str, ...]


class ToleranceReturned(Event, topic="accountability.tolerance-returned.v1", term="容错程序了结"):
    case_number: str


class AuthorityRecorded(Event, topic="accountability.authority-recorded.v1", term="登记管理权限"):
    """Which committee manages the subject, and which organ may therefore decide."""

    subject: str
    managed_by: str
    organ: Organ


class ResponsibilitySplit(
    Event, topic="accountability.responsibility-split.v1", term="划分领导责任"
):
    subject: str
    responsibility: Responsibility
    explanation: str


class SubjectTransferred(Event, topic="accountability.subject-transferred.v1", term="移送对象"):
    """Another organ has the authority: this proceeding decides nothing about the subject."""

    subject: str
    to: Organ
    explanation: str


class SubjectHeldAccountable(Event, topic="accountability.subject-held.v1", term="对其问责"):
    """The decision about one subject; forms, situations and the rest by their ids.

    `subject_kind` and `to_publish` (a form that is in general made public) are what duties differ
    by; both are told by the guard.
    """

    aspects = (*SubjectKind, *FORMS, "to_publish")
    starts = ((StartDate.DECISION, "on"), (StartDate.EFFECT, "effective_on"))

    subject: str
    subject_kind: SubjectKind
    forms: tuple[str, ...]
    measures: tuple[str, ...]
    situations: tuple[str, ...]
    mitigating: tuple[str, ...]
    aggravating: tuple[str, ...]
    earlier: tuple[EarlierAccountability, ...]
    explanation: str
    effective_on: date
    to_publish: bool

    def names(self) -> frozenset[str]:
        told = [self.subject_kind, *self.forms, *(["to_publish"] if self.to_publish else [])]
        return super().names() | {f"{self.name()}:{each}" for each in told}


class SubjectNotHeld(Event, topic="accountability.subject-not-held.v1", term="不予免予问责"):
    subject: str
    result: Spared
    basis: SparedFor
    situations: tuple[str, ...]
    explanation: str


class AccountabilityDecided(Event, topic="accountability.decided.v1", term="问责决定"):
    """No person's outcome: only that the proceeding came to its decision, and when."""

    starts = ((StartDate.DECISION, "on"),)

    explanation: str


class DecisionAnnounced(Event, topic="accountability.announced.v1", term="宣布问责决定"):
    subject: str
    to: str


class PersonnelOrganInformed(
    Event, topic="accountability.personnel-organ-informed.v1", term="通报组织人事"
):
    subject: str
    to: str


class FormalitiesCompleted(
    Event, topic="accountability.formalities-completed.v1", term="办毕组织手续"
):
    subject: str
    summary: str


class DecisionArchived(Event, topic="accountability.decision-archived.v1", term="归入个人档案"):
    subject: str
    archive_number: str


class SelfCriticismMade(Event, topic="accountability.self-criticism-made.v1", term="作出检讨"):
    aspects = (*SelfCriticism,)

    subject: str
    way: SelfCriticism
    to: str

    def names(self) -> frozenset[str]:
        return super().names() | {f"{self.name()}:{self.way}"}


class DecisionPublicized(Event, topic="accountability.publicized.v1", term="公开问责决定"):
    subject: str
    where: str


class AccountabilityClosed(Event, topic="accountability.closed.v1", term="问责了结"):
    pass


class AccountabilityResumed(Event, topic="accountability.resumed.v1", term="恢复问责"):
    """Their tolerance was revoked: whatever was decided about this subject is decided anew.

    `after_decision`: the proceeding as a whole had come to its decision by then.
    """

    subject: str
    after_decision: bool
    explanation: str


class DecisionChanged(Event, topic="accountability.decision-changed.v1", term="问责决定改变"):
    """After a review, or corrected by the organ or its superior.

    `forms` and `measures` are those now in force, `added` and `dropped` the forms that are so
    because of it; `restore_in` is the original scope: whoever was told, wherever it was published.
    """

    aspects = (
        *Change,
        *FORMS,
        *(f"without_{form}" for form in FORMS),
        "to_restore",
        "not_to_publish",
    )
    starts = ((StartDate.DECISION, "on"),)

    subject: str
    result: Change
    forms: tuple[str, ...]
    measures: tuple[str, ...]
    added: tuple[str, ...]
    dropped: tuple[str, ...]
    restore_in: tuple[str, ...]
    to_publish: bool
    explanation: str

    def names(self) -> frozenset[str]:
        told = [self.result, *self.added, *(f"without_{form}" for form in self.dropped)]
        told += ["to_restore"] if self.restore_in else []
        told += [] if self.to_publish else ["not_to_publish"]
        return super().names() | {f"{self.name()}:{each}" for each in told}


class SubjectRestored(Event, topic="accountability.subject-restored.v1", term="问责后恢复"):
    aspects = ("complete",)

    subject: str
    scope: str
    manner: str
    remaining: tuple[str, ...] = ()  # where it is still to be done

    def names(self) -> frozenset[str]:
        done = set() if self.remaining else {f"{self.name()}:complete"}
        return super().names() | done
