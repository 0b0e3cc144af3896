"""A child may narrow its parent and fill its gaps freely; what it widens is found and named."""

from pathlib import Path
from typing import Any

import pytest

from domain.law.overlay import Widening, widenings
from domain.law.policy import Policy
from gateway.rulebook import Rulebook, policy_in

FULL = policy_in(Path(__file__).parents[1] / "gateway" / "full_pack.yaml")
DROPPED = object()
NAMING = ("id", "step", "sanction", "recipient", "with")


def changed(policy: Policy, **places: Any) -> Policy:
    """The pack with other values at these places; `__` parts them, DROPPED takes an entry out."""
    told = policy.model_dump(mode="json", by_alias=True)
    for place, value in places.items():
        *above, last = place.split("__")
        node = told
        for name in above:
            node = node[_key(node, name)]
        key = _key(node, last)
        if value is DROPPED:
            del node[key]
        elif isinstance(node, list) and key == len(node):
            node.append(value)
        else:
            node[key] = value
    return Policy.model_validate(told)


def _key(node: Any, name: str) -> Any:
    if isinstance(node, dict):
        return name
    named = [next(str(entry[key]) for key in NAMING if key in entry) for entry in node]
    return named.index(name) if name in named else len(named)


def found(child: Policy, parent: Policy = FULL) -> list[str]:
    return [each.at for each in widenings(parent, child)]


def test_a_pack_does_not_widen_itself() -> None:
    assert widenings(FULL, FULL) == ()


ITEM = {"id": "F-9", "article": "第九十条", "label": "新增", "catch_all": False, "conduct": None}
LIST = {"id": "more", "match": "any", "article": None, "confirmed": True, "items": [ITEM]}
EXTENDED = {
    "approver": "甲",
    "amount": 1,
    "unit": "month",
    "times": None,
    "cap_amount": None,
    "cap_unit": None,
    "article": None,
    "confirmed": True,
}


