"""What others say before a case is decided: opinions, consultation, committee, public notice."""

from datetime import date, time

import pytest

from domain.law.outcomes import Outcome
from domain.law.policy import Consultation, Quorum, Step
from domain.law.rules import Rules
from domain.refusals import Code
from domain.tolerance import acts
from domain.tolerance.particulars import Seat, View, Voice
from domain.tolerance.state import Stage
from tests.support.examples import (
    CHEN,
    CLOSE_NOTICE,
    GENERIC,
    HUBEI,
    JINGMEN,
    NOBODY,
    QIAN,
    WUYANG,
    YOUXIAN,
    ZHAO,
    History,
    checked,
    determine,
    had,
    objection,
    on_notice,
    open_notice,
    report,
    requiring,
    resolve,
    restart,
    verified,
    verifying,
)
from tests.support.given import Story, given

# --- opinions ---------------------------------------------------------------------------------


def ask(organ: str = "组织部") -> acts.RequestOpinion:
    return acts.RequestOpinion(organ=organ, question="是否适用容错")


def answer(item: int | None, organ: str = "组织部") -> acts.RecordOpinion:
    return acts.RecordOpinion(organ=organ, opinion="同意", item=item)


ASKED_TWICE = verifying(WUYANG).on("2026-03-10", ask("组织部"), ask("财政局"))


def test_requests_for_an_opinion_are_numbered() -> None:
    story = given(verifying(WUYANG))
    story.when(ask("组织部")).then("tolerance.opinion-requested", item=1, organ="组织部")
    story.when(ask("财政局")).then("tolerance.opinion-requested", item=2, organ="财政局")


def test_the_number_of_an_answered_request_is_not_given_again() -> None:
    story = given(ASKED_TWICE.on("2026-03-11", answer(2, "财政局"), answer(1)))
    story.when(ask()).then("tolerance.opinion-requested", item=3)


def test_an_opinion_answers_the_request_it_names() -> None:
    story = given(ASKED_TWICE).when(answer(2, "财政局"))
    story.then("tolerance.opinion-received", item=2)
    assert story.case.requests == {1: "组织部"}


def test_an_opinion_may_come_unasked() -> None:
    story = given(ASKED_TWICE).when(answer(None)).then("tolerance.opinion-received", item=None)
    assert story.case.requests == {1: "组织部", 2: "财政局"}


@pytest.mark.parametrize("item", [0, 3, -1])
def test_an_opinion_answers_only_what_was_asked(item: int) -> None:
    story = given(ASKED_TWICE).when(answer(item))
    story.refused(Code.UNKNOWN_REQUEST, because=f"没有等待答复的第 {item} 次")
    assert story.refusal is not None
    assert "第 1 次（组织部）、第 2 次（财政局）" in story.refusal.way_out


def test_a_request_is_answered_once() -> None:
    story = given(ASKED_TWICE.on("2026-03-11", answer(1), answer(2, "财政局"))).when(answer(1))
    story.refused(Code.UNKNOWN_REQUEST, because="第 1 次")
    assert story.refusal is not None
    assert "没有函请过的" in story.refusal.way_out


def test_asking_is_not_yet_having_been_answered() -> None:
    story = given(checked(HUBEI).on("2026-03-11", report(), ask()))
    story.when(determine()).refused(Code.STEP_MISSING, because="还没有征求意见")
    story.when(answer(1)).when(determine()).then("tolerance.determined")


# --- consultation -----------------------------------------------------------------------------


def consult(*organs: str, voices: tuple[Voice, ...] | None = None) -> acts.HoldConsultation:
    return acts.HoldConsultation(organs=organs, conclusion="一致同意", voices=voices)


def consulting(*organs: str, at_least: int | None = None) -> Rules:
    """Had the instrument named who takes part, and how many."""
    consultation = Consultation(
        organs=organs,
        quorum=Quorum(at_least=at_least, carried_by=None),
        article="第六条",
        confirmed=True,
    )
    return had(HUBEI, consultation=consultation)


