"""`clock …`: what is waited for, whether Temporal keeps the clocks for it, and one sweep now."""

import asyncio
import json as json_format
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Final

import asyncpg
from cyclopts import App, Parameter
from temporalio.client import Client
from temporalio.service import RPCError

from gateway import logs
from gateway.clock_report import Kept, behind, called, figures, kept, plan_of
from gateway.commands.output import (
    DIFFERENCE,
    FAILURE,
    OK,
    UNREACHABLE,
    JsonOption,
    document,
    people,
    table,
)
from gateway.commands.reaching import HomeOption, database, home_of
from workers.addresses import DatabaseAddress
from workers.children import StackFault
from workers.clock_worker import connect
from workers.codec import Keys
from workers.home import HomeLock, HomeTaken
from workers.search_attributes import ensure
from workers.settings import Settings
from workers.store import PROJECTOR, connect_as, stack_note
from workers.timekeeper import Timekeeper
from workflows.clock import SystemClock

PATIENCE: Final = timedelta(seconds=5)  # for Temporal to answer, and for plans to go out
LOOK_EVERY_S: Final = 0.1

clock = App(name="clock", help="时钟：在等什么、两边是否相符、立即核对。")


@clock.command
async def plan(number: str, /, *, home: HomeOption = None, json: JsonOption = False) -> int:
    """一件案件在等的全部时刻，及其计划是否已送往 Temporal。可写案号或编号（UUID）。"""
    async with database(home) as address, _projecting(address) as connection:
        told = await plan_of(connection, number)
    if json:
        document(told)
        return OK
    table(
        ("时刻", "到时", "事项", "对象", "届满"),
        (
            (
                _shown(each["at"]),
                each["called"],
                each["label"],
                each["subject_label"],
                each["due_on"],
            )
            for each in told["moments"]
        ),
    )
    people.print(_sent(told))
    return OK


def _sent(told: dict[str, Any]) -> str:
    if told["sent"] and told["sent_version"] is None:
        return "没有要等的，无须送往 Temporal。"
    if told["sent"]:
        return f"计划（第 {told['version']} 版）已送往 Temporal。"
    trouble = f"；已试 {told['attempts']} 次：{told['last_error']}" if told["last_error"] else ""
    return f"计划（第 {told['version']} 版）尚未送往 Temporal{trouble}"


@clock.command
async def status(
    *,
    require_temporal: Annotated[
        bool, Parameter(negative=(), help="够不到 Temporal 时以 4 退出。")
    ] = False,
    home: HomeOption = None,
    json: JsonOption = False,
) -> int:
    """在等多少、最久的逾期，以及 Temporal 的时钟与期限是否相符（不符以 3 退出）。"""
    found: Kept | None = None
    client, why = await _if_reached(home)
    async with database(home) as address, _projecting(address) as connection:
        told = await figures(connection, datetime.now(UTC))
        if client is not None:
            try:
                with _answering():
                    found = await kept(connection, client)
            except StackFault as fault:
                why = str(fault)
        temporal = await _compared(connection, found) if found else {"reachable": False, "why": why}
    if json:
        document({**told, "temporal": temporal})
    else:
        table(("项目", "情况"), [*_rows(told), *_temporal_rows(temporal)])
    if found is None:
        return UNREACHABLE if require_temporal else OK
    return OK if found.right else DIFFERENCE


async def _if_reached(home: Path | None) -> tuple[Client | None, str]:
    try:
        return await temporal_of(home).looking(), ""
    except StackFault as fault:
        return None, str(fault)


async def _compared(connection: asyncpg.Connection, found: Kept) -> dict[str, Any]:
    return {
        "reachable": True,
        "running": found.running,
        "duties_without_clock": len(found.without_clock),
        "clocks_without_duty": len(found.without_duty),
        "clocks_behind": len(found.behind),
        "differing": await called(connection, found.differing),
        "stuck": found.stuck,
    }


def _rows(told: dict[str, Any]) -> list[tuple[str, Any]]:
    late = told["oldest_overdue"]
    about = late and "，".join(filter(None, (late["case_number"], late["label"])))
    return [
        ("在等的案件", told["waiting_matters"]),
        ("在等的时刻", told["waiting_instants"]),
        ("最早的时刻", _shown(told["next_at"]) if told["next_at"] else "没有"),
        ("待送的计划", told["plans_behind"]),
        ("没有确认的督办", told["unacknowledged"]),
        (
            "最久的逾期",
            f"{about}：{late['due_on']} 届满，已过 {late['days']} 日" if late else "没有",
        ),
    ]


