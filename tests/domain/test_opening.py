"""How a case begins, on either track or both, and how it is returned, given up or handed on."""

from datetime import date

import pytest

from domain.aggregate import Act
from domain.law.policy import (
    Acceptance,
    ApplicantKind,
    ApplicationWindow,
    InForce,
    RequiredDocument,
    SelectedBy,
    Suspension,
    Track,
    Transition,
)
from domain.law.rules import Rules
from domain.obligations import State
from domain.refusals import Code
from domain.tolerance import acts
from domain.tolerance.particulars import Applicant, DeclineReason
from domain.tolerance.state import Stage
from tests.support.examples import (
    CDI,
    CLERK,
    CLOSE,
    GENERIC,
    HUBEI,
    INSPECTOR,
    PERSON,
    WUYANG,
    YOUXIAN,
    History,
    accept,
    accepted,
    application,
    applied,
    attach,
    check,
    checked,
    closed,
    defer,
    determine,
    file,
    go_on,
    had,
    join,
    matter,
    notify,
    on_notice,
    open_verification,
    paper,
    report,
    resume,
    review,
    send_back,
    start_ex_officio,
    suspend,
    verified,
    verifying,
    withdraw,
)
from tests.support.given import Story, given

BOTH = [Track.APPLICATION, Track.EX_OFFICIO]
BEGUN_BY_ORGAN = History(HUBEI).on("2026-03-04", start_ex_officio())
COMMITTEE = Applicant(id="a", kind=ApplicantKind.PARTY_COMMITTEE, label="某局党委")
PAPER = RequiredDocument(id="minutes", label="会议纪要", before="acceptance", article="第二条")


def in_force(since: str) -> InForce:
    return InForce(since=since, article=None, confirmed=True)


def take_over(*documents: str) -> acts.CompleteApplication:
    """The party committee takes the application over."""
    papers = tuple(paper(kind) for kind in documents)
    return acts.CompleteApplication(applicant=COMMITTEE, documents=papers)


def co_sign(organ: str, words: str = "同意", *, agrees: bool = True) -> acts.RecordCoSignature:
    return acts.RecordCoSignature(organ=organ, agrees=agrees, explanation=words)


# --- two tracks, one case ---------------------------------------------------------------------


def test_screening_and_application_on_one_day_are_one_case_on_both_tracks() -> None:
    story = given(BEGUN_BY_ORGAN).when(attach(), on="2026-03-04")
    story.then("tolerance.application-attached", applicant=PERSON)
    assert story.case.tracks == [Track.EX_OFFICIO, Track.APPLICATION]
    assert story.case.stage is Stage.ACCEPTED  # what the organ began waits for no acceptance


def test_the_organ_joins_a_case_that_was_applied_for() -> None:
    story = given(applied(HUBEI)).when(join())
    story.then("tolerance.ex-officio-joined")
    assert (story.case.tracks, story.case.track) == (BOTH, Track.APPLICATION)
    assert story.case.stage is Stage.APPLIED  # and is still to be accepted


def test_the_papers_of_an_attached_application_are_in_the_file() -> None:
    wants_paper = had(HUBEI, documents=(PAPER.model_copy(update={"before": "determination"}),))
    begun = History(wants_paper).on("2026-03-04", start_ex_officio())
    attached = acts.AttachApplication(applicant=PERSON, documents=(paper("minutes"),))
    assert given(begun.on("2026-03-05", attached)).case.documents == {"minutes"}


@pytest.mark.parametrize(
    ("history", "again"),
    [
        (applied(HUBEI).on("2026-03-05", accept()), attach()),
        (BEGUN_BY_ORGAN, join()),
        (BEGUN_BY_ORGAN.on("2026-03-05", attach()), attach()),
        (applied(HUBEI).on("2026-03-05", join()), join()),
    ],
    ids=["applied", "begun", "attached", "joined"],
)
def test_a_track_is_joined_once(history: History, again: Act) -> None:
    given(history).when(again).refused(Code.ALREADY_DONE, because="本案已有这一启动方式")