@pytest.mark.parametrize(
    ("edit", "at"),
    [
        # who may ask, and until when
        ({"application__window": None}, "application.window"),
        ({"application__window__amount": 2}, "application.window.amount"),
        ({"application__window__unit": "quarter"}, "application.window.amount"),
        (
            {"application__window__amount": None, "application__window__unit": None},
            "application.window.amount",
        ),
        (
            {"application__window__closes_on_decision": False},
            "application.window.closes_on_decision",
        ),
        (
            {"acceptance__co_signed_by_accountability_organ": False},
            "acceptance.co_signed_by_accountability_organ",
        ),
        ({"documents__application": DROPPED}, "documents.application"),
        ({"documents__application__before": "determination"}, "documents.application.before"),
        # who handles it
        ({"team__at_least": 1}, "team.at_least"),
        ({"team__at_least": None}, "team.at_least"),
        ({"team__recusal": ["kin"]}, "team.recusal"),
        # which steps
        ({"steps__committee": DROPPED}, "steps.committee"),
        ({"steps__opinions__required": False}, "steps.opinions.required"),
        ({"six_factors": "optional"}, "six_factors"),
        ({"decisive_factors": []}, "decisive_factors"),
        ({"hearing": "optional"}, "hearing"),
        # which circumstances
        ({"lists__excluded": DROPPED}, "lists.excluded"),
        ({"lists__excluded__items__F-N1": DROPPED}, "lists.excluded.items.F-N1"),
        ({"lists__excluded__match": "all"}, "lists.excluded.match"),
        ({"lists__excluded__match": None}, "lists.excluded.match"),
        ({"lists__excluded__role": "mitigating"}, "lists.excluded.role"),
        ({"lists__mitigating__role": "exempting"}, "lists.mitigating.role"),
        (
            {
                "lists__excluded__items__F-N1__conduct": {
                    "since": "2031-01-01",
                    "confirmed": True,
                }
            },
            "lists.excluded.items.F-N1.conduct",
        ),
        ({"lists__conditions__match": "any"}, "lists.conditions.match"),
        ({"lists__conditions__match": None}, "lists.conditions.match"),
        ({"lists__conditions__items__F-1": DROPPED}, "lists.conditions.items.F-1"),
        ({"lists__exempting__match": None}, "lists.exempting.match"),
        ({"lists__exempting__items__F-9": ITEM}, "lists.exempting.items.F-9"),
        ({"lists__more": {**LIST, "role": "tolerating"}}, "lists.more"),
        ({"lists__more": {**LIST, "role": "exempting"}}, "lists.more"),
        ({"lists__more": {**LIST, "role": "mitigating"}}, "lists.more"),
        ({"catch_all": "none_stated"}, "catch_all"),
        ({"repeated_error": None}, "repeated_error"),
        ({"repeated_error__except_items": ["F-E1", "F-E2"]}, "repeated_error.except_items"),
        # who else must be asked
        ({"opinions": None}, "opinions"),
        ({"opinions__of": ["组织部"]}, "opinions.of"),
        ({"opinions__silence": "agrees"}, "opinions.silence"),
        ({"consultation": None}, "consultation"),
        ({"consultation__organs": ["组织部"]}, "consultation.organs"),
        ({"consultation__quorum__at_least": 1}, "consultation.quorum.at_least"),
        ({"consultation__quorum__carried_by": None}, "consultation.quorum.carried_by"),
        ({"committee": None}, "committee"),
        ({"committee__seats": ["法律人士"]}, "committee.seats"),
        ({"committee__quorum__at_least": None}, "committee.quorum.at_least"),
        ({"committee__quorum__carried_by": "half"}, "committee.quorum.carried_by"),
        ({"public_notice": None}, "public_notice"),
        ({"public_notice__required": False}, "public_notice.required"),
        ({"public_notice__restart": "changed_subjects"}, "public_notice.restart"),
        # how far a sanction may give way
        ({"permitted": None}, "permitted"),
        (
            {
                "permitted__organizational": {
                    "sanction": "organizational",
                    "reliefs": ["waived"],
                    "article": "第二十七条",
                }
            },
            "permitted.organizational",
        ),
        (
            {"permitted__administrative__reliefs": ["lighter", "reduced", "waived"]},
            "permitted.administrative.reliefs",
        ),
        ({"permitted__party__grades_at_most": 2}, "permitted.party.grades_at_most"),
        ({"permitted__party__grades_at_most": None}, "permitted.party.grades_at_most"),
        ({"permitted__party__waived_only_from": None}, "permitted.party.waived_only_from"),
        (
            {"permitted__party__waived_only_from": ["警告", "撤职"]},
            "permitted.party.waived_only_from",
        ),
        ({"approvals__above": DROPPED}, "approvals.above"),
        ({"approvals__above__level": "county"}, "approvals.above.level"),
        ({"approvals__above__when__reduced_beyond": 2}, "approvals.above.when"),
        ({"approvals__above__when__managed_by": "省委"}, "approvals.above.when"),
        ({"approvals__every_case__when": {"outcomes": ["exemption"]}}, "approvals.every_case.when"),
        ({"approvals__every_case__when": {"sanctions": ["party"]}}, "approvals.every_case.when"),
        # what follows
        ({"rectification__waivable": True}, "rectification.waivable"),
        ({"notification__unit": DROPPED}, "notification.unit"),
        ({"filing__县委": DROPPED}, "filing.县委"),
        ({"filing__市纪委监委__managed_by": "县委"}, "filing.市纪委监委.managed_by"),
        ({"follow_up": None}, "follow_up"),
        ({"follow_up__visitors_at_least": 1}, "follow_up.visitors_at_least"),
        ({"follow_up__yearly_ratio": None}, "follow_up.yearly_ratio"),
        ({"follow_up__yearly_ratio__percent": 20}, "follow_up.yearly_ratio"),
        # time
        ({"deadlines__target": DROPPED}, "deadlines.target"),
        ({"deadlines__answer__amount": 21}, "deadlines.answer.amount"),
        ({"deadlines__answer__unit": "calendar_day"}, None),  # 20 days are fewer than 20 working
        ({"deadlines__answer__unit": "month"}, "deadlines.answer.amount"),
        ({"deadlines__answer__qualifier": "generally"}, "deadlines.answer.qualifier"),
        ({"deadlines__answer__blocks_closing": False}, "deadlines.answer.blocks_closing"),
        ({"deadlines__answer__managed_by": "县委"}, "deadlines.answer.managed_by"),
        ({"deadlines__answer__opens_on": "tolerance.verification-opened",
          "deadlines__answer__starts": "occurrence"}, "deadlines.answer.opens_on"),
        ({"deadlines__answer__met_by": ["tolerance.determined", "tolerance.closed"]},
         "deadlines.answer.met_by"),
        ({"deadlines__feedback__lapses_on": ["tolerance.determination-ended", "tolerance.closed"]},
         "deadlines.feedback.lapses_on"),
        ({"deadlines__answer__suspended_by": ["tolerance.suspended", "tolerance.transferred"]},
         "deadlines.answer.suspended_by"),
        ({"deadlines__answer__extension__amount": 11}, "deadlines.answer.extension"),
        ({"deadlines__answer__extension__times": None}, "deadlines.answer.extension"),
        ({"deadlines__answer__extension__cap_amount": 4}, "deadlines.answer.extension"),
        ({"deadlines__answer__extension__cap_amount": None,
          "deadlines__answer__extension__cap_unit": None}, "deadlines.answer.extension"),
        ({"deadlines__deferral__extension": EXTENDED}, "deadlines.deferral.extension"),
        ({"deadlines__public_notice__amount": 5}, "deadlines.public_notice.amount"),
        ({"deadlines__follow_up__at_least": 1}, "deadlines.follow_up.at_least"),
        ({"deadlines__follow_up__roll": True}, "deadlines.follow_up.roll"),
    ],
)  # fmt: skip
def test_each_widening_is_found_where_it_stands(edit: dict[str, Any], at: str | None) -> None:
    expected = [] if at is None else [at]
    assert found(changed(FULL, **edit)) == expected


