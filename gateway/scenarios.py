"""Scenario files: a life as dated acts and what is expected of it, all checked before any runs.

The same format serves tests, demonstrations and a user's own what-if; docs/scenarios.md teaches it.
"""

from collections.abc import Iterator
from datetime import date, datetime, time
from hashlib import sha256
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Annotated, Any, get_args
from uuid import NAMESPACE_URL, UUID, uuid5

from pydantic import BeforeValidator, Field, NonNegativeInt, ValidationError, model_validator

from domain.accountability.proceeding import AccountabilityProceeding
from domain.aggregate import Act
from domain.kinds import BY_NAME, KINDS
from domain.law.calendar import CHINA
from domain.law.policy import ApplicantKind
from domain.matter import Link, Relation, matter_id
from domain.obligations import State
from domain.papers import Document
from domain.people import Officer, Organ, OrganKind, OrganLevel, Subject, SubjectKind
from domain.refusals import Code
from domain.staged import OpenMatter
from domain.tolerance.acts import (
    ACTS,
    AttachApplication,
    CompleteApplication,
    Opening,
    SubmitApplication,
)
from domain.tolerance.case import ToleranceCase
from domain.tolerance.particulars import Applicant, MatterAnswered
from domain.tolerance.state import Standing
from domain.values import Value
from gateway.files import CHOICES, REMEDIES, Fault, Place, RulebookFault, Source

ACCOUNTABILITY = AccountabilityProceeding.kind
ACTS_OF: dict[str, dict[str, type[Act]]] = {  # by the kind of matter, and by name
    ToleranceCase.kind: {act.name: act for act in ACTS},
    **{name: {act.name: act for act in kind.acts} for name, kind in KINDS.items()},
}
CASE = "case"  # what a scenario calls its tolerance case among its matters
OFFICE_HOUR = time(10)  # when an act is taken unless the scenario says otherwise
NAMING_PEOPLE = {"changes", "subjects"}
APPLICANTS = {OrganKind.PARTY_COMMITTEE: ApplicantKind.PARTY_COMMITTEE}


class _Misnamed(Exception):  # noqa: N818 (a fault in a file, not an error of ours)
    """A particular names nobody and nothing the scenario knows."""

    def __init__(self, key: str, named: object) -> None:
        self.key = key
        self.remedy = f"{named!r} 不在 organs、people 或 matters 里"
        super().__init__(self.remedy)


class OrganTold(Value):
    name: str
    kind: OrganKind
    level: OrganLevel
    region: str

    def organ(self, key: str) -> Organ:
        return Organ(id=key, **dict(self))


class PersonTold(Value):
    """`id` only where one person is to appear in several scenarios."""

    kind: SubjectKind
    label: str
    region: str
    rank: str | None = None
    unit: str | None = None
    managed_by: str | None = None
    field: str | None = None
    nature: str | None = None
    id: str | None = None


class Refused(Value):
    """An act expected to be refused, with the code of the refusal."""

    refused: Code


def _clock_time(told: Any) -> Any:
    if isinstance(told, int):  # pydantic would read 1630 as seconds
        raise ValueError("请写时刻，如 16:30")  # noqa: TRY004 (pydantic hears ValueError)
    return told


class ActTold(Value):
    """One act: `particulars` are whatever else the scenario wrote for it."""

    on: date
    entered_on: date | None = None  # 补录: the later day on which it is taken down
    at: Annotated[time | None, BeforeValidator(_clock_time)] = None
    act: str
    matter: str | None = None  # a key of `matters`, or the number of an accountability matter
    by: str | None = None
    officer: str | None = None  # who acts for the organ, where it is not its usual clerk
    key: str | None = None
    reason: str | None = None
    authority: str | None = None
    expect: Refused | None = None
    particulars: dict[str, Any]

    @model_validator(mode="before")
    @classmethod
    def _gather(cls, told: Any) -> Any:
        if not isinstance(told, dict):
            return told
        own = cls.model_fields.keys() - {"particulars"}
        return {
            **{key: value for key, value in told.items() if key in own},
            "particulars": {key: value for key, value in told.items() if key not in own},
        }

    @model_validator(mode="after")
    def _known(self) -> "ActTold":
        if all(self.act not in acts for acts in ACTS_OF.values()):
            raise ValueError(f"没有名为 {self.act} 的行为，行为名见 rongcuo policy acts")
        if self.entered_on is not None and self.entered_on < self.on:
            raise ValueError("补录之日（entered_on）不早于行为之日（on）")
        return self

    @property
    def instant(self) -> datetime:
        return datetime.combine(self.entered_on or self.on, self.at or OFFICE_HOUR, CHINA)


