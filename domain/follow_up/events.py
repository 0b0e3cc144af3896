"""What can happen in a follow-up, in procedural order."""

from datetime import date
from enum import StrEnum

from domain.aggregate import Event
from domain.people import Organ
from domain.staged import MatterOpened
from domain.values import Text, Value


class Cause(StrEnum):
    """After what somebody is followed up."""

    TOLERANCE = "tolerance"  # 容错认定
    SANCTION = "sanction"  # 处分或者处理


class VisitWay(StrEnum):
    """What was held; an instrument says which of them it counts."""

    TALK = "talk"  # 谈心谈话
    VISIT = "visit"  # 回访


class Addressee(StrEnum):
    """Who is told how somebody does since."""

    PARTY_COMMITTEE = "party_committee"  # 党委（党组）
    PERSONNEL_ORGAN = "personnel_organ"  # 组织（人事）部门


class Ending(StrEnum):
    """Why there is nobody left to follow up."""

    REVOKED = "revoked"  # 认定或者处分被撤销
    DECEASED = "deceased"  # 死亡
    LEFT = "left"  # 离职、退休


class VisitRecord(Value):
    """What was learned, by the blanks of the forms in use; an instrument says which must be told.

    回访教育情况登记表 (domain notes 7); 生活 as in 鄂纪励第十条 and 舞阳容错办法第九条.
    """

    thoughts: Text | None = None  # 思想状况
    discipline: Text | None = None  # 遵守纪律
    work: Text | None = None  # 工作情况
    life: Text | None = None  # 生活情况
    appraisal: Text | None = None  # 考核评价
    unit_and_mentor: Text | None = None  # 所在单位和帮教人意见
    execution: Text | None = None  # 处分决定执行


class FollowUpOpened(MatterOpened, topic="follow_up.opened.v1", term="开始跟踪"):
    """`impact_ends_on`: the last day of the 影响期. Visits count inside the window, if any."""

    cause: Cause
    determined_on: date
    effective_on: date | None = None
    impact_ends_on: date | None = None
    window_from: date | None
    window_until: date | None


class VisitHeld(Event, topic="follow_up.visit-held.v1", term="回访"):
    """On the day it was held. `undoes_lapse`: it was in time after all, and only told late."""

    aspects = tuple(VisitWay)

    subject: str
    way: VisitWay
    visitors: tuple[str, ...]
    record: VisitRecord
    summary: str
    undoes_lapse: bool = False

    def names(self) -> frozenset[str]:
        return frozenset({self.name(), f"{self.name()}:{self.way}"})


class FollowUpTransferred(Event, topic="follow_up.transferred.v1", term="随人移交"):
    """What was held before counts on."""

    to: Organ
    explanation: str


class FollowUpGraded(Event, topic="follow_up.graded.v1", term="评定等次"):
    """`good`: the grade by which the instrument says that somebody does well."""

    aspects = ("good",)

    grade: str
    label: str
    good: bool

    def names(self) -> frozenset[str]:
        return frozenset({self.name(), *([f"{self.name()}:good"] if self.good else [])})


class FeedbackSent(Event, topic="follow_up.feedback-sent.v1", term="反馈表现"):
    aspects = tuple(Addressee)

    to: Addressee
    behaviour: str

    def names(self) -> frozenset[str]:
        return frozenset({self.name(), f"{self.name()}:{self.to}"})


class AppointmentAdvised(Event, topic="follow_up.appointment-advised.v1", term="回复任用意见"):
    to: str
    explanation: str


class FollowUpCompleted(Event, topic="follow_up.completed.v1", term="跟踪了结"):
    visits: int


class FollowUpTerminated(Event, topic="follow_up.terminated.v1", term="终止跟踪"):
    cause: Ending
    explanation: str


class FollowUpLapsed(Event, topic="follow_up.lapsed.v1", term="期满未回访"):
    """The window went by without the visits it asks for; recorded by the clock."""

    visits: int
    wanted: int
