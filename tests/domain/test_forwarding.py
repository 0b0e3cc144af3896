"""上级事项: passed up within five working days, and not a word of it is kept."""

import types
from collections.abc import Iterator
from datetime import date
from enum import Enum
from typing import Any, get_args

import pytest
from pydantic import BaseModel, ValidationError

from domain.aggregate import Act, Envelope, Order
from domain.duty_acts import AcknowledgeEscalation, ExtendDuty, WaiveDuty
from domain.forwarding import acts, events
from domain.forwarding.matter import Forwarding, Stage
from domain.kinds import KINDS
from domain.matter import Link, LinkMatter, Relation
from domain.obligations import State
from domain.people import Organ, OrganKind, OrganLevel
from domain.refusals import Code, Refusal
from projections.counted.forwarding import counted
from tests.support.lives_of.forwarding import CITY, lives
from tests.support.siblings import CLERK, COUNTY, WU, Life, asked, begun

RULES = "petition_rules_2020"
ARTICLE = "第十五条"
LINK = Link(kind="inquiry", number="函〔2026〕1号", relation=Relation.SAME_ACCUSATION)


def opening(received_on: str = "2026-03-02", **more: Any) -> acts.OpenForwarding:
    told = {
        "number": "转〔2026〕3号",
        "organ": COUNTY,
        "received_on": date.fromisoformat(received_on),
        "to": CITY,
    }
    return acts.OpenForwarding(**{**told, **more})


def received(on: str = "2026-03-02") -> Life:
    return begun(opening(on), RULES, on=on)


def report(on: str) -> acts.ReportUp:
    return acts.ReportUp(forwarded_on=date.fromisoformat(on))


RECEIPT = acts.RecordForwardingReceipt(received_on=date(2026, 3, 2))


# --- no content -----------------------------------------------------------------------------------

PLAIN = {date, int, bool}


def own_events() -> list[type[BaseModel]]:
    own = KINDS["forwarding"].events
    return [each for each in vars(own).values() if getattr(each, "topic", "").startswith("forw")]


def leaves(annotation: Any) -> Iterator[Any]:
    """What a field is made of in the end: no Optional, no tuple, no enumeration of ours."""
    inner = get_args(annotation)
    if isinstance(annotation, type) and not isinstance(annotation, types.GenericAlias):
        if annotation not in PLAIN and not issubclass(annotation, Enum | type(None)):
            yield annotation
        return
    for each in inner:
        yield from leaves(each)


KNOWN = {"originator_id", "originator_version", "recorded_at", "envelope"}


def carriers(model: type[BaseModel]) -> dict[str, list[Any]]:
    """Every field that could hold a word, but for organs."""
    found = {
        name: [each for each in leaves(field.annotation) if each is not Organ]
        for name, field in model.model_fields.items()
        if name not in KNOWN
    }
    return {name: each for name, each in found.items() if each}


def test_no_event_has_a_field_that_could_hold_content() -> None:
    words = {name for event in own_events() for name in carriers(event)}
    assert len(own_events()) == 3
    assert words == {"number", "dispatch_number", "receipt_number"}


def test_no_act_has_a_field_that_could_hold_content_but_those_refused() -> None:
    words = {name for act in Forwarding.MOVES for name in carriers(act)}
    assert words == {"number", "dispatch_number", "receipt_number", "subjects", "links"}


@pytest.mark.parametrize(
    "number", ["", "张某 受贿", "反映张某，收受贿赂", "第一行\n第二行", "转" * 31, "受贿。"]
)
def test_no_number_holds_a_sentence(number: str) -> None:
    with pytest.raises(ValidationError):
        opening(number=number)
    for told in (report("2026-03-02"), RECEIPT, *lives()[0].recorded):
        for name in {"number", "dispatch_number", "receipt_number"} & type(
            told
        ).model_fields.keys():
            with pytest.raises(ValidationError):
                type(told).model_validate({**dict(told), name: number})


def test_the_longest_number_is_taken() -> None:
    assert opening(number="转" * 30).number == "转" * 30


@pytest.mark.parametrize("extra", ["summary", "explanation", "content", "document", "petition"])
@pytest.mark.parametrize("act", [opening(), report("2026-03-02")], ids=lambda act: str(act.name))
def test_a_key_beyond_those_is_refused(act: Act, extra: str) -> None:
    with pytest.raises(ValidationError):
        type(act).model_validate({**dict(act), extra: "反映张某受贿"})


@pytest.mark.parametrize("extra", ["summary", "subject", "explanation"])
def test_no_stored_event_is_read_with_a_key_beyond_those(extra: str) -> None:
    for event in lives()[0].recorded:
        with pytest.raises(ValidationError):
            type(event).model_validate({**dict(event), extra: "反映张某受贿"})


def test_no_event_can_be_made_with_a_subject_or_a_link() -> None:
    opened = lives()[0].recorded[0]
    for more in ({"subjects": (WU,)}, {"links": (LINK,)}):
        with pytest.raises(ValidationError):
            events.ForwardingOpened.model_validate({**dict(opened), **more})


@pytest.mark.parametrize(
    ("more", "because"), [({"subjects": (WU,)}, "subjects"), ({"links": (LINK,)}, "links")]
)
def test_nobody_is_named_and_nothing_linked(more: dict[str, Any], because: str) -> None:
    life = asked(opening(**more), RULES, on="2026-03-02")
    life.refused(Code.CONTENT_NOT_ALLOWED, because=because, article=ARTICLE)


ORDER = Order(key="k", by=CLERK, on=date(2026, 3, 3), now="2026-03-03T10:00+08:00")


