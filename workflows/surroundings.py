"""The other matters that one act looks at or moves: loaded once, stored with it or not at all."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from domain.accountability.proceeding import AccountabilityProceeding
from domain.aggregate import Aggregate, Event, Order
from domain.kinds import BY_NAME
from domain.law.time_limits import TimeLimits
from domain.matter import Matter, matter_id
from domain.neighbours.echoes import echoes
from domain.neighbours.links import Echo
from domain.people import SYSTEM
from domain.tolerance.case import ToleranceCase

Load = Callable[[UUID, type[Matter]], Matter]
Rules = Callable[[str], TimeLimits[Any]]
RulesOpened = Callable[[str, str, date], TimeLimits[Any]]


class Surroundings:
    """Around one matter, before and after it takes one act."""

    def __init__(self, matter: Matter, load: Load, rules: Rules, opened: RulesOpened) -> None:
        self._matter = matter
        self._load = load
        self._rules = rules
        self._opened = opened
        self._loaded: dict[UUID, Matter] = {matter.id: matter}
        self._was_open = matter.is_open

    def look(self, kind: str, number: str) -> Matter:
        """A matter as it stands, begun or not. Raises KeyError for a kind there is none of."""
        found: Matter = self._by_id(matter_id(kind, number), BY_NAME[kind])
        return found

    def moved_by(self, order: Order) -> Sequence[Aggregate]:
        """The others, once all that the act brings about in them is recorded. Raises Refusal."""
        self._refer(order)
        heard = dict.fromkeys(self._loaded, 0)
        waiting = [self._matter]
        while waiting:
            matter = waiting.pop(0)
            news = matter.pending[heard.get(matter.id, 0) :]
            heard[matter.id] = len(matter.pending)
            for event in news:
                caused = _caused(order, event)
                waiting += [self._follow(each, caused) for each in echoes(matter, event, self.look)]
        return [each for each in self._loaded.values() if each.pending and each is not self._matter]

    def _follow(self, echo: Echo, order: Order) -> Matter:
        other = self.look(echo.kind, echo.number)
        if other.begun or echo.instrument is None:
            rules = self._rules(other.policy)
        else:
            rules = self._opened(echo.kind, echo.instrument, order.on)
        other.follow(echo.act, order, rules)
        return other

    def _refer(self, order: Order) -> None:
        """The proceeding moves when a tolerance case of it opens, ends or opens again."""
        case = self._matter
        if not isinstance(case, ToleranceCase) or case.matter is None:
            return
        if case.is_open == self._was_open:
            return
        proceeding = self._by_id(case.matter.id, AccountabilityProceeding)
        caused = order.model_copy(update={"by": SYSTEM, "authority": None, "reason": None})
        if case.is_open:
            proceeding.refer(case.case_number, tuple(case.subjects.values()), caused)
        else:
            proceeding.take_back(case.case_number, caused)

    def _by_id(self, id_: UUID, kind: type[Matter]) -> Any:
        if id_ not in self._loaded:
            self._loaded[id_] = self._load(id_, kind)
        return self._loaded[id_]


def _caused(order: Order, by: Event) -> Order:
    cause = f"{by.originator_id}/{by.originator_version}"
    more = {"by": SYSTEM, "authority": None, "reason": None, "causation_id": cause}
    return order.model_copy(update=more)
