"""A planned case as the acts that are asked of the office, each on its day."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from uuid import UUID

from domain.accountability.acts import OpenAccountability
from domain.accountability.proceeding import proceeding_id
from domain.aggregate import Act, Request
from domain.law.outcomes import Outcome, Relief, Sanction
from domain.law.policy import ApplicantKind, Approval, FactorName, Recipient, Step, Track
from domain.law.rules import Rules
from domain.law.situations import Role
from domain.papers import Document
from domain.people import Officer
from domain.tolerance import acts
from domain.tolerance.particulars import (
    Applicant,
    DeclineReason,
    FactorTold,
    Leaning,
    MatterAnswered,
    Measure,
    Rectification,
    RevocationCause,
    Seat,
    SixFactors,
    View,
    Voice,
)
from domain.tolerance.state import case_id
from gateway.simulation.plan import End, Fate, PlannedCase

SYNTHETIC = "模拟数据，并无其事"
LOOKED_FOR = {
    Outcome.EXEMPTION: (Role.EXEMPTING, Role.TOLERATING),
    Outcome.MITIGATION: (Role.MITIGATING, Role.TOLERATING),
    Outcome.NO_TOLERANCE: (Role.EXCLUDING,),
}
TEAM = ("sim-officer-1", "sim-officer-2")


@dataclass(frozen=True)
class Asked:
    """One act as it reaches the office; `matter_id` is that of the case or of its proceeding."""

    matter_id: UUID
    act: Act
    request: Request


def life(case: PlannedCase, rules: Rules) -> list[Asked]:
    """What is asked of the office in this case, in its order. `rules`: of its instrument."""
    return [
        Asked(
            proceeding_id(case.proceeding)
            if isinstance(act, OpenAccountability)
            else case_id(case.number),
            act,
            _request(case, number, on),
        )
        for number, (on, act) in enumerate(_acts(case, rules), start=1)
    ]


def _request(case: PlannedCase, number: int, on: date) -> Request:
    """The key carries the mark into every event that comes of the act."""
    return Request(
        key=f"{case.number}#{number}",
        by=Officer(id=TEAM[0], role="承办人（模拟）", organ=case.organ.id),
        on=on,
        authority=f"{case.number}审批单",
        reason=SYNTHETIC,
    )


# ---- how a case goes ---------------------------------------------------------------------------

Dated = tuple[date, Act]


def _acts(case: PlannedCase, rules: Rules) -> Iterator[Dated]:
    days = case.days
    yield from _opened(case)
    if case.end is End.DECLINED:
        yield days.accepted, acts.Decline(because=DeclineReason.OUT_OF_SCOPE, explanation=SYNTHETIC)
        return
    if case.track is Track.APPLICATION:
        yield days.accepted, acts.Accept()
    yield days.accepted, acts.OpenVerification.model_validate({"team": TEAM})
    if case.end is End.WITHDRAWN:
        yield days.found, acts.WithdrawApplication(explanation=SYNTHETIC)
        return
    yield from _inquired(case, rules)
    if case.end is End.PENDING:
        return
    yield from _decided(case, rules)
    yield from _followed(case)


def _opened(case: PlannedCase) -> Iterator[Dated]:
    subjects = tuple(each.subject for each in case.fates)
    days, organ = case.days, case.organ
    yield days.held, OpenAccountability(number=case.proceeding, organ=organ, subjects=subjects)
    matter = MatterAnswered(
        id=proceeding_id(case.proceeding), number=case.proceeding, opened_on=days.held, organ=organ
    )
    opening = {
        "case_number": case.number,
        "organ": organ,
        "matter": matter,
        "subjects": subjects,
    }
    if case.track is Track.EX_OFFICIO:
        yield days.begun, acts.StartExOfficio.model_validate(opening)
        return
    first = subjects[0]
    paper = Document(
        kind="application", label="模拟申请", digest=sha256(case.number.encode()).hexdigest()
    )
    applying = {
        "applicant": Applicant(id=first.id, kind=ApplicantKind.PERSON, label=first.label),
        "documents": (paper,),
    }
    yield days.begun, acts.SubmitApplication.model_validate(opening | applying)


def _inquired(case: PlannedCase, rules: Rules) -> Iterator[Dated]:
    days = case.days
    for each in case.fates:
        yield days.found, _factors(each)
        yield days.found, _checked(each, rules)
    yield days.reported, acts.ReportVerification(summary=SYNTHETIC)
    if any(each.step is Step.OPINIONS for each in rules.policy.steps):
        yield days.reported, acts.RecordOpinion(organ="模拟征求意见机关", opinion="同意")
    if case.consulted:
        organs = (case.organ.name, "模拟会商机关")
        yield days.reported, acts.HoldConsultation(organs=organs, conclusion="意见一致")
        yield from _voted(case, rules)


def _voted(case: PlannedCase, rules: Rules) -> Iterator[Dated]:
    if rules.policy.committee is None:
        return
    seats = [
        Seat(member=f"模拟委员（{each}）", stands_for=each) for each in rules.policy.committee.seats
    ]
    yield case.days.reported, acts.AssembleCommittee(seats=tuple(seats))
    for each in case.fates:
        voices = tuple(Voice(of=seat.member, view=View.AGREES) for seat in seats)
        vote = acts.RecordCommitteeVote(
            subject=each.subject.id, outcome=each.outcome, voices=voices
        )
        yield case.days.reported, vote


def _decided(case: PlannedCase, rules: Rules) -> Iterator[Dated]:
    concluded = [(each.subject, _conclusion(each, rules)) for each in case.fates]
    for subject, conclusion in concluded:
        needed = rules.approvals(subject, conclusion.outcome, conclusion.treatments())
        if needed:
            yield case.days.deliberated, acts.ProposeDetermination(**dict(conclusion))
        for each in needed:
            for act in _approved(subject.id, each):
                yield case.days.deliberated, act
    for _, conclusion in concluded:
        yield case.days.decided, acts.Determine(**dict(conclusion))


def _approved(subject: str, approval: Approval) -> Iterator[Act]:
    of = approval.by or "模拟审批机关"
    yield acts.RequestApproval(subject=subject, approval=approval.id, of=of)
    yield acts.GrantApproval(subject=subject, approval=approval.id, explanation=SYNTHETIC)


def _followed(case: PlannedCase) -> Iterator[Dated]:
    """What follows the determination; of one that is to be revoked only its closing."""
    days = case.days
    for each in case.fates:
        told = acts.NotifyResult(subject=each.subject.id, recipient=Recipient.SUBJECT)
        yield days.told, told
    yield days.closed, acts.Close()
    if days.revoked:
        for each in case.fates:
            yield days.revoked, _revoked(each)
        return
    for each in case.standing:
        mended = acts.CompleteRectification(subject=each.subject.id, summary=SYNTHETIC)
        yield days.mended, mended
    yield days.mended, acts.Archive(archive_number=f"{case.number}卷")
    if days.visited:
        for each in case.standing:
            visit = acts.HoldFollowUpVisit(
                subject=each.subject.id, visitors=TEAM, summary=SYNTHETIC
            )
            yield days.visited, visit


# ---- what is found and concluded ---------------------------------------------------------------


def _factors(fate: Fate) -> acts.ReviewSixFactors:
    speaks = Leaning.FAVOURABLE if fate.outcome.favourable else Leaning.ADVERSE
    found = {name.value: FactorTold(finding=SYNTHETIC) for name in FactorName}
    found[FactorName.CONSEQUENCES.value] = FactorTold(finding=SYNTHETIC, leans=speaks)
    return acts.ReviewSixFactors(subject=fate.subject.id, factors=SixFactors(**found))


def _situation(fate: Fate, rules: Rules) -> str | None:
    """The circumstance that the outcome rests on; None where the instrument lists none for it."""
    fitting = [
        item.id
        for each in rules.policy.lists
        if each.role in LOOKED_FOR[fate.outcome]
        for item in each.items
        if item.conduct is None
    ]
    return fitting[fate.draw % len(fitting)] if fitting else None


def _checked(fate: Fate, rules: Rules) -> acts.CheckList:
    """Nothing is found but the one circumstance."""
    answers: dict[str, bool | None] = {
        item.id: False for item in rules.policy.items() if item.label
    }
    situation = _situation(fate, rules)
    found = {situation: True} if situation else {}
    return acts.CheckList(subject=fate.subject.id, answers=answers | found)


def _conclusion(fate: Fate, rules: Rules) -> acts.Conclusion:
    situation = _situation(fate, rules)
    sanction, relief, measures = Sanction.ACCOUNTABILITY, None, (Measure.CRITICISM,)
    match fate.outcome:
        case Outcome.EXEMPTION:
            relief, measures = Relief.WAIVED, (Measure.WARNING_TALK,)
        case Outcome.MITIGATION if fate.draw % 2:
            sanction, relief, measures = Sanction.PARTY, Relief.REDUCED, (Measure.ADMONITION_TALK,)
        case Outcome.MITIGATION:
            relief, measures = Relief.LIGHTER, (Measure.REMINDER_TALK,)
    return acts.Conclusion(
        subject=fate.subject.id,
        outcome=fate.outcome,
        explanation=SYNTHETIC,
        sanction=sanction,
        relief=relief,
        measures=measures,
        situations=(situation,) if situation else (),
        rectification=Rectification(items=("模拟整改事项",), by="模拟整改单位")
        if fate.outcome.favourable
        else None,
    )


def _revoked(fate: Fate) -> acts.RevokeDetermination:
    return acts.RevokeDetermination(
        subject=fate.subject.id,
        cause=RevocationCause.FALSE_MATERIAL,
        accountability_resumes=True,
        explanation=SYNTHETIC,
    )
