"""The evidence of one matter: exported, verified by ours and by the program that stands alone."""

import json
import re
import subprocess
import sys
from asyncio import Runner
from collections.abc import Callable, Iterator
from functools import cache, partial
from importlib.resources import as_file, files
from itertools import count
from pathlib import Path
from random import Random
from uuid import UUID, uuid5

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cyclopts import App

from domain.evidence.bundles import Bundle, BundledEvent, BundledHeads, Pins, verify
from domain.evidence.heads import HEADS_BOOK, Heads, HeadsTaken, StreamHead
from domain.evidence.notes import Checkpoint
from domain.evidence.trees import Frontier, Node, batch_spans, hash_of
from domain.refusals import Refusal
from domain.tolerance.state import case_id
from gateway import cli
from gateway.commands import bundles
from gateway.evidence.exporting import LogDiffers
from gateway.scenarios import Scenario
from projections.follower import Follower
from tests.support.bundles import (
    ALONE,
    Keeper,
    exported,
    matters_in,
    refused_by_ours,
    refused_by_the_other,
)
from tests.support.databases import SUPERUSER
from workers.addresses import DatabaseAddress
from workers.sealing.hashers import HASHERS
from workers.sealing.keys import FileSigner, holds, signed
from workers.sealing.tiles import WIDTH, entries
from workers.store import AUDITOR, PROJECTOR, READER, WRITER, connect_as

Copy = Callable[[DatabaseAddress], DatabaseAddress]
Run = Callable[..., tuple[int, str, str]]
LARGEST = 64 * 1024  # bytes of a bundle of 20 events


