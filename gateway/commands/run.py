"""`up` and `serve …`: everything that runs until it is told to stop."""

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import asyncpg
from cyclopts import App, Parameter

from domain.evidence.notes import VerifierKey
from gateway import logs
from gateway.commands.output import FAILURE, OK, aside, people
from gateway.commands.reaching import HomeOption, home_of
from gateway.commands.rules_in_force import rules_in_force
from gateway.looks import Looks, TemporalAt
from workers.addresses import DatabaseAddress
from workers.channels import Outlets
from workers.chores import Chores, chores_worker
from workers.clock_worker import clock_worker, connect
from workers.codec import Keys
from workers.durability import require_durable
from workers.following import follower_of
from workers.notifier import Notifier, notice_worker
from workers.outbox import Outbox
from workers.sealing.daily import DailyHeads
from workers.sealing.engine import Sealer
from workers.sealing.hashers import HASHERS
from workers.sealing.kept import book_in, sealing_as_set
from workers.search_attributes import ensure
from workers.settings import SettingFault, Settings
from workers.stack import GRACE, Stack, running
from workers.store import (
    NOTIFIER,
    PROJECTOR,
    READER,
    SEALER,
    WRITER,
    connect_as,
    open_store,
)
from workers.timekeeper import Timekeeper
from workflows.clock import SystemClock
from workflows.office import Office

serve = App(name="serve", help="生产部署：逐个服务运行，地址取自环境变量 RONGCUO_…。")


def _port(_: object, told: int | None) -> None:
    if told is not None and told not in range(2**16):
        raise ValueError("端口在 0 到 65535 之间")


PortOption = Annotated[
    int | None,
    Parameter(validator=_port, help="HTTP 的端口，0 为任一空闲的；缺省取自 RONGCUO_API_PORT。"),
]


async def up(
    *,
    home: HomeOption = None,
    port: PortOption = None,
    policies: Annotated[
        Path | None,
        Parameter(help="自己的办法文件所在目录；缺省为数据目录下的 policies。"),
    ] = None,
) -> int:
    """在一台机器上运行全部：PostgreSQL、Temporal 和各服务，按 Ctrl-C 停止。"""
    logs.set_up("WARNING")
    place = home_of(home)
    stopping = _stop_signal()
    rulebook = rules_in_force(home=place.path, policies=policies)
    outlets = Outlets.set_up(Settings(), folder=place.notices)
    aside.print(f"启动，数据目录 {place.path} …")
    async with (
        _at_the_door(stopping, port) as opened,
        running(
            place,
            rulebook,
            usable=partial(_tell_usable, opened),
            closing_delay=Settings().closing_delay,
            outlets=outlets,
        ) as stack,
    ):
        people.print(f"Temporal {stack.temporal.version}  {stack.temporal.address}")
        people.print(f"Temporal 界面  {stack.temporal.ui_address}")
        people.print("已就绪，按 Ctrl-C 停止。")
        await stopping.wait()
        aside.print("正在停止 …")
    aside.print("已停止。")
    return OK


def _tell_usable(opened: Callable[[Stack], str], stack: Stack) -> None:
    people.print(f"PostgreSQL {stack.postgres.version}  套接字目录 {stack.address.host}")
    people.print(f"HTTP  {opened(stack)}")
    people.print("可以办理和查询；时钟随后就绪。")


@asynccontextmanager
async def _at_the_door(
    stopping: asyncio.Event, port: int | None
) -> AsyncIterator[Callable[[Stack], str]]:
    """HTTP for a stack, from when it is usable until it has stopped; if it fails, all stops."""
    answering: list[asyncio.Future[Any]] = []

    def opened(stack: Stack) -> str:
        looks = Looks(stack.reader, TemporalAt(lambda: stack.temporal.address), stack.clock)
        work, address = _door(looks, port)
        task = asyncio.ensure_future(work)
        task.add_done_callback(lambda _: stopping.set())
        answering.append(task)
        return address

    try:
        yield opened
    finally:
        for task in answering:
            await _ended(task)


def _door(looks: Looks, port: int | None) -> tuple[Coroutine[Any, Any, Any], str]:
    """What answers HTTP, and its address. Where nobody asked for a port, a free one does too."""
    from gateway import http_api  # noqa: PLC0415 (only those who answer HTTP pay for it)

    settings = Settings()
    host = settings.api_host
    try:
        door = http_api.listening(host, settings.api_port if port is None else port)
    except http_api.PortTaken as taken:
        if port is not None:
            raise
        aside.print(f"{taken}改用另一个空闲的；可用 --port 指定。")
        door = http_api.listening(host, 0)
    at = f"[{host}]" if ":" in host else host
    address = f"http://{at}:{door.getsockname()[1]}"
    return http_api.serve(http_api.application(looks), door), address


def _stop_signal() -> asyncio.Event:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for each in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(each, stopping.set)
    return stopping


@serve.command
async def api(*, port: PortOption = None) -> int:
    """应答 HTTP：是否就绪、指标。只读。"""
    settings, address = Settings(), _database()
    temporal = TemporalAt(lambda: settings.temporal_address, settings.temporal_namespace)
    looks = Looks(partial(connect_as, READER, address), temporal, SystemClock())
    work, _ = _door(looks, settings.api_port if port is None else port)
    return await _until_stopped(work)