class DutyExpected(Value):
    """At least one duty, or just as many as `count` says, must show all that is written here."""

    rule: str
    subject: str | None = None
    due_on: date | None = None
    state: State | None = None
    provisional: bool | None = None
    closed_on: date | None = None
    count: NonNegativeInt | None = None


class Contains(Value):
    contains: tuple[str, ...]


class LinkTold(Value):
    """`to`: a key of `matters`, or `case`."""

    to: str
    relation: Relation


class TimersExpected(Value):
    reminded: int = 0
    overdue: int = 0
    escalated: int = 0


class StatisticsExpected(Value):
    """Figures over this scenario's own matters."""

    region: str | None = None
    since: date | None = Field(None, alias="from")
    until: date | None = Field(None, alias="to")
    organ_kind: str | None = "discipline"
    figures: dict[str, int]

    @model_validator(mode="before")
    @classmethod
    def _gather(cls, told: Any) -> Any:
        if not isinstance(told, dict):
            return told
        window = {"region", "from", "to", "organ_kind"}
        return {
            **{key: value for key, value in told.items() if key in window},
            "figures": {key: value for key, value in told.items() if key not in window},
        }


class MatterExpected(Value):
    """What a matter of any kind must show in the end."""

    stage: str | None = None
    open: bool | None = None
    policy: str | None = None
    organ: str | None = None  # who handles it in the end
    duties: tuple[DutyExpected, ...] = ()
    events: tuple[str, ...] | Contains | None = None  # official acts, in order
    timers: TimersExpected | None = None
    links: tuple[LinkTold, ...] | None = None  # all there are, in order


class Expected(MatterExpected):
    """What the tolerance case must show, and beside it the figures and the other matters."""

    track: str | None = None
    subjects: dict[str, str | None] = Field(default_factory=dict)
    standings: dict[str, Standing] = Field(default_factory=dict)
    statistics: StatisticsExpected | None = None
    matters: dict[str, MatterExpected] = Field(default_factory=dict)


class MatterTold(Value):
    """A sibling matter of the scenario; `instrument` under which it opens."""

    kind: str
    number: str
    instrument: str | None = None

    @model_validator(mode="after")
    def _of_a_kind(self) -> "MatterTold":
        if self.kind not in KINDS:
            raise ValueError(f"没有 {self.kind} 这类事项，只能写 {'、'.join(KINDS)}")
        return self


