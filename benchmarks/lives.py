"""A case of sixty events, many times over: what is measured acts on cases of a usual size."""

from collections.abc import Iterator, Sequence
from uuid import UUID, uuid4

import asyncpg

from domain.aggregate import Event
from domain.tolerance.case import ToleranceCase
from tests.support.examples import CHEN, HUBEI, QIAN, ZHAO, determine, opinion, verified
from tests.support.given import given
from workflows.event_store import EventMapper

SIZE = 60
BATCH = 100  # cases an append


def case_of(size: int = SIZE) -> list[Event]:
    """Three subjects under 湖北, two of them determined, with their duties open."""
    story = given(verified(HUBEI, CHEN, ZHAO, QIAN))
    for subject in (CHEN, ZHAO):
        story.when(determine(subject), on="2026-03-12")
    while len(story.recorded) < size:
        story.when(opinion(), on="2026-03-12")
    return story.recorded[:size]


async def fill(connection: asyncpg.Connection, events: Sequence[Event], cases: int) -> list[UUID]:
    """Append the same life under so many ids and numbers, by the store's own function."""
    mapper = EventMapper()
    told = [mapper.to_stored_event(event) for event in events]
    case = ToleranceCase.project(None, events)
    number = case.case_number.encode() if case else b""
    ids = [uuid4() for _ in range(cases)]
    for some in _batches(ids):
        await connection.execute(
            "SELECT log.append($1::uuid[], $2::bigint[], $3::text[], $4::bytea[], null, null)",
            [id_ for id_ in some for _ in told],
            [each.originator_version for _ in some for each in told],
            [each.topic for _ in some for each in told],
            [each.state.replace(number, id_.hex[:12].encode()) for id_ in some for each in told],
        )
    return ids


def _batches(ids: Sequence[UUID]) -> Iterator[Sequence[UUID]]:
    for start in range(0, len(ids), BATCH):
        yield ids[start : start + BATCH]
