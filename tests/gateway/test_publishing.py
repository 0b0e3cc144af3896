"""`rongcuo calendar publish …`: one prepares, another releases, and the open days follow."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from importlib.resources import files
from typing import Any

import pytest

from gateway import rulebook
from gateway.rulebook import Rulebook
from tests.support.spring import BEGUN, NOTICE_CAME, begin
from workers.home import temporary_home
from workers.stack import Stack, running
from workflows.clock import DrivenClock

HE = ("--by", "he", "--role", "日历管理员", "--organ", "cdi")
MA = ("--by", "ma", "--role", "案管室主任", "--organ", "cdi")
FILE = str(files("domain.law") / "calendars" / "2020.yaml")
Ran = tuple[int, str, str]
Run = Callable[..., Ran]


@pytest.fixture(autouse=True)
def _a_program_from_before_the_notice(monkeypatch: pytest.MonkeyPatch) -> None:
    brought = rulebook.calendars().as_known_on(BEGUN)
    monkeypatch.setattr(rulebook, "calendars", lambda: brought)
    monkeypatch.setattr("gateway.commands.calendar_of.calendars", lambda: brought)
    monkeypatch.setattr("gateway.doctor.calendars", lambda: brought)


@pytest.fixture
async def stack() -> AsyncIterator[Stack]:
    """Everything running in the January of 2020, with three cases begun."""
    clock = DrivenClock()
    clock.jump_to(NOTICE_CAME.replace(day=BEGUN.day))
    with temporary_home() as home:
        async with running(home, Rulebook.packaged(), clock) as stack:
            for number in range(3):
                begin(stack.office, number)
            clock.jump_to(NOTICE_CAME)
            yield stack


def asked(ran: Ran) -> Any:
    exit_code, out, err = ran
    assert exit_code == 0, err
    return json.loads(out)


async def test_an_edition_is_published_and_the_open_days_follow(run: Run, stack: Stack) -> None:
    at = ("--home", str(stack.home.path), "--json")

    async def ran(*arguments: str) -> Ran:
        return await asyncio.to_thread(run, *arguments, *at)

    exit_code, _, err = await ran("calendar", "publish", FILE, *HE)
    assert (exit_code, json.loads(err)["code"]) == (1, "already_done")
    assert asked(await ran("calendar", "amend", FILE, *HE))["edition"] == "2020.2"
    assert [each["edition"] for each in asked(await ran("calendar", "list"))][-1] == 1
    exit_code, _, err = await ran("calendar", "release", "2020.2", *HE)
    assert (exit_code, json.loads(err)["code"]) == (1, "same_person")

    told = asked(await ran("calendar", "release", "2020.2", *MA, "--wait"))

    assert (told["state"], told["looked_at"], len(told["redated"])) == ("applied", 3, 3)
    assert {(each["was_due_on"], each["due_on"]) for each in told["redated"]} == {
        ("2020-01-31", "2020-02-03")
    }
    assert asked(await ran("calendar", "status", "2020.2")) == told
    assert asked(await ran("calendar", "list"))[-1]["edition"] == 2
    counting = ("deadline", "--from", "2020-01-16", "--working-days", "7")
    assert asked(await ran(*counting))["due_on"] == "2020-02-03"
    assert asked(await asyncio.to_thread(run, *counting, "--json"))["due_on"] == "2020-01-31"
    findings = {each["name"]: each for each in json.loads((await ran("doctor"))[1])}
    assert findings["日历的发布"]["detail"] == "没有待办的"


def test_where_temporal_does_not_run_nothing_is_released_by_one_who_would_wait(run: Run) -> None:
    with temporary_home() as home:
        at = ("--home", str(home.path))
        assert run("calendar", "amend", FILE, *HE, *at)[0] == 0
        assert run("calendar", "release", "2020.2", *MA, *at, "--wait")[0] == 4
        (found,) = asked(run("calendar", "status", *at, "--json"))
        assert found["state"] == "prepared"
        exit_code, out, _ = run("calendar", "release", "2020.2", *MA, *at)
        assert (exit_code, "calendar status 2020.2" in out) == (0, True)
        exit_code, out, _ = run("calendar", "status", *at)
        assert (exit_code, "已发布，正在重算" in out) == (0, True)


def test_a_draft_is_returned_with_its_reason(run: Run) -> None:
    with temporary_home() as home:
        at = ("--home", str(home.path))
        exit_code, _, err = run("calendar", "status", "2020.2", *at)
        assert (exit_code, "这里没有拟定过日历 2020.2" in err) == (1, True)
        assert run("calendar", "amend", FILE, *HE, *at)[0] == 0
        assert run("calendar", "return", "2020.2", "漏了2月2日", *MA, *at)[0] == 0
        exit_code, out, _ = run("calendar", "status", "2020.2", *at)
        assert (exit_code, "退回的理由：漏了2月2日" in out) == (0, True)
