"""The sealer at work: seals what has come, then has it witnessed; every second, for ever."""

from collections.abc import Sequence
from typing import Final

import asyncpg
import structlog

from domain.evidence.notes import NoteRefused
from domain.evidence.trees import Hasher
from workers.engine import Connect, Engine
from workers.sealing.catalogue import EXPECTED, fingerprint
from workers.sealing.hashers import HASHERS
from workers.sealing.keys import Signer
from workers.sealing.sealer import SealRefused, seal
from workers.sealing.witness_book import WitnessRefused
from workers.sealing.witnesses import Witness, collect

EVERY: Final = 1.0  # seconds: how long an event may wait for its checkpoint
log = structlog.get_logger()


class Sealer(Engine):
    """A witness that cannot be reached, or refuses, is told and asked again; the others go on."""

    def __init__(
        self,
        connect: Connect,
        signer: Signer,
        witnesses: Sequence[Witness] = (),
        *,
        hasher: Hasher = HASHERS["sha256"],
        poll: float = EVERY,
    ) -> None:
        super().__init__(connect, poll=poll)
        self._signer = signer
        self._witnesses = witnesses
        self._hasher = hasher
        self._told: dict[str, str] = {}

    async def turn(self, connection: asyncpg.Connection) -> None:
        if (found := await fingerprint(connection)) != EXPECTED:
            self._tell("guards_changed", "catalogue", found)
        else:
            self._told.pop("catalogue", None)
        try:
            await seal(connection, self._signer, self._hasher)
        except SealRefused as refused:
            self._tell("seal_refused", "log", str(refused), position=refused.position)
            return
        self._told.pop("log", None)
        for witness in self._witnesses:
            try:
                await collect(connection, witness, self._hasher)
            except (WitnessRefused, NoteRefused, OSError) as error:
                self._tell("witness_refused", witness.key.name, str(error))
            else:
                self._told.pop(witness.key.name, None)

    def _tell(self, event: str, whose: str, what: str, **more: int) -> None:
        """Once for as long as it stays the same."""
        if self._told.get(whose) != what:
            self._told[whose] = what
            log.error(event, whose=whose, what=what, **more)
