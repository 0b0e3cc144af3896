"""A county's year: cases under many instruments, each a life of acts dated and timed by lot.

The lot is seeded, so that a county of so many cases is the same county every time. A life is made
by living it with the pure functions alone, and keeping of what is asked what is not refused;
`by_pure_functions` lives it again from what was kept.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from random import Random
from typing import Any
from uuid import UUID

from domain.accountability.acts import OpenAccountability
from domain.accountability.proceeding import proceeding_id
from domain.aggregate import Act, Event, Order, Request
from domain.duty_acts import AcknowledgeEscalation, WaiveDuty
from domain.law.calendar import CHINA, civil_date
from domain.law.deadline_rules import Extension, Qualifier
from domain.law.outcomes import Outcome
from domain.law.periods import TimeUnit
from domain.law.policy import Deferral, Recipient
from domain.law.rules import Rules
from domain.obligations import moments
from domain.people import SYSTEM, Subject
from domain.refusals import Refusal
from domain.tolerance import acts
from domain.tolerance.case import ToleranceCase
from domain.tolerance.particulars import ReviewResult
from domain.tolerance.state import Stage, case_id
from gateway.rulebook import Rulebook
from tests.support.decisions import (
    REVIEWER,
    admit,
    conclude,
    correct,
    decide,
    extend,
    lodge,
    receive,
    reopen,
    restore,
    revoke,
    time_limit,
)
from tests.support.examples import (
    CLERK,
    CLOSE,
    CLOSE_NOTICE,
    CONSULT,
    DECLINE,
    EXEMPTION,
    INSPECTOR,
    MITIGATION,
    NO_TOLERANCE,
    accept,
    application,
    attach,
    cadre,
    check,
    defer,
    determine,
    file,
    go_on,
    had,
    join,
    matter,
    notify,
    objection,
    open_notice,
    open_verification,
    opinion,
    paper,
    rectified,
    report,
    resolve,
    restart,
    resume,
    review,
    send_back,
    start_ex_officio,
    suspend,
    visit,
    withdraw,
)
from tests.support.lives import SCENARIOS

BEGINS = datetime(2025, 1, 1, tzinfo=CHINA)
ENDS = datetime(2026, 12, 31, 12, tzinfo=CHINA)  # what was begun in 2025 is over, or waits for ever
LAST_ACTS = date(2026, 10, 30)
DAY = timedelta(days=1)

# --- instruments ------------------------------------------------------------------------------

HELD = {"suspended_by": ("tolerance.suspended",), "resumed_by": ("tolerance.resumed",)}
LAPSING = {"lapses_on": ("tolerance.determination-ended",)}
MAY_BE_EXTENDED = {
    "extension": Extension(
        approver="分管领导",
        amount=10,
        unit=TimeUnit.WORKING_DAY,
        times=2,
        cap_amount=90,
        cap_unit=TimeUnit.CALENDAR_DAY,
        article=None,
        confirmed=False,
    )
}


def _county_own(base: Rules) -> Rules:
    """An instrument of the county's own, with every kind of limit the others do not have."""
    limits = (
        time_limit(
            "handling",
            "tolerance.accepted",
            "tolerance.determined",
            per="case",
            amount=30,
            **HELD,
            **MAY_BE_EXTENDED,
        ),
        time_limit(
            "deferral",
            "tolerance.determination-deferred",
            "tolerance.determined",
            "tolerance.conclusive-opinion-issued",
            qualifier=Qualifier.GENERALLY,
            amount=20,
            **HELD,
            **MAY_BE_EXTENDED,
        ),
        time_limit(
            "opinion", "tolerance.opinion-requested", "tolerance.opinion-received", per="item"
        ),
        time_limit(
            "telling",
            "tolerance.determined",
            "tolerance.result-notified:applicant",
            qualifier=Qualifier.TARGET,
            **LAPSING,
        ),
        time_limit(
            "visits",
            "tolerance.determined:favourable",
            "tolerance.follow-up-visit-held",
            amount=4,
            unit="month",
            at_least=2,
            blocks_closing=False,
            **LAPSING,
        ),
        time_limit(
            "season",
            "tolerance.accepted",
            "tolerance.archived",
            per="case",
            amount=4,
            unit="quarter",
            blocks_closing=False,
        ),
        time_limit(  # runs into a year whose calendar is not out
            "years",
            "tolerance.determined",
            "tolerance.archived",
            per="case",
            amount=1,
            unit="year",
            blocks_closing=False,
        ),
    )
    longer = tuple(
        each if each.qualifier is Qualifier.PERIOD else each.model_copy(update=MAY_BE_EXTENDED)
        for each in base.policy.deadlines
    )
    terms = {"id": "county_own", "edition": 1, "parent": None, "name": "某县自己的办法（测试用）"}
    deferral = Deferral(rule="deferral", article="自拟")
    return had(base, **terms, deferral=deferral, deadlines=(*longer, *limits))


