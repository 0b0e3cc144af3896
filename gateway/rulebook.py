"""The rulebook: the packaged and the user's own instruments and calendars, checked when read."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Self

from pydantic import model_validator

from domain.law.calendar import CalendarEdition, ProvisionalYear, WorkCalendar
from domain.law.policy import Policy
from domain.law.rules import Rules
from domain.refusals import Code, Refusal
from domain.registry import EVENTS
from domain.values import Value
from gateway.files import Fault, RulebookFault, Source, read_file

PROVISIONAL = "provisional.yaml"
EVENT_NAMES = {event.name() for event in EVENTS.values()} | {
    f"{event.name()}:{aspect}" for event in EVENTS.values() for aspect in event.aspects
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

    RulebookFault when a file is malformed or two packs claim one edition.
    """
    folder: Traversable = directory or files("domain.law") / "packs"
    found: dict[str, Policy] = {}
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        if not file.name.endswith(".yaml"):
            continue
        policy = policy_in(file)
        if policy.reference in found:
            raise RulebookFault(
                file.name, Fault(0, "edition", f"{policy.reference} 已有一份，请另编版次")
            )
        found[policy.reference] = policy
    return found


def policy_in(file: Traversable) -> Policy:
    """Read one pack; RulebookFault when it is malformed or names events that do not exist."""
    source = Source(file)
    policy = source.value(Policy)
    strangers = [
        Fault(
            source.line(("deadlines", number, key)),
            f"deadlines.{number}.{key}（{rule.id}）",
            f"没有事件 {name}，事件名见 rongcuo policy acts",
        )
        for number, rule in enumerate(policy.deadlines)
        for key, names in (
            ("opens_on", (rule.opens_on,)),
            ("met_by", rule.met_by),
            ("lapses_on", rule.lapses_on),
        )
        for name in names
        if name not in EVENT_NAMES
    ]
    if strangers:
        raise RulebookFault(file.name, *strangers)
    return policy


@dataclass(frozen=True)
class Rulebook:
    """Every instrument in force here, and the calendars: what the office asks for rules."""

    policies: Mapping[str, Policy]
    calendar: WorkCalendar

    @classmethod
    def packaged(cls, more: Path | None = None) -> Self:
        """The packs that come with the program, and those of a folder of the user's own."""
        return cls({**policies(), **(policies(more) if more else {})}, calendars())

    def __call__(self, name: str) -> Rules:
        """The rules of an edition (`wuyang_2017.1`), or of an instrument's newest (`wuyang_2017`).

        Raises Refusal when there is no such instrument.
        """
        policy = self.policies.get(name) or self._newest(name)
        if policy is None:
            raise Refusal(
                Code.UNKNOWN_POLICY,
                asked="适用办法",
                obstacle=f"没有名为 {name} 的办法",
                way_out="现有办法：" + "、".join(sorted(self.policies)),
            )
        return Rules(policy, self.calendar)

    def _newest(self, id_: str) -> Policy | None:
        editions = [each for each in self.policies.values() if each.id == id_]
        return max(editions, key=lambda each: each.edition, default=None)


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
