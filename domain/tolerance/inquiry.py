"""Who handles a case and what they find: team and recusal, evidence, hearing, findings, report."""

from collections.abc import Collection, Iterable

from domain.aggregate import Act, Order
from domain.guards import cited
from domain.law.policy import RecusalGround, Step
from domain.law.rules import Rules
from domain.people import MemberTold
from domain.refusals import Code, Refusal
from domain.tolerance import acts, events
from domain.tolerance.guards import (
    DELIBERATING,
    UNDECIDED,
    articles,
    file_of,
    refuse_not_provided,
    require_listed,
    require_not_done,
    require_stage,
    require_undecided,
)
from domain.tolerance.particulars import Conflict
from domain.tolerance.state import DECIDED, CaseState, Stage

GROUNDS = {
    RecusalGround.SAME_UNIT: "与对象同一单位",
    RecusalGround.HANDLED_BEFORE: "经办过所涉问责事项",
    RecusalGround.ACCOUNTABILITY_ORGAN: "是问责机关的人员",
    RecusalGround.KIN: "是近亲属",
    RecusalGround.INTEREST: "有利害关系",
    RecusalGround.OTHER: "有其他应当回避的情形",
}


class Inquiry(CaseState):
    def assign_team(self, act: acts.AssignTeam, order: Order, rules: Rules) -> None:
        require_stage(self, act, *UNDECIDED)
        _require_team(self, act, act.members, rules)
        self.note(events.TeamAssigned, order, rules, Step.VERIFICATION, **dict(act))

    def request_recusal(self, act: acts.RequestRecusal, order: Order, rules: Rules) -> None:
        require_stage(self, act, *UNDECIDED)
        if act.officer in self.recusals:
            raise Refusal(
                Code.ALREADY_DONE,
                asked=act.label,
                obstacle=f"{act.officer} 的回避已经提出过",
                way_out="尚未决定的请作决定；有新的理由请在决定中写明",
            )
        found = conflicts(self, [MemberTold(id=act.officer)], rules)
        on = cited(rules.policy.team.article)
        facts = dict(act) | {"conflicts": tuple(found)}
        self.note(events.RecusalRequested, order, rules, articles=on, **facts)

    def decide_recusal(self, act: acts.DecideRecusal, order: Order, rules: Rules) -> None:
        require_stage(self, act, *UNDECIDED)
        if act.officer not in self.recusals:
            raise Refusal(
                Code.UNKNOWN_RECUSAL,
                asked=act.label,
                obstacle=f"没有人提出 {act.officer} 回避",
                way_out="请先提出回避",
            )
        if order.by.id == act.officer:
            raise Refusal(
                Code.CONFLICT_OF_INTEREST,
                asked=act.label,
                obstacle="本人不能决定自己是否回避",
                articles=cited(rules.policy.team.article),
                way_out="请由有权决定的负责人作出",
            )
        on = cited(rules.policy.team.article)
        self.note(events.RecusalDecided, order, rules, articles=on, **dict(act))

    def open_verification(self, act: acts.OpenVerification, order: Order, rules: Rules) -> None:
        require_not_done(self, act, events.VerificationOpened)
        require_stage(self, act, Stage.ACCEPTED)
        _require_team(self, act, act.team, rules)
        self.note(events.VerificationOpened, order, rules, Step.VERIFICATION, **dict(act))

    def record_evidence(self, act: acts.RecordEvidence, order: Order, rules: Rules) -> None:
        if act.subject is not None:
            file_of(self, act, act.subject)
        require_stage(self, act, *UNDECIDED, *DECIDED)
        if act.risk_filed is not None:
            _require_usable(self, act, rules)
        self.note(events.EvidenceRecorded, order, rules, Step.VERIFICATION, **dict(act))

    def hear_subject(self, act: acts.HearSubject, order: Order, rules: Rules) -> None:
        file_of(self, act, act.subject)
        require_stage(self, act, *DELIBERATING)
        self.note(events.SubjectHeard, order, rules, Step.VERIFICATION, **dict(act))

    def review_six_factors(self, act: acts.ReviewSixFactors, order: Order, rules: Rules) -> None:
        file_of(self, act, act.subject)
        require_stage(self, act, *DELIBERATING)
        require_undecided(self, act, act.subject)
        self.note(events.SixFactorsReviewed, order, rules, Step.VERIFICATION, **dict(act))

    def check_list(self, act: acts.CheckList, order: Order, rules: Rules) -> None:
        file_of(self, act, act.subject)
        require_stage(self, act, *DELIBERATING)
        require_undecided(self, act, act.subject)
        require_listed(act, act.answers, {item.id for item in rules.policy.items()}, rules)
        _require_every_item_answered(act, rules)
        _require_time_of_conduct(self, act, rules)
        self.note(events.ListChecked, order, rules, Step.VERIFICATION, **dict(act))

    def report_verification(self, act: acts.ReportVerification, order: Order, rules: Rules) -> None:
        require_not_done(self, act, events.VerificationReported)
        require_stage(self, act, Stage.VERIFYING)
        require_recusals_decided(self, act, rules)
        _require_enough(act, self.team, rules)
        _require_verified(self, act, rules)
        self.note(events.VerificationReported, order, rules, Step.VERIFICATION, **dict(act))


# ---- who may handle it -------------------------------------------------------------------------


