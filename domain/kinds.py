"""Every kind of matter: its aggregate, how it opens, its events, the type of its instrument."""

from dataclasses import dataclass
from typing import Any

from domain.accountability import events as accountability
from domain.accountability.acts import OpenAccountability
from domain.accountability.instrument import AccountabilityInstrument
from domain.accountability.proceeding import AccountabilityProceeding
from domain.aggregate import Act
from domain.clarification import events as clarification
from domain.clarification.acts import OpenClarification
from domain.clarification.instrument import ClarificationInstrument
from domain.clarification.matter import Clarification
from domain.false_accusation import events as false_accusation
from domain.false_accusation.acts import OpenSuspicion
from domain.false_accusation.instrument import FalseAccusationInstrument
from domain.false_accusation.matter import FalseAccusation
from domain.follow_up import events as follow_up
from domain.follow_up.acts import OpenFollowUp
from domain.follow_up.instrument import FollowUpInstrument
from domain.follow_up.matter import FollowUp
from domain.forwarding import events as forwarding
from domain.forwarding.acts import OpenForwarding
from domain.forwarding.instrument import ForwardingInstrument
from domain.forwarding.matter import Forwarding
from domain.impact import events as impact
from domain.impact.acts import OpenLedger
from domain.impact.instrument import ImpactInstrument
from domain.impact.matter import ImpactLedger
from domain.inquiry import events as inquiry
from domain.inquiry.acts import OpenInquiry
from domain.inquiry.instrument import InquiryInstrument
from domain.inquiry.matter import Inquiry
from domain.law.companions import Companion
from domain.matter import Matter
from domain.protection import events as protection
from domain.protection.acts import OpenProtection
from domain.protection.instrument import ProtectionInstrument
from domain.protection.matter import Protection
from domain.rectification import events as rectification
from domain.rectification.acts import OpenRectification
from domain.rectification.instrument import RectificationInstrument
from domain.rectification.matter import RectificationMatter
from domain.review import events as review
from domain.review.acts import OpenReview
from domain.review.instrument import ReviewInstrument
from domain.review.matter import Review
from domain.risk_filing import events as risk_filing
from domain.risk_filing.acts import SubmitRiskFiling
from domain.risk_filing.instrument import RiskFilingInstrument
from domain.risk_filing.matter import RiskFiling
from domain.staged import OpenMatter, StagedMatter
from domain.tolerance.case import ToleranceCase
from domain.visit_plan import events as visit_plan
from domain.visit_plan.acts import OpenVisitPlan
from domain.visit_plan.instrument import VisitPlanInstrument
from domain.visit_plan.matter import VisitPlan


@dataclass(frozen=True)
class Kind:
    """A kind of sibling matter."""

    matter: type[StagedMatter]
    opening: type[OpenMatter]
    events: Any  # the module that holds them
    instrument: type[Companion]

    @property
    def acts(self) -> tuple[type[Act], ...]:
        return self.matter.acts()


KINDS: dict[str, Kind] = {
    each.matter.kind: each
    for each in (
        Kind(
            AccountabilityProceeding, OpenAccountability, accountability, AccountabilityInstrument
        ),
        Kind(FalseAccusation, OpenSuspicion, false_accusation, FalseAccusationInstrument),
        Kind(FollowUp, OpenFollowUp, follow_up, FollowUpInstrument),
        Kind(VisitPlan, OpenVisitPlan, visit_plan, VisitPlanInstrument),
        Kind(RectificationMatter, OpenRectification, rectification, RectificationInstrument),
        Kind(ImpactLedger, OpenLedger, impact, ImpactInstrument),
        Kind(Clarification, OpenClarification, clarification, ClarificationInstrument),
        Kind(Review, OpenReview, review, ReviewInstrument),
        Kind(Protection, OpenProtection, protection, ProtectionInstrument),
        Kind(Inquiry, OpenInquiry, inquiry, InquiryInstrument),
        Kind(Forwarding, OpenForwarding, forwarding, ForwardingInstrument),
        Kind(RiskFiling, SubmitRiskFiling, risk_filing, RiskFilingInstrument),
    )
}

BY_NAME: dict[str, type[Matter]] = {  # with the tolerance case, every kind there is
    ToleranceCase.kind: ToleranceCase,
    **{name: each.matter for name, each in KINDS.items()},
}
