"""The clarification: the finding, whether it harmed, the wish, the approval, the clearing itself.

It concerns one person or organization and one concrete problem. Two persons of one accusation are
two matters, perhaps of two organs; what makes them one is the id of the accusation.
"""

from datetime import date
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from domain.aggregate import Event, Order
from domain.clarification import acts, events
from domain.clarification.events import ClearingWay, Finding, Ground
from domain.clarification.guards import (
    Rules,
    require_agreement,
    require_approved,
    require_company,
    require_enclosures,
    require_found_before,
    require_harm,
    require_listed,
    require_one_each,
    require_provided,
    require_untrue,
    require_verifier,
    require_wish,
)
from domain.guards import refuse_done
from domain.people import Subject
from domain.refusals import Code, Refusal
from domain.staged import Facts, Move, StagedMatter


class Stage(StrEnum):
    OPENED = "opened"  # 已登记
    FOUND = "found"  # 已认定
    ASSESSED = "assessed"  # 已评估
    APPROVED = "approved"  # 已批准
    PERFORMED = "performed"  # 已澄清
    FOLLOWED_UP = "followed_up"  # 已回访
    NOT_REQUIRED = "not_required"  # 不予澄清
    CLOSED = "closed"  # 已了结


UNDECIDED = (Stage.FOUND, Stage.ASSESSED)  # a step left out before is named by the guard
CLEARED = (Stage.PERFORMED, Stage.FOLLOWED_UP)
ONCE_FOUND = (*UNDECIDED, Stage.APPROVED, *CLEARED)


def _when_complete(event: events.ClarificationPerformed) -> Stage | None:
    return Stage.PERFORMED if event.complete else None


