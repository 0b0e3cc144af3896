"""How commands speak: one JSON document for programs, tables and sentences for people."""

import json
import sys
from collections.abc import Iterable, Sequence
from typing import Annotated, Any

from cyclopts import Parameter
from rich.console import Console
from rich.table import Table

OK, FAILURE, USAGE, DIFFERENCE, UNREACHABLE = range(5)

JsonOption = Annotated[
    bool, Parameter(name="--json", negative=(), help="输出一份 JSON，供程序读取。")
]

WIDE = None if sys.stdout.isatty() else 200  # a file or a pipe has no edge to wrap at
people = Console(soft_wrap=True, highlight=False, emoji=False, markup=False, width=WIDE)
aside = Console(stderr=True, soft_wrap=True, highlight=False, emoji=False, markup=False)


def document(value: Any) -> None:
    """Print one JSON document."""
    json.dump(value, sys.stdout, ensure_ascii=False, indent=2, default=str)
    sys.stdout.write("\n")


def table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Print a table; an empty one says so."""
    shown = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        shown.add_column(column, overflow="fold")
    for row in rows:
        shown.add_row(*("" if cell is None else str(cell) for cell in row))
    if shown.row_count:
        people.print(shown)
    else:
        people.print("（没有）")
