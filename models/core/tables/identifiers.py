"""Columns that identify the rows instead of describing them: row numbers, keys, codes.

An identifier separates rows that a distance or a model should find alike, and what a model learns from it
does not hold for new rows.
"""

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

from models.core.contract.messages import Message, Text
from models.core.tables.column_types import Column
from models.core.tables.read_options import ColumnType

MIN_ROWS = 10  # in fewer rows, distinct whole numbers are no evidence
_DISTINCT_SHARE = 0.5  # of the rows, for a column whose name is that of an identifier
_ROWS_PER_CATEGORY = 1.5
_NAMES = re.compile(
    r"(^|[\W_])(id|ids|uid|uuid|guid|nr|no|number|nummer|index|idx|key|row|zeile|#)($|[\W_])", re.I
)
_CAMEL_ID = re.compile(r"[a-z](Id|ID|Nr|No|Key|Index)$")

COUNTS_ROWS = Text(
    "core.tables.identifier.counts_rows",
    "Column {column!r} changes by {step:g} from each row to the next, as a row number does.",
)
NUMBERS_ROWS = Text(
    "core.tables.identifier.numbers_rows",
    "Column {column!r} has every whole number from {first:g} to {last:g} once, as shuffled row numbers do.",
)
DISTINCT_NUMBERS = Text(
    "core.tables.identifier.distinct_numbers",
    "Column {column!r} has {distinct:,} distinct whole numbers in {rows:,} rows, as an identifier does.",
)
DISTINCT_CATEGORIES = Text(
    "core.tables.identifier.distinct_categories",
    "Column {column!r} has {distinct:,} distinct values in {rows:,} rows, as an identifier does.",
)


@dataclass(frozen=True)
class Identifier:
    """A column that seems to identify the rows, and the sentence why."""

    column: str
    why: Message


def identifier(column: Column) -> Identifier | None:
    """Whether a column of numbers or categories identifies its rows; None: it seems to describe them."""
    values = column.values.dropna()
    if len(values) < MIN_ROWS or column.type not in (ColumnType.NUMBER, ColumnType.CATEGORY):
        return None
    why = (
        _numbers(column.name, values)
        if column.type == ColumnType.NUMBER
        else _categories(column.name, values)
    )
    return None if why is None else Identifier(column.name, why)


def _numbers(name: str, values: pd.Series) -> Message | None:
    numbers = values.to_numpy(np.float64)
    if not (numbers == np.floor(numbers)).all():
        return None
    distinct, rows = int(values.nunique()), len(numbers)
    first, last = float(numbers.min()), float(numbers.max())
    if distinct == rows:
        steps = np.diff(numbers)
        if (steps == steps[0]).all():
            return COUNTS_ROWS(column=name, step=float(steps[0]))
        if last - first == rows - 1:
            return NUMBERS_ROWS(column=name, first=first, last=last)
    is_distinct = distinct == rows or (_is_named_so(name) and distinct >= _DISTINCT_SHARE * rows)
    return DISTINCT_NUMBERS(column=name, distinct=distinct, rows=rows) if is_distinct else None


def _categories(name: str, values: pd.Series) -> Message | None:
    distinct, rows = int(values.nunique()), len(values)
    is_distinct = rows < _ROWS_PER_CATEGORY * distinct
    if is_distinct or (_is_named_so(name) and distinct >= _DISTINCT_SHARE * rows):
        return DISTINCT_CATEGORIES(column=name, distinct=distinct, rows=rows)
    return None


def _is_named_so(name: str) -> bool:
    return bool(_NAMES.search(name) or _CAMEL_ID.search(name))
