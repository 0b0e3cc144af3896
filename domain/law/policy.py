"""A policy pack, typed: what one instrument says, article by article, and what it leaves open.

Nothing is implied. Where instruments differ a pack must say which way it goes; `None` means that
the source does not tell, `confirmed: false` that the value is read into the text or not verified.
"""

from collections.abc import Iterator
from datetime import date, time
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    Field,
    PositiveInt,
    StrictBool,
    StringConstraints,
    model_validator,
)

from domain.law.deadline_rules import DeadlineRule, Ladder
from domain.law.outcomes import Outcome, Permitted, Sanction
from domain.law.periods import TimeUnit
from domain.law.situations import Listed, SituationList
from domain.people import OrganLevel
from domain.values import Value


def _a_day_that_exists(told: str) -> str:
    _earliest(told)
    return told


def _earliest(told: str) -> date:
    year, month, day = (*(int(part) for part in told.split("-")), 1, 1)[:3]
    try:
        return date(year, month, day)
    except ValueError:
        raise ValueError(f"没有 {told} 这一天") from None


PartialDate = Annotated[
    str,
    StringConstraints(pattern=r"^\d{4}(-\d{2}(-\d{2})?)?$"),
    AfterValidator(_a_day_that_exists),
]


class Track(StrEnum):
    """How a case begins (双轨制)."""

    APPLICATION = "application"  # 依申请
    EX_OFFICIO = "ex_officio"  # 责任追究机关同步考虑


class ApplicantKind(StrEnum):
    PERSON = "person"  # 本人
    UNIT = "unit"  # 单位
    PARTY_COMMITTEE = "party_committee"  # 单位党委（党组）


class Recipient(StrEnum):
    """Who is told the result (反馈)."""

    APPLICANT = "applicant"  # 申请单位或申请人
    SUBJECT = "subject"  # 本人
    UNIT = "unit"  # 所在单位党组织
    PERSONNEL_ORGAN = "personnel_organ"  # 组织人事部门
    DISCIPLINE_ORGAN = "discipline_organ"  # 同级纪检监察机关


class FactorName(StrEnum):
    """六看."""

    NATURE = "nature"  # 问题性质
    BASIS = "basis"  # 工作依据
    MOTIVE = "motive"  # 主观动机
    DECISION_PROCESS = "decision_process"  # 决策过程
    CONSEQUENCES = "consequences"  # 后果影响
    CORRECTIVE_ATTITUDE = "corrective_attitude"  # 纠错态度


class RecusalGround(StrEnum):
    """Why an officer may not handle a case; the first three are found by the system itself."""

    SAME_UNIT = "same_unit"  # 与对象同一单位
    HANDLED_BEFORE = "handled_before"  # 曾经办所涉问责事项
    ACCOUNTABILITY_ORGAN = "accountability_organ"  # 问责机关的人员
    KIN = "kin"  # 近亲属
    INTEREST = "interest"  # 有利害关系
    OTHER = "other"


class Step(StrEnum):
    """The canonical stage axis on which a four-step county and a six-step city can be compared."""

    INITIATION = "initiation"  # 申请或启动
    ACCEPTANCE = "acceptance"  # 受理
    VERIFICATION = "verification"  # 核实
    OPINIONS = "opinions"  # 征求意见
    CONSULTATION = "consultation"  # 会商
    COMMITTEE = "committee"  # 评估委员会研判
    PUBLIC_NOTICE = "public_notice"  # 公示
    DETERMINATION = "determination"  # 认定
    APPROVAL = "approval"  # 报审
    NOTIFICATION = "notification"  # 反馈
    FILING = "filing"  # 备案
    FOLLOW_UP = "follow_up"  # 回访、跟踪管理


class PolicyStep(Value):
    """One step of the instrument; `required` steps may not be skipped on the way to a decision."""

    step: Step
    label: str
    article: str | None
    required: StrictBool


class InForce(Value):
    """`since` may be only a year or a month, or null, where the source tells no more.

    `until` is the last day in force; null while it is in force.
    """

    since: PartialDate | None
    until: date | None = None
    article: str | None
    confirmed: StrictBool

    def begins(self) -> date | None:
        """The earliest day the stated date can mean; None where none is stated."""
        return _earliest(self.since) if self.since else None

    def holds_on(self, day: date) -> bool:
        begins = self.begins()
        return (begins is None or begins <= day) and (self.until is None or day <= self.until)


class SelectedBy(StrEnum):
    """Which day decides which edition a case stands on (新旧办法的适用)."""

    CONDUCT = "conduct"  # 行为发生之日
    ACCOUNTABILITY = "accountability"  # 启动问责之日
    APPLICATION = "application"  # 申请或同步启动之日


