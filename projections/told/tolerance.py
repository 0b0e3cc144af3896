"""A tolerance case in words."""

from collections.abc import Callable, Iterable

from domain.aggregate import Event
from domain.law.outcomes import Treatment
from domain.law.policy import Recipient
from domain.people import Subject, SubjectKind
from domain.tolerance import events, particulars
from domain.tolerance.case import ToleranceCase
from projections.told.phrases import day, labels, named
from projections.words import (
    CAUSES,
    DECLINES,
    DELIVERIES,
    GROUNDS,
    MEASURES,
    OUTCOMES,
    RECIPIENTS,
    RECUSALS,
    RELIEFS,
    RESOLUTIONS,
    RESULTS,
    SANCTIONS,
    VOICES,
)

LEANINGS = {
    particulars.Leaning.FAVOURABLE: "有利于",
    particulars.Leaning.ADVERSE: "不利于",
}
PROPOSAL = particulars.Measure.DISCIPLINE_PROPOSAL  # it is sent out, not given


def told(event: Event, case: ToleranceCase) -> str | None:
    for kind, parts in PARTS.items():
        if isinstance(event, kind):
            return next(filter(None, (part(event, case) for part in parts)), None)
    return None


def _opening_told(event: Event, case: ToleranceCase) -> str | None:  # noqa: C901, PLR0911, PLR0912 (a line an event)
    organ = _organ(event, case)
    match event:
        case events.ToleranceApplied(applicant=applicant):
            return (
                f"{applicant.label}就{event.matter.number}向{event.organ.name}提出容错申请"
                f"，对象为{labels(event.subjects)}（案号{event.case_number}）"
            )
        case events.ExOfficioStarted():
            return (
                f"{event.organ.name}办理{event.matter.number}时同步启动容错"
                f"，对象为{labels(event.subjects)}（案号{event.case_number}）"
            )
        case events.ApplicationAttached(applicant=applicant):
            return f"{applicant.label}就同一事项提出容错申请，并入本案"
        case events.ExOfficioJoined(explanation=why):
            return f"{organ}就同一事项同步考虑容错，并入本案：{why}"
        case events.ApplicationReturned(missing=missing):
            return f"{organ}退回申请，请补正{'、'.join(missing)}"
        case events.ApplicationCompleted(applicant=applicant):
            return f"{applicant.label}接替提出申请，予以补正" if applicant else "申请人补正申请"
        case events.ApplicationWithdrawn(explanation=why):
            return f"申请人撤回申请：{why}"
        case events.ContinuedExOfficio(explanation=why):
            return f"{organ}依职权继续办理：{why}"
        case events.CaseTransferred(to=to, explanation=why):
            return f"{organ}将本案移送{to.name}办理：{why}"
        case events.CoSignatureRecorded(co_signature=each):
            view = "同意" if each.agrees else "不同意"
            return f"{_named(each.organ, case)}会签，{view}受理：{each.explanation}"
        case events.CaseAccepted(co_signed_by=others):
            return f"{organ}{_with(others, case)}受理申请"
        case events.AcceptanceRefused(because=because, explanation=why, co_signatures=others):
            told = "".join(f"；{_named(o.organ, case)}：{o.explanation}" for o in others)
            return f"{organ}决定不予受理（{DECLINES.get(because, because)}）：{why}{told}"
        case events.CaseSuspended(explanation=why):
            return f"{organ}中止办理：{why}"
        case events.CaseResumed(explanation=why):
            return f"{organ}恢复办理：{why}"
        case events.EditionRepinned(before=before, after=after, explanation=why):
            return f"{organ}决定本案改适用办法（由 {before} 改为 {after}）：{why}"
    return None


