"""`audit heads|export|verify`: heads taken down; the evidence of one matter taken along."""

import asyncio
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Final

from cyclopts import Parameter
from cyclopts.types import ExistingFile

from domain.evidence.bundles import Bundle, BundleRefused, Pins, Verified, verify
from domain.evidence.notes import COSIGNATURE, ED25519, NoteRefused, VerifierKey
from gateway.commands.output import (
    DIFFERENCE,
    FAILURE,
    OK,
    USAGE,
    JsonOption,
    aside,
    document,
    people,
)
from gateway.commands.reaching import HomeOption, database
from gateway.commands.rules_in_force import rules_in_force
from gateway.evidence.exporting import LogDiffers
from gateway.evidence.exporting import export as exported
from gateway.evidence.telling import as_document, sentences
from workers.sealing.hashers import HASHERS
from workers.sealing.heads import hash_in_use, take_heads
from workers.sealing.keys import holds
from workers.settings import Settings
from workers.store import AUDITOR, connect_as, open_store
from workflows.clock import SystemClock
from workflows.office import Office

VERIFIER: Final = "rongcuo_verify.py"


async def heads(*, home: HomeOption = None, json: JsonOption = False) -> int:
    """取卷头树：每件案件、事项到第几版，合成一个根记入日志；没有新的事件就不再取。"""
    async with database(home) as address:
        auditor = await connect_as(AUDITOR, address)
        try:
            with open_store(address) as store:
                office = Office(store, rules_in_force(home=home), SystemClock())
                name = await hash_in_use(auditor) or Settings().log_hash  # nothing sealed yet
                taken = await take_heads(auditor, office, name)
        finally:
            await auditor.close()
    if json:
        document(taken.model_dump() if taken else None)
    elif taken:
        people.print(f"已取卷头树：日志第 {taken.size} 号以前共 {taken.streams} 卷，待封存后生效。")
    else:
        people.print("上次取卷头树以后没有新的事件。")
    return OK


async def export(
    case: str,
    /,
    *,
    out: Annotated[Path, Parameter(help="写到哪个文件；核验程序写在它旁边。")],
    home: HomeOption = None,
    json: JsonOption = False,
) -> int:
    """导出一件案件或事项（案号、编号）的证据包，连同不用本系统即可核验的程序。"""
    async with database(home) as address:
        auditor = await connect_as(AUDITOR, address)
        try:
            bundle = await exported(auditor, case)
        except LogDiffers as differs:
            aside.print(f"不能导出：{differs}。日志可能被改动过，没有写出文件。")
            return DIFFERENCE
        finally:
            await auditor.close()
    written = bundle.encode()
    try:
        await asyncio.to_thread(_write, out, written)
    except OSError as fault:
        aside.print(f"写不了 {out}：{fault.strerror}")
        return FAILURE
    verifier = out.with_name(VERIFIER)
    if json:
        told = {"bundle": str(out), "verifier": str(verifier), "matter": bundle.matter}
        document({**told, "events": len(bundle.events), "bytes": len(written)})
    else:
        people.print(f"已写出 {len(bundle.events)} 个事件的证据包 {out}（{len(written)} 字节）。")
        people.print(f"核验：python3 {verifier} {out} --log-key 日志公钥 --witness-key 见证方公钥")
        people.print("公钥须另从可信之处得到，不要取自随证据包来的文件。")
    return OK


def verify_bundle(
    bundle: ExistingFile,
    /,
    *,
    log_key: Annotated[str, Parameter(help="日志的公钥，或存有公钥的文件。")],
    witness_key: Annotated[
        tuple[str, ...], Parameter(help="见证方的公钥，或存有公钥的文件；可多次。")
    ] = (),
    witnesses: Annotated[int | None, Parameter(help="至少须有几家见证，缺省为给出的全部。")] = None,
    json: JsonOption = False,
) -> int:
    """核验一个证据包：事件是否都在日志里、是否齐全；不成立的退出码为 3。不需要数据库。"""
    try:
        log = _key(log_key, ED25519)
        others = tuple(_key(each, COSIGNATURE) for each in witness_key)
    except (NoteRefused, OSError, UnicodeDecodeError) as fault:
        aside.print(f"公钥不能用：{fault}")
        return USAGE
    pins = Pins(log, others, len(others) if witnesses is None else witnesses)
    try:
        found = verify(Bundle.decode(bundle.read_bytes()), pins, HASHERS, holds)
    except BundleRefused as refused:
        return _refused(refused, json=json)
    return _holds(found, json=json)


def key_told(told: str) -> VerifierKey:
    """A public key as it is written, or the file it stands in. Raises NoteRefused, OSError."""
    file = Path(told)
    return VerifierKey.parse(file.read_text("utf-8").strip() if file.exists() else told)


def _key(told: str, kind: bytes) -> VerifierKey:
    key = key_told(told)
    if key.kind != kind:
        raise NoteRefused(f"{key.name} 不是{'日志' if kind == ED25519 else '见证方'}的公钥")
    return key


def _write(out: Path, written: bytes) -> None:
    verifier = (files("gateway.evidence") / VERIFIER).read_bytes()
    out.touch(mode=0o600)  # the whole case stands in it
    out.write_bytes(written)
    out.with_name(VERIFIER).write_bytes(verifier)


def _holds(found: Verified, *, json: bool) -> int:
    if json:
        document({"holds": True, **as_document(found)})
    else:
        for line in sentences(found):
            people.print(line)
    return OK


def _refused(refused: BundleRefused, *, json: bool) -> int:
    told: dict[str, Any] = {"holds": False, "because": str(refused)}
    if json:
        document(told)
    else:
        people.print(f"证据包不成立：{refused}")
    return DIFFERENCE
