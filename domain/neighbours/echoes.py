"""What happens in one matter and brings something about in another: taken down in both or none."""

from collections.abc import Callable, Iterator
from typing import Any

from domain.accountability.acts import ChangeDecision, ResumeAccountability
from domain.accountability.events import (
    AccountabilityResumed,
    Change,
    DecisionChanged,
    SubjectHeldAccountable,
)
from domain.accountability.proceeding import AccountabilityProceeding
from domain.aggregate import Act, Event
from domain.follow_up.acts import TerminateFollowUp
from domain.follow_up.events import Ending, VisitHeld
from domain.follow_up.matter import FollowUp
from domain.follow_up.matter import Stage as Followed
from domain.impact.acts import (
    NoteAccountability,
    NoteInquiry,
    OpenLedger,
    WithdrawAccountability,
)
from domain.impact.matter import ImpactLedger
from domain.inquiry.events import InquiryOpened
from domain.matter import Matter, Relation
from domain.neighbours.links import Echo, Look, linked, linked_back
from domain.people import Organ, Subject, SubjectKind
from domain.rectification.events import RectificationChecked
from domain.rectification.particulars import CheckResult
from domain.review.events import DecisionReviewed, Ruling
from domain.risk_filing.acts import UseRiskFiling
from domain.risk_filing.matter import RiskFiling
from domain.staged import StagedMatter
from domain.tolerance.acts import CompleteRectification, HoldFollowUpVisit
from domain.tolerance.case import ToleranceCase
from domain.tolerance.events import (
    DeterminationEnded,
    DeterminationRevoked,
    EvidenceRecorded,
    RectificationCompleted,
)

FOLLOWED = (Followed.ACTIVE, Followed.LAPSED)  # as long as there is something to end
LEDGERS = "impact_national"  # under which a person's ledger opens when it is first written to


def echoes(matter: Matter, event: Event, look: Look) -> Iterator[Echo]:
    """What an event of this matter brings about in others."""
    yield from linked_back(matter, event, look)
    echoing = ECHOING.get(type(event))
    if echoing:
        yield from echoing(matter, event, look)


def _cases(matter: Matter, look: Look) -> Iterator[ToleranceCase]:
    for case in linked(matter, Relation.ARISES_FROM, ToleranceCase.kind, look):
        if isinstance(case, ToleranceCase):
            yield case


def _in_case(case: ToleranceCase, act: Act) -> Echo:
    return Echo(case.kind, case.number, act)


# ---- rectification, visits ---------------------------------------------------------------------


def _rectified(matter: Matter, event: RectificationChecked, look: Look) -> Iterator[Echo]:
    """A check passed is what the determination asked for."""
    if event.result is not CheckResult.PASS:
        return
    for case in _cases(matter, look):
        for id_ in matter.subjects.keys() & case.files.keys():
            determined = case.files[id_].determination
            done = (RectificationCompleted.name(), id_) in case.done
            if determined and determined.rectification and not done:
                act = CompleteRectification(subject=id_, summary=event.explanation)
                yield _in_case(case, act)


def _visited(matter: Matter, event: VisitHeld, look: Look) -> Iterator[Echo]:
    """A visit counts in the case as well, while the determination stands."""
    for case in _cases(matter, look):
        file = case.files.get(event.subject)
        if file is not None and file.determination is not None:
            act = HoldFollowUpVisit(
                subject=event.subject, visitors=event.visitors, summary=event.summary
            )
            yield _in_case(case, act)


# ---- a tolerance that ends ---------------------------------------------------------------------


def _unfollowed(case: ToleranceCase, event: DeterminationEnded, look: Look) -> Iterator[Echo]:
    for other in linked(case, Relation.GIVES_RISE_TO, FollowUp.kind, look):
        if other.at in FOLLOWED and event.subject in other.subjects:
            act = TerminateFollowUp(cause=Ending.REVOKED, explanation="容错认定失效")
            yield Echo(other.kind, other.number, act)


