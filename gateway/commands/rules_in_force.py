"""Which instruments hold here: those that come with the program, and the user's own."""

from dataclasses import replace
from pathlib import Path

import asyncpg

from gateway.files import Fault, RulebookFault
from gateway.rulebook import Rulebook
from projections.calendars import released
from workers.home import default_home
from workers.settings import Settings


def rules_in_force(*, home: Path | None = None, policies: Path | None = None) -> Rulebook:
    """The packaged packs and those of a folder: named, of RONGCUO_POLICIES, or of the home.

    The home's folder is `policies`; it need not be there. Raises RulebookFault.
    """
    settings = Settings()
    named = policies or settings.policies
    if named is not None:
        if not named.is_dir():
            raise RulebookFault(str(named), Fault(0, "目录", "没有这个目录，请核对路径"))
        return Rulebook.packaged(named)
    own = (home or settings.home or default_home()) / "policies"
    return Rulebook.packaged(own if own.is_dir() else None)


async def as_released(rulebook: Rulebook, connection: asyncpg.Connection) -> Rulebook:
    """The rulebook with what was released in the store laid over the calendar of the program."""
    editions = await released(connection)
    return replace(rulebook, calendar=rulebook.calendar.with_editions(editions))
