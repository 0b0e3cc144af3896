"""Whoever holds what was signed finds what was done to the log since, by whomever, and where.

RONGCUO_TAMPERING=20 tries so many positions on 10,000 events.
"""

import os
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

import asyncpg
import pytest
import pytest_asyncio

from domain.evidence.trees import Head
from tests.support.databases import SUPERUSER
from tests.support.tampering import (
    ON_THE_LOG,
    ON_THE_SEALS,
    SHA256,
    Attack,
    Attacker,
    alter,
    cover_up,
    edit_seal,
    insert,
    keep,
    put_checkpoint,
    seal_at,
    truncate,
    undo,
)
from workers.addresses import DatabaseAddress
from workers.sealing.keys import FileSigner
from workers.sealing.verifying import Outside, Verified, Wrong, verify
from workers.store import AUDITOR, connect_as

TRIES: Final = int(os.environ.get("RONGCUO_TAMPERING", "3"))
SCALE: Final = 1 if TRIES < 20 else 10
SIZES: Final = tuple(size * SCALE for size in (300, 512, 777, 1_000))
SEEN, ALL = SIZES[1], SIZES[-1]
SEED: Final = 371
pytestmark = pytest.mark.asyncio(loop_scope="module")


@dataclass
class SealedLog:
    """A log with its key, the heads it was sealed at, and who may do what to it."""

    superuser: asyncpg.Connection
    auditor: asyncpg.Connection
    signer: FileSigner
    thief: FileSigner
    heads: dict[int, Head]

    async def verified(self, *seen: int) -> Verified:
        """By an auditor who knows the log's key, and the heads that a witness has seen."""
        outside = [Outside(self.heads[size], "见证方") for size in seen]
        return await verify(self.auditor, self.signer.key, outside=outside)

    @asynccontextmanager
    async def after(self, attack: Attack, at: int, attacker: Attacker) -> AsyncIterator[None]:
        """The log as it is after an attack; then as it was."""
        await attack(self.superuser, at)
        if attacker is Attacker.OWN_KEY:
            await cover_up(self.superuser, SIZES, self.thief)
        elif attacker is Attacker.LOG_KEY:
            await cover_up(self.superuser, SIZES, self.signer)
        try:
            yield
        finally:
            await undo(self.superuser)