class Scenario(Value):
    """`policy` may be left out where no tolerance case is opened; `case_number` names the whole."""

    title: str
    policy: str | None = None
    source: str  # a seed, or: synthetic
    note: str | None = None  # what the source does not give and we made up
    case_number: str
    organ: str  # who handles the case: a key of `organs`
    organs: dict[str, OrganTold]
    people: dict[str, PersonTold]
    matters: dict[str, MatterTold] = Field(default_factory=dict)
    acts: Annotated[tuple[ActTold, ...], Field(min_length=1)]
    pass_time_until: date | None = None
    expect: Expected = Expected()

    def faults(self) -> Iterator[tuple[Place, str]]:
        """Where the parts of the file do not agree, and what to write instead."""
        if self.organ not in self.organs:
            yield ("organ",), f"{self.organ} 不在 organs 里"
            return
        for number, told in enumerate(self.acts):
            for place, remedy in self._faults_of(told):
                yield ("acts", number, *place), remedy
        for number, (earlier, later) in enumerate(pairwise(self.acts), start=1):
            if later.instant < earlier.instant and later.expect is None:
                days = f"{later.instant:%F} 写在了 {earlier.instant:%F} 之后"
                yield ("acts", number, "on"), f"acts 须按日期先后写：{days}"
        yield from self._faults_of_expectation()

    def _faults_of(self, told: ActTold) -> Iterator[tuple[Place, str]]:
        if told.by is not None and told.by not in self.organs.keys() | self.people.keys():
            yield ("by",), f"{told.by} 不在 organs 或 people 里"
            return
        if told.act not in ACTS_OF[self.kind_of(told)]:
            yield self._misplaced(told)
            return
        if self.policy is None and self.opens_a_case(told):
            yield ("act",), "开立容错案件的场景须写 policy"
            return
        nobody = MatterAnswered(
            id=UUID(int=0),
            number="",
            opened_on=told.on,
            organ=self.organs[self.organ].organ(self.organ),
        )
        try:
            self.act(told, nobody)
        except _Misnamed as fault:
            yield (fault.key,), fault.remedy
        except ValidationError as fault:
            yield from ((each["loc"], _remedy(dict(each))) for each in fault.errors())

    def _misplaced(self, told: ActTold) -> tuple[Place, str]:
        """An act that no matter it could be meant for takes."""
        if told.matter is None:
            return ("matter",), f"{told.act} 须写明是 matters 里的哪一件"
        if told.matter not in self.matters:
            return ("matter",), f"{told.matter} 不在 matters 里"
        called = BY_NAME[self.kind_of(told)].called
        return ("act",), f"{called}没有行为 {told.act}，行为名见 rongcuo policy acts"

    def _faults_of_expectation(self) -> Iterator[tuple[Place, str]]:
        told: list[tuple[Place, MatterExpected]] = [((), self.expect)]
        told += [(("matters", key), each) for key, each in self.expect.matters.items()]
        named = [
            *((("subjects", key), key) for key in self.expect.subjects),
            *((("standings", key), key) for key in self.expect.standings),
            *(
                ((*place, "duties", number, "subject"), duty.subject)
                for place, matter in told
                for number, duty in enumerate(matter.duties)
                if duty.subject is not None
            ),
        ]
        for place, key in named:
            if key not in self.people:
                yield ("expect", *place), f"{key} 不在 people 里"
        for key in self.expect.matters:
            if key not in self.matters:
                yield ("expect", "matters", key), f"{key} 不在 matters 里"

    @property
    def instants(self) -> Iterator[datetime]:
        """When each act is taken: an act dated too early comes when it stands, to be refused."""
        return accumulate((act.instant for act in self.acts), max)

    def subject(self, key: str) -> Subject:
        told = self.people[key]
        fresh = f"p-{uuid5(NAMESPACE_URL, f'{self.case_number}/{key}').hex[:12]}"
        return Subject(id=told.id or fresh, **told.model_dump(exclude={"id"}))

    def subject_id(self, key: str) -> str:
        """The id of a person of this scenario; an unknown key is passed on, to be refused."""
        return self.subject(key).id if key in self.people else key

    def officer(self, act: ActTold) -> Officer:
        if act.by in self.people:
            return Officer(id=self.subject_id(act.by), role="本人", organ="")
        organ = act.by or self.organ
        role = "经办人" if act.by else "承办人"
        return Officer(id=act.officer or f"{organ}-1", role=role, organ=organ)

    def _sibling(self, told: ActTold) -> MatterTold | None:
        """The matter of the scenario's own that an act is taken on, where it is one of those."""
        named = self.matters.get(told.matter or "")
        own = ACTS_OF[ToleranceCase.kind]
        if named is None or (told.act in own and told.act not in ACTS_OF[named.kind]):
            return None  # an act on the tolerance case that answers it
        return named

    def kind_of(self, told: ActTold) -> str:
        """Which kind of matter an act is taken on."""
        sibling = self._sibling(told)
        if sibling is not None:
            return sibling.kind
        return ToleranceCase.kind if told.act in ACTS_OF[ToleranceCase.kind] else ACCOUNTABILITY

    def number_of(self, told: ActTold) -> str:
        """The number of the matter an act is taken on."""
        sibling = self._sibling(told)
        if sibling is not None:
            return sibling.number
        if self.kind_of(told) == ToleranceCase.kind:
            return self.case_number
        return self.accountability_number(told)

    def instrument_of(self, told: ActTold) -> str | None:
        """Under which instrument an act opens its sibling matter."""
        sibling = self._sibling(told)
        return sibling.instrument if sibling else None

    def matter_id(self, key: str) -> UUID:
        """The stream of one of the scenario's matters, by its key."""
        if key == CASE:
            return matter_id(ToleranceCase.kind, self.case_number)
        return matter_id(self.matters[key].kind, self.matters[key].number)

    def accountability_number(self, told: ActTold) -> str:
        """The proceeding that the tolerance case answers."""
        named = told.matter or f"{self.case_number}所涉问责事项"
        return self.matters[named].number if named in self.matters else named

    def opens_a_case(self, told: ActTold) -> bool:
        return issubclass(ACTS_OF[self.kind_of(told)][told.act], Opening)

    def act(self, told: ActTold, matter: MatterAnswered | None = None) -> Act:
        """The act as the domain knows it: people by their ids, an opening with its matter.

        Raises pydantic's ValidationError when its particulars do not fit.
        """
        kind = ACTS_OF[self.kind_of(told)][told.act]
        particulars = self._with_ids(told, kind)
        if issubclass(kind, Opening | OpenMatter):
            particulars |= {
                "organ": self._organ("organ", told.particulars.get("organ", self.organ)),
                "subjects": self._subjects(told),
            }
        if issubclass(kind, OpenMatter):
            particulars["number"] = self.number_of(told)
        if issubclass(kind, Opening):
            particulars |= {"case_number": self.case_number, "matter": matter}
        takes_over = kind is CompleteApplication and particulars.pop("takes_over", False)
        if takes_over or kind in (SubmitApplication, AttachApplication):
            particulars["applicant"] = self._applicant(told)
        return kind.model_validate(particulars)

    def _with_ids(self, told: ActTold, kind: type[Act]) -> dict[str, Any]:
        """The particulars with people, organs, papers and matters as the domain knows them."""
        fields = kind.model_fields
        found = {
            key: self._known(key, value, _types_in(fields[key].annotation))
            if key in fields
            else value
            for key, value in told.particulars.items()
        }
        if isinstance(found.get("conclusion"), dict):  # of the act's own subject unless written
            conclusion = {key: self._ids(key, each) for key, each in found["conclusion"].items()}
            if "organ" in conclusion:
                conclusion["organ"] = self._organ("conclusion.organ", conclusion["organ"])
            found["conclusion"] = {"subject": found.get("subject"), **conclusion}
        return found

    def _known(self, key: str, value: Any, types: set[Any]) -> Any:
        """What a particular names, by the type that its act has for it."""
        several = isinstance(value, list)
        if Subject in types and (several or isinstance(value, str)):
            known = [self._person(key, each) for each in (value if several else [value])]
            return known if several else known[0]
        if Organ in types and isinstance(value, str):
            return self._organ(key, value)
        if Link in types and isinstance(value, list | dict):
            links = [self._link(key, each) for each in (value if several else [value])]
            return links if several else links[0]
        return _papers(value) if Document in types else self._ids(key, value)

    def _person(self, key: str, named: Any) -> Subject:
        if not isinstance(named, str) or named not in self.people:
            raise _Misnamed(key, named)
        return self.subject(named)

    def _link(self, key: str, told: Any) -> Any:
        to = told.get("to") if isinstance(told, dict) else None
        if not isinstance(told, dict) or to not in self.matters.keys() | {CASE}:
            raise _Misnamed(key, to or told)
        other = self.matters.get(to)
        kind = other.kind if other else ToleranceCase.kind
        number = other.number if other else self.case_number
        return {"kind": kind, "number": number, "relation": told.get("relation")}

    def _ids(self, key: str, value: Any) -> Any:
        if key in NAMING_PEOPLE and isinstance(value, list):
            return [self._ids("subject", each) for each in value]
        return self.subject_id(value) if key == "subject" and isinstance(value, str) else value

    def _organ(self, key: str, named: object) -> Organ:
        if not isinstance(named, str) or named not in self.organs:
            raise _Misnamed(key, named)
        return self.organs[named].organ(named)

    def _subjects(self, told: ActTold) -> Any:
        """Those of an opening; whatever is no list is passed on, to be refused."""
        named = told.particulars.get("subjects", [*self.people])
        if not isinstance(named, list):
            return named
        for key in named:
            if not isinstance(key, str) or key not in self.people:
                raise _Misnamed("subjects", key)
        return [self.subject(key) for key in named]

    def _applicant(self, told: ActTold) -> Applicant:
        key = told.by or self.organ
        if key in self.organs:
            kind = APPLICANTS.get(self.organs[key].kind, ApplicantKind.UNIT)
            return Applicant(id=key, kind=kind, label=self.organs[key].name)
        person = self.people[key]
        cadre = person.kind is SubjectKind.CADRE
        kind = ApplicantKind.PERSON if cadre else ApplicantKind.UNIT
        return Applicant(id=self.subject_id(key), kind=kind, label=person.label)


