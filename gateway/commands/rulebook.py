"""`deadline`, `policy …`: the rulebook, without any store."""

from datetime import date
from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, Parameter

from domain.aggregate import Act
from domain.calendars import publication
from domain.kinds import KINDS
from domain.law.companions import Companion
from domain.law.deadline_rules import DeadlineRule
from domain.law.overlay import widenings
from domain.law.periods import Period, TimeUnit, period
from domain.law.policy import Policy
from domain.refusals import Code
from domain.registry import EVENTS
from domain.reporting import reports
from domain.tolerance import acts as tolerance
from gateway.commands.calendar_of import ReleasedOption, calendar_of
from gateway.commands.output import OK, USAGE, JsonOption, aside, document, people, table
from gateway.commands.rules_in_force import rules_in_force
from gateway.differences import differences
from gateway.duties import day_lines, derivation
from gateway.explaining import Part, explained, rule_in_words
from gateway.explaining_companions import companion_explained
from gateway.files import RulebookFault
from gateway.pack_words import MATCHES, QUALIFIERS, ROLES, UNITS
from gateway.rulebook import (
    MOST,
    Rulebook,
    chain_in,
    companion_in,
    is_companion,
    policy_in,
)
from projections.words import RELIEFS, SANCTIONS

ACTS_OF: dict[str, tuple[type[Act], ...]] = {  # by the kind of matter they are taken on
    "tolerance": tolerance.ACTS,
    **{name: kind.acts for name, kind in KINDS.items()},
    "calendar": publication.ACTS,
    "report": reports.ACTS,
}
policy = App(name="policy", help="办法：列出、查看、解说、检查、比较。")
policy.command(  # loaded only when asked for: it alone needs the store
    "gateway.commands.what_if:policy_what_if",
    name="what-if",
    help="这份办法若施行，哪些在办案件会有不同的处理，为什么。",
)


async def deadline(
    *,
    start: Annotated[date, Parameter(name="--from", help="起算之日（当日不计）。")],
    working_days: Annotated[int | None, Parameter(help="工作日数。")] = None,
    days: Annotated[int | None, Parameter(help="自然日数。")] = None,
    months: Annotated[int | None, Parameter(help="月数。")] = None,
    quarters: Annotated[int | None, Parameter(help="季度数，起算之日所在的季度为一。")] = None,
    years: Annotated[int | None, Parameter(help="年数。")] = None,
    home: ReleasedOption = None,
    json: JsonOption = False,
) -> int:
    """算一个期限：届满之日，以及跳过和补上的每一天。"""
    asked = {
        TimeUnit.WORKING_DAY: working_days,
        TimeUnit.CALENDAR_DAY: days,
        TimeUnit.MONTH: months,
        TimeUnit.QUARTER: quarters,
        TimeUnit.YEAR: years,
    }
    given = [(unit, amount) for unit, amount in asked.items() if amount is not None]
    if len(given) != 1:
        aside.print("请在 --working-days、--days、--months、--quarters、--years 中选填一个。")
        return USAGE
    ((unit, amount),) = given
    if not 0 <= amount <= MOST[unit]:
        aside.print(f"数目须在 0 到 {MOST[unit]} 之间。")
        return USAGE
    found = period(start, amount, unit, await calendar_of(home), roll=True)
    if json:
        document(derivation(found))
    else:
        _explain(found)
    return OK


def _explain(found: Period) -> None:
    unsure = "（推定：该年放假通知尚未发布）" if found.provisional else ""
    people.print(
        f"自 {found.start} 起 {found.amount} {UNITS[found.unit]}，于 {found.due_on} 届满{unsure}"
    )
    for line in day_lines(derivation(found)):
        people.print(line)


@policy.command(name="list")
def list_policies(*, json: JsonOption = False) -> int:
    """列出现有办法，及其上级和同时印发的办法。"""
    book = rules_in_force()
    if json:
        document([_summary(each, book) for each in book.policies.values()])
        return OK
    table(
        ("编号", "名称", "文号", "适用地区", "施行", "上级"),
        (
            (
                p.reference,
                p.name,
                p.document,
                p.jurisdiction.label,
                p.in_force.since,
                p.parent,
            )
            for p in book.policies.values()
        ),
    )
    people.print("\n相关事项的办法")
    table(
        ("编号", "名称", "事项", "文号", "与何办法同时印发"),
        (
            (m.reference, m.name, KINDS[m.kind].matter.called, m.document, m.issued_with)
            for m in book.companions.values()
        ),
    )
    return OK