@pytest.mark.parametrize(
    ("rules", "article"), [(WUYANG, "第七条（一）"), (YOUXIAN, "第八条（一）")]
)
def test_no_track_is_joined_that_the_instrument_does_not_provide(
    rules: Rules, article: str
) -> None:
    given(applied(rules)).when(join()).refused(Code.TRACK_NOT_PROVIDED, article=article)


def test_where_one_may_not_apply_nothing_is_attached() -> None:
    organ_alone = had(HUBEI, tracks={Track.EX_OFFICIO: None})
    begun = History(organ_alone).on("2026-03-04", start_ex_officio())
    given(begun).when(attach()).refused(Code.TRACK_NOT_PROVIDED)
    given(History(organ_alone)).when(application(organ_alone), on="2026-03-04").refused(
        Code.TRACK_NOT_PROVIDED
    )


def test_an_application_not_yet_accepted_is_not_attached_to_itself() -> None:
    given(applied(HUBEI)).when(attach()).refused(Code.OUT_OF_STAGE, because="申请提出")


@pytest.mark.parametrize(
    "further",
    [
        (),
        (open_verification(),),
        (open_verification(), review(), check(HUBEI), report()),
    ],
    ids=["begun", "verifying", "verified"],
)
def test_until_the_decision_an_application_may_join_what_the_organ_began(
    further: tuple[Act, ...],
) -> None:
    story = given(BEGUN_BY_ORGAN.on("2026-03-05", *further))
    stage = story.case.stage
    story.when(attach()).then("tolerance.application-attached")
    assert story.case.stage is stage


NOT_BARRED = "attach_application asks nothing of who applies or how late: accept never will"


def test_what_would_bar_an_application_bars_attaching_it() -> None:
    wuyang = had(WUYANG, tracks=HUBEI.policy.tracks)
    begun = History(wuyang).on("2026-03-04", start_ex_officio())
    given(begun).when(attach()).refused(Code.WRONG_APPLICANT)


def test_nobody_begins_before_the_proceeding_is_opened() -> None:
    story = given(History(HUBEI)).when(start_ex_officio(), on="2026-03-01")
    story.refused(Code.DATE_BEFORE_LAST_ACT, because="启动问责之日 2026-03-02")
    story.when(start_ex_officio(), on="2026-03-02").then("tolerance.started-ex-officio")


# --- returned and completed -------------------------------------------------------------------


def test_what_is_missing_is_told_and_the_application_waits() -> None:
    asked = acts.ReturnForCompletion(missing=("会议纪要", "事实说明"))
    story = given(applied(WUYANG)).when(asked)
    story.then("tolerance.application-returned", missing=("会议纪要", "事实说明"))
    story.when(accept()).refused(Code.OUT_OF_STAGE, because="退回补正")


def test_a_completed_application_can_be_accepted() -> None:
    story = given(applied(WUYANG).on("2026-03-05", send_back()))
    story.when(acts.CompleteApplication()).then("tolerance.application-completed")
    story.when(accept()).then("tolerance.accepted")


def test_an_application_may_be_returned_more_than_once() -> None:
    once = applied(WUYANG).on("2026-03-05", send_back(), acts.CompleteApplication())
    given(once).when(send_back()).then("tolerance.application-returned")


def test_completing_does_not_make_a_timely_application_late() -> None:
    in_time = applied(WUYANG, on="2026-03-11").on("2026-03-11", send_back())  # the seventh day
    story = given(in_time).when(acts.CompleteApplication(), on="2026-04-30")
    story.when(accept()).then("tolerance.accepted")