@pytest.fixture(scope="module")
def sealed(
    module_copy: Copy,
    played_template: DatabaseAddress,
    outside: Runner,
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[[str], tuple[DatabaseAddress, Keeper]]:
    """Every scenario lived to its end, sealed and witnessed; heads are taken in between."""

    @cache
    def on(hash: str) -> tuple[DatabaseAddress, Keeper]:
        address = module_copy(played_template)
        keeper = Keeper.at(tmp_path_factory.mktemp("keys"), hash)
        outside.run(keeper.whole(address))
        return address, keeper

    return on


@pytest.fixture(scope="module")
def kept(
    sealed: Callable[[str], tuple[DatabaseAddress, Keeper]],
) -> tuple[DatabaseAddress, Keeper]:
    return sealed("sha256")


@pytest.fixture(scope="module", params=["sha256", "sm3"])
def kept_on_each(
    sealed: Callable[[str], tuple[DatabaseAddress, Keeper]], request: pytest.FixtureRequest
) -> tuple[DatabaseAddress, Keeper]:
    return sealed(request.param)


# --- what is true is accepted ------------------------------------------------------------------


async def test_the_bundle_of_every_matter_holds_for_both(
    kept_on_each: tuple[DatabaseAddress, Keeper],
) -> None:
    address, keeper = kept_on_each
    reader = await connect_as(READER, address)
    matters = await matters_in(reader)
    rows = await reader.fetch("SELECT originator_id, count(*) FROM log.events GROUP BY 1")
    stored = {row["originator_id"]: row["count"] for row in rows}
    await reader.close()
    assert len(matters) > 20
    for each in matters:
        bundle = await exported(address, each)
        found = verify(Bundle.decode(bundle.encode()), keeper.pins, HASHERS, holds)
        assert refused_by_the_other(bundle.encode(), keeper.pins) is None
        assert (found.covered, len(found.entries)) == (stored[UUID(each)],) * 2
        assert [*found.witnesses] == ["省", "市"]


async def test_the_heads_taken_down_are_those_of_the_log(
    kept_on_each: tuple[DatabaseAddress, Keeper],
) -> None:
    address, keeper = kept_on_each
    auditor = await connect_as(AUDITOR, address)
    size = await auditor.fetchval("SELECT max(notification_id) FROM log.events")
    stored = [entry for entry, _ in await entries(auditor, 0, size)]
    await auditor.close()
    (taken,) = [each for each in stored if each.matter_id == HEADS_BOOK]
    last = {each.matter_id: each for each in stored if each != taken}
    hasher = HASHERS[keeper.hash]
    heads = [
        StreamHead(each, last[each].version, hasher.leaf(last[each].frame)) for each in sorted(last)
    ]
    root = Frontier.over(hasher, [hasher.leaf(each.frame) for each in heads]).root()
    assert json.loads(taken.state)["heads"] == {
        "hash": keeper.hash,
        "size": taken.position - 1,
        "streams": len(last),
        "root": root.hex(),
    }


async def test_heads_are_not_taken_again_over_nothing_new(
    kept: tuple[DatabaseAddress, Keeper],
) -> None:
    address, keeper = kept
    assert not await keeper.take_heads(address)


async def test_the_trail_tells_that_heads_were_taken(
    kept: tuple[DatabaseAddress, Keeper],
) -> None:
    address, _ = kept
    await Follower(partial(connect_as, PROJECTOR, address)).catch_up()
    reader = await connect_as(READER, address)
    told = await reader.fetchval(
        "SELECT sentence FROM views.audit_trail WHERE topic = $1", HeadsTaken.topic
    )
    await reader.close()
    assert re.fullmatch(r"20\d\d年\d+月\d+日，取卷头树，日志第\d+号以前共\d+卷。", told)


# --- whom the inspector trusts -----------------------------------------------------------------


async def test_a_signature_of_somebody_unknown_is_refused(
    kept: tuple[DatabaseAddress, Keeper], number: str
) -> None:
    address, keeper = kept
    data = (await exported(address, number)).encode()
    log, (first, _) = keeper.pins.log, keeper.pins.witnesses
    for pins in (Pins(log, (), 0), Pins(log, (first,), 1)):
        assert "没有给出它的公钥" in (refused_by_ours(data, pins) or "")
        assert "的公钥" in (refused_by_the_other(data, pins) or "")


async def test_so_many_witnesses_must_have_seen_it_as_are_asked_for(
    fresh: tuple[DatabaseAddress, Keeper], number: str
) -> None:
    """One of the two was not there."""
    address, keeper = fresh
    pins = keeper.pins
    await Keeper(keeper.signer, keeper.witnesses[:1], keeper.hash).whole(address)
    data = (await exported(address, number)).encode()
    for refused in (refused_by_ours, refused_by_the_other):
        assert refused(data, pins) == "须有 2 家见证，只有 1 家"
        assert refused(data, Pins(pins.log, pins.witnesses, 1)) is None


async def test_another_log_is_not_taken_for_this_one(
    kept: tuple[DatabaseAddress, Keeper], number: str, tmp_path: Path
) -> None:
    """A thief's key under the same name, and a true key under another."""
    address, keeper = kept
    data = (await exported(address, number)).encode()
    for name in (keeper.pins.log.name, "rongcuo/other"):
        key = FileSigner.kept_in(tmp_path / name.replace("/", "-"), name).key
        pins = Pins(key, keeper.pins.witnesses, 2)
        assert refused_by_ours(data, pins) is not None
        assert refused_by_the_other(data, pins) is not None


# --- what may not be exported yet --------------------------------------------------------------


@pytest.fixture
def fresh(played: DatabaseAddress, tmp_path: Path) -> tuple[DatabaseAddress, Keeper]:
    return played, Keeper.at(tmp_path)


@pytest.fixture
def number(scenarios: list[Scenario]) -> str:
    return scenarios[0].case_number


async def test_what_is_not_sealed_is_not_exported(
    fresh: tuple[DatabaseAddress, Keeper], number: str
) -> None:
    address, keeper = fresh
    with pytest.raises(Refusal, match="还没有封存"):
        await exported(address, number)
    await keeper.seal(address)
    with pytest.raises(Refusal, match="卷头树"):
        await exported(address, number)
    await keeper.take_heads(address)
    with pytest.raises(Refusal, match="卷头树"):
        await exported(address, number)
    await keeper.seal(address)
    assert refused_by_ours((await exported(address, number)).encode(), keeper.pins) is None


async def test_an_event_after_the_last_seal_is_waited_for(
    fresh: tuple[DatabaseAddress, Keeper], number: str
) -> None:
    address, keeper = fresh
    await keeper.whole(address)
    await _one_more(address, case_id(number))
    with pytest.raises(Refusal, match="还没有封存"):
        await exported(address, number)


async def test_an_event_after_the_heads_is_told_as_not_covered(
    fresh: tuple[DatabaseAddress, Keeper], number: str
) -> None:
    address, keeper = fresh
    await keeper.whole(address)
    await _one_more(address, case_id(number))
    await keeper.seal(address)
    bundle = await exported(address, number)
    found = verify(bundle, keeper.pins, HASHERS, holds)
    assert found.covered == len(found.entries) - 1
    assert refused_by_the_other(bundle.encode(), keeper.pins) is None


async def _one_more(address: DatabaseAddress, matter: UUID) -> None:
    """Another event of a matter, stored as any writer might."""
    writer = await connect_as(WRITER, address)
    await writer.execute(
        "INSERT INTO log.events (originator_id, originator_version, topic, state)"
        " SELECT originator_id, max(originator_version) + 1, 'example.happened.v1', '{}'"
        " FROM log.events WHERE originator_id = $1 GROUP BY 1",
        matter,
    )
    await writer.close()


async def test_a_checkpoint_the_witnesses_have_seen_is_taken_before_a_newer_one(
    fresh: tuple[DatabaseAddress, Keeper], number: str
) -> None:
    address, keeper = fresh
    await keeper.whole(address)
    await _one_more(address, UUID(int=371))
    await keeper.seal(address, witnessed=False)
    assert refused_by_ours((await exported(address, number)).encode(), keeper.pins) is None


async def test_a_matter_nobody_knows_is_refused(fresh: tuple[DatabaseAddress, Keeper]) -> None:
    address, _ = fresh
    with pytest.raises(Refusal, match="没有案号或编号为"):
        await exported(address, "某〔2026〕404号")


@pytest.mark.parametrize(
    ("whose", "told"),
    [
        ("originator_id = $1 AND originator_version = 1", "本件的事件"),
        ("originator_id <> $1", "卷头树"),
    ],
)
async def test_a_log_that_was_altered_is_not_exported(
    fresh: tuple[DatabaseAddress, Keeper], number: str, whose: str, told: str
) -> None:
    """Under a full tile, where the tree itself does not show it."""
    address, keeper = fresh
    await keeper.whole(address)
    superuser = await connect_as(SUPERUSER, address)
    await superuser.execute("ALTER TABLE log.events DISABLE TRIGGER ALL")
    altered = "UPDATE log.events SET state = '{}' WHERE notification_id <= $2 AND "
    await superuser.execute(altered + whose, case_id(number), WIDTH)
    await superuser.close()
    with pytest.raises(LogDiffers, match=told):
        await exported(address, number)


# --- how large, at a million events ------------------------------------------------------------


@pytest.mark.parametrize("hash", ["sha256", "sm3"])
@pytest.mark.parametrize("state_bytes", [1_000, 1_600])
def test_twenty_events_in_a_log_of_a_million_take_less_than_64_kilobytes(
    tmp_path: Path, hash: str, state_bytes: int
) -> None:
    """The tree is whole: all but our events and our stream are one leaf again and again."""
    size, streams, events = 1_000_000, 100_000, 20
    keeper, hasher, random = Keeper.at(tmp_path, hash), HASHERS[hash], Random(1)  # noqa: S311
    places = sorted(random.sample(range(1, size - 10), events))
    matter = uuid5(HEADS_BOOK, "sizes")
    told = [
        BundledEvent(
            position=place,
            recorded_at=1_790_000_000_000_000 + place,
            state=random.randbytes(state_bytes),
            topic="tolerance.verification-reported.v1",
            version=version,
        )
        for version, place in enumerate(places, 1)
    ]
    own = {each.position - 1: hasher.leaf(each.entry(matter).frame) for each in told}
    last = StreamHead(matter, events, own[places[-1] - 1])
    of_heads = Mostly(hash, {38_000: hasher.leaf(last.frame)}, streams)
    heads = Heads(hash=hash, size=size - 1, streams=streams, root=of_heads.root.hex())
    entry = _heads_taken(heads, position=size)
    log = Mostly(hash, {**own, size - 1: hasher.leaf(entry.entry(HEADS_BOOK).frame)}, size)
    note = signed(Checkpoint(keeper.signer.key.name, size, log.root).text, keeper.signer)
    bundle = Bundle(
        checkpoint=str(note),
        events=tuple(told),
        hash=hash,
        heads=BundledHeads(entry=entry, index=38_000, proof=of_heads.proof),
        matter=matter,
        proof=log.proof,
    )
    pins = Pins(keeper.signer.key, (), 0)
    assert refused_by_ours(bundle.encode(), pins) is None
    assert refused_by_the_other(bundle.encode(), pins) is None
    assert len(bundle.encode()) <= LARGEST


class Mostly:
    """A tree of one leaf again and again, but for some."""

    def __init__(self, hash: str, leaves: dict[int, bytes], size: int) -> None:
        self.hasher, self.leaves, self.size = HASHERS[hash], leaves, size
        self.filler = [self.hasher.leaf(b"another")]
        for _ in range(size.bit_length()):
            self.filler.append(self.hasher.node(self.filler[-1], self.filler[-1]))

    def read(self, node: Node) -> bytes:
        level, index = node
        if not any(leaf >> level == index for leaf in self.leaves):
            return self.filler[level]
        if level == 0:
            return self.leaves[index]
        left, right = (self.read((level - 1, 2 * index + side)) for side in (0, 1))
        return self.hasher.node(left, right)

    @property
    def root(self) -> bytes:
        return hash_of(self.hasher, (0, self.size), self.read)

    @property
    def proof(self) -> bytes:
        spans = batch_spans([*self.leaves], self.size)
        return b"".join(hash_of(self.hasher, span, self.read) for span in spans)


def _heads_taken(heads: Heads, position: int) -> BundledEvent:
    golden = Path(__file__).parents[1] / "golden" / "stored_events.json"
    facts = json.loads(golden.read_text("utf-8"))[HeadsTaken.topic]
    facts["heads"] = heads.model_dump()
    return BundledEvent(
        position=position,
        recorded_at=1_795_000_000_000_000,
        state=json.dumps(facts, ensure_ascii=False).encode(),
        topic=HeadsTaken.topic,
        version=1,
    )


# --- the commands ------------------------------------------------------------------------------


@pytest.fixture
def asked(
    run: Run,
    kept: tuple[DatabaseAddress, Keeper],
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[..., tuple[int, str, str]]:
    address, _ = kept
    monkeypatch.setenv("RONGCUO_DATABASE_HOST", str(address.host))
    monkeypatch.setenv("RONGCUO_DATABASE_PORT", str(address.port))
    monkeypatch.setenv("RONGCUO_DATABASE_NAME", address.name)
    app = App(name="rongcuo", result_action="return_value")
    app.command(bundles.heads, name="heads")
    app.command(bundles.export, name="export")
    app.command(bundles.verify_bundle, name="verify")
    monkeypatch.setattr(cli, "app", app)
    return run


def pinned(keeper: Keeper) -> list[str]:
    told = ["--log-key", str(keeper.pins.log)]
    for each in keeper.pins.witnesses:
        told += ["--witness-key", str(each)]
    return told


def alone(file: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """As an inspector runs it: with nothing but the standard library."""
    return subprocess.run(
        [sys.executable, "-I", "-S", file.with_name("rongcuo_verify.py"), *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={"LC_ALL": "en_US.ISO-8859-1", "PYTHONUTF8": "0"},
        check=False,
    )


def test_a_bundle_is_written_with_its_verifier_and_holds_for_both(
    asked: Run, kept: tuple[DatabaseAddress, Keeper], number: str, tmp_path: Path
) -> None:
    out = tmp_path / "本案.json"
    exit_code, told, _ = asked("export", number, "--out", str(out))
    assert (exit_code, "已写出" in told) == (0, True)
    exit_code, told, _ = asked("verify", str(out), *pinned(kept[1]))
    assert (exit_code, told.startswith("证据包成立。")) == (0, True)
    other = alone(out, str(out), *pinned(kept[1]))
    assert (other.returncode, other.stderr) == (0, "")
    assert other.stdout == told


def test_a_bundle_is_its_owners_alone_and_a_place_that_cannot_be_written_is_told(
    asked: Run, number: str, tmp_path: Path
) -> None:
    out = tmp_path / "bundle.json"
    asked("export", number, "--out", str(out))
    assert out.stat().st_mode & 0o777 == 0o600
    exit_code, _, aside = asked("export", number, "--out", str(out / "below.json"))
    assert (exit_code, "写不了" in aside) == (1, True)


def test_what_was_exported_is_told_to_programs(
    asked: Run, kept: tuple[DatabaseAddress, Keeper], number: str, tmp_path: Path
) -> None:
    out = tmp_path / "bundle.json"
    exit_code, told, _ = asked("export", number, "--out", str(out), "--json")
    assert exit_code == 0
    assert json.loads(told)["bytes"] == out.stat().st_size
    exit_code, told, _ = asked("verify", str(out), *pinned(kept[1]), "--json")
    found = json.loads(told)
    assert (exit_code, found["holds"], found["matter"]) == (0, True, str(case_id(number)))
    assert found["covered"] == len(found["events"])


def test_a_bundle_that_does_not_hold_ends_in_3(
    asked: Run, kept: tuple[DatabaseAddress, Keeper], number: str, tmp_path: Path
) -> None:
    out = tmp_path / "bundle.json"
    asked("export", number, "--out", str(out))
    out.write_bytes(out.read_bytes().replace(b'"version":1}', b'"version":2}', 1))
    exit_code, told, _ = asked("verify", str(out), *pinned(kept[1]), "--json")
    assert (exit_code, json.loads(told)["holds"]) == (3, False)
    other = alone(out, str(out), *pinned(kept[1]))
    assert (other.returncode, other.stdout[:7]) == (3, "证据包不成立：")


def test_a_key_may_stand_in_a_file(
    asked: Run, kept: tuple[DatabaseAddress, Keeper], number: str, tmp_path: Path
) -> None:
    out = tmp_path / "bundle.json"
    asked("export", number, "--out", str(out))
    told = pinned(kept[1])
    numbers = count(1)
    for at in range(1, len(told), 2):
        file = tmp_path / f"key-{next(numbers)}"
        file.write_text(told[at] + "\n", "utf-8")
        told[at] = str(file)
    assert asked("verify", str(out), *told)[0] == 0
    assert alone(out, str(out), *told).returncode == 0


def test_a_key_of_another_kind_is_wrong_usage(
    asked: Run, kept: tuple[DatabaseAddress, Keeper], number: str, tmp_path: Path
) -> None:
    out = tmp_path / "bundle.json"
    asked("export", number, "--out", str(out))
    witness = str(kept[1].pins.witnesses[0])
    for key in (witness, "rongcuo/test", "rongcuo/test+00000000+AAAA"):
        assert asked("verify", str(out), "--log-key", key)[0] == 2
        assert alone(out, str(out), "--log-key", key).returncode == 2


def test_heads_taken_in_vain_are_told_as_such(asked: Run) -> None:
    exit_code, told, _ = asked("heads", "--json")
    assert (exit_code, json.loads(told)) == (0, None)


# --- the verifier that stands alone ------------------------------------------------------------


@pytest.fixture(scope="module")
def lines() -> Iterator[list[str]]:
    with as_file(files("gateway.evidence") / "rongcuo_verify.py") as file:
        yield file.read_text("utf-8").splitlines()


def test_the_verifier_is_one_short_file_of_the_standard_library(lines: list[str]) -> None:
    imported = {line.split()[1] for line in lines if line.startswith(("import ", "from "))}
    assert len(lines) <= 300
    assert imported <= sys.stdlib_module_names


def test_its_own_sm3_is_that_of_the_standard() -> None:
    random = Random(2)  # noqa: S311
    assert ALONE.own_sm3(b"abc").hex() == (
        "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"  # GB/T 32905 A.1
    )
    for length in (0, 1, 54, 55, 56, 63, 64, 65, 119, 120, 300):
        data = random.randbytes(length)
        assert ALONE.own_sm3(data) == HASHERS["sm3"].digest(data)


def test_its_own_sm3_is_used_where_python_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hashlib.algorithms_available", {"sha256"})
    assert ALONE.digest_named("sm3") is ALONE.own_sm3


def signatures() -> Iterator[tuple[bytes, bytes, bytes]]:
    """Key, message and signature: good ones, changed ones, and those two libraries may take
    differently: of small order, not in their one spelling, S too large.
    """
    random, p, order = Random(3), ALONE.P, ALONE.ORDER  # noqa: S311
    weak = [
        (y + shift * p) % 2**255 | sign << 255
        for y in (0, 1, p - 1, *(ALONE_WEAK))
        for shift in (0, 1)
        for sign in (0, 1)
        if y + shift * p < 2**255
    ]
    points = [each.to_bytes(32, "little") for each in weak]
    for number in range(12):
        signer = Ed25519PrivateKey.from_private_bytes(random.randbytes(32))
        public, message = signer.public_key().public_bytes_raw(), random.randbytes(number)
        good = signer.sign(message)
        r, s = good[:32], int.from_bytes(good[32:], "little")
        yield public, message, good
        yield public, message + b"x", good
        yield public, message, good[:-1]
        yield public, message, good + b"\x00"
        yield public[:31], message, good
        yield public, message, r + (s + order).to_bytes(32, "little")
        yield public, message, points[number] + good[32:]
        place = random.randrange(512)
        flipped = int.from_bytes(good, "big") ^ 1 << place
        yield public, message, flipped.to_bytes(64, "big")
    for key in points:
        for r in points:
            yield key, b"message", r + bytes(32)
        yield random.randbytes(32), b"message", key + bytes(32)


ALONE_WEAK = (
    2707385501144840649318225287225658788936804267575313519463743609750303402022,
    55188659117513257062467267217118295137698188065244968500265048394206261417927,
)


def test_both_take_the_same_signatures() -> None:
    taken = [(holds(*each), ALONE.signed(*each)) for each in signatures()]
    assert {ours == other for ours, other in taken} == {True}
    assert sum(ours for ours, _ in taken) == 12


def test_a_log_key_that_signs_another_name_is_not_taken(tmp_path: Path) -> None:
    signer = FileSigner.kept_in(tmp_path / "key", "rongcuo/other")
    name, number, kind, public = ALONE.key_of(str(signer.key))
    assert (name, number, bytes([kind]), public) == (
        signer.key.name,
        signer.key.id,
        signer.key.kind,
        signer.key.public,
    )
    with pytest.raises(ALONE.Refused):
        ALONE.key_of(str(signer.key).replace("other", "another"))
