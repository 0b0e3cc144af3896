"""A follow-up: opened, visited, told of, completed; terminated, or lapsed by the clock."""

from enum import StrEnum
from typing import Any, ClassVar, NoReturn
from uuid import UUID

from domain.aggregate import Act, Event, Order
from domain.follow_up import acts, events
from domain.follow_up.instrument import FollowUpInstrument
from domain.guards import cited
from domain.law.deadline_rules import DeadlineRule
from domain.law.time_limits import TimeLimits
from domain.obligations import ObligationOverdue, Standing
from domain.refusals import Code, Refusal
from domain.staged import Facts, Move, StagedMatter

Rules = TimeLimits[FollowUpInstrument]


class Stage(StrEnum):
    ACTIVE = "active"  # 跟踪中
    COMPLETED = "completed"  # 已了结
    TERMINATED = "terminated"  # 已终止
    LAPSED = "lapsed"  # 期满未回访


def revived(held: events.VisitHeld) -> Stage | None:
    return Stage.ACTIVE if held.undoes_lapse else None


class FollowUp(StagedMatter):
    kind: ClassVar[str] = "follow_up"
    called: ClassVar[str] = "回访与跟踪管理"
    STAGES: ClassVar[Any] = {
        Stage.ACTIVE: ("跟踪中", "请在期间内谈心谈话、回访，期满了结"),
        Stage.COMPLETED: ("已了结", "回访已经了结；又受处分或者另有认定的，另行登记"),
        Stage.TERMINATED: ("已终止", "终止有误的，请另行登记"),
        Stage.LAPSED: ("期满未回访", "期间内确已办过的，请按当日补录；督办请逐级确认"),
    }
    OVER: ClassVar[Any] = frozenset({Stage.COMPLETED, Stage.TERMINATED, Stage.LAPSED})
    MOVES: ClassVar[Any] = {
        acts.OpenFollowUp: Move(events.FollowUpOpened, to=Stage.ACTIVE),
        acts.HoldVisit: Move(
            events.VisitHeld, at=(Stage.ACTIVE, Stage.LAPSED), to=revived
        ),  # a visit held in time may be told after the clock
        acts.MoveFollowUp: Move(events.FollowUpTransferred, at=(Stage.ACTIVE,)),
        acts.GradeFollowUp: Move(events.FollowUpGraded, at=(Stage.ACTIVE,)),
        acts.SendFeedback: Move(
            events.FeedbackSent, at=(Stage.ACTIVE, Stage.COMPLETED, Stage.LAPSED)
        ),
        acts.AdviseAppointment: Move(
            events.AppointmentAdvised, at=(Stage.ACTIVE, Stage.COMPLETED, Stage.LAPSED)
        ),
        acts.CompleteFollowUp: Move(
            events.FollowUpCompleted, at=(Stage.ACTIVE,), to=Stage.COMPLETED
        ),
        acts.TerminateFollowUp: Move(
            events.FollowUpTerminated, at=(Stage.ACTIVE, Stage.LAPSED), to=Stage.TERMINATED
        ),
    }
    LEADING: ClassVar[Any] = {events.FollowUpLapsed: Stage.LAPSED}

    def __init__(self, id: UUID) -> None:
        super().__init__(id)
        self.opened: events.FollowUpOpened | None = None
        self.visits: list[events.VisitHeld] = []
        self.graded: events.FollowUpGraded | None = None  # the last one

    # ---- guards --------------------------------------------------------------------------------

    def open_follow_up(self, act: acts.OpenFollowUp, order: Order, rules: Rules) -> Facts:
        instrument = rules.instrument
        if len(act.subjects) != 1:
            _malformed(act, f"写了 {len(act.subjects)} 个对象", "请逐人登记，每件只写一人")
        if act.cause not in [each.id for each in instrument.after]:
            raise Refusal(
                Code.NOT_PROVIDED,
                asked=act.label,
                obstacle=f"{instrument.name}的对象是"
                + "、".join(e.label for e in instrument.after),
                articles=cited(*(each.article for each in instrument.after)),
                way_out="请改用对应的办法，或核对 cause",
            )
        if act.determined_on > order.on:
            told = f"认定、处分之日 {act.determined_on} 晚于登记之日 {order.on}"
            _malformed(act, told, "请核对 determined_on")
        starts_on, ends_on = act.effective_on, act.impact_ends_on
        if starts_on and ends_on and ends_on < starts_on:
            told = f"影响期届满之日 {ends_on} 早于生效之日 {starts_on}"
            _malformed(act, told, "请核对 effective_on 和 impact_ends_on")
        window = instrument.window
        if window is None:
            return {"window_from": None, "window_until": None}
        days = window.days(act.determined_on, starts_on, ends_on)
        if days is None:
            told = f"没有写明生效之日和影响期届满之日，定不出{window.label}"
            _malformed(act, told, "请填写 effective_on 和 impact_ends_on", window.article)
        return {"window_from": days[0], "window_until": days[1]}

    def hold_visit(self, act: acts.HoldVisit, order: Order, rules: Rules) -> Facts:
        self.require_subject(act, act.subject)
        self._require_in_window(act, order, rules)
        _require_visitors(act, rules)
        _require_recorded(act, rules)
        name = events.VisitHeld.name()
        known_as = {name, f"{name}:{act.way}"}
        met = [rule for rule in rules.instrument.visiting() if known_as & {*rule.met_by}]
        for rule in met:
            self._require_not_too_often(act, order, rule)
        lapsed, ids = self.stage is Stage.LAPSED, [rule.id for rule in met]
        missing = [
            each
            for each in self._visiting(rules)
            if each.obligation.rule not in ids or each.counted + 1 < each.obligation.at_least
        ]
        return {"undoes_lapse": lapsed and not missing}

    def transfer_follow_up(self, act: acts.MoveFollowUp, _: Order, __: Rules) -> None:
        if self.organ == act.to:
            raise Refusal(
                Code.ALREADY_DONE,
                asked=act.label,
                obstacle=f"本来就由{act.to.name}办理",
                way_out="请核对接收机关",
            )

    def grade_follow_up(self, act: acts.GradeFollowUp, _: Order, rules: Rules) -> Facts:
        grades = {each.id: each for each in rules.instrument.grades}
        if not grades:
            self.refuse_unprovided(act, rules)
        if act.grade not in grades:
            raise Refusal(
                Code.UNKNOWN_ITEM,
                asked=act.label,
                obstacle=f"没有 {act.grade} 这一等次",
                articles=cited(*(each.article for each in grades.values())),
                way_out="可以写" + "、".join(f"{e.id}（{e.label}）" for e in grades.values()),
            )
        self._require_visited(act)
        grade = grades[act.grade]
        return {"label": grade.label, "good": grade.good}

    def send_feedback(self, act: acts.SendFeedback, _: Order, rules: Rules) -> None:
        told = [each.article for each in rules.instrument.feedback if each.to == act.to]
        self._require_visited(act, *told)
        self._require_no_bad_grade(act, *told)

    def advise_appointment(self, act: acts.AdviseAppointment, order: Order, rules: Rules) -> None:
        advice = rules.instrument.advice
        if advice is None:
            self.refuse_unprovided(act, rules)
        ends_on = self.opened.impact_ends_on if self.opened else None
        if ends_on is None:
            way_out = "请另行登记并填写 impact_ends_on"
            _malformed(act, "没有登记影响期届满之日", way_out, advice.article)
        if order.on <= ends_on:
            raise Refusal(
                Code.WINDOW_RUNNING,
                asked=act.label,
                obstacle=f"影响期至 {ends_on} 届满",
                articles=cited(advice.article),
                way_out="请在影响期满后回复",
            )
        self._require_no_bad_grade(act, advice.article)

    def complete_follow_up(self, act: acts.CompleteFollowUp, order: Order, rules: Rules) -> Facts:
        self.require_duties_done(act)
        window, until = rules.instrument.window, self.opened.window_until if self.opened else None
        if window and window.whole and until and order.on <= until:
            raise Refusal(
                Code.WINDOW_RUNNING,
                asked=act.label,
                obstacle=f"{window.label}至 {until} 届满",
                articles=cited(window.article),
                way_out="请在期满后了结；对象已不在的，请终止（terminate_follow_up）",
            )
        return {"visits": len(self.visits)}

    # ---- time ----------------------------------------------------------------------------------

    def when_called(self, event: Event, order: Order, rules: Rules) -> None:
        """The last day of the window has gone by, and the visits wanted in it were not held."""
        if not isinstance(event, ObligationOverdue) or self.stage is not Stage.ACTIVE:
            return
        for standing in self._visiting(rules):
            duty = standing.obligation
            if duty.id == event.obligation_id and rules.instrument.deadline(duty.rule).stated:
                facts = {"visits": standing.counted, "wanted": duty.at_least}
                self.note(events.FollowUpLapsed, order, rules, **facts)

    # ---- questions of the guards ---------------------------------------------------------------

    def _visiting(self, rules: Rules) -> list[Standing]:
        """The duties, not yet met, that visits meet."""
        ids = [rule.id for rule in rules.instrument.visiting()]
        return [each for each in self.obligations.live() if each.obligation.rule in ids]

    def _require_in_window(self, act: Act, order: Order, rules: Rules) -> None:
        first = self.opened.window_from if self.opened else None
        last = self.opened.window_until if self.opened else None
        window = rules.instrument.window
        if window and first and last and not first <= order.on <= last:
            raise Refusal(
                Code.OUTSIDE_WINDOW,
                asked=act.label,
                obstacle=f"{order.on} 不在{window.label}（{first} 至 {last}）之内，不计次数",
                articles=cited(window.article),
                way_out="期间内办的，请写办理当日；期间外的谈话不在此登记",
            )

    def _require_not_too_often(self, act: Act, order: Order, rule: DeadlineRule) -> None:
        limit = rule.at_most
        held = [each.on for each in self.visits if each.names() & {*rule.met_by}]
        if limit is not None and limit.within == "year":
            held = [day for day in held if day.year == order.on.year]
        if limit is not None and len(held) >= limit.times:
            within = "本年度" if limit.within == "year" else "期间内"
            raise Refusal(
                Code.TOO_MANY_VISITS,
                asked=act.label,
                obstacle=f"{within}已有 {len(held)} 次，不得超过 {limit.times} 次",
                articles=cited(rule.article),
                way_out="请不要重复打扰；确有必要的另行报告",
            )

    def _require_visited(self, act: Act, *articles: str | None) -> None:
        if not self.visits:
            raise Refusal(
                Code.STEP_MISSING,
                asked=act.label,
                obstacle="还没有谈心谈话或者回访",
                articles=cited(*articles),
                way_out="请先登记谈心谈话或者回访（hold_visit）",
            )

    def _require_no_bad_grade(self, act: Act, *articles: str | None) -> None:
        if self.graded is not None and not self.graded.good:
            raise Refusal(
                Code.FINDINGS_CONTRADICT,
                asked=act.label,
                obstacle=f"最近一次评定为「{self.graded.label}」",
                articles=cited(*articles),
                way_out="表现确有改进的，请再次回访并重新评定",
            )

    # ---- the rest of the state table -----------------------------------------------------------

    def learn(self, event: Event) -> None:
        match event:
            case events.VisitHeld():
                self.visits.append(event)
            case events.FollowUpTransferred(to=organ):
                self.organ = organ
            case events.FollowUpGraded():
                self.graded = event


def _malformed(act: Act, obstacle: str, way_out: str, article: str | None = None) -> NoReturn:
    raise Refusal(
        Code.MALFORMED, asked=act.label, obstacle=obstacle, articles=cited(article), way_out=way_out
    )


def _require_visitors(act: acts.HoldVisit, rules: Rules) -> None:
    visitors, came = rules.instrument.visitors, len({*act.visitors})
    if visitors is not None and visitors.at_least is not None and came < visitors.at_least:
        raise Refusal(
            Code.TEAM_TOO_SMALL,
            asked=act.label,
            obstacle=f"回访人 {came} 名，须不少于 {visitors.at_least} 名",
            articles=cited(visitors.article),
            way_out="请补足回访人后再登记",
        )


def _require_recorded(act: acts.HoldVisit, rules: Rules) -> None:
    missing = [
        each
        for each in rules.instrument.record
        if each.required and getattr(act.record, each.id) is None
    ]
    if missing:
        raise Refusal(
            Code.MALFORMED,
            asked=act.label,
            obstacle="回访记录没有写" + "、".join(each.label for each in missing),
            articles=cited(*(each.article for each in missing)),
            way_out="请填写 " + "、".join(f"record.{each.id}" for each in missing),
        )
