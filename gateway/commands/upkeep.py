"""`migrate`, `rebuild`, `doctor`: what keeps a store in shape and tells whether it is."""

from typing import Annotated, Literal

from cyclopts import Parameter
from rich.progress import Progress

from gateway.commands.output import (
    FAILURE,
    OK,
    UNREACHABLE,
    USAGE,
    JsonOption,
    aside,
    document,
    people,
    table,
)
from gateway.commands.reaching import HomeOption, database
from gateway.doctor import Finding, examine
from projections.rebuild import rebuild
from projections.views import VIEWS
from workers.migrate import migrate
from workers.settings import Settings
from workers.store import PROJECTOR, connect_as


async def migrate_store(*, home: HomeOption = None, json: JsonOption = False) -> int:
    """把数据库升到本版本的结构；可以反复执行。"""
    async with database(home) as address:
        applied = await migrate(address, Settings().migrator)
    if json:
        document({"applied": applied})
    else:
        people.print("已执行：" + "、".join(applied) if applied else "已是最新，无须执行。")
    return OK


async def rebuild_views(
    views: Annotated[list[str], Parameter(name="VIEW", help=f"{'、'.join(VIEWS)}，或 all。")],
    /,
    *,
    home: HomeOption = None,
    json: JsonOption = False,
) -> int:
    """由日志重建视图；重建期间照常可读，完成后一次换上。"""
    names = [*VIEWS] if views == ["all"] else views
    unknown = [name for name in names if name not in VIEWS]
    if unknown:
        aside.print(f"没有视图 {'、'.join(unknown)}；视图有 {'、'.join(VIEWS)}，或写 all。")
        return USAGE
    async with database(home) as address:
        connection = await connect_as(PROJECTOR, address)
        try:
            with Progress(console=aside, transient=True) as progress:
                task = progress.add_task("重建", total=None)
                position = await rebuild(
                    connection,
                    names,
                    progress=lambda done, of: progress.update(task, completed=done, total=of),
                    reach=address.asyncpg(PROJECTOR),
                )
        finally:
            await connection.close()
    if json:
        document({"rebuilt": names, "position": position})
    else:
        people.print(f"已重建 {'、'.join(names)}，至日志第 {position} 个事件。")
    return OK


async def doctor(
    *,
    only: Annotated[
        Literal["follower", "worker", "timekeeper", "notifier", "sealer", "api"] | None,
        Parameter(help="只查一个服务。"),
    ] = None,
    home: HomeOption = None,
    json: JsonOption = False,
) -> int:
    """检查各部分是否正常，并说明怎样处理。"""
    findings = await examine(home, only)
    if json:
        document([vars(each) for each in findings])
    else:
        table(("", "项目", "情况", "办法"), (_row(each) for each in findings))
    if any(each.unreachable for each in findings):
        return UNREACHABLE
    return OK if all(each.ok for each in findings) else FAILURE


def _row(found: Finding) -> tuple[str, str, str, str]:
    mark = "✗" if not found.ok else "！" if found.warning else "✓"
    return mark, found.name, found.detail, "" if mark == "✓" else found.way_out
