"""What an application for review must meet, one question each."""

from datetime import date

from domain.aggregate import Order
from domain.guards import cited
from domain.law.periods import period
from domain.law.time_limits import TimeLimits
from domain.matter import Relation
from domain.people import Organ, OrganLevel
from domain.refusals import Code, Refusal
from domain.review.acts import OpenReview
from domain.review.instrument import Addressee, Remedy, ReviewInstrument
from domain.tolerance.case import ToleranceCase

Rules = TimeLimits[ReviewInstrument]
FROM_THE_TOP = tuple(OrganLevel)


def require_one_subject(act: OpenReview) -> None:
    """Whoever else is concerned asks in a review of their own."""
    if len(act.subjects) != 1:
        raise Refusal(
            Code.MALFORMED,
            asked=act.label,
            obstacle=f"写了 {len(act.subjects)} 个申请人，一件申诉复核只有一个",
            way_out="请按申请人分别登记",
        )


def require_other_than_tolerance(act: OpenReview) -> None:
    """A determination is reviewed inside its own case."""
    linked = any(
        link.kind == ToleranceCase.kind and link.relation is Relation.REVIEWS for link in act.links
    )
    if linked or act.attacked_kind == ToleranceCase.kind:
        raise Refusal(
            Code.NOT_PROVIDED,
            asked=act.label,
            obstacle="对容错认定的复核在该容错案件中办理",
            way_out="请在该案申请复核（lodge_review）",
        )


def require_dates(act: OpenReview, on: date) -> None:
    """Decided, then received, then attacked."""
    if not act.decided_on <= act.received_on <= on:
        raise Refusal(
            Code.MALFORMED,
            asked=act.label,
            obstacle=f"{act.decided_on} 决定、{act.received_on} 收到、{on} 提出，先后不合",
            way_out="请核对 decided_on 和 received_on",
        )


def remedy_of(act: OpenReview, rules: Rules) -> Remedy:
    remedy = rules.instrument.remedy(act.remedy)
    if remedy is None:
        known = "、".join(f"{each.id}（{each.label}）" for each in rules.instrument.remedies)
        raise Refusal(
            Code.UNKNOWN_REMEDY,
            asked=act.label,
            obstacle=f"{rules.instrument.name}没有规定 {act.remedy} 这种救济",
            way_out=f"可用的有 {known}" if known else "请依其他规定办理",
        )
    return remedy


def require_addressee(act: OpenReview, remedy: Remedy) -> None:
    """The organ that decided or one above it, as the remedy says."""
    addressed = remedy.addressed
    if addressed is None or _takes(addressed.to, act.organ, act.decided_by):
        return
    raise Refusal(
        Code.WRONG_ORGAN,
        asked=act.label,
        obstacle=f"{remedy.label}应向{addressed.label}提出，{act.organ.name}不是",
        way_out=f"决定由{act.decided_by.name}作出，请转{addressed.label}办理",
        articles=cited(addressed.article),
    )


def _takes(to: Addressee, organ: Organ, decided_by: Organ) -> bool:
    if to is Addressee.DECIDING:
        return organ.id == decided_by.id
    return FROM_THE_TOP.index(organ.level) < FROM_THE_TOP.index(decided_by.level)


def require_review_before(act: OpenReview, remedy: Remedy, rules: Rules) -> None:
    """Some remedies are open only against the decision of an earlier one."""
    before = rules.instrument.remedy(remedy.after) if remedy.after else None
    linked = any(
        link.kind == rules.instrument.kind and link.relation is Relation.REVIEWS
        for link in act.links
    )
    if before is None or act.after is not None or linked:
        return
    raise Refusal(
        Code.STEP_MISSING,
        asked=act.label,
        obstacle=f"{remedy.label}须在{before.label}有了决定之后提出",
        way_out=f"请在 after 写明该次{before.label}的编号，或者关联该次；尚未经过的，请先提出",
        articles=cited(remedy.article),
    )


def require_in_time(act: OpenReview, remedy: Remedy, order: Order, rules: Rules) -> None:
    """From the day the decision was received; nobody is late on a presumed calendar."""
    lodge = remedy.lodge
    if lodge is None:
        return
    ends = period(act.received_on, lodge.amount, lodge.unit, rules.calendar, roll=lodge.roll)
    if order.on > ends.due_on and not ends.provisional:
        raise Refusal(
            Code.LATE,
            asked=act.label,
            obstacle=f"{act.received_on} 收到决定，提出{remedy.label}的期限已于 {ends.due_on} 届满",
            way_out="决定确有错误的，由作出决定的机关或者上级机关依职权纠正",
            articles=cited(lodge.article),
        )
