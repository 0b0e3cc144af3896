"""The audit trail in words: one Chinese sentence for each kind of event."""

from collections.abc import Callable
from typing import Any

from domain import obligations as duty
from domain.aggregate import Aggregate, Event
from domain.calendars import publication
from domain.evidence.heads import HeadsTaken
from domain.identities import IdentitiesMerged
from domain.kinds import BY_NAME
from domain.law.deadline_rules import Qualifier
from domain.law.suspension import Remainder
from domain.matter import Matter, MatterLinked
from domain.registry import EVENTS
from domain.reporting import periods, reports, submissions
from projections.told import (
    accountability,
    clarification,
    false_accusation,
    follow_up,
    forwarding,
    impact,
    inquiry,
    protection,
    rectification,
    review,
    risk_filing,
    tolerance,
    visit_plan,
)
from projections.told.phrases import day
from projections.words import RELATIONS

TERMS = {kind.name(): kind.term for kind in EVENTS.values()}
TOLD: dict[str, Callable[[Event, Any], str | None]] = {
    "tolerance": tolerance.told,
    "accountability": accountability.told,
    "clarification": clarification.told,
    "false_accusation": false_accusation.told,
    "follow_up": follow_up.told,
    "visit_plan": visit_plan.told,
    "rectification": rectification.told,
    "impact": impact.told,
    "protection": protection.told,
    "review": review.told,
    "inquiry": inquiry.told,
    "forwarding": forwarding.told,
    "risk_filing": risk_filing.told,
}


def sentence(event: Event, matter: Aggregate) -> str:
    """What happened, for an inspector: day, who, what. `matter` as it stands after the event."""
    told = _told(event, matter) or event.term
    late = "（补录）" if event.envelope.late_entry and not event.envelope.by.is_system else ""
    return f"{day(event.on)}，{told}{late}。"


def _told(event: Event, matter: Aggregate) -> str | None:
    match event:
        case duty.ObligationOpened() | duty.ObligationEvent() if isinstance(matter, Matter):
            return _duty_told(event, matter)
        case MatterLinked(link=link):
            other = BY_NAME[link.kind].called
            return f"登记关联事项：{RELATIONS[link.relation]}{other}{link.number}"
    return TOLD[matter.kind](event, matter) if isinstance(matter, Matter) else _book_told(event)


def _book_told(event: Event) -> str:
    who = event.envelope.by.role
    match event:
        case periods.PeriodClosed(period=period, position=position):
            return f"统计期{period.name}关账，所据为日志第{position}号以前"
        case IdentitiesMerged(merged=merged, kept=kept, explanation=why):
            return f"{who}将编号{merged}并入{kept}：{why}"
        case HeadsTaken(heads=heads):
            return f"取卷头树，日志第{heads.size}号以前共{heads.streams}卷"
    return _calendar_told(event) if event.topic.startswith("calendar.") else _report_told(event)


def _calendar_told(event: Event) -> str:
    who = event.envelope.by.role
    match event:
        case publication.CalendarPrepared(edition=edition):
            notice = f"（{edition.notice}）" if edition.notice else ""
            return f"{who}拟定{edition.year}年日历第{edition.edition}版{notice}"
        case publication.CalendarReturned(edition=name, explanation=why):
            return f"{who}退回日历{name}：{why}"
        case publication.CalendarReleased(edition=edition, prepared_by=preparer):
            return f"{who}发布日历{edition.name}，由{preparer.role}拟定"
        case publication.CalendarApplied(edition=name, looked_at=looked_at, digests=digests):
            changed = sum(each.duties for each in digests)
            return f"因日历{name}发布，核对{looked_at}件案件，重算期限{changed}项"
    return event.term


def _report_told(event: Event) -> str:
    who = event.envelope.by.role
    match event:
        case reports.ReportPrepared(report=report):
            known = _known(report.position)
            return f"{who}拟定统计报表{report.number}「{report.title}」，{known}"
        case reports.ReportReturned(number=number, explanation=why):
            return f"{who}退回统计报表{number}：{why}"
        case reports.ReportPublished(number=number, position=position, prepared_by=preparer):
            return f"{who}公布统计报表{number}，由{preparer.role}拟定，{_known(position)}"
    return _submission_told(event)


