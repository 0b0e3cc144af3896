"""公布的统计报表: the figures of one day, kept with all that is needed to count them again.

A report is prepared by one person and published by another. Once published nothing changes it: what
is found out later goes into the next report, and the two are compared matter by matter. Published,
it may be submitted to the unit above (`submissions`).
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import NAMESPACE_URL, UUID, uuid5

from domain.aggregate import Act, Aggregate, Event, Explained, Order, require_dated
from domain.guards import require_authority_shown
from domain.papers import Digest
from domain.people import Officer
from domain.refusals import Code, Refusal
from domain.reporting import submissions
from domain.reporting.report import Report

REPORTS: UUID = uuid5(NAMESPACE_URL, "urn:rongcuo:reports")  # the one stream


class ReportPrepared(Event, topic="report.prepared.v1", term="拟定统计报表"):
    report: Report


class ReportReturned(Event, topic="report.returned.v1", term="退回统计报表"):
    number: str
    explanation: str


class ReportPublished(Event, topic="report.published.v1", term="公布统计报表"):
    """`position` and `digest` are those of the report: what exactly was approved."""

    number: str
    position: int
    digest: Digest
    prepared_by: Officer


class PrepareReport(Act, name="prepare_report", label="拟定统计报表"):
    report: Report

    @property
    def number(self) -> str:
        return self.report.number


class ReturnReport(Explained, name="return_report", label="退回统计报表"):
    number: str


class PublishReport(Act, name="publish_report", label="公布统计报表"):
    number: str


OnReports = (
    PrepareReport
    | ReturnReport
    | PublishReport
    | submissions.SubmitReport
    | submissions.ApproveReport
    | submissions.SendBackReport
)
ACTS: tuple[type[Act], ...] = (PrepareReport, ReturnReport, PublishReport, *submissions.ACTS)


class ReportStage(StrEnum):
    PREPARED = "prepared"  # 待公布
    RETURNED = "returned"  # 已退回
    PUBLISHED = "published"  # 已公布
    SUBMITTED = "submitted"  # 待审核
    APPROVED = "approved"  # 审核通过
    SENT_BACK = "sent_back"  # 退回上报


@dataclass
class ReportFile:
    """Where one report stands, with the events that brought it there."""

    prepared: ReportPrepared
    stage: ReportStage = ReportStage.PREPARED
    returned: ReportReturned | None = None
    published: ReportPublished | None = None
    submitted: submissions.ReportSubmitted | None = None
    approved: submissions.ReportApproved | None = None
    sent_back: submissions.ReportSentBack | None = None

    @property
    def report(self) -> Report:
        return self.prepared.report

    @property
    def last_on(self) -> date:
        """The day of the latest act on it."""
        later = (self.returned, self.published, self.submitted, self.approved, self.sent_back)
        return max(each.on for each in (self.prepared, *later) if each is not None)

    @property
    def counts_above(self) -> bool:
        """Whether it is what the unit above has of this one: submitted, and not sent back."""
        return self.submitted is not None and self.sent_back is None


class PublishedReports(Aggregate):
    def __init__(self, id: UUID = REPORTS) -> None:
        super().__init__(id)
        self.files: dict[str, ReportFile] = {}

    def perform(self, act: OnReports, order: Order) -> None:
        """Take one act. Raises Refusal, and records nothing.

        Its day is compared with that of the act before it on the same report: the book is that of
        every organ, and none waits for another.
        """
        file = self.files.get(act.number)
        require_dated(order, act.label, file.last_on if file else None)
        getattr(self, act.name)(act, order)

    # ---- preparing and publishing -------------------------------------------------------------

    def prepare_report(self, act: PrepareReport, order: Order) -> None:
        """拟定: under a number of its own; one that was returned may be prepared again."""
        file = self.files.get(act.number)
        if file is not None and file.stage is not ReportStage.RETURNED:
            raise Refusal(
                Code.CASE_NUMBER_TAKEN,
                asked=act.label,
                obstacle=f"编号 {act.number} 已有报表，拟定于 {file.prepared.on}",
                way_out="请另编报表编号；拟定有误、尚未公布的，先退回",
            )
        self.record(ReportPrepared, order, report=act.report)

    def return_report(self, act: ReturnReport, order: Order) -> None:
        """退回: the draft is put aside; its number may be used again."""
        self._draft(act, act.number)
        self.record(ReportReturned, order, **dict(act))

    def publish_report(self, act: PublishReport, order: Order) -> None:
        """公布: by another person than the one who prepared it, on an approval shown."""
        draft = self._draft(act, act.number)
        preparer = draft.envelope.by
        if order.by.id == preparer.id:
            raise Refusal(
                Code.SAME_PERSON,
                asked=act.label,
                obstacle=f"报表 {act.number} 由 {preparer.id} 拟定",
                way_out="请由另一人核对后公布",
            )
        require_authority_shown(act, order)
        self.record(
            ReportPublished,
            order,
            number=act.number,
            position=draft.report.position,
            digest=draft.report.digest,
            prepared_by=preparer,
        )

    # ---- up the tree --------------------------------------------------------------------------

    def submit_report(self, act: submissions.SubmitReport, order: Order) -> None:
        """上报: by the organ that published it, to an organ of the unit next above."""
        file = self.file(act.number, act.label)
        if file.published is None:
            raise Refusal(
                Code.STEP_MISSING,
                asked=act.label,
                obstacle=f"报表 {act.number} 还没有公布",
                way_out="请先由另一人核对、公布",
            )
        _require_not_submitted(act, file)
        above = submissions.require_one_step_up(
            act, file.report, file.published.envelope.by.organ, order.by.organ
        )
        self._require_alone(act, file.report)
        self.record(
            submissions.ReportSubmitted,
            order,
            number=act.number,
            position=file.report.position,
            digest=file.report.digest,
            to=submissions.ReportingOrgan(id=act.to, unit=above),
        )

    def approve_report(self, act: submissions.ApproveReport, order: Order) -> None:
        """审核通过: only of what came out the same when it was counted again."""
        file, submitted = self._awaiting(act, order)
        submissions.require_the_same(act, file.report)
        self.record(
            submissions.ReportApproved,
            order,
            number=act.number,
            position=file.report.position,
            digest=file.report.digest,
            submitted_by=submitted.envelope.by,
        )

    def send_back_report(self, act: submissions.SendBackReport, order: Order) -> None:
        """退回上报: with the reason; the figures are not touched."""
        self._awaiting(act, order)
        self.record(submissions.ReportSentBack, order, **dict(act))

    def file(self, number: str, asked: str) -> ReportFile:
        """A report in whatever stage. Raises Refusal where the number is unknown."""
        try:
            return self.files[number]
        except KeyError:
            raise Refusal(
                Code.UNKNOWN_ITEM,
                asked=asked,
                obstacle=f"没有编号为 {number} 的统计报表",
                way_out=f"现有：{'、'.join(self.files) or '无'}",
            ) from None

    def evolve(self, event: Event) -> None:
        match event:
            case ReportPrepared(report=report):
                self.files[report.number] = ReportFile(event)
            case ReportReturned(number=number):
                file = self.files[number]
                file.stage, file.returned = ReportStage.RETURNED, event
            case ReportPublished(number=number):
                file = self.files[number]
                file.stage, file.published = ReportStage.PUBLISHED, event
            case submissions.ReportSubmitted(number=number):
                file = self.files[number]
                file.stage, file.submitted = ReportStage.SUBMITTED, event
            case submissions.ReportApproved(number=number):
                file = self.files[number]
                file.stage, file.approved = ReportStage.APPROVED, event
            case submissions.ReportSentBack(number=number):
                file = self.files[number]
                file.stage, file.sent_back = ReportStage.SENT_BACK, event

    def _draft(self, act: Act, number: str) -> ReportPrepared:
        file = self.file(number, act.label)
        if file.published is not None:
            raise Refusal(
                Code.ALREADY_DONE,
                asked=act.label,
                obstacle=f"报表 {number} 已于 {file.published.on} 公布",
                way_out="公布的不再改动；数字有变的，另编一份，两份之差可以逐案列出",
            )
        if file.returned is not None:
            raise Refusal(
                Code.STEP_MISSING,
                asked=act.label,
                obstacle=f"报表 {number} 已于 {file.returned.on} 退回",
                way_out="请改正后重新拟定",
            )
        return file.prepared

    def _require_alone(self, act: submissions.SubmitReport, report: Report) -> None:
        """No two figures of the same thing lie above, so that nobody must choose between them."""
        for other in self.files.values():
            if other.counts_above and other.report.asks_again(report):
                shared = "、".join(sorted(other.report.measures & report.measures))
                raise Refusal(
                    Code.DUPLICATE,
                    asked=act.label,
                    obstacle=f"同一统计范围的 {shared} 已由报表 {other.report.number} 上报",
                    way_out="有误的请上级退回后再报；审核通过以后的变化，"
                    "由下一期报表和 rongcuo stats diff 说明",
                )

    def _awaiting(
        self, act: submissions.ApproveReport | submissions.SendBackReport, order: Order
    ) -> tuple[ReportFile, submissions.ReportSubmitted]:
        """A report that waits for the organ which now acts, by somebody who had no part in it."""
        file = self.file(act.number, act.label)
        submitted = file.submitted
        if file.published is None or submitted is None:
            raise Refusal(
                Code.STEP_MISSING,
                asked=act.label,
                obstacle=f"报表 {act.number} 没有上报",
                way_out="请待公布它的机关上报",
            )
        done = file.approved or file.sent_back
        if done is not None:
            raise Refusal(
                Code.ALREADY_DONE,
                asked=act.label,
                obstacle=f"报表 {act.number} 已于 {done.on}{done.term}",
                way_out="一次上报只审核一次；退回的由下级另编一份再报",
            )
        if order.by.organ != submitted.to.id:
            raise Refusal(
                Code.WRONG_ORGAN,
                asked=act.label,
                obstacle=f"报表 {act.number} 上报给 {submitted.to.id}，不是 {order.by.organ}",
                way_out=f"请由 {submitted.to.id} 办理",
            )
        for event in (file.prepared, file.published, submitted):
            if event.envelope.by.id == order.by.id:
                raise Refusal(
                    Code.SAME_PERSON,
                    asked=act.label,
                    obstacle=f"{order.by.id} 办过这份报表的「{event.term}」",
                    way_out="请由没有参与拟定、公布和上报的人审核",
                )
        return file, submitted


def _require_not_submitted(act: submissions.SubmitReport, file: ReportFile) -> None:
    if file.sent_back is not None:
        raise Refusal(
            Code.ALREADY_DONE,
            asked=act.label,
            obstacle=f"报表 {act.number} 已于 {file.sent_back.on} 退回上报："
            f"{file.sent_back.explanation}",
            way_out="请另编一号，重新拟定、公布后上报",
        )
    if file.submitted is not None:
        raise Refusal(
            Code.ALREADY_DONE,
            asked=act.label,
            obstacle=f"报表 {act.number} 已于 {file.submitted.on} 上报 {file.submitted.to.id}",
            way_out="请待审核，无须再报",
        )
