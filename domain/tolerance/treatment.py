"""How a case would go on under one set of rules: told part by part, so that two can be compared."""

from collections.abc import Iterator
from dataclasses import dataclass

from domain.law.outcomes import Outcome
from domain.law.rules import Rules
from domain.tolerance.decision import steps_to_take
from domain.tolerance.state import CaseState, Stage, SubjectFile

CALLED = {Outcome.EXEMPTION: "免责", Outcome.MITIGATION: "减责"}
CAN = "可以"


@dataclass(frozen=True)
class Part:
    """One question about the case, and how these rules answer it."""

    where: str
    told: str
    article: str | None = None


def treatment(case: CaseState, rules: Rules) -> dict[str, Part]:
    """Everything the rules would decide differently if they were others."""
    parts = (*_acceptance(case, rules), *_steps(case, rules), *_findings(case, rules))
    return {part.where: part for part in (*parts, *_duties(case, rules))}


def _acceptance(case: CaseState, rules: Rules) -> Iterator[Part]:
    if case.stage not in (Stage.APPLIED, Stage.RETURNED) or case.applicant is None:
        return
    if case.applied_on is None or case.matter is None:
        return
    bars = rules.bars_to_application(
        applicant=case.applicant.kind,
        applied_on=case.applied_on,
        accountability_opened_on=case.matter.opened_on,
        accountability_decided_on=case.matter.decided_on,
    )
    yield Part(
        "受理",
        "；".join(bar.because for bar in bars) or CAN,
        next((bar.article for bar in bars), None),
    )


def _steps(case: CaseState, rules: Rules) -> Iterator[Part]:
    undecided = [file for file in case.files.values() if not file.final]
    missing = dict.fromkeys(
        step.label for file in undecided for step in steps_to_take(case, file, rules)
    )
    yield Part("认定前还须办的步骤", "、".join(missing) or "无")
    papers = [each.label for each in rules.policy.documents if each.id not in case.documents]
    yield Part("还缺的材料", "、".join(papers) or "无")


def _findings(case: CaseState, rules: Rules) -> Iterator[Part]:
    for file in case.files.values():
        if file.final:
            continue
        known = {item.id for item in rules.policy.items() if item.label}
        unanswered = sorted(known - set(file.answers or {}))
        who = file.subject.label
        if file.answers is not None:
            yield Part(f"{who}·还须对照的条目", "、".join(unanswered) or "无")
            for outcome in CALLED:
                yield _outcome(file, outcome, rules)
        if file.proposal is not None:
            needed = rules.approvals(
                file.subject, file.proposal.outcome, file.proposal.treatments()
            )
            yield Part(
                f"{who}·须经的批准", "、".join(each.by or each.id for each in needed) or "无"
            )


def _outcome(file: SubjectFile, outcome: Outcome, rules: Rules) -> Part:
    answers = file.answers or {}
    where = f"{file.subject.label}·容错{CALLED[outcome]}"
    excluded = rules.excluded_by(answers)
    if excluded:
        told = "、".join(each.id for each in excluded)
        return Part(where, f"不能：属不予容错情形 {told}", excluded[0].article)
    unmet = rules.unmet(answers, outcome)
    if unmet:
        return Part(where, "不能：条件不具备", unmet[0].article)
    unsettled = rules.unsettled_exclusions(answers)
    if unsettled:
        told = "、".join(each.id for each in unsettled)
        return Part(where, f"暂不能：{told} 尚未查清", unsettled[0].article)
    repeated = rules.policy.repeated_error
    if repeated is not None and file.repeated_error:
        return Part(where, "不能：同一错误再次发生", repeated.article)
    alone = rules.rests_on_catch_all(answers, ())
    if alone and rules.policy.catch_all == "collegial_review":
        return Part(where, f"{CAN}，须先集体会商")
    return Part(where, CAN)


def _duties(case: CaseState, rules: Rules) -> Iterator[Part]:
    """Open duties counted anew from their first day."""
    named = {rule.id: rule for rule in rules.policy.deadlines}
    for standing in case.obligations.live():
        duty = standing.obligation
        who = f"（{case.files[duty.subject].subject.label}）" if duty.subject in case.files else ""
        where = f"期限·{duty.label}{who}"
        rule = named.get(duty.rule)
        if rule is None:
            yield Part(where, "没有这项期限", None)
            continue
        again = rules.obligation(
            rule, id=duty.id, subject=duty.subject, start=standing.first_start, organ=duty.organ
        )
        told = f"{again.due_on} 届满" if again.due_on else "没有届满之日"
        yield Part(where, f"{told}（{rule.responsible}）", rule.article)