@pytest.mark.parametrize(
    ("day", "late"), [("2026-03-10", False), ("2026-03-11", False), ("2026-03-12", True)]
)
def test_where_the_cadre_applied_the_committee_may_cure_it_inside_the_window(
    day: str, late: bool
) -> None:
    story = given(applied(WUYANG, applicant=PERSON)).when(accept())
    story.refused(Code.WRONG_APPLICANT, article="第七条（一）")
    story.when(send_back(), on="2026-03-05").when(take_over(), on=day)
    story.then("tolerance.application-completed", applicant=COMMITTEE)
    story.when(accept(), on="2026-03-20")
    if late:
        story.refused(Code.LATE, because=f"已于 2026-03-11 届满，申请日为 {day}")
    else:
        story.then("tolerance.accepted")


def test_a_wrong_applicant_is_not_cured_by_papers() -> None:
    returned = applied(WUYANG, applicant=PERSON).on("2026-03-05", send_back())
    story = given(returned).when(acts.CompleteApplication(documents=(paper("minutes"),)))
    story.when(accept()).refused(Code.WRONG_APPLICANT)


# --- papers -----------------------------------------------------------------------------------


@pytest.mark.parametrize("rules", [WUYANG, YOUXIAN], ids=["wuyang", "youxian"])
def test_without_the_application_in_writing_nothing_is_accepted(rules: Rules) -> None:
    story = given(applied(rules, documents=())).when(accept())
    story.refused(
        Code.DOCUMENT_MISSING,
        because="书面申请（application）",
        article=rules.policy.documents[0].article,
    )


def test_every_missing_paper_is_told() -> None:
    wants_two = had(WUYANG, documents=(*WUYANG.policy.documents, PAPER))
    story = given(applied(wants_two, documents=())).when(accept())
    story.refused(Code.DOCUMENT_MISSING, because="书面申请（application）、会议纪要（minutes）")


@pytest.mark.parametrize(
    "how",
    [
        [send_back(), acts.CompleteApplication(documents=(paper("application"),))],
        [send_back(), take_over("application")],
        [acts.RecordEvidence(document=paper("application"))],
    ],
    ids=["completed", "taken over", "recorded"],
)
def test_a_missing_paper_comes_later(how: list[Act]) -> None:
    history = applied(WUYANG, documents=()).on("2026-03-05", *how)
    given(history).when(accept()).then("tolerance.accepted")


def test_another_paper_does_not_stand_for_the_one_that_is_wanted() -> None:
    story = given(applied(WUYANG, documents=(paper("minutes"),)))
    story.when(accept()).refused(Code.DOCUMENT_MISSING)


def test_a_paper_for_the_determination_is_not_wanted_at_the_acceptance() -> None:
    later = PAPER.model_copy(update={"before": "determination"})
    wants_later = had(HUBEI, documents=(later,))
    given(applied(wants_later, documents=())).when(accept()).then("tolerance.accepted")


# --- bars -------------------------------------------------------------------------------------

CLOSES_ON_DECISION = ApplicationWindow(
    amount=None, unit=None, closes_on_decision=True, article="第七条（一）", confirmed=True
)
UNTIL_DECIDED = had(
    HUBEI, application=HUBEI.policy.application.model_copy(update={"window": CLOSES_ON_DECISION})
)


@pytest.mark.parametrize(
    ("applied_on", "late"), [("2026-03-30", False), ("2026-03-31", False), ("2026-04-01", True)]
)
def test_where_the_decision_closes_the_window_one_applies_until_its_day(
    applied_on: str, late: bool
) -> None:
    decided = matter(decided_on="2026-03-31")
    story = given(applied(UNTIL_DECIDED, on=applied_on, matter=decided)).when(accept())
    if late:
        story.refused(Code.LATE, because="问责决定已于 2026-03-31 作出", article="第七条（一）")
    else:
        story.then("tolerance.accepted")


def test_where_nothing_closes_the_window_one_applies_after_the_decision() -> None:
    decided = matter(decided_on="2026-03-31")
    given(applied(HUBEI, on="2026-04-01", matter=decided)).when(accept()).then("tolerance.accepted")


