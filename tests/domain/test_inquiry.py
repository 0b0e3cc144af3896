"""Who handles a case, and what they find: team and recusal, evidence, hearing, findings, report."""

from collections.abc import Callable
from datetime import date

import pytest
from pydantic import ValidationError

from domain.aggregate import Act
from domain.law.policy import RecusalGround
from domain.law.rules import Rules
from domain.law.situations import ConductDate
from domain.papers import Document
from domain.people import MemberTold, Officer
from domain.refusals import Code
from domain.tolerance import acts
from domain.tolerance.particulars import Conflict, RiskFiled
from tests.support.examples import (
    CDI,
    CHEN,
    CLERK,
    GENERIC,
    HUBEI,
    INSPECTOR,
    NOBODY,
    WUYANG,
    YOUXIAN,
    ZHAO,
    History,
    accept,
    accepted,
    applied,
    check,
    checked,
    closed,
    determine,
    had,
    matter,
    open_verification,
    paper,
    report,
    review,
    verified,
    verifying,
)
from tests.support.given import given

CDI_2 = Officer(id="cdi-2", role="承办人", organ=CDI.id)
FROM_AFAR = MemberTold(id="cdi-2", unit="某委", organ=CDI.id)
COLLEAGUE = MemberTold(id="cdi-3", unit=CHEN.unit)
FROM_THE_ORGAN = MemberTold(id="ins-1", organ=INSPECTOR.id)
HANDLED = matter(handlers=("cdi-9",))


def assign(*members: object) -> acts.AssignTeam:
    return acts.AssignTeam.model_validate({"members": members})


def declare(officer: str = "cdi-2", ground: str = "kin") -> acts.RequestRecusal:
    facts = {"officer": officer, "ground": ground, "explanation": "是对象的妻弟"}
    return acts.RequestRecusal.model_validate(facts)


def decide(officer: str = "cdi-2", *, stands_back: bool = True) -> acts.DecideRecusal:
    return acts.DecideRecusal(officer=officer, stands_back=stands_back, explanation="经查")


def hear(subject: str = CHEN.id) -> acts.HearSubject:
    return acts.HearSubject(subject=subject, statement="经集体研究决定", heard_by=("cdi-2",))


# --- the team ---------------------------------------------------------------------------------


@pytest.mark.parametrize("team", [assign, open_verification], ids=["assigned", "opened"])
@pytest.mark.parametrize(
    ("members", "enough"),
    [(["甲"], False), (["甲", "甲"], False), (["甲", "乙"], True), (["甲", "乙", "丙"], True)],
    ids=["one", "one twice", "two", "three"],
)
def test_two_officers_at_least_handle_a_case(
    team: Callable[..., Act], members: list[str], enough: bool
) -> None:
    story = given(accepted(WUYANG)).when(team(*members))
    if enough:
        assert story.refusal is None
    else:
        story.refused(
            Code.TEAM_TOO_SMALL,
            because="承办人员 1 人，须不少于 2 人",
            article=WUYANG.policy.team.article,
        )


def test_where_no_number_is_stated_one_officer_will_do() -> None:
    given(accepted(GENERIC)).when(open_verification("甲")).then("tolerance.verification-opened")


def test_the_team_may_be_changed_on_the_way() -> None:
    story = given(verifying(WUYANG)).when(assign("丙", "丁"))
    story.then("tolerance.team-assigned")
    assert story.case.team == ("丙", "丁")


def test_whoever_was_ever_in_the_team_has_handled_the_case() -> None:
    story = given(verifying(WUYANG).on("2026-03-10", assign("丙", "丁")))
    assert story.case.handlers == {CLERK.id, "承办人甲", "承办人乙", "丙", "丁"}


# --- conflicts the system finds ---------------------------------------------------------------


@pytest.mark.parametrize("team", [assign, open_verification], ids=["assigned", "opened"])
@pytest.mark.parametrize(
    ("member", "told"),
    [
        (COLLEAGUE, "cdi-3 与对象同一单位"),
        (MemberTold(id="cdi-9"), "cdi-9 经办过所涉问责事项"),
        (FROM_THE_ORGAN, "ins-1 是问责机关的人员"),
    ],
    ids=["same unit", "handled before", "accountability organ"],
)
def test_an_officer_in_conflict_does_not_handle_the_case(
    team: Callable[..., Act], member: MemberTold, told: str
) -> None:
    story = given(applied(GENERIC, matter=HANDLED).on("2026-03-06", accept()))
    story.when(team(member, FROM_AFAR)).refused(Code.CONFLICT_OF_INTEREST, because=told)
    assert story.when(team(FROM_AFAR)).refusal is None


