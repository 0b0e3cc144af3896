"""Scenario files: a life as dated acts and what is expected of it, all checked before any runs.

The same format serves tests, demonstrations and a user's own what-if; docs/scenarios.md teaches it.
"""

from collections.abc import Iterator
from datetime import date, datetime, time
from itertools import accumulate
from pathlib import Path
from typing import Annotated, Any
from uuid import NAMESPACE_URL, UUID, uuid5

from pydantic import BeforeValidator, Field, ValidationError, model_validator

from domain.accountability.proceeding import OpenAccountability
from domain.aggregate import Act
from domain.law.calendar import CHINA
from domain.law.policy import ApplicantKind
from domain.obligations import State
from domain.people import Officer, Organ, OrganKind, OrganLevel, Subject, SubjectKind
from domain.refusals import Code
from domain.tolerance.acts import ACTS, Opening, SubmitApplication
from domain.tolerance.events import Applicant, Matter
from domain.values import Value
from gateway.files import REMEDIES, read_file

OPEN_ACCOUNTABILITY = "open_accountability"
ACTS_BY_NAME: dict[str, type[Act]] = {act.name: act for act in ACTS}
OFFICE_HOUR = time(10)  # when an act is taken unless the scenario says otherwise
APPLICANTS = {OrganKind.PARTY_COMMITTEE: ApplicantKind.PARTY_COMMITTEE}


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
    if isinstance(told, int):  # YAML reads 16:30 as 990, which would be 00:16:30
        raise ValueError('时刻请加引号，如 "16:30"')  # noqa: TRY004 (pydantic hears ValueError)
    return time.fromisoformat(told) if isinstance(told, str) else told


class ActTold(Value):
    """One act: `particulars` are whatever else the scenario wrote for it."""

    on: date
    at: Annotated[time | None, BeforeValidator(_clock_time)] = None
    act: str
    by: str | None = None
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
        if self.act != OPEN_ACCOUNTABILITY and self.act not in ACTS_BY_NAME:
            raise ValueError(f"没有名为 {self.act} 的行为，行为名见 rongcuo policy acts")
        return self

    @property
    def opens_a_case(self) -> bool:
        return self.act in ACTS_BY_NAME and issubclass(ACTS_BY_NAME[self.act], Opening)

    @property
    def instant(self) -> datetime:
        return datetime.combine(self.on, self.at or OFFICE_HOUR, CHINA)


class DutyExpected(Value):
    """At least one duty must show all that is written here."""

    rule: str
    subject: str | None = None
    due_on: date | None = None
    state: State | None = None
    provisional: bool | None = None
    closed_on: date | None = None


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
    subjects: dict[str, str | None] = Field(default_factory=dict)
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

    @model_validator(mode="after")
    def _keys_agree(self) -> "Scenario":
        if self.organ not in self.organs:
            raise ValueError(f"organ: {self.organ} 不在 organs 里")
        known = self.organs.keys() | self.people.keys()
        for number, act in enumerate(self.acts):
            if act.by is not None and act.by not in known:
                raise ValueError(f"acts.{number}.by: {act.by} 不在 organs 或 people 里")
        for number, act in enumerate(self.acts):
            self._require_playable(number, act)
        for earlier, later in zip(self.acts, self.acts[1:], strict=False):
            if later.instant < earlier.instant and later.expect is None:
                raise ValueError(f"acts 须按日期先后写：{later.on} 写在了 {earlier.on} 之后")
        return self

    def _require_playable(self, number: int, told: ActTold) -> None:
        nobody = Matter(
            id=UUID(int=0),
            number="",
            opened_on=told.on,
            organ=self.organs[self.organ].organ(self.organ),
        )
        try:
            if told.act == OPEN_ACCOUNTABILITY:
                self.proceeding(told)
            else:
                self.act(told, nobody)
        except KeyError as fault:
            raise ValueError(
                f"acts.{number}（{told.act}）：{fault} 不在 organs 或 people 里"
            ) from None
        except TypeError:
            raise ValueError(
                f"acts.{number}（{told.act}）：subject 写一个键，subjects 写成列表"
            ) from None
        except ValidationError as fault:
            first = fault.errors()[0]
            key = ".".join(map(str, first["loc"]))
            remedy = REMEDIES.get(first["type"], first["msg"])
            raise ValueError(f"acts.{number}（{told.act}）.{key}：{remedy}") from None

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
        if act.by in self.organs:
            return Officer(id=f"{act.by}-1", role="经办人", organ=act.by)
        if act.by in self.people:
            return Officer(id=self.subject_id(act.by), role="本人", organ="")
        return Officer(id=f"{self.organ}-1", role="承办人", organ=self.organ)

    def accountability_number(self, told: ActTold) -> str:
        number: str = told.particulars.get("matter", f"{self.case_number}所涉问责事项")
        return number

    def proceeding(self, told: ActTold) -> OpenAccountability:
        """The opening of the proceeding in which this case's tolerance is asked for."""
        organ = told.particulars.get("organ", self.organ)
        return OpenAccountability(
            number=self.accountability_number(told),
            organ=self.organs[organ].organ(organ),
            subjects=self._subjects(told),
        )

    def act(self, told: ActTold, matter: Matter | None = None) -> Act:
        """The act as the domain knows it: people by their ids, an opening with its matter.

        Raises pydantic's ValidationError when its particulars do not fit.
        """
        kind, particulars = ACTS_BY_NAME[told.act], dict(told.particulars)
        if "subject" in particulars:
            particulars["subject"] = self.subject_id(particulars["subject"])
        if told.opens_a_case:
            particulars.pop("matter", None)
            particulars |= {
                "case_number": self.case_number,
                "organ": self.organs[self.organ].organ(self.organ),
                "matter": matter,
                "subjects": self._subjects(told),
            }
        if kind is SubmitApplication:
            particulars["applicant"] = self._applicant(told)
        return kind.model_validate(particulars)

    def _subjects(self, told: ActTold) -> tuple[Subject, ...]:
        return tuple(self.subject(key) for key in told.particulars.get("subjects", self.people))

    def _applicant(self, told: ActTold) -> Applicant:
        key = told.by or self.organ
        if key in self.organs:
            kind = APPLICANTS.get(self.organs[key].kind, ApplicantKind.UNIT)
            return Applicant(id=key, kind=kind, label=self.organs[key].name)
        person = self.people[key]
        cadre = person.kind is SubjectKind.CADRE
        kind = ApplicantKind.PERSON if cadre else ApplicantKind.UNIT
        return Applicant(id=self.subject_id(key), kind=kind, label=person.label)


def scenario_in(file: Path) -> Scenario:
    """Read one scenario; RulebookFault, naming file and key, when it cannot be played."""
    return read_file(file, Scenario)
