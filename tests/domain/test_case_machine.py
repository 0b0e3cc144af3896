"""A case under whatever is asked, against a plain sheet of paper (tests/support/plain_case.py).

The suite lives some; the full form, of 2,000 lives, is run by

    RONGCUO_MACHINE_RUNS=2000 python -m pytest tests/domain/test_case_machine.py
"""

import json
import os
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from datetime import date, datetime, time, timedelta
from functools import cache
from itertools import chain
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from domain import registry
from domain.aggregate import Act, Event, Order
from domain.duty_acts import AcknowledgeEscalation, ExtendDuty, WaiveDuty
from domain.law.calendar import CHINA, civil_date
from domain.law.deadline_rules import DeadlineRule, Extension, Frequency, Qualifier
from domain.law.outcomes import Outcome, Relief, Sanction, Treatment
from domain.law.periods import TimeUnit
from domain.law.policy import (
    Approval,
    ApprovalWhen,
    Committee,
    Consultation,
    Deferral,
    FollowUp,
    Opinions,
    Policy,
    PolicyStep,
    PublicNotice,
    Quorum,
    Recipient,
    RecusalGround,
    Remedy,
    RiskFiling,
    Step,
    Suspension,
    Track,
)
from domain.law.rules import Rules
from domain.matter import Link, LinkMatter, Relation
from domain.obligations import moments
from domain.people import SYSTEM, MemberTold, Officer, Subject
from domain.refusals import Refusal
from domain.tolerance import acts
from domain.tolerance.case import ToleranceCase
from domain.tolerance.particulars import (
    DeclineReason,
    Resolution,
    ReviewResult,
    RevocationCause,
    RiskFiled,
    Seat,
    View,
    Voice,
)
from tests.support.examples import (
    CASE,
    CDI,
    CHEN,
    CLERK,
    EXEMPTION,
    HUBEI,
    INSPECTOR,
    MITIGATION,
    NO_TOLERANCE,
    NOBODY,
    PERSON,
    QIAN,
    RULEBOOK,
    WUYANG,
    YOUXIAN,
    ZHAO,
    application,
    check,
    determine,
    matter,
    paper,
    review,
    start_ex_officio,
)
from tests.support.given import state
from tests.support.plain_case import POSSIBLE, PlainCase, provided

RUNS = int(os.environ.get("RONGCUO_MACHINE_RUNS", "150"))
STEPS = 50
ALL_OF_THEM = 2000
BEGINNING, LAST_DAY = date(2026, 3, 4), date(2027, 12, 1)
BOTH = (CHEN, ZHAO)

COLLEAGUE = Officer(id="cdi-2", role="承办人", organ=CDI.id)
REVIEWER = Officer(id="fs-1", role="复核人", organ="sjw")
OFFICERS = (CLERK, COLLEAGUE, REVIEWER)

# ---- instruments -------------------------------------------------------------------------------


def instrument(base: Rules, name: str, **changes: Any) -> Rules:
    """An instrument that does not exist, made of one that does."""
    told = {"id": name, "edition": 1, "parent": None, **changes}
    policy = Policy.model_validate(base.policy.model_dump(by_alias=True) | told)
    return Rules(policy, base.calendar)


def limit(name: str, opens_on: str, *met_by: str, **more: Any) -> DeadlineRule:
    usual = {
        "id": name,
        "label": name,
        "article": None,
        "opens_on": opens_on,
        "met_by": met_by,
        "per": "subject",
        "amount": 10,
        "unit": TimeUnit.WORKING_DAY,
        "roll": True,
        "qualifier": Qualifier.MUST,
        "responsible": "承办人",
        "blocks_closing": False,
        "confirmed": False,
    }
    return DeadlineRule.model_validate(usual | more)


QUORUM = Quorum(at_least=2, carried_by="half")
NONE_STATED = Quorum(at_least=None, carried_by=None)
EXTENSION = Extension(
    approver="分管领导",
    amount=10,
    unit=TimeUnit.WORKING_DAY,
    times=2,
    cap_amount=40,
    cap_unit=TimeUnit.CALENDAR_DAY,
    article=None,
    confirmed=False,
)
HELD = {"suspended_by": ("tolerance.suspended",), "resumed_by": ("tolerance.resumed",)}
TOLD = "tolerance.result-notified"
BY_ALL = (  # every shape of limit there is
    limit(
        "handling", "tolerance.accepted", "tolerance.verification-reported", per="case", **HELD
    ).model_copy(update={"extension": EXTENSION}),
    limit(
        "visits",
        "tolerance.determined:favourable",
        "tolerance.follow-up-visit-held",
        lapses_on=("tolerance.determination-ended",),
        amount=6,
        unit=TimeUnit.MONTH,
        at_least=2,
        at_most=Frequency(times=3, within="window"),
    ),
    limit(
        "telling",
        "tolerance.determined",
        f"{TOLD}:applicant",
        lapses_on=("tolerance.determination-ended",),
        starts="effect",
        qualifier=Qualifier.TARGET,
        blocks_closing=True,
    ),
    limit("silence", "tolerance.opinion-requested", "tolerance.opinion-received", per="item"),
    limit("answering", "tolerance.objection-raised", "tolerance.objection-resolved", per="item"),
    limit(
        "lodging",
        "tolerance.result-received:subject",
        "tolerance.review-lodged",
        starts="receipt",
        amount=30,
        unit=TimeUnit.CALENDAR_DAY,
        qualifier=Qualifier.PERIOD,
    ),
    limit(
        "deferral",
        "tolerance.determination-deferred",
        "tolerance.determined",
        "tolerance.conclusive-opinion-issued",
        qualifier=Qualifier.GENERALLY,
        **HELD,
    ).model_copy(update={"extension": EXTENSION}),
    limit("season", "tolerance.closed", "tolerance.archived", per="case", amount=1, unit="quarter"),
)


