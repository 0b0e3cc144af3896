"""What is known of a tolerance case, and what each event changes in it."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import NAMESPACE_URL, UUID, uuid5

from domain.aggregate import Aggregate, Event
from domain.law.policy import Step, Track
from domain.obligations import ObligationBook
from domain.people import Organ, Subject
from domain.tolerance import events


class Stage(StrEnum):
    """Where the case stands as a whole; outcomes stand with its subjects."""

    APPLIED = "applied"  # 申请提出
    ACCEPTED = "accepted"  # 已受理
    DECLINED = "declined"  # 不予受理
    VERIFYING = "verifying"  # 核实中
    VERIFIED = "verified"  # 核实完毕
    ON_NOTICE = "on_notice"  # 公示中
    NOTICED = "noticed"  # 公示结束
    DETERMINED = "determined"  # 认定完毕
    CLOSED = "closed"  # 已结案


STAGES: dict[Stage, tuple[str, str]] = {  # what it is called, and what can be done from there
    Stage.APPLIED: ("申请提出", "请先作出受理或不予受理的答复"),
    Stage.ACCEPTED: ("已受理", "请先开始核实"),
    Stage.DECLINED: ("不予受理", "本案到此为止；有新的事由请另行申请"),
    Stage.VERIFYING: ("核实中", "请先完成研判、清单对照并提交核实报告"),
    Stage.VERIFIED: ("核实完毕", "可以会商、公示或者认定"),
    Stage.ON_NOTICE: ("公示中", "请待公示期满、异议处理完毕后结束公示"),
    Stage.NOTICED: ("公示结束", "可以认定"),
    Stage.DETERMINED: ("认定完毕", "可以反馈、备案、回访和结案"),
    Stage.CLOSED: ("已结案", "结案后只能登记反馈、备案、回访和整改完成"),
}


def case_id(case_number: str) -> UUID:
    """The stream of a case number: one number can only ever open one case."""
    return uuid5(NAMESPACE_URL, f"urn:rongcuo:tolerance:{case_number}")


@dataclass
class SubjectFile:
    """What is known of one subject so far."""

    subject: Subject
    factors: events.SixFactors | None = None
    answers: dict[str, bool | None] | None = None
    deferred_on: date | None = None
    determination: events.SubjectDetermined | None = None


class CaseState(Aggregate):
    """The state of a case, moved by events alone."""

    def __init__(self, id: UUID) -> None:
        super().__init__(id)
        self.opened: events.ToleranceApplied | events.ExOfficioStarted | None = None
        self.stage: Stage | None = None
        self.files: dict[str, SubjectFile] = {}
        self.steps: set[Step] = set()  # of those a decision may have to wait for
        self.done: dict[tuple[str, ...], date] = {}  # event name and particulars → when first
        self.notice_ends_on: date | None = None
        self.objections: dict[int, events.Resolution | None] = {}
        self.obligations = ObligationBook()

    def evolve(self, event: Event) -> None:  # noqa: C901, PLR0912 (the state table, in one place)
        self.obligations.evolve(event)
        self._remember(event)
        match event:
            case events.ToleranceApplied() | events.ExOfficioStarted():
                self._open(event)
            case events.CaseAccepted():
                self.stage = Stage.ACCEPTED
            case events.AcceptanceRefused():
                self.stage = Stage.DECLINED
            case events.VerificationOpened():
                self.stage = Stage.VERIFYING
            case events.SixFactorsReviewed():
                self.files[event.subject].factors = event.factors
            case events.ListChecked():
                self.files[event.subject].answers = event.answers
            case events.VerificationReported():
                self.stage = Stage.VERIFIED
            case events.OpinionReceived():
                self.steps.add(Step.OPINIONS)
            case events.JointConsultationHeld():
                self.steps.add(Step.CONSULTATION)
            case events.PublicNoticeOpened():
                self.stage, self.notice_ends_on = Stage.ON_NOTICE, event.ends_on
            case events.ObjectionRaised():
                self.objections[event.objection] = None
            case events.ObjectionResolved():
                self.objections[event.objection] = event.resolution
            case events.PublicNoticeClosed():
                self.stage = Stage.NOTICED
                self.steps.add(Step.PUBLIC_NOTICE)
            case events.DeterminationDeferred():
                self.files[event.subject].deferred_on = event.on
            case events.SubjectDetermined():
                self.files[event.subject].determination = event
                if all(file.determination for file in self.files.values()):
                    self.stage = Stage.DETERMINED
            case events.CaseClosed():
                self.stage = Stage.CLOSED

    def _open(self, event: events.ToleranceApplied | events.ExOfficioStarted) -> None:
        self.opened = event
        self.files = {each.id: SubjectFile(each) for each in event.subjects}
        applied_for = isinstance(event, events.ToleranceApplied)
        self.stage = Stage.APPLIED if applied_for else Stage.ACCEPTED

    def _remember(self, event: Event) -> None:
        match event:
            case events.ResultNotified():
                particulars: tuple[str, ...] = (event.subject, event.recipient)
            case events.ObjectionResolved():
                particulars = (str(event.objection),)
            case _:
                subject = getattr(event, "subject", None)
                particulars = (subject,) if subject else ()
        self.done.setdefault((event.name(), *particulars), event.on)

    @property
    def case_number(self) -> str:
        return self.opened.case_number if self.opened else ""

    @property
    def policy(self) -> str:
        """The edition the case stands on, pinned by its first event."""
        return (self.opened.envelope.policy if self.opened else None) or ""

    @property
    def track(self) -> Track:
        applied_for = isinstance(self.opened, events.ToleranceApplied)
        return Track.APPLICATION if applied_for else Track.EX_OFFICIO

    @property
    def matter(self) -> events.Matter | None:
        return self.opened.matter if self.opened else None

    @property
    def organ(self) -> Organ | None:
        return self.opened.organ if self.opened else None

    @property
    def subjects(self) -> dict[str, Subject]:
        return {id_: file.subject for id_, file in self.files.items()}
