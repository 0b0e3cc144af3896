"""What is counted of follow-ups: visits (M14), grades, and how they ended."""

from collections.abc import Iterator

from domain.aggregate import Event
from domain.follow_up import events
from domain.follow_up.matter import FollowUp
from projections.counted.countable import Countable


def counted(event: Event, matter: FollowUp) -> Iterator[Countable]:
    """人次 are the rows, 人 their distinct subjects."""
    who, number = next(iter(matter.subjects.values())), matter.number
    match event:
        case events.VisitHeld(way=way):
            yield Countable("visited", who, group=number, detail=(way,))
        case events.FollowUpGraded(grade=grade):
            yield Countable("follow_up_graded", who, group=number, detail=(grade,))
        case events.FollowUpCompleted():
            yield Countable("follow_up_completed", who, group=number)
        case events.FollowUpLapsed():
            yield Countable("follow_up_lapsed", who, group=number)
