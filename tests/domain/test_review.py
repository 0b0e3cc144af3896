"""Looking again: review, correction, revocation, restoration, and a case that is reopened."""

from typing import TypeVar

import pytest
from pydantic import ValidationError

from domain.aggregate import Act, Event
from domain.law.outcomes import Outcome, Relief, Sanction
from domain.law.policy import Recipient
from domain.law.rules import Rules
from domain.obligations import State
from domain.refusals import Code
from domain.tolerance import acts, events
from domain.tolerance.state import Stage, Standing
from tests.support.decisions import (
    REVIEWER,
    admit,
    adverse,
    conclude,
    correct,
    decide,
    lodge,
    receive,
    reduced,
    reopen,
    restore,
    revoke,
)
from tests.support.duties import settled, standing
from tests.support.examples import (
    CHEN,
    CLERK,
    CLOSE,
    CLOSE_NOTICE,
    DECLINE,
    EXEMPTION,
    GENERIC,
    MITIGATION,
    NO_TOLERANCE,
    WUYANG,
    YOUXIAN,
    ZHAO,
    History,
    accept,
    applied,
    check,
    closed,
    defer,
    determine,
    determined,
    file,
    notify,
    on_notice,
    open_verification,
    report,
    verified,
    verifying,
)
from tests.support.given import Story, folded, given, state

Kind = TypeVar("Kind", bound=Event)

MITIGATED = determined(WUYANG, outcome=MITIGATION)
LODGED = MITIGATED.on("2026-03-13", notify(), file(), CLOSE).on("2026-03-20", lodge())
ADMITTED = LODGED.on("2026-03-23", admit())
ARCHIVE = acts.Archive(archive_number="档〔2026〕1号")


def one(story: Story, kind: type[Kind]) -> Kind:
    """The one event of a kind that the last act recorded."""
    assert story.refusal is None, story.refusal
    (event,) = (each for each in story.news if isinstance(each, kind))
    return event


def outcome(story: Story) -> Outcome | None:
    determination = story.case.files[CHEN.id].determination
    return determination.outcome if determination else None


def past(story: Story) -> list[Outcome]:
    return [each.outcome for each in story.case.files[CHEN.id].past]


# --- lodging ----------------------------------------------------------------------------------


def test_a_review_is_asked_for_by_a_remedy_the_instrument_has() -> None:
    story = given(MITIGATED).when(lodge(remedy="appeal"))
    story.refused(Code.UNKNOWN_REMEDY, because="appeal")
    assert story.refusal is not None
    assert "review" in story.refusal.way_out
    story.when(lodge()).then("tolerance.review-lodged", remedy="review", grounds="认为过重")
    assert story.case.files[CHEN.id].standing is Standing.UNDER_REVIEW


@pytest.mark.parametrize(
    "history",
    [verified(WUYANG), verified(WUYANG, CHEN, ZHAO).on("2026-03-12", determine(ZHAO))],
    ids=["nobody", "another"],
)
def test_what_was_not_determined_is_not_reviewed(history: History) -> None:
    given(history).when(lodge(CHEN)).refused(Code.NOT_DETERMINED)


@pytest.mark.parametrize(
    "history",
    [
        verified(WUYANG, CHEN, ZHAO).on("2026-03-12", determine(CHEN)),
        determined(WUYANG),
        closed(WUYANG),
        closed(WUYANG).on("2026-03-14", ARCHIVE),
    ],
    ids=["others undecided", "determined", "closed", "archived"],
)
def test_a_determination_is_reviewed_wherever_its_case_stands(history: History) -> None:
    stage = given(history).case.stage
    story = given(history).when(lodge()).then("tolerance.review-lodged")
    assert story.case.stage is stage


def test_one_review_of_a_subject_goes_on_at_a_time() -> None:
    story = given(determined(WUYANG, CHEN, ZHAO)).when(lodge()).then("tolerance.review-lodged")
    story.when(lodge()).refused(Code.REVIEW_OPEN, because="陈某")
    story.when(lodge(ZHAO)).then("tolerance.review-lodged", subject=ZHAO.id)


