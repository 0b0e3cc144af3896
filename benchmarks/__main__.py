"""`python -m benchmarks [PATH]`: every path, or one, beside its baseline, as Markdown or JSON."""

import argparse
import asyncio
import json
import logging
import os
import platform
import sys
from collections.abc import Iterator
from dataclasses import asdict

import structlog
from temporalio.runtime import LogForwardingConfig, LoggingConfig, Runtime, TelemetryConfig

from benchmarks import clocks as of_clocks
from benchmarks import projections as of_projections
from benchmarks import statistics as of_statistics
from benchmarks.acts import grow, growth, parts
from benchmarks.clocks import clocks
from benchmarks.measure import Row
from benchmarks.projections import projections
from benchmarks.statistics import statistics
from workers.embedded_postgres import EmbeddedPostgres
from workers.home import temporary_home
from workers.store import open_store, prepared

SIZES = (10_000, 100_000, 1_000_000)


def main() -> None:
    asked = _arguments()
    _log_to_stderr()
    rows: list[Row] = []
    if asked.what in ("acts", None):
        rows += _acts(quick=asked.quick)
    if asked.what in ("clocks", None):
        rows += clocks(of_clocks.QUICK if asked.quick else of_clocks.FULL)
    if asked.what in ("projections", None):
        rows += projections(of_projections.QUICK if asked.quick else of_projections.FULL)
    if asked.what in ("statistics", None):
        rows += statistics(of_statistics.QUICK if asked.quick else of_statistics.FULL)
    if asked.json:
        json.dump({"machine": _machine(), "rows": [asdict(row) for row in rows]}, sys.stdout)
        return
    print(f"{_machine()}\n")
    print("| 范围 | 项目 | 中位 | 中间一半 | p99 | 单位 | 与基准之比 | 与另一基准之比 |")
    print("|---|---|---:|---:|---:|---|---:|---:|")
    for row in rows:
        spread = f"{row.low:.3f}–{row.high:.3f}"
        to_table = "" if row.to_table is None else f"{row.to_table:.2f}"
        p99 = "" if row.p99 is None else f"{row.p99:.3f}"
        print(
            f"| {row.group} | {row.what} | {row.value:.3f} | {spread} | {p99} | {row.unit}"
            f" | {row.ratio:.2f} | {to_table} |"
        )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "what",
        nargs="?",
        choices=("acts", "clocks", "projections", "statistics"),
        help="缺省为全部",
    )
    parser.add_argument("--quick", action="store_true", help="小样：各在三分钟以内")
    parser.add_argument("--json", action="store_true", help="输出 JSON")
    return parser.parse_args()


def _log_to_stderr() -> None:
    """Stdout is for the rows; Temporal's SDK too would write there."""
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    told = LogForwardingConfig(logger=logging.getLogger("temporalio"))
    logs = LoggingConfig(filter="WARN", forwarding=told)
    Runtime.set_default(Runtime(telemetry=TelemetryConfig(logging=logs)))


def _machine() -> str:
    return f"{platform.machine()}，{os.cpu_count()} 核，Python {platform.python_version()}"


def _acts(*, quick: bool) -> Iterator[Row]:
    rounds = 100 if quick else 400
    yield from parts(rounds)
    with temporary_home() as home, asyncio.Runner() as runner:
        server = EmbeddedPostgres(home)
        runner.run(server.start())
        try:
            address = runner.run(prepared(server))
            have = 0
            for size in SIZES[: 2 if quick else None]:
                print(f"备库至 {size:,} 个事件 …", file=sys.stderr)
                grown = runner.run(grow(address, have, size, acts=rounds))
                have = size
                with open_store(address) as store:
                    yield from growth(address, store, grown)
        finally:
            runner.run(server.stop())


if __name__ == "__main__":
    main()