@cache
def rulebook() -> Rulebook:
    """The packaged instruments, those of the scenarios, and the county's own."""
    book = Rulebook.packaged(SCENARIOS / "policies")
    own = _county_own(book("trial_month.1")).policy
    return Rulebook({**book.policies, own.reference: own}, book.calendar, book.companions)


RELIED_ON = {  # how often of so many; 湖北 and its cities name no day, so that no clock runs there
    "wuyang_2017": 12,
    "trial_county": 3,
    "youxian_2017": 7,
    "trial_notice": 3,
    "trial_month": 7,
    "generic": 4,
    "county_own": 14,
    "hubei_2022": 2,
    "hubei_twelve_articles": 1,
    "hubei_soe_2024": 1,
    "huangshi": 1,
    "jingmen": 1,
    "shiyan": 1,
    "xiangyang": 1,
    "xianning": 1,
    "yichang": 1,
}

# --- a life -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Asked:
    """One act as it reaches the office: when, what, and by whom for which day."""

    at: datetime
    act: Act
    request: Request


@dataclass(frozen=True)
class Life:
    """Acts of one `at` are one sitting: what has come by then is called before or after it."""

    number: str
    policy: str
    proceeding: OpenAccountability
    proceeding_on: date
    asked: tuple[Asked, ...]

    @property
    def id(self) -> UUID:
        return case_id(self.number)


class PureCase:
    """One case by the pure functions: what is asked of it, and each moment at its own instant."""

    def __init__(self, id: UUID) -> None:
        self.case = ToleranceCase(id)
        self.events: list[Event] = []
        self.sat_at = BEGINS

    def until(self, instant: datetime) -> None:
        """Call every moment that comes by then; one long past when it became known, as it did."""
        while (waiting := moments(self.case.obligations)) and waiting[0].at <= instant:
            key, now = waiting[0].key, max(waiting[0].at, self.sat_at)
            order = Order(key=f"time:{self.case.id}:{key}", by=SYSTEM, on=civil_date(now), now=now)
            rules = rulebook()(self.case.policy)
            assert self.case.call_time(key, order, rules), f"{key} was waited for and means nothing"
            self.events += self.case.collect_events()

    def take(self, asked: Asked, rules: Rules) -> None:
        """Raises Refusal."""
        if asked.at > self.sat_at:
            self.until(asked.at)
            self.sat_at = asked.at
        self.case.perform(asked.act, Order(**dict(asked.request), now=asked.at), rules)
        self.events += self.case.collect_events()


def by_pure_functions(life: Life) -> list[Event]:
    """Everything that is recorded of a case in its time."""
    pure = PureCase(life.id)
    for each in life.asked:
        pure.take(each, _rules(pure.case, each.act, life.policy))
    pure.until(ENDS)
    return pure.events


def _rules(case: ToleranceCase, act: Act, policy: str) -> Rules:
    return rulebook()(act.policy if isinstance(act, acts.Repin) else case.policy or policy)


