"""What Temporal keeps of a case, searched for names: in its files, its tables and its histories.

A case in which everything personal is a canary is lived through the office and real clocks, with
calls that fail in words full of canaries. Two controls live the same under weaker converters.
"""

import asyncio
import base64
import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import quote
from uuid import UUID

import asyncpg
import pytest
from google.protobuf.message import Message
from temporalio.api.common.v1 import Payload
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.converter import DataConverter, DefaultFailureConverter
from temporalio.exceptions import ApplicationError

from domain.law.calendar import CHINA
from gateway.rulebook import Rulebook
from gateway.scenarios import Scenario
from tests.support.databases import copied, session
from tests.support.lives import lived, untalked
from tests.support.traces import found_in, of_files, of_messages, of_tables, payloads
from workers import embedded_temporal
from workers.addresses import DatabaseAddress
from workers.clock_worker import clock_worker
from workers.codec import ENCODING, Keys, sealed
from workers.embedded_postgres import EmbeddedPostgres
from workers.embedded_temporal import EmbeddedTemporal
from workers.home import temporary_home
from workers.search_attributes import ensure
from workers.store import PROJECTOR, connect_as, open_store
from workers.timekeeper import Timekeeper
from workflows.case_clock import CaseClock
from workflows.clock import DrivenClock
from workflows.contract import Called, clock_id
from workflows.office import Office

NAME, PERSON, UNIT, OFFICER = "金丝雀甲某", "p-canary-5e1c07", "金丝雀镇政府", "canary-officer-91b2"
REASON, TEXT, NUMBER = "金丝雀交办的缘由", "金丝雀查明：值班表有误", "试〔2025〕金丝雀1号"
CANARIES = {NAME, PERSON, UNIT, OFFICER, REASON, TEXT, NUMBER}
KEY = "follow_up-1:1:"  # what every moment's key begins with: it tells of which duty


def canary() -> Scenario:
    scenario = untalked()
    person = scenario.people["wu"].model_copy(update={"label": NAME, "id": PERSON, "unit": UNIT})
    acts = (
        act.model_copy(
            update={
                "officer": OFFICER,
                "reason": REASON,
                "particulars": {
                    key: TEXT if key in {"summary", "explanation"} else told
                    for key, told in act.particulars.items()
                },
            }
        )
        for act in scenario.acts
    )
    return scenario.model_copy(
        update={"case_number": NUMBER, "people": {"wu": person}, "acts": tuple(acts)}
    )


class Troubled(Office):
    """Fails at the last moment, in a way that is tried again and then in one that is not.

    Both times it tells all it knows.
    """

    tried = False

    def call_time(self, matter_id: UUID, key: str) -> Called:
        if not key.endswith("escalate2"):
            return super().call_time(matter_id, key)
        told = " ".join(sorted(CANARIES))
        if not self.tried:
            self.tried = True
            raise LookupError(told)
        raise ApplicationError(told, {"told": told}, non_retryable=True) from KeyError(told)


@dataclass(repr=False)
class Kept:
    """What Temporal kept of one life: on its disk while it ran and after, and what it answers."""

    running: list[bytes] = field(default_factory=list)
    stopped: list[bytes] = field(default_factory=list)
    tables: list[bytes] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    told: list[bytes] = field(default_factory=list)  # the histories as JSON

    @property
    def places(self) -> dict[str, list[bytes]]:
        return {
            "running": self.running,
            "stopped": self.stopped,
            "tables": self.tables,
            "histories": [*of_messages(self.messages), *self.told],
        }

    def payloads(self) -> Iterator[tuple[str, Payload]]:
        for message in self.messages:
            yield from payloads(message)

    def found(self, words: set[str]) -> dict[str, set[str]]:
        """Where which of these words were found."""
        found = {place: found_in(kept, words) for place, kept in self.places.items()}
        return {place: words for place, words in found.items() if words}


