"""Charts: what is drawn can be read by everybody, is drawn once, and tells nothing withheld."""

import asyncio
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, fromstring

import pytest

from domain.regions.tree import Level
from gateway.charts.boundaries import COUNTIES, PREFECTURES, outlines
from gateway.charts.choropleth import choropleth, path, projection
from gateway.charts.counted import Period, periods
from gateway.charts.figures import About, Figure
from gateway.charts.ranking import ranked, ranking
from gateway.charts.shades import BLUES, Classing, shades
from gateway.charts.svg import WIDTH, fitted, width_of, wrapped
from gateway.charts.tile_grid import TILES, tile_grid
from gateway.charts.trend import tick, trend
from gateway.regions import region_tree
from gateway.rulebook import Rulebook
from gateway.scenarios import scenario_in
from gateway.simulation.lives import SYNTHETIC
from gateway.simulation.plan import MARK
from tests.support.databases import copied, session
from tests.support.lives import SCENARIOS, play_into
from workers.addresses import DatabaseAddress
from workers.embedded_postgres import EmbeddedPostgres

TODAY = date(2026, 11, 22)
SVG = "{http://www.w3.org/2000/svg}"
ABOUT = About("湖北省容错人次", "人次", ("2022 至 2023",), ("合计 100 人次。",))
HUBEI = region_tree().children("42", TODAY)
FIGURES = [Figure(each.code, each.name, 7 * place) for place, each in enumerate(HUBEI)]
MONTHS = [Figure(f"2026-{month:02}", f"2026年{month}月", month) for month in range(1, 10)]
DRAWN: dict[str, Callable[[About, list[Figure]], bytes]] = {
    "map": lambda about, figures: choropleth(
        about, figures, outlines(PREFECTURES), Classing.QUANTILES
    ),
    "tiles": lambda about, figures: tile_grid(about, figures, Classing.QUANTILES),
    "ranking": ranking,
    "trend": trend,
}
Run = Callable[..., tuple[int, str, str]]


def figures_of(name: str) -> list[Figure]:
    return MONTHS if name == "trend" else FIGURES


def drawn(name: str, about: About = ABOUT, figures: list[Figure] | None = None) -> Element:
    return fromstring(DRAWN[name](about, figures_of(name) if figures is None else figures))  # noqa: S314 (our own)


def words(picture: Element) -> list[str]:
    return [each.text or "" for each in picture.iter(f"{SVG}text")]


# --- every picture --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", DRAWN)
def test_every_unit_is_drawn_once_and_told_in_words(name: str) -> None:
    picture, figures = drawn(name), figures_of(name)
    marked = [each for each in picture.iter() if "data-key" in each.attrib]
    assert sorted(each.attrib["data-key"] for each in marked) == [each.key for each in figures]
    told = {f"{each.name}：{each.count} 人次" for each in figures}
    assert {each.findtext(f"{SVG}title") for each in marked} == told
    described = picture.findtext(f"{SVG}desc") or ""
    assert told <= {*described.split("；")}


@pytest.mark.parametrize("name", DRAWN)
def test_a_picture_stands_alone_under_the_strictest_content_policy(name: str) -> None:
    picture = drawn(name)
    assert picture.attrib["role"] == "img"
    assert not [each.tag for each in picture.iter(f"{SVG}script")]
    assert not [each.tag for each in picture.iter(f"{SVG}style")]
    for each in picture.iter():
        assert not {"style", "href", "onload", "onclick"} & {*each.attrib}
        for value in each.attrib.values():
            assert "url(" not in value or value == "url(#withheld)"


@pytest.mark.parametrize("name", DRAWN)
def test_equal_figures_give_equal_bytes(name: str) -> None:
    figures = figures_of(name)
    assert DRAWN[name](ABOUT, figures) == DRAWN[name](ABOUT, [*figures])


@pytest.mark.parametrize("name", DRAWN)
def test_hostile_words_stay_words(name: str) -> None:
    hostile = "</title><script>alert(1)</script>\x00\x1b&\"'" + "长" * 300
    about = About(hostile, hostile, (hostile,), (hostile,), mark="<b>")
    picture = drawn(name, about, [replace(each, name=hostile) for each in figures_of(name)])
    assert not [*picture.iter(f"{SVG}script"), *picture.iter(f"{SVG}b")]
    assert (picture.findtext(f"{SVG}title") or "").startswith("</title><script>")


