"""The matter of a false accusation: suspected, verified, approved, determined, disposed, closed.

Its accusers need not stand together: each has a standing, and the matter stands with the furthest
of those not settled.
"""

from typing import Any, ClassVar
from uuid import UUID

from domain.aggregate import Act, Event, Order
from domain.false_accusation import acts, events
from domain.false_accusation.accusers import Accuser, Stage, furthest
from domain.false_accusation.guards import (
    require_answers,
    require_approved,
    require_asked,
    require_competent,
    require_determined,
    require_disposal,
    require_elements,
    require_listed,
    require_not_all_found,
    require_some_element_absent,
    require_verifiers,
)
from domain.false_accusation.instrument import FalseAccusationInstrument
from domain.guards import refuse_done, require_authority_shown
from domain.law.time_limits import TimeLimits
from domain.refusals import Code, Refusal
from domain.staged import Facts, Move, StagedMatter

Rules = TimeLimits[FalseAccusationInstrument]

OPEN = (
    Stage.SUSPECTED,
    Stage.VERIFIED,
    Stage.AWAITING_APPROVAL,
    Stage.DETERMINED,
    Stage.DISPOSED,
    Stage.MISTAKEN,
)


def _whole(event: events.SuspicionUnfounded) -> Stage | None:
    return Stage.UNFOUNDED if event.accuser is None else None