@pytest.mark.parametrize(
    ("present", "absent"),
    [
        (("组织部", "财政局"), None),
        (("审计局", "财政局", "组织部"), None),
        (("组织部", "审计局"), "财政局没有参加"),
        (("审计局",), "组织部、财政局没有参加"),
    ],
)
def test_the_organs_the_instrument_names_take_part(
    present: tuple[str, ...], absent: str | None
) -> None:
    story = given(verifying(consulting("组织部", "财政局"))).when(consult(*present))
    if absent is None:
        story.then("tolerance.joint-consultation-held", organs=present)
    else:
        story.refused(Code.QUORUM_MISSING, because=absent)


@pytest.mark.parametrize(
    ("present", "enough"),
    [
        (("组织部", "财政局"), False),
        (("组织部", "财政局", "财政局"), False),
        (("组织部", "财政局", "审计局"), True),
        (("组织部", "财政局", "审计局", "司法局"), True),
    ],
    ids=["two", "one of them twice", "three", "four"],
)
def test_a_consultation_has_its_quorum(present: tuple[str, ...], enough: bool) -> None:
    story = given(verifying(consulting(at_least=3))).when(consult(*present))
    if enough:
        story.then("tolerance.joint-consultation-held")
    else:
        story.refused(Code.QUORUM_MISSING, because="到会 2 个，须不少于 3 个", article="第六条")


@pytest.mark.parametrize("rules", [HUBEI, WUYANG], ids=["nothing stated", "no consultation"])
def test_where_nothing_is_stated_any_organs_may_consult(rules: Rules) -> None:
    given(verifying(rules)).when(consult("审计局")).then(
        "tolerance.joint-consultation-held", voices=()
    )


def test_a_dissent_is_kept_with_its_words() -> None:
    voices = (
        Voice(of="组织部", view=View.AGREES),
        Voice(of="财政局", view=View.DISAGREES, words="损失尚未核定"),
    )
    given(verifying(HUBEI)).when(consult("组织部", "财政局", voices=voices)).then(
        "tolerance.joint-consultation-held", voices=voices
    )


# --- the committee ----------------------------------------------------------------------------

MEMBERS = ("周某", "吴某", "郑某", "王某", "冯某", "孙某")


def committee(carried_by: str | None = None, at_least: int | None = None, *seats: str) -> Rules:
    """Had the instrument a committee with these rules of voting."""
    quorum = Quorum.model_validate({"at_least": at_least, "carried_by": carried_by})
    changes = {"quorum": quorum, "seats": seats, "article": "第八条"}
    known = JINGMEN.policy.committee
    assert known is not None
    return had(GENERIC, committee=known.model_copy(update=changes))


def assemble(*circles: str) -> acts.AssembleCommittee:
    """One member for each of these circles."""
    seated = zip(MEMBERS, circles, strict=False)
    return acts.AssembleCommittee(
        seats=tuple(Seat(member=member, stands_for=circle) for member, circle in seated)
    )


def vote(views: str, subject: str = CHEN.id) -> acts.RecordCommitteeVote:
    """`++-0`: two agree, one disagrees, one reserves his view."""
    each = {"+": View.AGREES, "-": View.DISAGREES, "0": View.RESERVES}
    voices = tuple(
        Voice(of=member, view=each[view]) for member, view in zip(MEMBERS, views, strict=False)
    )
    return acts.RecordCommitteeVote(subject=subject, outcome=Outcome.EXEMPTION, voices=voices)


def seated(rules: Rules) -> History:
    return verifying(rules).on("2026-03-10", assemble(*["群众代表"] * len(MEMBERS)))


def test_the_committee_is_of_the_circles_the_instrument_names() -> None:
    story = given(verifying(JINGMEN)).when(assemble("法律人士", "媒体"))
    story.then("tolerance.committee-assembled")
    assert story.case.seats == {"周某": "法律人士", "吴某": "媒体"}


def test_a_circle_without_a_seat_is_refused() -> None:
    story = given(verifying(JINGMEN)).when(assemble("法律人士", "商会"))
    story.refused(Code.UNKNOWN_ITEM, because="没有商会的席位")
    assert story.refusal is not None
    assert "利益关联方代表" in story.refusal.way_out


