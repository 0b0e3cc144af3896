"""What is decided about each subject: by whom it may be, in what order, and by which forms."""

from collections.abc import Sequence
from datetime import date

from domain.accountability import acts, events
from domain.accountability.events import EarlierAccountability, Screening, SparedFor
from domain.accountability.instrument import Repeated
from domain.accountability.state import ProceedingState, Rules, Stage, SubjectFile
from domain.aggregate import Act, Order
from domain.guards import cited, refuse_done
from domain.law.calendar import WorkCalendar
from domain.law.periods import months_after
from domain.law.situations import Listed
from domain.people import Subject
from domain.refusals import Code, Refusal
from domain.staged import Facts


class Deciding(ProceedingState):
    def open_accountability(
        self, act: acts.OpenAccountability, order: Order, rules: Rules
    ) -> Facts:
        if act.conduct_on is not None and act.conduct_on > order.on:
            raise Refusal(
                Code.MALFORMED,
                asked=act.label,
                obstacle=f"行为发生之日 {act.conduct_on} 晚于启动之日 {order.on}",
                way_out="请核对 conduct_on",
            )
        screening = rules.instrument.screening
        by_law = screening is not None and screening.required
        return {"screening_required": act.screening_required or by_law}

    def screen_for_tolerance(self, act: acts.ScreenForTolerance, _: Order, __: Rules) -> None:
        self.require_subject(act, act.subject)

    def record_authority(self, act: acts.RecordAuthority, _: Order, __: Rules) -> None:
        self._require_undecided(act, act.subject)

    def split_responsibility(self, act: acts.SplitResponsibility, _: Order, __: Rules) -> None:
        self._require_undecided(act, act.subject)

    def transfer_subject(self, act: acts.TransferSubject, _: Order, rules: Rules) -> None:
        file = self._require_undecided(act, act.subject)
        if self.organ is not None and act.to.id == self.organ.id:
            raise Refusal(
                Code.MALFORMED,
                asked=act.label,
                obstacle=f"{act.to.name}就是本机关",
                way_out="请核对移送的机关（to）",
            )
        if file.authority is not None and file.authority.organ.id != act.to.id:
            self._refuse_authority(act, file.authority, rules)

    def hold_accountable(self, act: acts.HoldAccountable, order: Order, rules: Rules) -> Facts:
        file = self._require_decidable(act, act.subject, rules)
        subject = self.subjects[act.subject]
        self._require_screened(act, file, rules)
        self._require_split(act, file, rules)
        require_forms(act, act.forms, subject, rules)
        require_measures(act, act.forms, act.measures, subject, rules)
        instrument = rules.instrument
        _require_listed(act, act.situations, instrument.situations)
        _require_listed(act, act.mitigating, instrument.mitigating)
        _require_listed(act, act.aggravating, instrument.aggravating)
        _require_earlier_weighed(act, self.number, order.on, rules)
        if act.effective_on is not None and act.effective_on < order.on:
            raise Refusal(
                Code.MALFORMED,
                asked=act.label,
                obstacle=f"生效日 {act.effective_on} 早于决定之日 {order.on}",
                way_out="请核对 effective_on；不填即为决定之日",
            )
        return {
            "subject_kind": subject.kind,
            "effective_on": act.effective_on or order.on,
            "to_publish": instrument.published(act.forms),
        }

    def exempt_subject(self, act: acts.ExemptSubject, _: Order, rules: Rules) -> None:
        self._require_decidable(act, act.subject, rules)
        _require_listed(act, act.situations, rules.instrument.sparing)
        if act.basis is SparedFor.LISTED and not act.situations:
            raise Refusal(
                Code.MALFORMED,
                asked=act.label,
                obstacle="没有写明属哪一情形",
                articles=cited(*(each.article for each in rules.instrument.sparing)),
                way_out="请在 situations 中写明",
            )
        if act.basis is SparedFor.TOLERANCE:
            self._require_tolerance_answered(act, act.subject, rules)

    def decide_accountability(self, act: acts.DecideAccountability, _: Order, rules: Rules) -> None:
        here = [id_ for id_, file in self.files.items() if file.transferred_on is None]
        unscreened = [each for each in here if each not in self.screened]
        if self._screening_required and unscreened:
            self._refuse_unscreened(act, unscreened, rules)
        undecided = self.undecided
        if undecided and any(each.decision for each in self.files.values()):
            raise Refusal(
                Code.STEP_MISSING,
                asked=act.label,
                obstacle=f"已对部分对象作出决定，对{self.labels(undecided)}还没有",
                way_out="请逐人作出问责，或者不予、免予问责的决定；不属本机关管理的先移送",
            )

    # ---- what stands before a decision ---------------------------------------------------------

    @property
    def _screening_required(self) -> bool:
        return self.opened is not None and self.opened.screening_required

    def _require_undecided(self, act: Act, subject: str) -> SubjectFile:
        """Nothing was decided about them here, and there is still a time to decide it."""
        file = self.file_of(act, subject)
        if file.transferred_on is not None:
            refuse_done(act, events.SubjectTransferred, file.transferred_on)
        if file.decision is not None:
            refuse_done(act, type(file.decision), file.decision.on)
        if not file.resumed:
            self.require_stage(act, Stage.OPEN)
        return file

    def _require_decidable(
        self, act: acts.HoldAccountable | acts.ExemptSubject, subject: str, rules: Rules
    ) -> SubjectFile:
        file = self._require_undecided(act, subject)
        told, authority = file.authority, rules.instrument.authority
        own = self.organ.id if self.organ else None
        if authority is not None and told is not None and told.organ.id != own:
            self._refuse_authority(act, told, rules)
        return file

    def _refuse_authority(self, act: Act, told: events.AuthorityRecorded, rules: Rules) -> None:
        authority = rules.instrument.authority
        raise Refusal(
            Code.WRONG_ORGAN,
            asked=act.label,
            obstacle=f"{self.subjects[told.subject].label}由{told.managed_by}管理，"
            f"应由{told.organ.name}决定",
            articles=cited(authority.article if authority else None),
            way_out=f"请移送{told.organ.name}（transfer_subject）；登记有误的先重新登记管理权限",
        )

    def _require_screened(self, act: acts.HoldAccountable, file: SubjectFile, rules: Rules) -> None:
        """Tolerance comes first, where it must be considered and where it was found in place."""
        if file.resumed:  # it was decided, and revoked
            return
        if self._screening_required and act.subject not in self.screened:
            self._refuse_unscreened(act, [act.subject], rules)
        if self.screened.get(act.subject) is Screening.TRIGGERED:
            self._require_tolerance_answered(act, act.subject, rules)

    def _refuse_unscreened(self, act: Act, subjects: list[str], rules: Rules) -> None:
        screening = rules.instrument.screening
        raise Refusal(
            Code.NOT_SCREENED,
            asked=act.label,
            obstacle=f"对{self.labels(subjects)}没有同步考虑是否符合容错情形",
            articles=cited(screening.article if screening else None),
            way_out="请先同步考虑容错（screen_for_tolerance）",
        )

    def _require_tolerance_answered(self, act: Act, subject: str, rules: Rules) -> None:
        open_case = self.referred.get(subject)
        if open_case is None and subject in self.answered:
            return
        screening = rules.instrument.screening
        label = self.subjects[subject].label
        raise Refusal(
            Code.TOLERANCE_UNDECIDED,
            asked=act.label,
            obstacle=f"{label}的容错案件 {open_case} 尚未了结"
            if open_case
            else f"{label}没有经过容错程序",
            articles=cited(screening.article if screening else None),
            way_out="请先办结容错案件；认为不适用容错的，重新同步考虑",
        )

    def _require_split(self, act: acts.HoldAccountable, file: SubjectFile, rules: Rules) -> None:
        rule = rules.instrument.responsibility
        if rule is not None and rule.required and file.responsibility is None:
            raise Refusal(
                Code.STEP_MISSING,
                asked=act.label,
                obstacle=f"没有划分{self.subjects[act.subject].label}的领导责任",
                articles=cited(rule.article),
                way_out="请先划分领导责任（split_responsibility）",
            )