TOLD = determined(GENERIC).on("2026-03-13", notify(recipient=Recipient.SUBJECT))
RECEIVED = TOLD.on("2026-03-16", receive("2026-03-16", Recipient.SUBJECT))


@pytest.mark.parametrize(
    ("day", "taken"), [("2026-04-15", True), ("2026-04-16", True), ("2026-04-17", False)]
)
def test_a_review_is_asked_for_within_a_month_of_the_receipt(day: str, taken: bool) -> None:
    story = given(RECEIVED).when(lodge(), on=day)
    if taken:
        story.then("tolerance.review-lodged")
        assert standing(story, "review_lodging-1").state is State.MET
    else:
        told = "期限已于 2026-04-16 届满", "中国共产党问责条例第二十条"
        story.refused(Code.LATE, because=told[0], article=told[1])


def test_who_has_received_nothing_is_never_late() -> None:
    given(TOLD).when(lodge(), on="2026-12-31").then("tolerance.review-lodged")


def test_the_time_of_one_subject_is_not_that_of_another() -> None:
    told = [notify(each, Recipient.SUBJECT) for each in (CHEN, ZHAO)]
    received = receive("2026-03-16", Recipient.SUBJECT, CHEN)
    story = given(determined(GENERIC, CHEN, ZHAO).on("2026-03-16", *told, received))
    story.when(lodge(CHEN), on="2026-04-17").refused(Code.LATE)
    story.when(lodge(ZHAO), on="2026-04-17").then("tolerance.review-lodged")


# --- admitting --------------------------------------------------------------------------------


def test_a_review_is_admitted_by_a_panel_and_once() -> None:
    story = given(LODGED).when(admit(), on="2026-03-23").then("tolerance.review-admitted")
    story.when(admit()).refused(Code.ALREADY_DONE, because="「复核受理」已于 2026-03-23")


@pytest.mark.parametrize("involved", [CLERK.id, "承办人甲", "承办人乙"])
def test_nobody_who_handled_the_case_sits_on_the_panel(involved: str) -> None:
    story = given(LODGED).when(admit(CHEN, "复核人甲", involved))
    story.refused(Code.PANEL_NOT_INDEPENDENT, because=f"{involved} 经办过本案")


def test_nobody_who_joined_the_team_later_sits_on_the_panel() -> None:
    joined = acts.AssignTeam.model_validate({"members": ["承办人甲", "承办人丙"]})
    history = verified(WUYANG).on("2026-03-11", joined).on("2026-03-12", determine(), lodge())
    given(history).when(admit(CHEN, "承办人丙")).refused(Code.PANEL_NOT_INDEPENDENT)


def test_nobody_in_conflict_with_the_subject_sits_on_the_panel() -> None:
    of_same_unit = {"id": "复核人甲", "unit": CHEN.unit}
    story = given(LODGED).when(admit(CHEN, of_same_unit))
    story.refused(Code.CONFLICT_OF_INTEREST, because="与对象同一单位")


@pytest.mark.parametrize(
    "act",
    [
        admit(),
        acts.RefuseReview(subject=CHEN.id, explanation="没有理由"),
        decide("uphold"),
    ],
    ids=lambda it: str(it.name),
)
def test_without_a_review_there_is_nothing_to_admit_refuse_or_decide(act: Act) -> None:
    given(MITIGATED).when(act).refused(Code.REVIEW_NOT_OPEN)


def test_a_refused_review_leaves_all_as_it_was_and_another_may_be_asked_for() -> None:
    refuse = acts.RefuseReview(subject=CHEN.id, explanation="没有理由")
    story = given(LODGED).when(refuse).then("tolerance.review-refused", explanation="没有理由")
    assert (outcome(story), story.case.stage) == (MITIGATION, Stage.CLOSED)
    assert story.case.files[CHEN.id].standing is Standing.DETERMINED
    story.when(lodge()).then("tolerance.review-lodged")


# --- deciding ---------------------------------------------------------------------------------


def test_a_review_is_admitted_before_it_is_decided() -> None:
    story = given(LODGED).when(decide("uphold"), by=REVIEWER)
    story.refused(Code.STEP_MISSING, because="复核尚未受理")