@pytest.mark.parametrize("name", DRAWN)
def test_a_mark_stands_on_the_picture_and_in_its_title(name: str) -> None:
    picture = drawn(name, replace(ABOUT, mark=SYNTHETIC))
    assert SYNTHETIC in words(picture)
    assert SYNTHETIC in (picture.findtext(f"{SVG}title") or "")
    assert SYNTHETIC not in words(drawn(name))


@pytest.mark.parametrize("name", DRAWN)
def test_a_withheld_figure_is_hatched_and_told_as_withheld(name: str) -> None:
    figures = figures_of(name)
    picture = drawn(name, ABOUT, [replace(figures[0], count=None), *figures[1:]])
    (withheld,) = (e for e in picture.iter() if e.attrib.get("data-key") == figures[0].key)
    assert withheld.findtext(f"{SVG}title") == f"{figures[0].name}：＊（不公布）"
    assert "url(#withheld)" in {each.attrib.get("fill") for each in withheld.iter()}


@pytest.mark.parametrize("name", DRAWN)
def test_nothing_at_all_can_be_drawn_where_all_is_nought_or_withheld(name: str) -> None:
    for count in (0, None):
        picture = drawn(name, ABOUT, [replace(each, count=count) for each in figures_of(name)])
        assert ("＊" if count is None else "0") in words(picture)


@pytest.mark.parametrize("name", ["ranking", "trend"])
def test_where_there_is_nothing_the_picture_says_so(name: str) -> None:
    assert "（没有）" in words(drawn(name, ABOUT, []))


@pytest.mark.parametrize("name", DRAWN)
def test_no_words_begin_beyond_the_edge_of_the_page(name: str) -> None:
    picture = drawn(name)
    for each in picture.iter(f"{SVG}text"):
        assert 0 <= float(each.attrib.get("x", "0")) <= WIDTH


# --- shades ---------------------------------------------------------------------------------------


def shaded(*counts: int | None, classing: Classing = Classing.QUANTILES) -> list[tuple[int, int]]:
    figures = [Figure(str(place), "某地", count) for place, count in enumerate(counts)]
    return [(each.low, each.high) for each in shades(figures, classing)]


def test_quantiles_hold_about_as_many_units_each() -> None:
    assert shaded(*range(1, 11)) == [(1, 2), (3, 4), (5, 6), (7, 8), (9, 10)]
    assert shaded(1, 1, 1, 1, 1, 2, 3, 4, 50, 60) == [(1, 1), (2, 2), (3, 4), (5, 60)]


def test_equal_steps_are_equally_wide() -> None:
    assert shaded(1, 2, 3, 4, 5, 50, classing=Classing.EQUAL) == [
        (1, 10),
        (11, 20),
        (21, 30),
        (31, 40),
        (41, 50),
    ]


@pytest.mark.parametrize("classing", Classing)
def test_few_different_counts_end_a_shade_each(classing: Classing) -> None:
    assert shaded(2, 2, 9, 4, classing=classing) == [(2, 2), (3, 4), (5, 9)]
    assert shaded(3, classing=classing) == [(3, 3)]


@pytest.mark.parametrize("classing", Classing)
@pytest.mark.parametrize("counts", [(5, 6, 7, 8, 9, 10, 11), (1, 2, 3, 5, 8, 13, 900), (3, 4)])
def test_every_count_falls_into_exactly_one_shade(
    counts: tuple[int, ...], classing: Classing
) -> None:
    found = shaded(*counts, classing=classing)
    for count in range(min(counts), max(counts) + 1):
        assert len([low for low, high in found if low <= count <= high]) == 1
    assert (found[0][0], found[-1][1]) == (min(counts), max(counts))


@pytest.mark.parametrize("classing", Classing)
def test_neither_nought_nor_a_withheld_count_moves_a_bound(classing: Classing) -> None:
    shown = shaded(4, 5, 6, 7, 8, 9, 30, classing=classing)
    assert shaded(0, None, 4, 5, 6, 7, 8, 9, 30, classing=classing) == shown
    assert shaded(0, None, classing=classing) == []