class Transition(Value):
    """`excludes_prior_accountability`: matters already held to account before entry into force."""

    rule: Literal["excludes_prior_accountability", "none_stated"]
    selected_by: SelectedBy
    article: str | None
    confirmed: StrictBool


class ApplicationWindow(Value):
    """How long one may apply, counted from the opening of accountability proceedings.

    `amount` and `unit` null: no length. `closes_on_decision`: the window closes early when the
    accountability decision is made.
    """

    amount: PositiveInt | None
    unit: TimeUnit | None
    closes_on_decision: StrictBool
    article: str | None
    confirmed: StrictBool
    interpretation: str | None = None


class Application(Value):
    """Who may apply, and how long; `window: null` where the instrument sets no limit."""

    by: tuple[ApplicantKind, ...]
    article: str | None
    window: ApplicationWindow | None


class Acceptance(Value):
    """Who answers; `co_signed_by_accountability_organ`: 会同问责主体."""

    by: str | None
    co_signed_by_accountability_organ: StrictBool
    article: str | None


class RequiredDocument(Value):
    """A paper that must be in the file before a step is taken."""

    id: str
    label: str
    before: Literal["acceptance", "determination"]
    article: str


class Team(Value):
    """Who may handle the case: `at_least` officers, and on which grounds one must stand back."""

    at_least: PositiveInt | None
    recusal: tuple[RecusalGround, ...]
    article: str | None
    confirmed: StrictBool


class RepeatedError(Value):
    """The same error again is not tolerated, save in the circumstances `except_items`."""

    except_items: tuple[str, ...]
    article: str


class Opinions(Value):
    """Of whom an opinion is asked; `silence`: what no answer in time means, null if unsaid."""

    of: tuple[str, ...]
    silence: Literal["agrees", "not_counted"] | None
    article: str | None


class Quorum(Value):
    """会商、委员会: how many must be present and what carries; null where no source tells."""

    at_least: PositiveInt | None
    carried_by: Literal["half", "two_thirds"] | None


class Consultation(Value):
    """会商 of complex matters: `organs` that take part where the source names them."""

    organs: tuple[str, ...]
    quorum: Quorum
    article: str | None
    confirmed: StrictBool


class Committee(Value):
    """An assessing committee with `seats` of several circles; it advises, the organ determines."""

    label: str
    seats: tuple[str, ...]
    quorum: Quorum
    article: str | None
    confirmed: StrictBool


class PublicNotice(Value):
    """`required: false` where the instrument says 必要时; the length is the deadline rule named.

    `cut_off`: the hour of the last day after which no objection is taken, null for midnight.
    `restart`: whose notice begins again when an objection is upheld and changes something.
    """

    required: StrictBool
    rule: str
    scope: str | None
    cut_off: time | None
    restart: Literal["changed_subjects", "all", "none_stated"]
    article: str


class Deferral(Value):
    """暂缓认定: its end forces a determination or a conclusive opinion."""

    rule: str
    article: str


class Suspension(Value):
    """中止: whether the handling of a case may be suspended and taken up again."""

    article: str | None
    confirmed: StrictBool


class Determining(Value):
    """Who determines; null where the source does not tell."""

    by: str | None
    article: str | None


class ApprovalWhen(Value):
    """All that is written must hold; nothing written means every case."""

    managed_by: str | None = None
    outcomes: tuple[Outcome, ...] = ()
    sanctions: tuple[Sanction, ...] = ()
    reduced_beyond: PositiveInt | None = None  # 减轻超过几档


class Approval(Value):
    """报批、报审: a determination that takes effect only once an organ above has approved it."""

    id: str
    by: str | None
    level: OrganLevel | None
    when: ApprovalWhen
    article: str | None
    confirmed: StrictBool


class Rectifying(Value):
    """容纠并举: what a favourable outcome must carry; `waivable` with a recorded reason."""

    article: str | None
    waivable: StrictBool
    confirmed: StrictBool


class Addressee(Value):
    recipient: Recipient
    article: str | None


class Filing(Value):
    """With whom a determination is filed; `managed_by: null` means for every subject."""

    with_: str = Field(alias="with")
    managed_by: str | None
    article: str


class YearlyRatio(Value):
    """每年回访不少于受处理人数的百分之几; counted over those of the `over_years` years before."""

    percent: PositiveInt
    over_years: PositiveInt


class FollowUp(Value):
    """回访、跟踪管理: how many must visit; counts and windows stand with the deadline rule."""

    rule: str
    visitors_at_least: PositiveInt | None
    yearly_ratio: YearlyRatio | None
    article: str | None
    confirmed: StrictBool


