"""What may be asked when a name is to be cleared, in procedural order."""

from datetime import date
from typing import Annotated

from pydantic import Field

from domain.aggregate import Act, Explained
from domain.clarification.events import ClearingWay, Finding, Ground
from domain.papers import Document
from domain.people import Organ
from domain.staged import OpenMatter
from domain.values import Text


class OpenClarification(OpenMatter, name="open_clarification", label="登记澄清事项"):
    """One person or organization, one accusation, one concrete problem."""

    accusation: Text
    problem: Text
    verified_by: Organ


class RecordFinding(Explained, name="record_finding", label="认定举报结论"):
    finding: Finding
    found_on: date
    untrue_part: Text | None = None


class AssessHarm(Explained, name="assess_harm", label="评估影响"):
    situations: tuple[Text, ...] = ()
    inquiry_effect_only: bool = False


class RecordWish(Act, name="record_wish", label="听取本人意愿"):
    wanted: bool
    ways: tuple[ClearingWay, ...] = ()
    scope: Text | None = None


class ApproveClarification(Act, name="approve_clarification", label="批准澄清"):
    """Against the wish of the one concerned only on an authority that can be shown."""

    ways: Annotated[tuple[ClearingWay, ...], Field(min_length=1)]
    scope: Text


class DeclineClarification(Explained, name="decline_clarification", label="不予澄清"):
    ground: Ground


class PerformClarification(Act, name="perform_clarification", label="实施澄清"):
    """It bears no appraisal: what is cleared is the problem of the matter and nothing else."""

    way: ClearingWay
    scope: Text
    letter: Document | None = None
    attendees: tuple[Text, ...] = ()


class ExplainToPersonnelOrgan(Act, name="explain_to_personnel_organ", label="向组织部门说明"):
    recipient: Text


class ExplainToUnit(Act, name="explain_to_unit", label="向所在单位党组织说明"):
    recipient: Text


class FollowUpClarification(Act, name="follow_up_clarification", label="反馈回访"):
    feedback: Text


class CloseClarification(Act, name="close_clarification", label="了结归档"):
    pass
