"""A forwarding in words: from whom to whom and when, nothing else is known."""

from datetime import date

from domain.aggregate import Event
from domain.forwarding import events
from domain.forwarding.matter import Forwarding
from projections.told.phrases import day, organ


def told(event: Event, matter: Forwarding) -> str | None:
    by = matter.organ.name if matter.organ else organ(event.envelope.by.organ, matter)
    above = matter.opened.to.name if matter.opened else "上级"
    match event:
        case events.ForwardingOpened(received_on=received_on, pages=pages):
            size = f"共{pages}页" if pages else None
            told = _in_brackets(event.number, *_dated(received_on, event), size)
            return f"{by}收到属于{above}的事项一件{told}，不录内容"
        case events.ReportedUp(forwarded_on=forwarded_on, dispatch_number=number):
            return f"{by}转报{above}{_in_brackets(number, *_dated(forwarded_on, event))}"
        case events.ReceiptRecorded(received_on=received_on, receipt_number=number):
            return f"{above}签收{by}转报的事项{_in_brackets(number, *_dated(received_on, event))}"
    return None


def _dated(on: date, event: Event) -> tuple[str, ...]:
    """The day, where it is not that of the entry."""
    return () if on == event.on else (day(on),)


def _in_brackets(*told: str | None) -> str:
    said = "，".join(filter(None, told))
    return f"（{said}）" if said else ""
