"""What is counted of accountability proceedings: decisions on each subject, and their fate."""

from collections.abc import Iterator

from domain.accountability import events
from domain.accountability.proceeding import AccountabilityProceeding
from domain.aggregate import Event
from projections.counted.countable import Countable


def counted(event: Event, matter: AccountabilityProceeding) -> Iterator[Countable]:
    match event:
        case events.SubjectHeldAccountable(subject=subject, forms=forms):
            what, detail = "held_accountable", forms
        case events.SubjectNotHeld(subject=subject, result=result):
            what, detail = "not_held", (result.value,)
        case events.SubjectTransferred(subject=subject):
            what, detail = "transferred", ()
        case events.DecisionChanged(subject=subject, result=result):
            what, detail = "decision_changed", (result.value,)
        case _:
            return
    yield Countable(what, matter.subjects[subject], matter.number, detail)
