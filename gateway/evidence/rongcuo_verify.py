"""核验一件案件的证据包：一个文件，只用 Python（3.8 以上）自带的库，不联网，不用本系统。

    python3 rongcuo_verify.py 证据包 --log-key 日志公钥 [--witness-key 见证方公钥]…

公钥须另从可信之处得到，不取自随证据包来的文件；可写公钥本身，或存有公钥的文件。
退出码：0 成立，3 不成立，2 用法有误。与系统自带的核验各写各的，凡事应当结论相同。
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import re
import struct
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Callable, Iterator, Sequence, Tuple
from uuid import NAMESPACE_URL, UUID, uuid5

Digest = Callable[[bytes], bytes]
Key = Tuple[str, bytes, int, bytes]  # name, id, kind, public key
HEADS = uuid5(NAMESPACE_URL, "urn:rongcuo:heads")
LOG, WITNESS, WIDTH = 1, 4, 32  # kinds of keys; bytes of a hash and of a public key
NUMBERS, PACKED = {"index", "position", "recorded_at", "version"}, {"proof", "state"}
PARTS = {"events": list, "heads": dict, "entry": dict}  # everything else is text
BUNDLE = {"checkpoint", "events", "format", "hash", "heads", "matter", "proof"}
SPELT = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"  # an id
EVENT = {"position", "recorded_at", "state", "topic", "version"}


class Refused(Exception):  # noqa: N818
    """证据包不成立，及其缘由。"""


def require(condition: object, why: str) -> None:
    if not condition:
        raise Refused(why)


# Ed25519 (RFC 8032, without cofactor): a point is X, Y, Z, T with x = X/Z, y = Y/Z, xy = T/Z
P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)  # of -1


def add(p: Sequence[int], q: Sequence[int]) -> Sequence[int]:
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(number: int, point: Sequence[int]) -> Sequence[int]:
    found: Sequence[int] = (0, 1, 1, 0)
    for bit in bin(number)[2:]:
        found = add(found, found)
        found = add(found, point) if bit == "1" else found
    return found


def point_of(data: bytes) -> Sequence[int] | None:
    """The point with this encoding; None where it is none, or not in its one spelling."""
    number = int.from_bytes(data, "little")
    sign, y = number >> 255, number % 2**255
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    x = x if x * x % P == square else x * ROOT % P
    if len(data) != WIDTH or y >= P or x * x % P != square or (x == 0 and sign):
        return None
    x = x if x % 2 == sign else P - x
    return x, y, 1, x * y % P


def encoding(point: Sequence[int]) -> bytes:
    z = pow(point[2], P - 2, P)
    return (point[1] * z % P | point[0] * z % P % 2 << 255).to_bytes(WIDTH, "little")


BASE = point_of((4 * pow(5, P - 2, P) % P).to_bytes(WIDTH, "little")) or ()


def signed(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether this is the signature of a message; a key of small order signs nothing."""
    key, r, s = point_of(public), signature[:32], int.from_bytes(signature[32:], "little")
    if key is None or len(signature) != 2 * WIDTH or s >= ORDER or times(8, key)[0] == 0:
        return False
    k = int.from_bytes(hashlib.sha512(r + public + message).digest(), "little") % ORDER
    minus = (P - key[0], key[1], 1, P - key[3])
    return encoding(add(times(s, BASE), times(k, minus))) == r


def turned(word: int, by: int) -> int:
    return (word << by % 32 | word >> 32 - by % 32) % 2**32


def own_sm3(data: bytes) -> bytes:
    """GB/T 32905, for a Python that comes without it."""
    padded = data + b"\x80" + bytes((55 - len(data)) % 64) + struct.pack(">Q", 8 * len(data))
    start = "7380166f4914b2b9172442d7da8a0600a96f30bc163138aae38dee4db0fb0e4e"
    state = struct.unpack(">8I", bytes.fromhex(start))
    for at in range(0, len(padded), 64):
        w = list(struct.unpack(">16I", padded[at : at + 64]))
        for j in range(16, 68):
            x = w[j - 16] ^ w[j - 9] ^ turned(w[j - 3], 15)
            w.append(x ^ turned(x, 15) ^ turned(x, 23) ^ turned(w[j - 13], 7) ^ w[j - 6])
        a, b, c, d, e, f, g, h = state
        for j in range(64):
            constant = turned(0x79CC4519 if j < 16 else 0x7A879D8A, j)
            mixed = turned((turned(a, 12) + e + constant) % 2**32, 7)
            ff = a ^ b ^ c if j < 16 else a & b | a & c | b & c
            gg = e ^ f ^ g if j < 16 else e & f | ~e & g
            one = (ff + d + (mixed ^ turned(a, 12)) + (w[j] ^ w[j + 4])) % 2**32
            two = (gg + h + mixed + w[j]) % 2**32
            a, b, c, d = one, a, turned(b, 9), c
            e, f, g, h = two ^ turned(two, 9) ^ turned(two, 17), e, turned(f, 19), g
        state = tuple(old ^ new for old, new in zip(state, (a, b, c, d, e, f, g, h)))
    return struct.pack(">8I", *state)