def approval(name: str, **when: Any) -> Approval:
    return Approval(
        id=name, by="上级", level=None, when=ApprovalWhen(**when), article=None, confirmed=False
    )


ADVISED_STEPS = (
    PolicyStep(step=Step.INITIATION, label="启动", article="一", required=True),
    PolicyStep(step=Step.COMMITTEE, label="评估", article="二", required=True),
    PolicyStep(step=Step.OPINIONS, label="征求意见", article="三", required=True),
)
REMEDY = Remedy(
    id="appeal",
    label="申诉",
    against=("determination", "declined"),
    to="上一级",
    lodge_within="lodging",
    article="九",
    confirmed=False,
)
COMMITTEE = Committee(
    label="委员会", seats=("组织", "群众"), quorum=QUORUM, article="二", confirmed=False
)
EVERY_STEP = instrument(
    YOUXIAN,
    "every_step",
    tracks={Track.APPLICATION: None, Track.EX_OFFICIO: None},
    hearing="required",
    decisive_factors=("motive",),
    committee=COMMITTEE,
    consultation=Consultation(
        organs=("组织部",), quorum=NONE_STATED, article=None, confirmed=False
    ),
    opinions=Opinions(of=("组织部",), silence="agrees", article="三"),
    deferral=Deferral(rule="deferral", article="四"),
    suspension=Suspension(article="五", confirmed=False),
    risk_filing=RiskFiling(article="六", confirmed=False),
    approvals=(approval("upper"), approval("exempting", outcomes=(EXEMPTION,))),
    follow_up=FollowUp(
        rule="visits", visitors_at_least=2, yearly_ratio=None, article=None, confirmed=False
    ),
    remedies=(*YOUXIAN.policy.remedies, REMEDY),
    deadlines=(*YOUXIAN.policy.deadlines, *BY_ALL),
    public_notice=PublicNotice(
        required=True,
        rule="public_notice",
        scope=None,
        cut_off=time(17, 30),
        restart="changed_subjects",
        article="七",
    ),
)
ADVISED = instrument(
    HUBEI,
    "advised",
    steps=ADVISED_STEPS,
    committee=COMMITTEE,
    opinions=EVERY_STEP.policy.opinions,
    suspension=EVERY_STEP.policy.suspension,
    deferral=EVERY_STEP.policy.deferral,
    remedies=(REMEDY,),
    deadlines=(*HUBEI.policy.deadlines, *BY_ALL),
    approvals=(approval("exempting", outcomes=(EXEMPTION,)),),
)
ALL_AGAIN = instrument(
    YOUXIAN,
    "all_again",
    deferral=EVERY_STEP.policy.deferral,
    remedies=(REMEDY,),
    deadlines=(*YOUXIAN.policy.deadlines, *BY_ALL),
    public_notice=PublicNotice(
        required=False,
        rule="public_notice",
        scope=None,
        cut_off=None,
        restart="all",
        article="七",
    ),
)
HELD_UP = instrument(
    WUYANG,
    "held_up",
    tracks={Track.APPLICATION: None, Track.EX_OFFICIO: None},
    suspension=EVERY_STEP.policy.suspension,
    deadlines=tuple(
        each.model_copy(update=HELD if each.unit is None else {**HELD, "extension": EXTENSION})
        for each in WUYANG.policy.deadlines
    ),
)
INSTRUMENTS: dict[str, Rules] = {
    each.policy.reference: each
    for each in (
        HUBEI,
        WUYANG,
        YOUXIAN,
        *map(RULEBOOK, ("hubei_twelve_articles.1", "generic.1", "huangshi.1", "jingmen.1")),
        EVERY_STEP,
        ADVISED,
        ALL_AGAIN,
        HELD_UP,
    )
}

OFTEN = [*sorted(INSTRUMENTS), *(["every_step.1", "all_again.1"] * 3)]  # where most can happen

# ---- what is asked -----------------------------------------------------------------------------


def voices(*of: str) -> tuple[Voice, ...]:
    return tuple(Voice(of=each, view=View.AGREES) for each in of)


def members(*ids: str) -> tuple[MemberTold, ...]:
    return tuple(MemberTold(id=each) for each in ids)


