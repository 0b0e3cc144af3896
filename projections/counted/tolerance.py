"""What is counted of tolerance cases beside their determinations: M7, M8, M16, M18, M20."""

from collections.abc import Iterator

from domain.aggregate import Event
from domain.law.policy import Track
from domain.tolerance import events
from domain.tolerance.case import ToleranceCase
from projections.counted.countable import Countable


def counted(event: Event, case: ToleranceCase) -> Iterator[Countable]:  # noqa: C901 (a line an event)
    match event:
        case events.ToleranceApplied():
            yield Countable("opened", detail=(Track.APPLICATION,))
        case events.ExOfficioStarted():
            yield Countable("opened", detail=(Track.EX_OFFICIO,))
        case events.ApplicationAttached():
            yield Countable("joined", detail=(Track.APPLICATION,))
        case events.ExOfficioJoined():
            yield Countable("joined", detail=(Track.EX_OFFICIO,))
        case events.CaseAccepted():
            yield Countable("accepted")
        case events.AcceptanceRefused(because=because):
            yield Countable("declined", detail=(because,))
        case events.DeterminationDeferred(subject=subject):
            yield Countable("deferred", case.subjects[subject])
        case events.ConclusiveOpinionIssued(subject=subject):
            yield Countable("concluded", case.subjects[subject])
        case events.SubjectDetermined(subject=subject, measures=measures, organ=organ):
            for measure in measures:
                given = case.subjects[subject], str(event.originator_version), (measure,), organ
                yield Countable("measure_given", *given)
        case events.DeterminationEnded(subject=subject, determination=determination):
            yield Countable("measure_withdrawn", case.subjects[subject], str(determination))
        case events.DeterminationRevoked(subject=subject, cause=cause):
            yield Countable("revoked", case.subjects[subject], detail=(cause,))
