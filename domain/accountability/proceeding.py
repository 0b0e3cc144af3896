"""The accountability proceeding: screened for tolerance, decided for each subject, carried out.

It also keeps which tolerance case is open for whom, so that one subject of one matter has one.
"""

from typing import Any, ClassVar
from uuid import UUID

from domain.accountability import acts, events
from domain.accountability.aftermath import Following
from domain.accountability.decision import Deciding
from domain.accountability.state import Stage
from domain.aggregate import Order
from domain.matter import matter_id
from domain.people import Subject
from domain.refusals import Code, Refusal
from domain.staged import Move

RUNNING = (Stage.OPEN, Stage.DECIDED)
ANY = (*RUNNING, Stage.CLOSED)


def proceeding_id(number: str) -> UUID:
    """The stream of a proceeding's number: one number opens one proceeding."""
    return matter_id(AccountabilityProceeding.kind, number)


def _resumed(event: events.AccountabilityResumed) -> Stage | None:
    return Stage.DECIDED if event.after_decision else None


class AccountabilityProceeding(Deciding, Following):
    kind: ClassVar[str] = "accountability"
    called: ClassVar[str] = "问责事项"
    STAGES: ClassVar[Any] = {
        Stage.OPEN: ("办理中", "请查清责任、同步考虑容错后作出决定"),
        Stage.DECIDED: ("已作决定", "决定有误的，请依职权纠正或申诉"),
        Stage.CLOSED: ("已了结", "决定有误的，请依职权纠正或申诉"),
    }
    OVER: ClassVar[Any] = frozenset({Stage.CLOSED})
    MOVES: ClassVar[Any] = {
        acts.OpenAccountability: Move(events.AccountabilityOpened, to=Stage.OPEN),
        acts.ScreenForTolerance: Move(events.ToleranceScreened, at=(Stage.OPEN,)),
        acts.RecordAuthority: Move(events.AuthorityRecorded, at=RUNNING),
        acts.SplitResponsibility: Move(events.ResponsibilitySplit, at=RUNNING),
        acts.TransferSubject: Move(events.SubjectTransferred, at=RUNNING),
        acts.HoldAccountable: Move(events.SubjectHeldAccountable, at=RUNNING),
        acts.ExemptSubject: Move(events.SubjectNotHeld, at=RUNNING),
        acts.DecideAccountability: Move(
            events.AccountabilityDecided, at=(Stage.OPEN,), to=Stage.DECIDED, once=True
        ),
        acts.AnnounceDecision: Move(events.DecisionAnnounced, at=RUNNING),
        acts.InformPersonnelOrgan: Move(events.PersonnelOrganInformed, at=RUNNING),
        acts.CompleteFormalities: Move(events.FormalitiesCompleted, at=RUNNING),
        acts.ArchiveDecision: Move(events.DecisionArchived, at=RUNNING),
        acts.SubmitSelfCriticism: Move(events.SelfCriticismMade, at=RUNNING),
        acts.PublicizeDecision: Move(events.DecisionPublicized, at=RUNNING),
        acts.CloseAccountability: Move(
            events.AccountabilityClosed, at=(Stage.DECIDED,), to=Stage.CLOSED
        ),
        acts.ResumeAccountability: Move(events.AccountabilityResumed, at=ANY, to=_resumed),
        acts.ChangeDecision: Move(events.DecisionChanged, at=ANY),
        acts.RestoreSubject: Move(events.SubjectRestored, at=ANY),
    }

    # ---- what tolerance does to it -------------------------------------------------------------

    def refer(self, case_number: str, subjects: tuple[Subject, ...], order: Order) -> None:
        """A tolerance case opens for these subjects. Refused where one is already open."""
        if self.opened is None:
            raise Refusal(
                Code.NO_MATTER,
                asked="进入容错程序",
                obstacle="所涉问责事项没有启动",
                way_out="请先登记启动问责程序，或核对事项编号",
            )
        taken = {
            each.label: self.referred[each.id] for each in subjects if each.id in self.referred
        }
        if taken:
            told = "、".join(f"{label}（{number}）" for label, number in taken.items())
            raise Refusal(
                Code.DUPLICATE,
                asked="进入容错程序",
                obstacle=f"同一事项已有在办的容错案件：{told}",
                way_out="请并入该案（attach_application 或 join_ex_officio）",
            )
        self.record(
            events.ToleranceReferred,
            order,
            case_number=case_number,
            subjects=tuple(each.id for each in subjects),
        )

    def take_back(self, case_number: str, order: Order) -> None:
        """The tolerance case is over; another may be opened on new facts."""
        if case_number in self.referred.values():
            self.record(events.ToleranceReturned, order, case_number=case_number)