def _summary(found: Policy, book: Rulebook | None = None) -> dict[str, Any]:
    beside = book.companions.values() if book else ()
    return {
        "reference": found.reference,
        "name": found.name,
        "document": found.document,
        "region": found.jurisdiction.region,
        "in_force_since": found.in_force.since,
        "source": found.source,
        "parent": found.parent,
        "companions": [each.reference for each in beside if each.issued_with == found.reference],
    }


@policy.command
def show(name: str, /, *, json: JsonOption = False) -> int:
    """查看一部办法：步骤、清单、期限和空白。"""
    book = rules_in_force()
    companion = _companion(book, name)
    if companion:
        return _told(companion_explained(companion), companion, json)
    found = book(name).policy
    if json:
        document(found.model_dump(mode="json", by_alias=True))
        return OK
    people.print(f"{found.name}（{found.document or '文号未见'}），{found.issuer}")
    sure = "" if found.in_force.confirmed else "（未核实）"
    since = f"{found.in_force.since} 起施行{sure}" if found.in_force.since else "施行日期未见"
    people.print(f"适用 {found.jurisdiction.label}，{since}\n")
    people.print("步骤")
    table(
        ("步骤", "条文", "必经"),
        ((s.label, s.article or "未见", "是" if s.required else "视情况") for s in found.steps),
    )
    people.print("\n期限")
    table(
        ("事项", "期限", "条文", "承办", "说明"),
        (
            (r.label, _length(r), r.article or "未见", r.responsible, r.interpretation)
            for r in found.deadlines
        ),
    )
    for each in found.lists:
        people.print(f"\n{ROLES[each.role]}（{MATCHES[each.match]}）")
        table(
            ("条目", "条文", "内容"),
            ((i.id, i.article or "未见", i.label or "（来源未载）") for i in each.items),
        )
    if found.permitted:
        people.print("\n允许的处理")
        table(
            ("处理", "程度", "条文"),
            (
                (SANCTIONS[p.sanction], "、".join(RELIEFS[r] for r in p.reliefs), p.article)
                for p in found.permitted
            ),
        )
    people.print("\n来源未载")
    for blank in found.blanks:
        people.print(f"  {blank}")
    return OK


def _companion(book: Rulebook, name: str) -> Companion | None:
    """A companion instrument, by its edition or its newest."""
    named = (each for each in book.companions.values() if name in (each.reference, each.id))
    return max(named, key=lambda each: each.edition, default=None)


def _told(parts: list[Part], found: Policy | Companion, json: bool) -> int:
    if json:
        document(found.model_dump(mode="json", by_alias=True))
        return OK
    for number, part in enumerate(parts):
        people.print(f"{chr(10) if number else ''}{part.title}")
        for line in part.lines:
            people.print(f"  {line}")
    return OK


def _length(rule: DeadlineRule) -> str:
    told = QUALIFIERS[rule.qualifier]
    if rule.amount is None or rule.unit is None:
        return told
    unsure = "" if rule.confirmed else "（起点待核）"
    return f"{told} {rule.amount} {UNITS[rule.unit]}{unsure}"


@policy.command
def explain(
    name: str,
    /,
    *,
    rule: Annotated[str | None, Parameter(help="只解说这一条期限。")] = None,
    json: JsonOption = False,
) -> int:
    """照办理人员读办法的次序解说一部办法（或一份文件）：由谁、几步、清单、期限、未载和未核实。"""
    book = rules_in_force()
    file = Path(name)
    in_file = file.suffix == ".yaml"
    companion = _companion_file(file) if in_file else _companion(book, name)
    if companion and rule is None:
        return _told(companion_explained(companion), companion, json)
    chain = (chain_in(file) if in_file else book.chain(name)) if companion is None else ()
    if rule is not None:
        return _explain_rule(companion or chain[0], rule, json)
    parts = explained(chain)
    if not json:
        return _told(parts, chain[0], json)
    bases = {each.at: each.basis for each in chain[0].overrides}
    wider = widenings(chain[1], chain[0]) if len(chain) > 1 else ()
    document(
        {
            "reference": chain[0].reference,
            "parents": [each.reference for each in chain[1:]],
            "widenings": [{**each.model_dump(), "basis": bases.get(each.at)} for each in wider],
            "parts": [{"title": part.title, "lines": part.lines} for part in parts],
        }
    )
    return OK