def test_where_no_seats_are_named_any_circle_may_sit() -> None:
    given(verifying(GENERIC)).when(assemble("商会")).then("tolerance.committee-assembled")


@pytest.mark.parametrize("rules", [HUBEI, WUYANG, YOUXIAN], ids=["hubei", "wuyang", "youxian"])
def test_no_committee_where_the_instrument_knows_none(rules: Rules) -> None:
    story = given(verifying(rules))
    story.when(assemble("媒体")).refused(Code.NOT_PROVIDED, because=rules.policy.name)
    story.when(vote("+")).refused(Code.NOT_PROVIDED, because=rules.policy.name)


def test_nobody_votes_before_the_committee_is_assembled() -> None:
    given(verifying(JINGMEN)).when(vote("++")).refused(
        Code.STEP_MISSING, because="容错减责评估委员会尚未组成"
    )


def test_only_members_vote() -> None:
    story = given(verifying(JINGMEN).on("2026-03-10", assemble("法律人士", "媒体")))
    story.when(vote("+++-")).refused(Code.UNKNOWN_ITEM, because="郑某、王某不是评估委员会的成员")


@pytest.mark.parametrize(("views", "enough"), [("++", False), ("+++", True), ("+-0", True)])
def test_a_vote_has_its_quorum(views: str, enough: bool) -> None:
    story = given(seated(committee("half", 3))).when(vote(views))
    if enough:
        story.then("tolerance.committee-voted")
    else:
        story.refused(Code.QUORUM_MISSING, because="到会 2 个", article="第八条")


@pytest.mark.parametrize(
    ("carried_by", "views", "carried"),
    [
        ("half", "++--", False),  # half is not more than half
        ("half", "+++--", True),
        ("half", "++00", False),  # whoever reserves his view does not agree
        ("half", "++0", True),
        ("half", "------", False),
        ("two_thirds", "+++---", False),
        ("two_thirds", "++++--", True),  # two thirds are two thirds
        ("two_thirds", "+++--", False),
        ("two_thirds", "++0", True),
        ("two_thirds", "++++++", True),
        (None, "++++++", None),  # no source tells what carries
        (None, "------", None),
    ],
)
def test_whether_a_vote_is_carried(
    carried_by: str | None, views: str, carried: bool | None
) -> None:
    given(seated(committee(carried_by))).when(vote(views)).then(
        "tolerance.committee-voted", carried=carried
    )


def test_the_vote_of_each_member_is_kept() -> None:
    asked = vote("+-0")
    story = given(seated(committee("half"))).when(asked)
    story.then("tolerance.committee-voted", voices=asked.voices, outcome=Outcome.EXEMPTION)


def test_the_vote_concerns_a_subject_not_yet_decided() -> None:
    history = seated(GENERIC)
    given(history).when(vote("+", NOBODY)).refused(Code.UNKNOWN_SUBJECT, because=NOBODY)
    decided = verified(GENERIC, CHEN, ZHAO).on("2026-03-12", assemble("媒体"), determine(CHEN))
    given(decided).when(vote("+")).refused(Code.ALREADY_DONE, because="对 陈某，「认定」已于")


def test_the_committee_advises_and_does_not_decide() -> None:
    story = given(verified(committee("half")).on("2026-03-12", assemble("媒体"), vote("-")))
    story.when(determine()).then("tolerance.determined", outcome=Outcome.EXEMPTION)


TWO_VOICES = "one member's two voices count as two votes"


def test_a_member_has_one_voice() -> None:
    twice = vote("+-").model_copy(
        update={
            "voices": (*vote("+-").voices, Voice(of=MEMBERS[0], view=View.AGREES)),
        }
    )
    story = given(seated(committee("half"))).when(twice)
    assert story.refusal is not None


# --- the notice of each subject ---------------------------------------------------------------


def uphold(*changes: str) -> acts.ResolveObjection:
    """An objection upheld, and whose intended treatment it changes."""
    return resolve(resolution="upheld", explanation="情况属实", changes=changes)


