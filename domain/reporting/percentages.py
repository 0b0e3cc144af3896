"""百分比: the column of shares beside a column of counts, which sums to exactly 100.0.

Published columns are made to sum to 100 (domain notes 4.3): 262 of 1005 is printed as 26%, where
rounding by itself would print 26.1%. The largest remainder at 0.1 does the same, every time.
"""

from collections.abc import Sequence
from decimal import Decimal

TENTHS = 1000  # of one per cent, in a whole
TENTH = Decimal("0.1")


def percentages(counts: Sequence[int]) -> tuple[Decimal, ...]:
    """Give each count's share in per cent, exactly and with one decimal, in the order given.

    Every share is cut to a whole number of tenths; the tenths then missing go one each to those
    that lost most in the cutting. Of equal losses the larger count comes first, of equal counts
    the one that stands earlier. A count of 0 has 0.0, and a larger count never the smaller share.

    Nothing counted at all has no shares: each is 0.0 then, the one column that does not sum to
    100.0. The counts stay with the caller: a share is printed, never reckoned with. Shares beside
    withheld counts tell them (see `suppression`): give those groups to this function as one.
    ValueError for a count below 0.
    """
    if any(count < 0 for count in counts):
        raise ValueError(f"计数不能是负数（{list(counts)}）：请核对。")
    total = sum(counts)
    if not total:
        return (Decimal("0.0"),) * len(counts)
    shares = [count * TENTHS // total for count in counts]
    by_loss = sorted(  # which keeps the order of equals
        range(len(counts)),
        key=lambda place: (counts[place] * TENTHS % total, counts[place]),
        reverse=True,
    )
    for place in by_loss[: TENTHS - sum(shares)]:
        shares[place] += 1
    return tuple(share * TENTH for share in shares)