@pytest.fixture(scope="module")
def database(
    template_database: DatabaseAddress,
    module_copy: Callable[[DatabaseAddress], DatabaseAddress],
) -> DatabaseAddress:
    """One for all tests of this file: each leaves it as it was."""
    return module_copy(template_database)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def sealed(
    database: DatabaseAddress, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[SealedLog]:
    keys = tmp_path_factory.mktemp("keys")
    superuser = await connect_as(SUPERUSER, database)
    auditor = await connect_as(AUDITOR, database)
    signer = FileSigner.kept_in(keys / "log.key", "rongcuo/test")
    thief = FileSigner.kept_in(keys / "thief.key", "rongcuo/test")
    heads = await seal_at(superuser, signer, SIZES)
    await keep(superuser)
    yield SealedLog(superuser, auditor, signer, thief, {each.size: each for each in heads})
    await superuser.close()
    await auditor.close()


def positions(upto: int) -> list[int]:
    """Where to attack: the first, the last that can be, and some between."""
    some = random.Random(SEED)  # noqa: S311 (no secret)
    return sorted({1, upto - 1, *(some.randrange(1, upto) for _ in range(TRIES - 2))})


async def test_two_hundred_looks_at_an_untouched_log_find_nothing(sealed: SealedLog) -> None:
    for _ in range(200 if SCALE > 1 else 20):
        verified = await sealed.verified(*SIZES)
        assert (verified.findings, verified.events, verified.covered) == ([], ALL, ALL)


@pytest.mark.parametrize("attack", ON_THE_LOG, ids=lambda each: each.__name__)
@pytest.mark.parametrize("attacker", Attacker)
async def test_what_a_witness_has_seen_cannot_be_rewritten_unnoticed(
    sealed: SealedLog, attack: Attack, attacker: Attacker
) -> None:
    for at in positions(SEEN):
        async with sealed.after(attack, at, attacker):
            assert not (await sealed.verified(SEEN)).holds, at


@pytest.mark.parametrize("attack", ON_THE_LOG, ids=lambda each: each.__name__)
@pytest.mark.parametrize("attacker", [Attacker.NOTHING_MORE, Attacker.OWN_KEY])
async def test_without_the_key_of_the_log_nothing_can_be_rewritten_unnoticed(
    sealed: SealedLog, attack: Attack, attacker: Attacker
) -> None:
    for at in positions(ALL):
        async with sealed.after(attack, at, attacker):
            assert not (await sealed.verified()).holds, at


@pytest.mark.parametrize("attack", ON_THE_LOG, ids=lambda each: each.__name__)
async def test_with_the_key_of_the_log_and_without_a_witness_all_goes_unnoticed(
    sealed: SealedLog, attack: Attack
) -> None:
    """The control: it is the witness that protects, not the signature.

    Only what breaks the numbering of a matter shows by itself.
    """
    for at in positions(ALL):
        async with sealed.after(attack, at, Attacker.LOG_KEY):
            found = {each.wrong for each in (await sealed.verified()).findings}
            assert found <= {Wrong.VERSION_GAP}, at


async def test_a_genuine_older_state_is_told_by_who_has_seen_more(sealed: SealedLog) -> None:
    for older in (
        f"audit.tile WHERE (index + 1) * 256 > {SEEN}",
        f"audit.checkpoint WHERE size > {SEEN}",
        f"log.events WHERE notification_id > {SEEN}",
    ):
        await sealed.superuser.execute(f"DELETE FROM {older}")  # noqa: S608
    try:
        assert (await sealed.verified()).holds  # the control
        (found,) = (await sealed.verified(ALL)).findings
        assert (found.wrong, found.position, found.after) == (Wrong.LOG_TOO_SHORT, ALL, SEEN)
    finally:
        await undo(sealed.superuser)


@pytest.mark.parametrize("attack", ON_THE_SEALS, ids=lambda each: each.__name__)
async def test_an_edited_seal_or_tile_is_named(sealed: SealedLog, attack: Attack) -> None:
    wrong = Wrong.ALTERED if attack is edit_seal else Wrong.TILE_ALTERED
    for at in positions(SEEN):
        async with sealed.after(attack, at, Attacker.NOTHING_MORE):
            (found,) = (await sealed.verified()).findings
            assert (found.wrong, found.position) == (wrong, at)


async def test_the_event_that_was_altered_is_named_with_its_matter(sealed: SealedLog) -> None:
    for at in positions(ALL):
        async with sealed.after(alter, at, Attacker.NOTHING_MORE):
            first = (await sealed.verified()).findings[0]
            matter = await sealed.superuser.fetchval(
                "SELECT originator_id FROM log.events WHERE notification_id = $1", at
            )
            assert (first.wrong, first.position) == (Wrong.ALTERED, at)
            assert str(first.matter) == str(matter)


async def test_a_covered_up_change_is_told_between_two_checkpoints(sealed: SealedLog) -> None:
    at = SIZES[1] + 1
    async with sealed.after(alter, at, Attacker.LOG_KEY):
        found = (await sealed.verified(*SIZES)).findings
        assert [(each.wrong, each.after, each.position) for each in found] == [
            (Wrong.ROOT_DIFFERS, SIZES[1], SIZES[2])
        ]


@pytest.mark.parametrize("attack", [insert, truncate], ids=lambda each: each.__name__)
async def test_what_no_checkpoint_covers_is_told_by_the_seals_alone(
    sealed: SealedLog, attack: Attack
) -> None:
    async with sealed.after(attack, ALL, Attacker.NOTHING_MORE):
        assert not (await sealed.verified()).holds


async def test_a_forged_checkpoint_is_refused(sealed: SealedLog) -> None:
    forged = Head(SEEN, SHA256.leaf(b"forged"))
    for signer, wrong in (
        (sealed.thief, Wrong.SIGNATURE_FALSE),
        (sealed.signer, Wrong.ROOT_DIFFERS),
    ):
        await put_checkpoint(sealed.superuser, signer, forged)
        found = (await sealed.verified()).findings
        await undo(sealed.superuser)
        assert [each.wrong for each in found] == [wrong]


async def test_a_genuine_checkpoint_in_the_place_of_another_is_refused(sealed: SealedLog) -> None:
    await sealed.superuser.execute(
        "UPDATE audit.checkpoint SET note = (SELECT note FROM audit.checkpoint WHERE size = $1)"
        " WHERE size = $2",
        SIZES[0],
        ALL,
    )
    found = (await sealed.verified()).findings
    await undo(sealed.superuser)
    assert [(each.wrong, each.position) for each in found] == [(Wrong.SIGNATURE_FALSE, ALL)]


async def test_a_part_verified_before_need_not_be_read_again(sealed: SealedLog) -> None:
    again = await verify(sealed.auditor, sealed.signer.key, since=SEEN)
    assert (again.holds, again.events, again.covered) == (True, ALL - SEEN, ALL)
    async with sealed.after(alter, ALL - 1, Attacker.OWN_KEY):
        assert not (await verify(sealed.auditor, sealed.signer.key, since=SEEN)).holds