def test_before_any_decision_the_window_is_open() -> None:
    given(applied(UNTIL_DECIDED, on="2030-01-02")).when(accept()).then("tolerance.accepted")


EXCLUDING = Transition(
    rule="excludes_prior_accountability",
    selected_by=SelectedBy.APPLICATION,
    article="第二十一条",
    confirmed=True,
)


@pytest.mark.parametrize(
    ("since", "opened_on", "barred"),
    [
        ("2017-06-27", "2017-06-26", True),
        ("2017-06-27", "2017-06-27", False),
        ("2017-06-27", "2017-06-28", False),
        ("2017-06", "2017-05-31", True),  # only the month is known: its first day is meant
        ("2017-06", "2017-06-01", False),
    ],
)
def test_what_was_opened_before_the_entry_into_force_is_excluded_to_the_day(
    since: str, opened_on: str, barred: bool
) -> None:
    rules = had(YOUXIAN, transition=EXCLUDING, in_force=in_force(since))
    story = given(applied(rules, on="2017-07-03", matter=matter(opened_on))).when(accept())
    if barred:
        story.refused(Code.PRE_ENTRY_INTO_FORCE, because=opened_on, article="第二十一条")
    else:
        story.then("tolerance.accepted")


# --- co-signature -----------------------------------------------------------------------------


def test_a_recorded_co_signature_is_one() -> None:
    history = applied(YOUXIAN).on("2026-03-05", co_sign(INSPECTOR.id))
    given(history).when(acts.Accept()).then("tolerance.accepted")


def test_the_agreement_of_another_organ_is_not_the_one_that_is_wanted() -> None:
    history = applied(YOUXIAN).on("2026-03-05", co_sign("somebody"))
    given(history).when(acts.Accept()).refused(Code.CO_SIGNATURE_MISSING, article="第八条（二）")


def test_where_one_organ_refuses_nothing_is_accepted() -> None:
    history = applied(YOUXIAN).on("2026-03-05", co_sign(INSPECTOR.id, "事实不清", agrees=False))
    given(history).when(accept()).refused(
        Code.CO_SIGNATURE_REFUSED, because="inspector 不同意：事实不清", article="第八条（二）"
    )


def test_the_reasons_of_every_organ_that_refuses_are_told_and_kept() -> None:
    refused = [
        co_sign(INSPECTOR.id, "事实不清", agrees=False),
        co_sign("org-dept", "已在提拔考察", agrees=False),
        co_sign("finance"),
    ]
    story = given(applied(YOUXIAN).on("2026-03-05", *refused)).when(accept())
    story.refused(Code.CO_SIGNATURE_REFUSED, because="事实不清；org-dept 不同意：已在提拔考察")
    declined = acts.Decline(because=DeclineReason.CO_SIGNATURE_REFUSED, explanation="会签未成")
    story.when(declined).then("tolerance.acceptance-refused", explanation="会签未成")
    kept = story.case.co_signatures.values()
    story.then("tolerance.acceptance-refused", co_signatures=tuple(kept))
    assert [(each.organ, each.agrees) for each in kept] == [
        (INSPECTOR.id, False),
        ("org-dept", False),
        ("finance", True),
    ]


def test_an_organ_that_refused_may_change_its_mind() -> None:
    refused = co_sign(INSPECTOR.id, "事实不清", agrees=False)
    history = applied(YOUXIAN).on("2026-03-05", refused, co_sign(INSPECTOR.id, "事实已清"))
    given(history).when(acts.Accept()).then("tolerance.accepted")


def test_where_no_co_signature_is_wanted_a_refusal_that_was_given_still_counts() -> None:
    history = applied(WUYANG).on("2026-03-05", co_sign("org-dept", "不同意", agrees=False))
    given(history).when(acts.Accept()).refused(Code.CO_SIGNATURE_REFUSED)


