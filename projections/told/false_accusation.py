"""A suspicion of false accusation in words. Accusers appear by their pseudonyms only."""

from domain.aggregate import Event
from domain.false_accusation import events
from domain.false_accusation.matter import FalseAccusation
from projections.told.phrases import labels, named, organ

ELEMENTS = {
    "fabricated": "捏造事实或者材料",
    "intent": "意在使他人受损或者被追究责任",
}
ANSWERS = {True: "查明具备", False: "查明不具备", None: "尚未查清"}
DISPOSALS = {
    "by_authority": "按干部管理权限严肃处理",
    "by_law": "按有关法律规定处理",
    "by_rules": "依规依纪依法从严从重惩处",
}
AGGRAVATING = {
    "FA-G1": "手段恶劣",
    "FA-G2": "扰乱选举或者干部任用",
    "FA-G3": "已有明确结论后仍然诬告",
    "FA-G4": "强迫或者唆使他人",
    "FA-G5": "造成其他严重后果",
}


def told(event: Event, matter: FalseAccusation) -> str | None:  # noqa: C901, PLR0911, PLR0912
    by = matter.organ.name if matter.organ else organ(event.envelope.by.organ, matter)
    match event:
        case events.SuspicionOpened(accusation=accusation, subjects=subjects, grounds=grounds):
            of = f"对{labels(subjects)}的" if subjects else ""
            return f"{by}发现检举控告{accusation}{of}诬告陷害嫌疑（{event.number}）：{grounds}"
        case events.AccuserIdentified(accuser=who, readable_by=reader):
            return f"{by}查明检举控告人{who}，其身份另处封存，只可由{reader}查阅"
        case events.SuspicionVerified(accuser=who, findings=findings):
            team = named(event.verified_by)
            return f"{by}由{team}核实{who}有无诬告陷害，{_found(event.elements)}：{findings}"
        case events.SuspicionUnfounded(accuser=who, explanation=why):
            of = f"{who}的" if who else ""
            return f"{by}认定{of}诬告陷害嫌疑不成立：{why}"
        case events.MistakenAccusationClassified(accuser=who, explanation=why):
            return f"{by}认定{who}属错告，不是诬告陷害：{why}"
        case events.AccuserEducated(accuser=who, explanation=why):
            return f"{by}对错告的{who}作了教育：{why}"
        case events.DeterminationApprovalRequested(accuser=who, to=to):
            return f"{by}将认定{who}诬告陷害报{to.name}批准"
        case events.DeterminationApprovalGranted(accuser=who, organ=above):
            return f"{above.name}批准认定{who}诬告陷害{_paper(event)}"
        case events.DeterminationApprovalRefused(accuser=who, organ=above, explanation=why):
            return f"{above.name}不批准认定{who}诬告陷害{_paper(event)}：{why}"
        case events.FalseAccusationDetermined(accuser=who, approved_by=above, explanation=why):
            heavier = "、".join(AGGRAVATING.get(each, each) for each in event.aggravating)
            also = f"，有从重情形（{heavier}）" if heavier else ""
            return f"{by}经{above.name}批准，认定{who}诬告陷害{also}：{why}"
        case events.AccuserDisposed(accuser=who, disposal=disposal, explanation=why):
            return f"{by}对诬告陷害的{who}{DISPOSALS.get(disposal, f'给予{disposal}')}：{why}"
        case events.AccuserHandedOver(accuser=who, to=to, materials=materials):
            papers = "、".join(each.label for each in materials)
            return f"{by}将诬告陷害的{who}移送{to.name}，随附{papers}"
        case events.FalseAccusationClosed():
            return f"{by}了结诬告陷害事项，{_ends(matter)}"
    return None


def _found(elements: dict[str, bool | None]) -> str:
    """Answers in the order of yes, no and not known, each with what it was given to."""
    told = {
        answer: "、".join(ELEMENTS.get(id_, id_) for id_, found in elements.items() if found is is_)
        for is_, answer in ANSWERS.items()
    }
    return "，".join(f"{answer}{of}" for answer, of in told.items() if of)


def _paper(event: Event) -> str:
    return f"（{event.envelope.authority}）" if event.envelope.authority else ""


def _ends(matter: FalseAccusation) -> str:
    """How it ended for how many."""
    stages = [matter.STAGES[each.stage][0] for each in matter.accusers.values()]
    return "、".join(f"{called}{stages.count(called)}人" for called in dict.fromkeys(stages))
