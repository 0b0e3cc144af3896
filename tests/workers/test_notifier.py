"""Notices on real parts: raised by the office, kept by PostgreSQL, delivered by Temporal."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from temporalio.client import Client
from temporalio.service import RPCError
from temporalio.testing import ActivityEnvironment

from domain.law.calendar import CHINA
from gateway.rulebook import Rulebook
from projections.follower import Follower
from tests.support.clocks import alone_on
from tests.support.databases import copied
from tests.support.lives import lived, untalked
from tests.support.receivers import Receiver, receiving
from workers import outbox as outbox_module
from workers.addresses import DatabaseAddress
from workers.channels import Channel, Folder, NotDelivered, Notice, Outlets, Webhook
from workers.codec import Keys, sealed
from workers.embedded_postgres import EmbeddedPostgres
from workers.embedded_temporal import EmbeddedTemporal
from workers.home import Home, temporary_home
from workers.notifier import Notifier, notice_worker
from workers.outbox import Outbox
from workers.quiet_hours import QuietHours
from workers.store import NOTIFIER, PROJECTOR, READER, WRITER, connect_as, open_store
from workflows.clock import DrivenClock
from workflows.contract import DeliverDue, Delivered, delivery_id
from workflows.office import Office

RAISED = 5  # by the case of `untalked`, and as many again when its talk is not held
NIGHT = QuietHours.told("22:00-07:00")
PATIENCE_S = 20
RETRY_S = 0.05
KEYS = Keys("test", {"test": b"k" * 32})


# ---- the store: one case, its answer late, its talk owed ----------------------------------------


@pytest.fixture(scope="module")
def raised(
    postgres: EmbeddedPostgres,
    template_database: DatabaseAddress,
    outside: asyncio.Runner,
    rulebook: Rulebook,
) -> Iterator[DatabaseAddress]:
    with copied(postgres, template_database, outside) as address:
        outside.run(lived(address, rulebook, [untalked()]))
        yield address


@pytest.fixture
def database(
    postgres: EmbeddedPostgres, raised: DatabaseAddress, outside: asyncio.Runner
) -> Iterator[DatabaseAddress]:
    with copied(postgres, raised, outside) as address:
        yield address


@pytest.fixture
async def own(database: DatabaseAddress) -> AsyncIterator[asyncpg.Connection]:
    """The notifier's own connection."""
    connection = await connect_as(NOTIFIER, database)
    yield connection
    await connection.close()


async def owe(own: asyncpg.Connection, *channels: str) -> None:
    """As if these channels had been there from the beginning."""
    await own.execute(
        "INSERT INTO notices.channel SELECT name, 0, 0 FROM unnest($1::text[]) AS name",
        [*channels],
    )


def outbox(database: DatabaseAddress, *channels: Channel, **told: Any) -> Outbox:
    quiet = told.pop("quiet", None)
    connect = partial(connect_as, NOTIFIER, database)
    return Outbox(connect, Outlets(channels, quiet), **{"first_retry": RETRY_S, **told})


async def deliver(box: Outbox, own: asyncpg.Connection, channel: str = "folder") -> Delivered:
    """One batch by hand, without Temporal."""
    await box.open_to(own)
    await box.collect(own)
    return await ActivityEnvironment().run(box.deliver_due, DeliverDue(channel=channel))


async def ids(own: asyncpg.Connection) -> list[str]:
    rows = await own.fetch("SELECT notice_id FROM views.notices ORDER BY position")
    return [row["notice_id"] for row in rows]


async def kept(own: asyncpg.Connection) -> list[asyncpg.Record]:
    return await own.fetch("SELECT * FROM notices.delivery ORDER BY channel, position")


async def undelivered(own: asyncpg.Connection) -> int:
    number: int = await own.fetchval(
        "SELECT count(*) FROM notices.delivery WHERE delivered_at IS NULL"
    )
    return number


async def all_delivered(own: asyncpg.Connection, how_many: int) -> bool:
    rows = await kept(own)
    return len(rows) == how_many and all(row["delivered_at"] for row in rows)


async def raise_more(database: DatabaseAddress, rulebook: Rulebook) -> int:
    """Nobody holds the talk: the office records each call of the clock; how many it recorded."""

    def call(office: Office, matter_id: Any) -> int:
        moments = office.plan(matter_id).moments
        return sum(office.call_time(matter_id, each.key).recorded for each in moments)

    projector = await connect_as(PROJECTOR, database)
    matter_id = await projector.fetchval("SELECT matter_id FROM views.case_register")
    with open_store(database) as store:
        clock = DrivenClock()
        clock.jump_to(datetime(2025, 10, 8, tzinfo=CHINA))
        recorded = await asyncio.to_thread(call, Office(store, rulebook, clock), matter_id)
    await projector.close()
    await Follower(partial(connect_as, PROJECTOR, database)).catch_up()
    return recorded