def test_where_the_instrument_begins_to_want_a_co_signature_it_is_wanted() -> None:
    wanting = Acceptance(by=None, co_signed_by_accountability_organ=True, article="第三条")
    given(applied(had(HUBEI, acceptance=wanting))).when(acts.Accept()).refused(
        Code.CO_SIGNATURE_MISSING, article="第三条"
    )


# --- declined ---------------------------------------------------------------------------------


@pytest.mark.parametrize("reason", DeclineReason)
def test_each_reason_to_decline_answers_the_applicant(reason: DeclineReason) -> None:
    story = given(applied(YOUXIAN)).when(acts.Decline(because=reason, explanation="见附件"))
    story.then("tolerance.acceptance-refused", because=reason, co_signatures=())
    assert story.case.stage is Stage.DECLINED
    assert not story.case.is_open


def test_an_application_never_completed_is_declined_while_it_waits() -> None:
    incomplete = acts.Decline(because=DeclineReason.INCOMPLETE, explanation="逾期未补正")
    story = given(applied(YOUXIAN).on("2026-03-05", send_back())).when(incomplete)
    story.then("tolerance.acceptance-refused", because=DeclineReason.INCOMPLETE)


# --- withdrawn --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("history", "goes_on_at"),
    [
        (applied(HUBEI), Stage.ACCEPTED),  # the organ's own track needs no acceptance
        (applied(HUBEI).on("2026-03-05", send_back()), Stage.ACCEPTED),
        (accepted(HUBEI), Stage.ACCEPTED),
        (verifying(HUBEI), Stage.VERIFYING),
        (verified(HUBEI), Stage.VERIFIED),
        (on_notice(had(YOUXIAN, tracks=HUBEI.policy.tracks)), Stage.ON_NOTICE),
    ],
    ids=["applied", "returned", "accepted", "verifying", "verified", "on notice"],
)
def test_a_withdrawn_case_is_continued_by_the_organ_from_where_it_was(
    history: History, goes_on_at: Stage
) -> None:
    story = given(history).when(withdraw()).then("tolerance.application-withdrawn")
    assert (story.case.stage, story.case.is_open) == (Stage.WITHDRAWN, False)
    story.when(go_on()).then("tolerance.continued-ex-officio")
    assert (story.case.stage, story.case.tracks) == (goes_on_at, [Track.EX_OFFICIO])


@pytest.mark.parametrize(
    ("history", "goes_on_at"),
    [
        (applied(HUBEI).on("2026-03-05", join()), Stage.ACCEPTED),
        (applied(HUBEI).on("2026-03-05", join(), send_back()), Stage.ACCEPTED),
        (BEGUN_BY_ORGAN.on("2026-03-05", attach()), Stage.ACCEPTED),
        (BEGUN_BY_ORGAN.on("2026-03-05", open_verification(), attach()), Stage.VERIFYING),
    ],
    ids=["joined", "joined and returned", "attached", "attached while verifying"],
)
def test_a_case_on_both_tracks_goes_on_by_the_organs_own_when_the_application_is_withdrawn(
    history: History, goes_on_at: Stage
) -> None:
    story = given(history).when(withdraw()).then("tolerance.application-withdrawn")
    assert (story.case.stage, story.case.tracks) == (goes_on_at, [Track.EX_OFFICIO])
    story.when(go_on()).refused(Code.OUT_OF_STAGE)  # nothing was given up


def test_a_continued_case_can_be_carried_to_its_end() -> None:
    continued = checked(HUBEI).on("2026-03-11", withdraw(), go_on(), report())
    story = given(continued).when(acts.RecordOpinion(organ="组织部", opinion="同意"))
    story.when(determine()).then("tolerance.determined")


def test_a_withdrawn_case_stands_still() -> None:
    story = given(accepted(HUBEI).on("2026-03-09", withdraw()))
    story.when(open_verification()).refused(Code.OUT_OF_STAGE, because="申请撤回")
    story.when(withdraw()).refused(Code.OUT_OF_STAGE)


