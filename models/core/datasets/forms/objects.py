"""Objects as archives label them, made safe: inside of their picture, finite, not empty."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from models.core.contract.dataset import LabeledObject, Mask, Picture
from models.core.contract.dataset_report import Finding, Problems
from models.core.contract.messages import Text
from models.core.datasets import run_lengths

MOST_OBJECTS = 2_000  # in one picture
MOST_POINTS = 10_000  # of one object's polygons
MOST_CHARACTERS = 100  # of a class's name
_TOLERATED = 1.0  # pixels outside of the picture, for rounding

Box = tuple[float, float, float, float]

CLIPPED = Finding(
    "outside",
    "warning",
    Text(
        "core.datasets.outside",
        "Objects that reached outside of their picture: {n:,}. They end at its edge now.",
    ),
)
OUTSIDE = Finding(
    "entirely_outside",
    "error",
    Text(
        "core.datasets.entirely_outside",
        "Objects entirely outside of their picture: {n:,}. They were left out.",
    ),
)
DEGENERATE = Finding(
    "degenerate",
    "warning",
    Text("core.datasets.degenerate", "Objects without width or height: {n:,}. They were left out."),
)
NOT_FINITE = Finding(
    "not_finite",
    "error",
    Text(
        "core.datasets.not_finite",
        "Objects whose coordinates are no finite numbers: {n:,}. They were left out.",
    ),
)
WRONG_MASK = Finding(
    "wrong_mask",
    "error",
    Text(
        "core.datasets.wrong_mask",
        "Masks that do not have their picture's size, or are damaged: {n:,}. They were left out.",
    ),
)
TOO_MANY_OBJECTS = Finding(
    "too_many_objects",
    "warning",
    Text(
        "core.datasets.too_many_objects",
        "Pictures with more than 2,000 objects: {n:,}. The others were left out.",
    ),
)
TOO_MANY_POINTS = Finding(
    "too_many_points",
    "warning",
    Text(
        "core.datasets.too_many_points",
        "Objects with more than 10,000 points: {n:,}. Only their boxes were kept.",
    ),
)


@dataclass(frozen=True)
class Raw:
    """An object as a file states it, in pixels."""

    label: str
    box: Sequence[float] | None = None  # xmin, ymin, xmax, ymax; None: around its area
    polygons: Sequence[Sequence[float]] | None = None
    mask: Mask | None = None
    is_crowd: bool = False


class _Unusable(Exception):
    """Nothing of an object can be kept."""

    def __init__(self, finding: Finding):
        super().__init__(finding.code)
        self.finding = finding


def clean(raw: Raw, picture: Picture, place: str, problems: Problems) -> LabeledObject | None:
    """The object within its picture; None, and a problem at `place`: nothing of it is left."""
    polygons = [list(map(float, points)) for points in raw.polygons or () if len(points) >= 6]
    has_few_points = sum(map(len, polygons)) <= 2 * MOST_POINTS
    if not has_few_points:
        problems.add(TOO_MANY_POINTS, place)
    try:
        box = _box_of(raw, polygons, picture)
        kept = _clip_box(box, picture)
    except _Unusable as error:
        problems.add(error.finding, place)
        return None
    inside = [_clip_points(points, picture) for points in polygons]
    if max(map(_distance, [kept, *inside], [box, *polygons])) > _TOLERATED:
        problems.add(CLIPPED, place)
    areas = inside if inside and has_few_points else None
    return LabeledObject(label=raw.label, box=kept, polygons=areas, mask=raw.mask, is_crowd=raw.is_crowd)


def _box_of(raw: Raw, polygons: list[list[float]], picture: Picture) -> Box:
    """The box as given, or around the area. Raises _Unusable: neither makes sense."""
    if not all(math.isfinite(value) for points in (raw.box or (), *polygons) for value in points):
        raise _Unusable(NOT_FINITE)
    around = _around_mask(raw.mask, picture) if raw.mask is not None else _around(polygons)
    if raw.box is not None:
        xmin, ymin, xmax, ymax = map(float, raw.box)
        return xmin, ymin, xmax, ymax
    if around is None:
        raise _Unusable(DEGENERATE)
    return around


def _distance(new: Sequence[float], old: Sequence[float]) -> float:
    return max(abs(one - other) for one, other in zip(new, old, strict=True))


def _clip_box(box: Box, picture: Picture) -> Box:
    """Raises _Unusable: nothing of it is within the picture."""
    xmin, ymin, xmax, ymax = box
    left, top = max(xmin, 0.0), max(ymin, 0.0)
    right, bottom = min(xmax, float(picture.width)), min(ymax, float(picture.height))
    if left >= right or top >= bottom:
        raise _Unusable(OUTSIDE if xmin < xmax and ymin < ymax else DEGENERATE)
    return left, top, right, bottom


def _clip_points(points: list[float], picture: Picture) -> list[float]:
    sides = (float(picture.width), float(picture.height))
    return [min(max(value, 0.0), sides[index % 2]) for index, value in enumerate(points)]


def _around(polygons: list[list[float]]) -> Box | None:
    if not polygons:
        return None
    xs = [value for points in polygons for value in points[::2]]
    ys = [value for points in polygons for value in points[1::2]]
    return min(xs), min(ys), max(xs), max(ys)


def _around_mask(mask: Mask, picture: Picture) -> Box | None:
    """Raises _Unusable: not the mask of such a picture."""
    if tuple(mask.size) != (picture.height, picture.width):
        raise _Unusable(WRONG_MASK)
    try:
        return run_lengths.box(run_lengths.runs_of(mask), picture.height)
    except run_lengths.BrokenMask as error:
        raise _Unusable(WRONG_MASK) from error


def number_of(value: object) -> float:
    """A number of a file as a float; NaN if it is none. Integers beyond all floats are infinite."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return math.nan
    try:
        return float(value)
    except OverflowError:
        return math.inf


def number_in(text: str) -> float:
    """The number that a text is; NaN if it is none."""
    try:
        return float(text)
    except ValueError:
        return math.nan
