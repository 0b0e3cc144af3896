"""What is concluded of a subject follows from what was found, and treats him as provided."""

from datetime import date

import pytest

from domain.aggregate import Act
from domain.law.outcomes import Outcome, Permitted, Relief, Sanction, Treatment
from domain.law.policy import (
    Committee,
    FactorName,
    Opinions,
    Quorum,
    Rectifying,
    RecusalGround,
    RepeatedError,
    RequiredDocument,
)
from domain.law.rules import Rules
from domain.law.situations import Listed, Role, SituationList
from domain.obligations import State
from domain.refusals import Code
from domain.tolerance import acts
from domain.tolerance.particulars import Leaning
from domain.tolerance.state import Stage, Standing
from tests.support.decisions import adverse, conclude, found, proposal, reduced, under, with_duty
from tests.support.duties import standing
from tests.support.examples import (
    CHEN,
    CLERK,
    CLOSE,
    CONSULT,
    EXEMPTION,
    HUBEI,
    MITIGATION,
    NO_TOLERANCE,
    WUYANG,
    YOUXIAN,
    ZHAO,
    History,
    accept,
    application,
    check,
    checked,
    defer,
    determine,
    file,
    had,
    matter,
    open_verification,
    opinion,
    paper,
    report,
    verified,
    verifying,
)
from tests.support.given import given

FAVOURABLE = pytest.mark.parametrize("outcome", [EXEMPTION, MITIGATION])


def repeated(found_so: bool | None = True) -> acts.CheckList:
    """Everything speaks for it, but the same error was made again."""
    return check(WUYANG).model_copy(update={"repeated_error": found_so})


def only(*items: str) -> dict[str, bool | None]:
    """These items of 游仙 were found, and no others."""
    return {item: item in items for item in check(YOUXIAN).answers}


# --- no tolerance has its reason --------------------------------------------------------------


def test_tolerance_is_not_refused_to_whom_everything_speaks_for() -> None:
    story = given(verified(WUYANG)).when(determine(CHEN, NO_TOLERANCE))
    story.refused(Code.FINDINGS_CONTRADICT, because="查明具备 WY-C1、WY-C2、WY-C3、WY-C4")


@pytest.mark.parametrize(
    "against",
    [check(WUYANG, WY_N3=True), check(WUYANG, WY_C2=False), repeated(), adverse()],
    ids=["a negative item", "a condition not met", "the same error again", "an adverse factor"],
)
def test_tolerance_is_refused_on_one_finding_against_it(against: Act) -> None:
    story = given(verified(WUYANG).on("2026-03-11", against))
    story.when(determine(CHEN, NO_TOLERANCE)).then("tolerance.determined", outcome=NO_TOLERANCE)


@pytest.mark.parametrize(
    "silent",
    [
        check(WUYANG, WY_N3=False),
        repeated(found_so=False),
        repeated(found_so=None),
        found(consequences=Leaning.NEUTRAL, motive=Leaning.FAVOURABLE),
    ],
    ids=["no negative item", "no repetition", "repetition not known", "no adverse factor"],
)
def test_tolerance_is_not_refused_on_a_finding_that_speaks_for_it(silent: Act) -> None:
    story = given(verified(WUYANG).on("2026-03-11", silent))
    story.when(determine(CHEN, NO_TOLERANCE)).refused(Code.FINDINGS_CONTRADICT)


def test_what_speaks_against_one_subject_is_no_reason_against_another() -> None:
    story = given(verified(WUYANG, CHEN, ZHAO).on("2026-03-11", adverse(ZHAO)))
    story.when(determine(CHEN, NO_TOLERANCE)).refused(Code.FINDINGS_CONTRADICT)
    story.when(determine(ZHAO, NO_TOLERANCE)).then("tolerance.determined")


def test_where_any_situation_serves_tolerance_is_refused_only_if_none_is_found() -> None:
    given(verified(YOUXIAN, **only("YX-7.4"))).when(determine(CHEN, NO_TOLERANCE)).refused(
        Code.FINDINGS_CONTRADICT, because="YX-7.4"
    )
    given(verified(YOUXIAN, **only())).when(determine(CHEN, NO_TOLERANCE)).then(
        "tolerance.determined"
    )