def unfavourable(rules: Rules, subject: Subject) -> acts.CheckList:
    answers = {key: not answer for key, answer in check(rules, subject).answers.items()}
    return acts.CheckList(subject=subject.id, answers=answers, repeated_error=True)


def conclusions(one: Subject) -> Iterator[acts.Determine]:
    yield determine(one)
    yield determine(one, MITIGATION, rectification=None, rectification_waived="无可整改")
    yield determine(one, NO_TOLERANCE, rectification=None)


def ill_concluded(one: Subject) -> Iterator[acts.Determine]:
    yield determine(one, rectification=None)
    yield determine(one, effective_on=date(2020, 1, 1))
    yield determine(one, situations=("X-1",))
    further = (Treatment(sanction=Sanction.PARTY, relief=Relief.REDUCED, grades=3),)
    yield determine(one, MITIGATION, further=further)


def proposed(conclusion: acts.Determine) -> acts.ProposeDetermination:
    alike = {*acts.ProposeDetermination.model_fields}
    return acts.ProposeDetermination(**{k: v for k, v in conclusion if k in alike})


def lists_of(rules: Rules, one: Subject) -> Iterator[Act]:
    adverse = {"finding": "谋私", "leans": "adverse"}
    factors = review(one).factors.model_dump() | {"motive": adverse}
    yield acts.ReviewSixFactors.model_validate({"subject": one.id, "factors": factors})
    yield check(rules, one)
    yield unfavourable(rules, one)
    yield acts.CheckList(subject=one.id, answers={"X-1": True})


@cache
def of_one(reference: str, one: Subject) -> tuple[Act, ...]:
    """Every act about one subject, fitting and unfitting."""
    rules, id_ = INSTRUMENTS[reference], one.id
    return (
        acts.HearSubject(subject=id_, statement="无异议", heard_by=("甲",)),
        review(one),
        *lists_of(rules, one),
        acts.RecordCommitteeVote(subject=id_, outcome=EXEMPTION, voices=voices("张", "李")),
        acts.RecordCommitteeVote(subject=id_, outcome=EXEMPTION, voices=voices("王")),
        acts.RestartPublicNotice(subject=id_, scope="县委网站"),
        acts.DeferDetermination(subject=id_, explanation="尚待查清"),
        acts.IssueConclusiveOpinion(subject=id_, opinion="难以认定"),
        *map(proposed, conclusions(one)),
        *(
            act(subject=id_, approval=name, **more)
            for name in ("upper", "exempting", "X")
            for act, more in APPROVING
        ),
        *conclusions(one),
        *ill_concluded(one),
        *(acts.NotifyResult(subject=id_, recipient=each) for each in Recipient),
        acts.FileDetermination(subject=id_, filed_with="县委"),
        acts.CompleteRectification(subject=id_, summary="已改"),
        acts.HoldFollowUpVisit(subject=id_, visitors=("甲", "乙"), summary="正常"),
        acts.HoldFollowUpVisit(subject=id_, visitors=("甲",), summary="正常"),
        acts.LodgeReview(subject=id_, remedy="review", grounds="不服"),
        acts.LodgeReview(subject=id_, remedy="appeal", grounds="不服"),
        acts.AdmitReview(subject=id_, panel=members("fs-1", "fs-2")),
        acts.AdmitReview(subject=id_, panel=members("fs-1", CLERK.id)),
        acts.RefuseReview(subject=id_, explanation="没有新的理由"),
        *decisions(one),
        *(
            acts.CorrectExOfficio(
                subject=id_, by_superior=False, explanation="有误", conclusion=each
            )
            for each in chain(conclusions(one), ill_concluded(one))
        ),
        acts.RevokeDetermination(
            subject=id_,
            cause=RevocationCause.FALSE_MATERIAL,
            accountability_resumes=True,
            explanation="材料虚假",
        ),
        acts.Reopen(subjects=(id_,), explanation="有新的事实"),
    )


APPROVING: tuple[tuple[Callable[..., Act], dict[str, str]], ...] = (
    (acts.RequestApproval, {"of": "上级"}),
    (acts.GrantApproval, {"explanation": "同意"}),
    (acts.RefuseApproval, {"explanation": "不同意"}),
)


def decisions(one: Subject) -> Iterator[acts.DecideReview]:
    for result in ReviewResult:
        options = conclusions(one) if result is ReviewResult.VARY else (None,)
        for each in options:
            yield acts.DecideReview(
                subject=one.id, result=result, explanation="经复核", conclusion=each
            )


