"""The rulebook: the packaged and the user's own instruments and calendars, checked when read."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Self

from pydantic import model_validator

from domain.kinds import KINDS
from domain.law.calendar import CalendarEdition, ProvisionalYear, WorkCalendar
from domain.law.companions import Companion
from domain.law.deadline_rules import DeadlineRule, Ladder, StartDate
from domain.law.overlay import widenings
from domain.law.periods import TimeUnit
from domain.law.policy import Policy
from domain.law.rules import Rules
from domain.law.selection import NoEdition, edition_for
from domain.law.time_limits import TimeLimits
from domain.refusals import Code, Refusal
from domain.registry import EVENTS
from domain.values import Value
from gateway.files import Fault, Place, RulebookFault, Source, read_file
from gateway.overlays import overlaid
from gateway.pack_words import UNITS

PROVISIONAL = "provisional.yaml"
KINDS_BY_NAME = {event.name(): event for event in EVENTS.values()}
EVENT_NAMES = {*KINDS_BY_NAME} | {
    f"{event.name()}:{aspect}" for event in EVENTS.values() for aspect in event.aspects
}
MOST = {  # ten years: what is longer is a slip of the pen, and beyond every calendar
    TimeUnit.WORKING_DAY: 2_500,
    TimeUnit.CALENDAR_DAY: 3_660,
    TimeUnit.MONTH: 120,
    TimeUnit.QUARTER: 40,
    TimeUnit.YEAR: 10,
}


def calendars(directory: Path | None = None) -> WorkCalendar:
    """Read every `<year>.yaml` and `provisional.yaml`, the packaged ones or those in `directory`.

    RulebookFault when a file is missing or malformed.
    """
    folder: Traversable = directory or files("domain.law") / "calendars"
    named = {file.name: file for file in folder.iterdir() if file.name.endswith(".yaml")}
    foreseen = read_file(named.pop(PROVISIONAL, folder / PROVISIONAL), _ProvisionalFile).years
    editions = [edition for name in sorted(named) for edition in editions_in(named[name])]
    try:
        return WorkCalendar(tuple(editions), foreseen)
    except ValueError as fault:
        raise RulebookFault(str(folder), Fault(0, "editions", str(fault))) from fault


def editions_in(file: Traversable) -> tuple[CalendarEdition, ...]:
    """Read the editions of one year's file; RulebookFault when it is malformed or misnamed."""
    source = Source(file)
    year = source.value(_YearFile)
    for number in (year.year, *(edition.year for edition in year.editions)):
        if file.name != f"{number}.yaml":
            raise source.fault(("year",), "year", f"{number} 年应写在 {number}.yaml 里")
    return year.editions


def policies(directory: Path | None = None) -> dict[str, Policy]:
    """Read every pack, the packaged ones or those in `directory`, by reference (`id.edition`).

    A parent may be packaged or lie in the same folder. RulebookFault when a file is malformed or
    two packs claim one edition.
    """
    if directory is None:
        return dict(_packaged())
    own = [Source(file) for file in _yaml(directory)]
    packs = _Packs(own)
    found: dict[str, Policy] = {}
    for source in own:
        policy = packs.read(source)
        if policy.reference in found:
            raise RulebookFault(
                source.name, Fault(0, "edition", f"{policy.reference} 已有一份，请另编版次")
            )
        found[policy.reference] = policy
    return found


def policy_in(file: Traversable) -> Policy:
    """Read one pack; RulebookFault when it is malformed, or widens its parent without saying so."""
    return chain_in(file)[0]


def chain_in(file: Traversable) -> tuple[Policy, ...]:
    """Read one pack and the packs above it, from the nearest parent up.

    Parents are looked for beside the file and among the packaged packs. Raises RulebookFault.
    """
    source = Source(file)
    packs = _Packs([source], beside=_yaml(file.parent) if isinstance(file, Path) else [])
    packs.read(source)
    return packs.chain(source)


def companions(directory: Path | None = None) -> dict[str, Companion]:
    """Read the companion instruments, each the law of one kind of sibling matter, by reference.

    RulebookFault when one is malformed.
    """
    folder: Traversable = (directory or files("domain.law") / "packs") / "companions"
    read = [companion_in(file) for file in _yaml(folder)] if folder.is_dir() else []
    return {each.reference: each for each in read}


def companion_in(file: Traversable) -> Companion:
    """Read one companion instrument. Raises RulebookFault."""
    source = Source(file)
    kind = source.data.get("kind") if isinstance(source.data, dict) else None
    if not isinstance(kind, str) or kind not in KINDS:
        raise source.fault(("kind",), "kind", f"只能写 {'、'.join(KINDS)}")
    found = source.value(KINDS[kind].instrument)
    faults = [*_faults_of_limits(found.deadlines, source), *_faults_of_companion(found, source)]
    if faults:
        raise RulebookFault(source.name, *faults)
    return found


