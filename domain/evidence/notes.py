"""Signed notes and checkpoints as C2SP writes them: a short text, and who has signed it.

Decoding is strict: what is not exactly as we would write it ourselves is refused, so that two
readers can never understand one note differently.
"""

import struct
from base64 import b64decode, b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Self

ED25519 = b"\x01"
COSIGNATURE = b"\x04"  # cosignature/v1, Ed25519 with the time at which a witness saw it
KEY_ID_BYTES = 4
MARK = "— "
Check = Callable[[bytes, bytes, bytes], bool]  # public key, message, signature


class NoteRefused(ValueError):  # noqa: N818
    """A note, a checkpoint or a key that is not as it must be, or that nobody known has signed."""


def encoded(data: bytes) -> str:
    return b64encode(data).decode()


def decoded(text: str) -> bytes:
    """Standard base64 with its padding, in its one spelling. Raises NoteRefused."""
    try:
        data = b64decode(text, validate=True)
    except ValueError:
        raise NoteRefused("不是规范的 base64") from None
    if encoded(data) != text:
        raise NoteRefused("不是规范的 base64")
    return data


@dataclass(frozen=True)
class VerifierKey:
    """A public key with the name it signs under: `name+id+base64`. `kind` is its first byte."""

    name: str
    kind: bytes
    public: bytes

    def __post_init__(self) -> None:
        if not self.name or any(each.isspace() or each == "+" for each in self.name):
            raise NoteRefused(f"不能作为签名者名称：{self.name!r}")

    @property
    def id(self) -> bytes:
        return sha256(self.name.encode() + b"\n" + self.kind + self.public).digest()[:KEY_ID_BYTES]

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{encoded(self.kind + self.public)}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what `str` writes. Raises NoteRefused."""
        name, _, rest = text.partition("+")
        key_id, _, material = rest.partition("+")
        data = decoded(material)
        key = cls(name, data[:1], data[1:])
        if key.kind not in {ED25519, COSIGNATURE} or str(key) != text or key_id != key.id.hex():
            raise NoteRefused(f"不是规范的公钥：{text}")
        return key


@dataclass(frozen=True)
class Signature:
    """A line under a note: who signed, with which key, and the signature itself."""

    name: str
    key_id: bytes
    signature: bytes

    def __str__(self) -> str:
        return f"{MARK}{self.name} {encoded(self.key_id + self.signature)}"

    @classmethod
    def parse(cls, line: str) -> Self:
        name, space, material = line.removeprefix(MARK).partition(" ")
        data = decoded(material)
        found = cls(name, data[:KEY_ID_BYTES], data[KEY_ID_BYTES:])
        if not name or not space or not found.signature or str(found) != line:
            raise NoteRefused("签名行不合格式")
        return found


@dataclass(frozen=True)
class Note:
    """`text` ends with a line break; the signatures stand under an empty line."""

    text: str
    signatures: tuple[Signature, ...]

    def __str__(self) -> str:
        return self.text + "\n" + "".join(f"{each}\n" for each in self.signatures)

    @classmethod
    def parse(cls, told: str) -> Self:
        """Read what `str` writes. Raises NoteRefused."""
        text, gap, lines = told.rpartition("\n\n")
        if not gap or not lines.endswith("\n"):
            raise NoteRefused("没有签名")
        if any(ord(each) < ord(" ") and each != "\n" for each in told):
            raise NoteRefused("有控制字符")
        signatures = tuple(Signature.parse(line) for line in lines[:-1].split("\n"))
        return cls(text + "\n", signatures)

    def signed_by(self, key: VerifierKey, check: Check) -> Signature | None:
        """The signature of a key; None where there is none. Raises NoteRefused for a false one."""
        for each in self.signatures:
            if (each.name, each.key_id) == (key.name, key.id):
                if not check(key.public, self._message(key, each), _bare(key, each)):
                    raise NoteRefused(f"{key.name} 的签名不符")
                return each
        return None

    def _message(self, key: VerifierKey, signature: Signature) -> bytes:
        if key.kind == COSIGNATURE:
            return cosigned(self.text, seconds_of(signature))
        return self.text.encode()


def _bare(key: VerifierKey, signature: Signature) -> bytes:
    return signature.signature[8:] if key.kind == COSIGNATURE else signature.signature


def cosigned(text: str, seconds: int) -> bytes:
    """What a witness signs: that it saw this text at this time (whole seconds since 1970, UTC)."""
    return f"cosignature/v1\ntime {seconds}\n{text}".encode()


def cosignature(key: VerifierKey, seconds: int, signature: bytes) -> Signature:
    return Signature(key.name, key.id, struct.pack(">Q", seconds) + signature)


def seconds_of(signature: Signature) -> int:
    """When a witness says to have seen what it cosigned. Raises NoteRefused."""
    try:
        (seconds,) = struct.unpack_from(">Q", signature.signature)
    except struct.error:
        raise NoteRefused("会签行不合格式") from None
    return int(seconds)


@dataclass(frozen=True)
class Checkpoint:
    """How large a log is and the root of its tree then. `origin` names the log."""

    origin: str
    size: int
    root: bytes
    extension: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        lines = (self.origin, str(self.size), encoded(self.root), *self.extension)
        return "".join(f"{line}\n" for line in lines)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the text of a note. Raises NoteRefused."""
        origin, size, root, *extension = [*text.split("\n"), "", ""][: text.count("\n") or 3]
        found = cls(origin, _number(size), decoded(root), tuple(extension))
        if found.text != text or not origin or "" in extension:
            raise NoteRefused("检查点不合格式")
        return found


def _number(told: str) -> int:
    if not (told.isascii() and told.isdigit()) or str(int(told)) != told:
        raise NoteRefused("检查点的大小不是数")
    return int(told)


def opened(told: str, key: VerifierKey, check: Check) -> tuple[Checkpoint, Note]:
    """A checkpoint that the log of this name has signed. Raises NoteRefused for any other."""
    note = Note.parse(told)
    checkpoint = Checkpoint.parse(note.text)
    if checkpoint.origin != key.name:
        raise NoteRefused(f"检查点属于 {checkpoint.origin}，不是 {key.name}")
    if note.signed_by(key, check) is None:
        raise NoteRefused(f"检查点没有 {key.name} 的签名")
    return checkpoint, note


def witnessed(note: Note, keys: Sequence[VerifierKey], check: Check) -> dict[str, int]:
    """Which witnesses have cosigned a note, and when. Raises NoteRefused for a false line."""
    found = {}
    for key in keys:
        signature = note.signed_by(key, check)
        if signature is not None:
            found[key.name] = seconds_of(signature)
    return found
