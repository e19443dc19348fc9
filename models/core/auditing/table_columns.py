"""Columns of a table as attributes by which an audit divides its rows."""

from collections.abc import Container

import numpy as np

from models.core.auditing.outcomes import Attribute, dated, named
from models.core.tables.csv_reader import Column, Frame
from models.core.tables.read_options import ColumnType

QUARTERS_FROM = 10  # distinct numbers or dates, above which they are quantities and divided into ranges
_MOST_GROUPS = 50  # distinct values of a column that is chosen automatically


def column_attribute(frame: Frame, name: str, rows: np.ndarray) -> Attribute:
    """A column's values in these rows: its distinct values as names, or many numbers or dates.

    Raises InputError: no column has this name.
    """
    column = frame.column(name)
    if _is_quantity(column):
        values = column.values.iloc[rows]
        if column.type == ColumnType.DATE:
            return dated(column.name, values)
        return Attribute(column.name, values.to_numpy(np.float64))
    column = frame.as_type(name, ColumnType.CATEGORY)
    names = [*map(str, column.values.cat.categories)]
    return named(column.name, column.values.cat.codes.to_numpy()[rows], names)


def first_groups(frame: Frame, others: Container[str | None], *, quantities: bool = True) -> str | None:
    """The first column, `others` aside, with 2 to 50 values; None: there is none.

    One whose values are themselves the groups comes before a quantity, whose ranges nobody has asked for.
    """
    fitting = [
        column
        for column in frame.columns
        if column.name not in others and 2 <= column.values.nunique() <= _MOST_GROUPS
    ]
    named = [column.name for column in fitting if not _is_quantity(column)]
    return next(iter(named + [column.name for column in fitting if quantities]), None)


def _is_quantity(column: Column) -> bool:
    """Whether it holds many numbers or dates, which are divided into ranges."""
    is_measured = column.type in (ColumnType.NUMBER, ColumnType.DATE) and not column.mismatch
    return is_measured and column.values.nunique() > QUARTERS_FROM
