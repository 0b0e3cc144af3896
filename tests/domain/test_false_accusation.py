"""A suspicion of false accusation: verified, approved above, determined; or mistaken and taught.

Who accused is never in the file: a pseudonym, a digest, and the one role that may read the name.
"""

from typing import Any, get_args

import pytest
from pydantic import ValidationError

from domain.aggregate import Act
from domain.false_accusation import acts
from domain.false_accusation.instrument import FalseAccusationInstrument
from domain.false_accusation.matter import FalseAccusation
from domain.people import OrganLevel, Subject
from domain.refusals import Code
from domain.values import Value
from tests.support.lives_of.false_accusation import (
    CLOSE,
    INSTRUMENTS,
    MISTAKEN,
    NATIONAL,
    PAPER,
    TWELVE,
    UNCLEAR,
    YOUXIAN,
    approved,
    ask,
    determine,
    determined,
    digest,
    dispose,
    educate,
    found_mistaken,
    grant,
    hand_over,
    identify,
    law,
    mistaken,
    opened,
    opening,
    refuse,
    unfounded,
    verified,
    verify,
)
from tests.support.siblings import WU, Life, begun, rulebook

DEFINITION = "检举控告工作规则第三十九条"  # as the local instruments cite it


# --- what the sources say ---------------------------------------------------------------------


def test_three_instruments_speak_of_false_accusation() -> None:
    of_kind = [each for each in rulebook().companions.values() if each.kind == "false_accusation"]
    assert {each.id for each in of_kind} == {*INSTRUMENTS}


@pytest.mark.parametrize(
    ("instrument", "level", "article", "confirmed"),
    [
        (YOUXIAN, OrganLevel.PREFECTURE, "第十五条", True),
        (NATIONAL, OrganLevel.PREFECTURE, None, False),  # only Sichuan's text was seen
        (TWELVE, None, None, False),
    ],
)
def test_who_must_approve_is_said_as_far_as_the_source_says_it(
    instrument: str, level: OrganLevel | None, article: str | None, confirmed: bool
) -> None:
    gate = law(instrument).approval
    assert (gate.level, gate.article, gate.confirmed) == (level, article, confirmed)


def test_only_the_national_rules_are_known_to_define_and_to_aggravate() -> None:
    confirmed = [all(each.confirmed for each in law(name).elements) for name in INSTRUMENTS]
    assert confirmed == [True, False, False]
    assert [len(law(name).aggravating) for name in INSTRUMENTS] == [5, 0, 0]


@pytest.mark.parametrize(
    ("key", "told"), [("elements", "要件"), ("disposals", "处置"), ("aggravating", "从重的情形")]
)
def test_an_instrument_that_names_a_thing_twice_is_refused(key: str, told: str) -> None:
    whole = law(YOUXIAN).model_dump() | {"aggravating": law(NATIONAL).model_dump()["aggravating"]}
    with pytest.raises(ValidationError, match=f"{told} .* 写了不止一次"):
        FalseAccusationInstrument.model_validate(whole | {key: (*whole[key], whole[key][0])})


# --- who accused ------------------------------------------------------------------------------


def told_types(annotation: Any) -> set[Any]:
    return {annotation, *(each for inner in get_args(annotation) for each in told_types(inner))}


def test_no_act_and_no_event_has_a_field_for_who_the_accuser_is() -> None:
    told: list[type[Value]] = [*FalseAccusation.MOVES, *FalseAccusation.LEADING]
    assert len(told) == 13 + 13
    for each in told:
        fields: dict[str, Any] = dict(each.model_fields)
        assert not [key for key in fields if "name" in key or "label" in key]
        assert [key for key in fields if "identity" in key] in ([], ["identity_digest"])
        holds_people = [key for key in fields if Subject in told_types(fields[key].annotation)]
        assert holds_people in ([], ["subjects"])  # those accused, at the opening


@pytest.mark.parametrize(
    ("accuser", "identity"),
    [("王某", digest("王某")), ("a-1", "王某"), ("a-1", ""), ("A 1", "f" * 64)],
)
def test_a_name_fits_neither_the_pseudonym_nor_the_digest(accuser: str, identity: str) -> None:
    with pytest.raises(ValidationError):
        acts.IdentifyAccuser(accuser=accuser, identity_digest=identity)


