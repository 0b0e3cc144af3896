"""What was once stored stays readable: the names, the shapes and the words of every event."""

import json
import re
from enum import StrEnum
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from eventsourcing.persistence import StoredEvent
from pydantic import ValidationError

from domain import registry
from domain.accountability.proceeding import AccountabilityProceeding
from domain.aggregate import Event
from domain.law.periods import TimeUnit
from domain.law.policy import ApplicantKind, Outcome, Qualifier, Relief, Sanction
from domain.people import OrganKind, OrganLevel, SubjectKind
from domain.refusals import Code
from domain.tolerance.case import ToleranceCase
from domain.tolerance.events import CaseAccepted, Measure, Recipient, Resolution
from workflows.event_store import EventMapper

# One example per stored name, as first released. An entry is never edited or removed: whoever
# changes the shape of an event gives it a new name (…v2) and the old one an upcaster. A new field
# needs no new name if it has a default.
STORED = Path(__file__).parents[1] / "golden" / "stored_events.json"
GOLDEN: dict[str, dict[str, Any]] = json.loads(STORED.read_text("utf-8"))
MATTER = UUID(int=7)


def stored(facts: dict[str, Any]) -> bytes:
    return json.dumps(facts, ensure_ascii=False, separators=(",", ":")).encode()


def read(topic: str, facts: dict[str, Any]) -> Event:
    return registry.read(topic, MATTER, 3, facts)


def subclasses(kind: type[Event]) -> set[type[Event]]:
    return {kind}.union(*(subclasses(each) for each in kind.__subclasses__()))


# --- names ------------------------------------------------------------------------------------


@pytest.mark.parametrize("topic", registry.EVENTS)
def test_a_stored_name_has_a_kind_an_act_and_a_version(topic: str) -> None:
    assert re.fullmatch(r"[a-z]+\.[a-z]+(-[a-z]+)*\.v[1-9]\d*", topic)
    assert registry.EVENTS[topic].name() == topic.rpartition(".v")[0]


def test_every_event_is_registered_under_a_name_of_its_own() -> None:
    ours = [each for each in subclasses(Event) if each.__module__.startswith("domain.")]
    named = [each for each in ours if "topic" in vars(each)]
    assert len({each.topic for each in named}) == len(named)
    assert {each.topic: each for each in named} == registry.EVENTS


def test_every_event_has_a_term_of_its_own() -> None:
    terms = [each.term for each in registry.EVENTS.values()]
    assert len({*terms}) == len(terms)


# --- history ----------------------------------------------------------------------------------


def test_every_stored_name_has_its_example() -> None:
    known = registry.EVENTS.keys() | registry.UPCASTERS.keys()
    assert GOLDEN.keys() == known, f"add the missing names to {STORED.name}; never drop one"


@pytest.mark.parametrize("topic", GOLDEN)
def test_a_stored_event_is_read_and_told_again_to_the_byte(topic: str) -> None:
    event = read(topic, GOLDEN[topic])
    assert (event.originator_id, event.originator_version) == (MATTER, 3)
    if topic not in registry.UPCASTERS:
        kept_outside = {"originator_id", "originator_version"}
        again = event.model_dump_json(exclude=kept_outside, exclude_unset=True)
        assert again.encode() == stored(GOLDEN[topic])


@pytest.mark.parametrize("topic", GOLDEN)
def test_the_store_writes_what_it_reads(topic: str) -> None:
    mapper = EventMapper()
    event = mapper.to_domain_event(StoredEvent(MATTER, 3, topic, stored(GOLDEN[topic])))
    again = mapper.to_stored_event(event)
    assert (again.originator_id, again.originator_version) == (MATTER, 3)
    assert mapper.to_domain_event(again) == event


RELEASED: dict[type[StrEnum], str] = {
    ApplicantKind: "person unit party_committee",
    Measure: "reminder_talk criticism self_criticism admonition_talk circular serious_warning",
    OrganKind: "discipline personnel party_committee unit other",
    OrganLevel: "province prefecture county township",
    Outcome: "exemption mitigation no_tolerance",
    Qualifier: "must generally promptly unstated period",
    Recipient: "applicant subject personnel_organ",
    Relief: "lighter reduced waived",
    Resolution: "upheld rejected",
    Sanction: "party administrative organizational accountability",
    SubjectKind: "cadre organization",
    TimeUnit: "working_day calendar_day month",
    Code: "malformed case_not_found case_number_taken key_reused stale_version unknown_policy busy"
    " out_of_stage already_done date_before_last_act date_in_future unknown_subject"
    " wrong_applicant track_not_provided late pre_entry_into_force co_signature_missing"
    " not_provided step_missing unknown_item notice_running notice_over objections_open"
    " unknown_objection outcome_not_permitted negative_list conditions_unmet"
    " rectification_missing not_determined duties_open",
}


@pytest.mark.parametrize("words", RELEASED, ids=lambda it: str(it.__name__))
def test_a_word_once_stored_is_still_understood(words: type[StrEnum]) -> None:
    assert {*RELEASED[words].split()} <= {each.value for each in words}


# --- reading ----------------------------------------------------------------------------------


def test_an_unknown_name_is_not_guessed() -> None:
    with pytest.raises(registry.UnknownTopic, match=r"tolerance\.forgiven\.v1"):
        read("tolerance.forgiven.v1", GOLDEN["tolerance.closed.v1"])


@pytest.mark.parametrize("spoilt", [{"co_signed_by": 7}, {"colour": "red"}, {"on": "2026-02-30"}])
def test_facts_that_do_not_fit_are_not_bent(spoilt: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        read("tolerance.accepted.v1", GOLDEN["tolerance.accepted.v1"] | spoilt)


def test_an_old_shape_is_brought_up_to_date_step_by_step(monkeypatch: pytest.MonkeyPatch) -> None:
    def without_signatures(facts: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        return "tolerance.admitted.v2", {**facts, "signed": []}

    def under_another_word(facts: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        signed = facts.pop("signed")
        return "tolerance.accepted.v1", {**facts, "co_signed_by": signed}

    monkeypatch.setitem(registry.UPCASTERS, "tolerance.admitted.v1", without_signatures)
    monkeypatch.setitem(registry.UPCASTERS, "tolerance.admitted.v2", under_another_word)
    current = GOLDEN["tolerance.accepted.v1"]
    old = {key: value for key, value in current.items() if key != "co_signed_by"}
    event = read("tolerance.admitted.v1", old)
    assert isinstance(event, CaseAccepted)
    assert event == read("tolerance.accepted.v1", old | {"co_signed_by": []})


@pytest.mark.parametrize(
    ("topic", "kind"),
    [
        ("tolerance.applied.v1", ToleranceCase),
        ("tolerance.started-ex-officio.v1", ToleranceCase),
        ("accountability.opened.v1", AccountabilityProceeding),
    ],
)
def test_the_first_event_says_what_kind_of_matter_begins(topic: str, kind: type) -> None:
    first = read(topic, GOLDEN[topic])
    matter = registry.begin(first)
    assert (type(matter), matter.id, matter.version) == (kind, MATTER, 0)
    matter.apply(first)
    assert matter.version == 3
