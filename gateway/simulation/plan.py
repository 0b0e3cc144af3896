"""Who, where, under which instrument, with which outcome and on which days: all drawn by lot.

The lot is seeded: one seed gives one province, as long as calendar and regions say the same.
Everyone in it is invented; what is true of it is how many are counted, as the source tells:
「2022年以来，全省各级纪检监察机关已为371名干部容错减责免责」 (湖北, 2023-07-06).
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from itertools import cycle, islice
from random import Random
from typing import Final

from domain.law.calendar import WorkCalendar
from domain.law.outcomes import Outcome
from domain.law.policy import Track
from domain.people import Organ, OrganKind, Subject, SubjectKind
from domain.regions.tree import RegionTree
from gateway.simulation.places import Place, places

REGION: Final = "42"
SUBJECTS: Final = 371
MOST: Final = 5_000  # subjects: more have no labels to tell them apart
SEED: Final = 20230706
SINCE, UNTIL = date(2022, 1, 1), date(2023, 7, 6)
MARK: Final = "[模拟]"

Window = tuple[date, date]
WITHIN: Final[Window] = (SINCE, UNTIL)
BEFORE: Final[Window] = (date(2021, 6, 1), date(2021, 12, 31))
AFTER: Final[Window] = (date(2023, 7, 7), date(2024, 3, 29))
ON_APPLICATION: Final[Window] = (date(2022, 10, 10), UNTIL)  # begun when one could apply
TO_BE_REVOKED: Final[Window] = (SINCE, date(2023, 4, 28))  # so that it is revoked within as well
REACH: Final[Window] = (date(2021, 1, 1), date(2025, 6, 30))  # nothing happens outside

IN_FORCE: Final = date(2022, 7, 1)  # of hubei_2022; until then only the twelve articles
EARLIER_PACK: Final = "hubei_twelve_articles"
PROCEEDINGS, EARLIER_PROCEEDINGS = "hubei_accountability_2022", "accountability_generic"

OF_A_HUNDRED: Final = {  # so many there are beside a hundred tolerated cadres
    "tolerated twice": 5,
    "not tolerated": 12,
    "organizations": 8,
    "of personnel organs": 8,
    "before the window": 6,
    "after the window": 8,
    "revoked": 2,
    "declined": 4,
    "withdrawn": 3,
    "pending": 5,
}
SUBJECTS_OF_A_CASE: Final = ((1, 2, 3), (75, 20, 5))  # how many, and how often
RANKS: Final = (("一般干部", "乡科级", "县处级"), (35, 50, 15))
FIELDS: Final = ("基层治理", "项目建设", "营商环境", "服务群众")
NATURES: Final = ("农村", "企业", "其他")
ORGANS: Final = {OrganKind.DISCIPLINE: "纪委监委", OrganKind.PERSONNEL: "组织部"}
STEMS: Final = "甲乙丙丁戊己庚辛壬癸"
TO_A_STEM: Final = 999
OF_APPLICATIONS: Final = 0.7  # of the cases that could be begun either way
CONSULTED: Final = 0.25
VISITED: Final = 0.8


class End(StrEnum):
    """How a case goes."""

    DETERMINED = "determined"
    DECLINED = "declined"  # 不予受理
    WITHDRAWN = "withdrawn"  # 撤回申请
    PENDING = "pending"  # 征求意见之后尚未认定


@dataclass(frozen=True)
class Fate:
    """What is found of one subject; `draw` decides on the particulars of which nothing hangs."""

    subject: Subject
    outcome: Outcome
    draw: int


@dataclass(frozen=True)
class Days:
    """On which working days a case is handled, in their order.

    Drawn to the end for every case, also for those that end before.
    """

    held: date  # 启动问责
    begun: date
    accepted: date
    found: date
    reported: date
    deliberated: date
    decided: date
    told: date
    closed: date
    mended: date
    visited: date | None
    revoked: date | None


BACK: Final = (  # working days from each back to the one before it: at least, at most
    (1, 8),  # decided → deliberated
    (1, 10),
    (1, 10),
    (1, 6),
    (1, 6),
    (0, 12),  # begun → held
)
ONWARD: Final = ((0, 5), (1, 10), (5, 40))  # decided → told → closed → mended
TO_THE_VISIT: Final = (20, 120)  # after the mending
TO_THE_REVOCATION: Final = (10, 30)  # after the closing


@dataclass(frozen=True)
class PlannedCase:
    """A case and the proceeding it answers; a case that is to be revoked has one subject."""

    number: str
    organ: Organ
    policy: str
    instrument: str  # of the proceeding
    track: Track
    end: End
    consulted: bool
    days: Days
    fates: tuple[Fate, ...]

    @property
    def proceeding(self) -> str:
        return self.number.replace(MARK, f"{MARK}问责")

    @property
    def standing(self) -> tuple[Fate, ...]:
        """Those tolerated, and still so in the end."""
        if self.end is not End.DETERMINED or self.days.revoked:
            return ()
        return tuple(each for each in self.fates if each.outcome.favourable)


@dataclass(frozen=True)
class Province:
    cases: tuple[PlannedCase, ...]

    def counted(self, window: Window = WITHIN) -> list[tuple[PlannedCase, Fate]]:
        """The tolerances that a published figure rests on: of discipline organs, in the window."""
        since, until = window
        return [
            (case, fate)
            for case in self.cases
            if case.organ.kind is OrganKind.DISCIPLINE and since <= case.days.decided <= until
            for fate in case.standing
        ]

    def figures(self) -> dict[str, int]:
        """M1 to M6 of the window, by the plan's own arithmetic."""
        counted = self.counted()
        cadres = [each for _, each in counted if each.subject.kind is SubjectKind.CADRE]
        others = {e.subject.id for _, e in counted if e.subject.kind is SubjectKind.ORGANIZATION}
        return {
            "M1": len({each.subject.id for each in cadres}),
            "M2": len({e.subject.id for e in cadres if e.outcome is Outcome.EXEMPTION}),
            "M3": len({e.subject.id for e in cadres if e.outcome is Outcome.MITIGATION}),
            "M4": len(cadres),
            "M5": len(others),
            "M6": len({case.proceeding for case, _ in counted}),
        }


