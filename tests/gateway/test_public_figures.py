"""A table for everybody: what is small is withheld, and what would give it away."""

from gateway.public_figures import public
from projections.definitions import EVERY

(M9,) = (each for each in EVERY if each.id == "M9")


def shown(*counts: int, total: int) -> list[int | None]:
    rows = [{"region": f"42{n:02}00", M9.name: count} for n, count in enumerate(counts, start=1)]
    told = public(rows, {M9.name: total}, [M9], 3, "region")
    return [row[M9.name] for row in told]


def test_a_small_figure_takes_another_with_it_so_that_subtraction_tells_nothing() -> None:
    assert shown(2, 7, 9, total=18) == [None, None, 9, 18]


def test_two_small_figures_hide_one_another() -> None:
    assert shown(2, 1, 9, 12, total=24)[:2] == [None, None]


def test_where_nothing_is_small_everything_is_shown() -> None:
    assert shown(3, 7, 9, total=19) == [3, 7, 9, 19]


def test_nobody_is_pointed_at_by_a_nought() -> None:
    assert shown(0, 7, 9, total=16) == [0, 7, 9, 16]


def test_the_rows_that_were_asked_for_are_left_as_they_are() -> None:
    rows = [{"region": "420100", M9.name: 1}]
    public(rows, {M9.name: 1}, [M9], 3, "region")
    assert rows == [{"region": "420100", M9.name: 1}]