def _temporal_rows(told: dict[str, Any]) -> list[tuple[str, Any]]:
    if not told["reachable"]:
        return [("Temporal", f"未查：{told['why']}")]
    rows = [
        ("运行的时钟", told["running"]),
        ("有期限无时钟", told["duties_without_clock"]),
        ("有时钟无期限", told["clocks_without_duty"]),
        ("旧计划的时钟", told["clocks_behind"]),
        ("卡住的时钟", "服务器不告知" if told["stuck"] is None else told["stuck"]),
    ]
    if told["differing"]:
        rows.append(("不符的案件", "、".join(told["differing"])))
    return rows


@clock.command
async def reconcile(*, home: HomeOption = None, json: JsonOption = False) -> int:
    """立即核对一遍：缺的时钟重新启动，多的令其停止，按旧计划走的改送新的。须能够到 Temporal。"""
    logs.set_up("ERROR")  # what the sweeper would warn of is told below
    client = await temporal_of(home).sending()
    async with database(home) as address, _projecting(address) as connection:
        keeper = Timekeeper(partial(connect_as, PROJECTOR, address), client, SystemClock())
        with _answering():
            await ensure(client)
            swept = await keeper.sweep(connection)
        unsent = await _all_sent(keeper, connection)
    if json:
        document({**asdict(swept), "plans_behind": unsent})
    else:
        people.print(
            f"重新启动时钟 {swept.without_clock} 个，令其停止 {swept.without_duty} 个，"
            f"按旧计划走而改送新计划 {swept.behind} 个；"
            f"尚有 {unsent} 份计划没有送出。"
        )
    return FAILURE if unsent else OK


async def _all_sent(keeper: Timekeeper, connection: asyncpg.Connection) -> int:
    """Send what is behind, or see it sent by the timekeeper that runs; how many were left."""
    loop = asyncio.get_running_loop()
    limit = loop.time() + PATIENCE.total_seconds()
    while True:
        while await keeper.send(connection):
            pass
        left = await behind(connection)
        if not left or loop.time() > limit:
            return left
        await asyncio.sleep(LOOK_EVERY_S)


@dataclass(frozen=True)
class _Temporal:
    """Where the Temporal of a store is; `keys` null where none are named."""

    address: str
    namespace: str
    keys: Path | None

    async def looking(self) -> Client:
        """For those who only list clocks: no keys are needed."""
        return await self._reached(Client.connect(self.address, namespace=self.namespace))

    async def sending(self) -> Client:
        if self.keys is None:
            raise StackFault("请先设置环境变量 RONGCUO_TEMPORAL_KEYS；见 docs/operations.md。")
        return await self._reached(connect(self.address, Keys.kept_in(self.keys), self.namespace))

    @staticmethod
    async def _reached(connecting: Coroutine[Any, Any, Client]) -> Client:
        with _answering():
            return await asyncio.wait_for(connecting, PATIENCE.total_seconds())


def temporal_of(option: Path | None) -> _Temporal:
    """The Temporal that belongs to the database meant: of the environment, or of a running stack.

    To be asked before the home is opened: a note is believed only while a stack holds the home.
    """
    settings = Settings()
    if option is None and settings.database is not None:
        if not settings.temporal_address:
            raise StackFault("没有设置 RONGCUO_TEMPORAL_ADDRESS。")
        return _Temporal(
            settings.temporal_address, settings.temporal_namespace, settings.temporal_keys
        )
    home = home_of(option)
    try:
        with HomeLock(home):
            raise StackFault(f"数据目录 {home.path} 没有在运行；Temporal 由 rongcuo up 带起。")
    except HomeTaken:
        note = stack_note(home)
        if not note.exists():
            raise
        address = json_format.loads(note.read_text())["temporal"]
        return _Temporal(address, "default", home.keys / "temporal.json")


@contextmanager
def _answering() -> Iterator[None]:
    """For the length of the block Temporal must answer; StackFault when it does not."""
    try:
        yield
    except (RuntimeError, RPCError, TimeoutError) as error:
        raise StackFault(f"够不到 Temporal：{error or '没有应答'}") from error


@asynccontextmanager
async def _projecting(address: DatabaseAddress) -> AsyncIterator[asyncpg.Connection]:
    """As the timekeeper, in whose container these commands have a password."""
    connection = await connect_as(PROJECTOR, address)
    try:
        yield connection
    finally:
        await connection.close()


def _shown(instant: str) -> str:
    return f"{datetime.fromisoformat(instant):%Y-%m-%d %H:%M}"
