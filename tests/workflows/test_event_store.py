"""The log: numbered without holes in the order of commits, changed by nobody, read by name only."""

import importlib
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, cast
from uuid import UUID, uuid4

import psycopg
import pytest
from eventsourcing.persistence import JSONTranscoder, Mapper, OperationalError, StoredEvent
from psycopg.errors import InsufficientPrivilege, LockNotAvailable

from domain import registry
from domain.tolerance.case import ToleranceCase
from domain.tolerance.state import case_id
from tests.support.databases import SUPERUSER, Session, Stored, session, stored
from tests.support.examples import HUBEI, open_verification, opinion
from tests.support.matters import NUMBER, begun, history, order
from workers.addresses import DatabaseAddress
from workers.store import PROJECTOR, READER, WRITER, open_store
from workflows.event_store import (
    Command,
    EventMapper,
    EventStore,
    KeyTaken,
    LogRecorder,
    Receipt,
    VersionConflict,
)
from workflows.office import Office

OWNER = "rongcuo_owner"
REFUSED_BY_TRIGGER = "RC001"
APPEND = "SELECT log.append(%s, %s, %s, %s, %s, %s)"


@pytest.fixture
def recorder(store: EventStore) -> LogRecorder:
    return cast("LogRecorder", store.recorder)


def events(matter: UUID, *versions: int) -> list[StoredEvent]:
    return [StoredEvent(matter, version, "example.happened.v1", b"{}") for version in versions]


def command(key: str) -> Command:
    return Command(key, b"what was asked")


def append(connection: Session, stored_events: Sequence[StoredEvent], key: str) -> list[int]:
    """What the recorder does, in a transaction that the test itself ends."""
    rows = connection.execute(
        APPEND,
        (
            [each.originator_id for each in stored_events],
            [each.originator_version for each in stored_events],
            [each.topic for each in stored_events],
            [each.state for each in stored_events],
            key,
            b"what was asked",
        ),
    )
    return [position for (position,) in rows]


def positions(database: DatabaseAddress) -> list[int]:
    with session(database) as superuser:
        rows = superuser.execute("SELECT notification_id FROM log.events ORDER BY 1").fetchall()
    return [position for (position,) in rows]


# --- numbers -----------------------------------------------------------------------------------


def test_positions_begin_at_one_and_follow_the_order_of_saving(recorder: LogRecorder) -> None:
    one, other = uuid4(), uuid4()
    assert recorder.insert_events(events(one, 1, 2)) == [1, 2]
    assert recorder.insert_events([*events(other, 1), *events(one, 3)]) == [3, 4]


def test_events_of_one_act_are_numbered_in_the_order_in_which_they_were_decided(
    recorder: LogRecorder, database: DatabaseAddress
) -> None:
    matters = sorted((uuid4() for _ in range(20)), reverse=True)
    recorder.insert_events([event for each in matters for event in events(each, 1, 2)])
    with session(database) as superuser:
        told = superuser.execute(
            "SELECT originator_id, originator_version FROM log.events ORDER BY notification_id"
        ).fetchall()
    assert told == [(matter, version) for matter in matters for version in (1, 2)]


def test_a_conflict_burns_no_number(recorder: LogRecorder) -> None:
    matter = uuid4()
    recorder.insert_events(events(matter, 1))
    for _ in range(5):
        with pytest.raises(VersionConflict):
            recorder.insert_events([*events(uuid4(), 1, 2), *events(matter, 1)])
    assert recorder.insert_events(events(matter, 2)) == [2]


def test_a_taken_key_burns_no_number(recorder: LogRecorder) -> None:
    recorder.insert_events(events(uuid4(), 1), command=command("k"))
    with pytest.raises(KeyTaken):
        recorder.insert_events(events(uuid4(), 1, 2, 3), command=command("k"))
    assert recorder.insert_events(events(uuid4(), 1)) == [2]


def test_control_a_sequence_burns_the_numbers_of_failed_appends(
    recorder: LogRecorder, database: DatabaseAddress
) -> None:
    number_by_sequence(database)
    matter = uuid4()
    recorder.insert_events(events(matter, 1))
    with pytest.raises(VersionConflict):
        recorder.insert_events(events(matter, 1))
    recorder.insert_events(events(matter, 2))
    assert positions(database) == [1, 3]