# ---- what a decision may consist of ------------------------------------------------------------


def require_forms(act: Act, forms: tuple[str, ...], subject: Subject, rules: Rules) -> None:
    """Each form is one against such a subject, and several only where they may be combined."""
    instrument = rules.instrument
    known = instrument.forms_for(subject.kind)
    unfit = [each for each in forms if known and each not in known]
    if unfit or not (known or instrument.for_unit == instrument.for_person):
        usable = "、".join(f"{each.id} {each.label}" for each in known.values())
        raise Refusal(
            Code.OUTCOME_NOT_PERMITTED,
            asked=act.label,
            obstacle=f"对{subject.label}不适用问责方式 {'、'.join(unfit or forms)}",
            articles=cited(*(each.article for each in known.values())),
            way_out=f"可用的有 {usable}" if usable else "办法没有列出对这类对象的问责方式",
        )
    if len({*forms}) != len(forms):
        raise Refusal(
            Code.MALFORMED,
            asked=act.label,
            obstacle="同一问责方式写了不止一次",
            way_out="请核对 forms",
        )
    if len(forms) > 1 and instrument.combinable is False:
        raise Refusal(
            Code.OUTCOME_NOT_PERMITTED,
            asked=act.label,
            obstacle=f"{instrument.name}规定的问责方式不合并使用",
            articles=cited(instrument.combinable_article),
            way_out="请只用一种方式",
        )


