"""Three roads to one answer: the log, the views made anew, the figures counted by hand."""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

import asyncpg

from domain import registry
from domain.people import SubjectKind
from domain.tolerance.case import ToleranceCase
from domain.tolerance.events import DeterminationEnded, SubjectDetermined
from projections.definitions import HEADLINE
from projections.rebuild import rebuild
from projections.statistics import Question, count
from projections.views import VIEWS


@dataclass(frozen=True)
class Consistency:
    """What the check found. `figures_differing`: measures whose two counts disagree."""

    events: int
    dense: bool
    views_differing: tuple[str, ...]
    figures_differing: tuple[str, ...]
    parked: int

    @property
    def holds(self) -> bool:
        troubled = self.views_differing or self.figures_differing or self.parked
        return self.dense and not troubled


async def check(projector: asyncpg.Connection) -> Consistency:
    """Check the whole store; leaves every view rebuilt. `projector` connects as that role."""
    before = {name: await fingerprint(projector, name) for name in VIEWS}
    await rebuild(projector, [*VIEWS])
    after = {name: await fingerprint(projector, name) for name in VIEWS}
    events = await projector.fetchval("SELECT count(*) FROM log.events")
    return Consistency(
        events=events,
        dense=await _is_dense(projector),
        views_differing=tuple(name for name in VIEWS if before[name] != after[name]),
        figures_differing=tuple(await _figures_differing(projector)),
        parked=await projector.fetchval("SELECT count(*) FROM views.parked"),
    )


async def fingerprint(connection: asyncpg.Connection, view: str, schema: str = "views") -> str:
    """A hash over every byte of a view, in the order of its key."""
    digest = sha256()

    async def take(data: bytes) -> None:
        digest.update(data)

    await connection.copy_from_query(
        f"SELECT * FROM {schema}.{view} AS row ORDER BY row",  # noqa: S608 (our own names)
        output=take,
        format="text",
    )
    return digest.hexdigest()


async def _is_dense(connection: asyncpg.Connection) -> bool:
    """Positions run 1…n, and versions 1…m in every matter."""
    dense: bool = await connection.fetchval("""
        SELECT coalesce(bool_and(ok), true) FROM (
            SELECT min(notification_id) = 1 AND max(notification_id) = count(*) AS ok
            FROM log.events HAVING count(*) > 0
            UNION ALL
            SELECT min(originator_version) = 1 AND max(originator_version) = count(*)
            FROM log.events GROUP BY originator_id
        ) AS runs
    """)
    return dense


async def _figures_differing(connection: asyncpg.Connection) -> Iterable[str]:
    (by_view,) = await count(connection, Question(organ_kind=None), HEADLINE)
    by_hand = await count_by_hand(connection)
    return [name for name, figure in by_view.items() if by_hand[name] != figure]


async def count_by_hand(connection: asyncpg.Connection) -> dict[str, int]:
    """The measures over all organs, from the events alone and with sets, not with SQL.

    A matter counts up to its first event that cannot be applied; the views park it there.
    """
    cases: dict[UUID, ToleranceCase] = {}
    parked: set[UUID] = set()
    told: dict[tuple[UUID, int], tuple[ToleranceCase, SubjectDetermined]] = {}
    for row in await connection.fetch(
        "SELECT originator_id, originator_version, topic, state FROM log.events"
        " ORDER BY notification_id"
    ):
        matter_id = UUID(str(row["originator_id"]))
        if matter_id in parked:
            continue
        try:
            event = registry.read_stored(
                row["topic"], matter_id, row["originator_version"], row["state"]
            )
            if event.originator_version == 1 and registry.MATTERS[event.topic] is ToleranceCase:
                cases[matter_id] = ToleranceCase(matter_id)
            if (case := cases.get(matter_id)) is not None:
                case.apply(event)
                if isinstance(event, SubjectDetermined):
                    told[matter_id, event.originator_version] = case, event
                if isinstance(event, DeterminationEnded):
                    told.pop((matter_id, event.determination), None)
        except (LookupError, ValueError):
            parked.add(matter_id)
    favourable = [(case, event) for case, event in told.values() if event.outcome.favourable]
    cadres = [
        (case, event)
        for case, event in favourable
        if case.files[event.subject].subject.kind is SubjectKind.CADRE
    ]
    return {
        "tolerated_persons": len({event.subject for _, event in cadres}),
        "exempted_persons": len({e.subject for _, e in cadres if e.outcome == "exemption"}),
        "mitigated_persons": len({e.subject for _, e in cadres if e.outcome == "mitigation"}),
        "tolerated_person_times": len(cadres),
        "tolerated_organizations": len({event.subject for _, event in favourable})
        - len({event.subject for _, event in cadres}),
        "tolerated_matters": len({case.matter.id for case, _ in favourable if case.matter}),
        "not_tolerated": len({e.subject for _, e in told.values() if not e.outcome.favourable}),
    }
