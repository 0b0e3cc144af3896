"""Acting from the command line: who acts, and the office with a view of what it writes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated
from uuid import uuid4

import asyncpg
from cyclopts import Parameter

from domain.aggregate import Request
from domain.law.calendar import civil_date
from domain.people import Officer
from gateway.commands.reaching import database
from gateway.commands.rules_in_force import rules_in_force
from workers.store import WRITER, connect_as, open_store
from workflows.clock import SystemClock
from workflows.office import Office


@dataclass(frozen=True)
class _Who:
    """Who acts, on whose authority: common to all acts."""

    by: Annotated[str, Parameter(help="经办人的编号。")]
    role: Annotated[str, Parameter(help="职务。")]
    organ: Annotated[str, Parameter(help="机关的编号。")]
    authority: Annotated[str | None, Parameter(help="会议纪要或批准文号。")] = None
    on: Annotated[date | None, Parameter(help="办理之日，缺省为今天。")] = None
    key: Annotated[str | None, Parameter(help="办理编号；同一编号重发不会重复办理，缺省另编。")] = (
        None
    )

    def request(self) -> Request:
        return Request(
            key=self.key or str(uuid4()),
            by=Officer(id=self.by, role=self.role, organ=self.organ),
            on=self.on or civil_date(datetime.now(UTC)),
            authority=self.authority,
        )


Who = Annotated[_Who, Parameter(name="*")]


@asynccontextmanager
async def acting(home: Path | None) -> AsyncIterator[tuple[Office, asyncpg.Connection]]:
    """The office and a view of what it has written."""
    async with database(home) as address:
        views = await connect_as(WRITER, address)
        try:
            with open_store(address) as store:
                yield Office(store, rules_in_force(home=home), SystemClock()), views
        finally:
            await views.close()
