"""What a table holds: each column's type, missing, distinct, range, mean, histogram; problems by place."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from models.core.tables.column_types import Column
from models.core.tables.csv_reader import Frame
from models.core.tables.read_options import ColumnType

BINS = 20
TOP = 20


@dataclass(frozen=True)
class Histogram:
    """How often: `counts` between each two of `edges` (numbers, dates), or of each of the top `words`."""

    counts: tuple[int, ...]
    edges: tuple[float | str, ...] = ()
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class About:
    """One column in numbers. `smallest` and `largest` are dates as ISO text for columns of dates."""

    name: str
    type: ColumnType
    missing: int
    wrong: int
    distinct: int
    smallest: float | str | None
    largest: float | str | None
    mean: float | None
    histogram: Histogram | None


@dataclass(frozen=True)
class Problem:
    """Something to know about the table; `row` and `column` where it has them."""

    what: str
    column: str | None = None
    row: int | None = None

    def __str__(self) -> str:
        places = [f"row {self.row}" if self.row else "", f"column {self.column!r}" if self.column else ""]
        where = ", ".join(filter(None, places))
        where = where[:1].upper() + where[1:]
        return f"{where}: {self.what}." if where else f"{self.what}."


@dataclass(frozen=True)
class Report:
    """All columns, and all problems."""

    rows: int
    columns: tuple[About, ...]
    problems: tuple[Problem, ...]


def report(frame: Frame) -> Report:
    """What the table holds."""
    columns = tuple(_about(column) for column in frame.columns)
    problems = [Problem(f"was called {old!r}", column=new, row=1) for old, new in frame.renamed if old]
    problems += [
        Problem("has no name in the header", column=new, row=1) for old, new in frame.renamed if not old
    ]
    for column, about in zip(frame.columns, columns, strict=True):
        problems.extend(_problems(column, about))
    return Report(len(frame), columns, tuple(problems))


def _about(column: Column) -> About:
    values = column.values.dropna()
    distinct = int(values.nunique())
    counted = (column.name, column.type, column.missing, column.wrong, distinct)
    if values.empty:
        return About(*counted, None, None, None, None)
    if column.type == ColumnType.NUMBER:
        numbers = values.to_numpy(np.float64)
        mean = float((numbers / len(numbers)).sum())  # a sum of huge numbers would be infinite
        return About(*counted, float(numbers.min()), float(numbers.max()), mean, _bins(numbers))
    if column.type == ColumnType.DATE:
        return About(*counted, _iso(values.min()), _iso(values.max()), None, _date_bins(values))
    top = values.value_counts().head(TOP)
    words = tuple(map(str, top.index.tolist()))
    return About(*counted, None, None, None, Histogram(tuple(map(int, top.tolist())), words=words))


def _bins(numbers: np.ndarray) -> Histogram:
    """20 equal bins; the edges of a constant column lie around it."""
    scale = max(1.0, float(np.abs(numbers).max()))  # so that the range itself is finite
    with np.errstate(under="ignore"):
        counts, edges = np.histogram(numbers / scale, BINS)
    with np.errstate(over="ignore"):  # a bin's edge may lie just beyond the largest number there is
        edges = np.nan_to_num(edges * scale)
    return Histogram(tuple(counts.tolist()), tuple(edges.tolist()))


def _date_bins(values: pd.Series) -> Histogram:
    first = values.min()
    passed = (values - first).dt.total_seconds().to_numpy()
    counts, edges = np.histogram(passed, BINS)
    moments = [_iso(first + pd.Timedelta(seconds=float(edge))) for edge in edges]
    return Histogram(tuple(counts.tolist()), tuple(moments))


def _iso(value: Any) -> str:
    return str(value.isoformat())


def _problems(column: Column, about: About) -> Iterator[Problem]:
    if column.bad is not None:
        more = f", and {column.wrong - 1:,} more cells" if column.wrong > 1 else ""
        yield Problem(f"{column.bad.text!r} {column.bad.why}{more}", column.name, column.bad.row)
    elif column.is_told:
        for bad in column.found:
            yield Problem(f"{bad.text!r} {bad.why}; it counts as missing", column.name, bad.row)
    if column.missing == len(column.values):
        yield Problem("all values are missing", column.name)
    elif about.distinct == 1 and len(column.values) > 1:
        yield Problem("all values are the same", column.name)
    if column.note:
        yield Problem(column.note, column.name)
