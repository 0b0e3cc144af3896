"""A false accusation found: approved above, determined, disposed of, handed over."""

import pytest
from pydantic import ValidationError

from domain.aggregate import Act
from domain.false_accusation import acts
from domain.people import Organ, OrganKind, OrganLevel
from domain.refusals import Code
from tests.support.lives_of.false_accusation import (
    CITY,
    MISTAKEN,
    NATIONAL,
    PAPER,
    POLICE,
    TWELVE,
    UNCLEAR,
    YOUXIAN,
    approved,
    ask,
    determine,
    determined,
    dispose,
    grant,
    hand_over,
    identify,
    law,
    mistaken,
    refuse,
    unfounded,
    verified,
    verify,
)
from tests.support.siblings import COUNTY


def organ(level: OrganLevel, kind: OrganKind = OrganKind.DISCIPLINE) -> Organ:
    return Organ(id=f"{level}-{kind}", name="某机关", kind=kind, level=level, region="51")


# --- approval above ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("instrument", "level", "kind", "may"),
    [
        (YOUXIAN, OrganLevel.PROVINCE, OrganKind.DISCIPLINE, True),
        (YOUXIAN, OrganLevel.PREFECTURE, OrganKind.PARTY_COMMITTEE, True),
        (YOUXIAN, OrganLevel.PREFECTURE, OrganKind.OTHER, True),  # 政府
        (YOUXIAN, OrganLevel.PREFECTURE, OrganKind.PERSONNEL, False),
        (YOUXIAN, OrganLevel.COUNTY, OrganKind.DISCIPLINE, False),
        (YOUXIAN, OrganLevel.TOWNSHIP, OrganKind.PARTY_COMMITTEE, False),
        (NATIONAL, OrganLevel.PREFECTURE, OrganKind.DISCIPLINE, True),
        (NATIONAL, OrganLevel.PREFECTURE, OrganKind.OTHER, False),
        (NATIONAL, OrganLevel.COUNTY, OrganKind.PARTY_COMMITTEE, False),
        (TWELVE, OrganLevel.COUNTY, OrganKind.UNIT, True),  # the source does not tell
    ],
)
def test_approval_is_asked_of_an_organ_of_the_level_and_kind_that_the_instrument_names(
    instrument: str, level: OrganLevel, kind: OrganKind, may: bool
) -> None:
    life = verified(instrument).when(ask(to=organ(level, kind)))
    if may:
        life.then("false_accusation.approval-requested", to=organ(level, kind), item=1)
        assert life.matter.at == "awaiting_approval"
    else:
        life.refused(
            Code.WRONG_ORGAN,
            because=law(instrument).approval.by,
            article=law(instrument).approval.article,
        )


@pytest.mark.parametrize(
    ("elements", "code"),
    [
        (MISTAKEN, Code.FINDINGS_CONTRADICT),
        (UNCLEAR, Code.CONDITIONS_UNMET),
        ({"fabricated": None, "intent": False}, Code.FINDINGS_CONTRADICT),
    ],
)
@pytest.mark.parametrize("act", [ask(), determine()])
def test_nothing_is_asked_or_determined_while_an_element_is_absent_or_unclear(
    act: Act, elements: dict[str, bool | None], code: Code
) -> None:
    verified(elements=elements).when(act).refused(code, because="意在", article="第三十九条")


@pytest.mark.parametrize("answer", [grant(), refuse()])
def test_only_what_was_asked_is_answered(answer: Act) -> None:
    life = verified(YOUXIAN).when(answer, authority=PAPER)
    life.refused(Code.APPROVAL_NOT_ASKED, because="没有等待答复", article="第十五条")


@pytest.mark.parametrize("answer", [grant(organ=COUNTY), refuse(organ=COUNTY)])
def test_only_the_organ_that_was_asked_answers(answer: Act) -> None:
    life = verified(YOUXIAN).when(ask()).when(answer, authority=PAPER)
    life.refused(Code.APPROVAL_NOT_ASKED, because=CITY.name, article="第十五条")


def test_an_organ_does_not_answer_under_another_level_than_it_was_asked_at() -> None:
    lowered = CITY.model_copy(update={"level": OrganLevel.COUNTY})
    life = verified().when(ask()).when(grant(organ=lowered), authority=PAPER)
    life.refused(Code.APPROVAL_NOT_ASKED)


@pytest.mark.parametrize("answer", [grant(), refuse()])
def test_an_answer_has_a_paper_that_can_be_shown(answer: Act) -> None:
    verified().when(ask()).when(answer).refused(Code.REASON_MISSING)


