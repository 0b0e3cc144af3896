"""Tolerance cases lived at random: real acts under real instruments, whatever is refused let go.

A seed gives one province of cases. Days crowd around the ends of years; people, proceedings and
organs come back in several cases; some organs bear a code that was given up later.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cache
from random import Random
from typing import Any, Final

from domain.accountability.proceeding import proceeding_id
from domain.aggregate import Act, Event, Order
from domain.law.calendar import CHINA
from domain.law.outcomes import Outcome, Relief, Sanction
from domain.law.policy import Recipient, Track
from domain.law.rules import Rules
from domain.law.situations import Role
from domain.people import Officer, Organ, OrganKind, OrganLevel, Subject, SubjectKind
from domain.refusals import Refusal
from domain.tolerance import acts
from domain.tolerance.case import ToleranceCase
from domain.tolerance.particulars import (
    Applicant,
    DeclineReason,
    Leaning,
    MatterAnswered,
    Measure,
    Rectification,
    ReviewResult,
    RevocationCause,
    Seat,
    View,
    Voice,
)
from domain.tolerance.state import Stage, case_id
from gateway.rulebook import Rulebook
from tests.support import examples

PACKS: Final = ("hubei_2022", "wuyang_2017", "youxian_2017", "generic", "jingmen", "yichang")
YEARS: Final = range(2018, 2026)
FIRST_DAY: Final = date(2018, 1, 3)
RANKS: Final = ("乡科级", "县处级", None)
FIELDS: Final = ("项目建设", "营商环境", None)
OUTCOMES: Final = ((*Outcome,), (5, 4, 2))
REVIEWER: Final = Officer(id="fs-1", role="复核人", organ="sjw")
CLERK: Final = examples.CLERK
RELIEFS: Final = {Outcome.EXEMPTION: Relief.WAIVED, Outcome.MITIGATION: Relief.LIGHTER}


def _organ(name: str, level: OrganLevel, region: str, kind: OrganKind) -> Organ:
    return Organ(id=f"{name}-{kind}", name=f"{name}某机关", kind=kind, level=level, region=region)


PLACES: Final = (  # name, level, code; the later code of the same place, and from which day
    ("省", OrganLevel.PROVINCE, "42", None),
    ("荆州", OrganLevel.PREFECTURE, "4210", None),
    ("荆门", OrganLevel.PREFECTURE, "420800", None),
    ("监利", OrganLevel.COUNTY, "421023", ("421088", date(2020, 6, 12))),
    ("京山", OrganLevel.COUNTY, "420821", ("420882", date(2018, 2, 24))),
    ("松滋", OrganLevel.COUNTY, "421087", None),
    ("仙桃", OrganLevel.COUNTY, "429004", None),
    ("某区", OrganLevel.COUNTY, "420998", None),  # in no table
    ("舞阳", OrganLevel.COUNTY, "411121", None),
    ("游仙", OrganLevel.COUNTY, "510704", None),
)
KINDS: Final = ((OrganKind.DISCIPLINE, OrganKind.PERSONNEL, OrganKind.UNIT), (6, 3, 1))


def organ(chance: Random, day: date) -> Organ:
    """Some organ with its code of that day; now and then with the one given up."""
    name, level, code, later = chance.choice(PLACES)
    if later is not None and day >= later[1] and chance.random() < 0.9:
        code = later[0]
    return _organ(name, level, code, chance.choices(*KINDS)[0])


def superior(chance: Random) -> Organ:
    name, level, code, _ = chance.choice(PLACES[:3])
    return _organ(name, level, code, OrganKind.DISCIPLINE)


def subject(chance: Random, people: int) -> Subject:
    """One of so many; every sixth is an organization. Rank and field are those of the day."""
    number = chance.randrange(people)
    of_organization = number % 6 == 0
    return Subject(
        id=f"{'o' if of_organization else 'p'}-{number}",
        kind=SubjectKind.ORGANIZATION if of_organization else SubjectKind.CADRE,
        label=f"对象{number}",
        rank=None if of_organization else chance.choice(RANKS),
        field=chance.choice(FIELDS),
        region="42",
        unit="某局",
        managed_by=chance.choice(("区委", None)),
    )


def some_day(chance: Random) -> date:
    """A day on which something may begin that ends about the turn of a year."""
    year = chance.choice(YEARS)
    if chance.random() < 0.6:
        return date(year, 11, 1) + timedelta(days=chance.randrange(45))
    return max(FIRST_DAY, date(year, 1, 1) + timedelta(days=chance.randrange(365)))


@cache
def _rules() -> tuple[Rules, ...]:
    rulebook = Rulebook.packaged()
    return tuple(rulebook(f"{name}.1") for name in PACKS)


def case_lived(chance: Random, number: str, *, people: int) -> list[Event]:
    """All that was recorded of one case; of `people` persons and organizations some are in it."""
    life = _Life(chance, chance.choice(_rules()), ToleranceCase(case_id(number)), some_day(chance))
    life.live(number, people)
    return life.case.collect_events()


@dataclass
class _Life:
    """A case, and whoever handles it, by lot."""

    chance: Random
    rules: Rules
    case: ToleranceCase
    day: date
    subjects: Sequence[Subject] = ()
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    asked: int = 0

    def ask(
        self, act: Act, *, within: int = 0, by: Officer = CLERK, authority: str | None = None
    ) -> bool:
        """Ask for an act on some day of the next few; whether it was taken."""
        self.day += timedelta(days=self.chance.randint(0, within))
        late = self.chance.randint(1, 90) if self.perhaps(0.1) else 0
        self.asked += 1
        order = Order(
            key=f"{self.case.id}#{self.asked}",
            by=by,
            on=self.day,
            now=datetime.combine(self.day + timedelta(days=late), time(10), CHINA),
            authority=authority,
        )
        try:
            self.case.perform(act, order, self.rules)
        except Refusal:
            return False
        return True

    def perhaps(self, share: float) -> bool:
        return self.chance.random() < share

    # ---- how it goes ---------------------------------------------------------------------------

    def live(self, number: str, people: int) -> None:
        drawn = {each.id: each for each in self._drawn(people)}
        self.subjects = tuple(drawn.values())
        self.outcomes = {id_: self.chance.choices(*OUTCOMES)[0] for id_ in drawn}
        self._open(number, people)
        if self.case.stage not in (Stage.ACCEPTED, Stage.APPLIED):
            return
        self.ask(examples.open_verification(), within=3)
        self._change_hands(0.15)
        self._inquire()
        if self.perhaps(0.05):
            self._give_up()
        self._decide(self.subjects)
        for each in self.subjects:
            self._look_again(each)

    def _drawn(self, people: int) -> list[Subject]:
        return [
            subject(self.chance, people)
            for _ in range(self.chance.choices((1, 2, 3), (6, 3, 1))[0])
        ]

    def _open(self, number: str, people: int) -> None:
        proceeding = f"问{self.chance.randrange(people)}号"
        told: dict[str, Any] = {
            "case_number": number,
            "organ": organ(self.chance, self.day),
            "matter": MatterAnswered(
                id=proceeding_id(proceeding),
                number=proceeding,
                opened_on=self.day,
                organ=examples.INSPECTOR,
            ),
            "subjects": self.subjects,
        }
        applying = {
            "applicant": Applicant(
                id="a", kind=self.rules.policy.application.by[-1], label="某申请人"
            ),
            "documents": tuple(examples.paper(each.id) for each in self.rules.policy.documents),
        }
        if Track.EX_OFFICIO in self.rules.policy.tracks and self.perhaps(0.4):
            self.ask(acts.StartExOfficio.model_validate(told))
            if self.perhaps(0.3):
                self.ask(acts.AttachApplication.model_validate(applying), within=3)
        else:
            self.ask(acts.SubmitApplication.model_validate(told | applying), within=3)
            self._answer()
        if self.perhaps(0.1):
            self._give_up()

    def _answer(self) -> None:
        if self.perhaps(0.15):
            self.ask(acts.JoinExOfficio(explanation="机关同步考虑"), within=2)
        if self.perhaps(0.1):
            self.ask(acts.ReturnForCompletion(missing=("申请书",)), within=2)
            self.ask(acts.CompleteApplication(), within=3)
        self._change_hands(0.1)
        if self.perhaps(0.1):
            why = self.chance.choice((DeclineReason.OUT_OF_SCOPE, DeclineReason.NO_MATTER))
            self.ask(acts.Decline(because=why, explanation="不属适用范围"), within=5)
        else:
            self.ask(examples.accept(), within=5)

    def _give_up(self) -> None:
        self.ask(examples.withdraw(), within=5)
        if self.perhaps(0.5):
            self.ask(examples.go_on(), within=5)

    def _change_hands(self, share: float) -> None:
        if self.perhaps(share):
            to = organ(self.chance, self.day)
            self.ask(acts.Transfer(to=to, explanation="属其管辖"), within=4)

    def _inquire(self) -> None:
        for each in self.subjects:
            self._find(each)
        self.ask(examples.report(), within=8)
        self.ask(examples.opinion(), within=3)
        self.ask(acts.HoldConsultation(organs=("组织部", "财政局"), conclusion="一致"), within=3)
        self._vote()
        if self.rules.policy.public_notice is not None:
            self.ask(examples.open_notice())
            for _ in range(3):  # until its last day is over
                self.day += timedelta(days=7)
                if self.ask(acts.ClosePublicNotice()):
                    break

    def _find(self, each: Subject) -> None:
        favourable = self.outcomes[each.id].favourable
        spoken = examples.review(each)
        if not favourable:
            told = spoken.factors.consequences.model_copy(update={"leans": Leaning.ADVERSE})
            factors = spoken.factors.model_copy(update={"consequences": told})
            spoken = spoken.model_copy(update={"factors": factors})
        self.ask(spoken, within=4)
        answers: dict[str, bool | None] = {
            item.id: (listed.role is Role.EXCLUDING) != favourable
            for listed in self.rules.policy.lists
            for item in listed.items
            if item.label
        }
        self.ask(acts.CheckList(subject=each.id, answers=answers))

    def _vote(self) -> None:
        committee = self.rules.policy.committee
        if committee is None:
            return
        seats = tuple(
            Seat(member=f"委员（{each}）", stands_for=each) for each in committee.seats or ("委员",)
        )
        self.ask(acts.AssembleCommittee(seats=seats))
        voices = tuple(Voice(of=each.member, view=View.AGREES) for each in seats)
        for each in self.subjects:
            outcome = self.outcomes[each.id]
            self.ask(acts.RecordCommitteeVote(subject=each.id, outcome=outcome, voices=voices))

    def _decide(self, subjects: Sequence[Subject]) -> None:
        for each in subjects:
            if self.perhaps(0.15):
                self.ask(acts.DeferDetermination(subject=each.id, explanation="尚待查清"))
                if self.perhaps(0.4):
                    opinion = acts.IssueConclusiveOpinion(subject=each.id, opinion="期满难定")
                    self.ask(opinion, within=40)
            if self.perhaps(0.93):
                self._determine(each)
            if self.perhaps(0.05):
                self._change_hands(1)

    def _determine(self, each: Subject) -> None:
        conclusion = self._conclusion(each, self.outcomes[each.id])
        needed = self.rules.approvals(each, conclusion.outcome, conclusion.treatments())
        if needed:
            told = conclusion.model_dump(exclude={"effective_on", "decided_by", "organ"})
            self.ask(acts.ProposeDetermination.model_validate(told), within=3)
        for approval in needed:
            of = acts.RequestApproval(subject=each.id, approval=approval.id, of="上级")
            self.ask(of)
            granted = acts.GrantApproval(subject=each.id, approval=approval.id, explanation="同意")
            self.ask(granted, within=4)
        if conclusion.effective_on is not None and self.perhaps(0.5):
            self.day = min(conclusion.effective_on, self.day + timedelta(days=5))
        self.ask(conclusion)

    def _conclusion(self, each: Subject, outcome: Outcome) -> acts.Determine:
        later = timedelta(days=self.chance.choice((0, 1, 5, 20, 40)))
        return acts.Determine(
            subject=each.id,
            outcome=outcome,
            sanction=Sanction.ORGANIZATIONAL,
            relief=RELIEFS.get(outcome),
            measures=tuple(self.chance.sample([*Measure], self.chance.randint(0, 3))),
            situations=self._situations(favourable=outcome.favourable),
            explanation="出于公心",
            rectification=Rectification(items=("完善程序",), by="某局"),
            effective_on=self.day + timedelta(days=6) + later if self.perhaps(0.5) else None,
        )

    def _situations(self, *, favourable: bool) -> tuple[str, ...]:
        listed = [
            item.id
            for each in self.rules.policy.lists
            for item in each.items
            if item.label and (each.role is Role.EXCLUDING) != favourable
        ]
        return tuple(self.chance.sample(listed, min(len(listed), self.chance.randint(0, 2))))

    # ---- what comes of it afterwards -----------------------------------------------------------

    def _look_again(self, each: Subject) -> None:
        told = acts.NotifyResult(subject=each.id, recipient=Recipient.SUBJECT)
        self.ask(told, within=2)
        self.chance.choices(
            (self._leave, self._revoke, self._correct, self._review, self._reopen),
            (12, 2, 2, 2, 1),
        )[0](each)

    def _leave(self, _: Subject) -> None:
        """Nothing more."""

    def _revoke(self, each: Subject) -> None:
        self.ask(
            acts.RevokeDetermination(
                subject=each.id,
                cause=self.chance.choice([*RevocationCause]),
                accountability_resumes=self.perhaps(0.5),
                explanation="另有查明",
            ),
            within=200,
        )

    def _correct(self, each: Subject) -> None:
        self.day += timedelta(days=self.chance.randint(1, 60))
        other = self._other(each)
        if self.perhaps(0.5):
            other = other.model_copy(update={"organ": superior(self.chance)})
        act = acts.CorrectExOfficio(
            subject=each.id,
            by_superior=other.organ is not None,
            explanation="原认定不当",
            conclusion=other,
        )
        self.ask(act, authority="会议纪要1号")

    def _other(self, each: Subject) -> acts.Determine:
        outcome = self.chance.choice([each for each in Outcome if each.favourable])
        return self._conclusion(each, outcome)

    def _review(self, each: Subject) -> None:
        remedies = [r.id for r in self.rules.policy.remedies if "determination" in r.against]
        if not remedies:
            return
        lodged = acts.LodgeReview(subject=each.id, remedy=remedies[0], grounds="认定过重")
        self.ask(lodged, within=8)
        panel = acts.AdmitReview.model_validate({"subject": each.id, "panel": (REVIEWER.id,)})
        self.ask(panel, within=5, by=REVIEWER)
        self.day += timedelta(days=self.chance.randint(1, 30))
        result = self.chance.choice([*ReviewResult])
        act = acts.DecideReview(
            subject=each.id,
            result=result,
            explanation="经复核",
            conclusion=self._other(each) if result is ReviewResult.VARY else None,
        )
        self.ask(act, by=REVIEWER, authority="复核会议纪要2号")
        if result is ReviewResult.REMAND and self.perhaps(0.7):
            self._inquire()
            self._determine(each)

    def _reopen(self, each: Subject) -> None:
        self.outcomes[each.id] = self.chance.choices(*OUTCOMES)[0]
        again = acts.Reopen(subjects=(each.id,), explanation="发现新的事实")
        if self.ask(again, within=120):
            self._inquire()
            self._decide([each])
