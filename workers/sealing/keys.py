"""Signing keys: Ed25519 in a file of its own, behind an interface a hardware module can fill."""

import os
import secrets
from pathlib import Path
from typing import Protocol, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from domain.evidence.notes import ED25519, Note, Signature, VerifierKey


class Signer(Protocol):
    """Who signs: a file here, a hardware module elsewhere."""

    @property
    def key(self) -> VerifierKey: ...

    def sign(self, message: bytes) -> bytes: ...


class FileSigner:
    """A private key in a file only its owner may read; made with the file when there is none."""

    def __init__(self, name: str, private: Ed25519PrivateKey, kind: bytes = ED25519) -> None:
        self._private = private
        self.key = VerifierKey(name, kind, private.public_key().public_bytes_raw())

    def sign(self, message: bytes) -> bytes:
        return self._private.sign(message)

    @classmethod
    def kept_in(cls, file: Path, name: str | None = None, kind: bytes = ED25519) -> Self:
        """The key in a file: its name on the first line, the seed in hexadecimal on the second.

        Without a file one is made, under `name` or a name of its own.
        """
        try:
            descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            pass
        else:
            told = f"{name or f'rongcuo/{secrets.token_hex(8)}'}\n{secrets.token_hex(32)}\n"
            with os.fdopen(descriptor, "w") as made:
                made.write(told)
                made.flush()
                os.fsync(made.fileno())
        kept, seed = file.read_text().split()
        return cls(kept, Ed25519PrivateKey.from_private_bytes(bytes.fromhex(seed)), kind)


def holds(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether an Ed25519 signature is that of a message."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def signed(text: str, signer: Signer) -> Note:
    """A note of this text, signed."""
    signature = Signature(signer.key.name, signer.key.id, signer.sign(text.encode()))
    return Note(text, (signature,))
