"""Columns of a table as attributes by which an audit divides its rows."""

import numpy as np

from models.core.auditing.outcomes import Attribute, dated, named
from models.core.tables.csv_reader import Frame
from models.core.tables.read_options import ColumnType

QUARTERS_FROM = 10  # distinct numbers or dates, above which they are quantities and divided into ranges


def column_attribute(frame: Frame, name: str, rows: np.ndarray) -> Attribute:
    """A column's values in these rows: its distinct values as names, or many numbers or dates.

    Raises InputError: no column has this name.
    """
    column = frame.column(name)
    if column.values.nunique() > QUARTERS_FROM and not column.mismatch:
        values = column.values.iloc[rows]
        if column.type == ColumnType.NUMBER:
            return Attribute(column.name, values.to_numpy(np.float64))
        if column.type == ColumnType.DATE:
            return dated(column.name, values)
    column = frame.as_type(name, ColumnType.CATEGORY)
    names = [*map(str, column.values.cat.categories)]
    return named(column.name, column.values.cat.codes.to_numpy()[rows], names)