def is_companion(file: Traversable) -> bool:
    """Whether a file says of itself that it is a companion; RulebookFault when unreadable."""
    data = Source(file).data
    return isinstance(data, dict) and "kind" in data


@dataclass(frozen=True)
class Rulebook:
    """Every instrument in force here, and the calendars: what the office asks for rules."""

    policies: Mapping[str, Policy]
    calendar: WorkCalendar
    companions: Mapping[str, Companion] = field(default_factory=dict)

    @classmethod
    def packaged(cls, more: Path | None = None) -> Self:
        """The packs that come with the program, and those of a folder of the user's own."""
        return cls(
            {**policies(), **(policies(more) if more else {})},
            calendars(),
            {**companions(), **(companions(more) if more else {})},
        )

    def __call__(self, name: str) -> Rules:
        """The rules of an edition (`wuyang_2017.1`), or of an instrument's newest (`wuyang_2017`).

        Raises Refusal when there is no such instrument.
        """
        newest = max(self._editions(name), key=lambda each: each.edition)
        return Rules(newest, self.calendar)

    def for_case(
        self,
        name: str,
        *,
        conduct_on: date | None,
        accountability_on: date | None,
        applied_on: date,
    ) -> Rules:
        """The rules a new case stands on: the edition in force on the day that selects it.

        An edition named in full is kept to, and refused when it is not in force. Raises Refusal.
        """
        editions = self._editions(name)
        try:
            policy = edition_for(
                editions,
                conduct_on=conduct_on,
                accountability_on=accountability_on,
                applied_on=applied_on,
            )
        except NoEdition as reason:
            raise Refusal(
                Code.NO_EDITION_IN_FORCE,
                asked="适用办法",
                obstacle=reason.obstacle,
                way_out=reason.way_out,
                articles=_transition_articles(editions),
            ) from reason
        return Rules(policy, self.calendar)

    def limits(self, name: str) -> TimeLimits[Any]:
        """The rules of any instrument, a companion among them. Raises Refusal."""
        named = [each for each in self.companions.values() if name in (each.reference, each.id)]
        if not named:
            return self(name)
        return TimeLimits(max(named, key=lambda each: each.edition), self.calendar)

    def for_matter(self, kind: str, name: str, opened_on: date) -> TimeLimits[Companion]:
        """The rules a sibling matter stands on: the newest edition in force on its first day.

        Raises Refusal when the instrument is of another kind, or no edition is in force.
        """
        named = [each for each in self.companions.values() if name in (each.reference, each.id)]
        fitting = [each for each in named if each.kind == kind]
        if not fitting:
            of_kind = sorted(e.reference for e in self.companions.values() if e.kind == kind)
            raise Refusal(
                Code.UNKNOWN_POLICY,
                asked="适用办法",
                obstacle=f"{name} 不是{KINDS[kind].matter.called}的办法",
                way_out="可用的有：" + "、".join(of_kind),
            )
        in_force = [each for each in fitting if each.in_force.holds_on(opened_on)]
        if not in_force:
            raise Refusal(
                Code.NO_EDITION_IN_FORCE,
                asked="适用办法",
                obstacle=f"{fitting[0].name}在 {opened_on} 没有施行中的版次",
                way_out="请核对日期，或改用当日施行的办法",
            )
        return TimeLimits(max(in_force, key=lambda each: each.edition), self.calendar)

    def chain(self, name: str) -> tuple[Policy, ...]:
        """An instrument and those above it, from the nearest parent up. Raises Refusal."""
        found = [self(name).policy]
        while (above := found[-1].parent) is not None:
            found.append(self.policies[above])
        return tuple(found)

    def _editions(self, name: str) -> list[Policy]:
        """The edition named in full, or every edition of the instrument named."""
        pinned = self.policies.get(name)
        found = [pinned] if pinned else [p for p in self.policies.values() if p.id == name]
        if not found:
            raise Refusal(
                Code.UNKNOWN_POLICY,
                asked="适用办法",
                obstacle=f"没有名为 {name} 的办法",
                way_out="现有办法：" + "、".join(sorted(self.policies)),
            )
        return found


def _transition_articles(editions: Iterable[Policy]) -> tuple[str, ...]:
    return tuple({each.transition.article: None for each in editions if each.transition.article})


# ---- packs and their parents -------------------------------------------------------------------


