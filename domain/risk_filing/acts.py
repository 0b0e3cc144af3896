"""What may be asked of a risk filing, in procedural order."""

from datetime import date

from domain.aggregate import Act, Explained
from domain.papers import Document
from domain.people import Organ
from domain.risk_filing.events import Review
from domain.staged import OpenMatter
from domain.values import Several, Text


class SubmitRiskFiling(OpenMatter, name="submit_risk_filing", label="受理事前风险报备"):
    """`organ` is the one that answers it, `subjects` are those who file."""

    plan: Text
    policy_gap: Text
    risks: Several
    collective_decision: Document | None = None
    planned_on: date | None = None


class ReviewRiskFiling(Explained, name="review_risk_filing", label="审查报备"):
    """`step`: one of those the instrument has, the first one still to be taken unless stated."""

    step: Text | None = None
    result: Review


class AgreeRiskFiling(Act, name="agree_risk_filing", label="同意报备"):
    """`agreed_by`: the organ that handles it unless stated."""

    agreed_by: Organ | None = None
    valid_until: date | None = None
    conditions: tuple[Text, ...] = ()


class DeclineRiskFiling(Explained, name="decline_risk_filing", label="不同意报备"):
    pass


class UseRiskFiling(Act, name="use_risk_filing", label="以事前报备为依据"):
    """`conduct_on`: the day of the conduct that the tolerance case judges."""

    case_number: Text
    conduct_on: date


class WithdrawRiskFiling(Explained, name="withdraw_risk_filing", label="撤回报备"):
    pass


class RevokeRiskFiling(Explained, name="revoke_risk_filing", label="撤销对报备的同意"):
    pass
