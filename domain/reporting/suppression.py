"""小数隐去: which figures of a public table are withheld, so that no small one can be worked out.

A figure below a threshold points at persons. To withhold it is not enough: where the total and
the other parts are printed, subtraction gives it back. So others are withheld with it, as few and
as low in the table as possible.

What is withheld is chosen by one way and checked by another. `suppressed` looks at the sums as at
joints and at the figures as at pipes between them: a figure is safe when it stands on a ring of
withheld ones, around which one person more or less could be moved without any printed figure, or
the smallest possible one, being hurt. For tables of sums there is no other way for a figure to be
open, so this is exact. `recoverable` does what a reader would: it solves the printed sums.

Both guard against exact recovery. Neither guards against a narrow range, against who knows some
of the persons himself, nor against two tables of the same persons cut in different ways. Publish
one mark for all withheld figures: which of them are small is itself telling.
"""

import math
from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from heapq import heappop, heappush
from itertools import combinations, count
from typing import NamedTuple, TypeAlias

Cell: TypeAlias = Hashable
SEARCHED = 12  # up to so many candidates every choice of them is tried
SUMS_OF_A_CELL = 2  # its row's and its column's
OUTSIDE = -1  # the joint of figures that belong to fewer sums


class Sum(NamedTuple):
    """What the reader knows to add up: the total, and the parts it is printed for."""

    total: Cell
    parts: tuple[Cell, ...]


@dataclass(frozen=True)
class Node:
    """A place of a hierarchy and its count; `name` is unique in the whole of it."""

    name: str
    count: int
    children: tuple["Node", ...] = ()


@dataclass(frozen=True)
class Table:
    """The figures to be published, totals among them, and the sums between them.

    `impossible`: structural zeros, which every reader knows; never withheld, and of no help.
    `distinct`: persons counted once at every total, which may be less than the sum of its parts;
    what is withheld is then chosen as if they added up, because a reader would try that.
    ValueError for a negative count, a total that does not fit its parts, an impossible count.
    """

    counts: Mapping[Cell, int]
    sums: tuple[Sum, ...]
    impossible: frozenset[Cell] = frozenset()
    distinct: bool = False

    def __post_init__(self) -> None:
        if any(number < 0 for number in self.counts.values()):
            raise ValueError("计数不能是负数：请核对。")
        if any(self.counts[cell] for cell in self.impossible):
            raise ValueError("不可能发生的格子里有计数：请核对。")
        for total, parts in self.sums:
            numbers = [self.counts[part] for part in parts]
            least = max(numbers) if self.distinct else sum(numbers)
            if not least <= self.counts[total] <= sum(numbers):
                raise ValueError(
                    f"合计 {self.counts[total]} 与各项 {numbers} 不符：请核对；"
                    "按人去重的数字请注明 distinct。"
                )

    @property
    def known_zeros(self) -> frozenset[Cell]:
        """The structural zeros, and the totals of nothing else."""
        zeros = self.impossible
        while more := {s.total for s in self.sums if zeros.issuperset(s.parts)} - zeros:
            zeros |= more
        return zeros


@dataclass(frozen=True)
class Suppression:
    """`primary`: too small themselves; `complementary`: they would give those away."""

    primary: frozenset[Cell]
    complementary: frozenset[Cell]

    @property
    def cells(self) -> frozenset[Cell]:
        """All that is to be withheld."""
        return self.primary | self.complementary


def one_way(
    printed: Sequence[int], *, impossible: Collection[int] = (), distinct: bool = False
) -> Table:
    """Take a row as printed, its total last; cells are places in it, from 0."""
    *parts, total = range(len(printed))
    sums = (Sum(total, tuple(parts)),) if parts else ()
    return Table(dict(enumerate(printed)), sums, frozenset(impossible), distinct)