# --- how lives are made -----------------------------------------------------------------------


def county(cases: int) -> list[Life]:
    """So many lives of the county; the first of many are those of few."""
    return [_Living(number, _lot(number)).life() for number in range(1, cases + 1)]


def _lot(number: int) -> Random:
    return Random(f"county/{number}")  # noqa: S311 (nothing here is a secret)


DECISIONS = (ReviewResult.UPHOLD, ReviewResult.REVOKE, ReviewResult.REMAND)
PAUSES = (1, 1, 1, 2, 2, 3, 5, 8, 14, 30, 75)  # days between two sittings


class _Living:
    """A life while it is made: where the case stands, and what lies before it."""

    def __init__(self, number: int, lot: Random) -> None:
        self.number, self.lot = number, lot
        self.case_number = f"县〔2025〕{number}号"
        self.policy = lot.choices([*RELIED_ON], [*RELIED_ON.values()])[0]
        self.rules = rulebook()(self.policy)
        families = lot.sample("赵钱孙李周吴郑王", lot.choice((1, 1, 1, 2, 3, 4)))
        self.subjects = tuple(
            cadre(f"p-{number}-{one}", f"{family}某", lot.choice((None, "区委", "县委")))
            for one, family in enumerate(families)
        )
        self.pure = PureCase(case_id(self.case_number))
        self.asked: list[Asked] = []
        self.onward = [*self._onward(self.subjects)]
        self.day = date(2025, 1, 2) + DAY * lot.randrange(360)
        self._at(time(9))

    def life(self) -> Life:
        proceeding_on = self.day - DAY * self.lot.choice((0, 1, 5))
        proceeding = OpenAccountability(
            number=f"{self.case_number}所涉", organ=INSPECTOR, subjects=self.subjects
        )
        last_day = min(LAST_ACTS, self.day + DAY * self.lot.choice((40, 200, 600)))
        self._begin(proceeding.number, proceeding_on)
        while self.lot.random() < 0.94 and self._another_day() <= last_day:
            self._sit()
        return Life(self.case_number, self.policy, proceeding, proceeding_on, tuple(self.asked))

    def _begin(self, proceeding: str, opened_on: date) -> None:
        told = matter(opened_on.isoformat(), id=proceeding_id(proceeding), number=proceeding)
        unusual = {
            "case_number": self.case_number,
            "matter": told,
            "subjects": self.subjects,
        }
        options: list[Act] = [
            application(self.rules, **unusual),
            start_ex_officio().model_copy(update=unusual),
        ]
        self.lot.shuffle(options)
        assert any(self._ask(each) for each in options)

    def _another_day(self) -> date:
        self.day += DAY * self.lot.choice(PAUSES)
        return self.day

    def _sit(self) -> None:
        """Some steps onward, and now and then a turn."""
        self._at(time(15))
        late = self.lot.random() < 0.1 and self.pure.case.last_on
        self.on = max(self.day - 9 * DAY, late) if late else self.day  # 补录
        for _ in range(self.lot.choice((1, 2, 4, 7))):
            if self.lot.random() < 0.25:
                self._turn()
            else:
                self._step()

    def _at(self, hour: time) -> None:
        self.at, self.on = datetime.combine(self.day, hour, CHINA), self.day

    def _ask(self, act: Act) -> bool:
        """Keep what is not refused."""
        request = Request(
            key=f"{self.number}#{len(self.asked)}",
            by=REVIEWER if isinstance(act, acts.DecideReview) else CLERK,
            on=self.on,
            authority="会议纪要1号",
            reason=self.lot.choice((None, "按程序办理")),
        )
        asked = Asked(self.at, act, request)
        try:
            self.pure.take(asked, _rules(self.pure.case, act, self.policy))
        except Refusal:
            return False
        self.asked.append(asked)
        return True

    def _step(self) -> None:
        for act in self.onward:
            if self._ask(act):
                self.onward.remove(act)
                return

    def _onward(self, subjects: Iterable[Subject]) -> Iterator[Act]:
        """The steps of a case that goes its way, in their order."""
        lot, rules = self.lot, self.rules
        concluded = {each.id: self._conclusion(each) for each in subjects}
        yield from (accept(), open_verification())
        for each in subjects:
            yield from (review(each), check(rules, each))
        yield report()
        yield from lot.choice(((), (opinion(),), (opinion(), CONSULT)))
        if rules.policy.public_notice and lot.random() < 0.8:
            yield from (open_notice(), CLOSE_NOTICE)
        yield from concluded.values()
        for each in subjects:
            yield from (notify(each), file(each))
            yield from (notify(each, recipient) for recipient in lot.sample([*Recipient][1:], 1))
        yield from (rectified(each) for each in subjects)
        yield from (visit(each) for each in subjects if lot.random() < 0.6)
        yield from (visit(each) for each in subjects if lot.random() < 0.3)
        yield from (CLOSE, acts.Archive(archive_number=f"档{self.number}"))

    def _conclusion(self, subject: Subject) -> acts.Determine:
        outcome: Outcome = self.lot.choice((EXEMPTION, MITIGATION, MITIGATION, NO_TOLERANCE))
        unusual: dict[str, Any] = {} if outcome.favourable else {"rectification": None}
        return determine(subject, outcome, **unusual)

    # ---- what turns a life aside ---------------------------------------------------------------

    def _turn(self) -> None:
        turns = [*self._turns(self.lot.choice(self.subjects))]
        for act in self.lot.sample(turns, min(4, len(turns))):
            if self._ask(act):
                if isinstance(act, acts.Reopen):
                    again = [each for each in self.subjects if each.id in act.subjects]
                    self.onward = [*self._onward(again)]
                return

    def _turns(self, one: Subject) -> Iterator[Act]:
        case, lot = self.pure.case, self.lot
        match case.stage:
            case Stage.APPLIED:
                yield from (send_back(), DECLINE if lot.random() < 0.2 else join())
            case Stage.RETURNED:
                yield acts.CompleteApplication(documents=(paper("application"),))
            case Stage.WITHDRAWN:
                yield go_on()
            case Stage.SUSPENDED:
                yield resume()
            case Stage.ON_NOTICE | Stage.NOTICED:
                yield from (objection(), objection(subject=one.id), restart(one))
                yield from (resolve(number) for number in (1, 2))
                yield resolve(1, resolution="upheld", changes=(one.id,))
            case Stage.DETERMINED | Stage.CLOSED | Stage.ARCHIVED:
                yield from self._second_looks(one)
        if case.is_open:
            yield from (suspend(), defer(one), conclude(one), attach(), join())
            yield acts.RequestOpinion(organ="组织部", question="是否同意")
            yield from (acts.RecordOpinion(organ="组织部", opinion="同意", item=n) for n in (1, 2))
            if lot.random() < 0.15:
                yield from (withdraw(), acts.Repin(policy="generic.1", explanation="新办法施行"))
        yield from self._about_duties()

    def _second_looks(self, one: Subject) -> Iterator[Act]:
        yield receive(self.on.isoformat(), Recipient.SUBJECT, one)
        yield from (lodge(one), admit(one), decide(self.lot.choice(DECISIONS), None, one))
        yield from (restore(each, one) for each in self.pure.case.files[one.id].to_restore)
        if self.lot.random() < 0.3:
            yield from (correct(self._conclusion(one)), revoke(one), reopen(one))

    def _about_duties(self) -> Iterator[Act]:
        for each in self.pure.case.obligations.open():
            duty = each.obligation
            yield extend(duty.id, self.lot.choice((None, 5)))
            yield from (
                AcknowledgeEscalation(duty=duty.id, rung=rung, explanation="正在催办")
                for rung in each.unacknowledged
            )
            if self.lot.random() < 0.1:
                yield WaiveDuty(duty=duty.id, explanation="对象去世")
