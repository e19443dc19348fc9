"""A table's columns to the points that are clustered: which columns and rows, and on what scale."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.clustering.card import PredictParams
from models.clustering.dates import Since, as_days
from models.clustering.distances import unit
from models.core.contract.errors import InputError
from models.core.tables import csv_reader
from models.core.tables.column_types import Column, day
from models.core.tables.csv_reader import Frame, listed
from models.core.tables.read_options import ColumnType

MOST_MIXED_ROWS = 100_000  # rows with categories are looked at one by one
_LARGEST = 1e100  # its square is still a number


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
    """What is clustered: N rows without missing values, D columns, those of numbers first."""

    frame: Frame
    names: tuple[str, ...]
    numeric: int  # so many of the columns are numbers
    categories: tuple[tuple[str, ...], ...]  # the words of each other column; values are their indices
    left_out: tuple[Column, ...]
    missing: tuple[int, ...]  # cells that are missing, by used column
    rows: np.ndarray  # (N,): which of the table's rows
    values: np.ndarray  # (N, D), as they stand in the table
    scaled: np.ndarray  # (N, D)
    scale: Scale
    since: tuple[Since | None, ...]  # of each column of numbers: its first day, where it holds dates

    @property
    def labels(self) -> tuple[str, ...]:
        """The names for a reader, with what is counted where it is days."""
        days = (*self.since, *(None for _ in self.categories))
        pairs = zip(self.names, days, strict=True)
        return tuple(name if at is None else f"{name}, days since {day(at.first)}" for name, at in pairs)

    def cell(self, value: float, column: int) -> float | str | None:
        """A value in words: the number, the date, or the category."""
        if column < self.numeric:
            at = self.since[column]
            return value if at is None or not np.isfinite(value) else day(at.first + value)
        words = self.categories[column - self.numeric]
        return words[int(value)] if 0 <= value < len(words) else None


def points_of(data: bytes, params: PredictParams) -> Points:
    """The points in a CSV file.

    Raises:
        InputError: no table, a column that cannot be used, or fewer rows unlike each other than clusters.
    """
    frame = csv_reader.read(data, params)
    chosen = _chosen(frame, params)
    since = tuple(Since.of(column) for column in chosen if column.type != ColumnType.CATEGORY)
    used = [as_days(column, Since.of(column)) for column in chosen]
    values, rows = values_of(used)
    numeric = sum(column.type == ColumnType.NUMBER for column in used)
    names = tuple(column.name for column in used)
    check_size(values, frame.rows[rows], names[:numeric])
    scale = scale_of(values, numeric, params.scaling)
    scaled = scaled_by(scale, values, params.method, frame.rows[rows])
    _check_rows(scaled, params, len(frame), names)
    return Points(
        frame=frame,
        names=names,
        numeric=numeric,
        categories=tuple(tuple(map(str, column.values.cat.categories)) for column in used[numeric:]),
        left_out=tuple(column for column in frame.columns if column.name not in names),
        missing=tuple(column.missing for column in used),
        rows=rows,
        values=values,
        scaled=scaled,
        scale=scale,
        since=since,
    )


def _chosen(frame: Frame, params: PredictParams) -> list[Column]:
    """The columns to use, categories last. Raises InputError: there is none, or one cannot be used."""
    if params.columns:
        used = [_as_wanted(frame, name, params.method) for name in dict.fromkeys(params.columns)]
    else:
        takes = TAKES[params.method]
        dates = {ColumnType.DATE} if ColumnType.NUMBER in takes else set()
        used = [
            column
            for column in frame.columns
            if column.type in takes or (column.is_told and column.type in dates)
        ]
    used.sort(key=lambda column: column.type == ColumnType.CATEGORY)
    _check_kinds(frame, used, params.method)
    for column in used:
        if column.bad is not None or column.missing == len(column.values):
            raise InputError(f"{_why_not(column)} Mend it, change its type, or choose other columns.")
    return used


TAKES = {
    "k-means": (ColumnType.NUMBER,),
    "k-medians": (ColumnType.NUMBER,),
    "spherical k-means": (ColumnType.NUMBER,),
    "k-modes": (ColumnType.CATEGORY,),
    "k-prototypes": (ColumnType.NUMBER, ColumnType.CATEGORY),
}


def _as_wanted(frame: Frame, name: str, method: str) -> Column:
    """The named column as numbers, dates or categories, as the method needs it.

    Raises:
        InputError: there is none of this name, or the method takes none of the type it was told to be of.
    """
    column = frame.column(name)
    if method == "k-modes":
        return frame.as_type(name, ColumnType.CATEGORY)
    takes = (*TAKES[method], ColumnType.DATE)
    if column.is_told and column.type not in takes:
        raise InputError(
            f"Column {name!r} was told to be of type {column.type}, which {method} does not take. Choose "
            "another type or method, or other columns."
        )
    if column.type in takes:
        return column
    return frame.as_type(name, ColumnType.CATEGORY if method == "k-prototypes" else ColumnType.NUMBER)


def _check_kinds(frame: Frame, used: list[Column], method: str) -> None:
    found = {
        ColumnType.CATEGORY if column.type == ColumnType.CATEGORY else ColumnType.NUMBER for column in used
    }
    if method == "k-prototypes" and len(found) == 1:
        other, instead = ("categories", "k-means") if ColumnType.NUMBER in found else ("numbers", "k-modes")
        raise InputError(
            f"k-prototypes needs columns of numbers and of categories; there is none of {other}. "
            f"Choose {instead}, or name the columns."
        )
    if used:
        return
    if method == "k-modes":
        types = ", ".join(f"{column.name!r} is of type {column.type}" for column in frame.columns[:5])
        raise InputError(f"No column holds categories: {types}. Name the columns to take as categories.")
    reasons = [_why_not(frame.as_type(name, ColumnType.NUMBER)) for name in frame.names[:5]]
    raise InputError(f"No column holds numbers. {' '.join(reasons)}")


def _why_not(column: Column) -> str:
    if column.missing == len(column.values) and not column.found:
        return f"Column {column.name!r}: all values are missing."
    bad = column.found[0]
    none = " and so all its values are missing" if column.missing == len(column.values) else ""
    return f"Row {bad.row}, column {column.name!r}: {bad.text!r} {bad.why}{none and f',{none}'}."


def values_of(used: Sequence[Column]) -> tuple[np.ndarray, np.ndarray]:
    """Values (N, D) of the rows that lack none, categories as indices; and which rows these are, (N,).

    Raises:
        InputError: every row lacks a value.
    """
    table = np.empty((len(used[0].values), len(used)))
    is_missing = np.zeros(len(table), dtype=bool)
    for place, column in enumerate(used):
        if column.type == ColumnType.NUMBER:
            table[:, place] = column.values.to_numpy(np.float64)
        else:
            table[:, place] = column.values.cat.codes
        is_missing |= column.values.isna().to_numpy()
    if is_missing.all():
        raise InputError(
            f"Every row lacks a value in one of the columns {listed(column.name for column in used)}; "
            "rows with missing values are left out."
        )
    rows = np.flatnonzero(~is_missing)
    return (table[rows] if is_missing.any() else table), rows


def check_size(values: np.ndarray, rows: np.ndarray, names: Sequence[str]) -> None:
    """Raises InputError: a number in a column of numbers, which come first, is too large to be squared."""
    for place, name in enumerate(names):
        numbers = values[:, place]
        if max(float(numbers.max()), -float(numbers.min())) > _LARGEST:
            row = int(rows[np.abs(numbers).argmax()])
            raise InputError(
                f"Row {row}, column {name!r}: a number beyond 1e100; distances square it, which is too large."
            )


def scale_of(values: np.ndarray, numeric: int, scaling: str) -> Scale:
    """How to scale the first `numeric` of the columns: not at all, to mean 0 and spread 1, or to 0 … 1."""
    offset, width = np.zeros(values.shape[1]), np.ones(values.shape[1])
    numbers = values[:, :numeric]
    if scaling == "none" or numeric == 0:
        return Scale(offset, width)
    if scaling == "standard":
        offset[:numeric], width[:numeric] = numbers.mean(axis=0), numbers.std(axis=0)
    else:
        offset[:numeric], width[:numeric] = numbers.min(axis=0), np.ptp(numbers, axis=0)
    # a constant column stays: rounding may leave it a spread just above 0. Squares of tiny numbers vanish
    ranges = np.ptp(numbers, axis=0)
    width[:numeric] = np.where(width[:numeric] == 0, ranges, width[:numeric])
    width[:numeric][ranges == 0] = 1.0
    return Scale(offset, width)


def scaled_by(scale: Scale, values: np.ndarray, method: str, rows: np.ndarray) -> np.ndarray:
    """The points (N, D); for cosine distances of length 1.

    Raises:
        InputError: a row without a direction.
    """
    points = scale.apply(values)
    if method != "spherical k-means":
        return points
    still = np.flatnonzero(np.abs(points).max(axis=1) == 0)
    if len(still):
        raise InputError(
            f"Row {int(rows[still[0]])}: all its values are 0 on the chosen scale, so it has no direction; "
            "cosine distances need one. Choose another scaling or method."
        )
    return unit(points)


def _check_rows(scaled: np.ndarray, params: PredictParams, rows: int, names: tuple[str, ...]) -> None:
    clusters = params.n_clusters
    if params.method in ("k-modes", "k-prototypes") and len(scaled) > MOST_MIXED_ROWS:
        raise InputError(
            f"The table has {len(scaled):,} rows; {params.method} takes at most {MOST_MIXED_ROWS:,}, "
            "as it looks at them one by one."
        )
    if len(scaled) < clusters:
        lost = rows - len(scaled)
        why = f" ({lost:,} more {'lacks' if lost == 1 else 'lack'} values)" if lost else ""
        raise InputError(
            f"{clusters} clusters need at least as many rows; the table has {len(scaled):,}{why}. "
            "Choose fewer clusters."
        )
    # mostly the first rows suffice to see it
    unlike = len(np.unique(scaled[:1_000], axis=0))
    if unlike < clusters and (unlike := len(np.unique(scaled, axis=0))) < clusters:
        where = (
            f"column{'s' if len(names) > 1 else ''} {listed(names)} there {'is' if unlike == 1 else 'are'}"
        )
        raise InputError(
            f"{clusters} clusters need at least as many rows unlike each other; in {where} {unlike:,}. "
            "Choose fewer clusters, or other columns."
        )
