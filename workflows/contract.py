"""What crosses into Temporal: opaque ids and instants, never a name. Only optional fields join."""

from datetime import timedelta

from pydantic import AwareDatetime, BaseModel, ConfigDict


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

    def newer_than(self, other: "Plan") -> bool:
        return (self.jump, self.version) > (other.jump, other.version)


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


def clock_id(matter_id: str) -> str:
    return f"clock-{matter_id}"