TWO_ON_NOTICE = on_notice(YOUXIAN, CHEN, ZHAO)  # to 2026-05-11
CHANGED = TWO_ON_NOTICE.on("2026-05-07", objection(subject=CHEN.id), uphold(CHEN.id))
RENEWED = CHANGED.on("2026-05-07", restart())  # seven working days more: to 2026-05-15


def restarting(restart: str, rules: Rules = YOUXIAN) -> Rules:
    """Had the instrument said otherwise whose notice begins again."""
    assert rules.policy.public_notice is not None
    changed = rules.policy.public_notice.model_copy(update={"restart": restart})
    return had(rules, public_notice=changed)


def standing(story: Story) -> dict[str, tuple[date, bool]]:
    """Subject → the last day of the notice, and whether it is closed."""
    return {
        id_: (file.notice.ends_on, file.notice.closed)
        for id_, file in story.case.files.items()
        if file.notice
    }


def test_the_notice_is_of_every_subject_still_to_be_decided() -> None:
    decided = verified(YOUXIAN, CHEN, ZHAO).on("2026-03-12", determine(ZHAO))
    assert standing(given(decided).when(open_notice())).keys() == {CHEN.id}


def test_an_objection_concerns_the_case_or_one_of_its_subjects() -> None:
    story = given(TWO_ON_NOTICE)
    story.when(objection()).then("tolerance.objection-raised", subject=None)
    story.when(objection(subject=ZHAO.id)).then("tolerance.objection-raised", subject=ZHAO.id)
    story.when(objection(subject=NOBODY)).refused(Code.UNKNOWN_SUBJECT, because=NOBODY)


def test_what_an_objection_changes_is_published_anew_before_anything_is_closed() -> None:
    given(CHANGED).when(CLOSE_NOTICE, on="2026-05-12").refused(
        Code.NOTICE_RESTART_MISSING, because="改变了对陈某的意见", article="第八条（三）"
    )


def test_the_renewed_notice_runs_its_whole_time_for_that_subject_alone() -> None:
    story = given(CHANGED).when(restart(), on="2026-05-07")
    story.then("tolerance.public-notice-restarted", subject=CHEN.id, ends_on=date(2026, 5, 15))
    assert story.news[0].envelope.calendars == ("2026.1",)
    assert standing(story) == {
        CHEN.id: (date(2026, 5, 15), False),
        ZHAO.id: (date(2026, 5, 11), False),
    }


def test_closing_closes_those_whose_time_is_over() -> None:
    story = given(RENEWED).when(CLOSE_NOTICE, on="2026-05-12")
    story.then("tolerance.public-notice-closed", subjects=(ZHAO.id,))
    story.when(CLOSE_NOTICE, on="2026-05-15").refused(Code.NOTICE_RUNNING, because="2026-05-15")
    story.when(CLOSE_NOTICE, on="2026-05-16").then(
        "tolerance.public-notice-closed", subjects=(CHEN.id,)
    )
    assert story.case.stage is Stage.NOTICED


def test_whose_notice_is_over_is_determined_while_anothers_still_runs() -> None:
    story = given(RENEWED.on("2026-05-12", CLOSE_NOTICE))
    story.when(determine(CHEN)).refused(Code.NOTICE_RUNNING, because="2026-05-15 届满")
    story.when(determine(ZHAO)).then("tolerance.determined", subject=ZHAO.id)
    story.when(CLOSE_NOTICE, on="2026-05-16").then("tolerance.public-notice-closed")
    story.when(determine(CHEN)).then("tolerance.determined")
    assert story.case.stage is Stage.DETERMINED


PER_CASE = "the step 公示 counts as taken only when the notices of all are closed"


def test_where_the_notice_is_required_it_is_required_of_each_subject_alone() -> None:
    rules = requiring(YOUXIAN, Step.PUBLIC_NOTICE)
    renewed = on_notice(rules, CHEN, ZHAO).on("2026-05-07", *(act for _, act in RENEWED.steps[-3:]))
    story = given(renewed.on("2026-05-12", CLOSE_NOTICE))
    story.when(determine(ZHAO)).then("tolerance.determined", subject=ZHAO.id)


