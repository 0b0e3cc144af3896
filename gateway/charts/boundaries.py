"""Boundaries of Hubei's units as they are packaged; data/README.md tells where they come from."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final, TypeAlias

Point: TypeAlias = tuple[float, float]  # degrees of longitude and latitude

PREFECTURES: Final = "hubei_prefectures.json"
COUNTIES: Final = "hubei_counties.json"
ORIGIN: Final = (
    "边界：国家地理信息公共服务平台（天地图），坐标经简化。本图为示意，不作划界依据；"
    "向社会公布地图须依法送审。"
)


@dataclass(frozen=True)
class Outline:
    """The rings around a unit, of land and of holes alike, and where its name may stand."""

    code: str
    short_name: str
    label_at: Point
    rings: tuple[tuple[Point, ...], ...]


@cache
def outlines(file: str) -> Mapping[str, Outline]:
    """Every unit of a packaged file, by code."""
    told = json.loads((files("gateway.charts") / "data" / file).read_text("utf-8"))
    return {each.code: each for each in map(_outline, told["features"])}


def _outline(feature: Any) -> Outline:
    named = feature["properties"]
    rings = (ring for polygon in feature["geometry"]["coordinates"] for ring in polygon)
    longitude, latitude = named["label_at"]
    return Outline(
        named["code"],
        named["short_name"],
        (longitude, latitude),
        tuple(tuple((x, y) for x, y in ring) for ring in rings),
    )
