"""The protection of one who suffers retaliation: opened, looked into, supported, reported."""

from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from domain.aggregate import Event, Order
from domain.guards import cited
from domain.law.time_limits import TimeLimits
from domain.people import Subject
from domain.protection.acts import (
    CloseProtection,
    OpenProtection,
    RecommendProtection,
    RecordRetaliationFinding,
    ReportProtectionOutcome,
    TakeProtectionMeasure,
)
from domain.protection.events import (
    Cause,
    ProtectionClosed,
    ProtectionMeasureTaken,
    ProtectionOpened,
    ProtectionOutcomeReported,
    ProtectionRecommended,
    RetaliationFinding,
    RetaliationFindingRecorded,
)
from domain.protection.instrument import ProtectionInstrument
from domain.refusals import Code, Refusal
from domain.staged import Facts, Move, StagedMatter

Rules = TimeLimits[ProtectionInstrument]


class Stage(StrEnum):
    OPEN = "open"  # 查核中
    PROTECTING = "protecting"  # 保护中
    UNFOUNDED = "unfounded"  # 未发现打击报复
    CLOSED = "closed"  # 已了结


LEADS_TO = {
    RetaliationFinding.FOUND: Stage.PROTECTING,
    RetaliationFinding.NOT_FOUND: Stage.UNFOUNDED,
}


class Protection(StagedMatter):
    kind: ClassVar[str] = "protection"
    called: ClassVar[str] = "打击报复保护"
    STAGES: ClassVar[Any] = {
        Stage.OPEN: ("查核中", "请先查核有无打击报复"),
        Stage.PROTECTING: ("保护中", "请采取保护措施、提出建议，报告结果后了结"),
        Stage.UNFOUNDED: ("未发现打击报复", "请报告结果后了结；另有事实的，另行启动"),
        Stage.CLOSED: ("已了结", "再受打击报复的，请另行启动"),
    }
    OVER: ClassVar[Any] = frozenset({Stage.CLOSED})
    MOVES: ClassVar[Any] = {
        OpenProtection: Move(ProtectionOpened, to=Stage.OPEN),
        RecordRetaliationFinding: Move(
            RetaliationFindingRecorded,
            at=(Stage.OPEN,),
            to=lambda event: LEADS_TO[event.finding],
        ),
        RecommendProtection: Move(ProtectionRecommended, at=(Stage.PROTECTING,)),
        TakeProtectionMeasure: Move(ProtectionMeasureTaken, at=(Stage.PROTECTING,)),
        ReportProtectionOutcome: Move(
            ProtectionOutcomeReported, at=(Stage.PROTECTING, Stage.UNFOUNDED)
        ),
        CloseProtection: Move(
            ProtectionClosed, at=(Stage.PROTECTING, Stage.UNFOUNDED), to=Stage.CLOSED
        ),
    }

    def __init__(self, id: UUID) -> None:
        super().__init__(id)
        self.cause: Cause | None = None
        self.measures: list[str] = []
        self.reported = False

    @property
    def subject(self) -> Subject:
        """The one protected."""
        (subject,) = self.subjects.values()
        return subject

    # ---- guards --------------------------------------------------------------------------------

    def open_protection(self, act: OpenProtection, _: Order, rules: Rules) -> Facts:
        """On the article under which the instrument protects for this cause."""
        if len(act.subjects) != 1:
            raise Refusal(
                Code.MALFORMED,
                asked=act.label,
                obstacle=f"写了 {len(act.subjects)} 个保护对象，一件保护只有一个",
                way_out="请按对象分别登记",
            )
        grounds = rules.instrument.grounds
        found = next((each for each in grounds if each.cause is act.cause), None)
        if found is None:
            known = "、".join(f"{each.cause}（{each.label}）" for each in grounds)
            raise Refusal(
                Code.NOT_PROVIDED,
                asked=act.label,
                obstacle=f"{rules.instrument.name}没有为 {act.cause} 规定保护",
                way_out=f"所规定的有 {known}",
                articles=cited(*(each.article for each in grounds)),
            )
        return {"articles": cited(found.article)}

    def recommend_protection(self, act: RecommendProtection, _: Order, rules: Rules) -> Facts:
        addressees = rules.instrument.recommended_to
        found = next((each for each in addressees if each.to is act.to), None)
        if found is None:
            raise Refusal(
                Code.WRONG_ORGAN,
                asked=act.label,
                obstacle=f"{rules.instrument.name}没有规定向 {act.to} 建议",
                way_out="可以向 " + "、".join(f"{e.to}（{e.label}）" for e in addressees) + " 建议",
                articles=cited(*(each.article for each in addressees)),
            )
        return {"articles": cited(found.article)}

    def close_protection(self, act: CloseProtection, _: Order, __: Rules) -> None:
        self.require_duties_done(act)
        if not self.reported:
            raise Refusal(
                Code.STEP_MISSING,
                asked=act.label,
                obstacle="尚未报告保护结果",
                way_out="请先报告（report_protection_outcome）",
            )

    # ---- the rest of the state table -----------------------------------------------------------

    def learn(self, event: Event) -> None:
        match event:
            case ProtectionOpened(cause=cause):
                self.cause = cause
            case ProtectionMeasureTaken(measure=measure):
                self.measures.append(measure)
            case ProtectionOutcomeReported():
                self.reported = True
