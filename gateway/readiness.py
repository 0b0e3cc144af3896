"""Whether the parts are ready, in words.

Acts are recorded while Temporal is down, so that nothing about clocks makes us unready: it only
degrades. So does a parked matter, which is one matter's trouble and not everybody's.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from gateway.looks import PLAN_SENT_WITHIN, Books, Clocks, Look

LAG_ALLOWED_S: Final = 30  # the views show an event in a moment; a rebuild keeps them as they are
NEEDED: Final = frozenset({"postgresql", "views"})  # without these we can answer nobody truly

NO_POSTGRESQL: Final = "未查：PostgreSQL 没有应答"
NO_TEMPORAL: Final = "未查：够不到 Temporal"


@dataclass(frozen=True)
class Part:
    """One part, by its stable name, and how it stands."""

    name: str
    ok: bool
    detail: str


@dataclass(frozen=True)
class Readiness:
    parts: tuple[Part, ...]

    @property
    def ready(self) -> bool:
        return all(part.ok for part in self.parts if part.name in NEEDED)

    @property
    def degraded(self) -> bool:
        return not all(part.ok for part in self.parts)


def readiness(look: Look) -> Readiness:
    """Judge a look; the parts are always the same, in the same order."""
    return Readiness((*_of_postgresql(look.books), *_of_temporal(look.clocks)))


def _of_postgresql(books: Books | None) -> Iterator[Part]:
    if books is None:
        yield Part("postgresql", False, "没有应答，或库结构与程序不符；原因见日志")
        yield from (Part(name, False, NO_POSTGRESQL) for name in ("views", "parked", "plans"))
        return
    yield Part("postgresql", True, "可用")
    waits = f"，最早的已等 {books.lag_seconds:.0f} 秒" if books.lag_events else ""
    yield Part(
        "views", books.lag_seconds <= LAG_ALLOWED_S, f"落后 {books.lag_events} 个事件{waits}"
    )
    yield Part("parked", not books.parked_matters, f"搁置 {books.parked_matters} 件")
    late = f"其中 {books.plans_late} 件已逾 {PLAN_SENT_WITHIN.total_seconds():.0f} 秒"
    yield Part("plans", not books.plans_late, f"待送 {books.plans_behind} 件，{late}")


def _of_temporal(clocks: Clocks | None) -> Iterator[Part]:
    if clocks is None:
        yield Part("temporal", False, "够不到；行为照常入库，时钟待其恢复后补起")
        yield from (Part(name, False, NO_TEMPORAL) for name in ("worker", "clocks", "stuck"))
        return
    yield Part("temporal", True, "可用")
    yield Part("worker", clocks.workers > 0, f"{clocks.workers} 个在值守")
    kept = clocks.kept
    if kept is None:
        untold = "未查：没有在限定时间内核对完，或 PostgreSQL 没有应答"
        yield from (Part(name, False, untold) for name in ("clocks", "stuck"))
        return
    yield Part(
        "clocks",
        not kept.differing,
        f"有期限无时钟 {len(kept.without_clock)} 件，有时钟无期限 {len(kept.without_duty)} 件，"
        f"按旧计划走 {len(kept.behind)} 件",
    )
    stuck = "服务器不告知" if kept.stuck is None else f"卡住 {kept.stuck} 个"
    yield Part("stuck", not kept.stuck, stuck)
