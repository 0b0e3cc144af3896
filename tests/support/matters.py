"""Example acts as the office meets them: under orders, on one morning, in cases by number."""

from datetime import date, datetime
from typing import Any
from uuid import uuid4

from domain.accountability.acts import OpenAccountability
from domain.accountability.proceeding import proceeding_id
from domain.aggregate import Event, Order
from domain.law.calendar import CHINA
from domain.law.rules import Rules
from domain.tolerance.acts import StartExOfficio
from domain.tolerance.case import ToleranceCase
from domain.tolerance.state import case_id
from tests.support.examples import (
    CHEN,
    CLERK,
    HUBEI,
    INSPECTOR,
    matter,
    open_verification,
    opinion,
    start_ex_officio,
)
from workflows.event_store import Receipt
from workflows.office import Office

POLICY = "hubei_2022"
NUMBER = "例〔2026〕1号"
DAY = date(2026, 3, 2)
MORNING = datetime(2026, 3, 2, 10, tzinfo=CHINA)


def order(key: str | None = None, **unusual: Any) -> Order:
    """An order of the example day, under a key of its own unless one is given."""
    usual = {"key": key or str(uuid4()), "by": CLERK, "on": DAY, "now": MORNING}
    return Order(**usual | unusual)


def proceeding(number: str = NUMBER) -> OpenAccountability:
    """The proceeding that the case of this number answers."""
    return OpenAccountability(number=f"{number}所涉", organ=INSPECTOR, subjects=(CHEN,))


def opening(number: str = NUMBER) -> StartExOfficio:
    """A case begun on the organ's own motion: accepted from its first event."""
    own = matter(opened_on=DAY.isoformat()).model_copy(
        update={"id": proceeding_id(f"{number}所涉"), "number": f"{number}所涉"}
    )
    return start_ex_officio().model_copy(update={"case_number": number, "matter": own})


def begun(office: Office, number: str = NUMBER) -> Receipt:
    """The proceeding of a case opened, and the case."""
    office.open_accountability(proceeding(number), order())
    return office.open_case(opening(number), order(), POLICY)


def history(number: str = NUMBER, *, opinions: int = 0, rules: Rules = HUBEI) -> list[Event]:
    """The events of a case under verification, with so many opinions received: one an act."""
    case = ToleranceCase(case_id(number))
    for act in (opening(number), open_verification(), *[opinion()] * opinions):
        case.perform(act, order(), rules)
    return case.collect_events()
