"""What happens in one matter and moves another: in both histories or in none, whoever else acts."""

from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from domain.accountability.acts import (
    DecideAccountability,
    HoldAccountable,
    OpenAccountability,
    ScreenForTolerance,
)
from domain.accountability.events import Screening
from domain.accountability.proceeding import AccountabilityProceeding
from domain.aggregate import Act, Request
from domain.follow_up.acts import HoldVisit, OpenFollowUp
from domain.follow_up.events import Cause, VisitWay
from domain.impact.acts import EnterSanction, OpenLedger
from domain.impact.matter import ImpactLedger
from domain.impact.particulars import Track
from domain.inquiry.acts import OpenInquiry
from domain.kinds import BY_NAME
from domain.law.calendar import CHINA
from domain.matter import Link, LinkMatter, Matter, Relation, matter_id
from domain.neighbours import echoes
from domain.people import Subject
from domain.rectification.acts import (
    CheckRectification,
    OpenRectification,
    ReportRectification,
    SubmitPlan,
)
from domain.rectification.particulars import CheckResult
from domain.refusals import Code, Refusal
from domain.review.acts import (
    AdmitReviewApplication,
    DecideReviewApplication,
    OpenReview,
)
from domain.review.events import Ruling
from domain.risk_filing.acts import AgreeRiskFiling, SubmitRiskFiling
from domain.staged import OpenMatter
from domain.tolerance import acts
from domain.tolerance.particulars import RevocationCause, RiskFiled
from tests.support.databases import stored
from tests.support.examples import (
    CDI,
    CHEN,
    CLERK,
    HUBEI,
    INSPECTOR,
    RULEBOOK,
    ZHAO,
    History,
    determined,
    matter,
    paper,
    verifying,
)
from workers.addresses import DatabaseAddress
from workflows.clock import DrivenClock
from workflows.event_store import EventStore
from workflows.office import Office

CASE = "试〔2026〕1号"
PROCEEDING = matter().number
TODAY = datetime(2026, 9, 1, 10, tzinfo=CHINA)


@pytest.fixture(autouse=True)
def today(clock: DrivenClock) -> None:
    clock.jump_to(TODAY)


def request(on: str, key: str | None = None, **more: Any) -> Request:
    return Request(key=key or str(uuid4()), by=CLERK, on=date.fromisoformat(on), **more)


def lived(office: Office, history: History, *subjects: Subject) -> UUID:
    """A case brought by the office through a history, and the proceeding it answers."""
    opening = OpenAccountability(
        number=PROCEEDING, organ=INSPECTOR, subjects=subjects or (CHEN,), conduct_on=None
    )
    office.open_accountability(opening, request("2026-03-02"))
    return brought(office, history)


def brought(office: Office, history: History) -> UUID:
    for day, act in history.steps:
        if isinstance(act, acts.Opening):
            case = office.open_case(act, request(day), history.rules.policy.reference).matter_id
        else:
            office.perform(case, act, request(day))
    return case


def begin(office: Office, act: OpenMatter, instrument: str, on: str) -> UUID:
    return office.open_matter(act, request(on), instrument).matter_id


def arising(number: str = CASE, kind: str = "tolerance") -> tuple[Link, ...]:
    return (Link(kind=kind, number=number, relation=Relation.ARISES_FROM),)


def found(office: Office, kind: str, number: str) -> Any:
    return office.matter(matter_id(kind, number))


def refusal_of(ask: Callable[[], object]) -> Refusal:
    with pytest.raises(Refusal) as refused:
        ask()
    return refused.value


def rectifying(**unusual: Any) -> OpenRectification:
    usual = {
        "number": "改〔2026〕1号",
        "organ": CDI,
        "subjects": (CHEN,),
        "items": ("另写的要求",),
        "sent_on": date(2026, 3, 16),
        "links": arising(),
    }
    return OpenRectification.model_validate(usual | unusual)


# --- links ------------------------------------------------------------------------------------


def test_a_link_stands_in_both_histories_each_as_it_looks_from_there(office: Office) -> None:
    lived(office, determined(HUBEI))
    begin(office, rectifying(), "hubei_rectification", "2026-03-16")
    case, rectification = (
        office.case(matter_id("tolerance", CASE)),
        found(office, "rectification", "改〔2026〕1号"),
    )
    assert rectification.links == [*arising()]
    assert case.links == [
        Link(kind="rectification", number="改〔2026〕1号", relation=Relation.GIVES_RISE_TO)
    ]