async def live(
    database: DatabaseAddress, rulebook: Rulebook, matter_id: UUID, converter: DataConverter
) -> Kept:
    with temporary_home() as home, open_store(database) as store:
        clock = DrivenClock()
        clock.jump_to(datetime(2025, 5, 21, tzinfo=CHINA))
        server = EmbeddedTemporal(home)
        await server.start()
        client = await Client.connect(server.address, data_converter=converter)
        await ensure(client)
        async with clock_worker(
            client, Troubled(store, rulebook, clock), grace=timedelta(seconds=1)
        ):
            await through_the_half_year(client, clock, database, matter_id)
        kept = await histories(client, matter_id)
        kept.running = of_files(home.temporal, home.logs)
        await server.stop()
        kept.stopped = of_files(home.temporal, home.logs)
        kept.tables = [*of_tables(home.temporal / "temporal.db")]
        return kept


async def through_the_half_year(
    client: Client, clock: DrivenClock, database: DatabaseAddress, matter_id: UUID
) -> None:
    """Sleep, be told another plan, fail, hold, call the others, go on in a new run, wait."""
    projector = await connect_as(PROJECTOR, database)
    timekeeper = Timekeeper(_never, client, clock)
    await timekeeper.send(projector)
    handle = client.get_workflow_handle(clock_id(str(matter_id)))
    await handle.query(CaseClock.standing)  # it sleeps
    clock.jump_to(datetime(2025, 10, 8, tzinfo=CHINA))
    await timekeeper.send(projector)
    await projector.close()
    async with asyncio.timeout(30):
        while not (state := await handle.query(CaseClock.standing)).held:  # noqa: ASYNC110
            await asyncio.sleep(0.1)
    assert state.called == 4


async def _never() -> asyncpg.Connection:
    raise AssertionError("this test sends by its own hand")


async def histories(client: Client, matter_id: UUID) -> Kept:
    """All that Temporal answers about a clock, run by run from the last to the first."""
    kept, run_id = Kept(), None
    while run_id != "":
        handle = client.get_workflow_handle(clock_id(str(matter_id)), run_id=run_id)
        history, described = await handle.fetch_history(), await handle.describe()
        kept.messages += [*history.events, described.raw_description]
        kept.told.append(history.to_json().encode())
        begun = history.events[0].workflow_execution_started_event_attributes
        run_id = begun.continued_execution_run_id
    return kept


# ---- the three lives ---------------------------------------------------------------------------


@dataclass(frozen=True, repr=False)
class Lives:
    ours: Kept
    unsealed: Kept
    failures_in_plain: Kept
    matter_id: UUID
    log: bytes


@pytest.fixture(scope="module")
def lives(
    postgres: EmbeddedPostgres,
    template_database: DatabaseAddress,
    rulebook: Rulebook,
    outside: asyncio.Runner,
    impatient: Path,
) -> Iterator[Lives]:
    keys = Keys("test", {"test": b"k" * 32})
    converters = (
        sealed(keys),
        pydantic_data_converter,
        replace(sealed(keys), failure_converter_class=DefaultFailureConverter),
    )
    with ExitStack() as copies, pytest.MonkeyPatch.context() as patched:
        patched.setattr(embedded_temporal, "temporal_binary", lambda: impatient)
        begun = copies.enter_context(copied(postgres, template_database, outside))
        (life,) = outside.run(lived(begun, rulebook, [canary()]))
        databases = [copies.enter_context(copied(postgres, begun, outside)) for _ in converters]

        async def live_all() -> list[Kept]:
            return await asyncio.gather(
                *(
                    live(database, rulebook, life.matter_id, converter)
                    for database, converter in zip(databases, converters, strict=True)
                )
            )

        ours, unsealed, failures_in_plain = outside.run(live_all())
        with session(databases[0]) as superuser:
            rows = superuser.execute("SELECT state FROM log.events").fetchall()
        log = b"".join(bytes(state) for (state,) in rows)
        yield Lives(ours, unsealed, failures_in_plain, life.matter_id, log)


