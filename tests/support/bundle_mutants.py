"""Bundles that are not what was exported: altered in their bytes, their spelling, their parts.

Every maker gets a random source and what an attacker may have at hand, the whole log among it.
"""

import json
import re
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from domain.evidence.bundles import Bundle
from domain.evidence.notes import Checkpoint, Note, Signature, cosignature, cosigned
from domain.evidence.trees import Frontier, Hasher, batch_spans
from workers.sealing.keys import FileSigner, signed

STRANGE = b'"\\{}[]:,0123456789abcdefABCDEF+-/=_. \n\t\x00\xff\xe5'
Json = dict[str, Any]


@dataclass(frozen=True)
class Hand:
    """`bundles`: truthful ones of several matters, all under one checkpoint, the first is altered.

    `old`: a genuine checkpoint of the same log from before the heads were taken; `leaves`: of the
    whole log; `thief`: signs under the log's name with another key.
    """

    bundles: Sequence[bytes]
    old: str
    leaves: Sequence[bytes]
    hasher: Hasher
    thief: FileSigner

    @property
    def true(self) -> bytes:
        return self.bundles[0]


# --- in its bytes ------------------------------------------------------------------------------


def bit_flipped(random: Random, hand: Hand) -> bytes:
    data = bytearray(hand.true)
    data[random.randrange(len(data))] ^= 1 << random.randrange(8)
    return bytes(data)


def bytes_deleted(random: Random, hand: Hand) -> bytes:
    at, length = random.randrange(len(hand.true)), random.choice((1, 1, 2, 3, 4, 44))
    return hand.true[:at] + hand.true[at + length :]


def bytes_inserted(random: Random, hand: Hand) -> bytes:
    at = random.randrange(len(hand.true) + 1)
    more = bytes(random.choices(STRANGE, k=random.choice((1, 1, 2, 4))))
    return hand.true[:at] + more + hand.true[at:]


def byte_replaced(random: Random, hand: Hand) -> bytes:
    at = random.randrange(len(hand.true))
    return hand.true[:at] + bytes([random.choice(STRANGE)]) + hand.true[at + 1 :]


def bytes_swapped(random: Random, hand: Hand) -> bytes:
    data = bytearray(hand.true)
    at, other = random.randrange(len(data)), random.randrange(len(data))
    data[at], data[other] = data[other], data[at]
    return bytes(data)


def stretch_repeated(random: Random, hand: Hand) -> bytes:
    at, length = random.randrange(len(hand.true)), random.randrange(1, 200)
    return hand.true[: at + length] + hand.true[at:]


def truncated(random: Random, hand: Hand) -> bytes:
    return hand.true[: random.randrange(len(hand.true))]


# --- in its spelling ---------------------------------------------------------------------------


def key_twice(random: Random, hand: Hand) -> bytes:
    """The same value twice, or another one before it: most readers keep the last."""
    name, value = random.choice([*re.finditer(rb'"(\w+)":("[^"]*"|\d+)', hand.true)]).groups()
    other = random.choice((value, b'"x"', b"1"))
    at = hand.true.index(b'"' + name + b'":')
    return hand.true[:at] + b'"' + name + b'":' + other + b"," + hand.true[at:]


def key_added(random: Random, hand: Hand) -> bytes:
    at = random.choice([each.end() for each in re.finditer(rb"\{", hand.true)])
    return (
        hand.true[:at]
        + b'"a":'
        + random.choice((b"1", b'""', b"null", b"[]"))
        + b","
        + hand.true[at:]
    )


def space_added(random: Random, hand: Hand) -> bytes:
    at = random.choice([each.end() for each in re.finditer(rb"[{},:\[\]]", hand.true)])
    return hand.true[:at] + random.choice((b" ", b"\n", b"\t", b"\r\n")) + hand.true[at:]


def letter_escaped(random: Random, hand: Hand) -> bytes:
    letters = [each.start() for each in re.finditer(rb"[A-Za-z0-9/]", hand.true)]
    at = random.choice(letters)
    spelt = rb"\u%04x" % hand.true[at]
    return hand.true[:at] + random.choice((spelt, rb"\/")) + hand.true[at + 1 :]


