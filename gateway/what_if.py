"""What an edition would change: every open case held against it before it comes into force."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

import asyncpg

from domain.law.policy import Policy
from domain.law.rules import Rules
from domain.tolerance.case import ToleranceCase
from domain.tolerance.state import OVER
from domain.tolerance.treatment import Part, treatment
from projections.statistics import region_prefix
from workflows.office import Office, Rulebook


@dataclass(frozen=True)
class Change:
    """One thing the edition would decide otherwise; `before` or `after` is None where unasked."""

    where: str
    before: str | None
    after: str | None
    article: str | None

    def __str__(self) -> str:
        basis = f"〔{self.article}〕" if self.article else ""
        return f"{self.where}：{self.before or '不涉及'} → {self.after or '不涉及'}{basis}"


@dataclass(frozen=True)
class Affected:
    """A case that would be treated differently."""

    case_number: str
    matter_id: UUID
    policy: str
    changes: tuple[Change, ...]


async def open_cases(
    reader: asyncpg.Connection, edition: Policy, above: Sequence[str]
) -> list[UUID]:
    """Open cases the edition could come to govern.

    Those under an edition of the same instrument, and, in its jurisdiction, those under the
    instruments `above` it.
    """
    rows = await reader.fetch(
        """
        SELECT matter_id FROM views.case_register
        WHERE stage <> ALL($1)
          AND (split_part(policy, '.', 1) = $2
               OR (policy = ANY($3) AND region LIKE $4 || '%'))
        ORDER BY case_number
        """,
        [stage.value for stage in OVER],
        edition.id,
        [*above],
        region_prefix(edition.jurisdiction.region),
    )
    return [row["matter_id"] for row in rows]


def what_if(
    matters: Sequence[UUID],
    office: Office,
    rulebook: Rulebook,
    edition: Rules,
    progress: Callable[[int, int], None] = lambda _done, _of: None,
) -> list[Affected]:
    """The cases of `matters` that `edition` would treat otherwise, each with what and why."""
    affected = []
    for number, matter_id in enumerate(matters, start=1):
        case = office.case(matter_id)
        changes = changes_to(case, rulebook(case.policy), edition)
        if changes:
            affected.append(Affected(case.case_number, case.id, case.policy, changes))
        progress(number, len(matters))
    return affected


def changes_to(case: ToleranceCase, present: Rules, edition: Rules) -> tuple[Change, ...]:
    before, after = treatment(case, present), treatment(case, edition)
    return tuple(
        Change(where, _told(before.get(where)), _told(after.get(where)), _article(after, where))
        for where in {**before, **after}
        if _told(before.get(where)) != _told(after.get(where))
    )


def _told(part: Part | None) -> str | None:
    return part.told if part else None


def _article(parts: dict[str, Part], where: str) -> str | None:
    return parts[where].article if where in parts else None