def conflicts(case: CaseState, members: Iterable[MemberTold], rules: Rules) -> list[Conflict]:
    """The grounds that can be found between these officers and the case.

    An officer of whom it was decided that there is no need to stand back has none.
    """
    cleared = {officer for officer, stands_back in case.recusals.items() if stands_back is False}
    return [
        Conflict(officer=member.id, ground=ground)
        for member in members
        if member.id not in cleared
        for ground in rules.policy.team.recusal
        if _found(case, member, ground)
    ]


def _found(case: CaseState, member: MemberTold, ground: RecusalGround) -> bool:
    matter = case.matter
    match ground:
        case RecusalGround.SAME_UNIT:
            units = {file.subject.unit for file in case.files.values()}
            return member.unit is not None and member.unit in units
        case RecusalGround.HANDLED_BEFORE:
            return matter is not None and member.id in matter.handlers
        case RecusalGround.ACCOUNTABILITY_ORGAN:
            return matter is not None and member.organ == matter.organ.id
    return False  # the other grounds are for people to declare


def refuse_conflicts(act: Act, found: Iterable[Conflict], rules: Rules) -> None:
    told = "；".join(f"{each.officer} {GROUNDS[each.ground]}" for each in found)
    if told:
        raise Refusal(
            Code.CONFLICT_OF_INTEREST,
            asked=act.label,
            obstacle=told,
            articles=cited(rules.policy.team.article),
            way_out="请换人；认为不必回避的，请提出回避并作出决定",
        )


def require_recusals_decided(case: CaseState, act: Act, rules: Rules) -> None:
    waiting = [officer for officer, stands_back in case.recusals.items() if stands_back is None]
    if waiting:
        raise Refusal(
            Code.RECUSAL_OPEN,
            asked=act.label,
            obstacle=f"{'、'.join(waiting)} 的回避尚未决定",
            articles=cited(rules.policy.team.article),
            way_out="请先作出回避决定",
        )


def require_may_handle(
    case: CaseState, act: Act, members: tuple[MemberTold, ...], rules: Rules
) -> None:
    """Nobody who stands back, nobody with a ground to: for a team and for a panel alike."""
    back = [each.id for each in members if case.recusals.get(each.id)]
    if back:
        raise Refusal(
            Code.RECUSED,
            asked=act.label,
            obstacle=f"{'、'.join(back)} 已经回避",
            articles=cited(rules.policy.team.article),
            way_out="请换人",
        )
    refuse_conflicts(act, conflicts(case, members, rules), rules)


def _require_team(case: CaseState, act: Act, members: tuple[MemberTold, ...], rules: Rules) -> None:
    require_recusals_decided(case, act, rules)
    require_may_handle(case, act, members, rules)
    _require_enough(act, {each.id for each in members}, rules)


def _require_enough(act: Act, team: Collection[str], rules: Rules) -> None:
    wanted = rules.policy.team.at_least
    if wanted is not None and len(team) < wanted:
        raise Refusal(
            Code.TEAM_TOO_SMALL,
            asked=act.label,
            obstacle=f"承办人员 {len(team)} 人，须不少于 {wanted} 人",
            articles=cited(rules.policy.team.article),
            way_out="请补足人员（assign_team）",
        )


# ---- what they find ----------------------------------------------------------------------------


def _require_usable(case: CaseState, act: acts.RecordEvidence, rules: Rules) -> None:
    """A risk filing counts only if it was agreed before the act it foresaw."""
    filed, conduct_on = act.risk_filed, case.matter.conduct_on if case.matter else None
    if rules.policy.risk_filing is None:
        refuse_not_provided(act, rules)
    if filed is None:
        return
    if not filed.agreed:
        obstacle = "该项报备未获同意"
    elif conduct_on is None:
        obstacle = "本案没有写明行为发生之日，无从判断报备在前还是在后"
    elif filed.answered_on >= conduct_on:
        obstacle = f"报备于 {filed.answered_on} 获同意，不早于行为发生之日 {conduct_on}"
    else:
        return
    raise Refusal(
        Code.RISK_FILING_UNUSABLE,
        asked="以事前报备为依据",
        obstacle=obstacle,
        articles=cited(rules.policy.risk_filing.article),
        way_out="可以作为一般材料登记（不写 risk_filed），不影响依其他情形容错",
    )


def _require_every_item_answered(act: acts.CheckList, rules: Rules) -> None:
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


def _require_time_of_conduct(case: CaseState, act: acts.CheckList, rules: Rules) -> None:
    conduct_on = case.matter.conduct_on if case.matter else None
    for item in rules.policy.items():
        if item.conduct is None or not act.answers.get(item.id):
            continue
        if conduct_on is None or not item.conduct.fits(conduct_on):
            told = f"行为发生于 {conduct_on}" if conduct_on else "本案没有写明行为发生之日"
            raise Refusal(
                Code.WRONG_TIME_OF_CONDUCT,
                asked=act.label,
                obstacle=f"条目 {item.id} 只适用于特定时间的行为，{told}",
                articles=cited(item.article),
                way_out="请将该条作答为 false；行为日期在启动问责时写明（conduct_on）",
            )


def _require_verified(case: CaseState, act: Act, rules: Rules) -> None:
    factors_required = rules.policy.six_factors == "required"
    hearing_required = rules.policy.hearing == "required"
    missing = [
        f"{file.subject.label} 的{what}"
        for file in case.files.values()
        if not file.final
        for what, lacking in (
            ("六看研判", factors_required and file.factors is None),
            ("清单对照", file.answers is None),
            ("陈述", hearing_required and not file.heard),
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
