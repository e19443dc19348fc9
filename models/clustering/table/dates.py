"""Columns of dates as numbers: days since the first date, the time of day as a fraction."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from models.core.tables.column_types import Column, days_of
from models.core.tables.read_options import ColumnType


@dataclass(frozen=True)
class DayOrigin:
    """The day from which a column's days are counted, and how its dates are read."""

    first: float  # days since 1970-01-01
    is_month_first: bool  # for dates whose day and month could be either

    @classmethod
    def of(cls, column: Column) -> "DayOrigin | None":
        """None: the column holds no dates."""
        if column.type != ColumnType.DATE:
            return None
        days = days_of(column)
        known = days[~np.isnan(days)]
        return cls(float(np.floor(known.min())) if len(known) else 0.0, column.is_month_first)


def as_days(column: Column, origin: DayOrigin | None) -> Column:
    """A column of dates as a column of numbers; any other column unchanged."""
    if origin is None:
        return column
    days = pd.Series(days_of(column) - origin.first)
    return replace(column, type=ColumnType.NUMBER, values=days)
