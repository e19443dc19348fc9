"""The user's own start: points written in the units of the table, or as places in the picture."""

import csv
import re

import numpy as np

from models.clustering.card import PredictParams
from models.clustering.data import Points
from models.clustering.distances import Method, unit
from models.clustering.elbow import project
from models.clustering.fit import CAO, HUANG, PLACED, Starts
from models.clustering.modes import MixedCost
from models.core.contract.errors import InputError
from models.core.tables.csv_reader import listed
from models.core.tables.dialect import is_number

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def starts_of(points: Points, params: PredictParams, method: Method) -> Starts:
    """Raises InputError: the start does not fit the method, or the placed points do not fit the table."""
    if params.init in (CAO, HUANG) and not isinstance(method, MixedCost):
        raise InputError(f"{params.init}'s start is for categories: choose k-modes or k-prototypes.")
    placed = _placed(points, params) if params.init == PLACED else None
    return Starts(params.init, params.n_init, params.seed, placed)


def is_placeable(points: Points, method: Method) -> bool:
    """Whether a place in the picture is a start: words and directions have none."""
    return points.numeric == len(points.names) and method.metric != "cosine"


def _placed(points: Points, params: PredictParams) -> np.ndarray:
    """(K, D), on the scale of the points."""
    written = [point for point in params.starts.replace("\n", ";").split(";") if point.strip()]
    if len(written) != params.n_clusters:
        raise InputError(
            f"{params.n_clusters} clusters need {params.n_clusters} starts of your own; {len(written)} are "
            "given (starts, with semicolons between)."
        )
    return np.stack([_point(points, params, number, text) for number, text in enumerate(written, start=1)])


def _point(points: Points, params: PredictParams, number: int, text: str) -> np.ndarray:
    cells = [cell.strip() for cell in next(csv.reader([text.strip()], skipinitialspace=True))]
    wanted = len(points.names)
    if len(cells) == 2 < wanted and points.numeric == wanted:
        place = np.array([_number(cell, number, "place in the picture") for cell in cells])
        return project(points.scaled).points(place)
    if len(cells) != wanted:
        raise InputError(
            f"Start {number} has {len(cells)} values; the used columns are {wanted}: {listed(points.names)}."
        )
    values = np.array([_value(points, column, cell, number) for column, cell in enumerate(cells)])
    scaled = points.scale.apply(values)
    return unit(scaled) if params.method == "spherical k-means" else scaled


def _value(points: Points, column: int, cell: str, number: int) -> float:
    if column < points.numeric:
        since = points.since[column]
        if since and _DAY.fullmatch(cell):
            return _days(cell, number) - since.first
        return _number(cell, number, f"column {points.labels[column]!r}")
    words = points.categories[column - points.numeric]
    if cell not in words:
        raise InputError(
            f"Start {number}, column {points.names[column]!r}: there is no {cell!r} in the table; there are: "
            f"{', '.join(words[:10])}."
        )
    return float(words.index(cell))


def _days(cell: str, number: int) -> float:
    """Since 1970-01-01."""
    try:
        return float(np.datetime64(cell, "D").astype(np.int64))
    except ValueError as error:
        raise InputError(f"Start {number}: {cell!r} is not a date.") from error


def _number(cell: str, number: int, where: str) -> float:
    if not is_number(cell) or "," in cell or abs(float(cell)) > 1e100:
        raise InputError(f"Start {number}, {where}: {cell!r} is not a number that can be used.")
    return float(cell)