def test_a_notice_is_closed_for_the_subjects_named() -> None:
    one = acts.ClosePublicNotice(subjects=(ZHAO.id,))
    story = given(TWO_ON_NOTICE).when(one, on="2026-05-12")
    story.then("tolerance.public-notice-closed", subjects=(ZHAO.id,))
    assert standing(story)[CHEN.id] == (date(2026, 5, 11), False)


@pytest.mark.parametrize(
    "named", [(CHEN.id,), (CHEN.id, ZHAO.id)], ids=["running", "one running, one over"]
)
def test_a_notice_that_runs_is_not_closed_by_naming_it(named: tuple[str, ...]) -> None:
    story = given(RENEWED).when(acts.ClosePublicNotice(subjects=named), on="2026-05-12")
    story.refused(Code.NOTICE_RUNNING, because="公示期至 2026-05-15 届满")


def test_naming_no_subject_of_the_case_closes_no_notice() -> None:
    story = given(RENEWED).when(acts.ClosePublicNotice(subjects=(NOBODY,)), on="2026-05-12")
    story.refused(Code.UNKNOWN_SUBJECT, because=NOBODY)


def test_naming_a_subject_whose_notice_is_closed_closes_no_other() -> None:
    closed = RENEWED.on("2026-05-12", CLOSE_NOTICE)
    again = acts.ClosePublicNotice(subjects=(ZHAO.id,))
    given(closed).when(again, on="2026-05-16").refused(Code.ALREADY_DONE, because="2026-05-12")


def test_naming_a_subject_who_was_never_on_notice_closes_no_other() -> None:
    decided = verified(YOUXIAN, CHEN, QIAN).on("2026-03-12", determine(QIAN))
    story = given(decided.on("2026-04-28", open_notice()))
    story.when(acts.ClosePublicNotice(subjects=(QIAN.id,)), on="2026-05-12")
    story.refused(Code.NOTICE_RUNNING)


def test_when_all_are_closed_there_is_nothing_more_to_close() -> None:
    given(TWO_ON_NOTICE.on("2026-05-12", CLOSE_NOTICE)).when(CLOSE_NOTICE).refused(
        Code.ALREADY_DONE, because="「公示结束」已于 2026-05-12 办过"
    )


# --- whose notice begins again ----------------------------------------------------------------


def after_upheld(restart: str, *changes: str) -> Story:
    rules = restarting(restart)
    published = on_notice(rules, CHEN, ZHAO)
    return given(published.on("2026-05-07", objection(), uphold(*changes)))


@pytest.mark.parametrize(
    ("whose", "changed", "must_renew"),
    [
        ("changed_subjects", [CHEN], [CHEN]),
        ("changed_subjects", [CHEN, ZHAO], [CHEN, ZHAO]),
        ("changed_subjects", [], []),
        ("all", [CHEN], [CHEN, ZHAO]),
        ("all", [], []),  # upheld, yet nothing that was published changes
    ],
)
def test_an_objection_upheld_makes_notices_begin_again(
    whose: str, changed: list[object], must_renew: list[object]
) -> None:
    story = after_upheld(whose, *(getattr(each, "id", "") for each in changed))
    story.when(CLOSE_NOTICE, on="2026-05-12")
    renewed = [each for each in (CHEN, ZHAO) if each in must_renew]
    if not renewed:
        story.then("tolerance.public-notice-closed")
        return
    labels = "、".join(each.label for each in renewed)
    story.refused(Code.NOTICE_RESTART_MISSING, because=f"改变了对{labels}的意见")
    for each in renewed:
        story.when(restart(each)).then("tolerance.public-notice-restarted")
    story.when(CLOSE_NOTICE, on="2026-05-22").then("tolerance.public-notice-closed")


def test_where_nothing_is_stated_no_notice_begins_again() -> None:
    after_upheld("none_stated", CHEN.id).when(CLOSE_NOTICE, on="2026-05-12").then(
        "tolerance.public-notice-closed", subjects=(CHEN.id, ZHAO.id)
    )


