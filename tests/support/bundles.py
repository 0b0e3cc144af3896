"""Logs sealed and witnessed for tests, bundles out of them, and both verifiers side by side."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import as_file, files
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import asyncpg

from domain.evidence.bundles import Bundle, BundleRefused, Pins, verify
from domain.evidence.notes import COSIGNATURE, VerifierKey
from domain.evidence.trees import Hasher
from gateway.evidence.exporting import export
from gateway.rulebook import Rulebook
from workers.addresses import DatabaseAddress
from workers.sealing.hashers import HASHERS
from workers.sealing.heads import take_heads
from workers.sealing.keys import FileSigner, holds
from workers.sealing.sealer import seal
from workers.sealing.witness_book import WitnessBook
from workers.sealing.witnesses import BookWitness, collect
from workers.store import AUDITOR, SEALER, connect_as, open_store
from workflows.clock import SystemClock
from workflows.office import Office

LOG = "rongcuo/test"


@dataclass(frozen=True)
class Keeper:
    """Who signs and who witnesses one log."""

    signer: FileSigner
    witnesses: Sequence[BookWitness]
    hash: str

    @classmethod
    def at(cls, folder: Path, hash: str = "sha256") -> "Keeper":
        signer = FileSigner.kept_in(folder / "log.key", LOG)
        hasher = HASHERS[hash]
        witnesses = [_witness(folder, name, signer.key, hasher) for name in ("省", "市")]
        return cls(signer, witnesses, hash)

    @property
    def pins(self) -> Pins:
        keys = tuple(each.key for each in self.witnesses)
        return Pins(self.signer.key, keys, len(keys))

    async def seal(self, address: DatabaseAddress, *, witnessed: bool = True) -> None:
        """Seal all there is, and have it witnessed."""
        sealer = await connect_as(SEALER, address)
        try:
            await seal(sealer, self.signer, HASHERS[self.hash])
            for each in self.witnesses if witnessed else ():
                await collect(sealer, each, HASHERS[self.hash])
        finally:
            await sealer.close()

    async def take_heads(self, address: DatabaseAddress) -> bool:
        auditor = await connect_as(AUDITOR, address)
        try:
            with open_store(address) as store:
                office = Office(store, Rulebook.packaged(), SystemClock())
                return await take_heads(auditor, office, self.hash) is not None
        finally:
            await auditor.close()

    async def whole(self, address: DatabaseAddress) -> None:
        """All that an export asks for; the log is sealed once before the heads are taken."""
        await self.seal(address)
        await self.take_heads(address)
        await self.seal(address)


def _witness(folder: Path, name: str, log: VerifierKey, hasher: Hasher) -> BookWitness:
    kept = folder / name
    kept.mkdir()
    signer = FileSigner.kept_in(kept / "key", name, COSIGNATURE)
    return BookWitness(WitnessBook(kept, signer, {log.name: log}, hasher))


async def exported(address: DatabaseAddress, matter: str) -> Bundle:
    auditor = await connect_as(AUDITOR, address)
    try:
        return await export(auditor, matter)
    finally:
        await auditor.close()


async def matters_in(connection: asyncpg.Connection) -> list[str]:
    """Every matter of the log, by its id: the streams that the register shows."""
    rows = await connection.fetch("SELECT matter_id FROM views.matter_register ORDER BY 1")
    return [str(row["matter_id"]) for row in rows]


def standing_alone() -> ModuleType:
    """The verifier an inspector runs, as a module of its own."""
    with as_file(files("gateway.evidence") / "rongcuo_verify.py") as file:
        spec = spec_from_file_location("rongcuo_verify_alone", file)
        assert spec is not None
        assert spec.loader is not None
        module = module_from_spec(spec)
        spec.loader.exec_module(module)
    return module


ALONE = standing_alone()


def refused_by_ours(data: bytes, pins: Pins) -> str | None:
    """Why it is refused; None where it is accepted."""
    try:
        verify(Bundle.decode(data), pins, HASHERS, holds)
    except BundleRefused as refused:
        return str(refused)
    return None


def refused_by_the_other(data: bytes, pins: Pins) -> str | None:
    try:
        witnesses = [ALONE.key_of(str(each)) for each in pins.witnesses]
        ALONE.verify(data, ALONE.key_of(str(pins.log)), witnesses, pins.needed)
    except ALONE.Refused as refused:
        return str(refused)
    return None