def require_measures(
    act: Act, forms: tuple[str, ...], measures: tuple[str, ...], subject: Subject, rules: Rules
) -> None:
    """Measures are the contents of a form that has such: what the lists end with is 「等」."""
    known = rules.instrument.forms_for(subject.kind)
    if measures and known and not any(known[each].measures for each in forms):
        raise Refusal(
            Code.UNKNOWN_ITEM,
            asked=act.label,
            obstacle=f"{'、'.join(known[each].label for each in forms)}不含 {'、'.join(measures)}"
            "这样的措施",
            articles=cited(*(known[each].article for each in forms)),
            way_out="请改用组织调整或者组织处理等含有措施的方式，或删去 measures",
        )


def _require_listed(act: Act, told: tuple[str, ...], listed: Sequence[Listed]) -> None:
    known = {each.id for each in listed}
    unknown = [each for each in told if known and each not in known]
    if unknown:
        raise Refusal(
            Code.UNKNOWN_ITEM,
            asked=act.label,
            obstacle=f"办法没有列 {'、'.join(unknown)}",
            articles=cited(*(each.article for each in listed)),
            way_out="列明的有 " + "、".join(sorted(known)),
        )


def _require_earlier_weighed(
    act: acts.HoldAccountable, number: str, on: date, rules: Rules
) -> None:
    """受过问责又受问责: what the ledger shows may not be left out of what weighs heavier."""
    others = [each for each in act.earlier if each.number != number and each.decided_on <= on]
    for circumstance in rules.instrument.aggravating:
        repeated = circumstance.repeated_within
        if repeated is None or circumstance.id in act.aggravating:
            continue
        inside = [each for each in others if _inside(each, repeated, on, rules.calendar)]
        if len(inside) + 1 >= repeated.times:
            told = "、".join(f"{each.number}（{each.decided_on}）" for each in inside)
            raise Refusal(
                Code.AGGRAVATION_OVERLOOKED,
                asked=act.label,
                obstacle=f"已于 {told} 受过问责，从重情形中没有写 {circumstance.id}",
                articles=cited(circumstance.article),
                way_out=f"请在 aggravating 中写明 {circumstance.id}，并据以从重",
            )


def _inside(
    earlier: EarlierAccountability, window: Repeated, on: date, calendar: WorkCalendar
) -> bool:
    if window.months is None:
        return earlier.decided_on.year == on.year
    return on <= months_after(earlier.decided_on, window.months, calendar, roll=False).due_on
