"""报批: what takes effect only once an organ above has approved it, and nothing but that."""

import pytest

from domain.aggregate import Act
from domain.law.outcomes import Outcome, Relief, Sanction, Treatment
from domain.law.policy import Approval, ApprovalWhen
from domain.law.rules import Rules
from domain.people import OrganLevel
from domain.refusals import Code
from domain.tolerance import acts
from domain.tolerance.state import Stage, Standing
from tests.support.decisions import conclude, proposal, reduced
from tests.support.duties import settled
from tests.support.examples import (
    CHEN,
    EXEMPTION,
    HUBEI,
    MITIGATION,
    PACKS,
    WUYANG,
    YOUXIAN,
    ZHAO,
    History,
    defer,
    determine,
    had,
    on_notice,
    verified,
    verifying,
)
from tests.support.given import Story, given

TWO_GRADES = reduced(2)
PROVINCE = "beyond_one_grade"


def ask(approval: str = PROVINCE, subject: str = CHEN.id) -> acts.RequestApproval:
    return acts.RequestApproval(subject=subject, approval=approval, of="省纪委")


def grant(approval: str = PROVINCE, subject: str = CHEN.id) -> acts.GrantApproval:
    return acts.GrantApproval(subject=subject, approval=approval, explanation="同意")


def refuse(approval: str = PROVINCE, subject: str = CHEN.id) -> acts.RefuseApproval:
    return acts.RefuseApproval(subject=subject, approval=approval, explanation="减轻过多")


def proposed(of: acts.Determine = TWO_GRADES, rules: Rules = WUYANG) -> History:
    return verified(rules).on("2026-03-12", proposal(of))


def approved(of: acts.Determine = TWO_GRADES) -> History:
    return proposed(of).on("2026-03-13", ask()).on("2026-03-20", grant())


def approving(id_: str, **when: object) -> Approval:
    return Approval(
        id=id_,
        by="市委",
        level=OrganLevel.PREFECTURE,
        when=ApprovalWhen.model_validate(when),
        article="第八条",
        confirmed=True,
    )


def subject_is(story: Story) -> Standing:
    return story.case.files[CHEN.id].standing


# --- what needs approval ----------------------------------------------------------------------


@pytest.mark.parametrize("rules", PACKS.values(), ids=PACKS)
@pytest.mark.parametrize(
    ("sanction", "grades", "needed"),
    [
        (Sanction.PARTY, None, False),
        (Sanction.PARTY, 1, False),
        (Sanction.PARTY, 2, True),
        (Sanction.PARTY, 3, True),
        (Sanction.ADMINISTRATIVE, 2, False),  # the party's own rule
    ],
)
def test_a_party_sanction_is_reduced_by_more_than_one_grade_only_with_approval(
    rules: Rules, sanction: Sanction, grades: int | None, needed: bool
) -> None:
    story = given(verified(rules)).when(reduced(grades, sanction=sanction))
    if needed:
        told = "省级纪委批准并报中央纪委", "中国共产党纪律处分条例第二十三条"
        story.refused(Code.APPROVAL_MISSING, because=told[0], article=told[1])
    else:
        story.then("tolerance.determined", grades=grades)


def test_a_further_sanction_needs_its_approval_too() -> None:
    party = Treatment(sanction=Sanction.PARTY, relief=Relief.REDUCED, grades=2)
    story = given(verified(WUYANG)).when(determine(CHEN, MITIGATION, further=(party,)))
    story.refused(Code.APPROVAL_MISSING)


def test_only_cadres_of_the_managing_authority_need_its_approval() -> None:
    rules = had(WUYANG, approvals=(approving("municipal", managed_by="区委"),))
    story = given(verified(rules, CHEN, ZHAO))  # 陈某 alone is managed by 区委
    story.when(determine(CHEN)).refused(Code.APPROVAL_MISSING, because="市委", article="第八条")
    story.when(determine(ZHAO)).then("tolerance.determined")


@pytest.mark.parametrize(("outcome", "needed"), [(EXEMPTION, True), (MITIGATION, False)])
def test_only_the_named_outcomes_need_approval(outcome: Outcome, needed: bool) -> None:
    rules = had(WUYANG, approvals=(approving("municipal", outcomes=(EXEMPTION,)),))
    story = given(verified(rules)).when(determine(CHEN, outcome))
    if needed:
        story.refused(Code.APPROVAL_MISSING)
    else:
        story.then("tolerance.determined")


