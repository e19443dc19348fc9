"""Columns of dates as numbers: days since the first one, the time of day as a fraction."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from models.core.tables.column_types import Column, days_of
from models.core.tables.read_options import ColumnType


@dataclass(frozen=True)
class Since:
    """From which day a column's days are counted, and how its dates are read."""

    first: float  # days since 1970-01-01
    is_month_first: bool  # where day and month cannot be told apart

    @classmethod
    def of(cls, column: Column) -> "Since | None":
        """None: it holds no dates."""
        if column.type != ColumnType.DATE:
            return None
        days = days_of(column)
        known = days[~np.isnan(days)]
        return cls(float(np.floor(known.min())) if len(known) else 0.0, column.is_month_first)


def as_days(column: Column, since: Since | None) -> Column:
    """A column of dates as one of numbers; any other as it is."""
    if since is None:
        return column
    return replace(column, type=ColumnType.NUMBER, values=pd.Series(days_of(column) - since.first))
