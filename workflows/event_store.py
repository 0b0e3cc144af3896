"""Keeps events with the eventsourcing library: our names, our JSON, our append.

Three things of the library's are replaced, each for a measured reason: its topics (module paths
would orphan history when a file moves), its table lock (it stalls behind vacuum), and its retry
(after a lost acknowledgement it reports a conflict for what is in fact stored).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, cast
from uuid import UUID

import psycopg
from eventsourcing.application import Application
from eventsourcing.domain import DomainEventProtocol
from eventsourcing.persistence import (
    ApplicationRecorder,
    IntegrityError,
    JSONTranscoder,
    Mapper,
    StoredEvent,
)
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresFactory

from domain import registry
from domain.aggregate import Event

KEPT_OUTSIDE = {"originator_id", "originator_version"}  # columns of their own


class EventMapper(Mapper[UUID]):
    """Pydantic events to stored JSON and back, by the explicit names of the registry."""

    def __init__(self) -> None:
        super().__init__(JSONTranscoder())

    def to_stored_event(self, domain_event: DomainEventProtocol[UUID]) -> StoredEvent:
        if not isinstance(domain_event, Event):
            raise TypeError(f"{type(domain_event).__name__} is not an event of ours")
        return StoredEvent(
            originator_id=domain_event.originator_id,
            originator_version=domain_event.originator_version,
            topic=domain_event.topic,
            state=domain_event.model_dump_json(exclude=KEPT_OUTSIDE).encode(),
        )

    def to_domain_event(self, stored_event: StoredEvent) -> Event:
        """Read one stored event. Raises registry.UnknownTopic and pydantic.ValidationError."""
        return registry.read_stored(
            stored_event.topic,
            UUID(str(stored_event.originator_id)),
            stored_event.originator_version,
            stored_event.state,
        )


@dataclass(frozen=True)
class Command:
    """The key under which an act is done once, and the hash of what was asked."""

    key: str
    request_hash: bytes


@dataclass(frozen=True)
class Receipt:
    """What was stored: where the act stands in its matter and in the whole log."""

    matter_id: UUID
    version: int
    position: int
    replayed: bool = False


class VersionConflict(Exception):  # noqa: N818
    """Somebody else's act on the same matter was stored first."""


class KeyTaken(Exception):  # noqa: N818
    """The command key is already in the log."""


class LogRecorder(PostgresApplicationRecorder):
    """Appends in one statement: events numbered in commit order, the command's key beside them."""

    def insert_events(
        self,
        stored_events: Sequence[StoredEvent],
        *,
        command: Command | None = None,
        **_: Any,
    ) -> list[int]:
        """Store and return the positions. Raises VersionConflict, KeyTaken; never retries."""
        try:
            with self.datastore.get_connection() as connection:
                rows = connection.execute(
                    "SELECT log.append(%s, %s, %s, %s, %s, %s) AS position",
                    (
                        [each.originator_id for each in stored_events],
                        [each.originator_version for each in stored_events],
                        [each.topic for each in stored_events],
                        [each.state for each in stored_events],
                        command.key if command else None,
                        command.request_hash if command else None,
                    ),
                ).fetchall()
        except IntegrityError as error:
            raise _conflict(error) from error
        return [row["position"] for row in rows]

    def recorded(self, key: str) -> tuple[bytes, Receipt] | None:
        """What was stored under a command key: the request's hash and its receipt."""
        with self.datastore.get_connection() as connection:
            row = connection.execute(
                "SELECT request_hash, originator_id, version, position"
                " FROM log.commands WHERE key = %s",
                (key,),
            ).fetchone()
        if row is None:
            return None
        receipt = Receipt(row["originator_id"], row["version"], row["position"], replayed=True)
        return bytes(row["request_hash"]), receipt


def _conflict(error: IntegrityError) -> Exception:
    cause = error.__cause__
    constraint = cause.diag.constraint_name if isinstance(cause, psycopg.Error) else None
    return {"events_pkey": VersionConflict, "commands_pkey": KeyTaken}.get(
        constraint or "", lambda _: error
    )(str(error))


class EventStore(Application[UUID]):
    """The library's application over our log: a repository of matters, and `save`."""

    name = "rongcuo"

    def __init__(self, *, host: str, port: int, dbname: str, user: str, password: str) -> None:
        super().__init__(
            {
                "PERSISTENCE_MODULE": "eventsourcing.postgres",
                PostgresFactory.POSTGRES_HOST: host,
                PostgresFactory.POSTGRES_PORT: str(port),
                PostgresFactory.POSTGRES_DBNAME: dbname,
                PostgresFactory.POSTGRES_USER: user,
                PostgresFactory.POSTGRES_PASSWORD: password,
                PostgresFactory.POSTGRES_SCHEMA: "log",
                "POSTGRES_POOL_SIZE": "2",
                "POSTGRES_MAX_OVERFLOW": "14",
                "IS_SNAPSHOTTING_ENABLED": "n",  # a case has tens of events
            }
        )

    def construct_mapper(self) -> EventMapper:
        return EventMapper()

    def construct_recorder(self) -> ApplicationRecorder:
        factory = cast("PostgresFactory", self.factory)
        return LogRecorder(factory.datastore, events_table_name="events")

    def version_of(self, matter_id: UUID) -> int:
        """The version of a matter's latest event; 0 where there is none."""
        latest = self.recorder.select_events(matter_id, desc=True, limit=1)
        return latest[0].originator_version if latest else 0

    def end(self) -> int:
        """The position of the last event stored; 0 in an empty log."""
        return self.recorder.max_notification_id() or 0

    def first_day(self) -> date | None:
        """The day on which the first event of the log took effect; None in an empty log."""
        first = self.recorder.select_notifications(start=1, limit=1)
        return EventMapper().to_domain_event(first[0]).on if first else None

    def recorded(self, key: str) -> tuple[bytes, Receipt] | None:
        """What was stored under a command key; None when nothing was."""
        return cast("LogRecorder", self.recorder).recorded(key)
