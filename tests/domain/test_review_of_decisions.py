"""A decision looked at again: in time, by others, never for the worse, and made good."""

from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from domain.law.deadline_rules import Qualifier
from domain.law.time_limits import TimeLimits
from domain.matter import Link, Relation
from domain.obligations import ObligationEscalated, State
from domain.people import Officer, Organ, OrganKind, OrganLevel, Subject
from domain.refusals import Code
from domain.review.acts import (
    AdmitReviewApplication,
    AnnounceReviewResult,
    CloseReview,
    DecideReviewApplication,
    DeclineReviewApplication,
    HearApplicant,
    NotifyReviewResult,
    OpenReview,
    RestoreInScope,
    WithdrawReview,
)
from domain.review.events import Recipient, RemedyId, Ruling
from domain.review.instrument import Permitted, ReviewInstrument
from domain.review.matter import Review, Stage
from projections.counted.review import counted
from projections.sentences import sentence
from tests.support.siblings import (
    BUREAU,
    COUNTY,
    FIRM,
    WU,
    ZHENG,
    Life,
    asked,
    begun,
    rulebook,
)

LAW, PARTY = "supervision_law_review", "discipline_review_2019"
SINCE_2019, SINCE_2009 = "accountability_review_2019", "accountability_review_2009"
CITY = Organ(
    id="city-cdi",
    name="某市纪委监委",
    kind=OrganKind.DISCIPLINE,
    level=OrganLevel.PREFECTURE,
    region="421000",
)
INVESTIGATOR = "inspector-7"
BEFORE = Officer(id=INVESTIGATOR, role="审理人", organ=COUNTY.id)

ADMIT = AdmitReviewApplication(panel=("clerk-2", "clerk-3"))
CLOSE = CloseReview()


def opening(**told: Any) -> OpenReview:
    facts = {
        "number": "复审〔2026〕1号",
        "organ": COUNTY,
        "subjects": (WU,),
        "remedy": RemedyId.REVIEW,
        "attacked": "处〔2026〕5号",
        "attacked_kind": "政务处分",
        "decided_on": date(2026, 3, 2),
        "received_on": date(2026, 3, 4),
        "decided_by": COUNTY,
        "handlers": (INVESTIGATOR,),
        "published_in": ("县直机关", "某局"),
        "forms": ("记过",),
    }
    return OpenReview(**{**facts, **told})


def re_opening(**told: Any) -> OpenReview:
    before = {"remedy": RemedyId.RE_REVIEW, "after": "复审〔2026〕1号", "organ": CITY}
    return opening(**{"number": "复核〔2026〕1号", **before, **told})


def lodged(instrument: str = LAW, *, on: str = "2026-03-10", **told: Any) -> Life:
    return begun(opening(**told), instrument, on=on)


def admitted(instrument: str = LAW, **told: Any) -> Life:
    life = lodged(instrument, **told).when(ADMIT, on="2026-03-11")
    assert life.refusal is None
    return life


def ruling(result: Ruling, *forms: str, **more: Any) -> DecideReviewApplication:
    return DecideReviewApplication(result=result, forms=forms, explanation="经复核", **more)


def decided(result: Ruling, *forms: str, **told: Any) -> Life:
    life = admitted(**told).when(ruling(result, *forms), on="2026-04-02")
    assert life.refusal is None
    return life


def notify(recipient: Recipient = Recipient.APPLICANT, *, copied: bool = False) -> Any:
    return NotifyReviewResult(recipient=recipient, copied=copied)


def restore(scope: str) -> RestoreInScope:
    return RestoreInScope(scope=scope, manner="会上宣布")


def amended(life: Life, **changes: object) -> Life:
    """The same life under an instrument that says otherwise in some fields."""
    instrument: ReviewInstrument = life.rules.instrument
    told = instrument.model_copy(update=changes)
    return Life(life.matter, TimeLimits(told, life.rules.calendar), life.recorded)


# --- asking in time ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("received_on", "on", "taken"),
    [
        ("2026-03-04", "2026-04-03", True),
        ("2026-03-04", "2026-04-07", True),  # 04-04 is 清明节
        ("2026-03-04", "2026-04-08", False),
        ("2026-01-31", "2026-02-28", True),  # a Saturday made to work
        ("2026-01-31", "2026-03-01", False),
        ("2026-09-01", "2026-10-08", True),  # 10-01 is 国庆节
        ("2026-09-01", "2026-10-09", False),
    ],
)
def test_a_review_is_asked_for_within_a_month_of_receipt(
    received_on: str, on: str, taken: bool
) -> None:
    received = date.fromisoformat(received_on)
    life = asked(opening(decided_on=received, received_on=received), LAW, on=on)
    if taken:
        life.then("review.opened", received_on=received)
    else:
        life.refused(Code.LATE, because="届满", article="监察法第五十六条")


