"""What the acts and events of a tolerance case are made of: small values, in procedural order."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import (
    BeforeValidator,
    Field,
    SerializerFunctionWrapHandler,
    model_serializer,
)

from domain.law.policy import ApplicantKind, FactorName, RecusalGround
from domain.people import Organ
from domain.values import Text, Value


class MatterAnswered(Value):
    """The accountability proceeding a case answers; several cases may share one."""

    id: UUID
    number: str
    opened_on: date
    organ: Organ  # 责任追究机关
    conduct_on: date | None = None  # 行为发生之日
    decided_on: date | None = None  # 问责决定之日，尚未决定为空
    handlers: tuple[str, ...] = ()  # who handled it; they may not handle its tolerance


class Applicant(Value):
    id: str
    kind: ApplicantKind
    label: str


class RiskFiled(Value):
    """事前风险报备 as evidence: when it was answered, and how."""

    number: Text
    answered_on: date
    agreed: bool


class DeclineReason(StrEnum):
    """Why an application is not accepted (不予受理)."""

    LATE = "late"  # 逾期
    NO_MATTER = "no_matter"  # 没有所涉问责事项
    OUT_OF_SCOPE = "out_of_scope"  # 不属适用范围
    NOT_COMPETENT = "not_competent"  # 不属本机关管辖
    DUPLICATE = "duplicate"  # 已有案件
    WRONG_APPLICANT = "wrong_applicant"  # 申请主体不符
    NEGATIVE_LIST = "negative_list"  # 属不予容错情形
    PRE_ENTRY_INTO_FORCE = "pre_entry_into_force"  # 施行前已问责
    INCOMPLETE = "incomplete"  # 材料不全且未补正
    REPEATED_SAME_ERROR = "repeated_same_error"  # 同一错误再次发生
    CO_SIGNATURE_REFUSED = "co_signature_refused"  # 会同机关不同意


class CoSignature(Value):
    """What a co-signing organ answered (会签)."""

    organ: Text
    agrees: bool
    explanation: Text


class Conflict(Value):
    """A ground for standing back found between an officer and this case."""

    officer: str
    ground: RecusalGround


class Leaning(StrEnum):
    """Which way a factor speaks."""

    FAVOURABLE = "favourable"  # 有利于容错
    NEUTRAL = "neutral"
    ADVERSE = "adverse"  # 不利于容错


def _found(told: Any) -> Any:
    return {"finding": told} if isinstance(told, str) else told


class FactorTold(Value):
    """What was found under one head, in the reviewers' own words; `leans` null where unsaid."""

    finding: str
    leans: Leaning | None = None

    @model_serializer(mode="wrap")
    def _as_told(self, whole: SerializerFunctionWrapHandler) -> str | dict[str, Any]:
        told: dict[str, Any] = whole(self)
        return self.finding if self.leans is None else told


Factor = Annotated[FactorTold, BeforeValidator(_found)]  # bare words are a finding too


FACTORS = {
    FactorName.NATURE: "问题性质",
    FactorName.BASIS: "工作依据",
    FactorName.MOTIVE: "主观动机",
    FactorName.DECISION_PROCESS: "决策过程",
    FactorName.CONSEQUENCES: "后果影响",
    FactorName.CORRECTIVE_ATTITUDE: "纠错态度",
}


class SixFactors(Value):
    """六看."""

    nature: Factor  # 问题性质
    basis: Factor  # 工作依据
    motive: Factor  # 主观动机
    decision_process: Factor  # 决策过程
    consequences: Factor  # 后果影响
    corrective_attitude: Factor  # 纠错态度

    def leaning(self, leans: Leaning) -> list[FactorName]:
        return [name for name in FactorName if getattr(self, name).leans is leans]


class View(StrEnum):
    """What one of those consulted holds."""

    AGREES = "agrees"  # 同意
    DISAGREES = "disagrees"  # 不同意
    RESERVES = "reserves"  # 保留意见


class Voice(Value):
    """One organ's or member's view; a dissent is kept with its words."""

    of: Text
    view: View
    words: str | None = None


Voices = Annotated[tuple[Voice, ...], Field(min_length=1)]


class Seat(Value):
    """A member of the assessing committee and the circle spoken for."""

    member: Text
    stands_for: Text


class Resolution(StrEnum):
    UPHELD = "upheld"  # 成立
    REJECTED = "rejected"  # 不成立


class Measure(StrEnum):
    """What is done instead of, or in spite of, tolerance."""

    REMINDER_TALK = "reminder_talk"  # 谈话提醒
    WARNING_TALK = "warning_talk"  # 提醒约谈
    CRITICISM = "criticism"  # 批评教育
    SELF_CRITICISM = "self_criticism"  # 责令检查
    ORDERED_CORRECTION = "ordered_correction"  # 责令纠正
    ADMONITION_TALK = "admonition_talk"  # 诫勉谈话
    DISCIPLINE_PROPOSAL = "discipline_proposal"  # 纪检监察建议书
    CIRCULAR = "circular"  # 通报
    SERIOUS_WARNING = "serious_warning"  # 党内严重警告


class Rectification(Value):
    """What must be put right; a favourable determination carries one (容纠并举)."""

    items: tuple[str, ...]
    by: str  # who puts it right


class ReviewResult(StrEnum):
    """What a review comes to."""

    UPHOLD = "uphold"  # 维持
    VARY = "vary"  # 变更
    REVOKE = "revoke"  # 撤销
    REMAND = "remand"  # 发回重新认定


class RevocationCause(StrEnum):
    """Why a determination is withdrawn for cause."""

    FALSE_MATERIAL = "false_material"  # 材料虚假
    PRIVATE_GAIN = "private_gain"  # 查明谋取私利
    CONCEALED_FACTS = "concealed_facts"  # 隐瞒重要事实
    UNLAWFUL_PROCEDURE = "unlawful_procedure"  # 程序违法
    OTHER = "other"
