"""The stack as one: what dies takes the whole with it, loudly, and leaves nothing behind."""

import asyncio
import os
import signal
from collections.abc import Iterator

import pytest

from gateway.rulebook import Rulebook
from tests.support.processes import children_of, ended_within
from workers.children import StackFault
from workers.home import Home, HomeTaken, temporary_home
from workers.stack import running
from workers.store import database_of, stack_note


@pytest.fixture
def home() -> Iterator[Home]:
    with temporary_home() as made:
        yield made


@pytest.mark.parametrize("part", ["postgres", "temporal"])
async def test_a_part_that_dies_ends_the_stack_with_its_name(home: Home, part: str) -> None:
    before = set(children_of(os.getpid()))
    started: set[int] = set()

    async def lose_the_part() -> None:
        async with running(home, Rulebook.packaged()) as stack:
            started.update(set(children_of(os.getpid())) - before)
            victim = stack.postgres if part == "postgres" else stack.temporal
            os.kill(victim.pid, signal.SIGKILL)
            await asyncio.Event().wait()  # until the fault ends it

    with pytest.raises(StackFault) as told:
        await lose_the_part()
    assert part.lower() in str(told.value).lower()
    assert started
    assert ended_within(5, *started)
    assert not stack_note(home).exists()


async def test_what_the_block_itself_raises_is_what_comes_out(home: Home) -> None:
    with pytest.raises(ZeroDivisionError):
        async with running(home, Rulebook.packaged()):
            raise ZeroDivisionError


async def test_a_command_beside_a_running_stack_uses_its_database(home: Home) -> None:
    async with running(home, Rulebook.packaged()) as stack, database_of(home) as address:
        assert address == stack.address


async def test_a_home_in_use_without_a_stack_is_refused(home: Home) -> None:
    async with database_of(home):
        with pytest.raises(HomeTaken):
            async with database_of(home):
                pass


async def test_a_home_is_opened_again_with_all_it_held(home: Home) -> None:
    async with database_of(home) as first:
        pass
    async with database_of(home) as second:
        assert second == first
