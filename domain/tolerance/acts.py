"""What may be asked of a tolerance case, in procedural order: each act and its particulars.

`name` is what scenarios, the command line and the API write; `ToleranceCase` has a method of that
name. `label` completes 「不能…」 in a refusal.
"""

from datetime import date
from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field, StringConstraints

from domain.aggregate import Act
from domain.law.policy import Outcome, Relief, Sanction
from domain.people import Organ, Subject
from domain.refusals import Code
from domain.tolerance.events import (
    Applicant,
    Matter,
    Measure,
    Recipient,
    Rectification,
    Resolution,
    SixFactors,
)

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Several = Annotated[tuple[Text, ...], Field(min_length=1)]


def _each_once(subjects: tuple[Subject, ...]) -> tuple[Subject, ...]:
    if len({each.id for each in subjects}) < len(subjects):
        raise ValueError("同一对象写了两次")
    return subjects


class Opening(Act):
    """What both tracks begin with."""

    case_number: Text
    organ: Organ
    matter: Matter
    subjects: Annotated[tuple[Subject, ...], Field(min_length=1), AfterValidator(_each_once)]


class SubmitApplication(Opening):
    name: ClassVar[str] = "submit_application"
    label: ClassVar[str] = "提出申请"

    applicant: Applicant


class StartExOfficio(Opening):
    name: ClassVar[str] = "start_ex_officio"
    label: ClassVar[str] = "同步启动容错"


class Accept(Act):
    name: ClassVar[str] = "accept"
    label: ClassVar[str] = "受理"

    co_signed_by: tuple[Text, ...] = ()


class Decline(Act):
    name: ClassVar[str] = "decline"
    label: ClassVar[str] = "作不予受理答复"

    because: Code
    explanation: Text


class OpenVerification(Act):
    name: ClassVar[str] = "open_verification"
    label: ClassVar[str] = "开始核实"

    team: Several


class ReviewSixFactors(Act):
    name: ClassVar[str] = "review_six_factors"
    label: ClassVar[str] = "作六看研判"

    subject: str
    factors: SixFactors


class CheckList(Act):
    name: ClassVar[str] = "check_list"
    label: ClassVar[str] = "对照清单"

    subject: str
    answers: dict[str, bool | None]


class ReportVerification(Act):
    name: ClassVar[str] = "report_verification"
    label: ClassVar[str] = "提交核实报告"

    summary: Text


class RecordOpinion(Act):
    name: ClassVar[str] = "record_opinion"
    label: ClassVar[str] = "登记征求的意见"

    organ: Text
    opinion: Text


class HoldConsultation(Act):
    name: ClassVar[str] = "hold_consultation"
    label: ClassVar[str] = "会商"

    organs: Several
    conclusion: Text


class OpenPublicNotice(Act):
    name: ClassVar[str] = "open_public_notice"
    label: ClassVar[str] = "开始公示"

    scope: Text


class RaiseObjection(Act):
    name: ClassVar[str] = "raise_objection"
    label: ClassVar[str] = "登记异议"

    content: Text


class ResolveObjection(Act):
    name: ClassVar[str] = "resolve_objection"
    label: ClassVar[str] = "处理异议"

    objection: int
    resolution: Resolution
    explanation: Text


class ClosePublicNotice(Act):
    name: ClassVar[str] = "close_public_notice"
    label: ClassVar[str] = "结束公示"


class DeferDetermination(Act):
    name: ClassVar[str] = "defer_determination"
    label: ClassVar[str] = "暂缓认定"

    subject: str
    explanation: Text


class Determine(Act):
    name: ClassVar[str] = "determine"
    label: ClassVar[str] = "认定"

    subject: str
    outcome: Outcome
    sanction: Sanction | None = None
    relief: Relief | None = None
    measures: tuple[Measure, ...] = ()
    situations: tuple[str, ...] = ()
    effects: tuple[str, ...] = ()
    explanation: Text
    rectification: Rectification | None = None
    effective_on: date | None = None  # the day of the determination unless stated


class NotifyResult(Act):
    name: ClassVar[str] = "notify_result"
    label: ClassVar[str] = "反馈结果"

    subject: str
    recipient: Recipient


class FileDetermination(Act):
    name: ClassVar[str] = "file_determination"
    label: ClassVar[str] = "备案"

    subject: str
    filed_with: Text


class CompleteRectification(Act):
    name: ClassVar[str] = "complete_rectification"
    label: ClassVar[str] = "登记整改完成"

    subject: str
    summary: Text


class HoldFollowUpVisit(Act):
    name: ClassVar[str] = "hold_follow_up_visit"
    label: ClassVar[str] = "登记回访"

    subject: str
    visitors: Several
    summary: Text


class Close(Act):
    name: ClassVar[str] = "close"
    label: ClassVar[str] = "结案"


ACTS: tuple[type[Act], ...] = (
    SubmitApplication,
    StartExOfficio,
    Accept,
    Decline,
    OpenVerification,
    ReviewSixFactors,
    CheckList,
    ReportVerification,
    RecordOpinion,
    HoldConsultation,
    OpenPublicNotice,
    RaiseObjection,
    ResolveObjection,
    ClosePublicNotice,
    DeferDetermination,
    Determine,
    NotifyResult,
    FileDetermination,
    CompleteRectification,
    HoldFollowUpVisit,
    Close,
)
