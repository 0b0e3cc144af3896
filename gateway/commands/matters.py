"""`matter …`: matters of every kind, and `person …`: all that concerns one person."""

import json as json_format
from typing import Annotated, Any

import asyncpg
from cyclopts import App, Parameter, validators

from domain.identities import MergeIdentities
from domain.kinds import BY_NAME, KINDS
from domain.refusals import Code, Refusal
from gateway.commands.acting import Who, acting
from gateway.commands.output import OK, JsonOption, document, people, table
from gateway.commands.reaching import HomeOption, RegionOption, reading
from gateway.commands.rules_in_force import rules_in_force
from gateway.commands.telling import (
    DutyOption,
    ExplainOption,
    link_lines,
    one_moment,
    place,
    registered,
    tell_duties,
    tell_history,
)
from projections.statistics import region_prefix

matter = App(name="matter", help="各类事项：列表、现状、经过、期限。")
person = App(name="person", help="人员：与其有关的全部事项。")


def _a_kind(_: object, told: str | None) -> None:
    if told is not None and told not in BY_NAME:
        raise ValueError(f"没有这类事项，只能写 {'、'.join(BY_NAME)}")


KindOption = Annotated[
    str | None, Parameter(validator=_a_kind, help="事项的类别，见 rongcuo matter kinds。")
]


@matter.command
def kinds(*, json: JsonOption = False) -> int:
    """列出事项的类别，以及各类可用的办法。"""
    companions = rules_in_force().companions.values()
    found = [
        {
            "kind": name,
            "called": kind.matter.called,
            "opens_with": kind.opening.name,
            "instruments": [each.reference for each in companions if each.kind == name],
        }
        for name, kind in KINDS.items()
    ]
    if json:
        document(found)
        return OK
    table(
        ("类别", "称呼", "由何开始", "办法"),
        (
            (each["kind"], each["called"], each["opens_with"], "、".join(each["instruments"]))
            for each in found
        ),
    )
    return OK


@matter.command(name="list")
async def list_matters(
    *,
    kind: KindOption = None,
    person: Annotated[str | None, Parameter(help="只看以此人（编号）为对象的。")] = None,
    open_only: Annotated[bool, Parameter(name="--open", negative=(), help="只看在办的。")] = False,
    region: RegionOption = None,
    after: Annotated[str | None, Parameter(help="接着上一页：填上一页的 next。")] = None,
    limit: Annotated[
        int, Parameter(help="每页件数。", validator=validators.Number(gte=1, lte=1000))
    ] = 50,
    home: HomeOption = None,
    json: JsonOption = False,
) -> int:
    """列出各类事项，最近有行为的在前。"""
    last_on, last = place(after) if after else (None, None)
    async with reading(home) as connection:
        rows = await connection.fetch(
            """
            SELECT * FROM views.matter_register
            WHERE ($1::text IS NULL OR kind = $1) AND ($2::text IS NULL OR region LIKE $2 || '%')
              AND ($3::jsonb IS NULL OR subjects @> $3) AND (open OR NOT $4)
              AND ($5::date IS NULL
                   OR (coalesce(last_on, DATE '0001-01-01'), matter_id) < ($5, $6::uuid))
            ORDER BY coalesce(last_on, DATE '0001-01-01') DESC, matter_id DESC LIMIT $7
            """,
            kind,
            region_prefix(region) if region else None,
            _of_person(person),
            open_only,
            last_on,
            last,
            limit + 1,
        )
    page, more = rows[:limit], len(rows) > limit
    following = f"{page[-1]['last_on'] or '0001-01-01'}~{page[-1]['matter_id']}" if more else None
    if json:
        document({"matters": [_told(row) for row in page], "next": following})
        return OK
    _table(page)
    if following:
        people.print(f"还有更多：加 --after {following}")
    return OK


@matter.command
async def show(
    number: str, /, *, kind: KindOption = None, home: HomeOption = None, json: JsonOption = False
) -> int:
    """一件事项的现状，和与之关联的事项。可写编号或标识（UUID）。"""
    async with reading(home) as connection:
        row = await registered(connection, number, kind)
    if json:
        document(_told(row))
        return OK
    table(
        ("项目", "内容"),
        (
            ("类别", BY_NAME[row["kind"]].called),
            ("编号", row["number"]),
            ("标识", row["matter_id"]),
            ("办法", row["policy"]),
            ("环节", row["stage_label"]),
            ("办理机关", row["organ_name"]),
            ("对象", _labels(row)),
            ("最近行为", row["last_on"]),
            ("版本", row["version"]),
        ),
    )
    for line in link_lines(json_format.loads(row["links"])):
        people.print(line)
    return OK


