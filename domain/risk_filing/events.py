"""What can happen to a risk filing, in procedural order."""

from datetime import date
from enum import StrEnum

from domain.aggregate import Event
from domain.papers import Document
from domain.people import Organ
from domain.staged import MatterOpened


class Review(StrEnum):
    """What one step of the review came to."""

    PASSED = "passed"  # 通过
    FAILED = "failed"  # 未通过


class RiskFilingSubmitted(MatterOpened, topic="risk_filing.submitted.v1", term="事前风险报备"):
    """`plan`: what is going to be done; `policy_gap`: what no policy settles about it."""

    plan: str
    policy_gap: str
    risks: tuple[str, ...]
    collective_decision: Document | None = None
    planned_on: date | None = None


class RiskFilingReviewed(Event, topic="risk_filing.reviewed.v1", term="报备审查"):
    """`label` says the step as the instrument had it on the day."""

    step: str
    label: str
    result: Review
    explanation: str


class RiskFilingAgreed(Event, topic="risk_filing.agreed.v1", term="同意报备"):
    """`valid_until`: the last day on which what is done under it may rely on it; null for any."""

    aspects = ("limited",)

    agreed_by: Organ
    valid_until: date | None = None
    conditions: tuple[str, ...] = ()

    def names(self) -> frozenset[str]:
        return super().names() | ({f"{self.name()}:limited"} if self.valid_until else set())


class RiskFilingDeclined(Event, topic="risk_filing.declined.v1", term="不同意报备"):
    explanation: str


class RiskFilingUsed(Event, topic="risk_filing.used.v1", term="引为依据"):
    """Relied on as evidence in a tolerance case, for conduct of that day."""

    case_number: str
    conduct_on: date


class RiskFilingLapsed(Event, topic="risk_filing.lapsed.v1", term="报备失效"):
    """Its validity is over. `used`: a case had relied on it by then."""

    valid_until: date
    used: bool


class RiskFilingWithdrawn(Event, topic="risk_filing.withdrawn.v1", term="撤回报备"):
    explanation: str


class RiskFilingRevoked(Event, topic="risk_filing.revoked.v1", term="撤销同意"):
    explanation: str