def test_where_no_source_tells_the_logic_the_organ_may_refuse_tolerance() -> None:
    given(verified(HUBEI, HB_T1=True)).when(determine(CHEN, NO_TOLERANCE)).then(
        "tolerance.determined"
    )


# --- tolerance has its conditions -------------------------------------------------------------


@FAVOURABLE
def test_an_exclusion_that_is_not_known_prevents_tolerance(outcome: Outcome) -> None:
    story = given(verified(WUYANG, WY_N3=None)).when(determine(CHEN, outcome))
    story.refused(Code.CONDITIONS_UNMET, because="WY-N3 尚未查清", article="第六条（三）")


def test_an_exclusion_that_is_not_known_is_no_reason_to_refuse_tolerance() -> None:
    story = given(verified(WUYANG, WY_N3=None)).when(determine(CHEN, NO_TOLERANCE))
    story.refused(Code.FINDINGS_CONTRADICT)
    story.when(defer()).then("tolerance.determination-deferred")  # the way out


GRADED = had(  # what exempts stands apart from what mitigates
    YOUXIAN,
    lists=tuple(
        SituationList(
            id=role.value,
            role=role,
            match="any",
            article="第七条",
            confirmed=True,
            items=(Listed(id=item, article=None, label=item),),
        )
        for role, item in ((Role.EXEMPTING, "E1"), (Role.MITIGATING, "R1"))
    ),
)


@pytest.mark.parametrize(
    ("e1", "r1", "outcome", "taken"),
    [
        (True, False, EXEMPTION, True),
        (True, False, MITIGATION, True),  # what exempts may also mitigate
        (False, True, MITIGATION, True),
        (False, True, EXEMPTION, False),  # not the other way round
        (False, False, MITIGATION, False),
    ],
)
def test_what_mitigates_does_not_exempt(e1: bool, r1: bool, outcome: Outcome, taken: bool) -> None:
    story = given(verified(GRADED, E1=e1, R1=r1)).when(determine(CHEN, outcome))
    if taken:
        story.then("tolerance.determined", outcome=outcome)
    else:
        story.refused(Code.CONDITIONS_UNMET, article="第七条")


@pytest.mark.parametrize("answer", [False, None])
@FAVOURABLE
def test_a_situation_that_was_not_found_is_not_cited(outcome: Outcome, answer: bool | None) -> None:
    story = given(verified(YOUXIAN, **{"YX-7.2": answer}))
    story.when(determine(CHEN, outcome, situations=("YX-7.1", "YX-7.2")))
    story.refused(Code.FINDINGS_CONTRADICT, because="所引情形 YX-7.2 在")


def test_an_exclusion_is_cited_against_tolerance_only_if_it_was_found() -> None:
    cited = determine(CHEN, NO_TOLERANCE, situations=("WY-N3",))
    given(verified(WUYANG, WY_N1=True)).when(cited).refused(
        Code.FINDINGS_CONTRADICT, because="WY-N3"
    )
    given(verified(WUYANG, WY_N3=True)).when(cited).then("tolerance.determined")


# --- the decisive factor ----------------------------------------------------------------------

MOTIVE_DECIDES = had(WUYANG, decisive_factors=(FactorName.MOTIVE,))


@FAVOURABLE
def test_tolerance_is_not_granted_against_the_factor_that_decides(outcome: Outcome) -> None:
    story = given(verified(MOTIVE_DECIDES).on("2026-03-11", found(motive=Leaning.ADVERSE)))
    story.when(determine(CHEN, outcome)).refused(Code.FINDINGS_CONTRADICT, because="主观动机")
    story.when(determine(CHEN, NO_TOLERANCE)).then("tolerance.determined")


