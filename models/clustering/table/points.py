"""A table's rows as points: values without gaps, categories as indices, everything on one scale."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from models.clustering.card import PredictParams
from models.clustering.table.columns import choose_columns, notes_on_left_out
from models.clustering.table.dates import DayOrigin, as_days
from models.clustering.table.notes import MAX_NAMED, notes_on_columns
from models.clustering.table.scaling import Scale, fit_scale, scale_points
from models.core.contract.errors import InputError
from models.core.contract.messages import Message, Text, join
from models.core.tables import csv_reader
from models.core.tables.column_types import Column, day
from models.core.tables.csv_reader import Frame, list_names
from models.core.tables.read_options import ColumnType

MAX_CATEGORICAL_ROWS = 100_000  # k-modes and k-prototypes visit rows one by one
_MAX_NUMBER = 1e100  # its square is still a number
_DISTINCT_SAMPLE = 1_000  # rows that mostly suffice to find enough distinct ones

NO_COMPLETE_ROW = Text(
    "clustering.table.no_complete_row",
    "Every row lacks a value in one of the columns {columns}. Rows with missing values are left out.",
)
TOO_LARGE = Text(
    "clustering.table.number_too_large",
    "Row {row}, column {column!r}: a number beyond 1e100 is too large, because distances square it.",
)
TOO_MANY_ROWS = Text(
    "clustering.table.too_many_rows",
    "The table has {rows:,} rows; {method} takes at most {limit:,}, as it visits them one by one.",
)
TOO_FEW_ROWS = Text(
    "clustering.table.too_few_rows",
    "{clusters} clusters need at least {clusters} complete rows; the table has only {rows:,}.",
)
INCOMPLETE_ROWS = Text("clustering.table.incomplete_rows", "Rows with missing values: {rows:,}.")
FEWER_CLUSTERS = Text("clustering.table.fewer_clusters", "Choose fewer clusters.")
TOO_FEW_DISTINCT_ROWS = Text(
    "clustering.table.too_few_distinct_rows",
    "{clusters} clusters need at least {clusters} distinct rows; the columns used ({columns}) have only "
    "{rows:,}. Choose fewer clusters, or other columns.",
)
DAYS_SINCE = Text("clustering.table.days_since", "{column}, days since {date}")


@dataclass(frozen=True)
class Points:
    """N rows without missing values, D columns, those of numbers first."""

    frame: Frame
    names: tuple[str, ...]
    numeric: int  # number of numeric columns
    categories: tuple[tuple[str, ...], ...]  # of each other column; its values are indices into them
    left_out: tuple[Column, ...]
    missing: tuple[int, ...]  # number of missing cells, by used column
    rows: np.ndarray  # (N,): indices of the table's rows
    values: np.ndarray  # (N, D), in the table's units
    scaled: np.ndarray  # (N, D)
    scale: Scale
    origins: tuple[DayOrigin | None, ...]  # of each numeric column: its first day if it holds dates
    units: tuple[str, ...] = ()  # of each numeric column, as its cells have them
    notes: tuple[Message, ...] = ()

    @property
    def labels(self) -> tuple[str, ...]:
        """Names for axes and messages; with their unit, or the day from which days are counted."""
        return tuple(
            self._label(place, name) if place < self.numeric else name
            for place, name in enumerate(self.names)
        )

    def _label(self, place: int, name: str) -> str:
        if (origin := self.origins[place]) is not None:
            return DAYS_SINCE(column=name, date=day(origin.first))
        unit = self.units[place] if self.units else ""
        return f"{name} ({unit})" if unit and unit not in name else name

    def cell(self, value: float, column: int) -> float | str | None:
        """A value as the table has it: a number, a date or a category."""
        if column < self.numeric:
            origin = self.origins[column]
            return value if origin is None or not np.isfinite(value) else day(origin.first + value)
        categories = self.categories[column - self.numeric]
        return categories[int(value)] if 0 <= value < len(categories) else None


def read_points(data: bytes, params: PredictParams) -> Points:
    """The points in a CSV file.

    Raises:
        InputError: no table, a column that cannot be used, or fewer distinct rows than clusters.
    """
    frame = csv_reader.read(data, params)
    chosen = choose_columns(frame, params)
    origins = tuple(DayOrigin.of(column) for column in chosen if column.type != ColumnType.CATEGORY)
    used = [as_days(column, DayOrigin.of(column)) for column in chosen]
    values, rows = complete_rows(used)
    numeric = sum(column.type == ColumnType.NUMBER for column in used)
    names = tuple(column.name for column in used)
    check_size(values, frame.rows[rows], names[:numeric])
    scale = fit_scale(values, numeric, params.scaling)
    scaled = scale_points(scale, values, params.method, frame.rows[rows])
    _check_rows(scaled, params, len(frame), names)
    left_out = tuple(column for column in frame.columns if column.name not in names)
    return Points(
        frame=frame,
        names=names,
        numeric=numeric,
        categories=tuple(tuple(map(str, column.values.cat.categories)) for column in used[numeric:]),
        left_out=left_out,
        missing=tuple(column.missing for column in used),
        rows=rows,
        values=values,
        scaled=scaled,
        scale=scale,
        origins=origins,
        units=tuple(column.unit for column in used[:numeric]),
        notes=(*islice(notes_on_columns(chosen), MAX_NAMED), *notes_on_left_out(left_out, params)),
    )


def complete_rows(used: Sequence[Column]) -> tuple[np.ndarray, np.ndarray]:
    """Values (N, D) of the rows without gaps, categories as indices; and the indices of these rows, (N,).

    Raises:
        InputError: every row lacks a value.
    """
    table = np.empty((len(used[0].values), len(used)))
    is_missing = np.zeros(len(table), dtype=bool)
    for index, column in enumerate(used):
        if column.type == ColumnType.NUMBER:
            table[:, index] = column.values.to_numpy(np.float64)
        else:
            table[:, index] = column.values.cat.codes
        is_missing |= column.values.isna().to_numpy()
    if is_missing.all():
        raise InputError(NO_COMPLETE_ROW(columns=list_names(column.name for column in used)))
    rows = np.flatnonzero(~is_missing)
    return (table[rows] if is_missing.any() else table), rows


def check_size(values: np.ndarray, rows: np.ndarray, names: Sequence[str]) -> None:
    """Raises InputError: a number in the columns `names`, which come first, is too large to be squared."""
    for index, name in enumerate(names):
        numbers = values[:, index]
        if max(float(numbers.max()), -float(numbers.min())) > _MAX_NUMBER:
            row = int(rows[np.abs(numbers).argmax()])
            raise InputError(TOO_LARGE(row=row, column=name))


def _check_rows(scaled: np.ndarray, params: PredictParams, total: int, names: tuple[str, ...]) -> None:
    clusters, rows = params.n_clusters, len(scaled)
    if params.method in ("k-modes", "k-prototypes") and rows > MAX_CATEGORICAL_ROWS:
        raise InputError(TOO_MANY_ROWS(rows=rows, method=params.method, limit=MAX_CATEGORICAL_ROWS))
    if rows < clusters:
        incomplete = INCOMPLETE_ROWS(rows=total - rows) if total > rows else ""
        raise InputError(join(TOO_FEW_ROWS(clusters=clusters, rows=rows), incomplete, FEWER_CLUSTERS()))
    distinct = len(np.unique(scaled[:_DISTINCT_SAMPLE], axis=0))
    if distinct < clusters and (distinct := len(np.unique(scaled, axis=0))) < clusters:
        raise InputError(TOO_FEW_DISTINCT_ROWS(clusters=clusters, rows=distinct, columns=list_names(names)))
