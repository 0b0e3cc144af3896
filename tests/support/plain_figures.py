"""The figures once more, by hand: the stored JSON read in its order, into dicts, lists and sets.

Written from docs/statistics.md and docs/matters.md, with nothing of the projections or the domain:
what the log says up to a position is all that is known, and what is undone in it is struck out.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, NamedTuple

Facts = dict[str, Any]
Cells = dict[tuple[str, ...], int]  # the groups, then the measure: how many, where there are any

UNFILLED: Final = "未填"
OF_DETERMINATIONS: Final = ("M1", "M2", "M3", "M4", "M5", "M6", "N1", "M21")
MEASURED: Final = {  # 第一种形态, and what is counted beside it
    "reminder_talk": "M16",
    "warning_talk": "M16",
    "criticism": "M16",
    "self_criticism": "M16",
    "ordered_correction": "M16",
    "admonition_talk": "M16",
    "circular": "M16",
    "discipline_proposal": "M18p",
}


class Told(NamedTuple):
    """One event as the log holds it."""

    position: int
    matter: str
    version: int
    topic: str
    state: bytes


@dataclass(frozen=True)
class Asked:
    """One question, in plain words. `only`: a breakdown and the values of which one must hold."""

    known_at: int
    region: str | None = None
    boundaries: date = date(2026, 1, 1)
    since: date | None = None
    until: date | None = None
    organ_kind: str | None = "discipline"
    by: tuple[str, ...] = ()
    only: tuple[tuple[str, tuple[str, ...]], ...] = ()
    dated: str | None = None

    @property
    def dimensions(self) -> set[str]:
        return {*self.by, *(name for name, _ in self.only)}


# ---- regions -----------------------------------------------------------------------------------

RENAMED: Final = (  # a code, the one it became, and on which day
    ("421023", "421088", date(2020, 6, 12)),
    ("420821", "420882", date(2018, 2, 24)),
)
IN_THE_TABLE: Final = {
    *("420000", "420800", "420900", "421000", "421087", "429004"),
    *(code for old, new, _ in RENAMED for code in (old, new)),
}


def row_of(code: str, region: str | None, boundaries: date) -> str | None:
    """The row in which a code counts when the units next below a region are told; None outside."""
    full = code.ljust(6, "0")
    if region is None:
        return f"{full[:2]}0000"
    for old, new, day in RENAMED:
        if full in (old, new):
            full = new if boundaries >= day else old
    line = [*_upwards(full)]
    top = region.ljust(6, "0")
    return line[max(line.index(top) - 1, 0)] if top in line else None


def _upwards(code: str) -> Iterator[str]:
    """A unit and those above it, as far as the table knows them."""
    directly_under_the_province = code.startswith("4290")
    above = [code, f"{code[:2]}0000"]
    if not directly_under_the_province:
        above.insert(1, f"{code[:4]}00")
    for each in dict.fromkeys(above):
        if each in IN_THE_TABLE:
            yield each


# ---- what is counted ---------------------------------------------------------------------------


@dataclass
class Entry:
    """One thing that a measure counts. Two with the same `key` are one, once persons are merged.

    `labels`: the values it has in each breakdown, of some several.
    """

    measure: str
    who: str | None
    key: tuple[Any, ...]
    organ: Facts
    on: str
    effective_on: str
    labels: dict[str, tuple[str, ...]]


@dataclass
class Matter:
    """What the figures need to remember of a matter."""

    organ: Facts
    policy: str
    subjects: dict[str, Facts]
    opening: Facts
    tracks: list[str] = field(default_factory=list)
    performed: list[str] = field(default_factory=list)


class Ledger:
    """All that can be counted, as the log has it so far."""

    def __init__(self, *, blind_to: Collection[str] = ()) -> None:
        self._blind_to = blind_to  # for the controls: topics that are passed over
        self._matters: dict[str, Matter] = {}
        self._entries: dict[tuple[Any, ...], list[Entry]] = defaultdict(list)
        self._kept: dict[str, str] = {}

    def read(self, log: Iterable[Told]) -> "Ledger":
        for told in log:
            if told.topic in READING and told.topic not in self._blind_to:
                self._read(told, json.loads(told.state))
        return self

    def _read(self, told: Told, facts: Facts) -> None:
        if told.topic == "identities.merged.v1":
            self._kept[facts["merged"]] = facts["kept"]
            return
        if told.version == 1:
            self._matters[told.matter] = Matter(
                facts["organ"],
                facts["envelope"]["policy"] or "",
                {each["id"]: each for each in facts["subjects"]},
                facts,
            )
        reading = READING[told.topic]
        reading(self, self._matters[told.matter], told, facts)

    def person(self, number: str) -> str:
        while number in self._kept:
            number = self._kept[number]
        return number

    def note(
        self,
        matter: Matter,
        facts: Facts,
        measure: str,
        key: tuple[Any, ...],
        /,
        *,
        who: str | None = None,
        named: str | None = None,
        undone_by: tuple[Any, ...] = (),
        organ: Facts | None = None,
        **labels: tuple[str, ...],
    ) -> None:
        """Put one thing down. `who`: the person that is part of the key; `named`: whose rank it is.

        `undone_by`: under which it is struck out again.
        """
        whose = matter.subjects.get(who or named or "", {})
        counted_for = organ or matter.organ
        if measure not in OF_DETERMINATIONS:
            labels.setdefault("detail", ())
        on: str = facts["on"]
        entry = Entry(
            measure,
            who,
            key,
            counted_for,
            on,
            facts.get("effective_on", on) if measure in OF_DETERMINATIONS else on,
            {
                "organ": (counted_for["id"],),
                "organ_kind": (counted_for["kind"],),
                "organ_level": (counted_for["level"],),
                "policy": (matter.policy,),
                "rank": (whose.get("rank") or UNFILLED,),
                "field": (whose.get("field") or UNFILLED,),
                **labels,
            },
        )
        self._entries[undone_by].append(entry)

    def strike_out(self, *undone: Any) -> None:
        self._entries.pop(undone, None)

    # ---- answers -------------------------------------------------------------------------------

    def answer(self, asked: Asked) -> Cells:
        """Every cell that is not nothing."""
        found: dict[tuple[str, ...], set[Any]] = defaultdict(set)
        rows: dict[str, str | None] = {}
        for entries in self._entries.values():
            for entry in entries:
                for groups in self._groups(entry, asked, rows):
                    whose = self.person(entry.who) if entry.who else None
                    found[*groups, entry.measure].add((whose, *entry.key))
        return {cell: n for cell, things in found.items() if (n := _counted(cell[-1], things))}

    def _groups(
        self, entry: Entry, asked: Asked, rows: dict[str, str | None]
    ) -> Iterator[tuple[str, ...]]:
        """The groups an entry stands in; none where it is not asked about."""
        on = entry.effective_on if asked.dated == "effective" else entry.on
        day = date.fromisoformat(on)
        if (asked.since and day < asked.since) or (asked.until and day > asked.until):
            return
        if asked.organ_kind is not None and entry.organ["kind"] != asked.organ_kind:
            return
        code = entry.organ["region"]
        if code not in rows:
            rows[code] = row_of(code, asked.region, asked.boundaries)
        row = rows[code]
        if row is None:
            return
        labels = entry.labels | {
            "region": (row,),
            "year": (f"{day:%Y}",),
            "quarter": (f"{day.year}Q{(day.month + 2) // 3}",),
            "month": (f"{day:%Y-%m}",),
        }
        if not asked.dimensions <= labels.keys():
            return
        if any(not {*labels[name]} & {*wanted} for name, wanted in asked.only):
            return
        groups: list[tuple[str, ...]] = [()]
        for name in asked.by:
            groups = [(*group, each) for group in groups for each in labels[name] or (UNFILLED,)]
        yield from groups


def _counted(measure: str, things: set[Any]) -> int:
    if measure != "M21":
        return len(things)
    proceedings: dict[str, set[str]] = defaultdict(set)
    for person, proceeding in things:
        proceedings[person].add(proceeding)
    return sum(len(each) > 1 for each in proceedings.values())


# ---- how each event is read --------------------------------------------------------------------

Reading = Callable[[Ledger, Matter, Told, Facts], None]


def _applied(ledger: Ledger, case: Matter, told: Told, facts: Facts) -> None:
    case.tracks = ["application"]
    ledger.note(case, facts, "M8", (told.matter,), detail=("application",))


def _started(ledger: Ledger, case: Matter, told: Told, facts: Facts) -> None:
    case.tracks = ["ex_officio"]
    ledger.note(case, facts, "M8o", (told.matter,), detail=("ex_officio",))


def _joined(track: str) -> Reading:
    def read(ledger: Ledger, case: Matter, told: Told, facts: Facts) -> None:
        case.tracks.append(track)
        ledger.note(case, facts, "M8b", (told.matter,), detail=(track,))

    return read


def _withdrawn(_: Ledger, case: Matter, __: Told, ___: Facts) -> None:
    """The organ's own consideration goes on alone, where there was one."""
    if "ex_officio" in case.tracks:
        case.tracks = ["ex_officio"]