class RiskFiling(Value):
    """事前风险报备: evidence only, and only if agreed before the act."""

    article: str | None
    confirmed: StrictBool


class Remedy(Value):
    """申诉、复核: against what, to whom; the deadline rules that bind the person and the organ."""

    id: str
    label: str
    against: tuple[Literal["determination", "declined"], ...]
    to: str
    lodge_within: str | None  # a deadline rule
    article: str | None
    confirmed: StrictBool


class Effect(Value):
    id: str
    article: str
    label: str


class Override(Value):
    """A mark that this overlay widens what its parent narrows, and on what basis."""

    at: str
    basis: str


class Jurisdiction(Value):
    region: str
    label: str


class Policy(Value):
    """One instrument in one edition. Once a case stands on it, it is never edited."""

    id: str
    edition: PositiveInt
    name: str
    document: str | None
    issuer: str
    source: str
    parent: str | None  # reference of the instrument it fills out (1+N)
    overrides: tuple[Override, ...] = ()
    jurisdiction: Jurisdiction
    in_force: InForce
    transition: Transition
    tracks: dict[Track, str | None]
    application: Application
    acceptance: Acceptance
    documents: tuple[RequiredDocument, ...]
    team: Team
    steps: tuple[PolicyStep, ...]
    six_factors: Literal["required", "optional"]
    decisive_factors: tuple[FactorName, ...]  # an adverse finding here bars tolerance
    hearing: Literal["required", "optional"]  # 听取对象陈述
    lists: tuple[SituationList, ...]
    catch_all: Literal["collegial_review", "none_stated"]  # 仅凭兜底条款的须集体会商
    repeated_error: RepeatedError | None
    risk_filing: RiskFiling | None
    opinions: Opinions | None
    consultation: Consultation | None
    committee: Committee | None
    public_notice: PublicNotice | None
    deferral: Deferral | None
    suspension: Suspension | None
    determination: Determining
    permitted: tuple[Permitted, ...] | None
    approvals: tuple[Approval, ...]
    rectification: Rectifying
    notification: tuple[Addressee, ...]
    filing: tuple[Filing, ...]
    follow_up: FollowUp | None
    remedies: tuple[Remedy, ...]
    effects: tuple[Effect, ...]
    deadlines: tuple[DeadlineRule, ...]
    ladder: Ladder
    blanks: tuple[str, ...]  # what the instrument is known to say but no source gives

    @property
    def reference(self) -> str:
        """What events store: id and edition."""
        return f"{self.id}.{self.edition}"

    def items(self) -> tuple[Listed, ...]:
        return tuple(item for each in self.lists for item in each.items)

    def deadline(self, rule_id: str) -> DeadlineRule:
        return next(rule for rule in self.deadlines if rule.id == rule_id)

    def article_of(self, step: Step) -> str | None:
        return next((each.article for each in self.steps if each.step is step), None)

    @model_validator(mode="after")
    def _names_agree(self) -> "Policy":
        faults = [*self._repeated(), *self._dangling()]
        if faults:
            raise ValueError("；".join(faults))
        return self

    def _repeated(self) -> list[str]:
        named = {
            "清单": [each.id for each in self.lists],
            "清单条目": [item.id for item in self.items()],
            "期限": [rule.id for rule in self.deadlines],
            "步骤": [each.step.value for each in self.steps],
            "材料": [each.id for each in self.documents],
            "报批": [each.id for each in self.approvals],
            "救济": [each.id for each in self.remedies],
            "效果": [each.id for each in self.effects],
            "允许的处理": [each.sanction.value for each in self.permitted or ()],
        }
        return [
            f"{what} {name} 写了不止一次"
            for what, names in named.items()
            for name in sorted({each for each in names if names.count(each) > 1})
        ]

    def _dangling(self) -> Iterator[str]:
        known = {rule.id for rule in self.deadlines}
        named = {
            "public_notice.rule": self.public_notice and self.public_notice.rule,
            "deferral.rule": self.deferral and self.deferral.rule,
            "follow_up.rule": self.follow_up and self.follow_up.rule,
            **{f"remedies.{each.id}.lodge_within": each.lodge_within for each in self.remedies},
        }
        for key, rule in named.items():
            if rule is not None and rule not in known:
                yield f"{key} 指向期限 {rule}，但 deadlines 中没有这一条"
        items = {item.id for item in self.items()}
        for item in self.repeated_error.except_items if self.repeated_error else ():
            if item not in items:
                yield f"repeated_error.except_items 指向条目 {item}，但 lists 中没有这一条"
