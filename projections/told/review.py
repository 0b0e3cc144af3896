"""A review in words."""

from domain.aggregate import Event
from domain.papers import Delivery
from domain.review import events
from domain.review.events import Recipient, RemedyId, Ruling
from domain.review.matter import Review
from projections.told.phrases import day, labels, named
from projections.words import DELIVERIES

REMEDIES: dict[str, str] = {
    RemedyId.REVIEW: "复审",
    RemedyId.RE_REVIEW: "复核",
    RemedyId.COMPLAINT: "对措施的申诉",
    RemedyId.COMPLAINT_REVIEW: "复查",
    RemedyId.RECONSIDERATION: "复议复查",
    RemedyId.APPEAL: "申诉",
}
RULINGS = {
    Ruling.UPHOLD: "维持",
    Ruling.VARY: "变更",
    Ruling.REVOKE: "撤销",
    Ruling.REMAND: "撤销并重新作出",
}
RECIPIENTS = {
    Recipient.APPLICANT: "申请人",
    Recipient.PARTY_ORGANIZATION: "申请人所在党组织",
    Recipient.DECIDING_ORGAN: "原决定机关",
    Recipient.PERSONNEL_ORGAN: "组织人事部门",
}


def told(event: Event, matter: Review) -> str | None:  # noqa: C901, PLR0911 (a line an event)
    by = matter.organ.name if matter.organ else event.envelope.by.organ
    who = labels(matter.subjects.values())
    remedy = REMEDIES.get(matter.remedy, matter.remedy)
    match event:
        case events.ReviewOpened():
            return _opened(event, remedy)
        case events.ReviewApplicationDeclined(explanation=why):
            return f"{by}不予受理{who}的{remedy}：{why}"
        case events.ReviewApplicationAdmitted(panel=panel):
            return f"{by}受理{who}的{remedy}，由{named(panel)}办理"
        case events.ReviewWithdrawn(explanation=why):
            return f"{who}撤回{remedy}：{why}"
        case events.ApplicantHeard(statement=statement, heard_by=heard_by):
            return f"{'、'.join(heard_by)}听取{who}的陈述：{statement}"
        case events.DecisionReviewed():
            return _decided(event, matter, f"{by}就{who}的{remedy}作出决定")
        case events.ReviewResultNotified(recipient=recipient, copied=copied, delivery=delivery):
            return f"{by}将{remedy}决定{_sent(recipient, delivery, copied=copied)}"
        case events.ReviewResultAnnounced(scope=scope):
            return f"{by}在{scope}宣布{remedy}决定"
        case events.ScopeRestored():
            return _restored(event, by, who)
        case events.ReviewClosed():
            return f"{by}了结{who}的{remedy}（{matter.number}）"
    return None


def _opened(event: events.ReviewOpened, remedy: str) -> str:
    forms = f"（{'、'.join(event.forms)}）" if event.forms else ""
    after = f"，此前经过{event.after}" if event.after else ""
    grounds = f"：{event.grounds}" if event.grounds else ""
    return (
        f"{labels(event.subjects)}不服{event.decided_by.name}{day(event.decided_on)}作出、"
        f"{day(event.received_on)}收到的{event.attacked}{forms}{after}"
        f"，向{event.organ.name}提出{remedy}（{event.number}）{grounds}"
    )


def _decided(event: events.DecisionReviewed, matter: Review, begins: str) -> str:
    instead = f"，改为{'、'.join(event.forms)}" if event.forms else ""
    scopes = "、".join(event.to_restore)
    restore = f"，须在{scopes}恢复名誉" if scopes else ""
    why = event.explanation
    return f"{begins}，{RULINGS[event.result]}{matter.attacked}{instead}{restore}：{why}"


def _sent(recipient: Recipient, delivery: Delivery | None, *, copied: bool) -> str:
    way = f"（{DELIVERIES[delivery]}）" if delivery else ""
    return f"{'抄送' if copied else '告知'}{RECIPIENTS[recipient]}{way}"


def _restored(event: events.ScopeRestored, by: str, who: str) -> str:
    pay = "，减少的工资已经补发" if event.pay_compensated else ""
    left = f"，尚有{'、'.join(event.remaining)}待恢复" if event.remaining else ""
    return f"{by}在原公布范围（{event.scope}）为{who}恢复名誉：{event.manner}{pay}{left}"
