"""What an act takes over from other matters: facts of their histories, whatever the asker wrote."""

from collections.abc import Callable
from typing import Any

from domain.accountability.acts import HoldAccountable
from domain.accountability.events import EarlierAccountability
from domain.aggregate import Act
from domain.follow_up.acts import OpenFollowUp
from domain.impact.matter import ImpactLedger
from domain.inquiry.acts import OpenInquiry
from domain.inquiry.events import EarlierInquiry
from domain.matter import Matter, Relation
from domain.neighbours.links import Look
from domain.rectification.acts import OpenRectification
from domain.refusals import Code, Refusal
from domain.review.acts import OpenReview
from domain.review.matter import Review
from domain.risk_filing.matter import RiskFiling
from domain.staged import OpenMatter, StagedMatter
from domain.tolerance.acts import RecordEvidence
from domain.tolerance.case import ToleranceCase
from domain.tolerance.events import SubjectDetermined
from domain.tolerance.particulars import RiskFiled


def told(act: Act, look: Look) -> Act:
    """The act with what other matters know of it. Raises Refusal where they know otherwise."""
    taking = TAKING.get(type(act))
    return taking(act, look) if taking else act


def _arising_from(act: OpenMatter, kind: type[Matter], look: Look) -> list[Any]:
    """The matters of a kind that an opening names as its origin."""
    return [
        look(link.kind, link.number)
        for link in act.links
        if link.relation is Relation.ARISES_FROM and link.kind == kind.kind
    ]


def _determinations(act: OpenMatter, look: Look) -> list[SubjectDetermined]:
    """Those in effect on the opening's own subjects, of the cases it arises from."""
    return [
        determined
        for case in _arising_from(act, ToleranceCase, look)
        for subject in act.subjects
        if subject.id in case.files and (determined := case.files[subject.id].determination)
    ]


def _rectification(act: OpenRectification, look: Look) -> Act:
    """容纠并举: what a determination requires is what has to be put right."""
    if not _arising_from(act, ToleranceCase, look):
        return act
    required = [each.rectification for each in _determinations(act, look) if each.rectification]
    if not required:
        raise Refusal(
            Code.RECTIFICATION_MISSING,
            asked=act.label,
            obstacle="所源自的容错案件对所写对象没有有效的认定，或者认定没有整改要求",
            way_out="请核对案号和对象；另有问题要改的，请不写源自该案另发通知",
        )
    items = tuple(dict.fromkeys(item for each in required for item in each.items))
    return act.model_copy(update={"items": items})


def _follow_up(act: OpenFollowUp, look: Look) -> Act:
    """The days that a window runs by are those of the determination, or of the ledger."""
    for determined in _determinations(act, look):
        days = {"determined_on": determined.on, "effective_on": determined.effective_on}
        return act.model_copy(update=days)
    for ledger in _arising_from(act, ImpactLedger, look):
        if ledger.lines and ledger.ends_on:
            starts_on = max(line.effective_on for line in ledger.lines)
            days = {"effective_on": starts_on, "impact_ends_on": ledger.ends_on}
            return act.model_copy(update=days)
    return act


def _holding(act: HoldAccountable, look: Look) -> Act:
    """When the same person was held to account before, as their own ledger has it."""
    ledger = look(ImpactLedger.kind, act.subject)
    earlier = tuple(
        EarlierAccountability(number=each.number, decided_on=each.decided_on)
        for each in (ledger.accountabilities if isinstance(ledger, ImpactLedger) else ())
    )
    return act.model_copy(update={"earlier": earlier})


def _inquiry(act: OpenInquiry, look: Look) -> Act:
    """What the same persons were asked about before, as their own ledgers have it."""
    earlier = tuple(
        EarlierInquiry(number=each.number, content_keys=each.content_keys, opened_on=each.opened_on)
        for subject in act.subjects
        if isinstance(ledger := look(ImpactLedger.kind, subject.id), ImpactLedger)
        for each in ledger.inquiries
    )
    return act.model_copy(update={"earlier": earlier})


def _review(act: OpenReview, look: Look) -> Act:
    """Whoever handled what is reviewed may not sit on the panel; what is reviewed was decided."""
    if act.after is not None:
        earlier = look(Review.kind, act.after)
        if isinstance(earlier, Review) and earlier.begun and earlier.result is None:
            raise Refusal(
                Code.STEP_MISSING,
                asked=act.label,
                obstacle=f"此前的申诉复核 {act.after} 还没有作出决定",
                way_out="请待其作出决定；经过的是另一次的，请核对 after",
            )
    handlers = {*act.handlers}
    for link in act.links:
        other = look(link.kind, link.number)
        if link.relation is Relation.REVIEWS and isinstance(other, StagedMatter | ToleranceCase):
            handlers |= other.handlers
    return act.model_copy(update={"handlers": tuple(sorted(handlers))})


def _evidence(act: RecordEvidence, look: Look) -> Act:
    """A risk filing on file answers for itself: when it was answered, and how."""
    if act.risk_filed is None:
        return act
    filing = look(RiskFiling.kind, act.risk_filed.number)
    if not isinstance(filing, RiskFiling) or not filing.begun:
        return act
    answered_on = filing.agreed_on or filing.declined_on
    if answered_on is None:
        raise Refusal(
            Code.RISK_FILING_UNUSABLE,
            asked=act.label,
            obstacle=f"风险报备 {filing.number} 尚未答复",
            way_out="没有同意的报备不能作为依据；其他证据可照常登记",
        )
    agreed = filing.agreed_on is not None
    known = RiskFiled(number=filing.number, answered_on=answered_on, agreed=agreed)
    return act.model_copy(update={"risk_filed": known})


TAKING: dict[type[Act], Callable[[Any, Look], Act]] = {
    OpenRectification: _rectification,
    OpenFollowUp: _follow_up,
    HoldAccountable: _holding,
    OpenInquiry: _inquiry,
    OpenReview: _review,
    RecordEvidence: _evidence,
}
