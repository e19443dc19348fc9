"""Labels as clients send them: checked against the picture that they belong to."""

from collections.abc import Iterator, Sequence

from backend.errors import Invalid
from backend.schemas.base import displayable
from backend.schemas.datasets import MAX_LABEL
from models.core.contract.dataset import Annotation, DatasetKind, LabeledObject, Mask
from models.core.contract.messages import Text
from models.core.datasets.run_lengths import BrokenMask, runs_of

MAX_OBJECTS = 2_000  # in one picture
MAX_CORNERS = 10_000  # of one object
_TOLERANCE = 1.0  # pixels beyond the edge that are rounding, and are cut off

_LABEL = Text("core.labels.label_length", "must have 1 to {most} visible characters")
_OUTSIDE = Text("core.labels.outside", "is outside the picture of {width} × {height} pixels")
_EMPTY_BOX = Text("core.labels.empty_box", "has no area")
_MANY_OBJECTS = Text("core.labels.many_objects", "has {n:,} objects; the limit is {limit:,}")
_MANY_CORNERS = Text("core.labels.many_corners", "has {n:,} corners; the limit is {limit:,}")
_ODD = Text("core.labels.odd_polygon", "needs a y for every x")
_MASK_SIZE = Text("core.labels.mask_size", "is not of the picture's size, {height} × {width}")
_RUNS = Text("core.labels.run_lengths", "has run lengths that do not cover the mask exactly")
_NO_CLASS = Text("core.labels.no_class", "needs the picture's class")
_WRONG = Text("core.labels.wrong_annotation", "{place} {problem}.")


def checked(
    annotation: Annotation, kind: DatasetKind, size: tuple[int, int], at: str = "/annotation"
) -> Annotation:
    """The annotation with tidy labels, and boxes and polygons cut at the picture's edge.

    Args:
        size: width and height of the picture, in pixels.
        at: JSON pointer to the annotation in the request.

    Raises:
        Invalid: a label, box, polygon or mask does not fit; the pointer names it.
    """
    if kind == DatasetKind.CLASSES and annotation.label is None:
        raise _wrong(at, _NO_CLASS())
    if len(annotation.objects) > MAX_OBJECTS:
        raise _wrong(f"{at}/objects", _MANY_OBJECTS(n=len(annotation.objects), limit=MAX_OBJECTS))
    label = None if annotation.label is None else _label(annotation.label, f"{at}/label")
    objects = [
        _object(each, size, f"{at}/objects/{number}") for number, each in enumerate(annotation.objects)
    ]
    return Annotation(label=label, objects=objects)


def labels_of(annotation: Annotation | None) -> Iterator[str]:
    """Every label, in the order of their appearance."""
    if annotation is not None:
        if annotation.label is not None:
            yield annotation.label
        yield from (each.label for each in annotation.objects)


def kind_of(annotation: Annotation | None) -> DatasetKind:
    """The kind of the first labels of a dataset that had none."""
    if annotation is None or (annotation.label is None and not annotation.objects):
        return DatasetKind.PICTURES
    if not annotation.objects:
        return DatasetKind.CLASSES
    has_areas = any(each.polygons or each.mask for each in annotation.objects)
    return DatasetKind.MASKS if has_areas else DatasetKind.BOXES


def _object(given: LabeledObject, size: tuple[int, int], at: str) -> LabeledObject:
    polygons = given.polygons
    if polygons is not None:
        corners = sum(len(polygon) for polygon in polygons) // 2
        if corners > MAX_CORNERS:
            raise _wrong(f"{at}/polygons", _MANY_CORNERS(n=corners, limit=MAX_CORNERS))
        polygons = [
            _polygon(polygon, size, f"{at}/polygons/{number}") for number, polygon in enumerate(polygons)
        ]
    if given.mask is not None:
        _check_mask(given.mask, size, f"{at}/mask")
    return given.model_copy(
        update={
            "label": _label(given.label, f"{at}/label"),
            "box": _box(given.box, size, f"{at}/box"),
            "polygons": polygons,
        }
    )


def _label(text: str, at: str) -> str:
    shown = displayable(text)
    if not 1 <= len(shown) <= MAX_LABEL:
        raise _wrong(at, _LABEL(most=MAX_LABEL))
    return shown


def _box(
    box: tuple[float, float, float, float], size: tuple[int, int], at: str
) -> tuple[float, float, float, float]:
    xmin, ymin, xmax, ymax = _inside(box, size, at)
    if xmin >= xmax or ymin >= ymax:
        raise _wrong(at, _EMPTY_BOX())
    return xmin, ymin, xmax, ymax


def _polygon(polygon: Sequence[float], size: tuple[int, int], at: str) -> list[float]:
    if len(polygon) % 2:
        raise _wrong(at, _ODD())
    return _inside(polygon, size, at)


def _inside(values: Sequence[float], size: tuple[int, int], at: str) -> list[float]:
    """x, y, x, y ... within the picture; what is beyond its edge by less than a pixel is cut off."""
    cut = []
    for number, value in enumerate(values):
        limit = size[number % 2]
        if not -_TOLERANCE < value < limit + _TOLERANCE:
            raise _wrong(at, _OUTSIDE(width=size[0], height=size[1]))
        cut.append(min(max(value, 0.0), float(limit)))
    return cut


def _check_mask(mask: Mask, size: tuple[int, int], at: str) -> None:
    width, height = size
    if mask.size != (height, width):
        raise _wrong(f"{at}/size", _MASK_SIZE(width=width, height=height))
    try:
        runs_of(mask)
    except BrokenMask as error:
        raise _wrong(f"{at}/counts", _RUNS()) from error


def _wrong(at: str, problem: str) -> Invalid:
    place = at.removeprefix("/").replace("/", ".")
    return Invalid(_WRONG(place=place, problem=problem), errors=[{"pointer": at, "detail": problem}])
