"""What is counted of impact ledgers: M15 appointments after expiry, M17 sanctions."""

from collections.abc import Iterator

from domain.aggregate import Event
from domain.impact import events
from domain.impact.matter import ImpactLedger
from projections.counted.countable import Countable


def counted(event: Event, ledger: ImpactLedger) -> Iterator[Countable]:
    (subject,) = ledger.subjects.values()
    match event:
        case events.SanctionEntered(track=track, sanction=sanction, source=source):
            yield Countable("sanctioned", subject, source, (track, sanction))
        case events.SanctionWithdrawn(item=item):
            line = ledger.entered[item]
            what = "sanction_withdrawn"
            yield Countable(what, subject, line.source, (line.track, line.sanction))
        case events.PeriodEnded(item=item):
            line = ledger.entered[item]
            yield Countable("period_ended", subject, line.source, (line.track, line.sanction))
        case events.UsableNotified():
            yield Countable("usable_notified", subject)
        case events.AppointmentRecorded(over_since=since) if since is not None:
            yield Countable("appointed_after", subject)