def test_the_identity_is_readable_by_the_one_role_that_the_instrument_names() -> None:
    life = opened(YOUXIAN).when(identify())
    life.then(
        "false_accusation.accuser-identified",
        accuser="a-1",
        item=1,
        identity_digest=digest("a-1 加盐"),
        readable_by="信访举报部门负责人",
    )
    assert life.news[0].envelope.articles == ("第十五条",)


def test_an_accuser_is_identified_once() -> None:
    opened().when(identify()).when(identify()).refused(Code.ALREADY_DONE, because="a-1")


def test_one_person_has_one_pseudonym() -> None:
    twice = acts.IdentifyAccuser(accuser="a-2", identity_digest=digest("a-1 加盐"))
    opened().when(identify()).when(twice).refused(Code.DUPLICATE, because="a-1")


def test_those_falsely_accused_need_not_be_known() -> None:
    life = begun(opening(subjects=()), NATIONAL, on="2026-03-02")
    assert life.matter.at == "suspected"


# --- verification -----------------------------------------------------------------------------


def test_every_element_of_the_definition_is_answered() -> None:
    life = opened().when(identify()).when(verify(elements={"fabricated": True}))
    life.refused(Code.STEP_MISSING, because="意在使他人", article="第三十九条")


def test_an_element_the_instrument_does_not_have_is_refused() -> None:
    life = opened().when(identify()).when(verify(elements={**MISTAKEN, "malice": True}))
    life.refused(Code.UNKNOWN_ITEM, because="malice")


@pytest.mark.parametrize("team", [("clerk-1",), ("clerk-1", "clerk-1")])
@pytest.mark.parametrize("instrument", INSTRUMENTS)
def test_two_officers_verify(instrument: str, team: tuple[str, ...]) -> None:
    life = opened(instrument).when(identify()).when(verify(team=team))
    life.refused(
        Code.TEAM_TOO_SMALL, because="1 人", article="监察法第四十四条、政务处分法第四十二条"
    )


def test_only_an_identified_accuser_is_verified() -> None:
    opened().when(identify()).when(verify("a-2")).refused(Code.UNKNOWN_SUBJECT, because="a-2")


@pytest.mark.parametrize(
    "act", [mistaken("a-1"), ask(), determine(), refuse(), grant(), educate("a-1")]
)
def test_nothing_follows_before_verification(act: Act) -> None:
    life = opened().when(identify()).when(act, authority=PAPER)
    assert life.refusal is not None
    assert life.refusal.code in (Code.OUT_OF_STAGE, Code.APPROVAL_NOT_ASKED)


def test_what_was_unclear_may_be_verified_again() -> None:
    life = verified(elements=UNCLEAR).when(verify(), on="2026-03-12").when(ask())
    assert life.refusal is None


# --- mistaken: education and no more ----------------------------------------------------------


@pytest.mark.parametrize(
    ("instrument", "article"),
    [(NATIONAL, "第三十九条"), (YOUXIAN, DEFINITION), (TWELVE, DEFINITION)],
)
def test_what_is_found_to_be_false_accusation_is_no_mistake(instrument: str, article: str) -> None:
    life = verified(instrument).when(mistaken("a-1"))
    life.refused(Code.FINDINGS_CONTRADICT, because="全部具备", article=article)


def test_what_is_unclear_is_no_mistake_either() -> None:
    life = verified(elements=UNCLEAR).when(mistaken("a-1"))
    life.refused(Code.CONDITIONS_UNMET, because="意在使他人", article="第三十九条")


def test_one_element_known_to_be_absent_makes_it_a_mistake() -> None:
    life = verified(elements={"fabricated": None, "intent": False}).when(mistaken("a-1"))
    life.then("false_accusation.mistaken-classified", accuser="a-1", item=1)


@pytest.mark.parametrize("act", [dispose("a-2", "by_law"), hand_over("a-2")])
def test_whoever_was_mistaken_is_neither_disposed_of_nor_handed_over(act: Act) -> None:
    life = found_mistaken(YOUXIAN).when(act)
    life.refused(Code.OUTCOME_NOT_PERMITTED, because="只作教育", article="第十五条")


@pytest.mark.parametrize("act", [ask("a-2"), determine("a-2"), verify("a-2"), unfounded("a-2")])
def test_a_mistake_ends_in_education(act: Act) -> None:
    found_mistaken().when(act).refused(Code.OUT_OF_STAGE, because="属错告")