def test_nobody_who_handled_the_case_decides_its_review() -> None:
    story = given(ADMITTED).when(decide("uphold"), by=CLERK)
    story.refused(Code.PANEL_NOT_INDEPENDENT, because=CLERK.id)
    story.when(decide("uphold"), by=REVIEWER).then("tolerance.review-decided", result="uphold")


def test_a_review_that_upholds_leaves_all_as_it_was() -> None:
    story = given(ADMITTED).when(decide("uphold"), by=REVIEWER)
    assert settled(story) == []
    assert (outcome(story), past(story)) == (MITIGATION, [])
    assert story.case.stage is Stage.CLOSED


def test_after_a_review_another_may_be_lodged_and_admitted() -> None:
    story = given(ADMITTED).when(decide("uphold"), by=REVIEWER).when(lodge())
    story.when(admit()).then("tolerance.review-admitted")


def test_only_what_varies_says_what_takes_its_place() -> None:
    with pytest.raises(ValidationError, match="变更的须写明新的认定"):
        decide("vary")
    with pytest.raises(ValidationError, match="其余不写"):
        decide("revoke", determine())
    with pytest.raises(ValidationError, match="同一对象"):
        decide("vary", determine(ZHAO))


def test_a_review_that_varies_ends_the_first_determination_and_makes_another() -> None:
    story = given(ADMITTED).when(decide("vary", determine()), by=REVIEWER)
    names = [each.name() for each in story.news if not each.name().startswith("obligation.")]
    assert names == [
        "tolerance.review-decided",
        "tolerance.determination-ended",
        "tolerance.determined",
    ]
    assert (outcome(story), past(story)) == (EXEMPTION, [MITIGATION])
    assert story.case.files[CHEN.id].standing is Standing.DETERMINED


def test_what_a_review_varied_is_told_and_filed_anew_before_the_case_closes_again() -> None:
    story = given(ADMITTED).when(decide("vary", determine()), by=REVIEWER)
    assert settled(story) == [
        "lapsed rectification-1",
        "lapsed follow_up-1",
        "opened restoration-1",
        "opened feedback-2",
        "opened filing-2",
        "opened rectification-2",
        "opened follow_up-2",
    ]
    assert story.case.stage is Stage.DETERMINED
    story.when(CLOSE).refused(Code.DUTIES_OPEN)
    story.when(notify()).when(file()).when(CLOSE).then("tolerance.closed")


def test_a_review_that_revokes_leaves_the_subject_without_a_determination() -> None:
    story = given(ADMITTED).when(decide("revoke"), by=REVIEWER)
    assert (outcome(story), past(story)) == (None, [MITIGATION])
    assert story.case.files[CHEN.id].standing is Standing.REVOKED
    assert story.case.stage is Stage.CLOSED  # nothing is left to decide
    story.when(notify()).refused(Code.NOT_DETERMINED)


def test_a_review_that_remands_leaves_the_subject_to_be_determined_anew() -> None:
    story = given(ADMITTED).when(decide("remand"), by=REVIEWER)
    assert (outcome(story), past(story)) == (None, [MITIGATION])
    assert story.case.files[CHEN.id].standing is Standing.PENDING
    assert story.case.stage is Stage.VERIFIED
    story.when(CLOSE).refused(Code.OUT_OF_STAGE)
    story.when(determine()).then("tolerance.determined")
    assert (outcome(story), past(story)) == (EXEMPTION, [MITIGATION])


def test_a_remanded_subject_may_be_put_on_notice_again() -> None:
    noticed = on_notice(YOUXIAN).on("2026-05-12", CLOSE_NOTICE, determine(), lodge(), admit())
    story = given(noticed).when(decide("remand"), by=REVIEWER)
    again = acts.OpenPublicNotice(scope="某局机关")
    story.when(again, on="2026-05-13").then("tolerance.public-notice-opened")
    story.when(determine()).refused(Code.NOTICE_RUNNING)


