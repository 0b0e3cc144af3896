"""Where an overlay widens what its parent narrows: more tolerance, or fewer checks upon it.

Filling a gap is no widening: what the parent leaves open (null, `none_stated`, an unstated time) a
child may settle either way. Whatever widens must be marked in the child with its basis.
"""

from collections.abc import Iterator
from typing import TypeVar

from domain.law.deadline_rules import DeadlineRule, Extension, Qualifier
from domain.law.outcomes import Permitted
from domain.law.periods import TimeUnit
from domain.law.policy import ApprovalWhen, Committee, Opinions, Policy, Quorum
from domain.law.situations import Listed, Role, SituationList
from domain.people import OrganLevel
from domain.values import Value

Named = TypeVar("Named")

CARRIES = {Role.EXCLUDING: 0, Role.MITIGATING: 1, Role.EXEMPTING: 2, Role.TOLERATING: 2}
BINDS = {
    Qualifier.MUST: 4,
    Qualifier.GENERALLY: 3,
    Qualifier.PROMPTLY: 2,
    Qualifier.PERIOD: 1,
    Qualifier.TARGET: 1,
    Qualifier.UNSTATED: 0,
}
RESTARTS = {"none_stated": 0, "changed_subjects": 1, "all": 2}
CARRIED = {None: 0, "half": 1, "two_thirds": 2}
LEVELS: dict[OrganLevel | None, int] = {
    None: 0,
    **{level: len(OrganLevel) - n for n, level in enumerate(OrganLevel)},
}
DAYS = {  # the fewest and the most days one unit can last
    TimeUnit.WORKING_DAY: (1, 11),  # the long holidays
    TimeUnit.CALENDAR_DAY: (1, 1),
    TimeUnit.MONTH: (28, 31),
    TimeUnit.QUARTER: (1, 92),
    TimeUnit.YEAR: (365, 366),
}


class Widening(Value):
    """`at` names the place by ids, as `overrides` must; `why` says what it loosens."""

    at: str
    why: str


def widenings(parent: Policy, child: Policy) -> tuple[Widening, ...]:
    """Every place at which the child widens what its parent narrows, in the order of a pack."""
    parts = (
        _transition(parent, child),
        _opening(parent, child),
        _team(parent, child),
        _steps(parent, child),
        _factors(parent, child),
        _lists(parent, child),
        _bars(parent, child),
        _voices(parent, child),
        _notice(parent, child),
        _permitted(parent, child),
        _approvals(parent, child),
        _afterwards(parent, child),
        _deadlines(parent, child),
    )
    return tuple(Widening(at=at, why=why) for part in parts for at, why in part)


Found = Iterator[tuple[str, str]]


def _transition(parent: Policy, child: Policy) -> Found:
    if parent.transition.rule != "none_stated" and child.transition.rule == "none_stated":
        yield "transition.rule", "施行前已问责的不再排除"


def _opening(parent: Policy, child: Policy) -> Found:
    """Who may apply and how, and what acceptance demands."""
    for track in child.tracks:
        if track not in parent.tracks:
            yield f"tracks.{track}", "增加了启动方式"
    if {*child.application.by} - {*parent.application.by}:
        yield "application.by", "增加了申请主体"
    yield from _window(parent, child)
    if (
        parent.acceptance.co_signed_by_accountability_organ
        and not child.acceptance.co_signed_by_accountability_organ
    ):
        yield "acceptance.co_signed_by_accountability_organ", "受理不再须会同问责主体"
    theirs = {each.id: each for each in child.documents}
    for document in parent.documents:
        kept = theirs.get(document.id)
        if kept is None:
            yield f"documents.{document.id}", "去掉了必备材料"
        elif (document.before, kept.before) == ("acceptance", "determination"):
            yield f"documents.{document.id}.before", "必备材料推迟到认定前"


def _window(parent: Policy, child: Policy) -> Found:
    before, after = parent.application.window, child.application.window
    if before is None:
        return
    if after is None:
        yield "application.window", "取消了申请期限"
        return
    if before.amount is not None and before.unit is not None:
        told = (before.amount, before.unit)
        if after.amount is None or after.unit is None or _longer((after.amount, after.unit), told):
            yield "application.window.amount", "延长或取消了申请期限"
    if before.closes_on_decision and not after.closes_on_decision:
        yield "application.window.closes_on_decision", "作出问责决定后仍可申请"


