"""A protection matter in words."""

from domain.aggregate import Event
from domain.protection import events
from domain.protection.events import Addressee, Cause, RetaliationFinding
from domain.protection.matter import Protection
from projections.told.phrases import labels

CAUSES = {
    Cause.PRINCIPLE: "坚持原则",
    Cause.PUBLIC_INTEREST: "为公而不怕得罪人",
    Cause.PETITIONER: "检举控告",
    Cause.REFORMER: "改革创新",
    Cause.OTHER: "其他原因",
}
FINDINGS = {
    RetaliationFinding.FOUND: "认为存在打击报复",
    RetaliationFinding.NOT_FOUND: "未发现打击报复",
}
ADDRESSEES = {Addressee.PARTY_COMMITTEE: "党委（党组）", Addressee.PERSONNEL_ORGAN: "组织部门"}


def told(event: Event, matter: Protection) -> str | None:  # noqa: PLR0911 (a line an event)
    by = matter.organ.name if matter.organ else event.envelope.by.organ
    who = labels(matter.subjects.values())
    match event:
        case events.ProtectionOpened(cause=cause, facts=facts):
            subject = labels(event.subjects)
            return f"{by}对因{CAUSES[cause]}而受影响的{subject}启动保护（{event.number}）：{facts}"
        case events.RetaliationFindingRecorded(finding=finding, explanation=why):
            return f"{by}就{who}所反映的情况查核，{FINDINGS[finding]}：{why}"
        case events.ProtectionRecommended(to=to, measures=measures, explanation=why):
            return f"{by}就{who}向{ADDRESSEES[to]}建议{'、'.join(measures)}：{why}"
        case events.ProtectionMeasureTaken(measure=measure, taken_by=organ):
            return f"{organ.name}为保护{who}采取措施：{measure}"
        case events.ProtectionOutcomeReported(to=to, summary=summary):
            return f"{by}向{to}报告对{who}的保护结果：{summary}"
        case events.ProtectionClosed():
            return f"{by}了结对{who}的保护（{matter.number}）"
    return None
