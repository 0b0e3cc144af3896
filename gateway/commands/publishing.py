"""`calendar publish|amend|release|return|status`: prepared by one person, released by another."""

import asyncio
from pathlib import Path
from typing import Annotated, Any, Final

import asyncpg
from cyclopts import Parameter
from rich.progress import Progress
from temporalio.client import Client, WorkflowQueryFailedError
from temporalio.service import RPCError

from domain.calendars.publication import (
    EditionStage,
    PrepareCalendar,
    ReleaseCalendar,
    ReturnCalendar,
)
from domain.refusals import Code, Refusal
from gateway.commands.acting import Who, acting
from gateway.commands.clocks import PATIENCE, temporal_of
from gateway.commands.output import OK, JsonOption, aside, document, people, table
from gateway.commands.reaching import HomeOption, reading
from gateway.rulebook import editions_in
from workers.children import StackFault
from workers.home import HomeTaken
from workflows.contract import Redating, redating_id

LOOK_EVERY_S: Final = 0.5
RELEASED: Final = EditionStage.RELEASED.value
STAGES: Final = {
    EditionStage.PREPARED: "待发布",
    EditionStage.RETURNED: "已退回",
    EditionStage.RELEASED: "已发布，正在重算",
    EditionStage.APPLIED: "已发布，重算完毕",
}
OF_OURS: Final = {"matter_id", "released_version"}
STATE: Final = "SELECT state FROM views.calendar_editions WHERE edition = $1"
EDITIONS: Final = "SELECT * FROM views.calendar_editions ORDER BY year, edition"
EDITION: Final = "SELECT * FROM views.calendar_editions WHERE edition = $1"
REDATED: Final = """
    SELECT organ_id, responsible, case_number, label, subject_label, was_due_on, due_on, kept,
           settled
    FROM views.redatings WHERE cause = $1
    ORDER BY organ_id, responsible, case_number, obligation_id
"""


async def publish(
    file: Path, /, *, who: Who, home: HomeOption = None, json: JsonOption = False
) -> int:
    """拟定一年的日历：文件写法同 rongcuo calendar check 所查的，取其最后一版。"""
    return await _prepare(file, who, home, amends=False, json=json)


async def amend(
    file: Path, /, *, who: Who, home: HomeOption = None, json: JsonOption = False
) -> int:
    """拟定一年日历的新版：全年重新写明，取文件的最后一版。"""
    return await _prepare(file, who, home, amends=True, json=json)


async def _prepare(file: Path, who: Who, home: Path | None, *, amends: bool, json: bool) -> int:
    edition = max(editions_in(file), key=lambda each: each.edition)
    async with acting(home) as (office, _):
        act = PrepareCalendar(edition=edition, amends=amends)
        await asyncio.to_thread(office.on_calendar, act, who.request())
    if json:
        document({"edition": edition.name, "state": EditionStage.PREPARED})
    else:
        people.print(
            f"已拟定日历 {edition.name}。请另一人核对后执行 rongcuo calendar release {edition.name}"
        )
    return OK


async def send_back(
    edition: str,
    reason: Annotated[str, Parameter(help="为何退回。")],
    /,
    *,
    who: Who,
    home: HomeOption = None,
    json: JsonOption = False,
) -> int:
    """退回拟定的日历，写明理由；改正后可以重新拟定。"""
    async with acting(home) as (office, _):
        act = ReturnCalendar(edition=edition, explanation=reason)
        await asyncio.to_thread(office.on_calendar, act, who.request())
    if json:
        document({"edition": edition, "state": EditionStage.RETURNED})
    else:
        people.print(f"已退回日历 {edition}。")
    return OK


async def release(
    edition: str,
    /,
    *,
    who: Who,
    wait: Annotated[bool, Parameter(negative=(), help="等到在办期限重算完毕。")] = False,
    home: HomeOption = None,
    json: JsonOption = False,
) -> int:
    """发布另一人拟定的日历。自此一切期限按它计算；触及的在办期限由 Temporal 逐件重算。"""
    client = await temporal_of(home).sending() if wait else None  # before anything is written
    async with acting(home) as (office, views):
        await asyncio.to_thread(office.on_calendar, ReleaseCalendar(edition=edition), who.request())
        if client is not None:
            await _until_applied(views, client, edition)
        told = await _standing(views, edition) if wait else {"edition": edition, "state": RELEASED}
    if json:
        document(told)
    elif wait:
        _tell(told)
    else:
        people.print(
            f"日历 {edition} 已发布，在办期限由 Temporal 重算；"
            f"进度见 rongcuo calendar status {edition}"
        )
    return OK


