"""What can happen in an impact ledger, in procedural order."""

from datetime import date

from domain.aggregate import Event
from domain.impact.particulars import Track
from domain.law.deadline_rules import StartDate
from domain.papers import Document
from domain.people import Organ
from domain.staged import MatterOpened

AWAITED = "awaited"  # a line whose end is known and still to come about


class LedgerOpened(MatterOpened, topic="impact.opened.v1", term="建立影响期台账"):
    """`number` is the person's id: one ledger for each."""


class LineEvent(Event):
    """Common to what counts a line; without days as long as 留党察看 has not ended.

    `rest_until`: the last day of an earlier period, what was left of which ran first. `into`: what
    was left of this line runs in that item. `awaited`: its end has still to be recorded.
    """

    aspects = (AWAITED,)
    starts = ((StartDate.EFFECT, "counted_from"),)

    item: int
    months: int
    counted_from: date | None
    last_day: date | None
    rest_until: date | None
    into: int | None
    awaited: bool

    def names(self) -> frozenset[str]:
        known = {self.name()}
        return frozenset(known | {f"{self.name()}:{AWAITED}"} if self.awaited else known)


class SanctionEntered(LineEvent, topic="impact.sanction-entered.v1", term="登记处分处理"):
    """`called`, `article` and `confirmed` are the instrument's, as they stood.

    `source` is the number of the decision; `deserved` what each of several violations by itself
    deserves.
    """

    track: Track
    sanction: str
    called: str
    source: str
    decided_by: str
    effective_on: date
    restored_on: date | None = None
    deserved: tuple[str, ...] = ()
    article: str | None
    confirmed: bool


class RightsRestored(Event, topic="impact.rights-restored.v1", term="恢复党员权利"):
    """From then on the period of a 留党察看 runs."""

    item: int
    restored_on: date


class LineRecounted(LineEvent, topic="impact.line-recounted.v1", term="影响期重算"):
    """Another sanction, a withdrawal or the restoration of rights has changed this line."""


class SanctionWithdrawn(Event, topic="impact.sanction-withdrawn.v1", term="处分处理撤销"):
    """Its line ends. `decision`: the number of the decision that revoked or changed it."""

    item: int
    decision: str
    explanation: str
    all_over: bool


class PeriodEnded(Event, topic="impact.period-ended.v1", term="影响期满"):
    """Of itself, by the clock. `notified`: the notice had gone out before the clock came."""

    aspects = ("all_over",)

    item: int
    last_day: date
    all_over: bool
    notified: bool

    def names(self) -> frozenset[str]:
        known = {self.name()}
        to_tell = self.all_over and not self.notified
        return frozenset(known | {f"{self.name()}:all_over"} if to_tell else known)


class UsableNotified(Event, topic="impact.usable-notified.v1", term="告知可以重新使用"):
    """`over_since`: null where every sanction was revoked."""

    to: str
    over_since: date | None
    document: Document | None = None


class AccountabilityNoted(Event, topic="impact.accountability-noted.v1", term="记载问责决定"):
    """That an organ held the person accountable, and in which forms; no period of its own."""

    number: str
    organ: Organ
    decided_on: date
    forms: tuple[str, ...]


class AccountabilityWithdrawn(
    Event, topic="impact.accountability-withdrawn.v1", term="问责记载撤销"
):
    number: str
    explanation: str


class InquiryNoted(Event, topic="impact.inquiry-noted.v1", term="记载函询"):
    """That the person was asked, and about what; a later one with the same content looks here."""

    number: str
    content_keys: tuple[str, ...]
    opened_on: date


class ReplyRequested(Event, topic="impact.reply-requested.v1", term="收到来函"):
    item: int
    asked_by: str
    asked_on: date
    regarding: str


class ReplySent(Event, topic="impact.reply-sent.v1", term="复函组织部门"):
    """That it does not affect the appointment: the one reply the source knows."""

    item: int
    case: str
    called: str
    corrected: bool
    explanation: str
    document: Document | None = None


class AppointmentRecorded(Event, topic="impact.appointment-recorded.v1", term="记载任用"):
    """`over_since`: the first day after every period; null where one ran on, or none ever did.

    `running`: the items that still had effect on the day.
    """

    appointed_on: date
    post: str
    appointed_by: str
    running: tuple[int, ...]
    over_since: date | None
