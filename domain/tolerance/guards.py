"""What may stand in the way of an act: each guard lets it pass or refuses it, with the clause."""

from datetime import date
from typing import NoReturn

from domain.aggregate import Act, Event
from domain.law.policy import Outcome, PublicNotice, Relief, Step, Track
from domain.law.rules import Rules
from domain.refusals import Code, Refusal
from domain.tolerance import acts, events
from domain.tolerance.state import STAGES, CaseState, Stage, SubjectFile

RELIEFS = {
    Outcome.EXEMPTION: (Relief.WAIVED,),
    Outcome.MITIGATION: (Relief.LIGHTER, Relief.REDUCED),
}
BEFORE_DECIDING = (Step.OPINIONS, Step.CONSULTATION, Step.PUBLIC_NOTICE)


def articles(rules: Rules, step: Step) -> tuple[str, ...]:
    """The article of a step, where the source gives one."""
    article = rules.policy.article_of(step)
    return (article,) if article else ()


# ---- stage and order ---------------------------------------------------------------------------


def require_new(case: CaseState, act: acts.Opening) -> None:
    if case.stage is not None:
        raise Refusal(
            Code.CASE_NUMBER_TAKEN,
            asked=act.label,
            obstacle=f"案号 {act.case_number} 已有案件",
            way_out="同一案件请直接办理后续环节；另一案件请另编案号",
        )


def require_stage(case: CaseState, act: Act, *stages: Stage) -> None:
    if case.stage in stages:
        return
    if case.stage is None:
        raise Refusal(
            Code.CASE_NOT_FOUND,
            asked=act.label,
            obstacle="没有这件案件",
            way_out="请核对案号；尚未立案号的，请先提出申请",
        )
    called, way_out = STAGES[case.stage]
    wanted = "、".join(f"「{STAGES[each][0]}」" for each in stages)
    raise Refusal(
        Code.OUT_OF_STAGE,
        asked=act.label,
        obstacle=f"本案处于「{called}」环节，须处于{wanted}",
        way_out=way_out,
    )


def require_not_done(case: CaseState, act: Act, kind: type[Event], *particulars: str) -> None:
    done_on = case.done.get((kind.name(), *particulars))
    if done_on is not None:
        raise Refusal(
            Code.ALREADY_DONE,
            asked=act.label,
            obstacle=f"「{kind.term}」已于 {done_on} 办过",
            way_out="无须重复办理；前次有误的，请作更正",
        )


def file_of(case: CaseState, act: Act, subject: str) -> SubjectFile:
    """The file of one subject; refused when the case does not concern them."""
    if subject in case.files:
        return case.files[subject]
    known = "、".join(case.files)
    raise Refusal(
        Code.UNKNOWN_SUBJECT,
        asked=act.label,
        obstacle=f"{subject} 不是本案的对象",
        way_out=f"本案对象为 {known}" if known else "请核对案号",
    )


def determination_of(case: CaseState, act: Act, subject: str) -> events.SubjectDetermined:
    """What was determined of one subject; refused when nothing was yet."""
    file = file_of(case, act, subject)
    if file.determination is None:
        raise Refusal(
            Code.NOT_DETERMINED,
            asked=act.label,
            obstacle=f"对 {file.subject.label} 尚未认定",
            way_out="请先作出认定",
        )
    return file.determination


def refuse_not_provided(act: Act, rules: Rules) -> NoReturn:
    raise Refusal(
        Code.NOT_PROVIDED,
        asked=act.label,
        obstacle=f"{rules.policy.name}或本案认定没有此项",
        way_out=f"该办法的程序见 rongcuo policy show {rules.policy.id}",
    )


# ---- application and acceptance ----------------------------------------------------------------


def require_proceeding_opened(act: acts.Opening, on: date) -> None:
    if on < act.matter.opened_on:
        raise Refusal(
            Code.DATE_BEFORE_LAST_ACT,
            asked=act.label,
            obstacle=f"所填日期 {on} 早于启动问责之日 {act.matter.opened_on}",
            way_out="请核对日期",
        )


