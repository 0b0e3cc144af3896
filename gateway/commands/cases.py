"""`case …`: where cases stand, what happened, what is due and why."""

import json as json_format
from typing import Annotated, Any

import asyncpg
from cyclopts import App, Parameter, validators

from domain.tolerance.case import ToleranceCase
from domain.tolerance.state import STAGES, Stage, Standing
from gateway.commands.output import OK, JsonOption, document, people, table
from gateway.commands.reaching import HomeOption, RegionOption, no_such_case, reading
from gateway.commands.telling import (
    DutyOption,
    ExplainOption,
    one_moment,
    place,
    registered,
    tell_duties,
    tell_history,
)
from projections.statistics import region_prefix
from projections.words import OUTCOMES, STANDINGS

case = App(name="case", help="案件：列表、现状、经过、期限。")


@case.command(name="list")
async def list_cases(
    *,
    stage: Annotated[Stage | None, Parameter(help="只看处于某环节的。")] = None,
    region: RegionOption = None,
    after: Annotated[str | None, Parameter(help="接着上一页：填上一页的 next。")] = None,
    limit: Annotated[
        int, Parameter(help="每页件数。", validator=validators.Number(gte=1, lte=1000))
    ] = 50,
    home: HomeOption = None,
    json: JsonOption = False,
) -> int:
    """列出案件，最近有行为的在前。"""
    last_on, matter = place(after) if after else (None, None)
    async with reading(home) as connection:
        rows = await connection.fetch(
            """
            SELECT * FROM views.case_register
            WHERE ($1::text IS NULL OR stage = $1) AND ($2::text IS NULL OR region LIKE $2 || '%')
              AND ($3::date IS NULL OR (last_on, matter_id) < ($3, $4::uuid))
            ORDER BY last_on DESC, matter_id DESC LIMIT $5
            """,
            stage,
            region_prefix(region) if region else None,
            last_on,
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
    """一件案件的经过：每个事件一句话，和与之关联的事项。"""
    async with reading(home) as connection:
        return await tell_history(
            connection, await registered(connection, number, ToleranceCase.kind), json
        )


@case.command
async def duties(
    number: str,
    /,
    *,
    explain: ExplainOption = False,
    duty: DutyOption = None,
    home: HomeOption = None,
    json: JsonOption = False,
) -> int:
    """一件案件的期限事项。"""
    async with reading(home) as connection, one_moment(connection):
        found = await registered(connection, number, ToleranceCase.kind)
        return await tell_duties(connection, found, home, json=json, explain=explain, duty=duty)


async def _find(connection: asyncpg.Connection, number: str) -> asyncpg.Record:
    row = await connection.fetchrow(
        "SELECT * FROM views.case_register WHERE case_number = $1 OR matter_id::text = $1", number
    )
    if row is None:
        raise no_such_case("查看案件", number)
    return row


def _case(row: asyncpg.Record) -> dict[str, Any]:
    return {**row, "subjects": json_format.loads(row["subjects"])}


def _subjects(row: asyncpg.Record) -> str:
    return "；".join(
        f"{each['label']} {_standing(each)}" for each in json_format.loads(row["subjects"])
    )


def _standing(subject: dict[str, Any]) -> str:
    """The outcome in effect, with what else is going on; or how far it has come."""
    outcome = OUTCOMES.get(subject["outcome"])
    standing = STANDINGS[subject["standing"]]
    if outcome is None:
        return standing
    return outcome if subject["standing"] == Standing.DETERMINED else f"{outcome}（{standing}）"