async def status(
    edition: str | None = None, /, *, home: HomeOption = None, json: JsonOption = False
) -> int:
    """各版日历到了哪一步；写明版次时，按机关和岗位列出它改动的每一项期限。"""
    client = await _if_reached(home)
    async with reading(home) as views:
        if edition is None:
            rows = await views.fetch(EDITIONS)
        else:
            told = await _standing(views, edition)
            if client is not None and told["state"] == RELEASED:
                told["progress"] = await _progress(client, edition)
    if edition is not None:
        if json:
            document(told)
        else:
            _tell(told)
    elif json:
        document([_edition(row) for row in rows])
    else:
        _table(rows)
    return OK


async def _if_reached(home: Path | None) -> Client | None:
    try:
        return await temporal_of(home).sending()
    except (StackFault, HomeTaken):
        return None


async def _progress(client: Client, edition: str) -> dict[str, Any] | None:
    """How far the counting is; None where it does not run at the moment."""
    handle = client.get_workflow_handle(redating_id(edition))
    try:
        standing: Redating = await handle.query(
            "standing", result_type=Redating, rpc_timeout=PATIENCE
        )
    except (RPCError, WorkflowQueryFailedError):
        return None
    return standing.model_dump(include={"of", "looked_at", "changed", "failed"})


async def _until_applied(views: asyncpg.Connection, client: Client, edition: str) -> None:
    with Progress(console=aside, transient=True) as progress:
        task = progress.add_task("重算", total=None)
        while await views.fetchval(STATE, edition) != EditionStage.APPLIED:
            far = await _progress(client, edition)
            if far and far["of"]:
                progress.update(task, completed=far["looked_at"], total=far["of"])
            await asyncio.sleep(LOOK_EVERY_S)


async def _standing(views: asyncpg.Connection, edition: str) -> dict[str, Any]:
    """An edition with every duty it has changed. Raises Refusal when there is none."""
    row = await views.fetchrow(EDITION, edition)
    if row is None:
        raise Refusal(
            Code.STEP_MISSING,
            asked="查看日历",
            obstacle=f"这里没有拟定过日历 {edition}",
            way_out="请用 rongcuo calendar status 核对；程序自带的见 rongcuo calendar list",
        )
    return {**_edition(row), "redated": [dict(e) for e in await views.fetch(REDATED, edition)]}


def _edition(row: asyncpg.Record) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key not in OF_OURS}


def _table(rows: list[asyncpg.Record]) -> None:
    table(
        ("版次", "通知", "印发", "情况", "拟定", "发布", "重算期限"),
        (
            (
                row["edition"],
                row["notice"],
                row["issued_on"],
                STAGES[EditionStage(row["state"])],
                f"{row['prepared_by']} {row['prepared_on']}",
                f"{row['released_by']} {row['released_on']}" if row["released_by"] else "",
                row["redated"],
            )
            for row in rows
        ),
    )


def _tell(told: dict[str, Any]) -> None:
    """Where an edition stands, and what it changed, for each post of each organ."""
    people.print(f"日历 {told['edition']}：{STAGES[EditionStage(told['state'])]}。")
    if told["returned_because"]:
        people.print(f"退回的理由：{told['returned_because']}")
    if far := told.get("progress"):
        failed = f"，{far['failed']} 件未成，将再试" if far["failed"] else ""
        people.print(f"进度：{far['of']} 件中已核对 {far['looked_at']} 件{failed}。")
    changed = told["redated"]
    if told["looked_at"] is not None:
        people.print(f"核对了 {told['looked_at']} 件案件，重算期限 {len(changed)} 项。")
    for organ, post in sorted({(each["organ_id"], each["responsible"]) for each in changed}):
        people.print(f"\n{organ} {post}")
        table(
            ("案号", "事项", "对象", "原届满", "现届满", ""),
            (
                (
                    each["case_number"],
                    each["label"],
                    each["subject_label"],
                    each["was_due_on"],
                    each["due_on"],
                    "不提前" if each["kept"] else "推定落定" if each["settled"] else "",
                )
                for each in changed
                if (each["organ_id"], each["responsible"]) == (organ, post)
            ),
        )
