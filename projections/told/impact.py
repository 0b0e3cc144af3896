"""An impact ledger in words."""

from domain.aggregate import Event
from domain.impact import events
from domain.impact.matter import ImpactLedger
from projections.told.phrases import day, labels


def told(event: Event, ledger: ImpactLedger) -> str | None:
    by = ledger.organ.name if ledger.organ else event.envelope.by.organ
    return _lines_told(event, ledger, by) or _others_told(event, ledger, by)


def _lines_told(event: Event, ledger: ImpactLedger, by: str) -> str | None:  # noqa: PLR0911 (a line an event)
    who = labels(ledger.subjects.values())
    match event:
        case events.LedgerOpened():
            return f"{by}为{who}建立影响期台账"
        case events.SanctionEntered(called=called, source=source, decided_by=decider):
            which = f"第{event.item}件：{decider}给予{called}（{source}）"
            since = f"{day(event.effective_on)}生效"
            return f"{by}登记{who}{which}，{since}，{_counted(event)}"
        case events.RightsRestored(restored_on=restored_on):
            since = day(restored_on)
            return f"{who}自{since}起恢复党员权利，{_item(event.item, ledger)}的影响期起算"
        case events.LineRecounted():
            return f"{who}{_item(event.item, ledger)}的影响期重算，{_counted(event)}"
        case events.SanctionWithdrawn(decision=decision, explanation=why):
            left = "，再没有影响期" if event.all_over else ""
            item = _item(event.item, ledger)
            return f"依{decision}，{by}撤销{who}{item}的登记{left}：{why}"
        case events.PeriodEnded(last_day=last_day, all_over=all_over):
            rest = "，至此全部届满" if all_over else "，另有影响期尚未届满"
            return f"{who}{_item(event.item, ledger)}的影响期已于{day(last_day)}届满{rest}"
        case events.UsableNotified(to=to, over_since=since):
            why = f"影响期已满，自{day(since)}起" if since else "处分处理均已撤销，"
            return f"{by}告知{to}：{who}{why}可以重新使用"
    return None


def _others_told(event: Event, ledger: ImpactLedger, by: str) -> str | None:  # noqa: PLR0911 (a line an event)
    who = labels(ledger.subjects.values())
    match event:
        case events.AccountabilityNoted(number=number, organ=organ, forms=forms):
            how = f"，方式为{'、'.join(forms)}" if forms else ""
            decided = f"{organ.name}{day(event.decided_on)}对{who}作出的问责决定"
            return f"记载{decided}（{number}）{how}"
        case events.AccountabilityWithdrawn(number=number, explanation=why):
            return f"撤销对{who}问责决定（{number}）的记载：{why}"
        case events.InquiryNoted(number=number, content_keys=keys, opened_on=opened_on):
            asked = f"{day(opened_on)}对{who}的函询（{number}）"
            return f"记载{asked}，事由为{'、'.join(keys)}" if keys else f"记载{asked}"
        case events.ReplyRequested(asked_by=asked_by, asked_on=asked_on, regarding=about):
            sent = f"{asked_by}{day(asked_on)}来函"
            return f"{by}收到{sent}（第{event.item}件），就{about}征询{who}的情况"
        case events.ReplySent(called=called, explanation=why):
            return f"{by}复函组织部门（第{event.item}件），{who}属「{called}」，不影响任用：{why}"
        case events.AppointmentRecorded(post=post, appointed_by=appointed_by):
            return f"{appointed_by}于{day(event.appointed_on)}任用{who}为{post}，{_then(event)}"
    return None


def _item(item: int, ledger: ImpactLedger) -> str:
    return f"第{item}件（{ledger.entered[item].called}）"


def _counted(event: events.LineEvent) -> str:
    if event.last_day is None:
        return "影响期自恢复党员权利之日起算"
    if event.into is not None:
        return f"尚未执行的影响期并入第{event.into}件"
    rest = f"原影响期至{day(event.rest_until)}，接着计算" if event.rest_until else "影响期"
    return f"{rest}{event.months}个月，至{day(event.last_day)}届满"


def _then(event: events.AppointmentRecorded) -> str:
    if event.running:
        return f"当时第{'、'.join(map(str, event.running))}件的影响期未满"
    if event.over_since:
        return f"自{day(event.over_since)}起已无影响期"
    return "此前没有影响期"