@pytest.mark.parametrize(
    ("rules", "factors"),
    [
        (MOTIVE_DECIDES, found(nature=Leaning.ADVERSE)),  # another factor
        (MOTIVE_DECIDES, found(motive=Leaning.NEUTRAL)),
        (MOTIVE_DECIDES, found(motive=Leaning.ADVERSE, subject=ZHAO)),  # another subject
        (WUYANG, found(motive=Leaning.ADVERSE)),  # no factor decides alone
    ],
)
def test_a_factor_that_does_not_decide_bars_nothing(
    rules: Rules, factors: acts.ReviewSixFactors
) -> None:
    story = given(verified(rules, CHEN, ZHAO).on("2026-03-11", factors))
    story.when(determine()).then("tolerance.determined", outcome=EXEMPTION)


# --- the same error again ---------------------------------------------------------------------

SAVE_IN_EMERGENCY = had(
    YOUXIAN, repeated_error=RepeatedError(except_items=("YX-7.9",), article="第十二条")
)


def once_more(rules: Rules, *, found_so: bool | None = True) -> History:
    again = check(YOUXIAN).model_copy(update={"repeated_error": found_so})
    return verified(rules).on("2026-03-11", again)


@FAVOURABLE
def test_the_same_error_again_is_not_tolerated(outcome: Outcome) -> None:
    given(once_more(YOUXIAN)).when(determine(CHEN, outcome)).refused(
        Code.REPEATED_SAME_ERROR, because="陈某 同一错误再次发生", article="第十二条"
    )


@pytest.mark.parametrize("found_so", [False, None])
def test_an_error_not_found_to_be_the_same_is_tolerated(found_so: bool | None) -> None:
    given(once_more(YOUXIAN, found_so=found_so)).when(determine()).then("tolerance.determined")


@pytest.mark.parametrize(
    ("situations", "taken"),
    [((), False), (("YX-7.8",), False), (("YX-7.9",), True), (("YX-7.8", "YX-7.9"), True)],
)
def test_the_same_error_again_is_tolerated_in_the_excepted_circumstances_if_cited(
    situations: tuple[str, ...], taken: bool
) -> None:
    story = given(once_more(SAVE_IN_EMERGENCY)).when(determine(situations=situations))
    if taken:
        story.then("tolerance.determined", situations=situations)
    else:
        story.refused(Code.REPEATED_SAME_ERROR)


def test_an_instrument_silent_on_repetition_leaves_it_to_the_organ() -> None:
    given(verified(WUYANG).on("2026-03-11", repeated())).when(determine()).then(
        "tolerance.determined"
    )


# --- the catch-all ----------------------------------------------------------------------------

OTHERS = "YX-7.10"  # 其他
WITH_COMMITTEE = had(
    YOUXIAN,
    committee=Committee(
        label="评估委员会",
        seats=(),
        quorum=Quorum(at_least=None, carried_by=None),
        article=None,
        confirmed=False,
    ),
)
VOTED: tuple[Act, ...] = (
    acts.AssembleCommittee.model_validate({"seats": [{"member": "甲", "stands_for": "法律人士"}]}),
    acts.RecordCommitteeVote.model_validate(
        {"subject": CHEN.id, "outcome": "exemption", "voices": [{"of": "甲", "view": "agrees"}]}
    ),
)


@pytest.mark.parametrize(
    ("items", "cited"),
    [
        ((OTHERS,), ()),
        ((OTHERS,), (OTHERS,)),
        ((OTHERS, "YX-7.1"), (OTHERS,)),  # what is cited carries, not what else was found
    ],
)
@FAVOURABLE
def test_the_catch_all_alone_carries_nothing_that_one_officer_decides(
    items: tuple[str, ...], cited: tuple[str, ...], outcome: Outcome
) -> None:
    story = given(verified(YOUXIAN, **only(*items)))
    story.when(determine(CHEN, outcome, situations=cited)).refused(Code.COLLEGIAL_REVIEW_MISSING)


@pytest.mark.parametrize(
    ("items", "cited"),
    [
        ((OTHERS, "YX-7.1"), ()),
        ((OTHERS, "YX-7.1"), ("YX-7.1",)),
        ((OTHERS, "YX-7.1"), (OTHERS, "YX-7.1")),
    ],
)
def test_beside_another_circumstance_the_catch_all_needs_no_consultation(
    items: tuple[str, ...], cited: tuple[str, ...]
) -> None:
    story = given(verified(YOUXIAN, **only(*items)))
    story.when(determine(situations=cited)).then("tolerance.determined", situations=cited)