def _companion_file(file: Path) -> Companion | None:
    return companion_in(file) if is_companion(file) else None


def _explain_rule(found: Policy | Companion, rule: str, json: bool) -> int:
    named = {each.id: each for each in found.deadlines}
    if rule not in named:
        aside.print(f"没有期限 {rule}，现有：{'、'.join(named) or '无'}。")
        return USAGE
    lines = rule_in_words(named[rule])
    if json:
        document({**named[rule].model_dump(mode="json"), "lines": lines})
    else:
        people.print("\n".join(lines))
    return OK


@policy.command(name="check")
def check_policy(file: Path, /, *, json: JsonOption = False) -> int:
    """检查一份办法文件能否使用；有上级的，上级在同一目录或程序自带的办法里找。"""
    try:
        companion = _companion_file(file)
        found = companion or policy_in(file)
    except RulebookFault as fault:
        return faulty(fault, json)
    if json:
        told = _summary(found) if isinstance(found, Policy) else {"reference": found.reference}
        document({"ok": True, **told})
    else:
        people.print(f"{found.reference} {found.name}：可以使用")
    return OK


def faulty(fault: RulebookFault, json: bool) -> int:
    if json:
        document({"ok": False, "file": fault.file, "faults": [vars(each) for each in fault.faults]})
    else:
        aside.print(str(fault))
    return USAGE


@policy.command
def diff(before: str, after: str, /, *, json: JsonOption = False) -> int:
    """两部办法（或两个版次、两份文件）有何不同，逐项用文字说明。"""
    found = differences(_pack(before), _pack(after))
    if json:
        document(
            [{"where": each.where, "before": each.before, "after": each.after} for each in found]
        )
        return OK
    for each in found:
        people.print(str(each))
    if not found:
        people.print("没有不同。")
    return OK


def _pack(name: str) -> Policy:
    """A pack by its name, or by the path of a file that has one."""
    file = Path(name)
    return policy_in(file) if file.suffix == ".yaml" else rules_in_force()(name).policy


@policy.command
def schema(
    *,
    kind: Annotated[
        str | None, Parameter(help="相关事项的办法：填其类别，见 rongcuo matter kinds。")
    ] = None,
) -> int:
    """办法文件的 JSON Schema，由类型生成。"""
    if kind is not None and kind not in KINDS:
        aside.print(f"没有 {kind} 这类事项，现有：{'、'.join(KINDS)}。")
        return USAGE
    document((KINDS[kind].instrument if kind else Policy).model_json_schema())
    return OK


@policy.command
def acts(*, json: JsonOption = False) -> int:
    """列出行为名、事件名和拒绝代码：场景、程序和办法文件里写的就是它们。"""
    if json:
        document(
            {
                "acts": [
                    {
                        "name": act.name,
                        "matter": matter,
                        "label": act.label,
                        "schema": act.model_json_schema(),
                    }
                    for matter, of_matter in ACTS_OF.items()
                    for act in of_matter
                ],
                "events": [
                    {"name": e.name(), "stored_as": topic, "term": e.term}
                    for topic, e in EVENTS.items()
                ],
                "refusals": [code.value for code in Code],
            }
        )
        return OK
    table(
        ("行为", "事项", "中文"),
        ((act.name, kind, act.label) for kind, acts in ACTS_OF.items() for act in acts),
    )
    people.print()
    table(("事件", "中文"), ((event.name(), event.term) for event in EVENTS.values()))
    people.print()
    table(("拒绝代码",), ((code.value,) for code in Code))
    return OK
