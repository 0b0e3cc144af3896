"""The audit trail in words: one Chinese sentence for each kind of event."""

from datetime import date

from domain import obligations as duty
from domain.accountability.proceeding import AccountabilityOpened
from domain.aggregate import Aggregate, Event
from domain.law.policy import Outcome, Qualifier, Relief, Sanction
from domain.people import SYSTEM, Subject, SubjectKind
from domain.tolerance import events
from domain.tolerance.case import ToleranceCase

OUTCOMES = {
    Outcome.EXEMPTION: "容错免责",
    Outcome.MITIGATION: "容错减责",
    Outcome.NO_TOLERANCE: "不予容错",
}
SANCTIONS = {
    Sanction.PARTY: "党纪处分",
    Sanction.ADMINISTRATIVE: "政务处分",
    Sanction.ORGANIZATIONAL: "组织处理",
    Sanction.ACCOUNTABILITY: "问责",
}
RELIEFS = {Relief.LIGHTER: "从轻", Relief.REDUCED: "减轻", Relief.WAIVED: "免予"}
MEASURES = {
    events.Measure.REMINDER_TALK: "谈话提醒",
    events.Measure.CRITICISM: "批评教育",
    events.Measure.SELF_CRITICISM: "责令检查",
    events.Measure.ADMONITION_TALK: "诫勉谈话",
    events.Measure.CIRCULAR: "通报",
    events.Measure.SERIOUS_WARNING: "党内严重警告",
}
RECIPIENTS = {
    events.Recipient.APPLICANT: "申请人",
    events.Recipient.SUBJECT: "本人",
    events.Recipient.PERSONNEL_ORGAN: "组织人事部门",
}
RESOLUTIONS = {events.Resolution.UPHELD: "成立", events.Resolution.REJECTED: "不成立"}


def sentence(event: Event, matter: Aggregate) -> str:
    """What happened, for an inspector: day, who, what. `matter` as it stands after the event."""
    told = _told(event, matter)
    late = "（补录）" if event.envelope.late_entry and event.envelope.by != SYSTEM else ""
    return f"{_day(event.on)}，{told}{late}。"


def _told(event: Event, matter: Aggregate) -> str:
    if isinstance(event, AccountabilityOpened):
        return f"{event.organ.name}对{_labels(event.subjects)}启动问责程序（{event.number}）"
    if isinstance(matter, ToleranceCase):
        if isinstance(event, duty.ObligationOpened | duty.ObligationEvent):
            return _duty_told(event, matter)
        return _act_told(event, matter)
    return event.term


def _act_told(event: Event, case: ToleranceCase) -> str:  # noqa: C901, PLR0911, PLR0912 (a line an event)
    organ = _organ(event, case)
    match event:
        case events.ToleranceApplied(applicant=applicant):
            return (
                f"{applicant.label}就{event.matter.number}向{event.organ.name}提出容错申请"
                f"，对象为{_labels(event.subjects)}（案号{event.case_number}）"
            )
        case events.ExOfficioStarted():
            return (
                f"{event.organ.name}办理{event.matter.number}时同步启动容错"
                f"，对象为{_labels(event.subjects)}（案号{event.case_number}）"
            )
        case events.CaseAccepted(co_signed_by=others):
            return f"{organ}{_with(others, case)}受理申请"
        case events.AcceptanceRefused(explanation=why):
            return f"{organ}决定不予受理：{why}"
        case events.VerificationOpened(team=team):
            return f"{organ}开始核实，由{'、'.join(team)}承办"
        case events.SixFactorsReviewed():
            return f"{organ}对{_subject(event.subject, case)}完成六看研判"
        case events.ListChecked(answers=answers):
            applying = "、".join(id_ for id_, answer in answers.items() if answer) or "无"
            found = f"适用条目：{applying}" if answers else "清单条文未录入，由承办机关研判"
            return f"{organ}对{_subject(event.subject, case)}逐条对照清单，{found}"
        case events.VerificationReported(summary=summary):
            return f"{organ}提交核实报告：{summary}"
        case events.OpinionReceived():
            return f"{organ}收到{event.organ}的意见：{event.opinion}"
        case events.JointConsultationHeld(organs=organs, conclusion=conclusion):
            return f"{organ}与{'、'.join(organs)}会商，结论：{conclusion}"
        case events.PublicNoticeOpened(scope=scope, ends_on=ends_on):
            return f"{organ}在{scope}开始公示，至{_day(ends_on)}届满"
        case events.ObjectionRaised(objection=number, content=content):
            return f"{organ}收到第{number}条异议：{content}"
        case events.ObjectionResolved(objection=number, resolution=result, explanation=why):
            return f"{organ}认为第{number}条异议{RESOLUTIONS[result]}：{why}"
        case events.PublicNoticeClosed():
            return f"{organ}结束公示"
        case events.DeterminationDeferred(explanation=why):
            return f"{organ}对{_subject(event.subject, case)}暂缓认定：{why}"
        case events.SubjectDetermined():
            return f"{organ}{_determined(event, case)}"
        case events.ResultNotified(recipient=recipient):
            told = _recipient(recipient, case.files[event.subject].subject)
            return f"{organ}将{_subject(event.subject, case)}的认定结果反馈{told}"
        case events.DeterminationFiled(filed_with=filed_with):
            return f"{organ}将{_subject(event.subject, case)}的认定结果报{filed_with}备案"
        case events.RectificationCompleted(summary=summary):
            return f"{_subject(event.subject, case)}的整改完成：{summary}"
        case events.FollowUpVisitHeld(visitors=visitors, summary=summary):
            return f"{'、'.join(visitors)}回访{_subject(event.subject, case)}：{summary}"
        case events.CaseClosed():
            return f"{organ}结案"
    return event.term


