"""A policy pack, typed: what one instrument says, article by article, and what it leaves open.

Nothing is implied. Where instruments differ a pack must say which way it goes; `None` means that
the source does not tell, `confirmed: false` that the value is read into the text or not verified.
"""

from datetime import date
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    Field,
    NonNegativeInt,
    PositiveInt,
    StrictBool,
    StringConstraints,
    model_validator,
)

from domain.law.periods import TimeUnit
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


class Outcome(StrEnum):
    """What a determination says of one subject."""

    EXEMPTION = "exemption"  # 免责
    MITIGATION = "mitigation"  # 减责
    NO_TOLERANCE = "no_tolerance"  # 不予容错

    @property
    def favourable(self) -> bool:
        return self is not Outcome.NO_TOLERANCE


class Relief(StrEnum):
    """How far a sanction gives way; not the same question as the outcome."""

    LIGHTER = "lighter"  # 从轻
    REDUCED = "reduced"  # 减轻
    WAIVED = "waived"  # 免予


class Sanction(StrEnum):
    """What the subject would otherwise have faced."""

    PARTY = "party"  # 党纪处分
    ADMINISTRATIVE = "administrative"  # 政务（政纪）处分
    ORGANIZATIONAL = "organizational"  # 组织处理
    ACCOUNTABILITY = "accountability"  # 问责


class Step(StrEnum):
    """The canonical stage axis on which a four-step county and a six-step city can be compared."""

    INITIATION = "initiation"  # 申请或启动
    ACCEPTANCE = "acceptance"  # 受理
    VERIFICATION = "verification"  # 核实
    OPINIONS = "opinions"  # 征求意见
    CONSULTATION = "consultation"  # 会商
    PUBLIC_NOTICE = "public_notice"  # 公示
    DETERMINATION = "determination"  # 认定
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
    """`since` may be only a year or a month, or null, where the source tells no more."""

    since: PartialDate | None
    article: str | None
    confirmed: StrictBool

    def begins(self) -> date | None:
        """The earliest day the stated date can mean; None where none is stated."""
        return _earliest(self.since) if self.since else None


class Transition(Value):
    """`excludes_prior_accountability`: matters already held to account before entry into force."""

    rule: Literal["excludes_prior_accountability", "none_stated"]
    article: str | None


class ApplicationWindow(Value):
    """How long one may apply, counted from the opening of accountability proceedings."""

    amount: PositiveInt
    unit: TimeUnit
    article: str
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


class Listed(Value):
    """One circumstance of a list; the label is ours, null where the source only counts it."""

    id: str
    article: str | None
    label: str | None
    catch_all: StrictBool = False


class Role(StrEnum):
    """What meeting a list leads to."""

    TOLERATING = "tolerating"  # 可容错
    EXEMPTING = "exempting"  # 可免责
    MITIGATING = "mitigating"  # 可减责
    EXCLUDING = "excluding"  # 不予容错


class SituationList(Value):
    """A list and its logic. `match: null`: the source does not say whether any or all must hold."""

    id: str
    role: Role
    match: Literal["any", "all"] | None
    article: str | None
    confirmed: StrictBool
    items: tuple[Listed, ...]


class PublicNotice(Value):
    """`required: false` where the instrument says 必要时; the length is the deadline rule named."""

    required: StrictBool
    rule: str
    article: str


class Deferral(Value):
    rule: str
    article: str


class Permitted(Value):
    """Which reliefs a kind of sanction allows."""

    sanction: Sanction
    reliefs: tuple[Relief, ...]
    article: str


class Filing(Value):
    """With whom a determination is filed; `managed_by: null` means for every subject."""

    with_: str = Field(alias="with")
    managed_by: str | None
    article: str


class Effect(Value):
    id: str
    article: str
    label: str


class Qualifier(StrEnum):
    """How binding the time is."""

    MUST = "must"  # 应当在…内
    GENERALLY = "generally"  # 一般不超过
    PROMPTLY = "promptly"  # 及时：没有数字，不计逾期
    UNSTATED = "unstated"  # 来源未载时限
    PERIOD = "period"  # 期间：期满而非逾期


class DeadlineRule(Value):
    """One time limit. `opens_on`, `met_by` and `lapses_on` name events (see `Event.names`).

    `amount` and `unit` are null exactly when the qualifier is `promptly` or `unstated`. A rule
    `per: subject` opened by an event of the whole case opens once for each subject; `managed_by`
    limits it to cadres under that committee.
    """

    id: str
    label: str
    article: str | None
    opens_on: str
    met_by: tuple[str, ...]
    lapses_on: tuple[str, ...] = ()
    per: Literal["case", "subject"]
    amount: PositiveInt | None
    unit: TimeUnit | None
    roll: StrictBool
    qualifier: Qualifier
    responsible: str
    blocks_closing: StrictBool
    managed_by: str | None = None
    confirmed: StrictBool
    interpretation: str | None = None

    @model_validator(mode="after")
    def _numbers_agree(self) -> Self:
        without_number = self.qualifier in (Qualifier.PROMPTLY, Qualifier.UNSTATED)
        if without_number != (self.amount is None) or without_number != (self.unit is None):
            raise ValueError(f"期限 {self.id}：promptly 和 unstated 不填 amount、unit，其余必须填")
        return self


class LadderRung(Value):
    """`after`: working days past the due day on which the duty goes up to `role`."""

    after: PositiveInt
    role: str


class Ladder(Value):
    """Reminders (working days before the due day) and escalation: internal practice, not law."""

    reminders_before: tuple[NonNegativeInt, ...]
    escalation: tuple[LadderRung, ...]
    basis: str
    confirmed: StrictBool


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
    jurisdiction: Jurisdiction
    in_force: InForce
    transition: Transition
    tracks: dict[Track, str | None]
    application: Application
    acceptance: Acceptance
    steps: tuple[PolicyStep, ...]
    six_factors: Literal["required", "optional"]
    lists: tuple[SituationList, ...]
    public_notice: PublicNotice | None
    deferral: Deferral | None
    permitted: tuple[Permitted, ...] | None
    rectification: str | None  # article
    filing: tuple[Filing, ...]
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
    def _names_agree(self) -> Self:
        faults = [*self._repeated(), *self._dangling()]
        if faults:
            raise ValueError("；".join(faults))
        return self

    def _repeated(self) -> list[str]:
        named = {
            "清单": [each.id for each in self.lists],
            "清单条目": [item.id for each in self.lists for item in each.items],
            "期限": [rule.id for rule in self.deadlines],
            "步骤": [each.step.value for each in self.steps],
        }
        return [
            f"{what} {name} 写了不止一次"
            for what, names in named.items()
            for name in sorted({each for each in names if names.count(each) > 1})
        ]

    def _dangling(self) -> list[str]:
        known = {rule.id for rule in self.deadlines}
        named = {
            "public_notice.rule": self.public_notice.rule if self.public_notice else None,
            "deferral.rule": self.deferral.rule if self.deferral else None,
        }
        return [
            f"{key} 指向期限 {rule}，但 deadlines 中没有这一条"
            for key, rule in named.items()
            if rule is not None and rule not in known
        ]
