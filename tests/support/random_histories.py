"""A log of many random histories at once: cases, sibling matters, mergers, one among the other.

A case is lived anew each time (tests/support/random_cases.py). A sibling matter is one of a bank of
real lives, under another number, of other people and organs, on other days, cut off anywhere.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from random import Random
from typing import Any, Final

import asyncpg

from domain.aggregate import Event, Order
from domain.clarification.acts import (
    ApproveClarification,
    AssessHarm,
    OpenClarification,
    PerformClarification,
    RecordFinding,
)
from domain.clarification.events import ClearingWay, Finding
from domain.identities import Identities, MergeIdentities
from domain.impact.acts import EnterSanction, OpenLedger, WithdrawSanction
from domain.impact.particulars import Track
from domain.law.calendar import CHINA
from domain.matter import matter_id
from domain.refusals import Refusal
from domain.review.acts import AdmitReviewApplication, DecideReviewApplication
from domain.review.events import Ruling
from tests.support import random_cases
from tests.support.lives_of import (
    accountability,
    clarification,
    false_accusation,
    follow_up,
    impact,
    inquiry,
    protection,
    rectification,
    review,
    risk_filing,
    visit_plan,
)
from tests.support.siblings import COUNTY, FIRM, OTHER_CLERK, WU, Life, begun
from tests.support.writers import Line
from workflows.event_store import EventMapper

SIBLINGS: Final = (
    accountability,
    clarification,
    false_accusation,
    follow_up,
    impact,
    inquiry,
    protection,
    rectification,
    review,
    risk_filing,
    visit_plan,
)
LEDGER: Final = "impact"
DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
ACCUSATION: Final = ("举〔", "信〔")
MAPPER: Final = EventMapper()


@dataclass(frozen=True)
class Written:
    """An event as the log takes it, with the instant from which it may stand there."""

    at: datetime
    line: Line


def random_log(seed: int, histories: int) -> list[Line]:
    """So many histories, each in its order, mixed as they were recorded. One seed, one log."""
    chance = Random(seed)  # noqa: S311 (no secret)
    people = max(12, histories * 2 // 3)
    ledgers_of: set[str] = set()
    written: list[Written] = []
    for number in range(histories):
        events = random_cases.case_lived(chance, f"容〔{seed}〕{number}号", people=people)
        written += _in_order((each.recorded_at, _line(each)) for each in events)
        if number % 2:
            written += _in_order(_sibling(chance, number, people, ledgers_of))
    written += _in_order((each.recorded_at, _line(each)) for each in _mergers(chance, people))
    return [each.line for each in sorted(written, key=lambda each: each.at)]


def _line(event: Event) -> Line:
    stored = MAPPER.to_stored_event(event)
    return Line(event.originator_id, event.originator_version, stored.topic, bytes(stored.state))


def _in_order(dated: Iterator[tuple[datetime, Line]] | Any) -> Iterator[Written]:
    """No event of a matter before an earlier one, however late that was entered."""
    latest = datetime.min.replace(tzinfo=CHINA)
    for at, line in dated:
        latest = max(latest, at)
        yield Written(latest, line)


# ---- sibling matters ---------------------------------------------------------------------------


@dataclass(frozen=True)
class _Lived:
    """A sibling's life in the bank: its stored events, with their facts as JSON says them."""

    kind: str
    number: str
    events: tuple[tuple[str, dict[str, Any]], ...]


@cache
def _bank() -> tuple[_Lived, ...]:
    lives = [life for module in SIBLINGS for life in module.lives()]
    more = (_entered_again(), _of_the_government(), _firm_cleared(), _upheld())
    return tuple(map(_lived, (*lives, *more)))


def _lived(life: Life) -> _Lived:
    stored = map(MAPPER.to_stored_event, life.recorded)
    events = tuple((each.topic, json.loads(each.state)) for each in stored)
    return _Lived(life.matter.kind, life.matter.number, events)


def _entered_again() -> Life:
    """A sanction entered with a wrong day, withdrawn, and entered as it was."""
    life = _sanctioned(Track.PARTY)
    mistake = WithdrawSanction(item=1, decision="更正1号", explanation="登记有误")
    return _taken(life.when(mistake).when(_sanction(Track.PARTY, "2024-03-12")))


def _of_the_government() -> Life:
    return _taken(_sanctioned(Track.GOVERNMENT))


def _sanctioned(track: Track) -> Life:
    opening = OpenLedger(number=WU.id, organ=COUNTY, subjects=(WU,))
    life = begun(opening, "impact_national", on="2024-03-13")
    return life.when(_sanction(track, "2024-03-11"))


def _sanction(track: Track, effective_on: str) -> EnterSanction:
    return EnterSanction(
        track=track,
        sanction="warning",
        effective_on=date.fromisoformat(effective_on),
        decided_by="某县纪委监委",
        source="处〔2024〕3号",
    )


def _firm_cleared() -> Life:
    opening = OpenClarification(
        number="澄〔2026〕9号",
        organ=COUNTY,
        subjects=(FIRM,),
        accusation="举〔2026〕19号",
        problem="虚报项目工程量",
        verified_by=COUNTY,
    )
    life = begun(opening, clarification.HUBEI, on="2026-09-01")
    found = {"finding": Finding.UNTRUE, "found_on": "2026-09-01", "explanation": "账实相符"}
    life.when(RecordFinding.model_validate(found))
    life.when(AssessHarm(situations=("HB-CL1",), explanation="影响投标"))
    life.when(ApproveClarification(ways=(ClearingWay.WRITTEN,), scope="本单位"), on="2026-09-07")
    letter = clarification.LETTER
    cleared = PerformClarification(way=ClearingWay.WRITTEN, scope="本单位", letter=letter)
    return _taken(life.when(cleared, on="2026-09-10"))


