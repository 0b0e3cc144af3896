"""What a ledger's acts are asked first: which months may be fixed, and whether a day has come."""

from collections.abc import Sequence
from datetime import date
from typing import NoReturn

from domain.aggregate import Act, Order
from domain.guards import cited, refuse_not_provided
from domain.impact.acts import EnterSanction
from domain.impact.instrument import ImpactInstrument, Imposed
from domain.impact.lines import Line
from domain.impact.particulars import CountedFrom, Several
from domain.law.status_periods import AllowedMonths
from domain.law.time_limits import TimeLimits
from domain.refusals import Code, Refusal


def allowed_for(
    act: EnterSanction, imposed: Imposed, rules: TimeLimits[ImpactInstrument]
) -> AllowedMonths:
    """The months that the law leaves; refused where the act names others, or owes a choice."""
    instrument = rules.instrument
    allowed = imposed.months_allowed()
    if act.deserved:
        if instrument.rule(act.track).several is not Several.RANGE:
            refuse_not_provided(act, instrument.name, instrument.reference)
        allowed = instrument.months_for_several(act.track, act.deserved)
    if allowed.sanction != imposed.id:
        heaviest = instrument.of(act.track)[allowed.sanction].label
        raise Refusal(
            Code.FINDINGS_CONTRADICT,
            asked=act.label,
            obstacle=f"数个违法行为一并处分，应当执行其中最重的{heaviest}",
            articles=cited(allowed.article),
            way_out=f"请改为 {allowed.sanction}，或核对 deserved",
        )
    chosen = act.months or (allowed.least if allowed.least == allowed.most else None)
    if chosen is None or not allowed.least <= chosen <= allowed.most:
        one = allowed.least == allowed.most
        range_ = f"{allowed.least} 个月" if one else f"{allowed.least} 至 {allowed.most} 个月"
        told = f"不能是 {act.months} 个月" if act.months else "没有写明几个月"
        raise Refusal(
            Code.MONTHS_NOT_ALLOWED,
            asked=act.label,
            obstacle=f"{imposed.label}的期间为 {range_}，{told}",
            articles=cited(allowed.article),
            way_out=f"months 请写 {range_}" + ("，或者不写" if one else ""),
        )
    return allowed


def require_no_later(act: Act, told: date, on: date, article: str | None = None) -> None:
    """What is taken down has happened."""
    if told > on:
        raise Refusal(
            Code.DATE_IN_FUTURE,
            asked=act.label,
            obstacle=f"{told} 晚于登记之日 {on}",
            articles=cited(article),
            way_out="请核对日期；届时再登记",
        )


def require_restorable(
    act: Act, imposed: Imposed, effective_on: date, restored_on: date, order: Order
) -> None:
    """Only 留党察看 takes rights away, and they come back later."""
    require_no_later(act, restored_on, order.on, imposed.article)
    if imposed.counted_from is CountedFrom.RESTORATION and restored_on > effective_on:
        return
    raise Refusal(
        Code.MALFORMED,
        asked=act.label,
        obstacle=f"{imposed.label}自 {effective_on} 生效，没有 {restored_on} 恢复党员权利一说",
        articles=cited(imposed.article),
        way_out="只有留党察看填 restored_on，须晚于生效之日",
    )


def refuse_noted(act: Act, number: str, noted_on: date) -> NoReturn:
    raise Refusal(
        Code.ALREADY_DONE,
        asked=act.label,
        obstacle=f"{number} 已于 {noted_on} 记载",
        way_out="无须重复记载",
    )


def refuse_running(act: Act, running: Sequence[Line], article: str | None) -> NoReturn:
    told = "；".join(
        f"第 {each.item} 件（{each.called}）"
        + (f"至 {each.last_day} 届满" if each.last_day else "尚未恢复党员权利，影响期未起算")
        for each in running
    )
    days = [each.last_day for each in running if each.last_day]
    known = len(days) == len(running)
    raise Refusal(
        Code.WINDOW_RUNNING,
        asked=act.label,
        obstacle=f"影响期未满：{told}",
        articles=cited(article, *(each.article for each in running)),
        way_out=f"{max(days)} 届满之后再办" if known else "请待恢复权利、影响期届满之后再办",
    )
