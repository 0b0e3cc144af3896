"""The definitions of the measures, read from their file and turned into SQL over their tables.

Every word of a definition is one of ours or was checked to be plain letters, so that it can stand
in SQL as it is.
"""

import re
from importlib.resources import files
from typing import Final

import yaml

from domain.reporting.measures import Definitions, MeasureDefinition
from projections.statistics import DETERMINATIONS, DUTIES, FACTS, Measure, Source

TABLES: Final[dict[str, Source]] = {
    "determinations": DETERMINATIONS,
    "facts": FACTS,
    "duties": DUTIES,
}
PLAIN: Final = re.compile(r"[a-z_]+")
NEVER_NULL: Final = ("matter_id", "position")


def packaged() -> Definitions:
    """The edition that comes with the program."""
    told = files("domain.reporting").joinpath("measures.yaml").read_text("utf-8")
    return Definitions.model_validate(yaml.safe_load(told))


def compiled(definition: MeasureDefinition, of: Definitions) -> Measure:
    """A definition as SQL. ValueError for a value that is no plain word."""
    source = TABLES[definition.of]
    columns = source.columns
    counted = [columns[each] for each in definition.counted]
    conditions = [
        f"{columns[column]} IN ({', '.join(map(_literal, of.values(values)))})"
        for column, values in definition.include.items()
    ]
    table = source.table
    if definition.unless:
        same = " AND ".join(_same(columns[each], table) for each in definition.unless.same)
        conditions.append(
            f"NOT EXISTS (SELECT FROM views.{table} AS other WHERE {same}"
            f" AND other.what = {_literal(definition.unless.what)}"
            f" AND other.position BETWEEN {table}.position AND {{known}})"
        )
    return Measure(
        definition.id,
        definition.name,
        definition.label,
        definition.unit,
        counted[0] if len(counted) == 1 else f"({', '.join(counted)})",
        conditions,
        source,
        several=columns[definition.several] if definition.several else None,
    )


def _same(column: str, table: str) -> str:
    if column in NEVER_NULL:  # an index knows what is equal, not what is not distinct
        return f"other.{column} = {table}.{column}"
    inner = column.replace("detail[", "other.detail[") if "[" in column else f"other.{column}"
    outer = column.replace("detail[", f"{table}.detail[") if "[" in column else f"{table}.{column}"
    return f"{inner} IS NOT DISTINCT FROM {outer}"


def _literal(value: str) -> str:
    if not PLAIN.fullmatch(value):
        raise ValueError(f"指标定义里的 {value} 不是小写字母和下划线组成的词")
    return f"'{value}'"


DEFINITIONS: Final = packaged()
EVERY: Final = tuple(compiled(each, DEFINITIONS) for each in DEFINITIONS.measures)
HEADLINE: Final = tuple(
    measure
    for measure, definition in zip(EVERY, DEFINITIONS.measures, strict=True)
    if definition.headline
)
