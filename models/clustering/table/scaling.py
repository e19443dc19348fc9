"""Scales of columns, so that columns in different units count alike in a distance."""

from dataclasses import dataclass

import numpy as np

from models.clustering.distances import unit
from models.core.contract.errors import InputError
from models.core.contract.messages import Text

NO_DIRECTION = Text(
    "clustering.scaling.no_direction",
    "Row {row}: all values are 0 after scaling, so the row has no direction, which cosine distances need. "
    "Choose another scaling or method.",
)


@dataclass(frozen=True)
class Scale:
    """points = (values - offset) / width, column by column."""

    offset: np.ndarray  # (D,)
    width: np.ndarray  # (D,), never 0

    def apply(self, values: np.ndarray) -> np.ndarray:
        return (values - self.offset) / self.width

    def undo(self, points: np.ndarray) -> np.ndarray:
        return points * self.width + self.offset


def fit_scale(values: np.ndarray, numeric: int, scaling: str) -> Scale:
    """The scale of the first `numeric` columns: none, mean 0 and standard deviation 1, or 0 to 1."""
    offset, width = np.zeros(values.shape[1]), np.ones(values.shape[1])
    numbers = values[:, :numeric]
    if scaling == "none" or numeric == 0:
        return Scale(offset, width)
    if scaling == "standard":
        offset[:numeric], width[:numeric] = numbers.mean(axis=0), numbers.std(axis=0)
    else:
        offset[:numeric], width[:numeric] = numbers.min(axis=0), np.ptp(numbers, axis=0)
    # the squares of tiny numbers vanish; a constant column may get a deviation just above 0 by rounding
    ranges = np.ptp(numbers, axis=0)
    width[:numeric] = np.where(width[:numeric] == 0, ranges, width[:numeric])
    width[:numeric][ranges == 0] = 1.0
    return Scale(offset, width)


def scale_points(scale: Scale, values: np.ndarray, method: str, rows: np.ndarray) -> np.ndarray:
    """The points (N, D); for cosine distances of length 1. `rows` are their rows in the file.

    Raises:
        InputError: a row has no direction.
    """
    points = scale.apply(values)
    if method != "spherical k-means":
        return points
    zeros = np.flatnonzero(np.abs(points).max(axis=1) == 0)
    if len(zeros):
        raise InputError(NO_DIRECTION(row=int(rows[zeros[0]])))
    return unit(points)