def documents(folder: Path) -> list[Any]:
    return [json.loads(each.read_bytes()) for each in folder.glob("[!.]*")]


def files(folder: Path) -> list[str]:
    return sorted(each["id"] for each in documents(folder))


class Picky:
    """Takes every notice but one, and that at last too; keeps whom it was offered."""

    name = "picky"

    def __init__(self, refused: str, times: int = 10**6) -> None:
        self.offered: list[str] = []
        self._refused, self._times = refused, times

    async def deliver(self, notice: Notice) -> None:
        self.offered.append(notice.notice_id)
        if notice.notice_id == self._refused and self._times:
            self._times -= 1
            raise NotDelivered("HTTP 422")


# ---- what is owed ------------------------------------------------------------------------------


async def test_a_channel_is_owed_nothing_that_was_raised_before_it_was_first_seen(
    database: DatabaseAddress, own: asyncpg.Connection, rulebook: Rulebook, tmp_path: Path
) -> None:
    box = outbox(database, Folder(tmp_path))
    before = await ids(own)
    await box.open_to(own)
    await box.sweep(own)
    assert (await deliver(box, own)).delivered == 0
    assert await raise_more(database, rulebook) == RAISED
    assert (await deliver(box, own)).delivered == RAISED
    assert files(tmp_path) == sorted({*await ids(own)} - {*before})


async def test_a_channel_is_owed_what_was_raised_while_it_was_away(
    database: DatabaseAddress, own: asyncpg.Connection, rulebook: Rulebook, tmp_path: Path
) -> None:
    folder, picky = Folder(tmp_path), Picky("")
    await outbox(database, folder, picky).open_to(own)
    await outbox(database, picky).open_to(own)
    assert await configured(own) == ["picky"]
    await raise_more(database, rulebook)
    assert (await deliver(outbox(database, picky), own, "picky")).delivered == RAISED
    assert (await deliver(outbox(database, picky), own)).wait is None  # it is set no longer
    assert (await deliver(outbox(database, folder, picky), own)).delivered == RAISED
    assert await configured(own) == ["folder", "picky"]


async def configured(own: asyncpg.Connection) -> list[str]:
    rows = await own.fetch("SELECT name FROM notices.channel WHERE configured ORDER BY name")
    return [row["name"] for row in rows]


async def test_a_lost_row_delivers_once_more_under_the_same_id(
    database: DatabaseAddress, own: asyncpg.Connection
) -> None:
    await owe(own, "picky")
    picky = Picky("")
    box = outbox(database, picky)
    await deliver(box, own, "picky")
    lost, *_ = await ids(own)
    await own.execute("DELETE FROM notices.delivery WHERE notice_id = $1", lost)
    assert (await deliver(box, own, "picky")).delivered == 0  # the control: what is new is not it
    await box.sweep(own)
    assert (await deliver(box, own, "picky")).delivered == 1
    assert picky.offered.count(lost) == 2


async def test_a_notice_that_is_no_more_is_owed_no_more(
    database: DatabaseAddress, own: asyncpg.Connection, superuser: asyncpg.Connection
) -> None:
    await owe(own, "picky")
    box = outbox(database, Picky(""))
    await box.collect(own)
    await superuser.execute("TRUNCATE views.notices")  # as another edition of the view might
    await box.sweep(own)
    assert await kept(own) == []


# ---- what fails --------------------------------------------------------------------------------


async def test_one_that_fails_holds_no_other_and_its_outcome_is_kept(
    database: DatabaseAddress, own: asyncpg.Connection
) -> None:
    await owe(own, "picky")
    bad, *good = await ids(own)
    picky = Picky(bad)
    told = await deliver(outbox(database, picky), own, "picky")
    assert (told.delivered, told.failed) == (RAISED - 1, 1)
    failing, *others = await kept(own)
    assert (failing["notice_id"], failing["attempts"], failing["delivered_at"]) == (bad, 1, None)
    assert failing["last_error"] == "HTTP 422"
    assert [row["notice_id"] for row in others if row["delivered_at"]] == good


