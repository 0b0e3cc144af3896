"""The determination of each subject, and what follows it."""

from datetime import date, datetime
from itertools import product

import pytest
from pydantic import ValidationError

from domain.aggregate import Act, Order
from domain.law.outcomes import Outcome, Relief, Sanction
from domain.law.policy import Recipient
from domain.law.rules import Rules
from domain.refusals import Code
from domain.tolerance.case import ToleranceCase
from domain.tolerance.state import Stage
from tests.support.decisions import adverse
from tests.support.examples import (
    CASE,
    CHEN,
    CLERK,
    CLOSE,
    CLOSE_NOTICE,
    CONSULT,
    DECLINE,
    EXEMPTION,
    HUBEI,
    MITIGATION,
    NO_TOLERANCE,
    PACKS,
    QIAN,
    WUYANG,
    YOUXIAN,
    ZHAO,
    History,
    accept,
    accepted,
    application,
    applied,
    check,
    checked,
    closed,
    defer,
    determine,
    determined,
    file,
    matter,
    notify,
    objection,
    on_notice,
    opinion,
    rectified,
    report,
    resolve,
    restart,
    verified,
    visit,
)
from tests.support.given import Story, given

# --- the determination ------------------------------------------------------------------------

Granted = tuple[Outcome, Relief | None]
FROM_LIGHT: set[Granted] = {(MITIGATION, Relief.LIGHTER), (MITIGATION, Relief.REDUCED)}
ANY_RELIEF: set[Granted] = FROM_LIGHT | {(EXEMPTION, Relief.WAIVED)}
MATRIX: dict[str, dict[Sanction | None, set[Granted]]] = {
    # no matrix is known: a relief must only fit its outcome
    "hubei": {
        kind: ANY_RELIEF | {(EXEMPTION, None), (MITIGATION, None)} for kind in (None, *Sanction)
    },
    "wuyang": {
        Sanction.PARTY: FROM_LIGHT,
        Sanction.ADMINISTRATIVE: FROM_LIGHT,
        Sanction.ORGANIZATIONAL: ANY_RELIEF,
    },
    "youxian": dict.fromkeys(Sanction, ANY_RELIEF),
}


@pytest.mark.parametrize("pack", MATRIX)
@pytest.mark.parametrize("outcome", Outcome)
def test_only_permitted_reliefs_are_granted(pack: str, outcome: Outcome) -> None:
    for sanction, relief in product((None, *Sanction), (None, *Relief)):
        asked = determine(CHEN, outcome, sanction=sanction, relief=relief)
        story = given(verified(PACKS[pack]).on("2026-03-11", adverse())).when(asked)
        if outcome is NO_TOLERANCE:
            fits = relief is None  # nothing gives way
        else:
            fits = (outcome, relief) in MATRIX[pack].get(sanction, set())
        if fits:
            story.then("tolerance.determined", sanction=sanction, relief=relief)
        else:
            story.refused(Code.OUTCOME_NOT_PERMITTED)


def test_in_wuyang_a_party_sanction_is_not_waived_but_a_measure_is() -> None:
    waived = determine(sanction=Sanction.PARTY, relief=Relief.WAIVED)
    given(verified(WUYANG)).when(waived).refused(Code.OUTCOME_NOT_PERMITTED, article="第八条")
    waived = determine(sanction=Sanction.ORGANIZATIONAL, relief=Relief.WAIVED)
    given(verified(WUYANG)).when(waived).then("tolerance.determined", outcome=EXEMPTION)


@pytest.mark.parametrize("outcome", [EXEMPTION, MITIGATION])
def test_one_negative_item_outweighs_every_positive_one(outcome: Outcome) -> None:
    story = given(verified(WUYANG, WY_N3=True)).when(determine(CHEN, outcome))
    story.refused(Code.NEGATIVE_LIST, because="WY-N3", article="第六条（三）")
    story.when(determine(CHEN, NO_TOLERANCE)).then("tolerance.determined", outcome=NO_TOLERANCE)


def test_in_hubei_even_a_blank_negative_item_excludes() -> None:
    history = verified(HUBEI, HB_N4=True, HB_T1=True)
    given(history).when(determine()).refused(Code.NEGATIVE_LIST, because="HB-N4")


