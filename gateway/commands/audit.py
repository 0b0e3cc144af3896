"""`audit …`: what proves the log, and whether it holds."""

import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Final

import asyncpg
from cyclopts import App, Parameter
from cyclopts.types import ExistingFile

from domain.evidence.notes import NoteRefused, VerifierKey, opened
from domain.evidence.trees import Head
from domain.law.calendar import CHINA
from domain.refusals import Code, Refusal
from gateway.commands.bundles import export, heads, key_told, verify_bundle
from gateway.commands.output import (
    DIFFERENCE,
    OK,
    USAGE,
    JsonOption,
    aside,
    document,
    people,
    table,
)
from gateway.commands.reaching import HomeOption, database, home_of, reading
from gateway.exposure import Exposure, exposure
from workers.addresses import DatabaseAddress
from workers.sealing.hashers import HASHERS
from workers.sealing.kept import Sealing, sealing_as_set, sealing_of
from workers.sealing.keys import holds
from workers.sealing.sealer import SealRefused, seal
from workers.sealing.verifying import Finding, Outside, Verified, Wrong, verify
from workers.sealing.witness_book import WitnessRefused
from workers.sealing.witnesses import collect
from workers.settings import Settings
from workers.store import AUDITOR, SEALER, connect_as

WORDS: Final = {
    Wrong.MISSING: "位置有缺",
    Wrong.VERSION_GAP: "案内版本不连续",
    Wrong.ALTERED: "与写入时的封记不符",
    Wrong.TILE_ALTERED: "与封存的树不符",
    Wrong.TILE_MISSING: "封存的树缺了一块",
    Wrong.ROOT_DIFFERS: "与签过的检查点不符",
    Wrong.LOG_TOO_SHORT: "日志比签过的检查点短，可能是旧备份",
    Wrong.SIGNATURE_FALSE: "检查点或会签的签名不符",
}
VERIFYING: Final = "核验日志"

audit = App(name="audit", help="存证：检查点、见证、证据包、核验。")
audit.command(heads)
audit.command(export)


@audit.command
async def status(*, home: HomeOption = None, json: JsonOption = False) -> int:
    """封存到哪里、谁见证到哪里，还有多久的事件没有外人见过。"""
    async with reading(home) as connection:
        found = await exposure(connection)
    now = datetime.now(UTC)
    if json:
        document({**asdict(found), "exposure_seconds": found.seconds(now)})
        return OK
    _print_status(found, now)
    return OK


@audit.command(name="seal")
async def seal_now(*, home: HomeOption = None, json: JsonOption = False) -> int:
    """立即封存并请见证方会签；平时由 rongcuo up、serve sealer 每秒办理。"""
    sealing = _sealing(home)
    async with database(home) as address:
        connection = await connect_as(SEALER, address)
        try:
            sealed = await seal(connection, sealing.signer, sealing.hasher)
            for witness in sealing.witnesses:
                await collect(connection, witness, sealing.hasher)
        except (SealRefused, WitnessRefused, NoteRefused) as refused:
            aside.print(f"{refused}。请用 rongcuo audit verify 查明。")
            return DIFFERENCE
        finally:
            await connection.close()
    if json:
        size, root = sealed.head
        document({"sealed": sealed.events, "size": size, "root": root.hex()})
        return OK
    people.print(f"封存了 {sealed.events} 个事件，至第 {sealed.head.size} 号。")
    return OK


@audit.command
async def checkpoint(
    *,
    size: Annotated[int | None, Parameter(help="哪一个大小的，缺省为最新。")] = None,
    home: HomeOption = None,
    json: JsonOption = False,
) -> int:
    """一个检查点，连同会签：抄存、打印或交给见证方的就是它。"""
    async with reading(home) as connection:
        row = await connection.fetchrow(
            "SELECT size, note, made_at, ARRAY(SELECT line FROM audit.cosignature AS c"
            " WHERE c.size = checkpoint.size ORDER BY witness) AS lines"
            " FROM audit.checkpoint WHERE size = $1 OR $1 IS NULL ORDER BY size DESC LIMIT 1",
            size,
        )
    if row is None:
        raise Refusal(
            Code.UNKNOWN_ITEM,
            asked="查看检查点",
            obstacle=f"没有大小为 {size} 的检查点" if size else "日志还没有封存过",
            way_out="请用 rongcuo audit status 核对；封存由 rongcuo up 或 serve sealer 办理",
        )
    note = row["note"] + "".join(f"{line}\n" for line in row["lines"])
    if json:
        document({"size": row["size"], "made_at": row["made_at"], "note": note})
    else:
        sys.stdout.write(note)
    return OK


@audit.command(name="key")
def show_key(*, home: HomeOption = None, json: JsonOption = False) -> int:
    """日志和见证方的公钥：交给稽核人员保存，离线核验以它为准。"""
    sealing = _sealing(home)
    told = {
        "log": str(sealing.signer.key),
        "witnesses": [str(each.key) for each in sealing.witnesses],
    }
    if json:
        document(told)
        return OK
    people.print(told["log"], soft_wrap=True)
    for each in told["witnesses"]:
        people.print(each, soft_wrap=True)
    return OK


