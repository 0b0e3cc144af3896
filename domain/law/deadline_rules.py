"""Time limits as an instrument states them: every shape the sources have."""

from enum import StrEnum
from typing import Literal, Self

from pydantic import NonNegativeInt, PositiveInt, StrictBool, model_validator

from domain.law.periods import TimeUnit
from domain.values import Value


class Qualifier(StrEnum):
    """How binding the time is."""

    MUST = "must"  # 应当在…内
    GENERALLY = "generally"  # 一般不超过
    PROMPTLY = "promptly"  # 及时：没有数字，不计逾期
    UNSTATED = "unstated"  # 来源未载时限
    PERIOD = "period"  # 期间：期满而非逾期
    TARGET = "target"  # 内部目标：只提醒，不计逾期


class StartDate(StrEnum):
    """From which day of the opening event a limit runs; that day itself is not counted."""

    OCCURRENCE = "occurrence"  # 发生
    SENDING = "sending"  # 发出
    RECEIPT = "receipt"  # 收到
    ACCEPTANCE = "acceptance"  # 受理
    FINDING = "finding"  # 查明
    DECISION = "decision"  # 作出决定
    EFFECT = "effect"  # 生效


class Frequency(Value):
    """频次上限: no more than so many times, over the whole window or in a calendar year."""

    times: PositiveInt
    within: Literal["window", "year"]


class Extension(Value):
    """延长: who approves, by how much each time, how often, and the cap counted from the start."""

    approver: str
    amount: PositiveInt
    unit: TimeUnit
    times: PositiveInt | None
    cap_amount: PositiveInt | None
    cap_unit: TimeUnit | None
    article: str | None
    confirmed: StrictBool

    @model_validator(mode="after")
    def _cap_is_whole(self) -> Self:
        if (self.cap_amount is None) != (self.cap_unit is None):
            raise ValueError("延长的上限须同时写 cap_amount 和 cap_unit，没有上限的都写 null")
        return self


class DeadlineRule(Value):
    """One time limit. Events are named as in `Event.names`, with `:aspect` where they have one.

    `amount` and `unit` are null exactly when the qualifier is `promptly` or `unstated`, or when the
    opening event states the last day itself, in the field `stated`. A rule
    `per: subject` opened by an event of the whole case opens once for each subject; `per: item`
    opens once for each numbered request or objection. `lapses_on` closes the window early,
    `suspended_by` stops the count and `resumed_by` takes up what was left. `at_least` is the
    number of `met_by` events wanted inside the window.
    """

    id: str
    label: str
    article: str | None
    opens_on: str
    starts: StartDate = StartDate.OCCURRENCE
    met_by: tuple[str, ...]
    lapses_on: tuple[str, ...] = ()
    suspended_by: tuple[str, ...] = ()
    resumed_by: tuple[str, ...] = ()
    per: Literal["case", "subject", "item"]
    amount: PositiveInt | None
    unit: TimeUnit | None
    stated: str | None = None
    roll: StrictBool
    qualifier: Qualifier
    at_least: PositiveInt = 1
    at_most: Frequency | None = None
    extension: Extension | None = None
    responsible: str
    blocks_closing: StrictBool
    managed_by: str | None = None
    confirmed: StrictBool
    interpretation: str | None = None

    @model_validator(mode="after")
    def _numbers_agree(self) -> Self:
        without_day = self.qualifier in (Qualifier.PROMPTLY, Qualifier.UNSTATED)
        if without_day and self.stated:
            raise ValueError(f"期限 {self.id}：promptly 和 unstated 没有届满之日，请删去 stated")
        without_number = without_day or self.stated is not None
        if without_number != (self.amount is None) or without_number != (self.unit is None):
            raise ValueError(
                f"期限 {self.id}：promptly、unstated 和写了 stated 的不填 amount、unit，其余必须填"
            )
        if self.extension and without_number:
            raise ValueError(f"期限 {self.id}：没有数字的期限无从延长，请删去 extension")
        if bool(self.suspended_by) != bool(self.resumed_by):
            raise ValueError(f"期限 {self.id}：suspended_by 和 resumed_by 须成对写")
        if self.at_most and self.at_most.times < self.at_least:
            raise ValueError(f"期限 {self.id}：at_most 少于 at_least，无法做到")
        return self

    def named(self) -> dict[str, tuple[str, ...]]:
        """Every event the rule names, by the key that names it."""
        return {
            "opens_on": (self.opens_on,),
            "met_by": self.met_by,
            "lapses_on": self.lapses_on,
            "suspended_by": self.suspended_by,
            "resumed_by": self.resumed_by,
        }


class LadderRung(Value):
    """`after`: working days past the due day on which the duty goes up to `role`."""

    after: PositiveInt
    role: str


class Ladder(Value):
    """Reminders (working days before the due day) and escalation: internal practice, not law."""

    reminders_before: tuple[NonNegativeInt, ...]
    escalation: tuple[LadderRung, ...]
    basis: str
    confirmed: StrictBool
