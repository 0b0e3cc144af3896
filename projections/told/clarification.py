"""A clarification in words."""

from collections.abc import Iterable

from domain.aggregate import Event
from domain.clarification import events
from domain.clarification.events import ClearingWay, Finding, Ground
from domain.clarification.matter import Clarification
from projections.told.phrases import day, organ

WAYS = {
    ClearingWay.WRITTEN: "书面",
    ClearingWay.FACE_TO_FACE: "当面",
    ClearingWay.MEETING: "会议",
    ClearingWay.NOTICE: "通报",
    ClearingWay.MEDIA: "媒体",
}
FINDINGS = {
    Finding.UNTRUE: "举报不实",
    Finding.UNPROVEN: "举报未查实",
    Finding.PARTLY: "举报部分属实",
}
GROUNDS = {
    Ground.NOT_CONCLUSIVE: "没有认定不实",
    Ground.NO_HARM: "没有不良影响",
    Ground.INQUIRY_EFFECT_ONLY: "影响仅由谈话函询引起",
    Ground.SUBJECT_DECLINES: "本人不愿澄清",
}


def told(event: Event, matter: Clarification) -> str | None:  # noqa: C901, PLR0911 (a line an event)
    by = matter.organ.name if matter.organ else organ(event.envelope.by.organ, matter)
    who, problem = matter.subject.label, matter.problem
    match event:
        case events.ClarificationOpened(accusation=accusation, verified_by=verifier):
            about = f"{accusation}举报反映{who}「{problem}」，由{verifier.name}核实"
            return f"{by}登记澄清事项（{event.number}）：{about}"
        case events.AccusationFound():
            return _found(event, matter.opened.verified_by.name if matter.opened else by, who)
        case events.HarmAssessed():
            return f"{by}评估举报对{who}的影响，认为{_harm(event)}：{event.explanation}"
        case events.WishRecorded():
            return f"听取{who}的意愿：{_wish(event)}"
        case events.ClarificationApproved(ways=ways, scope=scope):
            how = f"采取{_ways(ways)}方式，范围为{scope}"
            return f"{by}批准就「{problem}」为{who}澄清正名，{how}"
        case events.ClarificationNotRequired(ground=ground, explanation=why):
            return f"{by}就「{problem}」对{who}不予澄清，理由是{GROUNDS[ground]}：{why}"
        case events.ClarificationPerformed():
            return _performed(event, by, f"就「{problem}」为{who}澄清正名")
        case events.PersonnelOrganInformed(recipient=recipient):
            return f"{by}向{recipient}说明：举报{who}「{problem}」不属实"
        case events.UnitInformed(recipient=recipient):
            return f"{by}向{recipient}说明举报{who}「{problem}」的核实结论"
        case events.ClarificationFollowedUp(feedback=feedback):
            return f"{by}回访{who}，了解澄清效果：{feedback}"
        case events.ClarificationClosed():
            return f"{by}对{who}的澄清事项了结归档"
    return None


def _ways(ways: Iterable[ClearingWay]) -> str:
    return "、".join(WAYS[each] for each in ways)


def _found(event: events.AccusationFound, by: str, who: str) -> str:
    when = "" if event.found_on == event.on else f"已于{day(event.found_on)}"
    part = f"，其中「{event.untrue_part}」不实" if event.untrue_part else ""
    return f"{by}{when}查明，对{who}的{FINDINGS[event.finding]}{part}：{event.explanation}"


def _harm(event: events.HarmAssessed) -> str:
    if event.inquiry_effect_only:
        return GROUNDS[Ground.INQUIRY_EFFECT_ONLY]
    return f"应当澄清（{'、'.join(event.labels)}）" if event.situations else "不属应当澄清的情形"


def _wish(event: events.WishRecorded) -> str:
    if not event.wanted:
        return "不愿澄清"
    ways = f"，以{_ways(event.ways)}方式" if event.ways else ""
    scope = f"，范围为{event.scope}" if event.scope else ""
    return f"愿意澄清{ways}{scope}"


def _performed(event: events.ClarificationPerformed, by: str, done: str) -> str:
    attended = f"，{'、'.join(event.attendees)}到会" if event.attendees else ""
    letter = f"，发出《{event.letter.label}》" if event.letter else ""
    complete = "；批准的方式全部办完" if event.complete else ""
    return f"{by}以{WAYS[event.way]}方式在{event.scope}{done}{attended}{letter}{complete}"
