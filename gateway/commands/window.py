"""Which figures are meant: whose, of which days, and what was known of them."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Final

import asyncpg
from cyclopts import Parameter

from domain.people import OrganKind
from domain.refusals import Code, Refusal

EVERY_KIND: Final = "all"


def _known_kind(_: object, told: str) -> None:
    if told not in {EVERY_KIND, *OrganKind}:
        raise ValueError(f"没有 {told} 这类机关，有 {'、'.join(OrganKind)}，或 all")


OrganKindOption = Annotated[
    str,
    Parameter(
        validator=_known_kind,
        help="认定机关的类别：discipline（缺省）、personnel …，或 all。",
    ),
]


def kind_of(told: str) -> OrganKind | None:
    """The kind of organ an `OrganKindOption` means; None for every kind."""
    return None if told == EVERY_KIND else OrganKind(told)


@dataclass(frozen=True)
class _Window:
    """`known_at` None: whatever is known now."""

    since: Annotated[date | None, Parameter(name="--from", help="起（含）。")] = None
    until: Annotated[date | None, Parameter(name="--to", help="止（含）。")] = None
    known_at: Annotated[
        int | None, Parameter(help="按日志到这个位置时所知，缺省为现在的位置。")
    ] = None
    period: Annotated[
        str | None, Parameter(help="一个已关账的统计期（如 2026-Q3），按关账时所知。")
    ] = None

    @property
    def fault(self) -> str | None:
        """What is wrong with it as it was written."""
        told = (self.since, self.until, self.known_at)
        if self.period is not None and any(each is not None for each in told):
            return "--period 已含起止和所知的位置，请不要同时填写 --from、--to、--known-at。"
        if self.since and self.until and self.since > self.until:
            return "统计区间的起日晚于止日。"
        return None

    async def days(self, connection: asyncpg.Connection) -> tuple[date | None, date | None, int]:
        """First and last day, and the last position known. Raises Refusal."""
        if self.period is not None:
            return await closed_period(connection, self.period)
        newest: int = await connection.fetchval("SELECT position FROM views.position")
        known_at = newest if self.known_at is None else min(newest, self.known_at)
        return self.since, self.until, known_at


Window = Annotated[_Window, Parameter(name="*")]
ALL_DAYS: Final = _Window()


async def closed_period(connection: asyncpg.Connection, period: str) -> tuple[date, date, int]:
    """The days of a closed period, and what was known at its closing. Raises Refusal."""
    row = await connection.fetchrow(
        "SELECT first_day, last_day, known_at FROM views.closed_periods WHERE period = $1", period
    )
    if row is None:
        raise Refusal(
            Code.UNKNOWN_PERIOD,
            asked="统计",
            obstacle=f"没有已关账的统计期 {period}",
            way_out="请用 rongcuo stats periods 核对；没有关账的，请用 --from、--to",
        )
    return row["first_day"], row["last_day"], row["known_at"]
