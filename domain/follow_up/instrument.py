"""What a follow-up instrument says: for whom, how long, who visits, what is recorded and told."""

from datetime import date
from typing import Literal, Self

from pydantic import Field, PositiveInt, StrictBool, model_validator

from domain.follow_up.events import Addressee, Cause, VisitHeld
from domain.law.companions import Companion, Way
from domain.law.deadline_rules import DeadlineRule
from domain.law.status_periods import EndRule, status_period
from domain.values import Value

Blank = Literal[
    "thoughts", "discipline", "work", "life", "appraisal", "unit_and_mentor", "execution"
]


class AfterCause(Value):
    """Who is followed up: after what."""

    id: Cause
    label: str
    article: str | None


class Window(Value):
    """The days between which visits count: some months from the determination, or the 影响期.

    `whole`: the follow-up itself lasts to the end of them.
    """

    label: str
    runs: Literal["from_determination", "through_impact"]
    months: PositiveInt | None = Field(default=None, title="月数：")
    end_rule: EndRule | None = None
    whole: StrictBool = Field(title="须满期方可了结：")
    article: str | None
    confirmed: StrictBool
    interpretation: str | None = None

    @model_validator(mode="after")
    def _counted_or_given(self) -> Self:
        counted = self.runs == "from_determination"
        if counted != (self.months is not None) or counted != (self.end_rule is not None):
            raise ValueError("自认定起算的写 months 和 end_rule，到影响期届满为止的都不写")
        return self

    def days(
        self, determined_on: date, effective_on: date | None, impact_ends_on: date | None
    ) -> tuple[date, date] | None:
        """First and last day; None when what it runs by was not told."""
        if self.months is not None and self.end_rule is not None:
            run = status_period(determined_on, self.months, end_rule=self.end_rule)
            return run.start, run.last_day
        if effective_on is None or impact_ends_on is None:
            return None
        return effective_on, impact_ends_on


class Visitors(Value):
    """Who visits, and how many at least."""

    label: str
    at_least: PositiveInt | None = Field(title="不少于人数：")
    article: str | None
    confirmed: StrictBool


class RecordBlank(Value):
    """One blank of the record of a visit."""

    id: Blank
    label: str
    required: StrictBool = Field(title="必填：")
    article: str | None


class Grade(Value):
    """`good`: 表现良好, which others are told of."""

    id: str
    label: str
    good: StrictBool
    article: str | None


class Feedback(Value):
    """Who is told of good behaviour."""

    to: Addressee
    label: str
    article: str | None


class FollowUpInstrument(Companion):
    """回访、跟踪管理. How often, and at most how often, stands with the limit that visits meet."""

    kind: Literal["follow_up"]
    after: tuple[AfterCause, ...] = Field(title="回访、跟踪的对象")
    window: Window | None = Field(title="期间")
    visitors: Visitors | None = Field(title="由谁回访")
    record: tuple[RecordBlank, ...] = Field(title="回访记录各栏")
    grades: tuple[Grade, ...] = Field(title="等次")
    feedback: tuple[Feedback, ...] = Field(title="良好表现的反馈")
    advice: Way | None = Field(title="影响期满后回复不影响任用")
    filed: Way | None = Field(title="归档")

    def visiting(self) -> tuple[DeadlineRule, ...]:
        """The limits that visits meet."""
        held = VisitHeld.name()
        return tuple(
            rule
            for rule in self.deadlines
            if any(name.partition(":")[0] == held for name in rule.met_by)
        )
