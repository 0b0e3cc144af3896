"""Decisions, reviews and duties in a few words; instruments, had their time limits differed."""

from dataclasses import replace
from datetime import date
from typing import Any

from domain.duty_acts import ExtendDuty
from domain.law.deadline_rules import DeadlineRule
from domain.law.outcomes import Outcome, Relief, Sanction
from domain.law.policy import Recipient
from domain.law.rules import Rules
from domain.people import Officer, Subject
from domain.tolerance import acts
from domain.tolerance.particulars import FactorTold, Leaning
from tests.support.examples import CDI, CHEN, History, determine, had, review

# --- instruments ------------------------------------------------------------------------------


def had_duty(rules: Rules, id_: str, **said: Any) -> Rules:
    """The same instrument, had one of its time limits said this."""
    deadlines = tuple(
        each.model_copy(update=said) if each.id == id_ else each for each in rules.policy.deadlines
    )
    return had(rules, deadlines=deadlines)


def time_limit(id_: str, opens_on: str, *met_by: str, **said: Any) -> DeadlineRule:
    """Seven working days for each subject, unless told otherwise."""
    usual = {
        "id": id_,
        "label": id_,
        "article": "第一条",
        "opens_on": opens_on,
        "met_by": met_by,
        "per": "subject",
        "amount": 7,
        "unit": "working_day",
        "roll": True,
        "qualifier": "must",
        "responsible": "承办人",
        "blocks_closing": True,
        "confirmed": True,
    }
    return DeadlineRule.model_validate(usual | said)


def with_duty(rules: Rules, id_: str, opens_on: str, *met_by: str, **said: Any) -> Rules:
    """The same instrument, had it one time limit more."""
    more = time_limit(id_, opens_on, *met_by, **said)
    return had(rules, deadlines=(*rules.policy.deadlines, more))


def under(rules: Rules, history: History) -> History:
    """The same acts, under rules they were not written for."""
    return replace(history, rules=rules)


# --- acts -------------------------------------------------------------------------------------


def found(subject: Subject = CHEN, **leans: Leaning) -> acts.ReviewSixFactors:
    """The six factors, some of which speak for tolerance or against it."""
    told = {
        name: FactorTold(finding="经研判", leans=each).model_dump() for name, each in leans.items()
    }
    usual = review(subject).model_dump()
    return acts.ReviewSixFactors.model_validate(usual | {"factors": usual["factors"] | told})


def adverse(subject: Subject = CHEN) -> acts.ReviewSixFactors:
    return found(subject, consequences=Leaning.ADVERSE)


def reduced(grades: int | None = 1, subject: Subject = CHEN, **unusual: Any) -> acts.Determine:
    """A party sanction reduced by so many grades."""
    usual = {"sanction": Sanction.PARTY, "relief": Relief.REDUCED, "grades": grades}
    return determine(subject, Outcome.MITIGATION, **(usual | unusual))


def proposal(of: acts.Determine) -> acts.ProposeDetermination:
    facts = of.model_dump(include={*acts.ProposeDetermination.model_fields})
    return acts.ProposeDetermination.model_validate(facts)


def conclude(subject: Subject = CHEN) -> acts.IssueConclusiveOpinion:
    return acts.IssueConclusiveOpinion(subject=subject.id, opinion="期满仍难以认定")


def receive(
    received_on: str, recipient: Recipient = Recipient.APPLICANT, subject: Subject = CHEN
) -> acts.RecordReceipt:
    day = date.fromisoformat(received_on)
    return acts.RecordReceipt(subject=subject.id, recipient=recipient, received_on=day)


def lodge(subject: Subject = CHEN, remedy: str = "review") -> acts.LodgeReview:
    return acts.LodgeReview(subject=subject.id, remedy=remedy, grounds="认为过重")


def admit(subject: Subject = CHEN, *panel: object) -> acts.AdmitReview:
    return acts.AdmitReview.model_validate(
        {"subject": subject.id, "panel": panel or ("复核人甲", "复核人乙")}
    )


def decide(
    result: str, conclusion: acts.Determine | None = None, subject: Subject = CHEN
) -> acts.DecideReview:
    return acts.DecideReview.model_validate(
        {
            "subject": subject.id,
            "result": result,
            "explanation": "经复核",
            "conclusion": conclusion,
        }
    )


def correct(conclusion: acts.Determine) -> acts.CorrectExOfficio:
    return acts.CorrectExOfficio(
        subject=conclusion.subject,
        by_superior=True,
        explanation="原认定有误",
        conclusion=conclusion,
    )


def revoke(subject: Subject = CHEN) -> acts.RevokeDetermination:
    return acts.RevokeDetermination.model_validate(
        {
            "subject": subject.id,
            "cause": "private_gain",
            "accountability_resumes": True,
            "explanation": "查明谋取私利",
        }
    )


def restore(scope: str, subject: Subject = CHEN) -> acts.Restore:
    return acts.Restore(subject=subject.id, scope=scope, manner="书面告知")


def reopen(*subjects: Subject) -> acts.Reopen:
    named = tuple(each.id for each in subjects or (CHEN,))
    return acts.Reopen(subjects=named, explanation="有新的事实")


def extend(duty_id: str, amount: int | None = None) -> ExtendDuty:
    return ExtendDuty(duty=duty_id, approved_by="分管领导", explanation="案情复杂", amount=amount)


REVIEWER = Officer(id="cdi-9", role="复核人员", organ=CDI.id)  # has taken no part in the case