def require_track(act: Act, track: Track, rules: Rules) -> None:
    if track not in rules.policy.tracks:
        raise Refusal(
            Code.TRACK_NOT_PROVIDED,
            asked=act.label,
            obstacle=f"{rules.policy.name}没有规定这种启动方式",
            articles=articles(rules, Step.INITIATION),
            way_out="请由有权主体依该办法规定的方式提出",
        )


def require_no_bars(case: CaseState, act: acts.Accept, rules: Rules) -> None:
    application = case.opened
    if not isinstance(application, events.ToleranceApplied):
        return
    bars = rules.bars_to_application(
        applicant=application.applicant.kind,
        applied_on=application.on,
        accountability_opened_on=application.matter.opened_on,
    )
    if bars:
        raise Refusal(
            bars[0].code,
            asked=act.label,
            obstacle="；".join(bar.because for bar in bars),
            articles=tuple(bar.article for bar in bars if bar.article),
            way_out="请作不予受理答复，并写明上述理由",
        )


def require_co_signed(case: CaseState, act: acts.Accept, rules: Rules) -> None:
    acceptance = rules.policy.acceptance
    if not acceptance.co_signed_by_accountability_organ or case.matter is None:
        return
    if case.matter.organ.id not in act.co_signed_by:
        raise Refusal(
            Code.CO_SIGNATURE_MISSING,
            asked=act.label,
            obstacle="受理须会同问责主体作出，未见其会签",
            articles=(acceptance.article,) if acceptance.article else (),
            way_out="请在 co_signed_by 中写明问责主体",
        )


# ---- verification ------------------------------------------------------------------------------


def require_listed(act: Act, item_ids: set[str], known: set[str], rules: Rules) -> None:
    unknown = sorted(item_ids - known)
    if unknown:
        raise Refusal(
            Code.UNKNOWN_ITEM,
            asked=act.label,
            obstacle=f"{rules.policy.name}没有条目 {'、'.join(unknown)}",
            way_out=f"条目编号见 rongcuo policy show {rules.policy.id}",
        )


def require_every_item_answered(act: acts.CheckList, rules: Rules) -> None:
    unanswered = [
        item.id for item in rules.policy.items() if item.label and item.id not in act.answers
    ]
    if unanswered:
        raise Refusal(
            Code.STEP_MISSING,
            asked=act.label,
            obstacle=f"清单条目 {'、'.join(unanswered)} 没有作答",
            way_out="请逐条作答；一时查不清的填 null",
        )


def require_verified(case: CaseState, act: Act, rules: Rules) -> None:
    factors_required = rules.policy.six_factors == "required"
    missing = [
        f"{file.subject.label} 的{what}"
        for file in case.files.values()
        for what, lacking in (
            ("六看研判", factors_required and file.factors is None),
            ("清单对照", file.answers is None),
        )
        if lacking
    ]
    if missing:
        raise Refusal(
            Code.STEP_MISSING,
            asked=act.label,
            obstacle=f"还缺{'、'.join(missing)}",
            articles=articles(rules, Step.VERIFICATION),
            way_out="请补齐后再提交",
        )


# ---- public notice -----------------------------------------------------------------------------


def notice_of(act: Act, rules: Rules) -> PublicNotice:
    """The instrument's public notice; refused when it has none."""
    if rules.policy.public_notice is None:
        refuse_not_provided(act, rules)
    return rules.policy.public_notice


def require_notice_running(case: CaseState, act: Act, on: date, rules: Rules) -> None:
    if case.notice_ends_on is not None and on > case.notice_ends_on:
        raise Refusal(
            Code.NOTICE_OVER,
            asked=act.label,
            obstacle=f"公示期已于 {case.notice_ends_on} 届满",
            articles=articles(rules, Step.PUBLIC_NOTICE),
            way_out="期满后的反映请按信访举报途径办理",
        )


def require_notice_over(case: CaseState, act: Act, on: date, rules: Rules) -> None:
    if case.notice_ends_on is not None and on <= case.notice_ends_on:
        raise Refusal(
            Code.NOTICE_RUNNING,
            asked=act.label,
            obstacle=f"公示期至 {case.notice_ends_on} 届满",
            articles=articles(rules, Step.PUBLIC_NOTICE),
            way_out="请于届满次日及以后办理",
        )


