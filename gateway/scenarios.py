"""Scenario files: a life as dated acts and what is expected of it, all checked before any runs.

The same format serves tests, demonstrations and a user's own what-if; docs/scenarios.md teaches it.
"""

from collections.abc import Iterator
from datetime import date, datetime, time
from hashlib import sha256
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Annotated, Any
from uuid import NAMESPACE_URL, UUID, uuid5

from pydantic import BeforeValidator, Field, NonNegativeInt, ValidationError, model_validator

from domain.accountability import proceeding
from domain.aggregate import Act
from domain.law.calendar import CHINA
from domain.law.policy import ApplicantKind
from domain.obligations import State
from domain.people import Officer, Organ, OrganKind, OrganLevel, Subject, SubjectKind
from domain.refusals import Code
from domain.tolerance.acts import (
    ACTS,
    AttachApplication,
    CompleteApplication,
    Opening,
    SubmitApplication,
    Transfer,
)
from domain.tolerance.particulars import Applicant, Matter
from domain.tolerance.state import Standing
from domain.values import Value
from gateway.files import CHOICES, REMEDIES, Fault, Place, RulebookFault, Source

ON_PROCEEDING: dict[str, type[Act]] = {act.name: act for act in proceeding.ACTS}
ACTS_BY_NAME: dict[str, type[Act]] = {act.name: act for act in ACTS}
OFFICE_HOUR = time(10)  # when an act is taken unless the scenario says otherwise
NAMING_PEOPLE = {"changes", "subjects"}
NAMING_PAPERS = {"document", "documents"}
APPLICANTS = {OrganKind.PARTY_COMMITTEE: ApplicantKind.PARTY_COMMITTEE}


class _Misnamed(Exception):  # noqa: N818 (a fault in a file, not an error of ours)
    """A particular names nobody the scenario knows."""

    def __init__(self, key: str, named: object) -> None:
        self.key = key
        self.remedy = f"{named!r} 不在 organs 或 people 里"
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
        if self.act not in ON_PROCEEDING and self.act not in ACTS_BY_NAME:
            raise ValueError(f"没有名为 {self.act} 的行为，行为名见 rongcuo policy acts")
        if self.entered_on is not None and self.entered_on < self.on:
            raise ValueError("补录之日（entered_on）不早于行为之日（on）")
        return self

    @property
    def opens_a_case(self) -> bool:
        return self.act in ACTS_BY_NAME and issubclass(ACTS_BY_NAME[self.act], Opening)

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


class Expected(Value):
    stage: str | None = None
    track: str | None = None
    policy: str | None = None
    organ: str | None = None  # who handles the case in the end
    subjects: dict[str, str | None] = Field(default_factory=dict)
    standings: dict[str, Standing] = Field(default_factory=dict)
    duties: tuple[DutyExpected, ...] = ()
    events: tuple[str, ...] | Contains | None = None  # official acts, in order
    timers: TimersExpected | None = None
    statistics: StatisticsExpected | None = None


class Scenario(Value):
    title: str
    policy: str
    source: str  # a seed, or: synthetic
    note: str | None = None  # what the source does not give and we made up
    case_number: str
    organ: str  # who handles the case: a key of `organs`
    organs: dict[str, OrganTold]
    people: dict[str, PersonTold]
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
        nobody = Matter(
            id=UUID(int=0),
            number="",
            opened_on=told.on,
            organ=self.organs[self.organ].organ(self.organ),
        )
        try:
            if told.act in ON_PROCEEDING:
                self.on_proceeding(told)
            else:
                self.act(told, nobody)
        except _Misnamed as fault:
            yield (fault.key,), fault.remedy
        except ValidationError as fault:
            yield from ((each["loc"], _remedy(dict(each))) for each in fault.errors())

    def _faults_of_expectation(self) -> Iterator[tuple[Place, str]]:
        named = [
            *((("subjects", key), key) for key in self.expect.subjects),
            *((("standings", key), key) for key in self.expect.standings),
            *(
                (("duties", number, "subject"), duty.subject)
                for number, duty in enumerate(self.expect.duties)
                if duty.subject is not None
            ),
        ]
        for place, key in named:
            if key not in self.people:
                yield ("expect", *place), f"{key} 不在 people 里"

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

    def accountability_number(self, told: ActTold) -> str:
        return str(told.particulars.get("matter", f"{self.case_number}所涉问责事项"))

    def on_proceeding(self, told: ActTold) -> Act:
        """An act on the proceeding in which this case's tolerance is asked for.

        Raises pydantic's ValidationError when its particulars do not fit.
        """
        particulars = self._with_ids(told)
        particulars.pop("matter", None)
        if told.act == proceeding.OpenAccountability.name:
            particulars |= {
                "number": self.accountability_number(told),
                "organ": self._organ("organ", particulars.get("organ", self.organ)),
                "subjects": self._subjects(told),
            }
        return ON_PROCEEDING[told.act].model_validate(particulars)

    def act(self, told: ActTold, matter: Matter | None = None) -> Act:
        """The act as the domain knows it: people by their ids, an opening with its matter.

        Raises pydantic's ValidationError when its particulars do not fit.
        """
        kind, particulars = ACTS_BY_NAME[told.act], self._with_ids(told)
        if told.opens_a_case:
            particulars.pop("matter", None)
            particulars |= {
                "case_number": self.case_number,
                "organ": self._organ("organ", self.organ),
                "matter": matter,
                "subjects": self._subjects(told),
            }
        takes_over = kind is CompleteApplication and particulars.pop("takes_over", False)
        if takes_over or kind in (SubmitApplication, AttachApplication):
            particulars["applicant"] = self._applicant(told)
        if kind is Transfer and isinstance(particulars.get("to"), str):
            particulars["to"] = self._organ("to", particulars["to"])
        return kind.model_validate(particulars)

    def _with_ids(self, told: ActTold) -> dict[str, Any]:
        """The particulars with people and papers as the domain knows them."""
        found = {
            key: _papers(value) if key in NAMING_PAPERS else self._ids(key, value)
            for key, value in told.particulars.items()
        }
        if isinstance(found.get("conclusion"), dict):  # of the act's own subject unless written
            conclusion = {key: self._ids(key, each) for key, each in found["conclusion"].items()}
            if "organ" in conclusion:
                conclusion["organ"] = self._organ("conclusion.organ", conclusion["organ"])
            found["conclusion"] = {"subject": found.get("subject"), **conclusion}
        return found

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
