"""Matters moved by a table: which act is taken at which stage, what it records, where that leads.

A sibling matter is its table of moves, one guard for each act that asks for more than the stage,
and what its events change beyond the stage.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, ClassVar, NoReturn
from uuid import UUID

from domain.aggregate import Act, Event, Order
from domain.guards import cited, refuse_done, refuse_not_provided
from domain.law.companions import Companion
from domain.law.time_limits import TimeLimits
from domain.matter import SHARED_ACTS, Link, Matter, MatterLinked
from domain.people import Organ, Subject
from domain.refusals import Code, Refusal
from domain.values import Text


class OpenMatter(Act):
    """What every sibling matter begins with; `links` say what it has to do with others."""

    number: Text
    organ: Organ
    subjects: tuple[Subject, ...] = ()
    links: tuple[Link, ...] = ()


class MatterOpened(Event):
    """The first event of a sibling matter."""

    number: str
    organ: Organ
    subjects: tuple[Subject, ...] = ()
    links: tuple[Link, ...] = ()


Facts = dict[str, Any]
Leads = StrEnum | Callable[[Any], StrEnum | None] | None


@dataclass(frozen=True)
class Move:
    """One act of a table.

    `records` the event, with the particulars of the act that it has fields for; `at` the stages in
    which it may be taken, empty for any but before the opening; `to` where the matter then stands:
    a stage, a function of the event, or None for where it was. `once`: once for each subject it
    names.
    """

    records: type[Event]
    at: tuple[StrEnum, ...] = ()
    to: Leads = None
    once: bool = False


class StagedMatter(Matter):
    """`STAGES`: what each stage is called, and what can be done from there. `OVER`: the last ones.

    A guard is a method of the act's name that takes (act, order, rules); it refuses, or answers
    with further facts for the event, or with None. What happens by time alone is recorded in
    `when_called`, and leads where `LEADING` says.
    """

    MOVES: ClassVar[Mapping[type[Act], Move]]
    STAGES: ClassVar[Mapping[StrEnum, tuple[str, str]]]
    OVER: ClassVar[frozenset[StrEnum]]
    LEADING: ClassVar[Mapping[type[Event], Leads]]  # every event that moves the stage

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "MOVES" in vars(cls):
            of_moves = {move.records: move.to for move in cls.MOVES.values()}
            cls.LEADING = {**of_moves, **vars(cls).get("LEADING", {})}

    def __init__(self, id: UUID) -> None:
        super().__init__(id)
        self.opened: MatterOpened | None = None
        self.stage: StrEnum | None = None
        self.done: dict[tuple[str, ...], date] = {}  # event name and subject → when first
        self.handlers: set[str] = set()  # whoever has taken an act: none may sit on a review of it

    # ---- what others ask -----------------------------------------------------------------------

    @classmethod
    def acts(cls) -> tuple[type[Act], ...]:
        return (*cls.MOVES, *SHARED_ACTS)

    @property
    def begun(self) -> bool:
        return self.opened is not None

    @property
    def number(self) -> str:
        return self.opened.number if self.opened else ""

    @property
    def subjects(self) -> dict[str, Subject]:
        return {each.id: each for each in self.opened.subjects} if self.opened else {}

    @property
    def is_open(self) -> bool:
        return self.stage is not None and self.stage not in self.OVER

    @property
    def at(self) -> StrEnum | None:
        return self.stage

    @property
    def at_in_words(self) -> str:
        return self.STAGES[self.stage][0] if self.stage else ""

    # ---- acts ----------------------------------------------------------------------------------

    def take(self, act: Act, order: Order, rules: TimeLimits[Any]) -> None:
        if isinstance(act, OpenMatter):
            self._require_unopened(act)
        else:
            self._require_opened(act)
        move = self.MOVES.get(type(act))
        if move is None:  # an act that every matter has
            super().take(act, order, rules)
            return
        if move.once:
            self.require_not_done(act, move.records, *self._about(act))
        if move.at:
            self.require_stage(act, *move.at)
        guard = getattr(self, act.name, None)
        more: Facts | None = guard(act, order, rules) if guard else None
        own = {key: told for key, told in act if key in move.records.model_fields}
        self.note(move.records, order, rules, **{**own, **(more or {})})

    def note(
        self, kind: type[Event], order: Order, rules: TimeLimits[Any], /, **facts: Any
    ) -> None:
        """On the article that the instrument gives for what is recorded, unless told otherwise."""
        instrument: Companion = rules.instrument
        facts.setdefault("articles", cited(instrument.article_for(kind.name())))
        super().note(kind, order, rules, **facts)

    # ---- questions a guard may ask -------------------------------------------------------------

    def require_stage(self, act: Act, *stages: StrEnum) -> None:
        if self.stage in stages or self.stage is None:
            return
        called, way_out = self.STAGES[self.stage]
        wanted = "、".join(f"「{self.STAGES[each][0]}」" for each in stages)
        raise Refusal(
            Code.OUT_OF_STAGE,
            asked=act.label,
            obstacle=f"本事项处于「{called}」环节，须处于{wanted}",
            way_out=way_out,
        )

    def require_not_done(self, act: Act, kind: type[Event], *about: str) -> None:
        done_on = self.done.get((kind.name(), *about))
        if done_on is not None:
            refuse_done(act, kind, done_on)

    def require_subject(self, act: Act, subject: str) -> Subject:
        """The subject of that id; refused when the matter does not concern them."""
        if subject in self.subjects:
            return self.subjects[subject]
        known = "、".join(self.subjects)
        raise Refusal(
            Code.UNKNOWN_SUBJECT,
            asked=act.label,
            obstacle=f"{subject} 不是本事项的对象",
            way_out=f"本事项对象为 {known}" if known else "请核对编号",
        )

    def refuse_unprovided(self, act: Act, rules: TimeLimits[Any]) -> NoReturn:
        refuse_not_provided(act, rules.instrument.name, rules.instrument.reference)

    def _require_unopened(self, act: OpenMatter) -> None:
        if self.opened is not None:
            raise Refusal(
                Code.CASE_NUMBER_TAKEN,
                asked=act.label,
                obstacle=f"{self.called} {act.number} 已于 {self.opened.on} 登记",
                way_out="同一件事请原样重发；另一件事请另编号",
            )

    def _require_opened(self, act: Act) -> None:
        if self.opened is None:
            raise Refusal(
                Code.CASE_NOT_FOUND,
                asked=act.label,
                obstacle=f"没有这件{self.called}",
                way_out="请核对编号；尚未登记的，请先登记",
            )

    # ---- the state table -----------------------------------------------------------------------

    def evolve(self, event: Event) -> None:
        self.obligations.evolve(event)
        match event:
            case MatterOpened():
                self.opened, self.organ = event, event.organ
                self.policy = event.envelope.policy or self.policy
                self.links = [*event.links]
            case MatterLinked(link=link):
                self.links.append(link)
        if not event.envelope.by.is_system:
            self.handlers.add(event.envelope.by.id)
        self.done.setdefault((event.name(), *self._about(event)), event.on)
        leads = self.LEADING.get(type(event))
        self.stage = (leads(event) if callable(leads) else leads) or self.stage
        self.learn(event)

    def learn(self, event: Event) -> None:
        """What an event changes beyond the stage."""

    @staticmethod
    def _about(said: Act | Event) -> tuple[str, ...]:
        subject: str | None = getattr(said, "subject", None)
        return (subject,) if isinstance(subject, str) else ()