@pytest.fixture(scope="module")
def impatient(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Temporal that has its clocks go on in a new run after a few events."""
    program = tmp_path_factory.mktemp("bin") / "temporal"
    program.write_text(
        f'#!/bin/sh\nexec "{embedded_temporal.temporal_binary()}" "$@"'
        " --dynamic-config-value limit.historyCount.suggestContinueAsNew=12\n"
    )
    program.chmod(0o700)
    return program


# ---- what is found -----------------------------------------------------------------------------


def test_the_life_holds_all_that_could_be_kept_of_it(lives: Lives) -> None:
    kinds = {
        EventType.Name(each.event_type).removeprefix("EVENT_TYPE_")
        for each in lives.ours.messages
        if isinstance(each, HistoryEvent)
    }
    assert kinds >= {
        "ACTIVITY_TASK_COMPLETED",
        "ACTIVITY_TASK_FAILED",
        "MARKER_RECORDED",
        "TIMER_CANCELED",
        "UPSERT_WORKFLOW_SEARCH_ATTRIBUTES",
        "WORKFLOW_EXECUTION_CONTINUED_AS_NEW",
        "WORKFLOW_EXECUTION_SIGNALED",
    }
    assert found_in([lives.log], CANARIES) == CANARIES


def test_nothing_temporal_keeps_or_answers_names_anybody(lives: Lives) -> None:
    assert lives.ours.found({*CANARIES, KEY}) == {}


def test_control_what_is_not_sealed_is_found_in_every_place(lives: Lives) -> None:
    known = {str(lives.matter_id)}
    assert lives.ours.found(known) == dict.fromkeys(lives.ours.places, known)


def test_control_without_the_codec_all_of_it_is_found_in_every_place(lives: Lives) -> None:
    told = {*CANARIES, KEY}
    assert lives.unsealed.found(told) == dict.fromkeys(lives.unsealed.places, told)


def test_control_with_the_codec_alone_what_failures_say_is_found(lives: Lives) -> None:
    kept = lives.failures_in_plain
    assert kept.found({*CANARIES, KEY}) == dict.fromkeys(kept.places, CANARIES)


def test_in_plain_stand_only_which_plan_is_followed_when_it_calls_and_that_it_shows_so(
    lives: Lives,
) -> None:
    plain: dict[str, set[bytes]] = {}
    for name, payload in lives.ours.payloads():
        if payload.metadata["encoding"] != ENCODING:
            plain.setdefault(name, set()).add(payload.data)
    of_temporal = {"BuildIds", "TemporalChangeVersion", "patch-data"}  # which program, which way
    assert {*plain} == {"RongcuoPlan", "RongcuoNextAt"} | of_temporal
    assert all(re.fullmatch(rb'"\d+\.\d+"', each) for each in plain["RongcuoPlan"])
    assert all(datetime.fromisoformat(json.loads(each)) for each in plain["RongcuoNextAt"])
    assert plain["TemporalChangeVersion"] == {b'["plan-shown"]'}
    assert {json.loads(each)["id"] for each in plain["patch-data"]} == {"plan-shown"}


def test_what_a_call_is_headed_with_is_sealed_as_what_it_carries(lives: Lives) -> None:
    carried = {"details", "encoded_attributes", "input", "result", "summary"}
    sealed = {name for name, each in lives.ours.payloads() if each.metadata["encoding"] == ENCODING}
    assert sealed == carried


# ---- the search itself -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "kept",
    [
        NAME.encode(),
        NAME.encode("utf-16"),
        NAME.encode("gb18030"),
        json.dumps({"who": NAME}).encode(),
        json.dumps(NAME).upper().replace("\\U", "\\u").encode(),
        quote(f"/{NAME}/").encode(),
        NAME.encode().hex().encode(),
        base64.b64encode(f"{NAME}，男".encode()),
        base64.b64encode(f"1{NAME}，男".encode()),
        base64.b64encode(f"12{NAME}，男".encode()),
        base64.urlsafe_b64encode(f"12{NAME}，男".encode()),
        base64.b64encode(json.dumps({"who": NAME}, ensure_ascii=False).encode("utf-16-le")),
    ],
)
def test_a_name_is_found_in_every_shape_in_which_it_may_be_kept(kept: bytes) -> None:
    assert found_in([b"before " + kept + b" after"], {NAME, UNIT}) == {NAME}


def test_a_name_cut_in_two_by_pages_of_the_file_is_found_in_the_tables(tmp_path: Path) -> None:
    file = tmp_path / "temporal.db"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE kept (told BLOB)")
        for before in range(470, 500):  # of so long a value a page takes the first 489 bytes
            told = "-" * before + NAME + "-" * 12_176
            connection.execute("INSERT INTO kept VALUES (?)", (told.encode(),))
        connection.commit()
    assert sum(NAME.encode() in each for each in of_tables(file)) == 30
    assert file.read_bytes().count(NAME.encode()) < 30  # the control: the file alone hides some