def _upheld() -> Life:
    life = begun(review.opening(9), "supervision_law_review", on="2026-03-10")
    life.when(AdmitReviewApplication(panel=("clerk-2", "clerk-3")), on="2026-03-11")
    ruling = DecideReviewApplication(result=Ruling.UPHOLD, explanation="原决定正确")
    return _taken(life.when(ruling, on="2026-04-02", by=OTHER_CLERK))


def _taken(life: Life) -> Life:
    """The last act was, so those before it were."""
    assert life.refusal is None, life.refusal
    return life


def _sibling(
    chance: Random, number: int, people: int, ledgers_of: set[str]
) -> Iterator[tuple[datetime, Line]]:
    lived = chance.choice(_bank())
    retold = _Retold(chance, people, lived)
    told = retold.number(f"{lived.kind}〔{number}〕", ledgers_of)
    if told is None:
        return
    stays = len(lived.events) if chance.random() < 0.6 else chance.randint(1, len(lived.events))
    for version, (topic, facts) in enumerate(lived.events[:stays], start=1):
        again = retold.tell(facts)
        state = json.dumps(again, ensure_ascii=False, separators=(",", ":")).encode()
        line = Line(matter_id(lived.kind, told), version, topic, state)
        yield datetime.fromisoformat(again["recorded_at"]), line


class _Retold:
    """One life of the bank, of other people and organs, on other days."""

    def __init__(self, chance: Random, people: int, lived: _Lived) -> None:
        self._chance, self._people, self._lived = chance, people, lived
        first = date.fromisoformat(lived.events[0][1]["on"])
        self._later = random_cases.some_day(chance) - first
        self._others: dict[str, dict[str, Any]] = {}  # whoever stands for whom, by their ids
        self._words: dict[str, str] = {}
        self._day = first + self._later

    def number(self, told: str, ledgers_of: set[str]) -> str | None:
        """What it is now called; None where the person has a ledger already."""
        if self._lived.kind == LEDGER:
            (of,) = self._lived.events[0][1]["subjects"]
            told = self.tell(of)["id"]
            if told in ledgers_of:
                return None
            ledgers_of.add(told)
        self._words[self._lived.number] = told
        return told

    def tell(self, told: Any) -> Any:
        match told:
            case {"id": id_, "kind": _, "label": _}:
                return self._other(id_, told)
            case {"id": id_, "kind": _, "level": _}:
                return self._other(id_, told)
            case dict():
                return {key: self.tell(value) for key, value in told.items()}
            case list():
                return [self.tell(each) for each in told]
            case str():
                return self._word(told)
        return told

    def _other(self, id_: str, told: dict[str, Any]) -> dict[str, Any]:
        if id_ not in self._others:
            other = self._organ() if "level" in told else self._subject(told["kind"])
            self._others[id_] = other.model_dump(mode="json")
        return self._others[id_]

    def _organ(self) -> Any:
        return random_cases.organ(self._chance, self._day)

    def _subject(self, kind: str) -> Any:
        """One of that kind who is not in this life yet."""
        taken = {each["id"] for each in self._others.values()}
        while True:
            other = random_cases.subject(self._chance, self._people)
            if other.kind == kind and other.id not in taken:
                return other

    def _word(self, told: str) -> str:
        if told in self._others:
            return str(self._others[told]["id"])
        if told.startswith(ACCUSATION) and told not in self._words:
            self._words[told] = f"举{self._chance.randrange(self._people // 4)}号"
        if told in self._words:
            return self._words[told]
        return DAY.sub(self._moved, told) if DAY.match(told) else told

    def _moved(self, day: re.Match[str]) -> str:
        return (date.fromisoformat(day[0]) + self._later).isoformat()


def _mergers(chance: Random, people: int) -> list[Event]:
    """Now and then two numbers turn out to be one person's; sometimes that one's as well."""
    book = Identities()
    for number, year in enumerate(y for y in random_cases.YEARS for _ in range(people // 60 + 1)):
        merged, kept = (f"p-{chance.randrange(people)}" for _ in range(2))
        day = max(
            date(year, 6, 1) + timedelta(days=chance.randrange(200)), book.last_on or date.min
        )
        order = Order(
            key=f"归并{number}",
            by=random_cases.CLERK,
            on=day,
            now=datetime.combine(day, time(9), CHINA),
            authority="归并审批1号",
        )
        try:
            act = MergeIdentities(merged=merged, kept=kept, explanation="同一人")
            book.perform(act, order)
        except Refusal:
            continue
    return book.collect_events()


# ---- into the log ------------------------------------------------------------------------------


async def load(superuser: asyncpg.Connection, lines: Sequence[Line]) -> None:
    """Put these into an empty log at once, numbered from one, past the triggers: unsealed."""
    async with superuser.transaction():
        await superuser.execute("ALTER TABLE log.events DISABLE TRIGGER number_event")
        await superuser.copy_records_to_table(
            "events",
            schema_name="log",
            columns=[
                "originator_id",
                "originator_version",
                "topic",
                "state",
                "notification_id",
                "leaf",
            ],
            records=[(*line, position, b"") for position, line in enumerate(lines, start=1)],
        )
        await superuser.execute("UPDATE log.counter SET last = $1", len(lines))
        await superuser.execute("ALTER TABLE log.events ENABLE ALWAYS TRIGGER number_event")
    await superuser.execute("ANALYZE log.events")
