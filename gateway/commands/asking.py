"""What a statistical command is asked: the same options, read the same way everywhere."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated, Final

import asyncpg
from cyclopts import Parameter

from domain.law.calendar import civil_date
from domain.reporting.periods import window
from gateway.commands.reaching import RegionOption
from gateway.commands.window import closed_period
from gateway.exposure import covering
from gateway.reports import places
from projections.definitions import EVERY, HEADLINE
from projections.statistics import SOURCES, Measure, Question

GROUPS: Final = [*dict.fromkeys(name for source in SOURCES for name in source.breakdowns)]
DATED: Final = [*dict.fromkeys(name for source in SOURCES for name in source.days)]

# what people read over a breakdown; JSON and CSV keep the names programs ask by
HEADINGS: Final = {
    "region": "地区",
    "organ": "机关",
    "organ_kind": "机关类别",
    "organ_level": "机关层级",
    "policy": "办法",
    "rank": "职级",
    "field": "领域",
    "nature": "性质",
    "year": "年",
    "quarter": "季",
    "month": "月",
    "outcome": "结论",
    "track": "启动",
    "detail": "内容",
    "situation": "情形",
    "measure": "措施",
    "kind": "事项类别",
    "rule": "期限",
}


@dataclass(frozen=True)
class Scope:
    """A question ready to be counted, and what a reader must know of it.

    `position`: that of the log up to which the answer knows; `checkpoint`: the first one over it.
    `boundaries`: the day whose administrative units the rows are.
    """

    question: Question
    measures: list[Measure]
    boundaries: date
    position: int
    checkpoint: str | None


@dataclass(frozen=True)
class _Asked:
    """Which things are counted, and into which rows."""

    region: RegionOption = None
    since: Annotated[date | None, Parameter(name="--from", help="起（含），按认定、办理之日。")] = (
        None
    )
    until: Annotated[date | None, Parameter(name="--to", help="止（含）。")] = None
    window: Annotated[
        str | None,
        Parameter(help="起止的简写：2026、2026-H1、2026-Q3、2026-09、2026-01..09（1—9月）。"),
    ] = None
    period: Annotated[
        str | None, Parameter(help="一个已关账的统计期（如 2026-Q3），按关账时所知。")
    ] = None
    dated: Annotated[
        str | None, Parameter(help="认定归入哪一天：decided 认定之日（缺省）、effective 生效之日。")
    ] = None
    known_at: Annotated[int | None, Parameter(help="按日志到这个位置时所知。")] = None
    organ_kind: Annotated[
        str, Parameter(help="认定机关的类别：discipline（缺省）、personnel …，或 all。")
    ] = "discipline"
    by: Annotated[
        list[str] | None, Parameter(help=f"分组：{'、'.join(GROUPS)}；可多次。", negative=())
    ] = None
    only: Annotated[
        list[str] | None,
        Parameter(
            help="只计这一组：outcome=exemption、situation=3 …；同一分组写几个的，有其一即计。",
            negative=(),
        ),
    ] = None
    boundaries: Annotated[
        date | None, Parameter(help="按哪一天的行政区划归并，缺省为今天；改过码的归入后来的。")
    ] = None
    measure: Annotated[
        list[str] | None, Parameter(help="只要这些指标（M1 …）；可多次。", negative=())
    ] = None
    all_of_them: Annotated[
        bool, Parameter(name="--all", negative=(), help="全部指标，见 rongcuo stats measures。")
    ] = False

    def measures(self) -> list[Measure]:
        offered = EVERY if self.measure or self.all_of_them else HEADLINE
        return [each for each in offered if not self.measure or each.id in self.measure]

    def faults(self) -> Iterator[str]:
        """What cannot be asked like this, in words; nothing when it can."""
        chosen = self._only()
        wanted = self.measures()
        told = [*(self.by or ()), *chosen]
        unknown = [
            name for name in told if any(name not in each.source.breakdowns for each in wanted)
        ]
        missing = sorted(set(self.measure or ()) - {each.id for each in EVERY})
        if unknown or missing:
            yield f"没有这样的分组或指标：{'、'.join([*unknown, *missing])}。"
            yield f"分组有 {'、'.join(GROUPS)}（outcome、track、situation、measure 只用于按认定计"
            yield "的指标，kind、rule 只用于 M19，detail 只用于其余的）；"
            yield f"指标有 {'、'.join(m.id for m in EVERY)}。"
        if "" in chosen or "region" in chosen:
            yield "--only 写作 分组=值；限定地区请用 --region。"
        if self.dated is not None and self.dated not in DATED:
            yield f"--dated 只能写 {'、'.join(DATED)}。"
        if self.period and (self.since or self.until or self.window or self.known_at is not None):
            yield "--period 已含起止和所知的位置，不能与 --from、--to、--window、--known-at 同用。"
        if self.window:
            if self.since or self.until:
                yield "--window 已含起止，请不要同时填写 --from、--to。"
            try:
                window(self.window)
            except ValueError as error:
                yield str(error)

    async def scope(self, connection: asyncpg.Connection) -> Scope:
        """The question as it stands now. Raises Refusal for a period that is not closed."""
        since, until, known_at = self.since, self.until, self.known_at
        if self.window:
            since, until = window(self.window)
        if self.period:
            since, until, known_at = await closed_period(connection, self.period)
        day = self.boundaries or civil_date(datetime.now(UTC))
        position = await connection.fetchval("SELECT position FROM views.position")
        question = Question(
            self.region,
            since,
            until,
            known_at,
            None if self.organ_kind == "all" else self.organ_kind,
            tuple(self.by or ()),
            await places(connection, self.region, day, position),
            only=self._only(),
            dated=self.dated,
        )
        known = position if known_at is None else min(position, known_at)
        return Scope(question, self.measures(), day, known, await covering(connection, known))

    def _only(self) -> dict[str, list[str]]:
        chosen: dict[str, list[str]] = {}
        for told in self.only or ():
            name, equals, value = told.partition("=")
            chosen.setdefault(name if equals else "", []).append(value)
        return chosen


Asked = Annotated[_Asked, Parameter(name="*")]
AS_USUAL: Final = _Asked()