def test_dropping_every_list_that_tolerates_leaves_tolerance_without_condition() -> None:
    edit = {f"lists__{name}": DROPPED for name in ("conditions", "exempting", "mitigating")}
    child = changed(FULL, repeated_error__except_items=[], **edit)
    assert found(child) == ["lists"]


def test_a_transition_that_excludes_no_more_is_a_widening() -> None:
    strict = changed(FULL, transition__rule="excludes_prior_accountability")
    assert found(FULL, strict) == ["transition.rule"]


def test_tracks_and_applicants_that_are_added_are_widenings() -> None:
    narrow = changed(FULL, tracks__ex_officio=DROPPED, application__by=["person"])
    assert found(FULL, narrow) == ["tracks.ex_officio", "application.by"]


@pytest.mark.parametrize(
    "edit",
    [
        {"application__window__amount": 20, "application__window__unit": "calendar_day"},
        {"application__by": ["party_committee"]},
        {"tracks__ex_officio": DROPPED},
        {"team__at_least": 3},
        {"steps__follow_up__label": "跟踪管理"},
        {"lists__excluded__items__F-9": ITEM},
        {"lists__more": {**LIST, "role": "excluding"}},
        {"lists__exempting__match": "all"},
        {"lists__exempting__items__F-E2": DROPPED},
        {"lists__conditions__items__F-9": ITEM},  # one more condition, and all must hold
        {"lists__mitigating": DROPPED},
        {"permitted__administrative": DROPPED},
        {"permitted__party__reliefs": ["lighter"]},
        {"approvals__above__when": {}},
        {"approvals__above__level": "province"},
        {"deadlines__answer__amount": 10},
        {"deadlines__answer__extension": None},
        {"deadlines__public_notice__amount": 15},
        {"deadlines__follow_up__at_least": 3, "deadlines__follow_up__at_most": None},
        {"deadlines__target__qualifier": "must"},
        {"risk_filing": None},
        {"suspension": None},
    ],
)
def test_what_narrows_needs_no_mark(edit: dict[str, Any]) -> None:
    assert found(changed(FULL, **edit)) == []


OPEN = changed(
    FULL,
    permitted=None,
    opinions=None,
    committee=None,
    public_notice=None,
    repeated_error=None,
    follow_up=None,
    application__window=None,
    team__at_least=None,
    lists__excluded__match=None,
    lists__exempting__match=None,
    deadlines__feedback__qualifier="unstated",
)


def test_what_the_parent_leaves_open_is_filled_freely() -> None:
    assert found(FULL, OPEN) == []


def test_an_unstated_time_may_be_filled_with_anything() -> None:
    filled = changed(
        FULL,
        deadlines__filing__qualifier="generally",
        deadlines__filing__amount=30,
        deadlines__filing__unit="calendar_day",
        deadlines__filing__extension=EXTENDED,
        deadlines__filing__opens_on="tolerance.result-notified",
    )
    assert found(filled) == []


def test_a_widening_says_what_it_loosens() -> None:
    (told,) = widenings(FULL, changed(FULL, team__at_least=1))
    assert told == Widening(at="team.at_least", why="减少了承办人数")


def test_several_widenings_are_all_found_in_the_order_of_the_pack() -> None:
    child = changed(FULL, hearing="optional", team__at_least=1, deadlines__target=DROPPED)
    assert found(child) == ["team.at_least", "hearing", "deadlines.target"]


def test_every_shipped_overlay_widens_only_where_it_says_so() -> None:
    policies = Rulebook.packaged().policies
    for child in policies.values():
        if child.parent is not None:
            marked = {each.at for each in child.overrides}
            assert {*found(child, policies[child.parent])} == marked
