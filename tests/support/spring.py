"""The spring of 2020: cases begun before 春节, whose holiday edition 2020.2 then lengthened."""

from dataclasses import replace
from datetime import date, datetime
from functools import partial
from uuid import UUID, uuid4

from domain.accountability.acts import HoldAccountable, OpenAccountability
from domain.accountability.proceeding import proceeding_id
from domain.aggregate import Act, Request
from domain.calendars.publication import PrepareCalendar, ReleaseCalendar
from domain.identities import MergeIdentities
from domain.law.calendar import CHINA
from domain.people import Officer
from domain.reporting.report import Report
from domain.reporting.reports import PrepareReport
from gateway.reports import whole
from gateway.rulebook import Rulebook
from projections.calendars import digests
from projections.follower import Follower
from tests.support.examples import (
    CDI,
    CHEN,
    CLERK,
    INSPECTOR,
    WUYANG,
    accept,
    application,
    matter,
)
from workers.addresses import DatabaseAddress
from workers.store import PROJECTOR, connect_as, open_store
from workflows.clock import DrivenClock
from workflows.event_store import EventStore, Receipt
from workflows.office import Office

BEGUN = date(2020, 1, 16)
NOTICE_CAME = datetime(2020, 1, 27, 10, tzinfo=CHINA)
HE = Officer(id="he", role="日历管理员", organ="cdi")
MA = Officer(id="ma", role="案管室主任", organ="cdi")
SECOND = next(e for e in Rulebook.packaged().calendar.editions if e.name == "2020.2")


def spring_office(store: EventStore) -> tuple[Office, DrivenClock]:
    """An office of a program that came before the notice, on the day the cases begin."""
    packaged = Rulebook.packaged()
    rulebook = replace(packaged, calendar=packaged.calendar.as_known_on(BEGUN))
    clock = DrivenClock()
    clock.jump_to(datetime.combine(BEGUN, datetime.min.time(), CHINA).replace(hour=10))
    return Office(store, rulebook, clock), clock


def request(by: Officer = CLERK, on: date = BEGUN) -> Request:
    return Request(key=str(uuid4()), by=by, on=on, authority="会议纪要第3号")


def begin(office: Office, number: int, *further: Act, on: date = BEGUN) -> UUID:
    """A case accepted that day: its answer seems due on 2020-01-31, and will be on 02-03."""
    proceeding = f"春问责〔2020〕{number}号"
    office.open_accountability(
        OpenAccountability(number=proceeding, organ=INSPECTOR, subjects=(CHEN,)), request(on=on)
    )
    own = matter(opened_on=on.isoformat(), id=proceeding_id(proceeding), number=proceeding)
    opening = application(WUYANG, matter=own).model_copy(
        update={"case_number": f"春〔2020〕{number}号"}
    )
    case = office.open_case(opening, request(on=on), "wuyang_2017").matter_id
    for act in (accept(), *further):
        office.perform(case, act, request(on=on))
    return case


def prepare(office: Office) -> Receipt:
    act = PrepareCalendar(edition=SECOND, amends=True)
    return office.on_calendar(act, request(HE, NOTICE_CAME.date()))


def release(office: Office) -> Receipt:
    return office.on_calendar(ReleaseCalendar(edition="2020.2"), request(MA, NOTICE_CAME.date()))


def publish(office: Office, clock: DrivenClock) -> Receipt:
    """The notice comes: prepared by one, released by another."""
    clock.jump_to(NOTICE_CAME)
    prepare(office)
    return release(office)


def due(office: Office, case: UUID, duty: str = "answer-1") -> date | None:
    return office.case(case).obligations.standings[duty].obligation.due_on


def hold_to_account(office: Office) -> None:
    """Somebody is held to account: a statistician counts it, and their own ledger has it."""
    number = "春问〔2020〕1号"
    opening = OpenAccountability(number=number, organ=CDI, subjects=(CHEN,))
    office.open_matter(opening, request(), "wuyang_accountability_2017")
    held = HoldAccountable(
        subject=CHEN.id, forms=("admonition",), situations=("WY-A2",), explanation="执行不力"
    )
    office.perform(proceeding_id(number), held, request())


def report(office: Office) -> Receipt:
    """A report without a figure is prepared."""
    empty = Report(
        number="春报〔2020〕1号",
        title="容错情况",
        definitions=1,
        region=None,
        since=None,
        until=None,
        organ_kind=None,
        boundaries=NOTICE_CAME.date(),
        by=(),
        position=1,
        cells=(),
        digest=whole(()),
    )
    return office.on_reports(PrepareReport(report=empty), request(HE, NOTICE_CAME.date()))


def merge_identities(office: Office) -> Receipt:
    """A number is found to be another's."""
    act = MergeIdentities(merged="p-old", kept=CHEN.id, explanation="核对为同一人")
    return office.on_identities(act, request(MA, NOTICE_CAME.date()))


async def spring_lived(database: DatabaseAddress) -> None:
    """One case begun, the notice come and applied, periods closed, figures reported.

    Then two numbers are merged, and at last somebody is held to account.
    """
    with open_store(database) as store:
        office, clock = spring_office(store)
        case = begin(office, 371)
        publish(office, clock)
        office.redate(case, SECOND.name)
        follower = Follower(partial(connect_as, PROJECTOR, database))
        await follower.catch_up()
        views = await connect_as(PROJECTOR, database)
        office.calendar_applied(SECOND.name, 1, await digests(views, SECOND.name))
        await views.close()
        clock.jump_to(datetime(2023, 1, 1, tzinfo=CHINA))
        assert office.close_periods()
        report(office)
        merge_identities(office)
        hold_to_account(office)
        await follower.catch_up()
