"""What one act costs: part by part on a case of sixty events, and as the store grows."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid4

import psycopg

from benchmarks.lives import case_of, fill
from benchmarks.measure import Row, medians
from domain.aggregate import Event, Order, Request
from domain.law.calendar import CHINA
from domain.tolerance.case import ToleranceCase
from gateway.rulebook import Rulebook
from tests.support.examples import CLERK, HUBEI, opinion
from workers.addresses import DatabaseAddress
from workers.store import WRITER, connect_as
from workflows.clock import SystemClock
from workflows.event_store import EventMapper, EventStore
from workflows.office import Office

DAY = date(2026, 3, 12)
NOON = datetime(2026, 3, 12, 12, tzinfo=CHINA)


def parts(rounds: int) -> Iterator[Row]:
    """Decode, fold, decide and serialise, against the bare decoding of the same JSON."""
    events, mapper = case_of(), EventMapper()
    stored = [mapper.to_stored_event(event) for event in events]
    decided = _decide(_fold(events))

    def load_and_decide() -> None:
        _decide(_fold([mapper.to_domain_event(each) for each in stored]))

    yield from medians(
        "一件六十个事件的案件",
        baseline=("只解 JSON", lambda: [json.loads(each.state) for each in stored]),
        measured={
            "读成事件": lambda: [mapper.to_domain_event(each) for each in stored],
            "折叠成案件": lambda: _fold(events),
            "折叠并作决定": lambda: _decide(_fold(events)),
            "写成 JSON": lambda: [mapper.to_stored_event(each) for each in decided],
            "读、折叠、决定（合计）": load_and_decide,
        },
        rounds=rounds,
    )


def _fold(events: list[Event]) -> ToleranceCase:
    return ToleranceCase.project(None, events) or ToleranceCase(uuid4())


def _decide(case: ToleranceCase) -> list[Event]:
    case.perform(opinion(), Order(key="bench", by=CLERK, on=DAY, now=NOON), HUBEI)
    return case.collect_events()


@dataclass
class Grown:
    """A store of so many events, and cases in it to act on."""

    events: int
    cases: list[UUID]


async def grow(address: DatabaseAddress, have: int, to: int, acts: int) -> Grown:
    """Fill the store up to `to` events; the cases to act on lie scattered among the last."""
    events = case_of()
    connection = await connect_as(WRITER, address)
    try:
        ids = await fill(connection, events, (to - have) // len(events))
    finally:
        await connection.close()
    step = max(1, len(ids) // acts)
    return Grown(to, ids[::step][:acts])


def growth(address: DatabaseAddress, store: EventStore, grown: Grown) -> Iterator[Row]:
    """A whole act through the office, against a bare SELECT and INSERT on the same tables."""
    office = Office(store, Rulebook.packaged(), SystemClock())
    waiting = iter(grown.cases)

    def act() -> None:
        office.perform(next(waiting), opinion(), Request(key=str(uuid4()), by=CLERK, on=DAY))

    with psycopg.connect(_dsn(address), autocommit=True) as bare:

        def bare_act() -> None:
            bare.execute(
                "SELECT state FROM log.events WHERE originator_id = %s ORDER BY originator_version",
                (grown.cases[0],),
            ).fetchall()
            bare.execute(
                "INSERT INTO log.events (originator_id, originator_version, topic, state)"
                " VALUES (%s, 1, 'bench', '{}')",
                (uuid4(),),
            )

        yield from medians(
            f"库中 {grown.events:,} 个事件",
            baseline=("裸 SELECT 加 INSERT", bare_act),
            measured={"完整的一个行为": act},
            rounds=len(grown.cases) - 1,
        )


def _dsn(address: DatabaseAddress) -> str:
    return psycopg.conninfo.make_conninfo(
        host=address.host,
        port=address.port,
        dbname=address.name,
        user=WRITER,
        password=address.password or None,
    )
