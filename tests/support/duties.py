"""What acts and moments do to the duties of a case, in words a test can compare."""

from datetime import datetime

from domain.aggregate import Event, Order
from domain.law.calendar import civil_date
from domain.obligations import Obligation, Standing, moments
from domain.people import SYSTEM
from tests.support.given import Story


def settled(story: Story) -> list[str]:
    """What the last act meant for the duties, in order: `met answer-1`, `opened filing-1`."""
    assert story.refusal is None, story.refusal
    return [told(each) for each in story.news if each.name().startswith("obligation.")]


def told(event: Event) -> str:
    duty_id = getattr(event, "obligation_id", None) or getattr(event, "obligation").id  # noqa: B009
    return f"{event.name().removeprefix('obligation.')} {duty_id}"


def time_comes(story: Story, key: str, now: str) -> list[str]:
    """A clock calls a moment; what came of it."""
    instant = datetime.fromisoformat(now)
    order = Order(key=f"time:{key}", by=SYSTEM, on=civil_date(instant), now=instant)
    recorded = story.case.call_time(key, order, story.rules)
    story.news = story.case.collect_events()
    story.recorded += story.news
    assert recorded == bool(story.news)
    return [told(each) for each in story.news]


def standing(story: Story, id_: str) -> Standing:
    return story.case.obligations.standings[id_]


def duty(story: Story, id_: str) -> Obligation:
    return standing(story, id_).obligation


def keys(story: Story) -> list[str]:
    return [each.key for each in moments(story.case.obligations)]