class _Packs:
    """Packs that may be one another's parents, each read once.

    A parent is looked for among `sources`, then in the files `beside`, then in the packaged packs.
    """

    def __init__(self, sources: Iterable[Source], beside: Iterable[Traversable] = ()) -> None:
        self.sources = {_reference(each): each for each in sources}
        self.beside = [*beside]
        self._merged: dict[str, Source] = {}
        self._read: dict[str, Policy] = {}

    def read(self, source: Source) -> Policy:
        """A pack with all it inherits. Raises RulebookFault."""
        merged = self.merged(source, heirs=())
        return self._value(source, merged)

    def chain(self, source: Source) -> tuple[Policy, ...]:
        above = self._parent(source)
        return (self.read(source), *(self.chain(above) if above else ()))

    def merged(self, source: Source, heirs: tuple[str | None, ...]) -> Source:
        if source.path not in self._merged:
            reference = _reference(source)
            if reference in heirs:
                circle = " → ".join(map(str, (*heirs[heirs.index(reference) :], reference)))
                raise source.fault(("parent",), "parent", f"{circle} 互为上级，请改其中一个")
            above = self._parent(source)
            if above is None:
                self._merged[source.path] = source
            else:
                merged = self.merged(above, (*heirs, reference))
                self._value(above, merged)
                self._merged[source.path] = overlaid(source, merged)
        return self._merged[source.path]

    def _parent(self, source: Source) -> Source | None:
        told = source.data.get("parent") if isinstance(source.data, dict) else None
        if told is None:
            return None
        if not isinstance(told, str):
            remedy = "请写上级办法的编号和版次，如 hubei_2022.1"
            raise source.fault(("parent",), "parent", remedy)
        if told not in self.sources:
            self.sources[told] = self._found(told, source)
        return self.sources[told]

    def _found(self, told: str, heir: Source) -> Source:
        looked_for = told.rpartition(".")[0].encode()
        maybe = (file for file in self.beside if looked_for in file.read_bytes())
        for source in (*_readable(maybe), *_packaged_sources()):
            if _reference(source) == told:
                return source
        known = "、".join(filter(None, map(_reference, _packaged_sources())))
        remedy = f"没有办法 {told}，请写编号和版次；同一目录里没有这一版，程序自带的有：{known}"
        raise heir.fault(("parent",), "parent", remedy)

    def _value(self, source: Source, merged: Source) -> Policy:
        if source.path not in self._read:
            policy = merged.value(Policy)
            above = self._parent(source)
            parent = self._value(above, self._merged[above.path]) if above else None
            faults = [*_faults(policy, merged)]
            told = {fault.key for fault in faults}
            unmarked = _unmarked(policy, parent, source)
            faults += [fault for fault in unmarked if fault.key not in told]
            if faults:
                raise RulebookFault(source.name, *faults)
            self._read[source.path] = policy
        return self._read[source.path]


def _reference(source: Source) -> str | None:
    """What the file calls itself, before anything of it is checked."""
    match source.data:
        case {"id": str(id_), "edition": int(edition)}:
            return f"{id_}.{edition}"
    return None


@cache
def _packaged_sources() -> tuple[Source, ...]:
    return tuple(Source(file) for file in _yaml(files("domain.law") / "packs"))


@cache
def _packaged() -> Mapping[str, Policy]:
    packs = _Packs(_packaged_sources())
    read = (packs.read(source) for source in _packaged_sources())
    return {policy.reference: policy for policy in read}


def _yaml(folder: Traversable) -> list[Traversable]:
    found = (file for file in folder.iterdir() if file.name.endswith(".yaml") and file.is_file())
    return sorted(found, key=lambda file: file.name)


def _readable(beside: Iterable[Traversable]) -> Iterator[Source]:
    """Of the files beside one that is being checked, those that can be read at all."""
    for file in beside:
        try:
            yield Source(file)
        except RulebookFault:
            continue


# ---- what only the whole program can check -----------------------------------------------------


def _unmarked(policy: Policy, parent: Policy | None, source: Source) -> Iterator[Fault]:
    """Widenings not marked in `overrides`, and marks where nothing is widened."""
    found = widenings(parent, policy) if parent else ()
    marked = [each.at for each in policy.overrides]
    for each in found:
        if each.at not in marked:
            remedy = (
                f"{each.why}，比上级 {policy.parent} 放宽；有依据的请在 overrides 里加一条"
                f" {{at: {each.at}, basis: 依据}}，没有依据的请改回"
            )
            yield Fault(source.line_at(each.at), each.at, remedy)
    places = {each.at for each in found}
    for number, override in enumerate(policy.overrides):
        line = source.line(("overrides", number))
        if override.at not in places:
            yield Fault(line, f"overrides.{number}.at", f"{override.at} 没有放宽上级，请删去这一条")
        elif override.at in marked[:number]:
            yield Fault(line, f"overrides.{number}.at", f"{override.at} 已经标过，请删去这一条")
        if not override.basis.strip():
            yield Fault(line, f"overrides.{number}.basis", "请写依据")