@pytest.mark.parametrize("consulted", [(CONSULT,), VOTED], ids=["consultation", "committee"])
def test_the_catch_all_alone_carries_what_several_have_considered(
    consulted: tuple[Act, ...],
) -> None:
    story = given(verified(WITH_COMMITTEE, **only(OTHERS)).on("2026-03-12", *consulted))
    story.when(determine()).then("tolerance.determined")


def test_the_catch_all_alone_is_enough_where_nothing_is_asked_of_it() -> None:
    story = given(verified(had(YOUXIAN, catch_all="none_stated"), **only(OTHERS)))
    story.when(determine()).then("tolerance.determined")


# --- 容纠并举 -----------------------------------------------------------------------------------

STRICT = had(
    WUYANG, rectification=Rectifying(article="防错纠错办法第六条", waivable=False, confirmed=True)
)


def waiving(outcome: Outcome = EXEMPTION) -> acts.Determine:
    return determine(CHEN, outcome, rectification=None, rectification_waived="程序已事前补正")


@FAVOURABLE
def test_rectification_is_waived_only_with_a_reason(outcome: Outcome) -> None:
    story = given(verified(WUYANG))
    story.when(determine(CHEN, outcome, rectification=None)).refused(Code.RECTIFICATION_MISSING)
    story.when(waiving(outcome)).then(
        "tolerance.determined", rectification=None, rectification_waived="程序已事前补正"
    )


def test_rectification_is_not_waived_where_it_is_always_asked_for() -> None:
    story = given(verified(STRICT)).when(waiving())
    story.refused(Code.RECTIFICATION_MISSING, article="防错纠错办法第六条")
    story.when(determine()).then("tolerance.determined")


def test_rectification_is_not_both_asked_for_and_waived() -> None:
    both = determine(rectification_waived="确无可整改的")
    given(verified(WUYANG)).when(both).refused(Code.MALFORMED, because="又写了不提的理由")


# --- several sanctions, and how far each gives way --------------------------------------------


def also(sanction: Sanction, relief: Relief | None, **unusual: int) -> tuple[Treatment, ...]:
    return (Treatment(sanction=sanction, relief=relief, **unusual),)


@pytest.mark.parametrize(
    ("outcome", "further", "taken"),
    [
        (MITIGATION, also(Sanction.PARTY, Relief.REDUCED), True),
        (MITIGATION, also(Sanction.ACCOUNTABILITY, Relief.LIGHTER), False),  # not in the matrix
        (EXEMPTION, also(Sanction.PARTY, Relief.WAIVED), False),  # not waived in 舞阳
        (EXEMPTION, also(Sanction.PARTY, Relief.LIGHTER), False),  # lighter is no exemption
        (MITIGATION, also(Sanction.PARTY, None), False),
    ],
)
def test_every_sanction_of_a_subject_stands_in_the_matrix(
    outcome: Outcome, further: tuple[Treatment, ...], taken: bool
) -> None:
    story = given(verified(WUYANG)).when(determine(CHEN, outcome, further=further))
    if taken:
        story.then("tolerance.determined", further=further)
    else:
        story.refused(Code.OUTCOME_NOT_PERMITTED, article="第八条")


CAPPED = had(  # with no approval beside the cap
    WUYANG,
    approvals=(),
    permitted=(
        Permitted(
            sanction=Sanction.PARTY,
            reliefs=tuple(Relief),
            grades_at_most=2,
            waived_only_from=("警告", "严重警告"),
            article="第八条",
        ),
    ),
)


@pytest.mark.parametrize(
    ("grades", "taken"), [(None, True), (1, True), (2, True), (3, False), (4, False)]
)
def test_a_sanction_is_reduced_by_no_more_grades_than_the_cap(
    grades: int | None, taken: bool
) -> None:
    story = given(verified(CAPPED)).when(reduced(grades))
    if taken:
        story.then("tolerance.determined", grades=grades)
    else:
        story.refused(Code.OUTCOME_NOT_PERMITTED, article="第八条")