def _types_in(annotation: Any) -> set[Any]:
    """Every type a field's annotation is made of."""
    inner = get_args(annotation)
    return {annotation, *(found for each in inner for found in _types_in(each))}


def _papers(told: Any) -> Any:
    """A paper of a scenario has no bytes: where no digest is written, that of its label stands."""
    if isinstance(told, list):
        return [*map(_papers, told)]
    if isinstance(told, dict) and "digest" not in told:
        return {**told, "digest": sha256(str(told.get("label")).encode()).hexdigest()}
    return told


def _remedy(error: dict[str, Any]) -> str:
    if error["type"] == "value_error":
        return str(error["ctx"]["error"])
    if error["type"] in CHOICES:
        return f"只能写 {error['ctx']['expected'].replace(' or ', '、').replace(', ', '、')}"
    return REMEDIES.get(error["type"], str(error["msg"]))


def scenario_in(file: Path) -> Scenario:
    """Read one scenario; RulebookFault, naming file, line and key, when it cannot be played."""
    source = Source(file)
    scenario = source.value(Scenario)
    faults = [
        Fault(source.line(place), _told(scenario, place), remedy)
        for place, remedy in scenario.faults()
    ]
    if faults:
        raise RulebookFault(source.name, *faults)
    return scenario


def _told(scenario: Scenario, place: Place) -> str:
    """`acts.3（accept）.co_signed_by`: the key, and which act it is of."""
    match place:
        case ("acts", int(number), *rest):
            named = f"acts.{number}（{scenario.acts[number].act}）"
            return ".".join([named, *map(str, rest)])
    return ".".join(map(str, place))
