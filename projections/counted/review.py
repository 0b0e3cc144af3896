"""What is counted of reviews."""

from collections.abc import Iterator

from domain.aggregate import Event
from domain.review.events import DecisionReviewed, ReviewOpened
from domain.review.matter import Review
from projections.counted.countable import Countable


def counted(event: Event, matter: Review) -> Iterator[Countable]:
    """For 申诉改变率 (M20): what was asked for by remedy, what was decided by result."""
    match event:
        case ReviewOpened(remedy=remedy, attacked=attacked):
            yield Countable("review_lodged", matter.subject, attacked, (remedy,))
        case DecisionReviewed(result=result):
            yield Countable("reviewed", matter.subject, matter.attacked, (result,))
