"""What may be asked in a rectification, in procedural order."""

from datetime import date

from pydantic import PositiveInt

from domain.aggregate import Act, Explained, OfSubject
from domain.papers import Document
from domain.people import Organ
from domain.rectification.particulars import CheckResult
from domain.staged import OpenMatter
from domain.values import Several, Text

Numbers = tuple[PositiveInt, ...]  # of items of the notice, from 1


class OpenRectification(OpenMatter, name="open_rectification", label="发送整改通知"):
    """To persons, to a unit that is no subject, or to both; the instrument says what to fill in."""

    unit: Organ | None = None
    found_on: date | None = None
    occasion: Text | None = None
    work: Text | None = None
    problems: tuple[Text, ...] = ()
    items: tuple[Text, ...] = ()
    plan_due_on: date | None = None
    sent_on: date


class HoldTalk(OfSubject, name="hold_talk", label="登记谈话教育"):
    talkers: Several
    covered: tuple[Text, ...]
    summary: Text


class SubmitPlan(Act, name="submit_plan", label="报送整改方案"):
    summary: Text
    document: Document | None = None


class ReportRectification(Act, name="report_rectification", label="报告整改情况"):
    done: Numbers = ()
    summary: Text
    documents: tuple[Document, ...] = ()


class CheckRectification(Explained, name="check_rectification", label="检查整改情况"):
    result: CheckResult
    checkers: Several
    lacking: Numbers = ()
    effect_continues: bool = False
    grave_result: bool = False


class RecordSameError(Explained, name="record_same_error", label="登记同一错误再次发生"):
    subject: str | None = None


class FollowUpRectification(Act, name="follow_up_rectification", label="跟踪问效"):
    way: Text
    summary: Text


class EscalateRectification(Explained, name="escalate_rectification", label="从严处理"):
    rung: Text
    subject: str | None = None
    measures: Several


class CloseRectification(Act, name="close_rectification", label="了结整改"):
    pass


class WithdrawNotice(Explained, name="withdraw_notice", label="撤回整改通知"):
    pass
