"""A tolerance case. First what may be done, in procedural order; then what each event changes."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import NAMESPACE_URL, UUID, uuid5

from domain.aggregate import Aggregate, Event, Order
from domain.law.policy import Outcome, Relief, Step, Track
from domain.law.rules import Rules
from domain.obligations import Fact, ObligationBook, ObligationOpened, call, settle
from domain.people import SYSTEM, Organ, Subject
from domain.refusals import Code, Refusal
from domain.tolerance import acts, events


class Stage(StrEnum):
    """Where the case stands as a whole; outcomes stand with its subjects."""

    APPLIED = "applied"  # 申请提出
    ACCEPTED = "accepted"  # 已受理
    DECLINED = "declined"  # 不予受理
    VERIFYING = "verifying"  # 核实中
    VERIFIED = "verified"  # 核实完毕
    ON_NOTICE = "on_notice"  # 公示中
    NOTICED = "noticed"  # 公示结束
    DETERMINED = "determined"  # 认定完毕
    CLOSED = "closed"  # 已结案


STAGES: dict[Stage, tuple[str, str]] = {  # what it is called, and what can be done from there
    Stage.APPLIED: ("申请提出", "请先作出受理或不予受理的答复"),
    Stage.ACCEPTED: ("已受理", "请先开始核实"),
    Stage.DECLINED: ("不予受理", "本案到此为止；有新的事由请另行申请"),
    Stage.VERIFYING: ("核实中", "请先完成研判、清单对照并提交核实报告"),
    Stage.VERIFIED: ("核实完毕", "可以会商、公示或者认定"),
    Stage.ON_NOTICE: ("公示中", "请待公示期满、异议处理完毕后结束公示"),
    Stage.NOTICED: ("公示结束", "可以认定"),
    Stage.DETERMINED: ("认定完毕", "可以反馈、备案、回访和结案"),
    Stage.CLOSED: ("已结案", "结案后只能登记回访和整改完成"),
}
DELIBERATING = (Stage.VERIFYING, Stage.VERIFIED, Stage.NOTICED)
DECIDING = (Stage.VERIFIED, Stage.NOTICED)
RELIEFS = {
    Outcome.EXEMPTION: (Relief.WAIVED,),
    Outcome.MITIGATION: (Relief.LIGHTER, Relief.REDUCED),
}


def case_id(case_number: str) -> UUID:
    """The stream of a case number: one number can only ever open one case."""
    return uuid5(NAMESPACE_URL, f"urn:rongcuo:tolerance:{case_number}")


@dataclass
class SubjectFile:
    """What is known of one subject so far."""

    subject: Subject
    factors: events.SixFactors | None = None
    answers: dict[str, bool | None] | None = None
    deferred_on: date | None = None
    determination: events.SubjectDetermined | None = None


class ToleranceCase(Aggregate):
    def __init__(self, id: UUID) -> None:
        super().__init__(id)
        self.opened: events.ToleranceApplied | events.ExOfficioStarted | None = None
        self.stage: Stage | None = None
        self.files: dict[str, SubjectFile] = {}
        self.steps: set[Step] = set()
        self.done: dict[tuple[str, ...], date] = {}
        self.notice_ends_on: date | None = None
        self.objections: dict[int, events.Resolution | None] = {}
        self.obligations = ObligationBook()

    # ---- What may be done ------------------------------------------------------------------

    def perform(self, act: acts.Act, order: Order, rules: Rules) -> None:
        """Take one act: its own method decides and records; then its duties are settled.

        Raises Refusal; nothing is then recorded.
        """
        self.require_in_time(order, act.label)
        getattr(self, act.name)(act, order, rules)
        for event in self.pending:
            for fact in settle(
                self.obligations, event, rules, self.subjects, self.organ.id if self.organ else ""
            ):
                self._record_duty(fact, order, because=event)

    def submit_application(self, act: acts.SubmitApplication, order: Order, rules: Rules) -> None:
        self._require_new(act)
        self._require_track(Track.APPLICATION, act, rules)
        self._record(events.ToleranceApplied, order, rules, Step.INITIATION, **dict(act))

    def start_ex_officio(self, act: acts.StartExOfficio, order: Order, rules: Rules) -> None:
        self._require_new(act)
        self._require_track(Track.EX_OFFICIO, act, rules)
        self._record(events.ExOfficioStarted, order, rules, Step.INITIATION, **dict(act))

    def accept(self, act: acts.Accept, order: Order, rules: Rules) -> None:
        self._require_not_done(events.CaseAccepted, act)
        self._require(act, Stage.APPLIED)
        if isinstance(self.opened, events.ToleranceApplied):
            self._require_no_bars(act, self.opened, rules)
        acceptance = rules.policy.acceptance
        if (
            acceptance.co_signed_by_accountability_organ
            and self.matter is not None
            and self.matter.organ.id not in act.co_signed_by
        ):
            raise Refusal(
                Code.CO_SIGNATURE_MISSING,
                asked=act.label,
                obstacle="受理须会同问责主体作出，未见其会签",
                articles=(acceptance.article,) if acceptance.article else (),
                way_out="请在 co_signed_by 中写明问责主体",
            )
        self._record(events.CaseAccepted, order, rules, Step.ACCEPTANCE, **dict(act))

    def decline(self, act: acts.Decline, order: Order, rules: Rules) -> None:
        self._require_not_done(events.AcceptanceRefused, act)
        self._require(act, Stage.APPLIED)
        self._record(events.AcceptanceRefused, order, rules, Step.ACCEPTANCE, **dict(act))

    def open_verification(self, act: acts.OpenVerification, order: Order, rules: Rules) -> None:
        self._require_not_done(events.VerificationOpened, act)
        self._require(act, Stage.ACCEPTED)
        self._record(events.VerificationOpened, order, rules, Step.VERIFICATION, **dict(act))

    def review_six_factors(self, act: acts.ReviewSixFactors, order: Order, rules: Rules) -> None:
        self._file(act.subject, act)
        self._require(act, Stage.VERIFYING)
        self._record(events.SixFactorsReviewed, order, rules, Step.VERIFICATION, **dict(act))

    def check_list(self, act: acts.CheckList, order: Order, rules: Rules) -> None:
        self._file(act.subject, act)
        self._require(act, Stage.VERIFYING)
        items = {item.id: item for each in rules.policy.lists for item in each.items}
        unknown = sorted(set(act.answers) - set(items))
        self._require_known(unknown, act, rules)
        unanswered = [
            item.id for item in items.values() if item.label and item.id not in act.answers
        ]
        if unanswered:
            raise Refusal(
                Code.STEP_MISSING,
                asked=act.label,
                obstacle=f"清单条目 {'、'.join(unanswered)} 没有作答",
                way_out="请逐条作答；一时查不清的填 null",
            )
        self._record(events.ListChecked, order, rules, Step.VERIFICATION, **dict(act))

    def report_verification(self, act: acts.ReportVerification, order: Order, rules: Rules) -> None:
        self._require_not_done(events.VerificationReported, act)
        self._require(act, Stage.VERIFYING)
        missing = [
            f"{file.subject.label} 的{what}"
            for file in self.files.values()
            for what, lacking in (
                ("六看研判", rules.policy.six_factors == "required" and file.factors is None),
                ("清单对照", file.answers is None),
            )
            if lacking
        ]
        if missing:
            raise Refusal(
                Code.STEP_MISSING,
                asked=act.label,
                obstacle=f"还缺{'、'.join(missing)}",
                articles=self._article(rules, Step.VERIFICATION),
                way_out="请补齐后再提交",
            )
        self._record(events.VerificationReported, order, rules, Step.VERIFICATION, **dict(act))

    def record_opinion(self, act: acts.RecordOpinion, order: Order, rules: Rules) -> None:
        self._require(act, *DELIBERATING)
        self._record(events.OpinionReceived, order, rules, Step.OPINIONS, **dict(act))

    def hold_consultation(self, act: acts.HoldConsultation, order: Order, rules: Rules) -> None:
        self._require(act, *DELIBERATING)
        self._record(events.JointConsultationHeld, order, rules, Step.CONSULTATION, **dict(act))

    def open_public_notice(self, act: acts.OpenPublicNotice, order: Order, rules: Rules) -> None:
        self._require_not_done(events.PublicNoticeOpened, act)
        self._require(act, Stage.VERIFIED)
        notice = rules.policy.public_notice
        if notice is None:
            raise self._not_provided(act, rules)
        ends = rules.ends(notice.rule, order.on)
        self._record(
            events.PublicNoticeOpened,
            order,
            rules,
            Step.PUBLIC_NOTICE,
            calendars=ends.editions,
            ends_on=ends.due_on,
            **dict(act),
        )

    def raise_objection(self, act: acts.RaiseObjection, order: Order, rules: Rules) -> None:
        self._require(act, Stage.ON_NOTICE)
        if self.notice_ends_on is not None and order.on > self.notice_ends_on:
            raise Refusal(
                Code.NOTICE_OVER,
                asked=act.label,
                obstacle=f"公示期已于 {self.notice_ends_on} 届满",
                articles=self._article(rules, Step.PUBLIC_NOTICE),
                way_out="期满后的反映请按信访举报途径办理",
            )
        self._record(
            events.ObjectionRaised,
            order,
            rules,
            Step.PUBLIC_NOTICE,
            objection=len(self.objections) + 1,
            **dict(act),
        )

    def resolve_objection(self, act: acts.ResolveObjection, order: Order, rules: Rules) -> None:
        self._require(act, Stage.ON_NOTICE)
        if act.objection not in self.objections:
            raise Refusal(
                Code.UNKNOWN_OBJECTION,
                asked=act.label,
                obstacle=f"本案没有第 {act.objection} 条异议",
                way_out=f"本案现有异议 {len(self.objections)} 条，请核对编号",
            )
        self._require_not_done(events.ObjectionResolved, act, str(act.objection))
        self._record(events.ObjectionResolved, order, rules, Step.PUBLIC_NOTICE, **dict(act))

    def close_public_notice(self, act: acts.ClosePublicNotice, order: Order, rules: Rules) -> None:
        self._require_not_done(events.PublicNoticeClosed, act)
        self._require(act, Stage.ON_NOTICE)
        article = self._article(rules, Step.PUBLIC_NOTICE)
        if self.notice_ends_on is not None and order.on <= self.notice_ends_on:
            raise Refusal(
                Code.NOTICE_RUNNING,
                asked=act.label,
                obstacle=f"公示期至 {self.notice_ends_on} 届满",
                articles=article,
                way_out="请于届满次日及以后办理",
            )
        waiting = [number for number, result in self.objections.items() if result is None]
        if waiting:
            raise Refusal(
                Code.OBJECTIONS_OPEN,
                asked=act.label,
                obstacle=f"第 {'、'.join(map(str, waiting))} 条异议尚未处理",
                articles=article,
                way_out="请先对异议作出处理",
            )
        self._record(events.PublicNoticeClosed, order, rules, Step.PUBLIC_NOTICE)

    def defer_determination(self, act: acts.DeferDetermination, order: Order, rules: Rules) -> None:
        self._file(act.subject, act)
        if rules.policy.deferral is None:
            raise self._not_provided(act, rules)
        self._require(act, *DELIBERATING)
        self._require_not_done(events.SubjectDetermined, act, act.subject)
        self._require_not_done(events.DeterminationDeferred, act, act.subject)
        self._record(events.DeterminationDeferred, order, rules, Step.DETERMINATION, **dict(act))

    def determine(self, act: acts.Determine, order: Order, rules: Rules) -> None:
        file = self._file(act.subject, act)
        self._require_not_done(events.SubjectDetermined, act, act.subject)
        self._require(act, *DECIDING)
        self._require_steps(act, rules)
        self._require_known(
            [each for each in act.situations if rules.situation(each) is None], act, rules
        )
        self._require_permitted(act, rules)
        if act.outcome.favourable:
            self._require_tolerable(act, file, rules)
        facts = dict(act) | {"effective_on": act.effective_on or order.on}
        self._record(events.SubjectDetermined, order, rules, Step.DETERMINATION, **facts)

    def notify_result(self, act: acts.NotifyResult, order: Order, rules: Rules) -> None:
        self._require_determined(act.subject, act)
        self._require_not_done(events.ResultNotified, act, act.subject, act.recipient)
        self._record(events.ResultNotified, order, rules, Step.NOTIFICATION, **dict(act))

    def file_determination(self, act: acts.FileDetermination, order: Order, rules: Rules) -> None:
        self._require_determined(act.subject, act)
        self._require_not_done(events.DeterminationFiled, act, act.subject)
        self._record(events.DeterminationFiled, order, rules, Step.FILING, **dict(act))

    def complete_rectification(
        self, act: acts.CompleteRectification, order: Order, rules: Rules
    ) -> None:
        determination = self._require_determined(act.subject, act)
        self._require_not_done(events.RectificationCompleted, act, act.subject)
        if determination.rectification is None:
            raise self._not_provided(act, rules)
        self._record(events.RectificationCompleted, order, rules, **dict(act))

    def hold_follow_up_visit(self, act: acts.HoldFollowUpVisit, order: Order, rules: Rules) -> None:
        self._require_determined(act.subject, act)
        self._record(events.FollowUpVisitHeld, order, rules, Step.FOLLOW_UP, **dict(act))

    def close(self, act: acts.Close, order: Order, rules: Rules) -> None:
        self._require_not_done(events.CaseClosed, act)
        self._require(act, Stage.DETERMINED)
        open_duties = [
            each.obligation for each in self.obligations.open() if each.obligation.blocks_closing
        ]
        if open_duties:
            raise Refusal(
                Code.DUTIES_OPEN,
                asked=act.label,
                obstacle="尚有未办事项：" + "、".join(duty.label for duty in open_duties),
                articles=tuple(duty.article for duty in open_duties if duty.article),
                way_out="请先办结上述事项",
            )
        self._record(events.CaseClosed, order, rules)

    def call_time(self, key: str, order: Order) -> bool:
        """A moment of the clock has come: take down what it means, or nothing at all.

        Returns whether anything was recorded; a duty already met, a date already moved and a rung
        already called record nothing, so calling twice is harmless.
        """
        called = call(self.obligations, key, order.now)
        if called is None:
            return False
        on, fact = called
        self._record_duty(fact, order.model_copy(update={"on": on}))
        return True

    # ---- What each event changes -----------------------------------------------------------

    def evolve(self, event: Event) -> None:  # noqa: C901, PLR0912 (the state table, in one place)
        self.obligations.evolve(event)
        self._remember(event)
        match event:
            case events.ToleranceApplied() | events.ExOfficioStarted():
                self._open(event)
            case events.CaseAccepted():
                self.stage = Stage.ACCEPTED
            case events.AcceptanceRefused():
                self.stage = Stage.DECLINED
            case events.VerificationOpened():
                self.stage = Stage.VERIFYING
            case events.SixFactorsReviewed():
                self.files[event.subject].factors = event.factors
            case events.ListChecked():
                self.files[event.subject].answers = event.answers
            case events.VerificationReported():
                self.stage = Stage.VERIFIED
            case events.OpinionReceived():
                self.steps.add(Step.OPINIONS)
            case events.JointConsultationHeld():
                self.steps.add(Step.CONSULTATION)
            case events.PublicNoticeOpened():
                self.stage, self.notice_ends_on = Stage.ON_NOTICE, event.ends_on
            case events.ObjectionRaised():
                self.objections[event.objection] = None
            case events.ObjectionResolved():
                self.objections[event.objection] = event.resolution
            case events.PublicNoticeClosed():
                self.stage = Stage.NOTICED
                self.steps.add(Step.PUBLIC_NOTICE)
            case events.DeterminationDeferred():
                self.files[event.subject].deferred_on = event.on
            case events.SubjectDetermined():
                self.files[event.subject].determination = event
                if all(file.determination for file in self.files.values()):
                    self.stage = Stage.DETERMINED
            case events.CaseClosed():
                self.stage = Stage.CLOSED

    def _open(self, event: events.ToleranceApplied | events.ExOfficioStarted) -> None:
        self.opened = event
        self.files = {each.id: SubjectFile(each) for each in event.subjects}
        applied_for = isinstance(event, events.ToleranceApplied)
        self.stage = Stage.APPLIED if applied_for else Stage.ACCEPTED

    def _remember(self, event: Event) -> None:
        match event:
            case events.ResultNotified():
                particulars: tuple[str, ...] = (event.subject, event.recipient)
            case events.ObjectionResolved():
                particulars = (str(event.objection),)
            case _:
                subject = getattr(event, "subject", None)
                particulars = (subject,) if subject else ()
        self.done.setdefault((event.name(), *particulars), event.on)

    # ---- Small functions -------------------------------------------------------------------

    @property
    def subjects(self) -> dict[str, Subject]:
        return {id_: file.subject for id_, file in self.files.items()}

    @property
    def case_number(self) -> str:
        return self.opened.case_number if self.opened else ""

    @property
    def policy(self) -> str:
        """The edition the case stands on, pinned by its first event."""
        return (self.opened.envelope.policy if self.opened else None) or ""

    @property
    def track(self) -> Track:
        applied_for = isinstance(self.opened, events.ToleranceApplied)
        return Track.APPLICATION if applied_for else Track.EX_OFFICIO

    @property
    def matter(self) -> events.Matter | None:
        return self.opened.matter if self.opened else None

    @property
    def organ(self) -> Organ | None:
        return self.opened.organ if self.opened else None

    def _record(
        self,
        kind: type[Event],
        order: Order,
        rules: Rules,
        step: Step | None = None,
        *,
        calendars: tuple[str, ...] = (),
        **facts: object,
    ) -> None:
        self.record(
            kind,
            order,
            articles=self._article(rules, step) if step else (),
            policy=rules.policy.reference,
            calendars=calendars,
            **facts,
        )

    def _record_duty(self, fact: Fact, order: Order, because: Event | None = None) -> None:
        kind, facts = fact
        duty = (
            facts["obligation"]
            if kind is ObligationOpened
            else self.obligations.standings[facts["obligation_id"]].obligation
        )
        caused = order.model_copy(
            update={
                "by": SYSTEM,
                "authority": None,
                "reason": None,
                "causation_id": f"{self.id}/{because.originator_version}" if because else None,
            }
        )
        self.record(
            kind,
            caused,
            articles=(duty.article,) if duty.article else (),
            policy=self.policy,
            calendars=duty.calendars,
            **facts,
        )

    @staticmethod
    def _article(rules: Rules, step: Step) -> tuple[str, ...]:
        article = rules.policy.article_of(step)
        return (article,) if article else ()

    def _require_no_bars(
        self, act: acts.Act, application: events.ToleranceApplied, rules: Rules
    ) -> None:
        bars = rules.bars_to_application(
            applicant=application.applicant.kind,
            applied_on=application.on,
            accountability_opened_on=application.matter.opened_on,
        )
        if bars:
            raise Refusal(
                bars[0].code,
                asked=act.label,
                obstacle="；".join(bar.because for bar in bars),
                articles=tuple(bar.article for bar in bars if bar.article),
                way_out="请作不予受理答复，并写明上述理由",
            )

    def _require_new(self, act: acts.Opening) -> None:
        if self.stage is not None:
            raise Refusal(
                Code.CASE_NUMBER_TAKEN,
                asked=act.label,
                obstacle=f"案号 {act.case_number} 已有案件",
                way_out="同一案件请直接办理后续环节；另一案件请另编案号",
            )

    def _require_track(self, track: Track, act: acts.Act, rules: Rules) -> None:
        if track not in rules.policy.tracks:
            raise Refusal(
                Code.TRACK_NOT_PROVIDED,
                asked=act.label,
                obstacle=f"{rules.policy.name}没有规定这种启动方式",
                articles=self._article(rules, Step.INITIATION),
                way_out="请由有权主体依该办法规定的方式提出",
            )

    def _require(self, act: acts.Act, *stages: Stage) -> None:
        if self.stage in stages:
            return
        if self.stage is None:
            raise Refusal(
                Code.CASE_NOT_FOUND,
                asked=act.label,
                obstacle="没有这件案件",
                way_out="请核对案号；尚未立案号的，请先提出申请",
            )
        called, way_out = STAGES[self.stage]
        wanted = "、".join(f"「{STAGES[each][0]}」" for each in stages)
        raise Refusal(
            Code.OUT_OF_STAGE,
            asked=act.label,
            obstacle=f"本案处于「{called}」环节，须处于{wanted}",
            way_out=way_out,
        )

    def _require_not_done(self, kind: type[Event], act: acts.Act, *particulars: str) -> None:
        done_on = self.done.get((kind.name(), *particulars))
        if done_on is not None:
            raise Refusal(
                Code.ALREADY_DONE,
                asked=act.label,
                obstacle=f"「{kind.term}」已于 {done_on} 办过",
                way_out="无须重复办理；前次有误的，请作更正",
            )

    def _require_known(self, unknown: list[str], act: acts.Act, rules: Rules) -> None:
        if unknown:
            raise Refusal(
                Code.UNKNOWN_ITEM,
                asked=act.label,
                obstacle=f"{rules.policy.name}的清单没有条目 {'、'.join(unknown)}",
                way_out=f"条目编号见 rongcuo policy show {rules.policy.id}",
            )

    def _file(self, subject: str, act: acts.Act) -> SubjectFile:
        if subject in self.files:
            return self.files[subject]
        raise Refusal(
            Code.UNKNOWN_SUBJECT,
            asked=act.label,
            obstacle=f"{subject} 不是本案的对象",
            way_out="本案对象为 " + "、".join(self.files) if self.files else "请核对案号",
        )

    def _require_determined(self, subject: str, act: acts.Act) -> events.SubjectDetermined:
        file = self._file(subject, act)
        if file.determination is None:
            raise Refusal(
                Code.NOT_DETERMINED,
                asked=act.label,
                obstacle=f"对 {file.subject.label} 尚未认定",
                way_out="请先作出认定",
            )
        return file.determination

    def _require_steps(self, act: acts.Act, rules: Rules) -> None:
        before = (Step.OPINIONS, Step.CONSULTATION, Step.PUBLIC_NOTICE)
        missing = [
            each
            for each in rules.policy.steps
            if each.required and each.step in before and each.step not in self.steps
        ]
        if missing:
            raise Refusal(
                Code.STEP_MISSING,
                asked=act.label,
                obstacle="还没有" + "、".join(each.label for each in missing),
                articles=tuple(each.article for each in missing if each.article),
                way_out="请先完成上述步骤",
            )

    def _require_permitted(self, act: acts.Determine, rules: Rules) -> None:
        fits = act.relief is None or act.relief in RELIEFS.get(act.outcome, ())
        if fits and rules.permits(act.outcome, act.sanction, act.relief):
            return
        raise Refusal(
            Code.OUTCOME_NOT_PERMITTED,
            asked=act.label,
            obstacle="处理种类与从轻、减轻、免予的搭配不在办法允许之列",
            articles=tuple(sorted({each.article for each in rules.policy.permitted or ()})),
            way_out="请写明处理种类（sanction）和程度（relief），并选用办法允许的搭配",
        )

    def _require_tolerable(self, act: acts.Determine, file: SubjectFile, rules: Rules) -> None:
        answers = file.answers or {}
        excluded = rules.excluded_by(answers)
        if excluded:
            raise Refusal(
                Code.NEGATIVE_LIST,
                asked="认定容错",
                obstacle="清单对照查明属于不予容错的情形：" + "、".join(e.id for e in excluded),
                articles=tuple(each.article for each in excluded if each.article),
                way_out="只能认定不予容错；对照有误的，请先更正清单对照",
            )
        unmet = rules.unmet(answers)
        if unmet:
            raise Refusal(
                Code.CONDITIONS_UNMET,
                asked="认定容错",
                obstacle="清单对照未见符合容错条件",
                articles=tuple(each.article for each in unmet if each.article),
                way_out="查不清的可以暂缓认定（办法有规定的），查明不符的认定不予容错",
            )
        if act.rectification is None:
            raise Refusal(
                Code.RECTIFICATION_MISSING,
                asked="认定容错",
                obstacle="没有一并提出整改要求（容纠并举）",
                articles=(rules.policy.rectification,) if rules.policy.rectification else (),
                way_out="请写明整改事项和责任人",
            )

    def _not_provided(self, act: acts.Act, rules: Rules) -> Refusal:
        return Refusal(
            Code.NOT_PROVIDED,
            asked=act.label,
            obstacle=f"{rules.policy.name}或本案认定没有此项",
            way_out=f"该办法的程序见 rongcuo policy show {rules.policy.id}",
        )
