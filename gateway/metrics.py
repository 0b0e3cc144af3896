"""What a look found, as gauges. What was not found out is left out: never a nought in its place."""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from gateway.clock_report import Kept
from gateway.looks import Books, Look


class Gauges(Collector):
    """One look, told to whoever collects."""

    def __init__(self, look: Look, age: float) -> None:
        self._look = look
        self._age = age

    def collect(self) -> Iterator[Metric]:
        """Tell first how old all of this is."""
        look = self._look
        yield GaugeMetricFamily("rongcuo_look_age_seconds", "本次所报查于多少秒之前", self._age)
        yield GaugeMetricFamily(
            "rongcuo_temporal_up", "够得到 Temporal 为 1", look.clocks is not None
        )
        if look.books:
            yield from _of_postgresql(look.books)
        if look.clocks:
            yield GaugeMetricFamily("rongcuo_clock_workers", "值守的时钟工人", look.clocks.workers)
        if look.clocks and look.clocks.kept:
            yield from _of_temporal(look.clocks.kept)


def registry(look: Look, age: float) -> CollectorRegistry:
    """Make a registry of its own: what other libraries put into the global one is not ours."""
    made = CollectorRegistry()
    made.register(Gauges(look, age))
    return made


def _of_postgresql(books: Books) -> Iterator[Metric]:
    for name, told, value in (
        ("follower_lag_events", "视图落后的事件", books.lag_events),
        ("parked_matters", "视图搁置的案件", books.parked_matters),
        ("waiting_matters", "在等时刻的案件", books.waiting_matters),
        ("plans_behind", "没有送到 Temporal 的时钟计划", books.plans_behind),
        ("unacknowledged_escalations", "没有确认的督办", books.unacknowledged),
        (
            "oldest_overdue_statutory_duty_days",
            "最久的逾期已过多少日，没有逾期为 0；推定之日、内部目标不算",
            books.oldest_overdue_days,
        ),
    ):
        yield GaugeMetricFamily(f"rongcuo_{name}", told, value)
    overdue = GaugeMetricFamily(
        "rongcuo_overdue_duties", "在办而逾期的期限，按约束程度", labels=["qualifier"]
    )
    for qualifier, number in books.overdue.items():
        overdue.add_metric([qualifier], number)
    yield overdue


def _of_temporal(kept: Kept) -> Iterator[Metric]:
    for name, told, value in (
        ("duties_without_clock", "有期限而无时钟的案件", len(kept.without_clock)),
        ("clocks_without_duty", "有时钟而无期限的案件", len(kept.without_duty)),
        ("clocks_behind", "还按旧计划走的时钟", len(kept.behind)),
        ("stuck_clocks", "工作流任务接连失败的时钟", kept.stuck),
    ):
        if value is not None:
            yield GaugeMetricFamily(f"rongcuo_{name}", told, value)
