"""Dates as groups: the months, quarters or years that they fall into."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

MOST_PERIODS = 12


@dataclass(frozen=True)
class _Unit:
    """So many months, which `written` names by the first one."""

    months: int
    written: Callable[[np.datetime64], str]


def _quarter(month: np.datetime64) -> str:
    year, number = str(month).split("-")
    return f"{year} Q{(int(number) + 2) // 3}"


_UNITS = (_Unit(1, str), _Unit(3, _quarter), _Unit(12, lambda month: str(month)[:4]))


def periods(seconds: np.ndarray) -> tuple[tuple[str, ...], np.ndarray] | None:
    """The calendar periods that occur, oldest first, and (N,) the index of each date's; -1 where missing.

    Months, quarters or years: the shortest of which at most 12 occur. None: all dates lie within one month,
    or in more years than that.

    Args:
        seconds: (N,) since 1970, NaN where missing.
    """
    is_known = ~np.isnan(seconds)
    dates = np.floor(seconds[is_known]).astype(np.int64).astype("datetime64[s]")
    months = dates.astype("datetime64[M]").astype(np.int64)
    for unit in _UNITS:
        present, of = np.unique(months // unit.months, return_inverse=True)
        if 2 <= len(present) <= MOST_PERIODS:
            names = tuple(unit.written(np.datetime64(int(each) * unit.months, "M")) for each in present)
            indices = np.full(len(seconds), -1)
            indices[is_known] = of
            return names, indices
    return None
