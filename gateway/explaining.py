"""A pack read aloud: what the instrument says, in the words and the order an official reads it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from domain.law.deadline_rules import DeadlineRule, Extension, Qualifier, StartDate
from domain.law.overlay import widenings
from domain.law.policy import Approval, InForce, Policy, Quorum
from domain.law.selection import CALLED
from domain.law.situations import ConductDate, Listed, SituationList
from domain.tolerance.particulars import FACTORS
from domain.values import Value
from gateway.differences import differences
from gateway.overlays import OWN
from gateway.pack_words import (
    AGAINST,
    APPLICANTS,
    CARRIED,
    LEVELS,
    MATCHES,
    NAMES,
    RESTARTS,
    ROLES,
    SILENCE,
    STARTS,
    TRACKS,
    UNITS,
    called,
    event,
)
from projections.words import GROUNDS, OUTCOMES, RECIPIENTS, RELIEFS, SANCTIONS

NO_TITLES: Final[Mapping[str, str]] = {}
UNKNOWN = "来源未载"
UNSURE = "（未核实）"
SELF = {  # what every pack says of itself: no difference worth telling
    NAMES[key] for key in (*OWN, "blanks") if key in NAMES
}
PER = {"case": "每案一项", "subject": "每个对象一项", "item": "每件一项"}


@dataclass(frozen=True)
class Part:
    """One heading and what stands under it."""

    title: str
    lines: tuple[str, ...]


def explained(chain: Sequence[Policy]) -> list[Part]:
    """A pack in words; `chain` is the pack and those above it, from the nearest parent up."""
    policy = chain[0]
    parts = (
        ("办法", _about(policy)),
        ("启动和申请", _opening(policy)),
        ("承办人员", _team(policy)),
        ("步骤", _steps(policy)),
        ("研判和会商", _judging(policy)),
        *((_title(each), _list(each)) for each in policy.lists),
        ("清单之外", _bars(policy)),
        ("公示、暂缓和中止", _pauses(policy)),
        ("处理", _treatment(policy)),
        ("报批", _approvals(policy)),
        ("认定之后", _afterwards(policy)),
        ("期限", _deadlines(policy)),
        ("催办督办", _ladder(policy)),
        ("与上级办法", _above(chain)),
        ("来源未载", iter(policy.blanks)),
        ("未经核实", unconfirmed(policy)),
    )
    told = (Part(title, tuple(lines)) for title, lines in parts)
    return [part for part in told if part.lines]


# ---- the instrument ----------------------------------------------------------------------------


def _about(policy: Policy) -> Iterator[str]:
    yield f"{policy.name}（{policy.document or '文号未见'}），{policy.issuer}"
    yield f"编号 {policy.reference}，出处 {policy.source}"
    yield f"适用 {policy.jurisdiction.label}，{in_force(policy.in_force)}"
    transition = policy.transition
    yield f"按{CALLED[transition.selected_by]}选用版次{sure(transition.confirmed)}"
    if transition.rule == "excludes_prior_accountability":
        yield cited("施行前已经问责的不适用", transition.article)


def in_force(told: InForce) -> str:
    since = f"自 {told.since} 起施行" if told.since else "施行日期未见"
    until = f"，至 {told.until} 止" if told.until else ""
    return cited(f"{since}{until}", told.article) + sure(told.confirmed)


def _opening(policy: Policy) -> Iterator[str]:
    for track, article in policy.tracks.items():
        yield cited(TRACKS[track], article)
    application = policy.application
    by = "、".join(APPLICANTS[each] for each in application.by)
    yield cited(f"可以申请的：{by or UNKNOWN}", application.article)
    window = application.window
    if window is None:
        yield "申请期限来源未定"
    else:
        length = _length(window.amount, window.unit)
        told = f"申请期限：启动问责之日起 {length}内" if length else "申请没有天数的限制"
        closes = "，作出问责决定即止" if window.closes_on_decision else ""
        yield cited(f"{told}{closes}", window.article) + sure(window.confirmed)
        if window.interpretation:
            yield f"  理解：{window.interpretation}"
    acceptance = policy.acceptance
    jointly = "，会同问责主体" if acceptance.co_signed_by_accountability_organ else ""
    yield cited(f"答复受理与否：{acceptance.by or UNKNOWN}{jointly}", acceptance.article)
    for document in policy.documents:
        before = {"acceptance": "受理", "determination": "认定"}[document.before]
        yield cited(f"{before}前须有：{document.label}", document.article)


def _team(policy: Policy) -> Iterator[str]:
    team = policy.team
    number = f"至少 {team.at_least} 人" if team.at_least else f"人数{UNKNOWN}"
    yield cited(number, team.article) + sure(team.confirmed)
    grounds = "；".join(GROUNDS[each] for each in team.recusal)
    yield f"回避：{grounds or UNKNOWN}"


def _steps(policy: Policy) -> Iterator[str]:
    for number, each in enumerate(policy.steps, start=1):
        needed = "" if each.required else "，视情况"
        yield cited(f"{number}. {each.label}{needed}", each.article)
    if not policy.steps:
        yield f"步骤{UNKNOWN}"


def _judging(policy: Policy) -> Iterator[str]:
    yield f"六看研判：{_choice(policy.six_factors)}"
    if policy.decisive_factors:
        factors = "、".join(FACTORS[each] for each in policy.decisive_factors)
        yield f"其中一项否定即不予容错：{factors}"
    yield f"听取对象陈述：{_choice(policy.hearing)}"
    if policy.risk_filing:
        told = "事前风险报备可作为认定的依据，须在行为之前同意"
        yield cited(told, policy.risk_filing.article) + sure(policy.risk_filing.confirmed)
    opinions = policy.opinions
    if opinions:
        silence = f"，未答复的{SILENCE[opinions.silence]}" if opinions.silence else ""
        asked = "、".join(opinions.of) or f"对象{UNKNOWN}"
        yield cited(f"征求意见：{asked}{silence}", opinions.article)
    consultation = policy.consultation
    if consultation:
        organs = "、".join(consultation.organs) or f"机关{UNKNOWN}"
        told = f"会商：{organs}，{_quorum(consultation.quorum)}"
        yield cited(told, consultation.article) + sure(consultation.confirmed)
    committee = policy.committee
    if committee:
        seats = "、".join(committee.seats) or f"席位{UNKNOWN}"
        told = f"{committee.label}：{seats}，{_quorum(committee.quorum)}；只提建议，由机关认定"
        yield cited(told, committee.article) + sure(committee.confirmed)


def _quorum(quorum: Quorum) -> str:
    present = f"到会至少 {quorum.at_least} 方" if quorum.at_least else f"到会人数{UNKNOWN}"
    carried = f"{CARRIED[quorum.carried_by]}通过" if quorum.carried_by else f"通过的门槛{UNKNOWN}"
    return f"{present}，{carried}"


def _title(each: SituationList) -> str:
    label = f"：{each.label}" if each.label else ""
    return f"{ROLES[each.role]}{label}（{MATCHES[each.match]}）"


def _list(each: SituationList) -> Iterator[str]:
    about = [f"清单 {each.id}"]
    if each.fields:
        about.append(f"重点领域 {'、'.join(each.fields)}")
    yield cited("，".join(about), each.article) + sure(each.confirmed)
    for item in each.items:
        yield item_in_words(item)
    if not each.items:
        yield f"条目{UNKNOWN}"


def item_in_words(item: Listed) -> str:
    catch_all = "，兜底" if item.catch_all else ""
    when = f"，{_conduct(item.conduct)}" if item.conduct else ""
    return cited(f"{item.id} {item.label or UNKNOWN}{catch_all}{when}", item.article)


def _conduct(told: ConductDate) -> str:
    since = f"{told.since} 以来" if told.since else ""
    before = f"{told.before} 以前" if told.before else ""
    return f"只限 {since}{before}的行为{sure(told.confirmed)}"


def _bars(policy: Policy) -> Iterator[str]:
    if policy.catch_all == "collegial_review":
        yield "仅凭兜底条款认定的，须集体会商"
    repeated = policy.repeated_error
    if repeated:
        excepted = "、".join(repeated.except_items)
        saved = f"，但符合 {excepted} 的除外" if excepted else ""
        yield cited(f"同一错误再次发生的不予容错{saved}", repeated.article)


def _pauses(policy: Policy) -> Iterator[str]:
    notice = policy.public_notice
    if notice is None:
        yield "公示未见规定"
    else:
        needed = "必经" if notice.required else "必要时"
        ends = f"最后一日 {notice.cut_off:%H:%M}" if notice.cut_off else "最后一日终了"
        yield cited(
            f"公示：{needed}，范围 {notice.scope or UNKNOWN}，期限 {notice.rule}", notice.article
        )
        yield f"  异议收至{ends}；异议成立后重新公示：{RESTARTS[notice.restart]}"
    if policy.deferral:
        yield cited(f"难以定论的可以暂缓，期限 {policy.deferral.rule}", policy.deferral.article)
    else:
        yield "暂缓认定未见规定"
    if policy.suspension:
        told = cited("可以中止办理", policy.suspension.article)
        yield told + sure(policy.suspension.confirmed)


def _treatment(policy: Policy) -> Iterator[str]:
    determination = policy.determination
    yield cited(f"作出认定：{determination.by or UNKNOWN}", determination.article)
    if policy.permitted is None:
        yield f"处理种类和程度的限制{UNKNOWN}，由机关把握"
    for each in policy.permitted or ():
        reliefs = "、".join(RELIEFS[relief] for relief in each.reliefs)
        capped = f"，减轻至多 {each.grades_at_most} 档" if each.grades_at_most else ""
        only = each.waived_only_from
        waived = f"，只有 {'、'.join(only)} 可以免予" if only is not None else ""
        yield cited(f"{SANCTIONS[each.sanction]}：{reliefs}{capped}{waived}", each.article)
    rectification = policy.rectification
    may = "，说明理由的可以不提" if rectification.waivable else ""
    told = cited(f"予以容错的，一并提出整改要求{may}", rectification.article)
    yield told + sure(rectification.confirmed)


def _approvals(policy: Policy) -> Iterator[str]:
    for each in policy.approvals:
        level = f"（{LEVELS[each.level]}）" if each.level else ""
        told = f"{_when(each)}须经批准，批准机关：{each.by or UNKNOWN}{level}"
        yield cited(told, each.article) + sure(each.confirmed)


def _when(each: Approval) -> str:
    when = each.when
    told = [
        f"{when.managed_by}管理的" if when.managed_by else "",
        f"{'、'.join(OUTCOMES[one] for one in when.outcomes)}的" if when.outcomes else "",
        f"涉及{'、'.join(SANCTIONS[one] for one in when.sanctions)}的" if when.sanctions else "",
        f"减轻超过 {when.reduced_beyond} 档的" if when.reduced_beyond else "",
    ]
    return "，".join(filter(None, told)) or "每一项认定"


def _afterwards(policy: Policy) -> Iterator[str]:
    for addressee in policy.notification:
        yield cited(f"反馈给{RECIPIENTS[addressee.recipient]}", addressee.article)
    if not policy.notification:
        yield f"反馈的对象{UNKNOWN}"
    for filing in policy.filing:
        whom = f"{filing.managed_by}管理的干部" if filing.managed_by else "全部对象"
        yield cited(f"报{filing.with_}备案：{whom}", filing.article)
    yield from _follow_up(policy)
    for remedy in policy.remedies:
        against = "、".join(AGAINST[each] for each in remedy.against)
        within = (
            f"，期限 {remedy.lodge_within}" if remedy.lodge_within else f"，提出的期限{UNKNOWN}"
        )
        told = f"救济：不服{against}的，可以{remedy.label}，向{remedy.to}提出{within}"
        yield cited(told, remedy.article) + sure(remedy.confirmed)
    if not policy.remedies:
        yield f"救济{UNKNOWN}"
    for effect in policy.effects:
        yield cited(f"效果：{effect.label}", effect.article)


def _follow_up(policy: Policy) -> Iterator[str]:
    follow_up = policy.follow_up
    if follow_up is None:
        return
    number = follow_up.visitors_at_least
    visitors = f"，至少 {number} 人" if number else ""
    ratio = follow_up.yearly_ratio
    share = f"，每年不少于前 {ratio.over_years} 年受处理人数的 {ratio.percent}%" if ratio else ""
    told = cited(f"回访{visitors}{share}，期限 {follow_up.rule}", follow_up.article)
    yield told + sure(follow_up.confirmed)


# ---- time limits -------------------------------------------------------------------------------


def _deadlines(policy: Policy) -> Iterator[str]:
    for rule in policy.deadlines:
        first, *rest = rule_in_words(rule)
        yield first
        yield from (f"  {line}" for line in rest)


def rule_in_words(rule: DeadlineRule) -> list[str]:
    """One time limit: what within what, from when, and what happens on the way."""
    lines = [cited(f"{rule.id} {rule.label}：{_within(rule)}", rule.article) + sure(rule.confirmed)]
    often = f"满 {rule.at_least} 次" if rule.at_least > 1 else ""
    course = [f"{_events(rule.met_by)}{often}即为办结" if rule.met_by else ""]
    if rule.lapses_on:
        course.append(f"{_events(rule.lapses_on)}即告终止")
    if rule.suspended_by:
        course.append(
            f"{_events(rule.suspended_by)}时停止计算，{_events(rule.resumed_by)}后接着计算"
        )
    lines.append("；".join(filter(None, course)) or "没有办结的事件")
    if rule.extension:
        lines.append(_extension(rule.extension))
    whom = f"，只对{rule.managed_by}管理的对象" if rule.managed_by else ""
    closing = "，未办不得结案" if rule.blocks_closing else ""
    lines.append(f"由{rule.responsible}承办，{PER[rule.per]}{whom}{closing}")
    if rule.interpretation:
        lines.append(f"理解：{rule.interpretation}")
    return lines


def _within(rule: DeadlineRule) -> str:
    day = STARTS[rule.starts]
    since = f"自{event(rule.opens_on)}{f'的{day}之日' if day else '之日'}起"
    if rule.starts is StartDate.ACCEPTANCE:
        since = f"自{event(rule.opens_on)}之日起"
    times = f"，至少 {rule.at_least} 次" if rule.at_least > 1 else ""
    if rule.at_most:
        span = {"window": "期内", "year": "每年"}[rule.at_most.within]
        times += f"，{span}不超过 {rule.at_most.times} 次"
    if rule.stated:
        until = "到日为期满，不算逾期" if rule.qualifier is Qualifier.PERIOD else "为限"
        return f"{since}，以该事件所载之日（{rule.stated}）{until}{times}"
    return f"{since}{_bound(rule)}{times}"


def _bound(rule: DeadlineRule) -> str:
    length = _length(rule.amount, rule.unit)
    if rule.unit == "quarter":
        length += "（起算之日所在的季度为第一个）"
    rolls = (
        "" if rule.unit == "working_day" else "，末日放假的顺延" if rule.roll else "，末日不顺延"
    )
    match rule.qualifier:
        case Qualifier.PROMPTLY:
            return "及时办理，没有数字，不计逾期"
        case Qualifier.UNSTATED:
            return f"，时限{UNKNOWN}，不计逾期"
        case Qualifier.MUST:
            return f"应当在 {length}内{rolls}"
        case Qualifier.GENERALLY:
            return f"一般不超过 {length}{rolls}"
        case Qualifier.PERIOD:
            return f"为期 {length}{rolls}，到日为期满，不算逾期"
        case Qualifier.TARGET:
            return f"内部目标 {length}内{rolls}，只提醒，不算逾期"


def _extension(longer: Extension) -> str:
    times = f"，至多 {longer.times} 次" if longer.times else "，次数不限"
    cap = _length(longer.cap_amount, longer.cap_unit)
    capped = f"，自起算之日起最长 {cap}" if cap else "，没有上限"
    each = _length(longer.amount, longer.unit)
    told = f"经{longer.approver}批准可以延长，每次 {each}{times}{capped}"
    return cited(told, longer.article) + sure(longer.confirmed)


def _length(amount: int | None, unit: str | None) -> str:
    """`1 个季度` is the one the starting day lies in."""
    return f"{amount} {UNITS[unit]}" if amount and unit else ""


def _events(names: Iterable[str]) -> str:
    return "、".join(event(name) for name in names)


def _ladder(policy: Policy) -> Iterator[str]:
    ladder = policy.ladder
    before = "、".join(str(day) for day in ladder.reminders_before)
    if before:
        yield f"届满前 {before} 个工作日催办"
    for rung in ladder.escalation:
        yield f"届满后 {rung.after} 个工作日报{rung.role}"
    yield f"依据：{ladder.basis}{sure(ladder.confirmed)}"


# ---- parents, and what is unsure ---------------------------------------------------------------


def _above(chain: Sequence[Policy]) -> Iterator[str]:
    """What is the pack's own, what it widens and on what basis; the rest is inherited."""
    if len(chain) == 1:
        return
    policy, parent = chain[0], chain[1]
    yield "上级：" + " → ".join(f"{each.reference} {each.name}" for each in chain[1:])
    bases = {each.at: each.basis for each in policy.overrides}
    for each in widenings(parent, policy):
        yield f"放宽 {each.at}：{each.why}；依据：{bases.get(each.at, '未标明')}"
    for difference in differences(parent, policy):
        if difference.where.partition("·")[0] in SELF:
            continue
        added = difference.before is None and isinstance(difference.after, dict)
        yield f"自己规定 {difference.where}：新增" if added else f"自己规定 {difference}"
    yield f"其余依 {parent.reference}"
    for above in chain[1:]:
        yield from (f"{above.reference} 来源未载：{blank}" for blank in above.blanks)