@cache
def of_the_case(reference: str) -> tuple[Act, ...]:
    """Every act about a case as a whole, fitting and unfitting."""
    rules = INSTRUMENTS[reference]
    filed = RiskFiled(number="报备1号", answered_on=date(2025, 12, 1), agreed=True)
    return (
        application(rules, *BOTH, matter=matter_of_old()),
        application(rules, applicant=PERSON, documents=()),
        start_ex_officio(*BOTH),
        acts.AttachApplication(applicant=PERSON),
        acts.JoinExOfficio(explanation="同步考虑"),
        acts.ReturnForCompletion(missing=("书面申请",)),
        acts.CompleteApplication(documents=(paper("application"),)),
        acts.CompleteApplication(applicant=PERSON),
        acts.WithdrawApplication(explanation="不再申请"),
        acts.ContinueExOfficio(explanation="仍应考虑"),
        acts.Transfer(to=INSPECTOR, explanation="依管辖"),
        acts.Transfer(to=CDI, explanation="依管辖"),
        acts.RecordCoSignature(organ=INSPECTOR.id, agrees=True, explanation="同意"),
        acts.RecordCoSignature(organ=INSPECTOR.id, agrees=False, explanation="不同意"),
        acts.Accept(co_signed_by=(INSPECTOR.id,)),
        acts.Accept(),
        acts.Decline(because=DeclineReason.LATE, explanation="已过期限"),
        acts.AssignTeam(members=members("甲", "乙")),
        acts.AssignTeam(members=members("丙", CLERK.id)),
        *(
            acts.RequestRecusal(officer=each, ground=RecusalGround.KIN, explanation="近亲属")
            for each in ("甲", COLLEAGUE.id, "fs-2")
        ),
        *(
            acts.DecideRecusal(officer=each, stands_back=back, explanation="经查")
            for each in ("甲", COLLEAGUE.id, "fs-2")
            for back in (True, False)
        ),
        acts.OpenVerification(team=members("甲", "乙")),
        acts.OpenVerification(team=members("乙", "丙")),
        acts.RecordEvidence(document=paper("application")),
        acts.RecordEvidence(subject=NOBODY, document=paper("物证")),
        acts.RecordEvidence(document=paper("报备"), risk_filed=filed),
        acts.ReportVerification(summary="未见谋私"),
        acts.RequestOpinion(organ="组织部", question="是否同意"),
        acts.RecordOpinion(organ="组织部", opinion="同意"),
        acts.HoldConsultation(organs=("组织部", "财政局"), conclusion="一致同意"),
        acts.HoldConsultation(organs=("财政局",), conclusion="一致同意", voices=voices("财政局")),
        acts.AssembleCommittee(
            seats=tuple(
                Seat(member=who, stands_for=each)
                for who, each in zip(("张", "李"), seats_of(rules), strict=False)
            )
        ),
        acts.AssembleCommittee(seats=(Seat(member="王", stands_for="外星人"),)),
        acts.OpenPublicNotice(scope="某局机关"),
        acts.RaiseObjection(content="另有责任"),
        acts.RaiseObjection(content="另有责任", subject=CHEN.id, received_at=time(18)),
        acts.ClosePublicNotice(),
        acts.ClosePublicNotice(subjects=(CHEN.id,)),
        acts.ClosePublicNotice(subjects=(NOBODY,)),
        acts.Close(),
        acts.Archive(archive_number="档1"),
        acts.Reopen(subjects=(CHEN.id, ZHAO.id), explanation="有新的事实"),
        acts.Suspend(explanation="等待鉴定"),
        acts.Resume(explanation="鉴定已出"),
        acts.Repin(policy=reference, explanation="新办法施行"),
        acts.Repin(policy="generic.1", explanation="新办法施行"),
        acts.Repin(policy="every_step.1", explanation="新办法施行"),
    )


def matter_of_old() -> Any:
    return matter().model_copy(update={"conduct_on": date(2026, 1, 5)})


def seats_of(rules: Rules) -> tuple[str, ...]:
    committee = rules.policy.committee
    return (committee.seats if committee else ()) or ("组织", "群众")


def numbered(case: ToleranceCase, plain: PlainCase, today: date) -> Iterator[Act]:
    """Acts that name what the case itself has numbered, and the same of numbers it has not."""
    for item in (*sorted(plain.requests), 99):
        yield acts.RecordOpinion(organ="组织部", opinion="同意", item=item)
    for number in (*sorted(plain.objections)[-2:], 99):
        for changes in ((), (CHEN.id,), (ZHAO.id,)):
            yield acts.ResolveObjection(
                objection=number,
                resolution=Resolution.UPHELD if changes else Resolution.REJECTED,
                explanation="经查",
                changes=changes,
            )
    for relation in (Relation.ARISES_FROM, Relation.RELIES_ON):
        link = Link(kind="clarification", number="澄1号", relation=relation)
        yield LinkMatter(link=link)
    for duty in (*case.obligations.standings, "X-1"):
        for amount in (None, 5, 99):
            yield ExtendDuty(duty=duty, approved_by="领导", amount=amount, explanation="案情")
        yield WaiveDuty(duty=duty, explanation="对象去世")
        yield AcknowledgeEscalation(duty=duty, rung=1, explanation="正在催办")
    for one, recipient in ((one, each) for one in plain.people for each in Recipient):
        yield acts.RecordReceipt(subject=one, recipient=recipient, received_on=today)
    for one, person in plain.people.items():
        for scope in (*sorted(person.to_restore), "别处"):
            yield acts.Restore(subject=one, scope=scope, manner="公开说明")


