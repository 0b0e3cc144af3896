"""The definitions of the measures: whole, in words, and refused where they do not hold together."""

import re
from importlib.resources import files
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from domain.reporting.measures import Definitions
from projections.definitions import DEFINITIONS, EVERY, compiled

TOLD: dict[str, Any] = yaml.safe_load(
    files("domain.reporting").joinpath("measures.yaml").read_text("utf-8")
)


def changed(id_: str, **said: Any) -> dict[str, Any]:
    measures = [each | (said if each["id"] == id_ else {}) for each in TOLD["measures"]]
    return {**TOLD, "measures": measures}


def test_every_measure_of_the_domain_notes_is_defined() -> None:
    defined = {
        int(found[0]) for m in DEFINITIONS.measures if (found := re.findall(r"M(\d+)", m.id))
    }
    assert defined == {*range(1, 23)}


def test_every_measure_says_what_it_means_in_words() -> None:
    assert [each.id for each in DEFINITIONS.measures if len(each.meaning) < 5] == []


def test_published_groups_are_data() -> None:
    assert DEFINITIONS.values(("tolerated",)) == ("exemption", "mitigation")
    assert DEFINITIONS.values(("no_tolerance",)) == ("no_tolerance",)


def test_a_part_of_a_measure_is_marked_so_that_nobody_adds_it() -> None:
    within = {each.id: each.within for each in DEFINITIONS.measures if each.within}
    assert within["M2"] == within["M3"] == "M1"
    assert within["M17p"] == within["M17g"] == "M17"


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"counted": ["nobody"]}, "没有 nobody 这一栏"),
        ({"include": {"colour": ["red"]}}, "没有 colour 这一栏"),
        ({"within": "M99"}, "没有这个指标"),
        ({"name": "exempted_persons"}, "写了不止一次"),
        ({"unit": "头"}, "unit"),
        ({"unless": {"what": "cleared", "same": ["matter"]}}, "unless 只用于 facts"),
    ],
)
def test_a_definition_that_does_not_hold_together_is_refused(
    said: dict[str, Any], told: str
) -> None:
    with pytest.raises(ValidationError, match=told):
        Definitions.model_validate(changed("M1", **said))


@pytest.mark.parametrize("value", ["x' OR true --", "", "a b", "甲", "{known}"])
def test_a_value_that_is_no_plain_word_becomes_no_sql(value: str) -> None:
    definitions = Definitions.model_validate(changed("M1", include={"outcome": [value]}))
    with pytest.raises(ValueError, match="不是小写字母"):
        compiled(definitions.measures[0], definitions)


def test_every_definition_becomes_one_measure_under_its_own_name() -> None:
    assert [(each.id, each.name) for each in EVERY] == [
        (each.id, each.name) for each in DEFINITIONS.measures
    ]
