"""The calendar is published by two persons, edition after edition, and never in silence."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Self

import pytest

from domain.aggregate import Act, Event, Order
from domain.calendars.publication import (
    CalendarApplied,
    CalendarBook,
    CalendarPrepared,
    CalendarReleased,
    EditionStage,
    HandlerDigest,
    PrepareCalendar,
    ReleaseCalendar,
    ReturnCalendar,
)
from domain.law.calendar import CHINA, CalendarEdition, ProvisionalYear, WorkCalendar
from domain.people import SYSTEM, Officer
from domain.refusals import Code, Refusal
from gateway.rulebook import calendars

HE = Officer(id="he", role="日历管理员", organ="cdi")
MA = Officer(id="ma", role="案管室主任", organ="cdi")
BROUGHT = calendars().as_known_on(date(2020, 1, 25))  # up to 2020.1, as the program brings it
SECOND = next(each for each in calendars().editions if each.name == "2020.2")
DIGEST = HandlerDigest(
    organ="cdi", responsible="承办人", duties=3, later=2, earlier=0, kept=1, settled=0
)


FIXED = {
    "元旦": (date(2021, 1, 1),),
    "劳动节": (date(2021, 5, 1),),
    "国庆节": tuple(date(2021, 10, day) for day in (1, 2, 3)),
}


LUNAR_2021 = ProvisionalYear(year=2021, holidays={"春节": (date(2021, 2, 12),)})


def of_2021(edition: int = 1, issued_on: str = "2020-11-25") -> CalendarEdition:
    return CalendarEdition(
        year=2021,
        edition=edition,
        notice=None,
        issued_on=date.fromisoformat(issued_on),
        confirmed=False,
        holidays=FIXED,
        working_weekends=(),
    )


@dataclass
class Publishing:
    """A book of calendars, and what was last asked of it."""

    book: CalendarBook = field(default_factory=CalendarBook)
    news: list[Event] = field(default_factory=list)
    refusal: Refusal | None = None

    @property
    def calendar(self) -> WorkCalendar:
        return BROUGHT.with_editions(self.book.released())

    def when(self, act: Act, *, by: Officer = HE, on: str = "2020-01-27") -> Self:
        now = datetime.combine(date.fromisoformat(on), datetime.min.time(), CHINA).replace(hour=10)
        order = Order(key=f"{self.book.version}", by=by, on=date.fromisoformat(on), now=now)
        self.refusal = None
        try:
            self.book.perform(act, order, self.calendar)
        except Refusal as refusal:
            self.refusal = refusal
        self.news = self.book.collect_events()
        return self

    def refused(self, code: Code, because: str) -> None:
        assert self.refusal is not None
        assert (self.refusal.code, because in self.refusal.obstacle) == (code, True), self.refusal
        assert (self.news, bool(self.refusal.way_out)) == ([], True)


@pytest.fixture
def publishing() -> Publishing:
    return Publishing()


@pytest.fixture
def prepared(publishing: Publishing) -> Publishing:
    assert publishing.when(PrepareCalendar(edition=SECOND, amends=True)).refusal is None
    return publishing


@pytest.fixture
def released(prepared: Publishing) -> Publishing:
    assert prepared.when(ReleaseCalendar(edition="2020.2"), by=MA).refusal is None
    return prepared


# --- prepared ---------------------------------------------------------------------------------


def test_a_prepared_edition_holds_for_nobody_yet(prepared: Publishing) -> None:
    (event,) = prepared.news
    assert isinstance(event, CalendarPrepared)
    assert (event.edition, event.envelope.by, event.envelope.calendars) == (SECOND, HE, ("2020.2",))
    assert prepared.calendar == BROUGHT


def test_a_year_without_a_notice_is_published_and_not_amended(publishing: Publishing) -> None:
    publishing.when(PrepareCalendar(edition=of_2021(), amends=True), on="2020-11-26").refused(
        Code.ALREADY_DONE, "2021 年还没有放假通知"
    )
    assert (
        publishing.when(PrepareCalendar(edition=of_2021(), amends=False), on="2020-11-26").refusal
        is None
    )


def test_a_year_with_a_notice_is_amended_and_not_published(publishing: Publishing) -> None:
    publishing.when(PrepareCalendar(edition=SECOND, amends=False)).refused(
        Code.ALREADY_DONE, "2020 年已有第 1 版"
    )


@pytest.mark.parametrize("number", [1, 3])
def test_no_number_is_given_twice_or_passed_over(publishing: Publishing, number: int) -> None:
    another = SECOND.model_copy(update={"edition": number})
    publishing.when(PrepareCalendar(edition=another, amends=True)).refused(
        Code.MALFORMED, "下一版是第 2 版"
    )


def test_an_edition_is_not_older_than_the_one_it_amends(publishing: Publishing) -> None:
    older = SECOND.model_copy(update={"issued_on": date(2019, 11, 20)})
    publishing.when(PrepareCalendar(edition=older, amends=True)).refused(
        Code.MALFORMED, "早于上一版"
    )


def test_a_notice_not_yet_issued_is_not_entered(publishing: Publishing) -> None:
    publishing.when(PrepareCalendar(edition=SECOND, amends=True), on="2020-01-25").refused(
        Code.DATE_IN_FUTURE, "2020-01-26"
    )
    assert (
        publishing.when(PrepareCalendar(edition=SECOND, amends=True), on="2020-01-26").refusal
        is None
    )


@pytest.mark.parametrize("name", FIXED)
def test_a_holiday_fixed_by_law_is_not_forgotten(publishing: Publishing, name: str) -> None:
    left = {each: days for each, days in FIXED.items() if each != name}
    forgetful = of_2021().model_copy(update={"holidays": left})
    publishing.when(PrepareCalendar(edition=forgetful, amends=False), on="2020-11-26").refused(
        Code.MALFORMED, name
    )


def test_a_holiday_of_the_moon_that_is_known_beforehand_is_not_forgotten() -> None:
    known = replace(BROUGHT, provisional_years=(LUNAR_2021,))
    order = Order(
        key="1", by=HE, on=date(2020, 11, 26), now=datetime(2020, 11, 26, 9, tzinfo=CHINA)
    )
    with pytest.raises(Refusal, match="春节 2021-02-12"):
        CalendarBook().perform(PrepareCalendar(edition=of_2021(), amends=False), order, known)


@pytest.mark.parametrize("edition", calendars().editions, ids=lambda each: each.name)
def test_every_notice_that_was_issued_kept_the_holidays_fixed_by_law(
    edition: CalendarEdition,
) -> None:
    off = {day for days in edition.holidays.values() for day in days}
    assert {each.on for each in calendars().fixed_by_law(edition.year)} <= off


def test_a_draft_may_be_prepared_again_and_the_later_one_is_released(prepared: Publishing) -> None:
    better = SECOND.model_copy(update={"notice": None, "confirmed": False})
    prepared.when(PrepareCalendar(edition=better, amends=True), by=MA)
    prepared.when(ReleaseCalendar(edition="2020.2"), by=HE)
    assert [*prepared.book.released()] == [better]


# --- released ---------------------------------------------------------------------------------


def test_a_released_edition_holds_at_once(released: Publishing) -> None:
    (event,) = released.news
    assert isinstance(event, CalendarReleased)
    assert (event.edition, event.prepared_by, event.envelope.by) == (SECOND, HE, MA)
    day = released.calendar.day(date(2020, 1, 31))
    assert (day.working, day.edition) == (False, "2020.2")


def test_who_prepared_it_does_not_release_it(prepared: Publishing) -> None:
    prepared.when(ReleaseCalendar(edition="2020.2"), by=HE).refused(Code.SAME_PERSON, "he")
    another_post = HE.model_copy(update={"role": "案管室主任"})
    prepared.when(ReleaseCalendar(edition="2020.2"), by=another_post).refused(
        Code.SAME_PERSON, "he"
    )


def test_what_nobody_prepared_is_not_released(publishing: Publishing) -> None:
    publishing.when(ReleaseCalendar(edition="2020.2"), by=MA).refused(
        Code.STEP_MISSING, "没有待发布的日历 2020.2"
    )


def test_nothing_is_released_twice(released: Publishing) -> None:
    released.when(ReleaseCalendar(edition="2020.2"), by=MA).refused(
        Code.ALREADY_DONE, "2020.2 已于 2020-01-27 发布"
    )
    released.when(PrepareCalendar(edition=SECOND, amends=True)).refused(
        Code.MALFORMED, "下一版是第 3 版"
    )


def test_a_draft_overtaken_by_the_program_is_not_released() -> None:
    publishing = Publishing().when(PrepareCalendar(edition=SECOND, amends=True))
    order = Order(
        key="late", by=MA, on=date(2020, 1, 28), now=datetime(2020, 1, 28, 9, tzinfo=CHINA)
    )
    brought_since = BROUGHT.with_editions([SECOND])
    with pytest.raises(Refusal) as refused:
        publishing.book.perform(ReleaseCalendar(edition="2020.2"), order, brought_since)
    assert (refused.value.code, "下一版是第 3 版" in refused.value.obstacle) == (
        Code.MALFORMED,
        True,
    )


# --- returned ---------------------------------------------------------------------------------


def test_a_returned_draft_is_not_released_and_may_be_prepared_again(prepared: Publishing) -> None:
    prepared.when(ReturnCalendar(edition="2020.2", explanation="漏了2月2日"), by=MA)
    assert prepared.book.files["2020.2"].stage is EditionStage.RETURNED
    prepared.when(ReleaseCalendar(edition="2020.2"), by=MA).refused(Code.STEP_MISSING, "2020.2")
    prepared.when(PrepareCalendar(edition=SECOND, amends=True))
    assert prepared.when(ReleaseCalendar(edition="2020.2"), by=MA).refusal is None


def test_a_released_edition_is_not_returned(released: Publishing) -> None:
    released.when(ReturnCalendar(edition="2020.2", explanation="有误"), by=MA).refused(
        Code.ALREADY_DONE, "已于 2020-01-27 发布"
    )


# --- applied ----------------------------------------------------------------------------------


def test_that_an_edition_is_applied_is_taken_down_once_with_what_it_changed(
    released: Publishing,
) -> None:
    order = Order(
        key="applied", by=SYSTEM, on=date(2020, 1, 27), now=datetime(2020, 1, 27, 11, tzinfo=CHINA)
    )
    assert released.book.apply_edition("2020.2", 4, [DIGEST], order)
    assert not released.book.apply_edition("2020.2", 4, [DIGEST], order)
    (event,) = released.book.collect_events()
    assert isinstance(event, CalendarApplied)
    assert (event.looked_at, event.digests) == (4, (DIGEST,))
    assert event.envelope.causation_id == released.book.cause("2020.2")


def test_an_edition_that_is_only_prepared_is_never_applied(prepared: Publishing) -> None:
    order = Order(
        key="applied", by=SYSTEM, on=date(2020, 1, 27), now=datetime(2020, 1, 27, 11, tzinfo=CHINA)
    )
    assert not prepared.book.apply_edition("2020.2", 0, [], order)


# --- the days an edition decides --------------------------------------------------------------


@pytest.mark.parametrize(("name", "first"), [("2019.1", "2018-12-29"), ("2020.1", "2020-01-01")])
def test_a_notice_may_decide_days_of_the_december_before(name: str, first: str) -> None:
    edition = next(each for each in calendars().editions if each.name == name)
    assert edition.reach == (date.fromisoformat(first), date(edition.year, 12, 31))
