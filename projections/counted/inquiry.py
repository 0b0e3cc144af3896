"""What is counted of inquiries: by the cadre."""

from collections.abc import Iterator

from domain.aggregate import Event
from domain.inquiry import events
from domain.inquiry.matter import Inquiry
from projections.counted.countable import Countable


def counted(event: Event, matter: Inquiry) -> Iterator[Countable]:
    match event:
        case events.InquiryOpened():
            what = "inquired"
        case events.ExplanationAccepted():
            what = "explanation_accepted"
        case events.InquiryAnswered(complete=True):
            what = "inquiry_answered"
        case _:
            return
    for subject in matter.subjects.values():
        yield Countable(what, subject, group=matter.number)