def test_an_approval_without_conditions_is_needed_in_every_case() -> None:
    rules = had(WUYANG, approvals=(approving("always"),))
    given(verified(rules)).when(determine(CHEN)).refused(Code.APPROVAL_MISSING)


# --- asking -----------------------------------------------------------------------------------


def test_approval_is_asked_for_what_has_been_proposed() -> None:
    story = given(verified(WUYANG)).when(ask()).refused(Code.STEP_MISSING, because="陈某")
    story.when(proposal(TWO_GRADES)).then("tolerance.determination-proposed", grades=2)
    story.when(ask()).then("tolerance.approval-requested", approval=PROVINCE, of="省纪委")


@pytest.mark.parametrize(
    ("of", "approval", "way_out"),
    [(TWO_GRADES, "municipal", PROVINCE), (reduced(1), PROVINCE, "可以直接认定")],
)
def test_approval_is_asked_only_where_it_is_needed(
    of: acts.Determine, approval: str, way_out: str
) -> None:
    story = given(proposed(of)).when(ask(approval)).refused(Code.UNKNOWN_ITEM, because=approval)
    assert story.refusal is not None
    assert way_out in story.refusal.way_out


def test_approval_is_asked_once_until_it_is_answered() -> None:
    story = given(proposed()).when(ask()).then("tolerance.approval-requested")
    story.when(ask()).refused(Code.ALREADY_DONE, because="尚无答复")


@pytest.mark.parametrize("answer", [grant(), refuse()], ids=lambda it: str(it.name))
def test_an_approval_that_was_not_asked_for_is_not_answered(answer: Act) -> None:
    given(verified(WUYANG)).when(answer).refused(Code.APPROVAL_NOT_ASKED)
    given(proposed()).when(answer).refused(Code.APPROVAL_NOT_ASKED, because=PROVINCE)


@pytest.mark.parametrize("first", [grant(), refuse()], ids=lambda it: str(it.name))
@pytest.mark.parametrize("second", [grant(), refuse()], ids=lambda it: str(it.name))
def test_an_approval_is_answered_once(first: Act, second: Act) -> None:
    story = given(proposed().on("2026-03-13", ask(), first)).when(second)
    story.refused(Code.APPROVAL_NOT_ASKED)


def test_a_proposal_must_hold_what_a_determination_must() -> None:
    story = given(verified(WUYANG, WY_N3=True)).when(proposal(TWO_GRADES))
    story.refused(Code.NEGATIVE_LIST, because="WY-N3")
    given(verified(WUYANG)).when(proposal(reduced(sanction=None))).refused(
        Code.OUTCOME_NOT_PERMITTED
    )
    given(verifying(WUYANG)).when(proposal(TWO_GRADES)).refused(Code.OUT_OF_STAGE)
    given(on_notice(YOUXIAN)).when(proposal(TWO_GRADES)).refused(Code.NOTICE_RUNNING)


def test_where_the_subject_stands_on_the_way_to_approval() -> None:
    story, stood = given(verified(WUYANG)), []
    for act in (proposal(TWO_GRADES), ask(), grant(), TWO_GRADES):
        stood.append(subject_is(story))
        assert story.when(act).refusal is None
    assert stood == [
        Standing.PENDING,
        Standing.PROPOSED,
        Standing.AWAITING_APPROVAL,
        Standing.PROPOSED,
    ]
    assert subject_is(story) is Standing.DETERMINED


# --- refused ----------------------------------------------------------------------------------


def test_a_refusal_from_above_sends_the_subject_back_to_be_decided() -> None:
    story = given(proposed().on("2026-03-13", ask())).when(refuse(), on="2026-03-20")
    story.then("tolerance.approval-refused", explanation="减轻过多")
    assert (subject_is(story), story.case.stage) == (Standing.PENDING, Stage.VERIFIED)


def test_what_was_refused_has_never_been_in_effect() -> None:
    story = given(proposed().on("2026-03-13", ask())).when(refuse())
    assert settled(story) == []  # nothing to tell, file or follow up
    assert story.case.files[CHEN.id].determination is None
    assert story.case.files[CHEN.id].past == []