@pytest.mark.parametrize("answer", [None, False])
def test_where_all_conditions_are_needed_one_unknown_prevents_tolerance(
    answer: bool | None,
) -> None:
    story = given(verified(WUYANG, WY_C2=answer)).when(determine())
    story.refused(Code.CONDITIONS_UNMET, article="第五条")
    story.when(determine(CHEN, NO_TOLERANCE)).then("tolerance.determined")


@pytest.mark.parametrize("found", ["YX-7.1", "YX-7.8"])
def test_where_any_situation_serves_one_is_enough(found: str) -> None:
    nothing: dict[str, bool | None] = dict.fromkeys(check(YOUXIAN).answers, None)
    given(verified(YOUXIAN, **nothing)).when(determine()).refused(
        Code.CONDITIONS_UNMET, article="第七条"
    )
    given(verified(YOUXIAN, **(nothing | {found: True}))).when(determine()).then(
        "tolerance.determined"
    )


def test_other_circumstances_alone_are_enough_once_they_were_consulted_on() -> None:
    nothing: dict[str, bool | None] = dict.fromkeys(check(YOUXIAN).answers, None)
    story = given(verified(YOUXIAN, **(nothing | {"YX-7.10": True})))
    on_others = determine(situations=("YX-7.10",))
    story.when(on_others).refused(Code.COLLEGIAL_REVIEW_MISSING, article="第七条（十）")
    story.when(CONSULT).when(on_others).then("tolerance.determined")


def test_where_the_logic_is_not_known_the_organ_judges() -> None:
    given(verified(HUBEI)).when(determine()).then("tolerance.determined")


def test_the_last_check_of_the_list_counts() -> None:
    history = checked(WUYANG, WY_N3=True).on("2026-03-11", check(WUYANG), report())
    given(history).when(determine()).then("tolerance.determined")


def test_each_subject_is_held_against_his_own_answers() -> None:
    history = checked(WUYANG, CHEN, ZHAO).on("2026-03-11", check(WUYANG, ZHAO, WY_N1=True))
    story = given(history.on("2026-03-11", report()))
    story.when(determine(ZHAO)).refused(Code.NEGATIVE_LIST, article="第六条（一）")
    story.when(determine(CHEN)).then("tolerance.determined", subject=CHEN.id)


@pytest.mark.parametrize(
    ("rules", "article"),
    [(HUBEI, None), (WUYANG, "防错纠错办法第六条"), (YOUXIAN, "第十二条")],
    ids=["hubei", "wuyang", "youxian"],
)
@pytest.mark.parametrize("outcome", [EXEMPTION, MITIGATION])
def test_tolerance_goes_with_rectification(
    rules: Rules, article: str | None, outcome: Outcome
) -> None:
    given(verified(rules)).when(determine(CHEN, outcome, rectification=None)).refused(
        Code.RECTIFICATION_MISSING, article=article
    )


def test_refused_tolerance_needs_no_rectification() -> None:
    no_tolerance = determine(CHEN, NO_TOLERANCE, rectification=None)
    story = given(verified(WUYANG, WY_N3=True)).when(no_tolerance)
    story.then("tolerance.determined", rectification=None)
    story.when(rectified()).refused(Code.NOT_PROVIDED)


def test_situations_are_items_of_the_lists() -> None:
    named = ("WY-C1", "WY-X9")
    given(verified(WUYANG)).when(determine(situations=named)).refused(
        Code.UNKNOWN_ITEM, because="WY-X9"
    )
    given(verified(WUYANG)).when(determine(situations=named[:1])).then("tolerance.determined")


def test_effects_are_those_the_instrument_knows() -> None:
    named = ("no_score_deduction", "promotion")
    given(verified(YOUXIAN)).when(determine(effects=named)).refused(
        Code.UNKNOWN_ITEM, because="promotion"
    )
    given(verified(YOUXIAN)).when(determine(effects=named[:1])).then("tolerance.determined")
    given(verified(WUYANG)).when(determine(effects=named[:1])).refused(Code.UNKNOWN_ITEM)


@pytest.mark.parametrize("stated", [None, date(2026, 4, 1)])
def test_a_determination_takes_effect_at_once_unless_stated(stated: date | None) -> None:
    given(verified(WUYANG)).when(determine(effective_on=stated), on="2026-03-12").then(
        "tolerance.determined", effective_on=stated or date(2026, 3, 12)
    )


