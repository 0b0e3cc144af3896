"""Which edition a case stands on: the newest in force on the day its own transition names."""

from datetime import date

import pytest

from domain.law.policy import InForce, Policy, SelectedBy
from domain.law.selection import NoEdition, edition_for
from domain.refusals import Code, Refusal
from gateway.rulebook import Rulebook
from tests.support.examples import RULEBOOK, WUYANG

CONDUCT, OPENED, APPLIED = date(2019, 5, 1), date(2021, 5, 1), date(2023, 5, 1)


def edition(
    number: int,
    since: str | None,
    until: date | None = None,
    by: SelectedBy = SelectedBy.APPLICATION,
) -> Policy:
    in_force = InForce(since=since, until=until, article=None, confirmed=True)
    transition = WUYANG.policy.transition.model_copy(update={"selected_by": by})
    return WUYANG.policy.model_copy(
        update={"edition": number, "in_force": in_force, "transition": transition}
    )


def chosen(*editions: Policy, conduct_on: date | None = CONDUCT) -> int:
    found = edition_for(
        editions, conduct_on=conduct_on, accountability_on=OPENED, applied_on=APPLIED
    )
    return found.edition


def test_the_newest_edition_in_force_is_taken_whatever_the_order() -> None:
    first, second = edition(1, "2018"), edition(2, "2022")
    assert chosen(first, second) == chosen(second, first) == 2


@pytest.mark.parametrize(
    ("by", "number"),
    [(SelectedBy.CONDUCT, 1), (SelectedBy.ACCOUNTABILITY, 1), (SelectedBy.APPLICATION, 2)],
)
def test_each_edition_names_the_day_that_selects_it(by: SelectedBy, number: int) -> None:
    assert chosen(edition(1, "2018", by=by), edition(2, "2022", by=by)) == number


def test_an_edition_that_has_ended_gives_way_to_the_one_before_it_if_that_still_holds() -> None:
    ended = edition(2, "2020", until=date(2022, 12, 31))
    assert chosen(edition(1, "2018"), ended) == 1


def test_the_last_day_in_force_still_counts() -> None:
    assert chosen(edition(1, "2018", until=APPLIED)) == 1


def test_a_day_known_only_by_its_year_means_its_first_day() -> None:
    assert chosen(edition(1, "2018"), edition(2, "2023-05")) == 2


def test_an_edition_of_unknown_beginning_is_not_ruled_out() -> None:
    assert chosen(edition(1, None)) == 1


def test_nothing_in_force_is_said_with_every_edition_tried() -> None:
    with pytest.raises(NoEdition, match=r"wuyang_2017\.2 .*；wuyang_2017\.1 .*2024 起施行"):
        chosen(edition(1, "2024"), edition(2, "2025"))


def test_without_the_day_of_the_conduct_it_is_asked_for() -> None:
    by_conduct = edition(2, "2022", by=SelectedBy.CONDUCT)
    with pytest.raises(NoEdition, match="请填写行为发生之日"):
        chosen(edition(1, "2018"), by_conduct, conduct_on=None)


def test_no_editions_at_all_is_no_edition_in_force() -> None:
    with pytest.raises(NoEdition, match="没有可选的版次"):
        chosen()


# --- the rulebook choosing for a case ---------------------------------------------------------


BOOK = Rulebook(
    {each.reference: each for each in (edition(1, "2018"), edition(2, "2022"))},
    RULEBOOK.calendar,
)


def for_case(name: str, applied_on: date = APPLIED) -> str:
    rules = BOOK.for_case(name, conduct_on=None, accountability_on=None, applied_on=applied_on)
    return rules.policy.reference


def test_a_bare_name_is_settled_by_the_day() -> None:
    assert for_case("wuyang_2017") == "wuyang_2017.2"
    assert for_case("wuyang_2017", date(2020, 1, 1)) == "wuyang_2017.1"


def test_an_edition_named_in_full_is_kept_to() -> None:
    assert for_case("wuyang_2017.1") == "wuyang_2017.1"


def test_an_edition_named_in_full_is_refused_before_its_time() -> None:
    with pytest.raises(Refusal, match="2022 起施行") as refused:
        for_case("wuyang_2017.2", date(2020, 1, 1))
    assert refused.value.code is Code.NO_EDITION_IN_FORCE
    assert refused.value.articles == ("第十二条",)


def test_an_unknown_instrument_is_unknown_before_any_day_is_asked_for() -> None:
    with pytest.raises(Refusal) as refused:
        for_case("atlantis")
    assert refused.value.code is Code.UNKNOWN_POLICY