@pytest.mark.parametrize("word", ["reason", "authority"])
@pytest.mark.parametrize("act", [opening(), report("2026-03-03")], ids=lambda act: str(act.name))
def test_the_request_brings_no_words_either(act: Act, word: str) -> None:
    assert {"reason", "authority"} < Envelope.model_fields.keys()
    life = received()
    life.matter.collect_events()
    with pytest.raises(Refusal) as refused:
        life.matter.perform(act, ORDER.model_copy(update={word: "反映张某受贿"}), life.rules)
    assert (refused.value.code, refused.value.articles) == (Code.CONTENT_NOT_ALLOWED, (ARTICLE,))
    assert not life.matter.pending


@pytest.mark.parametrize(
    "act",
    [
        LinkMatter(link=LINK),
        ExtendDuty(duty="report_up-1", approved_by="某人", explanation="反映张某受贿"),
        WaiveDuty(duty="report_up-1", explanation="反映张某受贿"),
        AcknowledgeEscalation(duty="report_up-1", rung=1, explanation="反映张某受贿"),
    ],
    ids=lambda act: str(act.name),
)
def test_what_every_matter_may_be_asked_is_refused_for_its_words(act: Act) -> None:
    assert type(act) in KINDS["forwarding"].acts
    life = received().until("2026-03-20").when(act, on="2026-03-20")
    life.news = []
    life.refused(Code.CONTENT_NOT_ALLOWED, article=ARTICLE)


# --- five working days ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("on", "due_on"),
    [
        ("2026-09-17", "2026-09-23"),  # Sunday 09-20 is worked
        ("2026-09-23", "2026-10-08"),
        ("2026-02-11", "2026-02-25"),  # Saturday 02-14 is worked, 02-15 to 02-23 are off
        ("2026-03-02", "2026-03-09"),
    ],
)
def test_it_is_reported_up_within_five_working_days(on: str, due_on: str) -> None:
    duty = received(on).duty("report_up")
    assert duty.obligation.due_on == date.fromisoformat(due_on)
    assert (duty.obligation.article, duty.obligation.subject) == (ARTICLE, None)


def test_the_days_run_from_the_receipt_and_not_from_the_entry() -> None:
    life = begun(opening("2026-03-02"), RULES, on="2026-03-05")
    assert life.duty("report_up").obligation.due_on == date(2026, 3, 9)


@pytest.mark.parametrize(
    ("on", "state"),
    [
        ("2026-09-30", State.MET),
        ("2026-10-08", State.MET),
        ("2026-10-09", State.MET_LATE),
    ],
)
def test_the_last_day_is_in_time_and_the_day_after_is_late(on: str, state: State) -> None:
    life = received("2026-09-23").when(report(on), on=on)
    life.then("forwarding.reported-up", forwarded_on=date.fromisoformat(on))
    assert life.duty("report_up").state is state


def test_what_is_not_reported_is_reminded_of_and_goes_up_the_ladder() -> None:
    life = received().until("2026-03-12")
    assert life.names() == [
        *["obligation.reminded"] * 2,
        "obligation.overdue",
        *["obligation.escalated"] * 2,
    ]
    assert [each.envelope.reason for each in life.news] == [None] * 5


# --- the rest -------------------------------------------------------------------------------------


def organ(id: str, level: OrganLevel) -> Organ:
    return Organ(id=id, name=id, kind=OrganKind.DISCIPLINE, level=level, region="42")


@pytest.mark.parametrize(
    ("to", "taken"),
    [
        (organ("town", OrganLevel.TOWNSHIP), False),
        (COUNTY, False),
        (organ("other-county", OrganLevel.COUNTY), True),  # a unit's own superior may be its equal
        (organ("province", OrganLevel.PROVINCE), True),
    ],
    ids=lambda each: each.id if isinstance(each, Organ) else "",
)
def test_it_goes_to_a_superior(to: Organ, taken: bool) -> None:
    life = asked(opening(to=to), RULES, on="2026-03-02")
    if taken:
        life.then("forwarding.opened", to=to)
    else:
        life.refused(Code.MALFORMED, because="不是某县纪委监委的上级", article=ARTICLE)


def test_no_day_lies_ahead_or_before_what_it_follows() -> None:
    asked(opening("2026-03-03"), RULES, on="2026-03-02").refused(Code.MALFORMED)
    life = received("2026-03-02")
    life.when(report("2026-03-01"), on="2026-03-05").refused(Code.MALFORMED)
    life.when(report("2026-03-06"), on="2026-03-05").refused(Code.MALFORMED)
    life.when(report("2026-03-04"), on="2026-03-05").then("forwarding.reported-up")
    for day, taken in (("2026-03-03", False), ("2026-03-11", False), ("2026-03-04", True)):
        receipt = acts.RecordForwardingReceipt(received_on=date.fromisoformat(day))
        life.when(receipt, on="2026-03-10")
        if taken:
            life.then("forwarding.receipt-recorded")
        else:
            life.refused(Code.MALFORMED, because="2026-03-04 与 2026-03-10 之间")


def test_it_is_reported_once_and_then_over() -> None:
    life = received()
    life.when(RECEIPT).refused(Code.OUT_OF_STAGE, because="待转报")
    life.when(report("2026-03-02"))
    assert not life.matter.is_open
    life.when(report("2026-03-02")).refused(Code.OUT_OF_STAGE, because="已转报")
    life.when(RECEIPT)
    assert life.matter.stage is Stage.RECEIPTED
    life.when(RECEIPT).refused(Code.OUT_OF_STAGE)


def test_nothing_of_it_is_counted_here() -> None:
    life = lives()[0]
    assert isinstance(life.matter, Forwarding)
    assert [each for event in life.recorded for each in counted(event, life.matter)] == []