def test_what_is_linked_later_is_linked_in_both_as_well(office: Office) -> None:
    case = lived(office, determined(HUBEI))
    begin(office, rectifying(), "hubei_rectification", "2026-03-16")
    link = Link(kind="rectification", number="改〔2026〕1号", relation=Relation.RELIES_ON)
    office.perform(case, LinkMatter(link=link), request("2026-03-17"))
    back = found(office, "rectification", "改〔2026〕1号").links[-1]
    assert (back.kind, back.number, back.relation) == ("tolerance", CASE, Relation.RELIED_ON_BY)


def test_both_ends_of_a_link_are_stored_in_one_act_or_neither(
    office: Office, database: DatabaseAddress
) -> None:
    lived(office, determined(HUBEI))
    before = stored(database)
    refusal = refusal_of(
        lambda: begin(
            office, rectifying(links=arising("没有这件")), "hubei_rectification", "2026-03-16"
        )
    )
    assert refusal.code is Code.CASE_NOT_FOUND
    assert "没有这件" in refusal.obstacle
    assert stored(database) == before


def test_an_opening_sent_twice_under_one_key_is_one_matter_with_one_link(office: Office) -> None:
    lived(office, determined(HUBEI))
    twice = [
        office.open_matter(rectifying(), request("2026-03-16", "once"), "hubei_rectification")
        for _ in range(2)
    ]
    assert [each.replayed for each in twice] == [False, True]
    assert len(office.case(matter_id("tolerance", CASE)).links) == 1


def test_a_number_opens_one_matter_of_its_kind(office: Office) -> None:
    lived(office, determined(HUBEI))
    begin(office, rectifying(), "hubei_rectification", "2026-03-16")
    again = refusal_of(lambda: begin(office, rectifying(), "hubei_rectification", "2026-03-17"))
    assert again.code is Code.CASE_NUMBER_TAKEN


def test_an_instrument_of_another_kind_opens_nothing(
    office: Office, database: DatabaseAddress
) -> None:
    before = stored(database)
    opening = rectifying(links=())
    refusal = refusal_of(lambda: begin(office, opening, "hubei_clarification_2020", "2026-03-16"))
    assert refusal.code is Code.UNKNOWN_POLICY
    assert "hubei_rectification" in refusal.way_out
    assert stored(database) == before


# --- rectification ----------------------------------------------------------------------------


def test_what_a_determination_requires_is_what_has_to_be_put_right(office: Office) -> None:
    lived(office, determined(HUBEI))
    begin(office, rectifying(), "hubei_rectification", "2026-03-16")
    opened = found(office, "rectification", "改〔2026〕1号").opened
    assert opened.items == ("完善程序",)


def test_a_case_that_requires_nothing_of_somebody_gives_rise_to_no_rectification(
    office: Office, database: DatabaseAddress
) -> None:
    lived(office, determined(HUBEI))
    before = stored(database)
    refusal = refusal_of(
        lambda: begin(office, rectifying(subjects=(ZHAO,)), "hubei_rectification", "2026-03-16")
    )
    assert refusal.code is Code.RECTIFICATION_MISSING
    assert stored(database) == before


@pytest.mark.parametrize(("result", "completed"), [("pass", True), ("poor", False)])
def test_a_check_passed_completes_the_rectification_of_the_case(
    office: Office, result: str, completed: bool
) -> None:
    case = lived(office, determined(HUBEI))
    notice = begin(office, rectifying(), "hubei_rectification", "2026-03-16")
    for act in (
        SubmitPlan(summary="分步整改"),
        ReportRectification(done=(1,), summary="已经完善"),
        CheckRectification(
            result=CheckResult(result),
            checkers=("检查人",),
            lacking=() if completed else (1,),
            explanation="逐项看过",
        ),
    ):
        office.perform(notice, act, request("2026-04-01"))
    done = ("tolerance.rectification-completed", CHEN.id) in office.case(case).done
    assert done is completed


# --- follow-up --------------------------------------------------------------------------------


def following(**unusual: Any) -> OpenFollowUp:
    usual = {
        "number": "访〔2026〕1号",
        "organ": CDI,
        "subjects": (CHEN,),
        "cause": Cause.TOLERANCE,
        "determined_on": date(2026, 1, 1),  # not what the case says
        "links": arising(),
    }
    return OpenFollowUp.model_validate(usual | unusual)


def test_a_follow_up_runs_from_the_day_of_the_determination_whatever_was_written(
    office: Office,
) -> None:
    lived(office, determined(HUBEI))
    begin(office, following(), "wuyang_follow_up_2017", "2026-03-16")
    opened = found(office, "follow_up", "访〔2026〕1号").opened
    assert (opened.determined_on, opened.window_from) == (date(2026, 3, 12), date(2026, 3, 12))


