"""What each view shows of a matter or of an event. Pure: rows out of values, no database here."""

from collections.abc import Iterator
from typing import Any

from domain.aggregate import Aggregate
from domain.identities import IdentitiesMerged
from domain.matter import Matter
from domain.obligations import moments
from domain.reporting.periods import PeriodClosed
from domain.tolerance.case import ToleranceCase
from domain.tolerance.events import DeterminationEnded, SubjectDetermined
from domain.tolerance.state import SubjectFile
from projections.calendars import calendar_editions, redatings
from projections.duty_standings import duty_standings
from projections.facts import facts
from projections.identities import identities
from projections.notices import notices
from projections.passed_over import UNCOUNTED, all_but
from projections.reports import published_reports
from projections.rows import Recorded, Row, View, as_json
from projections.sentences import sentence


def case_register(matter: Aggregate, _: int) -> Iterator[Row]:
    if not isinstance(matter, ToleranceCase) or matter.opened is None or matter.stage is None:
        return
    opened, organ = matter.opened, matter.organ or matter.opened.organ
    yield (
        matter.id,
        opened.case_number,
        matter.policy,
        _track(matter),
        matter.stage.value,
        organ.id,
        organ.name,
        organ.kind.value,
        organ.region,
        opened.matter.id,
        opened.on,
        matter.last_on,
        matter.version,
        as_json([_subject(file) for file in matter.files.values()]),
    )


def _track(case: ToleranceCase) -> str:
    return "both" if len(case.tracks) > 1 else case.track.value


def _subject(file: SubjectFile) -> dict[str, Any]:
    determined = file.determination
    return {
        "id": file.subject.id,
        "kind": file.subject.kind,
        "label": file.subject.label,
        "standing": file.standing,
        "outcome": determined.outcome if determined else None,
        "decided_on": determined.on.isoformat() if determined else None,
        "deferred_on": file.deferred_on.isoformat() if file.deferred_on else None,
    }


def matter_register(matter: Aggregate, _: int) -> Iterator[Row]:
    """Matters of every kind, the tolerance cases among them."""
    if not isinstance(matter, Matter) or matter.at is None or matter.organ is None:
        return
    subjects = [
        {"id": each.id, "kind": each.kind, "label": each.label} for each in matter.subjects.values()
    ]
    yield (
        matter.id,
        matter.kind,
        matter.number,
        matter.policy,
        matter.at.value,
        matter.at_in_words,
        matter.is_open,
        matter.organ.id,
        matter.organ.name,
        matter.organ.kind.value,
        matter.organ.region,
        matter.last_on,
        matter.version,
        as_json(subjects),
        as_json([{**each.model_dump(), "id": str(each.id)} for each in matter.links]),
    )


def audit_trail(recorded: Recorded, matter: Aggregate) -> Iterator[Row]:
    event, envelope = recorded.event, recorded.event.envelope
    yield (
        recorded.position,
        event.originator_id,
        event.originator_version,
        event.topic,
        event.on,
        event.recorded_at,
        envelope.by.id,
        envelope.by.role,
        envelope.by.organ,
        sentence(event, matter),
        list(envelope.articles),
        envelope.policy,
        list(envelope.calendars),
        envelope.key,
        envelope.late_entry,
    )


def due_list(matter: Aggregate, _: int) -> Iterator[Row]:
    if not isinstance(matter, Matter):
        return
    for standing in matter.obligations:
        duty = standing.obligation
        yield (
            matter.id,
            duty.id,
            matter.number,
            duty.rule,
            duty.label,
            duty.article,
            duty.subject,
            matter.subjects[duty.subject].label if duty.subject else None,
            duty.responsible,
            duty.organ,
            duty.trigger,
            duty.start,
            duty.amount,
            duty.unit.value if duty.unit else None,
            duty.roll,
            duty.due_on,
            duty.provisional,
            duty.confirmed,
            duty.qualifier.value,
            list(duty.calendars),
            duty.generation,
            duty.item,
            duty.at_least,
            standing.counted,
            standing.extended,
            as_json(duty.remainder.model_dump()) if duty.remainder else None,
            standing.state.value,
            standing.closed_on,
            standing.reminded,
            standing.overdue,
            standing.escalated,
            standing.unacknowledged,
        )


def clock_plan(matter: Aggregate, planned_at: int) -> Iterator[Row]:
    """`planned_at`: the version of the matter at which its moments last changed."""
    if not isinstance(matter, Matter):
        return
    waiting = moments(matter.obligations)
    yield (
        matter.id,
        planned_at,
        as_json([{"key": each.key, "at": each.at.isoformat()} for each in waiting]),
        waiting[0].at if waiting else None,
    )


def statistics(recorded: Recorded, matter: Aggregate) -> Iterator[Row]:
    event = recorded.event
    if not isinstance(event, SubjectDetermined) or not isinstance(matter, ToleranceCase):
        return
    if matter.opened is None:
        return
    subject = matter.files[event.subject].subject
    organ = event.organ or matter.organ or matter.opened.organ
    yield (
        recorded.position,
        matter.id,
        event.originator_version,
        matter.opened.matter.id,
        matter.case_number,
        subject.id,
        subject.kind.value,
        subject.label,
        event.outcome.value,
        event.sanction.value if event.sanction else None,
        event.relief.value if event.relief else None,
        [each.value for each in event.measures],
        list(event.situations),
        organ.id,
        organ.kind.value,
        organ.level.value,
        organ.region,
        subject.rank,
        subject.field,
        subject.nature,
        matter.policy,
        _track(matter),
        event.on,
        event.effective_on,
    )


def determination_ends(recorded: Recorded, _: Aggregate) -> Iterator[Row]:
    event = recorded.event
    if isinstance(event, DeterminationEnded):
        yield recorded.position, event.originator_id, event.determination


def closed_periods(recorded: Recorded, _: Aggregate) -> Iterator[Row]:
    event = recorded.event
    if isinstance(event, PeriodClosed):
        period = event.period
        yield (
            recorded.position,
            period.name,
            period.kind.value,
            period.first_day,
            period.last_day,
            event.position,
            event.to_be_closed_on,
            event.on,
        )


VIEWS = {
    view.name: view
    for view in (
        View("case_register", 2, of_matter=case_register),
        View("matter_register", of_matter=matter_register),
        View("audit_trail", 2, of_event=audit_trail),
        View("due_list", 3, of_matter=due_list),
        View("clock_plan", of_matter=clock_plan),
        View("statistics", 3, of_event=statistics, passes_over=UNCOUNTED),
        View("facts", 4, of_event=facts, passes_over=UNCOUNTED),
        View("duty_standings", 2, of_event=duty_standings),
        View(
            "determination_ends",
            of_event=determination_ends,
            passes_over=all_but(DeterminationEnded),
        ),
        View("identities", of_event=identities, passes_over=all_but(IdentitiesMerged)),
        View("calendar_editions", of_matter=calendar_editions),
        View("redatings", of_event=redatings),
        View("closed_periods", of_event=closed_periods, passes_over=all_but(PeriodClosed)),
        View("published_reports", 2, of_matter=published_reports),
        View("notices", 2, of_event=notices),
    )
}
