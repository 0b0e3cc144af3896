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
from domain.accountability.events import Screening
from domain.accountability.proceeding import AccountabilityProceeding
from domain.aggregate import Event
from domain.kinds import KINDS
from domain.law.deadline_rules import Qualifier
from domain.law.outcomes import Outcome, Relief, Sanction
from domain.law.periods import TimeUnit
from domain.law.policy import ApplicantKind, Recipient, RecusalGround
from domain.papers import Delivery
from domain.people import OrganKind, OrganLevel, SubjectKind
from domain.refusals import Code
from domain.tolerance.case import ToleranceCase
from domain.tolerance.events import CaseAccepted
from domain.tolerance.particulars import (
    DeclineReason,
    Leaning,
    Measure,
    Resolution,
    ReviewResult,
    RevocationCause,
    View,
)
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
    assert re.fullmatch(r"[a-z_]+\.[a-z]+(-[a-z]+)*\.v[1-9]\d*", topic)
    assert registry.EVENTS[topic].name() == topic.rpartition(".v")[0]


def test_every_event_is_registered_under_a_name_of_its_own() -> None:
    ours = [each for each in subclasses(Event) if each.__module__.startswith("domain.")]
    named = [each for each in ours if "topic" in vars(each)]
    assert len({each.topic for each in named}) == len(named)
    assert {each.topic: each for each in named} == registry.EVENTS


def test_every_event_has_a_term_of_its_own_in_its_kind_of_matter() -> None:
    terms = [(each.topic.partition(".")[0], each.term) for each in registry.EVENTS.values()]
    assert len({*terms}) == len(terms)


# --- history ----------------------------------------------------------------------------------


def test_every_stored_name_has_its_example() -> None:
    known = registry.EVENTS.keys() | registry.UPCASTERS.keys()
    in_lives = {topic for topic in known if topic.partition(".")[0] in KINDS}  # golden/matters/
    told = f"add the missing names to {STORED.name}; never drop one"
    assert known - in_lives <= GOLDEN.keys() <= known, told


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


@pytest.mark.parametrize("topic", GOLDEN)
def test_what_is_written_today_is_read_and_written_again_to_the_byte(topic: str) -> None:
    mapper = EventMapper()
    written = mapper.to_stored_event(read(topic, GOLDEN[topic]))
    assert mapper.to_stored_event(mapper.to_domain_event(written)).state == written.state


# Fields that came after an example was stored: as the old one is read, and as a new one tells it.
OF_PAPER = {"kind": "application", "label": "书面申请", "digest": "0" * 64}
VOICE = {"of": "财政局", "view": "disagrees", "words": "金额存疑"}
SECOND = {
    "sanction": "party",
    "relief": "reduced",
    "grades": 1,
    "before": "严重警告",
    "after": "警告",
}
LATER: list[tuple[str, str, object, object]] = [
    (
        "accountability.opened.v1",
        "links",
        (),
        [{"kind": "inquiry", "number": "函1号", "relation": "arises_from"}],
    ),
    ("accountability.opened.v1", "conduct_on", None, "2025-11-03"),
    ("accountability.opened.v1", "handlers", (), ["cdi-9"]),
    ("accountability.opened.v1", "screening_required", False, True),
    ("tolerance.applied.v1", "documents", (), [OF_PAPER]),
    (
        "tolerance.acceptance-refused.v1",
        "co_signatures",
        (),
        [{"organ": "inspector", "agrees": False, "explanation": "不同意"}],
    ),
    ("tolerance.list-checked.v1", "repeated_error", None, True),
    ("tolerance.opinion-received.v1", "item", None, 1),
    ("tolerance.joint-consultation-held.v1", "voices", (), [VOICE]),
    ("tolerance.objection-raised.v1", "subject", None, "p-4f1c"),
    ("tolerance.objection-raised.v1", "received_at", None, "23:59:00"),
    ("tolerance.objection-resolved.v1", "changes", (), ["p-4f1c"]),
    ("tolerance.public-notice-closed.v1", "subjects", (), ["p-4f1c"]),
    ("tolerance.determined.v1", "grades", None, 2),
    ("tolerance.determined.v1", "before", None, "严重警告"),
    ("tolerance.determined.v1", "after", None, "警告"),
    ("tolerance.determined.v1", "further", (), [SECOND]),
    ("tolerance.determined.v1", "rectification_waived", None, "已经整改完毕"),
    ("tolerance.determined.v1", "decided_by", None, "县委常委会"),
    ("tolerance.determined.v1", "organ", None, GOLDEN["tolerance.applied.v1"]["organ"]),
    (
        "tolerance.determination-corrected.v1",
        "organ",
        None,
        GOLDEN["tolerance.applied.v1"]["organ"],
    ),
    ("tolerance.result-notified.v1", "delivery", None, "posted"),
    ("tolerance.result-notified.v1", "document", None, OF_PAPER),
    ("obligation.redated.v1", "settled", False, True),
    ("obligation.redated.v1", "cause", None, "2026.2"),
]


