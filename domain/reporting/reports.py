"""公布的统计报表: the figures of one day, kept with all that is needed to count them again.

A report is prepared by one person and published by another. Once published nothing changes it: what
is found out later goes into the next report, and the two are compared matter by matter.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Literal, Self
from uuid import NAMESPACE_URL, UUID, uuid5

from pydantic import NonNegativeInt, PositiveInt, model_validator

from domain.aggregate import Act, Book, Event, Explained, Order
from domain.guards import require_authority_shown
from domain.papers import Digest
from domain.people import Officer, OrganKind
from domain.refusals import Code, Refusal
from domain.values import Text, Value

REPORTS: UUID = uuid5(NAMESPACE_URL, "urn:rongcuo:reports")  # the one stream


class Cell(Value):
    """One figure of a measure. `place`: the row it stands in; None in a report without rows.

    `digest` is that of the list behind it, so that an equal figure of other rows is noticed.
    """

    measure: str
    place: str | None
    figure: NonNegativeInt
    digest: Digest


class Report(Value):
    """A question in full, and its answer: asked again of the same log it is answered the same.

    `definitions`: the edition of the measures. `since`, `until`: inclusive civil days, None for
    open. `organ_kind` None counts every organ. `boundaries`: the day whose boundaries decide which
    row a region code counts in. `position`: the last event of the log known. `digest`: that of all
    cells.
    """

    number: Text
    title: Text
    definitions: PositiveInt
    region: str | None
    since: date | None
    until: date | None
    organ_kind: OrganKind | None
    boundaries: date
    by: tuple[()] | tuple[Literal["region"]]
    position: NonNegativeInt
    cells: tuple[Cell, ...]
    digest: Digest

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        if self.since and self.until and self.since > self.until:
            raise ValueError("统计区间的起日晚于止日")
        if any((cell.place is not None) != bool(self.by) for cell in self.cells):
            raise ValueError("分地区的报表每一格都有地区，不分的都没有")
        if len({(cell.measure, cell.place) for cell in self.cells}) < len(self.cells):
            raise ValueError("同一指标在同一地区写了不止一格")
        return self


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


class ReturnReport(Explained, name="return_report", label="退回统计报表"):
    number: str


class PublishReport(Act, name="publish_report", label="公布统计报表"):
    number: str


ACTS: tuple[type[Act], ...] = (PrepareReport, ReturnReport, PublishReport)


class ReportStage(StrEnum):
    PREPARED = "prepared"  # 待公布
    RETURNED = "returned"  # 已退回
    PUBLISHED = "published"  # 已公布


@dataclass
class ReportFile:
    """Where one report stands, with the events that brought it there."""

    prepared: ReportPrepared
    stage: ReportStage = ReportStage.PREPARED
    returned: ReportReturned | None = None
    published: ReportPublished | None = None

    @property
    def report(self) -> Report:
        return self.prepared.report


class PublishedReports(Book):
    def __init__(self, id: UUID = REPORTS) -> None:
        super().__init__(id)
        self.files: dict[str, ReportFile] = {}

    def prepare_report(self, act: PrepareReport, order: Order) -> None:
        """拟定: under a number of its own; one that was returned may be prepared again."""
        file = self.files.get(act.report.number)
        if file is not None and file.stage is not ReportStage.RETURNED:
            raise Refusal(
                Code.CASE_NUMBER_TAKEN,
                asked=act.label,
                obstacle=f"编号 {act.report.number} 已有报表，拟定于 {file.prepared.on}",
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
