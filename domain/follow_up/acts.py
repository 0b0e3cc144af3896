"""What may be asked of a follow-up, in procedural order."""

from datetime import date

from domain.aggregate import Act, Explained, OfSubject
from domain.follow_up.events import Addressee, Cause, Ending, VisitRecord, VisitWay
from domain.people import Organ
from domain.staged import OpenMatter
from domain.values import Several, Text


class OpenFollowUp(OpenMatter, name="open_follow_up", label="开始跟踪回访"):
    """For one subject; the days that its instrument counts from must be told."""

    cause: Cause
    determined_on: date
    effective_on: date | None = None
    impact_ends_on: date | None = None


class HoldVisit(OfSubject, name="hold_visit", label="登记谈心谈话或者回访"):
    """On the day it was held."""

    way: VisitWay
    visitors: Several
    record: VisitRecord = VisitRecord()
    summary: Text


class MoveFollowUp(Explained, name="transfer_follow_up", label="移交跟踪回访"):
    """With the cadre, to whoever handles it from now on."""

    to: Organ


class GradeFollowUp(Act, name="grade_follow_up", label="评定回访等次"):
    grade: Text


class SendFeedback(Act, name="send_feedback", label="反馈良好表现"):
    to: Addressee
    behaviour: Text


class AdviseAppointment(Explained, name="advise_appointment", label="回复不影响任用"):
    to: Text


class CompleteFollowUp(Act, name="complete_follow_up", label="了结跟踪回访"):
    pass


class TerminateFollowUp(Explained, name="terminate_follow_up", label="终止跟踪回访"):
    cause: Ending