@pytest.mark.parametrize("day", ["2026-05-10", "2026-05-11", "2026-05-12"])
def test_nobody_is_determined_until_his_notice_is_closed(day: str) -> None:
    story = given(on_notice(YOUXIAN)).when(determine(), on=day)
    story.refused(Code.NOTICE_RUNNING, because="2026-05-11 届满", article="第八条（三）")


def test_one_whose_notice_begins_again_keeps_nobody_else_waiting() -> None:
    upheld = resolve(resolution="upheld", changes=(ZHAO.id,))
    history = on_notice(YOUXIAN, CHEN, ZHAO).on("2026-05-07", objection(), upheld, restart(ZHAO))
    story = given(history.on("2026-05-12", CLOSE_NOTICE))
    story.when(determine(CHEN)).then("tolerance.determined", subject=CHEN.id)
    story.when(determine(ZHAO)).refused(Code.NOTICE_RUNNING, because="赵某 的公示尚未结束")
    story.when(CLOSE_NOTICE, on="2026-05-18").when(determine(ZHAO)).then("tolerance.determined")


def test_a_subject_is_determined_once() -> None:
    story = given(verified(WUYANG, CHEN, ZHAO).on("2026-03-12", determine(CHEN)))
    again = determine(CHEN, MITIGATION)
    story.when(again, on="2026-03-13").refused(
        Code.ALREADY_DONE, because="对 陈某，「认定」已于 2026-03-12 办过"
    )
    story.when(determine(ZHAO)).then("tolerance.determined", subject=ZHAO.id)


# --- several subjects -------------------------------------------------------------------------


def test_subjects_of_one_case_come_out_differently_each_in_his_time() -> None:
    history = verified(WUYANG, CHEN, ZHAO, QIAN).on("2026-03-12", defer(QIAN))
    story = given(history)
    story.when(determine(CHEN, EXEMPTION)).then("tolerance.determined", outcome=EXEMPTION)
    story.when(determine(ZHAO, MITIGATION)).then("tolerance.determined", outcome=MITIGATION)
    assert found(story) == (Stage.VERIFIED, [EXEMPTION, MITIGATION, None])
    story.when(CLOSE).refused(Code.OUT_OF_STAGE)
    story.when(notify(QIAN)).refused(Code.NOT_DETERMINED, because="钱某")
    story.when(notify(CHEN)).then("tolerance.result-notified")  # the others need not wait

    story.when(check(WUYANG, QIAN, WY_N2=True), on="2026-04-20").then("tolerance.list-checked")
    story.when(determine(QIAN, NO_TOLERANCE)).then("tolerance.determined")
    assert found(story) == (Stage.DETERMINED, [EXEMPTION, MITIGATION, NO_TOLERANCE])


def found(story: Story) -> tuple[Stage | None, list[Outcome | None]]:
    each = story.case.files.values()
    return story.case.stage, [it.determination.outcome if it.determination else None for it in each]


# --- after the determination ------------------------------------------------------------------


@pytest.mark.parametrize(
    "act", [notify(), file(), rectified(), visit()], ids=lambda it: str(it.name)
)
def test_what_follows_a_determination_waits_for_it(act: Act) -> None:
    given(verified(WUYANG)).when(act).refused(Code.NOT_DETERMINED, because="陈某 尚未认定")


def test_each_recipient_is_told_once() -> None:
    story = given(determined(YOUXIAN))
    for each in Recipient:
        story.when(notify(recipient=each)).then("tolerance.result-notified", recipient=each)
    story.when(notify()).refused(Code.ALREADY_DONE, because="「反馈」")


def test_a_case_is_not_closed_over_open_duties() -> None:
    story = given(determined(WUYANG)).when(CLOSE)
    story.refused(Code.DUTIES_OPEN, because="向申请单位反馈答复", article="第七条（二）")
    story.refused(Code.DUTIES_OPEN, because="报同级党委备案", article="第七条（三）")
    story.when(notify()).then("tolerance.result-notified")
    story.when(CLOSE).refused(Code.DUTIES_OPEN, because="尚有未办事项：报同级党委备案")
    story.when(file()).then("tolerance.determination-filed")
    story.when(CLOSE).then("tolerance.closed")


def test_closing_waits_neither_for_the_follow_up_nor_for_the_rectification() -> None:
    story = given(closed(WUYANG))
    left = [each.obligation.rule for each in story.case.obligations.open()]
    assert left == ["rectification", "follow_up"]


