"""An accountability proceeding in words."""

from collections.abc import Iterable

from domain.accountability import events
from domain.accountability.events import (
    Change,
    Responsibility,
    SelfCriticism,
    Spared,
    SparedFor,
)
from domain.accountability.proceeding import AccountabilityProceeding
from domain.aggregate import Event
from projections.told.phrases import day, labels, organ, subject
from projections.words import SCREENED

SHARES = {
    Responsibility.FULL: "全面领导责任",
    Responsibility.MAIN: "主要领导责任",
    Responsibility.IMPORTANT: "重要领导责任",
}
SPARED = {Spared.NOT_HELD: "不予问责", Spared.WAIVED: "免予问责"}
SPARED_FOR = {
    SparedFor.TOLERANCE: "依容错认定",
    SparedFor.LISTED: "因属列明的情形",
    SparedFor.OTHER: "",
}
CHANGES = {Change.UPHOLD: "维持", Change.VARY: "变更", Change.REVOKE: "撤销"}
SELF_CRITICISM = {SelfCriticism.WRITTEN: "写出书面检讨", SelfCriticism.MEETING: "在会议上检查"}
FORMS = {
    "self_examination": "检查",
    "circular": "通报",
    "reorganization": "改组",
    "admonition": "诫勉",
    "organizational": "组织调整或者组织处理",
    "discipline": "处分",
}


def told(event: Event, matter: AccountabilityProceeding) -> str | None:
    by = matter.organ.name if matter.organ else organ(event.envelope.by.organ, matter)
    match event:
        case events.AccountabilityOpened():
            first = "，须先同步考虑容错" if event.screening_required else ""
            return f"{by}对{labels(event.subjects)}启动问责程序（{event.number}）{first}"
        case events.AccountabilityDecided(explanation=why):
            return f"{by}作出问责决定：{why}"
        case events.ToleranceReferred(case_number=number, subjects=subjects):
            who = "、".join(subject(each, matter) for each in subjects)
            return f"{who}进入容错程序（{number}）"
        case events.ToleranceReturned(case_number=number):
            return f"案件{number}的容错程序了结"
        case events.AccountabilityClosed():
            return f"{by}了结本问责事项"
    named: str | None = getattr(event, "subject", None)
    return _about(event, by, subject(named, matter)) if named is not None else None


def _about(event: Event, by: str, who: str) -> str | None:  # noqa: C901, PLR0911, PLR0912 (a line an event)
    match event:
        case events.ToleranceScreened(result=result, explanation=why):
            return f"{by}同步考虑对{who}是否容错，认为{SCREENED[result]}：{why}"
        case events.AuthorityRecorded(managed_by=committee, organ=competent):
            return f"登记{who}由{committee}管理，问责由{competent.name}决定"
        case events.ResponsibilitySplit(responsibility=share, explanation=why):
            return f"{by}划分{who}负{SHARES[share]}：{why}"
        case events.SubjectTransferred(to=to, explanation=why):
            return f"{by}将{who}移送{to.name}决定：{why}"
        case events.SubjectHeldAccountable():
            return f"{by}{_held(event, who)}"
        case events.SubjectNotHeld(result=result, basis=basis, situations=items, explanation=why):
            of = f"（{'、'.join(items)}）" if items else ""
            return f"{by}{SPARED_FOR[basis]}{of}对{who}{SPARED[result]}：{why}"
        case events.DecisionAnnounced(to=to):
            return f"{by}向{to}宣布对{who}的问责决定"
        case events.PersonnelOrganInformed(to=to):
            return f"{by}将对{who}的问责情况通报{to}"
        case events.FormalitiesCompleted(summary=summary):
            return f"对{who}的组织手续办理完毕：{summary}"
        case events.DecisionArchived(archive_number=number):
            return f"对{who}的问责决定材料归入其个人档案（{number}）"
        case events.SelfCriticismMade(way=way, to=to):
            return f"{who}向{to}{SELF_CRITICISM[way]}"
        case events.DecisionPublicized(where=where):
            return f"{by}在{where}公开对{who}的问责决定"
        case events.AccountabilityResumed(explanation=why):
            return f"{by}恢复对{who}的问责：{why}"
        case events.DecisionChanged():
            return f"{by}{_changed(event, who)}"
        case events.SubjectRestored(scope=scope, manner=manner, remaining=remaining):
            rest = f"，尚须在{'、'.join(remaining)}恢复" if remaining else ""
            return f"{by}在{scope}为{who}恢复：{manner}{rest}"
    return None


def _held(event: events.SubjectHeldAccountable, who: str) -> str:
    parts = [f"以{_forms(event.forms)}方式对{who}问责{_of(event.measures)}"]
    for items, called in (
        (event.situations, "情形"),
        (event.mitigating, "从轻减轻"),
        (event.aggravating, "从重"),
    ):
        parts += [f"{called}{'、'.join(items)}"] if items else []
    if event.effective_on != event.on:
        parts.append(f"自{day(event.effective_on)}起生效")
    return f"{'，'.join(parts)}：{event.explanation}"


def _changed(event: events.DecisionChanged, who: str) -> str:
    into = f"为{_forms(event.forms)}{_of(event.measures)}" if event.result is Change.VARY else ""
    where = f"，须在{'、'.join(event.restore_in)}恢复" if event.restore_in else ""
    return f"{CHANGES[event.result]}对{who}的问责决定{into}{where}：{event.explanation}"


def _forms(ids: Iterable[str]) -> str:
    return "、".join(FORMS.get(each, each) for each in ids)


def _of(measures: tuple[str, ...]) -> str:
    return f"（{'、'.join(measures)}）" if measures else ""
