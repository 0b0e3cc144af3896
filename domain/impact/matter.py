"""The impact ledger of one person: what was imposed, until when it counts, and who is told.

Its periods end of themselves, by the clock; a sanction that comes, goes or begins to count has
every line of its track counted anew.
"""

from datetime import date
from enum import StrEnum
from typing import Any, ClassVar

from domain.aggregate import Act, Event, Order
from domain.guards import cited
from domain.impact import acts, events
from domain.impact.guards import (
    allowed_for,
    refuse_noted,
    refuse_running,
    require_no_later,
    require_restorable,
)
from domain.impact.instrument import ImpactInstrument, Imposed, ReplyCase
from domain.impact.ledger import Ledger
from domain.impact.lines import Line, recounted
from domain.impact.particulars import Several
from domain.law.time_limits import TimeLimits
from domain.obligations import ObligationElapsed
from domain.people import SubjectKind
from domain.refusals import Code, Refusal
from domain.staged import Facts, Move

Rules = TimeLimits[ImpactInstrument]
CHANGING_LINES = (acts.EnterSanction, acts.RecordRestoration, acts.WithdrawSanction)


class Stage(StrEnum):
    RUNNING = "running"  # 影响期内
    CLEAR = "clear"  # 无影响期


def _clear(event: events.PeriodEnded | events.SanctionWithdrawn) -> Stage | None:
    return Stage.CLEAR if event.all_over else None