@pytest.mark.parametrize("rules", PACKS.values(), ids=PACKS)
def test_a_closed_case_is_judged_no_more(rules: Rules) -> None:
    story = given(closed(rules))
    story.when(accept()).refused(Code.ALREADY_DONE)
    story.when(determine()).refused(Code.ALREADY_DONE)
    story.when(opinion()).refused(Code.OUT_OF_STAGE, because="已结案")
    assert story.case.stage is Stage.CLOSED


def test_after_closing_one_is_still_told_visited_and_mended() -> None:
    history = determined(WUYANG).on("2026-03-13", notify(), file(), CLOSE)
    story = given(history)
    told = notify(recipient=Recipient.SUBJECT)
    story.when(told, on="2026-04-01").then("tolerance.result-notified")
    story.when(visit(), on="2026-06-01").then("tolerance.follow-up-visit-held")
    story.when(rectified(), on="2026-06-02").then("tolerance.rectification-completed")
    assert story.case.stage is Stage.CLOSED


def test_a_declined_application_goes_no_further() -> None:
    story = given(applied(WUYANG).on("2026-03-06", DECLINE))
    story.when(accept()).refused(Code.OUT_OF_STAGE, because="不予受理")
    story.when(notify()).refused(Code.NOT_DETERMINED)


# --- what once led nowhere, or slipped through ------------------------------------------------


def test_a_finding_can_be_corrected_after_the_report_and_then_carries_the_decision() -> None:
    story = given(verified(WUYANG, WY_N3=True)).when(determine()).refused(Code.NEGATIVE_LIST)
    story.when(check(WUYANG, WY_N3=False)).then("tolerance.list-checked")
    story.when(determine()).then("tolerance.determined", outcome=EXEMPTION)


def test_a_deferral_after_the_report_can_end_in_tolerance() -> None:
    story = given(verified(WUYANG, WY_C2=None)).when(defer())
    story.when(check(WUYANG, WY_C2=True)).then("tolerance.list-checked")
    story.when(determine()).then("tolerance.determined", outcome=EXEMPTION)


def test_tolerance_may_not_be_founded_on_an_excluding_circumstance() -> None:
    cited = determine(situations=("WY-C1", "WY-N1"))
    given(verified(WUYANG)).when(cited).refused(Code.NEGATIVE_LIST, because="WY-N1")


def test_an_effect_the_instrument_does_not_know_is_refused() -> None:
    invented = determine(effects=("double_salary",))
    given(verified(YOUXIAN)).when(invented).refused(Code.UNKNOWN_ITEM, because="double_salary")


def test_nobody_is_late_on_a_day_that_is_only_presumed() -> None:
    late_if_presumed = applied(WUYANG, on="2027-01-08", matter=matter("2026-12-25"))
    given(late_if_presumed).when(accept()).then("tolerance.accepted")


@pytest.mark.parametrize(("applied_on", "code"), [("2026-03-01", True), ("2026-03-02", False)])
def test_nobody_applies_before_the_proceeding_is_opened(applied_on: str, code: bool) -> None:
    story = given(History(WUYANG)).when(application(WUYANG), on=applied_on)
    if code:
        story.refused(Code.DATE_BEFORE_LAST_ACT, because="2026-03-02")
    else:
        story.then("tolerance.applied")


def test_a_determination_takes_effect_no_earlier_than_it_is_made() -> None:
    earlier = determine(effective_on=date(2020, 1, 1))
    given(verified(WUYANG)).when(earlier).refused(Code.MALFORMED, because="2020-01-01")


def test_one_subject_is_named_once_in_an_application() -> None:
    with pytest.raises(ValidationError, match="同一对象写了两次"):
        application(WUYANG, CHEN, CHEN)


def test_acts_taken_one_after_another_before_saving_settle_each_once() -> None:
    case, rules = ToleranceCase(CASE), WUYANG
    for number, (day, act) in enumerate(accepted(rules).steps):
        on = date.fromisoformat(day)
        now = datetime.fromisoformat(f"{day}T10:00+08:00")
        case.perform(act, Order(key=f"act-{number}", by=CLERK, on=on, now=now), rules)
    opened = [event for event in case.pending if event.name() == "obligation.opened"]
    assert len(opened) == 1
