"""What may be asked of an accountability proceeding, in procedural order."""

from datetime import date

from pydantic import model_validator

from domain.accountability.events import (
    Change,
    EarlierAccountability,
    Responsibility,
    Screening,
    SelfCriticism,
    Spared,
    SparedFor,
)
from domain.aggregate import Act, Explained, OfSubject
from domain.people import Organ
from domain.staged import OpenMatter
from domain.values import Several, Text


class OpenAccountability(OpenMatter, name="open_accountability", label="启动问责程序"):
    """启动问责程序: its opening starts the time in which tolerance may be applied for.

    `screening_required`: the organ must consider tolerance before it decides; so it must wherever
    the instrument says so.
    """

    conduct_on: date | None = None
    handlers: tuple[str, ...] = ()
    screening_required: bool = False


class ScreenForTolerance(OfSubject, Explained, name="screen_for_tolerance", label="同步考虑容错"):
    result: Screening


class RecordAuthority(OfSubject, name="record_authority", label="登记管理权限"):
    """May come late, or be put right: the last one counts."""

    managed_by: Text
    organ: Organ


class SplitResponsibility(OfSubject, Explained, name="split_responsibility", label="划分领导责任"):
    responsibility: Responsibility


class TransferSubject(OfSubject, Explained, name="transfer_subject", label="移送对象"):
    to: Organ


class HoldAccountable(OfSubject, Explained, name="hold_accountable", label="对其问责"):
    """`earlier` is taken from the subject's own ledger, whatever the asker writes."""

    forms: Several
    measures: tuple[Text, ...] = ()
    situations: tuple[Text, ...] = ()
    mitigating: tuple[Text, ...] = ()
    aggravating: tuple[Text, ...] = ()
    earlier: tuple[EarlierAccountability, ...] = ()
    effective_on: date | None = None


class ExemptSubject(OfSubject, Explained, name="exempt_subject", label="不予或者免予问责"):
    result: Spared
    basis: SparedFor
    situations: tuple[Text, ...] = ()


class DecideAccountability(Explained, name="decide_accountability", label="作出问责决定"):
    pass


# ---- what follows a decision -------------------------------------------------------------------


class AnnounceDecision(OfSubject, name="announce_decision", label="宣布问责决定"):
    to: Text


class InformPersonnelOrgan(OfSubject, name="inform_personnel_organ", label="通报组织人事部门"):
    to: Text


class CompleteFormalities(OfSubject, name="complete_formalities", label="办毕组织手续"):
    summary: Text


class ArchiveDecision(OfSubject, name="archive_decision", label="将决定归入个人档案"):
    archive_number: Text


class SubmitSelfCriticism(OfSubject, name="submit_self_criticism", label="登记检讨"):
    way: SelfCriticism
    to: Text


class PublicizeDecision(OfSubject, name="publicize_decision", label="公开问责决定"):
    where: Text


class CloseAccountability(Act, name="close_accountability", label="了结问责事项"):
    pass


# ---- looked at again ---------------------------------------------------------------------------


class ResumeAccountability(OfSubject, Explained, name="resume_accountability", label="恢复问责"):
    pass


class ChangeDecision(OfSubject, Explained, name="change_decision", label="改变问责决定"):
    """`forms`, `measures`: those in force from now on, for `vary`."""

    result: Change
    forms: tuple[Text, ...] = ()
    measures: tuple[Text, ...] = ()

    @model_validator(mode="after")
    def _says_what_takes_its_place(self) -> "ChangeDecision":
        if bool(self.forms) != (self.result is Change.VARY):
            raise ValueError("变更的须写明新的问责方式（forms），其余不写")
        if self.measures and not self.forms:
            raise ValueError("措施（measures）只在变更时写")
        return self


class RestoreSubject(OfSubject, name="restore_subject", label="登记原范围恢复"):
    scope: Text
    manner: Text
