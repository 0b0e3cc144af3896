"""Rebuilding by several processes: each writes the rows of its share of the matters.

Matters know nothing of each other, so a view of all of them is the views of some beside the views
of the others. Numbers of matters are spread evenly; a share is a span of them.
"""

import asyncio
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from multiprocessing import get_context
from multiprocessing.sharedctypes import SynchronizedArray
from typing import Any, Final
from uuid import UUID

import asyncpg

from projections.histories import Histories
from projections.views import VIEWS

WORTH_SHARING: Final = 50_000  # events; below that a process costs more than it saves
LOOK_S: Final = 0.2  # between two looks at how far the others are
NUMBERS: Final = 1 << 128  # of matters


@dataclass(frozen=True)
class Job:
    """What all shares have in common. `reach`: how asyncpg reaches the projector's database."""

    reach: Mapping[str, Any]
    schema: str
    names: Sequence[str]
    upto: int
    batch: int
    standing_still: Mapping[UUID, int]


def processes(events: int) -> int:
    """How many are worth their while for a log of this length."""
    return min(os.cpu_count() or 1, 4) if events >= WORTH_SHARING else 1


async def write_in_shares(job: Job, among: int, told: Callable[[int], None]) -> None:
    """Write the rows of every matter, each share in a transaction of its own.

    Raises BrokenProcessPool where one of the processes dies; what the others wrote stays.
    """
    context = get_context("spawn")
    done = context.Array("q", among)
    with ProcessPoolExecutor(among, context, initializer=_keep, initargs=(done,)) as pool:
        work = [pool.submit(_write, job, place, span) for place, span in enumerate(_spans(among))]
        try:
            while not all(each.done() for each in work):
                await asyncio.sleep(LOOK_S)
                told(sum(done[:]))
                if any(each.done() and each.exception() for each in work):
                    break
        finally:
            for each in work:
                each.cancel()
        for each in work:
            each.result()
    told(job.upto)


def _spans(among: int) -> Iterator[tuple[UUID, UUID]]:
    """The first and the last number of each share."""
    bounds = [NUMBERS * place // among for place in range(among + 1)]
    for first, behind in pairwise(bounds):
        yield UUID(int=first), UUID(int=behind - 1)


# --- in the other process -----------------------------------------------------------------------

_done: "SynchronizedArray[int] | None" = None


def _keep(done: "SynchronizedArray[int]") -> None:
    global _done  # noqa: PLW0603 (the pool hands over nothing else)
    _done = done


def _write(job: Job, place: int, span: tuple[UUID, UUID]) -> None:
    asyncio.run(_write_share(job, place, span))


async def _write_share(job: Job, place: int, span: tuple[UUID, UUID]) -> None:
    def told(done: int) -> None:
        if _done is not None and done < job.upto:  # the last says that all is done, of its own
            _done[place] = done

    connection = await asyncpg.connect(**job.reach)
    try:
        async with connection.transaction():
            await connection.execute(f"SET LOCAL search_path = {job.schema}")
            views = [VIEWS[name] for name in job.names]
            histories = Histories(views, job.upto, job.batch, job.standing_still, span)
            await histories.write(connection, told)
    finally:
        await connection.close()