class FalseAccusation(StagedMatter):
    kind: ClassVar[str] = "false_accusation"
    called: ClassVar[str] = "诬告陷害事项"
    STAGES: ClassVar[Any] = {
        Stage.SUSPECTED: ("有嫌疑", "请查明检举控告人并逐人核实；嫌疑不成立的请认定不成立"),
        Stage.VERIFIED: ("已核实", "要件齐备的请报批，属错告的请认定为错告，不成立的请认定不成立"),
        Stage.AWAITING_APPROVAL: ("报批中", "请待批准机关答复，获准后认定；情况有变的请重新核实"),
        Stage.DETERMINED: ("已认定", "请处置；涉嫌违法犯罪的请移送"),
        Stage.DISPOSED: ("已处置", "该移送的请移送，各人都办完后请了结"),
        Stage.CLOSED: ("已了结", "另有嫌疑的请另行登记"),
        Stage.MISTAKEN: ("属错告", "请作教育，止于教育；教育后请了结"),
        Stage.UNFOUNDED: ("不成立", "另有嫌疑的请另行登记"),
    }
    OVER: ClassVar[Any] = frozenset({Stage.CLOSED, Stage.UNFOUNDED})
    MOVES: ClassVar[Any] = {  # where no stage is led to, the accusers' own standings tell it
        acts.OpenSuspicion: Move(events.SuspicionOpened, to=Stage.SUSPECTED),
        acts.IdentifyAccuser: Move(events.AccuserIdentified, at=OPEN),
        acts.VerifySuspicion: Move(events.SuspicionVerified, at=OPEN),
        acts.FindUnfounded: Move(events.SuspicionUnfounded, at=OPEN, to=_whole),
        acts.ClassifyMistaken: Move(events.MistakenAccusationClassified, at=OPEN),
        acts.EducateAccuser: Move(events.AccuserEducated, at=OPEN),
        acts.RequestDeterminationApproval: Move(events.DeterminationApprovalRequested, at=OPEN),
        acts.GrantDeterminationApproval: Move(events.DeterminationApprovalGranted, at=OPEN),
        acts.RefuseDeterminationApproval: Move(events.DeterminationApprovalRefused, at=OPEN),
        acts.DetermineFalseAccusation: Move(events.FalseAccusationDetermined, at=OPEN),
        acts.DisposeAccuser: Move(events.AccuserDisposed, at=OPEN),
        acts.HandOver: Move(events.AccuserHandedOver, at=OPEN),
        acts.CloseFalseAccusation: Move(events.FalseAccusationClosed, at=OPEN, to=Stage.CLOSED),
    }

    def __init__(self, id: UUID) -> None:
        super().__init__(id)
        self.opened: events.SuspicionOpened | None = None
        self.accusers: dict[str, Accuser] = {}

    # ---- who accused, and whether it was false -------------------------------------------------

    def identify_accuser(self, act: acts.IdentifyAccuser, _: Order, rules: Rules) -> Facts:
        if act.accuser in self.accusers:
            raise Refusal(
                Code.ALREADY_DONE,
                asked=act.label,
                obstacle=f"{act.accuser} 已经登记",
                way_out="无须重复登记；另一人请用另一代号",
            )
        digests = {each.identity_digest: key for key, each in self.accusers.items()}
        if act.identity_digest in digests:
            raise Refusal(
                Code.DUPLICATE,
                asked=act.label,
                obstacle=f"同一身份已登记为 {digests[act.identity_digest]}",
                way_out="一人一个代号，请用已有的代号",
            )
        reader = rules.instrument.identity.readable_by
        return {"item": len(self.accusers) + 1, "readable_by": reader}

    def verify_suspicion(self, act: acts.VerifySuspicion, _: Order, rules: Rules) -> Facts:
        """Also while approval is awaited: what was asked or granted then counts no more."""
        accuser = self._require_at(
            act, act.accuser, Stage.SUSPECTED, Stage.VERIFIED, Stage.AWAITING_APPROVAL
        )
        require_answers(act, rules)
        require_verifiers(act, rules)
        return {"item": accuser.number}

    def find_unfounded(self, act: acts.FindUnfounded, _: Order, rules: Rules) -> Facts | None:
        if act.accuser is None:
            self._require_nobody_identified(act)
            return None
        accuser = self._require_at(act, act.accuser, Stage.SUSPECTED, Stage.VERIFIED)
        if not accuser.refused:  # whoever must approve has found otherwise
            require_not_all_found(act, accuser, rules)
        return {"item": accuser.number}

    # ---- mistaken: education and no more -------------------------------------------------------

    def classify_mistaken(self, act: acts.ClassifyMistaken, _: Order, rules: Rules) -> Facts:
        accuser = self._require_at(act, act.accuser, Stage.VERIFIED)
        require_not_all_found(act, accuser, rules)
        require_some_element_absent(act, accuser, rules)
        return {"item": accuser.number}

    def educate_accuser(self, act: acts.EducateAccuser, _: Order, __: Rules) -> Facts:
        accuser = self._require_at(act, act.accuser, Stage.MISTAKEN)
        if accuser.educated_on:
            refuse_done(act, events.AccuserEducated, accuser.educated_on)
        return {"item": accuser.number}

    # ---- false: approved first, then determined ------------------------------------------------

    def request_determination_approval(
        self, act: acts.RequestDeterminationApproval, _: Order, rules: Rules
    ) -> Facts:
        accuser = self._require_at(act, act.accuser, Stage.VERIFIED)
        require_elements(act, accuser, rules)
        require_competent(act, act.to, rules)
        return {"item": accuser.number}

    def grant_determination_approval(
        self, act: acts.GrantDeterminationApproval, order: Order, rules: Rules
    ) -> Facts:
        return self._require_answerable(act, order, rules)

    def refuse_determination_approval(
        self, act: acts.RefuseDeterminationApproval, order: Order, rules: Rules
    ) -> Facts:
        return self._require_answerable(act, order, rules)

    def determine_false_accusation(
        self, act: acts.DetermineFalseAccusation, _: Order, rules: Rules
    ) -> Facts:
        accuser = self._require_at(act, act.accuser, Stage.VERIFIED, Stage.AWAITING_APPROVAL)
        require_elements(act, accuser, rules)
        approved_by = require_approved(act, accuser, rules)
        require_listed(act, rules)
        return {"item": accuser.number, "approved_by": approved_by}

    # ---- what follows --------------------------------------------------------------------------

    def dispose_accuser(self, act: acts.DisposeAccuser, _: Order, rules: Rules) -> Facts:
        accuser = self._require_accuser(act, act.accuser)
        require_determined(act, accuser, rules)
        if accuser.disposed_on:
            refuse_done(act, events.AccuserDisposed, accuser.disposed_on)
        require_disposal(act, rules)
        return {"item": accuser.number}

    def hand_over(self, act: acts.HandOver, _: Order, rules: Rules) -> Facts:
        accuser = self._require_accuser(act, act.accuser)
        require_determined(act, accuser, rules)
        if act.to.id in accuser.handed_to:
            refuse_done(act, events.AccuserHandedOver, accuser.handed_to[act.to.id])
        return {"item": accuser.number}

    def close_false_accusation(self, act: acts.CloseFalseAccusation, _: Order, __: Rules) -> None:
        if not self.accusers:
            raise Refusal(
                Code.STEP_MISSING,
                asked=act.label,
                obstacle="没有查明检举控告人",
                way_out="请查明并核实；嫌疑不成立的请认定不成立（find_unfounded）",
            )
        left = {key: each for key, each in self.accusers.items() if not each.settled}
        if left:
            told = "、".join(f"{key}（{self._called(each)}）" for key, each in left.items())
            raise Refusal(
                Code.STEP_MISSING,
                asked=act.label,
                obstacle=f"还没有办完：{told}",
                way_out="认定诬告陷害的须已处置，属错告的须已教育，其余须认定不成立",
            )
        self.require_duties_done(act)

    # ---- questions -----------------------------------------------------------------------------

    def _require_accuser(self, act: Act, accuser: str) -> Accuser:
        if accuser in self.accusers:
            return self.accusers[accuser]
        known = "、".join(self.accusers)
        raise Refusal(
            Code.UNKNOWN_SUBJECT,
            asked=act.label,
            obstacle=f"{accuser} 不是本事项查明的检举控告人",
            way_out=f"已查明的有 {known}" if known else "请先登记查明的检举控告人",
        )

    def _require_at(self, act: Act, key: str, *stages: Stage) -> Accuser:
        """The accuser of that pseudonym; refused unless they stand at one of these stages."""
        accuser = self._require_accuser(act, key)
        if accuser.stage in stages:
            return accuser
        wanted = "、".join(f"「{self.STAGES[each][0]}」" for each in stages)
        raise Refusal(
            Code.OUT_OF_STAGE,
            asked=act.label,
            obstacle=f"{key} 处于「{self._called(accuser)}」环节，须处于{wanted}",
            way_out=self.STAGES[accuser.stage][1],
        )

    def _require_answerable(
        self,
        act: acts.GrantDeterminationApproval | acts.RefuseDeterminationApproval,
        order: Order,
        rules: Rules,
    ) -> Facts:
        accuser = self._require_accuser(act, act.accuser)
        require_asked(act, accuser, rules)
        require_authority_shown(act, order)
        return {"item": accuser.number}

    def _require_nobody_identified(self, act: acts.FindUnfounded) -> None:
        if self.accusers:
            raise Refusal(
                Code.MALFORMED,
                asked=act.label,
                obstacle=f"已查明检举控告人 {'、'.join(self.accusers)}，须逐人认定",
                way_out="请在 accuser 中写明是哪一人",
            )

    def _called(self, accuser: Accuser) -> str:
        name: str = self.STAGES[accuser.stage][0]
        return name

    # ---- the rest of the state table -----------------------------------------------------------

    def learn(self, event: Event) -> None:
        match event:
            case events.AccuserIdentified(accuser=key, item=number, identity_digest=digest):
                self.accusers[key] = Accuser(number, digest)
            case events.OfAccuser(accuser=key) | events.SuspicionUnfounded(accuser=str(key)):
                self._learn_of(self.accusers[key], event)
            case _:
                return
        self.stage = furthest([*self.accusers.values()])

    @staticmethod
    def _learn_of(accuser: Accuser, event: Event) -> None:  # noqa: C901 (the state table)
        match event:
            case events.SuspicionVerified(elements=found):
                accuser.verified(found)
            case events.SuspicionUnfounded():
                accuser.stage = Stage.UNFOUNDED
            case events.MistakenAccusationClassified():
                accuser.stage = Stage.MISTAKEN
            case events.AccuserEducated():
                accuser.educated_on = event.on
            case events.DeterminationApprovalRequested(to=organ):
                accuser.stage, accuser.asked = Stage.AWAITING_APPROVAL, organ
            case events.DeterminationApprovalGranted(organ=organ):
                accuser.asked, accuser.granted_by = None, organ
            case events.DeterminationApprovalRefused():
                accuser.stage = Stage.VERIFIED
                accuser.asked, accuser.refused = None, True
            case events.FalseAccusationDetermined():
                accuser.stage = Stage.DETERMINED
            case events.AccuserDisposed():
                accuser.stage, accuser.disposed_on = Stage.DISPOSED, event.on
            case events.AccuserHandedOver(to=organ):
                accuser.handed_to[organ.id] = event.on