ONWARD: tuple[type[Act], ...] = (  # a life that ends well
    acts.SubmitApplication,
    acts.StartExOfficio,
    acts.Accept,
    acts.OpenVerification,
    acts.ReviewSixFactors,
    acts.HearSubject,
    acts.CheckList,
    acts.ReportVerification,
    acts.RecordOpinion,
    acts.HoldConsultation,
    acts.AssembleCommittee,
    acts.RecordCommitteeVote,
    acts.OpenPublicNotice,
    acts.ClosePublicNotice,
    acts.ProposeDetermination,
    acts.RequestApproval,
    acts.GrantApproval,
    acts.Determine,
    acts.NotifyResult,
    acts.RecordReceipt,
    acts.FileDetermination,
    acts.CompleteRectification,
    acts.HoldFollowUpVisit,
    acts.Close,
    acts.Archive,
)
MAY_HAPPEN_OFTEN = (acts.ReviewSixFactors, acts.HearSubject, acts.CheckList)
AGAIN_AFTER = (acts.Reopen, acts.RevokeDetermination, acts.DecideReview, acts.Determine)

# ---- the machine -------------------------------------------------------------------------------

TAKEN: Counter[str] = Counter()
REFUSED: Counter[str] = Counter()
PICK = st.integers(0, 2**16)


