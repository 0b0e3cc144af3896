"""What `case` and `matter` tell alike: a history with its links, the duties, pages of a list."""

import json as json_format
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import asyncpg
from asyncpg.transaction import Transaction
from cyclopts import Parameter

from domain.kinds import BY_NAME
from domain.refusals import Code, Refusal
from gateway.commands.output import OK, document, people, table
from gateway.commands.rules_in_force import as_released, rules_in_force
from gateway.duties import STATES, duties_of
from gateway.duty_story import duties_explained
from gateway.duty_words import story_lines
from gateway.pack_words import QUALIFIERS
from projections.words import RELATIONS

ExplainOption = Annotated[bool, Parameter(negative=(), help="逐条说明由来、经过和还会改变它的事。")]
DutyOption = Annotated[str | None, Parameter(help="只看一项：填事项编号，如 answer-1。")]


def one_moment(connection: asyncpg.Connection) -> Transaction:
    """A transaction that sees the views and the log as of one moment."""
    return connection.transaction(isolation="repeatable_read", readonly=True)


async def registered(
    connection: asyncpg.Connection, number: str, kind: str | None = None
) -> asyncpg.Record:
    """The one matter meant, by its number or its UUID. Raises Refusal for none and for several."""
    rows = await connection.fetch(
        "SELECT * FROM views.matter_register"
        " WHERE (number = $1 OR matter_id::text = $1) AND ($2::text IS NULL OR kind = $2)",
        number,
        kind,
    )
    if len(rows) == 1:
        return rows[0]
    several = "、".join(row["kind"] for row in rows)
    obstacle = f"编号 {number} 的事项不止一类：{several}" if rows else f"没有编号为 {number} 的事项"
    raise Refusal(
        Code.CASE_NOT_FOUND,
        asked="查看事项",
        obstacle=obstacle,
        way_out="请加 --kind" if rows else "请用 rongcuo matter list 核对",
    )


async def tell_history(connection: asyncpg.Connection, register: asyncpg.Record, json: bool) -> int:
    """Every event of a registered matter in a sentence, and the matters it is linked to."""
    events = await connection.fetch(
        "SELECT position, version, topic, effective_on, recorded_at, officer, role, organ,"
        " sentence, articles, policy, calendars, command_key, late_entry"
        " FROM views.audit_trail WHERE matter_id = $1 ORDER BY version",
        register["matter_id"],
    )
    links = json_format.loads(register["links"])
    if json:
        number = {"case_number": register["number"]} if register["kind"] == "tolerance" else {}
        document(
            {
                **number,
                "kind": register["kind"],
                "number": register["number"],
                "events": [dict(each) for each in events],
                "links": links,
            }
        )
        return OK
    for each in events:
        basis = f"〔{'；'.join(each['articles'])}〕" if each["articles"] else ""
        people.print(f"{each['version']:>3}  {each['sentence']}{basis}")
    for line in link_lines(links):
        people.print(line)
    return OK


def link_lines(links: list[dict[str, Any]]) -> list[str]:
    """The linked matters, a line each, with what shows them."""
    return [
        f"关联  {RELATIONS[each['relation']]}{BY_NAME[each['kind']].called} {each['number']}"
        f"（rongcuo matter history {each['id']}）"
        for each in links
    ]


async def tell_duties(
    connection: asyncpg.Connection,
    register: asyncpg.Record,
    home: Path | None,
    *,
    json: bool,
    explain: bool,
    duty: str | None,
) -> int:
    """The duties of a registered matter as they stand now, explained where that is asked for."""
    now, id_ = datetime.now(UTC), register["matter_id"]
    rulebook = await as_released(rules_in_force(home=home), connection)
    found = (
        await duties_explained(connection, id_, register["version"], rulebook, now)
        if explain
        else await duties_of(connection, id_, rulebook.calendar, now)
    )
    if duty is not None:
        found = [_duty_named(duty, found)]
    if json:
        document({"case_number": register["number"], "duties": found})
        return OK
    table(
        ("事项", "对象", "期限", "届满", "状态", "条文"),
        (
            (
                each["label"],
                each["subject_label"],
                QUALIFIERS[each["qualifier"]],
                f"{each['due_on'] or ''}{'（推定）' if each['provisional'] else ''}",
                "逾期" if each["overdue"] else STATES[each["state"]],
                each["article"] or "未见",
            )
            for each in found
        ),
    )
    if explain:
        for each in found:
            people.print()
            for line in story_lines(each):
                people.print(line)
    return OK


def _duty_named(duty: str, found: list[dict[str, Any]]) -> dict[str, Any]:
    for each in found:
        if each["obligation_id"] == duty:
            return each
    named = "、".join(each["obligation_id"] for each in found)
    raise Refusal(
        Code.UNKNOWN_DUTY,
        asked="查看期限事项",
        obstacle=f"本案没有期限事项 {duty}",
        way_out=f"本案有 {named}" if named else "本案还没有期限事项",
    )


def place(after: str) -> tuple[date, UUID]:
    """Where the page before ended. Raises Refusal for what no page has said."""
    try:
        last_on, matter = after.split("~")
        return date.fromisoformat(last_on), UUID(matter)
    except ValueError:
        raise Refusal(
            Code.MALFORMED,
            asked="翻页",
            obstacle=f"--after 的值 {after} 不是上一页给出的",
            way_out="请原样填写上一页的 next，或不填而从头看起",
        ) from None
