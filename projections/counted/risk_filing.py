"""What is counted of risk filings: by the filing (件), whoever filed it."""

from collections.abc import Iterator

from domain.aggregate import Event
from domain.risk_filing import events
from domain.risk_filing.matter import RiskFiling
from projections.counted.countable import Countable

MEASURED: dict[type[Event], str] = {
    events.RiskFilingSubmitted: "risk_filed",
    events.RiskFilingAgreed: "risk_agreed",
    events.RiskFilingDeclined: "risk_declined",
    events.RiskFilingUsed: "risk_used",
}


def counted(event: Event, matter: RiskFiling) -> Iterator[Countable]:
    what = MEASURED.get(type(event))
    if what is not None:
        yield Countable(what, group=matter.number)
