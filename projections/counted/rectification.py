"""What is counted of rectifications (M18): opened, put right, escalated."""

from collections.abc import Iterator

from domain.aggregate import Event
from domain.rectification import events
from domain.rectification.matter import RectificationMatter
from domain.rectification.particulars import CheckResult
from projections.counted.countable import Countable


def counted(event: Event, matter: RectificationMatter) -> Iterator[Countable]:
    match event:
        case events.NoticeSent(number=number):
            yield Countable("rectification_opened", group=number)
        case events.RectificationChecked(result=CheckResult.PASS as result):
            yield Countable("rectified", group=matter.number, detail=(result,))
        case events.RectificationEscalated(subject=id_, measures=measures):
            subject = matter.subjects.get(id_) if id_ else None
            yield Countable("escalated", subject, group=matter.number, detail=measures)
