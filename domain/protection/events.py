"""What can happen in a protection matter, in procedural order."""

from enum import StrEnum

from domain.aggregate import Event
from domain.people import Organ
from domain.staged import MatterOpened


class Cause(StrEnum):
    """For what the subject suffers."""

    PRINCIPLE = "principle"  # 坚持原则
    PUBLIC_INTEREST = "public_interest"  # 为公而不怕得罪人
    PETITIONER = "petitioner"  # 检举控告
    REFORMER = "reformer"  # 改革创新
    OTHER = "other"


class RetaliationFinding(StrEnum):
    FOUND = "found"  # 存在打击报复
    NOT_FOUND = "not_found"  # 未发现打击报复


class Addressee(StrEnum):
    """To whom the subject is recommended."""

    PARTY_COMMITTEE = "party_committee"  # 党委（党组）
    PERSONNEL_ORGAN = "personnel_organ"  # 组织部门


class ProtectionOpened(MatterOpened, topic="protection.opened.v1", term="启动保护"):
    cause: Cause
    facts: str


class RetaliationFindingRecorded(Event, topic="protection.finding.v1", term="打击报复查核"):
    aspects = tuple(RetaliationFinding)

    finding: RetaliationFinding
    explanation: str

    def names(self) -> frozenset[str]:
        return super().names() | {f"{self.name()}:{self.finding}"}


class ProtectionRecommended(Event, topic="protection.recommended.v1", term="保护建议"):
    aspects = tuple(Addressee)

    to: Addressee
    measures: tuple[str, ...]
    explanation: str

    def names(self) -> frozenset[str]:
        return super().names() | {f"{self.name()}:{self.to}"}


class ProtectionMeasureTaken(Event, topic="protection.measure-taken.v1", term="保护措施"):
    measure: str
    taken_by: Organ


class ProtectionOutcomeReported(Event, topic="protection.outcome-reported.v1", term="报告保护结果"):
    to: str
    summary: str


class ProtectionClosed(Event, topic="protection.closed.v1", term="保护了结"):
    pass