class ImpactLedger(Ledger):
    kind: ClassVar[str] = "impact"
    called: ClassVar[str] = "影响期台账"
    STAGES: ClassVar[Any] = {
        Stage.RUNNING: ("影响期内", "期满由系统记下，届时告知可以重新使用"),
        Stage.CLEAR: ("无影响期", "另有处分处理的请登记"),
    }
    OVER: ClassVar[Any] = frozenset()
    MOVES: ClassVar[Any] = {
        acts.OpenLedger: Move(events.LedgerOpened, to=Stage.CLEAR),
        acts.EnterSanction: Move(events.SanctionEntered, to=Stage.RUNNING),
        acts.RecordRestoration: Move(events.RightsRestored),
        acts.WithdrawSanction: Move(events.SanctionWithdrawn, to=_clear),
        acts.NotifyUsable: Move(events.UsableNotified),
        acts.NoteAccountability: Move(events.AccountabilityNoted),
        acts.WithdrawAccountability: Move(events.AccountabilityWithdrawn),
        acts.NoteInquiry: Move(events.InquiryNoted),
        acts.ReceiveReplyRequest: Move(events.ReplyRequested),
        acts.ReplyToPersonnelOrgan: Move(events.ReplySent),
        acts.RecordAppointment: Move(events.AppointmentRecorded),
    }
    LEADING: ClassVar[Any] = {events.PeriodEnded: _clear}

    def take(self, act: Act, order: Order, rules: Rules) -> None:
        super().take(act, order, rules)
        if isinstance(act, CHANGING_LINES):
            self._count_anew(order, rules)

    def _count_anew(self, order: Order, rules: Rules) -> None:
        for line in recounted(self.standing, rules.instrument).values():
            if line != self.entered[line.item]:
                rule = rules.instrument.rule(line.track)
                self.note(
                    events.LineRecounted,
                    order,
                    rules,
                    articles=cited(rule.article, line.article),
                    item=line.item,
                    months=line.months,
                    awaited=line.awaited,
                    **line.days,
                )

    def when_called(self, event: Event, order: Order, rules: Rules) -> None:
        """A line has run out: record which, and whether it was the last."""
        if not isinstance(event, ObligationElapsed):
            return
        item = self.obligations.standings[event.obligation_id].obligation.item
        line = self.entered[item] if item else None
        if line is None or line.last_day is None:
            return
        self.note(
            events.PeriodEnded,
            order,
            rules,
            articles=cited(rules.instrument.rule(line.track).ends_article),
            item=line.item,
            last_day=line.last_day,
            all_over=all(each.last_day and each.last_day < order.on for each in self.lines),
            notified=self.notified_on is not None,
        )

    # ---- the ledger and its lines --------------------------------------------------------------

    def open_ledger(self, act: acts.OpenLedger, _: Order, __: Rules) -> None:
        only = act.subjects[0] if len(act.subjects) == 1 else None
        if only is None or only.id != act.number or only.kind is not SubjectKind.CADRE:
            told = "、".join(each.id for each in act.subjects) or "没有对象"
            raise Refusal(
                Code.MALFORMED,
                asked=act.label,
                obstacle=f"台账 {act.number} 的对象为 {told}",
                way_out="每人一本：对象只写干部一人，台账编号即其编号",
            )

    def enter_sanction(self, act: acts.EnterSanction, order: Order, rules: Rules) -> Facts:
        imposed = self._imposed(act, rules)
        require_no_later(act, act.effective_on, order.on, imposed.article)
        self._require_new(act, rules)
        if act.restored_on is not None:
            require_restorable(act, imposed, act.effective_on, act.restored_on, order)
        allowed = allowed_for(act, imposed, rules)
        line = Line(
            item=len(self.entered) + 1,
            called=imposed.label,
            months=allowed.least if act.months is None else act.months,
            article=imposed.article,
            confirmed=imposed.confirmed,
            **act.model_dump(
                include={"track", "sanction", "source", "effective_on", "restored_on"}
            ),
        )
        counted = recounted([*self.standing, line], rules.instrument)[line.item]
        adding = rules.instrument.rule(act.track).article if counted.rest_until else None
        return {
            **{key: told for key, told in counted if key in events.SanctionEntered.model_fields},
            "awaited": counted.awaited,
            "articles": cited(imposed.article, adding, allowed.article if act.deserved else None),
        }

    def record_restoration(self, act: acts.RecordRestoration, order: Order, rules: Rules) -> Facts:
        line = self._require_line(act, act.item)
        imposed = rules.instrument.of(line.track)[line.sanction]
        require_restorable(act, imposed, line.effective_on, act.restored_on, order)
        if line.restored_on is not None:
            raise Refusal(
                Code.ALREADY_DONE,
                asked=act.label,
                obstacle=f"第 {line.item} 件已于 {line.restored_on} 恢复党员权利",
                way_out="无须重复登记；登记有误的，请撤销该件后重新登记",
            )
        return {"articles": cited(imposed.article)}

    def withdraw_sanction(self, act: acts.WithdrawSanction, _: Order, rules: Rules) -> Facts:
        line = self._require_line(act, act.item)
        others = [each for each in self.standing if each.item != line.item]
        left = recounted(others, rules.instrument).values()
        return {"all_over": not any(each.unended for each in left)}

    def notify_usable(self, act: acts.NotifyUsable, order: Order, _: Rules) -> Facts:
        if not self.entered:
            raise Refusal(
                Code.STEP_MISSING,
                asked=act.label,
                obstacle="台账上没有登记过处分处理",
                way_out="没有影响期的，无须告知；漏登的请先登记",
            )
        self._require_over(act, order.on)
        if self.notified_on is not None:
            raise Refusal(
                Code.ALREADY_DONE,
                asked=act.label,
                obstacle=f"已于 {self.notified_on} 告知，此后没有登记新的处分处理",
                way_out="无须重复告知",
            )
        return {"over_since": self.over_since(order.on)}

    # ---- what other matters bring ---------------------------------------------------------------

    def note_accountability(self, act: acts.NoteAccountability, order: Order, _: Rules) -> None:
        require_no_later(act, act.decided_on, order.on)
        if any(each.number == act.number for each in self.accountabilities):
            refuse_noted(act, act.number, self.noted[act.number])

    def withdraw_accountability(
        self, act: acts.WithdrawAccountability, _: Order, __: Rules
    ) -> None:
        if all(each.number != act.number for each in self.accountabilities):
            withdrawn = act.number in self.noted
            raise Refusal(
                Code.ALREADY_DONE if withdrawn else Code.UNKNOWN_ITEM,
                asked=act.label,
                obstacle=f"问责决定 {act.number} {'已经撤销' if withdrawn else '没有记载'}",
                way_out="无须重复撤销" if withdrawn else "请核对编号",
            )

    def note_inquiry(self, act: acts.NoteInquiry, order: Order, _: Rules) -> None:
        require_no_later(act, act.opened_on, order.on)
        for each in self.inquiries:
            if each.number == act.number:
                refuse_noted(act, act.number, each.on)

    # ---- the personnel organ -------------------------------------------------------------------

    def receive_reply_request(
        self, act: acts.ReceiveReplyRequest, order: Order, rules: Rules
    ) -> Facts:
        self._reply_cases(act, rules)
        require_no_later(act, act.asked_on, order.on)
        return {"item": len(self.requests) + 1}

    def reply_to_personnel_organ(
        self, act: acts.ReplyToPersonnelOrgan, order: Order, rules: Rules
    ) -> Facts:
        self._require_unanswered(act)
        case = self._reply_case(act, rules)
        if case.period_over:
            if not any(each.effective_on <= order.on for each in self.standing):
                raise Refusal(
                    Code.FINDINGS_CONTRADICT,
                    asked=act.label,
                    obstacle="台账上没有处分处理，谈不上影响期已满",
                    articles=cited(case.article),
                    way_out="请改选其他情形；漏登的请先登记",
                )
            self._require_over(act, order.on, case.article)
        if case.corrected and not act.corrected:
            raise Refusal(
                Code.CONDITIONS_UNMET,
                asked=act.label,
                obstacle="没有写明本人自觉整改",
                articles=cited(case.article),
                way_out="已自觉整改的，请写 corrected",
            )
        return {"called": case.label, "articles": cited(case.article)}

    def record_appointment(self, act: acts.RecordAppointment, order: Order, _: Rules) -> Facts:
        """No source bars an appointment: what still ran is taken down with it."""
        require_no_later(act, act.appointed_on, order.on)
        running = self.running_on(act.appointed_on)
        return {
            "running": tuple(each.item for each in running),
            "over_since": self.over_since(act.appointed_on),
        }

    # ---- questions -----------------------------------------------------------------------------

    def _imposed(self, act: acts.EnterSanction, rules: Rules) -> Imposed:
        table = rules.instrument.of(act.track)
        unknown = [each for each in (act.sanction, *act.deserved) if each not in table]
        if unknown:
            listed = "、".join(f"{each.id}（{each.label}）" for each in table.values())
            raise Refusal(
                Code.UNKNOWN_ITEM,
                asked=act.label,
                obstacle=f"{rules.instrument.name}中没有 {unknown[0]} 这一种",
                way_out=f"可以写 {listed}" if listed else "请核对 track",
            )
        return table[act.sanction]

    def _require_new(self, act: acts.EnterSanction, rules: Rules) -> None:
        """One decision imposes one sanction of a track; measures it may combine."""
        combines = rules.instrument.rule(act.track).several is Several.LONGEST
        for line in self.standing:
            same = line.track is act.track and line.source == act.source
            if same and (not combines or line.sanction == act.sanction):
                raise Refusal(
                    Code.ALREADY_DONE,
                    asked=act.label,
                    obstacle=f"{act.source} 已登记为第 {line.item} 件（{line.called}）",
                    way_out="无须重复登记；登记有误的，请撤销该件后重新登记",
                )

    def _require_line(self, act: Act, item: int) -> Line:
        line = self.entered.get(item)
        if line is None or line.withdrawn:
            known = "、".join(f"第 {each.item} 件（{each.called}）" for each in self.standing)
            raise Refusal(
                Code.ALREADY_DONE if line else Code.UNKNOWN_ITEM,
                asked=act.label,
                obstacle=f"第 {item} 件{'已经撤销' if line else '没有登记'}",
                way_out=f"在册的有{known}" if known else "台账上没有处分处理",
            )
        return line

    def _require_over(self, act: Act, on: date, article: str | None = None) -> None:
        running = self.running_on(on)
        if running:
            refuse_running(act, running, article)

    def _require_unanswered(self, act: acts.ReplyToPersonnelOrgan) -> None:
        answered = self.requests.get(act.item)
        if act.item not in self.requests or answered is not None:
            waiting = [f"第 {item} 件" for item, on in self.requests.items() if on is None]
            found = f"已于 {answered} 答复" if answered else "没有登记"
            raise Refusal(
                Code.ALREADY_DONE if answered else Code.UNKNOWN_REQUEST,
                asked=act.label,
                obstacle=f"第 {act.item} 件来函{found}",
                way_out=f"待复的有{'、'.join(waiting)}" if waiting else "来函请先登记",
            )

    def _reply_cases(self, act: Act, rules: Rules) -> dict[str, ReplyCase]:
        """Those that hold where the organ is; refused where there are none."""
        region = self.organ.region if self.organ else ""
        cases = {e.id: e for e in rules.instrument.replies if region.startswith(e.region)}
        if not cases:
            self.refuse_unprovided(act, rules)
        return cases

    def _reply_case(self, act: acts.ReplyToPersonnelOrgan, rules: Rules) -> ReplyCase:
        cases = self._reply_cases(act, rules)
        if act.case not in cases:
            listed = "、".join(f"{each.id}（{each.label}）" for each in cases.values())
            raise Refusal(
                Code.UNKNOWN_ITEM,
                asked=act.label,
                obstacle=f"没有 {act.case} 这种情形",
                articles=cited(*(each.article for each in cases.values())),
                way_out=f"可以写 {listed}",
            )
        return cases[act.case]