def test_where_all_begin_again_that_is_so_only_of_those_still_on_notice() -> None:
    rules = restarting("all")
    one_decided = verified(rules, CHEN, ZHAO, QIAN).on("2026-03-12", determine(QIAN))
    story = given(one_decided.on("2026-04-28", open_notice(), objection()))
    story.when(uphold(CHEN.id))
    story.then("tolerance.objection-resolved", changes=(CHEN.id, ZHAO.id))


@pytest.mark.parametrize(
    ("changed", "code"), [(NOBODY, Code.UNKNOWN_SUBJECT), (QIAN.id, Code.ALREADY_DONE)]
)
def test_an_objection_changes_only_what_is_still_undecided(changed: str, code: Code) -> None:
    one_decided = verified(YOUXIAN, CHEN, QIAN).on("2026-03-12", determine(QIAN))
    story = given(one_decided.on("2026-04-28", open_notice(), objection()))
    story.when(uphold(changed)).refused(code)


def test_the_notice_of_a_subject_already_decided_does_not_begin_again() -> None:
    story = given(RENEWED.on("2026-05-12", CLOSE_NOTICE, determine(ZHAO)))
    story.when(restart(ZHAO)).refused(Code.ALREADY_DONE, because="「认定」已于 2026-05-12")


REJECTED_CHANGES = "an objection rejected may still name what it changes, and force a restart"


def test_an_objection_rejected_changes_nothing() -> None:
    story = given(TWO_ON_NOTICE.on("2026-05-07", objection()))
    story.when(resolve(changes=(CHEN.id,)))
    story.when(CLOSE_NOTICE, on="2026-05-12").then("tolerance.public-notice-closed")


# --- the hour of an objection -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("cut_off", "day", "received_at", "taken"),
    [
        (None, "2026-05-11", time(23, 59), True),  # midnight, where no hour is set
        (None, "2026-05-11", None, True),
        (None, "2026-05-12", time(0, 0), False),
        (time(17, 30), "2026-05-10", time(23, 59), True),  # the hour is that of the last day
        (time(17, 30), "2026-05-11", time(17, 29), True),
        (time(17, 30), "2026-05-11", time(17, 30), True),
        (time(17, 30), "2026-05-11", time(17, 31), False),
        (time(17, 30), "2026-05-11", time(23, 59), False),
        (time(17, 30), "2026-05-11", None, True),  # nobody knows when: not held against him
        (time(17, 30), "2026-05-12", time(8, 0), False),
    ],
)
def test_an_objection_comes_until_the_hour_of_the_last_day(
    cut_off: time | None, day: str, received_at: time | None, taken: bool
) -> None:
    assert YOUXIAN.policy.public_notice is not None
    notice = YOUXIAN.policy.public_notice.model_copy(update={"cut_off": cut_off})
    story = given(on_notice(had(YOUXIAN, public_notice=notice)))
    story.when(objection(received_at=received_at), on=day)
    if taken:
        story.then("tolerance.objection-raised", received_at=received_at)
    else:
        hour = " 17:30" if cut_off else ""
        story.refused(Code.NOTICE_OVER, because=f"已于 2026-05-11{hour} 届满")


@pytest.mark.parametrize(
    ("about", "day", "taken"),
    [
        (CHEN.id, "2026-05-15", True),
        (CHEN.id, "2026-05-16", False),
        (ZHAO.id, "2026-05-11", True),
        (ZHAO.id, "2026-05-12", False),
        (None, "2026-05-15", True),  # the whole case: as long as any notice runs
        (None, "2026-05-16", False),
    ],
)
def test_an_objection_about_one_subject_comes_while_his_notice_runs(
    about: str | None, day: str, taken: bool
) -> None:
    story = given(RENEWED).when(objection(subject=about), on=day)
    if taken:
        story.then("tolerance.objection-raised", subject=about)
    else:
        story.refused(Code.NOTICE_OVER)


HIS_IS_CLOSED = "once his notice is closed an objection about him is heard while another's runs"


def test_no_objection_comes_about_a_subject_whose_notice_is_closed() -> None:
    story = given(RENEWED.on("2026-05-12", CLOSE_NOTICE))
    story.when(objection(subject=ZHAO.id)).refused(Code.NOTICE_OVER)