def test_an_append_waits_for_the_one_before_it_and_takes_the_next_number(
    database: DatabaseAddress,
) -> None:
    with two_writers(database) as (first, second):
        assert append(first, events(uuid4(), 1, 2), "first") == [1, 2]
        with pytest.raises(LockNotAvailable):
            append(second, events(uuid4(), 1), "second")
        second.rollback()
        first.commit()
        assert append(second, events(uuid4(), 1), "second") == [3]


def test_an_append_that_is_given_up_gives_its_numbers_back(database: DatabaseAddress) -> None:
    with two_writers(database) as (first, second):
        append(first, events(uuid4(), 1, 2), "first")
        first.rollback()
        assert append(second, events(uuid4(), 1), "second") == [1]


def test_control_with_a_sequence_a_later_number_is_committed_before_an_earlier_one(
    database: DatabaseAddress,
) -> None:
    number_by_sequence(database)
    with two_writers(database) as (first, second):
        assert append(first, events(uuid4(), 1), "first") == [1]
        assert append(second, events(uuid4(), 1), "second") == [2]
        second.commit()
        assert positions(database) == [2]  # a reader at 2 will never see 1


def test_four_writers_at_once_leave_no_hole_and_share_no_number(
    database: DatabaseAddress, recorder: LogRecorder
) -> None:
    contested, together = uuid4(), threading.Barrier(4)
    conflicts = []

    def write(writer: int) -> list[int]:
        told: list[int] = []
        together.wait()
        for version in range(1, 51):
            told += recorder.insert_events(events(uuid4(), 1, 2), command=command(str(uuid4())))
            try:
                told += recorder.insert_events(events(contested, version))
            except VersionConflict:
                conflicts.append(writer)
        return told

    with ThreadPoolExecutor(4) as threads:
        answered = [position for told in threads.map(write, range(4)) for position in told]
    assert positions(database) == [*range(1, len(answered) + 1)]
    assert sorted(answered) == positions(database)
    assert len(answered) == 4 * 50 * 2 + 50
    assert len(conflicts) == 3 * 50


@contextmanager
def two_writers(database: DatabaseAddress) -> Iterator[tuple[Session, Session]]:
    """Two open transactions of the writer's; neither waits long for the other."""
    with session(database, WRITER) as first, session(database, WRITER) as second:
        for each in (first, second):
            each.execute("SET lock_timeout = '50ms'")
            each.autocommit = False
        yield first, second
        first.rollback()
        second.rollback()


def number_by_sequence(database: DatabaseAddress) -> None:
    """The broken control: numbers as most logs take them."""
    with session(database) as superuser:
        superuser.execute("""
            CREATE SEQUENCE log.numbers;
            CREATE OR REPLACE FUNCTION log.number_event() RETURNS trigger
            LANGUAGE plpgsql SECURITY DEFINER AS $$
            BEGIN
                NEW.notification_id := nextval('log.numbers');
                NEW.leaf := '';
                RETURN NEW;
            END $$;
            GRANT USAGE ON SEQUENCE log.numbers TO rongcuo_owner;
        """)


# --- one version, one key, once ----------------------------------------------------------------


def test_a_version_of_a_matter_is_stored_once(
    recorder: LogRecorder, database: DatabaseAddress
) -> None:
    matter = uuid4()
    recorder.insert_events(events(matter, 1))
    with pytest.raises(VersionConflict):
        recorder.insert_events(events(matter, 1), command=command("second"))
    assert stored(database) == Stored(events=1, commands=0)


def test_a_conflict_in_one_matter_stores_nothing_of_another(
    recorder: LogRecorder, database: DatabaseAddress
) -> None:
    matter = uuid4()
    recorder.insert_events(events(matter, 1))
    with pytest.raises(VersionConflict):
        recorder.insert_events([*events(uuid4(), 1), *events(matter, 1)])
    assert stored(database) == Stored(events=1, commands=0)


def test_a_command_key_is_stored_once(recorder: LogRecorder, database: DatabaseAddress) -> None:
    recorder.insert_events(events(uuid4(), 1), command=command("k"))
    with pytest.raises(KeyTaken):
        recorder.insert_events(events(uuid4(), 1), command=command("k"))
    assert stored(database) == Stored(events=1, commands=1)