def number_otherwise(random: Random, hand: Hand) -> bytes:
    found = random.choice([*re.finditer(rb":(\d+)", hand.true)])
    number = found[1]
    others = [number + b".0", number + b"e0", b"+" + number, b"0" + number, b'"' + number + b'"']
    other = random.choice([*others, b"-0", b"true", b"null", b"NaN", b"1" * 5_000])
    return hand.true[: found.start(1)] + other + hand.true[found.end(1) :]


def base64_otherwise(random: Random, hand: Hand) -> bytes:
    """The same bytes in another spelling."""
    found = random.choice([*re.finditer(rb'"(?:proof|state)":"([^"]+)"', hand.true)])
    text, letters = found[1], b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    at = random.randrange(len(text))
    bare = text.rstrip(b"=")
    slack = letters[letters.index(bare[-1]) ^ 1]
    others = [bare[:-1] + bytes([slack]) + text[len(bare) :], bare, text + b"="]
    others += [text[:at] + each + text[at:] for each in (b"\\n", b"-", b"=")]
    others.append(text.translate(bytes.maketrans(b"+/", b"-_")))
    other = random.choice(others)
    return hand.true[: found.start(1)] + other + hand.true[found.end(1) :]


def keys_in_another_order(random: Random, hand: Hand) -> bytes:
    told = json.loads(hand.true)
    return json.dumps(
        {each: told[each] for each in random.sample([*told], len(told))},
        separators=(",", ":"),
        ensure_ascii=False,
    ).encode()


def ascii_only(random: Random, hand: Hand) -> bytes:
    return json.dumps(
        json.loads(hand.true), separators=(",", ":"), indent=random.choice((None, 0))
    ).encode()


# --- in its parts, spelt as it must be ---------------------------------------------------------


def written(told: Json) -> bytes:
    return json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def event_dropped(random: Random, hand: Hand) -> bytes:
    told = json.loads(hand.true)
    told["events"].pop(random.randrange(len(told["events"])))
    return written(told)


def last_event_dropped_and_proved_anew(random: Random, hand: Hand) -> bytes:
    """Every hash of it is true: only the heads know that there was more."""
    told = json.loads(hand.true)
    kept = random.randrange(1, len(told["events"]))
    told["events"] = told["events"][:kept]
    return written(reproved(told, hand))


def event_dropped_and_the_rest_renumbered(random: Random, hand: Hand) -> bytes:
    told = json.loads(hand.true)
    told["events"].pop(random.randrange(len(told["events"])))
    for version, each in enumerate(told["events"], 1):
        each["version"] = version
    return written(reproved(told, hand))


def event_of_another_matter_added(random: Random, hand: Hand) -> bytes:
    told, other = json.loads(hand.true), json.loads(random.choice(hand.bundles[1:]))
    told["events"].append(random.choice(other["events"]))
    told["events"].sort(key=lambda each: each["position"])
    for version, each in enumerate(told["events"], 1):
        each["version"] = version
    return written(reproved(told, hand))


def event_twice(random: Random, hand: Hand) -> bytes:
    told = json.loads(hand.true)
    at = random.randrange(len(told["events"]))
    told["events"].insert(at, dict(told["events"][at]))
    return written(told)


def events_in_another_order(random: Random, hand: Hand) -> bytes:
    told = json.loads(hand.true)
    one, other = random.sample(range(len(told["events"])), 2)
    events = told["events"]
    events[one], events[other] = events[other], events[one]
    if random.random() < 0.5:
        for name in ("version", "position"):
            events[one][name], events[other][name] = events[other][name], events[one][name]
    return written(told)


def event_altered(random: Random, hand: Hand) -> bytes:
    told = json.loads(hand.true)
    event = random.choice([*told["events"], told["heads"]["entry"]])
    name = random.choice([*event])
    if name == "topic":
        event[name] = random.choice((event[name] + "x", "", "obligation.met.v1"))
    elif name == "state":
        state = bytearray(b64decode(event[name]))
        state[random.randrange(len(state))] ^= 1 << random.randrange(8)
        event[name] = b64encode(state).decode()
    else:
        event[name] += random.choice((-1, 1, 1000, 2**63, -(2**40)))
    return written(told)