def two_way(
    printed: Sequence[Sequence[int]],
    *,
    impossible: Collection[tuple[int, int]] = (),
    distinct: bool = False,
) -> Table:
    """Take a table as printed, the last row and column its totals; cells are (row, column).

    ValueError for rows of different lengths, and for less than one row and column with totals.
    """
    *rows, total_row = range(len(printed))
    *columns, total_column = range(len(printed[0]))
    if not rows or not columns or any(len(row) != len(printed[0]) for row in printed):
        raise ValueError("表格应为整齐的行列，末行、末列为合计：请核对。")
    across = [
        Sum((row, total_column), tuple((row, column) for column in columns))
        for row in (*rows, total_row)
    ]
    down = [
        Sum((total_row, column), tuple((row, column) for row in rows))
        for column in (*columns, total_column)
    ]
    counts: dict[Cell, int] = {
        (row, column): number
        for row, numbers in enumerate(printed)
        for column, number in enumerate(numbers)
    }
    return Table(counts, (*across, *down), frozenset(impossible), distinct)


def tree(root: Node, *, impossible: Collection[str] = (), distinct: bool = False) -> Table:
    """Take a hierarchy in which every node is published; cells are the names.

    ValueError for a name that comes twice.
    """
    nodes = list(_below(root))
    counts: dict[Cell, int] = {node.name: node.count for node in nodes}
    if len(counts) < len(nodes):
        raise ValueError("层级中有重名：请核对。")
    sums = tuple(
        Sum(node.name, tuple(child.name for child in node.children))
        for node in nodes
        if node.children
    )
    return Table(counts, sums, frozenset(impossible), distinct)


def suppressed(table: Table, threshold: int, *, zeros_shown: bool) -> Suppression:
    """Tell what to withhold: all counts below the threshold, and what would give them away.

    `zeros_shown`: a 0 points at nobody and is printed; every reader then knows that what is
    withheld is not 0. Otherwise a 0 is as small as a 1.
    Of the further figures those that are no totals are preferred, then fewer, then smaller ones:
    the best choice where at most SEARCHED come into question, a good one in larger tables, a safe
    one always. The same table always loses the same figures.
    ValueError for a threshold below 1, and where a figure belongs to sums in more than two
    directions.
    """
    if threshold < 1:
        raise ValueError(f"最小公布数须为正整数，不能是 {threshold}：请核对。")
    known = table.known_zeros
    hidden = [
        cell
        for cell, number in table.counts.items()
        if number < threshold and cell not in known and (number or not zeros_shown)
    ]
    candidates = [cell for cell, number in table.counts.items() if number >= threshold]
    rings = _Rings(table, floor=int(zeros_shown))
    primary = frozenset(hidden)
    further = _one_by_one(rings, hidden, candidates)
    if len(candidates) <= SEARCHED:
        further = _best(rings, primary, candidates, further)
    return Suppression(primary, further)


def recoverable(
    table: Table, suppressed: Collection[Cell], *, zeros_shown: bool
) -> frozenset[Cell]:
    """Tell which of the withheld figures a reader of the others can work out.

    Exactly, whatever is done by adding and subtracting. Beyond that only what shows when each sum
    is looked at by itself, again and again, knowing that no count is below 0 (below 1 among the
    withheld, when zeros are shown): that may miss what only several sums together would tell, and
    is left out for distinct counts.
    """
    withheld = [cell for cell in table.counts if cell in set(suppressed)]
    solved = _solved(table.sums, withheld)
    if table.distinct:
        return solved
    return solved | _pinned(table, frozenset(withheld) - solved, floor=int(zeros_shown))


class _Cost(NamedTuple):
    """What it costs to withhold figures; compared from the left."""

    height: int = 0  # how many levels of totals, over all of them
    cells: int = 0
    numbers: int = 0  # the counts themselves

    def plus(self, other: "_Cost") -> "_Cost":
        return _Cost(*(mine + its for mine, its in zip(self, other, strict=True)))


class _Pipe(NamedTuple):
    """A step from one joint to the next, by raising or by lowering this figure."""

    cell: Cell
    to: int


