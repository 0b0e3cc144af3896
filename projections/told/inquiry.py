"""An inquiry in words."""

from datetime import date

from domain.aggregate import Event
from domain.inquiry import events
from domain.inquiry.events import Recipient
from domain.inquiry.matter import Inquiry
from projections.told.phrases import day, labels, organ

RECIPIENTS = {Recipient.CADRE: "{}本人", Recipient.UNIT_PRINCIPAL: "{}所在单位党组织主要负责人"}


def told(event: Event, matter: Inquiry) -> str | None:  # noqa: PLR0911 (a line an event)
    by = matter.organ.name if matter.organ else organ(event.envelope.by.organ, matter)
    who = labels(matter.subjects.values())
    match event:
        case events.InquiryOpened(content_keys=keys, petition=petition):
            about = "、".join(keys)
            return f"{by}据{petition}，就{about}对{who}启动函询（{event.number}）"
        case events.InquiryLetterSent(sent_on=sent_on, copied_to_unit=copied):
            copy = "，并抄送其所在单位主要负责人" if copied else ""
            return f"{by}向{who}发出函询通知{_dated(sent_on, event)}{copy}"
        case events.ExplanationReceived(received_on=received_on, countersigned=signed):
            how = "已经" if signed else "未经"
            dated = _dated(received_on, event)
            return f"{by}收到{who}的书面说明{dated}，{how}其所在单位主要负责人签署意见"
        case events.SupplementRequested(explanation=why):
            return f"{by}要求{who}补充说明：{why}"
        case events.ExplanationAccepted(explanation=why):
            return f"{by}对{who}的说明予以采信：{why}"
        case events.InquiryAnswered(recipient=recipient):
            return f"{by}函复{RECIPIENTS[recipient].format(who)}，函询说明予以采信"
        case events.FurtherTaken(label=way, explanation=why):
            return f"{by}对{who}的说明不予采信，转{way}：{why}"
        case events.InquiryClosed():
            return f"{by}对{who}的函询了结"
    return None


def _dated(on: date, event: Event) -> str:
    """The day, where it is not that of the entry."""
    return "" if on == event.on else f"（{day(on)}）"