class Life:
    """One case, its sheet, and a second case that only reads what the first has stored."""

    def __init__(self, reference: str) -> None:
        self.edition = reference
        self.case, self.reread = ToleranceCase(CASE), ToleranceCase(CASE)
        self.plain = PlainCase()
        self.today = BEGINNING
        self.version = 0
        self.keys: dict[str, None] = {}  # of every moment there ever was
        self.last: tuple[Act, Officer] | None = None
        self.tried: set[str] = set()
        self.taken: set[str] = set()
        self.story: list[str] = []  # for whoever reads why it failed
        self.standing: dict[str, int | None] = {}  # subject → version of what is in effect
        self.ended: dict[str, list[int]] = {}

    @property
    def rules(self) -> Rules:
        return INSTRUMENTS[self.case.policy or self.edition]

    # ---- asking --------------------------------------------------------------------------------

    def ask(
        self, act: Act, *, by: Officer = CLERK, on: date | None = None, approved: bool = True
    ) -> str:
        """Ask for an act and hold what came of it against the sheet; gives the refusal's code."""
        self.last = (act, by)
        day = on or self.today
        rules = (
            INSTRUMENTS.get(act.policy, self.rules) if isinstance(act, acts.Repin) else self.rules
        )
        why_not = self.plain.why_not(
            act,
            by=by.id,
            on=day,
            today=self.today,
            approved=approved,
            provides=provided(self.rules.policy),
        )
        order = Order(
            key=f"act-{self.version}",
            by=by,
            on=day,
            now=datetime.combine(self.today, time(10), CHINA),
            authority="会议纪要1号" if approved else None,
        )
        refusal: Refusal | None = None
        try:
            self.case.perform(act, order, rules)
        except Refusal as given:
            refusal = given
            REFUSED[act.name] += 1
        if refusal is not None:
            assert all((refusal.code, refusal.asked, refusal.obstacle, refusal.way_out))
            assert self.case.collect_events() == []
            self.compare()
            return refusal.code
        TAKEN[act.name] += 1
        self.taken.add(act.name)
        self.story.append(f"{act.name} {vars(act).get('subject', '')} by {by.id}")
        assert not why_not, (why_not, act, self.story[-12:])
        news = self.case.collect_events()
        self.read(news)
        self.check_official(news, order, rules)
        self.check_concluded(news, act)
        self.plain.take(act, by=by.id, on=day, edition=rules.policy.reference)
        for event in news:
            self.plain.hear(event)
        self.compare()
        return ""

    def call(self, key: str) -> bool:
        """Call a moment of the clock, and once more in vain."""
        now = datetime.combine(self.today, time(10), CHINA)
        order = Order(key=f"time-{self.version}", by=SYSTEM, on=civil_date(now), now=now)
        come = {each.key for each in moments(self.case.obligations) if each.at <= now}
        called = self.case.call_time(key, order, self.rules)
        assert called == (key in come)
        news = self.case.collect_events()
        assert len(news) == called
        assert not self.case.call_time(key, order, self.rules)
        assert self.case.collect_events() == []
        self.read(news)
        for event in news:
            self.plain.hear(event)
        self.compare()
        return called

    # ---- what must hold ------------------------------------------------------------------------

    def read(self, news: list[Event]) -> None:
        for event in news:
            self.version += 1
            assert event.originator_version == self.version
            again = stored_and_read(event)
            assert again == event
            self.reread.apply(again)
            self.follow(event)

    def follow(self, event: Event) -> None:
        facts: Any = event
        if event.name() == "tolerance.determined":
            assert self.standing.get(facts.subject) is None, "two in effect at once"
            self.standing[facts.subject] = event.originator_version
        if event.name() == "tolerance.determination-ended":
            assert self.standing[facts.subject] == facts.determination
            self.standing[facts.subject] = None
            self.ended.setdefault(facts.subject, []).append(facts.determination)

    def check_official(self, news: list[Event], order: Order, rules: Rules) -> None:
        official = [each for each in news if each.envelope.by != SYSTEM]
        assert official
        for event in official:
            envelope = event.envelope
            assert (envelope.by, envelope.key, event.on) == (order.by, order.key, order.on)
            assert envelope.policy == rules.policy.reference
        for event in news:
            assert (event.envelope.key, event.on) == (order.key, order.on)
            assert event.envelope.policy in INSTRUMENTS

    def check_concluded(self, news: list[Event], act: Act) -> None:
        for event in news:
            if event.name() not in ("tolerance.determined", "tolerance.determination-proposed"):
                continue
            facts: Any = event
            person = self.plain.people[facts.subject]
            if Outcome(facts.outcome).favourable:
                assert facts.rectification or facts.rectification_waived
            assert person.notice != "open"
            assert "asked" not in self.plain.recusals.values()
            if isinstance(act, acts.Determine):
                wanted = approvals_wanted(self.rules.policy, facts.outcome)
                granted = {name for name, said in person.approvals.items() if said == "granted"}
                assert wanted <= granted

    def compare(self) -> None:
        """The case stands where the sheet says, and as whoever reads its history finds it."""
        case, plain = self.case, self.plain
        assert state(case) == state(self.reread)
        assert (case.stage or "") == plain.stage, self.story[-12:]
        assert (case.policy, case.version) == (plain.edition, self.version)
        final = {id_ for id_, file in case.files.items() if file.final}
        assert final == plain.final(), self.story[-12:]
        determined = {id_ for id_, file in case.files.items() if file.determination}
        assert determined == plain.determined(), self.story[-12:]
        for id_, file in case.files.items():
            assert len(file.past) == plain.people[id_].ended
            in_effect = file.determination and file.determination.originator_version
            assert in_effect == self.standing.get(id_)
            past = [each.originator_version for each in file.past]
            assert past == self.ended.get(id_, [])
        if plain.stage == "closed":
            assert plain.final() == {*plain.people}
        running = {each.obligation.id for each in case.obligations.open()}
        assert running == {*plain.duties}
        due = moments(case.obligations)
        assert {each.key.split(":")[0] for each in due} <= running
        self.keys |= dict.fromkeys(each.key for each in due)

    # ---- what could be asked -------------------------------------------------------------------

    def askable(self) -> list[Act]:
        reference = self.rules.policy.reference
        return [
            *of_the_case(reference),
            *of_one(reference, CHEN),
            *of_one(reference, ZHAO),
            *of_one(reference, QIAN),
            *numbered(self.case, self.plain, self.today),
        ]

    def possible(self, kinds: Collection[type[Act]] | None = None) -> list[Act]:
        provides = provided(self.rules.policy)
        return [
            act
            for act in self.askable()
            if (kinds is None or type(act) in kinds)
            and not self.plain.why_not(
                act,
                by=usual(act).id,
                on=self.today,
                today=self.today,
                approved=True,
                provides=provides,
            )
        ]

    def impossible(self) -> list[tuple[Act, str]]:
        """What the stage would allow and something else does not, with the reason."""
        provides = provided(self.rules.policy)
        told = [
            (
                act,
                self.plain.why_not(
                    act,
                    by=usual(act).id,
                    on=self.today,
                    today=self.today,
                    approved=True,
                    provides=provides,
                ),
            )
            for act in self.askable()
            if self.plain.stage in POSSIBLE[act.name]
        ]
        return [(act, why) for act, why in told if why]

    def onward(self) -> None:
        """The next step of a life that ends well, each tried once."""
        possible = self.possible(ONWARD)
        for act in sorted(possible, key=lambda act: ONWARD.index(type(act))):
            told = f"{act.name} {act.model_dump_json(exclude={'received_on'})}"
            again = isinstance(act, MAY_HAPPEN_OFTEN) and self.tried_like(act)
            if told not in self.tried and not again:
                self.tried.add(told)
                self.ask(act)
                return
        if self.plain.stage == "on_notice":
            self.today = min(self.today + timedelta(14), LAST_DAY)

    def tried_like(self, act: Any) -> bool:
        begins = f'{act.name} {{"subject":"{act.subject}"'
        return any(each.startswith(begins) for each in self.tried)


def usual(act: Act) -> Officer:
    """A review is decided by one who has not handled the case."""
    return REVIEWER if isinstance(act, acts.DecideReview) else CLERK


def approvals_wanted(policy: Policy, outcome: Outcome) -> set[str]:
    """Those that ask for nothing but an outcome: all that the sheet can tell."""
    return {
        each.id
        for each in policy.approvals
        if each.when == ApprovalWhen(outcomes=each.when.outcomes)
        and (not each.when.outcomes or outcome in each.when.outcomes)
    }


def stored_and_read(event: Event) -> Event:
    kept_outside = {"originator_id", "originator_version"}
    facts = json.loads(event.model_dump_json(exclude=kept_outside))
    return registry.read(event.topic, event.originator_id, event.originator_version, facts)


