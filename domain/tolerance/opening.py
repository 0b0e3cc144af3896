"""How a case begins, on either track or both, and how it is accepted, returned or given up."""

from datetime import date

from domain.aggregate import Act, Order
from domain.guards import cited, require_authority_shown
from domain.law.policy import Step, Track
from domain.law.rules import Rules
from domain.refusals import Code, Refusal
from domain.tolerance import acts, events
from domain.tolerance.guards import (
    DELIBERATING,
    UNDECIDED,
    articles,
    require_documents,
    require_not_done,
    require_stage,
)
from domain.tolerance.particulars import Applicant, CoSignature
from domain.tolerance.state import CaseState, Stage

BY_ORGAN = (Stage.ACCEPTED, *DELIBERATING)


class Opening(CaseState):
    def submit_application(self, act: acts.SubmitApplication, order: Order, rules: Rules) -> None:
        _require_new(self, act)
        _require_proceeding_opened(act, order.on)
        _require_track(act, Track.APPLICATION, rules)
        self.note(events.ToleranceApplied, order, rules, Step.INITIATION, **dict(act))

    def start_ex_officio(self, act: acts.StartExOfficio, order: Order, rules: Rules) -> None:
        _require_new(self, act)
        _require_proceeding_opened(act, order.on)
        _require_track(act, Track.EX_OFFICIO, rules)
        self.note(events.ExOfficioStarted, order, rules, Step.INITIATION, **dict(act))

    def attach_application(self, act: acts.AttachApplication, order: Order, rules: Rules) -> None:
        require_stage(self, act, *BY_ORGAN)
        _require_track(act, Track.APPLICATION, rules)
        _require_track_not_joined(self, act, Track.APPLICATION)
        _require_no_bars(self, act, act.applicant, order.on, rules)
        require_documents(act, "acceptance", [*self.documents, *act.documents], rules)
        self.note(events.ApplicationAttached, order, rules, Step.INITIATION, **dict(act))

    def join_ex_officio(self, act: acts.JoinExOfficio, order: Order, rules: Rules) -> None:
        require_stage(self, act, *UNDECIDED)
        _require_track(act, Track.EX_OFFICIO, rules)
        _require_track_not_joined(self, act, Track.EX_OFFICIO)
        self.note(events.ExOfficioJoined, order, rules, Step.INITIATION, **dict(act))

    def return_for_completion(
        self, act: acts.ReturnForCompletion, order: Order, rules: Rules
    ) -> None:
        require_stage(self, act, Stage.APPLIED)
        self.note(events.ApplicationReturned, order, rules, Step.ACCEPTANCE, **dict(act))

    def complete_application(
        self, act: acts.CompleteApplication, order: Order, rules: Rules
    ) -> None:
        require_stage(self, act, Stage.RETURNED)
        self.note(events.ApplicationCompleted, order, rules, Step.INITIATION, **dict(act))

    def withdraw_application(
        self, act: acts.WithdrawApplication, order: Order, rules: Rules
    ) -> None:
        require_stage(self, act, *UNDECIDED)
        if self.applicant is None or Track.APPLICATION not in self.tracks:
            raise Refusal(
                Code.TRACK_NOT_PROVIDED,
                asked=act.label,
                obstacle="本案由机关同步启动，没有申请可撤",
                way_out="机关认为不再需要的，请作出认定",
            )
        self.note(events.ApplicationWithdrawn, order, rules, **dict(act))

    def continue_ex_officio(self, act: acts.ContinueExOfficio, order: Order, rules: Rules) -> None:
        require_stage(self, act, Stage.WITHDRAWN)
        _require_track(act, Track.EX_OFFICIO, rules)
        self.note(events.ContinuedExOfficio, order, rules, Step.INITIATION, **dict(act))

    def transfer(self, act: acts.Transfer, order: Order, rules: Rules) -> None:
        require_stage(self, act, *UNDECIDED)
        if self.organ is not None and act.to.id == self.organ.id:
            raise Refusal(
                Code.ALREADY_DONE,
                asked=act.label,
                obstacle=f"本案本来就由 {self.organ.name} 办理",
                way_out="请写明接收机关",
            )
        self.note(events.CaseTransferred, order, rules, **dict(act))

    def record_co_signature(self, act: acts.RecordCoSignature, order: Order, rules: Rules) -> None:
        require_stage(self, act, Stage.APPLIED)
        co_signature = CoSignature(**dict(act))
        self.note(
            events.CoSignatureRecorded, order, rules, Step.ACCEPTANCE, co_signature=co_signature
        )

    def accept(self, act: acts.Accept, order: Order, rules: Rules) -> None:
        require_not_done(self, act, events.CaseAccepted)
        require_stage(self, act, Stage.APPLIED)
        if self.applicant is not None and self.applied_on is not None:
            _require_no_bars(self, act, self.applicant, self.applied_on, rules)
        require_documents(act, "acceptance", self.documents, rules)
        _require_co_signed(self, act, rules)
        self.note(events.CaseAccepted, order, rules, Step.ACCEPTANCE, **dict(act))

    def decline(self, act: acts.Decline, order: Order, rules: Rules) -> None:
        require_not_done(self, act, events.AcceptanceRefused)
        require_stage(self, act, Stage.APPLIED, Stage.RETURNED)
        facts = dict(act) | {"co_signatures": tuple(self.co_signatures.values())}
        self.note(events.AcceptanceRefused, order, rules, Step.ACCEPTANCE, **facts)

    def suspend(self, act: acts.Suspend, order: Order, rules: Rules) -> None:
        require_stage(self, act, Stage.ACCEPTED, *DELIBERATING)
        if rules.policy.suspension is None:
            raise Refusal(
                Code.NOT_PROVIDED,
                asked=act.label,
                obstacle=f"{rules.policy.name}没有规定中止",
                way_out="一时难以认定的，请依该办法暂缓认定（有规定的）",
            )
        on = cited(rules.policy.suspension.article)
        self.note(events.CaseSuspended, order, rules, articles=on, **dict(act))

    def resume(self, act: acts.Resume, order: Order, rules: Rules) -> None:
        require_stage(self, act, Stage.SUSPENDED)
        self.note(events.CaseResumed, order, rules, **dict(act))

    def repin(self, act: acts.Repin, order: Order, rules: Rules) -> None:
        """`rules` are those of the edition the case goes over to."""
        require_stage(self, act, *UNDECIDED)
        if rules.policy.reference == self.policy:
            raise Refusal(
                Code.ALREADY_DONE,
                asked=act.label,
                obstacle=f"本案已适用 {self.policy}",
                way_out="请写明要改适用的版次",
            )
        if self.stage is Stage.ON_NOTICE and rules.policy.public_notice is None:
            raise Refusal(
                Code.NOT_PROVIDED,
                asked=act.label,
                obstacle=f"本案正在公示，而{rules.policy.name}没有公示",
                way_out="请待公示结束后再改",
            )
        require_authority_shown(act, order)
        self.note(
            events.EditionRepinned,
            order,
            rules,
            before=self.policy,
            after=rules.policy.reference,
            explanation=act.explanation,
        )