def _went_on(_: Ledger, case: Matter, __: Told, ___: Facts) -> None:
    case.tracks = ["ex_officio"]


def _refused(ledger: Ledger, case: Matter, told: Told, facts: Facts) -> None:
    ledger.note(case, facts, "M7n", (told.matter,), detail=(facts["because"],))
    _withdrawn(ledger, case, told, facts)


def _moved(_: Ledger, matter: Matter, __: Told, facts: Facts) -> None:
    matter.organ = facts["to"]


def _determined(ledger: Ledger, case: Matter, told: Told, facts: Facts) -> None:
    """The figures of a determination, and of the measures that it gives."""
    subject, outcome = facts["subject"], facts["outcome"]
    labels: Facts = {
        "who": subject,
        "organ": facts["organ"],
        "undone_by": (told.matter, told.version),
        "outcome": (outcome,),
        "track": ("both" if len(case.tracks) > 1 else case.tracks[0],),
        "situation": tuple(facts["situations"]),
        "measure": tuple(facts["measures"]),
    }
    proceeding = case.opening["matter"]["id"]
    if outcome == "no_tolerance":
        ledger.note(case, facts, "N1", (), **labels)
    else:
        once: Facts = {"who": None, "named": subject}
        ledger.note(case, facts, "M6", (proceeding,), **labels | once)
        if case.subjects[subject]["kind"] == "organization":
            ledger.note(case, facts, "M5", (), **labels)
        else:
            ledger.note(case, facts, "M1", (), **labels)
            ledger.note(case, facts, "M4", (told.position,), **labels | once)
            ledger.note(case, facts, "M21", (proceeding,), **labels)
            of_them = "M2" if outcome == "exemption" else "M3"
            ledger.note(case, facts, of_them, (), **labels)
    for given in facts["measures"]:
        if given not in MEASURED:
            continue
        ledger.note(
            case,
            facts,
            MEASURED[given],
            (told.position, given),
            named=subject,
            organ=facts["organ"],
            undone_by=(told.matter, told.version),
            detail=(given,),
        )


