"""百分比: columns of shares that sum to exactly 100.0, as the published ones do."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.reporting.percentages import percentages

WHOLE = Decimal("100.0")
TENTH = Decimal("0.1")


def printed(*counts: int) -> str:
    return " ".join(str(share) for share in percentages(counts))


# --- published columns (domain notes 4.2, 10.9) -----------------------------------------------


@pytest.mark.parametrize(
    ("counts", "column"),
    [
        ((663, 262, 35, 45), "66.0 26.0 3.5 4.5"),  # 安庆 2023Q1: 262/1005 alone would be 26.1
        ((45460, 23134, 3070, 2737), "61.1 31.1 4.1 3.7"),  # Hubei 2020: the first two 92.2
        ((688, 556, 66, 66), "50.0 40.4 4.8 4.8"),  # the country 2025-01..09, in 0.1 万人次
    ],
)
def test_published_columns_are_reproduced(counts: tuple[int, ...], column: str) -> None:
    assert printed(*counts) == column
    assert sum(percentages(counts)) == WHOLE


def test_the_first_two_forms_of_hubei_2020_add_up_to_the_share_printed_for_both() -> None:
    shares = percentages((45460, 23134, 3070, 2737))
    assert shares[0] + shares[1] == Decimal("92.2")
    assert percentages((45460 + 23134, 3070 + 2737))[0] == Decimal("92.2")


# --- ties and edges ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("counts", "column"),
    [
        ((1, 1, 1), "33.4 33.3 33.3"),  # equal in all: the earlier one
        ((0, 1, 1, 1), "0.0 33.4 33.3 33.3"),  # never to a count of 0
        ((1, 1, 1, 1, 1, 1), "16.7 16.7 16.7 16.7 16.6 16.6"),
        ((1, 1999), "0.0 100.0"),  # both lose half a tenth: the larger count
        ((1999, 1), "100.0 0.0"),
        ((7,), "100.0"),
        ((0, 5, 0), "0.0 100.0 0.0"),
    ],
)
def test_equal_losses_are_settled_in_one_way(counts: tuple[int, ...], column: str) -> None:
    assert printed(*counts) == column


@pytest.mark.parametrize(
    ("counts", "column"), [((), ""), ((0,), "0.0"), ((0, 0, 0), "0.0 0.0 0.0")]
)
def test_nothing_counted_has_no_shares(counts: tuple[int, ...], column: str) -> None:
    assert printed(*counts) == column


def test_a_negative_count_is_refused() -> None:
    with pytest.raises(ValueError, match="不能是负数"):
        percentages((5, -1))


# --- what holds for every column --------------------------------------------------------------

columns = st.lists(st.integers(0, 10**7) | st.integers(0, 9), max_size=40)


@settings(max_examples=1000)
@given(columns.filter(any))
def test_every_column_sums_to_exactly_one_hundred(counts: list[int]) -> None:
    assert sum(percentages(counts)) == WHOLE


@settings(max_examples=1000)
@given(columns.filter(any))
def test_every_share_is_less_than_a_tenth_away_from_the_exact_one(counts: list[int]) -> None:
    total = sum(counts)
    for number, share in zip(counts, percentages(counts), strict=True):
        assert abs(share * total - number * 100) < TENTH * total


@settings(max_examples=1000)
@given(columns)
def test_a_larger_count_never_has_the_smaller_share_and_the_order_settles_equals(
    counts: list[int],
) -> None:
    shares = percentages(counts)
    for at, number in enumerate(counts):
        for later, other in enumerate(counts[at + 1 :], start=at + 1):
            if number >= other:
                assert shares[at] >= shares[later]
            else:
                assert shares[at] <= shares[later]


@given(columns)
def test_every_share_is_printed_with_one_decimal(counts: list[int]) -> None:
    assert all(str(share).partition(".")[2].isdigit() for share in percentages(counts))
    assert all(len(str(share).partition(".")[2]) == 1 for share in percentages(counts))