def test_the_review_of_one_subject_leaves_the_others() -> None:
    history = determined(WUYANG, CHEN, ZHAO).on("2026-03-13", lodge(), admit())
    story = given(history).when(decide("remand"), by=REVIEWER)
    assert story.case.files[ZHAO.id].determination is not None
    story.when(determine(ZHAO)).refused(Code.ALREADY_DONE)


# --- not worse --------------------------------------------------------------------------------


def treated(outcome: Outcome, relief: Relief | None) -> acts.Determine:
    return determine(CHEN, outcome, relief=relief)


WAIVED = treated(EXEMPTION, Relief.WAIVED)
REDUCED = treated(MITIGATION, Relief.REDUCED)
LIGHTER = treated(MITIGATION, Relief.LIGHTER)
REFUSED = treated(NO_TOLERANCE, None)
MILDEST_FIRST = [WAIVED, REDUCED, LIGHTER, REFUSED]
PAIRS = [(before, after) for before in MILDEST_FIRST for after in MILDEST_FIRST]


def reviewed(first: acts.Determine) -> History:
    found = verified(WUYANG).on("2026-03-11", adverse())  # so that each outcome is possible
    return found.on("2026-03-12", first, lodge(), admit())


@pytest.mark.parametrize(("before", "after"), PAIRS)
def test_a_review_does_not_make_it_worse(before: acts.Determine, after: acts.Determine) -> None:
    story = given(reviewed(before)).when(decide("vary", after), by=REVIEWER)
    if MILDEST_FIRST.index(after) > MILDEST_FIRST.index(before):
        story.refused(Code.WORSE_THAN_BEFORE, because="比 2026-03-12 的原认定更重")
    else:
        assert outcome(story) is after.outcome


@pytest.mark.parametrize(("before", "after"), PAIRS)
def test_what_is_determined_after_a_remand_is_not_worse(
    before: acts.Determine, after: acts.Determine
) -> None:
    story = given(reviewed(before)).when(decide("remand"), by=REVIEWER).when(after)
    if MILDEST_FIRST.index(after) > MILDEST_FIRST.index(before):
        story.refused(Code.WORSE_THAN_BEFORE)
    else:
        story.then("tolerance.determined", outcome=after.outcome)


def test_to_be_reduced_by_fewer_grades_is_worse() -> None:
    first = reduced(2, sanction=Sanction.ADMINISTRATIVE)
    fewer = reduced(1, sanction=Sanction.ADMINISTRATIVE)
    story = given(reviewed(first)).when(decide("vary", fewer), by=REVIEWER)
    story.refused(Code.WORSE_THAN_BEFORE)


def test_a_variation_must_hold_what_any_determination_must() -> None:
    story = given(ADMITTED)
    for conclusion, code in {
        determine(rectification=None): Code.RECTIFICATION_MISSING,
        determine(sanction=None): Code.OUTCOME_NOT_PERMITTED,
        determine(situations=("WY-X",)): Code.UNKNOWN_ITEM,
    }.items():
        story.when(decide("vary", conclusion), by=REVIEWER).refused(code)


# --- by the organ itself, or the one above ----------------------------------------------------


def test_an_error_is_corrected_without_anybody_asking() -> None:
    story = given(MITIGATED).when(correct(determine()))
    corrected = one(story, events.DeterminationCorrected)
    assert (corrected.by_superior, corrected.explanation) == (True, "原认定有误")
    assert (outcome(story), past(story)) == (EXEMPTION, [MITIGATION])


def test_a_correction_may_be_worse() -> None:
    story = given(determined(WUYANG)).when(correct(determine(CHEN, MITIGATION)))
    assert (outcome(story), past(story)) == (MITIGATION, [EXEMPTION])


def test_only_what_is_in_effect_is_corrected() -> None:
    given(verified(WUYANG)).when(correct(determine())).refused(Code.NOT_DETERMINED)
    given(determined(WUYANG).on("2026-03-13", revoke())).when(correct(determine())).refused(
        Code.NOT_DETERMINED
    )


def test_a_correction_of_a_closed_case_reopens_its_closing() -> None:
    story = given(closed(WUYANG)).when(correct(determine(CHEN, MITIGATION)))
    assert story.case.stage is Stage.DETERMINED
    story.when(notify()).when(file()).when(CLOSE).then("tolerance.closed")


