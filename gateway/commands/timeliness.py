"""`stats timeliness`: on-time rates and durations in working days, and the duties behind them."""

import csv
import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Annotated, Any, Final

import asyncpg
from cyclopts import Parameter

from domain.law.calendar import civil_date
from domain.refusals import Code, Refusal
from gateway.commands.asking import HEADINGS
from gateway.commands.output import OK, USAGE, JsonOption, aside, document, people, table
from gateway.commands.reaching import HomeOption, RegionOption, reading
from gateway.commands.telling import one_moment
from gateway.duties import STATES
from gateway.reports import places
from gateway.rulebook import calendars
from projections.calendars import released
from projections.statistics import Question
from projections.timeliness import (
    STANDING,
    Timeliness,
    as_of,
    behind_timeliness,
    rules_known,
    timeliness,
)

GROUPS: Final = [*STANDING.dimensions]
TITLES: Final = HEADINGS | {"label": "事项", "article": "条文"}
BASES: Final = {"confirmed": "已核实", "provisional": "推定之日", "unconfirmed": "规则未核实"}
FIGURES: Final = {
    "met": "办结（项）",
    "on_time": "按期（项）",
    "late": "逾期办结（项）",
    "on_time_rate": "按期率（%）",
    "overdue": "逾期未办（项）",
    "waived": "免除（项）",
    "median_working_days": "中位（工作日）",
    "max_working_days": "最长（工作日）",
}
JUDGED: Final = {"on_time": "按期", "late": "逾期办结", "unjudged": "不论按期逾期", None: None}


async def show(
    *,
    region: RegionOption = None,
    since: Annotated[date | None, Parameter(name="--from", help="起（含），按办结之日。")] = None,
    until: Annotated[
        date | None, Parameter(name="--to", help="止（含）；逾期未办的截至这一天。")
    ] = None,
    known_at: Annotated[int | None, Parameter(help="按日志到这个位置时所知。")] = None,
    organ_kind: Annotated[
        str, Parameter(help="办理机关的类别：discipline（缺省）、personnel …，或 all。")
    ] = "discipline",
    by: Annotated[
        list[str] | None,
        Parameter(help=f"分组：{'、'.join(GROUPS)}；可多次，缺省为 rule。"),
    ] = None,
    rule: Annotated[
        str | None, Parameter(help="只看一种期限，如 answer 或 wuyang_2017.1:answer。")
    ] = None,
    boundaries: Annotated[
        date | None, Parameter(help="按哪一天的行政区划归并，缺省为今天。")
    ] = None,
    behind_them: Annotated[
        bool, Parameter(name="--list", negative=(), help="列出所计的每一项。")
    ] = False,
    home: HomeOption = None,
    json: JsonOption = False,
    as_csv: Annotated[bool, Parameter(name="--csv", negative=(), help="输出 CSV。")] = False,
) -> int:
    """时效：按期率，所用工作日的中位数和最长；推定之日、未核实的规则另列。"""
    groups = tuple(dict.fromkeys(by or ("rule",)))
    if unknown := [name for name in groups if name not in GROUPS]:
        aside.print(f"没有这样的分组：{'、'.join(unknown)}。分组有 {'、'.join(GROUPS)}。")
        return USAGE
    if behind_them and as_csv:
        aside.print("--list 的名单请用 --json 取得，--csv 只写各组的数。")
        return USAGE
    kind = None if organ_kind == "all" else organ_kind
    today = civil_date(datetime.now(UTC))
    async with reading(home) as connection, one_moment(connection):
        await _require_known(connection, rule)
        position = await connection.fetchval("SELECT position FROM views.position")
        into = await places(connection, region, boundaries or today, position)
        question = Question(region, since, until, known_at, kind, groups, into)
        calendar = calendars().with_editions(await released(connection, known_at))
        asked = (connection, question, calendar, today)
        found = await timeliness(*asked, rule=rule)
        listed = await behind_timeliness(*asked, rule=rule) if behind_them else []
        day = await as_of(connection, question, today)
    rows = [_told(each) for each in found]
    if json:
        position = position if known_at is None else min(position, known_at)
        answer = {
            "region": region,
            "from": since,
            "to": until,
            "organ_kind": kind,
            "by": groups,
            "rule": rule,
            "position": position,
            "overdue_as_of": day,
            "rows": rows,
        }
        document(answer | ({"behind": listed} if behind_them else {}))
    elif as_csv:
        _write_csv(rows, groups)
    else:
        _print(rows, groups)
        people.print(f"逾期未办的截至 {day}。")
        if behind_them:
            _print_list(listed)
    return OK


async def _require_known(connection: asyncpg.Connection, rule: str | None) -> None:
    if rule is None:
        return
    known = await rules_known(connection)
    if rule not in known:
        named = "、".join(sorted(each for each in known if ":" in each))
        raise Refusal(
            Code.UNKNOWN_ITEM,
            asked="统计时效",
            obstacle=f"没有起算过名为 {rule} 的期限",
            way_out=f"起算过的有 {named}" if named else "还没有起算过的期限",
        )


def _told(found: Timeliness) -> dict[str, Any]:
    figures = {name: getattr(found, name) for name in FIGURES}
    return {**found.group, "basis": found.basis, **figures}


def _columns(groups: Sequence[str]) -> dict[str, str]:
    """What stands over each column. People know a limit by its name and its article."""
    of_rule = ("label", "article") if "rule" in groups else ()
    named = {name: TITLES[name] for name in (*groups, *of_rule)}
    return {**named, "basis": "依据", **FIGURES}


def _cells(row: dict[str, Any], columns: dict[str, str]) -> list[Any]:
    told = {**row, "basis": BASES[row["basis"]]}
    if (median := row["median_working_days"]) is not None:
        told["median_working_days"] = f"{median:g}"
    return [told[name] for name in columns]


def _write_csv(rows: list[dict[str, Any]], groups: Sequence[str]) -> None:
    columns = _columns(groups)
    sys.stdout.write("\ufeff")  # so that office programs read it as UTF-8
    writer = csv.writer(sys.stdout)
    writer.writerow(columns.values())
    writer.writerows(_cells(row, columns) for row in rows)


def _print(rows: list[dict[str, Any]], groups: Sequence[str]) -> None:
    columns = _columns(groups)
    table([*columns.values()], (_cells(row, columns) for row in rows))


def _print_list(listed: list[dict[str, Any]]) -> None:
    people.print("\n所计的每一项")
    table(
        ("位置", "编号", "事项", "对象", "起算", "届满", "现状", "日期", "所用工作日", "逾期日数"),
        (
            (
                row["position"],
                row["number"],
                f"{row['label']}（{row['obligation_id']}）",
                row["subject_label"],
                row["start_on"],
                row["due_on"],
                "逾期未办" if row["overdue"] else JUDGED[row["timeliness"]] or STATES[row["state"]],
                row["moved_on"],
                row["working_days"],
                row["days_late"],
            )
            for row in listed
        ),
    )