@pytest.mark.parametrize("rules", [WUYANG, YOUXIAN], ids=["wuyang", "youxian"])
def test_where_the_organ_has_no_track_of_its_own_a_withdrawal_is_the_end(rules: Rules) -> None:
    story = given(applied(rules).on("2026-03-05", withdraw())).when(go_on())
    story.refused(Code.TRACK_NOT_PROVIDED, because=rules.policy.name)


def test_where_nobody_applied_nothing_is_withdrawn() -> None:
    given(BEGUN_BY_ORGAN).when(withdraw()).refused(Code.TRACK_NOT_PROVIDED, because="没有申请可撤")


def test_what_was_withdrawn_is_not_withdrawn_again_once_the_organ_goes_on() -> None:
    story = given(accepted(HUBEI).on("2026-03-09", withdraw(), go_on()))
    story.when(withdraw()).refused(Code.TRACK_NOT_PROVIDED)


# --- transferred ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "history",
    [applied(WUYANG), accepted(WUYANG), verifying(WUYANG), verified(WUYANG)],
    ids=["applied", "accepted", "verifying", "verified"],
)
def test_a_transfer_changes_who_handles_the_case_and_not_where_it_stands(history: History) -> None:
    story = given(history)
    stage = story.case.stage
    story.when(acts.Transfer(to=INSPECTOR, explanation="按管理权限"))
    story.then("tolerance.transferred", to=INSPECTOR)
    assert (story.case.organ, story.case.stage) == (INSPECTOR, stage)


def test_duties_opened_after_a_transfer_are_those_of_the_new_organ() -> None:
    handed_on = applied(WUYANG).on(
        "2026-03-05", acts.Transfer(to=INSPECTOR, explanation="按管理权限")
    )
    story = given(handed_on).when(accept())
    assert {each.obligation.organ for each in story.case.obligations} == {INSPECTOR.id}


def test_a_case_is_not_transferred_to_where_it_is() -> None:
    here = acts.Transfer(to=CDI, explanation="按管理权限")
    there = acts.Transfer(to=INSPECTOR, explanation="按管理权限")
    story = given(applied(WUYANG)).when(here)
    story.refused(Code.ALREADY_DONE, because="本来就由 某县纪委监委 办理")
    story.when(there).then("tolerance.transferred")
    story.when(there).refused(Code.ALREADY_DONE, because="某巡察办")
    story.when(here).then("tolerance.transferred", to=CDI)


# --- suspended --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "history",
    [accepted(GENERIC), verifying(GENERIC), verified(GENERIC)],
    ids=["accepted", "verifying", "verified"],
)
def test_a_suspended_case_is_taken_up_where_it_was(history: History) -> None:
    story = given(history)
    stage = story.case.stage
    story.when(suspend()).then("tolerance.suspended")
    assert (story.case.stage, story.case.is_open) == (Stage.SUSPENDED, True)
    story.when(resume(), on="2026-06-01").then("tolerance.resumed")
    assert story.case.stage is stage


def test_a_suspended_case_stands_still() -> None:
    story = given(verifying(GENERIC).on("2026-03-10", suspend()))
    story.when(review()).refused(Code.OUT_OF_STAGE, because="中止办理")
    story.when(suspend()).refused(Code.OUT_OF_STAGE)


@pytest.mark.parametrize("rules", [HUBEI, WUYANG, YOUXIAN], ids=["hubei", "wuyang", "youxian"])
def test_no_suspension_where_the_instrument_knows_none(rules: Rules) -> None:
    given(accepted(rules)).when(suspend()).refused(Code.NOT_PROVIDED, because=rules.policy.name)


def test_an_application_not_yet_answered_is_not_suspended() -> None:
    given(applied(GENERIC)).when(suspend()).refused(Code.OUT_OF_STAGE)