def _inquiry_told(event: Event, case: ToleranceCase) -> str | None:  # noqa: PLR0911 (a line an event)
    organ = _organ(event, case)
    match event:
        case events.TeamAssigned(members=members):
            return f"{organ}确定由{named(members)}承办"
        case events.RecusalRequested(officer=officer, ground=ground, conflicts=conflicts):
            found = "、".join(GROUNDS[each.ground] for each in conflicts)
            also = f"；另经核对，该人员{found}" if found else ""
            return f"提出由{officer}回避（{GROUNDS[ground]}）：{event.explanation}{also}"
        case events.RecusalDecided(officer=officer, stands_back=back, explanation=why):
            return f"{organ}决定{officer}{RECUSALS[back]}：{why}"
        case events.VerificationOpened(team=team):
            return f"{organ}开始核实，由{named(team)}承办"
        case events.EvidenceRecorded(subject=subject, document=document, risk_filed=filed):
            about = f"，涉及{_subject(subject, case)}" if subject else ""
            basis = (
                f"，系{day(filed.answered_on)}获同意的事前报备（{filed.number}）" if filed else ""
            )
            return f"{organ}登记证据材料「{document.label}」{about}{basis}"
        case events.SubjectHeard(statement=statement, heard_by=heard_by):
            about = _subject(event.subject, case)
            return f"{'、'.join(heard_by)}听取{about}的陈述：{statement}"
        case events.SixFactorsReviewed(factors=factors):
            leanings = "".join(
                f"，{'、'.join(particulars.FACTORS[each] for each in heads)}{speaks}容错"
                for leaning, speaks in LEANINGS.items()
                if (heads := factors.leaning(leaning))
            )
            return f"{organ}对{_subject(event.subject, case)}完成六看研判{leanings}"
        case events.ListChecked():
            return f"{organ}对{_subject(event.subject, case)}逐条对照清单，{_answered(event)}"
        case events.VerificationReported(summary=summary):
            return f"{organ}提交核实报告：{summary}"
    return None


def _answered(event: events.ListChecked) -> str:
    again = "，系同一错误再次发生" if event.repeated_error else ""
    if not event.answers:
        return f"清单条文未录入，由承办机关研判{again}"
    applying = "、".join(id_ for id_, answer in event.answers.items() if answer) or "无"
    unknown = "、".join(id_ for id_, answer in event.answers.items() if answer is None)
    return f"适用条目：{applying}{f'；尚未查清：{unknown}' if unknown else ''}{again}"


def _voices_told(event: Event, case: ToleranceCase) -> str | None:  # noqa: C901, PLR0911 (a line an event)
    organ = _organ(event, case)
    match event:
        case events.OpinionRequested(item=item):
            asked = _named(event.organ, case)
            return f"{organ}函请{asked}提出意见（第{item}次）：{event.question}"
        case events.OpinionReceived(item=item):
            answers = f"（答复第{item}次函请）" if item else ""
            return f"{organ}收到{_named(event.organ, case)}的意见{answers}：{event.opinion}"
        case events.JointConsultationHeld(organs=organs, conclusion=conclusion, voices=voices):
            others = "、".join(_named(each, case) for each in organs)
            return f"{organ}与{others}会商，结论：{conclusion}{_dissent(voices, case)}"
        case events.CommitteeAssembled(seats=seats):
            told = "、".join(f"{each.member}（{each.stands_for}）" for each in seats)
            return f"{organ}组成评估委员会：{told}"
        case events.CommitteeVoted(outcome=outcome, voices=voices, carried=carried):
            result = {True: "，通过", False: "，未通过", None: ""}[carried]
            about = f"评估委员会就对{_subject(event.subject, case)}{OUTCOMES[outcome]}进行表决"
            return f"{about}，{_counted(voices)}{result}{_dissent(voices, case)}"
        case events.PublicNoticeOpened(scope=scope, ends_on=ends_on):
            return f"{organ}在{scope}开始公示，至{day(ends_on)}届满"
        case events.ObjectionRaised(objection=number, content=content):
            about = f"（{_subject(event.subject, case)}）" if event.subject else ""
            return f"{organ}收到第{number}条异议{about}：{content}"
        case events.ObjectionResolved(objection=number, resolution=result, explanation=why):
            changed = _subjects(event.changes, case)
            so = f"，对{changed}的意见因此改变" if changed else ""
            return f"{organ}认为第{number}条异议{RESOLUTIONS[result]}{so}：{why}"
        case events.PublicNoticeRestarted(scope=scope, ends_on=ends_on):
            about = _subject(event.subject, case)
            return f"{organ}对{about}在{scope}重新公示，至{day(ends_on)}届满"
        case events.PublicNoticeClosed(subjects=subjects):
            some = len(subjects) not in (0, len(case.files))
            about = f"对{_subjects(subjects, case)}的" if some else ""
            return f"{organ}结束{about}公示"
    return None