def test_every_conflict_is_told() -> None:
    story = given(applied(GENERIC, matter=HANDLED)).when(assign(COLLEAGUE, "cdi-9", FROM_AFAR))
    story.refused(Code.CONFLICT_OF_INTEREST, because="同一单位；cdi-9 经办过")


def test_the_unit_of_any_subject_is_in_conflict() -> None:
    elsewhere = ZHAO.model_copy(update={"unit": "某委"})
    story = given(applied(GENERIC, CHEN, elsewhere)).when(assign(FROM_AFAR))
    story.refused(Code.CONFLICT_OF_INTEREST, because="cdi-2 与对象同一单位")


def test_a_subject_without_a_unit_is_in_conflict_with_nobody() -> None:
    nowhere = CHEN.model_copy(update={"unit": None})
    given(applied(GENERIC, nowhere)).when(assign("甲", COLLEAGUE)).then("tolerance.team-assigned")


@pytest.mark.parametrize("rules", [HUBEI, WUYANG, YOUXIAN], ids=["hubei", "wuyang", "youxian"])
def test_where_the_accountability_organ_decides_itself_its_officers_may(rules: Rules) -> None:
    team = assign(FROM_THE_ORGAN, FROM_AFAR)
    given(applied(rules)).when(team).then("tolerance.team-assigned")


def test_a_bare_name_is_in_conflict_only_by_what_it_has_done() -> None:
    given(applied(GENERIC)).when(assign("cdi-3")).then("tolerance.team-assigned")


# --- recusal ----------------------------------------------------------------------------------


def test_a_recusal_is_declared_with_its_ground_and_what_the_system_finds() -> None:
    story = given(applied(WUYANG, matter=HANDLED)).when(declare("cdi-9"))
    found = (Conflict(officer="cdi-9", ground=RecusalGround.HANDLED_BEFORE),)
    story.then("tolerance.recusal-requested", ground=RecusalGround.KIN, conflicts=found)


def test_a_recusal_is_declared_once() -> None:
    story = given(applied(WUYANG).on("2026-03-05", declare())).when(declare())
    story.refused(Code.ALREADY_DONE, because="cdi-2 的回避已经提出过")


def test_nothing_is_decided_of_a_recusal_nobody_declared() -> None:
    given(applied(WUYANG).on("2026-03-05", declare())).when(decide("cdi-3")).refused(
        Code.UNKNOWN_RECUSAL, because="没有人提出 cdi-3 回避"
    )


@pytest.mark.parametrize(
    ("history", "act"),
    [
        (applied(WUYANG), assign("甲", "乙")),
        (accepted(WUYANG), open_verification()),
        (checked(WUYANG), report()),
        (verified(WUYANG), determine()),
    ],
    ids=["team", "verification", "report", "determination"],
)
def test_an_undecided_recusal_stands_in_the_way(history: History, act: Act) -> None:
    story = given(history).when(declare()).when(act)
    story.refused(Code.RECUSAL_OPEN, because="cdi-2 的回避尚未决定")
    story.when(decide(stands_back=False)).when(act)
    assert story.refusal is None


def test_what_is_found_meanwhile_need_not_wait_for_the_decision_on_a_recusal() -> None:
    story = given(verifying(WUYANG).on("2026-03-10", declare()))
    story.when(check(WUYANG)).then("tolerance.list-checked")


def test_whoever_stands_back_leaves_the_team() -> None:
    opened = accepted(WUYANG).on("2026-03-09", open_verification("cdi-2", "cdi-4", "cdi-5"))
    story = given(opened.on("2026-03-10", declare(), decide()))
    assert story.case.team == ("cdi-4", "cdi-5")


def test_whoever_need_not_stand_back_stays_in_the_team() -> None:
    opened = accepted(WUYANG).on("2026-03-09", open_verification("cdi-2", "cdi-4"))
    story = given(opened.on("2026-03-10", declare(), decide(stands_back=False)))
    assert story.case.team == ("cdi-2", "cdi-4")


@pytest.mark.parametrize(
    "act",
    [check(WUYANG), report(), assign("甲", "乙"), decide(stands_back=False)],
    ids=lambda it: str(it.name),
)
def test_whoever_stands_back_does_nothing_more_in_the_case(act: Act) -> None:
    story = given(checked(WUYANG).on("2026-03-10", declare(), decide()))
    story.when(act, by=CDI_2).refused(Code.RECUSED, because="cdi-2 已经回避本案")


def test_whoever_stands_back_is_not_put_into_the_team_again() -> None:
    story = given(applied(WUYANG).on("2026-03-05", declare(), decide()))
    story.when(assign("cdi-2", "甲", "乙")).refused(Code.RECUSED, because="cdi-2 已经回避")
    story.when(assign("甲", "乙")).then("tolerance.team-assigned")


