"""Times things beside their baseline: interleaved, medians, spread; ratios, not bare numbers."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from statistics import median, quantiles


@dataclass(frozen=True)
class Row:
    """One measured thing: milliseconds, the middle half of them, and its ratio to the baseline."""

    group: str
    what: str
    ms: float
    low: float
    high: float
    ratio: float


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
    base = median(times[baseline[0]])
    for name, taken in times.items():
        low, _, high = quantiles(taken, n=4)
        yield Row(group, name, median(taken), low, high, median(taken) / base)