class CaseMachine(RuleBasedStateMachine):
    life: Life

    @initialize(
        reference=st.sampled_from(OFTEN), already=st.sampled_from((0, 0, 1, 1, 5, 12, 20, 40))
    )
    def begin(self, reference: str, already: int) -> None:
        self.life = Life(reference)
        self.go_on(already)

    @rule(times=st.integers(1, 12))
    def go_on(self, times: int) -> None:
        for _ in range(times):
            self.life.onward()

    @rule(picks=st.lists(PICK, min_size=1, max_size=5))
    def take_what_is_possible(self, picks: list[int]) -> None:
        """Rather what this case has not seen yet."""
        for pick in picks:
            possible = self.life.possible()
            kinds = sorted({act.name for act in possible})
            kinds = sorted({*kinds} - self.life.taken) if pick % 3 else kinds
            if kinds:
                of_kind = [act for act in possible if act.name == kinds[pick % len(kinds)]]
                act = of_kind[pick // len(kinds) % len(of_kind)]
                self.life.ask(act, by=usual(act))

    @rule(picks=st.lists(PICK, min_size=1, max_size=5))
    def ask_for_what_is_not_possible(self, picks: list[int]) -> None:
        """Of the right stage, and yet: for every reason the sheet gives alike."""
        for pick in picks:
            impossible = self.life.impossible()
            reasons = sorted({(act.name, why) for act, why in impossible})
            if reasons:
                reason = reasons[pick % len(reasons)]
                alike = [act for act, why in impossible if (act.name, why) == reason]
                act = alike[pick // len(reasons) % len(alike)]
                self.life.ask(act, by=usual(act))

    @rule(pick=PICK, by=st.sampled_from(OFFICERS), days=st.sampled_from((0, 0, 0, -1, -30, 1)))
    def ask_for_anything(self, pick: int, by: Officer, days: int) -> None:
        kind = acts.ACTS[pick % len(acts.ACTS)]
        of_kind = [act for act in self.life.askable() if isinstance(act, kind)]
        if of_kind:
            act = of_kind[pick // len(acts.ACTS) % len(of_kind)]
            on = self.life.today + timedelta(days)
            self.life.ask(act, by=by, on=on, approved=pick % 5 > 0)

    @precondition(lambda self: self.life.last is not None)
    @rule()
    def ask_again(self) -> None:
        assert self.life.last
        act, by = self.life.last
        self.life.ask(act, by=by)

    @rule(days=st.sampled_from((1, 3, 7, 20, 45)))
    def days_pass(self, days: int) -> None:
        self.life.today = min(self.life.today + timedelta(days), LAST_DAY)

    @rule()
    def the_clock_calls(self) -> None:
        """Every moment that has come, and again whatever that brings about."""
        for each in moments(self.life.case.obligations):
            self.life.call(each.key)

    @precondition(lambda self: self.life.keys)
    @rule(pick=PICK)
    def a_moment_is_called_early_or_late(self, pick: int) -> None:
        keys = [*self.life.keys, "X-1:1:due"]
        self.life.call(keys[pick % len(keys)])


# ---- lives in which every act is taken ---------------------------------------------------------


def about(id_: str, *kinds: Callable[..., Act], **more: Any) -> list[Act]:
    return [kind(subject=id_, **more) for kind in kinds]


def approved(conclusion: acts.Determine) -> list[Act]:
    asked = [
        act(subject=conclusion.subject, approval=name, **more)
        for name in ("upper", "exempting")
        for act, more in APPROVING[:2]
    ]
    return [proposed(conclusion), *asked, conclusion]


def begun() -> list[Act]:
    return [
        application(EVERY_STEP, *BOTH, documents=()),
        acts.ReturnForCompletion(missing=("书面申请",)),
        acts.CompleteApplication(documents=(paper("application"),)),
        acts.RecordCoSignature(organ=INSPECTOR.id, agrees=True, explanation="同意"),
        acts.Transfer(to=INSPECTOR, explanation="依管辖"),
        acts.Accept(),
        acts.JoinExOfficio(explanation="同步考虑"),
        acts.AssignTeam(members=members("甲", "乙")),
        acts.RequestRecusal(officer="甲", ground=RecusalGround.KIN, explanation="近亲属"),
        acts.DecideRecusal(officer="甲", stands_back=True, explanation="属实"),
        acts.OpenVerification(team=members("乙", "丙")),
    ]


def inquired() -> list[Act]:
    of_each = [
        act
        for one in BOTH
        for act in (
            acts.HearSubject(subject=one.id, statement="无异议", heard_by=("乙",)),
            review(one),
            check(EVERY_STEP, one),
        )
    ]
    return [
        acts.Suspend(explanation="等待鉴定"),
        acts.Resume(explanation="鉴定已出"),
        ExtendDuty(duty="handling-1", approved_by="领导", explanation="案情复杂"),
        acts.RecordEvidence(document=paper("物证")),
        *of_each,
        acts.RequestOpinion(organ="组织部", question="是否同意"),
        acts.RecordOpinion(organ="组织部", opinion="同意", item=1),
        acts.ReportVerification(summary="未见谋私"),
        acts.HoldConsultation(organs=("组织部",), conclusion="一致同意"),
        acts.AssembleCommittee(
            seats=(Seat(member="张", stands_for="组织"), Seat(member="李", stands_for="群众"))
        ),
        acts.RecordCommitteeVote(subject=CHEN.id, outcome=EXEMPTION, voices=voices("张", "李")),
        acts.OpenPublicNotice(scope="某局机关"),
        acts.RaiseObjection(content="另有责任", subject=CHEN.id),
        acts.ResolveObjection(
            objection=1, resolution=Resolution.UPHELD, explanation="属实", changes=(CHEN.id,)
        ),
        acts.RestartPublicNotice(subject=CHEN.id, scope="某局机关"),
    ]


def concluded() -> list[Act]:
    return [
        acts.ClosePublicNotice(),
        acts.DeferDetermination(subject=ZHAO.id, explanation="尚待查清"),
        acts.IssueConclusiveOpinion(subject=ZHAO.id, opinion="难以认定"),
        proposed(determine()),
        acts.RequestApproval(subject=CHEN.id, approval="upper", of="上级"),
        acts.RefuseApproval(subject=CHEN.id, approval="upper", explanation="理由不足"),
        *approved(determine()),
        *(acts.NotifyResult(subject=CHEN.id, recipient=each) for each in Recipient),
        acts.FileDetermination(subject=CHEN.id, filed_with="区委"),
        acts.CompleteRectification(subject=CHEN.id, summary="已改"),
        acts.HoldFollowUpVisit(subject=CHEN.id, visitors=("甲", "乙"), summary="正常"),
        acts.Close(),
        acts.Archive(archive_number="档1"),
    ]


def looked_at_again(today: date) -> list[Act]:
    lodge = acts.LodgeReview(subject=CHEN.id, remedy="review", grounds="不服")
    told = {"subject": CHEN.id, "explanation": "有误"}
    return [
        acts.RecordReceipt(subject=CHEN.id, recipient=Recipient.SUBJECT, received_on=today),
        lodge,
        acts.RefuseReview(subject=CHEN.id, explanation="没有新的理由"),
        lodge,
        acts.AdmitReview(subject=CHEN.id, panel=members(REVIEWER.id)),
        acts.DecideReview(result=ReviewResult.UPHOLD, **told),
        acts.CorrectExOfficio(by_superior=True, conclusion=determine(), **told),
        acts.Restore(subject=CHEN.id, scope="某局机关", manner="公开说明"),
        acts.RevokeDetermination(
            cause=RevocationCause.PRIVATE_GAIN, accountability_resumes=True, **told
        ),
        acts.Reopen(subjects=(ZHAO.id,), explanation="有新的事实"),
    ]


SHORT_LIVES: dict[str, list[Act]] = {
    "declined": [
        application(HUBEI),
        acts.Decline(because=DeclineReason.LATE, explanation="已过期限"),
    ],
    "given up, and gone on with": [
        application(HUBEI),
        acts.WithdrawApplication(explanation="不再申请"),
        acts.ContinueExOfficio(explanation="仍应考虑"),
        acts.AttachApplication(applicant=PERSON),
        acts.Repin(policy="generic.1", explanation="新办法施行"),
    ],
    "of the organ's own motion": [
        start_ex_officio(),
        LinkMatter(link=Link(kind="inquiry", number="函1号", relation=Relation.ARISES_FROM)),
    ],
}


def live(life: Life, steps: list[Act]) -> set[str]:
    for act in steps:
        refused = life.ask(act, by=usual(act))
        assert not refused, f"{act.name}: {refused}"
    return {act.name for act in steps}


def overdue() -> Life:
    """A 舞阳 case whose answer nobody gave for a month: every moment has been called."""
    life = Life(WUYANG.policy.reference)
    live(life, [application(WUYANG), acts.Accept()])
    life.today += timedelta(30)
    for moment in moments(life.case.obligations):
        life.call(moment.key)
    return life


def test_every_act_there_is_can_be_taken() -> None:
    life, taken = Life(EVERY_STEP.policy.reference), set[str]()
    taken |= live(life, [*begun(), *inquired()])
    life.today += timedelta(20)
    taken |= live(life, concluded())
    taken |= live(life, looked_at_again(life.today))
    for steps in SHORT_LIVES.values():
        taken |= live(Life(HUBEI.policy.reference), steps)
    answered_for = AcknowledgeEscalation(duty="answer-1", rung=1, explanation="正在催办")
    taken |= live(overdue(), [answered_for, WaiveDuty(duty="answer-1", explanation="去世")])
    assert taken == {act.name for act in acts.ACTS} == {*POSSIBLE}


def test_whatever_is_asked_a_case_goes_only_where_the_sheet_says() -> None:
    run_state_machine_as_test(
        CaseMachine,
        settings=settings(
            max_examples=RUNS,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=[*HealthCheck],
        ),
    )
    every = {act.name for act in acts.ACTS}
    if RUNS >= ALL_OF_THEM:
        assert every == {*TAKEN}
        assert every == {*REFUSED}
