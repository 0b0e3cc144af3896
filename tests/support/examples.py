"""Usual officers, organs, subjects and acts, so that a test states only what it is about."""

from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

from domain.accountability.proceeding import proceeding_id
from domain.aggregate import Act
from domain.law.outcomes import Outcome, Relief, Sanction
from domain.law.policy import ApplicantKind, Recipient, Step
from domain.law.rules import Rules
from domain.law.situations import Role
from domain.papers import Document
from domain.people import Officer, Organ, OrganKind, OrganLevel, Subject, SubjectKind
from domain.tolerance import acts
from domain.tolerance.particulars import (
    Applicant,
    DeclineReason,
    MatterAnswered,
    Rectification,
    SixFactors,
)
from domain.tolerance.state import case_id
from gateway.rulebook import Rulebook

RULEBOOK = Rulebook.packaged()
HUBEI, WUYANG, YOUXIAN = map(RULEBOOK, ("hubei_2022.1", "wuyang_2017.1", "youxian_2017.1"))
GENERIC, JINGMEN = map(RULEBOOK, ("generic.1", "jingmen.1"))
PACKS = {"hubei": HUBEI, "wuyang": WUYANG, "youxian": YOUXIAN}

CASE = case_id("试〔2026〕1号")
CDI = Organ(
    id="cdi", name="某县纪委监委", kind=OrganKind.DISCIPLINE, level=OrganLevel.COUNTY, region="42"
)
INSPECTOR = Organ(  # 责任追究机关
    id="inspector", name="某巡察办", kind=OrganKind.OTHER, level=OrganLevel.COUNTY, region="42"
)
CLERK = Officer(id="cdi-1", role="承办人", organ=CDI.id)


def cadre(id: str, label: str, managed_by: str | None = None) -> Subject:
    return Subject(
        id=id, kind=SubjectKind.CADRE, label=label, region="42", unit="某局", managed_by=managed_by
    )


CHEN = cadre("p-4f1c", "陈某", managed_by="区委")  # 区管干部
ZHAO = cadre("p-77ab", "赵某")
QIAN = cadre("p-e093", "钱某")
NOBODY = "p-0000"


@dataclass(frozen=True)
class History:
    """Acts and their days, under the rules of one instrument."""

    rules: Rules
    steps: tuple[tuple[str, Act], ...] = ()

    def on(self, day: str, *more: Act) -> "History":
        return replace(self, steps=(*self.steps, *((day, act) for act in more)))


# --- acts with their usual particulars --------------------------------------------------------


def matter(opened_on: str = "2026-03-02", **unusual: Any) -> MatterAnswered:
    number = "某问责〔2026〕1号"
    usual = {
        "id": proceeding_id(number),
        "number": number,
        "opened_on": opened_on,
        "organ": INSPECTOR,
    }
    return MatterAnswered.model_validate(usual | unusual)


def paper(kind: str, label: str = "书面材料") -> Document:
    return Document(kind=kind, label=label, digest=sha256(label.encode()).hexdigest())


def application(rules: Rules, *subjects: Subject, **unusual: Any) -> acts.SubmitApplication:
    usual = {
        "case_number": "试〔2026〕1号",
        "organ": CDI,
        "matter": matter(),
        "subjects": subjects or (CHEN,),
        "applicant": Applicant(id="a", kind=rules.policy.application.by[-1], label="某局"),
        "documents": tuple(paper(each.id) for each in rules.policy.documents),
    }
    return acts.SubmitApplication.model_validate(usual | unusual)


def start_ex_officio(*subjects: Subject) -> acts.StartExOfficio:
    return acts.StartExOfficio(
        case_number="试〔2026〕1号", organ=CDI, matter=matter(), subjects=subjects or (CHEN,)
    )


def attach() -> acts.AttachApplication:
    return acts.AttachApplication(applicant=PERSON)


def join() -> acts.JoinExOfficio:
    return acts.JoinExOfficio(explanation="机关同步考虑")


def send_back() -> acts.ReturnForCompletion:
    return acts.ReturnForCompletion(missing=("书面申请",))


def withdraw() -> acts.WithdrawApplication:
    return acts.WithdrawApplication(explanation="本人不再申请")


def go_on() -> acts.ContinueExOfficio:
    return acts.ContinueExOfficio(explanation="机关认为仍应考虑")


def suspend() -> acts.Suspend:
    return acts.Suspend(explanation="等待司法鉴定")


def resume() -> acts.Resume:
    return acts.Resume(explanation="鉴定已经作出")


def accept() -> acts.Accept:
    return acts.Accept(co_signed_by=(INSPECTOR.id,))


def open_verification(*team: Any) -> acts.OpenVerification:
    return acts.OpenVerification.model_validate({"team": team or ("承办人甲", "承办人乙")})


def review(subject: Subject = CHEN) -> acts.ReviewSixFactors:
    factors = SixFactors(
        nature="程序瑕疵",
        basis="有据可循",
        motive="出于公心",
        decision_process="集体研究",
        consequences="未造成损失",
        corrective_attitude="主动整改",
    )
    return acts.ReviewSixFactors(subject=subject.id, factors=factors)


def check(rules: Rules, subject: Subject = CHEN, **unusual: bool | None) -> acts.CheckList:
    """Every positive item holds and no negative one; `WY_C1=None` to say otherwise of WY-C1."""
    usual = {
        item.id: each.role is not Role.EXCLUDING
        for each in rules.policy.lists
        for item in each.items
        if item.label
    }
    found = {key.replace("_", "-"): answer for key, answer in unusual.items()}
    return acts.CheckList(subject=subject.id, answers=usual | found)