class Clarification(StagedMatter):
    kind: ClassVar[str] = "clarification"
    called: ClassVar[str] = "澄清事项"
    STAGES: ClassVar[Any] = {
        Stage.OPENED: ("已登记", "请先认定举报结论（record_finding）"),
        Stage.FOUND: ("已认定", "请评估影响（assess_harm）；没有认定不实的，不予澄清"),
        Stage.ASSESSED: ("已评估", "请批准澄清（approve_clarification），或者不予澄清并说明理由"),
        Stage.APPROVED: ("已批准", "请按批准的方式逐一澄清（perform_clarification）"),
        Stage.PERFORMED: ("已澄清", "请反馈回访，或者了结归档"),
        Stage.FOLLOWED_UP: ("已回访", "请了结归档（close_clarification）"),
        Stage.NOT_REQUIRED: ("不予澄清", "另有查明的，重新登记澄清事项"),
        Stage.CLOSED: ("已了结", "因另一举报须澄清的，另行登记澄清事项"),
    }
    OVER: ClassVar[Any] = frozenset({Stage.NOT_REQUIRED, Stage.CLOSED})
    MOVES: ClassVar[Any] = {
        acts.OpenClarification: Move(events.ClarificationOpened, to=Stage.OPENED),
        acts.RecordFinding: Move(events.AccusationFound, at=(Stage.OPENED,), to=Stage.FOUND),
        acts.AssessHarm: Move(events.HarmAssessed, at=(Stage.FOUND,), to=Stage.ASSESSED),
        acts.RecordWish: Move(events.WishRecorded, at=UNDECIDED),
        acts.ApproveClarification: Move(
            events.ClarificationApproved, at=UNDECIDED, to=Stage.APPROVED
        ),
        acts.DeclineClarification: Move(
            events.ClarificationNotRequired, at=UNDECIDED, to=Stage.NOT_REQUIRED
        ),
        acts.PerformClarification: Move(
            events.ClarificationPerformed, at=(*UNDECIDED, Stage.APPROVED), to=_when_complete
        ),
        acts.ExplainToPersonnelOrgan: Move(events.PersonnelOrganInformed, at=ONCE_FOUND, once=True),
        acts.ExplainToUnit: Move(events.UnitInformed, at=ONCE_FOUND, once=True),
        acts.FollowUpClarification: Move(
            events.ClarificationFollowedUp, at=CLEARED, to=Stage.FOLLOWED_UP
        ),
        acts.CloseClarification: Move(events.ClarificationClosed, at=CLEARED, to=Stage.CLOSED),
    }

    def __init__(self, id: UUID) -> None:
        super().__init__(id)
        self.opened: events.ClarificationOpened | None = None
        self.found: events.AccusationFound | None = None
        self.harm: events.HarmAssessed | None = None
        self.wish: events.WishRecorded | None = None
        self.approved: events.ClarificationApproved | None = None
        self.performed: dict[ClearingWay, date] = {}

    @property
    def finding(self) -> Finding | None:
        return self.found.finding if self.found else None

    @property
    def subject(self) -> Subject:
        (subject,) = self.subjects.values()
        return subject

    @property
    def problem(self) -> str:
        """The concrete problem that is cleared: of one found partly true, the untrue part."""
        part = self.found.untrue_part if self.found else None
        return part or (self.opened.problem if self.opened else "")

    # ---- guards --------------------------------------------------------------------------------

    def open_clarification(self, act: acts.OpenClarification, _: Order, __: Rules) -> None:
        if len(act.subjects) != 1:
            raise Refusal(
                Code.MALFORMED,
                asked=act.label,
                obstacle=f"写了 {len(act.subjects)} 个对象，一件只澄清一人或者一个组织",
                way_out="请一人一件分别登记，accusation 写同一个举报编号",
            )

    def record_finding(self, act: acts.RecordFinding, order: Order, _: Rules) -> None:
        require_found_before(act, order)
        if (act.finding is Finding.PARTLY) != (act.untrue_part is not None):
            raise Refusal(
                Code.MALFORMED,
                asked=act.label,
                obstacle="部分属实的须写明不实的部分，其余的不写",
                way_out="请核对 finding 和 untrue_part",
            )

    def assess_harm(self, act: acts.AssessHarm, _: Order, rules: Rules) -> Facts:
        require_untrue(self, act, rules)
        require_one_each(act, act.situations)
        listed = {each.id: each.label or each.id for each in rules.instrument.situations}
        require_listed(act, act.situations, [*listed])
        if act.inquiry_effect_only:
            require_provided(act, rules.instrument.ground(Ground.INQUIRY_EFFECT_ONLY), rules)
        return {"labels": tuple(listed[each] for each in act.situations)}

    def record_wish(self, act: acts.RecordWish, _: Order, __: Rules) -> None:
        require_one_each(act, act.ways)
        if not act.wanted and (act.ways or act.scope):
            raise Refusal(
                Code.MALFORMED,
                asked=act.label,
                obstacle="不愿澄清，却写了方式或者范围",
                way_out="请核对 wanted、ways 和 scope",
            )

    def approve_clarification(
        self, act: acts.ApproveClarification, order: Order, rules: Rules
    ) -> None:
        require_untrue(self, act, rules)
        require_verifier(self, act, order, rules)
        require_harm(self, act)
        require_one_each(act, act.ways)
        require_listed(act, act.ways, [each.id for each in rules.instrument.ways])
        require_company(act, rules)
        require_wish(self, act, order, rules)

    def decline_clarification(
        self, act: acts.DeclineClarification, order: Order, rules: Rules
    ) -> None:
        require_verifier(self, act, order, rules)
        require_provided(act, rules.instrument.ground(act.ground), rules)
        require_agreement(self, act, rules)

    def perform_clarification(
        self, act: acts.PerformClarification, order: Order, rules: Rules
    ) -> Facts:
        require_untrue(self, act, rules)
        self.require_stage(act, Stage.APPROVED)
        require_verifier(self, act, order, rules)
        ways = require_approved(self, act, rules)
        if act.way in self.performed:
            refuse_done(act, events.ClarificationPerformed, self.performed[act.way])
        require_enclosures(act, rules)
        return {"complete": {*ways} == {*self.performed, act.way}}

    def explain_to_personnel_organ(
        self, act: acts.ExplainToPersonnelOrgan, _: Order, rules: Rules
    ) -> None:
        require_provided(act, rules.instrument.personnel_organ, rules)
        require_untrue(self, act, rules)

    def explain_to_unit(self, act: acts.ExplainToUnit, _: Order, rules: Rules) -> None:
        require_provided(act, rules.instrument.unit, rules)

    def close_clarification(self, act: acts.CloseClarification, _: Order, __: Rules) -> None:
        self.require_duties_done(act)

    # ---- the rest of the state table -----------------------------------------------------------

    def learn(self, event: Event) -> None:
        match event:
            case events.AccusationFound():
                self.found = event
            case events.HarmAssessed():
                self.harm = event
            case events.WishRecorded():
                self.wish = event
            case events.ClarificationApproved():
                self.approved = event
            case events.ClarificationPerformed(way=way):
                self.performed[way] = event.on
