"""Every event of every sibling matter is read back as it was stored, and told in a sentence.

A stored line stays readable for ever: regenerate (`UPDATE_GOLDEN=1`) only to add lines, never to
change the JSON of one that has been released.
"""

import importlib
import json
import os
from pathlib import Path

import pytest

from domain.aggregate import Event
from domain.kinds import KINDS
from domain.registry import EVENTS, begin, read
from projections.sentences import sentence
from tests.support.siblings import Life
from workflows.event_store import KEPT_OUTSIDE

GOLDEN = Path(__file__).parents[1] / "golden" / "matters"
IN_OTHER_STREAMS = {  # recorded by the office when a tolerance case moves; told in its own tests
    "accountability.tolerance-referred.v1",
    "accountability.tolerance-returned.v1",
}


def lives_of(kind: str) -> list[Life]:
    found: list[Life] = importlib.import_module(f"tests.support.lives_of.{kind}").lives()
    return found


def lines_of(kind: str) -> list[str]:
    """The first event of each stored name: name, sentence, stored JSON."""
    lines: dict[str, str] = {}
    for life in lives_of(kind):
        matter = begin(life.recorded[0])
        for event in life.recorded:
            matter.apply(event)
            if event.topic not in lines and not event.topic.startswith("obligation."):
                stored = event.model_dump_json(exclude=KEPT_OUTSIDE)
                lines[event.topic] = f"{event.topic}\n  {sentence(event, matter)}\n  {stored}"
    return [*lines.values()]


@pytest.mark.parametrize("kind", KINDS)
def test_every_event_of_the_kind_occurs_in_its_lives(kind: str) -> None:
    own = {event.topic for event in vars(KINDS[kind].events).values() if _is_event(event)}
    lived = {event.topic for life in lives_of(kind) for event in life.recorded}
    assert own - lived - IN_OTHER_STREAMS == set()


def _is_event(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, Event) and "topic" in vars(kind)


@pytest.mark.parametrize("kind", KINDS)
def test_every_event_is_stored_and_told_as_ever(kind: str) -> None:
    golden, lines = GOLDEN / f"{kind}.txt", lines_of(kind)
    if os.environ.get("UPDATE_GOLDEN"):
        golden.write_text("\n".join(lines) + "\n", "utf-8")
    assert golden.read_text("utf-8").splitlines() == "\n".join(lines).splitlines()


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_stored_can_be_read(kind: str) -> None:
    told = (GOLDEN / f"{kind}.txt").read_text("utf-8").splitlines()
    lived = {
        event.topic: event for life in reversed(lives_of(kind)) for event in reversed(life.recorded)
    }
    for topic, stored in zip(told[::3], told[2::3], strict=True):
        event = lived[topic]
        back = read(topic, event.originator_id, event.originator_version, json.loads(stored))
        assert back == event


@pytest.mark.parametrize("kind", KINDS)
def test_no_sentence_is_merely_the_name_of_the_event(kind: str) -> None:
    for line in (GOLDEN / f"{kind}.txt").read_text("utf-8").splitlines()[1::3]:
        bare = line.strip().partition("，")[2].removesuffix("。")
        assert bare not in {event.term for event in EVENTS.values()}
