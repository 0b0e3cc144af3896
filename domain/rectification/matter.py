"""A rectification: noticed, talked over, planned, reported, checked; put right, or not in the end.

It needs no tolerance case. The talk is with persons; a unit may be addressed beside or without
them.
"""

from collections.abc import Collection
from enum import StrEnum
from typing import Any, ClassVar, NoReturn
from uuid import UUID

from domain.aggregate import Act, Event, Order
from domain.guards import cited
from domain.law.time_limits import TimeLimits
from domain.rectification import acts, events
from domain.rectification.instrument import Consequence, RectificationInstrument
from domain.rectification.particulars import CheckResult, Gravity, Ground
from domain.refusals import Code, Refusal
from domain.staged import Facts, Move, StagedMatter

Rules = TimeLimits[RectificationInstrument]
GRAVITIES = {Gravity.EFFECT_CONTINUES: "不良影响继续", Gravity.GRAVE_RESULT: "造成严重后果"}


class Stage(StrEnum):
    NOTICED = "noticed"  # 已发通知
    RECTIFYING = "rectifying"  # 整改中
    REPORTED = "reported"  # 待检查
    PASSED = "passed"  # 整改到位
    HANDLED = "handled"  # 已从严处理
    CLOSED = "closed"  # 已了结
    WITHDRAWN = "withdrawn"  # 已撤回


ONGOING = (Stage.NOTICED, Stage.RECTIFYING, Stage.REPORTED)
OPEN = (*ONGOING, Stage.PASSED, Stage.HANDLED)


def _after_check(checked: events.RectificationChecked) -> Stage:
    return Stage.PASSED if checked.result is CheckResult.PASS else Stage.RECTIFYING


def _after_escalation(escalated: events.RectificationEscalated) -> Stage | None:
    return Stage.HANDLED if escalated.last_resort else None