def require_objection(case: CaseState, act: acts.ResolveObjection) -> None:
    if act.objection not in case.objections:
        raise Refusal(
            Code.UNKNOWN_OBJECTION,
            asked=act.label,
            obstacle=f"本案没有第 {act.objection} 条异议",
            way_out=f"本案现有异议 {len(case.objections)} 条，请核对编号",
        )


def require_objections_resolved(case: CaseState, act: Act, rules: Rules) -> None:
    waiting = [str(number) for number, result in case.objections.items() if result is None]
    if waiting:
        raise Refusal(
            Code.OBJECTIONS_OPEN,
            asked=act.label,
            obstacle=f"第 {'、'.join(waiting)} 条异议尚未处理",
            articles=articles(rules, Step.PUBLIC_NOTICE),
            way_out="请先对异议作出处理",
        )


# ---- determination and after -------------------------------------------------------------------


def require_deferral_provided(act: Act, rules: Rules) -> None:
    if rules.policy.deferral is None:
        refuse_not_provided(act, rules)


def require_steps_taken(case: CaseState, act: Act, rules: Rules) -> None:
    missing = [
        each
        for each in rules.policy.steps
        if each.required and each.step in BEFORE_DECIDING and each.step not in case.steps
    ]
    if missing:
        raise Refusal(
            Code.STEP_MISSING,
            asked=act.label,
            obstacle="还没有" + "、".join(each.label for each in missing),
            articles=tuple(each.article for each in missing if each.article),
            way_out="请先完成上述步骤",
        )


def require_permitted(act: acts.Determine, rules: Rules) -> None:
    fits = act.relief is None or act.relief in RELIEFS.get(act.outcome, ())
    if not fits or not rules.permits(act.outcome, act.sanction, act.relief):
        raise Refusal(
            Code.OUTCOME_NOT_PERMITTED,
            asked=act.label,
            obstacle="处理种类与从轻、减轻、免予的搭配不在办法允许之列",
            articles=tuple(sorted({each.article for each in rules.policy.permitted or ()})),
            way_out="请写明处理种类（sanction）和程度（relief），并选用办法允许的搭配",
        )


def require_tolerable(act: acts.Determine, file: SubjectFile, rules: Rules) -> None:
    """For a favourable outcome: nothing on a negative list, the conditions met, errors to mend."""
    if not act.outcome.favourable:
        return
    answers = file.answers or {}
    cited = dict.fromkeys(act.situations, True)
    excluded = rules.excluded_by(answers | cited)
    if excluded:
        raise Refusal(
            Code.NEGATIVE_LIST,
            asked="认定容错",
            obstacle="清单对照查明或所引属于不予容错的情形：" + "、".join(e.id for e in excluded),
            articles=tuple(each.article for each in excluded if each.article),
            way_out="只能认定不予容错；对照有误的，请先更正清单对照",
        )
    unmet = rules.unmet(answers, act.outcome)
    if unmet:
        raise Refusal(
            Code.CONDITIONS_UNMET,
            asked="认定容错",
            obstacle="清单对照未见符合容错条件",
            articles=tuple(each.article for each in unmet if each.article),
            way_out="查不清的可以暂缓认定（办法有规定的），查明不符的认定不予容错",
        )
    if act.rectification is None:
        raise Refusal(
            Code.RECTIFICATION_MISSING,
            asked="认定容错",
            obstacle="没有一并提出整改要求（容纠并举）",
            articles=(rules.policy.rectification,) if rules.policy.rectification else (),
            way_out="请写明整改事项和责任人",
        )


def require_not_effective_before(act: acts.Determine, effective_on: date, decided_on: date) -> None:
    if effective_on < decided_on:
        raise Refusal(
            Code.MALFORMED,
            asked=act.label,
            obstacle=f"生效日 {effective_on} 早于认定之日 {decided_on}",
            way_out="请核对 effective_on；不填即为认定之日",
        )


def require_duties_done(case: CaseState, act: Act) -> None:
    left = [each.obligation for each in case.obligations.open() if each.obligation.blocks_closing]
    if left:
        raise Refusal(
            Code.DUTIES_OPEN,
            asked=act.label,
            obstacle="尚有未办事项：" + "、".join(duty.label for duty in left),
            articles=tuple(duty.article for duty in left if duty.article),
            way_out="请先办结上述事项",
        )
