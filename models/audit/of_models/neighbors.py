"""Nearest wrong neighbors: what was answered wrongly, beside the most similar example of the predicted class.

Often they look alike for a reason that has nothing to do with the class.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from PIL import Image

from models.audit.inspection import table
from models.audit.of_models.views import confidence
from models.audit.sheets import Tile, sheet_stage
from models.core.auditing.outcomes import Outcomes
from models.core.contract import cancellation
from models.core.contract.dataset import Picture
from models.core.contract.messages import Text
from models.core.contract.prediction import Stage
from models.core.datasets.archive import Dataset
from models.core.tables import headings

SHOWN = 6  # wrong answers
MOST_CANDIDATES = 60  # pictures of a class that are compared
SIDE = 16  # pixels, where the model offers no features
MOST_COLUMNS = 12
MOST_ROWS = 5_000  # among which the nearest is found

TITLE = Text("audit.neighbors.title", "Nearest wrong neighbors")
ABOUT_FEATURES = Text(
    "audit.neighbors.about_features",
    "The surest wrong answers; beside each the example of the class that it was taken for, and that of its "
    "own class, whose features in the network are nearest (cosine distance).",
)
ABOUT_PIXELS = Text(
    "audit.neighbors.about_pixels",
    "The surest wrong answers; beside each the example of the class that it was taken for, and that of its "
    "own class, that is most similar at 16 × 16 pixels.",
)
ABOUT_ROWS = Text(
    "audit.neighbors.about_rows",
    "The surest wrong answers; below each the nearest row of the class that it was taken for: numbers in "
    "standard deviations, and 1 for each category that differs.",
)
WRONG = Text("audit.neighbors.wrong", "answered wrongly")
TAKEN_FOR = Text("audit.neighbors.taken_for", "nearest of the predicted class")
OWN = Text("audit.neighbors.own", "nearest of its own class")
CLASS = Text("audit.neighbors.class", "class")
ARROW = Text("audit.neighbors.arrow", "{actual}, predicted {predicted}")
ACTUAL = Text("audit.neighbors.actual", "actual")
PREDICTED = Text("audit.neighbors.predicted", "predicted")
DISTANCE = Text("audit.neighbors.distance", "distance")

Features = Callable[[Dataset, Sequence[Picture]], np.ndarray]  # (N, D) of pictures, by the model


def neighbor_stages(found: Outcomes, source: Any, features: Features | None) -> Iterator[Stage]:
    """None without wrong answers, for regressions, and for detectors, whose boxes are matched by class."""
    if found.task != "classification":
        return
    wrong = np.flatnonzero(~found.is_right)
    wrong = wrong[np.argsort(-confidence(found)[wrong], kind="stable")][:SHOWN].tolist()
    if wrong and isinstance(source, Dataset):
        yield from _of_pictures(found, wrong, source, features)
    elif wrong and found.rows is not None:
        yield from _of_rows(found, wrong)


def _of_pictures(
    found: Outcomes, wrong: Sequence[int], source: Dataset, features: Features | None
) -> Iterator[Stage]:
    by_file = {picture.file: picture for picture in source.manifest.pictures}
    by_class = {
        name: [each for each in source.manifest.pictures if each.annotation and each.annotation.label == name]
        for name in found.classes
    }
    described = _Described(source, features)
    rows = []
    for index in wrong:
        own = by_file[found.pictures[index]["picture"]]
        actual, predicted = (found.classes[int(each[index])] for each in (found.actual, found.predicted))
        captions = ARROW(actual=actual, predicted=predicted)
        tiles = [Tile(source.decode(own), captions)]
        for name in (predicted, actual):
            nearest = described.nearest(own, by_class[name])
            tiles.append(Tile(source.decode(nearest), name) if nearest else Tile(None))
        rows.append(tiles)
    yield sheet_stage(
        "neighbors",
        TITLE(),
        ABOUT_PIXELS() if features is None else ABOUT_FEATURES(),
        rows,
        row_names=[found.pictures[index]["picture"].rpartition("/")[2] for index in wrong],
        column_names=[WRONG(), TAKEN_FOR(), OWN()],
        captions_name=CLASS(),
        code=f"{__name__}.neighbor_stages",
    )


class _Described:
    """Numbers by which pictures are compared, computed once for each."""

    def __init__(self, source: Dataset, features: Features | None):
        self.source, self.features = source, features
        self.known: dict[str, np.ndarray] = {}

    def nearest(self, own: Picture, others: Sequence[Picture]) -> Picture | None:
        """None: there is no other of that class."""
        others = [each for each in others if each.sha256 != own.sha256][:MOST_CANDIDATES]
        if not others:
            return None
        cancellation.check()
        self._describe([own, *others])
        distances = [float(np.square(self.known[own.file] - self.known[each.file]).sum()) for each in others]
        return others[int(np.argmin(distances))]

    def _describe(self, pictures: Sequence[Picture]) -> None:
        new = [each for each in pictures if each.file not in self.known]
        if not new:
            return
        values = (
            np.stack([_pixels(self.source.decode(each)) for each in new])
            if self.features is None
            else self.features(self.source, new)
        )
        lengths = np.linalg.norm(values, axis=1, keepdims=True)
        if self.features is not None:  # the distance of directions
            values = values / np.maximum(lengths, 1e-9)
        self.known |= {each.file: value for each, value in zip(new, values, strict=True)}


def _pixels(image: Image.Image) -> np.ndarray:
    return np.asarray(image.resize((SIDE, SIDE), Image.Resampling.BOX), np.float32).ravel()


def _of_rows(found: Outcomes, wrong: Sequence[int]) -> Iterator[Stage]:
    """Two rows for each wrong answer: its own, and the nearest of the class that it was taken for."""
    compared = {*range(min(len(found), MOST_ROWS)), *wrong}
    cells = {index: found.details[index]["values"] for index in sorted(compared)}
    scales = {name: _scale([each[name] for each in cells.values()]) for name in cells[wrong[0]]}
    names = list(scales)[:MOST_COLUMNS]
    rows: list[list[Any]] = []
    for index in wrong:
        others = [other for other in cells if found.actual[other] == found.predicted[index]]
        if not others:
            continue
        distances = [_distance(cells[index], cells[other], scales) for other in others]
        nearest = others[int(np.argmin(distances))]
        for each, distance in ((index, None), (nearest, round(min(distances), 3))):
            classes = [found.classes[int(of[each])] for of in (found.actual, found.predicted)]
            shown = [cells[each][name] for name in names]
            rows.append(
                [int(found.rows[each]) if found.rows is not None else None, *classes, distance, *shown]
            )
    if rows:
        columns = [headings.ROW(), ACTUAL(), PREDICTED(), DISTANCE(), *names]
        code = "of_models.neighbors.neighbor_stages"
        yield table("neighbors", TITLE(), ABOUT_ROWS(), columns, rows, code)


def _scale(values: Sequence[Any]) -> float | None:
    """The standard deviation of numbers; None: categories."""
    numbers = [value for value in values if isinstance(value, float)]
    if len(numbers) < sum(value is not None for value in values):
        return None
    return max(float(np.std(numbers)), 1e-9) if numbers else 1.0


def _distance(one: Mapping[str, Any], other: Mapping[str, Any], scales: Mapping[str, float | None]) -> float:
    total = 0.0
    for name, scale in scales.items():
        a, b = one[name], other[name]
        if scale is None or a is None or b is None:
            total += float(a != b)
        else:
            total += ((a - b) / scale) ** 2
    return total**0.5