def test_a_suspension_cites_its_article() -> None:
    rules = had(WUYANG, suspension=Suspension(article="第四条", confirmed=True))
    story = given(accepted(rules)).when(suspend())
    assert story.news[0].envelope.articles == ("第四条",)


# --- another edition --------------------------------------------------------------------------

SECOND = had(  # the same instrument, revised: the answer is due within three working days
    WUYANG,
    edition=2,
    deadlines=tuple(
        each.model_copy(update={"amount": 3, "qualifier": "must"}) if each.amount == 30 else each
        for each in WUYANG.policy.deadlines
    ),
)


def repin(to: Rules = SECOND) -> acts.Repin:
    return acts.Repin(policy=to.policy.reference, explanation="新办法从轻")


def over_to_second(history: History) -> Story:
    story = given(history)
    story.rules = SECOND
    return story


def test_a_case_goes_over_to_another_edition_on_somebodys_authority() -> None:
    story = over_to_second(verifying(WUYANG)).when(repin(), authority="会议纪要3号")
    story.then("tolerance.edition-repinned", before="wuyang_2017.1", after="wuyang_2017.2")
    assert story.case.policy == "wuyang_2017.2"
    assert story.case.stage is Stage.VERIFYING


def test_without_authority_no_case_goes_over() -> None:
    over_to_second(verifying(WUYANG)).when(repin()).refused(
        Code.REASON_MISSING, because="没有批准文号"
    )


def test_a_case_does_not_go_over_to_the_edition_it_stands_on() -> None:
    story = given(verifying(WUYANG)).when(repin(WUYANG), authority="会议纪要3号")
    story.refused(Code.ALREADY_DONE, because="wuyang_2017.1")


def test_what_was_done_keeps_the_old_edition_and_what_follows_has_the_new() -> None:
    story = over_to_second(checked(WUYANG))
    story.when(repin(), authority="会议纪要3号").when(report()).when(determine())
    editions = {each.name(): each.envelope.policy for each in story.recorded}
    assert editions["tolerance.list-checked"] == "wuyang_2017.1"
    assert editions["tolerance.edition-repinned"] == "wuyang_2017.2"
    assert editions["tolerance.verification-reported"] == "wuyang_2017.2"
    assert editions["tolerance.determined"] == "wuyang_2017.2"


def test_a_duty_opened_under_the_old_edition_stays_as_it_was_computed() -> None:
    story = over_to_second(verifying(WUYANG).on("2026-03-10", defer()))
    before = [each.obligation for each in story.case.obligations]
    story.when(repin(), authority="会议纪要3号")
    assert [each.obligation for each in story.case.obligations] == before


def test_a_duty_opened_under_the_new_edition_is_computed_by_it() -> None:
    story = over_to_second(verifying(WUYANG)).when(repin(), authority="会议纪要3号")
    story.when(defer(), on="2026-03-10")
    deferral = story.case.obligations.standings["deferral-1"].obligation
    assert deferral.due_on == date(2026, 3, 13)


def test_a_decided_case_goes_over_no_more() -> None:
    story = over_to_second(closed(WUYANG)).when(repin(), authority="会议纪要3号")
    story.refused(Code.OUT_OF_STAGE)


def test_a_duty_the_new_edition_does_not_know_ends() -> None:
    fewer = [each for each in WUYANG.policy.deadlines if each.id != "answer"]
    story = given(verified(WUYANG))
    story.rules = had(WUYANG, edition=2, deadlines=tuple(fewer))
    story.when(repin(story.rules), authority="会议纪要3号")
    assert story.case.obligations.standings["answer-1"].state is State.LAPSED
    story.when(determine()).when(notify()).when(file()).when(CLOSE).then("tolerance.closed")


# --- who acts ---------------------------------------------------------------------------------


def test_whoever_opens_a_case_has_handled_it() -> None:
    assert given(applied(WUYANG)).case.handlers == {CLERK.id}
