"""Times things beside their baseline: interleaved, medians, spread; ratios, not bare numbers."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median, quantiles
from typing import Final

HUNDRED: Final = 100


@dataclass(frozen=True)
class Row:
    """One measured thing: its median, the middle half of what was seen, its ratio to the baseline.

    `to_table`: its ratio to the second baseline, where one runs along. `p99`: what one in a hundred
    exceeds, where a hundred were seen.
    """

    group: str
    what: str
    value: float
    low: float
    high: float
    ratio: float
    unit: str = "毫秒"
    to_table: float | None = None
    p99: float | None = None


def medians(
    group: str,
    *,
    baseline: tuple[str, Callable[[], object]],
    measured: Mapping[str, Callable[[], object]],
    rounds: int,
) -> Iterator[Row]:
    """Run baseline and measured in turn, `rounds` times; the baseline's row comes first."""
    everything = {baseline[0]: baseline[1], **measured}
    for run in everything.values():
        run()  # once for the caches
    times: dict[str, list[float]] = {name: [] for name in everything}
    for _ in range(rounds):
        for name, run in everything.items():
            begun = time.perf_counter()
            run()
            times[name].append((time.perf_counter() - begun) * 1000)
    yield from beside(group, times)


def beside(
    group: str,
    samples: Mapping[str, Sequence[float]],
    *,
    unit: str = "毫秒",
    table: str | None = None,
) -> Iterator[Row]:
    """What was seen of each, beside the first of them, and beside `table` if it is among them."""
    middles = {name: median(seen) for name, seen in samples.items()}
    base, second = next(iter(middles.values())), middles.get(table or "")
    for name, seen in samples.items():
        low, high = _middle_half(seen)
        yield Row(
            group,
            name,
            middles[name],
            low,
            high,
            middles[name] / base,
            unit,
            middles[name] / second if second else None,
            quantiles(seen, n=100, method="inclusive")[-1] if len(seen) >= HUNDRED else None,
        )


def _middle_half(seen: Sequence[float]) -> tuple[float, float]:
    if len(seen) == 1:
        return seen[0], seen[0]
    low, _, high = quantiles(seen, n=4, method="inclusive")
    return low, high