def _submission_told(event: Event) -> str:
    who = event.envelope.by.role
    match event:
        case submissions.ReportSubmitted(number=number, position=position, to=to):
            return f"{who}将统计报表{number}上报{to.unit}的机关，{_known(position)}"
        case submissions.ReportApproved(number=number, position=position, submitted_by=submitter):
            told = f"由{submitter.role}上报，{_known(position)}"
            return f"{who}审核通过统计报表{number}，重数相符，{told}"
        case submissions.ReportSentBack(number=number, explanation=why):
            return f"{who}退回上报的统计报表{number}：{why}"
    return event.term


def _known(position: int) -> str:
    return f"所据为日志第{position}号以前"


def _duty_told(event: Event, matter: Matter) -> str:  # noqa: C901, PLR0911, PLR0912 (a line an event)
    if isinstance(event, duty.ObligationOpened):
        return _opened(event.obligation, matter)
    if not isinstance(event, duty.ObligationEvent):
        return event.term
    obligation = matter.obligations.standings[event.obligation_id].obligation
    about = _about(obligation, matter)
    match event:
        case duty.ObligationMet():
            in_time = obligation.due_on is not None and event.on <= obligation.due_on
            return f"「{about}」{'按期' if in_time else ''}办结"
        case duty.ObligationMetLate(due_on=due_on):
            return f"「{about}」逾期办结，届满日为{day(due_on)}"
        case duty.ObligationCounted(count=count, of=of):
            return f"「{about}」已办{count}次，共须{of}次"
        case duty.ObligationSuspended(because=because, remainder=left):
            rest = f"，尚余{_left(left)}" if left else ""
            return f"「{about}」的期限因{TERMS[because]}而中止{rest}"
        case duty.ObligationResumed(obligation=resumed):
            until = f"，至{day(resumed.due_on)}届满" if resumed.due_on else ""
            return f"「{about}」的期限恢复计算{until}"
        case duty.ObligationExtended(obligation=longer, was_due_on=was, approved_by=by):
            until = f"延长至{day(longer.due_on)}" if longer.due_on else "延长"
            why = event.explanation
            return f"经{by}批准，「{about}」的期限由{day(was)}{until}：{why}"
        case duty.ObligationRedated():
            return _redated(about, event)
        case duty.ObligationLapsed(because=because):
            return f"「{about}」的期限因{TERMS[because]}而终止"
        case duty.ObligationReminded(due_on=due_on):
            period = obligation.qualifier is Qualifier.PERIOD
            return f"{'提醒' if period else '催办'}：「{about}」将于{day(due_on)}届满"
        case duty.ObligationOverdue(due_on=due_on):
            return f"「{about}」已逾期，届满日为{day(due_on)}"
        case duty.ObligationEscalated(role=role):
            return f"督办：「{about}」逾期未办，报{role}"
        case duty.EscalationAcknowledged(role=role, explanation=why):
            return f"{role}确认督办「{about}」：{why}"
        case duty.ObligationWaived(explanation=why):
            return f"免除「{about}」：{why}"
        case duty.ObligationElapsed():
            return f"「{about}」届满"
    return event.term


def _redated(about: str, event: duty.ObligationRedated) -> str:
    again, was = event.obligation, event.was_due_on
    by = f"按{'、'.join(again.calendars)}日历重算" if again.calendars else "重算"
    by = f"因日历{event.cause}发布，{by}" if event.cause else by
    unsure = "（推定）" if again.provisional else ""
    if event.kept:
        return f"「{about}」{by}会早于已定之日，仍至{day(was)}届满{unsure}"
    if again.due_on is None or again.due_on == was:
        return f"「{about}」{by}，仍至{day(was)}届满{unsure}"
    return f"「{about}」{by}，由{day(was)}改至{day(again.due_on)}届满{unsure}"


def _opened(opened: duty.Obligation, matter: Matter) -> str:
    about = _about(opened, matter)
    if opened.due_on is None:
        return f"「{about}」由{opened.responsible}办理，未定时限"
    unsure = "（推定）" if opened.provisional else ""
    whose = "起算" if opened.qualifier is Qualifier.PERIOD else f"由{opened.responsible}办理"
    return f"「{about}」{whose}，至{day(opened.due_on)}届满{unsure}"


def _left(left: Remainder) -> str:
    if left.working_days is not None:
        return f"{left.working_days}个工作日"
    months = f"{left.months}个月" if left.months else ""
    return months + (f"{left.days}日" if left.days or not months else "")


def _about(obligation: duty.Obligation, matter: Matter) -> str:
    of = [matter.subjects[obligation.subject].label] if obligation.subject else []
    if obligation.item:
        of.append(f"第{obligation.item}件")
    return f"{obligation.label}（{'，'.join(of)}）" if of else obligation.label
