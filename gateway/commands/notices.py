"""`notice …`: what was told to whom, by which channel, and what has not arrived."""

import json as json_format
from datetime import datetime
from typing import Annotated, Any, Final

import asyncpg
from cyclopts import App, Parameter, validators

from domain.law.calendar import CHINA
from gateway.commands.output import OK, USAGE, JsonOption, aside, document, people, table
from gateway.commands.reaching import HomeOption, database, no_such_case, reading
from workers.store import NOTIFIER, connect_as

KINDS: Final = {
    "reminder": "催办",
    "overdue": "逾期",
    "escalation": "督办",
    "calendar_digest": "期限重算",
}
CHANNELS: Final = {"folder": "文件夹", "webhook": "网络地址"}

LIST: Final = """
    SELECT notice.*, (
        SELECT coalesce(jsonb_agg(jsonb_build_object(
            'channel', name, 'attempts', coalesce(attempts, 0), 'delivered_at', delivered_at,
            'last_error', last_error, 'next_try',
            CASE WHEN delivered_at IS NULL THEN nullif(next_try, '-infinity') END
        ) ORDER BY name), '[]')
        FROM notices.channel LEFT JOIN notices.delivery
            ON delivery.channel = name AND delivery.notice_id = notice.notice_id
        WHERE notice.position > since_position AND (configured OR delivered_at IS NOT NULL)
    ) AS channels
    FROM views.notices AS notice
    WHERE ($1::uuid IS NULL OR matter_id = $1) AND (NOT $2 OR EXISTS (
        SELECT FROM notices.channel LEFT JOIN notices.delivery
            ON delivery.channel = name AND delivery.notice_id = notice.notice_id
        WHERE notice.position > since_position AND configured AND delivered_at IS NULL))
    ORDER BY position DESC, notice_id DESC LIMIT $3
"""
RETRY: Final = """
    UPDATE notices.delivery SET next_try = clock_timestamp()
    FROM notices.channel
    WHERE name = channel AND configured AND delivered_at IS NULL AND attempts > 0
        AND ($1::text IS NULL OR channel = $1)
"""

notice = App(name="notice", help="通知：送到了没有，为何没有，重送。")


@notice.command(name="list")
async def list_notices(
    *,
    undelivered: Annotated[bool, Parameter(negative=(), help="只看还没有送到的。")] = False,
    case: Annotated[str | None, Parameter(help="只看一件案件的：案号或编号（UUID）。")] = None,
    limit: Annotated[
        int, Parameter(help="至多列出几份。", validator=validators.Number(gte=1, lte=10_000))
    ] = 100,
    home: HomeOption = None,
    json: JsonOption = False,
) -> int:
    """列出通知，最近的在前：给谁，说什么，各渠道送到的时刻，或试了几次、为何不成、何时再试。"""
    async with reading(home) as connection:
        matter_id = await _matter(connection, case) if case is not None else None
        rows = await connection.fetch(LIST, matter_id, undelivered, limit)
    told = [{**row, "channels": json_format.loads(row["channels"])} for row in rows]
    if json:
        document({"notices": told})
        return OK
    table(
        ("种类", "案号", "给谁", "内容", "送达"),
        (
            (
                KINDS.get(each["kind"], each["kind"]),
                each["case_number"],
                f"{each['to_organ']} {each['to_role']}",
                each["text"],
                "\n".join(map(_arrival, each["channels"])) or "没有渠道",
            )
            for each in told
        ),
    )
    return OK


async def _matter(connection: asyncpg.Connection, number: str) -> Any:
    matter_id = await connection.fetchval(
        "SELECT matter_id FROM views.matter_register WHERE number = $1 OR matter_id::text = $1",
        number,
    )
    if matter_id is None:
        raise no_such_case("查看通知", number)
    return matter_id


def _arrival(told: dict[str, Any]) -> str:
    channel = CHANNELS.get(told["channel"], told["channel"])
    if told["delivered_at"]:
        return f"{channel} {_shown(told['delivered_at'])} 送达"
    if not told["attempts"]:
        return f"{channel} 待送"
    again = f"，{_shown(told['next_try'])} 再试" if told["next_try"] else ""
    return f"{channel} 试 {told['attempts']} 次未成（{told['last_error']}）{again}"


def _shown(instant: str) -> str:
    return f"{datetime.fromisoformat(instant).astimezone(CHINA):%Y-%m-%d %H:%M:%S}"


@notice.command
async def retry(
    *,
    channel: Annotated[str | None, Parameter(help="只重送这一渠道的。")] = None,
    home: HomeOption = None,
    json: JsonOption = False,
) -> int:
    """送不成的不再等，立即重送。"""
    async with database(home) as address:
        connection = await connect_as(NOTIFIER, address)
        try:
            names = [
                row["name"]
                for row in await connection.fetch("SELECT name FROM notices.channel ORDER BY name")
            ]
            if channel is not None and channel not in names:
                aside.print(f"没有渠道 {channel}；渠道有 {'、'.join(names) or '（没有）'}。")
                return USAGE
            done = await connection.execute(RETRY, channel)
        finally:
            await connection.close()
    number = int(done.removeprefix("UPDATE "))
    if json:
        document({"retried": number})
    else:
        people.print(f"{number} 份通知即将重送。")
    return OK
