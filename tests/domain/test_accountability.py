"""The accountability proceeding: decided subject by subject, carried out, looked at again."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from domain.accountability import acts
from domain.accountability.events import (
    Change,
    EarlierAccountability,
    Responsibility,
    Screening,
    SelfCriticism,
    Spared,
    SparedFor,
)
from domain.accountability.instrument import AccountabilityInstrument
from domain.accountability.state import ProceedingState, Stage
from domain.aggregate import Act, Order
from domain.duty_acts import ExtendDuty, WaiveDuty
from domain.obligations import State
from domain.people import Subject
from domain.refusals import Code
from projections.facts import COUNTED
from tests.support.siblings import BUREAU, CLERK, COUNTY, FIRM, WU, ZHENG, Life, begun, rulebook

WUYANG = "wuyang_accountability_2017"
NATIONAL = "accountability_2019"
HUBEI = "hubei_accountability_2022"
GENERIC = "accountability_generic"
NUMBER = "问〔2026〕1号"
DECIDE = acts.DecideAccountability(explanation="予以问责")
CLOSE = acts.CloseAccountability()
PAPER = "某报"


def opened(*subjects: Subject, under: str = WUYANG, on: str = "2026-03-02", **unusual: Any) -> Life:
    usual = {"number": NUMBER, "organ": COUNTY, "subjects": subjects or (WU,)}
    return begun(acts.OpenAccountability.model_validate(usual | unusual), under, on=on)


def with_law(life: Life, **changes: Any) -> Life:
    """The same proceeding under an instrument that says otherwise in this."""
    life.rules = replace(life.rules, instrument=life.rules.instrument.model_copy(update=changes))
    return life


def screen(subject: Subject = WU, result: Screening = Screening.NOT_APPLICABLE) -> Act:
    return acts.ScreenForTolerance(subject=subject.id, result=result, explanation="已经考虑")


def hold(subject: Subject = WU, *forms: str, **unusual: Any) -> Act:
    usual = {"subject": subject.id, "forms": forms or ("circular",), "explanation": "执行不力"}
    return acts.HoldAccountable.model_validate(usual | unusual)


def spare(subject: Subject = WU, **unusual: Any) -> Act:
    usual = {"result": Spared.NOT_HELD, "basis": SparedFor.OTHER, "explanation": "已尽其责"}
    return acts.ExemptSubject.model_validate({"subject": subject.id} | usual | unusual)


def split(subject: Subject = WU, share: Responsibility = Responsibility.MAIN) -> Act:
    told = {"responsibility": share, "explanation": "直接主管"}
    return acts.SplitResponsibility(subject=subject.id, **told)


def authority(subject: Subject = WU, organ: Any = BUREAU) -> Act:
    return acts.RecordAuthority(subject=subject.id, managed_by="市委", organ=organ)


def transfer(subject: Subject = WU, to: Any = BUREAU) -> Act:
    return acts.TransferSubject(subject=subject.id, to=to, explanation="不属本机关管理")


def announce(to: str = "某局党组") -> Act:
    return acts.AnnounceDecision(subject=WU.id, to=to)


def inform(to: str = "县委组织部") -> Act:
    return acts.InformPersonnelOrgan(subject=WU.id, to=to)


def formalities(subject: Subject = WU) -> Act:
    return acts.CompleteFormalities(subject=subject.id, summary="免去原职")


def archive(subject: Subject = WU) -> Act:
    return acts.ArchiveDecision(subject=subject.id, archive_number="档〔2026〕1号")


def criticize(way: SelfCriticism = SelfCriticism.WRITTEN) -> Act:
    return acts.SubmitSelfCriticism(subject=WU.id, way=way, to="某县纪委监委")


def publicize(where: str = PAPER) -> Act:
    return acts.PublicizeDecision(subject=WU.id, where=where)


def resume(subject: Subject = WU) -> Act:
    return acts.ResumeAccountability(subject=subject.id, explanation="容错认定已被撤销")


def change(result: Change, *forms: str, **more: Any) -> Act:
    told = {"subject": WU.id, "result": result, "forms": forms, "explanation": "经复核"}
    return acts.ChangeDecision.model_validate(told | more)


def restore(scope: str) -> Act:
    return acts.RestoreSubject(subject=WU.id, scope=scope, manner="同一版面更正")


def matter(life: Life) -> ProceedingState:
    assert isinstance(life.matter, ProceedingState)
    return life.matter


def tolerance(life: Life, number: str, *subjects: Subject, over: bool = False) -> Life:
    """A tolerance case opens for them, or is over, as the office takes it down here."""
    on = life.matter.last_on or date.min
    now = datetime.fromisoformat(f"{on}T10:00+08:00")
    order = Order(key=f"{number}-{over}", by=CLERK, on=on, now=now)
    if over:
        life.matter.take_back(number, order)  # type: ignore[attr-defined]
    else:
        life.matter.refer(number, subjects, order)  # type: ignore[attr-defined]
    return life._heard()


# --- who decides ------------------------------------------------------------------------------


def test_the_authority_over_a_subject_may_be_recorded_late_and_put_right() -> None:
    life = opened().when(authority()).then("accountability.authority-recorded", organ=BUREAU)
    life.when(authority(organ=COUNTY), on="2026-03-05").then("accountability.authority-recorded")
    life.when(hold()).then("accountability.subject-held")


def test_the_committee_found_to_manage_a_subject_is_theirs_from_then_on() -> None:
    assert opened().when(authority()).matter.subjects[WU.id].managed_by == "市委"


@pytest.mark.parametrize(
    ("under", "article"),
    [(WUYANG, "第四条、政务处分法第五十一条"), (NATIONAL, "政务处分法第五十一条")],
)
@pytest.mark.parametrize("act", [hold(), spare()], ids=lambda it: str(it.name))
def test_a_subject_of_another_organ_is_not_decided_about_here(
    act: Act, under: str, article: str
) -> None:
    life = opened(under=under).when(authority()).when(act)
    life.refused(Code.WRONG_ORGAN, because="由市委管理，应由某局党组决定", article=article)


def test_where_nothing_is_said_of_authority_it_stands_in_nobodys_way() -> None:
    opened(under=GENERIC).when(authority()).when(hold()).then("accountability.subject-held")


def test_a_subject_is_transferred_to_the_organ_that_has_the_authority() -> None:
    life = opened(WU, ZHENG).when(authority()).when(transfer())
    life.then("accountability.subject-transferred", subject=WU.id, to=BUREAU)
    assert life.news[0].envelope.articles == ("第四条",)
    assert matter(life).undecided == [ZHENG.id]


def test_no_subject_is_transferred_to_an_organ_without_the_authority() -> None:
    other = BUREAU.model_copy(update={"id": "other", "name": "另一机关"})
    life = opened().when(authority()).when(transfer(to=other))
    life.refused(
        Code.WRONG_ORGAN, because="应由某局党组决定", article="第四条、政务处分法第五十一条"
    )


def test_no_subject_is_transferred_to_the_organ_itself() -> None:
    opened().when(transfer(to=COUNTY)).refused(Code.MALFORMED, because="就是本机关")


@pytest.mark.parametrize(
    "act", [hold(), spare(), split(), authority(), transfer()], ids=lambda it: str(it.name)
)
def test_what_was_transferred_is_out_of_this_organs_hands(act: Act) -> None:
    opened().when(transfer()).when(act).refused(Code.ALREADY_DONE, because="「移送对象」")


# --- responsibility ---------------------------------------------------------------------------


@pytest.mark.parametrize("share", Responsibility)
def test_each_subject_bears_one_share_of_the_responsibility(share: Responsibility) -> None:
    life = opened(under=NATIONAL).when(split(share=share))
    life.then("accountability.responsibility-split", responsibility=share)
    assert life.news[0].envelope.articles == ("第六条",)


def test_nationally_nobody_is_held_to_account_before_their_share_is_told() -> None:
    life = opened(WU, ZHENG, under=NATIONAL).when(split()).when(hold(ZHENG))
    life.refused(Code.STEP_MISSING, because="没有划分郑某的领导责任", article="第六条")
    life.when(hold(WU)).then("accountability.subject-held")


def test_where_the_instrument_does_not_ask_for_it_no_share_need_be_told() -> None:
    opened(under=WUYANG).when(hold()).then("accountability.subject-held")
    life = opened(under=NATIONAL)
    rule = life.rules.instrument.responsibility.model_copy(update={"required": False})
    with_law(life, responsibility=rule).when(hold()).then("accountability.subject-held")


# --- held to account --------------------------------------------------------------------------


def test_a_decision_is_taken_down_with_all_it_rests_on() -> None:
    facts = {
        "measures": ("调整职务",),
        "situations": ("WY-A2",),
        "aggravating": ("WY-G1",),
        "effective_on": date(2026, 4, 1),
    }
    life = opened().when(hold(WU, "circular", "organizational", **facts))
    life.then("accountability.subject-held", forms=("circular", "organizational"), **facts)
    assert life.news[0].envelope.articles == ("第六条",)


def test_a_decision_takes_effect_on_its_day_unless_it_says_otherwise() -> None:
    day = date(2026, 3, 20)
    opened().when(hold(), on="2026-03-20").then("accountability.subject-held", effective_on=day)


@pytest.mark.parametrize(
    ("effective_on", "taken"), [("2026-03-19", False), ("2026-03-20", True), ("2026-03-21", True)]
)
def test_no_decision_takes_effect_before_it_is_made(effective_on: str, taken: bool) -> None:
    life = opened().when(hold(effective_on=effective_on), on="2026-03-20")
    if taken:
        life.then("accountability.subject-held")
    else:
        life.refused(Code.MALFORMED, because="2026-03-19 早于决定之日 2026-03-20")


@pytest.mark.parametrize(
    ("subject", "form", "taken"),
    [
        (WU, "admonition", True),
        (WU, "reorganization", False),
        (FIRM, "reorganization", True),
        (FIRM, "admonition", False),
        (FIRM, "circular", True),  # against both
    ],
)
@pytest.mark.parametrize(("under", "article"), [(WUYANG, "第六条"), (NATIONAL, "第八条")])
def test_each_kind_of_subject_has_its_own_forms(
    subject: Subject, form: str, taken: bool, under: str, article: str
) -> None:
    life = opened(subject, under=under).when(split(subject)).when(hold(subject, form))
    if taken:
        life.then("accountability.subject-held", subject_kind=subject.kind)
    else:
        life.refused(Code.OUTCOME_NOT_PERMITTED, because=form, article=article)


def test_where_only_persons_are_spoken_of_no_organization_is_held_to_account() -> None:
    life = with_law(opened(FIRM), for_unit=()).when(hold(FIRM))
    life.refused(Code.OUTCOME_NOT_PERMITTED, because="对某公司不适用问责方式 circular")


def test_where_no_forms_are_listed_any_will_do() -> None:
    life = opened(WU, FIRM, under=GENERIC).when(hold(WU, "书面检查", measures=["限期整改"]))
    life.then("accountability.subject-held").when(hold(FIRM, "通报")).then(
        "accountability.subject-held"
    )


@pytest.mark.parametrize(("combinable", "taken"), [(True, True), (None, True), (False, False)])
def test_forms_are_combined_unless_the_instrument_forbids_it(
    combinable: bool | None, taken: bool
) -> None:
    life = with_law(opened(), combinable=combinable, combinable_article="第六条末款")
    life.when(hold(WU, "circular", "admonition"))
    if taken:
        life.then("accountability.subject-held")
    else:
        life.refused(Code.OUTCOME_NOT_PERMITTED, because="不合并使用", article="第六条末款")
        life.when(hold(WU, "circular")).then("accountability.subject-held")


def test_a_form_is_named_once() -> None:
    opened().when(hold(WU, "circular", "circular")).refused(Code.MALFORMED, because="不止一次")


def test_measures_are_the_contents_of_a_form_that_has_such() -> None:
    life = opened().when(hold(WU, "admonition", measures=["免职"]))
    life.refused(Code.UNKNOWN_ITEM, because="诫勉不含 免职", article="第六条")
    life.when(
        hold(WU, "admonition", "organizational", measures=["引咎辞职"])
    )  # the list ends in 等
    life.then("accountability.subject-held")


@pytest.mark.parametrize(
    ("key", "ids", "under", "article"),
    [
        ("situations", ["WY-A9"], WUYANG, "第五条（一）"),
        ("aggravating", ["WY-A1"], WUYANG, "第七条（一）"),
        ("mitigating", ["WT-19.1"], NATIONAL, "第十八条"),
        ("aggravating", ["WT-18.1"], NATIONAL, "第十九条"),
    ],
)
def test_what_a_decision_rests_on_is_listed(
    key: str, ids: list[str], under: str, article: str
) -> None:
    life = opened(under=under).when(split()).when(hold(WU, **{key: ids}))
    life.refused(Code.UNKNOWN_ITEM, because=ids[0], article=article)


@pytest.mark.parametrize("key", ["situations", "mitigating", "aggravating"])
def test_where_nothing_is_listed_whatever_is_said_stands(key: str) -> None:
    told = {key: ("自拟一项",)}
    opened(under=GENERIC).when(hold(WU, **told)).then("accountability.subject-held", **told)


def test_nobody_is_decided_about_twice() -> None:
    life = opened().when(hold()).when(spare()).refused(Code.ALREADY_DONE, because="「对其问责」")
    life.when(split()).refused(Code.ALREADY_DONE, because="「对其问责」")


def test_only_a_subject_of_the_proceeding_is_decided_about() -> None:
    opened().when(hold(ZHENG)).refused(Code.UNKNOWN_SUBJECT, because=ZHENG.id)


# --- held to account before -------------------------------------------------------------------


def earlier(*days: str) -> dict[str, Any]:
    return {"earlier": [{"number": f"问〔{day}〕", "decided_on": day} for day in days]}


@pytest.mark.parametrize(
    ("day", "on", "overlooked"),
    [
        ("2026-01-05", "2026-03-20", True),
        ("2026-03-20", "2026-03-20", True),  # on the same day
        ("2026-03-21", "2026-03-20", False),  # after it
        ("2025-12-31", "2026-03-20", False),  # the year before
        ("2026-01-01", "2026-12-31", True),
    ],
)
def test_a_second_accountability_in_one_year_weighs_heavier(
    day: str, on: str, overlooked: bool
) -> None:
    life = opened().when(hold(**earlier(day)), on=on)
    if overlooked:
        life.refused(Code.AGGRAVATION_OVERLOOKED, because="没有写 WY-G4", article="第七条（四）")
        life.when(hold(aggravating=["WY-G4"], **earlier(day)), on=on)
    life.then("accountability.subject-held")


def test_no_other_circumstance_stands_for_the_one_overlooked() -> None:
    life = opened().when(hold(aggravating=["WY-G1"], **earlier("2026-01-05")), on="2026-03-20")
    life.refused(Code.AGGRAVATION_OVERLOOKED, because="WY-G4")


def test_the_proceeding_itself_is_no_earlier_one() -> None:
    told = [EarlierAccountability(number=NUMBER, decided_on=date(2026, 3, 3))]
    opened().when(hold(earlier=told), on="2026-03-20").then("accountability.subject-held")


def test_where_nothing_is_said_of_earlier_ones_they_weigh_nothing() -> None:
    life = opened(under=NATIONAL).when(split())
    life.when(hold(**earlier("2026-01-05")), on="2026-03-20").then("accountability.subject-held")


def repeated(**within: Any) -> Life:
    (*others, item) = rulebook().companions[f"{WUYANG}.1"].aggravating  # type: ignore[attr-defined]
    weighed = item.model_copy(
        update={"repeated_within": item.repeated_within.model_validate(within)}
    )
    return with_law(opened(on="2026-01-05"), aggravating=(*others, weighed))


@pytest.mark.parametrize(
    ("day", "overlooked"), [("2025-03-19", False), ("2025-03-20", True), ("2025-03-21", True)]
)
def test_the_window_may_be_one_of_months(day: str, overlooked: bool) -> None:
    life = repeated(times=2, months=12).when(hold(**earlier(day)), on="2026-03-20")
    if overlooked:
        life.refused(Code.AGGRAVATION_OVERLOOKED, because=day)
    else:
        life.then("accountability.subject-held")


def test_it_takes_as_many_times_as_the_instrument_says() -> None:
    life = repeated(times=3, same_year=True).when(hold(**earlier("2026-01-06")), on="2026-03-20")
    life.then("accountability.subject-held")
    life = repeated(times=3, same_year=True)
    life.when(hold(**earlier("2026-01-06", "2026-02-06")), on="2026-03-20")
    life.refused(Code.AGGRAVATION_OVERLOOKED, because="问〔2026-02-06〕")


@pytest.mark.parametrize("within", [{}, {"same_year": True, "months": 12}])
def test_a_window_is_a_year_or_some_months(within: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="same_year 和 months"):
        repeated(times=2, **within)


# --- tolerance comes first --------------------------------------------------------------------


def test_under_the_dual_track_the_organ_considers_tolerance_before_it_decides() -> None:
    life = opened(WU, ZHENG, under=HUBEI).then("accountability.opened", screening_required=True)
    life.when(screen(WU)).when(hold(ZHENG)).refused(Code.NOT_SCREENED, because="对郑某没有")
    life.when(DECIDE).refused(Code.NOT_SCREENED, because="对郑某没有")
    life.when(hold(WU)).then("accountability.subject-held")


def test_whoever_was_transferred_need_not_be_screened_here() -> None:
    life = opened(WU, ZHENG, under=HUBEI).when(screen(WU)).when(transfer(ZHENG)).when(DECIDE)
    life.then("accountability.decided")


def test_a_refusal_for_want_of_screening_cites_the_instrument() -> None:
    life = opened(under=HUBEI)
    screening = life.rules.instrument.screening.model_copy(update={"article": "第九条"})
    with_law(life, screening=screening).when(hold())
    life.refused(Code.NOT_SCREENED, article="第九条")


def test_elsewhere_nobody_need_be_screened_unless_the_opening_says_so() -> None:
    opened().when(hold()).then("accountability.subject-held")
    opened(screening_required=True).when(hold()).refused(Code.NOT_SCREENED)


def test_while_tolerance_is_undecided_nobody_is_held_to_account() -> None:
    life = opened(WU, ZHENG).when(screen(WU, Screening.TRIGGERED)).when(hold())
    life.refused(Code.TOLERANCE_UNDECIDED, because="吴某没有经过容错程序")
    tolerance(life, "试1", WU).when(hold())
    life.refused(Code.TOLERANCE_UNDECIDED, because="试1 尚未了结")
    life.when(hold(ZHENG)).then("accountability.subject-held")
    tolerance(life, "试1", over=True).when(hold()).then("accountability.subject-held")


def test_a_second_case_of_tolerance_is_waited_for_too() -> None:
    life = opened().when(screen(WU, Screening.TRIGGERED))
    tolerance(tolerance(life, "试1", WU), "试1", over=True)
    tolerance(life, "试2", WU).when(hold()).refused(Code.TOLERANCE_UNDECIDED, because="试2")


def test_the_last_screening_counts() -> None:
    life = opened().when(screen(WU, Screening.TRIGGERED)).when(screen(WU)).when(hold())
    life.then("accountability.subject-held")


# --- not held to account ----------------------------------------------------------------------


@pytest.mark.parametrize("result", Spared)
def test_a_subject_is_not_held_to_account_for_a_reason(result: Spared) -> None:
    life = opened(under=NATIONAL)
    life.when(spare(result=result, basis=SparedFor.LISTED, situations=["WT-17.2"]))
    life.then("accountability.subject-not-held", result=result, situations=("WT-17.2",))
    assert life.news[0].envelope.articles == ("第十七条",)


def test_a_listed_reason_says_which() -> None:
    life = opened(under=NATIONAL).when(spare(basis=SparedFor.LISTED))
    life.refused(Code.MALFORMED, because="没有写明", article="第十七条（一）")
    life.when(spare(basis=SparedFor.LISTED, situations=["WT-17.9"]))
    life.refused(Code.UNKNOWN_ITEM, because="WT-17.9", article="第十七条（三）")


def test_nobody_is_spared_for_a_tolerance_that_was_not_decided() -> None:
    tolerated = spare(basis=SparedFor.TOLERANCE)
    life = opened().when(tolerated).refused(Code.TOLERANCE_UNDECIDED)
    tolerance(life, "试1", WU).when(tolerated).refused(Code.TOLERANCE_UNDECIDED, because="试1")
    tolerance(life, "试1", over=True).when(tolerated).then("accountability.subject-not-held")


# --- the decision as a whole ------------------------------------------------------------------


@pytest.mark.parametrize("under", [GENERIC, WUYANG, NATIONAL])
def test_a_decision_that_names_nobody_ends_the_proceeding(under: str) -> None:
    life = opened(under=under).when(DECIDE).then("accountability.decided", explanation="予以问责")
    assert (life.matter.at, life.matter.is_open) == (Stage.DECIDED, False)
    assert [*life.matter.obligations] == []


def test_once_one_subject_is_decided_about_all_are() -> None:
    life = opened(WU, ZHENG, FIRM).when(hold(WU)).when(spare(FIRM)).when(DECIDE)
    life.refused(Code.STEP_MISSING, because="对郑某还没有")
    life.when(transfer(ZHENG)).when(DECIDE).then("accountability.decided")
    assert (life.matter.at, life.matter.is_open) == (Stage.DECIDED, True)


@pytest.mark.parametrize(
    "act", [hold(), spare(), split(), authority(), transfer()], ids=lambda it: str(it.name)
)
def test_after_the_decision_nothing_more_is_decided(act: Act) -> None:
    opened().when(DECIDE).when(act).refused(Code.OUT_OF_STAGE, because="「已作决定」")


# --- what follows -----------------------------------------------------------------------------


def held(*forms: str, on: str = "2026-09-01", under: str = WUYANG) -> Life:
    life = opened(on="2026-08-03", under=under).when(split())
    return life.when(hold(WU, *(forms or ("organizational",))), on=on)


def test_each_subject_has_duties_of_their_own() -> None:
    life = opened(WU, ZHENG, FIRM).when(hold(WU, "organizational")).when(hold(ZHENG))
    life.when(hold(FIRM))
    opened_for: dict[str, list[str]] = {id_: [] for id_ in (WU.id, ZHENG.id, FIRM.id)}
    for each in life.matter.obligations:
        opened_for[each.obligation.subject or ""].append(each.obligation.rule)
    person = ["announcement", "informing", "archiving"]
    assert opened_for == {
        WU.id: [*person, "formalities", "self_criticism", "meeting", "publicity"],
        ZHENG.id: [*person, "self_criticism", "meeting"],
        FIRM.id: ["announcement", "informing"],
    }


def test_who_is_not_held_to_account_has_no_duties() -> None:
    assert [*opened().when(spare()).matter.obligations] == []


@pytest.mark.parametrize(
    ("rule", "act", "article"),
    [
        ("announcement", announce(), "第八条"),
        ("informing", inform(), "第八条"),
        ("archiving", archive(), "第八条"),
        ("formalities", formalities(), "第八条"),
        ("self_criticism", criticize(), "第九条"),
        ("meeting", criticize(SelfCriticism.MEETING), "第九条"),
        ("publicity", publicize(), "第九条"),
    ],
)
def test_each_duty_is_met_by_its_own_act(rule: str, act: Act, article: str) -> None:
    life = held()
    assert (life.duty(rule).state, life.duty(rule).obligation.article) == (State.OPEN, article)
    life.when(act, on="2026-09-02")
    assert life.refusal is None
    assert life.news[0].envelope.articles == (article,)
    met = [each.obligation.rule for each in life.matter.obligations if each.state is State.MET]
    assert met == [rule]


@pytest.mark.parametrize(
    ("decided_on", "due_on"),
    [
        ("2026-03-20", "2026-04-20"),
        ("2026-01-31", "2026-02-28"),  # a short month, ending on a Saturday made to work
        ("2026-09-01", "2026-10-08"),  # 10-01 falls into the holidays
        ("2026-04-09", "2026-05-09"),  # a Saturday made to work
    ],
)
@pytest.mark.parametrize("under", [WUYANG, NATIONAL])
def test_formalities_take_a_month_from_the_decision(
    decided_on: str, due_on: str, under: str
) -> None:
    life = opened(on="2026-01-05", under=under).when(split())
    life.when(hold(WU, "organizational", effective_on="2026-12-01"), on=decided_on)
    duty = life.duty("formalities").obligation
    assert (duty.start.isoformat(), str(duty.due_on)) == (decided_on, due_on)
    assert (duty.confirmed, duty.qualifier) == (False, "must")


@pytest.mark.parametrize(
    ("on", "state"),
    [("2026-09-30", State.MET), ("2026-10-08", State.MET), ("2026-10-09", State.MET_LATE)],
)
def test_formalities_are_completed_on_the_last_day_or_late(on: str, state: State) -> None:
    assert held().when(formalities(), on=on).duty("formalities").state is state


def test_formalities_left_undone_are_reminded_of_and_brought_up() -> None:
    life = held().until("2026-10-08")
    assert life.names() == ["obligation.reminded"] * 2
    life.until("2026-10-09")
    assert life.names() == ["obligation.overdue", "obligation.escalated"]
    assert life.news[-1].role == "部门负责人"  # type: ignore[attr-defined]
    life.until("2026-10-11")  # the Saturday before is made to work
    assert life.names() == []
    life.until("2026-10-12")
    assert [each.role for each in life.news] == ["分管领导"]  # type: ignore[attr-defined]


def test_only_a_decision_that_calls_for_them_has_formalities() -> None:
    held("circular").when(formalities()).refused(
        Code.NOT_PROVIDED, because="没有组织手续可办", article="第八条"
    )
    life = opened(under=GENERIC).when(hold()).when(formalities())
    life.then("accountability.formalities-completed")


def test_one_subjects_formalities_are_not_anothers() -> None:
    life = opened(WU, ZHENG).when(hold(WU, "organizational")).when(hold(ZHENG))
    life.when(formalities(ZHENG)).refused(Code.NOT_PROVIDED, because="对郑某的决定")


def test_nationally_a_sanction_is_announced_and_carried_out_within_a_month() -> None:
    life = held("discipline", under=NATIONAL)
    for rule in ("sanction_announcement", "sanction_formalities"):
        assert str(life.duty(rule).obligation.due_on) == "2026-10-08"
    life.when(announce(), on="2026-10-09").when(formalities())
    assert life.duty("sanction_announcement").state is State.MET_LATE
    assert life.duty("sanction_formalities").state is State.MET_LATE
    assert life.duty("announcement").state is State.MET


@pytest.mark.parametrize(("amount", "due_on"), [(None, "2027-03-01"), (2, "2026-12-08")])
def test_the_formalities_of_a_sanction_are_put_off_to_six_months_and_no_further(
    amount: int | None, due_on: str
) -> None:
    life = held("discipline", under=NATIONAL)
    extend = ExtendDuty(
        duty="sanction_formalities-1", approved_by="市委", amount=amount, explanation="手续未齐"
    )
    life.when(extend, on="2026-09-30").then("obligation.extended")
    assert str(life.duty("sanction_formalities").obligation.due_on) == due_on
    life.when(extend.model_copy(update={"amount": None}), on="2026-10-01")
    if amount is None:
        life.refused(
            Code.EXTENSION_BEYOND_CAP, because="2027-03-01", article="政务处分法第五十四条"
        )
    else:
        assert str(life.duty("sanction_formalities").obligation.due_on) == "2027-03-01"


@pytest.mark.parametrize("under", [WUYANG, NATIONAL])
def test_the_formalities_of_other_measures_are_not_put_off(under: str) -> None:
    extend = ExtendDuty(duty="formalities-1", approved_by="市委", explanation="手续未齐")
    held(under=under).when(extend).refused(Code.NOT_PROVIDED)


@pytest.mark.parametrize(
    ("act", "again"),
    [
        (announce(), announce("县直各单位")),
        (inform(), inform("市委组织部")),
        (criticize(), criticize(SelfCriticism.MEETING)),
        (publicize(), publicize("县政府网站")),
        (formalities(), None),
        (archive(), None),
    ],
    ids=lambda it: it.name if it else "",
)
def test_each_is_told_and_each_thing_done_once(act: Act, again: Act | None) -> None:
    life = held().when(act).when(act).refused(Code.ALREADY_DONE)
    if again is not None:
        assert life.when(again).refusal is None


@pytest.mark.parametrize(
    "act",
    [announce(), inform(), formalities(), archive(), criticize(), publicize()],
    ids=lambda it: str(it.name),
)
def test_nothing_follows_before_there_is_a_decision(act: Act) -> None:
    opened().when(act).refused(Code.NOT_DETERMINED, because="对吴某没有")


def test_what_was_decided_of_a_subject_who_is_spared_is_announced_and_no_more() -> None:
    life = opened().when(spare()).when(announce()).then("accountability.announced")
    life.when(archive()).refused(Code.NOT_DETERMINED)
    life.when(publicize()).refused(Code.NOT_DETERMINED)


def test_an_organization_has_no_personal_file() -> None:
    opened(FIRM).when(hold(FIRM)).when(archive(FIRM)).refused(Code.NOT_PROVIDED)


def test_nationally_self_criticism_is_written() -> None:
    life = held(under=NATIONAL).when(criticize(SelfCriticism.MEETING)).refused(Code.NOT_PROVIDED)
    life.when(criticize()).then("accountability.self-criticism-made")


@pytest.mark.parametrize(
    ("forms", "published"),
    [
        (("circular",), False),
        (("admonition",), False),
        (("organizational",), True),
        (("discipline",), True),
        (("circular", "discipline"), True),
    ],
)
def test_only_the_forms_the_instrument_names_are_made_public(
    forms: tuple[str, ...], published: bool
) -> None:
    life = held(*forms).when(publicize())
    if published:
        life.then("accountability.publicized", where=PAPER)
    else:
        life.refused(Code.NOT_PROVIDED, because="不在公开之列", article="第九条")


def test_where_nothing_is_said_of_publicity_nothing_is_made_public() -> None:
    opened(under=GENERIC).when(hold()).when(publicize()).refused(Code.NOT_PROVIDED)


# --- closed -----------------------------------------------------------------------------------


def carried_out(*forms: str) -> Life:
    life = held(*(forms or ("circular",))).when(DECIDE, on="2026-09-01")
    for act in (announce(), inform(), archive(), criticize()):
        life.when(act)
    return life


def test_a_proceeding_is_closed_when_all_that_must_follow_is_done() -> None:
    life = carried_out("organizational").when(CLOSE)
    life.refused(Code.DUTIES_OPEN, because="办理完毕组织调整或者组织处理的手续", article="第八条")
    life.when(formalities()).when(CLOSE).then("accountability.closed")
    assert (life.matter.at, life.matter.is_open) == (Stage.CLOSED, False)


def test_publicity_may_be_left_and_is_then_waived() -> None:
    waive = WaiveDuty(duty="publicity-1", explanation="涉及国家秘密")
    life = held().when(waive, authority="县委批示")
    assert life.duty("publicity").state is State.WAIVED


def test_nothing_is_closed_before_it_is_decided() -> None:
    opened().when(CLOSE).refused(Code.OUT_OF_STAGE, because="「办理中」")


# --- resumed ----------------------------------------------------------------------------------


def spared(on: str = "2026-09-01") -> Life:
    return opened(on="2026-08-03").when(spare(), on=on).when(DECIDE)


@pytest.mark.parametrize(
    ("life", "stage"),
    [
        (opened, Stage.OPEN),
        (lambda: opened().when(DECIDE), Stage.DECIDED),
        (spared, Stage.DECIDED),
        (lambda: spared().when(CLOSE), Stage.DECIDED),
    ],
    ids=["open", "decided of nobody", "decided", "closed"],
)
def test_when_tolerance_is_revoked_accountability_goes_on_at_any_stage(
    life: Any, stage: Stage
) -> None:
    resumed: Life = life().when(resume())
    resumed.then("accountability.resumed", after_decision=stage is not Stage.OPEN)
    assert (resumed.matter.at, resumed.matter.is_open) == (stage, True)
    resumed.when(hold()).then("accountability.subject-held")


def test_resumed_for_one_subject_it_is_not_resumed_for_others() -> None:
    life = opened(WU, ZHENG).when(spare(WU)).when(spare(ZHENG)).when(DECIDE).when(resume())
    life.when(hold(ZHENG)).refused(Code.ALREADY_DONE, because="「不予免予问责」")


def test_who_is_resumed_was_considered_for_tolerance_already() -> None:
    life = opened().when(screen(WU, Screening.TRIGGERED))
    tolerance(life, "试1", WU).when(resume()).when(hold()).then("accountability.subject-held")
    life = opened(screening_required=True).when(resume()).when(hold())
    life.then("accountability.subject-held")


def test_what_was_resumed_is_decided_before_it_is_closed() -> None:
    life = spared().when(resume()).when(CLOSE)
    life.refused(Code.STEP_MISSING, because="对吴某恢复问责后还没有作出决定")
    life.when(spare(result=Spared.WAIVED)).when(CLOSE).then("accountability.closed")


def test_the_duties_of_the_decision_before_lapse_and_begin_anew() -> None:
    life = held("organizational").when(announce()).when(resume(), on="2026-09-10")
    assert life.duty("formalities").state is State.LAPSED
    life.when(hold(WU, "organizational"), on="2026-09-11").when(announce())
    life.then("accountability.announced")
    assert str(life.duty("formalities").obligation.due_on) == "2026-10-12"


# --- changed ----------------------------------------------------------------------------------


def test_a_decision_that_is_upheld_stays_as_it_is() -> None:
    life = held().when(announce()).when(change(Change.UPHOLD))
    life.then("accountability.decision-changed", forms=("organizational",), restore_in=())
    assert life.duty("formalities").state is State.OPEN
    assert life.duty("publicity").state is State.OPEN
    life.when(announce()).refused(Code.ALREADY_DONE)


@pytest.mark.parametrize(
    ("before", "after", "taken"),
    [
        (("organizational",), ("admonition",), True),
        (("organizational",), ("organizational",), True),
        (("organizational",), ("organizational", "circular"), False),
        (("organizational", "circular"), ("organizational", "admonition"), False),
        (("organizational", "admonition"), ("circular", "organizational"), True),
        (("organizational",), ("discipline",), False),
        (("discipline",), ("circular", "admonition", "organizational"), True),
        (("circular",), ("admonition",), False),
    ],
)
def test_no_decision_becomes_heavier_when_it_is_looked_at_again(
    before: tuple[str, ...], after: tuple[str, ...], taken: bool
) -> None:
    life = held(*before, under=NATIONAL).when(change(Change.VARY, *after))
    if taken:
        life.then("accountability.decision-changed", forms=after)
        assert life.news[0].envelope.articles == ("第二十一条",)
    else:
        life.refused(Code.WORSE_THAN_BEFORE, because="重于原决定", article="第二十一条")


def test_what_takes_its_place_is_a_form_for_such_a_subject() -> None:
    life = held().when(change(Change.VARY, "reorganization"))
    life.refused(Code.OUTCOME_NOT_PERMITTED, article="第六条")
    life.when(change(Change.VARY, "admonition", measures=["免职"])).refused(Code.UNKNOWN_ITEM)


@pytest.mark.parametrize(
    ("result", "forms", "measures"),
    [
        (Change.VARY, [], []),
        (Change.UPHOLD, ["circular"], []),
        (Change.REVOKE, ["circular"], []),
        (Change.UPHOLD, [], ["免职"]),
    ],
)
def test_only_a_variation_says_what_takes_its_place(
    result: Change, forms: list[str], measures: list[str]
) -> None:
    with pytest.raises(ValidationError, match="变更"):
        change(result, *forms, measures=measures)


def test_formalities_lapse_with_the_form_that_called_for_them() -> None:
    life = held("circular", "organizational").when(change(Change.VARY, "circular"))
    lapsed = [e.obligation.rule for e in life.matter.obligations if e.state is State.LAPSED]
    assert lapsed == ["formalities", "publicity"]


def test_a_lighter_form_may_bring_formalities_of_its_own() -> None:
    life = held("discipline", under=NATIONAL)
    life.when(change(Change.VARY, "organizational", measures=["降职"]), on="2026-09-10")
    assert life.duty("sanction_formalities").state is State.LAPSED
    assert life.duty("sanction_announcement").state is State.LAPSED
    assert life.duty("publicity").state is State.OPEN  # still one that is made public
    duty = life.duty("formalities_after_change").obligation
    assert (str(duty.due_on), duty.confirmed) == ("2026-10-10", False)
    life.when(formalities()).then("accountability.formalities-completed")
    assert life.duty("formalities_after_change").state is State.MET


def test_of_a_decision_that_is_revoked_nothing_is_left_to_do_but_restoring() -> None:
    life = held().when(announce()).when(inform()).when(publicize()).when(change(Change.REVOKE))
    where = ("某局党组", "县委组织部", PAPER)
    life.then("accountability.decision-changed", forms=(), restore_in=where)
    live = [each.obligation.rule for each in life.matter.obligations.live()]
    assert live == ["restoration"]
    life.when(archive()).refused(Code.NOT_DETERMINED)


def test_a_decision_nobody_was_told_of_leaves_nothing_to_restore() -> None:
    life = held().when(change(Change.REVOKE)).then("accountability.decision-changed", restore_in=())
    assert [*life.matter.obligations.live()] == []


def test_a_name_is_restored_wherever_it_was_harmed() -> None:
    life = held().when(announce()).when(publicize()).when(change(Change.REVOKE))
    life.when(restore("电视台")).refused(Code.UNKNOWN_ITEM, because="没有待恢复的范围 电视台")
    life.when(restore(PAPER)).then("accountability.subject-restored", remaining=("某局党组",))
    assert life.duty("restoration").state is State.OPEN
    life.when(restore(PAPER)).refused(Code.UNKNOWN_ITEM)
    life.when(restore("某局党组")).then("accountability.subject-restored", remaining=())
    assert life.duty("restoration").state is State.MET


def test_what_was_to_be_restored_before_is_still_to_be_restored() -> None:
    life = held().when(announce()).when(change(Change.VARY, "admonition"))
    life.when(announce("县直各单位")).when(change(Change.REVOKE))
    life.then("accountability.decision-changed", restore_in=("县直各单位",))
    life.when(restore("某局党组")).then(
        "accountability.subject-restored", remaining=("县直各单位",)
    )


def test_a_decision_is_changed_even_when_the_proceeding_is_closed() -> None:
    life = carried_out().when(CLOSE).when(change(Change.REVOKE), on="2026-11-02")
    life.then("accountability.decision-changed")
    assert life.matter.at is Stage.CLOSED
    life.when(restore("某局党组")).then("accountability.subject-restored")


def test_what_was_revoked_before_the_whole_is_decided_is_decided_anew() -> None:
    life = opened(WU, ZHENG).when(hold()).when(spare(ZHENG)).when(change(Change.REVOKE))
    life.when(DECIDE).refused(Code.STEP_MISSING, because="对吴某还没有")
    life.when(spare()).when(DECIDE).then("accountability.decided")


@pytest.mark.parametrize("result", [Change.UPHOLD, Change.REVOKE])
def test_a_decision_that_names_nobody_is_upheld_or_revoked_for_each(result: Change) -> None:
    life = opened(WU, ZHENG).when(DECIDE).when(change(result))
    life.then("accountability.decision-changed", forms=(), dropped=(), restore_in=())
    assert not life.matter.is_open


def test_a_decision_that_names_nobody_has_no_forms_to_vary_and_is_revoked_once() -> None:
    life = opened(WU, ZHENG).when(DECIDE).when(change(Change.VARY, "circular"))
    life.refused(Code.NOT_DETERMINED)
    life.when(change(Change.REVOKE)).when(change(Change.REVOKE)).refused(Code.NOT_DETERMINED)


@pytest.mark.parametrize("result", [Change.UPHOLD, Change.REVOKE])
def test_only_a_decision_in_effect_is_changed(result: Change) -> None:
    opened().when(change(result)).refused(Code.NOT_DETERMINED)
    held().when(change(Change.REVOKE)).when(change(result)).refused(Code.NOT_DETERMINED)
    opened().when(spare()).when(change(result)).refused(Code.NOT_DETERMINED)
    spared().when(resume()).when(change(result)).refused(Code.NOT_DETERMINED)
    life = opened(WU, ZHENG).when(transfer()).when(DECIDE).when(change(result))
    life.refused(Code.NOT_DETERMINED)


# --- counted ----------------------------------------------------------------------------------


def counted(life: Life) -> list[tuple[str, str, str | None, tuple[str, ...]]]:
    found = []
    for event in life.news:
        for each in COUNTED["accountability"](event, life.matter):
            assert each.subject is not None
            found.append((each.what, each.subject.id, each.group, each.detail))
    return found


def test_decisions_on_each_subject_are_counted_with_their_forms() -> None:
    life = opened(WU, ZHENG, FIRM).when(hold(WU, "circular", "organizational"))
    assert counted(life) == [("held_accountable", WU.id, NUMBER, ("circular", "organizational"))]
    life.when(spare(ZHENG, result=Spared.WAIVED))
    assert counted(life) == [("not_held", ZHENG.id, NUMBER, ("waived",))]
    life.when(transfer(FIRM))
    assert counted(life) == [("transferred", FIRM.id, NUMBER, ())]
    life.when(change(Change.REVOKE))
    assert counted(life) == [("decision_changed", WU.id, NUMBER, ("revoke",))]
    life.when(DECIDE)
    assert counted(life) == []


# --- the instruments --------------------------------------------------------------------------


@pytest.mark.parametrize("name", [WUYANG, NATIONAL, HUBEI, GENERIC])
def test_every_instrument_of_the_kind_can_be_used(name: str) -> None:
    instrument = rulebook().companions[f"{name}.1"]
    assert isinstance(instrument, AccountabilityInstrument)
    assert instrument.blanks


@pytest.mark.parametrize(
    ("key", "value", "fault"),
    [
        ("aggravating", "situations", "情形 WY-A1 写了不止一次"),
        ("for_person", None, "对工作人员的问责方式 circular 写了不止一次"),
        ("for_person", (), "of 指向问责方式 organizational"),
    ],
)
def test_an_instrument_names_each_thing_once_and_nothing_that_is_not_there(
    key: str, value: Any, fault: str
) -> None:
    told = rulebook().companions[f"{WUYANG}.1"].model_dump()
    told[key] = told[key] * 2 if value is None else told[value] if value else []
    with pytest.raises(ValidationError, match=fault):
        AccountabilityInstrument.model_validate(told)