def test_more_is_darker_in_grey_as_well() -> None:
    def grey(fill: str) -> float:
        red, green, blue = (int(fill[at : at + 2], 16) for at in (1, 3, 5))
        return 0.299 * red + 0.587 * green + 0.114 * blue

    greys = [grey(fill) for fill, _ in BLUES]
    assert all(light - dark > 25 for light, dark in pairwise(greys))


def test_the_legend_says_the_bounds() -> None:
    assert {"图例（人次）", "0", "7–28", "92–112"} <= {*words(drawn("tiles"))}


# --- each kind ------------------------------------------------------------------------------------


def test_a_bar_is_placed_by_its_figure_then_by_code_and_what_is_withheld_last() -> None:
    told = {"420100": 3, "420200": None, "420300": 9, "420500": 3, "420600": None, "420700": 0}
    found = ranked([Figure(code, "某地", count) for code, count in reversed(told.items())])
    assert [each.key for each in found] == [
        "420300",
        "420100",
        "420500",
        "420700",
        "420200",
        "420600",
    ]


def test_a_trend_is_broken_where_figures_are_withheld() -> None:
    hidden = {"2026-04", "2026-05"}
    broken = [replace(e, count=None) if e.key in hidden else e for e in MONTHS]
    runs = drawn("trend", ABOUT, broken).iter(f"{SVG}polyline")
    assert [len(each.attrib["points"].split()) for each in runs] == [3, 4]


def test_the_lines_across_a_trend_are_round_numbers() -> None:
    assert [tick(most) for most in (0, 1, 5, 6, 32, 99, 101, 4000)] == [
        1,
        1,
        1,
        2,
        10,
        20,
        50,
        1000,
    ]


def test_months_quarters_and_years_without_gaps() -> None:
    since, until = date(2022, 11, 20), date(2023, 2, 1)
    assert [*periods(Period.MONTH, since, until, [])] == [
        "2022-11",
        "2022-12",
        "2023-01",
        "2023-02",
    ]
    assert [*periods(Period.QUARTER, since, None, ["2023Q2"])] == ["2022Q4", "2023Q1", "2023Q2"]
    assert [*periods(Period.YEAR, None, None, ["2026", "2024"])] == ["2024", "2025", "2026"]
    assert [*periods(Period.MONTH, None, None, [])] == []


def test_no_two_tiles_lie_in_one_place_and_each_unit_of_the_province_has_one() -> None:
    assert len({(each.row, each.column) for each in TILES.values()}) == len(TILES)
    assert {*TILES} == {each.code for each in HUBEI}


def test_the_boundaries_are_those_of_the_units_of_the_table() -> None:
    counties = {e.code for e in region_tree().on(TODAY) if e.level is Level.COUNTY}
    assert {*outlines(PREFECTURES)} == {each.code for each in HUBEI}
    assert {*outlines(COUNTIES)} == counties
    assert (len(HUBEI), len(counties)) == (17, 103)


def test_north_is_up_east_is_right_and_nothing_lies_beyond_the_page() -> None:
    every = outlines(PREFECTURES)
    project, height = projection([*every.values()])
    shiyan, huanggang, wuhan = (
        project(every[code].label_at) for code in ("420300", "421100", "420100")
    )
    assert shiyan[0] < wuhan[0] < huanggang[0]
    assert shiyan[1] < wuhan[1]
    for outline in every.values():
        places = re.findall(r"[\d.-]+", path(outline, project))
        assert all(0 <= float(x) <= WIDTH for x in places[::2])
        assert all(0 <= float(y) <= round(height, 1) for y in places[1::2])


def test_a_name_for_which_there_is_no_room_is_written_below_the_map() -> None:
    wuhan = region_tree().children("4201", TODAY)
    figures = [Figure(each.code, each.name, 4) for each in wuhan]
    told = words(fromstring(choropleth(ABOUT, figures, outlines(COUNTIES), Classing.QUANTILES)))  # noqa: S314 (our own)
    (below,) = (each for each in told if each.startswith("图上写不下的"))
    assert all((each.name in told) != (each.name in below) for each in wuhan)


