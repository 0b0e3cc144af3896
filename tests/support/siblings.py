"""Given a sibling matter, when an act is asked for or time passes, then this came of it."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any, Self

from domain.aggregate import Act, Event, Order
from domain.kinds import KINDS
from domain.law.calendar import CHINA, start_of
from domain.law.time_limits import TimeLimits
from domain.matter import matter_id
from domain.obligations import Standing, moments
from domain.people import SYSTEM, Officer, Organ, OrganKind, OrganLevel, Subject, SubjectKind
from domain.refusals import Code, Refusal
from domain.registry import folded
from domain.staged import OpenMatter, StagedMatter
from gateway.rulebook import Rulebook

COUNTY = Organ(
    id="county-cdi",
    name="某县纪委监委",
    kind=OrganKind.DISCIPLINE,
    level=OrganLevel.COUNTY,
    region="421087",
)
BUREAU = Organ(
    id="bureau",
    name="某局党组",
    kind=OrganKind.PARTY_COMMITTEE,
    level=OrganLevel.COUNTY,
    region="421087",
)
CLERK = Officer(id="clerk-1", role="承办人", organ=COUNTY.id)
OTHER_CLERK = Officer(id="clerk-2", role="承办人", organ=COUNTY.id)
WU = Subject(
    id="p-wu", kind=SubjectKind.CADRE, label="吴某", rank="乡科级", unit="某局", region="421087"
)
ZHENG = Subject(
    id="p-zheng", kind=SubjectKind.CADRE, label="郑某", rank="县处级", unit="某局", region="421087"
)
FIRM = Subject(id="o-firm", kind=SubjectKind.ORGANIZATION, label="某公司", region="421087")


@cache
def rulebook() -> Rulebook:
    return Rulebook.packaged()


@dataclass
class Life:
    """One sibling matter under one instrument, and all that was recorded of it."""

    matter: StagedMatter
    rules: TimeLimits[Any] = field(repr=False)
    recorded: list[Event] = field(default_factory=list)
    news: list[Event] = field(default_factory=list)  # what the last act or day recorded
    refusal: Refusal | None = None
    asked: list[Act] = field(default_factory=list)

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
        day = date.fromisoformat(on) if on else self.matter.last_on or date.min
        instant = datetime.fromisoformat(now or f"{day}T10:00+08:00")
        key = f"act-{len(self.recorded)}"
        order = Order(key=key, by=by, on=day, now=instant, authority=authority)
        self.refusal = None
        self.asked.append(act)
        try:
            self.matter.perform(act, order, self.rules)
        except Refusal as refusal:
            self.refusal = refusal
        return self._heard()

    def until(self, day: str) -> Self:
        """Time passes to the end of a day: the clock calls every moment when it comes."""
        end = start_of(date.fromisoformat(day) + timedelta(days=1))
        news = []
        while True:
            due = [each for each in moments(self.matter.obligations) if each.at < end]
            if not due:
                break
            now = due[0].at.astimezone(CHINA)
            order = Order(key=f"time-{due[0].key}", by=SYSTEM, on=now.date(), now=now)
            assert self.matter.call_time(due[0].key, order, self.rules)
            news += self._heard().news
        self.news = news
        return self

    def _heard(self) -> Self:
        self.news = self.matter.collect_events()
        self.recorded += self.news
        return self

    def then(self, name: str, **facts: object) -> Self:
        """The act recorded this one event, with at least these facts."""
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
        if self.recorded:
            assert state(self.matter) == state(folded(self.recorded))
        return self

    def names(self) -> list[str]:
        """What was recorded last, by stored name without version."""
        return [each.name() for each in self.news]

    def duty(self, rule: str, subject: str | None = None) -> Standing:
        """The latest duty of a rule (of one subject, where it has one)."""
        found = [
            each
            for each in self.matter.obligations
            if each.obligation.rule == rule and subject in (None, each.obligation.subject)
        ]
        return found[-1]


def state(matter: Any) -> dict[str, Any]:  # in parts that can be compared
    return {**vars(matter), "obligations": matter.obligations.standings}


def asked(
    opening: OpenMatter, instrument: str, *, on: str, by: Officer = CLERK, **more: Any
) -> Life:
    """A matter asked to open under an instrument; look at `refusal` for what came of it."""
    kind = next(each for each in KINDS.values() if isinstance(opening, each.opening))
    rules = rulebook().for_matter(kind.matter.kind, instrument, date.fromisoformat(on))
    life = Life(kind.matter(matter_id(kind.matter.kind, opening.number)), rules)
    return life.when(opening, on=on, by=by, **more)


def begun(opening: OpenMatter, instrument: str, *, on: str, **more: Any) -> Life:
    """A matter opened under an instrument."""
    life = asked(opening, instrument, on=on, **more)
    assert life.refusal is None, life.refusal
    return life