def test_a_talk_held_in_the_follow_up_counts_in_the_case(office: Office) -> None:
    case = lived(office, determined(HUBEI))
    visits = begin(office, following(), "wuyang_follow_up_2017", "2026-03-16")
    talk = HoldVisit(
        subject=CHEN.id, way=VisitWay.TALK, visitors=("某甲", "某乙"), summary="工作正常"
    )
    office.perform(visits, talk, request("2026-05-06"))
    assert office.case(case).files[CHEN.id].visits == [date(2026, 5, 6)]


REVOKE = acts.RevokeDetermination(
    subject=CHEN.id,
    cause=RevocationCause.PRIVATE_GAIN,
    accountability_resumes=True,
    explanation="查明谋取私利",
)


def test_a_tolerance_revoked_ends_its_follow_up_and_resumes_accountability(
    office: Office,
) -> None:
    case = lived(office, determined(HUBEI))
    begin(office, following(), "wuyang_follow_up_2017", "2026-03-16")
    office.perform(
        matter_id("accountability", PROCEEDING),
        DecideAccountability(explanation="依容错认定不再问责"),
        request("2026-03-20"),
    )
    office.perform(case, REVOKE, request("2026-04-10"))
    assert found(office, "follow_up", "访〔2026〕1号").at == "terminated"
    proceeding = found(office, "accountability", PROCEEDING)
    assert isinstance(proceeding, AccountabilityProceeding)
    assert proceeding.is_open
    assert ("accountability.resumed", CHEN.id) in proceeding.done


# --- accountability and the ledger ------------------------------------------------------------


def hold(office: Office, number: str, on: str, *aggravating: str) -> None:
    """Chen is held to account in a proceeding of his own."""
    opening = OpenAccountability(number=number, organ=CDI, subjects=(CHEN,))
    proceeding = begin(office, opening, "wuyang_accountability_2017", on)
    screen = ScreenForTolerance(
        subject=CHEN.id, result=Screening.NOT_APPLICABLE, explanation="不属情形"
    )
    office.perform(proceeding, screen, request(on))
    act = HoldAccountable(
        subject=CHEN.id,
        forms=("admonition",),
        situations=("WY-A2",),
        aggravating=aggravating,
        explanation="执行不力",
    )
    office.perform(proceeding, act, request(on))


def test_whoever_is_held_to_account_has_it_in_a_ledger_of_their_own(office: Office) -> None:
    hold(office, "问〔2026〕1号", "2026-03-02")
    ledger = found(office, ImpactLedger.kind, CHEN.id)
    assert isinstance(ledger, ImpactLedger)
    assert [(each.number, each.forms) for each in ledger.accountabilities] == [
        ("问〔2026〕1号", ("admonition",))
    ]


def test_a_second_accountability_in_one_year_is_found_from_the_ledger(office: Office) -> None:
    hold(office, "问〔2026〕1号", "2026-03-02")
    refusal = refusal_of(lambda: hold(office, "问〔2026〕2号", "2026-08-03"))
    assert "问〔2026〕1号" in refusal.obstacle
    assert refusal.articles == ("第七条（四）",)
    office.perform(
        matter_id("accountability", "问〔2026〕2号"),
        HoldAccountable(
            subject=CHEN.id,
            forms=("admonition",),
            situations=("WY-A2",),
            aggravating=("WY-G4",),
            explanation="一年内两次",
        ),
        request("2026-08-03"),
    )
    assert len(found(office, ImpactLedger.kind, CHEN.id).accountabilities) == 2