def test_a_key_answers_with_the_last_event_of_its_act(
    recorder: LogRecorder, store: EventStore
) -> None:
    matter = uuid4()
    recorder.insert_events(events(uuid4(), 1))
    recorder.insert_events(events(matter, 1, 2, 3), command=command("k"))
    asked, receipt = store.recorded("k") or (None, None)
    assert asked == b"what was asked"
    assert receipt == Receipt(matter, version=3, position=4, replayed=True)
    assert store.recorded("another") is None


def test_events_and_their_key_are_committed_together_or_not_at_all(
    database: DatabaseAddress,
) -> None:
    with session(database, WRITER) as writer:
        writer.autocommit = False
        append(writer, events(uuid4(), 1), "k")
        cut(writer)
    assert stored(database) == Stored(events=0, commands=0)


def test_control_in_two_transactions_a_cut_between_leaves_events_without_their_key(
    database: DatabaseAddress,
) -> None:
    with session(database, WRITER) as writer:
        writer.execute(
            "INSERT INTO log.events (originator_id, originator_version, topic, state)"
            " VALUES (%s, 1, 'example.happened.v1', '{}')",
            (uuid4(),),
        )
        cut(writer)
    assert stored(database) == Stored(events=1, commands=0)


def cut(connection: Session) -> None:
    """The server's end of a session dies, as at a crash."""
    with pytest.raises(psycopg.OperationalError):
        connection.execute("SELECT pg_terminate_backend(pg_backend_pid())")


# --- an acknowledgement lost on its way --------------------------------------------------------


