"""What any act may be asked first: stage, order, subject, list; each passes or is refused."""

from collections.abc import Iterable
from typing import NoReturn

from domain.aggregate import Act, Event
from domain.guards import cited, refuse_done
from domain.law.policy import Step
from domain.law.rules import Rules
from domain.papers import Document
from domain.refusals import Code, Refusal
from domain.tolerance import events
from domain.tolerance.state import STAGES, CaseState, Stage, SubjectFile

DELIBERATING = (Stage.VERIFYING, Stage.VERIFIED, Stage.ON_NOTICE, Stage.NOTICED)
DECIDING = (Stage.VERIFIED, Stage.ON_NOTICE, Stage.NOTICED)
UNDECIDED = (Stage.APPLIED, Stage.RETURNED, Stage.ACCEPTED, *DELIBERATING)


def articles(rules: Rules, step: Step) -> tuple[str, ...]:
    """The article of a step, where the source gives one."""
    return cited(rules.policy.article_of(step))


def require_stage(case: CaseState, act: Act, *stages: Stage) -> None:
    if case.stage in stages:
        return
    if case.stage is None:
        raise Refusal(
            Code.CASE_NOT_FOUND,
            asked=act.label,
            obstacle="没有这件案件",
            way_out="请核对案号；尚未立案号的，请先提出申请",
        )
    called, way_out = STAGES[case.stage]
    wanted = "、".join(f"「{STAGES[each][0]}」" for each in stages)
    raise Refusal(
        Code.OUT_OF_STAGE,
        asked=act.label,
        obstacle=f"本案处于「{called}」环节，须处于{wanted}",
        way_out=way_out,
    )


def require_not_done(case: CaseState, act: Act, kind: type[Event], *particulars: str) -> None:
    done_on = case.done.get((kind.name(), *particulars))
    if done_on is not None:
        refuse_done(act, kind, done_on)


def file_of(case: CaseState, act: Act, subject: str) -> SubjectFile:
    """The file of one subject; refused when the case does not concern them."""
    if subject in case.files:
        return case.files[subject]
    known = "、".join(case.files)
    raise Refusal(
        Code.UNKNOWN_SUBJECT,
        asked=act.label,
        obstacle=f"{subject} 不是本案的对象",
        way_out=f"本案对象为 {known}" if known else "请核对案号",
    )


def determination_of(case: CaseState, act: Act, subject: str) -> events.SubjectDetermined:
    """What is in effect of one subject; refused when nothing is."""
    file = file_of(case, act, subject)
    if file.determination is None:
        raise Refusal(
            Code.NOT_DETERMINED,
            asked=act.label,
            obstacle=f"对 {file.subject.label} 尚未认定，或认定已经失效",
            way_out="请先作出认定",
        )
    return file.determination


def require_undecided(case: CaseState, act: Act, subject: str) -> SubjectFile:
    """The file of a subject of whom something is still to be decided."""
    file = file_of(case, act, subject)
    if file.final:
        ended = file.determination or file.conclusive
        told = f"「{ended.term}」已于 {ended.on} 办过" if ended else "「撤销认定」已经办过"
        raise Refusal(
            Code.ALREADY_DONE,
            asked=act.label,
            obstacle=f"对 {file.subject.label}，{told}",
            way_out="有新的事实或者认为有误的，请申请复核、重新审查或依职权纠正",
        )
    return file


def require_no_review(case: CaseState, act: Act, subjects: Iterable[str]) -> None:
    """None of these subjects has a review that is still to be decided."""
    waiting = [case.files[each].subject.label for each in subjects if case.files[each].review]
    if waiting:
        raise Refusal(
            Code.REVIEW_OPEN,
            asked=act.label,
            obstacle=f"{'、'.join(waiting)} 的复核尚未了结",
            way_out="请待复核作出决定",
        )


def refuse_not_provided(act: Act, rules: Rules) -> NoReturn:
    raise Refusal(
        Code.NOT_PROVIDED,
        asked=act.label,
        obstacle=f"{rules.policy.name}或本案认定没有此项",
        way_out=f"该办法的程序见 rongcuo policy explain {rules.policy.id}",
    )


def require_listed(act: Act, item_ids: Iterable[str], known: set[str], rules: Rules) -> None:
    unknown = sorted({*item_ids} - known)
    if unknown:
        raise Refusal(
            Code.UNKNOWN_ITEM,
            asked=act.label,
            obstacle=f"{rules.policy.name}没有条目 {'、'.join(unknown)}",
            way_out=f"条目编号见 rongcuo policy explain {rules.policy.id}",
        )


def require_documents(act: Act, before: str, filed: Iterable[str | Document], rules: Rules) -> None:
    """The papers that must be in the file before a step."""
    kinds = {each.kind if isinstance(each, Document) else each for each in filed}
    missing = [
        each for each in rules.policy.documents if each.before == before and each.id not in kinds
    ]
    if missing:
        raise Refusal(
            Code.DOCUMENT_MISSING,
            asked=act.label,
            obstacle="卷内没有" + "、".join(f"{each.label}（{each.id}）" for each in missing),
            articles=cited(*(each.article for each in missing)),
            way_out="请补入材料：申请时或补正时附上，或者登记证据材料",
        )
