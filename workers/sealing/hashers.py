"""The two hashes a log may stand on: SHA-256, and SM3 in the 国密 profile. Fixed for a log."""

import hashlib
from typing import Final

from cryptography.hazmat.primitives import hashes

from domain.evidence.trees import Hasher


def _sm3(data: bytes) -> bytes:
    digest = hashes.Hash(hashes.SM3())
    digest.update(data)
    return digest.finalize()


HASHERS: Final = {
    "sha256": Hasher(lambda data: hashlib.sha256(data).digest()),
    "sm3": Hasher(_sm3),
}
