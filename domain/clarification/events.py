"""What can happen when a name is to be cleared, in procedural order."""

from datetime import date
from enum import StrEnum

from domain.aggregate import Event
from domain.law.deadline_rules import StartDate
from domain.papers import Document
from domain.people import Organ
from domain.staged import MatterOpened


class Finding(StrEnum):
    """What verification found of the accusation; what cannot be excluded is not untrue."""

    UNTRUE = "untrue"  # 不实
    UNPROVEN = "unproven"  # 未查实
    PARTLY = "partly"  # 部分属实


class ClearingWay(StrEnum):
    """How a name is cleared (澄清方式)."""

    WRITTEN = "written"  # 书面
    FACE_TO_FACE = "face_to_face"  # 当面
    MEETING = "meeting"  # 会议
    NOTICE = "notice"  # 通报
    MEDIA = "media"  # 媒体


class Ground(StrEnum):
    """Why no clearing is called for (不予澄清的理由)."""

    NOT_CONCLUSIVE = "not_conclusive"  # 没有认定不实
    NO_HARM = "no_harm"  # 没有不良影响
    INQUIRY_EFFECT_ONLY = "inquiry_effect_only"  # 影响仅由谈话函询引起
    SUBJECT_DECLINES = "subject_declines"  # 本人不愿澄清


class ClarificationOpened(MatterOpened, topic="clarification.opened.v1", term="登记澄清事项"):
    """Of one accusation, and of one concrete problem, which is all that is ever cleared.

    `accusation` is its id: two organs that clear two persons of one accusation write the same.
    """

    accusation: str
    problem: str
    verified_by: Organ


class AccusationFound(Event, topic="clarification.found.v1", term="认定举报结论"):
    """`untrue_part`: of a problem found partly true, the part that is not."""

    aspects = ("untrue", "unproven", "partly")
    starts = ((StartDate.FINDING, "found_on"),)

    finding: Finding
    found_on: date
    untrue_part: str | None = None
    explanation: str

    def names(self) -> frozenset[str]:
        """`untrue` also where only a part is: that part is to be cleared in the same time."""
        aspects = {self.finding.value} | ({"untrue"} if self.untrue_part else set())
        return super().names() | {f"{self.name()}:{each}" for each in aspects}


class HarmAssessed(Event, topic="clarification.harm-assessed.v1", term="评估影响"):
    """In which `situations` of the instrument it harmed, with their labels; none: no harm."""

    situations: tuple[str, ...]
    labels: tuple[str, ...]
    inquiry_effect_only: bool = False
    explanation: str

    @property
    def calls_for_clearing(self) -> bool:
        return bool(self.situations) and not self.inquiry_effect_only


class WishRecorded(Event, topic="clarification.wish-recorded.v1", term="听取本人意愿"):
    """Whether the one concerned wants it, in which ways and how far; the last word counts."""

    wanted: bool
    ways: tuple[ClearingWay, ...] = ()
    scope: str | None = None


class ClarificationApproved(Event, topic="clarification.approved.v1", term="批准澄清"):
    ways: tuple[ClearingWay, ...]
    scope: str


class ClarificationNotRequired(Event, topic="clarification.not-required.v1", term="不予澄清"):
    ground: Ground
    explanation: str


class ClarificationPerformed(Event, topic="clarification.performed.v1", term="实施澄清"):
    """One way at a time. `complete`: with this one, every way approved has been taken."""

    aspects = ("complete",)

    way: ClearingWay
    scope: str
    letter: Document | None = None  # 澄清正名函
    attendees: tuple[str, ...] = ()
    complete: bool

    def names(self) -> frozenset[str]:
        complete = {f"{self.name()}:complete"} if self.complete else set()
        return super().names() | complete


class PersonnelOrganInformed(
    Event, topic="clarification.personnel-organ-informed.v1", term="向组织部门说明"
):
    recipient: str


class UnitInformed(Event, topic="clarification.unit-informed.v1", term="向单位说明"):
    recipient: str


class ClarificationFollowedUp(Event, topic="clarification.followed-up.v1", term="反馈回访"):
    feedback: str


class ClarificationClosed(Event, topic="clarification.closed.v1", term="了结归档"):
    pass
