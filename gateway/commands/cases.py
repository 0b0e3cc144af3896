"""`case …`: where cases stand, what happened, what is due and why."""

import json as json_format
from datetime import UTC, date, datetime
from typing import Annotated, Any

import asyncpg
from cyclopts import App, Parameter

from domain.law.calendar import civil_date
from domain.law.periods import TimeUnit, period
from domain.refusals import Code, Refusal
from domain.tolerance.case import STAGES, Stage
from gateway.commands.output import OK, JsonOption, document, people, table
from gateway.commands.reaching import HomeOption, reading
from gateway.commands.rulebook import QUALIFIERS, derivation
from gateway.rulebook import calendars
from projections.sentences import OUTCOMES

case = App(name="case", help="案件：列表、现状、经过、期限。")

STATES = {
    "open": "在办",
    "met": "已办",
    "met_late": "逾期办结",
    "lapsed": "终止",
    "elapsed": "期满",
}


@case.command(name="list")
async def list_cases(
    *,
    stage: Annotated[Stage | None, Parameter(help="只看处于某环节的。")] = None,
    region: Annotated[
        str | None, Parameter(help="办理机关的行政区划代码，可只写前两位或四位。")
    ] = None,
    after: Annotated[str | None, Parameter(help="接着上一页：填上一页的 next。")] = None,
    limit: Annotated[int, Parameter(help="每页件数。")] = 50,
    home: HomeOption = None,
    json: JsonOption = False,
) -> int:
    """列出案件，最近有行为的在前。"""
    last_on, matter = after.split("~") if after else (None, None)
    async with reading(home) as connection:
        rows = await connection.fetch(
            """
            SELECT * FROM views.case_register
            WHERE ($1::text IS NULL OR stage = $1) AND ($2::text IS NULL OR region LIKE $2 || '%')
              AND ($3::date IS NULL OR (last_on, matter_id) < ($3, $4::uuid))
            ORDER BY last_on DESC, matter_id DESC LIMIT $5
            """,
            stage,
            region,
            date.fromisoformat(last_on) if last_on else None,
            matter,
            limit + 1,
        )
    page, more = rows[:limit], len(rows) > limit
    following = f"{page[-1]['last_on']}~{page[-1]['matter_id']}" if more else None
    if json:
        document({"cases": [_case(row) for row in page], "next": following})
        return OK
    table(
        ("案号", "办法", "环节", "办理机关", "对象与认定", "最近行为"),
        (
            (
                row["case_number"],
                row["policy"],
                STAGES[Stage(row["stage"])][0],
                row["organ_name"],
                _subjects(row),
                row["last_on"],
            )
            for row in page
        ),
    )
    if following:
        people.print(f"还有更多：加 --after {following}")
    return OK


@case.command
async def show(number: str, /, *, home: HomeOption = None, json: JsonOption = False) -> int:
    """一件案件的现状。可写案号或编号（UUID）。"""
    async with reading(home) as connection:
        row = await _find(connection, number)
    if json:
        document(_case(row))
        return OK
    table(
        ("项目", "内容"),
        (
            ("案号", row["case_number"]),
            ("编号", row["matter_id"]),
            ("办法", row["policy"]),
            ("环节", STAGES[Stage(row["stage"])][0]),
            ("办理机关", row["organ_name"]),
            ("对象与认定", _subjects(row)),
            ("启动", row["opened_on"]),
            ("最近行为", row["last_on"]),
            ("版本", row["version"]),
        ),
    )
    return OK


@case.command
async def history(number: str, /, *, home: HomeOption = None, json: JsonOption = False) -> int:
    """一件案件的经过：每个事件一句话。"""
    async with reading(home) as connection:
        row = await _find(connection, number)
        events = await connection.fetch(
            "SELECT position, version, topic, effective_on, recorded_at, officer, role, organ,"
            " sentence, articles, policy, calendars, command_key, late_entry"
            " FROM views.audit_trail WHERE matter_id = $1 ORDER BY version",
            row["matter_id"],
        )
    if json:
        document({"case_number": row["case_number"], "events": [dict(each) for each in events]})
        return OK
    for each in events:
        basis = f"〔{'；'.join(each['articles'])}〕" if each["articles"] else ""
        people.print(f"{each['version']:>3}  {each['sentence']}{basis}")
    return OK


@case.command
async def duties(
    number: str,
    /,
    *,
    explain: Annotated[bool, Parameter(negative=(), help="逐条说明怎样算出届满之日。")] = False,
    home: HomeOption = None,
    json: JsonOption = False,
) -> int:
    """一件案件的期限事项。"""
    async with reading(home) as connection:
        row = await _find(connection, number)
        found = [duty(each) for each in await duties_of(connection, row["matter_id"])]
    if json:
        document({"case_number": row["case_number"], "duties": found})
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
            for line in explanation(each):
                people.print(line)
    return OK


async def duties_of(connection: asyncpg.Connection, matter_id: Any) -> list[asyncpg.Record]:
    return await connection.fetch(
        "SELECT * FROM views.due_list WHERE matter_id = $1 ORDER BY start_on, obligation_id",
        matter_id,
    )


def duty(row: asyncpg.Record, now: datetime | None = None) -> dict[str, Any]:
    """A duty with its derivation, and whether it is overdue today."""
    told = {key: value for key, value in row.items() if key != "matter_id"}
    today = civil_date(now or datetime.now(UTC))
    told["overdue"] = bool(
        row["state"] == "open"
        and row["due_on"]
        and not row["provisional"]
        and row["qualifier"] != "period"
        and today > row["due_on"]
    )
    told["derivation"] = None
    if row["amount"] is not None:
        known = calendars().using(row["calendars"])
        told["derivation"] = derivation(
            period(row["start_on"], row["amount"], TimeUnit(row["unit"]), known, roll=row["roll"])
        )
    return told


def explanation(told: dict[str, Any]) -> list[str]:
    """A duty's derivation in lines: from which event, how counted, which days and why."""
    about = f"（{told['subject_label']}）" if told["subject_label"] else ""
    lines = [f"{told['label']}{about}：自 {told['start_on']} 起算，当日不计"]
    found = told["derivation"]
    if found is None:
        return [*lines, f"  {QUALIFIERS[told['qualifier']]}，没有届满之日"]
    lines += [f"  不计 {day['on']} {day['why']}" for day in found["skipped"]]
    lines += [f"  计入 {day['on']} {day['why']}" for day in found["added"]]
    lines.append(f"  {found['due_on']} 届满；日历 {'、'.join(told['calendars']) or '未用到'}")
    if not told["confirmed"]:
        lines.append("  （起点或时限未核实）")
    return lines


async def _find(connection: asyncpg.Connection, number: str) -> asyncpg.Record:
    row = await connection.fetchrow(
        "SELECT * FROM views.case_register WHERE case_number = $1 OR matter_id::text = $1", number
    )
    if row is None:
        raise Refusal(
            Code.CASE_NOT_FOUND,
            asked="查看案件",
            obstacle=f"没有案号或编号为 {number} 的案件",
            way_out="请用 rongcuo case list 核对",
        )
    return row


def _case(row: asyncpg.Record) -> dict[str, Any]:
    return {**row, "subjects": json_format.loads(row["subjects"])}


def _subjects(row: asyncpg.Record) -> str:
    return "；".join(
        f"{each['label']} {OUTCOMES[each['outcome']] if each['outcome'] else '未认定'}"
        for each in json_format.loads(row["subjects"])
    )