def _ended(ledger: Ledger, _: Matter, told: Told, facts: Facts) -> None:
    ledger.strike_out(told.matter, facts["determination"])


def _assessed(ledger: Ledger, matter: Matter, told: Told, facts: Facts) -> None:
    if facts["situations"] and not facts["inquiry_effect_only"]:
        (subject,) = matter.subjects
        ledger.note(matter, facts, "M12", (told.matter,), named=subject)
        undone = (told.matter, "cleared")
        ledger.note(matter, facts, "M12n", (told.matter,), named=subject, undone_by=undone)


def _performed(ledger: Ledger, matter: Matter, told: Told, facts: Facts) -> None:
    matter.performed.append(facts["way"])
    if not facts["complete"]:
        return
    ((id_, subject),) = matter.subjects.items()
    ways: Facts = {"who": id_, "detail": (matter.performed[0],)}
    if subject["kind"] == "organization":
        ledger.note(matter, facts, "M11", (), **ways)
    else:
        ledger.note(matter, facts, "M9", (), **ways)
        ledger.note(matter, facts, "M10", (matter.opening["accusation"],), **ways)
    ledger.strike_out(told.matter, "cleared")


def _of_accuser(*measures: str) -> Reading:
    def read(ledger: Ledger, matter: Matter, _: Told, facts: Facts) -> None:
        accusation, accuser = matter.opening["accusation"], facts["accuser"]
        for each in measures:
            key = (accusation,) if each == "M13" else (accusation, accuser)
            ledger.note(matter, facts, each, key, detail=(accuser,))

    return read


def _visited(ledger: Ledger, matter: Matter, told: Told, facts: Facts) -> None:
    way, subject = (facts["way"],), facts["subject"]
    ledger.note(matter, facts, "M14", (), who=subject, detail=way)
    ledger.note(matter, facts, "M14t", (told.position,), named=subject, detail=way)


def _sanctioned(ledger: Ledger, matter: Matter, told: Told, facts: Facts) -> None:
    (subject,) = matter.subjects
    track = facts["track"]
    line: Facts = {"who": subject, "undone_by": (told.matter, facts["item"]), "detail": (track,)}
    ledger.note(matter, facts, "M17", (), **line)
    if track in ("party", "government"):
        ledger.note(matter, facts, "M17p" if track == "party" else "M17g", (), **line)