async def test_control_an_outcome_that_escapes_takes_the_others_with_it(
    database: DatabaseAddress, own: asyncpg.Connection
) -> None:
    class Escaping(Outbox):
        async def _attempt(self, channel: Channel, notice: Notice, turn: Any) -> Any:
            async with turn:
                await channel.deliver(notice)

    await owe(own, "picky")
    bad, *_ = await ids(own)
    box = Escaping(partial(connect_as, NOTIFIER, database), Outlets((Picky(bad),)))
    with pytest.raises(ExceptionGroup):
        await deliver(box, own, "picky")
    assert await undelivered(own) == RAISED


async def test_whatever_a_channel_raises_only_its_kind_is_kept(
    database: DatabaseAddress, own: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken(Picky):
        async def deliver(self, notice: Notice) -> None:
            await super().deliver(notice)
            if len(self.offered) == 1:
                raise LookupError(notice.text)
            await asyncio.sleep(60)

    monkeypatch.setattr(outbox_module, "PATIENCE_S", 0.1)
    await owe(own, "picky")
    await deliver(outbox(database, Broken("")), own, "picky")
    errors = [row["last_error"] for row in await kept(own)]
    assert errors == ["LookupError", *["TimeoutError"] * (RAISED - 1)]


async def test_after_each_failure_it_waits_twice_as_long_up_to_an_hour(
    database: DatabaseAddress, own: asyncpg.Connection
) -> None:
    await owe(own, "picky")
    (first, *_) = await ids(own)
    box = outbox(database, Picky(first), first_retry=1.0)
    await box.collect(own)
    for attempts, seconds in [(0, 1), (1, 2), (2, 4), (11, 2048), (12, 3600), (5000, 3600)]:
        await own.execute(
            "UPDATE notices.delivery SET attempts = $1, next_try = '-infinity'", attempts
        )
        told = await deliver(box, own, "picky")
        assert told.wait is not None
        assert timedelta(seconds=seconds * 0.8) <= told.wait <= timedelta(seconds=seconds)


# ---- quiet hours -------------------------------------------------------------------------------


async def test_in_quiet_hours_nothing_goes_out_and_nothing_legal_moves(
    database: DatabaseAddress, own: asyncpg.Connection, rulebook: Rulebook, tmp_path: Path
) -> None:
    now = datetime(2025, 10, 8, 23, tzinfo=CHINA)
    box = outbox(database, Folder(tmp_path), quiet=NIGHT, now=lambda: now)
    await box.open_to(own)
    assert await raise_more(database, rulebook) == RAISED  # the office knows of no quiet
    legal = "SELECT notice_id, due_on, raised_at, text FROM views.notices"
    raised = await own.fetch(legal)
    quiet = await deliver(box, own)
    assert (quiet.delivered, quiet.wait) == (0, timedelta(hours=8))
    assert await box.due(own) == []
    assert files(tmp_path) == []

    now = datetime(2025, 10, 9, 7, tzinfo=CHINA)
    assert await box.due(own) == ["folder"]
    assert (await deliver(box, own)).delivered == RAISED
    assert await own.fetch(legal) == raised
    assert {each["data"]["due_on"] for each in documents(tmp_path)} == {"2025-09-26"}


async def test_control_without_quiet_hours_it_goes_out_at_night(
    database: DatabaseAddress, own: asyncpg.Connection, tmp_path: Path
) -> None:
    await owe(own, "folder")
    now = datetime(2025, 10, 8, 23, tzinfo=CHINA)
    told = await deliver(outbox(database, Folder(tmp_path), now=lambda: now), own)
    assert told.delivered == RAISED


async def test_with_nothing_owed_a_delivery_does_not_wait_for_the_morning(
    database: DatabaseAddress, own: asyncpg.Connection, tmp_path: Path
) -> None:
    now = datetime(2025, 10, 8, 23, tzinfo=CHINA)
    box = outbox(database, Folder(tmp_path), quiet=NIGHT, now=lambda: now)
    assert (await deliver(box, own)).wait is None


async def test_quiet_that_begins_within_a_batch_ends_it(
    database: DatabaseAddress, own: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = datetime(2025, 10, 8, 21, 59, 59, tzinfo=CHINA)

    class Slow(Picky):
        async def deliver(self, notice: Notice) -> None:
            nonlocal now
            await super().deliver(notice)
            now = datetime(2025, 10, 8, 22, tzinfo=CHINA)

    monkeypatch.setattr(outbox_module, "AT_ONCE", 1)
    await owe(own, "picky")
    told = await deliver(outbox(database, Slow(""), quiet=NIGHT, now=lambda: now), own, "picky")
    assert (told.delivered, told.failed, told.wait) == (1, 0, timedelta(hours=9))
    assert sorted(row["attempts"] for row in await kept(own)) == [0, 0, 0, 0, 1]


# ---- with Temporal -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def address(outside: asyncio.Runner) -> Iterator[str]:
    with temporary_home() as home:
        server = EmbeddedTemporal(home)
        outside.run(server.start())
        try:
            yield server.address
        finally:
            outside.run(server.stop())


@pytest.fixture
async def client(address: str) -> Client:
    """In a namespace of the test's own."""
    return await alone_on(address, sealed(KEYS))


@asynccontextmanager
async def notifying(database: DatabaseAddress, client: Client, box: Outbox) -> AsyncIterator[None]:
    """A notifier at work, as in a service: its worker and its loop."""
    notifier = Notifier(partial(connect_as, NOTIFIER, database), client, box, poll=0.1)
    async with notice_worker(client, box, grace=timedelta(0)):
        running = asyncio.create_task(notifier.run())
        try:
            yield
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not await holds():  # noqa: ASYNC110 (another process moves it)
            await asyncio.sleep(0.02)


async def test_what_is_raised_is_delivered_each_once_and_the_delivery_ends(
    database: DatabaseAddress,
    own: asyncpg.Connection,
    client: Client,
    rulebook: Rulebook,
    tmp_path: Path,
) -> None:
    await owe(own, "folder")
    async with notifying(database, client, outbox(database, Folder(tmp_path))):
        await until(lambda: all_delivered(own, RAISED))
        await raise_more(database, rulebook)
        await until(lambda: all_delivered(own, 2 * RAISED))
        delivery = client.get_workflow_handle(delivery_id("folder"))
        assert await asyncio.wait_for(delivery.result(), PATIENCE_S)
    assert files(tmp_path) == sorted(await ids(own))
    assert {row["attempts"] for row in await kept(own)} == {1}


async def test_a_receiver_in_trouble_is_called_again_until_it_takes_everything(
    database: DatabaseAddress, own: asyncpg.Connection, client: Client
) -> None:
    await owe(own, "webhook")
    with receiving(statuses=[500, 503, 302]) as receiver:
        async with notifying(database, client, outbox(database, Webhook(receiver.url, "secret"))):
            await until(lambda: all_delivered(own, RAISED))
    assert {*receiver.ids()} == {*await ids(own)}
    assert len(receiver.calls) == RAISED + 3
    assert sum(row["attempts"] for row in await kept(own)) == RAISED + 3
    assert {row["last_error"] for row in await kept(own)} == {None}


async def test_in_the_morning_what_was_raised_at_night_goes_out(
    database: DatabaseAddress, own: asyncpg.Connection, client: Client, tmp_path: Path
) -> None:
    """The delivery sleeps for hours; the notifier wakes it, whatever time Temporal believes."""
    await owe(own, "folder")
    now = datetime(2026, 3, 1, 21, 59, tzinfo=CHINA)
    blocked = tmp_path / "notices"
    blocked.write_text("in the way, until the quiet has begun")
    box = outbox(database, Folder(blocked), quiet=NIGHT, now=lambda: now)

    async def all_tried() -> bool:
        return all([row["attempts"] for row in await kept(own)] or [0])

    async with notifying(database, client, box):
        await until(all_tried)
        now = datetime(2026, 3, 1, 22, tzinfo=CHINA)
        blocked.unlink()
        await until(lambda: asleep(client))
        assert await undelivered(own) == RAISED
        now = datetime(2026, 3, 2, 7, tzinfo=CHINA)
        await until(lambda: all_delivered(own, RAISED))
    assert len(files(blocked)) == RAISED


async def asleep(client: Client) -> bool:
    """Whether the delivery waits for hours."""
    handle = client.get_workflow_handle(delivery_id("folder"))
    *_, last = (await handle.fetch_history()).events
    told = last.timer_started_event_attributes.start_to_fire_timeout
    return told.ToTimedelta() > timedelta(hours=8)


async def test_a_hanging_receiver_blocks_neither_an_act_nor_another_channel(
    database: DatabaseAddress,
    own: asyncpg.Connection,
    client: Client,
    rulebook: Rulebook,
    tmp_path: Path,
) -> None:
    await owe(own, "webhook", "folder")
    with receiving() as receiver:
        receiver.hold()
        webhook = Webhook(receiver.url)
        async with notifying(database, client, outbox(database, webhook, Folder(tmp_path))):
            await until(lambda: called(receiver))
            assert await asyncio.wait_for(raise_more(database, rulebook), 5) == RAISED
            await until(lambda: arrived(tmp_path, 2 * RAISED))
            # the control: whoever waited for the receiver would wait still
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.2):
                    await webhook.deliver(await some_notice(own))
            assert await undelivered(own) == 2 * RAISED
            receiver.released.set()
            await until(lambda: all_delivered(own, 4 * RAISED))


async def called(receiver: Receiver) -> bool:
    return bool(receiver.calls)


async def arrived(folder: Path, how_many: int) -> bool:
    return len(files(folder)) == how_many


async def some_notice(own: asyncpg.Connection) -> Notice:
    (row,) = await own.fetch("SELECT * FROM views.notices LIMIT 1")
    return Notice(**row)


async def test_a_batch_cut_off_before_it_was_kept_goes_out_again_under_the_same_ids(
    database: DatabaseAddress, own: asyncpg.Connection, client: Client
) -> None:
    await owe(own, "webhook")
    with receiving() as receiver:
        receiver.hold()
        box = outbox(database, Webhook(receiver.url))
        cut_off = asyncio.create_task(deliver(box, own, "webhook"))
        await until(lambda: called(receiver))
        cut_off.cancel()
        await asyncio.gather(cut_off, return_exceptions=True)
        assert await undelivered(own) == RAISED
        receiver.released.set()
        async with notifying(database, client, box):
            await until(lambda: all_delivered(own, RAISED))
    assert {*receiver.ids()} == {*await ids(own)}
    assert len(receiver.calls) > RAISED


async def test_a_wiped_temporal_loses_no_notice_and_delivers_none_twice(
    database: DatabaseAddress, own: asyncpg.Connection, rulebook: Rulebook, tmp_path: Path
) -> None:
    await owe(own, "folder")
    folder = tmp_path / "notices"
    box = outbox(database, Folder(folder), first_retry=0.5)
    with temporary_home() as home:
        async with temporal(home) as (server, client), notifying(database, client, box):
            await until(lambda: all_delivered(own, RAISED))
            shelved = folder.rename(tmp_path / "shelved")
            folder.write_text("in the way")
            await raise_more(database, rulebook)
            await until(lambda: some_failed(own))
        await server.wipe()
        folder.unlink()
        shelved.rename(folder)
        before = {file: file.stat().st_mtime_ns for file in folder.iterdir()}
        async with temporal(home) as (_, client):
            # the control: nobody else begins a delivery
            with pytest.raises(RPCError, match="not found"):
                await client.get_workflow_handle(delivery_id("folder")).describe()
            assert await undelivered(own) == RAISED
            async with notifying(database, client, box):
                await until(lambda: all_delivered(own, 2 * RAISED))
    assert files(folder) == sorted(await ids(own))
    assert {file: file.stat().st_mtime_ns for file in before} == before


@asynccontextmanager
async def temporal(home: Home) -> AsyncIterator[tuple[EmbeddedTemporal, Client]]:
    server = EmbeddedTemporal(home)
    await server.start()
    try:
        yield server, await Client.connect(server.address, data_converter=sealed(KEYS))
    finally:
        await server.stop()


async def some_failed(own: asyncpg.Connection) -> bool:
    return any(row["last_error"] for row in await kept(own))


# ---- who may -----------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [READER, WRITER, NOTIFIER])
async def test_the_outbox_is_read_by_those_who_may_read_views(
    raised: DatabaseAddress, role: str
) -> None:
    connection = await connect_as(role, raised)
    assert await connection.fetchval("SELECT count(*) FROM views.notices") == RAISED
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await connection.execute("DELETE FROM views.notices")
    await connection.close()


@pytest.mark.parametrize(
    ("role", "statement"),
    [
        (NOTIFIER, "SELECT count(*) FROM log.events"),
        (NOTIFIER, "SELECT count(*) FROM log.commands"),
        (NOTIFIER, "SELECT count(*) FROM clocks.sent"),
        (NOTIFIER, "UPDATE views.notices SET text = ''"),
        (NOTIFIER, "CREATE TABLE views.more (one int)"),
        (READER, "UPDATE notices.delivery SET attempts = 0"),
        (READER, "DELETE FROM notices.channel"),
        (WRITER, "DELETE FROM notices.delivery"),
    ],
)
async def test_each_role_changes_nothing_but_its_own(
    raised: DatabaseAddress, role: str, statement: str
) -> None:
    connection = await connect_as(role, raised)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await connection.execute(statement)
    await connection.close()


async def test_a_reader_sees_what_has_arrived(raised: DatabaseAddress) -> None:
    connection = await connect_as(READER, raised)
    assert await connection.fetchval("SELECT count(*) FROM notices.channel") == 0
    assert await connection.fetchval("SELECT count(*) FROM notices.delivery") == 0
    await connection.close()
