"""What Temporal stores is sealed: it keeps the waiting, and has no business reading it.

AES-256-GCM; the id of the key stands beside each payload, so that keys can be changed while old
clocks still run.
"""

import base64
import json
import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from temporalio.api.common.v1 import Payload
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.converter import (
    DataConverter,
    DefaultFailureConverterWithEncodedAttributes,
    PayloadCodec,
)

ENCODING: Final = b"binary/rongcuo-aesgcm"
NONCE_BYTES: Final = 12
KEY_BITS: Final = 256


@dataclass(frozen=True)
class Keys:
    """`current` seals; every key opens what it once sealed."""

    current: str
    keys: dict[str, bytes]

    @classmethod
    def kept_in(cls, path: Path) -> "Keys":
        """Read the key file, or make one with a fresh key, readable by its owner alone."""
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            told = json.loads(path.read_text("utf-8"))
            keys = {name: base64.b64decode(key) for name, key in told["keys"].items()}
            return cls(told["current"], keys)
        name, key = f"k{secrets.token_hex(4)}", AESGCM.generate_key(KEY_BITS)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump({"current": name, "keys": {name: base64.b64encode(key).decode()}}, file)
        return cls(name, {name: key})


class SealingCodec(PayloadCodec):
    def __init__(self, keys: Keys) -> None:
        self._current = keys.current
        self._ciphers = {name: AESGCM(key) for name, key in keys.keys.items()}

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return [self._seal(each) for each in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Open what we sealed, pass on what we did not. KeyError when the key is gone."""
        return [self._open(each) for each in payloads]

    def _seal(self, payload: Payload) -> Payload:
        nonce = secrets.token_bytes(NONCE_BYTES)
        sealed = self._ciphers[self._current].encrypt(
            nonce, payload.SerializeToString(), self._current.encode()
        )
        return Payload(
            metadata={"encoding": ENCODING, "key-id": self._current.encode()}, data=nonce + sealed
        )

    def _open(self, payload: Payload) -> Payload:
        if payload.metadata.get("encoding") != ENCODING:
            return payload
        key_id = payload.metadata["key-id"]
        nonce, sealed = payload.data[:NONCE_BYTES], payload.data[NONCE_BYTES:]
        return Payload.FromString(self._ciphers[key_id.decode()].decrypt(nonce, sealed, key_id))


def sealed(keys: Keys) -> DataConverter:
    """Our values as JSON, sealed; the texts of failures too."""
    return replace(
        pydantic_data_converter,
        payload_codec=SealingCodec(keys),
        failure_converter_class=DefaultFailureConverterWithEncodedAttributes,
    )
