"""What `doctor` looks at: each part by itself, with the way out where something is wrong."""

import importlib.util
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client
from temporalio.service import RPCError

import domain
from domain.law.calendar import CalendarEdition, WorkCalendar, civil_date, presumed
from gateway.commands.reaching import database
from gateway.commands.rules_in_force import rules_in_force
from gateway.exposure import exposure
from gateway.files import RulebookFault
from gateway.rulebook import calendars
from projections.calendars import released
from workers.addresses import DatabaseAddress
from workers.children import StackFault
from workers.clock_worker import TASK_QUEUE
from workers.sealing.catalogue import EXPECTED, fingerprint
from workers.search_attributes import registered
from workers.settings import Settings
from workers.store import NOTIFIER, PROJECTOR, READER, SEALER, connect_as

LAG_ALLOWED = 1_000  # events the views may be behind while catching up
SEALED_WITHIN = 60.0  # seconds: the sealer comes by every second
TRIES_ALLOWED = 5  # of a delivery, which by then has failed for a quarter of a minute
LOOPBACK = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 (who listens everywhere listens here)
CALENDAR_EXPECTED_FROM_MONTH = 11  # notices have come between late October and early December


@dataclass(frozen=True)
class Finding:
    """One thing looked at. `warning`: nothing is wrong yet, and something is to be done."""

    name: str
    ok: bool
    detail: str
    way_out: str = ""
    warning: bool = False
    unreachable: bool = False