class RectificationMatter(StagedMatter):
    kind: ClassVar[str] = "rectification"
    called: ClassVar[str] = "整改事项"
    STAGES: ClassVar[Any] = {
        Stage.NOTICED: ("已发通知", "请谈话教育，由收到通知的报送整改方案、报告整改情况"),
        Stage.RECTIFYING: ("整改中", "请报告整改情况，再行检查"),
        Stage.REPORTED: ("待检查", "请检查整改情况"),
        Stage.PASSED: ("整改到位", "请了结；同一错误再次发生的，请登记"),
        Stage.HANDLED: ("已从严处理", "可以了结；继续整改的，请报告并检查"),
        Stage.CLOSED: ("已了结", "再有问题的，请另发通知"),
        Stage.WITHDRAWN: ("已撤回", "仍须整改的，请另发通知"),
    }
    OVER: ClassVar[Any] = frozenset({Stage.CLOSED, Stage.WITHDRAWN})
    MOVES: ClassVar[Any] = {
        acts.OpenRectification: Move(events.NoticeSent, to=Stage.NOTICED),
        acts.HoldTalk: Move(events.TalkHeld, at=OPEN, once=True),
        acts.SubmitPlan: Move(
            events.PlanSubmitted, at=(Stage.NOTICED, Stage.RECTIFYING), to=Stage.RECTIFYING
        ),
        acts.ReportRectification: Move(
            events.RectificationReported, at=(*ONGOING, Stage.HANDLED), to=Stage.REPORTED
        ),
        acts.CheckRectification: Move(
            events.RectificationChecked, at=(*ONGOING, Stage.HANDLED), to=_after_check
        ),
        acts.RecordSameError: Move(events.SameErrorRecurred, at=OPEN, to=Stage.RECTIFYING),
        acts.FollowUpRectification: Move(events.RectificationFollowedUp, at=OPEN),
        acts.EscalateRectification: Move(
            events.RectificationEscalated,
            at=(Stage.NOTICED, Stage.RECTIFYING, Stage.HANDLED),
            to=_after_escalation,
        ),
        acts.CloseRectification: Move(
            events.RectificationClosed, at=(Stage.PASSED, Stage.HANDLED), to=Stage.CLOSED
        ),
        acts.WithdrawNotice: Move(events.NoticeWithdrawn, at=ONGOING, to=Stage.WITHDRAWN),
    }

    def __init__(self, id: UUID) -> None:
        super().__init__(id)
        self.opened: events.NoticeSent | None = None
        self.finished: frozenset[int] = frozenset()  # numbers of the items reported done
        self.checked: events.RectificationChecked | None = None
        self.recurred = False  # the same error, since the last check that it passed
        self.escalated: frozenset[tuple[str, str | None]] = frozenset()  # rung and subject, ditto

    @property
    def items(self) -> tuple[str, ...]:
        return self.opened.items if self.opened else ()

    @property
    def grounds(self) -> frozenset[Ground]:
        """On which grounds consequences now stand open."""
        found = {Ground.SAME_ERROR_AGAIN} if self.recurred else set()
        if self.checked is not None and self.checked.result is not CheckResult.PASS:
            found.add(Ground(self.checked.result))
        return frozenset(found)

    # ---- guards --------------------------------------------------------------------------------

    def open_rectification(self, act: acts.OpenRectification, order: Order, rules: Rules) -> None:
        _require_implementer(act, rules)
        _require_filled(act, rules)
        found_on, sent_on, plan_due_on = act.found_on, act.sent_on, act.plan_due_on
        if sent_on > order.on:
            _refuse_day(act, f"发送之日 {sent_on} 晚于办理之日 {order.on}", "sent_on")
        if found_on is not None and found_on > sent_on:
            _refuse_day(act, f"发现日期 {found_on} 晚于发送之日 {sent_on}", "found_on")
        if plan_due_on is not None and plan_due_on < sent_on:
            _refuse_day(
                act, f"整改方案报送日期 {plan_due_on} 早于发送之日 {sent_on}", "plan_due_on"
            )

    def hold_talk(self, act: acts.HoldTalk, _: Order, rules: Rules) -> None:
        self.require_subject(act, act.subject)
        talk = rules.instrument.talk
        if talk is None:
            self.refuse_unprovided(act, rules)
        for each in act.covered:
            _require_listed(act, each, talk.contents, talk.article)
        missing = [each for each in talk.contents if each not in act.covered]
        if missing:
            raise Refusal(
                Code.TALK_INCOMPLETE,
                asked=act.label,
                obstacle=f"{talk.label}没有{'、'.join(missing)}",
                articles=cited(talk.article),
                way_out="请补谈后再登记",
            )

    def report_rectification(self, act: acts.ReportRectification, _: Order, __: Rules) -> None:
        self._require_items(act, act.done)

    def check_rectification(self, act: acts.CheckRectification, _: Order, rules: Rules) -> None:
        self._require_items(act, act.lacking)
        if act.result is not CheckResult.PASS:
            return
        on = cited(rules.instrument.article_for(events.RectificationChecked.name()))
        if act.lacking or act.effect_continues or act.grave_result:
            raise Refusal(
                Code.FINDINGS_CONTRADICT,
                asked=act.label,
                obstacle="结论为整改到位，又写了没有到位的事项、不良影响继续或者严重后果",
                articles=on,
                way_out="请核对结论",
            )
        self._require_all_reported(act, on)

    def record_same_error(self, act: acts.RecordSameError, _: Order, rules: Rules) -> None:
        if act.subject is not None:
            self.require_subject(act, act.subject)
        rungs = rules.instrument.consequences
        if not any(Ground.SAME_ERROR_AGAIN in each.after for each in rungs):
            self.refuse_unprovided(act, rules)

    def follow_up_rectification(
        self, act: acts.FollowUpRectification, _: Order, rules: Rules
    ) -> Facts:
        ways = rules.instrument.follow_up
        if ways is None:
            return {"called": act.way}
        told = {f"{each.id}": each for each in ways}
        _require_listed(act, act.way, told, *(each.article for each in ways))
        return {"called": told[act.way].label, "articles": cited(told[act.way].article)}

    def escalate_rectification(
        self, act: acts.EscalateRectification, _: Order, rules: Rules
    ) -> Facts:
        if act.subject is not None:
            self.require_subject(act, act.subject)
        rungs = {each.id: each for each in rules.instrument.consequences}
        _require_listed(act, act.rung, rungs, *(each.article for each in rungs.values()))
        rung = rungs[act.rung]
        self._require_opened_by(act, rung)
        if {(rung.id, act.subject), (rung.id, None)} & self.escalated:
            raise Refusal(
                Code.ALREADY_DONE,
                asked=act.label,
                obstacle=f"自上次检查以来，已按{rung.label}处理",
                articles=cited(rung.article),
                way_out="整改仍不到位的，请再行检查",
            )
        forbidden = [each for each in act.measures if each not in (rung.measures or act.measures)]
        if forbidden:
            raise Refusal(
                Code.OUTCOME_NOT_PERMITTED,
                asked=act.label,
                obstacle=f"{rung.label}的，不得采取{'、'.join(forbidden)}",
                articles=cited(rung.article),
                way_out=f"可以采取{'、'.join(rung.measures or ())}",
            )
        facts = {"because": rung.label, "last_resort": rung.last_resort}
        return {**facts, "articles": cited(rung.article)}

    def close_rectification(self, act: acts.CloseRectification, _: Order, __: Rules) -> None:
        self.require_duties_done(act)

    # ---- questions -----------------------------------------------------------------------------

    def _require_items(self, act: Act, numbers: Collection[int]) -> None:
        for number in numbers:
            if number > len(self.items):
                raise Refusal(
                    Code.UNKNOWN_ITEM,
                    asked=act.label,
                    obstacle=f"通知没有第 {number} 项整改要求",
                    way_out=f"通知所列共 {len(self.items)} 项",
                )

    def _require_all_reported(self, act: Act, articles: tuple[str, ...]) -> None:
        left = [
            f"第 {number} 项{item}"
            for number, item in enumerate(self.items, start=1)
            if number not in self.finished
        ]
        if left or self.stage is not Stage.REPORTED:
            raise Refusal(
                Code.STEP_MISSING,
                asked=act.label,
                obstacle=f"没有报告完成：{'；'.join(left)}" if left else "没有报告整改情况",
                articles=articles,
                way_out="请先报告整改情况；没有到位的，请作整改不力的结论",
            )

    def _require_opened_by(self, act: Act, rung: Consequence) -> None:
        grounds = self.grounds & {*rung.after}
        found = rung.needs is None or getattr(self.checked, rung.needs, False)
        if grounds and found:
            return
        lacking = f"没有查明{GRAVITIES[rung.needs]}" if grounds and rung.needs else "没有这样的结论"
        raise Refusal(
            Code.STEP_MISSING,
            asked=act.label,
            obstacle=f"须是{rung.label}的，{lacking}",
            articles=cited(rung.article),
            way_out="请先检查整改情况，如实写明结论",
        )

    # ---- the rest of the state table -----------------------------------------------------------

    def learn(self, event: Event) -> None:
        match event:
            case events.RectificationReported(done=done):
                self.finished |= {*done}
            case events.RectificationChecked(result=result, lacking=lacking):
                self.checked, self.escalated = event, frozenset()
                if result is CheckResult.PASS:
                    self.recurred = False
                else:
                    self.finished = self.finished - {*lacking} if lacking else frozenset()
            case events.SameErrorRecurred():
                self.recurred = True
                self.finished, self.escalated = frozenset(), frozenset()
            case events.RectificationEscalated(rung=rung, subject=subject):
                self.escalated |= {(rung, subject)}