@audit.command(name="verify")
async def verify_all(
    bundle: ExistingFile | None = None,
    /,
    *,
    log_key: Annotated[
        str | None, Parameter(help="日志的公钥（或内有公钥的文件）；缺省为本机所存的。")
    ] = None,
    witness_key: Annotated[
        tuple[str, ...],
        Parameter(negative=(), help="见证方的公钥（或内有公钥的文件），核验证据包用；可多次。"),
    ] = (),
    witnesses: Annotated[
        int | None, Parameter(help="证据包至少须有几家见证，缺省为给出的全部。")
    ] = None,
    notes: Annotated[
        list[Path] | None,
        Parameter(name="--note", negative=(), help="另处保存的检查点文件；可多次。"),
    ] = None,
    since: Annotated[int, Parameter(help="从这个检查点之后核起：以前核过的不再读。")] = 0,
    home: HomeOption = None,
    json: JsonOption = False,
) -> int:
    """核验一个证据包；不写文件的，核验全库：逐个事件重算，与一切签过的检查点和见证方所见比对。

    不符的退出码为 3。核验证据包不需要数据库，公钥须另外得来。
    """
    if bundle is not None:
        if log_key is None:
            aside.print("核验证据包须用 --log-key 写明日志的公钥：不要取自随证据包来的文件。")
            return USAGE
        return verify_bundle(
            bundle, log_key=log_key, witness_key=witness_key, witnesses=witnesses, json=json
        )
    sealing = _sealing(home) if log_key is None else None
    key = sealing.signer.key if sealing else _key(str(log_key))
    keys = [each.key for each in sealing.witnesses] if sealing else []
    outside = [_outside(file, key) for file in notes or ()]
    async with database(home) as address:
        found = await _verified(address, key, keys, outside, since)
    if json:
        document({**asdict(found), "holds": found.holds})
        return OK if found.holds else DIFFERENCE
    people.print(f"核验 {found.events} 个事件，检查点签到第 {found.covered} 号。")
    if found.holds:
        people.print("没有发现改动。")
        return OK
    table(("位置", "案件", "问题", "说明"), map(_line, found.findings))
    return DIFFERENCE


async def _verified(
    address: DatabaseAddress,
    key: VerifierKey,
    witnesses: list[VerifierKey],
    outside: list[Outside],
    since: int,
) -> Verified:
    connection = await connect_as(AUDITOR, address)
    hasher = HASHERS[Settings().log_hash]
    try:
        await _require_sealed_at(connection, since)
        with aside.status("核验 …") as told:
            return await verify(
                connection,
                key,
                hasher=hasher,
                witnesses=witnesses,
                outside=outside,
                since=since,
                progress=lambda done, of: told.update(f"核验 {done:,} / {of:,}"),
            )
    finally:
        await connection.close()


async def _require_sealed_at(connection: asyncpg.Connection, size: int) -> None:
    if size and not await connection.fetchval(
        "SELECT EXISTS (SELECT FROM audit.checkpoint WHERE size = $1)", size
    ):
        raise Refusal(
            Code.UNKNOWN_ITEM,
            asked=VERIFYING,
            obstacle=f"没有大小为 {size} 的检查点",
            way_out="--since 只能写核过的检查点的大小；不知道的，请从头核",
        )


def _sealing(home: Path | None) -> Sealing:
    settings = Settings()
    if home is None and settings.database is not None:
        return sealing_as_set(settings)
    return sealing_of(home_of(home), settings)


def _key(told: str) -> VerifierKey:
    try:
        return key_told(told)
    except (NoteRefused, OSError, UnicodeDecodeError) as refused:
        raise Refusal(
            Code.MALFORMED,
            asked=VERIFYING,
            obstacle=str(refused),
            way_out="请写 rongcuo audit key 所示的公钥，或内有公钥的文件",
        ) from None


def _outside(file: Path, key: VerifierKey) -> Outside:
    """A checkpoint kept elsewhere, of which only the log's own signature is asked here."""
    try:
        kept, _ = opened(file.read_text(), key, holds)
    except (NoteRefused, OSError, UnicodeDecodeError) as error:
        raise Refusal(
            Code.MALFORMED,
            asked=VERIFYING,
            obstacle=f"{file} 不是本日志签过的检查点：{error}",
            way_out="请核对文件和公钥；是伪造的，请留存并报告",
        ) from None
    return Outside(Head(kept.size, kept.root), str(file))


def _line(finding: Finding) -> tuple[Any, ...]:
    where = f"{finding.position}"
    if finding.after is not None:
        where = f"{finding.after + 1}–{finding.position}"
    return where, finding.matter or "", WORDS[finding.wrong], finding.detail


def _print_status(found: Exposure, now: datetime) -> None:
    table(
        ("项目", "至位置", "时间"),
        (
            ("日志", found.log, None),
            ("封存", found.sealed, _local(found.sealed_at)),
            *((f"见证方 {each.witness}", each.size, _local(each.at)) for each in found.witnesses),
        ),
    )
    if found.exposed_since is None:
        people.print("全部事件都有见证方见过。")
    else:
        left = found.log - found.witnessed
        people.print(f"还有 {left} 个事件没有见证方见过，最早的已 {found.seconds(now):.0f} 秒。")


def _local(at: datetime | None) -> str | None:
    return at.astimezone(CHINA).strftime("%Y-%m-%d %H:%M:%S") if at else None