def planned(
    calendar: WorkCalendar, tree: RegionTree, subjects: int = SUBJECTS, seed: int = SEED
) -> Province:
    """A province in which so many cadres count as tolerated between SINCE and UNTIL.

    `subjects`: 1 to MOST; everything else is in proportion, and there is at least one of each.
    """
    first, last = REACH
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    working = [day for day in days if calendar.day(day).working]
    lot = Random(f"province/{subjects}/{seed}")  # noqa: S311 (nothing here is a secret)
    where = places(tree, REGION, SINCE)
    return Province(_numbered([*_Planning(working, where, subjects, lot).cases()]))


def _numbered(cases: Sequence[PlannedCase]) -> tuple[PlannedCase, ...]:
    """In the order in which they begin, each with its number of the year."""
    of_the_year: dict[int, int] = {}
    numbered = []
    for case in sorted(cases, key=lambda each: each.days.begun):
        year = case.days.begun.year
        of_the_year[year] = of_the_year.get(year, 0) + 1
        numbered.append(replace(case, number=f"{MARK}〔{year}〕{of_the_year[year]:03}号"))
    return tuple(numbered)


class _Planning:
    """The cases while they are drawn."""

    def __init__(
        self, working: Sequence[date], where: Sequence[Place], subjects: int, lot: Random
    ) -> None:
        self.working, self.where, self.subjects, self.lot = working, where, subjects, lot
        self.cadres = self.organizations = 0

    def cases(self) -> Iterator[PlannedCase]:
        """Every case, yet without its number."""
        yield from self._usual()
        yield from self._tolerated_twice()
        for _ in range(self._some("of personnel organs")):
            yield self._alone(WITHIN, kind=OrganKind.PERSONNEL)
        for _ in range(self._some("before the window")):
            yield self._alone(BEFORE)
        for _ in range(self._some("after the window")):
            yield self._alone(AFTER)
        for _ in range(self._some("revoked")):
            yield self._alone(TO_BE_REVOKED, revoked=True)
        for _ in range(self._some("declined")):
            yield self._alone(ON_APPLICATION, end=End.DECLINED)
        for _ in range(self._some("withdrawn")):
            yield self._alone(ON_APPLICATION, end=End.WITHDRAWN)
        for _ in range(self._some("pending")):
            yield self._alone(WITHIN, end=End.PENDING)

    def _some(self, what: str) -> int:
        return max(1, round(self.subjects * OF_A_HUNDRED[what] / 100))

    # ---- what is counted, and what stands beside it in the same cases ----------------------------

    def _usual(self) -> Iterator[PlannedCase]:
        """Everyone tolerated once, among those not tolerated and the organizations."""
        once = self.subjects - self._some("tolerated twice")
        told = [(SubjectKind.CADRE, self._favourable()) for _ in range(once)]
        told += [(SubjectKind.CADRE, Outcome.NO_TOLERANCE)] * self._some("not tolerated")
        outcomes = islice(cycle(Outcome), self._some("organizations"))
        told += [(SubjectKind.ORGANIZATION, each) for each in outcomes]
        self.lot.shuffle(told)
        while told:
            place = self._place()
            (many,) = self.lot.choices(*SUBJECTS_OF_A_CASE)
            together, told = told[:many], told[many:]
            fates = [self._fate(self._subject(kind, place), each) for kind, each in together]
            yield self._case(place, WITHIN, *fates)

    def _tolerated_twice(self) -> Iterator[PlannedCase]:
        """By turns in two cities, exempted in one and mitigated in the other; or in one place."""
        for number in range(self._some("tolerated twice")):
            here = there = self._place()
            outcomes = [self._favourable(), self._favourable()]
            if number % 2 == 0:
                there = self.lot.choice([each for each in self.where if each.city != here.city])
                outcomes = [Outcome.EXEMPTION, Outcome.MITIGATION]
            person = self._subject(SubjectKind.CADRE, here)
            moved = person.model_copy(update={"region": there.code, "unit": _unit(there)})
            for place, subject, outcome in zip(
                (here, there), (person, moved), outcomes, strict=True
            ):
                yield self._case(place, WITHIN, self._fate(subject, outcome))

    def _alone(
        self,
        window: Window,
        *,
        kind: OrganKind = OrganKind.DISCIPLINE,
        end: End = End.DETERMINED,
        revoked: bool = False,
    ) -> PlannedCase:
        """A case of one cadre, who would be counted but for what is said here."""
        place = self._place()
        fate = self._fate(self._subject(SubjectKind.CADRE, place), self._favourable())
        return self._case(place, window, fate, kind=kind, end=end, revoked=revoked)

    # ---- parts of a case -------------------------------------------------------------------------

    def _case(
        self,
        place: Place,
        window: Window,
        *fates: Fate,
        kind: OrganKind = OrganKind.DISCIPLINE,
        end: End = End.DETERMINED,
        revoked: bool = False,
    ) -> PlannedCase:
        days = self._days(window, revoked=revoked)
        applied = self.lot.random() < OF_APPLICATIONS or end in (End.DECLINED, End.WITHDRAWN)
        early = days.begun < IN_FORCE  # the twelve articles know of no application
        return PlannedCase(
            number="",
            organ=_organ(place, kind),
            policy=EARLIER_PACK if early else place.pack,
            instrument=EARLIER_PROCEEDINGS if days.held < IN_FORCE else PROCEEDINGS,
            track=Track.APPLICATION if applied and not early else Track.EX_OFFICIO,
            end=end,
            consulted=self.lot.random() < CONSULTED,
            days=days,
            fates=fates,
        )

    def _days(self, window: Window, *, revoked: bool) -> Days:
        """The determination on a working day of the window, the other days around it."""
        since, until = window
        at = self.lot.randrange(bisect_left(self.working, since), bisect_right(self.working, until))
        back, onward = [at], [at]
        for gap in BACK:
            back.append(back[-1] - self.lot.randint(*gap))
        for gap in ONWARD:
            onward.append(onward[-1] + self.lot.randint(*gap))
        held, begun, accepted, found, reported, deliberated, decided = reversed(back)
        _, told, closed, mended = onward
        visited = mended + self.lot.randint(*TO_THE_VISIT)
        ended = closed + self.lot.randint(*TO_THE_REVOCATION)
        on = self.working
        return Days(
            held=on[held],
            begun=on[begun],
            accepted=on[accepted],
            found=on[found],
            reported=on[reported],
            deliberated=on[deliberated],
            decided=on[decided],
            told=on[told],
            closed=on[closed],
            mended=on[mended],
            visited=on[visited] if self.lot.random() < VISITED else None,
            revoked=on[ended] if revoked else None,
        )

    def _place(self) -> Place:
        return self.lot.choice(self.where)

    def _favourable(self) -> Outcome:
        return self.lot.choice((Outcome.EXEMPTION, Outcome.MITIGATION))

    def _fate(self, subject: Subject, outcome: Outcome) -> Fate:
        return Fate(subject, outcome, self.lot.randrange(100))

    def _subject(self, kind: SubjectKind, place: Place) -> Subject:
        """Somebody new."""
        field = self.lot.choice(FIELDS)
        if kind is SubjectKind.ORGANIZATION:
            self.organizations += 1
            number, label = f"sim-o-{self.organizations:04}", f"模拟单位{self.organizations:03}"
            return Subject(id=number, kind=kind, label=label, region=place.code, field=field)
        stem, number_of_it = divmod(self.cadres, TO_A_STEM)
        self.cadres += 1
        (rank,) = self.lot.choices(*RANKS)
        return Subject(
            id=f"sim-p-{self.cadres:04}",
            kind=kind,
            label=f"模拟{STEMS[stem]}{number_of_it + 1:03}",
            rank=rank,
            unit=_unit(place),
            region=place.code,
            field=field,
            nature=NATURES[self.cadres % len(NATURES)],
        )


def _unit(place: Place) -> str:
    return f"模拟{place.name}某单位"


def _organ(place: Place, kind: OrganKind) -> Organ:
    return Organ(
        id=f"sim-{kind.value}-{place.code}",
        name=f"模拟{place.name}{ORGANS[kind]}",
        kind=kind,
        level=place.level,
        region=place.code,
    )