def digest_named(name: str) -> Digest:
    missing = name not in hashlib.algorithms_available  # as sm3 may be
    return own_sm3 if missing else lambda data: hashlib.new(name, data).digest()


def root_of(digest: Digest, leaves: dict[int, bytes], size: int, beside: bytes) -> bytes:
    """The root over `size` leaves of which we have some, and the hashes beside their paths."""
    require(-1 < min(leaves) <= max(leaves) < size, "有事件不在检查点之内")
    require(len(beside) % WIDTH == 0, "证明的长度不对")
    left = [beside[at : at + WIDTH] for at in range(0, len(beside), WIDTH)][::-1]

    def over(first: int, count: int, ours: list[int]) -> bytes:
        if not ours:
            require(left, "证明缺项")
            return left.pop()
        if count == 1:
            return leaves[first]
        half = 1 << (count - 1).bit_length() - 1
        lower = over(first, half, [each for each in ours if each < first + half])
        upper = over(first + half, count - half, [each for each in ours if each >= first + half])
        return digest(b"\x01" + lower + upper)

    root = over(0, size, list(leaves))
    require(not left, "证明有多余的项")
    return root


def frame(stream: UUID, event: dict[str, Any]) -> bytes:
    numbers = event["position"], stream.bytes, event["version"], event["recorded_at"]
    sized = (struct.pack(">i", len(x)) + x for x in (event["topic"].encode(), event["state"]))
    return struct.pack(">q16sqq", *numbers) + b"".join(sized)


def unpacked(text: str) -> bytes:
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        raise Refused("不是规范的 base64") from None
    require(base64.b64encode(data).decode() == text, "不是规范的 base64")
    return data


def part(told: Any, names: set[str]) -> dict[str, Any]:
    """The fields of an object: these and no other, each of its kind."""
    require(type(told) is dict and set(told) == names, "证据包的栏目不对")
    found = dict(told)
    for name, value in told.items():
        kind = int if name in NUMBERS else PARTS.get(name, str)
        require(type(value) is kind, f"{name} 不合格式")
        require(kind is not int or 0 <= value < 2**63, f"{name} 超出范围")
        found[name] = unpacked(value) if name in PACKED else value
    return found


def decoded(data: bytes) -> dict[str, Any]:
    try:
        told = json.loads(data.decode())
        again = json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        require(again.encode() == data, "证据包没有照规定的写法写")
    except (ValueError, RecursionError):
        raise Refused("证据包不是合格的 JSON") from None
    bundle = part(told, BUNDLE)
    require(bundle["format"] == "rongcuo-bundle/1", "不认识这种证据包")
    require(bundle["hash"] in ("sha256", "sm3") and bundle["events"], "不认识的哈希，或没有事件")
    bundle["events"] = [part(each, EVENT) for each in bundle["events"]]
    bundle["heads"] = part(bundle["heads"], {"entry", "index", "proof"})
    bundle["heads"]["entry"] = part(bundle["heads"]["entry"], EVENT)
    require(re.fullmatch(SPELT, bundle["matter"]), "事项的编号不合格式")
    return bundle


def key_of(text: str) -> Key:
    """What `name+id+base64` says, or a file that holds it."""
    text = Path(text).read_text("utf-8").strip() if Path(text).exists() else text
    name, number, material = [*text.split("+", 2), "", ""][:3]
    data = unpacked(material)
    digest = hashlib.sha256(name.encode() + b"\n" + data).digest()[:4]
    require(name and len(data) == WIDTH + 1 and digest.hex() == number, f"不是公钥：{text}")
    return name, digest, data[0], data[1:]


def checkpoint_of(note: str, keys: list[Key]) -> tuple[str, int, bytes, dict[Any, Any]]:
    """Origin, size, root, and of each signer when and what: every line is one of `keys`'."""
    text, gap, lines = note.rpartition("\n\n")
    origin, size, root, *more = [*text.split("\n"), "", ""]
    require(gap and lines.endswith("\n") and all(more[:-2]), "检查点不合格式")
    require(origin and re.fullmatch("0|[1-9][0-9]{0,18}", size), "检查点不合格式")
    known, found = {key[:2]: key for key in keys}, {}
    for line in lines[:-1].split("\n"):
        mark, who, material = [*line.split(" ", 2), "", ""][:3]
        data = unpacked(material)
        require(mark == "—" and (who, data[:4]) in known, f"没有给出 {who} 的公钥，或签了两次")
        name, _, kind, public = known.pop((who, data[:4]))
        message, seconds, signature = f"{text}\n", 0, data[4:]
        if kind == WITNESS:
            seconds, signature = int.from_bytes(data[4:12], "big"), data[12:]
            message = f"cosignature/v1\ntime {seconds}\n{message}"
        found[name, kind] = seconds, (public, message.encode(), signature)
    return origin, int(size), unpacked(root), found


