"""What an impact ledger holds, and what others ask of it."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from domain.aggregate import Event
from domain.impact.events import (
    AccountabilityNoted,
    AccountabilityWithdrawn,
    InquiryNoted,
    LineRecounted,
    PeriodEnded,
    ReplyRequested,
    ReplySent,
    RightsRestored,
    SanctionEntered,
    SanctionWithdrawn,
    UsableNotified,
)
from domain.impact.lines import Line
from domain.staged import StagedMatter


class Ledger(StagedMatter):
    """Lines, accountability decisions, inquiries and requests about one person."""

    def __init__(self, id: UUID) -> None:
        super().__init__(id)
        self.entered: dict[int, Line] = {}  # by item, the withdrawn ones among them
        self.accountabilities: list[AccountabilityNoted] = []
        self.noted: dict[str, date] = {}  # number of the decision → when, though withdrawn since
        self.inquiries: list[InquiryNoted] = []
        self.requests: dict[int, date | None] = {}  # item → day of the reply
        self.notified_on: date | None = None  # may be used again, and nothing entered since

    # ---- what others ask -----------------------------------------------------------------------

    @property
    def standing(self) -> list[Line]:
        return [each for each in self.entered.values() if not each.withdrawn]

    @property
    def lines(self) -> list[Line]:
        """Each with its own end, run out or not; what runs on in another is told there."""
        return [each for each in self.standing if each.into is None]

    @property
    def ends_on(self) -> date | None:
        """The latest last day; None where there is none, or one of them is not known yet."""
        known = [each.last_day for each in self.lines if each.last_day]
        return max(known) if known and len(known) == len(self.lines) else None

    def running_on(self, day: date) -> list[Line]:
        """Those that had taken effect by that day and were not over on it."""
        having = [each for each in self.standing if each.has_effect(day)]
        items = {each.item for each in having}
        return [each for each in having if each.into not in items]

    def all_over_on(self, day: date) -> bool:
        return not self.running_on(day)

    def over_since(self, day: date) -> date | None:
        """The first day after every period that had begun by then; None where none had."""
        ended = [each.last_day for each in self.standing if each.effective_on <= day]
        known = [each for each in ended if each]
        return max(known) + timedelta(days=1) if known and self.all_over_on(day) else None

    def accountabilities_within(self, start: date, end: date) -> list[AccountabilityNoted]:
        """Decided from `start` through `end`."""
        return [each for each in self.accountabilities if start <= each.decided_on <= end]

    # ---- the state table -----------------------------------------------------------------------

    def learn(self, event: Event) -> None:  # noqa: C901 (the state table)
        match event:
            case SanctionEntered():
                told = event.model_dump(include=set(Line.model_fields))
                self.entered[event.item] = Line.model_validate(told)
                self.notified_on = None
            case LineRecounted():
                told = event.model_dump(include={"counted_from", "last_day", "rest_until", "into"})
                self._change(event.item, **told)
            case RightsRestored(item=item, restored_on=restored_on):
                self._change(item, restored_on=restored_on)
            case SanctionWithdrawn(item=item):
                self._change(item, withdrawn=True)
            case PeriodEnded(item=item, last_day=last_day):
                self._change(item, ended=last_day)
            case UsableNotified():
                self.notified_on = event.on
            case AccountabilityNoted(number=number):
                self.accountabilities.append(event)
                self.noted[number] = event.on
            case AccountabilityWithdrawn(number=number):
                kept = [each for each in self.accountabilities if each.number != number]
                self.accountabilities = kept
            case InquiryNoted():
                self.inquiries.append(event)
            case ReplyRequested(item=item):
                self.requests[item] = None
            case ReplySent(item=item):
                self.requests[item] = event.on

    def _change(self, item: int, **told: Any) -> None:
        self.entered[item] = self.entered[item].model_copy(update=told)