def _require_implementer(act: acts.OpenRectification, rules: Rules) -> None:
    by = rules.instrument.by
    if by and by.kinds and act.organ.kind not in by.kinds:
        raise Refusal(
            Code.WRONG_ORGAN,
            asked=act.label,
            obstacle=f"{act.organ.name}不是{by.label}",
            articles=cited(by.article),
            way_out=f"请由{by.label}实施",
        )


def _require_filled(act: acts.OpenRectification, rules: Rules) -> None:
    form = rules.instrument.notice
    missing = [each.label for each in form.required if not getattr(act, each.id)] if form else []
    if not act.subjects and act.unit is None:
        missing.insert(0, "收件的个人或者单位")
    if missing:
        raise Refusal(
            Code.BLANK_MISSING,
            asked=act.label,
            obstacle=f"{form.label if form else '通知'}没有写明{'、'.join(missing)}",
            articles=cited(form.article if form else None),
            way_out="请填全后再发送",
        )


def _refuse_day(act: Act, obstacle: str, field: str) -> NoReturn:
    raise Refusal(Code.MALFORMED, asked=act.label, obstacle=obstacle, way_out=f"请核对 {field}")


def _require_listed(act: Act, named: str, listed: Collection[str], *articles: str | None) -> None:
    if named not in listed:
        raise Refusal(
            Code.UNKNOWN_ITEM,
            asked=act.label,
            obstacle=f"办法没有 {named} 这一项",
            articles=cited(*articles),
            way_out=f"所列的有：{'、'.join(listed)}",
        )
