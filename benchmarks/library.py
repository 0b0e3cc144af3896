"""The library's own way beside ours: its ProjectionRunner over our log, making the same rows.

A transaction an event, its tracking recorder, the view functions and the fold that we use as well.
"""

import time
from collections.abc import Sequence
from typing import Any, ClassVar, Final
from uuid import UUID

from eventsourcing.persistence import Tracking
from eventsourcing.postgres import PostgresFactory, PostgresTrackingRecorder
from eventsourcing.projection import Projection, ProjectionRunner
from psycopg import Cursor
from psycopg.sql import SQL, Composed, Identifier, Placeholder

from domain import registry
from domain.aggregate import Event
from projections.folds import Folded
from projections.rows import Recorded, Row, View
from workers.addresses import DatabaseAddress
from workers.store import PROJECTOR
from workflows.event_store import EventStore

SCHEMA: Final = "library"  # where its tables stand
LIMIT_S: Final = 600


class Log(EventStore):
    """Our log as the runner asks for it."""

    address: ClassVar[DatabaseAddress]

    def __init__(self, _env: object = None) -> None:
        at = self.address
        super().__init__(
            host=at.host,
            port=at.port,
            dbname=at.name,
            user=PROJECTOR,
            password=at.password or "",
        )


class Shown(PostgresTrackingRecorder):
    """Rows and the place in the log, committed together for each event."""

    def take(self, tracking: Tracking, fold: Folded, recorded: Recorded, views: list[View]) -> None:
        with self.datastore.transaction(commit=True) as cursor:
            self._insert_tracking(cursor, tracking)
            for view in views:
                if view.of_event:
                    self._insert(cursor, view.name, [*view.of_event(recorded, fold.matter)])
                if view.of_matter:
                    table = Identifier(SCHEMA, view.name)
                    cursor.execute(
                        SQL("DELETE FROM {} WHERE matter_id = %s").format(table),
                        (fold.matter.id,),
                        prepare=True,
                    )
                    rows = [*view.of_matter(fold.matter, fold.planned_at)]
                    self._insert(cursor, view.name, rows)

    def _insert(self, cursor: Cursor[Any], name: str, rows: Sequence[Row]) -> None:
        for row in rows:
            cursor.execute(_insert_into(name, len(row)), row, prepare=True)


def _insert_into(name: str, columns: int) -> Composed:
    given = SQL(", ").join([Placeholder()] * columns)
    return SQL("INSERT INTO {} VALUES ({})").format(Identifier(SCHEMA, name), given)


class Views(Projection[Shown]):
    name = "views"
    shown: ClassVar[list[View]]

    def __init__(self, view: Shown) -> None:
        super().__init__(view)
        self._folds: dict[UUID, Folded] = {}  # remembered, or it would be slower still

    def process_event(self, domain_event: Event, tracking: Tracking) -> None:
        recorded = Recorded(tracking.notification_id, domain_event)
        fold = self._folds.get(domain_event.originator_id)
        if fold is None:
            fold = self._folds[domain_event.originator_id] = Folded(registry.begin(domain_event))
        fold.apply(recorded)
        self.view.take(tracking, fold, recorded, self.shown)


def run(address: DatabaseAddress, views: list[View], upto: int) -> float:
    """Follow the log up to this position into the tables of SCHEMA; return the seconds it took."""
    Log.address, Views.shown = address, views
    begun = time.perf_counter()
    with ProjectionRunner(
        application_class=Log,
        projection_class=Views,
        view_class=Shown,
        env={
            "PERSISTENCE_MODULE": "eventsourcing.postgres",
            PostgresFactory.POSTGRES_HOST: address.host,
            PostgresFactory.POSTGRES_PORT: str(address.port),
            PostgresFactory.POSTGRES_DBNAME: address.name,
            PostgresFactory.POSTGRES_USER: PROJECTOR,
            PostgresFactory.POSTGRES_PASSWORD: address.password or "",
            PostgresFactory.POSTGRES_SCHEMA: SCHEMA,
        },
    ) as runner:
        runner.wait(upto, timeout=LIMIT_S)
        return time.perf_counter() - begun