PUT_IN_PLACE = pytest.mark.parametrize(
    ("history", "put_in_place"),
    [
        (MITIGATED.on("2026-03-13", lodge(), admit()), decide("vary", reduced(2))),
        (MITIGATED, correct(reduced(2))),
    ],
    ids=["vary", "correct"],
)


@PUT_IN_PLACE
def test_what_needs_approval_is_put_in_place_only_on_authority(
    history: History, put_in_place: Act
) -> None:
    story = given(history).when(put_in_place, by=REVIEWER)
    told = "省级纪委批准并报中央纪委", "中国共产党纪律处分条例第二十三条"
    story.refused(Code.APPROVAL_MISSING, because=told[0], article=told[1])
    story.when(put_in_place, by=REVIEWER, authority="省纪批〔2026〕1号")
    assert one(story, events.SubjectDetermined).envelope.authority == "省纪批〔2026〕1号"


def test_what_needs_no_approval_needs_no_authority() -> None:
    story = given(MITIGATED).when(correct(reduced(1)))
    assert one(story, events.SubjectDetermined).grades == 1


# --- revocation for cause ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "history",
    [determined(WUYANG), closed(WUYANG), closed(WUYANG).on("2026-03-14", ARCHIVE)],
    ids=["determined", "closed", "archived"],
)
def test_a_determination_is_revoked_for_cause_at_any_time(history: History) -> None:
    stage = given(history).case.stage
    story = given(history).when(revoke(), on="2026-06-01")
    revoked = one(story, events.DeterminationRevoked)
    assert (revoked.cause, revoked.accountability_resumes) == ("private_gain", True)
    assert (outcome(story), past(story)) == (None, [EXEMPTION])
    assert story.case.files[CHEN.id].standing is Standing.REVOKED
    assert story.case.stage is stage


def test_what_was_revoked_is_followed_up_no_more() -> None:
    story = given(closed(WUYANG)).when(revoke())
    ended = ["lapsed rectification-1", "lapsed follow_up-1", "opened restoration-1"]
    assert settled(story) == ended


def test_what_was_revoked_is_not_revoked_nor_determined_again() -> None:
    story = given(determined(WUYANG).on("2026-03-13", revoke()))
    story.when(revoke()).refused(Code.NOT_DETERMINED)
    story.when(determine()).refused(Code.ALREADY_DONE, because="「撤销认定」")


def test_others_are_still_to_be_determined_after_a_revocation() -> None:
    history = verified(WUYANG, CHEN, ZHAO).on("2026-03-12", determine(CHEN), revoke(CHEN))
    story = given(history).when(determine(ZHAO)).then("tolerance.determined")
    assert story.case.stage is Stage.DETERMINED


def test_a_remand_after_a_revocation_leads_somewhere() -> None:
    story = given(ADMITTED.on("2026-03-24", revoke()))
    story.when(decide("remand"), by=REVIEWER)
    assert story.refusal is not None or story.when(determine()).refusal is None


# --- what ended, and where it is put right ----------------------------------------------------