@pytest.mark.parametrize(("on", "taken"), [("2026-03-19", True), ("2026-03-20", False)])
def test_of_old_an_appeal_came_within_fifteen_calendar_days(on: str, taken: bool) -> None:
    life = asked(opening(remedy=RemedyId.APPEAL), SINCE_2009, on=on)
    if taken:
        life.then("review.opened")
    else:
        life.refused(Code.LATE, because="2026-03-19 届满")


def test_an_appeal_against_accountability_comes_within_a_month() -> None:
    life = asked(opening(remedy=RemedyId.APPEAL), SINCE_2019, on="2026-04-08")
    life.refused(Code.LATE, article="问责条例第二十条")


def test_where_no_term_is_set_nobody_is_late() -> None:
    lodged(PARTY, remedy=RemedyId.RECONSIDERATION, on="2026-11-20").then("review.opened")


def test_nobody_is_late_on_a_presumed_calendar() -> None:
    late = opening(decided_on=date(2026, 12, 1), received_on=date(2026, 12, 1))
    asked(late, LAW, on="2027-02-01").then("review.opened")


@pytest.mark.parametrize(
    ("decided_on", "received_on"), [("2026-03-05", "2026-03-04"), ("2026-03-02", "2026-03-11")]
)
def test_what_is_attacked_was_decided_then_received(decided_on: str, received_on: str) -> None:
    days = {
        "decided_on": date.fromisoformat(decided_on),
        "received_on": date.fromisoformat(received_on),
    }
    asked(opening(**days), LAW, on="2026-03-10").refused(Code.MALFORMED, because="先后不合")


# --- asking rightly ---------------------------------------------------------------------------


@pytest.mark.parametrize("subjects", [(), (WU, ZHENG)])
def test_each_asks_for_himself(subjects: tuple[Subject, ...]) -> None:
    asked(opening(subjects=subjects), LAW, on="2026-03-10").refused(Code.MALFORMED)


@pytest.mark.parametrize(
    "told",
    [
        {"attacked_kind": "tolerance"},
        {"links": (Link(kind="tolerance", number="试1号", relation=Relation.REVIEWS),)},
    ],
)
def test_a_determination_is_reviewed_in_its_own_case(told: dict[str, Any]) -> None:
    life = asked(opening(**told), LAW, on="2026-03-10")
    life.refused(Code.NOT_PROVIDED, because="在该容错案件中办理")


def test_a_case_may_be_mentioned_without_being_reviewed() -> None:
    mention = Link(kind="tolerance", number="试1号", relation=Relation.RELIES_ON)
    lodged(links=(mention,)).then("review.opened", links=(mention,))


def test_a_remedy_that_the_instrument_has_not_is_refused() -> None:
    life = asked(opening(remedy=RemedyId.APPEAL), LAW, on="2026-03-10")
    life.refused(Code.UNKNOWN_REMEDY, because="监察法规定的复审复核没有规定 appeal")


def test_a_review_goes_to_the_organ_that_decided() -> None:
    life = asked(opening(organ=CITY), LAW, on="2026-03-10")
    life.refused(Code.WRONG_ORGAN, because="作出决定的监察机关", article="监察法第五十六条")


@pytest.mark.parametrize("organ", [COUNTY, BUREAU])
def test_a_second_review_goes_above_the_organ_that_decided(organ: Organ) -> None:
    life = asked(re_opening(organ=organ), LAW, on="2026-03-10")
    life.refused(Code.WRONG_ORGAN, because="上一级监察机关", article="监察法第五十六条")


def test_where_no_addressee_is_told_any_organ_may_take_it() -> None:
    lodged(organ=CITY, remedy=RemedyId.COMPLAINT).then("review.opened")


def test_a_second_review_is_against_the_first() -> None:
    begun(re_opening(), LAW, on="2026-03-10").then("review.opened", after="复审〔2026〕1号")
    life = asked(re_opening(after=None), LAW, on="2026-03-10")
    life.refused(Code.STEP_MISSING, because="须在复审有了决定之后提出", article="监察法第五十六条")