@matter.command
async def history(
    number: str, /, *, kind: KindOption = None, home: HomeOption = None, json: JsonOption = False
) -> int:
    """一件事项的经过：每个事件一句话，和与之关联的事项。"""
    async with reading(home) as connection:
        return await tell_history(connection, await registered(connection, number, kind), json)


@matter.command
async def duties(
    number: str,
    /,
    *,
    kind: KindOption = None,
    explain: ExplainOption = False,
    duty: DutyOption = None,
    home: HomeOption = None,
    json: JsonOption = False,
) -> int:
    """一件事项的期限。"""
    async with reading(home) as connection, one_moment(connection):
        found = await registered(connection, number, kind)
        return await tell_duties(connection, found, home, json=json, explain=explain, duty=duty)


@person.command(name="show")
async def show_person(id: str, /, *, home: HomeOption = None, json: JsonOption = False) -> int:
    """以一人（编号）为对象的全部事项；编号归并过的，各编号的都列。"""
    async with reading(home) as connection:
        numbers = await _numbers(connection, id)
        rows = await connection.fetch(
            "SELECT * FROM views.matter_register WHERE subjects @> ANY($1::jsonb[])"
            " ORDER BY last_on DESC NULLS LAST, matter_id",
            [_of_person(number) for number in numbers],
        )
    if not rows:
        raise _nobody(id, "查看人员")
    if json:
        document({"person": id, "numbers": numbers, "matters": [_told(row) for row in rows]})
        return OK
    if len(numbers) > 1:
        people.print(f"{numbers[0]}（曾用编号：{'、'.join(numbers[1:])}）")
    _table(rows)
    return OK


@person.command
async def merge(
    merged: str,
    kept: str,
    /,
    who: Who,
    *,
    because: Annotated[str, Parameter(help="何以认定是同一人。")],
    home: HomeOption = None,
    json: JsonOption = False,
) -> int:
    """归并身份：查明两个编号是同一人，今后以第二个编号计。不能撤回；须有批准文号。"""
    act = MergeIdentities(merged=merged, kept=kept, explanation=because)
    async with acting(home) as (office, views):
        for number in (merged, kept):
            if not await views.fetchval(
                "SELECT EXISTS (SELECT FROM views.matter_register WHERE subjects @> $1::jsonb)",
                _of_person(number),
            ):
                raise _nobody(number, act.label)
        receipt = office.on_identities(act, who.request())
    if json:
        document({"merged": merged, "kept": kept, "position": receipt.position})
        return OK
    people.print(f"{merged} 已并入 {kept}（日志第 {receipt.position} 号起）")
    return OK


async def _numbers(connection: asyncpg.Connection, id: str) -> list[str]:
    """The number that stands for a person, then those given up for it."""
    rows = await connection.fetch(
        "SELECT DISTINCT ON (subject_id) subject_id, kept FROM views.identities"
        " ORDER BY subject_id, position DESC"
    )
    kept = {row["subject_id"]: row["kept"] for row in rows}
    stands = kept.get(id, id)
    return [stands, *(number for number, by in kept.items() if by == stands)]


def _nobody(id: str, asked: str) -> Refusal:
    return Refusal(
        Code.CASE_NOT_FOUND,
        asked=asked,
        obstacle=f"没有以 {id} 为对象的事项",
        way_out="请核对人员编号：rongcuo matter show --json 的 subjects 里写着",
    )


def _of_person(id: str | None) -> str | None:
    return None if id is None else json_format.dumps([{"id": id}])


def _told(row: asyncpg.Record) -> dict[str, Any]:
    parts = {key: json_format.loads(row[key]) for key in ("subjects", "links")}
    return {**row, **parts}


def _labels(row: asyncpg.Record) -> str:
    return "、".join(each["label"] for each in json_format.loads(row["subjects"]))


def _table(rows: list[asyncpg.Record]) -> None:
    table(
        ("类别", "编号", "环节", "办理机关", "对象", "最近行为"),
        (
            (
                BY_NAME[row["kind"]].called,
                row["number"],
                row["stage_label"],
                row["organ_name"],
                _labels(row),
                row["last_on"],
            )
            for row in rows
        ),
    )
