"""Given a history, when an act is asked for, then this came of it: how a test of a case reads."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Self

from domain.aggregate import Act, Event, Order
from domain.law.rules import Rules
from domain.people import SYSTEM, Officer
from domain.refusals import Code, Refusal
from domain.tolerance.case import ToleranceCase
from tests.support.examples import CASE, CLERK, History


def state(case: ToleranceCase) -> dict[str, Any]:  # in parts that can be compared
    return {**vars(case), "obligations": case.obligations.standings}


def folded(events: Iterable[Event]) -> ToleranceCase:
    return ToleranceCase.project(ToleranceCase(CASE), events) or ToleranceCase(CASE)


@dataclass
class Story:
    rules: Rules = field(repr=False)
    case: ToleranceCase = field(default_factory=lambda: ToleranceCase(CASE))
    recorded: list[Event] = field(default_factory=list)
    news: list[Event] = field(default_factory=list)  # what the last act recorded
    refusal: Refusal | None = None

    def when(
        self,
        act: Act,
        *,
        on: str | None = None,
        now: str | None = None,
        by: Officer = CLERK,
        authority: str | None = None,
    ) -> Self:
        """Ask for an act: on the day of the one before it, at ten, unless told otherwise."""
        day = date.fromisoformat(on) if on else self.case.last_on or date.min
        instant = datetime.fromisoformat(now or f"{day}T10:00+08:00")
        key = f"act-{len(self.recorded)}"
        order = Order(key=key, by=by, on=day, now=instant, authority=authority)
        self.refusal = None
        try:
            self.case.perform(act, order, self.rules)
        except Refusal as refusal:
            self.refusal = refusal
        self.news = self.case.collect_events()
        self.recorded += self.news
        return self

    def then(self, name: str, **facts: object) -> Self:
        """One official event came of it, with at least these facts."""
        assert self.refusal is None, self.refusal
        (event,) = (each for each in self.news if each.envelope.by != SYSTEM)
        assert (event.name(), {key: getattr(event, key) for key in facts}) == (name, facts)
        return self

    def refused(self, code: Code, *, because: str = "", article: str | None = None) -> Self:
        """It was refused with a reason and a way out; nothing was recorded, nothing changed."""
        assert self.refusal is not None, f"was taken: {self.news}"
        assert self.refusal.code == code, self.refusal
        assert because in self.refusal.obstacle, self.refusal
        assert article is None or article in self.refusal.articles, self.refusal
        assert self.refusal.way_out
        assert self.news == []
        assert state(self.case) == state(folded(self.recorded))
        return self


def given(history: History) -> Story:
    story = Story(history.rules)
    for day, act in history.steps:
        assert story.when(act, on=day).refusal is None, story.refusal
    return story
