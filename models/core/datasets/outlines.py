"""Outlines of a mask from its run lengths, in plain Python: the borders between its pixels and the others."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise

Point = tuple[int, int]
Interval = tuple[int, int]  # of rows: the first, and the one after the last


def outlines(runs: list[int], height: int) -> list[list[Point]]:
    """Closed polygons along the pixels' edges, holes included; filled by the even-odd rule they are the mask.

    Pixels that touch at a corner only are apart. Every area is to the right of its edges.
    """
    following = _edges(_columns(runs, height))
    found = []
    while following:
        start = min(following)
        loop = _follow(following, start)
        found.append(_corners(loop))
    return found


def joined(polygons: Sequence[Sequence[tuple[float, float]]]) -> list[tuple[float, float]]:
    """One polygon of several: a path to each of them and back, which encloses nothing."""
    first = polygons[0]
    path = list(first)
    for polygon in polygons[1:]:
        path += [first[0], *polygon, polygon[0]]
    return [*path, first[0]] if len(polygons) > 1 else path


def _columns(runs: list[int], height: int) -> dict[int, list[Interval]]:
    columns: dict[int, list[Interval]] = defaultdict(list)
    start = 0
    for index, run in enumerate(runs):
        end = start + run
        while index % 2 and start < end:
            column, row = divmod(start, height)
            last = min(row + end - start, height)
            columns[column].append((row, last))
            start += last - row
        start = end
    return columns


def _edges(columns: dict[int, list[Interval]]) -> dict[Point, list[Point]]:
    """From each corner to the next ones, with the area on the right hand (y points down)."""
    following: dict[Point, list[Point]] = defaultdict(list)
    for x in sorted({*columns, *(column + 1 for column in columns)}):
        left, right = columns.get(x - 1, []), columns.get(x, [])
        for top, bottom in right:
            following[x, top].append((x + 1, top))
            following[x + 1, bottom].append((x, bottom))
        rows = sorted({row for interval in (*left, *right) for row in interval})
        for top, bottom in pairwise(rows):
            is_left, is_right = _covers(left, top), _covers(right, top)
            if is_right and not is_left:
                following[x, bottom].append((x, top))
            elif is_left and not is_right:
                following[x, top].append((x, bottom))
    return following


def _covers(intervals: list[Interval], row: int) -> bool:
    index = bisect_right(intervals, (row, 1 << 62)) - 1
    return index >= 0 and row < intervals[index][1]


def _follow(following: dict[Point, list[Point]], start: Point) -> list[Point]:
    """The loop through `start`, whose edges are removed; at a crossing it turns right."""
    loop = [start]
    before = None
    while True:
        here = loop[-1]
        choices = following[here]
        step = choices[0]
        if len(choices) > 1 and before is not None:
            dx, dy = here[0] - before[0], here[1] - before[1]
            step = next(each for each in choices if _cross(dx, dy, each[0] - here[0], each[1] - here[1]) > 0)
        choices.remove(step)
        if not choices:
            del following[here]
        if step == start:
            return loop
        loop.append(step)
        before = here


def _cross(dx: int, dy: int, next_dx: int, next_dy: int) -> int:
    """Positive: a turn to the right, where y points down."""
    return dx * next_dy - dy * next_dx


def _corners(loop: list[Point]) -> list[Point]:
    """The loop without points on straight lines."""
    return [
        here
        for before, here, after in zip(loop[-1:] + loop[:-1], loop, loop[1:] + loop[:1], strict=True)
        if _cross(here[0] - before[0], here[1] - before[1], after[0] - here[0], after[1] - here[1])
    ]
