"""`demo`: the guiding cases of the sources, lived on real PostgreSQL and real Temporal."""

import time
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from domain.kinds import BY_NAME
from gateway.commands.output import (
    DIFFERENCE,
    FAILURE,
    OK,
    JsonOption,
    aside,
    document,
    people,
    table,
)
from gateway.demonstration import holds, report
from gateway.player import Played, check, play
from gateway.rulebook import Rulebook
from gateway.scenarios import scenario_in
from gateway.timeline import ByTemporal
from projections.definitions import EVERY, HEADLINE
from workers.home import Home, temporary_home
from workers.stack import running
from workers.store import PROJECTOR, connect_as
from workflows.clock import DrivenClock

SCENARIOS = Path(__file__).parents[2] / "tests" / "scenarios"


async def demo(
    *,
    keep: Annotated[
        Path | None, Parameter(help="数据留在这个目录，之后可用 up --home 打开。")
    ] = None,
    scenarios: Annotated[Path, Parameter(help="场景文件的目录。")] = SCENARIOS,
    json: JsonOption = False,
) -> int:
    """在真实的 PostgreSQL 和 Temporal 上走完来源所载的案件，并核对账目。

    有出入则退出码为 3。
    """
    files = sorted(scenarios.glob("*.yaml"))
    if not files:
        aside.print(
            f"目录 {scenarios} 里没有场景文件。请在源码目录运行，或用 --scenarios 指定目录。"
        )
        return FAILURE
    began = time.monotonic()
    played = [scenario_in(file) for file in files]
    clock = DrivenClock()
    with ExitStack() as held:
        home = Home(keep) if keep else held.enter_context(temporary_home())
        aside.print("启动 PostgreSQL 和 Temporal …")
        async with running(home, Rulebook.packaged(), clock) as stack:
            aside.print(
                f"就绪（{time.monotonic() - began:.1f} 秒）。案件按日期先后办理，时限逐一到期 …"
            )
            reader = await stack.reader()
            if await reader.fetchval("SELECT EXISTS (SELECT FROM log.events)"):
                aside.print(f"{home.path} 里已有案件；演示请另选一个空目录。")
                return FAILURE
            lives = await play(played, stack.office, ByTemporal(clock, stack, reader), tell=_tell)
            for life in lives:
                await check(life, reader)
            aside.print("核对：日志、视图重建、统计复算 …")
            projector = await connect_as(PROJECTOR, stack.address)
            found = await report(lives, reader, projector) | {"stack": stack.versions()}
            await projector.close()
            await reader.close()
    if json:
        document(found)
    else:
        _print(found)
    aside.print(f"用时 {time.monotonic() - began:.1f} 秒。" + (f"数据在 {keep}。" if keep else ""))
    return OK if holds(found) else DIFFERENCE


def _tell(life: Played, number: int) -> None:
    act, of = life.scenario.acts[number], len(life.scenario.acts)
    refused = f"，按预期被拒绝（{act.expect.refused}）" if act.expect else ""
    number_of = f"{number + 1}/{of}"
    aside.print(f"  {act.on} {life.scenario.case_number} {act.act}（{number_of}）{refused}")


def _print(found: dict[str, Any]) -> None:
    for case in found["cases"]:
        people.print(f"\n■ {case['title']}")
        under = f"，{case['policy']}" if case["policy"] else ""
        people.print(f"  案号 {case['case_number']}{under}；来源 {case['source']}")
        for each in case["matters"]:
            told = f"{BY_NAME[each['kind']].called} {each['number']}，{each['policy']}"
            people.print(f"  {told}：{each['stage_label']}")
        if case["note"]:
            people.print(f"  （{case['note']}）")
        for event in case["events"]:
            basis = f"〔{'；'.join(event['articles'])}〕" if event["articles"] else ""
            people.print(f"    {event['sentence']}{basis}")
        for refusal in case["refusals"]:
            people.print(f"  被拒绝 {refusal['message']}")
        for lines in case["derivations"]:
            people.print("  期限的由来")
            for line in lines:
                people.print(f"    {line}")
    people.print("\n■ 统计（各类机关，全部案件）")
    table(
        ("指标", "数", "单位"),
        (
            (measure.label, found["statistics"][measure.name], measure.unit)
            for measure in EVERY
            if measure in HEADLINE or found["statistics"][measure.name]
        ),
    )
    people.print("\n■ 时限")
    called = found["timers"]
    people.print(f"  催办和提醒 {called['reminded']} 次，逾期 {called['overdue']} 项", end="")
    people.print(f"，督办 {called['escalated']} 次")
    people.print("\n■ 核对")
    audit = found["audit"]
    for holding, what in (
        (audit["dense"], f"日志 {audit['events']} 个事件，位置和版本连续"),
        (audit["projections_equal"], "视图由日志重建，逐字节一致"),
        (audit["statistics_equal"], "统计与逐案复算一致"),
        (not found["differences"], "各案与预期一致"),
    ):
        people.print(f"  {'✓' if holding else '✗'} {what}")
    for each in found["differences"]:
        people.print(f"    {each['case_number']} {each['difference']}")
    people.print(
        f"  PostgreSQL {found['stack']['postgres']}，Temporal {found['stack']['temporal']}"
    )