def test_what_was_refused_is_not_determined_but_something_milder_is() -> None:
    story = given(proposed().on("2026-03-13", ask(), refuse()))
    story.when(TWO_GRADES).refused(Code.APPROVAL_MISSING)
    story.when(ask()).refused(Code.STEP_MISSING)  # there is no proposal any more
    story.when(reduced(1)).then("tolerance.determined", grades=1)


def test_after_a_refusal_one_may_propose_and_ask_again() -> None:
    story = given(proposed().on("2026-03-13", ask(), refuse(), proposal(TWO_GRADES), ask()))
    story.when(grant()).when(TWO_GRADES).then("tolerance.determined", grades=2)


# --- granted ----------------------------------------------------------------------------------


def test_what_was_approved_is_determined_and_only_then_has_effect() -> None:
    story = given(proposed().on("2026-03-13", ask())).when(grant(), on="2026-03-20")
    assert settled(story) == []
    story.when(TWO_GRADES, on="2026-03-23").then("tolerance.determined", grades=2)
    assert "opened filing-1" in settled(story)


def test_while_nobody_has_answered_nothing_is_determined() -> None:
    given(proposed().on("2026-03-13", ask())).when(TWO_GRADES).refused(Code.APPROVAL_MISSING)


@pytest.mark.parametrize(
    "other",
    [
        reduced(3),
        reduced(2, before="撤销党内职务"),
        reduced(2, further=(Treatment(sanction=Sanction.PARTY, relief=Relief.LIGHTER),)),
    ],
)
def test_nothing_is_determined_but_what_was_approved(other: acts.Determine) -> None:
    story = given(approved()).when(other)
    story.refused(Code.PROPOSAL_DIFFERS, article="中国共产党纪律处分条例第二十三条")


def test_the_outcome_that_was_approved_is_the_one_determined() -> None:
    every = had(HUBEI, approvals=(approving("always"),))
    exempted = determine(sanction=None, relief=None)
    history = proposed(exempted, every).on("2026-03-13", ask("always"), grant("always"))
    story = given(history).when(determine(CHEN, MITIGATION, sanction=None, relief=None))
    story.refused(Code.PROPOSAL_DIFFERS)
    story.when(exempted).then("tolerance.determined", outcome=EXEMPTION)


def test_the_words_may_differ_from_the_proposal() -> None:
    story = given(approved()).when(reduced(2, explanation="经批准", situations=("WY-C1",)))
    story.then("tolerance.determined", explanation="经批准")


def test_what_needs_no_approval_may_differ_from_what_was_approved() -> None:
    given(approved()).when(reduced(1)).then("tolerance.determined", grades=1)


def test_a_new_proposal_is_approved_anew() -> None:
    story = given(approved()).when(proposal(reduced(3))).then("tolerance.determination-proposed")
    story.when(reduced(3)).refused(Code.APPROVAL_MISSING)
    story.when(ask()).when(grant()).when(reduced(3)).then("tolerance.determined", grades=3)


def test_every_approval_needed_is_waited_for() -> None:
    every = had(WUYANG, approvals=(*WUYANG.policy.approvals, approving("always")))
    history = verified(every).on("2026-03-12", proposal(TWO_GRADES), ask(), ask("always"))
    story = given(history.on("2026-03-20", grant()))
    story.when(TWO_GRADES).refused(Code.APPROVAL_MISSING, because="须经市委批准")
    story.when(grant("always")).when(TWO_GRADES).then("tolerance.determined")


def test_what_was_approved_for_one_subject_serves_no_other() -> None:
    history = verified(WUYANG, CHEN, ZHAO).on("2026-03-12", proposal(TWO_GRADES), ask(), grant())
    story = given(history).when(reduced(2, ZHAO)).refused(Code.APPROVAL_MISSING)
    story.when(TWO_GRADES).then("tolerance.determined", subject=CHEN.id)


@pytest.mark.parametrize(
    "act", [proposal(TWO_GRADES), ask(), grant(), refuse()], ids=lambda it: str(it.name)
)
def test_after_the_determination_nothing_is_proposed_or_approved(act: Act) -> None:
    story = given(approved().on("2026-03-23", TWO_GRADES)).when(act)
    story.refused(Code.ALREADY_DONE, because="「认定」已于 2026-03-23")


def test_a_deferral_may_end_in_an_opinion_though_a_proposal_was_made() -> None:
    story = given(proposed().on("2026-03-13", defer())).when(conclude())
    story.then("tolerance.conclusive-opinion-issued")
    assert story.case.files[CHEN.id].proposal is None