def _decision_told(event: Event, case: ToleranceCase) -> str | None:  # noqa: PLR0911 (a line an event)
    organ = _organ(event, case)
    match event:
        case events.DeterminationDeferred(explanation=why):
            return f"{organ}对{_subject(event.subject, case)}暂缓认定：{why}"
        case events.ConclusiveOpinionIssued(opinion=opinion):
            return f"{organ}对{_subject(event.subject, case)}出具结论性意见：{opinion}"
        case events.DeterminationProposed():
            return f"{organ}拟{_concluded(event, case)}"
        case events.ApprovalRequested(of=of):
            return f"{organ}将对{_subject(event.subject, case)}的认定意见报{of}批准"
        case events.ApprovalGranted(explanation=why):
            return f"对{_subject(event.subject, case)}的认定意见获得批准：{why}"
        case events.ApprovalRefused(explanation=why):
            return f"对{_subject(event.subject, case)}的认定意见未获批准：{why}"
        case events.SubjectDetermined(decided_by=body):
            later = event.effective_on != event.on
            since = f"，自{day(event.effective_on)}起生效" if later else ""
            by = f"经{body}研究，" if body else ""
            organ = event.organ.name if event.organ else organ
            return f"{organ}{by}{_concluded(event, case)}{since}"
    return None


def _after_told(event: Event, case: ToleranceCase) -> str | None:  # noqa: C901, PLR0911, PLR0912 (a line an event)
    organ = _organ(event, case)
    match event:
        case events.ResultNotified(recipient=recipient, delivery=delivery):
            told = _recipient(recipient, case.files[event.subject].subject)
            way = f"（{DELIVERIES[delivery]}）" if delivery else ""
            return f"{organ}将{_result(event.subject, case)}反馈{told}{way}"
        case events.ResultReceived(recipient=recipient, received_on=received_on):
            told = _recipient(recipient, case.files[event.subject].subject)
            return f"{told}已于{day(received_on)}签收{_result(event.subject, case)}"
        case events.DeterminationFiled(filed_with=filed_with):
            return f"{organ}将{_subject(event.subject, case)}的认定结果报{filed_with}备案"
        case events.RectificationCompleted(summary=summary):
            return f"{_subject(event.subject, case)}的整改完成：{summary}"
        case events.FollowUpVisitHeld(visitors=visitors, summary=summary):
            return f"{'、'.join(visitors)}回访{_subject(event.subject, case)}：{summary}"
        case events.CaseClosed():
            return f"{organ}结案"
        case events.CaseArchived(archive_number=number):
            return f"{organ}将本案归档（{number}）"
        case events.ReviewLodged(grounds=grounds):
            return f"{organ}收到就{_reviewed(event.subject, case)}提出的复核申请：{grounds}"
        case events.ReviewAdmitted(panel=panel):
            about = _reviewed(event.subject, case)
            return f"{organ}受理就{about}提出的复核申请，由{named(panel)}复核"
        case events.ReviewRefused(explanation=why):
            return f"{organ}不予受理就{_reviewed(event.subject, case)}提出的复核申请：{why}"
        case events.ReviewDecided(result=result, explanation=why):
            return (
                f"{organ}就{_reviewed(event.subject, case)}作出复核决定，{RESULTS[result]}：{why}"
            )
        case events.DeterminationCorrected(by_superior=superior, explanation=why):
            above = "（上级机关）" if superior else ""
            about = _subject(event.subject, case)
            organ = event.organ.name if event.organ else organ
            return f"{organ}{above}依职权纠正对{about}的认定：{why}"
        case events.DeterminationRevoked(cause=cause, explanation=why):
            about = _subject(event.subject, case)
            resumed = "，恢复问责" if event.accountability_resumes else ""
            return f"{organ}撤销对{about}的认定（{CAUSES[cause]}）{resumed}：{why}"
        case events.DeterminationEnded():
            return _ended(event, case)
        case events.RestorationDone(scope=scope, manner=manner):
            about = _subject(event.subject, case)
            return f"{organ}就对{about}的原认定在原范围（{_scope(scope)}）内恢复：{manner}"
        case events.CaseReopened(subjects=subjects, explanation=why):
            return f"{organ}对{_subjects(subjects, case)}重新审查：{why}"
    return None


def _result(id_: str, case: ToleranceCase) -> str:
    what = "结论性意见" if case.files[id_].conclusive else "认定结果"
    return f"{_subject(id_, case)}的{what}"