def _sanction_withdrawn(ledger: Ledger, _: Matter, told: Told, facts: Facts) -> None:
    ledger.strike_out(told.matter, facts["item"])


def _appointed(ledger: Ledger, matter: Matter, _: Told, facts: Facts) -> None:
    if facts["over_since"] is not None:
        (subject,) = matter.subjects
        ledger.note(matter, facts, "M15", (), who=subject)


def _checked(ledger: Ledger, matter: Matter, told: Told, facts: Facts) -> None:
    if facts["result"] == "pass":
        ledger.note(matter, facts, "M18d", (told.matter,), detail=("pass",))


def _held(ledger: Ledger, matter: Matter, told: Told, facts: Facts) -> None:
    forms = tuple(facts["forms"][:1])
    ledger.note(matter, facts, "M16h", (told.position,), named=facts["subject"], detail=forms)


def _reviewed(ledger: Ledger, matter: Matter, told: Told, facts: Facts) -> None:
    subject, result = next(iter(matter.subjects)), facts["result"]
    of: Facts = {"named": subject, "detail": (result,)}
    ledger.note(matter, facts, "M20", (told.matter,), **of)
    if result in ("vary", "revoke", "remand"):
        ledger.note(matter, facts, "M20c", (told.matter,), **of)


def _revoked(ledger: Ledger, case: Matter, told: Told, facts: Facts) -> None:
    of: Facts = {"named": facts["subject"], "detail": (facts["cause"],)}
    ledger.note(case, facts, "M20r", (told.position,), **of)


def _one_of_its_matter(measure: str, *, of_subject: bool = False) -> Reading:
    def read(ledger: Ledger, matter: Matter, told: Told, facts: Facts) -> None:
        named = facts["subject"] if of_subject else None
        ledger.note(matter, facts, measure, (told.matter,), named=named)

    return read


def _only_opened(_: Ledger, __: Matter, ___: Told, ____: Facts) -> None:
    """Nothing is counted of the opening itself."""


READING: Final[dict[str, Reading]] = {
    "tolerance.applied.v1": _applied,
    "tolerance.started-ex-officio.v1": _started,
    "tolerance.application-attached.v1": _joined("application"),
    "tolerance.ex-officio-joined.v1": _joined("ex_officio"),
    "tolerance.application-withdrawn.v1": _withdrawn,
    "tolerance.continued-ex-officio.v1": _went_on,
    "tolerance.transferred.v1": _moved,
    "tolerance.accepted.v1": _one_of_its_matter("M7"),
    "tolerance.acceptance-refused.v1": _refused,
    "tolerance.determination-deferred.v1": _one_of_its_matter("M7d", of_subject=True),
    "tolerance.conclusive-opinion-issued.v1": _one_of_its_matter("M7c", of_subject=True),
    "tolerance.determined.v1": _determined,
    "tolerance.determination-ended.v1": _ended,
    "tolerance.determination-revoked.v1": _revoked,
    "clarification.opened.v1": _only_opened,
    "clarification.harm-assessed.v1": _assessed,
    "clarification.performed.v1": _performed,
    "false_accusation.suspicion-opened.v1": _only_opened,
    "false_accusation.determined.v1": _of_accuser("M13", "M13p"),
    "false_accusation.handed-over.v1": _of_accuser("M13h"),
    "follow_up.opened.v1": _only_opened,
    "follow_up.visit-held.v1": _visited,
    "follow_up.transferred.v1": _moved,
    "impact.opened.v1": _only_opened,
    "impact.sanction-entered.v1": _sanctioned,
    "impact.sanction-withdrawn.v1": _sanction_withdrawn,
    "impact.appointment-recorded.v1": _appointed,
    "rectification.notice-sent.v1": _one_of_its_matter("M18"),
    "rectification.checked.v1": _checked,
    "accountability.opened.v1": _only_opened,
    "accountability.subject-held.v1": _held,
    "review.opened.v1": _only_opened,
    "review.decided.v1": _reviewed,
    "risk_filing.submitted.v1": _one_of_its_matter("M22"),
    "risk_filing.agreed.v1": _one_of_its_matter("M22a"),
    "risk_filing.used.v1": _one_of_its_matter("M22u"),
    "identities.merged.v1": _only_opened,
}
