"""A life that records every event of a forwarding."""

from datetime import date

from domain.forwarding import acts
from domain.people import Organ, OrganKind, OrganLevel
from tests.support.siblings import COUNTY, Life, begun

CITY = Organ(
    id="city-cdi",
    name="某市纪委监委",
    kind=OrganKind.DISCIPLINE,
    level=OrganLevel.PREFECTURE,
    region="4210",
)


def lives() -> list[Life]:
    opening = acts.OpenForwarding(
        number="转〔2026〕3号", organ=COUNTY, received_on=date(2026, 3, 2), to=CITY, pages=4
    )
    life = begun(opening, "petition_rules_2020", on="2026-03-02")
    reported = acts.ReportUp(forwarded_on=date(2026, 3, 4), dispatch_number="机〔2026〕18号")
    life.when(reported, on="2026-03-04")
    received = acts.RecordForwardingReceipt(
        received_on=date(2026, 3, 5), receipt_number="收〔2026〕77号"
    )
    life.when(received, on="2026-03-06")
    return [life]