@pytest.mark.parametrize(
    ("before", "taken"),
    [("警告", True), ("严重警告", True), ("撤销党内职务", False), (None, False)],
)
def test_only_the_named_sanctions_are_waived(before: str | None, taken: bool) -> None:
    waived = determine(sanction=Sanction.PARTY, relief=Relief.WAIVED, before=before)
    story = given(verified(CAPPED)).when(waived)
    if taken:
        story.then("tolerance.determined", before=before)
    else:
        story.refused(Code.OUTCOME_NOT_PERMITTED)


# --- papers, recusal --------------------------------------------------------------------------

WITH_MINUTES = had(
    WUYANG,
    documents=(
        *WUYANG.policy.documents,
        RequiredDocument(id="minutes", label="会议纪要", before="determination", article="第七条"),
    ),
)


def test_a_paper_needed_for_the_determination_is_in_the_file_before_it() -> None:
    story = given(under(WITH_MINUTES, verified(WUYANG))).when(determine())
    story.refused(Code.DOCUMENT_MISSING, because="会议纪要（minutes）", article="第七条")
    story.when(acts.RecordEvidence(document=paper("minutes"))).when(determine())
    story.then("tolerance.determined")


def test_an_officer_who_handled_the_proceeding_does_not_determine() -> None:
    before = matter(handlers=(CLERK.id,))
    steps = application(WUYANG, matter=before), accept(), open_verification(), check(WUYANG)
    story = given(History(WUYANG).on("2026-03-04", *steps, report()))
    story.when(determine()).refused(Code.CONFLICT_OF_INTEREST, because=f"{CLERK.id} 经办过")


def test_nothing_is_determined_while_a_recusal_is_undecided() -> None:
    officer = acts.RequestRecusal(
        officer="承办人乙", ground=RecusalGround.INTEREST, explanation="与对象有往来"
    )
    story = given(verified(WUYANG).on("2026-03-11", officer))
    story.when(determine()).refused(Code.RECUSAL_OPEN, because="承办人乙")
    story.when(proposal(determine())).refused(Code.RECUSAL_OPEN)
    stays = acts.DecideRecusal(officer="承办人乙", stands_back=False, explanation="查无往来")
    story.when(stays).when(determine()).then("tolerance.determined")


# --- the conclusive opinion -------------------------------------------------------------------


def test_a_conclusive_opinion_is_issued_only_after_a_deferral() -> None:
    story = given(verifying(WUYANG)).when(conclude())
    story.refused(Code.STEP_MISSING, because="没有暂缓认定", article="第七条（二）")
    story.when(defer()).when(conclude()).then("tolerance.conclusive-opinion-issued")


def test_the_deferral_of_one_subject_is_not_that_of_another() -> None:
    story = given(verifying(WUYANG, CHEN, ZHAO).on("2026-03-10", defer(CHEN)))
    story.when(conclude(ZHAO)).refused(Code.STEP_MISSING, because="赵某")


def test_an_instrument_without_deferral_has_no_conclusive_opinion() -> None:
    given(verified(YOUXIAN)).when(conclude()).refused(Code.NOT_PROVIDED)


def test_a_conclusive_opinion_is_no_outcome_and_the_case_can_close() -> None:
    story = given(verifying(WUYANG).on("2026-03-10", defer())).when(conclude())
    subject = story.case.files[CHEN.id]
    assert (subject.determination, subject.standing) == (None, Standing.CONCLUDED)
    assert story.case.stage is Stage.DETERMINED
    story.when(CLOSE).then("tolerance.closed")


@pytest.mark.parametrize(
    ("day", "state"),
    [
        ("2026-04-21", State.MET),
        ("2026-04-22", State.MET),  # thirty working days after 2026-03-10
        ("2026-04-23", State.MET_LATE),
    ],
)
def test_a_conclusive_opinion_ends_the_deferral(day: str, state: State) -> None:
    story = given(verifying(WUYANG).on("2026-03-10", defer())).when(conclude(), on=day)
    assert standing(story, "deferral-1").state is state