class _Rings:
    """The sums as joints, the figures as pipes between two of them, and the ways around."""

    def __init__(self, table: Table, floor: int) -> None:
        self.counts = table.counts
        self.floor = floor  # no withheld figure can be less
        self.ends = _ends(table)
        heights: dict[Cell, int] = {}
        for cell in self.counts:
            _measure(cell, {each.total: each.parts for each in table.sums}, heights)
        self.costs = {cell: _Cost(heights[cell], 1, self.counts[cell]) for cell in self.counts}
        self.pipes: dict[int, list[_Pipe]] = {}
        for cell, (tail, head) in self.ends.items():
            self.pipes.setdefault(tail, []).append(_Pipe(cell, head))
            if self.may_fall(cell):
                self.pipes.setdefault(head, []).append(_Pipe(cell, tail))

    def may_fall(self, cell: Cell) -> bool:
        return self.counts[cell] > self.floor

    def cost(self, cells: Collection[Cell]) -> _Cost:
        total = _Cost()
        for cell in cells:
            total = total.plus(self.costs[cell])
        return total

    def safe(self, hidden: Collection[Cell]) -> bool:
        return all(self.around(cell, hidden, ()) is not None for cell in hidden)

    def around(
        self, cell: Cell, hidden: Collection[Cell], candidates: Collection[Cell]
    ) -> frozenset[Cell] | None:
        """Give the candidates to be withheld so that `cell` is on a ring; None without any."""
        tail, head = self.ends[cell]
        allowed = dict.fromkeys(hidden, _Cost()) | {each: self.costs[each] for each in candidates}
        allowed.pop(cell, None)
        ways = [self._way(head, tail, allowed)]  # one more
        if self.may_fall(cell):
            ways.append(self._way(tail, head, allowed))
        rings = [frozenset(way).intersection(candidates) for way in ways if way is not None]
        return min(rings, key=self.cost, default=None)

    def _way(self, start: int, end: int, allowed: Mapping[Cell, _Cost]) -> list[Cell] | None:
        """Give the cheapest way through the figures allowed (Dijkstra); None without any."""
        turn = count()  # so that equals are taken in a fixed order
        queue: list[tuple[_Cost, int, int, list[Cell]]] = [(_Cost(), next(turn), start, [])]
        done = set()
        while queue:
            cost, _, joint, way = heappop(queue)
            if joint == end:
                return way
            if joint in done:
                continue
            done.add(joint)
            for cell, to in self.pipes[joint]:
                if cell in allowed and to not in done:
                    further = cost.plus(allowed[cell])
                    heappush(queue, (further, next(turn), to, [*way, cell]))
        return None


def _one_by_one(
    rings: _Rings, hidden: Sequence[Cell], candidates: Sequence[Cell]
) -> frozenset[Cell]:
    """Close the cheapest ring for one figure after the other, then print again what is not needed.

    There always is one: with everything withheld a figure and all totals above it can rise.
    """
    chosen: list[Cell] = []
    for cell in hidden:
        free = [each for each in candidates if each not in chosen]
        ring = rings.around(cell, [*hidden, *chosen], free) or frozenset()
        chosen += [each for each in free if each in ring]
    for cell in sorted(chosen, key=rings.costs.__getitem__, reverse=True):
        rest = [each for each in chosen if each != cell]
        if rings.safe([*hidden, *rest]):
            chosen = rest
    return frozenset(chosen)


def _best(
    rings: _Rings, primary: frozenset[Cell], candidates: Sequence[Cell], found: frozenset[Cell]
) -> frozenset[Cell]:
    """Try every choice that costs less than the one found, the cheapest first."""
    limit = rings.cost(found)
    cheaper = [
        (cost, choice)
        for size in range(len(candidates) + 1)
        for choice in combinations(candidates, size)
        if (cost := rings.cost(choice)) < limit
    ]
    cheaper.sort(key=lambda each: each[0])
    choices = (frozenset(choice) for _, choice in cheaper)
    return next((choice for choice in choices if rings.safe(primary | choice)), found)