def unconfirmed(instrument: Value, titles: Mapping[str, str] = NO_TITLES) -> Iterator[str]:
    """Every place marked `confirmed: false`, by its path in words; `titles` go before others."""
    yield from _unsure(instrument.model_dump(mode="json", by_alias=True), "", titles)


def _unsure(told: Any, where: str, titles: Mapping[str, str]) -> Iterator[str]:
    if isinstance(told, dict):
        if told.get("confirmed") is False:
            reading = f"：{told['interpretation']}" if told.get("interpretation") else ""
            yield f"{where or '全文'}{reading}"
        for key, value in told.items():
            known = called(key) if where else NAMES.get(key) or _entry(value) or key
            name = titles.get(key, known)
            yield from _unsure(value, f"{where}·{name}" if where else name, titles)
    elif isinstance(told, list):
        for number, entry in enumerate(told, start=1):
            name = _entry(entry) or str(number)
            yield from _unsure(entry, f"{where}·{name}", titles)


def _entry(entry: Any) -> str | None:
    if not isinstance(entry, dict):
        return None
    told = entry.get("label") or entry.get("id") or entry.get("sanction")
    return str(told) if told else None


# ---- small words -------------------------------------------------------------------------------


def cited(told: str, article: str | None) -> str:
    return f"{told}（{article}）" if article else told


def sure(confirmed: bool) -> str:
    return "" if confirmed else UNSURE


def _choice(told: str) -> str:
    return {"required": "必经", "optional": "视情况"}[told]