def _team(parent: Policy, child: Policy) -> Found:
    if _lower(parent.team.at_least, child.team.at_least):
        yield "team.at_least", "减少了承办人数"
    if {*parent.team.recusal} - {*child.team.recusal}:
        yield "team.recusal", "减少了回避情形"


def _steps(parent: Policy, child: Policy) -> Found:
    kept = {each.step: each for each in child.steps}
    for each in parent.steps:
        if not each.required:
            continue
        if each.step not in kept:
            yield f"steps.{each.step}", "去掉了必经步骤"
        elif not kept[each.step].required:
            yield f"steps.{each.step}.required", "必经步骤改为视情况"


def _factors(parent: Policy, child: Policy) -> Found:
    if (parent.six_factors, child.six_factors) == ("required", "optional"):
        yield "six_factors", "六看不再必作"
    if {*parent.decisive_factors} - {*child.decisive_factors}:
        yield "decisive_factors", "减少了可单独否定的因素"
    if (parent.hearing, child.hearing) == ("required", "optional"):
        yield "hearing", "听取陈述不再必经"


def _lists(parent: Policy, child: Policy) -> Found:
    kept = {each.id: each for each in child.lists}
    for each in parent.lists:
        if each.id in kept:
            yield from _list(each, kept[each.id])
        elif each.role is Role.EXCLUDING:
            yield f"lists.{each.id}", "去掉了不予容错的清单"
    known = {each.id for each in parent.lists}
    for each in child.lists:
        if each.id not in known and each.role is not Role.EXCLUDING:
            yield f"lists.{each.id}", "增加了可以容错、免责或减责的清单"
    if _positive(parent) and not _positive(child):
        yield "lists", "可以容错的情形全部去掉，容错便再无条件"


def _positive(policy: Policy) -> bool:
    return any(each.role is not Role.EXCLUDING for each in policy.lists)


def _list(before: SituationList, after: SituationList) -> Found:
    at = f"lists.{before.id}"
    if CARRIES[after.role] > CARRIES[before.role]:
        yield f"{at}.role", "清单的效力加大"
    excluding = before.role is Role.EXCLUDING
    strictness = {None: 0, "all": 1, "any": 2} if excluding else {None: 0, "any": 1, "all": 2}
    if strictness[after.match] < strictness[before.match]:
        yield f"{at}.match", "放宽了须一项还是全部"
    yield from _items(before, after, narrowing=excluding != (after.match == "all"))


def _items(before: SituationList, after: SituationList, *, narrowing: bool) -> Found:
    """`narrowing`: every item makes tolerance harder, so that losing one widens."""
    old, new = ({item.id: item for item in each.items} for each in (before, after))
    at = f"lists.{before.id}.items"
    for name in old:
        if name not in new and (narrowing or after.match is None):
            yield f"{at}.{name}", "去掉了限制容错的条目"
        elif name in new and _conduct_widened(old[name], new[name], narrowing=narrowing):
            yield f"{at}.{name}.conduct", "改变了条目所限的行为时间"
    for name in new:
        if name not in old and not narrowing:
            yield f"{at}.{name}", "增加了使容错更易的条目"


def _conduct_widened(before: Listed, after: Listed, *, narrowing: bool) -> bool:
    """A condition of time makes an item narrower: that widens where the item narrows."""
    if before.conduct == after.conduct:
        return False
    return after.conduct is not None if narrowing else before.conduct is not None


def _bars(parent: Policy, child: Policy) -> Found:
    if (parent.catch_all, child.catch_all) == ("collegial_review", "none_stated"):
        yield "catch_all", "仅凭兜底条款的不再须集体会商"
    if parent.repeated_error is None:
        return
    if child.repeated_error is None:
        yield "repeated_error", "同一错误再次发生的不再排除"
    elif {*child.repeated_error.except_items} - {*parent.repeated_error.except_items}:
        yield "repeated_error.except_items", "增加了屡犯仍可容错的情形"


def _voices(parent: Policy, child: Policy) -> Found:
    """Opinions, consultation and committee: who must be asked, and how many must agree."""
    yield from _opinions(parent.opinions, child.opinions)
    before, after = parent.consultation, child.consultation
    if before is not None and after is None:
        yield "consultation", "不再会商"
    elif before is not None and after is not None:
        if {*before.organs} - {*after.organs}:
            yield "consultation.organs", "减少了会商机关"
        yield from _quorum("consultation", before.quorum, after.quorum)
    yield from _committee(parent.committee, child.committee)