def test_a_complaint_is_looked_at_again_once_it_was_answered() -> None:
    told = {"remedy": RemedyId.COMPLAINT_REVIEW, "after": None}
    life = asked(re_opening(**told), LAW, on="2026-03-10")
    life.refused(
        Code.STEP_MISSING, because="须在对措施的申诉有了决定之后提出", article="监察法第六十九条"
    )


@pytest.mark.parametrize(
    ("kind", "relation", "taken"),
    [
        ("review", Relation.REVIEWS, True),
        ("review", Relation.RELIES_ON, False),
        ("accountability", Relation.REVIEWS, False),
    ],
)
def test_the_first_review_may_be_linked_instead(kind: str, relation: Relation, taken: bool) -> None:
    first = Link(kind=kind, number="复审〔2026〕1号", relation=relation)
    life = asked(re_opening(after=None, links=(first,)), LAW, on="2026-03-10")
    if taken:
        life.then("review.opened")
    else:
        life.refused(Code.STEP_MISSING)


# --- who may not take part --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("instrument", "remedy", "article"),
    [
        (LAW, RemedyId.REVIEW, None),
        (PARTY, RemedyId.RECONSIDERATION, "监督执纪工作规则第五十九条"),
    ],
)
def test_no_original_handler_sits_on_the_panel(
    instrument: str, remedy: RemedyId, article: str | None
) -> None:
    life = lodged(instrument, remedy=remedy)
    life.when(AdmitReviewApplication(panel=("clerk-2", INVESTIGATOR)), on="2026-03-11")
    life.refused(Code.PANEL_NOT_INDEPENDENT, because=INVESTIGATOR, article=article)
    life.when(ADMIT, on="2026-03-11").then("review.admitted", remedy=remedy)


def test_no_original_handler_hears_the_applicant() -> None:
    heard = HearApplicant(statement="没有签字", heard_by=("clerk-2", INVESTIGATOR))
    admitted().when(heard, on="2026-03-12").refused(Code.PANEL_NOT_INDEPENDENT)


def test_no_original_handler_decides() -> None:
    life = admitted().when(ruling(Ruling.UPHOLD), on="2026-03-12", by=BEFORE)
    life.refused(Code.PANEL_NOT_INDEPENDENT, because=INVESTIGATOR)


def test_whoever_had_to_do_with_it_is_known_to_the_next_review() -> None:
    assert admitted().matter.handlers == {"clerk-1", "clerk-2", "clerk-3", INVESTIGATOR}


def test_a_panel_is_as_large_as_the_instrument_asks() -> None:
    life = lodged()
    (review, *others) = life.rules.instrument.remedies
    three = review.model_copy(update={"panel_at_least": 3})
    life = amended(life, remedies=(three, *others))
    life.when(AdmitReviewApplication(panel=("clerk-2", "clerk-3", "clerk-3")), on="2026-03-11")
    life.refused(Code.TEAM_TOO_SMALL, because="2 人，须不少于 3 人", article="监察法第五十六条")
    life.when(AdmitReviewApplication(panel=("clerk-2", "clerk-3", "clerk-4")), on="2026-03-11")
    life.then("review.admitted")


# --- what may come of it ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "taken"),
    [
        (("记过",), ("警告",), True),
        (("记过",), ("记过",), True),
        (("记过",), ("记大过",), False),
        (("撤职",), ("降级",), True),
        (("记过",), ("警告", "记过"), False),  # one form more
        (("记过", "警告"), ("记过",), True),
    ],
)
def test_a_review_never_makes_it_worse(
    before: tuple[str, ...], after: tuple[str, ...], taken: bool
) -> None:
    life = admitted(forms=before).when(ruling(Ruling.VARY, *after), on="2026-04-02")
    if taken:
        life.then("review.decided", forms=after, subject=WU.id)
    else:
        life.refused(Code.WORSE_THAN_BEFORE, article="公职人员政务处分法第五十六条")


@pytest.mark.parametrize(("grade", "taken"), [(4, True), (5, True), (6, False)])
def test_forms_that_are_not_ranked_are_compared_by_the_grades_told(grade: int, taken: bool) -> None:
    life = admitted(forms=("开除",), grade=5)
    life.when(ruling(Ruling.VARY, "撤职", grade=grade), on="2026-04-02")
    if taken:
        life.then("review.decided", grade=grade)
    else:
        life.refused(Code.WORSE_THAN_BEFORE, because="撤职，重于原来的开除")


