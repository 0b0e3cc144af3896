"""函询: asked once, explained and signed off, believed and answered to both within a month."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from domain.aggregate import Act
from domain.inquiry import acts
from domain.inquiry.events import EarlierInquiry, Recipient
from domain.inquiry.matter import Inquiry
from domain.law.time_limits import TimeLimits
from domain.matter import matter_id
from domain.obligations import State
from domain.people import Subject
from domain.refusals import Code
from projections.counted.inquiry import counted
from tests.support.siblings import COUNTY, FIRM, WU, ZHENG, Life, asked, begun, rulebook

TWELVE = "hubei_twelve_inquiry"
ACCEPT = acts.AcceptExplanation(explanation="合情合理")
SUPPLEMENT = acts.RequestSupplement(explanation="没有说明来源")
FURTHER = acts.TakeFurther(way="preliminary_verification", explanation="与合同矛盾")
CLOSE = acts.CloseInquiry()
TO_CADRE = acts.AnswerInquiry(recipient=Recipient.CADRE)
TO_PRINCIPAL = acts.AnswerInquiry(recipient=Recipient.UNIT_PRINCIPAL)


def opening(**more: Any) -> acts.OpenInquiry:
    told = {
        "number": "函〔2026〕1号",
        "organ": COUNTY,
        "subjects": (WU,),
        "content_keys": ("招标", "房产"),
        "petition": "信〔2026〕12号来信",
        "vague": False,
    }
    return acts.OpenInquiry(**{**told, **more})


def earlier(*keys: str) -> EarlierInquiry:
    return EarlierInquiry(number="函〔2025〕9号", content_keys=keys, opened_on=date(2025, 6, 3))


def under(**said: Any) -> Life:
    """An inquiry opened under an instrument that says otherwise than the twelve articles."""
    rules = rulebook().for_matter("inquiry", TWELVE, date(2026, 1, 5))
    instrument = rules.instrument.model_copy(update=said)
    return Life(Inquiry(matter_id("inquiry", "x")), TimeLimits(instrument, rules.calendar))


def sent(life: Life, on: str) -> Life:
    return life.when(acts.SendInquiryLetter(sent_on=date.fromisoformat(on)), on=on)


def explained(life: Life, on: str, *, countersigned: bool = True) -> Life:
    told = acts.RecordExplanation(received_on=date.fromisoformat(on), countersigned=countersigned)
    return life.when(told, on=on)


def accepted(on: str) -> Life:
    life = sent(begun(opening(), TWELVE, on="2026-01-05"), "2026-01-06")
    return explained(life, "2026-01-12").when(ACCEPT, on=on)


def answered(on: str) -> Life:
    return accepted(on).when(TO_CADRE).when(TO_PRINCIPAL)


# --- when none is made ----------------------------------------------------------------------------


def test_an_inquiry_opens_with_what_it_is_about() -> None:
    life = begun(opening(), TWELVE, on="2026-01-05")
    life.then("inquiry.opened", content_keys=("招标", "房产"), petition="信〔2026〕12号来信")
    assert life.news[0].envelope.articles == ("六",)
    assert isinstance(life.matter, Inquiry)
    assert life.matter.content_keys == ("招标", "房产")


def test_a_vague_petition_gives_rise_to_no_inquiry() -> None:
    life = asked(opening(vague=True), TWELVE, on="2026-01-05")
    life.refused(Code.PETITION_VAGUE, because="不具体", article="六")
    assert life.refusal is not None
    assert "谈心谈话提醒" in life.refusal.way_out


@pytest.mark.parametrize("keys", [("招标", "房产"), ("房产",), ("用车", "招标")])
def test_nobody_is_asked_a_second_time_about_the_same_or_the_like(keys: tuple[str, ...]) -> None:
    life = asked(opening(earlier=(earlier(*keys),)), TWELVE, on="2026-01-05")
    life.refused(Code.INQUIRY_REPEATED, because="函〔2025〕9号", article="六")


def test_every_earlier_inquiry_is_looked_at() -> None:
    before = (earlier("用车"), earlier("房产"))
    life = asked(opening(earlier=before), TWELVE, on="2026-01-05")
    life.refused(Code.INQUIRY_REPEATED, because="2025-06-03 已就房产")


def test_about_something_else_the_cadre_may_be_asked_again() -> None:
    begun(opening(earlier=(earlier("用车"),)), TWELVE, on="2026-01-05")


def test_where_the_instrument_bars_nothing_both_are_allowed() -> None:
    life = under(vague=None, repeated=None)
    life.when(opening(vague=True, earlier=(earlier("招标"),)), on="2026-01-05")
    life.then("inquiry.opened")


@pytest.mark.parametrize("subjects", [(), (WU, ZHENG), (FIRM,)], ids=["nobody", "two", "a firm"])
def test_an_inquiry_asks_one_cadre(subjects: tuple[Subject, ...]) -> None:
    life = asked(opening(subjects=subjects), TWELVE, on="2026-01-05")
    life.refused(Code.MALFORMED, because="一名干部")


# --- letter and explanation -----------------------------------------------------------------------


def test_a_letter_is_dated_between_the_opening_and_its_entry() -> None:
    life = begun(opening(), TWELVE, on="2026-03-02")
    for day, taken in (("2026-03-01", False), ("2026-03-06", False), ("2026-03-02", True)):
        life.when(acts.SendInquiryLetter(sent_on=date.fromisoformat(day)), on="2026-03-05")
        if taken:
            life.then("inquiry.letter-sent", copied_to_unit=True)
        else:
            life.refused(Code.MALFORMED, because="2026-03-02 与 2026-03-05 之间")


def test_an_explanation_comes_no_earlier_than_the_letter() -> None:
    life = sent(begun(opening(), TWELVE, on="2026-03-02"), "2026-03-04")
    for day in ("2026-03-03", "2026-03-11"):
        told = acts.RecordExplanation(received_on=date.fromisoformat(day), countersigned=True)
        life.when(told, on="2026-03-10").refused(Code.MALFORMED, because="发函之日 2026-03-04")


@pytest.mark.parametrize(
    ("on", "state"),
    [
        ("2026-10-13", State.MET),
        ("2026-10-14", State.MET),  # the fifteenth working day: 09-20 and 10-10 are worked
        ("2026-10-15", State.MET_LATE),
    ],
)
def test_the_explanation_is_due_fifteen_working_days_after_the_letter(
    on: str, state: State
) -> None:
    life = begun(opening(), TWELVE, on="2026-09-16")
    letter = acts.SendInquiryLetter(sent_on=date(2026, 9, 17))
    life.when(letter, on="2026-09-18")
    duty = life.duty("reply", WU.id)
    assert (duty.obligation.start, duty.obligation.due_on) == (
        date(2026, 9, 17),
        date(2026, 10, 14),
    )
    assert not duty.obligation.confirmed
    explained(life, on)
    assert life.duty("reply").state is state


def test_an_explanation_that_never_comes_goes_up_the_ladder() -> None:
    life = sent(begun(opening(), TWELVE, on="2026-03-02"), "2026-03-02").until("2026-04-01")
    assert life.names() == [
        *["obligation.reminded"] * 2,
        "obligation.overdue",
        *["obligation.escalated"] * 2,
    ]


def test_an_explanation_without_the_principals_signature_is_not_accepted() -> None:
    life = sent(begun(opening(), TWELVE, on="2026-03-02"), "2026-03-03")
    explained(life, "2026-03-09", countersigned=False)
    assert life.duty("reply").state is State.OPEN
    life.when(ACCEPT).refused(Code.CO_SIGNATURE_MISSING, because="主要负责人签署意见")
    explained(life.when(SUPPLEMENT), "2026-03-11")
    assert life.duty("reply").state is State.MET
    life.when(ACCEPT).then("inquiry.explanation-accepted")


def test_where_no_signature_is_asked_for_none_is_needed() -> None:
    life = sent(under(countersigning=None).when(opening(), on="2026-03-02"), "2026-03-03")
    explained(life, "2026-03-09", countersigned=False).when(ACCEPT)
    life.then("inquiry.explanation-accepted")


def test_a_supplement_is_awaited_without_a_day_and_starts_the_month_of_disposal_anew() -> None:
    life = explained(sent(begun(opening(), TWELVE, on="2026-03-02"), "2026-03-03"), "2026-03-09")
    assert life.duty("disposal").obligation.due_on == date(2026, 4, 9)
    life.when(SUPPLEMENT, on="2026-03-12").then("inquiry.supplement-requested")
    assert life.duty("disposal").state is State.LAPSED
    assert life.duty("supplement").obligation.due_on is None
    explained(life, "2026-03-31")
    assert life.duty("supplement").state is State.MET
    assert life.duty("disposal").obligation.due_on == date(2026, 4, 30)
    life.when(SUPPLEMENT).then("inquiry.supplement-requested")  # 可以再次要求补充


@pytest.mark.parametrize(
    ("on", "state"), [("2026-04-09", State.MET), ("2026-04-10", State.MET_LATE)]
)
@pytest.mark.parametrize("act", [ACCEPT, FURTHER], ids=["accepted", "further"])
def test_the_disposal_is_due_a_month_after_the_explanation(act: Act, on: str, state: State) -> None:
    life = explained(sent(begun(opening(), TWELVE, on="2026-03-02"), "2026-03-03"), "2026-03-09")
    life.when(act, on=on)
    assert life.duty("disposal").state is state


# --- the month of the answer ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("from_", "due_on"),
    [
        ("2026-01-31", "2026-02-28"),  # a make-up Saturday is worked: no roll
        ("2026-04-09", "2026-05-09"),  # likewise
        ("2026-09-01", "2026-10-08"),  # 10-01 to 10-07 are off
        ("2026-03-20", "2026-04-20"),
    ],
)
def test_an_accepted_explanation_is_answered_within_a_month(from_: str, due_on: str) -> None:
    duty = accepted(from_).duty("answer", WU.id)
    assert duty.obligation.due_on == date.fromisoformat(due_on)
    assert (duty.obligation.article, duty.obligation.confirmed) == ("六", True)


@pytest.mark.parametrize(
    ("on", "state"),
    [
        ("2026-02-27", State.MET),
        ("2026-02-28", State.MET),
        ("2026-03-01", State.MET_LATE),
    ],
)
def test_answered_on_the_last_day_is_in_time_and_the_day_after_is_late(
    on: str, state: State
) -> None:
    life = accepted("2026-01-31").when(TO_CADRE, on="2026-02-02").when(TO_PRINCIPAL, on=on)
    assert life.duty("answer").state is state


@pytest.mark.parametrize("answers", [(TO_CADRE, TO_PRINCIPAL), (TO_PRINCIPAL, TO_CADRE)])
def test_only_both_answers_meet_the_duty(answers: tuple[Act, Act]) -> None:
    life = accepted("2026-03-20").when(answers[0])
    life.then("inquiry.answered", complete=False)
    assert life.duty("answer").state is State.OPEN
    assert life.matter.at_in_words == "待函复"
    life.when(answers[1]).then("inquiry.answered", complete=True)
    assert life.duty("answer").state is State.MET
    assert life.matter.at_in_words == "已函复"


def test_one_answer_does_not_stop_the_clock() -> None:
    life = accepted("2026-03-20").when(TO_CADRE).until("2026-04-27")
    assert life.names() == [
        *["obligation.reminded"] * 2,
        "obligation.overdue",
        *["obligation.escalated"] * 2,
    ]
    assert life.duty("answer").overdue


@pytest.mark.parametrize("answer", [TO_CADRE, TO_PRINCIPAL])
def test_each_is_answered_once(answer: Act) -> None:
    life = accepted("2026-03-20").when(answer).when(answer)
    life.refused(Code.ALREADY_DONE, because="已经函复")


def test_whom_the_instrument_does_not_name_is_not_answered() -> None:
    rules = accepted("2026-03-20").rules
    life = under(answered_to=rules.instrument.answered_to[:1]).when(opening(), on="2026-03-02")
    explained(sent(life, "2026-03-03"), "2026-03-09").when(ACCEPT)
    life.when(TO_PRINCIPAL).refused(Code.NOT_PROVIDED)
    life.when(TO_CADRE).then("inquiry.answered", complete=True)


# --- how it ends ----------------------------------------------------------------------------------


def test_what_is_not_credible_goes_on_in_a_way_the_instrument_names() -> None:
    life = explained(sent(begun(opening(), TWELVE, on="2026-03-02"), "2026-03-03"), "2026-03-09")
    unknown = acts.TakeFurther(way="arrest", explanation="不可信")
    life.when(unknown).refused(Code.UNKNOWN_ITEM, because="arrest")
    life.when(FURTHER).then("inquiry.further-taken", label="初步核实")
    assert life.news[0].envelope.articles == ("检举控告工作规则第十七条",)
    assert not life.matter.is_open
    assert not life.matter.obligations.live()


def test_an_unsigned_explanation_may_be_disbelieved_and_the_signature_is_waited_for_no_longer() -> (
    None
):
    life = sent(begun(opening(), TWELVE, on="2026-03-02"), "2026-03-03")
    explained(life, "2026-03-09", countersigned=False).when(FURTHER)
    assert life.duty("reply").state is State.LAPSED


@pytest.mark.parametrize(
    ("done", "missing"),
    [
        ((), "干部本人、所在单位党组织主要负责人"),
        ((TO_CADRE,), "所在单位党组织主要负责人"),
        ((TO_PRINCIPAL,), "干部本人"),
    ],
)
def test_an_inquiry_is_closed_only_when_both_are_answered(
    done: tuple[Act, ...], missing: str
) -> None:
    life = accepted("2026-03-20")
    for act in done:
        life.when(act)
    life.when(CLOSE).refused(Code.NOT_NOTIFIED, because=f"还没有函复{missing}", article="六")


def test_an_answered_inquiry_is_closed() -> None:
    life = answered("2026-03-20").when(CLOSE).then("inquiry.closed")
    assert not life.matter.is_open


@pytest.mark.parametrize(
    ("to", "acts_of_it"),
    [
        (lambda: begun(opening(), TWELVE, on="2026-03-02"), (ACCEPT, TO_CADRE, CLOSE, FURTHER)),
        (
            lambda: explained(
                sent(begun(opening(), TWELVE, on="2026-03-02"), "2026-03-03"), "2026-03-04"
            ),
            (TO_CADRE, CLOSE),
        ),
        (lambda: accepted("2026-03-20"), (ACCEPT, SUPPLEMENT, FURTHER)),
        (lambda: answered("2026-03-20"), (TO_CADRE, FURTHER)),
        (lambda: answered("2026-03-20").when(CLOSE), (CLOSE, SUPPLEMENT, TO_CADRE)),
    ],
    ids=["opened", "explained", "accepted", "answered", "closed"],
)
def test_what_is_out_of_turn_is_refused(
    to: Callable[[], Life], acts_of_it: tuple[Act, ...]
) -> None:
    for act in acts_of_it:
        to().when(act).refused(Code.OUT_OF_STAGE)


def test_an_inquiry_is_counted_by_its_cadre_and_answered_once() -> None:
    life = answered("2026-03-20")
    assert isinstance(life.matter, Inquiry)
    found = [each for event in life.recorded for each in counted(event, life.matter)]
    assert [each.what for each in found] == ["inquired", "explanation_accepted", "inquiry_answered"]
    assert {each.subject for each in found} == {WU}
