"""What is counted of false accusations: 起 by accusation, 人 by accuser; mistakes apart."""

from collections.abc import Iterator

from domain.aggregate import Event
from domain.false_accusation import events
from domain.false_accusation.matter import FalseAccusation
from projections.counted.countable import Countable

WHAT: dict[type[Event], str] = {
    events.FalseAccusationDetermined: "false_accusation_determined",
    events.AccuserHandedOver: "accuser_handed_over",
    events.MistakenAccusationClassified: "mistaken_accusation",  # no part of M13
}


def counted(event: Event, matter: FalseAccusation) -> Iterator[Countable]:
    what = WHAT.get(type(event))
    if what and isinstance(event, events.OfAccuser) and matter.opened:
        yield Countable(what, group=matter.opened.accusation, detail=(event.accuser,))
