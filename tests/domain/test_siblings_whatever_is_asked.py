"""Whatever is asked of a sibling matter, in whatever order: it is taken or refused, never an error.

Every life of a kind gives its acts; they are asked again shuffled, doubled, out of season, under
the instrument of another life, with days passing between them.
"""

import importlib
from datetime import date, datetime, timedelta
from functools import cache
from random import Random

import pytest

from domain.aggregate import Act, Order
from domain.kinds import KINDS
from domain.law.calendar import CHINA
from domain.matter import Link, LinkMatter, Relation
from domain.obligations import moments
from domain.people import SYSTEM
from domain.refusals import Refusal
from domain.registry import folded
from tests.support.siblings import CLERK, OTHER_CLERK, Life, state

RUNS, STEPS = 150, 25
LINK = LinkMatter(link=Link(kind="inquiry", number="函1号", relation=Relation.RELIES_ON))


@cache
def lives_of(kind: str) -> tuple[Life, ...]:
    return tuple(importlib.import_module(f"tests.support.lives_of.{kind}").lives())


class Asked:
    """One matter asked at random: how many acts were taken, how many refused."""

    def __init__(self, kind: str, seed: int) -> None:
        self.random = Random(f"{kind}/{seed}")  # noqa: S311 (nothing secret)
        life = self.random.choice(lives_of(kind))
        self.rules = self.random.choice([life, life, life, *lives_of(kind)]).rules
        self.acts = [act for each in lives_of(kind) for act in each.asked]
        self.opening = life.asked[0]
        self.matter = KINDS[kind].matter(life.matter.id)
        self.today = life.recorded[0].on
        self.taken = self.refused = 0

    def live(self) -> "Asked":
        self.ask(self.opening)
        for _ in range(STEPS):
            self.ask(self.random.choice([*self.acts, LINK]))
            self.pass_to(self.today + timedelta(days=self.random.choice([0, 0, 0, 1, 9, 40])))
        return self

    def ask(self, act: Act) -> None:
        by = self.random.choice([CLERK, CLERK, OTHER_CLERK])
        now = datetime.combine(self.today, datetime.min.time(), CHINA).replace(hour=10)
        shown = self.random.choice([None, "会议纪要1号"])
        order = Order(key="k", by=by, on=self.today, now=now, authority=shown)
        refusal, before = None, self.matter.version
        try:
            self.matter.perform(act, order, self.rules)
        except Refusal as refused:
            refusal = refused
        if refusal is None:
            self.taken += 1
            return
        self.refused += 1
        assert refusal.way_out
        assert refusal.obstacle
        assert self.matter.version == before, f"{act.name} was refused and left a trace"

    def pass_to(self, day: date) -> None:
        self.today = day
        end = datetime.combine(day, datetime.min.time(), CHINA)
        while (due := moments(self.matter.obligations)) and due[0].at <= end:
            order = Order(key="t", by=SYSTEM, on=due[0].at.astimezone(CHINA).date(), now=due[0].at)
            assert self.matter.call_time(due[0].key, order, self.rules)
            assert not self.matter.call_time(due[0].key, order, self.rules)


@pytest.mark.parametrize("kind", KINDS)
def test_whatever_is_asked_is_taken_or_refused_and_the_matter_is_what_its_events_say(
    kind: str,
) -> None:
    taken = refused = 0
    for seed in range(RUNS):
        asked = Asked(kind, seed).live()
        events = asked.matter.collect_events()
        if events:
            assert state(asked.matter) == state(folded(events))
        taken, refused = taken + asked.taken, refused + asked.refused
    assert taken > RUNS
    assert refused > 0
