"""What follows a decision: told, carried out, filed, closed; resumed, changed, made good."""

from domain.accountability import acts, events
from domain.accountability.decision import require_forms, require_measures
from domain.accountability.events import Change
from domain.accountability.state import ProceedingState, Rules, Stage, SubjectFile
from domain.aggregate import Order
from domain.guards import cited
from domain.people import Subject, SubjectKind
from domain.refusals import Code, Refusal
from domain.staged import Facts


class Following(ProceedingState):
    def announce_decision(self, act: acts.AnnounceDecision, _: Order, __: Rules) -> None:
        self.require_decided(act, act.subject)
        self.require_first(act, events.DecisionAnnounced, act.subject, act.to)

    def inform_personnel_organ(self, act: acts.InformPersonnelOrgan, _: Order, __: Rules) -> None:
        self.require_decided(act, act.subject)
        self.require_first(act, events.PersonnelOrganInformed, act.subject, act.to)

    def complete_formalities(self, act: acts.CompleteFormalities, _: Order, rules: Rules) -> None:
        """Only where the decision calls for some: the time limits say which do."""
        self.require_held(act, act.subject)
        completes = events.FormalitiesCompleted.name()
        limits = [each for each in rules.instrument.deadlines if completes in each.met_by]
        called_for = {(each.obligation.rule, each.obligation.subject) for each in self.obligations}
        if limits and not any((each.id, act.subject) in called_for for each in limits):
            raise Refusal(
                Code.NOT_PROVIDED,
                asked=act.label,
                obstacle=f"对{self.subjects[act.subject].label}的决定没有组织手续可办",
                articles=cited(*(each.article for each in limits)),
                way_out="请核对问责方式；只有所列方式须办手续",
            )
        self.require_first(act, events.FormalitiesCompleted, act.subject)

    def archive_decision(self, act: acts.ArchiveDecision, _: Order, rules: Rules) -> None:
        self.require_held(act, act.subject)
        if self.subjects[act.subject].kind is not SubjectKind.CADRE:
            self.refuse_unprovided(act, rules)  # an organization has no personal file
        self.require_first(act, events.DecisionArchived, act.subject)

    def submit_self_criticism(self, act: acts.SubmitSelfCriticism, _: Order, rules: Rules) -> None:
        self.require_held(act, act.subject)
        ways = {each.id for each in rules.instrument.self_criticism}
        if ways and act.way not in ways:
            self.refuse_unprovided(act, rules)
        self.require_first(act, events.SelfCriticismMade, act.subject, act.way)

    def publicize_decision(self, act: acts.PublicizeDecision, _: Order, rules: Rules) -> None:
        """Nobody's accountability is made public beyond what the instrument provides for."""
        file = self.require_held(act, act.subject)
        if rules.instrument.publicity is None:
            self.refuse_unprovided(act, rules)
        if not rules.instrument.published(file.forms):
            raise Refusal(
                Code.NOT_PROVIDED,
                asked=act.label,
                obstacle=f"对{self.subjects[act.subject].label}的问责方式不在公开之列",
                articles=cited(rules.instrument.publicity.article),
                way_out="请不要公开；在一定范围内通报的作为宣布登记",
            )
        self.require_first(act, events.DecisionPublicized, act.subject, act.where)

    def close_accountability(self, act: acts.CloseAccountability, _: Order, __: Rules) -> None:
        left = [each for each in self.undecided if self.files[each].resumed]
        if left:
            raise Refusal(
                Code.STEP_MISSING,
                asked=act.label,
                obstacle=f"对{self.labels(left)}恢复问责后还没有作出决定",
                way_out="请先作出问责，或者不予、免予问责的决定",
            )
        self.require_duties_done(act)

    # ---- looked at again -----------------------------------------------------------------------

    def resume_accountability(self, act: acts.ResumeAccountability, _: Order, __: Rules) -> Facts:
        """Asked for by a revoked tolerance: whatever stage this has come to, it is not refused."""
        self.require_subject(act, act.subject)
        return {"after_decision": self.stage is not Stage.OPEN}

    def change_decision(self, act: acts.ChangeDecision, _: Order, rules: Rules) -> Facts:
        file = self.file_of(act, act.subject)
        if act.result is Change.VARY or not self._decided_unnamed(file):
            self.require_held(act, act.subject)
        in_force, measures, told = act.forms, act.measures, tuple(dict.fromkeys(file.told))
        if act.result is Change.UPHOLD:
            in_force, measures, told = file.forms, file.measures, ()
        if act.result is Change.VARY:
            subject = self.subjects[act.subject]
            require_forms(act, act.forms, subject, rules)
            require_measures(act, act.forms, act.measures, subject, rules)
            _require_no_heavier(act, file.forms, subject, rules)
        return {
            "forms": in_force,
            "measures": measures,
            "added": tuple(each for each in in_force if each not in file.forms),
            "dropped": tuple(each for each in file.forms if each not in in_force),
            "restore_in": told,
            "to_publish": rules.instrument.published(in_force),
        }

    def _decided_unnamed(self, file: SubjectFile) -> bool:
        """By the decision as a whole, which names nobody and no forms."""
        since = file.decision or file.transferred_on or file.resumed or file.revoked
        return self.decided_on is not None and not since

    def restore_subject(self, act: acts.RestoreSubject, _: Order, __: Rules) -> Facts:
        file = self.file_of(act, act.subject)
        if act.scope not in file.to_restore:
            raise Refusal(
                Code.UNKNOWN_ITEM,
                asked=act.label,
                obstacle=f"没有待恢复的范围 {act.scope}",
                way_out=f"待恢复的有 {'、'.join(file.to_restore)}"
                if file.to_restore
                else "没有需要恢复的",
            )
        return {"remaining": tuple(each for each in file.to_restore if each != act.scope)}


def _require_no_heavier(
    act: acts.ChangeDecision, before: tuple[str, ...], subject: Subject, rules: Rules
) -> None:
    """Compared form by form from the heaviest down; what the instrument does not list has no rank.

    Measures are not compared: the sources do not order them.
    """
    known = [*rules.instrument.forms_for(subject.kind)]

    def weight(forms: tuple[str, ...]) -> list[int]:
        return sorted((known.index(each) for each in forms if each in known), reverse=True)

    if weight(act.forms) > weight(before):
        raise Refusal(
            Code.WORSE_THAN_BEFORE,
            asked=act.label,
            obstacle=f"变更后的方式（{'、'.join(act.forms)}）重于原决定（{'、'.join(before)}）",
            articles=cited(rules.instrument.article_for(events.DecisionChanged.name())),
            way_out="请维持，或者变更为不重于原决定的方式",
        )
