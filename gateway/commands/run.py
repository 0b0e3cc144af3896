"""`up` and `serve …`: everything that runs until it is told to stop."""

import asyncio
import contextlib
import signal
from collections.abc import Coroutine
from functools import partial
from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, Parameter

from gateway import logs
from gateway.commands.output import FAILURE, OK, aside, people
from gateway.commands.reaching import HomeOption, home_of
from gateway.commands.rules_in_force import rules_in_force
from projections.follower import Follower
from workers.addresses import DatabaseAddress
from workers.clock_worker import clock_worker, connect
from workers.codec import Keys
from workers.settings import Settings
from workers.stack import GRACE, Stack, running
from workers.store import PROJECTOR, connect_as, open_store
from workers.timekeeper import Timekeeper
from workflows.clock import SystemClock
from workflows.office import Office

serve = App(name="serve", help="生产部署：逐个服务运行，地址取自环境变量 RONGCUO_…。")


async def up(
    *,
    home: HomeOption = None,
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
    aside.print(f"启动，数据目录 {place.path} …")
    async with running(place, rulebook, usable=_tell_usable) as stack:
        people.print(f"Temporal {stack.temporal.version}  {stack.temporal.address}")
        people.print(f"Temporal 界面  {stack.temporal.ui_address}")
        people.print("已就绪，按 Ctrl-C 停止。")
        await stopping.wait()
        aside.print("正在停止 …")
    aside.print("已停止。")
    return OK


def _tell_usable(stack: Stack) -> None:
    people.print(f"PostgreSQL {stack.postgres.version}  套接字目录 {stack.address.host}")
    people.print("可以办理和查询；时钟随后就绪。")


def _stop_signal() -> asyncio.Event:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for each in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(each, stopping.set)
    return stopping


@serve.command
async def follower() -> int:
    """跟随日志，维护视图。"""
    address = _database()
    return await _until_stopped(Follower(partial(connect_as, PROJECTOR, address)).run())


@serve.command
async def worker() -> int:
    """运行时钟：等待，到时报办。"""
    settings, store = Settings(), open_store(_database())
    try:
        office = Office(store, rules_in_force(), SystemClock())
        clocks = clock_worker(await _temporal(settings), office, grace=GRACE * 20)
        return await _until_stopped(clocks.run())
    finally:
        store.close()


@serve.command
async def timekeeper() -> int:
    """把时钟计划送往 Temporal，并定期两边核对。"""
    settings, address = Settings(), _database()
    keeper = Timekeeper(
        partial(connect_as, PROJECTOR, address), await _temporal(settings), SystemClock()
    )
    return await _until_stopped(keeper.run())


def _database() -> DatabaseAddress:
    address = Settings().database
    if address is None:
        raise SystemExit(_unset("RONGCUO_DATABASE_HOST"))
    return address


async def _temporal(settings: Settings) -> Any:
    if not settings.temporal_address or settings.temporal_keys is None:
        raise SystemExit(_unset("RONGCUO_TEMPORAL_ADDRESS", "RONGCUO_TEMPORAL_KEYS"))
    keys = Keys.kept_in(settings.temporal_keys)
    return await connect(settings.temporal_address, keys, settings.temporal_namespace)


def _unset(*names: str) -> int:
    aside.print(f"请先设置环境变量 {'、'.join(names)}；见 docs/operations.md。")
    return FAILURE


async def _until_stopped(work: Coroutine[Any, Any, Any]) -> int:
    logs.set_up()
    stopping, task = _stop_signal(), asyncio.ensure_future(work)
    asked = asyncio.ensure_future(stopping.wait())
    await asyncio.wait({task, asked}, return_when=asyncio.FIRST_COMPLETED)
    task.cancel()
    asked.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task  # what it met, if it ended by itself, is raised here
    return OK