def test_until_it_is_decided_the_officer_may_act() -> None:
    story = given(checked(WUYANG).on("2026-03-10", declare()))
    story.when(check(WUYANG), by=CDI_2).then("tolerance.list-checked")


def test_whoever_was_cleared_may_be_assigned_in_spite_of_the_conflict() -> None:
    cleared = [declare("cdi-3", "same_unit"), decide("cdi-3", stands_back=False)]
    story = given(applied(WUYANG).on("2026-03-05", *cleared))
    story.when(assign(COLLEAGUE, FROM_AFAR)).then("tolerance.team-assigned")


def test_clearing_one_officer_clears_no_other() -> None:
    cleared = [declare(), decide(stands_back=False)]
    story = given(applied(WUYANG).on("2026-03-05", *cleared))
    story.when(assign(COLLEAGUE, FROM_AFAR)).refused(Code.CONFLICT_OF_INTEREST, because="cdi-3")


# --- evidence ---------------------------------------------------------------------------------


def test_evidence_is_told_by_its_digest() -> None:
    document = paper("minutes", "会议纪要")
    story = given(verifying(WUYANG)).when(acts.RecordEvidence(subject=CHEN.id, document=document))
    story.then("tolerance.evidence-recorded", subject=CHEN.id, document=document)
    assert "minutes" in story.case.documents


@pytest.mark.parametrize(
    "digest", ["", "0" * 63, "0" * 65, "0" * 63 + "g", "0" * 63 + "A", " " + "0" * 63]
)
def test_a_malformed_digest_is_no_digest(digest: str) -> None:
    with pytest.raises(ValidationError, match="digest"):
        Document(kind="minutes", label="会议纪要", digest=digest)


def test_evidence_concerns_the_case_or_one_of_its_subjects() -> None:
    story = given(verifying(WUYANG))
    story.when(acts.RecordEvidence(document=paper("m"))).then("tolerance.evidence-recorded")
    story.when(acts.RecordEvidence(subject=NOBODY, document=paper("m"))).refused(
        Code.UNKNOWN_SUBJECT, because=NOBODY
    )


def test_evidence_may_come_after_the_decision() -> None:
    late = acts.RecordEvidence(document=paper("m"))
    given(closed(WUYANG)).when(late, on="2026-06-01").then("tolerance.evidence-recorded")


# --- risk filing ------------------------------------------------------------------------------

ACTED_ON = date(2025, 11, 3)


def risk_filed(answered_on: str, *, agreed: bool = True) -> acts.RecordEvidence:
    filed = RiskFiled(
        number="报备〔2025〕3号", answered_on=date.fromisoformat(answered_on), agreed=agreed
    )
    return acts.RecordEvidence(document=paper("risk_filing"), risk_filed=filed)


@pytest.mark.parametrize(
    ("answered_on", "usable"),
    [("2025-11-02", True), ("2025-11-03", False), ("2025-11-04", False)],
)
def test_a_risk_filing_counts_only_if_agreed_before_the_conduct(
    answered_on: str, usable: bool
) -> None:
    story = given(applied(GENERIC, matter=matter(conduct_on=ACTED_ON)))
    story.when(risk_filed(answered_on))
    if usable:
        story.then("tolerance.evidence-recorded")
    else:
        story.refused(Code.RISK_FILING_UNUSABLE, because=f"不早于行为发生之日 {ACTED_ON}")


def test_a_declined_risk_filing_is_no_ground() -> None:
    story = given(applied(GENERIC, matter=matter(conduct_on=ACTED_ON)))
    story.when(risk_filed("2025-10-09", agreed=False))
    story.refused(Code.RISK_FILING_UNUSABLE, because="未获同意")


def test_a_declined_risk_filing_does_not_bar_tolerance() -> None:
    story = given(verified(GENERIC, CHEN)).when(risk_filed("2025-10-09", agreed=False))
    story.when(acts.RecordEvidence(document=paper("risk_filing")))
    story.then("tolerance.evidence-recorded")
    story.when(determine()).then("tolerance.determined")


def test_without_the_day_of_the_conduct_no_risk_filing_is_judged() -> None:
    given(applied(GENERIC)).when(risk_filed("2025-10-09")).refused(
        Code.RISK_FILING_UNUSABLE, because="没有写明行为发生之日"
    )


@pytest.mark.parametrize("rules", [HUBEI, WUYANG, YOUXIAN], ids=["hubei", "wuyang", "youxian"])
def test_no_risk_filing_where_the_instrument_knows_none(rules: Rules) -> None:
    story = given(applied(rules, matter=matter(conduct_on=ACTED_ON)))
    story.when(risk_filed("2025-10-09")).refused(Code.NOT_PROVIDED, because=rules.policy.name)