def test_every_field_that_came_later_is_in_the_table() -> None:
    later = {(topic, field) for topic, field, *_ in LATER}
    kept_outside = {"originator_id", "originator_version"}
    assert later == {
        (topic, field)
        for topic in GOLDEN.keys() - registry.UPCASTERS.keys()
        for field in registry.EVENTS[topic].model_fields.keys() - kept_outside
        if field not in GOLDEN[topic]
    }, "tell a new field here; an example already released is never edited"


@pytest.mark.parametrize(("topic", "field", "as_read", "told"), LATER)
def test_a_field_that_came_later_is_read_as_not_told_and_told_from_now_on(
    topic: str, field: str, as_read: object, told: object
) -> None:
    assert getattr(read(topic, GOLDEN[topic]), field) == as_read
    mapper = EventMapper()
    written = mapper.to_stored_event(read(topic, GOLDEN[topic] | {field: told}))
    assert json.loads(written.state)[field] == told
    assert mapper.to_stored_event(mapper.to_domain_event(written)).state == written.state


# Values that grew inside an event: the old shape, then a new one.
GREW: dict[str, tuple[str, str, list[object]]] = {
    "a member": (
        "tolerance.verification-opened.v1",
        "team",
        [["承办人甲"], [{"id": "承办人甲", "unit": "某局", "organ": None}, "承办人乙"]],
    ),
    "a factor": (
        "tolerance.six-factors-reviewed.v1",
        "factors",
        [
            GOLDEN["tolerance.six-factors-reviewed.v1"]["factors"],
            GOLDEN["tolerance.six-factors-reviewed.v1"]["factors"]
            | {"motive": {"finding": "为己谋利", "leans": "adverse"}},
        ],
    ),
    "a duty": (
        "obligation.opened.v1",
        "obligation",
        [
            GOLDEN["obligation.opened.v1"]["obligation"],
            GOLDEN["obligation.resumed.v1"]["obligation"],
        ],
    ),
    "a matter": (
        "tolerance.applied.v1",
        "matter",
        [
            GOLDEN["tolerance.applied.v1"]["matter"],
            GOLDEN["tolerance.applied.v1"]["matter"]
            | {"conduct_on": "2025-11-03", "decided_on": "2026-04-01", "handlers": ["cdi-9"]},
        ],
    ),
}


@pytest.mark.parametrize("what", GREW)
def test_a_value_that_grew_is_told_again_as_it_was_told(what: str) -> None:
    topic, field, shapes = GREW[what]
    for shape in shapes:
        event = read(topic, GOLDEN[topic] | {field: shape})
        again = json.loads(event.model_dump_json(exclude_unset=True))
        assert again[field] == shape


DECLINED_FOR_ANY_CODE = "declined for any Code in the first release: DeclineReason must read them"
EMPTY_FACTOR = "the first release took an empty finding: FactorTold must read it"


def test_an_application_once_declined_for_any_code_is_still_read() -> None:
    declined = "tolerance.acceptance-refused.v1"
    for code in RELEASED[Code].split():
        assert read(declined, GOLDEN[declined] | {"because": code}).name() in declined


def test_a_factor_once_left_empty_is_still_read() -> None:
    reviewed = "tolerance.six-factors-reviewed.v1"
    factors = GOLDEN[reviewed]["factors"] | {"basis": ""}
    assert read(reviewed, GOLDEN[reviewed] | {"factors": factors}).name() in reviewed


# --- words ------------------------------------------------------------------------------------

RELEASED: dict[type[StrEnum], str] = {
    ApplicantKind: "person unit party_committee",
    DeclineReason: "late no_matter out_of_scope not_competent duplicate wrong_applicant"
    " negative_list pre_entry_into_force incomplete repeated_same_error co_signature_refused",
    Delivery: "in_person left posted electronic through_unit",
    Leaning: "favourable neutral adverse",
    Measure: "reminder_talk warning_talk criticism self_criticism ordered_correction"
    " admonition_talk discipline_proposal circular serious_warning",
    OrganKind: "discipline personnel party_committee unit other",
    OrganLevel: "province prefecture county township",
    Outcome: "exemption mitigation no_tolerance",
    Qualifier: "must generally promptly unstated period target",
    Recipient: "applicant subject unit personnel_organ discipline_organ",
    RecusalGround: "same_unit handled_before accountability_organ kin interest other",
    Relief: "lighter reduced waived",
    Resolution: "upheld rejected",
    ReviewResult: "uphold vary revoke remand",
    RevocationCause: "false_material private_gain concealed_facts unlawful_procedure other",
    Sanction: "party administrative organizational accountability",
    Screening: "triggered not_applicable",
    SubjectKind: "cadre organization",
    View: "agrees disagrees reserves",
    TimeUnit: "working_day calendar_day month quarter year",
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
