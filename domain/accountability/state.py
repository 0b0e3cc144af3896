"""The accountability proceeding as its events leave it, subject by subject."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from uuid import UUID

from domain.accountability import events
from domain.accountability.events import Change, Screening
from domain.accountability.instrument import AccountabilityInstrument
from domain.aggregate import Act, Event
from domain.guards import refuse_done
from domain.law.time_limits import TimeLimits
from domain.people import Subject
from domain.refusals import Code, Refusal
from domain.staged import StagedMatter

Rules = TimeLimits[AccountabilityInstrument]
Decision = events.SubjectHeldAccountable | events.SubjectNotHeld
NAMING = (events.SubjectHeldAccountable, events.SubjectNotHeld, events.AccountabilityResumed)


class Stage(StrEnum):
    OPEN = "open"  # 办理中
    DECIDED = "decided"  # 已作决定
    CLOSED = "closed"  # 已了结


@dataclass
class SubjectFile:
    """What concerns one subject.

    `decision` is the one in effect, `forms` and `measures` what it comes to since it was changed.
    """

    authority: events.AuthorityRecorded | None = None
    responsibility: events.Responsibility | None = None
    transferred_on: date | None = None
    resumed: bool = False  # tolerance was revoked, and nothing decided since
    revoked: bool = False  # the decision was, and nothing decided since
    decision: Decision | None = None
    forms: tuple[str, ...] = ()
    measures: tuple[str, ...] = ()
    told: list[str] = field(default_factory=list)  # where the decision is known
    followed: dict[tuple[str, ...], date] = field(default_factory=dict)  # what was done on it
    to_restore: tuple[str, ...] = ()

    def put(
        self,
        decision: Decision | None,
        forms: tuple[str, ...] = (),
        measures: tuple[str, ...] = (),
        *,
        resumed: bool = False,
        revoked: bool = False,
    ) -> None:
        """Another decision, or none: nothing has been done on it yet."""
        self.decision, self.forms, self.measures = decision, forms, measures
        self.resumed, self.revoked = resumed, revoked
        self.told, self.followed = [], {}


class ProceedingState(StagedMatter):
    def __init__(self, id: UUID) -> None:
        super().__init__(id)
        self.policy = "accountability_generic.1"  # of proceedings opened before they had one
        self.opened: events.AccountabilityOpened | None = None
        self.screened: dict[str, Screening] = {}
        self.decided_on: date | None = None
        self.referred: dict[str, str] = {}  # subject → number of the open tolerance case
        self.answered: set[str] = set()  # subjects with a tolerance case that is over
        self.files: dict[str, SubjectFile] = {}
        self.naming = False  # something was decided about one subject by name

    @property
    def subjects(self) -> dict[str, Subject]:
        """As they came, with the committee found since to manage them."""
        return {id_: self._as_managed(each) for id_, each in super().subjects.items()}

    @property
    def is_open(self) -> bool:
        """A decision that names nobody leaves nothing to be done."""
        return super().is_open and (self.stage is Stage.OPEN or self.naming)

    @property
    def undecided(self) -> list[str]:
        """Subjects about whom this organ still has to decide."""
        return [
            id_
            for id_, file in self.files.items()
            if file.decision is None and file.transferred_on is None
        ]

    def labels(self, subjects: list[str]) -> str:
        return "、".join(self.subjects[each].label for each in subjects)

    # ---- questions -----------------------------------------------------------------------------

    def file_of(self, act: Act, subject: str) -> SubjectFile:
        self.require_subject(act, subject)
        return self.files[subject]

    def require_held(self, act: Act, subject: str) -> SubjectFile:
        """They are held to account, and that decision is in effect."""
        file = self.file_of(act, subject)
        if not isinstance(file.decision, events.SubjectHeldAccountable):
            self._refuse_undecided(act, subject, "没有在效的问责决定")
        return file

    def require_decided(self, act: Act, subject: str) -> SubjectFile:
        """Something was decided about them, held to account or not."""
        file = self.file_of(act, subject)
        if file.decision is None:
            self._refuse_undecided(act, subject, "没有逐人作出决定")
        return file

    def require_first(self, act: Act, kind: type[Event], subject: str, *about: str) -> None:
        """Once for each decision, and for each that it is done with."""
        done_on = self.files[subject].followed.get((kind.name(), *about))
        if done_on is not None:
            refuse_done(act, kind, done_on)

    def _refuse_undecided(self, act: Act, subject: str, lacking: str) -> None:
        raise Refusal(
            Code.NOT_DETERMINED,
            asked=act.label,
            obstacle=f"对{self.subjects[subject].label}{lacking}",
            way_out="请先作出问责，或者不予、免予问责的决定",
        )

    # ---- the state table -----------------------------------------------------------------------

    def learn(self, event: Event) -> None:  # noqa: C901, PLR0912 (the state table)
        if isinstance(event, NAMING):
            self.naming = True
        match event:
            case events.AccountabilityOpened(subjects=subjects, handlers=handlers):
                self.files = {each.id: SubjectFile() for each in subjects}
                self.handlers.update(handlers)
            case events.ToleranceScreened(subject=subject, result=result):
                self.screened[subject] = result
            case events.AccountabilityDecided():
                self.decided_on = event.on
            case events.ToleranceReferred(case_number=number, subjects=named):
                self.referred |= dict.fromkeys(named, number)
            case events.ToleranceReturned(case_number=over):
                self.answered |= {s for s, number in self.referred.items() if number == over}
                self.referred = {s: number for s, number in self.referred.items() if number != over}
            case events.AuthorityRecorded(subject=subject):
                self.files[subject].authority = event
            case events.ResponsibilitySplit(subject=subject, responsibility=responsibility):
                self.files[subject].responsibility = responsibility
            case events.SubjectTransferred(subject=subject):
                self.files[subject].transferred_on = event.on
            case events.SubjectHeldAccountable(subject=subject):
                self.files[subject].put(event, event.forms, event.measures)
            case events.SubjectNotHeld(subject=subject):
                self.files[subject].put(event)
            case events.AccountabilityResumed(subject=subject):
                self.files[subject].put(None, resumed=True)
            case events.DecisionChanged(subject=subject) if event.result is not Change.UPHOLD:
                file = self.files[subject]
                revoked = event.result is Change.REVOKE
                stands = None if revoked else file.decision
                file.put(stands, event.forms, event.measures, revoked=revoked)
                file.to_restore = (*file.to_restore, *event.restore_in)
            case events.SubjectRestored(subject=subject, remaining=remaining):
                self.files[subject].to_restore = remaining
            case events.DecisionAnnounced(subject=subject, to=to):
                self._follow_up(event, subject, to)
                self.files[subject].told.append(to)
            case events.DecisionPublicized(subject=subject, where=where):
                self._follow_up(event, subject, where)
                self.files[subject].told.append(where)
            case events.PersonnelOrganInformed(subject=subject, to=to):
                self._follow_up(event, subject, to)
                self.files[subject].told.append(to)
            case events.SelfCriticismMade(subject=subject, way=way):
                self._follow_up(event, subject, way)
            case events.FormalitiesCompleted() | events.DecisionArchived():
                self._follow_up(event, event.subject)

    def _follow_up(self, event: Event, subject: str, *about: str) -> None:
        self.files[subject].followed[(event.name(), *about)] = event.on

    def _as_managed(self, subject: Subject) -> Subject:
        file = self.files.get(subject.id)
        if file is None or file.authority is None:
            return subject
        return subject.model_copy(update={"managed_by": file.authority.managed_by})
