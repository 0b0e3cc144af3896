"""影响期、处分期: how long a sanction keeps its effects, and how the periods of several add up.

A status period is no procedural period: it begins with the day the sanction takes effect, that day
counts, it is set in months and never rolls. It ends of itself (《政务处分法》第二十六条). How many
months a sanction carries stands in the rulebook; here is only how they are counted.

On which day the last month ends no source decides (domain notes 8.5), so the caller says: the
default is personnel practice, the alternative 《民法典》第二百零二条.
"""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum

from domain.law.periods import ONE_DAY, corresponding_day
from domain.values import Value


class EndRule(StrEnum):
    """Which is the last day of a period of six months from 10 March."""

    DAY_BEFORE = "day_before"  # 9 September
    CORRESPONDING_DAY = "corresponding_day"  # 10 September


class StatusPeriod(Value):
    """A status period; both its first day and its last one belong to it."""

    start: date  # 生效之日
    last_day: date
    months: int  # of the sanction that took effect on `start`
    rest_until: date | None = None  # what was left of an earlier one, and ran first

    def is_running(self, on: date) -> bool:
        """Tell whether `on` lies in it; nobody has to end it."""
        return self.start <= on <= self.last_day


class Deserved(Value):
    """The sanction one violation deserves by itself; 开除 has no period and is not meant here."""

    sanction: str
    grade: int  # the heavier, the higher: 降级 and 撤职 have the same months
    months: int


class AllowedMonths(Value):
    """Between how many months a period may be fixed, and by which article."""

    sanction: str
    least: int
    most: int
    article: str


def status_period(
    effective_on: date, months: int, *, end_rule: EndRule = EndRule.DAY_BEFORE
) -> StatusPeriod:
    """Count `months` from the day the sanction takes effect; ValueError for less than one."""
    _require_months(months)
    last_day = _last_day(effective_on, months, end_rule)
    return StatusPeriod(start=effective_on, last_day=last_day, months=months)


def stacked(
    running: StatusPeriod,
    effective_on: date,
    months: int,
    *,
    end_rule: EndRule = EndRule.DAY_BEFORE,
) -> StatusPeriod:
    """Add a party sanction to a period still running: what is left, then `months`, without a cap.

    《纪律处分条例》第二十一条: the new period begins when the new sanction takes effect, and is
    what was left of the old and the new together. What is left runs first, to its own last day,
    so that no day of it is lost in turning it into months (an interpretation).
    ValueError when none is running on that day, or for less than one month.
    """
    _require_months(months)
    if not running.is_running(effective_on):
        raise ValueError(
            f"{effective_on} 不在原影响期（{running.start} 至 {running.last_day}）内，"
            "没有尚未执行的影响期可以相加：请另行计算新处分的影响期。"
        )
    counted_from = running.last_day
    if end_rule is EndRule.DAY_BEFORE:  # which counts the day it counts from
        counted_from += ONE_DAY
    return StatusPeriod(
        start=effective_on,
        last_day=_last_day(counted_from, months, end_rule),
        months=months,
        rest_until=running.last_day,
    )


def allowed_months(deserved: Sequence[Deserved], *, cap_months: int, article: str) -> AllowedMonths:
    """Tell the period for several violations judged at once, from the sanction each deserves.

    《政务处分法》第十五条: the heaviest is carried out; where several are equally heavy, for one
    period at least and their sum at most, and never above a cap. The cap and the article come from
    the rulebook. ValueError for no violation, a grade told in two ways, a cap below one period.
    """
    if not deserved:
        raise ValueError("没有违法行为，不能确定处分期：请至少写一项。")
    grade = max(each.grade for each in deserved)
    heaviest = [each for each in deserved if each.grade == grade]
    first = heaviest[0]
    _require_months(first.months)
    if any(each != first for each in heaviest):
        raise ValueError("同一档次写了不同的处分或处分期：请核对。")
    if cap_months < first.months:
        raise ValueError(
            f"上限 {cap_months} 个月短于一个处分期 {first.months} 个月（{article}）：请核对。"
        )
    most = min(first.months * len(heaviest), cap_months)
    return AllowedMonths(sanction=first.sanction, least=first.months, most=most, article=article)


def period_within(
    allowed: AllowedMonths,
    effective_on: date,
    months: int,
    *,
    end_rule: EndRule = EndRule.DAY_BEFORE,
) -> StatusPeriod:
    """Count the `months` the organ fixed; ValueError outside of what is allowed."""
    if not allowed.least <= months <= allowed.most:
        raise ValueError(
            f"处分期须在 {allowed.least} 至 {allowed.most} 个月之间（{allowed.article}），"
            f"不能是 {months} 个月：请重新确定。"
        )
    return status_period(effective_on, months, end_rule=end_rule)


def overall_end(lines: Sequence[StatusPeriod]) -> date:
    """Tell the last day of sanctions of several kinds: each keeps its line, the latest ends all.

    An interpretation (domain notes 10.6). ValueError for no line.
    """
    if not lines:
        raise ValueError("没有影响期，说不出何时全部届满：请至少给一条。")
    return max(line.last_day for line in lines)


def _last_day(counted_from: date, months: int, end_rule: EndRule) -> date:
    """Give the last day by either rule; a month without the day ends the period on its last.

    There nothing is taken off: six months from 29, 30 and 31 August all end on 28 February, where
    those from the 28th end on the 27th.
    """
    end = corresponding_day(counted_from, months)
    has_no_such_day = end.day < counted_from.day
    if end_rule is EndRule.CORRESPONDING_DAY or has_no_such_day:
        return end
    return end - ONE_DAY


def _require_months(months: int) -> None:
    if months < 1:
        raise ValueError(f"影响期、处分期不能少于一个月（{months}）：请写正整数。")
