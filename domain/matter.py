"""What a tolerance case and its sibling matters share: number, instrument, duties, clock, links."""

from enum import StrEnum
from typing import Any, ClassVar
from uuid import NAMESPACE_URL, UUID, uuid5

from domain.aggregate import Act, Event, Order
from domain.duty_acts import AcknowledgeEscalation, ExtendDuty, WaiveDuty, WithDuties
from domain.guards import cited
from domain.law.time_limits import Instrument, TimeLimits
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
from domain.people import SYSTEM, Organ, Subject
from domain.refusals import Code, Refusal
from domain.values import Text, Value

WITH_DUTY = (ObligationOpened, ObligationResumed, ObligationExtended, ObligationRedated)


def matter_id(kind: str, number: str) -> UUID:
    """The stream of a number: within its kind one number can only ever open one matter."""
    return uuid5(NAMESPACE_URL, f"urn:rongcuo:{kind}:{number}")


class Relation(StrEnum):
    """How one matter stands to another."""

    ARISES_FROM = "arises_from"  # 由其引起
    GIVES_RISE_TO = "gives_rise_to"  # 引起
    SAME_ACCUSATION = "same_accusation"  # 同一检举控告
    REVIEWS = "reviews"  # 复核
    REVIEWED_BY = "reviewed_by"  # 被复核
    RELIES_ON = "relies_on"  # 以其为据
    RELIED_ON_BY = "relied_on_by"  # 被引为依据

    @property
    def reverse(self) -> "Relation":
        return REVERSE[self]


REVERSE = {
    Relation.ARISES_FROM: Relation.GIVES_RISE_TO,
    Relation.GIVES_RISE_TO: Relation.ARISES_FROM,
    Relation.SAME_ACCUSATION: Relation.SAME_ACCUSATION,
    Relation.REVIEWS: Relation.REVIEWED_BY,
    Relation.REVIEWED_BY: Relation.REVIEWS,
    Relation.RELIES_ON: Relation.RELIED_ON_BY,
    Relation.RELIED_ON_BY: Relation.RELIES_ON,
}


class Link(Value):
    """Another matter, and how this one stands to it."""

    kind: str
    number: Text
    relation: Relation

    @property
    def id(self) -> UUID:
        return matter_id(self.kind, self.number)


class MatterLinked(Event, topic="matter.linked.v1", term="事项关联"):
    """Recorded in both matters, in each as it looks from there."""

    link: Link


class LinkMatter(Act, name="link_matter", label="登记关联事项"):
    link: Link


SHARED_ACTS: tuple[type[Act], ...] = (LinkMatter, ExtendDuty, AcknowledgeEscalation, WaiveDuty)


class Matter(WithDuties):
    """A matter of any kind. `kind` is what programs write, `called` what officials say."""

    kind: ClassVar[str]
    called: ClassVar[str]

    def __init__(self, id: UUID) -> None:
        super().__init__(id)
        self.policy = ""  # the edition it stands on
        self.organ: Organ | None = None  # who handles it now
        self.links: list[Link] = []

    @classmethod
    def acts(cls) -> tuple[type[Act], ...]:
        """Whatever may be asked of a matter of this kind."""
        raise NotImplementedError

    @property
    def begun(self) -> bool:
        """Whether anything has opened it."""
        raise NotImplementedError

    @property
    def number(self) -> str:
        raise NotImplementedError

    @property
    def subjects(self) -> dict[str, Subject]:
        """Whom it concerns, by id."""
        raise NotImplementedError

    @property
    def is_open(self) -> bool:
        raise NotImplementedError

    @property
    def at(self) -> StrEnum | None:
        """Where it stands as a whole."""
        raise NotImplementedError

    @property
    def at_in_words(self) -> str:
        raise NotImplementedError

    def perform(self, act: Act, order: Order, rules: TimeLimits[Any]) -> None:
        """Take one act: it decides and records; then its duties are settled.

        Raises Refusal; nothing is then recorded.
        """
        self.require_in_time(order, act.label)
        self.follow(act, order, rules)

    def follow(self, act: Act, order: Order, rules: TimeLimits[Any]) -> None:
        """As `perform`, whatever was last done here: another matter's act brings it about."""
        if type(act) not in self.acts():
            raise Refusal(
                Code.NOT_PROVIDED,
                asked=act.label,
                obstacle=f"这是{self.called}，没有这个行为",
                way_out="请核对编号；各类事项的行为见 rongcuo policy acts",
            )
        settled = len(self.pending)
        self.take(act, order, rules)
        self._settle(settled, order, rules)

    def take(self, act: Act, order: Order, rules: TimeLimits[Any]) -> None:
        """The method of the act's name decides."""
        getattr(self, act.name)(act, order, rules)

    def call_time(self, key: str, order: Order, rules: TimeLimits[Any]) -> bool:
        """A moment of the clock has come: take down what it means, or nothing at all.

        Returns whether anything was recorded; a duty already met, a date already moved and a rung
        already called record nothing, so calling twice is harmless.
        """
        called = call(self.obligations, key, order.now)
        if called is None:
            return False
        on, fact = called
        dated = order.model_copy(update={"on": on})
        self._record_duty(fact, dated)
        settled = len(self.pending)
        self.when_called(self.pending[-1], dated, rules)
        self._settle(settled, dated, rules)
        return True

    def when_called(self, event: Event, order: Order, rules: TimeLimits[Any]) -> None:
        """What a reminder, a missed day or an elapsed period means beyond itself: most nothing."""

    def redate(self, order: Order, rules: TimeLimits[Instrument], cause: str | None = None) -> None:
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

    def link_matter(self, act: LinkMatter, order: Order, rules: TimeLimits[Instrument]) -> None:
        """Say how it stands to another; the office takes it down there as well."""
        if act.link.id == self.id or act.link in self.links:
            raise Refusal(
                Code.ALREADY_DONE,
                asked=act.label,
                obstacle=f"与 {act.link.number} 的关联已经登记，或者就是本事项",
                way_out="无须重复登记",
            )
        self.note(MatterLinked, order, rules, link=act.link)

    def _settle(self, since: int, order: Order, rules: TimeLimits[Any]) -> None:
        """What the events recorded since mean for the duties."""
        organ = self.organ.id if self.organ else ""
        for event in self.pending[since:]:
            for fact in settle(self.obligations, event, rules, self.subjects, organ):
                self._record_duty(fact, order, because=event)

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
            articles=cited(duty.article),
            policy=self.policy,
            calendars=duty.calendars,
            **facts,
        )


def _says_the_same(duty: Obligation, again: Obligation) -> bool:
    """Whether nothing but the names of the editions and the generation would change."""
    names_aside = {"calendars": again.calendars, "generation": again.generation}
    return duty.model_copy(update=names_aside) == again