def _reviewed(id_: str, case: ToleranceCase) -> str:
    """What a review looks at: a determination, or the answer that there will be none."""
    if case.files[id_].determination is None:
        return f"{_subject(id_, case)}的申请不予受理一事"
    return f"对{_subject(id_, case)}的认定"


def _ended(event: events.DeterminationEnded, case: ToleranceCase) -> str:
    ended_on = day(case.files[event.subject].past[-1].on)
    told = f"对{_subject(event.subject, case)}的认定（{ended_on}作出）失效，不再计入统计"
    if event.effects_withdrawn:
        told += f"，其效果{len(event.effects_withdrawn)}项一并撤回"
    if event.restore_in:
        told += f"，须在原范围（{'、'.join(map(_scope, event.restore_in))}）内恢复"
    return told


def _scope(scope: str) -> str:
    return RECIPIENTS.get(scope, scope)


def _concluded(event: events.Concluding, case: ToleranceCase) -> str:
    parts = [f"认定对{_subject(event.subject, case)}{OUTCOMES[event.outcome]}"]
    parts += filter(None, map(_treated, event.treatments()))
    given = [each for each in event.measures if each is not PROPOSAL]
    if given:
        parts.append("给予" + "、".join(MEASURES[each] for each in given))
    if PROPOSAL in event.measures:
        parts.append(f"发出{MEASURES[PROPOSAL]}")
    if event.rectification:
        parts.append(f"并提出{len(event.rectification.items)}项整改要求")
    if event.rectification_waived:
        parts.append(f"不另提整改要求（{event.rectification_waived}）")
    return "，".join(parts)


def _treated(treatment: Treatment) -> str | None:
    if treatment.sanction is None:
        return None
    before = f"原拟{treatment.before}" if treatment.before else None
    becomes = "改为" if treatment.relief else "给予"
    after = f"{becomes}{treatment.after}" if treatment.after else None
    change = "，".join(filter(None, (before, after)))
    told = f"（{change}）" if change else ""
    if treatment.relief is None:
        return f"{SANCTIONS[treatment.sanction]}不予减免{told}" if told else None
    grades = f"{treatment.grades}档" if treatment.grades else ""
    return f"{RELIEFS[treatment.relief]}{SANCTIONS[treatment.sanction]}{grades}{told}"


def _counted(voices: Iterable[particulars.Voice]) -> str:
    held = [each.view for each in voices]
    return "、".join(f"{VOICES[view]}{held.count(view)}票" for view in VOICES if view in held)


def _dissent(voices: Iterable[particulars.Voice], case: ToleranceCase) -> str:
    """Who did not agree, in their own words."""
    return "".join(
        f"；{_named(each.of, case)}{VOICES[each.view]}{f'：{each.words}' if each.words else ''}"
        for each in voices
        if each.view is not particulars.View.AGREES
    )


def _recipient(recipient: Recipient, subject: Subject) -> str:
    itself = recipient is Recipient.SUBJECT and subject.kind is SubjectKind.ORGANIZATION
    return "该单位" if itself else RECIPIENTS[recipient]


def _organ(event: Event, case: ToleranceCase) -> str:
    return _named(event.envelope.by.organ, case)


def _subject(id_: str, case: ToleranceCase) -> str:
    return case.files[id_].subject.label


def _subjects(ids: Iterable[str], case: ToleranceCase) -> str:
    return "、".join(_subject(each, case) for each in ids)


def _named(organ: str, case: ToleranceCase) -> str:
    """An organ by its name, where the case knows it: its own, the first, the one that asks."""
    known = (case.organ, case.opened and case.opened.organ, case.matter and case.matter.organ)
    return next((each.name for each in known if each and each.id == organ), organ)


def _with(others: tuple[str, ...], case: ToleranceCase) -> str:
    names = [_named(other, case) for other in others]
    return f"会同{'、'.join(names)}" if names else ""


Part = Callable[[Event, ToleranceCase], str | None]
PARTS: dict[type[Event], tuple[Part, ...]] = {
    events.OpeningEvent: (_opening_told,),
    events.InquiryEvent: (_inquiry_told, _voices_told),
    events.DecisionEvent: (_decision_told, _after_told),
    events.AftermathEvent: (_after_told,),
}
