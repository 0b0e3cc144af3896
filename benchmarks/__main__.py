"""`python -m benchmarks`: every path beside its baseline in the same run, as Markdown or JSON."""

import argparse
import asyncio
import json
import os
import platform
import sys
from collections.abc import Iterator
from dataclasses import asdict

from benchmarks.acts import grow, growth, parts
from benchmarks.measure import Row
from workers.embedded_postgres import EmbeddedPostgres
from workers.home import temporary_home
from workers.store import open_store, prepared

SIZES = (10_000, 100_000, 1_000_000)


def main() -> None:
    asked = _arguments()
    rows = list(_all(quick=asked.quick))
    if asked.json:
        json.dump({"machine": _machine(), "rows": [asdict(row) for row in rows]}, sys.stdout)
        return
    print(f"{_machine()}\n")
    print("| 范围 | 项目 | 毫秒（中位） | 中间一半 | 与基准之比 |\n|---|---|---:|---:|---:|")
    for row in rows:
        spread = f"{row.low:.3f}–{row.high:.3f}"
        print(f"| {row.group} | {row.what} | {row.ms:.3f} | {spread} | {row.ratio:.2f} |")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="三分钟以内的小样")
    parser.add_argument("--json", action="store_true", help="输出 JSON")
    return parser.parse_args()


def _machine() -> str:
    return f"{platform.machine()}，{os.cpu_count()} 核，Python {platform.python_version()}"


def _all(*, quick: bool) -> Iterator[Row]:
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
