"""What is measured is what it says: usual cases, clocks that wait, times beside a baseline."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

import benchmarks.clocks
import benchmarks.servers
import benchmarks.sides
from benchmarks.clocks import TURN, WARM_UP, Sides, in_turns, make_due, rebuilding, sides
from benchmarks.lives import SIZE, case_of
from benchmarks.measure import beside, medians
from benchmarks.sides import BARE, OURS, TABLE, Side
from domain.tolerance.case import ToleranceCase
from domain.tolerance.state import Stage
from workers.addresses import DatabaseAddress
from workers.home import temporary_home
from workers.timekeeper import Swept, Timekeeper


def test_the_measured_case_has_sixty_events_and_is_still_to_be_decided() -> None:
    events = case_of()
    case = ToleranceCase.project(None, events)
    assert (len(events), case and case.stage) == (SIZE, Stage.VERIFIED)
    assert case is not None
    assert [each.state for each in case.obligations.open()]


def test_a_baseline_is_one_to_itself_and_stands_first() -> None:
    ran: list[str] = []
    rows = [
        *medians(
            "范围",
            baseline=("基准", lambda: ran.append("b")),
            measured={"项目": lambda: ran.append("m")},
            rounds=3,
        )
    ]
    assert next((row.what, row.ratio == 1) for row in rows) == ("基准", True)
    assert ran == ["b", "m"] * 4  # once for the caches, then in turn


def test_a_second_baseline_has_its_own_ratio() -> None:
    rows = [*beside("范围", {"裸": [2.0, 2.0], "我": [3.0], "表": [1.0]}, unit="秒", table="表")]
    assert [(row.value, row.ratio, row.to_table) for row in rows] == [
        (2, 1, 2),
        (3, 1.5, 3),
        (1, 0.5, 1),
    ]
    assert [(row.low, row.high) for row in rows] == [(2, 2), (3, 3), (1, 1)]


@pytest.fixture
async def made(database: DatabaseAddress, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Sides]:
    monkeypatch.setattr(benchmarks.servers, "LIMIT_S", 60)
    monkeypatch.setattr(benchmarks.sides, "LIMIT_S", 60)
    monkeypatch.setattr(benchmarks.clocks, "SPARE_S", 1.5)
    with temporary_home() as home:
        async with sides(home, database) as made:
            yield made


async def test_a_clock_waits_only_once_its_timer_stands_in_temporal(made: Sides) -> None:
    await made.ours.file(3)
    await made.ours.follow()
    for name, side in made.on_temporal.items():
        await side.temporal.rest()
        assert await made.named[name].start(3) == 3
        assert side.temporal.waiting() == 0  # acknowledged, and nobody has set a timer
        await side.temporal.work()
        await side.temporal.until_waiting(3)
        assert side.temporal.waiting() == 3


async def test_what_falls_due_is_dealt_with_at_its_instant_and_nothing_else_is(made: Sides) -> None:
    await made.ours.file(2)
    await made.ours.follow()
    for side in made.named.values():
        await side.start(2)
    async with made.ours.by_itself():
        for name, side in made.named.items():
            at = await make_due(side, 4, each_s=0)
            late = [(each - at).total_seconds() for each in await side.taken_down()]
            assert (name, len(late)) == (name, 4)
            assert all(0 <= each < 30 for each in late), (name, late)
    await made.ours.temporal.until_waiting(6)  # two far ones, and four for their next moment
    assert (made.ours.clocks, made.bare.clocks, made.bare.temporal.waiting()) == (6, 2, 2)


async def test_those_too_late_for_their_instant_are_not_waited_for_but_dealt_with(
    made: Sides,
) -> None:
    async with made.ours.by_itself():
        for name in made.on_temporal:
            side = made.named[name]
            await side.due(3, datetime.now(UTC) - timedelta(seconds=1))
            assert (name, len(await side.taken_down())) == (name, 3)
    assert made.bare.clocks == 0


async def test_a_killed_server_has_its_clocks_again_and_they_answer(made: Sides) -> None:
    await made.ours.file(2)
    await made.ours.follow()
    for name, side in made.on_temporal.items():
        await made.named[name].start(2)
        await side.temporal.until_waiting(2)
        await side.temporal.kill()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(side.answer(), 0.5)
        await side.temporal.start()
        assert side.temporal.waiting() == 2
        await asyncio.wait_for(side.answer(), 20)


async def test_rebuilding_ends_when_every_lost_clock_waits_again(
    made: Sides, monkeypatch: pytest.MonkeyPatch
) -> None:
    await made.ours.file(3)
    await made.ours.follow()
    await made.ours.start(3)
    await made.ours.temporal.until_waiting(3)
    bare, ours = await rebuilding(made, each_s=0.5)
    assert made.ours.temporal.waiting() == 3
    assert (bare.value, ours.ratio) == (1.5, ours.value / 1.5)
    # the control: nobody looks at what is lost
    monkeypatch.setattr(Timekeeper, "sweep", nothing_found)
    monkeypatch.setattr(benchmarks.sides, "LIMIT_S", 0.5)
    with pytest.raises(TimeoutError):
        await rebuilding(made, each_s=0.5)
    assert made.ours.temporal.waiting() == 0


async def nothing_found(*_: object) -> Swept:
    return Swept(0, 0)


class Noted:
    """A side that only notes what it is asked for."""

    def __init__(self, name: str, asked: list[tuple[str, int]], late_s: float = 0) -> None:
        self.temporal = self
        self._name, self._asked, self._late_s = name, asked, late_s

    async def start(self, count: int) -> int:
        self._asked.append((self._name, count))
        return count

    async def until_waiting(self, clocks: int) -> None:
        self._asked.append((f"{self._name} waits", clocks))

    async def due(self, count: int, at: datetime) -> None:
        self._asked.append((self._name, count))
        past = at + timedelta(seconds=self._late_s) - datetime.now(UTC)
        await asyncio.sleep(past.total_seconds() if self._late_s else 0)
        self._late_s = 0

    async def taken_down(self) -> list[datetime]:
        self._asked.append((f"{self._name} taken down", 0))
        return []


async def test_each_side_starts_as_many_in_turns_of_changing_order() -> None:
    asked: list[tuple[str, int]] = []
    noted: Any = [Noted(name, asked) for name in ("ours", "bare", "table")]
    answered, waiting = await in_turns(Sides(*noted), TURN + 50)
    assert asked == [
        *(("bare", TURN), ("bare waits", WARM_UP + TURN)),
        *(("ours", TURN), ("ours waits", WARM_UP + TURN)),
        ("table", TURN),
        *(("ours", 50), ("ours waits", WARM_UP + TURN + 50)),
        *(("bare", 50), ("bare waits", WARM_UP + TURN + 50)),
        ("table", 50),
    ]
    assert {name: len(each) for name, each in answered.items()} == {BARE: 2, OURS: 2, TABLE: 2}
    assert {name: len(each) for name, each in waiting.items()} == {BARE: 2, OURS: 2}


async def test_an_instant_that_came_before_all_were_waiting_is_no_measure(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(benchmarks.clocks, "SPARE_S", 0.1)
    asked: list[tuple[str, int]] = []
    at = await make_due(cast("Side", Noted("a", asked, late_s=0.01)), 7, each_s=0)
    assert asked == [("a", 7), ("a taken down", 0), ("a", 7)]
    assert at > datetime.now(UTC)