def report() -> acts.ReportVerification:
    return acts.ReportVerification(summary="程序有瑕疵，未见谋私")


def opinion() -> acts.RecordOpinion:
    return acts.RecordOpinion(organ="组织部", opinion="同意")


def open_notice() -> acts.OpenPublicNotice:
    return acts.OpenPublicNotice(scope="某局机关")


def objection(**unusual: Any) -> acts.RaiseObjection:
    return acts.RaiseObjection.model_validate({"content": "认为另有责任"} | unusual)


def resolve(number: int = 1, **unusual: Any) -> acts.ResolveObjection:
    usual = {"objection": number, "resolution": "rejected", "explanation": "经查与本事项无关"}
    return acts.ResolveObjection.model_validate(usual | unusual)


def restart(subject: Subject = CHEN) -> acts.RestartPublicNotice:
    return acts.RestartPublicNotice(subject=subject.id, scope="某局机关")


def defer(subject: Subject = CHEN) -> acts.DeferDetermination:
    return acts.DeferDetermination(subject=subject.id, explanation="尚待查清")


def determine(
    subject: Subject = CHEN, outcome: Outcome = Outcome.EXEMPTION, **unusual: Any
) -> acts.Determine:
    """An outcome with the sanction and relief that every instrument allows for it."""
    reliefs = {Outcome.EXEMPTION: Relief.WAIVED, Outcome.MITIGATION: Relief.LIGHTER}
    usual = {
        "subject": subject.id,
        "outcome": outcome,
        "sanction": Sanction.ORGANIZATIONAL,
        "relief": reliefs.get(outcome),
        "explanation": "出于公心，未造成严重后果",
        "rectification": Rectification(items=("完善程序",), by="某局"),
    }
    return acts.Determine.model_validate(usual | unusual)


def notify(
    subject: Subject = CHEN, recipient: Recipient = Recipient.APPLICANT
) -> acts.NotifyResult:
    return acts.NotifyResult(subject=subject.id, recipient=recipient)


def file(subject: Subject = CHEN) -> acts.FileDetermination:
    return acts.FileDetermination(subject=subject.id, filed_with="县委")


def rectified(subject: Subject = CHEN) -> acts.CompleteRectification:
    return acts.CompleteRectification(subject=subject.id, summary="程序已经完善")


def visit(subject: Subject = CHEN) -> acts.HoldFollowUpVisit:
    return acts.HoldFollowUpVisit(subject=subject.id, visitors=("回访人甲",), summary="工作正常")


# --- histories --------------------------------------------------------------------------------


def applied(rules: Rules, *subjects: Subject, on: str = "2026-03-04", **unusual: Any) -> History:
    return History(rules).on(on, application(rules, *subjects, **unusual))


def accepted(rules: Rules, *subjects: Subject) -> History:
    return applied(rules, *subjects).on("2026-03-06", accept())


def verifying(rules: Rules, *subjects: Subject) -> History:
    return accepted(rules, *subjects).on("2026-03-09", open_verification())


def checked(rules: Rules, *subjects: Subject, **answers: bool | None) -> History:
    """Every subject reviewed and held against the lists; the report is still to come."""
    each = [(review(one), check(rules, one, **answers)) for one in subjects or (CHEN,)]
    return verifying(rules, *subjects).on("2026-03-10", *(act for two in each for act in two))


def verified(rules: Rules, *subjects: Subject, **answers: bool | None) -> History:
    """Ready to be determined: with the opinions, where the instrument wants them."""
    asked = [opinion()] if any(each.step is Step.OPINIONS for each in rules.policy.steps) else []
    return checked(rules, *subjects, **answers).on("2026-03-11", report(), *asked)


def on_notice(rules: Rules, *subjects: Subject) -> History:
    """The notice runs from the eve of 劳动节, over a make-up Saturday, to 2026-05-11."""
    return verified(rules, *subjects).on("2026-04-28", open_notice())


def determined(rules: Rules, *subjects: Subject, outcome: Outcome = Outcome.EXEMPTION) -> History:
    every = (determine(one, outcome) for one in subjects or (CHEN,))
    return verified(rules, *subjects).on("2026-03-12", *every)


def closed(rules: Rules) -> History:
    told = (notify(recipient=each) for each in Recipient)
    return determined(rules).on("2026-03-13", *told, file(), acts.Close())


# --- what several tests say in the same words --------------------------------------------------

EXEMPTION, MITIGATION, NO_TOLERANCE = Outcome
PERSON = Applicant(id=CHEN.id, kind=ApplicantKind.PERSON, label=CHEN.label)
DECLINE = acts.Decline(because=DeclineReason.LATE, explanation="已过申请期限")
CONSULT = acts.HoldConsultation(organs=("组织部", "财政局"), conclusion="一致同意")
CLOSE_NOTICE = acts.ClosePublicNotice()
CLOSE = acts.Close()

NOTICE_WITH_OBJECTION = on_notice(YOUXIAN).on("2026-04-29", objection())


def had(rules: Rules, **terms: Any) -> Rules:
    """The same instrument, had it said otherwise in these points."""
    return Rules(rules.policy.model_copy(update=terms), rules.calendar)


def requiring(rules: Rules, step: Step) -> Rules:
    """The same instrument, had it made a step it only allows obligatory."""
    steps = tuple(
        each.model_copy(update={"required": each.required or each.step is step})
        for each in rules.policy.steps
    )
    return had(rules, steps=steps)