def _opinions(before: Opinions | None, after: Opinions | None) -> Found:
    if before is None:
        return
    if after is None:
        yield "opinions", "不再征求意见"
        return
    if {*before.of} - {*after.of}:
        yield "opinions.of", "减少了征求意见的对象"
    if (before.silence, after.silence) == ("not_counted", "agrees"):
        yield "opinions.silence", "未答复的改作同意"


def _committee(before: Committee | None, after: Committee | None) -> Found:
    if before is None:
        return
    if after is None:
        yield "committee", "不再由评估委员会研判"
        return
    if {*before.seats} - {*after.seats}:
        yield "committee.seats", "减少了评估委员会的席位"
    yield from _quorum("committee", before.quorum, after.quorum)


def _quorum(at: str, before: Quorum, after: Quorum) -> Found:
    if _lower(before.at_least, after.at_least):
        yield f"{at}.quorum.at_least", "减少了到会人数"
    if CARRIED[after.carried_by] < CARRIED[before.carried_by]:
        yield f"{at}.quorum.carried_by", "降低了通过的门槛"


def _notice(parent: Policy, child: Policy) -> Found:
    before, after = parent.public_notice, child.public_notice
    if before is None:
        return
    if after is None:
        yield "public_notice", "不再公示"
        return
    if before.required and not after.required:
        yield "public_notice.required", "公示改为必要时"
    if RESTARTS[after.restart] < RESTARTS[before.restart]:
        yield "public_notice.restart", "异议成立后重新公示的范围缩小"


def _permitted(parent: Policy, child: Policy) -> Found:
    if parent.permitted is None:
        return
    if child.permitted is None:
        yield "permitted", "处理种类和程度不再受限"
        return
    before = {each.sanction: each for each in parent.permitted}
    for each in child.permitted:
        if each.sanction in before:
            yield from _reliefs(before[each.sanction], each)
        else:
            yield f"permitted.{each.sanction}", "增加了可以从轻、减轻或免予的处理种类"


def _reliefs(before: Permitted, after: Permitted) -> Found:
    at = f"permitted.{before.sanction}"
    if {*after.reliefs} - {*before.reliefs}:
        yield f"{at}.reliefs", "增加了允许的程度"
    if _higher(before.grades_at_most, after.grades_at_most):
        yield f"{at}.grades_at_most", "放宽了减轻的档数"
    if before.waived_only_from is not None and (
        after.waived_only_from is None or {*after.waived_only_from} - {*before.waived_only_from}
    ):
        yield f"{at}.waived_only_from", "增加了可以免予的处分"


def _approvals(parent: Policy, child: Policy) -> Found:
    kept = {each.id: each for each in child.approvals}
    for each in parent.approvals:
        after = kept.get(each.id)
        if after is None:
            yield f"approvals.{each.id}", "去掉了报批"
            continue
        if _covers_less(each.when, after.when):
            yield f"approvals.{each.id}.when", "缩小了须报批的范围"
        if LEVELS[after.level] < LEVELS[each.level]:
            yield f"approvals.{each.id}.level", "降低了批准机关的层级"


def _covers_less(before: ApprovalWhen, after: ApprovalWhen) -> bool:
    """Each condition written makes an approval rarer; nothing written means every case."""
    return (
        after.managed_by not in (None, before.managed_by)
        or _rarer(before.outcomes, after.outcomes)
        or _rarer(before.sanctions, after.sanctions)
        or (after.reduced_beyond or 0) > (before.reduced_beyond or 0)
    )


def _rarer(before: tuple[Named, ...], after: tuple[Named, ...]) -> bool:
    return bool(after) and (not before or bool({*before} - {*after}))


def _afterwards(parent: Policy, child: Policy) -> Found:
    """Rectification, notification, filing and follow-up."""
    if not parent.rectification.waivable and child.rectification.waivable:
        yield "rectification.waivable", "可以不提整改要求"
    told = {each.recipient for each in child.notification}
    for addressee in parent.notification:
        if addressee.recipient not in told:
            yield f"notification.{addressee.recipient}", "减少了反馈的对象"
    filed = {each.with_: each for each in child.filing}
    for each in parent.filing:
        if each.with_ not in filed:
            yield f"filing.{each.with_}", "不再备案"
        elif filed[each.with_].managed_by not in (None, each.managed_by):
            yield f"filing.{each.with_}.managed_by", "缩小了须备案的对象"
    yield from _follow_up(parent, child)


