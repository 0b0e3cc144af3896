"""A yearly visit plan: whom it concerns, how many are wanted, who has been visited."""

from datetime import date
from enum import StrEnum
from typing import Any, ClassVar, NoReturn
from uuid import UUID

from domain.aggregate import Act, Event, Order
from domain.guards import cited
from domain.law.time_limits import TimeLimits
from domain.refusals import Code, Refusal
from domain.staged import Facts, Move, StagedMatter
from domain.visit_plan import acts, events
from domain.visit_plan.events import PlanResult
from domain.visit_plan.instrument import VisitPlanInstrument, VisitRatio

Rules = TimeLimits[VisitPlanInstrument]


class Stage(StrEnum):
    RUNNING = "running"  # 执行中
    CLOSED = "closed"  # 已了结
    UNMET = "unmet"  # 未达到比例


def closing(closed: events.VisitPlanClosed) -> Stage:
    return Stage.UNMET if closed.result is PlanResult.UNMET else Stage.CLOSED


class VisitPlan(StagedMatter):
    kind: ClassVar[str] = "visit_plan"
    called: ClassVar[str] = "年度回访计划"
    STAGES: ClassVar[Any] = {
        Stage.RUNNING: ("执行中", "请逐人登记回访，年终了结"),
        Stage.CLOSED: ("已了结", "下一年度请另行制定计划"),
        Stage.UNMET: ("未达到比例", "下一年度请另行制定计划"),
    }
    OVER: ClassVar[Any] = frozenset({Stage.CLOSED, Stage.UNMET})
    MOVES: ClassVar[Any] = {
        acts.OpenVisitPlan: Move(events.VisitPlanOpened, to=Stage.RUNNING),
        acts.RecordPlannedVisit: Move(
            events.PlannedVisitRecorded, at=(Stage.RUNNING,), once=True
        ),  # however often: one person, one of the number wanted
        acts.CloseVisitPlan: Move(events.VisitPlanClosed, at=(Stage.RUNNING,), to=closing),
    }

    def __init__(self, id: UUID) -> None:
        super().__init__(id)
        self.opened: events.VisitPlanOpened | None = None
        self.visited: dict[str, date] = {}

    # ---- guards --------------------------------------------------------------------------------

    def open_visit_plan(self, act: acts.OpenVisitPlan, _: Order, rules: Rules) -> Facts:
        ratio = rules.instrument.ratio
        _require_years(act, ratio)
        persons = {each.subject for each in act.candidates}
        if persons != {each.id for each in act.subjects}:
            _malformed(act, "subjects 和 candidates 所写的人不一致", "请逐人写明受处分之日")
        return {
            "ratio_percent": ratio.percent if ratio else None,
            "wanted": ratio.wanted(len(persons)) if ratio else None,
            "ends_on": date(act.year, 12, 31),
        }

    def record_planned_visit(self, act: acts.RecordPlannedVisit, order: Order, _: Rules) -> Facts:
        self.require_subject(act, act.subject)
        plan = self.opened
        if plan is None or act.held_on > order.on or act.held_on.year != plan.year:
            raise Refusal(
                Code.OUTSIDE_WINDOW,
                asked=act.label,
                obstacle=f"回访之日 {act.held_on} 不在计划年度内，或者晚于登记之日 {order.on}",
                way_out="请核对 held_on；别的年度的回访计入那一年的计划",
            )
        visited = len(self.visited) + 1
        return {"visited": visited, "reached": plan.wanted is not None and visited >= plan.wanted}

    def close_visit_plan(self, act: acts.CloseVisitPlan, order: Order, _: Rules) -> Facts:
        """Short of the number wanted it may be closed once the year is over, and says so."""
        plan = self.opened
        wanted = plan.wanted if plan else None
        if plan and order.on <= plan.ends_on:
            self.require_duties_done(act)
        if wanted is None:
            result = PlanResult.NO_RATIO
        else:
            result = PlanResult.MET if len(self.visited) >= wanted else PlanResult.UNMET
        return {"result": result, "visited": len(self.visited), "wanted": wanted}

    # ---- the rest of the state table -----------------------------------------------------------

    def learn(self, event: Event) -> None:
        match event:
            case events.PlannedVisitRecorded(subject=subject, held_on=held_on):
                self.visited[subject] = held_on


def _require_years(act: acts.OpenVisitPlan, ratio: VisitRatio | None) -> None:
    """The years before this one, as many as the instrument says; every sanction in one of them."""
    over, article = (ratio.over_years, ratio.article) if ratio else (None, None)
    years = {*act.of_years}
    if over is not None and years != {act.year - back for back in range(1, over + 1)}:
        told = f"{act.year} 年的计划按前 {over} 年受处分的人计算"
        _malformed(act, told, "请改写 of_years", article)
    if max(years) >= act.year:
        _malformed(act, f"{max(years)} 年不是 {act.year} 年以前的年度", "请改写 of_years", article)
    for each in act.candidates:
        if each.sanctioned_on.year not in years:
            told = f"{each.subject} 受处分之日 {each.sanctioned_on} 不在所计的年度内"
            _malformed(act, told, "请核对 candidates", article)


def _malformed(act: Act, obstacle: str, way_out: str, article: str | None = None) -> NoReturn:
    raise Refusal(
        Code.MALFORMED, asked=act.label, obstacle=obstacle, articles=cited(article), way_out=way_out
    )