def test_lines_are_broken_and_cut_to_their_room() -> None:
    lines = wrapped("合计三百七十一名。" * 20, 300, 12)
    assert "".join(lines) == "合计三百七十一名。" * 20
    assert all(width_of(each, 12) <= 300 for each in lines)
    assert fitted("恩施土家族苗族自治州", 60, 12) == "恩施土家…"
    assert fitted("恩施州", 60, 12) == "恩施州"


# --- the command ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def lived(
    postgres: EmbeddedPostgres, template_database: DatabaseAddress, outside: asyncio.Runner
) -> Iterator[DatabaseAddress]:
    """邓某、李某 were determined to be tolerated in 松滋 on 2023-03-27."""
    with copied(postgres, template_database, outside) as address:
        lives = [scenario_in(SCENARIOS / "04_rent_reduction.yaml")]
        outside.run(play_into(address, Rulebook.packaged(), lives))
        yield address


@pytest.fixture
def asked(
    lived: DatabaseAddress, run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Callable[..., tuple[Any, Element]]:
    """Draw by a command: the figures it tells, and the picture it wrote."""
    monkeypatch.setenv("RONGCUO_DATABASE_HOST", str(lived.host))
    monkeypatch.setenv("RONGCUO_DATABASE_PORT", str(lived.port))
    monkeypatch.setenv("RONGCUO_DATABASE_NAME", lived.name)
    out = tmp_path / "chart.svg"

    def ask(*arguments: str) -> tuple[Any, Element]:
        exit_code, told, err = run("stats", "chart", *arguments, "--out", str(out), "--json")
        assert exit_code == 0, err
        return json.loads(told), fromstring(out.read_bytes())  # noqa: S314 (our own)

    return ask


Asked = Callable[..., tuple[Any, Element]]


def positions(lived: DatabaseAddress) -> list[int]:
    """Of the two determinations."""
    with session(lived) as superuser:
        rows = superuser.execute("SELECT position FROM views.statistics ORDER BY 1").fetchall()
    return [position for (position,) in rows]


def counts(answer: Any) -> dict[str, int | None]:
    return {each["key"]: each["count"] for each in answer["figures"]}


def test_a_map_tiles_and_a_ranking_are_drawn_of_the_same_figures(asked: Asked) -> None:
    for name in ("map", "tiles", "ranking"):
        answer, picture = asked(name, "--region", "42")
        found = counts(answer)
        assert (len(found), found.pop("421000"), {*found.values()}) == (17, 2, {0})
        assert (answer["total"], answer["own"], answer["mark"]) == (2, None, None)
        assert "荆州市：2 名" in {each.text for each in picture.iter(f"{SVG}title")}
        assert any(f"日志第 {answer['position']} 号以前" in each for each in words(picture))


def test_counties_are_counted_in_those_of_the_day_of_the_boundaries(asked: Asked) -> None:
    answer, _ = asked("map", "--region", "42", "--level", "county")
    assert (len(counts(answer)), counts(answer)["421087"]) == (103, 2)
    then, _ = asked("ranking", "--region", "4210", "--boundaries", "2019-01-01")
    assert next(iter(counts(then))) == "421087"
    assert "421023" in counts(then)


def test_what_organs_above_the_counties_handled_is_told_together_below_the_map(
    asked: Asked, lived: DatabaseAddress
) -> None:
    first, second = positions(lived)
    moved = "UPDATE views.statistics SET region = %s WHERE position = %s"
    with session(lived) as superuser:
        superuser.execute(moved, ("421000", first))
        superuser.execute(moved, ("420000", second))
        try:
            answer, picture = asked("map", "--region", "42", "--level", "county")
        finally:
            superuser.execute("UPDATE views.statistics SET region = '421087'")
    assert {*counts(answer).values()} == {0}
    assert answer["own"]["count"] == answer["total"] == 2
    assert any("湖北省、市（州）本级机关不在图上的 2 名" in each for each in words(picture))


def test_a_trend_goes_by_the_period_asked_for(asked: Asked) -> None:
    window = ("--from", "2023-01-01", "--to", "2023-12-31")
    answer, _ = asked("trend", "--region", "42", *window, "--by", "quarter")
    assert counts(answer) == {"2023Q1": 2, "2023Q2": 0, "2023Q3": 0, "2023Q4": 0}
    by_month, _ = asked("trend", *window)
    assert (len(by_month["figures"]), counts(by_month)["2023-03"]) == (12, 2)


@pytest.mark.parametrize("name", ["map", "tiles", "ranking", "trend"])
def test_a_public_chart_tells_no_small_figure_and_no_total_that_would(
    asked: Asked, name: str
) -> None:
    answer, picture = asked(name, "--region", "42", "--public")
    assert None in counts(answer).values()
    assert answer["total"] is None
    assert 2 not in counts(answer).values()
    told = [*words(picture), *(each.text or "" for each in picture.iter(f"{SVG}title"))]
    told.append(picture.findtext(f"{SVG}desc") or "")
    assert not [each for each in told if re.search(r"\b2 名", each)]
    assert any(each.startswith("合计 ＊ 名") for each in words(picture))


@pytest.mark.parametrize("name", ["tiles", "trend"])
def test_a_chart_as_known_at_a_position_leaves_out_what_came_later(
    asked: Asked, lived: DatabaseAddress, name: str
) -> None:
    first, _ = positions(lived)
    before, _ = asked(name, "--region", "42", "--known-at", str(first - 1))
    then, picture = asked(name, "--region", "42", "--known-at", str(first))
    assert (before["total"], then["total"]) == (0, 1)
    assert [count for count in counts(then).values() if count] == [1]
    assert any(f"日志第 {first} 号以前" in each for each in words(picture))


def test_a_simulated_store_is_marked_on_every_picture(asked: Asked, lived: DatabaseAddress) -> None:
    marked = "UPDATE views.matter_register SET number = %s || number"
    unmarked = "UPDATE views.matter_register SET number = substr(number, %s)"
    with session(lived) as superuser:
        superuser.execute(marked, (MARK,))
        try:
            answer, picture = asked("tiles", "--region", "42")
        finally:
            superuser.execute(unmarked, (len(MARK) + 1,))
    assert answer["mark"] == SYNTHETIC
    assert SYNTHETIC in words(picture)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("map", "--region", "51"), "四川省没有边界数据"),
        (("map",), "全部地区没有边界数据"),
        (("map", "--region", "429004"), "仙桃市没有边界数据"),
        (("map", "--region", "4210", "--boundaries", "2019-01-01"), "421023 监利县没有边界数据"),
        (("tiles", "--region", "4210"), "请用 rongcuo stats chart ranking"),
        (("ranking", "--region", "4210", "--level", "prefecture"), "荆州市之下没有地级的区划"),
        (("ranking", "--level", "county"), "全部地区之下没有县级的区划"),
    ],
)
def test_what_cannot_be_drawn_is_refused_with_what_can(
    run: Run, arguments: tuple[str, ...], told: str
) -> None:
    exit_code, out, err = run("stats", "chart", *arguments, "--out", "-", "--json")
    refused = json.loads(err)
    assert (exit_code, out, refused["code"]) == (1, "", "unknown_item")
    assert told in refused["message"]


@pytest.mark.parametrize(
    "arguments", [("--measure", "M99"), ("--organ-kind", "police"), ("--region", "abc")]
)
def test_wrong_usage_is_told_as_such(run: Run, arguments: tuple[str, ...]) -> None:
    assert run("stats", "chart", "ranking", *arguments, "--out", "-")[0] == 2


@pytest.mark.usefixtures("asked")
def test_a_picture_goes_to_standard_output_alone_or_to_a_file_that_can_be_written(
    run: Run, tmp_path: Path
) -> None:
    drawing = ("stats", "chart", "tiles", "--region", "42", "--out")
    exit_code, out, _ = run(*drawing, "-")
    assert (exit_code, fromstring(out.encode()).tag) == (0, f"{SVG}svg")  # noqa: S314 (our own)
    assert run(*drawing, "-", "--json")[0] == 2
    exit_code, out, err = run(*drawing, str(tmp_path / "nowhere" / "chart.svg"))
    assert (exit_code, out, "写不进去" in err) == (1, "", True)
