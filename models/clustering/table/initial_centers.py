"""The user's own initial centers: values in the table's units, or positions in the picture."""

import csv
import re

import numpy as np

from models.clustering.card import PredictParams
from models.clustering.distances import Method, unit
from models.clustering.initialization import CAO, HUANG, PLACED, Initialization
from models.clustering.inspection.projection import project
from models.clustering.k_prototypes import MixedDistance
from models.clustering.table.points import Points
from models.core.contract.errors import InputError
from models.core.contract.messages import Text
from models.core.tables.csv_reader import list_names
from models.core.tables.number_notation import is_number

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MAX_LISTED = 10
_MAX_NUMBER = 1e100

CATEGORIES_ONLY = Text(
    "clustering.initial_centers.categories_only",
    "{init} initialization is for categories. Choose the method k-modes or k-prototypes.",
)
WRONG_COUNT = Text(
    "clustering.initial_centers.wrong_count",
    "Expected initial centers: {clusters}, one for each cluster, separated by semicolons. Given: {given}.",
)
WRONG_LENGTH = Text(
    "clustering.initial_centers.wrong_length",
    "Values of initial center {number}: {given}. Expected: {expected}, one for each column used ({columns}).",
)
UNKNOWN_CATEGORY = Text(
    "clustering.initial_centers.unknown_category",
    "Initial center {number}, column {column!r}: the column has no value {value!r}. Its values: {values}.",
)
NOT_A_DATE = Text(
    "clustering.initial_centers.not_a_date",
    "Initial center {number}, column {column!r}: {value!r} is not a date.",
)
NOT_A_NUMBER = Text(
    "clustering.initial_centers.not_a_number",
    "Initial center {number}, column {column!r}: {value!r} is not a number, or too large.",
)
NOT_A_POSITION = Text(
    "clustering.initial_centers.not_a_position",
    "Initial center {number}, position in the picture: {value!r} is not a number, or too large.",
)


def initialization_of(points: Points, params: PredictParams, method: Method) -> Initialization:
    """Raises InputError: the initialization does not fit the method, or the centers do not fit the table."""
    if params.init in (CAO, HUANG) and not isinstance(method, MixedDistance):
        raise InputError(CATEGORIES_ONLY(init=params.init))
    centers = _read_centers(points, params) if params.init == PLACED else None
    return Initialization(params.init, params.n_init, params.seed, centers)


def is_placeable(points: Points, method: Method) -> bool:
    """Whether a position in the picture is a center: categories and directions have none."""
    return points.numeric == len(points.names) and method.metric != "cosine"


def _read_centers(points: Points, params: PredictParams) -> np.ndarray:
    """(K, D), on the scale of the points."""
    centers = [center for center in params.starts.replace("\n", ";").split(";") if center.strip()]
    if len(centers) != params.n_clusters:
        raise InputError(WRONG_COUNT(clusters=params.n_clusters, given=len(centers)))
    return np.stack([_center(points, params, number, text) for number, text in enumerate(centers, start=1)])


def _center(points: Points, params: PredictParams, number: int, text: str) -> np.ndarray:
    cells = [cell.strip() for cell in next(csv.reader([text.strip()], skipinitialspace=True))]
    expected = len(points.names)
    if len(cells) == 2 < expected and points.numeric == expected:
        position = np.array([_number(cell, number, None) for cell in cells])
        return project(points.scaled).points(position)
    if len(cells) != expected:
        columns = list_names(points.names)
        raise InputError(WRONG_LENGTH(number=number, given=len(cells), expected=expected, columns=columns))
    values = np.array([_value(points, column, cell, number) for column, cell in enumerate(cells)])
    scaled = points.scale.apply(values)
    return unit(scaled) if params.method == "spherical k-means" else scaled


def _value(points: Points, column: int, cell: str, number: int) -> float:
    name = points.names[column]
    if column < points.numeric:
        origin = points.origins[column]
        if origin and _DAY.fullmatch(cell):
            return _days(cell, number, name) - origin.first
        return _number(cell, number, name)
    categories = points.categories[column - points.numeric]
    if cell not in categories:
        values = ", ".join(categories[:_MAX_LISTED])
        raise InputError(UNKNOWN_CATEGORY(number=number, column=name, value=cell, values=values))
    return float(categories.index(cell))


def _days(cell: str, number: int, column: str) -> float:
    """Days since 1970-01-01."""
    try:
        return float(np.datetime64(cell, "D").astype(np.int64))
    except ValueError as error:
        raise InputError(NOT_A_DATE(number=number, column=column, value=cell)) from error


def _number(cell: str, number: int, column: str | None) -> float:
    """Args: `column`: None for a position in the picture."""
    if is_number(cell) and "," not in cell and abs(float(cell)) <= _MAX_NUMBER:
        return float(cell)
    if column is None:
        raise InputError(NOT_A_POSITION(number=number, value=cell))
    raise InputError(NOT_A_NUMBER(number=number, column=column, value=cell))
