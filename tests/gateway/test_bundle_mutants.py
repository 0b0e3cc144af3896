"""No altered bundle is accepted by either verifier; a careless one would accept some.

RONGCUO_MUTANTS=100000 tries so many.
"""

import os
from asyncio import Runner
from collections import Counter
from collections.abc import Callable
from random import Random

import asyncpg
import pytest

from domain.evidence.bundles import Pins, verify
from tests.support.bundle_mutants import (
    MAKERS,
    Hand,
    last_event_dropped_and_proved_anew,
    mutants,
    read_naively,
)
from tests.support.bundles import (
    Keeper,
    exported,
    matters_in,
    refused_by_ours,
    refused_by_the_other,
)
from workers.addresses import DatabaseAddress
from workers.sealing.hashers import HASHERS
from workers.sealing.keys import FileSigner, holds
from workers.sealing.tiles import entries
from workers.store import AUDITOR, READER, connect_as

MUTANTS = int(os.environ.get("RONGCUO_MUTANTS", "3000"))
OTHERS = 6


@pytest.fixture(scope="module", params=["sha256", "sm3"])
def hand(
    request: pytest.FixtureRequest,
    module_copy: Callable[[DatabaseAddress], DatabaseAddress],
    played_template: DatabaseAddress,
    outside: Runner,
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[Hand, Pins]:
    """The longest matter of the scenarios, some others, and all that an attacker may have."""
    folder = tmp_path_factory.mktemp("keys")
    keeper = Keeper.at(folder, request.param)
    address = module_copy(played_template)
    thief = FileSigner.kept_in(folder / "thief.key", keeper.signer.key.name)
    return outside.run(_hand(address, keeper, thief)), keeper.pins


async def _hand(address: DatabaseAddress, keeper: Keeper, thief: FileSigner) -> Hand:
    await keeper.whole(address)
    auditor, reader = await connect_as(AUDITOR, address), await connect_as(READER, address)
    matters = await _longest_first(reader)
    old = await auditor.fetchval(
        "SELECT note || string_agg(line || chr(10), '' ORDER BY witness)"
        " FROM audit.checkpoint JOIN audit.cosignature USING (size)"
        " GROUP BY size, note ORDER BY size LIMIT 1"
    )
    size = await auditor.fetchval("SELECT max(size) FROM audit.checkpoint")
    hasher = HASHERS[keeper.hash]
    hand = Hand(
        bundles=[(await exported(address, each)).encode() for each in matters[: OTHERS + 1]],
        old=old,
        leaves=[hasher.leaf(each.frame) for each, _ in await entries(auditor, 0, size)],
        hasher=hasher,
        thief=thief,
    )
    await auditor.close()
    await reader.close()
    return hand


async def _longest_first(reader: asyncpg.Connection) -> list[str]:
    known = await matters_in(reader)
    rows = await reader.fetch(
        "SELECT originator_id FROM log.events GROUP BY 1 ORDER BY count(*) DESC, 1"
    )
    return [str(row[0]) for row in rows if str(row[0]) in known]


def test_no_mutant_is_accepted_by_either(hand: tuple[Hand, Pins]) -> None:
    at_hand, pins = hand
    assert refused_by_ours(at_hand.true, pins) is None
    assert refused_by_the_other(at_hand.true, pins) is None
    tried: Counter[str] = Counter()
    for name, mutant in mutants(at_hand, MUTANTS // 2, seed=371):
        tried[name] += 1
        found = (refused_by_ours(mutant, pins), refused_by_the_other(mutant, pins))
        assert None not in found, (name, found)
    assert len(tried) == len(MAKERS)
    assert tried.total() >= MUTANTS // 2


def test_a_careless_reader_accepts_some(hand: tuple[Hand, Pins]) -> None:
    """The control: the same rules behind json.loads and b64decode as they come."""
    at_hand, pins = hand
    accepted: Counter[str] = Counter()
    for name, mutant in mutants(at_hand, 600, seed=371):
        try:
            verify(read_naively(mutant), pins, HASHERS, holds)
        except Exception:  # noqa: BLE001, S112 (whatever it is, it was not accepted)
            continue
        accepted[name] += 1
    assert accepted["space_added"] > 0
    assert accepted["base64_otherwise"] > 0
    assert accepted["key_twice"] > 0


def test_without_the_heads_a_dropped_last_event_would_go_unseen(
    hand: tuple[Hand, Pins], monkeypatch: pytest.MonkeyPatch
) -> None:
    at_hand, pins = hand
    dropped = last_event_dropped_and_proved_anew(Random(1), at_hand)  # noqa: S311
    assert refused_by_ours(dropped, pins) == "证明不通向卷头树的根"
    monkeypatch.setattr("domain.evidence.bundles.require_last", lambda *_: None)
    assert refused_by_ours(dropped, pins) is None