def test_whoever_was_mistaken_is_taught_once() -> None:
    life = found_mistaken().when(educate(), on="2026-03-11")
    life.then("false_accusation.accuser-educated", accuser="a-2")
    life.when(educate()).refused(Code.ALREADY_DONE, because="2026-03-11")


def test_only_whoever_was_mistaken_is_taught() -> None:
    verified().when(educate("a-1")).refused(Code.OUT_OF_STAGE, because="已核实")


# --- unfounded --------------------------------------------------------------------------------


def test_a_suspicion_with_no_accuser_identified_is_found_unfounded_as_a_whole() -> None:
    life = opened().when(unfounded(None))
    life.then("false_accusation.suspicion-unfounded", accuser=None, item=None)
    assert (life.matter.at, life.matter.is_open) == ("unfounded", False)


def test_with_an_accuser_identified_it_is_said_of_whom() -> None:
    opened().when(identify()).when(unfounded(None)).refused(Code.MALFORMED, because="a-1")


def test_when_the_last_accuser_is_found_unfounded_nothing_is_left_to_close() -> None:
    life = opened().when(identify()).when(identify("a-2")).when(unfounded())
    assert life.matter.is_open
    life.when(unfounded("a-2"))
    assert (life.matter.at, life.matter.is_open) == ("unfounded", False)
    life.when(identify("a-3")).refused(Code.OUT_OF_STAGE, because="不成立")


def test_what_is_unclear_in_the_end_is_unfounded() -> None:
    verified(elements=UNCLEAR).when(unfounded()).then("false_accusation.suspicion-unfounded")


def test_what_is_found_is_not_unfounded() -> None:
    life = verified(YOUXIAN).when(unfounded())
    life.refused(Code.FINDINGS_CONTRADICT, because="全部具备", article=DEFINITION)


def test_what_was_not_approved_may_be_given_up() -> None:
    life = verified().when(ask()).when(refuse(), authority=PAPER).when(unfounded())
    life.then("false_accusation.suspicion-unfounded", accuser="a-1", item=1)


def test_a_refusal_is_of_those_findings_and_no_others() -> None:
    life = verified().when(ask()).when(refuse(), authority=PAPER).when(verify()).when(unfounded())
    life.refused(Code.FINDINGS_CONTRADICT)
    life.when(ask()).when(unfounded()).refused(Code.OUT_OF_STAGE, because="报批中")


# --- where it stands, and closing -------------------------------------------------------------


def test_the_matter_stands_with_the_furthest_accuser_who_is_not_settled() -> None:
    life = opened().when(identify()).when(identify("a-2"))
    first = (verify(), ask(), grant(), determine(), verify("a-2", MISTAKEN), dispose())
    stages = [life.when(act, authority=PAPER).matter.at for act in first]
    stages += [life.when(act).matter.at for act in (mistaken(), educate())]
    assert stages == [
        *("verified", "awaiting_approval", "awaiting_approval", "determined", "determined"),
        *("verified", "mistaken", "disposed"),
    ]


def test_a_matter_with_nobody_identified_is_not_closed() -> None:
    opened().when(CLOSE).refused(Code.STEP_MISSING, because="没有查明")


@pytest.mark.parametrize(
    ("life", "told"),
    [
        (opened().when(identify()), "a-1（有嫌疑）"),
        (verified(), "a-1（已核实）"),
        (approved(), "a-1（报批中）"),
        (determined(), "a-1（已认定）"),
        (determined().when(hand_over()), "a-1（已认定）"),
        (found_mistaken(), "a-2（属错告）"),
    ],
)
def test_a_matter_is_closed_when_every_accuser_is_settled(life: Life, told: str) -> None:
    life.when(CLOSE).refused(Code.STEP_MISSING, because=told)


def test_disposed_of_taught_and_unfounded_together_close_the_matter() -> None:
    life = determined().when(dispose())
    life.when(identify("a-2")).when(verify("a-2", MISTAKEN)).when(mistaken()).when(educate())
    life.when(identify("a-3")).when(unfounded("a-3"))
    life.when(CLOSE).then("false_accusation.closed")
    assert (life.matter.at, life.matter.is_open) == ("closed", False)
    life.when(hand_over()).refused(Code.OUT_OF_STAGE, because="已了结")


def test_those_falsely_accused_are_whom_the_matter_is_about() -> None:
    assert [*opened().matter.subjects] == [WU.id]