# --- hearing ----------------------------------------------------------------------------------


def test_where_a_hearing_is_required_the_report_waits_for_it() -> None:
    hearing = had(WUYANG, hearing="required")
    story = given(checked(hearing, CHEN, ZHAO)).when(hear()).when(report())
    story.refused(Code.STEP_MISSING, because="还缺赵某 的陈述", article="第七条（二）")
    story.when(hear(ZHAO.id)).then("tolerance.subject-heard", subject=ZHAO.id)
    story.when(report()).then("tolerance.verification-reported")


def test_where_a_hearing_is_optional_nobody_waits_for_it() -> None:
    given(checked(WUYANG)).when(report()).then("tolerance.verification-reported")


def test_only_a_subject_is_heard() -> None:
    given(verifying(WUYANG)).when(hear(NOBODY)).refused(Code.UNKNOWN_SUBJECT, because=NOBODY)


# --- findings ---------------------------------------------------------------------------------


def test_everything_missing_is_told_at_once() -> None:
    strict = had(WUYANG, hearing="required", six_factors="required")
    story = given(verifying(strict)).when(report())
    story.refused(Code.STEP_MISSING, because="还缺陈某 的六看研判、陈某 的清单对照、陈某 的陈述")


def dated(rules: Rules, item: str, **time: date) -> Rules:
    """Had the instrument one circumstance only for conduct of a certain time."""
    conduct = ConductDate(confirmed=True, **time)
    lists = tuple(
        each.model_copy(
            update={
                "items": tuple(
                    one.model_copy(update={"conduct": conduct}) if one.id == item else one
                    for one in each.items
                )
            }
        )
        for each in rules.policy.lists
    )
    return had(rules, lists=lists)


@pytest.mark.parametrize(
    ("time", "conduct_on", "fits"),
    [
        ({"before": date(2012, 11, 8)}, "2012-11-07", True),
        ({"before": date(2012, 11, 8)}, "2012-11-08", False),
        ({"before": date(2012, 11, 8)}, "2012-11-09", False),
        ({"since": date(2012, 11, 8)}, "2012-11-07", False),
        ({"since": date(2012, 11, 8)}, "2012-11-08", True),
        ({"since": date(2012, 11, 8)}, "2012-11-09", True),
    ],
)
def test_a_circumstance_of_a_certain_time_applies_to_conduct_of_that_time(
    time: dict[str, date], conduct_on: str, fits: bool
) -> None:
    rules = dated(YOUXIAN, "YX-7.2", **time)
    history = applied(rules, matter=matter(conduct_on=conduct_on))
    story = given(history.on("2026-03-06", accept(), open_verification()))
    story.when(check(rules))
    if fits:
        story.then("tolerance.list-checked")
    else:
        story.refused(
            Code.WRONG_TIME_OF_CONDUCT,
            because=f"条目 YX-7.2 只适用于特定时间的行为，行为发生于 {conduct_on}",
            article="第七条（二）",
        )


@pytest.mark.parametrize("answer", [False, None])
def test_a_circumstance_of_another_time_can_be_answered_in_the_negative(
    answer: bool | None,
) -> None:
    rules = dated(YOUXIAN, "YX-7.2", before=date(2012, 11, 8))
    answers = check(rules).answers | {"YX-7.2": answer}
    story = given(verifying(rules)).when(acts.CheckList(subject=CHEN.id, answers=answers))
    story.then("tolerance.list-checked")


def test_without_the_day_of_the_conduct_no_dated_circumstance_is_found() -> None:
    rules = dated(YOUXIAN, "YX-7.2", before=date(2012, 11, 8))
    given(verifying(rules)).when(check(rules)).refused(
        Code.WRONG_TIME_OF_CONDUCT, because="没有写明行为发生之日"
    )


@pytest.mark.parametrize("repeated", [None, False, True])
def test_whether_the_same_error_came_again_is_taken_down(repeated: bool | None) -> None:
    asked = check(YOUXIAN).model_copy(update={"repeated_error": repeated})
    story = given(verifying(YOUXIAN)).when(asked)
    story.then("tolerance.list-checked", repeated_error=repeated)
    assert story.case.files[CHEN.id].repeated_error is repeated


def test_nothing_more_is_found_of_a_subject_already_decided() -> None:
    decided = verified(WUYANG, CHEN, ZHAO).on("2026-03-12", determine(CHEN))
    story = given(decided)
    story.when(check(WUYANG, CHEN)).refused(Code.ALREADY_DONE, because="对 陈某，「认定」已于")
    story.when(review(CHEN)).refused(Code.ALREADY_DONE)
    story.when(check(WUYANG, ZHAO)).then("tolerance.list-checked")