@pytest.mark.parametrize("told", [{"forms": ("开除",)}, {"forms": ()}])
def test_what_cannot_be_compared_is_varied_on_an_authority_only(told: dict[str, Any]) -> None:
    life = admitted(**told).when(ruling(Ruling.VARY, "撤职"), on="2026-04-02")
    life.refused(Code.REASON_MISSING)
    life.when(ruling(Ruling.VARY, "撤职"), on="2026-04-02", authority="会议纪要〔2026〕3号")
    life.then("review.decided")


def test_forms_against_a_unit_are_ranked_among_themselves() -> None:
    life = admitted(SINCE_2019, remedy=RemedyId.APPEAL, subjects=(FIRM,), forms=("通报",))
    life.when(ruling(Ruling.VARY, "改组"), on="2026-04-02").refused(Code.WORSE_THAN_BEFORE)
    life.when(ruling(Ruling.VARY, "检查"), on="2026-04-02").then("review.decided")


def test_a_result_that_the_instrument_has_not_is_refused() -> None:
    upheld = Permitted(result=Ruling.UPHOLD, label="维持", article="第一条")
    life = amended(admitted(), results=(upheld,))
    life.when(ruling(Ruling.REVOKE), on="2026-04-02")
    life.refused(Code.OUTCOME_NOT_PERMITTED, because="没有规定 revoke", article="第一条")
    life.when(ruling(Ruling.UPHOLD), on="2026-04-02").then("review.decided")


@pytest.mark.parametrize(
    ("result", "forms"), [(Ruling.VARY, ()), (Ruling.UPHOLD, ("警告",)), (Ruling.REVOKE, ("警告",))]
)
def test_what_takes_its_place_is_said_when_it_is_varied_and_then_only(
    result: Ruling, forms: tuple[str, ...]
) -> None:
    with pytest.raises(ValidationError, match="变更的须在 forms 写明"):
        ruling(result, *forms)


def test_what_was_done_cites_the_article_of_its_remedy_and_of_its_result() -> None:
    decision = decided(Ruling.UPHOLD).recorded
    cited = {each.name(): each.envelope.articles for each in decision}
    assert cited["review.opened"] == cited["review.admitted"] == ("监察法第五十六条",)
    results = "公职人员政务处分法第五十七条至第六十条"
    assert cited["review.decided"] == ("监察法第五十六条", results)


# --- deciding in time -------------------------------------------------------------------------


SECOND = {"organ": CITY, "after": "前次"}  # above the organ that decided, against its decision


@pytest.mark.parametrize(
    ("instrument", "remedy", "more", "due_on"),
    [
        (LAW, RemedyId.REVIEW, {}, "2026-04-13"),  # 04-11 is a Saturday
        (LAW, RemedyId.RE_REVIEW, SECOND, "2026-05-11"),
        (LAW, RemedyId.COMPLAINT, {}, "2026-04-13"),
        (LAW, RemedyId.COMPLAINT_REVIEW, SECOND, "2026-05-11"),
        (PARTY, RemedyId.RECONSIDERATION, {}, "2026-06-11"),
        (SINCE_2019, RemedyId.APPEAL, {}, "2026-04-13"),
        (SINCE_2009, RemedyId.APPEAL, {}, "2026-04-10"),
    ],
)
def test_each_remedy_is_decided_in_its_own_time(
    instrument: str, remedy: RemedyId, more: dict[str, Any], due_on: str
) -> None:
    life = admitted(instrument, remedy=remedy, **more)
    dated = [each.obligation for each in life.matter.obligations if each.obligation.due_on]
    due = date.fromisoformat(due_on)
    assert [(each.rule, each.due_on) for each in dated] == [(f"decide_{remedy}", due)]


@pytest.mark.parametrize(
    ("on", "state"),
    [("2026-04-10", State.MET), ("2026-04-13", State.MET), ("2026-04-14", State.MET_LATE)],
)
def test_the_decision_meets_its_term_or_comes_late(on: str, state: State) -> None:
    life = admitted().when(ruling(Ruling.UPHOLD), on=on)
    assert life.duty("decide_review").state is state