def _below(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children:
        yield from _below(child)


def _measure(cell: Cell, parts: Mapping[Cell, Sequence[Cell]], heights: dict[Cell, int]) -> int:
    """Note how many levels of parts lie below a figure; 0 for one that is no total."""
    if cell not in heights:
        below = [_measure(part, parts, heights) for part in parts.get(cell, ())]
        heights[cell] = max(below, default=-1) + 1
    return heights[cell]


def _ends(table: Table) -> dict[Cell, tuple[int, int]]:
    """Lay every figure between two sums: it leaves the one and enters the other when it rises.

    At a sum either the total enters and the parts leave, or the other way round; which, follows
    from the neighbours.
    """
    roles: dict[Cell, list[tuple[int, int]]] = {cell: [] for cell in table.counts}
    for place, (total, parts) in enumerate(table.sums):
        for cell, role in ((total, 1), *((part, -1) for part in parts)):
            roles[cell].append((place, role))
    signs: dict[int, int] = {}
    for first in range(len(table.sums)):
        signs.setdefault(first, 1)
        waiting = [first]
        while waiting:
            place = waiting.pop()
            for cell in (table.sums[place].total, *table.sums[place].parts):
                role = next(its for at, its in roles[cell] if at == place)
                for at, its in roles[cell]:
                    if at not in signs:
                        signs[at] = -signs[place] * role * its
                        waiting.append(at)
    ends = {}
    for cell, its_roles in roles.items():
        tails = [place for place, role in its_roles if signs[place] * role < 0]
        heads = [place for place, role in its_roles if signs[place] * role > 0]
        if len(tails) > 1 or len(heads) > 1:
            raise ValueError("一个数字最多属于行、列两个方向的合计：请把表拆开。")
        ends[cell] = (*tails, OUTSIDE)[0], (*heads, OUTSIDE)[0]
    return ends


def _solved(sums: Sequence[Sum], withheld: Sequence[Cell]) -> frozenset[Cell]:
    """Solve the printed sums (Gauss–Jordan): which withheld figures stand alone in one."""
    rows = []
    for total, parts in sums:
        signs = dict.fromkeys(parts, 1) | {total: -1}
        rows.append([Fraction(signs.get(cell, 0)) for cell in withheld])
    done = 0
    for column in range(len(withheld)):
        pivot = next((at for at in range(done, len(rows)) if rows[at][column]), None)
        if pivot is None:
            continue
        rows[done], rows[pivot] = rows[pivot], rows[done]
        rows[done] = [number / rows[done][column] for number in rows[done]]
        for at, row in enumerate(rows):
            if at != done and (times := row[column]):
                rows[at] = [a - times * b for a, b in zip(row, rows[done], strict=True)]
        done += 1
    alone = ([cell for cell, number in zip(withheld, row, strict=True) if number] for row in rows)
    return frozenset(cells[0] for cells in alone if len(cells) == 1)


def _pinned(table: Table, unknown: frozenset[Cell], floor: int) -> frozenset[Cell]:
    """Narrow the range of every figure by each sum in turn, until nothing moves."""
    low: dict[Cell, float] = dict(table.counts)
    high: dict[Cell, float] = dict(table.counts)
    low.update(dict.fromkeys(unknown, floor))
    high.update(dict.fromkeys(unknown, math.inf))
    moved = True
    while moved:
        before = dict(low), dict(high)
        for total, parts in table.sums:
            low[total] = max(low[total], sum(low[part] for part in parts))
            high[total] = min(high[total], sum(high[part] for part in parts))
            for part in parts:
                others = [each for each in parts if each != part]
                low[part] = max(low[part], low[total] - sum(high[each] for each in others))
                high[part] = min(high[part], high[total] - sum(low[each] for each in others))
        moved = (low, high) != before
    return frozenset(cell for cell in unknown if low[cell] == high[cell])