def boundary_moved(random: Random, hand: Hand) -> bytes:
    """A letter goes from the end of the topic to the front of the state."""
    told = json.loads(hand.true)
    event = random.choice(told["events"])
    moved = event["topic"][-1].encode() + b64decode(event["state"])
    event["topic"], event["state"] = event["topic"][:-1], b64encode(moved).decode()
    return written(told)


def proof_altered(random: Random, hand: Hand) -> bytes:
    told = json.loads(hand.true)
    part = random.choice((told, told["heads"]))
    joined = b64decode(part["proof"])
    hashes = [joined[at : at + 32] for at in range(0, len(joined), 32)]
    match random.randrange(5):
        case 0:
            hashes.pop(random.randrange(len(hashes)))
        case 1:
            hashes.insert(random.randrange(len(hashes) + 1), random.choice(hashes))
        case 2:
            one, other = random.randrange(len(hashes)), random.randrange(len(hashes))
            hashes[one], hashes[other] = hashes[other], hashes[one]
        case 3:
            hashes[random.randrange(len(hashes))] = random.randbytes(32)
        case _:
            hashes.append(random.randbytes(random.randrange(1, 32)))
    part["proof"] = b64encode(b"".join(hashes)).decode()
    return written(told)


def part_of_another_matter(random: Random, hand: Hand) -> bytes:
    told, other = json.loads(hand.true), json.loads(random.choice(hand.bundles[1:]))
    name = random.choice(("matter", "proof", "events", "heads"))
    told[name] = other[name]
    return written(told)


def place_among_the_heads_moved(random: Random, hand: Hand) -> bytes:
    told = json.loads(hand.true)
    told["heads"]["index"] = random.choice(
        (told["heads"]["index"] + random.choice((-1, 1, 2, 64)), random.randrange(10**6))
    )
    return written(told)


def heads_replaced(random: Random, hand: Hand) -> bytes:
    """Another event where the heads should be, proved to be in the log."""
    told, other = json.loads(hand.true), json.loads(random.choice(hand.bundles[1:]))
    told["heads"]["entry"] = random.choice(other["events"])
    return written(reproved(told, hand))


def old_checkpoint(_: Random, hand: Hand) -> bytes:
    return written({**json.loads(hand.true), "checkpoint": hand.old})


def checkpoint_of_a_thief(random: Random, hand: Hand) -> bytes:
    """Another root or size under the log's name, by a key that is not the log's."""
    told = json.loads(hand.true)
    note = Note.parse(told["checkpoint"])
    checkpoint = Checkpoint.parse(note.text)
    root = random.choice((checkpoint.root, random.randbytes(32)))
    size = checkpoint.size + random.choice((-1, 0, 1))
    forged = signed(Checkpoint(checkpoint.origin, size, root).text, hand.thief)
    lines = random.choice(((), note.signatures, note.signatures[1:]))
    return written({**told, "checkpoint": str(Note(forged.text, (*forged.signatures, *lines)))})


def checkpoint_altered(random: Random, hand: Hand) -> bytes:
    told = json.loads(hand.true)
    note = Note.parse(told["checkpoint"])
    checkpoint = Checkpoint.parse(note.text)
    origin, size, root = checkpoint.origin, checkpoint.size, checkpoint.root
    other = random.choice(
        (
            Checkpoint(origin + "x", size, root),
            Checkpoint(origin, size + random.choice((-1, 1)), root),
            Checkpoint(origin, size, random.randbytes(32)),
            Checkpoint(origin, size, root, ("more",)),
        )
    )
    return written({**told, "checkpoint": str(Note(other.text, note.signatures))})


