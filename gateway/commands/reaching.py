"""How commands reach the store: of a home given, of the environment, or of the default home."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated

import asyncpg
from cyclopts import Parameter

from domain.refusals import Code, Refusal
from workers.addresses import DatabaseAddress
from workers.home import Home, default_home
from workers.settings import Settings
from workers.store import READER, connect_as, database_of

HomeOption = Annotated[
    Path | None,
    Parameter(name="--home", help="数据目录；缺省为用户数据目录，root 为 /var/lib/rongcuo。"),
]


def _region(_: object, told: str | None) -> None:
    if told is not None and not re.fullmatch(r"\d{2}(\d{2}){0,2}", told):
        raise ValueError("行政区划代码是两位、四位或六位数字，如 42、4210、421087")


RegionOption = Annotated[
    str | None,
    Parameter(validator=_region, help="办理机关的行政区划代码，可只写前两位或四位。"),
]
RegionCode = Annotated[str, Parameter(validator=_region, help="行政区划代码，可只写前两位或四位。")]


def home_of(option: Path | None) -> Home:
    return Home(option or Settings().home or default_home())


@asynccontextmanager
async def database(option: Path | None) -> AsyncIterator[DatabaseAddress]:
    """The database meant: of `--home`, else of the environment, else of the default home."""
    configured = Settings().database
    if option is None and configured is not None:
        yield configured
        return
    async with database_of(home_of(option)) as address:
        yield address


def no_such_case(asked: str, number: str) -> Refusal:
    return Refusal(
        Code.CASE_NOT_FOUND,
        asked=asked,
        obstacle=f"没有案号或编号为 {number} 的案件",
        way_out="请用 rongcuo case list 核对",
    )


@asynccontextmanager
async def reading(option: Path | None) -> AsyncIterator[asyncpg.Connection]:
    """A connection that may only read the views and the log."""
    async with database(option) as address:
        connection = await connect_as(READER, address)
        try:
            yield connection
        finally:
            await connection.close()
