"""Three roads to one answer: the log, the views made anew, the figures counted by hand."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from uuid import UUID

import asyncpg

from domain import registry
from domain.aggregate import Event
from domain.identities import IdentitiesMerged
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


@dataclass
class _Told:
    """What the events say of the determinations: who they are on, and which still hold."""

    cases: dict[UUID, ToleranceCase] = field(default_factory=dict)
    holding: dict[tuple[UUID, int], tuple[ToleranceCase, SubjectDetermined]] = field(
        default_factory=dict
    )
    kept: dict[str, str] = field(default_factory=dict)

    def take(self, event: Event) -> None:
        matter_id = event.originator_id
        if isinstance(event, IdentitiesMerged):
            self.kept[event.merged] = event.kept
        if event.originator_version == 1 and registry.MATTERS[event.topic] is ToleranceCase:
            self.cases[matter_id] = ToleranceCase(matter_id)
        if (case := self.cases.get(matter_id)) is None:
            return
        case.apply(event)
        if isinstance(event, SubjectDetermined):
            self.holding[matter_id, event.originator_version] = case, event
        if isinstance(event, DeterminationEnded):
            self.holding.pop((matter_id, event.determination), None)

    def person(self, event: SubjectDetermined) -> str:
        """The number that stands for whom a determination is on, along every merger."""
        number = event.subject
        while number in self.kept:
            number = self.kept[number]
        return number


async def count_by_hand(connection: asyncpg.Connection) -> dict[str, int]:
    """The measures over all organs, from the events alone and with sets, not with SQL.

    A matter counts up to its first event that cannot be applied; the views park it there.
    """
    told = _Told()
    parked: set[UUID] = set()
    for row in await connection.fetch(
        "SELECT originator_id, originator_version, topic, state FROM log.events"
        " ORDER BY notification_id"
    ):
        matter_id = UUID(str(row["originator_id"]))
        if matter_id in parked:
            continue
        try:
            told.take(
                registry.read_stored(
                    row["topic"], matter_id, row["originator_version"], row["state"]
                )
            )
        except (LookupError, ValueError):
            parked.add(matter_id)
    every = told.holding.values()
    favourable = [(case, event) for case, event in every if event.outcome.favourable]
    cadres = [
        (case, event)
        for case, event in favourable
        if case.files[event.subject].subject.kind is SubjectKind.CADRE
    ]
    person = told.person
    return {
        "tolerated_persons": len({person(event) for _, event in cadres}),
        "exempted_persons": len({person(e) for _, e in cadres if e.outcome == "exemption"}),
        "mitigated_persons": len({person(e) for _, e in cadres if e.outcome == "mitigation"}),
        "tolerated_person_times": len(cadres),
        "tolerated_organizations": len({person(event) for _, event in favourable})
        - len({person(event) for _, event in cadres}),
        "tolerated_matters": len({case.matter.id for case, _ in favourable if case.matter}),
        "not_tolerated": len({person(e) for _, e in every if not e.outcome.favourable}),
    }