async def examine(home: Path | None, only: str | None) -> list[Finding]:
    """Look at everything, or at one service of a deployment."""
    if only == "api":
        return [await _api()]
    findings = [] if only else [_python(), _packages(), _rulebook(home)]
    checks: dict[str, Callable[[DatabaseAddress], Awaitable[Finding]]] = {
        "follower": _follower,
        "timekeeper": _timekeeper,
        "notifier": _notifier,
        "sealer": _sealer,
    }
    wanted = [only] if only else [*checks]
    try:
        async with database(home) as address:
            if not only:
                findings += [await _roles(address), *await _calendar(address)]
            findings += [await checks[name](address) for name in wanted if name in checks]
    except (OSError, StackFault, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        way_out = "请看 --home 或 RONGCUO_DATABASE_… 是否指对，PostgreSQL 是否在运行"
        findings.append(Finding("数据库", False, str(error), way_out, unreachable=True))
    if only == "worker" or (only is None and Settings().temporal_address):
        findings.append(await _worker())
    return findings


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    return Finding("Python", True, version)


def _packages() -> Finding:
    """Our top-level names are plain words: another package may have taken one."""
    ours = Path(domain.__file__ or "").parents[1]
    strangers = [
        name
        for name in ("workflows", "projections", "workers", "gateway")
        if (found := importlib.util.find_spec(name)) is None
        or Path(found.origin or "").parents[1] != ours
    ]
    return Finding(
        "安装",
        not strangers,
        f"包 {'、'.join(strangers)} 被别的软件占用" if strangers else str(ours),
        "请装在单独的环境里（uv sync、uv tool install 或镜像）",
    )


def _rulebook(home: Path | None) -> Finding:
    try:
        book = rules_in_force(home=home)
    except RulebookFault as fault:
        return Finding("办法和日历", False, str(fault), "请按所说改正该文件")
    return Finding("办法和日历", True, f"{len(book.policies)} 部办法")


async def _calendar(address: DatabaseAddress) -> list[Finding]:
    """The calendar the days are counted with: what the program brings, and what was released."""
    try:
        brought = calendars()
    except RulebookFault:
        return []  # told of with the instruments
    connection = await connect_as(READER, address)
    try:
        here = await released(connection)
        published = brought.with_editions(here).published_years
        return [
            _next_year(published),
            *_overtaken(brought, here),
            await _presumed(connection, published),
            await _being_applied(connection),
        ]
    finally:
        await connection.close()


def _next_year(published: tuple[int, ...]) -> Finding:
    today = civil_date(datetime.now(UTC))
    late = today.month >= CALENDAR_EXPECTED_FROM_MONTH and today.year + 1 not in published
    missing = f"；{today.year + 1} 年的尚未录入，到期日为推定" if late else ""
    return Finding(
        "放假通知",
        today.year in published,
        f"已有至 {max(published)} 年{missing}",
        "国务院办公厅通知发布后，请用 rongcuo calendar publish 录入",
        warning=late,
    )


def _overtaken(brought: WorkCalendar, here: list[CalendarEdition]) -> list[Finding]:
    """An edition released here that a newer program brings too, and tells otherwise."""
    ours = {each.name: each for each in brought.editions}
    differing = [
        each.name
        for each in here
        if each.name in ours and [*each.days()] != [*ours[each.name].days()]
    ]
    if not differing:
        return []
    told = f"{'、'.join(differing)} 与程序自带的不同，现按发布的计算"
    return [Finding("发布的日历", False, told, "请核对通知；发布有误的，另拟下一版（amend）")]


async def _roles(address: DatabaseAddress) -> Finding:
    """Nobody but the owner may change what is stored, whatever grants were given by hand."""
    connection = await connect_as(READER, address)
    try:
        rows = await connection.fetch("""
            SELECT role, privilege FROM
                unnest(ARRAY['rongcuo_writer', 'rongcuo_projector', 'rongcuo_reader',
                             'rongcuo_notifier']) AS role,
                unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE']) AS privilege,
                unnest(ARRAY['log.events', 'log.commands']) AS kept
            WHERE has_table_privilege(role, kept, privilege)
        """)
    finally:
        await connection.close()
    excess = sorted({f"{row['role']} {row['privilege']}" for row in rows})
    return Finding(
        "日志只增不改",
        not excess,
        "、".join(excess) or "各角色均无改、删之权",
        "请收回这些权限（REVOKE），并查明是谁授予的",
    )


async def _presumed(connection: asyncpg.Connection, published: tuple[int, ...]) -> Finding:
    """Days presumed before a notice came that has come since: they never fall due until redated."""
    stale = await connection.fetchval(
        "SELECT count(*) FROM views.due_list WHERE state = 'open' AND calendars && $1",
        [presumed(year) for year in published],
    )
    return Finding(
        "推定的期限",
        not stale,
        f"{stale} 项仍按通知发布前的日历" if stale else "没有该重算而未重算的",
        "请执行 rongcuo calendar redate",
    )


async def _being_applied(connection: asyncpg.Connection) -> Finding:
    """Editions on their way: prepared and not released, released and not yet applied."""
    rows = await connection.fetch(
        "SELECT edition, state FROM views.calendar_editions"
        " WHERE state IN ('prepared', 'released') ORDER BY edition"
    )
    told = [
        f"{row['edition']} {'待发布' if row['state'] == 'prepared' else '正在重算'}" for row in rows
    ]
    return Finding(
        "日历的发布",
        True,
        "、".join(told) or "没有待办的",
        "请看 rongcuo calendar status；重算由 Temporal 进行，停着的请看 rongcuo clock status",
        warning=bool(rows),
    )


async def _follower(address: DatabaseAddress) -> Finding:
    connection = await connect_as(PROJECTOR, address)  # the role its container has
    try:
        behind, parked = await connection.fetchrow("""
            SELECT (SELECT coalesce(max(notification_id), 0) FROM log.events)
                   - (SELECT position FROM views.position),
                   (SELECT count(*) FROM views.parked)
        """) or (0, 0)
    finally:
        await connection.close()
    return Finding(
        "视图",
        behind <= LAG_ALLOWED and not parked,
        f"落后 {behind} 个事件，搁置 {parked} 件",
        "落后不减请看 follower 的日志；搁置的先升级程序，再 rongcuo rebuild all",
    )


async def _timekeeper(address: DatabaseAddress) -> Finding:
    connection = await connect_as(PROJECTOR, address)
    try:
        failing = await connection.fetchval("SELECT count(*) FROM clocks.sent WHERE attempts > 3")
        unsent = await connection.fetchval("""
            SELECT count(*) FROM views.clock_plan LEFT JOIN clocks.sent USING (matter_id)
            WHERE next_at IS NOT NULL AND coalesce(sent.version, 0) < clock_plan.version
        """)
    finally:
        await connection.close()
    return Finding(
        "时钟计划",
        not failing,
        f"待送 {unsent} 件，屡送不成 {failing} 件",
        "请看 Temporal 是否在运行，以及 timekeeper 的日志",
    )


async def _notifier(address: DatabaseAddress) -> Finding:
    connection = await connect_as(NOTIFIER, address)
    try:
        owed, failing = await connection.fetchrow(
            """
            SELECT (SELECT count(*) FROM notices.channel JOIN views.notices
                        ON configured AND notices.position > collected_position)
                   + count(*), count(*) FILTER (WHERE attempts > $1)
            FROM notices.delivery JOIN notices.channel ON channel.name = delivery.channel
            WHERE configured AND delivered_at IS NULL
            """,
            TRIES_ALLOWED,
        ) or (0, 0)
    finally:
        await connection.close()
    return Finding(
        "通知",
        not failing,
        f"待送 {owed} 份，屡送不成 {failing} 份",
        "请看 rongcuo notice list --undelivered 所列原因，改正后 rongcuo notice retry",
    )


async def _sealer(address: DatabaseAddress) -> Finding:
    connection = await connect_as(SEALER, address)
    try:
        found, guards = await exposure(connection), await fingerprint(connection)
    finally:
        await connection.close()
    if guards != EXPECTED:
        return Finding(
            "封存",
            False,
            f"数据库的触发器、函数、授权或角色与本版本的不同（{guards[:12]}）",
            "请查明是谁改的，改回原样；新旧版本混用的，先 rongcuo migrate",
        )
    now = datetime.now(UTC)
    waiting = found.unsealed_seconds(now)
    left = f"；{found.seconds(now):.0f} 秒以来的没有见证方见过" if found.exposed_since else ""
    return Finding(
        "封存",
        waiting <= SEALED_WITHIN or not found.sealed,
        f"日志至第 {found.log} 号，封存至第 {found.sealed} 号{left}",
        "请看 rongcuo audit status；封存由 rongcuo up 或 rongcuo serve sealer 办理",
        warning=found.seconds(now) > SEALED_WITHIN,
    )


async def _worker() -> Finding:
    settings = Settings()
    try:
        client = await Client.connect(
            settings.temporal_address, namespace=settings.temporal_namespace
        )
        shown = await registered(client)
        described = await client.workflow_service.describe_task_queue(
            DescribeTaskQueueRequest(
                namespace=settings.temporal_namespace,
                task_queue=TaskQueue(name=TASK_QUEUE),
                task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
            )
        )
    except (RuntimeError, RPCError) as error:
        way_out = "请看 RONGCUO_TEMPORAL_ADDRESS 是否指对，Temporal 是否在运行"
        return Finding("Temporal", False, str(error), way_out, unreachable=True)
    if shown.wrong:
        return Finding("Temporal", False, shown.wrong)
    if shown.absent:
        names = "、".join(key.name for key in shown.absent)
        way_out = "请启动 rongcuo serve worker 或 timekeeper，它们会登记"
        return Finding("Temporal", False, f"检索属性 {names} 没有登记", way_out)
    pollers = len(described.pollers)
    return Finding("时钟工人", pollers > 0, f"{pollers} 个在值守", "请启动 rongcuo serve worker")


async def _api() -> Finding:
    """Whether it answers at all: what it thinks of the other parts is not its own health."""
    import httpx2  # noqa: PLC0415 (only this check pays for it)

    settings = Settings()
    host = LOOPBACK.get(settings.api_host, settings.api_host)
    url = f"http://{f'[{host}]' if ':' in host else host}:{settings.api_port}/healthz"
    try:
        async with httpx2.AsyncClient(trust_env=False, timeout=5) as client:
            answer = await client.get(url)
    except httpx2.HTTPError as error:
        way_out = "请启动 rongcuo serve api，或看 RONGCUO_API_HOST、RONGCUO_API_PORT 是否指对"
        return Finding("HTTP", False, f"{url} 没有应答：{error}", way_out, unreachable=True)
    found = answer.status_code
    return Finding("HTTP", answer.is_success, f"{url} 应答 {found}", "请看 serve api 的日志")