def test_the_case_waits_for_its_other_subjects_after_a_conclusive_opinion() -> None:
    history = verified(WUYANG, CHEN, ZHAO).on("2026-03-12", defer(), conclude())
    story = given(history)
    story.when(CLOSE).refused(Code.OUT_OF_STAGE, because="核实完毕")
    story.when(determine(ZHAO)).then("tolerance.determined")
    assert story.case.stage is Stage.DETERMINED


@pytest.mark.parametrize(
    "act",
    [determine(), proposal(determine()), defer(), conclude()],
    ids=lambda it: str(it.name),
)
def test_after_a_conclusive_opinion_nothing_is_left_to_decide(act: Act) -> None:
    history = verified(WUYANG, CHEN, ZHAO).on("2026-03-12", defer(), conclude())
    given(history).when(act).refused(Code.ALREADY_DONE, because="「结论性意见」已于 2026-03-12")


def test_a_conclusive_opinion_is_not_filed_as_a_determination() -> None:
    history = verifying(WUYANG).on("2026-03-10", defer(), conclude())
    given(history).when(file()).refused(Code.NOT_DETERMINED)


# --- the silence of those asked ---------------------------------------------------------------


def asking(silence: str | None) -> Rules:
    """An instrument that wants opinions, and gives five working days to answer."""
    opinions = Opinions.model_validate({"of": ("组织部",), "silence": silence, "article": "第八条"})
    return with_duty(
        had(HUBEI, opinions=opinions),
        "opinion",
        "tolerance.opinion-requested",
        "tolerance.opinion-received",
        starts="sending",
        per="item",
        amount=5,
    )


def ask(organ: str = "组织部") -> acts.RequestOpinion:
    return acts.RequestOpinion(organ=organ, question="是否同意")


def reported(rules: Rules) -> History:
    return checked(rules).on("2026-03-11", report())


SILENT = reported(asking("agrees")).on("2026-03-11", ask())


@pytest.mark.parametrize(
    ("day", "taken"), [("2026-03-17", False), ("2026-03-18", False), ("2026-03-19", True)]
)
def test_silence_agrees_from_the_day_after_the_time_to_answer(day: str, taken: bool) -> None:
    story = given(SILENT).when(determine(), on=day)
    if taken:
        story.then("tolerance.determined")
    else:
        story.refused(Code.STEP_MISSING, because="征求意见")


@pytest.mark.parametrize("silence", ["not_counted", None])
def test_silence_says_nothing_unless_the_instrument_says_so(silence: str | None) -> None:
    history = reported(asking(silence)).on("2026-03-11", ask())
    given(history).when(determine(), on="2026-06-01").refused(Code.STEP_MISSING)


def test_who_was_not_asked_is_not_silent() -> None:
    given(reported(asking("agrees"))).when(determine(), on="2026-06-01").refused(Code.STEP_MISSING)


@pytest.mark.parametrize(("day", "taken"), [("2026-03-20", False), ("2026-03-21", True)])
def test_silence_agrees_only_when_the_time_of_all_is_over(day: str, taken: bool) -> None:
    story = given(SILENT.on("2026-03-13", ask("财政局"))).when(determine(), on=day)
    if taken:
        story.then("tolerance.determined")
    else:
        story.refused(Code.STEP_MISSING)


def test_an_answer_given_in_time_needs_no_silence() -> None:
    answer = opinion().model_copy(update={"item": 1})
    given(SILENT.on("2026-03-12", answer)).when(determine()).then("tolerance.determined")


def test_nobody_is_silent_on_a_day_that_is_only_presumed() -> None:
    late = reported(asking("agrees")).on("2026-12-28", ask())  # to a day of 2027
    given(late).when(determine(), on="2027-03-01").refused(Code.STEP_MISSING)


# --- from when it counts ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stated", "taken"), [("2026-03-11", False), ("2026-03-12", True), ("2026-03-13", True)]
)
def test_a_determination_counts_from_its_day_or_later(stated: str, taken: bool) -> None:
    story = given(verified(WUYANG))
    story.when(determine(effective_on=date.fromisoformat(stated)), on="2026-03-12")
    if taken:
        story.then("tolerance.determined", effective_on=date.fromisoformat(stated))
    else:
        story.refused(Code.MALFORMED, because="2026-03-11 早于认定之日 2026-03-12")