def verify(data: bytes, log: Key, witnesses: Sequence[Key], needed: int) -> dict[str, Any]:
    """What a bundle proves. Raises Refused where it does not hold."""
    bundle = decoded(data)
    digest, matter = digest_named(bundle["hash"]), UUID(bundle["matter"])
    events, entry = bundle["events"], bundle["heads"]["entry"]
    places = [each["position"] for each in events]
    require([each["version"] for each in events] == [*range(1, len(events) + 1)], "版次不相连")
    require(places == sorted({*places} - {entry["position"]}), "位置没有依次递增，或与卷头树同号")
    leaves = {each["position"] - 1: digest(b"\x00" + frame(matter, each)) for each in events}
    leaves[entry["position"] - 1] = digest(b"\x00" + frame(HEADS, entry))
    origin, size, root, signers = checkpoint_of(bundle["checkpoint"], [log, *witnesses])
    require(origin == log[0] and (origin, LOG) in signers, "检查点没有这个日志的签名")
    seen = {x[0]: signers[x[0], WITNESS][0] for x in witnesses if (x[0], WITNESS) in signers}
    require(len(seen) >= needed, f"须有 {needed} 家见证，只有 {len(seen)} 家")
    require(root_of(digest, leaves, size, bundle["proof"]) == root, "事件不通向检查点的根")
    for (name, _), (_, whole) in signers.items():  # slow: not before the tree holds
        require(signed(*whole), f"{name} 的签名不符")
    require(entry["topic"] == "audit.heads-taken.v1", "所附的不是卷头树")
    heads = json.loads(entry["state"])["heads"]  # as it is in the log: that is proved by now
    right = heads["hash"] == bundle["hash"] and heads["size"] < entry["position"]
    covered = [each for each in events if each["position"] <= heads["size"]]
    require(right and covered, "卷头树与日志不相配，或早于本件的第一个事件")
    last = covered[-1]
    told = matter.bytes + struct.pack(">q", last["version"]) + leaves[last["position"] - 1]
    own = {bundle["heads"]["index"]: digest(b"\x00" + told)}
    top = root_of(digest, own, heads["streams"], bundle["heads"]["proof"])
    require(top.hex() == heads["root"], "按卷头树，本件不是到此为止")
    found = dict(bundle, origin=origin, size=size, root=root.hex(), witnesses=seen)
    return dict(found, covered=len(covered), complete_to=heads["size"])


def moment(seconds: float) -> str:
    return str(datetime.fromtimestamp(seconds, timezone(timedelta(hours=8))))[:19]


def story(found: dict[str, Any]) -> Iterator[str]:
    yield f"证据包成立。事项 {found['matter']}，{len(found['events'])} 个事件（北京时间）："
    for each in found["events"]:
        at = moment(each["recorded_at"] // 10**6)
        yield f"  第 {each['version']} 版  日志第 {each['position']} 号  {at}  {each['topic']}"
    yield f"日志 {found['origin']} 的检查点：{found['size']} 个事件，根 {found['root']}"
    for name, seconds in found["witnesses"].items():
        yield f"见证方 {name} 于 {moment(seconds)} 见过这个检查点"
    yield from [] if found["witnesses"] else ["没有见证：防不住日志的私钥被窃后整部日志被重写"]
    taken = moment(found["heads"]["entry"]["recorded_at"] // 10**6)
    until = f"到日志第 {found['complete_to']} 号为止（{taken} 取卷头树）"
    yield f"完整：{until}，本件恰有 {found['covered']} 个事件；此后有无别的事件，本包不能证明"


def main() -> int:
    parser = argparse.ArgumentParser(description="核验一件案件的证据包")
    parser.add_argument("bundle", help="证据包文件")
    parser.add_argument("--log-key", required=True, help="日志的公钥，或存有公钥的文件")
    parser.add_argument("--witness-key", action="append", default=[], help="见证方的，可多次")
    parser.add_argument("--witnesses", type=int, help="至少几家见证，缺省为给出的全部")
    asked = parser.parse_args()
    try:
        log, witnesses = key_of(asked.log_key), [key_of(each) for each in asked.witness_key]
        require(log[2] == LOG, "--log-key 所给的不是日志的公钥")
        require(all(each[2] == WITNESS for each in witnesses), "--witness-key 所给的不是见证方的")
        data = Path(asked.bundle).read_bytes()
    except (OSError, UnicodeDecodeError, Refused) as error:
        parser.error(str(error))
    try:
        needed = len(witnesses) if asked.witnesses is None else asked.witnesses
        told, code = "\n".join(story(verify(data, log, witnesses, needed))), 0
    except (Refused, LookupError, TypeError, ValueError) as refused:
        told, code = f"证据包不成立：{refused}", 3
    sys.stdout.buffer.write(f"{told}\n".encode())  # whatever the terminal is set to
    return code


if __name__ == "__main__":
    sys.exit(main())
