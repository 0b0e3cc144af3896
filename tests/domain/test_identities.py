"""Two numbers of one person are merged for good, on an approval, and never in a circle."""

from datetime import date, datetime

import pytest

from domain.aggregate import Order
from domain.identities import Identities, IdentitiesMerged, MergeIdentities
from domain.law.calendar import CHINA
from domain.people import Officer
from domain.refusals import Code, Refusal

NOW = datetime(2026, 4, 1, 9, tzinfo=CHINA)
MA = Officer(id="ma", role="案管室主任", organ="cdi")


def order(key: str = "k", authority: str | None = "会议纪要第3号", **unusual: date) -> Order:
    return Order(
        **{"key": key, "by": MA, "on": NOW.date(), "authority": authority, "now": NOW} | unusual
    )


def merge(book: Identities, merged: str, kept: str) -> None:
    book.perform(MergeIdentities(merged=merged, kept=kept, explanation="同一人"), order())


def test_a_merger_says_who_is_given_up_for_whom_and_why() -> None:
    book = Identities()
    merge(book, "p-2", "p-1")
    (event,) = book.pending
    assert isinstance(event, IdentitiesMerged)
    assert (event.merged, event.kept, event.explanation) == ("p-2", "p-1", "同一人")


def test_who_was_merged_into_one_follows_him_into_the_next() -> None:
    book = Identities()
    merge(book, "p-3", "p-2")
    merge(book, "p-2", "p-1")
    assert book.kept_for == {"p-3": "p-1", "p-2": "p-1"}


@pytest.mark.parametrize(
    ("merged", "kept", "code"),
    [
        ("p-1", "p-1", Code.MALFORMED),
        ("p-2", "p-4", Code.ALREADY_DONE),  # given up already
        ("p-1", "p-2", Code.ALREADY_DONE),  # would go round in a circle
    ],
)
def test_a_number_is_given_up_once_and_never_in_a_circle(
    merged: str, kept: str, code: Code
) -> None:
    book = Identities()
    merge(book, "p-2", "p-1")
    with pytest.raises(Refusal) as refused:
        merge(book, merged, kept)
    assert refused.value.code is code
    assert len(book.pending) == 1


def test_a_merger_shows_its_approval() -> None:
    book = Identities()
    act = MergeIdentities(merged="p-2", kept="p-1", explanation="同一人")
    with pytest.raises(Refusal) as refused:
        book.perform(act, order(authority=None))
    assert refused.value.code is Code.REASON_MISSING
    assert not book.pending


def test_a_merger_is_dated_no_later_than_today() -> None:
    act = MergeIdentities(merged="p-2", kept="p-1", explanation="同一人")
    with pytest.raises(Refusal) as refused:
        Identities().perform(act, order(on=date(2026, 4, 2)))
    assert refused.value.code is Code.DATE_IN_FUTURE
