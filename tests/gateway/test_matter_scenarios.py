"""The stories of the sibling matters, each lived through the office on a real database."""

from pathlib import Path
from typing import Any

import pytest

from gateway.rulebook import Rulebook
from gateway.scenarios import MatterExpected, scenario_in
from tests.support.lives import SCENARIOS, differences, lived
from workers.addresses import DatabaseAddress

FOLDER = SCENARIOS / "matters"
IN_THE_DEMONSTRATION = [SCENARIOS / "11_huarong.yaml", SCENARIOS / "12_wuyang_notice.yaml"]
STORIES = [*sorted(FOLDER.glob("*.yaml")), *IN_THE_DEMONSTRATION]
OF_THE_LIST = {  # of the domain notes, those on sibling matters
    18: "14_revoked_tolerance",
    19: "12_review",
    21: "11_huarong",
    22: "11_false_accusation",
    23: "11_false_accusation",
    24: "08_risk_filing",
    28: "12_wuyang_notice",
}


@pytest.mark.parametrize("file", STORIES, ids=lambda file: str(file.stem))
async def test_a_story_comes_out_as_it_should(
    file: Path, database: DatabaseAddress, rulebook: Rulebook
) -> None:
    (life,) = await lived(database, rulebook, [scenario_in(file)])
    assert await differences(life, database) == []


@pytest.mark.parametrize("name", OF_THE_LIST.values(), ids=map(str, OF_THE_LIST))
def test_every_case_of_the_list_has_its_story(name: str) -> None:
    assert name in [file.stem for file in STORIES]


def test_no_two_stories_share_a_number() -> None:
    told = [scenario_in(file) for file in STORIES]
    numbers = [
        *(each.case_number for each in told),
        *((m.kind, m.number) for each in told for m in each.matters.values()),
    ]
    assert len({*numbers}) == len(numbers)


WRONGLY: dict[str, dict[str, Any]] = {
    "stage": {"stage": "archived"},
    "open": {"open": None},
    "links": {"links": ()},
    "timers": {"timers": {"overdue": 9}},
    "events": {"events": ("clarification.opened",)},
}


@pytest.mark.parametrize("wrongly", WRONGLY)
async def test_a_story_told_wrongly_is_found_out(
    wrongly: str, database: DatabaseAddress, rulebook: Rulebook
) -> None:
    """The broken control: one matter expected otherwise than it came out."""
    story = scenario_in(IN_THE_DEMONSTRATION[0])
    key, told = next(iter(story.expect.matters.items()))
    said = told.model_dump(exclude_none=True) | WRONGLY[wrongly]
    if wrongly == "open":
        said["open"] = not told.open
    expect = story.expect.model_copy(update={"matters": {key: MatterExpected.model_validate(said)}})
    (life,) = await lived(database, rulebook, [story.model_copy(update={"expect": expect})])
    (difference,) = await differences(life, database)
    assert difference.startswith(f"expect.matters.{key}.{wrongly}")