def test_a_review_that_is_not_decided_is_overdue_and_goes_up() -> None:
    life = admitted().until("2026-04-13")
    assert not life.duty("decide_review").overdue
    life.until("2026-04-14")
    assert "obligation.overdue" in life.names()
    life.until("2026-04-16")
    (last,) = (each for each in life.news if isinstance(each, ObligationEscalated))
    assert (last.on, last.role) == (date(2026, 4, 16), "分管领导")


def test_whether_to_admit_is_answered_once() -> None:
    assert lodged().duty("admission").obligation.due_on is None
    assert admitted().duty("admission").state is State.MET
    declined = lodged().when(DeclineReviewApplication(explanation="不是本人"), on="2026-03-12")
    assert declined.duty("admission").state is State.MET
    assert declined.matter.at is Stage.DECLINED
    declined.when(ADMIT, on="2026-03-12").refused(Code.OUT_OF_STAGE)


def test_a_withdrawal_ends_the_review_and_its_term() -> None:
    life = admitted().when(WithdrawReview(explanation="接受处分"), on="2026-03-20")
    life.then("review.withdrawn")
    assert life.duty("decide_review").state is State.LAPSED
    assert not life.matter.is_open
    life = lodged().when(WithdrawReview(explanation="接受处分"), on="2026-03-20")
    assert life.duty("admission").state is State.LAPSED


def test_nothing_is_withdrawn_once_it_is_decided() -> None:
    life = decided(Ruling.UPHOLD).when(WithdrawReview(explanation="接受"), on="2026-04-03")
    life.refused(Code.OUT_OF_STAGE)


# --- telling and making good ------------------------------------------------------------------


def test_the_applicant_is_told_before_it_is_closed() -> None:
    life = decided(Ruling.UPHOLD).when(CLOSE, on="2026-04-03")
    life.refused(Code.DUTIES_OPEN, because="告知申请人")
    life.when(notify(), on="2026-04-03").then("review.result-notified")
    life.when(CLOSE).then("review.closed")
    assert not life.matter.is_open


def test_each_recipient_is_told_once() -> None:
    life = decided(Ruling.UPHOLD).when(notify(), on="2026-04-03")
    life.when(notify()).refused(Code.ALREADY_DONE, because="2026-04-03")
    life.when(notify(Recipient.PERSONNEL_ORGAN)).then("review.result-notified")


def test_under_the_party_rules_it_is_told_copied_and_announced() -> None:
    life = admitted(PARTY, remedy=RemedyId.RECONSIDERATION)
    life.when(ruling(Ruling.UPHOLD), on="2026-04-02").when(notify(), on="2026-04-03")
    life.when(CLOSE).refused(Code.DUTIES_OPEN, because="抄送", article="监督执纪工作规则第五十九条")
    life.when(notify(Recipient.PARTY_ORGANIZATION, copied=True))
    life.when(CLOSE).refused(Code.DUTIES_OPEN, because="宣布")
    life.when(AnnounceReviewResult(scope="某局")).then("review.result-announced")
    life.when(AnnounceReviewResult(scope="某局")).refused(Code.ALREADY_DONE, because="某局")
    life.when(CLOSE).then("review.closed")


def test_an_appeal_is_answered_to_the_party_organization_too() -> None:
    life = admitted(SINCE_2019, remedy=RemedyId.APPEAL)
    life.when(ruling(Ruling.UPHOLD), on="2026-04-02").when(notify(), on="2026-04-03")
    life.when(CLOSE).refused(Code.DUTIES_OPEN, because="党组织", article="问责条例第二十条")
    life.when(notify(Recipient.PARTY_ORGANIZATION)).when(CLOSE).then("review.closed")


def test_what_is_revoked_is_made_good_wherever_it_was_published() -> None:
    life = decided(Ruling.REVOKE, published_in=("县直机关", "某局", "县直机关"))
    life.then("review.decided", to_restore=("县直机关", "某局"))
    life.when(notify(), on="2026-04-03")
    life.when(restore("县直机关")).then("review.scope-restored", remaining=("某局",))
    assert life.duty("restoration").state is State.OPEN
    life.when(restore("县直机关")).refused(
        Code.UNKNOWN_ITEM,
        because="县直机关",
        article="公职人员政务处分法第五十七条至第六十条",
    )
    life.when(CLOSE).refused(
        Code.DUTIES_OPEN,
        because="尚未在某局恢复名誉",
        article="公职人员政务处分法第五十七条至第六十条",
    )
    paid = RestoreInScope(scope="某局", manner="会上宣布", pay_compensated=True)
    life.when(paid).then("review.scope-restored", remaining=(), pay_compensated=True)
    assert life.duty("restoration").state is State.MET
    life.when(CLOSE).then("review.closed")


