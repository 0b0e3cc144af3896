"""A rectification in words."""

from collections.abc import Collection

from domain.aggregate import Event
from domain.rectification import events
from domain.rectification.matter import RectificationMatter
from domain.rectification.particulars import CheckResult
from projections.told.phrases import day, subject

RESULTS = {
    CheckResult.PASS: "整改到位",
    CheckResult.POOR: "整改不力",
    CheckResult.REFUSED: "拒不整改",
}


def told(event: Event, matter: RectificationMatter) -> str | None:  # noqa: C901, PLR0911 (a line an event)
    by = matter.organ.name if matter.organ else event.envelope.by.organ
    match event:
        case events.NoticeSent():
            return _noticed(event, by)
        case events.TalkHeld(subject=id_, talkers=talkers, covered=covered, summary=summary):
            who, what = subject(id_, matter), "、".join(covered)
            return f"{by}对{who}谈话教育，谈话人{'、'.join(talkers)}，{what}：{summary}"
        case events.PlanSubmitted(summary=summary, document=document):
            paper = f"《{document.label}》" if document else ""
            return f"{_addressees(matter)}向{by}报送整改方案{paper}：{summary}"
        case events.RectificationReported(summary=summary):
            return f"{_addressees(matter)}向{by}报告整改情况{_done(event, matter)}：{summary}"
        case events.RectificationChecked():
            return _checked(event, by)
        case events.SameErrorRecurred(subject=id_, explanation=why):
            who = subject(id_, matter) if id_ else _addressees(matter)
            return f"{by}查明{who}的同一错误再次发生：{why}"
        case events.RectificationFollowedUp(called=called, summary=summary):
            return f"{by}以{called}的方式跟踪问效：{summary}"
        case events.RectificationEscalated(because=because, measures=measures, explanation=why):
            who = subject(event.subject, matter) if event.subject else _addressees(matter)
            return f"因{because}，{by}对{who}给予{'、'.join(measures)}：{why}"
        case events.RectificationClosed():
            return f"{by}了结对{_addressees(matter)}的整改"
        case events.NoticeWithdrawn(explanation=why):
            return f"{by}撤回对{_addressees(matter)}的整改通知：{why}"
    return None


def _noticed(event: events.NoticeSent, by: str) -> str:
    at, work = event.occasion, event.work
    found = f"，{day(event.found_on)}{f'在{at}中' if at else ''}发现" if event.found_on else ""
    problems = f"存在{'、'.join(event.problems)}" if event.problems else ""
    errors = "".join(filter(None, [f"在{work}中" if work else "", problems]))
    parts = (
        f"{by}向{_sent_to(event)}发送整改通知（{event.number}）{found}{errors and f'，{errors}'}",
        f"整改要求：{_listed(event.items)}" if event.items else "",
        f"整改方案于{day(event.plan_due_on)}前报送" if event.plan_due_on else "",
    )
    return "；".join(filter(None, parts))


def _checked(event: events.RectificationChecked, by: str) -> str:
    numbers = "、".join(str(number) for number in event.lacking)
    found = (
        f"第{numbers}项没有到位" if event.lacking else "",
        "不良影响继续" if event.effect_continues else "",
        "造成严重后果" if event.grave_result else "",
    )
    result = "，".join(filter(None, [RESULTS[event.result], *found]))
    return (
        f"{by}检查整改情况，检查人{'、'.join(event.checkers)}，结论为{result}：{event.explanation}"
    )


def _done(event: events.RectificationReported, matter: RectificationMatter) -> str:
    of = len(matter.items)
    done = f"，已完成第{'、'.join(map(str, event.done))}项，共{of}项" if event.done else ""
    papers = "、".join(f"《{each.label}》" for each in event.documents)
    return f"{done}{f'，附{papers}' if papers else ''}"


def _listed(items: Collection[str]) -> str:
    if len(items) == 1:
        return "".join(items)
    return "，".join(f"{number}. {item}" for number, item in enumerate(items, start=1))


def _addressees(matter: RectificationMatter) -> str:
    return _sent_to(matter.opened) if matter.opened else ""


def _sent_to(notice: events.NoticeSent) -> str:
    units = [notice.unit.name] if notice.unit else []
    return "、".join([*units, *(each.label for each in notice.subjects)])
