"""A follow-up in words."""

from domain.aggregate import Event
from domain.follow_up import events
from domain.follow_up.events import Addressee, Cause, Ending, VisitRecord, VisitWay
from domain.follow_up.matter import FollowUp
from projections.told.phrases import day, labels, organ, subject

CAUSES = {Cause.TOLERANCE: "容错认定", Cause.SANCTION: "处分或者处理"}
HELD = {VisitWay.TALK: "与{}谈心谈话", VisitWay.VISIT: "回访{}"}
ADDRESSEES = {
    Addressee.PARTY_COMMITTEE: "党委（党组）",
    Addressee.PERSONNEL_ORGAN: "组织（人事）部门",
}
ENDINGS = {
    Ending.REVOKED: "认定或者处分被撤销",
    Ending.DECEASED: "对象死亡",
    Ending.LEFT: "对象离职或者退休",
}
BLANKS = {
    "thoughts": "思想",
    "discipline": "纪律",
    "work": "工作",
    "life": "生活",
    "appraisal": "评价",
    "unit_and_mentor": "单位和帮教人",
    "execution": "处分执行",
}


def told(event: Event, matter: FollowUp) -> str | None:  # noqa: PLR0911 (a line an event)
    by = matter.organ.name if matter.organ else organ(event.envelope.by.organ, matter)
    who = labels(matter.subjects.values())
    match event:
        case events.FollowUpOpened():
            return _opened(event, by)
        case events.VisitHeld(visitors=visitors):
            held = HELD[event.way].format(subject(event.subject, matter))
            again = "，期间内已经办过，恢复跟踪" if event.undoes_lapse else ""
            with_record = f"；{_recorded(event.record)}" if _recorded(event.record) else ""
            return f"{'、'.join(visitors)}{held}：{event.summary}{with_record}{again}"
        case events.FollowUpTransferred(to=to, explanation=why):
            return f"对{who}的跟踪回访移交{to.name}，已办次数一并接续：{why}"
        case events.FollowUpGraded(label=label):
            return f"{by}评定对{who}回访的等次为「{label}」"
        case events.FeedbackSent(to=to, behaviour=behaviour):
            return f"{by}向{ADDRESSEES[to]}反馈{who}的良好表现：{behaviour}"
        case events.AppointmentAdvised(to=to, explanation=why):
            return f"{by}向{to}回复，不影响{who}任用：{why}"
        case events.FollowUpCompleted(visits=visits):
            return f"{by}了结对{who}的跟踪回访，其间谈心谈话、回访{visits}次"
        case events.FollowUpTerminated(cause=cause, explanation=why):
            return f"因{ENDINGS[cause]}，{by}终止对{who}的跟踪回访：{why}"
        case events.FollowUpLapsed(visits=visits, wanted=wanted):
            return f"对{who}的跟踪期满，应谈心谈话、回访{wanted}次，实有{visits}次"
    return None


def _opened(event: events.FollowUpOpened, by: str) -> str:
    first, last = event.window_from, event.window_until
    window = f"，期间为{day(first)}至{day(last)}" if first and last else "，期间未定"
    after = f"{day(event.determined_on)}的{CAUSES[event.cause]}"
    return f"{by}在{after}之后，对{labels(event.subjects)}跟踪回访（{event.number}）{window}"


def _recorded(record: VisitRecord) -> str:
    """What was learned, blank by blank."""
    told = record.model_dump(exclude_none=True)
    return "，".join(f"{BLANKS[blank]}：{said}" for blank, said in told.items())