def _resumed(case: ToleranceCase, event: DeterminationRevoked, look: Look) -> Iterator[Echo]:
    if event.accountability_resumes and case.matter is not None:
        proceeding = look(AccountabilityProceeding.kind, case.matter.number)
        if event.subject in proceeding.subjects:
            act = ResumeAccountability(subject=event.subject, explanation=event.explanation)
            yield Echo(proceeding.kind, proceeding.number, act)


def _used(case: ToleranceCase, event: EvidenceRecorded, look: Look) -> Iterator[Echo]:
    if event.risk_filed is None or case.matter is None or case.matter.conduct_on is None:
        return
    filing = look(RiskFiling.kind, event.risk_filed.number)
    if isinstance(filing, RiskFiling) and filing.begun and case.number not in filing.used_by:
        act = UseRiskFiling(case_number=case.number, conduct_on=case.matter.conduct_on)
        yield Echo(filing.kind, filing.number, act)


# ---- the ledger of a person --------------------------------------------------------------------


def _in_ledger(subject: Subject, organ: Organ, act: Act, look: Look) -> Iterator[Echo]:
    """Write into somebody's ledger, and open it where this is the first entry."""
    if not look(ImpactLedger.kind, subject.id).begun:
        opening = OpenLedger(number=subject.id, organ=organ, subjects=(subject,))
        yield Echo(ImpactLedger.kind, subject.id, opening, LEDGERS)
    yield Echo(ImpactLedger.kind, subject.id, act)


def _held(matter: StagedMatter, event: SubjectHeldAccountable, look: Look) -> Iterator[Echo]:
    subject = matter.subjects[event.subject]
    if matter.organ is not None and subject.kind is SubjectKind.CADRE:
        act = NoteAccountability(
            number=matter.number, organ=matter.organ, decided_on=event.on, forms=event.forms
        )
        yield from _in_ledger(subject, matter.organ, act, look)


def _changed(matter: StagedMatter, event: DecisionChanged, look: Look) -> Iterator[Echo]:
    if event.result is Change.REVOKE:
        yield from _not_held(matter, event, look)


def _not_held(
    matter: StagedMatter, event: DecisionChanged | AccountabilityResumed, look: Look
) -> Iterator[Echo]:
    """What is no longer decided stands in no ledger."""
    ledger = look(ImpactLedger.kind, event.subject)
    noted = ledger.accountabilities if isinstance(ledger, ImpactLedger) else ()
    if any(each.number == matter.number for each in noted):
        act = WithdrawAccountability(number=matter.number, explanation=event.explanation)
        yield Echo(ledger.kind, ledger.number, act)


def _inquired(matter: StagedMatter, event: InquiryOpened, look: Look) -> Iterator[Echo]:
    act = NoteInquiry(number=matter.number, content_keys=event.content_keys, opened_on=event.on)
    for subject in event.subjects:
        if subject.kind is SubjectKind.CADRE:
            yield from _in_ledger(subject, event.organ, act, look)


# ---- reviews -----------------------------------------------------------------------------------

CHANGES = {Ruling.UPHOLD: Change.UPHOLD, Ruling.REVOKE: Change.REVOKE}


def _reviewed(matter: StagedMatter, event: DecisionReviewed, look: Look) -> Iterator[Echo]:
    """维持、撤销 come about by themselves; what a decision is varied into its own organ says."""
    if event.result not in CHANGES:
        return
    for other in linked(matter, Relation.REVIEWS, AccountabilityProceeding.kind, look):
        if event.subject in other.subjects:
            act = ChangeDecision(
                subject=event.subject,
                result=CHANGES[event.result],
                explanation=event.explanation,
            )
            yield Echo(other.kind, other.number, act)


ECHOING: dict[type[Event], Callable[[Any, Any, Look], Iterator[Echo]]] = {
    RectificationChecked: _rectified,
    VisitHeld: _visited,
    DeterminationEnded: _unfollowed,
    DeterminationRevoked: _resumed,
    EvidenceRecorded: _used,
    SubjectHeldAccountable: _held,
    DecisionChanged: _changed,
    AccountabilityResumed: _not_held,
    InquiryOpened: _inquired,
    DecisionReviewed: _reviewed,
}
