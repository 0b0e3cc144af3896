"""A duty's story in short lines for people: where it comes from, what happened, what may come."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from domain.law.calendar import CHINA
from domain.obligations import (
    EscalationAcknowledged,
    ObligationElapsed,
    ObligationRedated,
    ObligationReminded,
)
from gateway.duties import STATES, day_lines
from gateway.pack_words import UNITS

STATUSES = {
    "called": "已记",
    "to_come": "未到",
    "not_recorded": "已到日，时钟尚未记",
    "held": "中止中",
    "unsettled": "推定之日不计逾期",
}
EXTENSION_REFUSED = {
    "not_provided": "不得延长：办法未规定",
    "suspended": "中止中不得延长，恢复后再办",
    "exhausted": "延长的次数已经用完",
    "over": "已届满，不得再延长",
    "cap_reached": "已到延长的上限",
}
WAIVER = {
    None: "凭批准文号可以免除",
    "period": "期间不得免除",
    "suspended": "中止中不得免除，恢复后再办",
}
MOVES = {"either": "可能提前或推后", "later": "只可能推后"}


def story_lines(told: dict[str, Any]) -> list[str]:
    """Everything about one duty, a line each."""
    story = told["explained"]
    return [
        f"{told['obligation_id']} {told['label']}{_about(told)}：{_standing(told)}",
        *(
            f"  {line}"
            for lines in (
                _origin(story),
                _derived(told),
                _history(story["history"]),
                _calls(story["calls"]),
                _changes(story["changes"]),
            )
            for line in lines
        ),
    ]


def _about(told: dict[str, Any]) -> str:
    of = [told["subject_label"]] if told["subject_label"] else []
    if told["item"]:
        of.append(f"第 {told['item']} 件")
    return f"（{'，'.join(of)}）" if of else ""


def _standing(told: dict[str, Any]) -> str:
    state = "逾期" if told["overdue"] else STATES[told["state"]]
    day = f"，{told['closed_on']}" if told["closed_on"] else ""
    return f"{state}{day}"


# ---- where it comes from -----------------------------------------------------------------------


def _origin(story: dict[str, Any]) -> Iterator[str]:
    clause, trigger = story["clause"], story["trigger"]
    unsure = "" if clause["confirmed"] else "；起点或时限未核实"
    article = clause["article"] or "条文未见"
    yield f"条文：{clause['policy']} {article}，{clause['qualifier_term']}{unsure}"
    if clause["interpretation"]:
        yield f"理解：{clause['interpretation']}"
    if trigger is None:
        yield "起因：日志未记"
    else:
        yield f"起因：{_day_and_place(trigger)}，{trigger['officer']}（{trigger['organ']}）办理"
        if trigger["item"]:
            yield f"所对：第 {trigger['item']['number']} 件，{trigger['item']['of']}"
    yield f"起算：{_started(story['start_rule'])}"


def _day_and_place(place: dict[str, Any]) -> str:
    where = f"第 {place['version']} 版，日志 {place['position']}"
    return f"{place['on']} {place['term']}（{place['event']}，{where}）"


def _started(rule: dict[str, Any]) -> str:
    day = rule["starts_term"]
    named = f"的{day}" if day and day not in rule["opens_on_term"] else ""
    since = f"自{rule['opens_on_term']}{named}之日（{rule['start_on']}）起算"
    if rule["amount"] is None:
        return f"{since}，没有数字"
    length = f"{rule['amount']} {UNITS[rule['unit']]}"
    counted = "" if rule["first_day_counted"] is False else "，该日所在的季度为第一个"
    not_counted = "，当日不计" if rule["first_day_counted"] is False else ""
    rolls = "末日放假的顺延" if rule["roll"] else "末日放假不顺延"
    rolls = "" if rule["unit"] == "working_day" else f"，{rolls}"
    times = f"，至少 {rule['at_least']} 次" if rule["at_least"] > 1 else ""
    most = rule["at_most"]
    span = {"window": "期内", "year": "每年"}
    times += f"，{span[most['within']]}不超过 {most['times']} 次" if most else ""
    return f"{since}{not_counted}{counted}，{length}{rolls}{times}"


# ---- how it is counted now ---------------------------------------------------------------------


def _derived(told: dict[str, Any]) -> Iterator[str]:
    found = told["derivation"]
    if told["extended"]:
        yield f"已延长 {told['extended']} 次，现自 {told['start_on']}（原届满之日）续算"
    if told["remainder"]:
        yield f"中止后恢复，自 {told['start_on']} 续算剩余的{_rest(told['remainder'])}"
    if told["at_least"] > 1:
        yield f"须办 {told['at_least']} 次，已办 {told['counted']} 次"
    if found is None:
        yield f"{told['explained']['clause']['qualifier_term']}，没有届满之日"
        return
    yield from day_lines(found)
    unsure = "（推定）" if told["provisional"] else ""
    yield f"{told['due_on']} 届满{unsure}；日历 {_editions(told['calendars'])}"
    if told["due_on"] != found["due_on"]:
        kept = _kept(told["explained"]["history"])
        yield (
            f"（所用日历算得 {found['due_on']}，已定之日不提前）"
            if kept
            else f"（所用日历算得 {found['due_on']}，与所记不符：请核对日历版次是否齐全）"
        )


def _rest(left: dict[str, Any]) -> str:
    if left["working_days"] is not None:
        return f" {left['working_days']} 个工作日"
    months = f" {left['months']} 个月" if left["months"] else ""
    return f"{months} {left['days']} 日" if left["days"] or not months else months


def _editions(names: Sequence[str]) -> str:
    return "、".join(names) or "未用到"


def _kept(history: Sequence[dict[str, Any]]) -> bool:
    """Whether the last count would have moved the day earlier."""
    counts = [each["facts"] for each in history if "derivation" in each["facts"]]
    return bool(counts[-1].get("kept"))


# ---- what happened -----------------------------------------------------------------------------


def _history(history: Sequence[dict[str, Any]]) -> Iterator[str]:
    yield "经过："
    for each in history:
        noted = [f"记于 {_instant(each['recorded_at'])}"]
        if each["event"] == ObligationRedated.name():
            facts = each["facts"]
            before = _editions(facts["calendars_before"])
            noted.insert(0, f"日历 {before} → {_editions(facts['calendars'])}")
        if each["event"] == EscalationAcknowledged.name():
            noted.insert(0, f"第 {each['facts']['rung']} 级")
        if each["authority"]:
            noted.insert(0, f"凭 {each['authority']}")
        yield f"  {each['sentence']}〔{'；'.join(noted)}〕"


def _instant(at: datetime) -> str:
    return f"{at.astimezone(CHINA):%Y-%m-%d %H:%M}"


# ---- what is called ----------------------------------------------------------------------------


def _calls(calls: Sequence[dict[str, Any]]) -> Iterator[str]:
    shown = [each for each in calls if each["status"] != "off"]
    if shown:
        yield "时钟："
    for each in shown:
        whom = f" 报{each['role']}" if "role" in each else ""
        status = STATUSES[each["status"]]
        if each["called_on"] not in (None, each["on"]):
            status = f"{status}（{each['called_on']}）"
        seen = {True: "，已确认", False: "，未确认", None: ""}[each.get("acknowledged")]
        yield f"  {each['on']} {_rung(each)}{whom}：{status}{seen}"


def _rung(call: dict[str, Any]) -> str:
    told: str = call["term"]
    if call["event"] == ObligationElapsed.name() or call["rung"] is None:
        return told
    number = f"第 {call['rung']} {'次' if call['event'] == ObligationReminded.name() else '级'}"
    return f"{told}{number}"


# ---- what may come -----------------------------------------------------------------------------


def _changes(changes: dict[str, Any] | None) -> Iterator[str]:
    if changes is None:
        yield "还会改变它的：没有，已经了结"
        return
    yield "还会改变它的："
    yield from (f"  {line}" for line in _may_come(changes))


def _may_come(changes: dict[str, Any]) -> Iterator[str]:
    if not changes["rule_in_edition"]:
        yield f"{changes['policy']} 已没有这一期限：办下一行为时即告终止"
    wanted = changes["still_wanted"]
    times = f"还须 {wanted} 次才" if wanted > 1 else ""
    for key, told in (
        ("met_by", f"办理{{}}{times}即办结"),
        ("suspended_by", "{}时中止"),
        ("resumed_by", "{}时恢复，按当日的日历续算剩余"),
        ("lapses_on", "{}时终止"),
    ):
        if changes[key]:
            yield told.format("、".join(f"「{each['term']}」" for each in changes[key]))
    if changes["lapses_with_other_edition"]:
        other = changes["lapses_with_other_edition"]["term"]
        yield f"「{other}」而新办法没有这一期限的，即告终止"
    yield _extension(changes["extension"])
    yield from _calendar(changes["calendar"])
    yield WAIVER[changes["waiver"]["why_not"]]


def _extension(told: dict[str, Any]) -> str:
    article = f"（{told['article']}）" if told.get("article") else ""
    if not told["possible"]:
        cap = f" {told['cap_on']}" if told["why_not"] == "cap_reached" else ""
        late = "（届满前已批准的可以补录）" if told.get("late_entry") else ""
        return f"{EXTENSION_REFUSED[told['why_not']]}{cap}{late}{article}"
    left = f"可延长 {told['times_left']} 次" if told["times_left"] is not None else "可延长"
    each = f"每次至多 {told['amount']} {UNITS[told['unit']]}"
    unsure = "（推定）" if told["provisional"] else ""
    latest = f"，至多到 {told['latest_due_on']}{unsure}" if told["latest_due_on"] else ""
    cap = f"，上限 {told['cap_on']}" if told["cap_on"] else "，没有上限"
    return (
        f"经{told['approver']}批准，{left}，{each}{latest}{cap}，"
        f"须在 {told['decided_until']} 前（含当日）办理{article}"
    )


def _calendar(told: dict[str, Any]) -> Iterator[str]:
    if told["waits_for_years"]:
        years = "、".join(str(year) for year in told["waits_for_years"])
        yield f"公布 {years} 年放假安排后重算（推定）"
    if told["redate_now"]:
        yield _redate(told["redate_now"])
    if told["may_move"]:
        yield f"放假安排另有新版的，重算后届满之日{MOVES[told['may_move']]}"
    elif not told["counts_days_off"]:
        yield "放假安排改变也不影响届满之日"


def _redate(told: dict[str, Any]) -> str:
    unsure = "（推定）" if told["provisional"] else ""
    kept = "（不提前）" if told["kept"] else ""
    by = _editions(told["calendars"])
    return f"现在重算（rongcuo calendar redate）即按 {by} 为 {told['due_on']}{kept}{unsure}"
