"""A risk filing: examined, agreed or not, and evidence for what is done after it was agreed."""

from datetime import date
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from domain.aggregate import Event, Order
from domain.guards import cited
from domain.law.time_limits import TimeLimits
from domain.obligations import ObligationElapsed
from domain.refusals import Code, Refusal
from domain.risk_filing import acts, events
from domain.risk_filing.events import Review, RiskFilingSubmitted
from domain.risk_filing.instrument import ReviewStep, RiskFilingInstrument
from domain.staged import Facts, Move, StagedMatter

Rules = TimeLimits[RiskFilingInstrument]
VALIDITY = f"{events.RiskFilingAgreed.name()}:limited"  # what opens the period of validity


class Stage(StrEnum):
    SUBMITTED = "submitted"  # 已提交
    REVIEWED = "reviewed"  # 已初审
    AGREED = "agreed"  # 已同意
    DECLINED = "declined"  # 不同意
    USED = "used"  # 已使用
    LAPSED = "lapsed"  # 已失效
    WITHDRAWN = "withdrawn"  # 已撤回
    REVOKED = "revoked"  # 已撤销


ASKED = (Stage.SUBMITTED, Stage.REVIEWED)
ANSWERED = (Stage.AGREED, Stage.USED, Stage.LAPSED)


class RiskFiling(StagedMatter):
    """A filing that was used stays used when its validity ends, and may be used in other cases."""

    kind: ClassVar[str] = "risk_filing"
    called: ClassVar[str] = "风险报备"
    STAGES: ClassVar[Any] = {
        Stage.SUBMITTED: ("已提交", "请审查后答复是否同意"),
        Stage.REVIEWED: ("已初审", "请办完其余审查步骤后答复是否同意"),
        Stage.AGREED: ("已同意", "可以在有效期内依报备的方案办理"),
        Stage.DECLINED: ("不同意", "方案有变的可以另行报备；不影响日后依其他情形容错"),
        Stage.USED: ("已使用", "可以在其他案件中引为依据，同意有误的可以撤销"),
        Stage.LAPSED: ("已失效", "仍要办理的请另行报备；有效期内的行为仍可引为依据"),
        Stage.WITHDRAWN: ("已撤回", "仍要办理的请另行报备"),
        Stage.REVOKED: ("已撤销", "仍要办理的请另行报备"),
    }
    OVER: ClassVar[Any] = frozenset(Stage) - {*ASKED, Stage.AGREED}
    MOVES: ClassVar[Any] = {
        acts.SubmitRiskFiling: Move(events.RiskFilingSubmitted, to=Stage.SUBMITTED),
        acts.ReviewRiskFiling: Move(events.RiskFilingReviewed, at=ASKED, to=Stage.REVIEWED),
        acts.AgreeRiskFiling: Move(events.RiskFilingAgreed, at=ASKED, to=Stage.AGREED),
        acts.DeclineRiskFiling: Move(events.RiskFilingDeclined, at=ASKED, to=Stage.DECLINED),
        acts.UseRiskFiling: Move(events.RiskFilingUsed, to=Stage.USED),  # its guard says when
        acts.WithdrawRiskFiling: Move(events.RiskFilingWithdrawn, at=ASKED, to=Stage.WITHDRAWN),
        acts.RevokeRiskFiling: Move(events.RiskFilingRevoked, at=ANSWERED, to=Stage.REVOKED),
    }
    LEADING: ClassVar[Any] = {
        events.RiskFilingLapsed: lambda event: None if event.used else Stage.LAPSED,
    }

    def __init__(self, id: UUID) -> None:
        super().__init__(id)
        self.opened: RiskFilingSubmitted | None = None
        self.reviews: dict[str, Review] = {}  # by step
        self.agreed_on: date | None = None
        self.declined_on: date | None = None
        self.valid_until: date | None = None
        self.used_by: dict[str, date] = {}  # case number → when first relied on

    # ---- guards --------------------------------------------------------------------------------

    def submit_risk_filing(self, act: acts.SubmitRiskFiling, _: Order, rules: Rules) -> None:
        required = rules.instrument.collective_decision
        if not act.subjects:
            raise Refusal(
                Code.MALFORMED,
                asked=act.label,
                obstacle="没有写明由哪个单位或者个人报备",
                way_out="请在 subjects 中写明",
            )
        if required is not None and act.collective_decision is None:
            raise Refusal(
                Code.DOCUMENT_MISSING,
                asked=act.label,
                obstacle=f"缺{required.label}",
                way_out="请退回，补齐后再报备",
                articles=cited(required.article),
            )

    def review_risk_filing(self, act: acts.ReviewRiskFiling, _: Order, rules: Rules) -> Facts:
        left = self._untaken(rules)
        if not left:
            self.refuse_unprovided(act, rules)
        if act.step is not None and act.step not in {each.id for each in rules.instrument.steps}:
            raise Refusal(
                Code.UNKNOWN_ITEM,
                asked=act.label,
                obstacle=f"{rules.instrument.name}没有 {act.step} 这一步",
                way_out=f"下一步是{left[0].label}（{left[0].id}）",
            )
        if act.step in self.reviews:
            raise Refusal(
                Code.ALREADY_DONE,
                asked=act.label,
                obstacle=f"{act.step} 已经办过",
                way_out=f"下一步是{left[0].label}（{left[0].id}）",
            )
        if act.step not in (None, left[0].id):
            raise _step_missing(act, left[0])
        self._require_none_failed(act)
        return {
            "step": left[0].id,
            "label": left[0].label,
            "articles": cited(left[0].article),
        }

    def agree_risk_filing(self, act: acts.AgreeRiskFiling, order: Order, rules: Rules) -> Facts:
        for step in self._untaken(rules):
            if step.required:
                raise _step_missing(act, step)
        self._require_none_failed(act)
        if act.valid_until is not None and act.valid_until < order.on:
            raise Refusal(
                Code.MALFORMED,
                asked=act.label,
                obstacle=f"有效期止于 {act.valid_until}，早于同意之日 {order.on}",
                way_out="请核对 valid_until",
            )
        by, who = act.agreed_by or self.organ, rules.instrument.agreeing
        if who is not None and by is not None:
            of_kind = not who.kinds or by.kind in who.kinds
            of_level = not who.levels or by.level in who.levels
            if not (of_kind and of_level):
                raise Refusal(
                    Code.APPROVAL_MISSING,
                    asked=act.label,
                    obstacle=f"须由{who.label}同意，{by.name}不是",
                    way_out="请报有权的机关同意后再登记",
                    articles=cited(who.article),
                )
        return {"agreed_by": by}

    def use_risk_filing(self, act: acts.UseRiskFiling, _: Order, rules: Rules) -> None:
        obstacle = self._unusable(act.conduct_on)
        if obstacle is not None:
            raise Refusal(
                Code.RISK_FILING_UNUSABLE,
                asked=act.label,
                obstacle=obstacle,
                way_out="可以作为一般材料，不影响依其他情形容错",
                articles=cited(rules.instrument.evidence.article),
            )

    def _unusable(self, conduct_on: date) -> str | None:
        """Why it is no evidence for conduct of that day; None where it is."""
        if self.stage is Stage.REVOKED:
            return "对报备的同意已经撤销"
        if self.agreed_on is None:
            return f"报备未获同意，现为「{self.at_in_words}」"
        if conduct_on <= self.agreed_on:
            return f"报备于 {self.agreed_on} 获同意，不早于行为发生之日 {conduct_on}"
        if self.valid_until is not None and conduct_on > self.valid_until:
            return f"报备有效期止于 {self.valid_until}，行为发生于 {conduct_on}"
        return None

    def _untaken(self, rules: Rules) -> list[ReviewStep]:
        return [each for each in rules.instrument.steps if each.id not in self.reviews]

    def _require_none_failed(self, act: acts.ReviewRiskFiling | acts.AgreeRiskFiling) -> None:
        if Review.FAILED in self.reviews.values():
            raise Refusal(
                Code.FINDINGS_CONTRADICT,
                asked=act.label,
                obstacle="审查未通过",
                way_out="请答复不同意（decline_risk_filing），或者由报备人撤回",
            )

    # ---- time ----------------------------------------------------------------------------------

    def when_called(self, event: Event, order: Order, rules: Rules) -> None:
        if not isinstance(event, ObligationElapsed) or self.valid_until is None:
            return
        if self.obligations.standings[event.obligation_id].obligation.trigger == VALIDITY:
            facts = {"valid_until": self.valid_until, "used": bool(self.used_by)}
            self.note(events.RiskFilingLapsed, order, rules, **facts)

    # ---- the rest of the state table -----------------------------------------------------------

    def learn(self, event: Event) -> None:
        match event:
            case events.RiskFilingReviewed(step=step, result=result):
                self.reviews = {**self.reviews, step: result}
            case events.RiskFilingAgreed(valid_until=valid_until):
                self.agreed_on, self.valid_until = event.on, valid_until
            case events.RiskFilingDeclined():
                self.declined_on = event.on
            case events.RiskFilingUsed(case_number=number):
                self.used_by = {number: event.on, **self.used_by}


def _step_missing(act: acts.ReviewRiskFiling | acts.AgreeRiskFiling, step: ReviewStep) -> Refusal:
    return Refusal(
        Code.STEP_MISSING,
        asked=act.label,
        obstacle=f"还没有经过{step.label}",
        way_out=f"请先办理{step.label}（review_risk_filing，step: {step.id}）",
        articles=cited(step.article),
    )
