"""What crosses into Temporal: opaque ids and instants, never a name. Only optional fields join."""

from datetime import timedelta
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict
from temporalio.common import SearchAttributeKey, SearchAttributePair, TypedSearchAttributes

Rank = tuple[int, int]  # how often time was moved by hand, and the version: the greater is newer


class Shape(BaseModel):
    """Old workers meet newer shapes and newer workers older ones: what is unknown is ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Moment(Shape):
    key: str
    at: AwareDatetime


class Plan(Shape):
    """All the instants a matter waits for. Of two plans the newer one holds, whatever came first.

    `version` is the matter's; `ahead` and `jump` tell of legal time moved by hand (see clock.py).
    """

    matter_id: str
    version: int
    moments: tuple[Moment, ...]
    ahead: timedelta = timedelta(0)
    jump: int = 0

    @property
    def rank(self) -> Rank:
        return (self.jump, self.version)

    def newer_than(self, other: "Plan") -> bool:
        return self.rank > other.rank


class ClockState(Shape):
    """What a clock starts from, and carries when its history grows long."""

    plan: Plan
    held: dict[str, AwareDatetime] = {}  # moments that failed, and when to try them again
    called: int = 0


class CallTime(Shape):
    matter_id: str
    key: str


class Called(Shape):
    """`recorded`: whether the moment meant anything; `plan`: the newest plan of the matter."""

    recorded: bool
    plan: Plan


CALL_TIME = "call_time"  # the activity's name
CLOCK = "CaseClock"  # the workflow's name
FOLLOW_PLAN = "follow_plan"  # the signal's name

# what Temporal lists of a clock, unsealed: to compare and to find by, never a fact or a name
PLAN_SHOWN = SearchAttributeKey.for_keyword("RongcuoPlan")
NEXT_SHOWN = SearchAttributeKey.for_datetime("RongcuoNextAt")


def shown(plan: Plan) -> tuple[SearchAttributePair[Any], ...]:
    """What a clock that follows this plan shows; there must be something to wait for."""
    return (
        SearchAttributePair(PLAN_SHOWN, f"{plan.jump}.{plan.version}"),
        SearchAttributePair(NEXT_SHOWN, min(each.at for each in plan.moments)),
    )


def rank_shown(attributes: TypedSearchAttributes) -> Rank | None:
    """Of the plan a clock follows; None for a clock begun before clocks showed any."""
    told = attributes.get(PLAN_SHOWN)
    if told is None:
        return None
    jump, version = told.split(".")
    return int(jump), int(version)


def clock_id(matter_id: str) -> str:
    return f"clock-{matter_id}"


class Redating(Shape):
    """How far the open days have been counted anew after an edition was released.

    `everything`: this pass looks at all matters it touches, not only at those that have moved
    since; `after`: the last matter of this pass; `of`: how many matters there are; `failed`: how
    many of this pass could not be counted and are asked again.
    """

    edition: str
    passes: int = 0
    everything: bool = True
    after: str | None = None
    of: int = 0
    looked_at: int = 0
    changed: int = 0
    failed: int = 0


class Touched(Shape):
    matters: tuple[str, ...]
    of: int


class Redate(Shape):
    edition: str
    matters: tuple[str, ...]


class Redated(Shape):
    changed: int
    failed: int


TOUCHED = "touched"  # activities
REDATE = "redate"
APPLIED = "applied"
REDATING = "RedateTouched"  # the workflow's name


def redating_id(edition: str) -> str:
    return f"redating-{edition}"


CLOSE_PERIODS = "close_periods"  # the activity
CLOSING = "ClosePeriods"  # the workflow a schedule starts every day


class DeliverDue(Shape):
    channel: str


class Delivered(Shape):
    """`wait`: how long until there may be something to do; null when nothing is owed any more."""

    delivered: int
    failed: int
    wait: timedelta | None = None


class DeliveryState(Shape):
    """What a delivery starts from, and carries when its history grows long."""

    channel: str
    delivered: int = 0


DELIVER_DUE = "deliver_due"  # the activity's name
DELIVERY = "Delivery"  # the workflow's name
LOOK = "look"  # the signal's name


def delivery_id(channel: str) -> str:
    return f"delivery-{channel}"