def _faults(policy: Policy, source: Source) -> Iterator[Fault]:
    """What is wrong with the time limits of a pack that is well formed otherwise."""
    yield from _faults_of_limits(policy.deadlines, source)
    window = policy.application.window
    if window and window.amount and window.unit and window.amount > MOST[window.unit]:
        line = source.line(("application", "window", "amount"))
        yield Fault(line, "application.window.amount", _too_long(window.unit))
    notice = policy.public_notice
    if notice and policy.deadline(notice.rule).amount is None:
        remedy = f"期限 {notice.rule} 没有天数，公示无从期满，请填 amount、unit"
        yield Fault(source.line(("public_notice", "rule")), "public_notice.rule", remedy)
    yield from _faults_of_ladder(policy.ladder, source)


def _faults_of_limits(rules: tuple[DeadlineRule, ...], source: Source) -> Iterator[Fault]:
    for number, rule in enumerate(rules):
        for key, remedy in (*_strangers(rule), *_lengths(rule)):
            place: Place = ("deadlines", number, *key.split("."))
            yield Fault(source.line(place), f"deadlines.{rule.id}.{key}", remedy)


def _faults_of_ladder(ladder: Ladder, source: Source) -> Iterator[Fault]:
    days = [*ladder.reminders_before, *(each.after for each in ladder.escalation)]
    if max(days, default=0) > MOST[TimeUnit.WORKING_DAY]:
        yield Fault(source.line(("ladder",)), "ladder", _too_long(TimeUnit.WORKING_DAY))


def _faults_of_companion(companion: Companion, source: Source) -> Iterator[Fault]:
    yield from _faults_of_ladder(companion.ladder, source)
    for name in companion.clauses:
        if name not in KINDS_BY_NAME:
            remedy = f"没有事件 {name}，事件名见 rongcuo policy acts"
            yield Fault(source.line(("clauses", name)), f"clauses.{name}", remedy)
    ids = [rule.id for rule in companion.deadlines]
    for name in sorted({each for each in ids if ids.count(each) > 1}):
        yield Fault(source.line(("deadlines",)), "deadlines", f"期限 {name} 写了不止一次")


def _strangers(rule: DeadlineRule) -> Iterator[tuple[str, str]]:
    """Keys that name events there are not, or ask of an event what it does not tell."""
    for key, names in rule.named().items():
        for name in names:
            if name not in EVENT_NAMES:
                yield key, f"没有事件 {name}，事件名见 rongcuo policy acts"
    kind = KINDS_BY_NAME.get(rule.opens_on.partition(":")[0])
    if kind is None:
        return
    offered = [StartDate.OCCURRENCE, *dict(kind.starts)]
    if rule.starts not in offered:
        yield "starts", f"{rule.opens_on} 没有这一天，只能写 {'、'.join(offered)}"
    if rule.stated and kind.model_fields.keys().isdisjoint({rule.stated}):
        yield "stated", f"{rule.opens_on} 没有 {rule.stated} 这一项"
    if rule.per == "item" and not (hasattr(kind, "item") or "item" in kind.model_fields):
        yield "per", f"{rule.opens_on} 不编号，只能写 case 或 subject"


def _lengths(rule: DeadlineRule) -> Iterator[tuple[str, str]]:
    if rule.amount and rule.unit and rule.amount > MOST[rule.unit]:
        yield "amount", _too_long(rule.unit)
    longer = rule.extension
    if longer and longer.amount > MOST[longer.unit]:
        yield "extension.amount", _too_long(longer.unit)
    if (
        longer
        and longer.cap_amount
        and longer.cap_unit
        and longer.cap_amount > MOST[longer.cap_unit]
    ):
        yield "extension.cap_amount", _too_long(longer.cap_unit)


def _too_long(unit: TimeUnit) -> str:
    return f"超过十年，至多 {MOST[unit]} {UNITS[unit]}，请核对"


# ---- the files of calendars --------------------------------------------------------------------


class _ProvisionalFile(Value):
    years: tuple[ProvisionalYear, ...]


class _YearFile(Value):
    year: int
    editions: tuple[CalendarEdition, ...]

    @model_validator(mode="before")
    @classmethod
    def _year_stands_once(cls, data: Any) -> Any:
        match data:
            case {"year": year, "editions": [*editions]}:
                told = [{"year": year, **e} if isinstance(e, dict) else e for e in editions]
                return {**data, "editions": told}
        return data
