"""What is known of a tolerance case, and what each event changes in it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from domain.aggregate import Event, Order
from domain.law.policy import Step, Track
from domain.law.time_limits import TimeLimits
from domain.matter import Matter, MatterLinked, matter_id
from domain.obligations import Obligation, ObligationRedated
from domain.papers import Document
from domain.people import Subject
from domain.tolerance import events
from domain.tolerance.particulars import (
    Applicant,
    CoSignature,
    MatterAnswered,
    Resolution,
    ReviewResult,
    SixFactors,
)


class Stage(StrEnum):
    """Where the case stands as a whole; outcomes stand with its subjects."""

    APPLIED = "applied"  # 申请提出
    RETURNED = "returned"  # 退回补正
    ACCEPTED = "accepted"  # 已受理
    DECLINED = "declined"  # 不予受理
    WITHDRAWN = "withdrawn"  # 申请撤回
    VERIFYING = "verifying"  # 核实中
    VERIFIED = "verified"  # 核实完毕
    ON_NOTICE = "on_notice"  # 公示中
    NOTICED = "noticed"  # 公示结束
    SUSPENDED = "suspended"  # 中止
    DETERMINED = "determined"  # 认定完毕
    CLOSED = "closed"  # 已结案
    ARCHIVED = "archived"  # 已归档


STAGES: dict[Stage, tuple[str, str]] = {  # what it is called, and what can be done from there
    Stage.APPLIED: ("申请提出", "请先作出受理或不予受理的答复，材料不全的可以退回补正"),
    Stage.RETURNED: ("退回补正", "请待申请人补正"),
    Stage.ACCEPTED: ("已受理", "请先开始核实"),
    Stage.DECLINED: ("不予受理", "本案到此为止；有新的事由请另行申请"),
    Stage.WITHDRAWN: ("申请撤回", "机关认为仍应考虑的，可以依职权继续办理"),
    Stage.VERIFYING: ("核实中", "请先完成研判、清单对照并提交核实报告"),
    Stage.VERIFIED: ("核实完毕", "可以会商、公示或者认定"),
    Stage.ON_NOTICE: ("公示中", "请待公示期满、异议处理完毕后结束公示"),
    Stage.NOTICED: ("公示结束", "可以认定"),
    Stage.SUSPENDED: ("中止办理", "请先恢复办理"),
    Stage.DETERMINED: ("认定完毕", "可以反馈、备案、回访和结案"),
    Stage.CLOSED: (
        "已结案",
        "结案后只能登记反馈、备案、回访、整改完成和归档，或申请复核、重新审查",
    ),
    Stage.ARCHIVED: ("已归档", "归档后只能登记反馈、备案、回访和整改完成，或申请复核、重新审查"),
}
ONCE_AGAIN = (  # what may be done again when a subject is decided anew
    events.PublicNoticeOpened,
    events.PublicNoticeClosed,
    events.CaseClosed,
    events.CaseArchived,
)
NOTICES = (events.PublicNoticeOpened.name(), events.PublicNoticeRestarted.name())
OF_REVIEW = (
    events.ReviewLodged,
    events.ReviewAdmitted,
    events.ReviewRefused,
    events.ReviewDecided,
    events.DeterminationEnded,
    events.RestorationDone,
)
DECIDED = (Stage.DETERMINED, Stage.CLOSED, Stage.ARCHIVED)
BESIDE = (Stage.DECLINED, Stage.WITHDRAWN, Stage.SUSPENDED)
OVER = (Stage.DECLINED, Stage.WITHDRAWN, Stage.CLOSED, Stage.ARCHIVED)  # no longer an open case


class Standing(StrEnum):
    """Where one subject stands."""

    PENDING = "pending"  # 待认定
    DEFERRED = "deferred"  # 暂缓认定
    PROPOSED = "proposed"  # 已提出认定意见
    AWAITING_APPROVAL = "awaiting_approval"  # 报批中
    DETERMINED = "determined"  # 已认定
    CONCLUDED = "concluded"  # 已出具结论性意见
    UNDER_REVIEW = "under_review"  # 复核中
    REVOKED = "revoked"  # 认定已撤销


class Answer(StrEnum):
    """How an approval from above stands."""

    ASKED = "asked"  # 已报批
    GRANTED = "granted"  # 已批准
    REFUSED = "refused"  # 未批准


def case_id(case_number: str) -> UUID:
    """The stream of a case number: one number can only ever open one case."""
    return matter_id("tolerance", case_number)


@dataclass
class Notice:
    """A public notice as it runs for one subject."""

    scope: str
    ends_on: date
    closed: bool = False


@dataclass
class Review:
    """A review that has been lodged and not decided."""

    lodged: events.ReviewLodged
    of_decline: bool  # of the answer to the application, not of a determination
    panel: tuple[str, ...] | None = None  # once admitted


@dataclass
class SubjectFile:
    """What is known of one subject so far."""

    subject: Subject
    heard: bool = False
    factors: SixFactors | None = None
    answers: dict[str, bool | None] | None = None
    repeated_error: bool | None = None
    notice: Notice | None = None
    must_renew_notice: bool = False  # an objection upheld has changed something
    deferred_on: date | None = None
    proposal: events.DeterminationProposed | None = None
    approvals: dict[str, Answer] = field(default_factory=dict)
    determination: events.SubjectDetermined | None = None  # the one in effect
    conclusive: events.ConclusiveOpinionIssued | None = None
    revoked: bool = False
    reopened: bool = False
    review: Review | None = None
    no_worse_than: events.SubjectDetermined | None = None  # 复核不加重
    past: list[events.SubjectDetermined] = field(default_factory=list)
    told: list[str] = field(default_factory=list)  # who heard of it, where it was published
    to_restore: list[str] = field(default_factory=list)
    visits: list[date] = field(default_factory=list)

    @property
    def final(self) -> bool:
        """Nothing is left to be decided of this subject."""
        return not self.reopened and (
            self.determination is not None or self.conclusive is not None or self.revoked
        )

    @property
    def standing(self) -> Standing:
        if self.review is not None:
            return Standing.UNDER_REVIEW
        if self.final:
            if self.determination:
                return Standing.DETERMINED
            return Standing.CONCLUDED if self.conclusive else Standing.REVOKED
        if Answer.ASKED in self.approvals.values():
            return Standing.AWAITING_APPROVAL
        if self.proposal:
            return Standing.PROPOSED
        return Standing.DEFERRED if self.deferred_on else Standing.PENDING


class CaseState(Matter):
    """The state of a case, moved by events alone."""

    def __init__(self, id: UUID) -> None:
        super().__init__(id)
        self.opened: events.ToleranceApplied | events.ExOfficioStarted | None = None
        self.stage: Stage | None = None
        self.goes_on_at: Stage | None = None  # after a withdrawal or a suspension
        self.tracks: list[Track] = []  # in the order they joined
        self.applicant: Applicant | None = None
        self.applied_on: date | None = None
        self.documents: set[str] = set()  # kinds
        self.co_signatures: dict[str, CoSignature] = {}
        self.team: tuple[str, ...] = ()
        self.recusals: dict[str, bool | None] = {}  # officer → stands back; None while undecided
        self.handlers: set[str] = set()  # whoever has taken an act: none may sit on a review
        self.files: dict[str, SubjectFile] = {}
        self.steps: set[Step] = set()  # of those a decision may have to wait for
        self.requests: dict[int, str] = {}  # opinions asked for and still open, by whom
        self.asked = 0  # how many were ever asked for
        self.seats: dict[str, str] = {}  # of the assessing committee: member → circle
        self.done: dict[tuple[str, ...], date] = {}  # event name and particulars → when first
        self.objections: dict[int, Resolution | None] = {}

    # ---- the state table -----------------------------------------------------------------------

    def evolve(self, event: Event) -> None:
        self.obligations.evolve(event)
        match event:
            case ObligationRedated(obligation=obligation):
                self._move_notices(obligation)
            case MatterLinked(link=link):
                self.links.append(link)
        if not isinstance(event, events.CaseEvent):
            return
        if not isinstance(event, OF_REVIEW):
            self.handlers.add(event.envelope.by.id)
        self._remember(event)
        match event:
            case events.OpeningEvent():
                self._evolve_opening(event)
            case events.InquiryEvent():
                self._evolve_inquiry(event)
            case events.DecisionEvent():
                self._evolve_decision(event)
            case events.AftermathEvent():
                self._evolve_aftermath(event)

    def _evolve_opening(self, event: Event) -> None:  # noqa: C901, PLR0912 (the state table)
        match event:
            case events.ToleranceApplied():
                self._open(event, Track.APPLICATION, Stage.APPLIED)
                self._applied(event.applicant, event.on, event.documents)
            case events.ExOfficioStarted():
                self._open(event, Track.EX_OFFICIO, Stage.ACCEPTED)
            case events.ApplicationAttached():
                self.tracks.append(Track.APPLICATION)
                self._applied(event.applicant, event.on, event.documents)
            case events.ExOfficioJoined():
                self.tracks.append(Track.EX_OFFICIO)
            case events.ApplicationReturned():
                self.stage = Stage.RETURNED
            case events.ApplicationCompleted():
                self.stage = Stage.APPLIED
                self._file(event.documents)
                if event.applicant:
                    self._applied(event.applicant, event.on, ())
            case events.ApplicationWithdrawn():
                self._give_up_application(Stage.WITHDRAWN)
            case events.ContinuedExOfficio():
                self.stage, self.tracks = self.goes_on_at, [Track.EX_OFFICIO]
            case events.CaseTransferred(to=organ):
                self.organ = organ
            case events.CoSignatureRecorded(co_signature=each):
                self.co_signatures[each.organ] = each
            case events.CaseAccepted():
                self.stage = Stage.ACCEPTED
            case events.AcceptanceRefused():
                self._give_up_application(Stage.DECLINED)
            case events.CaseSuspended():
                self.goes_on_at, self.stage = self.stage, Stage.SUSPENDED
            case events.CaseResumed():
                self.stage = self.goes_on_at
            case events.EditionRepinned(after=edition):
                self.policy = edition

    def _evolve_inquiry(self, event: Event) -> None:  # noqa: C901, PLR0912 (the state table)
        match event:
            case events.TeamAssigned(members=members):
                self.team = tuple(each.id for each in members)
                self.handlers.update(self.team)
            case events.RecusalRequested(officer=officer):
                self.recusals[officer] = None
            case events.RecusalDecided(officer=officer, stands_back=stands_back):
                self.recusals[officer] = stands_back
                if stands_back:
                    self.team = tuple(each for each in self.team if each != officer)
            case events.VerificationOpened(team=team):
                self.stage, self.team = Stage.VERIFYING, tuple(each.id for each in team)
                self.handlers.update(self.team)
            case events.EvidenceRecorded(document=document):
                self._file((document,))
            case events.SubjectHeard(subject=subject):
                self.files[subject].heard = True
            case events.SixFactorsReviewed(subject=subject, factors=factors):
                self.files[subject].factors = factors
            case events.ListChecked(subject=subject):
                self.files[subject].answers = event.answers
                self.files[subject].repeated_error = event.repeated_error
            case events.VerificationReported():
                self.stage = Stage.VERIFIED
            case events.OpinionRequested(item=item, organ=organ):
                self.requests[item], self.asked = organ, item
            case events.OpinionReceived(item=answered):
                self.steps.add(Step.OPINIONS)
                self.requests.pop(answered or 0, None)
            case events.JointConsultationHeld():
                self.steps.add(Step.CONSULTATION)
            case events.CommitteeAssembled(seats=seats):
                self.seats = {each.member: each.stands_for for each in seats}
            case events.CommitteeVoted():
                self.steps.add(Step.COMMITTEE)
            case events.PublicNoticeOpened(scope=scope, ends_on=ends_on):
                self.stage = Stage.ON_NOTICE
                for file in self._undecided():
                    self._publish(file, scope, ends_on)
            case events.PublicNoticeRestarted(subject=subject, scope=scope, ends_on=ends_on):
                self.stage = Stage.ON_NOTICE
                self._publish(self.files[subject], scope, ends_on)
            case events.ObjectionRaised(objection=number):
                self.objections[number] = None
            case events.ObjectionResolved(objection=number, resolution=resolution):
                self.objections[number] = resolution
                for subject in event.changes:
                    self.files[subject].must_renew_notice = True
            case events.PublicNoticeClosed(subjects=closed):
                self._close_notices(closed)

    def _evolve_decision(self, event: Event) -> None:
        match event:
            case events.DeterminationDeferred():
                self.files[event.subject].deferred_on = event.on
            case events.ConclusiveOpinionIssued():
                file = self.files[event.subject]
                file.conclusive = event
                self._conclude(file)
            case events.DeterminationProposed():
                file = self.files[event.subject]
                file.proposal, file.approvals = event, {}
            case events.ApprovalRequested():
                self.files[event.subject].approvals[event.approval] = Answer.ASKED
            case events.ApprovalGranted():
                self.files[event.subject].approvals[event.approval] = Answer.GRANTED
            case events.ApprovalRefused():
                file = self.files[event.subject]  # what was granted was granted to this proposal
                file.approvals, file.proposal = {event.approval: Answer.REFUSED}, None
            case events.SubjectDetermined():
                file = self.files[event.subject]
                file.determination, file.conclusive, file.revoked = event, None, False
                self._conclude(file)
            case events.DeterminationEnded():
                self._end(event)

    def _evolve_aftermath(self, event: Event) -> None:  # noqa: C901, PLR0912 (the state table)
        match event:
            case events.ResultNotified():
                self.files[event.subject].told.append(event.recipient.value)
            case events.FollowUpVisitHeld():
                self.files[event.subject].visits.append(event.on)
            case events.CaseClosed():
                self.stage = Stage.CLOSED
            case events.CaseArchived():
                self.stage = Stage.ARCHIVED
            case events.ReviewLodged():
                of_decline = self.stage is Stage.DECLINED
                self.files[event.subject].review = Review(event, of_decline)
            case events.ReviewAdmitted(panel=panel):
                review = self.files[event.subject].review
                if review is not None:
                    review.panel = tuple(each.id for each in panel)
            case events.ReviewRefused():
                self.files[event.subject].review = None
            case events.ReviewDecided(result=result):
                self._reviewed(self.files[event.subject], result)
            case events.DeterminationRevoked():
                self.files[event.subject].revoked = True
            case events.RestorationDone():
                self.files[event.subject].to_restore.remove(event.scope)
            case events.CaseReopened(subjects=subjects):
                for subject in subjects:
                    self._reopen(subject)
                self.stage = Stage.VERIFYING
                self._again(*ONCE_AGAIN, events.VerificationReported)

    # ---- parts of it ---------------------------------------------------------------------------

    def _open(
        self,
        event: events.ToleranceApplied | events.ExOfficioStarted,
        track: Track,
        stage: Stage,
    ) -> None:
        self.opened, self.stage, self.tracks = event, stage, [track]
        self.organ, self.policy = event.organ, event.envelope.policy or ""
        self.files = {each.id: SubjectFile(each) for each in event.subjects}

    def _give_up_application(self, end: Stage) -> None:
        """The case ends, unless the organ considers tolerance of its own motion as well."""
        unanswered = self.stage in (Stage.APPLIED, Stage.RETURNED)
        self.goes_on_at = Stage.ACCEPTED if unanswered else self.stage
        if Track.EX_OFFICIO in self.tracks:  # which needs no acceptance
            self.stage, self.tracks = self.goes_on_at, [Track.EX_OFFICIO]
        else:
            self.stage = end

    def _applied(self, applicant: Applicant, on: date, documents: Iterable[Document]) -> None:
        self.applicant, self.applied_on = applicant, on
        self._file(documents)

    def _file(self, documents: Iterable[Document]) -> None:
        self.documents.update(each.kind for each in documents)

    def _undecided(self) -> list[SubjectFile]:
        return [file for file in self.files.values() if not file.final]

    @staticmethod
    def _publish(file: SubjectFile, scope: str, ends_on: date) -> None:
        file.notice, file.must_renew_notice = Notice(scope, ends_on), False
        file.told.append(scope)

    def _move_notices(self, duty: Obligation) -> None:
        """A notice ends when its period does."""
        if duty.due_on is None or duty.trigger not in NOTICES:
            return
        for id_, file in self.files.items():
            if file.notice and not file.notice.closed and duty.subject in (None, id_):
                file.notice.ends_on = duty.due_on

    def _close_notices(self, closed: tuple[str, ...]) -> None:
        for id_, file in self.files.items():
            if file.notice and (not closed or id_ in closed):
                file.notice.closed = True
        self._find_stage()

    def _conclude(self, file: SubjectFile) -> None:
        """Nothing is left to be decided of this subject."""
        file.reopened, file.proposal, file.approvals = False, None, {}
        file.must_renew_notice = False
        if file.notice is not None:
            file.notice.closed = True
        self._find_stage()

    def _end(self, event: events.DeterminationEnded) -> None:
        file = self.files[event.subject]
        if file.determination is not None:
            file.past.append(file.determination)
        file.determination, file.review, file.deferred_on = None, None, None
        file.to_restore, file.told = [*dict.fromkeys((*file.to_restore, *event.restore_in))], []
        self._forget(event.subject)
        if file.revoked:
            self._conclude(file)
        else:
            self._find_stage()

    def _reviewed(self, file: SubjectFile, result: ReviewResult) -> None:
        review, file.review = file.review, None
        if result is ReviewResult.UPHOLD or review is None:
            return
        if review.of_decline:  # the application is to be answered anew
            if self.stage is Stage.DECLINED:
                self.stage = Stage.APPLIED
                self._again(events.AcceptanceRefused)
            return
        file.revoked = result is ReviewResult.REVOKE
        file.no_worse_than = file.determination

    def _reopen(self, subject: str) -> None:
        file = self.files[subject]
        file.reopened, file.no_worse_than = True, None  # new facts may weigh heavier
        file.deferred_on, file.notice = None, None
        self._forget(subject)

    def _find_stage(self) -> None:
        """Where the case stands after a notice was closed, a subject settled or unsettled.

        The stages before and beside the decision are reached and left by events of their own.
        """
        if self.stage in BESIDE:
            return
        if all(each.final for each in self.files.values()):
            if self.stage not in (Stage.CLOSED, Stage.ARCHIVED):
                self.stage = Stage.DETERMINED
                self._again(events.CaseClosed, events.CaseArchived)
        elif self.stage in DECIDED:
            self.stage = Stage.VERIFIED
            self._again(*ONCE_AGAIN)
        elif self.stage is Stage.ON_NOTICE and not self._on_notice():
            self.stage = Stage.NOTICED

    def _on_notice(self) -> bool:
        return any(file.notice and not file.notice.closed for file in self.files.values())

    def _again(self, *kinds: type[Event]) -> None:
        """These acts of the whole case may be done once more."""
        for kind in kinds:
            self.done.pop((kind.name(),), None)

    def _forget(self, subject: str) -> None:
        """What was done for an ended determination may be done again for the next."""
        self.done = {key: on for key, on in self.done.items() if subject not in key}

    def _remember(self, event: Event) -> None:
        match event:
            case events.ResultNotified() | events.ResultReceived():
                particulars: tuple[str, ...] = (event.subject, event.recipient)
            case events.ObjectionResolved():
                particulars = (str(event.objection),)
            case _:
                subject = getattr(event, "subject", None)
                particulars = (subject,) if subject else ()
        self.done.setdefault((event.name(), *particulars), event.on)

    # ---- what others ask -----------------------------------------------------------------------

    @property
    def case_number(self) -> str:
        return self.opened.case_number if self.opened else ""

    @property
    def number(self) -> str:
        return self.case_number

    @property
    def begun(self) -> bool:
        return self.opened is not None

    @property
    def at(self) -> Stage | None:
        return self.stage

    @property
    def at_in_words(self) -> str:
        return STAGES[self.stage][0] if self.stage else ""

    @property
    def track(self) -> Track:
        """The track the case began on, or goes on alone."""
        return self.tracks[0] if self.tracks else Track.APPLICATION

    @property
    def is_open(self) -> bool:
        return self.stage is not None and self.stage not in OVER

    @property
    def matter(self) -> MatterAnswered | None:
        return self.opened.matter if self.opened else None

    @property
    def subjects(self) -> dict[str, Subject]:
        return {id_: file.subject for id_, file in self.files.items()}

    def note(
        self,
        kind: type[Event],
        order: Order,
        rules: TimeLimits[Any],
        step: Step | None = None,
        /,
        **facts: Any,
    ) -> None:
        """Take down one event on the article of the step it belongs to."""
        article = rules.instrument.article_of(step) if step else None
        facts.setdefault("articles", (article,) if article else ())
        super().note(kind, order, rules, **facts)
