"""The figures a third time: SQL over the log's stored JSON, no view of ours asked."""

import json
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Final

import asyncpg

from tests.support.plain_figures import OF_DETERMINATIONS, Asked, Cells, row_of

EXTRACTION: Final = Path(__file__).with_suffix(".sql").read_text("utf-8")
SEVERAL: Final = {"situation": "situations", "measure": "measures"}
GROUPS: Final = {
    "region": "$2::jsonb ->> code",
    "organ": "organ_id",
    "year": "to_char(day, 'YYYY')",
    "quarter": "to_char(day, 'YYYY\"Q\"Q')",
    "month": "to_char(day, 'YYYY-MM')",
    "detail": "coalesce(detail, '未填')",
    "situation": "of_situation",
    "measure": "of_measure",
}
ANSWER: Final = """
WITH RECURSIVE merged AS (
    SELECT said ->> 'merged' AS number, said ->> 'kept' AS kept
    FROM told WHERE topic = 'identities.merged.v1' AND position <= $1
), led AS (
    SELECT number, kept FROM merged
    UNION
    SELECT led.number, merged.kept FROM led JOIN merged ON merged.number = led.kept
), standing AS (
    SELECT number, kept FROM led WHERE kept NOT IN (SELECT number FROM merged)
), asked AS (
    SELECT *, {day} AS day FROM countable
    WHERE position <= $1 AND (undone IS NULL OR undone > $1) AND $2::jsonb ? code
), things AS (
    SELECT DISTINCT {groups} measure AS of_them, coalesce(kept, person) AS person, key
    FROM asked LEFT JOIN standing ON number = person {unnested}
    WHERE {conditions}
)
SELECT {named} of_them, CASE of_them
    WHEN 'M21' THEN (SELECT count(*) FROM (
        SELECT again.person FROM things AS again WHERE again.of_them = 'M21' {same}
        GROUP BY again.person HAVING count(*) > 1) AS repeated)
    ELSE count(*) END AS figure
FROM things GROUP BY {named} of_them
"""


async def extract(superuser: asyncpg.Connection, *, blind_to: Collection[str] = ()) -> None:
    """Read the log into tables of this session; `blind_to` passes over topics, for the controls."""
    await superuser.execute(
        "DROP TABLE IF EXISTS told, event, track, determined, counted, countable"
    )
    await superuser.execute(EXTRACTION.format(blind_to=",".join(blind_to)))


async def answer(superuser: asyncpg.Connection, asked: Asked) -> Cells:
    """Every cell that is not nothing, from what was extracted."""
    codes = [row["code"] for row in await superuser.fetch("SELECT DISTINCT code FROM countable")]
    rows = {code: row_of(code, asked.region, asked.boundaries) for code in codes}
    values: list[object] = [asked.known_at, json.dumps({c: r for c, r in rows.items() if r})]

    def told(value: object) -> str:
        values.append(value)
        return f"${len(values)}"

    conditions = ["true"]
    if asked.since:
        conditions.append(f"day >= {told(asked.since)}::date")
    if asked.until:
        conditions.append(f"day <= {told(asked.until)}::date")
    if asked.organ_kind:
        conditions.append(f"organ_kind = {told(asked.organ_kind)}")
    for name, wanted in asked.only:
        those = told([*wanted])
        conditions.append(
            f"{SEVERAL[name]} ?| {those}::text[]"
            if name in SEVERAL
            else f"{GROUPS.get(name, name)} = ANY({those}::text[])"
        )
    conditions += _of_one_table(asked)
    names = [f"g{number}" for number, _ in enumerate(asked.by)]
    sql = ANSWER.format(
        day="coalesce(effective, decided)" if asked.dated == "effective" else "decided",
        groups="".join(
            f"{GROUPS.get(name, name)} AS {as_}, "
            for name, as_ in zip(asked.by, names, strict=True)
        ),
        unnested="".join(
            f"""CROSS JOIN LATERAL (SELECT jsonb_array_elements_text(
                CASE {SEVERAL[name]} WHEN '[]' THEN '["未填"]' ELSE {SEVERAL[name]} END
            ) AS of_{name}) AS {name}s_told """
            for name in asked.by
            if name in SEVERAL
        ),
        conditions=" AND ".join(conditions),
        named="".join(f"{each}, " for each in names),
        same="".join(f"AND again.{each} = things.{each} " for each in names),
    )
    found = await superuser.fetch(sql, *values)
    return {tuple(row.values())[:-1]: row["figure"] for row in found if row["figure"]}


def _of_one_table(asked: Asked) -> Iterable[str]:
    """A breakdown that only determinations, or only the other things, have."""
    if asked.dimensions & {"outcome", "track", *SEVERAL}:
        yield f"measure IN {OF_DETERMINATIONS}"
    if "detail" in asked.dimensions:
        yield f"measure NOT IN {OF_DETERMINATIONS}"