def signatures_altered(random: Random, hand: Hand) -> bytes:
    told = json.loads(hand.true)
    note = Note.parse(told["checkpoint"])
    lines = [*note.signatures]
    at = random.randrange(len(lines))
    line = lines[at]
    match random.randrange(6):
        case 0:
            lines.pop(at)
        case 1:
            lines.insert(at, line)
        case 2:
            lines.append(Signature("别处", random.randbytes(4), random.randbytes(64)))
        case 3:
            lines[at] = Signature(line.name, random.randbytes(4), line.signature)
        case 4:
            changed = bytearray(line.signature)
            changed[random.randrange(len(changed))] ^= 1 << random.randrange(8)
            lines[at] = Signature(line.name, line.key_id, bytes(changed))
        case _:
            seconds = random.randrange(2**31)
            bare = hand.thief.sign(cosigned(note.text, seconds))
            lines[at] = cosignature(hand.thief.key, seconds, bare)
    note = Note(note.text, tuple(lines))
    return written({**told, "checkpoint": str(note) if lines else note.text})


def another_hash(_: Random, hand: Hand) -> bytes:
    told = json.loads(hand.true)
    other = {"sha256": "sm3", "sm3": "sha256"}[told["hash"]]
    return written({**told, "hash": other})


def reproved(told: Json, hand: Hand) -> Json:
    """With the true proof of the events it names now, as far as there is one."""
    size = len(hand.leaves)
    entries = [*told["events"], told["heads"]["entry"]]
    indices = [each["position"] - 1 for each in entries]
    proof = b"".join(
        Frontier.over(hand.hasher, hand.leaves[begin:end]).root()
        for begin, end in batch_spans(indices, size)
    )
    return {**told, "proof": b64encode(proof).decode()}


Maker = Callable[[Random, Hand], bytes]
IN_BYTES: tuple[Maker, ...] = (
    bit_flipped,
    bytes_deleted,
    bytes_inserted,
    byte_replaced,
    bytes_swapped,
    stretch_repeated,
    truncated,
)
IN_SPELLING: tuple[Maker, ...] = (
    key_twice,
    key_added,
    space_added,
    letter_escaped,
    number_otherwise,
    base64_otherwise,
    keys_in_another_order,
    ascii_only,
)
IN_PARTS: tuple[Maker, ...] = (
    event_dropped,
    last_event_dropped_and_proved_anew,
    event_dropped_and_the_rest_renumbered,
    event_of_another_matter_added,
    event_twice,
    events_in_another_order,
    event_altered,
    boundary_moved,
    proof_altered,
    part_of_another_matter,
    place_among_the_heads_moved,
    heads_replaced,
    old_checkpoint,
    checkpoint_of_a_thief,
    checkpoint_altered,
    signatures_altered,
    another_hash,
)
MAKERS = (*IN_BYTES, *IN_SPELLING, *IN_PARTS)


def mutants(hand: Hand, number: int, seed: int) -> Iterator[tuple[str, bytes]]:
    """So many, of each maker in turn, with the maker's name; none is the truthful bundle."""
    random, made = Random(seed), 0  # noqa: S311 (a seed, so that a failure comes again)
    while made < number:
        for maker in MAKERS:
            mutant = maker(random, hand)
            if mutant != hand.true:
                yield maker.__name__, mutant
                made += 1


def read_naively(data: bytes) -> Bundle:
    """As one reads who trusts his libraries: what they understand is taken."""
    told = json.loads(data)
    heads = told["heads"]
    entry = heads["entry"]
    for each in (*told["events"], entry):
        each["state"] = b64decode(each["state"])
    wanted = {"checkpoint": told["checkpoint"], "hash": told["hash"], "matter": told["matter"]}
    return Bundle.model_validate(
        {
            **wanted,
            "events": tuple(_known(each) for each in told["events"]),
            "heads": {
                "entry": _known(entry),
                "index": heads["index"],
                "proof": b64decode(heads["proof"]),
            },
            "proof": b64decode(told["proof"]),
        },
        strict=False,
    )


def _known(event: Json) -> Json:
    return {name: event[name] for name in ("position", "recorded_at", "state", "topic", "version")}