def _follow_up(parent: Policy, child: Policy) -> Found:
    before, after = parent.follow_up, child.follow_up
    if before is None:
        return
    if after is None:
        yield "follow_up", "不再回访"
        return
    if _lower(before.visitors_at_least, after.visitors_at_least):
        yield "follow_up.visitors_at_least", "减少了回访人数"
    ratio, kept = before.yearly_ratio, after.yearly_ratio
    if ratio is not None and (kept is None or kept.percent < ratio.percent):
        yield "follow_up.yearly_ratio", "降低了每年回访的比例"


def _deadlines(parent: Policy, child: Policy) -> Found:
    kept = {each.id: each for each in child.deadlines}
    for each in parent.deadlines:
        if each.id not in kept:
            yield f"deadlines.{each.id}", "去掉了期限"
        else:
            yield from (
                (f"deadlines.{each.id}.{key}", why) for key, why in _rule(each, kept[each.id])
            )


def _rule(before: DeadlineRule, after: DeadlineRule) -> Found:
    if before.blocks_closing and not after.blocks_closing:
        yield "blocks_closing", "未办也可以结案"
    if before.managed_by != after.managed_by and after.managed_by is not None:
        yield "managed_by", "缩小了适用的对象"
    if before.at_least > after.at_least:
        yield "at_least", "减少了次数"
    if before.qualifier is Qualifier.UNSTATED:  # nothing was set: the child fills it in
        return
    if BINDS[after.qualifier] < BINDS[before.qualifier]:
        yield "qualifier", "时限的约束减弱"
    yield from _length(before, after)
    yield from _course(before, after)


def _length(before: DeadlineRule, after: DeadlineRule) -> Found:
    if before.amount is None or before.unit is None or after.amount is None or after.unit is None:
        return
    old, new = (before.amount, before.unit), (after.amount, after.unit)
    if before.qualifier is Qualifier.PERIOD:  # a notice is the weaker the shorter it runs
        if _longer(old, new):
            yield "amount", "期间缩短"
        return
    if _longer(new, old):
        yield "amount", "时限延长"
    elif after.roll and not before.roll:
        yield "roll", "末日放假的改为顺延"
    if after.extension is not None and _enlarged(before.extension, after.extension):
        yield "extension", "增加或放宽了延长"


def _course(before: DeadlineRule, after: DeadlineRule) -> Found:
    """By which events a time begins, ends and stands still."""
    if (after.opens_on, after.starts) != (before.opens_on, before.starts):
        yield "opens_on", "改变了起算"
    if {*after.met_by} - {*before.met_by}:
        yield "met_by", "增加了办结的方式"
    if {*after.lapses_on} - {*before.lapses_on}:
        yield "lapses_on", "增加了终止的情形"
    if {*after.suspended_by} - {*before.suspended_by}:
        yield "suspended_by", "增加了中止的情形"


def _enlarged(before: Extension | None, after: Extension) -> bool:
    if before is None:
        return True
    return (
        _longer((after.amount, after.unit), (before.amount, before.unit))
        or _higher(before.times, after.times)
        or _cap_raised(before, after)
    )


def _cap_raised(before: Extension, after: Extension) -> bool:
    if before.cap_amount is None or before.cap_unit is None:
        return False
    if after.cap_amount is None or after.cap_unit is None:
        return True
    return _longer((after.cap_amount, after.cap_unit), (before.cap_amount, before.cap_unit))


def _longer(one: tuple[int, TimeUnit], other: tuple[int, TimeUnit]) -> bool:
    """Whether the one may last longer; units that do not compare are given no benefit of doubt."""
    (amount, unit), (than, than_unit) = one, other
    if unit is than_unit:
        return amount > than
    return amount * DAYS[unit][1] > than * DAYS[than_unit][0]


def _lower(before: int | None, after: int | None) -> bool:
    """A minimum was lowered or lost; where there was none, any is a gain."""
    return before is not None and (after is None or after < before)


def _higher(before: int | None, after: int | None) -> bool:
    """A maximum was raised or lost."""
    return before is not None and (after is None or after > before)
