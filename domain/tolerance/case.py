"""A tolerance case: whatever may be done in it, phase by phase.

Each act asks its guards, then records what it decides; the acts stand with their guards in the
modules named below, what an event changes in state.py.
"""

from domain.aggregate import Act, Event, Order
from domain.law.rules import Rules
from domain.obligations import (
    Fact,
    Obligation,
    ObligationExtended,
    ObligationOpened,
    ObligationRedated,
    ObligationResumed,
    call,
    settle,
)
from domain.people import SYSTEM
from domain.refusals import Code, Refusal
from domain.tolerance.aftermath import Aftermath
from domain.tolerance.deliberation import Deliberation
from domain.tolerance.inquiry import Inquiry
from domain.tolerance.opening import Opening
from domain.tolerance.review import Reviews

WITH_DUTY = (ObligationOpened, ObligationResumed, ObligationExtended, ObligationRedated)


class ToleranceCase(Opening, Inquiry, Deliberation, Reviews, Aftermath):
    def perform(self, act: Act, order: Order, rules: Rules) -> None:
        """Take one act: its own method decides and records; then its duties are settled.

        Raises Refusal; nothing is then recorded.
        """
        self.require_in_time(order, act.label)
        self._require_not_recused(act, order)
        settled = len(self.pending)
        getattr(self, act.name)(act, order, rules)
        organ = self.organ.id if self.organ else ""
        for event in self.pending[settled:]:
            for fact in settle(self.obligations, event, rules, self.subjects, organ):
                self._record_duty(fact, order, because=event)

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

    def redate(self, order: Order, rules: Rules, cause: str | None = None) -> None:
        """Count every open day anew by the calendar as it is now; `cause`: the edition released.

        A day that was settled, or of which people were told, never moves earlier. What is met or
        over is not judged again. Done twice, the second time changes nothing.
        """
        for standing in self.obligations.open():
            duty, ends = standing.obligation, rules.counted_again(standing.obligation)
            if ends is None or duty.due_on is None:
                continue
            stands = standing.reminded > 0 or not duty.provisional
            due_on = max(ends.due_on, duty.due_on) if stands else ends.due_on
            again = rules.redated(duty, ends, due_on, order.on)
            kept = due_on != ends.due_on
            heard_of = again.calendars == duty.calendars  # this edition, and what came of it
            if not _says_the_same(duty, again) or (kept and not heard_of):
                facts = {
                    "obligation_id": duty.id,
                    "obligation": again,
                    "was_due_on": duty.due_on,
                    "kept": kept,
                    "settled": duty.provisional and not again.provisional,
                    "cause": cause,
                }
                self._record_duty((ObligationRedated, facts), order)

    def _require_not_recused(self, act: Act, order: Order) -> None:
        if self.recusals.get(order.by.id):
            raise Refusal(
                Code.RECUSED,
                asked=act.label,
                obstacle=f"{order.by.id} 已经回避本案",
                way_out="请由其他承办人员办理",
            )

    def _record_duty(self, fact: Fact, order: Order, because: Event | None = None) -> None:
        kind, facts = fact
        duty = (
            facts["obligation"]
            if issubclass(kind, WITH_DUTY)
            else self.obligations.standings[facts["obligation_id"]].obligation
        )
        caused = order.model_copy(
            update={
                "by": SYSTEM,
                "authority": None,
                "reason": None,
                "causation_id": (
                    f"{self.id}/{because.originator_version}" if because else order.causation_id
                ),
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


def _says_the_same(duty: Obligation, again: Obligation) -> bool:
    """Whether nothing but the names of the editions and the generation would change."""
    names_aside = {"calendars": again.calendars, "generation": again.generation}
    return duty.model_copy(update=names_aside) == again
