"""Where keys and witnesses are kept: in a home, or as the settings of a deployment say."""

from dataclasses import dataclass
from pathlib import Path

from domain.evidence.notes import COSIGNATURE, NoteRefused, VerifierKey
from domain.evidence.trees import Hasher
from workers.home import Home
from workers.sealing.hashers import HASHERS
from workers.sealing.keys import FileSigner
from workers.sealing.witness_book import WitnessBook
from workers.sealing.witnesses import BookWitness, HttpWitness, Witness
from workers.settings import SettingFault, Settings


@dataclass(frozen=True)
class Sealing:
    """What the sealer works with."""

    signer: FileSigner
    hasher: Hasher
    witnesses: tuple[Witness, ...]


def sealing_of(home: Home, settings: Settings) -> Sealing:
    """Of a home: its key, made with the first start, and a book beside it.

    A book on the same disk shows how it is done and protects against nobody: `witness_folder`
    names a better place.
    """
    signer = FileSigner.kept_in(settings.log_key or home.keys / "log.key")
    return _sealing(signer, settings, settings.witness_folder or home.path / "witness")


def sealing_as_set(settings: Settings) -> Sealing:
    """As the settings say. Raises SettingFault."""
    if settings.log_key is None:
        raise SettingFault("请设置 RONGCUO_LOG_KEY：日志签名密钥的文件；见 docs/operations.md。")
    return _sealing(FileSigner.kept_in(settings.log_key), settings, settings.witness_folder)


def _sealing(signer: FileSigner, settings: Settings, folder: Path | None) -> Sealing:
    hasher = HASHERS[settings.log_hash]
    witnesses: list[Witness] = []
    if folder is not None:
        witnesses.append(BookWitness(book_in(folder, signer.key, hasher)))
    return Sealing(signer, hasher, (*witnesses, *_peers(settings.witnesses)))


def book_in(folder: Path, log_key: VerifierKey, hasher: Hasher) -> WitnessBook:
    """The witness whose book is in a folder, with a key of its own; begun where there is none."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    name = f"{log_key.name}/{folder.name}"
    signer = FileSigner.kept_in(folder / "witness.key", name, COSIGNATURE)
    return WitnessBook(folder, signer, {log_key.name: log_key}, hasher)


def _peers(told: str) -> list[Witness]:
    """`key url` pairs, by semicolons."""
    peers: list[Witness] = []
    for each in filter(None, map(str.strip, told.split(";"))):
        key, _, url = each.partition(" ")
        try:
            peers.append(HttpWitness(url.strip(), VerifierKey.parse(key)))
        except NoteRefused as refused:
            raise SettingFault(f"RONGCUO_WITNESSES 里「{each}」：{refused}") from None
    return peers
