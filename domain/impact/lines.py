"""One person's lines: each what was imposed and its period, counted anew whenever one changes."""

from collections.abc import Iterable
from datetime import date

from domain.impact.instrument import ImpactInstrument
from domain.impact.particulars import CountedFrom, Several, Track
from domain.law.status_periods import StatusPeriod, stacked, status_period
from domain.values import Value


class Line(Value):
    """What was imposed, and the days it has its effects on; without days until it counts.

    `rest_until`: what was left of the one before it ran first. `into`: what was left of this one
    runs in that item. `ended`: the last day that has been recorded as over.
    """

    item: int
    track: Track
    sanction: str
    called: str
    source: str
    effective_on: date
    restored_on: date | None
    months: int
    article: str | None
    confirmed: bool
    counted_from: date | None = None
    last_day: date | None = None
    rest_until: date | None = None
    into: int | None = None
    ended: date | None = None
    withdrawn: bool = False

    @property
    def period(self) -> StatusPeriod | None:
        if self.counted_from is None or self.last_day is None:
            return None
        return StatusPeriod(start=self.counted_from, last_day=self.last_day, months=self.months)

    @property
    def days(self) -> dict[str, date | int | None]:
        """What counting finds out, by the names that the events have for it."""
        return {
            "counted_from": self.counted_from,
            "last_day": self.last_day,
            "rest_until": self.rest_until,
            "into": self.into,
        }

    @property
    def awaited(self) -> bool:
        """Whether its end is known and has not been recorded."""
        return self.into is None and self.last_day is not None and self.ended != self.last_day

    @property
    def unended(self) -> bool:
        """Whether it has still to end, on a known day or not."""
        return self.into is None and (self.last_day is None or self.awaited)

    def has_effect(self, on: date) -> bool:
        """In effect and not over on that day; 留党察看 also before its period begins."""
        return self.effective_on <= on and (self.last_day is None or on <= self.last_day)


def recounted(lines: Iterable[Line], instrument: ImpactInstrument) -> dict[int, Line]:
    """Every line by its item, counted in the order in which they took effect.

    Where a track adds up, one that begins while another runs takes over what is left of it.
    """
    found: dict[int, Line] = {}
    for line in sorted(lines, key=lambda each: (each.effective_on, each.item)):
        since = _counted_from(line, instrument)
        before = _running(line, since, found.values(), instrument) if since else None
        found[line.item] = _counted(line, since, before, instrument)
        if before:
            found[before.item] = before.model_copy(update={"into": line.item})
    return found


def _counted_from(line: Line, instrument: ImpactInstrument) -> date | None:
    counts = instrument.of(line.track)[line.sanction].counted_from
    return line.restored_on if counts is CountedFrom.RESTORATION else line.effective_on


def _running(
    line: Line, since: date, counted: Iterable[Line], instrument: ImpactInstrument
) -> Line | None:
    """The one of the same track that runs on that day, the longest of them; where they add up."""
    if not _adds_up(line, instrument):
        return None
    running = [
        each
        for each in counted
        if each.track is line.track
        and _adds_up(each, instrument)
        and each.period
        and each.period.is_running(since)
    ]
    return max(running, key=lambda each: each.last_day or date.min, default=None)


def _adds_up(line: Line, instrument: ImpactInstrument) -> bool:
    alone = instrument.of(line.track)[line.sanction].stands_alone
    return instrument.rule(line.track).several is Several.ADDS_UP and not alone


def _counted(
    line: Line, since: date | None, before: Line | None, instrument: ImpactInstrument
) -> Line:
    if since is None:
        return line
    rule, running = instrument.end_rule.rule, before.period if before else None
    period = (
        stacked(running, since, line.months, end_rule=rule)
        if running
        else status_period(since, line.months, end_rule=rule)
    )
    days = {
        "counted_from": period.start,
        "last_day": period.last_day,
        "rest_until": period.rest_until,
        "into": None,
    }
    return line.model_copy(update=days)
