"""A tolerance case: what may be done, in procedural order.

Each act asks its guards, then records one event. What an event changes stands in state.py.
"""

from typing import Any

from domain.aggregate import Act, Event, Order
from domain.law.policy import Step, Track
from domain.law.rules import Rules
from domain.obligations import Fact, ObligationOpened, call, settle
from domain.people import SYSTEM
from domain.tolerance import acts, events, guards
from domain.tolerance.state import CaseState, Stage

DELIBERATING = (Stage.VERIFYING, Stage.VERIFIED, Stage.NOTICED)
DECIDING = (Stage.VERIFIED, Stage.NOTICED)


class ToleranceCase(CaseState):
    def perform(self, act: Act, order: Order, rules: Rules) -> None:
        """Take one act: its own method decides and records; then its duties are settled.

        Raises Refusal; nothing is then recorded.
        """
        self.require_in_time(order, act.label)
        settled = len(self.pending)
        getattr(self, act.name)(act, order, rules)
        organ = self.organ.id if self.organ else ""
        for event in self.pending[settled:]:
            for fact in settle(self.obligations, event, rules, self.subjects, organ):
                self._record_duty(fact, order, because=event)

    def submit_application(self, act: acts.SubmitApplication, order: Order, rules: Rules) -> None:
        guards.require_new(self, act)
        guards.require_proceeding_opened(act, order.on)
        guards.require_track(act, Track.APPLICATION, rules)
        self._record(events.ToleranceApplied, order, rules, Step.INITIATION, **dict(act))

    def start_ex_officio(self, act: acts.StartExOfficio, order: Order, rules: Rules) -> None:
        guards.require_new(self, act)
        guards.require_proceeding_opened(act, order.on)
        guards.require_track(act, Track.EX_OFFICIO, rules)
        self._record(events.ExOfficioStarted, order, rules, Step.INITIATION, **dict(act))

    def accept(self, act: acts.Accept, order: Order, rules: Rules) -> None:
        guards.require_not_done(self, act, events.CaseAccepted)
        guards.require_stage(self, act, Stage.APPLIED)
        guards.require_no_bars(self, act, rules)
        guards.require_co_signed(self, act, rules)
        self._record(events.CaseAccepted, order, rules, Step.ACCEPTANCE, **dict(act))

    def decline(self, act: acts.Decline, order: Order, rules: Rules) -> None:
        guards.require_not_done(self, act, events.AcceptanceRefused)
        guards.require_stage(self, act, Stage.APPLIED)
        self._record(events.AcceptanceRefused, order, rules, Step.ACCEPTANCE, **dict(act))

    def open_verification(self, act: acts.OpenVerification, order: Order, rules: Rules) -> None:
        guards.require_not_done(self, act, events.VerificationOpened)
        guards.require_stage(self, act, Stage.ACCEPTED)
        self._record(events.VerificationOpened, order, rules, Step.VERIFICATION, **dict(act))

    def review_six_factors(self, act: acts.ReviewSixFactors, order: Order, rules: Rules) -> None:
        guards.file_of(self, act, act.subject)
        guards.require_stage(self, act, *DELIBERATING)
        self._record(events.SixFactorsReviewed, order, rules, Step.VERIFICATION, **dict(act))

    def check_list(self, act: acts.CheckList, order: Order, rules: Rules) -> None:
        guards.file_of(self, act, act.subject)
        guards.require_stage(self, act, *DELIBERATING)
        known = {item.id for item in rules.policy.items()}
        guards.require_listed(act, {*act.answers}, known, rules)
        guards.require_every_item_answered(act, rules)
        self._record(events.ListChecked, order, rules, Step.VERIFICATION, **dict(act))

    def report_verification(self, act: acts.ReportVerification, order: Order, rules: Rules) -> None:
        guards.require_not_done(self, act, events.VerificationReported)
        guards.require_stage(self, act, Stage.VERIFYING)
        guards.require_verified(self, act, rules)
        self._record(events.VerificationReported, order, rules, Step.VERIFICATION, **dict(act))

    def record_opinion(self, act: acts.RecordOpinion, order: Order, rules: Rules) -> None:
        guards.require_stage(self, act, *DELIBERATING)
        self._record(events.OpinionReceived, order, rules, Step.OPINIONS, **dict(act))

    def hold_consultation(self, act: acts.HoldConsultation, order: Order, rules: Rules) -> None:
        guards.require_stage(self, act, *DELIBERATING)
        self._record(events.JointConsultationHeld, order, rules, Step.CONSULTATION, **dict(act))

    def open_public_notice(self, act: acts.OpenPublicNotice, order: Order, rules: Rules) -> None:
        guards.require_not_done(self, act, events.PublicNoticeOpened)
        guards.require_stage(self, act, Stage.VERIFIED)
        ends = rules.ends(guards.notice_of(act, rules).rule, order.on)
        facts = dict(act) | {"ends_on": ends.due_on, "calendars": ends.editions}
        self._record(events.PublicNoticeOpened, order, rules, Step.PUBLIC_NOTICE, **facts)

    def raise_objection(self, act: acts.RaiseObjection, order: Order, rules: Rules) -> None:
        guards.require_stage(self, act, Stage.ON_NOTICE)
        guards.require_notice_running(self, act, order.on, rules)
        facts = dict(act) | {"objection": len(self.objections) + 1}
        self._record(events.ObjectionRaised, order, rules, Step.PUBLIC_NOTICE, **facts)

    def resolve_objection(self, act: acts.ResolveObjection, order: Order, rules: Rules) -> None:
        guards.require_stage(self, act, Stage.ON_NOTICE)
        guards.require_objection(self, act)
        guards.require_not_done(self, act, events.ObjectionResolved, str(act.objection))
        self._record(events.ObjectionResolved, order, rules, Step.PUBLIC_NOTICE, **dict(act))

    def close_public_notice(self, act: acts.ClosePublicNotice, order: Order, rules: Rules) -> None:
        guards.require_not_done(self, act, events.PublicNoticeClosed)
        guards.require_stage(self, act, Stage.ON_NOTICE)
        guards.require_notice_over(self, act, order.on, rules)
        guards.require_objections_resolved(self, act, rules)
        self._record(events.PublicNoticeClosed, order, rules, Step.PUBLIC_NOTICE)

    def defer_determination(self, act: acts.DeferDetermination, order: Order, rules: Rules) -> None:
        guards.file_of(self, act, act.subject)
        guards.require_deferral_provided(act, rules)
        guards.require_stage(self, act, *DELIBERATING)
        guards.require_not_done(self, act, events.SubjectDetermined, act.subject)
        guards.require_not_done(self, act, events.DeterminationDeferred, act.subject)
        self._record(events.DeterminationDeferred, order, rules, Step.DETERMINATION, **dict(act))

    def determine(self, act: acts.Determine, order: Order, rules: Rules) -> None:
        file = guards.file_of(self, act, act.subject)
        guards.require_not_done(self, act, events.SubjectDetermined, act.subject)
        guards.require_stage(self, act, *DECIDING)
        guards.require_steps_taken(self, act, rules)
        known = {item.id for item in rules.policy.items()}
        guards.require_listed(act, {*act.situations}, known, rules)
        effects = {effect.id for effect in rules.policy.effects}
        guards.require_listed(act, {*act.effects}, effects, rules)
        guards.require_permitted(act, rules)
        guards.require_tolerable(act, file, rules)
        effective_on = act.effective_on or order.on
        guards.require_not_effective_before(act, effective_on, order.on)
        facts = dict(act) | {"effective_on": effective_on}
        self._record(events.SubjectDetermined, order, rules, Step.DETERMINATION, **facts)

    def notify_result(self, act: acts.NotifyResult, order: Order, rules: Rules) -> None:
        guards.determination_of(self, act, act.subject)
        guards.require_not_done(self, act, events.ResultNotified, act.subject, act.recipient)
        self._record(events.ResultNotified, order, rules, Step.NOTIFICATION, **dict(act))

    def file_determination(self, act: acts.FileDetermination, order: Order, rules: Rules) -> None:
        guards.determination_of(self, act, act.subject)
        guards.require_not_done(self, act, events.DeterminationFiled, act.subject)
        self._record(events.DeterminationFiled, order, rules, Step.FILING, **dict(act))

    def complete_rectification(
        self, act: acts.CompleteRectification, order: Order, rules: Rules
    ) -> None:
        determination = guards.determination_of(self, act, act.subject)
        guards.require_not_done(self, act, events.RectificationCompleted, act.subject)
        if determination.rectification is None:
            guards.refuse_not_provided(act, rules)
        self._record(events.RectificationCompleted, order, rules, **dict(act))

    def hold_follow_up_visit(self, act: acts.HoldFollowUpVisit, order: Order, rules: Rules) -> None:
        guards.determination_of(self, act, act.subject)
        self._record(events.FollowUpVisitHeld, order, rules, Step.FOLLOW_UP, **dict(act))

    def close(self, act: acts.Close, order: Order, rules: Rules) -> None:
        guards.require_not_done(self, act, events.CaseClosed)
        guards.require_stage(self, act, Stage.DETERMINED)
        guards.require_duties_done(self, act)
        self._record(events.CaseClosed, order, rules)

    def call_time(self, key: str, order: Order) -> bool:
        """A moment of the clock has come: take down what it means, or nothing at all.

        Returns whether anything was recorded; a duty already met, a date already moved and a rung
        already called record nothing, so calling twice is harmless.
        """
        called = call(self.obligations, key, order.now)
        if called is None:
            return False
        on, fact = called
        self._record_duty(fact, order.model_copy(update={"on": on}))
        return True

    def _record(
        self,
        kind: type[Event],
        order: Order,
        rules: Rules,
        step: Step | None = None,
        **facts: Any,
    ) -> None:
        self.record(
            kind,
            order,
            articles=guards.articles(rules, step) if step else (),
            policy=rules.policy.reference,
            **facts,
        )

    def _record_duty(self, fact: Fact, order: Order, because: Event | None = None) -> None:
        kind, facts = fact
        duty = (
            facts["obligation"]
            if kind is ObligationOpened
            else self.obligations.standings[facts["obligation_id"]].obligation
        )
        caused = order.model_copy(
            update={
                "by": SYSTEM,
                "authority": None,
                "reason": None,
                "causation_id": f"{self.id}/{because.originator_version}" if because else None,
            }
        )
        self.record(
            kind,
            caused,
            articles=(duty.article,) if duty.article else (),
            policy=self.policy,
            calendars=duty.calendars,
            **facts,
        )