def test_restoration_does_not_wait_for_a_limit_to_be_written() -> None:
    life = decided(Ruling.REVOKE)
    life = amended(life, deadlines=()).when(notify(), on="2026-04-03")
    life.when(CLOSE).refused(Code.DUTIES_OPEN, because="县直机关、某局")


@pytest.mark.parametrize(
    ("result", "forms"), [(Ruling.UPHOLD, ()), (Ruling.VARY, ("警告",)), (Ruling.REMAND, ())]
)
def test_what_is_not_revoked_needs_no_restoration(result: Ruling, forms: tuple[str, ...]) -> None:
    life = decided(result, *forms).then("review.decided", to_restore=())
    life.when(restore("某局"), on="2026-04-03").refused(Code.UNKNOWN_ITEM, because="某局")


def test_a_scope_in_which_it_was_not_published_is_not_restored() -> None:
    life = decided(Ruling.REVOKE).when(restore("全县"), on="2026-04-03")
    life.refused(Code.UNKNOWN_ITEM, because="全县")


def test_wrong_accountability_is_made_good_promptly() -> None:
    life = admitted(SINCE_2019, remedy=RemedyId.APPEAL).when(ruling(Ruling.REVOKE), on="2026-04-02")
    duty = life.duty("restoration").obligation
    assert (duty.qualifier, duty.article) == (Qualifier.PROMPTLY, "问责条例第二十一条")


# --- what is told and counted, and what the instruments say -------------------------------------


def last_told(life: Life) -> str:
    return sentence(life.news[0], life.matter).partition("，")[2]


def test_the_substance_of_a_decision_is_told() -> None:
    told = last_told(decided(Ruling.VARY, "警告"))
    assert told == "某县纪委监委就吴某的复审作出决定，变更处〔2026〕5号，改为警告：经复核。"
    life = begun(re_opening(), LAW, on="2026-03-10")
    assert (
        "收到的处〔2026〕5号（记过），此前经过复审〔2026〕1号，向某市纪委监委提出复核"
        in last_told(life)
    )


def test_a_copy_and_the_pay_made_good_are_told() -> None:
    life = decided(Ruling.REVOKE, published_in=("某局",))
    life.when(notify(Recipient.DECIDING_ORGAN, copied=True), on="2026-04-03")
    assert last_told(life) == "某县纪委监委将复审决定抄送原决定机关。"
    life.when(RestoreInScope(scope="某局", manner="会上宣布", pay_compensated=True))
    assert last_told(life).endswith("为吴某恢复名誉：会上宣布，减少的工资已经补发。")


def test_what_is_lodged_and_what_is_decided_are_counted() -> None:
    life = decided(Ruling.REVOKE)
    assert isinstance(life.matter, Review)
    found = [each for event in life.recorded for each in counted(event, life.matter)]
    told = [(each.what, each.subject, each.group, each.detail) for each in found]
    assert told == [
        ("review_lodged", WU, "处〔2026〕5号", ("review",)),
        ("reviewed", WU, "处〔2026〕5号", ("revoke",)),
    ]


def test_what_was_only_recalled_is_marked_so() -> None:
    instrument = rulebook().companions["accountability_review_2019.1"]
    assert isinstance(instrument, ReviewInstrument)
    (appeal,) = instrument.remedies
    assert not appeal.confirmed
    assert appeal.lodge is not None
    assert not appeal.lodge.confirmed
    assert not instrument.deadline("decide_appeal").confirmed


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda told: told["remedies"].append(told["remedies"][0]), "review 写了不止一次"),
        (lambda told: told["remedies"].pop(0), "after 指向 review"),
        (lambda told: told["for_person"].append(told["for_person"][0]), "警告 写了不止一次"),
    ],
)
def test_an_instrument_names_each_thing_once_and_nothing_it_has_not(
    change: Any, fault: str
) -> None:
    told = rulebook().companions["supervision_law_review.1"].model_dump(mode="json")
    change(told)
    with pytest.raises(ValidationError, match=fault):
        ReviewInstrument.model_validate(told)
