"""The calendar for those who only count: the program's, and with a store named what it released."""

import os
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from domain.law.calendar import WorkCalendar
from gateway.rulebook import calendars

ReleasedOption = Annotated[
    Path | None,
    Parameter(name="--home", help="数据目录；写明时连同在那里发布的日历一起用。"),
]


async def calendar_of(home: Path | None) -> WorkCalendar:
    """Raises what reaching a store may raise, where one is named here or in the environment."""
    brought = calendars()
    if home is None and not os.environ.get("RONGCUO_DATABASE_HOST"):
        return brought  # without loading the store's drivers
    from gateway.commands.reaching import reading  # noqa: PLC0415
    from projections.calendars import released  # noqa: PLC0415

    async with reading(home) as connection:
        return brought.with_editions(await released(connection))
