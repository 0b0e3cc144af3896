"""Both sides beside each other: what is waited for, and the clocks that Temporal lists."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

import asyncpg
from temporalio.client import Client

from workflows.contract import CLOCK, Rank, clock_id, rank_shown

RUNNING: Final = f"WorkflowType = '{CLOCK}' AND ExecutionStatus = 'Running'"
RPC_LIMIT: Final = timedelta(seconds=5)
LISTING_LIMIT: Final = timedelta(seconds=30)  # for a thousand clocks on a busy server

TOLD: Final = """
    SELECT matter_id, sent.jump, plan.version
    FROM views.clock_plan AS plan JOIN clocks.sent USING (matter_id)
    WHERE next_at IS NOT NULL AND sent.version >= plan.version
"""
WAITING: Final = "SELECT matter_id FROM views.clock_plan WHERE next_at IS NOT NULL"


@dataclass(frozen=True)
class Compared:
    """`told`: the plans Temporal has acknowledged; `shown`: the plan each running clock follows.

    None for a clock that does not show any. `strangers`: running under our name, not by our ids.
    """

    told: dict[UUID, Rank]
    shown: dict[UUID, Rank | None]
    waiting: frozenset[UUID]
    strangers: tuple[str, ...]

    @property
    def without_clock(self) -> frozenset[UUID]:
        return frozenset(self.told.keys() - self.shown.keys())

    @property
    def without_duty(self) -> frozenset[UUID]:
        return frozenset(self.shown.keys() - self.waiting)

    @property
    def behind(self) -> frozenset[UUID]:
        return self.behind_since(self.told)

    def behind_since(self, told: dict[UUID, Rank]) -> frozenset[UUID]:
        """Clocks that follow an older plan than was acknowledged, then and still."""
        return frozenset(
            matter_id
            for matter_id in self.told.keys() & told.keys()
            if (seen := self.shown.get(matter_id)) and seen < told[matter_id]
        )


async def compare(connection: asyncpg.Connection, client: Client) -> Compared:
    """Look and change nothing. Temporal lists what has changed a little late."""
    told = {row["matter_id"]: (row["jump"], row["version"]) for row in await connection.fetch(TOLD)}
    shown: dict[UUID, Rank | None] = {}
    strangers = []
    async for each in client.list_workflows(RUNNING, page_size=1000, rpc_timeout=LISTING_LIMIT):
        matter_id = _matter(each.id)
        if matter_id is None:
            strangers.append(each.id)
        else:
            shown[matter_id] = rank_shown(each.typed_search_attributes)
    waiting = frozenset(row["matter_id"] for row in await connection.fetch(WAITING))
    return Compared(told, shown, waiting, tuple(strangers))


def _matter(workflow_id: str) -> UUID | None:
    try:
        matter_id = UUID(workflow_id.removeprefix(clock_id("")))
    except ValueError:
        return None
    return matter_id if clock_id(str(matter_id)) == workflow_id else None