@serve.command
async def follower() -> int:
    """跟随日志，维护视图。"""
    address = await _durable(PROJECTOR)
    return await _until_stopped(follower_of(address).run())


@serve.command
async def worker() -> int:
    """运行时钟：等待，到时报办；并重算期限、统计期关账、每日取卷头树。"""
    settings, address = Settings(), await _durable(WRITER)
    store = open_store(address)
    try:
        office = Office(store, rules_in_force(), SystemClock())
        client, grace = await _temporal(settings), GRACE * 20
        clocks = clock_worker(client, office, grace=grace)
        chores = chores_worker(
            client,
            office,
            partial(connect_as, WRITER, address),
            closing_delay=settings.closing_delay,
            grace=grace,
        )
        writing = partial(connect_as, WRITER, address)
        heads = DailyHeads(writing, office, SystemClock(), settings.log_hash)
        return await _until_stopped(_together(clocks.run(), chores.run(), heads.run()))
    finally:
        store.close()


@serve.command
async def timekeeper() -> int:
    """把时钟计划送往 Temporal，定期两边核对；该重算、该关账的，令其开始。"""
    settings, address = Settings(), _database()
    projecting = partial(connect_as, PROJECTOR, address)
    client = await _temporal(settings)
    keeper, chores = Timekeeper(projecting, client, SystemClock()), Chores(projecting, client)
    return await _until_stopped(_together(keeper.run(), chores.run()))


@serve.command
async def notifier() -> int:
    """送达通知：投文件夹、送网络地址，送不成的一直重试。"""
    settings, address = Settings(), _database()
    outlets = Outlets.set_up(settings)
    if not outlets.channels:
        raise SettingFault(
            "通知没有去处：请设置 RONGCUO_NOTICES_FOLDER 或 RONGCUO_NOTICES_WEBHOOK；"
            "见 docs/operations.md。"
        )
    notifying, client = partial(connect_as, NOTIFIER, address), await _temporal(settings)
    outbox = Outbox(notifying, outlets)
    delivering = notice_worker(client, outbox, grace=GRACE * 20)
    return await _until_stopped(
        _together(delivering.run(), Notifier(notifying, client, outbox).run())
    )


@serve.command
async def sealer() -> int:
    """封存日志：每秒签一次检查点，请见证方会签。应以自己的系统用户运行，密钥只有它能读。"""
    settings, address = Settings(), await _durable(SEALER)
    sealing = sealing_as_set(settings)
    connect = partial(connect_as, SEALER, address)
    work = Sealer(connect, sealing.signer, sealing.witnesses, hasher=sealing.hasher).run()
    return await _until_stopped(work)


@serve.command
async def witness(
    *,
    folder: Annotated[Path, Parameter(help="见证的簿册和密钥放在哪里；丢了就换新的名字。")],
    log_key: Annotated[str, Parameter(help="所见证的日志的公钥，见 rongcuo audit key。")],
    port: PortOption = None,
) -> int:
    """作见证：只会签在所见之上增长的检查点。不需要数据库，应在另一个机关的机器上运行。"""
    from gateway import http_api  # noqa: PLC0415 (only those who answer HTTP pay for it)
    from gateway.witness_api import witness_application  # noqa: PLC0415

    settings = Settings()
    book = book_in(folder, VerifierKey.parse(log_key), HASHERS[settings.log_hash])
    door = http_api.listening(settings.api_host, settings.api_port if port is None else port)
    people.print(f"{book.signer.key} http://{settings.api_host}:{door.getsockname()[1]}")
    return await _until_stopped(http_api.serve(witness_application(book), door))


async def _together(*work: Coroutine[Any, Any, Any]) -> None:
    async with asyncio.TaskGroup() as group:
        for each in work:
            group.create_task(each)


async def _durable(role: str) -> DatabaseAddress:
    """Our database, refused where it does not keep what it acknowledges.

    One that cannot be reached is waited for by whoever works with it.
    """
    address = _database()
    with contextlib.suppress(OSError, asyncpg.PostgresError):
        connection = await connect_as(role, address)
        try:
            await require_durable(connection, "数据库的设置")
        finally:
            await connection.close()
    return address


def _database() -> DatabaseAddress:
    address = Settings().database
    if address is None:
        raise SystemExit(_unset("RONGCUO_DATABASE_HOST"))
    return address


async def _temporal(settings: Settings) -> Any:
    if not settings.temporal_address or settings.temporal_keys is None:
        raise SystemExit(_unset("RONGCUO_TEMPORAL_ADDRESS", "RONGCUO_TEMPORAL_KEYS"))
    keys = Keys.kept_in(settings.temporal_keys)
    client = await connect(settings.temporal_address, keys, settings.temporal_namespace)
    await ensure(client)
    return client


def _unset(*names: str) -> int:
    aside.print(f"请先设置环境变量 {'、'.join(names)}；见 docs/operations.md。")
    return FAILURE


async def _until_stopped(work: Coroutine[Any, Any, Any]) -> int:
    logs.set_up()
    stopping, task = _stop_signal(), asyncio.ensure_future(work)
    asked = asyncio.ensure_future(stopping.wait())
    await asyncio.wait({task, asked}, return_when=asyncio.FIRST_COMPLETED)
    asked.cancel()
    await _ended(task)
    return OK


async def _ended(task: asyncio.Future[Any]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task  # what it met, if it ended by itself, is raised here
