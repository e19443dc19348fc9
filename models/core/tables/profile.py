"""A table in numbers: type, missing and distinct values, range, mean and histogram of each column.

And its problems, by row and column.
"""

# pyright: reportAttributeAccessIssue=false
# pyarrow makes the functions of pyarrow.compute when it is imported

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.compute as pc

from models.core.contract.messages import Text
from models.core.tables.column_types import Column, Correction
from models.core.tables.csv_reader import Frame
from models.core.tables.read_options import ColumnType

BINS = 20
TOP = 20

RENAMED = Text("core.tables.problem.renamed", "the name {name!r} occurs more than once")
UNNAMED = Text("core.tables.problem.unnamed", "the header has no name for this column")
MISMATCH = Text("core.tables.problem.mismatch", "{cell!r} {reason}")
MISMATCHES = Text("core.tables.problem.mismatches", "{cell!r} {reason}, and {n:,} more {n:cell|cells}")
COUNTED_MISSING = Text("core.tables.problem.counted_missing", "{cell!r} {reason}; it counts as missing")
ALL_MISSING = Text("core.tables.problem.all_missing", "all values are missing")
CONSTANT = Text("core.tables.problem.constant", "all values are the same")


@dataclass(frozen=True)
class Histogram:
    """`counts` between neighboring `edges` (numbers, dates), or of each of the most frequent `words`."""

    counts: tuple[int, ...]
    edges: tuple[float | str, ...] = ()
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class ColumnProfile:
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
    unit: str = ""


@dataclass(frozen=True)
class Problem:
    """A finding about the table, with its row and column if it has them.

    `correction`: the read options that change it, if another reading is likely.
    """

    what: str
    column: str | None = None
    row: int | None = None
    correction: Correction | None = None

    def __str__(self) -> str:
        places = [f"row {self.row}" if self.row else "", f"column {self.column!r}" if self.column else ""]
        where = ", ".join(filter(None, places))
        where = where[:1].upper() + where[1:]
        return f"{where}: {self.what}." if where else f"{self.what}."


@dataclass(frozen=True)
class TableProfile:
    """All columns and all problems."""

    rows: int
    columns: tuple[ColumnProfile, ...]
    problems: tuple[Problem, ...]


def profile(frame: Frame) -> TableProfile:
    """Every column in numbers, and the problems of the table."""
    columns = tuple(_profile_column(column) for column in frame.columns)
    problems = [Problem(remark.what, None, remark.row, remark.correction) for remark in frame.remarks]
    problems += [
        Problem(RENAMED(name=old) if old else UNNAMED(), column=new, row=frame.header_row)
        for old, new in frame.renamed
    ]
    for column, numbers in zip(frame.columns, columns, strict=True):
        problems.extend(_problems(column, numbers))
    return TableProfile(len(frame), columns, tuple(problems))


def _profile_column(column: Column) -> ColumnProfile:
    values = column.values.dropna()
    distinct = int(values.nunique()) if column.exact is None else int(pc.count_distinct(column.exact).as_py())
    counted = (column.name, column.type, column.missing, column.wrong, distinct)
    if values.empty:
        return ColumnProfile(*counted, None, None, None, None)
    if column.type == ColumnType.NUMBER:
        numbers = values.to_numpy(np.float64)
        smallest, largest = _ends(column, numbers)
        mean = _mean(numbers)
        return ColumnProfile(*counted, smallest, largest, mean, _bins(numbers), column.unit)
    if column.type == ColumnType.DATE:
        return ColumnProfile(*counted, _iso(values.min()), _iso(values.max()), None, _date_bins(values))
    top = values.value_counts().head(TOP)
    words = tuple(map(str, top.index.tolist()))
    return ColumnProfile(*counted, None, None, None, Histogram(tuple(map(int, top.tolist())), words=words))


def _mean(numbers: np.ndarray) -> float:
    with np.errstate(over="ignore"):
        mean = float(numbers.mean())  # of whole numbers, their exact sum divided once
    return mean if np.isfinite(mean) else float((numbers / len(numbers)).sum())  # the sum was too large


def _ends(column: Column, numbers: np.ndarray) -> tuple[float, float]:
    """The smallest and the largest number; integers beyond 2^53 exactly."""
    if column.exact is None:
        return float(numbers.min()), float(numbers.max())
    exact = [int(each) for each in pc.unique(column.exact.drop_null()).to_pylist()]
    return min(exact), max(exact)


def _bins(numbers: np.ndarray) -> Histogram:
    """20 bins of equal width; the edges of a constant column lie around its value."""
    scale = max(1.0, float(np.abs(numbers).max()))  # keeps the range finite
    with np.errstate(under="ignore"):
        counts, edges = np.histogram(numbers / scale, BINS)
    with np.errstate(over="ignore"):  # a bin's edge may lie just beyond the largest finite number
        edges = np.nan_to_num(edges * scale)
    return Histogram(tuple(counts.tolist()), tuple(edges.tolist()))


def _date_bins(values: pd.Series) -> Histogram:
    first = values.min()
    seconds = (values - first).dt.total_seconds().to_numpy()
    counts, edges = np.histogram(seconds, BINS)
    moments = [_iso(first + pd.Timedelta(seconds=float(edge))) for edge in edges]
    return Histogram(tuple(counts.tolist()), tuple(moments))


def _iso(value: Any) -> str:
    return str(value.isoformat())


def _problems(column: Column, numbers: ColumnProfile) -> Iterator[Problem]:
    first = column.mismatch
    if first is not None:
        shown = {"cell": first.text, "reason": first.reason}
        more = column.wrong - 1
        what = MISMATCHES(**shown, n=more) if more else MISMATCH(**shown)
        yield Problem(what, column.name, first.row, first.correction)
    elif column.is_declared:
        for cell in column.mismatches:
            problem = COUNTED_MISSING(cell=cell.text, reason=cell.reason)
            yield Problem(problem, column.name, cell.row, cell.correction)
    if column.missing == len(column.values):
        yield Problem(ALL_MISSING(), column.name)
    elif numbers.distinct == 1 and len(column.values) > 1:
        yield Problem(CONSTANT(), column.name)
    for remark in column.remarks:
        yield Problem(remark.what, column.name, remark.row, remark.correction)
