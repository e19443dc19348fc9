"""A table's columns to the points that are clustered: which columns and rows, and on what scale."""

import csv
from dataclasses import dataclass

import numpy as np

from models.clustering.card import PredictParams
from models.core import table as tables
from models.core.errors import InputError
from models.core.table import Numbers, Table


@dataclass(frozen=True)
class Scale:
    """points = (values - offset) / width, column by column."""

    offset: np.ndarray  # (D,)
    width: np.ndarray  # (D,), never 0

    def apply(self, values: np.ndarray) -> np.ndarray:
        return (values - self.offset) / self.width

    def undo(self, points: np.ndarray) -> np.ndarray:
        return points * self.width + self.offset


@dataclass(frozen=True)
class Points:
    """What is clustered: N rows without missing values, D columns."""

    table: Table
    names: tuple[str, ...]
    left_out: tuple[Numbers, ...]  # columns that are not of numbers
    missing: tuple[int, ...]  # cells that are missing, by used column
    rows: np.ndarray  # (N,): which of the table's rows
    values: np.ndarray  # (N, D), as they stand in the table
    scaled: np.ndarray  # (N, D)
    scale: Scale


def points_of(data: bytes, params: PredictParams) -> Points:
    """The points in a CSV file.

    Raises:
        InputError: no table, a column that cannot be used, or fewer rows unlike each other than clusters.
    """
    table = tables.read(data)
    columns = [tables.numbers(table, index) for index in range(len(table.names))]
    used, left_out = _chosen(columns, params.columns)
    values = np.stack([column.values for column in used], axis=1)
    rows = np.flatnonzero(np.isfinite(values).all(axis=1))
    if len(rows) == 0:
        raise InputError(
            f"Every row lacks a value in one of the columns {_listed(used)}; rows with missing values are "
            "left out."
        )
    values = values[rows]
    scale = scale_of(values, params.scaling)
    scaled = scale.apply(values)
    _check_rows(scaled, params.n_clusters, len(table.rows), used)
    missing = tuple(column.missing for column in used)
    names = tuple(column.name for column in used)
    return Points(table, names, tuple(left_out), missing, rows, values, scaled, scale)


def _chosen(columns: list[Numbers], wanted: str) -> tuple[list[Numbers], list[Numbers]]:
    """The columns to use, and those left out."""
    if wanted.strip():
        used = [_named(columns, name) for name in _names_in(wanted)]
        names = {column.name for column in used}
        left_out = [column for column in columns if column.name not in names]
    else:
        used = [column for column in columns if column.is_mostly_numbers]
        left_out = [column for column in columns if not column.is_mostly_numbers]
    if not used:
        raise InputError(f"No column holds numbers. {' '.join(_why_not(column) for column in columns[:5])}")
    for column in used:
        if column.bad is not None or column.missing == len(column.values):
            raise InputError(f"{_why_not(column)} Mend it, or choose other columns.")
    return used, left_out


def _names_in(wanted: str) -> list[str]:
    """Cut at commas; a name with a comma in it stands in quotation marks."""
    try:
        names = next(csv.reader([wanted.replace("\n", " ")], skipinitialspace=True, strict=True))
    except csv.Error as error:
        raise InputError(f"The names of the columns cannot be read: {error}.") from error
    return list(dict.fromkeys(name.strip() for name in names if name.strip()))


def _named(columns: list[Numbers], name: str) -> Numbers:
    for column in columns:
        if column.name == name:
            return column
    raise InputError(f"There is no column {name!r}; there are: {_listed(columns)}.")


def _listed(columns: list[Numbers]) -> str:
    names = [repr(column.name) for column in columns]
    return ", ".join(names[:10]) + (f" and {len(names) - 10:,} more" if len(names) > 10 else "")


def _why_not(column: Numbers) -> str:
    if column.bad is None:
        return f"Column {column.name!r}: all values are missing."
    return f"Row {column.bad.row}, column {column.name!r}: {column.bad.text!r} {column.bad.why}."


def scale_of(values: np.ndarray, scaling: str) -> Scale:
    """How to scale `values` (N, D): not at all, to mean 0 and standard deviation 1, or to 0 … 1.

    Raises:
        InputError: numbers too large to be squared.
    """
    if float(np.abs(values).max()) > 1e100:
        raise InputError("The table holds numbers beyond 1e100; k-means squares them, which is too large.")
    if scaling == "standard":
        offset, width = values.mean(axis=0), values.std(axis=0)
    elif scaling == "min-max":
        offset, width = values.min(axis=0), np.ptp(values, axis=0)
    else:
        return Scale(np.zeros(values.shape[1]), np.ones(values.shape[1]))
    # a constant column stays; rounding may leave it a spread just above 0
    constant = np.ptp(values, axis=0) == 0
    return Scale(offset, np.where(constant, 1.0, width))


def _check_rows(scaled: np.ndarray, clusters: int, rows: int, used: list[Numbers]) -> None:
    if len(scaled) < clusters:
        lost = rows - len(scaled)
        why = f" ({lost:,} more have missing values)" if lost else ""
        raise InputError(
            f"{clusters} clusters need at least as many rows; the table has {len(scaled):,}{why}."
        )
    unlike = len(np.unique(scaled, axis=0))
    if unlike < clusters:
        raise InputError(
            f"{clusters} clusters need at least as many rows unlike each other; in the columns "
            f"{_listed(used)} there are {unlike:,}."
        )