def _require_new(case: CaseState, act: acts.Opening) -> None:
    if case.stage is not None:
        raise Refusal(
            Code.CASE_NUMBER_TAKEN,
            asked=act.label,
            obstacle=f"案号 {act.case_number} 已有案件",
            way_out="同一案件请直接办理后续环节；另一案件请另编案号",
        )


def _require_proceeding_opened(act: acts.Opening, on: date) -> None:
    if on < act.matter.opened_on:
        raise Refusal(
            Code.DATE_BEFORE_LAST_ACT,
            asked=act.label,
            obstacle=f"所填日期 {on} 早于启动问责之日 {act.matter.opened_on}",
            way_out="请核对日期",
        )


def _require_track(act: Act, track: Track, rules: Rules) -> None:
    if track not in rules.policy.tracks:
        raise Refusal(
            Code.TRACK_NOT_PROVIDED,
            asked=act.label,
            obstacle=f"{rules.policy.name}没有规定这种启动方式",
            articles=articles(rules, Step.INITIATION),
            way_out="请由有权主体依该办法规定的方式提出",
        )


def _require_track_not_joined(case: CaseState, act: Act, track: Track) -> None:
    if track in case.tracks:
        raise Refusal(
            Code.ALREADY_DONE,
            asked=act.label,
            obstacle="本案已有这一启动方式",
            way_out="无须重复并入",
        )


def _require_no_bars(
    case: CaseState, act: Act, applicant: Applicant, applied_on: date, rules: Rules
) -> None:
    if case.matter is None:
        return
    bars = rules.bars_to_application(
        applicant=applicant.kind,
        applied_on=applied_on,
        accountability_opened_on=case.matter.opened_on,
        accountability_decided_on=case.matter.decided_on,
    )
    if bars:
        raise Refusal(
            bars[0].code,
            asked=act.label,
            obstacle="；".join(bar.because for bar in bars),
            articles=cited(*(bar.article for bar in bars)),
            way_out="可以补救的请退回补正，否则请作不予受理答复并写明上述理由",
        )


def _require_co_signed(case: CaseState, act: acts.Accept, rules: Rules) -> None:
    acceptance = rules.policy.acceptance
    against = [each for each in case.co_signatures.values() if not each.agrees]
    if against:
        raise Refusal(
            Code.CO_SIGNATURE_REFUSED,
            asked=act.label,
            obstacle="；".join(f"{each.organ} 不同意：{each.explanation}" for each in against),
            articles=cited(acceptance.article),
            way_out="请作不予受理答复，两机关的理由一并记入；意见改变的，请重新登记会签意见",
        )
    if not acceptance.co_signed_by_accountability_organ or case.matter is None:
        return
    if case.matter.organ.id not in {*act.co_signed_by, *case.co_signatures}:
        raise Refusal(
            Code.CO_SIGNATURE_MISSING,
            asked=act.label,
            obstacle="受理须会同问责主体作出，未见其会签",
            articles=cited(acceptance.article),
            way_out="请在 co_signed_by 中写明问责主体，或登记其会签意见",
        )
