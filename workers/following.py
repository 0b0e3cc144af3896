"""The follower of a database, which leaps where it is far behind."""

from functools import partial

import asyncpg

from projections.follower import Follower
from projections.rebuild import rebuild
from projections.views import VIEWS
from workers.addresses import DatabaseAddress
from workers.store import PROJECTOR, connect_as


def follower_of(address: DatabaseAddress) -> Follower:
    async def leap(connection: asyncpg.Connection) -> None:
        await rebuild(connection, [*VIEWS], reach=address.asyncpg(PROJECTOR), ahead=True)

    return Follower(partial(connect_as, PROJECTOR, address), leap=leap)