def test_control_without_the_ledger_a_second_accountability_is_overlooked(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(echoes, "ECHOING", {})
    hold(office, "问〔2026〕1号", "2026-03-02")
    hold(office, "问〔2026〕2号", "2026-08-03")


def test_a_tolerance_revoked_takes_the_accountability_it_reopens_out_of_the_ledger(
    office: Office,
) -> None:
    case = lived(office, determined(HUBEI))
    proceeding = matter_id("accountability", PROCEEDING)
    held = HoldAccountable(subject=CHEN.id, forms=("circular",), explanation="仍予通报")
    office.perform(proceeding, held, request("2026-03-20"))
    assert len(found(office, ImpactLedger.kind, CHEN.id).accountabilities) == 1
    office.perform(case, REVOKE, request("2026-04-10"))
    assert found(office, ImpactLedger.kind, CHEN.id).accountabilities == []
    office.perform(proceeding, held, request("2026-04-20"))
    (noted,) = found(office, ImpactLedger.kind, CHEN.id).accountabilities
    assert noted.decided_on == date(2026, 4, 20)


def test_a_follow_up_after_a_sanction_runs_as_long_as_the_ledger_says(office: Office) -> None:
    ledger = begin(
        office,
        OpenLedger(number=CHEN.id, organ=CDI, subjects=(CHEN,)),
        "impact_national",
        "2026-03-02",
    )
    warned = EnterSanction(
        track=Track.PARTY,
        sanction="warning",
        effective_on=date(2026, 3, 2),
        decided_by="县纪委",
        source="党处1号",
    )
    office.perform(ledger, warned, request("2026-03-02"))
    opening = following(
        cause=Cause.SANCTION,
        effective_on=date(2020, 1, 1),
        impact_ends_on=date(2020, 2, 1),
        links=arising(CHEN.id, "impact"),
    )
    begin(office, opening, "hanyin_follow_up", "2026-03-16")
    opened = found(office, "follow_up", "访〔2026〕1号").opened
    assert (opened.window_from, opened.window_until) == (date(2026, 3, 2), date(2027, 3, 1))


# --- reviews ----------------------------------------------------------------------------------


def reviewing(**unusual: Any) -> OpenReview:
    usual = {
        "number": "复〔2026〕1号",
        "organ": CDI,
        "subjects": (CHEN,),
        "remedy": "appeal",
        "attacked": "问〔2026〕1号",
        "attacked_kind": "问责决定",
        "decided_on": date(2026, 3, 2),
        "received_on": date(2026, 3, 4),
        "decided_by": CDI,
        "published_in": ("某局机关",),
        "links": (Link(kind="accountability", number="问〔2026〕1号", relation=Relation.REVIEWS),),
    }
    return OpenReview.model_validate(usual | unusual)


def test_whoever_handled_what_is_reviewed_may_not_sit_on_the_panel(office: Office) -> None:
    hold(office, "问〔2026〕1号", "2026-03-02")
    review = begin(office, reviewing(), "accountability_review_2019", "2026-03-10")
    seated = AdmitReviewApplication.model_validate({"panel": [CLERK.id, "复核人乙"]})
    refusal = refusal_of(lambda: office.perform(review, seated, request("2026-03-12")))
    assert refusal.code is Code.PANEL_NOT_INDEPENDENT
    assert CLERK.id in refusal.obstacle


@pytest.mark.parametrize(("ruling", "noted"), [("revoke", 0), ("uphold", 1)])
def test_a_review_changes_the_decision_and_the_ledger_at_once(
    office: Office, ruling: str, noted: int
) -> None:
    hold(office, "问〔2026〕1号", "2026-03-02")
    review = begin(office, reviewing(), "accountability_review_2019", "2026-03-10")
    panel = AdmitReviewApplication.model_validate({"panel": ["复核人甲", "复核人乙"]})
    office.perform(review, panel, request("2026-03-12"))
    decided = DecideReviewApplication(result=Ruling(ruling), explanation="重新查看全案")
    by = CLERK.model_copy(update={"id": "复核人甲"})
    asked = request("2026-03-30").model_copy(update={"by": by})
    office.perform(review, decided, asked)
    changed = found(office, "accountability", "问〔2026〕1号").done
    assert ("accountability.decision-changed", CHEN.id) in changed
    assert len(found(office, ImpactLedger.kind, CHEN.id).accountabilities) == noted


def test_a_second_review_waits_for_the_decision_of_the_first(office: Office) -> None:
    hold(office, "问〔2026〕1号", "2026-03-02")
    begin(office, reviewing(), "accountability_review_2019", "2026-03-10")
    again = reviewing(number="复〔2026〕2号", after="复〔2026〕1号", links=())
    refusal = refusal_of(lambda: begin(office, again, "accountability_review_2019", "2026-03-11"))
    assert refusal.code is Code.STEP_MISSING


# --- inquiries --------------------------------------------------------------------------------


def asking(number: str, *keys: str) -> OpenInquiry:
    return OpenInquiry(
        number=number,
        organ=CDI,
        subjects=(CHEN,),
        content_keys=keys,
        petition="检〔2026〕1号",
        vague=False,
    )


def test_a_second_inquiry_on_a_like_matter_is_found_from_the_ledger(office: Office) -> None:
    begin(office, asking("函〔2026〕1号", "工程招标"), "hubei_twelve_inquiry", "2026-03-02")
    refusal = refusal_of(
        lambda: begin(
            office,
            asking("函〔2026〕2号", "工程招标", "车辆"),
            "hubei_twelve_inquiry",
            "2026-05-06",
        )
    )
    assert (refusal.code, "函〔2026〕1号" in refusal.obstacle) == (Code.INQUIRY_REPEATED, True)
    begin(office, asking("函〔2026〕3号", "车辆"), "hubei_twelve_inquiry", "2026-05-06")


# --- risk filings -----------------------------------------------------------------------------


def filed(office: Office, agreed_on: str) -> None:
    filing = begin(
        office,
        SubmitRiskFiling(
            number="备〔2025〕1号",
            organ=CDI,
            subjects=(CHEN,),
            plan="先行供气",
            policy_gap="前置手续无处可办",
            risks=("证照不全",),
            collective_decision=paper("minutes", "会议纪要"),
        ),
        "yichang_risk_filing",
        "2025-11-03",
    )
    office.perform(filing, AgreeRiskFiling(), request(agreed_on))


def relying(office: Office, conduct_on: str) -> UUID:
    """A case on conduct of that day, in which the filing is offered as evidence."""
    opening = OpenAccountability(
        number=PROCEEDING,
        organ=INSPECTOR,
        subjects=(CHEN,),
        conduct_on=date.fromisoformat(conduct_on),
    )
    office.open_accountability(opening, request("2026-03-02"))
    return brought(office, verifying(RULEBOOK("yichang")))


LYING = acts.RecordEvidence(
    document=paper("risk_filing", "风险报备"),
    risk_filed=RiskFiled(number="备〔2025〕1号", answered_on=date(2020, 1, 1), agreed=True),
)


def test_a_filing_answers_for_itself_when_it_is_relied_on(office: Office) -> None:
    filed(office, "2025-11-10")
    case = relying(office, "2025-12-01")
    office.perform(case, LYING, request("2026-03-10"))
    (evidence,) = (
        each for each in history_of(office, case) if each.name() == "tolerance.evidence-recorded"
    )
    assert evidence.risk_filed.answered_on == date(2025, 11, 10)
    assert found(office, "risk_filing", "备〔2025〕1号").at == "used"


def test_a_filing_agreed_after_the_act_is_no_evidence_and_nothing_is_taken_down(
    office: Office, database: DatabaseAddress
) -> None:
    filed(office, "2025-12-02")
    case = relying(office, "2025-12-01")
    before = stored(database)
    refusal = refusal_of(lambda: office.perform(case, LYING, request("2026-03-10")))
    assert refusal.code is Code.RISK_FILING_UNUSABLE
    assert stored(database) == before


def history_of(office: Office, case: UUID) -> Iterator[Any]:
    store: EventStore = office._store
    yield from store.events.get(case)


# --- everything a kind has in common ----------------------------------------------------------


@pytest.mark.parametrize("kind", BY_NAME)
def test_every_kind_of_matter_is_a_matter(kind: str) -> None:
    assert issubclass(BY_NAME[kind], Matter)
    assert BY_NAME[kind].kind == kind


def test_an_act_of_another_kind_is_refused_and_nothing_is_taken_down(
    office: Office, database: DatabaseAddress
) -> None:
    case = lived(office, determined(HUBEI))
    notice = begin(office, rectifying(), "hubei_rectification", "2026-03-16")
    before = stored(database)
    on = "2026-04-10"
    plan = SubmitPlan(summary="方案")
    of_case = refusal_of(lambda: office.perform(case, plan, request(on)))
    of_notice = refusal_of(lambda: office.perform(notice, REVOKE, request(on)))
    assert of_case.code is of_notice.code is Code.NOT_PROVIDED
    assert stored(database) == before


def test_a_link_to_a_kind_there_is_none_of_is_refused(office: Office) -> None:
    case = lived(office, determined(HUBEI))
    link = Link(kind="praise", number="1号", relation=Relation.RELIES_ON)
    refusal = refusal_of(lambda: office.perform(case, LinkMatter(link=link), request("2026-03-17")))
    assert (refusal.code, "praise" in refusal.obstacle) == (Code.CASE_NOT_FOUND, True)


def test_no_act_is_taken_in_a_matter_there_is_none_of(office: Office) -> None:
    act: Act = SubmitPlan(summary="方案")
    refusal = refusal_of(
        lambda: office.perform(matter_id("rectification", "无"), act, request("2026-03-02"))
    )
    assert refusal.code is Code.CASE_NOT_FOUND
