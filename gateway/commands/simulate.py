"""`simulate`: a synthetic province in an empty store, its figures those of the published source."""

import time
from datetime import date
from functools import partial
from pathlib import Path
from typing import Annotated, Final

from cyclopts import Parameter, validators

from domain.law.calendar import start_of
from gateway.commands.output import DIFFERENCE, FAILURE, OK, JsonOption, aside, document, people
from gateway.commands.output import table as print_table
from gateway.regions import region_tree
from gateway.rulebook import Rulebook
from gateway.simulation.plan import (
    MOST,
    REACH,
    REGION,
    SEED,
    SINCE,
    SUBJECTS,
    UNTIL,
    Province,
    planned,
)
from gateway.simulation.run import Lived, StandingClock, live
from projections.definitions import HEADLINE
from projections.follower import Follower
from projections.statistics import Question, count
from workers.addresses import DatabaseAddress
from workers.home import Home
from workers.store import PROJECTOR, READER, connect_as, database_of, open_store
from workflows.office import Office

SHOWN: Final = tuple(each for each in HEADLINE if each.id.startswith("M"))  # M1 to M6


def _hubei(_: object, told: str) -> None:
    if told != REGION:
        raise ValueError(f"目前只能模拟湖北（{REGION}），其他地区没有可以对照的公开数字")


async def simulate(
    *,
    home: Annotated[Path, Parameter(help="数据目录，须是空的；之后可用 stats --home 查询。")],
    region: Annotated[str, Parameter(validator=_hubei, help="省，目前只有 42（湖北）。")] = REGION,
    subjects: Annotated[
        int,
        Parameter(
            validator=validators.Number(gte=1, lte=MOST),
            help="期间内容错的干部应有几名，其余按比例增减。",
        ),
    ] = SUBJECTS,
    seed: Annotated[int, Parameter(help="随机数的种子；同一种子得到同一个省。")] = SEED,
    json: JsonOption = False,
) -> int:
    """在空的数据目录里模拟一个省的容错案件，使公开的数字可以从事件数出来。

    人和事全部虚构，案号和对象都写明“模拟”。数出来的与计划不符则退出码为 3。
    """
    began = time.monotonic()
    rulebook = Rulebook.packaged()
    province = planned(rulebook.calendar, region_tree(), subjects, seed)
    async with database_of(Home(home)) as address:
        if not await _is_empty(address):
            aside.print(f"{home} 里已有案件；模拟请另选一个空目录。")
            return FAILURE
        aside.print(f"模拟：{len(province.cases)} 件案件，全部虚构，逐日办理 …")
        lived = await _live(province, address, rulebook)
        figures = await _figures(address, region)
    taken = time.monotonic() - began
    aside.print(f"办理 {lived.acts} 项，用时 {taken:.1f} 秒。")
    expected = province.figures()
    if json:
        given = {"region": region, "from": SINCE, "to": UNTIL, "seed": seed}
        compared = {"figures": figures, "expected": expected, "ask": _ask_again(home)}
        document({"synthetic": True, **given, **vars(lived), **compared})
    else:
        _print(figures, expected, home)
    return OK if figures == expected else DIFFERENCE


async def _is_empty(address: DatabaseAddress) -> bool:
    reader = await connect_as(READER, address)
    try:
        return not await reader.fetchval("SELECT EXISTS (SELECT FROM log.events)")
    finally:
        await reader.close()


async def _live(province: Province, address: DatabaseAddress, rulebook: Rulebook) -> Lived:
    clock = StandingClock(start_of(REACH[0]))
    with open_store(address) as store:
        return await live(province, Office(store, rulebook, clock), clock, rulebook, _Progress())


class _Progress:
    """Tells once a month how far it has come."""

    def __init__(self) -> None:
        self._month = (0, 0)

    def __call__(self, day: date, done: int, of: int) -> None:
        month = (day.year, day.month)
        if month != self._month:
            self._month = month
            aside.print(f"  {day:%Y-%m}：{done}/{of} 项")


async def _figures(address: DatabaseAddress, region: str) -> dict[str, int]:
    """M1 to M6 of the window, by the views."""
    await Follower(partial(connect_as, PROJECTOR, address)).catch_up()
    reader = await connect_as(READER, address)
    try:
        (row,) = await count(reader, Question(region, SINCE, UNTIL), SHOWN)
    finally:
        await reader.close()
    return {each.id: row[each.name] for each in SHOWN}


def _ask_again(home: Path) -> str:
    return f"rongcuo stats --region {REGION} --from {SINCE} --to {UNTIL} --home {home}"


def _print(figures: dict[str, int], expected: dict[str, int], home: Path) -> None:
    people.print(f"模拟数据，并无其事。湖北省，{SINCE} 至 {UNTIL}，纪检监察机关：")
    print_table(
        ("指标", "", "数", "单位", "计划"),
        ((each.id, each.label, figures[each.id], each.unit, expected[each.id]) for each in SHOWN),
    )
    people.print(f"再查：{_ask_again(home)}")