class DiesAfterAppending:
    """A connection whose server end dies when an append has been committed but not yet answered."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def execute(self, query: str, parameters: Sequence[Any]) -> Any:
        answer = self._connection.execute(query, parameters)
        if "log.append" in query:
            self._connection.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        return answer


@contextmanager
def acknowledgements_lost(recorder: LogRecorder) -> Iterator[None]:
    datastore = recorder.datastore
    whole: Callable[[], AbstractContextManager[Any]] = datastore.get_connection

    @contextmanager
    def dying() -> Iterator[Any]:
        with whole() as connection:
            yield DiesAfterAppending(connection)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(datastore, "get_connection", dying)
        yield


def test_an_act_whose_acknowledgement_was_lost_is_answered_when_it_is_sent_again(
    office: Office, recorder: LogRecorder, database: DatabaseAddress
) -> None:
    opened = begun(office)
    office.perform(opened.matter_id, open_verification(), order())
    before, once = stored(database), order("once")
    with acknowledgements_lost(recorder), pytest.raises(OperationalError):
        office.perform(opened.matter_id, opinion(), once)
    assert stored(database) == Stored(before.events + 1, before.commands + 1)
    answer = office.perform(opened.matter_id, opinion(), once)
    assert answer == Receipt(opened.matter_id, 3, 5, replayed=True)
    assert stored(database) == Stored(before.events + 1, before.commands + 1)


def test_control_without_a_key_the_same_events_sent_again_meet_themselves(
    store: EventStore, recorder: LogRecorder
) -> None:
    decided = history()
    with acknowledgements_lost(recorder), pytest.raises(OperationalError):
        store.save(*decided)
    with pytest.raises(VersionConflict):  # as if somebody else had come first
        store.save(*decided)


def test_control_without_a_key_deciding_again_does_the_act_twice(
    office: Office, store: EventStore, recorder: LogRecorder
) -> None:
    opened = begun(office)
    office.perform(opened.matter_id, open_verification(), order())

    def receive_opinion() -> None:
        case = office.case(opened.matter_id)
        case.perform(opinion(), order("once"), HUBEI)
        store.save(case)

    with acknowledgements_lost(recorder), pytest.raises(OperationalError):
        receive_opinion()
    receive_opinion()
    assert [type(event).__name__ for event in store.events.get(opened.matter_id)][2:] == [
        "OpinionReceived",
        "OpinionReceived",
    ]


# --- nobody changes what is written ------------------------------------------------------------

CHANGES = {
    "an event's facts": "UPDATE log.events SET state = 'altered'",
    "an event's number": "UPDATE log.events SET notification_id = notification_id + 100",
    "an event away": "DELETE FROM log.events",
    "all events away": "TRUNCATE log.events",
    "an event by merging": """
        MERGE INTO log.events USING (SELECT 1) AS new ON true
        WHEN MATCHED THEN UPDATE SET state = 'altered'""",
    "an event by storing it again": """
        INSERT INTO log.events (originator_id, originator_version, topic, state)
        SELECT originator_id, originator_version, topic, state FROM log.events
        ON CONFLICT (originator_id, originator_version) DO UPDATE SET state = 'altered'""",
    "a command's request": "UPDATE log.commands SET request_hash = 'other'",
    "a command away": "DELETE FROM log.commands",
    "all commands away": "TRUNCATE log.commands",
    "a command by merging": """
        MERGE INTO log.commands USING (SELECT 1) AS new ON true WHEN MATCHED THEN DELETE""",
}
FORGED_NUMBER = """
    INSERT INTO log.events (originator_id, originator_version, topic, state, notification_id)
    VALUES (gen_random_uuid(), 1, 'forged.v1', '', -5)"""
BACKDATED = """
    INSERT INTO log.events (originator_id, originator_version, topic, state, recorded_at)
    VALUES (gen_random_uuid(), 1, 'backdated.v1', '', '2020-01-01')"""
FORGERIES = {
    "a number of one's own choice": FORGED_NUMBER,
    "a backdated event": BACKDATED,
    "a backdated command": """
        INSERT INTO log.commands (key, request_hash, originator_id, version, position, recorded_at)
        VALUES ('backdated', '', gen_random_uuid(), 1, 1, '2020-01-01')""",
    "whole rows": "COPY log.events FROM STDIN",
    "the counter": "UPDATE log.counter SET last = last + 1",
    "the counter's lock": "SELECT last FROM log.counter FOR UPDATE",
    "a number burnt": "SELECT log.number_event()",
}
WAYS_ROUND = {
    "triggers off": "ALTER TABLE log.events DISABLE TRIGGER ALL",
    "trigger dropped": "DROP TRIGGER no_change ON log.events",
    "trigger emptied": """
        CREATE OR REPLACE FUNCTION log.refuse_change() RETURNS trigger LANGUAGE plpgsql
        AS 'BEGIN RETURN NEW; END'""",
    "a column added": "ALTER TABLE log.events ADD COLUMN note text",
    "the table dropped": "DROP TABLE log.events",
    "a table of one's own": "CREATE TABLE log.more (one int)",
    "a table in the way": "CREATE TEMPORARY TABLE events (one int)",
    "as a replica": "SET session_replication_role = replica",
    "as the owner": "SET ROLE rongcuo_owner",
    "everybody locked out": "BEGIN; LOCK TABLE log.events IN EXCLUSIVE MODE",
    "rows locked": "SELECT * FROM log.events FOR UPDATE",
}
STORING = {
    "an event": """
        INSERT INTO log.events (originator_id, originator_version, topic, state)
        VALUES (gen_random_uuid(), 1, 'forged.v1', '')""",
    "a command": """
        INSERT INTO log.commands (key, request_hash, originator_id, version, position)
        VALUES ('forged', '', gen_random_uuid(), 1, 1)""",
    "an act": """
        SELECT log.append(ARRAY[gen_random_uuid()], ARRAY[1], ARRAY['forged.v1'],
            ARRAY[''::bytea], NULL, NULL)""",
}


def each_of(*statements: dict[str, str]) -> list[Any]:
    return [
        pytest.param(sql.encode(), id=name) for group in statements for name, sql in group.items()
    ]


@pytest.fixture(scope="module")
def written(
    template_database: DatabaseAddress,
    module_copy: Callable[[DatabaseAddress], DatabaseAddress],
) -> DatabaseAddress:
    """A log with one act in it, for the tests whose every attempt is refused."""
    database = module_copy(template_database)
    with open_store(database) as store:
        recorder = cast("LogRecorder", store.recorder)
        recorder.insert_events(events(uuid4(), 1, 2), command=command("k"))
    return database


@pytest.fixture(scope="module")
def contents(written: DatabaseAddress) -> Iterator[Callable[[], list[tuple[Any, ...]]]]:
    """Everything the log holds."""
    with session(written) as superuser:
        yield lambda: [
            row
            for table in (b"TABLE log.events", b"TABLE log.commands", b"TABLE log.counter")
            for row in superuser.execute(table)
        ]


@pytest.mark.parametrize("statement", each_of(CHANGES, FORGERIES, WAYS_ROUND))
def test_the_writer_has_no_right_but_to_append(
    written: DatabaseAddress, contents: Callable[[], Any], statement: bytes
) -> None:
    before = contents()
    with session(written, WRITER) as writer, pytest.raises(InsufficientPrivilege):
        writer.execute(statement)
    assert contents() == before


@pytest.mark.parametrize("role", [PROJECTOR, READER])
@pytest.mark.parametrize("statement", each_of(STORING, CHANGES))
def test_those_who_read_the_log_cannot_write_to_it(
    written: DatabaseAddress, contents: Callable[[], Any], role: str, statement: bytes
) -> None:
    before = contents()
    with session(written, role) as connection, pytest.raises(InsufficientPrivilege):
        connection.execute(statement)
    assert contents() == before


@pytest.mark.parametrize("role", [PROJECTOR, READER])
def test_those_who_read_the_log_do_not_see_what_was_asked(
    written: DatabaseAddress, role: str
) -> None:
    with session(written, role) as connection, pytest.raises(InsufficientPrivilege):
        connection.execute("SELECT request_hash FROM log.commands")


@pytest.mark.parametrize("role", [OWNER, SUPERUSER])
@pytest.mark.parametrize("replication", ["origin", "replica"])
@pytest.mark.parametrize("statement", each_of(CHANGES))
def test_triggers_stop_even_the_owner_and_the_superuser(
    written: DatabaseAddress,
    contents: Callable[[], Any],
    role: str,
    replication: str,
    statement: bytes,
) -> None:
    before = contents()
    with session(written) as connection:
        connection.execute(f"SET session_replication_role = {replication}".encode())
        connection.execute(f"SET ROLE {role}".encode())
        with pytest.raises(psycopg.Error) as refusal:
            connection.execute(statement)
    assert refusal.value.sqlstate == REFUSED_BY_TRIGGER
    assert contents() == before


def test_even_the_superuser_does_not_choose_a_number(
    recorder: LogRecorder, database: DatabaseAddress
) -> None:
    recorder.insert_events(events(uuid4(), 1))
    with session(database) as superuser:
        superuser.execute("SET session_replication_role = replica")
        superuser.execute(FORGED_NUMBER)
    assert positions(database) == [1, 2]


def test_control_a_trigger_that_is_not_always_on_is_passed_by_as_a_replica(
    recorder: LogRecorder, database: DatabaseAddress
) -> None:
    recorder.insert_events(events(uuid4(), 1))
    with session(database) as superuser:
        superuser.execute("ALTER TABLE log.events ENABLE TRIGGER no_change")
        superuser.execute("SET session_replication_role = replica")
        assert superuser.execute("DELETE FROM log.events").rowcount == 1


def test_control_a_grant_on_the_whole_table_lets_the_writer_backdate(
    database: DatabaseAddress,
) -> None:
    with session(database) as superuser:
        superuser.execute("GRANT INSERT ON log.events TO rongcuo_writer")
    with session(database, WRITER) as writer:
        assert writer.execute(BACKDATED).rowcount == 1


# --- names, not modules ------------------------------------------------------------------------

PLANTED = "rongcuo_planted"


@pytest.fixture
def planted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[StoredEvent]:
    """A stored event whose name is the path of a module that can be imported."""
    (tmp_path / f"{PLANTED}.py").write_text("class Event:\n    originator_id: 'UUID'\n")
    monkeypatch.syspath_prepend(tmp_path)
    importlib.invalidate_caches()
    yield StoredEvent(uuid4(), 1, f"{PLANTED}:Event", b"{}")
    sys.modules.pop(PLANTED, None)


def test_an_unknown_name_is_refused_and_nothing_is_imported(
    store: EventStore, recorder: LogRecorder, planted: StoredEvent
) -> None:
    recorder.insert_events([planted])
    with pytest.raises(registry.UnknownTopic, match=PLANTED):
        store.repository.get(
            cast("UUID", planted.originator_id), projector_func=ToleranceCase.project
        )
    assert PLANTED not in sys.modules


def test_control_the_librarys_own_mapper_imports_whatever_the_table_names(
    planted: StoredEvent,
) -> None:
    Mapper[UUID](JSONTranscoder()).to_domain_event(planted)
    assert PLANTED in sys.modules


def test_what_is_stored_reads_back_as_it_was(store: EventStore) -> None:
    decided = history(opinions=1)
    store.save(*decided)
    assert list(store.events.get(case_id(NUMBER))) == decided


def test_a_thing_that_is_no_event_of_ours_is_not_stored() -> None:
    with pytest.raises(TypeError, match="Receipt is not an event of ours"):
        EventMapper().to_stored_event(cast("Any", Receipt(uuid4(), 1, 1)))
