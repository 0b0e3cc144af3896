"""A worker as a process of its own, to be killed: the clocks and the office they call.

    python -m tests.support.endurance_worker HOME TEMPORAL AHEAD

`AHEAD`: by how many seconds legal time runs before the machine's.
"""

import asyncio
import sys
from datetime import timedelta
from pathlib import Path

from gateway.rulebook import Rulebook
from workers.addresses import DatabaseAddress
from workers.clock_worker import clock_worker, connect
from workers.codec import Keys
from workers.home import Home
from workers.postgres_cluster import PORT
from workers.store import DATABASE, open_store
from workflows.clock import DrivenClock
from workflows.office import Office

GRACE = timedelta(seconds=1)
AT_WORK = "at work"


async def main(path: str, temporal: str, ahead: str) -> None:
    home = Home(Path(path))
    address = DatabaseAddress(str(home.run / "postgres"), PORT, DATABASE)
    with open_store(address) as store:
        clock = DrivenClock(timedelta(seconds=float(ahead)), jump=1)
        office = Office(store, Rulebook.packaged(), clock)
        client = await connect(temporal, Keys.kept_in(home.keys / "temporal.json"))
        worker = clock_worker(client, office, grace=GRACE)
        sys.stdout.write(f"{AT_WORK}\n")
        sys.stdout.flush()
        await worker.run()


if __name__ == "__main__":  # the sandbox of the workflows reads this file again
    asyncio.run(main(*sys.argv[1:]))
