"""What is to be told to those who answer for a duty: the outbox, made from events like any view.

What a notice says may leave the house: neither a subject's label nor anybody's name is in it.
"""

from collections.abc import Iterator
from datetime import date

from domain import obligations as duty
from domain.aggregate import Aggregate
from domain.calendars.publication import CalendarApplied, HandlerDigest
from domain.law.deadline_rules import Qualifier
from domain.matter import Matter
from projections.rows import Recorded, Row


def notices(recorded: Recorded, matter: Aggregate) -> Iterator[Row]:
    """The notices an event gives rise to; most give rise to none."""
    event = recorded.event
    if isinstance(event, CalendarApplied):
        yield from _digests(recorded, event)
    if not isinstance(matter, Matter) or not isinstance(event, duty.ObligationEvent):
        return
    about = matter.obligations.standings[event.obligation_id].obligation
    match event:
        case duty.ObligationReminded(due_on=due_on):
            kind, role = "reminder", about.responsible
        case duty.ObligationOverdue(due_on=due_on):
            kind, role = "overdue", about.responsible
        case duty.ObligationEscalated(due_on=due_on, role=role):
            kind = "escalation"
        case _:
            return
    yield (
        f"{matter.id}/{event.originator_version}",
        recorded.position,
        kind,
        matter.id,
        matter.number,
        about.id,
        about.label,
        about.article,
        due_on,
        role,
        about.organ,
        _text(kind, f"{matter.called}{matter.number}", about, due_on, role),
        event.recorded_at,
    )


def _digests(recorded: Recorded, event: CalendarApplied) -> Iterator[Row]:
    """One notice for each post of each organ whose days an edition of the calendar has changed."""
    for number, each in enumerate(event.digests, start=1):
        yield (
            f"{event.originator_id}/{event.originator_version}/{number}",
            recorded.position,
            "calendar_digest",
            event.originator_id,
            *(None,) * 5,  # of no one case, and of no one duty
            each.responsible,
            each.organ,
            _digest_text(event.edition, each),
            event.recorded_at,
        )


def _digest_text(edition: str, digest: HandlerDigest) -> str:
    return (
        f"期限重算：因日历{edition}发布，{digest.responsible}负责的期限有{digest.duties}项改动"
        f"（延后{digest.later}项，提前{digest.earlier}项，不提前{digest.kept}项，"
        f"推定落定{digest.settled}项）。"
    )


def _text(kind: str, matter: str, about: duty.Obligation, due_on: date, role: str) -> str:
    basis = f"（{about.article}）" if about.article else ""
    what = f"{matter}的「{about.label}」{basis}"
    day = f"{due_on.year}年{due_on.month}月{due_on.day}日{'（推定）' if about.provisional else ''}"
    match kind:
        case "overdue":
            return f"逾期：{what}已于{day}届满，尚未办结，由{role}负责。"
        case "escalation":
            return f"督办：{what}已于{day}届满，逾期未办，报{role}。"
        case _ if about.qualifier is Qualifier.PERIOD:
            return f"提醒：{what}将于{day}届满。"
        case _:
            return f"催办：{what}将于{day}届满，由{role}办理。"
