"""The three routes to a figure side by side: the questions, their answers, where they disagree."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import partial

import asyncpg

from gateway.reports import places
from projections.definitions import EVERY
from projections.statistics import DUTIES, Question, count
from tests.support.figures_from_the_log import answer
from tests.support.plain_figures import Asked, Cells, Ledger, Told

HUBEI, JINGZHOU, JINGMEN, XIANTAO = "420000", "421000", "420800", "429004"
JIANLI, JIANLI_BEFORE = "421088", "421023"
LATE_2020, EARLY_2021 = date(2020, 12, 16), date(2021, 1, 15)
BEFORE_JINGSHAN, BEFORE_JIANLI = date(2018, 2, 1), date(2019, 1, 1)  # bore their later codes
# those of duties are counted by hand in test_timeliness.py
COUNTED = [each for each in EVERY if each.source is not DUTIES]


def questions(position: int) -> list[Asked]:
    """Every kind of question there is, of what is known at a position."""
    told = partial(Asked, position)
    every = partial(Asked, position, organ_kind=None)
    return [
        told(),
        every(),
        told(organ_kind="personnel"),
        every(by=("organ_kind",)),
        every(by=("region",)),
        told(region=HUBEI, by=("region",)),
        every(region="42", by=("region",)),
        told(region=HUBEI, since=date(2022, 1, 1), until=date(2023, 7, 6)),
        every(region=JINGZHOU, by=("region",)),
        every(region=JINGZHOU, by=("region",), boundaries=BEFORE_JIANLI),
        every(region=JINGMEN, by=("region", "year")),
        every(region=JINGMEN, by=("region",), boundaries=BEFORE_JINGSHAN),
        every(region=JIANLI, by=("year",)),
        every(region=JIANLI_BEFORE, boundaries=BEFORE_JIANLI),
        every(region=XIANTAO),
        told(by=("year",)),
        told(by=("year",), dated="effective"),
        every(by=("quarter", "track")),
        every(by=("month",), since=LATE_2020, until=EARLY_2021),
        every(by=("month",), since=LATE_2020, until=EARLY_2021, dated="effective"),
        told(by=("outcome", "rank")),
        every(by=("situation",)),
        every(by=("measure", "outcome")),
        every(by=("detail",)),
        told(by=("policy", "organ_level")),
        told(by=("field",), since=date(2019, 12, 31)),
        told(by=("organ",), until=date(2020, 12, 31)),
        told(by=("year",), only=(("outcome", ("exemption",)),)),
        told(by=("track",), only=(("measure", ("criticism", "circular")),)),
        told(only=(("rank", ("县处级",)), ("organ_level", ("county", "prefecture")))),
        every(by=("outcome",), only=(("situation", ("WY-C1", "YX-P1", "JM-N1")),)),
        told(region=HUBEI, by=("region",), only=(("track", ("both", "ex_officio")),)),
    ]


@dataclass
class Routes:
    """Three ways to an answer about one log.

    `superuser`: the session that has extracted the log (tests/support/figures_from_the_log.py).
    `blind_to`: topics that the log read by hand passes over, for the controls.
    """

    reader: asyncpg.Connection
    superuser: asyncpg.Connection
    log: list[Told]
    blind_to: Collection[str] = ()
    _ledgers: dict[int, Ledger] = field(default_factory=dict)

    def by_hand(self, asked: Asked) -> Cells:
        if asked.known_at not in self._ledgers:
            ledger = Ledger(blind_to=self.blind_to)
            self._ledgers[asked.known_at] = ledger.read(self.log[: asked.known_at])
        return self._ledgers[asked.known_at].answer(asked)

    async def disagreements(self, of: Iterable[Asked]) -> list[str]:
        """Every cell in which they differ, with the three figures."""
        found = []
        for asked in of:
            views = await by_the_views(self.reader, asked)
            by_hand, sql = self.by_hand(asked), await answer(self.superuser, asked)
            for cell in sorted(views.keys() | by_hand.keys() | sql.keys()):
                figures = tuple(each.get(cell, 0) for each in (views, by_hand, sql))
                if len({*figures}) > 1:
                    found.append(f"{asked} {'·'.join(cell)}：视图、手数、SQL {figures}")
        return found


async def by_the_views(reader: asyncpg.Connection, asked: Asked) -> Cells:
    """Every cell that is not nothing, of the measures that have the breakdowns asked about."""
    question = Question(
        asked.region,
        asked.since,
        asked.until,
        asked.known_at,
        asked.organ_kind,
        asked.by,
        await places(reader, asked.region, asked.boundaries, asked.known_at),
        only=dict(asked.only),
        dated=asked.dated,
    )
    measures = [each for each in COUNTED if asked.dimensions <= each.source.breakdowns.keys()]
    return {
        (*(row[name] for name in asked.by), measure.id): row[measure.name]
        for row in await count(reader, question, measures)
        for measure in measures
        if row[measure.name]
    }


async def log_of(connection: asyncpg.Connection) -> list[Told]:
    rows = await connection.fetch(
        "SELECT notification_id, originator_id::text, originator_version, topic, state"
        " FROM log.events ORDER BY notification_id"
    )
    return [Told(*row.values()) for row in rows]