def _duty_told(event: Event, case: ToleranceCase) -> str:  # noqa: PLR0911 (a line an event)
    if isinstance(event, duty.ObligationOpened):
        return _opened(event.obligation, case)
    if not isinstance(event, duty.ObligationEvent):
        return event.term
    obligation = case.obligations.standings[event.obligation_id].obligation
    about = _about(obligation, case)
    match event:
        case duty.ObligationMet():
            return f"「{about}」{'按期' if obligation.due_on else ''}办结"
        case duty.ObligationMetLate(due_on=due_on):
            return f"「{about}」逾期办结，届满日为{_day(due_on)}"
        case duty.ObligationLapsed():
            return f"「{about}」的期限终止"
        case duty.ObligationReminded(due_on=due_on):
            period = obligation.qualifier is Qualifier.PERIOD
            return f"{'提醒' if period else '催办'}：「{about}」将于{_day(due_on)}届满"
        case duty.ObligationOverdue(due_on=due_on):
            return f"「{about}」已逾期，届满日为{_day(due_on)}"
        case duty.ObligationEscalated(role=role):
            return f"督办：「{about}」逾期未办，报{role}"
        case duty.ObligationElapsed():
            return f"「{about}」届满"
    return event.term


def _opened(opened: duty.Obligation, case: ToleranceCase) -> str:
    about = _about(opened, case)
    if opened.due_on is None:
        return f"「{about}」由{opened.responsible}办理，未定时限"
    unsure = "（推定）" if opened.provisional else ""
    return f"「{about}」由{opened.responsible}办理，至{_day(opened.due_on)}届满{unsure}"


def _determined(event: events.SubjectDetermined, case: ToleranceCase) -> str:
    parts = [f"认定对{_subject(event.subject, case)}{OUTCOMES[event.outcome]}"]
    if event.sanction and event.relief:
        parts.append(f"{RELIEFS[event.relief]}{SANCTIONS[event.sanction]}")
    if event.measures:
        parts.append("给予" + "、".join(MEASURES[each] for each in event.measures))
    if event.rectification:
        parts.append(f"并提出{len(event.rectification.items)}项整改要求")
    return "，".join(parts)


def _recipient(recipient: events.Recipient, subject: Subject) -> str:
    itself = recipient is events.Recipient.SUBJECT and subject.kind is SubjectKind.ORGANIZATION
    return "该单位" if itself else RECIPIENTS[recipient]


def _about(obligation: duty.Obligation, case: ToleranceCase) -> str:
    if obligation.subject is None:
        return obligation.label
    return f"{obligation.label}（{_subject(obligation.subject, case)}）"


def _organ(event: Event, case: ToleranceCase) -> str:
    own = case.organ
    return own.name if own and event.envelope.by.organ == own.id else event.envelope.by.organ


def _subject(id_: str, case: ToleranceCase) -> str:
    return case.files[id_].subject.label


def _labels(subjects: tuple[Subject, ...]) -> str:
    return "、".join(each.label for each in subjects)


def _with(others: tuple[str, ...], case: ToleranceCase) -> str:
    asking = case.matter.organ if case.matter else None
    names = [asking.name if asking and other == asking.id else other for other in others]
    return f"会同{'、'.join(names)}" if names else ""


def _day(on: date) -> str:
    return f"{on.year}年{on.month}月{on.day}日"