@pytest.mark.parametrize("first", [grant(), refuse()])
@pytest.mark.parametrize("again", [grant(), refuse()])
def test_an_answer_is_given_once(first: Act, again: Act) -> None:
    life = verified().when(ask()).when(first, authority=PAPER).when(again, authority=PAPER)
    life.refused(Code.APPROVAL_NOT_ASKED, because="没有等待答复")


def test_approval_is_asked_once() -> None:
    verified().when(ask()).when(ask()).refused(Code.OUT_OF_STAGE, because="报批中")


# --- determination ----------------------------------------------------------------------------


@pytest.mark.parametrize(("instrument", "article"), [(YOUXIAN, "第十五条"), (NATIONAL, None)])
def test_a_county_determines_nothing_before_the_city_has_approved(
    instrument: str, article: str | None
) -> None:
    life = verified(instrument).when(determine())
    life.refused(Code.APPROVAL_MISSING, because=law(instrument).approval.by, article=article)
    life.when(ask()).when(determine()).refused(Code.APPROVAL_MISSING, article=article)
    life.when(grant(), authority=PAPER).when(determine())
    life.then("false_accusation.determined", accuser="a-1", item=1, approved_by=CITY)


def test_where_no_level_is_known_approval_is_needed_nonetheless() -> None:
    verified(TWELVE).when(determine()).refused(Code.APPROVAL_MISSING)


def test_a_refused_approval_leaves_nothing_determined() -> None:
    life = verified(YOUXIAN).when(ask()).when(refuse(), authority=PAPER)
    assert life.matter.at == "verified"
    life.when(determine()).refused(Code.APPROVAL_MISSING, article="第十五条")
    life.when(ask()).when(grant(), authority=PAPER).when(determine())
    life.then("false_accusation.determined")


def test_what_was_approved_was_approved_on_those_findings() -> None:
    life = approved().when(verify(), on="2026-03-24").when(determine())
    life.refused(Code.APPROVAL_MISSING)


def test_a_request_that_was_overtaken_by_new_findings_is_not_answered() -> None:
    life = verified().when(ask()).when(verify()).when(grant(), authority=PAPER)
    life.refused(Code.APPROVAL_NOT_ASKED)


def test_approval_for_one_accuser_is_none_for_another() -> None:
    life = approved().when(identify("a-2")).when(verify("a-2"))
    life.when(determine("a-2")).refused(Code.APPROVAL_MISSING)


def test_aggravating_circumstances_are_those_of_the_instrument() -> None:
    approved().when(determine("a-1", "FA-G1", "FA-G3")).then(
        "false_accusation.determined", aggravating=("FA-G1", "FA-G3")
    )
    approved().when(determine("a-1", "FA-G1", "FA-G9")).refused(Code.UNKNOWN_ITEM, because="FA-G9")
    approved(YOUXIAN).when(determine("a-1", "FA-G1")).refused(Code.UNKNOWN_ITEM)


@pytest.mark.parametrize("act", [determine(), verify(), ask(), unfounded(), mistaken("a-1")])
def test_a_determination_stands(act: Act) -> None:
    determined().when(act).refused(Code.OUT_OF_STAGE, because="已认定")


# --- disposal and hand-over -------------------------------------------------------------------


@pytest.mark.parametrize("act", [dispose(), hand_over()])
def test_nobody_is_disposed_of_or_handed_over_before_the_determination(act: Act) -> None:
    approved().when(act).refused(Code.NOT_DETERMINED, because="a-1")


def test_the_disposal_is_one_that_the_instrument_names() -> None:
    determined(YOUXIAN).when(dispose()).refused(Code.UNKNOWN_ITEM, because="严重警告")
    life = determined(YOUXIAN).when(dispose(disposal="by_authority"))
    life.then("false_accusation.accuser-disposed", disposal="by_authority", item=1)
    assert life.news[0].envelope.articles == ("第十三条",)


def test_where_the_source_names_no_disposal_any_word_is_taken() -> None:
    determined(NATIONAL).when(dispose()).then("false_accusation.accuser-disposed")


def test_an_accuser_is_disposed_of_once() -> None:
    life = determined().when(dispose(), on="2026-03-25").when(dispose())
    life.refused(Code.ALREADY_DONE, because="2026-03-25")


def test_an_accuser_is_handed_over_before_or_after_the_disposal_once_to_each_organ() -> None:
    life = determined().when(hand_over())
    life.then("false_accusation.handed-over", to=POLICE, item=1)
    assert life.matter.at == "determined"
    life.when(dispose()).when(hand_over(to=CITY)).then("false_accusation.handed-over", to=CITY)
    life.when(hand_over()).refused(Code.ALREADY_DONE, because="2026-03-23")
    assert life.matter.at == "disposed"


def test_a_hand_over_lists_its_papers() -> None:
    with pytest.raises(ValidationError, match="materials"):
        acts.HandOver(accuser="a-1", to=POLICE, materials=())