EFFECTS = ("no_score_deduction", "no_negative_award")
NOTICED = (
    on_notice(YOUXIAN)
    .on("2026-05-12", CLOSE_NOTICE, determine(effects=EFFECTS))
    .on("2026-05-13", notify(), notify(recipient=Recipient.PERSONNEL_ORGAN))
)
SCOPES = ("某局机关", "applicant", "personnel_organ")  # the notice, then the recipients
ENDINGS: dict[str, tuple[History, Act]] = {
    "review": (NOTICED.on("2026-05-14", lodge(), admit()), decide("revoke")),
    "revocation": (NOTICED, revoke()),
    "correction": (NOTICED, correct(determine(CHEN, MITIGATION))),
    "reopening": (NOTICED.on("2026-05-14", reopen(), report()), determine(CHEN, MITIGATION)),
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_what_ends_says_which_effects_are_withdrawn_and_where_it_was_known(ending: str) -> None:
    history, act = ENDINGS[ending]
    first = given(history).case.files[CHEN.id].determination
    ended = one(given(history).when(act, by=REVIEWER), events.DeterminationEnded)
    assert first is not None
    assert ended.determination == first.originator_version
    assert ended.effects_withdrawn == EFFECTS
    assert ended.restore_in == SCOPES


@pytest.mark.parametrize("ending", ENDINGS)
def test_the_history_of_an_ending_is_folded_as_it_was_decided(ending: str) -> None:
    history, act = ENDINGS[ending]
    story = given(history).when(act, by=REVIEWER)
    assert story.refusal is None
    assert state(story.case) == state(folded(story.recorded))


def test_it_is_put_right_scope_by_scope_in_any_order() -> None:
    story = given(NOTICED.on("2026-05-14", revoke()))
    for scope in ("applicant", "某局机关", "personnel_organ"):
        story.when(restore(scope)).then("tolerance.restoration-done", scope=scope)
    story.when(restore("某局机关")).refused(Code.UNKNOWN_ITEM, because="某局机关")


@pytest.mark.parametrize("history", [NOTICED, NOTICED.on("2026-05-14", revoke())])
def test_it_is_put_right_only_where_it_was_known(history: History) -> None:
    given(history).when(restore("全县")).refused(Code.UNKNOWN_ITEM, because="全县")


def test_what_is_still_to_be_put_right_is_not_forgotten_when_the_next_one_ends() -> None:
    history = determined(WUYANG).on("2026-03-13", notify())
    twice = history.on("2026-03-14", correct(determine(CHEN, MITIGATION)))
    told = twice.on("2026-03-15", notify(recipient=Recipient.SUBJECT), revoke())
    assert given(told).case.files[CHEN.id].to_restore == ["applicant", "subject"]


def test_the_duty_to_put_it_right_lasts_until_the_last_scope() -> None:
    story = given(NOTICED.on("2026-05-14", revoke()))
    meant = [settled(story.when(restore(scope))) for scope in SCOPES]
    assert meant == [[], [], ["met restoration-1"]]


def test_there_is_no_duty_to_put_right_what_nobody_heard_of() -> None:
    story = given(determined(WUYANG)).when(revoke())
    assert "opened restoration-1" not in settled(story)


# --- reopening --------------------------------------------------------------------------------

REOPENABLE = pytest.mark.parametrize(
    "history",
    [determined(WUYANG), closed(WUYANG), closed(WUYANG).on("2026-03-14", ARCHIVE)],
    ids=["determined", "closed", "archived"],
)


@REOPENABLE
def test_a_reopened_case_is_verified_again_while_its_determination_still_counts(
    history: History,
) -> None:
    story = given(history).when(reopen(), on="2026-06-01")
    story.then("tolerance.reopened", subjects=(CHEN.id,))
    assert (story.case.stage, outcome(story), past(story)) == (Stage.VERIFYING, EXEMPTION, [])
    story.when(determine(CHEN, MITIGATION)).refused(Code.OUT_OF_STAGE)


@REOPENABLE
def test_a_new_determination_takes_the_place_of_the_first(history: History) -> None:
    story = given(history.on("2026-06-01", reopen(), check(WUYANG, WY_N3=True), report()))
    story.when(determine(CHEN, NO_TOLERANCE))
    one(story, events.DeterminationEnded)
    assert (outcome(story), past(story)) == (NO_TOLERANCE, [EXEMPTION])
    assert story.case.stage is Stage.DETERMINED


def test_a_reopened_case_closes_and_goes_to_the_archive_again() -> None:
    history = closed(WUYANG).on("2026-03-14", ARCHIVE).on("2026-06-01", reopen(), report())
    story = given(history).when(determine(CHEN, MITIGATION)).when(CLOSE)
    story.refused(Code.DUTIES_OPEN)
    story.when(notify()).when(file()).when(CLOSE).then("tolerance.closed")
    story.when(ARCHIVE).then("tolerance.archived")


def test_only_the_subjects_named_are_decided_again() -> None:
    story = given(determined(WUYANG, CHEN, ZHAO).on("2026-06-01", reopen(ZHAO), report()))
    story.when(determine(CHEN, MITIGATION)).refused(Code.ALREADY_DONE)
    story.when(determine(ZHAO, MITIGATION))
    assert story.case.files[CHEN.id].past == []
    assert [each.outcome for each in story.case.files[ZHAO.id].past] == [EXEMPTION]


def test_a_revoked_determination_is_made_anew_after_reopening() -> None:
    story = given(closed(WUYANG).on("2026-06-01", revoke(), reopen(), report()))
    story.when(determine(CHEN, MITIGATION)).then("tolerance.determined", outcome=MITIGATION)
    assert past(story) == [EXEMPTION]


def test_what_ended_in_an_opinion_is_determined_after_reopening() -> None:
    history = verified(WUYANG).on("2026-03-12", defer(), conclude(), CLOSE)
    story = given(history.on("2026-06-01", reopen(), report())).when(determine())
    story.then("tolerance.determined", outcome=EXEMPTION)
    assert past(story) == []


@pytest.mark.parametrize("history", [verifying(WUYANG), verified(WUYANG)])
def test_a_case_still_to_be_decided_is_not_reopened(history: History) -> None:
    given(history).when(reopen()).refused(Code.OUT_OF_STAGE)


def test_a_case_is_not_reopened_while_a_review_goes_on() -> None:
    given(LODGED).when(reopen()).refused(Code.REVIEW_OPEN, because="陈某")


def test_new_facts_may_make_it_worse_although_it_was_reviewed_before() -> None:
    story = given(ADMITTED).when(decide("vary", determine()), by=REVIEWER)
    story.when(reopen(), on="2026-06-01").when(check(WUYANG, WY_N3=True)).when(report())
    story.when(determine(CHEN, NO_TOLERANCE))
    assert outcome(story) is NO_TOLERANCE


def test_a_conclusive_opinion_after_reopening_ends_the_first_determination() -> None:
    story = given(closed(WUYANG).on("2026-06-01", reopen(), defer())).when(conclude())
    assert (outcome(story), past(story)) == (None, [EXEMPTION])


def test_a_reopened_subject_is_verified_though_another_is_remanded_meanwhile() -> None:
    both = determined(WUYANG, CHEN, ZHAO).on("2026-06-01", reopen(CHEN), lodge(ZHAO), admit(ZHAO))
    story = given(both).when(decide("remand", subject=ZHAO), by=REVIEWER)
    story.when(determine(CHEN, MITIGATION)).refused(Code.OUT_OF_STAGE)


# --- the application that was declined --------------------------------------------------------


def declined(rules: Rules = GENERIC) -> History:
    return applied(rules).on("2026-03-06", DECLINE)


def test_a_declined_application_is_reviewed_where_the_remedy_goes_against_that() -> None:
    given(declined()).when(lodge()).then("tolerance.review-lodged")
    given(declined(WUYANG)).when(lodge()).refused(Code.UNKNOWN_REMEDY)


@pytest.mark.parametrize(
    ("result", "stage"),
    [("uphold", Stage.DECLINED), ("revoke", Stage.APPLIED), ("remand", Stage.APPLIED)],
)
def test_a_declined_application_is_answered_anew_unless_that_is_upheld(
    result: str, stage: Stage
) -> None:
    story = given(declined().on("2026-03-09", lodge(), admit()))
    story.when(decide(result), by=REVIEWER).then("tolerance.review-decided", result=result)
    assert story.case.stage is stage


def test_an_application_answered_anew_is_accepted_or_declined_again() -> None:
    history = declined().on("2026-03-09", lodge(), admit())
    story = given(history).when(decide("remand"), by=REVIEWER)
    story.when(DECLINE).then("tolerance.acceptance-refused")
    story = given(history).when(decide("remand"), by=REVIEWER)
    story.when(accept()).then("tolerance.accepted")
    story.when(open_verification()).then("tolerance.verification-opened")


def test_a_declined_application_is_not_varied_into_a_determination() -> None:
    story = given(declined().on("2026-03-09", lodge(), admit()))
    story.when(decide("vary", determine()), by=REVIEWER).refused(Code.NOT_DETERMINED)
